//! The real binary in a pseudo-terminal, its bytes read by a terminal emulator.
#![expect(
    clippy::disallowed_methods,
    reason = "what the terminal shows is waited for in real time"
)]

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use portable_pty::{Child, CommandBuilder, MasterPty, PtySize, native_pty_system};
use std::io::{Read as _, Write};
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

pub(crate) struct Terminal {
    screen: Arc<Mutex<vt100::Parser>>,
    keys: Box<dyn Write + Send>,
    child: Box<dyn Child + Send + Sync>,
    _master: Box<dyn MasterPty + Send>,
}

impl Terminal {
    pub(crate) fn start(folder: &Path, arguments: &[&str]) -> Self {
        let size = PtySize {
            rows: 24,
            cols: 80,
            pixel_width: 0,
            pixel_height: 0,
        };
        let pty = native_pty_system()
            .openpty(size)
            .expect("a pseudo-terminal");
        let mut command = CommandBuilder::new(env!("CARGO_BIN_EXE_smtp-tui"));
        command.args(arguments);
        command.env("TERM", "xterm-256color");
        command.env("XDG_STATE_HOME", folder.join("state"));
        let tmp = folder.join("tmp");
        std::fs::create_dir_all(&tmp).expect("a folder");
        command.env("TMPDIR", tmp);
        let home = folder.join("home");
        std::fs::create_dir_all(&home).expect("a folder");
        command.env("HOME", home);
        command.cwd(folder);
        let child = pty.slave.spawn_command(command).expect("it starts");
        drop(pty.slave);
        let mut reader = pty.master.try_clone_reader().expect("a reader");
        let screen = Arc::new(Mutex::new(vt100::Parser::default()));
        let shared = Arc::clone(&screen);
        std::thread::spawn(move || {
            let mut bytes = [0; 4096];
            while let Ok(count @ 1..) = reader.read(&mut bytes) {
                shared.lock().expect("the screen").process(&bytes[..count]);
            }
        });
        Self {
            screen,
            keys: pty.master.take_writer().expect("a writer"),
            child,
            _master: pty.master,
        }
    }

    /// The program's process.
    pub(crate) fn process(&self) -> u32 {
        self.child.process_id().expect("a process")
    }

    pub(crate) fn text(&self) -> String {
        self.screen.lock().expect("the screen").screen().contents()
    }

    pub(crate) fn wait(&self, words: &str) {
        self.wait_for(&[words]);
    }

