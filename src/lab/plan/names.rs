//! The zones of the world while they are being written.

use crate::lab::dns::{Nameserver, Zone, ZoneError};
use crate::lab::setting;
use std::collections::{BTreeMap, HashMap};
use std::fmt::Write as _;
use std::net::Ipv4Addr;
use std::sync::Arc;

const REVERSE: &str = "in-addr.arpa";
/// The serial of every zone that has no other.
const SERIAL: u32 = 2_026_041_501;

/// A nameserver with its address found.
#[derive(Clone, Debug)]
pub(super) struct Server {
    pub(super) setting: setting::Nameserver,
    pub(super) address: Option<Ipv4Addr>,
}

impl Server {
    pub(super) fn new(name: &str, address: Ipv4Addr) -> Self {
        Self {
            setting: setting::Nameserver::named(name),
            address: Some(address),
        }
    }

    fn addresses(&self) -> impl Iterator<Item = Ipv4Addr> {
        self.address.into_iter().chain(self.setting.glue)
    }
}

/// A zone; its text grows.
#[derive(Clone, Debug, Default)]
struct Draft {
    servers: Vec<Server>,
    text: String,
    /// Data of the MX records, kept apart because nameservers may differ in it.
    mx: Vec<String>,
    delegated: bool,
    /// Names are registered under it, so hosts of other people do not belong into it.
    is_registry: bool,
}

/// All zones by their apex, which is written without a final dot; the root's is empty.
pub(super) struct Names {
    zones: BTreeMap<String, Draft>,
    /// Who serves the zones of everybody who is not otherwise spoken of.
    hosting: Vec<Server>,
}

impl Names {
    pub(super) fn new(hosting: Vec<Server>) -> Self {
        Self {
            zones: BTreeMap::new(),
            hosting,
        }
    }

    pub(super) fn registry_zone(&mut self, apex: &str, servers: Vec<Server>) {
        self.zone(apex, servers, true);
        self.draft(apex).is_registry = true;
    }

    pub(super) fn zone(&mut self, apex: &str, servers: Vec<Server>, delegated: bool) {
        let draft = self.draft(apex);
        draft.servers = servers;
        draft.delegated = delegated;
    }

    /// The zone of somebody who has the DNS hosted.
    pub(super) fn hosted_zone(&mut self, apex: &str) {
        if !self.zones.contains_key(apex) {
            self.zone(apex, self.hosting.clone(), true);
        }
    }

    /// Adds lines as they stand in a zone file.
    pub(super) fn lines(&mut self, apex: &str, lines: &str) {
        let text = &mut self.draft(apex).text;
        text.push_str(lines);
        text.push('\n');
    }

    pub(super) fn mx(&mut self, apex: &str, mx: Vec<String>) {
        self.draft(apex).mx = mx;
    }

    /// Gives a host its address, in the zone that it belongs to.
    pub(super) fn address(&mut self, host: &str, address: Ipv4Addr) {
        let mut apex = self.enclosing(host);
        if self.zones.get(&apex).is_none_or(|zone| zone.is_registry)
            && let Some(registered) = psl::domain_str(host)
        {
            registered.clone_into(&mut apex);
            self.hosted_zone(registered);
        }
        self.lines(&apex, &format!("{host}. 3600 IN A {address}"));
    }

    /// Gives an address its name.
    pub(super) fn pointer(&mut self, address: Ipv4Addr, host: &str) {
        let [a, b, c, d] = address.octets();
        self.lines(
            REVERSE,
            &format!("{d}.{c}.{b}.{a}.{REVERSE}. 3600 IN PTR {host}."),
        );
    }

    /// The server of every address, with the zones that it holds.
    pub(super) fn build(self) -> Result<HashMap<Ipv4Addr, Arc<Nameserver>>, ZoneError> {
        let mut servers: HashMap<Ipv4Addr, Nameserver> = HashMap::new();
        for (apex, draft) in &self.zones {
            let below = self.delegations(apex);
            let common = format!("{}{below}", draft.text);
            let usual = Zone::parse(&absolute(apex), &draft.zone_text(apex, &common, None))?;
            for server in &draft.servers {
                let own = &server.setting;
                let zone = if own.serial.is_some() || own.mx.is_some() {
                    Zone::parse(
                        &absolute(apex),
                        &draft.zone_text(apex, &common, Some(server)),
                    )?
                } else {
                    usual.clone()
                };
                for address in server.addresses() {
                    let nameserver = servers.entry(address).or_default();
                    nameserver.manner = own.answers;
                    nameserver.zones.push(zone.clone());
                }
            }
        }
        Ok(servers
            .into_iter()
            .map(|(address, nameserver)| (address, Arc::new(nameserver)))
            .collect())
    }

    fn draft(&mut self, apex: &str) -> &mut Draft {
        self.zones.entry(apex.to_owned()).or_default()
    }

    /// The longest apex that `name` is, or lies under.
    fn enclosing(&self, name: &str) -> String {
        self.zones
            .keys()
            .filter(|apex| is_under(name, apex))
            .max_by_key(|apex| apex.len())
            .cloned()
            .unwrap_or_default()
    }

    /// What a zone says of the zones right below it.
    fn delegations(&self, parent: &str) -> String {
        let mut out = String::new();
        let children = self.zones.iter().filter(|(apex, draft)| {
            let above = apex.split_once('.').map_or("", |(_, above)| above);
            draft.delegated && !apex.is_empty() && self.enclosing(above) == parent
        });
        for (apex, draft) in children {
            for server in draft
                .servers
                .iter()
                .filter(|server| server.setting.in_parent)
            {
                let name = &server.setting.name;
                // Writing to a String cannot fail.
                let _ = writeln!(out, "{apex}. 172800 IN NS {name}.");
                let glue = server.setting.glue.or(server.address);
                if let (true, Some(glue)) = (is_under(name, parent), glue) {
                    let _ = writeln!(out, "{name}. 172800 IN A {glue}");
                }
            }
        }
        out
    }
}

impl Draft {
    /// The zone as `server` has it, or as all have it.
    fn zone_text(&self, apex: &str, common: &str, server: Option<&Server>) -> String {
        let apex = absolute(apex);
        let primary = self
            .servers
            .first()
            .map_or("localhost", |server| server.setting.name.as_str());
        let own = server.map(|server| &server.setting);
        let serial = own.and_then(|own| own.serial).unwrap_or(SERIAL);
        let mut out = format!(
            "{apex} 3600 IN SOA {primary}. hostmaster.{primary}. {serial} 7200 3600 1209600 300\n"
        );
        for server in self.servers.iter().filter(|server| server.setting.in_zone) {
            let _ = writeln!(out, "{apex} 3600 IN NS {}.", server.setting.name);
        }
        for data in own.and_then(|own| own.mx.as_ref()).unwrap_or(&self.mx) {
            let _ = writeln!(out, "{apex} 3600 IN MX {data}");
        }
        out + common
    }
}

fn absolute(apex: &str) -> String {
    format!("{apex}.")
}

fn is_under(name: &str, apex: &str) -> bool {
    apex.is_empty()
        || name
            .strip_suffix(apex)
            .is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
}
