//! A configured help centre answers questions instead of the articles in memory; when it does not, the customer is told how to reach a
//! person, inside the deadline.

use std::time::Duration;

use serde_json::{Value, json};

use crate::harness::{Reply, TestApp};
use crate::outside::{Outside, Received, answer, answer_with};

const QUESTION: &str = "How long do I have to return unopened vitamins? My name is Ada Example.";
const SEARCH: &str = "/api/v2/help_center/articles/search.json";

fn article(id: u64, title: &str, snippet: &str) -> Value {
    json!({
        "id": id, "title": title, "snippet": snippet, "body": "<p>Send it back with the slip.</p>", "draft": false,
        "html_url": format!("https://help.example.com/hc/en-us/articles/{id}"), "updated_at": "2026-01-15T08:30:00Z",
    })
}

async fn app(help_centre: &Outside) -> TestApp {
    let url = help_centre.url.clone();
    TestApp::start_with(|config| config.knowledge_search.url = Some(url)).await
}

/// Asks a question, which is answered 200 whatever the help centre does.
async fn ask(app: &TestApp) -> Reply {
    let reply = app.say(QUESTION).await;
    assert_eq!(reply.status, 200, "{}", reply.text);
    assert_eq!(reply.at("/category"), "informational", "{}", reply.text);
    reply
}

fn assert_suggests_contact(reply: &Reply, reason: &str) {
    assert_eq!(reply.at("/next_step/action"), "suggest_contact", "{}", reply.text);
    assert_eq!(reply.at("/next_step/details/reason"), reason);
    assert!(
        !reply
            .at("/next_step/details/contact")
            .as_array()
            .unwrap()
            .is_empty()
    );
}

async fn searches(app: &TestApp, outcome: &str) -> f64 {
    app.metric(&format!(
        "switchboard_knowledge_searches_total{{outcome=\"{outcome}\"}}"
    ))
    .await
}

#[tokio::test]
async fn the_article_that_fits_answers_with_its_source_and_others_beside_it() {
    let help_centre = Outside::start(|_: &Received| {
        answer(
            200,
            json!({ "results": [
                article(1, "Vitamins and minerals", "How long vitamins keep"),
                article(2, "How long can I return something?", "Return unopened <em>vitamins</em> within 30 days."),
                article(3, "Opening hours", "We are open from 8 to 6"),
                { "id": 4, "title": "How long to return unopened vitamins", "html_url": "javascript:alert(1)",
                  "updated_at": "2026-01-15T08:30:00Z" },
            ] }),
        )
    })
    .await;
    let app = app(&help_centre).await;
    let reply = ask(&app).await;
    assert_eq!(
        reply.at("/next_step/action"),
        "provide_information",
        "{}",
        reply.text
    );
    let found = reply.at("/next_step/details/answer");
    assert_eq!(found["article_id"], "2");
    assert_eq!(found["text"], "Return unopened vitamins within 30 days.");
    assert_eq!(found["link"], "https://help.example.com/hc/en-us/articles/2");
    assert_eq!(found["updated"], "2026-01-15");
    assert_eq!(found["source"], json!(help_centre.url));
    let others = reply.at("/next_step/details/alternatives");
    assert_eq!(
        (others[0]["article_id"].as_str(), others[1].as_str()),
        (Some("1"), None)
    );
    assert!(
        reply
            .at("/decision_path")
            .as_str()
            .unwrap()
            .contains("knowledge base: 2")
    );
    let asked = &help_centre.received()[0];
    assert_eq!(asked.path, SEARCH);
    assert!(
        asked.query.contains("vitamins") && !asked.query.contains("Ada"),
        "{}",
        asked.query
    );
    assert_eq!(searches(&app, "found").await, 1.0);
    app.stop().await;
}

