//! By whose word a certificate is believed.

use super::identity::{PemError, certificates};
use super::provider;
use rustls::RootCertStore;
use rustls::client::WebPkiServerVerifier;
use rustls::client::danger::ServerCertVerifier;
use rustls::pki_types::CertificateDer;
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
                Ok(verifier)
            }
        }
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
