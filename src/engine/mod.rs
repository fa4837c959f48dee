//! Runs the checks of a case and tells what happens.

pub mod automatic;
mod change;
pub mod live;
pub mod maillog;
pub mod message;
pub mod path;
mod progress;
pub mod repeat;
mod run;
pub mod script;
pub mod store;
pub mod trial;

pub use change::Change;
pub use progress::Progress;
pub use run::{Handle, start};
