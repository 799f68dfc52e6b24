//! `switchboard config check|show`: is the configuration right, and what is it?

use std::io::Write;
use std::process::ExitCode;

use clap::Subcommand;

use crate::admission::keys_file::KeysFile;
use crate::config::Config;

/// What to do with the configuration.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Say whether the configuration is valid; exit 64 when it is not.
    Check,
    /// Print the configuration that results from file and environment, without its secrets.
    Show,
}

/// Runs the command on a configuration that was valid to load.
///
/// # Errors
/// When standard output cannot be written.
pub fn run(command: Command, config: &Config) -> anyhow::Result<ExitCode> {
    let mut out = std::io::stdout().lock();
    match command {
        Command::Check => {
            KeysFile::read(config)?;
            writeln!(out, "the configuration is valid")?;
        }
        Command::Show => write!(out, "{}", config.to_toml())?,
    }
    Ok(ExitCode::SUCCESS)
}
