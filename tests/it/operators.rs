//! The operator API: people with a key work with records, each change seen by its version and written into the trail.

use std::time::Duration;

use reqwest::Method;
use ring::digest;
use secrecy::ExposeSecret as _;
use serde_json::{Value, json};
use switchboard::config::KeyConfig;
use switchboard::store::{NewAuditEntry, Settlement, TICKETING};

use crate::database::{data_key, job, report, unit};
use crate::harness::{Reply, TestApp};

const BURNS: &str = "I took the new tablets and now my throat is swelling and I can't breathe, call Ada Lindqvist on 212-555-0142";

/// Asks with the key that the embedded default makes.
async fn ask(
    app: &TestApp,
    method: Method,
    path: &str,
    if_match: Option<&str>,
    body: Option<Value>,
) -> Reply {
    let key = app
        .running()
        .operator_key
        .as_ref()
        .unwrap()
        .expose_secret()
        .to_owned();
    let mut request = app.request(method, path).bearer_auth(key);
    if let Some(version) = if_match {
        request = request.header("if-match", version);
    }
    if let Some(body) = body {
        request = request.json(&body);
    }
    Reply::of(request.send().await.unwrap()).await
}

async fn reported(app: &TestApp) -> String {
    let reply = app.say(BURNS).await;
    assert_eq!(reply.at("/category"), "safety_compliance");
    reply.at("/next_step/reference").as_str().unwrap().to_owned()
}

#[tokio::test]
async fn nobody_gets_in_without_an_operator_key() {
    let app = TestApp::start_with(|config| {
        let sha256 = hex::encode(digest::digest(&digest::SHA256, b"widget-key"));
        let id = "widget".to_owned();
        config.auth.keys = vec![KeyConfig::new(id, sha256)];
    })
    .await;
    let paths = [
        (Method::GET, "/api/v1/records"),
        (Method::GET, "/api/v1/records/SAF-1/verbatim"),
        (Method::DELETE, "/api/v1/records/SAF-1/verbatim"),
        (Method::POST, "/api/v1/records/SAF-1/acknowledge"),
        (Method::GET, "/api/v1/outbox"),
    ];
    for (method, path) in paths {
        let none = Reply::of(app.request(method.clone(), path).send().await.unwrap()).await;
        assert_eq!(
            (none.status.as_u16(), none.at("/error")),
            (401, &json!("unauthorized")),
            "{path}"
        );
        let client = app.request(method, path).bearer_auth("widget-key");
        let client = Reply::of(client.send().await.unwrap()).await;
        assert_eq!(
            (client.status.as_u16(), client.at("/error")),
            (403, &json!("forbidden")),
            "a client's key is none of an operator's: {path}"
        );
    }
    app.stop().await;
}

#[tokio::test]
async fn the_operator_key_that_is_made_begins_like_every_other() {
    let app = TestApp::start().await;
    let key = app.running().operator_key.as_ref().unwrap();
    assert!(key.expose_secret().starts_with("swb_"));
    app.stop().await;
}

#[tokio::test]
async fn without_a_key_on_an_open_address_the_operator_api_is_closed() {
    let app = TestApp::start_with(|config| {
        config.server.host = "0.0.0.0".parse().unwrap();
        config.auth.mode = Some(switchboard::config::AuthMode::Off);
    })
    .await;
    assert!(app.running().operator_key.is_none());
    let url = format!("http://127.0.0.1:{}/api/v1/records", app.address.port());
    let reply = Reply::of(app.client.get(url).bearer_auth("x").send().await.unwrap()).await;
    assert_eq!(
        (reply.status.as_u16(), reply.at("/error")),
        (403, &json!("operators_closed"))
    );
    app.stop().await;
}

