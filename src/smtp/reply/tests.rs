use super::*;
use crate::smtp::error::RemoteError;
use crate::smtp::stage::Stage;
use proptest::prelude::*;

type Results = Vec<Result<Parsed, RemoteError>>;

/// Everything that comes out when `bytes` are pushed in `pieces`.
fn parsed_in<'a>(pieces: impl IntoIterator<Item = &'a [u8]>, stage: Stage) -> Results {
    let mut parser = ReplyParser::default();
    let mut all = Vec::new();
    for piece in pieces {
        parser.push(piece);
        while let Some(result) = parser.next(stage) {
            all.push(result);
        }
        assert!(parser.buffered() <= bounds::LINE);
    }
    all
}

fn replies(bytes: &[u8], stage: Stage) -> Vec<Reply> {
    let all = parsed_in([bytes], stage).into_iter();
    all.filter_map(|result| match result.unwrap() {
        Parsed::Reply(reply) => Some(reply),
        Parsed::Line(_) => None,
    })
    .collect()
}

fn only(bytes: &[u8]) -> Reply {
    let mut all = replies(bytes, Stage::Rcpt);
    assert_eq!(all.len(), 1, "{all:?}");
    all.remove(0)
}

fn code(reply: &Reply) -> Option<u16> {
    reply.code.map(ReplyCode::get)
}

#[test]
fn a_reply_of_several_lines_is_one() {
    let reply = only(b"250-first\r\n250-\r\n250 last\r\n");
    assert_eq!(code(&reply), Some(250));
    let texts: Vec<_> = reply.lines.iter().map(|line| line.text.as_str()).collect();
    assert_eq!(texts, ["first", "", "last"]);
    assert_eq!(reply.lines[0].shown, "250-first");
    assert_eq!(reply.lines[0].octets, 11);
    assert!(reply.defects.is_empty());
}

#[test]
fn a_code_alone_is_legal() {
    for bytes in [&b"250\r\n"[..], b"250 \r\n"] {
        let reply = only(bytes);
        assert_eq!(code(&reply), Some(250));
        assert_eq!(reply.text(), "");
        assert!(reply.defects.is_empty());
    }
}

#[test]
fn the_last_of_mixed_codes_counts() {
    for (bytes, number) in [
        (&b"250-fine\r\n550 no\r\n"[..], 550),
        (b"550-no\r\n250 fine\r\n", 250),
    ] {
        let reply = only(bytes);
        assert_eq!(code(&reply), Some(number));
        assert_eq!(reply.defects, [Defect::MixedCodes]);
    }
}

#[test]
fn every_departure_is_marked_and_read() {
    use Defect::*;
    let long = format!("250 {}\r\n", "x".repeat(507));
    for (bytes, number, defects) in [
        (&b"SSH-2.0-OpenSSH_9.6\r\n"[..], None, &[NoCode][..]),
        (b"\r\n", None, &[NoCode]),
        (b"20240101 hello\r\n", None, &[NoCode]),
        (b"199 early\r\n", None, &[NoCode]),
        (b"600 late\r\n", None, &[NoCode]),
        (b"571 blocked\r\n", Some(571), &[UnknownNumber]),
        (b"250 unix\n", Some(250), &[BareLf]),
        (b"250 a\rb\r\n", Some(250), &[BareCr]),
        (b"250 a\0b\r\n", Some(250), &[Control]),
        (b"250 \x1b[2J\r\n", Some(250), &[Control]),
        (b"250 \xff\r\n", Some(250), &[NotUtf8]),
        (b"250ok\r\n", Some(250), &[Separator]),
        (b"550 2.1.5 fine\r\n", Some(550), &[EnhancedClass]),
        (b"250-a\r\nb\r\n250 c\r\n", Some(250), &[NoCode]),
        (long.as_bytes(), Some(250), &[LongLine]),
        ("250 grüß dich".as_bytes(), None, &[]),
    ] {
        if !bytes.ends_with(b"\n") {
            assert!(parsed_in([bytes], Stage::Rcpt).is_empty());
            continue;
        }
        let reply = only(bytes);
        assert_eq!(code(&reply), number, "{bytes:?}");
        assert_eq!(reply.defects, defects, "{bytes:?}");
    }
    assert_eq!(only(b"250 a\0b\r\n").text(), r"a\x00b");
}

