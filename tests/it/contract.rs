//! Every JSON answer of every endpoint is what `/openapi.json` says.

use jsonschema::Validator;
use reqwest::Method;
use secrecy::ExposeSecret as _;
use serde_json::{Value, json};

use crate::harness::{Reply, TestApp, use_llm};
use crate::upstream::{Upstream, verdict};

/// The description, able to check a body against the schema of its operation and status.
struct Contract(Value);

impl Contract {
    async fn of(app: &TestApp) -> Self {
        Self(app.get("/openapi.json").await.body)
    }

    /// The part of the document that a reference names; what is no reference stands for itself.
    fn resolved<'d>(&'d self, part: &'d Value) -> &'d Value {
        match part["$ref"].as_str() {
            Some(place) => self.0.pointer(place.trim_start_matches('#')).unwrap(),
            None => part,
        }
    }

    fn validator(&self, response: &Value, media: &str) -> Validator {
        let content = &response["content"][media];
        assert!(content.is_object(), "{media} is not described");
        let mut schema = content["schema"].clone();
        schema["components"] = self.0["components"].clone();
        jsonschema::validator_for(&schema).unwrap()
    }

    fn holds(&self, path: &str, method: &str, reply: &Reply) {
        let status = reply.status.as_u16();
        let response = &self.0["paths"][path][method]["responses"][status.to_string()];
        assert!(response.is_object(), "{method} {path} {status} is not described");
        self.has_its_headers(&format!("{method} {path} {status}"), response, reply);
        if reply.text.is_empty() {
            assert!(
                response["content"].is_null(),
                "{method} {path} {status}: a body is described"
            );
            return;
        }
        let validator = self.validator(response, reply.header("content-type"));
        let faults: Vec<String> = validator
            .iter_errors(&reply.body)
            .map(|e| format!("{}: {e}", e.instance_path()))
            .collect();
        assert!(
            faults.is_empty(),
            "{path} {}: {faults:?}\n{}",
            reply.status,
            reply.text
        );
    }

    /// Every header that is no matter of HTTP itself or of browsers is described, and what is described of every such answer is there.
    fn has_its_headers(&self, answer: &str, response: &Value, reply: &Reply) {
        const OF_EVERY_ANSWER: [&str; 11] = [
            "cache-control",
            "connection",
            "content-length",
            "content-security-policy",
            "content-type",
            "cross-origin-resource-policy",
            "date",
            "referrer-policy",
            "transfer-encoding",
            "x-content-type-options",
            "x-frame-options",
        ];
        const WHERE_IT_APPLIES: [&str; 3] = ["RateLimit", "RateLimit-Policy", "Idempotency-Replayed"];
        let described = response["headers"].as_object().unwrap();
        for name in reply.headers.keys().map(|name| name.as_str()) {
            let is_described = described.keys().any(|known| known.eq_ignore_ascii_case(name));
            assert!(
                is_described || OF_EVERY_ANSWER.contains(&name),
                "{answer}: {name} is not described"
            );
        }
        for (name, header) in described {
            let header = self.resolved(header);
            let value = reply.header(name);
            let fits = match header["schema"]["type"].as_str().unwrap() {
                "integer" => value.parse::<u64>().is_ok(),
                "number" => value.parse::<f64>().is_ok(),
                _ => !value.is_empty(),
            };
            let may_be_absent = value.is_empty() && WHERE_IT_APPLIES.contains(&name.as_str());
            assert!(fits || may_be_absent, "{answer}: {name}: {value:?}");
        }
    }
}

const CLASSIFY: &str = "/api/v1/classify";

#[tokio::test]
async fn every_answer_is_as_described() {
    let upstream = Upstream::start().await;
    let app = TestApp::start_with(|config| {
        use_llm(config, &upstream);
        config.rate_limit.burst = 30;
    })
    .await;
    let contract = Contract::of(&app).await;
    for message in [
        "What are your opening hours?",
        "asdf qwer",
        "Where is my order 10093-552?",
        "Where is my order?",
        "I want a refund for the thermometer",
        "I have a rash since the second tablet, and I want a refund",
        "he had a seizure",
    ] {
        for category in ["informational", "service_action", "safety_compliance"] {
            upstream.answer(verdict(category, 0.9));
            let reply = app
                .classify(
                    json!({ "message": message, "channel": "mail", "metadata": { "customer_id": "C-1" } }),
                )
                .await;
            assert_eq!(reply.status, 200, "{}", reply.text);
            contract.holds(CLASSIFY, "post", &reply);
        }
    }
    contract.holds(
        CLASSIFY,
        "post",
        &app.classify(json!({ "message": 1, "channel": "fax" })).await,
    );
    contract.holds(CLASSIFY, "post", &app.classify_raw("{").await);
    contract.holds(CLASSIFY, "post", &app.classify_raw(vec![b' '; 70_000]).await);
    let typed = app
        .request(Method::POST, CLASSIFY)
        .header("content-type", "text/plain")
        .body("{}");
    contract.holds(CLASSIFY, "post", &Reply::of(typed.send().await.unwrap()).await);
    let repeated = async |message: &str| {
        let request = app
            .request(Method::POST, CLASSIFY)
            .header("idempotency-key", "k-1");
        let reply = request.json(&json!({ "message": message })).send().await.unwrap();
        Reply::of(reply).await
    };
    for (message, status) in [
        ("opening hours?", 200),
        ("opening hours?", 200),
        ("where are you?", 422),
    ] {
        let reply = repeated(message).await;
        assert_eq!(reply.status, status, "{}", reply.text);
        contract.holds(CLASSIFY, "post", &reply);
    }
    let mut limited = app.say("What are your opening hours?").await;
    while limited.status == 200 {
        limited = app.say("What are your opening hours?").await;
    }
    assert_eq!(limited.status, 429);
    contract.holds(CLASSIFY, "post", &limited);
    contract.holds("/api/v1/health", "get", &app.get("/api/v1/health").await);
    contract.holds("/api/v1/ready", "get", &app.get("/api/v1/ready").await);
    app.running().tasks().draining().cancel();
    let draining = app.get("/api/v1/ready").await;
    assert_eq!(draining.status, 503);
    contract.holds("/api/v1/ready", "get", &draining);
    app.stop().await;
}

