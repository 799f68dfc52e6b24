//! Every branch of the three workflows, driven through `Workflows::decide` with scripted classifications.

use std::sync::{Arc, LazyLock};

use jiff::SignedDuration;
use serde_json::{Value, json};

use super::*;
use crate::classify::safety_floor::SafetyFloor;
use crate::classify::{Classification, Emergency, Intent, Scores, Severity};
use crate::config::KnowledgeBaseConfig;
use crate::message::{Channel, MessageText, Metadata};
use crate::privacy::Redactor;

static WORKFLOWS: LazyLock<Workflows> = LazyLock::new(|| {
    let knowledge_base = KnowledgeBase::open(KnowledgeBaseConfig::default()).unwrap();
    Workflows::new(&WorkflowConfig::default(), Arc::new(knowledge_base)).unwrap()
});

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
        text: &text,
        channel,
        metadata: &Metadata::parse(metadata.as_object().unwrap().clone()).unwrap(),
        received_at: received_at.parse().unwrap(),
    };
    WORKFLOWS.decide(&case, &mut new_reference)
}

/// What belongs to a step, as callers read it.
fn details(step: &NextStep) -> Value {
    serde_json::to_value(&step.details).unwrap()
}

#[test]
fn a_question_is_answered_with_the_passage_its_source_and_its_link() {
    let decision = decide(
        "How long does standard delivery take?",
        json!({}),
        &classification(Category::Informational),
    );
    let step = &decision.next_step;
    assert_eq!(step.action, "provide_information");
    assert_eq!(details(step)["answer"]["article_id"], "delivery-times");
    assert!(step.description.contains("3 to 5 business days"));
    assert_eq!(
        details(step)["answer"]["link"],
        "https://help.example.com/articles/delivery-times"
    );
    assert!(decision.records.is_empty() && !step.requires_human_review);
}

