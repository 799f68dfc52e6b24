//! The three workflows over HTTP, with a scripted LLM that says what kind the message is: what comes of its word, and that what an answer
//! promises is in the store. What each workflow decides in each case is tested beside it, in `src/workflow/tests/`.

use jiff::Timestamp;
use serde_json::{Value, json};
use switchboard::store::{RecordKind, RecordRow};

use crate::harness::{Reply, START, TestApp};
use crate::upstream::{Upstream, verdict};

/// The app, with an LLM that says of each message what the test tells it to.
struct ScriptedApp {
    upstream: Upstream,
    app: TestApp,
}

impl ScriptedApp {
    async fn start() -> Self {
        let upstream = Upstream::start().await;
        let app = TestApp::start_with_llm(&upstream).await;
        Self { upstream, app }
    }

    /// What it answers to `message`, of which the LLM gives `verdict`.
    async fn told(&self, verdict: Value, message: &str, metadata: Value) -> Reply {
        self.upstream.answer(verdict);
        let body = json!({ "message": message, "metadata": metadata });
        let reply = self.app.classify(body).await;
        assert_eq!(reply.status, 200, "{}", reply.text);
        reply
    }

    async fn stored(&self, reference: &Value) -> RecordRow {
        stored(&self.app, reference).await
    }
}

fn service(intent: &str, confidence: f64) -> Value {
    json!({ "category": "service_action", "confidence": confidence, "severity": null, "intent": intent, "reasoning": "a request" })
}

fn safety(severity: &str) -> Value {
    json!({ "category": "safety_compliance", "confidence": 0.95, "severity": severity, "intent": null, "reasoning": "a report" })
}

/// The record that an answer names, as it is in the store.
async fn stored(app: &TestApp, reference: &Value) -> RecordRow {
    let reference = reference.as_str().expect("the answer names a record");
    app.running()
        .store()
        .record(reference)
        .await
        .unwrap()
        .expect("what is promised is on disk")
}

#[tokio::test]
async fn a_question_is_answered_from_the_knowledge_base_with_its_source() {
    let scripted = ScriptedApp::start().await;
    let reply = scripted
        .told(
            verdict("informational", 0.9),
            "What is your return policy for unopened items?",
            json!({}),
        )
        .await;
    assert_eq!(reply.at("/next_step/action"), "provide_information");
    assert_eq!(
        reply.at("/next_step/details/answer/article_id"),
        "returns-policy",
        "{}",
        reply.text
    );
    for field in ["title", "link", "text", "source"] {
        assert!(
            reply
                .at(&format!("/next_step/details/answer/{field}"))
                .is_string(),
            "{field}: {}",
            reply.text
        );
    }
    assert_eq!(
        (
            reply.at("/next_step/reference"),
            reply.at("/next_step/requires_human_review")
        ),
        (&Value::Null, &json!(false))
    );
    scripted.app.stop().await;
}

#[tokio::test]
async fn a_question_that_no_article_answers_gets_a_way_to_ask() {
    let scripted = ScriptedApp::start().await;
    let reply = scripted
        .told(
            verdict("informational", 0.9),
            "Do you sell concert tickets for the summer festival?",
            json!({}),
        )
        .await;
    assert_eq!(reply.at("/next_step/action"), "suggest_contact", "{}", reply.text);
    assert_eq!(reply.at("/next_step/details/answer"), &Value::Null);
    scripted.app.stop().await;
}

/// To the embedded model, whose word the safety floor follows, such a reference was letters and numbers of nothing it knew.
#[tokio::test]
async fn a_question_about_one_of_our_tickets_is_no_safety_report() {
    let scripted = ScriptedApp::start().await;
    for message in [
        "what is the status of TKT-B3G1PS1TQR0W?",
        "hello, following up on TKT-2BC7FXPPGX6Q",
    ] {
        let reply = scripted
            .told(service("track_order", 0.9), message, json!({}))
            .await;
        assert_eq!(reply.at("/category"), "service_action", "{}", reply.text);
    }
    scripted.app.stop().await;
}

