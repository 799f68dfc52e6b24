//! Undoes spoken and spelled-out digits: "four one five, double five five, oh one two three" is read as `415 555 0123`.
//!
//! Finds runs of number words and single digits and returns the edits that turn each into digits, one edit per word, so
//! that a finding inside a run masks exactly the words it covers. A run must hold at least three digits and two number
//! words (or five single digits), so "take one or two tablets" and "one question" stay as they are.

mod number;
mod word;

pub(crate) use word::NUMBER_WORDS;

pub(crate) use number::Edit;
use number::{close, joins_ones};
use word::{Spoken, Told, Word, letter, meaning, weak_number, words};

use super::scan::Scan;

/// Whether the text holds five digits that stand alone, or digits that touch letters, as spelled numbers do.
fn has_lone_digits(text: &str) -> bool {
    let bytes = text.as_bytes();
    let mut alone = 0;
    let mut last = 0;
    for (at, byte) in bytes.iter().enumerate() {
        if byte.is_ascii_digit() {
            let before = at.checked_sub(1).and_then(|before| bytes.get(before));
            let after = bytes.get(at + 1);
            let apart = |other: Option<&u8>| other.is_none_or(|b| !b.is_ascii_alphanumeric());
            if before.is_some_and(|b| {
                matches!(
                    b.to_ascii_lowercase(),
                    b'e' | b'o' | b'r' | b'x' | b'n' | b't' | b'y'
                )
            }) || after.is_some_and(|b| b.is_ascii_alphabetic())
                && after.is_some_and(|b| {
                    matches!(
                        b.to_ascii_lowercase(),
                        b'z' | b'o' | b't' | b'f' | b's' | b'e' | b'n' | b'd'
                    )
                })
            {
                return true;
            }
            if apart(before) && apart(after) {
                alone = if at - last <= 5 { alone + 1 } else { 1 };
                last = at;
                if alone >= 5 {
                    return true;
                }
            }
        }
    }
    false
}

/// The words of somebody who hesitates, each with the blank before it, to be left out of what recognizers read: "robert uh castellanos". In texts with
/// an "uh" alone: "um" and "er" are words of other languages.
pub(crate) fn fillers(text: &str) -> Vec<(usize, usize, String)> {
    const FILLERS: [&str; 8] = ["uh", "um", "er", "erm", "uhh", "umm", "uhm", "hmm"];
    let mut edits = Vec::new();
    let mut at = 0;
    for word in text.split(' ') {
        let end = at + word.len();
        if at > 0 && FILLERS.iter().any(|filler| filler.eq_ignore_ascii_case(word)) {
            edits.push((at - 1, end, String::new()));
        }
        at = end + 1;
    }
    edits
}

/// The edits that write out the spoken numbers of `text`, in order.
///
/// `scan` says how many of [`NUMBER_WORDS`] the text holds.
pub(crate) fn edits(text: &str, scan: &Scan<'_>) -> Vec<Edit> {
    let (traits, number_words) = (&scan.traits, scan.cues.numbers);
    let misread = if traits.misread { misread(text) } else { Vec::new() };
    // One number word alone is no number, unless a digit goes with it or it may be an age.
    let spoken = number_words > 1 || number_words == 1 && (traits.digits > 0 || holds_ninety(text));
    if !(spoken || traits.digits > 4 && has_lone_digits(text)) {
        return misread;
    }
    let words = words(text);
    let mut told = Told::default();
    let mut edits = Vec::new();
    let mut run: Vec<Word> = Vec::new();
    let mut at = 0;
    while let Some(&(start, end)) = words.get(at) {
        if run.last().is_some_and(|last| !joins(&text[last.end..start])) {
            close(text, &mut run, &mut edits);
        }
        let word = &text[start..end];
        let next = words
            .get(at + 1)
            .filter(|next| joins(&text[end..next.0]))
            .map(|next| &text[next.0..next.1]);
        // "last four" announces a number and is no part of it.
        let announces = run.is_empty()
            && matches!(word, "four" | "4")
            && at
                .checked_sub(1)
                .is_some_and(|before| text[words[before].0..words[before].1].eq_ignore_ascii_case("last"))
            // "and the three digits are".
            || next.is_some_and(|next| next.eq_ignore_ascii_case("digits") || next.eq_ignore_ascii_case("digit"));
        let mut says = meaning(word);
        if matches!(says, None | Some(Spoken::Filler))
            && let Some(number) = weak_number(text, &words, word, &mut told)
        {
            says = Some(number);
        }
        let (says, taken) = match says {
            _ if announces => (None, 1),
            // "sesenta y uno", "vingt et un".
            _ if joins_ones(word)
                && run
                    .last()
                    .is_some_and(|last| matches!(last.says, Spoken::Tens(_))) =>
            {
                (Some(Spoken::Filler), 1)
            }
            Some(Spoken::Filler) if run.is_empty() => (None, 1),
            // "d o b": between letters, o is one.
            Some(Spoken::Oh)
                if matches!(run.last(), Some(word) if matches!(word.says, Spoken::Letter(_)))
                    && next
                        .is_some_and(|next| next.len() == 1 && next.as_bytes()[0].is_ascii_alphabetic()) =>
            {
                (Some(Spoken::Letter('o')), 1)
            }
            Some(says) => (Some(says), 1),
            None => letter(text, &words[at..], &run, next),
        };
        let end = words.get(at + taken - 1).map_or(end, |last| last.1);
        match says {
            Some(says) => run.push(Word { start, end, says }),
            None => close(text, &mut run, &mut edits),
        }
        at += taken;
    }
    close(text, &mut run, &mut edits);
    if !misread.is_empty() {
        edits.extend(misread);
        edits.sort_by_key(|edit| edit.0);
        edits.dedup_by(|later, earlier| later.0 < earlier.1);
    }
    edits
}

