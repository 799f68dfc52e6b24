//! `switchboard audit verify|export`: is the audit trail whole, and what does it say?
//!
//! Whoever can rewrite the whole database can rewrite every hash in it, or put an older copy in its place: what was kept elsewhere
//! (`verify --against`) shows that. A kept file that names no end of a chain is refused, as it would vouch for nothing.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, BufRead as _, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Subcommand;
use serde::Deserialize;

use super::open_store::with_store;
use super::{out, usage};
use crate::config::Config;
use crate::store::Head;

/// What to do with the audit trail.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Walk the whole trail; exit 1 and name the first bad entry when it does not hold.
    Verify {
        /// Print JSON, with the end of every chain: kept elsewhere, they show a trail that was rewritten as a whole.
        #[arg(long)]
        json: bool,
        /// What an earlier `verify --json` or `audit export` printed, kept elsewhere: each end of a chain in it has to be in the trail
        /// still, or the database was cut, replaced or rewritten since.
        #[arg(long, value_name = "FILE")]
        against: Option<PathBuf>,
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
    let kept = match &command {
        Command::Verify {
            against: Some(file), ..
        } => kept_heads(file)?,
        _ => Vec::new(),
    };
    with_store(config, async |store| match command {
        Command::Verify { json, .. } => match store.audit_verify_against(&kept).await? {
            Ok(verified) => {
                match json {
                    true => writeln!(out, "{}", serde_json::to_string(&verified)?)?,
                    false => {
                        let (entries, chains) = (verified.entries, verified.heads.len());
                        write!(out, "the audit trail holds: {entries} entries in {chains} chains")?;
                        match kept.len() {
                            0 => writeln!(out)?,
                            ends => writeln!(out, ", and the {ends} ends that were kept are in it")?,
                        }
                    }
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

/// A line of what was kept: of `verify --json`, or of an `audit export`.
#[derive(Deserialize)]
#[serde(untagged)]
enum Kept {
    Verified { heads: Vec<Head> },
    Entry(Head),
}

/// The ends of chains that a kept file names; of an export, the last entry of each chain, whose hash is one over all before it.
fn kept_heads(file: &Path) -> anyhow::Result<Vec<Head>> {
    let name = file.display();
    let unreadable = |error: io::Error| usage(format!("--against {name} cannot be read: {error}"));
    let mut ends: BTreeMap<String, Head> = BTreeMap::new();
    for (at, line) in BufReader::new(File::open(file).map_err(unreadable)?)
        .lines()
        .enumerate()
    {
        let line = line.map_err(unreadable)?;
        if line.trim().is_empty() {
            continue;
        }
        let heads = match serde_json::from_str(&line) {
            Ok(Kept::Verified { heads }) => heads,
            Ok(Kept::Entry(head)) => vec![head],
            Err(_) => {
                return Err(usage(format!(
                    "--against {name}, line {}: not what `audit verify --json` or `audit export` prints",
                    at + 1
                )));
            }
        };
        for head in heads {
            match ends.get(&head.chain) {
                Some(end) if end.seq > head.seq => {}
                _ => drop(ends.insert(head.chain.clone(), head)),
            }
        }
    }
    match ends.is_empty() {
        true => Err(usage(format!(
            "--against {name} names no end of a chain: nothing could be held against it"
        ))),
        false => Ok(ends.into_values().collect()),
    }
}
