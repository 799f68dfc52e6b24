//! Invalid input gets a problem document that names every offending field, and nothing is half-parsed.

use reqwest::Method;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use crate::harness::{Reply, TestApp};

/// What every problem document holds.
fn assert_problem(reply: &Reply, status: u16, error: &str) {
    assert_eq!(reply.status, status, "{}", reply.text);
    assert_eq!(reply.header("content-type"), "application/problem+json");
    assert_eq!(reply.body["error"], error, "{}", reply.text);
    assert_eq!(reply.body["status"], status);
    assert_eq!(reply.body["request_id"], reply.header("x-request-id"));
    for name in ["type", "title", "detail", "message"] {
        assert!(
            reply.body[name].as_str().is_some_and(|text| !text.is_empty()),
            "{name}: {}",
            reply.text
        );
    }
}

#[tokio::test]
async fn every_offending_field_is_named() {
    let app = TestApp::start().await;
    let deep = (1..9).fold(json!({}), |inner, _| json!({ "a": inner }));
    let cases: Vec<(Value, &[&str])> = vec![
        (json!({}), &["message:missing"]),
        (json!({ "message": "" }), &["message:empty"]),
        (json!({ "message": " \n\t " }), &["message:empty"]),
        (json!({ "message": "\u{0}\u{1}" }), &["message:empty"]),
        (json!({ "message": 5 }), &["message:wrong_type"]),
        (json!({ "message": null }), &["message:wrong_type"]),
        (json!({ "message": ["hi"] }), &["message:wrong_type"]),
        (json!({ "message": "a".repeat(5001) }), &["message:too_long"]),
        (json!({ "message": "hi", "channel": "fax" }), &["channel:unknown"]),
        (json!({ "message": "hi", "channel": "" }), &["channel:unknown"]),
        (
            json!({ "message": "hi", "channel": "CHAT" }),
            &["channel:unknown"],
        ),
        (json!({ "message": "hi", "channel": 1 }), &["channel:wrong_type"]),
        (
            json!({ "message": "hi", "metadata": [] }),
            &["metadata:wrong_type"],
        ),
        (
            json!({ "message": "hi", "metadata": "x" }),
            &["metadata:wrong_type"],
        ),
        (
            json!({ "message": "hi", "metadata": deep }),
            &["metadata:too_deep"],
        ),
        (
            json!({ "message": "hi", "metadata": { "k": "x".repeat(17_000) } }),
            &["metadata:too_large"],
        ),
        (
            json!({ "message": "", "channel": "fax", "metadata": 1 }),
            &["message:empty", "channel:unknown", "metadata:wrong_type"],
        ),
    ];
    for (body, faults) in cases {
        let reply = app.classify(body).await;
        assert_problem(&reply, 400, "validation_failed");
        assert_eq!(reply.faults(), faults);
    }
    // The sentence names each field once, however much is wrong with it.
    let twice = r#"{"message": "hi", "channel": "chat", "channel": 1, "message": ""}"#;
    let reply = app.classify_raw(twice).await;
    let mut faults = reply.faults();
    faults.sort();
    let expected = [
        "channel:duplicate",
        "channel:wrong_type",
        "message:duplicate",
        "message:empty",
    ];
    assert_eq!(faults, expected);
    let detail = reply.body["detail"].as_str().unwrap();
    let (_, names) = detail.split_once(": ").unwrap();
    let mut names: Vec<&str> = names.split(", ").collect();
    names.sort_unstable();
    assert_eq!(names, ["channel", "message"], "{detail}");
    app.stop().await;
}

#[tokio::test]
async fn an_unknown_channel_lists_the_known_ones() {
    let app = TestApp::start().await;
    let reply = app.classify(json!({ "message": "hi", "channel": "fax" })).await;
    let text = reply.at("/errors/0/message").as_str().unwrap();
    for channel in ["chat", "voice", "mail", "email", "api"] {
        assert!(text.contains(channel), "{text}");
    }
    app.stop().await;
}

