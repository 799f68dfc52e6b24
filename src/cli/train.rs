//! `switchboard train`: labelled messages in, a model file and its model card out.
//!
//! Whatever is wrong with arguments and files is refused before the training begins, and files that no sound model comes of are refused,
//! too: a category without a message, or nothing to calibrate by.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::Context as _;
use clap::Args;
use indicatif::{ProgressBar, ProgressStyle};
use ring::digest::{SHA256, digest};

use super::usage;
use crate::classify::label::Category;
use crate::classify::local::card::{Card, SourceLine};
use crate::classify::local::dataset::{self, Row};
use crate::classify::local::dense::WordTable;
use crate::classify::local::hyperparameters::Hyperparameters;
use crate::classify::local::metrics::Report;
use crate::classify::local::train::{self, Holdout, Source, Trained};
use crate::classify::local::{LocalModel, metrics};
use crate::clock::Clock;

/// Trains a local model on labelled messages.
#[derive(Debug, Args)]
pub struct Train {
    /// Labelled messages, as JSON lines (see `eval --help`; "source" is counted in the card); `FILE=WEIGHT` makes its rows count more or less
    /// than 1. The model is made of these alone: to add to the embedded one, give what it was trained on, too.
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
    /// Labelled messages to calibrate and judge by; they are not trained on. Default: cross-validation of the files without a weight.
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
    /// A file that cannot be read or written, or a row that is not a labelled message, by name, line and field; an argument that is wrong.
    pub fn run(self) -> anyhow::Result<ExitCode> {
        let hyper = Hyperparameters::with(&self.set).map_err(|bad| usage(format!("--set {bad}")))?;
        // All that can be wrong is found before the training, which takes minutes.
        let folder = self
            .output
            .parent()
            .filter(|folder| !folder.as_os_str().is_empty());
        if self.output.is_dir() || folder.is_some_and(|folder| !folder.is_dir()) {
            return Err(usage("--output must name a file in a folder that exists"));
        }
        let (mut own, mut others, mut read) = (Vec::new(), Vec::new(), Vec::new());
        for file in &self.files {
            let (path, weight) = path_and_weight(file)?;
            let rows = dataset::read(path)?;
            read.push(source_line(path, weight, &rows)?);
            if weight == 1.0 {
                own.extend(rows)
            } else {
                others.push((rows, weight))
            }
        }
        let calibrate = self.calibrate.as_deref().map(dataset::read).transpose()?;
        let judge = self.judge.as_deref().map(dataset::read).transpose()?;
        let notes = self.notes.as_deref().map(|path| {
            std::fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))
        });
        let notes = notes.transpose()?.unwrap_or_default();
        let words = match &self.words {
            None => WordTable::embedded().ok(),
            Some(path) => {
                let named = || path.display().to_string();
                let bytes = std::fs::read(path).with_context(|| format!("cannot read {}", named()))?;
                Some(WordTable::parse(bytes).with_context(named)?)
            }
        };
        let learnt = || own.iter().chain(others.iter().flat_map(|(rows, _)| rows));
        self.check(&own, learnt())?;
        let judges = [(&self.calibrate, &calibrate), (&self.judge, &judge)];
        let mut err = std::io::stderr().lock();
        for note in notes_on(learnt(), &judges) {
            writeln!(err, "note: {note}")?;
        }
        writeln!(err, "training on {} messages", learnt().count())?;
        drop(err);
        let mut sources = vec![Source {
            rows: &own,
            weight: 1.0,
        }];
        sources.extend(others.iter().map(|(rows, weight)| Source {
            rows,
            weight: *weight,
        }));
        let holdout = calibrate
            .as_deref()
            .map_or(Holdout::Folds(self.folds.into()), Holdout::Rows);
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
        let (judged_on, report) = match (&self.judge, &judge, &self.calibrate, &calibrate) {
            (Some(path), Some(rows), ..) => {
                let model = LocalModel::parse(trained.file.clone().into())?;
                let verdicts: Vec<_> = rows
                    .iter()
                    .map(|row| model.classify(&row.text, row.channel))
                    .collect();
                (file_name(path), metrics::judge(rows, &verdicts))
            }
            (.., Some(path), Some(rows)) => (file_name(path), metrics::judge(rows, &trained.held_out)),
            _ => (
                "cross-validation".to_owned(),
                metrics::judge(&own, &trained.held_out),
            ),
        };
        self.write_card(&trained, &read, &judged_on, &report, &hyper, notes.trim())?;
        writeln!(
            std::io::stdout().lock(),
            "{} ({} bytes); {judged_on}: accuracy {:.3}, macro-F1 {:.3}, safety recall {}, ECE {:.3}, severity {}, intent {}",
            self.output.display(),
            trained.file.len(),
            report.accuracy,
            report.macro_f1,
            figure(report.safety_recall),
            report.ece,
            figure(report.severity_accuracy),
            figure(report.intent_accuracy),
        )?;
        Ok(ExitCode::SUCCESS)
    }

    /// Refuses what no sound model comes of.
    fn check<'r>(&self, own: &[Row], learnt: impl Iterator<Item = &'r Row> + Clone) -> anyhow::Result<()> {
        for category in Category::ALL {
            anyhow::ensure!(
                learnt.clone().any(|row| row.category == *category),
                "no message is labelled {category}: the model would never find one; add messages of it, such as those that the embedded \
                 model was trained on"
            );
        }
        if self.calibrate.is_none() {
            let texts = own
                .iter()
                .map(|row| row.text.trim())
                .collect::<HashSet<_>>()
                .len();
            if texts < self.folds.into() {
                return Err(usage(format!(
                    "without --calibrate, the model is calibrated by cross-validation on the files without a weight, and they hold {texts} \
                     different messages for {} parts",
                    self.folds
                )));
            }
        }
        Ok(())
    }

    fn write_card(
        &self,
        trained: &Trained,
        sources: &[SourceLine],
        judged_on: &str,
        report: &Report,
        hyper: &Hyperparameters,
        notes: &str,
    ) -> anyhow::Result<()> {
        let model = LocalModel::parse(trained.file.clone().into())?;
        let date = Clock::system().now().to_string();
        let card = Card {
            version: model.version(),
            sha256: &hex(&trained.file),
            bytes: trained.file.len(),
            date: date.get(..10),
            sources,
            hyper,
            temperatures: trained.temperatures,
            judged_on,
            report,
            notes,
        };
        let path = self
            .card
            .clone()
            .unwrap_or_else(|| self.output.with_file_name("MODEL_CARD.md"));
        std::fs::write(&path, card.render()?).with_context(|| path.display().to_string())
    }
}

