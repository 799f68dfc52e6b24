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

/// What is to be done now and whom to call, as it is gathered.
struct Advice<'a> {
    config: &'a EmergencyConfig,
    /// Only animals are affected, as far as is told.
    animal: bool,
    lines: Vec<String>,
    /// The most fitting first, each once.
    numbers: Vec<EmergencyNumber>,
}

impl Advice<'_> {
    fn say(&mut self, line: impl Into<String>) {
        self.lines.push(line.into());
    }

    fn call(&mut self, name: &'static str, number: &str) {
        let number = EmergencyNumber {
            name,
            number: number.to_owned(),
        };
        if !self.numbers.contains(&number) {
            self.numbers.push(number);
        }
    }

    fn medical(&mut self) {
        self.call("Emergency services", &self.config.medical);
    }

    fn poison(&mut self) {
        self.call("Poison Help", &self.config.poison);
    }

    fn animal_poison(&mut self) {
        self.call("Animal Poison Control", &self.config.animal_poison);
    }

    fn crisis(&mut self) {
        self.call("Suicide & Crisis Lifeline", &self.config.crisis);
    }

    /// Whether there is anybody to ask about a poisoned animal.
    const fn knows_animal_poison(&self) -> bool {
        !self.config.animal_poison.is_empty()
    }

    /// Somebody may take their life.
    fn in_a_crisis(&mut self) {
        self.say(format!(
            "You do not have to go through this alone. Call or text {} now to talk to somebody at the Suicide & Crisis Lifeline, at any hour. If you or somebody else is in immediate danger, call {}.",
            self.config.crisis, self.config.medical
        ));
        self.crisis();
        self.medical();
    }

    /// Something harmful was taken, by whoever died of it where it is `fatal`.
    fn after_a_poisoning(&mut self, fatal: bool) {
        let EmergencyConfig {
            medical,
            poison,
            animal_poison,
            ..
        } = self.config;
        if self.animal && self.knows_animal_poison() {
            let person = format!("Poison Help at {poison}, or {medical} if that person is very unwell.");
            self.say(if fatal {
                format!(
                    "If another animal may have swallowed something too, please call Animal Poison Control at {animal_poison} (a fee may apply); for a person, call {person}"
                )
            } else {
                format!(
                    "Please call a veterinarian or Animal Poison Control at {animal_poison} now (a fee may apply). If a person may have swallowed something too, call {person}"
                )
            });
            self.animal_poison();
        } else {
            self.say(format!(
                "Please call Poison Help at {poison} now; it is free and open at any hour, also when nothing is wrong yet. If the person has collapsed, has a seizure, has trouble breathing or cannot be woken, call {medical} first."
            ));
        }
        self.poison();
        self.medical();
    }

    /// After a death nobody is sent for, except for whoever else may be unwell.
    fn after_a_death(&mut self, report: &CaseReport) {
        if !self.numbers.is_empty() || !somebody_may_be_unwell(report) {
            return;
        }
        let medical = &self.config.medical;
        self.say(if self.animal {
            format!(
                "If another animal is unwell now, please call a veterinarian; for a person, call {medical}."
            )
        } else {
            format!("If somebody is unwell now, please call {medical}.")
        });
        self.medical();
    }

    /// Whoever is affected lives, as far as is told.
    fn for_the_living(&mut self, report: &CaseReport, emergencies: &[Emergency], affected: Affected) {
        let severity = report.severity.level;
        if emergencies.contains(&Emergency::Medical)
            || (severity == Severity::Urgent && emergencies.is_empty())
        {
            self.at_once(emergencies.is_empty());
        }
        if self.lines.is_empty() && severity == Severity::High {
            self.if_it_gets_worse(report);
        }
        if affected.animal && affected.person && severity >= Severity::High {
            if emergencies.contains(&Emergency::Poisoning) && self.knows_animal_poison() {
                self.say(format!(
                    "For an animal, please call a veterinarian or Animal Poison Control at {} (a fee may apply).",
                    self.config.animal_poison
                ));
                self.animal_poison();
            } else {
                self.say("For an animal, please call a veterinarian.");
            }
        }
        if self.lines.is_empty() && !self.animal {
            self.say(
                "A doctor or pharmacist can say what to do about the medicine; we cannot give medical advice in a message.",
            );
        }
    }

    /// A medical emergency, or one that `may_be_any`.
    fn at_once(&mut self, may_be_any: bool) {
        let EmergencyConfig {
            medical,
            poison,
            crisis,
            ..
        } = self.config;
        self.say(if self.animal {
            format!("If this is an emergency, please call a veterinarian now; for a person, call {medical}.")
        } else {
            format!("If this is happening now, please call {medical} right away. Do not wait for our answer.")
        });
        self.medical();
        if may_be_any && !self.animal {
            self.say(format!(
                "If somebody took too much of a medicine or swallowed something harmful, Poison Help is at {poison}. If you or somebody else may be thinking of suicide, call or text {crisis}. Both are there at any hour."
            ));
            self.poison();
            self.crisis();
        }
    }

    /// No emergency yet.
    fn if_it_gets_worse(&mut self, report: &CaseReport) {
        if self.animal {
            self.say("If it gets worse, please call a veterinarian at once.");
            return;
        }
        self.say(format!(
            "If it gets worse, or you feel that it is an emergency, please call {} at once.",
            self.config.medical
        ));
        self.medical();
        if is_situation(report, "overdose") || is_situation(report, "medication_error") {
            self.say(format!(
                "Poison Help at {} answers questions about too much of a medicine, or the wrong one, at any hour and free of charge.",
                self.config.poison
            ));
            self.poison();
        } else {
            self.say("A doctor or pharmacist can say what to do about the medicine.");
        }
    }
}

/// Whom to call. A veterinarian instead of a person's help only where an animal is affected and no person is told of; where both are, what
/// a person needs comes first.
fn what_to_do_now(
    report: &CaseReport,
    emergencies: &[Emergency],
    affected: Affected,
    config: &EmergencyConfig,
) -> (Vec<String>, Vec<EmergencyNumber>) {
    let mut advice = Advice {
        config,
        animal: affected.animal && !affected.person,
        lines: Vec::new(),
        numbers: Vec::new(),
    };
    let fatal = report.outcome == Outcome::Fatal;
    if fatal {
        advice.say(CONDOLENCES);
    }
    if emergencies.contains(&Emergency::SelfHarm) {
        advice.in_a_crisis();
    }
    if emergencies.contains(&Emergency::Poisoning) {
        advice.after_a_poisoning(fatal);
    }
    if fatal {
        advice.after_a_death(report);
    } else {
        advice.for_the_living(report, emergencies, affected);
    }
    if is_defect(report) {
        advice.say("Please keep the package and what is in it.");
    }
    (advice.lines, advice.numbers)
}

/// Whether a special situation was told.
fn is_situation(report: &CaseReport, code: &str) -> bool {
    report.special_situations.iter().any(|found| found.code == code)
}

/// Whether something is wrong with the product itself: then the package is evidence.
fn is_defect(report: &CaseReport) -> bool {
    is_situation(report, "quality_defect") || is_situation(report, "falsified_product")
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
    let quality = is_defect(report);
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
