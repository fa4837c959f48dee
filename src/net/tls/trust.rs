//! By whose word a certificate is believed.

use super::identity::{PemError, certificates};
use super::provider;
use crate::net::certificate::valid_moment;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::client::{WebPkiServerVerifier, verify_server_name};
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::server::ParsedCertificate;
use rustls::{CertificateError, DigitallySignedStruct, RootCertStore, SignatureScheme};
use std::fmt;
use std::sync::{Arc, OnceLock};

/// By which authorities certificates are judged. Cloning shares what has been loaded.
#[derive(Clone)]
pub struct Trust {
    roots: Roots,
    verifier: Arc<OnceLock<Result<Arc<dyn ServerCertVerifier>, rustls::Error>>>,
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
            verifier: Arc::default(),
        }
    }

    /// One authority and no other: that of the practice world.
    pub fn only(authority: CertificateDer<'static>) -> Self {
        Self {
            roots: Roots::Only(vec![authority]),
            verifier: Arc::default(),
        }
    }

    /// The authorities of a PEM file and no others.
    pub fn of_pem(pem: &[u8]) -> Result<Self, PemError> {
        let trust = Self {
            roots: Roots::Only(certificates(pem)?),
            verifier: Arc::default(),
        };
        match trust.verifier() {
            Ok(_) => Ok(trust),
            Err(error) => Err(PemError::Unusable(error.to_string())),
        }
    }

    /// The verifier of these roots. The error says why no root could be loaded.
    pub(super) fn verifier(&self) -> Result<Arc<dyn ServerCertVerifier>, rustls::Error> {
        self.verifier.get_or_init(|| self.roots.load()).clone()
    }
}

impl Roots {
    fn load(&self) -> Result<Arc<dyn ServerCertVerifier>, rustls::Error> {
        match self {
            Self::Platform => Ok(Arc::new(rustls_platform_verifier::Verifier::new(
                provider(),
            )?)),
            Self::Only(authorities) => {
                let mut roots = RootCertStore::empty();
                for authority in authorities {
                    roots.add(authority.clone())?;
                }
                let verifier =
                    WebPkiServerVerifier::builder_with_provider(Arc::new(roots), provider())
                        .build()
                        .map_err(|error| rustls::Error::General(error.to_string()))?;
                Ok(Arc::new(Given {
                    authorities: authorities.clone(),
                    verifier,
                }))
            }
        }
    }
}

/// Given authorities. A certificate that is itself among them is believed too, as `openssl
/// req -x509` makes them: an authority's by its extensions, which webpki refuses for a server.
#[derive(Debug)]
struct Given {
    authorities: Vec<CertificateDer<'static>>,
    verifier: Arc<WebPkiServerVerifier>,
}

impl ServerCertVerifier for Given {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        server_name: &ServerName<'_>,
        ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        if !self.authorities.iter().any(|given| given == end_entity) {
            return self.verifier.verify_server_cert(
                end_entity,
                intermediates,
                server_name,
                ocsp_response,
                now,
            );
        }
        let nearest = valid_moment(end_entity, now);
        if nearest > now {
            return Err(CertificateError::NotValidYet.into());
        }
        if nearest < now {
            return Err(CertificateError::Expired.into());
        }
        verify_server_name(&ParsedCertificate::try_from(end_entity)?, server_name)?;
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        self.verifier.verify_tls12_signature(message, cert, dss)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        self.verifier.verify_tls13_signature(message, cert, dss)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.verifier.supported_verify_schemes()
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
            let verifier = trust.verifier().unwrap();
            let result = verifier.verify_server_cert(shown, &[], &name, &[], now);
            result.map(|_| ())
        };
        let (within, before, after) = (1_780_000_000, 1_700_000_000, 1_900_000_000);
        let own = certificate.der();
        assert_eq!(verdict(own, "mx.example.org", within), Ok(()));
        let early = CertificateError::NotValidYet.into();
        assert_eq!(verdict(own, "mx.example.org", before), Err(early));
        let late = CertificateError::Expired.into();
        assert_eq!(verdict(own, "mx.example.org", after), Err(late));
        let error = verdict(own, "mx.example.net", within).unwrap_err();
        assert!(error.to_string().contains("not valid for name"), "{error}");
        assert!(verdict(other.der(), "mx.example.org", within).is_err());
    }
}
