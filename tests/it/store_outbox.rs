//! The outbox: every job is run by one worker at a time, in its record's order, and ends visibly.

use std::collections::BTreeSet;
use std::time::Duration;

use futures_util::future::join_all;
use switchboard::store::{
    Change, Decided, Decision, JobFilter, JobRow, JobState, LeasedJob, NewJob, Page, Routes, Settlement,
    Store,
};

use crate::database::{Database, job, on_both_engines, report, unit};

on_both_engines! {
    replicas_never_lease_the_same_job,
    an_expired_lease_returns_and_its_late_worker_changes_nothing,
    jobs_of_a_record_run_in_order_and_a_dead_one_lets_the_next_pass,
    operators_retry_and_discard_under_audit,
    due_times_are_marked_once_and_a_breach_is_announced_once,
    acknowledging_stops_the_clock,
    what_waits_behind_a_delivery_is_not_due_before_it,
    what_a_dead_delivery_let_pass_keeps_its_time,
    what_is_due_first_is_leased_first,
    a_delivery_that_waits_is_brought_forward_with_those_behind_it,
}

const LEASE: Duration = Duration::from_secs(30);

async fn with_jobs(database: &Database, store: &Store, records: usize) {
    for n in 0..records {
        let mut record = report(&format!("C-{n:03}"), database.clock.now());
        record.jobs = vec![job("ticketing")];
        store.commit(unit([record])).await.unwrap();
    }
}

fn done() -> Settlement {
    Settlement::Done {
        outcome: "T-1".to_owned(),
    }
}

fn again(after_s: u64) -> Settlement {
    Settlement::Retry {
        after: Duration::from_secs(after_s),
        error: "timeout".to_owned(),
    }
}

/// The jobs, the newest first.
async fn jobs(store: &Store) -> Vec<JobRow> {
    let listed = store.list_jobs(&JobFilter::default(), Page::default()).await;
    listed.unwrap().items
}

async fn states(store: &Store) -> Vec<(String, JobState)> {
    let jobs = jobs(store).await.into_iter().rev();
    jobs.map(|job| (job.key, job.state)).collect()
}

/// Seconds until each job is due, the oldest first.
async fn due(database: &Database, store: &Store) -> Vec<i64> {
    let now = database.clock.now();
    let jobs = jobs(store).await.into_iter().rev();
    jobs.map(|job| (job.run_at - now).get_seconds()).collect()
}

async fn replicas_never_lease_the_same_job(database: Database) {
    let mut replicas = vec![database.open().await];
    if !database.is_sqlite() {
        for _ in 1..10 {
            replicas.push(database.open().await);
        }
    }
    with_jobs(&database, &replicas[0], 40).await;
    let leases =
        join_all((0..20).map(|n| replicas[n % replicas.len()].lease_jobs("ticketing", 3, LEASE))).await;
    let jobs: Vec<LeasedJob> = leases.into_iter().flat_map(Result::unwrap).collect();
    let keys: BTreeSet<&str> = jobs.iter().map(|job| job.key.as_str()).collect();
    assert_eq!(keys.len(), jobs.len(), "nothing was leased twice");
    // With rows locked by others a lease may come back short, never wrong; one more takes what is left.
    let rest = replicas[0].lease_jobs("ticketing", 40, LEASE).await.unwrap();
    assert_eq!(jobs.len() + rest.len(), 40);
    for replica in replicas {
        replica.close().await;
    }
}

async fn an_expired_lease_returns_and_its_late_worker_changes_nothing(database: Database) {
    let store = database.open().await;
    with_jobs(&database, &store, 1).await;
    let late = store.lease_jobs("ticketing", 1, LEASE).await.unwrap().remove(0);
    assert!(store.lease_jobs("ticketing", 1, LEASE).await.unwrap().is_empty());
    database.hand.advance(LEASE);
    let second = store.lease_jobs("ticketing", 1, LEASE).await.unwrap().remove(0);
    assert_eq!((late.tries, second.tries), (1, 2));
    assert_eq!(late.key, second.key, "the outside system sees one key");
    assert!(!store.settle(&late, done()).await.unwrap());
    assert!(store.settle(&second, done()).await.unwrap());
    assert!(!store.settle(&second, done()).await.unwrap());
    assert_eq!(
        states(&store).await,
        [("C-000:ticketing:create".to_owned(), JobState::Done)]
    );
    store.close().await;
}

