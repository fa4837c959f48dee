//! The checks: what is asked, what came back, what that means.
//!
//! A [`Check`] names one thing that is asked of one party. `ask` makes it happen and gives an
//! [`Observation`]; [`plan::due`] says, from what has been observed so far, which checks the
//! case needs now; [`judge`] concludes findings from everything observed. `plan` and `judge`
//! are pure, and are called anew after every observation: so a check that is run again simply
//! replaces what was seen.

pub mod local;
pub mod mx;
mod names;
pub mod ns;
mod observations;
pub mod plan;
pub mod policy;
pub mod registry;
mod request;
mod selector;
pub mod smtp;
pub mod submission;
pub mod webmail;

pub use observations::{Observation, Observations};
pub use request::{Request, SubmissionPlace};
pub use selector::Selector;

use crate::case::{Answer, CheckKey, CheckState, Exchange, Finding, Group};
use crate::knowledge::question::QuestionId;
use crate::net::dns::{Dns, Name};
use crate::text::SafeText;
use jiff::Timestamp;
use std::net::IpAddr;
use std::sync::Arc;

/// One thing to ask of one party.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Check {
    /// Does the configured resolver answer, and is there a network at all?
    Resolver,
    /// What does WHOIS say of the registered domain?
    Whois,
    /// What does RDAP say of it?
    Rdap,
    /// Which address does the registry have for this nameserver?
    RegisteredHost(Name),
    /// To which nameservers does the parent zone delegate?
    Delegation,
    /// Which addresses has this nameserver?
    Nameserver(Name),
    /// What does this nameserver answer, at this address?
    Authority(Name, IpAddr),
    /// Do the zone's DNSSEC signatures hold?
    Signatures,
    /// What does the resolver still believe, and for how long?
    Cached,
    /// Which MX records does the resolver give?
    Mx,
    /// Which addresses has this mail host?
    MailHost(Name),
    /// How does this mail host answer on port 25?
    Port25(Name, IpAddr),
    /// What does STARTTLS of this mail host let through, or lack?
    StartTls(Name, IpAddr),
    /// Does another port of the same host answer, when 25 does not?
    OtherPort(Name, IpAddr),
    /// Do independent mail hosts answer on port 25 from here?
    Outbound,
    /// What does the domain's SPF record say, with all that it includes?
    Spf,
    /// Is there a DKIM key for this selector?
    Dkim(Selector),
    /// Which of the common selectors have a DKIM key?
    CommonKeys,
    /// What does DMARC say, here or above?
    Dmarc,
    /// What does MTA-STS allow?
    MtaSts,
    /// Where do reports about TLS go?
    TlsReporting,
    /// Is there a BIMI record?
    Bimi,
    /// Which certificate does DANE expect of this mail host?
    Tlsa(Name),
    /// Has this address a reverse name that leads back?
    Reverse(IpAddr),
    /// Is this address on block lists?
    BlockLists(IpAddr),
    /// Do the submission ports answer from here?
    Submission,
    /// Does the webmail page answer?
    Webmail,
}

impl Check {
    pub fn group(&self) -> Group {
        match self {
            Self::Resolver | Self::Outbound | Self::Cached => Group::Local,
            Self::Whois | Self::Rdap | Self::RegisteredHost(_) => Group::Registry,
            Self::Delegation | Self::Nameserver(_) | Self::Authority(..) | Self::Signatures => {
                Group::Ns
            }
            Self::Mx | Self::MailHost(_) => Group::Mx,
            Self::Port25(..) | Self::OtherPort(..) => Group::Smtp,
            Self::StartTls(..) => Group::Tls,
            Self::Spf
            | Self::Dkim(_)
            | Self::CommonKeys
            | Self::Dmarc
            | Self::MtaSts
            | Self::TlsReporting
            | Self::Bimi
            | Self::Tlsa(_)
            | Self::Reverse(_)
            | Self::BlockLists(_) => Group::Policy,
            Self::Submission => Group::Submission,
            Self::Webmail => Group::Webmail,
        }
    }

    /// The same in every run of the same case.
    pub fn key(&self) -> CheckKey {
        let word = match self {
            Self::Resolver => "local.resolver".to_owned(),
            Self::Outbound => "local.outbound".to_owned(),
            Self::Cached => "local.cached".to_owned(),
            Self::Whois => "registry.whois".to_owned(),
            Self::Rdap => "registry.rdap".to_owned(),
            Self::RegisteredHost(name) => format!("registry.host {name}"),
            Self::Delegation => "ns.delegation".to_owned(),
            Self::Nameserver(name) => format!("ns.server {name}"),
            Self::Authority(name, address) => format!("ns.authority {name} {address}"),
            Self::Signatures => "ns.signatures".to_owned(),
            Self::Mx => "mx.records".to_owned(),
            Self::MailHost(name) => format!("mx.host {name}"),
            Self::Port25(name, address) => format!("smtp.port25 {name} {address}"),
            Self::StartTls(name, address) => format!("tls.starttls {name} {address}"),
            Self::OtherPort(name, address) => format!("smtp.other-port {name} {address}"),
            Self::Spf => "policy.spf".to_owned(),
            Self::Dkim(selector) => format!("policy.dkim {selector}"),
            Self::CommonKeys => "policy.common-keys".to_owned(),
            Self::Dmarc => "policy.dmarc".to_owned(),
            Self::MtaSts => "policy.mta-sts".to_owned(),
            Self::TlsReporting => "policy.tls-reporting".to_owned(),
            Self::Bimi => "policy.bimi".to_owned(),
            Self::Tlsa(host) => format!("policy.tlsa {host}"),
            Self::Reverse(address) => format!("policy.reverse {address}"),
            Self::BlockLists(address) => format!("policy.block-lists {address}"),
            Self::Submission => "submission.ports".to_owned(),
            Self::Webmail => "webmail.page".to_owned(),
        };
        CheckKey(word.into())
    }

