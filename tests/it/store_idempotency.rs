//! Idempotency keys: one key makes one answer and one record, whoever asks how often.

use std::time::Duration;

use futures_util::future::join_all;
use switchboard::store::{Held, Hold, Store, StoreError, Taken, Unit};

use crate::database::{Database, on_both_engines, report};

on_both_engines! {
    fifty_requests_with_one_key_make_one_record,
    another_body_another_caller_and_a_later_day_are_told_apart,
    many_expired_keys_are_forgotten_a_few_at_a_time,
    a_released_key_runs_again,
    a_hold_that_lapsed_is_taken_over_and_the_late_first_is_locked_out,
    many_answers_at_once_are_each_kept_and_only_lost_holds_refused,
}

const BODY: [u8; 32] = [7; 32];

fn answered(database: &Database, reference: &str, hold: &Hold) -> Unit {
    Unit {
        records: vec![report(reference, database.clock.now())],
        idempotency: Some(hold.answer(200, br#"{"reference":"C-1"}"#.to_vec())),
        ..Unit::default()
    }
}

async fn hold(store: &Store, client_id: &str, key: &str, body: [u8; 32]) -> Held {
    store.hold(client_id, key, body).await.unwrap()
}

fn fresh(held: Held) -> Hold {
    match held {
        Held::Fresh(hold) => hold,
        Held::Taken(taken) => panic!("not fresh: {taken:?}"),
    }
}

fn taken(held: Held) -> Taken {
    match held {
        Held::Taken(taken) => taken,
        Held::Fresh(_) => panic!("nobody has it"),
    }
}

fn runs(held: Held) -> bool {
    matches!(held, Held::Taken(Taken::Running { .. }))
}

async fn fifty_requests_with_one_key_make_one_record(database: Database) {
    // Two replicas on PostgreSQL; SQLite has one.
    let stores = match database.is_sqlite() {
        true => vec![database.open().await],
        false => vec![database.open().await, database.open().await],
    };
    let all = join_all((0..50).map(|n| hold(&stores[n % stores.len()], "shop", "k-1", BODY))).await;
    let (fresh, taken): (Vec<Held>, Vec<Held>) =
        all.into_iter().partition(|held| matches!(held, Held::Fresh(_)));
    assert_eq!(fresh.len(), 1);
    assert!(taken.into_iter().all(runs));
    let [Held::Fresh(first)] = fresh.as_slice() else {
        panic!("{fresh:?}");
    };
    stores[0].commit(answered(&database, "C-1", first)).await.unwrap();
    let replays = join_all((0..50).map(|n| hold(&stores[n % stores.len()], "shop", "k-1", BODY))).await;
    for replay in replays {
        let expected = Taken::Replay {
            status: 200,
            body: br#"{"reference":"C-1"}"#.to_vec(),
        };
        assert_eq!(self::taken(replay), expected);
    }
    for store in stores {
        store.close().await;
    }
}

async fn another_body_another_caller_and_a_later_day_are_told_apart(database: Database) {
    let store = database.open().await;
    let first = fresh(hold(&store, "shop", "k-1", BODY).await);
    store.commit(answered(&database, "C-1", &first)).await.unwrap();
    let other = hold(&store, "shop", "k-1", [8; 32]).await;
    assert_eq!(taken(other), Taken::OtherBody);
    let branch = fresh(hold(&store, "branch", "k-1", BODY).await);
    database.hand.advance(Duration::from_secs(24 * 60 * 60 - 1));
    assert!(matches!(
        taken(hold(&store, "shop", "k-1", BODY).await),
        Taken::Replay { .. }
    ));
    database.hand.advance(Duration::from_secs(1));
    let later = fresh(hold(&store, "shop", "k-1", [8; 32]).await);
    database.hand.advance(Duration::from_secs(24 * 60 * 60));
    assert_eq!(store.purge_idempotency().await.unwrap(), 2);
    drop((branch, later));
    store.close().await;
}

async fn many_expired_keys_are_forgotten_a_few_at_a_time(database: Database) {
    let store = database.open().await;
    let kept = fresh(hold(&store, "shop", "k-0", BODY).await);
    const EXPIRED: u64 = 1_234;
    let inserted = database
        .tamper(&format!(
            "INSERT INTO idempotency (client_id, key, fingerprint, expires_at) \
             WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {EXPIRED}) \
             SELECT 'shop', 'k-' || i, '', 0 FROM n"
        ))
        .await;
    assert_eq!(inserted, EXPIRED);
    assert_eq!(store.purge_idempotency().await.unwrap(), EXPIRED);
    assert_eq!(store.purge_idempotency().await.unwrap(), 0);
    assert!(
        runs(hold(&store, "shop", "k-0", BODY).await),
        "{kept:?} holds it still"
    );
    store.close().await;
}

async fn a_released_key_runs_again(database: Database) {
    let store = database.open().await;
    let first = fresh(hold(&store, "shop", "k-1", BODY).await);
    let running = Taken::Running {
        retry_after: Duration::from_secs(60),
    };
    assert_eq!(taken(hold(&store, "shop", "k-1", BODY).await), running);
    drop(first);
    let late = fresh(hold(&store, "shop", "k-1", BODY).await);
    // Only who holds it can give it back.
    database.hand.advance(Duration::from_secs(60));
    let second = fresh(hold(&store, "shop", "k-1", BODY).await);
    drop(late);
    assert_eq!(taken(hold(&store, "shop", "k-1", BODY).await), running);
    drop(second);
    fresh(hold(&store, "shop", "k-1", BODY).await).answered();
    store.close().await;
}

async fn a_hold_that_lapsed_is_taken_over_and_the_late_first_is_locked_out(database: Database) {
    let store = database.open().await;
    let late = fresh(hold(&store, "shop", "k-1", BODY).await);
    database.hand.advance(Duration::from_secs(60));
    let second = fresh(hold(&store, "shop", "k-1", BODY).await);
    // Both commit in one batch, with a unit that has no key at all.
    let (late, second, other) = tokio::join!(
        store.commit(answered(&database, "C-late", &late)),
        store.commit(answered(&database, "C-second", &second)),
        store.commit(crate::database::unit([report("C-other", database.clock.now())])),
    );
    assert!(matches!(late, Err(StoreError::HoldLost)), "{late:?}");
    second.unwrap();
    other.unwrap();
    assert!(store.record("C-late").await.unwrap().is_none());
    assert!(store.record("C-second").await.unwrap().is_some());
    assert!(store.record("C-other").await.unwrap().is_some());
    store.close().await;
}

/// Forty units in one batch, of which a third lost their keys to others.
async fn many_answers_at_once_are_each_kept_and_only_lost_holds_refused(database: Database) {
    let store = database.open().await;
    let key = |n: usize| format!("k-{n}");
    let (mut holds, mut others) = (Vec::new(), Vec::new());
    for n in (0..40).step_by(3) {
        holds.push((n, fresh(hold(&store, "shop", &key(n), BODY).await)));
    }
    database.hand.advance(Duration::from_secs(60));
    for n in 0..40 {
        let held = fresh(hold(&store, "shop", &key(n), BODY).await);
        match n % 3 {
            0 => others.push(held),
            _ => holds.push((n, held)),
        }
    }
    let outcomes = join_all(holds.iter().map(|(n, held)| {
        let mut unit = answered(&database, &format!("C-{n}"), held);
        unit.idempotency = Some(held.answer(200, format!("answer {n}").into_bytes()));
        store.commit(unit)
    }))
    .await;
    assert_eq!(outcomes.len(), 40);
    for ((n, _), outcome) in holds.iter().zip(outcomes) {
        let found = taken(hold(&store, "shop", &key(*n), BODY).await);
        let kept = store.record(&format!("C-{n}")).await.unwrap().is_some();
        if n % 3 == 0 {
            assert!(matches!(outcome, Err(StoreError::HoldLost)), "{n}: {outcome:?}");
            assert!(matches!(found, Taken::Running { .. }) && !kept, "{n}: {found:?}");
        } else {
            let body = format!("answer {n}").into_bytes();
            assert_eq!(found, Taken::Replay { status: 200, body });
            assert!(outcome.is_ok() && kept, "{n}");
        }
    }
    drop(others);
    store.close().await;
}