async fn jobs_of_a_record_run_in_order_and_a_dead_one_lets_the_next_pass(database: Database) {
    let store = database.open().await;
    let mut record = report("C-1", database.clock.now());
    let mut second = job("ticketing");
    second.kind = "comment";
    record.jobs = vec![job("ticketing"), second, job("compliance")];
    store.commit(unit([record])).await.unwrap();
    let first = store.lease_jobs("ticketing", 9, LEASE).await.unwrap();
    assert_eq!(first.len(), 1, "the second waits for the first");
    assert_eq!(
        store.lease_jobs("compliance", 9, LEASE).await.unwrap().len(),
        1,
        "another target does not"
    );
    assert!(store.settle(&first[0], again(5)).await.unwrap());
    assert!(store.lease_jobs("ticketing", 9, LEASE).await.unwrap().is_empty());
    database.hand.advance(Duration::from_secs(5));
    let first = store.lease_jobs("ticketing", 9, LEASE).await.unwrap();
    assert_eq!(
        (first.len(), first[0].kind.as_str(), first[0].tries),
        (1, "create", 2)
    );
    let dead = Settlement::Dead {
        error: "http_422".to_owned(),
    };
    assert!(store.settle(&first[0], dead).await.unwrap());
    let next = store.lease_jobs("ticketing", 9, LEASE).await.unwrap();
    assert_eq!(next[0].kind, "comment");
    store.close().await;
}

async fn operators_retry_and_discard_under_audit(database: Database) {
    let store = database.open().await;
    with_jobs(&database, &store, 2).await;
    for leased in store.lease_jobs("ticketing", 9, LEASE).await.unwrap() {
        let dead = Settlement::Dead {
            error: "http_422".to_owned(),
        };
        store.settle(&leased, dead).await.unwrap();
    }
    let depth = store.outbox_depth().await.unwrap();
    assert_eq!(
        (depth.len(), depth[0].state, depth[0].jobs),
        (1, JobState::Dead, 2)
    );
    let (first, second) = ("C-000:ticketing:create", "C-001:ticketing:create");
    let decide = |key: &'static str, decision| store.decide(key, decision, "key:officer");
    assert_eq!(
        decide("C-9:ticketing:create", Decision::Retry).await.unwrap(),
        Decided::NotFound
    );
    assert_eq!(decide(first, Decision::Retry).await.unwrap(), Decided::Done);
    assert_eq!(
        decide(first, Decision::Retry).await.unwrap(),
        Decided::NotAllowed(JobState::Pending)
    );
    assert_eq!(decide(second, Decision::Discard).await.unwrap(), Decided::Done);
    let leased = store.lease_jobs("ticketing", 9, LEASE).await.unwrap();
    assert_eq!(
        (leased.len(), leased[0].tries, leased[0].maybe_sent),
        (1, 1, true),
        "counted anew, and yet the outside system may have it"
    );
    assert_eq!(
        decide(first, Decision::Discard).await.unwrap(),
        Decided::NotAllowed(JobState::Pending),
        "a worker has it"
    );
    assert_eq!(
        jobs(&store).await[1].finished_at,
        None,
        "it has not ended after all"
    );
    database.hand.advance(LEASE);
    assert_eq!(
        decide(first, Decision::Discard).await.unwrap(),
        Decided::Done,
        "the worker is gone"
    );
    let trail = store.audit_page("", 0).await.unwrap();
    let of = |action: &str| {
        trail
            .iter()
            .filter(|entry| entry.action == action && entry.actor == "key:officer")
            .count()
    };
    assert_eq!((of("outbox.retried"), of("outbox.discarded")), (1, 2));
    assert_eq!(
        trail.iter().filter(|entry| entry.action == "outbox.dead").count(),
        2
    );
    store.close().await;
}

