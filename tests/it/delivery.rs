//! Delivery: what the outbox holds reaches its system once, however that system behaves, and one dead system harms nobody else.

use std::collections::BTreeMap;
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use serde_json::json;
use switchboard::breaker_state::BreakerState;
use switchboard::config::{ComplianceConfig, DeliveryConfig, SystemKind, TicketingConfig};
use switchboard::delivery::sla_clock::SlaClock;
use switchboard::delivery::upkeep::Upkeep;
use switchboard::delivery::{DeliveryObserver, Round, Unobserved, Worker};
use switchboard::integrations::http_client::HttpClient;
use switchboard::integrations::outbound::OutsideSystem;
use switchboard::store::{
    COMPLIANCE, Held, JobFilter, JobRow, JobState, NewJob, Page, Routes, SameEvent, SlaMark, Store, TICKETING,
};
use tokio_util::sync::CancellationToken;

use crate::database::{Database, job, on_both_engines, report, unit};
use crate::outside::{Outside, answer, answer_with};

on_both_engines! {
    ten_minutes_without_the_ticketing_system_lose_nothing_and_hold_nobody_back,
    retry_after_is_honoured,
    a_system_that_asks_for_time_gets_it_from_all_its_jobs,
    a_long_answer_is_an_answer,
    a_job_that_nobody_knows_says_nothing_about_the_system,
    a_refused_event_dies_at_once_and_is_replayed_by_an_operator,
    a_system_that_refuses_an_event_is_well,
    wrong_credentials_kill_no_job,
    tries_are_bounded,
    a_job_that_ends_its_workers_is_given_up,
    a_worker_whose_round_panics_goes_on,
    a_hanging_system_is_timed_out,
    a_crash_between_send_and_acknowledgement_repeats_the_key,
    a_stopped_worker_finishes_what_it_holds_and_takes_nothing_more,
    upkeep_forgets_expired_keys_and_scrubs_what_an_erasure_left,
    a_breach_is_announced_after_the_record,
    a_report_is_delivered_with_what_it_was_linked_to,
    an_event_is_the_same_at_every_try,
    a_running_worker_wakes_when_a_job_is_committed,
    one_slow_delivery_holds_back_no_other,
    a_slow_delivery_does_not_hold_back_what_another_replica_committed,
    a_delivery_of_several_calls_takes_no_longer_than_one_of_one,
    a_worker_whose_lease_was_lost_says_so_and_changes_nothing,
    a_round_that_cannot_read_a_record_ends_and_leaves_its_jobs_to_their_leases,
    a_round_that_cannot_write_how_it_went_fails,
    one_tick_marks_all_that_is_due,
    no_more_deliveries_are_under_way_than_may_be,
}

fn http(database: &Database) -> HttpClient {
    HttpClient::new(database.clock.clone(), Duration::from_secs(10)).unwrap()
}

fn worker(database: &Database, store: &Store, target: &'static str, url: &str) -> Worker {
    observed_worker(database, store, target, url, Arc::new(Unobserved))
}

fn observed_worker(
    database: &Database,
    store: &Store,
    target: &'static str,
    url: &str,
    observer: Arc<dyn DeliveryObserver>,
) -> Worker {
    let http = http(database);
    let system = match target {
        TICKETING => OutsideSystem::ticketing(
            &TicketingConfig {
                system: SystemKind::Webhook,
                url: Some(url.to_owned()),
                secret: Some("s".into()),
                ..TicketingConfig::default()
            },
            &http,
        ),
        _ => OutsideSystem::compliance(
            &ComplianceConfig {
                system: SystemKind::Webhook,
                url: Some(url.to_owned()),
                secret: Some("s".into()),
            },
            &http,
        ),
    };
    let (store, clock) = (store.clone(), database.clock.clone());
    let system = system.unwrap().unwrap();
    Worker::new(target, system, store, clock, &DeliveryConfig::default(), observer)
}

/// One that asks the system before it tries again.
fn zendesk_worker(
    database: &Database,
    store: &Store,
    url: &str,
    observer: Arc<dyn DeliveryObserver>,
) -> Worker {
    let config = TicketingConfig {
        system: SystemKind::Zendesk,
        url: Some(url.to_owned()),
        secret: Some("s".into()),
        user: Some("agent@example.com".to_owned()),
        ..TicketingConfig::default()
    };
    let system = OutsideSystem::ticketing(&config, &http(database))
        .unwrap()
        .unwrap();
    let (store, clock) = (store.clone(), database.clock.clone());
    Worker::new(
        TICKETING,
        system,
        store,
        clock,
        &DeliveryConfig::default(),
        observer,
    )
}

