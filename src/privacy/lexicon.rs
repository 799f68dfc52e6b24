//! The cue words of every family, and those that a text holds.

use std::collections::BTreeMap;

use super::kind::IdentifierKind;
use super::recognizers::Sense;

/// How far from a word for a street its number may stand, in bytes.
const STREET_REACH: usize = 64;

/// All cue words, as a trie over lower case bytes that is walked from each word's beginning. Most words leave it within a
/// few bytes, and unlike a search automaton it can prefer the longest phrase that ends with a word.
#[derive(Debug)]
pub(crate) struct Lexicon {
    /// The node for each first two bytes, by class; 0 is none. No phrase is shorter.
    roots: Vec<u32>,
    /// Which first three bytes, by class, a phrase begins with, as bits.
    starts: Vec<u64>,
    nodes: Vec<Node>,
    /// What each phrase says; one phrase may belong to several families.
    senses: Vec<Vec<Sense>>,
}

#[derive(Debug, Clone, Copy)]
struct Node {
    byte: u8,
    /// The first node of the next byte; 0 is none.
    child: u32,
    /// The next node for the same place; 0 is none.
    sibling: u32,
    /// One more than the phrase that ends here; 0 is none.
    phrase: u32,
}

/// A cue found in a text.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Cue<'l> {
    pub(crate) start: usize,
    pub(crate) end: usize,
    pub(crate) senses: &'l [Sense],
}

/// What the lexicon found in a text.
#[derive(Debug, Default)]
pub(crate) struct Cues<'l> {
    /// The cues, in order.
    pub(crate) all: Vec<Cue<'l>>,
    /// The kinds that some cue confirms or suggests, as [`mask`] gives them.
    pub(crate) kinds: u64,
    pub(crate) product: bool,
    pub(crate) street: bool,
    pub(crate) slash: bool,
    /// How many number words.
    pub(crate) numbers: usize,
    pub(crate) hundred: bool,
}

/// One bit for each of `kinds`.
pub(crate) fn mask(kinds: &[IdentifierKind]) -> u64 {
    kinds.iter().fold(0, |mask, kind| mask | 1 << (*kind as u64))
}

impl Lexicon {
    pub(crate) fn new<'p>(phrases: impl Iterator<Item = (Sense, &'p str)>) -> Self {
        let mut sorted: BTreeMap<Vec<u8>, Vec<Sense>> = BTreeMap::new();
        for (sense, phrase) in phrases {
            let senses = sorted
                .entry(phrase.to_lowercase().bytes().map(plain).collect())
                .or_default();
            if !senses.contains(&sense) {
                senses.push(sense);
            }
        }
        // Node 0 stands for "none".
        let none = Node {
            byte: 0,
            child: 0,
            sibling: 0,
            phrase: 0,
        };
        let mut lexicon = Self {
            roots: vec![0; CLASSES * CLASSES],
            starts: vec![0; CLASSES * CLASSES],
            nodes: vec![none],
            senses: Vec::with_capacity(sorted.len()),
        };
        for (phrase, senses) in sorted {
            lexicon.senses.push(senses);
            lexicon.insert(&phrase);
        }
        lexicon
    }

    /// Adds `phrase` as the last of `senses`. Phrases come in order, so a byte's node is the newest of its siblings, if it is there.
    fn insert(&mut self, phrase: &[u8]) {
        let [first, second, rest @ ..] = phrase else {
            return;
        };
        let root = pair(*first, *second);
        match rest.first() {
            Some(third) => self.starts[root] |= 1 << CLASS[usize::from(*third)],
            // After two letters comes a plural s, or no letter.
            None => self.starts[root] |= !0 << 26 | 1 << CLASS[usize::from(b's')],
        }
        if self.roots[root] == 0 {
            self.roots[root] = self.add(*second, 0);
        }
        let mut at = self.roots[root] as usize;
        for &byte in rest {
            let siblings = self.nodes[at].child;
            at = match self.child(siblings, byte) {
                Some(node) => node,
                None => {
                    let node = self.add(byte, siblings);
                    self.nodes[at].child = node;
                    node as usize
                }
            };
        }
        self.nodes[at].phrase = self.senses.len() as u32;
    }

    fn add(&mut self, byte: u8, sibling: u32) -> u32 {
        self.nodes.push(Node {
            byte,
            child: 0,
            sibling,
            phrase: 0,
        });
        (self.nodes.len() - 1) as u32
    }

    /// The node for `byte` among `first` and its siblings.
    fn child(&self, first: u32, byte: u8) -> Option<usize> {
        let mut at = first as usize;
        while at != 0 {
            if self.nodes[at].byte == byte {
                return Some(at);
            }
            at = self.nodes[at].sibling as usize;
        }
        None
    }

    /// The cues of `text`. They begin and end with words; a plural s belongs to the word.
    pub(crate) fn find(&self, text: &str) -> Cues<'_> {
        let bytes = text.as_bytes();
        let mut cues = Cues {
            all: Vec::with_capacity(16),
            ..Cues::default()
        };
        let mut at = 0;
        // Where the last cue ended: one inside another says nothing, one that reaches beyond it does ("my patient" in "my patient id").
        let mut done = 0;
        while at < bytes.len() {
            if !is_word(bytes[at]) {
                at += 1;
                continue;
            }
            if let Some((end, phrase)) = self.longest(bytes, at)
                && end > done
            {
                done = end;
                self.push(&mut cues, bytes, at, with_head(bytes, end), phrase);
            }
            at += bytes[at..]
                .iter()
                .position(|byte| !is_word(*byte))
                .unwrap_or(bytes.len() - at);
        }
        cues
    }

    fn push<'l>(&'l self, cues: &mut Cues<'l>, bytes: &[u8], start: usize, end: usize, phrase: usize) {
        let senses = &self.senses[phrase];
        let mut governs = false;
        for sense in senses {
            match sense {
                Sense::Number => cues.numbers += 1,
                Sense::Hundred => cues.hundred = true,
                // A street's number stands near its name.
                Sense::Street => {
                    let near =
                        &bytes[start.saturating_sub(STREET_REACH)..bytes.len().min(end + STREET_REACH)];
                    cues.street |= near.iter().any(u8::is_ascii_digit);
                }
                Sense::Slash => cues.slash = true,
                Sense::Product => cues.product = true,
                Sense::Confirms(kind) | Sense::Suggests(kind) => {
                    cues.kinds |= mask(&[*kind]);
                    governs = true;
                }
                Sense::Denies | Sense::Operator(_) | Sense::Introduces(_) | Sense::At => governs = true,
            }
        }
        if governs {
            cues.all.push(Cue { start, end, senses });
        }
    }

    /// The longest phrase that begins at `start` and ends with a word: its end, and which it is.
    fn longest(&self, bytes: &[u8], start: usize) -> Option<(usize, usize)> {
        let mut found = None;
        let second = *bytes.get(start + 1)?;
        let root = pair(bytes[start], second);
        let third = bytes
            .get(start + 2)
            .map_or(OTHER, |third| CLASS[usize::from(*third)]);
        if self.starts[root] >> third & 1 == 0 {
            return None;
        }
        let mut node = self.roots[root] as usize;
        let mut at = start + 2;
        while node != 0 {
            let phrase = self.nodes[node].phrase;
            if phrase != 0 {
                let plural = bytes.get(at).is_some_and(|b| b.eq_ignore_ascii_case(&b's'))
                    && !bytes.get(at + 1).is_some_and(|b| is_word(*b));
                let end = at + usize::from(plural);
                let runs_on = bytes[end - 1].is_ascii_alphabetic()
                    && bytes
                        .get(end)
                        .is_some_and(|b| b.is_ascii_alphabetic() || *b >= 0x80);
                if !runs_on {
                    found = Some((end, phrase as usize - 1));
                }
            }
            node = match bytes.get(at) {
                Some(byte) => self
                    .child(self.nodes[node].child, plain(*byte))
                    // "order.id" reads as "order id".
                    .or_else(|| {
                        let inner = *byte == b'.' && bytes.get(at + 1).is_some_and(|b| is_word(*b));
                        inner.then(|| self.child(self.nodes[node].child, b' ')).flatten()
                    })
                    .unwrap_or(0),
                None => 0,
            };
            at += 1;
        }
        found
    }
}

