//! The wire: hickory's server around a nameserver or the resolver.

use super::{Nameserver, Question, Reply, Resolver};
use crate::lab::setting::Manner;
use crate::net::Clock;
use hickory_server::net::runtime::Time;
use hickory_server::proto::op::{Edns, Header, HeaderCounts, Metadata, ResponseCode};
use hickory_server::proto::rr::rdata::opt::EdnsOption;
use hickory_server::server::{Request, RequestHandler, ResponseHandler, ResponseInfo, Server};
use hickory_server::zone_handler::MessageResponseBuilder;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::{TcpListener, UdpSocket};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

/// Octets that are sent over UDP to who can take them (DNS flag day 2020).
const UDP_PAYLOAD: u16 = 1232;
/// Until an idle TCP connection is closed, outside of the world's own time.
const TCP_IDLE: Duration = Duration::from_secs(20);
/// Responses of one TCP connection that may wait to be sent.
const TCP_QUEUE: usize = 32;

/// The option that carries an extended error (RFC 8914).
const EXTENDED_ERROR: u16 = 15;

/// Who answers at an address.
#[derive(Clone, Debug)]
pub(crate) enum Speaker {
    Authority(Arc<Nameserver>),
    Resolver(Arc<Resolver>),
}

impl Speaker {
    fn answer(&self, question: &Question<'_>) -> Option<Reply> {
        match self {
            Self::Authority(nameserver) => nameserver.answer(question),
            Self::Resolver(resolver) => Some(resolver.answer(question)),
        }
    }

    fn knows_edns(&self) -> bool {
        match self {
            Self::Authority(nameserver) => nameserver.manner != Manner::NoEdns,
            Self::Resolver(_) => true,
        }
    }

    fn delay(&self) -> Duration {
        match self {
            Self::Authority(nameserver) => nameserver.delay,
            Self::Resolver(_) => Duration::ZERO,
        }
    }
}

/// Answers on these sockets until the token is cancelled.
pub(crate) fn serve(
    speaker: Speaker,
    udp: UdpSocket,
    tcp: Option<TcpListener>,
    tasks: &TaskTracker,
    ended: CancellationToken,
    clock: Clock,
) {
    let mut server = Server::new(Desk { speaker, clock });
    server.register_socket(udp);
    if let Some(listener) = tcp {
        server.register_listener(listener, TCP_IDLE, TCP_QUEUE);
    }
    tasks.spawn(async move {
        ended.cancelled().await;
        // It ends in any case: what it says on the way out is nobody's concern.
        let _ = server.shutdown_gracefully().await;
    });
}

/// A speaker with the clock that its delays go by.
struct Desk {
    speaker: Speaker,
    clock: Clock,
}

impl Desk {
    /// What goes back, if anything does.
    fn reply(&self, request: &Request) -> Option<Reply> {
        let edns = request.edns.as_ref();
        if edns.is_some() && !self.speaker.knows_edns() {
            return Some(Reply::empty(ResponseCode::FormErr));
        }
        let Ok(info) = request.request_info() else {
            return Some(Reply::empty(ResponseCode::FormErr));
        };
        self.speaker.answer(&Question {
            name: info.query.original().name(),
            rtype: info.query.query_type(),
            dnssec_ok: edns.is_some_and(|edns| edns.flags().dnssec_ok),
            checking_disabled: request.metadata.checking_disabled,
        })
    }
}

#[async_trait::async_trait]
impl RequestHandler for Desk {
    async fn handle_request<R: ResponseHandler, T: Time>(
        &self,
        request: &Request,
        mut response_handle: R,
    ) -> ResponseInfo {
        self.clock.sleep(self.speaker.delay()).await;
        let mut metadata = Metadata::response_from_request(&request.metadata);
        let Some(reply) = self.reply(request) else {
            return ResponseInfo::from(Header {
                metadata,
                counts: HeaderCounts::default(),
            });
        };
        let edns = request.edns.as_ref();
        let dnssec_ok = edns.is_some_and(|edns| edns.flags().dnssec_ok);
        metadata.response_code = reply.code;
        metadata.authoritative = reply.authoritative;
        metadata.recursion_available = reply.recursion_available;
        metadata.checking_disabled = request.metadata.checking_disabled;
        // Only who asked for it is told (RFC 6840 section 5.8).
        metadata.authentic_data = reply.authentic && (dnssec_ok || request.metadata.authentic_data);
        let mut own = Edns::new();
        own.set_max_payload(UDP_PAYLOAD.min(edns.map_or(512, Edns::max_payload)));
        own.set_dnssec_ok(dnssec_ok);
        if let Some((code, text)) = &reply.extended_error {
            let data = [&code.to_be_bytes()[..], text.as_bytes()].concat();
            own.options_mut()
                .insert(EdnsOption::Unknown(EXTENDED_ERROR, data));
        }
        let mut builder = MessageResponseBuilder::from_message_request(request);
        if edns.is_some() && self.speaker.knows_edns() {
            builder.edns(&own);
        }
        let response = builder.build(
            metadata,
            &reply.answers,
            &reply.authorities,
            &[],
            &reply.additionals,
        );
        match response_handle.send_response(response).await {
            Ok(info) => info,
            // The client has gone; there is nobody to tell.
            Err(_) => ResponseInfo::from(Header {
                metadata,
                counts: HeaderCounts::default(),
            }),
        }
    }
}
