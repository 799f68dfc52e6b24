//! `switchboard outbox list|retry|discard`: deliveries that wait or were given up. Decisions are audited.

use std::io::Write;
use std::process::ExitCode;

use clap::Subcommand;
use clap::builder::PossibleValuesParser;

use super::open_store::{actor, page_limit, told_of_the_cut, with_store};
use super::out;
use crate::config::Config;
use crate::store::{COMPLIANCE, Decided, Decision, JobFilter, JobState, Page, TICKETING};

/// What to do with the outbox.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// List deliveries, newest first; without --state, those that are not done.
    List {
        /// pending, dead, done or discarded.
        #[arg(long)]
        state: Option<JobState>,
        /// Of one outside system.
        #[arg(long, value_parser = PossibleValuesParser::new([TICKETING, COMPLIANCE]))]
        target: Option<String>,
        /// At most this many, 1 to 500.
        #[arg(long, default_value_t = 50, value_parser = page_limit())]
        limit: u32,
        /// Print JSON Lines instead of a table.
        #[arg(long)]
        json: bool,
    },
    /// Try a dead delivery again, from the first try on, or one that waits for its next try now.
    Retry {
        /// Its key, as `list` prints it.
        key: String,
    },
    /// Give a dead or waiting delivery up for good.
    Discard {
        /// Its key, as `list` prints it.
        key: String,
    },
}

/// Runs the command.
///
/// # Errors
/// When the store cannot be used or standard output cannot be written.
pub fn run(command: Command, config: &Config) -> anyhow::Result<ExitCode> {
    let mut out = out::lock();
    with_store(config, async |store| {
        let (key, decision) = match command {
            Command::List {
                state,
                target,
                limit,
                json,
            } => {
                let states =
                    state.map_or_else(|| vec![JobState::Dead, JobState::Pending], |state| vec![state]);
                if !json {
                    writeln!(
                        out,
                        "{:<44} {:<10} {:>5} {:<22} OUTCOME",
                        "KEY", "STATE", "TRIES", "NEXT TRY"
                    )?;
                }
                for state in states {
                    let filter = JobFilter {
                        state: Some(state),
                        target: target.clone(),
                        reference: None,
                    };
                    let listed = store.list_jobs(&filter, Page { before: None, limit }).await?;
                    told_of_the_cut(&listed)?;
                    for job in listed.items {
                        if json {
                            serde_json::to_writer(&mut out, &job)?;
                            writeln!(out)?;
                            continue;
                        }
                        let next = match job.state {
                            JobState::Pending => job.run_at.strftime("%Y-%m-%d %H:%M:%SZ").to_string(),
                            _ => "-".to_owned(),
                        };
                        let outcome = job.outcome.as_deref().unwrap_or("-");
                        writeln!(
                            out,
                            "{:<44} {:<10} {:>5} {next:<22} {outcome}",
                            job.key, job.state, job.tries
                        )?;
                    }
                }
                return Ok(ExitCode::SUCCESS);
            }
            Command::Retry { key } => (key, Decision::Retry),
            Command::Discard { key } => (key, Decision::Discard),
        };
        let refused = match (store.decide(&key, decision, &actor()).await?, decision) {
            (Decided::Done, Decision::Retry) => {
                writeln!(out, "{key} will be tried again")?;
                return Ok(ExitCode::SUCCESS);
            }
            (Decided::Done, Decision::Discard) => {
                writeln!(out, "{key} is discarded")?;
                return Ok(ExitCode::SUCCESS);
            }
            (Decided::NotFound, _) => "is not in the outbox".to_owned(),
            (Decided::NotAllowed(JobState::Pending), Decision::Discard) => {
                "is being delivered right now".to_owned()
            }
            (Decided::NotAllowed(JobState::Pending), Decision::Retry) => {
                "is due, being delivered, or behind another of its record: it is tried by itself".to_owned()
            }
            (Decided::NotAllowed(state), _) => format!("is {state}: nothing was changed"),
        };
        writeln!(std::io::stderr(), "{key} {refused}")?;
        Ok(ExitCode::FAILURE)
    })
}
