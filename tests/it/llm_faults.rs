//! Whatever the LLM service does, a call ends in time with a verdict or a named error, and the breaker judges it rightly.
//!
//! The service is real sockets; time is a hand-moved clock, so no row waits for its timeout.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use futures_util::future::join_all;
use jiff::Timestamp;
use serde_json::json;
use switchboard::breaker_state::BreakerState;
use switchboard::classify::label::Category;
use switchboard::classify::llm::{Call, Llm, LlmError, LlmEvents, LlmVerdict, Prompts, Usage};
use switchboard::clock::{Clock, ManualClock};
use switchboard::config::LlmConfig;
use switchboard::config::llm::{Api, PriceConfig, PromptConfig};
use switchboard::message::Channel;
use switchboard::privacy::{Redacted, Redactor};

use crate::upstream::{Step, Upstream, verdict};

/// Counts what it hears, by name.
#[derive(Default)]
struct Counters(Mutex<HashMap<String, usize>>);

impl Counters {
    fn count(&self, name: String) {
        *self.0.lock().unwrap().entry(name).or_default() += 1;
    }

    fn of(&self, name: &str) -> usize {
        self.0.lock().unwrap().get(name).copied().unwrap_or(0)
    }
}

impl LlmEvents for Counters {
    fn attempt(&self, outcome: &'static str, _: Duration) {
        self.count(format!("attempt {outcome}"));
    }
    fn call(&self, outcome: &'static str, _: Duration) {
        self.count(format!("call {outcome}"));
    }
    fn breaker(&self, from: BreakerState, to: BreakerState) {
        self.count(format!("breaker {} > {}", from.as_str(), to.as_str()));
    }
    fn rejected(&self) {
        self.count("rejected".into());
    }
    fn budget_exhausted(&self) {
        self.count("budget_exhausted".into());
    }
    fn hedge(&self, won: bool) {
        self.count(format!("hedge {won}"));
    }
    fn shared(&self) {
        self.count("shared".into());
    }
    fn spared(&self, cost: Option<f64>) {
        self.count(format!("spared {}", cost.is_some()));
    }
    fn usage(&self, usage: &Usage) {
        self.count(format!("tokens {}", usage.input_tokens + usage.output_tokens));
    }
}

struct Bench {
    upstream: Upstream,
    llm: Llm,
    hand: ManualClock,
    clock: Clock,
    heard: Arc<Counters>,
}

fn bench_at(upstream: Upstream, config: LlmConfig) -> Bench {
    let (clock, hand) = Clock::manual("2026-11-22T12:00:00Z".parse::<Timestamp>().unwrap());
    let heard = Arc::new(Counters::default());
    let prompts = Prompts::load(&PromptConfig::default()).unwrap();
    let llm = Llm::new(&config, prompts, clock.clone(), heard.clone()).unwrap();
    Bench {
        upstream,
        llm,
        hand,
        clock,
        heard,
    }
}

async fn bench(change: impl FnOnce(&mut LlmConfig)) -> Bench {
    let upstream = Upstream::start().await;
    let mut config = LlmConfig {
        base_url: upstream.base_url(),
        api_key: Some("sk-test".to_owned().into()),
        ..LlmConfig::default()
    };
    change(&mut config);
    bench_at(upstream, config)
}

fn redacted(text: &str) -> Redacted {
    let redactor: Redactor = Default::default();
    redactor.redact(text).text
}

/// More than any wait between attempts here, less than any attempt's time limit: a step of it skips only waits.
const BACKOFF: Duration = Duration::from_millis(1_500);

impl Bench {
    /// Asks with plenty of time.
    async fn ask(&self) -> Result<LlmVerdict, LlmError> {
        self.ask_within(Duration::from_secs(60)).await
    }

    async fn ask_within(&self, deadline: Duration) -> Result<LlmVerdict, LlmError> {
        let text = redacted("Where is my order?");
        let call = Call {
            text: &text,
            channel: Channel::Chat,
            sticky_key: "customer-1",
            deadline,
            traceparent: None,
        };
        self.llm.classify(call).await
    }

    /// Asks, and moves time over the waits between attempts (but over no time limit).
    async fn ask_over_waits(&self) -> Result<LlmVerdict, LlmError> {
        let skip_waits = async {
            loop {
                self.hand.advance_once_awaited(BACKOFF).await;
            }
        };
        tokio::select! {
            biased;
            result = self.ask() => result,
            () = skip_waits => unreachable!(),
        }
    }

