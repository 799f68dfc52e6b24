//! The database fails: callers are told, nothing that was acknowledged is lost, and recovery needs no restart.

use std::path::Path;
use std::process::Command;
use std::sync::Arc;
use std::time::Duration;

use futures_util::FutureExt as _;
use futures_util::future::join_all;
use secrecy::ExposeSecret as _;
use switchboard::config::StoreConfig;
use switchboard::privacy::Sealer;
use switchboard::store::{Change, Held, Page, RecordFilter, Routes, Store, StoreError};
use switchboard::telemetry::metrics::{Exposition, Metrics};

use crate::database::{Database, OwnRole, on_both_engines, report, uncounted, unit};
use crate::stalling_proxy::StallingProxy;

on_both_engines! {
    a_queue_that_is_full_refuses_at_once,
    ten_replicas_start_at_once_on_an_empty_database,
    processes_that_come_and_go_meet_no_lock,
}

const NOWHERE: Routes = Routes {
    ticketing: false,
    compliance: false,
};

fn unavailable<T: std::fmt::Debug>(outcome: Result<T, StoreError>) -> bool {
    match outcome {
        Err(error) => error.is_transient(),
        Ok(_) => false,
    }
}

/// A file system of one megabyte, or another size, unmounted when dropped; `None`, said on standard error, where this user may not mount.
struct SmallDisk(tempfile::TempDir);

impl SmallDisk {
    fn new() -> Option<Self> {
        Self::of("size=1m")
    }

    fn of(size: &str) -> Option<Self> {
        let dir = tempfile::tempdir().unwrap();
        let disk = Self(dir);
        match mount(&["-t", "tmpfs", "-o", size, "tmpfs"], disk.0.path()) {
            true => Some(disk),
            false => {
                assert!(
                    std::env::var_os("CI").is_none(),
                    "the small disk that this test fills cannot be mounted"
                );
                eprintln!("SKIPPED: only root may mount the small disk that this test fills");
                None
            }
        }
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg("--lazy").arg(self.0.path()).output();
    }
}

fn mount(arguments: &[&str], at: &Path) -> bool {
    let output = Command::new("mount").args(arguments).arg(at).output();
    output.is_ok_and(|output| output.status.success())
}

#[tokio::test]
async fn a_full_and_then_read_only_disk_is_noticed_and_recovered_from() {
    let Some(disk) = SmallDisk::new() else { return };
    let mut database = Database::sqlite().await.unwrap();
    database.config.data_dir = disk.0.path().join("data");
    let store = database.open().await;
    store
        .commit(unit([report("C-before", database.clock.now())]))
        .await
        .unwrap();
    store.writable().await.unwrap();

    let filler = disk.0.path().join("filler");
    let _ = std::fs::write(&filler, vec![0; 1024 * 1024]);
    let mut acknowledged = vec!["C-before".to_owned()];
    let mut refused = None;
    for n in 0..500 {
        let reference = format!("C-{n}");
        match store
            .commit(unit([report(&reference, database.clock.now())]))
            .await
        {
            Ok(_) => acknowledged.push(reference),
            Err(error) => {
                refused = Some(error);
                break;
            }
        }
    }
    let refused = refused.expect("the disk is full");
    assert!(refused.is_transient(), "{refused:?}");
    // Letting go of its files emptied the write-ahead log: somebody else takes that room too.
    let _ = std::fs::write(disk.0.path().join("filler-too"), vec![0; 1024 * 1024]);
    // The last success is more than a second ago.
    database.hand.advance(Duration::from_secs(2));
    assert!(unavailable(store.writable().await), "a full disk is not writable");

    // The writer has let go of its files, so the disk can be made read-only under it, as the kernel does after an error.
    assert!(mount(&["-o", "remount,ro"], disk.0.path()));
    assert!(
        unavailable(store.writable().await),
        "a read-only disk is not writable"
    );
    let late = store.commit(unit([report("C-late", database.clock.now())])).await;
    assert!(unavailable(late));
    assert!(mount(&["-o", "remount,rw"], disk.0.path()));
    assert!(unavailable(store.writable().await), "it is still full");

    std::fs::remove_file(&filler).unwrap();
    std::fs::remove_file(disk.0.path().join("filler-too")).unwrap();
    store.writable().await.unwrap();
    store
        .commit(unit([report("C-after", database.clock.now())]))
        .await
        .unwrap();
    acknowledged.push("C-after".to_owned());
    for reference in &acknowledged {
        assert!(store.record(reference).await.unwrap().is_some(), "{reference}");
    }
    assert!(store.record("C-late").await.unwrap().is_none());
    store.audit_verify().await.unwrap().unwrap();
    store.close().await;
}

