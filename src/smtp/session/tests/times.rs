//! How long each wait lasts, and what happens behind it.

use super::*;

#[test]
fn one_byte_a_second_does_not_beat_the_deadline() {
    let mut wire = Wire::connected();
    for _ in 0..299 {
        wire.now += seconds(1);
        wire.hears("2");
        wire.session.handle_timeout(wire.now);
        assert_eq!(wire.state(), State::Connected);
        let deadline = wire.session.poll_timeout().unwrap();
        assert_eq!(
            (deadline.at, deadline.stage),
            (seconds(300), Stage::Connect)
        );
    }
    wire.waits(1);
    let [
        ..,
        EventKind::Line { line, .. },
        EventKind::TimedOut { stage, after, .. },
    ] = &wire.told[..]
    else {
        panic!("{:?}", wire.told);
    };
    assert!(line.defects.contains(&Defect::Unfinished));
    assert_eq!(
        (line.octets, *stage, *after),
        (299, Stage::Connect, seconds(300))
    );
    assert_eq!(wire.session.poll_timeout(), None);
    assert_eq!(
        wire.session.send_free("NOOP", wire.now),
        Err(LocalError::NotConnected)
    );
}

#[test]
fn lines_that_keep_coming_do_not_move_the_deadline_either() {
    let mut wire = Wire::connected();
    for _ in 0..29 {
        wire.now += seconds(10);
        wire.hears("220-please wait\r\n");
    }
    wire.waits(10);
    assert!(matches!(wire.last(), EventKind::TimedOut { .. }));
}

#[test]
fn every_stage_has_its_time() {
    let mut wire = Wire::ready("SIZE");
    assert_eq!(wire.left(), None);
    wire.session.send_free("DATA", wire.now).unwrap();
    assert_eq!(wire.left(), Some(seconds(120)));
    wire.hears("354 go\r\n");
    assert_eq!(wire.left(), None, "the user is writing");
    let message = Message::of(&b"x".repeat(40_000));
    wire.session.send_message(message, wire.now).unwrap();
    for _ in 0..3 {
        wire.now += seconds(100);
        assert!(wire.session.poll_transmit().is_some());
        assert!(
            wire.session.poll_transmit().is_none(),
            "one block at a time"
        );
        wire.session.handle_written(wire.now);
        wire.now += seconds(1);
        let all_written = wire.state() == State::AwaitMessageReply;
        let left = seconds(if all_written { 599 } else { 179 });
        assert_eq!(wire.left(), Some(left));
    }
    assert_eq!(wire.state(), State::AwaitMessageReply);
    wire.now += seconds(600);
    wire.session.handle_timeout(wire.now);
    let last = std::iter::from_fn(|| wire.session.poll_event())
        .last()
        .unwrap();
    assert!(matches!(
        last.kind,
        EventKind::TimedOut {
            stage: Stage::Message,
            delivery_unclear: true,
            ..
        }
    ));
    let short = Timeouts::default().at_most(seconds(30));
    assert_eq!(
        (short.of(Stage::Message), short.handshake),
        (seconds(30), seconds(30))
    );
}

#[test]
fn a_stuck_block_times_out_without_a_doubt_about_delivery() {
    let mut wire = Wire::ready("SIZE");
    wire.session.send_free("DATA", wire.now).unwrap();
    wire.hears("354 go\r\n");
    let message = Message::of(&b"x".repeat(40_000));
    wire.session.send_message(message, wire.now).unwrap();
    assert!(wire.session.poll_transmit().is_some());
    while wire.session.poll_event().is_some() {}
    wire.waits(180);
    assert!(matches!(
        wire.last(),
        EventKind::TimedOut {
            stage: Stage::Message,
            delivery_unclear: false,
            ..
        }
    ));
}