    /// Asks, and lets the attempt's time limit strike when the service has the request.
    async fn ask_until_timeout(&self) -> Result<LlmVerdict, LlmError> {
        let before = self.upstream.requests().len();
        let strike = async {
            self.upstream.wait_for_requests(before + 1).await;
            self.hand.advance(Duration::from_millis(2_500));
        };
        tokio::join!(self.ask(), strike).0
    }

    fn state(&self) -> BreakerState {
        self.llm.breaker().state
    }
}

fn status(status: u16) -> Step {
    Step::Status(status, vec![], "none")
}

fn limited(name: &'static str, value: &str) -> Step {
    Step::Status(429, vec![(name, value.to_owned())], "rate_limit_exceeded")
}

#[tokio::test]
async fn a_good_answer_is_a_verdict_with_everything_in_it() {
    for api in [Api::ChatCompletions, Api::Responses] {
        let bench = bench(|config| {
            config.api = api;
            config.prices = Some(PriceConfig {
                input_per_million: 1.0,
                cached_input_per_million: None,
                output_per_million: 2.0,
            });
        })
        .await;
        bench.upstream.answer(verdict("safety_compliance", 0.87));
        let verdict = bench.ask().await.unwrap();
        assert_eq!(verdict.category, Category::SafetyCompliance);
        assert!((verdict.confidence - 0.87).abs() < 1e-6);
        assert_eq!(
            (
                &*verdict.model,
                &*verdict.prompt_version,
                &*verdict.prompt_variant
            ),
            ("gpt-4.1-mini", "1.0.0", "active")
        );
        assert!((verdict.usage.cost.unwrap() - 0.000_98).abs() < 1e-9);
        assert_eq!(
            (
                verdict.attempts,
                bench.heard.of("call ok"),
                bench.heard.of("tokens 940")
            ),
            (1, 1, 1)
        );
        bench.llm.spared();
        assert_eq!(bench.heard.of("spared true"), 1, "the price of a call is known");
        let request = &bench.upstream.requests()[0];
        assert_eq!(request.headers["authorization"], "Bearer sk-test");
        assert_eq!(request.customer_text(), "Where is my order?");
    }
}

/// What one misbehaviour must lead to: the error's code, requests made, failures counted by the breaker.
struct Row {
    name: &'static str,
    step: Step,
    code: &'static str,
    requests: usize,
    fails: bool,
}

