//! What the answers to a test mean: pure. A test that could not be made is never fine.

use super::plan::{COMPARISON, Form};
use crate::knowledge::code::ReplyClass;
use crate::smtp::reply::Reply;
use crate::text::SafeText;
use serde::Serialize;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Outcome {
    Fine,
    Warning,
    Bad,
    Unclear,
}

/// An outcome, and what it rests on: the replies, or why there are none.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Judged {
    pub outcome: Outcome,
    pub evidence: Vec<SafeText>,
}

impl Judged {
    fn new(outcome: Outcome, evidence: Vec<String>) -> Self {
        let evidence = evidence.into_iter().map(SafeText::from).collect();
        Self { outcome, evidence }
    }

    pub(super) fn unclear(why: &str) -> Self {
        Self::new(Outcome::Unclear, vec![why.to_owned()])
    }
}

fn words(reply: Option<&Reply>) -> String {
    let line = reply.and_then(|reply| reply.lines.last());
    line.map_or_else(|| "no answer".to_owned(), |line| line.shown.to_string())
}

fn class(reply: Option<&Reply>) -> Option<ReplyClass> {
    reply.and_then(Reply::class)
}

pub(super) fn open_relay(heard: &[(Form, Option<Reply>)]) -> Judged {
    let takes_anybody = heard.iter().any(|(form, reply)| {
        form.name == COMPARISON && class(reply.as_ref()) == Some(ReplyClass::Positive)
    });
    let (mut open, mut unclear, mut evidence) = (false, heard.is_empty(), Vec::new());
    for (form, reply) in heard {
        let class = class(reply.as_ref());
        let says_nothing = form.hidden && takes_anybody;
        match class {
            Some(ReplyClass::Positive) if form.name == COMPARISON => {}
            Some(ReplyClass::Positive) if !says_nothing => open = true,
            Some(ReplyClass::Permanent) => {}
            // No answer, or not now; or who takes any name of its own domain may have taken
            // these for such names.
            _ => unclear = true,
        }
        evidence.push(format!(
            "{}, <{}> to <{}>: {}",
            form.name,
            form.sender,
            form.recipient,
            words(reply.as_ref())
        ));
    }
    let outcome = match (open, unclear) {
        (true, _) => Outcome::Bad,
        (false, true) => Outcome::Unclear,
        (false, false) => Outcome::Fine,
    };
    Judged::new(outcome, evidence)
}

/// The first is postmaster with the domain.
pub(super) fn postmaster(heard: &[(String, Option<Reply>)]) -> Judged {
    let evidence = heard
        .iter()
        .map(|(mailbox, reply)| format!("<{mailbox}>: {}", words(reply.as_ref())))
        .collect();
    let classes: Vec<_> = heard
        .iter()
        .map(|(_, reply)| class(reply.as_ref()))
        .collect();
    let is = |wanted| move |class: &Option<ReplyClass>| *class == Some(wanted);
    let outcome = match classes.first() {
        None => return Judged::unclear("the sender was not taken"),
        Some(Some(ReplyClass::Permanent)) => Outcome::Bad,
        _ if classes.iter().any(is(ReplyClass::Permanent)) => Outcome::Warning,
        _ if classes.iter().all(is(ReplyClass::Positive)) => Outcome::Fine,
        _ => Outcome::Unclear,
    };
    Judged::new(outcome, evidence)
}

/// For each verb the answer to a user that exists and to one that does not.
pub(super) fn vrfy(heard: &[(&str, Option<Reply>, Option<Reply>)]) -> Judged {
    let (mut leaks, mut unclear, mut evidence) = (false, heard.is_empty(), Vec::new());
    for (verb, there, made_up) in heard {
        evidence.push(format!(
            "{verb}, exists: {}; made up: {}",
            words(there.as_ref()),
            words(made_up.as_ref())
        ));
        match (there, made_up) {
            (Some(there), Some(made_up)) => {
                let told = there.is(250) || there.is(251);
                leaks |= there.class() != made_up.class() || (told && !made_up.is(250));
                unclear |= there.class() == Some(ReplyClass::Transient);
            }
            _ => unclear = true,
        }
    }
    let outcome = match (leaks, unclear) {
        (true, _) => Outcome::Bad,
        (false, true) => Outcome::Unclear,
        (false, false) => Outcome::Fine,
    };
    Judged::new(outcome, evidence)
}

