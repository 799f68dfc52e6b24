//! Small numbers as people write them: in digits, or in a word. What is neither is none.

/// In words, from zero on.
const WORDS: [&str; 13] = [
    "zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve",
];

/// The number that a lower-case word or digits stand for.
pub(super) fn small_number(text: &str) -> Option<u16> {
    let word = (0..).zip(WORDS).find(|(_, word)| *word == text);
    word.map(|(number, _)| number).or_else(|| text.parse().ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digits_and_words_are_numbers() {
        for (text, number) in [
            ("zero", Some(0)),
            ("twelve", Some(12)),
            ("120", Some(120)),
            ("thirteen", None),
            ("99999", None),
            ("", None),
        ] {
            assert_eq!(small_number(text), number, "{text}");
        }
    }
}
