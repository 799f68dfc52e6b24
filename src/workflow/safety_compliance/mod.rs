//! Safety reports: a compliance record and an escalation, whatever else the message wants.
//!
//! Facts are read ([`people`], [`affected`], [`facts`]), severity is the higher of classifier and rules ([`severity`]), the record is built
//! ([`case_report`]), and the answer is worded ([`answer`]). Everything a machine finds is a suggestion for a
//! qualified person, with the words that suggested it. A request in the same message opens a ticket beside it.

mod affected;
pub(super) mod answer;
pub mod case_report;
pub(super) mod dates;
pub mod duplicates;
pub mod export;
mod facts;
mod known_by;
mod people;
pub(super) mod reader;
mod severity;
mod terms;

use std::cmp::Reverse;
use std::sync::LazyLock;

use regex::Regex;

use super::Workflows;
use super::decision::{Case, Decision, NewReference, NextStep, RecordDraft, RecordKind, due};
use super::details::{AlsoOpened, ReportDetails};
use super::details::{RecordDetails, StepDetails};
use super::not_asked::may_be_asked;
use super::patterns::{Scan, regex};
use super::priority::Priority;
use super::wording::{excerpt, plain_customer_id, plain_id};
use crate::classify::{Emergency, Intent, Severity};
use crate::config::WorkflowConfig;
use affected::Affected;
use case_report::{CallerIds, CaseReport, MinimumCriteria, Suggestion};
use reader::Reader;

/// ICH E2B(R3) E.i.3.2, in its order.
const SERIOUSNESS: [(&str, &str); 6] = [
    ("death", "E.i.3.2a"),
    ("life_threatening", "E.i.3.2b"),
    ("hospitalisation", "E.i.3.2c"),
    ("disability", "E.i.3.2d"),
    ("congenital_anomaly", "E.i.3.2e"),
    ("other_medically_important", "E.i.3.2f"),
];
/// Special situations, in the order in which a record lists them.
const SITUATIONS: [&str; 10] = [
    "pregnancy",
    "breastfeeding",
    "overdose",
    "misuse",
    "medication_error",
    "lack_of_efficacy",
    "quality_defect",
    "falsified_product",
    "interaction",
    "self_harm",
];
/// Situations that are reportable even where no reaction was told (GVP Module VI.B.6): they count as the event.
const SITUATIONS_THAT_ARE_EVENTS: [&str; 7] = [
    "overdose",
    "misuse",
    "medication_error",
    "lack_of_efficacy",
    "quality_defect",
    "falsified_product",
    "self_harm",
];

impl Workflows {
    /// A safety report.
    pub(super) fn safety_compliance(
        &self,
        case: &Case<'_>,
        own: &str,
        new_reference: NewReference<'_>,
    ) -> Decision {
        let (mut report, poisoning, affected) = self.report(case, own, new_reference(RecordKind::Compliance));
        let emergencies = emergencies(case, &report, poisoning);
        report.emergencies = emergencies
            .iter()
            .map(|emergency| emergency.as_str().to_owned())
            .collect();
        if emergencies.is_empty() && report.severity.level == Severity::Urgent {
            // Of which kind it is, nothing says.
            report.emergencies.push(Emergency::Medical.to_string());
        }

        let asked = self.intents_beside(case, own);
        let beside = self.tickets_beside_report(&asked, &report.reference, case, own, new_reference);
        report.related = beside.iter().map(|record| record.reference.clone()).collect();

        let answer = answer::answer(&report, &emergencies, affected, &self.config);
        let priority = match report.severity.level {
            Severity::Urgent => Priority::Urgent,
            Severity::High => Priority::High,
            Severity::Standard => Priority::Medium,
        };
        let mut description = answer.description;
        let also_opened = beside.iter().map(|record| AlsoOpened {
            intent: record.intent,
            reference: record.reference.clone(),
            queue: record.queue.clone(),
        });
        match beside.as_slice() {
            [] => {}
            [one] => description.push_str(&format!(
                " Your other request has its own ticket, {}.",
                one.reference
            )),
            several => {
                let references: Vec<&str> = several.iter().map(|record| record.reference.as_str()).collect();
                description.push_str(&format!(
                    " Your other requests have tickets of their own, {}.",
                    references.join(" and ")
                ));
            }
        }
        let next_step = NextStep {
            action: "create_compliance_record".to_owned(),
            description,
            priority,
            requires_human_review: true,
            external_system: Some(self.config.safety.system.clone()),
            reference: Some(report.reference.clone()),
            due_at: Some(report.due_at),
            details: StepDetails::Report(Box::new(ReportDetails {
                severity: report.severity.level,
                sla_minutes: report.sla_minutes,
                escalation_target: report.escalation_target.clone(),
                do_now: answer.do_now,
                emergency_numbers: answer.numbers,
                question: answer.question,
                side_effects_statement: answer.side_effects_statement,
                minimum_criteria: report.minimum_criteria.clone(),
                requires_expedited_review: report.requires_expedited_review,
                also_opened: also_opened.collect(),
                linked_reports: Vec::new(),
                message: case.redacted.clone(),
            })),
        };
        let mut path = vec![format!(
            "safety report {}: severity {} (classifier {}, rules {}), due {}",
            report.reference,
            report.severity.level,
            report.severity.by_classifier,
            report.severity.by_rules,
            report.due_at
        )];
        if !report.minimum_criteria.complete {
            path.push(format!(
                "missing of the four minimum criteria: {}",
                report.minimum_criteria.missing.join(", ")
            ));
        }
        path.extend(beside.iter().map(|record| {
            let intent = record.intent.map_or("request", Intent::as_str);
            format!("{intent} beside the report: {}", record.reference)
        }));
        let mut records = vec![record(report, &self.config, priority, case)];
        records.extend(beside);
        Decision {
            next_step,
            records,
            path,
        }
    }

