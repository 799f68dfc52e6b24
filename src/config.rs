//! Every setting of the service, in one typed tree: defaults, then `switchboard.toml`, then the environment.
//!
//! Order of precedence, lowest first: the defaults beside each field; the file named by `--config` (or `switchboard.toml`
//! in the working directory, if there is one); `SWITCHBOARD__SECTION__KEY` variables; the names that every tool already
//! knows (`PORT`, `OPENAI_API_KEY`, ...). A secret may come from a file: `..._FILE` holds its path.
//!
//! A tree that exists is valid: unknown keys, wrong types and values out of range are a [`ConfigError`] that names the
//! setting, raised before anything is opened or bound. Sections are plain data; they build nothing and import nothing.

pub mod access;
pub mod admission;
pub mod classifier;
pub mod delivery;
mod field;
mod form;
pub mod integrations;
mod invalid;
pub mod keys;
pub mod knowledge_base;
pub mod llm;
pub mod log;
pub mod otel;
mod overlooked;
pub mod privacy;
pub mod redis;
pub mod server;
mod sources;
pub mod store;
pub mod workflow;

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::Path;
use std::time::Duration;

use serde::{Deserialize, Serialize};

pub use self::redis::RedisConfig;
pub use access::{AuthConfig, AuthMode, OperatorConfig};
pub use admission::{RateLimitConfig, SafetyLaneConfig};
pub use classifier::{ClassifierConfig, ClassifierMode, OnLlmFailure};
pub use delivery::DeliveryConfig;
pub use integrations::{ComplianceConfig, KnowledgeSearchConfig, SystemKind, TicketingConfig};
pub use invalid::{ConfigError, InvalidSetting, in_full, in_range, toml_mistake};
pub use keys::{KeyConfig, Role};
pub use knowledge_base::KnowledgeBaseConfig;
pub use llm::LlmConfig;
pub use log::{LogConfig, LogFormat};
pub use otel::OtelConfig;
pub use overlooked::Overlooked;
pub use privacy::{CustomRecognizer, PrivacyConfig};
pub use server::{CorsConfig, ManagementConfig, ServerConfig};
pub use store::StoreConfig;
pub use workflow::WorkflowConfig;

/// The whole configuration.
#[derive(Debug, Clone, Default, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// The public listener and the limits of a request.
    pub server: ServerConfig,
    /// The listener for metrics.
    pub management: ManagementConfig,
    /// Cross-origin requests.
    pub cors: CorsConfig,
    /// Who may call.
    pub auth: AuthConfig,
    /// How often one client may call.
    pub rate_limit: RateLimitConfig,
    /// What a client over its limit may still send.
    pub safety_lane: SafetyLaneConfig,
    /// Where replicas count limits and budgets together.
    pub redis: RedisConfig,
    /// How a category is decided.
    pub classifier: ClassifierConfig,
    /// The LLM: where it is, how it is asked.
    pub llm: LlmConfig,
    /// The articles that answers come from.
    pub knowledge_base: KnowledgeBaseConfig,
    /// What the workflows say and promise.
    pub workflow: WorkflowConfig,
    /// Where records are kept.
    pub store: StoreConfig,
    /// The people who work with records.
    pub operator: OperatorConfig,
    /// How deliveries are made.
    pub delivery: DeliveryConfig,
    /// Where tickets go.
    pub ticketing: TicketingConfig,
    /// Where safety reports go.
    pub compliance: ComplianceConfig,
    /// A help centre that is searched over HTTP.
    pub knowledge_search: KnowledgeSearchConfig,
    /// Log lines.
    pub log: LogConfig,
    /// Traces.
    pub otel: OtelConfig,
    /// What is masked besides the built-in identifiers.
    pub privacy: PrivacyConfig,
}

impl Config {
    /// Reads the configuration of this process: `file` (or `switchboard.toml`) and the environment.
    ///
    /// # Errors
    /// [`ConfigError`] when anything in it is wrong.
    pub fn load(file: Option<&Path>) -> Result<Self, ConfigError> {
        Self::from_sources(file, sources::texts(std::env::vars_os())?)
    }

    /// The variables of this process that look like a setting's, and set nothing.
    #[must_use]
    pub fn overlooked() -> Vec<Overlooked> {
        let names: Vec<String> = std::env::vars_os()
            .filter_map(|(name, _)| name.into_string().ok())
            .collect();
        overlooked::overlooked(names.iter().map(String::as_str))
    }

    /// Reads `file` (or `switchboard.toml`, where it exists) and then `environment`.
    ///
    /// # Errors
    /// [`ConfigError`] when anything in them is wrong.
    pub fn from_sources(
        file: Option<&Path>,
        environment: BTreeMap<String, String>,
    ) -> Result<Self, ConfigError> {
        let config: Self = sources::read(file, environment)?;
        config.validate()?;
        Ok(config)
    }

