//! DKIM key records (RFC 6376 section 3.6.1).

use super::{Problem, tags};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use mail_auth::common::parse::TxtRecordParser as _;
use mail_auth::common::verify::DomainKey;
use x509_parser::prelude::FromDer as _;
use x509_parser::public_key::PublicKey;
use x509_parser::x509::SubjectPublicKeyInfo;

/// RSA keys under this many bits are not accepted (RFC 8301 section 3.2).
pub const LEAST_BITS: usize = 1024;

/// What a key record says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Key {
    pub kind: Kind,
    /// `t=y`: receivers are asked to treat failures as if there were no signature.
    pub testing: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Rsa {
        bits: usize,
    },
    Ed25519,
    /// An empty `p=`: the key was withdrawn.
    Revoked,
}

/// Whether a TXT record at a selector was meant as a key at all.
pub fn is_key(text: &str) -> bool {
    tags::value(text, "p").is_some()
        || tags::value(text, "v").is_some_and(|version| version.starts_with("DKIM"))
        || tags::value(text, "k").is_some()
}

pub fn parse(text: &str) -> Result<Key, Problem> {
    let testing =
        tags::value(text, "t").is_some_and(|flags| flags.split(':').any(|flag| flag.trim() == "y"));
    let version = tags::value(text, "v");
    if let Some(version) = version.filter(|version| *version != "DKIM1") {
        return Err(Problem::new(format!("`v={version}` is no version of DKIM")));
    }
    let Some(data) = tags::value(text, "p") else {
        return Err(Problem::new("there is no `p=`, which holds the key"));
    };
    let data: String = data.split_ascii_whitespace().collect();
    let kind = if data.is_empty() {
        Kind::Revoked
    } else {
        let key = STANDARD
            .decode(&data)
            .map_err(|error| Problem::new(format!("`p=` is no base64: {error}")))?;
        match tags::value(text, "k").unwrap_or("rsa") {
            "ed25519" => ed25519(&key)?,
            "rsa" => rsa(&key)?,
            other => return Err(Problem::new(format!("`k={other}` is no known kind of key"))),
        }
    };
    // What the library refuses, a receiver refuses.
    if matches!(kind, Kind::Rsa { bits } if bits >= LEAST_BITS)
        && let Err(error) = DomainKey::parse(text.as_bytes())
    {
        return Err(Problem::new(format!("it cannot be read: {error}")));
    }
    Ok(Key { kind, testing })
}

fn ed25519(key: &[u8]) -> Result<Kind, Problem> {
    match key.len() {
        32 => Ok(Kind::Ed25519),
        length => Err(Problem::new(format!(
            "the Ed25519 key has {length} octets instead of 32"
        ))),
    }
}

fn rsa(key: &[u8]) -> Result<Kind, Problem> {
    let damaged = || Problem::new("`p=` holds no whole RSA key: it is cut off or damaged");
    let (_, info) = SubjectPublicKeyInfo::from_der(key).map_err(|_| damaged())?;
    match info.parsed() {
        Ok(PublicKey::RSA(key)) => Ok(Kind::Rsa {
            bits: key.key_size(),
        }),
        _ => Err(damaged()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const RSA_2048: &str = "MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEAvzwKQIIWzQXv0nihasFTT3+JO23hXCg\
        e+ESWNxCJdVLxKL5edxrumEU3DnrPeGD6q6E/vjoXwBabpm8F5o96MEPm7v12O5IIK7wx7gIJiQWvexwh+GJvW4aFFa0g13Ai75UdZjGF\
        NKHAEGeLmkQYybK/EHW5ymRlSg3g8zydJGEcI/melLCiBoShHjfZFJEThxLmPHNSi+KOUMypxqYHd7hzg6W7qnq6t9puZYXMWj6tEaf6O\
        RWgb7DOXZSTJJjAJPBWa2+UrxXX6Ro7L7Xy1zzeYFCk8W5vmn0wMgGpjkWw0ljJWNwIpxZAj9p5wMedWasaPS74TZ1b7tI39ncp6QIDAQAB";

    #[test]
    fn reads_keys() {
        let key = parse(&format!("v=DKIM1; k=rsa; t=y; p={RSA_2048}")).unwrap();
        assert_eq!(
            key,
            Key {
                kind: Kind::Rsa { bits: 2048 },
                testing: true
            }
        );
        let key = parse("v=DKIM1; k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=");
        assert_eq!(key.unwrap().kind, Kind::Ed25519);
        assert_eq!(parse("v=DKIM1; p=").unwrap().kind, Kind::Revoked);
    }

    #[test]
    fn says_what_is_wrong_with_a_key() {
        let cut: String = RSA_2048.chars().take(120).collect();
        for (text, words) in [
            (format!("v=DKIM1; p={cut}"), "cut off"),
            ("v=DKIM1; p=***".to_owned(), "base64"),
            ("v=DKIM1; k=dsa; p=AAAA".to_owned(), "k=dsa"),
            ("v=DKIM2; p=AAAA".to_owned(), "v=DKIM2"),
            ("v=DKIM1; k=rsa".to_owned(), "no `p=`"),
        ] {
            let problem = parse(&text).unwrap_err();
            assert!(problem.what.contains(words), "{text}: {problem}");
        }
    }
}
