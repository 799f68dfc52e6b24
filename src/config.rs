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
pub mod integrations;
mod invalid;
pub mod keys;
pub mod knowledge_base;
pub mod llm;
pub mod log;
pub mod otel;
pub mod privacy;
pub mod redis;
pub mod server;
pub mod store;
pub mod workflow;

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;

use config::{Config as Layers, File, FileFormat, Value, ValueKind};
use serde::de::IntoDeserializer as _;
use serde::{Deserialize, Deserializer, Serialize};

pub use self::redis::RedisConfig;
pub use access::{AuthConfig, AuthMode, OperatorConfig};
pub use admission::{RateLimitConfig, SafetyLaneConfig};
pub use classifier::{ClassifierConfig, ClassifierMode, OnLlmFailure};
pub use delivery::DeliveryConfig;
pub use integrations::{ComplianceConfig, KnowledgeSearchConfig, SystemKind, TicketingConfig};
use invalid::mistake;
pub use invalid::{InvalidSetting, in_full, in_range};
pub use keys::{KeyConfig, Role};
pub use knowledge_base::KnowledgeBaseConfig;
pub use llm::LlmConfig;
pub use log::{LogConfig, LogFormat};
pub use otel::OtelConfig;
pub use privacy::{CustomRecognizer, PrivacyConfig};
pub use server::{CorsConfig, ManagementConfig, ServerConfig};
pub use store::StoreConfig;
pub use workflow::WorkflowConfig;

/// The file that is read from the working directory when none is named.
pub const DEFAULT_FILE: &str = "switchboard.toml";

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

