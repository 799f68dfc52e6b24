//! Word lists: given names, surnames, common words, and capitalised words that are no person.
//!
//! `words/SOURCES.md` says where each comes from. Names that are also words (Will, April, Rose) are in the rare list and need more evidence than
//! the frequent ones; a word in no list at all, written with a capital, is *strange*: beside a cue it is taken for a name.

use std::collections::{HashMap, HashSet};
use std::hash::{BuildHasherDefault, Hasher};
use std::sync::LazyLock;

/// FNV-1a: words are short and ours, and nobody can choose keys to collide in a table that never grows.
#[derive(Clone, Copy)]
pub(super) struct Fnv(u64);

impl Default for Fnv {
    fn default() -> Self {
        Self(0xcbf2_9ce4_8422_2325)
    }
}

impl Fnv {
    fn byte(self, byte: u8) -> Self {
        Self((self.0 ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3))
    }
}

impl Hasher for Fnv {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        *self = bytes.iter().fold(*self, |hash, byte| hash.byte(*byte));
    }
}

/// Takes a key that is a hash already.
#[derive(Default)]
struct Hashed(u64);

impl Hasher for Hashed {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        self.0 = bytes.iter().fold(self.0, |key, byte| key << 8 | u64::from(*byte));
    }

    fn write_u64(&mut self, key: u64) {
        // The table reads the top bits as well as the bottom ones.
        self.0 = key ^ key >> 29;
    }
}

/// A set of words.
pub(super) type WordSet = HashSet<&'static str, BuildHasherDefault<Fnv>>;

const GIVEN: u8 = 1;
const SURNAME: u8 = 2;
const COMMON: u8 = 4;
const RARE: u8 = 8;
const PROPER: u8 = 16;
const NEVER: u8 = 32;
const TOWN: u8 = 64;

/// Function words, titles, organisations and nouns of the trade: never a part of a name here, however they are written.
const NO_NAME: &str = "a an the i it is not my your his her our their this that and or but to in on at for from with of by was are be been has have had \
     do does did no yes if so as me you he she we they am monday tuesday wednesday thursday friday saturday sunday january february \
     march july august september october november december mon tue tues wed thu thurs fri sat jan feb apr jun jul aug sep sept oct nov \
     dec ssn mrn dob rx usps ups fedex dhl walgreens cvs walmart costco kroger amazon target rite aid medicare medicaid fda hipaa \
     pfizer moderna scholl scholl's pepper reddy's reddys bronner's martens christmas easter thanksgiving halloween english spanish \
     german french american british canadian indian mexican chinese canada usa us uk germany france mexico india china england scotland \
     ireland europe america asia africa australia google apple facebook paypal visa mastercard iphone android ipad windows tylenol \
     advil aleve lipitor ozempic metformin zoloft xanax viagra prozac humira eliquis xarelto lantus humalog novolog wegovy mounjaro \
     trulicity januvia jardiance synthroid nexium prilosec zyrtec claritin allegra benadryl motrin covid pharmacy customer support team \
     service sir madam sirs there all everyone god jesus lord sent please order refill urgent re fwd fw ok okay hi hello dear thanks \
     thank regards mr mrs ms dr prof npi dea iban asap fyi eta faq misspelled mispelled misspelt incorrect yesterday tomorrow today \
     tonight yeah yep nope sorry anyone someone nobody everybody somebody mine yours something nothing another again here who what when \
     where why how which whom just really very also too than then now bye store manager agent representative member patient doctor \
     nurse pharmacist insurance address phone email number account delivery tracking invoice subject date time street avenue road apt \
     suite unit floor box po";

/// The lists of every listed word, by the word's hash: 110,000 words in 64 bits leave no room for a collision that matters.
static TABLE: LazyLock<HashMap<u64, u8, BuildHasherDefault<Hashed>>> = LazyLock::new(|| {
    let mut table = HashMap::with_capacity_and_hasher(112_000, BuildHasherDefault::default());
    let lists = [
        (include_str!("words/given_names.txt"), GIVEN),
        (include_str!("words/rare_given_names.txt"), RARE),
        (include_str!("words/surnames.txt"), SURNAME),
        (include_str!("words/common_words.txt"), COMMON),
        (include_str!("words/proper_words.txt"), PROPER),
        (include_str!("words/towns.txt"), TOWN),
        (NO_NAME, NEVER),
    ];
    for (words, list) in lists {
        for word in words.split_ascii_whitespace() {
            *table.entry(hash(word)).or_default() |= list;
        }
    }
    table
});

