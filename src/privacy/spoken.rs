//! Undoes spoken and spelled-out digits: "four one five, double five five, oh one two three" is read as `415 555 0123`.
//!
//! Finds runs of number words and single digits and returns the edits that turn each into digits, one edit per word, so
//! that a finding inside a run masks exactly the words it covers. A run must hold at least three digits and two number
//! words (or five single digits), so "take one or two tablets" and "one question" stay as they are.

use super::traits::Traits;

/// One edit: the view's bytes `start..end` and what they are read as.
pub(crate) type Edit = (usize, usize, String);

/// What a word says inside a number.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Spoken {
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

fn meaning(word: &str) -> Option<Spoken> {
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
struct Word {
    start: usize,
    end: usize,
    says: Spoken,
}

/// The number words that make a text worth reading, with commas between.
pub(crate) const NUMBER_WORDS: &str = "zero, nought, naught, one, two, three, four, five, six, seven, eight, nine, ten, eleven, twelve, thirteen, \
     fourteen, fifteen, sixteen, seventeen, eighteen, nineteen, twenty, thirty, forty, fourty, fifty, sixty, seventy, eighty, ninety, double, triple, \
     cero, uno, dos, tres, cuatro, cinco, seis, siete, ocho, nueve, niner, hundred, thousand";

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

/// The edits that write out the spoken numbers of `text`, in order.
///
/// `number_words` is how many of [`NUMBER_WORDS`] the text holds.
pub(crate) fn edits(text: &str, number_words: usize, traits: &Traits) -> Vec<Edit> {
    let misread = if traits.misread { misread(text) } else { Vec::new() };
    // One number word alone is no number, unless a digit goes with it or it may be an age.
    let spoken = number_words > 1 || number_words == 1 && (traits.digits > 0 || holds_ninety(text));
    if !(spoken || traits.digits > 4 && has_lone_digits(text)) {
        return misread;
    }
    let words = words(text);
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
                .is_some_and(|before| text[words[before].0..words[before].1].eq_ignore_ascii_case("last"));
        let (says, taken) = match meaning(word) {
            _ if announces => (None, 1),
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

/// What a word that is no number says: a letter ("d", "d as in david", "delta"), or a digit that was misheard ("for"). The
/// number of words it takes, too.
fn letter(text: &str, words: &[(usize, usize)], run: &[Word], next: Option<&str>) -> (Option<Spoken>, usize) {
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
const NATO: &[&str] = &[
    "alpha", "alfa", "bravo", "charlie", "delta", "echo", "foxtrot", "golf", "hotel", "india", "juliet",
    "juliett", "kilo", "lima", "mike", "november", "oscar", "papa", "quebec", "romeo", "sierra", "tango",
    "uniform", "victor", "whiskey", "whisky", "xray", "yankee", "zulu",
];

/// Runs of letters and apostrophes, and of digits: "four1five" is three words, "b12" is one.
fn words(text: &str) -> Vec<(usize, usize)> {
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
fn split(text: &str, start: usize, end: usize, words: &mut Vec<(usize, usize)>) {
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

/// Turns the run into edits, if it is one, and empties it.
fn close(text: &str, run: &mut Vec<Word>, edits: &mut Vec<Edit>) {
    while run.last().is_some_and(|word| {
        matches!(
            word.says,
            Spoken::Filler | Spoken::Mark(_) | Spoken::Times(_) | Spoken::Letter('a' | 'i')
        )
    }) {
        run.pop();
    }
    let head = run
        .iter()
        .take_while(|word| matches!(word.says, Spoken::Filler | Spoken::Mark("-" | "." | "/" | " ")))
        .count();
    run.drain(..head);
    let (mut spoken, mut single, mut literal, mut dots) = (0, 0, 0, 0);
    for word in run.iter() {
        match word.says {
            Spoken::Literal if word.end - word.start == 1 => single += 1,
            Spoken::Literal => literal += 1,
            Spoken::Mark("." | "/") => dots += 1,
            Spoken::Filler | Spoken::Mark(_) | Spoken::Thousand | Spoken::Letter(_) => {}
            _ => spoken += 1,
        }
    }
    // "ninety" alone may be an age.
    let ninety = matches!(run.as_slice(), [word] if word.says == Spoken::Tens(90));
    if ninety
        || dots >= 2
        || spoken >= 2
        || (spoken >= 1 && single + literal >= 1)
        || (single >= 5 && single >= 2 * literal)
    {
        write_run(text, run, spoken == 0, edits);
    }
    run.clear();
}

/// Where letters that spell a cue begin and end in `run`: "s s n five one two", "expires oh three twenty seven c v v nine oh two".
fn cue_edges(run: &[Word]) -> Vec<usize> {
    const CUES: [&str; 16] = [
        "ssn", "dob", "mrn", "npi", "dea", "pin", "nhs", "vin", "cvv", "cvc", "mbi", "exp", "id", "dl", "rx",
        "ip",
    ];
    let mut edges = Vec::new();
    let mut at = 0;
    while at < run.len() {
        let letters: String = run[at..]
            .iter()
            .map_while(|word| match word.says {
                Spoken::Letter(letter) => Some(letter),
                _ => None,
            })
            .collect();
        // Two letters are a cue only where nothing stands before them.
        if let Some(cue) = CUES
            .iter()
            .find(|cue| letters.starts_with(**cue) && (at == 0 || cue.len() > 2))
        {
            edges.extend([at, at + cue.len()]);
        }
        at += letters.len().max(1);
    }
    edges
}

/// One edit per word and one per gap.
fn write_run(text: &str, run: &[Word], only_singles: bool, edits: &mut Vec<Edit>) {
    let apart = cue_edges(run);
    let wide = |word: &Word| matches!(word.says, Spoken::Literal) && word.end - word.start > 1;
    let mut at = 0;
    let mut last_end: Option<usize> = None;
    while let Some(word) = run.get(at) {
        let (taken, digits) = number(text, &run[at..]);
        if let Some(gap_start) = last_end
            && gap_start < word.start
        {
            let gap = &text[gap_start..word.start];
            let before = at.checked_sub(1).map(|before| &run[before]);
            let beside_literal = wide(word) || before.is_some_and(wide);
            let marked = matches!(word.says, Spoken::Mark(_))
                || before.is_some_and(|before| matches!(before.says, Spoken::Mark(_)));
            let separator = if apart.contains(&at) {
                " "
            } else if marked {
                ""
            } else if gap.contains('-') && (gap.len() > 1 || beside_literal) {
                "-"
            } else if only_singles && !gap.contains(['(', ')', '/']) {
                ""
            } else if gap.contains('/') {
                "/"
            } else if gap.contains([',', '.', '(', ')']) || beside_literal {
                " "
            } else {
                ""
            };
            edits.push((gap_start, word.start, separator.to_owned()));
        }
        let end = run[at + taken - 1].end;
        edits.push((word.start, end, digits));
        last_end = Some(end);
        at += taken;
    }
}

/// The number that begins `run`: how many words it takes, and its digits.
fn number(text: &str, run: &[Word]) -> (usize, String) {
    let Some(word) = run.first() else {
        return (1, String::new());
    };
    let next = run.get(1);
    let digit_of = |word: &Word| match word.says {
        Spoken::Digit(digit) => Some(digit),
        Spoken::Oh => Some(0),
        Spoken::Literal if word.end - word.start == 1 => text.as_bytes().get(word.start).map(|b| b - b'0'),
        _ => None,
    };
    let next_digit = next.and_then(digit_of);
    let close_to_next = next.is_some_and(|next| matches!(&text[word.end..next.start], " " | "-" | "  "));
    match (&word.says, next_digit) {
        (Spoken::Times(times), Some(digit)) => (2, digit.to_string().repeat(usize::from(*times))),
        (Spoken::Times(_) | Spoken::Filler, _) => (1, String::new()),
        (Spoken::Tens(tens), Some(digit)) if digit > 0 && close_to_next => (2, (tens + digit).to_string()),
        (Spoken::Tens(tens) | Spoken::Teen(tens), _) => match next.map(|next| &next.says) {
            Some(Spoken::Hundred) => (2, format!("{tens}00")),
            _ => (1, tens.to_string()),
        },
        (Spoken::Digit(digit), _) => match next.map(|next| &next.says) {
            Some(Spoken::Hundred) => {
                let (taken, rest) = and_below_hundred(text, &run[2..]);
                if taken > 0 {
                    (2 + taken, (u32::from(*digit) * 100 + rest).to_string())
                } else {
                    (2, format!("{digit}00"))
                }
            }
            Some(Spoken::Thousand) => {
                let (taken, rest) = below_thousand(&run[2..]);
                (2 + taken, (u32::from(*digit) * 1000 + rest).to_string())
            }
            _ => (1, digit.to_string()),
        },
        (Spoken::Oh, _) => (1, "0".to_owned()),
        (Spoken::Literal, _) => (1, text[word.start..word.end].to_owned()),
        (Spoken::Mark(mark), _) => (1, (*mark).to_owned()),
        (Spoken::Letter(letter), _) => (1, letter.to_string()),
        (Spoken::Hundred, _) => match and_below_hundred(text, &run[1..]) {
            (0, _) => (1, "00".to_owned()),
            (taken, rest) => (1 + taken, (100 + rest).to_string()),
        },
        (Spoken::Thousand, _) => (1, "000".to_owned()),
    }
}

/// What follows "one hundred" where it is "and" and a number below it; "eight hundred five five five" goes on as digits. The words
/// taken and the value.
fn and_below_hundred(text: &str, rest: &[Word]) -> (usize, u32) {
    match rest.first() {
        Some(word) if text[word.start..word.end].eq_ignore_ascii_case("and") => {
            match below_thousand(&rest[1..]) {
                (0, _) => (0, 0),
                (_, value) if value >= 100 => (0, 0),
                (taken, value) => (1 + taken, value),
            }
        }
        _ => (0, 0),
    }
}

/// What follows "two thousand": "(and) five", "twenty four", "one hundred eleven". The words taken and the value.
fn below_thousand(rest: &[Word]) -> (usize, u32) {
    let says = |at: usize| rest.get(at).map(|word| &word.says);
    let mut at = usize::from(says(0) == Some(&Spoken::Filler));
    let mut value = 0;
    if let (Some(Spoken::Digit(hundreds)), Some(Spoken::Hundred)) = (says(at), says(at + 1)) {
        value = u32::from(*hundreds) * 100;
        at += 2;
        at += usize::from(says(at) == Some(&Spoken::Filler));
    }
    match (says(at), says(at + 1)) {
        (Some(Spoken::Tens(tens)), Some(Spoken::Digit(unit))) if *unit > 0 => {
            (at + 2, value + u32::from(tens + unit))
        }
        (Some(Spoken::Tens(tens) | Spoken::Teen(tens)), _) => (at + 1, value + u32::from(*tens)),
        (Some(Spoken::Digit(_)), Some(Spoken::Digit(_) | Spoken::Oh)) if value == 0 => (0, 0),
        (Some(Spoken::Digit(unit)), _) if *unit > 0 => (at + 1, value + u32::from(*unit)),
        _ if value > 0 => (at, value),
        _ => (0, 0),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::privacy::normalise::View;

    fn read(text: &str) -> String {
        View::fold(text)
            .edited(&edits(text, 2, &Traits::of(text)))
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
        ] {
            assert_eq!(read(text), text);
        }
    }
}
