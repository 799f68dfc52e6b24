//! Regular expressions that are run only on texts in which they can match.
//!
//! A message is looked at for hundreds of wordings, and most are not in it. Every match of an expression holds one of a few literals ("breath" of
//! `can't (?:even )?breathe?`): they are taken from the parsed expression, and one automaton over all of them (Aho-Corasick) reads a
//! text once and says which expressions are worth running. It leaves out nothing that would match: an expression without such
//! literals is always run, and so is everything on a text with letters that fold to ASCII only in Unicode. Where an expression is nothing but
//! a few words or phrases (`phrases.rs`), the automaton finds its matches too, and it is not run at all on an ASCII text.

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::OnceLock;

use aho_corasick::AhoCorasick;
use regex::{Captures, Match, Regex};

use super::literals::{is_word, needed};
use super::phrases::{self, Phrases};

/// Most expressions of one [`Prefilter`]: each has a bit.
const MAX_PATTERNS: usize = 64 * WORDS;
const WORDS: usize = 10;

/// A regular expression and its place in the prefilter it was added to. It is compiled when a text first needs it: most wordings are
/// rare, and hundreds of compiled expressions would take tens of megabytes and a good part of the start.
#[derive(Debug)]
pub(super) struct Pattern {
    source: String,
    /// Whether it matches a few words or phrases and nothing else: the prefilter finds them.
    is_phrases: bool,
    compiled: OnceLock<Regex>,
    number: usize,
}

impl Pattern {
    /// The expression itself, for a part of a text that was not scanned by itself.
    pub(super) fn regex(&self) -> &Regex {
        self.compiled.get_or_init(|| regex(&self.source))
    }

    /// Where it first matches from `from` on.
    pub(super) fn find_at(&self, scan: &Scan<'_>, from: usize) -> Option<Range<usize>> {
        if self.is_phrases && scan.knows_phrases {
            let at = scan
                .phrases
                .partition_point(|found| (found.number, found.start) < (self.number, from));
            let first = scan.phrases.get(at).filter(|found| found.number == self.number)?;
            return Some(first.start..first.end);
        }
        self.regex().find_at(scan.text, from).map(|found| found.range())
    }

    /// Whether it may match.
    pub(super) fn may_match(&self, scan: &Scan<'_>) -> bool {
        scan.present.has(self.number)
    }

    pub(super) fn is_match(&self, scan: &Scan<'_>) -> bool {
        self.may_match(scan) && (self.is_phrases && scan.knows_phrases || self.regex().is_match(scan.text))
    }

    pub(super) fn find<'t>(&self, scan: &Scan<'t>) -> Option<Match<'t>> {
        self.may_match(scan)
            .then(|| self.regex().find(scan.text))
            .flatten()
    }

    pub(super) fn find_iter<'t>(&self, scan: &Scan<'t>) -> impl Iterator<Item = Match<'t>> {
        let matches = self.may_match(scan).then(|| self.regex().find_iter(scan.text));
        matches.into_iter().flatten()
    }

    pub(super) fn captures<'t>(&self, scan: &Scan<'t>) -> Option<Captures<'t>> {
        self.may_match(scan)
            .then(|| self.regex().captures(scan.text))
            .flatten()
    }

    pub(super) fn captures_iter<'t>(&self, scan: &Scan<'t>) -> impl Iterator<Item = Captures<'t>> {
        let matches = self
            .may_match(scan)
            .then(|| self.regex().captures_iter(scan.text));
        matches.into_iter().flatten()
    }
}

/// A text and the expressions that may match in it.
#[derive(Debug, Clone)]
pub(super) struct Scan<'t> {
    text: &'t str,
    present: Bits,
    /// Every place of every phrase, in order, if `knows_phrases`: a text may hold a thousand, and each is asked for.
    phrases: Vec<Found>,
    /// Not where the text is more than ASCII: there only the expression knows where a word ends.
    knows_phrases: bool,
}

/// A phrase that stands by itself in a text. In order of expressions, then of places.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Found {
    /// The expression's.
    number: usize,
    start: usize,
    /// Which of two that begin at one place the expression would take: the lower.
    rank: usize,
    end: usize,
}

