//! How the network learns: the gradient of one message, gathered by batch and applied by Adam (Kingma and Ba 2015).

use super::convolution::{Convolution, FILTERS, INPUTS, Inputs, POOLED, Pooled, SECOND, SEEN, WINDOW};
use super::heads::OUTPUTS;
use super::words::DIMENSIONS;

/// Adam's memory of one array of weights.
struct Adam {
    gradient: Vec<f32>,
    mean: Vec<f32>,
    square: Vec<f32>,
}

impl Adam {
    fn new(len: usize) -> Self {
        Self {
            gradient: vec![0.0; len],
            mean: vec![0.0; len],
            square: vec![0.0; len],
        }
    }

    fn step(&mut self, weights: &mut [f32], rate: f32, decay: f32, count: i32) {
        let (correct_mean, correct_square) = (1.0 - 0.9f32.powi(count), 1.0 - 0.999f32.powi(count));
        for (index, weight) in weights.iter_mut().enumerate() {
            let gradient = std::mem::take(&mut self.gradient[index]);
            self.mean[index] = 0.9 * self.mean[index] + 0.1 * gradient;
            self.square[index] = 0.999 * self.square[index] + 0.001 * gradient * gradient;
            let step =
                self.mean[index] / correct_mean / ((self.square[index] / correct_square).sqrt() + 1e-8);
            *weight -= rate * (step + decay * *weight);
        }
    }
}

/// Gradients of the network's weights and what Adam remembers of them.
pub(crate) struct Learner {
    /// In the order of [`Convolution::arrays`].
    adams: [Adam; 7],
    updates: i32,
}

/// Which of the arrays are biases, which do not decay.
const BIASES: [bool; 7] = [false, true, false, true, false, true, false];

impl Learner {
    pub(crate) fn new(convolution: &Convolution) -> Self {
        Self {
            adams: convolution.arrays().map(|array| Adam::new(array.len())),
            updates: 0,
        }
    }

    /// Adds the gradient of a message to the batch, given that of its logits; `kept` is the part of the pooled values that
    /// dropout lets through. Returns the gradient of the inputs and of the mean word vector.
    pub(crate) fn back(
        &mut self,
        convolution: &Convolution,
        inputs: &Inputs,
        pooled: &Pooled,
        seen: &[f32; SEEN],
        gradient: &[f32; OUTPUTS],
        kept: f32,
    ) -> (Vec<f32>, [f32; DIMENSIONS]) {
        let [first, first_bias, second, second_bias, hidden, hidden_bias, head] = &mut self.adams;
        let mut back = [0.0f32; SEEN];
        for (out, slope) in gradient.iter().enumerate() {
            let range = out * SEEN..(out + 1) * SEEN;
            spread(
                *slope,
                seen,
                &convolution.head[range.clone()],
                &mut head.gradient[range],
                &mut back,
            );
        }
        let (back, units) = back.split_at_mut(POOLED);
        for (unit, slope) in units.iter().enumerate() {
            if seen[POOLED + unit] > 0.0 {
                let range = unit * POOLED..(unit + 1) * POOLED;
                hidden_bias.gradient[unit] += slope;
                spread(
                    *slope,
                    &pooled.values,
                    &convolution.hidden[range.clone()],
                    &mut hidden.gradient[range],
                    back,
                );
            }
        }
        // A dropped value is 0 and so was its weight in the answer.
        for (slope, value) in back.iter_mut().zip(&pooled.values) {
            *slope = if *value == 0.0 { 0.0 } else { *slope / kept };
        }
        let words = inputs.len();
        let mut first_back = vec![0.0f32; (words + 2) * FILTERS];
        let mut second_back = vec![0.0f32; words * SECOND];
        for (filter, at) in pooled.at.iter().enumerate().filter(|(_, at)| **at != usize::MAX) {
            match filter.checked_sub(FILTERS) {
                None => first_back[(at + 1) * FILTERS + filter] += back[filter],
                Some(second) => second_back[at * SECOND + second] += back[filter],
            }
        }
        for (word, gradient) in second_back.chunks_exact(SECOND).enumerate() {
            let window = word * FILTERS..(word + WINDOW) * FILTERS;
            convolution.second.back(
                &pooled.first[window.clone()],
                gradient,
                (&mut second.gradient, &mut second_bias.gradient),
                &mut first_back[window],
            );
        }
        for (slope, answer) in first_back.iter_mut().zip(&pooled.first) {
            // Also outside the text, where the answers are 0.
            *slope = if *answer > 0.0 { *slope } else { 0.0 };
        }
        let mut into = vec![0.0f32; inputs.values.len()];
        for (word, gradient) in first_back[FILTERS..][..words * FILTERS]
            .chunks_exact(FILTERS)
            .enumerate()
        {
            convolution.first.back(
                inputs.field(word),
                gradient,
                (&mut first.gradient, &mut first_bias.gradient),
                &mut into[word * INPUTS..(word + WINDOW) * INPUTS],
            );
        }
        let mut mean = [0.0; DIMENSIONS];
        mean.copy_from_slice(&back[FILTERS + SECOND..]);
        (into, mean)
    }

