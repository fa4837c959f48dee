//! Runs the checks of a case and tells what happens.

mod change;
pub mod live;
pub mod maillog;
mod progress;
mod run;
pub mod script;
pub mod store;

pub use change::Change;
pub use progress::Progress;
pub use run::{Handle, start};
