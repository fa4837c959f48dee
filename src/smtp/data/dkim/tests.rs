//! Signatures, checked by the library's verifier. The keys were made for these tests.

use super::*;
use mail_auth::common::parse::TxtRecordParser as _;
use mail_auth::common::verify::DomainKey;
use mail_auth::{
    AuthenticatedMessage, DkimResult, MX, MessageAuthenticator, Parameters, RecordSet,
    ResolverCache, Txt,
};
use std::borrow::Borrow;
use std::hash::Hash;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::sync::Arc;
use std::time::Instant;

const RSA: &str = include_str!("rsa.pem");
const RSA_PUBLIC: &str = include_str!("rsa.pub.pem");
const ED25519: &str = include_str!("ed25519.pem");
const MESSAGE: &[u8] =
    b"From: a@b.example\r\nTo:  c@d.example\r\nSubject: x\r\n y\r\nX-Own: 1\r\n\r\nText  \r\n\r\n.\r\n\r\n";

/// Answers every question for a key with the same record.
struct Published(Arc<DomainKey>);

impl ResolverCache<Box<str>, Txt> for Published {
    fn get<Q>(&self, _: &Q) -> Option<Txt>
    where
        Box<str>: Borrow<Q>,
        Q: Hash + Eq + ?Sized,
    {
        Some(Txt::DomainKey(self.0.clone()))
    }

    fn remove<Q>(&self, _: &Q) -> Option<Txt>
    where
        Box<str>: Borrow<Q>,
        Q: Hash + Eq + ?Sized,
    {
        None
    }

    fn insert(&self, _: Box<str>, _: Txt, _: Instant) {}
}

/// Nothing of these kinds is asked for.
struct Nothing;

macro_rules! nothing {
    ($($key:ty => $value:ty),*) => {$(
        impl ResolverCache<$key, $value> for Nothing {
            fn get<Q>(&self, _: &Q) -> Option<$value>
            where
                $key: Borrow<Q>,
                Q: Hash + Eq + ?Sized,
            {
                None
            }

            fn remove<Q>(&self, _: &Q) -> Option<$value>
            where
                $key: Borrow<Q>,
                Q: Hash + Eq + ?Sized,
            {
                None
            }

            fn insert(&self, _: $key, _: $value, _: Instant) {}
        }
    )*};
}

nothing!(
    Box<str> => RecordSet<MX>,
    Box<str> => RecordSet<Ipv4Addr>,
    Box<str> => RecordSet<Ipv6Addr>,
    IpAddr => RecordSet<Box<str>>
);

async fn passes(message: &[u8], record: &str) -> bool {
    let published = Published(Arc::new(DomainKey::parse(record.as_bytes()).unwrap()));
    let message = AuthenticatedMessage::parse(message).unwrap();
    let verifier = MessageAuthenticator::new_cloudflare().unwrap();
    let parameters = Parameters {
        params: &message,
        cache_txt: Some(&published),
        cache_mx: Some(&Nothing),
        cache_ptr: Some(&Nothing),
        cache_ipv4: Some(&Nothing),
        cache_ipv6: Some(&Nothing),
    };
    let outputs = verifier.verify_dkim(parameters).await;
    assert_eq!(outputs.len(), 1);
    *outputs[0].result() == DkimResult::Pass
}

fn rsa_record() -> String {
    let lines = RSA_PUBLIC.lines().filter(|line| !line.starts_with('-'));
    format!("v=DKIM1; p={}", lines.collect::<String>())
}

fn ed25519_record() -> String {
    use base64::Engine as _;
    let key = Ed25519Key::from_pkcs8_maybe_unchecked_der(
        PrivateKeyDer::from_pem_slice(ED25519.as_bytes())
            .unwrap()
            .secret_der(),
    );
    let public = base64::engine::general_purpose::STANDARD.encode(key.unwrap().public_key());
    format!("v=DKIM1; k=ed25519; p={public}")
}

#[tokio::test]
async fn what_is_signed_verifies_and_what_was_changed_does_not() {
    for (key, record) in [(RSA, rsa_record()), (ED25519, ed25519_record())] {
        let signer = Signer::new(key, "s1", "b.example").unwrap();
        let mut field = signer.sign(MESSAGE).unwrap();
        let shown = String::from_utf8(field.clone()).unwrap();
        assert!(
            shown.starts_with("DKIM-Signature: v=1;") && shown.ends_with("\r\n"),
            "{shown}"
        );
        for part in ["d=b.example", "s=s1", "c=relaxed/relaxed"] {
            assert!(shown.contains(part), "{shown}");
        }
        assert!(shown.lines().all(|line| line.len() <= 998), "{shown}");
        field.extend_from_slice(MESSAGE);
        assert!(passes(&field, &record).await);
        let changed = String::from_utf8(field).unwrap().replace("Text", "Test");
        assert!(!passes(changed.as_bytes(), &record).await);
    }
}

#[test]
fn a_signature_does_not_hang_on_where_the_message_was_cut() {
    // Ed25519 makes the same signature of the same text in the same second.
    let signer = Signer::new(ED25519, "s1", "b.example").unwrap();
    let body_hash = |blocks: &[&[u8]]| {
        let mut signing = signer.begin();
        for block in blocks {
            signing.write(block);
        }
        let field = String::from_utf8(signing.finish().unwrap()).unwrap();
        let field: String = field.split_whitespace().collect();
        field
            .split(';')
            .find(|tag| tag.starts_with("bh="))
            .unwrap()
            .to_owned()
    };
    let whole = body_hash(&[MESSAGE]);
    for at in 0..MESSAGE.len() {
        let (first, second) = MESSAGE.split_at(at);
        assert_eq!(body_hash(&[first, second]), whole, "{at}");
    }
}

#[test]
fn an_unfit_key_is_refused_with_the_reason() {
    let refused = |key: &str| Signer::new(key, "s1", "b.example").unwrap_err();
    assert_eq!(refused("nothing"), DkimError::NoKey);
    assert_eq!(refused(RSA_PUBLIC), DkimError::PublicKey);
    assert_eq!(refused(include_str!("encrypted.pem")), DkimError::Encrypted);
    assert_eq!(refused(include_str!("ec.pem")), DkimError::EllipticCurve);
    assert_eq!(refused(include_str!("short.pem")), DkimError::TooShort);
    let broken = RSA.replacen("MII", "MI!", 1);
    assert!(matches!(refused(&broken), DkimError::Pem(_)));
    let cut = "-----BEGIN PRIVATE KEY-----\nMIIB\n-----END PRIVATE KEY-----\n";
    assert!(matches!(refused(cut), DkimError::Invalid(_)));
    assert!(matches!(
        Signer::new(RSA, "a b", "b.example"),
        Err(DkimError::Name(_))
    ));
    let signer = Signer::new(RSA, "s1", "b.example").unwrap();
    assert_eq!(signer.sign(b"\r\nx\r\n"), Err(DkimError::NoFields));
    assert_eq!(format!("{signer:?}"), "Signer(***)");
}
