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

/// TEMP
pub mod id {
    use super::FindingId;
    pub const LOCAL_OFFLINE: FindingId = FindingId("local.offline");
    pub const LOCAL_RESOLVER_FAILED: FindingId = FindingId("local.resolver-failed");
    pub const LOCAL_RESOLVER_STALE: FindingId = FindingId("local.resolver-stale");
    pub const LOCAL_PORT25_BLOCKED: FindingId = FindingId("local.port25-blocked");
    pub const REGISTRY_NOT_REGISTERED: FindingId = FindingId("registry.not-registered");
    pub const REGISTRY_EXPIRED: FindingId = FindingId("registry.expired");
    pub const REGISTRY_EXPIRING_SOON: FindingId = FindingId("registry.expiring-soon");
    pub const REGISTRY_ON_HOLD: FindingId = FindingId("registry.on-hold");
    pub const REGISTRY_NAMESERVERS_DIFFER: FindingId = FindingId("registry.nameservers-differ");
    pub const REGISTRY_CHANGED_RECENTLY: FindingId = FindingId("registry.changed-recently");
    pub const REGISTRY_UNAVAILABLE: FindingId = FindingId("registry.unavailable");
    pub const NS_NOT_DELEGATED: FindingId = FindingId("ns.not-delegated");
    pub const NS_UNRESOLVABLE: FindingId = FindingId("ns.unresolvable");
    pub const NS_UNREACHABLE: FindingId = FindingId("ns.unreachable");
    pub const NS_LAME: FindingId = FindingId("ns.lame");
    pub const NS_NO_TCP: FindingId = FindingId("ns.no-tcp");
    pub const NS_PARENT_CHILD_MISMATCH: FindingId = FindingId("ns.parent-child-mismatch");
    pub const NS_GLUE_MISMATCH: FindingId = FindingId("ns.glue-mismatch");
    pub const NS_SERIAL_MISMATCH: FindingId = FindingId("ns.serial-mismatch");
    pub const NS_IS_CNAME: FindingId = FindingId("ns.is-cname");
    pub const NS_SINGLE: FindingId = FindingId("ns.single");
    pub const NS_DNSSEC_BOGUS: FindingId = FindingId("ns.dnssec-bogus");
    pub const MX_LOOKUP_FAILED: FindingId = FindingId("mx.lookup-failed");
    pub const MX_NO_MAIL_HOST: FindingId = FindingId("mx.no-mail-host");
    pub const MX_IMPLICIT: FindingId = FindingId("mx.implicit");
    pub const MX_NULL: FindingId = FindingId("mx.null");
    pub const MX_NULL_NOT_ALONE: FindingId = FindingId("mx.null-not-alone");
    pub const MX_UNRESOLVABLE: FindingId = FindingId("mx.unresolvable");
    pub const MX_IS_CNAME: FindingId = FindingId("mx.is-cname");
    pub const MX_IS_ADDRESS: FindingId = FindingId("mx.is-address");
    pub const MX_PRIVATE_ADDRESS: FindingId = FindingId("mx.private-address");
    pub const MX_INCONSISTENT: FindingId = FindingId("mx.inconsistent");
    pub const SMTP_PORT_FILTERED: FindingId = FindingId("smtp.port-filtered");
    pub const SMTP_PORT_CLOSED: FindingId = FindingId("smtp.port-closed");
    pub const SMTP_UNREACHABLE: FindingId = FindingId("smtp.unreachable");
    pub const SMTP_NO_BANNER: FindingId = FindingId("smtp.no-banner");
    pub const SMTP_SLOW_BANNER: FindingId = FindingId("smtp.slow-banner");
    pub const SMTP_BANNER_TEMPORARY: FindingId = FindingId("smtp.banner-temporary");
    pub const SMTP_BANNER_REJECTED: FindingId = FindingId("smtp.banner-rejected");
    pub const SMTP_CLOSED_EARLY: FindingId = FindingId("smtp.closed-early");
    pub const SMTP_NOT_SMTP: FindingId = FindingId("smtp.not-smtp");
    pub const SMTP_MALFORMED_REPLY: FindingId = FindingId("smtp.malformed-reply");
    pub const SMTP_EHLO_REJECTED: FindingId = FindingId("smtp.ehlo-rejected");
    pub const SMTP_HELO_REJECTED: FindingId = FindingId("smtp.helo-rejected");
    pub const SMTP_INTERCEPTED: FindingId = FindingId("smtp.intercepted");
    pub const SMTP_SOME_HOSTS_DOWN: FindingId = FindingId("smtp.some-hosts-down");
    pub const TLS_NOT_OFFERED: FindingId = FindingId("tls.not-offered");
    pub const TLS_HANDSHAKE_FAILED: FindingId = FindingId("tls.handshake-failed");
    pub const TLS_EXPIRED: FindingId = FindingId("tls.expired");
    pub const TLS_EXPIRING_SOON: FindingId = FindingId("tls.expiring-soon");
    pub const TLS_NAME_MISMATCH: FindingId = FindingId("tls.name-mismatch");
    pub const TLS_UNTRUSTED: FindingId = FindingId("tls.untrusted");
    pub const TLS_OBSOLETE_PROTOCOL: FindingId = FindingId("tls.obsolete-protocol");
    pub const TLS_PLAINTEXT_INJECTION: FindingId = FindingId("tls.plaintext-injection");
    pub const RCPT_USER_UNKNOWN: FindingId = FindingId("rcpt.user-unknown");
    pub const RCPT_MAILBOX_DISABLED: FindingId = FindingId("rcpt.mailbox-disabled");
    pub const RCPT_MAILBOX_FULL: FindingId = FindingId("rcpt.mailbox-full");
    pub const RCPT_GREYLISTED: FindingId = FindingId("rcpt.greylisted");
    pub const RCPT_RATE_LIMITED: FindingId = FindingId("rcpt.rate-limited");
    pub const RCPT_SYSTEM_TROUBLE: FindingId = FindingId("rcpt.system-trouble");
    pub const RCPT_RELAY_DENIED: FindingId = FindingId("rcpt.relay-denied");
    pub const RCPT_OPEN_RELAY: FindingId = FindingId("rcpt.open-relay");
    pub const RCPT_AUTH_REQUIRED: FindingId = FindingId("rcpt.auth-required");
    pub const RCPT_TLS_REQUIRED: FindingId = FindingId("rcpt.tls-required");
    pub const RCPT_CLIENT_BLOCKED: FindingId = FindingId("rcpt.client-blocked");
    pub const RCPT_CLIENT_NO_PTR: FindingId = FindingId("rcpt.client-no-ptr");
    pub const RCPT_SENDER_REJECTED: FindingId = FindingId("rcpt.sender-rejected");
    pub const RCPT_AUTHENTICATION_FAILED: FindingId = FindingId("rcpt.authentication-failed");
    pub const RCPT_MESSAGE_TOO_BIG: FindingId = FindingId("rcpt.message-too-big");
    pub const RCPT_CONTENT_REJECTED: FindingId = FindingId("rcpt.content-rejected");
    pub const RCPT_POSTMASTER_REJECTED: FindingId = FindingId("rcpt.postmaster-rejected");
    pub const SPF_MISSING: FindingId = FindingId("spf.missing");
    pub const SPF_MULTIPLE: FindingId = FindingId("spf.multiple");
    pub const SPF_SYNTAX: FindingId = FindingId("spf.syntax");
    pub const SPF_TOO_MANY_LOOKUPS: FindingId = FindingId("spf.too-many-lookups");
    pub const SPF_PASS_ALL: FindingId = FindingId("spf.pass-all");
    pub const SPF_UNAUTHORIZED: FindingId = FindingId("spf.unauthorized");
    pub const DKIM_MISSING: FindingId = FindingId("dkim.missing");
    pub const DKIM_SYNTAX: FindingId = FindingId("dkim.syntax");
    pub const DKIM_WEAK_KEY: FindingId = FindingId("dkim.weak-key");
    pub const DMARC_MISSING: FindingId = FindingId("dmarc.missing");
    pub const DMARC_MULTIPLE: FindingId = FindingId("dmarc.multiple");
    pub const DMARC_SYNTAX: FindingId = FindingId("dmarc.syntax");
    pub const MTA_STS_SYNTAX: FindingId = FindingId("mta-sts.syntax");
    pub const MTA_STS_UNREACHABLE: FindingId = FindingId("mta-sts.unreachable");
    pub const MTA_STS_MX_NOT_LISTED: FindingId = FindingId("mta-sts.mx-not-listed");
    pub const DANE_MISMATCH: FindingId = FindingId("dane.mismatch");
    pub const PTR_MISSING: FindingId = FindingId("ptr.missing");
    pub const PTR_NOT_CONFIRMED: FindingId = FindingId("ptr.not-confirmed");
    pub const DNSBL_LISTED: FindingId = FindingId("dnsbl.listed");
    pub const SUBMISSION_UNREACHABLE: FindingId = FindingId("submission.unreachable");
    pub const SUBMISSION_NO_AUTH: FindingId = FindingId("submission.no-auth");
    pub const SUBMISSION_CREDENTIALS: FindingId = FindingId("submission.credentials");
    pub const CLIENT_SETTINGS: FindingId = FindingId("client.settings");
    pub const CLIENT_ANTIVIRUS: FindingId = FindingId("client.antivirus");
    pub const CLIENT_FIREWALL: FindingId = FindingId("client.firewall");
    pub const ACCOUNT_SINGLE_MAILBOX: FindingId = FindingId("account.single-mailbox");
    pub const ACCOUNT_COMPROMISED: FindingId = FindingId("account.compromised");
    pub const WEBMAIL_UNREACHABLE: FindingId = FindingId("webmail.unreachable");
}
