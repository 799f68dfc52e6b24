//! What a scraper reads: every metric after the thing that it counts has happened, in both forms, held against the real promtool.

use std::io::Write as _;
use std::process::{Command, Stdio};
use std::time::Duration;

use reqwest::Method;
use reqwest::header::{ACCEPT, CONTENT_TYPE};
use serde_json::json;
use switchboard::config::SystemKind;
use switchboard::config::llm::PriceConfig;

use crate::harness::{TestApp, use_llm};
use crate::outside::{Outside, answer};
use crate::upstream::{Step, Upstream, verdict};

/// Runs promtool, which `scripts/test` installs; answers whether it was content and what it said.
pub(crate) fn promtool(arguments: &[&str], stdin: &str) -> (bool, String) {
    let mut child = Command::new("promtool")
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("promtool (Debian package `prometheus`; scripts/test installs it)");
    child.stdin.take().unwrap().write_all(stdin.as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    let said = [output.stdout, output.stderr].concat();
    (output.status.success(), String::from_utf8(said).unwrap())
}

/// The value of the first series that begins so.
fn value(metrics: &str, series: &str) -> Option<f64> {
    let line = metrics.lines().find(|line| line.starts_with(series))?;
    line.rsplit(' ').next()?.parse().ok()
}

fn assert_counted(metrics: &str, series: &[&str]) {
    for series in series {
        let counted = metrics
            .lines()
            .filter(|line| line.starts_with(series))
            .any(|line| {
                line.rsplit(' ')
                    .next()
                    .is_some_and(|value| value.parse::<f64>().unwrap() > 0.0)
            });
        assert!(counted, "{series}\n{metrics}");
    }
}

fn webhook(config: &mut switchboard::config::Config, ticketing: &Outside, compliance: &Outside) {
    config.ticketing.system = SystemKind::Webhook;
    config.ticketing.url = Some(ticketing.url.clone());
    config.ticketing.secret = Some("whsec".into());
    config.compliance.system = SystemKind::Webhook;
    config.compliance.url = Some(compliance.url.clone());
    config.compliance.secret = Some("whsec".into());
}

#[tokio::test]
async fn every_metric_counts_what_happens_and_promtool_finds_nothing_to_object_to() {
    let upstream = Upstream::start().await;
    let ticketing = Outside::start(|_| answer(200, json!({ "id": "T-1" }))).await;
    let compliance = Outside::start(|_| answer(400, json!({}))).await;
    let app = TestApp::start_with(|config| {
        use_llm(config, &upstream);
        webhook(config, &ticketing, &compliance);
        config.llm.breaker.consecutive_failures = 1;
        config.llm.prices = Some(PriceConfig {
            input_per_million: 0.4,
            cached_input_per_million: None,
            output_per_million: 1.6,
        });
    })
    .await;
    upstream.script([
        Step::Verdict(verdict("service_action", 0.9)),
        Step::Verdict(verdict("informational", 0.3)),
        Step::Verdict(verdict("informational", 0.9)),
    ]);
    app.say("I want a refund for order 45-20817").await;
    app.say("hm, well").await;
    // The LLM plays it down; the floor does not.
    let raised = app
        .say("I cannot breathe and my throat is swelling after the tablets")
        .await;
    assert_eq!(raised.at("/category"), "safety_compliance", "{}", raised.text);
    upstream.always(Step::Status(401, vec![], "invalid_api_key"));
    app.say("Where is order 45-20817?").await;
    app.get("/nowhere").await;

    let mut metrics = app.metrics().await;
    while value(
        &metrics,
        r#"switchboard_delivery_duration_seconds_count{target="ticketing",outcome="done"}"#,
    )
    .is_none()
        || value(
            &metrics,
            r#"switchboard_delivery_duration_seconds_count{target="compliance",outcome="dead"}"#,
        )
        .is_none()
    {
        metrics = app.metrics().await;
    }
    // An urgent report is due after 15 minutes; the clock on due times looks every few seconds.
    app.hand.advance_once_awaited(Duration::from_secs(16 * 60)).await;
    let breached = r#"switchboard_sla_marks_total{kind="compliance",mark="breached",severity="urgent"}"#;
    while value(&metrics, breached) == Some(0.0) {
        metrics = app.metrics().await;
    }
    app.hand.advance(Duration::from_secs(2));
    let mut metrics = app.metrics().await;
    // A connection that was read with is idle once it has been given back, which is a task of its own.
    let idle = r#"switchboard_store_pool_connections{state="idle"}"#;
    while value(&metrics, idle) == Some(0.0) {
        metrics = app.metrics().await;
    }
    assert_counted(
        &metrics,
        &[
            r#"switchboard_build_info{version=""#,
            r#"switchboard_http_request_duration_seconds_count{route="/api/v1/classify",method="POST",status="200"}"#,
            r#"switchboard_http_request_duration_seconds_count{route="unmatched",method="GET",status="404"}"#,
            "switchboard_classify_overhead_seconds_count",
            r#"switchboard_classifications_total{category="service_action",classifier="llm",channel="chat",degraded="false"}"#,
            r#"switchboard_classifications_total{category="service_action",classifier="local",channel="chat",degraded="true"}"#,
            r#"switchboard_classification_confidence_count{category="informational"}"#,
            r#"switchboard_escalations_total{category="safety_compliance",priority="urgent"}"#,
            r#"switchboard_safety_floor_raises_total{outcome=""#,
            r#"switchboard_rate_limit_decisions_total{"#,
            r#"switchboard_llm_call_duration_seconds_count{outcome="ok"}"#,
            r#"switchboard_llm_call_duration_seconds_count{outcome="auth"}"#,
            r#"switchboard_llm_attempt_duration_seconds_count{outcome="ok"}"#,
            r#"switchboard_llm_tokens_total{direction="input"}"#,
            r#"switchboard_llm_tokens_total{direction="output"}"#,
            "switchboard_llm_cost_usd_total",
            r#"switchboard_llm_prompt_calls_total{"#,
            r#"switchboard_breaker_state{state="open"}"#,
            r#"switchboard_breaker_transitions_total{state="open"}"#,
            r#"switchboard_outbox_jobs{target="compliance",state="dead"}"#,
            r#"switchboard_safety_records_open{severity="urgent"}"#,
            r#"switchboard_store_operation_duration_seconds_count{operation="commit",outcome="ok"}"#,
            r#"switchboard_store_operation_duration_seconds_count{operation="write",outcome="ok"}"#,
            r#"switchboard_store_operation_duration_seconds_count{operation="read",outcome="ok"}"#,
            "switchboard_store_writable",
            idle,
            "switchboard_store_pool_max_connections",
            breached,
        ],
    );
    let due = value(
        &metrics,
        r#"switchboard_safety_record_nearest_due_seconds{severity="urgent"}"#,
    );
    assert!(due.is_some_and(|due| due < 0.0), "it is overdue: {due:?}");
    assert_eq!(value(&metrics, "switchboard_http_requests_in_flight"), Some(0.0));
    // A delivery's breaker opens and closes; that it may probe again is no event, and a series of it would say "never".
    let entered = |state: &str| {
        let series = format!(
            r#"switchboard_delivery_breaker_transitions_total{{target="ticketing",state="{state}"}}"#
        );
        value(&metrics, &series)
    };
    assert_eq!(
        ["open", "closed", "half_open"].map(entered),
        [Some(0.0), Some(0.0), None]
    );
    if cfg!(target_os = "linux") {
        assert_counted(
            &metrics,
            &[
                "process_cpu_seconds_total",
                "process_resident_memory_bytes",
                "process_virtual_memory_bytes",
                "process_start_time_seconds",
                "process_threads",
                "process_open_fds",
                "process_max_fds",
            ],
        );
    }
    let (content, said) = promtool(&["check", "metrics"], &metrics);
    assert!(content && said.is_empty(), "{said}");
    app.stop().await;
}

#[tokio::test]
async fn a_flood_and_its_safety_reports_are_counted() {
    let app = TestApp::start_with(|config| config.rate_limit.burst = 1).await;
    app.say("What are your opening hours?").await;
    assert_eq!(app.say("What are your opening hours?").await.status, 429);
    assert_eq!(
        app.say("My face is swelling up since I took the antibiotic")
            .await
            .status,
        200
    );
    let metrics = app.metrics().await;
    for series in [
        r#"switchboard_rate_limit_decisions_total{decision="allowed",backend="local"}"#,
        r#"switchboard_rate_limit_decisions_total{decision="limited",backend="local"}"#,
        r#"switchboard_rate_limit_decisions_total{decision="safety_lane",backend="local"}"#,
        r#"switchboard_safety_lane_total{outcome="accepted"}"#,
        r#"switchboard_safety_lane_total{outcome="refused"}"#,
    ] {
        assert_eq!(value(&metrics, series), Some(1.0), "{series}\n{metrics}");
    }
    app.stop().await;
}

#[tokio::test]
async fn a_request_whose_client_leaves_is_counted_too() {
    let upstream = Upstream::start().await;
    upstream.always(Step::Held);
    let app = TestApp::start_with_llm(&upstream).await;
    tokio::select! {
        _ = app.say("Where is my order 10093-552?") => unreachable!("the LLM holds its answer"),
        () = upstream.wait_for_requests(1) => {}
    }
    // The client's half of the connection is closed now; the service's notices.
    let gone = r#"switchboard_http_request_duration_seconds_count{route="/api/v1/classify",method="POST",status="499"}"#;
    let metrics = loop {
        let metrics = app.metrics().await;
        if value(&metrics, gone).is_some() {
            break metrics;
        }
    };
    assert_eq!(value(&metrics, gone), Some(1.0));
    assert_eq!(value(&metrics, "switchboard_http_requests_in_flight"), Some(0.0));
    upstream.release();
    app.stop().await;
}

#[tokio::test]
async fn the_scraper_gets_the_form_it_asks_for() {
    let app = TestApp::start().await;
    let url = format!("http://{}/metrics", app.management);
    let fetch = async |accept: &str| {
        let request = app.client.request(Method::GET, &url).header(ACCEPT, accept);
        let response = request.send().await.unwrap();
        let kind = response.headers()[CONTENT_TYPE].to_str().unwrap().to_owned();
        (kind, response.text().await.unwrap())
    };
    let (kind, body) = fetch("application/openmetrics-text;version=1.0.0,text/plain;q=0.5").await;
    assert!(kind.starts_with("application/openmetrics-text"), "{kind}");
    assert!(body.ends_with("# EOF\n"));
    assert!(body.contains("# TYPE switchboard_classifications counter"));
    let (kind, body) = fetch("text/plain").await;
    assert!(kind.starts_with("text/plain; version=0.0.4"), "{kind}");
    assert!(body.contains("# TYPE switchboard_classifications_total counter") && !body.contains("# EOF"));
    app.stop().await;
}

#[tokio::test]
async fn a_store_that_cannot_be_read_costs_the_scrape_only_what_stands_in_it() {
    let app = TestApp::start().await;
    let before = app.metrics().await;
    assert_eq!(
        value(
            &before,
            r#"switchboard_outbox_jobs{target="ticketing",state="dead"}"#
        ),
        Some(0.0)
    );
    app.running().store().close().await;
    app.hand.advance(Duration::from_secs(2));
    let after = app.metrics().await;
    assert_eq!(
        value(&after, "switchboard_store_scrape_failures_total"),
        Some(1.0)
    );
    assert_eq!(
        value(&after, "switchboard_outbox_jobs{"),
        None,
        "an old number would be believed"
    );
    assert!(value(&after, "switchboard_http_requests_in_flight").is_some());
    app.stop().await;
}

#[tokio::test]
async fn without_the_management_listener_nothing_is_counted_and_all_works() {
    let app = TestApp::start_with(|config| config.management.enabled = false).await;
    assert_eq!(app.say("What are your opening hours?").await.status, 200);
    let rendered = app
        .running()
        .metrics()
        .render(switchboard::telemetry::metrics::Exposition::Text);
    assert!(
        !rendered.contains("switchboard_http_request_duration_seconds_count"),
        "{rendered}"
    );
    app.stop().await;
}
