//! A message as somebody writes it: headers, an empty line, text.

use super::stuffed::Message;
use crate::smtp::error::LocalError;
use crate::smtp::path::{ForwardPath, Mailbox, ReversePath, refuse_controls};
use jiff::Timestamp;
use mail_builder::MessageBuilder;
use mail_builder::headers::HeaderType;
use mail_builder::headers::address::Address;
use mail_builder::headers::date::Date;
use mail_builder::headers::raw::Raw;
use mail_builder::headers::text::Text;
use mail_builder::mime::MimePart;

/// Headers and a body, as typed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Draft {
    pub headers: Vec<(String, String)>,
    pub body: String,
}

/// What a draft is completed with, where it says nothing itself.
#[derive(Clone, Copy, Debug)]
pub struct Stamp<'a> {
    pub date: Timestamp,
    /// `left@right`, without angle brackets.
    pub message_id: &'a str,
    pub from: &'a ReversePath,
    pub to: &'a [ForwardPath],
}

impl Draft {
    /// Splits what stands in an editor. Headers end at the first empty line; a line that begins
    /// with a space or tab goes on with the header before it. A text whose first line is no
    /// header is all body.
    pub fn parse(text: &str) -> Self {
        let mut draft = Self::default();
        let mut lines = text.lines();
        while let Some(line) = lines.next() {
            if line.is_empty() {
                break;
            }
            if line.starts_with([' ', '\t'])
                && let Some((_, value)) = draft.headers.last_mut()
            {
                value.push(' ');
                value.push_str(line.trim());
            } else if let Some((name, value)) =
                line.split_once(':').filter(|(name, _)| is_field_name(name))
            {
                draft
                    .headers
                    .push((name.to_owned(), value.trim().to_owned()));
            } else {
                // No header, and no empty line before it: what follows is text.
                let body = std::iter::once(line).chain(lines.by_ref());
                draft.body = body.collect::<Vec<_>>().join("\n");
                return draft;
            }
        }
        draft.body = lines.collect::<Vec<_>>().join("\n");
        draft
    }

    pub fn has(&self, name: &str) -> bool {
        self.headers
            .iter()
            .any(|(own, _)| own.eq_ignore_ascii_case(name))
    }

    /// Sets a header, in the place of those of the same name.
    pub fn set(&mut self, name: &str, value: &str) {
        let place = self
            .headers
            .iter()
            .position(|(own, _)| own.eq_ignore_ascii_case(name));
        self.headers
            .retain(|(own, _)| !own.eq_ignore_ascii_case(name));
        let place = place.unwrap_or(self.headers.len());
        self.headers
            .insert(place, (name.to_owned(), value.to_owned()));
    }

    /// Adds a header, whether there is one of the name or not.
    pub fn add(&mut self, name: &str, value: &str) {
        self.headers.push((name.to_owned(), value.to_owned()));
    }

    /// The message for the wire. Date and From, which RFC 5322 section 3.6 demands, and
    /// Message-ID and To are added from `stamp` where the draft has none; text beyond ASCII is
    /// encoded (RFC 2047 in headers, MIME in the body); a header with a line break is refused.
    /// Bcc stays out of it: its addresses are the envelope's (RFC 5322 section 3.6.3).
    pub fn message(&self, stamp: &Stamp<'_>) -> Result<Message, LocalError> {
        // Who writes MIME headers encodes the body too.
        let body = if self.makes_its_own_mime() {
            MimePart::raw(format!("\r\n{}", self.body))
        } else {
            MimePart::new("text/plain", self.body.as_str())
        };
        let mut octets = Vec::new();
        self.head(stamp)?.body(body).serialize(&mut octets);
        Ok(Message::of(&octets))
    }

    pub(super) fn makes_its_own_mime(&self) -> bool {
        self.has("Content-Type") || self.has("Content-Transfer-Encoding")
    }

