//! Records that may tell of the same event: found by keyed hashes of what such reports share, linked both ways, never merged.
//!
//! The store knows no workflow: a new record brings facts, of which one in common is enough to look closer, and a function that compares the
//! details of two records. Facts are hashed with a key that is derived from the data key before they are queued; nobody who
//! holds the database alone can tell from a hash whose it is. [`link`] runs in the transaction that keeps the record, so that of
//! two reports committed at the same time the later one finds the earlier. [`earlier`] answers the same question beforehand, for
//! the answer. Links are audited on both records; a person decides what they mean.

use std::collections::BTreeSet;

use serde_json::json;
use sqlx::AssertSqlSafe;

use super::audit::RECORD_LINKED;
use super::batch::MultiInsert;
use super::engine::{Connection, Engine, Pool, Row, Value};
use super::error::StoreError;
use super::record::{NewAuditEntry, SameEvent};
use super::writer::Transaction;
use crate::privacy::Sealer;

/// Most earlier records that a new one is compared with, the newest of them.
const MAX_COMPARED: i64 = 5;
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
    pub(crate) details: &'a str,
    pub(crate) likeness: &'a Likeness,
}

/// Who reads: the writer inside its transaction, or anybody.
enum Reader<'a> {
    Transaction(&'a mut Connection),
    Pool(&'a Pool),
}

impl Reader<'_> {
    async fn fetch(&mut self, sql: String, values: &[Value<'_>]) -> Result<Vec<Row>, StoreError> {
        match self {
            Self::Transaction(connection) => connection.fetch(AssertSqlSafe(sql), values).await,
            Self::Pool(pool) => pool.fetch(AssertSqlSafe(sql), values).await,
        }
    }
}

/// The records that may tell of the same event as `new`, newest first, each with what is alike.
async fn alike(
    mut reader: Reader<'_>,
    new: &Linkable<'_>,
) -> Result<Vec<(String, serde_json::Value)>, StoreError> {
    let Likeness {
        wanted, same_event, ..
    } = new.likeness;
    let mut candidates: BTreeSet<String> = same_event.named.iter().cloned().collect();
    if !wanted.is_empty() {
        let sql = format!(
            "SELECT DISTINCT reference, received_at FROM record_facts WHERE received_at >= $1 AND fact IN ({}) \
             ORDER BY received_at DESC LIMIT {MAX_COMPARED}",
            places(2, wanted.len())
        );
        let mut values = vec![Value::from(same_event.since.as_microsecond())];
        values.extend(wanted.iter().map(Value::from));
        for row in reader.fetch(sql, &values).await? {
            candidates.insert(row.get(0)?);
        }
    }
    candidates.remove(new.reference);
    if candidates.is_empty() {
        return Ok(Vec::new());
    }
    let sql = format!(
        "SELECT reference, details FROM records WHERE kind = 'compliance' AND reference IN ({}) ORDER BY id DESC",
        places(1, candidates.len())
    );
    let values: Vec<Value<'_>> = candidates.iter().map(Value::from).collect();
    let mut found = Vec::new();
    for row in reader.fetch(sql, &values).await? {
        if let Some(alike) = (same_event.compare)(new.details, &row.get::<String>(1)?) {
            found.push((row.get(0)?, alike));
            if found.len() == MAX_LINKED {
                break;
            }
        }
    }
    Ok(found)
}

fn places(first: usize, count: usize) -> String {
    let places: Vec<String> = (first..first + count).map(|n| format!("${n}")).collect();
    places.join(",")
}

/// References of kept records that may tell of the same event as the one described, newest first.
pub(crate) async fn earlier(pool: &Pool, new: &Linkable<'_>) -> Result<Vec<String>, StoreError> {
    let found = alike(Reader::Pool(pool), new).await?;
    Ok(found.into_iter().map(|(reference, _)| reference).collect())
}

static FACTS: MultiInsert = MultiInsert::new("record_facts", &["fact", "received_at", "reference"]);
static LINKS: MultiInsert = MultiInsert::new("record_links", &["reference", "other", "linked_at"]);

/// Keeps the facts of new records, which are in the table already, and links each to those before it.
pub(crate) async fn link(tx: &mut Transaction<'_>, new: &[Linkable<'_>]) -> Result<(), StoreError> {
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
    for new in new {
        for (other, alike) in alike(Reader::Transaction(tx.connection), new).await? {
            let values: [Value<'_>; 6] = [
                new.reference.into(),
                (&other).into(),
                now.into(),
                (&other).into(),
                new.reference.into(),
                now.into(),
            ];
            LINKS.run(tx.connection, &values).await?;
            for (reference, to) in [(new.reference, other.as_str()), (other.as_str(), new.reference)] {
                let detail = json!({ "may_be_the_same_event_as": to, "alike": alike });
                tx.audit(NewAuditEntry::new(
                    "system".to_owned(),
                    RECORD_LINKED,
                    reference.to_owned(),
                    &detail,
                ));
            }
        }
        let facts: BTreeSet<&Vec<u8>> = new.likeness.facts.iter().collect();
        let values: Vec<Value<'_>> = facts
            .into_iter()
            .flat_map(|fact| [fact.into(), new.received_us.into(), new.reference.into()])
            .collect();
        FACTS.run(tx.connection, &values).await?;
    }
    Ok(())
}
