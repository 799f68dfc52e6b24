//! When the service cannot keep a promise it says so at once, promises nothing, and recovers without a restart.

use std::time::Duration;

use sqlx::{Connection as _, Executor as _};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use crate::harness::{Reply, TestApp, use_llm};
use crate::upstream::{Step, Upstream};

const REPORT: &str = "I have a rash since the second tablet";

#[tokio::test]
async fn a_store_that_cannot_write_is_a_503_and_not_ready_and_comes_back() {
    let app = TestApp::start().await;
    let file = app.data.path().join(switchboard::store::DATABASE_FILE);
    let mut other = sqlx::SqliteConnection::connect(&format!("sqlite://{}", file.display()))
        .await
        .unwrap();
    other.execute("BEGIN IMMEDIATE").await.unwrap();

    let refused = app.say(REPORT).await;
    assert_eq!(
        (refused.status.as_u16(), refused.body["error"].as_str()),
        (503, Some("store_unavailable")),
        "{}",
        refused.text
    );
    assert!(refused.header("retry-after").parse::<u64>().unwrap() > 0);
    assert_eq!(
        refused.at("/next_step"),
        &serde_json::Value::Null,
        "nothing is promised"
    );
    app.hand.advance(Duration::from_secs(2));
    let ready = app.get("/api/v1/ready").await;
    assert_eq!(
        (ready.status.as_u16(), ready.body["status"].as_str()),
        (503, Some("unavailable")),
        "{}",
        ready.text
    );
    assert_eq!(
        app.get("/api/v1/health").await.status,
        200,
        "the process is alive all the same"
    );

    other.execute("ROLLBACK").await.unwrap();
    assert_eq!(app.get("/api/v1/ready").await.status, 200);
    let accepted = app.say(REPORT).await;
    assert_eq!(accepted.status, 200, "{}", accepted.text);
    assert!(accepted.at("/next_step/reference").is_string());
    app.stop().await;
}

#[tokio::test]
async fn one_request_too_many_is_refused_at_once_and_health_stays_up() {
    let upstream = Upstream::start().await;
    upstream.always(Step::Held);
    let app = TestApp::start_with(|config| {
        use_llm(config, &upstream);
        config.server.max_concurrent_requests = 2;
    })
    .await;
    let busy = async { tokio::join!(app.say("What are your hours?"), app.say("What are your hours?")) };
    let beside = async {
        upstream.wait_for_requests(2).await;
        let refused = app.say("What are your hours?").await;
        let health = app.get("/api/v1/health").await;
        upstream.release();
        (refused, health)
    };
    let ((first, second), (refused, health)) = tokio::join!(busy, beside);
    assert_eq!(
        app.metric("switchboard_rate_limit_decisions_total{decision=\"shed\",backend=\"local\"}")
            .await,
        1.0
    );
    assert_eq!(
        (refused.status.as_u16(), refused.body["error"].as_str()),
        (503, Some("overloaded")),
        "{}",
        refused.text
    );
    assert_eq!(refused.header("retry-after"), "1");
    assert_eq!(
        (
            health.status.as_u16(),
            first.status.as_u16(),
            second.status.as_u16()
        ),
        (200, 200, 200)
    );
    app.stop().await;
}

#[tokio::test]
async fn while_the_service_is_full_a_safety_report_is_accepted_at_once() {
    let upstream = Upstream::start().await;
    upstream.always(Step::Held);
    let app = TestApp::start_with(|config| {
        use_llm(config, &upstream);
        config.server.max_concurrent_requests = 1;
    })
    .await;
    let beside = async {
        upstream.wait_for_requests(1).await;
        let refused = app.say("What are your hours?").await;
        let report = app.say("My son took 40 tylenol and can't breathe").await;
        let asked = upstream.requests().len();
        upstream.release();
        (refused, report, asked)
    };
    let (busy, (refused, report, asked)) = tokio::join!(app.say("What are your hours?"), beside);
    assert_eq!((busy.status.as_u16(), refused.status.as_u16()), (200, 503));
    assert_eq!((report.status.as_u16(), asked), (200, 1), "{}", report.text);
    assert_eq!(report.body["category"], "safety_compliance");
    assert!(report.at("/next_step/reference").is_string());
    assert_eq!(report.body["degraded"], true);
    let path = report.body["decision_path"].as_str().unwrap();
    assert!(
        path.starts_with("llm: not asked while the service is full > "),
        "{path}"
    );
    for (decision, count) in [("allowed", 1.0), ("shed", 1.0), ("safety_lane", 1.0)] {
        let series =
            format!("switchboard_rate_limit_decisions_total{{decision=\"{decision}\",backend=\"local\"}}");
        assert_eq!(app.metric(&series).await, count, "{decision}");
    }
    app.stop().await;
}

#[tokio::test]
async fn who_sends_slowly_keeps_nobody_out() {
    let app = TestApp::start_with(|config| config.server.max_concurrent_requests = 1).await;
    let mut slow = TcpStream::connect(app.address).await.unwrap();
    let head = "POST /api/v1/classify HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n\
                Content-Length: 34\r\nExpect: 100-continue\r\n\r\n";
    slow.write_all(head.as_bytes()).await.unwrap();
    // Asked for its body, it is past whatever holds a request up before that.
    let mut asked = [0; 25];
    slow.read_exact(&mut asked).await.unwrap();
    assert_eq!(&asked, b"HTTP/1.1 100 Continue\r\n\r\n");
    let other = app.say("What are your hours?").await;
    assert_eq!(other.status, 200, "{}", other.text);
    slow.write_all(b"{\"message\":\"What are your hours?\"}")
        .await
        .unwrap();
    let mut status = [0; 13];
    slow.read_exact(&mut status).await.unwrap();
    assert_eq!(&status, b"HTTP/1.1 200 ");
    app.stop().await;
}

