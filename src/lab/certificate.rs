//! The world's own certificate authority, made anew at every start.

use super::setting::Certificate;
use jiff::{SignedDuration, Timestamp, tz::TimeZone};
use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, DistinguishedName, DnType,
    ExtendedKeyUsagePurpose, IsCa, KeyPair, KeyUsagePurpose, date_time_ymd,
};
use rustls::ServerConfig;
use rustls::crypto::ring;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use std::sync::Arc;

/// How many days ago an expired certificate ran out.
const EXPIRED_FOR: i64 = 21;
/// How many days one is still good that is to be renewed.
const EXPIRING_IN: i64 = 9;
/// An issuer of `assets/world/interceptors.yaml`: an antivirus program that reads along.
const SHIELD: &str = "Avast Web/Mail Shield Root";

/// A certificate could not be made.
#[derive(Debug, thiserror::Error)]
pub enum CertificateError {
    #[error("making the certificate for `{name}`: {source}")]
    Making { name: String, source: rcgen::Error },
    #[error("using the certificate for `{name}`: {source}")]
    Using { name: String, source: rustls::Error },
}

/// What a server shows in a handshake.
pub(crate) struct Identity {
    pub tls: Arc<ServerConfig>,
    pub certificate: CertificateDer<'static>,
}

pub(crate) struct Authority {
    issuer: CertifiedIssuer<'static, KeyPair>,
    now: Timestamp,
}

impl Authority {
    pub(crate) fn new(now: Timestamp) -> Result<Self, CertificateError> {
        let issuer = issuer("smtp-tui practice world", now)?;
        Ok(Self { issuer, now })
    }

    /// The root that whoever believes the world's certificates must trust.
    pub(crate) fn root(&self) -> CertificateDer<'static> {
        self.issuer.der().clone()
    }

    /// A TLS server for the first of `names` and its others.
    pub(crate) fn server(
        &self,
        names: &[&str],
        kind: Certificate,
    ) -> Result<Arc<ServerConfig>, CertificateError> {
        self.identity(names, kind).map(|identity| identity.tls)
    }

    /// The same, with the certificate that it shows.
    pub(crate) fn identity(
        &self,
        names: &[&str],
        kind: Certificate,
    ) -> Result<Identity, CertificateError> {
        let name = names.first().copied().unwrap_or_default();
        let making = |source| CertificateError::Making {
            name: name.to_owned(),
            source,
        };
        let using = |source| CertificateError::Using {
            name: name.to_owned(),
            source,
        };
        let names: Vec<String> = match kind {
            Certificate::OtherName => vec!["localhost.localdomain".to_owned()],
            _ => names.iter().map(|name| (*name).to_owned()).collect(),
        };
        let mut params = CertificateParams::new(names.clone()).map_err(making)?;
        params.distinguished_name = called(names.first().map_or("", String::as_str));
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
        params.use_authority_key_identifier_extension = true;
        let until = match kind {
            Certificate::Expired => self.now - days(EXPIRED_FOR),
            Certificate::Expiring => self.now + days(EXPIRING_IN),
            _ => self.now + days(200),
        };
        valid(&mut params, self.now - days(200), until);
        let key = KeyPair::generate().map_err(making)?;
        let certificate = match kind {
            Certificate::SelfSigned => params.self_signed(&key),
            Certificate::Shield => params.signed_by(&key, &*issuer(SHIELD, self.now)?),
            _ => params.signed_by(&key, &self.issuer),
        }
        .map_err(making)?;
        let key = PrivateKeyDer::try_from(key.serialize_der())
            .map_err(|why| using(rustls::Error::General(why.to_owned())))?;
        let certificate = certificate.der().clone();
        let tls = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()
            .map_err(using)?
            .with_no_client_auth()
            .with_single_cert(vec![certificate.clone()], key)
            .map_err(using)?;
        Ok(Identity {
            tls: Arc::new(tls),
            certificate,
        })
    }
}

/// An authority of this name, with a key of its own.
fn issuer(
    name: &str,
    now: Timestamp,
) -> Result<CertifiedIssuer<'static, KeyPair>, CertificateError> {
    let making = |source| CertificateError::Making {
        name: name.to_owned(),
        source,
    };
    let mut params = CertificateParams::new(Vec::new()).map_err(making)?;
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    params.distinguished_name = called(name);
    valid(&mut params, now - days(400), now + days(400));
    let key = KeyPair::generate().map_err(making)?;
    CertifiedIssuer::self_signed(params, key).map_err(making)
}

fn called(name: &str) -> DistinguishedName {
    let mut called = DistinguishedName::new();
    called.push(DnType::CommonName, name);
    called
}

/// Valid from the beginning of one day to that of another, UTC; no finer time is needed here.
fn valid(params: &mut CertificateParams, from: Timestamp, until: Timestamp) {
    let day = |at: Timestamp| {
        let date = at.to_zoned(TimeZone::UTC).date();
        let part = |number: i8| u8::try_from(number).unwrap_or(1);
        date_time_ymd(date.year().into(), part(date.month()), part(date.day()))
    };
    params.not_before = day(from);
    params.not_after = day(until);
}

const fn days(days: i64) -> SignedDuration {
    SignedDuration::from_hours(days * 24)
}
