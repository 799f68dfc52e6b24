//! What a person who reported a safety problem is told: numbers to call, when somebody looks, the reference, one
//! question.
//!
//! Three promises: **no medical advice** (nothing about taking, stopping or treating; only whom to ask or call), **no
//! causality** (nothing says that a product did anything), **no promise the SLA does not keep** (times are counted from
//! receipt and rounded up; "get in touch" is promised only where we know how). All wording is here or in configuration,
//! none of it comes from the message.

use serde::Serialize;
use utoipa::ToSchema;

use super::affected::Affected;
use super::case_report::{CaseReport, Outcome};
use crate::classify::{Emergency, Severity};
use crate::config::WorkflowConfig;
use crate::config::workflow::EmergencyConfig;
use crate::workflow::bereavement::CONDOLENCES;
use crate::workflow::wording::{minutes, moment};

/// A number to call.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct EmergencyNumber {
    /// Whose it is.
    #[schema(value_type = String)]
    pub name: &'static str,
    /// The number.
    pub number: String,
}

/// The one question that helps most.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
pub struct Question {
    /// What is missing.
    #[schema(value_type = String)]
    pub missing: &'static str,
    /// The question.
    #[schema(value_type = String)]
    pub text: &'static str,
}

/// The answer in parts and as one text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Answer {
    pub(super) description: String,
    pub(super) do_now: Vec<String>,
    pub(super) numbers: Vec<EmergencyNumber>,
    pub(super) question: Option<Question>,
    pub(super) side_effects_statement: Option<String>,
}

/// Words the answer. No emergency in an urgent report: the classifier saw that it is one, and nothing says which kind.
pub(super) fn answer(
    report: &CaseReport,
    emergencies: &[Emergency],
    affected: Affected,
    config: &WorkflowConfig,
) -> Answer {
    let (do_now, numbers) = what_to_do_now(report, emergencies, affected, &config.emergency);
    // Somebody in a crisis is asked nothing and given no small print: a person calls.
    let crisis = emergencies.contains(&Emergency::SelfHarm);
    // "Nobody would miss me": whoever may be in one is not asked for a package either.
    let may_be_crisis = report.severity.level == Severity::Urgent
        && emergencies.is_empty()
        && !report.minimum_criteria.product
        && report.product_described.is_none();
    let question = question(report, may_be_crisis).filter(|_| !crisis);
    let statement = &config.safety.side_effects_statement;
    let side_effects_statement =
        (!statement.is_empty() && !crisis && !may_be_crisis && statement_applies(report, affected))
            .then(|| statement.clone());

    let mut parts = do_now.clone();
    parts.push(format!(
        "We have passed this to our safety team under the reference {}.",
        report.reference
    ));
    let within = minutes(report.sla_minutes);
    let by = moment(report.due_at);
    parts.push(if report.reporter.identifiable {
        format!("A person looks at it within {within}, by {by}, and gets in touch with you after that.")
    } else {
        format!("A person looks at it within {within}, by {by}.")
    });
    if let Some(question) = question {
        parts.push(
            if report.severity.level == Severity::Urgent && report.outcome != Outcome::Fatal {
                format!("Once help is on its way: {}", question.text)
            } else {
                question.text.to_owned()
            },
        );
    }
    parts.extend(side_effects_statement.clone());
    Answer {
        description: parts.join(" "),
        do_now,
        numbers,
        question,
        side_effects_statement,
    }
}

