//! TLSA records against the certificates of a mail host (RFC 6698, RFC 7672).

use ring::digest::{SHA256, SHA512, digest};
use std::fmt::Write as _;
use x509_parser::prelude::{FromDer as _, X509Certificate};

/// The numbers of a TLSA record and its data.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tlsa {
    pub usage: u8,
    pub selector: u8,
    pub matching: u8,
    pub data: Vec<u8>,
}

impl Tlsa {
    /// Usages 0 and 1 are not used for mail (RFC 7672 section 3.1.3).
    pub fn is_usable(&self) -> bool {
        matches!(self.usage, 2 | 3) && self.selector <= 1 && self.matching <= 2
    }

    /// Whether a chain, the server's own certificate first, is what the record speaks of.
    pub fn matches(&self, chain: &[impl AsRef<[u8]>]) -> bool {
        let place = |certificate: &[u8]| {
            associated(certificate, self.selector, self.matching).as_deref() == Some(&*self.data)
        };
        match self.usage {
            3 => chain.first().is_some_and(|own| place(own.as_ref())),
            2 => chain.iter().any(|certificate| place(certificate.as_ref())),
            _ => false,
        }
    }
}

/// The data of the record `3 1 1` that fits this certificate, in hexadecimal.
pub fn spki_sha256(certificate: &[u8]) -> Option<String> {
    let mut text = String::new();
    for octet in associated(certificate, 1, 1)? {
        let _ = write!(text, "{octet:02x}");
    }
    Some(text)
}

fn associated(certificate: &[u8], selector: u8, matching: u8) -> Option<Vec<u8>> {
    let selected = match selector {
        0 => certificate.to_vec(),
        1 => {
            let (_, parsed) = X509Certificate::from_der(certificate).ok()?;
            parsed.public_key().raw.to_vec()
        }
        _ => return None,
    };
    match matching {
        0 => Some(selected),
        1 => Some(digest(&SHA256, &selected).as_ref().to_vec()),
        2 => Some(digest(&SHA512, &selected).as_ref().to_vec()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn matches_what_it_speaks_of() {
        let made = rcgen::generate_simple_self_signed(["mx.example.org".to_owned()]).unwrap();
        let chain = [made.cert.der().to_vec()];
        for selector in [0, 1] {
            for matching in [0, 1, 2] {
                let data = associated(&chain[0], selector, matching).unwrap();
                for usage in [2, 3] {
                    let mut record = Tlsa {
                        usage,
                        selector,
                        matching,
                        data: data.clone(),
                    };
                    assert!(record.is_usable() && record.matches(&chain));
                    record.data[0] ^= 1;
                    assert!(!record.matches(&chain));
                }
            }
        }
        let other = Tlsa {
            usage: 1,
            selector: 0,
            matching: 0,
            data: chain[0].clone(),
        };
        assert!(!other.is_usable() && !other.matches(&chain));
        assert_eq!(spki_sha256(&chain[0]).unwrap().len(), 64);
    }
}
