//! What a recognizer is: a pattern with what it needs and scores, or code; and what a family of them says of its cues.

use crate::privacy::kind::IdentifierKind;
use crate::privacy::scan::Scan;
use crate::privacy::sense::Sense;

/// Findings that score less are dropped. 0.5 on Presidio's scale is "more likely than not".
pub(crate) const THRESHOLD: f32 = 0.5;

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
    pub(super) fn new(start: usize, end: usize, score: f32) -> Self {
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
    /// Whether what stands around a match, `start..end` of the text, lets it be the identifier.
    pub(crate) stands: fn(&str, usize, usize) -> bool,
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
        stands: |_, _, _| true,
    };
}

/// A family: its cues and its patterns.
#[derive(Debug)]
pub(crate) struct Family {
    /// What a cue says, and its words, with commas between.
    pub(crate) cues: &'static [(Sense, &'static str)],
    pub(crate) patterns: &'static [Pattern],
}

/// The digits of a match.
pub(super) fn digits(text: &str) -> impl DoubleEndedIterator<Item = u32> + '_ {
    text.bytes()
        .filter(u8::is_ascii_digit)
        .map(|b| u32::from(b - b'0'))
}

/// How many digits a match has.
pub(super) fn digit_count(text: &str) -> usize {
    digits(text).count()
}