    /// Checks every section, and the sections against each other.
    ///
    /// # Errors
    /// [`InvalidSetting`] for the first setting that cannot be right.
    pub fn validate(&self) -> Result<(), InvalidSetting> {
        self.server.validate()?;
        self.cors.validate()?;
        self.auth.validate(&self.operator)?;
        self.rate_limit.validate()?;
        self.safety_lane.validate()?;
        self.redis.validate()?;
        self.classifier.validate()?;
        self.llm.validate()?;
        self.knowledge_base.validate()?;
        self.workflow.validate()?;
        self.store.validate()?;
        self.check_hold()?;
        self.check_time_for_llm()?;
        self.delivery.validate()?;
        self.ticketing.validate()?;
        self.compliance.validate()?;
        self.knowledge_search.validate()?;
        self.check_budgets(&self.auth.known(&self.operator))?;
        self.log.validate()?;
        self.otel.validate()?;
        if self.management.enabled && share_a_port(self.server.address(), self.management.addr) {
            let problem = format!(
                "must be another address than that of server.host and server.port (it is {})",
                self.management.addr
            );
            return Err(InvalidSetting::new("management.addr", problem));
        }
        let open_to_others = !self.server.host.is_loopback();
        if open_to_others && self.auth.mode.is_none() {
            let problem = format!(
                "must be chosen when server.host is not a loopback address (it is {}): \"keys\" to ask every caller for \
                 an API key, or \"off\" where something in front of the service does that",
                self.server.host
            );
            return Err(InvalidSetting::new("auth.mode", problem));
        }
        Ok(())
    }

    /// Refuses a hold on an idempotency key that could end while its request runs: a second request with the key would run beside it.
    fn check_hold(&self) -> Result<(), InvalidSetting> {
        if self.store.idempotency_hold() > self.server.request_timeout() {
            return Ok(());
        }
        let problem = format!(
            "must be longer than server.request_timeout_ms, which is {}; is {}",
            self.server.request_timeout_ms, self.store.idempotency_hold_s
        );
        Err(InvalidSetting::new("store.idempotency_hold_s", problem))
    }

    /// Whether there is an LLM's key, and the mode lets it be used.
    #[must_use]
    pub fn asks_llm(&self) -> bool {
        self.llm.api_key.is_some() && self.classifier.mode != ClassifierMode::Local
    }

    /// Refuses a deadline that would leave a configured LLM no time: every answer would be degraded, and nothing would say why.
    fn check_time_for_llm(&self) -> Result<(), InvalidSetting> {
        let looked_up = match self.knowledge_search.url {
            Some(_) => Duration::from_millis(self.knowledge_search.timeout_ms),
            None => Duration::ZERO,
        };
        let kept = server::KEPT_FOR_COMMIT + looked_up;
        if !self.asks_llm() || self.server.request_timeout() > kept {
            return Ok(());
        }
        let problem = format!(
            "must be more than {} for the LLM to be asked: so much is kept for what follows; is {}",
            kept.as_millis(),
            self.server.request_timeout_ms
        );
        Err(InvalidSetting::new("server.request_timeout_ms", problem))
    }

    /// Refuses a budget in money where nothing says what the LLM costs.
    ///
    /// # Errors
    /// [`InvalidSetting`] that names the key.
    pub fn check_budgets(&self, keys: &[KeyConfig]) -> Result<(), InvalidSetting> {
        let costly = keys.iter().find(|key| key.llm_cost_usd_per_day.is_some());
        match costly {
            Some(key) if self.llm.prices.is_none() => Err(InvalidSetting::new(
                "llm.prices",
                format!(
                    "must be set for the llm_cost_usd_per_day of key {:?} to mean anything",
                    key.id
                ),
            )),
            _ => Ok(()),
        }
    }

    /// The configuration as TOML, secrets hidden; what `switchboard config show` prints.
    #[must_use]
    pub fn to_toml(&self) -> String {
        toml::to_string_pretty(self).expect("a tree of tables, strings and numbers is TOML")
    }

    /// The settings that have no value, by their paths: TOML has no word for nothing.
    #[must_use]
    pub fn unset(&self) -> Vec<String> {
        fn collect(path: &str, value: &serde_json::Value, unset: &mut Vec<String>) {
            match value {
                serde_json::Value::Null => unset.push(path.to_owned()),
                serde_json::Value::Object(table) => {
                    for (name, value) in table {
                        let dot = if path.is_empty() { "" } else { "." };
                        collect(&format!("{path}{dot}{name}"), value, unset);
                    }
                }
                _ => {}
            }
        }
        let tree = serde_json::to_value(self).expect("a tree of tables, strings and numbers is JSON");
        let mut unset = Vec::new();
        collect("", &tree, &mut unset);
        unset
    }
}

/// Whether two listeners would be in each other's way: an unspecified address is every address of its family.
fn share_a_port(one: SocketAddr, other: SocketAddr) -> bool {
    let (a, b) = (one.ip(), other.ip());
    let meet = a == b || (a.is_ipv4() == b.is_ipv4() && (a.is_unspecified() || b.is_unspecified()));
    one.port() != 0 && one.port() == other.port() && meet
}

#[cfg(test)]
mod tests;
