//! Records that may tell of the same event: found by keyed hashes of what such reports share, linked both ways, never merged.
//!
//! The store knows no workflow: a new record brings facts, of which one in common is enough to look closer, and a function that compares the
//! details of two records. Facts are hashed with a key that is derived from the data key before they are queued; nobody who
//! holds the database alone can tell from a hash whose it is. [`link`] runs in the transaction that keeps the record, so that of
//! two reports committed at the same time the later one finds the earlier. Links are audited on both records; a person decides what
//! they mean.

use std::collections::BTreeSet;

use serde_json::json;
use sqlx::AssertSqlSafe;

use super::audit::RECORD_LINKED;
use super::batch::MultiInsert;
use super::engine::{Connection, Engine};
use super::error::StoreError;
use super::record::{NewAuditEntry, SameEvent};
use super::transaction::Transaction;
use super::value::Value;
use crate::privacy::Sealer;

/// Most earlier records that a new one is compared with, the newest of them.
const MAX_COMPARED: usize = 5;
/// Most earlier records that a new one is linked to. They are linked to those before them: whoever follows the links finds them all, and a
/// customer who writes a hundred times does not make thousands of links.
const MAX_LINKED: usize = 2;

/// A [`SameEvent`] whose facts are hashes.
pub(crate) struct Likeness {
    /// Under the current key: what is kept.
    facts: Vec<Vec<u8>>,
    /// Under every key: what is looked for.
    wanted: Vec<Vec<u8>>,
    same_event: SameEvent,
}

impl Likeness {
    pub(crate) fn new(mut same_event: SameEvent, sealer: &Sealer) -> Self {
        let facts = std::mem::take(&mut same_event.facts);
        let hashes: Vec<Vec<Vec<u8>>> = facts.iter().map(|fact| sealer.keyed_hashes(fact)).collect();
        Self {
            facts: hashes.iter().filter_map(|keys| keys.first().cloned()).collect(),
            wanted: hashes.into_iter().flatten().collect(),
            same_event,
        }
    }
}

/// A new record, as far as linking goes.
pub(crate) struct Linkable<'a> {
    pub(crate) reference: &'a str,
    pub(crate) received_us: i64,
    pub(crate) likeness: &'a Likeness,
}

/// An earlier record that may tell of the same event.
struct Alike {
    id: i64,
    reference: String,
    /// What both tell.
    shared: serde_json::Value,
}

/// The records that may tell of the same event as `new`: those that the message names, then the newest first.
async fn alike(connection: &mut Connection, new: &Linkable<'_>) -> Result<Vec<Alike>, StoreError> {
    const DETAILS: &str = "SELECT id, details FROM records WHERE reference = $1 AND kind = 'compliance'";
    let same_event = &new.likeness.same_event;
    let mut candidates: Vec<String> = Vec::new();
    let newest = newest(connection, new.likeness).await?;
    // Each once: a message may name a report twice, and a report may share several facts.
    for reference in same_event.named.iter().chain(&newest) {
        if !candidates.contains(reference) {
            candidates.push(reference.clone());
        }
    }
    candidates.truncate(same_event.named.len() + MAX_COMPARED);
    let mut found = Vec::new();
    for reference in candidates {
        // One after the other: mostly the first is the one, and there is none at all.
        let rows = connection.fetch(DETAILS, &[(&reference).into()]).await?;
        let Some(row) = rows.first() else { continue };
        let id = row.get(0)?;
        if let Some(shared) = (same_event.compare)(&row.get::<String>(1)?) {
            found.push(Alike {
                id,
                reference,
                shared,
            });
            if found.len() == MAX_LINKED {
                break;
            }
        }
    }
    Ok(found)
}

