//! `switchboard records list|show|ack|resolve|reclassify|export|erase|rewrap`: the records, from the terminal.
//!
//! What people decide about a record is in `records/change.rs`. A record that is not there, and a change that it does not allow, exit with 1;
//! wrong arguments with 64.

mod change;

use std::io::Write;
use std::process::ExitCode;

use clap::{Subcommand, ValueEnum as _};
use secrecy::ExposeSecret as _;
use serde::Serialize;
use serde_json::json;

use super::open_store::{actor, note, page_limit, told_of_the_cut, with_store};
use super::visible::visible;
use super::{out, usage};
use crate::classify::label::Severity;
use crate::config::Config;
use crate::store::{
    Erased, Listed, Page, RecordFilter, RecordKind, RecordRow, RecordSort, RecordStatus, Store, Verbatim,
};
use crate::workflow::case_report::CaseReport;
use crate::workflow::export::{CSV_HEADER, csv_line, e2b_json};

/// What to do with records.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// List records, newest first or the soonest due first.
    List(List),
    /// Show one record.
    Show {
        /// Its reference.
        reference: String,
        /// Show the customer's own words too; the audit trail says that you did. Characters that would act on the terminal are written
        /// out (\u202e); --json has them as they are.
        #[arg(long)]
        verbatim: bool,
        /// Print one line of JSON; the customer's own words as `verbatim`, null when they were erased.
        #[arg(long)]
        json: bool,
    },
    /// Acknowledge a record: you took it, its SLA clock stops.
    #[command(visible_alias = "acknowledge")]
    Ack(change::Ack),
    /// Resolve a record, with a note on how.
    Resolve(change::Resolve),
    /// Say what a record should have been; kept for training, nothing else happens.
    Reclassify(change::Reclassify),
    /// Write records to standard output, newest first.
    Export(Export),
    /// Destroy the key of a record's verbatim text, for good; the redacted record stays.
    Erase {
        /// Its reference.
        reference: String,
        /// Do not ask.
        #[arg(long)]
        yes: bool,
        /// Print one line of JSON: `reference`, and `erased`, "now" or "before".
        #[arg(long)]
        json: bool,
    },
    /// Move every verbatim text's key under the current data key, after which the previous ones can be dropped.
    Rewrap,
}

/// Which records, and how.
#[derive(Debug, clap::Args)]
pub struct List {
    /// newest first, or due: what nobody acknowledged, the soonest due (or overdue) first.
    #[arg(long, default_value_t = RecordSort::Newest)]
    sort: RecordSort,
    /// ticket or compliance.
    #[arg(long)]
    kind: Option<RecordKind>,
    /// open, acknowledged or resolved.
    #[arg(long)]
    status: Option<RecordStatus>,
    /// Such as safety-officer or agents.
    #[arg(long)]
    queue: Option<String>,
    /// standard, high or urgent.
    #[arg(long)]
    severity: Option<Severity>,
    /// Only those whose due time has passed unseen.
    #[arg(long)]
    breached: bool,
    /// At most this many, 1 to 500.
    #[arg(long, default_value_t = 50, value_parser = page_limit())]
    limit: u32,
    /// Print JSON Lines instead of a table.
    #[arg(long)]
    json: bool,
}

/// In which form records are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Format {
    /// Every record as JSON Lines, without verbatim text.
    Json,
    /// Safety reports as a table, without verbatim text; safe to open in a spreadsheet.
    Csv,
    /// Safety reports in the words of E2B(R3) elements, one JSON object a line.
    E2bJson,
}

/// What to export, and how.
#[derive(Debug, clap::Args)]
pub struct Export {
    /// The form.
    #[arg(long, value_enum, default_value_t = Format::Json)]
    format: Format,
    /// The same as --format json.
    #[arg(long, conflicts_with = "format")]
    json: bool,
    /// Only this record.
    #[arg(long)]
    reference: Option<String>,
    /// Put the customers' own words into the narrative (e2b-json only); the audit trail names each text that you took.
    #[arg(long)]
    verbatim: bool,
}