#[tokio::test]
async fn an_unsure_question_and_an_unsure_request_go_to_an_agent() {
    let scripted = ScriptedApp::start().await;
    for unsure in [verdict("informational", 0.4), service("cancel_order", 0.4)] {
        let reply = scripted
            .told(unsure, "cancel or what about order 10093-552", json!({}))
            .await;
        assert_eq!(
            reply.at("/next_step/action"),
            "escalate_to_human",
            "{}",
            reply.text
        );
        assert_eq!(reply.at("/next_step/requires_human_review"), true);
        let record = scripted.stored(reply.at("/next_step/reference")).await;
        assert_eq!(
            (record.kind, record.queue.as_str()),
            (RecordKind::Ticket, "agents")
        );
    }
    scripted.app.stop().await;
}

#[tokio::test]
async fn the_confidence_under_which_a_person_decides_is_the_configured_one() {
    let upstream = Upstream::start().await;
    upstream.answer(service("cancel_order", 0.8));
    let app = TestApp::start_with(|config| {
        crate::harness::use_llm(config, &upstream);
        config.classifier.min_confidence = 0.9;
    })
    .await;
    let reply = app
        .say("Please cancel order 10093-552, my number is 212-555-0142")
        .await;
    assert_eq!(
        reply.at("/next_step/action"),
        "escalate_to_human",
        "{}",
        reply.text
    );
    let record = stored(&app, reply.at("/next_step/reference")).await;
    let hand_over = &record.details["hand_over"];
    for part in ["message", "scores", "candidate_articles", "tried", "entities"] {
        assert!(!hand_over[part].is_null(), "{part}: {hand_over}");
    }
    assert!(!hand_over.to_string().contains("212-555-0142"), "{hand_over}");
    app.stop().await;
}

#[tokio::test]
async fn two_requests_in_one_message_are_both_handled_in_the_order_that_is_stated() {
    let scripted = ScriptedApp::start().await;
    let message =
        "I want a refund for what you charged. And please cancel order 10093-552, it has not shipped.";
    let reply = scripted
        .told(service("request_refund", 0.95), message, json!({}))
        .await;
    let handled = reply
        .at("/next_step/details/handled_in_order")
        .as_array()
        .unwrap()
        .clone();
    let intents: Vec<&str> = handled
        .iter()
        .map(|one| one["intent"].as_str().unwrap())
        .collect();
    assert_eq!(intents, ["cancel_order", "request_refund"], "{}", reply.text);
    for one in &handled {
        let record = scripted.stored(&one["reference"]).await;
        assert_eq!(record.kind, RecordKind::Ticket);
    }
    assert_eq!(reply.at("/next_step/details/second_intent"), "cancel_order");
    scripted.app.stop().await;
}

#[tokio::test]
async fn every_intent_has_its_action_and_a_ticket_on_disk() {
    let scripted = ScriptedApp::start().await;
    let cases = [
        (
            "open_ticket",
            "The website shows an error whenever I pay for order 10093-552",
            "create_ticket",
        ),
        ("track_order", "Where is my order 10093-552?", "track_order"),
        (
            "request_refund",
            "Please refund order 10093-552",
            "process_refund_request",
        ),
        ("cancel_order", "Cancel order 10093-552", "cancel_order"),
        (
            "update_account",
            "Change the address on my account",
            "verify_identity",
        ),
        (
            "other",
            "Please call me back about my order 10093-552",
            "create_ticket",
        ),
    ];
    for (intent, message, action) in cases {
        let reply = scripted.told(service(intent, 0.9), message, json!({})).await;
        assert_eq!(reply.at("/next_step/action"), action, "{intent}: {}", reply.text);
        let record = scripted.stored(reply.at("/next_step/reference")).await;
        assert_eq!(
            (record.kind, record.intent.as_deref()),
            (RecordKind::Ticket, Some(intent)),
            "{intent}"
        );
    }
    scripted.app.stop().await;
}

#[tokio::test]
async fn what_is_missing_is_asked_for_and_metadata_may_bring_it() {
    let scripted = ScriptedApp::start().await;
    for intent in ["track_order", "cancel_order", "request_refund"] {
        let message = "Please do something about my order";
        let reply = scripted.told(service(intent, 0.9), message, json!({})).await;
        assert_eq!(
            reply.at("/next_step/action"),
            "request_order_id",
            "{intent}: {}",
            reply.text
        );
        let reply = scripted
            .told(service(intent, 0.9), message, json!({ "order_id": "45-20817" }))
            .await;
        assert_ne!(
            reply.at("/next_step/action"),
            "request_order_id",
            "{intent}: {}",
            reply.text
        );
        assert!(reply.text.contains("45-20817"), "{intent}: {}", reply.text);
    }
    scripted.app.stop().await;
}

