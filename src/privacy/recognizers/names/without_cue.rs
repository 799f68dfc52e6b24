//! Names that need no cue: a given name with a surname, and a capitalised given name that is nothing else.

use super::super::pattern::Hit;
use super::super::places::is_large;
use super::super::words::Lists;
use super::foreign::{is_ordinary_word, is_small_word};
use super::frames::{ACTS, SAYINGS, SPEECH, in_frame};
use super::german::is_after_im;
use super::namesakes::{
    AFTER_EPONYMS, NO_SURNAMES, end_of_firm, is_contraceptive, is_eponym, is_firm, is_joined_brand,
};
use super::reading::{read_name, spelled, spells, with_credentials};
use super::signatures::{signature_lines, signed_alone, signed_by_dash};
use super::word::{PLACES, Word, is_after_place, word_at, word_before};
use super::{headers, strangers};
use crate::privacy::scan::Scan;

pub(super) fn find(text: &str, scan: &Scan<'_>, hits: &mut Vec<Hit>) {
    if scan.traits.lines {
        signature_lines(text, hits);
    }
    signed_by_dash(text, hits);
    if scan.traits.lines {
        signed_alone(text, hits);
    }
    if scan.traits.angles {
        headers::before_addresses(text, hits);
    }
    if scan.traits.colons > 0 {
        headers::find(text, hits);
    }
    pairs(text, scan, hits);
    strangers::find(text, scan, hits);
    // "it's brandvold b r a n d v o l d".
    for start in scan.spelled.iter().map(|start| *start as usize) {
        // "d e l a c r o i x is the surname".
        if let Some(end) = spelled(text, start, 3)
            && SURNAME_BEFORE.iter().any(|said| text[end..].starts_with(said))
        {
            hits.push(Hit::new(start, end, 0.6));
        }
        let before = text[..start].trim_end_matches([' ', ',', '.', '-', ':', '(']);
        let before = [
            "that's", "thats", "that is", "it's", "spelled", "spelt", "so", "as",
        ]
        .iter()
        .find_map(|said| before.strip_suffix(said))
        .map_or(before, |before| {
            before.trim_end_matches([' ', ',', '.', '-', ':', '('])
        });
        if let Some(word) = word_before(text, before.len())
            && word.text.len() > 3
            && let Some(end) = spelled(text, start, 4)
            && spells(&text[start..end], word.text)
        {
            hits.extend([Hit::new(word.start, word.end, 0.6), Hit::new(start, end, 0.6)]);
        }
    }
    let bytes = text.as_bytes();
    // Where the last name ended.
    let mut done = 0;
    for start in scan.given_names.iter().map(|start| *start as usize) {
        let coded = start > 0 && matches!(bytes[start - 1], b'_' | b'@' | b'.' | b'/');
        if start < done || coded {
            continue;
        }
        let Some(first) = word_at(text, start) else {
            continue;
        };
        if is_eponym(text, first) {
            continue;
        }
        if let Some(end) = end_of_firm(text, first) {
            done = end;
            continue;
        }
        // "Slow-Mag", "Klor-Con": a word that is no name's does not lead a name on.
        if text[..start].strip_suffix('-').is_some_and(is_no_leading_name) {
            continue;
        }
        // "D'Angelo" is one word, and what stands before the apostrophe goes with the name.
        let whole = start > 1
            && matches!(bytes[start - 1], b'\'' | b'-')
            && bytes[start - 2].is_ascii_uppercase()
            && !start
                .checked_sub(3)
                .is_some_and(|before| bytes[before].is_ascii_alphanumeric());
        let start = if whole { start - 2 } else { start };
        let known = hits.len();
        let full = text[first.end..]
            .starts_with(' ')
            .then(|| word_at(text, first.end + 1))
            .flatten()
            .filter(|second| {
                (is_full_name(first, *second) || is_full_name_in_frame(text, first, *second))
                    && !is_small_word(text, first)
            });
        if let Some(second) = full {
            let end = read_name(text, first, false, false).max(second.stem_end());
            let start = surname_before(text, first)
                .or_else(|| surname_beside(text, first))
                .unwrap_or(start);
            hits.push(Hit::new(start, with_credentials(text, end), 0.55));
            done = end;
        } else if let Some(surname) = surname_before(text, first).filter(|_| first.capital()) {
            hits.push(Hit::new(surname, first.stem_end(), 0.5));
            done = first.end;
        } else if stands_alone(text, first) && !is_ordinary_word(text, first) {
            let end = read_name(text, first, false, false);
            let start = surname_beside(text, first).unwrap_or(start);
            hits.push(Hit::new(start, end, 0.5));
            done = end.max(first.end);
        } else if in_lower_case(text, first) && !is_ordinary_word(text, first) {
            let end = with_unknown_surname(text, first);
            hits.push(Hit::new(first.start, end, 0.5));
            done = end;
        } else if in_frame(text, first) && !is_ordinary_word(text, first) {
            hits.push(Hit::new(first.start, first.stem_end(), 0.5));
            done = first.end;
        }
        if whole && let Some(hit) = hits[known..].last_mut() {
            hit.start = hit.start.min(start);
        }
    }
}

