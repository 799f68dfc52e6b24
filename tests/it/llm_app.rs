//! The whole app against an LLM service that fails in every way that we know, hangs under load, or says what an attacker
//! tells it to: every caller is answered in time, and nothing lowers a safety report.
//!
//! The service is real sockets; time is a hand-moved clock, so no row waits for its timeout.

use std::future::pending;
use std::sync::Arc;
use std::time::Duration;

use futures_util::future::join_all;
use serde_json::{Value, json};
use switchboard::classify::label::{Category, Severity};
use switchboard::classify::local::LocalModel;
use switchboard::classify::safety_floor::SafetyFloor;
use switchboard::clock::Clock;
use switchboard::config::llm::PriceConfig;
use switchboard::config::{ClassifierMode, Config};
use switchboard::integrations::knowledge_base::KnowledgeBase;
use switchboard::message::{Channel, Message, MessageText, Metadata};
use switchboard::privacy::Sealer;
use switchboard::store::Store;
use switchboard::telemetry::metrics::Metrics;
use switchboard::triage::{Submission, Triage};
use switchboard::workflow::Workflows;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio::task::JoinSet;

use crate::database::uncounted;
use crate::harness::{Reply, TestApp, use_llm};
use crate::upstream::{Step, Upstream, verdict};

const QUESTION: &str = "What is your return policy for unopened items?";

/// The default of `llm.attempt_timeout_ms`.
const ATTEMPT: Duration = Duration::from_millis(2_500);

/// The default of `server.request_timeout_ms`.
const REQUEST_DEADLINE_MS: f64 = 10_000.0;

/// More than any wait between attempts here, less than any attempt's time limit: a step of it skips only waits.
const BACKOFF: Duration = Duration::from_millis(1_500);

/// Keeps background tasks from asking for the time that a test moves for its request.
fn quiet(config: &mut Config) {
    config.delivery.poll_ms = 60_000;
    config.delivery.sla_interval_ms = 60_000;
}

fn took_ms(reply: &Reply) -> f64 {
    reply.header("x-process-time-ms").parse().unwrap()
}

/// What readiness says about the LLM: `breaker open`, for one.
async fn breaker(app: &TestApp) -> String {
    let ready = app.get("/api/v1/ready").await;
    assert_eq!(
        ready.status, 200,
        "a failing LLM takes nobody out: {}",
        ready.text
    );
    let checks = ready.body["checks"].as_array().unwrap();
    let llm = checks.iter().find(|check| check["name"] == "llm").unwrap();
    llm["detail"].as_str().unwrap().to_owned()
}

/// How time passes while the caller waits.
#[derive(Clone, Copy, PartialEq)]
enum Time {
    /// It stands still: the answer must need none.
    Stands,
    /// Waits between attempts are skipped over.
    SkipsWaits,
    /// Once the service has the request, the attempt's time limit strikes.
    StrikesAttempt,
}

/// A fault and what it must lead to.
struct Row {
    name: &'static str,
    fault: Fault,
    /// The error's code.
    code: &'static str,
    attempts: f64,
    time: Time,
    /// Whether one such failure is one of the service, so that a breaker that counts to one opens.
    opens: bool,
}

enum Fault {
    Answers(Step),
    BaseUrl(String),
}

fn status(status: u16) -> Fault {
    Fault::Answers(Step::Status(status, vec![], "none"))
}

fn limited(retry_after: &str) -> Fault {
    let headers = vec![("retry-after", retry_after.to_owned())];
    Fault::Answers(Step::Status(429, headers, "rate_limit_exceeded"))
}

/// Whatever it is asked, it answers in plain text; a client that speaks TLS cannot read that.
async fn plaintext_as_https(tasks: &mut JoinSet<()>) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tasks.spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let _ = stream.read(&mut [0; 1024]).await;
            let _ = stream.write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n").await;
        }
    });
    format!("https://{address}/v1")
}

