//! One question to one server.

use super::answer::{Answer, Failure, Outcome};
use super::runtime::Runtime;
use crate::net::{Network, Transport};
use futures_util::StreamExt as _;
use hickory_resolver::net::client::Client;
use hickory_resolver::net::tcp::TcpClientStream;
use hickory_resolver::net::udp::UdpClientStream;
use hickory_resolver::net::{DnsHandle as _, NetError};
use hickory_resolver::proto::op::{DnsRequest, DnsRequestOptions, Message, Query, ResponseCode};
use hickory_resolver::proto::rr::{Name, RecordType};
use std::io;
use std::net::SocketAddr;
use std::time::Duration;

/// Octets of UDP payload that we offer to take (the value of DNS flag day 2020).
const UDP_PAYLOAD: u16 = 1232;

/// A question. Names compare without regard to case, so it serves as the key of the cache.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Ask {
    pub name: Name,
    pub rtype: RecordType,
    pub flags: Flags,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[expect(clippy::struct_excessive_bools, reason = "the bits of a DNS question")]
pub struct Flags {
    pub recursion: bool,
    /// Do not validate (the CD bit, RFC 4035 section 3.2.2).
    pub checking_disabled: bool,
    /// Send the DNSSEC records too (the DO bit).
    pub dnssec: bool,
    /// Over TCP from the start.
    pub tcp: bool,
}

impl Ask {
    /// To a nameserver: without recursion.
    pub fn direct(name: Name, rtype: RecordType) -> Self {
        Self {
            name,
            rtype,
            flags: Flags::default(),
        }
    }

    /// To a resolver.
    pub fn recursive(name: Name, rtype: RecordType) -> Self {
        Self {
            name,
            rtype,
            flags: Flags {
                recursion: true,
                ..Flags::default()
            },
        }
    }

    #[must_use]
    pub fn over_tcp(mut self) -> Self {
        self.flags.tcp = true;
        self
    }

    #[must_use]
    pub fn unchecked(mut self) -> Self {
        self.flags.checking_disabled = true;
        self
    }

    #[must_use]
    pub fn with_dnssec(mut self) -> Self {
        self.flags.dnssec = true;
        self
    }

    /// The dig command that asks `server` the same.
    pub fn dig(&self, server: Option<SocketAddr>) -> String {
        let at = server.map_or_else(String::new, |server| match server.port() {
            53 => format!("@{} ", server.ip()),
            port => format!("-p {port} @{} ", server.ip()),
        });
        format!("dig {}{at}{} {}", self.flags.dig(), self.name, self.rtype)
    }

    fn message(&self) -> Message {
        let mut message = Message::query();
        message.metadata.recursion_desired = self.flags.recursion;
        message.metadata.checking_disabled = self.flags.checking_disabled;
        // Asks a resolver to say whether it validated the answer (RFC 6840 section 5.7).
        message.metadata.authentic_data = self.flags.recursion;
        message.add_query(Query::query(self.name.clone(), self.rtype));
        message
    }

    fn request(&self, edns: bool) -> DnsRequest {
        let mut options = DnsRequestOptions::default();
        options.use_edns = edns;
        options.edns_payload_len = UDP_PAYLOAD;
        options.edns_set_dnssec_ok = self.flags.dnssec;
        options.recursion_desired = self.flags.recursion;
        options.case_randomization = false;
        let mut message = self.message();
        if edns {
            let mut opt = hickory_resolver::proto::op::Edns::new();
            opt.set_max_payload(UDP_PAYLOAD);
            opt.set_version(0);
            opt.set_dnssec_ok(self.flags.dnssec);
            message.set_edns(opt);
        }
        DnsRequest::new(message, options)
    }
}

