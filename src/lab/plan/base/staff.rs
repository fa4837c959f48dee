//! Who works at the addresses of the base.

use super::{Base, Host, ProviderHost};
use crate::lab::certificate::Authority;
use crate::lab::https::{HttpsServer, Site};
use crate::lab::plan::{Plan, PlanError, Service};
use crate::lab::registry::Register;
use crate::lab::setting::{Certificate, PortState, Registration, Script};
use crate::lab::smtp::{Greylist, MailServer, Role};
use crate::lab::whois::{Desk, WhoisServer};
use crate::net::Transport;
use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::Arc;

impl Base {
    /// WHOIS, RDAP and the providers' mail hosts.
    pub(in crate::lab::plan) fn staff(
        &self,
        plan: &mut Plan,
        authority: &Authority,
        register: &Arc<Register>,
    ) -> Result<(), PlanError> {
        let mut desks = vec![
            (&self.iana.whois, Desk::Iana),
            (&self.registrar.whois, Desk::Registrar),
        ];
        let mut sites = vec![
            (&self.iana.rdap, Site::Bootstrap(Arc::clone(register))),
            (
                &self.registrar.rdap,
                Site::Rdap(Arc::clone(register), self.registrar.rdap.name.clone()),
            ),
        ];
        for registry in &self.registries {
            let (whois, rdap) = (&registry.whois, &registry.rdap);
            desks.push((whois, Desk::Registry(whois.name.clone())));
            let site = Site::Rdap(Arc::clone(register), rdap.name.clone());
            sites.push((rdap, site));
        }
        for (host, desk) in desks {
            let register = Arc::clone(register);
            let server = Arc::new(WhoisServer { register, desk });
            plan.open(host.address, 43, Service::Whois(server));
        }
        for (host, site) in sites {
            let tls = authority.server(&[&host.name], Certificate::Good)?;
            let server = Arc::new(HttpsServer { site, tls });
            plan.open(host.address, 443, Service::Https(server));
        }
        for host in &self.mail_hosts {
            self.staff_provider(plan, authority, host)?;
        }
        Ok(())
    }

    fn staff_provider(
        &self,
        plan: &mut Plan,
        authority: &Authority,
        host: &ProviderHost,
    ) -> Result<(), PlanError> {
        let tls = authority.server(&[&host.name], Certificate::Good)?;
        let accepts = self
            .providers
            .iter()
            .map(|provider| provider.domain.clone());
        let transfer = MailServer {
            greylist: Greylist::default(),
            name: host.name.clone(),
            role: Role::Transfer,
            script: Script::default(),
            accepts: accepts.collect(),
            mailboxes: None,
            tls: Arc::clone(&tls),
        };
        let submission = Arc::new(MailServer {
            greylist: Greylist::default(),
            role: Role::Submission {
                auth: true,
                users: BTreeMap::new(),
            },
            ..transfer.clone()
        });
        let transfer = Arc::new(transfer);
        for port in &host.ports {
            let service = match port {
                25 => Service::Smtp(Arc::clone(&transfer)),
                443 => Service::Https(Arc::new(HttpsServer {
                    site: Site::Page(host.name.clone()),
                    tls: Arc::clone(&tls),
                })),
                465 => Service::Smtps(Arc::clone(&submission)),
                _ => Service::Smtp(Arc::clone(&submission)),
            };
            plan.open(host.address, *port, service);
        }
        Ok(())
    }

    /// Shuts the WHOIS and RDAP servers that would know of the domain, where the scenario
    /// says so.
    pub(in crate::lab::plan) fn close_registry(
        &self,
        plan: &mut Plan,
        setting: &Registration,
        domain: &str,
    ) {
        let zones = self.registry_zones();
        let Some(zone) = zones
            .iter()
            .filter(|zone| domain.ends_with(&format!(".{}", zone.name)))
            .max_by_key(|zone| zone.name.len())
        else {
            return;
        };
        let mut shut = |host: &Host, port: u16, state: PortState| {
            let at = SocketAddr::new(host.address, port);
            plan.shut_port(Transport::Tcp, at, state);
        };
        for registry in &self.registries {
            if registry.whois.name == zone.whois {
                shut(&registry.whois, 43, setting.whois);
                shut(&registry.rdap, 443, setting.rdap);
            }
        }
        shut(&self.registrar.whois, 43, setting.whois);
        shut(&self.registrar.rdap, 443, setting.rdap);
    }
}
