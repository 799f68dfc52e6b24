//! What people do with records: list, read, acknowledge, resolve, correct, erase, and decide about dead deliveries.
//!
//! Every change and every reading of verbatim text is audited under the operator's name before it is answered. Errors are the
//! store's; a label that nobody knows is refused before it. HTTP and the command line change records by the same rules: those here.

use std::str::FromStr as _;
use std::sync::Arc;

use jiff::Timestamp;

use crate::privacy::Redactor;
use crate::store::{COMPLIANCE, JobFilter, Store, TICKETING};

pub use crate::classify::label::{Category, Intent, Severity};
pub use crate::store::{
    AuditEntry, Change, ClockSkew, Decided, Decision, Erased, JobRow, JobState, Listed, Page, RecordFilter,
    RecordKind, RecordRow, RecordSort, RecordStatus, Review, StoreError, StorePool, TableLock, Verbatim,
};

/// Longest note on how a record was resolved, in characters.
pub const MAX_NOTE_CHARS: usize = 500;

/// A note that is not one line of 1 to [`MAX_NOTE_CHARS`] characters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BadNote {
    /// Nothing is left after trimming.
    #[error("must not be empty")]
    Empty,
    /// Too many characters.
    #[error("must be at most {MAX_NOTE_CHARS} characters")]
    TooLong,
    /// A line break, or another character that cannot be seen.
    #[error("must be one line, without control characters")]
    NotOneLine,
}

/// Trims and checks a note for the audit trail.
///
/// # Errors
/// [`BadNote`].
pub fn check_note(note: &str) -> Result<&str, BadNote> {
    let note = note.trim();
    // Unicode's two separators break lines, too, though they are no control characters.
    let unseen = |c: char| c.is_control() || matches!(c, '\u{2028}' | '\u{2029}');
    if note.is_empty() {
        Err(BadNote::Empty)
    } else if note.contains(unseen) {
        Err(BadNote::NotOneLine)
    } else if note.chars().count() > MAX_NOTE_CHARS {
        Err(BadNote::TooLong)
    } else {
        Ok(note)
    }
}

/// A review names a label that does not exist, or leaves out one that its category needs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{field} {problem}")]
pub struct BadReview {
    /// Which field.
    pub field: &'static str,
    /// What would be right.
    pub problem: &'static str,
}

/// Why a record was not changed.
#[derive(Debug, thiserror::Error)]
pub enum ChangeError {
    /// It is at another version than the change is for: somebody else was faster.
    #[error("the record changed meanwhile; read it again")]
    ChangedMeanwhile,
    /// It is where this cannot be done any more, such as resolved.
    #[error("the record is {status}, which does not allow this")]
    Status {
        /// Where it is.
        status: &'static str,
    },
    /// The store's own fault.
    #[error(transparent)]
    Store(StoreError),
}

/// What waits for somebody.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Standing {
    /// Deliveries, by target and state.
    pub outbox: Vec<OutboxLevel>,
    /// Safety reports that nobody has acknowledged, by severity.
    pub safety: Vec<SafetyLevel>,
}

/// Deliveries to one target in one state.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct OutboxLevel {
    /// The outside system.
    pub target: &'static str,
    /// Pending or dead.
    pub state: JobState,
    /// How many.
    pub jobs: i64,
    /// Age of the oldest, in seconds.
    pub oldest_s: f64,
}

/// Open safety reports of one severity.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct SafetyLevel {
    /// The severity.
    pub severity: Severity,
    /// How many.
    pub records: i64,
    /// Seconds until the first is due; negative once it is overdue. `None` when none has a due time.
    pub nearest_due_s: Option<f64>,
}

/// The operators' use case. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Operator {
    store: Store,
    redactor: Arc<Redactor>,
}

impl Operator {
    /// On this store. What operators write is redacted with `redactor`.
    #[must_use]
    pub fn new(store: Store, redactor: Arc<Redactor>) -> Self {
        Self { store, redactor }
    }

