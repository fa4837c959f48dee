//! What the ports and the sessions mean.

use super::ask::{Ports, Try};
use super::host::Encryption;
use super::published::Published;
use super::session::{Held, Outcome, joined};
use crate::case::{Answer, Finding};
use crate::check::smtp::{Place, fatal, minor};
use crate::check::{Observations, Request};
use crate::knowledge::finding::{FindingId, Service, Severity, id};
use crate::knowledge::question::QuestionId;
use crate::net::ConnectError;
use crate::net::dns::RecordType;
use crate::text::SafeText;
use std::collections::BTreeSet;

/// Whether users can hand their mail in from here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Submission {
    Answers,
    /// No port of the host answers, while those of other providers do.
    Down {
        host: SafeText,
    },
    /// No port answers, of nobody: something here is in the way.
    BlockedHere,
    /// The domain says that it offers none (RFC 2782: the target is the root).
    NotOffered,
    /// No host is known that would have to answer.
    NoHost,
    /// There is no way out of here at all.
    NoWay,
}

impl Ports {
    pub(super) fn submission(&self) -> Submission {
        if self.tried.iter().any(|tried| tried.result.is_ok()) {
            return Submission::Answers;
        }
        if let (Some((host, _)), true) = (self.without_address.first(), self.tried.is_empty()) {
            return Submission::Down { host: host.clone() };
        }
        let offered = self.published.iter().any(Published::is_offered);
        if !self.published.is_empty() && !offered && self.tried.is_empty() {
            return Submission::NotOffered;
        }
        let others_answer = self.others.iter().any(|tried| tried.result.is_ok());
        if !others_answer {
            let shut = self.others.iter().filter(|tried| tried.is_shut());
            return if shut.count() >= 2 {
                Submission::BlockedHere
            } else if self.tried.is_empty() {
                Submission::NoHost
            } else {
                Submission::NoWay
            };
        }
        self.tried
            .iter()
            .find(|tried| tried.known.is_certain() && tried.is_shut())
            .map_or(Submission::NoHost, |tried| Submission::Down {
                host: tried.shown(),
            })
    }

    /// The sessions that were held, each with its port.
    pub(super) fn sessions(&self) -> impl Iterator<Item = (&Try, &Held)> {
        self.tried
            .iter()
            .filter_map(|tried| Some((tried, tried.session.as_deref()?)))
    }

    /// The published records, as dig writes them.
    fn srv_lines(&self) -> Vec<SafeText> {
        self.srv
            .iter()
            .filter_map(|outcome| outcome.answer())
            .flat_map(|answer| {
                answer
                    .records(RecordType::SRV)
                    .map(crate::net::dns::record_line)
            })
            .take(8)
            .collect()
    }
}

impl Try {
    /// Refused or silent; "no way there" is about the network here.
    fn is_shut(&self) -> bool {
        matches!(
            self.result,
            Err(ConnectError::TimedOut { .. } | ConnectError::Refused { .. })
        )
    }

    /// What was tried and what came of it.
    pub(super) fn line(&self) -> SafeText {
        let (host, port) = (self.shown(), self.to.port());
        match &self.result {
            Ok(()) => format!("{host} port {port} ({}): connected", self.to.ip()),
            Err(error) => format!("{host} port {port}: {error}"),
        }
        .into()
    }

    /// The command that opens the same session by hand. `-quiet`, since `s_client` takes a line
    /// that begins with Q or R for an order to itself.
    pub(super) fn by_hand(&self) -> SafeText {
        let starttls = match self.encryption {
            Encryption::StartTls => "-starttls smtp ",
            Encryption::FromTheStart => "",
        };
        let (host, port) = (self.shown(), self.to.port());
        format!("openssl s_client {starttls}-connect {host}:{port} -quiet").into()
    }

    /// The command that logs in by hand, and asks for the password itself.
    pub(super) fn login_by_hand(&self, request: &Request) -> SafeText {
        let tls = match self.encryption {
            Encryption::StartTls => "--tls",
            Encryption::FromTheStart => "--tls-on-connect",
        };
        let user = user_address(request)
            .map_or_else(String::new, |user| format!(" --auth-user {}", quoted(user)));
        let (host, port) = (self.shown(), self.to.port());
        format!("swaks --server {host}:{port} {tls} --auth{user} --quit-after AUTH").into()
    }
}

