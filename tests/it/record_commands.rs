//! `switchboard records|outbox|audit|feedback` as an operator types them, on a data folder that the service left.

use std::process::{Output, Stdio};
use std::time::Duration;

use secrecy::ExposeSecret as _;
use serde_json::{Value, json};
use switchboard::store::{Change, DATABASE_FILE, Review, Settlement, TICKETING};
use tempfile::TempDir;

use crate::database::{Database, data_key, job, on_both_engines, report, unit};
use crate::harness::{TestApp, switchboard_in};

const BURNS: &str = "I took the new tablets and now my throat is swelling and I can't breathe";

fn switchboard(data: &TempDir, arguments: &[&str]) -> Output {
    switchboard_in(data.path()).args(arguments).output().unwrap()
}

on_both_engines! {
    a_record_is_taken_resolved_and_labelled_from_the_terminal,
}

/// The same on a database of either engine.
fn switchboard_on(database: &Database, arguments: &[&str]) -> Output {
    let mut command = switchboard_in(&database.config.data_dir);
    // With PostgreSQL there may be no such folder.
    command
        .env("SWITCHBOARD_DATA_KEY", data_key(1).expose_secret())
        .current_dir("/");
    if let Some(url) = &database.config.database_url {
        command.env("DATABASE_URL", url.expose_secret());
    }
    command.args(arguments).output().unwrap()
}

/// Exit code, standard output, standard error.
fn outcome(output: &Output) -> (Option<i32>, String, String) {
    let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
    (output.status.code(), text(&output.stdout), text(&output.stderr))
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
    assert!(said(&data, &["records", "list", "--sort", "due"]).contains(&reference));
    assert!(!said(&data, &["records", "show", &reference]).contains("Verbatim"));
    assert!(said(&data, &["records", "show", &reference, "--verbatim"]).contains(BURNS));
    let shown = |with: &[&str]| {
        lines(&said(
            &data,
            &[&["records", "show", &reference, "--json"], with].concat(),
        ))
    };
    assert!(shown(&[])[0].get("verbatim").is_none());
    assert_eq!(shown(&["--verbatim"])[0]["verbatim"], BURNS);
    assert_eq!(lines(&said(&data, &["records", "export", "--json"])).len(), 1);
    let feedback = lines(&said(&data, &["feedback", "export"]));
    assert_eq!(
        (feedback.len(), feedback[0]["severity"].as_str()),
        (1, Some("urgent"))
    );
    assert!(said(&data, &["outbox", "list", "--json"]).is_empty());
    let unknown = switchboard(&data, &["outbox", "retry", "SAF-NONE:compliance:create"]);
    assert_eq!(unknown.status.code(), Some(1));
    assert!(unknown.stdout.is_empty(), "a refusal is no result");
    assert!(
        String::from_utf8(unknown.stderr)
            .unwrap()
            .contains("is not in the outbox")
    );

    let unconfirmed = switchboard(&data, &["records", "erase", &reference]);
    assert_eq!(unconfirmed.status.code(), Some(1));
    assert!(
        String::from_utf8(unconfirmed.stderr)
            .unwrap()
            .contains("nothing was erased")
    );
    for erased in ["now", "before"] {
        let told = lines(&said(&data, &["records", "erase", &reference, "--yes", "--json"]));
        assert_eq!(told, [json!({ "reference": reference, "erased": erased })]);
    }
    assert_eq!(shown(&["--verbatim"])[0]["verbatim"], Value::Null);
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
    for (action, subject, detail) in [
        (
            "records.exported",
            "records",
            r#"{"format":"json","verbatim":false}"#,
        ),
        ("feedback.exported", "records", "{}"),
    ] {
        let entry = trail
            .iter()
            .find(|entry| entry["action"] == action)
            .expect(action);
        assert_eq!(
            (&entry["subject"], &entry["detail"]),
            (&json!(subject), &json!(detail))
        );
        assert_eq!(entry["actor"], actor);
    }
    tamper(&data, "UPDATE records SET summary = 'nothing happened'").await;
    let output = switchboard(&data, &["audit", "verify"]);
    assert_eq!(output.status.code(), Some(1));
    let named = String::from_utf8(output.stdout).unwrap();
    assert!(named.contains("is about a record that was altered"), "{named}");
}

