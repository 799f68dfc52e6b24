//! Records that may tell of the same event: linked both ways in the transaction that keeps the later one, found by keyed hashes only.

use std::sync::Arc;
use std::time::Duration;

use futures_util::future::join_all;
use serde_json::{Value, json};
use switchboard::store::{Erased, NewRecord, SameEvent, StoreError};

use crate::database::{Database, data_key, on_both_engines, report, unit};

on_both_engines! {
    reports_that_share_a_fact_and_compare_are_linked_both_ways_and_audited,
    reports_of_one_event_that_are_committed_at_once_are_all_linked,
    a_reference_that_a_message_names_is_looked_at_too,
    a_report_that_is_named_twice_is_linked_once,
    the_newest_are_linked_and_few_are_compared,
    a_rotated_data_key_still_finds_earlier_reports,
    a_database_of_the_first_schema_is_upgraded_with_its_records,
    a_link_that_an_earlier_version_made_is_shown_beside_later_ones,
    a_comparison_that_panics_harms_nobody_else,
    facts_are_forgotten_after_the_window_and_with_the_text,
}

/// A report of `event` with these facts; reports with the same event compare.
fn told(database: &Database, reference: &str, event: &str, facts: &[&str]) -> NewRecord {
    let now = database.clock.now();
    let details = json!({ "event": event }).to_string();
    let new = details.clone();
    NewRecord {
        details,
        same_event: Some(SameEvent {
            facts: facts.iter().map(|fact| (*fact).to_owned()).collect(),
            named: Vec::new(),
            since: now - Duration::from_secs(3600),
            compare: Arc::new(move |old| (new == old).then(|| json!({ "event": true }))),
        }),
        ..report(reference, now)
    }
}

async fn reports_that_share_a_fact_and_compare_are_linked_both_ways_and_audited(database: Database) {
    let store = database.open().await;
    let commit = async |record| store.commit(unit([record])).await.unwrap();
    commit(told(&database, "S-1", "hives", &["customer 1", "mail 1"])).await;
    commit(told(&database, "S-2", "hives", &["customer 2"])).await;
    commit(told(&database, "S-3", "a fall", &["customer 1"])).await;
    let committed = commit(told(&database, "S-4", "hives", &["mail 1", "mail 1"])).await;
    assert_eq!(committed.linked, ["S-1"]);
    // After the window nothing is looked for.
    database.hand.advance(Duration::from_secs(3601));
    commit(told(&database, "S-5", "hives", &["customer 1"])).await;
    let links = async |reference: &str| store.record(reference).await.unwrap().unwrap().linked_reports;
    assert_eq!(links("S-1").await, ["S-4"]);
    assert_eq!(links("S-4").await, ["S-1"]);
    for alone in ["S-2", "S-3", "S-5"] {
        assert_eq!(links(alone).await, Vec::<String>::new(), "{alone}");
    }
    let trail = store.audit_page("", 0).await.unwrap();
    let told_of: Vec<(&str, &str, Value)> = trail
        .iter()
        .filter_map(|entry| {
            let mut detail: Value = serde_json::from_str(&entry.detail).unwrap();
            let other = detail.get_mut("may_be_the_same_event_as")?.take();
            Some((entry.action.as_str(), entry.subject.as_str(), other))
        })
        .collect();
    let named = json!([{ "reference": "S-1", "alike": { "event": true } }]);
    assert_eq!(
        told_of,
        [
            ("record.created", "S-4", named),
            ("record.linked", "S-1", json!("S-4"))
        ]
    );
    assert!(store.audit_verify().await.unwrap().is_ok());
    // The fact itself is nowhere: only a keyed hash of it.
    assert_eq!(
        database
            .tamper("DELETE FROM record_facts WHERE length(fact) <> 16")
            .await,
        0
    );
    assert_eq!(database.tamper("DELETE FROM record_facts").await, 6);
    store.close().await;
}

async fn a_report_that_is_named_twice_is_linked_once(database: Database) {
    let store = database.open().await;
    let record = |reference: &str| told(&database, reference, "hives", &["customer 1"]);
    store.commit(unit([record("S-1")])).await.unwrap();
    let mut reply = record("S-2");
    let same_event = reply.same_event.as_mut().unwrap();
    same_event.named = ["S-1", "S-0", "S-1"].map(str::to_owned).to_vec();
    assert_eq!(store.commit(unit([reply])).await.unwrap().linked, ["S-1"]);
    store.close().await;
}

