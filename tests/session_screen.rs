//! The session screen in its states, at every size that it is made for.

use crate::screens::{drawn, press, pressed, recorded_state, silent_state, talk, type_in};
use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use smtp_tui::case::{From, Line};
use smtp_tui::engine::live::MESSAGE;
use smtp_tui::engine::message::{Signature, SpecimenKind, Text, Weight};
use smtp_tui::engine::path::Candidate;
use smtp_tui::knowledge::code::{EnhancedCode, ReplyCode};
use smtp_tui::smtp::suggest::Exposure;
use smtp_tui::smtp::{Login, Parameter, SaslMechanism};
use smtp_tui::text::Secret;
use smtp_tui::tui::effect::{Effect, Look as LookAt};
use smtp_tui::tui::event::{Event, Exported, Found, Moment};
use smtp_tui::tui::screen::session::{Ready, Said, SessionEvent, SessionOrder};
use smtp_tui::tui::state::State;
use smtp_tui::tui::theme::{Depth, Look};
use smtp_tui::tui::update::update;

const SIZES: [(u16, u16); 3] = [(60, 16), (80, 24), (160, 45)];

fn control(state: &mut State, letter: char) -> Vec<Effect> {
    let key = KeyEvent::new(KeyCode::Char(letter), KeyModifiers::CONTROL);
    update(state, Event::Key(key))
}

fn session(state: &mut State, event: SessionEvent) -> Vec<Effect> {
    update(state, Event::Session(event))
}

fn line(state: &mut State, at_ms: u64, from: From, text: &str) {
    let code = text.get(..3).and_then(|digits| digits.parse().ok());
    let line = Line {
        at_ms,
        from,
        line: text.into(),
        code: code
            .and_then(ReplyCode::new)
            .filter(|_| from == From::Server),
        enhanced: text.get(4..).and_then(EnhancedCode::at_start_of),
        encrypted: false,
    };
    session(state, SessionEvent::Line(line));
}

/// The server answers, and what comes next stands ready.
fn answers(state: &mut State, to: &str, sent: &str, answer: &str, took_ms: u64, ready: Ready) {
    let at = state.session.lines.last().map_or(0, |line| line.at_ms);
    line(state, at, From::Client, sent);
    line(state, at + took_ms, From::Server, answer);
    let said = Said {
        to: to.to_owned(),
        lines: 1,
        took_ms,
    };
    session(state, SessionEvent::Replied(said));
    session(state, SessionEvent::Ready(ready));
}

fn after_mail(suggested: &str) -> Ready {
    Ready {
        suggested: suggested.to_owned(),
        sender: "<me@example.net>".to_owned(),
        ..Ready::default()
    }
}

fn refused(look: Look) -> State {
    let mut state = recorded_state(look);
    let sent = "MAIL FROM:<me@example.net>";
    answers(
        &mut state,
        "MAIL",
        sent,
        "250 2.1.0 Ok",
        9,
        after_mail("RCPT TO:<a@b.example>"),
    );
    let answer = "550 5.1.1 <a@b.example>: Recipient address rejected: User unknown";
    answers(
        &mut state,
        "RCPT",
        "RCPT TO:<a@b.example>",
        answer,
        6_200,
        after_mail("RSET"),
    );
    state
}

fn free(look: Look) -> State {
    let mut state = recorded_state(look);
    control(&mut state, 'f');
    control(&mut state, 'l');
    for _ in 0..40 {
        press(&mut state, KeyCode::Backspace);
    }
    type_in(&mut state, r"RCPT TO: <a@b.example>\n");
    state
}

/// The same host twice, the second time slower and with another mind.
fn beside(look: Look) -> State {
    let mut state = recorded_state(look);
    session(
        &mut state,
        SessionEvent::Closed("the connection is closed".to_owned()),
    );
    talk(&mut state);
    let sent = "MAIL FROM:<me@example.net>";
    answers(
        &mut state,
        "MAIL",
        sent,
        "451 4.7.1 Try later",
        900,
        after_mail("QUIT"),
    );
    control(&mut state, 'o');
    state
}