async fn a_record_is_taken_resolved_and_labelled_from_the_terminal(database: Database) {
    let store = database.open().await;
    store.commit(unit([report("SAF-1", store.now())])).await.unwrap();
    let run = |arguments: &[&str]| outcome(&switchboard_on(&database, &[&["records"], arguments].concat()));
    let refused = |arguments: &[&str], code: i32, told: &str| {
        let (exit, out, errors) = run(arguments);
        assert_eq!((exit, out.as_str()), (Some(code), ""), "{arguments:?}: {errors}");
        assert!(errors.contains(told), "{arguments:?}: {errors}");
    };
    // Every wrong argument is named at once, and none of these changes anything.
    refused(&["ack", "SAF-1"], 64, "--if-match is required");
    refused(
        &["ack", "SAF-1", "--if-match", "latest"],
        64,
        "--if-match must be *",
    );
    let (exit, _, errors) = run(&["resolve", "SAF-1", "--note", " "]);
    assert_eq!(exit, Some(64));
    for told in ["--note must not be empty", "--if-match is required"] {
        assert!(errors.contains(told), "{errors}");
    }
    refused(&["resolve", "SAF-1", "--if-match", "1"], 64, "--note is required");
    let note = "é".repeat(501);
    let long = ["resolve", "SAF-1", "--if-match", "1", "--note", &note];
    refused(&long, 64, "--note must be at most 500 characters");
    let lines = ["resolve", "SAF-1", "--if-match", "1", "--note", "a\u{1b}[2Jb"];
    refused(&lines, 64, "--note must be one line");
    let wrong = ["reclassify", "SAF-1", "--severity", "dire", "--intent", "dance"];
    let (exit, _, errors) = run(&wrong);
    assert_eq!(exit, Some(64));
    for told in [
        "--category is required: it must be informational, service_action or safety_compliance",
        "--severity must be standard, high or urgent",
        "--intent is not known",
        "--if-match is required",
    ] {
        assert!(errors.contains(told), "{errors}");
    }
    refused(
        &[
            "reclassify",
            "SAF-1",
            "--if-match",
            "1",
            "--category",
            "safety_compliance",
        ],
        64,
        "--severity is required for a safety report",
    );
    refused(
        &["ack", "SAF-NONE", "--if-match", "*"],
        1,
        "there is no record SAF-NONE",
    );
    refused(
        &["ack", "SAF-1", "--if-match", "2"],
        1,
        "changed meanwhile; read it again",
    );
    assert_eq!(store.record("SAF-1").await.unwrap().unwrap().version, 1);

    // What a list says is all that a change asks for.
    let listed = |column: usize| {
        let (_, out, _) = run(&["list"]);
        let columns: Vec<Vec<String>> = out
            .lines()
            .map(|line| line.split_whitespace().map(str::to_owned).collect())
            .collect();
        [0, 1].map(|line| columns[line][column].clone())
    };
    assert_eq!(listed(0), ["REFERENCE", "SAF-1"]);
    assert_eq!(listed(4), ["VERSION", "1"]);
    let (exit, out, errors) = run(&["ack", "SAF-1", "--if-match", "1"]);
    assert_eq!(
        (exit, out.as_str()),
        (Some(0), "SAF-1 is acknowledged, at version 2\n"),
        "{errors}"
    );
    assert_eq!(listed(4), ["VERSION", "2"]);
    refused(&["ack", "SAF-1", "--if-match", "1"], 1, "changed meanwhile");
    refused(
        &["acknowledge", "SAF-1", "--if-match", "2"],
        1,
        "the record is acknowledged, which does not allow this",
    );
    let labels = [
        "reclassify",
        "SAF-1",
        "--if-match",
        "\"2\"",
        "--category",
        "safety_compliance",
        "--severity",
        "high",
    ];
    let (exit, out, errors) = run(&labels);
    let labelled = "SAF-1 is acknowledged, labelled safety_compliance, high, at version 3\n";
    assert_eq!((exit, out.as_str()), (Some(0), labelled), "{errors}");
    let note = "reached by phone, call back on 212-555-0142";
    let resolve = ["resolve", "SAF-1", "--if-match", "*", "--note", note, "--json"];
    let (exit, out, errors) = run(&resolve);
    assert_eq!(exit, Some(0), "{errors}");
    let record: Value = serde_json::from_str(&out).unwrap();
    assert_eq!(
        (&record["status"], &record["version"]),
        (&json!("resolved"), &json!(4))
    );
    refused(&resolve, 1, "the record is resolved, which does not allow this");

    let trail = store.audit_page("", 0).await.unwrap();
    let changes: Vec<_> = trail
        .iter()
        .filter(|entry| entry.actor.starts_with("cli:uid-"))
        .collect();
    let actions: Vec<&str> = changes.iter().map(|entry| entry.action.as_str()).collect();
    assert_eq!(
        actions,
        ["record.acknowledged", "record.reclassified", "record.resolved"]
    );
    let detail: Value = serde_json::from_str(&changes[2].detail).unwrap();
    assert_eq!(
        detail["note"], "reached by phone, call back on [PHONE_REDACTED]",
        "the trail cannot be erased"
    );
    store.audit_verify().await.unwrap().unwrap();
    store.close().await;
}

