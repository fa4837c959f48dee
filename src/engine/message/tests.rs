//! Letters without a server.

use super::*;
use crate::smtp::ReversePath;
use crate::smtp::data::Stamp;
use jiff::Timestamp;

async fn made(letter: &Letter) -> Result<(Source, String), Error> {
    let values = Values {
        stamp: Stamp {
            date: Timestamp::UNIX_EPOCH,
            message_id: "1@me.example",
            from: &ReversePath::Null,
            to: &[],
        },
        helo: "me.example",
        n: 1,
    };
    let source = letter.source(&values).await?;
    let mut text = Vec::new();
    let again = letter.source(&values).await?;
    let measured = again.measure(|block| text.extend_from_slice(block)).await;
    assert_eq!(Some(measured.unwrap().octets), source.octets);
    Ok((source, String::from_utf8(text).unwrap()))
}

fn eicar_body(body: &str) -> Letter {
    Letter {
        text: Text::Body(body.to_owned()),
        specimens: vec![Specimen {
            kind: SpecimenKind::Eicar,
            attached: false,
        }],
        ..Letter::default()
    }
}

#[tokio::test]
async fn a_virus_scanner_finds_eicar_at_the_start() {
    let (_, text) = made(&eicar_body("anything")).await.unwrap();
    let (_, body) = text.split_once("\r\n\r\n").unwrap();
    assert_eq!(body.trim_end(), eicar());
}

#[tokio::test]
async fn headers_of_the_options_go_before_those_of_the_text() {
    let letter = Letter {
        text: Text::Template("Subject: a\nX-A: 1\n\nx".to_owned()),
        set: vec![("subject".to_owned(), "b".to_owned())],
        added: vec![("X-A".to_owned(), "2".to_owned())],
        ..Letter::default()
    };
    let (source, text) = made(&letter).await.unwrap();
    assert!(
        text.contains("\r\nsubject: b\r\nX-A: 1\r\nX-A: 2\r\n"),
        "{text}"
    );
    assert_eq!((source.body, source.ends), (Body::SevenBit, LineEnds::Made));
}

#[tokio::test]
async fn what_is_signed_has_its_signature_first_and_in_its_size() {
    let letter = Letter {
        text: Text::Body("x".to_owned()),
        signer: Some(
            Signer::new(
                include_str!("../../smtp/data/dkim/ed25519.pem"),
                "s1",
                "me.example",
            )
            .unwrap(),
        ),
        ..Letter::default()
    };
    let (_, text) = made(&letter).await.unwrap();
    assert!(text.starts_with("DKIM-Signature: "), "{text}");
    assert_eq!(text.matches("DKIM-Signature: ").count(), 1);
}

#[tokio::test]
async fn a_line_break_in_a_header_is_refused() {
    let letter = Letter {
        added: vec![("X".to_owned(), "a\r\nBcc: x@y.example".to_owned())],
        ..Letter::default()
    };
    assert!(matches!(made(&letter).await, Err(Error::Local(_))));
}

#[tokio::test]
async fn the_transfer_is_what_is_wanted_and_offered() {
    use crate::smtp::{Extensions, Transfer};
    let letter = Letter {
        chunk: Some(10),
        binary: true,
        ..Letter::default()
    };
    let (source, _) = made(&letter).await.unwrap();
    let all = Extensions::of_lines(["x", "SIZE", "CHUNKING", "BINARYMIME", "8BITMIME"].into_iter());
    let few = Extensions::of_lines(["x", "8BITMIME"].into_iter());
    assert_eq!(source.transfer(Some(&all)), Transfer::Bdat { chunk: 10 });
    assert_eq!(source.transfer(Some(&few)), Transfer::Data);
    assert_eq!(source.transfer(None), Transfer::Data);
    let words = |offered| -> Vec<String> {
        let parameters: Vec<crate::smtp::Parameter> = source.parameters(offered);
        parameters
            .iter()
            .map(|own| own.as_str().to_owned())
            .collect()
    };
    let size = format!("SIZE={}", source.octets.unwrap());
    assert_eq!(words(&all), [size, "BODY=BINARYMIME".to_owned()]);
    assert_eq!(words(&few), ["BODY=8BITMIME"]);
    assert_eq!(
        (source.lacks(Some(&all)), source.lacks(Some(&few))),
        (None, Some("CHUNKING"))
    );
    assert_eq!(source.lacks(None), Some("CHUNKING"));
    let (plain, _) = made(&Letter::default()).await.unwrap();
    assert_eq!(plain.lacks(None), None);
}

fn outline(key: &std::path::Path) -> Outline {
    Outline {
        signature: Some(Signature {
            key: key.to_owned(),
            selector: "s1".to_owned(),
            domain: None,
        }),
        files: vec![File::named(
            concat!(env!("CARGO_MANIFEST_DIR"), "/Cargo.toml"),
            false,
        )],
        ..Outline::new(Text::Draft("Subject: x\n\nx".to_owned()))
    }
}

#[tokio::test]
async fn an_outline_is_weighed_as_it_would_be_sent() {
    let key = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/src/smtp/data/dkim/ed25519.pem"
    );
    let whole = outline(std::path::Path::new(key));
    let from: ReversePath = "me@me.example".parse().unwrap();
    let weight = whole.weigh("[192.0.2.1]", &from, &[]).await.unwrap();
    let file = std::fs::metadata("Cargo.toml").unwrap().len();
    assert!(weight.octets.unwrap() > file * 4 / 3, "{weight:?}");
    let unsigned = Outline {
        signature: None,
        ..whole.clone()
    };
    let less = unsigned.weigh("[192.0.2.1]", &from, &[]).await.unwrap();
    assert!(less.octets < weight.octets, "no signature: {less:?}");
    // Nobody signs for nobody.
    let error = whole.weigh("a", &ReversePath::Null, &[]).await.unwrap_err();
    assert!(matches!(error, Error::NobodySigns), "{error}");
}

#[tokio::test]
async fn what_is_no_key_or_no_file_is_said_before_anything_is_sent() {
    let from: ReversePath = "me@me.example".parse().unwrap();
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
    for (key, words) in [("Cargo.toml", "no private key"), ("none.pem", "reading")] {
        let error = outline(&folder.join(key)).weigh("a", &from, &[]).await;
        let said = error.unwrap_err().to_string();
        assert!(said.contains(words), "{said}");
    }
    assert!(matches!(regular(folder), Err(Error::NotRegular { .. })));
    assert!(matches!(
        read_text_within(&folder.join("Cargo.toml"), 10),
        Err(Error::TooLong { limit: 10, .. })
    ));
}
