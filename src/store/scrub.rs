//! Overwrites what the engine keeps of old pages, after something was erased or wrapped anew.
//!
//! That it has to be done is kept in the database (`scrubbing`), by the transaction that erases: whoever erased may have ended before it was
//! done, and somebody may still read the old pages, a backup for example. So every process looks ([`Store::scrub`]), and whoever finds it
//! done takes the note away. SQLite zeroes freed pages by itself, and its write-ahead log is emptied here; PostgreSQL's tables are
//! vacuumed, once no session can see the old rows any more.
//!
//! How it fails: what could not be done stays noted. It holds nobody up: SQLite's log can only be emptied while nobody writes or reads it, and
//! nobody can write while that is waited for, so the wait is a moment.

use std::time::Duration;

use sqlx::ConnectOptions as _;
use uuid::Uuid;

use super::Store;
use super::engine::{Connection, Engine, Location, patient};
use super::error::StoreError;
use super::sqlite;
use super::transaction::{Operation, Transaction};

/// How long emptying SQLite's log may hold up those who write.
const MOMENT: Duration = Duration::from_millis(20);

impl Store {
    /// Has the engine overwrite what it keeps of old pages, where something was erased since; false where somebody still reads them.
    ///
    /// # Errors
    /// [`StoreError`]; what was not scrubbed is by a later call, of this process or another.
    pub async fn scrub(&self) -> Result<bool, StoreError> {
        const NOTED: &str = "SELECT erasure FROM scrubbing WHERE id = 1 AND erasure IS NOT NULL";
        let noted = self.0.pool.fetch(NOTED, &[]).await?;
        let Some(row) = noted.first() else {
            return Ok(true);
        };
        let erasure: String = row.get(0)?;
        let scrubbed = scrub(&self.0.location, &erasure).await?;
        if scrubbed {
            self.run(Scrubbed { erasure }).await?;
        }
        Ok(scrubbed)
    }
}

/// Notes, in the transaction that makes old pages worth overwriting, that they have to be.
pub(super) async fn note(tx: &mut Transaction<'_>) -> Result<(), StoreError> {
    match tx.connection.engine() {
        Engine::Sqlite => {
            // Only told apart from an erasure that comes while this one's pages are overwritten.
            let erasure = Uuid::new_v4().to_string();
            tx.connection
                .execute(
                    "UPDATE scrubbing SET erasure = $1 WHERE id = 1",
                    &[(&erasure).into()],
                )
                .await
        }
        Engine::Postgres => {
            tx.connection
                .execute(
                    "UPDATE scrubbing SET erasure = pg_current_xact_id()::text WHERE id = 1",
                    &[],
                )
                .await
        }
    }
    .map(drop)
}

/// Takes the note of an erasure away, unless another has taken its place.
struct Scrubbed {
    erasure: String,
}

impl Operation for Scrubbed {
    type Reply = ();

    async fn apply(&self, tx: &mut Transaction<'_>) -> Result<(), StoreError> {
        tx.connection
            .execute(
                "UPDATE scrubbing SET erasure = NULL WHERE id = 1 AND erasure = $1",
                &[(&self.erasure).into()],
            )
            .await
            .map(drop)
    }
}

async fn scrub(location: &Location, erasure: &str) -> Result<bool, StoreError> {
    match location {
        Location::Sqlite(file, _) => {
            let file = file.clone();
            let emptied = tokio::task::spawn_blocking(move || empty_log(&file)).await;
            emptied.expect("emptying the log does not panic")
        }
        Location::Postgres(options) => {
            // A large table takes longer than any other statement, and who comes second waits for the first.
            let mut connection = Connection::Postgres(patient(options).connect().await?);
            let seen = connection.fetch(STILL_SEEN, &[erasure.into()]).await?;
            if seen.is_empty() {
                connection.execute("VACUUM records, record_facts", &[]).await?;
            }
            connection.close().await;
            Ok(seen.is_empty())
        }
    }
}

/// Sessions that still see what was there before the transaction `$1`, so that no vacuum would take it away. A number that this server has not come
/// to is another's, from which the database was restored.
const STILL_SEEN: &str = "SELECT pid FROM pg_stat_activity
     WHERE pid <> pg_backend_pid() AND (datname = current_database() OR datname IS NULL)
       AND $1::text::xid8 < pg_snapshot_xmax(pg_current_snapshot())
       AND age(backend_xmin) >= age($1::text::xid8::xid) LIMIT 1";

/// The first column says whether somebody was in the way: that is no error to SQLite.
fn empty_log(file: &std::path::Path) -> Result<bool, StoreError> {
    let connection = sqlite::open(file, MOMENT)?;
    let rows = sqlite::fetch(&connection, "PRAGMA wal_checkpoint(TRUNCATE)", &[])?;
    let busy: i64 = rows.first().map_or(Ok(0), |row| sqlite::get(row, 0))?;
    Ok(busy == 0)
}
