//! What is random in a login.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::rand::{SecureRandom as _, SystemRandom};

/// A nonce for SCRAM: new each time, printable, without a comma. None where the system has no
/// random octets to give; SCRAM is not chosen then.
pub fn nonce() -> Option<String> {
    let mut octets = [0; 18];
    SystemRandom::new().fill(&mut octets).ok()?;
    Some(URL_SAFE_NO_PAD.encode(octets))
}
