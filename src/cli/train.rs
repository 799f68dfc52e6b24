//! `switchboard train`: labelled messages in, a model file and its model card out.

use std::collections::BTreeMap;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::Context as _;
use clap::Args;
use indicatif::{ProgressBar, ProgressStyle};
use ring::digest::{SHA256, digest};

use crate::classify::local::card::{Card, SourceLine};
use crate::classify::local::dense::WordTable;
use crate::classify::local::hyperparameters::Hyperparameters;
use crate::classify::local::metrics::Report;
use crate::classify::local::train::{self, Holdout, Source, Trained};
use crate::classify::local::{LocalModel, dataset, metrics};
use crate::clock::Clock;

/// Trains a local model on labelled messages.
#[derive(Debug, Args)]
pub struct Train {
    /// Labelled messages, as JSON lines; `FILE=WEIGHT` makes its rows count more or less than 1.
    #[arg(required = true, value_name = "FILE[=WEIGHT]")]
    files: Vec<String>,
    /// Where to write the model.
    #[arg(long, short, default_value = "local.model")]
    output: PathBuf,
    /// Where to write the model card; default: `MODEL_CARD.md` beside the model.
    #[arg(long, value_name = "FILE")]
    card: Option<PathBuf>,
    /// A text for the card, such as the licences of the data.
    #[arg(long, value_name = "FILE")]
    notes: Option<PathBuf>,
    /// Labelled messages to judge the finished model by, for the card; default: those it was calibrated on.
    #[arg(long, value_name = "FILE")]
    judge: Option<PathBuf>,
    /// Name of the model; its version in answers and logs.
    #[arg(long, default_value = "local-1.0.0")]
    name: String,
    /// A model whose word vectors to start from; default: the embedded one's.
    #[arg(long, value_name = "MODEL")]
    words: Option<PathBuf>,
    /// Labelled messages to calibrate and judge by; they are not trained on. Default: cross-validation.
    #[arg(long, value_name = "FILE")]
    calibrate: Option<PathBuf>,
    /// Parts of the cross-validation.
    #[arg(long, default_value_t = 5, value_parser = clap::value_parser!(u8).range(2..=20))]
    folds: u8,
    /// Hyper-parameters to change, for example `epochs=6,seed=3`.
    #[arg(long, value_delimiter = ',', value_name = "NAME=VALUE")]
    set: Vec<String>,
}

impl Train {
    /// Trains, calibrates and writes.
    ///
    /// # Errors
    /// A file that cannot be read or written, or a row that is not a labelled message, by name and line.
    pub fn run(self) -> anyhow::Result<ExitCode> {
        let (mut own, mut others) = (Vec::new(), Vec::new());
        for file in &self.files {
            let (path, weight) = path_and_weight(file)?;
            let rows = dataset::read(path)?;
            if weight == 1.0 {
                own.extend(rows)
            } else {
                others.push((rows, weight))
            }
        }
        let mut sources = vec![Source {
            rows: &own,
            weight: 1.0,
        }];
        sources.extend(others.iter().map(|(rows, weight)| Source {
            rows,
            weight: *weight,
        }));
        let words = match &self.words {
            None => WordTable::embedded().ok(),
            Some(path) => Some(WordTable::parse(
                std::fs::read(path).with_context(|| path.display().to_string())?,
            )?),
        };
        let calibrate = self.calibrate.as_deref().map(dataset::read).transpose()?;
        let holdout = calibrate
            .as_deref()
            .map_or(Holdout::Folds(self.folds.into()), Holdout::Rows);
        let hyper = self.hyperparameters()?;
        let bar = ProgressBar::new(1000)
            .with_style(ProgressStyle::with_template("training {wide_bar} {percent} %")?);
        let trained = train::train(
            &self.name,
            &sources,
            words.as_ref(),
            holdout,
            &hyper,
            &mut |part| {
                bar.set_position((part * 1000.0) as u64);
            },
        );
        bar.finish_and_clear();
        std::fs::write(&self.output, &trained.file).with_context(|| self.output.display().to_string())?;
        let (judged_on, report) = match (&self.judge, &self.calibrate, &calibrate) {
            (Some(path), ..) => {
                let rows = dataset::read(path)?;
                let model = LocalModel::parse(trained.file.clone().into())?;
                let verdicts: Vec<_> = rows
                    .iter()
                    .map(|row| model.classify(&row.text, row.channel))
                    .collect();
                (file_name(path), metrics::judge(&rows, &verdicts))
            }
            (None, Some(path), Some(rows)) => (file_name(path), metrics::judge(rows, &trained.held_out)),
            _ => (
                "cross-validation".to_owned(),
                metrics::judge(&own, &trained.held_out),
            ),
        };
        self.write_card(&trained, &judged_on, &report, &hyper)?;
        writeln!(
            std::io::stdout().lock(),
            "{} ({} bytes); {judged_on}: accuracy {:.3}, macro-F1 {:.3}, safety recall {:.3}, ECE {:.3}, severity {:.3}, intent {:.3}",
            self.output.display(),
            trained.file.len(),
            report.accuracy,
            report.macro_f1,
            report.safety_recall,
            report.ece,
            report.severity_accuracy.unwrap_or_default(),
            report.intent_accuracy.unwrap_or_default(),
        )?;
        Ok(ExitCode::SUCCESS)
    }

