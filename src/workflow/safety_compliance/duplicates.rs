//! The same event reported twice, by chat and by mail: found, linked, never dropped.
//!
//! [`lookup`] lists facts of which one shared makes two reports worth comparing: who reports, or a patient, product and event too specific
//! for two people. The store keeps them as keyed hashes only and
//! finds earlier records by them; [`Lookup::same_event`] then compares the two reports. What the same person writes within [`FOLLOW_UP`], the
//! answer to our question above all, goes on with the report before it. A reference that a message names links too. Both
//! records stay; a person decides (compare EU GVP Module VI Addendum I, duplicate management).

use std::sync::LazyLock;

use jiff::{SignedDuration, Timestamp};
use regex::Regex;
use serde::{Deserialize, Serialize};

use super::case_report::{CallerIds, CaseReport, Patient};
use super::known_by::KnownBy;
use crate::message::Metadata;
use crate::reference::{self, RecordKind};
use crate::workflow::patterns::regex;

/// Most facts of one report.
const MAX_FACTS: usize = 8;
/// How long after a report the same person is taken to go on with it: we ask one question, and it is answered the same day or not at all.
const FOLLOW_UP: SignedDuration = SignedDuration::from_hours(24);

/// By what earlier reports of the same event are found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lookup {
    /// Facts of which one in common is enough to compare two reports. They name a person: for hashing only.
    pub facts: Vec<String>,
    /// References of other reports that the message names.
    pub named: Vec<String>,
    /// How far apart two reports of one event may be received, in days.
    pub window_days: u16,
    told: Told,
}

impl Lookup {
    /// Nothing received before may tell of the same event.
    #[must_use]
    pub fn since(&self, received_at: Timestamp) -> Timestamp {
        received_at
            .saturating_sub(SignedDuration::from_hours(24 * i64::from(self.window_days)))
            .unwrap_or(Timestamp::MIN)
    }

    /// What is alike in this report and an earlier one, given by the `details` of its record (JSON text), when both tell of the same
    /// event: the earlier one is named, or they were received within the window of each other, with the same patient as far as told,
    /// and with a product or an event in common and nothing that contradicts; or they share a fact, as those that the store hands in do,
    /// and the later one goes on with the earlier.
    #[must_use]
    pub fn same_event(&self, earlier: &str) -> Option<Likeness> {
        let earlier: Kept = serde_json::from_str(earlier).ok()?;
        same_event(&self.told, &self.named, &Told::from(earlier), self.window_days)
    }
}

/// What of a record's `details` is compared.
#[derive(Debug, Deserialize)]
struct Kept {
    reference: String,
    received_at: Timestamp,
    products: Vec<Named>,
    events: Vec<String>,
    patient: Patient,
    lot: Option<String>,
    ids: CallerIds,
}

#[derive(Debug, Deserialize)]
struct Named {
    name: String,
}

/// A report as it is compared.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Told {
    reference: String,
    received_at: Timestamp,
    /// Names in lower case.
    products: Vec<String>,
    /// What kind each is.
    events: Vec<String>,
    patient: Patient,
    lot: Option<String>,
    customer_id: Option<String>,
}

impl From<Kept> for Told {
    fn from(kept: Kept) -> Self {
        Self {
            reference: kept.reference,
            received_at: kept.received_at,
            products: kept
                .products
                .iter()
                .map(|product| product.name.to_lowercase())
                .collect(),
            events: kept.events.iter().map(|event| kind(event)).collect(),
            patient: kept.patient,
            lot: kept.lot,
            customer_id: kept.ids.customer_id,
        }
    }
}

impl From<&CaseReport> for Told {
    fn from(report: &CaseReport) -> Self {
        let name = |name: &String| Named { name: name.clone() };
        Self::from(Kept {
            reference: report.reference.clone(),
            received_at: report.received_at,
            products: report
                .products
                .iter()
                .map(|product| name(&product.name))
                .collect(),
            events: report.events.clone(),
            patient: report.patient.clone(),
            lot: report.lot.clone(),
            ids: report.ids.clone(),
        })
    }
}

/// What is alike in two reports that are taken for the same event.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Likeness {
    /// The later one names the earlier one's reference.
    pub named: bool,
    /// Products in common.
    pub products: usize,
    /// Reported events in common.
    pub events: usize,
    /// The same person wrote again within [`FOLLOW_UP`], and only one of both names a product.
    pub follow_up: bool,
}