/// There a row can be changed in place on a full disk, which a heartbeat is.
#[tokio::test]
async fn a_full_disk_of_postgres_is_noticed_until_there_is_room() {
    let Some(database) = Database::postgres().await else {
        return;
    };
    let Some(disk) = SmallDisk::of("size=16m") else {
        return;
    };
    let path = disk.0.path().join("tablespace");
    std::fs::create_dir(&path).unwrap();
    let chowned = Command::new("chown").arg("postgres").arg(&path).status();
    assert!(chowned.unwrap().success());
    let mut url =
        reqwest::Url::parse(database.config.database_url.as_ref().unwrap().expose_secret()).unwrap();
    let name = format!("small_{}", &url.path()[1..]);
    database
        .tamper(&format!("CREATE TABLESPACE {name} LOCATION '{}'", path.display()))
        .await;
    database
        .tamper(&format!(
            "CREATE DATABASE {name} TEMPLATE template0 TABLESPACE {name}"
        ))
        .await;
    url.set_path(&name);
    let mut config = database.config.clone();
    config.database_url = Some(url.to_string().into());
    let filled = fills_and_empties(&database, &config, &disk);
    let outcome = std::panic::AssertUnwindSafe(filled).catch_unwind().await;
    // However it went: without its disk the server, which other tests use, would end.
    database
        .tamper(&format!("DROP DATABASE {name} WITH (FORCE)"))
        .await;
    database.tamper(&format!("DROP TABLESPACE {name}")).await;
    if let Err(panic) = outcome {
        std::panic::resume_unwind(panic);
    }
}

async fn fills_and_empties(database: &Database, config: &StoreConfig, disk: &SmallDisk) {
    let sealer = Sealer::configured(config).unwrap();
    let metrics = Arc::new(Metrics::default());
    let store = Store::open(config, sealer, database.clock.clone(), metrics.clone())
        .await
        .unwrap();
    let commit = async |reference: &str| {
        store
            .commit(unit([report(reference, database.clock.now())]))
            .await
    };
    let seen_writable = || {
        metrics
            .render(Exposition::Text)
            .contains("\nswitchboard_store_writable 1\n")
    };
    commit("C-before").await.unwrap();
    store.writable().await.unwrap();
    assert!(seen_writable());

    // Down to the last byte.
    let filler = disk.0.path().join("filler");
    let _ = std::fs::write(&filler, vec![0; 16 * 1024 * 1024]);
    let mut refused = None;
    for n in 0..2_000 {
        if let Err(error) = commit(&format!("C-{n}")).await {
            refused = Some(error);
            break;
        }
    }
    assert!(refused.expect("the disk is full").is_transient());
    for _ in 0..3 {
        database.hand.advance(Duration::from_secs(2));
        // What finds nothing to do succeeds, and is no sign of room.
        store.sla_tick(1, NOWHERE).await.unwrap();
        assert!(unavailable(store.writable().await), "a full disk is not writable");
        assert!(!seen_writable());
    }
    std::fs::remove_file(&filler).unwrap();
    store.writable().await.unwrap();
    assert!(seen_writable());
    commit("C-after").await.unwrap();
    store.audit_verify().await.unwrap().unwrap();
    store.close().await;
}

/// The database on PostgreSQL, whose writer runs in the test's own thread: it takes nothing while the test does not wait.
#[tokio::test]
async fn what_nobody_waits_for_any_more_is_not_written() {
    let Some(database) = Database::postgres().await else {
        return;
    };
    let store = database.open().await;
    let mut gone = Box::pin(store.commit(unit([report("C-gone", database.clock.now())])));
    assert!(futures_util::poll!(&mut gone).is_pending());
    drop(gone);
    store
        .commit(unit([report("C-1", database.clock.now())]))
        .await
        .unwrap();
    assert!(store.record("C-gone").await.unwrap().is_none());
    store.audit_verify().await.unwrap().unwrap();
    store.close().await;
}

