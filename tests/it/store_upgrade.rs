//! Upgrades without downtime: old and new versions share one database while one replaces the other, and after a rollback.
//! So a later schema, which only ever expands, must not keep an earlier version from starting or from working.

use std::path::Path;

use crate::database::{Database, on_both_engines, report, unit};

on_both_engines! {
    an_earlier_version_starts_and_works_on_a_later_schema,
    a_running_version_works_on_while_a_later_one_expands_the_schema,
}

const TABLES: [&str; 10] = [
    "records",
    "outbox",
    "audit_chains",
    "audit_entries",
    "idempotency",
    "heartbeat",
    "record_facts",
    "record_links",
    "linked_records",
    "scrubbing",
];

/// What a later version's migration does: columns that may be null, a table and an index, and its line in the migrator's book.
async fn expand(database: &Database) {
    for table in TABLES {
        database
            .tamper(&format!("ALTER TABLE {table} ADD COLUMN added_later TEXT"))
            .await;
        database
            .tamper(&format!(
                "CREATE INDEX {table}_added_later ON {table} (added_later)"
            ))
            .await;
    }
    database
        .tamper("CREATE TABLE added_later (id BIGINT PRIMARY KEY)")
        .await;
    let checksum = if database.is_sqlite() {
        "X'00'"
    } else {
        "'\\x00'::bytea"
    };
    let noted = database
        .tamper(&format!(
            "INSERT INTO _sqlx_migrations (version, description, success, checksum, execution_time) \
             VALUES (9999, 'added later', TRUE, {checksum}, 0)"
        ))
        .await;
    assert_eq!(noted, 1);
}

async fn an_earlier_version_starts_and_works_on_a_later_schema(database: Database) {
    let store = database.open().await;
    store
        .commit(unit([report("C-1", database.clock.now())]))
        .await
        .unwrap();
    store.close().await;
    expand(&database).await;
    let store = database.open().await;
    store
        .commit(unit([report("C-2", database.clock.now())]))
        .await
        .unwrap();
    for reference in ["C-1", "C-2"] {
        assert!(store.record(reference).await.unwrap().is_some(), "{reference}");
    }
    assert!(store.audit_verify().await.unwrap().is_ok());
    store.close().await;
}

async fn a_running_version_works_on_while_a_later_one_expands_the_schema(database: Database) {
    let store = database.open().await;
    store
        .commit(unit([report("C-1", database.clock.now())]))
        .await
        .unwrap();
    // Once before, so that the statements below are prepared against the old tables.
    assert!(store.record("C-1").await.unwrap().is_some());
    expand(&database).await;
    store
        .commit(unit([report("C-2", database.clock.now())]))
        .await
        .unwrap();
    for reference in ["C-1", "C-2"] {
        assert!(store.record(reference).await.unwrap().is_some(), "{reference}");
    }
    assert!(store.audit_verify().await.unwrap().is_ok());
    store.close().await;
}

#[test]
fn migrations_only_expand() {
    let mut looked_at = 0;
    for engine in ["sqlite", "postgres"] {
        let directory = Path::new(env!("CARGO_MANIFEST_DIR"))
            .join("src/store/migrations")
            .join(engine);
        for file in std::fs::read_dir(directory).unwrap() {
            let path = file.unwrap().path();
            let sql = std::fs::read_to_string(&path).unwrap().to_uppercase();
            let statements = sql
                .lines()
                .map(|line| line.split("--").next().unwrap_or_default());
            for (number, line) in statements.enumerate() {
                for word in ["DROP ", "RENAME ", "SET NOT NULL", " TYPE ", "TRUNCATE "] {
                    assert!(
                        !line.contains(word),
                        "{}:{}: {word}: an earlier version that still runs would break; see docs/deployment.md",
                        path.display(),
                        number + 1
                    );
                }
            }
            looked_at += 1;
        }
    }
    assert!(looked_at >= 2, "the migrations have moved");
}