/// Who logs in, where that is an address: those `--redact` knows how to mask.
pub(super) fn user_address(request: &Request) -> Option<&str> {
    let user = request.login.as_ref()?.user();
    user.contains('@').then_some(user)
}

/// A word for a shell.
fn quoted(word: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "@._+-".contains(c);
    if word.chars().all(plain) {
        return word.to_owned();
    }
    format!("'{}'", word.replace('\'', r"'\''"))
}

pub fn judge(request: &Request, seen: &Observations) -> Vec<Finding> {
    let Some(ports) = &seen.submission.ports else {
        return Vec::new();
    };
    match ports.submission() {
        Submission::Answers => talked(request, ports),
        Submission::Down { host } => vec![down(request, ports, &host)],
        Submission::BlockedHere => vec![blocked(request, ports)],
        Submission::NotOffered | Submission::NoHost | Submission::NoWay => Vec::new(),
    }
}

fn unreachable(request: &Request, host: &SafeText, what: &str) -> Finding {
    let domain = request.domain_shown();
    let places: [(&str, &str); 3] = [("domain", &domain), ("host", host), ("what", what)];
    Finding::at(
        Service::Submission,
        id::SUBMISSION_UNREACHABLE,
        host.clone(),
        &places,
    )
}

fn down(request: &Request, ports: &Ports, host: &SafeText) -> Finding {
    let tried: Vec<&Try> = ports
        .tried
        .iter()
        .filter(|tried| tried.shown() == *host)
        .collect();
    let what = match tried.first() {
        None => "it has no address".to_owned(),
        Some(first) => first
            .result
            .as_ref()
            .err()
            .map_or_else(|| "nothing answers".to_owned(), ToString::to_string),
    };
    let mut finding = unreachable(request, host, &what);
    if tried.is_empty() {
        finding = finding.evidence(format!("{host} has no address"));
    }
    finding.evidence.extend(ports.srv_lines());
    finding
        .evidence
        .extend(tried.iter().map(|tried| tried.line()));
    let other = ports.others.iter().find(|tried| tried.result.is_ok());
    finding.evidence.extend(other.map(Try::line));
    finding
}

/// It says nothing of the domain, and with the answers to the checklist it may say something
/// of the firewall.
fn blocked(request: &Request, ports: &Ports) -> Finding {
    let host = ports
        .tried
        .first()
        .map_or_else(|| request.domain_shown(), Try::shown);
    let others = ports.blocked_others();
    let what = format!(
        "no answer from here, and none from the same ports of {others}, so something here is in \
         the way"
    );
    let mut finding = unreachable(request, &host, &what).severity(Severity::Notice);
    let tried = ports.tried.iter().chain(&ports.others);
    finding.evidence = tried.take(12).map(Try::line).collect();
    finding
}

impl Ports {
    /// The independent hosts that do not answer either.
    fn blocked_others(&self) -> String {
        let hosts: BTreeSet<SafeText> = self.others.iter().map(Try::shown).collect();
        let hosts: Vec<&str> = hosts.iter().map(SafeText::as_str).collect();
        hosts.join(", ")
    }
}

/// What the sessions show. A guessed host may be made for something else, so nothing is said of
/// it, save of a login that the user wanted there.
fn talked(request: &Request, ports: &Ports) -> Vec<Finding> {
    let one_works = ports
        .sessions()
        .any(|(tried, held)| tried.known.is_certain() && held.works());
    let mut findings = Vec::new();
    for (tried, held) in ports.sessions() {
        let port = Port {
            request,
            tried,
            held,
        };
        if tried.known.is_certain() {
            findings.extend(port.faults().into_iter().map(|finding| {
                if one_works && finding.severity == Severity::Error {
                    finding.severity(Severity::Warning)
                } else {
                    finding
                }
            }));
        }
        findings.extend(port.login());
    }
    findings
}

/// A port of a host, and the session that was held with it.
struct Port<'a> {
    request: &'a Request,
    tried: &'a Try,
    held: &'a Held,
}

