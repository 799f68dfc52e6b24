//! What belongs to a step and to a record, as data: one struct for each kind, so that whoever reads an answer or a record knows its fields
//! from `/openapi.json`.
//!
//! Everything here is redacted or checked. The customer's own words, redacted, are in `message`, in a report's narrative and the words that
//! it quotes, and where a day is mentioned. Writing one as JSON never fails.

use std::collections::BTreeMap;

use serde::Serialize;
use utoipa::ToSchema;

use super::entities::Entities;
use super::priority::Priority;
use super::safety_compliance::answer::{EmergencyNumber, Question};
use super::safety_compliance::case_report::{CaseReport, MinimumCriteria};
use crate::classify::{Intent, Scores, Severity};
use crate::config::workflow::ContactChannel;
use crate::integrations::knowledge_base::{Alternative, Answer};
use crate::message::Channel;
use crate::privacy::Redacted;

/// What belongs to a step; `docs/workflows.md` lists which goes with which action.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
#[serde(untagged)]
pub enum StepDetails {
    /// An article answers.
    Information(InformationDetails),
    /// No article does.
    Contact(ContactDetails),
    /// A person decides.
    Escalation(Box<EscalationDetails>),
    /// Something is asked for.
    Request(Box<RequestDetails>),
    /// Harm is reported.
    Report(Box<ReportDetails>),
}

impl StepDetails {
    /// Says which earlier reports may tell of the same event; only a report has such.
    pub fn note_linked(&mut self, earlier: &[String]) {
        if let Self::Report(report) = self {
            report.linked_reports = earlier.to_vec();
        }
    }
}

/// Of `provide_information`.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct InformationDetails {
    /// The passage that answers.
    pub answer: Answer,
    /// Others that may help, best first.
    pub alternatives: Vec<Alternative>,
}

/// Of `suggest_contact`.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct ContactDetails {
    /// Why there is no answer: `no_article_matched`, `knowledge_base_unavailable`, or `nothing_asked` of a greeting or thanks.
    #[schema(value_type = String)]
    pub reason: &'static str,
    /// How to reach a person, best first.
    pub contact: Vec<ContactChannel>,
    /// The closest articles, best first.
    pub alternatives: Vec<Alternative>,
}

/// Of `escalate_to_human`.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct EscalationDetails {
    /// Why: `low_confidence`; or, where no article answers, `complaint`, `data_leak` or `about_a_record` (one of ours, by its reference).
    #[schema(value_type = String)]
    pub reason: &'static str,
    /// The agents' queue.
    pub queue: String,
    /// What the agent gets.
    pub hand_over: HandOver,
    /// How to reach a person meanwhile, best first.
    pub contact: Vec<ContactChannel>,
}

/// Of every step that answers a request, whether it opened a ticket or asks for what is missing.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct RequestDetails {
    /// The request as classified.
    pub intent: Intent,
    /// Its facts.
    pub entities: Entities,
    /// Each request of the message and what came of it, in the order in which they are handled.
    pub handled_in_order: Vec<HandledRequest>,
    /// The entities that are missing; absent when none is.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(required = false)]
    pub missing: Vec<String>,
    /// The question to ask the customer for the first of them.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub question: Option<String>,
    /// What the customer can expect or do.
    pub next_steps: Vec<String>,
    /// The article that likely answers, where the request is worded as a question and names no order; absent otherwise.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub article: Option<Alternative>,
    /// The other request of the message.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub second_intent: Option<Intent>,
}

/// One request and what came of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct HandledRequest {
    /// What is wanted.
    pub intent: Intent,
    /// Machine name of what is done about it.
    pub action: String,
    /// The ticket's public id; null where something is missing.
    pub reference: Option<String>,
    /// The ticket's queue; null where something is missing.
    pub queue: Option<String>,
    /// The entities that are missing.
    pub missing: Vec<String>,
}

/// Of `create_compliance_record`.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct ReportDetails {
    /// How fast a person must look.
    pub severity: Severity,
    /// The same in minutes from receipt.
    pub sla_minutes: u32,
    /// Who looks.
    pub escalation_target: String,
    /// What the customer should do now, a sentence each.
    pub do_now: Vec<String>,
    /// Numbers to call, the most fitting first.
    pub emergency_numbers: Vec<EmergencyNumber>,
    /// The one question that helps most; null in a crisis and where nothing is missing.
    pub question: Option<Question>,
    /// The statement of 21 CFR 209.10, where it applies.
    pub side_effects_statement: Option<String>,
    /// The four criteria of a valid report.
    pub minimum_criteria: MinimumCriteria,
    /// A suggestion for a qualified person.
    pub requires_expedited_review: bool,
    /// Tickets for what else the message asks for.
    pub also_opened: Vec<AlsoOpened>,
    /// Earlier reports that may tell of the same event, newest first; absent when there are none.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(required = false)]
    pub linked_reports: Vec<String>,
    /// The message, redacted.
    #[schema(value_type = String)]
    pub message: Redacted,
}

/// A ticket beside a report.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct AlsoOpened {
    /// What is wanted.
    pub intent: Option<Intent>,
    /// The ticket's public id.
    pub reference: String,
    /// Its queue.
    pub queue: String,
}

/// What an agent gets with a message that nobody is sure about.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct HandOver {
    /// Why it was handed over.
    #[schema(value_type = String)]
    pub reason: &'static str,
    /// The message, redacted.
    #[schema(value_type = String)]
    pub message: Redacted,
    /// Probability of each category.
    pub scores: Scores,
    /// Whether it may be a safety report: then it is read first.
    pub may_be_a_safety_report: bool,
    /// Articles that may answer it, best first.
    pub candidate_articles: Vec<Alternative>,
    /// The facts in it.
    pub entities: Entities,
    /// What was tried, a line each.
    pub tried: Vec<String>,
}

/// What the agent or safety officer needs.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(untagged)]
pub enum RecordDetails {
    /// Of a ticket for a request.
    Request(Box<RequestTicket>),
    /// Of a ticket for a message that an agent has to read.
    HandOver(Box<HandOverTicket>),
    /// Of a compliance record.
    Report(Box<CaseReport>),
}

impl RecordDetails {
    /// As JSON text.
    #[must_use]
    pub fn to_json(&self) -> String {
        serde_json::to_string(self).expect("details are strings, numbers and lists")
    }
}

/// A request as its ticket tells it.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct RequestTicket {
    /// `request`.
    pub r#type: &'static str,
    /// Machine name of what is to be done.
    pub action: String,
    /// How soon.
    pub priority: Priority,
    /// Where the message came from.
    pub channel: Channel,
    /// For the target system.
    pub payload: Payload,
    /// The message, redacted.
    pub message: Redacted,
    /// Whether a person has to agree before anything happens.
    pub requires_human_review: bool,
    /// What has to happen before anybody acts on it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hold_until: Option<String>,
    /// What an agent should know besides.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub note: Option<&'static str>,
    /// The safety report that the same message made.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub safety_report: Option<String>,
    /// Entities that are missing and were not asked for.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub missing: Vec<String>,
}

/// What the target system gets: the template's own fields and the facts.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Payload {
    /// The template's fields; none is called `entities`.
    #[serde(flatten)]
    pub fields: BTreeMap<String, String>,
    /// The facts.
    pub entities: Entities,
}

/// A message that an agent has to read.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct HandOverTicket {
    /// `hand_over`.
    pub r#type: &'static str,
    /// How soon somebody reads it.
    pub priority: Priority,
    /// Where the message came from.
    pub channel: Channel,
    /// Everything that is known.
    pub hand_over: HandOver,
}