#[tokio::test]
async fn a_key_is_given_back_by_a_request_that_ends_while_it_is_taken() {
    let Some(database) = Database::postgres().await else {
        return;
    };
    let store = database.open().await;
    for writer_has_it in [false, true] {
        let mut hold = Box::pin(store.hold("client", "key", [1; 32]));
        assert!(futures_util::poll!(&mut hold).is_pending());
        if writer_has_it {
            tokio::task::yield_now().await;
        }
        drop(hold);
        let again = store.hold("client", "key", [1; 32]).await.unwrap();
        assert!(matches!(again, Held::Fresh(_)), "{writer_has_it}: {again:?}");
        drop(again);
    }
    store.close().await;
}

#[tokio::test]
async fn a_key_is_given_back_by_a_request_that_found_the_queue_full() {
    let Some(mut database) = Database::postgres().await else {
        return;
    };
    database.config.write_queue = 1;
    let store = database.open().await;
    let Held::Fresh(hold) = store.hold("client", "key", [1; 32]).await.unwrap() else {
        panic!("nobody has it");
    };
    let mut first = Box::pin(store.commit(unit([report("C-1", database.clock.now())])));
    assert!(futures_util::poll!(&mut first).is_pending());
    let mut refused = unit([report("C-2", database.clock.now())]);
    refused.idempotency = Some(hold.answer(200, Vec::new()));
    assert!(matches!(store.commit(refused).await, Err(StoreError::Busy)));
    drop(hold);
    first.await.unwrap();
    let again = store.hold("client", "key", [1; 32]).await.unwrap();
    assert!(matches!(again, Held::Fresh(_)), "{again:?}");
    drop(again);
    store.close().await;
}

#[tokio::test]
async fn a_row_that_somebody_else_has_locked_harms_nobody_who_does_not_want_it() {
    use sqlx::{Connection as _, Executor as _};
    let Some(database) = Database::postgres().await else {
        return;
    };
    let store = database.open().await;
    let commit = |reference: &str| store.commit(unit([report(reference, database.clock.now())]));
    commit("C-1").await.unwrap();
    let url = database.config.database_url.as_ref().unwrap().expose_secret();
    let mut other = sqlx::PgConnection::connect(url).await.unwrap();
    other.execute("BEGIN").await.unwrap();
    other
        .execute("SELECT id FROM records WHERE reference = 'C-1' FOR UPDATE")
        .await
        .unwrap();
    let (locked, new) = tokio::join!(
        store.change("C-1", None, "nurse", Change::Acknowledge),
        commit("C-2"),
    );
    assert!(unavailable(locked));
    new.unwrap();
    other.execute("ROLLBACK").await.unwrap();
    let acknowledged = store.change("C-1", None, "nurse", Change::Acknowledge).await;
    assert!(acknowledged.unwrap().is_some());
    store.audit_verify().await.unwrap().unwrap();
    store.close().await;
}

#[tokio::test]
async fn a_table_that_somebody_has_locked_is_told_and_nothing_waits_behind_it() {
    use sqlx::{Connection as _, Executor as _};
    let Some(database) = Database::postgres().await else {
        return;
    };
    let metrics = Arc::new(Metrics::default());
    let store = database.open_counted(metrics.clone()).await;
    let commit = async |reference: &str| {
        store
            .commit(unit([report(reference, database.clock.now())]))
            .await
    };
    let seen = || {
        let text = metrics.render(Exposition::Text);
        ["switchboard_store_table_locked", "switchboard_store_writable"].map(|name| {
            let value = text
                .lines()
                .find_map(|line| line.strip_prefix(name)?.strip_prefix(' '));
            value.unwrap().to_owned()
        })
    };
    commit("C-1").await.unwrap();
    store.writable().await.unwrap();
    assert_eq!(
        (store.table_lock(), seen()),
        (None, ["0", "1"].map(str::to_owned))
    );
    let url = database.config.database_url.as_ref().unwrap().expose_secret();
    let mut other = sqlx::PgConnection::connect(url).await.unwrap();
    let mut watch = sqlx::PgConnection::connect(url).await.unwrap();
    let pid: i32 = sqlx::query_scalar("SELECT pg_backend_pid()")
        .fetch_one(&mut other)
        .await
        .unwrap();
    for mode in ["SHARE", "ACCESS EXCLUSIVE"] {
        other.execute("BEGIN").await.unwrap();
        let lock = format!("LOCK TABLE records IN {mode} MODE");
        other.execute(sqlx::AssertSqlSafe(lock)).await.unwrap();
        // What was written within the last second counts as written.
        database.hand.advance(Duration::from_secs(2));
        store.writable().await.unwrap();
        let lock = store.table_lock().unwrap();
        assert_eq!(
            (&*lock.table, lock.pid),
            ("records", Some(i64::from(pid))),
            "{mode}"
        );
        assert_eq!(seen(), ["0", "1"], "nothing was refused yet");
        assert!(unavailable(commit("C-no").await), "{mode}");
        assert_eq!(seen(), ["1", "0"], "{mode}");
        // Each would wait for two seconds.
        let refused = async {
            let refused = join_all((0..20).map(|_| commit("C-no"))).await;
            assert!(refused.into_iter().all(unavailable), "{mode}");
            database.hand.advance(Duration::from_secs(2));
            store.writable().await.unwrap();
        };
        tokio::select! {
            () = refused => {}
            _ = watch.execute("SELECT pg_sleep(1.5)") => panic!("{mode}: they wait for the lock"),
        }
        assert_eq!(seen(), ["1", "0"], "a heartbeat is no record");
        assert!(store.table_lock().is_some());
        other.execute("ROLLBACK").await.unwrap();
        commit(&format!("C-after-{}", mode.len())).await.unwrap();
        assert_eq!(
            (store.table_lock(), seen()),
            (None, ["0", "1"].map(str::to_owned))
        );
    }
    store.audit_verify().await.unwrap().unwrap();
    store.close().await;
}

