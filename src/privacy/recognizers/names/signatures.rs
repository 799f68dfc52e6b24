//! Names that somebody signs with: behind a closing, on a line of their own, behind a dash.

use super::super::pattern::Hit;
use super::cue_frames::ends_clause;
use super::reading::{push, read_name};
use super::word::{Word, word_at};
use crate::privacy::lexicon::Cue;

/// Titles that are words as well, before a signature.
const TITLES: &[&str] = &[
    "sister", "father", "brother", "nurse", "captain", "sergeant", "officer", "deacon", "aunt", "uncle",
    "miss", "lady", "sir", "nana", "grandma", "grandpa", "granny", "mama", "papa", "big", "old",
];

/// A signature: the words after a closing, to the end of their line.
pub(super) fn sign_off(text: &str, cue: &Cue<'_>, at: usize, first: Word<'_>, hits: &mut Vec<Hit>) {
    let passed = &text[cue.end..at];
    let new_line = passed.contains('\n');
    // "Grazie della pazienza".
    if !new_line && first.is_seldom_in_lower_case() {
        return;
    }
    let end = read_name(text, first, false, new_line && first.capital());
    let rest = &text[end..];
    // What may follow a name on its line is short: more marks than these and it is no signature.
    // "Ta, Bex x": kisses.
    let rest = rest.strip_prefix(' ').map_or(rest, |after| {
        let kissed = after.trim_start_matches(['x', 'X']);
        if kissed.is_empty() || kissed.starts_with(['\n', ' ', '.']) {
            kissed
        } else {
            rest
        }
    });
    let ends_line = rest
        .chars()
        .take_while(|c| *c != '\n')
        .take(16)
        .all(|c| !c.is_alphanumeric());
    let signs = rest
        .trim_start_matches(' ')
        .starts_with([',', '(', '|', '-', '–'])
        || ends_line;
    // "Sister Mary Agnes", "m. castillo".
    let next_at = first.end + if text[first.end..].starts_with(". ") { 2 } else { 1 };
    let next = word_at(text, next_at)
        .filter(|next| !next.never() && (next.surname() || next.strange() || next.may_be_given()));
    let titled = first.title_case()
        && next.is_some_and(|next| next.title_case() && (first.is(TITLES) || next.may_be_given()))
        // "love, nana ruth".
        || first.is(TITLES) && next.is_some_and(|next| next.given());
    let abbreviated = first.initial() && text[first.end..].starts_with(['.', ' ']);
    if (new_line || passed.contains(','))
        && (titled || new_line && abbreviated)
        && let Some(next) = next
    {
        let end = read_name(text, next, false, new_line && next.capital());
        if ends_clause(text, end) {
            return push(text, first.start, end, 0.6, hits);
        }
    }
    // "Comfort Mensah": a word that we know as no name, before a surname that is nothing else.
    let before_surname = new_line
        && first.title_case()
        && text[first.end..].starts_with(' ')
        && next.is_some_and(|next| {
            next.title_case() && next.surname() && next.strange() && ends_clause(text, next.end)
        });
    if first.never() || (first.common() && !first.may_be_given() && !first.surname() && !before_surname) {
        return;
    }
    let initial = first.initial() && first.capital();
    // "PJ"
    let initials = first.text.len() == 2
        && first.text.bytes().all(|b| b.is_ascii_uppercase())
        && !first.common()
        && ends_line;
    let accepted = if new_line {
        signs && (initials || first.capital() || first.known() || first.text.len() > 2)
    } else {
        (first.known() && (!first.common() || passed.contains([',', '-'])) && (ends_line || end > first.end))
            || (ends_line && passed.contains([',', '-', '~']) && (first.strange_capital() || initial))
    };
    if accepted {
        push(text, first.start, end, 0.6, hits);
    }
}

/// Lines that hold two to four words of a name and nothing else, as signatures and address labels do.
pub(super) fn signature_lines(text: &str, hits: &mut Vec<Hit>) {
    let mut start = 0;
    for line in text.split('\n') {
        let name = line.trim_matches([' ', '\t', '\r', '*', '-', ',']);
        let at = start + (name.as_ptr() as usize - line.as_ptr() as usize);
        start += line.len() + 1;
        if name.len() > 48 || !name.starts_with(char::is_uppercase) || !name.contains(' ') {
            continue;
        }
        let mut words = 0;
        let mut evidence = false;
        let mut end = at;
        let all = name.split(' ').all(|part| {
            // "Jr."; but "Betreff: Reklamation" is a field.
            let word = word_at(text, end)
                .filter(|word| word.end - word.start + 1 >= part.len() && !part.ends_with(':'));
            end += part.len() + 1;
            words += 1;
            word.is_some_and(|word| {
                evidence |= word.strange_capital() || word.may_be_given() && !word.common();
                word.initial()
                    || word.title_case()
                        && !word.never()
                        && !word.proper()
                        && (!word.common() || word.surname() || word.may_be_given())
            })
        });
        if all && evidence && (2..=4).contains(&words) {
            hits.push(Hit::new(at, at + name.len(), 0.5));
        }
    }
}

/// "- Olu" as the last line.
pub(super) fn signed_by_dash(text: &str, hits: &mut Vec<Hit>) {
    let start = text.trim_end().rfind('\n').map_or(0, |line| line + 1);
    let line = &text[start..];
    let name = line.trim_start_matches(['-', '~', ' ', '\u{2014}']);
    let at = start + line.len() - name.len();
    if !line.starts_with(['-', '~', '\u{2014}']) || !name.starts_with(char::is_uppercase) {
        return;
    }
    let Some(first) = word_at(text, at).filter(|first| first.title_case()) else {
        return;
    };
    let end = read_name(text, first, false, false);
    let signs = first.may_be_given() && !first.proper() || first.strange_capital();
    if signs && text[end..].trim().is_empty() {
        hits.push(Hit::new(at, end, 0.5));
    }
}

/// "Chinwe" as the last line, below an empty one or a greeting.
pub(super) fn signed_alone(text: &str, hits: &mut Vec<Hit>) {
    let body = text.trim_end();
    let Some(line) = body.rfind('\n') else {
        return;
    };
    // What a telephone adds below a name.
    let (body, line) = match body[line + 1..].starts_with("Sent from my ") {
        true => {
            let body = body[..line].trim_end();
            match body.rfind('\n') {
                Some(line) => (body, line),
                None => return,
            }
        }
        false => (body, line),
    };
    let at = line + 1 + (body.len() - line - 1 - body[line + 1..].trim_start_matches(' ').len());
    let Some(word) = word_at(text, at).filter(|word| word.title_case() && word.text.len() > 2) else {
        return;
    };
    let apart = body[..line].ends_with('\n');
    let named = word.may_be_given()
        && !word.proper()
        && (apart || !word.common() || word.name_and_word() && !word.thing());
    let signs = named && !word.never() || apart && word.strange_capital();
    if signs && body[word.end..].chars().all(|c| matches!(c, '.' | ' ' | '!')) {
        hits.push(Hit::new(word.start, word.stem_end(), 0.5));
    }
}
