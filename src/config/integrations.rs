//! `[ticketing]`, `[compliance]` and `[knowledge_search]`: the outside systems that records go to and answers come from.
//!
//! What would fail at the first delivery is refused here, before a port is bound: by then a safety report waits. Each refusal is an
//! [`InvalidSetting`] that says what would be right.

use reqwest::Url;
use secrecy::{ExposeSecret, SecretString};
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
    /// Which system tickets go to.
    #[serde(deserialize_with = "super::field::one_of")]
    pub system: SystemKind,
    /// Webhook: the address that is posted to. Zendesk, Request Tracker: the base, such as `https://example.zendesk.com`.
    #[serde(serialize_with = "super::field::address_or_none")]
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
    /// Which system safety reports go to; `embedded` or `webhook` only.
    #[serde(deserialize_with = "super::field::one_of")]
    pub system: SystemKind,
    /// The address that is posted to.
    #[serde(serialize_with = "super::field::address_or_none")]
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
    /// The share of a question's words, 0 to 1, that an article must have before it is given as the answer; higher refuses more.
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
        let (setting, user) = ("ticketing.user", self.user.as_deref());
        match self.system {
            SystemKind::Embedded => return none("ticketing", self.url.as_ref()),
            SystemKind::Webhook => check("ticketing", self.url.as_deref(), self.secret.as_ref(), &[])?,
            SystemKind::Zendesk => {
                check(
                    "ticketing",
                    self.url.as_deref(),
                    self.secret.as_ref(),
                    ZENDESK_PATHS,
                )?;
                refuse(
                    user.is_none_or(|user| {
                        user.trim().is_empty() || user.contains(':') || user.ends_with("/token")
                    }),
                    setting,
                    "must be the agent's mail address that the API token belongs to, and no more (\"/token\" is added)",
                )?;
            }
            SystemKind::RequestTracker => {
                check(
                    "ticketing",
                    self.url.as_deref(),
                    self.secret.as_ref(),
                    &["/REST/2.0"],
                )?;
                refuse(
                    user.is_some_and(|user| user.trim().is_empty() || user.contains(':')),
                    setting,
                    "must be a user's name; leave it out where ticketing.secret is a token",
                )?;
                refuse(
                    self.queue.as_deref().is_none_or(|queue| queue.trim().is_empty()),
                    "ticketing.queue",
                    "must name the queue that tickets are made in, such as \"General\"",
                )?;
            }
        }
        Ok(())
    }
}

impl ComplianceConfig {
    /// # Errors
    /// [`InvalidSetting`] for the first one that is missing or cannot be right.
    pub fn validate(&self) -> Result<(), InvalidSetting> {
        match self.system {
            SystemKind::Embedded => none("compliance", self.url.as_ref()),
            SystemKind::Webhook => check("compliance", self.url.as_deref(), self.secret.as_ref(), &[]),
            SystemKind::Zendesk | SystemKind::RequestTracker => Err(InvalidSetting::new(
                "compliance.system",
                "must be \"embedded\" or \"webhook\"",
            )),
        }
    }
}

impl KnowledgeSearchConfig {
    /// # Errors
    /// [`InvalidSetting`] for the first value that cannot be right.
    pub fn validate(&self) -> Result<(), InvalidSetting> {
        super::in_range("knowledge_search.timeout_ms", self.timeout_ms, 50..=30_000)?;
        super::in_range("knowledge_search.min_score", self.min_score, 0.0..=1.0)?;
        let Some(url) = &self.url else { return Ok(()) };
        refuse(
            self.locale.trim().is_empty(),
            "knowledge_search.locale",
            "must be the articles' language, such as \"en-us\"",
        )?;
        check_base("knowledge_search.url", url, ZENDESK_PATHS)
    }
}

/// What stands behind a Zendesk's address in a browser and in its documentation: the clients add it themselves.
const ZENDESK_PATHS: &[&str] = &["/api/v2", "/hc", "/agent"];

