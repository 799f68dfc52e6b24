//! The reviewed list of emergencies: patterns that raise a message to urgent, one file for each kind. With them stand the few
//! reports that are no emergency, but a safety report on their face ([`reports`]).
//!
//! [`pattern`] says how a pattern is written. The list is only data: [`patterns`](super::patterns) compiles all of it and runs it in one walk.

mod breathing;
mod german_and_romance;
mod heart_and_brain;
mod illness;
mod outcome;
mod pattern;
mod poisoning;
mod reports;
mod self_harm;
mod violence;

pub(super) use self::pattern::Pattern;
pub(super) use self::poisoning::OVERDOSED;

/// The list, by kind. Of two patterns that call for the same help on the same words, the earlier one is named.
const KINDS: &[&[Pattern]] = &[
    violence::PATTERNS,
    breathing::PATTERNS,
    heart_and_brain::PATTERNS,
    illness::PATTERNS,
    outcome::PATTERNS,
    poisoning::PATTERNS,
    self_harm::PATTERNS,
    german_and_romance::PATTERNS,
    reports::PATTERNS,
];

/// The whole list, one after the other.
pub(super) fn all() -> impl Iterator<Item = &'static Pattern> {
    KINDS.iter().copied().flatten()
}

/// How many [`all`] has.
pub(super) const COUNT: usize = {
    let (mut count, mut kind) = (0, 0);
    while kind < KINDS.len() {
        count += KINDS[kind].len();
        kind += 1;
    }
    count
};
