//! The audit trail: append-only entries, each carrying the hash of the one before, so that an entry changed, removed,
//! added or moved afterwards is found and named.
//!
//! Every process that writes has a chain of its own (many replicas share one database without waiting for each
//! other). A chain begins with an entry that names the last entry of every chain that grew since another one named it, so
//! that a whole chain cannot vanish unnoticed either. [`verify`](super::Store::audit_verify) walks all of them.
//!
//! Entry hash: SHA-256 over a version tag, the previous entry's hash (32 zero bytes before the first), and chain, seq,
//! time in microseconds, actor, action, subject and detail, text with its length (64 bit, big-endian) before it. It needs
//! no secret: whoever holds an export can check it. Somebody who can rewrite the whole database can also rewrite every
//! hash; keep an export, or the heads it ends with, elsewhere.

use std::sync::Arc;

use jiff::Timestamp;
use ring::digest;
use serde::{Deserialize, Serialize};
use serde_json::json;
use sqlx::AssertSqlSafe;
use uuid::{NoContext, Uuid};

use super::batch::MultiInsert;
use super::engine::{Connection, Row};
use super::error::StoreError;
use super::record::NewAuditEntry;
use super::value::Value;

const VERSION: &[u8] = b"switchboard audit 1\0";
/// The action of every chain's first entry.
pub(crate) const CHAIN_STARTED: &str = "audit.chain_started";
/// The action of a record's first entry.
pub(crate) const RECORD_CREATED: &str = "record.created";
/// The action that says of which other record this one may tell the same event.
pub(crate) const RECORD_LINKED: &str = "record.linked";

// What became of a record or a delivery: by these, [`verify`](super::verify) judges whether it is where its entries leave it.
pub(crate) const RECORD_ACKNOWLEDGED: &str = "record.acknowledged";
pub(crate) const RECORD_RESOLVED: &str = "record.resolved";
pub(crate) const RECORD_RECLASSIFIED: &str = "record.reclassified";
pub(crate) const RECORD_ERASED: &str = "record.erased";
pub(crate) const SLA_DUE_SOON: &str = "sla.due_soon";
pub(crate) const SLA_BREACHED: &str = "sla.breached";
pub(crate) const DELIVERED: &str = "outbox.delivered";
pub(crate) const DISCARDED: &str = "outbox.discarded";

/// An entry as it is kept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct AuditEntry {
    /// The writer's chain.
    pub chain: String,
    /// Position in the chain, from 1, without gaps.
    pub seq: i64,
    /// When, to the microsecond.
    #[schema(value_type = String, format = DateTime)]
    pub at: Timestamp,
    /// Who.
    pub actor: String,
    /// What.
    pub action: String,
    /// On what.
    pub subject: String,
    /// Redacted facts as JSON text, byte for byte as hashed.
    pub detail: String,
    /// This entry's hash, in hexadecimal.
    pub hash: String,
}

/// The end of a chain, as another chain's first entry vouches for it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Head {
    /// The chain.
    pub chain: String,
    /// Its last entry.
    pub seq: i64,
    /// That entry's hash, in hexadecimal.
    pub hash: String,
}

impl NewAuditEntry {
    /// An entry whose detail is any serializable value.
    pub fn new(actor: String, action: &'static str, subject: String, detail: &impl Serialize) -> Self {
        // Details are structs and maps with text keys: they always serialize.
        let detail = serde_json::to_string(detail).unwrap_or_default();
        Self {
            actor,
            action,
            subject,
            detail,
        }
    }

    /// The same entry with one member more in its detail, which has some already.
    pub(crate) fn with(&self, member: &str, value: &impl Serialize) -> Self {
        let value = serde_json::to_string(value).unwrap_or_default();
        let members = self.detail.strip_suffix('}').unwrap_or_default();
        Self {
            actor: self.actor.clone(),
            action: self.action,
            subject: self.subject.clone(),
            detail: format!("{members},\"{member}\":{value}}}"),
        }
    }
}

/// An entry that waits for its place in the chain.
pub(crate) struct Draft {
    at_us: i64,
    entry: Arc<NewAuditEntry>,
}

impl Draft {
    pub(crate) fn new(at: Timestamp, entry: impl Into<Arc<NewAuditEntry>>) -> Self {
        Self {
            at_us: at.as_microsecond(),
            entry: entry.into(),
        }
    }
}

/// This process's chain: the last entry that is on disk.
#[derive(Clone)]
pub(crate) struct Chain {
    id: String,
    seq: i64,
    hash: Hash,
}

/// SHA-256 of an entry.
type Hash = [u8; digest::SHA256_OUTPUT_LEN];

static ENTRIES: MultiInsert = MultiInsert::new(
    "audit_entries",
    &[
        "chain", "seq", "at", "actor", "action", "subject", "detail", "hash",
    ],
);

