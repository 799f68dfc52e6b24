//! The process as an operator meets it: exit codes, signals, log lines. Runs the built binary.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::Duration;

use serde_json::Value;
use switchboard::clock::Clock;
use tempfile::TempDir;

use crate::upstream::{Step, Upstream};

/// The binary, with nothing of this machine's environment but the path.
pub(crate) fn switchboard(data: &TempDir) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_switchboard"));
    command
        .env_clear()
        .current_dir(data.path())
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    command
        .env("PORT", "0")
        .env("SWITCHBOARD__MANAGEMENT__ADDR", "127.0.0.1:0");
    command
}

/// A running `switchboard serve`.
pub(crate) struct Served {
    child: Child,
    pub(crate) address: String,
}

impl Served {
    pub(crate) fn start(mut command: Command) -> Self {
        let mut child = command.spawn().unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let page = lines.find_map(|line| {
            line.unwrap()
                .split_once("http://")
                .map(|(_, rest)| rest.to_owned())
        });
        let address = page
            .expect("serve prints its address")
            .trim_end_matches('/')
            .to_owned();
        Self { child, address }
    }

    pub(crate) fn connect(&self) -> TcpStream {
        TcpStream::connect(&self.address).unwrap()
    }

    pub(crate) fn send(&self, stream: &mut TcpStream, method: &str, path: &str, body: &str) {
        write!(
            stream,
            "{method} {path} HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
            body.len()
        )
        .unwrap();
    }

    pub(crate) fn signal(&self, name: &str) {
        let status = Command::new("kill")
            .args([&format!("-{name}"), &self.child.id().to_string()])
            .status()
            .unwrap();
        assert!(status.success());
    }

    /// Waits for the end and reads no log line.
    pub(crate) fn exit_unread(mut self) -> ExitStatus {
        // Held open: a pipe whose reader is gone is another fault than one that nobody reads.
        let _unread = self.child.stderr.take();
        self.child.wait().unwrap()
    }

    /// Waits for the end; the log lines come with it.
    pub(crate) fn ended(mut self) -> (ExitStatus, Vec<Value>) {
        let mut log = String::new();
        self.child
            .stderr
            .take()
            .unwrap()
            .read_to_string(&mut log)
            .unwrap();
        let status = self.child.wait().unwrap();
        (
            status,
            log.lines()
                .map(|line| serde_json::from_str(line).unwrap_or_else(|_| panic!("not JSON: {line}")))
                .collect(),
        )
    }
}

/// Reads one response from a kept-alive connection: status and body.
pub(crate) fn receive(stream: &mut TcpStream) -> (u16, Value) {
    let mut reader = BufReader::new(stream);
    let mut head = String::new();
    while !head.ends_with("\r\n\r\n") {
        assert!(
            reader.read_line(&mut head).unwrap() > 0,
            "the connection closed: {head}"
        );
    }
    let status = head.split(' ').nth(1).unwrap().parse().unwrap();
    let length = head
        .to_lowercase()
        .lines()
        .find_map(|line| line.strip_prefix("content-length: ")?.parse().ok())
        .unwrap_or(0);
    let mut body = vec![0; length];
    reader.read_exact(&mut body).unwrap();
    (status, serde_json::from_slice(&body).unwrap_or(Value::Null))
}

