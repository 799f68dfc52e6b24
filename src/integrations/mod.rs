//! Outside systems, one file each.
//!
//! [`event`] is what a system is told of a record, [`outbound`] whichever system it goes to, [`error`](mod@error) what a failure means for the next
//! try; [`http_client`] what all of them share: timeouts, size caps, and which answers are worth another try;
//! [`ticket_system`] what those that keep tickets share.

pub mod breaker;
pub mod error;
pub mod event;
pub mod http_client;
pub mod knowledge_base;
pub mod knowledge_search_http;
pub mod outbound;
pub mod request_tracker;
mod ticket_system;
pub mod webhook;
pub mod zendesk;