/// The newest records of each fact, newest first; one that has several of them comes more than once.
async fn newest(connection: &mut Connection, likeness: &Likeness) -> Result<Vec<String>, StoreError> {
    if likeness.wanted.is_empty() {
        return Ok(Vec::new());
    }
    let mut values = vec![Value::from(likeness.same_event.since.as_microsecond())];
    values.extend(likeness.wanted.iter().map(Value::from));
    let sql = newest_of_each(likeness.wanted.len());
    let mut newest = Vec::new();
    for row in connection.fetch(AssertSqlSafe(sql), &values).await? {
        newest.push((row.get::<i64>(0)?, row.get::<String>(1)?));
    }
    newest.sort_unstable_by(|a, b| b.cmp(a));
    Ok(newest.into_iter().map(|(_, reference)| reference).collect())
}

/// The number of a record that is in the table.
async fn id_of(connection: &mut Connection, reference: &str) -> Result<i64, StoreError> {
    const ID: &str = "SELECT id FROM records WHERE reference = $1";
    let rows = connection.fetch(ID, &[reference.into()]).await?;
    let row = rows.first().ok_or(StoreError::Corrupt { what: "records" })?;
    row.get(0)
}

/// Each fact by itself: its newest stand side by side in the index, however many there are.
fn newest_of_each(facts: usize) -> String {
    let each = (2..2 + facts).map(|place| {
        format!(
            "SELECT received_at, reference FROM (SELECT received_at, reference FROM record_facts \
             WHERE fact = ${place} AND received_at >= $1 ORDER BY received_at DESC LIMIT {MAX_COMPARED}) AS f"
        )
    });
    each.collect::<Vec<_>>().join(" UNION ALL ")
}

static FACTS: MultiInsert = MultiInsert::new("record_facts", &["fact", "received_at", "reference"]);
static LINKS: MultiInsert = MultiInsert::new("linked_records", &["record", "other", "linked_at"]);

/// Keeps the facts of new records, which are in the table already, and links each to those before it; answers to which ones.
pub(crate) async fn link(
    tx: &mut Transaction<'_>,
    new: &[Linkable<'_>],
) -> Result<Vec<Vec<String>>, StoreError> {
    if tx.connection.engine() == Engine::Postgres {
        // Two replicas with reports of one event take turns. In order of the key, so that they never wait for each other.
        let keys: BTreeSet<i64> = new
            .iter()
            .flat_map(|new| new.likeness.wanted.iter())
            .filter_map(|fact| Some(i64::from_be_bytes(*fact.first_chunk()?)))
            .collect();
        for key in keys {
            tx.connection
                .execute("SELECT pg_advisory_xact_lock($1)", &[key.into()])
                .await?;
        }
    }
    let now = tx.now_us();
    let mut linked = Vec::with_capacity(new.len());
    for new in new {
        let others = alike(tx.connection, new).await?;
        if !others.is_empty() {
            let id = id_of(tx.connection, new.reference).await?;
            let both_ways = others
                .iter()
                .flat_map(|other| [(id, other.id), (other.id, id)])
                .flat_map(|(record, other)| [record.into(), other.into(), now.into()]);
            let values: Vec<Value<'_>> = both_ways.collect();
            LINKS.run(tx.connection, &values).await?;
        }
        for other in &others {
            let other_reference = other.reference.as_str();
            for (reference, to) in [(new.reference, other_reference), (other_reference, new.reference)] {
                let detail = json!({ "may_be_the_same_event_as": to, "alike": other.shared });
                tx.audit(NewAuditEntry::new(
                    "system".to_owned(),
                    RECORD_LINKED,
                    reference.to_owned(),
                    &detail,
                ));
            }
        }
        linked.push(others.into_iter().map(|other| other.reference).collect());
        let facts: BTreeSet<&Vec<u8>> = new.likeness.facts.iter().collect();
        let values: Vec<Value<'_>> = facts
            .into_iter()
            .flat_map(|fact| [fact.into(), new.received_us.into(), new.reference.into()])
            .collect();
        FACTS.run(tx.connection, &values).await?;
    }
    Ok(linked)
}
