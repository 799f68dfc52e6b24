//! What the safety floor says of a message: why it is raised, how far, and which help its sender needs.

use crate::classify::label::Severity;

/// Why and how far a message is raised.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Raise {
    /// What raised it; named in the decision path.
    pub reason: RaiseReason,
    /// The least severity; `None` leaves it to the classifier.
    pub severity: Option<Severity>,
    /// Which help the sender must be pointed to at once.
    pub emergency: Option<Emergency>,
    /// Which help it needs besides: what was swallowed in order to die is a poisoning, too.
    pub also: Option<Emergency>,
}

/// What raised a message.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum RaiseReason {
    /// A pattern of the list, by its name.
    Pattern(&'static str),
    /// The local model's safety probability, at or above the threshold.
    Probability(f32),
}

closed_set! {
    /// The kind of an emergency, which decides the number to call. The greatest is told first.
    Emergency {
        /// Somebody's life is in danger: the emergency number (911 in the US).
        Medical = "medical",
        /// An overdose, a poisoning, something swallowed: poison control (1-800-222-1222 in the US), 911 when collapsed.
        Poisoning = "poisoning",
        /// Somebody may harm themselves: the crisis line (988 in the US).
        SelfHarm = "self_harm",
    }
}
