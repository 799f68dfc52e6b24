//! Reading: records and jobs in pages, and the audit trail from end to end. Reads never wait for the writer.

use std::collections::BTreeMap;

use jiff::Timestamp;
use sqlx::AssertSqlSafe;

use super::audit::{self, AuditEntry, BadEntry, Fault, Head, Walk};
use super::commit::content_digest;
use super::engine::{Pool, Row};
use super::error::StoreError;
use super::outbox::{self, JobRow, JobState};
use super::record::{Page, RecordFilter, RecordKind, RecordRow, RecordStatus};
use super::value::Value;

/// Columns of [`RecordRow`], in the order that [`record_row`] reads.
pub(crate) const COLUMNS: &str = "id, reference, kind, queue, status, version, received_at, due_at, due_soon_at, breached_at, \
     severity, category, intent, channel, request_id, client_id, summary, redacted_text, details, erased_at, review, \
     (SELECT string_agg(other, ' ' ORDER BY other) FROM (\
         SELECT linked.reference AS other FROM linked_records JOIN records AS linked ON linked.id = linked_records.other \
             WHERE linked_records.record = records.id \
         UNION SELECT other FROM record_links WHERE record_links.reference = records.reference) AS others)";

/// Audit entries that are read at a time.
const WALK_PAGE: i64 = 1000;

pub(crate) fn record_row(row: &Row) -> Result<RecordRow, StoreError> {
    let corrupt = |what| StoreError::Corrupt { what };
    let time = |us| Timestamp::from_microsecond(us).map_err(|_| corrupt("records times"));
    let optional_time = |column| row.get::<Option<i64>>(column)?.map(time).transpose();
    Ok(RecordRow {
        id: row.get(0)?,
        reference: row.get(1)?,
        kind: RecordKind::parse(&row.get::<String>(2)?).ok_or(corrupt("records.kind"))?,
        queue: row.get(3)?,
        status: RecordStatus::parse(&row.get::<String>(4)?).ok_or(corrupt("records.status"))?,
        version: row.get(5)?,
        received_at: time(row.get(6)?)?,
        due_at: optional_time(7)?,
        due_soon_at: optional_time(8)?,
        breached_at: optional_time(9)?,
        severity: row.get(10)?,
        category: row.get(11)?,
        intent: row.get(12)?,
        channel: row.get(13)?,
        request_id: row.get(14)?,
        client_id: row.get(15)?,
        summary: row.get(16)?,
        redacted_text: row.get(17)?,
        details: serde_json::from_str(&row.get::<String>(18)?).map_err(|_| corrupt("records.details"))?,
        erased_at: optional_time(19)?,
        review: row
            .get::<Option<String>>(20)?
            .map(|review| serde_json::from_str(&review))
            .transpose()
            .map_err(|_| corrupt("records.review"))?,
        linked_reports: row
            .get::<Option<String>>(21)?
            .map(|references| references.split(' ').map(str::to_owned).collect())
            .unwrap_or_default(),
    })
}

/// Conditions that are joined by AND, with the values they bind.
struct Conditions<'a> {
    sql: String,
    values: Vec<Value<'a>>,
}

impl<'a> Conditions<'a> {
    fn new() -> Self {
        Self {
            sql: String::from("1 = 1"),
            values: Vec::new(),
        }
    }

    /// `column operator $N`, unless there is no value.
    fn and(&mut self, column_operator: &'static str, value: Option<impl Into<Value<'a>>>) {
        if let Some(value) = value {
            self.values.push(value.into());
            self.sql += &format!(" AND {column_operator} ${}", self.values.len());
        }
    }

    /// `column IS [NOT] NULL`.
    fn and_present(&mut self, column: &'static str, present: Option<bool>) {
        if let Some(present) = present {
            self.sql += &format!(" AND {column} IS {}", if present { "NOT NULL" } else { "NULL" });
        }
    }

    /// Newest first, a page of them.
    async fn page(mut self, pool: &Pool, select: &str, page: Page) -> Result<Vec<Row>, StoreError> {
        self.and("id <", page.before);
        let limit = i64::from(page.limit.clamp(1, Page::MAX));
        let sql = format!("{select} WHERE {} ORDER BY id DESC LIMIT {limit}", self.sql);
        pool.fetch(AssertSqlSafe(sql), &self.values).await
    }
}

