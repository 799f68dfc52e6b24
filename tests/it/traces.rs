//! Traces as a collector gets them: a real OTLP/HTTP receiver, real protobuf.

use std::collections::BTreeMap;

use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use opentelemetry_proto::tonic::common::v1::any_value::Value as Any;
use opentelemetry_proto::tonic::trace::v1::Span;
use prost::Message as _;
use reqwest::Method;
use serde_json::json;
use switchboard::config::SystemKind;
use switchboard::config::otel::TracesSampler;

use crate::harness::{Reply, TestApp, use_llm};
use crate::outside::{Outside, Received, answer};
use crate::upstream::{Step, Upstream, verdict};

const TRACE: &str = "4bf92f3577b34da6a3ce929d0e0e4736";
const CALLER: &str = "00f067aa0ba902b7";
/// Made up, and in no span.
const CANARY: &str = "Quirinella Vantongeren";

async fn collector() -> Outside {
    Outside::start(|_| answer(200, json!({}))).await
}

/// Every span that arrived, and the resource attributes they came with.
fn spans(collector: &Outside) -> (Vec<Span>, BTreeMap<String, String>) {
    let (mut spans, mut resource) = (Vec::new(), BTreeMap::new());
    for request in collector.received() {
        assert_eq!(
            (request.method.as_str(), request.path.as_str()),
            ("POST", "/v1/traces")
        );
        assert_eq!(request.header("content-type"), "application/x-protobuf");
        let export = ExportTraceServiceRequest::decode(request.body.as_slice()).unwrap();
        for of in export.resource_spans {
            resource.extend(attributes(&of.resource.unwrap_or_default().attributes));
            spans.extend(of.scope_spans.into_iter().flat_map(|scope| scope.spans));
        }
    }
    (spans, resource)
}

fn attributes(of: &[opentelemetry_proto::tonic::common::v1::KeyValue]) -> BTreeMap<String, String> {
    let text = |value: &Any| match value {
        Any::StringValue(text) => text.clone(),
        Any::IntValue(number) => number.to_string(),
        Any::BoolValue(truth) => truth.to_string(),
        other => format!("{other:?}"),
    };
    of.iter()
        .filter_map(|pair| Some((pair.key.clone(), text(pair.value.as_ref()?.value.as_ref()?))))
        .collect()
}

fn named<'s>(spans: &'s [Span], name: &str) -> &'s Span {
    let found: Vec<&Span> = spans.iter().filter(|span| span.name == name).collect();
    let names: Vec<&str> = spans.iter().map(|span| span.name.as_str()).collect();
    assert_eq!(found.len(), 1, "{name} among {names:?}");
    found[0]
}

fn assert_has(span: &Span, wanted: &[(&str, &str)]) {
    let has = attributes(&span.attributes);
    for (key, value) in wanted {
        assert_eq!(
            has.get(*key).map(String::as_str),
            Some(*value),
            "{key} of {}: {has:?}",
            span.name
        );
    }
}

fn parent_of(traceparent: &str) -> (&str, &str, &str) {
    let parts: Vec<&str> = traceparent.split('-').collect();
    (parts[1], parts[2], parts[3])
}