async fn the_newest_are_linked_and_few_are_compared(database: Database) {
    let store = database.open().await;
    let commit = async |reference: &str, event: &str, facts: &[&str]| {
        database.hand.advance(Duration::from_secs(1));
        let record = told(&database, reference, event, facts);
        store.commit(unit([record])).await.unwrap().linked
    };
    commit("S-0", "a fall", &["mail 1"]).await;
    for reference in ["S-1", "S-2", "S-3", "S-4"] {
        commit(reference, "hives", &["customer 1"]).await;
    }
    assert_eq!(commit("S-5", "hives", &["customer 1"]).await, ["S-4", "S-3"]);
    // Five that share a fact are newer: the one before them is not looked at, however much the new one is like it.
    let after_many = commit("S-6", "a fall", &["customer 1", "mail 1"]).await;
    assert_eq!(after_many, Vec::<String>::new());
    store.close().await;
}

async fn reports_of_one_event_that_are_committed_at_once_are_all_linked(database: Database) {
    // Two replicas, where there can be two.
    let stores = match database.is_sqlite() {
        true => vec![database.open().await],
        false => vec![database.open().await, database.open().await],
    };
    let references: Vec<String> = (0..12).map(|n| format!("S-{n:02}")).collect();
    let commits = references.iter().enumerate().map(|(n, reference)| {
        let record = told(&database, reference, "hives", &["customer 1", "mail 1"]);
        stores[n % stores.len()].commit(unit([record]))
    });
    for outcome in join_all(commits).await {
        outcome.unwrap();
    }
    // Following the links from any of them finds all of them, and there are few.
    let mut reached = std::collections::BTreeSet::from([references[0].clone()]);
    let mut to_follow = vec![references[0].clone()];
    let mut links = 0;
    while let Some(reference) = to_follow.pop() {
        let row = stores[0].record(&reference).await.unwrap().unwrap();
        links += row.linked_reports.len();
        for other in row.linked_reports {
            if reached.insert(other.clone()) {
                to_follow.push(other);
            }
        }
    }
    assert!(reached.iter().eq(references.iter()), "{reached:?}");
    assert!(
        links <= 2 * 2 * (references.len() - 1),
        "each names two before it at most, and they name it: {links}"
    );
    for store in stores {
        store.close().await;
    }
}

async fn a_reference_that_a_message_names_is_looked_at_too(database: Database) {
    let store = database.open().await;
    store
        .commit(unit([report("S-1", database.clock.now())]))
        .await
        .unwrap();
    let mut later = told(&database, "S-2", "", &[]);
    later.same_event.as_mut().unwrap().named = vec!["S-1".to_owned(), "S-9".to_owned()];
    later.same_event.as_mut().unwrap().compare = Arc::new(|_| Some(json!({ "named": true })));
    store.commit(unit([later])).await.unwrap();
    assert_eq!(
        store.record("S-1").await.unwrap().unwrap().linked_reports,
        ["S-2"]
    );
    store.close().await;
}

async fn a_rotated_data_key_still_finds_earlier_reports(mut database: Database) {
    let store = database.open().await;
    store
        .commit(unit([told(&database, "S-1", "hives", &["customer 1"])]))
        .await
        .unwrap();
    store.close().await;
    let old = database.config.data_key.replace(data_key(2)).unwrap();
    database.config.previous_data_keys = Some(old);
    let store = database.open().await;
    store
        .commit(unit([told(&database, "S-2", "hives", &["customer 1"])]))
        .await
        .unwrap();
    assert_eq!(
        store.record("S-2").await.unwrap().unwrap().linked_reports,
        ["S-1"]
    );
    store.close().await;
}

async fn a_database_of_the_first_schema_is_upgraded_with_its_records(database: Database) {
    let store = database.open().await;
    store
        .commit(unit([report("S-1", database.clock.now())]))
        .await
        .unwrap();
    store.close().await;
    database.tamper("DROP TABLE record_links").await;
    database.tamper("DROP TABLE record_facts").await;
    assert_eq!(
        database
            .tamper("DELETE FROM _sqlx_migrations WHERE version = 2")
            .await,
        1
    );
    let store = database.open().await;
    let linked = store.record("S-1").await.map(|row| row.unwrap().linked_reports);
    assert_eq!(linked.map_err(|error: StoreError| error.code()), Ok(Vec::new()));
    store
        .commit(unit([told(&database, "S-2", "hives", &["customer 1"])]))
        .await
        .unwrap();
    store.close().await;
}

