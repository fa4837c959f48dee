//! What is composed, read by a parser that is not ours.

use super::*;
use crate::smtp::data::{Base64Lines, Message, eicar};
use jiff::Timestamp;
use mail_parser::{MessageParser, MessagePart, MimeHeaders as _};
use proptest::prelude::*;

/// The message as it arrives; `files` are the contents that are read later.
fn sent(composition: &Composition, files: &[&[u8]]) -> Result<Vec<u8>, LocalError> {
    let stamp = Stamp {
        date: Timestamp::from_second(1_700_000_000).unwrap(),
        message_id: "1@me.example",
        from: &"me@a.example".parse().unwrap(),
        to: &["b@c.example".parse().unwrap()],
    };
    let mut octets = Vec::new();
    for part in composition.parts(&stamp)? {
        match part {
            Part::Octets(part) => octets.extend(part),
            Part::Later(n) => {
                let mut encoder = Base64Lines::default();
                encoder.write(files[n], &mut octets);
                encoder.finish(&mut octets);
            }
        }
    }
    let wire = Message::of(&octets).octets().to_vec();
    let text = wire.strip_suffix(b".\r\n").unwrap();
    Ok(String::from_utf8(text.to_vec())
        .unwrap()
        .replace("\r\n..", "\r\n.")
        .into_bytes())
}

fn file(name: &str, inline: bool, content: Content) -> Attachment {
    Attachment::new(name, None, inline, content).unwrap()
}

fn composition(body: &str) -> Composition {
    Composition {
        draft: Draft {
            headers: vec![("Subject".to_owned(), "Grüße".to_owned())],
            body: body.to_owned(),
        },
        html: None,
        attachments: Vec::new(),
    }
}

#[test]
fn text_html_and_files_arrive_as_what_they_are() {
    let picture: Vec<u8> = (0..=255).cycle().take(5000).collect();
    let mut composition = composition("Schöne\n.Grüße");
    composition.html = Some("<img src=\"cid:a_b.png\">ü".to_owned());
    composition.attachments = vec![
        file("list.pdf", false, Content::Later),
        file("a b.png", true, Content::Later),
        file("eicar.com", false, Content::Held(eicar().into_bytes())),
        file("Übersicht.txt", false, Content::Later),
    ];
    let sent = sent(&composition, &[b"%PDF", &picture, b"", b"\xff\n\n.\nx"]).unwrap();
    assert!(sent.is_ascii());
    let message = MessageParser::default().parse(&sent).unwrap();
    assert_eq!(message.subject(), Some("Grüße"));
    assert_eq!(message.body_text(0).unwrap().trim_end(), "Schöne\n.Grüße");
    assert!(message.body_html(0).unwrap().contains("ü"));
    let parts: Vec<_> = message
        .attachments()
        .map(|part| {
            let kind = part.content_type().unwrap();
            let name = part.attachment_name().unwrap().to_owned();
            let kind = format!("{}/{}", kind.ctype(), kind.subtype().unwrap());
            (name, kind, part.contents().to_vec())
        })
        .collect();
    let expected = [
        ("a b.png", "image/png", picture),
        ("list.pdf", "application/pdf", b"%PDF".to_vec()),
        (
            "eicar.com",
            "application/x-msdownload",
            eicar().into_bytes(),
        ),
        ("Übersicht.txt", "text/plain", b"\xff\n\n.\nx".to_vec()),
    ];
    let names: Vec<_> = parts
        .iter()
        .map(|(name, kind, _)| (name.as_str(), kind.as_str()))
        .collect();
    assert_eq!(names, expected.clone().map(|(name, kind, _)| (name, kind)));
    for ((_, _, content), (name, _, expected)) in parts.iter().zip(expected) {
        if name != "Übersicht.txt" {
            assert_eq!(*content, expected, "{name}");
        }
    }
    let picture = message.attachments().next().unwrap();
    assert_eq!(picture.content_id(), Some("a_b.png"));
    let text = String::from_utf8(sent).unwrap();
    let related = text.find("multipart/related").unwrap();
    assert!(text.find("multipart/mixed").unwrap() < related, "{text}");
}

#[test]
fn a_lone_text_is_what_the_draft_alone_would_be() {
    let text = String::from_utf8(sent(&composition("Hi"), &[]).unwrap()).unwrap();
    assert!(
        text.contains("Content-Type: text/plain; charset=\"utf-8\"\r\n"),
        "{text}"
    );
    assert!(text.ends_with("\r\n\r\nHi\r\n"), "{text}");
}

#[test]
fn what_would_not_fit_is_refused() {
    let mut own = composition("x");
    own.draft
        .headers
        .push(("content-type".to_owned(), "text/plain".to_owned()));
    assert!(sent(&own, &[]).is_ok());
    own.attachments.push(file("a", false, Content::Later));
    assert!(sent(&own, &[b""]).is_err());
    for (name, kind) in [
        ("a\nb", "a/b"),
        ("a", "a/b\r\nX: y"),
        ("a", "text"),
        ("a", "/"),
        ("a", "a/b; c"),
    ] {
        assert!(
            Attachment::new(name, Some(kind), false, Content::Later).is_err(),
            "{kind}"
        );
    }
}

proptest! {
    #[test]
    fn any_files_arrive_whole(
        body in "(\\PC|\n){0,60}",
        files in proptest::collection::vec((proptest::collection::vec(any::<u8>(), 0..200), any::<bool>(), "[a-z]{1,9}"), 1..4),
    ) {
        let mut composition = composition(&body);
        composition.attachments = files.iter().map(|(_, inline, name)| file(&format!("{name}.bin"), *inline, Content::Later)).collect();
        let contents: Vec<&[u8]> = files.iter().map(|(content, ..)| &content[..]).collect();
        let sent = sent(&composition, &contents).unwrap();
        let message = MessageParser::default().parse(&sent).unwrap();
        let arrived: Vec<&[u8]> = message.attachments().map(MessagePart::contents).collect();
        let inside = files.iter().filter(|(_, inline, _)| *inline);
        let expected: Vec<&[u8]> = inside.chain(files.iter().filter(|(_, inline, _)| !*inline)).map(|(content, ..)| &content[..]).collect();
        prop_assert_eq!(arrived, expected);
    }
}
