//! Zendesk tickets (`/api/v2/tickets`, basic authentication with `user/token` and an API token).
//!
//! Duplicate-safe twice over: `Idempotency-Key`, which Zendesk honours for two hours, and our reference as the ticket's
//! `external_id`, by which a later try finds the ticket instead of making another. A breached due time adds a private
//! comment and raises the priority; the tag `switchboard_sla_breached` tells a later try that it is done.

use std::fmt;

use reqwest::RequestBuilder;
use secrecy::{ExposeSecret as _, SecretString};
use serde_json::{Value, json};

use super::error::CallError;
use super::event::{Event, EventRecord};
use super::http_client::HttpClient;
use super::ticket_system::{self, TicketSystem};

/// Marks a ticket whose breach was announced.
const BREACHED_TAG: &str = "switchboard_sla_breached";

/// A Zendesk account.
pub struct Zendesk {
    base: String,
    user: String,
    token: SecretString,
    http: HttpClient,
}

impl fmt::Debug for Zendesk {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Zendesk({})", self.base)
    }
}

impl Zendesk {
    /// The account at `base`, such as `https://example.zendesk.com`, as the agent `user`.
    #[must_use]
    pub fn new(base: &str, user: String, token: SecretString, http: HttpClient) -> Self {
        Self {
            base: base.trim_end_matches('/').to_owned(),
            user,
            token,
            http,
        }
    }

    /// Makes the record's ticket, or marks it as breached; answers the ticket's number.
    ///
    /// # Errors
    /// [`CallError`].
    pub async fn deliver(&self, event: &Event) -> Result<String, CallError> {
        ticket_system::deliver(self, event).await
    }

    async fn call(&self, request: RequestBuilder) -> Result<Value, CallError> {
        let user = format!("{}/token", self.user);
        let request = request.basic_auth(user, Some(self.token.expose_secret()));
        self.http.send(request).await?.success(self.http.clock())?.json()
    }
}

impl TicketSystem for Zendesk {
    type Ticket = Value;

    async fn create(&self, event: &Event) -> Result<String, CallError> {
        let record = &event.record;
        let ticket = json!({ "ticket": {
            "subject": format!("[{}] {}", record.reference, record.summary),
            "comment": { "body": record.to_text(), "public": false },
            "external_id": record.reference,
            "priority": priority(record),
            "type": "incident",
            "tags": ["switchboard", format!("switchboard_{}", record.category)],
        } });
        let request = self
            .http
            .post(&format!("{}/api/v2/tickets.json", self.base))
            .header("idempotency-key", &event.key)
            .json(&ticket);
        let answer = self.call(request).await?;
        Self::number(answer.get("ticket").unwrap_or(&Value::Null))
    }

    /// The newest ticket with our reference.
    async fn find(&self, reference: &str) -> Result<Option<Value>, CallError> {
        let request = self
            .http
            .get(&format!("{}/api/v2/tickets.json", self.base))
            .query(&[("external_id", reference)]);
        let mut answer = self.call(request).await?;
        let tickets = answer.get_mut("tickets").and_then(Value::as_array_mut);
        Ok(tickets.and_then(Vec::pop))
    }

    async fn mark_breached(&self, ticket: Value, event: &Event) -> Result<String, CallError> {
        let id = Self::number(&ticket)?;
        let tags = ticket.get("tags").and_then(Value::as_array);
        let mut tags: Vec<&str> = tags.into_iter().flatten().filter_map(Value::as_str).collect();
        if tags.contains(&BREACHED_TAG) {
            return Ok(id);
        }
        tags.push(BREACHED_TAG);
        let change = json!({ "ticket": {
            "comment": { "body": ticket_system::breach_in_words(&event.record), "public": false },
            "priority": "urgent",
            "tags": tags,
        } });
        let request = self
            .http
            .put(&format!("{}/api/v2/tickets/{id}.json", self.base))
            .json(&change);
        self.call(request).await?;
        Ok(id)
    }

    fn number(ticket: &Value) -> Result<String, CallError> {
        let id = ticket.get("id").and_then(Value::as_i64);
        id.map(|id| id.to_string())
            .ok_or_else(|| CallError::retry("no_ticket_id"))
    }
}

/// Zendesk knows low, normal, high and urgent. Tickets have a priority, reports a severity.
fn priority(record: &EventRecord) -> &'static str {
    match record.priority().or(record.severity.as_deref()) {
        Some("urgent") => "urgent",
        Some("high") => "high",
        Some("low") => "low",
        _ => "normal",
    }
}
