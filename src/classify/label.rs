//! The labels a message can get: category, severity, intent, and the probabilities over the categories.
//!
//! Plain data with one spelling each (`as_str`, also the JSON spelling). Order of [`Severity`] is its meaning:
//! `Standard < High < Urgent`, so "raised, never lowered" is `max`.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Declares a closed set of labels: enum, `ALL` in declaration order, `as_str`, `Display`, `FromStr`.
macro_rules! labels {
    ($(#[$doc:meta])* $name:ident { $($(#[$vdoc:meta])* $variant:ident = $text:literal),+ $(,)? }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema)]
        #[serde(rename_all = "snake_case")]
        pub enum $name { $($(#[$vdoc])* $variant),+ }

        impl $name {
            /// Every label, in declaration order; `self as usize` is the index into it.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// The label's one spelling, in JSON, logs, metrics and on the command line.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $text),+ }
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result { f.pad(self.as_str()) }
        }

        impl FromStr for $name {
            type Err = UnknownLabel;
            fn from_str(text: &str) -> Result<Self, UnknownLabel> {
                match text {
                    $($text => Ok(Self::$variant),)+
                    _ => Err(UnknownLabel { known: &[$($text),+] }),
                }
            }
        }
    };
}

labels! {
    /// What kind of message it is; decides which workflow runs.
    Category {
        /// A question; nothing has to change.
        Informational = "informational",
        /// Something has to be done for this customer.
        ServiceAction = "service_action",
        /// Health, medication safety or product quality; wins over the others.
        SafetyCompliance = "safety_compliance",
    }
}

labels! {
    /// How fast a person must look at a safety message. Only meaningful for [`Category::SafetyCompliance`].
    Severity {
        /// A question, or a quality problem without harm.
        Standard = "standard",
        /// A reaction or symptom after a medicine, a wrong or double dose, missed vital medicine.
        High = "high",
        /// An emergency.
        Urgent = "urgent",
    }
}

labels! {
    /// What a customer wants done. Only meaningful for [`Category::ServiceAction`] and for a request beside a safety report.
    Intent {
        /// A complaint or problem somebody has to look into.
        OpenTicket = "open_ticket",
        /// Where an order, delivery, prescription or claim is.
        TrackOrder = "track_order",
        /// Money back.
        RequestRefund = "request_refund",
        /// Cancel an order, refill, subscription or appointment.
        CancelOrder = "cancel_order",
        /// Change something in the customer's account.
        UpdateAccount = "update_account",
        /// Any other request: refill, transfer, appointment, call back.
        Other = "other",
    }
}

/// A text that names no label of the set asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("unknown label; known are {known:?}")]
pub struct UnknownLabel {
    /// The labels that would have been right.
    pub known: &'static [&'static str],
}

/// A probability per category; each 0..=1, together 1 (within rounding).
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Scores {
    /// P(informational).
    pub informational: f32,
    /// P(service_action).
    pub service_action: f32,
    /// P(safety_compliance).
    pub safety_compliance: f32,
}

impl Scores {
    /// The probability of one category.
    #[must_use]
    pub const fn of(&self, category: Category) -> f32 {
        match category {
            Category::Informational => self.informational,
            Category::ServiceAction => self.service_action,
            Category::SafetyCompliance => self.safety_compliance,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_label_is_spelled_the_same_everywhere() {
        for category in Category::ALL {
            assert_eq!(category.as_str().parse(), Ok(*category));
            assert_eq!(serde_json::to_value(category).unwrap(), category.as_str());
        }
        assert!(Severity::Standard < Severity::High && Severity::High < Severity::Urgent);
        assert!(
            "Safety"
                .parse::<Category>()
                .unwrap_err()
                .known
                .contains(&"safety_compliance")
        );
    }
}
