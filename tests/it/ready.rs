//! What `ready` says of each thing it looks at: how it is, since when, and how long looking took; and what does not make it a 503.

use std::time::Duration;

use secrecy::ExposeSecret as _;
use serde_json::{Value, json};
use sqlx::Connection as _;
use switchboard::config::SystemKind;

use crate::database::{Database, data_key};
use crate::harness::{START, TestApp, use_llm};
use crate::outside::{Outside, answer};
use crate::upstream::{Step, Upstream};

async fn check(app: &TestApp, name: &str) -> (u16, Value) {
    let ready = app.get("/api/v1/ready").await;
    let checks = ready.at("/checks").as_array().unwrap().clone();
    let found = checks.into_iter().find(|check| check["name"] == name);
    (
        ready.status.as_u16(),
        found.unwrap_or_else(|| panic!("{name}: {}", ready.text)),
    )
}

#[tokio::test]
async fn each_check_has_its_state_its_latency_and_since_when() {
    let app = TestApp::start().await;
    let ready = app.get("/api/v1/ready").await;
    let checks = ready.at("/checks").as_array().unwrap();
    let names: Vec<&str> = checks
        .iter()
        .map(|check| check["name"].as_str().unwrap())
        .collect();
    for name in ["store", "outbox", "llm", "prompts", "model", "drain"] {
        assert!(names.contains(&name), "{name} among {names:?}");
    }
    for check in checks {
        assert!(check["latency_ms"].as_f64().unwrap() >= 0.0, "{check}");
        assert_eq!(check["since"], START, "{check}");
        let status = check["status"].as_str().unwrap();
        assert!(["ok", "off"].contains(&status), "{check}");
    }
    app.hand.advance(Duration::from_secs(60));
    assert_eq!(check(&app, "store").await.1["since"], START, "nothing changed");
    app.running().tasks().draining().cancel();
    let (status, drain) = check(&app, "drain").await;
    assert_eq!((status, &drain["status"]), (503, &json!("failed")));
    assert_eq!(drain["since"], "2026-03-02T09:01:00Z");
    app.stop().await;
}

/// A load balancer hears which of the two it is, and does not wait until the request is given up.
#[tokio::test]
async fn a_database_that_hangs_fails_the_store_and_one_that_cannot_be_read_does_not() {
    let Some(database) = Database::postgres().await else {
        return;
    };
    let url = database.config.database_url.clone().unwrap();
    let app = TestApp::start_with(|config| {
        config.store.database_url = Some(url.clone());
        config.store.data_key = Some(data_key(1));
        // So that nobody but the checks waits for time to pass.
        config.delivery.sla_interval_ms = 60_000;
    })
    .await;
    assert_eq!(check(&app, "outbox").await.1["status"], "ok");
    let mut other = sqlx::PgConnection::connect(url.expose_secret()).await.unwrap();
    for (table, name, limit_s, status, told) in [
        ("outbox", "outbox", 1, 200, "not readable: no answer in 1 s"),
        ("heartbeat", "store", 4, 503, "not writable: no answer in 4 s"),
    ] {
        let lock = format!("BEGIN; LOCK TABLE {table} IN ACCESS EXCLUSIVE MODE");
        let lock = sqlx::raw_sql(sqlx::AssertSqlSafe(lock));
        lock.execute(&mut other).await.unwrap();
        // What was written within the last second counts as written.
        app.hand.advance(Duration::from_secs(2));
        let limit = app.hand.advance_once_awaited(Duration::from_secs(limit_s));
        let ((answered, found), ()) = tokio::join!(check(&app, name), limit);
        assert_eq!((answered, &found["detail"]), (status, &json!(told)), "{found}");
        sqlx::raw_sql("ROLLBACK").execute(&mut other).await.unwrap();
    }
    app.stop().await;
}

/// Every replica has it, so that a load balancer that took them away would leave nobody to answer what needs no record.
#[tokio::test]
async fn a_table_that_somebody_has_locked_is_degraded_and_named() {
    let Some(database) = Database::postgres().await else {
        return;
    };
    let url = database.config.database_url.clone().unwrap();
    let app = TestApp::start_with(|config| {
        config.store.database_url = Some(url.clone());
        config.store.data_key = Some(data_key(1));
    })
    .await;
    let mut other = sqlx::PgConnection::connect(url.expose_secret()).await.unwrap();
    let lock = sqlx::raw_sql("BEGIN; LOCK TABLE records IN SHARE MODE");
    lock.execute(&mut other).await.unwrap();
    let report = app
        .say("My face is swelling up since I took the antibiotic")
        .await;
    assert_eq!((report.status.as_u16(), report.header("retry-after")), (503, "5"));
    assert_eq!(app.say("What are your opening hours?").await.status, 200);
    app.hand.advance(Duration::from_secs(2));
    let (status, store) = check(&app, "store").await;
    assert_eq!((status, &store["status"]), (200, &json!("degraded")), "{store}");
    let told = store["detail"].as_str().unwrap();
    assert!(
        told.starts_with("no record can be kept: session ") && told.ends_with(" the table records"),
        "{told}"
    );
    sqlx::raw_sql("ROLLBACK").execute(&mut other).await.unwrap();
    app.hand.advance(Duration::from_secs(2));
    assert_eq!(check(&app, "store").await.1["detail"], "writable");
    let report = app
        .say("My face is swelling up since I took the antibiotic")
        .await;
    assert_eq!(report.status, 200);
    app.stop().await;
}

#[tokio::test]
async fn an_open_breaker_is_degraded_since_it_opened() {
    let upstream = Upstream::start().await;
    let app = TestApp::start_with(|config| use_llm(config, &upstream)).await;
    let prompts = check(&app, "prompts").await.1;
    assert_eq!(prompts["status"], "ok", "{prompts}");
    app.hand.advance(Duration::from_secs(10));
    upstream.always(Step::Status(401, vec![], "invalid_api_key"));
    app.say("Where is my parcel?").await;
    app.hand.advance(Duration::from_secs(5));
    let (status, llm) = check(&app, "llm").await;
    assert_eq!((status, &llm["status"]), (200, &json!("degraded")), "{llm}");
    assert_eq!(
        llm["since"], "2026-03-02T09:00:10Z",
        "when it opened, not when somebody looked"
    );
    app.stop().await;
}

#[tokio::test]
async fn a_delivery_that_waits_too_long_is_degraded_and_no_503() {
    let outside = Outside::start(|_| answer(503, json!({}))).await;
    let app = TestApp::start_with(|config| {
        config.ticketing.system = SystemKind::Webhook;
        config.ticketing.url = Some(outside.url.clone());
        config.ticketing.secret = Some("whsec".into());
    })
    .await;
    app.say("I want a refund for order 45-20817").await;
    assert_eq!(check(&app, "outbox").await.1["status"], "ok");
    app.hand.advance(Duration::from_secs(16 * 60));
    let (status, outbox) = check(&app, "outbox").await;
    assert_eq!((status, &outbox["status"]), (200, &json!("degraded")), "{outbox}");
    assert!(
        outbox["detail"].as_str().unwrap().starts_with("1 waiting"),
        "{outbox}"
    );
    app.stop().await;
}
