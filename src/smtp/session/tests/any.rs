//! Any bytes, in any order.

use super::*;
use proptest::prelude::*;

/// What a server may say: sense and nonsense.
fn talk() -> impl Strategy<Value = Vec<u8>> {
    const PIECES: [&str; 12] = [
        "220 hi\r\n",
        "250-a\r\n",
        "250 ok\r\n",
        "250\n",
        "354 go\r\n",
        "334 x\r\n",
        "421 bye\r\n",
        "550 5.1.1 no\r\n",
        "junk\r\n",
        "2",
        "\r",
        "\0\x1b\r\n",
    ];
    prop::collection::vec(prop::sample::select(&PIECES[..]), 0..40)
        .prop_map(|pieces| pieces.concat().into_bytes())
}

proptest! {
    #[test]
    fn pieces_and_any_order_change_nothing(bytes in talk(), size in 1usize..7) {
        let play = |pieces: std::slice::Chunks<'_, u8>| {
            let mut wire = Wire::connected();
            for line in ["EHLO x.example", "MAIL FROM:<>", "RCPT TO:<a@b.example>", "AUTH LOGIN", "DATA"] {
                wire.session.send_free(line, wire.now).unwrap();
            }
            for piece in pieces {
                wire.hears(piece);
            }
            wire.session.handle_closed(wire.now, How::ByServer);
            wire.poll();
            (wire.told, wire.sent)
        };
        prop_assert_eq!(play(bytes.chunks(size)), play(bytes.chunks(bytes.len().max(1))));
    }

    #[test]
    fn nothing_panics_and_nothing_follows_the_end(
        steps in prop::collection::vec((0u8..8, talk(), any::<Vec<u8>>()), 0..30),
    ) {
        let mut wire = Wire::connected();
        for (step, sense, nonsense) in steps {
            let now = wire.now;
            match step {
                0 => wire.hears(nonsense),
                1 => { let _ = wire.session.send_free("AUTH PLAIN x", now); }
                2 => { let _ = wire.session.send_free("STARTTLS", now); }
                3 => { let _ = wire.session.send_free("DATA", now); }
                4 => { let _ = wire.session.send_message(Message::of(&nonsense), now); }
                5 => { let _ = wire.session.tls_established(now, "x"); }
                6 => wire.waits(100),
                _ => wire.hears(sense),
            }
            wire.poll();
            prop_assert!(wire.session.poll_timeout().is_none_or(|d| d.at + seconds(100) >= wire.now));
        }
        wire.session.handle_closed(wire.now, How::ByUs);
        wire.poll();
        let ends = wire.told.iter().filter(|kind| kind.is_end()).count();
        prop_assert_eq!((ends, wire.last().is_end()), (1, true));
    }
}

proptest! {
    /// Any octets in any order, and any replies: nothing panics, and what is told is safe.
    #[test]
    fn any_raw_octets_and_any_replies(
        steps in prop::collection::vec(
            (
                prop::sample::select(vec![
                    "EHLO a", "LHLO a", "MAIL FROM:<>", "RCPT TO:<a@b>", "DATA", ".", "AUTH LOGIN",
                    "YW5u", "XCLIENT NAME=a", "RSET", r"\r\n.\r\n", r"\n.\n", r"\x00\xff", "x",
                ]),
                0usize..4,
                "([2345][0-5][0-9][ -]x\r\n|\r\n|x){0,3}",
            ),
            0..25,
        ),
    ) {
        let mut wire = Wire::connected();
        wire.hears("220 x\r\n");
        for (text, ending, reply) in steps {
            let raw = Raw::parse(text, Ending::ALL[ending]).unwrap();
            let _ = rules_broken(&wire.session.standing(), &raw);
            let _ = wire.session.send_raw(&raw, wire.now);
            wire.poll();
            wire.hears(&reply);
            if wire.session.state() == State::TlsHandshake {
                wire.session.tls_established(wire.now, "x").unwrap();
            }
        }
        let told = format!("{:?}", wire.told);
        prop_assert!(!told.contains(char::is_control));
    }

    /// Guided, nothing that somebody types becomes a second command.
    #[test]
    fn a_guided_command_is_one_line_on_the_wire(
        text in "[ -~\r\n\0\u{80}-\u{ff}]{1,40}",
        kind in 0usize..8,
    ) {
        let made = match kind {
            0 => text.parse().map(Command::Ehlo),
            1 => text.parse().map(Command::Lhlo),
            2 => crate::smtp::Attributes::new(&format!("NAME={text}")).map(Command::Xclient),
            3 => crate::smtp::Attributes::new(&text).map(Command::Xforward),
            4 => crate::smtp::Parameter::envid(&text)
                .map(|p| Command::Mail { from: crate::smtp::ReversePath::Null, parameters: vec![p] }),
            5 => crate::smtp::Parameter::orcpt(&text)
                .map(|p| Command::Rcpt { to: crate::smtp::ForwardPath::Postmaster, parameters: vec![p] }),
            6 => crate::smtp::Parameter::auth(&text)
                .map(|p| Command::Mail { from: crate::smtp::ReversePath::Null, parameters: vec![p] }),
            _ => crate::smtp::Argument::new(&text).map(Command::Etrn),
        };
        if let Ok(command) = made {
            let sent = command.encode();
            let breaks = sent.iter().filter(|b| matches!(b, b'\r' | b'\n' | 0)).count();
            prop_assert_eq!(breaks, 2);
            prop_assert!(sent.ends_with(b"\r\n"));
        }
    }
}