#[tokio::test]
async fn records_are_listed_shown_and_paged() {
    let app = TestApp::start().await;
    for _ in 0..3 {
        reported(&app).await;
    }
    app.say("please cancel order 10093-552").await;
    let get = |path: &'static str| ask(&app, Method::GET, path, None, None);
    let all = get("/api/v1/records?kind=compliance&limit=2").await;
    assert_eq!(
        (all.status.as_u16(), all.at("/items").as_array().unwrap().len()),
        (200, 2)
    );
    let next = all.at("/next").as_i64().unwrap();
    let path = format!("/api/v1/records?kind=compliance&limit=2&before={next}");
    let rest = ask(&app, Method::GET, &path, None, None).await;
    assert_eq!(
        (rest.at("/items").as_array().unwrap().len(), rest.at("/next")),
        (1, &Value::Null)
    );
    // A last page that is full has nothing behind it either.
    let path = format!("/api/v1/records?kind=compliance&limit=1&before={next}");
    let last = ask(&app, Method::GET, &path, None, None).await;
    assert_eq!(
        (last.at("/items").as_array().unwrap().len(), last.at("/next")),
        (1, &Value::Null)
    );
    let due = get("/api/v1/records?sort=due").await;
    assert_eq!(due.at("/items").as_array().unwrap().len(), 4);
    let unknown = get("/api/v1/records?sort=oldest").await;
    assert_eq!(
        (unknown.status.as_u16(), unknown.at("/errors/0/field")),
        (400, &json!("sort"))
    );
    let trail = get("/api/v1/audit").await;
    assert!(!trail.at("/items").as_array().unwrap().is_empty());
    assert_eq!(trail.at("/next"), &Value::Null);
    assert!(
        !all.text.contains("Lindqvist") && !all.text.contains("555-0142"),
        "lists hold redacted text only"
    );
    let reference = rest.at("/items/0/reference").as_str().unwrap();
    let shown = ask(
        &app,
        Method::GET,
        &format!("/api/v1/records/{reference}"),
        None,
        None,
    )
    .await;
    assert_eq!(
        (shown.header("etag"), shown.at("/status")),
        ("\"1\"", &json!("open"))
    );
    let missing = get("/api/v1/records/SAF-NONE").await;
    assert_eq!(
        (missing.status.as_u16(), missing.at("/detail")),
        (404, &json!("there is no such record"))
    );
    let missing = ask(&app, Method::POST, "/api/v1/outbox/none/retry", None, None).await;
    assert_eq!(
        (missing.status.as_u16(), missing.at("/detail")),
        (404, &json!("there is no such delivery"))
    );
    assert_eq!(
        get("/api/v1/records?limit=0").await.faults(),
        ["limit:out_of_range"]
    );
    assert_eq!(get("/api/v1/records?colour=red").await.status, 400);
    assert_eq!(get("/api/v1/records?kind=memo").await.status, 400);
    assert_eq!(
        get("/api/v1/records?severity=zzz").await.faults(),
        ["severity:invalid"]
    );
    assert_eq!(
        get("/api/v1/records?category=zzz").await.faults(),
        ["category:invalid"]
    );
    for (filter, found) in [
        ("severity=urgent&category=safety_compliance", 3),
        ("status=open", 4),
        ("status=resolved", 0),
        ("queue=safety-on-call", 3),
        ("queue=nobody", 0),
        ("client_id=127.0.0.1", 4),
        ("client_id=shop", 0),
        ("breached=false", 4),
        ("breached=true", 0),
        ("reviewed=false", 4),
        ("reviewed=true", 0),
    ] {
        let path = format!("/api/v1/records?{filter}");
        let listed = ask(&app, Method::GET, &path, None, None).await;
        assert_eq!(listed.at("/items").as_array().unwrap().len(), found, "{filter}");
    }
    app.stop().await;
}

