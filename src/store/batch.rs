//! Many rows at once. PostgreSQL gets an INSERT of 1, 2, 4 ... 32 rows, so that any number of rows takes few round trips and
//! every statement comes from the connection's cache of prepared ones. SQLite, where a step is a function call, gets one statement
//! that is stepped for each row.

use std::sync::{Arc, OnceLock};

use sqlx::AssertSqlSafe;

use super::engine::Connection;
use super::error::StoreError;
use super::sqlite;
use super::value::Value;

/// Sizes of the prepared statements are 2^0 ..= 2^5 rows.
const SIZES: usize = 6;

/// `INSERT INTO table (columns) VALUES ...` for any number of rows.
pub(crate) struct MultiInsert {
    table: &'static str,
    columns: &'static [&'static str],
    statements: [OnceLock<Arc<str>>; SIZES],
    stepped: OnceLock<Arc<str>>,
}

impl MultiInsert {
    pub(crate) const fn new(table: &'static str, columns: &'static [&'static str]) -> Self {
        Self {
            table,
            columns,
            statements: [const { OnceLock::new() }; SIZES],
            stepped: OnceLock::new(),
        }
    }

    /// Inserts the rows that lie one after the other in `values`.
    pub(crate) async fn run(
        &self,
        connection: &mut Connection,
        values: &[Value<'_>],
    ) -> Result<(), StoreError> {
        let width = self.columns.len();
        debug_assert_eq!(values.len() % width, 0, "whole rows");
        if let Connection::Sqlite(connection) = connection {
            let sql = self.stepped.get_or_init(|| self.statement(1, '?'));
            return sqlite::execute_each(connection, sql, width, values);
        }
        let mut rest = values;
        while !rest.is_empty() {
            let rows = rest.len() / width;
            let size = (rows.ilog2() as usize).min(SIZES - 1);
            let (now, later) = rest.split_at(width << size);
            let sql = self.statements[size].get_or_init(|| self.statement(1 << size, '$'));
            connection.execute(AssertSqlSafe(sql.clone()), now).await?;
            rest = later;
        }
        Ok(())
    }

    fn statement(&self, rows: usize, mark: char) -> Arc<str> {
        let columns = self.columns.join(",");
        let places = places(mark, rows, self.columns.len());
        format!("INSERT INTO {} ({columns}) VALUES {places}", self.table).into()
    }
}

/// Where a statement takes the values of `rows` rows, numbered through: `($1,$2),($3,$4)`.
pub(super) fn places(mark: char, rows: usize, width: usize) -> String {
    let row = |row: usize| {
        let places: Vec<String> = (1..=width)
            .map(|column| format!("{mark}{}", row * width + column))
            .collect();
        format!("({})", places.join(","))
    };
    let rows: Vec<String> = (0..rows).map(row).collect();
    rows.join(",")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn placeholders_are_numbered_through_all_rows() {
        let insert = MultiInsert::new("t", &["a", "b"]);
        assert_eq!(
            &*insert.statement(2, '$'),
            "INSERT INTO t (a,b) VALUES ($1,$2),($3,$4)"
        );
    }
}
