//! The PROXY protocol: who the connection is said to come from.

use ppp::{v1, v2};
use std::io;
use std::net::SocketAddr;

/// Which form of the header.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HeaderVersion {
    /// A line of text.
    V1,
    /// Octets.
    V2,
}

/// A header to be sent first. What is not given is taken from the connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ProxyHeader {
    pub version: HeaderVersion,
    pub source: Option<SocketAddr>,
    pub destination: Option<SocketAddr>,
}

/// The addresses of the header cannot stand in one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "the PROXY header cannot go from {from} to {to}: one is an IPv4 address, the other an IPv6 address"
)]
pub struct MixedFamilies {
    pub from: SocketAddr,
    pub to: SocketAddr,
}

impl ProxyHeader {
    /// Its octets on a connection between these ends. Where neither is known, the header says
    /// so: `UNKNOWN`, or the command LOCAL.
    pub(super) fn octets(
        self,
        here: Option<SocketAddr>,
        there: Option<SocketAddr>,
    ) -> io::Result<Vec<u8>> {
        let ends = self.source.or(here).zip(self.destination.or(there));
        if let Some((from, to)) = ends
            && from.is_ipv4() != to.is_ipv4()
        {
            return Err(io::Error::new(
                io::ErrorKind::InvalidInput,
                MixedFamilies { from, to },
            ));
        }
        match (self.version, ends) {
            (HeaderVersion::V1, Some(ends)) => Ok(v1::Addresses::from(ends).to_string().into()),
            (HeaderVersion::V1, None) => Ok(v1::Addresses::Unknown.to_string().into()),
            (HeaderVersion::V2, Some(ends)) => v2::Builder::with_addresses(
                v2::Version::Two | v2::Command::Proxy,
                v2::Protocol::Stream,
                ends,
            )
            .build(),
            (HeaderVersion::V2, None) => v2::Builder::with_addresses(
                v2::Version::Two | v2::Command::Local,
                v2::Protocol::Unspecified,
                v2::Addresses::Unspecified,
            )
            .build(),
        }
    }

    /// In words, for the transcript.
    pub(super) fn words(self, here: Option<SocketAddr>, there: Option<SocketAddr>) -> String {
        let version = match self.version {
            HeaderVersion::V1 => 1,
            HeaderVersion::V2 => 2,
        };
        let ends = self.source.or(here).zip(self.destination.or(there));
        ends.map_or_else(
            || format!("PROXY header version {version} sent, without addresses"),
            |(from, to)| format!("PROXY header version {version} sent: from {from} to {to}"),
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn header(version: HeaderVersion) -> ProxyHeader {
        ProxyHeader {
            version,
            source: Some("192.0.2.7:4711".parse().unwrap()),
            destination: None,
        }
    }

    #[test]
    fn a_header_takes_what_is_not_given_from_the_connection() {
        let here = "127.0.0.1:1".parse().ok();
        let there = "127.0.0.1:25".parse().ok();
        let octets = header(HeaderVersion::V1).octets(here, there).unwrap();
        assert_eq!(octets, b"PROXY TCP4 192.0.2.7 127.0.0.1 4711 25\r\n");
        let octets = header(HeaderVersion::V2).octets(here, there).unwrap();
        let wanted = [
            &b"\r\n\r\n\0\r\nQUIT\n\x21\x11\0\x0c"[..],
            &[192, 0, 2, 7, 127, 0, 0, 1, 0x12, 0x67, 0, 25],
        ]
        .concat();
        assert_eq!(octets, wanted);
    }

    #[test]
    fn where_nothing_is_known_the_header_says_so() {
        let octets = header(HeaderVersion::V1).octets(None, None).unwrap();
        assert_eq!(octets, b"PROXY UNKNOWN\r\n");
        let octets = header(HeaderVersion::V2).octets(None, None).unwrap();
        assert_eq!(octets, b"\r\n\r\n\0\r\nQUIT\n\x20\0\0\0");
    }

    #[test]
    fn two_families_are_no_header() {
        let there = "[2001:db8::1]:25".parse().ok();
        let error = header(HeaderVersion::V2).octets(None, there).unwrap_err();
        assert!(error.to_string().contains("IPv6"), "{error}");
    }
}