#[tokio::test]
async fn the_trail_says_which_model_is_asked() {
    let upstream = Upstream::start().await;
    upstream.answer(verdict("informational", 0.9));
    let app = TestApp::start_with_llm(&upstream).await;
    let reply = app.say(QUESTION).await;
    assert_eq!(reply.at("/classifier"), "llm", "{}", reply.text);
    let entries = app.running().store().audit_page("", 0).await.unwrap();
    let started = entries
        .iter()
        .find(|entry| entry.action == "service.started")
        .unwrap();
    let detail: Value = serde_json::from_str(&started.detail).unwrap();
    assert_eq!(detail["llm"], json!([reply.at("/model")]), "{detail}");
    app.stop().await;
}

#[tokio::test]
async fn every_fault_of_the_llm_leaves_the_caller_with_an_answer_in_time() {
    let row = |name, fault, code, attempts, time, opens| Row {
        name,
        fault,
        code,
        attempts,
        time,
        opens,
    };
    let failing = |name, fault, code| row(name, fault, code, 3.0, Time::SkipsWaits, true);
    let once = |name, fault, code| row(name, fault, code, 1.0, Time::Stands, true);
    let useless = |name, step, code| row(name, Fault::Answers(step), code, 1.0, Time::Stands, false);
    let hanging = |name, step| {
        row(
            name,
            Fault::Answers(step),
            "timeout",
            1.0,
            Time::StrikesAttempt,
            true,
        )
    };
    let mut tasks = JoinSet::new();
    let html = "<html>Bad gateway</html>".to_owned();
    let wrong_shape = json!({ "categories": ["informational"] });
    let rows = [
        failing("500", status(500), "server_error"),
        failing("503", status(503), "server_error"),
        failing("429", status(429), "rate_limited"),
        failing("429, wait 1 s", limited("1"), "rate_limited"),
        failing(
            "429, wait until a date in 1 s",
            limited("Mon, 02 Mar 2026 09:00:01 GMT"),
            "rate_limited",
        ),
        once("429, wait an hour", limited("3600"), "rate_limited"),
        once(
            "429, wait until a date in an hour",
            limited("Mon, 02 Mar 2026 10:00:00 GMT"),
            "rate_limited",
        ),
        once("401", status(401), "auth"),
        failing(
            "connect refused",
            Fault::BaseUrl(Upstream::refusing_base_url().await),
            "connect",
        ),
        failing(
            "TLS error",
            Fault::BaseUrl(plaintext_as_https(&mut tasks).await),
            "connect",
        ),
        failing(
            "reset before the head",
            Fault::Answers(Step::ResetBeforeHead),
            "reset",
        ),
        failing("reset in the body", Fault::Answers(Step::ResetInBody), "reset"),
        hanging("hang before headers", Step::Hang),
        hanging("slow trickle", Step::Trickle),
        useless("truncated JSON", Step::TruncatedJson, "bad_reply"),
        useless("wrong content type", Step::Body("text/html", html), "bad_reply"),
        useless("50 MB", Step::Huge(50_000_000), "bad_reply"),
        useless("refusal", Step::Refusal, "refused"),
        useless("cut off", Step::Length, "truncated"),
        useless(
            "unknown category",
            Step::Verdict(verdict("marketing", 0.9)),
            "unknown_category",
        ),
        useless("wrong shape", Step::Verdict(wrong_shape), "bad_reply"),
    ];
    for row in rows {
        holds(row).await;
    }
}

