//! `switchboard eval`: judges the local model on labelled messages, for people, machines and build servers.
//!
//! Prints a table (or `--json`), can write one self-contained HTML page and one prediction per line, and exits with 1
//! when a figure is under what `--fail-under` demands, or cannot be told from the messages.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

use anyhow::Context as _;
use clap::Args;
use futures_util::StreamExt as _;
use minijinja::value::Serde;
use minijinja::{Environment, Value, context};
use serde::Serialize;
use serde_json::json;

use super::out;
use crate::app;
use crate::classify::label::Category;
use crate::classify::llm::{Calibration, Call, Llm, NoEvents, Prompts};
use crate::classify::local::dataset::{self, Row};
use crate::classify::local::metrics::{self, Report};
use crate::classify::local::{LocalModel, LocalVerdict};
use crate::clock::Clock;
use crate::config::Config;

/// Judges the local model on labelled messages: the model alone, without the safety floor and the rules for everyday messages.
#[derive(Debug, Args)]
pub struct Eval {
    /// Labelled messages, as JSON lines: "text", "category" (informational, service_action, safety_compliance), and optionally "severity",
    /// "intent", "channel", "id", "hard".
    file: PathBuf,
    /// The model to judge instead of the configured one (`classifier.model`; without it, the embedded one).
    #[arg(long, value_name = "FILE")]
    model: Option<PathBuf>,
    /// Print the figures as JSON.
    #[arg(long)]
    json: bool,
    /// Write a page with the confusion matrix and the reliability diagram.
    #[arg(long, value_name = "OUT.html")]
    html: Option<PathBuf>,
    /// Write one line per message: id, category, confidence, scores, severity, intent.
    #[arg(long, value_name = "OUT.jsonl")]
    predictions: Option<PathBuf>,
    /// Ask the configured LLM about every message instead (this costs one call each) and print the `llm.calibration` that
    /// makes its confidence true, for the configuration. Messages without an answer are left out and counted.
    #[arg(long, conflicts_with_all = ["model", "json", "html", "predictions", "fail_under"])]
    pub(super) fit_calibration: bool,
    /// Exit with 1 unless every figure reaches its value, for example `macro_f1=0.9,safety_recall=0.97`.
    #[arg(long, value_delimiter = ',', value_name = "FIGURE=VALUE", value_parser = demand)]
    fail_under: Vec<(String, f64)>,
}

/// A `FIGURE=VALUE` of `--fail-under`.
fn demand(text: &str) -> Result<(String, f64), String> {
    let (name, value) = text.split_once('=').ok_or("expected FIGURE=VALUE")?;
    if !Report::FIGURES.contains(&name) {
        return Err(format!(
            "no figure is called {name}; known are {}",
            Report::FIGURES.join(", ")
        ));
    }
    let value: f64 = value.parse().map_err(|_| format!("{value} is not a number"))?;
    if !(0.0..=1.0).contains(&value) {
        return Err(format!("{value} is not in 0..=1"));
    }
    Ok((name.to_owned(), value))
}

/// Calls under way while a calibration is fitted: quick, and within what small accounts may do.
const CALLS_AT_ONCE: usize = 8;

#[derive(Serialize)]
struct Output<'a> {
    model: &'a str,
    messages_per_second: f64,
    #[serde(flatten)]
    report: &'a Report,
}

