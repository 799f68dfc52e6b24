//! The outside systems that take a record's events, whichever it is.
//!
//! Every system is duplicate-safe by the event's key: it is sent along where the system honours it, and where it does
//! not, the system is asked whether it has the record before a second try creates it.

use secrecy::SecretString;

use super::error::CallError;
use super::event::Event;
use super::http_client::HttpClient;
use super::request_tracker::RequestTracker;
use super::webhook::Webhook;
use super::zendesk::Zendesk;
use crate::config::{ComplianceConfig, InvalidSetting, SystemKind, TicketingConfig};

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
    /// [`CallError`], which says whether another try makes sense.
    pub async fn deliver(&self, event: &Event) -> Result<String, CallError> {
        match self {
            Self::Webhook(system) => system.deliver(event).await,
            Self::Zendesk(system) => system.deliver(event).await,
            Self::RequestTracker(system) => system.deliver(event).await,
        }
    }
}
