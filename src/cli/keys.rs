//! `switchboard keys new`: make an API key.
//!
//! The secret is printed once and kept nowhere; what goes into the configuration or the keys file is its hash. Nothing is written.

use std::io::Write;
use std::process::ExitCode;

use clap::{Subcommand, ValueEnum};
use jiff::Timestamp;
use ring::rand::{SecureRandom, SystemRandom};
use secrecy::{ExposeSecret as _, SecretString};

use super::usage;
use crate::admission::{NoRandomBytes, new_key};
use crate::clock::Clock;
use crate::config::keys::parse_expiry;
use crate::config::{KeyConfig, Role};

/// What to do with API keys.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Make a key: print its secret, once, and the entry that makes it known.
    New(New),
}

/// The key to make.
#[derive(Debug, clap::Args)]
pub struct New {
    /// Name of the client, in logs and records; 1 to 64 visible ASCII characters [default: one that is made up].
    #[arg(long, value_parser = id)]
    id: Option<String>,
    /// What it is for.
    #[arg(long, value_enum, default_value_t = KeyRole::Client)]
    role: KeyRole,
    /// Requests per minute [default: as rate_limit says].
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=6_000_000))]
    rate: Option<u32>,
    /// From this moment on it is refused: 2027-01-31, or 2027-01-31T09:00:00Z [default: never].
    #[arg(long, value_name = "DATE", value_parser = parse_expiry)]
    expires: Option<Timestamp>,
    /// Tokens that the LLM may use for it per day; after that the local model answers.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(0..=i64::MAX as u64))]
    llm_tokens_per_day: Option<u64>,
    /// Print JSON: `secret`, and the entry as `toml`.
    #[arg(long)]
    json: bool,
}

/// [`Role`] on the command line.
#[derive(Debug, Clone, Copy, ValueEnum)]
enum KeyRole {
    /// Sends messages.
    Client,
    /// Works with records and deliveries.
    Operator,
    /// Reads what is redacted.
    Auditor,
}

/// Runs the command.
///
/// # Errors
/// When the system gives no random bytes, or standard output cannot be written.
pub fn run(command: Command) -> anyhow::Result<ExitCode> {
    let Command::New(new) = command;
    if new.expires.is_some_and(|end| end <= Clock::system().now()) {
        return Err(usage(
            "--expires must be in the future: the key would never be accepted",
        ));
    }
    let (secret, entry) = make(&new, &SystemRandom::new())?;
    let (secret, toml) = (secret.expose_secret(), entry.to_toml());
    let mut out = std::io::stdout().lock();
    if new.json {
        let both = serde_json::json!({ "secret": secret, "toml": toml });
        writeln!(out, "{both}")?;
    } else {
        writeln!(
            out,
            "secret: {secret}\n\nGive it to the caller now: it is shown once and kept nowhere. To make it known, add this to \
             switchboard.toml or\nto the file that auth.keys_file names:\n\n{toml}"
        )?;
    }
    Ok(ExitCode::SUCCESS)
}

/// The secret, and its entry as it was asked for.
fn make(new: &New, random: &dyn SecureRandom) -> Result<(SecretString, KeyConfig), NoRandomBytes> {
    let id = new.id.clone().map_or_else(|| made_up_id(random), Ok)?;
    let role = match new.role {
        KeyRole::Client => Role::Client,
        KeyRole::Operator => Role::Operator,
        KeyRole::Auditor => Role::Auditor,
    };
    let (secret, entry) = new_key(random, id, role)?;
    let entry = KeyConfig {
        per_minute: new.rate,
        expires: new.expires,
        llm_tokens_per_day: new.llm_tokens_per_day,
        ..entry
    };
    Ok((secret, entry))
}

fn made_up_id(random: &dyn SecureRandom) -> Result<String, NoRandomBytes> {
    let mut name = [0; 4];
    random.fill(&mut name).map_err(|_| NoRandomBytes)?;
    Ok(format!("key-{}", hex::encode(name)))
}

fn id(text: &str) -> Result<String, &'static str> {
    let right = (1..=64).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_graphic());
    right
        .then(|| text.to_owned())
        .ok_or("must be 1 to 64 visible ASCII characters")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::keys::parse_keys_file;
    use clap::Parser;
    use ring::digest::{SHA256, digest};

    #[derive(Parser)]
    struct Line {
        #[command(subcommand)]
        command: Command,
    }

    fn made(arguments: &[&str]) -> (SecretString, KeyConfig) {
        let line = Line::try_parse_from(["keys", "new"].iter().chain(arguments)).unwrap();
        let Command::New(new) = line.command;
        make(&new, &SystemRandom::new()).unwrap()
    }

    #[test]
    fn the_entry_is_read_back_as_what_was_asked_for_and_knows_the_secret() {
        let (secret, entry) = made(&[
            "--id=shop",
            "--role=auditor",
            "--rate=600",
            "--expires=2027-01-31",
            "--llm-tokens-per-day=5",
        ]);
        assert_eq!(
            parse_keys_file(&entry.to_toml(), &[]).unwrap(),
            std::slice::from_ref(&entry)
        );
        let hash = digest(&SHA256, secret.expose_secret().as_bytes());
        assert_eq!(entry.sha256, hex::encode(hash));
        assert_eq!((entry.role, entry.per_minute), (Some(Role::Auditor), Some(600)));
        assert_eq!(entry.expires.unwrap().to_string(), "2027-01-31T00:00:00Z");
        assert!(!entry.to_toml().contains(secret.expose_secret()));
    }

    #[test]
    fn every_key_is_another() {
        let (one, two) = (made(&[]), made(&[]));
        assert_ne!(one.0.expose_secret(), two.0.expose_secret());
        assert_ne!(one.1.id, two.1.id);
    }

    #[test]
    fn what_cannot_be_is_refused() {
        for wrong in ["--id=a b", "--role=king", "--rate=0", "--expires=tomorrow"] {
            assert!(Line::try_parse_from(["keys", "new", wrong]).is_err(), "{wrong}");
        }
    }
}
