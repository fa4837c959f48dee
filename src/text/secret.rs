//! What must never be shown.

use secrecy::{ExposeSecret, SecretString};
use std::fmt;

/// A password or token, from the prompt to the socket. It cannot be printed or saved, and its
/// memory is wiped when it is dropped.
#[derive(Clone)]
pub struct Secret(SecretString);

impl Secret {
    pub fn new(text: String) -> Self {
        Self(SecretString::from(text))
    }

    /// The secret itself, for the bytes that go to the socket and nothing else.
    pub fn expose(&self) -> &str {
        self.0.expose_secret()
    }
}

/// Two secrets are compared only by tests of state; equal length alone says nothing.
impl PartialEq for Secret {
    fn eq(&self, other: &Self) -> bool {
        self.expose() == other.expose()
    }
}

impl Eq for Secret {}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(***)")
    }
}