#[tokio::test]
async fn a_decision_is_audited_with_what_it_found() {
    use secrecy::ExposeSecret as _;
    use sqlx::{Connection as _, Executor as _};
    let Some(database) = Database::postgres().await else {
        return;
    };
    let store = database.open().await;
    with_jobs(&database, &store, 1).await;
    let leased = store.lease_jobs("ticketing", 1, LEASE).await.unwrap().remove(0);
    let dead = Settlement::Dead {
        error: "http_422".to_owned(),
    };
    store.settle(&leased, dead).await.unwrap();
    let url = database.config.database_url.as_ref().unwrap().expose_secret();
    let mut other = sqlx::PgConnection::connect(url).await.unwrap();
    let mut watch = sqlx::PgConnection::connect(url).await.unwrap();
    // Another replica, in the middle of giving it up once more.
    other.execute("BEGIN").await.unwrap();
    other
        .execute("UPDATE outbox SET outcome = 'http_500', tries = 2")
        .await
        .unwrap();
    let meanwhile = async {
        let mut waits = 0;
        while waits == 0 {
            waits = sqlx::query_scalar::<_, i64>(
                "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'",
            )
            .fetch_one(&mut watch)
            .await
            .unwrap();
        }
        other.execute("COMMIT").await.unwrap();
    };
    let decided = store.decide(&leased.key, Decision::Retry, "operator:officer");
    let (decided, ()) = tokio::join!(decided, meanwhile);
    assert_eq!(decided.unwrap(), Decided::Done);
    let trail = store.audit_page("", 0).await.unwrap();
    let retried = trail
        .iter()
        .find(|entry| entry.action == "outbox.retried")
        .unwrap();
    let detail: serde_json::Value = serde_json::from_str(&retried.detail).unwrap();
    let before = serde_json::json!({ "state": "dead", "outcome": "http_500", "tries": 2 });
    assert_eq!(detail["before"], before);
    store.close().await;
}

async fn due_times_are_marked_once_and_a_breach_is_announced_once(database: Database) {
    let mut replicas = vec![database.open().await];
    if !database.is_sqlite() {
        for _ in 1..10 {
            replicas.push(database.open().await);
        }
    }
    for n in 0..5 {
        replicas[0]
            .commit(unit([report(&format!("C-{n}"), database.clock.now())]))
            .await
            .unwrap();
    }
    let routes = Routes {
        compliance: true,
        ..Routes::default()
    };
    let tick = async || {
        let marks = join_all(replicas.iter().map(|replica| replica.sla_tick(100, routes))).await;
        let marks: Vec<_> = marks.into_iter().flat_map(Result::unwrap).collect();
        let breached = marks.iter().filter(|mark| mark.breached).count();
        (marks.len() - breached, breached)
    };
    assert_eq!(tick().await, (0, 0));
    database.hand.advance(Duration::from_secs(11 * 60 + 14));
    assert_eq!(tick().await, (0, 0), "a quarter of 15 minutes is left at 11:15");
    database.hand.advance(Duration::from_secs(1));
    assert_eq!(tick().await, (5, 0));
    assert_eq!(tick().await, (0, 0));
    database.hand.advance(Duration::from_secs(4 * 60));
    assert_eq!(tick().await, (0, 5));
    assert_eq!(tick().await, (0, 0));
    let store = &replicas[0];
    let row = store.record("C-3").await.unwrap().unwrap();
    assert_eq!(row.breached_at, Some(database.clock.now()));
    let jobs = store.lease_jobs("compliance", 99, LEASE).await.unwrap();
    assert_eq!(jobs.len(), 5);
    assert_eq!(jobs[0].kind, "sla_breached");
    let trail = store.audit_page("", 0).await.unwrap();
    assert_eq!(
        trail
            .iter()
            .filter(|entry| entry.action == "sla.breached")
            .count(),
        5
    );
    store.audit_verify().await.unwrap().unwrap();
    for replica in replicas {
        replica.close().await;
    }
}

