//! Records that may tell of the same event: found by keyed hashes of what such reports share, linked both ways, never merged.
//!
//! The store knows no workflow: a new record brings facts, of which one in common is enough to look closer, and a function that compares the
//! details of two records. Facts are hashed with a key that is derived from the data key before they are queued; nobody who
//! holds the database alone can tell from a hash whose it is. [`link`] runs in the transaction that keeps the record, so that of
//! two reports committed at the same time the later one finds the earlier. Facts are forgotten ([`purge`](super::purge)) when nothing looks so far back, and
//! with the text of their record. Links are audited on both records: in the first entry of the
//! new one, in one more of the earlier. A person decides what they mean.

use std::collections::BTreeSet;

use serde::Serialize;
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
#[derive(Serialize)]
pub(crate) struct Alike {
    pub(crate) reference: String,
    /// What both tell.
    alike: serde_json::Value,
    /// The numbers of the new record and of this one.
    #[serde(skip)]
    pair: [i64; 2],
}

impl Alike {
    /// What the trail says on this record of the `new` one, whose own first entry says the same of this one.
    pub(crate) fn linked(&self, new: &str) -> NewAuditEntry {
        let detail = json!({ "may_be_the_same_event_as": new, "alike": self.alike });
        NewAuditEntry::new(
            "system".to_owned(),
            RECORD_LINKED,
            self.reference.clone(),
            &detail,
        )
    }
}

/// The records that may tell of the same event as `new`: those that the message names, then the newest first.
async fn alike(connection: &mut Connection, new: &Linkable<'_>) -> Result<Vec<Alike>, StoreError> {
    const DETAILS: &str = "SELECT details, (SELECT id FROM records WHERE reference = $2), id FROM records
         WHERE reference = $1 AND kind = 'compliance'";
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
        let rows = connection
            .fetch(DETAILS, &[(&reference).into(), new.reference.into()])
            .await?;
        let Some(row) = rows.first() else { continue };
        if let Some(alike) = (same_event.compare)(&row.get::<String>(0)?) {
            found.push(Alike {
                pair: [row.get(1)?, row.get(2)?],
                reference,
                alike,
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

/// Removes the facts of one record.
pub(super) async fn forget(
    tx: &mut Transaction<'_>,
    reference: &str,
    received_us: i64,
) -> Result<(), StoreError> {
    tx.connection
        .execute(
            "DELETE FROM record_facts WHERE received_at = $1 AND reference = $2",
            &[received_us.into(), reference.into()],
        )
        .await
        .map(drop)
}

static FACTS: MultiInsert = MultiInsert::new("record_facts", &["fact", "received_at", "reference"]);
static LINKS: MultiInsert = MultiInsert::new("linked_records", &["record", "other", "linked_at"]);

/// Keeps the facts of new records, which are in the table already, and links each to those before it; answers to which ones. The trail
/// is its caller's.
pub(crate) async fn link(
    tx: &mut Transaction<'_>,
    new: &[Linkable<'_>],
) -> Result<Vec<Vec<Alike>>, StoreError> {
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
        let both_ways = others
            .iter()
            .flat_map(|other| [other.pair, [other.pair[1], other.pair[0]]])
            .flat_map(|[record, other]| [record.into(), other.into(), now.into()]);
        let values: Vec<Value<'_>> = both_ways.collect();
        LINKS.run(tx.connection, &values).await?;
        linked.push(others);
        let facts: BTreeSet<&Vec<u8>> = new.likeness.facts.iter().collect();
        let values: Vec<Value<'_>> = facts
            .into_iter()
            .flat_map(|fact| [fact.into(), new.received_us.into(), new.reference.into()])
            .collect();
        FACTS.run(tx.connection, &values).await?;
    }
    Ok(linked)
}
