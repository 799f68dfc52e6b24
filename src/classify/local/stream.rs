//! The convolution as messages run it: their words come one by one, and the first layer's sums are whole numbers.
//!
//! What a word adds to the sums of its neighbours is computed once and kept, as int16: a step is so large that no window can have a
//! larger sum than an int16 holds, so that nothing saturates, and a thousandth of what filters answer. Such a word takes half the memory
//! that floats take, of which a message reads some twenty words from all over a table; and sums of whole numbers are the same on every
//! processor. The second layer, which has the weights for it in one place, stays with floats. Allocates nothing, never fails.

use super::convolution::{Convolution, FILTERS, INPUTS, POOLED, PROJECTED, SECOND, WINDOW};
use super::words::DIMENSIONS;

/// Left for what rounding adds to a sum: half a step for each of its ten parts.
const ROUNDING: f32 = 8.0;

/// A word as the filters see it, in steps.
#[derive(Clone, Copy)]
pub(super) struct Word {
    /// What it adds to the first layer's sums: by place in the window, by filter.
    projected: [i16; PROJECTED],
    /// Its vector.
    vector: [i16; DIMENSIONS],
}

impl Word {
    pub(super) const EMPTY: Self = Self {
        projected: [0; PROJECTED],
        vector: [0; DIMENSIONS],
    };

    /// Adds what is no word and has no vector: a negation, the start of a clause.
    #[inline(always)]
    pub(super) fn mark(&mut self, mark: &Self) {
        for (sum, value) in self.projected.iter_mut().zip(mark.projected) {
            *sum = sum.wrapping_add(value);
        }
    }
}

/// The sum of several words.
pub(super) struct Words {
    projected: [i32; PROJECTED],
    vector: [i32; DIMENSIONS],
    count: i32,
}

impl Words {
    pub(super) const NONE: Self = Self {
        projected: [0; PROJECTED],
        vector: [0; DIMENSIONS],
        count: 0,
    };

    #[inline(always)]
    pub(super) fn add(&mut self, word: &Word) {
        add(&mut self.projected, &word.projected);
        add(&mut self.vector, &word.vector);
        self.count += 1;
    }

    /// The mean of the words.
    #[inline(always)]
    pub(super) fn mean(&self) -> Word {
        let share = 1.0 / self.count.max(1) as f32;
        let mean = |sum: i32| rounded(sum as f32 * share);
        Word {
            projected: self.projected.map(mean),
            vector: self.vector.map(mean),
        }
    }
}

#[inline(always)]
fn add(sums: &mut [i32], values: &[i16]) {
    for (sum, value) in sums.iter_mut().zip(values) {
        *sum += i32::from(*value);
    }
}

/// To the nearest step. Beside 1.5 * 2^23 a float has no bits for fractions: the lowest bits of the sum are the whole number. Many at a
/// time, where a conversion is one by one.
#[inline(always)]
fn rounded(steps: f32) -> i16 {
    const NO_FRACTIONS: f32 = 12_582_912.0;
    (steps + NO_FRACTIONS).to_bits() as i16
}

/// What of a network its words meet before they are pooled.
pub(super) struct Filters {
    /// What a step of the first layer's sums is worth.
    step: f32,
    /// What a step of a vector is worth.
    vector_step: f32,
    first_bias: [i16; FILTERS],
    /// By place in the window, by input in steps, by filter, so that the sums of all filters stay in registers and inputs of 0, of which
    /// there are many, cost nothing.
    second: [Box<[[f32; SECOND]; FILTERS]>; WINDOW],
    second_bias: [f32; SECOND],
}

impl Filters {
    /// Of a network whose vectors have at most `largest` in each dimension, above or below 0.
    pub(super) fn new(convolution: &Convolution, largest: &[f32; DIMENSIONS]) -> Self {
        let mut inputs = [1.0; INPUTS];
        inputs[..DIMENSIONS].copy_from_slice(largest);
        let step = largest_sum(convolution, &inputs) / (f32::from(i16::MAX) - ROUNDING);
        // A network of zeros has no step, and what is divided by it is 0 as well.
        let step = step.max(f32::MIN_POSITIVE);
        let largest = largest.iter().copied().fold(f32::MIN_POSITIVE, f32::max);
        let mut first_bias = [0; FILTERS];
        for (steps, bias) in first_bias.iter_mut().zip(&convolution.first.bias) {
            *steps = rounded(bias / step);
        }
        let mut second_bias = [0.0; SECOND];
        second_bias.copy_from_slice(&convolution.second.bias);
        Self {
            step,
            vector_step: largest / f32::from(i16::MAX),
            first_bias,
            second: second(convolution, step),
            second_bias,
        }
    }

