//! What a server certificate says of itself, each fact judged apart from the others: the
//! verifier stops at the first thing that is wrong.

mod reason;

pub(super) use reason::reason;

use super::tls::Observed;
use crate::case::ChainCertificate;
use crate::text::SafeText;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use jiff::{SignedDuration, Timestamp};
use rustls::client::verify_server_name;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::server::ParsedCertificate;
use std::time::Duration;
use x509_parser::extensions::GeneralName;
use x509_parser::prelude::{FromDer as _, X509Certificate};
use x509_parser::public_key::PublicKey;

/// Names of a certificate that are kept; a shared one can hold hundreds.
const MOST_NAMES: usize = 100;

/// The server's own certificate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Certificate {
    pub subject: SafeText,
    pub issuer: SafeText,
    /// DNS names and addresses that it is for.
    pub names: Vec<SafeText>,
    pub not_before: Timestamp,
    pub not_after: Timestamp,
    /// Whether it is for the name that was asked for (RFC 9525).
    pub fits: bool,
    /// Why no trusted authority stands behind it, its dates and names left aside.
    pub untrusted: Option<SafeText>,
    /// When it was shown.
    pub seen_at: Timestamp,
}

impl Certificate {
    /// Of what a handshake with `name` has shown; none where there is nothing readable.
    pub fn of(observed: &Observed, name: &str, seen_at: Timestamp) -> Option<Self> {
        let der = observed.chain.first()?;
        let (_, certificate) = X509Certificate::from_der(der).ok()?;
        let (not_before, not_after) = validity(&certificate)?;
        Some(Self {
            subject: certificate.subject().to_string().into(),
            issuer: certificate.issuer().to_string().into(),
            names: names(&certificate),
            not_before,
            not_after,
            fits: fits(der, name),
            untrusted: observed.untrusted().map(|error| reason(&error).into()),
            seen_at,
        })
    }

    /// Until it ends; negative when that is past.
    pub fn left(&self) -> SignedDuration {
        self.not_after.duration_since(self.seen_at)
    }
}

/// A certificate of a chain, for the reader; one that cannot be read says so.
pub(super) fn of_chain(der: &CertificateDer<'_>) -> ChainCertificate {
    let digest = ring::digest::digest(&ring::digest::SHA256, der);
    let octets: Vec<String> = digest
        .as_ref()
        .iter()
        .map(|octet| format!("{octet:02X}"))
        .collect();
    let kept = ChainCertificate {
        sha256: octets.join(":").into(),
        pem: pem(der),
        ..ChainCertificate::default()
    };
    let Ok((_, certificate)) = X509Certificate::from_der(der) else {
        return ChainCertificate {
            subject: "(cannot be read)".into(),
            ..kept
        };
    };
    let validity = validity(&certificate);
    ChainCertificate {
        subject: certificate.subject().to_string().into(),
        issuer: certificate.issuer().to_string().into(),
        names: names(&certificate),
        not_before: validity.map(|(from, _)| from),
        not_after: validity.map(|(_, until)| until),
        key: key(&certificate).into(),
        ..kept
    }
}

fn names(certificate: &X509Certificate<'_>) -> Vec<SafeText> {
    let extension = certificate.subject_alternative_name().ok().flatten();
    let names = extension.map(|extension| &extension.value.general_names);
    let names = names.into_iter().flatten().take(MOST_NAMES);
    names.filter_map(shown).collect()
}

fn key(certificate: &X509Certificate<'_>) -> String {
    let key = certificate.public_key();
    match key.parsed() {
        Ok(PublicKey::RSA(rsa)) => format!("RSA {} bits", rsa.key_size()),
        Ok(PublicKey::EC(point)) => format!("EC {} bits", point.key_size()),
        _ => format!("of algorithm {}", key.algorithm.algorithm),
    }
}

/// RFC 7468: lines of 64 characters.
fn pem(der: &[u8]) -> Vec<SafeText> {
    let mut lines = vec!["-----BEGIN CERTIFICATE-----".into()];
    // 48 octets are 64 characters.
    lines.extend(der.chunks(48).map(|part| STANDARD.encode(part).into()));
    lines.push("-----END CERTIFICATE-----".into());
    lines
}

fn validity(certificate: &X509Certificate<'_>) -> Option<(Timestamp, Timestamp)> {
    let validity = certificate.validity();
    let at = |seconds| Timestamp::from_second(seconds).ok();
    Some((
        at(validity.not_before.timestamp())?,
        at(validity.not_after.timestamp())?,
    ))
}

/// From when and until when the certificate is valid; none where it cannot be read.
pub(super) fn dates(der: &CertificateDer<'_>) -> Option<(UnixTime, UnixTime)> {
    let (_, certificate) = X509Certificate::from_der(der).ok()?;
    let at = |seconds: i64| {
        UnixTime::since_unix_epoch(Duration::from_secs(
            u64::try_from(seconds).unwrap_or_default(),
        ))
    };
    let validity = certificate.validity();
    Some((
        at(validity.not_before.timestamp()),
        at(validity.not_after.timestamp()),
    ))
}

/// A moment within the dates of the certificate, as near to `now` as there is one.
pub(super) fn valid_moment(der: &CertificateDer<'_>, now: UnixTime) -> UnixTime {
    dates(der).map_or(now, |(first, last)| now.min(last).max(first.min(last)))
}

fn shown(name: &GeneralName<'_>) -> Option<SafeText> {
    match name {
        GeneralName::DNSName(name) => Some((*name).into()),
        GeneralName::IPAddress(bytes) => match bytes.len() {
            4 => <[u8; 4]>::try_from(*bytes)
                .ok()
                .map(|bytes| std::net::Ipv4Addr::from(bytes).to_string().into()),
            16 => <[u8; 16]>::try_from(*bytes)
                .ok()
                .map(|bytes| std::net::Ipv6Addr::from(bytes).to_string().into()),
            _ => None,
        },
        _ => None,
    }
}

fn fits(der: &CertificateDer<'_>, name: &str) -> bool {
    let name = name.strip_suffix('.').unwrap_or(name);
    let Ok(name) = ServerName::try_from(name) else {
        return false;
    };
    ParsedCertificate::try_from(der)
        .is_ok_and(|certificate| verify_server_name(&certificate, &name).is_ok())
}