/// A set of expressions by their numbers.
#[derive(Debug, Clone, Copy, Default)]
struct Bits([u64; WORDS]);

impl Bits {
    const ALL: Self = Self([u64::MAX; WORDS]);

    fn has(&self, number: usize) -> bool {
        self.0[number / 64] & (1 << (number % 64)) != 0
    }

    fn insert(&mut self, number: usize) {
        self.0[number / 64] |= 1 << (number % 64);
    }

    /// The numbers that are in both.
    fn common(self, other: Self) -> impl Iterator<Item = usize> {
        let words = self.0.into_iter().zip(other.0).enumerate();
        words.flat_map(|(at, (a, b))| {
            let mut word = a & b;
            std::iter::from_fn(move || {
                let bit = (word != 0).then(|| word.trailing_zeros() as usize)?;
                word &= word - 1;
                Some(64 * at + bit)
            })
        })
    }
}

/// Expressions that are asked for together.
#[derive(Debug)]
pub(super) struct PatternList {
    /// In the order in which they were added, which numbered them without a gap.
    patterns: Vec<Pattern>,
    numbers: Bits,
}

impl PatternList {
    #[cfg(test)]
    pub(super) fn all(&self) -> &[Pattern] {
        &self.patterns
    }

    /// Those that may match, in the order in which they were added.
    pub(super) fn that_may_match(&self, scan: &Scan<'_>) -> impl Iterator<Item = &Pattern> {
        let first = self.patterns.first().map_or(0, |first| first.number);
        let present = self.numbers.common(scan.present);
        present.map(move |number| &self.patterns[number - first])
    }
}

impl<'t> Scan<'t> {
    /// The text.
    pub(super) const fn text(&self) -> &'t str {
        self.text
    }
}

/// Collects expressions; [`PatternSet::prefilter`] ends it.
#[derive(Debug, Default)]
pub(super) struct PatternSet {
    count: usize,
    always: Bits,
    /// Literal -> the expressions that need it.
    literals: BTreeMap<String, Vec<Need>>,
}

/// An expression that needs a literal, and what it asks of its surroundings.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Need {
    number: usize,
    /// Only where a word begins with it.
    begins_word: bool,
    /// Only where a word ends with it.
    ends_word: bool,
    /// Where it is a phrase, and so a whole match.
    phrase: Option<Phrase>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Phrase {
    /// Its place among the expression's, the preferred first.
    rank: usize,
    /// How many letters at least follow in its last word, where that is open.
    open: Option<usize>,
}

impl PatternSet {
    /// Adds an expression that is a constant of this program.
    pub(super) fn add(&mut self, pattern: &str) -> Pattern {
        assert!(
            self.count < MAX_PATTERNS,
            "a prefilter has a bit for each pattern"
        );
        let number = self.count;
        self.count += 1;
        // The automaton ignores case by itself.
        let bare = pattern.strip_prefix("(?i)").unwrap_or(pattern);
        let parsed = regex_syntax::parse(bare).ok();
        let phrases = parsed.as_ref().filter(|_| bare != pattern).and_then(phrases::of);
        let is_phrases = phrases.is_some();
        if let Some(Phrases { texts, open }) = phrases {
            for (rank, text) in texts.iter().enumerate() {
                let need = Need {
                    number,
                    begins_word: true,
                    ends_word: open.is_none(),
                    phrase: Some(Phrase { rank, open }),
                };
                self.need(text, need);
            }
        } else if let Some(literals) = parsed.and_then(|hir| needed(&hir)) {
            for literal in literals {
                let need = Need {
                    number,
                    begins_word: literal.begins_word,
                    ends_word: literal.ends_word,
                    phrase: None,
                };
                self.need(&literal.text, need);
            }
        } else {
            self.always.insert(number);
        }
        let pattern = Pattern {
            source: pattern.to_owned(),
            is_phrases,
            compiled: OnceLock::new(),
            number,
        };
        // Every constant passes here in the tests: a wrong one is found there, not by a customer.
        if cfg!(test) {
            pattern.regex();
        }
        pattern
    }

