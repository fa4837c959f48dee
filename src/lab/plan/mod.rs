//! The whole world as data, before any socket is opened.

mod base;
mod domain;
mod names;
mod register;

use super::certificate::{Authority, CertificateError};
use super::dns::{self, Resolver, Speaker, Zone, ZoneError};
use super::https::HttpsServer;
use super::scenario::Scenario;
use super::setting::{Client, Manner, PortState};
use super::smtp::MailServer;
use super::whois::WhoisServer;
use crate::net::{Clock, Transport, Way};
use jiff::Timestamp;
use names::Names;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

/// What runs where, and which ways lead nowhere.
#[derive(Default)]
pub(crate) struct Plan {
    pub speakers: Vec<(IpAddr, Speaker)>,
    pub services: Vec<(SocketAddr, Service)>,
    /// Ports with nothing behind them; these go before speakers and services.
    pub shut: Vec<((Transport, SocketAddr), Way)>,
    pub resolver: Option<SocketAddr>,
}

/// What runs at a TCP port.
#[derive(Clone, Debug)]
pub(crate) enum Service {
    Smtp(Arc<MailServer>),
    /// SMTP with TLS from the start, as on port 465.
    Smtps(Arc<MailServer>),
    Whois(Arc<WhoisServer>),
    Https(Arc<HttpsServer>),
}

/// A scenario that makes no world.
#[derive(Debug, thiserror::Error)]
pub enum PlanError {
    #[error(transparent)]
    Zone(#[from] ZoneError),
    #[error(transparent)]
    Certificate(#[from] CertificateError),
    #[error("assets/lab/base/internet.yaml cannot be read: {0}")]
    Base(#[from] serde_yaml::Error),
    #[error("the scenario gives {0} hosts no address of their own: the world has too few")]
    TooManyHosts(&'static str),
}

/// The domain's mail hosts with one address each; its own server where it names none.
pub(crate) fn mail_hosts(scenario: &Scenario) -> Result<Vec<(String, IpAddr)>, PlanError> {
    Ok(domain::Domain::of(scenario)?.mail_hosts())
}

/// Draws the world of a scenario that starts at `now`.
pub(crate) fn draw(
    scenario: &Scenario,
    authority: &Authority,
    clock: Clock,
    now: Timestamp,
) -> Result<Plan, PlanError> {
    let base = base::Base::read()?;
    let mut plan = Plan::default();
    if scenario.world.client == Client::Offline {
        plan.resolver = Some(SocketAddr::new(base.resolver_address(), 53));
        return Ok(plan);
    }
    let mut names = Names::new(base.hosting());
    base.lay_out(&mut names);
    let domain = domain::Domain::of(scenario)?;
    domain.lay_out(&mut names);
    base.name_hosts(&mut names);
    let register = Arc::new(register::draw(&base, &domain, scenario, now));
    base.staff(&mut plan, authority, &register)?;
    domain.staff(&mut plan, &mut names, authority)?;
    base.close_registry(&mut plan, &scenario.world.registry, &scenario.domain);

    let seconds = u32::try_from(now.as_second()).unwrap_or_default();
    let (nameservers, anchor) = names.build(seconds)?;
    let resolver = Resolver {
        roots: base.roots(),
        anchor: Some(anchor),
        memory: dns::Memory::default(),
        now: seconds,
        stale: Zone::parse(".", &scenario.world.resolver.stale)?.into_records(),
        answers: scenario.world.resolver.answers,
        clock,
        started: clock.elapsed(),
        nameservers: nameservers.clone(),
    };
    for (address, nameserver) in nameservers {
        plan.shut_nameserver(address, nameserver.manner);
        plan.speakers
            .push((address, Speaker::Authority(nameserver)));
    }
    let at = SocketAddr::new(base.resolver_address(), 53);
    plan.resolver = Some(at);
    plan.speakers.push((
        base.resolver_address(),
        Speaker::Resolver(Arc::new(resolver)),
    ));
    plan.shut_port(Transport::Udp, at, scenario.world.resolver.port53);
    plan.shut_port(Transport::Tcp, at, scenario.world.resolver.port53);
    match scenario.world.client {
        Client::NoPort25 => plan.block(&[25]),
        Client::NoSubmission => plan.block(&[587, 465]),
        Client::Normal | Client::Offline => {}
    }
    Ok(plan)
}

impl Plan {
    fn open(&mut self, address: IpAddr, port: u16, service: Service) {
        self.services
            .push((SocketAddr::new(address, port), service));
    }

    /// Nothing is behind a port in this state; an open one is left as it is.
    fn shut_port(&mut self, transport: Transport, at: SocketAddr, state: PortState) {
        let way = match state {
            PortState::Open => return,
            PortState::Filtered => Way::Filtered,
            PortState::Closed => Way::Refused,
            PortState::Unreachable => Way::Unreachable,
        };
        self.shut.push(((transport, at), way));
    }

    fn shut_nameserver(&mut self, address: IpAddr, manner: Manner) {
        let at = SocketAddr::new(address, 53);
        let (udp, tcp) = match manner {
            Manner::Silent => (PortState::Filtered, PortState::Filtered),
            Manner::Closed => (PortState::Closed, PortState::Closed),
            Manner::NoTcp => (PortState::Open, PortState::Closed),
            _ => return,
        };
        self.shut_port(Transport::Udp, at, udp);
        self.shut_port(Transport::Tcp, at, tcp);
    }

    /// The network of this machine drops whatever goes out to these ports.
    fn block(&mut self, ports: &[u16]) {
        let is_blocked = |at: &SocketAddr| ports.contains(&at.port());
        let hosts = self.services.iter().filter(|(at, _)| is_blocked(at));
        let blocked: Vec<_> = hosts
            .map(|(at, _)| ((Transport::Tcp, *at), Way::Filtered))
            .collect();
        self.shut.retain(|((_, at), _)| !is_blocked(at));
        self.shut.extend(blocked);
    }
}