async fn commit(database: &Database, store: &Store, reference: &str, targets: &[&'static str]) {
    let mut record = report(reference, database.clock.now());
    record.jobs = targets.iter().map(|target| job(target)).collect();
    store.commit(unit([record])).await.unwrap();
}

async fn in_state(store: &Store, state: JobState) -> usize {
    let filter = JobFilter {
        state: Some(state),
        ..JobFilter::default()
    };
    let page = Page {
        before: None,
        limit: 500,
    };
    store.list_jobs(&filter, page).await.unwrap().items.len()
}

/// The jobs, the newest first.
async fn jobs(store: &Store) -> Vec<JobRow> {
    let listed = store.list_jobs(&JobFilter::default(), Page::default()).await;
    listed.unwrap().items
}

fn go() -> CancellationToken {
    CancellationToken::new()
}

async fn ten_minutes_without_the_ticketing_system_lose_nothing_and_hold_nobody_back(database: Database) {
    let store = database.open().await;
    let ticketing = Outside::start(|_| answer(503, json!({}))).await;
    let compliance = Outside::start(|_| answer(200, json!({ "id": "R-1" }))).await;
    let mut tickets = worker(&database, &store, TICKETING, &ticketing.url);
    let mut reports = worker(&database, &store, COMPLIANCE, &compliance.url);
    for second in 0..600 {
        if second % 30 == 0 {
            commit(
                &database,
                &store,
                &format!("C-{second}"),
                &[TICKETING, COMPLIANCE],
            )
            .await;
            assert_eq!(
                reports.round(&go()).await.unwrap().done,
                1,
                "the other system is not held back"
            );
        }
        tickets.round(&go()).await.unwrap();
        database.hand.advance(Duration::from_secs(1));
    }
    assert_eq!(
        in_state(&store, JobState::Dead).await,
        0,
        "an outage uses no job's tries up"
    );
    assert_eq!(in_state(&store, JobState::Pending).await, 20);
    let called = ticketing.received().len();
    assert!(
        (5..=60).contains(&called),
        "the breaker let {called} calls through in ten minutes"
    );
    ticketing.now(|_| answer(200, json!({ "id": 7 })));
    for _ in 0..700 {
        tickets.round(&go()).await.unwrap();
        database.hand.advance(Duration::from_secs(1));
    }
    assert_eq!(in_state(&store, JobState::Done).await, 40);
    assert_eq!(
        ticketing.received().len() - called,
        20,
        "each once, after the outage"
    );
    assert_eq!(tickets.breaker(), BreakerState::Closed);
    store.audit_verify().await.unwrap().unwrap();
    store.close().await;
}

async fn retry_after_is_honoured(database: Database) {
    let store = database.open().await;
    // Longer than the breaker rests at most: the job waits for itself.
    let outside = Outside::start(|_| answer_with(429, ("retry-after", "1800"))).await;
    let mut worker = worker(&database, &store, TICKETING, &outside.url);
    commit(&database, &store, "C-1", &[TICKETING]).await;
    assert_eq!(worker.round(&go()).await.unwrap().retried, 1);
    outside.now(|_| answer(200, json!({})));
    database.hand.advance(Duration::from_secs(1_799));
    assert_eq!(worker.round(&go()).await.unwrap(), Round::default());
    database.hand.advance(Duration::from_secs(1));
    assert_eq!(worker.round(&go()).await.unwrap().done, 1);
    // Not for longer than an hour, whatever it says.
    outside.now(|_| answer_with(503, ("retry-after", "86400")));
    commit(&database, &store, "C-2", &[TICKETING]).await;
    assert_eq!(worker.round(&go()).await.unwrap().retried, 1);
    outside.now(|_| answer(200, json!({})));
    database.hand.advance(Duration::from_secs(3_599));
    assert_eq!(worker.round(&go()).await.unwrap(), Round::default());
    database.hand.advance(Duration::from_secs(1));
    assert_eq!(worker.round(&go()).await.unwrap().done, 1);
    store.close().await;
}

async fn a_system_that_asks_for_time_gets_it_from_all_its_jobs(database: Database) {
    let store = database.open().await;
    let outside = Outside::start(|_| answer_with(429, ("retry-after", "120"))).await;
    let heard = Arc::new(Heard::default());
    let mut worker = observed_worker(&database, &store, TICKETING, &outside.url, heard.clone());
    commit(&database, &store, "C-1", &[TICKETING]).await;
    worker.round(&go()).await.unwrap();
    assert_eq!(worker.breaker(), BreakerState::Open);
    outside.now(|_| answer(200, json!({})));
    commit(&database, &store, "C-2", &[TICKETING]).await;
    database.hand.advance(Duration::from_secs(119));
    assert_eq!(worker.round(&go()).await.unwrap(), Round::default());
    database.hand.advance(Duration::from_secs(1));
    assert_eq!(worker.round(&go()).await.unwrap().done, 2);
    // From half open, which nobody is told of: time alone makes it.
    assert_eq!(
        *heard.breaker.lock().unwrap(),
        [BreakerState::Open, BreakerState::Closed]
    );
    store.close().await;
}

async fn a_long_answer_is_an_answer(database: Database) {
    let store = database.open().await;
    let page = "x".repeat(300 * 1024);
    let outside = Outside::start(move |_| answer(200, json!({ "id": "T-1", "page": page }))).await;
    let mut worker = worker(&database, &store, TICKETING, &outside.url);
    commit(&database, &store, "C-1", &[TICKETING]).await;
    assert_eq!(worker.round(&go()).await.unwrap().done, 1);
    assert_eq!(outside.received().len(), 1);
    store.close().await;
}

async fn a_job_that_nobody_knows_says_nothing_about_the_system(database: Database) {
    let store = database.open().await;
    let outside = Outside::start(|_| answer(503, json!({}))).await;
    let mut worker = worker(&database, &store, TICKETING, &outside.url);
    for n in 0..5 {
        commit(&database, &store, &format!("C-{n}"), &[TICKETING]).await;
    }
    worker.round(&go()).await.unwrap();
    let mut record = report("C-5", database.clock.now());
    record.jobs = vec![NewJob {
        kind: "of_a_later_version",
        ..job(TICKETING)
    }];
    store.commit(unit([record])).await.unwrap();
    let called = outside.received().len();
    database.hand.advance(DeliveryConfig::default().breaker_open());
    // It is due first, and does not close the breaker for the others: one of them probes.
    let round = worker.round(&go()).await.unwrap();
    assert_eq!(
        (round.dead, round.retried, worker.breaker()),
        (1, 1, BreakerState::Open)
    );
    assert_eq!(outside.received().len() - called, 1);
    store.close().await;
}

async fn a_refused_event_dies_at_once_and_is_replayed_by_an_operator(database: Database) {
    let store = database.open().await;
    let outside = Outside::start(|_| answer(422, json!({}))).await;
    let mut worker = worker(&database, &store, TICKETING, &outside.url);
    commit(&database, &store, "C-1", &[TICKETING]).await;
    commit(&database, &store, "C-2", &[TICKETING]).await;
    assert_eq!(worker.round(&go()).await.unwrap().dead, 2);
    assert_eq!(worker.breaker(), BreakerState::Closed, "the system is well");
    let rows = jobs(&store).await;
    assert_eq!(rows[0].outcome.as_deref(), Some("http_422"));
    outside.now(|_| answer(201, json!({ "id": "T-9" })));
    let decision = switchboard::store::Decision::Retry;
    store
        .decide("C-1:ticketing:create", decision, "key:officer")
        .await
        .unwrap();
    assert_eq!(worker.round(&go()).await.unwrap().done, 1);
    let rows = jobs(&store).await;
    assert_eq!(
        (rows[1].state, rows[1].outcome.as_deref()),
        (JobState::Done, Some("T-9"))
    );
    assert_eq!(rows[0].state, JobState::Dead);
    store.close().await;
}

async fn a_system_that_refuses_an_event_is_well(database: Database) {
    let store = database.open().await;
    let outside = Outside::start(|_| answer(503, json!({}))).await;
    let mut worker = worker(&database, &store, TICKETING, &outside.url);
    let nearly = DeliveryConfig::default().breaker_failures as usize - 1;
    let statuses = [503]
        .repeat(nearly)
        .into_iter()
        .chain([422])
        .chain([503].repeat(nearly));
    for (n, status) in statuses.enumerate() {
        outside.now(move |_| answer(status, json!({})));
        commit(&database, &store, &format!("C-{n}"), &[TICKETING]).await;
        worker.round(&go()).await.unwrap();
    }
    assert_eq!(outside.received().len(), 2 * nearly + 1);
    assert_eq!(
        worker.breaker(),
        BreakerState::Closed,
        "failures are counted from the refusal on"
    );
    store.close().await;
}

async fn wrong_credentials_kill_no_job(database: Database) {
    let store = database.open().await;
    let outside = Outside::start(|_| answer(401, json!({}))).await;
    let mut worker = worker(&database, &store, TICKETING, &outside.url);
    for n in 0..10 {
        commit(&database, &store, &format!("C-{n}"), &[TICKETING]).await;
    }
    worker.round(&go()).await.unwrap();
    assert_eq!(worker.breaker(), BreakerState::Open);
    assert!(outside.received().len() <= 4, "no more than were under way");
    assert_eq!(in_state(&store, JobState::Pending).await, 10);
    outside.now(|_| answer(200, json!({})));
    for _ in 0..60 {
        database.hand.advance(Duration::from_secs(1));
        worker.round(&go()).await.unwrap();
    }
    assert_eq!(in_state(&store, JobState::Done).await, 10);
    store.close().await;
}

async fn tries_are_bounded(database: Database) {
    let store = database.open().await;
    let outside = Outside::start(|_| answer(500, json!({}))).await;
    let mut worker = worker(&database, &store, TICKETING, &outside.url);
    commit(&database, &store, "C-1", &[TICKETING]).await;
    let mut dead = 0;
    for _ in 0..24 * 60 {
        dead += worker.round(&go()).await.unwrap().dead;
        database.hand.advance(Duration::from_secs(60));
    }
    assert_eq!((dead, outside.received().len()), (1, 25));
    let jobs = jobs(&store).await;
    assert_eq!(
        (jobs[0].tries, jobs[0].outcome.as_deref()),
        (25, Some("http_500")),
        "dead with its last try, and of what that said"
    );
    assert_eq!(outside.keys().len(), 1, "always under the same key");
    store.close().await;
}

async fn a_job_that_ends_its_workers_is_given_up(database: Database) {
    let store = database.open().await;
    let outside = Outside::start(|_| answer(200, json!({}))).await;
    commit(&database, &store, "C-1", &[TICKETING]).await;
    let lease_for = Duration::from_secs(60);
    for _ in 0..DeliveryConfig::default().max_tries {
        let leased = store.lease_jobs(TICKETING, 1, lease_for).await.unwrap();
        assert_eq!(leased.len(), 1);
        // Nobody says how it went.
        database.hand.advance(lease_for);
    }
    let mut worker = worker(&database, &store, TICKETING, &outside.url);
    assert_eq!(worker.round(&go()).await.unwrap().dead, 1);
    assert!(outside.received().is_empty());
    store.close().await;
}

async fn a_hanging_system_is_timed_out(database: Database) {
    let store = database.open().await;
    let outside = Outside::start(|_| None).await;
    let mut worker = worker(&database, &store, TICKETING, &outside.url);
    commit(&database, &store, "C-1", &[TICKETING]).await;
    let stop = go();
    let seconds = async {
        // The worker looks for more every second, until the ten of the try are over.
        loop {
            database.hand.advance_once_awaited(Duration::from_secs(1)).await;
            tokio::task::yield_now().await;
        }
    };
    let round = tokio::select! {
        round = worker.round(&stop) => round,
        () = seconds => unreachable!("it never ends"),
    };
    assert_eq!(round.unwrap().retried, 1);
    let rows = jobs(&store).await;
    assert_eq!(rows[0].outcome.as_deref(), Some("timeout"));
    store.close().await;
}

/// Runs a round of a worker until a system that never answers has its request.
async fn until_received<R>(outside: &Outside, mut round: Pin<&mut impl Future<Output = R>>) {
    while outside.received().is_empty() {
        tokio::select! {
            _ = &mut round => panic!("the system never answers"),
            () = tokio::task::yield_now() => {}
        }
    }
}

async fn a_crash_between_send_and_acknowledgement_repeats_the_key(database: Database) {
    let store = database.open().await;
    let outside = Outside::start(|_| None).await;
    commit(&database, &store, "C-1", &[TICKETING]).await;
    // The first worker is gone after the request arrived and before it wrote anything down.
    let mut first = worker(&database, &store, TICKETING, &outside.url);
    {
        let stop = go();
        let round = first.round(&stop);
        tokio::pin!(round);
        until_received(&outside, round.as_mut()).await;
    }
    drop(first);
    outside.now(|_| answer(200, json!({ "id": "T-1" })));
    let mut second = worker(&database, &store, TICKETING, &outside.url);
    assert_eq!(
        second.round(&go()).await.unwrap(),
        Round::default(),
        "its lease still runs"
    );
    database.hand.advance(DeliveryConfig::default().lease());
    assert_eq!(second.round(&go()).await.unwrap().done, 1);
    let keys = outside.keys();
    assert_eq!(
        keys.into_iter().collect::<Vec<_>>(),
        [("C-1:ticketing:create".to_owned(), 2)]
    );
    store.close().await;
}

async fn a_stopped_worker_finishes_what_it_holds_and_takes_nothing_more(database: Database) {
    let store = database.open().await;
    let stop = go();
    let stopping = stop.clone();
    let outside = Outside::start(move |_| {
        stopping.cancel();
        answer(200, json!({}))
    })
    .await;
    for n in 0..12 {
        commit(&database, &store, &format!("C-{n}"), &[TICKETING]).await;
    }
    worker(&database, &store, TICKETING, &outside.url).run(stop).await;
    assert_eq!(
        in_state(&store, JobState::Done).await,
        4,
        "what was leased together"
    );
    assert_eq!(in_state(&store, JobState::Pending).await, 8);
    let rows = jobs(&store).await;
    assert!(rows.iter().all(|row| !row.leased));
    store.close().await;
}

/// Commits a report of an event that all such reports tell of.
async fn commit_linked(database: &Database, store: &Store, reference: &str) {
    let now = database.clock.now();
    let mut record = report(reference, now);
    record.jobs = vec![job(COMPLIANCE)];
    record.same_event = Some(SameEvent {
        facts: vec!["customer 1".to_owned()],
        named: Vec::new(),
        since: now - Duration::from_secs(3600),
        compare: Arc::new(|_| Some(json!({}))),
    });
    store.commit(unit([record])).await.unwrap();
}

async fn an_event_is_the_same_at_every_try(database: Database) {
    let store = database.open().await;
    let outside = Outside::start(|_| answer(503, json!({}))).await;
    let mut worker = worker(&database, &store, COMPLIANCE, &outside.url);
    commit_linked(&database, &store, "C-1").await;
    assert_eq!(worker.round(&go()).await.unwrap().retried, 1);
    // Meanwhile a second report of the event comes, and is linked to the first.
    commit_linked(&database, &store, "C-2").await;
    let linked = store.record("C-1").await.unwrap().unwrap().linked_reports;
    assert_eq!(linked, ["C-2"]);
    outside.now(|_| answer(200, json!({ "id": "1" })));
    database.hand.advance(Duration::from_secs(600));
    assert_eq!(worker.round(&go()).await.unwrap().done, 2);
    let received = outside.received();
    let bodies: Vec<_> = received
        .iter()
        .filter(|event| event.header("idempotency-key").starts_with("C-1:"))
        .map(|event| {
            let body = event.json();
            assert_eq!(body["record"]["reference"], "C-1");
            body
        })
        .collect();
    assert_eq!(bodies.len(), 2);
    assert_eq!(bodies[0], bodies[1]);
    store.close().await;
}

async fn one_slow_delivery_holds_back_no_other(database: Database) {
    let store = database.open().await;
    let (arrived, mut arrivals) = tokio::sync::mpsc::unbounded_channel();
    let outside = Outside::start(move |request| {
        let key = request.header("idempotency-key").to_owned();
        let slow = key.starts_with("C-slow");
        arrived.send(key).unwrap();
        if slow { None } else { answer(200, json!({})) }
    })
    .await;
    let stop = go();
    let running = worker(&database, &store, TICKETING, &outside.url).run(stop.clone());
    let test = async {
        // The clock stands still: the first hangs for as long as the test likes.
        for reference in ["C-slow", "C-1", "C-2"] {
            commit(&database, &store, reference, &[TICKETING]).await;
            let key = arrivals.recv().await.unwrap();
            assert_eq!(key, format!("{reference}:ticketing:create"));
        }
        // That it arrived does not say that its answer did: time must not run out for it.
        while in_state(&store, JobState::Done).await < 2 {
            tokio::task::yield_now().await;
        }
        stop.cancel();
        database.hand.advance_once_awaited(Duration::from_secs(10)).await;
    };
    tokio::join!(running, test);
    assert_eq!(in_state(&store, JobState::Done).await, 2);
    store.close().await;
}

async fn a_report_is_delivered_with_what_it_was_linked_to(database: Database) {
    let store = database.open().await;
    let outside = Outside::start(|_| answer(200, json!({ "id": "1" }))).await;
    let mut worker = worker(&database, &store, COMPLIANCE, &outside.url);
    for reference in ["C-1", "C-2"] {
        commit_linked(&database, &store, reference).await;
    }
    assert_eq!(worker.round(&go()).await.unwrap().done, 2);
    let linked = outside.received().into_iter().map(|event| {
        let body: serde_json::Value = serde_json::from_slice(&event.body).unwrap();
        let record = &body["record"];
        (
            record["reference"].as_str().unwrap().to_owned(),
            record["details"]["linked_reports"].clone(),
        )
    });
    // The later one names the earlier: an event that named what came after it would be another one at its next try.
    assert_eq!(
        linked.collect::<BTreeMap<_, _>>(),
        BTreeMap::from([
            ("C-1".to_owned(), json!(null)),
            ("C-2".to_owned(), json!(["C-1"]))
        ])
    );
    store.close().await;
}

async fn a_breach_is_announced_after_the_record(database: Database) {
    let store = database.open().await;
    let outside = Outside::start(|_| answer(503, json!({}))).await;
    let mut worker = worker(&database, &store, COMPLIANCE, &outside.url);
    let interval = Duration::from_secs(1);
    let observer = Arc::new(Unobserved);
    let routes = Routes {
        compliance: true,
        ..Routes::default()
    };
    let mut clock = SlaClock::new(store.clone(), database.clock.clone(), interval, routes, observer);
    commit(&database, &store, "C-1", &[COMPLIANCE]).await;
    worker.round(&go()).await.unwrap();
    database.hand.advance(Duration::from_secs(15 * 60));
    let marks = clock.tick().await.unwrap();
    assert_eq!((marks.len(), marks[0].breached), (1, true));
    outside.now(|_| answer(200, json!({})));
    assert_eq!(worker.round(&go()).await.unwrap().done, 2);
    let types: Vec<_> = outside
        .received()
        .iter()
        .map(|request| request.json()["type"].clone())
        .collect();
    assert_eq!(types, ["record.created", "record.created", "record.sla_breached"]);
    store.close().await;
}

async fn upkeep_forgets_expired_keys_and_scrubs_what_an_erasure_left(database: Database) {
    let store = database.open().await;
    let held = store.hold("shop", "k-1", [7; 32]).await.unwrap();
    assert!(matches!(held, Held::Fresh(_)));
    commit(&database, &store, "C-1", &[]).await;
    let noted = match database.is_sqlite() {
        true => "'noted'",
        false => "pg_current_xact_id()::text",
    };
    let noted = format!("UPDATE scrubbing SET erasure = {noted}");
    assert_eq!(database.tamper(&noted).await, 1);
    commit_linked(&database, &store, "C-2").await;
    let minute = Duration::from_secs(60);
    let mut upkeep = Upkeep::new(
        store.clone(),
        database.clock.clone(),
        Duration::from_secs(1),
        minute,
    );
    upkeep.round().await;
    let clean = "UPDATE scrubbing SET id = 1 WHERE erasure IS NULL";
    assert_eq!(database.tamper(clean).await, 1, "what another process noted");
    database.hand.advance(minute);
    upkeep.round().await;
    let kept = "UPDATE idempotency SET key = key";
    assert_eq!(database.tamper(kept).await, 0);
    let found_by = "UPDATE record_facts SET fact = fact";
    assert_eq!(
        database.tamper(found_by).await,
        1,
        "it is not older than a minute"
    );
    database.hand.advance(minute);
    upkeep.round().await;
    assert_eq!(database.tamper(found_by).await, 0);
    store.close().await;
}

/// Tells of every try, and panics at the first.
struct Panics {
    tried: tokio::sync::mpsc::UnboundedSender<&'static str>,
    first: AtomicBool,
}

impl DeliveryObserver for Panics {
    fn tried(&self, _target: &'static str, outcome: &'static str, _took: Duration) {
        self.tried.send(outcome).unwrap();
        assert!(!self.first.swap(false, Ordering::Relaxed), "as expected");
    }
    fn breaker(&self, _target: &'static str, _state: BreakerState) {}
    fn marked(&self, _mark: &SlaMark) {}
}

async fn a_worker_whose_round_panics_goes_on(database: Database) {
    let store = database.open().await;
    let outside = Outside::start(|_| answer(200, json!({}))).await;
    let (tried, mut tries) = tokio::sync::mpsc::unbounded_channel();
    let first = AtomicBool::new(true);
    let observer = Arc::new(Panics { tried, first });
    commit(&database, &store, "C-1", &[TICKETING]).await;
    let stop = go();
    let running = observed_worker(&database, &store, TICKETING, &outside.url, observer).run(stop.clone());
    let test = async {
        assert_eq!(tries.recv().await, Some("done"));
        database.hand.advance(DeliveryConfig::default().lease());
        assert_eq!(tries.recv().await, Some("done"), "when the lease has ended");
        stop.cancel();
    };
    tokio::join!(running, test);
    assert_eq!(in_state(&store, JobState::Done).await, 1);
    store.close().await;
}

async fn a_running_worker_wakes_when_a_job_is_committed(database: Database) {
    let store = database.open().await;
    let (arrived, mut arrivals) = tokio::sync::mpsc::unbounded_channel();
    let outside = Outside::start(move |request| {
        arrived
            .send(request.header("idempotency-key").to_owned())
            .unwrap();
        answer(200, json!({}))
    })
    .await;
    let stop = go();
    let running = worker(&database, &store, TICKETING, &outside.url).run(stop.clone());
    let test = async {
        // The clock stands still: only the commit can wake the worker.
        for n in 0..5 {
            commit(&database, &store, &format!("C-{n}"), &[TICKETING]).await;
            assert_eq!(arrivals.recv().await.unwrap(), format!("C-{n}:ticketing:create"));
        }
        stop.cancel();
    };
    tokio::join!(running, test);
    assert_eq!(in_state(&store, JobState::Done).await, 5);
    store.close().await;
}

async fn a_slow_delivery_does_not_hold_back_what_another_replica_committed(database: Database) {
    let (store, other) = (database.open().await, database.open().await);
    let (arrived, mut arrivals) = tokio::sync::mpsc::unbounded_channel();
    let outside = Outside::start(move |request| {
        let key = request.header("idempotency-key").to_owned();
        let slow = key.starts_with("C-slow");
        arrived.send(key).unwrap();
        if slow { None } else { answer(200, json!({})) }
    })
    .await;
    let stop = go();
    let running = worker(&database, &store, TICKETING, &outside.url).run(stop.clone());
    let test = async {
        commit(&database, &store, "C-slow", &[TICKETING]).await;
        assert_eq!(arrivals.recv().await.unwrap(), "C-slow:ticketing:create");
        // Nobody tells this replica: it looks for itself.
        commit(&database, &other, "C-1", &[TICKETING]).await;
        database
            .hand
            .advance_once_awaited(DeliveryConfig::default().poll())
            .await;
        assert_eq!(arrivals.recv().await.unwrap(), "C-1:ticketing:create");
        while in_state(&store, JobState::Done).await < 1 {
            tokio::task::yield_now().await;
        }
        stop.cancel();
        database.hand.advance(Duration::from_secs(10));
    };
    tokio::join!(running, test);
    store.close().await;
    other.close().await;
}

/// Remembers how each try ended and how long it took, and each change of the breaker.
#[derive(Default)]
struct Heard {
    ended: Mutex<Vec<&'static str>>,
    took: Mutex<Vec<Duration>>,
    breaker: Mutex<Vec<BreakerState>>,
}

impl DeliveryObserver for Heard {
    fn tried(&self, _target: &'static str, outcome: &'static str, took: Duration) {
        self.ended.lock().unwrap().push(outcome);
        self.took.lock().unwrap().push(took);
    }
    fn breaker(&self, _target: &'static str, state: BreakerState) {
        self.breaker.lock().unwrap().push(state);
    }
    fn marked(&self, _mark: &SlaMark) {}
}

async fn a_delivery_of_several_calls_takes_no_longer_than_one_of_one(database: Database) {
    let store = database.open().await;
    let outside = Outside::start(|_| answer(503, json!({}))).await;
    let heard = Arc::new(Heard::default());
    let mut worker = zendesk_worker(&database, &store, &outside.url, heard.clone());
    commit(&database, &store, "C-1", &[TICKETING]).await;
    assert_eq!(worker.round(&go()).await.unwrap().retried, 1);
    database.hand.advance(Duration::from_secs(1));
    let (created, mut creates) = tokio::sync::mpsc::unbounded_channel();
    let hand = database.hand.clone();
    outside.now(move |request| {
        if request.method == "GET" {
            hand.advance(Duration::from_secs(6));
            return answer(200, json!({ "tickets": [] }));
        }
        created.send(()).unwrap();
        None
    });
    let stop = go();
    let test = async {
        creates.recv().await.unwrap();
        // Six seconds went into the first call, so the second has nine of its ten.
        database.hand.advance_once_awaited(Duration::from_secs(9)).await;
        for _ in 0..1_000 {
            jobs(&store).await;
        }
    };
    let round = tokio::select! {
        biased;
        round = worker.round(&stop) => round,
        () = test => panic!("it is waited for still"),
    };
    assert_eq!(round.unwrap().retried, 1);
    assert_eq!(heard.took.lock().unwrap()[1], DeliveryConfig::default().timeout());
    store.close().await;
}

async fn a_worker_whose_lease_was_lost_says_so_and_changes_nothing(database: Database) {
    let store = database.open().await;
    let outside = Outside::start(|_| None).await;
    commit(&database, &store, "C-1", &[TICKETING]).await;
    let mut late = worker(&database, &store, TICKETING, &outside.url);
    let stop = go();
    let round = late.round(&stop);
    tokio::pin!(round);
    until_received(&outside, round.as_mut()).await;
    let lease = DeliveryConfig::default().lease();
    database.hand.advance(lease);
    assert_eq!(store.lease_jobs(TICKETING, 1, lease).await.unwrap().len(), 1);
    let lost = Round {
        lost: 1,
        ..Round::default()
    };
    assert_eq!(round.await.unwrap(), lost);
    let jobs = jobs(&store).await;
    assert!(jobs[0].leased && jobs[0].outcome.is_none(), "{:?}", jobs[0]);
    store.close().await;
}

async fn a_round_that_cannot_read_a_record_ends_and_leaves_its_jobs_to_their_leases(database: Database) {
    let store = database.open().await;
    let outside = Outside::start(|_| answer(200, json!({}))).await;
    let mut worker = worker(&database, &store, TICKETING, &outside.url);
    for n in 0..6 {
        commit(&database, &store, &format!("C-{n}"), &[TICKETING]).await;
    }
    database.tamper("ALTER TABLE records RENAME TO mislaid").await;
    assert!(worker.round(&go()).await.is_err());
    database.tamper("ALTER TABLE mislaid RENAME TO records").await;
    assert_eq!(
        jobs(&store).await.iter().filter(|job| job.leased).count(),
        4,
        "it takes no more after the first failure"
    );
    assert_eq!(outside.received().len(), 0);
    database.hand.advance(DeliveryConfig::default().lease());
    assert_eq!(worker.round(&go()).await.unwrap().done, 6);
    store.close().await;
}

async fn a_round_that_cannot_write_how_it_went_fails(database: Database) {
    let store = database.open().await;
    let outside = Outside::start(|_| answer(200, json!({}))).await;
    let heard = Arc::new(Heard::default());
    let mut worker = observed_worker(&database, &store, TICKETING, &outside.url, heard.clone());
    let ended = || std::mem::take(&mut *heard.ended.lock().unwrap());
    let lease = DeliveryConfig::default().lease();
    commit(&database, &store, "C-1", &[TICKETING]).await;
    database
        .tamper("ALTER TABLE audit_entries RENAME TO mislaid")
        .await;
    assert!(worker.round(&go()).await.is_err(), "delivered");
    assert_eq!(ended(), ["done"]);
    for _ in 1..DeliveryConfig::default().max_tries {
        database.hand.advance(lease);
        assert_eq!(store.lease_jobs(TICKETING, 1, lease).await.unwrap().len(), 1);
    }
    database.hand.advance(lease);
    assert!(worker.round(&go()).await.is_err(), "given up");
    database
        .tamper("ALTER TABLE mislaid RENAME TO audit_entries")
        .await;
    database.hand.advance(lease);
    assert_eq!(worker.round(&go()).await.unwrap().dead, 1);
    assert_eq!(outside.received().len(), 1);
    assert_eq!(ended(), [""; 0], "there was no further try");

    outside.now(|_| answer(422, json!({})));
    commit(&database, &store, "C-2", &[TICKETING]).await;
    database
        .tamper("ALTER TABLE audit_entries RENAME TO mislaid")
        .await;
    assert!(worker.round(&go()).await.is_err(), "refused");
    assert_eq!(ended(), [""; 0], "it is given up when that is on disk");
    database
        .tamper("ALTER TABLE mislaid RENAME TO audit_entries")
        .await;
    database.hand.advance(lease);
    assert_eq!(worker.round(&go()).await.unwrap().dead, 1);
    assert_eq!(ended(), ["dead"]);
    store.close().await;
}

async fn one_tick_marks_all_that_is_due(database: Database) {
    let store = database.open().await;
    let records = (0..101).map(|n| report(&format!("C-{n}"), database.clock.now()));
    store.commit(unit(records)).await.unwrap();
    let (interval, observer) = (Duration::from_secs(1), Arc::new(Unobserved));
    let routes = Routes::default();
    let mut clock = SlaClock::new(store.clone(), database.clock.clone(), interval, routes, observer);
    database.hand.advance(Duration::from_secs(15 * 60));
    assert_eq!(clock.tick().await.unwrap().len(), 101);
    assert_eq!(clock.tick().await.unwrap().len(), 0);
    store.close().await;
}

async fn no_more_deliveries_are_under_way_than_may_be(database: Database) {
    let store = database.open().await;
    let outside = Outside::start(|_| None).await;
    for n in 0..8 {
        commit(&database, &store, &format!("C-{n}"), &[TICKETING]).await;
    }
    let mut worker = worker(&database, &store, TICKETING, &outside.url);
    let stop = go();
    let round = worker.round(&stop);
    tokio::pin!(round);
    let test = async {
        while outside.received().len() < 4 {
            tokio::task::yield_now().await;
        }
        // It looks again, and a job more is committed behind whatever that leads to.
        database
            .hand
            .advance_once_awaited(DeliveryConfig::default().poll())
            .await;
        tokio::task::yield_now().await;
        commit(&database, &store, "C-8", &[TICKETING]).await;
        jobs(&store).await.iter().filter(|job| job.leased).count()
    };
    tokio::select! {
        biased;
        _ = &mut round => panic!("the system never answers"),
        leased = test => assert_eq!(leased, 4),
    }
    store.close().await;
}
