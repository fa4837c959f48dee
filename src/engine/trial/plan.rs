//! What the tests say: pure.

use crate::smtp::{HelloName, Mailbox};
use std::net::IpAddr;

/// A local part that nobody has.
pub(super) const MADE_UP: &str = "smtp-tui-no-such-user-7f3a91";

/// One way of asking for a relay.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Form {
    pub(super) name: &'static str,
    pub(super) sender: String,
    pub(super) recipient: String,
    /// The recipient is written as one of the host's own domain; where any name is taken there,
    /// it says nothing.
    pub(super) hidden: bool,
}

/// The form that is asked for comparison: somebody who is not there.
pub(super) const COMPARISON: &str = "a made-up user";

/// `sender` is of another domain; it stands for both ends of the mail, so that nobody else is
/// ever named.
pub(super) fn relay_forms(sender: &Mailbox, domain: &str, address: IpAddr) -> Vec<Form> {
    let foreign = sender.to_string();
    let (local, elsewhere) = (sender.local_part(), sender.domain());
    let literal = HelloName::literal(address);
    let literal = literal.as_str();
    let form = |name, from: &str, recipient: String, hidden| Form {
        name,
        sender: from.to_owned(),
        recipient,
        hidden,
    };
    let own = format!("postmaster@{domain}");
    vec![
        form("plain", &foreign, foreign.clone(), false),
        form("null sender", "", foreign.clone(), false),
        form(
            "the host's own domain as sender",
            &own,
            foreign.clone(),
            false,
        ),
        form(
            "the host's address as sender",
            &format!("postmaster@{literal}"),
            foreign.clone(),
            false,
        ),
        form(
            "source route",
            &foreign,
            format!("@{domain}:{foreign}"),
            false,
        ),
        form(COMPARISON, &foreign, format!("{MADE_UP}@{domain}"), true),
        form(
            "percent hack",
            &foreign,
            format!("{local}%{elsewhere}@{domain}"),
            true,
        ),
        form(
            "percent hack at the address",
            &foreign,
            format!("{local}%{elsewhere}@{literal}"),
            true,
        ),
        form(
            "quoted address",
            &foreign,
            format!("\"{foreign}\"@{domain}").replace("\"\"", "\""),
            true,
        ),
        form(
            "bang path",
            &foreign,
            format!("{elsewhere}!{local}@{domain}"),
            true,
        ),
        form(
            "bang path without domain",
            &foreign,
            format!("{elsewhere}!{local}"),
            true,
        ),
    ]
}

pub(super) fn postmasters(domain: &str) -> [String; 3] {
    [
        format!("postmaster@{domain}"),
        "postmaster".to_owned(),
        format!("abuse@{domain}"),
    ]
}

/// What may be taken for the end of a message, and is none.
pub(super) const ENDS: [(&str, &[u8]); 7] = [
    ("<LF>.<LF>", b"\n.\n"),
    ("<LF>.<CR><LF>", b"\n.\r\n"),
    ("<CR><LF>.<LF>", b"\r\n.\n"),
    ("<CR>.<CR>", b"\r.\r"),
    ("<CR><LF>.<CR>", b"\r\n.\r"),
    ("<CR>.<CR><LF>", b"\r.\r\n"),
    ("<LF><LF>.<CR><LF>", b"\n\n.\r\n"),
];

/// A message whose text holds that end and a second envelope, to the same recipient. Its right
/// end comes last.
pub(super) fn smuggled(name: &str, end: &[u8], from: &Mailbox, to: &Mailbox) -> Vec<u8> {
    let first = format!(
        "From: <{from}>\r\nTo: <{to}>\r\nSubject: smtp-tui smuggling test, {name}\r\n\r\n\
         A test of how this server ends a message. What follows is part of this message, unless\r\n\
         the server takes {name} for the end."
    );
    let second = format!(
        "MAIL FROM:<{from}>\r\nRCPT TO:<{to}>\r\nDATA\r\nFrom: <{from}>\r\nTo: <{to}>\r\n\
         Subject: smtp-tui smuggling test, {name}: smuggled\r\n\r\n\
         The server took {name} for the end of a message.\r\n.\r\n"
    );
    [first.as_bytes(), end, second.as_bytes()].concat()
}
