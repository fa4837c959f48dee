//! The Internet around the domain: `assets/lab/base/internet.yaml`.

mod staff;

use super::names::{Names, REVERSE, Server};
use crate::knowledge::block_list;
use crate::lab::registry::{Layout, RegistryZone};
use serde::Deserialize;
use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv4Addr};

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Base {
    resolver: Host,
    hosting: Vec<Host>,
    pub(super) registrar: Registrar,
    iana: Books,
    registries: Vec<Registry>,
    reverse: Vec<Host>,
    providers: Vec<Provider>,
    mail_hosts: Vec<ProviderHost>,
    #[serde(skip)]
    root: Vec<RootServer>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Host {
    pub(super) name: String,
    address: IpAddr,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Registrar {
    pub(super) name: String,
    pub(super) id: u32,
    pub(super) whois: Host,
    pub(super) rdap: Host,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Books {
    whois: Host,
    rdap: Host,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Registry {
    whois: Host,
    rdap: Host,
    layout: Layout,
    nameservers: Vec<Host>,
    /// The zones that it runs, each with the path of its RDAP.
    zones: BTreeMap<String, String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Provider {
    domain: String,
    mx: Vec<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct ProviderHost {
    name: String,
    address: IpAddr,
    ports: Vec<u16>,
}

/// A line of `assets/world/root-servers.yaml`; the world has them on IPv4 only.
#[derive(Debug, Deserialize)]
struct RootServer {
    name: String,
    v4: Ipv4Addr,
}

fn servers(hosts: &[Host]) -> Vec<Server> {
    hosts
        .iter()
        .map(|host| Server::new(&host.name, host.address))
        .collect()
}

impl Base {
    pub(super) fn read() -> Result<Self, serde_yaml::Error> {
        let mut base: Self =
            serde_yaml::from_str(include_str!("../../../../assets/lab/base/internet.yaml"))?;
        base.root =
            serde_yaml::from_str(include_str!("../../../../assets/world/root-servers.yaml"))?;
        Ok(base)
    }

    pub(super) fn hosting(&self) -> Vec<Server> {
        servers(&self.hosting)
    }

    pub(super) fn resolver_address(&self) -> IpAddr {
        self.resolver.address
    }

    pub(super) fn roots(&self) -> Vec<IpAddr> {
        self.root.iter().map(|server| server.v4.into()).collect()
    }

    /// The root, the registries' zones, the reverse zone and the providers' domains.
    pub(super) fn lay_out(&self, names: &mut Names) {
        let root = self.root.iter();
        names.registry_zone(
            "",
            root.map(|server| Server::new(&server.name, server.v4.into()))
                .collect(),
        );
        for registry in &self.registries {
            for zone in registry.zones.keys() {
                names.registry_zone(zone, servers(&registry.nameservers));
            }
        }
        for apex in REVERSE {
            names.zone(apex, servers(&self.reverse), true);
        }
        for provider in &self.providers {
            names.hosted_zone(&provider.domain);
            names.mx(&provider.domain, provider.mx.clone());
        }
        for list in block_list::all() {
            // The point that is always listed (RFC 5782 section 5).
            let point = format!("2.0.0.127.{}. 300 IN A 127.0.0.2", list.zone);
            let apex = psl::domain_str(&list.zone).unwrap_or(&list.zone);
            names.hosted_zone(apex);
            names.lines(apex, &point);
        }
    }

    /// Addresses and reverse names of the hosts of the base.
    pub(super) fn name_hosts(&self, names: &mut Names) {
        let mut hosts: Vec<(&str, IpAddr)> = Vec::new();
        hosts.extend(
            self.root
                .iter()
                .map(|root| (root.name.as_str(), root.v4.into())),
        );
        hosts.extend(self.hosts().map(|host| (host.name.as_str(), host.address)));
        hosts.extend(
            self.mail_hosts
                .iter()
                .map(|host| (host.name.as_str(), host.address)),
        );
        for (name, address) in hosts {
            names.address(name, address);
            names.pointer(address, name);
        }
    }

    fn hosts(&self) -> impl Iterator<Item = &Host> {
        let registries = self.registries.iter().flat_map(|registry| {
            registry
                .nameservers
                .iter()
                .chain([&registry.whois, &registry.rdap])
        });
        [
            &self.resolver,
            &self.registrar.whois,
            &self.registrar.rdap,
            &self.iana.whois,
            &self.iana.rdap,
        ]
        .into_iter()
        .chain(&self.hosting)
        .chain(&self.reverse)
        .chain(registries)
    }

    /// Nameservers by name, for the registries' books.
    pub(super) fn nameservers(&self) -> impl Iterator<Item = (&str, IpAddr)> {
        let registries = self.registries.iter();
        registries
            .flat_map(|registry| &registry.nameservers)
            .chain(&self.hosting)
            .map(|host| (host.name.as_str(), host.address))
    }

    pub(super) fn registry_zones(&self) -> Vec<RegistryZone> {
        let mut zones = Vec::new();
        for registry in &self.registries {
            zones.extend(registry.zones.iter().map(|(name, path)| RegistryZone {
                name: name.clone(),
                layout: registry.layout,
                whois: registry.whois.name.clone(),
                rdap_host: registry.rdap.name.clone(),
                rdap_path: path.clone(),
            }));
        }
        zones
    }

    /// Registered names of the hosts and providers of the base.
    pub(super) fn registered(&self) -> Vec<&str> {
        let hosts = self.hosts().map(|host| host.name.as_str());
        let mail = self.mail_hosts.iter().map(|host| host.name.as_str());
        let providers = self.providers.iter().map(|one| one.domain.as_str());
        let mut names: Vec<&str> = hosts
            .chain(mail)
            .chain(providers)
            .chain(block_list::all().iter().map(|list| list.zone.as_str()))
            .filter_map(psl::domain_str)
            .collect();
        names.sort_unstable();
        names.dedup();
        names
    }
}
