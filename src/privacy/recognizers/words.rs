//! Word lists: given names, surnames, and the common words that are not names.
//!
//! The common words are those that our own training messages use in lower case, so that a capital or an odd position does
//! not make a name of them; given names that are also words (Will, April) are in both lists and need more evidence.

use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};
use std::sync::LazyLock;

/// FNV-1a: words are short and ours, and nobody can choose keys to collide in a table that never grows.
#[derive(Default)]
pub(super) struct Fnv(u64);

impl Hasher for Fnv {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = (self.0 ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3);
        }
    }
}

/// A set of words.
pub(super) type WordSet = std::collections::HashSet<&'static str, BuildHasherDefault<Fnv>>;

const GIVEN: u8 = 1;
const SURNAME: u8 = 2;
const COMMON: u8 = 4;
const AMBIGUOUS: u8 = 8;

/// Every listed word and the lists it is in.
static TABLE: LazyLock<HashMap<&'static str, u8, BuildHasherDefault<Fnv>>> = LazyLock::new(|| {
    let mut table = HashMap::<_, _, BuildHasherDefault<Fnv>>::default();
    let lists = [
        (include_str!("words/given_names.txt"), GIVEN),
        (include_str!("words/surnames.txt"), SURNAME),
        (include_str!("words/common_words.txt"), COMMON),
        (AMBIGUOUS_NAMES, AMBIGUOUS),
    ];
    for (words, list) in lists {
        for word in words.split_ascii_whitespace() {
            *table.entry(word).or_default() |= list;
        }
    }
    table
});

/// The lists that a lower case word is in.
fn lists(word: &str) -> u8 {
    TABLE.get(word).copied().unwrap_or(0)
}

/// The lists that a word of any case is in; words longer than any list's are in none.
fn lists_of(word: &str) -> u8 {
    if word.len() > 24 {
        return 0;
    }
    if !word.is_ascii() {
        return lists(&word.to_lowercase());
    }
    let mut buffer = [0; 24];
    let lower = &mut buffer[..word.len()];
    lower.copy_from_slice(word.as_bytes());
    lower.make_ascii_lowercase();
    std::str::from_utf8(lower).map_or(0, lists)
}

/// The lengths of the given names that begin with each two letters, as bits.
static STARTS: LazyLock<Vec<u32>> = LazyLock::new(|| {
    let mut starts = vec![0; 32 * 32];
    for (word, _) in TABLE
        .iter()
        .filter(|(_, lists)| **lists & (GIVEN | AMBIGUOUS) != 0)
    {
        if let &[a, b, ..] = word.as_bytes() {
            starts[start_of(a, b)] |= 1 << word.len().min(31);
        }
    }
    starts
});

fn start_of(a: u8, b: u8) -> usize {
    usize::from(a & 31) * 32 + usize::from(b & 31)
}

/// Whether a word, of any case, may be the first of a full name. Cheap: most words are not.
pub(super) fn may_begin_name(word: &str) -> bool {
    let (&[a, b, ..], true) = (word.as_bytes(), word.is_ascii()) else {
        return !word.is_ascii() && lists_of(word) & (GIVEN | AMBIGUOUS) != 0;
    };
    // Most words end here: no name begins with these letters and has this length.
    if STARTS[start_of(a, b)] & 1 << word.len().min(31) == 0 {
        return false;
    }
    lists_of(word) & (GIVEN | AMBIGUOUS) != 0
}

/// Given names that are also places, months, plants, verbs: alone they prove nothing.
const AMBIGUOUS_NAMES: &str = "abe ada ali amber angel april austin bill carol chad chance charity charlotte chase chelsea \
     christian crystal daisy dakota dale dawn dean destiny devon don drew earl eve faith florence \
     frank gene georgia gil grace grant hazel heather homer hope iris israel ivy jack jan jean jordan \
     joy june kay lance lee lou love mae madison mark max may melody mercedes milan miles mina misty \
     olive opal page paris pat pearl penny rich rob robin roman rose royal ruby sal sandy santiago \
     savannah sid sue summer sydney tara trinity victoria viola violet virginia wade will al an do ha \
     so su my long sun mia asia china kit mac ty van guy les holly rusty sky star jo gus";

/// The words of a list.
pub(super) fn word_set(words: &'static str) -> WordSet {
    words.split_ascii_whitespace().collect()
}

/// A given name that is nothing else.
pub(super) fn is_given(word: &str) -> bool {
    lists(word) & (GIVEN | AMBIGUOUS) == GIVEN
}

/// A given name that may also be a word.
pub(super) fn may_be_given(word: &str) -> bool {
    lists(word) & (GIVEN | AMBIGUOUS) != 0
}

/// A frequent surname.
pub(super) fn is_surname(word: &str) -> bool {
    lists(word) & SURNAME != 0
}

/// A word of ordinary messages; an -s, -ed, -ing or -ly of one counts.
pub(super) fn is_common(word: &str) -> bool {
    let word = word.split('\'').next().unwrap_or(word);
    let found = lists(word);
    if found != 0 {
        return found & COMMON != 0;
    }
    ["ing", "ed", "d", "es", "s", "ly"].iter().any(|ending| {
        word.strip_suffix(ending)
            .is_some_and(|stem| stem.len() > 2 && lists(stem) & COMMON != 0)
    })
}