#[tokio::test]
async fn a_change_needs_the_version_it_is_for() {
    let app = TestApp::start().await;
    let reference = reported(&app).await;
    let path = |what: &str| format!("/api/v1/records/{reference}/{what}");
    let post = async |what: &str, version: Option<&str>, body: Option<Value>| {
        ask(&app, Method::POST, &path(what), version, body).await
    };
    assert_eq!(post("acknowledge", None, None).await.status, 428);
    assert_eq!(post("acknowledge", Some("\"7\""), None).await.status, 412);
    assert_eq!(post("acknowledge", Some("\"abc\""), None).await.status, 412);
    assert_eq!(post("acknowledge", Some("W/\"1\""), None).await.status, 412);
    // The same number in other letters is another tag.
    assert_eq!(post("acknowledge", Some("\"01\""), None).await.status, 412);
    assert_eq!(post("acknowledge", Some("\"+1\""), None).await.status, 412);
    for malformed in ["banana", "", "1", "\"1", "\"1\", \"2\"", "*, \"1\"", "W/1"] {
        let refused = post("acknowledge", Some(malformed), None).await;
        assert_eq!(refused.faults(), ["If-Match:invalid"], "{malformed:?}");
    }
    // Two lines are a list, also where the first is all that was asked for.
    for (first, second) in [("*", "\"1\""), ("\"1\"", "\"1\"")] {
        let key = app.running().operator_key.as_ref().unwrap();
        let request = app
            .request(Method::POST, &path("acknowledge"))
            .bearer_auth(key.expose_secret())
            .header("if-match", first)
            .header("if-match", second);
        let refused = Reply::of(request.send().await.unwrap()).await;
        assert_eq!(refused.faults(), ["If-Match:invalid"], "{first}, {second}");
    }
    let done = post("acknowledge", Some("\"1\""), None).await;
    assert_eq!((done.status.as_u16(), done.header("etag")), (200, "\"2\""));
    let twice = post("acknowledge", Some("\"2\""), None).await;
    assert_eq!(
        (twice.status.as_u16(), twice.at("/error")),
        (409, &json!("state_conflict"))
    );
    let label = json!({ "category": "safety_compliance", "severity": "high" });
    assert_eq!(
        post("reclassify", Some("\"1\""), Some(label.clone()))
            .await
            .status,
        412
    );
    let labelled = post("reclassify", Some("\"2\""), Some(label.clone())).await;
    assert_eq!((labelled.status.as_u16(), labelled.at("/review")), (200, &label));
    let wrong = post("reclassify", Some("*"), Some(json!({ "category": "spam" }))).await;
    assert_eq!(wrong.faults(), ["category:invalid"]);
    let misspelt = json!({ "category": "service_action", "intents": "cancel_order" });
    let misspelt = post("reclassify", Some("*"), Some(misspelt)).await;
    assert_eq!(
        (misspelt.status.as_u16(), misspelt.faults()),
        (400, vec!["body:unknown".to_owned()])
    );
    assert_eq!(
        misspelt.at("/errors/0/message"),
        "has a field that is not known; known are: category, severity, intent"
    );
    let nested = |levels: usize| (1..levels).fold(json!({}), |inner, _| json!({ "a": inner }));
    for (what, body, faults) in [
        ("reclassify", nested(9), ["body:invalid_json"].as_slice()),
        ("reclassify", nested(8), &["category:missing", "body:unknown"]),
        ("reclassify", json!({}), &["category:missing"]),
        (
            "reclassify",
            json!({ "category": "spam", "severity": "dire", "intent": "dance" }),
            &["category:invalid", "severity:invalid", "intent:invalid"],
        ),
        (
            "reclassify",
            json!({ "severity": "dire", "intents": "cancel_order" }),
            &["category:missing", "severity:invalid", "body:unknown"],
        ),
        (
            "resolve",
            json!({ "note": "", "notes": "called back" }),
            &["note:empty", "body:unknown"],
        ),
        (
            "reclassify",
            json!({ "category": 1, "severity": true, "intent": null }),
            &["category:wrong_type", "severity:wrong_type"],
        ),
        (
            "reclassify",
            json!(["informational", null, null]),
            &["body:invalid_json"],
        ),
        ("reclassify", json!("informational"), &["body:invalid_json"]),
        ("resolve", json!({}), &["note:missing"]),
        (
            "resolve",
            json!({ "note": ["called back"] }),
            &["note:wrong_type"],
        ),
    ] {
        let refused = post(what, Some("*"), Some(body.clone())).await;
        assert_eq!(
            (refused.status.as_u16(), refused.faults()),
            (400, faults.iter().map(ToString::to_string).collect()),
            "{body}"
        );
    }
    let raw = async |kind: &str, body: &'static str| {
        let key = app.running().operator_key.as_ref().unwrap();
        let request = app
            .request(Method::POST, &path("reclassify"))
            .bearer_auth(key.expose_secret())
            .header("if-match", "*")
            .header("content-type", kind);
        Reply::of(request.body(body).send().await.unwrap()).await
    };
    let twice = r#"{"category":"informational","category":"service_action"}"#;
    assert_eq!(
        raw("application/json", twice).await.faults(),
        ["body:invalid_json"]
    );
    let trailing = r#"{"category":"informational"} and more"#;
    assert_eq!(
        raw("application/json", trailing).await.faults(),
        ["body:invalid_json"]
    );
    assert_eq!(raw("application/json; charset=latin1", "{}").await.status, 415);
    let note = json!({ "note": "called back" });
    let resolved = post("resolve", Some("*"), Some(note)).await;
    assert_eq!(
        (resolved.status.as_u16(), resolved.at("/status")),
        (200, &json!("resolved"))
    );
    assert_eq!(post("resolve", Some("*"), Some(json!({}))).await.status, 400);
    // The breach clock was stopped with the acknowledgement.
    app.hand.advance(Duration::from_secs(24 * 60 * 60));
    let shown = ask(
        &app,
        Method::GET,
        &format!("/api/v1/records/{reference}"),
        None,
        None,
    )
    .await;
    assert_eq!(shown.at("/breached_at"), &Value::Null);
    let entries = app.running().store().audit_page("", 0).await.unwrap();
    let said: Vec<&str> = entries
        .iter()
        .filter(|entry| entry.actor == "operator:operator")
        .map(|entry| &*entry.action)
        .collect();
    assert_eq!(
        said,
        ["record.acknowledged", "record.reclassified", "record.resolved"]
    );
    app.stop().await;
}

