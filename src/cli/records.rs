//! `switchboard records list|show|export|erase|rewrap`: the records, from the terminal.

use std::io::Write;
use std::process::ExitCode;

use clap::Subcommand;
use secrecy::ExposeSecret as _;

use super::open_store::{actor, with_store};
use crate::config::Config;
use crate::store::{Erased, Page, RecordFilter, RecordKind, RecordRow, RecordStatus, Verbatim};

/// What to do with records.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// List records, newest first.
    List(List),
    /// Show one record.
    Show {
        /// Its reference.
        reference: String,
        /// Show the customer's own words too; the audit trail says that you did.
        #[arg(long)]
        verbatim: bool,
    },
    /// Write every record as JSON Lines, newest first, without verbatim text.
    Export,
    /// Destroy the key of a record's verbatim text, for good; the redacted record stays.
    Erase {
        /// Its reference.
        reference: String,
        /// Do not ask.
        #[arg(long)]
        yes: bool,
    },
    /// Move every verbatim text's key under the current data key, after which the previous ones can be dropped.
    Rewrap,
}

/// Which records, and how.
#[derive(Debug, clap::Args)]
pub struct List {
    /// ticket or compliance.
    #[arg(long, value_parser = kind)]
    kind: Option<RecordKind>,
    /// open, acknowledged or resolved.
    #[arg(long, value_parser = status)]
    status: Option<RecordStatus>,
    /// Such as pharmacovigilance.
    #[arg(long)]
    queue: Option<String>,
    /// standard, high or urgent.
    #[arg(long)]
    severity: Option<String>,
    /// Only those whose due time has passed unseen.
    #[arg(long)]
    breached: bool,
    /// At most this many, 1 to 500.
    #[arg(long, default_value_t = 50)]
    limit: u32,
    /// Print JSON Lines instead of a table.
    #[arg(long)]
    json: bool,
}

fn kind(text: &str) -> Result<RecordKind, String> {
    RecordKind::parse(text).ok_or_else(|| "known are ticket and compliance".to_owned())
}

fn status(text: &str) -> Result<RecordStatus, String> {
    RecordStatus::parse(text).ok_or_else(|| "known are open, acknowledged and resolved".to_owned())
}

/// Runs the command.
///
/// # Errors
/// When the store cannot be used or standard output cannot be written.
pub fn run(command: Command, config: &Config) -> anyhow::Result<ExitCode> {
    let mut out = std::io::stdout().lock();
    with_store(config, async |store| match command {
        Command::List(list) => {
            let filter = RecordFilter {
                kind: list.kind,
                status: list.status,
                queue: list.queue,
                severity: list.severity,
                breached: list.breached.then_some(true),
                ..RecordFilter::default()
            };
            let page = Page {
                before: None,
                limit: list.limit,
            };
            let rows = store.list_records(&filter, page).await?;
            if !list.json {
                writeln!(
                    out,
                    "{}",
                    row(["REFERENCE", "KIND", "STATUS", "SEVERITY", "DUE", "SUMMARY"])
                )?;
            }
            for record in rows {
                match list.json {
                    true => json_line(&mut out, &record)?,
                    false => writeln!(out, "{}", line(&record))?,
                }
            }
            Ok(ExitCode::SUCCESS)
        }
        Command::Show { reference, verbatim } => {
            let Some(record) = store.record(&reference).await? else {
                return not_found(&reference);
            };
            writeln!(out, "{}", serde_json::to_string_pretty(&record)?)?;
            if verbatim {
                match store.verbatim(&reference, &actor()).await? {
                    Some(Verbatim::Text(text)) => writeln!(out, "\n{}", text.expose_secret())?,
                    Some(Verbatim::Erased(at)) => writeln!(out, "\nThe verbatim text was erased at {at}.")?,
                    None => return not_found(&reference),
                }
            }
            Ok(ExitCode::SUCCESS)
        }
        Command::Export => {
            let mut before = None;
            loop {
                let page = Page {
                    before,
                    limit: Page::MAX,
                };
                let rows = store.list_records(&RecordFilter::default(), page).await?;
                let Some(last) = rows.last() else { break };
                before = Some(last.id);
                for record in &rows {
                    json_line(&mut out, record)?;
                }
            }
            Ok(ExitCode::SUCCESS)
        }
        Command::Erase { reference, yes } => {
            if !yes && !confirmed(&reference)? {
                return Ok(ExitCode::FAILURE);
            }
            match store.erase(&reference, &actor()).await? {
                Erased::Now => writeln!(out, "the verbatim text of {reference} is erased")?,
                Erased::Before => writeln!(out, "the verbatim text of {reference} was erased before")?,
                Erased::NotFound => return not_found(&reference),
            }
            Ok(ExitCode::SUCCESS)
        }
        Command::Rewrap => {
            let moved = store.rewrap().await?;
            writeln!(out, "{moved} texts were moved under the current data key")?;
            Ok(ExitCode::SUCCESS)
        }
    })
}

fn confirmed(reference: &str) -> anyhow::Result<bool> {
    write!(
        std::io::stderr(),
        "Erase the verbatim text of {reference} for good? Type its reference to confirm: "
    )?;
    let mut answer = String::new();
    std::io::stdin().read_line(&mut answer)?;
    Ok(answer.trim() == reference)
}

fn not_found(reference: &str) -> anyhow::Result<ExitCode> {
    writeln!(std::io::stderr(), "there is no record {reference}")?;
    Ok(ExitCode::FAILURE)
}

fn json_line(out: &mut impl Write, record: &RecordRow) -> anyhow::Result<()> {
    serde_json::to_writer(&mut *out, record)?;
    Ok(writeln!(out)?)
}

fn line(record: &RecordRow) -> String {
    let due = record
        .due_at
        .map_or_else(String::new, |due| due.strftime("%Y-%m-%d %H:%MZ").to_string());
    let due = match record.breached_at {
        Some(_) => format!("{due} !"),
        None => due,
    };
    row([
        &record.reference,
        record.kind.as_str(),
        record.status.as_str(),
        record.severity.as_deref().unwrap_or("-"),
        &due,
        &record.summary,
    ])
}

fn row([reference, kind, status, severity, due, summary]: [&str; 6]) -> String {
    format!("{reference:<18} {kind:<11} {status:<13} {severity:<9} {due:<20} {summary}")
}
