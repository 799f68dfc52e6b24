//! Outside systems, one file each.
//!
//! [`outbound`] is what a record's delivery looks like from here, whichever system it goes to; [`http_client`] what all
//! of them share: timeouts, size caps, and which answers are worth another try.

pub mod breaker;
pub mod http_client;
pub mod knowledge_base;
pub mod knowledge_search_http;
pub mod outbound;
pub mod request_tracker;
pub mod webhook;
pub mod zendesk;
