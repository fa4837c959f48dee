//! LMTP and PRDR: an answer to the message for each recipient.

use super::*;

#[test]
fn lmtp_answers_the_message_once_for_each_accepted_recipient() {
    let mut wire = lmtp();
    assert!(wire.session.is_lmtp());
    let taken: Vec<&str> = wire
        .session
        .recipients()
        .iter()
        .map(SafeText::as_str)
        .collect();
    assert_eq!(taken, ["<one@c.example>", "<three@c.example>"]);
    wire.session
        .send_message(Message::of(b"x"), wire.now)
        .unwrap();
    wire.poll();
    assert_eq!(wire.state(), State::AwaitMessageReply);
    wire.hears("250 2.1.5 one\r\n");
    assert_eq!(wire.state(), State::AwaitMessageReply);
    assert_eq!(wire.session.progress().transactions, 0);
    wire.hears("552-5.2.2 three\r\n552 5.2.2 is full\r\n");
    assert_eq!(wire.state(), State::Ready);
    let progress = *wire.session.progress();
    assert_eq!((progress.messages_taken, progress.messages_refused), (1, 1));
    assert_eq!(progress.transactions, 1);
    assert!(wire.session.recipients().is_empty());
    let about: Vec<_> = wire
        .told
        .iter()
        .filter_map(|kind| match kind {
            EventKind::ForRecipient(recipient) => Some(recipient.as_str()),
            _ => None,
        })
        .collect();
    assert_eq!(about, ["<one@c.example>", "<three@c.example>"]);
    assert_eq!(wire.session.awaited(), None);
}

#[test]
fn a_353_to_the_message_brings_an_answer_for_each_recipient_and_one_for_all() {
    for (last, taken) in [("250 queued", 1), ("550 not for anybody", 0)] {
        let mut wire = Wire::ready("PRDR");
        wire.says("MAIL FROM:<a@b.example> PRDR", "250 ok\r\n");
        wire.says("RCPT TO:<one@c.example>", "250 ok\r\n");
        wire.says("RCPT TO:<two@c.example>", "250 ok\r\n");
        wire.says("DATA", "354 go\r\n");
        wire.session
            .send_message(Message::of(b"x"), wire.now)
            .unwrap();
        wire.poll();
        wire.hears("353 looking at it\r\n250 one\r\n");
        assert_eq!(wire.state(), State::AwaitMessageReply);
        wire.hears("550 two\r\n");
        assert_eq!(wire.state(), State::AwaitMessageReply);
        assert_eq!(wire.session.progress().transactions, 0);
        wire.hears(format!("{last}\r\n"));
        assert_eq!(wire.state(), State::Ready);
        let progress = *wire.session.progress();
        // The last answer is about the whole message, and voids what was said before it.
        assert_eq!(progress.messages_taken > 0, taken > 0, "{progress:?}");
        assert!(progress.messages_refused > 0);
        assert_eq!(progress.transactions, 1);
        assert_eq!(wire.session.awaited(), None);
        let about = wire
            .told
            .iter()
            .filter(|kind| matches!(kind, EventKind::ForRecipient(_)));
        assert_eq!(about.count(), 2);
    }
}

#[test]
fn lmtp_may_answer_early_close_early_and_time_out_between_two_answers() {
    // The first answer before the dot, the second behind it.
    let mut wire = lmtp();
    wire.session.send_free("text", wire.now).unwrap();
    wire.poll();
    wire.hears("452 4.2.2 full\r\n");
    assert_eq!(wire.state(), State::SendingMessage);
    wire.session.send_free(".", wire.now).unwrap();
    wire.poll();
    assert_eq!(wire.state(), State::AwaitMessageReply);
    wire.hears("250 ok\r\n");
    assert_eq!(wire.state(), State::Ready);
    // Both before it.
    let mut wire = lmtp();
    wire.session.send_free("text", wire.now).unwrap();
    wire.hears("452 full\r\n452 full\r\n");
    wire.session.send_free(".", wire.now).unwrap();
    wire.poll();
    assert_eq!(wire.state(), State::Ready);
    // One comes, the other does not.
    let mut wire = lmtp();
    wire.session
        .send_message(Message::of(b"x"), wire.now)
        .unwrap();
    wire.poll();
    wire.hears("250 ok\r\n");
    wire.waits(601);
    let timed_out = |kind: &EventKind| {
        matches!(
            kind,
            EventKind::TimedOut {
                stage: Stage::Message,
                delivery_unclear: true,
                ..
            }
        )
    };
    assert!(wire.told.iter().any(timed_out), "{:?}", wire.told);
    // 421 ends it whatever is awaited.
    let mut wire = lmtp();
    wire.session
        .send_message(Message::of(b"x"), wire.now)
        .unwrap();
    wire.poll();
    wire.hears("421 bye\r\n");
    assert_eq!(wire.state(), State::Closing);
}

#[test]
fn after_ehlo_there_is_one_answer_again() {
    let mut wire = lmtp();
    wire.session
        .send_message(Message::of(b"x"), wire.now)
        .unwrap();
    wire.poll();
    wire.hears("250 ok\r\n250 ok\r\n");
    wire.says("EHLO me.example", "250 mx.example\r\n");
    assert!(!wire.session.is_lmtp());
    wire.says("MAIL FROM:<>", "250 ok\r\n");
    wire.says("RCPT TO:<one@c.example>", "250 ok\r\n");
    wire.says("RCPT TO:<two@c.example>", "250 ok\r\n");
    wire.says("DATA", "354 go\r\n");
    wire.session
        .send_message(Message::of(b"x"), wire.now)
        .unwrap();
    wire.poll();
    wire.hears("250 ok\r\n");
    assert_eq!(wire.state(), State::Ready);
}