/// A record as one JSON object.
#[derive(Serialize)]
struct Shown<'a> {
    #[serde(flatten)]
    record: &'a RecordRow,
    /// Left out where nobody asked for it.
    #[serde(skip_serializing_if = "Option::is_none")]
    verbatim: Option<Option<&'a str>>,
}

impl<'a> Shown<'a> {
    fn new(record: &'a RecordRow, verbatim: Option<&'a Verbatim>) -> Self {
        let text = |verbatim: &'a Verbatim| match verbatim {
            Verbatim::Text(text) => Some(text.expose_secret()),
            Verbatim::Erased(_) => None,
        };
        Self {
            record,
            verbatim: verbatim.map(text),
        }
    }
}

/// Runs the command.
///
/// # Errors
/// When the store cannot be used or standard output cannot be written.
pub fn run(command: Command, config: &Config) -> anyhow::Result<ExitCode> {
    let mut out = out::lock();
    with_store(config, async |store| match command {
        Command::List(list) => {
            let filter = RecordFilter {
                sort: Some(list.sort),
                kind: list.kind,
                status: list.status,
                queue: list.queue,
                severity: list.severity.map(|severity| severity.as_str().to_owned()),
                breached: list.breached.then_some(true),
                ..RecordFilter::default()
            };
            let page = Page {
                before: None,
                limit: list.limit,
            };
            let listed = store.list_records(&filter, page).await?;
            told_of_the_cut(&listed)?;
            if !list.json {
                writeln!(
                    out,
                    "{}",
                    row([
                        "REFERENCE",
                        "KIND",
                        "STATUS",
                        "SEVERITY",
                        "VERSION",
                        "DUE",
                        "SUMMARY"
                    ])
                )?;
            }
            for record in listed.items {
                match list.json {
                    true => json_line(&mut out, &record)?,
                    false => writeln!(out, "{}", line(&record))?,
                }
            }
            Ok(ExitCode::SUCCESS)
        }
        Command::Show {
            reference,
            verbatim,
            json,
        } => {
            let Some(record) = store.record(&reference).await? else {
                return not_found(&reference);
            };
            let verbatim = match verbatim {
                true => store.verbatim(&reference, &actor()).await?,
                false => None,
            };
            match json {
                true => json_line(&mut out, &Shown::new(&record, verbatim.as_ref()))?,
                false => {
                    writeln!(out, "{}", visible(&serde_json::to_string_pretty(&record)?))?;
                    match verbatim {
                        Some(Verbatim::Text(text)) => writeln!(out, "\n{}", visible(text.expose_secret()))?,
                        Some(Verbatim::Erased(at)) => {
                            writeln!(out, "\nThe verbatim text was erased at {at}.")?;
                        }
                        None => {}
                    }
                }
            }
            Ok(ExitCode::SUCCESS)
        }
        Command::Ack(ack) => change::run(ack.checked()?, store, config, &mut out).await,
        Command::Resolve(resolve) => change::run(resolve.checked()?, store, config, &mut out).await,
        Command::Reclassify(labels) => change::run(labels.checked()?, store, config, &mut out).await,
        Command::Export(export) => write_export(store, &export, &mut out).await,
        Command::Erase { reference, yes, json } => {
            if !yes && !confirmed(&reference)? {
                writeln!(
                    std::io::stderr(),
                    "\nnot confirmed: nothing was erased (--yes does not ask)"
                )?;
                return Ok(ExitCode::FAILURE);
            }
            let (erased, said) = match store.erase(&reference, &actor()).await? {
                Erased::Now => ("now", "is erased"),
                Erased::Before => ("before", "was erased before"),
                Erased::NotFound => return not_found(&reference),
            };
            match json {
                true => json_line(&mut out, &json!({ "reference": reference, "erased": erased }))?,
                false => writeln!(out, "the verbatim text of {reference} {said}")?,
            }
            if erased == "now" {
                told_of_old_pages(store).await?;
            }
            Ok(ExitCode::SUCCESS)
        }
        Command::Rewrap => {
            let moved = store.rewrap(&actor()).await?;
            writeln!(out, "{moved} texts were moved under the current data key")?;
            told_of_old_pages(store).await?;
            Ok(ExitCode::SUCCESS)
        }
    })
}