#[tokio::test]
async fn every_answer_of_the_operator_api_is_as_described() {
    let app = TestApp::start().await;
    let contract = Contract::of(&app).await;
    let report = app.say("I have a rash since the second tablet").await;
    let reference = report.at("/next_step/reference").as_str().unwrap().to_owned();
    let key = app
        .running()
        .operator_key
        .as_ref()
        .unwrap()
        .expose_secret()
        .to_owned();
    let ask = async |method: Method, path: &str, if_match: Option<&str>, body: Option<Value>| {
        let mut request = app.request(method, path).bearer_auth(&key);
        if let Some(version) = if_match {
            request = request.header("if-match", version);
        }
        if let Some(body) = body {
            request = request.json(&body);
        }
        Reply::of(request.send().await.unwrap()).await
    };
    const RECORDS: &str = "/api/v1/records";
    let one = format!("{RECORDS}/{reference}");
    let described = |action: &str| format!("{RECORDS}/{{reference}}{action}");

    contract.holds(RECORDS, "get", &app.get(RECORDS).await);
    contract.holds(RECORDS, "get", &ask(Method::GET, RECORDS, None, None).await);
    contract.holds(
        RECORDS,
        "get",
        &ask(Method::GET, "/api/v1/records?limit=0", None, None).await,
    );
    contract.holds(
        &described(""),
        "get",
        &ask(Method::GET, "/api/v1/records/SAF-NONE", None, None).await,
    );
    contract.holds(
        "/api/v1/outbox",
        "get",
        &ask(Method::GET, "/api/v1/outbox", None, None).await,
    );
    let audit = ask(Method::GET, "/api/v1/audit", None, None).await;
    assert!(!audit.at("/items").as_array().unwrap().is_empty());
    contract.holds("/api/v1/audit", "get", &audit);
    contract.holds(
        "/api/v1/audit",
        "get",
        &ask(Method::GET, "/api/v1/audit?seq=first", None, None).await,
    );
    let shown = ask(Method::GET, &one, None, None).await;
    contract.holds(&described(""), "get", &shown);
    let acknowledge = format!("{one}/acknowledge");
    contract.holds(
        &described("/acknowledge"),
        "post",
        &ask(Method::POST, &acknowledge, None, None).await,
    );
    let etag = shown.header("etag");
    let acknowledged = ask(Method::POST, &acknowledge, Some(etag), None).await;
    assert_eq!(acknowledged.status, 200, "{}", acknowledged.text);
    contract.holds(&described("/acknowledge"), "post", &acknowledged);
    contract.holds(
        &described("/acknowledge"),
        "post",
        &ask(Method::POST, &acknowledge, Some(etag), None).await,
    );
    let verbatim = format!("{one}/verbatim");
    contract.holds(
        &described("/verbatim"),
        "get",
        &ask(Method::GET, &verbatim, None, None).await,
    );
    let erased = ask(Method::DELETE, &verbatim, None, None).await;
    assert_eq!(erased.status, 204);
    contract.holds(&described("/verbatim"), "delete", &erased);
    app.stop().await;
}

#[tokio::test]
async fn the_docs_and_the_page_load_nothing_from_elsewhere() {
    let app = TestApp::start().await;
    for path in ["/docs/", "/"] {
        let page = app.get(path).await;
        assert_eq!(page.status, 200, "{path}");
        assert!(page.header("content-type").starts_with("text/html"), "{path}");
        for foreign in ["src=\"http", "href=\"http", "src=\"//", "href=\"//"] {
            assert!(!page.text.contains(foreign), "{path} loads {foreign}");
        }
    }
    assert_eq!(app.get("/docs/swagger-ui-bundle.js").await.status, 200);
    app.stop().await;
}

