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
    fn the_line_break_at_the_end_of_a_secret_is_not_part_of_it() {
        use secrecy::ExposeSecret as _;
        let keys = format!("[shop:{}]\n", "ab".repeat(32));
        let config = from_environment(&[
            ("SWITCHBOARD__AUTH__KEYS", &keys),
            ("OPENAI_API_KEY", "sk-1\r\n"),
            ("SWITCHBOARD__TICKETING__SYSTEM", "zendesk\n"),
            ("SWITCHBOARD__TICKETING__URL", "https://x.zendesk.com\n"),
            ("SWITCHBOARD__TICKETING__USER", "agent@example.com\n"),
            ("SWITCHBOARD__TICKETING__SECRET", " t oken \n"),
        ])
        .unwrap();
        assert_eq!(config.auth.keys[0].sha256, "ab".repeat(32));
        assert_eq!(config.llm.api_key.unwrap().expose_secret(), "sk-1");
        assert_eq!(config.ticketing.secret.unwrap().expose_secret(), " t oken ");
        assert_eq!(config.ticketing.url.as_deref(), Some("https://x.zendesk.com"));
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
        let operators = format!("[ann:{}]", "ef".repeat(32));
        let variables = [
            ("SWITCHBOARD__AUTH__KEYS", keys.as_str()),
            ("SWITCHBOARD__OPERATOR__KEYS", operators.as_str()),
        ];
        let config = Config::from_sources(None, environment(&variables)).unwrap();
        let keys = &config.auth.keys;
        assert_eq!(
            (keys[0].id.as_str(), keys[1].sha256.as_str()),
            ("shop", "cd".repeat(32).as_str())
        );
        let ann = config.auth.known(&config.operator).pop().unwrap();
        assert_eq!((ann.id.as_str(), ann.role), ("ann", Some(Role::Operator)));
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
    fn a_value_of_another_form_is_not_quoted_and_what_is_right_is_said() {
        let file = tempfile::NamedTempFile::with_suffix(".toml").unwrap();
        let in_file = format!("(in {})", file.path().display());
        for (text, told) in [
            (
                "[server]\nport = 70000",
                "server.port must be a whole number, 0 to 65535",
            ),
            (
                "[server]\nport = -1",
                "server.port must be a whole number from 0 up",
            ),
            ("server = 1", "server must be a table of settings"),
            (
                "[server]\nprot = 1",
                "server.prot is not known; known there: `host`, `port`",
            ),
            ("[srver]\nport = 1", "srver is not known; known there: `server`"),
            ("[llm]\napi_key = [\"sk-secret\"]", "llm.api_key must be a text"),
            (
                "[operator]\nkeys = \"sk-secret, expected \"",
                "operator.keys must be a list",
            ),
            (
                "[rate_limit]\nenabled = \"sk-secret\"",
                "rate_limit.enabled must be true or false",
            ),
            (
                "[llm.retry]\nbudget_ratio = \"sk-secret\"",
                "llm.retry.budget_ratio must be a number",
            ),
            (
                "[auth]\nmode = \"sk-secret\"",
                "auth.mode must be `off` or `keys`",
            ),
            ("[llm.prompts]\nactive = [1]", "llm.prompts.active must be a text"),
            (
                "[[llm.prompts.variants]]\nname = \"a\"",
                "llm.prompts.variants[0].version has to be set",
            ),
            (
                "[workflow.safety]\nday_zero_utc_offset_hours = 300",
                "workflow.safety.day_zero_utc_offset_hours must be a whole number, -128 to 127",
            ),
        ] {
            std::fs::write(file.path(), text).unwrap();
            let error = Config::from_sources(Some(file.path()), BTreeMap::new()).unwrap_err();
            let error = error.to_string();
            assert!(error.starts_with(&format!("configuration: {told}")), "{error}");
            assert!(
                error.ends_with(&in_file) && !error.contains("sk-secret"),
                "{error}"
            );
        }
        for (variable, value, told) in [
            ("PORT", "sk-secret", "server.port must be a whole number"),
            (
                "SWITCHBOARD__OPERATOR__KEYS",
                "sk-secret",
                "operator.keys must be a list",
            ),
            (
                "SWITCHBOARD__OPERATOR__KEYS",
                "[sk-secret]",
                "operator.keys[0] must be \"id:sha256\"",
            ),
            ("SWITCHBOARD__SERVER", "1", "server must be a table of settings"),
            ("SWITCHBOARD__SERVER__PROT", "1", "server.prot is not known"),
            ("SWITCHBOARD__SRVER__PORT", "1", "srver is not known"),
            (
                "SWITCHBOARD__SERVER__HOST",
                "sk-secret",
                "server.host must be an IP address",
            ),
        ] {
            let error = from_environment(&[(variable, value)]).unwrap_err().to_string();
            assert!(error.starts_with(&format!("configuration: {told}")), "{error}");
            assert!(
                error.ends_with(&format!("(environment variable {variable})")),
                "{error}"
            );
            assert!(!error.contains("sk-secret"), "{error}");
        }
    }

    #[test]
    fn brackets_make_a_list_only_where_the_setting_is_one() {
        use secrecy::ExposeSecret as _;
        let config = from_environment(&[
            ("OPENAI_API_KEY", "[sk]"),
            ("SWITCHBOARD__WORKFLOW__EMERGENCY__ANIMAL_POISON", "[none]"),
            ("SWITCHBOARD__CORS__ALLOWED_ORIGINS", "[https://a.example]"),
        ])
        .unwrap();
        assert_eq!(config.llm.api_key.unwrap().expose_secret(), "[sk]");
        assert_eq!(config.workflow.emergency.animal_poison, "[none]");
        assert_eq!(config.cors.allowed_origins, ["https://a.example"]);
    }

    #[test]
    fn settings_that_would_be_taken_for_something_else_are_refused() {
        for (variables, setting) in [
            (
                &[
                    ("SWITCHBOARD__DELIVERY__BACKOFF_BASE_MS", "60000"),
                    ("SWITCHBOARD__DELIVERY__BACKOFF_MAX_MS", "1000"),
                ][..],
                "delivery.backoff_max_ms must be at least delivery.backoff_base_ms, which is 60000",
            ),
            (
                &[("SWITCHBOARD__LLM__CONNECTION__PROXY", "sk-secret")],
                "llm.connection.proxy must start with http://",
            ),
            (
                &[("OTEL_EXPORTER_OTLP_HEADERS", "sk-secret")],
                "otel.headers must be name=value pairs",
            ),
            (
                &[("SWITCHBOARD__STORE__DATA_DIR", "")],
                "store.data_dir must not be empty",
            ),
            (
                &[
                    ("SWITCHBOARD__TICKETING__SYSTEM", "webhook"),
                    ("SWITCHBOARD__TICKETING__URL", "https://a.example"),
                ],
                "ticketing.secret must be set when ticketing.system is not \"embedded\" (or SWITCHBOARD__TICKETING__SECRET_FILE",
            ),
        ] {
            let error = from_environment(variables).unwrap_err().to_string();
            assert!(error.contains(setting), "{error}");
            assert!(!error.contains("sk-secret"), "{error}");
        }
        let proxy = [(
            "SWITCHBOARD__LLM__CONNECTION__PROXY",
            "http://user@proxy.example:3128",
        )];
        assert!(from_environment(&proxy).is_ok());
    }

    #[test]
    fn a_file_that_is_there_and_cannot_be_read_is_an_error() {
        let folder = tempfile::tempdir().unwrap();
        let told = |file: &Path| {
            let error = Config::from_sources(Some(file), BTreeMap::new())
                .unwrap_err()
                .to_string();
            assert!(error.contains(file.to_str().unwrap()), "{error}");
            error
        };
        assert!(told(folder.path()).contains("cannot be read: Is a directory"));
        assert!(told(&folder.path().join("none.toml")).contains("cannot be read: No such file"));
        let file = folder.path().join("latin1.toml");
        std::fs::write(&file, b"# caf\xe9\n[llm]\napi_key = \"sk-secret\n").unwrap();
        let error = told(&file);
        assert!(
            error.contains("is not UTF-8 text") && !error.contains("sk-secret"),
            "{error}"
        );
    }

    #[cfg(unix)]
    #[test]
    fn a_variable_of_ours_that_is_not_text_is_an_error() {
        use std::os::unix::ffi::OsStringExt as _;
        let value = || std::ffi::OsString::from_vec(b"sk-\xe9".to_vec());
        let read = |name: &str| sources::texts([(name.into(), value())].into_iter());
        assert_eq!(read("SOMEBODY_ELSES").unwrap(), BTreeMap::new());
        for name in [
            "OPENAI_API_KEY",
            "SWITCHBOARD__SERVER__PORT",
            "SWITCHBOARD_DATA_KEY_FILE",
        ] {
            let error = read(name).unwrap_err().to_string();
            assert_eq!(error, format!("configuration: {name} is not UTF-8 text"));
        }
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
    fn the_two_listeners_are_kept_apart() {
        let together = |host: &str, management: &str| {
            let variables = [
                ("PORT", "9464"),
                ("SWITCHBOARD__SERVER__HOST", host),
                ("SWITCHBOARD__AUTH__MODE", "off"),
                ("SWITCHBOARD__MANAGEMENT__ADDR", management),
            ];
            from_environment(&variables).err().map(|error| error.to_string())
        };
        for (host, management) in [
            ("127.0.0.1", "127.0.0.1:9464"),
            ("0.0.0.0", "127.0.0.1:9464"),
            ("127.0.0.1", "0.0.0.0:9464"),
            ("::", "[::1]:9464"),
        ] {
            let told = together(host, management).unwrap_or_default();
            assert!(told.contains("management.addr"), "{host}, {management}: {told}");
        }
        for (host, management) in [
            ("0.0.0.0", "127.0.0.1:9465"),
            ("127.0.0.1", "127.0.0.2:9464"),
            ("0.0.0.0", "[::1]:9464"),
        ] {
            assert_eq!(together(host, management), None, "{host}, {management}");
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
