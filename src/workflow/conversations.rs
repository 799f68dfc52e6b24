//! Forty conversations, written as people write, as reviewed snapshots of the whole answer and of every record.
//!
//! The classification of each is scripted here, so that a snapshot shows what the workflows make of it and nothing else.

use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::tests::{classification, decide_at, safety, service};
use super::*;
use crate::classify::{Classification, Emergency, Intent, Severity};
use crate::message::Channel;

#[derive(Deserialize)]
struct Conversation {
    id: String,
    channel: Channel,
    text: String,
    metadata: Map<String, Value>,
}

/// What the classifiers are taken to have said.
fn scripted(id: &str) -> Classification {
    let number: u8 = id.trim_start_matches("conv-").parse().unwrap();
    let emergency = |emergency| Classification {
        emergency: Some(emergency),
        ..safety(Severity::Urgent)
    };
    let unsure = |classification: Classification| Classification {
        confidence: 0.41,
        ..classification
    };
    match number {
        1..=5 => classification(Category::Informational),
        6 => unsure(classification(Category::Informational)),
        7..=9 | 19 => service(Intent::TrackOrder),
        10 | 16 => service(Intent::OpenTicket),
        11 | 12 | 14 | 18 => service(Intent::RequestRefund),
        13 => service(Intent::CancelOrder),
        15 => service(Intent::UpdateAccount),
        17 => service(Intent::Other),
        20 => unsure(service(Intent::CancelOrder)),
        21 => emergency(Emergency::Medical),
        22 => emergency(Emergency::Poisoning),
        23 => emergency(Emergency::SelfHarm),
        // The classifier saw no emergency here; the rules do.
        24 => safety(Severity::High),
        25 | 26 | 31 | 37 | 39 => safety(Severity::High),
        29 => Classification {
            intent: Intent::RequestRefund,
            ..safety(Severity::Standard)
        },
        38 => Classification {
            intent: Intent::RequestRefund,
            ..safety(Severity::High)
        },
        _ => safety(Severity::Standard),
    }
}

#[test]
fn forty_conversations_have_reviewed_answers() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/corpus/conversations.jsonl");
    let conversations = std::fs::read_to_string(path).unwrap();
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path("snapshots");
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    let mut seen = 0;
    for line in conversations.lines() {
        let conversation: Conversation = serde_json::from_str(line).unwrap();
        let decision = decide_at(
            &conversation.text,
            Value::Object(conversation.metadata.clone()),
            &scripted(&conversation.id),
            conversation.channel,
        );
        let records: Vec<Value> = decision
            .records
            .iter()
            .map(|record| {
                json!({
                    "reference": record.reference, "kind": record.kind, "system": record.system, "queue": record.queue,
                    "priority": record.priority, "severity": record.severity, "intent": record.intent,
                    "due_at": record.due_at, "summary": record.summary, "details": record.details,
                })
            })
            .collect();
        let whole = json!({
            "next_step": decision.next_step,
            "records": records,
            "path": decision.path,
        });
        settings.set_description(format!("{}: {}", conversation.channel, conversation.text));
        settings.bind(|| insta::assert_json_snapshot!(conversation.id.as_str(), whole));
        seen += 1;
    }
    assert_eq!(seen, 40);
}