impl Chain {
    /// Appends `drafts`, beginning a chain where there is none.
    pub(crate) async fn append(
        chain: &mut Option<Self>,
        connection: &mut Connection,
        now: Timestamp,
        mut drafts: Vec<Draft>,
    ) -> Result<(), StoreError> {
        if drafts.is_empty() {
            return Ok(());
        }
        let chain = match chain {
            Some(chain) => chain,
            none => {
                let (new, first) = Self::begin(connection, now).await?;
                drafts.insert(0, first);
                none.insert(new)
            }
        };
        let placed: Vec<(i64, Hash)> = drafts.iter().map(|draft| chain.place(draft)).collect();
        let mut values = Vec::with_capacity(8 * drafts.len());
        for (draft, (seq, hash)) in drafts.iter().zip(&placed) {
            values.extend([
                Value::from(&chain.id),
                (*seq).into(),
                draft.at_us.into(),
                (&draft.entry.actor).into(),
                draft.entry.action.into(),
                (&draft.entry.subject).into(),
                (&draft.entry.detail).into(),
                hash.as_slice().into(),
            ]);
        }
        ENTRIES.run(connection, &values).await?;
        connection
            .execute(
                "INSERT INTO audit_chains (chain, seq, hash) VALUES ($1, $2, $3)
                 ON CONFLICT (chain) DO UPDATE SET seq = excluded.seq, hash = excluded.hash",
                &[(&chain.id).into(), chain.seq.into(), chain.hash.as_slice().into()],
            )
            .await
            .map(drop)
    }

    /// A new chain, and its first entry, which vouches for the ends of the others.
    async fn begin(connection: &mut Connection, now: Timestamp) -> Result<(Self, Draft), StoreError> {
        let lock = connection.engine().locking();
        let grown =
            format!("SELECT chain, seq, hash FROM audit_chains WHERE seq > joined_seq ORDER BY chain {lock}");
        let mut joins = Vec::new();
        for row in connection.fetch(AssertSqlSafe(grown), &[]).await? {
            joins.push(Head {
                chain: row.get(0)?,
                seq: row.get(1)?,
                hash: hex::encode(row.get::<Vec<u8>>(2)?),
            });
        }
        for head in &joins {
            connection
                .execute(
                    "UPDATE audit_chains SET joined_seq = $1 WHERE chain = $2",
                    &[head.seq.into(), (&head.chain).into()],
                )
                .await?;
        }
        let seconds = u64::try_from(now.as_second()).unwrap_or_default();
        let nanos = u32::try_from(now.subsec_nanosecond()).unwrap_or_default();
        // Version 7 sorts by time, so that chains are walked in the order in which they began.
        let id = Uuid::new_v7(uuid::Timestamp::from_unix(NoContext, seconds, nanos)).to_string();
        let first = NewAuditEntry::new(
            "system".into(),
            CHAIN_STARTED,
            id.clone(),
            &json!({ "joins": joins }),
        );
        let chain = Self {
            id,
            seq: 0,
            hash: Hash::default(),
        };
        Ok((chain, Draft::new(now, first)))
    }

    fn place(&mut self, draft: &Draft) -> (i64, Hash) {
        let entry = &draft.entry;
        self.seq += 1;
        self.hash = entry_hash(
            &self.hash,
            &self.id,
            self.seq,
            draft.at_us,
            [&entry.actor, entry.action, &entry.subject, &entry.detail],
        );
        (self.seq, self.hash)
    }
}

fn entry_hash(previous: &[u8], chain: &str, seq: i64, at_us: i64, texts: [&str; 4]) -> Hash {
    let mut context = digest::Context::new(&digest::SHA256);
    context.update(VERSION);
    context.update(previous);
    context.update(&seq.to_be_bytes());
    context.update(&at_us.to_be_bytes());
    for text in std::iter::once(chain).chain(texts) {
        context.update(&(text.len() as u64).to_be_bytes());
        context.update(text.as_bytes());
    }
    let mut hash = Hash::default();
    hash.copy_from_slice(context.finish().as_ref());
    hash
}

/// Columns of [`AuditEntry`], in the order that [`entry`] reads.
pub(crate) const COLUMNS: &str = "chain, seq, at, actor, action, subject, detail, hash";

/// Reads an entry from a row of [`COLUMNS`].
pub(crate) fn entry(row: &Row) -> Result<AuditEntry, StoreError> {
    Ok(AuditEntry {
        chain: row.get(0)?,
        seq: row.get(1)?,
        at: row.time(2, "audit_entries.at")?,
        actor: row.get(3)?,
        action: row.get(4)?,
        subject: row.get(5)?,
        detail: row.get(6)?,
        hash: hex::encode(row.get::<Vec<u8>>(7)?),
    })
}

/// What is wrong with the trail, at its first bad entry.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, thiserror::Error)]
#[error("audit chain {chain}, entry {seq}: {fault}")]
pub struct BadEntry {
    /// The chain.
    pub chain: String,
    /// The entry.
    pub seq: i64,
    /// What is wrong.
    pub fault: Fault,
}