    /// Until one of these is there; which.
    pub(crate) fn wait_for(&self, words: &[&str]) -> usize {
        let began = Instant::now();
        loop {
            let text = self.text();
            if let Some(which) = words.iter().position(|words| text.contains(words)) {
                return which;
            }
            assert!(
                began.elapsed() < Duration::from_secs(30),
                "waited for {words:?}, saw:\n{text}"
            );
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    pub(crate) fn press(&mut self, keys: &str) {
        self.keys.write_all(keys.as_bytes()).expect("typed");
        self.keys.flush().expect("typed");
    }

    /// Waits for the end, and says whether the terminal is as it was.
    pub(crate) fn is_restored(&mut self) -> bool {
        self.child.wait().expect("it ends");
        let began = Instant::now();
        while self
            .screen
            .lock()
            .expect("the screen")
            .screen()
            .alternate_screen()
        {
            if began.elapsed() > Duration::from_secs(5) {
                return false;
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        let screen = self.screen.lock().expect("the screen");
        screen.screen().mouse_protocol_mode() == vt100::MouseProtocolMode::None
            && !screen.screen().bracketed_paste()
            && !screen.screen().hide_cursor()
    }
}

const F3: &str = "\x1bOR";
const F4: &str = "\x1bOS";
const F9: &str = "\x1b[20~";
const F10: &str = "\x1b[21~";
const CTRL_S: &str = "\x13";
const F5: &str = "\x1b[15~";
const F7: &str = "\x1b[18~";

/// The text of the file in that folder whose name begins like that.
fn written(folder: &Path, name: &str) -> String {
    let file = std::fs::read_dir(folder)
        .expect("the folder")
        .filter_map(Result::ok)
        .find(|entry| entry.file_name().to_string_lossy().starts_with(name))
        .expect("the file");
    std::fs::read_to_string(file.path()).expect("text")
}

#[test]
fn from_the_first_question_to_the_exported_file() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut terminal = Terminal::start(folder.path(), &["lab", "lame-nameserver"]);
    terminal.wait("Is this computer connected");
    terminal.press(F3);
    terminal.wait("Checks of copperbeech-inn.org");
    terminal.press(F4);
    terminal.wait("Enter connect");
    // The field is empty until the mail hosts are known.
    terminal.wait("Host mx1.");
    terminal.press("\r");
    terminal.wait("220 ");
    terminal.wait("EHLO ");
    terminal.press("\r");
    terminal.wait("250-");
    terminal.press(F5);
    terminal.wait("The cause");
    terminal.wait("ns.lame");
    terminal.press(F7);
    terminal.wait("DEGRADED");
    terminal.press("e");
    terminal.wait("Write the file");
    // At the beginning of the line: into the home directory, which no shell puts in.
    terminal.press("\x1b[H~/");
    terminal.press("\r");
    terminal.wait("written to");
    terminal.press("\x11");
    assert!(terminal.is_restored());
    let text = written(&folder.path().join("home"), "smtp-tui-copperbeech");
    assert!(
        text.contains("ns.lame") && text.contains("To mend it:"),
        "{text}"
    );
}

#[test]
fn a_killed_case_comes_back_and_signals_restore_the_terminal() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut terminal = Terminal::start(folder.path(), &["lab", "port-25-closed"]);
    terminal.wait("Is this computer connected");
    terminal.press(F5);
    terminal.wait("smtp.port-closed");
    let cases = folder.path().join("state/smtp-tui/cases");
    let began = Instant::now();
    while std::fs::read_dir(&cases).map_or(0, Iterator::count) == 0 {
        assert!(
            began.elapsed() < Duration::from_secs(20),
            "nothing was saved"
        );
        std::thread::sleep(Duration::from_millis(50));
    }
    std::thread::sleep(Duration::from_secs(1));
    let pid = |terminal: &Terminal| {
        Pid::from_raw(i32::try_from(terminal.process()).expect("a process id"))
    };
    kill(pid(&terminal), Signal::SIGKILL).expect("killed");
    terminal.child.wait().expect("it ends");
    for signal in [Signal::SIGTERM, Signal::SIGHUP, Signal::SIGINT] {
        let mut again = Terminal::start(folder.path(), &["--resume"]);
        again.wait("1 Checklist");
        again.press(F5);
        again.wait("smtp.port-closed");
        kill(pid(&again), signal).expect("sent");
        assert!(again.is_restored(), "{signal}");
    }
}

#[test]
fn a_first_message_is_sent_by_following_the_next_command() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut terminal = Terminal::start(folder.path(), &["lab", "healthy"]);
    terminal.wait("Is this computer connected");
    terminal.press("3");
    terminal.wait("mx1.pebblebrook-pottery.com");
    terminal.press("\r");
    for (ready, sent) in [
        ("EHLO [", "\r"),
        ("STARTTLS     ", "\r"),
        ("All is encrypted from here", "\r"),
        ("MAIL FROM  you@your-domain", "me@example.net\r"),
        ("RCPT TO postmaster@pebblebrook-pottery.com", "\r"),
        ("DATA  Enter opens the message", "\r"),
        ("will go to <postmaster@pebblebrook-pottery.com>", CTRL_S),
        ("Send this message?", "\r"),
    ] {
        terminal.wait(ready);
        terminal.press(sent);
    }
    terminal.wait("queued as");
    terminal.wait("has taken the message");
    terminal.press("\r");
    terminal.wait("221 2.0.0 Bye");
    terminal.wait("The session took");
    terminal.press("q");
    assert!(terminal.is_restored());
}

#[test]
fn from_the_diagnosis_to_the_story_of_a_message_in_the_mail_log() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut terminal = Terminal::start(folder.path(), &["lab", "mailbox-full"]);
    terminal.wait("Is this computer connected");
    terminal.press(F5);
    terminal.wait("The cause: rcpt.mailbox-full");
    terminal.press("l");
    terminal.wait("the practice log of out1.lanternhost.net");
    terminal.wait("mailboxfull");
    terminal.press("\r");
    terminal.wait("mailboxfull: 16 messages");
    terminal.wait("p.hartley@orchardlane-surveyors.net");
    terminal.press("\r");
    terminal.wait("Who got it");
    terminal.wait("The recipient deletes old mail");
    terminal.press("a");
    terminal.wait("noted in the case");
    terminal.press("s");
    terminal.wait("smtp-tui-log-");
    terminal.press("\r");
    terminal.wait("written to");
    // A file of one's own, by its path; and what is written into it later.
    let path = folder.path().join("mail.log");
    let line = |n: u32, to: &str| {
        format!(
            "2025-03-03T09:00:0{n}+00:00 mx1 postfix/smtp[7]: 3A1B2C3D4{n}: to=<{to}>, \
             relay=mx[192.0.2.9]:25, delay=1, dsn=5.1.1, status=bounced (host mx[192.0.2.9] said: \
             550 5.1.1 User unknown (in reply to RCPT TO command))\n"
        )
    };
    std::fs::write(&path, line(1, "first@dest.example")).expect("written");
    terminal.press("o");
    terminal.wait("Which mail log?");
    terminal.press("mail");
    terminal.wait("octets");
    terminal.press("\t");
    terminal.press("\r");
    terminal.wait("userunknown");
    terminal.press("F");
    terminal.wait("following");
    let mut file = std::fs::OpenOptions::new()
        .append(true)
        .open(&path)
        .expect("there");
    file.write_all(line(2, "second@dest.example").as_bytes())
        .expect("written");
    terminal.wait("2 bounced");
    terminal.press("\x11");
    assert!(terminal.is_restored());
    let text = written(folder.path(), "smtp-tui-log-");
    assert!(
        text.contains("552 5.2.2") && text.contains("removed"),
        "{text}"
    );
}