/// Whom to call. A veterinarian instead of a person's help only where an animal is affected and no person is told of; where both are, what
/// a person needs comes first. After a death nobody is sent for, except for whoever else may be unwell.
fn what_to_do_now(
    report: &CaseReport,
    emergencies: &[Emergency],
    affected: Affected,
    config: &EmergencyConfig,
) -> (Vec<String>, Vec<EmergencyNumber>) {
    let medical = || EmergencyNumber {
        name: "Emergency services",
        number: config.medical.clone(),
    };
    let mut lines = Vec::new();
    let mut numbers = Vec::new();
    let severity = report.severity.level;
    let has = |emergency| emergencies.contains(&emergency);
    let situation = |code: &str| report.special_situations.iter().any(|found| found.code == code);
    let animal = affected.animal && !affected.person;
    let fatal = report.outcome == Outcome::Fatal;
    if fatal {
        lines.push(CONDOLENCES.to_owned());
    }
    if has(Emergency::SelfHarm) {
        lines.push(format!(
            "You do not have to go through this alone. Call or text {} now to talk to somebody at the Suicide & Crisis Lifeline, at any hour. If you or somebody else is in immediate danger, call {}.",
            config.crisis, config.medical
        ));
        numbers.push(EmergencyNumber {
            name: "Suicide & Crisis Lifeline",
            number: config.crisis.clone(),
        });
        numbers.push(medical());
    }
    if has(Emergency::Poisoning) {
        if animal && !config.animal_poison.is_empty() {
            let person = format!(
                "Poison Help at {}, or {} if that person is very unwell.",
                config.poison, config.medical
            );
            lines.push(if fatal {
                format!(
                    "If another animal may have swallowed something too, please call Animal Poison Control at {} (a fee may apply); for a person, call {person}",
                    config.animal_poison
                )
            } else {
                format!(
                    "Please call a veterinarian or Animal Poison Control at {} now (a fee may apply). If a person may have swallowed something too, call {person}",
                    config.animal_poison
                )
            });
            numbers.push(EmergencyNumber {
                name: "Animal Poison Control",
                number: config.animal_poison.clone(),
            });
        } else {
            lines.push(format!(
                "Please call Poison Help at {} now; it is free and open at any hour, also when nothing is wrong yet. If the person has collapsed, has a seizure, has trouble breathing or cannot be woken, call {} first.",
                config.poison, config.medical
            ));
        }
        numbers.push(EmergencyNumber {
            name: "Poison Help",
            number: config.poison.clone(),
        });
        numbers.push(medical());
    }
    if fatal {
        if numbers.is_empty() && somebody_may_be_unwell(report) {
            lines.push(if animal {
                format!(
                    "If another animal is unwell now, please call a veterinarian; for a person, call {}.",
                    config.medical
                )
            } else {
                format!("If somebody is unwell now, please call {}.", config.medical)
            });
            numbers.push(medical());
        }
    } else if has(Emergency::Medical) || (severity == Severity::Urgent && emergencies.is_empty()) {
        if animal {
            lines.push(format!(
                "If this is an emergency, please call a veterinarian now; for a person, call {}.",
                config.medical
            ));
        } else {
            lines.push(format!(
                "If this is happening now, please call {} right away. Do not wait for our answer.",
                config.medical
            ));
        }
        numbers.push(medical());
        if emergencies.is_empty() && !animal {
            lines.push(format!(
                "If somebody took too much of a medicine or swallowed something harmful, Poison Help is at {}. If you or somebody else may be thinking of suicide, call or text {}. Both are there at any hour.",
                config.poison, config.crisis
            ));
            numbers.push(EmergencyNumber {
                name: "Poison Help",
                number: config.poison.clone(),
            });
            numbers.push(EmergencyNumber {
                name: "Suicide & Crisis Lifeline",
                number: config.crisis.clone(),
            });
        }
    }
    if lines.is_empty() && severity == Severity::High {
        if animal {
            lines.push("If it gets worse, please call a veterinarian at once.".to_owned());
        } else {
            let worse = "If it gets worse, or you feel that it is an emergency, please call";
            lines.push(format!("{worse} {} at once.", config.medical));
            numbers.push(medical());
            if situation("overdose") || situation("medication_error") {
                lines.push(format!(
                    "Poison Help at {} answers questions about too much of a medicine, or the wrong one, at any hour and free of charge.",
                    config.poison
                ));
                numbers.push(EmergencyNumber {
                    name: "Poison Help",
                    number: config.poison.clone(),
                });
            } else {
                lines.push("A doctor or pharmacist can say what to do about the medicine.".to_owned());
            }
        }
    }
    if affected.animal && affected.person && !fatal && severity >= Severity::High {
        if has(Emergency::Poisoning) && !config.animal_poison.is_empty() {
            lines.push(format!(
                "For an animal, please call a veterinarian or Animal Poison Control at {} (a fee may apply).",
                config.animal_poison
            ));
            numbers.push(EmergencyNumber {
                name: "Animal Poison Control",
                number: config.animal_poison.clone(),
            });
        } else {
            lines.push("For an animal, please call a veterinarian.".to_owned());
        }
    }
    if lines.is_empty() && !animal {
        lines.push("A doctor or pharmacist can say what to do about the medicine; we cannot give medical advice in a message.".to_owned());
    }
    if situation("quality_defect") || situation("falsified_product") {
        lines.push("Please keep the package and what is in it.".to_owned());
    }
    let mut unique: Vec<EmergencyNumber> = Vec::new();
    for number in numbers {
        if !unique.contains(&number) {
            unique.push(number);
        }
    }
    (lines, unique)
}

