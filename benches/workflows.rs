//! What a decision costs, by category: the forty conversations of the tests, each as the category it is about.
//!
//! `cargo bench --bench workflows`; the time is that of all messages of a category, the throughput is messages a second.

use std::sync::{Arc, LazyLock};

use serde::Deserialize;
use serde_json::{Map, Value};
use switchboard::classify::{Category, Classification};
use switchboard::config::{ClassifierConfig, KnowledgeBaseConfig, WorkflowConfig};
use switchboard::integrations::knowledge_base::KnowledgeBase;
use switchboard::message::{Channel, MessageText, Metadata};
use switchboard::privacy::{Redacted, Redactor};
use switchboard::workflow::{Case, Decision, RecordKind, Workflows};

fn main() {
    divan::main();
}

#[derive(Deserialize)]
struct Conversation {
    id: String,
    channel: Channel,
    text: String,
    metadata: Map<String, Value>,
}

struct Message {
    channel: Channel,
    redacted: Redacted,
    metadata: Metadata,
}

static WORKFLOWS: LazyLock<Workflows> = LazyLock::new(|| {
    let knowledge_base =
        KnowledgeBase::open(KnowledgeBaseConfig::default()).expect("the built-in articles are tested");
    let min_confidence = ClassifierConfig::default().min_confidence;
    Workflows::new(
        &WorkflowConfig::default(),
        Arc::new(knowledge_base),
        min_confidence,
    )
    .expect("the built-in templates are tested")
});

/// The conversations with these numbers.
fn messages(numbers: std::ops::RangeInclusive<u32>) -> Vec<Message> {
    let redactor = Redactor::default();
    let read = |line: &str| {
        let conversation: Conversation = serde_json::from_str(line).expect("the tests read them too");
        let number: u32 = conversation
            .id
            .trim_start_matches("conv-")
            .parse()
            .expect("they are numbered");
        let text = MessageText::parse(&conversation.text).expect("no message is empty");
        numbers.contains(&number).then(|| Message {
            channel: conversation.channel,
            redacted: redactor.redact(text.as_str()).text,
            metadata: Metadata::parse(conversation.metadata).expect("metadata is small"),
        })
    };
    let corpus = include_str!("../tests/corpus/conversations.jsonl");
    corpus.lines().filter_map(read).collect()
}

fn decide(message: &Message, classification: &Classification) -> Decision {
    let case = Case {
        classification,
        redacted: &message.redacted,
        channel: message.channel,
        metadata: &message.metadata,
        received_at: jiff::Timestamp::UNIX_EPOCH,
    };
    WORKFLOWS.decide(&case, &mut |kind| match kind {
        RecordKind::Ticket => "TKT-7Q2M9ZK4XWB1".to_owned(),
        RecordKind::Compliance => "SAF-7Q2M9ZK4XWB1".to_owned(),
    })
}

fn all(bencher: divan::Bencher<'_, '_>, category: Category, numbers: std::ops::RangeInclusive<u32>) {
    let messages = messages(numbers);
    let classification = Classification::certain(category);
    bencher
        .counter(divan::counter::ItemsCount::new(messages.len()))
        .bench_local(|| {
            for message in &messages {
                divan::black_box(decide(divan::black_box(message), &classification));
            }
        });
}

#[divan::bench]
fn informational(bencher: divan::Bencher<'_, '_>) {
    all(bencher, Category::Informational, 1..=6);
}

#[divan::bench]
fn service_action(bencher: divan::Bencher<'_, '_>) {
    all(bencher, Category::ServiceAction, 7..=20);
}

#[divan::bench]
fn safety_compliance(bencher: divan::Bencher<'_, '_>) {
    all(bencher, Category::SafetyCompliance, 21..=40);
}
