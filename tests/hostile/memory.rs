//! What the program keeps of a server that sends without end: the memory of the binary, as the
//! system counts it.

use super::{PASSWORD, Place, places, script, with_a_fine_host};
use crate::terminal::Terminal;
use smtp_tui::lab::{Stage, World};
use smtp_tui::net::{Clock, Limits, Transport};
use std::net::SocketAddr;
use std::process::{Command, Stdio};
use std::time::Duration;
use tokio::runtime::Runtime;

/// Above a session in which nothing happens, in KiB. What a reply or a session may have at the
/// most is 16 MiB; a server on loopback sends far more than this in a second.
const MORE: u64 = 48 << 10;

/// Kinds that send without end, or more than anybody wants.
fn sends_much(place: &Place) -> bool {
    let acts = place.behaviour.acts.iter();
    let much = |times: u64| times == 0 || times >= 1_000;
    let mut sending = acts.filter(|act| act.send.is_some() && !act.drip);
    sending.any(|act| much(act.times.0))
}

/// The most memory that a process has had so far, in KiB; none once it has ended.
fn peak(process: u32) -> Option<u64> {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).ok()?;
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix("VmHWM:"))?;
    line.trim().strip_suffix(" kB")?.parse().ok()
}

/// Plays the script against that socket: the most memory it took, and what it printed. Ended
/// where it takes more than `most`.
fn played(at: SocketAddr, script: &str, most: u64) -> (u64, String) {
    let folder = tempfile::tempdir().expect("a folder");
    let (steps, out) = (folder.path().join("steps.yaml"), folder.path().join("out"));
    std::fs::write(&steps, script).expect("written");
    let mut child = Command::new(env!("CARGO_BIN_EXE_smtp-tui"))
        .arg("session")
        .arg(at.to_string())
        .args(["--tls", "never", "--script"])
        .arg(&steps)
        .env("SMTP_TUI_PASSWORD", PASSWORD)
        .stdout(std::fs::File::create(&out).expect("a file"))
        .stderr(Stdio::null())
        .spawn()
        .expect("it starts");
    let mut top = 0;
    while child.try_wait().expect("a child").is_none() {
        top = top.max(peak(child.id()).unwrap_or(0));
        if top > most {
            child.kill().expect("it ends");
        }
        std::thread::sleep(Duration::from_millis(1));
    }
    let out = std::fs::read_to_string(&out).expect("text");
    (top, out)
}

/// A world, and the sockets of loopback that its hosts listen on.
struct Sockets {
    runtime: Runtime,
    world: World,
    places: Vec<Place>,
}

impl Sockets {
    fn of(stages: &[Stage]) -> Self {
        let places: Vec<Place> = places(stages).into_iter().filter(sends_much).collect();
        assert!(!places.is_empty());
        let runtime = Runtime::new().expect("a runtime");
        let every: Vec<&Place> = places.iter().collect();
        let scenario = with_a_fine_host(&every);
        let world = World::start(&scenario, Clock::start(1));
        let world = runtime.block_on(world).expect("a world");
        Self {
            runtime,
            world,
            places,
        }
    }

    /// Without a place, that of the good host.
    fn at(&self, place: Option<&Place>) -> SocketAddr {
        let fine = [78, 46, 113, 254].into();
        let address = place.map_or(fine, |place| place.address);
        let network = self.world.network(Limits::default());
        let way = network
            .routes()
            .way(Transport::Tcp, SocketAddr::new(address.into(), 25));
        way.socket().expect("it listens")
    }

    fn close(self) {
        self.runtime.block_on(self.world.close());
    }
}

#[test]
fn what_is_sent_without_end_is_not_kept() {
    let stages = [Stage::Banner, Stage::Ehlo, Stage::Auth, Stage::Rcpt];
    let sockets = Sockets::of(&stages);
    let quiet = "- send: EHLO me.example\n- quit: true\n";
    let (usual, _) = played(sockets.at(None), quiet, u64::MAX);
    assert!(usual > 0);
    let mut wrong = Vec::new();
    for place in &sockets.places {
        let script = script::commands(place, 0);
        let (top, out) = played(sockets.at(Some(place)), &script, usual + MORE);
        if top > usual + MORE {
            wrong.push(format!("{}: {top} KiB, usually {usual}", place.script));
        } else if !out.contains(&place.behaviour.says) {
            wrong.push(format!("{}: {out}", place.script));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    sockets.close();
}

/// On the screen it stays as long as the program does.
#[test]
fn the_screen_does_not_keep_it_either() {
    let sockets = Sockets::of(&[Stage::Banner, Stage::Ehlo]);
    let usual = on_screen(sockets.at(None));
    let mut wrong = Vec::new();
    for place in &sockets.places {
        let top = on_screen(sockets.at(Some(place)));
        if top > usual + MORE {
            wrong.push(format!("{}: {top} KiB, usually {usual}", place.script));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    sockets.close();
}

/// Dials, says EHLO where the greeting lets it, and waits for the answer or the end.
fn on_screen(at: SocketAddr) -> u64 {
    const CLOSED: &str = "- closed";
    let folder = tempfile::tempdir().expect("a folder");
    let mut terminal = Terminal::start(folder.path(), &["session", &at.to_string()]);
    if terminal.wait_for(&["EHLO [", CLOSED]) == 0 {
        terminal.press("\r");
        terminal.wait_for(&["MAIL FROM  you", "STARTTLS turns it on", CLOSED]);
    }
    let top = peak(terminal.process()).expect("it is there");
    terminal.press("\x11");
    assert!(terminal.is_restored());
    top
}
