//! Keys: what each role may do, when a key ends, how keys change without a restart, and what happens to whoever guesses.

use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use reqwest::Method;
use serde_json::{Value, json};
use switchboard::admission::keys_file::LOOK_EVERY;
use switchboard::config::{AuthMode, Config, KeyConfig, Role};
use tempfile::TempDir;

use crate::harness::{Reply, START, TestApp};
use crate::limits::key;

const CLASSIFY: &str = "/api/v1/classify";

async fn send(app: &TestApp, method: Method, path: &str, secret: &str) -> Reply {
    let mut request = app.request(method.clone(), path).bearer_auth(secret);
    if method == Method::POST {
        request = request.json(&json!({ "message": "I have a rash since the second tablet" }));
    }
    Reply::of(request.send().await.unwrap()).await
}

async fn status(app: &TestApp, secret: &str) -> u16 {
    send(app, Method::POST, CLASSIFY, secret).await.status.as_u16()
}

fn role(role: Role, key: KeyConfig) -> KeyConfig {
    KeyConfig {
        role: Some(role),
        ..key
    }
}

fn with_roles(config: &mut Config) {
    config.auth.mode = Some(AuthMode::Keys);
    config.auth.keys = vec![key("shop", "client"), role(Role::Auditor, key("eve", "auditor"))];
    config.operator.keys = vec![key("ann", "operator")];
}

async fn failures(app: &TestApp, reason: &str) -> f64 {
    let series = format!("switchboard_auth_failures_total{{reason=\"{reason}\"}}");
    app.metric(&series).await
}

#[tokio::test]
async fn a_role_opens_what_it_is_for_and_nothing_else() {
    let app = TestApp::start_with(with_roles).await;
    let report = send(&app, Method::POST, CLASSIFY, "client").await;
    let reference = report.at("/next_step/reference").as_str().unwrap();
    let one = format!("/api/v1/records/{reference}");
    let (verbatim, acknowledge) = (format!("{one}/verbatim"), format!("{one}/acknowledge"));
    // Method, path, and the statuses for client, auditor and operator. 428 and 404 are past the door.
    let table: &[(Method, &str, [u16; 3])] = &[
        (Method::POST, CLASSIFY, [200, 403, 403]),
        (Method::GET, "/api/v1/records", [403, 200, 200]),
        (Method::GET, &one, [403, 200, 200]),
        (Method::GET, "/api/v1/outbox", [403, 200, 200]),
        (Method::GET, "/api/v1/audit", [403, 200, 200]),
        (Method::GET, &verbatim, [403, 403, 200]),
        (Method::POST, &acknowledge, [403, 403, 428]),
        (Method::POST, "/api/v1/outbox/none/retry", [403, 403, 404]),
        (Method::DELETE, &verbatim, [403, 403, 204]),
    ];
    for (method, path, expected) in table {
        for (secret, expected) in ["client", "auditor", "operator"].iter().zip(expected) {
            let reply = send(&app, method.clone(), path, secret).await;
            assert_eq!(reply.status.as_u16(), *expected, "{secret}: {method} {path}");
            if reply.status == 403 {
                assert_eq!(reply.at("/error"), "forbidden");
            }
        }
    }
    assert_eq!(failures(&app, "wrong_role").await, 14.0);
    let trail = send(&app, Method::GET, "/api/v1/audit", "auditor").await;
    let actions: Vec<&str> = trail
        .at("/items")
        .as_array()
        .unwrap()
        .iter()
        .map(|entry| entry["action"].as_str().unwrap())
        .collect();
    assert!(actions.contains(&"record.erased"), "{actions:?}");
    assert!(
        !trail.text.contains("second tablet"),
        "the trail holds no words of a customer"
    );
    assert_eq!(trail.at("/next"), &Value::Null);
    let last = trail.at("/items").as_array().unwrap().last().unwrap();
    let rest = format!(
        "/api/v1/audit?chain={}&seq={}",
        last["chain"].as_str().unwrap(),
        last["seq"]
    );
    let rest = send(&app, Method::GET, &rest, "auditor").await;
    assert_eq!((rest.at("/items"), rest.at("/next")), (&json!([]), &Value::Null));
    app.stop().await;
}

