//! The cue words of every family, as a trie, and the cues that a text was found to hold.
//!
//! `scan.rs` asks [`Lexicon::longest`] where a phrase may begin. Unlike a search automaton, a trie can prefer the longest phrase that ends
//! with a word. Nodes, phrases and senses lie in one list each, so that a look-up touches little memory.

use std::collections::BTreeMap;

use super::kind::IdentifierKind;
use super::normalise::View;
use super::word_hash::hash_ascii;
use crate::privacy::sense::Sense;

/// How far from a word for a street its number may stand, in bytes.
const STREET_REACH: usize = 64;

/// All cue words.
#[derive(Debug)]
pub(crate) struct Lexicon {
    /// One bit for the first word of each phrase, by the top of its hash: what most words are told by not to begin one.
    beginnings: Vec<u64>,
    /// The root is the first.
    nodes: Vec<Node>,
    phrases: Vec<Phrase>,
    /// What the phrases say; one phrase may belong to several families.
    senses: Vec<Sense>,
}

#[derive(Debug, Clone, Copy, Default)]
struct Node {
    /// One bit for each symbol that goes on.
    symbols: u64,
    /// The node of the lowest of them; the others follow it in order.
    first: u32,
    /// One more than the phrase that ends here; 0 is none.
    phrase: u32,
}

/// What a phrase says.
#[derive(Debug, Clone, Copy)]
struct Phrase {
    /// The kinds that it confirms or suggests, as [`mask`] gives them.
    kinds: u64,
    /// Where its senses lie.
    senses: (u32, u32),
    /// Whether it says something about what stands beside it.
    governs: bool,
    /// Whether it says something about the whole text.
    tells: bool,
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
    /// Where cues end that say no more than "at".
    pub(crate) ats: Vec<u32>,
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
        let mut beginnings = vec![0; BEGINNING_WORDS];
        for (sense, phrase) in phrases {
            // As a text is read: folded, and in lower case as far as that is ASCII.
            let bytes: Vec<u8> = View::fold(phrase).text().bytes().map(plain).collect();
            // A phrase has two bytes at least.
            if bytes.len() < 2 {
                continue;
            }
            let first = bytes.split(|byte| !is_word(*byte)).next().unwrap_or_default();
            for hash in [hash_ascii(first), hash_ascii(&[first, b"s"].concat())] {
                let (word, bit) = beginning(hash);
                beginnings[word] |= bit;
            }
            let senses = sorted.entry(spell(&bytes)).or_default();
            if !senses.contains(&sense) {
                senses.push(sense);
            }
        }
        let mut lexicon = Self {
            beginnings,
            nodes: vec![Node::default()],
            phrases: Vec::with_capacity(sorted.len()),
            senses: Vec::new(),
        };
        let phrases: Vec<(Vec<u8>, Vec<Sense>)> = sorted.into_iter().collect();
        lexicon.grow(0, 0, &phrases);
        lexicon
    }

    /// Gives the node at `at` all that follows the first `depth` symbols of `phrases`, which are in order and share those.
    fn grow(&mut self, at: usize, depth: usize, mut phrases: &[(Vec<u8>, Vec<Sense>)]) {
        if let Some(((symbols, senses), rest)) = phrases.split_first()
            && symbols.len() == depth
        {
            phrases = rest;
            let start = self.senses.len() as u32;
            self.senses.extend_from_slice(senses);
            self.phrases.push(Phrase {
                kinds: senses.iter().fold(0, |kinds, sense| match sense {
                    Sense::Confirms(kind) | Sense::Suggests(kind) => kinds | mask(&[*kind]),
                    _ => kinds,
                }),
                senses: (start, self.senses.len() as u32),
                governs: senses.iter().any(|sense| !tells(*sense)),
                tells: senses.iter().any(|sense| tells(*sense) || *sense == Sense::At),
            });
            self.nodes[at].phrase = self.phrases.len() as u32;
        }
        let branches: Vec<&[(Vec<u8>, Vec<Sense>)]> =
            phrases.chunk_by(|(a, _), (b, _)| a[depth] == b[depth]).collect();
        let first = self.nodes.len();
        self.nodes[at].first = first as u32;
        self.nodes.resize(first + branches.len(), Node::default());
        for (place, branch) in branches.iter().enumerate() {
            if let Some((symbols, _)) = branch.first() {
                self.nodes[at].symbols |= 1 << symbols[depth];
            }
            self.grow(first + place, depth + 1, branch);
        }
    }

    /// The node that `symbol` leads to.
    fn step(&self, node: Node, symbol: u8) -> Option<Node> {
        let bit = 1 << symbol;
        if node.symbols & bit == 0 {
            return None;
        }
        let lower = node.symbols & (bit - 1);
        // Most nodes have one branch, and counting bits is not free everywhere.
        let place = if lower == 0 { 0 } else { lower.count_ones() };
        self.nodes.get((node.first + place) as usize).copied()
    }

    /// The node that `byte` leads to.
    fn child(&self, node: Node, byte: u8) -> Option<Node> {
        match SYMBOL[usize::from(byte)] {
            (first, NO_SYMBOL) => self.step(node, first),
            (first, second) => self.step(self.step(node, first)?, second),
        }
    }

    /// Notes in `cues` that `phrase` stands at `start..end`. Returns where the cue ends with the nouns that carry it on.
    #[inline]
    pub(super) fn note<'l>(
        &'l self,
        cues: &mut Cues<'l>,
        bytes: &[u8],
        start: usize,
        end: usize,
        phrase: usize,
    ) -> usize {
        let phrase = &self.phrases[phrase];
        let senses = &self.senses[phrase.senses.0 as usize..phrase.senses.1 as usize];
        cues.kinds |= phrase.kinds;
        if phrase.tells {
            for sense in senses {
                match sense {
                    Sense::Number => cues.numbers += 1,
                    Sense::Hundred => cues.hundred = true,
                    // A street's number stands near its name.
                    Sense::Street => {
                        let near =
                            &bytes[start.saturating_sub(STREET_REACH)..bytes.len().min(end + STREET_REACH)];
                        cues.street = cues.street || near.iter().any(u8::is_ascii_digit);
                    }
                    Sense::Slash => cues.slash = true,
                    Sense::Product => cues.product = true,
                    Sense::At => cues.ats.push(end as u32),
                    _ => {}
                }
            }
        }
        if phrase.governs {
            let end = with_head(bytes, end);
            cues.all.push(Cue { start, end, senses });
            return end;
        }
        end
    }

    /// Whether a phrase may begin with a word of letters that has this hash.
    #[inline]
    pub(super) fn may_begin(&self, hash: u64) -> bool {
        let (word, bit) = beginning(hash);
        self.beginnings[word] & bit != 0
    }

    /// The longest phrase that begins at `start` and ends with a word: its end, and which it is.
    pub(super) fn longest(&self, bytes: &[u8], start: usize) -> Option<(usize, usize)> {
        let mut found = None;
        let mut node = self.nodes[0];
        let mut at = start;
        while let Some(byte) = bytes.get(at) {
            node = match self.child(node, *byte) {
                Some(node) => node,
                // "order.id" reads as "order id".
                None if *byte == b'.' && bytes.get(at + 1).is_some_and(|b| is_word(*b)) => {
                    match self.child(node, b' ') {
                        Some(node) => node,
                        None => break,
                    }
                }
                None => break,
            };
            at += 1;
            if node.phrase != 0 {
                let plural = bytes.get(at).is_some_and(|b| b.eq_ignore_ascii_case(&b's'))
                    && !bytes.get(at + 1).is_some_and(|b| is_word(*b));
                let end = at + usize::from(plural);
                let runs_on = bytes[end - 1].is_ascii_alphabetic()
                    && bytes
                        .get(end)
                        .is_some_and(|b| b.is_ascii_alphabetic() || *b >= 0x80);
                if !runs_on {
                    found = Some((end, node.phrase as usize - 1));
                }
            }
        }
        found
    }
}

