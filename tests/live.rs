//! The live session as the screen drives it, in the lab.

use crate::setup;
use smtp_tui::case::From;
use smtp_tui::engine::live::{self, Order, Told};
use smtp_tui::engine::message::{File, Outline, Text};
use smtp_tui::lab::World;
use smtp_tui::net::dns::Dns;
use smtp_tui::smtp::suggest::{Envelope, Exposure, Plan};
use smtp_tui::smtp::{Ending, Login, Parameter, Raw, SaslMechanism};
use smtp_tui::text::Secret;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender};

/// One session, and all that it told.
pub(crate) struct Held {
    orders: UnboundedSender<Order>,
    told: UnboundedReceiver<Told>,
    pub(crate) lines: Vec<String>,
    pub(crate) suggested: String,
    pub(crate) because: String,
    permitted: Vec<String>,
    pub(crate) recipients: Vec<String>,
    closed: Option<String>,
    /// Lives as long.
    world: Option<World>,
}

impl Held {
    async fn with(scenario: &str, host: &str, port: u16, plan: Plan) -> Self {
        let (world, dns) = setup::world(&setup::scenario(scenario)).await;
        let mut held = Self::begin(&dns, host, port, plan);
        held.world = Some(world);
        held.answered().await;
        held
    }

    /// With a server that is no lab's.
    pub(crate) async fn at(dns: &Dns, host: &str, port: u16, plan: Plan) -> Self {
        let mut held = Self::begin(dns, host, port, plan);
        held.answered().await;
        held
    }

    fn begin(dns: &Dns, host: &str, port: u16, plan: Plan) -> Self {
        let options = smtp_tui::net::smtp::Options::default();
        let (orders, told) = live::start(dns, host.to_owned(), port, plan, options);
        Self {
            orders,
            told,
            lines: Vec::new(),
            suggested: String::new(),
            because: String::new(),
            permitted: Vec::new(),
            recipients: Vec::new(),
            closed: None,
            world: None,
        }
    }

    /// Until a reply is whole and something can be said, or nothing more can come.
    async fn answered(&mut self) {
        let mut replied = false;
        while let Some(told) = self.told.recv().await {
            replied |= matches!(told, Told::Replied { .. });
            let is_ready = matches!(told, Told::Ready { .. });
            self.take(told);
            // STARTTLS is answered before the handshake.
            let whole = is_ready && replied && !self.because.contains("handshake");
            if whole || self.closed.is_some() {
                return;
            }
        }
    }

