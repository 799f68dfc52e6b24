//! What one word says inside a spoken number: a digit, a ten, "double", a letter of a code, a mark, or nothing.

use std::sync::LazyLock;

use crate::privacy::word_hash::hash;

/// What a word says inside a number.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Spoken {
    /// One digit, 0 to 9, as a word.
    Digit(u8),
    /// "oh": a zero, but only next to another number word.
    Oh,
    /// 10 to 19.
    Teen(u8),
    /// 20, 30 ... 90.
    Tens(u8),
    Hundred,
    Thousand,
    /// "double", "triple": how often the next digit is said.
    Times(u8),
    /// Digits as digits.
    Literal,
    /// A letter of a code.
    Letter(char),
    /// "dash", "dot", "slash".
    Mark(&'static str),
    /// "uh", "and", "then": nothing, if numbers follow.
    Filler,
}

/// What words say.
const MEANINGS: &[(Spoken, &str)] = {
    use Spoken::*;
    &[
        (Digit(0), "zero nought naught aught cero"),
        (Oh, "oh o ow"),
        (Digit(1), "one uno"),
        (Digit(2), "two dos"),
        (Digit(3), "three tree tres"),
        (Digit(4), "four fower cuatro"),
        (Digit(5), "five fife cinco"),
        (Digit(6), "six seis"),
        (Digit(7), "seven siete"),
        (Digit(8), "eight ocho"),
        (Digit(9), "nine niner nueve"),
        (Teen(10), "ten"),
        (Teen(11), "eleven"),
        (Teen(12), "twelve"),
        (Teen(13), "thirteen"),
        (Teen(14), "fourteen"),
        (Teen(15), "fifteen"),
        (Teen(16), "sixteen"),
        (Teen(17), "seventeen"),
        (Teen(18), "eighteen"),
        (Teen(19), "nineteen"),
        (Tens(20), "twenty"),
        (Tens(30), "thirty"),
        (Tens(40), "forty fourty"),
        (Tens(50), "fifty"),
        (Tens(60), "sixty"),
        (Tens(70), "seventy"),
        (Tens(80), "eighty"),
        (Tens(90), "ninety"),
        (Hundred, "hundred"),
        (Thousand, "thousand"),
        (Times(2), "double"),
        (Times(3), "triple treble"),
        (Times(4), "quadruple"),
        (Mark("-"), "dash hyphen minus"),
        (Mark("."), "dot point period"),
        (Mark("/"), "slash stroke"),
        (Mark(" "), "space pause comma"),
        (Mark("+"), "plus"),
        (
            Filler,
            "uh um er erm uhh umm hmm and then like the ok okay yeah that's thats its so sorry wait actually correction oops",
        ),
    ]
};

/// [`MEANINGS`], by each word's hash, in order.
static SAID: LazyLock<Vec<(u64, Spoken)>> = LazyLock::new(|| {
    let mut said: Vec<(u64, Spoken)> = MEANINGS
        .iter()
        .flat_map(|(says, words)| words.split(' ').map(|word| (hash(word), says.clone())))
        .collect();
    said.sort_by_key(|(hash, _)| *hash);
    said
});

/// Which lengths the words of [`MEANINGS`] have that begin with a letter, as bits: what most words are told by not to be one.
const LENGTHS: [u16; 26] = {
    let mut lengths = [0; 26];
    let mut at = 0;
    while at < MEANINGS.len() {
        let words = MEANINGS[at].1.as_bytes();
        let (mut start, mut end) = (0, 0);
        while end <= words.len() {
            if end == words.len() || words[end] == b' ' {
                lengths[(words[start] - b'a') as usize] |= 1 << (end - start);
                start = end + 1;
            }
            end += 1;
        }
        at += 1;
    }
    lengths
};

/// Longest word of [`MEANINGS`].
const LONGEST: usize = 10;

pub(super) fn meaning(word: &str) -> Option<Spoken> {
    let bytes = word.as_bytes();
    let first = *bytes.first()?;
    if first.is_ascii_digit() || bytes.len() > LONGEST {
        return bytes.iter().all(u8::is_ascii_digit).then_some(Spoken::Literal);
    }
    let lengths = LENGTHS.get(usize::from((first | 0x20).wrapping_sub(b'a')))?;
    if lengths >> bytes.len() & 1 == 0 {
        return None;
    }
    let hash = hash(word);
    let at = SAID.binary_search_by_key(&hash, |(hash, _)| *hash).ok()?;
    Some(SAID[at].1.clone())
}

/// A word of a run.
pub(super) struct Word {
    pub(super) start: usize,
    pub(super) end: usize,
    pub(super) says: Spoken,
}

/// The number words that make a text worth reading, with commas between.
pub(crate) const NUMBER_WORDS: &str = "zero, nought, naught, one, two, three, four, five, six, seven, eight, nine, ten, eleven, twelve, thirteen, \
     fourteen, fifteen, sixteen, seventeen, eighteen, nineteen, twenty, thirty, forty, fourty, fifty, sixty, seventy, eighty, ninety, double, triple, \
     cero, uno, dos, tres, cuatro, cinco, seis, siete, ocho, nueve, niner, hundred, thousand";

