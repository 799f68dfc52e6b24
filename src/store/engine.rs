//! One way to talk to both engines: a connection, a pool and a row that are either SQLite's or PostgreSQL's.
//!
//! Statements are written once, with `$N` placeholders that both engines know, and are prepared once per connection. Values are the few
//! kinds the schema uses. Where the engines differ, the caller asks [`Engine`].
//!
//! The connection that writes to SQLite ([`super::sqlite`]) runs each statement where it is called and never waits asynchronously, so
//! its writer has a thread of its own. Readers' connections are sqlx's.

use std::path::PathBuf;
use std::str::FromStr as _;
use std::time::Duration;

use jiff::Timestamp;
use secrecy::{ExposeSecret as _, SecretString};
use sqlx::migrate::{Migration, MigrationType, Migrator};
use sqlx::postgres::{PgArguments, PgConnectOptions, PgPoolOptions, PgRow};
use sqlx::sqlite::{
    SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteRow, SqliteSynchronous,
};
use sqlx::{
    Arguments, AssertSqlSafe, ConnectOptions as _, Connection as _, Decode, PgConnection, PgPool, Postgres,
    Row as _, SqlSafeStr, SqlStr, Sqlite, SqlitePool, Type,
};
use tokio::runtime::Handle;

use super::error::StoreError;
use super::sqlite;
use super::value::Value;
use crate::privacy::encryption::make_private_file;

/// How long a statement may wait for a lock that another process holds.
const LOCK_WAIT: Duration = Duration::from_secs(3);
/// How long a PostgreSQL statement may run, in milliseconds as `statement_timeout` wants it. But for
/// [`Pool::fetch_patiently`], the migrations and a vacuum, every statement touches few rows by index.
const STATEMENT_TIMEOUT_MS: &str = "10000";
/// How long a PostgreSQL statement may wait for a row that somebody else has locked, as `lock_timeout` wants it: every transaction here holds
/// its rows for milliseconds, and others wait in the queue behind.
const LOCK_TIMEOUT_MS: &str = "2000";
/// How long a reader waits for a connection, and for a new one to open: no shorter than a request may take, whose deadline decides.
const ACQUIRE_WAIT: Duration = Duration::from_secs(10);

/// Which engine.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Engine {
    Sqlite,
    Postgres,
}

impl Engine {
    /// Ends a query for rows to work on: replicas do that at the same time, and those that another one has are left to it. SQLite has one
    /// writer.
    pub(crate) const fn skipping_locked(self) -> &'static str {
        match self {
            Self::Sqlite => "",
            Self::Postgres => "FOR UPDATE SKIP LOCKED",
        }
    }

    /// Ends a query for rows that the same transaction changes: nobody else does meanwhile. SQLite has one writer.
    pub(crate) const fn locking(self) -> &'static str {
        match self {
            Self::Sqlite => "",
            Self::Postgres => "FOR UPDATE",
        }
    }
}

/// How to reach the database.
#[derive(Debug, Clone)]
pub(crate) enum Location {
    /// The file, and how its readers and the migration open it.
    Sqlite(PathBuf, SqliteConnectOptions),
    Postgres(PgConnectOptions),
}

impl Location {
    /// The SQLite file, made at the first connection.
    pub(crate) fn sqlite(file: PathBuf) -> Self {
        let options = SqliteConnectOptions::new()
            .filename(&file)
            .create_if_missing(true)
            .journal_mode(SqliteJournalMode::Wal)
            // FULL: the write-ahead log is flushed at every commit, so an answered commit survives a power cut.
            .synchronous(SqliteSynchronous::Full)
            .busy_timeout(LOCK_WAIT)
            // Freed pages are zeroed: an erased text or key must not linger in the file.
            .pragma("secure_delete", "ON")
            .disable_statement_logging();
        Self::Sqlite(file, options)
    }

