//! A page for newcomers: what SMTP is, and how a message travels to the user's own domain.

use crate::case::{CheckState, Group};
use crate::tui::screen::session::mail_hosts;
use crate::tui::state::State;
use crate::tui::theme::Role;
use crate::tui::widget::Doc;

pub(super) fn doc(state: &State) -> Doc {
    let domain = state.case.target.as_ref().map_or_else(
        || "example.org".to_owned(),
        |t| t.unicode_domain().to_string(),
    );
    let host = mail_hosts(&state.case)
        .into_iter()
        .next()
        .unwrap_or_else(|| format!("the mail host of {domain}"));
    let nameserver = state
        .case
        .checks
        .iter()
        .find(|check| {
            check.group == Group::Ns && check.parent.is_some() && check.state == CheckState::Passed
        })
        .map_or_else(
            || format!("a nameserver of {domain}"),
            |check| check.subject.to_string(),
        );
    let mut doc = Doc::default();
    doc.heading("What SMTP is").para(
        "The Simple Mail Transfer Protocol is how one machine hands a message to the next. It \
         is a conversation in plain lines: a command, then a reply that begins with three \
         digits. Reading mail is another matter, and another protocol: POP or IMAP.",
    );
    doc.heading(&format!("How a message gets to {domain}"));
    road(&mut doc, &domain, &nameserver, &host);
    doc.heading("What the digits say");
    for (role, digit, words) in [
        (Role::Good, "2", "done"),
        (Role::Note, "3", "go on, more is awaited"),
        (
            Role::Warn,
            "4",
            "not now; the sender keeps the message and tries again",
        ),
        (
            Role::Bad,
            "5",
            "no; the sender gives up and sends a bounce back",
        ),
    ] {
        doc.hanging(
            2,
            8,
            vec![
                (role, format!("{digit}yz   ")),
                (Role::Text, words.to_owned()),
            ],
        );
    }
    doc.heading("Where it can break").para(
        "At every step. The registration can have lapsed; a nameserver can be silent or know \
         nothing of the domain; the MX record can point to nowhere; port 25 can be closed, \
         there or here; the mail host can refuse the sender, the recipient or the message. The \
         checks go along this road, in this order, and say where it ends.",
    );
    doc
}

fn road(doc: &mut Doc, domain: &str, nameserver: &str, host: &str) {
    let steps = [
        ("you", "your mail program, or webmail".to_owned()),
        (
            "submission",
            "port 587 or 465: your own provider's server, after you have logged in".to_owned(),
        ),
        ("registry", format!("which nameservers know {domain}?")),
        (
            "DNS",
            format!("{nameserver}: which host takes mail for {domain}? (MX)"),
        ),
        (
            "port 25",
            format!("{host}: HELO, from whom, to whom, the message (SMTP)"),
        ),
        (
            "mailbox",
            "there it lies until somebody reads it (IMAP, POP, webmail)".to_owned(),
        ),
    ];
    let last = steps.len() - 1;
    for (index, (where_at, what)) in steps.into_iter().enumerate() {
        doc.hanging(
            2,
            17,
            vec![
                (Role::Title, format!("{where_at:<11}")),
                (Role::Border, "│ ".to_owned()),
                (Role::Text, what),
            ],
        );
        if index != last {
            doc.spans(vec![(Role::Border, format!("{:13}↓", ""))]);
        }
    }
}
