//! The domain that the scenario is about.

mod staff;

use super::PlanError;
use super::names::{self, Names, Server};
use crate::lab::dns::Zone;
use crate::lab::scenario::Scenario;
use crate::lab::setting::{Address, MailHost, Ptr, Publication, Setting, Webmail};
use std::net::{IpAddr, Ipv4Addr};

/// Addresses for the nameservers, on four networks.
const NS_ADDRESSES: [Ipv4Addr; 4] = [
    Ipv4Addr::new(88, 198, 41, 53),
    Ipv4Addr::new(51, 15, 203, 53),
    Ipv4Addr::new(94, 130, 17, 53),
    Ipv4Addr::new(163, 172, 90, 53),
];
/// Addresses for the MX hosts.
const MX_ADDRESSES: [Ipv4Addr; 6] = [
    Ipv4Addr::new(78, 46, 112, 25),
    Ipv4Addr::new(51, 158, 64, 25),
    Ipv4Addr::new(95, 217, 33, 25),
    Ipv4Addr::new(62, 210, 92, 25),
    Ipv4Addr::new(135, 181, 20, 25),
    Ipv4Addr::new(212, 83, 150, 25),
];
const OWN_ADDRESS: Ipv4Addr = Ipv4Addr::new(88, 198, 41, 80);
/// Where the policy of MTA-STS is served.
const POLICY_ADDRESS: Ipv4Addr = Ipv4Addr::new(88, 198, 41, 81);

/// The domain with every address found.
pub(super) struct Domain<'a> {
    name: &'a str,
    setting: &'a Setting,
    servers: Vec<Server>,
    hosts: Vec<(&'a MailHost, Vec<IpAddr>)>,
    own: Option<IpAddr>,
    /// Names that the own server has besides the domain itself.
    own_names: Vec<String>,
}

impl<'a> Domain<'a> {
    pub(super) fn of(scenario: &'a Scenario) -> Result<Self, PlanError> {
        let setting = &scenario.world;
        let mut free = NS_ADDRESSES.into_iter();
        let mut servers = Vec::new();
        for nameserver in &setting.nameservers {
            servers.push(Server {
                address: resolved(nameserver.address, &mut free, "nameserver")?,
                setting: nameserver.clone(),
            });
        }
        let mut free = MX_ADDRESSES.into_iter();
        let mut hosts = Vec::new();
        for host in &setting.mail_hosts {
            let mut addresses = Vec::new();
            for address in host.address.as_slice() {
                addresses.extend(resolved(*address, &mut free, "mail")?);
            }
            hosts.push((host, addresses));
        }
        let own = resolved(
            setting.server.address,
            &mut std::iter::once(OWN_ADDRESS),
            "server",
        )?;
        let mut domain = Self {
            name: &scenario.domain,
            setting,
            servers,
            hosts,
            own,
            own_names: Vec::new(),
        };
        domain.own_names = domain.names_of_own_server()?;
        Ok(domain)
    }

    /// `www.`, `webmail.` and `mail.`, as far as the scenario makes nothing else of them.
    fn names_of_own_server(&self) -> Result<Vec<String>, PlanError> {
        if self.own.is_none() {
            return Ok(Vec::new());
        }
        let given = Zone::parse(&format!("{}.", self.name), &self.setting.records)?.into_records();
        let is_taken = |name: &String| {
            self.hosts.iter().any(|(host, _)| host.name == *name)
                || given
                    .iter()
                    .any(|record| record.name.to_ascii() == format!("{name}."))
        };
        let mut labels = vec!["www", "mail", "smtp"];
        if self.setting.server.webmail != Webmail::None {
            labels.push("webmail");
        }
        if self.publishes(Publication::Autoconfig) {
            labels.push("autoconfig");
        }
        Ok(labels
            .into_iter()
            .map(|label| format!("{label}.{}", self.name))
            .filter(|name| !is_taken(name))
            .collect())
    }

    pub(super) fn mail_hosts(&self) -> Vec<(String, IpAddr)> {
        let hosts = self.hosts.iter().filter_map(|(host, addresses)| {
            let address = addresses.first()?;
            Some((host.name.clone(), *address))
        });
        let hosts: Vec<_> = hosts.collect();
        match self.own {
            Some(own) if hosts.is_empty() => vec![(self.name.to_owned(), own)],
            _ => hosts,
        }
    }

    /// The names that the parent zone delegates to, for the registries' books. They are known
    /// there even while a hold keeps them from being published.
    pub(super) fn nameservers_at_parent(&self) -> Vec<String> {
        let servers = self.servers.iter();
        servers
            .filter(|server| server.setting.in_parent)
            .map(|server| server.setting.name.clone())
            .collect()
    }