#[tokio::test]
async fn a_command_in_the_wrong_place_says_so_and_leaves_nothing_behind() {
    let data = TempDir::new().unwrap();
    let lists: [&[&str]; 4] = [
        &["records", "list"],
        &["outbox", "list"],
        &["audit", "verify"],
        &["feedback", "export"],
    ];
    let refused = |arguments: &[&str], named: &str| {
        let output = switchboard(&data, arguments);
        let told = String::from_utf8(output.stderr).unwrap();
        assert_eq!(
            (output.status.code(), output.stdout.len()),
            (Some(64), 0),
            "{arguments:?}"
        );
        assert!(told.contains("store.data_dir") && told.contains(named), "{told}");
    };
    for arguments in lists {
        refused(arguments, "holds no records");
    }
    assert_eq!(
        std::fs::read_dir(data.path()).unwrap().count(),
        0,
        "neither database nor key"
    );
    // Somebody else's database.
    let file = data.path().join(DATABASE_FILE);
    let url = format!("sqlite://{}?mode=rwc", file.display());
    let mut connection = <sqlx::SqliteConnection as sqlx::Connection>::connect(&url)
        .await
        .unwrap();
    sqlx::raw_sql("CREATE TABLE orders (id INTEGER)")
        .execute(&mut connection)
        .await
        .unwrap();
    sqlx::Connection::close(connection).await.unwrap();
    let theirs = std::fs::read(&file).unwrap();
    for arguments in lists {
        refused(arguments, "holds no records");
    }
    assert_eq!(std::fs::read(&file).unwrap(), theirs);

    let app = TestApp::start().await;
    app.say(BURNS).await;
    let data = app.stop().await;
    let key = data.path().join("data.key");
    std::fs::remove_file(&key).unwrap();
    let output = switchboard(&data, &["records", "list"]);
    let told = String::from_utf8(output.stderr).unwrap();
    assert!(
        output.status.code() == Some(64) && told.contains("no data.key"),
        "{told}"
    );
    assert!(!key.exists(), "a new key would hide that the old one is missing");
}

#[tokio::test]
async fn a_trail_is_held_against_ends_that_were_kept_elsewhere() {
    let app = TestApp::start().await;
    app.say(BURNS).await;
    let data = app.stop().await;
    let kept = data.path().join("kept");
    let against = |text: &str| {
        std::fs::write(&kept, text).unwrap();
        outcome(&switchboard(&data, &["audit", "verify", "--against", "kept"]))
    };
    let (verified, export) = (
        said(&data, &["audit", "verify", "--json"]),
        said(&data, &["audit", "export"]),
    );
    // The list of yesterday and today's export in one file, too.
    for text in [&verified, &export, &format!("{verified}\n{export}")] {
        let (exit, out, errors) = against(text);
        assert_eq!(exit, Some(0), "{errors}");
        assert!(out.contains("and the 1 ends that were kept are in it"), "{out}");
    }
    // The database of another day: whole in itself, and not the one that was kept.
    let other = TestApp::start().await;
    other.say(BURNS).await;
    let other = other.stop().await;
    let theirs = said(&other, &["audit", "verify", "--json"]);
    let (exit, out, _) = against(&theirs);
    assert_eq!(exit, Some(1));
    assert!(out.contains("entry 1: is missing"), "{out}");
    for (wrong, told) in [
        ("", "names no end of a chain"),
        ("{\"entries\":0,\"heads\":[]}", "names no end of a chain"),
        ("the audit trail holds: 2 entries in 1 chains", "line 1: not what"),
    ] {
        let (exit, out, errors) = against(wrong);
        assert_eq!((exit, out.as_str()), (Some(64), ""), "{wrong}");
        assert!(errors.contains(told), "{errors}");
    }
    let (exit, _, errors) = outcome(&switchboard(&data, &["audit", "verify", "--against", "gone"]));
    assert_eq!(exit, Some(64));
    assert!(errors.contains("gone cannot be read"), "{errors}");
}

