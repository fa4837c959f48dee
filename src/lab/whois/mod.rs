//! WHOIS (RFC 3912): IANA, the registries, the registrar.

mod layout;

use super::registry::Register;
use crate::net::Clock;
use std::io;
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{
    AsyncBufReadExt as _, AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _, BufReader,
};

/// Octets of a question.
const MAX_QUERY: u64 = 1024;
/// How long the question may be in coming.
const PATIENCE: Duration = Duration::from_secs(20);

/// A WHOIS server.
#[derive(Clone, Debug)]
pub(crate) struct WhoisServer {
    pub register: Arc<Register>,
    pub desk: Desk,
}

/// Whose server it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Desk {
    Iana,
    /// The registry whose server has this name.
    Registry(String),
    Registrar,
}

impl WhoisServer {
    /// Answers one question and closes, as the protocol has it.
    pub(crate) async fn serve(
        &self,
        stream: impl AsyncRead + AsyncWrite + Unpin,
        clock: Clock,
    ) -> io::Result<()> {
        let mut stream = BufReader::new(stream);
        let mut query = Vec::new();
        let mut bounded = (&mut stream).take(MAX_QUERY);
        let reading = bounded.read_until(b'\n', &mut query);
        if !matches!(clock.timeout(PATIENCE, reading).await, Ok(Ok(_))) {
            return Ok(());
        }
        let answer = self.answer(&String::from_utf8_lossy(&query));
        stream
            .write_all(answer.replace('\n', "\r\n").as_bytes())
            .await?;
        stream.shutdown().await
    }

    /// The answer to a line, with LF at the ends of its own lines.
    pub(crate) fn answer(&self, query: &str) -> String {
        let query = query.trim().to_ascii_lowercase();
        // `domain x`, `=x` and `nameserver x` say what kind of thing is meant.
        let mut words = query.split_ascii_whitespace();
        let first = words.next().unwrap_or_default();
        let (kind, name) = words.next_back().map_or(("", first), |last| (first, last));
        let name = name.trim_start_matches('=').trim_end_matches('.');
        let register = &*self.register;
        match &self.desk {
            Desk::Iana => layout::iana(register, name),
            Desk::Registrar => layout::registrar(register, name),
            Desk::Registry(server) => {
                let host = matches!(kind, "nameserver" | "host" | "server")
                    || !register.domains.contains_key(name) && register.hosts.contains_key(name);
                match register.zone_of(name) {
                    _ if host => layout::host(register, name),
                    Some(zone) if zone.whois == *server => layout::domain(register, zone, name),
                    _ => format!("No match for \"{}\".\n", name.to_ascii_uppercase()),
                }
            }
        }
    }
}
