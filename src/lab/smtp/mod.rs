//! Mail hosts: an ordinary SMTP server that a script can make do anything else.

mod auth;
mod dialogue;
mod envelope;
mod extension;
mod host;
mod hostile;
mod old_tls;
pub(super) mod replies;
mod serve;
mod turn;
mod weakness;

pub(crate) use host::{Greylist, MailServer, Role};
pub(crate) use serve::{Ending, converse};

#[cfg(test)]
mod tests;
