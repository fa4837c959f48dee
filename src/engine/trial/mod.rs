//! The tests that have names ([`crate::knowledge::trial`]): each a plan, a judge of the replies
//! (both pure), and a caller that holds the sessions. They touch the host that they are given
//! and nobody else.

mod caller;
mod judge;
mod plan;
#[cfg(test)]
mod tests;

pub use judge::{Judged, Outcome};

use crate::case::{Line, Transcript};
use crate::knowledge::finding::FindingId;
use crate::knowledge::trial::{Meaning, Need, Trial};
use crate::net::Network;
use crate::net::dns::Dns;
use crate::net::smtp::{Destination, Options};
use crate::smtp::{HelloName, Mailbox};
use caller::Caller;
use serde::Serialize;
use std::net::{IpAddr, Ipv4Addr};
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};

/// Whom a test is about.
#[derive(Clone, Debug)]
pub struct Subject {
    /// As it was named.
    pub host: String,
    pub to: Destination,
    /// How the connection is made.
    pub options: Options,
    /// None is the address that the connection comes from.
    pub hello: Option<HelloName>,
    pub sender: Option<Mailbox>,
    pub recipient: Option<Mailbox>,
}

impl Subject {
    /// What is missing for this test.
    pub fn lacks(&self, trial: &Trial) -> Option<Need> {
        let there = |need: &Need| match need {
            Need::From => self.sender.is_some(),
            Need::To => self.recipient.is_some(),
        };
        trial.needs.iter().copied().find(|need| !there(need))
    }

    /// The domain that the host takes mail for: the recipient's, else the one that the host's
    /// name lies in, else the host's address.
    fn domain(&self) -> String {
        if let Some(to) = &self.recipient {
            return to.domain().to_owned();
        }
        let host = self.host.trim_end_matches('.').to_ascii_lowercase();
        let named = self.host.parse::<IpAddr>().is_err();
        match psl::domain_str(&host).filter(|_| named) {
            Some(domain) => domain.to_owned(),
            None => self.address().as_str().to_owned(),
        }
    }
}

impl Subject {
    /// The host's address as a domain literal; this machine's where the way hides it.
    fn address(&self) -> HelloName {
        HelloName::literal(self.ip())
    }

    fn ip(&self) -> IpAddr {
        self.to.ip().unwrap_or(Ipv4Addr::LOCALHOST.into())
    }
}

/// How a test went.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Ran {
    /// The id of the test.
    pub test: &'static str,
    pub title: &'static str,
    #[serde(flatten)]
    pub judged: Judged,
    pub means: &'static str,
    pub fix: Option<&'static str>,
    /// Where the outcome is one of a finding.
    pub finding: Option<&'static str>,
    pub sessions: Vec<Transcript>,
}

/// Makes one test beside everything else, over the connection that `options` say. What it came
/// to is the one thing that the receiver gives; an error says why it was not begun.
pub fn start(
    dns: &Dns,
    trial: &'static Trial,
    (host, port): (String, u16),
    (sender, recipient): (Option<Mailbox>, Option<Mailbox>),
    options: Options,
) -> UnboundedReceiver<Result<Ran, String>> {
    let (outbox, ended) = unbounded_channel();
    let dns = dns.clone();
    tokio::spawn(async move {
        let options = options.with_defaults(&host, port);
        let ran = match options.destination(&dns, &host, port).await {
            Err(astray) => Err(astray.to_string()),
            Ok(to) => {
                let subject = Subject {
                    host,
                    to,
                    options,
                    hello: None,
                    sender,
                    recipient,
                };
                Ok(Box::pin(run(dns.network(), trial, &subject, &mut |_: &Line| {})).await)
            }
        };
        // Whoever asked may have gone.
        let _ = outbox.send(ran);
    });
    ended
}

