//! Mail hosts: an ordinary SMTP server that a script can make do anything else.

mod auth;
mod dialogue;
mod host;
mod serve;

pub(crate) use host::{MailServer, Role};
pub(crate) use serve::converse;