/// Whether a report of a death may tell of somebody who lives and is unwell: what is urgent by its words, or a harm that is the reporter's or
/// happens now. What the deceased went through is none: nobody who mourns is told to call for help.
fn somebody_may_be_unwell(report: &CaseReport) -> bool {
    const DEATHS: [&str; 4] = ["died", "passed away", "dead", "fatal"];
    let is_death = |event: &String| {
        let event = event.to_lowercase();
        DEATHS.iter().any(|death| event.contains(death))
    };
    let mut words = report.narrative.split(|c: char| !c.is_alphanumeric());
    let patient = &report.patient;
    let may_be_the_reporter =
        patient.is_reporter == Some(true) || patient.is_reporter.is_none() && patient.relation.is_some();
    report.severity.by_rules == Severity::Urgent
        || !report.events.iter().all(is_death)
            && (may_be_the_reporter || words.any(|word| word.eq_ignore_ascii_case("now")))
}

/// The statement is for prescription medicines for people; it is given unless we know that none is concerned.
fn statement_applies(report: &CaseReport, affected: Affected) -> bool {
    let known_otc = !report.products.is_empty()
        && report
            .products
            .iter()
            .all(|product| product.prescription == Some(false));
    (!affected.animal || affected.person) && !known_otc
}

/// The most useful missing fact: a way to reach the reporter, then the rest of the four criteria, then what the
/// follow-up needs first. Where it `may_be_crisis`, what happened comes before any product.
fn question(report: &CaseReport, may_be_crisis: bool) -> Option<Question> {
    let ask = |missing, text| Some(Question { missing, text });
    let situation = |code: &str| report.special_situations.iter().any(|found| found.code == code);
    let quality = situation("quality_defect") || situation("falsified_product");
    let criteria = &report.minimum_criteria;
    if !criteria.reporter {
        return ask(
            "reporter",
            "How can we reach you: a phone number or a mail address?",
        );
    }
    if may_be_crisis {
        return ask("event", "What has happened, and to whom?");
    }
    if !criteria.product {
        return ask(
            "product",
            "What is the exact name of the product, as printed on the package?",
        );
    }
    if quality && report.lot.is_none() {
        return ask(
            "lot",
            "What are the lot number and the expiry date on the package?",
        );
    }
    if quality && report.events.is_empty() {
        // A defect without harm: nothing else is worth a question before a person has looked.
        return None;
    }
    if !criteria.event {
        return ask(
            "event",
            match report.severity.level {
                Severity::Urgent => "What has happened, and when?",
                Severity::High => "How is the person now, and has anything happened that you noticed?",
                Severity::Standard => "Has anything happened that you noticed, or is this a question only?",
            },
        );
    }
    if !criteria.patient {
        return ask(
            "patient",
            "Who is affected: you or somebody else, and how old is that person?",
        );
    }
    if report.onset.is_none() {
        return ask(
            "onset",
            "When did it begin, and when was the product last used before that?",
        );
    }
    if report.dose.is_none() {
        return ask("dose", "How much of it was used, and how often?");
    }
    if report.outcome == Outcome::Unknown {
        let myself = report.patient.is_reporter == Some(true);
        return ask(
            "outcome",
            if myself {
                "How are you now?"
            } else {
                "How is the patient now?"
            },
        );
    }
    if report.lot.is_none() {
        return ask("lot", "What is the lot number on the package?");
    }
    None
}
