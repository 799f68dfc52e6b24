//! Turns a raw message into the tokens the model reads: what is said in it, Unicode folded, words split, negation marked.
//!
//! One pass, linear in the text, never fails. What a customer writes varies in ways that carry no meaning for the
//! decision: case, accents, curly quotes, ligatures, `can't` against `cant`. All of those are folded away here, so
//! that neither features nor patterns need to know. Training, inference and the safety patterns share this file: a
//! model is only valid with the reading it was trained with ([`READING_VERSION`] is part of the model file).

use std::borrow::Cow;
use std::ops::Range;
use std::sync::LazyLock;

use regex::Regex;
use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

use crate::mail::Mail;
use crate::message::Channel;
use crate::reference;

/// Version of the rules in this file; a model trained with another one is refused.
pub const READING_VERSION: u32 = 1;

/// Most bytes of a message that are read: far above the longest accepted message (5,000 characters), and the bound
/// that keeps any input cheap.
const MAX_BYTES: usize = 64 * 1024;

/// What a token is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Letters, without apostrophes.
    Word,
    /// Digits; only their count is meaning.
    Number,
    /// `?`, `!`, an emoji or another symbol.
    Symbol,
}

/// A token of the folded text.
#[derive(Debug, Clone)]
pub(crate) struct Token {
    /// Where it is in [`Reading::text`].
    pub(crate) span: Range<usize>,
    /// What it is.
    pub(crate) kind: Kind,
    /// Whether a negation (`no`, `not`, `without`, `n't`) reaches it.
    pub(crate) negated: bool,
    /// Whether an apostrophe stood inside the word: `OD'd` is another word than `odd`, though both are folded to the same.
    pub(crate) contracted: bool,
    /// Number of the clause it is in, from 0.
    pub(crate) clause: u32,
}

/// A message as the model reads it.
#[derive(Debug, Default)]
pub(crate) struct Reading {
    /// Lower case, no accents, straight quotes removed inside words.
    pub(crate) text: String,
    /// In order.
    pub(crate) tokens: Vec<Token>,
}

impl Reading {
    /// Reads `raw`. The channel only decides whether a signature ("Kind regards, ...", or `-- `) ends the message.
    pub(crate) fn new(raw: &str, channel: Channel) -> Self {
        let mut reading = Self {
            text: String::with_capacity(raw.len().min(MAX_BYTES) + 8),
            tokens: Vec::with_capacity(raw.len().min(MAX_BYTES) / 5 + 4),
        };
        let raw = without_references(&raw[..raw.floor_char_boundary(MAX_BYTES)]);
        let raw = raw.as_ref();
        let mut state = State::default();
        let mut keep = |line: &str| {
            reading.push_line(line, &mut state);
            state.break_clause();
        };
        let mail = Mail::read(raw);
        if Self::is_whole(channel) {
            mail.said_and_signed().for_each(&mut keep);
        } else {
            mail.said().for_each(&mut keep);
        }
        reading
    }

    /// Reads `raw` with its signature: a pattern found in one is worth a look.
    pub(crate) fn whole(raw: &str) -> Self {
        Self::new(raw, Channel::Api)
    }

    /// Whether a message of this channel is read as a whole.
    pub(crate) const fn is_whole(channel: Channel) -> bool {
        !matches!(channel, Channel::Mail)
    }

    /// The token's folded text.
    pub(crate) fn word(&self, token: &Token) -> &str {
        &self.text[token.span.clone()]
    }

    fn push_line(&mut self, line: &str, state: &mut State) {
        if line.is_ascii() {
            for byte in line.bytes() {
                self.push_char(byte.to_ascii_lowercase() as char, state);
            }
        } else {
            for c in line
                .nfkd()
                .filter(|c| !is_combining_mark(*c))
                .flat_map(char::to_lowercase)
            {
                self.push_char(c, state);
            }
        }
        self.end_token(state);
    }