#[tokio::test]
async fn a_text_cannot_act_on_the_terminal_that_shows_it() {
    let app = TestApp::start().await;
    let text = "I feel fine\rmy throat is swelling \u{202e}and I can't breathe";
    let reply = app.say(text).await;
    let reference = reply.at("/next_step/reference").as_str().unwrap().to_owned();
    let data = app.stop().await;
    let acts = |shown: &str| shown.contains(['\u{1b}', '\r', '\u{202e}']);
    let shown = said(&data, &["records", "show", &reference, "--verbatim"]);
    assert!(!acts(&shown), "{shown:?}");
    assert!(
        shown.contains("I feel fine\\u000dmy throat is swelling \\u202eand"),
        "{shown}"
    );
    assert!(!acts(&said(&data, &["records", "list"])));
    // Exact where a program reads it.
    let exact = lines(&said(
        &data,
        &["records", "show", &reference, "--verbatim", "--json"],
    ));
    assert_eq!(exact[0]["verbatim"], text);
}

#[test]
fn a_text_given_for_a_file_is_not_repeated_and_told_where_it_goes() {
    let data = TempDir::new().unwrap();
    for text in [
        "call me on 212-555-0142",
        &"my number is 212-555-0142 ".repeat(200),
    ] {
        let (exit, out, errors) = outcome(&switchboard(&data, &["redact", text]));
        assert_eq!((exit, out.as_str()), (Some(1), ""));
        assert!(errors.contains("| switchboard redact"), "{errors}");
        assert!(!errors.contains("0142"), "{errors}");
    }
}

#[tokio::test]
async fn what_is_due_is_listed_the_first_first_and_a_cut_list_says_so() {
    let app = TestApp::start().await;
    let say = async |message: &str| {
        let reply = app.say(message).await;
        reply.at("/next_step/reference").as_str().unwrap().to_owned()
    };
    let urgent = say(BURNS).await;
    let high = say("I have no insulin left").await;
    let ticket = say("Please refund order 10093-552, it is too small").await;
    let seen = say("My tongue is swelling up after the new tablets").await;
    let store = app.running().store().clone();
    store
        .change(&seen, None, "operator:ada", Change::Acknowledge)
        .await
        .unwrap();
    let data = app.stop().await;
    let listed = |arguments: &[&str]| -> Vec<String> {
        lines(&said(&data, arguments))
            .iter()
            .map(|record| record["reference"].as_str().unwrap().to_owned())
            .collect()
    };
    assert_eq!(
        listed(&["records", "list", "--sort", "due", "--json"]),
        [&*urgent, &high, &ticket]
    );
    assert_eq!(
        listed(&[
            "records",
            "list",
            "--sort",
            "due",
            "--kind",
            "compliance",
            "--json"
        ]),
        [&*urgent, &high]
    );
    assert_eq!(listed(&["records", "list", "--json"])[0], seen, "newest first");
    let cut = switchboard(&data, &["records", "list", "--sort", "due", "--limit", "2"]);
    let told = String::from_utf8(cut.stderr).unwrap();
    assert!(cut.status.success() && told.contains("there are more"), "{told}");
    let whole = switchboard(&data, &["records", "list", "--sort", "due", "--limit", "4"]);
    assert!(whole.stderr.is_empty());
}

#[test]
fn arguments_that_cannot_be_meant_are_refused() {
    let data = TempDir::new().unwrap();
    let expired = switchboard(&data, &["keys", "new", "--expires", "2020-01-01"]);
    assert_eq!((expired.status.code(), expired.stdout.len()), (Some(64), 0));
    assert!(
        String::from_utf8(expired.stderr)
            .unwrap()
            .contains("in the future")
    );
}

