//! A unit on its way to disk: sealed and serialized by the request that brings it, so that the writer only copies bytes,
//! and inserted together with the other units of its batch.

use std::sync::Arc;

use jiff::Timestamp;
use ring::digest;
use secrecy::ExposeSecret as _;
use serde::Serialize;

use super::audit::RECORD_CREATED;
use super::batch::MultiInsert;
use super::error::StoreError;
use super::job::{JOBS, NO_PAYLOAD, job_key};
use super::links::{self, Alike, Likeness, Linkable};
use super::record::IdempotentAnswer;
use super::record::{NewAuditEntry, NewJob, NewRecord, RecordKind, RecordStatus, Reword, Unit};
use super::transaction::Transaction;
use super::value::Value;
use crate::privacy::{Sealed, Sealer};

/// A [`Unit`] without plain verbatim text, as the writer queues it.
pub(crate) struct SealedUnit {
    records: Vec<SealedRecord>,
    audit: Vec<Arc<NewAuditEntry>>,
    idempotency: Option<IdempotentAnswer>,
    reword: Option<Reword>,
}

struct SealedRecord {
    reference: String,
    kind: RecordKind,
    queue: String,
    received_us: i64,
    due_us: Option<i64>,
    clock_us: Option<i64>,
    severity: Option<&'static str>,
    category: &'static str,
    intent: Option<&'static str>,
    channel: &'static str,
    request_id: String,
    client_id: String,
    summary: String,
    redacted_text: String,
    details: String,
    verbatim: Sealed,
    jobs: Vec<SealedJob>,
    likeness: Option<Likeness>,
    /// Its first audit entry, as far as it is known before it is written.
    created: Arc<NewAuditEntry>,
}

struct SealedJob {
    key: String,
    target: &'static str,
    kind: &'static str,
}

impl SealedUnit {
    /// Seals every verbatim text.
    pub(crate) fn seal(unit: Unit, sealer: &Sealer) -> Result<Self, StoreError> {
        Ok(Self {
            records: unit
                .records
                .into_iter()
                .map(|record| SealedRecord::seal(record, sealer))
                .collect::<Result<_, _>>()?,
            audit: unit.audit.into_iter().map(Arc::new).collect(),
            idempotency: unit.idempotency,
            reword: unit.reword,
        })
    }

    /// The answer to keep for its Idempotency-Key. Where another request took the key over, the whole unit is refused.
    pub(crate) fn idempotency(&self) -> Option<&IdempotentAnswer> {
        self.idempotency.as_ref()
    }

    /// The idempotent answer, worded anew, where it is to be when records were `linked`.
    pub(crate) fn reworded(&self, linked: &[String]) -> Option<(&IdempotentAnswer, Vec<u8>)> {
        let reword = self.reword.as_ref().filter(|_| !linked.is_empty())?;
        Some((self.idempotency.as_ref()?, reword(linked)))
    }

    /// Whether it has records to insert.
    pub(crate) fn has_records(&self) -> bool {
        !self.records.is_empty()
    }

    /// Whether it adds anything to the database.
    pub(crate) fn grows(&self) -> bool {
        !self.records.is_empty() || !self.audit.is_empty()
    }
}

impl SealedRecord {
    fn seal(record: NewRecord, sealer: &Sealer) -> Result<Self, StoreError> {
        let job = |job: &NewJob| SealedJob {
            key: job_key(&record.reference, job.target, job.kind),
            target: job.target,
            kind: job.kind,
        };
        let jobs: Vec<SealedJob> = record.jobs.iter().map(job).collect();
        Ok(Self {
            created: Arc::new(created(&record, &jobs)),
            jobs,
            details: record.details,
            likeness: record.same_event.map(|same| Likeness::new(same, sealer)),
            verbatim: sealer.seal(&record.reference, record.verbatim.expose_secret())?,
            received_us: record.received_at.as_microsecond(),
            due_us: record.due_at.map(Timestamp::as_microsecond),
            clock_us: record
                .due_at
                .map(|due_at| warn_at(record.received_at, due_at).as_microsecond()),
            reference: record.reference,
            kind: record.kind,
            queue: record.queue,
            severity: record.severity,
            category: record.category,
            intent: record.intent,
            channel: record.channel,
            request_id: record.request_id,
            client_id: record.client_id,
            summary: record.summary,
            redacted_text: record.redacted_text,
        })
    }
}

impl SealedRecord {
    fn linkable(&self) -> Option<Linkable<'_>> {
        Some(Linkable {
            reference: &self.reference,
            received_us: self.received_us,
            likeness: self.likeness.as_ref()?,
        })
    }

    /// Its first audit entry, which names the earlier records that may tell of the same event.
    fn created(&self, alike: &[Alike]) -> Arc<NewAuditEntry> {
        if alike.is_empty() {
            return self.created.clone();
        }
        Arc::new(self.created.with("may_be_the_same_event_as", &alike))
    }
}