    fn write_card(
        &self,
        trained: &Trained,
        judged_on: &str,
        report: &Report,
        hyper: &Hyperparameters,
    ) -> anyhow::Result<()> {
        let mut sources = Vec::new();
        for file in &self.files {
            let (path, weight) = path_and_weight(file)?;
            let rows = dataset::read(path)?;
            let mut origins: BTreeMap<&str, usize> = BTreeMap::new();
            for row in &rows {
                *origins.entry(row.source.as_str()).or_default() += 1;
            }
            let origins: Vec<String> = origins
                .iter()
                .map(|(origin, count)| format!("{origin} {count}"))
                .collect();
            sources.push(SourceLine {
                name: file_name(path),
                rows: rows.len(),
                weight,
                origins: origins.join(", "),
                sha256: hex(&std::fs::read(path)?)[..16].to_owned(),
            });
        }
        let notes = self
            .notes
            .as_ref()
            .map(std::fs::read_to_string)
            .transpose()?
            .unwrap_or_default();
        let model = LocalModel::parse(trained.file.clone().into())?;
        let date = Clock::system().now().to_string();
        let card = Card {
            version: model.version(),
            sha256: &hex(&trained.file),
            bytes: trained.file.len(),
            date: date.get(..10),
            sources: &sources,
            hyper,
            temperatures: trained.temperatures,
            judged_on,
            report,
            notes: notes.trim(),
        };
        let path = self
            .card
            .clone()
            .unwrap_or_else(|| self.output.with_file_name("MODEL_CARD.md"));
        std::fs::write(&path, card.render()?).with_context(|| path.display().to_string())
    }

    fn hyperparameters(&self) -> anyhow::Result<Hyperparameters> {
        let mut values = serde_json::to_value(Hyperparameters::default())?;
        for setting in &self.set {
            let (name, value) = setting.split_once('=').context("--set takes NAME=VALUE")?;
            let slot = values
                .get_mut(name)
                .with_context(|| format!("no hyper-parameter is called {name}"))?;
            *slot = serde_json::from_str(value).with_context(|| format!("the value of {name}"))?;
        }
        Ok(serde_json::from_value(values)?)
    }
}

/// `FILE` or `FILE=WEIGHT`.
fn path_and_weight(file: &str) -> anyhow::Result<(&Path, f32)> {
    let Some((path, weight)) = file.rsplit_once('=') else {
        return Ok((file.as_ref(), 1.0));
    };
    let weight: f32 = weight.parse().with_context(|| format!("the weight of {path}"))?;
    anyhow::ensure!(
        weight > 0.0 && weight <= 100.0,
        "the weight of {path} must be above 0 and at most 100"
    );
    Ok((path.as_ref(), weight))
}

fn file_name(path: &Path) -> String {
    path.file_name()
        .map(|name| name.to_string_lossy().into_owned())
        .unwrap_or_default()
}

fn hex(bytes: &[u8]) -> String {
    digest(&SHA256, bytes)
        .as_ref()
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect()
}
