//! Whole screens, from a case that was recorded in the practice world.

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use proptest::prelude::*;
use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};
use smtp_tui::case::{Case, From};
use smtp_tui::engine::{Change, Progress};
use smtp_tui::smtp::{Extensions, Standing};
use smtp_tui::tui::effect::Effect;
use smtp_tui::tui::event::{Event, Moment};
use smtp_tui::tui::hits::Hits;
use smtp_tui::tui::screen::session::{Ready, Said, SessionEvent};
use smtp_tui::tui::state::State;
use smtp_tui::tui::theme::{Depth, Look, Theme};
use smtp_tui::tui::update::update;
use smtp_tui::tui::view::draw;
use std::path::Path;

const SIZES: [(u16, u16); 4] = [(60, 16), (80, 24), (120, 40), (200, 60)];
const SCREENS: [&str; 7] = [
    "checklist",
    "checks",
    "session",
    "diagnosis",
    "codes",
    "report",
    "logs",
];

fn recorded() -> Case {
    smtp_tui::engine::store::Store::load(Path::new("tests/data/one-host-filtered.yaml"))
        .expect("the recorded case")
}

pub(crate) fn recorded_state(look: Look) -> State {
    let mut state = silent_state(look);
    talk(&mut state);
    crate::log_screen::read(&mut state, crate::log_screen::LOG);
    state
}

/// The same before anything was said in the session.
pub(crate) fn silent_state(look: Look) -> State {
    let case = recorded();
    let now = Moment {
        at: case.started_at,
        run_ms: 60_000,
    };
    State::new(case, now, Theme::new(look))
}

/// The session that the case has with a host that answered, as if it were held now.
pub(crate) fn talk(state: &mut State) {
    let session = state
        .case
        .sessions
        .iter()
        .find(|session| session.transcript.len() > 4)
        .cloned()
        .expect("a session with a host that answers");
    state.dial(&session.host, session.port);
    let mut asked = String::new();
    let mut lines = 0;
    for line in session.transcript {
        match line.from {
            From::Client if &*line.line == "QUIT" => break,
            From::Client => asked = line.line.to_string(),
            From::Server => lines += 1,
            From::Event => {}
        }
        let last = line.from == From::Server && line.line.get(3..4).is_none_or(|c| c != "-");
        update(state, Event::Session(SessionEvent::Line(line)));
        if last {
            let to = std::mem::take(&mut asked);
            let said = Said {
                to,
                lines: std::mem::take(&mut lines),
                took_ms: 7,
            };
            update(state, Event::Session(SessionEvent::Replied(said)));
        }
    }
    let answer = state.session.lines.iter().filter_map(|line| {
        let text = line.line.strip_prefix("250")?;
        Some(text.trim_start_matches(['-', ' ']).to_owned())
    });
    let answer: Vec<String> = answer.collect();
    let standing = Standing {
        state: smtp_tui::smtp::state::State::Ready,
        extensions: Some(Extensions::of_lines(answer.iter().map(String::as_str))),
        ..Standing::default()
    };
    let ready = Ready {
        suggested: "MAIL FROM:<>".to_owned(),
        standing: Box::new(standing),
        encrypted: false,
        awaits_message: false,
        sender: String::new(),
        recipients: Vec::new(),
        ..Ready::default()
    };
    update(state, Event::Session(SessionEvent::Ready(ready)));
}

/// What is on the screen, and where.
pub(crate) fn drawn(state: &mut State, (columns, rows): (u16, u16)) -> (String, Hits) {
    update(state, Event::Resized(columns, rows));
    let (_, hits) = shown(state, (columns, rows));
    // The second drawing knows what the first one has shown.
    update(state, Event::Drawn(hits.seen));
    shown(state, (columns, rows))
}

fn shown(state: &State, (columns, rows): (u16, u16)) -> (String, Hits) {
    let mut buffer = Buffer::empty(Rect::new(0, 0, columns, rows));
    let hits = draw(state, &mut buffer);
    let lines: Vec<String> = (0..rows)
        .map(|y| {
            let line: String = (0..columns).map(|x| buffer[(x, y)].symbol()).collect();
            line.trim_end().to_owned()
        })
        .collect();
    (lines.join("\n"), hits)
}