pub(crate) async fn list_records(
    pool: &Pool,
    filter: &RecordFilter,
    page: Page,
) -> Result<Vec<RecordRow>, StoreError> {
    let mut conditions = Conditions::new();
    conditions.and("kind =", filter.kind.map(RecordKind::as_str));
    conditions.and("status =", filter.status.map(RecordStatus::as_str));
    conditions.and("queue =", filter.queue.as_deref());
    conditions.and("severity =", filter.severity.as_deref());
    conditions.and("category =", filter.category.as_deref());
    conditions.and("client_id =", filter.client_id.as_deref());
    conditions.and_present("breached_at", filter.breached);
    conditions.and_present("review", filter.reviewed);
    let rows = conditions
        .page(pool, &format!("SELECT {COLUMNS} FROM records"), page)
        .await?;
    rows.iter().map(record_row).collect()
}

pub(crate) async fn record(pool: &Pool, reference: &str) -> Result<Option<RecordRow>, StoreError> {
    let sql = format!("SELECT {COLUMNS} FROM records WHERE reference = $1");
    let rows = pool.fetch(AssertSqlSafe(sql), &[reference.into()]).await?;
    rows.first().map(record_row).transpose()
}

/// Which jobs to list; `None` lets all pass.
#[derive(Debug, Clone, Default)]
pub struct JobFilter {
    /// In this state.
    pub state: Option<JobState>,
    /// For this target.
    pub target: Option<String>,
    /// Of this record.
    pub reference: Option<String>,
}

pub(crate) async fn list_jobs(
    pool: &Pool,
    filter: &JobFilter,
    page: Page,
) -> Result<Vec<JobRow>, StoreError> {
    let mut conditions = Conditions::new();
    conditions.and("state =", filter.state.map(JobState::as_str));
    if filter.state.is_some_and(|state| state != JobState::Done) {
        // By the index of those: an engine does not conclude it from a value that is bound.
        conditions.sql += " AND state <> 'done'";
    }
    conditions.and("target =", filter.target.as_deref());
    conditions.and("reference =", filter.reference.as_deref());
    let rows = conditions
        .page(pool, &format!("SELECT {} FROM outbox", outbox::COLUMNS), page)
        .await?;
    rows.iter().map(outbox::job_row).collect()
}

/// How many jobs each target has in each state, and when the oldest pending one was committed.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct OutboxDepth {
    /// The target.
    pub target: String,
    /// The state.
    pub state: JobState,
    /// Jobs.
    pub jobs: i64,
    /// When the oldest of them was committed.
    pub oldest: Timestamp,
}

/// Open safety reports of one severity.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OpenSafety {
    /// The severity; empty where a record has none.
    pub severity: String,
    /// How many.
    pub records: i64,
    /// When the first is due.
    pub nearest_due: Option<Timestamp>,
}

pub(crate) async fn open_safety(pool: &Pool) -> Result<Vec<OpenSafety>, StoreError> {
    let corrupt = |_| StoreError::Corrupt {
        what: "records.due_at",
    };
    let rows = pool
        .fetch(
            "SELECT severity, COUNT(*), MIN(due_at) FROM records
             WHERE kind = 'compliance' AND status = 'open' GROUP BY severity ORDER BY severity",
            &[],
        )
        .await?;
    rows.iter()
        .map(|row| {
            let due: Option<i64> = row.get(2)?;
            Ok(OpenSafety {
                severity: row.get::<Option<String>>(0)?.unwrap_or_default(),
                records: row.get(1)?,
                nearest_due: due
                    .map(Timestamp::from_microsecond)
                    .transpose()
                    .map_err(corrupt)?,
            })
        })
        .collect()
}

pub(crate) async fn outbox_depth(pool: &Pool) -> Result<Vec<OutboxDepth>, StoreError> {
    let corrupt = |_| StoreError::Corrupt { what: "outbox times" };
    let rows = pool
        .fetch(
            // Two halves, because each has an index of its own and their union has none.
            "SELECT target, state, COUNT(*), MIN(created_at) FROM outbox WHERE state = 'dead' GROUP BY target, state
             UNION ALL
             SELECT target, state, COUNT(*), MIN(created_at) FROM outbox WHERE state = 'pending' GROUP BY target, state
             ORDER BY 1, 2",
            &[],
        )
        .await?;
    rows.iter()
        .map(|row| {
            Ok(OutboxDepth {
                target: row.get(0)?,
                state: JobState::parse(&row.get::<String>(1)?)
                    .ok_or(StoreError::Corrupt { what: "outbox.state" })?,
                jobs: row.get(2)?,
                oldest: Timestamp::from_microsecond(row.get(3)?).map_err(corrupt)?,
            })
        })
        .collect()
}

/// The whole trail was walked and holds.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Verified {
    /// Entries walked.
    pub entries: u64,
    /// The end of every chain: keep them elsewhere, and the trail cannot be rewritten unnoticed.
    pub heads: Vec<Head>,
}

