//! A panic in the middle of a login tells where it was, and no secret.

use super::{HOST, MECHANISMS, RIGHT, USER, clean, steps};
use crate::setup;
use smtp_tui::engine::live::Order;
use smtp_tui::engine::script::{self, Passwords};
use smtp_tui::net::smtp::Options;
use smtp_tui::smtp::Login;
use smtp_tui::smtp::suggest::{Exposure, Plan};
use smtp_tui::text::Secret;
use std::process::Command;

/// Which mechanism the program panics at, in a process of its own.
const AT: &str = "SMTP_TUI_TEST_PANIC";
const NAME: &str = "secrets::panics::a_panic_tells_no_secret";

fn login() -> Login {
    Login::new(USER, Secret::new(RIGHT.to_owned())).expect("a login")
}

/// Panics once AUTH is sent, with all that knows the password in its message.
async fn panic_at(mechanism: &str) {
    let (_world, dns) = setup::world(&setup::scenario("password-refused")).await;
    let (host, port) = HOST.split_once(':').expect("a port");
    let port = port.parse().expect("a number");
    let auth = format!("{{auth: {{mechanism: {mechanism}, user: {USER}}}}}");
    let steps = script::read(&steps(&auth)).expect("steps");
    let options = Options::default().with_defaults(host, port);
    let to = options.destination(&dns, host, port).await.expect("a host");
    let passwords = Passwords::from([(USER.to_owned(), Secret::new(RIGHT.to_owned()))]);
    let plan = Plan {
        login: Some(login()),
        ..Plan::new("me.example.net".parse().expect("a name"))
    };
    let order = Order::LogIn(Box::new(login()), Exposure::default());
    let mut each = |line: &smtp_tui::case::Line| {
        assert!(
            !line.line.starts_with("AUTH"),
            "{line:?} {passwords:?} {plan:?} {order:?} {steps:?}"
        );
    };
    let network = dns.network();
    let play = script::play(network, host, to, options, &steps, &passwords, &mut each);
    let _ = Box::pin(play).await;
}

#[test]
fn a_panic_tells_no_secret() {
    let runtime = || tokio::runtime::Runtime::new().expect("a runtime");
    if let Ok(mechanism) = std::env::var(AT) {
        return runtime().block_on(panic_at(&mechanism));
    }
    let tests = std::env::current_exe().expect("this program");
    for mechanism in MECHANISMS {
        let output = Command::new(&tests)
            .args(["--exact", NAME, "--nocapture"])
            .env(AT, mechanism)
            .env("RUST_BACKTRACE", "full")
            .output()
            .expect("it runs");
        let told = [output.stdout, output.stderr].concat();
        let told = String::from_utf8_lossy(&told);
        assert!(!output.status.success(), "{mechanism}: {told}");
        assert!(told.contains("panicked") && told.contains(USER), "{told}");
        clean(RIGHT, mechanism, &told);
    }
}
