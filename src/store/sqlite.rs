//! The connection that writes to SQLite: each statement runs where it is called, on the writer's thread.
//!
//! Statements are prepared once and kept. A row that is inserted often costs a bind and a step, without a word to another thread.

use std::path::Path;
use std::time::Duration;

use rusqlite::types::{ToSqlOutput, ValueRef};
use rusqlite::{CachedStatement, Connection, OpenFlags, ToSql};

use super::error::StoreError;
use super::value::Value;

/// Statements that are kept prepared: all that the store has.
const STATEMENTS: usize = 64;
/// Pages of the write-ahead log (4 KiB each) after which they are copied to the database: pages that every commit touches, the ends of
/// indexes, are copied once for many commits.
const CHECKPOINT_PAGES: i64 = 4_000;

/// Opens the file, which the migration has made.
pub(super) fn open(file: &Path, lock_wait: Duration) -> Result<Connection, StoreError> {
    // Not created here: a file that vanished is an outage, not an empty database.
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(file, flags)?;
    connection.busy_timeout(lock_wait)?;
    connection.set_prepared_statement_cache_capacity(STATEMENTS);
    // FULL: the write-ahead log is flushed at every commit, so an answered commit survives a power cut.
    connection.pragma_update(None, "synchronous", "FULL")?;
    // Freed pages are zeroed: an erased text or key must not linger in the file.
    connection.pragma_update(None, "secure_delete", "ON")?;
    connection.pragma_update(None, "wal_autocheckpoint", CHECKPOINT_PAGES)?;
    // A log that grew beyond that, because somebody read for long, is cut again.
    connection.pragma_update(None, "journal_size_limit", 2 * CHECKPOINT_PAGES * 4096)?;
    // The page cache keeps its default of 2 MB: after a commit that moved pages of an index, SQLite walks through all that it holds.
    Ok(connection)
}

impl ToSql for Value<'_> {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        let value = match *self {
            Self::Int(value) => value.map_or(ValueRef::Null, ValueRef::Integer),
            Self::Text(value) => value.map_or(ValueRef::Null, |text| ValueRef::Text(text.as_bytes())),
            Self::Bytes(value) => value.map_or(ValueRef::Null, ValueRef::Blob),
        };
        Ok(ToSqlOutput::Borrowed(value))
    }
}

/// Runs a statement; answers how many rows it changed.
pub(super) fn execute(connection: &Connection, sql: &str, values: &[Value<'_>]) -> Result<u64, StoreError> {
    let mut statement = connection.prepare_cached(sql)?;
    bind(&mut statement, values)?;
    if statement.column_count() > 0 {
        let mut rows = statement.raw_query();
        while rows.next()?.is_some() {}
        drop(rows);
        return Ok(connection.changes());
    }
    Ok(statement.raw_execute()? as u64)
}

/// Runs a statement; answers its rows.
pub(super) fn fetch(
    connection: &Connection,
    sql: &str,
    values: &[Value<'_>],
) -> Result<Vec<Vec<Owned>>, StoreError> {
    let mut statement = connection.prepare_cached(sql)?;
    bind(&mut statement, values)?;
    let columns = statement.column_count();
    let mut rows = statement.raw_query();
    let mut all = Vec::new();
    while let Some(row) = rows.next()? {
        let row: Result<Vec<Owned>, rusqlite::Error> = (0..columns).map(|column| row.get(column)).collect();
        all.push(row?);
    }
    Ok(all)
}

/// Runs a statement with `?1` placeholders once for each `width` of `values`.
pub(super) fn execute_each(
    connection: &Connection,
    sql: &str,
    width: usize,
    values: &[Value<'_>],
) -> Result<(), StoreError> {
    let mut statement = connection.prepare_cached(sql)?;
    for row in values.chunks_exact(width) {
        for (at, value) in row.iter().enumerate() {
            statement.raw_bind_parameter(at + 1, value)?;
        }
        statement.raw_execute()?;
    }
    Ok(())
}

/// To SQLite `$3` is a name, whose place in the statement is where it came first.
fn bind(statement: &mut CachedStatement<'_>, values: &[Value<'_>]) -> Result<(), StoreError> {
    for place in 1..=statement.parameter_count() {
        let number = statement
            .parameter_name(place)
            .and_then(|name| name[1..].parse::<usize>().ok());
        let value = values.get(number.unwrap_or(place) - 1);
        statement.raw_bind_parameter(place, value.unwrap_or(&Value::Int(None)))?;
    }
    Ok(())
}

/// A value as it was read.
pub(crate) type Owned = rusqlite::types::Value;

/// The kinds of value that are read from a row.
pub(crate) trait FromOwned: rusqlite::types::FromSql {}
impl<T: rusqlite::types::FromSql> FromOwned for T {}

/// The value in a column.
pub(super) fn get<T: FromOwned>(row: &[Owned], column: usize) -> Result<T, StoreError> {
    let value = row.get(column).unwrap_or(&Owned::Null);
    Ok(T::column_result(value.into()).map_err(|error| {
        rusqlite::Error::FromSqlConversionFailure(column, value.data_type(), Box::new(error))
    })?)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `.cargo/config.toml` sets them; whoever builds without that file gets another SQLite.
    #[test]
    fn sqlite_is_compiled_as_configured() {
        let connection = Connection::open_in_memory().unwrap();
        let mut statement = connection.prepare("PRAGMA compile_options").unwrap();
        let options = statement.query_map([], |row| row.get::<_, String>(0)).unwrap();
        let options: Vec<String> = options.map(Result::unwrap).collect();
        let has = |option: &str| options.iter().any(|own| own == option);
        assert!(has("DEFAULT_MEMSTATUS=0"), "{options:?}");
        assert!(!has("ENABLE_MEMORY_MANAGEMENT"), "{options:?}");
    }
}
