//! STARTTLS tried apart from the session: does the server run what was sent in clear, and has
//! it only versions of TLS that are given up?

use super::hello::hello;
use crate::check::Context;
use crate::net::dns::Name;
use crate::net::tls;
use crate::smtp::Stage;
use crate::smtp::reply::{Parsed, Reply, ReplyParser};
use std::io;
use std::net::SocketAddr;
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};

/// All of it takes no longer than this.
const LIMIT: Duration = Duration::from_secs(20);
/// Pieces that are read while waiting for one reply.
const MAX_READS: usize = 512;

/// What the attempt showed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StartTls {
    /// The reply that came inside TLS to the command that was sent in clear.
    pub injected: Option<String>,
    /// The server's answer to a hello of TLS 1.1, where it chose that or less: `1.1`, `1.0`.
    pub old_version: Option<&'static str>,
}

/// What is tried, by what the session has shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Try {
    Injection,
    OldVersion,
}

pub(super) async fn ask(
    context: &Context,
    host: &Name,
    to: SocketAddr,
    what: Try,
) -> Option<StartTls> {
    let clock = context.dns.network().clock();
    let work = attempt(context, host, to, what);
    clock.timeout(LIMIT, work).await.ok()?.ok()
}

async fn attempt(
    context: &Context,
    host: &Name,
    to: SocketAddr,
    what: Try,
) -> io::Result<StartTls> {
    let network = context.dns.network();
    let connection = network.connect(to).await.map_err(io::Error::other)?;
    let (mut stream, _permit) = connection.into_parts();
    let here = stream.local_addr().ok().map(|local| local.ip());
    let mut parser = ReplyParser::default();
    positive(&reply(&mut stream, &mut parser).await?)?;
    let name = hello(context, here).await;
    stream
        .write_all(format!("EHLO {name}\r\n").as_bytes())
        .await?;
    positive(&reply(&mut stream, &mut parser).await?)?;
    let command: &[u8] = match what {
        // One segment: what stands behind STARTTLS is to be thrown away (RFC 3207 section 4.2).
        Try::Injection => b"STARTTLS\r\nNOOP\r\n",
        Try::OldVersion => b"STARTTLS\r\n",
    };
    stream.write_all(command).await?;
    positive(&reply(&mut stream, &mut parser).await?)?;
    let mut seen = StartTls {
        injected: None,
        old_version: None,
    };
    match what {
        Try::Injection => {
            let name = host.to_ascii();
            let (mut stream, _) =
                tls::connect(network.trust(), stream, &name, tls::Check::Observe, &[])
                    .await
                    .map_err(io::Error::other)?;
            stream.write_all(b"QUIT\r\n").await?;
            stream.flush().await?;
            let mut parser = ReplyParser::default();
            let first = reply(&mut stream, &mut parser).await?;
            // The answer to QUIT is 221; whatever stands before it answers the NOOP.
            if first.code.is_some_and(|code| code.get() == 250) {
                seen.injected = first.lines.first().map(|line| line.shown.to_string());
            }
        }
        Try::OldVersion => {
            stream.write_all(&client_hello(&host.to_ascii())).await?;
            seen.old_version = old_version(&mut stream).await?;
        }
    }
    Ok(seen)
}

fn positive(reply: &Reply) -> io::Result<()> {
    if reply.is_positive() {
        Ok(())
    } else {
        Err(io::Error::other("refused"))
    }
}

async fn reply<S>(stream: &mut S, parser: &mut ReplyParser) -> io::Result<Reply>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    let mut buffer = [0; 2048];
    for _ in 0..MAX_READS {
        loop {
            match parser.next(Stage::Unknown) {
                Some(Ok(Parsed::Reply(reply))) => return Ok(reply),
                Some(Ok(Parsed::Line(_))) => {}
                Some(Err(error)) => return Err(io::Error::other(error)),
                None => break,
            }
        }
        let length = stream.read(&mut buffer).await?;
        match buffer.get(..length) {
            Some([]) | None => return Err(io::ErrorKind::UnexpectedEof.into()),
            Some(bytes) => parser.push(bytes),
        }
    }
    Err(io::Error::other("the reply has no end"))
}

/// The `ClientHello` of a client that has TLS 1.1 and nothing newer (RFC 4346 section 7.4.1.2).
fn client_hello(name: &str) -> Vec<u8> {
    let name = name.strip_suffix('.').unwrap_or(name).as_bytes();
    let length = |bytes: usize| u16::try_from(bytes).unwrap_or(u16::MAX).to_be_bytes();
    let mut server_name = Vec::new();
    server_name.extend(length(name.len() + 3));
    server_name.push(0);
    server_name.extend(length(name.len()));
    server_name.extend(name);
    let mut extensions = Vec::new();
    for (number, body) in [
        (0_u16, server_name.as_slice()),
        // secp256r1, secp384r1, secp521r1; uncompressed points.
        (10, &[0, 6, 0, 23, 0, 24, 0, 25]),
        (11, &[1, 0]),
    ] {
        extensions.extend(number.to_be_bytes());
        extensions.extend(length(body.len()));
        extensions.extend(body);
    }
    let mut hello = vec![3, 2];
    // The random: nothing is ever encrypted with it.
    hello.extend([0x5a; 32]);
    hello.push(0);
    // CBC suites that servers of that time have: ECDHE and plain RSA, ECDSA.
    let suites: [u16; 9] = [
        0xc014, 0xc013, 0xc00a, 0xc009, 0x0039, 0x0033, 0x0035, 0x002f, 0x000a,
    ];
    hello.extend(length(suites.len() * 2));
    hello.extend(suites.iter().flat_map(|suite| suite.to_be_bytes()));
    hello.extend([1, 0]);
    hello.extend(length(extensions.len()));
    hello.extend(extensions);
    let mut message = vec![1, 0];
    message.extend(length(hello.len()));
    message.extend(hello);
    let mut record = vec![22, 3, 1];
    record.extend(length(message.len()));
    record.extend(message);
    record
}

/// The version that a `ServerHello` chose, where it is one that is given up.
async fn old_version<S: AsyncRead + Unpin>(stream: &mut S) -> io::Result<Option<&'static str>> {
    let mut start = [0; 11];
    stream.read_exact(&mut start).await?;
    // Record of a handshake, with a ServerHello as its first message.
    Ok(match start {
        [22, _, _, _, _, 2, _, _, _, 3, 2] => Some("1.1"),
        [22, _, _, _, _, 2, _, _, _, 3, 1] => Some("1.0"),
        [22, _, _, _, _, 2, _, _, _, 3, 0] => Some("SSL 3.0"),
        _ => None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_hello_has_the_lengths_that_it_says() {
        let record = client_hello("mx.example.org.");
        let length = |at: usize| usize::from(u16::from_be_bytes([record[at], record[at + 1]]));
        assert_eq!(record.len(), length(3) + 5);
        assert_eq!(record.len(), length(7) + 9);
        assert!(record.windows(14).any(|part| part == b"mx.example.org"));
    }

    #[tokio::test]
    async fn tells_old_versions() {
        for (last, expected) in [(2, Some("1.1")), (1, Some("1.0")), (3, None)] {
            let bytes: [u8; 11] = [22, 3, 1, 0, 80, 2, 0, 0, 76, 3, last];
            let found = old_version(&mut bytes.as_slice()).await.unwrap();
            assert_eq!(found, expected);
        }
    }
}
