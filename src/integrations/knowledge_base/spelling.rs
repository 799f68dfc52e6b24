//! Spelling tolerance: the vocabulary word that a misspelt word was meant to be.
//!
//! One deletion on either side finds candidates without looking at the whole vocabulary (the idea of `SymSpell`);
//! the optimal string alignment distance decides: at most 1 for words of 4 to 7 letters, at most 2 for longer ones.
//! Shorter words and words with digits are never corrected. Ties go to the more common word.

use std::collections::HashMap;

/// Words of fewer letters are too close to each other to be corrected.
const MIN_CHARS: usize = 4;
/// From this length on two edits are forgiven.
const LONG_CHARS: usize = 8;

/// A vocabulary that can be asked for the nearest word.
#[derive(Debug, Default)]
pub(super) struct Spelling {
    /// (word, how often it occurs)
    words: Vec<(String, u32)>,
    /// A word, or a word less one letter -> indexes into `words`.
    near: HashMap<String, Vec<u32>>,
}

impl Spelling {
    /// Takes words with their counts.
    pub(super) fn new(counts: impl IntoIterator<Item = (String, u32)>) -> Self {
        let mut spelling = Self::default();
        for (word, count) in counts {
            if word.chars().count() < MIN_CHARS || word.contains(|c: char| c.is_ascii_digit()) {
                continue;
            }
            let at =
                u32::try_from(spelling.words.len()).expect("a vocabulary has fewer than 4 billion words");
            for form in forms(&word) {
                spelling.near.entry(form).or_default().push(at);
            }
            spelling.words.push((word, count));
        }
        spelling
    }

    /// The word that `word` (lower case, not in the vocabulary) was meant to be.
    pub(super) fn correct(&self, word: &str) -> Option<&str> {
        let length = word.chars().count();
        if length < MIN_CHARS || word.contains(|c: char| c.is_ascii_digit()) {
            return None;
        }
        let allowed = if length >= LONG_CHARS { 2 } else { 1 };
        let mut best: Option<(usize, std::cmp::Reverse<u32>, u32)> = None;
        for form in forms(word) {
            for at in self.near.get(&form).into_iter().flatten() {
                let (candidate, count) = &self.words[*at as usize];
                let distance = distance(word, candidate);
                let rank = (distance, std::cmp::Reverse(*count), *at);
                if distance <= allowed && best.is_none_or(|best| rank < best) {
                    best = Some(rank);
                }
            }
        }
        best.map(|(_, _, at)| self.words[at as usize].0.as_str())
    }
}

/// `word` and every form of it that lacks one letter.
fn forms(word: &str) -> Vec<String> {
    let mut forms = vec![word.to_owned()];
    for (at, c) in word.char_indices() {
        let mut form = String::with_capacity(word.len());
        form.push_str(&word[..at]);
        form.push_str(&word[at + c.len_utf8()..]);
        if forms.last() != Some(&form) {
            forms.push(form);
        }
    }
    forms
}

/// Optimal string alignment distance: insertions, deletions, substitutions, and swaps of neighbours.
fn distance(a: &str, b: &str) -> usize {
    let a: Vec<char> = a.chars().collect();
    let b: Vec<char> = b.chars().collect();
    let mut before: Vec<usize> = Vec::new();
    let mut last: Vec<usize> = (0..=b.len()).collect();
    for i in 1..=a.len() {
        let mut row = vec![i; b.len() + 1];
        for j in 1..=b.len() {
            let substitution = last[j - 1] + usize::from(a[i - 1] != b[j - 1]);
            row[j] = substitution.min(last[j] + 1).min(row[j - 1] + 1);
            if i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                row[j] = row[j].min(before[j - 2] + 1);
            }
        }
        before = std::mem::replace(&mut last, row);
    }
    last[b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn near_misses_are_corrected_and_others_are_left_alone() {
        let words = ["refund", "prescription", "delivery", "order", "2026"].map(|word| (word.to_owned(), 1));
        let spelling = Spelling::new(words);
        for (written, meant) in [
            ("refnud", Some("refund")),
            ("perscription", Some("prescription")),
            ("prescripton", Some("prescription")),
            ("delivry", Some("delivery")),
            ("ordr", Some("order")),
            ("banana", None),
            ("odr", None),
            ("2027", None),
        ] {
            assert_eq!(spelling.correct(written), meant, "{written}");
        }
    }

    #[test]
    fn the_distance_counts_a_swap_as_one() {
        assert_eq!(distance("abcd", "abdc"), 1);
        assert_eq!(distance("", "abc"), 3);
        assert_eq!(distance("kitten", "sitting"), 3);
    }
}
