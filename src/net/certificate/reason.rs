//! Why a certificate does not verify, in the words of this field.

use jiff::Timestamp;
use rustls::pki_types::UnixTime;
use rustls::{CertificateError, Error};

/// What is wrong; a clause that `the certificate does not verify: ` can stand before.
pub(in crate::net) fn reason(error: &Error) -> String {
    let Error::InvalidCertificate(error) = error else {
        return error.to_string();
    };
    match error {
        CertificateError::NotValidForNameContext { expected, .. } => {
            format!("it is not for the name `{}`", expected.to_str())
        }
        CertificateError::ExpiredContext { not_after, .. } => {
            format!("a certificate of the chain expired on {}", day(*not_after))
        }
        CertificateError::NotValidYetContext { not_before, .. } => format!(
            "a certificate of the chain is valid only from {} on",
            day(*not_before)
        ),
        CertificateError::Other(other) => match other.0.downcast_ref() {
            Some(error) => of_chain(error),
            None => other.to_string(),
        },
        other => plain(other).map_or_else(|| format!("{other:?}"), str::to_owned),
    }
}

fn day(time: UnixTime) -> String {
    i64::try_from(time.as_secs())
        .ok()
        .and_then(|seconds| Timestamp::from_second(seconds).ok())
        .map_or_else(
            || "a day that is none".to_owned(),
            |time| time.strftime("%Y-%m-%d").to_string(),
        )
}

fn plain(error: &CertificateError) -> Option<&'static str> {
    use CertificateError as E;
    Some(match error {
        E::UnknownIssuer => {
            "no known authority has issued it, or the chain that the server sends is not whole"
        }
        E::BadEncoding => "it cannot be read: it is no well-formed certificate (RFC 5280)",
        E::Expired => "a certificate of the chain has expired, or its dates are no span",
        E::NotValidYet => "a certificate of the chain is not valid yet",
        E::Revoked => "its authority has revoked it",
        E::UnhandledCriticalExtension => "it has a critical extension that is not known here",
        E::BadSignature => "a signature in the chain is not that of the authority that it names",
        E::UnsupportedSignatureAlgorithmContext { .. }
        | E::UnsupportedSignatureAlgorithmForPublicKeyContext { .. } => {
            "a certificate of the chain is signed by an algorithm that is not taken, as SHA-1 is"
        }
        E::NotValidForName => "it is not for the name that was asked for",
        E::InvalidPurpose | E::InvalidPurposeContext { .. } => {
            "it is not meant for servers: its extended key usage lacks serverAuth"
        }
        _ => return None,
    })
}

/// What the verifier says of the path to an authority, and rustls has no word for.
fn of_chain(error: &webpki::Error) -> String {
    use webpki::Error as E;
    match error {
        E::CaUsedAsEndEntity => {
            "it is that of an authority (CA:TRUE, as `openssl req -x509` makes it), and the \
             server's own certificate has to be none; only where it is itself among the trusted \
             ones is it taken"
        }
        E::EndEntityUsedAsCa => {
            "one of the chain has issued another and is no authority (it lacks CA:TRUE)"
        }
        E::PathLenConstraintViolated => {
            "an authority of the chain stands below one that permits fewer below it"
        }
        E::NameConstraintViolation => "an authority of the chain may not issue for this name",
        E::UnsupportedCertVersion => "one of the chain is of an old form (X.509 before version 3)",
        E::UnsupportedCriticalExtension => {
            "one of the chain has a critical extension that is not known here"
        }
        E::MaximumPathDepthExceeded
        | E::MaximumPathBuildCallsExceeded
        | E::MaximumSignatureChecksExceeded
        | E::MaximumNameConstraintComparisonsExceeded => "its chain is too long or too branched",
        other => return format!("it cannot be used for a server ({other:?})"),
    }
    .to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use rustls::OtherError;
    use rustls::pki_types::ServerName;
    use std::sync::Arc;
    use std::time::Duration;

    fn of(error: CertificateError) -> String {
        reason(&Error::InvalidCertificate(error))
    }

    #[test]
    fn no_reason_is_in_the_words_of_the_library() {
        let (time, day) = (
            UnixTime::since_unix_epoch(Duration::from_secs(1_800_000_123)),
            UnixTime::since_unix_epoch(Duration::from_secs(1_780_000_123)),
        );
        let of_path = |error| CertificateError::Other(OtherError(Arc::new(error)));
        for (error, words) in [
            (
                CertificateError::ExpiredContext {
                    time,
                    not_after: day,
                },
                "expired on 2026-05-28",
            ),
            (
                CertificateError::NotValidForNameContext {
                    expected: ServerName::try_from("mx.example.org").unwrap(),
                    presented: vec!["DnsName(\"\u{1b}\")".to_owned()],
                },
                "not for the name `mx.example.org`",
            ),
            (CertificateError::InvalidPurpose, "serverAuth"),
            (
                of_path(webpki::Error::CaUsedAsEndEntity),
                "`openssl req -x509`",
            ),
            (of_path(webpki::Error::EndEntityUsedAsCa), "lacks CA:TRUE"),
            (of_path(webpki::Error::InvalidSerialNumber), "for a server"),
        ] {
            let said = of(error);
            assert!(said.contains(words), "{said}");
            assert!(!said.contains("Other"), "{said}");
            assert!(!said.contains(char::is_control), "{said}");
        }
    }
}