/// With their styles.
fn cells(state: &mut State) -> Buffer {
    drawn(state, (80, 24));
    let mut buffer = Buffer::empty(Rect::new(0, 0, 80, 24));
    draw(state, &mut buffer);
    buffer
}

pub(crate) fn press(state: &mut State, code: KeyCode) {
    update(state, Event::Key(KeyEvent::new(code, KeyModifiers::NONE)));
}

pub(crate) fn go(state: &mut State, screen: usize) {
    let number = u8::try_from(screen + 2).expect("F2 to F8");
    press(state, KeyCode::F(number));
}

#[test]
fn every_screen_at_every_size() {
    for (columns, rows) in SIZES {
        let mut state = recorded_state(Look::default());
        for (place, name) in SCREENS.iter().enumerate() {
            go(&mut state, place);
            let (text, _) = drawn(&mut state, (columns, rows));
            insta::assert_snapshot!(format!("{name}-{columns}x{rows}"), text);
        }
    }
}

#[test]
fn the_session_at_the_size_of_a_wide_terminal() {
    let mut state = recorded_state(Look::default());
    let place = SCREENS.iter().position(|name| *name == "session");
    go(&mut state, place.expect("the screen"));
    let (text, _) = drawn(&mut state, (160, 45));
    for words in ["Transcript", "What it means", "MAIL FROM "] {
        assert!(text.contains(words), "{words}: {text}");
    }
    insta::assert_snapshot!("session-160x45", text);
}

#[test]
fn without_unicode_and_without_colour_it_still_says_everything() {
    let ascii = Look {
        ascii: true,
        ..Look::default()
    };
    let plain = Look {
        depth: Depth::None,
        ..Look::default()
    };
    for (place, name) in SCREENS.iter().enumerate() {
        let mut colours = recorded_state(Look::default());
        let mut ascii = recorded_state(ascii);
        let mut plain = recorded_state(plain);
        for state in [&mut colours, &mut ascii, &mut plain] {
            go(state, place);
        }
        let (text, _) = drawn(&mut ascii, (80, 24));
        assert!(text.is_ascii(), "{name}: {text}");
        insta::assert_snapshot!(format!("{name}-ascii"), text);
        let words =
            |text: &str| -> String { text.chars().filter(|c| c.is_alphanumeric()).collect() };
        let with = drawn(&mut colours, (80, 24)).0;
        let without = drawn(&mut plain, (80, 24)).0;
        assert_eq!(words(&with), words(&without), "{name}");
    }
}

#[test]
fn what_lies_over_the_screens() {
    for (name, code, modifiers) in [
        ("help", KeyCode::F(1), KeyModifiers::NONE),
        ("palette", KeyCode::Char('p'), KeyModifiers::CONTROL),
        ("newcomers", KeyCode::Char('w'), KeyModifiers::NONE),
        ("domain", KeyCode::Char('d'), KeyModifiers::NONE),
        ("export", KeyCode::Char('e'), KeyModifiers::NONE),
        ("leave", KeyCode::Char('q'), KeyModifiers::NONE),
    ] {
        for size in [(60, 16), (80, 24)] {
            let mut state = recorded_state(Look::default());
            go(&mut state, 3);
            drawn(&mut state, size);
            update(&mut state, Event::Key(KeyEvent::new(code, modifiers)));
            let (text, _) = drawn(&mut state, size);
            insta::assert_snapshot!(format!("over-{name}-{}x{}", size.0, size.1), text);
        }
    }
}

