//! The screen of the mail logs, from a log of two days.

use crate::screens::{drawn, go, press, pressed, recorded_state, silent_state, type_in};
use crossterm::event::KeyCode;
use smtp_tui::engine::maillog::reading::{self, Order, Source, Told, What};
use smtp_tui::engine::path::Candidate;
use smtp_tui::maillog::Filter;
use smtp_tui::tui::effect::Effect;
use smtp_tui::tui::event::Event;
use smtp_tui::tui::overlay::Overlay;
use smtp_tui::tui::screen::logs::{By, LogEvent, LogOrder};
use smtp_tui::tui::state::{Screen, State};
use smtp_tui::tui::theme::Look;
use smtp_tui::tui::update::update;

/// Some forty messages, relaying refused at the door, and lines that are none.
pub(crate) const LOG: &str = include_str!("data/maillog/two-days.log");

fn source(log: &str) -> Source {
    Source::Text {
        name: "/var/log/mail.log".to_owned(),
        text: log.into(),
    }
}

/// Has the orders done that the effects hold, as the loop has.
pub(crate) fn done(state: &mut State, effects: &[Effect]) {
    for effect in effects {
        let event = match effect {
            Effect::Log(LogOrder::Read { number, order }) => {
                let number = *number;
                all(order)
                    .map(|told| LogEvent::Read { number, told })
                    .collect()
            }
            Effect::Log(LogOrder::LookUp { number, order }) => {
                let number = *number;
                all(order)
                    .map(|told| LogEvent::Found { number, told })
                    .collect()
            }
            _ => Vec::new(),
        };
        for event in event {
            update(state, Event::Log(event));
        }
    }
}

fn all(order: &Order) -> impl Iterator<Item = Told> {
    let (reading, mut told) = reading::start(order.clone());
    std::iter::from_fn(move || {
        let _ = &reading;
        told.blocking_recv()
    })
}

/// Lets the screen read a log.
pub(crate) fn read(state: &mut State, log: &str) {
    let effects = smtp_tui::tui::screen::logs::read(state, source(log), false);
    done(state, &effects);
}

fn screen(log: &str) -> State {
    let mut state = silent_state(Look::default());
    go(&mut state, 6);
    read(&mut state, log);
    drawn(&mut state, (80, 24));
    state
}

fn shown(state: &mut State) -> String {
    drawn(state, (100, 40)).0
}

fn key(state: &mut State, code: KeyCode) {
    let effects = pressed(state, code);
    done(state, &effects);
}

#[test]
fn from_the_diagnosis_to_a_story_and_back() {
    let mut state = recorded_state(Look::default());
    go(&mut state, 3);
    press(&mut state, KeyCode::Char('l'));
    assert_eq!(state.screen, Screen::Logs);
    let text = shown(&mut state);
    assert!(
        text.contains("userunknown") && text.contains("mailboxfull"),
        "{text}"
    );
    key(&mut state, KeyCode::Enter);
    let text = shown(&mut state);
    assert!(
        text.contains("userunknown: 5 messages") && text.contains("r.field@"),
        "{text}"
    );
    key(&mut state, KeyCode::Down);
    key(&mut state, KeyCode::Enter);
    let text = shown(&mut state);
    assert!(
        text.contains("All lines of it")
            && text.contains("message-id=<")
            && text.contains("removed"),
        "{text}"
    );
    for (screen, names) in [
        ((60, 16), "story-60x16"),
        ((80, 24), "story-80x24"),
        ((120, 40), "story-120x40"),
    ] {
        let (text, _) = drawn(&mut state, screen);
        insta::assert_snapshot!(format!("logs-{names}"), text);
    }
    key(&mut state, KeyCode::Esc);
    assert!(shown(&mut state).contains("userunknown: 5 messages"));
    assert_eq!(
        state.logs.opened.as_ref().map(|opened| opened.selected),
        Some(1)
    );
    key(&mut state, KeyCode::Esc);
    assert!(shown(&mut state).contains("What failed, by reason"));
}

#[test]
fn the_same_failures_by_everything_else() {
    let mut state = screen(LOG);
    for (by, words) in [
        (By::Domain, "harbourside-books.net"),
        (By::Host, "mx1.harbourside-books.net[198.51.100.21]"),
        (By::Sender, "billing@lanternhost.net"),
        (By::Code, "5.7.1"),
        (By::Newest, "waits"),
        (By::Reason, "norelaying"),
    ] {
        press(&mut state, KeyCode::Right);
        assert_eq!(state.logs.by, by);
        let text = shown(&mut state);
        assert!(text.contains(words), "{words}: {text}");
    }
}

