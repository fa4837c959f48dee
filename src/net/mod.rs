//! The only sockets of the program.
//!
//! Everything that goes out goes through a [`Network`]: it knows the way to an address
//! ([`Routes`]), how much may be under way at once, what time it is ([`Clock`]) and whether
//! the run was cancelled. The practice world is another table of routes and a faster clock.

pub mod certificate;
mod clock;
pub mod dns;
pub mod https;
#[cfg(test)]
pub(crate) mod loopback;
mod network;
pub mod rdap;
mod routes;
pub mod smtp;
pub mod tls;
pub mod whois;

pub use clock::{Clock, TimedOut};
pub use network::{ConnectError, Connection, Limits, Network, Source};
pub use routes::{Routes, Transport, Way};
