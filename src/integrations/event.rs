//! What outside systems are told of a record. `docs/webhook-event.schema.json` describes it.
//!
//! It holds redacted text only, and is the same at every try under its key.

use jiff::Timestamp;
use serde::Serialize;
use serde_json::Value;

/// Version of the event's form.
pub const EVENT_VERSION: u32 = 1;

/// What happened to a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub enum EventType {
    /// It was made.
    #[serde(rename = "record.created")]
    Created,
    /// Its due time passed before anybody acknowledged it.
    #[serde(rename = "record.sla_breached")]
    SlaBreached,
}

/// What an outside system is told. Holds redacted text only.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Event {
    /// [`EVENT_VERSION`].
    pub version: u32,
    /// Stable over all tries: the same key is the same event.
    pub key: String,
    /// What happened.
    #[serde(rename = "type")]
    pub event_type: EventType,
    /// The record.
    pub record: EventRecord,
    /// Whether it may have been sent before; the system is asked first then.
    #[serde(skip)]
    pub maybe_sent: bool,
}

/// A record as outside systems see it.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct EventRecord {
    /// Our public id.
    pub reference: String,
    /// `ticket` or `compliance`.
    pub kind: &'static str,
    /// The people it is for.
    pub queue: String,
    /// The message's category.
    pub category: String,
    /// How fast a person must look.
    pub severity: Option<String>,
    /// What the customer wants done.
    pub intent: Option<String>,
    /// Where the message came from.
    pub channel: String,
    /// When the message was received.
    pub received_at: Timestamp,
    /// When a person must have looked.
    pub due_at: Option<Timestamp>,
    /// One redacted line.
    pub summary: String,
    /// The redacted message.
    pub text: String,
    /// The workflow's redacted facts.
    pub details: Value,
}

impl EventRecord {
    /// What an agent reads where the system takes one text: redacted text and facts.
    pub(crate) fn to_text(&self) -> String {
        let line = |name: &str, value: Option<&str>| {
            value
                .map(|value| format!("{name}: {value}\n"))
                .unwrap_or_default()
        };
        let due = self.due_at.map(|due| due.to_string());
        format!(
            "{}\n\nReference: {}\n{}{}{}{}Received: {}\n{}",
            self.text,
            self.reference,
            line("Category", Some(&self.category)),
            line("Severity", self.severity.as_deref()),
            line("Intent", self.intent.as_deref()),
            line("Channel", Some(&self.channel)),
            self.received_at,
            line("Due", due.as_deref()),
        )
    }
}
