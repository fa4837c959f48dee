//! The registries' books as the scenario has them.

use super::base::Base;
use super::domain::Domain;
use crate::lab::registry::{Register, Registered, Registrar};
use crate::lab::scenario::Scenario;
use crate::lab::setting::Registration;
use jiff::Timestamp;
use std::collections::BTreeMap;
use std::net::IpAddr;

pub(super) fn draw(base: &Base, domain: &Domain, scenario: &Scenario, now: Timestamp) -> Register {
    let hosting: Vec<String> = base
        .hosting()
        .into_iter()
        .map(|server| server.setting.name)
        .collect();
    let usual = Registration::default();
    let mut domains: BTreeMap<String, Registered> = base
        .registered()
        .into_iter()
        .map(|name| (name.to_owned(), entry(&usual, &hosting, now)))
        .collect();
    let setting = &scenario.world.registry;
    if setting.registered {
        let registered = psl::domain_str(&scenario.domain).unwrap_or(&scenario.domain);
        let delegated = domain.nameservers_at_parent();
        domains.insert(registered.to_owned(), entry(setting, &delegated, now));
    }
    let mut hosts: BTreeMap<String, Vec<IpAddr>> = base
        .nameservers()
        .map(|(name, address)| (name.to_owned(), vec![address]))
        .collect();
    if setting.registered {
        hosts.extend(domain.registered_hosts());
    }
    Register {
        zones: base.registry_zones(),
        domains,
        hosts,
        registrar: Registrar {
            name: base.registrar.name.clone(),
            id: base.registrar.id,
            whois: base.registrar.whois.name.clone(),
            rdap: base.registrar.rdap.name.clone(),
        },
        now,
    }
}

fn entry(setting: &Registration, delegated: &[String], now: Timestamp) -> Registered {
    let nameservers = setting
        .nameservers
        .clone()
        .unwrap_or_else(|| delegated.to_vec());
    Registered {
        statuses: setting.statuses.clone(),
        created: setting.created.from(now),
        updated: setting.updated.from(now),
        expires: setting.expires.from(now),
        registry_nameservers: setting
            .registry_nameservers
            .clone()
            .unwrap_or_else(|| nameservers.clone()),
        nameservers,
    }
}