    /// The PostgreSQL database of a `postgres://` URL.
    pub(crate) fn postgres(url: &SecretString) -> Result<Self, StoreError> {
        let options = PgConnectOptions::from_str(url.expose_secret()).map_err(|_| StoreError::BadUrl)?;
        Ok(Self::Postgres(
            options
                .application_name("switchboard")
                .options([
                    ("statement_timeout", STATEMENT_TIMEOUT_MS),
                    ("lock_timeout", LOCK_TIMEOUT_MS),
                    ("idle_in_transaction_session_timeout", "30000"),
                    // An answered commit is on disk, whatever the server's default says.
                    ("synchronous_commit", "on"),
                    // That a table exists already is told at every start, as a log line of ours.
                    ("client_min_messages", "warning"),
                ])
                .disable_statement_logging(),
        ))
    }

    pub(crate) const fn engine(&self) -> Engine {
        match self {
            Self::Sqlite(..) => Engine::Sqlite,
            Self::Postgres(_) => Engine::Postgres,
        }
    }

    pub(crate) async fn connect(&self) -> Result<Connection, StoreError> {
        Ok(match self {
            Self::Sqlite(file, _) => Connection::Sqlite(sqlite::open(file, LOCK_WAIT)?),
            Self::Postgres(options) => Connection::Postgres(options.connect().await?),
        })
    }

    pub(crate) fn pool(&self, connections: u32) -> Pool {
        match self {
            Self::Sqlite(_, options) => Pool::Sqlite(
                SqlitePoolOptions::new()
                    .max_connections(connections)
                    .acquire_timeout(ACQUIRE_WAIT)
                    .connect_lazy_with(options.clone()),
            ),
            Self::Postgres(options) => Pool::Postgres(
                PgPoolOptions::new()
                    .max_connections(connections)
                    .acquire_timeout(ACQUIRE_WAIT)
                    .connect_lazy_with(options.clone()),
                Handle::current(),
            ),
        }
    }

    /// Whether the service's tables are there. Makes and changes nothing.
    pub(crate) async fn holds_records(&self) -> Result<bool, StoreError> {
        let found = match self {
            // Plainly opened: the options of the service would make a file, or turn somebody else's to write-ahead logging.
            Self::Sqlite(file, _) if file.exists() => {
                let mut connection = SqliteConnectOptions::new().filename(file).connect().await?;
                let sql = "SELECT COUNT(*) FROM sqlite_master WHERE type = 'table' AND name = 'records'";
                let found: i64 = sqlx::query_scalar(sql).fetch_one(&mut connection).await?;
                connection.close().await?;
                found > 0
            }
            Self::Sqlite(..) => false,
            Self::Postgres(options) => {
                let mut connection = options.connect().await?;
                let sql = "SELECT to_regclass('records') IS NOT NULL";
                let found = sqlx::query_scalar(sql).fetch_one(&mut connection).await?;
                connection.close().await?;
                found
            }
        };
        Ok(found)
    }

    /// Brings the schema up to date. Many processes may do so at once: one works, the others wait and find it done.
    pub(crate) async fn migrate(&self) -> Result<(), StoreError> {
        match self {
            Self::Sqlite(file, options) => {
                // The migrator takes no lock on SQLite, and a new file's first change to WAL answers "locked" at once when two processes try it,
                // whatever the busy timeout: whoever holds this file comes first. It is a file of its own, since closing the database file would
                // let go of SQLite's own locks on it.
                let mut path = file.clone().into_os_string();
                path.push(".lock");
                let database = file.clone();
                let held = tokio::task::spawn_blocking(move || {
                    let file = std::fs::File::create(path)?;
                    file.lock()?;
                    // SQLite would make it for everybody to read, where the folder lets them; its log gets the mode of the database.
                    make_private_file(&database)?;
                    Ok::<_, std::io::Error>(file)
                })
                .await
                .expect("taking a file lock does not panic")
                .map_err(sqlx::Error::Io)?;
                let mut connection = options.connect().await?;
                let mut all = connection.begin_with("BEGIN IMMEDIATE").await?;
                migrator(&SQLITE_MIGRATIONS).run(&mut *all).await?;
                all.commit().await?;
                connection.close().await?;
                drop(held);
            }
            Self::Postgres(options) => {
                // Waiting for the migrator's advisory lock must not run into the statement timeout.
                let mut connection = patient(options).connect().await?;
                migrator(&POSTGRES_MIGRATIONS).run(&mut connection).await?;
                connection.close().await?;
            }
        }
        Ok(())
    }
}

