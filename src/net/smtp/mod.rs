//! SMTP over the network: the driver that [`crate::smtp::Session`] asks for.

mod nonce;
mod remark;
mod transcript;
mod wire;

pub use nonce::nonce;
pub use remark::remark;
pub use transcript::{Recorder, line};
pub use wire::{Options, Wire};