    fn push_char(&mut self, c: char, state: &mut State) {
        let kind = match c {
            'a'..='z' => Some(Kind::Word),
            '0'..='9' => Some(Kind::Number),
            // can't, can’t and cant are one word.
            '\'' | '\u{2019}' | '\u{2018}' | '\u{2bc}' | '`' | '\u{b4}' => {
                state.apostrophe = self.text.len();
                return;
            }
            _ if c.is_ascii() => None,
            _ if c.is_alphabetic() => Some(Kind::Word),
            _ if c.is_numeric() => Some(Kind::Number),
            // Joiners and variation selectors belong to the emoji before them.
            '\u{200b}'..='\u{200f}'
            | '\u{202a}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}'
            | '\u{fe00}'..='\u{fe0f}' => return,
            _ => None,
        };
        if let Some(kind) = kind {
            if state.open.is_some_and(|(_, open)| open != kind) {
                self.end_token(state);
            }
            state.open.get_or_insert((self.text.len(), kind));
            self.text.push(c);
            return;
        }
        self.end_token(state);
        match c {
            '.' | ',' | ';' | ':' | '(' | ')' | '\u{2014}' | '\u{2013}' | '\u{2026}' => state.break_clause(),
            '?' | '!' => {
                self.push_symbol(c, state);
                state.break_clause();
            }
            _ if c.is_ascii() || c.is_whitespace() => {}
            _ => self.push_symbol(c, state),
        }
    }

    fn push_symbol(&mut self, c: char, state: &mut State) {
        let start = self.text.len();
        self.text.push(c);
        state.open = Some((start, Kind::Symbol));
        self.end_token(state);
    }

    fn end_token(&mut self, state: &mut State) {
        let Some((start, kind)) = state.open.take() else {
            return;
        };
        let span = start..self.text.len();
        let word = &self.text[start..];
        if kind == Kind::Word && ends_scope(word) {
            state.negated_left = 0;
            if word == "but" || word == "and" || word == "because" {
                state.break_clause();
            }
        }
        let negated = kind == Kind::Word && state.negated_left > 0;
        state.negated_left = state.negated_left.saturating_sub(1);
        if kind == Kind::Word && negates(word) {
            state.negated_left = NEGATION_REACH;
        }
        // One at either end is a quotation mark.
        let contracted = (span.start + 1..span.end).contains(&state.apostrophe);
        self.tokens.push(Token {
            span,
            kind,
            negated,
            contracted,
            clause: state.clause,
        });
        state.clause_is_empty = false;
        self.text.push(' ');
    }
}

/// `raw` with "ticket" for each of our own references. No training message has one, and their twelve symbols fall apart into words and
/// numbers that mean nothing: half of the questions about a ticket were taken for safety reports. With or without the hyphen, as people write.
fn without_references(raw: &str) -> Cow<'_, str> {
    static REFERENCE: LazyLock<Regex> = LazyLock::new(|| {
        let written = reference::in_any_case(&reference::pattern(reference::HYPHEN_AS_COPIED));
        Regex::new(&written).expect("the pattern is a constant, compiled by the tests")
    });
    REFERENCE.replace_all(raw, "ticket")
}

/// How many words a negation reaches: "no longer having any chest pain" is the longest common one.
const NEGATION_REACH: u8 = 6;

#[derive(Default)]
struct State {
    open: Option<(usize, Kind)>,
    /// Where in the folded text the latest apostrophe was left out.
    apostrophe: usize,
    negated_left: u8,
    clause: u32,
    clause_is_empty: bool,
}

impl State {
    fn break_clause(&mut self) {
        self.negated_left = 0;
        if !self.clause_is_empty {
            self.clause += 1;
            self.clause_is_empty = true;
        }
    }
}

/// Words that turn what follows into its opposite. `cant` and `wont` are not among them: "can't breathe" is the symptom.
fn negates(word: &str) -> bool {
    matches!(
        word,
        "no" | "not"
            | "never"
            | "without"
            | "none"
            | "zero"
            | "nothing"
            | "isnt"
            | "wasnt"
            | "dont"
            | "doesnt"
            | "didnt"
            | "havent"
            | "hasnt"
            | "hadnt"
            | "arent"
            | "werent"
            | "nor"
            | "neither"
            | "denies"
            | "sin"
            | "kein"
            | "keine"
            | "pas"
    )
}

