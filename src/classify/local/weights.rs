//! The weights while they are trained: float, one message at a time, then quantised into a model file.
//!
//! Sparse weights and word vectors learn by AdaGrad (Duchi et al. 2011), which gives rare features their own large steps;
//! the convolution learns by Adam (Kingma and Ba 2015) on small batches. One thread and a fixed sequence of random
//! numbers: the same examples give the same weights.

use super::backward::Learner;
use super::convolution::{Convolution, INPUTS, Inputs};
use super::dense::{COMMON, CONVOLUTION, MOST_COMMON, PIECES, VECTORS, WordTable, section_of};
use super::features::{Group, Sink, extract};
use super::format::{self, Header};
use super::heads::OUTPUTS;
use super::hyperparameters::Hyperparameters;
use super::linear::{SECTION, norm};
use super::reading::{READING_VERSION, Reading};
use super::words::DIMENSIONS;
use super::{Head, softmax};

/// A message as the trainer sees it.
pub(crate) struct Example {
    pub(crate) features: Vec<u32>,
    /// Numbers of the word pieces of each word.
    words: Vec<Vec<u32>>,
    /// Inputs with flags but without vectors.
    blank: Inputs,
    /// Probability of each label.
    pub(crate) targets: [f32; OUTPUTS],
    /// How much each head learns from it.
    pub(crate) shares: [f32; 3],
}

struct Collect(Vec<u32>, u32);

impl Sink for Collect {
    fn feature(&mut self, hash: u32, _: Group, _: std::ops::Range<usize>) {
        self.0.push(hash & self.1);
    }
}

impl Example {
    pub(crate) fn new(
        reading: &Reading,
        table: Option<&WordTable>,
        bits: u32,
        targets: [f32; OUTPUTS],
        shares: [f32; 3],
    ) -> Self {
        let mut collect = Collect(Vec::new(), (1 << bits) - 1);
        extract(reading, &mut collect);
        let (mut words, mut blank) = (Vec::new(), Inputs::default());
        if let Some(table) = table {
            words = reading
                .tokens
                .iter()
                .map(|token| {
                    let mut pieces = Vec::new();
                    table
                        .pieces
                        .split(reading.word(token), |piece| pieces.push(piece as u32));
                    pieces
                })
                .collect();
            blank = Inputs::new(reading, &table.pieces, |_, _, _| {});
        }
        collect.0.shrink_to_fit();
        Self {
            features: collect.0,
            words,
            blank,
            targets,
            shares,
        }
    }

    fn inputs(&self, vectors: &[f32], mut dropped: impl FnMut() -> bool) -> Inputs {
        let mut inputs = self.blank.clone();
        for (pieces, slot) in self
            .words
            .iter()
            .zip(inputs.values[INPUTS..].chunks_exact_mut(INPUTS))
        {
            if dropped() {
                continue;
            }
            for piece in pieces {
                let at = *piece as usize * DIMENSIONS;
                for (value, vector) in slot.iter_mut().zip(&vectors[at..at + DIMENSIONS]) {
                    *value += vector / pieces.len() as f32;
                }
            }
        }
        inputs
    }
}

/// Weights of a whole model.
pub(crate) struct Weights {
    sparse: Vec<[f32; OUTPUTS]>,
    bias: [f32; OUTPUTS],
    words: Option<WordTable>,
    convolution: Convolution,
}

const BATCH: usize = 16;

