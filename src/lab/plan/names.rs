//! The zones of the world while they are being written.

use crate::lab::dns::{Nameserver, Validity, Zone, ZoneError, ZoneKey};
use crate::lab::setting::{self, Dnssec};
use hickory_server::proto::dnssec::rdata::DNSKEY;
use hickory_server::proto::rr::Record;
use std::collections::{BTreeMap, HashMap};
use std::fmt::Write as _;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

/// The zones of reverse names, of IPv4 and of IPv6.
pub(super) const REVERSE: [&str; 2] = ["in-addr.arpa", "ip6.arpa"];
/// The serial of every zone that has no other.
const SERIAL: u32 = 2_026_041_501;

type Servers = HashMap<IpAddr, Arc<Nameserver>>;

/// A nameserver with its address found.
#[derive(Clone, Debug)]
pub(super) struct Server {
    pub(super) setting: setting::Nameserver,
    pub(super) address: Option<IpAddr>,
}

impl Server {
    pub(super) fn new(name: &str, address: IpAddr) -> Self {
        Self {
            setting: setting::Nameserver::named(name),
            address: Some(address),
        }
    }

    fn addresses(&self) -> impl Iterator<Item = IpAddr> {
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
    dnssec: Dnssec,
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
        let draft = self.draft(apex);
        draft.is_registry = true;
        draft.dnssec = Dnssec::Signed;
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

    pub(super) fn sign(&mut self, apex: &str, dnssec: Dnssec) {
        self.draft(apex).dnssec = dnssec;
    }

    /// Adds lines as they stand in a zone file.
    pub(super) fn lines(&mut self, apex: &str, lines: &str) {
        let text = &mut self.draft(apex).text;
        text.push_str(lines);
        text.push('\n');
    }

    /// Adds lines to whichever zone holds the name.
    pub(super) fn lines_at(&mut self, name: &str, lines: &str) {
        let apex = self.enclosing(name);
        self.lines(&apex, lines);
    }

    pub(super) fn mx(&mut self, apex: &str, mx: Vec<String>) {
        self.draft(apex).mx = mx;
    }

    /// Gives a host its address, in the zone that it belongs to.
    pub(super) fn address(&mut self, host: &str, address: IpAddr) {
        let mut apex = self.enclosing(host);
        if self.zones.get(&apex).is_none_or(|zone| zone.is_registry)
            && let Some(registered) = psl::domain_str(host)
        {
            registered.clone_into(&mut apex);
            self.hosted_zone(registered);
        }
        let rtype = if address.is_ipv4() { "A" } else { "AAAA" };
        self.lines(&apex, &format!("{host}. 3600 IN {rtype} {address}"));
    }

    /// Gives an address its name.
    pub(super) fn pointer(&mut self, address: IpAddr, host: &str) {
        let apex = REVERSE[usize::from(address.is_ipv6())];
        let labels = reversed(address);
        self.lines(apex, &format!("{labels}.{apex}. 3600 IN PTR {host}."));
    }

    /// The server of every address, with the zones that it holds, and the root's key. Zones
    /// are signed as of `now`, in seconds since 1970.
    pub(super) fn build(self, now: u32) -> Result<(Servers, DNSKEY), ZoneError> {
        let keys = Keys::of(self.zones.iter().map(|(apex, draft)| (apex, draft.dnssec)))?;
        let mut servers: HashMap<IpAddr, Nameserver> = HashMap::new();
        for (apex, draft) in &self.zones {
            let below = self.delegations(apex);
            let common = format!("{}{below}", draft.text);
            let zone = |own: Option<&Server>| {
                let text = draft.zone_text(apex, &common, own);
                let mut zone = Zone::parse(&absolute(apex), &text)?;
                for child in self.children(apex).map(|(child, _)| child) {
                    if let Some(ds) = keys.ds.get(child) {
                        zone.push(ds.clone());
                    }
                }
                if let Some(key) = keys.signing.get(apex) {
                    key.sign(&mut zone, validity(draft.dnssec, now))?;
                }
                Ok::<_, ZoneError>(zone)
            };
            let usual = zone(None)?;
            for server in &draft.servers {
                let own = &server.setting;
                let zone = if own.serial.is_some() || own.mx.is_some() {
                    zone(Some(server))?
                } else {
                    usual.clone()
                };
                for address in server.addresses() {
                    let nameserver = servers.entry(address).or_default();
                    nameserver.manner = own.answers;
                    nameserver.delay = Duration::from_secs(own.delay);
                    nameserver.zones.push(zone.clone());
                }
            }
        }
        let servers = servers
            .into_iter()
            .map(|(address, nameserver)| (address, Arc::new(nameserver)))
            .collect();
        Ok((servers, keys.root))
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

    /// The zones that a zone delegates.
    fn children(&self, parent: &str) -> impl Iterator<Item = (&String, &Draft)> {
        self.zones.iter().filter(move |(apex, draft)| {
            let above = apex.split_once('.').map_or("", |(_, above)| above);
            draft.delegated && !apex.is_empty() && self.enclosing(above) == parent
        })
    }

    /// What a zone says of the zones right below it.
    fn delegations(&self, parent: &str) -> String {
        let mut out = String::new();
        for (apex, draft) in self.children(parent) {
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
                    let rtype = if glue.is_ipv4() { "A" } else { "AAAA" };
                    let _ = writeln!(out, "{name}. 172800 IN {rtype} {glue}");
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

/// The keys of the zones that are signed, by their apex.
struct Keys {
    root: DNSKEY,
    signing: BTreeMap<String, ZoneKey>,
    /// What the zones above say of them.
    ds: BTreeMap<String, Record>,
}

impl Keys {
    fn of<'a>(zones: impl Iterator<Item = (&'a String, Dnssec)>) -> Result<Self, ZoneError> {
        let (mut signing, mut ds) = (BTreeMap::new(), BTreeMap::new());
        let root = ZoneKey::generate("")?;
        let anchor = root.dnskey.clone();
        signing.insert(String::new(), root);
        for (apex, dnssec) in zones.filter(|(apex, dnssec)| !apex.is_empty() && dnssec.has_ds()) {
            let key = ZoneKey::generate(apex)?;
            if dnssec == Dnssec::DsMismatch {
                ds.insert(apex.clone(), ZoneKey::generate(apex)?.ds()?);
            } else {
                ds.insert(apex.clone(), key.ds()?);
            }
            if dnssec.has_signatures() {
                signing.insert(apex.clone(), key);
            }
        }
        Ok(Self {
            root: anchor,
            signing,
            ds,
        })
    }
}

/// Signed two weeks ago for a month, or never again since then.
fn validity(dnssec: Dnssec, now: u32) -> Validity {
    let day = 24 * 3600;
    let (inception, expiration) = match dnssec {
        Dnssec::SignatureExpired => (now.saturating_sub(35 * day), now.saturating_sub(5 * day)),
        _ => (now.saturating_sub(14 * day), now.saturating_add(16 * day)),
    };
    Validity {
        inception,
        expiration,
    }
}

/// The labels of an address in a reverse zone or in a block list (RFC 1035 section 3.5, RFC
/// 3596 section 2.5, RFC 5782).
pub(super) fn reversed(address: IpAddr) -> String {
    let labels: Vec<String> = match address {
        IpAddr::V4(address) => address.octets().iter().rev().map(u8::to_string).collect(),
        IpAddr::V6(address) => {
            let octets = address.octets();
            let nibbles = octets
                .iter()
                .rev()
                .flat_map(|octet| [octet & 15, octet >> 4]);
            nibbles.map(|nibble| format!("{nibble:x}")).collect()
        }
    };
    labels.join(".")
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
