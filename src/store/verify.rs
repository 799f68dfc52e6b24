//! The audit trail, read from end to end: does it hold, and does it say of every record what the record says?
//!
//! Walks while others append; never waits for the writer. What is wrong is answered, not raised: an error means that the store could not be
//! read at all.

use std::collections::{BTreeMap, BTreeSet};

use sqlx::AssertSqlSafe;

use super::Store;
use super::audit::{
    self, AuditEntry, BadEntry, Created, DELIVERED, DISCARDED, Fault, Head, RECORD_ACKNOWLEDGED,
    RECORD_ERASED, RECORD_RECLASSIFIED, RECORD_RESOLVED, SLA_BREACHED, SLA_DUE_SOON, Walk,
};
use super::batch::places;
use super::commit::content_digest;
use super::engine::{Engine, Pool};
use super::error::StoreError;
use super::value::Value;

/// Audit entries that are read at a time.
const WALK_PAGE: i64 = 1000;

/// The whole trail was walked and holds.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Verified {
    /// Entries walked.
    pub entries: u64,
    /// The end of every chain: keep them elsewhere, and the trail cannot be rewritten unnoticed.
    pub heads: Vec<Head>,
}

/// Why the trail does not hold.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, thiserror::Error)]
#[serde(untagged)]
pub enum Unsound {
    /// Its first bad entry.
    #[error(transparent)]
    Entry(#[from] BadEntry),
    /// The entries fit together, and the first record that none of them created.
    #[error("record {record} was created by no entry: its chain is gone, or the record was made up")]
    Record {
        /// Its reference.
        record: String,
    },
    /// The entries fit together, and the first record or delivery that is not where they leave it.
    #[error("{changed} is not what its entries say became of it: somebody changed it in the database")]
    Changed {
        /// The record's reference, or the delivery's key.
        changed: String,
    },
}

impl Store {
    /// Walks the whole audit trail; the inner error names the first bad entry, or a record without one.
    ///
    /// # Errors
    /// [`StoreError`] when it cannot be read.
    pub async fn audit_verify(&self) -> Result<Result<Verified, Unsound>, StoreError> {
        self.audit_verify_against(&[]).await
    }

    /// The same, and holds it against ends of chains that were kept elsewhere: a trail that was rewritten or cut as a whole lacks them.
    ///
    /// # Errors
    /// As [`Store::audit_verify`].
    pub async fn audit_verify_against(&self, kept: &[Head]) -> Result<Result<Verified, Unsound>, StoreError> {
        audit_verify(&self.0.pool, kept).await
    }

    /// The audit entries that follow (`chain`, `seq`), at most 1,000; begin with ("", 0).
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn audit_page(&self, chain: &str, seq: i64) -> Result<Vec<AuditEntry>, StoreError> {
        audit_page(&self.0.pool, chain, seq).await
    }

    /// The same, with whether more follow; where a `reference` is given, of those about that record or a delivery of it.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn audit_listed(
        &self,
        reference: Option<&str>,
        chain: &str,
        seq: i64,
    ) -> Result<(Vec<AuditEntry>, bool), StoreError> {
        audit_listed(&self.0.pool, reference, (chain, seq)).await
    }
}

/// A page of the trail after (`chain`, `seq`), in the order of chains and entries.
async fn audit_page(pool: &Pool, chain: &str, seq: i64) -> Result<Vec<AuditEntry>, StoreError> {
    entries_after(pool, (chain, seq), WALK_PAGE).await
}

/// [`audit_page`], with whether more follow; where a `reference` is given, of those about that record.
async fn audit_listed(
    pool: &Pool,
    reference: Option<&str>,
    place: (&str, i64),
) -> Result<(Vec<AuditEntry>, bool), StoreError> {
    let mut entries = match reference {
        Some(reference) => entries_about(pool, reference, place, WALK_PAGE + 1).await?,
        None => entries_after(pool, place, WALK_PAGE + 1).await?,
    };
    // One more than a page tells whether there is another.
    let page = usize::try_from(WALK_PAGE).unwrap_or(usize::MAX);
    let more = entries.len() > page;
    entries.truncate(page);
    Ok((entries, more))
}

