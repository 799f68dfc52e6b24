//! Canaries: one invented identifier of each of the eighteen kinds goes through every endpoint of the real binary that `/openapi.json` names, and
//! to an outside system, logs at trace level, with the LLM on, off and failing. None may come out anywhere but from the sealed verbatim text.

use std::collections::BTreeSet;
use std::fs::File;
use std::io::{BufRead as _, BufReader, Read as _};
use std::path::Path;
use std::process::{Child, ChildStdout, Command, Stdio};
use std::sync::Mutex;

use reqwest::Method;
use serde::Deserialize;
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::harness::{Reply, client};
use crate::outside::{Outside, answer};
use crate::upstream::{Step, Upstream, verdict};

#[derive(Deserialize)]
struct Canary {
    kind: String,
    text: String,
    canary: String,
}

fn canaries() -> Vec<Canary> {
    include_str!("../corpus/canaries.jsonl")
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect()
}

/// What is looked for: each canary, and its digits where it has enough of them to be told from a time or a count.
fn needles() -> Vec<String> {
    let mut needles = Vec::new();
    for Canary { canary, .. } in canaries() {
        let digits: String = canary.chars().filter(char::is_ascii_digit).collect();
        if digits.len() >= 6 && digits != canary {
            needles.push(digits);
        }
        needles.push(canary.to_lowercase());
    }
    needles
}

/// The needle that stands in `text`. Digits inside a longer number are a time or a hash.
fn found_in(text: &str) -> Option<String> {
    let text = text.to_lowercase();
    needles().into_iter().find(|needle| {
        let number = needle.bytes().all(|b| b.is_ascii_digit());
        text.match_indices(needle.as_str()).any(|(at, _)| {
            let joins = |c: char| c.is_ascii_alphanumeric() || c == '.';
            !number
                || !(text[..at].ends_with(joins)
                    || text[at + needle.len()..].starts_with(char::is_alphanumeric))
        })
    })
}

/// Fails with the place and the kind of what leaked.
fn assert_clean(place: &str, text: &str) {
    if let Some(needle) = found_in(text) {
        let at = text.to_lowercase().find(&needle).unwrap();
        let from = text.floor_char_boundary(at.saturating_sub(160));
        let to = text.ceil_char_boundary((at + 160).min(text.len()));
        panic!("{place}: {needle} leaked: {}", &text[from..to]);
    }
}

/// Every file of the data folder, byte by byte: the tables, the indices, the write-ahead log, free pages.
fn assert_files_clean(folder: &Path) {
    let mut read = 0;
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            assert_files_clean(&path);
            continue;
        }
        let bytes = std::fs::read(&path).unwrap().to_ascii_lowercase();
        read += bytes.len();
        for needle in needles() {
            let leaked = bytes
                .windows(needle.len())
                .any(|window| window == needle.as_bytes());
            assert!(!leaked, "{}: {needle} leaked", path.display());
        }
    }
    assert!(read > 10_000, "the store is in {}", folder.display());
}

/// The running binary; its log goes to a file beside its data folder.
struct Served {
    announced: String,
    stdout: BufReader<ChildStdout>,
    /// Whether anything on its way logs at trace level: the LLM's client does.
    traced: bool,
    child: Child,
    folder: TempDir,
    address: String,
    metrics: String,
    operator_key: String,
    client: reqwest::Client,
    /// Where tickets and safety reports go.
    outside: Outside,
    /// Method and path of what was answered with success.
    succeeded: Mutex<BTreeSet<(String, String)>>,
}