#[tokio::test]
async fn an_operator_whose_key_has_a_rate_is_held_to_it() {
    let app = TestApp::start_with(|config| {
        with_roles(config);
        config.operator.keys[0].per_minute = Some(60);
        config.operator.keys[0].burst = Some(2);
    })
    .await;
    let list = async |secret| send(&app, Method::GET, "/api/v1/records", secret).await;
    let first = list("operator").await;
    assert_eq!(first.status, 200);
    assert!(first.header("ratelimit").contains("r=1"), "{:?}", first.headers);
    assert_eq!(list("operator").await.status, 200);
    let refused = list("operator").await;
    assert_eq!(
        (refused.status.as_u16(), refused.header("retry-after")),
        (429, "1")
    );
    assert_eq!(refused.at("/error"), "rate_limited");
    assert_eq!(
        list("auditor").await.header("ratelimit"),
        "",
        "a key without a rate has none"
    );
    app.hand.advance(Duration::from_secs(1));
    assert_eq!(list("operator").await.status, 200);
    app.stop().await;
}

#[tokio::test]
async fn a_key_ends_when_it_says() {
    let app = TestApp::start_with(|config| {
        with_roles(config);
        config.auth.keys[0].expires = Some(START.parse().unwrap());
        let end = config.auth.keys[0].expires.unwrap() + Duration::from_secs(60);
        config.auth.keys[0].expires = Some(end);
    })
    .await;
    app.hand.advance(Duration::from_millis(59_999));
    assert_eq!(status(&app, "client").await, 200);
    app.hand.advance(Duration::from_millis(1));
    let over = send(&app, Method::POST, CLASSIFY, "client").await;
    assert_eq!(
        (over.status.as_u16(), over.at("/error")),
        (401, &json!("unauthorized"))
    );
    assert_eq!(failures(&app, "expired_key").await, 1.0);
    app.stop().await;
}

#[tokio::test]
async fn whoever_guesses_is_slowed_down_and_keeps_nobody_else_out() {
    let app = TestApp::start_with(|config| {
        with_roles(config);
        config.auth.failures_per_minute = 5;
        config.server.trusted_proxy_hops = 1;
    })
    .await;
    let from = async |address: &str, path: &str, secret: &str| {
        let method = if path == CLASSIFY {
            Method::POST
        } else {
            Method::GET
        };
        let request = app
            .request(method, path)
            .bearer_auth(secret)
            .header("x-forwarded-for", address)
            .json(&json!({ "message": "What are your hours?" }));
        Reply::of(request.send().await.unwrap()).await
    };
    for n in 0..5 {
        let path = if n % 2 == 0 { CLASSIFY } else { "/api/v1/records" };
        assert_eq!(
            from("203.0.113.7", path, "guess").await.status,
            401,
            "{n}: {path}"
        );
    }
    let slowed = from("203.0.113.7", CLASSIFY, "guess").await;
    assert_eq!(
        (
            slowed.status.as_u16(),
            slowed.at("/error"),
            slowed.header("retry-after")
        ),
        (429, &json!("too_many_failures"), "12")
    );
    assert_eq!(from("203.0.113.7", "/api/v1/records", "guess").await.status, 429);
    assert_eq!(from("203.0.113.8", CLASSIFY, "guess").await.status, 401);
    assert_eq!(from("203.0.113.7", CLASSIFY, "client").await.status, 200);
    assert_eq!(failures(&app, "unknown_key").await, 6.0);
    assert_eq!(failures(&app, "too_many_failures").await, 2.0);
    app.hand.advance(Duration::from_secs(12));
    assert_eq!(from("203.0.113.7", CLASSIFY, "guess").await.status, 401);
    app.stop().await;
}