#[tokio::test]
async fn a_request_is_one_trace_with_a_span_per_step_that_outside_systems_join() {
    let (collector, upstream) = (collector().await, Upstream::start().await);
    let app = TestApp::start_with(|config| {
        use_llm(config, &upstream);
        config.otel.endpoint = Some(collector.url.clone());
        config.otel.headers = Some("x-tenant=shop%20one".into());
        config.otel.service_name = "front-desk".into();
        config.otel.resource_attributes = "deployment.environment.name=test".into();
    })
    .await;
    upstream.script([Step::Verdict(verdict("service_action", 0.9))]);
    let request = app
        .request(Method::POST, "/api/v1/classify")
        .header("traceparent", format!("00-{TRACE}-{CALLER}-01"))
        .header("x-request-id", "req-77")
        .json(&json!({ "message": format!("I am {CANARY}, refund order 45-20817 please") }));
    let reply = Reply::of(request.send().await.unwrap()).await;
    assert_eq!(reply.status, 200, "{}", reply.text);
    let exported = app.running().metrics().clone();
    app.stop().await;

    let (spans, resource) = spans(&collector);
    assert_eq!(resource["service.name"], "front-desk");
    assert_eq!(resource["deployment.environment.name"], "test");
    assert_eq!(resource["service.version"], env!("CARGO_PKG_VERSION"));
    assert_eq!(collector.received()[0].header("x-tenant"), "shop one");

    let root = named(&spans, "POST /api/v1/classify");
    assert_eq!(
        (hex::encode(&root.trace_id), hex::encode(&root.parent_span_id)),
        (TRACE.into(), CALLER.into())
    );
    assert_has(
        root,
        &[
            ("http.request.method", "POST"),
            ("http.route", "/api/v1/classify"),
            ("http.response.status_code", "200"),
            ("switchboard.request.id", "req-77"),
        ],
    );
    let steps = [
        "admission",
        "privacy",
        "classify.local",
        "classify.llm",
        "workflow",
        "commit",
    ];
    for step in steps {
        let span = named(&spans, step);
        assert_eq!(span.trace_id, root.trace_id, "{step}");
        assert_eq!(span.parent_span_id, root.span_id, "{step}");
        assert!(
            span.start_time_unix_nano >= root.start_time_unix_nano
                && span.end_time_unix_nano <= root.end_time_unix_nano
        );
    }
    assert_eq!(spans.len(), steps.len() + 1);
    assert_has(named(&spans, "admission"), &[("switchboard.admitted", "true")]);

    let llm = named(&spans, "classify.llm");
    assert_has(
        llm,
        &[
            ("gen_ai.operation.name", "chat"),
            ("gen_ai.provider.name", "openai"),
            ("switchboard.llm.attempts", "1"),
        ],
    );
    let asked = &upstream.requests()[0];
    let has = attributes(&llm.attributes);
    assert_eq!(has["gen_ai.request.model"], asked.body["model"].as_str().unwrap());
    for key in [
        "gen_ai.response.model",
        "gen_ai.usage.input_tokens",
        "gen_ai.usage.output_tokens",
    ] {
        assert!(
            has.get(key)
                .is_some_and(|value| !value.is_empty() && value != "0"),
            "{key}: {has:?}"
        );
    }
    assert!(has["gen_ai.response.finish_reasons"].contains("stop"), "{has:?}");
    let (trace, parent, flags) = parent_of(&asked.headers["traceparent"]);
    assert_eq!(
        (trace, parent, flags),
        (TRACE, hex::encode(&llm.span_id).as_str(), "01")
    );

    for request in collector.received() {
        let bytes = String::from_utf8_lossy(&request.body).into_owned();
        for word in CANARY.split(' ').chain(["refund order", "45-20817"]) {
            assert!(!bytes.contains(word), "{word} left with the spans");
        }
    }
    let counted = exported.render(switchboard::telemetry::metrics::Exposition::Text);
    assert!(
        counted.contains("switchboard_trace_spans_total{outcome=\"exported\"} 7"),
        "{counted}"
    );
}

#[tokio::test]
async fn a_failing_llm_is_an_error_on_its_span_and_not_on_the_request() {
    let (collector, upstream) = (collector().await, Upstream::start().await);
    let app = TestApp::start_with(|config| {
        use_llm(config, &upstream);
        config.otel.endpoint = Some(collector.url.clone());
    })
    .await;
    upstream.always(Step::Status(401, vec![], "invalid_api_key"));
    app.say("Where is my parcel?").await;
    app.stop().await;
    let (spans, _) = spans(&collector);
    assert_has(named(&spans, "classify.llm"), &[("error.type", "auth")]);
    let root = named(&spans, "POST /api/v1/classify");
    assert!(!attributes(&root.attributes).contains_key("error.type"));
    assert!(root.parent_span_id.is_empty(), "no caller brought a trace");
}

#[tokio::test]
async fn a_delivery_is_a_trace_of_its_own_that_the_outside_system_joins() {
    let collector = collector().await;
    let outside = Outside::start(|_| answer(200, json!({ "id": "T-1" }))).await;
    let app = TestApp::start_with(|config| {
        config.otel.traces_endpoint = Some(format!("{}/v1/traces", collector.url));
        config.ticketing.system = SystemKind::Webhook;
        config.ticketing.url = Some(outside.url.clone());
        config.ticketing.secret = Some("whsec".into());
    })
    .await;
    let reply = app.say("I want a refund for order 45-20817").await;
    let reference = reply.at("/next_step/reference").as_str().unwrap().to_owned();
    let done = r#"switchboard_delivery_duration_seconds_count{target="ticketing",outcome="done"}"#;
    while app.metric(done).await < 1.0 {}
    app.stop().await;
    let (spans, _) = spans(&collector);
    let delivery = named(&spans, "deliver ticketing");
    assert_ne!(delivery.trace_id, named(&spans, "POST /api/v1/classify").trace_id);
    assert_has(
        delivery,
        &[
            ("switchboard.target", "ticketing"),
            ("switchboard.record.reference", &reference),
            ("switchboard.job.try", "1"),
        ],
    );
    let sent: Vec<Received> = outside.received();
    let (trace, parent, _) = parent_of(sent[0].header("traceparent"));
    assert_eq!(
        (trace, parent),
        (
            hex::encode(&delivery.trace_id).as_str(),
            hex::encode(&delivery.span_id).as_str()
        )
    );
}