    /// What waits for somebody: deliveries by target and state, unacknowledged safety reports by severity. Every target and severity is
    /// there, also with nothing to do.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn standing(&self) -> Result<Standing, StoreError> {
        let now = self.store.now();
        let seconds = |from: Timestamp, to: Timestamp| to.duration_since(from).as_secs_f64();
        let mut standing = Standing::default();
        let depth = self.store.outbox_depth().await?;
        for target in [TICKETING, COMPLIANCE] {
            for state in [JobState::Pending, JobState::Dead] {
                let jobs = depth
                    .iter()
                    .find(|jobs| jobs.target == target && jobs.state == state);
                standing.outbox.push(OutboxLevel {
                    target,
                    state,
                    jobs: jobs.map_or(0, |jobs| jobs.jobs),
                    oldest_s: jobs.map_or(0.0, |jobs| seconds(jobs.oldest, now)),
                });
            }
        }
        let open = self.store.open_safety().await?;
        for severity in [Severity::Urgent, Severity::High, Severity::Standard] {
            let records = open.iter().find(|open| open.severity == severity.as_str());
            standing.safety.push(SafetyLevel {
                severity,
                records: records.map_or(0, |open| open.records),
                nearest_due_s: records.and_then(|open| Some(seconds(now, open.nearest_due?))),
            });
        }
        Ok(standing)
    }

    /// Whether a record could be stored now.
    ///
    /// # Errors
    /// What the store said.
    pub async fn store_writable(&self) -> Result<(), StoreError> {
        self.store.writable().await
    }

    /// The table that another session of the database keeps records out of, and which session that is.
    #[must_use]
    pub fn table_lock(&self) -> Option<TableLock> {
        self.store.table_lock()
    }

    /// How far this machine's clock is from the database's; `None` where there is nothing to compare with, or it was not yet.
    #[must_use]
    pub fn clock_skew(&self) -> Option<ClockSkew> {
        self.store.clock_skew()
    }

    /// The store's connections and its writer's queue.
    #[must_use]
    pub fn pool(&self) -> StorePool {
        self.store.pool()
    }

    /// A page of records.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn list(&self, filter: &RecordFilter, page: Page) -> Result<Listed<RecordRow>, StoreError> {
        self.store.list_records(filter, page).await
    }

    /// One record.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn show(&self, reference: &str) -> Result<Option<RecordRow>, StoreError> {
        self.store.record(reference).await
    }

    /// Changes a record that is still at version `expected` (`None`: at any), as `actor`: [`operator_actor`] over HTTP. A note is redacted: it
    /// goes into the audit trail, which nobody can erase.
    ///
    /// # Errors
    /// [`ChangeError`].
    pub async fn change(
        &self,
        reference: &str,
        expected: Option<i64>,
        actor: &str,
        change: Change,
    ) -> Result<Option<RecordRow>, ChangeError> {
        let change = match change {
            Change::Resolve { note } => Change::Resolve {
                note: self.redactor.redact(&note).text.to_string(),
            },
            other => other,
        };
        let changed = self.store.change(reference, expected, actor, change).await;
        changed.map_err(|error| match error {
            StoreError::Conflict { version, .. } if expected.is_some_and(|expected| expected != version) => {
                ChangeError::ChangedMeanwhile
            }
            StoreError::Conflict { status, .. } => ChangeError::Status { status },
            error => ChangeError::Store(error),
        })
    }

    /// A record's verbatim text, under audit.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn verbatim(&self, reference: &str, who: &str) -> Result<Option<Verbatim>, StoreError> {
        self.store.verbatim(reference, &operator_actor(who)).await
    }

    /// Erases a record's verbatim text for good.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn erase(&self, reference: &str, who: &str) -> Result<Erased, StoreError> {
        self.store.erase(reference, &operator_actor(who)).await
    }

    /// The audit entries that follow (`chain`, `seq`), at most 1,000, and whether more do; begin with ("", 0). With a `reference`, those about
    /// that record and its deliveries.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn audit(
        &self,
        reference: Option<&str>,
        chain: &str,
        seq: i64,
    ) -> Result<(Vec<AuditEntry>, bool), StoreError> {
        self.store.audit_listed(reference, chain, seq).await
    }

    /// A page of deliveries, newest first.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn deliveries(
        &self,
        state: Option<JobState>,
        page: Page,
    ) -> Result<Listed<JobRow>, StoreError> {
        let filter = JobFilter {
            state,
            ..JobFilter::default()
        };
        self.store.list_jobs(&filter, page).await
    }

    /// Decides about a delivery.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn decide(&self, key: &str, decision: Decision, who: &str) -> Result<Decided, StoreError> {
        self.store.decide(key, decision, &operator_actor(who)).await
    }
}

