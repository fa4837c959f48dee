//! Failures as they come into a log.

use super::super::exit::{self, Failure};
use super::{Counting, account, filter, opened, read};
use crate::engine::maillog::{self as files, Follow, Lines, Take};
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
    let mut logs = opened(&arguments.files)?;
    let names: Vec<String> = logs.iter().map(|(name, _)| name.clone()).collect();
    if path == Path::new("-") {
        let lines = read(logs, &mut saying)?;
        if saying.is_over()? {
            return Ok(ExitCode::SUCCESS);
        }
        return account(arguments, &names, lines, &saying.joiner);
    }
    let failed = |error: io::Error| {
        let name = SafeText::from(path.display().to_string());
        Failure::new(exit::NO_INPUT, format!("following `{name}`: {error}"))
    };
    // As far as whole lines go; the rest of the last one is still to come.
    let end = files::whole_lines(path).map_err(failed)?.ok_or_else(|| {
        Failure::new(
            exit::USAGE,
            format!("`{}` is no plain log: it does not grow", names.concat()),
        )
        .hint("a journal: `journalctl -f -o short-iso | smtp-tui logs -f -`")
    })?;
    let calendar = logs
        .first()
        .map(|(_, log)| log.calendar)
        .unwrap_or_default();
    if let Some((_, log)) = logs.first_mut() {
        log.limit(end);
    }
    let mut counting = Counting(saying.joiner);
    let lines = if end == 0 {
        Lines::default()
    } else {
        read(logs, &mut counting)?
    };
    saying.joiner = counting.0;
    account(arguments, &names, lines, &saying.joiner)?;
    let mut follow = Follow::new(path, end, calendar).map_err(failed)?;
    loop {
        let now = jiff::Timestamp::now().as_second();
        let more = follow
            .look(now, &mut |event| saying.event(event))
            .map_err(failed)?;
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