#[tokio::test]
async fn a_cancellation_or_refund_that_the_words_refuse_is_not_passed_on() {
    let scripted = ScriptedApp::start().await;
    for (intent, message) in [
        (
            "cancel_order",
            "Do not cancel order 10093-552! I only want to know when it comes.",
        ),
        (
            "cancel_order",
            "Please cancel order 10093-552. No wait, never mind, I'll keep it.",
        ),
        (
            "request_refund",
            "I don't want a refund, just send the missing gloves of order 10093-552",
        ),
    ] {
        let reply = scripted.told(service(intent, 0.95), message, json!({})).await;
        assert_eq!(reply.at("/next_step/action"), "create_ticket", "{}", reply.text);
        let record = scripted.stored(reply.at("/next_step/reference")).await;
        assert_eq!(record.intent.as_deref(), Some("open_ticket"), "{message}");
        assert!(
            reply
                .at("/decision_path")
                .as_str()
                .unwrap()
                .contains("not asked for")
        );
    }
    // What else is asked for is done.
    let message = "Please don't cancel order 10093-552. Where is my order?";
    let reply = scripted
        .told(service("cancel_order", 0.95), message, json!({}))
        .await;
    assert_eq!(reply.at("/next_step/action"), "track_order", "{}", reply.text);
    assert_eq!(
        reply
            .at("/next_step/details/handled_in_order")
            .as_array()
            .unwrap()
            .len(),
        1
    );
    scripted.app.stop().await;
}

#[tokio::test]
async fn no_order_number_is_asked_for_where_the_request_is_about_none() {
    let scripted = ScriptedApp::start().await;
    for (intent, message, action) in [
        (
            "cancel_order",
            "stop the automatic refill of my lisinopril",
            "create_ticket",
        ),
        ("cancel_order", "I want to cancel my account", "verify_identity"),
        (
            "track_order",
            "what is the status of ticket TKT-2XDBC93E8EV5",
            "create_ticket",
        ),
        ("track_order", "I will sue you", "create_ticket"),
        (
            "request_refund",
            "refund me or you hear from my lawyer",
            "create_ticket",
        ),
    ] {
        let reply = scripted.told(service(intent, 0.95), message, json!({})).await;
        assert_eq!(reply.at("/next_step/action"), action, "{message}: {}", reply.text);
        scripted.stored(reply.at("/next_step/reference")).await;
    }
    scripted.app.stop().await;
}

#[tokio::test]
async fn a_request_worded_as_a_question_comes_with_the_article_that_may_answer_it() {
    let scripted = ScriptedApp::start().await;
    let message = "Can an order be cancelled after it ships?";
    let reply = scripted
        .told(service("cancel_order", 0.9), message, json!({}))
        .await;
    assert_eq!(
        reply.at("/next_step/action"),
        "request_order_id",
        "{}",
        reply.text
    );
    let link = reply.at("/next_step/details/article/link").as_str().unwrap();
    assert!(link.ends_with("/cancel-an-order"), "{link}");
    assert!(
        reply
            .at("/next_step/details/next_steps/0")
            .as_str()
            .unwrap()
            .contains(link)
    );
    for message in ["Cancel my order", "Can you cancel order 10093-552?"] {
        let reply = scripted
            .told(service("cancel_order", 0.9), message, json!({}))
            .await;
        assert_eq!(
            reply.at("/next_step/details/article"),
            &Value::Null,
            "{}",
            reply.text
        );
    }
    scripted.app.stop().await;
}

#[tokio::test]
async fn thanks_are_not_told_that_no_article_answers_them() {
    let scripted = ScriptedApp::start().await;
    let reply = scripted
        .told(
            verdict("informational", 0.9),
            "Thanks, that solved it!",
            json!({}),
        )
        .await;
    assert_eq!(reply.at("/next_step/action"), "suggest_contact");
    assert_eq!(reply.at("/next_step/details/reason"), "nothing_asked");
    let description = reply.at("/next_step/description").as_str().unwrap();
    assert!(
        description.starts_with("Thank you for your message."),
        "{description}"
    );
    scripted.app.stop().await;
}

