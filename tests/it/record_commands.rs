//! `switchboard records|outbox|audit|feedback` as an operator types them, on a data folder that the service left.

use std::process::{Command, Output, Stdio};

use serde_json::Value;
use switchboard::store::{Change, DATABASE_FILE, Review};
use tempfile::TempDir;

use crate::harness::TestApp;

const BURNS: &str = "I took the new tablets and now my throat is swelling and I can't breathe";

fn switchboard(data: &TempDir, arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_switchboard"))
        .env_clear()
        .env("SWITCHBOARD__STORE__DATA_DIR", data.path())
        .current_dir(data.path())
        .stdin(Stdio::null())
        .args(arguments)
        .output()
        .unwrap()
}

/// What the command printed; it must succeed.
fn said(data: &TempDir, arguments: &[&str]) -> String {
    let output = switchboard(data, arguments);
    let errors = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success(), "{arguments:?}: {errors}");
    String::from_utf8(output.stdout).unwrap()
}

fn lines(text: &str) -> Vec<Value> {
    text.lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect()
}

#[tokio::test]
async fn records_are_looked_after_from_the_terminal() {
    let app = TestApp::start().await;
    let reply = app.say(BURNS).await;
    let reference = reply.at("/next_step/reference").as_str().unwrap().to_owned();
    let review = Review {
        category: "safety_compliance".to_owned(),
        severity: Some("urgent".to_owned()),
        intent: None,
    };
    let store = app.running().store().clone();
    store
        .change(&reference, None, "operator:ada", Change::Reclassify(review))
        .await
        .unwrap();
    let data = app.stop().await;

    let listed = lines(&said(
        &data,
        &["records", "list", "--kind", "compliance", "--json"],
    ));
    assert_eq!(
        (listed.len(), listed[0]["reference"].as_str()),
        (1, Some(&*reference))
    );
    assert!(said(&data, &["records", "list"]).contains(&reference));
    assert!(!said(&data, &["records", "show", &reference]).contains("Verbatim"));
    assert!(said(&data, &["records", "show", &reference, "--verbatim"]).contains(BURNS));
    assert_eq!(lines(&said(&data, &["records", "export"])).len(), 1);
    let feedback = lines(&said(&data, &["feedback", "export"]));
    assert_eq!(
        (feedback.len(), feedback[0]["severity"].as_str()),
        (1, Some("urgent"))
    );
    assert!(said(&data, &["outbox", "list", "--json"]).is_empty());
    let unknown = switchboard(&data, &["outbox", "retry", "SAF-NONE:compliance:create"]);
    assert_eq!(unknown.status.code(), Some(1));

    assert!(
        !switchboard(&data, &["records", "erase", &reference])
            .status
            .success(),
        "nobody confirmed"
    );
    said(&data, &["records", "erase", &reference, "--yes"]);
    assert!(said(&data, &["records", "show", &reference, "--verbatim"]).contains("was erased at"));
    assert_eq!(
        said(&data, &["records", "rewrap"]),
        "0 texts were moved under the current data key\n"
    );

    assert!(said(&data, &["audit", "verify"]).starts_with("the audit trail holds"));
    let trail = lines(&said(&data, &["audit", "export"]));
    let actor = trail
        .iter()
        .find(|entry| entry["action"] == "record.erased")
        .unwrap()["actor"]
        .clone();
    assert!(actor.as_str().unwrap().starts_with("cli:uid-"), "{actor}");
    tamper(&data, "UPDATE records SET summary = 'nothing happened'").await;
    let output = switchboard(&data, &["audit", "verify"]);
    assert_eq!(output.status.code(), Some(1));
    let named = String::from_utf8(output.stdout).unwrap();
    assert!(named.contains("is about a record that was altered"), "{named}");
}

async fn tamper(data: &TempDir, sql: &'static str) {
    use sqlx::{Connection as _, Executor as _};
    let url = format!("sqlite://{}", data.path().join(DATABASE_FILE).display());
    let mut connection = sqlx::SqliteConnection::connect(&url).await.unwrap();
    connection.execute(sql).await.unwrap();
    connection.close().await.unwrap();
}
