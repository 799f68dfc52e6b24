//! `switchboard classify|eval|train|redact|prompts` as whoever owns the model types them, on files as spreadsheets and scripts write them.

use std::collections::BTreeMap;
use std::io::Write as _;
use std::process::{Output, Stdio};

use serde_json::{Value, json};
use switchboard::store::{Change, Review};
use tempfile::TempDir;

use crate::harness::{TestApp, switchboard_in};

/// Runs a command in the folder; `input` is its standard input.
fn switchboard(folder: &TempDir, arguments: &[&str], input: &str) -> Output {
    let mut child = switchboard_in(folder.path())
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // A command that refuses its arguments may be gone before it read anything.
    let _ = child.stdin.take().unwrap().write_all(input.as_bytes());
    child.wait_with_output().unwrap()
}

/// What it printed; it must succeed.
fn said(folder: &TempDir, arguments: &[&str], input: &str) -> String {
    let output = switchboard(folder, arguments, input);
    let errors = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success(), "{arguments:?}: {errors}");
    String::from_utf8(output.stdout).unwrap()
}

/// What it complained of; it must end with `code` and print nothing else.
fn refused(folder: &TempDir, arguments: &[&str], input: &str, code: i32) -> String {
    let output = switchboard(folder, arguments, input);
    let told = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(code), "{arguments:?}: {told}");
    assert!(output.stdout.is_empty(), "{arguments:?}: a refusal is no result");
    told
}

fn write(folder: &TempDir, name: &str, text: &str) {
    std::fs::write(folder.path().join(name), text).unwrap();
}

fn lines(text: &str) -> Vec<Value> {
    text.lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect()
}

/// A byte order mark, CRLF, ids that are numbers: what a spreadsheet's export looks like.
const FROM_A_SPREADSHEET: &str = concat!(
    "\u{feff}{\"id\": 1, \"text\": \"do you open on sundays\", \"category\": \"informational\"}\r\n\r\n",
    "{\"id\": 2, \"text\": \"cancel order 10093552\", \"category\": \"service_action\", \"intent\": \"cancel_order\"}\r\n",
    "{\"id\": \"c\", \"message\": \"the pills gave me hives\", \"category\": \"safety_compliance\", \"severity\": \"high\"}\r\n",
);

#[test]
fn one_file_is_read_alike_by_every_command() {
    let folder = TempDir::new().unwrap();
    write(&folder, "sheet.jsonl", FROM_A_SPREADSHEET);
    let ids = [json!(1), json!(2), json!("c")];
    let ids_of = |text: &str| -> Vec<Value> { lines(text).iter().map(|line| line["id"].clone()).collect() };

    let classified = said(&folder, &["classify", "--file", "sheet.jsonl"], "");
    assert_eq!(ids_of(&classified), ids);
    let piped = said(&folder, &["classify", "--file", "-"], FROM_A_SPREADSHEET);
    assert_eq!(piped, classified);
    said(&folder, &["eval", "sheet.jsonl", "--predictions", "p.jsonl"], "");
    let predicted = std::fs::read_to_string(folder.path().join("p.jsonl")).unwrap();
    assert_eq!(ids_of(&predicted), ids);
    let redacted = said(&folder, &["redact", "--jsonl", "sheet.jsonl"], "");
    assert_eq!(lines(&redacted)[2]["text"], "the pills gave me hives");

    let figures: Value =
        serde_json::from_str(&said(&folder, &["eval", "sheet.jsonl", "--json"], "")).unwrap();
    assert_eq!(
        (&figures["messages"], &figures["hard_accuracy"]),
        (&json!(3), &Value::Null)
    );
    let table = said(&folder, &["eval", "sheet.jsonl"], "");
    assert!(table.contains("macro-F1") && table.ends_with('\n'), "{table}");
}

#[test]
fn a_message_is_classified_from_standard_input_and_an_empty_one_is_bad_usage() {
    let folder = TempDir::new().unwrap();
    let told = said(
        &folder,
        &["classify", "-"],
        "my tongue is swelling after the tablet\n",
    );
    assert!(told.starts_with("safety_compliance"), "{told}");
    for arguments in [["classify", ""], ["classify", "-"], ["classify", " \n"]] {
        let told = refused(&folder, &arguments, " ", 64);
        assert!(told.contains("the message must not be empty"), "{told}");
    }
    let told = refused(&folder, &["prompts", "render", " "], "", 64);
    assert!(told.contains("the text must not be empty"), "{told}");
    refused(&folder, &["prompts", "render", "x", "--version", "9.0.0"], "", 64);
    write(&folder, "switchboard.toml", "[llm.prompts]\nactive = \"9.0.0\"\n");
    let told = refused(&folder, &["prompts", "list"], "", 64);
    assert!(
        told.contains("llm.prompts.active: there is no prompt version 9.0.0"),
        "{told}"
    );
}

