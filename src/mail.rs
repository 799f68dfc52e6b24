//! The parts of a mail: what is said now, what is quoted, how it is signed.
//!
//! A mail carries its history: an old "I can't breathe" quoted under "thanks, all good" is not today's emergency. What is handed over is: a
//! forwarded message, and one under "please look at this", is what the writer wants read, whoever wrote it. So a quotation counts where
//! the writer points at it, and not where it is the service's own letter or one that was answered. Notices ("if this is an emergency call
//! 911") and the footers of mail programs are nobody's words. In doubt a line counts as said: it is better to read too much than to lose a
//! report. Where nothing would be left, everything is said.
//!
//! Classification and workflows read the same parts, so that a record holds the facts that it was opened for; workflows do so in the redacted
//! text, where the address of a sender may be missing. Linear in the text, whatever is written; nothing here fails.

mod furniture;
mod quotation;
mod signature;
#[cfg(test)]
mod tests;

use std::borrow::Cow;

use regex::{Regex, RegexBuilder};

/// What a piece of a mail is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Part {
    /// Said now, by the writer or by whom the writer hands over.
    Said,
    /// Names below a closing formula ("Kind regards").
    Closing,
    /// The block below `-- `.
    Signature,
    /// Quoted from earlier in the thread.
    History,
    /// Nobody's words.
    Furniture,
}

#[derive(Debug)]
struct Piece<'a> {
    part: Part,
    text: &'a str,
    /// Whether its line goes on with another piece.
    goes_on: bool,
}

/// A text, piece by piece, in order. One that is no mail is said from end to end.
#[derive(Debug)]
pub struct Mail<'a>(Vec<Piece<'a>>);

impl<'a> Mail<'a> {
    /// Takes a text apart.
    #[must_use]
    pub fn read(text: &'a str) -> Self {
        let lines: Vec<&str> = text.lines().collect();
        let mut parts = vec![Part::Said; lines.len()];
        // A line alone quotes nothing, nobody signs it, and were it a notice, nothing would be left.
        if lines.len() > 1 {
            quotation::mark(&lines, &mut parts);
            signature::mark(&lines, &mut parts);
            furniture::mark(&lines, &mut parts);
        }
        let mut mail = Self(Vec::with_capacity(lines.len()));
        for (line, part) in lines.into_iter().zip(parts) {
            match part {
                Part::Said | Part::Signature => mail.push_sentences(part, line),
                Part::Closing | Part::History | Part::Furniture => mail.push(part, line, false),
            }
        }
        let said = mail.said().flat_map(str::chars);
        if said.filter(|c| c.is_alphanumeric()).take(2).count() < 2 {
            mail.0.iter_mut().for_each(|piece| piece.part = Part::Said);
        }
        mail
    }

    /// What is said.
    pub fn said(&self) -> impl Iterator<Item = &'a str> {
        self.pieces(&[Part::Said]).map(|piece| piece.text)
    }

    /// What is said, and every signature.
    pub fn said_and_signed(&self) -> impl Iterator<Item = &'a str> {
        self.pieces(&[Part::Said, Part::Closing, Part::Signature])
            .map(|piece| piece.text)
    }

    fn pieces(&self, wanted: &'static [Part]) -> impl Iterator<Item = &Piece<'a>> {
        self.0.iter().filter(|piece| wanted.contains(&piece.part))
    }

    fn push(&mut self, part: Part, text: &'a str, goes_on: bool) {
        self.0.push(Piece { part, text, goes_on });
    }

    /// Sentences apart where one of them may be nobody's words.
    fn push_sentences(&mut self, part: Part, line: &'a str) {
        if !furniture::may_advise(line) {
            return self.push(part, line, false);
        }
        let mut rest = line;
        while !rest.is_empty() {
            let (sentence, after) = rest.split_at(furniture::sentence_end(rest));
            let part = if furniture::is_advice(sentence) {
                Part::Furniture
            } else {
                part
            };
            self.push(part, sentence, !after.is_empty());
            rest = after;
        }
    }
}

/// What is said in `text`, with the names that it is signed with, without the block below `-- `.
#[must_use]
pub fn own_words(text: &str) -> Cow<'_, str> {
    const OWN: &[Part] = &[Part::Said, Part::Closing];
    let mail = Mail::read(text);
    if mail.0.iter().all(|piece| OWN.contains(&piece.part)) {
        return Cow::Borrowed(text);
    }
    let mut own = String::with_capacity(text.len());
    for piece in mail.pieces(OWN) {
        own.push_str(piece.text);
        if !piece.goes_on {
            own.push('\n');
        }
    }
    Cow::Owned(own.trim().to_owned())
}

/// A pattern of several lines, in whatever case; a space in it is written `\ `.
fn expression(pattern: &str) -> Regex {
    RegexBuilder::new(pattern)
        .case_insensitive(true)
        .ignore_whitespace(true)
        .build()
        .expect("the pattern is a constant, compiled by the tests")
}

/// Whether `line` has one of `words`, in lower case, as a word of its own.
fn has_word(line: &str, words: &[&str]) -> bool {
    line.split(|c: char| !c.is_alphanumeric() && c != '\'' && c != '\u{2019}')
        .any(|word| words.iter().any(|one| word.eq_ignore_ascii_case(one)))
}

/// Words by which somebody speaks of himself.
const FIRST_PERSON: [&str; 18] = [
    "i",
    "i'm",
    "i\u{2019}m",
    "im",
    "i've",
    "i\u{2019}ve",
    "ive",
    "my",
    "me",
    "ich",
    "mir",
    "mich",
    "mein",
    "meine",
    "yo",
    "mi",
    "je",
    "mon",
];

fn starts_with_ignore_case(text: &str, start: &str) -> bool {
    text.as_bytes()
        .get(..start.len())
        .is_some_and(|head| head.eq_ignore_ascii_case(start.as_bytes()))
}

fn contains_ignore_case(text: &str, part: &str) -> bool {
    text.as_bytes()
        .windows(part.len())
        .any(|window| window.eq_ignore_ascii_case(part.as_bytes()))
}