/// `FILE` or `FILE=WEIGHT`.
fn path_and_weight(file: &str) -> anyhow::Result<(&Path, f32)> {
    let Some((path, weight)) = file.rsplit_once('=') else {
        return Ok((file.as_ref(), 1.0));
    };
    match weight.parse() {
        Ok(weight) if weight > 0.0 && weight <= 100.0 => Ok((path.as_ref(), weight)),
        _ => Err(usage(format!(
            "{file}: what follows the last = is the weight of the file's rows, a number above 0 and at most 100"
        ))),
    }
}

fn source_line(path: &Path, weight: f32, rows: &[Row]) -> anyhow::Result<SourceLine> {
    let mut origins: BTreeMap<&str, usize> = BTreeMap::new();
    for row in rows {
        *origins.entry(row.source.as_str()).or_default() += 1;
    }
    let origins: Vec<String> = origins
        .iter()
        .map(|(origin, count)| format!("{origin} {count}"))
        .collect();
    Ok(SourceLine {
        name: file_name(path),
        rows: rows.len(),
        weight,
        origins: origins.join(", "),
        sha256: hex(&std::fs::read(path)?)[..16].to_owned(),
    })
}

/// What is likely a mistake in the files, and would not be seen in the figures.
fn notes_on<'r>(
    learnt: impl Iterator<Item = &'r Row>,
    judges: &[(&Option<PathBuf>, &Option<Vec<Row>>)],
) -> Vec<String> {
    let mut notes = Vec::new();
    let mut labels: HashMap<&str, Category> = HashMap::new();
    let mut contradicting: HashSet<&str> = HashSet::new();
    let mut example = None;
    for row in learnt {
        let text = row.text.trim();
        if *labels.entry(text).or_insert(row.category) != row.category && contradicting.insert(text) {
            example = example.or(Some(&row.id));
        }
    }
    if let Some(id) = example {
        notes.push(format!(
            "{} messages stand in the files with different categories, for example that of id {id}",
            contradicting.len()
        ));
    }
    for (path, rows) in judges {
        let (Some(path), Some(rows)) = (path, rows) else {
            continue;
        };
        let seen = rows
            .iter()
            .filter(|row| labels.contains_key(row.text.trim()))
            .count();
        if seen > 0 {
            notes.push(format!(
                "{seen} of the {} messages of {} are also learnt from: its figures are better than the model",
                rows.len(),
                path.display()
            ));
        }
    }
    notes
}

/// A figure, or a dash where the messages cannot tell it.
fn figure(figure: Option<f64>) -> String {
    figure.map_or_else(|| "-".to_owned(), |figure| format!("{figure:.3}"))
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
