//! The wire: hickory's server around a nameserver or the resolver.

use super::{Nameserver, Reply, Resolver};
use hickory_server::net::runtime::Time;
use hickory_server::proto::op::{Edns, Header, HeaderCounts, Metadata, ResponseCode};
use hickory_server::proto::rr::{Name, RecordType};
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

/// Who answers at an address.
#[derive(Clone, Debug)]
pub(crate) enum Speaker {
    Authority(Arc<Nameserver>),
    Resolver(Arc<Resolver>),
}

impl Speaker {
    fn answer(&self, name: &Name, rtype: RecordType) -> Reply {
        match self {
            Self::Authority(nameserver) => nameserver.answer(name, rtype),
            Self::Resolver(resolver) => resolver.answer(name, rtype),
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
) {
    let mut server = Server::new(speaker);
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

#[async_trait::async_trait]
impl RequestHandler for Speaker {
    async fn handle_request<R: ResponseHandler, T: Time>(
        &self,
        request: &Request,
        mut response_handle: R,
    ) -> ResponseInfo {
        let mut metadata = Metadata::response_from_request(&request.metadata);
        let reply = match request.request_info() {
            Ok(info) => self.answer(info.query.original().name(), info.query.query_type()),
            Err(_) => Reply::empty(ResponseCode::FormErr),
        };
        metadata.response_code = reply.code;
        metadata.authoritative = reply.authoritative;
        metadata.recursion_available = reply.recursion_available;
        let mut edns = Edns::new();
        edns.set_max_payload(UDP_PAYLOAD.min(request.edns.as_ref().map_or(512, Edns::max_payload)));
        let mut builder = MessageResponseBuilder::from_message_request(request);
        if request.edns.is_some() {
            builder.edns(&edns);
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