#[tokio::test]
async fn safety_reports_are_exported_as_a_table_and_in_the_words_of_e2b() {
    let app = TestApp::start().await;
    let say = async |message: &str| {
        let body = json!({ "message": message, "channel": "mail", "metadata": { "customer_id": "C-1001" } });
        let reply = app.classify(body).await;
        reply.at("/next_step/reference").as_str().unwrap().to_owned()
    };
    let plain = say(BURNS).await;
    let formula = say(
        "=HYPERLINK(\"http://x.example\") Lipitor 20 mg gave my husband, 71, a bad rash, call 212-555-0142",
    )
    .await;
    let ticket = say("Please refund order 10093-552, it is too small").await;
    assert!(ticket.starts_with("TKT-"));
    let data = app.stop().await;

    let csv = said(&data, &["records", "export", "--format", "csv"]);
    let rows: Vec<&str> = csv.split_terminator("\r\n").collect();
    assert_eq!(rows.len(), 3, "a header and two safety reports: {csv}");
    assert!(rows[0].starts_with("reference,received_at,day_zero,"));
    assert!(
        rows[1].starts_with(&formula) && rows[2].starts_with(&plain),
        "{csv}"
    );
    assert!(
        rows[1].contains(",\"'=HYPERLINK(\"\"http"),
        "no cell begins a formula: {csv}"
    );
    assert!(!csv.contains("212-555-0142") && !csv.contains("TKT-"), "{csv}");

    let cases = lines(&said(&data, &["records", "export", "--format", "e2b-json"]));
    assert_eq!(cases.len(), 2);
    let case = &cases[0];
    assert_eq!(case["C.1.1_senders_safety_report_unique_identifier"], *formula);
    assert_eq!(case["G.k_drugs"][0]["G.k.2.2_name_as_reported"], "lipitor");
    assert!(case["E.i_reactions"][0]["E.i.2.1b_meddra_code"].is_null());
    assert!(case["E.i_reactions"][0]["E.i.3.2_seriousness"]["E.i.3.2a"]["value"].is_null());
    assert!(
        !case["H.1_case_narrative"]
            .as_str()
            .unwrap()
            .contains("212-555-0142")
    );
    let read = |trail: &str| {
        lines(trail)
            .iter()
            .filter(|entry| entry["action"] == "record.verbatim_read")
            .count()
    };
    assert_eq!(
        read(&said(&data, &["audit", "export"])),
        0,
        "nothing verbatim was taken"
    );

    let one = [
        "records",
        "export",
        "--format",
        "e2b-json",
        "--verbatim",
        "--reference",
        &formula,
    ];
    let cases = lines(&said(&data, &one));
    assert_eq!(cases.len(), 1);
    assert!(
        cases[0]["H.1_case_narrative"]
            .as_str()
            .unwrap()
            .contains("212-555-0142")
    );
    assert_eq!(cases[0]["x_switchboard"]["narrative_is_redacted"], false);
    assert_eq!(
        read(&said(&data, &["audit", "export"])),
        1,
        "the text that was taken is named"
    );
    assert!(said(&data, &["audit", "verify"]).starts_with("the audit trail holds"));

    for (wrong, code) in [
        (&["records", "export", "--format", "csv", "--verbatim"][..], 64),
        (
            &["records", "export", "--format", "csv", "--reference", &ticket],
            1,
        ),
        (&["records", "export", "--reference", "SAF-NONE"], 1),
    ] {
        assert_eq!(switchboard(&data, wrong).status.code(), Some(code), "{wrong:?}");
    }
}

#[tokio::test]
async fn an_export_goes_through_every_page_and_names_what_it_cannot_write() {
    let app = TestApp::start().await;
    let store = app.running().store().clone();
    let records = (0..1_203).map(|n| report(&format!("SAF-{n}"), store.now()));
    store.commit(unit(records)).await.unwrap();
    let data = app.stop().await;
    let exported = lines(&said(&data, &["records", "export"]));
    assert_eq!(exported.len(), 1_203);
    assert_eq!(exported[0]["reference"], "SAF-1202");
    // Their details are no case of this program's: each is named, and the exit code says so.
    let output = switchboard(&data, &["records", "export", "--format", "e2b-json"]);
    assert_eq!(output.status.code(), Some(1));
    let said = String::from_utf8(output.stderr).unwrap();
    assert_eq!(said.lines().count(), 1_203);
    assert!(said.contains("SAF-7 cannot be written in this form"), "{said}");
}