#[test]
fn enhanced_codes_are_read_where_they_can_be() {
    let reply = only(b"550-5.1.1 no\r\n550 5.1.1 such user\r\n");
    assert_eq!(reply.enhanced.unwrap().to_string(), "5.1.1");
    assert!(reply.lines.iter().all(|line| line.enhanced.is_some()));
    // Not in the greeting, in replies to EHLO, in 3yz, and nowhere but as the first word.
    for (bytes, stage) in [
        (&b"220 2.0.0 x\r\n"[..], Stage::Connect),
        (b"250 2.0.0 x\r\n", Stage::Ehlo),
        (b"354 2.0.0 go\r\n", Stage::Data),
        (b"550 no such user 5.1.1\r\n", Stage::Rcpt),
    ] {
        assert_eq!(replies(bytes, stage)[0].enhanced, None, "{bytes:?}");
    }
}

#[test]
fn asterisks_in_place_of_a_greeting_are_seen() {
    assert!(only(b"220 **************0****2**200***\r\n").is_overwritten());
    assert!(!only(b"220 *** Welcome to mx.example ***\r\n").is_overwritten());
}

#[test]
fn an_unfinished_line_is_given_out_at_the_end() {
    let mut parser = ReplyParser::default();
    parser.push(b"220-wait\r\n220 rea");
    assert!(matches!(
        parser.next(Stage::Connect),
        Some(Ok(Parsed::Line(_)))
    ));
    assert_eq!(parser.next(Stage::Connect), None);
    let Some(Ok(Parsed::Line(line))) = parser.finish(Stage::Connect) else {
        panic!("no line");
    };
    assert_eq!(line.defects, [Defect::Unfinished]);
    let Some(Ok(Parsed::Reply(reply))) = parser.finish(Stage::Connect) else {
        panic!("no reply");
    };
    assert_eq!((code(&reply), reply.lines.len()), (Some(220), 2));
    assert_eq!(parser.finish(Stage::Connect), None);
}

/// Found by fuzzing.
#[test]
fn an_unfinished_line_passes_a_bound_too() {
    let mut parser = ReplyParser::default();
    parser.push(&b"220-x\r\n".repeat(bounds::LINES));
    while parser.next(Stage::Connect).is_some() {}
    parser.push(b"220 x");
    assert_eq!(parser.next(Stage::Connect), None);
    let error = parser.finish(Stage::Connect);
    assert_eq!(error, Some(Err(RemoteError::TooManyLines)));
    assert_eq!(parser.finish(Stage::Connect), None);
}

#[test]
fn bounds_end_it() {
    for (bytes, error) in [
        (vec![b'x'; bounds::LINE + 1], RemoteError::TooLongLine),
        (
            b"250-x\r\n".repeat(bounds::LINES + 1),
            RemoteError::TooManyLines,
        ),
        (
            format!("250-{}\r\n", "x".repeat(60_000))
                .repeat(9)
                .into_bytes(),
            RemoteError::TooLongReply,
        ),
    ] {
        let mut parser = ReplyParser::default();
        parser.push(&bytes);
        let last = std::iter::from_fn(|| parser.next(Stage::Ehlo)).last();
        assert_eq!(last, Some(Err(error)));
        parser.push(b"250 again\r\n");
        assert_eq!(parser.next(Stage::Ehlo), None);
        assert_eq!(parser.buffered(), 0);
    }
}

fn talk() -> impl Strategy<Value = Vec<u8>> {
    const PIECES: [&str; 10] = [
        "250",
        "-",
        " ",
        "\r\n",
        "\n",
        "\r",
        "550",
        "421 ",
        "2.1.0 ",
        "\0\x1b text",
    ];
    let piece = prop::sample::select(&PIECES[..]);
    prop_oneof![
        prop::collection::vec(piece, 0..40).prop_map(|pieces| pieces.concat().into_bytes()),
        any::<Vec<u8>>(),
    ]
}

proptest! {
    #[test]
    fn pieces_change_nothing(bytes in talk(), size in 1usize..9) {
        let whole = parsed_in([&bytes[..]], Stage::Rcpt);
        prop_assert_eq!(&parsed_in(bytes.chunks(size), Stage::Rcpt), &whole);
        let lines = whole.iter().filter(|r| matches!(r, Ok(Parsed::Line(_)))).count();
        prop_assert_eq!(lines, bytes.split(|b| *b == b'\n').count() - 1);
    }

    #[test]
    fn no_octet_is_lost(bytes in talk()) {
        let mut parser = ReplyParser::default();
        parser.push(&bytes);
        let mut octets = 0;
        while let Some(result) = parser.next(Stage::Rcpt) {
            if let Ok(Parsed::Line(line)) = result {
                octets += line.octets;
            }
        }
        while let Some(parsed) = parser.finish(Stage::Rcpt) {
            if let Ok(Parsed::Line(line)) = parsed {
                octets += line.octets;
            }
        }
        prop_assert_eq!(octets, bytes.len());
    }
}
