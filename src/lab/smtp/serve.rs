//! A connection to a mail host: bytes to lines, replies to bytes, the handshake between.

use super::dialogue::Dialogue;
use super::host::MailServer;
use super::hostile::{self, Hostility};
use super::old_tls;
use super::turn::{Next, Turn};
use super::weakness::{self, talks_early};
use crate::lab::setting::Stage;
use crate::net::Clock;
use futures_util::FutureExt as _;
use std::collections::VecDeque;
use std::io;
use std::time::Duration;
use tokio::io::{
    AsyncBufReadExt as _, AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _, BufStream,
};
use tokio_rustls::TlsAcceptor;

/// Octets of a line; the longest command of any extension is AUTH's (RFC 4954 section 4).
const MAX_LINE: u64 = 12_288;
/// Octets of a message that are taken in before the connection is dropped.
const MAX_MESSAGE: u64 = 64 << 20;
/// How long the client may think (RFC 5321 section 4.5.3.2.7).
const PATIENCE: Duration = Duration::from_mins(5);

pub(super) trait Stream: AsyncRead + AsyncWrite + Unpin + Send {}
impl<T: AsyncRead + AsyncWrite + Unpin + Send> Stream for T {}

/// How a connection ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Ending {
    /// In order.
    Close,
    /// By RST.
    Reset,
}

/// The server's end of one connection.
pub(super) struct Server<'a> {
    pub(super) host: &'a MailServer,
    /// None while a handshake is under way, and after one that failed.
    stream: Option<BufStream<Box<dyn Stream + 'a>>>,
    dead: BufStream<Box<dyn Stream + 'a>>,
}

impl<'a> Server<'a> {
    pub(super) fn stream(&mut self) -> &mut BufStream<Box<dyn Stream + 'a>> {
        self.stream.as_mut().unwrap_or(&mut self.dead)
    }

    pub(super) async fn say(&mut self, turn: &Turn) -> io::Result<()> {
        say(self.stream(), turn).await
    }

    /// Shakes hands. What was sent ahead of the handshake is dropped with the buffer (RFC 3207
    /// section 4.2; CVE-2011-0411).
    pub(super) async fn secure(&mut self, tls: &TlsAcceptor) -> io::Result<()> {
        let Some(plain) = self.stream.take() else {
            return Ok(());
        };
        let secured = tls.accept(plain.into_inner()).await?;
        self.stream = Some(BufStream::new(Box::new(secured)));
        Ok(())
    }
}

/// Serves one connection to its end. With `tls_first` the handshake comes before the greeting,
/// as on port 465 (RFC 8314 section 3.3).
pub(crate) async fn converse(
    host: &MailServer,
    stream: impl AsyncRead + AsyncWrite + Unpin + Send,
    tls_first: bool,
    clock: Clock,
) -> io::Result<Ending> {
    if host.script.close == Some(Stage::Connect) {
        return Ok(Ending::Close);
    }
    if host.script.silent {
        clock.sleep(PATIENCE * 2).await;
        return Ok(Ending::Close);
    }
    let mut server = Server {
        host,
        stream: Some(BufStream::new(Box::new(stream))),
        dead: BufStream::new(Box::new(tokio::io::join(
            tokio::io::empty(),
            tokio::io::sink(),
        ))),
    };
    let mut hostility = host.script.hostile.as_ref().map(Hostility::of);
    if let Some(hostility) = hostility.as_mut().filter(|h| h.begins_at(Stage::Connect))
        && let Some(ending) = hostility
            .act(&mut server, &hostile::nothing(), clock)
            .await?
    {
        return Ok(ending);
    }
    if tls_first {
        server.secure(&TlsAcceptor::from(host.tls.clone())).await?;
    }
    clock
        .sleep(Duration::from_secs(host.script.banner_delay))
        .await;
    if let Some(raw) = &host.script.raw {
        server.stream().write_all(raw.as_bytes()).await?;
        server.stream().shutdown().await?;
        return Ok(Ending::Close);
    }
    if host.script.greet_wait && talks_early(server.stream(), clock).await? {
        let turn = Turn::say(format!("554 5.5.1 {} Protocol error", host.name));
        server.say(&turn).await?;
        server.stream().shutdown().await?;
        return Ok(Ending::Close);
    }
    let mut dialogue = Dialogue::new(host, tls_first);
    let ending = talk(&mut server, &mut dialogue, hostility, clock).await?;
    if ending == Ending::Close {
        server.stream().shutdown().await?;
    }
    Ok(ending)
}

