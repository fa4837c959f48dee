//! CRAM-MD5 (RFC 2195).

use hmac::{Hmac, Mac as _};
use md5::Md5;
use std::fmt::Write as _;

/// The keyed digest of the challenge, in hexadecimal.
pub(crate) fn digest(password: &str, challenge: &[u8]) -> String {
    // HMAC takes a key of any length (RFC 2104 section 3).
    let Ok(mut mac) = Hmac::<Md5>::new_from_slice(password.as_bytes()) else {
        return String::new();
    };
    mac.update(challenge);
    let octets = mac.finalize().into_bytes();
    octets.iter().fold(String::new(), |mut text, octet| {
        // Writing to a string does not fail.
        let _ = write!(text, "{octet:02x}");
        text
    })
}
