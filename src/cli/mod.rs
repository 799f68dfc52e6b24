//! The command line: one file per command. A command prints its result on standard output and everything else on standard error.

pub mod audit;
pub mod classify;
pub mod config;
pub mod eval;
pub mod feedback;
pub mod health;
pub mod keys;
mod open_store;
pub mod openapi;
mod out;
pub mod outbox;
pub mod prompts;
pub mod records;
pub mod redact;
pub mod serve;
pub mod top;
pub mod train;
mod visible;

use std::borrow::Cow;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, Subcommand};

use crate::app::{StartError, redactor};
use crate::config::{Config, ConfigError, InvalidSetting, in_full};

/// Exit code for a wrong configuration or command line (`EX_USAGE` of sysexits.h).
pub const EXIT_CONFIGURATION: u8 = 64;

/// Arguments that are wrong or do not go together, in words for whoever typed them.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
struct Usage(Cow<'static, str>);

/// A [`Usage`] error.
fn usage(told: impl Into<Cow<'static, str>>) -> anyhow::Error {
    Usage(told.into()).into()
}

/// Reads customer messages in front of a contact centre, decides what kind each is, and runs that kind's workflow.
#[derive(Debug, Parser)]
#[command(name = "switchboard", version, max_term_width = 110)]
pub struct Cli {
    /// Configuration file (default: switchboard.toml, where there is one).
    #[arg(long, global = true, value_name = "FILE")]
    config: Option<PathBuf>,
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Run the service (the default).
    Serve,
    /// Classify a message, or a file of them, on the terminal.
    Classify(classify::Args),
    /// Train a local model on labelled messages.
    Train(train::Train),
    /// Measure the local model on labelled messages: the model alone, without the safety floor that the service adds.
    Eval(eval::Eval),
    /// List, show, acknowledge, resolve, reclassify, export, erase or rewrap records.
    #[command(subcommand)]
    Records(records::Command),
    /// List, retry or discard deliveries.
    #[command(subcommand)]
    Outbox(outbox::Command),
    /// Verify or export the audit trail.
    #[command(subcommand)]
    Audit(audit::Command),
    /// Export reviewers' labels, for training.
    #[command(subcommand)]
    Feedback(feedback::Command),
    /// Make API keys.
    #[command(subcommand)]
    Keys(keys::Command),
    /// Check or show the configuration.
    #[command(subcommand)]
    Config(config::Command),
    /// Mask identifiers in text or JSON Lines, from files or standard input.
    Redact(redact::RedactArgs),
    /// List or render the prompts that the LLM gets.
    Prompts(prompts::PromptsArgs),
    /// Print the API's OpenAPI description.
    Openapi,
    /// Ask a running service whether it is alive; exit 0 when it is.
    Health(health::Args),
    /// Watch a running service on the terminal.
    Top(top::Args),
}

/// Runs the command; errors are the caller's to print.
///
/// # Errors
/// Whatever the command could not do.
pub fn run(cli: Cli) -> anyhow::Result<ExitCode> {
    match run_command(cli) {
        Err(_) if out::reader_left() => Ok(ExitCode::SUCCESS),
        outcome => outcome,
    }
}

fn run_command(cli: Cli) -> anyhow::Result<ExitCode> {
    let load = || Config::load(cli.config.as_deref());
    match cli.command.unwrap_or(Command::Serve) {
        Command::Serve => serve::run(load()?),
        Command::Classify(args) => classify::run(args, &load()?),
        Command::Train(train) => train.run(),
        Command::Eval(eval) if eval.fit_calibration => eval.fit(&load()?),
        Command::Eval(eval) => eval.run(&load()?),
        Command::Records(command) => records::run(command, &load()?),
        Command::Outbox(command) => outbox::run(command, &load()?),
        Command::Audit(command) => audit::run(command, &load()?),
        Command::Feedback(command) => feedback::run(&command, &load()?),
        Command::Keys(command) => keys::run(command),
        Command::Config(command) => config::run(command, &load()?),
        Command::Redact(args) => {
            let redactor = redactor(&load()?)?;
            redact::run(&args, redactor, std::io::stdin().lock(), out::lock())?;
            Ok(ExitCode::SUCCESS)
        }
        Command::Prompts(args) => {
            let mut out = out::lock();
            let config = load()?;
            let redactor = redactor(&config)?;
            prompts::run(&args, &config.llm, &redactor, &mut out)?;
            Ok(ExitCode::SUCCESS)
        }
        Command::Openapi => openapi::run(),
        Command::Health(args) => health::run(&args, &load()?),
        Command::Top(args) => top::run(&args, &load()?),
    }
}

/// What a person is told about an error: it and its causes, each once.
#[must_use]
pub fn told(error: &anyhow::Error) -> String {
    in_full(error.chain())
}

/// The exit code for an error: [`EXIT_CONFIGURATION`] where a setting or an argument is wrong, else 1.
#[must_use]
pub fn exit_code(error: &anyhow::Error) -> ExitCode {
    let start = error
        .downcast_ref::<StartError>()
        .is_some_and(StartError::is_configuration);
    let prompts = error
        .downcast_ref::<prompts::PromptsCommandError>()
        .is_some_and(prompts::PromptsCommandError::is_usage);
    let configuration =
        start || prompts || error.is::<ConfigError>() || error.is::<InvalidSetting>() || error.is::<Usage>();
    ExitCode::from(if configuration { EXIT_CONFIGURATION } else { 1 })
}
