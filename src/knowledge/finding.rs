//! The catalogue of what can be concluded: ids, severities and sentences.

use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fmt;
use std::sync::LazyLock;

/// An id of `assets/findings.yaml`, such as `ns.lame`. Only ids of the catalogue exist.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FindingId(&'static str);

/// How bad it is; the order is by weight.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// Worth mending; mail flows today.
    Notice,
    /// Mail is failing for some, or will soon.
    Warning,
    /// Mail is failing now, for everyone or for a whole class of senders.
    Error,
}

/// What the catalogue says of one finding. The sentences hold `{places}` that the check fills.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Entry {
    pub severity: Severity,
    pub means: String,
    /// One sentence a customer understands.
    pub summary: String,
    /// What to change, where.
    pub fix: String,
    /// The command that shows the same by hand.
    pub reproduce: String,
    /// Where other words are needed at a submission port.
    #[serde(default)]
    pub submission: Wording,
}

/// Sentences that stand in for those of an [`Entry`].
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Wording {
    pub summary: Option<String>,
    pub fix: Option<String>,
}

/// What a port of a mail host is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Service {
    /// Mail from other servers (port 25).
    Transfer,
    /// Mail from people's mail programs (RFC 6409).
    Submission,
}

impl Entry {
    pub fn summary(&self, service: Service) -> &str {
        match &self.submission.summary {
            Some(own) if service == Service::Submission => own,
            _ => &self.summary,
        }
    }

    pub fn fix(&self, service: Service) -> &str {
        match &self.submission.fix {
            Some(own) if service == Service::Submission => own,
            _ => &self.fix,
        }
    }
}

static CATALOGUE: LazyLock<BTreeMap<String, Entry>> = LazyLock::new(|| {
    serde_yaml::from_str(include_str!("../../assets/findings.yaml"))
        .expect("assets/findings.yaml is checked by a test")
});

impl FindingId {
    /// The id that is written `text`, if the catalogue has it.
    pub fn find(text: &str) -> Option<Self> {
        CATALOGUE.get_key_value(text).map(|(id, _)| Self(id))
    }

    pub fn as_str(self) -> &'static str {
        self.0
    }

    pub fn entry(self) -> &'static Entry {
        &CATALOGUE[self.0]
    }

    pub fn all() -> impl Iterator<Item = Self> {
        CATALOGUE.keys().map(|id| Self(id))
    }
}

impl fmt::Display for FindingId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.0)
    }
}

impl fmt::Debug for FindingId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

impl Serialize for FindingId {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.0)
    }
}

impl<'de> Deserialize<'de> for FindingId {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Self::find(&text).ok_or_else(|| serde::de::Error::custom(format!("`{text}` is no finding")))
    }
}

/// The places that sentences may hold.
pub const PLACES: [&str; 15] = [
    "subject", "domain", "host", "address", "port", "what", "expected", "resolver", "seconds",
    "until", "date", "from", "to", "record", "selector",
];

macro_rules! ids {
    ($($name:ident = $text:literal,)*) => {
        /// The ids as constants; a test holds them equal to the catalogue.
        pub mod id {
            use super::FindingId;
            $(pub const $name: FindingId = FindingId($text);)*
            #[cfg(test)]
            pub(super) const ALL: &[FindingId] = &[$($name,)*];
        }
    };
}

