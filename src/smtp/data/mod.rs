//! What DATA carries.

mod draft;
mod stuffed;

pub use draft::{Draft, Stamp};
pub use stuffed::{LineEnds, Message, Stuffing};