    /// Requests that stand beside the report and get a ticket of their own: money back or a cancellation, as the words plainly ask, or as
    /// the classifier says of words that speak of it. A classifier must name some intent, and names one of "overdose" too: nobody who
    /// reports that is to be told of a ticket for a refund.
    fn intents_beside(&self, case: &Case<'_>, own: &str) -> Vec<Intent> {
        let classification = case.classification;
        let mut intents = Vec::new();
        if speaks_of(classification.intent, own) {
            intents.push(classification.intent);
        }
        intents.extend(self.entities.requests(own));
        intents.retain(|intent| matches!(intent, Intent::RequestRefund | Intent::CancelOrder));
        intents.retain(|intent| may_be_asked(*intent, own));
        let mut unique: Vec<Intent> = Vec::new();
        for intent in intents {
            if !unique.contains(&intent) {
                unique.push(intent);
            }
        }
        unique
    }

    /// Reads the facts and judges by rule; says besides whether words of a poisoning are told, and of whom.
    fn report(&self, case: &Case<'_>, own: &str, reference: String) -> (CaseReport, bool, Affected) {
        let reader = self.reader;
        let Reader {
            terms, people, facts, ..
        } = reader;
        let whole = reader.prefilter.scan(case.redacted.as_str());
        let text = reader.rescan(&whole, own);
        let plain = terms.without_look_alikes(&text);
        // A pregnancy or an interaction matters in a question too.
        let situation_text = reader.rescan(&text, &plain);
        let told = severity::what_is_told(&plain);
        let told = reader.rescan(&situation_text, &told);
        let events = terms.events.words("terms", &told);
        let severity = reader
            .severity
            .judge(&told, &events, case.classification.severity, terms);
        let (sla_minutes, target) = match severity.level {
            Severity::Urgent => (self.config.sla.urgent_minutes, &self.config.safety.urgent_target),
            Severity::High => (self.config.sla.high_minutes, &self.config.safety.high_target),
            Severity::Standard => (
                self.config.sla.standard_minutes,
                &self.config.safety.standard_target,
            ),
        };
        let mut reporter = people.reporter(&whole, case.metadata);
        let affected = Affected::read(&text, terms);
        let patient = people.patient(&text, terms, &reporter, affected);
        if reporter.qualification.is_none() && people::is_a_consumer(&patient) {
            reporter.qualification = Some("consumer".to_owned());
        }
        let (products, product_described) = facts.suspect_products(&text, case.metadata);
        let day_zero = self.day_received(case);
        let (onset, exposure) = facts.onset_and_exposure(&text, day_zero);
        let suggestions =
            |group: &terms::Group, codes: &[(&str, Option<&str>)], text: &Scan<'_>| -> Vec<Suggestion> {
                let found = codes
                    .iter()
                    .map(|(code, e2b)| (code, e2b, group.words(code, text)));
                found
                    .filter(|(.., words)| !words.is_empty())
                    .map(|(code, e2b, words)| Suggestion {
                        code: (*code).to_owned(),
                        e2b: e2b.map(str::to_owned),
                        words,
                    })
                    .collect()
            };
        let seriousness = suggestions(
            &terms.seriousness,
            &SERIOUSNESS.map(|(code, e2b)| (code, Some(e2b))),
            &told,
        );
        let special_situations = suggestions(
            &terms.situations,
            &SITUATIONS.map(|code| (code, None)),
            &situation_text,
        );
        // "Took 40 of them" has no word for a harm in it, and yet what happened was told.
        // Nor has "I'm pregnant and on isotretinoin", which is collected whatever comes of it (GVP Module VI.B.6.1).
        let exposed_unborn =
            terms.severity.has("harms_unborn", &told) && terms.situations.has("pregnancy", &told);
        let event = case.classification.emergency.is_some()
            || exposed_unborn
            || !events.is_empty()
            || special_situations
                .iter()
                .any(|found| SITUATIONS_THAT_ARE_EVENTS.contains(&found.code.as_str()));
        let safety = &self.config.safety;
        let mut classification = vec![format!(
            "{} with confidence {:.2}",
            case.classification.category, case.classification.confidence
        )];
        classification.extend(case.classification.raised.clone());
        let report = CaseReport {
            version: case_report::VERSION,
            reference,
            received_at: case.received_at,
            channel: case.channel,
            due_at: due(case.received_at, sla_minutes),
            sla_minutes,
            escalation_target: target.clone(),
            emergencies: Vec::new(),
            minimum_criteria: MinimumCriteria::new(
                reporter.identifiable,
                patient.identifiable,
                !products.is_empty(),
                event,
            ),
            requires_expedited_review: !seriousness.is_empty(),
            severity,
            reporter,
            patient,
            product_described,
            events,
            lot: facts.lot(&text),
            dose: facts.dose(&text, &products),
            products,
            onset,
            exposure,
            outcome: facts::outcome(&told, terms),
            seriousness,
            special_situations,
            regulatory: dates::regulatory_dates(
                day_zero,
                safety.serious_report_days,
                safety.other_report_days,
            ),
            ids: caller_ids(case),
            related: Vec::new(),
            classification,
            narrative: case.redacted.as_str().to_owned(),
        };
        (report, terms.severity.has("poisoning", &told), affected)
    }
}

