//! From text to search terms: lower case, word by word, without the words every question has, stemmed.
//!
//! The same steps for articles and for questions, so that both meet. Words keep their digits (`90`); apostrophes
//! vanish (`doesn't` is `doesnt`).

use frostem::{Algorithm, Stemmer};

/// Words that say nothing about what a question is about: English function words and the small talk around a question.
#[rustfmt::skip]
const STOP_WORDS: &[&str] = &[
    "a", "about", "actually", "after", "afternoon", "again", "ah", "ain", "aint", "all", "also", "am",
    "an", "and", "any", "anybody", "anyone", "anything", "anyway", "anyways", "approx", "are", "as", "ask",
    "asking", "at", "basically", "be", "because", "been", "before", "being", "best", "bit", "but", "by",
    "bye", "can", "cannot", "cant", "cheers", "could", "curious", "currently", "customer", "dear", "did",
    "didnt", "do", "does", "doesnt", "doing", "dont", "each", "else", "er", "even", "evening", "ever",
    "every", "exactly", "explain", "find", "for", "from", "generally", "get", "gets", "getting", "give",
    "go", "going", "gonna", "good", "got", "gotta", "guess", "guys", "had", "happen", "happens", "has",
    "have", "havent", "having", "he", "heard", "hello", "help", "her", "here", "hey", "hi", "him", "his",
    "hiya", "hmm", "how", "hows", "i", "id", "if", "ill", "im", "in", "info", "information", "into", "is",
    "isnt", "it", "its", "ive", "just", "kind", "kinda", "know", "let", "lets", "like", "lol", "looking",
    "lot", "lots", "madam", "make", "many", "may", "maybe", "me", "mean", "might", "mine", "mm", "more",
    "morning", "much", "must", "my", "myself", "need", "needs", "never", "no", "normally", "not", "now",
    "of", "off", "oh", "ok", "okay", "on", "one", "only", "or", "other", "our", "out", "over", "own",
    "people", "per", "please", "pls", "plz", "possible", "question", "questions", "quick", "quickly", "r",
    "re", "read", "really", "regards", "roughly", "s", "saw", "say", "says", "see", "seen", "service",
    "services", "she", "should", "simply", "sincerely", "sir", "so", "some", "somebody", "someone",
    "something", "somewhere", "sorry", "sorta", "still", "stuff", "subject", "such", "supposed", "sure",
    "t", "take", "team", "tell", "than", "thank", "thanks", "that", "thats", "the", "their", "them",
    "then", "there", "theres", "these", "they", "theyre", "thing", "things", "this", "those", "through",
    "to", "today", "too", "try", "trying", "typically", "u", "uh", "uhm", "um", "understand", "until",
    "upon", "ur", "us", "use", "used", "using", "usually", "very", "via", "wanna", "want", "wanted",
    "warm", "was", "wasnt", "way", "we", "well", "were", "what", "whats", "when", "whenever", "where",
    "wheres", "which", "while", "who", "whom", "whose", "why", "will", "with", "within", "without", "won",
    "wondering", "wont", "would", "wouldnt", "ya", "yall", "yeah", "yes", "yet", "you", "your", "youre",
    "yours", "yous",
];

/// Splits and stems text. Cheap to make, not to clone.
#[derive(Clone, Copy)]
pub(super) struct Terms {
    stemmer: Stemmer,
}

impl std::fmt::Debug for Terms {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Terms")
    }
}

/// A word of a text and its stem.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Term {
    /// As written, in lower case.
    pub(super) word: String,
    /// What is indexed.
    pub(super) stem: String,
}

impl Terms {
    pub(super) fn new() -> Self {
        Self {
            stemmer: Stemmer::new(Algorithm::English),
        }
    }

    /// The stem of one lower-case word.
    pub(super) fn stem(self, word: &str) -> String {
        self.stemmer.stem(word).into_owned()
    }

    /// The words of `text` in lower case, in order, with nothing left out.
    pub(super) fn words(text: &str) -> Vec<String> {
        let mut words = Vec::new();
        let mut word = String::new();
        for c in text.chars().chain([' ']) {
            if c.is_alphanumeric() {
                word.extend(c.to_lowercase());
            } else if matches!(c, '\'' | '\u{2019}') {
                // `doesn't` is one word.
            } else if !word.is_empty() {
                words.push(std::mem::take(&mut word));
            }
        }
        words
    }

    /// The terms among `words`, in order, without stop words.
    pub(super) fn of_words(self, words: Vec<String>) -> Vec<Term> {
        words
            .into_iter()
            .filter(|word| !is_stop_word(word))
            .map(|word| Term {
                stem: self.stem(&word),
                word,
            })
            .collect()
    }

    /// The terms of `text`, in order, without stop words.
    pub(super) fn of(self, text: &str) -> Vec<Term> {
        self.of_words(Self::words(text))
    }
}

/// Whether `word` (lower case) says nothing about what a question is about.
pub(super) fn is_stop_word(word: &str) -> bool {
    STOP_WORDS.binary_search(&word).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stop_words_are_sorted_so_that_they_are_found() {
        assert!(STOP_WORDS.is_sorted());
    }

    #[test]
    fn questions_and_articles_meet_in_stems() {
        let stems =
            |text: &str| -> Vec<String> { Terms::new().of(text).into_iter().map(|term| term.stem).collect() };
        assert_eq!(stems("How do I cancel my ORDERS?"), stems("cancelling an order"));
        assert_eq!(stems("doesn\u{2019}t"), Vec::<String>::new());
        assert_eq!(stems("90-day supplies"), ["90", "day", "suppli"]);
    }
}