#[tokio::test]
async fn every_fault_has_its_name_its_number_of_attempts_and_its_judgement() {
    let row = |name, step, code, requests, fails| Row {
        name,
        step,
        code,
        requests,
        fails,
    };
    let html = "<html>Bad gateway</html>".to_owned();
    let rows = [
        row("500", status(500), "server_error", 3, true),
        row("503", status(503), "server_error", 3, true),
        row("408", status(408), "server_error", 3, true),
        row("429", status(429), "rate_limited", 3, true),
        row(
            "429 with a short wait",
            limited("retry-after", "1"),
            "rate_limited",
            3,
            true,
        ),
        row(
            "429 with a wait beyond the deadline",
            limited("retry-after", "3600"),
            "rate_limited",
            1,
            true,
        ),
        row(
            "429 until a date beyond the deadline",
            limited("retry-after", "Sun, 22 Nov 2026 13:00:00 GMT"),
            "rate_limited",
            1,
            true,
        ),
        row(
            "429 with a reset beyond the deadline",
            limited("x-ratelimit-reset-tokens", "6m0s"),
            "rate_limited",
            1,
            true,
        ),
        row("400", status(400), "rejected", 1, false),
        row("404", status(404), "rejected", 1, false),
        row("a redirect", status(302), "rejected", 1, false),
        row(
            "a filtered request",
            Step::Status(400, vec![], "content_filter"),
            "content_filter",
            1,
            false,
        ),
        row("reset before the head", Step::ResetBeforeHead, "reset", 3, true),
        row("reset in the body", Step::ResetInBody, "reset", 3, true),
        row("truncated JSON", Step::TruncatedJson, "bad_reply", 1, false),
        row(
            "wrong content type",
            Step::Body("text/html", html),
            "bad_reply",
            1,
            false,
        ),
        row("50 MB", Step::Huge(50_000_000), "bad_reply", 1, false),
        row("refusal", Step::Refusal, "refused", 1, false),
        row("cut off", Step::Length, "truncated", 1, false),
        row("content filter", Step::ContentFilter, "content_filter", 1, false),
        row("no choices", Step::Empty, "bad_reply", 1, false),
        row(
            "no JSON in the text",
            Step::Text("Sure! This is about".into()),
            "bad_reply",
            1,
            false,
        ),
        row(
            "unknown category",
            Step::Verdict(json!({ "category": "billing", "confidence": 1 })),
            "unknown_category",
            1,
            false,
        ),
        row(
            "wrong shape",
            Step::Verdict(json!({ "categories": ["informational"] })),
            "bad_reply",
            1,
            false,
        ),
        row("wrong type", Step::Verdict(json!([1, 2])), "bad_reply", 1, false),
        row(
            "empty body",
            Step::Body("application/json", String::new()),
            "bad_reply",
            1,
            false,
        ),
    ];
    for Row {
        name,
        step,
        code,
        requests,
        fails,
    } in rows
    {
        for api in [Api::ChatCompletions, Api::Responses] {
            // One failure opens it, so that its judgement shows.
            let bench = bench(|config| {
                config.api = api;
                config.breaker.consecutive_failures = 1;
            })
            .await;
            bench.upstream.always(step.clone());
            let error = bench.ask_over_waits().await.unwrap_err();
            assert_eq!(error.code(), code, "{name}, {api:?}: {error:?}");
            assert_eq!(
                bench.upstream.requests().len(),
                requests,
                "{name}, {api:?}: attempts"
            );
            let expected = if fails {
                BreakerState::Open
            } else {
                BreakerState::Closed
            };
            assert_eq!(bench.state(), expected, "{name}, {api:?}: breaker");
            assert!(
                bench.clock.elapsed() <= Duration::from_secs(5),
                "{name}: {:?}",
                bench.clock.elapsed()
            );
            assert_eq!(bench.heard.of(&format!("call {code}")), 1, "{name}: metric");
            assert_eq!(
                bench.heard.of(&format!("attempt {code}")),
                requests,
                "{name}: metric"
            );
        }
    }
}

#[tokio::test]
async fn a_hanging_or_trickling_service_ends_at_the_attempts_limit_and_counts_as_failed() {
    for step in [Step::Hang, Step::Trickle] {
        let bench = bench(|config| config.breaker.consecutive_failures = 2).await;
        bench.upstream.always(step);
        for _ in 0..2 {
            let before = bench.clock.elapsed();
            assert_eq!(bench.ask_until_timeout().await.unwrap_err().code(), "timeout");
            assert_eq!(bench.clock.elapsed() - before, Duration::from_millis(2_500));
        }
        assert_eq!(bench.upstream.requests().len(), 2, "no time for a second attempt");
        assert_eq!(bench.state(), BreakerState::Open);
        assert_eq!(bench.ask().await.unwrap_err().code(), "breaker_open");
        assert_eq!(
            (bench.heard.of("rejected"), bench.heard.of("call timeout")),
            (1, 2)
        );
        bench.upstream.wait_for_open_at_most(0).await;
    }
}

#[tokio::test]
async fn a_timeout_is_repeated_where_the_deadline_has_room_for_a_second_whole_attempt() {
    let bench = bench(|config| config.total_timeout_ms = 6_000).await;
    bench.upstream.script([Step::Hang]);
    let time_passes = async {
        bench.upstream.wait_for_requests(1).await;
        bench.hand.advance(Duration::from_millis(2_500));
        // The wait before the second attempt, which is answered.
        bench
            .hand
            .advance_once_awaited(Duration::from_millis(1_000))
            .await;
    };
    let (verdict, ()) = tokio::join!(bench.ask(), time_passes);
    assert_eq!(verdict.unwrap().attempts, 2);
    assert_eq!(
        (bench.heard.of("attempt timeout"), bench.heard.of("attempt ok")),
        (1, 1)
    );
}

