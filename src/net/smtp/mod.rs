//! SMTP over the network: the driver that [`crate::smtp::Session`] asks for.

mod nonce;
mod source;
mod transcript;
mod wire;

pub use nonce::nonce;
pub use source::{Body, Measured, Piece, Reader, Source};
pub use transcript::{Recorder, line};
pub use wire::{Options, Wire};