/// Whether a sense tells something about the whole text, and nothing about what stands beside it.
fn tells(sense: Sense) -> bool {
    match sense {
        Sense::Number | Sense::Hundred | Sense::Street | Sense::Slash | Sense::Product => true,
        Sense::Confirms(_)
        | Sense::Suggests(_)
        | Sense::Denies
        | Sense::Operator(_)
        | Sense::Introduces(_)
        | Sense::At => false,
    }
}

/// Words of 64 bits in the beginnings.
const BEGINNING_WORDS: usize = 512;

/// Where the bit of a hash is in the beginnings.
fn beginning(hash: u64) -> (usize, u64) {
    (
        (hash >> 55) as usize % BEGINNING_WORDS,
        1 << (hash & u64::from(u64::BITS - 1)),
    )
}

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

/// Stands where a byte has no second symbol.
const NO_SYMBOL: u8 = u8::MAX;

/// What each byte is spelled with in the trie, of 64 symbols: its class, or for the rarer ones two, the first for its high half.
const SYMBOL: [(u8, u8); 256] = {
    let mut symbols = [(0, NO_SYMBOL); 256];
    let mut byte = 0;
    while byte < 256 {
        symbols[byte] = if CLASS[byte] == OTHER {
            (38 + (byte >> 4) as u8, (byte & 15) as u8)
        } else {
            (CLASS[byte], NO_SYMBOL)
        };
        byte += 1;
    }
    symbols
};

/// The symbols of a phrase.
fn spell(phrase: &[u8]) -> Vec<u8> {
    phrase
        .iter()
        .flat_map(|byte| <[u8; 2]>::from(SYMBOL[usize::from(*byte)]))
        .filter(|symbol| *symbol != NO_SYMBOL)
        .collect()
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
    let rest = match bytes.get(end..) {
        Some([b' ' | b'_' | b'-', rest @ ..]) => rest,
        _ => return end,
    };
    if !matches!(rest.first(), Some(b'n' | b'N' | b'c' | b'C' | b'i' | b'I' | b'#')) {
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