#[tokio::test]
async fn no_connection_is_a_named_failure_refused_or_without_tls() {
    let upstream = Upstream::start().await;
    let urls = [Upstream::refusing_base_url().await, upstream.tls_base_url()];
    for base_url in urls {
        let config = LlmConfig {
            base_url,
            ..LlmConfig::default()
        };
        let bench = bench_at(Upstream::start().await, config);
        let error = bench.ask_over_waits().await.unwrap_err();
        assert_eq!(error.code(), "connect", "{error:?}");
        assert_eq!(bench.heard.of("attempt connect"), 3);
        let shown = format!("{error:?}");
        assert!(!shown.contains("/v1"), "no URL in the error: {shown}");
    }
}

#[tokio::test]
async fn a_wrong_key_or_an_empty_account_opens_the_breaker_at_once() {
    let causes = [
        (status(401), "auth"),
        (status(403), "auth"),
        (
            Step::Status(429, vec![("retry-after", "1".into())], "insufficient_quota"),
            "quota",
        ),
        (status(402), "quota"),
    ];
    for (step, code) in causes {
        let bench = bench(|_| {}).await;
        bench.upstream.always(step);
        assert_eq!(bench.ask_over_waits().await.unwrap_err().code(), code);
        assert_eq!(
            (bench.state(), bench.llm.breaker().cause),
            (BreakerState::Open, code)
        );
        assert_eq!(bench.ask().await.unwrap_err().code(), "breaker_open");
        assert_eq!(bench.upstream.requests().len(), 1);
    }
}

#[tokio::test]
async fn a_passing_fault_is_cured_by_a_retry_that_waits_as_long_as_asked() {
    let bench = bench(|_| {}).await;
    bench
        .upstream
        .script([limited("retry-after-ms", "700"), status(503)]);
    let verdict = bench.ask_over_waits().await.unwrap();
    assert_eq!((verdict.attempts, bench.upstream.requests().len()), (3, 3));
    assert!(bench.clock.elapsed() >= Duration::from_millis(700));
    assert_eq!(
        (bench.state(), bench.heard.of("call ok")),
        (BreakerState::Closed, 1)
    );
}

#[tokio::test]
async fn an_outage_is_not_multiplied_by_retries() {
    let bench = bench(|config| config.breaker.forced = Some(switchboard::config::llm::Forced::Closed)).await;
    bench.upstream.always(status(500));
    // All within one window of the budget: no wait is skipped over.
    let mut calls = Vec::new();
    for _ in 0..100 {
        calls.push(bench.ask());
    }
    let all = join_all(calls);
    let skip_waits = async {
        bench.upstream.wait_for_requests(100).await;
        loop {
            bench.hand.advance_once_awaited(Duration::from_millis(500)).await;
        }
    };
    tokio::select! {
        biased;
        results = all => assert!(results.iter().all(|result| result.is_err())),
        () = skip_waits => unreachable!(),
    }
    let requests = bench.upstream.requests().len();
    assert!(
        (100..=123).contains(&requests),
        "100 calls, 20 % and 3 more: {requests}"
    );
    assert!(bench.heard.of("budget_exhausted") >= 77);
}

#[tokio::test]
async fn cancelled_probes_do_not_keep_a_healthy_service_out() {
    let bench = bench(|_| {}).await;
    bench.upstream.always(status(401));
    assert_eq!(bench.ask().await.unwrap_err().code(), "auth");
    bench.hand.advance(Duration::from_secs(30));
    bench.upstream.always(Step::Hang);
    for n in 0..20 {
        let before = bench.upstream.requests().len();
        let mut probe = Box::pin(bench.ask());
        tokio::select! {
            biased;
            result = &mut probe => unreachable!("probe {n}: {result:?}"),
            () = bench.upstream.wait_for_requests(before + 1) => {}
        }
        drop(probe);
    }
    assert_eq!(
        (bench.state(), bench.heard.of("attempt cancelled")),
        (BreakerState::HalfOpen, 20)
    );
    bench.upstream.always(Step::Answer);
    assert!(bench.ask().await.is_ok() && bench.ask().await.is_ok());
    assert_eq!(bench.state(), BreakerState::Closed);
    assert_eq!(bench.heard.of("breaker half_open > closed"), 1);
}

