//! What many tests begin with: a world of the lab, and the binary.

use assert_cmd::Command;
use smtp_tui::lab::{Scenario, World};
use smtp_tui::net::dns::Dns;
use smtp_tui::net::{Clock, Limits};
use std::time::Duration;

/// The limits of a world whose time runs fast: on a busy machine everything takes its time, and
/// no wait ends before a second has passed outside.
pub(crate) fn patient(speed: u32) -> Limits {
    let second = Duration::from_secs(u64::from(speed));
    let usual = Limits::default();
    Limits {
        connect: usual.connect.max(second),
        dns: usual.dns.max(second),
        fetch: usual.fetch.max(second * 2),
        ..usual
    }
}

/// A scenario of those that can be played.
pub(crate) fn scenario(name: &str) -> Scenario {
    Scenario::find(name)
        .expect("the scenario")
        .expect("it parses")
}

/// Its world, on a clock of its speed, and the resolver of a machine in it.
pub(crate) async fn world(scenario: &Scenario) -> (World, Dns) {
    let clock = Clock::start(scenario.speed);
    let world = World::start(scenario, clock)
        .await
        .expect("the world starts");
    let network = world.network(patient(scenario.speed));
    let dns = Dns::new(network, world.resolvers().to_vec());
    (world, dns)
}

/// The binary, with nothing of the user's own that it would take a password from.
pub(crate) fn binary() -> Command {
    let mut command = Command::cargo_bin("smtp-tui").expect("the binary");
    command.env_remove("SMTP_TUI_PASSWORD");
    command
}

/// Its exit code, what it printed, and what it had to complain of.
pub(crate) fn ran(command: &mut Command) -> (i32, String, String) {
    let output = command.output().expect("it runs");
    let text = |bytes| String::from_utf8(bytes).expect("UTF-8");
    (
        output.status.code().expect("an exit code"),
        text(output.stdout),
        text(output.stderr),
    )
}
