//! Finds the emergencies of [`emergencies`](super::emergencies) in a message, clause by clause, and those of
//! [`other_languages`](super::other_languages) and [`word_pairs`](super::word_pairs).

use std::ops::Range;

use aho_corasick::AhoCorasick;
use regex::Regex;

use super::denials::Denials;
use super::emergencies::{COUNT, OVERDOSED, Pattern, all};
use super::figures::{FIGURATIVE, FIGURATIVE_PHRASES, HYPOTHETICAL};
use super::other_languages::{begins_a_word, phrases};
use super::raise::{Emergency, Raise, RaiseReason};
use super::word_classes::expand;
use super::word_pairs::{Clause, Heard, Word};
use super::word_table::words;
use crate::classify::label::Severity;
use crate::classify::local::reading::{Reading, Token};

/// The list, compiled.
pub(super) struct Patterns {
    /// The stems of all patterns, the phrases and the words of other languages, to be looked for in one walk.
    literals: AhoCorasick,
    /// By literal, what it calls for.
    of: Vec<Literal>,
    /// The list, each with its expression; a [`Literal::Stem`] is a place in it.
    list: Vec<(&'static Pattern, Regex)>,
    figurative: Vec<(&'static str, Regex)>,
    figurative_phrases: Regex,
    hypothetical: Regex,
    denials: Denials,
}

/// What a literal in a clause calls for.
#[derive(Clone, Copy)]
enum Literal {
    /// To run this pattern's expression.
    Stem(usize),
    /// Help, by itself. One that denies something itself ("не могу дышать") is not looked at for a denial.
    Phrase { help: Emergency, denies: bool },
    /// Something, together with others.
    Word(Word),
}

/// The name of what is raised by patterns and phrases of other languages.
const NOT_IN_ENGLISH: &str = "not in English";

impl Patterns {
    pub(super) fn new() -> Self {
        const VALID: &str = "every pattern is compiled by a test";
        let compile =
            |pattern: &str| Regex::new(&format!(r"(?-u:\b)(?:{})(?-u:\b)", expand(pattern))).expect(VALID);
        let stems = all().enumerate().flat_map(|(index, pattern)| {
            let stems = pattern.stems.iter();
            stems.map(move |stem| (Literal::Stem(index), (*stem).to_owned()))
        });
        let denials = Denials::new();
        let phrases = phrases().map(|(help, phrase)| {
            let denies = denials.begins(&phrase);
            (Literal::Phrase { help, denies }, phrase)
        });
        let words = words().map(|(word, written)| (Literal::Word(word), written));
        let (of, literals): (Vec<Literal>, Vec<String>) = stems.chain(phrases).chain(words).unzip();
        Self {
            literals: AhoCorasick::new(literals).expect(VALID),
            of,
            list: all().map(|pattern| (pattern, compile(pattern.regex))).collect(),
            figurative: FIGURATIVE
                .iter()
                .map(|(name, pattern)| (*name, compile(pattern)))
                .collect(),
            figurative_phrases: Regex::new(FIGURATIVE_PHRASES).expect(VALID),
            denials,
            hypothetical: Regex::new(&HYPOTHETICAL.replace(r"\w", "[a-z0-9]")).expect(VALID),
        }
    }

    /// The raise of the most severe pattern that matches.
    pub(super) fn find(&self, reading: &Reading) -> Option<Raise> {
        let mut found: Option<Raise> = None;
        let mut poisoned = false;
        let mut raised = |raise: Raise| {
            poisoned |= raise.emergency == Some(Emergency::Poisoning);
            // Self-harm outranks poisoning, poisoning the rest: the more special help comes first.
            if found.is_none_or(|found| (found.severity, found.emergency) < (raise.severity, raise.emergency))
            {
                found = Some(raise);
            }
        };
        let mut across = 0u128;
        let mut heard = Heard::default();
        let mut clause_before = 0;
        for tokens in reading.tokens.chunk_by(|a, b| a.clause == b.clause) {
            let (Some(first), Some(last)) = (tokens.first(), tokens.last()) else {
                continue;
            };
            // The space after the last word belongs to it: a stem may end with one.
            let (start, end) = (first.span.start, last.span.end);
            let spaced = &reading.text[start..(end + 1).min(reading.text.len())];
            let clause = &reading.text[start..end];
            if let Some(raise) = self.by_apostrophe(reading, clause, tokens) {
                raised(raise);
            }
            let here = Clause {
                number: first.clause,
                start,
                text: spaced,
            };
            let mut tried = across;
            for hit in self.literals.find_overlapping_iter(spaced) {
                let index = match self.of[hit.pattern().as_usize()] {
                    Literal::Stem(index) => index,
                    Literal::Phrase { help, denies } => {
                        if begins_a_word(spaced, hit.start())
                            && (denies || !self.denials.deny(spaced, hit.range(), false))
                            && !self.is_figurative_phrase(
                                &reading.text[clause_before..end],
                                start + hit.start() - clause_before,
                            )
                        {
                            raised(Raise {
                                reason: RaiseReason::Pattern(NOT_IN_ENGLISH),
                                severity: Some(Severity::Urgent),
                                emergency: Some(help),
                                also: None,
                            });
                        }
                        continue;
                    }
                    Literal::Word(word) => {
                        if word.anywhere || begins_a_word(spaced, hit.start()) {
                            heard
                                .hear(reading, &self.denials, word, hit.range(), &here)
                                .into_iter()
                                .for_each(&mut raised);
                        }
                        continue;
                    }
                };
                if tried & (1 << index) != 0 {
                    continue;
                }
                tried |= 1 << index;
                if self.list[index].0.across {
                    across |= 1 << index;
                } else if let Some(raise) = self.raise(index, clause, tokens) {
                    raised(raise);
                }
            }
            heard.end_clause().for_each(&mut raised);
            clause_before = start;
        }
        while across != 0 {
            let index = across.trailing_zeros() as usize;
            across &= across - 1;
            if let Some(raise) = self.raise(index, reading.text.trim_end(), &reading.tokens) {
                raised(raise);
            }
        }
        // Who took all the pills in order to die needs both.
        found.map(|raise| Raise {
            also: (poisoned && raise.emergency == Some(Emergency::SelfHarm)).then_some(Emergency::Poisoning),
            ..raise
        })
    }

    /// What one pattern says of `text`, which is a clause, or all of them where the pattern goes across.
    fn raise(&self, index: usize, text: &str, tokens: &[Token]) -> Option<Raise> {
        let (pattern, regex) = &self.list[index];
        let start = tokens[0].span.start;
        let negated = |at: usize| tokens.iter().any(|t| t.negated && t.span.start == start + at);
        // Self-harm is left out: "kann nicht mehr, möchte sterben".
        let may_be_denied = pattern.name == NOT_IN_ENGLISH && pattern.help == Some(Emergency::Medical);
        let denied = |hit: &Range<usize>| {
            may_be_denied
                && (self.denials.deny(text, hit.clone(), false) || self.denials.is_purpose(text, hit.start))
        };
        regex
            .find_iter(text)
            .map(|hit| hit.range())
            .filter(|hit| {
                !negated(hit.start) && !denied(hit) && !self.is_figurative(pattern.name, text, hit.clone())
            })
            // What is asked in general elsewhere in the text makes nothing of this general.
            .map(|hit| self.raise_as(pattern.name, pattern.help, &text[clauses_of(tokens, hit)]))
            .max_by_key(|raise| raise.severity)
    }

    /// "I OD'd": folded, the word is an ordinary one, so that no expression can find it.
    fn by_apostrophe(&self, reading: &Reading, clause: &str, tokens: &[Token]) -> Option<Raise> {
        let (word, name) = OVERDOSED;
        let start = tokens[0].span.start;
        tokens
            .iter()
            .any(|token| {
                token.contracted
                    && !token.negated
                    && reading.word(token) == word
                    && !self.is_figurative(name, clause, token.span.start - start..token.span.end - start)
            })
            .then(|| self.raise_as(name, Some(Emergency::Poisoning), clause))
    }

    fn raise_as(&self, name: &'static str, help: Option<Emergency>, clause: &str) -> Raise {
        let emergency = help.filter(|_| !self.hypothetical.is_match(clause));
        Raise {
            reason: RaiseReason::Pattern(name),
            severity: emergency.map(|_| Severity::Urgent),
            emergency,
            also: None,
        }
    }

    /// Whether the phrase at `at` of `text`, the clause before it and its own, is a figure of speech.
    fn is_figurative_phrase(&self, text: &str, at: usize) -> bool {
        self.figurative_phrases
            .find_iter(text)
            .any(|figure| figure.range().contains(&at))
    }

    fn is_figurative(&self, name: &str, clause: &str, hit: Range<usize>) -> bool {
        self.figurative
            .iter()
            .filter(|(of, _)| *of == name)
            .any(|(_, figure)| {
                figure
                    .find_iter(clause)
                    .any(|found| found.start() < hit.end && hit.start < found.end())
            })
    }
}

/// From where to where the clauses go of which `hit` has a part; both count from the first of `tokens`.
fn clauses_of(tokens: &[Token], hit: Range<usize>) -> Range<usize> {
    let origin = tokens[0].span.start;
    let touched = |token: &&Token| token.span.end > origin + hit.start && token.span.start < origin + hit.end;
    let clauses = tokens
        .iter()
        .find(touched)
        .zip(tokens.iter().rfind(touched))
        .map(|(first, last)| first.clause..=last.clause);
    let mut within = tokens.iter().filter(|token| {
        clauses
            .as_ref()
            .is_some_and(|clauses| clauses.contains(&token.clause))
    });
    let (Some(first), last) = (within.next(), within.next_back()) else {
        return hit;
    };
    first.span.start - origin..last.unwrap_or(first).span.end - origin
}

const _: () = assert!(COUNT <= 128, "one bit each");