#[test]
fn a_wrong_setting_exits_64_and_is_named_before_the_port_is_bound() {
    let cases: &[(&str, &str, &str)] = &[
        ("PORT", "eighty", "PORT"),
        ("SWITCHBOARD__SERVER__PROT", "80", "prot"),
        ("SWITCHBOARD__SERVER__HOST", "0.0.0.0", "auth.mode"),
        ("SWITCHBOARD__RATE_LIMIT__BURST", "0", "rate_limit.burst"),
        (
            "SWITCHBOARD__CLASSIFIER__MIN_CONFIDENCE",
            "2",
            "classifier.min_confidence",
        ),
        ("SWITCHBOARD_MODEL", "/nowhere/x.model", "classifier.model"),
        ("RUST_LOG", "switchboard=[", "log.level"),
        ("OPENAI_BASE_URL", "not a url", "llm.base_url"),
        ("OTEL_EXPORTER_OTLP_ENDPOINT", "collector:4317", "otel.endpoint"),
        ("OTEL_EXPORTER_OTLP_PROTOCOL", "grpc", "grpc"),
        ("OTEL_TRACES_SAMPLER", "sometimes", "sometimes"),
        ("OTEL_TRACES_SAMPLER_ARG", "2", "otel.sampler_arg"),
        (
            "SWITCHBOARD__LOG__REPEATS_PER_SECOND",
            "0",
            "log.repeats_per_second",
        ),
        ("OPENAI_API_KEY_FILE", "/nowhere/key", "OPENAI_API_KEY_FILE"),
        ("REDIS_URL", "http://cache:6379", "redis.url"),
        ("REDIS_URL_FILE", "/nowhere/url", "REDIS_URL_FILE"),
        (
            "SWITCHBOARD__AUTH__KEYS_FILE",
            "/nowhere/keys.toml",
            "auth.keys_file",
        ),
        ("SWITCHBOARD_MODEL", "/etc/passwd", "classifier.model"),
        ("SWITCHBOARD_DATA_KEY", "abc", "store.data_key"),
        (
            "SWITCHBOARD_PREVIOUS_DATA_KEYS",
            "abc",
            "store.previous_data_keys",
        ),
        (
            "SWITCHBOARD__STORE__DATA_DIR",
            "/etc/passwd",
            "store.data_dir cannot be used",
        ),
        (
            "SWITCHBOARD__STORE__DATA_DIR",
            "/etc/passwd",
            "store.data_dir cannot be used: /etc/passwd: not a directory",
        ),
        (
            "DATABASE_URL",
            "postgres://user:password@db:port/shop",
            "store.database_url",
        ),
        (
            "SWITCHBOARD__KNOWLEDGE_BASE__PATH",
            "/nowhere",
            "knowledge_base.path",
        ),
        (
            "SWITCHBOARD__WORKFLOW__TEMPLATES_PATH",
            "/etc/passwd",
            "workflow.templates_path",
        ),
        ("RUST_LOG", "a=b=c,,", "log.level"),
        ("RUST_LOG", "warning", "log.level must be a level (off, error,"),
        (
            "SWITCHBOARD__KNOWLEDGE_BASE__SYNONYMS_PATH",
            "/nowhere",
            "knowledge_base.synonyms_path cannot read /nowhere",
        ),
        (
            "SWITCHBOARD__KNOWLEDGE_BASE__SYNONYMS_PATH",
            "/etc/passwd",
            "knowledge_base.synonyms_path /etc/passwd: a mistake near line 1",
        ),
        (
            "SWITCHBOARD__WORKFLOW__TEMPLATES_PATH",
            "/etc/passwd",
            "workflow.templates_path /etc/passwd: a mistake near line 1",
        ),
        (
            "SWITCHBOARD__DELIVERY__CA_FILE",
            "/nowhere",
            "delivery.ca_file holds no certificates that can be read: /nowhere",
        ),
        ("OPENAI_API_KEY", "sk-very\nsecret", "llm.api_key"),
        (
            "SWITCHBOARD__MANAGEMENT__ADDR",
            "127.0.0.1:8000",
            "management.addr",
        ),
    ];
    for (variable, value, named) in cases {
        // The check says what the start would, and neither leaves anything behind.
        for arguments in [&[][..], &["config", "check"]] {
            let data = TempDir::new().unwrap();
            let mut command = switchboard(&data);
            if *named == "management.addr" {
                command.env("PORT", "8000");
            }
            if *variable == "DATABASE_URL" || named.ends_with("not a directory") {
                command.env(
                    "SWITCHBOARD_DATA_KEY",
                    "c2l4dGVlbiBieXRlcyBhbmQgc2l4dGVlbiBtb3JlICE=",
                );
            }
            let output = command.env(variable, value).args(arguments).output().unwrap();
            let said = String::from_utf8_lossy(&output.stderr).into_owned();
            assert_eq!(output.status.code(), Some(64), "{variable} {arguments:?}: {said}");
            assert!(said.contains(named), "{variable} {arguments:?}: {said}");
            assert!(output.stdout.is_empty(), "{variable}: nothing is announced");
            assert_eq!(
                std::fs::read_dir(&data).unwrap().count(),
                0,
                "{variable} {arguments:?}"
            );
            let parts: Vec<&str> = said.trim_end().split(": ").collect();
            let told_twice = parts.windows(2).find(|pair| pair[0] == pair[1]);
            assert_eq!(told_twice, None, "{variable} {arguments:?}: {said}");
            assert!(!said.contains("sk-very") && !said.contains("@db:port"), "{said}");
        }
    }
}