    /// The headers, and nothing behind them yet.
    pub(super) fn head(&self, stamp: &Stamp<'_>) -> Result<MessageBuilder<'_>, LocalError> {
        let mut message = MessageBuilder::new();
        if !self.has("Date") {
            message = message.date(Date::new(stamp.date.as_second()));
        }
        if !self.has("Message-ID") {
            refuse_controls("Message-ID", stamp.message_id)?;
            message = message.message_id(stamp.message_id.to_owned());
        }
        if !self.has("From") {
            message = message.from(sender(stamp));
        }
        let to: Vec<_> = stamp.to.iter().filter_map(ForwardPath::mailbox).collect();
        if !self.has("To") && !to.is_empty() {
            message = message.to(to.iter().map(ToString::to_string).collect::<Vec<_>>());
        }
        let bcc = |name: &str| name.eq_ignore_ascii_case("Bcc");
        for (name, value) in self.headers.iter().filter(|(name, _)| !bcc(name)) {
            if !is_field_name(name) {
                return Err(LocalError::Malformed {
                    part: "header name",
                    text: name.as_str().into(),
                    why: "letters, digits and hyphens only",
                });
            }
            // A tab is white space in a header; everything else that controls is not.
            refuse_controls("header", &value.replace('\t', " "))?;
            message = message.header(canonical(name).to_owned(), header(name, value));
        }
        Ok(message)
    }
}

/// The envelope's sender; for `<>`, the name by which mail systems sign their own mail.
fn sender(stamp: &Stamp<'_>) -> Address<'static> {
    if let Some(mailbox) = stamp.from.mailbox() {
        return mailbox.to_string().into();
    }
    let (_, host) = stamp.message_id.rsplit_once('@').unwrap_or_default();
    let postmaster = format!("postmaster@{host}");
    ("Mail Delivery System".to_owned(), postmaster).into()
}

/// `field-name = 1*ftext`, printable ASCII but the colon (RFC 5322 section 2.2).
fn is_field_name(name: &str) -> bool {
    !name.is_empty() && name.bytes().all(|b| b.is_ascii_graphic() && b != b':')
}

/// The spelling by which mail-builder knows that it must not add the header itself.
fn canonical(name: &str) -> &str {
    ["Date", "Message-ID", "MIME-Version"]
        .into_iter()
        .find(|known| known.eq_ignore_ascii_case(name))
        .unwrap_or(name)
}

/// ASCII goes as typed, only folded; anything else is encoded as the header's kind asks.
fn header(name: &str, value: &str) -> HeaderType<'static> {
    const ADDRESSES: [&str; 6] = ["From", "To", "Cc", "Bcc", "Reply-To", "Sender"];
    if value.is_ascii() {
        return Raw::new(value.to_owned()).into();
    }
    if ADDRESSES
        .iter()
        .any(|known| known.eq_ignore_ascii_case(name))
    {
        // What cannot be read as addresses goes as it is: encoding it would hide the fault.
        return match addresses(value) {
            Some(list) => Address::new_list(list).into(),
            None => Raw::new(value.to_owned()).into(),
        };
    }
    Text::new(value.to_owned()).into()
}

/// `Name <a@b>, c@d`: only the simple forms; commas inside quotes are part of the name.
fn addresses(value: &str) -> Option<Vec<Address<'static>>> {
    let mut quoted = false;
    let items = value.split(|c| {
        quoted ^= c == '"';
        c == ',' && !quoted
    });
    items
        .map(|item| {
            let item = item.trim();
            let (name, address) = match item.strip_suffix('>') {
                Some(rest) => rest.rsplit_once('<')?,
                None => ("", item),
            };
            let mailbox: Mailbox = address.parse().ok()?;
            let name = name.trim().trim_matches('"').to_owned();
            Some(Address::new_address(
                Some(name).filter(|name| !name.is_empty()),
                mailbox.to_string(),
            ))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn sent(text: &str) -> Result<String, LocalError> {
        let stamp = Stamp {
            date: Timestamp::from_second(1_700_000_000).unwrap(),
            message_id: "1@client.example",
            from: &"me@client.example".parse().unwrap(),
            to: &["you@b.example".parse().unwrap()],
        };
        let message = Draft::parse(text).message(&stamp)?;
        Ok(String::from_utf8(message.octets().to_vec()).unwrap())
    }

    #[test]
    fn what_is_missing_is_added_once() {
        let text = sent("Subject: Hi\n\nHello\n.\nBye").unwrap();
        for line in [
            "Date: Tue, 14 Nov 2023 22:13:20 +0000",
            "Message-ID: <1@client.example>",
            "From: <me@client.example>",
            "To: <you@b.example>",
            "Subject: Hi",
            "MIME-Version: 1.0",
        ] {
            assert_eq!(
                text.lines().filter(|own| *own == line).count(),
                1,
                "{line}\n{text}"
            );
        }
        assert!(
            text.ends_with("\r\n\r\nHello\r\n..\r\nBye\r\n.\r\n"),
            "{text}"
        );
    }

    #[test]
    fn what_is_there_stays() {
        let text = sent("date: today\nfrom: a@b.example\nTO: c@d.example\nmessage-id: <x@y>\n\nx");
        let text = text.unwrap();
        let count = |name: &str| {
            let lines = text.lines().map(str::to_ascii_lowercase);
            lines.filter(|line| line.starts_with(name)).count()
        };
        for name in ["date:", "from:", "to:", "message-id:"] {
            assert_eq!(count(name), 1, "{text}");
        }
        assert!(text.contains("from: a@b.example\r\n"), "{text}");
    }

    #[test]
    fn text_beyond_ascii_is_encoded_and_the_address_is_not() {
        let text =
            sent("Subject: Grüße\nTo: Jörg <j@b.example>, c@d.example\n\nSchöne Grüße").unwrap();
        assert!(text.is_ascii(), "{text}");
        assert!(
            text.contains("<j@b.example>") && text.contains("c@d.example"),
            "{text}"
        );
        assert!(text.contains("Subject: =?utf-8?"), "{text}");
    }

    #[test]
    fn a_header_is_replaced_in_its_place_or_added() {
        let mut draft = Draft::parse("X-A: 1\nSubject: a\nx-a: 2\n\nb");
        draft.set("X-A", "3");
        draft.add("Subject", "c");
        draft.set("X-B", "4");
        let expected = [
            ("X-A", "3"),
            ("Subject", "a"),
            ("Subject", "c"),
            ("X-B", "4"),
        ];
        let expected = expected.map(|(name, value)| (name.to_owned(), value.to_owned()));
        assert_eq!(draft.headers, expected);
    }

    #[test]
    fn bcc_is_told_to_nobody() {
        let text = sent("bcc: secret@b.example\nBcc: s2@b.example\nSubject: x\n\nbody").unwrap();
        assert!(
            !text.to_ascii_lowercase().contains("bcc") && !text.contains("secret"),
            "{text}"
        );
    }

    #[test]
    fn own_mime_headers_leave_the_body_alone() {
        let text = sent("Content-Type: text/html\n\n<p>.\n.x").unwrap();
        assert!(
            text.ends_with(
                "Content-Type: text/html\r\nMIME-Version: 1.0\r\n\r\n<p>.\r\n..x\r\n.\r\n"
            ),
            "{text}"
        );
    }

    #[test]
    fn a_header_cannot_bring_another_one() {
        let mut draft = Draft::parse("Subject: x\n\n");
        draft
            .headers
            .push(("X-A".into(), "b\r\nBcc: everyone@b.example".into()));
        let stamp = Stamp {
            date: Timestamp::UNIX_EPOCH,
            message_id: "1@x",
            from: &ReversePath::Null,
            to: &[],
        };
        assert_eq!(
            draft.message(&stamp),
            Err(LocalError::LineBreak { part: "header" })
        );
        draft.headers = vec![("X A".into(), "b".into())];
        assert!(matches!(
            draft.message(&stamp),
            Err(LocalError::Malformed { .. })
        ));
    }

    #[test]
    fn a_text_without_headers_is_body() {
        assert_eq!(Draft::parse("just text\nmore").body, "just text\nmore");
        let folded = Draft::parse("Subject: a\n b\n\nc");
        assert_eq!(folded.headers, [("Subject".to_owned(), "a b".to_owned())]);
        assert_eq!(folded.body, "c");
    }

    proptest! {
        #[test]
        fn any_draft_is_one_message(subject in "\\PC{0,90}", to in "\\PC{0,60}", body in "(\\PC|[.\r\n]){0,200}") {
            let draft = Draft {
                headers: vec![("Subject".into(), subject), ("To".into(), to)],
                body,
            };
            let stamp = Stamp { date: Timestamp::UNIX_EPOCH, message_id: "1@x", from: &ReversePath::Null, to: &[] };
            if let Ok(message) = draft.message(&stamp) {
                let text = String::from_utf8_lossy(message.octets()).into_owned();
                let (head, _) = text.split_once("\r\n\r\n").unwrap();
                let names: Vec<_> = head.split("\r\n").filter(|l| !l.starts_with([' ', '\t'])).filter_map(|l| l.split_once(':')).map(|(n, _)| n).collect();
                prop_assert_eq!(names, ["Date", "Message-ID", "From", "Subject", "To", "MIME-Version", "Content-Type", "Content-Transfer-Encoding"]);
            }
        }
    }
}
