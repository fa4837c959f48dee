//! SPF records (RFC 7208).

use super::Problem;
use mail_auth::common::parse::TxtRecordParser as _;
use mail_auth::spf::{Macro, Mechanism, Qualifier, Spf};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// Look-ups that one evaluation may cause (RFC 7208 section 4.6.4).
pub const MAX_LOOKUPS: usize = 10;
/// Look-ups without an answer that it may cause.
pub const MAX_VOID: usize = 2;
/// Mail hosts that one `mx` may stand for.
pub const MAX_MX: usize = 10;

const MECHANISMS: [&str; 8] = ["all", "include", "a", "mx", "ptr", "ip4", "ip6", "exists"];

/// A record whose every term could be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Record {
    pub text: String,
    pub terms: Vec<Term>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Term {
    /// As it stands in the record.
    pub text: String,
    pub kind: Kind,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Kind {
    Mechanism(Qualifier, Mechanism),
    Redirect(Macro),
    /// `exp=` and modifiers that nobody knows, which are ignored (section 6).
    Modifier,
}

impl Term {
    /// Whether it counts against the ten look-ups.
    pub fn looks_up(&self) -> bool {
        match &self.kind {
            Kind::Mechanism(_, mechanism) => !matches!(
                mechanism,
                Mechanism::All | Mechanism::Ip4 { .. } | Mechanism::Ip6 { .. }
            ),
            Kind::Redirect(_) => true,
            Kind::Modifier => false,
        }
    }
}

impl Record {
    /// How the record ends: the qualifier of `all`.
    pub fn all(&self) -> Option<&Qualifier> {
        self.terms.iter().find_map(|term| match &term.kind {
            Kind::Mechanism(qualifier, Mechanism::All) => Some(qualifier),
            _ => None,
        })
    }

    /// `redirect=`, which counts only where there is no `all` (section 6.1).
    pub fn redirect(&self) -> Option<&Macro> {
        if self.all().is_some() {
            return None;
        }
        self.terms.iter().find_map(|term| match &term.kind {
            Kind::Redirect(target) => Some(target),
            _ => None,
        })
    }
}

/// Whether a TXT record is an SPF record at all (section 4.5).
pub fn is_spf(text: &str) -> bool {
    let Some((version, rest)) = text.split_at_checked(6) else {
        return false;
    };
    version.eq_ignore_ascii_case("v=spf1") && (rest.is_empty() || rest.starts_with(' '))
}

/// Whether a TXT record was meant to be one, and is none to any receiver.
pub fn was_meant_to_be_spf(text: &str) -> bool {
    let bare: String = text
        .chars()
        .filter(|c| c.is_ascii_alphanumeric() || *c == '=')
        .take(8)
        .collect::<String>()
        .to_ascii_lowercase();
    !is_spf(text)
        && (bare.starts_with("v=spf") || bare.starts_with("spf1") || bare.starts_with("vspf"))
        && !text.to_ascii_lowercase().starts_with("spf2.0")
}

/// Reads a record. The error names the first term that is wrong and gives the corrected whole.
pub fn parse(text: &str) -> Result<Record, Problem> {
    let mut terms: Vec<Term> = Vec::new();
    let mut wrong: Option<String> = None;
    let mut corrected: Vec<String> = vec!["v=spf1".to_owned()];
    let mut redirects = 0;
    for word in text.split_ascii_whitespace().skip(1) {
        match term(word) {
            Ok(kind) => {
                if matches!(kind, Kind::Redirect(_)) {
                    redirects += 1;
                }
                if redirects > 1 && matches!(kind, Kind::Redirect(_)) {
                    wrong.get_or_insert_with(|| "`redirect=` stands there twice".to_owned());
                    continue;
                }
                corrected.push(word.to_owned());
                terms.push(Term {
                    text: word.to_owned(),
                    kind,
                });
            }
            Err(what) => {
                wrong.get_or_insert(what);
                corrected.extend(meant(word));
            }
        }
    }
    match wrong {
        None => Ok(Record {
            text: text.to_owned(),
            terms,
        }),
        Some(what) => Err(Problem {
            what,
            corrected: Some(corrected.join(" ")),
        }),
    }
}

/// The name of a term, without its qualifier, and what separates it from its argument.
fn name(word: &str) -> (&str, Option<char>) {
    let word = word.trim_start_matches(['+', '-', '~', '?']);
    match word.find([':', '=', '/']) {
        Some(end) => (
            word.get(..end).unwrap_or(word),
            word.get(end..).and_then(|rest| rest.chars().next()),
        ),
        None => (word, None),
    }
}

fn term(word: &str) -> Result<Kind, String> {
    let (name, separator) = name(word);
    let known = MECHANISMS
        .iter()
        .any(|known| known.eq_ignore_ascii_case(name));
    let is_modifier = separator == Some('=');
    if !known && !is_modifier {
        return Err(format!("`{word}` is no mechanism of SPF"));
    }
    if known && is_modifier {
        return Err(format!("`{word}` has `=` where `:` belongs"));
    }
    if is_modifier && !is_modifier_name(name) {
        return Err(format!("`{word}` is no modifier of SPF"));
    }
    if known && !is_literal_network(name, separator, word) {
        return Err(format!("`{word}` holds no address or network"));
    }
    let record = Spf::parse(format!("v=spf1 {word}").as_bytes())
        .map_err(|_| format!("`{word}` cannot be read"))?;
    if let Some(redirect) = record.redirect {
        return Ok(Kind::Redirect(redirect));
    }
    match record.directives.into_vec().pop() {
        Some(directive) => Ok(Kind::Mechanism(directive.qualifier, directive.mechanism)),
        None if known => Err(format!("`{word}` cannot be read")),
        None => Ok(Kind::Modifier),
    }
}

/// Whether the argument of `ip4` and `ip6` is what it has to be; the library rounds it.
fn is_literal_network(name: &str, separator: Option<char>, word: &str) -> bool {
    let most = match name.to_ascii_lowercase().as_str() {
        "ip4" => 32,
        "ip6" => 128,
        _ => return true,
    };
    if separator != Some(':') {
        return false;
    }
    let Some((_, network)) = word.split_once(':') else {
        return false;
    };
    let (address, length) = match network.split_once('/') {
        Some((address, length)) => (address, Some(length)),
        None => (network, None),
    };
    let of_family = match most {
        32 => address.parse::<Ipv4Addr>().is_ok(),
        _ => address.parse::<Ipv6Addr>().is_ok(),
    };
    of_family && length.is_none_or(|length| length.parse::<u8>().is_ok_and(|bits| bits <= most))
}

fn is_modifier_name(name: &str) -> bool {
    name.starts_with(|c: char| c.is_ascii_alphabetic())
        && name
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.'))
}

/// What a wrong term was probably meant to be; nothing where that cannot be told.
fn meant(word: &str) -> Option<String> {
    let bare = word.trim_start_matches(['+', '-', '~', '?']);
    let qualifier = word.strip_suffix(bare).unwrap_or_default();
    let by_address = |text: &str| {
        let address = text.split('/').next()?.parse::<IpAddr>().ok()?;
        let kind = if address.is_ipv4() { "ip4" } else { "ip6" };
        Some(format!("{qualifier}{kind}:{text}"))
    };
    let readable = |candidate: String| term(&candidate).is_ok().then_some(candidate);
    if let Some(found) = by_address(bare) {
        return readable(found);
    }
    let (name, separator) = name(word);
    let argument = separator.and_then(|separator| Some(bare.split_once(separator)?.1));
    if let Some(found) = argument.and_then(by_address) {
        return readable(found);
    }
    let nearest = MECHANISMS
        .into_iter()
        .chain(["redirect"])
        .map(|known| {
            let likeness = strsim::jaro_winkler(known, &name.to_ascii_lowercase());
            (likeness, known)
        })
        .max_by(|(a, _), (b, _)| a.total_cmp(b))
        .filter(|(likeness, _)| *likeness > 0.8)?
        .1;
    let separator = match (nearest, separator) {
        ("redirect", _) => "=",
        (_, Some('/')) => "/",
        _ => ":",
    };
    readable(match argument {
        Some(argument) => format!("{qualifier}{nearest}{separator}{argument}"),
        None => format!("{qualifier}{nearest}"),
    })
}

/// Several records as the one that says the same: all terms once, and of the ends the least
/// strict, so that nothing is refused that one of them allowed.
pub fn merged<'a>(records: impl IntoIterator<Item = &'a str>) -> String {
    let mut terms: Vec<String> = Vec::new();
    let mut end = None;
    for word in records
        .into_iter()
        .flat_map(|record| record.split_ascii_whitespace().skip(1))
    {
        let place = ["-all", "~all", "?all"]
            .iter()
            .position(|all| all.eq_ignore_ascii_case(word));
        match place {
            Some(place) => end = end.max(Some(place)),
            None if !terms.iter().any(|term| term == word) => terms.push(word.to_owned()),
            None => {}
        }
    }
    let end = ["-all", "~all", "?all"][end.unwrap_or(1)];
    terms.insert(0, "v=spf1".to_owned());
    // `redirect=` would never be reached beside `all`.
    if terms.iter().any(|term| term.starts_with("redirect=")) {
        for term in &mut terms {
            if let Some(target) = term.strip_prefix("redirect=") {
                *term = format!("include:{target}");
            }
        }
    }
    terms.push(end.to_owned());
    terms.join(" ")
}

