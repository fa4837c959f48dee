//! `smtp-tui session HOST`: straight into the live session; with `--script`, without a screen.

use super::exit::{self, Failure};
use super::interactive;
use super::login;
use super::options::{Format, Options};
use super::world::Place;
use super::written;
use crate::case::{From, Line};
use crate::engine::script;
use crate::net::dns::Name;
use crate::net::smtp;
use crate::smtp::Timeouts;
use clap::Args;
use std::fs;
use std::io::{self, Read as _};
use std::net::{IpAddr, SocketAddr};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// Octets of a script that are read.
const MOST: u64 = 16 << 20;

#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// Mail host, by name or address
    #[arg(value_name = "HOST[:PORT]")]
    host: String,
    /// Steps to play (YAML) without a screen, `-` for standard input
    #[arg(long, value_name = "FILE")]
    script: Option<PathBuf>,
    /// File whose first line is the password, or the token, that the script's auth steps log in
    /// with; else it comes from the environment variable `SMTP_TUI_PASSWORD`, or is asked for
    #[arg(long, value_name = "FILE", requires = "script")]
    password_file: Option<PathBuf>,
    /// TLS from the first byte, as on port 465
    #[arg(long)]
    tls_on_connect: bool,
    #[command(flatten)]
    options: Options,
}

pub(super) async fn run(arguments: Arguments) -> Result<ExitCode, Failure> {
    let (host, port) = host_and_port(&arguments.host)?;
    let Some(script) = arguments.script.as_deref() else {
        return interactive::dialogue(&arguments.options, host, port).await;
    };
    let shown = script.display();
    let steps = script::read(&read(script)?).map_err(|error| {
        Failure::new(
            exit::DATA,
            format!("the script `{shown}` cannot be used: {error}"),
        )
        .hint("a YAML list of steps, each with send, starttls, auth, message, expect, wait or quit")
    })?;
    if matches!(arguments.options.format, Format::Markdown | Format::Html) {
        return Err(Failure::new(
            exit::USAGE,
            "a transcript is written as text or JSON",
        ));
    }
    let passwords = passwords(&steps, arguments.password_file.as_deref())?;
    let place = Place::of(&arguments.options).await?;
    let address = address_of(&host, &place).await?;
    let to = SocketAddr::new(address, port);
    let network = place.dns.network();
    let limits = network.limits();
    let options = smtp::Options {
        name: host.clone(),
        timeouts: Timeouts {
            greeting: limits.greeting,
            ..Timeouts::STANDARD
        },
        implicit_tls: arguments.tls_on_connect || port == 465,
    };
    let text = arguments.options.format == Format::Text;
    let mut each = |line: &Line| {
        if text {
            // A reader that has gone away is noticed at the end.
            let _ = written(shown_line(line).as_bytes());
        }
    };
    let played = script::play(network, &host, to, options, &steps, &passwords, &mut each)
        .await
        .map_err(|error| Failure::new(exit::UNAVAILABLE, error.to_string()))?;
    if !text {
        let json = serde_json::to_string(&played.transcript)
            .map_err(|error| Failure::new(exit::IO, error.to_string()))?;
        written(format!("{json}\n").as_bytes())?;
    }
    match played.result {
        Ok(()) => Ok(ExitCode::SUCCESS),
        Err(
            stop @ (script::Stop::Unexpected { .. }
            | script::Stop::NoMechanism { .. }
            | script::Stop::Flawed { .. }
            | script::Stop::Unproven { .. }),
        ) => Err(Failure::new(1, stop.to_string())),
        Err(stop @ script::Stop::Over { .. }) => {
            Err(Failure::new(exit::UNAVAILABLE, stop.to_string()))
        }
        Err(
            stop @ (script::Stop::Refused { .. }
            | script::Stop::InClear { .. }
            | script::Stop::Unverified { .. }),
        ) => Err(Failure::new(exit::DATA, stop.to_string())),
    }
}