/// The hash of a word of any case, as of its lower case.
fn hash(word: &str) -> u64 {
    if word.is_ascii() {
        word.bytes()
            .fold(Fnv::default(), |hash, byte| hash.byte(byte.to_ascii_lowercase()))
            .0
    } else {
        word.chars()
            .flat_map(char::to_lowercase)
            .fold(Fnv::default(), |mut hash, c| {
                hash.write(c.encode_utf8(&mut [0; 4]).as_bytes());
                hash
            })
            .0
    }
}

/// The lists that a word, of any case, is in.
fn lists(word: &str) -> u8 {
    if word.len() > 24 {
        return 0;
    }
    TABLE.get(&hash(word)).copied().unwrap_or(0)
}

/// One bit for each given name, frequent ones in the first half and the rest in the second, by the top of its hash: what most words are
/// told by not to be one.
static BEGINNINGS: LazyLock<Vec<u64>> = LazyLock::new(|| {
    let mut bits = vec![0; 2 * BEGINNING_WORDS];
    for (hash, lists) in TABLE.iter().filter(|(_, lists)| **lists & (GIVEN | RARE) != 0) {
        let half = if *lists & GIVEN != 0 { 0 } else { BEGINNING_WORDS };
        bits[half + beginning(*hash)] |= 1 << (hash & 63);
    }
    bits
});

/// Words of 64 bits in each half of [`BEGINNINGS`].
const BEGINNING_WORDS: usize = 1024;

fn beginning(hash: u64) -> usize {
    (hash >> 54) as usize
}

/// Whether a word, of any case, may be the first of a full name: frequent where it is written in lower case.
pub(super) fn may_begin_name(word: &str) -> bool {
    let hash = hash(word);
    let bit = |half: usize| BEGINNINGS[half + beginning(hash)] >> (hash & 63) & 1 != 0;
    let lower = word.as_bytes().first().is_some_and(u8::is_ascii_lowercase);
    if !(bit(0) || !lower && bit(BEGINNING_WORDS)) {
        return false;
    }
    lists(word) & (GIVEN | RARE) != 0
}

/// The lists that a word is in, looked up once.
#[derive(Debug, Clone, Copy)]
pub(super) struct Lists(u8);

impl Lists {
    pub(super) fn of(word: &str) -> Self {
        Self(lists(word))
    }

    /// A frequent given name that is nothing else.
    pub(super) fn given(self) -> bool {
        self.0 & (GIVEN | RARE) == GIVEN
    }

    /// A given name that may be rare, or a word as well.
    pub(super) fn may_be_given(self) -> bool {
        self.0 & (GIVEN | RARE) != 0
    }

    pub(super) fn surname(self) -> bool {
        self.0 & SURNAME != 0
    }

    /// A people, place, medicine or brand: written with a capital, but no person.
    pub(super) fn proper(self) -> bool {
        self.0 & PROPER != 0 || self.0 & TOWN != 0 && self.0 & GIVEN == 0
    }

    /// Never a part of a person's name.
    pub(super) fn no_name(self) -> bool {
        self.0 & NEVER != 0
    }

    /// In no list.
    pub(super) fn unlisted(self) -> bool {
        self.0 == 0
    }

    /// A word of the language, as listed.
    pub(super) fn common(self) -> bool {
        self.0 & COMMON != 0
    }
}

/// The words of a list.
pub(super) fn word_set(words: &'static str) -> WordSet {
    words.split_ascii_whitespace().collect()
}

/// A town that is large enough to be known by name alone.
pub(super) fn is_town(word: &str) -> bool {
    lists(word) & TOWN != 0
}

/// Never a part of a person's name.
pub(super) fn is_no_name(word: &str) -> bool {
    lists(word) & NEVER != 0
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
