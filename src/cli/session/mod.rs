//! `smtp-tui session HOST`: straight into the live session; with `--script`, or where it plays
//! itself, without a screen.

mod automatic;
mod envelope;
mod host;
mod message;
mod opening;
mod scripted;
mod trials;
mod way;

use super::exit::{self, Failure};
use super::interactive;
use super::options::Options;
use clap::Args;
use std::path::PathBuf;
use std::process::ExitCode;

#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// Mail host, by name or address
    #[arg(value_name = "HOST[:PORT]")]
    host: String,
    /// Steps to play (YAML) without a screen, `-` for standard input
    #[arg(long, value_name = "FILE")]
    script: Option<PathBuf>,
    /// File whose first line is the password, or the token, to log in with: that of --auth-user,
    /// or of the script's auth steps; else it comes from the environment variable `SMTP_TUI_PASSWORD`, or is asked for
    #[arg(long, value_name = "FILE")]
    password_file: Option<PathBuf>,
    #[command(flatten)]
    way: way::Arguments,
    #[command(flatten)]
    trials: trials::Arguments,
    #[command(flatten)]
    envelope: envelope::Envelope,
    #[command(flatten)]
    options: Options,
    // Last: the heading of its options counts for what follows.
    #[command(flatten)]
    message: message::Message,
}

pub(super) async fn run(arguments: Arguments) -> Result<ExitCode, Failure> {
    if arguments.message.is_to_be_dumped() {
        return arguments.message.dump(&arguments.options).await;
    }
    let (host, port) = host::host_and_port(&arguments.host)?;
    if arguments.message.is_given() && !arguments.envelope.is_automatic() {
        return Err(Failure::new(
            exit::USAGE,
            "a message is described, and nothing says that one is to be sent",
        )
        .hint("--send; a script has a step for its message, and the screen an editor"));
    }
    if !arguments.trials.tests.is_empty() {
        return trials::run(&arguments, host, port).await;
    }
    if let Some(script) = arguments.script.as_deref() {
        return scripted::run(&arguments, script, host, port).await;
    }
    if arguments.password_file.is_some() && !arguments.envelope.logs_in() {
        return Err(
            Failure::new(exit::USAGE, "a password file without anybody to log in")
                .hint("--auth-user USER, or --script FILE with an auth step"),
        );
    }
    let way = arguments.way.options(&arguments.options, &host, port)?;
    let file = arguments.password_file.as_deref();
    let plan = arguments.envelope.plan(&arguments.options, way.tls, file)?;
    if arguments.envelope.is_automatic() {
        return automatic::run(&arguments, plan, host, port).await;
    }
    Box::pin(interactive::dialogue(
        &arguments.options,
        host,
        port,
        plan,
        way,
    ))
    .await
}