async fn holds(row: Row) {
    let name = row.name;
    let upstream = Upstream::start().await;
    let app = TestApp::start_with(|config| {
        quiet(config);
        use_llm(config, &upstream);
        config.llm.breaker.consecutive_failures = 1;
        match row.fault {
            Fault::Answers(step) => upstream.always(step),
            Fault::BaseUrl(base_url) => config.llm.base_url = base_url,
        }
    })
    .await;
    assert_eq!(breaker(&app).await, "breaker closed", "{name}");
    let moving = async {
        match row.time {
            Time::Stands => pending().await,
            Time::SkipsWaits => loop {
                app.hand.advance_once_awaited(BACKOFF).await;
            },
            Time::StrikesAttempt => {
                upstream.wait_for_requests(1).await;
                app.hand.advance(ATTEMPT);
                pending::<()>().await;
            }
        }
    };
    let reply = tokio::select! {
        biased;
        reply = app.say(QUESTION) => reply,
        () = moving => unreachable!("it never rests"),
    };

    assert_eq!(reply.status, 200, "{name}: {}", reply.text);
    assert_eq!(reply.body["degraded"], true, "{name}: {}", reply.text);
    assert_eq!(reply.body["classifier"], "local", "{name}: {}", reply.text);
    assert_eq!(reply.body["category"], "informational", "{name}: {}", reply.text);
    let said = format!("llm: {}", row.code);
    assert!(
        reply.body["decision_path"].as_str().unwrap().contains(&said),
        "{name}: {}",
        reply.text
    );
    let most_ms = match row.time {
        Time::Stands => 0.0,
        Time::SkipsWaits => 2.0 * BACKOFF.as_secs_f64() * 1e3,
        Time::StrikesAttempt => ATTEMPT.as_secs_f64() * 1e3,
    };
    let took = took_ms(&reply);
    assert!(
        took <= most_ms && most_ms < REQUEST_DEADLINE_MS,
        "{name}: {took} ms"
    );
    let state = if row.opens {
        "breaker open"
    } else {
        "breaker closed"
    };
    assert_eq!(breaker(&app).await, state, "{name}");
    let open = app.metric(r#"switchboard_breaker_state{state="open"}"#).await;
    assert_eq!(open == 1.0, row.opens, "{name}");
    for (series, count) in [("call", 1.0), ("attempt", row.attempts)] {
        let series = format!(
            "switchboard_llm_{series}_duration_seconds_count{{outcome=\"{}\"}}",
            row.code
        );
        assert_eq!(app.metric(&series).await, count, "{name}: {series}");
    }
    app.stop().await;
}

#[tokio::test]
async fn two_hundred_callers_of_a_hanging_llm_are_all_answered_and_connections_stay_bounded() {
    // Places for all of them (the default), and for a third: the others wait for a place, for as long as they may.
    for places in [256, 64] {
        two_hundred_callers(places).await;
    }
}

async fn two_hundred_callers(places: usize) {
    const CALLERS: usize = 200;
    let most = places.min(CALLERS);
    let upstream = Upstream::start().await;
    upstream.always(Step::Hang);
    let app = TestApp::start_with(|config| {
        quiet(config);
        use_llm(config, &upstream);
        config.llm.bulkhead.max_concurrent = places;
    })
    .await;
    let moving = async {
        upstream.wait_for_requests(most).await;
        // More than anybody may wait and ask, less than a request may take.
        for _ in 0..3 {
            app.hand.advance_once_awaited(ATTEMPT).await;
        }
        std::future::pending().await
    };
    let replies: Vec<Reply> = tokio::select! {
        biased;
        replies = join_all((0..CALLERS).map(|_| app.say(QUESTION))) => replies,
        replies = moving => replies,
    };
    for reply in &replies {
        assert_eq!(
            (reply.status.as_u16(), reply.body["degraded"].as_bool()),
            (200, Some(true)),
            "{}",
            reply.text
        );
        assert!(took_ms(reply) < REQUEST_DEADLINE_MS, "{} ms", took_ms(reply));
    }
    assert_eq!(
        upstream.requests().len(),
        most,
        "timeouts are not repeated, and who finds no place asks nobody"
    );
    assert!(
        upstream.most_open() <= most,
        "{} connections",
        upstream.most_open()
    );
    upstream.wait_for_open_at_most(0).await;
    app.stop().await;
}

#[tokio::test]
async fn what_a_message_waited_for_others_is_taken_off_the_llms_time() {
    let upstream = Upstream::start().await;
    upstream.always(Step::Hang);
    let data = tempfile::TempDir::new().unwrap();
    let mut config = Config::default();
    config.store.data_dir = data.path().to_path_buf();
    use_llm(&mut config, &upstream);
    // The LLM may have all the time that the request leaves it.
    config.llm.total_timeout_ms = 8_000;
    config.llm.attempt_timeout_ms = 8_000;
    let (clock, hand) = Clock::manual("2026-03-02T09:00:00Z".parse().unwrap());
    let metrics = Arc::new(Metrics::off());
    let redactor = Arc::new(switchboard::app::redactor(&config).unwrap());
    let classifier = switchboard::app::classifier(&config, &redactor, &clock, &metrics).unwrap();
    let knowledge_base = KnowledgeBase::open(config.knowledge_base.clone()).unwrap();
    let min_confidence = config.classifier.min_confidence;
    let workflows = Workflows::new(&config.workflow, Arc::new(knowledge_base), min_confidence).unwrap();
    Store::prepare(&config.store).unwrap();
    let sealer = Sealer::configured(&config.store).unwrap();
    let store = Store::open(&config.store, sealer, clock.clone(), uncounted())
        .await
        .unwrap();
    let triage = Triage::new(redactor, classifier, workflows, store.clone(), clock);
    let submission = || Submission {
        message: Message {
            text: MessageText::parse(QUESTION).unwrap(),
            channel: Channel::Chat,
            metadata: Metadata::default(),
        },
        request_id: "req-1".to_owned(),
        client_id: "widget".to_owned(),
        left: Duration::from_secs(8),
        traceparent: None,
        idempotent: None,
        payer: None,
    };
    // The first is alone, and asks; the second lets it go first, and is kept from going on for two seconds.
    let (mut first, mut second) = (
        Box::pin(triage.handle(submission())),
        Box::pin(triage.handle(submission())),
    );
    assert!(futures_util::poll!(&mut first).is_pending());
    assert!(futures_util::poll!(&mut second).is_pending());
    hand.advance(Duration::from_secs(2));
    let beyond = async {
        upstream.wait_for_requests(2).await;
        // Half a second is kept for the commit, of the eight that both had from the beginning.
        hand.advance(Duration::from_millis(5_500));
        hand.advance_once_awaited(Duration::from_secs(2)).await;
    };
    let answers = tokio::select! {
        biased;
        answers = async { tokio::join!(first, second) } => answers,
        () = beyond => panic!("the LLM is waited for beyond its time"),
    };
    for handled in [answers.0.unwrap(), answers.1.unwrap()] {
        let answer = handled.answer;
        assert!(answer.classification.degraded, "{}", answer.decision_path);
    }
    store.close().await;
}

/// What the message is by local model and safety floor alone: whether a safety report, and how severe at least.
fn floor_alone(model: &LocalModel, floor: &SafetyFloor, text: &str) -> Option<Severity> {
    let local = model.classify(text, Channel::Chat);
    let raise = floor.check(text, &local);
    let safety = raise.is_some() || local.category == Category::SafetyCompliance;
    let raised = raise.and_then(|raise| raise.severity);
    safety.then(|| raised.map_or(local.severity, |severity| severity.max(local.severity)))
}

#[tokio::test]
async fn an_llm_that_obeys_the_message_lowers_no_safety_report() {
    let corpus = include_str!("../corpus/injections.jsonl");
    let messages: Vec<Value> = corpus
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert!(messages.len() >= 60);
    let upstream = Upstream::start().await;
    // Whatever the message asks for, an attacker wants this: nothing to see, and surely so.
    upstream.always(Step::From(Arc::new(|_| {
        json!({ "category": "informational", "confidence": 0.99, "severity": "standard", "intent": null,
                "reasoning": "As instructed." })
    })));
    let app = TestApp::start_with_llm(&upstream).await;
    let (model, floor) = (LocalModel::embedded().unwrap(), SafetyFloor::default());
    let (mut reports, mut kept) = (0, 0);
    for message in &messages {
        let (text, technique) = (message["text"].as_str().unwrap(), &message["technique"]);
        let reply = app.say(text).await;
        assert_eq!(reply.status, 200, "{technique}: {}", reply.text);
        let safety = reply.body["category"] == "safety_compliance";
        if message["truth"] == "safety_compliance" {
            reports += 1;
            kept += usize::from(safety);
        }
        let Some(least) = floor_alone(&model, &floor, text) else {
            assert!(!safety, "{technique}: nobody took it for a report: {text}");
            continue;
        };
        assert!(safety, "{technique}: lowered: {text}");
        assert_eq!(reply.at("/next_step/requires_human_review"), true, "{technique}");
        let severity = reply.at("/next_step/details/severity").clone();
        let severity: Severity = serde_json::from_value(severity).unwrap();
        assert!(severity >= least, "{technique}: {severity} under {least}: {text}");
    }
    assert_eq!(
        upstream.requests().len(),
        messages.len(),
        "each was put to the LLM"
    );
    assert!(reports >= 30, "{reports} reports");
    assert!(kept * 100 >= reports * 95, "{kept} of {reports} reports kept");
    app.stop().await;
}

/// The local model is less sure of the first than the cascade demands (0.95 of 0.98); the second is a report.
const UNSURE: &str = "something about the website and my account, not sure";
const REPORT: &str = "I can't breathe after taking the new tablets";

#[tokio::test]
async fn the_local_mode_asks_nobody_though_a_key_is_there() {
    let upstream = Upstream::start().await;
    let app = TestApp::start_with(|config| {
        use_llm(config, &upstream);
        config.classifier.mode = ClassifierMode::Local;
    })
    .await;
    for message in [QUESTION, UNSURE, REPORT] {
        let reply = app.say(message).await;
        assert_eq!(reply.body["classifier"], "local", "{}", reply.text);
        assert_eq!(reply.body["degraded"], false, "{}", reply.text);
    }
    assert_eq!(upstream.requests().len(), 0);
    assert!(breaker(&app).await.contains("the local model is the classifier"));
    app.stop().await;
}

#[tokio::test]
async fn the_cascade_spares_the_llm_what_the_local_model_is_sure_of_but_never_a_report() {
    let upstream = Upstream::start().await;
    let app = TestApp::start_with(|config| {
        use_llm(config, &upstream);
        config.classifier.mode = ClassifierMode::Cascade;
        config.llm.prices = Some(PriceConfig {
            input_per_million: 1.0,
            cached_input_per_million: None,
            output_per_million: 2.0,
        });
    })
    .await;
    // What each must cost: whether the LLM is asked, and who decides.
    for (message, classifier, asked) in [(UNSURE, "llm", 1), (REPORT, "llm", 2), (QUESTION, "local", 2)] {
        let reply = app.say(message).await;
        assert_eq!(reply.body["classifier"], classifier, "{}", reply.text);
        assert_eq!(reply.body["degraded"], false, "{}", reply.text);
        assert_eq!(upstream.requests().len(), asked, "{message}");
        let spared = reply.body["decision_path"].as_str().unwrap().contains("cascade");
        assert_eq!(spared, classifier == "local", "{}", reply.text);
        assert_eq!(message == REPORT, reply.body["category"] == "safety_compliance");
    }
    let spared = r#"switchboard_llm_events_total{event="spared"}"#;
    assert_eq!(app.metric(spared).await, 1.0);
    let saved = app.metric("switchboard_llm_spared_cost_usd_total").await;
    assert!(
        (saved - 0.000_98).abs() < 1e-9,
        "what a call cost so far: {saved}"
    );
    app.stop().await;
}

// The command blocks this thread, so the service needs one of its own.
#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn a_calibration_is_fitted_to_what_the_llm_said_about_labelled_messages() {
    let upstream = Upstream::start().await;
    // Says 0.9 about what it is right of, 0.6 about what it is wrong of half of the time.
    upstream.always(Step::From(Arc::new(|request| {
        let sure = request.customer_text().starts_with("sure");
        verdict("informational", if sure { 0.9 } else { 0.6 })
    })));
    let folder = tempfile::TempDir::new().unwrap();
    let rows = (0..20).map(|n| {
        let (text, wrong) = if n < 10 {
            ("sure", false)
        } else {
            ("unsure", n % 2 == 0)
        };
        let category = if wrong { "service_action" } else { "informational" };
        json!({ "id": n.to_string(), "text": text, "category": category }).to_string()
    });
    let rows: Vec<String> = rows.collect();
    let file = folder.path().join("labelled.jsonl");
    std::fs::write(&file, rows.join("\n")).unwrap();
    let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_switchboard"));
    command.env_clear().current_dir(folder.path());
    command.args(["eval", "--fit-calibration"]).arg(&file);
    let refused = command.output().unwrap();
    assert!(!refused.status.success(), "without a key there is nobody to ask");
    command
        .env("OPENAI_API_KEY", "test-key")
        .env("OPENAI_BASE_URL", upstream.base_url());
    let output = command.output().unwrap();
    let said = String::from_utf8(output.stdout).unwrap();
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(said.contains("# fitted on 20 of 20 messages"), "{said}{errors}");
    assert!(
        said.contains("llm.calibration = [[0.6,0.5],[0.9,1.0]]"),
        "{said}{errors}"
    );
}