#[tokio::test]
async fn verbatim_text_is_read_under_audit_and_erased_for_good() {
    let app = TestApp::start().await;
    let reference = reported(&app).await;
    let path = format!("/api/v1/records/{reference}/verbatim");
    let read = ask(&app, Method::GET, &path, None, None).await;
    assert_eq!((read.status.as_u16(), read.at("/text")), (200, &json!(BURNS)));
    assert_eq!(ask(&app, Method::DELETE, &path, None, None).await.status, 204);
    assert_eq!(ask(&app, Method::DELETE, &path, None, None).await.status, 204);
    let gone = ask(&app, Method::GET, &path, None, None).await;
    assert_eq!(gone.at("/text"), &Value::Null);
    assert!(gone.at("/erased_at").is_string());
    for method in [Method::GET, Method::DELETE] {
        let missing = ask(&app, method, "/api/v1/records/SAF-NONE/verbatim", None, None).await;
        assert_eq!(
            (missing.status.as_u16(), missing.at("/detail")),
            (404, &json!("there is no such record"))
        );
    }
    let entries = app.running().store().audit_page("", 0).await.unwrap();
    let of = |action: &str| entries.iter().filter(|entry| entry.action == action).count();
    assert_eq!((of("record.verbatim_read"), of("record.erased")), (2, 1));
    app.running().store().audit_verify().await.unwrap().unwrap();
    app.stop().await;
}

#[tokio::test]
async fn a_text_whose_data_key_is_missing_says_what_to_set_and_can_still_be_erased() {
    let app = TestApp::start_with(|config| config.store.data_key = Some(data_key(1))).await;
    let path = format!("/api/v1/records/{}/verbatim", reported(&app).await);
    let data = app.stop().await;
    let app = TestApp::start_in(data, |config| config.store.data_key = Some(data_key(2))).await;
    let read = ask(&app, Method::GET, &path, None, None).await;
    assert_eq!(
        (read.status.as_u16(), read.at("/error")),
        (503, &json!("data_key_missing"))
    );
    assert!(read.text.contains("store.previous_data_keys"), "{}", read.text);
    assert_eq!(ask(&app, Method::DELETE, &path, None, None).await.status, 204);
    app.stop().await;
}

