//! Reading: records and jobs in pages. Reads never wait for the writer.

use jiff::Timestamp;
use sqlx::AssertSqlSafe;

use super::Store;
use super::engine::{Pool, Row};
use super::error::StoreError;
use super::job::{self, JobRow, JobState};
use super::record::{Listed, Page, RecordFilter, RecordKind, RecordRow, RecordSort, RecordStatus};
use super::value::Value;
use crate::telemetry::metrics::StoreOperation;

impl Store {
    /// A page of records.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn list_records(
        &self,
        filter: &RecordFilter,
        page: Page,
    ) -> Result<Listed<RecordRow>, StoreError> {
        let listing = list_records(&self.0.pool, filter, page);
        self.timed(StoreOperation::Read, listing).await
    }

    /// One record.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn record(&self, reference: &str) -> Result<Option<RecordRow>, StoreError> {
        self.timed(StoreOperation::Read, record(&self.0.pool, reference))
            .await
    }

    /// Reviewed records with an id above `after`, oldest first, at most [`Page::MAX`]: what training can learn from.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn reviewed(&self, after: i64) -> Result<Vec<RecordRow>, StoreError> {
        reviewed(&self.0.pool, after).await
    }

    /// A page of jobs, newest first.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn list_jobs(&self, filter: &JobFilter, page: Page) -> Result<Listed<JobRow>, StoreError> {
        let listing = list_jobs(&self.0.pool, filter, page);
        self.timed(StoreOperation::Read, listing).await
    }

    /// Pending and dead jobs by target.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn outbox_depth(&self) -> Result<Vec<OutboxDepth>, StoreError> {
        self.timed(StoreOperation::Read, outbox_depth(&self.0.pool)).await
    }

    /// Safety reports that nobody has acknowledged, by severity.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn open_safety(&self) -> Result<Vec<OpenSafety>, StoreError> {
        self.timed(StoreOperation::Read, open_safety(&self.0.pool)).await
    }

    /// A record as outside systems are told of it, the same at every try: of the reports linked to it, those before it.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn record_to_deliver(&self, reference: &str) -> Result<Option<RecordRow>, StoreError> {
        let Some(mut record) = self.record(reference).await? else {
            return Ok(None);
        };
        if !record.linked_reports.is_empty() {
            record.linked_reports = linked_before(&self.0.pool, &record).await?;
        }
        Ok(Some(record))
    }
}

/// Columns of [`RecordRow`], in the order that [`record_row`] reads.
pub(crate) const COLUMNS: &str = "id, reference, kind, queue, status, version, received_at, due_at, due_soon_at, breached_at, \
     severity, category, intent, channel, request_id, client_id, summary, redacted_text, details, erased_at, review, \
     (SELECT string_agg(other, ' ' ORDER BY other) FROM (\
         SELECT linked.reference AS other FROM linked_records JOIN records AS linked ON linked.id = linked_records.other \
             WHERE linked_records.record = records.id \
         UNION SELECT other FROM record_links WHERE record_links.reference = records.reference) AS others)";