impl Eval {
    /// Asks the LLM about every message, with the confidence as it shows it, and prints the fitted curve.
    ///
    /// # Errors
    /// No key, a file that cannot be read, or answers that no curve can be fitted to.
    pub fn fit(&self, config: &Config) -> anyhow::Result<ExitCode> {
        anyhow::ensure!(
            config.llm.api_key.is_some(),
            "--fit-calibration asks the LLM: set OPENAI_API_KEY"
        );
        let rows = dataset::read(&self.file)?;
        let redactor = app::redactor(config)?;
        // A curve fitted to what another curve has bent would correct it twice.
        let mut llm = config.llm.clone();
        llm.calibration.clear();
        let prompts = Prompts::load(&llm.prompts)?;
        let deadline = llm.total_timeout();
        let llm = Llm::new(&llm, prompts, Clock::system(), Arc::new(NoEvents))?;
        let (llm, redactor) = (&llm, &redactor);
        let asked = rows.iter().map(|row| async move {
            let text = redactor.pseudonymise(&row.text).text;
            let call = Call {
                text: &text,
                channel: row.channel,
                // Spreads the messages over the variants of an experiment, as the service does.
                sticky_key: &row.text,
                deadline,
                traceparent: None,
            };
            let verdict = llm.classify(call).await.ok()?;
            Some((verdict.confidence, verdict.category == row.category))
        });
        let answers = futures_util::stream::iter(asked)
            .buffered(CALLS_AT_ONCE)
            .collect::<Vec<_>>();
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()?;
        let answers: Vec<(f32, bool)> = runtime.block_on(answers).into_iter().flatten().collect();
        let points = Calibration::fit(&answers);
        anyhow::ensure!(
            !points.is_empty(),
            "no curve fits: {} of {} messages were answered, and their confidence says nothing about who is right",
            answers.len(),
            rows.len()
        );
        let mut out = out::lock();
        writeln!(out, "# fitted on {} of {} messages", answers.len(), rows.len())?;
        writeln!(out, "llm.calibration = {}", serde_json::to_string(&points)?)?;
        Ok(ExitCode::SUCCESS)
    }

    /// Judges, writes what was asked for, and compares with `--fail-under`.
    ///
    /// # Errors
    /// A file that cannot be read or written, a row that is not a labelled message, or a model that is refused.
    pub fn run(self, config: &Config) -> anyhow::Result<ExitCode> {
        let rows = dataset::read(&self.file)?;
        let model = match self.model.as_ref().or(config.classifier.model.as_ref()) {
            None => LocalModel::embedded().context("the embedded model")?,
            Some(path) => LocalModel::load(path).with_context(|| path.display().to_string())?,
        };
        let clock = Clock::system();
        let verdicts: Vec<LocalVerdict> = rows
            .iter()
            .map(|row| model.classify(&row.text, row.channel))
            .collect();
        let messages_per_second = rows.len() as f64 / clock.elapsed().as_secs_f64().max(1e-9);
        let report = metrics::judge(&rows, &verdicts);
        let output = Output {
            model: model.version(),
            messages_per_second,
            report: &report,
        };
        if let Some(path) = &self.predictions {
            std::fs::write(path, predictions(&rows, &verdicts)?)
                .with_context(|| path.display().to_string())?;
        }
        if let Some(path) = &self.html {
            std::fs::write(path, page(&output, &self.file)?).with_context(|| path.display().to_string())?;
        }
        let mut out = out::lock();
        if self.json {
            writeln!(out, "{}", serde_json::to_string_pretty(&output)?)?;
        } else {
            writeln!(out, "{}", table(&output)?)?;
        }
        let missed = missed(&report, &self.fail_under);
        let mut err = std::io::stderr().lock();
        for (name, wanted, found) in &missed {
            match found {
                Some(found) => writeln!(err, "{name} is {found:.4}, under the wanted {wanted}")?,
                None => writeln!(err, "{name} is wanted to be {wanted}, and no message tells it")?,
            }
        }
        Ok(if missed.is_empty() {
            ExitCode::SUCCESS
        } else {
            ExitCode::FAILURE
        })
    }
}

/// The demands that are not met: name, wanted, found. A figure that the data cannot give counts as not met.
fn missed(report: &Report, demands: &[(String, f64)]) -> Vec<(String, f64, Option<f64>)> {
    demands
        .iter()
        .map(|(name, wanted)| (name.clone(), *wanted, report.figure(name)))
        .filter(|(_, wanted, found)| found.is_none_or(|found| found < *wanted))
        .collect()
}

