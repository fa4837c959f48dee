//! `smtp-tui session HOST`: straight into the live session; with `--script`, without a screen.

mod host;
mod message;
mod scripted;
mod trials;

use super::exit::Failure;
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
    /// File whose first line is the password, or the token, that the script's auth steps log in
    /// with; else it comes from the environment variable `SMTP_TUI_PASSWORD`, or is asked for
    #[arg(long, value_name = "FILE", requires = "script")]
    password_file: Option<PathBuf>,
    /// TLS from the first byte, as on port 465
    #[arg(long)]
    tls_on_connect: bool,
    #[command(flatten)]
    trials: trials::Arguments,
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
    if !arguments.trials.tests.is_empty() {
        let tls = arguments.tls_on_connect;
        return trials::run(&arguments.trials, &arguments.options, tls, (host, port)).await;
    }
    match arguments.script.as_deref() {
        Some(script) => scripted::run(&arguments, script, host, port).await,
        None => interactive::dialogue(&arguments.options, host, port).await,
    }
}
