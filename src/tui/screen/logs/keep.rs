//! What is taken out of the log: a note in the case, a file, the domain to check.

use super::detail::{counts_at, counts_of, doc};
use super::rows::{Row, became, time};
use super::{By, Logs, Whom};
use crate::bounce::{Lead, is_about_sender};
use crate::case::{Answer, MailAddress, NotATarget, Target};
use crate::knowledge::question::QuestionId;
use crate::maillog::{Action, Delivery, Failing, Fate, Story, deliveries};
use crate::text::{SafeText, truncated};
use crate::tui::effect::Effect;
use crate::tui::screen::checks;
use crate::tui::state::State;
use std::fmt::Write as _;
use std::net::IpAddr;

/// Columns of a line of the log in a note.
const LINE: usize = 400;

fn line_of(row: Row<'_>) -> &str {
    match row {
        Row::Reason(failed) => &failed.example,
        Row::Place(place) => &place.example,
        Row::Message(message) => &message.line,
    }
}

/// What is selected, in one line.
fn in_short(row: Row<'_>, by: By) -> String {
    let says = match row {
        Row::Reason(failed) => format!("reason {}: {}", failed.reason, counts_of(failed)),
        Row::Place(place) => format!("{} {}: {}", by.title(), place.name, counts_at(place)),
        Row::Message(message) => of_message(message),
    };
    let line = truncated(line_of(row), LINE);
    format!("mail log, {says}; {line}")
}

fn of_message(message: &Failing) -> String {
    let id = message.id.as_deref().unwrap_or("no queue id");
    let (_, word) = became(message);
    format!(
        "message {id} to {}, {word} at {} UTC: {}",
        message.recipient,
        time(message.last),
        message.reason()
    )
}

/// What the note would say; none where nothing is selected.
pub(super) fn note(logs: &Logs) -> Option<String> {
    if let Some(shown) = &logs.shown {
        return Some(in_short(Row::Message(shown.message()?), logs.by));
    }
    logs.selected_row().map(|row| in_short(row, logs.by))
}

pub(super) fn take_note(state: &mut State) -> Vec<Effect> {
    let Some(note) = note(&state.logs) else {
        return Vec::new();
    };
    let note = note.into();
    if state.case.notes.contains(&note) {
        state.say("the case has that note already");
        return Vec::new();
    }
    state.case.notes.push(note);
    state.say("noted in the case; reports hold it");
    vec![Effect::SaveCase]
}

/// What is written into a file: what is shown, with the messages of a group; or the whole
/// account as Markdown.
pub fn saved(state: &State, whole: bool) -> String {
    let logs = &state.logs;
    let account = logs.account.as_ref();
    if let (true, Some(account)) = (whole, account) {
        let lines = &account.lines;
        return account
            .summary
            .markdown(lines.lines, lines.unread, usize::MAX);
    }
    let stories = logs.shown.as_ref().and_then(|shown| shown.stories.as_ref());
    if let (Some(stories), false) = (stories, logs.unread) {
        let stories: Vec<String> = stories.iter().map(Story::text).collect();
        return stories.join("\n");
    }
    let mut text = doc(state).plain() + "\n";
    let messages = logs.opened.as_ref().and_then(|opened| {
        let messages = opened.messages.as_ref()?;
        Some((&opened.of.name, messages))
    });
    if let (Some((name, messages)), false) = (messages, logs.unread) {
        text = format!("Messages: {name}\n");
        for message in messages {
            let _ = writeln!(text, "{}\n  {}", of_message(message), message.line);
        }
    }
    text
}

/// Under which name, when nobody says otherwise: in the working directory, whatever stands in
/// the log.
pub fn file_name(state: &State, whole: bool) -> String {
    let logs = &state.logs;
    let name = if whole {
        String::new()
    } else if logs.unread {
        "not-understood".to_owned()
    } else if let Some(shown) = &logs.shown {
        match &shown.whom {
            Whom::Message(message) => {
                let id = message.id.clone();
                id.unwrap_or_else(|| "at-the-door".into()).into_string()
            }
            Whom::Typed(wanted) => wanted.clone(),
        }
    } else if let Some(opened) = &logs.opened {
        opened.of.name.to_string()
    } else {
        logs.selected_row()
            .map(|row| row.name().into_string())
            .unwrap_or_default()
    };
    let is_plain = |c: &char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '@');
    let name: String = name.chars().filter(is_plain).take(80).collect();
    let name = name.trim_matches('.');
    match (whole, name) {
        (true, _) => "smtp-tui-log.md".to_owned(),
        (false, "") => "smtp-tui-log.txt".to_owned(),
        (false, name) => format!("smtp-tui-log-{name}.txt"),
    }
}