#[tokio::test]
async fn what_is_not_a_json_object_is_refused_whole() {
    let app = TestApp::start().await;
    let deep = format!(
        r#"{{"message":"hi","x":{}{}}}"#,
        "[".repeat(5000),
        "]".repeat(5000)
    );
    for body in [
        &b"{not json"[..],
        b"",
        b"   ",
        b"[]",
        b"\"hi\"",
        b"null",
        b"{\"message\":\"hi\"",
        b"{\"message\":\"\xff\xfe\"}",
        b"{\"message\":\"hi\"} x",
    ] {
        assert_problem(&app.classify_raw(body.to_vec()).await, 400, "invalid_json");
    }
    let duplicate = app
        .classify_raw(r#"{"message":"hi","message":"I overdosed"}"#)
        .await;
    assert_eq!(duplicate.faults(), ["message:duplicate"]);
    let duplicate = app
        .classify_raw(r#"{"message":"hi","metadata":{"order_id":"1","order_id":"2"}}"#)
        .await;
    assert_eq!(duplicate.faults(), ["metadata:duplicate"]);
    let surrogate = app.classify_raw(r#"{"message":"a\ud800b"}"#).await;
    assert_eq!(surrogate.faults(), ["message:wrong_type"]);
    let nested = app
        .classify_raw(
            deep.replace("\"x\"", "\"metadata\"")
                .replace(":[", ":{\"a\":[")
                .replace("]}", "]}}"),
        )
        .await;
    assert_eq!(nested.faults(), ["metadata:too_deep"], "{}", nested.text);
    app.stop().await;
}

#[tokio::test]
async fn what_clients_expect_of_a_web_api_is_accepted() {
    let app = TestApp::start().await;
    let longest = "ü".repeat(5000);
    for body in [
        json!({ "message": "What are your hours?" }),
        json!({ "message": "What are your hours?", "channel": "email" }),
        json!({ "message": "What are your hours?", "channel": null, "metadata": null }),
        json!({ "message": "What are your hours?", "colour": "red", "nested": { "a": [1, 2] } }),
        json!({ "message": "What are\u{0} your hours?" }),
        json!({ "message": longest }),
        json!({ "message": "{{7*7}} ${7*7} {% raw %}" }),
    ] {
        let reply = app.classify(body).await;
        assert_eq!(reply.status, 200, "{}", reply.text);
    }
    let with_charset = app
        .request(Method::POST, "/api/v1/classify")
        .header("content-type", "application/json; charset=UTF-8");
    assert_eq!(
        with_charset
            .body(r#"{"message":"hi"}"#)
            .send()
            .await
            .unwrap()
            .status(),
        200
    );
    app.stop().await;
}

#[tokio::test]
async fn the_wrong_path_method_type_or_size_is_a_problem_document_too() {
    let app = TestApp::start().await;
    assert_problem(&app.get("/nope").await, 404, "not_found");
    let wrong_method = app.get("/api/v1/classify").await;
    assert_problem(&wrong_method, 405, "method_not_allowed");
    assert_eq!(wrong_method.header("allow"), "POST");
    let typed = |kind: &'static str| {
        app.request(Method::POST, "/api/v1/classify")
            .header("content-type", kind)
    };
    for kind in [
        "text/plain",
        "application/xml",
        "application/json; charset=latin1",
        "",
    ] {
        let reply = Reply::of(typed(kind).body(r#"{"message":"hi"}"#).send().await.unwrap()).await;
        assert_problem(&reply, 415, "unsupported_media_type");
    }
    let too_large = app
        .classify(json!({ "message": "hi", "x": "y".repeat(64 * 1024) }))
        .await;
    assert_problem(&too_large, 413, "body_too_large");
    assert_eq!(too_large.at("/title"), "Content Too Large");
    assert_eq!(too_large.header("connection"), "close", "the rest is not read");
    let most = r#"{"message":"When do you open?"}"#.to_owned() + &" ".repeat(64 * 1024);
    assert_eq!(app.classify_raw(most[..64 * 1024].to_owned()).await.status, 200);
    assert_problem(
        &app.classify_raw(most[..64 * 1024 + 1].to_owned()).await,
        413,
        "body_too_large",
    );
    // Chunked, so that no length is announced: the limit holds while reading.
    let chunk = || Ok::<_, std::io::Error>(hyper::body::Frame::data(bytes::Bytes::from(vec![b' '; 40_000])));
    let chunks = futures_util::stream::iter([chunk(), chunk(), chunk()]);
    let stream = reqwest::Body::wrap(http_body_util::StreamBody::new(chunks));
    assert_problem(&app.classify_raw(stream).await, 413, "body_too_large");
    app.stop().await;
}

/// It is answered as soon as its head is read. A reset would meet what it still sends, and many clients would not look at the answer then.
#[tokio::test]
async fn a_client_that_sends_far_too_much_may_send_it_all_and_reads_why_it_is_refused() {
    let app = TestApp::start().await;
    let mut stream = TcpStream::connect(app.address).await.unwrap();
    let part = vec![b' '; 64 * 1024];
    let parts = 80;
    let head = format!(
        "POST /api/v1/classify HTTP/1.1\r\nhost: a\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n",
        parts * part.len()
    );
    stream.write_all(head.as_bytes()).await.unwrap();
    for _ in 0..parts {
        stream
            .write_all(&part)
            .await
            .expect("the connection is not reset");
    }
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    assert!(answer.starts_with("HTTP/1.1 413 "), "{answer}");
    assert!(answer.contains("body_too_large"), "{answer}");
    app.stop().await;
}

#[tokio::test]
async fn a_request_says_once_which_host_it_is_for() {
    let app = TestApp::start().await;
    for (version, hosts, status) in [
        ("1.1", "", "400"),
        ("1.1", "Host: a\r\nHost: b\r\n", "400"),
        ("1.1", "Host: a b\r\n", "400"),
        ("1.1", "Host: user@a\r\n", "400"),
        ("1.0", "Host: a\r\nHost: a\r\n", "400"),
        ("1.1", "Host: a.example:8000\r\n", "200"),
        ("1.1", "Host: [::1]:8000\r\n", "200"),
        ("1.1", "Host:\r\n", "200"),
        // As a load balancer's probe may.
        ("1.0", "", "200"),
    ] {
        let mut stream = TcpStream::connect(app.address).await.unwrap();
        let head = format!("GET /api/v1/health HTTP/{version}\r\nConnection: close\r\n{hosts}\r\n");
        stream.write_all(head.as_bytes()).await.unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.unwrap();
        assert_eq!(answer.split(' ').nth(1), Some(status), "{head}{answer}");
        if status == "400" {
            assert!(
                answer.contains("\"field\":\"Host\"") && answer.contains("x-request-id"),
                "{answer}"
            );
        }
    }
    app.stop().await;
}

#[tokio::test]
async fn every_answer_has_an_id_a_time_and_the_security_headers() {
    let app = TestApp::start().await;
    let with_id = |id: String| {
        app.request(Method::GET, "/api/v1/health")
            .header("x-request-id", id)
    };
    for (brought, taken) in [
        ("abc-123".to_owned(), true),
        ("x".repeat(128), true),
        ("x".repeat(129), false),
        ("a b".to_owned(), false),
    ] {
        let reply = Reply::of(with_id(brought.clone()).send().await.unwrap()).await;
        assert_eq!(reply.header("x-request-id") == brought, taken, "{brought}");
        if !taken {
            assert_eq!(
                uuid::Uuid::parse_str(reply.header("x-request-id"))
                    .unwrap()
                    .get_version_num(),
                7
            );
        }
    }
    for path in ["/", "/api/v1/health", "/nope", "/docs/", "/openapi.json"] {
        let reply = app.get(path).await;
        assert!(
            reply.header("x-process-time-ms").parse::<f64>().unwrap() >= 0.0,
            "{path}"
        );
        assert_eq!(reply.header("x-content-type-options"), "nosniff", "{path}");
        assert!(
            reply
                .header("content-security-policy")
                .contains("default-src 'none'"),
            "{path}"
        );
        assert!(!reply.header("cache-control").is_empty(), "{path}");
    }
    app.stop().await;
}

/// Some writers put the mark in front of UTF-8; their reports must not be lost to it.
#[tokio::test]
async fn a_byte_order_mark_is_passed_over_and_a_compressed_body_is_named() {
    let app = TestApp::start().await;
    let marked = app
        .classify_raw("\u{feff}{\"message\": \"my face is swelling since the new pill\"}")
        .await;
    assert_eq!(marked.status, 200, "{}", marked.text);
    assert_eq!(marked.at("/category"), "safety_compliance");
    assert_problem(&app.classify_raw("\u{feff}").await, 400, "invalid_json");
    let encoded = async |encoding: &'static str, body: &'static [u8]| {
        let request = app
            .request(Method::POST, "/api/v1/classify")
            .header("content-type", "application/json")
            .header("content-encoding", encoding);
        Reply::of(request.body(body).send().await.unwrap()).await
    };
    let gzip = b"\x1f\x8b\x08\0\0\0\0\0\0\x03\xab\x56";
    assert_problem(&encoded("gzip", gzip).await, 415, "unsupported_content_encoding");
    // The charset in the wrong header, which is common.
    assert_eq!(encoded("utf-8", br#"{"message":"hi there"}"#).await.status, 200);
    assert_problem(&app.classify_raw(gzip.as_slice()).await, 400, "invalid_json");
    app.stop().await;
}

#[tokio::test]
async fn a_refused_head_request_is_told_the_length_that_get_has() {
    let app = TestApp::start().await;
    let ask = async |method: Method, path: &str| {
        let request = app.request(method, path).header("x-request-id", "r-1");
        Reply::of(request.send().await.unwrap()).await
    };
    for (path, status) in [
        ("/nope", 404),
        ("/api/v1/classify", 405),
        ("/api/v1/records", 401),
    ] {
        let (head, get) = (ask(Method::HEAD, path).await, ask(Method::GET, path).await);
        assert_eq!((head.status, get.status), (get.status, head.status), "{path}");
        assert_eq!(head.status, status, "{path}");
        assert!(head.text.is_empty(), "{path}");
        assert_eq!(
            head.header("content-length"),
            get.text.len().to_string(),
            "{path}"
        );
    }
    app.stop().await;
}
