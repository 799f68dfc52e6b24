//! Expressions that are nothing but a few words or phrases, of which the last word may be open ("nause\w+").
//!
//! Searching with an expression costs mostly its tables, which are in no processor's cache. What one between two word boundaries can match is
//! taken from its syntax, for `patterns.rs` to find in the one walk that it takes anyway. Nothing here fails: an expression that is more
//! than a few phrases has none.

use std::sync::LazyLock;

use regex_syntax::hir::literal::Extractor;
use regex_syntax::hir::{Hir, HirKind, Look, Repetition};

use super::literals::is_word;

/// All that an expression can match.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Phrases {
    /// The preferred first. Those that are not ASCII are among them, but where they stand by themselves only the expression knows.
    pub(super) texts: Vec<String>,
    /// How many letters at least follow in the last word, where it is open.
    pub(super) open: Option<usize>,
}

/// What `hir` can match, where that is a few words or phrases that stand by themselves.
pub(super) fn of(hir: &Hir) -> Option<Phrases> {
    let HirKind::Concat(parts) = hir.kind() else {
        return None;
    };
    let ([first, inner @ .., last], boundary) = (&parts[..], HirKind::Look(Look::WordUnicode)) else {
        return None;
    };
    if *first.kind() != boundary || *last.kind() != boundary {
        return None;
    }
    let (inner, open) = match inner {
        [closed @ .., end] if let Some(least) = open_end(end) => (closed, Some(least)),
        _ => (inner, None),
    };
    let inner = Hir::concat(inner.to_vec());
    let all = Extractor::new().extract(&inner);
    if !inner.properties().look_set().is_empty() || !all.is_exact() {
        return None;
    }
    let literals = all.literals()?.iter();
    let texts = literals.map(|literal| str::from_utf8(literal.as_bytes()).ok().map(str::to_owned));
    let texts = texts.collect::<Option<Vec<String>>>()?;
    let of_word = |c: Option<char>| c.is_some_and(is_word);
    let stands = |text: &String| of_word(text.chars().next()) && of_word(text.chars().next_back());
    texts.iter().all(stands).then_some(Phrases { texts, open })
}

/// How many letters `\w*` or `\w+`, as many as there are, takes at least; `None` where `hir` is something else.
fn open_end(hir: &Hir) -> Option<usize> {
    let HirKind::Repetition(Repetition {
        min,
        max: None,
        greedy: true,
        sub,
    }) = hir.kind()
    else {
        return None;
    };
    static LETTER: LazyLock<Hir> =
        LazyLock::new(|| regex_syntax::parse(r"\w").expect("the class of letters is an expression"));
    (**sub == *LETTER).then_some(*min as usize)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::workflow::patterns::PatternSet;

    fn phrases(pattern: &str) -> Vec<String> {
        let phrases = of(&regex_syntax::parse(pattern).unwrap()).unwrap_or_default();
        let open = phrases
            .open
            .map_or_else(String::new, |least| format!("{least}.."));
        phrases.texts.into_iter().map(|text| text + &open).collect()
    }

    #[test]
    fn phrases_are_all_that_an_expression_can_match() {
        assert_eq!(phrases(r"\b(?:ill)\b"), ["ill"]);
        assert_eq!(phrases(r"\b(?:rash(?:es)?)\b"), ["rashes", "rash"]);
        let pains = ["chest pain", "chest pain relief", "chest pains"];
        assert_eq!(phrases(r"\b(?:chest pain(?:| relief|s))\b"), pains);
        assert_eq!(
            phrases(r"\b(?:can['\u{2019}]?t breathe)\b"),
            ["can't breathe", "can\u{2019}t breathe", "cant breathe"]
        );
        assert_eq!(phrases(r"\b(?:ill\w*)\b"), ["ill0.."]);
        assert_eq!(phrases(r"\b(?:(?:sick|nause)\w+)\b"), ["sick1..", "nause1.."]);
        for more in [
            r"\bill",
            r"\b(?:ill|\bpill)\b",
            r"\b(?:ill\w*?)\b",
            r"\b(?:ill\w{2,5})\b",
            r"\b(?:ill \w*)\b",
            r"\b(?:ill\w* now)\b",
        ] {
            assert!(phrases(more).is_empty(), "{more}");
        }
    }

    #[test]
    fn words_and_phrases_are_found_where_the_expression_finds_them() {
        let mut set = PatternSet::default();
        let patterns = [
            r"(?i)\b(?:ill)\b",
            r"(?i)\b(?:rash(?:es)?)\b",
            r"(?i)\b(?:chest pain(?:| relief|s))\b",
            r"(?i)\b(?:can['\u{2019}]?t breathe)\b",
            r"(?i)\b(?:ill\w*)\b",
            r"(?i)\b(?:(?:rash|il)\w+)\b",
            r"\bill\b",
        ];
        let patterns = patterns.map(|pattern| set.add(pattern));
        let prefilter = set.prefilter();
        for text in [
            "I am ILL.",
            "ill_",
            "pills, ill, Ill",
            "still",
            "",
            "il",
            "ill-ill",
            "an illness, il, ill illy il_",
            "ca\u{17f}e ill",
            "\u{e9}ill ill",
            "ill\u{301} ill",
            "A rash and rashes, rash",
            "chest pains or CHEST PAIN relief",
            "cant breathe, can't Breathe, can\u{2019}t breathe",
        ] {
            let scan = prefilter.scan(text);
            for pattern in &patterns {
                let matches = pattern.regex().is_match(text);
                assert_eq!(pattern.is_match(&scan), matches, "{text:?}");
                assert!(pattern.may_match(&scan) || !matches, "{text:?}");
                for from in (0..=text.len()).filter(|from| text.is_char_boundary(*from)) {
                    let expected = pattern.regex().find_at(text, from).map(|found| found.range());
                    assert_eq!(pattern.find_at(&scan, from), expected, "{text:?} from {from}");
                }
            }
        }
    }
}
