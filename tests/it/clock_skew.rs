//! A replica whose clock is not PostgreSQL's: ahead, it marks nothing that is not due, says so, and the others mark; and it takes no delivery and no
//! idempotency key that another holds.

use std::io::Write;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use jiff::Timestamp;
use secrecy::ExposeSecret as _;
use serde_json::json;
use sqlx::Connection as _;
use switchboard::clock::{Clock, ManualClock};
use switchboard::delivery::Unobserved;
use switchboard::delivery::sla_clock::SlaClock;
use switchboard::privacy::Sealer;
use switchboard::store::{Held, Hold, Routes, Store, TICKETING, Taken, Unit};
use switchboard::telemetry::metrics::{Exposition, Metrics};
use tracing_subscriber::layer::SubscriberExt as _;

use crate::database::{Database, data_key, job, report, unit};
use crate::harness::TestApp;

const MINUTE: Duration = Duration::from_secs(60);

async fn time_of(database: &Database) -> Timestamp {
    let url = database.config.database_url.as_ref().unwrap().expose_secret();
    let mut connection = sqlx::PgConnection::connect(url).await.unwrap();
    let us: i64 = sqlx::query_scalar("SELECT (extract(epoch FROM clock_timestamp()) * 1000000)::bigint")
        .fetch_one(&mut connection)
        .await
        .unwrap();
    Timestamp::from_microsecond(us).unwrap()
}

/// A process on this database whose clock says `now`.
async fn replica(database: &Database, now: Timestamp) -> (Store, Clock, ManualClock, Arc<Metrics>) {
    replica_that_may_be_ahead(database, now, 60).await
}

async fn replica_that_may_be_ahead(
    database: &Database,
    now: Timestamp,
    max_clock_skew_s: u64,
) -> (Store, Clock, ManualClock, Arc<Metrics>) {
    let mut config = database.config.clone();
    config.max_clock_skew_s = max_clock_skew_s;
    let (clock, hand) = Clock::manual(now);
    let sealer = Sealer::configured(&config).unwrap();
    let metrics = Arc::new(Metrics::default());
    let store = Store::open(&config, sealer, clock.clone(), metrics.clone())
        .await
        .unwrap();
    (store, clock, hand, metrics)
}

fn skew_in(metrics: &Metrics) -> f64 {
    value(metrics, "switchboard_clock_skew_seconds")
}

/// Whether the replica says that it marks nothing.
fn held_in(metrics: &Metrics) -> f64 {
    value(metrics, "switchboard_sla_marks_held")
}

fn value(metrics: &Metrics, name: &str) -> f64 {
    let text = metrics.render(Exposition::Text);
    let value = text
        .lines()
        .find_map(|line| line.strip_prefix(name)?.strip_prefix(' '));
    value.unwrap().parse().unwrap()
}