impl Served {
    async fn start(llm: Option<&str>) -> Self {
        let folder = TempDir::new().unwrap();
        // What it refuses is dead at once, for an operator to decide about.
        let outside = Outside::start(|_| answer(422, json!({}))).await;
        // Trace logs would fill a pipe that nobody reads.
        let log = File::create(folder.path().join("stderr")).unwrap();
        let mut command = Command::new(env!("CARGO_BIN_EXE_switchboard"));
        command
            .env_clear()
            .current_dir(folder.path())
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(log)
            .env("PORT", "0")
            .env("RUST_LOG", "trace")
            .env("SWITCHBOARD__MANAGEMENT__ADDR", "127.0.0.1:0")
            .env("SWITCHBOARD__SERVER__DRAIN_DELAY_MS", "0")
            .env("SWITCHBOARD__DELIVERY__POLL_MS", "100")
            .env("SWITCHBOARD__STORE__DATA_DIR", folder.path().join("data"));
        for system in ["TICKETING", "COMPLIANCE"] {
            command
                .env(format!("SWITCHBOARD__{system}__SYSTEM"), "webhook")
                .env(format!("SWITCHBOARD__{system}__URL"), &outside.url)
                .env(format!("SWITCHBOARD__{system}__SECRET"), "s");
        }
        if let Some(base_url) = llm {
            command
                .env("OPENAI_API_KEY", "test-key")
                .env("OPENAI_BASE_URL", base_url);
        }
        let mut child = command.spawn().unwrap();
        let mut stdout = BufReader::new(child.stdout.take().unwrap());
        let mut announced = String::new();
        while !announced.contains("operator key") {
            assert!(
                stdout.read_line(&mut announced).unwrap() > 0,
                "it ended: {announced}"
            );
        }
        let after = |label: &str| {
            let line = announced
                .lines()
                .find(|line| line.trim_start().starts_with(label))
                .unwrap();
            let rest = line.trim_start().strip_prefix(label).unwrap().trim_start();
            rest.split(' ').next().unwrap().to_owned()
        };
        Self {
            address: after("try a message").trim_end_matches('/').to_owned(),
            metrics: after("metrics"),
            operator_key: after("operator key"),
            traced: llm.is_some(),
            announced,
            stdout,
            child,
            folder,
            client: client(),
            outside,
            succeeded: Mutex::default(),
        }
    }

    async fn send(&self, method: Method, path: &str, key: Option<&str>, body: Option<String>) -> Reply {
        // A connection of its own: the service closes one whose body it refused to read.
        let url = format!("{}{path}", self.address);
        let mut request = self
            .client
            .request(method.clone(), url)
            .header("connection", "close");
        if let Some(key) = key {
            request = request.header("idempotency-key", key);
        }
        if ["/records", "/outbox", "/audit"]
            .iter()
            .any(|part| path.contains(part))
        {
            request = request.bearer_auth(&self.operator_key).header("if-match", "*");
        }
        if let Some(body) = body {
            request = request.header("content-type", "application/json").body(body);
        }
        let reply = Reply::of(request.send().await.unwrap()).await;
        if reply.status.is_success() {
            let path = path.split('?').next().unwrap();
            let asked = (method.as_str().to_lowercase(), path.to_owned());
            self.succeeded.lock().unwrap().insert(asked);
        }
        reply
    }

    /// Sends and looks at the whole answer, head and body.
    async fn send_clean(&self, method: Method, path: &str, body: Option<String>) -> Reply {
        let reply = self.send(method.clone(), path, None, body).await;
        let route = path.split('?').next().unwrap();
        assert_clean(
            &format!("answer of {method} {route}"),
            &format!("{:?}\n{}", reply.headers, reply.text),
        );
        reply
    }

    /// Sends what must succeed, and looks at the whole answer.
    async fn done_clean(&self, method: Method, path: &str, body: Option<Value>) -> Reply {
        let body = body.map(|body| body.to_string());
        let reply = self.send_clean(method.clone(), path, body).await;
        assert!(reply.status.is_success(), "{method} {path}: {}", reply.text);
        reply
    }

    /// The deliveries, once none is on its way any more.
    async fn deliveries(&self) -> Vec<Value> {
        for _ in 0..2_000 {
            let page = self
                .done_clean(Method::GET, "/api/v1/outbox?limit=500", None)
                .await;
            let items = page.at("/items").as_array().unwrap();
            let is_settled = |item: &Value| {
                ["dead", "done", "discarded"]
                    .map(Value::from)
                    .contains(&item["state"])
            };
            if items.iter().all(is_settled) {
                return items.clone();
            }
        }
        panic!("deliveries do not end");
    }

