//! One test binary: each further one would link the whole crate again.

mod automatic;
mod changes;
mod cli;
mod envelope;
mod extensions;
mod faults;
mod hostile;
mod layers;
mod live;
mod live_screen;
mod log_screen;
mod logs;
mod message;
mod passes;
mod picture;
mod scenarios;
mod screens;
mod secrets;
mod servers;
mod session_screen;
mod setup;
mod terminal;
mod trials;
mod way;