/// A page of the trail after (`chain`, `seq`), in the order of chains and entries.
pub(crate) async fn audit_page(pool: &Pool, chain: &str, seq: i64) -> Result<Vec<AuditEntry>, StoreError> {
    entries_after(pool, (chain, seq), WALK_PAGE).await
}

async fn entries_after(
    pool: &Pool,
    (chain, seq): (&str, i64),
    limit: i64,
) -> Result<Vec<AuditEntry>, StoreError> {
    let sql = format!(
        "SELECT {} FROM audit_entries WHERE (chain, seq) > ($1, $2) ORDER BY chain, seq LIMIT {limit}",
        audit::COLUMNS
    );
    let rows = pool
        .fetch(AssertSqlSafe(sql), &[chain.into(), seq.into()])
        .await?;
    rows.iter().map(audit::entry).collect()
}

/// Whether a row was there and could not be read: a byte was altered so that a text is no text any more, or a time no time.
fn is_unreadable<T>(read: &Result<T, StoreError>) -> bool {
    matches!(read, Err(StoreError::Refused(_) | StoreError::Corrupt { .. }))
}

/// The entry after `place`, which cannot be read: named by what can be read of its place.
async fn unreadable_after(pool: &Pool, (chain, seq): (&str, i64)) -> BadEntry {
    let next = pool
        .fetch(
            "SELECT chain, seq FROM audit_entries WHERE (chain, seq) > ($1, $2) ORDER BY chain, seq LIMIT 1",
            &[chain.into(), seq.into()],
        )
        .await;
    let place = next
        .ok()
        .and_then(|rows| Some((rows.first()?.get(0).ok()?, rows.first()?.get(1).ok()?)));
    let (chain, seq) = place.unwrap_or_else(|| (chain.to_owned(), seq + 1));
    BadEntry {
        chain,
        seq,
        fault: Fault::Altered,
    }
}

async fn heads(pool: &Pool) -> Result<Vec<Head>, StoreError> {
    let rows = pool
        .fetch("SELECT chain, seq, hash FROM audit_chains ORDER BY chain", &[])
        .await?;
    rows.iter()
        .map(|row| {
            Ok(Head {
                chain: row.get(0)?,
                seq: row.get(1)?,
                hash: hex::encode(row.get::<Vec<u8>>(2)?),
            })
        })
        .collect()
}

/// Walks the trail, and the records that it is about, while others append to it: the heads are read before, so what comes later is only compared with the
/// heads read after.
pub(crate) async fn audit_verify(pool: &Pool) -> Result<Result<Verified, BadEntry>, StoreError> {
    let before = heads(pool).await?;
    let mut vouched: BTreeMap<(String, i64), String> = BTreeMap::new();
    // By the heads, each by the index: to look for first entries among all would be a walk of its own. A chain without a head is found below.
    let starts = pool
        .fetch(
            "SELECT detail FROM audit_chains JOIN audit_entries ON audit_entries.chain = audit_chains.chain
                 AND audit_entries.seq = 1",
            &[],
        )
        .await?;
    for row in &starts {
        // A first entry that does not parse is named by the walk.
        let detail = row.get::<String>(0).unwrap_or_default();
        for head in audit::joins(&detail).unwrap_or_default() {
            vouched.insert((head.chain, head.seq), head.hash);
        }
    }
    vouched.extend(
        before
            .iter()
            .cloned()
            .map(|head| ((head.chain, head.seq), head.hash)),
    );
    let mut walk = Walk::default();
    let mut entries = 0;
    let mut ends: BTreeMap<String, i64> = BTreeMap::new();
    let (mut chain, mut seq) = (String::new(), 0);
    let mut limit = WALK_PAGE;
    loop {
        let page = entries_after(pool, (&chain, seq), limit).await;
        if is_unreadable(&page) {
            if limit == 1 {
                return Ok(Err(unreadable_after(pool, (&chain, seq)).await));
            }
            // One by one from here, to what cannot be read.
            limit = 1;
            continue;
        }
        let page = page?;
        let Some(last) = page.last() else { break };
        (chain, seq) = (last.chain.clone(), last.seq);
        let mut bad = None;
        let mut sound = page.as_slice();
        for (at, entry) in page.iter().enumerate() {
            let place = (entry.chain.clone(), entry.seq);
            bad = match (walk.step(entry), vouched.remove(&place)) {
                (Err(bad), _) => Some(bad),
                (Ok(()), Some(hash)) if hash != entry.hash => Some(BadEntry {
                    chain: entry.chain.clone(),
                    seq: entry.seq,
                    fault: Fault::Replaced,
                }),
                _ => None,
            };
            if bad.is_some() {
                sound = &page[..at];
                break;
            }
            ends.insert(entry.chain.clone(), entry.seq);
            entries += 1;
        }
        // A record may have been altered whose entry stands before the bad one.
        if let Some(bad) = bad_record(pool, sound).await?.or(bad) {
            return Ok(Err(bad));
        }
    }
    if let Some(((chain, seq), _)) = vouched.pop_first() {
        let seq = ends.get(&chain).map_or(1, |end| end + 1).min(seq);
        return Ok(Err(BadEntry {
            chain,
            seq,
            fault: Fault::Missing,
        }));
    }
    let after = heads(pool).await?;
    for (chain, end) in ends {
        let head = after
            .iter()
            .find(|head| head.chain == chain)
            .map_or(0, |head| head.seq);
        if head < end {
            return Ok(Err(BadEntry {
                chain,
                seq: head + 1,
                fault: Fault::Added,
            }));
        }
    }
    Ok(Ok(Verified {
        entries,
        heads: after,
    }))
}