#[test]
fn what_was_turned_away_has_its_one_line() {
    let mut state = screen(LOG);
    while !state.panes_row("norelaying") {
        press(&mut state, KeyCode::Down);
    }
    key(&mut state, KeyCode::Enter);
    key(&mut state, KeyCode::Enter);
    let text = shown(&mut state);
    assert!(
        text.contains("Turned away at the door") && text.contains("NOQUEUE: reject"),
        "{text}"
    );
}

/// What a test asks of the state.
trait Asked {
    fn panes_row(&mut self, words: &str) -> bool;
}

impl Asked for State {
    /// Whether the details are of the group of that name.
    fn panes_row(&mut self, words: &str) -> bool {
        smtp_tui::tui::screen::logs::doc(self)
            .plain()
            .starts_with(words)
    }
}

#[test]
fn a_filter_narrows_everything_and_a_wrong_one_says_why() {
    let mut state = screen(LOG);
    press(&mut state, KeyCode::Char('f'));
    type_in(&mut state, "reason:nonsense");
    assert_eq!(pressed(&mut state, KeyCode::Enter), []);
    assert!(shown(&mut state).contains("no reason is called `nonsense`"));
    for _ in 0.."nonsense".len() {
        press(&mut state, KeyCode::Backspace);
    }
    type_in(&mut state, "userunknown domain:glenmoor-dairy.com");
    key(&mut state, KeyCode::Enter);
    assert!(state.overlays.is_empty());
    let account = state.logs.account.as_ref().expect("an account");
    assert_eq!(account.summary.counts.bounced, 1);
    assert_eq!(account.summary.failures.len(), 1);
    let text = shown(&mut state);
    assert!(
        text.contains("only reason:userunknown domain:glenmoor-dairy.com"),
        "{text}"
    );
    key(&mut state, KeyCode::Char('c'));
    assert_eq!(state.logs.filter, Filter::default());
    key(&mut state, KeyCode::Char('n'));
    assert_eq!(state.logs.filter.to_string(), "reason:userunknown");
}

#[test]
fn a_late_answer_of_an_earlier_reading_changes_nothing() {
    let mut state = screen(LOG);
    let old = smtp_tui::tui::screen::logs::read(&mut state, source("nothing\n"), false);
    let new = smtp_tui::tui::screen::logs::read(&mut state, source(LOG), false);
    done(&mut state, &new);
    let before = state.logs.account.clone();
    done(&mut state, &old);
    assert_eq!(state.logs.account, before);
}

#[test]
fn what_is_not_understood_can_be_seen_and_does_no_harm() {
    let mut state = screen(LOG);
    press(&mut state, KeyCode::Char('u'));
    let text = shown(&mut state);
    assert!(
        text.contains("2 lines are not understood.") && text.contains(r"\x1b[2J"),
        "{text}"
    );
    press(&mut state, KeyCode::Esc);
    assert!(!state.logs.unread);
    let mut none = screen("this is no log\n");
    let text = shown(&mut none);
    assert!(
        text.contains("None of the lines is one of a mail server"),
        "{text}"
    );
}

#[test]
fn a_group_and_a_message_go_into_the_case() {
    let mut state = screen(LOG);
    let effects = pressed(&mut state, KeyCode::Char('a'));
    assert!(effects.contains(&Effect::SaveCase));
    press(&mut state, KeyCode::Char('a'));
    let [note] = &state.case.notes[..] else {
        panic!("{:?}", state.case.notes);
    };
    assert!(
        note.starts_with("mail log, reason userunknown: 5 bounced; 2025-03-0"),
        "{note}"
    );
    key(&mut state, KeyCode::Enter);
    press(&mut state, KeyCode::Char('a'));
    let note = state.case.notes.last().expect("a note");
    assert!(
        note.starts_with("mail log, message 4Z") && note.contains("userunknown"),
        "{note}"
    );
    // The message's recipient becomes what the case is about.
    let effects = pressed(&mut state, KeyCode::Char('t'));
    assert!(
        matches!(effects[..], [Effect::StartChecks(_), Effect::SaveCase]),
        "{effects:?}"
    );
    let to = state.case.to.as_ref().expect("a recipient").to_string();
    assert!(to.starts_with("r.field@"), "{to}");
    assert_eq!(
        state.case.target.as_ref().map(ToString::to_string),
        Some(to)
    );
    assert!(state.case.from.is_some() && state.running);
    let host = state.session.refused_by.as_deref().expect("a host");
    assert!(host.starts_with('m') && !host.contains('['), "{host}");
}