/// Those of [`entries_after`] whose subject is the record `reference` or one of its deliveries, whose keys begin with it and a colon.
///
/// Found by the index of subjects, in which both stand together; byte by byte, whatever the database sorts texts by.
async fn entries_about(
    pool: &Pool,
    reference: &str,
    (chain, seq): (&str, i64),
    limit: i64,
) -> Result<Vec<AuditEntry>, StoreError> {
    let subject = match pool.engine() {
        Engine::Sqlite => "subject",
        Engine::Postgres => "subject COLLATE \"C\"",
    };
    // In a query of its own, so that the order of the outer one leads to no walk along the chains.
    let sql = format!(
        "WITH about AS MATERIALIZED (
             SELECT {columns} FROM audit_entries WHERE {subject} >= $3 AND {subject} < $5 AND ({subject} = $3 OR {subject} >= $4)
         )
         SELECT {columns} FROM about WHERE (chain, seq) > ($1, $2) ORDER BY chain, seq LIMIT {limit}",
        columns = audit::COLUMNS
    );
    // ';' follows ':'.
    let (first, after) = (format!("{reference}:"), format!("{reference};"));
    let values = [
        chain.into(),
        seq.into(),
        reference.into(),
        (&first).into(),
        (&after).into(),
    ];
    let rows = pool.fetch(AssertSqlSafe(sql), &values).await?;
    rows.iter().map(audit::entry).collect()
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
///
/// `kept` are ends of chains that were kept elsewhere: each has to be an entry still.
async fn audit_verify(pool: &Pool, kept: &[Head]) -> Result<Result<Verified, Unsound>, StoreError> {
    let before = heads(pool).await?;
    // Of one entry more than one may know the hash, and not the same one.
    let mut vouched: BTreeMap<(String, i64), Vec<String>> = BTreeMap::new();
    let mut vouch = |head: Head| vouched.entry((head.chain, head.seq)).or_default().push(head.hash);
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
        audit::joins(&detail)
            .unwrap_or_default()
            .into_iter()
            .for_each(&mut vouch);
    }
    before.into_iter().for_each(&mut vouch);
    kept.iter().cloned().for_each(&mut vouch);
    let mut walk = Walk::default();
    let mut entries = 0;
    let mut ends: BTreeMap<String, i64> = BTreeMap::new();
    let (mut chain, mut seq) = (String::new(), 0);
    let mut limit = WALK_PAGE;
    loop {
        let page = entries_after(pool, (&chain, seq), limit).await;
        if is_unreadable(&page) {
            if limit == 1 {
                return Ok(Err(unreadable_after(pool, (&chain, seq)).await.into()));
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
                (Ok(()), Some(hashes)) if hashes.iter().any(|hash| *hash != entry.hash) => Some(BadEntry {
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
            return Ok(Err(bad.into()));
        }
    }
    if let Some(((chain, seq), _)) = vouched.pop_first() {
        let seq = ends.get(&chain).map_or(1, |end| end + 1).min(seq);
        let fault = Fault::Missing;
        return Ok(Err(BadEntry { chain, seq, fault }.into()));
    }
    let after = heads(pool).await?;
    for (chain, end) in ends {
        let head = after
            .iter()
            .find(|head| head.chain == chain)
            .map_or(0, |head| head.seq);
        if head < end {
            let bad = BadEntry {
                chain,
                seq: head + 1,
                fault: Fault::Added,
            };
            return Ok(Err(bad.into()));
        }
    }
    if let Some(record) = without_entry(pool).await? {
        return Ok(Err(Unsound::Record { record }));
    }
    for statement in [changed_record(), changed_delivery()] {
        if let Some(changed) = first_of(pool, statement).await? {
            return Ok(Err(Unsound::Changed { changed }));
        }
    }
    Ok(Ok(Verified {
        entries,
        heads: after,
    }))
}

/// The first record of which no entry says that it was created: its chain is gone, or somebody made it up. One statement sees a record
/// and its entry together, or neither.
async fn without_entry(pool: &Pool) -> Result<Option<String>, StoreError> {
    let rows = pool
        .fetch_patiently(
            // A join would be a walk over all entries for each record, where the engine looks for no better way.
            "SELECT reference FROM records EXCEPT SELECT subject FROM audit_entries WHERE action = $1 ORDER BY 1 LIMIT 1",
            &[audit::RECORD_CREATED.into()],
        )
        .await?;
    rows.first().map(|row| row.get(0)).transpose()
}

/// The first record that is not where its entries leave it: acknowledged or resolved, due soon or breached, labelled, erased, and else open, with
/// its text and with a clock that runs. The times and labels themselves are in the entries alone. As [`without_entry`], one statement.
fn changed_record() -> String {
    format!(
        "SELECT reference FROM (
    SELECT reference, status,
        CASE WHEN due_soon_at IS NULL THEN 0 ELSE 1 END, CASE WHEN breached_at IS NULL THEN 0 ELSE 1 END,
        CASE WHEN review IS NULL THEN 0 ELSE 1 END, CASE WHEN erased_at IS NULL THEN 0 ELSE 1 END,
        CASE WHEN verbatim IS NULL THEN 1 ELSE 0 END,
        CASE WHEN status = 'open' AND due_at IS NOT NULL AND breached_at IS NULL AND clock_at IS NULL THEN 1 ELSE 0 END
    FROM records
    EXCEPT SELECT subject,
        CASE MAX(CASE action WHEN '{RECORD_RESOLVED}' THEN 2 WHEN '{RECORD_ACKNOWLEDGED}' THEN 1 ELSE 0 END)
            WHEN 2 THEN 'resolved' WHEN 1 THEN 'acknowledged' ELSE 'open' END,
        MAX(CASE action WHEN '{SLA_DUE_SOON}' THEN 1 ELSE 0 END), MAX(CASE action WHEN '{SLA_BREACHED}' THEN 1 ELSE 0 END),
        MAX(CASE action WHEN '{RECORD_RECLASSIFIED}' THEN 1 ELSE 0 END), MAX(CASE action WHEN '{RECORD_ERASED}' THEN 1 ELSE 0 END),
        MAX(CASE action WHEN '{RECORD_ERASED}' THEN 1 ELSE 0 END), 0
    FROM audit_entries WHERE action LIKE 'record.%' OR action LIKE 'sla.%' GROUP BY subject
) AS changed ORDER BY 1 LIMIT 1"
    )
}

/// The first delivery that is done or discarded, and no entry says so.
fn changed_delivery() -> String {
    format!(
        "SELECT job_key FROM (
    SELECT job_key, state FROM outbox WHERE state IN ('done', 'discarded')
    EXCEPT SELECT subject, CASE action WHEN '{DELIVERED}' THEN 'done' ELSE 'discarded' END
    FROM audit_entries WHERE action IN ('{DELIVERED}', '{DISCARDED}')
) AS changed ORDER BY 1 LIMIT 1"
    )
}

