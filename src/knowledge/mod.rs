//! The tables under `assets/` as types, parsed once and checked by tests.

pub mod code;
pub mod finding;
pub mod question;
