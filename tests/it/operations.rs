//! What operators are given fits the service: each metric and log line is documented, each alert has a runbook, and the alert rules say what
//! they should, by the real promtool.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::harness::TestApp;
use crate::metrics::promtool;

const OPERATIONS: &str = include_str!("../../docs/operations.md");
const RUNBOOKS: &str = include_str!("../../docs/runbooks.md");
const ALERTS: &str = include_str!("../../deploy/observability/prometheus/alerts.yml");
const DASHBOARD: &str = include_str!("../../deploy/observability/grafana/dashboards/switchboard.json");

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn sources(folder: &Path, found: &mut Vec<(PathBuf, String)>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            sources(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") && !path.ends_with("tests.rs") {
            let text = std::fs::read_to_string(&path).unwrap();
            let own = without_tests(&text).to_owned();
            found.push((path, own));
        }
    }
}

/// A source up to its tests: what they log is not the service's. A field or a method of the tests may stand far above them.
fn without_tests(source: &str) -> &str {
    let tests = source.match_indices("#[cfg(test)]\n").map(|(at, _)| at);
    let mut ends = tests.filter(|at| {
        let next = source[*at..].lines().nth(1).unwrap_or_default();
        next.split_once("mod ").is_some_and(|(visible, name)| {
            (visible.is_empty() || visible.starts_with("pub")) && name == "tests {"
        })
    });
    &source[..ends.next().unwrap_or(source.len())]
}

/// The messages of the log lines at info or above that a source writes: the literal that a macro's arguments end with.
fn messages(source: &str) -> Vec<String> {
    let mut found = Vec::new();
    for level in ["info!(", "warn!(", "error!("] {
        for (at, _) in source.match_indices(level) {
            let before = source[..at].chars().next_back().unwrap_or(' ');
            if before.is_alphanumeric() || before == '_' {
                continue;
            }
            found.push(last_literal(&source[at + level.len()..]));
        }
    }
    found
}

/// The last string literal before the parenthesis closes that was open at the beginning.
fn last_literal(arguments: &str) -> String {
    let (mut depth, mut literal, mut last) = (1, None::<String>, String::new());
    let mut characters = arguments.chars();
    while let Some(c) = characters.next() {
        match (&mut literal, c) {
            (Some(text), '"') => {
                last = std::mem::take(text);
                literal = None;
            }
            (Some(text), '\\') => match characters.next().unwrap() {
                // A literal that goes on in the next line.
                '\n' => {
                    let rest = characters.as_str().trim_start();
                    characters = rest.chars();
                }
                escaped => text.push(escaped),
            },
            (Some(text), c) => text.push(c),
            (None, '"') => literal = Some(String::new()),
            (None, '(') => depth += 1,
            (None, ')') => {
                depth -= 1;
                if depth == 0 {
                    return last;
                }
            }
            _ => {}
        }
    }
    last
}

#[test]
fn every_log_line_is_documented() {
    let mut all = Vec::new();
    sources(&root().join("src"), &mut all);
    let mut seen = 0;
    let mut missing = Vec::new();
    for (path, source) in &all {
        for message in messages(source) {
            seen += 1;
            if !OPERATIONS.contains(&format!("| `{message}` |")) {
                missing.push(format!("{}: {message:?}", path.display()));
            }
        }
    }
    assert!(seen > 15, "only {seen} log lines were found");
    assert!(
        missing.is_empty(),
        "not in docs/operations.md:\n{}",
        missing.join("\n")
    );
}

#[test]
fn messages_are_found_however_they_are_written() {
    let source = "tracing::warn!(a = %b(), \"plain\"); info!(\n target: \"t\", x, \"on \\\n   two lines\"); error!(\"a \\\"quote\\\"\"); my_info!(\"no\");";
    let mut found = messages(source);
    found.sort();
    assert_eq!(found, ["a \"quote\"", "on two lines", "plain"]);
}

#[test]
fn a_source_ends_at_its_tests_and_not_at_a_field_that_they_need() {
    let source = "struct S {\n    #[cfg(test)]\n    seen: u8,\n}\n#[cfg(test)]\nmod conversations;\ninfo!(\"ours\");\n\
                  #[cfg(test)]\npub(super) mod tests {\ninfo!(\"theirs\");\n}\n";
    assert_eq!(messages(without_tests(source)), ["ours"]);
    assert_eq!(messages(without_tests("info!(\"ours\");\n")), ["ours"]);
}

/// Names of the metrics in a text: words that begin like ours, without what a histogram's series are called besides.
fn metric_names(text: &str) -> BTreeSet<String> {
    let words = text.split(|c: char| !c.is_ascii_alphanumeric() && c != '_');
    let ours = words.filter(|word| word.starts_with("switchboard_") || word.starts_with("process_"));
    ours.map(|word| {
        let bare = ["_bucket", "_count", "_sum"]
            .iter()
            .find_map(|suffix| word.strip_suffix(suffix));
        bare.unwrap_or(word).to_owned()
    })
    .collect()
}

