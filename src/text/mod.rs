//! themselves.

mod safe;
mod secret;
mod width;

pub use safe::SafeText;
pub use secret::Secret;
pub use width::{columns, truncated, wrapped};
