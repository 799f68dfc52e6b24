//! A delivery to an outside system: the event, the systems that can take it, and how it can fail.
//!
//! Every system is duplicate-safe by the event's key: it is sent along where the system honours it, and where it does
//! not, the system is asked whether it has the record before a second try creates it.

use std::time::Duration;

use jiff::Timestamp;
use secrecy::SecretString;
use serde::Serialize;
use serde_json::Value;

use super::http_client::HttpClient;
use super::request_tracker::RequestTracker;
use super::webhook::Webhook;
use super::zendesk::Zendesk;
use crate::config::{ComplianceConfig, InvalidSetting, SystemKind, TicketingConfig};

/// Version of the event's form; `docs/webhook-event.schema.json` describes it.
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

/// Why a delivery failed, and what that means for the next try.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DeliverError {
    /// The system is down, slow or busy: again later.
    #[error("the outside system is not available ({code})")]
    Retry {
        /// Stable code.
        code: String,
        /// How long it asked us to wait.
        retry_after: Option<Duration>,
    },
    /// The system will never take this event: a person must look.
    #[error("the outside system refused the event ({code})")]
    GiveUp {
        /// Stable code.
        code: String,
    },
    /// Nothing was sent: there is nothing that a system could be told. Says nothing about the system.
    #[error("there is nothing to send ({code})")]
    NothingToSend {
        /// Stable code.
        code: &'static str,
    },
    /// The address or the credentials are wrong: no event gets through until somebody changes the configuration.
    #[error("the outside system refused the address or the credentials ({code})")]
    Reconfigure {
        /// Stable code.
        code: String,
    },
}

impl DeliverError {
    /// Stable code for the job's outcome, logs and metrics.
    #[must_use]
    pub fn code(&self) -> &str {
        match self {
            Self::Retry { code, .. } | Self::GiveUp { code } | Self::Reconfigure { code } => code,
            Self::NothingToSend { code } => code,
        }
    }

    /// How long the system asked us to wait.
    pub(crate) fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::Retry { retry_after, .. } => *retry_after,
            _ => None,
        }
    }

    /// To be tried again later.
    pub(crate) fn retry(code: impl Into<String>) -> Self {
        Self::Retry {
            code: code.into(),
            retry_after: None,
        }
    }
}

/// A system that takes events.
#[derive(Debug)]
pub enum OutsideSystem {
    /// Signed JSON.
    Webhook(Webhook),
    /// Zendesk tickets.
    Zendesk(Zendesk),
    /// Request Tracker tickets.
    RequestTracker(RequestTracker),
}

impl OutsideSystem {
    /// The ticketing system; `None` when tickets live in the store alone.
    ///
    /// # Errors
    /// [`InvalidSetting`] when something it needs is missing.
    pub fn ticketing(config: &TicketingConfig, http: &HttpClient) -> Result<Option<Self>, InvalidSetting> {
        config.validate()?;
        let (Some(url), Some(secret)) = (&config.url, &config.secret) else {
            return Ok(None);
        };
        Ok(match config.system {
            SystemKind::Embedded => None,
            SystemKind::Webhook => Some(Self::Webhook(Webhook::new(url, secret.clone(), http.clone()))),
            SystemKind::Zendesk => {
                let user = config.user.clone().unwrap_or_default();
                Some(Self::Zendesk(Zendesk::new(
                    url,
                    user,
                    secret.clone(),
                    http.clone(),
                )))
            }
            SystemKind::RequestTracker => Some(Self::RequestTracker(RequestTracker::new(
                url,
                config.queue.clone().unwrap_or_default(),
                config.user.clone(),
                secret.clone(),
                http.clone(),
            ))),
        })
    }

    /// The compliance system; `None` when safety reports live in the store alone.
    ///
    /// # Errors
    /// [`InvalidSetting`] when something it needs is missing.
    pub fn compliance(config: &ComplianceConfig, http: &HttpClient) -> Result<Option<Self>, InvalidSetting> {
        config.validate()?;
        Ok(match (config.system, &config.url, &config.secret) {
            (SystemKind::Webhook, Some(url), Some(secret)) => {
                let secret: SecretString = secret.clone();
                Some(Self::Webhook(Webhook::new(url, secret, http.clone())))
            }
            _ => None,
        })
    }

    /// Delivers the event; answers the system's id for it.
    ///
    /// # Errors
    /// [`DeliverError`], which says whether another try makes sense.
    pub async fn deliver(&self, event: &Event) -> Result<String, DeliverError> {
        match self {
            Self::Webhook(system) => system.deliver(event).await,
            Self::Zendesk(system) => system.deliver(event).await,
            Self::RequestTracker(system) => system.deliver(event).await,
        }
    }
}