#[test]
fn a_default_file_that_is_there_and_cannot_be_read_is_never_passed_over() {
    for arguments in [&[][..], &["config", "check"]] {
        let data = TempDir::new().unwrap();
        let file = data.path().join("switchboard.toml");
        let told = |problem: &str| {
            let output = switchboard(&data).args(arguments).output().unwrap();
            let said = String::from_utf8_lossy(&output.stderr).into_owned();
            assert_eq!(output.status.code(), Some(64), "{arguments:?}: {said}");
            let right = format!("switchboard: configuration: switchboard.toml {problem}");
            assert!(said.starts_with(&right), "{said}");
        };
        std::fs::create_dir(&file).unwrap();
        told("cannot be read: Is a directory");
        std::fs::remove_dir(&file).unwrap();
        std::os::unix::fs::symlink("gone.toml", &file).unwrap();
        told("cannot be read: No such file");
        std::fs::remove_file(&file).unwrap();
        std::fs::write(&file, b"# caf\xe9\n").unwrap();
        told("is not UTF-8 text");
    }
}

#[test]
fn a_misspelt_variable_is_told_of_and_keeps_nobody_from_starting() {
    let data = TempDir::new().unwrap();
    let misspelt = |arguments: &[&str]| {
        let mut command = switchboard(&data);
        command
            .env("SWITCHBOARD_AUTH__MODE", "sk-secret")
            .env("SWITCHBOARD_SERVICE_HOST", "10.0.0.1")
            .args(arguments);
        command
    };
    let checked = misspelt(&["config", "check"]).output().unwrap();
    assert_eq!(checked.status.code(), Some(0));
    assert_eq!(
        String::from_utf8_lossy(&checked.stderr),
        "switchboard: SWITCHBOARD_AUTH__MODE sets nothing: if it is to set something, write SWITCHBOARD__AUTH__MODE\n"
    );
    let served = Served::start(misspelt(&[]));
    served.signal("TERM");
    let (_, lines) = served.ended();
    let told: Vec<&Value> = lines.iter().filter(|line| line["level"] == "WARN").collect();
    assert_eq!(told.len(), 1, "{lines:?}");
    assert_eq!(told[0]["variable"], "SWITCHBOARD_AUTH__MODE");
    assert!(!told[0].to_string().contains("sk-secret"));
}

#[test]
fn an_address_that_is_not_this_machines_is_a_wrong_setting_and_one_in_use_is_not() {
    let data = TempDir::new().unwrap();
    let ended = |host: &str, port: &str| {
        let mut command = switchboard(&data);
        command
            .env("SWITCHBOARD__SERVER__HOST", host)
            .env("SWITCHBOARD__AUTH__MODE", "off")
            .env("PORT", port);
        let output = command.output().unwrap();
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        (output.status.code(), said)
    };
    // Of a network that is for documents.
    let (code, said) = ended("192.0.2.1", "0");
    assert_eq!(code, Some(64), "{said}");
    let right = "switchboard: configuration: server.host and server.port 192.0.2.1:0 cannot be bound: ";
    assert!(said.starts_with(right), "{said}");
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port().to_string();
    let (code, said) = ended("127.0.0.1", &port);
    assert_eq!(code, Some(1), "{said}");
    assert!(
        said.starts_with("switchboard: server.host and server.port 127.0.0.1:"),
        "{said}"
    );
}