#[test]
fn what_is_shown_is_written_to_a_file_that_no_log_names() {
    let mut state = screen(LOG);
    for (keys, name, words) in [
        ("s", "smtp-tui-log-userunknown.txt", "Whose move"),
        ("S", "smtp-tui-log.md", "## What failed"),
    ] {
        type_in(&mut state, keys);
        let effects = pressed(&mut state, KeyCode::Enter);
        let [
            Effect::Write {
                path,
                text,
                overwrite: false,
            },
        ] = &effects[..]
        else {
            panic!("{effects:?}");
        };
        assert_eq!(path, name);
        assert!(text.contains(words), "{text}");
    }
    let hostile = "2025-03-03T00:00:00+00:00 mx1 postfix/smtp[7]: 3A1B2C3D4E: to=<a@../../etc/passwd>, relay=none, delay=1, dsn=5.1.1, status=bounced (no)\n";
    let mut state = screen(hostile);
    press(&mut state, KeyCode::Right);
    assert_eq!(
        smtp_tui::tui::screen::logs::file_name(&state, false),
        "smtp-tui-log-etcpasswd.txt"
    );
}

#[test]
fn a_path_is_completed_and_read() {
    let mut state = silent_state(Look::default());
    go(&mut state, 6);
    assert!(shown(&mut state).contains("`o` reads one"));
    let effects = pressed(&mut state, KeyCode::Char('o'));
    assert_eq!(effects, [Effect::Log(LogOrder::List(String::new()))]);
    let candidate = |path: &str, is_folder: bool| Candidate {
        path: path.to_owned(),
        is_folder,
        octets: 12_345,
        readable: true,
    };
    let listed = |typed: &str, candidates: Vec<Candidate>| {
        let typed = typed.to_owned();
        Event::Log(LogEvent::Listed { typed, candidates })
    };
    let system = vec![candidate("/var/log/mail.log", false)];
    update(&mut state, listed("", system));
    for size in [(60, 16), (80, 24)] {
        let (text, _) = drawn(&mut state, size);
        insta::assert_snapshot!(format!("over-open-log-{}x{}", size.0, size.1), text);
    }
    type_in(&mut state, "/v");
    let found = vec![
        candidate("/var/maillog", false),
        candidate("/var/mail/", true),
    ];
    // Late, for another text.
    update(&mut state, listed("/", Vec::new()));
    update(&mut state, listed("/v", found.clone()));
    let effects = pressed(&mut state, KeyCode::Tab);
    assert_eq!(
        effects,
        [Effect::Log(LogOrder::List("/var/mail".to_owned()))]
    );
    update(&mut state, listed("/var/mail", found));
    press(&mut state, KeyCode::Down);
    press(&mut state, KeyCode::Down);
    // A folder is looked into.
    let effects = pressed(&mut state, KeyCode::Enter);
    assert_eq!(
        effects,
        [Effect::Log(LogOrder::List("/var/mail/".to_owned()))]
    );
    update(
        &mut state,
        listed("/var/mail/", vec![candidate("/var/mail/log", false)]),
    );
    press(&mut state, KeyCode::Down);
    let effects = pressed(&mut state, KeyCode::Enter);
    let [Effect::Log(LogOrder::Read { order, .. })] = &effects[..] else {
        panic!("{effects:?}");
    };
    assert_eq!(order.source, Source::Named("/var/mail/log".to_owned()));
    assert_eq!(order.what, What::Account { follow: false });
    assert!(
        !state
            .overlays
            .iter()
            .any(|over| matches!(over, Overlay::OpenLog(_)))
    );
    let effects = pressed(&mut state, KeyCode::Char('F'));
    assert!(
        matches!(&effects[..], [Effect::Log(LogOrder::Read { order, .. })]
            if order.what == What::Account { follow: true }),
        "{effects:?}"
    );
}

#[test]
fn where_the_sender_was_refused_its_domain_is_checked() {
    let line = "2025-03-03T09:00:00+00:00 mx1 postfix/";
    let log = format!(
        "{line}qmgr[7]: 3A1B2C3D4E: from=<anna@a.example.org>, size=9, nrcpt=1 (queue active)\n\
         {line}smtp[7]: 3A1B2C3D4E: to=<bob@b.example.net>, relay=mx.b.example.net[192.0.2.9]:25, \
         delay=1, dsn=5.7.23, status=bounced (host mx.b.example.net[192.0.2.9] said: 550 5.7.23 \
         Message rejected due to: SPF validation failed (in reply to RCPT TO command))\n"
    );
    let mut state = screen(&log);
    key(&mut state, KeyCode::Enter);
    key(&mut state, KeyCode::Char('t'));
    let target = state.case.target.as_ref().map(ToString::to_string);
    assert_eq!(target.as_deref(), Some("anna@a.example.org"));
    // Its own hosts would not take mail for Bob.
    assert_eq!((&state.case.from, &state.case.to), (&None, &None));
    assert_eq!(
        state.session.refused_by.as_deref(),
        Some("mx.b.example.net")
    );
}

