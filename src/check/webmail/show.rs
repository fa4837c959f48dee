//! The rows of the webmail page and the submission ports.

use super::judge::{Submission, Webmail, listed_ports};
use super::ports::{Known, Ports, Try};
use super::{Page, Pages, Sign};
use crate::case::{CheckState, Exchange};
use crate::check::{Check, Observations, Request, Row, request::shown};
use crate::text::SafeText;
use std::time::Duration;

pub fn row(check: &Check, request: &Request, seen: &Observations) -> Option<Row> {
    match check {
        Check::Webmail => Some(pages(seen.webmail.pages.as_ref()?)),
        Check::Submission => Some(ports(seen.webmail.ports.as_ref()?, request)),
        _ => None,
    }
}

fn milliseconds(took: Duration) -> u64 {
    u64::try_from(took.as_millis()).unwrap_or(u64::MAX)
}

fn pages(pages: &Pages) -> Row {
    let (state, detail, meaning): (_, SafeText, _) = match pages.webmail() {
        Webmail::Answers(page) => answers(page),
        Webmail::Down(page) => (
            CheckState::Failed,
            page.line(),
            "There is a host for webmail, and no page comes from it. Mail programs may work all \
             the same: they use other ports.",
        ),
        Webmail::Unknown => (
            CheckState::NotPossible,
            unknown(pages),
            "Where webmail is, nothing publishes. If there is some, open it in a browser.",
        ),
    };
    // Places whose host does not exist were not asked for anything.
    let looked = pages.0.iter().filter(|page| page.exists());
    Row {
        state,
        detail,
        exchanges: looked
            .clone()
            .map(|page| Exchange {
                asked: format!("GET {} ({})", page.url, page.what).into(),
                answered: page.answered(),
                took_ms: milliseconds(page.took),
            })
            .collect(),
        meaning: meaning.into(),
        by_hand: looked
            .filter(|page| page.sign != Sign::None)
            .map(|page| format!("curl -I {}", page.url).into())
            .collect(),
    }
}

fn answers(page: &Page) -> (CheckState, SafeText, &'static str) {
    let bad = page
        .answers()
        .and_then(|shown| shown.certificate.as_ref().err());
    if let Some(why) = bad {
        return (
            CheckState::Warned,
            format!(
                "{} answers, and its certificate is not good: {why}",
                page.url
            )
            .into(),
            "Browsers will warn of this page or refuse it.",
        );
    }
    (
        CheckState::Passed,
        format!("{} answers ({})", page.url, page.what).into(),
        "The page answers. Whether mail goes in and out there shows only by sending some: to a \
         working address elsewhere, and a reply from there.",
    )
}

fn unknown(pages: &Pages) -> SafeText {
    let trouble = pages
        .0
        .iter()
        .find(|page| page.sign == Sign::Name && page.exists() && page.answers().is_none());
    match trouble {
        Some(page) => page.line(),
        None => "no webmail address is known".into(),
    }
}

impl Page {
    fn answered(&self) -> Vec<SafeText> {
        match &self.result {
            Err(error) => vec![error.to_string().into()],
            Ok(page) => {
                let mut lines = vec![SafeText::from(format!(
                    "HTTP status {} from {}",
                    page.status, page.address
                ))];
                lines.extend(
                    page.location
                        .as_ref()
                        .map(|location| format!("Location: {location}").into()),
                );
                lines.push(match &page.certificate {
                    Ok(()) => "certificate: good".into(),
                    Err(why) => format!("certificate: {why}").into(),
                });
                lines
            }
        }
    }
}

fn ports(ports: &Ports, request: &Request) -> Row {
    let (state, detail, meaning): (_, String, _) = match ports.submission() {
        Submission::Answers(_) => (
            CheckState::Passed,
            open(ports),
            "Mail programs can reach the server to which they hand their mail. Whether it takes \
             the user's name and password shows in a session.",
        ),
        Submission::Down { host, known } => (
            if known == Known::Named {
                CheckState::Warned
            } else {
                CheckState::Failed
            },
            format!("{host} does not answer on {}", shut(ports, &host)),
            "Mail programs that are set to this host cannot send. Other providers' ports answer \
             from here, so the way out is open.",
        ),
        Submission::BlockedHere => (
            CheckState::NotPossible,
            "ports 587 and 465 seem to be blocked from here: independent providers do not \
             answer either"
                .to_owned(),
            "A firewall between here and the Internet is in the way; nothing can be said of the \
             domain's own host.",
        ),
        Submission::NotOffered => (
            CheckState::Skipped,
            "the domain says that it offers no submission".to_owned(),
            "An SRV record with the target `.` says that a service is not offered (RFC 2782).",
        ),
        Submission::NoHost => (
            CheckState::NotPossible,
            "no submission host is known: none is published and none of the usual names answers"
                .to_owned(),
            "The host for outgoing mail is in the provider's instructions and in the settings of \
             the mail program; the session can be held with it.",
        ),
        Submission::NoWay => (
            CheckState::NotPossible,
            ports
                .tried
                .first()
                .map(|tried| tried.line().into_string())
                .unwrap_or_default(),
            "No connection came to stand, neither there nor elsewhere.",
        ),
    };
    Row {
        state,
        detail: detail.into(),
        exchanges: exchanges(ports),
        meaning: meaning.into(),
        by_hand: by_hand(ports, request),
    }
}

/// "mail.example.org: ports 587 and 465 answer (published)".
fn open(ports: &Ports) -> String {
    let mut hosts: Vec<&SafeText> = Vec::new();
    for tried in ports.tried.iter().filter(|tried| tried.result.is_ok()) {
        if !hosts.contains(&&tried.host) {
            hosts.push(&tried.host);
        }
    }
    let each = hosts.into_iter().take(3).map(|host| {
        let open: Vec<&Try> = ports
            .tried
            .iter()
            .filter(|tried| tried.host == *host && tried.result.is_ok())
            .collect();
        let known = match open.first().map(|tried| tried.known) {
            Some(Known::Published) => " (published)",
            Some(Known::Provider) => " (the provider's)",
            _ => "",
        };
        format!("{host}: {} open{known}", listed_ports(&open))
    });
    each.collect::<Vec<_>>().join("; ")
}

fn shut(ports: &Ports, host: &SafeText) -> String {
    let tried: Vec<&Try> = ports
        .tried
        .iter()
        .filter(|tried| tried.host == *host)
        .collect();
    match tried[..] {
        [] => "any port: it has no address".to_owned(),
        _ => listed_ports(&tried),
    }
}

fn exchanges(ports: &Ports) -> Vec<Exchange> {
    let connected = |tried: &Try| Exchange {
        asked: format!("connect to {} port {}", tried.host, tried.to.port()).into(),
        answered: vec![tried.line()],
        took_ms: milliseconds(tried.took),
    };
    ports
        .srv
        .iter()
        .map(|outcome| outcome.exchange())
        .chain(ports.tried.iter().chain(&ports.others).map(connected))
        .collect()
}

fn by_hand(ports: &Ports, request: &Request) -> Vec<SafeText> {
    let domain = shown(&request.domain);
    let mut commands: Vec<SafeText> = ["_submission", "_submissions"]
        .into_iter()
        .map(|service| format!("dig SRV {service}._tcp.{domain}").into())
        .collect();
    for tried in &ports.tried {
        let command: SafeText = match tried.to.port() {
            465 => format!("openssl s_client -quiet -connect {}:465", tried.host),
            port => format!("telnet {} {port}", tried.host),
        }
        .into();
        if !commands.contains(&command) {
            commands.push(command);
        }
    }
    commands
}