/// The first reply inside TLS, where QUIT was all that was said there.
pub(super) fn injection(first: Option<&Reply>) -> Judged {
    let Some(reply) = first else {
        return Judged::unclear("the handshake did not come about, or nothing was said after it");
    };
    let evidence = vec![format!("the first reply inside TLS: {}", words(first))];
    let outcome = match class(first) {
        _ if reply.is(221) => Outcome::Fine,
        Some(ReplyClass::Positive) => Outcome::Bad,
        _ => Outcome::Unclear,
    };
    Judged::new(outcome, evidence)
}

/// For each end what came to the message and to QUIT; none where it could not be sent.
pub(super) fn smuggling(heard: &[(&str, Option<Vec<Reply>>)]) -> Judged {
    let (mut smuggled, mut unclear, mut evidence) = (false, heard.is_empty(), Vec::new());
    for (name, answers) in heard {
        let Some(answers) = answers.as_ref().filter(|answers| !answers.is_empty()) else {
            unclear = true;
            evidence.push(format!("{name}: not tried, or no answer"));
            continue;
        };
        let to_message: Vec<&Reply> = answers.iter().filter(|reply| !reply.is(221)).collect();
        let said: Vec<String> = to_message.iter().map(|reply| words(Some(reply))).collect();
        let took = match to_message.as_slice() {
            [] => "no answer to the message",
            // Server and connection may end in the middle of it: 421 is no command's answer.
            [_] => "one message, as it should be",
            [_, others @ ..] if others.iter().all(|reply| reply.is(421)) => {
                "refused, and the connection ended"
            }
            _ => "TAKEN FOR THE END",
        };
        smuggled |= took == "TAKEN FOR THE END";
        unclear |= to_message.is_empty()
            || to_message.first().is_some_and(|reply| {
                reply.class() == Some(ReplyClass::Transient) && !reply.is(421)
            });
        evidence.push(format!("{name}: {took} ({})", said.join(" / ")));
    }
    let outcome = match (smuggled, unclear) {
        (true, _) => Outcome::Bad,
        (false, true) => Outcome::Unclear,
        (false, false) => Outcome::Fine,
    };
    Judged::new(outcome, evidence)
}

/// All that was said to an EHLO that came before the greeting.
pub(super) fn early_talker(heard: &[Reply]) -> Judged {
    let evidence: Vec<String> = heard.iter().map(|reply| words(Some(reply))).collect();
    let refused = heard
        .iter()
        .any(|reply| matches!(reply.class(), Some(ReplyClass::Permanent)) || reply.is(421));
    let outcome = if refused {
        Outcome::Fine
    } else if heard.len() >= 2 {
        Outcome::Warning
    } else {
        Outcome::Unclear
    };
    Judged::new(outcome, evidence)
}

pub(super) fn size(limit: Option<u64>, answer: Option<&Reply>) -> Judged {
    let Some(limit) = limit else {
        return Judged::unclear("EHLO tells no limit");
    };
    let evidence = vec![format!("limit {limit}, one octet more: {}", words(answer))];
    let outcome = match class(answer) {
        Some(ReplyClass::Positive) => Outcome::Warning,
        Some(ReplyClass::Permanent) => Outcome::Fine,
        _ if answer.is_some_and(|reply| reply.is(452)) => Outcome::Fine,
        _ => Outcome::Unclear,
    };
    Judged::new(outcome, evidence)
}

pub(super) fn eight_bit(offered: bool, answer: Option<&Reply>) -> Judged {
    if !offered {
        return Judged::new(Outcome::Warning, vec!["8BITMIME is not offered".to_owned()]);
    }
    let evidence = vec![format!("MAIL with BODY=8BITMIME: {}", words(answer))];
    let outcome = match class(answer) {
        Some(ReplyClass::Positive) => Outcome::Fine,
        Some(ReplyClass::Permanent) => Outcome::Bad,
        _ => Outcome::Unclear,
    };
    Judged::new(outcome, evidence)
}