#[tokio::test]
async fn a_delivery_that_failed_says_why_in_its_span() {
    let collector = collector().await;
    let outside = Outside::start(|_| answer(422, json!({}))).await;
    let app = TestApp::start_with(|config| {
        config.otel.traces_endpoint = Some(format!("{}/v1/traces", collector.url));
        config.ticketing.system = SystemKind::Webhook;
        config.ticketing.url = Some(outside.url.clone());
        config.ticketing.secret = Some("whsec".into());
    })
    .await;
    app.say("I want a refund for order 45-20817").await;
    let dead = r#"switchboard_delivery_duration_seconds_count{target="ticketing",outcome="dead"}"#;
    while app.metric(dead).await < 1.0 {}
    app.stop().await;
    let (spans, _) = spans(&collector);
    assert_has(named(&spans, "deliver ticketing"), &[("error.type", "http_422")]);
}

#[tokio::test]
async fn what_the_sampler_leaves_out_is_not_sent_and_its_callees_are_told() {
    let (collector, upstream) = (collector().await, Upstream::start().await);
    let app = TestApp::start_with(|config| {
        use_llm(config, &upstream);
        config.otel.endpoint = Some(collector.url.clone());
        config.otel.sampler = TracesSampler::ParentBasedTraceIdRatio;
        config.otel.sampler_arg = 0.0;
    })
    .await;
    app.say("Where is my parcel?").await;
    // The caller's decision counts for more than the share.
    let request = app
        .request(Method::POST, "/api/v1/classify")
        .header("traceparent", format!("00-{TRACE}-{CALLER}-01"))
        .json(&json!({ "message": "Where is my parcel?" }));
    assert_eq!(request.send().await.unwrap().status(), 200);
    app.stop().await;
    let (spans, _) = spans(&collector);
    assert!(
        spans.iter().all(|span| hex::encode(&span.trace_id) == TRACE),
        "{spans:?}"
    );
    assert!(!spans.is_empty());
    let asked = upstream.requests();
    assert_eq!(parent_of(&asked[0].headers["traceparent"]).2, "00");
    assert_eq!(parent_of(&asked[1].headers["traceparent"]).2, "01");
}

#[tokio::test]
async fn without_an_endpoint_or_when_switched_off_nothing_is_sent() {
    let (collector, upstream) = (collector().await, Upstream::start().await);
    for disabled in [false, true] {
        let app = TestApp::start_with(|config| {
            use_llm(config, &upstream);
            config.otel.disabled = disabled;
            config.otel.endpoint = disabled.then(|| collector.url.clone());
        })
        .await;
        let request = app
            .request(Method::POST, "/api/v1/classify")
            .header("traceparent", format!("00-{TRACE}-{CALLER}-01"))
            .json(&json!({ "message": "Where is my parcel?" }));
        assert_eq!(request.send().await.unwrap().status(), 200);
        app.stop().await;
    }
    assert!(collector.received().is_empty());
    for asked in upstream.requests() {
        assert_eq!(
            asked.headers["traceparent"],
            format!("00-{TRACE}-{CALLER}-01"),
            "passed on as it came"
        );
    }
}

#[tokio::test]
async fn a_collector_that_refuses_costs_no_request_and_is_counted() {
    let collector = Outside::start(|_| answer(400, json!({}))).await;
    let app = TestApp::start_with(|config| config.otel.endpoint = Some(collector.url.clone())).await;
    assert_eq!(app.say("Where is my parcel?").await.status, 200);
    let metrics = app.running().metrics().clone();
    app.stop().await;
    let counted = metrics.render(switchboard::telemetry::metrics::Exposition::Text);
    let failed = counted
        .lines()
        .find(|line| line.starts_with("switchboard_trace_spans_total{outcome=\"failed\"}"));
    assert!(failed.is_some_and(|line| !line.ends_with(" 0")), "{counted}");
}

#[tokio::test]
async fn spans_that_find_no_room_are_counted() {
    let collector = collector().await;
    let app = TestApp::start_with(|config| {
        config.otel.endpoint = Some(collector.url.clone());
        config.otel.max_queue_size = 2;
    })
    .await;
    let at_once = (0..20).map(|_| app.say("Where is my parcel?"));
    for reply in futures_util::future::join_all(at_once).await {
        assert_eq!(reply.status, 200);
    }
    let metrics = app.running().metrics().clone();
    app.stop().await;
    let counted = metrics.render(switchboard::telemetry::metrics::Exposition::Text);
    let spans = |outcome: &str| -> f64 {
        let series = format!("switchboard_trace_spans_total{{outcome=\"{outcome}\"}} ");
        let line = counted.lines().find_map(|line| line.strip_prefix(&series));
        line.unwrap().parse().unwrap()
    };
    let sent = self::spans(&collector).0.len();
    assert_eq!((spans("exported") as usize, spans("failed")), (sent, 0.0));
    assert!(spans("dropped") > 0.0, "far more spans than may wait: {counted}");
}
