//! Who works at the addresses of the domain.

use super::{Domain, POLICY_ADDRESS};
use crate::lab::certificate::{Authority, Identity};
use crate::lab::https::{HttpsServer, Site};
use crate::lab::plan::names::Names;
use crate::lab::plan::{Plan, PlanError, Service};
use crate::lab::setting::{Certificate, MailHost, PortState, Publication, Script, Tlsa, Webmail};
use crate::lab::smtp::{Greylist, MailServer, Role};
use crate::net::Transport;
use crate::policy::tlsa;
use rustls::pki_types::CertificateDer;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

impl Domain<'_> {
    /// Puts servers behind the addresses.
    pub(in crate::lab::plan) fn staff(
        &self,
        plan: &mut Plan,
        names: &mut Names,
        authority: &Authority,
    ) -> Result<(), PlanError> {
        for (host, addresses) in &self.hosts {
            let certificate = self.staff_mail_host(plan, authority, host, addresses)?;
            // A TLSA record can only be written once there is a certificate.
            let certificate = match host.tlsa {
                Tlsa::None => continue,
                Tlsa::Good => certificate,
                Tlsa::Former => {
                    let before = authority.identity(&[&host.name], Certificate::Good)?;
                    before.certificate
                }
            };
            if let Some(data) = tlsa::spki_sha256(&certificate) {
                let owner = format!("_25._tcp.{}.", host.name);
                names.lines_at(&host.name, &format!("{owner} 3600 IN TLSA 3 1 1 {data}"));
            }
        }
        if let Some(mta_sts) = &self.setting.mta_sts {
            let tls = authority.server(&[&self.policy_host()], Certificate::Good)?;
            let site = Site::Policy(mta_sts.policy.clone());
            let server = Arc::new(HttpsServer { site, tls });
            plan.open(POLICY_ADDRESS.into(), 443, Service::Https(server));
        }
        match self.own {
            Some(address) => self.staff_own_server(plan, authority, address),
            None => Ok(()),
        }
    }

    fn staff_mail_host(
        &self,
        plan: &mut Plan,
        authority: &Authority,
        host: &MailHost,
        addresses: &[IpAddr],
    ) -> Result<CertificateDer<'static>, PlanError> {
        // A good certificate is good for the name in the MX record, be that an alias.
        let mut names = vec![host.name.clone()];
        names.extend(self.mx_targets().filter(|target| *target != host.name));
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        let Identity { tls, certificate } = authority.identity(&names, host.certificate)?;
        let accepts = host.accepts.clone();
        let transfer = Arc::new(MailServer {
            greylist: Greylist::default(),
            name: host.name.clone(),
            role: Role::Transfer,
            script: host.smtp.clone(),
            accepts: accepts.unwrap_or_else(|| vec![self.name.to_owned()]),
            mailboxes: self.setting.mailboxes.clone(),
            tls,
        });
        let submission = Arc::new(MailServer {
            greylist: Greylist::default(),
            role: self.submission_role(),
            script: Script {
                hostile: host.smtp.hostile.clone().filter(|h| h.behaviour.port != 25),
                ..Script::default()
            },
            ..(*transfer).clone()
        });
        let states = host.port25.as_slice();
        for (position, address) in addresses.iter().enumerate() {
            plan.open(*address, 25, Service::Smtp(Arc::clone(&transfer)));
            let state = states.get(position).or(states.last());
            let at = SocketAddr::new(*address, 25);
            plan.shut_port(Transport::Tcp, at, state.copied().unwrap_or_default());
            for port in &host.other_ports {
                plan.open(*address, *port, submission_service(*port, &submission));
            }
        }
        Ok(certificate)
    }

    fn staff_own_server(
        &self,
        plan: &mut Plan,
        authority: &Authority,
        address: IpAddr,
    ) -> Result<(), PlanError> {
        let mut names = vec![self.name];
        names.extend(self.own_names.iter().map(String::as_str));
        let tls = authority.server(&names, Certificate::Good)?;
        let at = |port| SocketAddr::new(address, port);

        let transfer = MailServer {
            greylist: Greylist::default(),
            name: self.submission_host(),
            role: Role::Transfer,
            script: Script::default(),
            accepts: vec![self.name.to_owned()],
            mailboxes: self.setting.mailboxes.clone(),
            tls: Arc::clone(&tls),
        };
        let submission = Arc::new(MailServer {
            greylist: Greylist::default(),
            role: self.submission_role(),
            script: self.setting.server.submission.smtp.clone(),
            tls: authority.server(&names, self.setting.server.submission.certificate)?,
            ..transfer.clone()
        });
        for port in [587, 465] {
            plan.open(address, port, submission_service(port, &submission));
            plan.shut_port(
                Transport::Tcp,
                at(port),
                self.setting.server.submission.ports,
            );
        }
        if let Some(state) = self.setting.server.port25 {
            plan.open(address, 25, Service::Smtp(Arc::new(transfer)));
            plan.shut_port(Transport::Tcp, at(25), state);
        }

        let state = match self.setting.server.webmail {
            Webmail::Open => PortState::Open,
            Webmail::Closed => PortState::Closed,
            Webmail::Filtered => PortState::Filtered,
            Webmail::None => return Ok(()),
        };
        let site = Site::Webmail {
            domain: self.name.to_owned(),
            submission: self
                .publishes(Publication::Autoconfig)
                .then(|| self.submission_host()),
        };
        let https = Arc::new(HttpsServer { site, tls });
        for port in [2096, 443] {
            plan.open(address, port, Service::Https(Arc::clone(&https)));
            plan.shut_port(Transport::Tcp, at(port), state);
        }
        Ok(())
    }

    fn submission_role(&self) -> Role {
        let setting = &self.setting.server.submission;
        Role::Submission {
            auth: setting.auth,
            users: setting.users.clone(),
        }
    }
}

fn submission_service(port: u16, server: &Arc<MailServer>) -> Service {
    if port == 465 {
        Service::Smtps(Arc::clone(server))
    } else {
        Service::Smtp(Arc::clone(server))
    }
}
