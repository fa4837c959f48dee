//! SMTP over the network: the driver that [`crate::smtp::Session`] asks for.

mod header;
mod nonce;
mod opened;
mod options;
mod pipe;
mod record;
mod remark;
mod source;
mod transcript;
mod way;
mod wire;

pub use header::{HeaderVersion, MixedFamilies, ProxyHeader};
pub use nonce::nonce;
pub use options::Options;
pub use remark::remark;
pub use source::{Body, Measured, Piece, Reader, Source};
pub use transcript::{Recorder, line};
pub use way::{Astray, Destination, Family, Lead, Proxy, Way};
pub use wire::Wire;