#[tokio::test]
async fn a_note_is_one_line_and_goes_into_the_trail_redacted() {
    let app = TestApp::start().await;
    let reference = reported(&app).await;
    let path = format!("/api/v1/records/{reference}/resolve");
    let resolve = async |note: &str| {
        let body = json!({ "note": note });
        ask(&app, Method::POST, &path, Some("*"), Some(body)).await
    };
    for (note, fault) in [
        ("", "note:empty"),
        (" \n", "note:empty"),
        ("called\nback", "note:not_one_line"),
        ("called\0back", "note:not_one_line"),
        (&"x".repeat(501), "note:too_long"),
    ] {
        let refused = resolve(note).await;
        assert_eq!(
            (refused.status.as_u16(), refused.faults()),
            (400, vec![fault.to_owned()]),
            "{note:?}"
        );
    }
    let large = resolve(&"x".repeat(64 * 1024)).await;
    assert_eq!(
        (large.status.as_u16(), large.at("/error")),
        (413, &json!("body_too_large"))
    );
    assert!(large.text.contains("at most 65536 bytes"), "{}", large.text);
    let resolved = resolve("called back on 212-555-0142, ada@example.com is fine").await;
    assert_eq!(resolved.status, 200, "{}", resolved.text);
    let entries = app.running().store().audit_page("", 0).await.unwrap();
    let entry = entries.iter().find(|entry| entry.action == "record.resolved");
    let detail = json!(entry.unwrap()).to_string();
    assert!(detail.contains("called back on [PHONE_REDACTED]"), "{detail}");
    assert!(!detail.contains("0142") && !detail.contains("ada@"), "{detail}");
    app.stop().await;
}

#[tokio::test]
async fn what_no_name_holds_is_refused_in_an_address_whatever_the_store() {
    no_name_is_refused(TestApp::start().await).await;
    // Which would fail where SQLite finds nothing.
    if let Some(url) = crate::postgres::database().await {
        let on_postgres = TestApp::start_with(|config| {
            config.store.database_url = Some(url.into());
            config.store.data_key = Some(data_key(1));
        });
        no_name_is_refused(on_postgres.await).await;
    }
}

async fn no_name_is_refused(app: TestApp) {
    for (method, path, status) in [
        (Method::GET, "/api/v1/records/SAF%00", 404),
        (Method::GET, "/api/v1/records/%ff", 404),
        (Method::DELETE, "/api/v1/records/SAF%00/verbatim", 404),
        (Method::POST, "/api/v1/outbox/a%00/retry", 404),
        (Method::GET, "/api/v1/records?queue=a%00", 400),
        (Method::GET, "/api/v1/audit?chain=%00", 400),
        (Method::GET, "/api/v1/records?queue=%2500", 200),
    ] {
        let reply = ask(&app, method, path, None, None).await;
        assert_eq!(reply.status.as_u16(), status, "{path}: {}", reply.text);
    }
    app.stop().await;
}

#[tokio::test]
async fn the_audit_trail_is_read_page_by_page_to_its_end() {
    let app = TestApp::start().await;
    let store = app.running().store().clone();
    let before = store.audit_page("", 0).await.unwrap().len();
    let entry = |_| {
        let detail = json!({});
        let entry = NewAuditEntry::new("system".into(), "test.entry", "switchboard".into(), &detail);
        store.audit(entry)
    };
    futures_util::future::try_join_all((before..1_000).map(entry))
        .await
        .unwrap();
    let full = ask(&app, Method::GET, "/api/v1/audit", None, None).await;
    assert_eq!(
        full.at("/next"),
        &Value::Null,
        "nothing follows a page that is full"
    );
    entry(1_000).await.unwrap();
    let first = ask(&app, Method::GET, "/api/v1/audit", None, None).await;
    let next = first.at("/next");
    let path = format!(
        "/api/v1/audit?chain={}&seq={}",
        next["chain"].as_str().unwrap(),
        next["seq"]
    );
    let second = ask(&app, Method::GET, &path, None, None).await;
    let rows = |reply: &Reply| reply.at("/items").as_array().unwrap().len();
    assert_eq!((rows(&first), rows(&second)), (1_000, 1));
    assert_eq!(second.at("/next"), &Value::Null);
    let reference = reported(&app).await;
    let path = format!("/api/v1/audit?reference={reference}");
    let about = ask(&app, Method::GET, &path, None, None).await;
    assert_eq!(
        (rows(&about), about.at("/items/0/action"), about.at("/next")),
        (1, &json!("record.created"), &Value::Null),
        "{}",
        about.text
    );
    let none = ask(&app, Method::GET, "/api/v1/audit?reference=SAF-NONE", None, None).await;
    assert_eq!((none.status.as_u16(), rows(&none)), (200, 0));
    let twice = ask(
        &app,
        Method::GET,
        "/api/v1/audit?reference=a&reference=b",
        None,
        None,
    )
    .await;
    assert_eq!(twice.status, 400);
    app.stop().await;
}

