//! `[ticketing]`, `[compliance]` and `[knowledge_search]`: the outside systems that records go to and answers come from.

use secrecy::SecretString;
use serde::{Deserialize, Serialize};

use super::InvalidSetting;
use super::field::hidden;

/// Which product an outside system is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum SystemKind {
    /// None: the record in the store is the ticket or report.
    #[default]
    Embedded,
    /// Any system that takes signed JSON.
    Webhook,
    /// The Zendesk Tickets API.
    Zendesk,
    /// Request Tracker 5, REST 2.
    RequestTracker,
}

/// Where tickets go.
#[derive(Debug, Clone, Default, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct TicketingConfig {
    /// The product.
    #[serde(deserialize_with = "super::field::one_of")]
    pub system: SystemKind,
    /// Webhook: the address that is posted to. Zendesk, Request Tracker: the base, such as `https://example.zendesk.com`.
    pub url: Option<String>,
    /// Webhook: the key of the signature. Zendesk: an API token. Request Tracker: an authentication token.
    #[serde(serialize_with = "hidden")]
    pub secret: Option<SecretString>,
    /// Zendesk: the agent that the API token belongs to. Request Tracker: a user name, when `secret` is its password.
    pub user: Option<String>,
    /// Request Tracker: the queue that tickets are made in.
    pub queue: Option<String>,
}

/// Where safety reports go.
#[derive(Debug, Clone, Default, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct ComplianceConfig {
    /// The product: `embedded` or `webhook`.
    #[serde(deserialize_with = "super::field::one_of")]
    pub system: SystemKind,
    /// The address that is posted to.
    pub url: Option<String>,
    /// The key of the signature.
    #[serde(serialize_with = "hidden")]
    pub secret: Option<SecretString>,
}

/// A help centre that is searched over HTTP.
#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct KnowledgeSearchConfig {
    /// Base address of a Zendesk Help Center, such as `https://help.example.com`; unset: the embedded articles.
    pub url: Option<String>,
    /// Language of the articles.
    pub locale: String,
    /// How long a search may take, in milliseconds, 50 to 30,000. The LLM gets that much less of a request's time.
    pub timeout_ms: u64,
    /// The share of a question's words, 0..=1, that an article must have before it is given as the answer; higher refuses more.
    pub min_score: f64,
}

impl Default for KnowledgeSearchConfig {
    fn default() -> Self {
        Self {
            url: None,
            locale: "en-us".to_owned(),
            timeout_ms: 800,
            min_score: 0.6,
        }
    }
}

impl TicketingConfig {
    /// # Errors
    /// [`InvalidSetting`] for the first one that is missing or cannot be right.
    pub fn validate(&self) -> Result<(), InvalidSetting> {
        check(
            "ticketing",
            self.system,
            self.url.as_deref(),
            self.secret.is_some(),
        )?;
        if self.system == SystemKind::Zendesk && self.user.is_none() {
            return Err(InvalidSetting::new(
                "ticketing.user",
                "must be the agent's mail address that the API token belongs to",
            ));
        }
        if self.system == SystemKind::RequestTracker && self.queue.is_none() {
            return Err(InvalidSetting::new(
                "ticketing.queue",
                "must name the queue that tickets are made in, such as \"General\"",
            ));
        }
        Ok(())
    }
}

impl ComplianceConfig {
    /// # Errors
    /// [`InvalidSetting`] for the first one that is missing or cannot be right.
    pub fn validate(&self) -> Result<(), InvalidSetting> {
        if !matches!(self.system, SystemKind::Embedded | SystemKind::Webhook) {
            return Err(InvalidSetting::new(
                "compliance.system",
                "must be \"embedded\" or \"webhook\"",
            ));
        }
        check(
            "compliance",
            self.system,
            self.url.as_deref(),
            self.secret.is_some(),
        )
    }
}

impl KnowledgeSearchConfig {
    /// # Errors
    /// [`InvalidSetting`] for the first value that cannot be right.
    pub fn validate(&self) -> Result<(), InvalidSetting> {
        super::in_range("knowledge_search.timeout_ms", self.timeout_ms, 50..=30_000)?;
        super::in_range("knowledge_search.min_score", self.min_score, 0.0..=1.0)?;
        self.url
            .as_deref()
            .map_or(Ok(()), |url| check_url("knowledge_search.url", url))
    }
}

fn check(
    section: &str,
    system: SystemKind,
    url: Option<&str>,
    has_secret: bool,
) -> Result<(), InvalidSetting> {
    if system == SystemKind::Embedded {
        return Ok(());
    }
    let Some(url) = url else {
        let problem = format!("must be set when {section}.system is not \"embedded\"");
        return Err(InvalidSetting::new(format!("{section}.url"), problem));
    };
    check_url(&format!("{section}.url"), url)?;
    if !has_secret {
        let problem =
            format!("must be set when {section}.system is not \"embedded\" (or {section}.secret_file)");
        return Err(InvalidSetting::new(format!("{section}.secret"), problem));
    }
    Ok(())
}

/// HTTPS, or HTTP to this machine: what is sent is redacted, but the signature and the token are not.
fn check_url(setting: &str, url: &str) -> Result<(), InvalidSetting> {
    let local = ["http://127.0.0.1", "http://localhost", "http://[::1]"];
    let is_local = local.iter().any(|prefix| {
        url.strip_prefix(prefix)
            .is_some_and(|rest| rest.is_empty() || rest.starts_with([':', '/']))
    });
    if is_local || url.strip_prefix("https://").is_some_and(|rest| !rest.is_empty()) {
        return Ok(());
    }
    Err(InvalidSetting::new(
        setting,
        "must begin with https:// (http:// only to this machine)",
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_outside_system_needs_an_address_a_secret_and_encryption_on_the_way() {
        let mut config = TicketingConfig {
            system: SystemKind::Webhook,
            ..TicketingConfig::default()
        };
        let setting = |config: &TicketingConfig| config.validate().unwrap_err().setting;
        assert_eq!(setting(&config), "ticketing.url");
        for wrong in [
            "http://tickets.example",
            "ftp://x",
            "https://",
            "http://127.0.0.1.example",
        ] {
            config.url = Some(wrong.to_owned());
            assert_eq!(setting(&config), "ticketing.url", "{wrong}");
        }
        config.url = Some("http://127.0.0.1:9000/hook".to_owned());
        assert_eq!(setting(&config), "ticketing.secret");
        config.secret = Some("s".into());
        assert!(config.validate().is_ok());
        config.system = SystemKind::Zendesk;
        assert_eq!(setting(&config), "ticketing.user");
    }
}
