//! Records: what is committed is there, whole and once; what a customer wrote is sealed, read under audit, and erasable.

use std::sync::Arc;
use std::time::Duration;

use futures_util::future::join_all;
use secrecy::ExposeSecret as _;
use switchboard::clock::Clock;
use switchboard::privacy::Sealer;
use switchboard::store::{
    Change, Erased, NewRecord, Page, RecordFilter, RecordKind, RecordSort, RecordStatus, Review, Store,
    StoreError, Verbatim,
};

use crate::database::{Database, START, data_key, job, on_both_engines, report, uncounted, unit};

on_both_engines! {
    what_was_opened_for_the_same_message_is_erased_with_it,
    a_committed_record_reads_back_after_a_restart,
    where_nothing_was_kept_yet_nothing_is_made_by_looking,
    two_hundred_concurrent_commits_are_all_kept,
    one_bad_unit_harms_no_other,
    lists_are_filtered_and_paged_newest_first,
    verbatim_text_is_sealed_on_disk_and_reading_it_is_audited,
    erasing_a_text_leaves_the_record_and_a_valid_trail,
    data_keys_rotate_without_touching_a_text,
    changes_need_the_current_version_and_leave_before_and_after,
    a_closed_store_finishes_what_waits_and_refuses_the_rest,
    what_a_process_left_of_an_erased_text_another_one_scrubs,
}

async fn a_committed_record_reads_back_after_a_restart(database: Database) {
    let start: jiff::Timestamp = START.parse().unwrap();
    let store = database.open().await;
    store.commit(unit([report("C-1", start)])).await.unwrap();
    let before = store.record("C-1").await.unwrap().unwrap();
    store.close().await;
    let store = database.open().await;
    let row = store.record("C-1").await.unwrap().unwrap();
    assert_eq!(row, before);
    assert_eq!(
        (row.kind, row.status, row.version),
        (RecordKind::Compliance, RecordStatus::Open, 1)
    );
    assert_eq!(row.received_at, start);
    assert_eq!(row.details["criteria"]["reporter"], true);
    assert_eq!(store.record("C-2").await.unwrap(), None);
    assert_eq!(store.writable().await.map_err(|error| error.code()), Ok(()));
    store.close().await;
}

async fn where_nothing_was_kept_yet_nothing_is_made_by_looking(database: Database) {
    for _ in 0..2 {
        assert!(!Store::exists(&database.config).await.unwrap());
    }
    assert!(!database.config.data_dir.exists());
    database.open().await.close().await;
    assert!(Store::exists(&database.config).await.unwrap());
}

async fn two_hundred_concurrent_commits_are_all_kept(database: Database) {
    let store = database.open().await;
    let commits = (0..200).map(|n| {
        let mut record = report(&format!("C-{n}"), database.clock.now());
        record.jobs = vec![job("ticketing"), job("compliance")];
        store.commit(unit([record]))
    });
    for outcome in join_all(commits).await {
        outcome.unwrap();
    }
    let page = Page {
        before: None,
        limit: 500,
    };
    assert_eq!(
        store
            .list_records(&RecordFilter::default(), page)
            .await
            .unwrap()
            .items
            .len(),
        200
    );
    assert_eq!(
        store
            .list_jobs(&Default::default(), page)
            .await
            .unwrap()
            .items
            .len(),
        400
    );
    let verified = store.audit_verify().await.unwrap().unwrap();
    assert_eq!(
        verified.entries, 201,
        "each record's creation and the chain's beginning"
    );
    store.close().await;
}

async fn one_bad_unit_harms_no_other(database: Database) {
    let store = database.open().await;
    store
        .commit(unit([report("C-7", database.clock.now())]))
        .await
        .unwrap();
    let commits = (0..20).map(|n| store.commit(unit([report(&format!("C-{n}"), database.clock.now())])));
    let outcomes = join_all(commits).await;
    for (n, outcome) in outcomes.iter().enumerate() {
        match n {
            7 => assert!(matches!(outcome, Err(StoreError::Duplicate)), "{outcome:?}"),
            _ => assert!(outcome.is_ok(), "{n}: {outcome:?}"),
        }
    }
    assert_eq!(store.audit_verify().await.unwrap().unwrap().entries, 21);
    store.close().await;
}