/// The first entry of `page` whose record is not what it was when it was created. Summary, redacted text and details never
/// change; what people change has entries of its own.
async fn bad_record(pool: &Pool, page: &[AuditEntry]) -> Result<Option<BadEntry>, StoreError> {
    let created: Vec<(&AuditEntry, String)> = page
        .iter()
        .filter_map(|entry| Some((entry, audit::content_of(entry)?)))
        .collect();
    if created.is_empty() {
        return Ok(None);
    }
    let references: Vec<&str> = created.iter().map(|(entry, _)| entry.subject.as_str()).collect();
    let together = contents(pool, &references).await;
    let one_by_one = is_unreadable(&together);
    let mut now = if one_by_one { BTreeMap::new() } else { together? };
    for (entry, then) in created {
        let reference = entry.subject.as_str();
        if one_by_one {
            let alone = contents(pool, &[reference]).await;
            now = match is_unreadable(&alone) {
                true => BTreeMap::from([(reference.to_owned(), String::new())]),
                false => alone?,
            };
        }
        let fault = match now.get(reference) {
            Some(now) if *now == then => continue,
            Some(_) => Fault::RecordAltered,
            None => Fault::RecordMissing,
        };
        return Ok(Some(BadEntry {
            chain: entry.chain.clone(),
            seq: entry.seq,
            fault,
        }));
    }
    Ok(None)
}

/// The digests of what records say now, by reference.
async fn contents(pool: &Pool, references: &[&str]) -> Result<BTreeMap<String, String>, StoreError> {
    let places: Vec<String> = (1..=references.len()).map(|n| format!("${n}")).collect();
    let sql = format!(
        "SELECT reference, summary, redacted_text, details FROM records WHERE reference IN ({})",
        places.join(",")
    );
    let values: Vec<Value<'_>> = references.iter().copied().map(Value::from).collect();
    let mut contents = BTreeMap::new();
    for row in pool.fetch(AssertSqlSafe(sql), &values).await? {
        let (summary, text, details): (String, String, String) = (row.get(1)?, row.get(2)?, row.get(3)?);
        contents.insert(row.get(0)?, content_digest(&summary, &text, &details));
    }
    Ok(contents)
}

/// The reports that this one was linked to when it was made: those before it. It names them whenever it is asked.
pub(crate) async fn linked_before(pool: &Pool, record: &RecordRow) -> Result<Vec<String>, StoreError> {
    let rows = pool
        .fetch(
            "SELECT linked.reference AS other FROM linked_records JOIN records AS linked ON linked.id = linked_records.other
                 WHERE linked_records.record = $1 AND linked.id < $1
             UNION SELECT linked.reference FROM record_links JOIN records AS linked ON linked.reference = record_links.other
                 WHERE record_links.reference = $2 AND linked.id < $1
             ORDER BY other",
            &[record.id.into(), (&record.reference).into()],
        )
        .await?;
    rows.iter().map(|row| row.get(0)).collect()
}

/// Every reviewed record, oldest first, for training: redacted text and the reviewer's labels.
pub(crate) async fn reviewed(pool: &Pool, after: i64) -> Result<Vec<RecordRow>, StoreError> {
    let sql = format!(
        "SELECT {COLUMNS} FROM records WHERE review IS NOT NULL AND id > $1 ORDER BY id LIMIT {}",
        Page::MAX
    );
    let rows = pool.fetch(AssertSqlSafe(sql), &[after.into()]).await?;
    rows.iter().map(record_row).collect()
}
