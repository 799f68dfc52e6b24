//! The log lines of the real binary: what a request's lines carry, one line per change of state, and a flood that is thinned out.

use std::io::Write as _;
use std::net::TcpStream;
use std::time::Duration;

use ring::digest;
use secrecy::ExposeSecret as _;
use serde_json::{Value, json};
use sqlx::{Connection as _, Executor as _};
use tempfile::TempDir;

use crate::database::{Database, OwnRole, data_key};
use crate::outside::{Outside, answer};
use crate::process::{Served, receive, switchboard};
use crate::upstream::{Step, Upstream};

const TRACE: &str = "4bf92f3577b34da6a3ce929d0e0e4736";

fn said<'l>(log: &'l [Value], message: &str) -> Vec<&'l Value> {
    log.iter().filter(|line| line["message"] == message).collect()
}

/// Sends a message with these headers, and answers the status and the body.
fn say(stream: &mut TcpStream, headers: &str, message: &str) -> (u16, Value) {
    let body = json!({ "message": message }).to_string();
    write!(
        stream,
        "POST /api/v1/classify HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n{headers}Content-Length: {}\r\n\r\n{body}",
        body.len()
    )
    .unwrap();
    receive(stream)
}

#[test]
fn a_requests_line_carries_its_ids_and_no_words_of_the_customer() {
    let data = TempDir::new().unwrap();
    let mut command = switchboard(&data);
    let of_desk = hex::encode(digest::digest(&digest::SHA256, b"secret-of-the-desk"));
    command
        .env("SWITCHBOARD_LOG", "json")
        .env("SWITCHBOARD__AUTH__MODE", "keys")
        .env("SWITCHBOARD__AUTH__KEYS", key_of_the_shop())
        .env("SWITCHBOARD__OPERATOR__KEYS", format!("[desk:{of_desk}]"));
    let served = Served::start(command);
    let mut stream = served.connect();
    let headers = format!(
        "X-API-Key: secret-of-the-shop\r\nX-Request-ID: req-9\r\ntraceparent: 00-{TRACE}-00f067aa0ba902b7-01\r\n"
    );
    let (status, answer) = say(
        &mut stream,
        &headers,
        "Quirinella has a rash since the second tablet",
    );
    assert_eq!(status, 200, "{answer}");
    let (status, _) = say(&mut stream, "X-Request-ID: req-10\r\n", "no key");
    assert_eq!(status, 401);
    write!(
        stream,
        "GET /api/v1/records HTTP/1.1\r\nHost: x\r\nX-API-Key: secret-of-the-desk\r\nX-Request-ID: req-11\r\n\r\n"
    )
    .unwrap();
    assert_eq!(receive(&mut stream).0, 200);
    write!(
        stream,
        "GET /api/v1/audit HTTP/1.1\r\nHost: x\r\nX-API-Key: secret-of-the-shop\r\nX-Request-ID: req-12\r\n\r\n"
    )
    .unwrap();
    assert_eq!(receive(&mut stream).0, 403);
    for (id, method, path, status) in [
        ("req-13", "GET", "/api/v1/records/SAF%00", 404),
        ("req-14", "POST", "/api/v1/records/SAF-NONE/acknowledge", 428),
    ] {
        write!(
            stream,
            "{method} {path} HTTP/1.1\r\nHost: x\r\nX-API-Key: secret-of-the-desk\r\nX-Request-ID: {id}\r\n\r\n"
        )
        .unwrap();
        assert_eq!(receive(&mut stream).0, status, "{path}");
    }
    drop(stream);
    served.signal("TERM");
    let (_, log) = served.ended();
    let lines = said(&log, "request");
    let by_id = |id: &str| {
        let found = lines
            .iter()
            .find(|line| line.to_string().contains(&format!("\"request_id\":\"{id}\"")));
        *found.unwrap_or_else(|| panic!("{id}: {log:?}"))
    };
    let line = by_id("req-9");
    assert!(
        line.to_string().contains(&format!("\"trace_id\":\"{TRACE}\"")),
        "{line}"
    );
    assert_eq!(line["client"], "shop");
    assert_eq!(line["reference"], answer["next_step"]["reference"]);
    assert_eq!(
        (&line["status"], &line["route"]),
        (&json!(200), &json!("/api/v1/classify"))
    );
    assert_eq!(by_id("req-10")["status"], 401);
    assert_eq!(by_id("req-11")["client"], "desk");
    assert_eq!(by_id("req-12")["client"], "shop", "who tried what is not theirs");
    for id in ["req-13", "req-14"] {
        assert_eq!(by_id(id)["client"], "desk", "{id}: who asked for what is refused");
    }
    let all = format!("{log:?}");
    for word in ["Quirinella", "rash", "secret-of-the-shop", "127.0.0.1"] {
        assert!(!all.contains(word), "{word}: {all}");
    }
}

