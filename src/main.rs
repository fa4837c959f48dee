//! Arguments in, exit code out.

use std::process::ExitCode;

fn main() -> ExitCode {
    smtp_tui::cli::main()
}