/// Whether the word that ends a text has a capital and is nobody's name: "K", "Slow".
fn is_no_leading_name(text: &str) -> bool {
    let letters = text.bytes().rev().take_while(u8::is_ascii_alphabetic).count();
    let lead = &text[text.len() - letters..];
    let lists = Lists::of(lead);
    let named = lists.may_be_given() || lists.surname();
    lead.starts_with(char::is_uppercase)
        && (letters == 1 && !matches!(lead, "O" | "D") || lists.common() && !lists.may_be_given() || !named)
}

fn is_full_name(first: Word<'_>, second: Word<'_>) -> bool {
    if first.never() || second.never() || second.text.len() < 2 {
        return false;
    }
    if first.capital() && second.capital() {
        let shouting = first.text.chars().nth(1).is_some_and(char::is_uppercase);
        let strange = second.strange() && !shouting;
        return if first.given() {
            // "Cornelius Abbey": the surname is a word, but no firm's or town's.
            let surname = !first.common()
                && !first.proper()
                && !shouting
                && second.title_case()
                && second.text.len() > 3
                && !second.proper()
                && !second.product()
                && !second.is(NO_SURNAMES);
            surname || second.surname() && (!second.proper() || !first.common()) || second.given() || strange
        } else {
            !first.proper()
                && (second.surname()
                    && (!second.proper() || !first.common())
                    && (!second.common() || !first.common())
                    // "Gene Fairbanks", who bears a town's name.
                    || first.name_and_word() && !first.thing() && second.surname() && !second.common()
                    || strange && !first.common() && second.strange_capital())
        };
    }
    if first.capital() || second.capital() || !first.text.is_ascii() {
        return false;
    }
    (first.given() && !first.common() || first.name_and_word() && !first.thing())
        && second.surname()
        && !second.common()
        && !second.proper()
}

/// "Bill Featherstonehaugh (dob", "Grace Igwe told me": a word that is a name as well, and a surname in no list, where what follows is said of
/// a person. Verbs ("Will Bazzetor help?") are left to cues.
fn is_full_name_in_frame(text: &str, first: Word<'_>, second: Word<'_>) -> bool {
    if !first.title_case()
        || !first.name_and_word()
        || !second.strange_capital()
        || second.text.len() < 4
        || second.is(NO_SURNAMES)
    {
        return false;
    }
    if first.is(&["will", "may", "hope", "mark", "chase"]) {
        return false;
    }
    // "the Royal Canin", but "Thanks\nAugust Bellamin".
    let before = text[..first.start].trim_end_matches(' ');
    let begins = before.is_empty() || before.ends_with(['.', '!', '?', ',', ';', ':', '\n', '-']);
    if first.thing() && !begins {
        return false;
    }
    let rest = &text[second.stem_end()..];
    let next = rest
        .strip_prefix(' ')
        .and_then(|_| word_at(text, second.stem_end() + 1));
    rest.is_empty()
        || rest.starts_with(['\n', ')'])
        || rest.starts_with("'s ")
        || rest.starts_with(" (")
        || next.is_some_and(|next| next.is(SAYINGS) || next.is(SPEECH))
}

/// Whether a given name in lower case that is nothing else stands for a person: wherever nothing says that it is a place's or a product's.
fn in_lower_case(text: &str, word: Word<'_>) -> bool {
    let rest = &text[word.end..];
    let next = rest.strip_prefix(' ').and_then(|_| word_at(text, word.end + 1));
    word.given_in_lower_case()
        && !is_large(word.text)
        && !is_after_place(text, word.start)
        // "en la cara", "la pelle": a thing in Spanish or Italian.
        && !text[..word.start].ends_with(" la ")
        && !text[..word.start].ends_with("& ")
        && !rest.starts_with(['@', '_', '/', '#'])
        && !rest.starts_with(" &")
        && !(rest.starts_with('.') && rest[1..].starts_with(char::is_alphanumeric))
        && !next.is_some_and(|next| next.product() || next.is(&["wort"]))
}

/// The end of "karen oduya" in lower case: where a surname that is in no list can only be one, at an end or before what is said of a person.
fn with_unknown_surname(text: &str, first: Word<'_>) -> usize {
    if first.text.len() > first.stem().len() || !text[first.end..].starts_with(' ') {
        return first.stem_end();
    }
    word_at(text, first.end + 1)
        .filter(|second| {
            let rest = &text[second.end..];
            second.text.starts_with(char::is_lowercase)
                && second.strange()
                && second.text.len() > 3
                && (second.surname()
                    || [
                        " dob", " born", " birth", " mrn", " member", " at ", " from ", "'s ",
                    ]
                    .iter()
                    .any(|said| rest.starts_with(said)))
        })
        .map_or(first.stem_end(), |second| second.stem_end())
}

