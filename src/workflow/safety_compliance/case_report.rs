//! A safety report as a record: what was said, what follows from it by rule, and what is still missing.
//!
//! Everything here is redacted, and every judgement is a suggestion for a qualified person, with the words that
//! suggested it. "Unknown" is a value: `None` and empty lists mean that the report does not plainly say. This is the
//! `details` object of a compliance record; [`super::export`] reads it back.

use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use utoipa::ToSchema;

use super::dates::RegulatoryDates;
use crate::classify::Severity;
use crate::message::Channel;

/// The version of this shape, for readers of old records.
pub const VERSION: u16 = 1;

/// A safety report.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct CaseReport {
    /// [`VERSION`] when it was written.
    pub version: u16,
    /// The record's public id.
    pub reference: String,
    /// When it was received.
    pub received_at: Timestamp,
    /// Where it came from.
    pub channel: Channel,
    /// How fast a person must look, and why.
    pub severity: SeverityFinding,
    /// Until when a person has looked.
    pub due_at: Timestamp,
    /// Minutes from receipt to `due_at`.
    pub sla_minutes: u32,
    /// Who is told.
    pub escalation_target: String,
    /// Emergencies recognised: `self_harm`, `poisoning`, `medical`.
    pub emergencies: Vec<String>,
    /// Who reports.
    pub reporter: Reporter,
    /// Who is affected.
    pub patient: Patient,
    /// Suspect products named.
    pub products: Vec<Product>,
    /// A product that is described but not named, such as `blood pressure pills`.
    pub product_described: Option<String>,
    /// What happened, as reported.
    pub events: Vec<String>,
    /// Lot or batch number.
    pub lot: Option<String>,
    /// Dose, as reported.
    pub dose: Option<String>,
    /// When it began.
    pub onset: Option<Moment>,
    /// When the product was begun, or taken.
    pub exposure: Option<Moment>,
    /// How it ended.
    pub outcome: Outcome,
    /// The four criteria of a valid report.
    pub minimum_criteria: MinimumCriteria,
    /// Seriousness criteria suggested.
    pub seriousness: Vec<Suggestion>,
    /// Special situations suggested.
    pub special_situations: Vec<Suggestion>,
    /// Suggestion: some seriousness criterion is suggested. A qualified person decides.
    pub requires_expedited_review: bool,
    /// Regulatory due dates.
    pub regulatory: RegulatoryDates,
    /// The caller's ids, where they look like ids.
    pub ids: CallerIds,
    /// References of other records of the same message.
    pub related: Vec<String>,
    /// Lines on how the message was classified.
    pub classification: Vec<String>,
    /// The redacted narrative. The verbatim one is in the record's encrypted part only.
    pub narrative: String,
}

impl CaseReport {
    /// Reads a report back from the `details` of its record.
    ///
    /// # Errors
    /// When the details are not those of a compliance record.
    pub fn from_details(details: &Map<String, Value>) -> Result<Self, serde_json::Error> {
        Self::deserialize(details)
    }
}

/// The severity with its sources.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SeverityFinding {
    /// The higher of both.
    pub level: Severity,
    /// What the classifier said.
    pub by_classifier: Severity,
    /// What the rules say; `standard` when none matched.
    pub by_rules: Severity,
    /// The words that made the rules raise it.
    pub words: Vec<String>,
}

/// Who reports. A patient reporting herself is reporter and patient.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reporter {
    /// Somebody can be asked back.
    pub identifiable: bool,
    /// By what: `customer_id`, `mail address (metadata)`, `phone number (metadata)`, `contact details (redacted)`.
    pub by: Vec<String>,
    /// E2B(R3) C.2.r.4, where plainly said: `physician`, `pharmacist`, `other_health_professional`; `consumer` where none of them is and
    /// the reporter is the patient, or tells of somebody of hers.
    pub qualification: Option<String>,
}