#[test]
fn a_file_goes_along_with_a_signature() {
    let folder = tempfile::tempdir().expect("a folder");
    let content = "a line of the report\n".repeat(4_200);
    std::fs::write(folder.path().join("report.txt"), content).expect("a file");
    let key = include_str!("../src/smtp/data/dkim/ed25519.pem");
    std::fs::write(folder.path().join("key.pem"), key).expect("a key");
    let mut terminal = Terminal::start(folder.path(), &["lab", "healthy"]);
    terminal.wait("Is this computer connected");
    terminal.press("3");
    terminal.wait("mx1.pebblebrook-pottery.com");
    terminal.press("\r");
    for (ready, sent) in [
        ("EHLO [", "\r"),
        ("STARTTLS     ", "\r"),
        ("All is encrypted from here", "\r"),
        ("MAIL FROM  you@your-domain", "me@example.net\r"),
        ("RCPT TO postmaster@pebblebrook-pottery.com", "\r"),
        ("DATA  Enter opens the message", "\r"),
        ("F10 attach", F10),
        ("Its type goes by its name", "nothing.txt\r"),
        ("reading `nothing.txt`", "\x15report.txt\r"),
        ("Files:    report.txt (86.", F9),
        ("What goes into the message", "\x1b[F\r"),
        ("Private key", "key.pem\r"),
        ("The name under which the public half", "s1\r"),
        ("Signed:   s1._domainkey.example.net", CTRL_S),
        ("Send this message?", ""),
        ("Files:   report.txt", ""),
        ("as s1._domainkey.example.net", "\r"),
    ] {
        terminal.wait(ready);
        terminal.press(sent);
    }
    terminal.wait("queued as");
    terminal.wait("has taken the message");
    terminal.press("\x11");
    assert!(terminal.is_restored());
    let sessions = saved(folder.path());
    // Base64 has a third more: the file went out whole.
    let octets = sessions
        .split("sending the message: ")
        .nth(1)
        .and_then(|rest| rest.split(" octets").next())
        .and_then(|count| count.split_whitespace().last()?.parse::<u64>().ok());
    assert!(octets.is_some_and(|octets| octets > 110_000), "{sessions}");
}

/// What the program wrote down of its cases.
fn saved(folder: &Path) -> String {
    let cases = std::fs::read_dir(folder.join("state/smtp-tui/cases")).expect("the cases");
    let paths = cases.filter_map(Result::ok).map(|entry| entry.path());
    paths
        .filter_map(|path| std::fs::read_to_string(path).ok())
        .collect()
}
