//! What DATA and BDAT carry.
//!
//! * [`Draft`]: headers and text as somebody writes them; [`template`]: with gaps
//! * [`Composition`]: a draft with HTML and attachments, whose files need not be in memory
//! * DKIM: [`Signer`]
//! * [`Stuffing`]: any text to octets for the wire, block by block

mod base64_lines;
mod compose;
mod dkim;
mod draft;
mod specimen;
mod stuffed;
pub mod template;

pub use base64_lines::Base64Lines;
pub use compose::{Attachment, Composition, Content, Part};
pub use dkim::{DkimError, Signer, Signing};
pub use draft::{Draft, Stamp};
pub use specimen::{eicar, gtube};
pub use stuffed::{LineEnds, Message, Stuffing};
