//! The configuration file that mail programs look for: Thunderbird's format, version 1.1
//! (<https://www.bucksch.org/1/projects/thunderbird/autoconfiguration/config-file-format.html>).
//!
//! ```text
//! <clientConfig version="1.1">
//!   <emailProvider id="example.org">
//!     <outgoingServer type="smtp">
//!       <hostname>mail.example.org</hostname>
//!       <port>587</port>
//!       <socketType>STARTTLS</socketType>          plain, STARTTLS or SSL
//!       <authentication>password-cleartext</authentication>
//! ```
//!
//! It comes from whatever web server stands at the domain, so it may be anything. Read by
//! events, no deeper than [`DEEPEST`], without a document type: no entity is ever expanded that
//! the file declares itself.

use super::host::Encryption;
use crate::net::dns::Name;
use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};

/// Elements inside each other; the format has five.
const DEEPEST: usize = 16;
/// Servers that are taken from one file.
const MOST_SERVERS: usize = 8;
/// Octets of the text of one element.
const LONGEST_TEXT: usize = 255;

/// An `outgoingServer` of type `smtp`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Outgoing {
    pub(super) host: Name,
    pub(super) port: u16,
    pub(super) encryption: Encryption,
}

/// The servers of a file, in its order; none where it is no such file. A server that names no
/// usable host or port is passed over.
pub(super) fn read(xml: &[u8], domain: &str) -> Option<Vec<Outgoing>> {
    let mut reader = Reader::from_str(str::from_utf8(xml).ok()?);
    reader.config_mut().expand_empty_elements = true;
    let mut open: Vec<String> = Vec::new();
    let mut servers = Vec::new();
    let mut draft: Option<Draft> = None;
    let mut is_config = false;
    loop {
        match reader.read_event().ok()? {
            Event::Start(element) => {
                if open.is_empty() && element.local_name().as_ref() != "clientConfig" {
                    return None;
                }
                is_config = true;
                open.push(element.local_name().as_ref().to_owned());
                if open.len() > DEEPEST {
                    return None;
                }
                if stands_at(&open, &["outgoingServer"]) && is_smtp(&element) {
                    draft = Some(Draft::default());
                }
            }
            Event::Text(text) => {
                if let Some(draft) = &mut draft {
                    draft.take(&open, &text);
                }
            }
            Event::End(_) => {
                if stands_at(&open, &["outgoingServer"])
                    && let Some(server) = draft.take().and_then(|draft| draft.finish(domain))
                    && servers.len() < MOST_SERVERS
                {
                    servers.push(server);
                }
                open.pop();
            }
            Event::DocType(_) => return None,
            Event::Eof => return is_config.then_some(servers),
            _ => {}
        }
    }
}

/// Whether the open elements are those that lead here.
fn stands_at(open: &[String], path: &[&str]) -> bool {
    open.iter()
        .skip(2)
        .map(String::as_str)
        .eq(path.iter().copied())
}

fn is_smtp(element: &BytesStart<'_>) -> bool {
    element
        .try_get_attribute("type")
        .ok()
        .flatten()
        .is_some_and(|attribute| attribute.value.as_ref() == "smtp")
}

/// A server while it is read.
#[derive(Default)]
struct Draft {
    host: String,
    port: String,
    socket: String,
}

impl Draft {
    fn take(&mut self, open: &[String], text: &str) {
        let at = |name: &str| stands_at(open, &["outgoingServer", name]);
        let field = if at("hostname") {
            &mut self.host
        } else if at("port") {
            &mut self.port
        } else if at("socketType") {
            &mut self.socket
        } else {
            return;
        };
        if field.len() + text.len() <= LONGEST_TEXT {
            field.push_str(text);
        }
    }

    fn finish(self, domain: &str) -> Option<Outgoing> {
        let host = self.host.trim().replace("%EMAILDOMAIN%", domain);
        let mut host = Name::from_ascii(host.to_ascii_lowercase()).ok()?;
        host.set_fqdn(true);
        let port = self.port.trim().parse().ok().filter(|port| *port != 0)?;
        let encryption = match self.socket.trim().to_ascii_uppercase().as_str() {
            "SSL" => Encryption::FromTheStart,
            _ => Encryption::StartTls,
        };
        (!host.is_root()).then_some(Outgoing {
            host,
            port,
            encryption,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn config(inner: &str) -> String {
        format!(
            "<?xml version=\"1.0\"?>\n<clientConfig version=\"1.1\"><emailProvider id=\"x\">\n\
             <incomingServer type=\"imap\"><hostname>imap.example.org</hostname>\
             <port>993</port><socketType>SSL</socketType></incomingServer>{inner}\
             </emailProvider></clientConfig>"
        )
    }

    fn server(host: &str, port: &str, socket: &str) -> String {
        format!(
            "<outgoingServer type=\"smtp\"><hostname>{host}</hostname><port> {port}\n</port>\
             <socketType>{socket}</socketType><authentication>password-cleartext\
             </authentication><username>%EMAILADDRESS%</username></outgoingServer>"
        )
    }

    fn read_all(xml: &str) -> Option<Vec<(String, u16, Encryption)>> {
        let servers = read(xml.as_bytes(), "example.org")?;
        let shown = |one: Outgoing| (one.host.to_ascii(), one.port, one.encryption);
        Some(servers.into_iter().map(shown).collect())
    }

    #[test]
    fn reads_outgoing_servers_and_nothing_else() {
        let both = server("Mail.%EMAILDOMAIN%", "587", "STARTTLS")
            + &server("smtp.example.net", "465", "SSL");
        assert_eq!(
            read_all(&config(&both)),
            Some(vec![
                ("mail.example.org.".into(), 587, Encryption::StartTls),
                ("smtp.example.net.".into(), 465, Encryption::FromTheStart),
            ])
        );
        for useless in [
            server("", "587", "SSL"),
            server("a..b", "587", "SSL"),
            server("mail.example.org", "0", "SSL"),
            server("mail.example.org", "70000", "SSL"),
            server(&"a.".repeat(200), "587", "SSL"),
            "<outgoingServer type=\"smtp\"/>".into(),
            "<x><outgoingServer type=\"smtp\"><hostname>a.b</hostname></outgoingServer></x>".into(),
        ] {
            assert_eq!(read_all(&config(&useless)), Some(Vec::new()), "{useless}");
        }
        let many = server("mail.example.org", "587", "SSL").repeat(50);
        assert_eq!(read_all(&config(&many)).unwrap().len(), MOST_SERVERS);
    }

    #[test]
    fn what_is_no_such_file_is_none() {
        let deep = format!("{}{}", "<a>".repeat(20_000), "</a>".repeat(20_000));
        let bomb = format!(
            "<!DOCTYPE x [<!ENTITY a \"aaaa\"><!ENTITY b \"&a;&a;\">]>{}",
            config(&server("&b;", "587", "SSL"))
        );
        for text in [
            "",
            "404 not found",
            "<!doctype html>\n<title>Welcome</title>",
            "<html><clientConfig></clientConfig></html>",
            "<clientConfig><emailProvider></wrong></clientConfig>",
            &config(&deep),
            &bomb,
        ] {
            assert_eq!(read_all(text), None, "{}", crate::text::truncated(text, 80));
        }
    }

    proptest! {
        #[test]
        fn any_bytes_are_survived(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
            let _ = read(&bytes, "example.org");
            let inside = [b"<clientConfig><e><outgoingServer type=\"smtp\"><hostname>".as_slice(), &bytes].concat();
            let _ = read(&inside, "example.org");
        }
    }
}
