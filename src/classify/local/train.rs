//! Makes a model from labelled messages: learns, calibrates, reports.
//!
//! Deterministic: the same rows in the same order give the same bytes on every run (no ambient time or randomness; folds
//! run beside each other but do not share anything). Temperatures and the reported figures come from messages the judged
//! model has not seen: a calibration set, or cross-validation.

use std::collections::HashMap;
use std::ops::Rem as _;

use super::dataset::Row;
use super::dense::WordTable;
use super::heads::{Head, OUTPUTS, softmax};
use super::hyperparameters::Hyperparameters;
use super::reading::Reading;
use super::weights::{Example, Weights, mean_logits, write};
use super::{LocalVerdict, verdict};

/// Rows to learn from and how much each counts.
pub struct Source<'r> {
    /// The rows.
    pub rows: &'r [Row],
    /// 1.0 for rows of the kind the model is for.
    pub weight: f32,
}

/// Where temperatures and figures come from.
#[derive(Debug, Clone, Copy)]
pub enum Holdout<'r> {
    /// Rows that nothing was learnt from.
    Rows(&'r [Row]),
    /// Cross-validation of the first source, in this many parts. Rows of one text are in one part: a text that was learnt would judge too
    /// well.
    Folds(usize),
}

/// A trained model and what it says of messages it has not seen.
pub struct Trained {
    /// The model file.
    pub file: Vec<u8>,
    /// Calibrated verdict per held-out row: the calibration rows, or every row of the first source.
    pub held_out: Vec<LocalVerdict>,
    /// Each head's temperature.
    pub temperatures: [f32; 3],
}

/// Trains on `sources`, starting from the word vectors of `table` (without: a linear model). `progress` is told the part
/// done, 0..=1.
#[must_use]
pub fn train(
    name: &str,
    sources: &[Source<'_>],
    table: Option<&WordTable>,
    holdout: Holdout<'_>,
    hyper: &Hyperparameters,
    progress: &mut dyn FnMut(f64),
) -> Trained {
    let example = |row: &Row, weight: f32| {
        let (targets, shares) = targets(row, weight);
        Example::new(
            &Reading::new(&row.text, row.channel),
            table,
            hyper.bits,
            targets,
            shares,
        )
    };
    let examples: Vec<Vec<Example>> = sources
        .iter()
        .map(|source| {
            source
                .rows
                .iter()
                .map(|row| example(row, source.weight))
                .collect()
        })
        .collect();
    let all: Vec<&Example> = examples.iter().flatten().collect();
    let folds = if let Holdout::Folds(folds) = holdout {
        folds
    } else {
        0
    };
    let steps = (folds + 1) as f64;
    // Members learn beside each other and share nothing; the first one's progress stands for all.
    let mut fit = |examples: &[&Example], done: usize| -> Vec<Weights> {
        let mut told = |part: f64| progress((done as f64 + part) / steps);
        let fit = |member: u32, told: &mut dyn FnMut(f64)| {
            Weights::fit(examples, table, hyper, hyper.seed + u64::from(member), told)
        };
        std::thread::scope(|scope| {
            let others: Vec<_> = (1..hyper.members)
                .map(|member| scope.spawn(move || fit(member, &mut |_| {})))
                .collect();
            let first = fit(0, &mut told);
            let others = others.into_iter().map(|other| {
                other
                    .join()
                    .unwrap_or_else(|panic| std::panic::resume_unwind(panic))
            });
            std::iter::once(first).chain(others).collect()
        })
    };
    let judge: Vec<Example>;
    let (judged, mut logits): (&[Example], Vec<[f32; OUTPUTS]>) = match holdout {
        Holdout::Rows(rows) => {
            judge = rows.iter().map(|row| example(row, 1.0)).collect();
            (&judge, Vec::new())
        }
        Holdout::Folds(folds) => {
            let (own, others) = examples.split_first().expect("there is a source");
            let mut logits = vec![[0.0; OUTPUTS]; own.len()];
            let parts = parts(sources[0].rows, folds);
            for fold in 0..folds {
                let inside = |index: &usize| parts[*index] == fold;
                let kept = own
                    .iter()
                    .enumerate()
                    .filter(|(index, _)| !inside(index))
                    .map(|(_, example)| example);
                let kept: Vec<&Example> = kept.chain(others.iter().flatten()).collect();
                let weights = fit(&kept, fold);
                for (index, example) in own.iter().enumerate().filter(|(index, _)| inside(index)) {
                    logits[index] = mean_logits(&weights, example);
                }
            }
            (own, logits)
        }
    };
    let weights = fit(&all, folds);
    if logits.is_empty() {
        logits = judged
            .iter()
            .map(|example| mean_logits(&weights, example))
            .collect();
    }
    let temperatures = Head::ALL.map(|head| temperature(head, judged, &logits));
    let held_out = logits
        .into_iter()
        .map(|mut logits| {
            for head in Head::ALL {
                softmax(&mut logits[head.outputs()], temperatures[head as usize]);
            }
            verdict(&logits)
        })
        .collect();
    progress(1.0);
    Trained {
        file: write(&weights, &all, name, hyper.bits, temperatures),
        held_out,
        temperatures,
    }
}

/// The part of the cross-validation that each row is in.
fn parts(rows: &[Row], folds: usize) -> Vec<usize> {
    let mut first: HashMap<&str, usize> = HashMap::new();
    rows.iter()
        .map(|row| {
            let next = first.len();
            first.entry(row.text.trim()).or_insert(next).rem(folds)
        })
        .collect()
}

/// The probability of each output and how much each head learns: nothing from a row without that label.
fn targets(row: &Row, weight: f32) -> ([f32; OUTPUTS], [f32; 3]) {
    if let Some(soft) = row.soft {
        // Severity matters as far as the message is a safety message, intent as far as it is a request.
        return (soft, [weight, weight * soft[2], weight * soft[1]]);
    }
    let labels = [
        Some(row.category as usize),
        row.severity.map(|severity| severity as usize),
        row.intent.map(|intent| intent as usize),
    ];
    let mut targets = [0.0; OUTPUTS];
    let mut shares = [0.0; 3];
    for (head, label) in Head::ALL.into_iter().zip(labels) {
        if let Some(label) = label {
            targets[head.outputs().start + label] = 1.0;
            shares[head as usize] = weight;
        }
    }
    (targets, shares)
}

/// The temperature that makes a head's held-out logits most likely (Guo et al. 2017, "On Calibration of Modern Neural
/// Networks"), by golden-section search over its logarithm.
fn temperature(head: Head, examples: &[Example], logits: &[[f32; OUTPUTS]]) -> f32 {
    let outputs = head.outputs();
    let loss = |log: f64| -> f64 {
        let mut total = 0.0;
        for (example, logits) in examples.iter().zip(logits) {
            if example.shares[head as usize] > 0.0 {
                let mut scores = logits[outputs.clone()].to_vec();
                softmax(&mut scores, log.exp() as f32);
                for (score, target) in scores.iter().zip(&example.targets[outputs.clone()]) {
                    total -= f64::from(target * score.max(1e-9).ln());
                }
            }
        }
        total
    };
    let golden = (5f64.sqrt() - 1.0) / 2.0;
    let (mut low, mut high) = (-3.0, 3.0);
    while high - low > 1e-3 {
        let (a, b) = (high - golden * (high - low), low + golden * (high - low));
        if loss(a) < loss(b) {
            high = b;
        } else {
            low = a;
        }
    }
    (f64::midpoint(low, high)).exp() as f32
}
