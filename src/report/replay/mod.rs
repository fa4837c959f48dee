//! A session said again: from its transcript to a script, or to the command line of swaks.

mod moves;
mod script;
mod swaks;
#[cfg(test)]
mod tests;

pub use script::script_of;
pub use swaks::swaks_of;
