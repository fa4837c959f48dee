//! One test binary: each further one would link the whole crate again.

mod cli;
mod faults;
mod layers;
mod picture;
mod scenarios;
mod screens;
mod servers;
mod terminal;
