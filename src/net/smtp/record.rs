//! What a handshake showed, as the transcript keeps it and as a reader wants it.

use crate::case::{ChainCertificate, Tls};
use crate::net::certificate;
use crate::net::tls::{Observed, Terms};
use crate::text::SafeText;
use rustls::ProtocolVersion;

/// Certificates that get a line, names of one, and characters of a text; a hostile chain fills
/// 64 KiB with whatever it likes.
const MOST: usize = 10;
const MOST_NAMES: usize = 8;
const LONGEST: usize = 200;

pub(super) fn of(observed: &Observed, terms: &Terms, host: &str) -> Tls {
    Tls {
        protocol: observed
            .protocol
            .map(|protocol| protocol_words(protocol).into()),
        cipher: observed.cipher.map(|cipher| format!("{cipher:?}").into()),
        server_name: terms.sent_name(host).map(SafeText::from),
        verified: observed.verdict.is_ok(),
        why: observed.fault().map(SafeText::from),
        client_certificate_asked: observed.asked,
        certificates: observed
            .chain
            .iter()
            .map(|der| certificate::of_chain(der))
            .collect(),
    }
}

pub(super) fn protocol_words(protocol: ProtocolVersion) -> String {
    let text = format!("{protocol:?}");
    match text.strip_prefix("TLSv1_") {
        Some(minor) => format!("TLS 1.{minor}"),
        None => text,
    }
}

/// A line for each certificate, and what else the handshake asked.
pub(super) fn lines(tls: &Tls, shows_own: bool) -> Vec<SafeText> {
    let count = tls.certificates.len();
    let mut lines: Vec<SafeText> = (1..)
        .zip(tls.certificates.iter().take(MOST))
        .map(|(number, one)| format!("certificate {number} of {count}: {}", words(one)).into())
        .collect();
    if tls.client_certificate_asked {
        let answer = if shows_own {
            "it was shown"
        } else {
            "there is none to show"
        };
        lines.push(format!("the server asked for a client certificate; {answer}").into());
    }
    lines
}

fn words(certificate: &ChainCertificate) -> String {
    let mut parts = vec![
        short(&certificate.subject),
        format!("issued by {}", short(&certificate.issuer)),
    ];
    if !certificate.names.is_empty() {
        let names = certificate.names.iter().take(MOST_NAMES);
        let names: Vec<String> = names.map(short).collect();
        let more = certificate.names.len().saturating_sub(MOST_NAMES);
        let more = if more > 0 {
            format!(" and {more} more")
        } else {
            String::new()
        };
        parts.push(format!("for {}{more}", names.join(", ")));
    }
    if let (Some(from), Some(until)) = (certificate.not_before, certificate.not_after) {
        parts.push(format!(
            "valid {} to {}",
            from.strftime("%Y-%m-%d"),
            until.strftime("%Y-%m-%d")
        ));
    }
    parts.push(format!("key {}", certificate.key));
    parts.push(format!("SHA-256 {}", certificate.sha256));
    parts.join("; ")
}

fn short(text: &SafeText) -> String {
    let mut short: String = text.chars().take(LONGEST).collect();
    if short.len() < text.len() {
        short.push_str("...");
    }
    short
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hostile_certificate_is_one_short_safe_line() {
        let hostile = ChainCertificate {
            subject: format!("CN=\u{1b}[2J\r\n{}", "x".repeat(60_000)).into(),
            names: vec!["\u{202e}gro.elpmaxe".into(); 50],
            ..ChainCertificate::default()
        };
        let tls = Tls {
            certificates: vec![hostile; 500],
            ..Tls::default()
        };
        let lines = lines(&tls, false);
        assert_eq!(lines.len(), MOST);
        for line in lines {
            assert!(line.len() < 2_000, "{line}");
            assert!(line.contains("and 42 more"), "{line}");
            assert!(!line.contains(['\u{1b}', '\r', '\n', '\u{202e}']), "{line}");
        }
    }
}
