//! Patterns, compiled once in a process, and how they are matched in a view.
//!
//! A match must stand apart from letters and digits, and what it scores depends on the cue that governs it (`cues.rs`). Every pattern is
//! tried only where the text holds what it needs (`traits.rs`), and none is read twice from the same place, so matching is linear.

use std::sync::{Arc, LazyLock};

use regex::{Regex, RegexBuilder};

use super::cues::{Verdict, judge};
use super::findings::Finding;
use super::kind::IdentifierKind;
use super::lexicon::{Cue, Lexicon, mask as mask_of};
use super::normalise::OPAQUE;
use super::recognizers::{self, FAMILIES, Needs, Pattern, Place, THRESHOLD};
use super::scan::Scan;
use super::spoken;
use crate::privacy::sense::Sense;

/// Longest rejected match inside which another is looked for; a street address with everything has some 120 bytes.
const MAX_RETRIED_BYTES: usize = 160;
/// Largest compiled pattern.
pub(super) const MAX_PATTERN_BYTES: usize = 1 << 22;

/// A pattern, compiled.
#[derive(Debug)]
pub(super) struct Compiled {
    regex: Regex,
    groups: bool,
    /// The kinds of cue that confirm it, and those that must be in the text, as bits.
    cues: u64,
    beside: u64,
    pub(super) pattern: Pattern,
}

/// The built-in recognizers, compiled once in a process.
pub(super) struct Builtin {
    pub(super) patterns: Arc<[Compiled]>,
    pub(super) choice: Choice,
    pub(super) lexicon: Arc<Lexicon>,
    /// The name of each kind in a placeholder.
    pub(super) labels: Vec<Arc<str>>,
}

pub(super) static BUILTIN: LazyLock<Builtin> = LazyLock::new(|| {
    let patterns = recognizers::patterns().map(|pattern| {
        let anchor = if pattern.place == Place::AfterCue { "^" } else { "" };
        let regex = compile_exact(&format!("{anchor}(?:{})", ascii(pattern.shape)));
        Compiled {
            groups: regex.captures_len() > 1,
            regex,
            cues: mask_of(pattern.cues),
            beside: mask_of(pattern.beside),
            pattern: *pattern,
        }
    });
    let patterns: Arc<[Compiled]> = patterns.collect();
    Builtin {
        choice: Choice::between(&patterns),
        patterns,
        lexicon: Arc::new(lexicon(cue_words())),
        labels: IdentifierKind::ALL
            .iter()
            .map(|kind| kind.as_str().into())
            .collect(),
    }
});

/// The built-in recognizers' cue words, each with its sense.
pub(super) fn cue_words<'w>() -> impl Iterator<Item = (Sense, &'w str)> {
    let cues = FAMILIES.iter().flat_map(|family| family.cues);
    cues.flat_map(|(sense, words)| words.split(',').map(|word| (*sense, word.trim())))
}

/// Compiles a pattern of our own.
pub(super) fn compile_exact(pattern: &str) -> Regex {
    RegexBuilder::new(pattern)
        .case_insensitive(true)
        .size_limit(MAX_PATTERN_BYTES)
        .build()
        .expect("built-in patterns are valid: every test compiles them")
}

pub(super) fn lexicon<'w>(words: impl Iterator<Item = (Sense, &'w str)>) -> Lexicon {
    let numbers = spoken::NUMBER_WORDS
        .split(',')
        .map(|word| (Sense::Number, word.trim()))
        .chain([(Sense::Hundred, "hundred")]);
    let all: Vec<(Sense, &str)> = words.chain(numbers).collect();
    // A voice's transcript writes "member i d", and people shorten "hospital number".
    let said = all
        .iter()
        .filter(|(_, phrase)| phrase.split(' ').count() > 1 && phrase.split(' ').any(|word| word == "id"))
        .map(|(sense, phrase)| (*sense, phrase.replace(" id", " i d").replace("id ", "i d ")));
    let shortened = all
        .iter()
        .filter(|(sense, _)| !matches!(sense, Sense::Confirms(IdentifierKind::Phone)))
        .filter_map(|(sense, phrase)| Some((*sense, phrase.strip_suffix(" number")?)))
        .flat_map(|(sense, noun)| ["no", "num", "nr", "#"].map(|short| (sense, format!("{noun} {short}"))));
    let said: Vec<(Sense, String)> = said.chain(shortened).collect();
    let said = said.iter().map(|(sense, phrase)| (*sense, phrase.as_str()));
    Lexicon::new(all.iter().copied().chain(said))
}