async fn acknowledging_stops_the_clock(database: Database) {
    let store = database.open().await;
    store
        .commit(unit([report("C-1", database.clock.now())]))
        .await
        .unwrap();
    store
        .change("C-1", None, "key:officer", Change::Acknowledge)
        .await
        .unwrap();
    database.hand.advance(Duration::from_secs(60 * 60));
    assert!(store.sla_tick(100, Routes::default()).await.unwrap().is_empty());
    store.close().await;
}

async fn what_waits_behind_a_delivery_is_not_due_before_it(database: Database) {
    let store = database.open().await;
    let mut record = report("C-1", database.clock.now());
    record.jobs = vec![job("compliance")];
    store.commit(unit([record])).await.unwrap();
    let first = store.lease_jobs("compliance", 9, LEASE).await.unwrap();
    assert!(store.settle(&first[0], again(3600)).await.unwrap());
    database.hand.advance(Duration::from_secs(900));
    let routes = Routes {
        compliance: true,
        ..Routes::default()
    };
    assert!(store.sla_tick(100, routes).await.unwrap()[0].breached);
    assert_eq!(
        due(&database, &store).await,
        [2700, 2700],
        "the notice of the breach comes after the record"
    );
    database.hand.advance(Duration::from_secs(2700));
    let second = store.lease_jobs("compliance", 9, LEASE).await.unwrap();
    assert_eq!(second.len(), 1);
    assert!(store.settle(&second[0], again(600)).await.unwrap());
    assert_eq!(due(&database, &store).await, [600, 600]);
    let decided = store.decide("C-1:compliance:create", Decision::Discard, "key:officer");
    assert_eq!(decided.await.unwrap(), Decided::Done);
    let next = store.lease_jobs("compliance", 9, LEASE).await.unwrap();
    assert_eq!(next[0].kind, "sla_breached", "nothing is before it any more");
    // Behind one that is being delivered it is due at once: that may be done long before its lease ends.
    let mut record = report("C-2", database.clock.now());
    record.jobs = vec![job("compliance")];
    store.commit(unit([record])).await.unwrap();
    let hour = Duration::from_secs(3600);
    assert_eq!(store.lease_jobs("compliance", 9, hour).await.unwrap().len(), 1);
    database.hand.advance(Duration::from_secs(900));
    assert!(store.sla_tick(100, routes).await.unwrap()[0].breached);
    assert_eq!(due(&database, &store).await[2..], [2700, 0]);
    store.close().await;
}

/// A record with two jobs, of which the second waits for the first.
async fn with_two_jobs(database: &Database, store: &Store, reference: &str) {
    let mut record = report(reference, database.clock.now());
    let second = NewJob {
        kind: "comment",
        ..job("ticketing")
    };
    record.jobs = vec![job("ticketing"), second];
    store.commit(unit([record])).await.unwrap();
}

