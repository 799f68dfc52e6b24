//! The labels a message can get: category, severity, intent, and the probabilities over the categories.
//!
//! Plain data with one spelling each (`as_str`, also the JSON spelling). Order of [`Severity`] is its meaning:
//! `Standard < High < Urgent`, so "raised, never lowered" is `max`.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

closed_set! {
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

closed_set! {
    /// How fast a person must look at a safety message. Only meaningful for `safety_compliance`.
    Severity {
        /// A question, or a quality problem without harm.
        Standard = "standard",
        /// A reaction or symptom after a medicine, a wrong or double dose, missed vital medicine.
        High = "high",
        /// An emergency.
        Urgent = "urgent",
    }
}

closed_set! {
    /// What a customer wants done. Only meaningful for `service_action` and for a request beside a safety report.
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
