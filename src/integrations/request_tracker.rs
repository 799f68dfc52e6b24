//! Request Tracker 5 tickets (REST 2.0, `/REST/2.0`), with a token or a user's password.
//!
//! Request Tracker knows no idempotency key: our reference stands in the subject, and before a second try the ticket is
//! searched by it (TicketSQL). A breached due time is a comment whose text names the event's key, which a later try finds in
//! the ticket's history.

use std::fmt;

use reqwest::RequestBuilder;
use secrecy::{ExposeSecret as _, SecretString};
use serde_json::{Value, json};

use super::error::CallError;
use super::event::Event;
use super::http_client::HttpClient;
use super::ticket_system::{self, TicketSystem};

/// A Request Tracker.
pub struct RequestTracker {
    base: String,
    queue: String,
    user: Option<String>,
    secret: SecretString,
    http: HttpClient,
}

impl fmt::Debug for RequestTracker {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "RequestTracker({})", self.base)
    }
}

impl RequestTracker {
    /// The system at `base`; `secret` is the password of `user`, or a token where there is no user.
    #[must_use]
    pub fn new(
        base: &str,
        queue: String,
        user: Option<String>,
        secret: SecretString,
        http: HttpClient,
    ) -> Self {
        Self {
            base: format!("{}/REST/2.0", base.trim_end_matches('/')),
            queue,
            user,
            secret,
            http,
        }
    }

    /// Makes the record's ticket, or comments that it is breached; answers the ticket's number.
    ///
    /// # Errors
    /// [`CallError`].
    pub async fn deliver(&self, event: &Event) -> Result<String, CallError> {
        ticket_system::deliver(self, event).await
    }

    async fn has_comment(&self, id: &str, key: &str) -> Result<bool, CallError> {
        let request = self
            .http
            .get(&format!("{}/ticket/{id}/attachments", self.base))
            .query(&[("fields", "Subject"), ("per_page", "100")]);
        let answer = self.call(request).await?;
        let items = answer.get("items").and_then(Value::as_array);
        let subjects = items
            .into_iter()
            .flatten()
            .filter_map(|item| item.get("Subject")?.as_str());
        Ok(subjects.into_iter().any(|subject| subject.contains(key)))
    }

    async fn call(&self, request: RequestBuilder) -> Result<Value, CallError> {
        let answer = self.http.send(self.authorized(request)).await?;
        answer.success(self.http.clock())?.json()
    }

    fn authorized(&self, request: RequestBuilder) -> RequestBuilder {
        let secret = self.secret.expose_secret();
        match &self.user {
            Some(user) => request.basic_auth(user, Some(secret)),
            None => request.header("authorization", format!("token {secret}")),
        }
    }
}

impl TicketSystem for RequestTracker {
    type Ticket = String;

    async fn create(&self, event: &Event) -> Result<String, CallError> {
        let record = &event.record;
        let mut ticket = json!({
            "Queue": self.queue,
            "Subject": format!("[{}] {}", record.reference, record.summary),
            "Content": record.to_text(),
            "ContentType": "text/plain",
        });
        // What agents sort by. Not the priority, which is a number here and a word there, as each Request Tracker has it: it stands in the text.
        if let Some(due) = record.due_at {
            ticket["Due"] = due.strftime("%Y-%m-%dT%H:%M:%SZ").to_string().into();
        }
        let request = self.http.post(&format!("{}/ticket", self.base)).json(&ticket);
        let answer = self.call(request).await?;
        id_of(&answer).ok_or_else(|| CallError::retry("no_ticket_id"))
    }

    /// The oldest ticket whose subject names our reference.
    async fn find(&self, reference: &str) -> Result<Option<String>, CallError> {
        // A reference is letters, digits and dashes; anything else must not end the quotation.
        let plain: String = reference
            .chars()
            .filter(|c| c.is_ascii_alphanumeric() || *c == '-')
            .collect();
        let query = format!("Subject LIKE '[{plain}]'");
        let request = self.http.get(&format!("{}/tickets", self.base)).query(&[
            ("query", query.as_str()),
            ("orderby", "id"),
            ("order", "ASC"),
            ("per_page", "1"),
        ]);
        let answer = self.call(request).await?;
        let items = answer.get("items").and_then(Value::as_array);
        Ok(items.and_then(|items| items.first()).and_then(id_of))
    }

    async fn mark_breached(&self, id: String, event: &Event) -> Result<String, CallError> {
        if event.maybe_sent && self.has_comment(&id, &event.key).await? {
            return Ok(id);
        }
        let comment = json!({
            "Subject": format!("Breached [{}]", event.key),
            "Content": ticket_system::breach_in_words(&event.record),
            "ContentType": "text/plain",
        });
        let request = self
            .http
            .post(&format!("{}/ticket/{id}/comment", self.base))
            .json(&comment);
        // The answer is a list of sentences: that it is a success is all there is to know.
        let answer = self.http.send(self.authorized(request)).await?;
        answer.success(self.http.clock())?;
        Ok(id)
    }

    fn number(id: &String) -> Result<String, CallError> {
        Ok(id.clone())
    }
}

/// Request Tracker answers numbers, and numbers as text.
fn id_of(value: &Value) -> Option<String> {
    match value.get("id")? {
        Value::Number(id) => Some(id.to_string()),
        Value::String(id) => Some(id.clone()),
        _ => None,
    }
}
