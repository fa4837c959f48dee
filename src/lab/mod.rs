//! The practice world: a small Internet inside this process.
//!
//! A [`Scenario`] tells a story and says in what its world differs from a healthy one. From it
//! `plan` draws the whole world as data: who answers at which public address, and how.
//! [`World::start`] binds a loopback socket for each of them and gives the table of
//! [`Routes`](crate::net::Routes) that leads there; dropping the world ends it.

mod catalogue;
mod certificate;
mod dns;
mod https;
mod log;
mod plan;
mod registry;
mod scenario;
mod setting;
mod smtp;
mod whois;
mod world;

#[cfg(test)]
mod tests;

pub use log::{LogError, MailLog, mail_log};
pub use scenario::{Causes, Expect, Scenario, ScenarioError};
pub use setting::{Behaviour, Stage};
pub use world::{StartError, World};
