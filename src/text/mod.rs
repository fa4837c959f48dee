//! themselves.

mod number;
mod redact;
mod safe;
mod secret;
mod width;

pub use number::grouped;
pub use redact::redacted;
pub use safe::SafeText;
pub use secret::Secret;
pub use width::{columns, truncated, truncated_at_word, words, wrapped};