impl Weights {
    /// Learns from `examples`; `progress` is told the part done.
    pub(crate) fn fit(
        examples: &[&Example],
        table: Option<&WordTable>,
        hyper: &Hyperparameters,
        seed: u64,
        progress: &mut dyn FnMut(f64),
    ) -> Self {
        let balance = balance(examples);
        let size = 1usize << hyper.bits;
        let mut random = SplitMix(seed);
        let mut model = Self {
            sparse: vec![[0.0; OUTPUTS]; size],
            bias: [0.0; OUTPUTS],
            words: table.cloned(),
            convolution: Convolution::zeros(),
        };
        model.convolution.scatter(|| random.symmetric());
        let mut squares = vec![[1e-6f32; OUTPUTS]; size];
        let mut bias_squares = [1e-6f32; OUTPUTS];
        let mut vector_squares = vec![1e-4f32; table.map_or(0, |table| table.vectors.len())];
        let mut learner = Learner::new(&model.convolution);
        let steps = examples.len() * hyper.epochs as usize;
        let mut order: Vec<usize> = (0..examples.len()).collect();
        let mut step = 0usize;
        let mut kept = Vec::new();
        for _ in 0..hyper.epochs {
            random.shuffle(&mut order);
            for &index in &order {
                let example = examples[index];
                let left = 1.0 - step as f32 / steps as f32;
                step += 1;
                kept.clear();
                kept.extend(
                    example
                        .features
                        .iter()
                        .copied()
                        .filter(|_| random.unit() >= hyper.feature_dropout),
                );
                let norm = norm(example.features.len() as u32) / (1.0 - hyper.feature_dropout);
                let mut gradient = model.sparse_logits(&kept, norm);
                let dense = model.words.as_ref().map(|words| {
                    let inputs = example.inputs(&words.vectors, || random.unit() < hyper.word_dropout);
                    let mut pooled = model.convolution.pool(&inputs);
                    for value in &mut pooled.values {
                        *value *= if random.unit() < hyper.pool_dropout {
                            0.0
                        } else {
                            1.0 / (1.0 - hyper.pool_dropout)
                        };
                    }
                    let seen = model.convolution.seen(&pooled.values);
                    (inputs, pooled, seen)
                });
                if let Some((_, _, seen)) = &dense {
                    let more = model.convolution.outputs(seen);
                    gradient
                        .iter_mut()
                        .zip(more)
                        .for_each(|(logit, more)| *logit += more);
                }
                for (number, of) in Head::ALL.into_iter().enumerate() {
                    let outputs = of.outputs();
                    let targets = &example.targets[outputs.clone()];
                    let weight: f32 = targets
                        .iter()
                        .zip(&balance[outputs.clone()])
                        .map(|(t, b)| t * b)
                        .sum();
                    let share = if of == Head::Category {
                        1.0
                    } else {
                        hyper.side_heads
                    };
                    let weight = weight * share * example.shares[number];
                    softmax(&mut gradient[outputs.clone()], 1.0);
                    for (gradient, target) in gradient[outputs].iter_mut().zip(targets) {
                        *gradient = (*gradient - target) * weight;
                    }
                }
                let rate = hyper.rate * left;
                for &feature in &kept {
                    let (row, squares) = (
                        &mut model.sparse[feature as usize],
                        &mut squares[feature as usize],
                    );
                    for out in 0..OUTPUTS {
                        let g = gradient[out] * norm + hyper.l2 * row[out];
                        squares[out] += g * g;
                        row[out] -= rate * g / squares[out].sqrt();
                    }
                }
                for out in 0..OUTPUTS {
                    bias_squares[out] += gradient[out] * gradient[out];
                    model.bias[out] -= rate * 0.1 * gradient[out] / bias_squares[out].sqrt();
                }
                let (Some((inputs, pooled, seen)), Some(words)) = (dense, model.words.as_mut()) else {
                    continue;
                };
                let convolution = &mut model.convolution;
                let kept = 1.0 - hyper.pool_dropout;
                let (into, mean) = learner.back(convolution, &inputs, &pooled, &seen, &gradient, kept);
                let share = 1.0 / inputs.len().max(1) as f32;
                let rate = hyper.vector_rate * left;
                for (pieces, slot) in example.words.iter().zip(into[INPUTS..].chunks_exact(INPUTS)) {
                    for piece in pieces {
                        let at = *piece as usize * DIMENSIONS;
                        for dimension in 0..DIMENSIONS {
                            let g = (slot[dimension] + mean[dimension] * share) / pieces.len() as f32;
                            let square = &mut vector_squares[at + dimension];
                            *square += g * g;
                            words.vectors[at + dimension] -= rate * g / square.sqrt();
                        }
                    }
                }
                if step.is_multiple_of(BATCH) {
                    learner.step(convolution, hyper.dense_rate * left, hyper.decay);
                }
                if step.is_multiple_of(1024) {
                    progress(step as f64 / steps as f64);
                }
            }
        }
        model
    }

    fn sparse_logits(&self, features: &[u32], norm: f32) -> [f32; OUTPUTS] {
        let mut sums = [0.0f32; OUTPUTS];
        for &feature in features {
            for (sum, weight) in sums.iter_mut().zip(&self.sparse[feature as usize]) {
                *sum += weight;
            }
        }
        std::array::from_fn(|out| sums[out] * norm + self.bias[out])
    }

    /// What the model says of an example, before any softmax.
    fn logits(&self, example: &Example) -> [f32; OUTPUTS] {
        let mut logits = self.sparse_logits(&example.features, norm(example.features.len() as u32));
        if let Some(words) = &self.words {
            let pooled = self.convolution.pool(&example.inputs(&words.vectors, || false));
            let more = self.convolution.outputs(&self.convolution.seen(&pooled.values));
            logits
                .iter_mut()
                .zip(more)
                .for_each(|(logit, more)| *logit += more);
        }
        logits
    }
}

