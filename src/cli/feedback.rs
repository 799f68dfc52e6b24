//! `switchboard feedback export`: what reviewers corrected, in the form that `train` and `eval` read.

use std::io::Write;
use std::process::ExitCode;

use clap::Subcommand;
use serde::Serialize;

use super::open_store::{note, with_store};
use super::out;
use crate::config::Config;
use crate::store::RecordRow;

/// What to do with feedback.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Write reviewed messages, redacted, with the reviewer's labels, as JSON Lines.
    Export,
}

/// A line of training data.
#[derive(Debug, Serialize)]
struct Labelled<'a> {
    id: &'a str,
    text: &'a str,
    category: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    severity: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    intent: Option<&'a str>,
    channel: &'a str,
    source: &'static str,
}

/// Runs the command.
///
/// # Errors
/// When the store cannot be used or standard output cannot be written.
pub fn run(command: &Command, config: &Config) -> anyhow::Result<ExitCode> {
    let Command::Export = command;
    let mut out = out::lock();
    with_store(config, async |store| {
        note(store, "feedback.exported", "records", &serde_json::json!({})).await?;
        let mut after = 0;
        loop {
            let rows = store.reviewed(after).await?;
            let Some(last) = rows.last() else { break };
            after = last.id;
            for line in rows.iter().filter_map(labelled) {
                serde_json::to_writer(&mut out, &line)?;
                writeln!(out)?;
            }
        }
        Ok(ExitCode::SUCCESS)
    })
}

fn labelled(record: &RecordRow) -> Option<Labelled<'_>> {
    let review = record.review.as_ref()?;
    Some(Labelled {
        id: &record.reference,
        text: &record.redacted_text,
        category: &review.category,
        severity: review.severity.as_deref(),
        intent: review.intent.as_deref(),
        channel: &record.channel,
        source: "review",
    })
}
