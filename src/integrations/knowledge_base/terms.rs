//! From text to search terms: lower case, word by word, without the words every question has, stemmed.
//!
//! The same steps for articles and for questions, so that both meet. Words keep their digits (`90`); apostrophes
//! vanish (`doesn't` is `doesnt`).

use frostem::{Algorithm, Stemmer};

/// Words that say nothing about what a question is about: English function words and the small talk around a question.
#[rustfmt::skip]
const STOP_WORDS: &[&str] = &[
    "a", "able", "about", "actual", "actually", "advise", "afraid", "after", "afternoon", "again", "ah", "ain",
    "aint", "all", "also", "am", "an", "and", "any", "anybody", "anyhow", "anyone", "anything", "anyway",
    "anyways", "appreciate", "approx", "are", "as", "ask", "asking", "assist", "at", "basically", "bc", "be",
    "because", "been", "before", "being", "believe", "best", "bit", "bother", "btw", "buddy", "but", "by",
    "bye", "can", "cannot", "cant", "cheers", "clarify", "concerning", "cordially", "could", "couldnt",
    "course", "coz", "curious", "currently", "customer", "cuz", "dear", "did", "didnt", "do", "does", "doesnt",
    "doing", "dont", "dunno", "each", "eh", "else", "er", "even", "evening", "ever", "every", "exactly",
    "explain", "faithfully", "find", "folks", "for", "from", "fyi", "generally", "gents", "get", "gets",
    "getting", "give", "go", "going", "gonna", "good", "got", "gotta", "grateful", "greetings", "guess",
    "guys", "had", "happen", "happened", "happening", "happens", "has", "have", "havent", "having", "he",
    "heard", "hello", "help", "her", "here", "hes", "hey", "hi", "him", "his", "hiya", "hmm", "honestly",
    "hope", "hoping", "how", "however", "hows", "i", "id", "idk", "if", "ill", "im", "in", "info", "inform",
    "information", "into", "is", "isnt", "it", "its", "ive", "just", "kind", "kinda", "kindly", "know",
    "lemme", "let", "lets", "like", "literally", "lol", "looking", "lot", "lots", "madam", "make", "many",
    "mate", "may", "maybe", "me", "mean", "might", "mine", "mm", "moment", "more", "morning", "much", "must",
    "my", "myself", "need", "needs", "never", "no", "normal", "normally", "not", "now", "o", "of", "off", "oh",
    "ok", "okay", "on", "one", "only", "or", "other", "our", "out", "over", "own", "people", "per", "perhaps",
    "please", "pls", "plz", "possible", "question", "questions", "quick", "quickly", "quite", "r",
    "rather", "re", "read", "really", "regarding", "regards", "roughly", "s", "saw", "say", "says", "see",
    "seem", "seemed", "seems", "seen", "seriously", "service", "services", "shall", "she", "shes", "should",
    "shouldnt", "simply", "sincerely", "sir", "so", "some", "somebody", "someone", "something", "somewhere",
    "sorry", "sorta", "still", "stuff", "subject", "such", "supposed", "sure", "t", "take", "team", "tell",
    "than", "thank", "thanks", "that", "thats", "the", "their", "them", "then", "there", "theres", "these",
    "they", "theyd", "theyre", "theyve", "thing", "things", "think", "this", "tho", "those", "thought",
    "through", "thx", "to", "today", "too", "try", "trying", "ty", "typically", "u", "uh", "uhm", "um",
    "unable", "understand", "until", "upon", "ur", "us", "use", "used", "using", "usually", "very", "via", "w",
    "wanna", "want", "wanted", "warm", "was", "wasnt", "wat", "way", "we", "wed", "well", "were", "weve",
    "what", "whatever", "whats", "when", "whenever", "where", "wheres", "whether", "which", "while", "who",
    "whom", "whos", "whose", "wht", "why", "will", "wish", "with", "within", "without", "won", "wonder",
    "wondering", "wont", "would", "wouldnt", "wouldve", "y", "ya", "yall", "yeah", "yes", "yet", "you", "your",
    "youre", "yours", "yous", "youve",
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
