//! The audit trail, read from end to end: does it hold, and does it say of every record what the record says?
//!
//! Walks while others append; never waits for the writer. What is wrong is answered, not raised: an error means that the store could not be
//! read at all.

use std::collections::BTreeMap;

use sqlx::AssertSqlSafe;

use super::audit::{self, AuditEntry, BadEntry, Fault, Head, Walk};
use super::commit::content_digest;
use super::engine::Pool;
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
pub(crate) async fn audit_verify(pool: &Pool) -> Result<Result<Verified, Unsound>, StoreError> {
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
    Ok(Ok(Verified {
        entries,
        heads: after,
    }))
}

/// The first record of which no entry says that it was created: its chain is gone, or somebody made it up. One statement sees a record
/// and its entry together, or neither.
async fn without_entry(pool: &Pool) -> Result<Option<String>, StoreError> {
    let rows = pool
        .fetch(
            // A join would be a walk over all entries for each record, where the engine looks for no better way.
            "SELECT reference FROM records EXCEPT SELECT subject FROM audit_entries WHERE action = $1 ORDER BY 1 LIMIT 1",
            &[audit::RECORD_CREATED.into()],
        )
        .await?;
    rows.first().map(|row| row.get(0)).transpose()
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