/// With a recipient, and the editor open.
fn writing(look: Look) -> State {
    let mut state = recorded_state(look);
    let ready = Ready {
        recipients: vec!["<a@b.example>".to_owned()],
        ..after_mail("DATA")
    };
    answers(
        &mut state,
        "RCPT",
        "RCPT TO:<a@b.example>",
        "250 2.1.5 Ok",
        3,
        ready,
    );
    press(&mut state, KeyCode::F(8));
    state
}

fn looked(state: &mut State, look: LookAt, found: Result<Found, &str>) {
    let found = found.map_err(str::to_owned);
    update(state, Event::Looked { look, found });
}

fn attach(state: &mut State, path: &str, octets: u64) {
    let file = Found::File {
        path: path.to_owned(),
        octets,
    };
    looked(state, LookAt::Attachment(path.to_owned()), Ok(file));
}

fn signature() -> Signature {
    Signature {
        key: "/etc/dkim/s1.pem".into(),
        selector: "s1".to_owned(),
        domain: Some("example.net".to_owned()),
    }
}

fn editor(look: Look) -> State {
    let mut state = writing(look);
    attach(&mut state, "/home/jane/report.pdf", 250_000);
    looked(
        &mut state,
        LookAt::Key(signature()),
        Ok(Found::Key(signature())),
    );
    state
}

fn message_menu(look: Look) -> State {
    let mut state = editor(look);
    press(&mut state, KeyCode::F(9));
    state
}

fn templates(look: Look) -> State {
    let mut state = writing(look);
    press(&mut state, KeyCode::F(9));
    press(&mut state, KeyCode::Down);
    press(&mut state, KeyCode::Enter);
    press(&mut state, KeyCode::Down);
    state
}

fn envelope(look: Look) -> State {
    let mut state = recorded_state(look);
    press(&mut state, KeyCode::F(10));
    type_in(&mut state, "me@example.net");
    press(&mut state, KeyCode::Down);
    update(
        &mut state,
        Event::Paste("a@b.example, c@d.example".to_owned()),
    );
    press(&mut state, KeyCode::Down);
    press(&mut state, KeyCode::Right);
    state
}

/// Three commands stand ready that go at once.
fn together(look: Look) -> State {
    let mut state = recorded_state(look);
    let commands = [
        "MAIL FROM:<me@example.net> RET=HDRS",
        "RCPT TO:<a@b.example>",
        "RCPT TO:<c@d.example>",
    ];
    let ready = Ready {
        suggested: commands[0].to_owned(),
        together: commands.map(str::to_owned).to_vec(),
        standing: Box::new(state.session.standing.clone()),
        ..Ready::default()
    };
    session(&mut state, SessionEvent::Ready(ready));
    state
}

fn logging_in(look: Look) -> State {
    let mut state = recorded_state(look);
    control(&mut state, 'g');
    type_in(&mut state, "nora");
    press(&mut state, KeyCode::Enter);
    type_in(&mut state, "orange-tree");
    state
}

fn idle(look: Look) -> State {
    let mut state = silent_state(look);
    press(&mut state, KeyCode::F(4));
    state
}

type Make = fn(Look) -> State;

const STATES: [(&str, Make); 11] = [
    ("envelope", envelope),
    ("together", together),
    ("editor", editor),
    ("message-menu", message_menu),
    ("templates", templates),
    ("idle", idle),
    ("guided", recorded_state),
    ("free", free),
    ("refused", refused),
    ("beside", beside),
    ("log-in", logging_in),
];

#[test]
fn every_state_of_the_session_at_every_size() {
    for (name, make) in STATES {
        for size in SIZES {
            let (text, _) = drawn(&mut make(Look::default()), size);
            assert!(!text.contains("orange"), "{text}");
            insta::assert_snapshot!(format!("{name}-{}x{}", size.0, size.1), text);
        }
    }
}

