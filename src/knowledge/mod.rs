//! The tables under `assets/` as types, parsed once and checked by tests.

pub mod block_list;
pub mod code;
pub mod explain;
pub mod extension;
pub mod finding;
pub mod interceptor;
pub mod letter;
pub mod mechanism;
pub mod parameter;
pub mod provider;
pub mod question;
pub mod reason;
pub mod reference;
pub mod situation;
pub mod software;
pub mod stage;
pub mod trial;
mod wording;
