//! How the connection of a session is made, as it is written on the command line.

use crate::cli::exit::{self, Failure};
use crate::cli::options::Options as Common;
use crate::net::Source;
use crate::net::smtp::{Family, HeaderVersion, Options, Proxy, ProxyHeader, Way};
use crate::net::tls::{Check, Identity, Sni, Terms, Trust, Version};
use crate::smtp::tls::Policy;
use crate::text::{SafeText, Secret};
use clap::Args;
use clap::builder::{PossibleValuesParser, TypedValueParser as _};
use std::borrow::Cow;
use std::fs;
use std::io::{self, Read as _, Write as _};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// Where a proxy's password comes from, unless it stands in the URL.
const PROXY_PASSWORD: &str = "SMTP_TUI_PROXY_PASSWORD";
/// Octets of a PEM file that are read.
const MOST: u64 = 4 << 20;

#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a switch of the command line"
)]
#[derive(Clone, Debug, Default, Args)]
#[group(id = "way")]
pub(super) struct Arguments {
    /// Over IPv4 only
    #[arg(short = '4', long, conflicts_with = "ipv6")]
    ipv4: bool,
    /// Over IPv6 only
    #[arg(short = '6', long)]
    ipv6: bool,
    /// Port that the connection leaves from
    #[arg(long, value_name = "PORT", value_parser = clap::value_parser!(u16).range(1..))]
    source_port: Option<u16>,
    /// Through this Unix socket
    #[arg(long, value_name = "PATH", conflicts_with_all = ["pipe", "proxy", "ipv4", "ipv6", "source_port"])]
    unix: Option<PathBuf>,
    /// Through the standard streams of this command, run by `sh` and without a terminal:
    /// `ssh host nc mx 25`
    #[arg(long, value_name = "COMMAND", conflicts_with_all = ["proxy", "ipv4", "ipv6", "source_port"])]
    pipe: Option<String>,
    /// Through a SOCKS5 proxy, which looks up the host's name; what is no letter or
    /// digit in USER and PASSWORD is written %NN. Its password rather in the environment variable
    /// `SMTP_TUI_PROXY_PASSWORD`, as it is
    #[arg(long, value_name = "socks5://[USER[:PASSWORD]@]HOST[:PORT]", conflicts_with_all = ["ipv4", "ipv6"])]
    proxy: Option<String>,
    /// Send a header of the PROXY protocol first
    #[arg(long, value_name = "v1|v2", value_parser = ["v1", "v2"])]
    proxy_protocol: Option<String>,
    /// Client in the PROXY header; else the connection's
    #[arg(long, value_name = "ADDR:PORT", requires = "proxy_protocol")]
    proxy_source: Option<SocketAddr>,
    /// Server in the PROXY header; else the connection's
    #[arg(long, value_name = "ADDR:PORT", requires = "proxy_protocol")]
    proxy_dest: Option<SocketAddr>,
    /// Whether to be inside TLS. A script says itself what it says: there, `on-connect` alone
    /// counts, and a `starttls` step is what demands TLS
    #[arg(long, value_name = "WHEN", value_parser = policies())]
    tls: Option<Policy>,
    /// TLS from the first byte, as on port 465: `--tls on-connect`
    #[arg(long, conflicts_with = "tls")]
    tls_on_connect: bool,
    /// Name to send in TLS (SNI) instead of the host's
    #[arg(long, value_name = "NAME", conflicts_with = "no_sni")]
    sni: Option<String>,
    /// Send no name in TLS
    #[arg(long)]
    no_sni: bool,
    /// Certificate to show to a server that asks for one, with its chain (PEM)
    #[arg(long, value_name = "FILE", requires = "client_key")]
    client_cert: Option<PathBuf>,
    /// Its private key (PEM)
    #[arg(long, value_name = "FILE", requires = "client_cert")]
    client_key: Option<PathBuf>,
    /// `yes`: no session where the certificate does not verify; `no`: that is told, and it goes
    /// on
    #[arg(long, value_name = "yes|no", value_parser = ["yes", "no"], default_value = "no")]
    verify: String,
    /// Authorities that certificates are judged by, and no others (PEM)
    #[arg(long, value_name = "FILE")]
    ca_file: Option<PathBuf>,
    /// Name that the certificate must be for, instead of the host's
    #[arg(long, value_name = "NAME")]
    verify_name: Option<String>,
    /// Oldest version of TLS
    #[arg(long, value_name = "1.2|1.3", value_parser = ["1.2", "1.3"])]
    tls_min: Option<String>,
    /// Newest version of TLS
    #[arg(long, value_name = "1.2|1.3", value_parser = ["1.2", "1.3"])]
    tls_max: Option<String>,
    /// Write the server's certificate chain (PEM) to this file, which must not exist
    #[arg(long, value_name = "FILE")]
    save_chain: Option<PathBuf>,
}

fn policies() -> impl clap::builder::TypedValueParser<Value = Policy> {
    PossibleValuesParser::new(Policy::ALL.map(Policy::word))
        .map(|word| word.parse().unwrap_or_default())
}