#[test]
fn a_wrong_line_is_named_with_its_field_and_not_shown() {
    let folder = TempDir::new().unwrap();
    let wrong = format!("{FROM_A_SPREADSHEET}{{\"text\": \"x\", \"category\": \"Jo Park 123-45-6789\"}}\n");
    write(&folder, "wrong.jsonl", &wrong);
    write(&folder, "untold.jsonl", "{\"id\": 1}\n");
    for command in ["eval", "train"] {
        let told = refused(&folder, &[command, "wrong.jsonl"], "", 1);
        assert_eq!(
            told,
            "switchboard: wrong.jsonl, line 5: `category` must be informational, service_action or safety_compliance\n"
        );
    }
    let told = refused(&folder, &["classify", "--file", "untold.jsonl"], "", 1);
    assert!(told.contains("untold.jsonl, line 1: `text` is missing"), "{told}");
}

#[test]
fn a_training_that_cannot_come_out_well_is_refused_before_it_begins() {
    let folder = TempDir::new().unwrap();
    write(&folder, "all.jsonl", FROM_A_SPREADSHEET);
    let two: Vec<&str> = FROM_A_SPREADSHEET.lines().take(3).collect();
    write(&folder, "two.jsonl", &two.join("\n"));
    let usage: [(&[&str], &str); 8] = [
        (
            &["train", "all.jsonl=much"],
            "all.jsonl=much: what follows the last = is the weight",
        ),
        (&["train", "all.jsonl=0"], "above 0 and at most 100"),
        (&["train", "all.jsonl=-1"], "above 0 and at most 100"),
        // Nothing to calibrate by: the temperatures came out as 20, and every answer as unsure.
        (
            &["train", "all.jsonl=2"],
            "they hold 0 different messages for 5 parts",
        ),
        (
            &["train", "all.jsonl", "--folds", "4"],
            "they hold 3 different messages for 4 parts",
        ),
        (
            &["train", "all.jsonl", "--set", "bits=64"],
            "--set bits=64: must be a whole number from 8 to 22",
        ),
        (
            &["train", "all.jsonl", "--set", "layers=2"],
            "--set layers=2: known are bits, ",
        ),
        (
            &["train", "all.jsonl", "--output", "nowhere/x.model"],
            "--output must name a file in a folder that exists",
        ),
    ];
    for (arguments, why) in usage {
        let told = refused(&folder, arguments, "", 64);
        assert!(told.contains(why), "{arguments:?}: {told}");
    }
    let input: [(&[&str], &str); 5] = [
        // A service with such a model would take no message for a safety report but by the safety floor.
        (
            &["train", "two.jsonl", "--calibrate", "all.jsonl"],
            "no message is labelled safety_compliance",
        ),
        (
            &["train", "all.jsonl", "--calibrate", "gone.jsonl"],
            "cannot read gone.jsonl",
        ),
        (
            &["train", "all.jsonl", "--judge", "gone.jsonl"],
            "cannot read gone.jsonl",
        ),
        (
            &["train", "all.jsonl", "--notes", "gone.md"],
            "cannot read gone.md",
        ),
        (
            &["train", "all.jsonl", "--words", "all.jsonl"],
            "all.jsonl: not a switchboard model",
        ),
    ];
    for (arguments, why) in input {
        let told = refused(&folder, arguments, "", 1);
        assert!(told.contains(why), "{arguments:?}: {told}");
    }
    assert_eq!(
        std::fs::read_dir(folder.path()).unwrap().count(),
        2,
        "no model, no card"
    );
}

