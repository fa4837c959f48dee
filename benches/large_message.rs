//! How much memory a large message takes: `cargo bench --bench large_message [-- MEGABYTES]`.
//! A file goes over loopback by DATA and by BDAT; the peak of the resident set is printed.
#![expect(clippy::print_stdout, reason = "a benchmark tells what it measured")]

use smtp_tui::engine::message::{From, Letter, Text};
use smtp_tui::net::Network;
use smtp_tui::net::smtp::{Options, Wire};
use smtp_tui::smtp::data::LineEnds;
use smtp_tui::smtp::data::template::Values;
use smtp_tui::smtp::{Command, data::Stamp};
use std::error::Error;
use std::io::{BufRead as _, BufReader, Write as _};
use std::net::{SocketAddr, TcpListener};

/// Takes one session and throws everything away.
fn sink(listener: &TcpListener) -> std::io::Result<()> {
    let (stream, _) = listener.accept()?;
    let mut writer = stream.try_clone()?;
    let mut reader = BufReader::with_capacity(1 << 16, stream);
    writer.write_all(b"220 x\r\n")?;
    let mut in_data = false;
    let mut line = Vec::new();
    loop {
        line.clear();
        if reader.read_until(b'\n', &mut line)? == 0 {
            return Ok(());
        }
        let answer: &[u8] = match &line[..] {
            b".\r\n" if in_data => {
                in_data = false;
                b"250 x\r\n"
            }
            _ if in_data => continue,
            b"DATA\r\n" => {
                in_data = true;
                b"354 x\r\n"
            }
            [b'B', b'D', b'A', b'T', rest @ ..] => {
                let digits = rest.iter().filter(|byte| byte.is_ascii_digit());
                let mut left = digits.fold(0, |sum, digit| sum * 10 + usize::from(digit - b'0'));
                while left > 0 {
                    let taken = reader.fill_buf()?.len().min(left);
                    reader.consume(taken);
                    left -= taken;
                }
                b"250 x\r\n"
            }
            [b'E', ..] => b"250-x\r\n250 CHUNKING\r\n",
            _ => b"250 x\r\n",
        };
        writer.write_all(answer)?;
    }
}

async fn send(letter: &Letter, to: SocketAddr) -> Result<(), Box<dyn Error>> {
    let from = "a@b.example".parse()?;
    let values = Values {
        stamp: Stamp {
            date: jiff::Timestamp::UNIX_EPOCH,
            message_id: "1@x",
            from: &from,
            to: &[],
        },
        helo: "x",
        n: 1,
    };
    let mut source = Some(letter.source(&values).await?);
    let options = Options::default();
    let mut wire = Wire::open(&Network::internet(), to, options).await?;
    let mut steps = vec!["RCPT TO:<c@d.example>", "MAIL FROM:<a@b.example>", "EHLO x"];
    if letter.chunk.is_none() {
        steps.insert(0, "DATA");
    }
    loop {
        wire.flush().await;
        while wire.event().is_some() {}
        if wire.session().is_supplied() || wire.session().awaited().is_some() {
            wire.wait().await;
        } else if let Some(step) = steps.pop() {
            let command = Command::parse_typed(step)?;
            wire.say(|session, now| session.send(&command, now))?;
        } else if let Some(source) = source.take() {
            wire.send_message(source)?;
        } else {
            wire.close().await;
            return Ok(());
        }
    }
}

/// Kilobytes.
fn peak() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find(|line| line.starts_with("VmHWM:"))?;
    line.split_whitespace().nth(1)?.parse().ok()
}

fn main() -> Result<(), Box<dyn Error>> {
    let megabytes = std::env::args().find_map(|word| word.parse().ok());
    let megabytes: u64 = megabytes.unwrap_or(500);
    let file = tempfile::NamedTempFile::new()?;
    let block = b"A line of a message of the usual length, seventy letters and some..\r\n.";
    let mut writer = std::io::BufWriter::new(file.as_file());
    for _ in 0..(megabytes << 20) / block.len() as u64 {
        writer.write_all(block)?;
    }
    writer.flush()?;
    let runtime = tokio::runtime::Runtime::new()?;
    println!("before: peak of {} kB", peak().unwrap_or_default());
    for chunk in [None, Some(1 << 16), Some(1 << 20)] {
        let listener = TcpListener::bind("127.0.0.1:0")?;
        let to = listener.local_addr()?;
        let server = std::thread::spawn(move || sink(&listener));
        let letter = Letter {
            text: Text::AsItIs {
                from: From::File(file.path().to_owned()),
                ends: LineEnds::Made,
            },
            chunk,
            ..Letter::default()
        };
        runtime.block_on(send(&letter, to))?;
        server.join().map_err(|_| "the sink panicked")??;
        let way = chunk.map_or("DATA".to_owned(), |chunk| format!("BDAT {chunk}"));
        println!(
            "{megabytes} MB by {way}: peak of {} kB",
            peak().unwrap_or_default()
        );
    }
    Ok(())
}