#[tokio::test]
async fn a_locked_sqlite_file_is_noticed_and_recovered_from() {
    use sqlx::Executor as _;
    let database = Database::sqlite().await.unwrap();
    let store = database.open().await;
    store
        .commit(unit([report("C-1", database.clock.now())]))
        .await
        .unwrap();
    let mut other = database.another_connection().await;
    other.execute("BEGIN IMMEDIATE").await.unwrap();
    assert!(unavailable(
        store.commit(unit([report("C-2", database.clock.now())])).await
    ));
    other.execute("ROLLBACK").await.unwrap();
    store
        .commit(unit([report("C-3", database.clock.now())]))
        .await
        .unwrap();
    store.audit_verify().await.unwrap().unwrap();
    store.close().await;
}

/// Takes a key, has `store` fail while its request ends, and says who has it once the store works again.
async fn given_back_in_an_outage(
    database: &Database,
    store: &Store,
    begin: impl Future<Output = ()>,
    end: impl Future<Output = ()>,
) -> Held {
    let hold = async || store.hold("shop", "k-1", [7; 32]).await.unwrap();
    let held = hold().await;
    assert!(matches!(held, Held::Fresh(_)), "{held:?}");
    begin.await;
    drop(held);
    database.hand.advance(Duration::from_secs(2));
    assert!(
        unavailable(store.writable().await),
        "what is behind it failed, too"
    );
    end.await;
    hold().await
}

#[tokio::test]
async fn a_key_that_could_not_be_given_back_to_a_locked_sqlite_file_is_afterwards() {
    use sqlx::Executor as _;
    let database = Database::sqlite().await.unwrap();
    let store = database.open().await;
    let other = tokio::sync::Mutex::new(database.another_connection().await);
    let begin = async {
        other.lock().await.execute("BEGIN IMMEDIATE").await.unwrap();
    };
    let end = async {
        other.lock().await.execute("ROLLBACK").await.unwrap();
    };
    let held = given_back_in_an_outage(&database, &store, begin, end).await;
    assert!(matches!(held, Held::Fresh(_)), "{held:?}");
    store.close().await;
}

#[tokio::test]
async fn a_key_that_could_not_be_given_back_to_a_postgres_that_was_away_is_afterwards() {
    let Some(database) = Database::postgres().await else {
        return;
    };
    let role = OwnRole::of(&database).await;
    let mut config = database.config.clone();
    config.database_url = Some(role.url.clone().into());
    let sealer = Sealer::configured(&config).unwrap();
    let store = Store::open(&config, sealer, database.clock.clone(), uncounted())
        .await
        .unwrap();
    let held = given_back_in_an_outage(
        &database,
        &store,
        role.shut_out(&database),
        role.let_in(&database),
    )
    .await;
    assert!(matches!(held, Held::Fresh(_)), "{held:?}");
    store.close().await;
}

