//! One walk over a text, word by word, that learns what all recognizers want to know: what the text holds (`traits.rs`), where its cue
//! words are (`lexicon.rs`), and which words may begin a person's name.
//!
//! Every other step looks only where this one saw something. It reads each byte a bounded number of times, and cannot fail.

use super::lexicon::{Cue, Cues, Lexicon};
use super::recognizers::speakers;
use super::recognizers::words::{may_begin_name, may_begin_town};
use super::traits::Traits;
use super::word_hash::{hash, hash_ascii};
use crate::privacy::sense::Sense;

/// What one walk over a text learned.
#[derive(Debug)]
pub(crate) struct Scan<'l> {
    pub(super) traits: Traits,
    pub(crate) cues: Cues<'l>,
    /// Where words begin that may be a given name.
    pub(crate) given_names: Vec<u32>,
    /// Where words with a capital begin that may begin a town's name.
    pub(crate) towns: Vec<u32>,
    /// Where words with a capital begin behind a word or its comma, and not another sentence.
    pub(crate) capitals: Vec<u32>,
    /// Where two words begin that both have a capital.
    pub(crate) pairs: Vec<u32>,
    /// Where three letters or more begin that stand alone.
    pub(crate) spelled: Vec<u32>,
    /// Where words end that are "at", alone or in a cue.
    pub(crate) ats: Vec<u32>,
    /// The colons behind labels that only say who speaks in a chat.
    pub(crate) speakers: Vec<u32>,
}

/// What a byte is to the scan.
const LETTER: u8 = 1;
const DIGIT: u8 = 2;
const BEYOND: u8 = 4;
const LETTER_X: u8 = 8;
const MARK: u8 = 16;
const WORD: u8 = LETTER | DIGIT | BEYOND;

const KIND: [u8; 256] = {
    let mut kind = [0; 256];
    let mut byte = 0;
    while byte < 256 {
        kind[byte] = match byte as u8 {
            b'x' | b'X' => LETTER | LETTER_X,
            b'a'..=b'z' | b'A'..=b'Z' => LETTER,
            b'0'..=b'9' => DIGIT,
            0x80.. => BEYOND,
            b'@' | b':' | b'=' | b'.' | b'/' | b'*' | b'#' | b'\n' | b'(' | b'<' => MARK,
            _ => 0,
        };
        byte += 1;
    }
    kind
};

fn kind(byte: u8) -> u8 {
    KIND[usize::from(byte)]
}

impl<'l> Scan<'l> {
    pub(super) fn of(text: &str, lexicon: &'l Lexicon) -> Self {
        let bytes = text.as_bytes();
        let mut traits = Traits::default();
        let mut cues = Cues {
            all: Vec::with_capacity(16),
            ..Cues::default()
        };
        let mut given_names = Vec::new();
        let mut towns = Vec::new();
        let mut capitals = Vec::new();
        let mut pairs = Vec::new();
        // Where the last capitalised word begins that a hyphen follows, and where the word after the hyphen does.
        let (mut capital, mut hyphened) = (0, usize::MAX);
        let mut ats = Vec::new();
        let mut spelled = Vec::new();
        // How many single letters stand in a row, and where they begin.
        let mut letters = (0, 0);
        // Where the last cue ended: one inside another says nothing, one that reaches beyond it does ("my patient" in "my patient id").
        let mut cue_end = 0;
        let mut head_end = 0;
        let mut at = 0;
        while let Some(byte) = bytes.get(at) {
            let mut kinds = kind(*byte);
            if kinds & WORD == 0 {
                if kinds == MARK {
                    traits.mark(bytes, at);
                }
                at += 1;
                continue;
            }
            let start = at;
            at += 1;
            while let Some(byte) = bytes.get(at)
                && kind(*byte) & WORD != 0
            {
                kinds |= kind(*byte);
                at += 1;
            }
            traits.beyond_ascii |= kinds & BEYOND != 0;
            let word = &bytes[start..at];
            let hash = if kinds & BEYOND == 0 {
                hash_ascii(word)
            } else {
                text.get(start..at).map_or(0, hash)
            };
            if (kinds & (DIGIT | BEYOND) != 0 || lexicon.may_begin(hash))
                && let Some((end, phrase)) = lexicon.longest(bytes, start)
                && end > cue_end
                // "case number is": the number is the case's.
                && !(start < head_end && word.eq_ignore_ascii_case(b"number"))
            {
                cue_end = end;
                head_end = lexicon.note(&mut cues, bytes, start, end, phrase);
            }
            if kinds & DIGIT == 0 {
                if kinds & LETTER_X != 0 {
                    traits.word_with_x(word);
                }
                if word.len() > 1 && may_begin_name(word, hash) {
                    given_names.push(start as u32);
                }
                if byte.is_ascii_uppercase()
                    && word.len() > 3
                    && start > 1
                    && bytes[start - 1] == b' '
                    && matches!(bytes[start - 2], b'a'..=b'z' | b',')
                {
                    capitals.push(start as u32);
                }
                if byte.is_ascii_uppercase() && word.len() > 2 && may_begin_town(hash) {
                    towns.push(start as u32);
                }
                if byte.is_ascii_uppercase()
                    && let Some([b' ', next]) = bytes.get(at..at + 2)
                    && next.is_ascii_uppercase()
                {
                    pairs.push(start as u32);
                } else if hyphened == start
                    && let Some([b' ', next]) = bytes.get(at..at + 2)
                    && next.is_ascii_uppercase()
                {
                    // "Seo-yeon Kim".
                    pairs.push(capital as u32);
                }
                if byte.is_ascii_uppercase() && bytes.get(at) == Some(&b'-') {
                    (capital, hyphened) = (start, at + 1);
                }
                // Letters one by one.
                if word.len() == 1 && !(start > 0 && bytes[start - 1] == b'\'') {
                    letters.0 += 1;
                    if letters.0 == 1 {
                        letters.1 = start;
                    } else if letters.0 == 3 {
                        spelled.push(letters.1 as u32);
                    }
                } else {
                    letters.0 = 0;
                }
                if word.len() == 2 {
                    if word.eq_ignore_ascii_case(b"at") {
                        ats.push(at as u32);
                    }
                    traits.hesitates |= word.eq_ignore_ascii_case(b"uh");
                }
            } else if kinds == DIGIT {
                traits.number(word);
            } else {
                traits.word_with_digits(word);
            }
        }
        traits.close();
        // A chat has two labels at least.
        let speakers = if traits.colons > 1 {
            speakers::find(text)
        } else {
            Vec::new()
        };
        if !speakers.is_empty() {
            let labels = |cue: &Cue<'_>| {
                let behind = text[cue.end..].trim_start_matches([' ', '*']);
                speakers
                    .binary_search(&((text.len() - behind.len()) as u32))
                    .is_ok()
            };
            let is_own = |sense: &Sense| matches!(sense, Sense::Operator(_));
            cues.all
                .retain(|cue| !labels(cue) || cue.senses.iter().any(is_own));
        }
        Self {
            traits,
            cues,
            given_names,
            towns,
            capitals,
            pairs,
            ats,
            spelled,
            speakers,
        }
    }
}