/// The same way, for statements that may take, and wait, as long as they need.
pub(super) fn patient(options: &PgConnectOptions) -> PgConnectOptions {
    options
        .clone()
        .options([("statement_timeout", "0"), ("lock_timeout", "0")])
}

/// Name and text of each migration, in order; the first is number 1.
type Migrations = [(&'static str, &'static str); 8];

const SQLITE_MIGRATIONS: Migrations = [
    ("records", include_str!("migrations/sqlite/0001_records.sql")),
    (
        "record links",
        include_str!("migrations/sqlite/0002_record_links.sql"),
    ),
    ("standing", include_str!("migrations/sqlite/0003_standing.sql")),
    (
        "linked records",
        include_str!("migrations/sqlite/0004_linked_records.sql"),
    ),
    (
        "standing lists",
        include_str!("migrations/sqlite/0005_standing_lists.sql"),
    ),
    ("scrubbing", include_str!("migrations/sqlite/0006_scrubbing.sql")),
    (
        "audit subjects",
        include_str!("migrations/sqlite/0007_audit_subjects.sql"),
    ),
    (
        "record facts received",
        include_str!("migrations/sqlite/0008_record_facts_received.sql"),
    ),
];
const POSTGRES_MIGRATIONS: Migrations = [
    ("records", include_str!("migrations/postgres/0001_records.sql")),
    (
        "record links",
        include_str!("migrations/postgres/0002_record_links.sql"),
    ),
    ("standing", include_str!("migrations/postgres/0003_standing.sql")),
    (
        "linked records",
        include_str!("migrations/postgres/0004_linked_records.sql"),
    ),
    (
        "standing lists",
        include_str!("migrations/postgres/0005_standing_lists.sql"),
    ),
    (
        "scrubbing",
        include_str!("migrations/postgres/0006_scrubbing.sql"),
    ),
    (
        "audit subjects",
        include_str!("migrations/postgres/0007_audit_subjects.sql"),
    ),
    (
        "record facts received",
        include_str!("migrations/postgres/0008_record_facts_received.sql"),
    ),
];

fn migrator(migrations: &Migrations) -> Migrator {
    let migration = |(number, (name, sql)): (i64, (&'static str, &'static str))| {
        Migration::new(
            number,
            name.into(),
            MigrationType::Simple,
            SqlStr::from_static(sql),
            false,
        )
    };
    let mut migrator = Migrator::with_migrations((1..).zip(*migrations).map(migration).collect());
    // A later version may have been here: during an upgrade both run, and after a rollback only this one does. What it
    // added this version does not know and does not need.
    migrator.set_ignore_missing(true);
    migrator
}

/// Asks PostgreSQL what time its machine has now, not when the transaction began: microseconds since 1970.
pub(super) const POSTGRES_TIME: &str = "SELECT (extract(epoch FROM clock_timestamp()) * 1000000)::bigint";

/// A row of either engine; columns by position.
pub(crate) enum Row {
    /// Read by the connection that writes to SQLite.
    Own(Vec<sqlite::Owned>),
    Sqlite(SqliteRow),
    Postgres(PgRow),
}

impl Row {
    pub(crate) fn get<T>(&self, column: usize) -> Result<T, StoreError>
    where
        T: sqlite::FromOwned
            + for<'r> Decode<'r, Sqlite>
            + Type<Sqlite>
            + for<'r> Decode<'r, Postgres>
            + Type<Postgres>,
    {
        Ok(match self {
            Self::Own(row) => sqlite::get(row, column)?,
            Self::Sqlite(row) => row.try_get(column)?,
            Self::Postgres(row) => row.try_get(column)?,
        })
    }

    /// A time, which the schema keeps in microseconds since 1970. `what` names the column to whoever reads that it holds something else.
    pub(crate) fn time(&self, column: usize, what: &'static str) -> Result<Timestamp, StoreError> {
        Timestamp::from_microsecond(self.get(column)?).map_err(|_| StoreError::Corrupt { what })
    }