/// The dialogue from the greeting on.
async fn talk(
    server: &mut Server<'_>,
    dialogue: &mut Dialogue<'_>,
    mut hostility: Option<Hostility<'_>>,
    clock: Clock,
) -> io::Result<Ending> {
    let mut turn = dialogue.banner();
    // Lines that came in clear and are run inside TLS, where the host is that careless.
    let mut kept: VecDeque<String> = VecDeque::new();
    // What answers next is the hostility.
    let mut hostile = hostility
        .as_ref()
        .is_some_and(|hostility| hostility.begins_at(Stage::Banner));
    loop {
        if turn.next == Next::HandshakeWithRest {
            // Before the 220 goes out, so that it cannot be the client's handshake yet.
            kept = pipelined(server.stream());
        }
        match &mut hostility {
            Some(hostility) if std::mem::take(&mut hostile) => {
                if let Some(ending) = hostility.act(server, &turn, clock).await? {
                    return Ok(ending);
                }
            }
            _ => server.say(&turn).await?,
        }
        let mut heard = |line: &str, hostility: &mut Option<Hostility<'_>>| {
            hostile = hostility.as_mut().is_some_and(|h| h.answers(line));
        };
        match turn.next {
            Next::Command if !kept.is_empty() && dialogue.tls => {
                let line = kept.pop_front().unwrap_or_default();
                turn = dialogue.line(&line);
            }
            Next::Command => {
                let Some(line) = line(server.stream(), clock, PATIENCE).await? else {
                    return Ok(Ending::Close);
                };
                dialogue.now = clock.elapsed();
                let line = String::from_utf8_lossy(&line);
                heard(&line, &mut hostility);
                turn = dialogue.line(&line);
            }
            Next::Message => {
                if let Some(hostility) = hostility.as_mut().filter(|h| h.begins_at(Stage::Body))
                    && let Some(ending) = hostility.act(server, &turn, clock).await?
                {
                    return Ok(ending);
                }
                let host = server.host;
                if !message(host, server.stream(), clock).await? {
                    return Ok(Ending::Close);
                }
                hostile = hostility
                    .as_ref()
                    .is_some_and(|hostility| hostility.begins_at(Stage::Message));
                turn = dialogue.message();
            }
            Next::Chunk { octets, last } => {
                if !chunk(server.stream(), octets, clock).await? {
                    return Ok(Ending::Close);
                }
                hostile = last
                    && hostility
                        .as_ref()
                        .is_some_and(|hostility| hostility.begins_at(Stage::Message));
                turn = dialogue.chunk(octets, last);
            }
            Next::Handshake | Next::HandshakeWithRest => {
                if !hostility
                    .as_mut()
                    .is_some_and(Hostility::took_the_handshake)
                {
                    server
                        .secure(&TlsAcceptor::from(server.host.tls.clone()))
                        .await?;
                }
                dialogue.secured();
                turn = hostile::nothing();
            }
            Next::OldHandshake => {
                let stream = server.stream();
                let mut header = [0; old_tls::HEADER];
                stream.read_exact(&mut header).await?;
                let mut hello = vec![0; old_tls::length(header).min(old_tls::MAX_RECORD)];
                stream.read_exact(&mut hello).await?;
                stream.write_all(&old_tls::answer(&hello)).await?;
                return Ok(Ending::Close);
            }
            Next::Garbage => {
                let garbage = b"this is not a handshake\r\n";
                server.stream().write_all(garbage).await?;
                return Ok(Ending::Close);
            }
            Next::Close => return Ok(Ending::Close),
        }
    }
}

/// The lines that have come in already and were not asked for yet.
fn pipelined(stream: &mut BufStream<Box<dyn Stream + '_>>) -> VecDeque<String> {
    let buffered = stream.fill_buf().now_or_never();
    let Some(Ok(bytes)) = buffered else {
        return VecDeque::new();
    };
    let lines = String::from_utf8_lossy(bytes)
        .lines()
        .map(str::to_owned)
        .collect();
    let length = bytes.len();
    stream.consume(length);
    lines
}

async fn say(stream: &mut BufStream<Box<dyn Stream + '_>>, turn: &Turn) -> io::Result<()> {
    for line in &turn.reply {
        stream.write_all(line.as_bytes()).await?;
        stream.write_all(b"\r\n").await?;
    }
    stream.flush().await
}

/// The next line without its end; none when the client has gone or says nothing for too long.
pub(super) async fn line(
    stream: &mut BufStream<Box<dyn Stream + '_>>,
    clock: Clock,
    patience: Duration,
) -> io::Result<Option<Vec<u8>>> {
    let mut line = Vec::new();
    let mut bounded = stream.take(MAX_LINE);
    let reading = bounded.read_until(b'\n', &mut line);
    match clock.timeout(patience, reading).await {
        Err(_) | Ok(Ok(0)) => Ok(None),
        Ok(Err(error)) => Err(error),
        Ok(Ok(_)) if line.ends_with(b"\n") => {
            line.pop();
            line.pop_if(|byte| *byte == b'\r');
            Ok(Some(line))
        }
        Ok(Ok(_)) => Ok(None),
    }
}

/// Takes a chunk into the void.
async fn chunk(
    stream: &mut BufStream<Box<dyn Stream + '_>>,
    octets: u64,
    clock: Clock,
) -> io::Result<bool> {
    if octets > MAX_MESSAGE {
        return Ok(false);
    }
    let mut bounded = stream.take(octets);
    let mut void = tokio::io::sink();
    match clock
        .timeout(PATIENCE, tokio::io::copy(&mut bounded, &mut void))
        .await
    {
        Ok(copied) => Ok(copied? == octets),
        Err(_) => Ok(false),
    }
}

/// Takes a message into the void, up to its end.
async fn message(
    host: &MailServer,
    stream: &mut BufStream<Box<dyn Stream + '_>>,
    clock: Clock,
) -> io::Result<bool> {
    let mut ending = weakness::Ending::of(host);
    let mut taken = 0;
    while taken <= MAX_MESSAGE {
        let Ok(read) = clock.timeout(PATIENCE, stream.fill_buf()).await else {
            break;
        };
        let octets = read?;
        if octets.is_empty() {
            break;
        }
        let end = ending.within(octets);
        let used = end.unwrap_or(octets.len());
        stream.consume(used);
        taken += used as u64;
        if end.is_some() {
            return Ok(true);
        }
    }
    Ok(false)
}
