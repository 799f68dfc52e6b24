//! Says which of the cue words of a text (`lexicon.rs`) governs a value.
//!
//! The governing cue is the nearest one before the value, in the same line of thought: at most [`REACH`] bytes away and with
//! no other number between (a list of numbers shares its cue). Without one, it is a cue right after the value ("123456789 is
//! my ssn"). A cue inside the match itself does not count.

use super::kind::IdentifierKind;
use super::lexicon::Cue;
use crate::privacy::sense::Sense;

/// How far before a value its cue may stand, in bytes: some ten words.
const REACH: usize = 64;
/// How far after a value its cue may stand, in bytes: "is my social security number" begins within it.
const REACH_BACK: usize = 24;

/// What the cues around a value say about it, to one pattern.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Verdict {
    Confirmed(IdentifierKind),
    Denied,
    Silent,
}

/// What the cues of `text` say about the value at `start..end` to a pattern that the cues of `kinds` confirm.
pub(crate) fn judge(
    text: &str,
    cues: &[Cue<'_>],
    kinds: &[IdentifierKind],
    start: usize,
    end: usize,
) -> Verdict {
    let until = cues.partition_point(|cue| cue.end <= start);
    let mut denied = false;
    // "order 66115": what it is a number of stands right before it.
    let mut named = false;
    // "device SN88-2201": a cue that begins before the value reaches into it.
    if let Some(cue) = cues
        .get(until)
        .filter(|cue| cue.start < start && cue.end < end && text.as_bytes()[cue.end].is_ascii_alphanumeric())
        && let Some(kind) = cue.senses.iter().find_map(|sense| match *sense {
            Sense::Confirms(kind) if kinds.contains(&kind) => Some(kind),
            _ => None,
        })
    {
        return Verdict::Confirmed(kind);
    }
    for cue in cues[..until]
        .iter()
        .rev()
        .take_while(|cue| start - cue.end <= REACH)
    {
        let between = &text[cue.end..start];
        for sense in cue.senses {
            match *sense {
                Sense::Confirms(kind) if kinds.contains(&kind) && reaches(between) => {
                    return Verdict::Confirmed(kind);
                }
                // "CPAP-AS11" is one code.
                Sense::Suggests(kind) if kinds.contains(&kind) && between != "-" && is_tight(between) => {
                    return Verdict::Confirmed(kind);
                }
                Sense::Denies if reaches(between) && same_sentence(between) => {
                    denied = true;
                    named |= is_tight(between) && !between.contains([',', ';']);
                }
                _ => {}
            }
        }
        if denied {
            break;
        }
    }
    let after = cues[until..]
        .iter()
        .filter(|cue| cue.start >= end)
        .take(2)
        .take_while(|cue| cue.start - end <= REACH_BACK);
    for cue in after {
        let between = &text[end..cue.start];
        for sense in cue.senses {
            match *sense {
                // "order 33812 was sent to my old address" says nothing of the number.
                Sense::Confirms(kind)
                    if kinds.contains(&kind)
                        && !(named && matches!(kind, IdentifierKind::Address | IdentifierKind::Location))
                        && leads_back(between) =>
                {
                    return Verdict::Confirmed(kind);
                }
                // "order 66115 from last week": a small word behind it says less.
                Sense::Suggests(kind) if kinds.contains(&kind) && !named && leads_back(between) => {
                    return Verdict::Confirmed(kind);
                }
                Sense::Denies
                    if leads_back(between)
                        && between.contains(" my ")
                            | between.contains(" the ")
                            | between.contains(" our ") =>
                {
                    denied = true
                }
                _ => {}
            }
        }
    }
    if denied { Verdict::Denied } else { Verdict::Silent }
}

/// Whether a word of context of the operator's recognizer `own` stands near the value at `start..end`.
pub(crate) fn has_context(cues: &[Cue<'_>], own: u16, start: usize, end: usize) -> bool {
    cues.iter().any(|cue| {
        cue.senses.contains(&Sense::Operator(own))
            && (cue.end <= start && start - cue.end <= REACH
                || cue.start >= end && cue.start - end <= REACH_BACK)
    })
}

/// Whether only linking words stand between a cue and a value.
fn is_tight(between: &str) -> bool {
    const LINKS: &[&str] = &[
        "is", "was", "are", "number", "no", "num", "nr", "id", "card", "code", "the", "s", "'s", "it's",
        "its", "it", "of", "on", "file", "ending", "ends", "last", "four", "digits", "in", "with", "as",
        "for", "my", "says", "shows", "reads", "um", "uh", "and", "or", "bottle", "label", "here", "that's",
        "would", "be", "should", "this",
    ];
    between.len() <= 28
        && !between.contains("\n\n")
        && between
            .split(|c: char| !(c.is_alphanumeric() || c == '\''))
            .filter(|word| !word.is_empty())
            .all(|word| {
                LINKS.iter().any(|link| word.eq_ignore_ascii_case(link))
                    || word.bytes().filter(u8::is_ascii_digit).count() >= 4
            })
}

/// Whether a cue and a value are of one sentence, or the cue closes its own ("My order number? 12345").
fn same_sentence(between: &str) -> bool {
    match between.find(['.', '?', '!', '\n']) {
        Some(at) => {
            between[..at].trim().is_empty() && between[at..].chars().all(|c| !c.is_alphanumeric())
                || between[at + 1..].starts_with(|c: char| c.is_alphanumeric())
        }
        None => true,
    }
}

/// Whether what stands between a cue and a value leaves the value to the cue: no other number, unless it is a list, and no
/// paragraph break.
fn reaches(between: &str) -> bool {
    if between.contains("\n\n") {
        return false;
    }
    let numbers = between
        .split(|c: char| {
            c.is_whitespace() || matches!(c, ',' | ';' | '/' | '&' | ':' | '=' | '(' | ')' | '|')
        })
        .filter(|word| !word.is_empty());
    let (mut digits, mut words) = (0, 0);
    for word in numbers {
        if word.bytes().filter(u8::is_ascii_digit).count() >= 2 {
            digits += 1;
        } else if digits > 0 && !matches!(word, "and" | "or" | "also" | "plus" | "y" | "-" | "to" | "then") {
            words += 1;
        }
    }
    digits == 0 || words == 0
}

/// Whether the cue after a value is about it: "is my", "(", "=", "for".
fn leads_back(between: &str) -> bool {
    let mut linked = between.trim().is_empty() || between.trim_start().starts_with(['(', '=', '-', '<']);
    for word in between
        .split(|c: char| !(c.is_alphanumeric() || c == '\''))
        .filter(|word| !word.is_empty())
    {
        match word.to_ascii_lowercase().as_str() {
            "is" | "was" | "are" | "as" | "being" | "of" | "that's" | "thats" | "it's" | "its" | "ist"
            | "est" | "es" => linked = true,
            "my" | "the" | "his" | "her" | "our" | "their" | "a" | "your" | "mine" | "for" | "number"
            | "on" | "old" | "last" | "four" | "4" | "digits" | "new" | "full" => {}
            _ => return false,
        }
    }
    linked && !between.contains(['\n', '.', ';', '!', '?'])
}
