//! The session screen with a real connection under it, in the practice world.

use crate::screens::{drawn, type_in};
use crate::setup;
use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use jiff::Timestamp;
use smtp_tui::engine::live::{self, Order, Told};
use smtp_tui::engine::trial;
use smtp_tui::knowledge::trial::{trial, trials};
use smtp_tui::lab::World;
use smtp_tui::net::dns::Dns;
use smtp_tui::net::smtp::Options;
use smtp_tui::tui::effect::Effect;
use smtp_tui::tui::event::{Event, Moment};
use smtp_tui::tui::run::{order_of, plan, practice_case, shown};
use smtp_tui::tui::screen::session::{Phase, SessionOrder};
use smtp_tui::tui::state::State;
use smtp_tui::tui::theme::{Look, Theme};
use smtp_tui::tui::update::update;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender};

struct Screen {
    state: State,
    dns: Dns,
    world: World,
    line: Option<(UnboundedSender<Order>, UnboundedReceiver<Told>)>,
}

impl Screen {
    async fn of(scenario: &str) -> Self {
        let scenario = setup::scenario(scenario);
        let (world, dns) = setup::world(&scenario).await;
        let now = Moment {
            at: Timestamp::now(),
            run_ms: 0,
        };
        let case = practice_case(&scenario, world.target().cloned());
        let mut state = State::new(case, now, Theme::new(Look::default()));
        state.scenario = Some((&scenario).into());
        Self {
            state,
            dns,
            world,
            line: None,
        }
    }

    fn have_done(&mut self, effects: Vec<Effect>) {
        for effect in effects {
            let Effect::Session(order) = effect else {
                continue;
            };
            if let SessionOrder::Connect { host, port } = order {
                let plan = plan(&self.state.case);
                self.line = Some(live::start(&self.dns, host, port, plan, Options::default()));
            } else if let (Some((orders, _)), Some(order)) = (&self.line, order_of(order)) {
                // A session that has ended has said so.
                let _ = orders.send(order);
            }
        }
    }

    fn key(&mut self, code: KeyCode, modifiers: KeyModifiers) {
        let effects = update(&mut self.state, Event::Key(KeyEvent::new(code, modifiers)));
        self.have_done(effects);
    }

    fn enter(&mut self) {
        self.key(KeyCode::Enter, KeyModifiers::NONE);
    }

    /// Hears what the connection tells until the screen shows this.
    async fn until(&mut self, words: &str) {
        loop {
            let (text, _) = drawn(&mut self.state, (160, 45));
            if text.contains(words) {
                return;
            }
            let (_, told) = self.line.as_mut().expect("a connection");
            let Some(told) = told.recv().await else {
                panic!("waited for {words:?}:\n{text}");
            };
            let effects = update(&mut self.state, Event::Session(shown(told)));
            self.have_done(effects);
        }
    }