    /// What the filters see of a word with this vector.
    #[inline(always)]
    pub(super) fn word(&self, convolution: &Convolution, vector: &[f32; DIMENSIONS]) -> Word {
        let mut projected = [0.0; PROJECTED];
        convolution.first.project(0, vector, &mut projected);
        Word {
            projected: projected.map(|sum| rounded(sum / self.step)),
            vector: vector.map(|value| rounded(value / self.vector_step)),
        }
    }

    /// What the filters see of a flag, by the number of its input.
    pub(super) fn mark(&self, convolution: &Convolution, input: usize) -> Word {
        let mut projected = [0.0; PROJECTED];
        convolution.first.project(input, &[1.0], &mut projected);
        Word {
            projected: projected.map(|sum| rounded(sum / self.step)),
            ..Word::EMPTY
        }
    }
}

/// The largest sum that a window of the first layer can have, above or below 0, with inputs that are at most `inputs`.
fn largest_sum(convolution: &Convolution, inputs: &[f32; INPUTS]) -> f32 {
    let mut largest: Vec<f32> = convolution.first.bias.iter().map(|bias| bias.abs()).collect();
    for (input, value) in inputs.iter().enumerate() {
        let mut projected = [0.0; PROJECTED];
        convolution.first.project(input, &[*value], &mut projected);
        for (filter, share) in (0..FILTERS).cycle().zip(projected) {
            largest[filter] += share.abs();
        }
    }
    largest.into_iter().fold(0.0, f32::max)
}

/// The second layer's weights for inputs in steps.
fn second(convolution: &Convolution, step: f32) -> [Box<[[f32; SECOND]; FILTERS]>; WINDOW] {
    let mut packed = [(); WINDOW].map(|()| Box::new([[0.0; SECOND]; FILTERS]));
    for input in 0..FILTERS {
        let mut projected = [0.0; WINDOW * SECOND];
        convolution.second.project(input, &[step], &mut projected);
        for (weights, place) in packed.iter_mut().zip(projected.as_chunks::<SECOND>().0) {
            weights[input] = *place;
        }
    }
    packed
}

/// Adds to `sums` what the active inputs of a word bring.
#[inline(always)]
fn add_active(weights: &[[f32; SECOND]; FILTERS], active: &[(usize, f32)], sums: &mut [f32; SECOND]) {
    for (input, answer) in active {
        for (sum, weight) in sums.iter_mut().zip(&weights[input % FILTERS]) {
            *sum += answer * weight;
        }
    }
}

/// The answers above 0, of which there are few, with their filters. Returns how many.
#[inline(always)]
fn active(answers: &[i16; FILTERS], into: &mut [(usize, f32); FILTERS]) -> usize {
    const _: () = assert!(FILTERS == u64::BITS as usize, "a bit for each filter");
    let mut bits = 0u64;
    for (block, answers) in answers.as_chunks::<8>().0.iter().enumerate() {
        let flags: [u8; 8] = std::array::from_fn(|at| u8::from(answers[at] > 0));
        // Gathers the eight flags, each in a byte, in the highest byte: the products of no two fall on one bit.
        let gathered = u64::from_le_bytes(flags).wrapping_mul(0x0102_0408_1020_4080) >> 56;
        bits |= gathered << (8 * block);
    }
    let mut count = 0;
    while bits != 0 {
        let filter = bits.trailing_zeros() as usize;
        into[count] = (filter, f32::from(answers[filter]));
        count += 1;
        bits &= bits - 1;
    }
    count
}

/// The sums of a layer's windows while words come one by one.
struct Windows<'f, T, const FILTERS: usize> {
    bias: &'f [T; FILTERS],
    /// Sums of the last word's window, short of the word after it.
    last: [T; FILTERS],
    /// The sums that the next word's window starts from.
    next: [T; FILTERS],
}

