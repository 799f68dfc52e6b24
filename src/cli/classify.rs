//! `switchboard classify`: one message from the command line, or many from a file, answered on the terminal.
//!
//! Uses the classifier that the service would use, stores nothing and runs no workflow. A line of the file that cannot be read
//! ends the run with its number and its field before anything is printed: a result for half a file would look like a whole one.

use std::io::{BufWriter, IsTerminal, Read, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

use anyhow::Context;
use indicatif::ProgressBar;
use serde::Serialize;
use serde_json::Value;

use super::{out, usage};
use crate::app;
use crate::classify::label::{Category, Intent, Scores, Severity};
use crate::classify::local::Evidence;
use crate::classify::local::dataset::{self, Line};
use crate::classify::{Classification, Classifier, ClassifierKind, Provenance, Subject};
use crate::clock::Clock;
use crate::config::Config;
use crate::message::{Channel, MessageText};
use crate::privacy::Redactor;
use crate::telemetry::metrics::Metrics;

/// What to classify, and how to print it.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// The message; `-` reads it from standard input.
    #[arg(required_unless_present = "file", conflicts_with = "file")]
    text: Option<String>,
    /// JSON Lines with a "text" (or "message"), and optionally "id" and "channel", each; prints JSON Lines. `-`: standard input.
    #[arg(long, value_name = "FILE")]
    file: Option<PathBuf>,
    /// Where the message came from.
    #[arg(long, default_value = "chat")]
    channel: Channel,
    /// Print JSON instead of text.
    #[arg(long)]
    json: bool,
    /// Say which words moved the local model most; with --json, as `explanation`.
    #[arg(long, conflicts_with = "file")]
    explain: bool,
}

/// One result, as JSON.
#[derive(Debug, Serialize)]
struct Outcome<'a> {
    #[serde(skip_serializing_if = "Value::is_null")]
    id: Value,
    category: Category,
    confidence: f32,
    severity: Option<Severity>,
    intent: Option<Intent>,
    scores: Scores,
    classifier: ClassifierKind,
    degraded: bool,
    requires_human_review: bool,
    model: &'a str,
    decision_path: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    explanation: Option<Vec<Evidence>>,
}

impl<'a> Outcome<'a> {
    fn new(id: Value, classification: &Classification, provenance: &'a Provenance) -> Self {
        let of = |category| classification.category == category;
        Self {
            id,
            category: classification.category,
            confidence: classification.confidence,
            severity: of(Category::SafetyCompliance).then_some(classification.severity),
            intent: of(Category::ServiceAction).then_some(classification.intent),
            scores: classification.scores,
            classifier: classification.classifier,
            degraded: classification.degraded,
            requires_human_review: classification.requires_human_review,
            model: &provenance.model,
            decision_path: classification.reasoning.join(" > "),
            explanation: None,
        }
    }
}

/// How many of the strongest features `--explain` shows.
const EXPLAINED: usize = 8;

/// Classifies what the arguments name.
///
/// # Errors
/// When the message or the file cannot be read.
pub fn run(args: Args, config: &Config) -> anyhow::Result<ExitCode> {
    let redactor = Arc::new(app::redactor(config)?);
    let classifier = app::classifier(config, &redactor, &Clock::system(), &Arc::new(Metrics::default()))?;
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    let bench = Bench {
        classifier,
        redactor,
        left: config.server.request_timeout(),
    };
    match (&args.file, &args.text) {
        (Some(path), _) => runtime.block_on(bench.file(path, args.channel))?,
        (None, Some(text)) => {
            let text = if text == "-" {
                String::from_utf8(standard_input()?).context("standard input is not UTF-8")?
            } else {
                text.clone()
            };
            let parsed = MessageText::parse(&text);
            let parsed = parsed.map_err(|refused| usage(format!("the message {refused}")))?;
            runtime.block_on(bench.one(&parsed, &args))?;
        }
        (None, None) => return Err(usage("give a message or --file")),
    }
    Ok(ExitCode::SUCCESS)
}

/// What a run needs.
struct Bench {
    classifier: Classifier,
    redactor: Arc<Redactor>,
    left: std::time::Duration,
}

impl Bench {
    async fn classify(
        &self,
        text: &MessageText,
        channel: Channel,
    ) -> anyhow::Result<(Classification, Provenance)> {
        let outbound = self.redactor.pseudonymise(text.as_str()).text;
        let subject = Subject {
            text,
            outbound: &outbound,
            channel,
            sticky_key: "command line",
            left: self.left,
            traceparent: None,
            payer: None,
        };
        Ok(self.classifier.classify(&subject).await?)
    }

    async fn one(&self, text: &MessageText, args: &Args) -> anyhow::Result<()> {
        let (classification, provenance) = self.classify(text, args.channel).await?;
        let mut out = out::lock();
        let mut outcome = Outcome::new(Value::Null, &classification, &provenance);
        outcome.explanation = args
            .explain
            .then(|| self.classifier.explain(text.as_str(), args.channel, EXPLAINED));
        if args.json {
            serde_json::to_writer_pretty(&mut out, &outcome)?;
            writeln!(out)?;
        } else {
            writeln!(
                out,
                "{} ({:.0} % sure)",
                outcome.category,
                outcome.confidence * 100.0
            )?;
            if let Some(severity) = outcome.severity {
                writeln!(out, "severity  {severity}")?;
            }
            if let Some(intent) = outcome.intent {
                writeln!(out, "intent    {intent}")?;
            }
            writeln!(out, "how       {}", outcome.decision_path)?;
            for evidence in outcome.explanation.iter().flatten() {
                writeln!(
                    out,
                    "  {:>6.2}  {:<18} {}",
                    evidence.weight, evidence.category, evidence.feature
                )?;
            }
        }
        Ok(())
    }

    async fn file(&self, path: &Path, default_channel: Channel) -> anyhow::Result<()> {
        let bytes = if path == Path::new("-") {
            standard_input()?
        } else {
            std::fs::read(path).with_context(|| format!("cannot read {}", path.display()))?
        };
        let lines: Vec<Line> = dataset::parse(path, &bytes)?;
        let progress = if std::io::stderr().is_terminal() {
            ProgressBar::new(lines.len() as u64)
        } else {
            ProgressBar::hidden()
        };
        let mut out = BufWriter::new(out::lock());
        for Line { id, text, channel } in lines {
            let text = MessageText::parse(&text)?;
            let channel = channel.unwrap_or(default_channel);
            let (classification, provenance) = self.classify(&text, channel).await?;
            serde_json::to_writer(&mut out, &Outcome::new(id, &classification, &provenance))?;
            writeln!(out)?;
            progress.inc(1);
        }
        progress.finish_and_clear();
        out.flush()?;
        Ok(())
    }
}

fn standard_input() -> anyhow::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    let read = std::io::stdin().lock().read_to_end(&mut bytes);
    read.context("cannot read standard input")?;
    Ok(bytes)
}
