//! How an event becomes a ticket in a system of agents, and never two: what `zendesk.rs` and `request_tracker.rs` have in common.
//!
//! What may have been sent before is looked for by our reference first. A breach is marked on the ticket there is; where its creation was
//! discarded or is dead, there is none, and no try will find one. Fails as the system's calls do, with [`CallError`].

use super::error::CallError;
use super::event::{Event, EventRecord, EventType};

/// A system that keeps tickets.
pub(super) trait TicketSystem {
    /// What of a ticket it needs to go on with it.
    type Ticket;

    /// The ticket with our reference.
    async fn find(&self, reference: &str) -> Result<Option<Self::Ticket>, CallError>;

    /// Makes the record's ticket; answers its number.
    async fn create(&self, event: &Event) -> Result<String, CallError>;

    /// Marks a ticket as breached, unless it is already; answers its number.
    async fn mark_breached(&self, ticket: Self::Ticket, event: &Event) -> Result<String, CallError>;

    /// A ticket's number.
    fn number(ticket: &Self::Ticket) -> Result<String, CallError>;
}

/// Makes the record's ticket, or marks it as breached; answers the ticket's number.
pub(super) async fn deliver<S: TicketSystem>(system: &S, event: &Event) -> Result<String, CallError> {
    let reference = &event.record.reference;
    match event.event_type {
        EventType::Created => {
            let found = match event.maybe_sent {
                true => system.find(reference).await?,
                false => None,
            };
            match found {
                Some(ticket) => S::number(&ticket),
                None => system.create(event).await,
            }
        }
        EventType::SlaBreached => match system.find(reference).await? {
            Some(ticket) => system.mark_breached(ticket, event).await,
            None => Err(CallError::GiveUp {
                code: "no_ticket".to_owned(),
            }),
        },
    }
}

/// What agents read on a ticket whose due time is over.
pub(super) fn breach_in_words(record: &EventRecord) -> String {
    let due = record.due_at.map(|due| due.to_string()).unwrap_or_default();
    format!("Nobody acknowledged {} before {due}.", record.reference)
}