    /// Fails for an operation of the description that was never asked with success.
    async fn assert_complete(&self) {
        let description = self.done_clean(Method::GET, "/openapi.json", None).await;
        let succeeded = self.succeeded.lock().unwrap();
        let fits = |described: &str, asked: &str| {
            let parts = || described.split('/').zip(asked.split('/'));
            described.split('/').count() == asked.split('/').count()
                && parts().all(|(described, asked)| described.starts_with('{') || described == asked)
        };
        let mut operations = 0;
        for (path, item) in description.at("/paths").as_object().unwrap() {
            for method in item.as_object().unwrap().keys() {
                operations += 1;
                let is_asked = succeeded
                    .iter()
                    .any(|(with, asked)| with == method && fits(path, asked));
                assert!(is_asked, "no canary went through {method} {path}");
            }
        }
        assert!(operations >= 14, "{operations} are described");
    }

    async fn stop(mut self) {
        let status = Command::new("kill")
            .args(["-TERM", &self.child.id().to_string()])
            .status();
        assert!(status.unwrap().success());
        assert!(self.child.wait().unwrap().success());
        self.stdout.read_to_string(&mut self.announced).unwrap();
        assert_clean("stdout", &self.announced);
        let log = std::fs::read_to_string(self.folder.path().join("stderr")).unwrap();
        assert!(log.contains("switchboard::access"), "requests are logged");
        assert!(!self.traced || log.contains("\"TRACE\""), "at trace level");
        assert_clean("stderr", &log);
        assert_files_clean(&self.folder.path().join("data"));
    }
}

/// Every canary where a caller's system would put it, and in places nobody expects.
fn metadata() -> Value {
    let canaries = canaries();
    let of = |kind: &str| canaries.iter().find(|canary| canary.kind == kind).unwrap();
    let all: Vec<&str> = canaries.iter().map(|canary| canary.text.as_str()).collect();
    json!({
        "name": "Quirinella Vantongeren",
        "customer_name": "Quirinella Vantongeren",
        "email": "quiri.canary@vantongeren.example",
        "phone": of("phone").canary,
        "ssn": of("ssn").canary,
        "date_of_birth": of("date").canary,
        "address": { "street": "4471 Zebrafinch Avenue, Apt 9" },
        "customer_id": of("ssn").canary,
        "product_id": of("ssn").canary,
        "product_name": "quiri.canary@vantongeren.example",
        "order_id": of("ssn").canary,
        "order_ids": [of("ssn").canary, "quiri.canary@vantongeren.example"],
        "conversation_id": "Quirinella",
        "notes": all,
        "my name is Quirinella": true,
    })
}

/// One message of each category, the canaries in it.
fn messages() -> Vec<(&'static str, String)> {
    let all: Vec<String> = canaries().into_iter().map(|canary| canary.text).collect();
    let all = all.join("\n");
    vec![
        ("informational", format!("What are your opening hours?\n{all}")),
        (
            "service_action",
            format!("Please cancel and refund my order 45-20817.\n{all}"),
        ),
        (
            "safety_compliance",
            format!("I took the new tablets and my throat is swelling and I can't breathe.\n{all}"),
        ),
    ]
}