#[test]
fn without_unicode_and_without_colour_a_session_still_says_everything() {
    let ascii = Look {
        ascii: true,
        ..Look::default()
    };
    let plain = Look {
        depth: Depth::None,
        ..Look::default()
    };
    for (name, make) in STATES {
        let (text, _) = drawn(&mut make(ascii), (80, 24));
        assert!(text.is_ascii(), "{name}: {text}");
        let with = drawn(&mut make(Look::default()), (80, 24)).0;
        let without = drawn(&mut make(plain), (80, 24)).0;
        let words =
            |text: &str| -> String { text.chars().filter(|c| c.is_alphanumeric()).collect() };
        assert_eq!(words(&with), words(&without), "{name}");
    }
}

#[test]
fn transcript_meaning_and_next_command_are_seen_at_once() {
    for size in [(80, 24), (160, 45)] {
        let (text, _) = drawn(&mut refused(Look::default()), size);
        for words in [
            "550 5.1.1",
            "What it means",
            "in answer to RCPT",
            "RCPT TO ",
            "in clear",
        ] {
            assert!(text.contains(words), "{words}: {text}");
        }
    }
}

#[test]
fn an_address_that_is_asked_for_cannot_be_a_second_command() {
    let mut state = recorded_state(Look::default());
    update(
        &mut state,
        Event::Paste("a@b.example>\r\nRCPT TO:<c@d.example".to_owned()),
    );
    let effects = pressed(&mut state, KeyCode::Enter);
    assert_eq!(effects, [], "refused, and said so");
    assert!(state.notice.is_some_and(|notice| notice.bad));
    let mut state = recorded_state(Look::default());
    type_in(&mut state, "a@b.example");
    let effects = pressed(&mut state, KeyCode::Enter);
    let sent = SessionOrder::Send("MAIL FROM:<a@b.example>".to_owned());
    assert_eq!(effects, [Effect::Session(sent)]);
    assert_eq!(
        pressed(&mut state, KeyCode::Enter),
        [],
        "one thing after another"
    );
}

#[test]
fn the_connection_says_what_is_legal_and_why_where_the_table_is_silent() {
    let mut state = recorded_state(Look::default());
    let ready = Ready {
        suggested: "*".to_owned(),
        because: "The server wants the second half of the login.".to_owned(),
        permitted: ["MAIL FROM:", "RSET", "RCPT TO:"].map(str::to_owned).into(),
        ..Ready::default()
    };
    session(&mut state, SessionEvent::Ready(ready));
    let (text, _) = drawn(&mut state, (80, 24));
    assert!(text.contains("wants the second half"), "{text}");
    control(&mut state, 'f');
    for (typed, shown, hidden) in [
        ("", "Now: MAIL FROM:, RSET", "xx"),
        ("rc", "Now: RCPT", "RSET"),
    ] {
        for _ in 0..5 {
            press(&mut state, KeyCode::Backspace);
        }
        type_in(&mut state, typed);
        let (text, _) = drawn(&mut state, (80, 24));
        assert!(text.contains(shown) && !text.contains(hidden), "{text}");
    }
    for letter in "pt to:<a@b.example>".chars() {
        press(&mut state, KeyCode::Char(letter));
    }
    let (text, _) = drawn(&mut state, (80, 24));
    assert!(!text.contains("Now: "), "{text}");
}