async fn lists_are_filtered_and_paged_newest_first(database: Database) {
    let store = database.open().await;
    for n in 0..7 {
        let mut record = report(&format!("C-{n}"), database.clock.now());
        if n % 2 == 1 {
            record.kind = RecordKind::Ticket;
            record.queue = "agents".to_owned();
            record.severity = None;
        }
        store.commit(unit([record])).await.unwrap();
    }
    let reports = RecordFilter {
        kind: Some(RecordKind::Compliance),
        severity: Some("urgent".to_owned()),
        ..RecordFilter::default()
    };
    let page = async |filter: &RecordFilter, before, limit| {
        let listed = store.list_records(filter, Page { before, limit }).await.unwrap();
        let names: Vec<String> = listed.items.into_iter().map(|row| row.reference).collect();
        (names.join(" "), listed.next)
    };
    let (first, next) = page(&reports, None, 3).await;
    assert_eq!((first.as_str(), next.is_some()), ("C-6 C-4 C-2", true));
    assert_eq!(page(&reports, next, 3).await, ("C-0".to_owned(), None));
    // A page that the last rows fill is the last one.
    assert_eq!(page(&reports, next, 1).await, ("C-0".to_owned(), None));
    assert_eq!(
        page(&reports, None, 4).await,
        ("C-6 C-4 C-2 C-0".to_owned(), None)
    );
    // Due is what is open, and that first which has the least time.
    let mut soon = report("C-7", database.clock.now());
    soon.due_at = Some(database.clock.now());
    store.commit(unit([soon])).await.unwrap();
    let acknowledged = store.change("C-2", None, "officer", Change::Acknowledge).await;
    acknowledged.unwrap();
    let mut due = RecordFilter {
        sort: Some(RecordSort::Due),
        ..RecordFilter::default()
    };
    assert_eq!(page(&due, None, 3).await.0, "C-7 C-0 C-1");
    due.kind = Some(RecordKind::Compliance);
    let (first, next) = page(&due, None, 2).await;
    assert_eq!((first.as_str(), next.is_some()), ("C-7 C-0", true));
    assert_eq!(page(&due, next, 2).await, ("C-4 C-6".to_owned(), None));
    let none = RecordFilter {
        status: Some(RecordStatus::Resolved),
        ..RecordFilter::default()
    };
    assert!(
        store
            .list_records(&none, Page::default())
            .await
            .unwrap()
            .items
            .is_empty()
    );
    store.close().await;
}

async fn text_of(store: &Store, reference: &str) -> String {
    match store.verbatim(reference, "key:auditor").await.unwrap().unwrap() {
        Verbatim::Text(text) => text.expose_secret().to_owned(),
        Verbatim::Erased(at) => format!("erased {at}"),
    }
}

async fn actions(store: &Store) -> Vec<(String, String, String)> {
    let page = store.audit_page("", 0).await.unwrap();
    page.into_iter()
        .map(|entry| (entry.actor, entry.action, entry.subject))
        .collect()
}

async fn verbatim_text_is_sealed_on_disk_and_reading_it_is_audited(database: Database) {
    let store = database.open().await;
    store
        .commit(unit([report("C-1", database.clock.now())]))
        .await
        .unwrap();
    assert_eq!(text_of(&store, "C-1").await, "Ada Example cannot breathe");
    assert!(store.verbatim("C-2", "key:auditor").await.unwrap().is_none());
    let said = actions(&store).await;
    let read = (
        "key:auditor".to_owned(),
        "record.verbatim_read".to_owned(),
        "C-1".to_owned(),
    );
    assert_eq!(said.iter().filter(|entry| **entry == read).count(), 1);
    // Copying one record's sealed text over another's does not make it readable there.
    store
        .commit(unit([report("C-3", database.clock.now())]))
        .await
        .unwrap();
    let stolen = "UPDATE records SET verbatim = (SELECT verbatim FROM records WHERE reference = 'C-1'),
        verbatim_key = (SELECT verbatim_key FROM records WHERE reference = 'C-1') WHERE reference = 'C-3'";
    assert_eq!(database.tamper(stolen).await, 1);
    assert!(matches!(
        store.verbatim("C-3", "key:auditor").await,
        Err(StoreError::Encryption(_))
    ));
    store.close().await;
    if database.is_sqlite() {
        assert!(!on_disk(&database, b"Ada Example"));
        assert!(on_disk(&database, b"cannot breathe"), "the redacted text is");
    }
}