pub(crate) fn record_row(row: &Row) -> Result<RecordRow, StoreError> {
    const TIMES: &str = "records times";
    let corrupt = |what| StoreError::Corrupt { what };
    Ok(RecordRow {
        id: row.get(0)?,
        reference: row.get(1)?,
        kind: row.label(2, RecordKind::parse, "records.kind")?,
        queue: row.get(3)?,
        status: row.label(4, RecordStatus::parse, "records.status")?,
        version: row.get(5)?,
        received_at: row.time(6, TIMES)?,
        due_at: row.time_if_any(7, TIMES)?,
        due_soon_at: row.time_if_any(8, TIMES)?,
        breached_at: row.time_if_any(9, TIMES)?,
        severity: row.get(10)?,
        category: row.get(11)?,
        intent: row.get(12)?,
        channel: row.get(13)?,
        request_id: row.get(14)?,
        client_id: row.get(15)?,
        summary: row.get(16)?,
        redacted_text: row.get(17)?,
        details: serde_json::from_str(&row.get::<String>(18)?).map_err(|_| corrupt("records.details"))?,
        erased_at: row.time_if_any(19, TIMES)?,
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

    /// Newest first, a page of them. `select` gives the id first.
    async fn newest<R>(
        mut self,
        pool: &Pool,
        select: &str,
        page: Page,
        read: impl Fn(&Row) -> Result<R, StoreError>,
    ) -> Result<Listed<R>, StoreError> {
        self.and("id <", page.before);
        self.page(pool, select, "id DESC", page, read).await
    }

    async fn page<R>(
        self,
        pool: &Pool,
        select: &str,
        order: &str,
        page: Page,
        read: impl Fn(&Row) -> Result<R, StoreError>,
    ) -> Result<Listed<R>, StoreError> {
        let limit = page.limit.clamp(1, Page::MAX) as usize;
        // The one behind tells whether there is a next page.
        let sql = format!("{select} WHERE {} ORDER BY {order} LIMIT {}", self.sql, limit + 1);
        let mut rows = pool.fetch(AssertSqlSafe(sql), &self.values).await?;
        let ends_here = rows.len() <= limit;
        rows.truncate(limit);
        let last = rows.last().filter(|_| !ends_here);
        Ok(Listed {
            next: last.map(|row| row.get(0)).transpose()?,
            items: rows.iter().map(read).collect::<Result<_, _>>()?,
        })
    }
}

async fn list_records(
    pool: &Pool,
    filter: &RecordFilter,
    page: Page,
) -> Result<Listed<RecordRow>, StoreError> {
    let mut conditions = Conditions::new();
    conditions.and("kind =", filter.kind.map(RecordKind::as_str));
    conditions.and("status =", filter.status.map(RecordStatus::as_str));
    conditions.and("queue =", filter.queue.as_deref());
    conditions.and("severity =", filter.severity.as_deref());
    conditions.and("category =", filter.category.as_deref());
    conditions.and("client_id =", filter.client_id.as_deref());
    conditions.and_present("breached_at", filter.breached);
    conditions.and_present("review", filter.reviewed);
    let mut select = format!("SELECT {COLUMNS} FROM records");
    if filter.sort != Some(RecordSort::Due) {
        return conditions.newest(pool, &select, page, record_row).await;
    }
    conditions.sql += " AND status = 'open' AND due_at IS NOT NULL";
    if filter.kind == Some(RecordKind::Compliance) {
        // These rows have a partial index, which the planner does not use for a bound value.
        conditions.sql += " AND kind = 'compliance'";
        if let Pool::Sqlite(_) = pool {
            // It does not know that these are the fewest, and would walk over all open tickets.
            select += " INDEXED BY records_open_safety";
        }
    }
    if let Some(before) = page.before {
        conditions.values.push(before.into());
        let place = conditions.values.len();
        conditions.sql +=
            &format!(" AND (due_at, id) > (SELECT due_at, id FROM records WHERE id = ${place})");
    }
    conditions
        .page(pool, &select, "due_at, id", page, record_row)
        .await
}

async fn record(pool: &Pool, reference: &str) -> Result<Option<RecordRow>, StoreError> {
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

async fn list_jobs(pool: &Pool, filter: &JobFilter, page: Page) -> Result<Listed<JobRow>, StoreError> {
    let mut conditions = Conditions::new();
    conditions.and("state =", filter.state.map(JobState::as_str));
    if filter.state.is_some_and(|state| state != JobState::Done) {
        // These rows have a partial index, which the planner does not use for a bound value.
        conditions.sql += " AND state <> 'done'";
    }
    conditions.and("target =", filter.target.as_deref());
    conditions.and("reference =", filter.reference.as_deref());
    let select = format!("SELECT {} FROM outbox", job::COLUMNS);
    conditions.newest(pool, &select, page, job::job_row).await
}

/// How many jobs each target has in each state, and when the oldest of them was committed.
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

async fn open_safety(pool: &Pool) -> Result<Vec<OpenSafety>, StoreError> {
    let rows = pool
        .fetch(
            "SELECT severity, COUNT(*), MIN(due_at) FROM records
             WHERE kind = 'compliance' AND status = 'open' GROUP BY severity ORDER BY severity",
            &[],
        )
        .await?;
    rows.iter()
        .map(|row| {
            Ok(OpenSafety {
                severity: row.get::<Option<String>>(0)?.unwrap_or_default(),
                records: row.get(1)?,
                nearest_due: row.time_if_any(2, "records.due_at")?,
            })
        })
        .collect()
}

async fn outbox_depth(pool: &Pool) -> Result<Vec<OutboxDepth>, StoreError> {
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
                state: job::state(row, 1)?,
                jobs: row.get(2)?,
                oldest: row.time(3, "outbox times")?,
            })
        })
        .collect()
}

/// The reports that this one was linked to when it was made: those before it. It names them whenever it is asked.
async fn linked_before(pool: &Pool, record: &RecordRow) -> Result<Vec<String>, StoreError> {
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
async fn reviewed(pool: &Pool, after: i64) -> Result<Vec<RecordRow>, StoreError> {
    let sql = format!(
        "SELECT {COLUMNS} FROM records WHERE review IS NOT NULL AND id > $1 ORDER BY id LIMIT {}",
        Page::MAX
    );
    let rows = pool.fetch(AssertSqlSafe(sql), &[after.into()]).await?;
    rows.iter().map(record_row).collect()
}