/// Makes one test. `each` hears every line of its sessions.
pub async fn run(
    network: &Network,
    trial: &'static Trial,
    subject: &Subject,
    each: &mut (dyn FnMut(&Line) + Send),
) -> Ran {
    let mut caller = Caller::new(network, subject, each);
    let judged = match subject.lacks(trial) {
        Some(Need::From) => Judged::unclear("it needs a sender (--from)"),
        Some(Need::To) => Judged::unclear("it needs a recipient (--to)"),
        None => match trial.id.as_str() {
            "open-relay" => Box::pin(open_relay(&mut caller)).await,
            "postmaster" => Box::pin(postmaster(&mut caller)).await,
            "vrfy" => Box::pin(vrfy(&mut caller)).await,
            "starttls-injection" => Box::pin(injection(&mut caller)).await,
            "smuggling" => Box::pin(smuggling(&mut caller)).await,
            "early-talker" => Box::pin(early_talker(&mut caller)).await,
            "size" => Box::pin(size(&mut caller)).await,
            "eight-bit" => Box::pin(eight_bit(&mut caller)).await,
            other => Judged::unclear(&format!("there is no test `{other}`")),
        },
    };
    let meaning = meaning(trial, judged.outcome);
    Ran {
        test: &trial.id,
        title: &trial.title,
        means: &meaning.means,
        fix: meaning.fix.as_deref(),
        finding: match judged.outcome {
            Outcome::Bad => trial.finding.map(FindingId::as_str),
            _ => None,
        },
        judged,
        sessions: caller.into_transcripts(),
    }
}

fn meaning(trial: &Trial, outcome: Outcome) -> &Meaning {
    let found = match outcome {
        Outcome::Fine => Some(&trial.fine),
        Outcome::Warning => trial.warning.as_ref(),
        Outcome::Bad => trial.bad.as_ref(),
        Outcome::Unclear => None,
    };
    found.unwrap_or(&trial.unclear)
}

async fn open_relay(caller: &mut Caller<'_>) -> Judged {
    let subject = caller.subject;
    let Some(sender) = &subject.sender else {
        return Judged::unclear("no sender");
    };
    let domain = subject.domain();
    if crate::check::smtp::same_organisation(sender.domain(), &domain) {
        return Judged::unclear(&format!(
            "the sender {sender} belongs to {domain} itself, and that mail the host may take"
        ));
    }
    if let Err(why) = caller.begin().await {
        return Judged::unclear(&why);
    }
    let mut heard = Vec::new();
    for form in plan::relay_forms(sender, &domain, subject.ip()) {
        let mail = caller.ask(&format!("MAIL FROM:<{}>", form.sender)).await;
        let answer = match mail {
            Some(reply) if !reply.is_positive() => Some(reply),
            Some(_) => caller.ask(&format!("RCPT TO:<{}>", form.recipient)).await,
            None => None,
        };
        caller.ask("RSET").await;
        heard.push((form, answer));
    }
    caller.end().await;
    judge::open_relay(&heard)
}

async fn postmaster(caller: &mut Caller<'_>) -> Judged {
    if let Err(why) = caller.begin().await {
        return Judged::unclear(&why);
    }
    let mut heard = Vec::new();
    let sender = caller.subject.sender.as_ref();
    let from = sender.map_or_else(String::new, ToString::to_string);
    let mail = caller.ask(&format!("MAIL FROM:<{from}>")).await;
    if mail.is_some_and(|reply| reply.is_positive()) {
        for mailbox in plan::postmasters(&caller.subject.domain()) {
            let answer = caller.ask(&format!("RCPT TO:<{mailbox}>")).await;
            heard.push((mailbox, answer));
        }
        caller.ask("RSET").await;
    }
    caller.end().await;
    judge::postmaster(&heard)
}

async fn vrfy(caller: &mut Caller<'_>) -> Judged {
    if let Err(why) = caller.begin().await {
        return Judged::unclear(&why);
    }
    let domain = caller.subject.domain();
    let there = caller
        .subject
        .recipient
        .as_ref()
        .map_or_else(|| format!("postmaster@{domain}"), ToString::to_string);
    let made_up = format!("{}@{domain}", plan::MADE_UP);
    let mut heard = Vec::new();
    for verb in ["VRFY", "EXPN"] {
        let existing = caller.ask(&format!("{verb} {there}")).await;
        let other = caller.ask(&format!("{verb} {made_up}")).await;
        heard.push((verb, existing, other));
    }
    caller.end().await;
    judge::vrfy(&heard)
}

