//! Every branch of the three workflows, driven through `Workflows::decide_after` with scripted classifications. That what they decide is
//! kept and answered is tested over HTTP, in `tests/it/workflows.rs`.

mod informational;
mod safety_compliance;
mod service_action;

use std::sync::{Arc, LazyLock};

use serde_json::{Value, json};

use super::*;
use crate::classify::safety_floor::SafetyFloor;
use crate::classify::{Classification, Intent, Scores, Severity};
use crate::config::{ClassifierConfig, KnowledgeBaseConfig};
use crate::message::{Channel, MessageText, Metadata};
use crate::privacy::Redactor;

static WORKFLOWS: LazyLock<Workflows> = LazyLock::new(|| workflows(&WorkflowConfig::default()));

fn workflows(config: &WorkflowConfig) -> Workflows {
    let knowledge_base = KnowledgeBase::open(KnowledgeBaseConfig::default()).unwrap();
    let min_confidence = ClassifierConfig::default().min_confidence;
    Workflows::new(config, Arc::new(knowledge_base), min_confidence).unwrap()
}

static REDACTOR: LazyLock<Redactor> = LazyLock::new(Redactor::default);

pub(super) fn classification(category: Category) -> Classification {
    let score = |of| if of == category { 0.9 } else { 0.05 };
    Classification {
        confidence: 0.9,
        intent: Intent::Other,
        scores: Scores {
            informational: score(Category::Informational),
            service_action: score(Category::ServiceAction),
            safety_compliance: score(Category::SafetyCompliance),
        },
        ..Classification::certain(category)
    }
}

pub(super) fn service(intent: Intent) -> Classification {
    Classification {
        intent,
        ..classification(Category::ServiceAction)
    }
}

pub(super) fn safety(severity: Severity) -> Classification {
    Classification {
        severity,
        ..classification(Category::SafetyCompliance)
    }
}

fn decide(text: &str, metadata: Value, classification: &Classification) -> Decision {
    decide_at(text, metadata, classification, Channel::Chat)
}

pub(super) fn decide_at(
    text: &str,
    metadata: Value,
    classification: &Classification,
    channel: Channel,
) -> Decision {
    decide_received_at(text, metadata, classification, channel, "2026-11-22T14:00:30Z")
}

pub(super) fn decide_received_at(
    text: &str,
    metadata: Value,
    classification: &Classification,
    channel: Channel,
    received_at: &str,
) -> Decision {
    decide_with(
        &WORKFLOWS,
        text,
        metadata,
        classification,
        channel,
        received_at,
        None,
    )
}

/// As `classification` says, after a help centre said `looked_up`.
fn decide_after(text: &str, looked_up: Option<&LookedUp>, classification: &Classification) -> Decision {
    decide_with(
        &WORKFLOWS,
        text,
        json!({}),
        classification,
        Channel::Chat,
        "2026-11-22T14:00:30Z",
        looked_up,
    )
}

fn decide_with(
    workflows: &Workflows,
    text: &str,
    metadata: Value,
    classification: &Classification,
    channel: Channel,
    received_at: &str,
    looked_up: Option<&LookedUp>,
) -> Decision {
    let text = MessageText::parse(text).unwrap();
    let redaction = REDACTOR.redact(text.as_str());
    let mut made = 0;
    let mut new_reference = |kind| {
        made += 1;
        match kind {
            RecordKind::Ticket => format!("TKT-{made}"),
            RecordKind::Compliance => format!("SAF-{made}"),
        }
    };
    let case = Case {
        classification,
        redacted: &redaction.text,
        channel,
        metadata: &Metadata::parse(metadata.as_object().unwrap().clone()).unwrap(),
        received_at: received_at.parse().unwrap(),
    };
    workflows.decide_after(&case, looked_up, &mut new_reference)
}

/// What belongs to a step, as callers read it.
fn details(step: &NextStep) -> Value {
    serde_json::to_value(&step.details).unwrap()
}

/// What a record holds, as the store and outside systems get it.
fn record_details(record: &RecordDraft) -> Value {
    serde_json::from_str(&record.details.to_json()).unwrap()
}

#[test]
fn an_unsure_message_goes_to_a_person_with_a_hand_over_package_and_never_to_an_action() {
    for category in [Category::Informational, Category::ServiceAction] {
        for confidence in [0.0, 0.49, f32::NAN] {
            let mut unsure = classification(category);
            unsure.confidence = confidence;
            unsure.intent = Intent::RequestRefund;
            let decision = decide("refund order 12345 or not?", json!({}), &unsure);
            let step = &decision.next_step;
            assert_eq!(step.action, "escalate_to_human");
            assert!(step.requires_human_review);
            let [record] = decision.records.as_slice() else {
                panic!("one record")
            };
            assert_eq!(step.reference.as_deref(), Some(record.reference.as_str()));
            assert_eq!(record.queue, "agents");
            let details = record_details(record);
            assert_eq!(details["hand_over"]["message"], "refund order 12345 or not?");
            assert_eq!(details["hand_over"]["entities"]["order_ids"], json!(["12345"]));
        }
        let mut sure = classification(category);
        sure.confidence = 0.5;
        assert_ne!(
            decide("refund order 12345", json!({}), &sure).next_step.action,
            "escalate_to_human"
        );
    }
}

