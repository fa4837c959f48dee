//! `smtp-tui session HOST`: straight into the live session; with `--script`, without a screen.

mod host;
mod scripted;
mod way;

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
    #[command(flatten)]
    way: way::Arguments,
    #[command(flatten)]
    options: Options,
}

pub(super) async fn run(arguments: Arguments) -> Result<ExitCode, Failure> {
    let (host, port) = host::host_and_port(&arguments.host)?;
    if let Some(script) = arguments.script.as_deref() {
        return scripted::run(&arguments, script, host, port).await;
    }
    let way = arguments.way.options(&arguments.options, &host, port)?;
    Box::pin(interactive::dialogue(&arguments.options, host, port, way)).await
}
