//! The live session as the screen drives it, in the lab.

use crate::setup;
use smtp_tui::case::From;
use smtp_tui::engine::live::{self, Order, Told};
use smtp_tui::lab::World;
use smtp_tui::smtp::suggest::Plan;
use smtp_tui::smtp::{Ending, Login, Raw};
use smtp_tui::text::Secret;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender};

/// One session, and all that it told.
struct Held {
    orders: UnboundedSender<Order>,
    told: UnboundedReceiver<Told>,
    lines: Vec<String>,
    suggested: String,
    because: String,
    permitted: Vec<String>,
    recipients: Vec<String>,
    closed: Option<String>,
    _world: World,
}

impl Held {
    async fn with(scenario: &str, host: &str, port: u16, plan: Plan) -> Self {
        let (world, dns) = setup::world(&setup::scenario(scenario)).await;
        let (orders, told) = live::start(
            &dns,
            host.to_owned(),
            port,
            plan,
            smtp_tui::net::smtp::Options::default(),
        );
        let mut held = Self {
            orders,
            told,
            lines: Vec::new(),
            suggested: String::new(),
            because: String::new(),
            permitted: Vec::new(),
            recipients: Vec::new(),
            closed: None,
            _world: world,
        };
        held.answered().await;
        held
    }

    /// Until a reply is whole and something can be said, or nothing more can come.
    async fn answered(&mut self) {
        let mut replied = false;
        while let Some(told) = self.told.recv().await {
            match told {
                Told::Line(line) => {
                    let mark = match line.from {
                        From::Server => "S",
                        From::Client => "C",
                        From::Event => "-",
                    };
                    self.lines.push(format!("{mark} {}", line.line));
                }
                Told::Replied { .. } => replied = true,
                Told::Ready {
                    suggested,
                    because,
                    permitted,
                    recipients,
                    ..
                } => {
                    self.suggested = suggested;
                    self.because = because;
                    self.permitted = permitted;
                    self.recipients = recipients;
                    // STARTTLS is answered before the handshake.
                    if replied && !self.because.contains("handshake") {
                        return;
                    }
                }
                Told::Tls(_) => {}
                Told::Closed(why) => {
                    self.closed = Some(why);
                    return;
                }
            }
        }
    }

    async fn order(&mut self, order: Order) {
        self.orders.send(order).expect("it listens");
        self.answered().await;
    }

    fn has(&self, words: &str) -> bool {
        self.lines.iter().any(|line| line.contains(words))
    }
}

fn plan() -> Plan {
    Plan {
        from: "me@example.net".parse().ok(),
        to: vec!["info@pebblebrook-pottery.com".parse().expect("an address")],
        message: true,
        ..Plan::new("me.example.net".parse().expect("a name"))
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn guided_each_next_step_is_one_order_and_has_its_reason() {
    let mut held = Held::with("healthy", "mx1.pebblebrook-pottery.com", 25, plan()).await;
    let mut suggested = Vec::new();
    while !held.because.contains("waits for the message") && suggested.len() < 9 {
        assert!(held.because.ends_with('.'), "{}", held.because);
        suggested.push(held.suggested.clone());
        if held.suggested == "STARTTLS" {
            assert!(
                held.permitted.contains(&"MAIL".to_owned()),
                "{:?}",
                held.permitted
            );
            assert!(!held.permitted.contains(&"XCLIENT".to_owned()));
        }
        held.order(Order::Next).await;
    }
    assert_eq!(
        suggested,
        [
            "EHLO me.example.net",
            "STARTTLS",
            "EHLO me.example.net",
            "MAIL FROM:<me@example.net>",
            "RCPT TO:<info@pebblebrook-pottery.com>",
            "DATA",
        ]
    );
    assert_eq!(held.recipients, ["<info@pebblebrook-pottery.com>"]);
    held.order(Order::Message("Subject: x\n\nx".to_owned()))
        .await;
    assert_eq!(held.suggested, "QUIT");
    held.order(Order::Next).await;
    held.answered().await;
    assert!(held.closed.is_some(), "{:?}", held.lines);
}

#[tokio::test(flavor = "multi_thread")]
async fn free_what_breaks_a_rule_is_sent_and_said() {
    let mut held = Held::with("healthy", "mx1.pebblebrook-pottery.com", 25, plan()).await;
    held.order(Order::Send("RCPT TO:<a@b.example>".to_owned()))
        .await;
    assert!(
        held.has("- breaks a rule: RCPT is out of order"),
        "{:?}",
        held.lines
    );
    assert!(held.has("C RCPT TO:<a@b.example>"), "{:?}", held.lines);
    let raw = |text: &str| Order::Raw(Raw::parse(text, Ending::CrLf).expect("octets"));
    held.order(raw(r"NOOP\x20")).await;
    assert!(held.has("C NOOP "), "{:?}", held.lines);
    held.order(raw(r"NOOP\r\nNOOP")).await;
    held.order(Order::Drop).await;
    let closed = held.closed.clone().unwrap_or_default();
    assert!(closed.contains("dropped"), "{closed}");
    assert!(!held.has("C QUIT"), "{:?}", held.lines);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_login_of_the_plan_is_one_order_and_shows_no_secret() {
    let user = "nora@fairwater-translations.com";
    let login = Login::new(user, Secret::new("autumn-leaf-8".to_owned())).ok();
    let plan = Plan {
        login,
        ..Plan::new("me.example.net".parse().expect("a name"))
    };
    let host = "mail.fairwater-translations.com";
    let mut held = Held::with("password-refused", host, 587, plan).await;
    while held.suggested != "QUIT" && held.lines.len() < 60 {
        held.order(Order::Next).await;
    }
    assert!(held.has("S 235 2.7.0"), "{:?}", held.lines);
    assert!(
        held.has("- AUTH, sent: client first: user nora@"),
        "{:?}",
        held.lines
    );
    assert!(held.has("its signature is right"), "{:?}", held.lines);
    assert!(!held.has("autumn-leaf"), "{:?}", held.lines);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_login_that_is_typed_is_told_in_words() {
    let plan = Plan::new("me.example.net".parse().expect("a name"));
    let host = "mail.fairwater-translations.com";
    let mut held = Held::with("password-refused", host, 587, plan).await;
    for _ in 0..3 {
        held.order(Order::Next).await;
    }
    for line in ["AUTH LOGIN", "bm9yYQ==", "b3JhbmdlLXRyZWU="] {
        held.order(Order::Send(line.to_owned())).await;
    }
    for words in [
        "AUTH, sent: user nora",
        "AUTH, heard: the server says: Password:",
        "AUTH, sent: password ***",
    ] {
        assert!(held.has(words), "{words}: {:?}", held.lines);
    }
    assert!(
        !held.has("orange") && !held.has("b3Jhbmdl"),
        "{:?}",
        held.lines
    );
}