/// Which explanation stands beside a refusal: only the words of the pane.
fn meaning(state: &mut State) -> String {
    let (text, _) = drawn(state, (160, 45));
    let pane = |row: &str| row.chars().skip(93).collect::<String>();
    let rows = text.lines().map(|row| pane(row).replace('│', " "));
    let rows: Vec<String> = rows.collect();
    let words = rows.join(" ");
    words.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[test]
fn the_same_code_is_explained_by_what_came_before_it_and_by_who_says_it() {
    let mut state = silent_state(Look::default());
    press(&mut state, KeyCode::F(4));
    type_in(&mut state, "mail.example.org");
    press(&mut state, KeyCode::Enter);
    line(
        &mut state,
        3,
        From::Server,
        "220 mail.example.org ESMTP Postfix",
    );
    let greeted = Said {
        to: String::new(),
        lines: 1,
        took_ms: 3,
    };
    session(&mut state, SessionEvent::Replied(greeted));
    session(&mut state, SessionEvent::Ready(Ready::default()));
    let mut said = Vec::new();
    for (to, sent, answer) in [
        ("MAIL", "MAIL FROM:<me@example.net>", "250 2.1.0 Ok"),
        (
            "RCPT",
            "RCPT TO:<a@b.example>",
            "554 5.7.1 <a@b.example>: Relay access denied",
        ),
        ("DATA", "DATA", "554 5.5.1 Error: no valid recipients"),
        ("RCPT", "RCPT TO:<c@b.example>", "250 2.1.5 Ok"),
        ("DATA", "DATA", "354 End data with <CR><LF>.<CR><LF>"),
        (MESSAGE, "(the message)", "550 5.7.1 Command rejected"),
    ] {
        answers(&mut state, to, sent, answer, 5, after_mail("QUIT"));
        press(&mut state, KeyCode::Esc);
        if answer.starts_with('5') {
            said.push(meaning(&mut state));
        }
    }
    let all = [
        "Postfix is not responsible for this domain",
        "no recipient was accepted",
        "milter",
    ];
    for (said, own) in said.iter().zip(all) {
        for words in all {
            assert_eq!(said.contains(words), words == own, "{words}: {said}");
        }
        let taken_for = said.matches("Taken for Postfix: `postconf -n`");
        assert_eq!(taken_for.count(), 1, "{said}");
    }
    assert_eq!(said.len(), 3);
}

#[test]
fn free_use_sends_what_is_typed() {
    let mut state = free(Look::default());
    let effects = pressed(&mut state, KeyCode::Enter);
    let [Effect::Session(SessionOrder::Raw(raw))] = &effects[..] else {
        panic!("{effects:?}");
    };
    assert_eq!(&*raw.shown(), r"RCPT TO: <a@b.example>\n\n");
}

#[test]
fn a_command_is_held_back_and_then_sent() {
    let mut state = recorded_state(Look::default());
    type_in(&mut state, "NOOP");
    control(&mut state, 't');
    press(&mut state, KeyCode::Enter);
    assert!(state.counts_time());
    let (text, _) = drawn(&mut state, (80, 24));
    assert!(text.contains("sends by itself in 10 s"), "{text}");
    let mut now = state.now;
    let mut later = |state: &mut State, ms: u64| {
        now = Moment {
            run_ms: now.run_ms + ms,
            ..now
        };
        update(state, Event::Time(now))
    };
    assert_eq!(later(&mut state, 9_999), []);
    let sent = SessionOrder::Send("NOOP".to_owned());
    assert_eq!(later(&mut state, 1), [Effect::Session(sent)]);
    assert_eq!(later(&mut state, 60_000), []);
}

#[test]
fn a_transcript_of_a_hundred_thousand_lines_is_drawn_in_part() {
    let mut state = recorded_state(Look::default());
    for at in 0..100_000 {
        line(&mut state, at, From::Server, "250-line");
    }
    let (text, hits) = drawn(&mut state, (80, 24));
    assert!(text.contains("250-line"));
    let seen = hits.seen.iter().find(|(_, seen)| seen.total > 100_000);
    assert!(seen.is_some_and(|(_, seen)| seen.height < 24));
}

#[test]
fn a_session_leaves_as_a_script_or_as_a_line_for_swaks() {
    let mut state = recorded_state(Look::default());
    press(&mut state, KeyCode::Esc);
    let mut choose = |row: usize| {
        press(&mut state, KeyCode::Char('w'));
        for _ in 0..row {
            press(&mut state, KeyCode::Down);
        }
        let (text, _) = drawn(&mut state, (80, 24));
        assert!(text.contains("Command line of swaks"), "{text}");
        let effects = pressed(&mut state, KeyCode::Enter);
        assert_eq!(state.overlays.len(), 0);
        effects
    };
    let effects = choose(0);
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
    assert_eq!(path, "smtp-tui-session-mx2.larkrise-academy.org.yaml");
    assert!(text.contains("EHLO"), "{text}");
    assert_eq!(choose(1), [Effect::Copy(text.clone())]);
    let effects = choose(2);
    assert!(
        matches!(&effects[..], [Effect::Copy(line)] if line.contains("swaks")),
        "{effects:?}"
    );
    // A file that is there is overwritten only on demand.
    let again = Effect::Write {
        path: path.clone(),
        text: text.clone(),
        overwrite: true,
    };
    let exists = Exported::Exists {
        path: path.clone(),
        again: Box::new(again.clone()),
    };
    update(&mut state, Event::Exported(exists));
    assert_eq!(pressed(&mut state, KeyCode::Char('y')), [again]);
}

#[test]
fn the_tests_for_filters_go_along_where_they_are_wanted() {
    let mut state = writing(Look::default());
    press(&mut state, KeyCode::F(9));
    // GTUBE is the fifth line, EICAR the one behind it.
    for _ in 0..4 {
        press(&mut state, KeyCode::Down);
    }
    press(&mut state, KeyCode::Enter);
    press(&mut state, KeyCode::Down);
    press(&mut state, KeyCode::Enter);
    press(&mut state, KeyCode::Enter);
    press(&mut state, KeyCode::Esc);
    let (text, _) = drawn(&mut state, (80, 24));
    assert!(text.contains("Files:    eicar.com"), "{text}");
    assert!(text.contains("GTUBE behind the text"), "{text}");
    let effects = pressed(&mut state, KeyCode::F(8));
    let [Effect::Weigh { outline, from, to }] = &effects[..] else {
        panic!("{effects:?}");
    };
    assert_eq!((from.as_str(), to.len()), ("<me@example.net>", 1));
    let kinds = outline.specimens.iter().map(|own| (own.kind, own.attached));
    let kinds: Vec<_> = kinds.collect();
    let wanted = [(SpecimenKind::Gtube, false), (SpecimenKind::Eicar, true)];
    assert_eq!(kinds, wanted);
}

/// The effect of F8, and what comes of it.
fn weighed(state: &mut State, weight: Result<Weight, &str>) -> Effect {
    let effects = pressed(state, KeyCode::F(8));
    let [Effect::Weigh { outline, .. }] = &effects[..] else {
        panic!("{effects:?}");
    };
    let event = Event::Weighed {
        outline: outline.clone(),
        weight: weight.map_err(str::to_owned),
    };
    update(state, event);
    Effect::Session(SessionOrder::Message(outline.clone()))
}

#[test]
fn tab_completes_the_name_of_a_file() {
    let mut state = writing(Look::default());
    press(&mut state, KeyCode::F(10));
    type_in(&mut state, "/tmp/r");
    let effects = pressed(&mut state, KeyCode::Tab);
    assert_eq!(effects, [Effect::Complete("/tmp/r".to_owned())]);
    let come = |state: &mut State, typed: &str, paths: &[&str]| {
        let one = |path: &&str| Candidate {
            path: (*path).to_owned(),
            is_folder: path.ends_with('/'),
            octets: 1,
            readable: true,
        };
        let candidates = paths.iter().map(one).collect();
        let typed = typed.to_owned();
        update(state, Event::Completing { typed, candidates });
        drawn(state, (80, 24)).0
    };
    let text = come(&mut state, "/tmp/", &["/tmp/a"]);
    assert!(
        text.contains("/tmp/r "),
        "that was for another line: {text}"
    );
    let two = ["/tmp/report.pdf", "/tmp/reports/"];
    let text = come(&mut state, "/tmp/r", &two);
    assert!(text.contains("/tmp/report "), "{text}");
    let text = come(&mut state, "/tmp/report", &two);
    assert!(text.contains("report.pdf  reports"), "{text}");
    type_in(&mut state, ".");
    let text = come(&mut state, "/tmp/report.", &two[..1]);
    assert!(text.contains("/tmp/report.pdf "), "{text}");
    type_in(&mut state, "x");
    let text = come(&mut state, "/tmp/report.pdfx", &[]);
    assert!(text.contains("no file begins like that"), "{text}");
}

#[test]
fn a_file_is_attached_and_what_leaves_is_told_before_it_does() {
    let mut state = writing(Look::default());
    press(&mut state, KeyCode::F(10));
    type_in(&mut state, "/tmp/none.pdf");
    let effects = pressed(&mut state, KeyCode::Enter);
    let look = LookAt::Attachment("/tmp/none.pdf".to_owned());
    assert_eq!(effects, [Effect::Look(look.clone())]);
    looked(&mut state, look, Err("reading `/tmp/none.pdf`: not there"));
    let (text, _) = drawn(&mut state, (80, 24));
    assert!(text.contains("not there"), "the question stays: {text}");
    assert!(text.contains("Attach a file"), "{text}");
    attach(&mut state, "/tmp/report.pdf:text/x-a", 250_000);
    let (text, _) = drawn(&mut state, (80, 24));
    assert!(text.contains("Files:    report.pdf (244.1 KiB)"), "{text}");
    looked(
        &mut state,
        LookAt::Key(signature()),
        Ok(Found::Key(signature())),
    );
    let weight = Weight {
        octets: Some(99_000_000),
        eight_bit: true,
    };
    let order = weighed(&mut state, Ok(weight));
    let (text, _) = drawn(&mut state, (80, 24));
    for words in [
        "99000000 octets",
        "report.pdf (244.1 KiB)",
        "as s1._domainkey.example.net",
        "cannot be called back",
    ] {
        assert!(text.contains(words), "{words}: {text}");
    }
    assert_eq!(pressed(&mut state, KeyCode::Char('y')), [order]);
    assert!(!state.session.composing);
}

#[test]
fn what_cannot_be_read_is_not_sent() {
    let mut state = editor(Look::default());
    weighed(
        &mut state,
        Err("reading `/home/jane/report.pdf`: it is gone"),
    );
    assert_eq!(state.overlays.len(), 0);
    let (text, _) = drawn(&mut state, (80, 24));
    assert!(text.contains("it is gone"), "{text}");
    // What was changed meanwhile is weighed anew.
    let effects = pressed(&mut state, KeyCode::F(8));
    let [Effect::Weigh { outline, .. }] = &effects[..] else {
        panic!("{effects:?}");
    };
    let other = Event::Weighed {
        outline: Box::new(smtp_tui::engine::message::Outline::new(Text::Body(
            "another".to_owned(),
        ))),
        weight: Ok(Weight {
            octets: Some(1),
            eight_bit: false,
        }),
    };
    assert!(!outline.files.is_empty());
    update(&mut state, other);
    assert_eq!(state.overlays.len(), 0);
}

#[test]
fn a_file_is_taken_out_again_and_a_whole_message_stands_for_all_of_it() {
    let mut state = editor(Look::default());
    press(&mut state, KeyCode::F(9));
    press(&mut state, KeyCode::Down);
    press(&mut state, KeyCode::Enter);
    assert_eq!(state.session.draft.files, []);
    press(&mut state, KeyCode::Esc);
    let whole = Found::File {
        path: "/tmp/a.eml".to_owned(),
        octets: 3 << 20,
    };
    looked(
        &mut state,
        LookAt::Whole("/tmp/a.eml".to_owned()),
        Ok(whole),
    );
    let (text, _) = drawn(&mut state, (80, 24));
    assert!(
        text.contains("/tmp/a.eml") && text.contains("3.0 MiB"),
        "{text}"
    );
    assert!(!text.contains("Subject:"), "{text}");
    let Text::AsItIs { .. } = state.session.draft.outline().text else {
        panic!("what is written is sent");
    };
    press(&mut state, KeyCode::F(9));
    press(&mut state, KeyCode::Enter);
    press(&mut state, KeyCode::Esc);
    let (text, _) = drawn(&mut state, (80, 24));
    assert!(text.contains("Subject:"), "{text}");
}

#[test]
fn a_message_begins_from_a_template() {
    let mut state = templates(Look::default());
    press(&mut state, KeyCode::Enter);
    let draft = &state.session.draft;
    assert_eq!(draft.subject.text(), "Test {{date}}");
    let Text::Template(text) = draft.outline().text else {
        panic!("its gaps are not filled in");
    };
    assert!(text.contains("as {{message-id}}"), "{text}");
    let (text, _) = drawn(&mut state, (80, 24));
    assert!(text.contains("is filled in when it is sent"), "{text}");
}

#[test]
fn a_signature_needs_a_key_that_can_be_read() {
    let mut state = writing(Look::default());
    press(&mut state, KeyCode::F(9));
    for _ in 0..6 {
        press(&mut state, KeyCode::Down);
    }
    press(&mut state, KeyCode::Enter);
    type_in(&mut state, "/etc/dkim/s1.pem");
    assert_eq!(
        pressed(&mut state, KeyCode::Enter),
        [],
        "on to the selector"
    );
    type_in(&mut state, "s1");
    let effects = pressed(&mut state, KeyCode::Enter);
    let [Effect::Look(look @ LookAt::Key(asked))] = &effects[..] else {
        panic!("{effects:?}");
    };
    assert_eq!(asked.domain.as_deref(), Some("example.net"));
    looked(&mut state, look.clone(), Err("it is a public key"));
    let (text, _) = drawn(&mut state, (80, 24));
    assert!(text.contains("it is a public key"), "{text}");
    let found = Found::Key(asked.clone());
    looked(&mut state, look.clone(), Ok(found));
    assert_eq!(state.overlays.len(), 0);
    let (text, _) = drawn(&mut state, (80, 24));
    assert!(
        text.contains("Signed:   s1._domainkey.example.net"),
        "{text}"
    );
}

#[test]
fn the_envelope_is_filled_in_with_parameters_and_recipients() {
    let mut state = envelope(Look::default());
    // Behind PIPELINING and CHUNKING comes NOTIFY.
    for _ in 0..2 {
        press(&mut state, KeyCode::Down);
    }
    press(&mut state, KeyCode::Right);
    let (text, _) = drawn(&mut state, (80, 24));
    assert!(text.contains("← NEVER →"), "{text}");
    assert!(text.contains("DSN is not"), "{text}");
    // SIZE takes a number.
    while !drawn(&mut state, (80, 24))
        .0
        .contains("told before it is sent")
    {
        press(&mut state, KeyCode::Down);
    }
    type_in(&mut state, "many");
    assert_eq!(pressed(&mut state, KeyCode::Enter), []);
    let (text, _) = drawn(&mut state, (80, 24));
    assert!(text.contains("a number of octets"), "{text}");
    control(&mut state, 'u');
    type_in(&mut state, "4096");
    let effects = pressed(&mut state, KeyCode::Enter);
    let [Effect::Session(SessionOrder::Envelope(envelope))] = &effects[..] else {
        panic!("{effects:?}");
    };
    assert_eq!(envelope.from.to_string(), "<me@example.net>");
    let to: Vec<String> = envelope.to.iter().map(ToString::to_string).collect();
    assert_eq!(to, ["<a@b.example>", "<c@d.example>"]);
    let words = |all: &[Parameter]| -> Vec<String> {
        all.iter().map(|own| own.as_str().to_owned()).collect()
    };
    assert_eq!(words(&envelope.mail), ["SIZE=4096"]);
    assert_eq!(words(&envelope.rcpt), ["NOTIFY=NEVER"]);
    assert!(envelope.pipelining && !envelope.chunks);
    // It is still there when it is opened again, and a recipient that is typed has it too.
    press(&mut state, KeyCode::F(10));
    let (text, _) = drawn(&mut state, (160, 45));
    for words in ["4096", "NOTIFY      NEVER", "all in one go", "c@d.example"] {
        assert!(text.contains(words), "{words}: {text}");
    }
    press(&mut state, KeyCode::Esc);
    session(&mut state, SessionEvent::Ready(after_mail("RSET")));
    session(&mut state, SessionEvent::Ready(after_mail("RCPT TO:<>")));
    type_in(&mut state, "e@f.example");
    let sent = SessionOrder::Send("RCPT TO:<e@f.example> NOTIFY=NEVER".to_owned());
    assert_eq!(pressed(&mut state, KeyCode::Enter), [Effect::Session(sent)]);
}

#[test]
fn nobody_is_a_sender_and_no_address_is_a_second_command() {
    let mut state = recorded_state(Look::default());
    press(&mut state, KeyCode::F(10));
    type_in(&mut state, "<>");
    press(&mut state, KeyCode::Down);
    update(&mut state, Event::Paste("a@b.example>\r\nDATA".to_owned()));
    assert_eq!(pressed(&mut state, KeyCode::Enter), []);
    control(&mut state, 'u');
    type_in(&mut state, "postmaster");
    let effects = pressed(&mut state, KeyCode::Enter);
    let [Effect::Session(SessionOrder::Envelope(envelope))] = &effects[..] else {
        panic!("{effects:?}");
    };
    assert_eq!(envelope.from.to_string(), "<>");
    assert_eq!(envelope.to[0].to_string(), "<postmaster>");
}

#[test]
fn commands_that_go_together_are_one_step_and_one_that_is_typed_goes_alone() {
    let mut state = together(Look::default());
    let (text, _) = drawn(&mut state, (160, 45));
    assert!(
        text.contains("In one go") && text.contains("RET=HDRS"),
        "{text}"
    );
    let effects = pressed(&mut state, KeyCode::Enter);
    assert_eq!(effects, [Effect::Session(SessionOrder::Together)]);
    let mut state = together(Look::default());
    type_in(&mut state, "NOOP");
    let sent = SessionOrder::Send("NOOP".to_owned());
    assert_eq!(pressed(&mut state, KeyCode::Enter), [Effect::Session(sent)]);
}

#[test]
fn a_command_with_parameters_stands_ready_as_a_whole() {
    let mut state = recorded_state(Look::default());
    let ready = Ready {
        suggested: "MAIL FROM:<me@example.net> RET=HDRS SIZE=9".to_owned(),
        ..Ready::default()
    };
    let sent = SessionOrder::Send(ready.suggested.clone());
    session(&mut state, SessionEvent::Ready(ready));
    assert_eq!(pressed(&mut state, KeyCode::Enter), [Effect::Session(sent)]);
}

/// Logs in by the mechanism of that name.
fn by(mechanism: &str, fill: impl FnOnce(&mut State)) -> Vec<Effect> {
    let mut state = recorded_state(Look::default());
    control(&mut state, 'g');
    press(&mut state, KeyCode::Up);
    let shown = format!("← {mechanism} (not offered)");
    for _ in 0..9 {
        press(&mut state, KeyCode::Right);
        if drawn(&mut state, (80, 24)).0.contains(&shown) {
            press(&mut state, KeyCode::Down);
            fill(&mut state);
            return pressed(&mut state, KeyCode::Enter);
        }
    }
    panic!("{mechanism} cannot be chosen");
}

#[test]
fn any_mechanism_can_be_chosen_with_or_without_initial_response() {
    let effects = by("XOAUTH2", |state| {
        type_in(state, "jane");
        press(state, KeyCode::Enter);
        let (text, _) = drawn(state, (80, 24));
        assert!(
            text.contains("Token") && text.contains("access token"),
            "{text}"
        );
        type_in(state, "ya29.secret");
        let (text, _) = drawn(state, (80, 24));
        assert!(!text.contains("ya29"), "{text}");
        press(state, KeyCode::Down);
        press(state, KeyCode::Right);
        press(state, KeyCode::Down);
        press(state, KeyCode::Right);
        press(state, KeyCode::Right);
    });
    let [Effect::Session(SessionOrder::LogIn(login, exposure))] = &effects[..] else {
        panic!("{effects:?}");
    };
    let own = Login::new("jane", Secret::new("ya29.secret".to_owned())).expect("a login");
    let own = own.with_initial(false).by(SaslMechanism::Xoauth2);
    assert_eq!(**login, own);
    assert!(exposure.in_clear && exposure.unverified);
    assert!(!format!("{effects:?}").contains("ya29"));
    // EXTERNAL takes no password.
    let effects = by("EXTERNAL", |_| {});
    let [Effect::Session(SessionOrder::LogIn(login, exposure))] = &effects[..] else {
        panic!("{effects:?}");
    };
    assert_eq!(**login, Login::external("").expect("a login"));
    assert_eq!(*exposure, Exposure::default());
}
