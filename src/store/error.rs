//! Why a store operation failed, in the terms its callers decide on.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use crate::privacy::EncryptionError;

/// What the database or the way to it said.
#[derive(Debug, thiserror::Error)]
pub enum DatabaseError {
    /// Through a pool, or from PostgreSQL.
    #[error(transparent)]
    Sqlx(#[from] sqlx::Error),
    /// From the connection that writes to SQLite.
    #[error(transparent)]
    Sqlite(#[from] rusqlite::Error),
    /// Nothing, for as long as a write may take.
    #[error("the database did not answer in {} s", .0.as_secs())]
    TimedOut(Duration),
}

/// Why a store operation failed. Cheap to clone: one failed flush answers everybody who waited for it.
#[derive(Debug, Clone, thiserror::Error)]
pub enum StoreError {
    /// Disk full, read-only, locked, connection lost: nothing was promised, and trying again later may work.
    #[error("the store is not available")]
    Unavailable(#[source] Arc<DatabaseError>),
    /// More writes wait than the queue holds.
    #[error("too many writes are waiting")]
    Busy,
    /// The store was closed.
    #[error("the store is closed")]
    Closed,
    /// A record with this reference is there already.
    #[error("a record with that reference exists")]
    Duplicate,
    /// The record changed since the caller read it, or its status does not allow the change.
    #[error("the record is at version {version} and {status}")]
    Conflict {
        /// Its version now.
        version: i64,
        /// Its status now.
        status: &'static str,
    },
    /// The idempotency key is no longer held by this request: another one took it over.
    #[error("the idempotency key was taken over by another request")]
    HoldLost,
    /// The data directory could not be made or used.
    #[error("the data directory {path} cannot be used")]
    Directory {
        /// The directory.
        path: PathBuf,
        /// What the operating system said.
        #[source]
        source: Arc<std::io::Error>,
    },
    /// `database_url` cannot be read. Not shown: it may hold a password.
    #[error("store.database_url is not the URL of a PostgreSQL database")]
    BadUrl,
    /// The schema could not be brought up to date.
    #[error("the database schema could not be brought up to date")]
    Migration(#[source] Arc<sqlx::migrate::MigrateError>),
    /// What was read has no form the store writes.
    #[error("the database holds something the store did not write: {what}")]
    Corrupt {
        /// Which table and column.
        what: &'static str,
    },
    /// A text could not be sealed or opened.
    #[error(transparent)]
    Encryption(#[from] Arc<EncryptionError>),
    /// The statement is wrong: a defect.
    #[error("the database refused a statement")]
    Refused(#[source] Arc<DatabaseError>),
    /// The operation panicked, and nothing of it was kept: a defect. The panic hook has told where.
    #[error("the operation panicked")]
    Panicked,
}

impl StoreError {
    /// Stable code for metrics and logs.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Unavailable(_) => "store_unavailable",
            Self::Busy => "store_busy",
            Self::Closed => "store_closed",
            Self::Duplicate => "duplicate_reference",
            Self::Conflict { .. } => "version_conflict",
            Self::HoldLost => "idempotency_hold_lost",
            Self::Directory { .. } => "data_directory",
            Self::BadUrl => "database_url",
            Self::Migration(_) => "migration",
            Self::Corrupt { .. } => "corrupt",
            Self::Encryption(_) if self.lacks_data_key() => "data_key_missing",
            Self::Encryption(_) => "encryption",
            Self::Refused(_) => "statement_refused",
            Self::Panicked => "panicked",
        }
    }

    /// Whether a text was sealed under a data key that this process is not configured with; another replica may be.
    #[must_use]
    pub fn lacks_data_key(&self) -> bool {
        matches!(self, Self::Encryption(error) if matches!(**error, EncryptionError::UnknownKey { .. }))
    }

    /// Whether the same call may succeed later without anybody's help to the data: the 503 of the HTTP side.
    #[must_use]
    pub const fn is_transient(&self) -> bool {
        matches!(self, Self::Unavailable(_) | Self::Busy | Self::Closed)
    }
}

impl From<EncryptionError> for StoreError {
    fn from(error: EncryptionError) -> Self {
        Self::Encryption(Arc::new(error))
    }
}

impl From<sqlx::migrate::MigrateError> for StoreError {
    fn from(error: sqlx::migrate::MigrateError) -> Self {
        Self::Migration(Arc::new(error))
    }
}

impl From<sqlx::Error> for StoreError {
    fn from(error: sqlx::Error) -> Self {
        match &error {
            sqlx::Error::Database(database) if database.is_unique_violation() => Self::Duplicate,
            sqlx::Error::Database(database) if !is_outage(database.code().as_deref().unwrap_or_default()) => {
                Self::Refused(Arc::new(error.into()))
            }
            sqlx::Error::PoolClosed => Self::Closed,
            sqlx::Error::ColumnDecode { .. }
            | sqlx::Error::ColumnNotFound(_)
            | sqlx::Error::ColumnIndexOutOfBounds { .. }
            | sqlx::Error::Decode(_)
            | sqlx::Error::Encode(_) => Self::Refused(Arc::new(error.into())),
            _ => Self::Unavailable(Arc::new(error.into())),
        }
    }
}

impl From<rusqlite::Error> for StoreError {
    fn from(error: rusqlite::Error) -> Self {
        match error.sqlite_error() {
            // SQLITE_CONSTRAINT_UNIQUE, SQLITE_CONSTRAINT_PRIMARYKEY.
            Some(failure) if matches!(failure.extended_code, 2067 | 1555) => Self::Duplicate,
            Some(failure) if is_sqlite_outage(failure.extended_code) => {
                Self::Unavailable(Arc::new(error.into()))
            }
            _ => Self::Refused(Arc::new(error.into())),
        }
    }
}

/// Whether an engine's error code says that the database, not the statement, is at fault.
///
/// `SQLite` answers its extended result codes in decimal, whose low byte is the primary code: 5 BUSY, 6 LOCKED, 7 NOMEM, 8 READONLY, 10
/// IOERR, 11 CORRUPT, 13 FULL, 14 CANTOPEN, 15 PROTOCOL (a race for the log that was lost too often), 23 AUTH, 26 NOTADB
/// (<https://www.sqlite.org/rescode.html>). PostgreSQL answers five-character SQLSTATEs: classes 08 connection, 25 read-only transaction,
/// 28 login refused (a password that was changed), 3D no such database (one that is being restored), 40 serialization and deadlock, 53
/// resources, 55 lock not available, 57 operator intervention and statement timeout, 58 system error, XX internal
/// (<https://www.postgresql.org/docs/15/errcodes-appendix.html>).
fn is_outage(code: &str) -> bool {
    if code.len() == 5 {
        return ["08", "25", "28", "3D", "40", "53", "55", "57", "58", "XX"].contains(&&code[..2]);
    }
    code.parse().is_ok_and(is_sqlite_outage)
}

fn is_sqlite_outage(extended_code: i32) -> bool {
    matches!(
        extended_code & 0xff,
        5 | 6 | 7 | 8 | 10 | 11 | 13 | 14 | 15 | 23 | 26
    )
}

/// Whether PostgreSQL found no room on the disk (53100). What changes a row in place may succeed all the same.
pub(crate) fn is_disk_full(error: &StoreError) -> bool {
    has_code(error, "53100")
}

/// Whether PostgreSQL takes no more connections (53300): from anybody, from this role, or to this database.
pub(crate) fn is_out_of_connections(error: &StoreError) -> bool {
    has_code(error, "53300")
}

fn has_code(error: &StoreError, code: &str) -> bool {
    let StoreError::Unavailable(source) = error else {
        return false;
    };
    match &**source {
        DatabaseError::Sqlx(sqlx::Error::Database(database)) => database.code().as_deref() == Some(code),
        _ => false,
    }
}

/// How a transaction failed on PostgreSQL while the database works.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Contention {
    /// It asks for the transaction to be tried again: 40001 serialization failure, 40P01 deadlock.
    Repeat,
    /// A row was locked for too long: 55P03 lock not available, 57014 statement timeout. Whoever did not want that row need not suffer.
    Locked,
}

impl Contention {
    /// `None` for every other error.
    pub(crate) fn of(error: &StoreError) -> Option<Self> {
        let StoreError::Unavailable(source) = error else {
            return None;
        };
        let DatabaseError::Sqlx(sqlx::Error::Database(database)) = &**source else {
            return None;
        };
        match database.code().as_deref() {
            Some("40001" | "40P01") => Some(Self::Repeat),
            Some("55P03" | "57014") => Some(Self::Locked),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn outages_are_told_from_wrong_statements() {
        for code in [
            "5", "261", "7", "8", "1032", "13", "15", "778", "25006", "28P01", "3D000", "53100", "57014",
            "40001",
        ] {
            assert!(is_outage(code), "{code}");
        }
        for code in ["1", "19", "2067", "42601", "23505", "", "22P02"] {
            assert!(!is_outage(code), "{code}");
        }
    }
}
