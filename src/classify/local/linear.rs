//! The sparse part of the model: a weight per hashed feature and output, as int8.

use std::collections::BTreeMap;
use std::ops::Range;

use super::features::{Group, Sink, extract};
use super::format::{FEATURE_BITS, ModelError, ModelFile};
use super::heads::{Head, OUTPUTS};
use super::reading::Reading;
use crate::classify::label::Category;

/// A feature that moved a decision.
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
pub struct Evidence {
    /// The part of the (folded) message; never more than the message itself says.
    pub feature: String,
    /// How much it spoke for `category`, in log-odds against the mean of the others; negative: against.
    pub weight: f32,
    /// The category it speaks for or against.
    pub category: Category,
}

/// Name of the weights in the model file.
pub(crate) const SECTION: &str = "linear";

/// The weights of a feature, padded to what one load takes and never across two cache lines.
#[derive(Clone, Copy)]
#[repr(align(16))]
struct Row([i8; LANES]);

const LANES: usize = 16;

pub(crate) struct Linear {
    rows: Vec<Row>,
    mask: u32,
    scales: [f32; OUTPUTS],
    bias: [f32; OUTPUTS],
}

impl Linear {
    pub(crate) fn new(file: &ModelFile) -> Result<Self, ModelError> {
        let header = &file.header;
        let bits = header.bits;
        if !FEATURE_BITS.contains(&bits) {
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
        let rows = file.bytes()[weights]
            .as_chunks::<OUTPUTS>()
            .0
            .iter()
            .map(|bytes| {
                let mut row = Row([0; LANES]);
                for (weight, byte) in row.0.iter_mut().zip(bytes) {
                    *weight = *byte as i8;
                }
                row
            })
            .collect();
        Ok(Self {
            rows,
            mask: (1 << bits) - 1,
            scales,
            bias,
        })
    }

    pub(crate) fn logits(&self, reading: &Reading) -> [f32; OUTPUTS] {
        let mut sum = Sum {
            rows: &self.rows,
            mask: self.mask,
            waiting: [0; WAITING],
            acc: [0; LANES],
            count: 0,
        };
        extract(reading, &mut sum);
        sum.settle(sum.count as usize % WAITING);
        let norm = norm(sum.count);
        std::array::from_fn(|out| sum.acc[out] as f32 * self.scales[out] * norm + self.bias[out])
    }

    pub(crate) fn explain(&self, reading: &Reading, category: Category, top: usize) -> Vec<Evidence> {
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
            let row = &self.rows[index].0;
            let worth = |out: usize| f32::from(row[out]) * self.scales[out] * norm;
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

/// Features whose rows are fetched together: many reads under way at once, and few enough that an i16 holds their sum.
const WAITING: usize = 64;

struct Sum<'m> {
    rows: &'m [Row],
    mask: u32,
    waiting: [u32; WAITING],
    acc: [i32; LANES],
    count: u32,
}

impl Sum<'_> {
    /// Adds up the first `len` that wait.
    fn settle(&mut self, len: usize) {
        let mut sums = [0i16; LANES];
        for index in &self.waiting[..len] {
            for (sum, weight) in sums.iter_mut().zip(self.rows[*index as usize].0) {
                *sum += i16::from(weight);
            }
        }
        for (acc, sum) in self.acc.iter_mut().zip(sums) {
            *acc += i32::from(sum);
        }
    }
}

impl Sink for Sum<'_> {
    #[inline]
    fn feature(&mut self, hash: u32, _: Group, _: Range<usize>) {
        self.waiting[self.count as usize % WAITING] = hash & self.mask;
        self.count += 1;
        if (self.count as usize).is_multiple_of(WAITING) {
            self.settle(WAITING);
        }
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