#[tokio::test]
async fn two_hundred_calls_to_a_hanging_service_all_end_in_time_on_bounded_connections() {
    let bench = bench(|config| {
        config.bulkhead.max_concurrent = 32;
        config.bulkhead.max_waiting = 64;
        config.bulkhead.max_wait_ms = 250;
    })
    .await;
    bench.upstream.always(Step::Hang);
    let calls = join_all((0..200).map(|_| bench.ask_within(Duration::from_secs(5))));
    let strike = async {
        bench.upstream.wait_for_requests(32).await;
        bench.hand.advance(Duration::from_millis(250)); // those who wait for a place
        tokio::task::yield_now().await; // they leave before places become free
        bench.hand.advance(Duration::from_millis(2_250)); // those who have one
    };
    let (results, ()) = tokio::join!(calls, strike);
    let count = |code: &str| {
        results
            .iter()
            .filter(|r| r.as_ref().is_err_and(|e| e.code() == code))
            .count()
    };
    assert_eq!((count("timeout"), count("overloaded")), (32, 168));
    assert!(bench.clock.elapsed() <= Duration::from_secs(5));
    assert_eq!(bench.upstream.most_open(), 32);
    assert_eq!(bench.state(), BreakerState::Open);
    bench.upstream.wait_for_open_at_most(0).await;
}

#[tokio::test]
async fn a_callers_short_deadline_is_kept_and_not_held_against_the_service() {
    let bench = bench(|config| config.breaker.consecutive_failures = 1).await;
    bench.upstream.always(Step::Hang);
    let strike = async {
        bench.upstream.wait_for_requests(1).await;
        bench.hand.advance(Duration::from_millis(100));
    };
    let (result, ()) = tokio::join!(bench.ask_within(Duration::from_millis(100)), strike);
    assert_eq!(result.unwrap_err().code(), "deadline");
    assert_eq!(bench.state(), BreakerState::Closed);
    // No time at all: nothing is sent.
    assert_eq!(
        bench.ask_within(Duration::ZERO).await.unwrap_err().code(),
        "deadline"
    );
    assert_eq!(bench.upstream.requests().len(), 1);
    // A fair share of the usual limit does count.
    let strike = async {
        bench.upstream.wait_for_requests(2).await;
        bench.hand.advance(Duration::from_millis(2_000));
    };
    let (result, ()) = tokio::join!(bench.ask_within(Duration::from_millis(2_000)), strike);
    assert_eq!(result.unwrap_err().code(), "timeout");
    assert_eq!(bench.state(), BreakerState::Open);
}

#[tokio::test]
async fn identical_texts_at_once_share_a_call_when_asked_to() {
    let bench = bench(|config| config.singleflight = true).await;
    let results = join_all((0..10).map(|_| bench.ask())).await;
    assert!(results.iter().all(Result::is_ok));
    assert_eq!(
        (bench.upstream.requests().len(), bench.heard.of("shared")),
        (1, 9)
    );
    assert!(bench.ask().await.is_ok());
    assert_eq!(bench.upstream.requests().len(), 2, "nothing is cached");
}

#[tokio::test]
async fn a_slow_call_is_hedged_when_asked_to() {
    let bench = bench(|config| {
        config.hedge.enabled = true;
        config.hedge.min_samples = 5;
    })
    .await;
    for _ in 0..5 {
        bench.ask().await.unwrap();
    }
    bench.upstream.script([Step::Hang]);
    let strike = async {
        bench.upstream.wait_for_requests(6).await;
        bench.hand.advance(Duration::from_millis(50));
    };
    let (result, ()) = tokio::join!(bench.ask(), strike);
    assert!(result.is_ok());
    assert_eq!(
        (bench.heard.of("hedge true"), bench.heard.of("attempt cancelled")),
        (1, 1)
    );
}

#[tokio::test]
async fn connections_are_kept_and_the_trace_context_is_passed_on() {
    let bench = bench(|_| {}).await;
    let text = redacted("hello");
    let traceparent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
    for _ in 0..5 {
        let call = Call {
            text: &text,
            channel: Channel::Voice,
            sticky_key: "",
            deadline: Duration::from_secs(5),
            traceparent: Some(traceparent),
        };
        bench.llm.classify(call).await.unwrap();
    }
    assert_eq!(bench.upstream.most_open(), 1);
    assert!(
        bench
            .upstream
            .requests()
            .iter()
            .all(|request| request.headers["traceparent"] == traceparent)
    );
}
