//! What one word says inside a spoken number: a digit, a ten, "double", a letter of a code, a mark, or nothing.

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

pub(super) fn meaning(word: &str) -> Option<Spoken> {
    use Spoken::*;
    if word.len() > 9 {
        return word.bytes().all(|b| b.is_ascii_digit()).then_some(Literal);
    }
    if word.as_bytes().first().is_some_and(u8::is_ascii_digit) {
        return word.bytes().all(|b| b.is_ascii_digit()).then_some(Literal);
    }
    let lower = word.to_ascii_lowercase();
    Some(match lower.as_str() {
        "zero" | "nought" | "naught" | "aught" | "cero" => Digit(0),
        "oh" | "o" | "ow" => Oh,
        "one" | "uno" => Digit(1),
        "two" | "dos" => Digit(2),
        "three" | "tree" | "tres" => Digit(3),
        "four" | "fower" | "cuatro" => Digit(4),
        "five" | "fife" | "cinco" => Digit(5),
        "six" | "seis" => Digit(6),
        "seven" | "siete" => Digit(7),
        "eight" | "ocho" => Digit(8),
        "nine" | "niner" | "nueve" => Digit(9),
        "ten" => Teen(10),
        "eleven" => Teen(11),
        "twelve" => Teen(12),
        "thirteen" => Teen(13),
        "fourteen" => Teen(14),
        "fifteen" => Teen(15),
        "sixteen" => Teen(16),
        "seventeen" => Teen(17),
        "eighteen" => Teen(18),
        "nineteen" => Teen(19),
        "twenty" => Tens(20),
        "thirty" => Tens(30),
        "forty" | "fourty" => Tens(40),
        "fifty" => Tens(50),
        "sixty" => Tens(60),
        "seventy" => Tens(70),
        "eighty" => Tens(80),
        "ninety" => Tens(90),
        "hundred" => Hundred,
        "thousand" => Thousand,
        "double" => Times(2),
        "triple" | "treble" => Times(3),
        "quadruple" => Times(4),
        "dash" | "hyphen" | "minus" => Mark("-"),
        "dot" | "point" | "period" => Mark("."),
        "slash" | "stroke" => Mark("/"),
        "space" | "pause" | "comma" => Mark(" "),
        "plus" => Mark("+"),
        "uh" | "um" | "er" | "erm" | "uhh" | "umm" | "hmm" | "and" | "then" | "like" | "the" | "ok"
        | "okay" | "yeah" | "that's" | "thats" | "its" | "so" | "sorry" | "wait" | "actually"
        | "correction" | "oops" => Filler,
        _ => return None,
    })
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
        while at < bytes.len() && part(bytes[at]) {
            at += 1;
        }
        split(text, start, at, &mut words);
    }
    words
}

/// Splits `start..end` where letters that are a number word meet digits.
pub(super) fn split(text: &str, start: usize, end: usize, words: &mut Vec<(usize, usize)>) {
    let bytes = &text.as_bytes()[start..end];
    let mixed = bytes.iter().any(u8::is_ascii_digit) && bytes.iter().any(u8::is_ascii_alphabetic);
    if !mixed || bytes.len() > 64 {
        return words.push((start, end));
    }
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