impl Arguments {
    /// How a session with that host is opened. The files are read here.
    pub(super) fn options(
        &self,
        common: &Common,
        host: &str,
        port: u16,
    ) -> Result<Options, Failure> {
        let source = (self.source_port.is_some() || common.source_ip.is_some()).then(|| Source {
            address: common.source_ip,
            port: self.source_port.unwrap_or(0),
        });
        let on_connect = self.tls_on_connect || (port == 465 && self.tls.is_none());
        let options = Options {
            name: host.to_owned(),
            tls: if on_connect {
                Policy::OnConnect
            } else {
                self.tls.unwrap_or_default()
            },
            terms: self.terms()?,
            way: self.way()?,
            source,
            header: self.header()?,
            shows_chain: true,
            ..Options::default()
        };
        if let (Some(address), Way::Tcp(Some(family))) = (common.source_ip, &options.way)
            && address.is_ipv4() != (*family == Family::V4)
        {
            return Err(Failure::new(
                exit::USAGE,
                format!("no connection over {family} leaves from {address}"),
            ));
        }
        Ok(options)
    }

    fn way(&self) -> Result<Way, Failure> {
        if let Some(path) = &self.unix {
            return Ok(Way::Unix(path.clone()));
        }
        if let Some(command) = &self.pipe {
            return Ok(Way::Command(command.clone()));
        }
        if let Some(url) = &self.proxy {
            return proxy(url, std::env::var(PROXY_PASSWORD).ok()).map(Way::Proxy);
        }
        Ok(Way::Tcp(match (self.ipv4, self.ipv6) {
            (true, _) => Some(Family::V4),
            (_, true) => Some(Family::V6),
            _ => None,
        }))
    }

    fn header(&self) -> Result<Option<ProxyHeader>, Failure> {
        let Some(version) = &self.proxy_protocol else {
            return Ok(None);
        };
        if let (Some(from), Some(to)) = (self.proxy_source, self.proxy_dest)
            && from.is_ipv4() != to.is_ipv4()
        {
            let error = crate::net::smtp::MixedFamilies { from, to };
            return Err(Failure::new(exit::USAGE, error.to_string()));
        }
        Ok(Some(ProxyHeader {
            version: if version == "v1" {
                HeaderVersion::V1
            } else {
                HeaderVersion::V2
            },
            source: self.proxy_source,
            destination: self.proxy_dest,
        }))
    }

    fn terms(&self) -> Result<Terms, Failure> {
        let identity = match (&self.client_cert, &self.client_key) {
            (Some(certificate), Some(key)) => {
                let read_of = |path| read(path, "the client certificate");
                let identity = Identity::of_pem(&read_of(certificate)?, &read_of(key)?);
                Some(identity.map_err(|error| {
                    let (certificate, key) = (certificate.display(), key.display());
                    let files = format!("`{certificate}` with the key `{key}`");
                    Failure::new(
                        exit::DATA,
                        format!("the client certificate {files}: {error}"),
                    )
                })?)
            }
            _ => None,
        };
        let trust = match &self.ca_file {
            Some(path) => Some(Trust::of_pem(&read(path, "the authorities")?).map_err(
                |error| {
                    let path = path.display();
                    Failure::new(exit::DATA, format!("the authorities `{path}`: {error}"))
                },
            )?),
            None => None,
        };
        let (oldest, newest) = (
            version(self.tls_min.as_deref()),
            version(self.tls_max.as_deref()),
        );
        if let (Some(oldest), Some(newest)) = (oldest, newest)
            && oldest > newest
        {
            let message = "no version of TLS lies between --tls-min and --tls-max";
            return Err(Failure::new(exit::USAGE, message));
        }
        Ok(Terms {
            check: if self.verify == "yes" {
                Check::Strict
            } else {
                Check::Observe
            },
            sni: match &self.sni {
                Some(name) => Sni::Name(name.clone()),
                None if self.no_sni => Sni::Nothing,
                None => Sni::Host,
            },
            verify_name: self.verify_name.clone(),
            trust,
            identity,
            oldest,
            newest,
            ..Terms::default()
        })
    }

    /// How the session ended, once `--save-chain` is done. Where both went wrong the session's
    /// own code counts, and both are told.
    pub(super) fn ended(
        &self,
        tls: Option<&crate::case::Tls>,
        session: Result<ExitCode, Failure>,
    ) -> Result<ExitCode, Failure> {
        match (session, self.save(tls)) {
            (session, Ok(())) => session,
            (Ok(_), Err(unsaved)) => Err(unsaved),
            (Err(failure), Err(unsaved)) => Err(Failure {
                message: format!("{failure}\nerror: {unsaved}"),
                ..failure
            }),
        }
    }