/// Why there is no valid configuration. The text names the setting and says what would be right.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// A file, a variable or a value could not be read as the setting it is for.
    #[error("configuration: {0}")]
    Unreadable(#[source] config::ConfigError),
    /// The file is not TOML. Its text is not shown: somebody may have written a secret there.
    #[error("configuration: {file} holds {mistake}")]
    Syntax {
        /// The file.
        file: String,
        /// Where and what.
        mistake: String,
    },
    /// A file that a `..._FILE` variable names could not be read.
    #[error("configuration: {variable} names a file that cannot be read: {source}")]
    SecretFile {
        /// The variable.
        variable: String,
        /// What the operating system said.
        source: std::io::Error,
    },
    /// A secret is given twice, as a value and as a file.
    #[error("configuration: both {name} and {name}_FILE are set; keep one")]
    SecretTwice {
        /// The variable without `_FILE`.
        name: String,
    },
    /// A value that cannot be right, alone or beside another.
    #[error(transparent)]
    Invalid(#[from] InvalidSetting),
}

/// The variables that other tools already set, and the settings they are for.
const WELL_KNOWN: &[(&str, &str)] = &[
    ("PORT", "server.port"),
    ("RUST_LOG", "log.level"),
    ("SWITCHBOARD_LOG", "log.format"),
    ("SWITCHBOARD_MODEL", "classifier.model"),
    ("OPENAI_API_KEY", "llm.api_key"),
    ("OPENAI_BASE_URL", "llm.base_url"),
    ("OPENAI_MODEL", "llm.model"),
    ("DATABASE_URL", "store.database_url"),
    ("REDIS_URL", "redis.url"),
    ("OTEL_EXPORTER_OTLP_ENDPOINT", "otel.endpoint"),
    ("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "otel.traces_endpoint"),
    ("OTEL_EXPORTER_OTLP_HEADERS", "otel.headers"),
    ("OTEL_EXPORTER_OTLP_PROTOCOL", "otel.protocol"),
    ("OTEL_EXPORTER_OTLP_TIMEOUT", "otel.timeout_ms"),
    ("OTEL_EXPORTER_OTLP_CERTIFICATE", "otel.certificate"),
    ("OTEL_TRACES_EXPORTER", "otel.traces_exporter"),
    ("OTEL_SERVICE_NAME", "otel.service_name"),
    ("OTEL_RESOURCE_ATTRIBUTES", "otel.resource_attributes"),
    ("OTEL_TRACES_SAMPLER", "otel.sampler"),
    ("OTEL_TRACES_SAMPLER_ARG", "otel.sampler_arg"),
    ("OTEL_SDK_DISABLED", "otel.disabled"),
    ("SWITCHBOARD_DATA_KEY", "store.data_key"),
    ("SWITCHBOARD_PREVIOUS_DATA_KEYS", "store.previous_data_keys"),
];

/// Settings that hold a secret: these may come from a file, and are never printed.
const SECRETS: &[&str] = &[
    "llm.api_key",
    "llm.connection.proxy",
    "redis.url",
    "otel.headers",
    "store.database_url",
    "store.data_key",
    "store.previous_data_keys",
    "ticketing.secret",
    "compliance.secret",
];

/// Prefix of the variables that name a setting by its path.
const PREFIX: &str = "SWITCHBOARD__";

impl Config {
    /// Reads the configuration of this process: `file` (or [`DEFAULT_FILE`]) and the environment.
    ///
    /// # Errors
    /// [`ConfigError`] when anything in it is wrong.
    pub fn load(file: Option<&Path>) -> Result<Self, ConfigError> {
        let environment = std::env::vars_os()
            .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)));
        Self::from_sources(file, environment.collect())
    }

    /// Reads `file` (or [`DEFAULT_FILE`], where it exists) and then `environment`.
    ///
    /// # Errors
    /// [`ConfigError`] when anything in them is wrong.
    pub fn from_sources(
        file: Option<&Path>,
        environment: BTreeMap<String, String>,
    ) -> Result<Self, ConfigError> {
        let path = file.unwrap_or(Path::new(DEFAULT_FILE));
        // One that cannot be read is the reader's to report.
        if let Ok(text) = std::fs::read_to_string(path) {
            toml::from_str::<toml::Table>(&text).map_err(|error| ConfigError::Syntax {
                file: path.display().to_string(),
                mistake: mistake(&text, &error),
            })?;
        }
        let source = File::new(&path.to_string_lossy(), FileFormat::Toml).required(file.is_some());
        let mut layers = Layers::builder().add_source(source);
        for (setting, value) in settings_of(environment)? {
            layers = layers
                .set_override(setting, value)
                .map_err(ConfigError::Unreadable)?;
        }
        let config: Self = layers
            .build()
            .and_then(Layers::try_deserialize)
            .map_err(ConfigError::Unreadable)?;
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

    /// Refuses a deadline that would leave a configured LLM no time: every answer would be degraded, and nothing would say why.
    fn check_time_for_llm(&self) -> Result<(), InvalidSetting> {
        let asked = self.llm.api_key.is_some() && self.classifier.mode != ClassifierMode::Local;
        let looked_up = match self.knowledge_search.url {
            Some(_) => Duration::from_millis(self.knowledge_search.timeout_ms),
            None => Duration::ZERO,
        };
        let kept = server::KEPT_FOR_COMMIT + looked_up;
        if !asked || self.server.request_timeout() > kept {
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

/// Turns environment variables into `section.key` settings, reading the files that secrets name.
fn settings_of(environment: BTreeMap<String, String>) -> Result<Vec<(String, Value)>, ConfigError> {
    let mut settings = Vec::new();
    // Path variables first: a later override wins, and the well-known names have the last word.
    for (name, value) in environment.iter().filter(|(name, _)| name.starts_with(PREFIX)) {
        let setting = name[PREFIX.len()..].to_lowercase().replace("__", ".");
        let secret = setting
            .strip_suffix("_file")
            .filter(|stem| SECRETS.contains(stem));
        let (setting, value) = match secret {
            Some(stem) => (stem.to_owned(), read_secret(&environment, name, value)?),
            None => (setting, value.clone()),
        };
        settings.push((setting, environment_value(name, &value)));
    }
    for (name, setting) in WELL_KNOWN {
        if let Some(value) = environment.get(*name).filter(|value| !value.is_empty()) {
            settings.push(((*setting).to_owned(), environment_value(name, value)));
        }
        let file_name = format!("{name}_FILE");
        if let Some(path) = environment.get(&file_name).filter(|_| SECRETS.contains(setting)) {
            let value = read_secret(&environment, &file_name, path)?;
            settings.push(((*setting).to_owned(), environment_value(&file_name, &value)));
        }
    }
    Ok(settings)
}

/// The content of the file that `variable` names, without the line break that editors add.
fn read_secret(
    environment: &BTreeMap<String, String>,
    variable: &str,
    path: &str,
) -> Result<String, ConfigError> {
    let name = &variable[..variable.len() - "_FILE".len()];
    if environment.get(name).is_some_and(|value| !value.is_empty()) {
        return Err(ConfigError::SecretTwice {
            name: name.to_owned(),
        });
    }
    let content = std::fs::read_to_string(PathBuf::from(path)).map_err(|source| ConfigError::SecretFile {
        variable: variable.to_owned(),
        source,
    })?;
    Ok(content.trim_end_matches(['\r', '\n']).to_owned())
}

/// A variable's value, with the variable as its origin so that an error can name it. `[a, b]` is a list; everything else stays
/// text, which the typed tree then reads as what the field is.
fn environment_value(variable: &str, value: &str) -> Value {
    let origin = format!("environment variable {variable}");
    let list = value.strip_prefix('[').and_then(|rest| rest.strip_suffix(']'));
    let kind = match list {
        Some(items) => ValueKind::Array(
            items
                .split(',')
                .map(|item| item.trim().trim_matches('"'))
                .filter(|item| !item.is_empty())
                .map(|item| Value::new(Some(&origin), ValueKind::String(item.to_owned())))
                .collect(),
        ),
        None => ValueKind::String(value.to_owned()),
    };
    Value::new(Some(&origin), kind)
}

/// Reads one of a few words. The error names them all; the reader's own for an enum names none.
///
/// # Errors
/// What the deserializer says, or that the word is none of them.
pub fn one_of<'de, D, T>(deserializer: D) -> Result<T, D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de>,
{
    T::deserialize(String::deserialize(deserializer)?.into_deserializer())
}

/// [`one_of`], where there may be none.
///
/// # Errors
/// As [`one_of`].
pub fn one_of_or_none<'de, D, T>(deserializer: D) -> Result<Option<T>, D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de>,
{
    let word = Option::<String>::deserialize(deserializer)?;
    word.map(|word| T::deserialize(word.into_deserializer()))
        .transpose()
}

/// Serialises a secret as a mark that says only whether it is set.
///
/// # Errors
/// As the serializer.
pub fn hidden<S: serde::Serializer>(
    secret: &Option<secrecy::SecretString>,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    match secret {
        Some(_) => serializer.serialize_some("***"),
        None => serializer.serialize_none(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn from_environment(variables: &[(&str, &str)]) -> Result<Config, ConfigError> {
        let environment = variables
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect();
        Config::from_sources(None, environment)
    }

    #[test]
    fn the_defaults_are_valid_and_print_as_toml_that_reads_back() {
        let defaults = from_environment(&[]).unwrap();
        let file = tempfile::NamedTempFile::with_suffix(".toml").unwrap();
        std::fs::write(file.path(), defaults.to_toml()).unwrap();
        let again = Config::from_sources(Some(file.path()), BTreeMap::new()).unwrap();
        assert_eq!(again.to_toml(), defaults.to_toml());
        let unset = defaults.unset();
        for setting in [
            "auth.keys_file",
            "knowledge_base.path",
            "llm.prices",
            "store.database_url",
        ] {
            assert!(unset.iter().any(|name| name == setting), "{setting}: {unset:?}");
        }
        assert!(!unset.iter().any(|name| name == "server.port"), "{unset:?}");
    }

    #[test]
    fn the_environment_beats_the_file_and_well_known_names_beat_both() {
        let file = tempfile::NamedTempFile::with_suffix(".toml").unwrap();
        std::fs::write(file.path(), "[server]\nport = 1\n[rate_limit]\nper_minute = 7\n").unwrap();
        let environment =
            |pairs: &[(&str, &str)]| pairs.iter().map(|(n, v)| ((*n).into(), (*v).into())).collect();
        let read = |pairs| Config::from_sources(Some(file.path()), environment(pairs)).unwrap();
        assert_eq!(read(&[]).server.port, 1);
        assert_eq!(read(&[("SWITCHBOARD__SERVER__PORT", "2")]).server.port, 2);
        assert_eq!(
            read(&[("SWITCHBOARD__SERVER__PORT", "2"), ("PORT", "3")])
                .server
                .port,
            3
        );
        assert_eq!(read(&[("PORT", "3")]).rate_limit.per_minute, 7);
        let keys = format!("[shop:{}, chat:{}]", "ab".repeat(32), "cd".repeat(32));
        let variables = [("SWITCHBOARD__AUTH__KEYS", keys.as_str())];
        let config = Config::from_sources(None, environment(&variables)).unwrap();
        let keys = &config.auth.keys;
        assert_eq!(
            (keys[0].id.as_str(), keys[1].sha256.as_str()),
            ("shop", "cd".repeat(32).as_str())
        );
        let origins = read(&[(
            "SWITCHBOARD__CORS__ALLOWED_ORIGINS",
            "[https://a.example, https://b.example]",
        )]);
        assert_eq!(
            origins.cors.allowed_origins,
            ["https://a.example", "https://b.example"]
        );
    }

    #[test]
    fn whatever_is_wrong_is_named() {
        let message = |variables: &[(&str, &str)]| from_environment(variables).unwrap_err().to_string();
        let cases: &[(&[(&str, &str)], &str)] = &[
            (&[("PORT", "eighty")], "PORT"),
            (&[("SWITCHBOARD__SERVER__PROT", "80")], "prot"),
            (&[("SWITCHBOARD__SRVER__PORT", "80")], "srver"),
            (
                &[("SWITCHBOARD__RATE_LIMIT__PER_MINUTE", "0")],
                "rate_limit.per_minute",
            ),
            (
                &[("SWITCHBOARD__CLASSIFIER__MIN_CONFIDENCE", "1.5")],
                "classifier.min_confidence",
            ),
            (
                &[("SWITCHBOARD__CLASSIFIER__ON_LLM_FAILURE", "explode")],
                "explode",
            ),
            (&[("SWITCHBOARD__SERVER__HOST", "0.0.0.0")], "auth.mode"),
            (
                &[("SWITCHBOARD__CORS__ALLOWED_ORIGINS", "[example.com/path]")],
                "cors.allowed_origins",
            ),
        ];
        for (variables, named) in cases {
            let text = message(variables);
            assert!(
                text.to_lowercase().contains(&named.to_lowercase()),
                "{variables:?}: {text}"
            );
        }
        // What would be right is told, too.
        let choices: &[(&str, &str, &str)] = &[
            ("SWITCHBOARD__AUTH__MODE", "auth.mode", "`off` or `keys`"),
            (
                "SWITCHBOARD__CLASSIFIER__MODE",
                "classifier.mode",
                "`llm`, `local`, `cascade`",
            ),
            (
                "SWITCHBOARD__CLASSIFIER__ON_LLM_FAILURE",
                "classifier.on_llm_failure",
                "`local` or `reject`",
            ),
            ("SWITCHBOARD__LLM__API", "llm.api", "`responses`"),
            ("SWITCHBOARD__LLM__AUTH", "llm.auth", "`bearer` or `api_key`"),
            (
                "SWITCHBOARD__LLM__OUTPUT_FORMAT",
                "llm.output_format",
                "`json_schema`, `json_object_schema`, `json_object`, `none`",
            ),
            (
                "SWITCHBOARD__LLM__TOKEN_LIMIT_FIELD",
                "llm.token_limit_field",
                "`max_completion_tokens` or `max_tokens`",
            ),
            (
                "SWITCHBOARD__LLM__BREAKER__WINDOW",
                "llm.breaker.window",
                "`time` or `count`",
            ),
            (
                "SWITCHBOARD__LLM__BREAKER__FORCED",
                "llm.breaker.forced",
                "`open` or `closed`",
            ),
            (
                "SWITCHBOARD__TICKETING__SYSTEM",
                "ticketing.system",
                "`embedded`, `webhook`, `zendesk`, `request_tracker`",
            ),
            ("SWITCHBOARD_LOG", "log.format", "`auto`, `json`, `pretty`"),
            ("OTEL_TRACES_EXPORTER", "otel.traces_exporter", "`otlp` or `none`"),
            (
                "OTEL_TRACES_SAMPLER",
                "otel.sampler",
                "`parentbased_traceidratio`",
            ),
            ("OTEL_EXPORTER_OTLP_PROTOCOL", "otel.protocol", "`http/protobuf`"),
            ("SWITCHBOARD__SERVER__HOST", "server.host", "0.0.0.0"),
            (
                "SWITCHBOARD__MANAGEMENT__ADDR",
                "management.addr",
                "127.0.0.1:9464",
            ),
        ];
        for (variable, setting, right) in choices {
            let text = message(&[(variable, "nonsense")]);
            assert!(
                text.contains(setting) && text.contains(right),
                "{variable}: {text}"
            );
        }
        let missing = Config::from_sources(Some(Path::new("/nowhere.toml")), BTreeMap::new()).unwrap_err();
        assert!(missing.to_string().contains("/nowhere.toml"), "{missing}");
    }
    #[test]
    fn a_file_that_is_not_toml_is_not_quoted() {
        let file = tempfile::NamedTempFile::with_suffix(".toml").unwrap();
        for text in [
            "[llm]\napi_key = sk-secret\n",
            "[llm]\napi_key = \"sk-secret\n",
            "[llm]\napi_key = \"a\"\napi_key = \"sk-secret\"\n",
        ] {
            std::fs::write(file.path(), text).unwrap();
            let told = Config::from_sources(Some(file.path()), BTreeMap::new())
                .unwrap_err()
                .to_string();
            assert!(!told.contains("sk-secret"), "{told}");
            let name = file.path().to_str().unwrap();
            assert!(told.contains(name) && told.contains("line "), "{told}");
        }
    }

    #[test]
    fn settings_that_hang_together_are_checked_together() {
        let told = |variables: &[(&str, &str)]| from_environment(variables).unwrap_err().to_string();
        // A hold that ends while its request runs would let a second one run beside it.
        let hold = "SWITCHBOARD__STORE__IDEMPOTENCY_HOLD_S";
        let limit = "SWITCHBOARD__SERVER__REQUEST_TIMEOUT_MS";
        for (seconds, milliseconds, right) in [
            ("10", "10000", false),
            ("11", "10000", true),
            ("1", "999", true),
            ("60", "60000", false),
        ] {
            let variables = [(hold, seconds), (limit, milliseconds)];
            assert_eq!(from_environment(&variables).is_ok(), right, "{variables:?}");
        }
        let text = told(&[(hold, "10")]);
        assert!(
            text.contains("store.idempotency_hold_s") && text.contains("server.request_timeout_ms"),
            "{text}"
        );
        // The LLM would never be asked.
        let short = |more: &[(&str, &str)]| {
            from_environment(&[&[(limit, "900"), ("OPENAI_API_KEY", "sk")], more].concat())
        };
        let centre = ("SWITCHBOARD__KNOWLEDGE_SEARCH__URL", "https://help.example.com");
        assert!(short(&[]).is_ok());
        assert!(short(&[centre, ("SWITCHBOARD__CLASSIFIER__MODE", "local")]).is_ok());
        let text = short(&[centre]).unwrap_err().to_string();
        assert!(
            text.contains("server.request_timeout_ms") && text.contains("1300"),
            "{text}"
        );
        // A key that is there and blank would be refused by the LLM at every call.
        for variable in ["OPENAI_API_KEY", "SWITCHBOARD__LLM__API_KEY"] {
            assert!(told(&[(variable, " ")]).contains("llm.api_key"), "{variable}");
        }
        assert!(told(&[("SWITCHBOARD__LLM__API_KEY", "")]).contains("llm.api_key"));
        for url in ["http://", "https:///v1", "http://?x"] {
            assert!(
                told(&[("OPENAI_BASE_URL", url)]).contains("llm.base_url"),
                "{url}"
            );
        }
    }
}