/// Whether any file of the data directory holds `needle`.
fn on_disk(database: &Database, needle: &[u8]) -> bool {
    std::fs::read_dir(&database.config.data_dir)
        .unwrap()
        .any(|entry| {
            let bytes = std::fs::read(entry.unwrap().path()).unwrap();
            bytes.windows(needle.len()).any(|window| window == needle)
        })
}

async fn erasing_a_text_leaves_the_record_and_a_valid_trail(database: Database) {
    let store = database.open().await;
    store
        .commit(unit([report("C-1", database.clock.now())]))
        .await
        .unwrap();
    let sealed = match database.is_sqlite() {
        true => {
            use sqlx::{Connection as _, Row as _};
            let file = database.config.data_dir.join(switchboard::store::DATABASE_FILE);
            let mut thief = sqlx::SqliteConnection::connect(&format!("sqlite://{}", file.display()))
                .await
                .unwrap();
            let row = sqlx::query("SELECT verbatim_key FROM records")
                .fetch_one(&mut thief)
                .await
                .unwrap();
            let key: Vec<u8> = row.get(0);
            assert!(on_disk(&database, &key));
            Some(key)
        }
        false => None,
    };
    assert_eq!(store.erase("C-1", "key:officer").await.unwrap(), Erased::Now);
    assert_eq!(store.erase("C-1", "key:officer").await.unwrap(), Erased::Before);
    assert_eq!(store.erase("C-2", "key:officer").await.unwrap(), Erased::NotFound);
    assert_eq!(text_of(&store, "C-1").await, format!("erased {START}"));
    if let Some(key) = sealed {
        assert!(
            !on_disk(&database, &key),
            "the wrapped key is nowhere in the files, the log included"
        );
    }
    let row = store.record("C-1").await.unwrap().unwrap();
    assert_eq!(row.redacted_text, "[NAME_REDACTED] cannot breathe");
    assert!(row.erased_at.is_some());
    store.audit_verify().await.unwrap().unwrap();
    store.close().await;
}

async fn data_keys_rotate_without_touching_a_text(mut database: Database) {
    let store = database.open().await;
    for n in 0..3 {
        store
            .commit(unit([report(&format!("C-{n}"), database.clock.now())]))
            .await
            .unwrap();
    }
    store.erase("C-0", "key:officer").await.unwrap();
    store.close().await;
    database.config.data_key = Some(data_key(2));
    database.config.previous_data_keys = Some(data_key(1));
    let store = database.open().await;
    assert_eq!(text_of(&store, "C-1").await, "Ada Example cannot breathe");
    assert_eq!(store.unknown_data_key().await.unwrap(), None, "a previous one");
    assert_eq!(store.rewrap("key:ann").await.unwrap(), 2);
    assert_eq!(store.rewrap("key:ann").await.unwrap(), 0);
    // Whoever moved them is in the trail, once: the second time nothing was moved.
    let trail = store.audit_page("", 0).await.unwrap();
    let rewrapped = trail
        .iter()
        .filter(|entry| entry.action == "encryption.rewrapped");
    let by: Vec<&str> = rewrapped.map(|entry| entry.actor.as_str()).collect();
    assert_eq!(by, ["key:ann"]);
    store.close().await;
    database.config.previous_data_keys = None;
    let store = database.open().await;
    assert_eq!(text_of(&store, "C-2").await, "Ada Example cannot breathe");
    store.close().await;
    // Without the key nothing opens, and the error says which key is missing.
    let sealer = Sealer::new(&data_key(3), &[]).unwrap();
    let store = Store::open(&database.config, sealer, database.clock.clone(), uncounted())
        .await
        .unwrap();
    let error = store.verbatim("C-2", "key:auditor").await.unwrap_err();
    let key_id = Sealer::new(&data_key(2), &[]).unwrap().key_id().to_owned();
    assert!(error.to_string().contains(&key_id), "{error}");
    assert_eq!(store.unknown_data_key().await.unwrap(), Some(key_id));
    store.close().await;
}

