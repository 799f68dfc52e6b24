//! The recognizers: tables, one file per family, of patterns, validations and cue words.
//!
//! A *cue* is a word that says what the number beside it is: `ssn`, `call me at`, `order`. A [`Pattern`] matches the shape
//! of an identifier; what it scores depends on the cue that governs the match (see `cues.rs`): one of its own confirms it, a
//! cue of an internal number (an order, a lot, a dose) denies it, none leaves it with what its shape alone is worth.
//! Patterns run on the folded view, so none of them has to know disguises.

mod addresses;
mod cards;
mod checksums;
mod codes;
mod dates;
mod fields;
mod internal;
mod names;
mod network;
mod phones;
mod places;
mod secrets;
mod social;
mod spoken_email;
mod words;

use crate::privacy::kind::IdentifierKind;
use crate::privacy::scan::Scan;

pub use cards::is_card_number;
pub(crate) use internal::REFERENCES;
pub(crate) use words::{may_begin_name, may_begin_town};

/// Findings that score less are dropped. 0.5 on Presidio's scale is "more likely than not".
pub(crate) const THRESHOLD: f32 = 0.5;

/// What a cue says about the value beside it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Sense {
    /// The value identifies a person in this way.
    Confirms(IdentifierKind),
    /// The value, if it follows at once, identifies a person in this way; farther away the word means nothing.
    Suggests(IdentifierKind),
    /// The value is a number that the workflow needs to see.
    Denies,
    /// Context of one of the operator's recognizers, by its place in the list.
    Operator(u16),
    /// "at", which may stand for the sign.
    At,
    /// A word for a street.
    Street,
    /// "slash", said.
    Slash,
    /// A number word.
    Number,
    /// "hundred", a number word that can be an age by itself.
    Hundred,
    /// A person's name may follow.
    Introduces(Lead),
    /// The text speaks of a product, so that an expiry date is not a card's.
    Product,
}

/// How surely a cue announces a name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Lead {
    /// "my name is": what follows is a name, in any case.
    Declared,
    /// "patient", "from": a name if it looks like one; declared when a colon follows.
    Label,
    /// "this is", "I'm": a known name, or two capitals.
    Introduced,
    /// "Dr.", "Mrs.".
    Title,
    /// "nurse", "aunt": a known name.
    Role,
    /// "my wife": any capitalised word that is no common one.
    Kin,
    /// "spoke with", "for": a known name.
    Relation,
    /// "hi", "dear".
    Greeting,
    /// "spelled": letters follow.
    Spelled,
    /// "here", "speaking": the name stands before.
    Here,
    /// "told me", "from the pharmacy": the name stands before, where a clause begins.
    Acts,
    /// "is jasmine there", "henrik with a k": the name stands before, after a verb or alone.
    Beside,
    /// "regards": a signature follows, mostly on a line of its own.
    SignOff,
}

/// A recognizer that is code, for what has no shape.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Detector {
    /// Its name in spans and lists.
    pub(crate) name: &'static str,
    pub(crate) kind: IdentifierKind,
    /// Appends what it finds in a view, given the view's scan.
    pub(crate) find: fn(&str, &Scan<'_>, &mut Vec<Hit>),
}

/// What a detector found, in bytes of the view.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Hit {
    pub(crate) start: usize,
    pub(crate) end: usize,
    pub(crate) score: f32,
    /// What it is, where that differs from the detector's kind.
    pub(crate) kind: Option<IdentifierKind>,
}

impl Hit {
    fn new(start: usize, end: usize, score: f32) -> Self {
        Self {
            start,
            end,
            score,
            kind: None,
        }
    }
}

/// What a text must hold for a pattern to be worth running; counted once per text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Needs {
    /// So many digits.
    Digits(usize),
    /// Digits in a row.
    Run(usize),
    /// Digits in a row, where some number is said and not written.
    SaidRun(usize),
    /// An at sign.
    AtSign,
    /// A hash sign.
    HashSign,
    /// So many colons.
    Colons(usize),
    /// So many full stops between digits or brackets.
    Dots(usize),
    /// A web address: a slash, "www" or a said slash.
    Address,
    /// Letters and digits in one word, of so many characters, or two such words.
    Mixed(usize),
    /// A four-digit year from 1900 to 2019.
    OldYear,
    /// A number from 90 to 129, or "hundred".
    HighAge,
    /// Stars or crosses in a row, as masked numbers have.
    Masked,
    /// One of the pattern's own cues.
    Cue,
    /// One of the pattern's own cues, and so many digits.
    CueAndDigits(usize),
    /// A word for a street, and a digit.
    Street,
}