/// When a record that is due at `due_at` is marked as due soon: with a quarter of its time left.
fn warn_at(received_at: Timestamp, due_at: Timestamp) -> Timestamp {
    let (received, due) = (received_at.as_microsecond(), due_at.as_microsecond());
    Timestamp::from_microsecond(due - (due - received).max(0) / 4).unwrap_or(due_at)
}

/// What the trail says about a new record.
fn created(record: &NewRecord, jobs: &[SealedJob]) -> NewAuditEntry {
    #[derive(Serialize)]
    struct After<'a> {
        kind: RecordKind,
        queue: &'a str,
        status: RecordStatus,
        category: &'a str,
        #[serde(skip_serializing_if = "Option::is_none")]
        severity: Option<&'a str>,
        #[serde(skip_serializing_if = "Option::is_none")]
        due_us: Option<i64>,
        request_id: &'a str,
        content: String,
        #[serde(skip_serializing_if = "<[_]>::is_empty")]
        jobs: &'a [&'a str],
    }
    let jobs: Vec<&str> = jobs.iter().map(|job| job.key.as_str()).collect();
    NewAuditEntry::new(
        format!("client:{}", record.client_id),
        RECORD_CREATED,
        record.reference.clone(),
        &After {
            kind: record.kind,
            queue: &record.queue,
            status: RecordStatus::Open,
            category: record.category,
            severity: record.severity,
            due_us: record.due_at.map(Timestamp::as_microsecond),
            request_id: &record.request_id,
            content: content_digest(&record.summary, &record.redacted_text, &record.details),
            jobs: &jobs,
        },
    )
}

/// SHA-256 over what a record says, each part with its length before it, in hexadecimal: the audit trail's hold on a
/// record's unchanging columns.
pub(crate) fn content_digest(summary: &str, redacted_text: &str, details: &str) -> String {
    let mut context = digest::Context::new(&digest::SHA256);
    for part in [summary, redacted_text, details] {
        context.update(&(part.len() as u64).to_be_bytes());
        context.update(part.as_bytes());
    }
    hex::encode(context.finish())
}

static RECORDS: MultiInsert = MultiInsert::new(
    "records",
    &[
        "reference",
        "kind",
        "queue",
        "received_at",
        "due_at",
        "clock_at",
        "severity",
        "category",
        "intent",
        "channel",
        "request_id",
        "client_id",
        "summary",
        "redacted_text",
        "details",
        "verbatim",
        "verbatim_key",
        "data_key_id",
    ],
);

/// Inserts the records, jobs and audit entries of all `units`; answers, unit by unit, which earlier records theirs were linked to.
pub(crate) async fn insert(
    tx: &mut Transaction<'_>,
    units: &[&SealedUnit],
) -> Result<Vec<Vec<String>>, StoreError> {
    let (now, due) = (tx.now_us(), tx.shared_us());
    let mut records: Vec<Value<'_>> = Vec::new();
    let mut jobs: Vec<Value<'_>> = Vec::new();
    for record in units.iter().flat_map(|unit| &unit.records) {
        records.extend([
            Value::from(&record.reference),
            record.kind.as_str().into(),
            (&record.queue).into(),
            record.received_us.into(),
            record.due_us.into(),
            record.clock_us.into(),
            record.severity.into(),
            record.category.into(),
            record.intent.into(),
            record.channel.into(),
            (&record.request_id).into(),
            (&record.client_id).into(),
            (&record.summary).into(),
            (&record.redacted_text).into(),
            (&record.details).into(),
            (&record.verbatim.text).into(),
            (&record.verbatim.key).into(),
            (&record.verbatim.key_id).into(),
        ]);
        for job in &record.jobs {
            jobs.extend([
                Value::from(&job.key),
                (&record.reference).into(),
                job.target.into(),
                job.kind.into(),
                NO_PAYLOAD.into(),
                now.into(),
                due.into(),
            ]);
        }
    }
    RECORDS.run(tx.connection, &records).await?;
    JOBS.run(tx.connection, &jobs).await?;
    let linkable = units.iter().flat_map(|unit| &unit.records);
    let linkable: Vec<Linkable<'_>> = linkable.filter_map(SealedRecord::linkable).collect();
    let mut found = links::link(tx, &linkable).await?.into_iter();
    let mut linked = Vec::with_capacity(units.len());
    for unit in units {
        let mut earlier = Vec::new();
        for record in &unit.records {
            let alike = record.likeness.as_ref().and_then(|_| found.next());
            let alike = alike.unwrap_or_default();
            tx.audit(record.created(&alike));
            for other in alike {
                tx.audit(other.linked(&record.reference));
                earlier.push(other.reference);
            }
        }
        for entry in &unit.audit {
            tx.audit(entry.clone());
        }
        linked.push(earlier);
    }
    Ok(linked)
}