#[test]
fn a_password_is_typed_and_not_shown() {
    let mut state = recorded_state(Look::default());
    go(&mut state, 1);
    drawn(&mut state, (80, 24));
    let press = |state: &mut State, code: KeyCode| {
        update(state, Event::Key(KeyEvent::new(code, KeyModifiers::NONE)))
    };
    press(&mut state, KeyCode::Char('L'));
    for c in "nora".chars() {
        press(&mut state, KeyCode::Char(c));
    }
    assert_eq!(press(&mut state, KeyCode::Enter), []);
    update(&mut state, Event::Paste("orange-".to_owned()));
    for c in "tree".chars() {
        press(&mut state, KeyCode::Char(c));
    }
    for size in [(60, 16), (80, 24)] {
        let (text, _) = drawn(&mut state, size);
        assert!(!text.contains("orange"), "{text}");
        insta::assert_snapshot!(format!("over-login-{}x{}", size.0, size.1), text);
    }
    assert!(!format!("{state:?}").contains("orange"));
    let effects = press(&mut state, KeyCode::Enter);
    let [Effect::Change(Change::LogIn(login))] = &effects[..] else {
        panic!("{effects:?}");
    };
    assert_eq!(login.user(), "nora");
    assert!(!format!("{effects:?}").contains("orange"));
    assert!(state.overlays.is_empty() && !format!("{state:?}").contains("orange"));
}

/// What stands on the screen, without frames and breaks.
fn sentence(text: &str) -> String {
    let words = text.split(|c: char| c.is_whitespace() || "│┃".contains(c));
    words
        .filter(|word| !word.is_empty())
        .collect::<Vec<_>>()
        .join(" ")
}

pub(crate) fn type_in(state: &mut State, text: &str) {
    for c in text.chars() {
        press(state, KeyCode::Char(c));
    }
}

pub(crate) fn pressed(state: &mut State, code: KeyCode) -> Vec<Effect> {
    update(state, Event::Key(KeyEvent::new(code, KeyModifiers::NONE)))
}

#[test]
fn a_mail_is_named_and_the_hosts_are_asked_about_it() {
    let mut state = recorded_state(Look::default());
    go(&mut state, 1);
    press(&mut state, KeyCode::Char('m'));
    type_in(&mut state, "nobody");
    press(&mut state, KeyCode::Enter);
    for size in [(60, 16), (80, 24)] {
        let (text, _) = drawn(&mut state, size);
        insta::assert_snapshot!(format!("over-envelope-{}x{}", size.0, size.1), text);
    }
    for _ in 0.."nobody".len() {
        press(&mut state, KeyCode::Backspace);
    }
    type_in(&mut state, "<me@example.net>");
    assert_eq!(pressed(&mut state, KeyCode::Enter), []);
    type_in(&mut state, "info@larkrise-academy.org");
    let found = state.case.checks.clone();
    let effects = pressed(&mut state, KeyCode::Enter);
    let (from, to) = (state.case.from.clone(), state.case.to.clone());
    assert_eq!(
        from.as_ref().map(ToString::to_string),
        Some("me@example.net".into())
    );
    assert_eq!(
        effects,
        [
            Effect::Change(Change::Envelope { from, to }),
            Effect::SaveCase
        ]
    );
    assert!(state.overlays.is_empty() && state.running);
    assert_eq!(state.case.checks, found, "what was found stays");
}

#[test]
fn the_relay_test_says_what_it_does_and_needs_a_sender_from_elsewhere() {
    let mut state = recorded_state(Look::default());
    go(&mut state, 1);
    for (from, words) in [
        (None, "no sender is known"),
        (
            Some("me@mail.larkrise-academy.org"),
            "belongs to larkrise-academy.org itself",
        ),
    ] {
        state.case.from = from.map(|from| from.parse().expect("an address"));
        press(&mut state, KeyCode::Char('o'));
        let (text, _) = drawn(&mut state, (80, 24));
        let text = sentence(&text);
        assert!(text.contains(words), "{text}");
        assert_eq!(pressed(&mut state, KeyCode::Enter), []);
        press(&mut state, KeyCode::Esc);
        assert!(state.overlays.is_empty());
    }
    state.case.from = Some("me@example.net".parse().expect("an address"));
    press(&mut state, KeyCode::Char('o'));
    for size in [(60, 16), (80, 24)] {
        let (text, _) = drawn(&mut state, size);
        insta::assert_snapshot!(format!("over-relay-test-{}x{}", size.0, size.1), text);
    }
    // Enter takes the safe answer.
    assert_eq!(pressed(&mut state, KeyCode::Enter), []);
    press(&mut state, KeyCode::Char('o'));
    let effects = pressed(&mut state, KeyCode::Char('y'));
    assert_eq!(effects, [Effect::Change(Change::RelayTest)]);
    assert!(state.running);
}