async fn injection(caller: &mut Caller<'_>) -> Judged {
    if let Err(why) = caller.begin_in_clear().await {
        return Judged::unclear(&why);
    }
    if !caller.offers("STARTTLS") {
        caller.end().await;
        return Judged::unclear("STARTTLS is not offered");
    }
    // One segment: what stands behind STARTTLS is to be thrown away (RFC 3207 section 4.2).
    let granted = caller.raw(b"STARTTLS\r\nNOOP\r\n").await;
    let first = if granted.is_some_and(|reply| reply.is_positive()) && caller.is_encrypted() {
        caller.ask("QUIT").await
    } else {
        None
    };
    caller.close().await;
    judge::injection(first.as_ref())
}

async fn smuggling(caller: &mut Caller<'_>) -> Judged {
    let subject = caller.subject;
    let (Some(from), Some(to)) = (&subject.sender, &subject.recipient) else {
        return Judged::unclear("no sender, or no recipient");
    };
    let mut heard = Vec::new();
    for end in plan::ENDS {
        let answers = attempt(caller, end, from, to).await;
        heard.push((end.0, answers));
    }
    judge::smuggling(&heard)
}

/// One message with a wrong end in it: what came to it, up to the answer to QUIT; none where it
/// could not be sent.
async fn attempt(
    caller: &mut Caller<'_>,
    (name, end): (&str, &[u8]),
    from: &Mailbox,
    to: &Mailbox,
) -> Option<Vec<crate::smtp::reply::Reply>> {
    caller.begin().await.ok()?;
    for (command, code) in [
        (format!("MAIL FROM:<{from}>"), 250),
        (format!("RCPT TO:<{to}>"), 250),
        ("DATA".to_owned(), 354),
    ] {
        let answered = caller.ask(&command).await;
        if !answered.is_some_and(|reply| reply.is(code)) {
            caller.end().await;
            return None;
        }
    }
    let message = plan::smuggled(name, end, from, to);
    let first = caller.raw(&message).await;
    let mut answers: Vec<_> = first.into_iter().collect();
    answers.extend(caller.leave().await);
    Some(answers)
}

async fn early_talker(caller: &mut Caller<'_>) -> Judged {
    let heard = match caller.talk_early().await {
        Ok(heard) => heard,
        Err(why) => return Judged::unclear(&why),
    };
    judge::early_talker(&heard)
}

async fn size(caller: &mut Caller<'_>) -> Judged {
    if let Err(why) = caller.begin().await {
        return Judged::unclear(&why);
    }
    let limit = caller.limit();
    let sender = caller.subject.sender.as_ref();
    let from = sender.map_or_else(String::new, ToString::to_string);
    let mut answer = None;
    if let Some(limit) = limit {
        let more = limit.saturating_add(1);
        answer = caller.ask(&format!("MAIL FROM:<{from}> SIZE={more}")).await;
        caller.ask("RSET").await;
    }
    caller.end().await;
    judge::size(limit, answer.as_ref())
}

async fn eight_bit(caller: &mut Caller<'_>) -> Judged {
    if let Err(why) = caller.begin().await {
        return Judged::unclear(&why);
    }
    let offered = caller.offers("8BITMIME");
    let sender = caller.subject.sender.as_ref();
    let from = sender.map_or_else(String::new, ToString::to_string);
    let mut answer = None;
    if offered {
        let command = format!("MAIL FROM:<{from}> BODY=8BITMIME");
        answer = caller.ask(&command).await;
        caller.ask("RSET").await;
    }
    caller.end().await;
    judge::eight_bit(offered, answer.as_ref())
}