#[tokio::test]
async fn a_read_only_postgres_is_noticed_and_recovered_from() {
    let Some(database) = Database::postgres().await else {
        return;
    };
    let store = database.open().await;
    store
        .commit(unit([report("C-1", database.clock.now())]))
        .await
        .unwrap();
    let set = |value: &str| {
        format!(
            "BEGIN READ WRITE;
             DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET default_transaction_read_only = {value}', current_database()); END $$;
             COMMIT;
             SELECT pg_terminate_backend(pid) FROM pg_stat_activity
             WHERE datname = current_database() AND pid <> pg_backend_pid();"
        )
    };
    database.tamper(&set("on")).await;
    database.hand.advance(Duration::from_secs(2));
    assert!(unavailable(store.writable().await));
    assert!(unavailable(
        store.commit(unit([report("C-2", database.clock.now())])).await
    ));
    assert!(store.record("C-1").await.unwrap().is_some(), "reading goes on");
    database.tamper(&set("off")).await;
    store.writable().await.unwrap();
    store
        .commit(unit([report("C-3", database.clock.now())]))
        .await
        .unwrap();
    store.audit_verify().await.unwrap().unwrap();
    store.close().await;
}

#[tokio::test]
async fn a_postgres_that_refuses_the_login_is_away_and_no_defect() {
    let Some(database) = Database::postgres().await else {
        return;
    };
    let role = OwnRole::of(&database).await;
    let mut config = database.config.clone();
    config.database_url = Some(role.url.clone().into());
    let sealer = || Sealer::configured(&config).unwrap();
    let store = Store::open(&config, sealer(), database.clock.clone(), uncounted())
        .await
        .unwrap();
    store
        .commit(unit([report("C-1", database.clock.now())]))
        .await
        .unwrap();
    role.shut_out(&database).await;
    database.hand.advance(Duration::from_secs(2));
    assert!(unavailable(store.writable().await));
    assert!(unavailable(
        store.commit(unit([report("C-2", database.clock.now())])).await
    ));
    assert!(unavailable(store.record("C-1").await));
    let start = Store::open(&config, sealer(), database.clock.clone(), uncounted()).await;
    assert!(unavailable(start));
    role.let_in(&database).await;
    store.writable().await.unwrap();
    assert!(store.record("C-1").await.unwrap().is_some());
    store.close().await;
}

#[tokio::test]
async fn readers_that_have_the_last_connections_make_room_for_the_writer() {
    let Some(database) = Database::postgres().await else {
        return;
    };
    let role = OwnRole::of(&database).await;
    let mut config = database.config.clone();
    config.database_url = Some(role.url.clone().into());
    config.read_connections = 2;
    let sealer = Sealer::configured(&config).unwrap();
    let store = Store::open(&config, sealer, database.clock.clone(), uncounted())
        .await
        .unwrap();
    role.limit(&database, 2).await;
    let read = join_all((0..2).map(|_| store.record("C-1"))).await;
    assert!(read.iter().all(Result::is_ok), "{read:?}");
    // The server may notice later than we that a place is free: then this try fails.
    let mut kept = Err(StoreError::Busy);
    for _ in 0..100 {
        kept = store.commit(unit([report("C-1", database.clock.now())])).await;
        if kept.is_ok() {
            break;
        }
    }
    kept.unwrap();
    assert!(
        store.record("C-1").await.unwrap().is_some(),
        "one is left to read"
    );
    store.close().await;
}

#[tokio::test]
async fn a_restarted_postgres_costs_no_write() {
    let Some(database) = Database::postgres().await else {
        return;
    };
    let store = database.open().await;
    store
        .commit(unit([report("C-1", database.clock.now())]))
        .await
        .unwrap();
    let cut = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity
               WHERE datname = current_database() AND pid <> pg_backend_pid()";
    database.tamper(cut).await;
    store
        .commit(unit([report("C-2", database.clock.now())]))
        .await
        .unwrap();
    assert_eq!(store.audit_verify().await.unwrap().unwrap().entries, 3);
    store.close().await;
}