#[test]
fn a_store_that_cannot_be_opened_is_told_of_with_its_place() {
    let data = TempDir::new().unwrap();
    std::fs::create_dir(data.path().join("data")).unwrap();
    std::fs::write(
        data.path().join("data/switchboard.sqlite"),
        "no database ".repeat(100),
    )
    .unwrap();
    // Nobody listens there.
    let port = TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap()
        .port();
    let url = format!("postgres://{}@127.0.0.1:{port}/records", "shop:pa55word");
    for arguments in [&[][..], &["records", "list"]] {
        for (variable, value, place) in [
            ("LANG", "C", "store.data_dir (data)".to_owned()),
            (
                "DATABASE_URL",
                &*url,
                format!("store.database_url (127.0.0.1:{port}/records)"),
            ),
        ] {
            let output = switchboard(&data)
                .env(
                    "SWITCHBOARD_DATA_KEY",
                    "c2l4dGVlbiBieXRlcyBhbmQgc2l4dGVlbiBtb3JlICE=",
                )
                .env(variable, value)
                .args(arguments)
                .output()
                .unwrap();
            let said = String::from_utf8_lossy(&output.stderr).into_owned();
            assert_eq!(output.status.code(), Some(1), "{arguments:?}: {said}");
            let right = format!("switchboard: the store could not be opened: {place}: ");
            let told = said.lines().find(|line| line.starts_with("switchboard: "));
            assert!(
                told.is_some_and(|line| line.starts_with(&right)),
                "{arguments:?}: {said}"
            );
            assert!(!said.contains("pa55word"), "{said}");
        }
    }
}

#[test]
fn a_check_of_the_configuration_makes_nothing() {
    let data = TempDir::new().unwrap();
    let checked = switchboard(&data)
        .env("OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:9")
        .env("REDIS_URL", "redis://127.0.0.1:9")
        .args(["config", "check"])
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&checked.stderr).into_owned();
    assert_eq!(checked.status.code(), Some(0), "{said}");
    assert_eq!(std::fs::read_dir(&data).unwrap().count(), 0);
}

#[test]
fn a_wrong_command_line_exits_64_and_help_does_not() {
    let data = TempDir::new().unwrap();
    let code = |arguments: &[&str]| switchboard(&data).args(arguments).output().unwrap().status.code();
    assert_eq!(code(&["--nonsense"]), Some(64));
    assert_eq!(code(&["--help"]), Some(0));
    assert_eq!(code(&["config", "check"]), Some(0));
    assert_eq!(code(&["openapi"]), Some(0));
    let help = |arguments: &[&str]| {
        let output = switchboard(&data).args(arguments).output().unwrap();
        String::from_utf8(output.stdout).unwrap()
    };
    let all = help(&["--help"]);
    let line = |command: &str| {
        let found = all.lines().find(|line| line.trim_start().starts_with(command));
        found.unwrap_or_else(|| panic!("{command}: {all}")).to_owned()
    };
    for command in [
        "list",
        "show",
        "acknowledge",
        "resolve",
        "reclassify",
        "export",
        "erase",
        "rewrap",
    ] {
        assert!(
            line("records ").to_lowercase().contains(command),
            "{command}: {all}"
        );
    }
    for command in ["list", "retry", "discard"] {
        assert!(
            line("outbox ").to_lowercase().contains(command),
            "{command}: {all}"
        );
    }
    // A name is refused, so none is asked for.
    for command in ["top", "health"] {
        let said = help(&[command, "--help"]);
        assert!(said.contains("--address <IP:PORT>"), "{said}");
        assert_eq!(code(&[command, "--address", "localhost:9464"]), Some(64));
    }
}