    /// The check under whose row this one hangs.
    pub fn parent(&self) -> Option<Self> {
        match self {
            Self::RegisteredHost(_) => Some(Self::Whois),
            Self::Nameserver(_) => Some(Self::Delegation),
            Self::Authority(name, _) => Some(Self::Nameserver(name.clone())),
            Self::MailHost(_) => Some(Self::Mx),
            Self::OtherPort(name, address) => Some(Self::Port25(name.clone(), *address)),
            _ => None,
        }
    }

    /// What it is about, for its row.
    pub fn subject(&self, request: &Request) -> SafeText {
        match self {
            Self::Resolver => "DNS resolver".into(),
            Self::Outbound => "outbound port 25".into(),
            Self::Cached => "cached answers".into(),
            Self::Whois => "WHOIS".into(),
            Self::Rdap => "RDAP".into(),
            Self::Delegation => "delegation".into(),
            Self::Signatures => "DNSSEC".into(),
            Self::Mx => "MX records".into(),
            Self::Spf => "SPF".into(),
            Self::Dkim(selector) => format!("DKIM {selector}").into(),
            Self::CommonKeys => "DKIM".into(),
            Self::Dmarc => "DMARC".into(),
            Self::MtaSts => "MTA-STS".into(),
            Self::TlsReporting => "TLS reports".into(),
            Self::Bimi => "BIMI".into(),
            Self::Tlsa(host) => format!("DANE {}", request.shown(host)).into(),
            Self::Reverse(address) => format!("PTR {address}").into(),
            Self::BlockLists(address) => format!("block lists {address}").into(),
            Self::Submission => "ports 465 and 587".into(),
            Self::Webmail => "webmail page".into(),
            Self::RegisteredHost(name) | Self::Nameserver(name) | Self::MailHost(name) => {
                request.shown(name)
            }
            Self::Authority(_, address) => address.to_string().into(),
            Self::Port25(name, address) | Self::StartTls(name, address) => {
                format!("{} {address}", request.shown(name)).into()
            }
            Self::OtherPort(_, address) => format!("another port of {address}").into(),
        }
    }
}

/// A check as its row shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    pub state: CheckState,
    /// The result in one line.
    pub detail: SafeText,
    pub exchanges: Vec<Exchange>,
    /// What the result means, for somebody who has not seen one before.
    pub meaning: SafeText,
    /// The commands that do the same by hand.
    pub by_hand: Vec<SafeText>,
}

/// Says what a running check is waiting for, while it waits.
pub type Note = Arc<dyn Fn(&Check, SafeText) + Send + Sync>;

/// What an `ask` may use.
#[derive(Clone)]
pub struct Context {
    pub request: Arc<Request>,
    pub dns: Dns,
    pub note: Note,
}

/// Makes a check happen. It ends by itself: everything below has its time limit.
pub async fn ask(check: &Check, context: &Context, seen: &Observations) -> Observation {
    match check.group() {
        Group::Local => local::ask(check, context, seen).await,
        Group::Registry => registry::ask(check, context, seen).await,
        Group::Ns => ns::ask(check, context, seen).await,
        Group::Mx => mx::ask(check, context, seen).await,
        Group::Smtp | Group::Tls | Group::Rcpt => smtp::ask(check, context, seen).await,
        Group::Policy => policy::ask(check, context).await,
        Group::Submission => submission::ask(context).await,
        Group::Webmail => webmail::ask(context).await,
    }
}

/// The row of a check that has been observed.
pub fn row(check: &Check, request: &Request, seen: &Observations, now: Timestamp) -> Option<Row> {
    match check.group() {
        Group::Local => local::row(check, request, seen, now),
        Group::Registry => registry::row(check, request, seen, now),
        Group::Ns => ns::row(check, request, seen),
        Group::Mx => mx::row(check, request, seen),
        Group::Smtp | Group::Tls | Group::Rcpt => smtp::row(check, request, seen),
        Group::Policy => policy::row(check, request, seen),
        Group::Submission => submission::row(request, seen),
        Group::Webmail => webmail::row(seen),
    }
}

/// Everything that follows from what was observed, the worst first within a family.
pub fn judge(request: &Request, seen: &Observations, now: Timestamp) -> Vec<Finding> {
    let mut findings = local::judge(request, seen, now);
    findings.extend(registry::judge(request, seen, now));
    findings.extend(ns::judge(request, seen));
    findings.extend(mx::judge(request, seen));
    findings.extend(smtp::judge(request, seen));
    findings.extend(policy::judge(request, seen));
    findings.extend(submission::judge(request, seen));
    findings.extend(webmail::judge(request, seen));
    findings
}

/// The answers to the checklist that the observations give.
pub fn measure(
    request: &Request,
    seen: &Observations,
    now: Timestamp,
) -> Vec<(QuestionId, Answer)> {
    let mut answers = local::measure(request, seen, now);
    answers.extend(submission::measure(request, seen));
    answers.extend(webmail::measure(request, seen));
    answers
}