/// The recorded case, had its host greylisted.
fn greylisted() -> State {
    let mut state = recorded_state(Look::default());
    let places = [
        ("host", "mx2.larkrise-academy.org"),
        ("address", "51.158.64.25"),
        ("what", "450 4.2.0 Greylisted"),
        ("reply", "450 4.2.0 Greylisted"),
        ("from", "me@example.net"),
        ("to", "info@larkrise-academy.org"),
        ("domain", "larkrise-academy.org"),
    ];
    let id = smtp_tui::knowledge::finding::id::RCPT_GREYLISTED;
    let finding = smtp_tui::case::Finding::new(id, "mx2.larkrise-academy.org", &places);
    state.case.findings.push(finding);
    state.judge();
    state
}

#[test]
fn a_host_that_greylists_is_asked_once_more_after_a_wait() {
    let mut plain = recorded_state(Look::default());
    go(&mut plain, 1);
    press(&mut plain, KeyCode::Char('b'));
    assert!(plain.overlays.is_empty(), "nobody greylists");
    let mut state = greylisted();
    go(&mut state, 3);
    press(&mut state, KeyCode::Char('b'));
    for size in [(60, 16), (80, 24)] {
        let (text, _) = drawn(&mut state, size);
        insta::assert_snapshot!(format!("over-come-back-{}x{}", size.0, size.1), text);
    }
    press(&mut state, KeyCode::Down);
    let effects = pressed(&mut state, KeyCode::Enter);
    let after = std::time::Duration::from_mins(15);
    assert_eq!(effects, [Effect::Change(Change::ComeBack(after))]);
    assert!(state.running && state.overlays.is_empty());
}

#[test]
fn the_cursor_stays_with_what_speaks_for_its_check() {
    use smtp_tui::case::Group;
    use smtp_tui::tui::screen::checks::RowId;
    let mut state = recorded_state(Look::default());
    let nameserver = state.case.checks.iter().find(|it| it.group == Group::Ns);
    let key = nameserver.expect("a nameserver").key.clone();
    state.checks.selected = Some(RowId::Check(key));
    let finished = Progress::Finished {
        elapsed_ms: 1,
        cancelled: false,
    };
    update(&mut state, Event::Progress(finished));
    assert_eq!(state.checks.selected, Some(RowId::Group(Group::Ns)));
}

#[test]
fn what_is_asked_again_holds_until_its_answer_comes() {
    use smtp_tui::case::{CheckState, Group};
    let mut state = recorded_state(Look::default());
    state.case.findings.clear();
    state.judge();
    let healthy = state.diagnosis.verdict.clone();
    let mut sessions = state.case.checks.clone();
    sessions.retain(|it| it.group == Group::Smtp);
    for mut record in sessions {
        record.state = CheckState::Running;
        update(&mut state, Event::Progress(Progress::Check(record)));
    }
    assert_eq!(state.diagnosis.verdict, healthy);
}

#[test]
fn the_fix_is_copied_with_a_key() {
    let mut state = greylisted();
    go(&mut state, 3);
    let [Effect::Copy(text)] = &pressed(&mut state, KeyCode::Char('f'))[..] else {
        panic!("nothing is copied");
    };
    let cause = state.diagnosis.cause().expect("a cause");
    assert_eq!(*text, *cause.fix);
}

