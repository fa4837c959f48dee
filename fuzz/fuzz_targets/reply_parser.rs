//! Any bytes, in any pieces, as replies of a server.
//!
//! The first byte chooses the stage, the second how the bytes are cut.
#![no_main]

use libfuzzer_sys::fuzz_target;
use smtp_tui::smtp::reply::{Parsed, ReplyLine, ReplyParser, bounds};
use smtp_tui::smtp::{RemoteError, Stage};
use smtp_tui::text::SafeText;

const STAGES: [Stage; 6] = [
    Stage::Connect,
    Stage::Ehlo,
    Stage::StartTls,
    Stage::Auth,
    Stage::Rcpt,
    Stage::Data,
];

fuzz_target!(|input: &[u8]| {
    let [stage, seed, bytes @ ..] = input else {
        return;
    };
    let stage = STAGES[usize::from(*stage) % STAGES.len()];
    let whole = parsed(&[bytes], stage);
    assert_eq!(parsed(&cut(bytes, *seed), stage), whole, "the cuts count");
    let octets: usize = whole.iter().map(octets).sum();
    if !whole.iter().any(Result::is_err) {
        assert_eq!(octets, bytes.len(), "octets got lost");
    }
});

/// Pieces of lengths that `seed` chooses, some of them empty.
fn cut(bytes: &[u8], seed: u8) -> Vec<&[u8]> {
    let mut state = u32::from(seed) | 0x100;
    let mut rest = bytes;
    let mut pieces = Vec::new();
    while !rest.is_empty() {
        state = state.wrapping_mul(1_103_515_245).wrapping_add(12_345);
        let length = (state >> 16) as usize % 17;
        let (piece, after) = rest.split_at(length.min(rest.len()));
        pieces.push(piece);
        rest = after;
    }
    pieces
}

/// All that comes of it, up to the end of the connection.
fn parsed(pieces: &[&[u8]], stage: Stage) -> Vec<Result<Parsed, RemoteError>> {
    let mut parser = ReplyParser::default();
    let mut all = Vec::new();
    for piece in pieces {
        parser.push(piece);
        while let Some(result) = parser.next(stage) {
            check(&result);
            all.push(result);
        }
        assert!(parser.buffered() <= bounds::LINE, "more than a line is held");
    }
    while let Some(result) = parser.finish(stage) {
        check(&result);
        all.push(result);
    }
    let errors = all.iter().filter(|result| result.is_err()).count();
    assert!(errors <= 1, "it failed twice");
    assert!(errors == 0 || all.last().is_some_and(Result::is_err));
    all
}

fn octets(result: &Result<Parsed, RemoteError>) -> usize {
    match result {
        Ok(Parsed::Line(line)) => line.octets,
        _ => 0,
    }
}

fn check(result: &Result<Parsed, RemoteError>) {
    match result {
        Ok(Parsed::Line(line)) => safe(line),
        Ok(Parsed::Reply(reply)) => {
            assert!(!reply.lines.is_empty() && reply.lines.len() <= bounds::LINES);
            let octets: usize = reply.lines.iter().map(|line| line.octets).sum();
            assert!(octets <= bounds::REPLY);
            let last = reply.lines.iter().position(|line| line.last);
            assert_eq!(last, Some(reply.lines.len() - 1), "it ends where it ends");
            reply.lines.iter().for_each(safe);
            assert!(is_safe(&reply.text()));
        }
        Err(_) => {}
    }
}

fn safe(line: &ReplyLine) {
    assert!(is_safe(&line.shown) && is_safe(&line.text));
    // At most the longest escape for each octet.
    assert!(line.shown.len() <= line.octets * 10);
}

fn is_safe(text: &SafeText) -> bool {
    let unsafe_char = |c: char| {
        (c.is_control() && c != '\t')
            || matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}')
    };
    !text.chars().any(unsafe_char)
}