/// The file of the model that answers with the mean of `members`: their sparse weights are averaged into one table, their
/// networks stand beside each other. One int8 step per output or dimension is the largest weight / 127; rounding is far below
/// what the data can tell apart.
pub(crate) fn write(
    members: &[Weights],
    examples: &[&Example],
    name: &str,
    bits: u32,
    temperatures: [f32; 3],
) -> Vec<u8> {
    let share = 1.0 / members.len() as f32;
    let mut sparse = vec![0.0; OUTPUTS << bits];
    let mut bias = vec![0.0; OUTPUTS];
    for member in members {
        sparse
            .iter_mut()
            .zip(member.sparse.as_flattened())
            .for_each(|(mean, weight)| *mean += weight * share);
        bias.iter_mut()
            .zip(member.bias)
            .for_each(|(mean, weight)| *mean += weight * share);
    }
    let (scales, sparse) = quantise(&sparse, OUTPUTS);
    let mut sections = vec![(SECTION.to_owned(), sparse)];
    let mut vector_scales = Vec::new();
    for (number, member) in members.iter().enumerate() {
        let Some(words) = &member.words else { continue };
        if number == 0 {
            sections.push((PIECES.to_owned(), words.pieces.bytes()));
            sections.push((COMMON.to_owned(), common(examples, words.pieces.len())));
        }
        let (scales, vectors) = quantise(&words.vectors, DIMENSIONS);
        vector_scales.extend(scales);
        sections.push((section_of(number, VECTORS), vectors));
        let mut convolution = member.convolution.clone();
        convolution.head.iter_mut().for_each(|weight| *weight *= share);
        let numbers = convolution.arrays().into_iter().flatten();
        let numbers = numbers.flat_map(|number| number.to_le_bytes()).collect();
        sections.push((section_of(number, CONVOLUTION), numbers));
    }
    let header = Header {
        name: name.to_owned(),
        reading: READING_VERSION,
        bits,
        bias,
        scales,
        vector_scales,
        temperatures,
        sections: Vec::new(),
    };
    let sections: Vec<(&str, &[u8])> = sections
        .iter()
        .map(|(name, bytes)| (name.as_str(), bytes.as_slice()))
        .collect();
    format::write(header, &sections)
}

/// Numbers of the word pieces most frequent in the examples, as little-endian u16.
fn common(examples: &[&Example], pieces: usize) -> Vec<u8> {
    let mut counts = vec![0u32; pieces.min(usize::from(u16::MAX))];
    for piece in examples.iter().flat_map(|example| example.words.iter().flatten()) {
        if let Some(count) = counts.get_mut(*piece as usize) {
            *count += 1;
        }
    }
    let mut order: Vec<usize> = (0..counts.len()).filter(|piece| counts[*piece] > 1).collect();
    order.sort_by_key(|piece| (std::cmp::Reverse(counts[*piece]), *piece));
    order.truncate(MOST_COMMON);
    order
        .into_iter()
        .flat_map(|piece| (piece as u16).to_le_bytes())
        .collect()
}

/// The mean of what the members say of an example.
pub(crate) fn mean_logits(members: &[Weights], example: &Example) -> [f32; OUTPUTS] {
    let mut mean = [0.0; OUTPUTS];
    for member in members {
        let logits = member.logits(example);
        mean.iter_mut()
            .zip(logits)
            .for_each(|(mean, logit)| *mean += logit / members.len() as f32);
    }
    mean
}

/// Scale of each column and the values as int8 steps of it.
fn quantise(values: &[f32], columns: usize) -> (Vec<f32>, Vec<u8>) {
    let mut scales = vec![f32::MIN_POSITIVE * 127.0; columns];
    for row in values.chunks_exact(columns) {
        for (scale, value) in scales.iter_mut().zip(row) {
            *scale = scale.max(value.abs());
        }
    }
    scales.iter_mut().for_each(|scale| *scale /= 127.0);
    let steps = values
        .iter()
        .zip(scales.iter().cycle())
        .map(|(value, scale)| ((value / scale).round() as i8) as u8);
    let steps = steps.collect();
    (scales, steps)
}

/// The square root of each label's inverse frequency, 1 on average: rare labels count more, but do not drown the others.
fn balance(examples: &[&Example]) -> [f32; OUTPUTS] {
    let mut counts = [1.0f32; OUTPUTS];
    for example in examples {
        for (head, share) in Head::ALL.into_iter().zip(example.shares) {
            for out in head.outputs() {
                counts[out] += share * example.targets[out];
            }
        }
    }
    let mut weights = [1.0; OUTPUTS];
    for head in Head::ALL {
        let outputs = head.outputs();
        let mean = counts[outputs.clone()].iter().sum::<f32>() / outputs.len() as f32;
        for out in outputs {
            weights[out] = (mean / counts[out]).sqrt();
        }
    }
    weights
}

/// `SplitMix64` (Steele, Lea and Flood 2014): a sequence that is the same everywhere.
struct SplitMix(u64);

impl SplitMix {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// 0 to below 1.
    fn unit(&mut self) -> f32 {
        (self.next() >> 40) as f32 / (1u64 << 24) as f32
    }

    /// -1 to below 1.
    fn symmetric(&mut self) -> f32 {
        self.unit() * 2.0 - 1.0
    }

    fn shuffle<T>(&mut self, items: &mut [T]) {
        for last in (1..items.len()).rev() {
            items.swap(last, (self.next() % (last as u64 + 1)) as usize);
        }
    }
}
