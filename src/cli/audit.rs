//! `switchboard audit verify|export`: is the audit trail whole, and what does it say?

use std::io::Write;
use std::process::ExitCode;

use clap::Subcommand;

use super::open_store::with_store;
use super::out;
use crate::config::Config;

/// What to do with the audit trail.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Walk the whole trail; exit 1 and name the first bad entry when it does not hold.
    Verify {
        /// Print JSON, with the end of every chain: kept elsewhere, they show a trail that was rewritten as a whole.
        #[arg(long)]
        json: bool,
    },
    /// Write every entry as JSON Lines, chain by chain.
    Export,
}

/// Runs the command.
///
/// # Errors
/// When the store cannot be used or standard output cannot be written.
pub fn run(command: Command, config: &Config) -> anyhow::Result<ExitCode> {
    let mut out = std::io::stdout().lock();
    with_store(config, async |store| match command {
        Command::Verify { json } => match store.audit_verify().await? {
            Ok(verified) => {
                match json {
                    true => writeln!(out, "{}", serde_json::to_string(&verified)?)?,
                    false => writeln!(
                        out,
                        "the audit trail holds: {} entries in {} chains",
                        verified.entries,
                        verified.heads.len()
                    )?,
                }
                Ok(ExitCode::SUCCESS)
            }
            Err(bad) => {
                match json {
                    true => writeln!(out, "{}", serde_json::to_string(&bad)?)?,
                    false => writeln!(out, "{bad}")?,
                }
                Ok(ExitCode::FAILURE)
            }
        },
        Command::Export => {
            let mut out = out::lock();
            let (mut chain, mut seq) = (String::new(), 0);
            loop {
                let page = store.audit_page(&chain, seq).await?;
                let Some(last) = page.last() else { break };
                (chain, seq) = (last.chain.clone(), last.seq);
                for entry in &page {
                    serde_json::to_writer(&mut out, entry)?;
                    writeln!(out)?;
                }
            }
            Ok(ExitCode::SUCCESS)
        }
    })
}
