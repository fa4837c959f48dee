//! `--login USER`: whose login is tried at the submission port. And where a password comes from:
//! never from the command line, which every user of the machine can read.

use super::exit::{self, Failure};
use crate::check::SubmissionPlace;
use crate::net::dns::Name;
use crate::smtp::Login;
use crate::text::{SafeText, Secret};
use clap::Args;
use crossterm::event::{self, Event, KeyCode, KeyEvent, KeyEventKind, KeyModifiers};
use crossterm::terminal::{disable_raw_mode, enable_raw_mode};
use std::fs;
use std::io::{self, BufRead as _, BufReader, IsTerminal as _, Read as _, Write as _};
use std::path::{Path, PathBuf};

const VARIABLE: &str = "SMTP_TUI_PASSWORD";
/// Octets of a password file that are read.
const MOST: u64 = 64 << 10;

#[derive(Clone, Debug, Args)]
pub(super) struct LoginOptions {
    /// Log in to the submission port as this user. The password comes from --password-file, the
    /// environment variable `SMTP_TUI_PASSWORD`, or is asked for
    #[arg(long, value_name = "USER")]
    login: Option<String>,
    /// File whose first line is the password
    #[arg(long, value_name = "FILE", requires = "login")]
    password_file: Option<PathBuf>,
    /// Send the password also where the certificate does not verify
    #[arg(long, requires = "login")]
    unverified_login: bool,
    /// Host that mail programs send through, where it is not the published one
    #[arg(long, value_name = "HOST[:PORT]", value_parser = place)]
    submission: Option<SubmissionPlace>,
}

impl LoginOptions {
    pub(super) fn place(&self) -> Option<SubmissionPlace> {
        self.submission.clone()
    }

    pub(super) fn goes_unverified(&self) -> bool {
        self.unverified_login
    }

    pub(super) fn is_wanted(&self) -> bool {
        self.login.is_some()
    }

    /// The login with its password, asked for where it is given nowhere.
    pub(super) fn read(&self) -> Result<Option<Login>, Failure> {
        let Some(user) = &self.login else {
            return Ok(None);
        };
        let password = password(user, self.password_file.as_deref())?;
        Login::new(user, password)
            .map(Some)
            .map_err(|error| Failure::new(exit::DATA, format!("the login: {error}")))
    }
}

/// The password of this user: from the file, from the environment, or asked for.
pub(super) fn password(user: &str, file: Option<&Path>) -> Result<Secret, Failure> {
    if let Some(path) = file {
        return from_file(path);
    }
    match std::env::var_os(VARIABLE) {
        Some(text) => text.into_string().map(Secret::new).map_err(|_| {
            Failure::new(
                exit::DATA,
                format!("the password in {VARIABLE} is no UTF-8"),
            )
        }),
        None => asked(user),
    }
}

fn place(text: &str) -> Result<SubmissionPlace, String> {
    let bad = || {
        let text = SafeText::from(text);
        format!("`{text}` is no host name, with or without `:port`")
    };
    let (host, port) = match text.rsplit_once(':') {
        Some((host, port)) => {
            let port: u16 = port.parse().map_err(|_| bad())?;
            (host, Some(port).filter(|port| *port != 0))
        }
        None => (text, None),
    };
    let mut host = Name::from_ascii(host.to_ascii_lowercase()).map_err(|_| bad())?;
    host.set_fqdn(true);
    // Certificates are for names, and an address has none.
    if host.is_root() || text.parse::<std::net::IpAddr>().is_ok() {
        return Err(bad());
    }
    Ok(SubmissionPlace { host, port })
}

fn from_file(path: &Path) -> Result<Secret, Failure> {
    let shown = path.display();
    let mut line = Vec::new();
    fs::File::open(path)
        .and_then(|file| BufReader::new(file.take(MOST)).read_until(b'\n', &mut line))
        .map_err(|error| {
            Failure::new(
                exit::NO_INPUT,
                format!("reading the password from `{shown}`: {error}"),
            )
        })?;
    while line.ends_with(b"\n") || line.ends_with(b"\r") {
        line.pop();
    }
    String::from_utf8(line)
        .map(Secret::new)
        .map_err(|_| Failure::new(exit::DATA, format!("the password in `{shown}` is no UTF-8")))
}

