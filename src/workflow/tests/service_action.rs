//! Requests: which action, about which orders, and what is asked for.

use super::*;
use crate::classify::ClassifierKind;

#[test]
fn a_request_without_its_order_is_asked_for_it_and_opens_nothing() {
    for (intent, text) in [
        (Intent::RequestRefund, "do it please"),
        (Intent::CancelOrder, "cancel it please"),
        (Intent::TrackOrder, "do it please"),
    ] {
        let decision = decide(text, json!({}), &service(intent));
        assert_eq!(decision.next_step.action, "request_order_id", "{intent}");
        assert_eq!(details(&decision.next_step)["missing"], json!(["order_id"]));
        assert!(decision.records.is_empty() && decision.next_step.reference.is_none());
    }
}

#[test]
fn a_cancellation_that_no_word_asks_for_is_an_agents_unless_a_language_model_read_it() {
    let guessed = service(Intent::CancelOrder);
    let decision = decide("no doorbell please, order 12345", json!({}), &guessed);
    assert_eq!(decision.next_step.action, "create_ticket");
    let read = Classification {
        classifier: ClassifierKind::Llm,
        ..guessed
    };
    let decision = decide("no doorbell please, order 12345", json!({}), &read);
    assert_eq!(decision.next_step.action, "cancel_order");
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
        let text = match intent {
            Intent::CancelOrder => "scrap order 12345",
            _ => "about order 12345",
        };
        let decision = decide(text, json!({}), &service(intent));
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
    let ticket = record_details(&decision.records[0]);
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
    let decision = decide(
        "refund me and cancel order 12345",
        json!({}),
        &service(Intent::RequestRefund),
    );
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
                let details = record_details(record);
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
        let details = record_details(record);
        let mut orders = details["payload"]["entities"]["order_ids"].clone();
        assert_eq!(
            orders.take(),
            json!(["10093552", "10094411"]),
            "{:?}",
            record.intent
        );
    }
}

/// Every ticket of one message: what is asked, and of which orders.
fn asked(text: &str, classified: Intent) -> Vec<(Intent, Value)> {
    let decision = decide(text, json!({}), &service(classified));
    let records = decision.records.iter();
    records
        .map(|record| {
            let details = record_details(record);
            let orders = details["payload"]["entities"]["order_ids"].clone();
            (record.intent.unwrap(), orders)
        })
        .collect()
}

#[test]
fn a_cancellation_in_the_passive_is_not_lost_and_is_of_its_own_order() {
    for (text, classified, expected) in [
        (
            "I want my order 10093552 cancelled and my money back",
            Intent::RequestRefund,
            [
                (Intent::CancelOrder, json!(["10093552"])),
                (Intent::RequestRefund, json!(["10093552"])),
            ],
        ),
        (
            "I want order 10093552 cancelled, and where is my other order 10093553",
            Intent::TrackOrder,
            [
                (Intent::CancelOrder, json!(["10093552"])),
                (Intent::TrackOrder, json!(["10093553"])),
            ],
        ),
        (
            "please cancel order 10093552, and where is order 10093553?",
            Intent::CancelOrder,
            [
                (Intent::CancelOrder, json!(["10093552"])),
                (Intent::TrackOrder, json!(["10093553"])),
            ],
        ),
        (
            "I need order 10093552 refunded and order 10093553 to be cancelled",
            Intent::RequestRefund,
            [
                (Intent::CancelOrder, json!(["10093553"])),
                (Intent::RequestRefund, json!(["10093552"])),
            ],
        ),
    ] {
        assert_eq!(asked(text, classified), expected, "{text}");
    }
}

#[test]
fn a_cancellation_and_a_subscription_that_is_to_stop_are_both_handled() {
    assert_eq!(
        asked(
            "cancel order 10093552 and stop my subscription",
            Intent::CancelOrder
        ),
        [
            (Intent::CancelOrder, json!(["10093552"])),
            (Intent::Other, json!(["10093552"]))
        ]
    );
}

#[test]
fn what_takes_a_request_back_or_waits_for_one_goes_to_an_agent() {
    for (classified, text) in [
        (
            Intent::CancelOrder,
            "please cancel the cancellation of order 10093552",
        ),
        (Intent::CancelOrder, "cancel my refund"),
        (Intent::RequestRefund, "cancel my refund"),
        (Intent::RequestRefund, "where is my refund for order 10093552"),
        (Intent::RequestRefund, "when will I get my refund"),
        (Intent::RequestRefund, "already refunded"),
        (Intent::RequestRefund, "still no refund"),
    ] {
        let decision = decide(text, json!({}), &service(classified));
        assert_eq!(decision.next_step.action, "create_ticket", "{text}");
        assert_eq!(decision.records.len(), 1, "{text}");
        assert_eq!(decision.records[0].intent, Some(Intent::OpenTicket), "{text}");
    }
}

#[test]
fn a_question_about_a_prescription_is_asked_for_no_order_number() {
    let decision = decide(
        "is my prescription ready for pickup",
        json!({}),
        &service(Intent::TrackOrder),
    );
    assert_eq!(decision.next_step.action, "create_ticket");
    assert_eq!(decision.records[0].intent, Some(Intent::Other));
    let description = &decision.next_step.description;
    assert!(
        description.starts_with("We have passed your request to an agent"),
        "{description}"
    );
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
fn a_request_that_the_metadata_completes_is_not_asked_for_again() {
    let decision = decide(
        "refund please",
        json!({ "order_id": "10093552" }),
        &service(Intent::RequestRefund),
    );
    assert_eq!(decision.next_step.action, "process_refund_request");
}

/// A leak has a clock of its own, and whoever asks about a safety report was promised a person.
#[test]
fn a_leak_and_a_question_about_a_safety_report_do_not_wait_a_day() {
    for (intent, text) in [
        (
            Intent::UpdateAccount,
            "I can see another customer's orders in my account",
        ),
        (Intent::Other, "you mailed my HIV results to my neighbour"),
        (Intent::OpenTicket, "nobody called me back about SAF-7Q2M9ZK4XWB1"),
    ] {
        let decision = decide(text, json!({}), &service(intent));
        assert_eq!(decision.next_step.action, "create_ticket", "{text}");
        assert_eq!(decision.next_step.priority, Priority::High, "{text}");
        let record = &decision.records[0];
        assert_eq!(record.priority, Priority::High, "{text}");
        // What the ticketing system is told.
        let details = record_details(record);
        assert_eq!(details["priority"], "high", "{text}");
        assert_eq!(
            record.due_at,
            Some("2026-11-22T18:00:30Z".parse().unwrap()),
            "{text}"
        );
    }
    let usual = decide("I have a problem", json!({}), &service(Intent::OpenTicket));
    assert_eq!(usual.next_step.priority, Priority::Medium);
}