#[test]
fn a_data_key_that_others_may_read_is_told_at_the_start() {
    use std::os::unix::fs::PermissionsExt as _;
    let data = TempDir::new().unwrap();
    let log = || {
        let mut command = switchboard(&data);
        command.env("SWITCHBOARD_LOG", "json");
        let served = Served::start(command);
        served.signal("INT");
        served.ended().1
    };
    let told = "others than its owner may read or write the data key: give its file the mode 0600";
    assert!(said(&log(), told).is_empty(), "as it is made");
    let file = data.path().join("data/data.key");
    std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o644)).unwrap();
    let again = log();
    let lines = said(&again, told);
    assert_eq!(
        (lines.len(), &lines[0]["level"], &lines[0]["file"]),
        (1, &json!("WARN"), &json!("data/data.key")),
        "{again:?}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn each_change_of_state_is_one_line() {
    let data = TempDir::new().unwrap();
    let upstream = Upstream::start().await;
    upstream.always(Step::Status(401, vec![], "invalid_api_key"));
    let mut command = switchboard(&data);
    command
        .env("SWITCHBOARD_LOG", "json")
        .env("SWITCHBOARD__STORE__DATA_DIR", data.path().join("data"))
        .env("OPENAI_API_KEY", "sk-none")
        .env("OPENAI_BASE_URL", upstream.base_url());
    let served = Served::start(command);
    let mut stream = served.connect();
    const REPORT: &str = "I have a rash since the second tablet";
    for _ in 0..2 {
        assert_eq!(say(&mut stream, "", REPORT).0, 200);
    }
    let file = data.path().join("data").join(switchboard::store::DATABASE_FILE);
    let mut other = sqlx::SqliteConnection::connect(&format!("sqlite://{}", file.display()))
        .await
        .unwrap();
    other.execute("BEGIN IMMEDIATE").await.unwrap();
    for _ in 0..2 {
        assert_eq!(say(&mut stream, "", REPORT).0, 503);
    }
    other.execute("ROLLBACK").await.unwrap();
    for _ in 0..2 {
        assert_eq!(say(&mut stream, "", REPORT).0, 200);
    }
    drop(stream);
    served.signal("TERM");
    let (_, log) = served.ended();
    for change in [
        "LLM switched off: the service refuses our key or account; answers come from the local model",
        "the store does not take writes: requests that need a record are refused with 503",
        "the store takes writes again",
        "draining",
        "stopped",
    ] {
        assert_eq!(said(&log, change).len(), 1, "{change}: {log:#?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_outside_system_that_refuses_is_told_once() {
    let data = TempDir::new().unwrap();
    let (arrived, mut arrivals) = tokio::sync::mpsc::unbounded_channel();
    let system = |status| {
        let arrived = arrived.clone();
        Outside::start(move |_| {
            arrived.send(status).unwrap();
            answer(status, json!({}))
        })
    };
    let (ticketing, compliance, help_centre) = (system(422).await, system(401).await, system(500).await);
    let mut command = switchboard(&data);
    command
        .env("SWITCHBOARD_LOG", "json")
        .env("SWITCHBOARD__TICKETING__SYSTEM", "webhook")
        .env("SWITCHBOARD__TICKETING__URL", &ticketing.url)
        .env("SWITCHBOARD__TICKETING__SECRET", "s")
        .env("SWITCHBOARD__COMPLIANCE__SYSTEM", "webhook")
        .env("SWITCHBOARD__COMPLIANCE__URL", &compliance.url)
        .env("SWITCHBOARD__COMPLIANCE__SECRET", "s")
        .env("SWITCHBOARD__KNOWLEDGE_SEARCH__URL", &help_centre.url);
    let served = Served::start(command);
    let mut stream = served.connect();
    for (message, status) in [
        ("refund order 4471", 422),
        ("I have a rash since the second tablet", 401),
    ] {
        assert_eq!(say(&mut stream, "", message).0, 200);
        assert_eq!(arrivals.recv().await, Some(status));
    }
    for _ in 0..6 {
        assert_eq!(say(&mut stream, "", "What is your return policy?").0, 200);
    }
    drop(stream);
    // Its workers finish what they hold, the answers to what has arrived.
    served.signal("TERM");
    let (_, log) = served.ended();
    let one = |message: &str| {
        let lines = said(&log, message);
        assert_eq!(lines.len(), 1, "{message}: {log:#?}");
        lines[0].clone()
    };
    let given_up = one("a delivery was given up");
    assert_eq!(
        (&given_up["target_system"], &given_up["tries"]),
        (&json!("ticketing"), &json!(1))
    );
    let refused = one("the outside system refuses the address or the credentials: check its settings");
    assert_eq!(
        (&refused["target_system"], &refused["code"]),
        (&json!("compliance"), &json!("http_401"))
    );
    assert_eq!(
        one("the help centre's breaker changed its state")["state"],
        "open"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_that_lets_nobody_in_is_told_in_its_own_words() {
    let Some(database) = Database::postgres().await else {
        return;
    };
    let role = OwnRole::of(&database).await;
    // The schema is there already, as it is at every start but the first.
    database.open().await.close().await;
    database
        .tamper("GRANT ALL ON ALL TABLES IN SCHEMA public TO public; GRANT ALL ON ALL SEQUENCES IN SCHEMA public TO public")
        .await;
    let data = TempDir::new().unwrap();
    let mut command = switchboard(&data);
    command
        .env("SWITCHBOARD_LOG", "json")
        .env("DATABASE_URL", &role.url)
        .env("SWITCHBOARD_DATA_KEY", data_key(1).expose_secret());
    let served = Served::start(command);
    let mut stream = served.connect();
    const REPORT: &str = "I have a rash since the second tablet";
    assert_eq!(say(&mut stream, "", REPORT).0, 200);
    role.shut_out(&database).await;
    for _ in 0..2 {
        assert_eq!(say(&mut stream, "", REPORT).0, 503);
    }
    role.let_in(&database).await;
    assert_eq!(say(&mut stream, "", REPORT).0, 200);
    drop(stream);
    served.signal("TERM");
    let (_, log) = served.ended();
    let failed = said(&log, "write failed; the next one makes a new connection");
    assert!(
        failed
            .iter()
            .any(|line| line.to_string().contains("not permitted to log in")),
        "{log:#?}"
    );
    for change in [
        "the store does not take writes: requests that need a record are refused with 503",
        "the store takes writes again",
    ] {
        assert_eq!(said(&log, change).len(), 1, "{change}: {log:#?}");
    }
    let notices = log
        .iter()
        .filter(|line| line["target"] == "sqlx::postgres::notice");
    assert_eq!(notices.count(), 0, "{log:#?}");
}

#[test]
fn a_flood_of_refusals_is_thinned_out_and_the_rest_is_counted() {
    let data = TempDir::new().unwrap();
    let mut command = switchboard(&data);
    command
        .env("SWITCHBOARD_LOG", "json")
        .env("SWITCHBOARD__LOG__REPEATS_PER_SECOND", "1");
    let served = Served::start(command);
    let mut stream = served.connect();
    for _ in 0..200 {
        served.send(&mut stream, "GET", "/nowhere", "");
        assert_eq!(receive(&mut stream).0, 404);
    }
    served.send(&mut stream, "GET", "/openapi.json", "");
    assert_eq!(receive(&mut stream).0, 200);
    drop(stream);
    served.signal("TERM");
    let (_, log) = served.ended();
    let written = said(&log, "request")
        .iter()
        .filter(|line| line["status"] == 404)
        .count();
    let reports = said(&log, "log lines of one kind were left out");
    let left_out: u64 = reports
        .iter()
        .map(|line| line["left_out"].as_u64().unwrap())
        .sum();
    assert_eq!(written as u64 + left_out, 200, "{log:?}");
    assert!(left_out > 0);
    assert_eq!(
        said(&log, "request")
            .iter()
            .filter(|line| line["status"] == 200)
            .count(),
        1
    );
}

/// Load balancers ask every few seconds, and their lines would be most of the log.
#[test]
fn a_probe_leaves_a_line_only_where_it_finds_something_wrong_or_somebody_debugs() {
    let seen = |level: &str| {
        let data = TempDir::new().unwrap();
        let mut command = switchboard(&data);
        command.env("RUST_LOG", level);
        let served = Served::start(command);
        // Answers say that their connection ends once the signal has arrived.
        let ask = |path: &str| {
            let mut probe = served.connect();
            served.send(&mut probe, "GET", path, "");
            receive(&mut probe).0
        };
        for path in ["/health", "/ready", "/api/v1/health", "/api/v1/ready"] {
            assert_eq!(ask(path), 200);
        }
        served.signal("TERM");
        // Ready turns as soon as the signal has arrived.
        assert!((0..100_000).any(|_| ask("/ready") == 503));
        let (_, log) = served.ended();
        let of = |status: u16| -> Vec<String> {
            let lines = said(&log, "request").into_iter();
            let lines = lines.filter(|line| line["status"] == status);
            lines
                .map(|line| {
                    format!(
                        "{} {}",
                        line["level"].as_str().unwrap(),
                        line["route"].as_str().unwrap()
                    )
                })
                .collect()
        };
        assert_eq!(of(503), ["INFO /ready"]);
        of(200)
    };
    assert_eq!(seen("info"), [""; 0]);
    let debugged = seen("info,switchboard::access=debug");
    let wanted = [
        "DEBUG /health",
        "DEBUG /ready",
        "DEBUG /api/v1/health",
        "DEBUG /api/v1/ready",
    ];
    assert_eq!(debugged[..4], wanted);
}

#[test]
fn a_log_that_nobody_reads_holds_up_neither_a_request_nor_the_end() {
    let data = TempDir::new().unwrap();
    let mut command = switchboard(&data);
    command
        .env("SWITCHBOARD__SERVER__DRAIN_DELAY_MS", "0")
        // With the lines of probes.
        .env("RUST_LOG", "info,switchboard::access=debug");
    // Its standard error is a pipe that nobody reads until the process has ended.
    let served = Served::start(command);
    let mut stream = served.connect();
    stream.set_read_timeout(Some(Duration::from_secs(30))).unwrap();
    // Some 400 bytes a line; a pipe holds 64 KiB.
    let id = "i".repeat(128);
    for _ in 0..400 {
        write!(
            stream,
            "GET /health HTTP/1.1\r\nHost: x\r\nX-Request-ID: {id}\r\n\r\n"
        )
        .unwrap();
        assert_eq!(receive(&mut stream).0, 200);
    }
    drop(stream);
    served.signal("TERM");
    assert_eq!(served.exit_unread().code(), Some(0));
}

#[test]
fn a_flood_of_refusals_hides_no_failure_of_ours() {
    let data = TempDir::new().unwrap();
    let mut command = switchboard(&data);
    command
        .env("SWITCHBOARD_LOG", "json")
        .env("SWITCHBOARD__LOG__REPEATS_PER_SECOND", "1")
        .env("SWITCHBOARD__AUTH__KEYS", key_of_the_shop())
        .env("SWITCHBOARD__SERVER__REQUEST_TIMEOUT_MS", "100");
    let served = Served::start(command);
    // Its body never comes, so that it ends at the deadline, in the middle of the flood.
    let mut late = served.connect();
    let head =
        "POST /api/v1/classify HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 9";
    write!(late, "{head}\r\nX-API-Key: secret-of-the-shop\r\n\r\n").unwrap();
    std::thread::scope(|scope| {
        let answer = scope.spawn(|| receive(&mut late).0);
        let mut stream = served.connect();
        while !answer.is_finished() {
            served.send(&mut stream, "GET", "/nowhere", "");
            assert_eq!(receive(&mut stream).0, 404);
        }
        assert_eq!(answer.join().unwrap(), 503);
    });
    served.signal("TERM");
    let (_, log) = served.ended();
    let failures: Vec<_> = said(&log, "request")
        .into_iter()
        .filter(|line| line["status"] == 503)
        .collect();
    assert_eq!(failures.len(), 1, "{log:#?}");
    assert_eq!(failures[0]["error"], "deadline_exceeded");
    assert_eq!(failures[0]["client"], "shop", "whose it was");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_line_of_a_request_whose_client_left_says_whose_it_was() {
    let data = TempDir::new().unwrap();
    let upstream = Upstream::start().await;
    upstream.always(Step::Hang);
    let mut command = switchboard(&data);
    command
        .env("SWITCHBOARD_LOG", "json")
        .env("SWITCHBOARD__AUTH__KEYS", key_of_the_shop())
        .env("OPENAI_API_KEY", "sk-none")
        .env("OPENAI_BASE_URL", upstream.base_url());
    let served = Served::start(command);
    let mut stream = served.connect();
    let body = json!({ "message": "What are your hours?" }).to_string();
    let length = body.len();
    write!(
        stream,
        "POST /api/v1/classify HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nX-API-Key: secret-of-the-shop\r\n\
         Content-Length: {length}\r\n\r\n{body}"
    )
    .unwrap();
    upstream.wait_for_requests(1).await;
    drop(stream);
    served.signal("TERM");
    let (_, log) = served.ended();
    let lines = said(&log, "request");
    assert_eq!(lines.len(), 1, "{log:#?}");
    assert_eq!(
        (&lines[0]["status"], &lines[0]["error"], &lines[0]["client"]),
        (&json!(499), &json!("client_gone"), &json!("shop"))
    );
}

/// `auth.keys` with the key "secret-of-the-shop", which is the shop's.
fn key_of_the_shop() -> String {
    let sha256 = hex::encode(digest::digest(&digest::SHA256, b"secret-of-the-shop"));
    format!("[shop:{sha256}]")
}
