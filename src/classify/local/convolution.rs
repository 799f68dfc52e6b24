//! The dense part of the model: two layers of three-word windows over word vectors, and a hidden layer over what they found.
//!
//! Convolutions with max-over-time pooling (Kim 2014, "Convolutional Neural Networks for Sentence Classification"): a
//! filter finds its phrase wherever it stands, so that one clause about an allergy is not diluted by ten about a refund.
//! The second layer sees the first one's answers, five words in all. The strongest answer of every filter and the mean
//! word vector go to the outputs twice: directly, and through a hidden layer that can tell "refund" from "refund because
//! it burned me". Linear in the text.

use super::heads::OUTPUTS;
use super::reading::{Kind, Reading};
use super::words::{DIMENSIONS, Pieces};

/// Inputs per word: its vector, whether a negation reaches it, whether a clause starts with it.
pub(crate) const INPUTS: usize = DIMENSIONS + 2;
/// Words a filter sees.
pub(crate) const WINDOW: usize = 3;
/// Filters of the first layer.
pub(crate) const FILTERS: usize = 64;
/// Filters of the second layer.
pub(crate) const SECOND: usize = 48;
/// What is pooled: every filter's strongest answer and the mean vector.
pub(crate) const POOLED: usize = FILTERS + SECOND + DIMENSIONS;
/// Units of the hidden layer.
pub(crate) const HIDDEN: usize = 64;
/// What the outputs see: the pooled values and the hidden layer.
pub(crate) const SEEN: usize = POOLED + HIDDEN;
/// Filters computed together, so that their sums stay in registers.
const BLOCK: usize = 16;
const _: () = assert!(FILTERS.is_multiple_of(BLOCK) && SECOND.is_multiple_of(BLOCK));
const _: () = assert!(POOLED.is_multiple_of(8) && SEEN.is_multiple_of(8));
/// What a vector adds to the sums of its neighbours: as the last, the middle and the first word of a window, by filter.
pub(crate) const PROJECTED: usize = WINDOW * FILTERS;

/// What a window around word `at` covers of `values`, `inputs` per word with a word of zeros on either side.
fn field(values: &[f32], inputs: usize, at: usize) -> &[f32] {
    &values[at * inputs..(at + WINDOW) * inputs]
}

/// Vectors of the words of a text with a word of zeros on either side.
#[derive(Debug, Default, Clone)]
pub(crate) struct Inputs {
    pub(crate) values: Vec<f32>,
}

impl Inputs {
    /// `vector(piece, values)` adds a piece's vector, scaled by the last argument, to `values`.
    pub(crate) fn new(
        reading: &Reading,
        pieces: &Pieces,
        mut vector: impl FnMut(usize, &mut [f32], f32),
    ) -> Self {
        let mut values = vec![0.0; (reading.tokens.len() + 2) * INPUTS];
        let mut clause = u32::MAX;
        let mut found = [0usize; 8];
        for (token, slot) in reading
            .tokens
            .iter()
            .zip(values[INPUTS..].chunks_exact_mut(INPUTS))
        {
            let mut count = 0;
            pieces.split(reading.word(token), |piece| {
                found[count] = piece;
                count += 1;
            });
            for piece in &found[..count] {
                vector(*piece, &mut slot[..DIMENSIONS], 1.0 / count as f32);
            }
            slot[DIMENSIONS] = f32::from(token.negated && token.kind == Kind::Word);
            slot[DIMENSIONS + 1] = f32::from(token.clause != clause);
            clause = token.clause;
        }
        Self { values }
    }

    /// Words, without the zeros on either side.
    pub(crate) fn len(&self) -> usize {
        (self.values.len() / INPUTS).saturating_sub(2)
    }

    /// What the filters see at word `at`.
    pub(crate) fn field(&self, at: usize) -> &[f32] {
        field(&self.values, INPUTS, at)
    }
}

/// A layer of filters over windows of [`WINDOW`] words.
#[derive(Debug, Clone)]
pub(crate) struct Layer {
    /// Inputs per word.
    inputs: usize,
    /// By block of [`BLOCK`] filters, then by input of the window, then by filter in the block.
    pub(crate) weights: Vec<f32>,
    pub(crate) bias: Vec<f32>,
}

