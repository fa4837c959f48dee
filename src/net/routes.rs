//! Where a public address really leads.

use std::collections::HashMap;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Transport {
    Tcp,
    Udp,
}

/// What happens to a packet sent to an address and port.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    /// It arrives at this socket.
    To(SocketAddr),
    /// Nothing comes back, ever.
    Filtered,
    /// The host answers that the port is closed.
    Refused,
    /// A router answers that there is no way.
    Unreachable,
}

/// The way to every address: the Internet as it is, or a table that holds all there is.
#[derive(Clone, Debug, Default)]
pub enum Routes {
    #[default]
    Internet,
    Table(Arc<HashMap<(Transport, SocketAddr), Way>>),
}

impl Routes {
    /// The way to `to`. In a table, an unlisted port of a listed host is closed, and an
    /// unlisted host is out of reach, so that nothing ever leaves the practice world.
    pub fn way(&self, transport: Transport, to: SocketAddr) -> Way {
        match self {
            Self::Internet => Way::To(to),
            Self::Table(table) => table.get(&(transport, to)).copied().unwrap_or_else(|| {
                if Self::holds(table, to.ip()) {
                    Way::Refused
                } else {
                    Way::Unreachable
                }
            }),
        }
    }

    fn holds(table: &HashMap<(Transport, SocketAddr), Way>, host: IpAddr) -> bool {
        table.keys().any(|(_, listed)| listed.ip() == host)
    }
}

impl Way {
    /// The socket that it leads to; else the error that the operating system would give, or
    /// none at all where nothing comes back.
    pub fn socket(self) -> Result<SocketAddr, Option<io::Error>> {
        match self {
            Self::To(address) => Ok(address),
            Self::Filtered => Err(None),
            Self::Refused => Err(Some(io::ErrorKind::ConnectionRefused.into())),
            Self::Unreachable => Err(Some(io::ErrorKind::NetworkUnreachable.into())),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_holds_all_there_is() {
        let listed: SocketAddr = "192.0.2.1:25".parse().unwrap();
        let here: SocketAddr = "127.0.0.1:4025".parse().unwrap();
        let table = HashMap::from([((Transport::Tcp, listed), Way::To(here))]);
        let routes = Routes::Table(Arc::new(table));
        assert_eq!(routes.way(Transport::Tcp, listed), Way::To(here));
        assert_eq!(routes.way(Transport::Udp, listed), Way::Refused);
        let other = "192.0.2.2:25".parse().unwrap();
        assert_eq!(routes.way(Transport::Tcp, other), Way::Unreachable);
        assert_eq!(Routes::Internet.way(Transport::Tcp, other), Way::To(other));
    }
}