/// `switchboard keys new`: the secret, and the entry to paste.
fn new_key(arguments: &[&str]) -> (String, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_switchboard"))
        .args(["keys", "new"])
        .args(arguments)
        .env_clear()
        .stdin(Stdio::null())
        .output()
        .unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(output.status.success(), "{text}");
    let secret = text
        .lines()
        .next()
        .unwrap()
        .strip_prefix("secret: ")
        .unwrap()
        .to_owned();
    let entry = text[text.find("[[auth.keys]]").unwrap()..].to_owned();
    assert!(!entry.contains(&secret), "only the hash is to be kept");
    (secret, entry)
}

/// Lets the service look at the file until it saw so many changes.
async fn until_reloaded(app: &TestApp, outcome: &str, times: f64) {
    let series = format!("switchboard_keys_file_reloads_total{{outcome=\"{outcome}\"}}");
    for _ in 0..1_000 {
        if app.metric(&series).await == times {
            return;
        }
        app.hand.advance(LOOK_EVERY);
    }
    panic!("the file was not read again");
}

fn write(path: &Path, text: &str) {
    let new = path.with_extension("new");
    std::fs::write(&new, text).unwrap();
    std::fs::rename(new, path).unwrap();
}

#[tokio::test]
async fn keys_are_rotated_without_a_restart_and_a_broken_file_changes_nothing() {
    let folder = TempDir::new().unwrap();
    let file = folder.path().join("keys.toml");
    let (old, old_entry) = new_key(&["--id", "shop"]);
    let (new, new_entry) = new_key(&["--id", "shop-2", "--rate", "60", "--expires", "2126-04-01"]);
    let (operator, operator_entry) = new_key(&["--role", "operator"]);
    write(&file, &old_entry);
    let app = TestApp::start_with(|config| {
        config.auth.mode = Some(AuthMode::Keys);
        config.auth.keys_file = Some(file.clone());
    })
    .await;
    assert_eq!((status(&app, &old).await, status(&app, &new).await), (200, 401));

    write(&file, &format!("{old_entry}\n{new_entry}\n{operator_entry}"));
    until_reloaded(&app, "ok", 1.0).await;
    assert_eq!((status(&app, &old).await, status(&app, &new).await), (200, 200));
    let listed = send(&app, Method::GET, "/api/v1/records", &operator).await;
    assert_eq!(listed.status, 200);

    write(&file, &format!("{new_entry}\n[[auth.keys]]\nid = \"half"));
    until_reloaded(&app, "failed", 1.0).await;
    write(&file, "");
    until_reloaded(&app, "failed", 2.0).await;
    std::fs::remove_file(&file).unwrap();
    until_reloaded(&app, "failed", 3.0).await;
    assert_eq!(app.metric("switchboard_keys_file_valid").await, 0.0);
    assert_eq!(
        (status(&app, &old).await, status(&app, &new).await),
        (200, 200),
        "the keys that were read last stay valid"
    );

    write(&file, &new_entry);
    until_reloaded(&app, "ok", 2.0).await;
    assert_eq!(app.metric("switchboard_keys_file_valid").await, 1.0);
    assert_eq!((status(&app, &old).await, status(&app, &new).await), (401, 200));
    app.stop().await;
}

#[test]
fn the_configuration_is_checked_with_its_keys_file() {
    let folder = TempDir::new().unwrap();
    let file = folder.path().join("keys.toml");
    let check = |text: &str| {
        write(&file, text);
        let output = Command::new(env!("CARGO_BIN_EXE_switchboard"))
            .args(["config", "check"])
            .env_clear()
            .env("SWITCHBOARD__AUTH__KEYS_FILE", &file)
            .current_dir(folder.path())
            .output()
            .unwrap();
        (output.status.code(), String::from_utf8(output.stderr).unwrap())
    };
    assert_eq!(check(&new_key(&[]).1).0, Some(0));
    let (code, said) = check("[[auth.keys]]\nid = \"a\"\nsha256 = \"swb_pasted-secret\"");
    assert_eq!(code, Some(64), "{said}");
    assert!(
        said.contains("auth.keys_file") && said.contains("sha256"),
        "{said}"
    );
    assert!(!said.contains("pasted-secret"), "{said}");
}