    /// `--save-chain`.
    fn save(&self, tls: Option<&crate::case::Tls>) -> Result<(), Failure> {
        let Some(path) = &self.save_chain else {
            return Ok(());
        };
        let shown = path.display();
        let Some(tls) = tls.filter(|tls| !tls.certificates.is_empty()) else {
            let message = format!("no certificate was shown: `{shown}` is not written");
            return Err(Failure::new(exit::UNAVAILABLE, message));
        };
        fs::OpenOptions::new()
            .write(true)
            .create_new(true)
            .open(path)
            .and_then(|mut file| file.write_all(tls.chain().as_bytes()))
            .map_err(|error| {
                Failure::new(
                    exit::CANNOT_CREATE,
                    format!("writing the chain to `{shown}`: {error}"),
                )
            })
    }
}

fn version(text: Option<&str>) -> Option<Version> {
    text.map(|text| {
        if text == "1.2" {
            Version::Tls12
        } else {
            Version::Tls13
        }
    })
}

fn read(path: &Path, what: &str) -> Result<Vec<u8>, Failure> {
    let mut octets = Vec::new();
    let done: io::Result<usize> =
        fs::File::open(path).and_then(|file| file.take(MOST).read_to_end(&mut octets));
    match done {
        Ok(_) => Ok(octets),
        Err(error) => Err(Failure::new(
            exit::NO_INPUT,
            format!("reading {what} `{}`: {error}", path.display()),
        )),
    }
}

/// The URL is never repeated in an error: a password may stand in it.
fn proxy(url: &str, password: Option<String>) -> Result<Proxy, Failure> {
    let bad = |why: &str| {
        Failure::new(exit::USAGE, format!("--proxy: {why}"))
            .hint("it is written `socks5://user@host:1080`")
    };
    let rest = url
        .strip_prefix("socks5://")
        .or_else(|| url.strip_prefix("socks5h://"))
        .ok_or_else(|| bad("only `socks5://` is known"))?;
    let rest = rest.strip_suffix('/').unwrap_or(rest);
    let (login, place) = match rest.rsplit_once('@') {
        Some((login, place)) => (Some(login), place),
        None => (None, rest),
    };
    let decoded = |part: &str| {
        let octets = percent_encoding::percent_decode_str(part);
        let text = octets.decode_utf8().map(Cow::into_owned);
        text.map_err(|_| bad("what its %NN stand for is no UTF-8"))
    };
    // As for a server, but for the port.
    let (host, port) = super::host::host_and_port(place).map_err(|_| bad("its host is none"))?;
    let named = place.ends_with(&format!(":{port}"));
    let login = match login {
        None => None,
        Some(login) => {
            let (user, written) = match login.split_once(':') {
                Some((user, password)) => (decoded(user)?, Some(decoded(password)?)),
                None => (decoded(login)?, None),
            };
            let password = written.or(password).ok_or_else(|| {
                bad("its password is missing; `SMTP_TUI_PROXY_PASSWORD` holds it")
            })?;
            if user.is_empty() || user.len() > 255 || password.is_empty() || password.len() > 255 {
                return Err(bad(
                    "user name and password have 1 to 255 octets (RFC 1929)",
                ));
            }
            Some((
                SafeText::from(user.as_str()).into_string(),
                Secret::new(password),
            ))
        }
    };
    Ok(Proxy {
        host,
        port: if named { port } else { 1080 },
        login,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_proxy_is_read_and_its_password_shown_nowhere() {
        let of = |url: &str, password: Option<&str>| proxy(url, password.map(str::to_owned));
        let plain = of("socks5://127.0.0.1", None).unwrap();
        assert_eq!((plain.host.as_str(), plain.port), ("127.0.0.1", 1080));
        assert_eq!(of("socks5://[2001:db8::1]:1081", None).unwrap().port, 1081);
        let secret = "hunter2-of-the-proxy";
        for proxy in [
            of(
                &format!("socks5://me:{secret}@proxy.example.net:1081"),
                None,
            )
            .unwrap(),
            of("socks5://me@proxy.example.net:1081", Some(secret)).unwrap(),
        ] {
            assert_eq!(proxy.port, 1081);
            let (user, password) = proxy.login.as_ref().unwrap();
            assert_eq!((user.as_str(), password.expose()), ("me", secret));
            assert!(!format!("{proxy:?} {proxy}").contains(secret));
        }
        let coded = of("socks5://m%40e:a%3Ab%25%2F@proxy.example.net", None).unwrap();
        let (user, password) = coded.login.as_ref().unwrap();
        assert_eq!((user.as_str(), password.expose()), ("m@e", "a:b%/"));
        for wrong in [
            format!("socks5://me:%ff{secret}@proxy.example.net"),
            format!("http://me:{secret}@proxy.example.net"),
            format!("socks5://me:{secret}@proxy example"),
            format!("socks5://:{secret}@proxy.example.net"),
            "socks5://me@proxy.example.net".to_owned(),
        ] {
            let failure = of(&wrong, None).unwrap_err();
            assert_eq!(failure.code, exit::USAGE);
            assert!(!format!("{failure:?}").contains(secret), "{failure}");
        }
    }
}
