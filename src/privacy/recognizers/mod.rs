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
mod national;
mod network;
mod pattern;
mod phones;
mod places;
pub(crate) mod repeats;
mod secrets;
mod social;
pub(crate) mod speakers;
mod spoken_email;
pub(crate) mod words;

pub use cards::is_card_number;
pub(crate) use pattern::{Detector, Family, Hit, Needs, Pattern, Place, THRESHOLD};

/// Every built-in family.
pub(crate) const FAMILIES: &[&Family] = &[
    &network::FAMILY,
    &social::FAMILY,
    &cards::FAMILY,
    &phones::FAMILY,
    &dates::FAMILY,
    &codes::FAMILY,
    &national::FAMILY,
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
