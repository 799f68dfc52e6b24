//! Word meaning: a small vector per word piece, distilled from a sentence-embedding model.
//!
//! A word is split greedily into the longest pieces the table knows (`word`, then `##pieces`, as BERT's `WordPiece`
//! does), so that a drug name never seen in training still lands near its relatives. The table is an array of sorted
//! 32-bit hashes beside an array of int8 vectors: no strings, no pointers, read in place.

use super::features::{FNV_OFFSET, fnv_step};
use super::format::ModelError;

/// Numbers in a word's vector.
pub(crate) const DIMENSIONS: usize = 32;
/// Most pieces a word is split into; more than that is noise.
pub(crate) const MAX_PIECES: usize = 6;
/// Longest word, in bytes, that is looked up; the rest of a longer one is ignored.
const MAX_WORD: usize = 24;

/// The hash a piece is found by; a continuation starts with `##`. The word table's maker uses the same.
#[cfg(test)]
pub(crate) fn piece_hash(piece: &str) -> u32 {
    match piece.strip_prefix("##") {
        Some(rest) => rest.bytes().fold(CONTINUED, fnv_step),
        None => piece.bytes().fold(FNV_OFFSET, fnv_step),
    }
}

/// Start of the hash of a continuation.
const CONTINUED: u32 = FNV_OFFSET ^ 0x5bd1_e995;

/// Which pieces there are; a piece's number is that of its vector.
#[derive(Debug, Clone)]
pub(crate) struct Pieces {
    keys: Vec<u32>,
    /// Keys and their numbers, each at the first free place from where the top bits of its hash point (open addressing); at least half
    /// are free, so that a look-up reads one cache line, hardly ever two.
    places: Vec<Place>,
    /// How far a hash is shifted to its place.
    shift: u32,
}

#[derive(Debug, Clone, Copy)]
struct Place {
    key: u32,
    number: u32,
}

impl Place {
    const FREE: Self = Self {
        key: 0,
        number: u32::MAX,
    };
}

impl Pieces {
    /// From sorted hashes, little-endian.
    pub(crate) fn parse(bytes: &[u8]) -> Result<Self, ModelError> {
        let (words, rest) = bytes.as_chunks::<4>();
        let keys: Vec<u32> = words.iter().map(|word| u32::from_le_bytes(*word)).collect();
        if !rest.is_empty() || keys.is_empty() || !keys.is_sorted() {
            return Err(ModelError::Content("its word pieces are not sorted hashes"));
        }
        Ok(Self::new(keys))
    }

    fn new(keys: Vec<u32>) -> Self {
        let bits = (2 * keys.len()).next_power_of_two().ilog2().max(1);
        let mut pieces = Self {
            keys: Vec::new(),
            places: vec![Place::FREE; 1 << bits],
            shift: u32::BITS - bits,
        };
        for (key, number) in keys.iter().zip(0..) {
            let at = pieces.place_of(*key);
            pieces.places[at] = Place { key: *key, number };
        }
        pieces.keys = keys;
        pieces
    }

    /// Where `key` is, or would be.
    fn place_of(&self, key: u32) -> usize {
        let mut at = (key >> self.shift) as usize;
        loop {
            let place = self.places[at];
            if place.key == key || place.number == Place::FREE.number {
                return at;
            }
            at = (at + 1) % self.places.len();
        }
    }

    pub(crate) fn bytes(&self) -> Vec<u8> {
        self.keys.iter().flat_map(|key| key.to_le_bytes()).collect()
    }

    pub(crate) fn len(&self) -> usize {
        self.keys.len()
    }

    /// Calls `found` with the number of each piece of a folded word.
    pub(crate) fn split(&self, word: &str, mut found: impl FnMut(usize)) {
        let mut rest = &word.as_bytes()[..word.len().min(MAX_WORD)];
        let mut start = FNV_OFFSET;
        for _ in 0..MAX_PIECES {
            if rest.is_empty() {
                return;
            }
            let mut hashes = [0u32; MAX_WORD];
            let mut hash = start;
            for (slot, byte) in hashes.iter_mut().zip(rest) {
                hash = fnv_step(hash, *byte);
                *slot = hash;
            }
            let longest = (1..=rest.len())
                .rev()
                .find_map(|len| self.find(hashes[len - 1]).map(|index| (len, index)));
            let Some((len, index)) = longest else { return };
            found(index);
            rest = &rest[len..];
            start = CONTINUED;
        }
    }

    fn find(&self, key: u32) -> Option<usize> {
        let number = self.places[self.place_of(key)].number;
        (number != Place::FREE.number).then_some(number as usize)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_split_into_the_longest_known_pieces() {
        let mut keys: Vec<u32> = ["pain", "pa", "##kill", "##er", "##k"].map(piece_hash).to_vec();
        keys.sort_unstable();
        let pieces = Pieces::new(keys.clone());
        let split = |word: &str| {
            let mut found = Vec::new();
            pieces.split(word, |index| found.push(keys[index]));
            found
        };
        assert_eq!(split("painkiller"), ["pain", "##kill", "##er"].map(piece_hash));
        assert_eq!(split("pa"), [piece_hash("pa")]);
        assert!(split("zzz").is_empty() && split("").is_empty());
        assert!(Pieces::parse(&[1, 0, 0, 0, 0, 0, 0, 0]).is_err() && Pieces::parse(&[1, 2, 3]).is_err());
    }
}
