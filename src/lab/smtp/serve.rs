//! A connection to a mail host: bytes to lines, replies to bytes, the handshake between.

use super::dialogue::Dialogue;
use super::host::MailServer;
use super::old_tls;
use super::turn::{Next, Turn};
use super::weakness::{Ending, talks_early};
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

trait Stream: AsyncRead + AsyncWrite + Unpin + Send {}
impl<T: AsyncRead + AsyncWrite + Unpin + Send> Stream for T {}

/// Serves one connection to its end. With `tls_first` the handshake comes before the greeting,
/// as on port 465 (RFC 8314 section 3.3).
pub(crate) async fn converse(
    host: &MailServer,
    stream: impl AsyncRead + AsyncWrite + Unpin + Send,
    tls_first: bool,
    clock: Clock,
) -> io::Result<()> {
    if host.script.close == Some(Stage::Connect) {
        return Ok(());
    }
    if host.script.silent {
        clock.sleep(PATIENCE * 2).await;
        return Ok(());
    }
    let stream: Box<dyn Stream + '_> = if tls_first {
        Box::new(TlsAcceptor::from(host.tls.clone()).accept(stream).await?)
    } else {
        Box::new(stream)
    };
    clock
        .sleep(Duration::from_secs(host.script.banner_delay))
        .await;
    let mut stream = BufStream::new(stream);
    if let Some(raw) = &host.script.raw {
        stream.write_all(raw.as_bytes()).await?;
        return stream.shutdown().await;
    }
    if host.script.greet_wait && talks_early(&mut stream, clock).await? {
        let turn = Turn::say(format!("554 5.5.1 {} Protocol error", host.name));
        say(&mut stream, &turn).await?;
        return stream.shutdown().await;
    }
    let mut dialogue = Dialogue::new(host, tls_first);
    let mut turn = dialogue.banner();
    // Lines that came in clear and are run inside TLS, where the host is that careless.
    let mut kept: VecDeque<String> = VecDeque::new();
    loop {
        if turn.next == Next::HandshakeWithRest {
            // Before the 220 goes out, so that it cannot be the client's handshake yet.
            kept = pipelined(&mut stream);
        }
        say(&mut stream, &turn).await?;
        match turn.next {
            Next::Command if !kept.is_empty() && dialogue.tls => {
                let line = kept.pop_front().unwrap_or_default();
                turn = dialogue.line(&line);
            }
            Next::Command => {
                let Some(line) = line(&mut stream, clock).await? else {
                    return Ok(());
                };
                dialogue.now = clock.elapsed();
                turn = dialogue.line(&String::from_utf8_lossy(&line));
            }
            Next::Message => {
                if !message(host, &mut stream, clock).await? {
                    return Ok(());
                }
                turn = dialogue.message();
            }
            Next::Handshake | Next::HandshakeWithRest => {
                // What was sent ahead of the handshake is dropped with the buffer
                // (RFC 3207 section 4.2; CVE-2011-0411).
                let plain = stream.into_inner();
                let secured = TlsAcceptor::from(host.tls.clone()).accept(plain).await?;
                stream = BufStream::new(Box::new(secured));
                dialogue.secured();
                turn = Turn {
                    reply: Vec::new(),
                    next: Next::Command,
                };
            }
            Next::OldHandshake => {
                let mut header = [0; old_tls::HEADER];
                stream.read_exact(&mut header).await?;
                let mut hello = vec![0; old_tls::length(header).min(old_tls::MAX_RECORD)];
                stream.read_exact(&mut hello).await?;
                stream.write_all(&old_tls::answer(&hello)).await?;
                return stream.shutdown().await;
            }
            Next::Garbage => {
                stream.write_all(b"this is not a handshake\r\n").await?;
                return stream.shutdown().await;
            }
            Next::Close => return stream.shutdown().await,
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
async fn line(
    stream: &mut BufStream<Box<dyn Stream + '_>>,
    clock: Clock,
) -> io::Result<Option<Vec<u8>>> {
    let mut line = Vec::new();
    let mut bounded = stream.take(MAX_LINE);
    let reading = bounded.read_until(b'\n', &mut line);
    match clock.timeout(PATIENCE, reading).await {
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

/// Takes a message into the void, up to its end.
async fn message(
    host: &MailServer,
    stream: &mut BufStream<Box<dyn Stream + '_>>,
    clock: Clock,
) -> io::Result<bool> {
    let mut ending = Ending::of(host);
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