impl Port<'_> {
    fn place(&self) -> Place<'_> {
        Place {
            request: self.request,
            host: &self.tried.host,
            address: self.tried.to.ip(),
            port: self.tried.to.port(),
            service: Service::Submission,
            dialogue: &self.held.dialogue,
            starttls: None,
        }
    }

    fn finding(&self, id: FindingId, what: &str) -> Finding {
        let mut finding = self.place().finding(id, what, 0);
        finding.reproduce = self.tried.by_hand();
        finding
    }

    fn faults(&self) -> Vec<Finding> {
        let dialogue = &self.held.dialogue;
        let (place, from_the_start) = (
            self.place(),
            self.tried.encryption == Encryption::FromTheStart,
        );
        let mut findings = Vec::new();
        match &dialogue.tls_failed {
            Some(what) if from_the_start => findings.push(self.finding(
                if dialogue.tls_obsolete {
                    id::TLS_OBSOLETE_PROTOCOL
                } else {
                    id::TLS_HANDSHAKE_FAILED
                },
                what,
            )),
            _ if !dialogue.is_usable() => findings.extend(fatal(&place)),
            _ => {}
        }
        findings.extend(minor(&place));
        let without_auth = dialogue.is_usable()
            && dialogue.tls_failed.is_none()
            && self.held.mechanisms().is_empty();
        // STARTTLS has no place inside TLS; and where no password is asked for, none goes in
        // clear.
        findings.retain(|finding| {
            finding.id != id::TLS_NOT_OFFERED || !(from_the_start || without_auth)
        });
        if without_auth {
            findings.push(self.no_auth());
        }
        for finding in &mut findings {
            finding.reproduce = self.tried.by_hand();
            // Other servers take any certificate, people's mail programs do not.
            if finding.id == id::TLS_UNTRUSTED {
                finding.severity = Severity::Warning;
            }
        }
        findings
    }

    fn no_auth(&self) -> Finding {
        let what = match (self.tried.encryption, self.held.inside_tls()) {
            (Encryption::FromTheStart, _) => "AUTH is not among the EHLO keywords",
            (_, Some(_)) => "AUTH is not among the EHLO keywords, before or after STARTTLS",
            (_, None) if self.held.starttls_is_offered() => {
                "AUTH is not among the EHLO keywords, and STARTTLS is refused"
            }
            (_, None) => "neither AUTH nor STARTTLS is among the EHLO keywords",
        };
        self.finding(id::SUBMISSION_NO_AUTH, what)
    }

    fn login(&self) -> Option<Finding> {
        let (outcome, words) = self.held.login()?;
        let mut finding = match outcome {
            Outcome::Refused => self.finding(id::SUBMISSION_CREDENTIALS, &words),
            Outcome::NotKnown => {
                let offered = joined(&self.held.mechanisms());
                let what = format!("AUTH {offered} is offered and then refused: {words}");
                self.finding(id::SUBMISSION_NO_AUTH, &what)
            }
            Outcome::Unavailable => self.finding(id::SUBMISSION_LOGIN_UNAVAILABLE, &words),
            Outcome::Accepted | Outcome::Undecided => return None,
        };
        finding.reproduce = self.tried.login_by_hand(self.request);
        Some(finding)
    }
}

/// Whether a firewall here stands between the user and the ports that send.
pub fn measure(_request: &Request, seen: &Observations) -> Vec<(QuestionId, Answer)> {
    let Some(ports) = &seen.submission.ports else {
        return Vec::new();
    };
    let mut all = ports.tried.iter().chain(&ports.others);
    let answer = if let Some(open) = all.find(|tried| tried.result.is_ok()) {
        let (host, port) = (open.shown(), open.to.port());
        Answer::measured("no", format!("port {port} of {host} answers from here"))
    } else if ports.submission() == Submission::BlockedHere {
        let others = ports.blocked_others();
        let how =
            format!("ports 587 and 465 of independent providers do not answer from here: {others}");
        Answer::measured("yes", how)
    } else {
        return Vec::new();
    };
    vec![(QuestionId::Firewall, answer)]
}
