//! One pattern of the reviewed list, and how the files of this folder write theirs.
//!
//! Patterns are written for folded text (lower case, no apostrophes: `cant`, `wont`), one clause at a time, so that none
//! reaches across a full stop or a comma, but for those that say so ([`Pattern::across`]). Each has the help it calls for and its stems: parts
//! of words of which every match holds at least one. A message without any stem is no emergency of the list, which is all that most
//! messages cost; a test checks that no match can do without.

use crate::classify::safety_floor::raise::Emergency;

/// What raises a message.
pub(in crate::classify::safety_floor) struct Pattern {
    /// The kind of emergency or report; named in the decision path.
    pub(in crate::classify::safety_floor) name: &'static str,
    /// The help it calls for; `None` for what is raised without being urgent.
    pub(in crate::classify::safety_floor) help: Option<Emergency>,
    /// At least one is part of every match followed by a space.
    pub(in crate::classify::safety_floor) stems: &'static [&'static str],
    /// Whether a match may reach over the end of a clause.
    pub(in crate::classify::safety_floor) across: bool,
    /// `{P}` and its like stand for the classes of words of [`word_classes`](crate::classify::safety_floor::word_classes).
    pub(in crate::classify::safety_floor) regex: &'static str,
}

/// An emergency.
pub(super) const fn pattern(
    name: &'static str,
    help: Emergency,
    stems: &'static [&'static str],
    regex: &'static str,
) -> Pattern {
    Pattern {
        name,
        help: Some(help),
        stems,
        across: false,
        regex,
    }
}

/// What is raised, its severity being left to the classifier and the rules.
pub(super) const fn report(
    name: &'static str,
    stems: &'static [&'static str],
    regex: &'static str,
) -> Pattern {
    Pattern {
        name,
        help: None,
        stems,
        across: false,
        regex,
    }
}

impl Pattern {
    /// "You sent one medicine, but I ordered another": what is told only by two clauses.
    pub(super) const fn across_clauses(mut self) -> Self {
        self.across = true;
        self
    }
}