#[test]
fn a_pasted_bounce_is_where_the_program_goes_on() {
    use smtp_tui::knowledge::question::QuestionId;
    let bounce = include_str!("data/bounces/dsn.eml");
    let mut state = recorded_state(Look::default());
    state.case.target = None;
    state.case.checks.clear();
    state.case.answers.forget(QuestionId::Affected);
    state.session.host_chosen = false;
    state.session.phase = smtp_tui::tui::screen::session::Phase::Idle;
    let mut other = state.clone();
    go(&mut state, 0);
    let at = QuestionId::ALL
        .iter()
        .position(|id| *id == QuestionId::Bounces);
    smtp_tui::tui::screen::checklist::select(&mut state, at.expect("the question"));
    let effects = update(&mut state, Event::Paste(bounce.to_owned()));
    let target: smtp_tui::case::Target = "nobody@receiver.example".parse().expect("an address");
    assert!(
        effects.contains(&Effect::StartChecks(target.clone())),
        "{effects:?}"
    );
    assert_eq!(state.session.host.text(), "mx.receiver.example");
    assert!(
        state
            .case
            .answers
            .is(QuestionId::Affected, "nobody@receiver.example")
    );
    let (text, _) = drawn(&mut state, (80, 24));
    assert!(
        sentence(&text).contains("Not delivered to nobody@receiver.example"),
        "{text}"
    );

    // A case that has a target keeps it, until it is asked for.
    other.case.target = Some("example.org".parse().expect("a domain"));
    go(&mut other, 0);
    smtp_tui::tui::screen::checklist::select(&mut other, at.expect("the question"));
    let effects = update(&mut other, Event::Paste(bounce.to_owned()));
    assert!(
        !effects
            .iter()
            .any(|effect| matches!(effect, Effect::StartChecks(_)))
    );
    press(&mut other, KeyCode::Esc);
    let effects = pressed(&mut other, KeyCode::Char('t'));
    assert!(
        effects.contains(&Effect::StartChecks(target)),
        "{effects:?}"
    );
}

#[test]
fn the_signatures_of_a_pasted_message_are_looked_up() {
    let message = "> DKIM-Signature: v=1; a=rsa-sha256; d=larkrise-academy.org;\n\
                   >  s=summer; b=abc\n> From: a@larkrise-academy.org\n";
    let mut state = recorded_state(Look::default());
    go(&mut state, 0);
    let bounces = smtp_tui::knowledge::question::QuestionId::ALL
        .iter()
        .position(|id| *id == smtp_tui::knowledge::question::QuestionId::Bounces)
        .expect("the question");
    smtp_tui::tui::screen::checklist::select(&mut state, bounces);
    let summer = smtp_tui::check::Selector::from("summer".to_owned());
    let looked_up = Effect::Change(Change::Selectors(vec![summer]));
    // Typed letter by letter, as a terminal without bracketed paste sends it.
    let mut typed = state.clone();
    press(&mut typed, KeyCode::Enter);
    for c in message.chars() {
        let code = if c == '\n' {
            KeyCode::Enter
        } else {
            KeyCode::Char(c)
        };
        let effects = pressed(&mut typed, code);
        assert!(!effects.contains(&looked_up));
    }
    assert!(pressed(&mut typed, KeyCode::Esc).contains(&looked_up));
    let effects = update(&mut state, Event::Paste(message.to_owned()));
    assert!(effects.contains(&looked_up), "{effects:?}");
    let (text, _) = drawn(&mut state, (80, 24));
    assert!(sentence(&text).contains("selector summer"), "{text}");
    let again = update(&mut state, Event::Paste(" ".to_owned()));
    assert!(
        again.contains(&looked_up),
        "no such row is there yet: {again:?}"
    );
}

#[test]
fn every_key_of_the_key_line_does_something() {
    for (screen, name) in SCREENS.iter().enumerate() {
        let mut before = recorded_state(Look::default());
        go(&mut before, screen);
        drawn(&mut before, (80, 24));
        for row in smtp_tui::tui::view::keys_shown(&before, 80) {
            // "←→" and "↑↓" stand for two: at an end only one of them moves.
            let shown = row.shown();
            let keys = match shown.as_str() {
                "←→" => vec![KeyCode::Left, KeyCode::Right],
                "↑↓" => vec![KeyCode::Up, KeyCode::Down],
                _ => vec![],
            };
            let mut keys: Vec<KeyEvent> = keys
                .into_iter()
                .map(|code| KeyEvent::new(code, KeyModifiers::NONE))
                .collect();
            if keys.is_empty() {
                keys.push(row.keys.first().expect("a key").event());
            }
            let does = keys.into_iter().any(|key| {
                let mut after = before.clone();
                let effects = update(&mut after, Event::Key(key));
                let same = cells(&mut before.clone()) == cells(&mut after);
                !effects.is_empty() || !same
            });
            assert!(
                does,
                "{}: {} ({}) does nothing",
                name,
                row.shown(),
                row.words
            );
        }
    }
}