#[test]
fn a_message_is_found_by_an_address_and_told_whole() {
    let mut state = screen(LOG);
    press(&mut state, KeyCode::Char('i'));
    type_in(&mut state, "info@glenmoor-dairy.com");
    key(&mut state, KeyCode::Enter);
    let text = shown(&mut state);
    assert!(
        text.contains("fits `info@glenmoor-dairy.com`") && text.contains("Who got it"),
        "{text}"
    );
    let name = smtp_tui::tui::screen::logs::file_name(&state, false);
    assert_eq!(name, "smtp-tui-log-info@glenmoor-dairy.com.txt");
    press(&mut state, KeyCode::Esc);
    press(&mut state, KeyCode::Char('i'));
    type_in(&mut state, "nobody");
    key(&mut state, KeyCode::Enter);
    assert!(shown(&mut state).contains("No message fits `nobody`."));
}

#[test]
fn what_became_too_old_says_why_it_was_put_off() {
    let line = |at: &str, program: &str, text: &str| {
        format!("2025-03-0{at}:00:00+00:00 mx1 postfix/{program}[7]: 3A1B2C3D4E: {text}\n")
    };
    let log = [
        line(
            "3T09",
            "qmgr",
            "from=<anna@a.example>, size=9, nrcpt=1 (queue active)",
        ),
        line(
            "3T10",
            "smtp",
            "to=<bob@b.example>, relay=none, delay=1, dsn=4.4.1, status=deferred (connect to \
             mx[192.0.2.9]:25: Connection refused)",
        ),
        line(
            "8T10",
            "qmgr",
            "from=<anna@a.example>, status=expired, returned to sender",
        ),
        line("8T11", "qmgr", "removed"),
    ];
    let mut state = screen(&log.concat());
    assert!(state.panes_row("expired: 1 expired"));
    key(&mut state, KeyCode::Enter);
    let text = shown(&mut state);
    assert!(text.contains("bob@b.example  networkerror"), "{text}");
    assert!(text.contains("It was put off for: networkerror"), "{text}");
}

#[test]
fn reading_is_stopped_with_a_key() {
    let mut state = silent_state(Look::default());
    go(&mut state, 6);
    let effects = smtp_tui::tui::screen::logs::read(&mut state, source(LOG), false);
    // Only its beginning is told so far.
    let [Effect::Log(LogOrder::Read { number, order })] = &effects[..] else {
        panic!("{effects:?}");
    };
    let told = all(order).next().expect("a beginning");
    update(
        &mut state,
        Event::Log(LogEvent::Read {
            number: *number,
            told,
        }),
    );
    assert!(shown(&mut state).contains("reading"));
    assert_eq!(
        pressed(&mut state, KeyCode::Char('x')),
        [Effect::Log(LogOrder::Stop)]
    );
    done(&mut state, &effects);
    assert!(!shown(&mut state).contains("reading"));
    assert_eq!(pressed(&mut state, KeyCode::Char('x')), []);
}

#[test]
fn in_the_practice_world_there_is_a_log_to_read() {
    let mut state = silent_state(Look::default());
    let scenario = smtp_tui::lab::Scenario::find("mailbox-full").expect("there");
    let scenario = scenario.expect("well written");
    state.scenario = Some((&scenario).into());
    go(&mut state, 3);
    key(&mut state, KeyCode::Char('l'));
    let text = shown(&mut state);
    assert!(
        text.contains("the practice log of out1.lanternhost.net") && text.contains("mailboxfull"),
        "{text}"
    );
    // Once it was read, the screen is as it was left.
    press(&mut state, KeyCode::Char('6'));
    assert_eq!(pressed(&mut state, KeyCode::Char('7')), []);
    let source = Source::Named("/nowhere/mail.log".to_owned());
    smtp_tui::tui::screen::logs::read(&mut state, source, false);
    key(&mut state, KeyCode::Char('p'));
    assert!(shown(&mut state).contains("the practice log"));
}

#[test]
fn a_log_that_cannot_be_read_says_why() {
    let mut state = silent_state(Look::default());
    go(&mut state, 6);
    let source = Source::Named("/nowhere/mail.log".to_owned());
    let effects = smtp_tui::tui::screen::logs::read(&mut state, source, false);
    done(&mut state, &effects);
    let text = shown(&mut state);
    assert!(
        text.contains("cannot be read") && text.contains("No such file"),
        "{text}"
    );
}
