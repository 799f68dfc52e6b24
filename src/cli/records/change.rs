//! `switchboard records ack|resolve|reclassify`: what people decide about a record, from the terminal.
//!
//! The rules are the operator API's ([`crate::operator`]): a change is for the version that was read, a note is one redacted line, labels
//! are known and fit together, and each change is audited under the user that the operating system knows. Every wrong argument is
//! named at once, before the record is touched. Exit 1 where the record is not there, changed meanwhile, or does not allow the change.

use std::io::Write;
use std::process::ExitCode;
use std::sync::Arc;

use super::super::open_store::actor;
use super::super::usage;
use super::{json_line, not_found};
use crate::app::redactor;
use crate::config::Config;
use crate::operator::{Change, ChangeError, Operator, Review, check_note, review_faults};
use crate::store::Store;

/// Which record, at which version, and how its new state is told.
#[derive(Debug, clap::Args)]
struct Target {
    /// Its reference.
    reference: String,
    /// Its version, as `records list` and `records show` print it; a colleague who was faster is not overwritten. '*' is any.
    #[arg(long, value_name = "VERSION")]
    if_match: Option<String>,
    /// Print the record as it is now, one line of JSON.
    #[arg(long)]
    json: bool,
}

/// See [`super::Command::Ack`].
#[derive(Debug, clap::Args)]
pub struct Ack {
    #[command(flatten)]
    target: Target,
}

/// See [`super::Command::Resolve`].
#[derive(Debug, clap::Args)]
pub struct Resolve {
    #[command(flatten)]
    target: Target,
    /// How, for the audit trail: one line of 1 to 500 characters without a customer's data, which would be masked.
    #[arg(long)]
    note: Option<String>,
}

/// See [`super::Command::Reclassify`].
#[derive(Debug, clap::Args)]
pub struct Reclassify {
    #[command(flatten)]
    target: Target,
    /// informational, service_action or safety_compliance.
    #[arg(long)]
    category: Option<String>,
    /// standard, high or urgent; for a safety report, which needs it.
    #[arg(long)]
    severity: Option<String>,
    /// Such as request_refund; not for informational.
    #[arg(long)]
    intent: Option<String>,
}

/// A change whose arguments are right.
#[derive(Debug)]
pub(super) struct Checked {
    reference: String,
    /// `None`: any version.
    expected: Option<i64>,
    json: bool,
    change: Change,
}

impl Target {
    fn checked(self, mut wrong: Vec<String>, change: Change) -> anyhow::Result<Checked> {
        let expected = match self.if_match.as_deref().map(version) {
            Some(Some(expected)) => expected,
            Some(None) => {
                wrong.push("--if-match must be * or the record's version, such as 3".to_owned());
                None
            }
            None => {
                wrong.push(
                    "--if-match is required: the version that `records list` and `records show` print, so that nobody's change is overwritten"
                        .to_owned(),
                );
                None
            }
        };
        match wrong.is_empty() {
            true => Ok(Checked {
                reference: self.reference,
                expected,
                json: self.json,
                change,
            }),
            false => Err(usage(wrong.join("\n"))),
        }
    }
}

/// A version as people write it, or the `ETag` of the API: `3`, `"3"`, and `*` for any.
fn version(text: &str) -> Option<Option<i64>> {
    let text = text.trim();
    if text == "*" {
        return Some(None);
    }
    let quoted = text.strip_prefix('"').and_then(|rest| rest.strip_suffix('"'));
    quoted.unwrap_or(text).parse().ok().map(Some)
}

impl Ack {
    pub(super) fn checked(self) -> anyhow::Result<Checked> {
        self.target.checked(Vec::new(), Change::Acknowledge)
    }
}

impl Resolve {
    pub(super) fn checked(self) -> anyhow::Result<Checked> {
        let (note, wrong) = match self.note.as_deref().map(check_note) {
            Some(Ok(note)) => (note.to_owned(), Vec::new()),
            Some(Err(bad)) => (String::new(), vec![format!("--note {bad}")]),
            None => (String::new(), vec!["--note is required".to_owned()]),
        };
        self.target.checked(wrong, Change::Resolve { note })
    }
}

impl Reclassify {
    pub(super) fn checked(self) -> anyhow::Result<Checked> {
        let missing = self.category.is_none();
        let review = Review {
            category: self.category.unwrap_or_default(),
            severity: self.severity,
            intent: self.intent,
        };
        let faults = review_faults(&review).into_iter();
        let wrong = faults.map(|bad| match missing && bad.field == "category" {
            true => format!("--category is required: it {}", bad.problem),
            false => format!("--{bad}"),
        });
        self.target.checked(wrong.collect(), Change::Reclassify(review))
    }
}

/// Makes the change, and tells where the record stands now.
pub(super) async fn run(
    checked: Checked,
    store: &Store,
    config: &Config,
    out: &mut impl Write,
) -> anyhow::Result<ExitCode> {
    let Checked {
        reference,
        expected,
        json,
        change,
    } = checked;
    let operator = Operator::new(store.clone(), Arc::new(redactor(config)?));
    match operator.change(&reference, expected, &actor(), change).await {
        Ok(Some(record)) => {
            match json {
                true => json_line(out, &record)?,
                false => writeln!(
                    out,
                    "{reference} is {}{}, at version {}",
                    record.status.as_str(),
                    match &record.review {
                        Some(review) => format!(", labelled {}", labels(review)),
                        None => String::new(),
                    },
                    record.version
                )?,
            }
            Ok(ExitCode::SUCCESS)
        }
        Ok(None) => not_found(&reference),
        Err(error @ (ChangeError::ChangedMeanwhile | ChangeError::Status { .. })) => {
            writeln!(std::io::stderr(), "{reference}: {error}")?;
            Ok(ExitCode::FAILURE)
        }
        Err(ChangeError::Store(error)) => Err(error.into()),
    }
}

fn labels(review: &Review) -> String {
    let all = [
        Some(&review.category),
        review.severity.as_ref(),
        review.intent.as_ref(),
    ];
    let all: Vec<&str> = all.into_iter().flatten().map(String::as_str).collect();
    all.join(", ")
}