/// Writes page by page: memory does not grow with the number of records. Exit 1 when a record could not be written in this form; it is named,
/// and the others are written.
async fn write_export(store: &Store, export: &Export, out: &mut impl Write) -> anyhow::Result<ExitCode> {
    if export.verbatim && export.format != Format::E2bJson {
        return Err(usage(
            "--verbatim goes with --format e2b-json: the other forms hold no verbatim text",
        ));
    }
    let subject = export.reference.as_deref().unwrap_or("records");
    let format = export.format.to_possible_value();
    let format = format.as_ref().map(clap::builder::PossibleValue::get_name);
    note(
        store,
        "records.exported",
        subject,
        &json!({ "format": format, "verbatim": export.verbatim }),
    )
    .await?;
    let mut out = std::io::BufWriter::new(out);
    let filter = RecordFilter {
        kind: (export.format != Format::Json).then_some(RecordKind::Compliance),
        ..RecordFilter::default()
    };
    if export.format == Format::Csv {
        write!(out, "{CSV_HEADER}\r\n")?;
    }
    let mut failed = false;
    let mut before = None;
    loop {
        let page = Page {
            before,
            limit: Page::MAX,
        };
        let listed = match &export.reference {
            None => store.list_records(&filter, page).await?,
            Some(reference) => match store.record(reference).await? {
                None => return not_found(reference),
                Some(record) if filter.kind.is_some_and(|kind| kind != record.kind) => {
                    anyhow::bail!("{reference} is no safety report: only --format json can write it")
                }
                Some(record) => Listed {
                    items: vec![record],
                    next: None,
                },
            },
        };
        for record in &listed.items {
            if let Err(error) = write_record(store, export, record, &mut out).await? {
                writeln!(
                    std::io::stderr(),
                    "{} cannot be written in this form: {error}",
                    record.reference
                )?;
                failed = true;
            }
        }
        out.flush()?;
        before = listed.next;
        if before.is_none() {
            break;
        }
    }
    Ok(if failed {
        ExitCode::FAILURE
    } else {
        ExitCode::SUCCESS
    })
}

/// One record in the export's form; the inner error says that its details are no case.
async fn write_record(
    store: &Store,
    export: &Export,
    record: &RecordRow,
    out: &mut impl Write,
) -> anyhow::Result<Result<(), serde_json::Error>> {
    if export.format == Format::Json {
        json_line(out, record)?;
        return Ok(Ok(()));
    }
    let case = match record.details.as_object().map(CaseReport::from_details) {
        Some(Ok(case)) => case,
        Some(Err(error)) => return Ok(Err(error)),
        None => return Ok(Err(serde::de::Error::custom("its details are no object"))),
    };
    let linked = &record.linked_reports;
    if export.format == Format::Csv {
        write!(out, "{}\r\n", csv_line(&case, linked))?;
        return Ok(Ok(()));
    }
    let verbatim = match export.verbatim {
        true => store.verbatim(&record.reference, &actor()).await?,
        false => None,
    };
    let words = match &verbatim {
        Some(Verbatim::Text(text)) => Some(text.expose_secret()),
        _ => None,
    };
    serde_json::to_writer(&mut *out, &e2b_json(&case, linked, words))?;
    writeln!(out)?;
    Ok(Ok(()))
}

/// Says so where old pages could not be overwritten, which is no failure: it is noted, and done by whoever comes next.
async fn told_of_old_pages(store: &Store) -> anyhow::Result<()> {
    if !matches!(store.scrub().await, Ok(true)) {
        writeln!(
            std::io::stderr(),
            "old pages of the database are still being read, by a backup for example; the service overwrites them when that ends"
        )?;
    }
    Ok(())
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

fn json_line(out: &mut impl Write, document: &impl Serialize) -> anyhow::Result<()> {
    serde_json::to_writer(&mut *out, document)?;
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
        &record.version.to_string(),
        &due,
        &visible(&record.summary),
    ])
}

fn row([reference, kind, status, severity, version, due, summary]: [&str; 7]) -> String {
    format!("{reference:<18} {kind:<11} {status:<13} {severity:<9} {version:<8} {due:<20} {summary}")
}