/// A reference as it is made for safety reports and as people copy it, with or without its hyphen.
static REFERENCE: LazyLock<Regex> = LazyLock::new(|| {
    let written = reference::pattern_of(RecordKind::Compliance, reference::HYPHEN_AS_COPIED);
    regex(&reference::in_any_case(&written))
});

/// A reference as the store writes it.
fn as_written_by_the_store(reference: &str) -> String {
    let symbols = &reference[reference.len() - reference::LENGTH..];
    let (prefix, between) = (RecordKind::Compliance.prefix(), reference::HYPHEN);
    format!("{prefix}{between}{}", symbols.to_ascii_uppercase())
}

/// By what reports of the same event as `report` are found; `None` when there is nothing to go by, or the window is shut (0 days).
#[must_use]
pub fn lookup(report: &CaseReport, metadata: &Metadata, window_days: u16) -> Option<Lookup> {
    let mut named: Vec<String> = Vec::new();
    for reference in REFERENCE.find_iter(&report.narrative) {
        let reference = as_written_by_the_store(reference.as_str());
        // A subject and the text below it often name the same one.
        if named.len() < MAX_FACTS && !named.contains(&reference) {
            named.push(reference);
        }
    }
    // One without product and event ("two, this morning") may be an answer to what we asked about the one before.
    let mut facts = person(metadata);
    facts.extend(case_facts(report));
    facts.truncate(MAX_FACTS);
    (window_days > 0 && !(facts.is_empty() && named.is_empty())).then_some(Lookup {
        facts,
        named,
        window_days,
        told: Told::from(report),
    })
}

/// Whose report it is, as the caller says.
fn person(metadata: &Metadata) -> Vec<String> {
    let fact = |known: &KnownBy| match known {
        KnownBy::Customer(id) => joined(&["customer", id]),
        KnownBy::Mail(address) => joined(&["mail", address]),
        KnownBy::Phone(digits) => joined(&["phone", digits]),
    };
    KnownBy::all(metadata).iter().map(fact).collect()
}

/// Product, event, age, sex or relation, and lot or day of onset, all plainly said: too much for a chance.
fn case_facts(report: &CaseReport) -> Vec<String> {
    let Patient {
        age: Some(age),
        sex,
        relation,
        ..
    } = &report.patient
    else {
        return Vec::new();
    };
    let onset = report.onset.as_ref().and_then(|onset| onset.date);
    let when_or_lot = report.lot.clone().or_else(|| onset.map(|day| day.to_string()));
    let (Some(who), Some(when_or_lot)) = (sex.as_ref().or(relation.as_ref()), when_or_lot) else {
        return Vec::new();
    };
    let age = format!("{} {}", age.value, age.unit);
    let mut facts = Vec::new();
    for product in &report.products {
        for event in &report.events {
            let product = product.name.to_lowercase();
            facts.push(joined(&["case", &product, &kind(event), &age, who, &when_or_lot]));
        }
    }
    facts
}

/// Parts with their lengths, which keep ("ab", "c") apart from ("a", "bc").
fn joined(parts: &[&str]) -> String {
    parts
        .iter()
        .map(|part| format!("{}:{part}", part.len()))
        .collect()
}

/// See [`Lookup::same_event`]; `named` are the references that `a` names.
fn same_event(a: &Told, named: &[String], b: &Told, window_days: u16) -> Option<Likeness> {
    let apart = a.received_at.duration_since(b.received_at).abs();
    if a.reference == b.reference {
        return None;
    }
    let mut likeness = Likeness {
        follow_up: false,
        named: named.contains(&b.reference),
        products: a.products.iter().filter(|name| b.products.contains(name)).count(),
        events: a
            .events
            .iter()
            .filter(|event| b.events.iter().any(|other| alike(event, other)))
            .count(),
    };
    if likeness.named {
        return Some(likeness);
    }
    let known_and_different =
        |a: &Option<String>, b: &Option<String>| matches!((a, b), (Some(a), Some(b)) if a != b);
    // Two customers may report of one patient, but not each of herself.
    let of_themselves = a.patient.is_reporter == Some(true) && b.patient.is_reporter == Some(true);
    let other_product = likeness.products == 0 && !a.products.is_empty() && !b.products.is_empty();
    let other_event = likeness.events == 0 && !a.events.is_empty() && !b.events.is_empty();
    let contradicts = apart > SignedDuration::from_hours(24 * i64::from(window_days))
        || (of_themselves && known_and_different(&a.customer_id, &b.customer_id))
        || known_and_different(&a.patient.relation, &b.patient.relation)
        || known_and_different(&a.patient.sex, &b.patient.sex)
        || known_and_different(&a.lot, &b.lot)
        || matches!((&a.patient.age, &b.patient.age), (Some(a), Some(b)) if a != b)
        || other_product;
    if contradicts {
        return None;
    }
    if !other_event && (likeness.products > 0 || likeness.events > 0) {
        return Some(likeness);
    }
    // "He is now wheezing", "250 mg, two a day": nothing in common with what was told, and yet it goes on. A question about another medicine does not.
    let of_another_patient = matches!(
        (a.patient.is_reporter, b.patient.is_reporter),
        (Some(a), Some(b)) if a != b
    );
    likeness.follow_up = apart <= FOLLOW_UP
        && (a.products.is_empty() || b.products.is_empty())
        && !of_another_patient
        && !known_and_different(&a.customer_id, &b.customer_id);
    likeness.follow_up.then_some(likeness)
}