#[tokio::test]
async fn what_reviewers_corrected_trains_a_model_that_the_commands_then_use() {
    let app = TestApp::start().await;
    let store = app.running().store().clone();
    for (message, category, severity, intent) in [
        (
            "Please refund order 10093-552, it is too small",
            "service_action",
            None,
            Some("request_refund"),
        ),
        ("I want to speak to a person", "informational", None, None),
        (
            "The antibiotic gave me hives, mail jo.park@example.com",
            "safety_compliance",
            Some("high"),
            None,
        ),
    ] {
        let reply = app.say(message).await;
        let reference = reply.at("/next_step/reference").as_str().unwrap().to_owned();
        let review = Review {
            category: category.to_owned(),
            severity: severity.map(str::to_owned),
            intent: intent.map(str::to_owned),
        };
        let change = Change::Reclassify(review);
        store
            .change(&reference, None, "operator:ada", change)
            .await
            .unwrap();
    }
    let data = app.stop().await;

    let reviewed = said(&data, &["feedback", "export"], "");
    assert!(
        reviewed.contains("[EMAIL_REDACTED]") && !reviewed.contains("jo.park"),
        "{reviewed}"
    );
    write(&data, "reviewed.jsonl", &reviewed);
    let figures = said(&data, &["eval", "reviewed.jsonl", "--json"], "");
    let figures: Value = serde_json::from_str(&figures).unwrap();
    let support: Vec<&Value> = figures["classes"]
        .as_array()
        .unwrap()
        .iter()
        .map(|class| &class["support"])
        .collect();
    assert_eq!(support, [1, 1, 1]);
    assert!(figures["severity_accuracy"].is_number() && figures["intent_accuracy"].is_number());

    // The reviewer's word against an older one about the same text.
    let older = "{\"id\": 9, \"text\": \"I want to speak to a person\", \"category\": \"service_action\"}\n";
    write(&data, "older.jsonl", older);
    let output = switchboard(
        &data,
        &[
            "train",
            "older.jsonl",
            "reviewed.jsonl=3",
            "--calibrate",
            "reviewed.jsonl",
            "--name",
            "ours-1",
            "--set",
            "epochs=1",
            "-o",
            "ours.model",
        ],
        "",
    );
    let told = String::from_utf8(output.stderr).unwrap();
    assert!(output.status.success(), "{told}");
    assert!(
        told.contains("1 messages stand in the files with different categories"),
        "{told}"
    );
    assert!(
        told.contains("3 of the 3 messages of reviewed.jsonl are also learnt from"),
        "{told}"
    );
    let card = std::fs::read_to_string(data.path().join("MODEL_CARD.md")).unwrap();
    assert!(card.contains("| reviewed.jsonl | 3 | 3.0 | review 3 |"), "{card}");

    write(&data, "switchboard.toml", "classifier.model = \"ours.model\"\n");
    for arguments in [
        &["classify", "--json", "hello"][..],
        &["eval", "--json", "reviewed.jsonl"],
    ] {
        let answer: Value = serde_json::from_str(&said(&data, arguments, "")).unwrap();
        assert!(
            answer["model"].as_str().unwrap().starts_with("ours-1+"),
            "{answer}"
        );
    }
    write(&data, "switchboard.toml", "classifier.model = \"older.jsonl\"\n");
    let told = refused(&data, &["config", "check"], "", 64);
    assert!(
        told.contains("classifier.model (older.jsonl): not a switchboard model"),
        "{told}"
    );
}

#[test]
fn a_prompt_is_rendered_as_the_service_sends_it() {
    let folder = TempDir::new().unwrap();
    let own =
        "[[privacy.recognizers]]\nname = \"member\"\npattern = \"MB-[0-9]{6}\"\nplaceholder = \"MEMBER\"\n";
    write(&folder, "switchboard.toml", own);
    let sent = said(
        &folder,
        &[
            "prompts",
            "render",
            "member MB-123456, call 212-555-0134 or 212-555-0177",
        ],
        "",
    );
    assert!(
        sent.contains("[PHONE_1] or [PHONE_2]") && !sent.contains("123456"),
        "{sent}"
    );
}

/// What a card says that a model was made of: the files, each with its weight.
fn made_of(card: &str) -> BTreeMap<String, f32> {
    let rows = card.lines().filter_map(|line| {
        let cells: Vec<&str> = line.split('|').map(str::trim).collect();
        let is_file = cells.len() > 3 && cells[1].ends_with(".jsonl");
        is_file.then(|| (cells[1].to_owned(), cells[3].parse().unwrap()))
    });
    rows.collect()
}

/// The committed files that the first `switchboard train` of a text names, each with its weight: `a_{b,c}.jsonl=0.5` are two.
fn learnt_from(recipe: &str) -> BTreeMap<String, f32> {
    let command = recipe.split("switchboard train").nth(1).unwrap();
    let files = command.split(" --").next().unwrap();
    let named = files
        .split_whitespace()
        .filter_map(|word| word.strip_prefix("models/data/"));
    let weighed = named.flat_map(|word| {
        let (name, weight) = word.split_once('=').unwrap_or((word, "1"));
        let (before, rest) = name.split_once('{').unwrap_or((name, "}"));
        let (letters, after) = rest.split_once('}').unwrap();
        let weight: f32 = weight.parse().unwrap();
        letters
            .split(',')
            .map(move |letter| (format!("{before}{letter}{after}"), weight))
            .collect::<Vec<_>>()
    });
    weighed.collect()
}

#[test]
fn the_recipe_for_a_model_of_ones_own_begins_with_all_that_the_embedded_one_learnt_from() {
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
    let text = |name| std::fs::read_to_string(root.join(name)).unwrap();
    let (recipe, card) = (text("docs/model.md"), text("models/MODEL_CARD.md"));
    let embedded = made_of(&card);
    assert!(embedded.len() > 10, "{embedded:?}");
    assert_eq!(learnt_from(&recipe), embedded);
    let unpacked = recipe.lines().find(|line| line.starts_with("xz -dk ")).unwrap();
    for file in embedded.keys() {
        let packed = format!("models/data/{file}.xz");
        assert_eq!(
            root.join(&packed).exists(),
            unpacked.contains(&packed),
            "{packed}"
        );
    }
}
