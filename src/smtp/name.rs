//! The name that the client says in EHLO.

use super::error::LocalError;
use super::path::checked_domain;
use std::fmt;
use std::net::IpAddr;
use std::str::FromStr;

/// A domain name, as a rule the fully qualified one of this machine, or an address literal
/// (RFC 5321 sections 2.3.5 and 4.1.3). Servers check it, and SPF uses it for `<>`.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct HelloName(String);

impl HelloName {
    /// `[192.0.2.1]` or `[IPv6:2001:db8::1]`, for a client that has no name.
    pub fn literal(address: IpAddr) -> Self {
        Self(match address {
            IpAddr::V4(v4) => format!("[{v4}]"),
            IpAddr::V6(v6) => format!("[IPv6:{v6}]"),
        })
    }

    /// Whether it is an address, for want of a name.
    pub fn is_literal(&self) -> bool {
        self.0.starts_with('[')
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for HelloName {
    type Err = LocalError;
    /// Takes a domain (made A-labels when it is not ASCII) or an address literal in brackets.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        checked_domain("EHLO name", text).map(Self)
    }
}

impl fmt::Display for HelloName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn literals_have_the_prefix_of_ipv6_only() {
        let literal = |text: &str| HelloName::literal(text.parse().unwrap()).to_string();
        assert_eq!(literal("192.0.2.1"), "[192.0.2.1]");
        assert_eq!(literal("2001:db8::1"), "[IPv6:2001:db8::1]");
        assert!("[IPv6:2001:db8::1]".parse::<HelloName>().is_ok());
    }

    #[test]
    fn names_that_would_break_the_line_are_refused() {
        for wrong in ["", "a b", "a\r\nQUIT", "a\0", "<a>", "[1.2.3", "a..b", "[]"] {
            assert!(wrong.parse::<HelloName>().is_err(), "{wrong:?}");
        }
        assert_eq!(
            "bücher.example".parse::<HelloName>().unwrap().as_str(),
            "xn--bcher-kva.example"
        );
    }
}
