//! Messages in blocks and chunks, against hand-fed answers.

use super::*;
use crate::smtp::command::Command;
use crate::smtp::data::Message;
use crate::smtp::event::How;
use crate::smtp::session::SessionOptions;
use proptest::prelude::*;

const NOW: Duration = Duration::ZERO;

/// A session with an open transaction; with `data`, after its 354.
fn transaction(data: bool) -> Session {
    let mut session = Session::new(SessionOptions::default());
    session.handle_connected(NOW);
    session.receive(b"220 x\r\n", NOW);
    let mut lines = vec!["EHLO me.example", "MAIL FROM:<>", "RCPT TO:<a@b.example>"];
    lines.extend(data.then_some("DATA"));
    for line in lines {
        let command = Command::parse_typed(line).unwrap();
        session.send(&command, NOW).unwrap();
        write(&mut session);
        let answer: &[u8] = match line {
            "DATA" => b"354 x\r\n",
            _ => b"250-x\r\n250 CHUNKING\r\n",
        };
        session.receive(answer, NOW);
    }
    while session.poll_event().is_some() {}
    session
}

fn write(session: &mut Session) -> Vec<u8> {
    let mut written = Vec::new();
    while let Some(octets) = session.poll_transmit() {
        written.extend(octets);
        session.handle_written(NOW);
    }
    written
}

fn head(transfer: Transfer, ends: LineEnds) -> MessageHead {
    MessageHead {
        transfer,
        ends,
        octets: None,
    }
}

/// Supplies `blocks` as they are wanted; after what was written, `answer`.
fn supplied(
    session: &mut Session,
    blocks: &[&[u8]],
    mut answer: impl FnMut(&[u8]) -> &'static str,
) -> Vec<u8> {
    let (mut blocks, mut all) = (blocks.iter(), Vec::new());
    loop {
        let written = write(session);
        all.extend_from_slice(&written);
        if session.wants_block() {
            match blocks.next() {
                Some(block) => session.supply_block(block, NOW),
                None => session.end_message(NOW),
            }
        } else if written.is_empty() {
            return all;
        } else if session.awaited().is_some() && session.state() != State::SendingMessage {
            session.receive(answer(&written).as_bytes(), NOW);
        }
    }
}

fn told(session: &mut Session) -> Vec<EventKind> {
    std::iter::from_fn(|| session.poll_event())
        .map(|event| event.kind)
        .collect()
}

#[test]
fn by_data_a_supplied_message_is_as_one_that_was_held() {
    let mut session = transaction(true);
    session
        .open_message(head(Transfer::Data, LineEnds::Made), NOW)
        .unwrap();
    let sent = supplied(
        &mut session,
        &[b"a\r", b"\n.", b"b\n", b"", b"."],
        |_| "250 queued\r\n",
    );
    assert_eq!(sent, Message::of(b"a\n.b\n.").octets());
    assert_eq!(session.state(), State::Ready);
    let told = told(&mut session);
    assert!(
        matches!(
            &told[..],
            [
                EventKind::SendingMessage {
                    lines: None,
                    octets: None
                },
                EventKind::MessageSent,
                EventKind::Line { .. },
                EventKind::Reply {
                    stage: Stage::Message,
                    ..
                }
            ]
        ),
        "{told:?}"
    );
}

#[test]
fn in_a_supplied_message_nothing_else_is_sent_and_no_time_runs() {
    let mut session = transaction(true);
    session
        .open_message(head(Transfer::Data, LineEnds::Made), NOW)
        .unwrap();
    let waiting = Err(LocalError::Waiting(Stage::Message));
    assert_eq!(session.send_free("QUIT", NOW), waiting);
    assert_eq!(session.send(&Command::Quit, NOW), waiting);
    assert_eq!(session.poll_timeout(), None, "the block is ours to read");
    session.supply_block(b"Subject: x\n", Duration::from_secs(999));
    let deadline = session.poll_timeout().unwrap();
    assert_eq!(deadline.at, Duration::from_secs(999 + 180));
    write(&mut session);
    session.handle_closed(Duration::from_secs(1000), How::ByServer);
    let told = told(&mut session);
    assert!(
        matches!(
            told.last(),
            Some(EventKind::Closed {
                delivery_unclear: false,
                ..
            })
        ),
        "without its dot no message is delivered: {told:?}"
    );
    assert!(!session.wants_block());
}

#[test]
fn chunks_are_counted_and_each_is_answered_before_the_next() {
    let mut session = transaction(false);
    session
        .open_message(head(Transfer::Bdat { chunk: 4 }, LineEnds::Kept), NOW)
        .unwrap();
    assert_eq!(
        session.send(&Command::Data, NOW),
        Err(LocalError::Waiting(Stage::Message))
    );
    let mut pieces = Vec::new();
    supplied(&mut session, &[b".a\n\0", b"", b"bcdefghi"], |written| {
        pieces.push(String::from_utf8(written.to_vec()).unwrap());
        "250 fine\r\n"
    });
    assert_eq!(
        pieces,
        ["BDAT 4\r\n.a\n\0", "BDAT 4\r\nbcde", "BDAT 4 LAST\r\nfghi"]
    );
    assert_eq!(session.state(), State::Ready);
    let told = told(&mut session);
    let lines: Vec<_> = told
        .iter()
        .filter_map(|kind| match kind {
            EventKind::Sent { line, .. } => Some(line.as_str()),
            EventKind::Reply { stage, .. } => stage.verb().or(Some("the message")),
            _ => None,
        })
        .collect();
    assert_eq!(
        lines,
        [
            "BDAT 4",
            "BDAT",
            "BDAT 4",
            "BDAT",
            "BDAT 4 LAST",
            "the message"
        ]
    );
}

