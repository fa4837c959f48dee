//! The host that a session goes to, as it is written on the command line.

use crate::cli::exit::{self, Failure};
use crate::net::dns::Name;
use std::net::{IpAddr, SocketAddr};

/// `host`, `host:port`, `192.0.2.1:port`, `[2001:db8::1]:port`.
pub(super) fn host_and_port(text: &str) -> Result<(String, u16), Failure> {
    let bad = || {
        Failure::new(
            exit::DATA,
            format!("`{}` is no host", crate::text::SafeText::from(text)),
        )
        .hint("a name or an address, with `:port` behind it where it is not 25")
    };
    if let Ok(address) = text.trim_matches(['[', ']']).parse::<IpAddr>() {
        return Ok((address.to_string(), 25));
    }
    if let Ok(address) = text.parse::<SocketAddr>() {
        return Ok((address.ip().to_string(), address.port()));
    }
    let (host, port) = match text.rsplit_once(':') {
        Some((host, port)) => (host, port.parse().map_err(|_| bad())?),
        None => (text, 25),
    };
    if host.is_empty() || Name::from_ascii(host).is_err() || port == 0 {
        return Err(bad());
    }
    Ok((host.to_owned(), port))
}

#[cfg(test)]
mod tests {
    use super::host_and_port;

    #[test]
    fn takes_names_and_addresses_with_and_without_port() {
        for (text, host, port) in [
            ("mx.example.org", "mx.example.org", 25),
            ("mx.example.org:587", "mx.example.org", 587),
            ("192.0.2.1:2525", "192.0.2.1", 2525),
            ("2001:db8::1", "2001:db8::1", 25),
            ("[2001:db8::1]:465", "2001:db8::1", 465),
        ] {
            assert_eq!(
                host_and_port(text).unwrap(),
                (host.to_owned(), port),
                "{text}"
            );
        }
        for wrong in [
            "",
            ":25",
            "mx.example.org:smtp",
            "mx.example.org:0",
            "a b..c",
        ] {
            assert!(host_and_port(wrong).is_err(), "{wrong}");
        }
    }
}
