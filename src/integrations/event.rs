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
    /// How soon something has to happen: `low`, `medium`, `high` or `urgent`. Tickets say it.
    pub(crate) fn priority(&self) -> Option<&str> {
        self.details.get("priority")?.as_str()
    }

    /// What an agent reads where the system takes one text: redacted text and facts.
    pub(crate) fn to_text(&self) -> String {
        let line = |name: &str, value: Option<&str>| {
            value
                .map(|value| format!("{name}: {value}\n"))
                .unwrap_or_default()
        };
        let due = self.due_at.map(|due| due.to_string());
        let mut known = String::new();
        facts("", &self.details, &mut known);
        if !known.is_empty() {
            known.insert_str(0, "\nWhat is known:\n");
        }
        format!(
            "{}\n\nReference: {}\n{}{}{}{}Received: {}\n{}{known}",
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

/// What an agent reads elsewhere in the text, and what only groups other facts.
const SAID_ALREADY: &[&str] = &["channel", "message", "type"];
const GROUPS: &[&str] = &["entities", "hand_over", "payload"];

/// Appends the facts in `details`, one line each. Nothing, "no" and an empty list are no facts.
fn facts(name: &str, details: &Value, lines: &mut String) {
    let fact = match details {
        Value::Object(fields) => {
            for (key, value) in fields {
                match (name, key.as_str()) {
                    ("", key) if SAID_ALREADY.contains(&key) => {}
                    (_, group) if GROUPS.contains(&group) => facts("", value, lines),
                    ("", key) => facts(&key.replace('_', " "), value, lines),
                    (name, key) => facts(&format!("{name}, {}", key.replace('_', " ")), value, lines),
                }
            }
            return;
        }
        Value::Null | Value::Bool(false) => return,
        Value::Bool(true) => "yes".to_owned(),
        fact => in_words(fact),
    };
    if !fact.is_empty() {
        // One fact is one line, so that no value looks like another fact.
        let fact = fact.split_whitespace().collect::<Vec<_>>().join(" ");
        lines.push_str(&format!("{name}: {fact}\n"));
    }
}

/// A value on its own: the parts of a thing with a space between them, things with a semicolon.
fn in_words(value: &Value) -> String {
    let all = |values: &mut dyn Iterator<Item = &Value>, between: &str| {
        let words: Vec<String> = values.map(in_words).filter(|words| !words.is_empty()).collect();
        words.join(between)
    };
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        Value::Array(things) => all(&mut things.iter(), "; "),
        Value::Object(parts) => all(&mut parts.values(), " "),
        value => value.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn where_a_system_takes_one_text_it_has_all_that_is_known() {
        let mut record = EventRecord {
            reference: "TKT-1".to_owned(),
            kind: "ticket",
            queue: "agents".to_owned(),
            category: "service_action".to_owned(),
            severity: Some("high".to_owned()),
            intent: Some("cancel_order".to_owned()),
            channel: "mail".to_owned(),
            received_at: "2026-03-02T09:00:00Z".parse().unwrap(),
            due_at: Some("2026-03-03T09:00:00Z".parse().unwrap()),
            summary: "Cancel an order".to_owned(),
            text: "Please cancel order 4471".to_owned(),
            details: json!({ "priority": "high" }),
        };
        assert_eq!(
            record.to_text(),
            "Please cancel order 4471\n\nReference: TKT-1\nCategory: service_action\nSeverity: high\n\
             Intent: cancel_order\nChannel: mail\nReceived: 2026-03-02T09:00:00Z\nDue: 2026-03-03T09:00:00Z\n\n\
             What is known:\npriority: high\n"
        );
        (record.severity, record.intent, record.due_at, record.details) = (None, None, None, json!({}));
        assert_eq!(
            record.to_text(),
            "Please cancel order 4471\n\nReference: TKT-1\nCategory: service_action\nChannel: mail\n\
             Received: 2026-03-02T09:00:00Z\n"
        );
    }

    #[test]
    fn an_agent_reads_every_fact_once_and_on_its_own_line() {
        let mut lines = String::new();
        let details = json!({
            "type": "request", "action": "cancel_order", "channel": "mail", "message": "said above", "priority": "high",
            "payload": { "type": "cancellation", "entities": {
                "order_ids": ["4471", "4472"], "order_ids_differ": false, "products": [],
                "amounts": [{ "amount": "129.99", "currency": "USD" }],
            } },
            "requires_human_review": true, "hold_until": "identity_verified", "note": "one\naction: another", "missing": null,
        });
        facts("", &details, &mut lines);
        let expected = [
            "action: cancel_order",
            "hold until: identity_verified",
            "note: one action: another",
            "amounts: 129.99 USD",
            "order ids: 4471; 4472",
            "priority: high",
            "requires human review: yes",
        ];
        assert_eq!(lines.lines().collect::<Vec<_>>(), expected);
        let mut lines = String::new();
        let hand_over = json!({ "hand_over": {
            "reason": "low_confidence", "message": "said above", "scores": { "informational": 0.4 },
            "candidate_articles": [{ "title": "Returns", "link": "https://help.example/returns", "score": 0.3 }],
            "tried": ["searched the articles"],
        } });
        facts("", &hand_over, &mut lines);
        let expected = [
            "candidate articles: https://help.example/returns 0.3 Returns",
            "reason: low_confidence",
            "scores, informational: 0.4",
            "tried: searched the articles",
        ];
        assert_eq!(lines.lines().collect::<Vec<_>>(), expected);
    }
}