    /// The same, where there may be none.
    pub(crate) fn time_if_any(
        &self,
        column: usize,
        what: &'static str,
    ) -> Result<Option<Timestamp>, StoreError> {
        match self.get::<Option<i64>>(column)? {
            Some(_) => self.time(column, what).map(Some),
            None => Ok(None),
        }
    }

    /// A label of a closed set, by the set's `parse`.
    pub(crate) fn label<T>(
        &self,
        column: usize,
        parse: impl Fn(&str) -> Option<T>,
        what: &'static str,
    ) -> Result<T, StoreError> {
        parse(&self.get::<String>(column)?).ok_or(StoreError::Corrupt { what })
    }
}

macro_rules! bound {
    ($sql:expr, $values:expr) => {{
        let mut query = sqlx::query($sql);
        for value in $values {
            query = match *value {
                Value::Int(it) => query.bind(it),
                Value::Text(it) => query.bind(it),
                Value::Bytes(it) => query.bind(it),
            };
        }
        query
    }};
}

/// A connection of its own: the writer's.
pub(crate) enum Connection {
    Sqlite(rusqlite::Connection),
    Postgres(PgConnection),
}

impl Connection {
    pub(crate) const fn engine(&self) -> Engine {
        match self {
            Self::Sqlite(_) => Engine::Sqlite,
            Self::Postgres(_) => Engine::Postgres,
        }
    }

