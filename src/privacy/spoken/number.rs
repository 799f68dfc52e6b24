//! A run of words, written out: one edit per word and one per gap.

use super::word::{Spoken, Word};

/// One edit: the view's bytes `start..end` and what they are read as.
pub(crate) type Edit = (usize, usize, String);

/// Turns the run into edits, if it is one, and empties it.
pub(super) fn close(text: &str, run: &mut Vec<Word>, edits: &mut Vec<Edit>) {
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
    let ninety = matches!(run.as_slice(), [word] if word.says == Spoken::Tens(90) && may_be_age(text, word));
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

/// Whether "ninety" may be an age; other languages say of what.
fn may_be_age(text: &str, word: &Word) -> bool {
    let rest = text[word.end..].trim_start();
    text[word.start..word.end].eq_ignore_ascii_case("ninety")
        || ["años", "anos", "anni", "jahre", "jaar", "lat"]
            .iter()
            .any(|years| rest.starts_with(years))
}

/// Where letters that spell a cue begin and end in `run`: "s s n five one two", "expires oh three twenty seven c v v nine oh two".
pub(super) fn cue_edges(run: &[Word]) -> Vec<usize> {
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
pub(super) fn write_run(text: &str, run: &[Word], only_singles: bool, edits: &mut Vec<Edit>) {
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
pub(super) fn number(text: &str, run: &[Word]) -> (usize, String) {
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
    if let Some(said) = romance_tens(text, run) {
        return said;
    }
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

/// Whether a word of a run joins tens and ones: "sesenta y uno", "vingt et un".
pub(super) fn joins_ones(word: &str) -> bool {
    ["y", "e", "et"]
        .iter()
        .any(|known| word.eq_ignore_ascii_case(known))
}

/// Tens with ones behind "y", "e" or "et", and the French ones that are counted in twenties: "soixante-dix-huit", "quatre-vingt-deux". The words
/// taken and the digits.
fn romance_tens(text: &str, run: &[Word]) -> Option<(usize, String)> {
    let said = |at: usize| run.get(at).map_or("", |word| &text[word.start..word.end]);
    let is = |at: usize, words: &[&str]| words.iter().any(|word| word.eq_ignore_ascii_case(said(at)));
    let joined =
        |at: usize| run.get(at).is_some_and(|word| word.says == Spoken::Filler) && joins_ones(said(at));
    let ones = |at: usize| match run.get(at)?.says {
        Spoken::Digit(digit) if digit > 0 => Some(digit),
        _ => None,
    };
    let (tens, mut at) = if is(0, &["quatre"]) && is(1, &["vingt", "vingts"]) {
        (80, 2)
    } else if is(0, &["soixante"]) {
        (60, 1)
    } else if is(0, &["dix"]) && is(1, &["sept", "huit", "neuf"]) {
        (10, 1)
    } else {
        match run.first()?.says {
            Spoken::Tens(tens) if joined(1) || is(0, &["vingt", "trente", "quarante", "cinquante"]) => {
                (tens, 1)
            }
            _ => return None,
        }
    };
    at += usize::from(joined(at));
    if tens >= 60
        && let Some(Spoken::Teen(teen)) = run.get(at).map(|word| &word.says)
    {
        let teens = is(at, &["dix"]) && is(at + 1, &["sept", "huit", "neuf"]);
        let more = if teens {
            ones(at + 1).unwrap_or_default()
        } else {
            0
        };
        return Some((at + 1 + usize::from(teens), (tens + teen + more).to_string()));
    }
    Some(match ones(at) {
        Some(ones) => (at + 1, (tens + ones).to_string()),
        None => (at, tens.to_string()),
    })
}

/// What follows "one hundred" where it is "and" and a number below it; "eight hundred five five five" goes on as digits. The words
/// taken and the value.
pub(super) fn and_below_hundred(text: &str, rest: &[Word]) -> (usize, u32) {
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
pub(super) fn below_thousand(rest: &[Word]) -> (usize, u32) {
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