#[tokio::test]
async fn every_metric_is_documented_and_every_query_asks_for_a_documented_one() {
    let app = TestApp::start().await;
    let scraped = app.metrics().await;
    app.stop().await;
    let documented = metric_names(OPERATIONS);
    let types = scraped.lines().filter_map(|line| line.strip_prefix("# TYPE "));
    let existing: BTreeSet<String> = types
        .map(|line| line.split(' ').next().unwrap().to_owned())
        .collect();
    let missing: Vec<&String> = existing.difference(&documented).collect();
    assert!(
        existing.len() > 30 && missing.is_empty(),
        "not in docs/operations.md: {missing:?}"
    );
    // A counter that comes with its first event has no increase then.
    let from_the_start = r#"switchboard_knowledge_base_reloads_total{outcome="failed"} 0"#;
    assert!(
        scraped.lines().any(|line| line == from_the_start),
        "an alert waits for it"
    );
    let dashboard: Value = serde_json::from_str(DASHBOARD).unwrap();
    let mut asked = BTreeSet::new();
    for panel in dashboard["panels"].as_array().unwrap() {
        for target in panel["targets"].as_array().unwrap_or(&Vec::new()) {
            asked.extend(metric_names(target["expr"].as_str().unwrap()));
        }
    }
    let ours = documented.iter().filter(|name| name.starts_with("switchboard_"));
    let unseen: Vec<&String> = ours.filter(|name| !asked.contains(*name)).collect();
    assert!(unseen.is_empty(), "no panel shows them: {unseen:?}");
    asked.extend(metric_names(ALERTS));
    let unknown: Vec<&String> = asked.difference(&documented).collect();
    assert!(
        asked.len() > 30 && unknown.is_empty(),
        "asked for and not documented: {unknown:?}"
    );
}

#[test]
fn every_alert_has_a_runbook_and_a_test() {
    let tests =
        std::fs::read_to_string(root().join("deploy/observability/prometheus/alerts_test.yml")).unwrap();
    let alerts: Vec<&str> = ALERTS
        .lines()
        .filter_map(|line| line.trim().strip_prefix("- alert: "))
        .collect();
    for alert in &alerts {
        assert!(
            RUNBOOKS.contains(&format!("\n## {alert}\n")),
            "{alert} has no runbook"
        );
        let link = format!("runbook_url: docs/runbooks.md#{}\n", alert.to_lowercase());
        assert!(ALERTS.contains(&link), "{alert} does not link its runbook");
        let fires = tests.contains(&format!("alertname: {alert}\n"));
        let silent = tests.contains(&format!("alertname: {alert}, exp_alerts: []"));
        assert!(fires && silent, "{alert} is not tested both ways");
    }
    let runbooks = RUNBOOKS.lines().filter(|line| line.starts_with("## ")).count();
    assert_eq!(runbooks, alerts.len(), "a runbook without an alert");
}

#[test]
fn promtool_accepts_the_configuration_and_the_alerts_do_what_their_tests_say() {
    let folder = root().join("deploy/observability/prometheus");
    let file = |name: &str| folder.join(name).display().to_string();
    for arguments in [
        ["check", "config", &file("prometheus.yml")],
        ["check", "rules", &file("alerts.yml")],
        ["test", "rules", &file("alerts_test.yml")],
    ] {
        let (content, said) = promtool(&arguments, "");
        assert!(content, "{arguments:?}: {said}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn top_shows_a_running_service_and_says_when_there_is_none() {
    let app = TestApp::start().await;
    app.say("What are your opening hours?").await;
    app.say("My face is swelling up since I took the antibiotic")
        .await;
    let (folder, address) = (app.data.path().to_owned(), app.management);
    let top = move || {
        let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_switchboard"));
        command.env_clear().current_dir(&folder);
        command.args(["top", "--once", "--address", &address.to_string()]);
        command.output().unwrap()
    };
    let shown = tokio::task::spawn_blocking(top.clone()).await.unwrap();
    let frame = String::from_utf8(shown.stdout).unwrap();
    assert!(shown.status.success(), "{frame}");
    let line = |begin: &str| {
        let found = frame.lines().find(|line| line.contains(begin));
        found.unwrap_or_else(|| panic!("{begin}: {frame}")).to_owned()
    };
    assert!(line("informational").contains("50.0 %"), "{frame}");
    assert!(line("REQUESTS").contains("2xx 100.0 %"), "{frame}");
    assert!(line("urgent").contains("1 open   due in "), "{frame}");
    assert!(line("STORE").contains("writable"), "{frame}");
    assert!(!frame.contains('\u{1b}'), "no colours where nobody sees them");
    let _folder = app.stop().await;
    let shown = tokio::task::spawn_blocking(top).await.unwrap();
    assert_eq!(shown.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&shown.stderr).contains("no answer from"));
}

#[test]
fn each_alarm_on_aws_hears_a_line_that_the_service_writes() {
    const STACK: &str = include_str!("../../terraform/modules/stack/variables.tf");
    let mut lines = Vec::new();
    sources(&root().join("src"), &mut lines);
    let written: BTreeSet<String> = lines.iter().flat_map(|(_, source)| messages(source)).collect();
    let heard: Vec<&str> = STACK
        .split("$.message = \\\"")
        .skip(1)
        .map(|rest| rest.split("\\\"").next().unwrap())
        .collect();
    assert_eq!(heard.len(), 5, "{heard:?}");
    for line in heard {
        assert!(written.contains(line), "nothing says: {line}");
    }
}
