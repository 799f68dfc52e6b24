//! Judges a classifier on labelled messages: the figures of `switchboard eval`.
//!
//! Takes the predictions, not the classifier, so that whatever answered can be judged. Definitions: macro-F1 is the
//! unweighted mean over the categories that occur, as a label or as an answer; a figure that the messages cannot give, such as a recall
//! without a message to find, is none and no zero; expected calibration error uses 15 equal-width bins of the confidence (Guo et al. 2017);
//! the interval of the safety recall is Wilson's score interval at 95 %.

use serde::Serialize;

use super::LocalVerdict;
use super::dataset::Row;
use crate::classify::label::{Category, Severity};

/// Bins of the calibration error.
pub const BINS: usize = 15;
/// 97.5 % point of the normal distribution: the two-sided 95 % interval.
const Z: f64 = 1.959_963_985;

/// What a classifier did on a set of messages. Rates are 0..=1.
#[derive(Debug, Clone, Serialize)]
pub struct Report {
    /// Messages judged.
    pub messages: usize,
    /// Part of the categories that were right.
    pub accuracy: f64,
    /// Mean F1 of the categories that occur, as a label or as an answer.
    pub macro_f1: f64,
    /// Expected calibration error of the category's confidence.
    pub ece: f64,
    /// Accuracy on the rows marked hard, where there are any.
    pub hard_accuracy: Option<f64>,
    /// Rows: the truth; columns: the answer; in the order of [`Category::ALL`].
    pub confusion: [[usize; 3]; 3],
    /// Precision, recall and F1 of each category.
    pub classes: Vec<ClassFigures>,
    /// The calibration error's bins.
    pub bins: Vec<Bin>,
    /// Safety recall at the classifier's own decision, with its interval.
    pub safety_recall: Option<f64>,
    /// Wilson's 95 % interval of the safety recall.
    pub safety_recall_interval: [f64; 2],
    /// Recall and false alarms when everything at or above a safety probability is treated as safety.
    pub thresholds: Vec<Threshold>,
    /// The lowest part of false alarms at which 98 % of the safety messages are caught.
    pub false_alarms_at_98: Option<f64>,
    /// Urgent messages that were decided to be safety.
    pub urgent_recall: Option<f64>,
    /// Accuracy of the severity of safety messages.
    pub severity_accuracy: Option<f64>,
    /// Accuracy of the intent of the rows that have one.
    pub intent_accuracy: Option<f64>,
}

/// Figures of one category.
#[derive(Debug, Clone, Serialize)]
pub struct ClassFigures {
    /// Which.
    pub category: Category,
    /// Part of the answers of this category that were right.
    pub precision: Option<f64>,
    /// Part of this category's messages that were found.
    pub recall: Option<f64>,
    /// Harmonic mean of both; 0 where one of them is none.
    pub f1: Option<f64>,
    /// Messages of this category.
    pub support: usize,
}

/// Answers whose confidence lies in one bin.
#[derive(Debug, Clone, Serialize)]
pub struct Bin {
    /// Answers in it.
    pub count: usize,
    /// Their mean confidence.
    pub confidence: f64,
    /// Part of them that was right.
    pub accuracy: f64,
}

/// What a threshold on the safety probability buys.
#[derive(Debug, Clone, Serialize)]
pub struct Threshold {
    /// At or above this, a message is treated as safety.
    pub threshold: f32,
    /// Part of the safety messages caught.
    pub recall: Option<f64>,
    /// Part of the other messages treated as safety.
    pub false_alarms: Option<f64>,
}

