//! A verifier that remembers what it was shown.

use super::trust::Judge;
use super::{Check, provider};
use crate::net::certificate::valid_moment;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{DigitallySignedStruct, SignatureScheme};
use std::sync::{Arc, Mutex, PoisonError};

/// Asks the judge, keeps what it said, and passes it on only where that is wanted.
#[derive(Debug)]
pub(super) struct Recorder {
    pub(super) check: Check,
    /// What the certificate must be for, where that is not the name in SNI.
    pub(super) name: Option<ServerName<'static>>,
    pub(super) judge: Result<Arc<Judge>, rustls::Error>,
    pub(super) chain: Mutex<Vec<CertificateDer<'static>>>,
    pub(super) verdict: Verdict,
    pub(super) in_date: Verdict,
}

pub(super) type Verdict = Mutex<Result<(), rustls::Error>>;

pub(super) fn kept(verdict: &Verdict) -> Result<(), rustls::Error> {
    verdict
        .lock()
        .unwrap_or_else(PoisonError::into_inner)
        .clone()
}

fn keep(verdict: &Verdict, result: Result<(), rustls::Error>) {
    *verdict.lock().unwrap_or_else(PoisonError::into_inner) = result;
}

impl ServerCertVerifier for Recorder {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        server_name: &ServerName<'_>,
        ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        let server_name = self.name.as_ref().unwrap_or(server_name);
        let chain = [end_entity].into_iter().chain(intermediates);
        *self.chain.lock().unwrap_or_else(PoisonError::into_inner) = chain
            .map(|certificate| certificate.clone().into_owned())
            .collect();
        let at = |now| {
            self.judge.clone().and_then(|judge| {
                judge.judge(end_entity, intermediates, server_name, ocsp_response, now)
            })
        };
        let verdict = at(now);
        keep(&self.verdict, verdict.clone());
        keep(&self.in_date, at(valid_moment(end_entity, now)));
        match self.check {
            Check::Strict => verdict.map(|()| ServerCertVerified::assertion()),
            Check::Observe => Ok(ServerCertVerified::assertion()),
        }
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        let provider = provider();
        verify_tls12_signature(
            message,
            cert,
            dss,
            &provider.signature_verification_algorithms,
        )
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        let provider = provider();
        verify_tls13_signature(
            message,
            cert,
            dss,
            &provider.signature_verification_algorithms,
        )
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        provider()
            .signature_verification_algorithms
            .supported_schemes()
    }
}