#[test]
fn an_unsure_message_that_may_be_a_safety_report_comes_first() {
    let floor = SafetyFloor::DEFAULT_THRESHOLD;
    for (safety, priority) in [
        (0.3, Priority::High),
        // The safety floor lets it pass, and it is all the same worth a look.
        (floor - 0.01, Priority::High),
        (0.05, Priority::Medium),
    ] {
        let mut unsure = classification(Category::Informational);
        unsure.confidence = 0.4;
        unsure.scores = Scores {
            informational: 0.4,
            service_action: 0.6 - safety,
            safety_compliance: safety,
        };
        let decision = decide("feeling funny", json!({}), &unsure);
        assert_eq!(decision.next_step.priority, priority, "{safety}");
    }
}

#[test]
fn no_answer_or_summary_holds_markup_or_breaks_its_line() {
    let hostile = "refund order 12345 <img src=x onerror=alert(1)> [link](javascript:x) {{7*7}} `rm -rf` \u{202e}evil\n# heading\n@here";
    let metadata = json!({
        "order_id": "<b>1</b>",
        "order_ids": ["<b>2</b>"],
        "customer_id": "{{x}}",
        "product_id": "`drop`",
        "product_name": "<i>x</i>",
        "product": "<i>y</i>",
    });
    let markup = ['<', '>', '`', '{', '}', '\n', '\u{202e}', '@'];
    for classification in [
        service(Intent::RequestRefund),
        service(Intent::OpenTicket),
        safety(Severity::High),
        Classification {
            confidence: 0.1,
            ..service(Intent::Other)
        },
    ] {
        let decision = decide(hostile, metadata.clone(), &classification);
        let summaries = decision.records.iter().map(|record| &record.summary);
        for line in summaries
            .chain([&decision.next_step.description])
            .chain(&decision.path)
        {
            assert!(!line.contains(markup), "{line}");
        }
        // What the details hold besides the message itself and the operator's own addresses: ids, products, facts, sentences.
        assert!(!decision.records.is_empty());
        let of_records = decision.records.iter().map(record_details);
        for details in of_records.chain([details(&decision.next_step)]) {
            let mut texts = Vec::new();
            texts_besides_the_message(&details, &mut texts);
            assert!(!texts.is_empty(), "{details}");
            for text in texts {
                assert!(!text.contains(markup), "{text:?} in {details}");
            }
        }
    }
}

/// Every text in `details`, but for the fields that hold the redacted message as it was written, or ways to reach the operator.
fn texts_besides_the_message<'v>(details: &'v Value, texts: &mut Vec<&'v str>) {
    match details {
        Value::String(text) => texts.push(text),
        Value::Array(items) => items
            .iter()
            .for_each(|item| texts_besides_the_message(item, texts)),
        Value::Object(fields) => fields
            .iter()
            .filter(|(name, _)| !["message", "narrative", "contact"].contains(&name.as_str()))
            .for_each(|(_, value)| texts_besides_the_message(value, texts)),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

/// Pieces that patterns react to, so that random texts reach the code behind them.
const PIECES: &[&str] = &[
    "order",
    "#",
    "1234",
    "(",
    ")",
    "ü",
    "\u{2019}",
    "’t",
    "💀",
    " since ",
    "November 3rd",
    "2026-02-30",
    "my",
    "dog",
    "i",
    "took",
    "lot",
    "AX-9",
    "$",
    "1.234,56",
    "can’t breathe",
    "not ",
    "no ",
    "\n",
    "> ",
    "On 1 wrote:",
    "-- ",
    "Fwd:",
    ".",
    "?",
    "double",
    "one two three four",
    "ſ",
    "K",
    "İ",
    "[EMAIL_REDACTED]",
    "died",
    "swallowed",
    "Lipitor",
    "20 mg",
    "ß",
    "\u{202e}",
    "{{",
    "<b>",
];

proptest::proptest! {
    #![proptest_config(proptest::prelude::ProptestConfig::with_cases(64))]

    /// Whatever is written, every workflow answers, in plain lines, and with a record where it promises one.
    #[test]
    fn any_text_gets_an_answer(picks in proptest::collection::vec(0..PIECES.len(), 1..40), spaced: bool) {
        let text = picks.iter().map(|at| PIECES[*at]).collect::<Vec<_>>().join(if spaced { " " } else { "" });
        let Ok(parsed) = MessageText::parse(&text) else { return Ok(()) };
        for classification in [
            classification(Category::Informational),
            service(Intent::RequestRefund),
            safety(Severity::Standard),
            Classification { confidence: 0.2, ..service(Intent::Other) },
        ] {
            let decision = decide_at(parsed.as_str(), json!({}), &classification, Channel::Mail);
            proptest::prop_assert!(!decision.next_step.description.is_empty());
            proptest::prop_assert_eq!(
                decision.next_step.reference.as_deref(),
                decision.records.first().map(|record| record.reference.as_str())
            );
            for record in &decision.records {
                proptest::prop_assert!(!record.summary.contains('\n'));
                if record.kind == RecordKind::Compliance {
                    proptest::prop_assert!(serde_json::from_str::<case_report::CaseReport>(&record.details.to_json()).is_ok());
                }
            }
        }
    }
}

#[test]
fn an_answer_does_not_pass_over_a_death() {
    for classified in [
        service(Intent::UpdateAccount),
        classification(Category::Informational),
    ] {
        let told = decide(
            "My mum passed away last week. How do I close her account?",
            json!({}),
            &classified,
        );
        let answer = &told.next_step.description;
        assert!(
            answer.starts_with("We are very sorry for your loss. "),
            "{answer}"
        );
    }
    let told = decide(
        "My phone died. How do I close my account?",
        json!({}),
        &service(Intent::UpdateAccount),
    );
    assert!(!told.next_step.description.contains("sorry for your loss"));
}