impl Layer {
    pub(crate) fn zeros(inputs: usize, filters: usize) -> Self {
        Self {
            inputs,
            weights: vec![0.0; WINDOW * inputs * filters],
            bias: vec![0.0; filters],
        }
    }

    /// The filters' answers to a window, before the rectifier.
    fn answer(&self, field: &[f32], into: &mut [f32]) {
        let blocks = self.weights.chunks_exact(field.len() * BLOCK);
        let outputs = into.chunks_exact_mut(BLOCK).zip(self.bias.chunks_exact(BLOCK));
        for (weights, (into, bias)) in blocks.zip(outputs) {
            let mut sums = [0.0f32; BLOCK];
            sums.copy_from_slice(bias);
            for (input, weights) in field.iter().zip(weights.as_chunks::<BLOCK>().0) {
                for (sum, weight) in sums.iter_mut().zip(weights) {
                    *sum += input * weight;
                }
            }
            into.copy_from_slice(&sums);
        }
    }

    /// What `values`, inputs of a word from number `first` on, add to the sums of the filters around it: for every place in
    /// the window, every filter. The sums are linear, so that a word's share can be computed once and kept.
    #[inline(always)]
    pub(crate) fn project(&self, first: usize, values: &[f32], projected: &mut [f32]) {
        let filters = self.bias.len();
        let blocks = self.weights.chunks_exact(WINDOW * self.inputs * BLOCK);
        for (block, weights) in blocks.enumerate() {
            let weights = weights.as_chunks::<BLOCK>().0;
            for (place, into) in projected.chunks_exact_mut(filters).enumerate() {
                let mut sums = [0.0f32; BLOCK];
                for (value, weights) in values.iter().zip(&weights[place * self.inputs + first..]) {
                    for (sum, weight) in sums.iter_mut().zip(weights) {
                        *sum += value * weight;
                    }
                }
                into[block * BLOCK..][..BLOCK].copy_from_slice(&sums);
            }
        }
    }

    /// Spreads the gradient of the answers to a window over weights, bias and the window's inputs.
    pub(crate) fn back(
        &self,
        field: &[f32],
        gradient: &[f32],
        (weight_sums, bias_sums): (&mut [f32], &mut [f32]),
        into: &mut [f32],
    ) {
        let blocks = self.weights.chunks_exact(field.len() * BLOCK);
        let sums = weight_sums.chunks_exact_mut(field.len() * BLOCK);
        for ((weights, sums), gradient) in blocks.zip(sums).zip(gradient.as_chunks::<BLOCK>().0) {
            if gradient.iter().all(|slope| *slope == 0.0) {
                continue;
            }
            let rows = weights
                .as_chunks::<BLOCK>()
                .0
                .iter()
                .zip(sums.as_chunks_mut::<BLOCK>().0);
            for ((input, into), (weights, sums)) in field.iter().zip(&mut *into).zip(rows) {
                let mut back = [0.0f32; BLOCK];
                for filter in 0..BLOCK {
                    sums[filter] += input * gradient[filter];
                    back[filter] = weights[filter] * gradient[filter];
                }
                *into += back.iter().sum::<f32>();
            }
        }
        bias_sums
            .iter_mut()
            .zip(gradient)
            .for_each(|(sum, slope)| *sum += slope);
    }
}

/// Weights of the network.
#[derive(Debug, Clone)]
pub(crate) struct Convolution {
    pub(crate) first: Layer,
    pub(crate) second: Layer,
    /// By unit, then by pooled value.
    pub(crate) hidden: Vec<f32>,
    pub(crate) hidden_bias: Vec<f32>,
    /// By output, then by pooled value and hidden unit.
    pub(crate) head: Vec<f32>,
}

/// The pooled values of a text and, for the trainer, how they came about.
pub(crate) struct Pooled {
    pub(crate) values: [f32; POOLED],
    /// The word to which each filter answered strongest.
    pub(crate) at: [usize; FILTERS + SECOND],
    /// The first layer's answers, with a word of zeros on either side.
    pub(crate) first: Vec<f32>,
}