/// Who is affected.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Patient {
    /// Whether the reporter is the patient; `None` when not plainly said.
    pub is_reporter: Option<bool>,
    /// A particular person (or animal) rather than people in general.
    pub identifiable: bool,
    /// By what: `age`, `age (redacted)`, `date of birth (redacted)`, `age group`, `sex`, `animal`, `relation`, `is the reporter`.
    pub by: Vec<String>,
    /// As said, such as `daughter`.
    pub relation: Option<String>,
    /// `female` or `male`, where the words say so.
    pub sex: Option<String>,
    /// Age.
    pub age: Option<Age>,
    /// `child`, `pregnant`, `breastfeeding`, `elderly`, `animal`.
    pub groups: Vec<String>,
}

/// An age as said.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Age {
    /// The number.
    pub value: u16,
    /// `years`, `months`, `weeks` or `days`.
    pub unit: String,
}

/// A suspect product.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Product {
    /// Its name, or the caller's product id.
    pub name: String,
    /// Strength as said, such as `20 mg`.
    pub strength: Option<String>,
    /// Whether it is sold on prescription; `None` when not known.
    pub prescription: Option<bool>,
}

/// A point in time as the report tells it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Moment {
    /// As said.
    pub text: String,
    /// The day, where it is plain.
    pub date: Option<Date>,
}

/// How it ended; E2B(R3) E.i.7.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// Over.
    Recovered,
    /// Getting better.
    Recovering,
    /// Not over.
    NotRecovered,
    /// Over, with lasting effects.
    RecoveredWithSequelae,
    /// The patient died. Says nothing about the cause.
    Fatal,
    /// Not plainly said.
    Unknown,
}

/// The four criteria of a valid report (ICH E2D, minimum criteria for reporting; EU GVP Module VI.B.2).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct MinimumCriteria {
    /// An identifiable reporter.
    pub reporter: bool,
    /// An identifiable patient.
    pub patient: bool,
    /// A suspect product.
    pub product: bool,
    /// An adverse event, or a special situation.
    pub event: bool,
    /// Those that are missing, in the order above.
    pub missing: Vec<String>,
    /// None is missing.
    pub complete: bool,
}

impl MinimumCriteria {
    /// Judges the four.
    #[must_use]
    pub fn new(reporter: bool, patient: bool, product: bool, event: bool) -> Self {
        let all = [
            ("reporter", reporter),
            ("patient", patient),
            ("product", product),
            ("event", event),
        ];
        let missing: Vec<String> = all
            .iter()
            .filter(|(_, met)| !met)
            .map(|(name, _)| (*name).to_owned())
            .collect();
        Self {
            reporter,
            patient,
            product,
            event,
            complete: missing.is_empty(),
            missing,
        }
    }
}

/// Something a person should consider, with the words that suggested it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Suggestion {
    /// What, such as `hospitalisation`.
    pub code: String,
    /// The element of E2B(R3), where there is one, such as `E.i.3.2c`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub e2b: Option<String>,
    /// The words, redacted.
    pub words: Vec<String>,
}

/// The caller's ids.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct CallerIds {
    /// `metadata.customer_id`.
    pub customer_id: Option<String>,
    /// `metadata.order_id`.
    pub order_id: Option<String>,
    /// `metadata.product_id`.
    pub product_id: Option<String>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_sixteen_subsets_of_the_four_criteria_name_what_is_missing() {
        let names = ["reporter", "patient", "product", "event"];
        for subset in 0..16_u8 {
            let met = |at: u8| subset & (1 << at) != 0;
            let criteria = MinimumCriteria::new(met(0), met(1), met(2), met(3));
            let missing: Vec<&str> = (0..4_u8)
                .filter(|at| !met(*at))
                .map(|at| names[usize::from(at)])
                .collect();
            assert_eq!(criteria.missing, missing);
            assert_eq!(criteria.complete, subset == 15);
        }
    }
}