/// Lay words for the same thing, by how their stems begin; a chat says "throwing up" and the mail after it "vomited".
const KINDS: [&[&str]; 12] = [
    &["vomit", "throw", "threw", "puk"],
    &["rash", "hive", "itch", "blister", "peel"],
    &[
        "dizz",
        "lighthead",
        "light-head",
        "light head",
        "faint",
        "pass out",
        "black out",
        "collaps",
    ],
    &["swell", "swollen", "swole", "puff"],
    &["breath", "wheez", "asthma"],
    &["stomach", "cramp", "nause", "heartburn"],
    &["diarrh"],
    &["headach", "migrain"],
    &["tire", "fatigu", "drows", "exhaust", "weak"],
    &["seizur", "convuls"],
    &["bleed", "bled", "bruis"],
    &["confus", "hallucin"],
];

/// What an event is, whatever it is called: its kind, or else its words without their endings.
fn kind(event: &str) -> String {
    let stem = stem(event);
    let words = std::iter::once(0).chain(stem.match_indices(' ').map(|(at, _)| at + 1));
    let of_kind = |kind: &&&[&str]| {
        let mut words = words.clone();
        words.any(|at| kind.iter().any(|begin| stem[at..].starts_with(begin)))
    };
    match KINDS.iter().find(of_kind) {
        Some(words) => words[0].to_owned(),
        None => stem,
    }
}

/// `chest pain` and `bad chest pain` are alike: one says all that the other says.
fn alike(a: &str, b: &str) -> bool {
    let within = |a: &str, b: &str| a.split(' ').all(|word| b.split(' ').any(|other| other == word));
    within(a, b) || within(b, a)
}