/// An operator's name in the audit trail, by that of the API key.
#[must_use]
pub fn operator_actor(who: &str) -> String {
    format!("operator:{who}")
}

/// What is wrong with a reviewer's labels: each has to be known, a severity is for a safety report, which needs one, and an intent for
/// anything but a question. At most one fault a field.
#[must_use]
pub fn review_faults(review: &Review) -> Vec<BadReview> {
    let category = Category::from_str(&review.category).ok();
    let severity = review.severity.as_deref().map(Severity::from_str);
    let intent = review.intent.as_deref().map(Intent::from_str);
    let mut faults = Vec::new();
    let mut wrong = |field, problem| faults.push(BadReview { field, problem });
    if category.is_none() {
        wrong(
            "category",
            "must be informational, service_action or safety_compliance",
        );
    }
    match (category, severity) {
        (_, Some(Err(_))) => wrong("severity", "must be standard, high or urgent"),
        (Some(Category::SafetyCompliance), None) => wrong("severity", "is required for a safety report"),
        (Some(Category::Informational | Category::ServiceAction), Some(_)) => {
            wrong("severity", "is for safety reports only");
        }
        _ => {}
    }
    match (category, intent) {
        (_, Some(Err(_))) => wrong("intent", "is not known; see the service_action intents"),
        (Some(Category::Informational), Some(_)) => wrong("intent", "is for service actions only"),
        _ => {}
    }
    faults
}

#[cfg(test)]
mod tests {
    use super::*;

    fn review(category: &str, severity: Option<&str>, intent: Option<&str>) -> Vec<&'static str> {
        let own = |text: Option<&str>| text.map(str::to_owned);
        let faults = review_faults(&Review {
            category: category.to_owned(),
            severity: own(severity),
            intent: own(intent),
        });
        faults.iter().map(|fault| fault.field).collect()
    }

    #[test]
    fn a_note_is_one_line_of_bounded_length() {
        assert_eq!(
            check_note("  called back, all is well "),
            Ok("called back, all is well")
        );
        assert_eq!(check_note(&"é".repeat(500)).map(str::len), Ok(1000));
        assert_eq!(check_note(&"é".repeat(501)), Err(BadNote::TooLong));
        for empty in ["", " \n\t "] {
            assert_eq!(check_note(empty), Err(BadNote::Empty));
        }
        for unseen in ["a\nb", "a\r\nb", "a\u{2028}b", "a\0b", "a\u{1b}[2Jb", "a\u{85}b"] {
            assert_eq!(check_note(unseen), Err(BadNote::NotOneLine), "{unseen:?}");
        }
    }

    #[test]
    fn a_review_uses_known_labels_that_fit_together_and_each_wrong_one_is_named() {
        let none = [""; 0];
        assert_eq!(review("informational", None, None), none);
        assert_eq!(review("service_action", None, Some("request_refund")), none);
        assert_eq!(review("safety_compliance", Some("high"), None), none);
        assert_eq!(
            review("safety_compliance", Some("high"), Some("request_refund")),
            none
        );
        assert_eq!(review("spam", None, None), ["category"]);
        assert_eq!(review("safety_compliance", None, None), ["severity"]);
        assert_eq!(review("safety_compliance", Some("dire"), None), ["severity"]);
        assert_eq!(review("informational", Some("high"), None), ["severity"]);
        assert_eq!(review("service_action", None, Some("dance")), ["intent"]);
        assert_eq!(review("informational", None, Some("request_refund")), ["intent"]);
        assert_eq!(
            review("spam", Some("dire"), Some("dance")),
            ["category", "severity", "intent"]
        );
        assert_eq!(
            review("informational", Some("high"), Some("request_refund")),
            ["severity", "intent"]
        );
    }
}
