//! Words and phrases instead of a regular expression, where that is all it can match.
//!
//! Searching with an expression costs mostly its tables, which are in no processor's cache. What an expression between two word boundaries
//! can match is taken from its syntax ([`of`]) and compared at the beginnings of words ([`find`]), with the expression's own result in
//! any ASCII text. Nothing here fails: an expression that is more than a few phrases has none.

use std::ops::Range;

use regex_syntax::hir::literal::Extractor;
use regex_syntax::hir::{Hir, HirKind, Look};

use super::patterns::is_word;

/// All that an expression can match in an ASCII text, the preferred first, where that is a few words or phrases that stand by themselves.
pub(super) fn of(hir: &Hir) -> Option<Vec<String>> {
    let HirKind::Concat(parts) = hir.kind() else {
        return None;
    };
    let ([first, inner @ .., last], boundary) = (&parts[..], HirKind::Look(Look::WordUnicode)) else {
        return None;
    };
    if *first.kind() != boundary || *last.kind() != boundary {
        return None;
    }
    let inner = Hir::concat(inner.to_vec());
    let all = Extractor::new().extract(&inner);
    if !inner.properties().look_set().is_empty() || !all.is_exact() {
        return None;
    }
    let texts = all
        .literals()?
        .iter()
        .map(|literal| str::from_utf8(literal.as_bytes()).ok());
    let texts = texts.collect::<Option<Vec<&str>>>()?;
    let ascii = texts.into_iter().filter(|text| text.is_ascii());
    let phrases: Vec<String> = ascii.map(str::to_owned).collect();
    let of_word = |c: Option<char>| c.is_some_and(is_word);
    let stands = |phrase: &String| of_word(phrase.chars().next()) && of_word(phrase.chars().next_back());
    phrases.iter().all(stands).then_some(phrases)
}

/// Where one of `phrases` first stands by itself in an ASCII text, in any case; the earlier of two that begin at one place.
pub(super) fn find(text: &str, phrases: &[String], from: usize) -> Option<Range<usize>> {
    let places = phrases
        .iter()
        .filter_map(|phrase| place_of(text.as_bytes(), phrase.as_bytes(), from));
    places.min_by_key(|place| place.start)
}

fn place_of(text: &[u8], phrase: &[u8], from: usize) -> Option<Range<usize>> {
    let first = phrase.first()?.to_ascii_lowercase();
    let of_word = |byte: &u8| byte.is_ascii_alphanumeric() || *byte == b'_';
    let last = text.len().checked_sub(phrase.len())?;
    // Nearly every place is ruled out by its first letter.
    for (at, byte) in text.iter().enumerate().take(last + 1).skip(from) {
        if byte.to_ascii_lowercase() == first
            && !text[..at].last().is_some_and(of_word)
            && text[at..at + phrase.len()].eq_ignore_ascii_case(phrase)
            && !text.get(at + phrase.len()).is_some_and(of_word)
        {
            return Some(at..at + phrase.len());
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use crate::workflow::patterns::PatternSet;

    #[test]
    fn words_and_phrases_are_found_where_the_expression_finds_them() {
        let known = |pattern: &str| {
            let pattern = PatternSet::default().add(pattern);
            let phrases = pattern.phrases().to_vec();
            for text in [
                "I am ILL.",
                "ill_",
                "pills, ill, Ill",
                "still",
                "",
                "il",
                "ill-ill",
                "ca\u{17f}e ill",
                "\u{e9}ill ill",
                "A rash and rashes, rash",
                "chest pains or CHEST PAIN relief",
                "cant breathe, can't Breathe, can\u{2019}t breathe",
            ] {
                for from in (0..=text.len()).filter(|from| text.is_char_boundary(*from)) {
                    let expected = pattern.regex().find_at(text, from).map(|found| found.range());
                    assert_eq!(pattern.find_at(text, from), expected, "{text:?} from {from}");
                }
            }
            phrases
        };
        assert_eq!(known(r"(?i)\b(?:ill)\b"), ["ill"]);
        assert_eq!(known(r"(?i)\b(?:rash(?:es)?)\b"), ["rashes", "rash"]);
        let pains = ["chest pain", "chest pain relief", "chest pains"];
        assert_eq!(known(r"(?i)\b(?:chest pain(?:| relief|s))\b"), pains);
        assert_eq!(
            known(r"(?i)\b(?:can['\u{2019}]?t breathe)\b"),
            ["can't breathe", "cant breathe"]
        );
        for open in [
            r"(?i)\b(?:ill\w*)\b",
            r"(?i)\bill",
            r"(?i)\b(?:ill|\bpill)\b",
            r"\bill\b",
        ] {
            assert!(known(open).is_empty(), "{open}");
        }
    }
}
