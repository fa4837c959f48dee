//! One test binary: each further one would link the whole crate again.

mod scenarios;