    fn need(&mut self, literal: &str, need: Need) {
        let known = self.literals.entry(literal.to_lowercase()).or_default();
        if !known.contains(&need) {
            known.push(need);
        }
    }

    /// Adds several that are asked for together.
    pub(super) fn add_all(&mut self, patterns: impl IntoIterator<Item = String>) -> PatternList {
        let patterns: Vec<Pattern> = patterns.into_iter().map(|pattern| self.add(&pattern)).collect();
        let mut numbers = Bits::default();
        for pattern in &patterns {
            numbers.insert(pattern.number);
        }
        PatternList { patterns, numbers }
    }

    /// The automaton over everything that was added.
    pub(super) fn prefilter(self) -> Prefilter {
        let automaton = AhoCorasick::builder()
            .ascii_case_insensitive(true)
            .build(self.literals.keys())
            .expect("the literals of constant patterns are few");
        Prefilter {
            automaton,
            needs: self.literals.into_values().collect(),
            always: self.always,
        }
    }
}

/// Says which expressions may match a text.
#[derive(Debug)]
pub(super) struct Prefilter {
    automaton: AhoCorasick,
    /// By the literal's number in the automaton.
    needs: Vec<Vec<Need>>,
    always: Bits,
}

impl Prefilter {
    /// Reads `text` once.
    pub(super) fn scan<'t>(&self, text: &'t str) -> Scan<'t> {
        let knows_phrases = text.is_ascii();
        let mut scan = Scan {
            text,
            present: self.always,
            phrases: Vec::new(),
            knows_phrases,
        };
        // The long s and the Kelvin sign are an s and a k to a case-insensitive expression, and not to the automaton.
        if !knows_phrases && text.contains(['\u{17f}', '\u{212a}']) {
            scan.present = Bits::ALL;
            return scan;
        }
        let letters_from = |from: usize| {
            text[from..]
                .bytes()
                .take_while(|byte| is_word(char::from(*byte)))
                .count()
        };
        for hit in self.automaton.find_overlapping_iter(text) {
            let begins = || !text[..hit.start()].chars().next_back().is_some_and(is_word);
            let ends = || !text[hit.end()..].chars().next().is_some_and(is_word);
            for need in &self.needs[hit.pattern().as_usize()] {
                let phrase = need.phrase.filter(|_| knows_phrases);
                if phrase.is_none() && scan.present.has(need.number)
                    || need.begins_word && !begins()
                    || need.ends_word && !ends()
                {
                    continue;
                }
                let mut end = hit.end();
                if let Some(least) = phrase.and_then(|phrase| phrase.open) {
                    let more = letters_from(end);
                    if more < least {
                        continue;
                    }
                    end += more;
                }
                scan.present.insert(need.number);
                scan.phrases.extend(phrase.map(|phrase| Found {
                    number: need.number,
                    start: hit.start(),
                    end,
                    rank: phrase.rank,
                }));
            }
        }
        scan.phrases.sort_unstable();
        scan
    }
}

/// Compiles a constant of this program.
pub(super) fn regex(pattern: &str) -> Regex {
    Regex::new(pattern).expect("the pattern is a constant, compiled by the tests")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_can_match_is_run() {
        let mut set = PatternSet::default();
        let ill = set.add(r"(?i)\b(?:ill)\b");
        let breath = set.add(r"(?i)\b(?:can't|cannot) breathe\b");
        let any = set.add(r"(?i)\w+");
        let prefilter = set.prefilter();
        let may = |text: &str| {
            let scan = prefilter.scan(text);
            [&ill, &breath, &any].map(|pattern| pattern.may_match(&scan))
        };
        assert_eq!(may("I will take the pill"), [false, false, true]);
        assert_eq!(may("I am ILL."), [true, false, true]);
        assert_eq!(may("I cannot Breathe"), [false, true, true]);
        assert_eq!(may("bad caſe"), [true, true, true]);
        assert!(ill.is_match(&prefilter.scan("so ill")));
        assert_eq!(breath.find_iter(&prefilter.scan("nothing")).count(), 0);
    }
}