/// The shape with ASCII digits and word bounds, and with classes that hold every character beyond ASCII spelled in both cases: the view
/// has no other digits, and Unicode's tables cost memory and speed (folding the case of such a class takes milliseconds).
fn ascii(shape: &str) -> String {
    const BEYOND: &str = r"\x{80}-\x{10FFFF}";
    let mut plain = String::with_capacity(2 * shape.len());
    let mut rest = shape;
    while let Some((open, at)) = rest
        .find(BEYOND)
        .and_then(|at| Some((rest[..at].rfind('[')?, at)))
    {
        let Some(close) = rest[at..].find(']').map(|close| at + close + 1) else {
            break;
        };
        plain.push_str(&rest[..open]);
        plain.push_str("(?-i:");
        plain.push_str(&rest[open..close].replace("a-z", "a-zA-Z"));
        plain.push(')');
        rest = &rest[close..];
    }
    plain.push_str(rest);
    plain.replace(r"\d", "[0-9]").replace(r"\b", r"(?-u:\b)")
}

/// The kind that `sense` confirms for `pattern`.
fn confirms(pattern: &Pattern, sense: Sense) -> Option<IdentifierKind> {
    match sense {
        Sense::Confirms(kind) | Sense::Suggests(kind) if pattern.cues.contains(&kind) => Some(kind),
        _ => None,
    }
}

