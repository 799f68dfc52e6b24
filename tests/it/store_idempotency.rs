//! Idempotency keys: one key makes one answer and one record, whoever asks how often.

use std::time::Duration;

use futures_util::future::join_all;
use switchboard::store::{Begun, IdempotentAnswer, Store, StoreError, Unit};

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

fn answer(store: &Store, holder: &str) -> IdempotentAnswer {
    IdempotentAnswer {
        client_id: "shop".to_owned(),
        key: "k-1".to_owned(),
        holder: holder.to_owned(),
        status: 200,
        body: br#"{"reference":"C-1"}"#.to_vec(),
        keep_for: store.idempotency_keep(),
    }
}

fn answered(database: &Database, store: &Store, reference: &str, holder: &str) -> Unit {
    Unit {
        records: vec![report(reference, database.clock.now())],
        idempotency: Some(answer(store, holder)),
        ..Unit::default()
    }
}

fn fresh(begun: Begun) -> String {
    match begun {
        Begun::Fresh { holder } => holder,
        other => panic!("not fresh: {other:?}"),
    }
}

async fn fifty_requests_with_one_key_make_one_record(database: Database) {
    // Two replicas on PostgreSQL; SQLite has one.
    let stores = match database.is_sqlite() {
        true => vec![database.open().await],
        false => vec![database.open().await, database.open().await],
    };
    let all =
        join_all((0..50).map(|n| stores[n % stores.len()].idempotency_begin("shop", "k-1", BODY))).await;
    let all: Vec<Begun> = all.into_iter().map(Result::unwrap).collect();
    let holders: Vec<&Begun> = all
        .iter()
        .filter(|begun| matches!(begun, Begun::Fresh { .. }))
        .collect();
    assert_eq!(holders.len(), 1);
    assert!(
        all.iter()
            .all(|begun| matches!(begun, Begun::Fresh { .. } | Begun::Running { .. }))
    );
    let holder = fresh(holders[0].clone());
    stores[0]
        .commit(answered(&database, &stores[0], "C-1", &holder))
        .await
        .unwrap();
    let replays =
        join_all((0..50).map(|n| stores[n % stores.len()].idempotency_begin("shop", "k-1", BODY))).await;
    for replay in replays {
        let expected = Begun::Replay {
            status: 200,
            body: br#"{"reference":"C-1"}"#.to_vec(),
        };
        assert_eq!(replay.unwrap(), expected);
    }
    for store in stores {
        store.close().await;
    }
}

async fn another_body_another_caller_and_a_later_day_are_told_apart(database: Database) {
    let store = database.open().await;
    let holder = fresh(store.idempotency_begin("shop", "k-1", BODY).await.unwrap());
    store
        .commit(answered(&database, &store, "C-1", &holder))
        .await
        .unwrap();
    let other = store.idempotency_begin("shop", "k-1", [8; 32]).await.unwrap();
    assert_eq!(other, Begun::OtherBody);
    fresh(store.idempotency_begin("branch", "k-1", BODY).await.unwrap());
    database.hand.advance(Duration::from_secs(24 * 60 * 60 - 1));
    assert!(matches!(
        store.idempotency_begin("shop", "k-1", BODY).await.unwrap(),
        Begun::Replay { .. }
    ));
    database.hand.advance(Duration::from_secs(1));
    fresh(store.idempotency_begin("shop", "k-1", [8; 32]).await.unwrap());
    database.hand.advance(Duration::from_secs(24 * 60 * 60));
    assert_eq!(store.purge_idempotency().await.unwrap(), 2);
    store.close().await;
}

async fn many_expired_keys_are_forgotten_a_few_at_a_time(database: Database) {
    let store = database.open().await;
    let kept = fresh(store.idempotency_begin("shop", "k-0", BODY).await.unwrap());
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
    let running = store.idempotency_begin("shop", "k-0", BODY).await.unwrap();
    assert!(matches!(running, Begun::Running { .. }), "{kept} holds it still");
    store.close().await;
}

async fn a_released_key_runs_again(database: Database) {
    let store = database.open().await;
    let holder = fresh(store.idempotency_begin("shop", "k-1", BODY).await.unwrap());
    // Only who holds it can give it back.
    store
        .idempotency_release("shop", "k-1", "somebody else")
        .await
        .unwrap();
    assert!(matches!(
        store.idempotency_begin("shop", "k-1", BODY).await.unwrap(),
        Begun::Running { retry_after } if retry_after == Duration::from_secs(60)
    ));
    store.idempotency_release("shop", "k-1", &holder).await.unwrap();
    fresh(store.idempotency_begin("shop", "k-1", BODY).await.unwrap());
    store.close().await;
}

async fn a_hold_that_lapsed_is_taken_over_and_the_late_first_is_locked_out(database: Database) {
    let store = database.open().await;
    let late = fresh(store.idempotency_begin("shop", "k-1", BODY).await.unwrap());
    database.hand.advance(Duration::from_secs(60));
    let second = fresh(store.idempotency_begin("shop", "k-1", BODY).await.unwrap());
    // Both commit in one batch, with a unit that has no key at all.
    let (late, second, other) = tokio::join!(
        store.commit(answered(&database, &store, "C-late", &late)),
        store.commit(answered(&database, &store, "C-second", &second)),
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
    let mut holders = Vec::new();
    for n in 0..40 {
        holders.push(fresh(
            store.idempotency_begin("shop", &key(n), BODY).await.unwrap(),
        ));
    }
    for n in (0..40).step_by(3) {
        store
            .idempotency_release("shop", &key(n), &holders[n])
            .await
            .unwrap();
        fresh(store.idempotency_begin("shop", &key(n), BODY).await.unwrap());
    }
    let outcomes = join_all((0..40).map(|n| {
        let mut unit = answered(&database, &store, &format!("C-{n}"), &holders[n]);
        if let Some(answer) = &mut unit.idempotency {
            answer.key = key(n);
            answer.body = format!("answer {n}").into_bytes();
        }
        store.commit(unit)
    }))
    .await;
    for (n, outcome) in outcomes.into_iter().enumerate() {
        let found = store.idempotency_begin("shop", &key(n), BODY).await.unwrap();
        let kept = store.record(&format!("C-{n}")).await.unwrap().is_some();
        if n % 3 == 0 {
            assert!(matches!(outcome, Err(StoreError::HoldLost)), "{n}: {outcome:?}");
            assert!(matches!(found, Begun::Running { .. }) && !kept, "{n}: {found:?}");
        } else {
            let body = format!("answer {n}").into_bytes();
            assert_eq!(found, Begun::Replay { status: 200, body });
            assert!(outcome.is_ok() && kept, "{n}");
        }
    }
    store.close().await;
}