#[test]
fn the_start_says_who_decides_and_why() {
    let who = |variables: &[(&str, &str)]| {
        let data = TempDir::new().unwrap();
        let mut command = switchboard(&data);
        command.env("SWITCHBOARD__SERVER__DRAIN_DELAY_MS", "0");
        // Where nobody listens: the start asks nothing.
        command.env("OPENAI_BASE_URL", "http://127.0.0.1:9/v1");
        command.envs(variables.iter().copied());
        let mut child = command.stderr(Stdio::null()).spawn().unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let line = lines.map(Result::unwrap).find(|line| line.contains("classifier"));
        child.kill().unwrap();
        child.wait().unwrap();
        line.unwrap()
            .split_once("classifier")
            .unwrap()
            .1
            .trim()
            .to_owned()
    };
    let local = ("SWITCHBOARD__CLASSIFIER__MODE", "local");
    let key = ("OPENAI_API_KEY", "sk-nobody");
    assert_eq!(who(&[]), "the embedded model (set OPENAI_API_KEY to use an LLM)");
    assert_eq!(who(&[key]), "the LLM, with the embedded model behind it");
    assert_eq!(who(&[local]), "the embedded model (classifier.mode is local)");
    assert_eq!(
        who(&[local, key]),
        "the embedded model (classifier.mode is local)"
    );
}

#[test]
fn an_explained_classification_is_one_json_document() {
    let data = TempDir::new().unwrap();
    let output = switchboard(&data)
        .args(["classify", "please refund order 10093-552", "--explain", "--json"])
        .output()
        .unwrap();
    let outcome: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(outcome["category"], "service_action");
    let explanation = outcome["explanation"].as_array().unwrap();
    assert!(!explanation.is_empty());
    assert!(explanation.iter().all(|evidence| evidence["weight"].is_number()));
}

#[test]
fn a_reader_that_leaves_ends_a_list_and_is_no_failure() {
    let data = TempDir::new().unwrap();
    let messages = data.path().join("messages.jsonl");
    // More than the pipe holds.
    std::fs::write(&messages, "{\"text\":\"Where is my order?\"}\n".repeat(2_000)).unwrap();
    for arguments in [["classify", "--file"], ["redact", "--jsonl"]] {
        let mut command = switchboard(&data);
        let mut child = command.args(arguments).arg(&messages).spawn().unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        assert!(lines.next().unwrap().unwrap().starts_with('{'));
        drop(lines);
        let ended = child.wait_with_output().unwrap();
        let said = String::from_utf8_lossy(&ended.stderr);
        assert!(ended.status.success() && said.is_empty(), "{arguments:?}: {said}");
    }
}

#[test]
fn the_configuration_is_shown_without_its_secrets() {
    let data = TempDir::new().unwrap();
    let key = data.path().join("key");
    std::fs::write(&key, "sk-very-secret\n").unwrap();
    let output = switchboard(&data)
        .env("OPENAI_API_KEY_FILE", &key)
        .env(
            "SWITCHBOARD__LLM__CONNECTION__PROXY",
            "http://user:password@proxy.example:3128",
        )
        .env(
            "OPENAI_BASE_URL",
            "http://user:password@llm.example/v1?api-key=very-secret",
        )
        .env(
            "OTEL_EXPORTER_OTLP_ENDPOINT",
            "http://user:password@otel.example?key=very-secret",
        )
        .args(["config", "show"])
        .output()
        .unwrap();
    let shown = String::from_utf8(output.stdout).unwrap();
    assert!(shown.contains("api_key = \"***\""), "{shown}");
    assert!(shown.contains("proxy = \"***\""), "{shown}");
    assert!(!shown.contains("very-secret") && !shown.contains("user:password"));
    // What could be set is named too, as far as it has no value.
    let unset = shown.split_once("# Not set:").expect("a list").1;
    assert!(
        unset.contains("\n# auth.keys_file\n") && !unset.contains("llm.api_key"),
        "{unset}"
    );
}

