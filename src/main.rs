//! Parses the command line, runs the command, and turns its outcome into an exit code: 0 done, 64 wrong configuration
//! or command line, 1 anything else.

use std::io::Write;
use std::process::ExitCode;

use clap::Parser;
use mimalloc::MiMalloc;
use switchboard::cli;

/// A request makes some hundreds of small, short-lived strings on two threads; the C library's allocator spent a tenth of the CPU time
/// on them.
#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

fn main() -> ExitCode {
    let parsed = match cli::Cli::try_parse() {
        Ok(parsed) => parsed,
        Err(error) => {
            // Help and version are printed the same way, and are no errors.
            let _ = error.print();
            return if error.use_stderr() {
                ExitCode::from(cli::EXIT_CONFIGURATION)
            } else {
                ExitCode::SUCCESS
            };
        }
    };
    cli::run(parsed).unwrap_or_else(|error| {
        let _ = writeln!(std::io::stderr().lock(), "switchboard: {}", cli::told(&error));
        cli::exit_code(&error)
    })
}
