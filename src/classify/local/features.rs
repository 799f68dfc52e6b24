//! The sparse features of a reading: hashed words, word pairs and triples, negated words, and character n-grams.
//!
//! Features are handed to a [`Sink`] one by one instead of being collected, so that inference allocates nothing for
//! them and `explain` can name each. Linear in the text: every token starts a bounded number of features.

use std::ops::Range;

use super::reading::{Kind, Reading};

/// What a feature is made of; part of its hash, so that the word "no" and the character n-gram "no" differ.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Group {
    Word = 1,
    Pair,
    Triple,
    Skip,
    Negated,
    Opening,
    Closing,
    Chars,
}

/// Receives the features of a message.
pub(crate) trait Sink {
    /// `hash` is well mixed; `span` is the part of [`Reading::text`] that it was made of.
    fn feature(&mut self, hash: u32, group: Group, span: Range<usize>);
}

/// Character n-grams of these lengths, in bytes of folded text with a boundary mark at either end of a word.
const CHARS: Range<usize> = 3..6;
/// Longer words contribute no more character n-grams than their first so many bytes have: linear, and no word of
/// noise can drown a message.
const MAX_WORD: usize = 24;

/// Hands every feature of `reading` to `sink`.
pub(crate) fn extract(reading: &Reading, sink: &mut impl Sink) {
    // The three words before this one, as hash and start; `EDGE` before the first.
    let mut before = [(EDGE, 0); 3];
    for (index, token) in reading.tokens.iter().enumerate() {
        let word = reading.word(token);
        let hash = match token.kind {
            Kind::Word | Kind::Symbol => fnv(word),
            // "20" and "35" are the same thing to say; "2" and "2000" are not.
            Kind::Number => NUMBER.wrapping_add(word.len().min(8) as u32),
        };
        let Range { start, end } = token.span;
        sink.feature(mix(hash, Group::Word), Group::Word, start..end);
        let [one, two, three] = before;
        let from = |position: (u32, usize)| if index == 0 { start } else { position.1 };
        sink.feature(mix(join(one.0, hash), Group::Pair), Group::Pair, from(one)..end);
        if index >= 1 {
            sink.feature(
                mix(join(join(two.0, one.0), hash), Group::Triple),
                Group::Triple,
                two.1..end,
            );
        }
        if index >= 2 {
            sink.feature(mix(join(two.0, hash), Group::Skip), Group::Skip, two.1..end);
        }
        if index >= 3 {
            sink.feature(
                mix(join(join(three.0, hash), 7), Group::Skip),
                Group::Skip,
                three.1..end,
            );
        }
        if token.negated {
            sink.feature(mix(hash, Group::Negated), Group::Negated, start..end);
        }
        if index < 3 {
            sink.feature(
                mix(join(hash, index as u32), Group::Opening),
                Group::Opening,
                start..end,
            );
        }
        if index + 1 == reading.tokens.len() {
            sink.feature(mix(hash, Group::Closing), Group::Closing, start..end);
        }
        if token.kind == Kind::Word {
            chars(word, start, sink);
        }
        before = [(hash, start), one, two];
    }
}

fn chars(word: &str, at: usize, sink: &mut impl Sink) {
    let bytes = &word.as_bytes()[..word.floor_char_boundary(MAX_WORD)];
    let mut marked = [b'<'; MAX_WORD + 2];
    marked[1..=bytes.len()].copy_from_slice(bytes);
    marked[bytes.len() + 1] = b'>';
    let marked = &marked[..bytes.len() + 2];
    for start in 0..marked.len() - (CHARS.start - 1) {
        let mut hash = FNV_OFFSET;
        let longest = &marked[start..marked.len().min(start + CHARS.end - 1)];
        for (length, byte) in (1..).zip(longest) {
            hash = fnv_step(hash, *byte);
            if length >= CHARS.start {
                let span = at + start.saturating_sub(1)..at + (start + length - 1).min(bytes.len());
                sink.feature(mix(hash, Group::Chars), Group::Chars, span);
            }
        }
    }
}

const EDGE: u32 = 0x9e37_79b9;
const NUMBER: u32 = 0x51ed_270b;

// FNV-1a, 32 bits: http://www.isthe.com/chongo/tech/comp/fnv/
pub(crate) const FNV_OFFSET: u32 = 0x811c_9dc5;
const FNV_PRIME: u32 = 0x0100_0193;

pub(crate) fn fnv_step(hash: u32, byte: u8) -> u32 {
    (hash ^ u32::from(byte)).wrapping_mul(FNV_PRIME)
}

fn fnv(text: &str) -> u32 {
    text.bytes().fold(FNV_OFFSET, fnv_step)
}

fn join(left: u32, right: u32) -> u32 {
    (left.rotate_left(11) ^ right).wrapping_mul(0x85eb_ca6b)
}

/// The finaliser of MurmurHash3 (Appleby, public domain), which spreads FNV's weak high bits.
fn mix(hash: u32, group: Group) -> u32 {
    let mut h = hash ^ (group as u32).wrapping_mul(0x9e37_79b9);
    h = (h ^ (h >> 16)).wrapping_mul(0x85eb_ca6b);
    h = (h ^ (h >> 13)).wrapping_mul(0xc2b2_ae35);
    h ^ (h >> 16)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::message::Channel;

    #[derive(Default)]
    struct Named(Vec<(Group, String)>, String);

    impl Sink for Named {
        fn feature(&mut self, _: u32, group: Group, span: Range<usize>) {
            let text = String::from_utf8_lossy(&self.1.as_bytes()[span]).into_owned();
            self.0.push((group, text));
        }
    }

    fn named(raw: &str) -> Vec<(Group, String)> {
        let reading = Reading::new(raw, Channel::Chat);
        let mut sink = Named(Vec::new(), reading.text.clone());
        extract(&reading, &mut sink);
        sink.0
    }

    #[test]
    fn every_feature_names_the_text_it_was_made_of() {
        let features = named("no chest pain today");
        for expected in [
            (Group::Word, "chest"),
            (Group::Pair, "chest pain"),
            (Group::Triple, "no chest pain"),
            (Group::Negated, "pain"),
            (Group::Opening, "no"),
            (Group::Closing, "today"),
            (Group::Chars, "che"),
        ] {
            assert!(
                features.contains(&(expected.0, expected.1.to_owned())),
                "{expected:?}"
            );
        }
    }

    #[test]
    fn the_number_of_features_grows_linearly_and_a_giant_word_adds_few() {
        let one = named(&"pain ".repeat(100)).len();
        let ten = named(&"pain ".repeat(1000)).len();
        assert!(ten <= one * 11, "{one} for 100 words, {ten} for 1000");
        assert!(named(&"x".repeat(60_000)).len() < 100);
        assert!(!named("קר לי מאוד").is_empty());
    }
}
