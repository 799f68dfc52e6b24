//! `switchboard classify`: one message from the command line, or many from a file, answered on the terminal.
//!
//! Uses the classifier that the service would use, stores nothing and runs no workflow. A line of the file that cannot be read
//! ends the run with its number: a result for half a file would look like a whole one.

use std::fs::File;
use std::io::{BufRead, BufReader, BufWriter, IsTerminal, Write};
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;

use anyhow::{Context, bail};
use indicatif::ProgressBar;
use serde::{Deserialize, Serialize};

use super::out;
use crate::app;
use crate::classify::label::{Category, Intent, Scores, Severity};
use crate::classify::local::Evidence;
use crate::classify::{Classification, Classifier, ClassifierKind, Provenance, Subject};
use crate::clock::Clock;
use crate::config::Config;
use crate::message::{Channel, MessageText};
use crate::privacy::Redactor;
use crate::telemetry::metrics::Metrics;

/// What to classify, and how to print it.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// The message.
    #[arg(required_unless_present = "file", conflicts_with = "file")]
    text: Option<String>,
    /// JSON Lines with a "text" (or "message"), and optionally "id" and "channel", each; prints JSON Lines.
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

/// One line of the file.
#[derive(Debug, Deserialize)]
struct Line {
    #[serde(default)]
    id: Option<serde_json::Value>,
    #[serde(alias = "message")]
    text: String,
    #[serde(default)]
    channel: Option<Channel>,
}

/// One result, as JSON.
#[derive(Debug, Serialize)]
struct Outcome<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<serde_json::Value>,
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
    fn new(
        id: Option<serde_json::Value>,
        classification: &Classification,
        provenance: &'a Provenance,
    ) -> Self {
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
    let redactor = app::redactor(config)?;
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
        (None, Some(text)) => runtime.block_on(bench.one(text, &args))?,
        (None, None) => bail!("give a message or --file"),
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
    async fn classify(&self, text: &str, channel: Channel) -> anyhow::Result<(Classification, Provenance)> {
        let text = MessageText::parse(text)?;
        let outbound = self.redactor.pseudonymise(text.as_str()).text;
        let subject = Subject {
            text: &text,
            outbound: &outbound,
            channel,
            sticky_key: "command line",
            left: self.left,
            traceparent: None,
            payer: None,
        };
        Ok(self.classifier.classify(&subject).await?)
    }

    async fn one(&self, text: &str, args: &Args) -> anyhow::Result<()> {
        let (classification, provenance) = self.classify(text, args.channel).await?;
        let mut out = out::lock();
        let mut outcome = Outcome::new(None, &classification, &provenance);
        outcome.explanation = args
            .explain
            .then(|| self.classifier.explain(text, args.channel, EXPLAINED));
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

    async fn file(&self, path: &PathBuf, default_channel: Channel) -> anyhow::Result<()> {
        let named = || path.display().to_string();
        let lines = BufReader::new(File::open(path).with_context(named)?).lines();
        let lines: Vec<String> = lines.collect::<Result<_, _>>().with_context(named)?;
        let progress = if std::io::stderr().is_terminal() {
            ProgressBar::new(lines.len() as u64)
        } else {
            ProgressBar::hidden()
        };
        let mut out = BufWriter::new(out::lock());
        for (at, line) in lines
            .iter()
            .enumerate()
            .filter(|(_, line)| !line.trim().is_empty())
        {
            let place = || format!("{}, line {}", path.display(), at + 1);
            let line: Line = serde_json::from_str(line).with_context(place)?;
            let channel = line.channel.unwrap_or(default_channel);
            let (classification, provenance) =
                self.classify(&line.text, channel).await.with_context(place)?;
            serde_json::to_writer(&mut out, &Outcome::new(line.id, &classification, &provenance))?;
            writeln!(out)?;
            progress.inc(1);
        }
        progress.finish_and_clear();
        out.flush()?;
        Ok(())
    }
}
