//! One client cannot crowd out the others, a spoofed header does not make a new client, and a safety report is accepted over the limit.

use std::time::Duration;

use reqwest::Method;
use ring::digest;
use serde_json::json;
use sqlx::{Connection as _, Executor as _};
use switchboard::config::{AuthMode, Config, KeyConfig};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use crate::harness::{Reply, TestApp, use_llm};
use crate::upstream::Upstream;

pub(crate) fn key(id: &str, secret: &str) -> KeyConfig {
    let hash = digest::digest(&digest::SHA256, secret.as_bytes());
    KeyConfig::new(id, hex::encode(hash))
}

fn tight(config: &mut Config) {
    config.rate_limit.per_minute = 60;
    config.rate_limit.burst = 3;
}

async fn ask(app: &TestApp, headers: &[(&str, String)]) -> Reply {
    let mut request = app
        .request(Method::POST, "/api/v1/classify")
        .json(&json!({ "message": "What are your hours?" }));
    for (name, value) in headers {
        request = request.header(*name, value);
    }
    Reply::of(request.send().await.unwrap()).await
}

/// Statuses of `n` requests, each with the headers for its number.
async fn statuses(
    app: &TestApp,
    n: usize,
    headers: impl Fn(usize) -> Vec<(&'static str, String)>,
) -> Vec<u16> {
    let mut seen = Vec::new();
    for i in 0..n {
        seen.push(ask(app, &headers(i)).await.status.as_u16());
    }
    seen
}

#[tokio::test]
async fn a_client_over_its_limit_is_told_when_to_come_back() {
    let app = TestApp::start_with(tight).await;
    let first = ask(&app, &[]).await;
    assert_eq!(first.status, 200);
    assert_eq!(first.header("ratelimit-policy"), "\"client\";q=3;w=3");
    assert_eq!(first.header("ratelimit"), "\"client\";r=2;t=1");
    assert_eq!(statuses(&app, 2, |_| vec![]).await, [200, 200]);
    let refused = ask(&app, &[]).await;
    assert_eq!(
        (refused.status.as_u16(), refused.body["error"].as_str()),
        (429, Some("rate_limited"))
    );
    assert_eq!(refused.header("retry-after"), "1");
    assert_eq!(refused.header("ratelimit"), "\"client\";r=0;t=1");
    app.hand.advance(Duration::from_secs(1));
    assert_eq!(statuses(&app, 2, |_| vec![]).await, [200, 429]);
    assert_eq!(
        app.metric("switchboard_rate_limit_decisions_total{decision=\"limited\",backend=\"local\"}")
            .await,
        2.0
    );
    for path in ["/api/v1/health", "/api/v1/ready", "/health", "/ready"] {
        assert_eq!(app.get(path).await.status, 200, "{path} is exempt");
    }
    app.stop().await;
}

#[tokio::test]
async fn without_trusted_proxies_a_forwarded_address_is_only_the_callers_word() {
    let app = TestApp::start_with(tight).await;
    let spoofed = |i: usize| vec![("x-forwarded-for", format!("203.0.113.{i}"))];
    assert_eq!(statuses(&app, 5, spoofed).await, [200, 200, 200, 429, 429]);
    app.stop().await;
}

#[tokio::test]
async fn behind_a_proxy_the_address_it_wrote_is_the_client() {
    let app = TestApp::start_with(|config| {
        tight(config);
        config.server.trusted_proxy_hops = 1;
    })
    .await;
    let clients = |i: usize| vec![("x-forwarded-for", format!("203.0.113.{}", i % 2))];
    assert_eq!(
        statuses(&app, 8, clients).await,
        [200, 200, 200, 200, 200, 200, 429, 429]
    );
    let spoofed_left = |i: usize| vec![("x-forwarded-for", format!("198.51.100.{i}, 203.0.113.9"))];
    assert_eq!(statuses(&app, 5, spoofed_left).await, [200, 200, 200, 429, 429]);
    app.stop().await;
}

#[tokio::test]
async fn a_known_key_is_a_client_and_an_invented_one_is_not() {
    let app = TestApp::start_with(|config| {
        tight(config);
        config.auth.keys = vec![key("widget", "sk-proj-aaaa"), key("ivr", "sk-proj-bbbb")];
    })
    .await;
    let bearer = |secret: &str| vec![("authorization", format!("Bearer {secret}"))];
    assert_eq!(
        statuses(&app, 4, |_| bearer("sk-proj-aaaa")).await,
        [200, 200, 200, 429]
    );
    assert_eq!(
        statuses(&app, 4, |_| bearer("sk-proj-bbbb")).await,
        [200, 200, 200, 429]
    );
    let invented = |i: usize| vec![("x-api-key", format!("sk-proj-{i:04}"))];
    assert_eq!(statuses(&app, 5, invented).await, [200, 200, 200, 429, 429]);
    app.stop().await;
}

#[tokio::test]
async fn where_keys_are_required_a_caller_without_one_is_refused() {
    let app = TestApp::start_with(|config| {
        config.auth.mode = Some(AuthMode::Keys);
        config.auth.keys = vec![key("widget", "sk-proj-aaaa")];
    })
    .await;
    for headers in [vec![], vec![("x-api-key", "wrong".to_owned())]] {
        let reply = ask(&app, &headers).await;
        assert_eq!(
            (reply.status.as_u16(), reply.body["error"].as_str()),
            (401, Some("unauthorized"))
        );
        assert!(reply.header("www-authenticate").starts_with("Bearer"));
    }
    assert_eq!(
        ask(&app, &[("x-api-key", "sk-proj-aaaa".into())]).await.status,
        200
    );
    app.stop().await;
}

#[tokio::test]
async fn over_the_limit_a_safety_report_is_still_accepted_in_a_bounded_lane() {
    let app = TestApp::start_with(|config| {
        tight(config);
        config.safety_lane.burst = 3;
        config.safety_lane.per_minute = 1;
    })
    .await;
    assert_eq!(statuses(&app, 4, |_| vec![]).await, [200, 200, 200, 429]);
    let report = app.say("I can't breathe after taking the new tablets").await;
    assert_eq!(report.status, 200, "{}", report.text);
    assert_eq!(report.body["category"], "safety_compliance");
    assert!(report.at("/next_step/reference").is_string());
    assert_eq!(app.say("What are your hours?").await.status, 429);
    let lane_full = app.say("I can't breathe after taking the new tablets").await;
    assert_eq!(lane_full.status, 429, "the lane is bounded");
    for (outcome, count) in [("accepted", 1.0), ("refused", 2.0), ("full", 1.0)] {
        let series = format!("switchboard_safety_lane_total{{outcome=\"{outcome}\"}}");
        assert_eq!(app.metric(&series).await, count, "{outcome}");
    }
    app.stop().await;
}

#[tokio::test]
async fn over_the_limit_what_is_no_report_costs_the_store_nothing() {
    let app = TestApp::start_with(tight).await;
    assert_eq!(statuses(&app, 3, |_| vec![]).await, [200, 200, 200]);
    let file = app.data.path().join(switchboard::store::DATABASE_FILE);
    let mut other = sqlx::SqliteConnection::connect(&format!("sqlite://{}", file.display()))
        .await
        .unwrap();
    // Whoever writes now gets a 503.
    other.execute("BEGIN IMMEDIATE").await.unwrap();
    let keyed = |_| vec![("idempotency-key", "order-17".to_owned())];
    let refused = ask(&app, &keyed(0)).await;
    assert_eq!(
        (refused.status.as_u16(), refused.body["error"].as_str()),
        (429, Some("rate_limited")),
        "{}",
        refused.text
    );
    other.execute("ROLLBACK").await.unwrap();
    for (outcome, count) in [("refused", 1.0), ("failed", 0.0)] {
        let series = format!("switchboard_safety_lane_total{{outcome=\"{outcome}\"}}");
        assert_eq!(app.metric(&series).await, count, "{outcome}");
    }
    app.hand.advance(Duration::from_secs(1));
    assert_eq!(statuses(&app, 1, keyed).await, [200], "its key is still its own");
    app.stop().await;
}

#[tokio::test]
async fn an_answer_over_the_limit_says_that_the_llm_was_not_asked() {
    let upstream = Upstream::start().await;
    let app = TestApp::start_with(|config| {
        tight(config);
        use_llm(config, &upstream);
    })
    .await;
    assert_eq!(statuses(&app, 3, |_| vec![]).await, [200, 200, 200]);
    let asked = upstream.requests().len();
    let report = app.say("I can't breathe after taking the new tablets").await;
    assert_eq!((report.status.as_u16(), asked), (200, upstream.requests().len()));
    assert_eq!(report.body["classifier"], "local");
    assert_eq!(
        report.body["degraded"], true,
        "the local model stands in for the LLM"
    );
    let path = report.body["decision_path"].as_str().unwrap();
    assert!(
        path.starts_with("llm: not asked over the rate limit > "),
        "{path}"
    );
    app.stop().await;
}

#[tokio::test]
async fn a_client_that_dribbles_its_messages_does_not_keep_others_out_of_the_lane() {
    let app = TestApp::start_with(|config| {
        config.rate_limit.per_minute = 1;
        config.rate_limit.burst = 1;
        config.safety_lane.max_concurrent = 2;
        config.server.trusted_proxy_hops = 1;
    })
    .await;
    let [slow, other] = ["203.0.113.1", "203.0.113.2"];
    for client in [slow, other] {
        let header = |_| vec![("x-forwarded-for", client.to_owned())];
        assert_eq!(statuses(&app, 1, header).await, [200]);
    }
    let mut dribbling = Vec::new();
    for _ in 0..2 {
        let mut stream = TcpStream::connect(app.address).await.unwrap();
        let head = format!(
            "POST /api/v1/classify HTTP/1.1\r\nHost: x\r\nX-Forwarded-For: {slow}\r\nContent-Type: application/json\r\n\
             Content-Length: 60\r\nExpect: 100-continue\r\n\r\n"
        );
        stream.write_all(head.as_bytes()).await.unwrap();
        // Asked for its body, it is in the lane.
        let mut asked = [0; 25];
        stream.read_exact(&mut asked).await.unwrap();
        assert_eq!(&asked, b"HTTP/1.1 100 Continue\r\n\r\n");
        dribbling.push(stream);
    }
    let report = || async {
        let message = json!({ "message": "I can't breathe after taking the new tablets" });
        let request = app.request(Method::POST, "/api/v1/classify").json(&message);
        let answer = request.header("x-forwarded-for", other).send().await.unwrap();
        Reply::of(answer).await.status
    };
    assert_eq!(report().await, 429, "both places are taken");
    app.hand.advance(Duration::from_secs(1));
    for mut stream in dribbling {
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.unwrap();
        assert!(answer.starts_with("HTTP/1.1 503 "), "{answer}");
        assert!(answer.contains("deadline_exceeded"), "{answer}");
    }
    assert_eq!(report().await, 200);
    let failed = r#"switchboard_safety_lane_total{outcome="failed"}"#;
    assert_eq!(app.metric(failed).await, 2.0, "what was in them was not read");
    app.stop().await;
}
