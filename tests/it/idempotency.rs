//! `Idempotency-Key` over HTTP: a repeated POST is one message, whoever repeats it and how often.

use std::time::Duration;

use futures_util::future::join_all;
use reqwest::Method;
use serde_json::{Value, json};
use switchboard::store::{Page, RecordFilter};

use crate::harness::{Reply, TestApp};
use crate::upstream::{Step, Upstream};

const BURNS: &str = "I took the new tablets and now my throat is swelling and I can't breathe";

async fn post(app: &TestApp, key: &str, body: &Value) -> Reply {
    let request = app
        .request(Method::POST, "/api/v1/classify")
        .header("idempotency-key", key)
        .json(body);
    Reply::of(request.send().await.unwrap()).await
}

async fn records(app: &TestApp) -> usize {
    let page = Page {
        before: None,
        limit: 500,
    };
    let store = app.running().store();
    store
        .list_records(&RecordFilter::default(), page)
        .await
        .unwrap()
        .items
        .len()
}

#[tokio::test]
async fn two_different_keys_on_one_request_are_refused_and_one_twice_is_one() {
    let app = TestApp::start().await;
    let two = async |second: &str| {
        let request = app
            .request(Method::POST, "/api/v1/classify")
            .header("idempotency-key", "k-1")
            .header("idempotency-key", second)
            .json(&json!({ "message": BURNS }));
        Reply::of(request.send().await.unwrap()).await
    };
    let refused = two("k-2").await;
    assert_eq!(
        (refused.status.as_u16(), refused.faults()),
        (400, vec!["idempotency-key:duplicate".to_owned()])
    );
    assert_eq!(records(&app).await, 0, "neither key is taken");
    assert_eq!(two("k-1").await.status, 200);
    assert_eq!(
        post(&app, "k-1", &json!({ "message": BURNS }))
            .await
            .header("idempotency-replayed"),
        "true"
    );
    app.stop().await;
}

#[tokio::test]
async fn a_repeated_post_gets_the_first_answer_and_makes_no_second_record() {
    let app = TestApp::start().await;
    let body = json!({ "message": BURNS });
    let first = post(&app, "k-1", &body).await;
    assert_eq!(
        (first.status.as_u16(), first.header("idempotency-replayed")),
        (200, "")
    );
    assert!(first.at("/next_step/reference").is_string());
    let again = post(&app, "k-1", &body).await;
    assert_eq!(
        (again.status.as_u16(), again.header("idempotency-replayed")),
        (200, "true")
    );
    assert_eq!(again.text, first.text, "byte for byte");
    assert_eq!(again.header("content-type"), "application/json");
    assert_eq!(records(&app).await, 1);
    // An answer that makes no record is kept as well.
    let question = json!({ "message": "What is your return policy for unopened items?" });
    let asked = post(&app, "k-2", &question).await;
    let asked_again = post(&app, "k-2", &question).await;
    assert_eq!(
        (asked_again.status.as_u16(), &asked_again.text),
        (200, &asked.text)
    );
    assert_eq!(records(&app).await, 1);
    // The answer survives the process.
    let data = app.stop().await;
    let app = TestApp::start_in(data, |_| {}).await;
    assert_eq!(post(&app, "k-1", &body).await.text, first.text);
    app.stop().await;
}

#[tokio::test]
async fn another_body_is_refused_a_bad_key_too_and_a_day_later_it_is_new() {
    let app = TestApp::start().await;
    let first = post(&app, "k-1", &json!({ "message": BURNS })).await;
    let other = post(&app, "k-1", &json!({ "message": "Where is my order?" })).await;
    assert_eq!(
        (other.status.as_u16(), other.at("/error")),
        (422, &json!("idempotency_key_reused"))
    );
    for malformed in ["", "a b", &"k".repeat(256)] {
        let refused = post(&app, malformed, &json!({ "message": BURNS })).await;
        assert_eq!(
            (refused.status.as_u16(), refused.faults()),
            (400, vec!["idempotency-key:malformed".to_owned()]),
            "{malformed:?}"
        );
        assert_eq!(
            refused.at("/errors/0/message"),
            "must be 1 to 255 visible ASCII characters"
        );
    }
    assert_eq!(
        post(&app, &"k".repeat(255), &json!({ "message": BURNS }))
            .await
            .status,
        200
    );
    app.hand.advance(Duration::from_secs(24 * 60 * 60));
    let later = post(&app, "k-1", &json!({ "message": BURNS })).await;
    assert_ne!(later.at("/next_step/reference"), first.at("/next_step/reference"));
    app.stop().await;
}

#[tokio::test]
async fn fifty_at_once_make_one_llm_call_and_one_record() {
    let upstream = Upstream::start().await;
    upstream.always(Step::Held);
    let app = TestApp::start_with_llm(&upstream).await;
    let body = json!({ "message": BURNS });
    let all = join_all((0..50).map(|_| async {
        let reply = post(&app, "k-1", &body).await;
        // Everybody but the first is told at once; the first waits for the model until they have been.
        if reply.status == 409 {
            assert_eq!(reply.at("/error"), "idempotency_key_in_use");
            // Not for as long as the key is held: the answer is there long before.
            assert_eq!(reply.header("retry-after"), "2");
        }
        reply.status.as_u16()
    }));
    let release = async {
        while upstream.requests().is_empty() {
            tokio::task::yield_now().await;
        }
        upstream.release();
    };
    let (statuses, ()) = tokio::join!(all, release);
    assert!(
        statuses.iter().all(|status| matches!(status, 200 | 409)),
        "{statuses:?}"
    );
    assert!(statuses.contains(&200));
    assert_eq!(upstream.requests().len(), 1, "one LLM call");
    assert_eq!(records(&app).await, 1, "one record");
    let later = post(&app, "k-1", &body).await;
    assert_eq!(
        (later.status.as_u16(), later.header("idempotency-replayed")),
        (200, "true")
    );
    app.stop().await;
}

#[tokio::test]
async fn a_refusal_is_not_kept_and_neither_is_a_request_whose_client_went_away() {
    let upstream = Upstream::start().await;
    upstream.always(Step::Hang);
    let app = TestApp::start_with_llm(&upstream).await;
    let body = json!({ "message": "Where is order 10093-552?" });
    {
        let gone = post(&app, "k-1", &body);
        tokio::pin!(gone);
        while upstream.requests().is_empty() {
            tokio::select! {
                _ = &mut gone => panic!("the model never answers"),
                () = tokio::task::yield_now() => {}
            }
        }
    }
    upstream.always(Step::Answer);
    // The server notices that its client is gone, and the key is free again; nobody has to wait for the hold to lapse.
    let reply = loop {
        let reply = post(&app, "k-1", &body).await;
        if reply.status != 409 {
            break reply;
        }
    };
    assert_eq!(
        (reply.status.as_u16(), reply.header("idempotency-replayed")),
        (200, "")
    );
    app.stop().await;
}