/// What a word that is no number says: a letter ("d", "d as in david", "delta"), or a digit that was misheard ("for"). The
/// number of words it takes, too.
pub(super) fn letter(
    text: &str,
    words: &[(usize, usize)],
    run: &[Word],
    next: Option<&str>,
) -> (Option<Spoken>, usize) {
    let word = &text[words[0].0..words[0].1];
    let counts = |says: Option<Spoken>| !matches!(says, None | Some(Spoken::Filler | Spoken::Mark(_)));
    let next_counts = next.is_some_and(|next| counts(meaning(next)) || next.len() == 1);
    // A word of more letters counts beside others only.
    if word.len() > 1 && run.is_empty() && !next_counts {
        return (None, 1);
    }
    let lower = word.to_ascii_lowercase();
    let mut chars = lower.chars();
    match (chars.next(), chars.next()) {
        (Some(letter), None) if letter.is_ascii_alphabetic() => {
            let said = |at: usize| words.get(at).map_or("", |(start, end)| &text[*start..*end]);
            let explains = |word: &str| word.len() > 1 && word.to_ascii_lowercase().starts_with(letter);
            let taken = if said(1).eq_ignore_ascii_case("as")
                && said(2).eq_ignore_ascii_case("in")
                && explains(said(3))
            {
                4
            } else if matches!(said(1), "for" | "like") && explains(said(2)) {
                3
            } else {
                1
            };
            // "a" and "i" are words unless something goes on.
            let goes_on = (next_counts && said(2).len() == 1 && said(2).as_bytes()[0].is_ascii_alphabetic())
                || next.is_some_and(|next| next.len() == 1)
                || (next_counts && !run.is_empty());
            if taken == 1 && matches!(letter, 'a' | 'i') && !goes_on {
                return (None, 1);
            }
            (Some(Spoken::Letter(letter)), taken)
        }
        // "twelve november nineteen fifty five" is a date.
        (Some('n'), _)
            if lower == "november"
                && !matches!(run.last(), Some(last) if matches!(last.says, Spoken::Letter(_))) =>
        {
            (None, 1)
        }
        (Some(letter), _) if NATO.contains(&lower.as_str()) && (!run.is_empty() || next_counts) => {
            (Some(Spoken::Letter(letter)), 1)
        }
        _ if next_counts && run.iter().filter(|word| counts(Some(word.says.clone()))).count() >= 3 => {
            match lower.as_str() {
                "for" => (Some(Spoken::Digit(4)), 1),
                "to" | "too" => (Some(Spoken::Digit(2)), 1),
                "won" => (Some(Spoken::Digit(1)), 1),
                "ate" => (Some(Spoken::Digit(8)), 1),
                _ => (None, 1),
            }
        }
        _ => (None, 1),
    }
}

/// The spelling alphabet of radio and telephone (ICAO).
pub(super) const NATO: &[&str] = &[
    "alpha", "alfa", "bravo", "charlie", "delta", "echo", "foxtrot", "golf", "hotel", "india", "juliet",
    "juliett", "kilo", "lima", "mike", "november", "oscar", "papa", "quebec", "romeo", "sierra", "tango",
    "uniform", "victor", "whiskey", "whisky", "xray", "yankee", "zulu",
];

/// Runs of letters and apostrophes, and of digits: "four1five" is three words, "b12" is one.
pub(super) fn words(text: &str) -> Vec<(usize, usize)> {
    let bytes = text.as_bytes();
    let part = |b: u8| b.is_ascii_alphanumeric() || b == b'\'' || b >= 0x80;
    let mut words = Vec::new();
    let mut at = 0;
    while at < bytes.len() {
        if !part(bytes[at]) {
            at += 1;
            continue;
        }
        let start = at;
        let (mut digits, mut letters) = (false, false);
        while at < bytes.len() && part(bytes[at]) {
            digits |= bytes[at].is_ascii_digit();
            letters |= bytes[at].is_ascii_alphabetic();
            at += 1;
        }
        if digits && letters && at - start <= 64 {
            split(text, start, at, &mut words);
        } else {
            words.push((start, at));
        }
    }
    words
}

/// Splits `start..end` where letters that are a number word meet digits.
pub(super) fn split(text: &str, start: usize, end: usize, words: &mut Vec<(usize, usize)>) {
    let bytes = &text.as_bytes()[start..end];
    let mut pieces = Vec::new();
    let mut from = 0;
    for at in 1..=bytes.len() {
        if at == bytes.len() || bytes[at].is_ascii_digit() != bytes[at - 1].is_ascii_digit() {
            pieces.push((start + from, start + at));
            from = at;
        }
    }
    let spoken = pieces.iter().all(|(from, to)| {
        text.get(*from..*to).is_some_and(|piece| {
            matches!(
                meaning(piece),
                Some(Spoken::Literal | Spoken::Digit(_) | Spoken::Teen(_) | Spoken::Tens(_))
            )
        })
    });
    if spoken {
        words.append(&mut pieces)
    } else {
        words.push((start, end))
    }
}
