//! By whose word a certificate is believed.

use super::identity::{PemError, certificates};
use super::provider;
use crate::net::certificate::dates;
use rustls::client::danger::ServerCertVerifier;
use rustls::client::{WebPkiServerVerifier, verify_server_name};
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::server::ParsedCertificate;
use rustls::{CertificateError, RootCertStore};
use std::fmt;
use std::sync::{Arc, OnceLock};

/// By which authorities certificates are judged. Cloning shares what has been loaded.
#[derive(Clone)]
pub struct Trust {
    roots: Roots,
    judge: Arc<OnceLock<Result<Arc<Judge>, rustls::Error>>>,
}

#[derive(Clone)]
enum Roots {
    Platform,
    Only(Vec<CertificateDer<'static>>),
}

impl Trust {
    /// The authorities that this machine trusts; on Unix the environment variables
    /// `SSL_CERT_FILE` and `SSL_CERT_DIR` name others. They are loaded when first needed.
    pub fn platform() -> Self {
        Self {
            roots: Roots::Platform,
            judge: Arc::default(),
        }
    }

    /// One authority and no other: that of the practice world.
    pub fn only(authority: CertificateDer<'static>) -> Self {
        Self {
            roots: Roots::Only(vec![authority]),
            judge: Arc::default(),
        }
    }

    /// The authorities of a PEM file and no others.
    pub fn of_pem(pem: &[u8]) -> Result<Self, PemError> {
        let trust = Self {
            roots: Roots::Only(certificates(pem)?),
            judge: Arc::default(),
        };
        match trust.judge() {
            Ok(_) => Ok(trust),
            Err(error) => Err(PemError::Unusable(error.to_string())),
        }
    }

    /// The judge by these roots. The error says why no root could be loaded.
    pub(super) fn judge(&self) -> Result<Arc<Judge>, rustls::Error> {
        self.judge.get_or_init(|| self.roots.load()).clone()
    }
}

impl Roots {
    fn load(&self) -> Result<Arc<Judge>, rustls::Error> {
        let judge = match self {
            Self::Platform => Judge {
                given: Vec::new(),
                authorities: Arc::new(rustls_platform_verifier::Verifier::new(provider())?),
            },
            Self::Only(authorities) => {
                let mut roots = RootCertStore::empty();
                for authority in authorities {
                    roots.add(authority.clone())?;
                }
                let authorities_alone =
                    WebPkiServerVerifier::builder_with_provider(Arc::new(roots), provider())
                        .build()
                        .map_err(|error| rustls::Error::General(error.to_string()))?;
                Judge {
                    given: authorities.clone(),
                    authorities: authorities_alone,
                }
            }
        };
        Ok(Arc::new(judge))
    }
}

/// Says whether a chain is good. Whether the server holds the certificate's key is not its
/// business: see [`super::recorder`].
#[derive(Debug)]
pub(super) struct Judge {
    /// Believed also where a server shows one of them as its own, as `openssl req -x509` makes
    /// them: an authority's by its extensions, which webpki refuses for a server.
    given: Vec<CertificateDer<'static>>,
    authorities: Arc<dyn ServerCertVerifier>,
}

impl Judge {
    pub(super) fn judge(
        &self,
        own: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        name: &ServerName<'_>,
        ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<(), rustls::Error> {
        if !self.given.iter().any(|given| given == own) {
            return self
                .authorities
                .verify_server_cert(own, intermediates, name, ocsp_response, now)
                .map(|_| ());
        }
        let time = now;
        match dates(own) {
            None => return Err(CertificateError::BadEncoding.into()),
            Some((not_before, _)) if now < not_before => {
                return Err(CertificateError::NotValidYetContext { time, not_before }.into());
            }
            Some((_, not_after)) if now > not_after => {
                return Err(CertificateError::ExpiredContext { time, not_after }.into());
            }
            Some(_) => {}
        }
        verify_server_name(&ParsedCertificate::try_from(own)?, name)
    }
}

impl fmt::Debug for Trust {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.roots {
            Roots::Platform => "Trust(platform)",
            Roots::Only(_) => "Trust(given authorities)",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::net::certificate::reason;
    use rcgen::{BasicConstraints, CertificateParams, IsCa, KeyPair};
    use std::time::Duration;

    #[test]
    fn a_certificate_that_is_given_itself_is_believed_for_its_name_within_its_dates() {
        let key = KeyPair::generate().unwrap();
        let mut params = CertificateParams::new(vec!["mx.example.org".to_owned()]).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.not_before = rcgen::date_time_ymd(2026, 1, 1);
        params.not_after = rcgen::date_time_ymd(2026, 12, 31);
        let certificate = params.self_signed(&key).unwrap();
        let other = params.self_signed(&KeyPair::generate().unwrap()).unwrap();
        let trust = Trust::of_pem(certificate.pem().as_bytes()).unwrap();
        let verdict = |shown: &CertificateDer<'_>, name: &'static str, seconds| {
            let name = ServerName::try_from(name).unwrap();
            let now = UnixTime::since_unix_epoch(Duration::from_secs(seconds));
            trust.judge().unwrap().judge(shown, &[], &name, &[], now)
        };
        let (within, before, after) = (1_780_000_000, 1_700_000_000, 1_900_000_000);
        let own = certificate.der();
        assert_eq!(verdict(own, "mx.example.org", within), Ok(()));
        for (seconds, words) in [(before, "from 2026-01-01"), (after, "on 2026-12-31")] {
            let error = verdict(own, "mx.example.org", seconds).unwrap_err();
            assert!(reason(&error).contains(words), "{error}");
        }
        let error = verdict(own, "mx.example.net", within).unwrap_err();
        assert!(reason(&error).contains("not for the name"), "{error}");
        let error = verdict(other.der(), "mx.example.org", within).unwrap_err();
        assert!(reason(&error).contains("CA:TRUE"), "{error}");
    }
}