    fn take(&mut self, told: Told) {
        match told {
            Told::Line(line) => {
                let mark = match line.from {
                    From::Server => "S",
                    From::Client => "C",
                    From::Event => "-",
                };
                self.lines.push(format!("{mark} {}", line.line));
            }
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
            }
            Told::Replied { .. } | Told::Tls(_) => {}
            Told::Closed(why) => self.closed = Some(why),
        }
    }

    pub(crate) async fn order(&mut self, order: Order) {
        self.orders.send(order).expect("it listens");
        self.answered().await;
    }

    /// Hears until it is so.
    async fn until(&mut self, is_so: impl Fn(&Self) -> bool) {
        while !is_so(self) {
            let told = self.told.recv().await;
            self.take(told.expect("it goes on"));
        }
    }

    pub(crate) fn has(&self, words: &str) -> bool {
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
    let text = Text::Draft("Subject: x\n\nx".to_owned());
    held.order(Order::Message(Box::new(Outline::new(text))))
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

fn envelope(from: &str, to: &[&str], chunks: bool) -> Order {
    Order::Envelope(Box::new(Envelope {
        from: from.parse().expect("a sender"),
        mail: Vec::new(),
        to: to
            .iter()
            .map(|to| to.parse().expect("an address"))
            .collect(),
        rcpt: vec![Parameter::new("NOTIFY=NEVER").expect("a parameter")],
        pipelining: true,
        chunks,
    }))
}

#[tokio::test(flavor = "multi_thread")]
async fn an_envelope_goes_in_one_go_and_another_one_begins_anew() {
    // The other one does not offer DSN.
    let mut held = Held::with("healthy", "mx2.pebblebrook-pottery.com", 25, plan()).await;
    for _ in 0..3 {
        held.order(Order::Next).await;
    }
    let to = [
        "info@pebblebrook-pottery.com",
        "sales@pebblebrook-pottery.com",
    ];
    held.orders
        .send(envelope("<>", &to, false))
        .expect("it listens");
    held.order(Order::Next).await;
    held.until(|held| held.recipients.len() == 2).await;
    let sent: Vec<&str> = held.lines.iter().map(String::as_str).collect();
    let group = [
        "C MAIL FROM:<>",
        "C RCPT TO:<info@pebblebrook-pottery.com> NOTIFY=NEVER",
        "C RCPT TO:<sales@pebblebrook-pottery.com> NOTIFY=NEVER",
    ];
    assert!(sent.windows(3).any(|lines| lines == group), "{sent:?}");
    assert_eq!(held.suggested, "DATA", "the message is written first");
    let text = Text::Draft("Subject: x\n\nx".to_owned());
    held.order(Order::Message(Box::new(Outline::new(text))))
        .await;
    held.until(|held| held.suggested == "QUIT").await;
    held.orders
        .send(envelope("me@example.net", &to[..1], true))
        .expect("it listens");
    held.until(|held| held.suggested == "MAIL FROM:<me@example.net>")
        .await;
    // The second message goes in chunks.
    held.order(Order::Next).await;
    held.until(|held| held.suggested == "BDAT").await;
    let mut outline = Outline::new(Text::Draft("Subject: y\n\n.y".to_owned()));
    outline.chunk = Some(100);
    held.order(Order::Message(Box::new(outline))).await;
    held.until(|held| held.suggested == "QUIT").await;
    let chunk = |line: &String| line.starts_with("C BDAT ") && line.ends_with(" LAST");
    assert!(held.lines.iter().any(chunk), "{:?}", held.lines);
    assert!(held.has("250 2.0.0 100 octets received"));
    assert!(
        held.has("250 2.0.0 Ok: queued as 4LAB0002"),
        "{:?}",
        held.lines
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_password_goes_in_clear_or_unoffered_only_where_that_is_asked_for() {
    let host = "mail.fairwater-translations.com";
    let mut held = Held::with("password-refused", host, 587, plan()).await;
    held.order(Order::Next).await;
    let login = Login::new("nora", Secret::new("autumn-leaf-8".to_owned())).expect("a login");
    let plain = login.by(SaslMechanism::Plain);
    let order = |exposure| Order::LogIn(Box::new(plain.clone()), exposure);
    held.orders
        .send(order(Exposure::default()))
        .expect("it listens");
    held.until(|held| held.has("PLAIN in clear shows the password"))
        .await;
    assert!(!held.has("C AUTH"), "{:?}", held.lines);
    let anywhere = Exposure {
        in_clear: true,
        unverified: true,
    };
    held.order(order(anywhere)).await;
    held.until(|held| held.has("C AUTH PLAIN")).await;
    assert!(held.has("breaks a rule"), "{:?}", held.lines);
    assert!(!held.has("autumn"), "{:?}", held.lines);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_message_whose_file_is_gone_begins_nothing() {
    let mut held = Held::with("healthy", "mx1.pebblebrook-pottery.com", 25, plan()).await;
    for _ in 0..5 {
        held.order(Order::Next).await;
    }
    assert_eq!(held.suggested, "DATA");
    let mut outline = Outline::new(Text::Draft("Subject: x\n\nx".to_owned()));
    outline
        .files
        .push(File::named("/nowhere/at/all.pdf", false));
    held.orders
        .send(Order::Message(Box::new(outline)))
        .expect("it listens");
    held.until(|held| held.has("not sent: reading `/nowhere/at/all.pdf`"))
        .await;
    assert!(!held.has("C DATA"), "{:?}", held.lines);
    assert_eq!(held.suggested, "DATA", "it can still be sent");
}