/// Classes of bytes: letters, digits, the rest.
const CLASSES: usize = 38;
/// The class of a byte that is no letter, digit or separator.
const OTHER: u8 = 37;

/// The class of each byte, in either case; separators are spaces.
const CLASS: [u8; 256] = {
    let mut class = [OTHER; 256];
    let mut byte = 0;
    while byte < 26 {
        class[b'a' as usize + byte] = byte as u8;
        class[b'A' as usize + byte] = byte as u8;
        byte += 1;
    }
    let mut digit = 0;
    while digit < 10 {
        class[b'0' as usize + digit] = 26 + digit as u8;
        digit += 1;
    }
    let mut space = 0;
    let spaces = b" _-\n\t\r";
    while space < spaces.len() {
        class[spaces[space] as usize] = 36;
        space += 1;
    }
    class
};

/// The place of two bytes in the roots. The first bytes of phrases are letters and digits, and so are all second ones but a
/// few; those few share a place, which can only find a phrase whose spelling differs in a rare sign.
fn pair(first: u8, second: u8) -> usize {
    usize::from(CLASS[usize::from(first)]) * CLASSES + usize::from(CLASS[usize::from(second)])
}

/// Lower case, with every separator a space: `date_of-birth` reads as `date of birth`.
fn plain(byte: u8) -> u8 {
    match byte {
        b'_' | b'-' | b'\n' | b'\t' | b'\r' => b' ',
        byte => byte.to_ascii_lowercase(),
    }
}

/// Whether a byte is part of a word.
fn is_word(byte: u8) -> bool {
    CLASS[usize::from(byte)] < 36 || byte >= 0x80
}

/// The end of a cue that ends at `end`, with the nouns that only carry it on: "zip" + "code", "order" + "number".
fn with_head(bytes: &[u8], end: usize) -> usize {
    const HEADS: [&[u8]; 8] = [b"number", b"numbers", b"code", b"no", b"num", b"nr", b"id", b"#"];
    let rest = bytes.get(end + 1..).unwrap_or_default();
    if !matches!(bytes.get(end), Some(b' ' | b'_' | b'-')) {
        return end;
    }
    HEADS
        .iter()
        .find(|head| {
            rest.get(..head.len())
                .is_some_and(|start| start.eq_ignore_ascii_case(head))
                && (**head == *b"#"
                    || !rest
                        .get(head.len())
                        .is_some_and(|b| b.is_ascii_alphanumeric() || *b == b'-'))
        })
        .map_or(end, |head| end + 1 + head.len())
}
