//! One test binary: each further one would link the whole crate again.

mod changes;
mod cli;
mod envelope;
mod faults;
mod layers;
mod logs;
mod picture;
mod scenarios;
mod screens;
mod secrets;
mod servers;
mod terminal;