fn refuse(wrong: bool, setting: &str, problem: &str) -> Result<(), InvalidSetting> {
    match wrong {
        true => Err(InvalidSetting::new(setting, problem)),
        false => Ok(()),
    }
}

/// An address without a system is a system that was forgotten: nothing would be delivered, and nobody told.
fn none(section: &str, url: Option<&String>) -> Result<(), InvalidSetting> {
    refuse(
        url.is_some(),
        &format!("{section}.system"),
        &format!("must say what answers at {section}.url; leave that out to deliver nothing"),
    )
}

/// The address and the secret that every outside system needs. `added`: paths that its client adds to a base; none where the address is used
/// as it is.
fn check(
    section: &str,
    url: Option<&str>,
    secret: Option<&SecretString>,
    added: &[&str],
) -> Result<(), InvalidSetting> {
    let named = |key: &str| format!("{section}.{key}");
    let Some(url) = url else {
        let problem = format!("must be set when {section}.system is not \"embedded\"");
        return Err(InvalidSetting::new(named("url"), problem));
    };
    match added {
        [] => check_url(&named("url"), url).map(drop)?,
        added => check_base(&named("url"), url, added)?,
    }
    let Some(secret) = secret.map(ExposeSecret::expose_secret) else {
        let problem = format!(
            "must be set when {section}.system is not \"embedded\" (or SWITCHBOARD__{}__SECRET_FILE, which names a file with it)",
            section.to_uppercase()
        );
        return Err(InvalidSetting::new(named("secret"), problem));
    };
    refuse(
        secret.trim().is_empty() || secret.contains(char::is_control),
        &named("secret"),
        "must not be blank, and on one line",
    )
}

/// A base that paths are added to.
fn check_base(setting: &str, base: &str, added: &[&str]) -> Result<(), InvalidSetting> {
    let url = check_url(setting, base)?;
    let path = url.path();
    let own = |added: &&str| {
        path.split_once(added)
            .is_some_and(|(_, rest)| rest.is_empty() || rest.starts_with('/'))
    };
    if let Some(own) = added.iter().copied().find(own) {
        let problem = format!("must be the base address only: end it before {own}");
        return Err(InvalidSetting::new(setting, problem));
    }
    refuse(
        url.query().is_some() || url.fragment().is_some(),
        setting,
        "must be a base address, without \"?\" or \"#\"",
    )
}

/// HTTPS, or HTTP to this machine: what is sent is redacted, but the signature and the token are not.
fn check_url(setting: &str, url: &str) -> Result<Url, InvalidSetting> {
    let (scheme, rest) = url.split_once("://").unwrap_or_default();
    let parsed = match Url::parse(url) {
        // The parser mends what was surely not meant: blanks around the address, a third slash.
        Ok(parsed) if !url.contains(char::is_whitespace) && !rest.starts_with('/') => parsed,
        _ => {
            return Err(InvalidSetting::new(
                setting,
                "must be a URL such as https://tickets.example.com",
            ));
        }
    };
    let here = ["127.0.0.1", "localhost", "[::1]"]
        .map(Some)
        .contains(&parsed.host_str());
    refuse(
        !(scheme == "https" || scheme == "http" && here),
        setting,
        "must begin with https:// (http:// only to this machine)",
    )?;
    refuse(
        !parsed.username().is_empty() || parsed.password().is_some(),
        setting,
        "must not hold a user or password: it is printed",
    )?;
    Ok(parsed)
}

#[cfg(test)]
mod tests {
    use super::*;

    const LOCAL: &str = "http://127.0.0.1:9000/hook";

    fn ticketing(text: &str) -> TicketingConfig {
        toml::from_str(text).unwrap()
    }

    /// The setting that a section is refused for; empty where it is not.
    fn refused(text: &str) -> String {
        ticketing(text)
            .validate()
            .err()
            .map(|error| error.setting)
            .unwrap_or_default()
    }

