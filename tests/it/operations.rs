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

/// A file of the project as it is now.
fn text(path: &str) -> String {
    std::fs::read_to_string(root().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// What stands in `text` between a heading and the next one.
fn section<'t>(text: &'t str, heading: &str) -> &'t str {
    let (_, after) = text
        .split_once(&format!("{heading}\n"))
        .unwrap_or_else(|| panic!("no {heading}"));
    after.split("\n#").next().unwrap()
}

/// What an expression's first group finds, each once.
fn found<'t>(expression: &str, text: &'t str) -> BTreeSet<&'t str> {
    let expression = regex::Regex::new(expression).unwrap();
    let all = expression.captures_iter(text);
    all.map(|captures| captures.get(1).unwrap().as_str()).collect()
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
    asked.extend(metric_names(&text("terraform/modules/alarms/main.tf")));
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
    let operations = text("docs/operations.md");
    let explained = section(&operations, "### The terminal view");
    let headings = found(r"(?m)^([A-Z]{3,}) ", &frame);
    assert_eq!(found("(?m)^- `([A-Z]+)`", explained), headings);
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
    assert_eq!(heard.len(), 8, "{heard:?}");
    for line in heard {
        assert!(written.contains(line), "nothing says: {line}");
    }
    // Where the SLA clock marks nothing, the alarms that hear its marks hear nothing either.
    for begin in [
        "the SLA clock marks nothing",
        "the SLA clock could not look",
        "a table of ours is locked",
    ] {
        let line = written.iter().find(|line| line.starts_with(begin)).unwrap();
        assert!(STACK.contains(line), "no alarm hears: {line}");
    }
}

#[test]
fn every_alarm_on_aws_says_what_to_do_first() {
    let (tests, readme) = (
        text("terraform/modules/stack/tests/stack.tftest.hcl"),
        text("terraform/README.md"),
    );
    // The list that `terraform test` holds against the alarms that there are.
    let (_, list) = tests.split_once("module.alarms.alarm_names").unwrap();
    let (_, list) = list.split_once("toset([").unwrap();
    let list = list.split("])").next().unwrap();
    let alarms = found(r#""([a-z0-9-]+)"[,\n]"#, list);
    assert!(alarms.len() > 12, "{alarms:?}");
    let rows = section(&readme, "### When an alarm rings")
        .lines()
        .filter(|line| line.starts_with("| `"));
    let first_cells: Vec<&str> = rows.map(|row| row.split(" | ").next().unwrap()).collect();
    let told: BTreeSet<&str> = first_cells
        .iter()
        .flat_map(|cell| found("`([a-z0-9-]+)`", cell))
        .collect();
    assert_eq!(told, alarms);
}

#[test]
fn every_outcome_of_a_call_to_the_llm_has_its_remedy() {
    let source = text("src/classify/llm/error.rs");
    let outcomes = found(r#"=> "(\w+)","#, &source);
    assert!(
        outcomes.len() > 12 && outcomes.contains("rejected"),
        "{outcomes:?}"
    );
    let runbook = text("docs/runbooks.md");
    let rows = section(&runbook, "## SwitchboardLlmErrors")
        .lines()
        .filter(|line| line.starts_with("| `"));
    let first_cells: Vec<&str> = rows.map(|row| row.split(" | ").next().unwrap()).collect();
    let told: BTreeSet<&str> = first_cells
        .iter()
        .flat_map(|cell| found(r"`(\w+)`", cell))
        .collect();
    assert_eq!(told, outcomes);
    assert!(
        text("terraform/modules/alarms/main.tf").contains("outcome = 'rejected'"),
        "the one that the breaker and the log say nothing of rings"
    );
}

#[test]
fn every_code_of_a_5xx_has_a_runbook() {
    let source = text("src/http/problem.rs");
    let own = source.split("#[cfg(test)]").next().unwrap();
    let mut codes = found(r#"(?:SERVICE_UNAVAILABLE|INTERNAL_SERVER_ERROR), "(\w+)""#, own);
    codes.extend(found(r#""(\w+_unavailable)""#, own));
    assert!(codes.len() > 5, "{codes:?}");
    let runbook = text("docs/runbooks.md");
    let told = found(
        r"`([a-z]+_[a-z_]+|overloaded)`",
        section(&runbook, "## SwitchboardErrors"),
    );
    assert_eq!(told, codes);
}

#[test]
fn what_the_runbooks_quote_is_a_panel_or_a_log_line() {
    let dashboard: Value =
        serde_json::from_str(&text("deploy/observability/grafana/dashboards/switchboard.json")).unwrap();
    let panels = dashboard["panels"].as_array().unwrap();
    let titles: BTreeSet<&str> = panels
        .iter()
        .map(|panel| panel["title"].as_str().unwrap())
        .collect();
    let (operations, runbooks) = (text("docs/operations.md"), text("docs/runbooks.md"));
    let lines = found(
        r"(?m)^\| `([^`]+)` \| (?:info|warn|error) \|",
        section(&operations, "## Log lines"),
    );
    assert!(titles.len() > 30 && lines.len() > 30, "{titles:?} {lines:?}");
    // PostgreSQL's own words.
    let elsewhere = ["too many connections"];
    let prose = regex::Regex::new("`[^`]*`").unwrap().replace_all(&runbooks, "");
    let quoted = found("\"([^\"]+)\"", &prose);
    assert!(quoted.len() > 25, "{quoted:?}");
    let unknown: Vec<&&str> = quoted
        .iter()
        .filter(|name| {
            let is_line = lines.iter().any(|line| line.starts_with(**name));
            !titles.contains(**name) && !is_line && !elsewhere.contains(*name)
        })
        .collect();
    assert!(unknown.is_empty(), "neither a panel nor a log line: {unknown:?}");
}

#[test]
fn the_readme_tells_the_llms_true_defaults() {
    let llm = switchboard::config::llm::LlmConfig::default();
    let prompts = switchboard::classify::llm::Prompts::load(&llm.prompts).unwrap();
    let model = &prompts.variants()[0].prompt.model;
    let readme = text("README.md");
    let row = readme
        .lines()
        .find(|line| line.contains("`OPENAI_MODEL` |"))
        .unwrap();
    assert!(
        row.contains(&format!("`{}`", llm.base_url)) && row.contains(&format!("`{model}`")),
        "{row}"
    );
}

#[test]
fn every_rule_asks_for_the_job_that_the_page_names() {
    let job = found(
        "job_name: (\\w+)",
        &text("deploy/observability/prometheus/prometheus.yml"),
    )
    .into_iter()
    .map(str::to_owned)
    .collect::<Vec<_>>();
    assert_eq!(job, ["switchboard"]);
    assert!(text("docs/operations.md").contains("must be called `switchboard`"));
    assert_eq!(found("job=\"(\\w+)\"", ALERTS), BTreeSet::from(["switchboard"]));
}