impl Convolution {
    pub(crate) fn zeros() -> Self {
        Self {
            first: Layer::zeros(INPUTS, FILTERS),
            second: Layer::zeros(FILTERS, SECOND),
            hidden: vec![0.0; HIDDEN * POOLED],
            hidden_bias: vec![0.0; HIDDEN],
            head: vec![0.0; OUTPUTS * SEEN],
        }
    }

    /// Every array of weights, in the order of the model file.
    pub(crate) fn arrays(&self) -> [&Vec<f32>; 7] {
        let Self {
            first,
            second,
            hidden,
            hidden_bias,
            head,
        } = self;
        [
            &first.weights,
            &first.bias,
            &second.weights,
            &second.bias,
            hidden,
            hidden_bias,
            head,
        ]
    }

    /// The same, to write to.
    pub(crate) fn arrays_mut(&mut self) -> [&mut Vec<f32>; 7] {
        let Self {
            first,
            second,
            hidden,
            hidden_bias,
            head,
        } = self;
        [
            &mut first.weights,
            &mut first.bias,
            &mut second.weights,
            &mut second.bias,
            hidden,
            hidden_bias,
            head,
        ]
    }

    pub(crate) fn pool(&self, inputs: &Inputs) -> Pooled {
        // Starting at 0 is the rectifier: a filter that nothing pleases says 0.
        let mut values = [0.0f32; POOLED];
        let mut at = [usize::MAX; FILTERS + SECOND];
        let words = inputs.len();
        let mut first = vec![0.0f32; (words + 2) * FILTERS];
        let mut keep = |word: usize, from: usize, answers: &[f32]| {
            for (filter, answer) in answers.iter().enumerate() {
                if *answer > values[from + filter] {
                    values[from + filter] = *answer;
                    at[from + filter] = word;
                }
            }
        };
        for word in 0..words {
            let answers = &mut first[(word + 1) * FILTERS..][..FILTERS];
            self.first.answer(inputs.field(word), answers);
            answers.iter_mut().for_each(|answer| *answer = answer.max(0.0));
            keep(word, 0, answers);
        }
        let mut answers = [0.0; SECOND];
        for word in 0..words {
            self.second.answer(field(&first, FILTERS, word), &mut answers);
            keep(word, FILTERS, &answers);
        }
        let share = 1.0 / words.max(1) as f32;
        for word in inputs.values.chunks_exact(INPUTS) {
            for (mean, value) in values[FILTERS + SECOND..].iter_mut().zip(word) {
                *mean += value * share;
            }
        }
        Pooled { values, at, first }
    }

    /// What the outputs see of the pooled values.
    #[inline(always)]
    pub(crate) fn seen(&self, pooled: &[f32; POOLED]) -> [f32; SEEN] {
        let mut seen = [0.0; SEEN];
        seen[..POOLED].copy_from_slice(pooled);
        let units = self.hidden.chunks_exact(POOLED).zip(&self.hidden_bias);
        for (unit, (weights, bias)) in seen[POOLED..].iter_mut().zip(units) {
            *unit = (dot(weights, pooled) + bias).max(0.0);
        }
        seen
    }

    /// What the network adds to each output.
    #[inline(always)]
    pub(crate) fn outputs(&self, seen: &[f32; SEEN]) -> [f32; OUTPUTS] {
        std::array::from_fn(|out| dot(&self.head[out * SEEN..(out + 1) * SEEN], seen))
    }
}

/// Eight sums side by side, which one instruction or two can take; the order is fixed, so are the figures.
#[inline(always)]
fn dot(weights: &[f32], values: &[f32]) -> f32 {
    let mut sums = [0.0f32; 8];
    for (weights, values) in weights.as_chunks::<8>().0.iter().zip(values.as_chunks::<8>().0) {
        for (sum, (weight, value)) in sums.iter_mut().zip(weights.iter().zip(values)) {
            *sum += weight * value;
        }
    }
    sums.iter().sum()
}