    #[test]
    fn an_outside_system_needs_an_address_a_secret_and_encryption_on_the_way() {
        let mut config = ticketing("system = 'webhook'");
        let setting = |config: &TicketingConfig| config.validate().unwrap_err().setting;
        assert_eq!(setting(&config), "ticketing.url");
        for wrong in [
            "http://tickets.example",
            "ftp://x",
            "https://",
            "http://127.0.0.1.example",
            "tickets.example",
            "https://exa mple.com/hook",
            " https://tickets.example",
            "https://tickets.example\n",
            "https:///hook",
            "https://?x",
            "https://:443",
            "https://tickets.example:99999/",
            "http://127.0.0.1:99999/",
            "https://[::1",
            "https://:pw@tickets.example/hook",
            "https://user@tickets.example/hook",
        ] {
            config.url = Some(wrong.to_owned());
            assert_eq!(setting(&config), "ticketing.url", "{wrong}");
        }
        for right in [
            LOCAL,
            "http://[::1]:9000",
            "https://tickets.example/hook?key=1&x=%20",
        ] {
            config.url = Some(right.to_owned());
            config.secret = None;
            assert_eq!(setting(&config), "ticketing.secret", "{right}");
            for blank in ["", "  ", "a\nb"] {
                config.secret = Some(blank.into());
                assert_eq!(setting(&config), "ticketing.secret", "{blank:?}");
            }
            config.secret = Some("s".into());
            assert_eq!(config.validate(), Ok(()), "{right}");
        }
    }

    #[test]
    fn a_system_gets_what_its_client_needs_and_adds_nothing_twice() {
        for (wrong, setting) in [
            ("", "ticketing.user"),
            ("user = ' '", "ticketing.user"),
            ("user = 'a@example.com/token'", "ticketing.user"),
            ("user = 'a@example.com:x'", "ticketing.user"),
            ("user = 'a@example.com'", ""),
        ] {
            let section =
                format!("system = 'zendesk'\nurl = 'https://x.zendesk.com/'\nsecret = 's'\n{wrong}");
            assert_eq!(refused(&section), setting, "{wrong}");
        }
        for path in ["/api/v2", "/hc/en-us", "/agent/", "?x", "#x"] {
            let section = format!(
                "system = 'zendesk'\nurl = 'https://x.zendesk.com{path}'\nsecret = 's'\nuser = 'a@b.c'"
            );
            assert_eq!(refused(&section), "ticketing.url", "{path}");
            let url = Some(format!("https://x.zendesk.com{path}"));
            let search = KnowledgeSearchConfig {
                url,
                ..KnowledgeSearchConfig::default()
            };
            assert_eq!(
                search.validate().unwrap_err().setting,
                "knowledge_search.url",
                "{path}"
            );
        }
        for (wrong, setting) in [
            ("", "ticketing.queue"),
            ("queue = ' '", "ticketing.queue"),
            ("queue = 'General'\nuser = ''", "ticketing.user"),
            ("queue = 'General'", ""),
        ] {
            let section =
                format!("system = 'request_tracker'\nurl = 'https://x.example/rt'\nsecret = 's'\n{wrong}");
            assert_eq!(refused(&section), setting, "{wrong}");
            assert_eq!(refused(&section.replace("/rt", "/rt/REST/2.0/")), "ticketing.url");
        }
    }

    #[test]
    fn an_address_without_a_system_is_not_passed_over() {
        let config: ComplianceConfig =
            toml::from_str("url = 'https://safety.example'\nsecret = 's'").unwrap();
        assert_eq!(config.validate().unwrap_err().setting, "compliance.system");
        assert_eq!(refused("url = 'https://tickets.example'"), "ticketing.system");
        assert_eq!(refused(""), "");
    }

    #[test]
    fn a_key_in_an_address_is_not_printed() {
        let config =
            ticketing("system = 'webhook'\nurl = 'https://tickets.example/hook?sig=k3y'\nsecret = 's'");
        let shown = toml::to_string(&config).unwrap();
        assert!(shown.contains("\"https://tickets.example/hook?***\""), "{shown}");
    }
}
