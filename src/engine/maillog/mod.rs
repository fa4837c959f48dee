//! Mail logs as they lie there: opened, unpacked, ordered, and read on several cores.

mod journal;
mod scan;
mod source;

pub use scan::{LONGEST, Lines, Take, scan};
pub use source::{Log, from, open};