/// What is wrong with an audit entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, thiserror::Error)]
#[serde(rename_all = "snake_case")]
pub enum Fault {
    /// It is not there, though entries after it, its chain's head or a later chain say it was.
    #[error("is missing")]
    Missing,
    /// Its content or its place does not match its hash.
    #[error("was altered, or stands in another's place")]
    Altered,
    /// It matches its own hash, but another chain or the head vouches for a different one.
    #[error("was replaced")]
    Replaced,
    /// It stands after the end that its chain's head names.
    #[error("was added after the chain's end")]
    Added,
    /// It says that a record was created which is not there.
    #[error("is about a record that is missing")]
    RecordMissing,
    /// The record that it is about says something else than when it was created.
    #[error("is about a record that was altered")]
    RecordAltered,
    /// It says that a record was to be delivered, and that delivery is not there.
    #[error("is about a delivery that is missing")]
    DeliveryMissing,
}

/// The ends that a chain's first entry vouches for; `None` when its detail has another form.
pub(crate) fn joins(detail: &str) -> Option<Vec<Head>> {
    #[derive(Deserialize)]
    struct Detail {
        joins: Vec<Head>,
    }
    serde_json::from_str(detail)
        .ok()
        .map(|detail: Detail| detail.joins)
}

/// What a record's first entry holds of it, and nothing that happens to a record changes.
#[derive(Debug, PartialEq, Eq, Deserialize)]
pub(crate) struct Created {
    pub(crate) kind: String,
    pub(crate) queue: String,
    pub(crate) category: String,
    pub(crate) severity: Option<String>,
    pub(crate) due_us: Option<i64>,
    pub(crate) request_id: String,
    /// The digest of what it says.
    pub(crate) content: String,
    /// The keys of the deliveries that were made with it.
    #[serde(default)]
    pub(crate) jobs: Vec<String>,
    /// Who brought it.
    #[serde(skip)]
    pub(crate) actor: String,
}

/// What a record's first entry holds; `None` for other entries.
pub(crate) fn created(entry: &AuditEntry) -> Option<Created> {
    if entry.action != RECORD_CREATED {
        return None;
    }
    let created: Created = serde_json::from_str(&entry.detail).ok()?;
    Some(Created {
        actor: entry.actor.clone(),
        ..created
    })
}

/// Walks entries in (chain, seq) order and checks each against the one before.
#[derive(Default)]
pub(crate) struct Walk(Option<(String, i64, Hash)>);

impl Walk {
    /// The next entry; `Err` names the first bad one.
    pub(crate) fn step(&mut self, entry: &AuditEntry) -> Result<(), BadEntry> {
        let bad = |seq, fault| BadEntry {
            chain: entry.chain.clone(),
            seq,
            fault,
        };
        let (previous, expected) = match self.0.take() {
            Some((chain, seq, hash)) if chain == entry.chain => (hash, seq + 1),
            _ => (Hash::default(), 1),
        };
        if entry.seq != expected {
            return Err(bad(expected, Fault::Missing));
        }
        let hash = entry_hash(
            &previous,
            &entry.chain,
            entry.seq,
            entry.at.as_microsecond(),
            [&entry.actor, &entry.action, &entry.subject, &entry.detail],
        );
        if hex::encode(hash) != entry.hash || (expected == 1 && joins(&entry.detail).is_none()) {
            return Err(bad(entry.seq, Fault::Altered));
        }
        self.0 = Some((entry.chain.clone(), entry.seq, hash));
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_hash_depends_on_where_one_text_ends_and_the_next_begins() {
        let hash = |texts| entry_hash(&[0; 32], "c", 1, 2, texts);
        assert_ne!(hash(["a", "bc", "", ""]), hash(["ab", "c", "", ""]));
        assert_eq!(hash(["a", "b", "c", "{}"]), hash(["a", "b", "c", "{}"]));
    }

    #[test]
    fn a_first_entry_that_vouches_for_no_chain_is_bad_however_well_it_is_hashed() {
        let first = |detail: &str| {
            let texts = ["system", CHAIN_STARTED, "c", detail];
            let hash = entry_hash(&Hash::default(), "c", 1, 2, texts);
            AuditEntry {
                chain: "c".into(),
                seq: 1,
                at: Timestamp::from_microsecond(2).unwrap(),
                actor: texts[0].into(),
                action: texts[1].into(),
                subject: texts[2].into(),
                detail: detail.into(),
                hash: hex::encode(hash),
            }
        };
        assert!(Walk::default().step(&first(r#"{"joins":[]}"#)).is_ok());
        let bad = Walk::default().step(&first("{}")).unwrap_err();
        assert_eq!((bad.seq, bad.fault), (1, Fault::Altered));
    }
}