#[derive(Clone, Debug)]
enum Step {
    Key(KeyCode, KeyModifiers),
    Paste(String),
    Resize(u16, u16),
    Click(u16, u16),
    Wheel(u16, u16, bool),
    Said(String),
    Closed,
}

fn step() -> impl Strategy<Value = Step> {
    let code = prop_oneof![
        any::<char>().prop_map(KeyCode::Char),
        proptest::char::range(' ', '~').prop_map(KeyCode::Char),
        (1..=12u8).prop_map(KeyCode::F),
        proptest::sample::select(vec![
            KeyCode::Enter,
            KeyCode::Esc,
            KeyCode::Tab,
            KeyCode::BackTab,
            KeyCode::Backspace,
            KeyCode::Delete,
            KeyCode::Up,
            KeyCode::Down,
            KeyCode::Left,
            KeyCode::Right,
            KeyCode::PageUp,
            KeyCode::PageDown,
            KeyCode::Home,
            KeyCode::End,
        ]),
    ];
    let modifiers = proptest::sample::select(vec![
        KeyModifiers::NONE,
        KeyModifiers::NONE,
        KeyModifiers::SHIFT,
        KeyModifiers::CONTROL,
    ]);
    prop_oneof![
        12 => (code, modifiers).prop_map(|(code, modifiers)| Step::Key(code, modifiers)),
        1 => any::<String>().prop_map(Step::Paste),
        1 => (0..220u16, 0..70u16).prop_map(|(columns, rows)| Step::Resize(columns, rows)),
        3 => (0..220u16, 0..70u16).prop_map(|(x, y)| Step::Click(x, y)),
        1 => (0..220u16, 0..70u16, any::<bool>()).prop_map(|(x, y, down)| Step::Wheel(x, y, down)),
        1 => any::<String>().prop_map(Step::Said),
        1 => Just(Step::Closed),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn whatever_happens_it_draws_and_nothing_hostile_reaches_the_terminal(
        steps in proptest::collection::vec(step(), 1..40)
    ) {
        let mut state = recorded_state(Look::default());
        let mut size = (80, 24);
        let mut hits = drawn(&mut state, size).1;
        for step in steps {
            let event = match step {
                Step::Key(code, modifiers) => Some(Event::Key(KeyEvent::new(code, modifiers))),
                Step::Paste(text) => Some(Event::Paste(text)),
                Step::Resize(columns, rows) => {
                    size = (columns, rows);
                    None
                }
                Step::Click(x, y) => hits.at(Position::new(x, y)).map(Event::Click),
                Step::Wheel(x, y, down) => hits
                    .pane_at(Position::new(x, y))
                    .map(|pane| Event::Wheel { pane, down }),
                Step::Said(text) => Some(Event::Session(SessionEvent::Line(smtp_tui::case::Line {
                    at_ms: 1,
                    from: From::Server,
                    line: text.into(),
                    code: None,
                    enhanced: None,
                    encrypted: false,
                }))),
                Step::Closed => Some(Event::Session(SessionEvent::Closed("gone".to_owned()))),
            };
            if let Some(event) = event {
                update(&mut state, event);
            }
            let (text, new) = drawn(&mut state, size);
            hits = new;
            let bad = |c: &char| {
                (c.is_control() && *c != '\n')
                    || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{200e}' | '\u{200f}')
            };
            prop_assert_eq!(text.chars().find(bad), None);
        }
    }
}