/// Requests that are refused, the canaries in each.
async fn refusals(served: &Served) {
    let all = messages().remove(0).1;
    let path = "/api/v1/classify";
    let bodies = [
        format!("{{\"message\": \"{}", all.replace('\n', " ")),
        json!({ "message": { "text": all } }).to_string(),
        json!({ "message": all, "channel": all }).to_string(),
        json!({ "message": "hi", "channel": "Quirinella" }).to_string(),
        json!({ "message": "hi", "metadata": all }).to_string(),
        json!({ "message": "hi", "Quirinella": all }).to_string(),
        json!({ "message": all.repeat(10) }).to_string(),
        json!({ "message": "hi", "metadata": { "note": all.repeat(30) } }).to_string(),
        json!(all).to_string(),
        all.clone(),
        all.repeat(120),
    ];
    for (nth, body) in bodies.into_iter().enumerate() {
        let reply = served.send_clean(Method::POST, path, Some(body)).await;
        // Unknown fields are ignored.
        assert!(
            reply.status.is_client_error() || nth == 5,
            "{nth}: {}",
            reply.status
        );
    }
    let query = "name=Quirinella&email=quiri.canary@vantongeren.example&ssn=529-71-3348";
    for path in [
        "/api/v1/nothing",
        "/Quirinella/529-71-3348",
        "/api/v1/classify",
        "/api/v1/records",
    ] {
        served
            .send_clean(Method::GET, &format!("{path}?{query}"), None)
            .await;
        served
            .send_clean(Method::PUT, &format!("{path}?{query}"), Some(all.clone()))
            .await;
    }
    served
        .send_clean(
            Method::GET,
            "/api/v1/records?status=Quirinella&limit=529-71-3348&after=529-71-3348",
            None,
        )
        .await;
    served
        .send_clean(Method::GET, "/api/v1/records/Quirinella", None)
        .await;
    served
        .send_clean(Method::GET, "/api/v1/records/529-71-3348/verbatim", None)
        .await;
}

/// Everything an operator sees and does with a record.
async fn operators(served: &Served, references: &[String]) {
    let all = canaries().into_iter().map(|canary| canary.text);
    let all = all.collect::<Vec<_>>().join(", ");
    served.done_clean(Method::GET, "/api/v1/records", None).await;
    for reference in references {
        let path = format!("/api/v1/records/{reference}");
        served.done_clean(Method::GET, &path, None).await;
        for change in ["reclassify", "resolve"] {
            let wrong = json!({ "category": "Quirinella", "reason": 529, "529-71-3348": "Quirinella" });
            let change = format!("{path}/{change}");
            served
                .send_clean(Method::POST, &change, Some(wrong.to_string()))
                .await;
        }
        // The one place where the customer's words are: this is what shows that the canaries went in.
        let verbatim = served
            .send(Method::GET, &format!("{path}/verbatim"), None, None)
            .await;
        assert_eq!(verbatim.status, 200, "{}", verbatim.text);
        assert!(found_in(&verbatim.text).is_some(), "the verbatim text is kept");
        for (change, body) in [
            ("acknowledge", None),
            ("reclassify", Some(json!({ "category": "informational" }))),
            (
                "resolve",
                Some(json!({ "note": format!("called back: {}", first_chars(&all)) })),
            ),
        ] {
            served
                .done_clean(Method::POST, &format!("{path}/{change}"), body)
                .await;
        }
    }
    for reference in references {
        let path = format!("/api/v1/records/{reference}/verbatim");
        served.done_clean(Method::DELETE, &path, None).await;
        let gone = served.done_clean(Method::GET, &path, None).await;
        assert!(gone.at("/text").is_null(), "{reference} is erased");
    }
    served.done_clean(Method::GET, "/api/v1/audit", None).await;
}

/// As much of a text as a note may have.
fn first_chars(text: &str) -> String {
    text.chars().take(480).collect()
}

/// What goes to the outside system, refused, tried again and given up.
async fn outside_systems(served: &Served) {
    let deliveries = served.deliveries().await;
    let [again, given_up, ..] = &deliveries[..] else {
        panic!("two deliveries or more: {deliveries:?}");
    };
    served.outside.now(|_| answer(200, json!({})));
    for (delivery, decision) in [(given_up, "discard"), (again, "retry")] {
        let key = delivery["key"].as_str().unwrap();
        served
            .done_clean(Method::POST, &format!("/api/v1/outbox/{key}/{decision}"), None)
            .await;
    }
    served.deliveries().await;
    let received = served.outside.received();
    assert!(received.len() > deliveries.len(), "one was tried again");
    let mut tell = 0;
    for event in received {
        let body = String::from_utf8(event.body).unwrap();
        tell += usize::from(body.contains("_REDACTED]"));
        assert_clean(
            "the outside system's request",
            &format!("{} {}\n{:?}\n{body}", event.path, event.query, event.headers),
        );
    }
    assert!(tell >= 3, "events tell of the messages: {tell}");
}