fn holds_ninety(text: &str) -> bool {
    text.as_bytes()
        .windows(6)
        .any(|word| word.eq_ignore_ascii_case(b"ninety"))
}

/// Letters among digits that are meant as digits: `O3/14/1985`, `4l5-555-0132`, `5l2-88-44lO`. A word of nothing but digits and such
/// letters is a number.
fn misread(text: &str) -> Vec<Edit> {
    let bytes = text.as_bytes();
    let stands_in = |byte: u8| match byte {
        b'O' | b'o' => Some("0"),
        b'l' | b'I' => Some("1"),
        _ => None,
    };
    let part = |byte: u8| byte.is_ascii_alphanumeric() || byte >= 0x80;
    let mut edits = Vec::new();
    let mut at = 0;
    while at < bytes.len() {
        let start = at;
        let (mut digits, mut letters, mut other) = (0, 0, 0);
        while at < bytes.len() && part(bytes[at]) {
            digits += usize::from(bytes[at].is_ascii_digit());
            letters += usize::from(stands_in(bytes[at]).is_some());
            other += usize::from(!bytes[at].is_ascii_digit() && stands_in(bytes[at]).is_none());
            at += 1;
        }
        // "2l" is a measure.
        let measure = at - start == 2 && bytes[at - 1] == b'l';
        if digits > 0 && letters > 0 && other == 0 && !measure {
            edits.extend((start..at).filter_map(|letter| {
                stands_in(bytes[letter]).map(|digit| (letter, letter + 1, digit.to_owned()))
            }));
        }
        at += usize::from(at == start);
    }
    edits
}

/// Whether the gap between two words can lie inside a number.
fn joins(gap: &str) -> bool {
    gap.len() <= 5
        && gap.bytes().all(|b| {
            matches!(
                b,
                b' ' | b',' | b'.' | b'-' | b'\t' | b'/' | b'(' | b')' | b'_' | b'~' | b'*' | b'|'
            )
        })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::privacy::compiled::BUILTIN;
    use crate::privacy::normalise::View;

    fn read(text: &str) -> String {
        View::fold(text)
            .edited(&edits(text, &Scan::of(text, &BUILTIN.lexicon)))
            .text()
            .to_owned()
    }

    #[test]
    fn spoken_digits_are_written_out() {
        for (said, seen) in [
            ("one two three forty five six seven eight nine", "123456789"),
            (
                "four one five, double five five, oh one two three",
                "415 555 0123",
            ),
            (
                "one two three dash four five dash six seven eight nine",
                "123-45-6789",
            ),
            ("born nineteen eighty five", "born 1985"),
            ("it is two thousand and five", "it is 2005"),
            ("two thousand twenty four", "2024"),
            ("1 2 3 4 5 6 7 8 9", "123456789"),
            ("1 2 3 - 4 5 - 6 7 8 9", "123-45-6789"),
            ("1-2-3-4-5-6-7-8-9", "123456789"),
            ("123 four five 6789", "123 45 6789"),
            ("one eight hundred five five five", "1800555"),
            ("triple zero one two", "00012"),
            ("four thousand one hundred eleven", "4111"),
            ("five12-four4-9081", "512-44-9081"),
            ("x e h one two three", "xeh123"),
            ("d as in david one two three", "d123"),
            ("s s n five one two", "ssn 512"),
            (
                "oh nine twenty eight and the three digits are five one seven",
                "0928 and the three digits are 517",
            ),
            ("null eins fünf eins zwei drei vier acht", "01512348"),
            ("null eins siebenundsechzig dreißig", "016730"),
            ("zéro six trente-neuf quatre-vingt-dix-huit zéro un", "06399801"),
            (
                "soixante-dix soixante et onze quatre-vingt vingt et un",
                "70718021",
            ),
            ("tre due sei cinquantadue trentatré quattro cinque", "326523345"),
            ("um um nove cinco meia sete", "119567"),
            ("nul zes een twee eenentwintig", "061221"),
            ("seis sesenta y uno cuarenta veintidós", "6614022"),
            ("sifir beş bir iki", "0512"),
            ("sześć zero pięć jeden", "6051"),
        ] {
            assert_eq!(read(said), seen);
        }
    }

    #[test]
    fn ordinary_numbers_of_words_stay() {
        for text in [
            "take one or two tablets",
            "I have one question",
            "two bottles and three boxes",
            "192.168.1.1",
            "between 5 and 6",
            "the refill is due one week before, um, sept five",
            "nimm eins oder zwei, un peu, een of twee",
            "sei quattro volte",
        ] {
            assert_eq!(read(text), text);
        }
    }

    #[test]
    fn a_text_of_weak_words_is_walked_a_few_times() {
        // To look at every word again for each would take an hour.
        let text = format!("one two {}", "un ".repeat(300_000));
        // Only "one two" is read.
        assert_eq!(edits(&text, &Scan::of(&text, &BUILTIN.lexicon)).len(), 3);
    }

    #[test]
    fn no_weak_word_tells_of_itself() {
        for (_, weak, telling) in word::WEAK {
            for known in weak.split(' ') {
                assert!(telling.split(' ').all(|telling| telling != known), "{known}");
            }
        }
    }
}