/// What the script's logins need, asked for once a user and before anything is connected.
fn passwords(steps: &[script::Step], file: Option<&Path>) -> Result<script::Passwords, Failure> {
    let logins = steps.iter().filter_map(|step| step.auth.as_ref());
    let mut passwords = script::Passwords::new();
    for auth in logins.filter(|auth| auth.needs_secret()) {
        if !passwords.contains_key(&auth.user) {
            passwords.insert(auth.user.clone(), login::password(&auth.user, file)?);
        }
    }
    Ok(passwords)
}

fn shown_line(line: &Line) -> String {
    let mark = match (line.from, line.encrypted) {
        (From::Server, false) => "<-",
        (From::Server, true) => "<~",
        (From::Client, false) => "->",
        (From::Client, true) => "~>",
        (From::Event, _) => "--",
    };
    format!("{:>8} ms {mark} {}\n", line.at_ms, line.line)
}

/// `host`, `host:port`, `192.0.2.1:port`, `[2001:db8::1]:port`.
fn host_and_port(text: &str) -> Result<(String, u16), Failure> {
    let bad = || {
        Failure::new(
            exit::DATA,
            format!("`{}` is no host", crate::text::SafeText::from(text)),
        )
        .hint("a name or an address, with `:port` behind it where it is not 25")
    };
    if let Ok(address) = text.trim_matches(['[', ']']).parse::<IpAddr>() {
        return Ok((address.to_string(), 25));
    }
    if let Ok(address) = text.parse::<SocketAddr>() {
        return Ok((address.ip().to_string(), address.port()));
    }
    let (host, port) = match text.rsplit_once(':') {
        Some((host, port)) => (host, port.parse().map_err(|_| bad())?),
        None => (text, 25),
    };
    if host.is_empty() || Name::from_ascii(host).is_err() || port == 0 {
        return Err(bad());
    }
    Ok((host.to_owned(), port))
}

async fn address_of(host: &str, place: &Place) -> Result<IpAddr, Failure> {
    if let Ok(address) = host.parse() {
        return Ok(address);
    }
    let mut name = Name::from_ascii(host)
        .map_err(|error| Failure::new(exit::DATA, format!("`{host}` is no host name: {error}")))?;
    name.set_fqdn(true);
    let found = place.dns.addresses(&name).await;
    found.all().first().copied().ok_or_else(|| {
        let message = format!("`{host}` has no address: {}", found.v4.evidence());
        Failure::new(exit::UNAVAILABLE, message)
    })
}

fn read(path: &Path) -> Result<String, Failure> {
    let shown = path.display();
    let mut text = String::new();
    let done = if path.as_os_str() == "-" {
        io::stdin().lock().take(MOST).read_to_string(&mut text)
    } else {
        fs::File::open(path).and_then(|file| file.take(MOST).read_to_string(&mut text))
    };
    match done {
        Ok(_) => Ok(text),
        Err(error) if error.kind() == io::ErrorKind::InvalidData => Err(Failure::new(
            exit::DATA,
            format!("the script `{shown}` is no UTF-8 text"),
        )),
        Err(error) => Err(Failure::new(
            exit::NO_INPUT,
            format!("reading the script `{shown}`: {error}"),
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::host_and_port;

    #[test]
    fn takes_names_and_addresses_with_and_without_port() {
        for (text, host, port) in [
            ("mx.example.org", "mx.example.org", 25),
            ("mx.example.org:587", "mx.example.org", 587),
            ("192.0.2.1:2525", "192.0.2.1", 2525),
            ("2001:db8::1", "2001:db8::1", 25),
            ("[2001:db8::1]:465", "2001:db8::1", 465),
        ] {
            assert_eq!(
                host_and_port(text).unwrap(),
                (host.to_owned(), port),
                "{text}"
            );
        }
        for wrong in [
            "",
            ":25",
            "mx.example.org:smtp",
            "mx.example.org:0",
            "a b..c",
        ] {
            assert!(host_and_port(wrong).is_err(), "{wrong}");
        }
    }
}