async fn changes_need_the_current_version_and_leave_before_and_after(database: Database) {
    let store = Arc::new(database.open().await);
    store
        .commit(unit([report("C-1", database.clock.now())]))
        .await
        .unwrap();
    // Ten people acknowledge the same version at once: one wins.
    let all = join_all((0..10).map(|n| {
        let store = store.clone();
        async move {
            store
                .change("C-1", Some(1), &format!("key:{n}"), Change::Acknowledge)
                .await
        }
    }))
    .await;
    assert_eq!(all.iter().filter(|outcome| outcome.is_ok()).count(), 1);
    for outcome in all.into_iter().filter_map(Result::err) {
        assert!(
            matches!(
                outcome,
                StoreError::Conflict {
                    version: 2,
                    status: "acknowledged"
                }
            ),
            "{outcome:?}"
        );
    }
    let review = Review {
        category: "service_action".to_owned(),
        severity: None,
        intent: Some("request_refund".to_owned()),
    };
    let row = store
        .change("C-1", Some(2), "key:officer", Change::Reclassify(review.clone()))
        .await
        .unwrap()
        .unwrap();
    assert_eq!((row.version, row.review.as_ref()), (3, Some(&review)));
    let resolve = Change::Resolve {
        note: "called back".to_owned(),
    };
    let row = store
        .change("C-1", None, "key:officer", resolve.clone())
        .await
        .unwrap()
        .unwrap();
    assert_eq!((row.version, row.status), (4, RecordStatus::Resolved));
    assert!(matches!(
        store.change("C-1", None, "key:officer", resolve).await,
        Err(StoreError::Conflict { .. })
    ));
    assert_eq!(
        store
            .change("C-9", None, "key:officer", Change::Acknowledge)
            .await
            .unwrap(),
        None
    );
    assert_eq!(store.reviewed(0).await.unwrap().len(), 1);
    let page = store.audit_page("", 0).await.unwrap();
    let entry = page
        .iter()
        .find(|entry| entry.action == "record.reclassified")
        .unwrap();
    let detail: serde_json::Value = serde_json::from_str(&entry.detail).unwrap();
    assert_eq!(detail["before"]["category"], "safety_compliance");
    assert_eq!(detail["after"]["category"], "service_action");
    store.close().await;
}

async fn a_closed_store_finishes_what_waits_and_refuses_the_rest(database: Database) {
    let store = database.open().await;
    let waiting =
        join_all((0..50).map(|n| store.commit(unit([report(&format!("C-{n}"), database.clock.now())]))));
    let (outcomes, ()) = tokio::join!(waiting, store.close());
    for outcome in outcomes {
        outcome.unwrap();
    }
    let late = store.commit(unit([report("C-late", database.clock.now())])).await;
    assert!(matches!(late, Err(StoreError::Closed)), "{late:?}");
    let store = database.open().await;
    assert!(store.record("C-49").await.unwrap().is_some());
    store.close().await;
}

async fn what_was_opened_for_the_same_message_is_erased_with_it(database: Database) {
    let store = database.open().await;
    let of_request = |reference: &str, request_id: &str| NewRecord {
        request_id: request_id.to_owned(),
        ..report(reference, database.clock.now())
    };
    store
        .commit(unit([
            of_request("C-1", "request-1"),
            of_request("T-1", "request-1"),
        ]))
        .await
        .unwrap();
    store
        .commit(unit([of_request("C-2", "request-2")]))
        .await
        .unwrap();
    // The caller's id again, for another message.
    database.hand.advance(Duration::from_secs(1));
    store
        .commit(unit([of_request("C-3", "request-1")]))
        .await
        .unwrap();
    assert_eq!(store.erase("T-1", "key:officer").await.unwrap(), Erased::Now);
    assert_eq!(store.erase("C-1", "key:officer").await.unwrap(), Erased::Before);
    for (reference, erased) in [("C-1", true), ("T-1", true), ("C-2", false), ("C-3", false)] {
        let text = text_of(&store, reference).await;
        assert_eq!(text.starts_with("erased "), erased, "{reference}: {text}");
    }
    let trail = store.audit_page("", 0).await.unwrap();
    let erased: Vec<&str> = trail
        .iter()
        .filter(|entry| entry.action == "record.erased")
        .map(|entry| entry.subject.as_str())
        .collect();
    assert_eq!(erased.len(), 2);
    assert!(erased.contains(&"C-1") && erased.contains(&"T-1"));
    store.audit_verify().await.unwrap().unwrap();
    store.close().await;
}

