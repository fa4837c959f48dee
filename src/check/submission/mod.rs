//! What a person's mail program needs to send: the submission ports (RFC 6409, RFC 8314).

mod ask;
mod judge;
mod show;
#[cfg(test)]
mod tests;

pub use ask::{Known, Ports, Published, Try};
pub use judge::{judge, measure};
pub use show::row;

use super::Context;

#[derive(Clone, Debug)]
pub enum Observation {
    Ports(Ports),
}

#[derive(Clone, Debug, Default)]
pub struct Seen {
    pub ports: Option<Ports>,
}

impl Seen {
    pub fn record(&mut self, observation: Observation) {
        let Observation::Ports(ports) = observation;
        self.ports = Some(ports);
    }
}

pub async fn ask(context: &Context) -> super::Observation {
    let ports = ask::ask(&context.dns, &context.request.domain).await;
    super::Observation::Submission(Observation::Ports(ports))
}