fn after_cues(text: &str, cues: &[Cue<'_>], at: usize, compiled: &Compiled, findings: &mut Vec<Finding>) {
    for cue in cues {
        let Some(kind) = cue
            .senses
            .iter()
            .find_map(|sense| confirms(&compiled.pattern, *sense))
        else {
            continue;
        };
        let Some(captures) = compiled.regex.captures(&text[cue.end..]) else {
            continue;
        };
        let Some(found) = captures.get(1).or_else(|| captures.get(0)) else {
            continue;
        };
        let value = (compiled.pattern.fit)(found.as_str());
        let start = cue.end + found.start();
        let end = start + value.len();
        if !value.contains(OPAQUE)
            && (compiled.pattern.valid)(value)
            && (compiled.pattern.stands)(text, start, end)
        {
            findings.push(Finding {
                start,
                end,
                kind,
                recognizer: at,
                score: compiled.pattern.confirmed,
            });
        }
    }
}

fn anywhere(text: &str, cues: &[Cue<'_>], at: usize, compiled: &Compiled, findings: &mut Vec<Finding>) {
    let pattern = &compiled.pattern;
    let bytes = text.as_bytes();
    let mut from = 0;
    while from <= text.len() {
        let Some(whole) = compiled.regex.find_at(text, from) else {
            return;
        };
        let found = if compiled.groups {
            compiled
                .regex
                .captures_at(text, whole.start())
                .and_then(|captures| captures.get(1))
                .unwrap_or(whole)
        } else {
            whole
        };
        let value = (pattern.fit)(found.as_str()).trim_end_matches([' ', ',', '\n', '-']);
        let (start, end) = (found.start(), found.start() + value.len());
        let glued = || cues.binary_search_by(|cue| cue.end.cmp(&start)).is_ok();
        let bounded = pattern.place == Place::Unbounded
            || (starts_apart(bytes, start) || glued()) && ends_apart(bytes, end);
        let mut accepted = false;
        if bounded
            && start < end
            && !value.contains(OPAQUE)
            && (pattern.valid)(value)
            && (pattern.stands)(text, start, end)
        {
            let (kind, score) = match judge(text, cues, pattern.cues, start, end) {
                Verdict::Confirmed(kind) => (kind, pattern.confirmed),
                Verdict::Denied => (pattern.kind, pattern.denied),
                Verdict::Silent => (pattern.kind, pattern.bare),
            };
            if score >= THRESHOLD {
                findings.push(Finding {
                    start,
                    end,
                    kind,
                    recognizer: at,
                    score,
                });
                accepted = true;
            }
        }
        from = if accepted {
            end
        } else {
            // Another match may begin inside this one, but not before the next word; and inside a long one not at all, or a text
            // of nothing but beginnings would be read again from each.
            let mut next = if whole.len() > MAX_RETRIED_BYTES {
                whole.end()
            } else {
                whole.start()
            } + 1;
            while next < bytes.len() && (bytes[next].is_ascii_alphanumeric() || bytes[next] >= 0x80) {
                next += 1;
            }
            next
        };
    }
}

/// Whether no letter or digit, sign or decimal point runs into a value that begins at `start`.
fn starts_apart(bytes: &[u8], start: usize) -> bool {
    let digit_at = |at: Option<usize>| at.and_then(|at| bytes.get(at)).is_some_and(u8::is_ascii_digit);
    match start.checked_sub(1).and_then(|at| bytes.get(at)) {
        None => true,
        Some(b) if *b >= 0x80 => !has_words(&bytes[..start]),
        Some(b) if b.is_ascii_alphanumeric() || *b == b'$' => false,
        Some(b'.' | b'-') => !digit_at(start.checked_sub(2)),
        Some(_) => true,
    }
}

/// First UTF-8 byte of U+2000 and on: symbols, scripts without spaces between words, pictures. A number needs no space beside them.
const SPACELESS: u8 = 0xE2;

/// Whether the last character, not ASCII, is of a script that parts words by spaces, so that a number beside it is of the same word.
fn has_words(before: &[u8]) -> bool {
    let lead = before.iter().rev().take(4).find(|b| **b >= 0xC0);
    lead.is_some_and(|lead| *lead < SPACELESS)
}

/// Whether no letter or digit runs out of a value that ends at `end`.
fn ends_apart(bytes: &[u8], end: usize) -> bool {
    match bytes.get(end) {
        None => true,
        Some(b) if b.is_ascii_alphanumeric() || (0x80..SPACELESS).contains(b) || *b == b'%' => false,
        Some(b'.' | b'-') => !bytes.get(end + 1).is_some_and(u8::is_ascii_digit),
        Some(_) => true,
    }
}

/// Chooses patterns by what a text holds, before each is asked for what else it needs.
#[derive(Debug)]
pub(super) struct Choice {
    /// Patterns that need no cue.
    bare: Places,
    /// Patterns that can match a text without a digit: most messages hold none.
    digitless: Places,
    /// The patterns that a cue of each kind confirms.
    cued: Vec<Places>,
}

/// Places in the list of patterns, as bits.
type Places = u128;

impl Choice {
    fn between(patterns: &[Compiled]) -> Self {
        let places = |chosen: &dyn Fn(&Compiled) -> bool| {
            (0..patterns.len())
                .filter(|at| chosen(&patterns[*at]))
                .fold(0, |places: Places, at| places | 1 << at)
        };
        Self {
            bare: places(&|own| own.pattern.bare >= THRESHOLD),
            digitless: places(&|own| !own.pattern.needs.needs_digits()),
            cued: IdentifierKind::ALL
                .iter()
                .map(|kind| places(&|own| own.pattern.cues.contains(kind)))
                .collect(),
        }
    }

    /// The places of the patterns that may find something, in order.
    pub(super) fn of(&self, scan: &Scan<'_>) -> impl Iterator<Item = usize> + use<> {
        let mut kinds = scan.cues.kinds;
        let mut left = self.bare;
        while kinds != 0 {
            left |= self.cued[kinds.trailing_zeros() as usize];
            kinds &= kinds - 1;
        }
        if scan.traits.digits == 0 {
            left &= self.digitless;
        }
        std::iter::from_fn(move || {
            let at = left.trailing_zeros();
            left &= left.wrapping_sub(1);
            (at < Places::BITS).then_some(at as usize)
        })
    }
}

impl Compiled {
    /// Appends what the pattern finds in a view; `at` is its place in the list of recognizers.
    pub(super) fn find(&self, text: &str, scan: &Scan<'_>, at: usize, findings: &mut Vec<Finding>) {
        if !self.is_worth_running(scan) {
            return;
        }
        let cues = &scan.cues;
        if self.pattern.place == Place::AfterCue {
            after_cues(text, &cues.all, at, self, findings);
        } else {
            anywhere(text, &cues.all, at, self, findings);
        }
    }

    /// Whether the text can hold a match that scores enough.
    fn is_worth_running(&self, scan: &Scan<'_>) -> bool {
        let Scan { traits, cues, .. } = scan;
        let cued = cues.kinds & self.cues != 0;
        let needs = match self.pattern.needs {
            Needs::Digits(least) => traits.digits >= least,
            Needs::Run(least) => traits.longest_run >= least,
            Needs::SaidRun(least) => traits.said && traits.longest_run >= least,
            Needs::AtSign => traits.at_sign,
            Needs::HashSign => traits.hash_sign,
            Needs::Colons(least) => traits.colons >= least,
            Needs::Dots(least) => traits.dots >= least && traits.digits > least,
            Needs::Address => traits.slash || traits.www || cues.slash,
            Needs::Mixed(least) => traits.longest_mixed >= least || traits.mixed > 1,
            Needs::OldYear => traits.old_year,
            Needs::HighAge => traits.high_age || cues.hundred,
            Needs::Masked => traits.masked && traits.digits >= 4,
            Needs::Cue => cued,
            Needs::CueAndDigits(least) => cued && traits.digits >= least,
            Needs::Street => (cues.street || cued) && traits.digits > 0,
        };
        needs
            && (cued || self.pattern.bare >= THRESHOLD)
            && (self.beside == 0 || cues.kinds & self.beside != 0)
            && !(cues.product && self.beside == 0 && self.pattern.kind == IdentifierKind::CardExpiry)
    }
}