#[tokio::test]
async fn an_erasure_while_somebody_reads_is_scrubbed_from_the_log_afterwards() {
    use sqlx::Executor as _;
    let database = Database::sqlite().await.unwrap();
    let store = database.open().await;
    store
        .commit(unit([report("C-1", database.clock.now())]))
        .await
        .unwrap();
    let key = wrapped_key(&database).await;
    let mut reader = database.another_connection().await;
    reader.execute("BEGIN").await.unwrap();
    reader.execute("SELECT COUNT(*) FROM records").await.unwrap();
    assert_eq!(store.erase("C-1", "key:officer").await.unwrap(), Erased::Now);
    assert!(!store.scrub().await.unwrap(), "it is still read");
    assert!(on_disk(&database, &key), "in the log");
    reader.execute("ROLLBACK").await.unwrap();
    assert!(store.scrub().await.unwrap());
    assert!(!on_disk(&database, &key), "nor in the log");
    store.close().await;
}

/// A transaction that sees the database as it is now until it is dropped.
enum LongReader {
    Sqlite(sqlx::SqliteConnection),
    Postgres(sqlx::PgConnection),
}

impl LongReader {
    async fn of(database: &Database) -> Self {
        use secrecy::ExposeSecret as _;
        use sqlx::{Connection as _, Executor as _};
        match &database.config.database_url {
            None => {
                let mut reader = database.another_connection().await;
                reader.execute("BEGIN").await.unwrap();
                reader.execute("SELECT COUNT(*) FROM records").await.unwrap();
                Self::Sqlite(reader)
            }
            Some(url) => {
                let mut reader = sqlx::PgConnection::connect(url.expose_secret()).await.unwrap();
                reader
                    .execute("BEGIN ISOLATION LEVEL REPEATABLE READ")
                    .await
                    .unwrap();
                reader.execute("SELECT COUNT(*) FROM records").await.unwrap();
                Self::Postgres(reader)
            }
        }
    }

    async fn end(self) {
        use sqlx::Connection as _;
        match self {
            Self::Sqlite(reader) => reader.close().await.unwrap(),
            Self::Postgres(reader) => reader.close().await.unwrap(),
        }
    }
}

/// The wrapped key of the only text, as a thief of the SQLite files would look for it.
async fn wrapped_key(database: &Database) -> Vec<u8> {
    let mut thief = database.another_connection().await;
    sqlx::query_scalar("SELECT verbatim_key FROM records")
        .fetch_one(&mut thief)
        .await
        .unwrap()
}

async fn what_a_process_left_of_an_erased_text_another_one_scrubs(database: Database) {
    let store = database.open().await;
    store
        .commit(unit([report("C-1", database.clock.now())]))
        .await
        .unwrap();
    let key = match database.is_sqlite() {
        true => Some(wrapped_key(&database).await),
        false => None,
    };
    let reader = LongReader::of(&database).await;
    assert_eq!(store.erase("C-1", "key:officer").await.unwrap(), Erased::Now);
    assert!(!store.scrub().await.unwrap(), "the reader still sees it");
    store.close().await;
    let store = database.open().await;
    assert!(!store.scrub().await.unwrap(), "it sees it after a restart, too");
    reader.end().await;
    assert!(store.scrub().await.unwrap());
    if let Some(key) = key {
        assert!(!on_disk(&database, &key));
    }
    store.close().await;
}

#[tokio::test]
async fn an_erasure_beside_a_long_reader_holds_nobody_up() {
    let database = Database::sqlite().await.unwrap();
    let store = database.open().await;
    store
        .commit(unit([report("C-1", database.clock.now())]))
        .await
        .unwrap();
    let reader = LongReader::of(&database).await;
    let clock = Clock::system();
    store.erase("C-1", "key:officer").await.unwrap();
    store
        .commit(unit([report("C-2", database.clock.now())]))
        .await
        .unwrap();
    assert!(!store.scrub().await.unwrap());
    let took = clock.elapsed();
    assert!(
        took < Duration::from_secs(2),
        "{took:?}: as long as locks are waited for"
    );
    reader.end().await;
    store.close().await;
}

