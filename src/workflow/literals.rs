//! Literals that every match of an expression holds, taken from its syntax: where none of them is in a text, the expression is not worth
//! running. Of several choices the rarest is taken. Nothing here fails: an expression that can match without any has none.

use regex_syntax::hir::{self, Class, Hir, HirKind, Look};

/// A class of more characters than this gives no literals; all decimal digits of Unicode are some 700.
const MAX_CLASS: usize = 800;

/// A literal that a match holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Literal {
    pub(super) text: String,
    /// The match begins with it.
    first: bool,
    /// The match ends with it.
    last: bool,
    /// A word begins or ends with it, by a `\b` in the expression.
    pub(super) begins_word: bool,
    pub(super) ends_word: bool,
}

/// Literals of which every match of `hir` holds one; `None` when it has none such.
pub(super) fn needed(hir: &Hir) -> Option<Vec<Literal>> {
    let literal = |text: String| Literal {
        text,
        first: true,
        last: true,
        begins_word: false,
        ends_word: false,
    };
    match hir.kind() {
        HirKind::Empty | HirKind::Look(_) => None,
        HirKind::Literal(bytes) => Some(vec![literal(String::from_utf8(bytes.0.to_vec()).ok()?)]),
        HirKind::Class(Class::Unicode(class)) => {
            let count: usize = class.iter().map(hir::ClassUnicodeRange::len).sum();
            let chars = class.iter().flat_map(|range| range.start()..=range.end());
            (count <= MAX_CLASS).then(|| chars.map(|c| literal(c.to_string())).collect())
        }
        HirKind::Class(Class::Bytes(_)) => None,
        HirKind::Repetition(repetition) => {
            let mut inner = match repetition.min {
                0 => return None,
                _ => needed(&repetition.sub)?,
            };
            // Those of the first round: what follows it is open.
            if repetition.max != Some(1) {
                inner.iter_mut().for_each(|literal| literal.last = false);
            }
            Some(inner)
        }
        HirKind::Capture(capture) => needed(&capture.sub),
        HirKind::Alternation(branches) => {
            let all: Option<Vec<Vec<Literal>>> = branches.iter().map(needed).collect();
            all.map(|all| all.concat())
        }
        HirKind::Concat(parts) => parts
            .iter()
            .enumerate()
            .filter_map(|(at, part)| Some(in_context(needed(part)?, parts, at)))
            .max_by_key(|literals| worth(literals)),
    }
}

/// The literals of `parts[at]`, as literals of all parts.
fn in_context(mut literals: Vec<Literal>, parts: &[Hir], at: usize) -> Vec<Literal> {
    let (before, after) = (&parts[..at], &parts[at + 1..]);
    let boundary = |part: Option<&Hir>| {
        part.is_some_and(|part| matches!(part.kind(), HirKind::Look(Look::WordUnicode | Look::WordAscii)))
    };
    let empty = |parts: &[Hir]| parts.iter().all(|part| matches!(part.kind(), HirKind::Look(_)));
    for literal in &mut literals {
        let of_word = |c: Option<char>| c.is_some_and(is_word);
        literal.begins_word |=
            literal.first && boundary(before.last()) && of_word(literal.text.chars().next());
        literal.ends_word |=
            literal.last && boundary(after.first()) && of_word(literal.text.chars().next_back());
        literal.first &= empty(before);
        literal.last &= empty(after);
    }
    literals
}

/// How rarely one of the literals turns up by chance: the shortest one's length, then how few they are. A boundary counts as half a letter, a
/// digit or a sign that most messages do not hold as two, and one that is in hardly any as three.
fn worth(literals: &[Literal]) -> (usize, std::cmp::Reverse<usize>) {
    let shortest = literals
        .iter()
        .map(|literal| {
            let letters: usize = literal
                .text
                .chars()
                .map(|c| match c {
                    '#' | '$' | '€' | '£' | '[' | '@' => 3,
                    '-' | '/' => 2,
                    c if c.is_numeric() => 2,
                    _ => 1,
                })
                .sum();
            2 * letters + usize::from(literal.begins_word) + usize::from(literal.ends_word)
        })
        .min();
    (shortest.unwrap_or_default(), std::cmp::Reverse(literals.len()))
}

/// Surely a word character to `\b`. Where it is not sure, the expression is run.
pub(super) fn is_word(c: char) -> bool {
    c.is_ascii_alphanumeric() || c == '_' || (!c.is_ascii() && c.is_alphabetic())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn literals(pattern: &str) -> Option<Vec<String>> {
        let needed = needed(&regex_syntax::parse(pattern).unwrap())?;
        let shown = needed.iter().map(|literal| {
            let bar = |on| if on { "|" } else { "" };
            format!(
                "{}{}{}",
                bar(literal.begins_word),
                literal.text,
                bar(literal.ends_word)
            )
        });
        Some(shown.collect())
    }

    #[test]
    fn the_rarest_literals_that_every_match_holds_are_found() {
        for (pattern, expected) in [
            (
                r"\b(?:died|passed away)\b",
                Some(&["|died|", "|passed away|"][..]),
            ),
            (r"\b(?:can't|cannot) (?:even )?breathe?\b", Some(&["breath"])),
            (r"\b(?:rash(?:es)?|hives)\b", Some(&["|rash", "|hives|"])),
            (r"\bill\w*", Some(&["|ill"])),
            (r"#\s?(\d{3})", Some(&["#"])),
            (r"\b(?:i'?m|i am) [5-7]\b", Some(&["5|", "6|", "7|"])),
            (r"(?:ab)+c?", Some(&["ab"])),
            (r"\w+", None),
            (r"a?", None),
            (r"(?:a|\w)", None),
        ] {
            let expected: Option<Vec<String>> =
                expected.map(|list| list.iter().map(|text| (*text).to_owned()).collect());
            assert_eq!(literals(pattern), expected, "{pattern}");
        }
        assert!(literals(r"\d").is_some_and(|digits| digits.contains(&"7".to_owned())));
    }
}