#[tokio::test]
async fn nothing_is_marked_by_a_clock_that_is_ahead_and_all_that_is_due_by_another() {
    let Some(database) = Database::postgres().await else {
        return;
    };
    let now = time_of(&database).await;
    let (right, ..) = replica(&database, now).await;
    // Urgent: due after 15 minutes. The first came just now, the second passed its time while nobody looked.
    right.commit(unit([report("C-new", now)])).await.unwrap();
    right
        .commit(unit([report("C-late", now - 20 * MINUTE)]))
        .await
        .unwrap();
    let marked = async |store: &Store| -> Vec<String> {
        let marks = store.sla_tick(100, Routes::default()).await.unwrap();
        marks.into_iter().map(|mark| mark.reference).collect()
    };
    let (ahead, _, _, metrics) = replica(&database, now + 20 * MINUTE).await;
    assert_eq!(marked(&ahead).await, [""; 0]);
    let skew = ahead.clock_skew().unwrap();
    assert!(skew.holds_marks);
    // A busy machine takes its time from one to the other.
    assert!(
        (1_100.0..=1_200.0).contains(&skew_in(&metrics)),
        "{}",
        skew_in(&metrics)
    );
    assert_eq!(held_in(&metrics), 1.0);
    let row = ahead.record("C-new").await.unwrap().unwrap();
    assert_eq!((row.breached_at, row.due_soon_at), (None, None));

    assert_eq!(marked(&right).await, ["C-late"]);
    // A clock that is behind marks too late, and nothing that is not due.
    right
        .commit(unit([report("C-later", now - 40 * MINUTE)]))
        .await
        .unwrap();
    let (behind, _, _, metrics) = replica(&database, now - 20 * MINUTE).await;
    assert_eq!(marked(&behind).await, ["C-later"]);
    assert!(skew_in(&metrics) <= -1_200.0, "{}", skew_in(&metrics));
    assert_eq!(held_in(&metrics), 0.0);
    // One that may be ahead as far as it likes says how far it is, and marks.
    let (free, _, _, metrics) = replica_that_may_be_ahead(&database, now + 20 * MINUTE, 0).await;
    assert_eq!(marked(&free).await, ["C-new"]);
    assert!(skew_in(&metrics) >= 1_100.0, "{}", skew_in(&metrics));
    assert_eq!(held_in(&metrics), 0.0);
    right.audit_verify().await.unwrap().unwrap();
    for store in [right, ahead, behind, free] {
        store.close().await;
    }
}

async fn fresh(store: &Store, key: &str) -> Hold {
    match store.hold("shop", key, [7; 32]).await.unwrap() {
        Held::Fresh(hold) => hold,
        taken => panic!("{key}: {taken:?}"),
    }
}

#[tokio::test]
async fn a_replica_whose_clock_is_wrong_takes_nothing_that_another_holds() {
    let Some(mut database) = Database::postgres().await else {
        return;
    };
    // Longer than any machine takes for this, shorter than the clocks are apart.
    let lease = 10 * MINUTE;
    database.config.idempotency_hold_s = lease.as_secs();
    let now = time_of(&database).await;
    let (right, ..) = replica(&database, now).await;
    for (name, theirs) in [
        ("ahead", now + 20 * MINUTE),
        ("behind", now - 20 * MINUTE),
        ("days behind", now - 3 * 24 * 60 * MINUTE),
    ] {
        let (wrong, ..) = replica(&database, theirs).await;
        for (whose, owner, other) in [("right", &right, &wrong), ("wrong", &wrong, &right)] {
            let mut record = report(&format!("C-{name}-{whose}"), now);
            record.jobs = vec![job(TICKETING)];
            let reference = record.reference.clone();
            owner.commit(unit([record])).await.unwrap();
            // It is due at once for whoever looks, a lease that is over as well as none at all; and one that is not for nobody.
            for (store, lease_for, found) in [
                (other, Duration::ZERO, 1),
                (owner, lease, 1),
                (other, lease, 0),
                (owner, lease, 0),
            ] {
                let leased = store.lease_jobs(TICKETING, 9, lease_for).await.unwrap();
                assert_eq!(leased.len(), found, "{reference}: {leased:?}");
            }

            let held = fresh(owner, &reference).await;
            assert_eq!(other.purge_idempotency().await.unwrap(), 0, "{reference}");
            let taken = other.hold("shop", &reference, [7; 32]).await.unwrap();
            assert!(
                matches!(taken, Held::Taken(Taken::Running { .. })),
                "{reference}: {taken:?}"
            );
            let answered = Unit {
                idempotency: Some(held.answer(200, b"{}".to_vec())),
                ..Unit::default()
            };
            owner.commit(answered).await.unwrap();
            held.answered();
            assert_eq!(other.purge_idempotency().await.unwrap(), 0, "{reference}");
            let again = other.hold("shop", &reference, [7; 32]).await.unwrap();
            assert!(
                matches!(again, Held::Taken(Taken::Replay { .. })),
                "{reference}: {again:?}"
            );
        }
        wrong.close().await;
    }
    right.close().await;
}