/// `vomited` and `vomiting` are the same event.
fn stem(event: &str) -> String {
    let stemmer = frostem::Stemmer::new(frostem::Algorithm::English);
    event
        .to_lowercase()
        .split_whitespace()
        .map(|word| stemmer.stem(word).into_owned())
        .collect::<Vec<_>>()
        .join(" ")
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::classify::Severity;
    use crate::message::Channel;
    use crate::workflow::tests::{decide_received_at, safety};

    fn report(text: &str, metadata: Value, channel: Channel, received_at: &str) -> CaseReport {
        let decision = decide_received_at(text, metadata, &safety(Severity::High), channel, received_at);
        let mut report: CaseReport = serde_json::from_str(&decision.records[0].details.to_json()).unwrap();
        report.reference = format!("SAF-{received_at}-{text}");
        report
    }

    /// `a` as it looks for others, and `b` as it is kept.
    fn compare(a: &CaseReport, b: &CaseReport, window_days: u16) -> Option<Likeness> {
        let lookup = lookup(a, &Metadata::default(), window_days).unwrap_or_else(|| Lookup {
            facts: Vec::new(),
            named: Vec::new(),
            window_days,
            told: Told::from(a),
        });
        lookup.same_event(&serde_json::to_string(b).unwrap())
    }

    #[test]
    fn the_same_event_by_chat_and_by_mail_is_found_and_others_are_not() {
        let customer = || json!({ "customer_id": "C-1" });
        let chat = report(
            "the amoxicillin gave me hives",
            customer(),
            Channel::Chat,
            "2026-11-22T14:00:00Z",
        );
        let later = "2026-11-23T09:00:00Z";
        let mail = |text: &str, metadata| report(text, metadata, Channel::Mail, later);
        for (text, metadata, same) in [
            (
                "Dear team, I had hives after taking amoxicillin.",
                customer(),
                true,
            ),
            ("Dear team, about my hives: who calls me?", customer(), true),
            (
                "Dear team, the amoxicillin made me itch all over.",
                customer(),
                true,
            ),
            (
                "Dear team, I had hives after taking amoxicillin.",
                json!({ "customer_id": "C-2" }),
                false,
            ),
            (
                "Dear team, I had hives after taking penicillin.",
                customer(),
                false,
            ),
            (
                "Dear team, I had a seizure after taking amoxicillin.",
                customer(),
                false,
            ),
            ("Dear team, is Advil in stock?", customer(), false),
        ] {
            let found = compare(&chat, &mail(text, metadata), 30);
            assert_eq!(found.is_some(), same, "{text}");
        }
        let son = mail(
            "My 5 year old son had hives after taking amoxicillin.",
            customer(),
        );
        let daughter = mail("My daughter had hives after taking amoxicillin.", customer());
        assert!(
            compare(&son, &daughter, 30).is_none(),
            "two children are two cases"
        );
        // Whatever one of them says of the patient or the box, the other may leave out, but not contradict.
        for (one, other) in [
            (
                "My mother had hives after taking amoxicillin.",
                "My sister had hives after taking amoxicillin.",
            ),
            (
                "My friend had hives after she took amoxicillin.",
                "My friend had hives after he took amoxicillin.",
            ),
            (
                "My son, 5, had hives after taking amoxicillin.",
                "My son, 9, had hives after taking amoxicillin.",
            ),
            (
                "Hives after taking amoxicillin, lot AX-99.",
                "Hives after taking amoxicillin, lot BD-17.",
            ),
        ] {
            let (one, other) = (mail(one, customer()), mail(other, customer()));
            assert!(compare(&one, &other, 30).is_none(), "{one:?}, {other:?}");
        }
        assert!(
            compare(&chat, &chat, 30).is_none(),
            "a record is no duplicate of itself"
        );
        let much_later = report(
            "amoxicillin hives",
            customer(),
            Channel::Mail,
            "2027-01-22T14:00:00Z",
        );
        assert!(compare(&chat, &much_later, 30).is_none());
        assert!(compare(&chat, &much_later, 90).is_some());
    }

    #[test]
    fn events_are_of_one_kind_by_whatever_lay_word() {
        let written = "vomiting,throwing up,threw up,puking,rash,hives,itchy,blisters,peeling,dizzy,lightheaded,light-headed,light headed,fainted,\
                       passed out,blacked out,collapsed,swelling,swollen,swole up,puffy,breathing,wheezing,asthma,stomach ache,cramps,nausea,\
                       heartburn,diarrhea,headache,migraine,tired,fatigue,drowsy,exhausted,weak,seizure,convulsions,bleeding,bled,bruises,\
                       confused,hallucinating";
        for begin in KINDS.iter().copied().flatten() {
            let mut stems = written.split(',').map(stem);
            assert!(
                stems.any(|stem| stem.starts_with(begin)),
                "no stem begins with {begin}"
            );
        }
        for (one, other) in [
            ("headaches", "migraine"),
            ("tired", "fatigue"),
            ("lightheaded", "dizziness"),
            ("light-headed", "fainted"),
            ("throwing up", "vomited"),
        ] {
            assert_eq!(kind(one), kind(other), "{one}");
        }
        assert_ne!(kind("headache"), kind("tired"));
    }

    #[test]
    fn facts_name_the_person_or_so_much_of_the_case_that_two_people_would_hardly_share_it() {
        let facts = |text: &str, metadata: Value| {
            let parsed = Metadata::parse(metadata.as_object().unwrap().clone()).unwrap();
            lookup(
                &report(text, metadata, Channel::Chat, "2026-11-22T14:00:00Z"),
                &parsed,
                30,
            )
        };
        let hives = "the amoxicillin gave me hives";
        let by = |metadata| facts(hives, metadata).map(|lookup| lookup.facts);
        assert_eq!(by(json!({ "customer_id": "C-1" })).unwrap(), ["8:customer3:C-1"]);
        assert_eq!(
            by(json!({ "from": "Ada Example <Ada@Example.com>" })),
            by(json!({ "email": "ada@example.com" }))
        );
        assert_eq!(
            by(json!({ "caller": "+1 555 010 0123" })),
            by(json!({ "phone": "(555) 010-0123" }))
        );
        assert_eq!(by(json!({ "email": "nobody", "phone": "123" })), None);
        assert_eq!(
            facts("two, in the morning", json!({ "customer_id": "C-1" }))
                .unwrap()
                .facts,
            ["8:customer3:C-1"],
            "it may answer our question"
        );
        assert_eq!(facts("hello", json!({})), None, "nothing to compare");
        let case = "My daughter, 5, has hives after amoxicillin, lot AX-99.";
        assert_eq!(facts(case, json!({})).unwrap().facts.len(), 1);
        assert_eq!(
            facts("My daughter has hives after amoxicillin, lot AX-99.", json!({})),
            None
        );
        for written in ["saf-7q2m9zk4xwb1", "SAF 31DD9ZK4XWB1", "saf7q2m9zk4xwb1"] {
            let named = facts(&format!("more about {written}: it got worse"), json!({})).unwrap();
            let symbols = written[written.len() - 12..].to_uppercase();
            assert_eq!(named.named, [format!("SAF-{symbols}")], "{written}");
        }
        let twice =
            "My earlier report SAF-7Q2M9ZK4XWB1, not SAF-2W9JXQRHB1V4: add to saf-7q2m9zk4xwb1, please";
        assert_eq!(
            facts(twice, json!({})).unwrap().named,
            ["SAF-7Q2M9ZK4XWB1", "SAF-2W9JXQRHB1V4"]
        );
    }

    #[test]
    fn however_much_a_report_tells_little_is_looked_for() {
        let references: Vec<String> = (10..20).map(|n| format!("SAF-7Q2M9ZK4XW{n}")).collect();
        let text = format!(
            "My daughter, 5, has hives, vomiting and dizziness after amoxicillin, ibuprofen, Lipitor and metformin, lot AX-99. See {}",
            references.join(" ")
        );
        let at = "2026-11-22T14:00:00Z";
        let report = report(&text, json!({}), Channel::Chat, at);
        let wanted = lookup(&report, &Metadata::default(), 30).unwrap();
        assert_eq!(wanted.facts.len(), MAX_FACTS);
        assert_eq!(wanted.named, references[..MAX_FACTS]);
        assert_eq!(
            lookup(&report, &Metadata::default(), 0),
            None,
            "the window is shut"
        );
    }

    #[test]
    fn what_the_same_person_writes_the_same_day_goes_on_with_the_report() {
        let customer = || json!({ "customer_id": "C-1" });
        let report = |text: &str, metadata, at| report(text, metadata, Channel::Chat, at);
        let first = report(
            "The amoxicillin gave my son hives all over",
            customer(),
            "2026-11-22T14:00:00Z",
        );
        let soon = "2026-11-22T14:05:00Z";
        for (text, metadata, at, goes_on) in [
            ("he is now wheezing", customer(), soon, true),
            ("250 mg, two in the morning", customer(), soon, true),
            ("Lot 7F22, expiry 03/2027", customer(), soon, true),
            ("he is fine again", customer(), "2026-11-23T13:59:00Z", true),
            ("he is fine again", customer(), "2026-11-23T14:01:00Z", false),
            ("he is now wheezing", json!({ "customer_id": "C-2" }), soon, false),
            ("my daughter is wheezing", customer(), soon, false),
            ("I feel dizzy myself", customer(), soon, false),
            ("is Advil safe with milk?", customer(), soon, false),
        ] {
            let found = compare(&report(text, metadata, at), &first, 30);
            assert_eq!(
                found.is_some_and(|found| found.follow_up),
                goes_on,
                "{text}, {at}"
            );
        }
        let described = report("the new pills made him dizzy", customer(), "2026-11-22T13:00:00Z");
        let named = report("it is Lipitor 20 mg", customer(), soon);
        assert!(
            compare(&named, &described, 30).unwrap().follow_up,
            "the product that we asked for"
        );
    }

    #[test]
    fn a_reference_that_is_named_links_whatever_else_is_told() {
        let at = "2026-11-22T14:00:00Z";
        let mut first = report("the amoxicillin gave me hives", json!({}), Channel::Chat, at);
        first.reference = "SAF-7Q2M9ZK4XWB1".to_owned();
        let later = report(
            "About saf-7q2m9zk4xwb1: I am dizzy now",
            json!({}),
            Channel::Mail,
            "2027-11-22T14:00:00Z",
        );
        assert!(compare(&later, &first, 30).unwrap().named);
        assert!(
            compare(&first, &later, 30).is_none(),
            "only the later one names the other"
        );
    }
}
