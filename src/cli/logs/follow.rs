//! Failures as they come into a log.

use super::super::exit::{self, Failure};
use super::{account, broken, filter, opened};
use crate::engine::maillog::{Logs, NotFollowed, Take};
use crate::maillog::{Action, Delivery, Event, Joiner, deliveries};
use crate::text::{SafeText, truncated, wrapped};
use std::fmt::Write as _;
use std::io::{self, Write as _};
use std::path::Path;
use std::process::ExitCode;
use std::time::Duration;

/// How often a file is looked at.
const PAUSE: Duration = Duration::from_millis(250);
const COLUMNS: usize = 80;

/// Counts, and says each failure that counts.
struct Saying {
    joiner: Joiner,
    /// Why nothing more can be written.
    ended: Option<io::Error>,
}

impl Take for Saying {
    fn event(&mut self, event: &Event<'_>) {
        let before = self.failures();
        self.joiner.take(event);
        // What a filter leaves out is not counted.
        if self.failures() == before || self.ended.is_some() {
            return;
        }
        let mut stdout = io::stdout().lock();
        let said = said(event);
        self.ended = stdout
            .write_all(said.as_bytes())
            .and_then(|()| stdout.flush())
            .err();
    }
}

impl Saying {
    fn failures(&self) -> u64 {
        let counts = &self.joiner.tally().counts;
        counts.bounced + counts.expired + counts.deferred_events + counts.rejected
    }

    /// Whether nobody listens any more.
    fn is_over(&mut self) -> Result<bool, Failure> {
        match self.ended.take() {
            None => Ok(false),
            Some(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(true),
            Some(error) => Err(Failure::new(
                exit::IO,
                format!("writing to standard output: {error}"),
            )),
        }
    }
}

/// The account of what is there, then what comes, until the program is stopped; standard input
/// is read to its end, and the account follows.
pub(super) fn run(arguments: &super::Arguments) -> Result<ExitCode, Failure> {
    let [path] = arguments.files.as_slice() else {
        return Err(Failure::new(
            exit::USAGE,
            "`--follow` takes one file".to_owned(),
        ));
    };
    let mut saying = Saying {
        joiner: Joiner::new(filter(arguments)),
        ended: None,
    };
    if path == Path::new("-") {
        let logs = opened(&arguments.files)?;
        let names = logs.names();
        let lines = logs.read(&mut saying).map_err(|error| broken(&error))?;
        if saying.is_over()? {
            return Ok(ExitCode::SUCCESS);
        }
        return account(arguments, &names, lines, &saying.joiner);
    }
    let failed = |error: io::Error| {
        let name = SafeText::from(path.display().to_string());
        Failure::new(exit::NO_INPUT, format!("following `{name}`: {error}"))
    };
    let (logs, tail) = Logs::growing(path).map_err(|refused| match refused {
        NotFollowed::Unreadable(unreadable) => failed(unreadable.error),
        NotFollowed::NotPlain(_) => Failure::new(exit::USAGE, refused.to_string())
            .hint("a journal: `journalctl -f -o short-iso | smtp-tui logs -f -`"),
    })?;
    let names = logs.names();
    let lines = logs
        .read(&mut saying.joiner)
        .map_err(|error| broken(&error))?;
    account(arguments, &names, lines, &saying.joiner)?;
    let mut follow = tail
        .follow()
        .map_err(|unreadable| failed(unreadable.error))?;
    loop {
        let now = jiff::Timestamp::now().as_second();
        let more = follow.look(now, &mut saying).map_err(failed)?;
        if saying.is_over()? {
            return Ok(ExitCode::SUCCESS);
        }
        if !more {
            std::thread::sleep(PAUSE);
        }
    }
}

/// One failure: when, who, why; the words; what to do.
fn said(event: &Event<'_>) -> String {
    let line = String::from_utf8_lossy(event.line);
    let when = jiff::Timestamp::from_second(event.at).map_or_else(
        |_| String::new(),
        |at| at.strftime("%m-%d %H:%M:%S").to_string(),
    );
    let told = deliveries(&line);
    if told.is_empty() {
        return format!("{when} {}\n", SafeText::from_bytes(event.line));
    }
    told.iter()
        .filter(|delivery| delivery.action != Action::Delivered)
        .map(|delivery| one(&when, delivery))
        .collect()
}

fn one(when: &str, delivery: &Delivery) -> String {
    let who = delivery.recipient.as_deref().unwrap_or("a recipient");
    let was = match delivery.action {
        Action::Failed => "failed",
        _ => "put off",
    };
    let reason = delivery.reason.as_deref().unwrap_or("undefined");
    let mut out = format!("{when} {who} {was}: {reason}\n");
    let host = delivery
        .remote_host
        .as_ref()
        .map_or_else(String::new, |host| format!("{host}: "));
    let words = format!("{host}{}", delivery.diagnostic);
    let _ = writeln!(out, "    {}", truncated(&words, COLUMNS - 4));
    let whose = delivery.whose.map_or("nobody", |whose| whose.words());
    for line in wrapped(&format!("{} [{whose}]", delivery.fix), COLUMNS - 4) {
        let _ = writeln!(out, "    {line}");
    }
    out
}