/// Judges `verdicts`, one per row.
#[must_use]
pub fn judge(rows: &[Row], verdicts: &[LocalVerdict]) -> Report {
    let mut confusion = [[0usize; 3]; 3];
    for (row, verdict) in rows.iter().zip(verdicts) {
        confusion[row.category as usize][verdict.category as usize] += 1;
    }
    let classes: Vec<ClassFigures> = Category::ALL
        .iter()
        .map(|category| class_figures(*category, &confusion))
        .collect();
    let pairs = || rows.iter().zip(verdicts);
    let right = |(row, verdict): &(&Row, &LocalVerdict)| row.category == verdict.category;
    let bins = bins(rows, verdicts);
    let safety = |row: &Row| row.category == Category::SafetyCompliance;
    let [.., safety_figures] = classes.as_slice() else {
        unreachable!("there are three categories")
    };
    let found = confusion[2][2];
    Report {
        messages: rows.len(),
        accuracy: part(pairs(), right).unwrap_or_default(),
        macro_f1: mean(classes.iter().filter_map(|class| class.f1)),
        ece: bins
            .iter()
            .map(|bin| bin.count as f64 / rows.len().max(1) as f64 * (bin.confidence - bin.accuracy).abs())
            .sum(),
        hard_accuracy: part(pairs().filter(|(row, _)| row.hard), right),
        confusion,
        safety_recall: safety_figures.recall,
        safety_recall_interval: wilson(found, safety_figures.support),
        thresholds: [
            0.02, 0.05, 0.1, 0.15, 0.2, 0.25, 0.3, 0.35, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9,
        ]
        .into_iter()
        .map(|threshold| Threshold {
            threshold,
            recall: part(pairs().filter(|(row, _)| safety(row)), |(_, v)| {
                v.safety >= threshold
            }),
            false_alarms: part(pairs().filter(|(row, _)| !safety(row)), |(_, v)| {
                v.safety >= threshold
            }),
        })
        .collect(),
        false_alarms_at_98: false_alarms_at(0.98, rows, verdicts),
        urgent_recall: part(
            pairs().filter(|(row, _)| safety(row) && row.severity == Some(Severity::Urgent)),
            right,
        ),
        severity_accuracy: part(
            pairs().filter(|(row, _)| safety(row) && row.severity.is_some()),
            |(row, v)| row.severity == Some(v.severity),
        ),
        intent_accuracy: part(pairs().filter(|(row, _)| row.intent.is_some()), |(row, v)| {
            row.intent == Some(v.intent)
        }),
        classes,
        bins,
    }
}

impl Report {
    /// A figure by the name `--fail-under` knows it by.
    #[must_use]
    pub fn figure(&self, name: &str) -> Option<f64> {
        match name {
            "accuracy" => Some(self.accuracy),
            "macro_f1" => Some(self.macro_f1),
            "safety_recall" => self.safety_recall,
            "safety_precision" => self.classes.last().and_then(|class| class.precision),
            "urgent_recall" => self.urgent_recall,
            "severity_accuracy" => self.severity_accuracy,
            "intent_accuracy" => self.intent_accuracy,
            _ => None,
        }
    }

    /// The names [`figure`](Self::figure) knows.
    pub const FIGURES: &'static [&'static str] = &[
        "accuracy",
        "macro_f1",
        "safety_recall",
        "safety_precision",
        "urgent_recall",
        "severity_accuracy",
        "intent_accuracy",
    ];
}

fn part<T>(items: impl Iterator<Item = T>, right: impl Fn(&T) -> bool) -> Option<f64> {
    let (total, hits) = items.fold((0usize, 0usize), |(total, hits), item| {
        (total + 1, hits + usize::from(right(&item)))
    });
    (total > 0).then(|| hits as f64 / total as f64)
}

fn mean(figures: impl Iterator<Item = f64>) -> f64 {
    let (count, sum) = figures.fold((0usize, 0.0), |(count, sum), figure| (count + 1, sum + figure));
    sum / count.max(1) as f64
}

fn class_figures(category: Category, confusion: &[[usize; 3]; 3]) -> ClassFigures {
    let index = category as usize;
    let hits = confusion[index][index] as f64;
    let support: usize = confusion[index].iter().sum();
    let answered: usize = confusion.iter().map(|row| row[index]).sum();
    let rate = |hits: f64, of: usize| (of > 0).then(|| hits / of as f64);
    ClassFigures {
        category,
        precision: rate(hits, answered),
        recall: rate(hits, support),
        f1: rate(2.0 * hits, support + answered),
        support,
    }
}

fn bins(rows: &[Row], verdicts: &[LocalVerdict]) -> Vec<Bin> {
    let mut sums = [(0usize, 0.0f64, 0usize); BINS];
    for (row, verdict) in rows.iter().zip(verdicts) {
        let confidence = f64::from(verdict.confidence);
        let bin = &mut sums[((confidence * BINS as f64) as usize).min(BINS - 1)];
        bin.0 += 1;
        bin.1 += confidence;
        bin.2 += usize::from(row.category == verdict.category);
    }
    sums.map(|(count, confidence, right)| {
        let of = count.max(1) as f64;
        Bin {
            count,
            confidence: confidence / of,
            accuracy: right as f64 / of,
        }
    })
    .to_vec()
}