/// Whether a text has any word of such a request, in the languages that are most written.
fn speaks_of(intent: Intent, text: &str) -> bool {
    static REFUND: LazyLock<Regex> = LazyLock::new(|| {
        regex(
            r"(?i)refund|money|reimburs|compensat|\b(?:credit|pay|paid|charged?|charges|return|returning|returned|cost)\b|\b(?:send|sent|sending|take|give)\b.{0,20}\bback\b|reembols|devol|dinero|rembours|argent|\bgeld|erstatt|rimbors|soldi|dinheiro|estorno|\$",
        )
    });
    static CANCEL: LazyLock<Regex> = LazyLock::new(|| {
        regex(
            r"(?i)cancel|unsubscri|discontinu|\bcall(?:ing)? off\b|\b(?:stop|end|quit|pause)(?:ping|ting)?\b (?:\w+ ){0,3}(?:orders?|refills?|auto\w*|subscriptions?|shipments?|shipping|sending|deliver\w*|everything)|\b(?:do not|don['’]?t|no longer) (?:send|ship|deliver|need|want|fill|refill)|\bannul|\banul|stornier|k(?:ü|ue)ndig",
        )
    });
    match intent {
        Intent::RequestRefund => REFUND.is_match(text),
        Intent::CancelOrder => CANCEL.is_match(text),
        _ => false,
    }
}

/// The emergencies that the classifier or the rules recognised, most specific first. None in an urgent report that tells of no harm: it may be
/// one of any kind.
fn emergencies(case: &Case<'_>, report: &CaseReport, poisoning: bool) -> Vec<Emergency> {
    let classified = case.classification;
    let mut found: Vec<Emergency> = classified
        .emergency
        .into_iter()
        .chain(classified.also_emergency)
        .collect();
    if report.severity.level == Severity::Urgent {
        let situations = &report.special_situations;
        if situations.iter().any(|found| found.code == "self_harm") {
            found.push(Emergency::SelfHarm);
        }
        if poisoning {
            found.push(Emergency::Poisoning);
        }
        let harm_is_told = report.severity.by_rules == Severity::Urgent || !report.events.is_empty();
        if found.is_empty() && harm_is_told {
            found.push(Emergency::Medical);
        }
    }
    found.sort_by_key(|emergency| Reverse(*emergency));
    found.dedup();
    found
}

fn caller_ids(case: &Case<'_>) -> CallerIds {
    let id = |key: &str| case.metadata.text(key).and_then(|id| plain_id(&id));
    CallerIds {
        customer_id: case
            .metadata
            .text("customer_id")
            .and_then(|id| plain_customer_id(&id)),
        order_id: id("order_id"),
        product_id: id("product_id"),
    }
}

fn record(report: CaseReport, config: &WorkflowConfig, priority: Priority, case: &Case<'_>) -> RecordDraft {
    RecordDraft {
        reference: report.reference.clone(),
        kind: RecordKind::Compliance,
        system: config.safety.system.clone(),
        queue: report.escalation_target.clone(),
        priority,
        severity: Some(report.severity.level),
        intent: None,
        due_at: Some(report.due_at),
        summary: format!(
            "Safety report, {}: {}",
            report.severity.level,
            excerpt(case.redacted.as_str())
        ),
        same_event: duplicates::lookup(&report, case.metadata, config.safety.duplicate_window_days),
        details: RecordDetails::Report(Box::new(report)),
    }
}
