//! SMTP over the network: the driver that [`crate::smtp::Session`] asks for.

mod transcript;
mod wire;

pub use transcript::{Recorder, line};
pub use wire::{Options, Wire};
