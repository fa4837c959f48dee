//! `smtp-tui logs` on a million lines of Postfix, side by side with pflogsumm and with `rg`
//! where they are installed: `cargo bench --bench maillog`. `-- FILE` takes a log that is
//! there, `-- LINES` makes one of so many lines. Needs GNU time for the peak of memory.

use std::fs::File;
use std::io::{self, BufWriter, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

const LINES: u64 = 1_000_000;
/// Runs of each program; the fastest counts.
const RUNS: usize = 5;

#[expect(clippy::print_stdout, reason = "a benchmark says what it measured")]
fn main() -> io::Result<()> {
    let argument = std::env::args()
        .skip(1)
        .find(|argument| !argument.starts_with('-'));
    let folder = tempfile::tempdir()?;
    let made = folder.path().join("mail.log");
    let log = match argument.as_deref().map(|text| (text, text.parse())) {
        Some((path, Err(_))) => PathBuf::from(path),
        Some((_, Ok(lines))) => written(&made, lines)?,
        None => written(&made, LINES)?,
    };
    let programs: [(&str, &[&str]); 3] = [
        (env!("CARGO_BIN_EXE_smtp-tui"), &["logs"]),
        ("pflogsumm", &[]),
        ("rg", &["-c", "status=(bounced|deferred)"]),
    ];
    println!("{} octets", std::fs::metadata(&log)?.len());
    let mut first = None;
    for (program, arguments) in programs {
        let name = Path::new(program).file_name().unwrap_or_default();
        let mut command = Command::new(program);
        command.args(arguments).arg(&log);
        let Some(took) = fastest(&mut command)? else {
            println!("{:<10} is not installed", name.display());
            continue;
        };
        let peak = peak(program, arguments, &log).unwrap_or_else(|| "?".to_owned());
        let ours = *first.get_or_insert(took);
        let times = took.as_secs_f64() / ours.as_secs_f64();
        println!(
            "{:<10} {took:>9.2?}  peak {peak:>7} KiB  {times:.2} times as long as smtp-tui",
            name.display()
        );
    }
    Ok(())
}

/// None where the program is not there.
#[expect(clippy::disallowed_methods, reason = "a benchmark measures time")]
fn fastest(command: &mut Command) -> io::Result<Option<Duration>> {
    command.stdout(Stdio::null()).stderr(Stdio::null());
    let mut best = None;
    for _ in 0..RUNS {
        let start = Instant::now();
        match command.status() {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(error),
            Ok(_) => best = best.into_iter().chain([start.elapsed()]).min(),
        }
    }
    Ok(best)
}

/// Peak resident memory in KiB, by GNU time.
fn peak(program: &str, arguments: &[&str], log: &Path) -> Option<String> {
    let run = Command::new("/usr/bin/time")
        .args(["-f", "%M", program])
        .args(arguments)
        .arg(log)
        .stdout(Stdio::null())
        .output()
        .ok()?;
    let text = String::from_utf8_lossy(&run.stderr);
    text.lines().last().map(|line| line.trim().to_owned())
}

/// Replies and the like, each as often as the number says.
const OUTCOMES: [(u64, &str, &str); 9] = [
    (80, "2.0.0", "sent (250 2.0.0 Ok: queued as 4XyZ)"),
    (
        4,
        "5.1.1",
        "bounced (host mx{d}[{m}] said: 550 5.1.1 <{r}>: Recipient address rejected: User unknown in virtual mailbox table (in reply to RCPT TO command))",
    ),
    (
        3,
        "4.2.0",
        "deferred (host mx{d}[{m}] said: 450 4.2.0 <{r}>: Recipient address rejected: Greylisted (in reply to RCPT TO command))",
    ),
    (
        3,
        "4.4.1",
        "deferred (connect to mx{d}[{m}]:25: Connection timed out)",
    ),
    (
        2,
        "4.4.3",
        "deferred (Host or domain name not found. Name service error for name={d} type=MX: Host not found, try again)",
    ),
    (
        2,
        "5.2.2",
        "bounced (host mx{d}[{m}] said: 552 5.2.2 <{r}>: Mailbox full, quota exceeded (in reply to RCPT TO command))",
    ),
    (
        2,
        "5.7.1",
        "bounced (host mx{d}[{m}] said: 554 5.7.1 Service unavailable; Client host [192.0.2.10] blocked using bl.example.net (in reply to RCPT TO command))",
    ),
    (
        2,
        "4.2.2",
        "deferred (host mx{d}[{m}] said: 452 4.2.2 <{r}>: The email account that you tried to reach is over quota (in reply to RCPT TO command))",
    ),
    (
        2,
        "5.4.4",
        "bounced (Host or domain name not found. Name service error for name={d} type=A: Host not found)",
    ),
];

/// A log that is the same on every machine: messages of one to four recipients, what becomes
/// of them, their retries, and what is turned away at the door.
fn written(path: &Path, lines: u64) -> io::Result<PathBuf> {
    let mut log = Log {
        out: BufWriter::new(File::create(path)?),
        lines: 0,
        state: 0x9e37_79b9_7f4a_7c15,
    };
    let mut message = 0;
    while log.lines < lines {
        message += 1;
        if log.below(5) == 0 {
            log.refusal(message)?;
        }
        log.message(message)?;
    }
    log.out.flush()?;
    Ok(path.to_owned())
}

struct Log {
    out: BufWriter<File>,
    lines: u64,
    state: u64,
}

impl Log {
    /// A number below `end`; xorshift64.
    fn below(&mut self, end: u64) -> u64 {
        self.state ^= self.state << 13;
        self.state ^= self.state >> 7;
        self.state ^= self.state << 17;
        self.state % end
    }

    /// A second passes every dozen lines.
    fn line(&mut self, program: &str, text: &str) -> io::Result<()> {
        let second = self.lines / 12;
        self.lines += 1;
        writeln!(
            self.out,
            "Mar {:>2} {:02}:{:02}:{:02} mx1 postfix/{program}[{}]: {text}",
            3 + second / 86_400,
            second / 3600 % 24,
            second / 60 % 60,
            second % 60,
            2000 + second % 5000
        )
    }

    fn refusal(&mut self, n: u64) -> io::Result<()> {
        let client = format!("unknown[203.0.113.{}]", self.below(250));
        self.line("smtpd", &format!("connect from {client}"))?;
        self.line(
            "smtpd",
            &format!("NOQUEUE: reject: RCPT from {client}: 554 5.7.1 <x{n}@example.com>: Relay access denied; from=<s{n}@example.net> to=<x{n}@example.com> proto=ESMTP helo=<h.example.net>"),
        )?;
        self.line("smtpd", &format!("disconnect from {client}"))
    }

    fn message(&mut self, n: u64) -> io::Result<()> {
        let id = format!("{:010X}", 0x3A_1000_0000 + n);
        let client = format!("pc{}.example.org[192.0.2.{}]", n % 90, n % 250);
        let recipients = 1 + self.below(4);
        self.line("smtpd", &format!("connect from {client}"))?;
        self.line("smtpd", &format!("{id}: client={client}"))?;
        self.line("cleanup", &format!("{id}: message-id=<{n}@example.org>"))?;
        let queued = format!(
            "{id}: from=<user{}@example.org>, size=2211, nrcpt={recipients} (queue active)",
            n % 400
        );
        self.line("qmgr", &queued)?;
        self.line("smtpd", &format!("disconnect from {client}"))?;
        for place in 0..recipients {
            let domain = format!("dest{}.example", self.below(700));
            let recipient = format!("r{n}.{place}@{domain}");
            self.attempts(&id, &recipient, &domain)?;
        }
        self.line("qmgr", &format!("{id}: removed"))
    }

    /// Until it is delivered or refused for good.
    fn attempts(&mut self, id: &str, recipient: &str, domain: &str) -> io::Result<()> {
        let address = format!("198.51.100.{}", self.below(250));
        loop {
            let mut drawn = self.below(OUTCOMES.iter().map(|one| one.0).sum());
            let mut outcomes = OUTCOMES.iter();
            let Some((_, code, text)) = outcomes.find(|(weight, _, _)| {
                let here = drawn < *weight;
                drawn = drawn.saturating_sub(*weight);
                here
            }) else {
                return Ok(());
            };
            let text = text
                .replace("{d}", domain)
                .replace("{m}", &address)
                .replace("{r}", recipient);
            self.line(
                "smtp",
                &format!("{id}: to=<{recipient}>, relay=mx.{domain}[{address}]:25, delay=1.3, delays=0.1/0/0.5/0.7, dsn={code}, status={text}"),
            )?;
            if !text.starts_with("deferred") {
                return Ok(());
            }
        }
    }
}