impl Needs {
    /// Whether no text without a digit meets it.
    pub(crate) fn needs_digits(self) -> bool {
        match self {
            Self::Digits(_)
            | Self::Run(_)
            | Self::SaidRun(_)
            | Self::Dots(_)
            | Self::Mixed(_)
            | Self::Masked
            | Self::CueAndDigits(_)
            | Self::OldYear
            | Self::Street => true,
            Self::AtSign | Self::HashSign | Self::Colons(_) | Self::Address | Self::Cue | Self::HighAge => {
                false
            }
        }
    }
}

/// Where a pattern is tried.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Place {
    /// Anywhere in the text, with word bounds on both sides.
    Anywhere,
    /// Anywhere, and the pattern sees to its own bounds.
    Unbounded,
    /// Right after one of its cues; the pattern is anchored there.
    AfterCue,
}

/// One recognizer.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Pattern {
    /// Its name in spans and lists.
    pub(crate) name: &'static str,
    /// What it finds, unless the governing cue says it more exactly.
    pub(crate) kind: IdentifierKind,
    /// The shape; group 1, where there is one, is the identifier. Case does not matter unless the pattern says `(?-i)`.
    pub(crate) shape: &'static str,
    pub(crate) needs: Needs,
    pub(crate) place: Place,
    /// Score when no cue governs the match. 0 means a cue is needed.
    pub(crate) bare: f32,
    /// Score when one of `cues` governs the match.
    pub(crate) confirmed: f32,
    /// Score when an internal number's cue governs the match.
    pub(crate) denied: f32,
    /// The kinds whose cues confirm it; the finding takes the cue's kind.
    pub(crate) cues: &'static [IdentifierKind],
    /// Kinds of which one must have a cue somewhere in the text, whichever cue governs. Empty: none is asked for.
    pub(crate) beside: &'static [IdentifierKind],
    /// What of a match is the identifier, where the shape can run on into the next one.
    pub(crate) fit: fn(&str) -> &str,
    /// A checksum or range on the identifier as matched.
    pub(crate) valid: fn(&str) -> bool,
}

impl Pattern {
    /// A pattern that needs nothing and finds nothing; families override what they mean.
    pub(crate) const DEFAULT: Self = Self {
        name: "",
        kind: IdentifierKind::Id,
        shape: "",
        needs: Needs::Digits(3),
        place: Place::Anywhere,
        bare: 0.0,
        confirmed: 0.8,
        denied: 0.0,
        cues: &[],
        beside: &[],
        fit: |text| text,
        valid: |_| true,
    };
}

/// A family: its cues and its patterns.
#[derive(Debug)]
pub(crate) struct Family {
    /// What a cue says, and its words, with commas between.
    pub(crate) cues: &'static [(Sense, &'static str)],
    pub(crate) patterns: &'static [Pattern],
}

/// Every built-in family.
pub(crate) const FAMILIES: &[&Family] = &[
    &network::FAMILY,
    &social::FAMILY,
    &cards::FAMILY,
    &phones::FAMILY,
    &dates::FAMILY,
    &codes::FAMILY,
    &addresses::FAMILY,
    &names::FAMILY,
    &secrets::FAMILY,
    &internal::FAMILY,
];

/// Every built-in pattern.
pub(crate) fn patterns() -> impl Iterator<Item = &'static Pattern> {
    FAMILIES.iter().flat_map(|family| family.patterns)
}

/// Every built-in detector.
pub(crate) fn detectors() -> impl Iterator<Item = &'static Detector> {
    names::DETECTORS
        .iter()
        .chain(fields::DETECTORS)
        .chain(places::DETECTORS)
        .chain(spoken_email::DETECTORS)
}

/// The digits of a match.
fn digits(text: &str) -> impl DoubleEndedIterator<Item = u32> + '_ {
    text.bytes()
        .filter(u8::is_ascii_digit)
        .map(|b| u32::from(b - b'0'))
}

/// How many digits a match has.
fn digit_count(text: &str) -> usize {
    digits(text).count()
}