/// The text in the first row that a statement finds.
async fn first_of(pool: &Pool, statement: String) -> Result<Option<String>, StoreError> {
    let rows = pool.fetch_patiently(AssertSqlSafe(statement), &[]).await?;
    rows.first().map(|row| row.get(0)).transpose()
}

/// The first entry of `page` whose record is not what it was when it was created, or whose deliveries are gone. Nothing of what [`Created`] holds ever
/// changes; what people change has entries of its own.
async fn bad_record(pool: &Pool, page: &[AuditEntry]) -> Result<Option<BadEntry>, StoreError> {
    let created: Vec<(&AuditEntry, Created)> = page
        .iter()
        .filter_map(|entry| Some((entry, audit::created(entry)?)))
        .collect();
    if created.is_empty() {
        return Ok(None);
    }
    let references: Vec<&str> = created.iter().map(|(entry, _)| entry.subject.as_str()).collect();
    let deliveries = deliveries(pool, created.iter().flat_map(|(_, created)| &created.jobs)).await?;
    let together = contents(pool, &references).await;
    let one_by_one = is_unreadable(&together);
    let mut now = if one_by_one { BTreeMap::new() } else { together? };
    for (entry, mut then) in created {
        let reference = entry.subject.as_str();
        if one_by_one {
            let alone = contents(pool, &[reference]).await;
            now = match is_unreadable(&alone) {
                true => BTreeMap::from([(reference.to_owned(), None)]),
                false => alone?,
            };
        }
        let jobs = std::mem::take(&mut then.jobs);
        let fault = match now.get(reference) {
            Some(Some(now)) if *now == then => match jobs.iter().all(|job| deliveries.contains(job)) {
                true => continue,
                false => Fault::DeliveryMissing,
            },
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

/// Those of `keys` that deliveries have.
async fn deliveries(
    pool: &Pool,
    keys: impl Iterator<Item = &String>,
) -> Result<BTreeSet<String>, StoreError> {
    let keys: Vec<Value<'_>> = keys.map(Value::from).collect();
    if keys.is_empty() {
        return Ok(BTreeSet::new());
    }
    let places = places('$', 1, keys.len());
    let sql = format!("SELECT job_key FROM outbox WHERE job_key IN {places}");
    let rows = pool.fetch(AssertSqlSafe(sql), &keys).await?;
    rows.iter().map(|row| row.get(0)).collect()
}

/// What records say now, by reference, as their first entries would.
async fn contents(pool: &Pool, references: &[&str]) -> Result<BTreeMap<String, Option<Created>>, StoreError> {
    let places = places('$', 1, references.len());
    let sql = format!(
        "SELECT reference, summary, redacted_text, details, kind, queue, category, severity, due_at, request_id, client_id
             FROM records WHERE reference IN {places}"
    );
    let values: Vec<Value<'_>> = references.iter().copied().map(Value::from).collect();
    let mut contents = BTreeMap::new();
    for row in pool.fetch(AssertSqlSafe(sql), &values).await? {
        let (summary, text, details): (String, String, String) = (row.get(1)?, row.get(2)?, row.get(3)?);
        let now = Created {
            kind: row.get(4)?,
            queue: row.get(5)?,
            category: row.get(6)?,
            severity: row.get(7)?,
            due_us: row.get(8)?,
            request_id: row.get(9)?,
            content: content_digest(&summary, &text, &details),
            jobs: Vec::new(),
            actor: format!("client:{}", row.get::<String>(10)?),
        };
        contents.insert(row.get(0)?, Some(now));
    }
    Ok(contents)
}
