//! `switchboard config check|show`: is the configuration right, and what is it?

use std::io::Write;
use std::process::ExitCode;

use clap::Subcommand;

use super::out;
use crate::app;
use crate::config::{Config, Overlooked};

/// What to do with the configuration.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Say whether `serve` could start with the configuration, the files that it names included; exit 64 when it could not. Makes
    /// nothing, connects to nothing. Variables that look like a setting's and are none are told of on standard error.
    Check,
    /// Print the configuration that results from file and environment, without its secrets, and the names of the settings that have no value.
    Show,
}

/// Runs the command on a configuration that was valid to load.
///
/// # Errors
/// When the configuration is wrong, or standard output cannot be written.
pub fn run(command: Command, config: &Config) -> anyhow::Result<ExitCode> {
    let mut out = out::lock();
    match command {
        Command::Check => {
            app::check(config)?;
            for Overlooked { variable, why } in Config::overlooked() {
                writeln!(std::io::stderr(), "switchboard: {variable} sets nothing: {why}")?;
            }
            writeln!(out, "the configuration is valid")?;
        }
        Command::Show => {
            write!(out, "{}", config.to_toml())?;
            writeln!(out, "\n# Not set:")?;
            for setting in config.unset() {
                writeln!(out, "# {setting}")?;
            }
        }
    }
    Ok(ExitCode::SUCCESS)
}