    /// The nameservers as host objects, each with the address registered for it, if any.
    pub(super) fn registered_hosts(&self) -> impl Iterator<Item = (String, Vec<IpAddr>)> {
        self.servers.iter().map(|server| {
            let address = server.setting.glue.or(server.address);
            (server.setting.name.clone(), Vec::from_iter(address))
        })
    }

    /// Writes the zone, and what other zones say of its hosts.
    pub(super) fn lay_out(&self, names: &mut Names) {
        let domain = self.name;
        names.zone(domain, self.servers.clone(), self.setting.delegated);
        names.sign(domain, self.setting.dnssec);
        names.mx(domain, self.mx());
        names.lines(domain, &self.setting.records);
        for (owner, texts) in [
            (domain.to_owned(), &self.setting.spf),
            (format!("_dmarc.{domain}"), &self.setting.dmarc),
        ] {
            for text in texts {
                let text = text.replace("$domain", domain);
                names.lines(domain, &format!("{owner}. 3600 IN TXT \"{text}\""));
            }
        }
        for server in &self.servers {
            if let Some(address) = server.address {
                names.address(&server.setting.name, address);
                names.pointer(address, &server.setting.name);
            }
        }
        for (host, addresses) in &self.hosts {
            for address in addresses {
                names.address(&host.name, *address);
                match &host.ptr {
                    Ptr::Auto => names.pointer(*address, &host.name),
                    Ptr::Is(name) => names.pointer(*address, name),
                    Ptr::None => {}
                }
            }
        }
        for listed in &self.setting.block_lists {
            let apex = psl::domain_str(&listed.list).unwrap_or(&listed.list);
            let host = listed.host.replace("$domain", domain);
            let of_host = self.hosts.iter().filter(|(own, _)| own.name == host);
            for address in of_host.flat_map(|(_, addresses)| addresses) {
                let owner = format!("{}.{}", names::reversed(*address), listed.list);
                let answer = listed.answer;
                names.lines(apex, &format!("{owner}. 300 IN A {answer}"));
                names.lines(apex, &format!("{owner}. 300 IN TXT \"Listed: {address}\""));
            }
        }
        if let Some(mta_sts) = &self.setting.mta_sts {
            let record = &mta_sts.record;
            names.lines(
                domain,
                &format!("_mta-sts.{domain}. 3600 IN TXT \"{record}\""),
            );
            names.address(&self.policy_host(), POLICY_ADDRESS.into());
        }
        if let Some(address) = self.own {
            names.address(domain, address);
            names.pointer(address, &format!("www.{domain}"));
            for name in &self.own_names {
                names.address(name, address);
            }
            if self.publishes(Publication::Srv) {
                let host = self.submission_host();
                names.lines(
                    domain,
                    &format!(
                        "_submission._tcp.{domain}. 3600 IN SRV 0 1 587 {host}.\n\
                         _submissions._tcp.{domain}. 3600 IN SRV 0 1 465 {host}."
                    ),
                );
            }
        }
    }

    fn publishes(&self, how: Publication) -> bool {
        self.setting.server.submission.published.contains(&how)
    }

    fn mx(&self) -> Vec<String> {
        if let Some(mx) = &self.setting.mx {
            return mx.clone();
        }
        let listed = self.hosts.iter().filter(|(host, _)| host.listed);
        listed
            .zip(1_u16..)
            .map(|((host, _), position)| {
                let preference = host.preference.unwrap_or(position.saturating_mul(10));
                format!("{preference} {}.", host.name)
            })
            .collect()
    }

    /// The names that MX records written out give, those of the domain itself.
    fn mx_targets(&self) -> impl Iterator<Item = String> {
        let own = format!(".{}", self.name);
        let written = self.setting.mx.iter().flatten();
        written
            .filter_map(|data| data.split_whitespace().nth(1)?.strip_suffix('.'))
            .filter(move |target| target.ends_with(&own))
            .map(str::to_owned)
    }

    fn policy_host(&self) -> String {
        format!("mta-sts.{}", self.name)
    }

    fn submission_host(&self) -> String {
        let mail = format!("mail.{}", self.name);
        if self.own_names.contains(&mail) {
            mail
        } else {
            format!("smtp.{}", self.name)
        }
    }
}

fn resolved(
    address: Address,
    free: &mut impl Iterator<Item = Ipv4Addr>,
    what: &'static str,
) -> Result<Option<IpAddr>, PlanError> {
    match address {
        Address::None => Ok(None),
        Address::Is(address) => Ok(Some(address)),
        Address::Auto => free
            .next()
            .map(|next| Some(next.into()))
            .ok_or(PlanError::TooManyHosts(what)),
    }
}