#[tokio::test]
async fn a_head_without_end_is_refused_before_it_fills_the_memory() {
    let app = TestApp::start().await;
    let mut stream = TcpStream::connect(app.address).await.unwrap();
    let head = format!(
        "GET /health HTTP/1.1\r\nHost: x\r\nX-Endless: {}",
        "x".repeat(65_536)
    );
    stream.write_all(head.as_bytes()).await.unwrap();
    let mut status = [0; 13];
    stream.read_exact(&mut status).await.unwrap();
    assert_eq!(&status, b"HTTP/1.1 431 ");
    app.stop().await;
}

#[tokio::test]
async fn clients_that_hold_connections_and_say_nothing_keep_nobody_out() {
    let app = TestApp::start_with(|config| config.server.max_connections = 16).await;
    let mut silent = Vec::new();
    for _ in 0..16 {
        silent.push(TcpStream::connect(app.address).await.unwrap());
        // One after the other, so that each has its place before time passes.
        silent
            .last_mut()
            .unwrap()
            .write_all(b"GET /health HTTP/1.1\r\nHost: x\r\n\r\n")
            .await
            .unwrap();
        silent.last_mut().unwrap().read_u8().await.unwrap();
    }
    app.hand.advance(Duration::from_secs(1));
    assert_eq!(app.get("/health").await.status, 200);
    let mut rest = Vec::new();
    silent[0].read_to_end(&mut rest).await.unwrap();
    assert!(rest.starts_with(b"TTP/1.1 200 "), "one of them made room");
    app.stop().await;
}

#[tokio::test]
async fn while_it_drains_every_answer_says_that_its_connection_ends() {
    let app = TestApp::start().await;
    let before = app.say("What are your hours?").await;
    assert_eq!((before.status.as_u16(), before.header("connection")), (200, ""));
    app.running().tasks().draining().cancel();
    for reply in [app.say("What are your hours?").await, app.get("/health").await] {
        assert_eq!(
            (reply.status.as_u16(), reply.header("connection")),
            (200, "close")
        );
    }
    app.stop().await;
}

#[tokio::test]
async fn a_body_that_never_ends_is_given_up_at_the_deadline() {
    let origin = "https://chat.example.com";
    let app = TestApp::start_with(|config| config.cors.allowed_origins = vec![origin.into()]).await;
    let first = Ok::<_, std::io::Error>(hyper::body::Frame::data(bytes::Bytes::from_static(
        b"{\"message\":",
    )));
    let endless = futures_util::StreamExt::chain(
        futures_util::stream::iter([first]),
        futures_util::stream::pending(),
    );
    let body = reqwest::Body::wrap(http_body_util::StreamBody::new(endless));
    let moving = async {
        loop {
            app.hand.advance_once_awaited(Duration::from_secs(1)).await;
        }
    };
    let asking = async {
        let request = app
            .request(reqwest::Method::POST, "/api/v1/classify")
            .header("content-type", "application/json")
            .header("origin", origin);
        Reply::of(request.body(body).send().await.unwrap()).await
    };
    let reply: Reply = tokio::select! {
        reply = asking => reply,
        () = moving => unreachable!("the hand never rests"),
    };
    assert_eq!(
        (reply.status.as_u16(), reply.body["error"].as_str()),
        (503, Some("deadline_exceeded")),
        "{}",
        reply.text
    );
    assert_eq!(
        reply.header("access-control-allow-origin"),
        origin,
        "a page may read when to come back"
    );
    assert!(
        reply.header("ratelimit").starts_with("\"client\";r="),
        "and every client what it has left"
    );
    app.stop().await;
}

#[tokio::test]
async fn only_configured_origins_may_call_from_a_browser() {
    let preflight = |app: &TestApp, origin: &'static str| {
        app.request(reqwest::Method::OPTIONS, "/api/v1/classify")
            .header("origin", origin)
            .header("access-control-request-method", "POST")
            .header("access-control-request-headers", "content-type,if-match")
    };
    let lists = |reply: &Reply, list: &str, name: &str| {
        let names = reply.header(list).to_ascii_lowercase();
        names.split(',').any(|listed| listed.trim() == name)
    };
    let app = TestApp::start().await;
    let reply = Reply::of(preflight(&app, "https://chat.example.com").send().await.unwrap()).await;
    assert_eq!(reply.header("access-control-allow-origin"), "", "none by default");
    app.stop().await;
    let app =
        TestApp::start_with(|config| config.cors.allowed_origins = vec!["https://chat.example.com".into()])
            .await;
    let reply = Reply::of(preflight(&app, "https://chat.example.com").send().await.unwrap()).await;
    assert_eq!(
        reply.header("access-control-allow-origin"),
        "https://chat.example.com"
    );
    for name in [
        "content-type",
        "authorization",
        "idempotency-key",
        "if-match",
        "tracestate",
    ] {
        assert!(lists(&reply, "access-control-allow-headers", name), "{name}");
    }
    for method in ["get", "post", "delete"] {
        assert!(lists(&reply, "access-control-allow-methods", method), "{method}");
    }
    let answered = app
        .request(reqwest::Method::GET, "/health")
        .header("origin", "https://chat.example.com");
    let reply = Reply::of(answered.send().await.unwrap()).await;
    for name in [
        "etag",
        "retry-after",
        "ratelimit",
        "ratelimit-policy",
        "x-request-id",
    ] {
        assert!(lists(&reply, "access-control-expose-headers", name), "{name}");
    }
    let reply = Reply::of(preflight(&app, "https://evil.example.com").send().await.unwrap()).await;
    assert_ne!(
        reply.header("access-control-allow-origin"),
        "https://evil.example.com"
    );
    app.stop().await;
}
