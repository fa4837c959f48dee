//! A session without a screen: steps from a file, checked against what the server says.

mod expect;
mod login;
mod player;
mod read;
mod step;
mod stop;

pub use expect::{Expect, Pattern};
pub use player::{Asked, Played, play};
pub use read::read;
pub use step::{Auth, Lines, Step, Wanted};
pub use stop::{Outcome, Stop};

use crate::text::Secret;
use std::collections::BTreeMap;

/// Passwords and tokens by user name.
pub type Passwords = BTreeMap<String, Secret>;