#[test]
fn the_description_names_what_existing_clients_use() {
    let document = serde_json::to_value(switchboard::http::openapi()).unwrap();
    let response = &document["components"]["schemas"]["ClassifyResponse"]["properties"];
    for name in [
        "request_id",
        "timestamp",
        "category",
        "confidence",
        "decision_path",
        "next_step",
        "processing_time_ms",
        "prompt_version",
        "prompt_variant",
        "model",
        "classifier",
        "degraded",
        "scores",
    ] {
        assert!(response.get(name).is_some(), "{name}");
    }
    let next_step = &document["components"]["schemas"]["NextStep"]["properties"];
    for name in [
        "action",
        "description",
        "priority",
        "requires_human_review",
        "external_system",
        "reference",
        "due_at",
        "details",
    ] {
        assert!(next_step.get(name).is_some(), "{name}");
    }
}

#[test]
fn the_description_says_which_keys_the_operator_api_asks_for_and_what_it_refuses() {
    let document = serde_json::to_value(switchboard::http::openapi()).unwrap();
    let schemes = &document["components"]["securitySchemes"];
    assert_eq!(schemes["bearer"]["scheme"], "bearer");
    assert_eq!(
        (&schemes["api_key"]["in"], &schemes["api_key"]["name"]),
        (&json!("header"), &json!("X-API-Key"))
    );
    let either = json!([{ "bearer": [] }, { "api_key": [] }]);
    let mut seen = 0;
    for (path, item) in document["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            if operation["tags"] != json!(["operator"]) {
                continue;
            }
            seen += 1;
            assert_eq!(operation["security"], either, "{method} {path}");
            let mut expected = vec!["401", "403", "429", "500", "503"];
            if path.ends_with("/resolve") || path.ends_with("/reclassify") {
                expected.extend(["400", "404", "415"]);
            }
            if path.ends_with("/acknowledge") {
                expected.extend(["400", "404"]);
            }
            for status in expected {
                let response = &operation["responses"][status];
                assert!(response.is_object(), "{method} {path}: {status}");
            }
            let parameters = operation["parameters"].as_array().into_iter().flatten();
            for limit in parameters.filter(|parameter| parameter["name"] == "limit") {
                let schema = &limit["schema"];
                assert_eq!(
                    (&schema["minimum"], &schema["maximum"]),
                    (&json!(1), &json!(500)),
                    "{path}"
                );
            }
        }
    }
    assert!(seen >= 11, "{seen}");
    let classify = &document["paths"]["/api/v1/classify"]["post"]["security"];
    assert_eq!(classify[0], json!({}), "auth.mode may be off");
}

#[test]
fn every_answer_has_the_description_that_openapi_asks_for() {
    let document = serde_json::to_value(switchboard::http::openapi()).unwrap();
    for (path, item) in document["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            for (status, response) in operation["responses"].as_object().unwrap() {
                let described = response["description"]
                    .as_str()
                    .is_some_and(|text| !text.is_empty());
                assert!(described, "{method} {path} {status}");
            }
        }
    }
}

/// A generator of clients leaves out, or stops at, an operation of which it cannot find a part.
#[test]
fn every_part_that_the_description_names_is_in_it() {
    fn references<'d>(part: &'d Value, found: &mut Vec<&'d str>) {
        match part {
            Value::Object(object) => {
                found.extend(object.get("$ref").and_then(Value::as_str));
                object.values().for_each(|inner| references(inner, found));
            }
            Value::Array(items) => items.iter().for_each(|inner| references(inner, found)),
            _ => {}
        }
    }
    let document = serde_json::to_value(switchboard::http::openapi()).unwrap();
    let mut found = Vec::new();
    references(&document, &mut found);
    assert!(found.len() > 100, "{}", found.len());
    for place in found {
        let part = document.pointer(place.trim_start_matches('#'));
        assert!(part.is_some(), "{place} is named and not there");
    }
    let text = document.to_string();
    assert!(
        !text.contains("[`"),
        "a description links into the code, which its readers do not have"
    );
}

#[test]
fn the_description_says_what_a_request_may_hold() {
    let document = serde_json::to_value(switchboard::http::openapi()).unwrap();
    let key = &document["components"]["parameters"]["Idempotency-Key"];
    assert_eq!(key["required"], false);
    let schema = &key["schema"];
    assert_eq!(
        (&schema["type"], &schema["minLength"], &schema["maxLength"]),
        (&json!("string"), &json!(1), &json!(255))
    );
    let of = |path: &str, method: &str| document["paths"][path][method]["parameters"].to_string();
    assert!(of(CLASSIFY, "post").contains("/Idempotency-Key"));
    assert!(!of("/api/v1/records", "get").contains("/Idempotency-Key"));
    let schemas = &document["components"]["schemas"];
    let labels = &schemas["Labels"]["properties"];
    assert!(labels["category"].to_string().contains("/Category"), "{labels}");
    assert!(labels["severity"].to_string().contains("/Severity"), "{labels}");
    assert!(labels["intent"].to_string().contains("/Intent"), "{labels}");
    for name in ["Labels", "Resolution"] {
        let closed = &schemas[name]["additionalProperties"];
        assert_eq!(closed, false, "{name}: a misspelt field is refused");
    }
    let example = &schemas["ClassifyRequest"]["example"];
    assert_eq!(example["metadata"]["customer_id"], "C-1001", "{example}");
}