/// Words that end the reach of a negation.
fn ends_scope(word: &str) -> bool {
    matches!(
        word,
        "but"
            | "and"
            | "because"
            | "just"
            | "only"
            | "except"
            | "although"
            | "though"
            | "however"
            | "since"
            | "after"
            | "until"
            | "so"
            | "please"
            | "if"
            | "pero"
            | "aber"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(raw: &str) -> Vec<String> {
        let reading = Reading::new(raw, Channel::Mail);
        reading
            .tokens
            .iter()
            .map(|token| reading.word(token).to_owned())
            .collect()
    }

    #[test]
    fn spelling_noise_that_carries_no_meaning_is_folded() {
        for raw in [
            "I can’t breathe",
            "i cant BREATHE",
            "I can't breathe",
            "Ｉ can‘t breathe.",
        ] {
            assert_eq!(words(raw), ["i", "cant", "breathe"], "{raw}");
        }
        assert_eq!(
            words("20mg of Citalopräm?"),
            ["20", "mg", "of", "citalopram", "?"]
        );
        assert_eq!(words("ok 👍🏽"), ["ok", "👍", "🏽"]);
    }

    #[test]
    fn our_own_references_are_read_as_tickets() {
        for raw in [
            "Any news on TKT-7Q2M9ZK4XWB1?",
            "any news on saf 7q2m9zk4xwb1?",
            "any news on TKT7Q2M9ZK4XWB1?",
        ] {
            assert_eq!(words(raw), ["any", "news", "on", "ticket", "?"], "{raw}");
        }
        assert_eq!(words("order TKT-12"), ["order", "tkt", "12"]);
    }

    #[test]
    fn a_negation_reaches_the_words_after_it_up_to_a_turn() {
        let reading = Reading::new("no chest pain, just want a refill but nausea", Channel::Chat);
        let negated: Vec<&str> = reading
            .tokens
            .iter()
            .filter(|t| t.negated)
            .map(|t| reading.word(t))
            .collect();
        assert_eq!(negated, ["chest", "pain"]);
    }

    #[test]
    fn quoted_history_and_signatures_are_dropped_but_forwarded_reports_are_not() {
        let reply = "On Fri, Sep 12, Care wrote:\n> Any chest pain?\n\nNo. When do you open?";
        assert_eq!(words(reply), ["no", "when", "do", "you", "open", "?"]);
        assert_eq!(
            words("Where is my parcel?\nKind regards,\nAnna Payne\nPain Clinic"),
            ["where", "is", "my", "parcel", "?"]
        );
        assert!(
            words("Thanks,\nAnn\nps since the new tablets my chest hurts when I climb stairs")
                .contains(&"hurts".to_owned())
        );
        assert!(
            words("Fwd: please act\nOn Monday Ann wrote:\n> the pills made me faint")
                .contains(&"faint".to_owned())
        );
        assert_eq!(words("> only quoted"), ["only", "quoted"]);
    }

    #[test]
    fn a_forwarded_message_is_read_behind_a_signature_and_below_a_long_letter() {
        let whole = |raw: &str| Reading::whole(raw).text;
        let forward = "---------- Forwarded message ---------\nFrom: Jo\nmy husband can't breathe";
        for raw in [
            format!("Please see below\n-- \nAnn\n\n{forward}"),
            format!("Please see below\nThanks,\nAnn\n{forward}"),
            format!(
                "Siehe unten\n-- \nAnn\n{}",
                forward.replace("Forwarded message", "Weitergeleitete Nachricht")
            ),
            format!(
                "{}{forward}\nOn Monday Jo wrote:\n> can't breathe",
                "A line of mine.\n".repeat(12)
            ),
            // The subject in the first line, and a mail program that has no words for it below.
            "Fwd: my husband\nSee below.\n-- \nAnn\n\nFrom: Jo\nmy husband can't breathe".to_owned(),
        ] {
            assert!(words(&raw).contains(&"breathe".to_owned()), "{raw}");
            assert!(whole(&raw).contains("cant breathe"), "{raw}");
        }
        // Without one the signature ends a mail for the model, and the patterns look at it all the same.
        let signed = "Where is my parcel?\n-- \nAnn, Pain Clinic";
        assert_eq!(words(signed), ["where", "is", "my", "parcel", "?"]);
        assert!(whole(signed).ends_with("pain clinic "));
        // What a history quotes is no forward of today.
        let reply = format!(
            "Thanks.\n{}On Monday Care wrote:\n> {}",
            "All is well.\n".repeat(12),
            forward.replace('\n', "\n> ")
        );
        assert!(!words(&reply).contains(&"breathe".to_owned()));
    }

    #[test]
    fn clauses_are_counted_at_punctuation_and_turns() {
        let reading = Reading::new("refund please. it burned me, and i want a call", Channel::Chat);
        let clauses: Vec<u32> = reading.tokens.iter().map(|t| t.clause).collect();
        assert_eq!(clauses, [0, 0, 1, 1, 1, 2, 2, 2, 2, 2]);
    }
}