async fn a_link_that_an_earlier_version_made_is_shown_beside_later_ones(database: Database) {
    let store = database.open().await;
    for reference in ["S-1", "S-2", "S-3"] {
        store
            .commit(unit([told(&database, reference, reference, &["customer 1"])]))
            .await
            .unwrap();
    }
    for (reference, other) in [("S-1", "S-3"), ("S-3", "S-1")] {
        database
            .tamper(&format!(
                "INSERT INTO record_links VALUES ('{reference}', '{other}', 0)"
            ))
            .await;
    }
    store
        .commit(unit([told(&database, "S-4", "S-1", &["customer 1"])]))
        .await
        .unwrap();
    for (reference, others) in [("S-1", &["S-3", "S-4"][..]), ("S-3", &["S-1"]), ("S-4", &["S-1"])] {
        let linked = store.record(reference).await.unwrap().unwrap().linked_reports;
        assert_eq!(linked, others, "{reference}");
    }
    store.close().await;
}

async fn a_comparison_that_panics_harms_nobody_else(database: Database) {
    let store = database.open().await;
    let first = told(&database, "C-1", "hives", &["person"]);
    store.commit(unit([first])).await.unwrap();
    let mut panics = told(&database, "C-2", "hives", &["person"]);
    panics.same_event.as_mut().unwrap().compare = Arc::new(|_| panic!("as expected"));
    let others = (3..9).map(|n| told(&database, &format!("C-{n}"), "hives", &["person"]));
    let all = std::iter::once(panics).chain(others);
    let outcomes = join_all(all.map(|record| store.commit(unit([record])))).await;
    assert!(
        matches!(outcomes[0], Err(StoreError::Panicked)),
        "{:?}",
        outcomes[0]
    );
    for outcome in &outcomes[1..] {
        assert!(outcome.is_ok(), "{outcome:?}");
    }
    assert_eq!(store.writable().await.map_err(|error| error.code()), Ok(()));
    store
        .commit(unit([told(&database, "C-9", "hives", &["person"])]))
        .await
        .unwrap();
    store.audit_verify().await.unwrap().unwrap();
    store.close().await;
}

async fn facts_are_forgotten_after_the_window_and_with_the_text(database: Database) {
    let store = database.open().await;
    let of = async |reference: &str| {
        let facts = format!("UPDATE record_facts SET fact = fact WHERE reference = '{reference}'");
        database.tamper(&facts).await
    };
    let old = (0..120).map(|n| {
        let customer = format!("customer {n}");
        told(
            &database,
            &format!("S-{n}"),
            "hives",
            &[customer.as_str(), "mail 1"],
        )
    });
    store.commit(unit(old)).await.unwrap();
    database.hand.advance(Duration::from_secs(3600));
    store
        .commit(unit([told(&database, "S-new", "hives", &["customer 1"])]))
        .await
        .unwrap();
    let hour = Duration::from_secs(3600);
    assert_eq!(
        store.forget_facts(hour).await.unwrap(),
        0,
        "one of an hour ago is looked for"
    );
    database.hand.advance(Duration::from_secs(1));
    assert_eq!(store.forget_facts(hour).await.unwrap(), 240);
    assert_eq!((of("S-1").await, of("S-new").await), (0, 1));

    store
        .commit(unit([told(&database, "S-other", "hives", &["customer 2"])]))
        .await
        .unwrap();
    assert_eq!(
        store.erase("S-new", "operator:officer").await.unwrap(),
        Erased::Now
    );
    assert_eq!((of("S-new").await, of("S-other").await), (0, 1));
    let later = told(&database, "S-later", "hives", &["customer 1"]);
    let committed = store.commit(unit([later])).await.unwrap();
    assert_eq!(committed.linked, Vec::<String>::new());
    assert!(store.audit_verify().await.unwrap().is_ok());
    store.close().await;
}
