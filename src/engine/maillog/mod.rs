//! Mail logs as they lie there: opened, unpacked, ordered, and read on several cores.

mod follow;
mod journal;
mod logs;
pub mod reading;
mod scan;
mod source;

pub use follow::Follow;
pub use logs::{Logs, NotFollowed, Tail, Unreadable};
pub use scan::{LONGEST, Lines, Take, scan};
pub use source::{Log, from, open, whole_lines};
