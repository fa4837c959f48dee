//! How long the session screen takes to be drawn, with a short and with a very long transcript:
//! `cargo bench`.

use divan::Bencher;
use jiff::Timestamp;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use smtp_tui::case::{Case, From, Line};
use smtp_tui::knowledge::code::ReplyCode;
use smtp_tui::tui::event::{Event, Moment};
use smtp_tui::tui::keys::Action;
use smtp_tui::tui::screen::session::{Said, SessionEvent};
use smtp_tui::tui::state::{Pane, State};
use smtp_tui::tui::theme::{Look, Theme};
use smtp_tui::tui::update::{act, update};
use smtp_tui::tui::view::draw;

const LINES: [usize; 2] = [10, 100_000];

fn main() {
    divan::main();
}

/// A session of so many lines, three to a step.
fn state(lines: usize) -> State {
    let now = Moment {
        at: Timestamp::UNIX_EPOCH,
        run_ms: 0,
    };
    let case = Case::new(Timestamp::UNIX_EPOCH);
    let mut state = State::new(case, now, Theme::new(Look::default()));
    update(&mut state, Event::Resized(160, 45));
    state.dial("mx.example.org", 25);
    for at in 0..lines {
        let (from, line) = match at % 3 {
            0 => (From::Client, "RCPT TO:<somebody@example.org>".to_owned()),
            1 => (From::Server, format!("250-2.1.5 line {at}")),
            _ => (From::Server, format!("250 2.1.5 line {at}")),
        };
        let line = Line {
            at_ms: at as u64,
            from,
            line: line.into(),
            code: ReplyCode::new(250).filter(|_| from == From::Server),
            enhanced: None,
            encrypted: false,
        };
        update(&mut state, Event::Session(SessionEvent::Line(line)));
        if at % 3 == 2 {
            let said = Said {
                to: "RCPT".to_owned(),
                lines: 2,
                took_ms: 7,
            };
            update(&mut state, Event::Session(SessionEvent::Replied(said)));
        }
    }
    state.session.focus = Pane::Transcript;
    state
}

#[divan::bench(args = LINES)]
fn draws(bencher: Bencher<'_, '_>, lines: usize) {
    let state = state(lines);
    let mut buffer = Buffer::empty(Rect::new(0, 0, 160, 45));
    bencher.bench_local(|| {
        buffer.reset();
        draw(&state, &mut buffer)
    });
}

#[divan::bench(args = LINES)]
fn scrolls_and_draws(bencher: Bencher<'_, '_>, lines: usize) {
    let mut state = state(lines);
    let mut buffer = Buffer::empty(Rect::new(0, 0, 160, 45));
    let mut up = false;
    bencher.bench_local(|| {
        up = !up;
        act(
            &mut state,
            if up { Action::PageUp } else { Action::PageDown },
        );
        buffer.reset();
        let hits = draw(&state, &mut buffer);
        update(&mut state, Event::Drawn(hits.seen));
    });
}