    /// Runs a statement; answers how many rows it changed.
    pub(crate) async fn execute(
        &mut self,
        sql: impl SqlSafeStr,
        values: &[Value<'_>],
    ) -> Result<u64, StoreError> {
        let sql = sql.into_sql_str();
        Ok(match self {
            Self::Sqlite(connection) => sqlite::execute(connection, sql.as_str(), values)?,
            Self::Postgres(connection) => bound!(sql, values).execute(connection).await?.rows_affected(),
        })
    }

    /// Runs a statement; answers its rows.
    pub(crate) async fn fetch(
        &mut self,
        sql: impl SqlSafeStr,
        values: &[Value<'_>],
    ) -> Result<Vec<Row>, StoreError> {
        let sql = sql.into_sql_str();
        Ok(match self {
            Self::Sqlite(connection) => {
                let rows = sqlite::fetch(connection, sql.as_str(), values)?;
                rows.into_iter().map(Row::Own).collect()
            }
            Self::Postgres(connection) => {
                let rows = bound!(sql, values).fetch_all(connection).await?;
                rows.into_iter().map(Row::Postgres).collect()
            }
        })
    }

    /// Begins a transaction that may write; answers the engine's time, in microseconds since 1970, where it has a clock of its own.
    pub(crate) async fn begin(&mut self) -> Result<Option<i64>, StoreError> {
        match self {
            Self::Sqlite(connection) => {
                // IMMEDIATE: waits for the write lock here, not at the first write, where waiting could deadlock.
                sqlite::execute(connection, "BEGIN IMMEDIATE", &[])?;
                Ok(None)
            }
            Self::Postgres(connection) => {
                // Both in one message: the time costs no round trip of its own.
                let sql = AssertSqlSafe(format!("BEGIN; {POSTGRES_TIME}"));
                let begun = sqlx::raw_sql(sql).fetch_one(connection).await?;
                Ok(Some(begun.try_get(0)?))
            }
        }
    }

    pub(crate) async fn commit(&mut self) -> Result<(), StoreError> {
        self.execute("COMMIT", &[]).await.map(drop)
    }

    pub(crate) async fn rollback(&mut self) -> Result<(), StoreError> {
        self.execute("ROLLBACK", &[]).await.map(drop)
    }

    pub(crate) async fn close(self) {
        // Everything answered is on disk already: a failing goodbye changes nothing.
        match self {
            Self::Sqlite(connection) => drop(connection.close()),
            Self::Postgres(connection) => drop(connection.close().await),
        }
    }
}

/// Values as PostgreSQL takes them.
fn arguments(values: &[Value<'_>]) -> Result<PgArguments, sqlx::Error> {
    let mut arguments = PgArguments::default();
    for value in values {
        let added = match *value {
            Value::Int(it) => Arguments::add(&mut arguments, it),
            Value::Text(it) => Arguments::add(&mut arguments, it),
            Value::Bytes(it) => Arguments::add(&mut arguments, it),
        };
        added.map_err(sqlx::Error::Encode)?;
    }
    Ok(arguments)
}

/// The readers' connections. Clones share them.
#[derive(Clone)]
pub(crate) enum Pool {
    Sqlite(SqlitePool),
    /// Asked in the runtime that made the pool: a connection belongs to the runtime that opened it, and lanes end before the store does.
    Postgres(PgPool, Handle),
}

impl Pool {
    pub(crate) const fn engine(&self) -> Engine {
        match self {
            Self::Sqlite(_) => Engine::Sqlite,
            Self::Postgres(..) => Engine::Postgres,
        }
    }

    pub(crate) async fn fetch(
        &self,
        sql: impl SqlSafeStr,
        values: &[Value<'_>],
    ) -> Result<Vec<Row>, StoreError> {
        let sql = sql.into_sql_str();
        Ok(match self {
            Self::Sqlite(pool) => {
                let rows = bound!(sql, values).fetch_all(pool).await?;
                rows.into_iter().map(Row::Sqlite).collect()
            }
            Self::Postgres(pool, runtime) => {
                let (query, pool) = (sqlx::query_with(sql, arguments(values)?), pool.clone());
                let asked = runtime.spawn(async move { query.fetch_all(&pool).await });
                // It does not panic: an error says that the runtime ended.
                let rows = asked.await.map_err(|_| StoreError::Closed)??;
                rows.into_iter().map(Row::Postgres).collect()
            }
        })
    }

    /// The same for a statement that reads whole tables, and takes as long as they are large: [`STATEMENT_TIMEOUT_MS`] does not end it. For
    /// commands only; no request waits for it.
    pub(crate) async fn fetch_patiently(
        &self,
        sql: impl SqlSafeStr,
        values: &[Value<'_>],
    ) -> Result<Vec<Row>, StoreError> {
        let Self::Postgres(pool, runtime) = self else {
            // SQLite knows no such timeout.
            return self.fetch(sql, values).await;
        };
        let (query, pool) = (sqlx::query_with(sql, arguments(values)?), pool.clone());
        let asked = runtime.spawn(async move {
            // For this transaction only: the connection goes back to the others.
            let mut transaction = pool.begin().await?;
            sqlx::query("SET LOCAL statement_timeout = 0")
                .execute(&mut *transaction)
                .await?;
            let rows = query.fetch_all(&mut *transaction).await?;
            transaction.commit().await?;
            Ok::<_, sqlx::Error>(rows)
        });
        let rows = asked.await.map_err(|_| StoreError::Closed)??;
        Ok(rows.into_iter().map(Row::Postgres).collect())
    }

    /// Closes an idle connection, if any, when the server has none left: the writer, without which nothing is kept, comes first.
    pub(crate) async fn give_one_up(&self) -> bool {
        let Self::Postgres(pool, runtime) = self else {
            return false;
        };
        let Some(connection) = pool.try_acquire() else {
            return false;
        };
        runtime
            .spawn(connection.close())
            .await
            .is_ok_and(|closed| closed.is_ok())
    }

    /// Connections in use, and free.
    pub(crate) fn connections(&self) -> (u32, u32) {
        let (open, idle) = match self {
            Self::Sqlite(pool) => (pool.size(), pool.num_idle()),
            Self::Postgres(pool, _) => (pool.size(), pool.num_idle()),
        };
        let idle = u32::try_from(idle).unwrap_or(open).min(open);
        (open - idle, idle)
    }

    pub(crate) async fn close(&self) {
        match self {
            Self::Sqlite(pool) => pool.close().await,
            Self::Postgres(pool, _) => pool.close().await,
        }
    }
}