    /// Applies the batch.
    pub(crate) fn step(&mut self, convolution: &mut Convolution, rate: f32, decay: f32) {
        self.updates += 1;
        let arrays = convolution.arrays_mut().into_iter().zip(BIASES);
        for (adam, (weights, bias)) in self.adams.iter_mut().zip(arrays) {
            adam.step(weights, rate, if bias { 0.0 } else { decay }, self.updates);
        }
    }
}

/// The gradient of one sum of `weights` times `values`.
fn spread(slope: f32, values: &[f32], weights: &[f32], sums: &mut [f32], back: &mut [f32]) {
    for (((value, weight), sum), back) in values.iter().zip(weights).zip(sums).zip(back) {
        *sum += slope * value;
        *back += slope * weight;
    }
}

impl Convolution {
    /// Starts from small random numbers; `random` gives -1 to 1.
    pub(crate) fn scatter(&mut self, mut random: impl FnMut() -> f32) {
        let inputs = [INPUTS, 1, WINDOW * FILTERS, 1, POOLED, 1, 100];
        for ((array, inputs), bias) in self.arrays_mut().into_iter().zip(inputs).zip(BIASES) {
            let spread = if bias { 0.0 } else { (1.0 / inputs as f32).sqrt() };
            array.iter_mut().for_each(|weight| *weight = spread * random());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A network and a text of five words with numbers that repeat nothing.
    fn example() -> (Convolution, Inputs) {
        let mut state = 1u32;
        let mut random = move || {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (state >> 8) as f32 / (1u32 << 23) as f32 - 1.0
        };
        let mut convolution = Convolution::zeros();
        for array in convolution.arrays_mut() {
            array.iter_mut().for_each(|weight| *weight = 0.2 * random());
        }
        let mut inputs = Inputs {
            values: vec![0.0; 7 * INPUTS],
        };
        inputs.values[INPUTS..6 * INPUTS]
            .iter_mut()
            .for_each(|value| *value = random());
        (convolution, inputs)
    }

    #[test]
    fn the_gradient_is_that_of_the_sum_of_the_outputs() {
        let (convolution, inputs) = example();
        let sum = |convolution: &Convolution, inputs: &Inputs| -> f64 {
            let seen = convolution.seen(&convolution.pool(inputs).values);
            convolution
                .outputs(&seen)
                .iter()
                .map(|output| f64::from(*output))
                .sum()
        };
        let (pooled, mut learner) = (convolution.pool(&inputs), Learner::new(&convolution));
        let seen = convolution.seen(&pooled.values);
        let (into, mean) = learner.back(&convolution, &inputs, &pooled, &seen, &[1.0; OUTPUTS], 1.0);
        const STEP: f32 = 1e-3;
        let close = |expected: f64, found: f32, what: &str| {
            let slope = expected / f64::from(2.0 * STEP);
            assert!((slope - f64::from(found)).abs() < 0.02, "{what}: {slope} {found}");
        };
        for (number, adam) in learner.adams.iter().enumerate() {
            for index in (0..adam.gradient.len()).step_by(1 + adam.gradient.len() / 40) {
                let moved = |by: f32| {
                    let mut moved = convolution.clone();
                    moved.arrays_mut()[number][index] += by;
                    sum(&moved, &inputs)
                };
                close(
                    moved(STEP) - moved(-STEP),
                    adam.gradient[index],
                    &format!("array {number}, {index}"),
                );
            }
        }
        for index in (INPUTS..6 * INPUTS).step_by(7) {
            let moved = |by: f32| {
                let mut moved = inputs.clone();
                moved.values[index] += by;
                sum(&convolution, &moved)
            };
            let dimension = index % INPUTS;
            let found = into[index] + mean.get(dimension).map_or(0.0, |mean| mean / 5.0);
            // The flags have no part in the mean vector.
            close(moved(STEP) - moved(-STEP), found, &format!("input {index}"));
        }
    }
}