#[derive(Clone, Default)]
struct Lines(Arc<Mutex<Vec<u8>>>);

impl Write for Lines {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

impl Lines {
    /// What the SLA clock said, without what a line begins and ends with.
    fn take(&self) -> Vec<String> {
        let text = String::from_utf8(std::mem::take(&mut *self.0.lock().unwrap())).unwrap();
        let said = text.lines().filter_map(|line| line.split("sla_clock: ").nth(1));
        said.map(|told| told.split(" ahead_s").next().unwrap().to_owned())
            .collect()
    }
}

fn sla_clock_of(store: &Store, clock: Clock) -> SlaClock {
    let (interval, routes) = (Duration::from_secs(1), Routes::default());
    SlaClock::new(store.clone(), clock, interval, routes, Arc::new(Unobserved))
}

#[tokio::test]
async fn a_clock_that_goes_wrong_is_told_once() {
    let Some(database) = Database::postgres().await else {
        return;
    };
    let lines = Lines::default();
    let writer = lines.clone();
    let layer = tracing_subscriber::fmt::layer()
        .with_ansi(false)
        .with_writer(move || writer.clone());
    let _told = tracing::subscriber::set_default(tracing_subscriber::registry().with(layer));
    let now = time_of(&database).await;
    // Behind, so that it can be moved to where it is right and beyond.
    let (store, clock, hand, _) = replica(&database, now - 10 * MINUTE).await;
    let mut sla_clock = sla_clock_of(&store, clock);
    let mut said = async |by: Duration| {
        hand.advance(by);
        for _ in 0..3 {
            sla_clock.tick().await.unwrap();
        }
        lines.take()
    };
    assert_eq!(
        said(Duration::ZERO).await,
        ["this machine's clock is not the database's"]
    );
    assert_eq!(
        said(20 * MINUTE).await,
        ["the SLA clock marks nothing: this machine's clock is too far ahead of the database's"]
    );
    assert_eq!(said(20 * MINUTE).await, [""; 0]);
    store.close().await;

    let (store, clock, ..) = replica(&database, time_of(&database).await).await;
    let mut sla_clock = sla_clock_of(&store, clock);
    sla_clock.tick().await.unwrap();
    assert_eq!(lines.take(), [""; 0]);
    store.close().await;
}

#[tokio::test]
async fn ready_names_a_clock_that_is_ahead_and_stays_200() {
    let Some(database) = Database::postgres().await else {
        return;
    };
    let app = TestApp::start_with(|config| {
        config.store.database_url = database.config.database_url.clone();
        config.store.data_key = Some(data_key(1));
        config.store.max_clock_skew_s = 60;
    })
    .await;
    let reply = app
        .say("My face is swelling up since I took the antibiotic")
        .await;
    let reference = reply.at("/next_step/reference").as_str().unwrap().to_owned();
    // A century later than any machine that runs this.
    app.hand.advance(100 * 365 * 24 * 60 * MINUTE);
    let mut found = json!(null);
    for _ in 0..5_000 {
        let ready = app.get("/api/v1/ready").await;
        assert_eq!(ready.status, 200, "{}", ready.text);
        let checks = ready.at("/checks").as_array().unwrap();
        found = checks
            .iter()
            .find(|check| check["name"] == "clock")
            .unwrap()
            .clone();
        if found["status"] == "degraded" {
            assert_eq!(ready.at("/status"), &json!("degraded"));
            break;
        }
    }
    let detail = found["detail"].as_str().unwrap();
    assert!(
        detail.ends_with("s ahead of the database's; this replica marks no record as due soon or breached"),
        "{found}"
    );
    let row = app.running().store().record(&reference).await.unwrap().unwrap();
    assert_eq!(row.breached_at, None);
    app.stop().await;
}