/// The false alarms at the highest threshold that still catches `recall` of the safety messages.
fn false_alarms_at(recall: f64, rows: &[Row], verdicts: &[LocalVerdict]) -> Option<f64> {
    let (mut safety, mut others) = (Vec::new(), Vec::new());
    for (row, verdict) in rows.iter().zip(verdicts) {
        if row.category == Category::SafetyCompliance {
            &mut safety
        } else {
            &mut others
        }
        .push(verdict.safety);
    }
    if safety.is_empty() || others.is_empty() {
        return None;
    }
    safety.sort_by(|a, b| b.total_cmp(a));
    let needed = (recall * safety.len() as f64).ceil() as usize;
    let threshold = safety[needed.clamp(1, safety.len()) - 1];
    part(others.iter(), |probability| **probability >= threshold)
}

/// Wilson's score interval (Wilson 1927) of `hits` of `total` at 95 %.
#[must_use]
pub fn wilson(hits: usize, total: usize) -> [f64; 2] {
    if total == 0 {
        return [0.0, 1.0];
    }
    let (n, p) = (total as f64, hits as f64 / total as f64);
    let denominator = 1.0 + Z * Z / n;
    let centre = (p + Z * Z / (2.0 * n)) / denominator;
    let half = Z * (p * (1.0 - p) / n + Z * Z / (4.0 * n * n)).sqrt() / denominator;
    [(centre - half).max(0.0), (centre + half).min(1.0)]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::classify::label::{Intent, Scores};

    fn always(category: Category) -> LocalVerdict {
        LocalVerdict {
            scores: Scores {
                informational: 0.0,
                service_action: 0.0,
                safety_compliance: 1.0,
            },
            category,
            confidence: 1.0,
            severity: Severity::Standard,
            severity_scores: [1.0, 0.0, 0.0],
            intent: Intent::Other,
            intent_scores: [0.0, 0.0, 0.0, 0.0, 0.0, 1.0],
            safety: 1.0,
        }
    }

    fn rows() -> Vec<Row> {
        Category::ALL
            .iter()
            .flat_map(|category| {
                (0..10).map(move |_| {
                    serde_json::from_value(serde_json::json!({ "text": "x", "category": category })).unwrap()
                })
            })
            .collect()
    }

    #[test]
    fn a_classifier_that_always_says_safety_is_found_out() {
        let rows = rows();
        let report = judge(&rows, &vec![always(Category::SafetyCompliance); rows.len()]);
        assert!((report.accuracy - 1.0 / 3.0).abs() < 1e-9);
        assert!((report.macro_f1 - 1.0 / 6.0).abs() < 1e-9);
        assert_eq!(
            (report.safety_recall, report.false_alarms_at_98),
            (Some(1.0), Some(1.0))
        );
        assert!((report.ece - 2.0 / 3.0).abs() < 1e-9);
        assert_eq!(report.confusion[0], [0, 0, 10]);
    }

    #[test]
    fn what_the_messages_cannot_tell_is_no_zero() {
        let questions = &rows()[..10];
        let right = judge(questions, &vec![always(Category::Informational); 10]);
        assert!((right.accuracy - 1.0).abs() < 1e-9 && (right.macro_f1 - 1.0).abs() < 1e-9);
        assert_eq!((right.safety_recall, right.false_alarms_at_98), (None, None));
        assert!(right.thresholds[0].recall.is_none() && right.thresholds[0].false_alarms.is_some());
        let figures = |report: &Report| {
            let class = &report.classes[2];
            (class.precision, class.recall, class.f1)
        };
        assert_eq!(figures(&right), (None, None, None));
        // An answer that nobody labelled counts against the mean.
        let wrong = judge(questions, &vec![always(Category::SafetyCompliance); 10]);
        assert_eq!(figures(&wrong), (Some(0.0), None, Some(0.0)));
        assert!(wrong.macro_f1.abs() < 1e-9);
        assert_eq!(
            (wrong.figure("safety_recall"), wrong.figure("safety_precision")),
            (None, Some(0.0))
        );
    }

    #[test]
    fn the_interval_is_wilsons() {
        // statsmodels.stats.proportion.proportion_confint(95, 100, method="wilson")
        let [low, high] = wilson(95, 100);
        assert!(
            (low - 0.888_250).abs() < 1e-5 && (high - 0.978_457).abs() < 1e-5,
            "{low} {high}"
        );
        assert_eq!(wilson(0, 0), [0.0, 1.0]);
    }
}