    fn has_said(&self, words: &str) -> usize {
        let lines = &self.state.session.lines;
        lines
            .iter()
            .filter(|line| line.line.contains(words))
            .count()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_login_in_the_session_then_the_same_again_side_by_side() {
    let password = "autumn-leaf-8";
    let mut screen = Screen::of("password-refused").await;
    let effects = screen.state.dial("mail.fairwater-translations.com", 587);
    screen.have_done(effects);
    screen.until("EHLO [").await;
    screen.enter();
    screen.until("The server offers encryption").await;
    screen.enter();
    screen.until("say EHLO once more").await;
    screen.enter();
    screen
        .until("This port takes mail from its own users")
        .await;
    screen.enter();
    type_in(&mut screen.state, "nora@fairwater-translations.com");
    screen.enter();
    type_in(&mut screen.state, password);
    screen.enter();
    screen.until("You are logged in").await;
    assert_eq!(screen.has_said("235 "), 1);
    screen.key(KeyCode::Esc, KeyModifiers::NONE);
    screen.key(KeyCode::Char('x'), KeyModifiers::NONE);
    screen.until("The session took").await;

    screen.key(KeyCode::Char('r'), KeyModifiers::NONE);
    screen.key(KeyCode::Char('u'), KeyModifiers::CONTROL);
    type_in(&mut screen.state, "mail.fairwater-translations.com");
    screen.enter();
    screen.until("by the best mechanism").await;
    screen.key(KeyCode::Esc, KeyModifiers::NONE);
    screen.until("only the earlier").await;
    assert_eq!(screen.has_said("AUTH is left out"), 1);
    assert_eq!(screen.has_said("235 "), 0);
    let (text, _) = drawn(&mut screen.state, (160, 45));
    assert!(text.contains("AUTH"), "{text}");
    let all = format!("{:?}", screen.state) + &serde_yaml::to_string(&screen.state.case).unwrap();
    // PLAIN begins with the user; these are the ends of what hides the password in base64.
    assert!(
        !all.contains(password) && !all.contains("YXV0dW1uLWxlYWYt"),
        "the password is kept"
    );
    screen.world.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn octets_are_sent_as_typed_and_the_connection_is_dropped() {
    let mut screen = Screen::of("healthy").await;
    let effects = screen.state.dial("mx1.pebblebrook-pottery.com", 25);
    screen.have_done(effects);
    screen.until("EHLO [").await;
    screen.key(KeyCode::Char('f'), KeyModifiers::CONTROL);
    screen.key(KeyCode::Char('u'), KeyModifiers::CONTROL);
    screen.until("Free: sent as typed").await;
    for _ in 0..20 {
        screen.key(KeyCode::Backspace, KeyModifiers::NONE);
    }
    type_in(&mut screen.state, r"NOOP\r\nRSET");
    screen.enter();
    while screen.has_said("250 ") < 2 {
        screen.until("RSET").await;
        let (_, told) = screen.line.as_mut().expect("a connection");
        let told = told.recv().await.expect("an answer");
        update(&mut screen.state, Event::Session(shown(told)));
    }
    assert_eq!(screen.has_said(r"NOOP\r\nRSET"), 1);
    screen.key(KeyCode::Char('x'), KeyModifiers::CONTROL);
    screen.until("dropped by us").await;
    while screen.state.session.phase != Phase::Closed {
        let (_, told) = screen.line.as_mut().expect("a connection");
        let told = told.recv().await.expect("the end");
        update(&mut screen.state, Event::Session(shown(told)));
    }
    let lines = &screen.state.session.lines;
    assert!(!lines.iter().any(|line| line.line.as_str() == "QUIT"));
    screen.world.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_test_with_a_name_is_agreed_to_and_its_outcome_is_read_on_the_screen() {
    let mut screen = Screen::of("healthy").await;
    let effects = screen.state.dial("mx1.pebblebrook-pottery.com", 25);
    screen.have_done(effects);
    screen.until("EHLO [").await;
    screen.key(KeyCode::Esc, KeyModifiers::NONE);
    screen.key(KeyCode::Char('T'), KeyModifiers::NONE);
    let vrfy = trials().iter().position(|trial| trial.id == "vrfy");
    for _ in 0..vrfy.expect("the test") {
        screen.key(KeyCode::Down, KeyModifiers::NONE);
    }
    let (text, _) = drawn(&mut screen.state, (80, 24));
    assert!(text.contains("RFC 5321 sections 3.5.3"), "{text}");
    screen.enter();
    let (text, _) = drawn(&mut screen.state, (80, 24));
    assert!(text.contains("VRFY and EXPN leak?"), "{text}");
    assert!(text.contains("of nobody else"), "{text}");
    let yes = KeyEvent::new(KeyCode::Char('y'), KeyModifiers::NONE);
    let effects = update(&mut screen.state, Event::Key(yes));
    let [
        Effect::Try {
            trial: id,
            host,
            port,
        },
    ] = &effects[..]
    else {
        panic!("{effects:?}");
    };
    let place = (host.clone(), *port);
    let test = trial(id).expect("the test");
    let mut ended = trial::start(&screen.dns, test, place, (None, None), Options::default());
    let ran = ended.recv().await.expect("an end").expect("it was begun");
    let kept = screen.state.case.sessions.len();
    update(&mut screen.state, Event::Tried(Ok(Box::new(ran))));
    let (text, _) = drawn(&mut screen.state, (80, 24));
    assert!(text.contains("VRFY and EXPN leak: fine"), "{text}");
    assert!(text.contains("do not tell an existing user"), "{text}");
    assert!(text.contains("252 "), "evidence: {text}");
    assert!(screen.state.case.sessions.len() > kept);
    screen.world.close().await;
}