/// The record with this address allowed as well.
pub fn allowing(record: &str, address: IpAddr) -> String {
    let kind = match address {
        IpAddr::V4(_) => "ip4",
        IpAddr::V6(_) => "ip6",
    };
    let term = format!("{kind}:{address}");
    let mut words: Vec<&str> = record.split_ascii_whitespace().collect();
    let is_end = |word: &&str| {
        let (name, _) = name(word);
        name.eq_ignore_ascii_case("all") || name.eq_ignore_ascii_case("redirect")
    };
    let place = words.iter().position(is_end).unwrap_or(words.len());
    words.insert(place, &term);
    words.join(" ")
}

/// Whether an address lies in the network of an `ip4` or `ip6`, or is one of the addresses of
/// an `a` or `mx`, masks applied.
pub fn in_network(address: IpAddr, network: IpAddr, mask4: u32, mask6: u128) -> bool {
    match (address, network) {
        (IpAddr::V4(address), IpAddr::V4(network)) => {
            Ipv4Addr::to_bits(address) & mask4 == Ipv4Addr::to_bits(network) & mask4
        }
        (IpAddr::V6(address), IpAddr::V6(network)) => {
            Ipv6Addr::to_bits(address) & mask6 == Ipv6Addr::to_bits(network) & mask6
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tells_spf_records_from_others() {
        for text in ["v=spf1", "v=spf1 -all", "V=SPF1 mx -all"] {
            assert!(is_spf(text) && !was_meant_to_be_spf(text), "{text}");
        }
        for text in [
            "v=spf1;mx",
            "v=spf10 -all",
            "v=spf -all",
            "\"v=spf1 mx\"",
            "spf1 mx",
        ] {
            assert!(!is_spf(text) && was_meant_to_be_spf(text), "{text}");
        }
        for text in [
            "spf2.0/pra -all",
            "google-site-verification=1",
            "",
            "v=DMARC1",
        ] {
            assert!(!is_spf(text) && !was_meant_to_be_spf(text), "{text}");
        }
    }

    #[test]
    fn reads_every_kind_of_term() {
        let text = "v=spf1 +a/24 mx:example.org//64 ip4:192.0.2.0/24 ip6:2001:db8::/32 \
                    include:_spf.example.net exists:%{i}._s.example.org ptr ?all x=y";
        let record = parse(text).unwrap();
        assert_eq!(record.terms.len(), 9);
        assert_eq!(record.all(), Some(&Qualifier::Neutral));
        let lookups = record.terms.iter().filter(|term| term.looks_up()).count();
        assert_eq!(lookups, 5);
        assert!(record.redirect().is_none());
        let redirect = parse("v=spf1 redirect=_spf.example.org").unwrap();
        assert!(redirect.redirect().is_some());
    }

    #[test]
    fn names_the_wrong_term_and_corrects_it() {
        for (wrong, corrected) in [
            ("v=spf1 ipv4:192.0.2.1 -all", "v=spf1 ip4:192.0.2.1 -all"),
            ("v=spf1 ip:192.0.2.1 -all", "v=spf1 ip4:192.0.2.1 -all"),
            ("v=spf1 192.0.2.1 ~all", "v=spf1 ip4:192.0.2.1 ~all"),
            ("v=spf1 ip4:2001:db8::1 -all", "v=spf1 ip6:2001:db8::1 -all"),
            ("v=spf1 mx -al", "v=spf1 mx -all"),
            (
                "v=spf1 includes:_spf.example.org -all",
                "v=spf1 include:_spf.example.org -all",
            ),
            (
                "v=spf1 include=_spf.example.org -all",
                "v=spf1 include:_spf.example.org -all",
            ),
            (
                "v=spf1 redirect:_spf.example.org",
                "v=spf1 redirect=_spf.example.org",
            ),
            ("v=spf1 ip4:300.1.2.3 mx -all", "v=spf1 mx -all"),
            ("v=spf1 ip4:192.0.2.0/33 mx -all", "v=spf1 mx -all"),
            ("v=spf1 mx include: -all", "v=spf1 mx -all"),
            ("v=spf1 mx all;", "v=spf1 mx all"),
        ] {
            let problem = parse(wrong).unwrap_err();
            assert_eq!(
                problem.corrected.as_deref(),
                Some(corrected),
                "{wrong}: {problem}"
            );
        }
    }

    #[test]
    fn merges_and_extends_records() {
        assert_eq!(
            merged(["v=spf1 mx -all", "v=spf1 include:_spf.google.com mx ~all"]),
            "v=spf1 mx include:_spf.google.com ~all"
        );
        assert_eq!(
            merged(["v=spf1 redirect=_spf.example.org", "v=spf1 mx -all"]),
            "v=spf1 include:_spf.example.org mx -all"
        );
        let address = "192.0.2.7".parse().unwrap();
        assert_eq!(
            allowing("v=spf1 mx -all", address),
            "v=spf1 mx ip4:192.0.2.7 -all"
        );
        assert_eq!(
            allowing("v=spf1 redirect=x.example", address),
            "v=spf1 ip4:192.0.2.7 redirect=x.example"
        );
    }

    proptest::proptest! {
        #[test]
        fn whatever_the_record_the_correction_can_be_read(words in "([-a-z0-9:=/.%{} ]{0,12} ){0,6}") {
            let text = format!("v=spf1 {words}");
            if let Err(problem) = parse(&text) {
                let corrected = problem.corrected.unwrap();
                proptest::prop_assert!(parse(&corrected).is_ok(), "{text} -> {corrected}");
            }
        }
    }
}