#[tokio::test]
async fn texts_that_need_no_other_key_are_passed_without_the_write_lock() {
    use sqlx::Executor as _;
    let database = Database::sqlite().await.unwrap();
    let store = database.open().await;
    let records = (0..1_200).map(|n| report(&format!("C-{n}"), database.clock.now()));
    store.commit(unit(records)).await.unwrap();
    let mut writer = database.another_connection().await;
    writer.execute("BEGIN IMMEDIATE").await.unwrap();
    assert_eq!(store.rewrap("key:ann").await.map_err(|error| error.code()), Ok(0));
    store.close().await;
}

#[tokio::test]
async fn a_key_under_a_data_key_that_was_given_up_is_nowhere_in_the_files() {
    let mut database = Database::sqlite().await.unwrap();
    let store = database.open().await;
    store
        .commit(unit([report("C-1", database.clock.now())]))
        .await
        .unwrap();
    let key = wrapped_key(&database).await;
    store.close().await;
    database.config.data_key = Some(data_key(2));
    database.config.previous_data_keys = Some(data_key(1));
    // Else the last one to close the file would empty the log.
    let _beside = database.another_connection().await;
    let store = database.open().await;
    assert!(on_disk(&database, &key));
    assert_eq!(store.rewrap("key:ann").await.unwrap(), 1);
    assert!(!on_disk(&database, &key));
    store.close().await;
}

#[tokio::test]
async fn what_operators_list_is_found_without_walking_over_every_record() {
    let database = Database::sqlite().await.unwrap();
    database.open().await.close().await;
    let mut connection = database.another_connection().await;
    for (list, index) in [
        (
            "records WHERE status = $1 ORDER BY id DESC",
            "records_status (status=?)",
        ),
        (
            "records WHERE kind = $1 AND status = $2 AND id < $3 ORDER BY id DESC",
            "records_status (status=? AND id<?)",
        ),
        (
            "records WHERE breached_at IS NOT NULL ORDER BY id DESC",
            "records_breached",
        ),
        (
            "records WHERE review IS NOT NULL AND id > $1 ORDER BY id",
            "records_reviewed (id>?)",
        ),
        (
            "outbox WHERE state = $1 AND state <> 'done' ORDER BY id DESC",
            "outbox_not_done (state=?)",
        ),
    ] {
        let steps = plan(&mut connection, list).await;
        assert!(
            matches!(&steps[..], [step] if step.ends_with(&format!("USING INDEX {index}"))),
            "{list}: {steps:?}"
        );
    }
    // Those are sorted, being few: what people have not looked at yet.
    let due = "records INDEXED BY records_open_safety \
               WHERE kind = ? AND status = 'open' AND due_at IS NOT NULL AND kind = 'compliance' ORDER BY due_at, id";
    assert_eq!(
        plan(&mut connection, due).await,
        [
            "SCAN records USING INDEX records_open_safety",
            "USE TEMP B-TREE FOR ORDER BY"
        ]
    );
}

async fn plan(connection: &mut sqlx::SqliteConnection, list: &str) -> Vec<String> {
    let sql = sqlx::AssertSqlSafe(format!("EXPLAIN QUERY PLAN SELECT * FROM {list} LIMIT 50"));
    let plan: Vec<(i64, i64, i64, String)> = sqlx::query_as(sql).fetch_all(connection).await.unwrap();
    plan.into_iter().map(|(_, _, _, step)| step).collect()
}

#[cfg(unix)]
#[tokio::test]
async fn the_files_are_their_owners_alone_in_a_folder_that_others_may_read() {
    use std::os::unix::fs::PermissionsExt as _;
    let database = Database::sqlite().await.unwrap();
    let data = database.config.data_dir.clone();
    std::fs::create_dir_all(&data).unwrap();
    std::fs::set_permissions(&data, std::fs::Permissions::from_mode(0o755)).unwrap();
    let store = database.open().await;
    store
        .commit(unit([report("C-1", database.clock.now())]))
        .await
        .unwrap();
    for file in [
        "switchboard.sqlite",
        "switchboard.sqlite-wal",
        "switchboard.sqlite-shm",
    ] {
        let mode = std::fs::metadata(data.join(file)).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600, "{file}");
    }
    store.close().await;
}
