//! The dense part of the model: three-word windows over word vectors, the strongest answer of each filter kept.
//!
//! A one-layer convolution with max-over-time pooling (Kim 2014, "Convolutional Neural Networks for Sentence
//! Classification"): a filter finds its phrase wherever it stands, so that one clause about an allergy is not diluted
//! by ten about a refund. Beside the pooled filters stands the mean word vector. Linear in the text.

use super::linear::OUTPUTS;
use super::reading::{Kind, Reading};
use super::words::{DIMENSIONS, Pieces};

/// Inputs per word: its vector, whether a negation reaches it, whether a clause starts with it.
pub(crate) const INPUTS: usize = DIMENSIONS + 2;
/// Words a filter sees.
pub(crate) const WINDOW: usize = 3;
/// Inputs a filter sees.
pub(crate) const FIELD: usize = WINDOW * INPUTS;
/// Filters.
pub(crate) const FILTERS: usize = 64;
/// What the outputs see: every filter's strongest answer and the mean vector.
pub(crate) const POOLED: usize = FILTERS + DIMENSIONS;
/// Filters computed together, so that their sums stay in registers.
const BLOCK: usize = 16;
const _: () = assert!(FILTERS.is_multiple_of(BLOCK) && POOLED.is_multiple_of(8));
/// What a vector adds to the sums of its neighbours: as the last, the middle and the first word of a window, by filter.
pub(crate) const PROJECTED: usize = WINDOW * FILTERS;

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
        &self.values[at * INPUTS..at * INPUTS + FIELD]
    }
}

/// Weights of the filters and of what follows them.
#[derive(Debug, Clone)]
pub(crate) struct Convolution {
    /// By block of [`BLOCK`] filters, then by input of the field, then by filter in the block.
    pub(crate) filters: Vec<f32>,
    pub(crate) bias: Vec<f32>,
    /// By output, then by pooled value.
    pub(crate) head: Vec<f32>,
}

/// The pooled values of a text and, for the trainer, where each filter answered strongest.
pub(crate) struct Pooled {
    pub(crate) values: [f32; POOLED],
    pub(crate) at: [usize; FILTERS],
}

impl Convolution {
    pub(crate) fn zeros() -> Self {
        Self {
            filters: vec![0.0; FIELD * FILTERS],
            bias: vec![0.0; FILTERS],
            head: vec![0.0; OUTPUTS * POOLED],
        }
    }

    /// Where the weight of `filter` for input 0 of the field is; that of input `i` is `i * BLOCK` further.
    pub(crate) const fn weight(filter: usize) -> (usize, usize) {
        (filter / BLOCK * FIELD * BLOCK + filter % BLOCK, BLOCK)
    }

    pub(crate) fn pool(&self, inputs: &Inputs) -> Pooled {
        // Starting at 0 is the rectifier: a filter that nothing pleases says 0.
        let mut values = [0.0f32; POOLED];
        let mut at = [usize::MAX; FILTERS];
        let words = inputs.len();
        for word in 0..words {
            let field = inputs.field(word);
            for (block, weights) in self.filters.chunks_exact(FIELD * BLOCK).enumerate() {
                let first = block * BLOCK;
                let mut sums = [0.0f32; BLOCK];
                sums.copy_from_slice(&self.bias[first..first + BLOCK]);
                for (input, weights) in field.iter().zip(weights.as_chunks::<BLOCK>().0) {
                    for (sum, weight) in sums.iter_mut().zip(weights) {
                        *sum += input * weight;
                    }
                }
                for (filter, sum) in sums.iter().enumerate() {
                    if *sum > values[first + filter] {
                        values[first + filter] = *sum;
                        at[first + filter] = word;
                    }
                }
            }
            let own = &field[INPUTS..INPUTS + DIMENSIONS];
            for (mean, value) in values[FILTERS..].iter_mut().zip(own) {
                *mean += value;
            }
        }
        let share = 1.0 / words.max(1) as f32;
        values[FILTERS..].iter_mut().for_each(|mean| *mean *= share);
        Pooled { values, at }
    }

    /// What the inputs in `range` of a word's [`INPUTS`] add to the sums of the filters around it: for every place in the window,
    /// every filter. The sums are linear, so that a word's share can be computed once and kept.
    pub(crate) fn project(&self, first: usize, values: &[f32]) -> [f32; PROJECTED] {
        let mut projected = [0.0f32; PROJECTED];
        for (block, weights) in self.filters.chunks_exact(FIELD * BLOCK).enumerate() {
            let weights = weights.as_chunks::<BLOCK>().0;
            for (place, into) in projected.chunks_exact_mut(FILTERS).enumerate() {
                let mut sums = [0.0f32; BLOCK];
                for (value, weights) in values.iter().zip(&weights[place * INPUTS + first..]) {
                    for (sum, weight) in sums.iter_mut().zip(weights) {
                        *sum += value * weight;
                    }
                }
                into[block * BLOCK..][..BLOCK].copy_from_slice(&sums);
            }
        }
        projected
    }

    /// What the pooled values add to each output.
    pub(crate) fn outputs(&self, pooled: &[f32; POOLED]) -> [f32; OUTPUTS] {
        std::array::from_fn(|out| {
            // Eight sums side by side, which one instruction or two can take; the order is fixed, so are the figures.
            let mut sums = [0.0f32; 8];
            let weights = self.head[out * POOLED..(out + 1) * POOLED].as_chunks::<8>().0;
            for (weights, values) in weights.iter().zip(pooled.as_chunks::<8>().0) {
                for (sum, (weight, value)) in sums.iter_mut().zip(weights.iter().zip(values)) {
                    *sum += weight * value;
                }
            }
            sums.iter().sum()
        })
    }
}

/// The pooling of a text whose words come one by one, each as its projection: the same figures as [`Convolution::pool`],
/// without the windows. Allocates nothing.
pub(crate) struct Stream<'c> {
    bias: &'c [f32],
    /// Sums of the last word's window, short of the word after it.
    last: [f32; FILTERS],
    /// The sums that the next word's window starts from.
    next: [f32; FILTERS],
    pooled: [f32; POOLED],
    words: usize,
}

impl<'c> Stream<'c> {
    pub(crate) fn new(convolution: &'c Convolution) -> Self {
        let mut next = [0.0; FILTERS];
        next.copy_from_slice(&convolution.bias);
        Self {
            bias: &convolution.bias,
            last: [f32::NEG_INFINITY; FILTERS],
            next,
            pooled: [0.0; POOLED],
            words: 0,
        }
    }

    /// The next word: its projection and its vector.
    pub(crate) fn push(&mut self, projected: &[f32; PROJECTED], vector: &[f32; DIMENSIONS]) {
        let (before, rest) = projected.split_at(FILTERS);
        let (own, after) = rest.split_at(FILTERS);
        for filter in 0..FILTERS {
            let done = self.last[filter] + after[filter];
            self.pooled[filter] = self.pooled[filter].max(done);
            self.last[filter] = self.next[filter] + own[filter];
            self.next[filter] = self.bias[filter] + before[filter];
        }
        for (mean, value) in self.pooled[FILTERS..].iter_mut().zip(vector) {
            *mean += value;
        }
        self.words += 1;
    }

    /// The pooled values of all words.
    pub(crate) fn finish(mut self) -> [f32; POOLED] {
        for (value, done) in self.pooled.iter_mut().zip(self.last) {
            *value = value.max(done);
        }
        let share = 1.0 / self.words.max(1) as f32;
        self.pooled[FILTERS..].iter_mut().for_each(|mean| *mean *= share);
        self.pooled
    }
}