#[tokio::test]
async fn dead_deliveries_are_retried_and_discarded_from_the_terminal() {
    let app = TestApp::start().await;
    let store = app.running().store().clone();
    for reference in ["SAF-1", "SAF-2"] {
        let mut record = report(reference, store.now());
        record.jobs.push(job(TICKETING));
        store.commit(unit([record])).await.unwrap();
    }
    for leased in store
        .lease_jobs(TICKETING, 2, Duration::from_secs(60))
        .await
        .unwrap()
    {
        let error = "http_422".to_owned();
        assert!(store.settle(&leased, Settlement::Dead { error }).await.unwrap());
    }
    let data = app.stop().await;
    let (first, second) = ("SAF-1:ticketing:create", "SAF-2:ticketing:create");
    let states = || {
        let mut states: Vec<(String, String)> = lines(&said(&data, &["outbox", "list", "--json"]))
            .iter()
            .map(|job| {
                (
                    job["key"].as_str().unwrap().to_owned(),
                    job["state"].as_str().unwrap().to_owned(),
                )
            })
            .collect();
        states.sort();
        states
    };
    let pair = |key: &str, state: &str| (key.to_owned(), state.to_owned());
    assert_eq!(states(), [pair(first, "dead"), pair(second, "dead")]);
    assert!(said(&data, &["outbox", "list"]).contains("http_422"));
    assert!(said(&data, &["outbox", "retry", first]).contains("will be tried again"));
    assert!(said(&data, &["outbox", "discard", second]).contains("is discarded"));
    assert_eq!(
        states(),
        [pair(first, "pending")],
        "what is over is listed when asked for"
    );
    assert_eq!(
        lines(&said(
            &data,
            &["outbox", "list", "--state", "discarded", "--json"]
        ))
        .len(),
        1
    );
    for refused in [["retry", first], ["retry", second], ["discard", second]] {
        let output = switchboard(&data, &["outbox", refused[0], refused[1]]);
        assert_eq!(output.status.code(), Some(1), "{refused:?}");
    }
    let trail = lines(&said(&data, &["audit", "export"]));
    for (action, key) in [("outbox.retried", first), ("outbox.discarded", second)] {
        let entries: Vec<&Value> = trail.iter().filter(|entry| entry["action"] == action).collect();
        assert_eq!((entries.len(), entries[0]["subject"].as_str()), (1, Some(key)));
        assert!(entries[0]["actor"].as_str().unwrap().starts_with("cli:uid-"));
    }
    assert!(said(&data, &["audit", "verify"]).starts_with("the audit trail holds"));
}

#[tokio::test]
async fn what_a_list_cannot_be_asked_for_is_refused_and_a_reader_may_leave() {
    let app = TestApp::start().await;
    app.say(BURNS).await;
    let data = app.stop().await;
    for refused in [
        ["records", "list", "--limit", "0"],
        ["records", "list", "--limit", "501"],
        ["records", "list", "--severity", "zzz"],
        ["records", "list", "--sort", "zzz"],
        ["outbox", "list", "--limit", "0"],
        ["outbox", "list", "--target", "zzz"],
    ] {
        assert_eq!(
            switchboard(&data, &refused).status.code(),
            Some(64),
            "{refused:?}"
        );
    }
    let urgent = said(
        &data,
        &[
            "records",
            "list",
            "--severity",
            "urgent",
            "--json",
            "--limit",
            "500",
        ],
    );
    assert_eq!(lines(&urgent).len(), 1);
    for (arguments, code) in [
        (["records", "export"], 0),
        (["records", "list"], 0),
        (["audit", "export"], 0),
        // Its exit code is its answer, which must not be good because nobody read the words.
        (["audit", "verify"], 1),
    ] {
        let mut child = switchboard_in(data.path())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .args(arguments)
            .spawn()
            .unwrap();
        drop(child.stdout.take());
        let output = child.wait_with_output().unwrap();
        let errors = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(code), "{arguments:?}: {errors}");
        assert_eq!(errors.is_empty(), code == 0, "{arguments:?}: {errors}");
    }
}

async fn tamper(data: &TempDir, sql: &'static str) {
    use sqlx::{Connection as _, Executor as _};
    let url = format!("sqlite://{}", data.path().join(DATABASE_FILE).display());
    let mut connection = sqlx::SqliteConnection::connect(&url).await.unwrap();
    connection.execute(sql).await.unwrap();
    connection.close().await.unwrap();
}