/// Whether a capitalised given name stands for a person where nothing else says so.
fn stands_alone(text: &str, word: Word<'_>) -> bool {
    if !word.title_case()
        || word.never()
        || word.proper()
        || word.common()
        || word.text.len() < 3
        || is_large(word.text)
    {
        return false;
    }
    let before = text[..word.start].trim_end_matches([' ', '.']);
    // "Johnson & Johnson".
    if before.ends_with('&') || is_after_place(text, word.start) || is_after_im(text, word.start) {
        return false;
    }
    // "Clara Market", "Victoria's Secret", "Ben & Jerry's".
    let rest = &text[word.end..];
    // "Gail & Norm Petersen", but "Ben & Jerry's": people own nothing by a mark between their names.
    let paired = word.given()
        && rest
            .strip_prefix(" & ")
            .and_then(|_| word_at(text, word.end + " & ".len()))
            .is_some_and(|second| {
                second.title_case()
                    && (second.given() || second.name_and_word())
                    && second.text.len() == second.stem().len()
                    && text[second.end..].starts_with(' ')
                    && word_at(text, second.end + 1)
                        .is_some_and(|surname| surname.title_case() && surname.surname())
            });
    let brand = rest.starts_with(" &") && !paired
        || rest
            .strip_prefix(' ')
            .and_then(|_| word_at(text, word.end + 1))
            .is_some_and(|next| next.text.starts_with(char::is_uppercase) && next.text.len() > 1)
        || (word.text.len() > word.stem().len() && rest.starts_with(" wort"));
    // "Epstein-Barr and this vaccine".
    let joined = text[..word.start].ends_with(['-', '\'']);
    // In the middle of a sentence a rare given name will do; where one begins, any word has a capital.
    let begins =
        before.is_empty() || before.ends_with(['!', '?', '\n', ':', '"']) || before.len() < word.start - 1;
    // Where a sentence begins with a rarer one, its verb or its possession has to follow.
    let acts = || {
        let next = rest
            .strip_prefix(' ')
            .and_then(|rest| word_at(text, text.len() - rest.len()));
        let owns = word.text.len() > word.stem().len();
        owns && !next.is_some_and(|next| next.product()) || next.is_some_and(|next| next.is(ACTS))
    };
    // "Huntington's chorea".
    let eponym = word.text.len() > word.stem().len()
        && rest
            .strip_prefix(' ')
            .and_then(|_| word_at(text, word.end + 1))
            .is_some_and(|next| next.is(AFTER_EPONYMS));
    // "the Venus razor".
    let sold = (text[..word.start].ends_with("the ") || text[..word.start].ends_with("The "))
        && rest
            .strip_prefix(' ')
            .and_then(|_| word_at(text, word.end + 1))
            .is_some_and(|next| next.product());
    if eponym || sold || is_contraceptive(text, word) || is_joined_brand(text, word) {
        return false;
    }
    !brand && (word.given() || !word.text.is_ascii() || !begins && !word.surname() || !joined && acts())
}

/// The beginning of "Tanaka Hiroshi": a surname that is nothing else, right before a given name.
fn surname_beside(text: &str, given: Word<'_>) -> Option<usize> {
    let end = text[..given.start].strip_suffix(' ')?.len();
    let surname = word_before(text, end)?;
    (surname.title_case() && surname.surname() && surname.strange() && given.title_case())
        .then_some(surname.start)
}

/// The beginning of "Bellweather, Constance", where a line or a label does not go on before it.
fn surname_before(text: &str, given: Word<'_>) -> Option<usize> {
    let end = text[..given.start].strip_suffix(", ")?.len();
    let surname = word_before(text, end)?;
    let before = text[..surname.start].trim_end_matches(' ');
    let begins = before.is_empty() || before.ends_with(['\n', ':', '-', '(', '|', '\t', '"']);
    (begins && surname.capital() && !surname.never() && (surname.surname() || surname.strange()))
        .then_some(surname.start)
}

/// What follows a name that is said before its cue.
const SURNAME_BEFORE: &[&str] = &[
    " is the surname",
    " is my surname",
    " is the last name",
    " is my last name",
    " is the first name",
    " is my first name",
    " is the name",
    " is my name",
    " is his name",
    " is her name",
];

/// A capitalised word that we know as nothing, and a surname: "Tamsin Whitfield".
fn pairs(text: &str, scan: &Scan<'_>, hits: &mut Vec<Hit>) {
    for start in scan.pairs.iter().map(|start| *start as usize) {
        let Some(first) = word_at(text, start).filter(Word::strange_capital) else {
            continue;
        };
        let second = text[first.end..]
            .starts_with(' ')
            .then(|| word_at(text, first.end + 1))
            .flatten()
            .filter(|second| second.title_case() && second.surname() && second.strange());
        if second.is_some_and(|second| !is_firm(first, second))
            && !is_after_place(text, start)
            && !first.is(PLACES)
        {
            let end = read_name(text, first, false, false);
            hits.push(Hit::new(start, with_credentials(text, end), 0.5));
        }
    }
}