#[tokio::test]
async fn a_commit_whose_answer_never_comes_leaves_the_trail_whole() {
    let Some(database) = Database::postgres().await else {
        return;
    };
    let mut config = database.config.clone();
    let url = config.database_url.as_ref().unwrap().expose_secret();
    let mut url = reqwest::Url::parse(url).unwrap();
    let server = format!("{}:{}", url.host_str().unwrap(), url.port().unwrap());
    let proxy = StallingProxy::before(server.parse().unwrap()).await;
    url.set_port(Some(proxy.address().port())).unwrap();
    config.database_url = Some(url.to_string().into());
    let sealer = Sealer::configured(&config).unwrap();
    let store = Store::open(&config, sealer, database.clock.clone(), uncounted())
        .await
        .unwrap();
    let commit = async |reference| {
        store
            .commit(unit([report(reference, database.clock.now())]))
            .await
    };
    commit("C-1").await.unwrap();
    proxy.stall_at(b"COMMIT");
    let given_up = async {
        proxy.stalled().await;
        database.hand.advance(Duration::from_secs(15));
    };
    let (outcome, ()) = tokio::join!(commit("C-2"), given_up);
    // What the log line quotes: whoever reads it is to look at the database and the way to it.
    let why = match &outcome {
        Err(StoreError::Unavailable(why)) => why.to_string(),
        _ => String::new(),
    };
    assert_eq!(why, "the database did not answer in 15 s");
    assert!(unavailable(outcome), "nothing was promised, though it is there");
    proxy.stall(false);
    commit("C-3").await.unwrap();
    let verified = store.audit_verify().await.unwrap().unwrap();
    assert_eq!(
        verified.heads.len(),
        2,
        "the second chain vouches for the end of the first"
    );
    assert_eq!(verified.entries, 5);
    assert!(store.record("C-2").await.unwrap().is_some());
    store.close().await;
}

#[tokio::test]
async fn an_unreachable_postgres_is_an_error_at_start() {
    let mut database = Database::sqlite().await.unwrap();
    database.config.database_url = Some("postgres://nobody@127.0.0.1:1/none".into());
    let sealer = Sealer::configured(&database.config).unwrap();
    let outcome = Store::open(&database.config, sealer, database.clock.clone(), uncounted()).await;
    assert!(matches!(outcome, Err(StoreError::Unavailable(_))), "{outcome:?}");
}

async fn a_queue_that_is_full_refuses_at_once(mut database: Database) {
    database.config.write_queue = 8;
    let store = database.open().await;
    let all =
        join_all((0..500).map(|n| store.commit(unit([report(&format!("C-{n}"), database.clock.now())]))))
            .await;
    let (kept, refused): (Vec<_>, Vec<_>) = all.into_iter().partition(Result::is_ok);
    assert!(
        refused
            .iter()
            .all(|outcome| matches!(outcome, Err(StoreError::Busy)))
    );
    assert!(
        !kept.is_empty() && !refused.is_empty(),
        "{} kept, {} refused",
        kept.len(),
        refused.len()
    );
    let page = Page {
        before: None,
        limit: 500,
    };
    let rows = store
        .list_records(&RecordFilter::default(), page)
        .await
        .unwrap()
        .items;
    assert_eq!(
        rows.len(),
        kept.len(),
        "what was acknowledged is there, and nothing else"
    );
    store.close().await;
}

async fn ten_replicas_start_at_once_on_an_empty_database(database: Database) {
    let stores = join_all((0..10).map(|_| database.open())).await;
    let clock = &database.clock;
    let commits = join_all(stores.iter().enumerate().flat_map(|(n, store)| {
        (0..5).map(move |m| store.commit(unit([report(&format!("C-{n}-{m}"), clock.now())])))
    }))
    .await;
    assert!(commits.iter().all(Result::is_ok), "{commits:?}");
    let verified = stores[0].audit_verify().await.unwrap().unwrap();
    assert_eq!(
        (verified.entries, verified.heads.len()),
        (60, 10),
        "ten chains, joined"
    );
    for store in stores {
        store.close().await;
    }
}

/// Starts meet starts, ends (where SQLite's last connection copies the log back and removes it) and writes of others.
async fn processes_that_come_and_go_meet_no_lock(database: Database) {
    let process = async |n: usize| {
        for m in 0..6 {
            let store = database.open().await;
            let record = report(&format!("C-{n}-{m}"), database.clock.now());
            store.commit(unit([record])).await.unwrap();
            assert!(store.record(&format!("C-{n}-{m}")).await.unwrap().is_some());
            store.close().await;
        }
    };
    join_all((0..6).map(process)).await;
    let store = database.open().await;
    let verified = store.audit_verify().await.unwrap().unwrap();
    assert_eq!((verified.entries, verified.heads.len()), (72, 36));
    store.close().await;
}
