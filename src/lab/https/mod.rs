//! HTTPS: RDAP, its bootstrap, the webmail page, the policy of MTA-STS.

mod autoconfig;
mod rdap;

use super::registry::Register;
use http_body_util::Full;
use hyper::body::{Bytes, Incoming};
use hyper::header::{CONTENT_TYPE, HeaderValue};
use hyper::service::service_fn;
use hyper::{Method, Request, Response, StatusCode};
use hyper_util::rt::TokioIo;
use rustls::ServerConfig;
use std::convert::Infallible;
use std::io;
use std::sync::Arc;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio_rustls::TlsAcceptor;

/// What runs at an HTTPS port.
#[derive(Clone, Debug)]
pub(crate) struct HttpsServer {
    pub site: Site,
    pub tls: Arc<ServerConfig>,
}

#[derive(Clone, Debug)]
pub(crate) enum Site {
    /// IANA's list of RDAP servers (RFC 9224).
    Bootstrap(Arc<Register>),
    /// The RDAP server of this name.
    Rdap(Arc<Register>, String),
    /// The webmail of a domain: a page to log in; and the configuration file for mail programs
    /// that send through `submission`, where the domain has one.
    Webmail {
        domain: String,
        submission: Option<String>,
    },
    /// The policy of MTA-STS, with this text (RFC 8461 section 3.3).
    Policy(String),
    /// A plain web page.
    Page(String),
}

impl HttpsServer {
    /// Serves one connection to its end.
    pub(crate) async fn serve(
        &self,
        stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static,
    ) -> io::Result<()> {
        let stream = TlsAcceptor::from(Arc::clone(&self.tls))
            .accept(stream)
            .await?;
        let service = service_fn(|request: Request<Incoming>| {
            let response = self.site.respond(request.method(), request.uri().path());
            async move { Ok::<_, Infallible>(response) }
        });
        hyper::server::conn::http1::Builder::new()
            .serve_connection(TokioIo::new(stream), service)
            .await
            .map_err(io::Error::other)
    }
}

impl Site {
    fn respond(&self, method: &Method, path: &str) -> Response<Full<Bytes>> {
        if method != Method::GET && method != Method::HEAD {
            let none = String::new();
            return response(StatusCode::METHOD_NOT_ALLOWED, "text/plain", none);
        }
        match self {
            Self::Bootstrap(register) if path == "/rdap/dns.json" => {
                let list = rdap::bootstrap(register).to_string();
                response(StatusCode::OK, "application/json", list)
            }
            Self::Policy(text) if path == "/.well-known/mta-sts.txt" => {
                response(StatusCode::OK, "text/plain", text.clone())
            }
            Self::Bootstrap(_) | Self::Policy(_) => response(
                StatusCode::NOT_FOUND,
                "text/plain",
                "not found\n".to_owned(),
            ),
            Self::Rdap(register, host) => {
                let (status, object) = rdap::answer(register, host, path);
                response(status, "application/rdap+json", object.to_string())
            }
            Self::Webmail {
                domain,
                submission: Some(host),
            } if path == autoconfig::PATH => {
                let file = autoconfig::file(domain, host);
                response(StatusCode::OK, "text/xml", file)
            }
            Self::Webmail { domain, .. } => {
                let page = html(
                    &format!("Webmail of {domain}"),
                    "<form method=\"post\"><input name=\"user\"><input name=\"pass\" \
                     type=\"password\"><button>Log in</button></form>",
                );
                response(StatusCode::OK, "text/html; charset=utf-8", page)
            }
            Self::Page(title) => {
                response(StatusCode::OK, "text/html; charset=utf-8", html(title, ""))
            }
        }
    }
}

/// Titles are names of the world's own hosts and need no escaping.
fn html(title: &str, body: &str) -> String {
    format!("<!doctype html>\n<title>{title}</title>\n<h1>{title}</h1>\n{body}\n")
}

fn response(status: StatusCode, kind: &'static str, body: String) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::new(Bytes::from(body)));
    *response.status_mut() = status;
    response
        .headers_mut()
        .insert(CONTENT_TYPE, HeaderValue::from_static(kind));
    response
}