fn predictions(rows: &[Row], verdicts: &[LocalVerdict]) -> serde_json::Result<String> {
    let mut lines = String::new();
    for (row, verdict) in rows.iter().zip(verdicts) {
        lines += &serde_json::to_string(&json!({
            "id": row.id,
            "category": verdict.category,
            "confidence": verdict.confidence,
            "scores": verdict.scores,
            "severity": verdict.severity,
            "intent": verdict.intent,
        }))?;
        lines.push('\n');
    }
    Ok(lines)
}

fn environment() -> Environment<'static> {
    let mut environment = Environment::new();
    environment.add_filter("percent", |part: Option<f64>| {
        part.map_or_else(|| "-".to_owned(), |part| format!("{:.1} %", part * 100.0))
    });
    environment
}

fn table(output: &Output<'_>) -> Result<String, minijinja::Error> {
    environment().render_str(
        include_str!("eval.txt.jinja"),
        context! { r => Value::from(Serde(output)), categories => Value::from(Serde(Category::ALL)) },
    )
}

fn page(output: &Output<'_>, file: &Path) -> Result<String, minijinja::Error> {
    let mut environment = environment();
    environment.set_auto_escape_callback(|_| minijinja::AutoEscape::Html);
    let file = file.file_name().map(|name| name.to_string_lossy().into_owned());
    environment.render_str(
        include_str!("eval.html.jinja"),
        context! { r => Value::from(Serde(output)), categories => Value::from(Serde(Category::ALL)), file },
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::classify::label::{Intent, Scores, Severity};

    fn rows() -> Vec<Row> {
        let row = |category: &Category| {
            serde_json::from_value(json!({ "id": "a<b", "text": "x", "category": category }))
        };
        Category::ALL
            .iter()
            .cycle()
            .take(30)
            .map(|category| row(category).unwrap())
            .collect()
    }

    fn always_safety(rows: &[Row]) -> Vec<LocalVerdict> {
        let verdict = LocalVerdict {
            scores: Scores {
                informational: 0.0,
                service_action: 0.0,
                safety_compliance: 1.0,
            },
            category: Category::SafetyCompliance,
            confidence: 1.0,
            severity: Severity::Standard,
            severity_scores: [1.0, 0.0, 0.0],
            intent: Intent::Other,
            intent_scores: [0.0, 0.0, 0.0, 0.0, 0.0, 1.0],
            safety: 1.0,
        };
        vec![verdict; rows.len()]
    }

    #[test]
    fn a_classifier_that_always_says_one_thing_fails_what_it_cannot_do() {
        let rows = rows();
        let report = metrics::judge(&rows, &always_safety(&rows));
        let demands = [("macro_f1".to_owned(), 0.9), ("safety_recall".to_owned(), 0.97)];
        let missed = missed(&report, &demands);
        assert_eq!(missed.len(), 1);
        assert_eq!(missed[0].0, "macro_f1");
    }

    #[test]
    fn a_misspelled_figure_is_refused() {
        assert!(demand("macro-f1=0.9").unwrap_err().contains("macro_f1"));
        assert!(demand("macro_f1").is_err() && demand("macro_f1=90").is_err());
        assert_eq!(demand("accuracy=0.5"), Ok(("accuracy".to_owned(), 0.5)));
    }

    #[test]
    fn the_figures_are_shown_as_table_page_and_predictions() {
        let rows = rows();
        let verdicts = always_safety(&rows);
        let report = metrics::judge(&rows, &verdicts);
        let output = Output {
            model: "local-1<2",
            messages_per_second: 1000.0,
            report: &report,
        };
        let table = table(&output).unwrap();
        assert!(table.contains("macro-F1") && table.contains("16.7 %"), "{table}");
        let page = page(&output, Path::new("dir/dev.jsonl")).unwrap();
        assert!(
            page.contains("<svg") && page.contains("local-1&lt;2") && !page.contains("http://"),
            "{page}"
        );
        let lines = predictions(&rows, &verdicts).unwrap();
        assert_eq!(lines.lines().count(), 30);
        let first: serde_json::Value = serde_json::from_str(lines.lines().next().unwrap()).unwrap();
        assert_eq!(
            (&first["id"], &first["category"]),
            (&json!("a<b"), &json!("safety_compliance"))
        );
    }
}