#[tokio::test]
async fn deliveries_are_listed_page_by_page_tried_again_and_given_up() {
    let app = TestApp::start().await;
    let store = app.running().store().clone();
    let records = (0..52).map(|n| {
        let mut record = report(&format!("SAF-{n}"), store.now());
        record.jobs.push(job(TICKETING));
        record
    });
    store.commit(unit(records)).await.unwrap();
    for leased in store
        .lease_jobs(TICKETING, 2, Duration::from_secs(60))
        .await
        .unwrap()
    {
        let error = "http_422".to_owned();
        assert!(store.settle(&leased, Settlement::Dead { error }).await.unwrap());
    }
    let list =
        async |query: &str| ask(&app, Method::GET, &format!("/api/v1/outbox{query}"), None, None).await;
    let keys = |reply: &Reply| -> Vec<String> {
        let items = reply.at("/items").as_array().unwrap().iter();
        items.map(|job| job["key"].as_str().unwrap().to_owned()).collect()
    };
    let all = list("").await;
    assert_eq!(
        (keys(&all).len(), keys(&all)[0].as_str()),
        (50, "SAF-51:ticketing:create")
    );
    let rest = list(&format!("?before={}", all.at("/next"))).await;
    assert_eq!(keys(&rest), ["SAF-1:ticketing:create", "SAF-0:ticketing:create"]);
    assert_eq!(rest.at("/next"), &Value::Null);
    let dead = list("?state=dead").await;
    assert_eq!(keys(&dead), keys(&rest));
    assert_eq!(
        keys(&list("?state=dead&limit=1").await),
        ["SAF-1:ticketing:create"]
    );
    assert_eq!(list("?state=gone").await.faults(), ["state:invalid"]);
    assert_eq!(list("?limit=501").await.faults(), ["limit:out_of_range"]);

    let decide = async |key: &str, what: &str| {
        let path = format!("/api/v1/outbox/{key}/{what}");
        let reply = ask(&app, Method::POST, &path, None, None).await;
        let said = reply.at("/detail").as_str().unwrap_or_default().to_owned();
        (reply.status.as_u16(), said)
    };
    let (first, second) = ("SAF-0:ticketing:create", "SAF-1:ticketing:create");
    assert_eq!(decide(first, "retry").await, (204, String::new()));
    assert_eq!(decide(second, "discard").await, (204, String::new()));
    let refused = |state: &str| {
        let said = format!("the delivery is {state}, which does not allow this");
        (409, said)
    };
    assert_eq!(decide(first, "retry").await, refused("pending"));
    assert_eq!(decide(second, "retry").await, refused("discarded"));
    assert_eq!(keys(&list("?state=dead").await), [""; 0]);
    assert_eq!(keys(&list("?state=discarded").await), [second]);
    let entries = store.audit_page("", 0).await.unwrap();
    let decided: Vec<(&str, &str)> = entries
        .iter()
        .filter(|entry| entry.actor == "operator:operator")
        .map(|entry| (&*entry.action, &*entry.subject))
        .collect();
    assert_eq!(decided, [("outbox.retried", first), ("outbox.discarded", second)]);
    app.stop().await;
}
