//! A daily LLM budget per API key: over it the local model answers, for all replicas together where there is a Redis.

use std::time::Duration;

use reqwest::Method;
use serde_json::json;
use switchboard::config::{Config, KeyConfig, OnLlmFailure};

use crate::harness::{Reply, TestApp, use_llm};
use crate::limits::key;
use crate::redis::Redis;
use crate::upstream::{Step, Upstream, verdict};

const EXHAUSTED: &str = "switchboard_llm_budget_exhausted_total";
const DAY: Duration = Duration::from_secs(24 * 60 * 60);

async fn ask(app: &TestApp, secret: &str) -> Reply {
    let request = app
        .request(Method::POST, "/api/v1/classify")
        .bearer_auth(secret)
        .json(&json!({ "message": "What are your hours?" }));
    let reply = Reply::of(request.send().await.unwrap()).await;
    assert_eq!(reply.status, 200, "{}", reply.text);
    reply
}

/// The fake LLM counts 940 tokens for every answer.
fn budgeted(config: &mut Config, upstream: &Upstream) {
    use_llm(config, upstream);
    // Even where the LLM is required, a budget refuses nobody.
    config.classifier.on_llm_failure = OnLlmFailure::Reject;
    config.auth.keys = vec![
        KeyConfig {
            llm_tokens_per_day: Some(1_000),
            ..key("widget", "sk-proj-aaaa")
        },
        key("ivr", "sk-proj-bbbb"),
    ];
}

fn is_by_llm(reply: &Reply) -> bool {
    let by_llm = reply.at("/classifier") == &json!("llm");
    assert_eq!(reply.at("/degraded"), &json!(!by_llm));
    let path = reply.at("/decision_path").as_str().unwrap();
    assert_eq!(path.contains("daily budget is used up"), !by_llm, "{path}");
    by_llm
}

#[tokio::test]
async fn a_key_over_its_budget_gets_the_local_model_until_the_next_day() {
    let upstream = Upstream::start().await;
    let app = TestApp::start_with(|config| budgeted(config, &upstream)).await;
    let mut seen = Vec::new();
    for _ in 0..4 {
        seen.push(is_by_llm(&ask(&app, "sk-proj-aaaa").await));
    }
    assert_eq!(seen, [true, true, false, false], "940, 1,880: over 1,000");
    assert!(
        is_by_llm(&ask(&app, "sk-proj-bbbb").await),
        "another key has its own"
    );
    assert_eq!(app.metric(EXHAUSTED).await, 2.0);
    app.hand.advance(DAY);
    assert!(is_by_llm(&ask(&app, "sk-proj-aaaa").await));
    app.stop().await;
}

#[tokio::test]
async fn an_answer_that_is_of_no_use_is_paid_for_as_well() {
    let useless = [
        ("refused", Step::Refusal),
        ("truncated", Step::Length),
        ("content_filter", Step::ContentFilter),
        ("bad_reply", Step::Text("Certainly! Here is".to_owned())),
        ("unknown_category", Step::Verdict(verdict("marketing", 0.9))),
    ];
    for (code, step) in useless {
        let upstream = Upstream::start().await;
        upstream.always(step);
        let app = TestApp::start_with(|config| {
            budgeted(config, &upstream);
            config.classifier.on_llm_failure = OnLlmFailure::Local;
        })
        .await;
        let mut seen = Vec::new();
        for _ in 0..4 {
            let reply = ask(&app, "sk-proj-aaaa").await;
            let path = reply.at("/decision_path").as_str().unwrap();
            seen.push(path.starts_with(&format!("llm: {code} > ")));
        }
        assert_eq!(seen, [true, true, false, false], "{code}");
        assert_eq!(app.metric(EXHAUSTED).await, 2.0, "{code}");
        assert_eq!(upstream.requests().len(), 2, "{code}");
        app.stop().await;
    }
}

#[tokio::test]
async fn a_budget_may_be_in_money() {
    let upstream = Upstream::start().await;
    let app = TestApp::start_with(|config| {
        budgeted(config, &upstream);
        config.llm.prices = Some(switchboard::config::llm::PriceConfig {
            input_per_million: 1.0,
            cached_input_per_million: None,
            output_per_million: 2.5,
        });
        // 900 tokens in and 40 out cost 0.001.
        config.auth.keys[0].llm_tokens_per_day = None;
        config.auth.keys[0].llm_cost_usd_per_day = Some(0.003);
    })
    .await;
    let mut seen = Vec::new();
    for _ in 0..4 {
        seen.push(is_by_llm(&ask(&app, "sk-proj-aaaa").await));
    }
    assert_eq!(seen, [true, true, true, false]);
    app.stop().await;
}

#[test]
fn a_budget_in_money_needs_prices() {
    let mut config = Config::default();
    config.auth.keys = vec![KeyConfig {
        llm_cost_usd_per_day: Some(1.0),
        ..key("widget", "sk-proj-aaaa")
    }];
    assert_eq!(config.validate().unwrap_err().setting, "llm.prices");
}