impl<'f, T: Copy + Default, const FILTERS: usize> Windows<'f, T, FILTERS> {
    #[inline(always)]
    fn new(bias: &'f [T; FILTERS]) -> Self {
        Self {
            bias,
            last: [T::default(); FILTERS],
            next: *bias,
        }
    }

    /// Takes the next word, of which `add` adds what it brings at a place of a window. Returns the sums around the word before it, which
    /// are complete then; before the first word they mean nothing.
    #[inline(always)]
    fn push(&mut self, add: impl Fn(usize, &mut [T; FILTERS])) -> [T; FILTERS] {
        let mut done = self.last;
        add(2, &mut done);
        let mut last = self.next;
        add(1, &mut last);
        self.last = last;
        let mut next = *self.bias;
        add(0, &mut next);
        self.next = next;
        done
    }
}

/// The pooling of a text whose words come one by one: the figures of [`Convolution::pool`] to within a few steps.
pub(super) struct Stream<'f> {
    filters: &'f Filters,
    first: Windows<'f, i16, FILTERS>,
    second: Windows<'f, f32, SECOND>,
    /// The strongest answers so far. Starting at 0 is the rectifier.
    strongest: [i16; FILTERS],
    strongest_second: [f32; SECOND],
    vectors: [i32; DIMENSIONS],
    words: usize,
    /// Words whose first answers are known.
    answered: usize,
}

impl<'f> Stream<'f> {
    #[inline(always)]
    pub(super) fn new(filters: &'f Filters) -> Self {
        Self {
            filters,
            first: Windows::new(&filters.first_bias),
            second: Windows::new(&filters.second_bias),
            strongest: [0; FILTERS],
            strongest_second: [0.0; SECOND],
            vectors: [0; DIMENSIONS],
            words: 0,
            answered: 0,
        }
    }

    /// The next word.
    #[inline(always)]
    pub(super) fn push(&mut self, word: &Word) {
        let places = word.projected.as_chunks::<FILTERS>().0;
        let done = self.first.push(|place, sums| {
            let shares = sums.iter_mut().zip(&places[place]);
            shares.for_each(|(sum, share)| *sum = sum.wrapping_add(*share));
        });
        if self.words > 0 {
            self.answer(done);
        }
        add(&mut self.vectors, &word.vector);
        self.words += 1;
    }

    /// The first layer's answers to a word, before the rectifier.
    #[inline(always)]
    fn answer(&mut self, mut answers: [i16; FILTERS]) {
        for (answer, strongest) in answers.iter_mut().zip(&mut self.strongest) {
            *answer = (*answer).max(0);
            *strongest = (*strongest).max(*answer);
        }
        let mut found = [(0, 0.0); FILTERS];
        let count = active(&answers, &mut found);
        let weights = &self.filters.second;
        let done = self
            .second
            .push(|place, sums| add_active(&weights[place], &found[..count], sums));
        if self.answered > 0 {
            self.keep(done);
        }
        self.answered += 1;
    }

    #[inline(always)]
    fn keep(&mut self, answers: [f32; SECOND]) {
        for (strongest, answer) in self.strongest_second.iter_mut().zip(answers) {
            *strongest = strongest.max(answer);
        }
    }

