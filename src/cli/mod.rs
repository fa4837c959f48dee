//! The command line: a file a subcommand.

mod check;
mod codes;
mod exit;
mod explain;
mod interactive;
mod lab;
mod login;
mod logs;
mod options;
mod output;
mod report;
mod session;
mod world;

use clap::error::ErrorKind;
use clap::{CommandFactory as _, Parser, Subcommand};
use exit::Failure;
use std::io::{self, Write as _};
use std::process::ExitCode;

/// Finds out why e-mail does not arrive, proves it, and says what to change.
#[derive(Debug, Parser)]
#[command(version, args_conflicts_with_subcommands = true)]
struct Arguments {
    #[command(subcommand)]
    command: Option<Command>,
    #[command(flatten)]
    interactive: interactive::Arguments,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Run all checks without a screen, and print a report
    Check(Box<check::Arguments>),
    /// Hold an SMTP session: on the screen, by itself, or by a script
    Session(Box<session::Arguments>),
    /// Say what a reply line or a code means
    Explain(explain::Arguments),
    /// Say what the logs of mail servers hold: what failed, for whom, and why
    Logs(logs::Arguments),
    /// The reference of reply codes and enhanced status codes
    Codes(codes::Arguments),
    /// Write the report of a saved case again
    Report(report::Arguments),
    /// The practice world: real servers inside this process, on loopback
    Lab(lab::Arguments),
    /// Print shell completions
    Completions { shell: clap_complete::Shell },
    /// Print the manual page
    Man,
}

/// Runs the program; the one place that chooses its exit code.
pub fn main() -> ExitCode {
    let arguments = match Arguments::try_parse() {
        Ok(arguments) => arguments,
        Err(error) => return usage(&error),
    };
    let Some(command) = arguments.command else {
        return asynchronous(interactive::real(arguments.interactive))
            .unwrap_or_else(|failure| complain(&failure));
    };
    let done = match command {
        Command::Check(arguments) => asynchronous(check::run(*arguments)),
        Command::Session(arguments) => asynchronous(session::run(*arguments)),
        Command::Explain(arguments) => explain::run(&arguments),
        Command::Logs(arguments) => logs::run(&arguments),
        Command::Codes(arguments) => codes::run(&arguments),
        Command::Report(arguments) => report::run(&arguments),
        Command::Lab(arguments) => asynchronous(lab::run(arguments)),
        Command::Completions { shell } => {
            let mut out = Vec::new();
            clap_complete::generate(shell, &mut Arguments::command(), "smtp-tui", &mut out);
            written(&out)
        }
        Command::Man => {
            let mut out = Vec::new();
            clap_mangen::Man::new(Arguments::command())
                .render(&mut out)
                .map_err(|error| {
                    Failure::new(exit::IO, format!("writing the manual page: {error}"))
                })
                .and_then(|()| written(&out))
        }
    };
    done.unwrap_or_else(|failure| complain(&failure))
}

fn asynchronous(
    work: impl Future<Output = Result<ExitCode, Failure>>,
) -> Result<ExitCode, Failure> {
    tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(|error| Failure::new(exit::IO, format!("starting the runtime: {error}")))?
        .block_on(work)
}

/// clap's own words; help and version are no errors.
fn usage(error: &clap::Error) -> ExitCode {
    // Nothing can be said where the terminal is gone.
    let _ = error.print();
    match error.kind() {
        ErrorKind::DisplayHelp | ErrorKind::DisplayVersion => ExitCode::SUCCESS,
        _ => ExitCode::from(exit::USAGE),
    }
}

fn complain(failure: &Failure) -> ExitCode {
    let mut stderr = io::stderr().lock();
    let _ = writeln!(stderr, "error: {failure}");
    if let Some(hint) = &failure.hint {
        let _ = writeln!(stderr, "hint: {hint}");
    }
    ExitCode::from(failure.code)
}

/// Writes to standard output. A reader that has gone away is no error.
fn written(bytes: &[u8]) -> Result<ExitCode, Failure> {
    let mut stdout = io::stdout().lock();
    match stdout.write_all(bytes).and_then(|()| stdout.flush()) {
        Ok(()) => Ok(ExitCode::SUCCESS),
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(ExitCode::SUCCESS),
        Err(error) => Err(Failure::new(
            exit::IO,
            format!("writing to standard output: {error}"),
        )),
    }
}
