//! hickory's sockets, led through the table of routes.

use crate::net::{Network, Transport};
use hickory_resolver::net::runtime::{
    DnsUdpSocket, RuntimeProvider, TokioHandle, TokioTime, iocompat::AsyncIoTokioAsStd,
};
use std::future::Future;
use std::io;
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;
use tokio::io::ReadBuf;
use tokio::net::{TcpStream, UdpSocket};

/// Gives hickory the sockets of a [`Network`].
#[derive(Clone)]
pub(super) struct Runtime {
    network: Network,
    handle: TokioHandle,
}

impl Runtime {
    pub(super) fn new(network: Network) -> Self {
        Self {
            network,
            handle: TokioHandle::default(),
        }
    }
}

/// A socket for one server. It is connected to where the route leads, so that answers from
/// elsewhere are dropped by the kernel and a closed port is an error instead of silence.
pub(super) struct Udp {
    /// None where the route drops everything.
    socket: Option<UdpSocket>,
    server: SocketAddr,
}

#[async_trait::async_trait]
impl DnsUdpSocket for Udp {
    type Time = TokioTime;

    fn poll_recv_from(
        &self,
        cx: &mut Context<'_>,
        buf: &mut [u8],
    ) -> Poll<io::Result<(usize, SocketAddr)>> {
        let Some(socket) = &self.socket else {
            return Poll::Pending;
        };
        let mut buf = ReadBuf::new(buf);
        ready!(socket.poll_recv(cx, &mut buf))?;
        Poll::Ready(Ok((buf.filled().len(), self.server)))
    }

    fn poll_send_to(
        &self,
        cx: &mut Context<'_>,
        buf: &[u8],
        _target: SocketAddr,
    ) -> Poll<io::Result<usize>> {
        match &self.socket {
            Some(socket) => socket.poll_send(cx, buf),
            None => Poll::Ready(Ok(buf.len())),
        }
    }
}

impl RuntimeProvider for Runtime {
    type Handle = TokioHandle;
    type Timer = TokioTime;
    type Udp = Udp;
    type Tcp = AsyncIoTokioAsStd<TcpStream>;

    fn create_handle(&self) -> Self::Handle {
        self.handle.clone()
    }

    fn connect_tcp(
        &self,
        server: SocketAddr,
        _bind: Option<SocketAddr>,
        wait: Option<Duration>,
    ) -> Pin<Box<dyn Send + Future<Output = io::Result<Self::Tcp>>>> {
        let network = self.network.clone();
        Box::pin(async move {
            let wait = wait.unwrap_or(network.clock().outside(network.limits().dns));
            tokio::time::timeout(wait, network.dial(server))
                .await
                .map_err(|_| io::Error::from(io::ErrorKind::TimedOut))?
                .map(AsyncIoTokioAsStd)
        })
    }

    #[expect(clippy::disallowed_methods, reason = "this is the place for it")]
    fn bind_udp(
        &self,
        _local: SocketAddr,
        server: SocketAddr,
    ) -> Pin<Box<dyn Send + Future<Output = io::Result<Self::Udp>>>> {
        let way = self.network.routes().way(Transport::Udp, server);
        Box::pin(async move {
            let socket = match way.socket() {
                Ok(to) => {
                    let any: SocketAddr = if to.is_ipv4() {
                        (Ipv4Addr::UNSPECIFIED, 0).into()
                    } else {
                        (Ipv6Addr::UNSPECIFIED, 0).into()
                    };
                    let socket = UdpSocket::bind(any).await?;
                    socket.connect(to).await?;
                    Some(socket)
                }
                Err(Some(error)) => return Err(error),
                Err(None) => None,
            };
            Ok(Udp { socket, server })
        })
    }
}