/// Asks `server`, following the transport's own rules: over TCP when the UDP answer was
/// truncated (RFC 7766), without EDNS when the server did not understand it (RFC 6891
/// section 7) or, for half of the time, stayed silent.
pub(super) async fn ask(network: &Network, server: SocketAddr, ask: Ask) -> Outcome {
    let clock = *network.clock();
    let began = clock.elapsed();
    let mut transport = if ask.flags.tcp {
        Transport::Tcp
    } else {
        Transport::Udp
    };
    let work = async {
        let mut truncated = false;
        let mut without_edns = None;
        let mut edns = true;
        loop {
            let limit = network.limits().dns;
            // Silence in answer to EDNS alone must leave time to find that out.
            let limit = if transport == Transport::Udp {
                limit / 2
            } else {
                limit
            };
            let sent = send(network, server, &ask, transport, edns);
            let got = clock
                .timeout(limit, sent)
                .await
                .unwrap_or(Err(Failure::TimedOut(limit)));
            match got {
                Ok(message) if message.metadata.truncation && transport == Transport::Udp => {
                    truncated = true;
                    transport = Transport::Tcp;
                }
                Ok(message)
                    if edns
                        && matches!(
                            message.metadata.response_code,
                            ResponseCode::FormErr | ResponseCode::NotImp | ResponseCode::BADVERS
                        ) =>
                {
                    without_edns = Some(super::answer::code_word(message.metadata.response_code));
                    edns = false;
                }
                Err(Failure::TimedOut(_)) if edns && transport == Transport::Udp => {
                    without_edns = Some("silence".to_owned());
                    edns = false;
                }
                Ok(message) => {
                    break Ok((message, truncated, without_edns.map(Into::into)));
                }
                Err(Failure::TimedOut(_)) => {
                    break Err(Failure::TimedOut(clock.elapsed().saturating_sub(began)));
                }
                Err(failure) => break Err(failure),
            }
        }
    };
    let result = tokio::select! {
        () = network.cancelled().cancelled() => Err(Failure::Cancelled),
        result = work => result,
    };
    let took = clock.elapsed().saturating_sub(began);
    let result = result.map(|(message, truncated, without_edns)| Answer {
        ask: ask.clone(),
        server,
        transport,
        message,
        took,
        without_edns,
        truncated,
    });
    Outcome {
        ask,
        server: Some(server),
        transport,
        took,
        result,
    }
}

async fn send(
    network: &Network,
    server: SocketAddr,
    ask: &Ask,
    transport: Transport,
    edns: bool,
) -> Result<Message, Failure> {
    let runtime = Runtime::new(network.clone());
    let limit = network.clock().outside(network.limits().dns);
    let client = match transport {
        Transport::Udp => {
            let stream = UdpClientStream::builder(server, runtime)
                .with_timeout(Some(limit))
                .with_max_retries(2)
                .with_os_port_selection(true)
                .build();
            let (client, background) = Client::<Runtime>::from_sender(stream);
            tokio::spawn(background);
            client
        }
        Transport::Tcp => {
            let (connecting, sender) = TcpClientStream::new(server, None, Some(limit), runtime);
            let stream = connecting.await.map_err(failure)?;
            let (client, background) = Client::<Runtime>::with_timeout(stream, sender, limit);
            tokio::spawn(background);
            client
        }
    };
    let response = client
        .send(request_with_interval(&ask.request(edns), limit))
        .next()
        .await
        .ok_or_else(|| Failure::Other("the connection closed without an answer".into()))?
        .map_err(failure)?;
    Ok(response.into_message())
}

/// A lost packet is sent again after a quarter of the time, not after the whole of it.
fn request_with_interval(request: &DnsRequest, limit: Duration) -> DnsRequest {
    let mut options = *request.options();
    options.retry_interval = limit / 4;
    DnsRequest::new(Message::clone(request), options)
}

#[expect(clippy::needless_pass_by_value, reason = "the form that map_err takes")]
fn failure(error: NetError) -> Failure {
    match &error {
        NetError::Timeout => Failure::TimedOut(Duration::ZERO),
        NetError::Io(io) => match io.kind() {
            io::ErrorKind::ConnectionRefused => Failure::Refused,
            io::ErrorKind::TimedOut => Failure::TimedOut(Duration::ZERO),
            io::ErrorKind::NetworkUnreachable
            | io::ErrorKind::HostUnreachable
            | io::ErrorKind::NetworkDown
            | io::ErrorKind::AddrNotAvailable => Failure::Unreachable(io.to_string()),
            _ => Failure::Other(io.to_string()),
        },
        _ => Failure::Other(error.to_string()),
    }
}