/// Where what is selected leads: of a message its recipient, or its sender where that was
/// refused, and the host that refused; of a group of a domain that domain; else what the line
/// tells that shows it.
fn lead(logs: &Logs) -> Option<Lead> {
    if let Some(shown) = &logs.shown {
        return match &shown.whom {
            Whom::Message(message) => Some(of_failing(message)),
            Whom::Typed(_) => {
                let stories = shown.stories.as_ref()?;
                let mut all = stories.iter().flat_map(|story| &story.deliveries);
                all.find(|delivery| delivery.action != Action::Delivered)
                    .map(of_delivery)
            }
        };
    }
    match logs.selected_row()? {
        Row::Message(message) => Some(of_failing(message)),
        Row::Place(place) if logs.by == By::Domain => Some(Lead {
            recipient: Some(place.name.clone()),
            ..Lead::default()
        }),
        row => deliveries(line_of(row)).first().map(of_delivery),
    }
}

fn of_failing(message: &Failing) -> Lead {
    // At the door the other side is a client.
    let host = message
        .host
        .as_deref()
        .filter(|_| message.fate != Fate::Rejected);
    Lead {
        recipient: Some(message.recipient.clone()),
        sender: message.sender.clone(),
        host: host.and_then(name_of),
        check_sender: is_about_sender(message.reason()),
    }
}

fn of_delivery(delivery: &Delivery) -> Lead {
    Lead {
        recipient: delivery.recipient.clone(),
        host: delivery.remote_host.as_deref().and_then(name_of),
        ..Lead::default()
    }
}

/// `mx.example.org[192.0.2.1]:25` without what stands behind the name; none where it is no host
/// of a network.
fn name_of(host: &str) -> Option<SafeText> {
    let (name, rest) = host.split_once('[')?;
    let address = rest.split(']').next()?;
    let is_host = address.parse::<IpAddr>().is_ok() && name.contains('.');
    is_host.then(|| name.into())
}

pub(super) fn has_target(logs: &Logs) -> bool {
    lead(logs).is_some_and(|lead| lead.target().is_some_and(|target| !target.is_empty()))
}

/// The domain of what failed becomes what the case is about, and its checks start; of a
/// message, its envelope is what the mail hosts are asked about, and the host that refused it is
/// offered to the session.
pub(super) fn check_target(state: &mut State) -> Vec<Effect> {
    let Some(lead) = lead(&state.logs) else {
        return Vec::new();
    };
    let whom = lead.target().cloned().unwrap_or_default();
    let target: Target = match whom.parse() {
        Ok(target) => target,
        Err(error) => {
            let error: NotATarget = error;
            state.complain(error.to_string());
            return Vec::new();
        }
    };
    state.session.refused_by = lead.host.or(state.session.refused_by.take());
    if state.case.target.as_ref() == Some(&target) {
        state.session.target_changed(&state.case);
        state.say("the case is about that already; 2 shows its checks");
        return Vec::new();
    }
    let address = |text: Option<SafeText>| text?.parse::<MailAddress>().ok();
    // The sender's own hosts do not take mail for the recipient.
    let envelope = (!lead.check_sender).then_some((lead.sender, lead.recipient));
    let (from, to) = envelope.unwrap_or_default();
    state.case.from = address(from);
    state.case.to = address(to);
    state.say(format!("checking {}", target.unicode_domain()));
    let affected = Answer::measured(&target.to_string(), "the mail log names it");
    let effects = checks::start(state, target);
    // Behind the start, which forgets what was measured of the target before.
    state.case.answers.measure(QuestionId::Affected, affected);
    effects
}