/// Sends everything; the references of the records that were made.
async fn everything(served: &Served, upstream: &Upstream) {
    let mut references = Vec::new();
    for (category, message) in messages() {
        upstream.answer(verdict(category, 0.93));
        for channel in ["chat", "mail", "voice"] {
            let body = json!({ "message": message, "channel": channel, "metadata": metadata() }).to_string();
            let key = format!("{category}-{channel}");
            for _ in 0..2 {
                let path = "/api/v1/classify";
                let reply = served
                    .send(Method::POST, path, Some(&key), Some(body.clone()))
                    .await;
                assert_eq!(reply.status, 200, "{}", reply.text);
                assert_clean(
                    &format!("answer to {key}"),
                    &format!("{:?}\n{}", reply.headers, reply.text),
                );
                if let Some(reference) = reply.at("/next_step/reference").as_str() {
                    references.push(reference.to_owned());
                }
            }
        }
    }
    references.sort_unstable();
    references.dedup();
    assert!(references.len() >= 3, "safety reports are on record");
    refusals(served).await;
    outside_systems(served).await;
    operators(served, &references).await;
    for path in [
        "/health",
        "/ready",
        "/api/v1/health",
        "/api/v1/ready",
        "/docs/",
        "/",
    ] {
        served.done_clean(Method::GET, path, None).await;
    }
    served.assert_complete().await;
    let metrics = served
        .client
        .get(&served.metrics)
        .send()
        .await
        .unwrap()
        .text()
        .await
        .unwrap();
    assert!(metrics.contains("switchboard_"));
    assert_clean("metrics", &metrics);
    assert_files_clean(&served.folder.path().join("data"));
    for request in upstream.requests() {
        assert_clean(
            "the LLM's request",
            &format!("{:?}\n{}", request.headers, request.body),
        );
    }
}

#[test]
fn a_canary_that_leaks_is_seen() {
    for canary in canaries() {
        assert!(found_in(&canary.text).is_some(), "{}", canary.kind);
        let shown = format!("{{\"text\":\"{}\"}}", canary.canary.to_uppercase());
        assert!(found_in(&shown).is_some(), "{}", canary.kind);
    }
    assert_eq!(found_in("2026-11-22T15:39:37.220188Z took 1990117000"), None);
}

#[tokio::test(flavor = "multi_thread")]
async fn no_canary_comes_out_while_the_llm_answers() {
    let upstream = Upstream::start().await;
    let served = Served::start(Some(&upstream.base_url())).await;
    everything(&served, &upstream).await;
    assert!(upstream.requests().len() >= 3, "the LLM was asked");
    served.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn no_canary_comes_out_without_an_llm() {
    let upstream = Upstream::start().await;
    let served = Served::start(None).await;
    everything(&served, &upstream).await;
    assert!(upstream.requests().is_empty());
    served.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn no_canary_comes_out_while_the_llm_fails() {
    let upstream = Upstream::start().await;
    // An LLM that repeats what it was sent, in an error and in a reply that is none, is the worst of them.
    upstream.script([
        Step::Refusal,
        Step::Text("Quirinella, your ssn is 529-71-3348".to_owned()),
        Step::Status(400, vec![], "invalid_request"),
        Step::TruncatedJson,
        Step::ResetBeforeHead,
    ]);
    upstream.always(Step::Status(500, vec![], "server_error"));
    let served = Served::start(Some(&upstream.base_url())).await;
    everything(&served, &upstream).await;
    assert!(!upstream.requests().is_empty(), "the LLM was asked");
    served.stop().await;
}
