//! The three questions that a model answers, and how its sums become probabilities.

/// Outputs of a model: 3 categories, 3 severities, 6 intents.
pub(crate) const OUTPUTS: usize = 12;

/// The three questions a model answers, as ranges of its outputs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Head {
    Category,
    Severity,
    Intent,
}

impl Head {
    pub(crate) const ALL: [Self; 3] = [Self::Category, Self::Severity, Self::Intent];

    /// Its outputs; their order is that of the labels' `ALL`.
    pub(crate) const fn outputs(self) -> std::ops::Range<usize> {
        match self {
            Self::Category => 0..3,
            Self::Severity => 3..6,
            Self::Intent => 6..OUTPUTS,
        }
    }
}

/// The probability per label of one head, calibrated.
pub(crate) fn softmax(logits: &mut [f32], temperature: f32) {
    let top = logits.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    logits
        .iter_mut()
        .for_each(|logit| *logit = ((*logit - top) / temperature).exp());
    let sum: f32 = logits.iter().sum();
    logits.iter_mut().for_each(|logit| *logit /= sum);
}

pub(crate) fn argmax(scores: &[f32]) -> usize {
    (1..scores.len()).fold(
        0,
        |best, index| if scores[index] > scores[best] { index } else { best },
    )
}