#[test]
fn a_question_that_no_article_answers_gets_contact_and_hours() {
    let decision = decide(
        "Who won the football match?",
        json!({}),
        &classification(Category::Informational),
    );
    assert_eq!(decision.next_step.action, "suggest_contact");
    assert!(decision.next_step.description.contains("Monday to Friday"));
    assert!(decision.records.is_empty());
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
            let details: Value = serde_json::from_str(&record.details.to_json()).unwrap();
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
fn a_complaint_that_no_article_answers_goes_to_a_person() {
    let informational = classification(Category::Informational);
    let decision = decide("see you in court", json!({}), &informational);
    assert_eq!(decision.next_step.action, "escalate_to_human");
    assert_eq!(details(&decision.next_step)["reason"], "complaint");
    assert_eq!(decision.records.len(), 1);
    let asked = decide("how do I make a complaint", json!({}), &informational);
    assert_eq!(asked.next_step.action, "provide_information");
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
fn an_answer_that_needs_a_second_look_gets_one() {
    let mut review = classification(Category::Informational);
    review.requires_human_review = true;
    let decision = decide("How long does standard delivery take?", json!({}), &review);
    assert_eq!(decision.next_step.action, "provide_information");
    assert!(decision.next_step.requires_human_review);
    assert_eq!(decision.records.len(), 1);
    assert_eq!(decision.next_step.reference.as_deref(), Some("TKT-1"));
}

#[test]
fn a_request_without_its_order_is_asked_for_it_and_opens_nothing() {
    for intent in [Intent::RequestRefund, Intent::CancelOrder, Intent::TrackOrder] {
        let decision = decide("do it please", json!({}), &service(intent));
        assert_eq!(decision.next_step.action, "request_order_id", "{intent}");
        assert_eq!(details(&decision.next_step)["missing"], json!(["order_id"]));
        assert!(decision.records.is_empty() && decision.next_step.reference.is_none());
    }
}

#[test]
fn every_intent_has_its_action() {
    for (intent, action) in [
        (Intent::OpenTicket, "create_ticket"),
        (Intent::TrackOrder, "track_order"),
        (Intent::RequestRefund, "process_refund_request"),
        (Intent::CancelOrder, "cancel_order"),
        (Intent::UpdateAccount, "verify_identity"),
        (Intent::Other, "create_ticket"),
    ] {
        let decision = decide("about order 12345", json!({}), &service(intent));
        assert_eq!(decision.next_step.action, action);
        assert_eq!(decision.next_step.reference.as_deref(), Some("TKT-1"));
        assert_eq!(decision.next_step.external_system.as_deref(), Some("ticketing"));
        assert_eq!(decision.records.len(), 1);
    }
}

#[test]
fn nobody_cancels_the_metadatas_order_unseen_where_the_message_names_another() {
    let decision = decide(
        "cancel order 12345",
        json!({ "order_id": "77777" }),
        &service(Intent::CancelOrder),
    );
    assert!(decision.next_step.requires_human_review);
    let ticket: Value = serde_json::from_str(&decision.records[0].details.to_json()).unwrap();
    assert_eq!(ticket["requires_human_review"], true);
    let same = decide(
        "cancel order 12345",
        json!({ "order_id": "12345" }),
        &service(Intent::CancelOrder),
    );
    assert!(!same.next_step.requires_human_review);
}

#[test]
fn two_requests_are_both_handled_what_is_stopped_first() {
    let mut both = service(Intent::RequestRefund);
    both.second_intent = Some(Intent::CancelOrder);
    let decision = decide("refund me and cancel order 12345", json!({}), &both);
    let details = details(&decision.next_step);
    let actions: Vec<_> = details["handled_in_order"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| one["action"].as_str().unwrap())
        .collect();
    assert_eq!(actions, ["cancel_order", "process_refund_request"]);
    assert_eq!(decision.records.len(), 2);
}

#[test]
fn each_request_is_about_the_orders_that_it_names() {
    for text in [
        "cancel order 10093552 and track order 10094411",
        "Cancel 10093552 and track 10094411 please",
        "please track #10094411, cancel my order #10093552",
    ] {
        let decision = decide(text, json!({}), &service(Intent::CancelOrder));
        let orders: Vec<_> = decision
            .records
            .iter()
            .map(|record| {
                let details = serde_json::to_value(&record.details).unwrap();
                (
                    record.intent.unwrap(),
                    details["payload"]["entities"]["order_ids"].clone(),
                )
            })
            .collect();
        assert_eq!(
            orders,
            [
                (Intent::CancelOrder, json!(["10093552"])),
                (Intent::TrackOrder, json!(["10094411"]))
            ],
            "{text}"
        );
    }
    let both = "cancel orders 10093552 and 10094411, and refund me";
    let decision = decide(both, json!({}), &service(Intent::CancelOrder));
    assert_eq!(decision.records.len(), 2);
    for record in &decision.records {
        let details = serde_json::to_value(&record.details).unwrap();
        let mut orders = details["payload"]["entities"]["order_ids"].clone();
        assert_eq!(
            orders.take(),
            json!(["10093552", "10094411"]),
            "{:?}",
            record.intent
        );
    }
}

#[test]
fn metadata_wins_and_the_answer_says_so() {
    let decision = decide(
        "refund order 12345",
        json!({ "order_id": "99999" }),
        &service(Intent::RequestRefund),
    );
    assert!(
        decision
            .next_step
            .description
            .contains("names order 12345; the details sent with it name order 99999, which we used")
    );
    assert_eq!(
        details(&decision.next_step)["entities"]["order_ids"],
        json!(["99999"])
    );
}

#[test]
fn severity_sets_the_sla_from_receipt() {
    for (severity, due_at, priority, target) in [
        (
            Severity::Urgent,
            "2026-11-22T14:15:30Z",
            Priority::Urgent,
            "safety-on-call",
        ),
        (
            Severity::High,
            "2026-11-22T16:00:30Z",
            Priority::High,
            "safety-officer",
        ),
        (
            Severity::Standard,
            "2026-11-23T14:00:30Z",
            Priority::Medium,
            "safety-review",
        ),
    ] {
        let decision = decide("about my inhaler", json!({}), &safety(severity));
        let step = &decision.next_step;
        assert_eq!(step.action, "create_compliance_record");
        assert_eq!(step.due_at, Some(due_at.parse().unwrap()));
        assert_eq!((step.priority, step.requires_human_review), (priority, true));
        assert_eq!(decision.records[0].kind, RecordKind::Compliance);
        assert_eq!(decision.records[0].queue, target);
        assert_eq!(details(step)["severity"], severity.as_str());
    }
}

#[test]
fn a_safety_report_is_recorded_at_any_confidence() {
    for confidence in [0.0, 0.3, f32::NAN, 1.0] {
        let mut unsure = safety(Severity::Standard);
        unsure.confidence = confidence;
        let decision = decide("rash", json!({}), &unsure);
        assert_eq!(decision.next_step.action, "create_compliance_record");
        assert!(decision.next_step.requires_human_review);
    }
}

#[test]
fn the_same_words_have_the_same_severity_on_every_channel() {
    for text in [
        "i cant breathe since i took the amoxicillin",
        "the pills gave me hives",
        "is it ok with milk",
    ] {
        for given in Severity::ALL.iter().copied() {
            let found: Vec<_> = Channel::ALL
                .iter()
                .map(|channel| decide_at(text, json!({}), &safety(given), *channel).records[0].severity)
                .collect();
            assert!(
                found.windows(2).all(|pair| pair[0] == pair[1]),
                "{text}: {found:?}"
            );
        }
    }
}

#[test]
fn quoted_history_does_not_make_a_report_urgent() {
    let text =
        "Thanks, is the new bottle fine?\n\nOn Tue, 3 March 2026 at 10:12, Support wrote:\n> I can't breathe";
    let decision = decide_at(text, json!({}), &safety(Severity::Standard), Channel::Mail);
    assert_eq!(decision.records[0].severity, Some(Severity::Standard));
}

#[test]
fn a_refund_asked_for_beside_a_report_opens_a_ticket_too() {
    let mut report = safety(Severity::High);
    report.intent = Intent::RequestRefund;
    let decision = decide("the pills gave me hives, refund order 12345", json!({}), &report);
    assert_eq!(decision.records.len(), 2);
    assert_eq!(decision.records[1].kind, RecordKind::Ticket);
    assert_eq!(decision.records[1].intent, Some(Intent::RequestRefund));
    assert_eq!(
        details(&decision.next_step)["also_opened"][0]["reference"],
        "TKT-2"
    );
    assert!(decision.next_step.description.contains("TKT-2"));
    let mut report = safety(Severity::High);
    report.second_intent = Some(Intent::RequestRefund);
    assert_eq!(
        decide("hives, refund me", json!({}), &report).records.len(),
        2,
        "without an order id too"
    );
}

#[test]
fn two_requests_beside_a_report_are_told_of_once_and_cancel_no_order_that_only_the_refund_names() {
    let mut report = safety(Severity::High);
    report.intent = Intent::RequestRefund;
    let text = "the pills gave me hives, refund order 12345 and cancel the auto refill";
    let decision = decide(text, json!({}), &report);
    let intents: Vec<_> = decision.records.iter().map(|record| record.intent).collect();
    assert_eq!(intents, [None, Some(Intent::RequestRefund), Some(Intent::Other)]);
    let description = &decision.next_step.description;
    assert!(
        description.ends_with("Your other requests have tickets of their own, TKT-2 and TKT-3."),
        "{description}"
    );
}

#[test]
fn the_local_models_guess_in_another_language_gives_way_to_the_word() {
    use crate::classify::ClassifierKind;
    for (classifier, action) in [
        (ClassifierKind::Local, "track_order"),
        (ClassifierKind::Llm, "process_refund_request"),
    ] {
        let guess = Classification {
            classifier,
            ..service(Intent::RequestRefund)
        };
        let decision = decide("где мой заказ 10442981", json!({}), &guess);
        assert_eq!(decision.next_step.action, action);
    }
}

#[test]
fn a_refund_that_is_refused_beside_a_report_opens_no_ticket() {
    let mut report = safety(Severity::High);
    report.intent = Intent::RequestRefund;
    let text = "the pills gave me hives, I don't want a refund, I want somebody to look at them";
    assert_eq!(decide(text, json!({}), &report).records.len(), 1);
}

#[test]
fn no_request_is_read_into_a_report_without_words_for_one() {
    for intent in [Intent::RequestRefund, Intent::CancelOrder] {
        let mut report = safety(Severity::Urgent);
        report.intent = intent;
        for text in [
            "overdose",
            "going to kill myself tonight",
            "he stopped breathing",
            "me quiero matar",
            "my hip can't carry me any more",
        ] {
            assert_eq!(decide(text, json!({}), &report).records.len(), 1, "{text}");
        }
    }
    for (intent, text) in [
        (Intent::RequestRefund, "hives all over, i want what i paid"),
        (Intent::RequestRefund, "me dieron ronchas, quiero un reembolso"),
        (
            Intent::CancelOrder,
            "they make me dizzy, no longer need the refill",
        ),
        (Intent::CancelOrder, "stop my auto refill, it gave me hives"),
    ] {
        let mut report = safety(Severity::High);
        report.intent = intent;
        assert_eq!(decide(text, json!({}), &report).records.len(), 2, "{text}");
    }
}

#[test]
fn an_emergency_that_was_told_is_the_event_of_its_report() {
    let mut report = safety(Severity::Urgent);
    report.emergency = Some(Emergency::Poisoning);
    let decision = decide("took 40 tylenol, call 555-201-0187", json!({}), &report);
    let criteria = &details(&decision.next_step)["minimum_criteria"];
    assert_eq!(criteria["event"], true);
    assert!(!decision.next_step.description.contains("a question only"));
}

#[test]
fn an_emergency_gets_its_numbers_first() {
    for (text, emergency, starts, numbers) in [
        (
            "i want to die",
            Some(Emergency::SelfHarm),
            "You do not have to go through this alone. Call or text 988",
            &["988", "911"][..],
        ),
        (
            "my son swallowed my pills",
            Some(Emergency::Poisoning),
            "Please call Poison Help at 1-800-222-1222",
            &["1-800-222-1222", "911"],
        ),
        (
            "my son swallowed my pills",
            None,
            "Please call Poison Help at 1-800-222-1222",
            &["1-800-222-1222", "911"],
        ),
        (
            "my dog ate my pills",
            None,
            "Please call a veterinarian or Animal Poison Control",
            &["1-888-426-4435", "1-800-222-1222", "911"],
        ),
        (
            "i can't breathe",
            None,
            "If this is happening now, please call 911",
            &["911"],
        ),
        (
            "i took 30 pills on purpose to die",
            None,
            "You do not have to go",
            &["988", "911", "1-800-222-1222"],
        ),
    ] {
        let mut report = safety(Severity::Urgent);
        report.emergency = emergency;
        let step = decide(text, json!({}), &report).next_step;
        assert!(
            step.description.starts_with(starts),
            "{text}: {}",
            step.description
        );
        let details = details(&step);
        let given: Vec<_> = details["emergency_numbers"]
            .as_array()
            .unwrap()
            .iter()
            .map(|one| one["number"].as_str().unwrap())
            .collect();
        assert_eq!(given, numbers, "{text}");
    }
}

#[test]
fn the_answer_promises_no_contact_where_there_is_no_way_to_make_it() {
    let promise = "gets in touch with you";
    let anonymous = decide("the pills gave me hives", json!({}), &safety(Severity::High));
    assert!(!anonymous.next_step.description.contains(promise));
    assert_eq!(details(&anonymous.next_step)["question"]["missing"], "reporter");
    for metadata in [json!({ "customer_id": "C-1" }), json!({ "phone": "5550102345" })] {
        let known = decide("the pills gave me hives", metadata, &safety(Severity::High)).next_step;
        assert!(known.description.contains(promise), "{}", known.description);
        assert!(
            known
                .description
                .contains("within 2 hours, by 16:01 UTC on 22 November 2026")
        );
        assert_ne!(details(&known)["question"]["missing"], "reporter");
    }
}

/// The three promises of a safety answer, over every combination of severity, emergency and a set of texts.
#[test]
fn no_safety_answer_advises_blames_or_promises_too_much() {
    let texts = [
        "i can't breathe since i took the amoxicillin",
        "my dog ate my ibuprofen",
        "the Lipitor gave me muscle pain",
        "is it safe to take Advil with warfarin",
        "my mom died, she was on Xarelto",
        "the seal was broken",
        "i took too many pills",
        "i want to die",
        "hello",
    ];
    let emergencies = [
        None,
        Some(Emergency::SelfHarm),
        Some(Emergency::Poisoning),
        Some(Emergency::Medical),
    ];
    for text in texts {
        for severity in Severity::ALL.iter().copied() {
            for emergency in emergencies {
                let report = Classification {
                    emergency,
                    ..safety(severity)
                };
                let decision = decide(text, json!({ "customer_id": "C-1" }), &report);
                let step = &decision.next_step;
                let said = step.description.to_lowercase();
                for advice in [
                    "stop taking",
                    "keep taking",
                    "do not take",
                    "you should take",
                    "induce",
                    "drink ",
                    "lie down",
                    "dose of",
                ] {
                    assert!(!said.contains(advice), "advice {advice:?}: {said}");
                }
                for blame in [
                    "caused",
                    "because of the",
                    "due to",
                    "side effect of",
                    "allergic to",
                    "reaction to",
                ] {
                    assert!(!said.contains(blame), "causality {blame:?}: {said}");
                }
                for reassurance in [
                    "harmless",
                    "don't worry",
                    "no need to",
                    "is safe",
                    "nothing to worry",
                    "normal",
                ] {
                    assert!(!said.contains(reassurance), "reassurance {reassurance:?}: {said}");
                }
                for promise in ["immediately", "right back", "soon", "as fast as"] {
                    assert!(!said.contains(promise), "promise {promise:?}: {said}");
                }
                let minutes = details(step)["sla_minutes"].as_i64().unwrap();
                let received: Timestamp = "2026-11-22T14:00:30Z".parse().unwrap();
                assert_eq!(
                    step.due_at.unwrap(),
                    received + SignedDuration::from_mins(minutes)
                );
                assert!(
                    !step.description.contains(text),
                    "the customer's words are not repeated"
                );
            }
        }
    }
}

#[test]
fn the_side_effects_statement_is_given_for_prescription_medicines_of_people() {
    let statement = "You may report side effects to FDA at 1-800-FDA-1088.";
    for (text, given) in [
        ("the Lipitor gave me muscle pain", true),
        ("my pills gave me hives", true),
        ("the Advil gave me a stomach ache", false),
        ("Advil and Lipitor gave me cramps", true),
        ("my dog threw up after the prednisone", false),
    ] {
        let step = decide(text, json!({}), &safety(Severity::High)).next_step;
        assert_eq!(step.description.contains(statement), given, "{text}");
        assert_eq!(
            details(&step)["side_effects_statement"].is_string(),
            given,
            "{text}"
        );
    }
}

#[test]
fn a_card_number_given_as_customer_id_is_kept_nowhere() {
    let card = "4111111111111111";
    let metadata = json!({ "customer_id": card });
    for classification in [safety(Severity::High), service(Intent::RequestRefund)] {
        let decision = decide("hives, refund order 12345678", metadata.clone(), &classification);
        for record in &decision.records {
            assert!(!record.details.to_json().contains(card));
        }
        assert!(!details(&decision.next_step).to_string().contains(card));
    }
}

#[test]
fn no_answer_or_summary_holds_markup_or_breaks_its_line() {
    let hostile = "refund order 12345 <img src=x onerror=alert(1)> [link](javascript:x) {{7*7}} `rm -rf` \u{202e}evil\n# heading\n@here";
    let metadata = json!({ "order_id": "<b>1</b>", "customer_id": "{{x}}", "product_id": "'; drop", "product_name": "<i>x</i>" });
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
            assert!(
                !line.contains(['<', '>', '`', '{', '}', '\n', '\u{202e}', '@']),
                "{line}"
            );
        }
        let ids = details(&decision.next_step)["entities"].clone();
        assert!(!ids.to_string().contains('<'), "{ids}");
    }
}

#[test]
fn a_request_that_the_metadata_completes_is_not_asked_for_again() {
    let decision = decide(
        "refund please",
        json!({ "order_id": "10093552" }),
        &service(Intent::RequestRefund),
    );
    assert_eq!(decision.next_step.action, "process_refund_request");
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