    /// The pooled values of all words.
    #[inline(always)]
    pub(super) fn finish(mut self) -> [f32; POOLED] {
        if self.words > 0 {
            self.answer(self.first.last);
            self.keep(self.second.last);
        }
        let mut pooled = [0.0; POOLED];
        let (first, rest) = pooled.split_at_mut(FILTERS);
        let (second, means) = rest.split_at_mut(SECOND);
        for (value, steps) in first.iter_mut().zip(self.strongest) {
            *value = f32::from(steps) * self.filters.step;
        }
        second.copy_from_slice(&self.strongest_second);
        let share = self.filters.vector_step / self.words.max(1) as f32;
        for (mean, steps) in means.iter_mut().zip(self.vectors) {
            *mean = steps as f32 * share;
        }
        pooled
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::classify::local::convolution::Inputs;

    /// Numbers from -1 to 1 that repeat nothing.
    fn random() -> impl FnMut() -> f32 {
        let mut state = 1u32;
        move || {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (state >> 8) as f32 / (1u32 << 23) as f32 - 1.0
        }
    }

    fn network() -> Convolution {
        let mut random = random();
        let mut convolution = Convolution::zeros();
        for array in convolution.arrays_mut() {
            array.iter_mut().for_each(|weight| *weight = 0.2 * random());
        }
        convolution
    }

    /// The pooled values of words given by their inputs, as training and as messages compute them.
    fn pooled(convolution: &Convolution, words: &[[f32; INPUTS]]) -> ([f32; POOLED], [f32; POOLED]) {
        let mut inputs = Inputs {
            values: vec![0.0; (words.len() + 2) * INPUTS],
        };
        let values = inputs.values.as_chunks_mut::<INPUTS>().0;
        values[1..=words.len()].copy_from_slice(words);
        let filters = Filters::new(convolution, &[1.0; DIMENSIONS]);
        let mut stream = Stream::new(&filters);
        for inputs in words {
            let (vector, marks) = inputs.split_first_chunk::<DIMENSIONS>().unwrap();
            let mut word = filters.word(convolution, vector);
            for (mark, input) in marks.iter().zip(DIMENSIONS..) {
                if *mark == 1.0 {
                    word.mark(&filters.mark(convolution, input));
                }
            }
            stream.push(&word);
        }
        (convolution.pool(&inputs).values, stream.finish())
    }

    #[test]
    fn words_one_by_one_are_pooled_like_a_whole_text() {
        let (convolution, mut random) = (network(), random());
        for count in [0, 1, 2, 5, 40] {
            let words: Vec<[f32; INPUTS]> = (0..count)
                .map(|_| {
                    let mut inputs = std::array::from_fn(|_| random());
                    inputs[DIMENSIONS..].fill_with(|| f32::from(random() > 0.0));
                    inputs
                })
                .collect();
            let (whole, stream) = pooled(&convolution, &words);
            for (index, (whole, stream)) in whole.iter().zip(stream).enumerate() {
                assert!(
                    (whole - stream).abs() < 2e-3,
                    "{count}, {index}: {whole} {stream}"
                );
            }
        }
    }

    #[test]
    fn no_window_has_a_larger_sum_than_fits() {
        let convolution = network();
        // By filter, the words that please it most: each input at its largest, with the sign of its weight.
        for filter in 0..FILTERS {
            let word = |place: usize| -> [f32; INPUTS] {
                std::array::from_fn(|input| {
                    let mut projected = [0.0; PROJECTED];
                    convolution.first.project(input, &[1.0], &mut projected);
                    let weight = projected[place * FILTERS + filter];
                    if input < DIMENSIONS {
                        weight.signum()
                    } else {
                        f32::from(weight > 0.0)
                    }
                })
            };
            let (whole, stream) = pooled(&convolution, &[word(0), word(1), word(2)]);
            let (whole, stream) = (whole[filter], stream[filter]);
            assert!(
                whole > 1.0 && (whole - stream).abs() < 2e-3,
                "{filter}: {whole} {stream}"
            );
        }
    }

    #[test]
    fn a_network_of_zeros_finds_nothing() {
        let (_, stream) = pooled(&Convolution::zeros(), &[[1.0; INPUTS]; 3]);
        assert!(stream[..FILTERS + SECOND].iter().all(|value| *value == 0.0));
    }

    #[test]
    fn a_word_of_several_pieces_is_their_mean() {
        let (convolution, mut random) = (network(), random());
        let filters = Filters::new(&convolution, &[1.0; DIMENSIONS]);
        let vectors: [[f32; DIMENSIONS]; 3] = [(); 3].map(|()| std::array::from_fn(|_| random()));
        let mut words = Words::NONE;
        vectors
            .iter()
            .for_each(|vector| words.add(&filters.word(&convolution, vector)));
        let mean = std::array::from_fn(|at| vectors.iter().map(|vector| vector[at]).sum::<f32>() / 3.0);
        let (mean, of_pieces) = (filters.word(&convolution, &mean), words.mean());
        let steps = |word: &Word| [&word.projected[..], &word.vector].concat();
        for (mean, of_pieces) in steps(&mean).into_iter().zip(steps(&of_pieces)) {
            assert!(mean.abs_diff(of_pieces) <= 1, "{mean} {of_pieces}");
        }
        assert!(steps(&Words::NONE.mean()).iter().all(|steps| *steps == 0));
    }
}