async fn what_a_dead_delivery_let_pass_keeps_its_time(database: Database) {
    let store = database.open().await;
    let lease = async || store.lease_jobs("ticketing", 9, LEASE).await.unwrap().remove(0);
    let dead = || Settlement::Dead {
        error: "http_422".to_owned(),
    };
    let decide = async |key: &'static str, decision| {
        let decided = store.decide(key, decision, "key:officer").await;
        assert_eq!(decided.unwrap(), Decided::Done);
    };
    with_two_jobs(&database, &store, "C-1").await;
    assert!(store.settle(&lease().await, dead()).await.unwrap());
    let passed = lease().await;
    assert_eq!(passed.kind, "comment");
    // The first is before the second again, and then given up for good: the second stays with its worker.
    decide("C-1:ticketing:create", Decision::Retry).await;
    decide("C-1:ticketing:create", Decision::Discard).await;
    assert_eq!(due(&database, &store).await[1], LEASE.as_secs() as i64);
    assert!(store.settle(&passed, done()).await.unwrap());

    with_two_jobs(&database, &store, "C-2").await;
    assert!(store.settle(&lease().await, dead()).await.unwrap());
    assert!(store.settle(&lease().await, again(600)).await.unwrap());
    decide("C-2:ticketing:create", Decision::Retry).await;
    assert!(store.settle(&lease().await, again(5)).await.unwrap());
    assert_eq!(
        due(&database, &store).await[2..],
        [5, 600],
        "it is due later anyway"
    );
    database.hand.advance(Duration::from_secs(5));
    assert!(store.settle(&lease().await, dead()).await.unwrap());
    decide("C-2:ticketing:create", Decision::Discard).await;
    assert_eq!(
        due(&database, &store).await[3],
        595,
        "a dead one held nobody back"
    );
    store.close().await;
}

async fn a_delivery_that_waits_is_brought_forward_with_those_behind_it(database: Database) {
    let store = database.open().await;
    let retry = async |key: &'static str| {
        let decided = store.decide(key, Decision::Retry, "operator:officer").await;
        decided.unwrap()
    };
    let waits = Decided::NotAllowed(JobState::Pending);
    let (first, second) = ("C-1:ticketing:create", "C-1:ticketing:comment");
    with_two_jobs(&database, &store, "C-1").await;
    assert_eq!(retry(first).await, waits, "it is due");
    let leased = store.lease_jobs("ticketing", 9, LEASE).await.unwrap();
    assert_eq!(retry(first).await, waits, "a worker has it");
    assert!(store.settle(&leased[0], again(3600)).await.unwrap());
    assert_eq!(due(&database, &store).await, [3600, 3600]);
    assert_eq!(retry(second).await, waits, "it waits for the first");
    assert_eq!(retry(first).await, Decided::Done);
    assert_eq!(due(&database, &store).await, [0, 0]);
    assert_eq!(retry(first).await, waits, "it is due again");
    let leased = store.lease_jobs("ticketing", 9, LEASE).await.unwrap();
    assert_eq!(
        (leased[0].key.as_str(), leased[0].tries, leased[0].maybe_sent),
        (first, 2, true),
        "its tries go on"
    );
    assert!(store.settle(&leased[0], done()).await.unwrap());
    assert_eq!(
        retry(first).await,
        Decided::NotAllowed(JobState::Done),
        "there is nothing to try"
    );
    let trail = store.audit_page("", 0).await.unwrap();
    let retried: Vec<_> = trail
        .iter()
        .filter(|entry| entry.action == "outbox.retried")
        .map(|entry| (entry.subject.as_str(), entry.actor.as_str()))
        .collect();
    assert_eq!(retried, [(first, "operator:officer")]);
    store.audit_verify().await.unwrap().unwrap();
    store.close().await;
}

async fn what_is_due_first_is_leased_first(database: Database) {
    let store = database.open().await;
    with_jobs(&database, &store, 1).await;
    let first = store.lease_jobs("ticketing", 1, LEASE).await.unwrap().remove(0);
    assert!(store.settle(&first, again(10)).await.unwrap());
    database.hand.advance(Duration::from_secs(5));
    for reference in ["C-001", "C-002"] {
        let mut record = report(reference, database.clock.now());
        record.jobs = vec![job("ticketing")];
        store.commit(unit([record])).await.unwrap();
    }
    database.hand.advance(Duration::from_secs(5));
    for reference in ["C-001", "C-002", "C-000"] {
        let leased = store.lease_jobs("ticketing", 1, LEASE).await.unwrap();
        assert_eq!(leased[0].reference, reference);
    }
    store.close().await;
}
