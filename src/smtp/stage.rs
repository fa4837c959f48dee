//! The command in flight: knowledge hangs on it as much as the protocol does.

pub use crate::knowledge::stage::Stage;