/// Asks on the terminal, without echo.
fn asked(user: &str) -> Result<Secret, Failure> {
    if !io::stdin().is_terminal() || !io::stderr().is_terminal() {
        return Err(Failure::new(
            exit::USAGE,
            "there is no password to log in with, and no terminal to ask for it",
        )
        .hint(format!("--password-file FILE, or {VARIABLE}")));
    }
    let broken =
        |error: io::Error| Failure::new(exit::IO, format!("asking for the password: {error}"));
    let mut stderr = io::stderr();
    write!(stderr, "Password of {}: ", SafeText::from(user)).map_err(broken)?;
    stderr.flush().map_err(broken)?;
    enable_raw_mode().map_err(broken)?;
    let typed = typed(event::read);
    // Whatever was typed, the terminal is as it was.
    let restored = disable_raw_mode();
    let _ = writeln!(stderr);
    restored.map_err(broken)?;
    typed
        .map_err(broken)?
        .ok_or_else(|| Failure::new(exit::USAGE, "no password was given"))
}

/// Takes keys until Enter; none where it was broken off with Ctrl-C, Ctrl-D or Esc.
fn typed(mut next: impl FnMut() -> io::Result<Event>) -> io::Result<Option<Secret>> {
    let mut text = String::new();
    loop {
        match next()? {
            Event::Key(KeyEvent {
                code,
                modifiers,
                kind: KeyEventKind::Press | KeyEventKind::Repeat,
                ..
            }) => match code {
                KeyCode::Enter => return Ok(Some(Secret::new(text))),
                KeyCode::Esc => return Ok(None),
                KeyCode::Char('c' | 'd') if modifiers.contains(KeyModifiers::CONTROL) => {
                    return Ok(None);
                }
                KeyCode::Char('u') if modifiers.contains(KeyModifiers::CONTROL) => text.clear(),
                KeyCode::Backspace => {
                    text.pop();
                }
                KeyCode::Char(c) => text.push(c),
                _ => {}
            },
            Event::Paste(pasted) => text.push_str(&pasted),
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_is_typed_key_by_key() {
        let play = |keys: &[(KeyCode, KeyModifiers)]| {
            let mut keys = keys.iter();
            typed(|| {
                let (code, modifiers) = keys.next().unwrap();
                Ok(Event::Key(KeyEvent::new(*code, *modifiers)))
            })
            .unwrap()
            .map(|secret| secret.expose().to_owned())
        };
        let none = KeyModifiers::NONE;
        let key = |c| (KeyCode::Char(c), none);
        let enter = (KeyCode::Enter, none);
        let back = (KeyCode::Backspace, none);
        assert_eq!(
            play(&[key('a'), key('x'), back, key('ü'), enter]).as_deref(),
            Some("aü")
        );
        let control = |c| (KeyCode::Char(c), KeyModifiers::CONTROL);
        assert_eq!(
            play(&[key('a'), control('u'), key('b'), enter]).as_deref(),
            Some("b")
        );
        assert_eq!(play(&[key('a'), control('c')]), None);
    }

    #[test]
    fn a_submission_host_is_a_name() {
        let read = |text| place(text).map(|place| (place.host.to_ascii(), place.port));
        assert_eq!(
            read("Mail.Example.org"),
            Ok(("mail.example.org.".into(), None))
        );
        assert_eq!(
            read("mail.example.org:2587"),
            Ok(("mail.example.org.".into(), Some(2587)))
        );
        for wrong in [
            "",
            "a..b",
            "mail.example.org:smtp",
            "192.0.2.1",
            "2001:db8::1",
        ] {
            assert!(place(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn the_first_line_of_a_file_is_the_password() {
        let file = tempfile::NamedTempFile::new().unwrap();
        fs::write(file.path(), "orange tree \r\nsecond\n").unwrap();
        assert_eq!(from_file(file.path()).unwrap().expose(), "orange tree ");
        fs::write(file.path(), b"\xff\xfe\n").unwrap();
        let error = from_file(file.path()).unwrap_err();
        assert!(error.message.contains("no UTF-8") && !error.message.contains("xff"));
    }
}
