//! A bearer token in place of a password: XOAUTH2 and OAUTHBEARER (RFC 7628).

use super::scram::escaped;

/// `user=… ^A auth=Bearer … ^A ^A`
pub(super) fn xoauth2(user: &str, token: &str) -> String {
    format!("user={user}\x01auth=Bearer {token}\x01\x01")
}

/// The GS2 header with the user name, then key and value pairs (RFC 7628 section 3.1). The server
/// is named where it is known: a token may be for one host alone.
pub(super) fn oauthbearer(user: &str, token: &str, server: Option<(&str, u16)>) -> String {
    let server = server.map_or_else(String::new, |(host, port)| {
        format!("host={host}\x01port={port}\x01")
    });
    let user = escaped(user);
    format!("n,a={user},\x01{server}auth=Bearer {token}\x01\x01")
}