#[tokio::test]
async fn what_one_replica_spends_is_missing_at_the_other_and_kept_while_redis_is_away() {
    let Some(mut redis) = Redis::start() else { return };
    let upstream = Upstream::start().await;
    let shared = |config: &mut Config| {
        budgeted(config, &upstream);
        config.redis.url = Some(redis.url().into());
        config.redis.timeout_ms = 5_000;
    };
    let (one, other) = (
        TestApp::start_with(shared).await,
        TestApp::start_with(shared).await,
    );
    assert!(is_by_llm(&ask(&one, "sk-proj-aaaa").await));
    assert!(is_by_llm(&ask(&other, "sk-proj-aaaa").await), "940 of 1,000");
    let spent = async |redis: &Redis| -> u64 {
        let mut connection = redis.connect().await;
        let names: Vec<String> = ::redis::cmd("KEYS")
            .arg("switchboard:budget:*")
            .query_async(&mut connection)
            .await
            .unwrap();
        let [name] = &names[..] else { return 0 };
        assert!(
            !name.contains("widget") && name.ends_with(":2026-03-02"),
            "{name}"
        );
        let (tokens, left): (u64, i64) = ::redis::pipe()
            .cmd("HGET")
            .arg(name)
            .arg("tokens")
            .cmd("TTL")
            .arg(name)
            .query_async(&mut connection)
            .await
            .unwrap();
        assert!((1..=48 * 3600).contains(&left), "it expires: {left}");
        tokens
    };
    until(async || spent(&redis).await == 1_880).await;
    for app in [&one, &other] {
        assert!(!is_by_llm(&ask(app, "sk-proj-aaaa").await));
    }

    redis.kill();
    assert!(
        !is_by_llm(&ask(&one, "sk-proj-aaaa").await),
        "the last sum is remembered"
    );
    assert!(is_by_llm(&ask(&one, "sk-proj-bbbb").await));
    one.stop().await;
    redis.restart();
    assert_eq!(spent(&redis).await, 0, "this Redis keeps nothing");
    other.hand.advance(Duration::from_secs(1));
    until(async || {
        other.hand.advance(Duration::from_secs(1));
        other
            .metric("switchboard_rate_limit_backend_up{backend=\"redis\"}")
            .await
            == 1.0
    })
    .await;
    assert!(
        !is_by_llm(&ask(&other, "sk-proj-aaaa").await),
        "a Redis that was emptied knows less than the replica"
    );
    other.stop().await;
}

#[tokio::test]
async fn what_the_last_request_spends_is_kept_though_the_service_is_ending() {
    let Some(redis) = Redis::start() else { return };
    let upstream = Upstream::start().await;
    upstream.always(Step::Held);
    let shared = |config: &mut Config| {
        budgeted(config, &upstream);
        config.auth.keys[0].llm_tokens_per_day = Some(900);
        config.redis.url = Some(redis.url().into());
        config.redis.timeout_ms = 5_000;
    };
    let app = TestApp::start_with(shared).await;
    let in_flight = app
        .request(Method::POST, "/api/v1/classify")
        .bearer_auth("sk-proj-aaaa")
        .json(&json!({ "message": "What are your hours?" }))
        .send();
    let stopping = app.running().tasks().stopping().clone();
    let ending = async {
        upstream.wait_for_requests(1).await;
        app.stop().await
    };
    let answering = async {
        stopping.cancelled().await;
        // Whoever was told to stop before this had a turn to do so.
        for _ in 0..100 {
            tokio::task::yield_now().await;
        }
        upstream.release();
    };
    let (reply, _data, ()) = tokio::join!(in_flight, ending, answering);
    assert!(is_by_llm(&Reply::of(reply.unwrap()).await));
    let other = TestApp::start_with(shared).await;
    assert!(!is_by_llm(&ask(&other, "sk-proj-aaaa").await), "940 of 900");
    other.stop().await;
}

#[tokio::test]
async fn a_budget_that_cannot_be_kept_does_not_keep_the_others() {
    let Some(redis) = Redis::start() else { return };
    let upstream = Upstream::start().await;
    let app = TestApp::start_with(|config| {
        budgeted(config, &upstream);
        for n in 0..8 {
            config.auth.keys.push(KeyConfig {
                llm_tokens_per_day: Some(1_000),
                ..key(&format!("shop-{n}"), &format!("sk-proj-{n}"))
            });
        }
        config.redis.url = Some(redis.url().into());
        config.redis.timeout_ms = 5_000;
    })
    .await;
    let budgets = async || -> Vec<String> {
        let mut connection = redis.connect().await;
        let mut names = ::redis::cmd("KEYS");
        names.arg("switchboard:budget:*");
        names.query_async(&mut connection).await.unwrap()
    };
    assert!(is_by_llm(&ask(&app, "sk-proj-aaaa").await));
    until(async || budgets().await.len() == 1).await;
    let spoilt = budgets().await.remove(0);
    let mut connection = redis.connect().await;
    let _: () = ::redis::pipe()
        .cmd("DEL")
        .arg(&spoilt)
        .ignore()
        .cmd("LPUSH")
        .arg(&spoilt)
        .arg("x")
        .ignore()
        .query_async(&mut connection)
        .await
        .unwrap();
    for n in 0..8 {
        assert_eq!(
            is_by_llm(&ask(&app, "sk-proj-aaaa").await),
            n == 0,
            "counted here"
        );
        assert!(is_by_llm(&ask(&app, &format!("sk-proj-{n}")).await));
    }
    until(async || {
        app.hand.advance(Duration::from_secs(1));
        budgets().await.len() == 9
    })
    .await;
    app.stop().await;
}

/// Asks again until it is so.
async fn until(so: impl AsyncFn() -> bool) {
    for _ in 0..2_000 {
        if so().await {
            return;
        }
    }
    panic!("it did not come about");
}