#[tokio::test]
async fn each_severity_has_its_due_time_from_receipt() {
    let scripted = ScriptedApp::start().await;
    let received: Timestamp = START.parse().unwrap();
    let cases = [
        (
            "standard",
            "Can I take ibuprofen together with my blood pressure tablets?",
            24 * 60,
        ),
        (
            "high",
            "I have a rash on both arms since the second tablet",
            2 * 60,
        ),
        (
            "urgent",
            "I can't breathe and my throat is swelling since the tablet",
            15,
        ),
    ];
    for (severity, message, minutes) in cases {
        let reply = scripted
            .told(safety(severity), message, json!({ "customer_id": "C-1" }))
            .await;
        assert_eq!(
            reply.at("/next_step/details/severity"),
            severity,
            "{}",
            reply.text
        );
        let due: Timestamp = reply.at("/next_step/due_at").as_str().unwrap().parse().unwrap();
        assert_eq!(due.duration_since(received).as_mins(), minutes, "{severity}");
        assert_eq!(reply.at("/next_step/requires_human_review"), true);
        let record = scripted.stored(reply.at("/next_step/reference")).await;
        assert_eq!(
            (record.kind, record.severity.as_deref()),
            (RecordKind::Compliance, Some(severity))
        );
        assert_eq!((record.received_at, record.due_at), (received, Some(due)));
    }
    scripted.app.stop().await;
}

#[tokio::test]
async fn an_emergency_is_told_whom_to_call() {
    let scripted = ScriptedApp::start().await;
    for (message, number) in [
        ("I want to kill myself", "988"),
        (
            "My toddler swallowed the whole bottle of iron tablets",
            "1-800-222-1222",
        ),
        ("he had a seizure after the injection", "911"),
        // Known by the urgent patterns alone: that the LLM says so too must not lose which help it is.
        ("хочу умереть", "988"),
    ] {
        let reply = scripted.told(safety("urgent"), message, json!({})).await;
        assert!(
            reply
                .at("/next_step/description")
                .as_str()
                .unwrap()
                .contains(number),
            "{message}: {}",
            reply.text
        );
        assert_eq!(reply.at("/next_step/priority"), "urgent");
    }
    scripted.app.stop().await;
}

#[tokio::test]
async fn an_overdose_in_slang_is_told_whom_to_call_whatever_the_llm_says() {
    let scripted = ScriptedApp::start().await;
    for message in ["I OD'd", "OD on tylenol", "he odd on percocet"] {
        let reply = scripted
            .told(verdict("informational", 0.99), message, json!({}))
            .await;
        assert_eq!(reply.body["category"], "safety_compliance", "{}", reply.text);
        assert_eq!(reply.at("/next_step/details/severity"), "urgent", "{message}");
        let numbers = reply.at("/next_step/details/emergency_numbers").to_string();
        assert!(
            numbers.contains("1-800-222-1222") && numbers.contains("911"),
            "{message}: {numbers}"
        );
    }
    scripted.app.stop().await;
}

#[tokio::test]
async fn a_medicine_that_is_somebody_elses_is_a_report_without_being_urgent_whatever_the_llm_says() {
    let scripted = ScriptedApp::start().await;
    for message in [
        "someone else's prescription was in my package",
        "this isn't my prescription",
        "I got the wrong medication",
    ] {
        let reply = scripted
            .told(verdict("service_action", 0.99), message, json!({}))
            .await;
        assert_eq!(reply.body["category"], "safety_compliance", "{}", reply.text);
        assert_ne!(reply.at("/next_step/details/severity"), "urgent", "{message}");
        let path = reply.at("/decision_path").as_str().unwrap();
        assert!(path.contains("by pattern wrong medicine"), "{path}");
    }
    for message in [
        "I want to transfer my husband's prescription",
        "can I pick up someone else's prescription",
        "how do I order for someone else",
    ] {
        let reply = scripted
            .told(verdict("service_action", 0.99), message, json!({}))
            .await;
        assert_eq!(reply.body["category"], "service_action", "{}", reply.text);
    }
    scripted.app.stop().await;
}

#[tokio::test]
async fn a_report_and_the_refund_asked_for_beside_it_are_both_on_disk() {
    let app = TestApp::start().await;
    let reply = app.say("Refund please, it gave me hives").await;
    assert_eq!(reply.body["category"], "safety_compliance", "{}", reply.text);
    let report = stored(&app, reply.at("/next_step/reference")).await;
    let ticket = stored(&app, reply.at("/next_step/details/also_opened/0/reference")).await;
    assert_eq!(
        (report.kind, ticket.kind),
        (RecordKind::Compliance, RecordKind::Ticket)
    );
    assert_eq!(ticket.intent.as_deref(), Some("request_refund"));
    app.stop().await;
}