#[tokio::test]
async fn what_fits_too_little_is_not_given_as_the_answer() {
    let help_centre = Outside::start(|_: &Received| {
        answer(
            200,
            json!({ "results": [article(3, "Opening hours", "We are open from 8 to 6")] }),
        )
    })
    .await;
    let app = app(&help_centre).await;
    assert_suggests_contact(&ask(&app).await, "no_article_matched");
    help_centre.now(|_| answer(200, json!({ "results": [] })));
    assert_suggests_contact(&ask(&app).await, "no_article_matched");
    assert_eq!(searches(&app, "not_found").await, 2.0);
    app.stop().await;
}

#[tokio::test]
async fn a_help_centre_that_fails_costs_the_article_and_not_the_answer() {
    let help_centre = Outside::start(|_: &Received| answer(500, json!({}))).await;
    let app = app(&help_centre).await;
    assert_suggests_contact(&ask(&app).await, "knowledge_base_unavailable");
    help_centre.now(|_| answer(200, json!("<html>")));
    assert_suggests_contact(&ask(&app).await, "knowledge_base_unavailable");
    let huge = "x".repeat(300 * 1024);
    help_centre.now(move |_| answer(200, json!({ "results": [article(1, &huge, "")] })));
    assert_suggests_contact(&ask(&app).await, "knowledge_base_unavailable");
    assert_eq!(searches(&app, "failed").await, 3.0);
    assert_eq!(app.get("/api/v1/ready").await.status, 200);
    app.stop().await;
}

#[tokio::test]
async fn a_help_centre_that_hangs_is_waited_for_no_longer_than_configured() {
    let help_centre = Outside::start(|_: &Received| None).await;
    let app = app(&help_centre).await;
    let (reply, ()) = tokio::join!(
        ask(&app),
        app.hand.advance_once_awaited(Duration::from_millis(800))
    );
    assert_suggests_contact(&reply, "knowledge_base_unavailable");
    app.stop().await;
}

#[tokio::test]
async fn a_dead_help_centre_is_left_alone_and_probed_later() {
    let help_centre = Outside::start(|_: &Received| answer(503, json!({}))).await;
    let app = app(&help_centre).await;
    for _ in 0..8 {
        assert_suggests_contact(&ask(&app).await, "knowledge_base_unavailable");
    }
    assert_eq!(help_centre.received().len(), 5, "the breaker opened");
    assert_eq!(searches(&app, "breaker_open").await, 3.0);
    help_centre.now(|_| {
        answer(200, json!({ "results": [article(2, "How long can I return something?", "Return unopened vitamins.")] }))
    });
    app.hand.advance(Duration::from_secs(15));
    assert_eq!(ask(&app).await.at("/next_step/action"), "provide_information");
    assert_eq!(ask(&app).await.at("/next_step/action"), "provide_information");
    app.stop().await;
}

#[tokio::test]
async fn a_help_centre_that_asks_for_time_gets_it_and_an_answer_forgets_failures() {
    let help_centre = Outside::start(|_: &Received| answer_with(429, ("retry-after", "60"))).await;
    let app = app(&help_centre).await;
    assert_suggests_contact(&ask(&app).await, "knowledge_base_unavailable");
    app.hand.advance(Duration::from_secs(59));
    ask(&app).await;
    assert_eq!(help_centre.received().len(), 1, "a single failure is enough");
    app.hand.advance(Duration::from_secs(1));
    for status in [200, 500, 500, 500, 500, 200, 500, 500, 500, 500, 200] {
        help_centre.now(move |_| answer(status, json!({ "results": [] })));
        ask(&app).await;
    }
    assert_eq!(help_centre.received().len(), 12, "four in a row are not five");
    app.stop().await;
}

#[tokio::test]
async fn what_asks_no_question_is_not_searched_for() {
    let help_centre = Outside::start(|_: &Received| answer(500, json!({}))).await;
    let app = app(&help_centre).await;
    let report = app
        .say("My face is swelling up since I took the new antibiotic")
        .await;
    assert_eq!(report.at("/category"), "safety_compliance");
    let request = app.say("please cancel order 10093-552").await;
    assert_eq!(request.at("/category"), "service_action");
    assert_eq!(help_centre.received().len(), 0);
    app.stop().await;
}