#[test]
fn a_start_that_fails_for_want_of_threads_is_in_no_trail() {
    let data = TempDir::new().unwrap();
    let started = || {
        let output = switchboard(&data).args(["audit", "export"]).output().unwrap();
        let trail = String::from_utf8(output.stdout).unwrap();
        trail.matches("service.started").count()
    };
    let served = Served::start(switchboard(&data));
    served.signal("INT");
    assert!(served.ended().0.success());
    assert_eq!(started(), 1);
    // Each of them needs some files open; the rest of a start does with fewer.
    let mut command = Command::new("/bin/sh");
    command
        .args([
            "-c",
            "ulimit -n 200; exec \"$0\"",
            env!("CARGO_BIN_EXE_switchboard"),
        ])
        .env_clear()
        .current_dir(data.path())
        .env("PORT", "0")
        .env("SWITCHBOARD__MANAGEMENT__ADDR", "127.0.0.1:0")
        .env("SWITCHBOARD__SERVER__THREADS", "256");
    let output = command.output().unwrap();
    let told = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(1), "{told}");
    assert!(told.contains("a thread could not be started"), "{told}");
    assert_eq!(started(), 1, "it was not");
}

#[test]
fn a_signal_ends_it_in_order_and_every_request_has_its_log_line() {
    for signal in ["TERM", "INT"] {
        let data = TempDir::new().unwrap();
        let mut command = switchboard(&data);
        command.env("SWITCHBOARD__SERVER__DRAIN_DELAY_MS", "0");
        let served = Served::start(command);
        let mut stream = served.connect();
        served.send(
            &mut stream,
            "POST",
            "/api/v1/classify",
            r#"{"message":"What are your opening hours?"}"#,
        );
        let (status, answer) = receive(&mut stream);
        assert_eq!(status, 200);
        served.send(&mut stream, "POST", "/api/v1/classify", "{}");
        assert_eq!(receive(&mut stream).0, 400);
        served.signal(signal);
        let (exit, log) = served.ended();
        assert_eq!(exit.code(), Some(0), "{signal}: {log:?}");
        let requests: Vec<&Value> = log
            .iter()
            .filter(|line| line["target"] == "switchboard::access")
            .collect();
        assert_eq!(requests.len(), 2, "refusals are logged too: {log:?}");
        assert_eq!(requests[0]["span"]["request_id"], answer["request_id"]);
        assert_eq!(
            (requests[0]["status"].as_u64(), requests[1]["status"].as_u64()),
            (Some(200), Some(400))
        );
        assert_eq!(requests[1]["error"], "validation_failed");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn at_sigterm_ready_says_no_while_the_request_in_flight_is_answered() {
    let upstream = Upstream::start().await;
    upstream.always(Step::Held);
    let data = TempDir::new().unwrap();
    let mut command = switchboard(&data);
    command
        .env("OPENAI_API_KEY", "test-key")
        .env("OPENAI_BASE_URL", upstream.base_url());
    let served = Served::start(command);
    let mut in_flight = served.connect();
    served.send(
        &mut in_flight,
        "POST",
        "/api/v1/classify",
        r#"{"message":"Where is my order 10093-552?"}"#,
    );
    upstream.wait_for_requests(1).await;
    // Answers say that their connection ends once the signal has arrived.
    let ask = |path: &str| {
        let mut probe = served.connect();
        served.send(&mut probe, "GET", path, "");
        receive(&mut probe)
    };
    assert_eq!(ask("/api/v1/ready").0, 200);
    served.signal("TERM");
    // Ready turns as soon as the signal has arrived; the drain delay keeps the listener open meanwhile.
    let checks = loop {
        let (status, body) = ask("/api/v1/ready");
        if status == 503 {
            break body;
        }
    };
    assert!(checks.to_string().contains("draining"), "{checks}");
    assert_eq!(ask("/api/v1/health").0, 200, "health stays up while draining");
    upstream.release();
    let (status, answer) = receive(&mut in_flight);
    assert_eq!(
        (status, answer["degraded"].as_bool()),
        (200, Some(false)),
        "{answer}"
    );
    let (exit, _) = served.ended();
    assert_eq!(exit.code(), Some(0));
}

#[test]
fn a_signal_ends_it_in_order_while_it_starts_too() {
    // A database that takes the connection and says nothing.
    let database = TcpListener::bind("127.0.0.1:0").unwrap();
    for signal in ["TERM", "INT"] {
        let data = TempDir::new().unwrap();
        let mut command = switchboard(&data);
        let url = format!("postgres://shop@{}/shop", database.local_addr().unwrap());
        command.env("DATABASE_URL", url);
        command.env(
            "SWITCHBOARD_DATA_KEY",
            "c2l4dGVlbiBieXRlcyBhbmQgc2l4dGVlbiBtb3JlICE=",
        );
        let starting = Served {
            child: command.spawn().unwrap(),
            address: String::new(),
        };
        let _connection = database.accept().unwrap();
        starting.signal(signal);
        let (exit, log) = starting.ended();
        assert_eq!(exit.code(), Some(0), "{signal}: {log:?}");
        assert!(log.iter().any(|line| line["message"] == "stopped"), "{log:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_cannot_be_read_to_its_end_does_not_keep_the_process() {
    let data = TempDir::new().unwrap();
    let (keys, pipe) = (data.path().join("keys.toml"), data.path().join("pipe"));
    let entry = format!("[[auth.keys]]\nid = \"shop\"\nsha256 = \"{}\"\n", "ab".repeat(32));
    std::fs::write(&keys, entry).unwrap();
    let mut command = switchboard(&data);
    command.env("SWITCHBOARD__AUTH__KEYS_FILE", &keys);
    let served = Served::start(command);
    // As a file of a server that has gone away.
    assert!(Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    std::fs::rename(&pipe, &keys).unwrap();
    // Opens once somebody reads it.
    let open = move || std::fs::OpenOptions::new().write(true).open(&keys).unwrap();
    let never_written = tokio::task::spawn_blocking(open).await.unwrap();
    served.signal("TERM");
    let ending = tokio::task::spawn_blocking(move || served.ended());
    let ended = Clock::system().timeout(Duration::from_secs(60), ending).await;
    drop(never_written);
    let (exit, log) = ended.expect("it ends").unwrap();
    assert_eq!(exit.code(), Some(0), "{log:?}");
}

#[test]
fn a_message_is_classified_on_the_terminal_and_a_file_line_by_line() {
    let data = TempDir::new().unwrap();
    let output = switchboard(&data)
        .args(["classify", "I can't breathe after the injection", "--explain"])
        .output()
        .unwrap();
    let said = String::from_utf8(output.stdout).unwrap();
    assert!(
        said.starts_with("safety_compliance") && said.contains("urgent"),
        "{said}"
    );
    let file = data.path().join("messages.jsonl");
    std::fs::write(&file, "{\"id\":\"a\",\"text\":\"What are your hours?\"}\n\n{\"message\":\"Cancel order 10093-552\",\"channel\":\"mail\"}\n{\"text\":\"My face is swelling up since I took the new antibiotic\"}\n").unwrap();
    let output = switchboard(&data)
        .args(["classify", "--file"])
        .arg(&file)
        .output()
        .unwrap();
    let lines: Vec<Value> = String::from_utf8(output.stdout)
        .unwrap()
        .lines()
        .map(|l| serde_json::from_str(l).unwrap())
        .collect();
    assert_eq!(
        (
            lines.len(),
            lines[0]["id"].as_str(),
            lines[1]["category"].as_str()
        ),
        (3, Some("a"), Some("service_action"))
    );
    // However sure the classifier is, a person looks at a safety report, and at nothing else that is plain.
    for (line, category, reviewed) in [(1, "service_action", false), (2, "safety_compliance", true)] {
        assert!(
            lines[line]["confidence"].as_f64().unwrap() > 0.5,
            "{}",
            lines[line]
        );
        assert_eq!(lines[line]["category"], category);
        assert_eq!(lines[line]["requires_human_review"], reviewed, "{}", lines[line]);
    }
    std::fs::write(&file, "{\"text\":\"fine\"}\nnot json\n").unwrap();
    let output = switchboard(&data)
        .args(["classify", "--file"])
        .arg(&file)
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&output.stderr).contains("line 2"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_health_check_needs_nothing_but_the_binary() {
    let data = TempDir::new().unwrap();
    let mut command = switchboard(&data);
    command.env("SWITCHBOARD__SERVER__DRAIN_DELAY_MS", "0");
    let served = Served::start(command);
    let check = |address: &str| {
        switchboard(&data)
            .args(["health", "--address", address])
            .output()
            .unwrap()
            .status
            .code()
    };
    assert_eq!(check(&served.address), Some(0));
    let address = served.address.clone();
    served.signal("TERM");
    served.ended();
    assert_eq!(check(&address), Some(1));
}

#[test]
fn sighup_reads_the_knowledge_base_again_and_a_broken_article_is_named_in_one_line() {
    let data = TempDir::new().unwrap();
    let folder = TempDir::new().unwrap();
    let write = |file: &str, hours: &str| {
        let article = format!(
            "+++\nid = \"opening-hours\"\ntitle = \"Opening hours\"\naudience = \"customer\"\ntags = [\"opening hours\"]\n\
             updated = 2026-01-31\nsource = \"s\"\nlanguage = \"en\"\n+++\nWe are open {hours}.\n"
        );
        std::fs::write(folder.path().join(file), article).unwrap();
    };
    write("hours.md", "from eight");
    let mut command = switchboard(&data);
    command
        .env("SWITCHBOARD__KNOWLEDGE_BASE__PATH", folder.path())
        .env("SWITCHBOARD__KNOWLEDGE_BASE__RELOAD_CHECK_S", "0")
        .env("SWITCHBOARD__RATE_LIMIT__BURST", "100000");
    let mut served = Served::start(command);
    let mut log = BufReader::new(served.child.stderr.take().unwrap())
        .lines()
        .map(Result::unwrap);
    let mut stream = served.connect();
    let mut hours = || {
        served.send(
            &mut stream,
            "POST",
            "/api/v1/classify",
            r#"{"message": "What are your opening hours?"}"#,
        );
        let (status, body) = receive(&mut stream);
        assert_eq!(status, 200, "{body}");
        body["next_step"]["details"]["answer"]["text"]
            .as_str()
            .unwrap_or_default()
            .to_owned()
    };
    assert_eq!(hours(), "We are open from eight.");
    // Twice the same id: refused whole.
    write("more.md", "from nine");
    served.signal("HUP");
    let refused = log.find(|line| line.contains("was not read again")).unwrap();
    assert!(
        refused.contains("id \\\"opening-hours\\\" is used twice"),
        "{refused}"
    );
    assert_eq!(hours(), "We are open from eight.");
    std::fs::remove_file(folder.path().join("hours.md")).unwrap();
    served.signal("HUP");
    let changed = (0..5_000).any(|_| hours() == "We are open from nine.");
    assert!(changed, "the new article was never answered from");
    drop(stream);
    served.signal("TERM");
    let rest: Vec<String> = log.collect();
    assert!(served.child.wait().unwrap().success());
    let told = |words: &str| rest.iter().filter(|line| line.contains(words)).count();
    assert_eq!(told("the knowledge base was read again"), 1, "{rest:?}");
    assert_eq!(told("was not read again"), 0, "{rest:?}");
}