ids! {
    LOCAL_OFFLINE = "local.offline",
    LOCAL_RESOLVER_FAILED = "local.resolver-failed",
    LOCAL_RESOLVER_STALE = "local.resolver-stale",
    LOCAL_PORT25_BLOCKED = "local.port25-blocked",
    REGISTRY_NOT_REGISTERED = "registry.not-registered",
    REGISTRY_EXPIRED = "registry.expired",
    REGISTRY_EXPIRING_SOON = "registry.expiring-soon",
    REGISTRY_ON_HOLD = "registry.on-hold",
    REGISTRY_NAMESERVERS_DIFFER = "registry.nameservers-differ",
    REGISTRY_CHANGED_RECENTLY = "registry.changed-recently",
    REGISTRY_UNAVAILABLE = "registry.unavailable",
    NS_NOT_DELEGATED = "ns.not-delegated",
    NS_UNRESOLVABLE = "ns.unresolvable",
    NS_UNREACHABLE = "ns.unreachable",
    NS_LAME = "ns.lame",
    NS_NO_TCP = "ns.no-tcp",
    NS_PARENT_CHILD_MISMATCH = "ns.parent-child-mismatch",
    NS_GLUE_MISMATCH = "ns.glue-mismatch",
    NS_SERIAL_MISMATCH = "ns.serial-mismatch",
    NS_IS_CNAME = "ns.is-cname",
    NS_SINGLE = "ns.single",
    NS_DNSSEC_BOGUS = "ns.dnssec-bogus",
    MX_LOOKUP_FAILED = "mx.lookup-failed",
    MX_NO_MAIL_HOST = "mx.no-mail-host",
    MX_IMPLICIT = "mx.implicit",
    MX_NULL = "mx.null",
    MX_NULL_NOT_ALONE = "mx.null-not-alone",
    MX_UNRESOLVABLE = "mx.unresolvable",
    MX_IS_CNAME = "mx.is-cname",
    MX_IS_ADDRESS = "mx.is-address",
    MX_PRIVATE_ADDRESS = "mx.private-address",
    MX_INCONSISTENT = "mx.inconsistent",
    SMTP_PORT_FILTERED = "smtp.port-filtered",
    SMTP_PORT_CLOSED = "smtp.port-closed",
    SMTP_UNREACHABLE = "smtp.unreachable",
    SMTP_NO_BANNER = "smtp.no-banner",
    SMTP_SLOW_BANNER = "smtp.slow-banner",
    SMTP_BANNER_TEMPORARY = "smtp.banner-temporary",
    SMTP_BANNER_REJECTED = "smtp.banner-rejected",
    SMTP_CLOSED_EARLY = "smtp.closed-early",
    SMTP_NO_REPLY = "smtp.no-reply",
    SMTP_NOT_SMTP = "smtp.not-smtp",
    SMTP_MALFORMED_REPLY = "smtp.malformed-reply",
    SMTP_EHLO_REJECTED = "smtp.ehlo-rejected",
    SMTP_HELO_REJECTED = "smtp.helo-rejected",
    SMTP_INTERCEPTED = "smtp.intercepted",
    SMTP_SOME_HOSTS_DOWN = "smtp.some-hosts-down",
    TLS_NOT_OFFERED = "tls.not-offered",
    TLS_HANDSHAKE_FAILED = "tls.handshake-failed",
    TLS_EXPIRED = "tls.expired",
    TLS_EXPIRING_SOON = "tls.expiring-soon",
    TLS_NAME_MISMATCH = "tls.name-mismatch",
    TLS_UNTRUSTED = "tls.untrusted",
    TLS_OBSOLETE_PROTOCOL = "tls.obsolete-protocol",
    TLS_PLAINTEXT_INJECTION = "tls.plaintext-injection",
    RCPT_USER_UNKNOWN = "rcpt.user-unknown",
    RCPT_MAILBOX_DISABLED = "rcpt.mailbox-disabled",
    RCPT_MAILBOX_FULL = "rcpt.mailbox-full",
    RCPT_GREYLISTED = "rcpt.greylisted",
    RCPT_RATE_LIMITED = "rcpt.rate-limited",
    RCPT_SYSTEM_TROUBLE = "rcpt.system-trouble",
    RCPT_RELAY_DENIED = "rcpt.relay-denied",
    RCPT_OPEN_RELAY = "rcpt.open-relay",
    RCPT_AUTH_REQUIRED = "rcpt.auth-required",
    RCPT_TLS_REQUIRED = "rcpt.tls-required",
    RCPT_CLIENT_BLOCKED = "rcpt.client-blocked",
    RCPT_CLIENT_NO_PTR = "rcpt.client-no-ptr",
    RCPT_SENDER_REJECTED = "rcpt.sender-rejected",
    RCPT_AUTHENTICATION_FAILED = "rcpt.authentication-failed",
    RCPT_MESSAGE_TOO_BIG = "rcpt.message-too-big",
    RCPT_CONTENT_REJECTED = "rcpt.content-rejected",
    RCPT_POSTMASTER_REJECTED = "rcpt.postmaster-rejected",
    SPF_MISSING = "spf.missing",
    SPF_MULTIPLE = "spf.multiple",
    SPF_SYNTAX = "spf.syntax",
    SPF_TOO_MANY_LOOKUPS = "spf.too-many-lookups",
    SPF_PASS_ALL = "spf.pass-all",
    SPF_UNAUTHORIZED = "spf.unauthorized",
    DKIM_MISSING = "dkim.missing",
    DKIM_SYNTAX = "dkim.syntax",
    DKIM_WEAK_KEY = "dkim.weak-key",
    DMARC_MISSING = "dmarc.missing",
    DMARC_MULTIPLE = "dmarc.multiple",
    DMARC_SYNTAX = "dmarc.syntax",
    DMARC_REPORTS_REFUSED = "dmarc.reports-refused",
    MTA_STS_SYNTAX = "mta-sts.syntax",
    MTA_STS_UNREACHABLE = "mta-sts.unreachable",
    MTA_STS_MX_NOT_LISTED = "mta-sts.mx-not-listed",
    DANE_MISMATCH = "dane.mismatch",
    PTR_MISSING = "ptr.missing",
    PTR_NOT_CONFIRMED = "ptr.not-confirmed",
    DNSBL_LISTED = "dnsbl.listed",
    SUBMISSION_UNREACHABLE = "submission.unreachable",
    SUBMISSION_NO_AUTH = "submission.no-auth",
    SUBMISSION_CREDENTIALS = "submission.credentials",
    SUBMISSION_LOGIN_UNAVAILABLE = "submission.login-unavailable",
    CLIENT_SETTINGS = "client.settings",
    CLIENT_ANTIVIRUS = "client.antivirus",
    CLIENT_FIREWALL = "client.firewall",
    ACCOUNT_SINGLE_MAILBOX = "account.single-mailbox",
    ACCOUNT_COMPROMISED = "account.compromised",
    WEBMAIL_UNREACHABLE = "webmail.unreachable",
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn the_constants_are_the_catalogue() {
        let constants: BTreeSet<_> = id::ALL.iter().copied().collect();
        assert_eq!(constants.len(), id::ALL.len());
        assert_eq!(constants, FindingId::all().collect());
    }

    #[test]
    fn every_sentence_is_there_and_holds_only_known_places() {
        for id in FindingId::all() {
            let entry = id.entry();
            let own = &entry.submission;
            let sentences = [
                (&entry.means, 300),
                (&entry.summary, 300),
                (&entry.fix, 600),
                (&entry.reproduce, 300),
            ];
            let elsewhere = [(&own.summary, 300), (&own.fix, 600)];
            let elsewhere = elsewhere
                .into_iter()
                .filter_map(|(sentence, most)| Some((sentence.as_ref()?, most)));
            for (sentence, most) in sentences.into_iter().chain(elsewhere) {
                assert!(
                    !sentence.trim().is_empty() && sentence.len() <= most,
                    "{id}: {sentence}"
                );
                for part in sentence.split('{').skip(1) {
                    let place = part.split('}').next().unwrap();
                    assert!(PLACES.contains(&place), "{id}: {{{place}}}");
                }
            }
        }
    }
}