#[test]
fn an_empty_message_is_one_empty_chunk() {
    let mut session = transaction(false);
    session
        .open_message(head(Transfer::Bdat { chunk: 0 }, LineEnds::Made), NOW)
        .unwrap();
    let sent = supplied(&mut session, &[], |_| "250 fine\r\n");
    assert_eq!(sent, b"BDAT 0 LAST\r\n");
}

#[test]
fn a_refused_chunk_ends_the_message_and_rset_follows() {
    let mut session = transaction(false);
    session
        .open_message(head(Transfer::Bdat { chunk: 2 }, LineEnds::Made), NOW)
        .unwrap();
    let sent = supplied(&mut session, &[b"abcdef"], |_| "552 5.3.4 too big\r\n");
    assert_eq!(sent, b"BDAT 2\r\nab");
    assert_eq!(
        (session.state(), session.is_supplied()),
        (State::InMail, false)
    );
    assert!(session.progress().data_refused);
    session.send(&Command::Rset, NOW).unwrap();
    session.receive(b"250 x\r\n", NOW);
    assert_eq!(session.state(), State::Ready);
}

#[test]
fn a_chunk_that_is_answered_too_early_goes_to_its_end() {
    let mut session = transaction(false);
    session
        .open_message(head(Transfer::Bdat { chunk: 3 }, LineEnds::Made), NOW)
        .unwrap();
    session.supply_block(b"abcdef", NOW);
    let octets = session.poll_transmit().unwrap();
    assert_eq!(octets, b"BDAT 3\r\nabc");
    session.receive(b"552 5.3.4 too big\r\n", NOW);
    assert_eq!(session.state(), State::SendingMessage);
    session.handle_written(NOW);
    assert_eq!(
        (session.state(), session.is_supplied()),
        (State::InMail, false)
    );
}

#[test]
fn whether_the_last_chunk_arrived_is_unclear_without_its_answer() {
    for (blocks, unclear) in [(&[&b"abc"[..]][..], true), (&[b"abc", b"def"], false)] {
        let mut session = transaction(false);
        session
            .open_message(head(Transfer::Bdat { chunk: 3 }, LineEnds::Kept), NOW)
            .unwrap();
        for block in blocks {
            session.supply_block(block, NOW);
        }
        if unclear {
            session.end_message(NOW);
        }
        write(&mut session);
        session.handle_closed(NOW, How::ByServer);
        let told = told(&mut session);
        assert!(
            matches!(told.last(), Some(EventKind::Closed { delivery_unclear, .. }) if *delivery_unclear == unclear),
            "{told:?}"
        );
    }
}

#[test]
fn a_message_begins_where_it_may() {
    let mut session = transaction(true);
    let bdat = head(Transfer::Bdat { chunk: 3 }, LineEnds::Made);
    assert!(matches!(
        session.open_message(bdat, NOW),
        Err(LocalError::NotNow { .. })
    ));
    let mut session = transaction(false);
    let data = head(Transfer::Data, LineEnds::Made);
    assert!(matches!(
        session.open_message(data, NOW),
        Err(LocalError::NotNow { .. })
    ));
    session.open_message(bdat, NOW).unwrap();
    assert!(matches!(
        session.open_message(bdat, NOW),
        Err(LocalError::NotNow { .. })
    ));
}

proptest! {
    #[test]
    fn what_the_chunks_hold_is_the_message(
        blocks in proptest::collection::vec(proptest::collection::vec(any::<u8>(), 0..30), 0..8),
        chunk in 1_usize..40,
    ) {
        let mut session = transaction(false);
        session.open_message(head(Transfer::Bdat { chunk }, LineEnds::Kept), NOW).unwrap();
        let blocks: Vec<&[u8]> = blocks.iter().map(Vec::as_slice).collect();
        let wire = supplied(&mut session, &blocks, |_| "250 fine\r\n");
        // The receiver's side: a line, then as many octets as it says.
        let (mut rest, mut arrived, mut last) = (&wire[..], Vec::new(), false);
        while !rest.is_empty() {
            prop_assert!(!last);
            let end = rest.windows(2).position(|pair| pair == b"\r\n").unwrap();
            let line = std::str::from_utf8(&rest[..end]).unwrap();
            let words: Vec<&str> = line.split(' ').collect();
            let octets: usize = words[1].parse().unwrap();
            last = words.get(2) == Some(&"LAST");
            prop_assert!(words[0] == "BDAT" && (octets == chunk || last && octets <= chunk));
            arrived.extend_from_slice(&rest[end + 2..end + 2 + octets]);
            rest = &rest[end + 2 + octets..];
        }
        prop_assert!(last);
        prop_assert_eq!(arrived, blocks.concat());
    }
}
