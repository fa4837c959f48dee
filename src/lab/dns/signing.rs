//! Keys of zones, and zones signed with them (RFC 4034).
//!
//! The signatures are real, so that `dig +dnssec` and any validator can follow them from the
//! world's own root. There are no NSEC records: that something is not there, the signed SOA
//! record has to vouch for.

use super::{Zone, ZoneError};
use hickory_server::proto::dnssec::crypto::EcdsaSigningKey;
use hickory_server::proto::dnssec::rdata::sig::SigInput;
use hickory_server::proto::dnssec::rdata::{DNSKEY, DNSSECRData, DS, RRSIG};
use hickory_server::proto::dnssec::{Algorithm, DigestType, SigningKey as _, TBS};
use hickory_server::proto::rr::{DNSClass, Name, RData, Record, SerialNumber};
use std::fmt::Display;

/// The algorithm that most signed zones use (RFC 8624).
const ALGORITHM: Algorithm = Algorithm::ECDSAP256SHA256;
const DNSKEY_TTL: u32 = 3600;
const DS_TTL: u32 = 86_400;

/// From when until when signatures are good, in seconds since 1970.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Validity {
    pub inception: u32,
    pub expiration: u32,
}

/// The one key of a zone; it signs the other records and itself.
pub(crate) struct ZoneKey {
    apex: Name,
    key: EcdsaSigningKey,
    pub dnskey: DNSKEY,
}

impl ZoneKey {
    /// A new key for the zone of that name, which is written without its final dot.
    pub(crate) fn generate(apex: &str) -> Result<Self, ZoneError> {
        let error = |why: &dyn Display| ZoneError::signing(apex, why);
        let mut name = Name::from_ascii(format!("{apex}.")).map_err(|why| error(&why))?;
        name.set_fqdn(true);
        let pkcs8 = EcdsaSigningKey::generate_pkcs8(ALGORITHM).map_err(|why| error(&why))?;
        let key = EcdsaSigningKey::from_pkcs8(&pkcs8, ALGORITHM).map_err(|why| error(&why))?;
        let public = key.to_public_key().map_err(|why| error(&why))?;
        Ok(Self {
            apex: name,
            key,
            dnskey: DNSKEY::from_key(&public),
        })
    }

    /// The record by which the zone above vouches for this key.
    pub(crate) fn ds(&self) -> Result<Record, ZoneError> {
        let error = |why: &dyn Display| ZoneError::signing(&self.apex.to_ascii(), why);
        let tag = self.dnskey.calculate_key_tag().map_err(|why| error(&why))?;
        let digest = self
            .dnskey
            .to_digest(&self.apex, DigestType::SHA256)
            .map_err(|why| error(&why))?;
        let ds = DS::new(tag, ALGORITHM, DigestType::SHA256, digest.as_ref().to_vec());
        Ok(Record::from_rdata(
            self.apex.clone(),
            DS_TTL,
            RData::DNSSEC(DNSSECRData::DS(ds)),
        ))
    }

    /// Puts the key into the zone, and a signature beside each of its sets.
    pub(crate) fn sign(&self, zone: &mut Zone, validity: Validity) -> Result<(), ZoneError> {
        zone.push(Record::from_rdata(
            self.apex.clone(),
            DNSKEY_TTL,
            RData::DNSSEC(DNSSECRData::DNSKEY(self.dnskey.clone())),
        ));
        for set in zone.own_sets() {
            let signature = self
                .signature(&set, validity)
                .map_err(|why| ZoneError::signing(&self.apex.to_ascii(), &why))?;
            zone.push(signature);
        }
        Ok(())
    }

    fn signature(
        &self,
        set: &[Record],
        validity: Validity,
    ) -> Result<Record, hickory_server::proto::ProtoError> {
        let Some(first) = set.first() else {
            return Err("the set is empty".into());
        };
        let input = SigInput {
            type_covered: first.record_type(),
            algorithm: ALGORITHM,
            num_labels: first.name.num_labels(),
            original_ttl: first.ttl,
            sig_expiration: SerialNumber::new(validity.expiration),
            sig_inception: SerialNumber::new(validity.inception),
            key_tag: self.dnskey.calculate_key_tag()?,
            signer_name: self.apex.clone(),
        };
        let signed = TBS::from_input(&first.name, DNSClass::IN, &input, set.iter())?;
        let signature = self
            .key
            .sign(&signed)
            .map_err(|why| hickory_server::proto::ProtoError::from(why.to_string()))?;
        let rrsig = RRSIG::from_sig(input, signature);
        Ok(Record::from_rdata(
            first.name.clone(),
            first.ttl,
            RData::DNSSEC(DNSSECRData::RRSIG(rrsig)),
        ))
    }
}
