//! The sparse part of the model: a weight per hashed feature and output, as int8.

use std::collections::BTreeMap;
use std::ops::Range;

use super::features::{Group, Sink, extract};
use super::format::{ModelError, ModelFile};
use super::reading::Reading;
use super::{Evidence, Head};
use crate::classify::label::Category;

/// Outputs of a model: 3 categories, 3 severities, 6 intents.
pub(crate) const OUTPUTS: usize = 12;
/// Name of the weights in the model file.
pub(crate) const SECTION: &str = "linear";

pub(crate) struct Linear {
    weights: Range<usize>,
    mask: u32,
    scales: [f32; OUTPUTS],
    bias: [f32; OUTPUTS],
}

impl Linear {
    pub(crate) fn new(file: &ModelFile) -> Result<Self, ModelError> {
        let header = &file.header;
        let bits = header.bits;
        if !(8..=22).contains(&bits) {
            return Err(ModelError::Content(
                "the size of its hashed space is not in 2^8..=2^22",
            ));
        }
        let finite = |numbers: &[f32]| -> Result<[f32; OUTPUTS], ModelError> {
            let numbers: [f32; OUTPUTS] = numbers
                .try_into()
                .map_err(|_| ModelError::Content("it does not have 12 outputs"))?;
            let all = numbers.iter().all(|number| number.is_finite());
            all.then_some(numbers)
                .ok_or(ModelError::Content("it holds a number that is not finite"))
        };
        let scales = finite(&header.scales)?;
        let bias = finite(&header.bias)?;
        let weights = file
            .section(SECTION)
            .ok_or(ModelError::Content("it has no linear weights"))?;
        if weights.len() != OUTPUTS << bits {
            return Err(ModelError::Content(
                "the number of its weights does not fit its size",
            ));
        }
        Ok(Self {
            weights,
            mask: (1 << bits) - 1,
            scales,
            bias,
        })
    }

    pub(crate) fn logits(&self, file: &ModelFile, reading: &Reading) -> [f32; OUTPUTS] {
        let mut sum = Sum {
            weights: &file.bytes()[self.weights.clone()],
            mask: self.mask,
            acc: [0; OUTPUTS],
            count: 0,
        };
        extract(reading, &mut sum);
        let norm = norm(sum.count);
        std::array::from_fn(|out| sum.acc[out] as f32 * self.scales[out] * norm + self.bias[out])
    }

    pub(crate) fn explain(
        &self,
        file: &ModelFile,
        reading: &Reading,
        category: Category,
        top: usize,
    ) -> Vec<Evidence> {
        let weights = &file.bytes()[self.weights.clone()];
        let mut seen = Seen {
            mask: self.mask,
            features: Vec::new(),
        };
        extract(reading, &mut seen);
        let norm = norm(seen.features.len() as u32);
        let mut sums: BTreeMap<String, f32> = BTreeMap::new();
        for (index, group, span) in seen.features {
            if group == Group::Chars {
                // Parts of words explain little to a reader, and their words are there as well.
                continue;
            }
            let row = &weights[index * OUTPUTS..(index + 1) * OUTPUTS];
            let worth = |out: usize| f32::from(row[out] as i8) * self.scales[out] * norm;
            let of = category as usize;
            let others: f32 = Head::Category
                .outputs()
                .filter(|out| *out != of)
                .map(worth)
                .sum::<f32>()
                / 2.0;
            let weight = worth(of) - others;
            let text = String::from_utf8_lossy(&reading.text.as_bytes()[span]).into_owned();
            let feature = if group == Group::Negated {
                format!("not … {text}")
            } else {
                text
            };
            *sums.entry(feature).or_default() += weight;
        }
        let mut evidence: Vec<Evidence> = sums
            .into_iter()
            .map(|(feature, weight)| Evidence {
                feature,
                weight,
                category,
            })
            .collect();
        evidence.sort_by(|a, b| b.weight.abs().total_cmp(&a.weight.abs()));
        evidence.truncate(top);
        evidence
    }
}

/// What a feature of a message with `count` features weighs: the message's vector has length 1.
pub(crate) fn norm(count: u32) -> f32 {
    1.0 / (count.max(1) as f32).sqrt()
}

struct Sum<'m> {
    weights: &'m [u8],
    mask: u32,
    acc: [i32; OUTPUTS],
    count: u32,
}

impl Sink for Sum<'_> {
    #[inline]
    fn feature(&mut self, hash: u32, _: Group, _: Range<usize>) {
        let at = (hash & self.mask) as usize * OUTPUTS;
        for (acc, weight) in self.acc.iter_mut().zip(&self.weights[at..at + OUTPUTS]) {
            *acc += i32::from(*weight as i8);
        }
        self.count += 1;
    }
}

struct Seen {
    mask: u32,
    features: Vec<(usize, Group, Range<usize>)>,
}

impl Sink for Seen {
    fn feature(&mut self, hash: u32, group: Group, span: Range<usize>) {
        self.features.push(((hash & self.mask) as usize, group, span));
    }
}
