//! The `[llm]` section: where the model is, how it is asked, and how much of its trouble we put up with.
//!
//! Plain data with the default beside each field; unknown keys are errors; [`LlmConfig::validate`] names the setting
//! that is wrong. The key is a [`SecretString`]: neither `Debug` nor serialisation shows it.

use std::path::PathBuf;
use std::time::Duration;

use secrecy::{ExposeSecret as _, SecretString};
use serde::{Deserialize, Serialize};

use super::InvalidSetting;

/// Which of the two wire protocols is spoken.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Api {
    /// `POST {base_url}/chat/completions`: understood by OpenAI, Azure, vLLM, Ollama, llama.cpp and the gateways.
    #[default]
    #[serde(alias = "chat")]
    ChatCompletions,
    /// `POST {base_url}/responses`: OpenAI's newer protocol.
    Responses,
}

/// How the reply's form is asked for.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OutputFormat {
    /// A strict JSON schema: the model cannot leave it.
    #[default]
    JsonSchema,
    /// `json_object` with the schema beside it (Chat Completions only): how llama-cpp-python, Together and Fireworks take
    /// a schema.
    JsonObjectSchema,
    /// Any JSON object; the prompt describes its form. For servers without schema support.
    JsonObject,
    /// Nothing is asked for; the prompt alone describes the form.
    None,
}

/// Under which name the output token cap is sent (Chat Completions only).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TokenLimitField {
    /// OpenAI's present name.
    #[default]
    MaxCompletionTokens,
    /// The older name, for servers that know only that one.
    MaxTokens,
}

/// How the key is sent.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Auth {
    /// `Authorization: Bearer KEY`.
    #[default]
    Bearer,
    /// `api-key: KEY`, as Azure OpenAI has it.
    ApiKey,
}

/// The `[llm]` section.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct LlmConfig {
    /// The key (`OPENAI_API_KEY`). Without one there is no LLM and the local model is the classifier.
    #[serde(serialize_with = "super::field::hidden")]
    pub api_key: Option<SecretString>,
    /// Where the API is, up to and including the version (`OPENAI_BASE_URL`).
    #[serde(serialize_with = "super::field::address")]
    pub base_url: String,
    /// The wire protocol.
    #[serde(deserialize_with = "super::field::one_of")]
    pub api: Api,
    /// Overrides the model that the prompt file names (`OPENAI_MODEL`).
    pub model: Option<String>,
    /// How the key is sent.
    #[serde(deserialize_with = "super::field::one_of")]
    pub auth: Auth,
    /// Sent as `OpenAI-Organization`.
    pub organization: Option<String>,
    /// Sent as `OpenAI-Project`.
    pub project: Option<String>,
    /// Sent as `?api-version=`, for Azure OpenAI's dated APIs.
    pub api_version: Option<String>,
    /// How the reply's form is asked for.
    #[serde(deserialize_with = "super::field::one_of")]
    pub output_format: OutputFormat,
    /// The name of the output token cap.
    #[serde(deserialize_with = "super::field::one_of")]
    pub token_limit_field: TokenLimitField,
    /// Whether token log-probabilities are asked for. Reasoning models and some servers refuse them.
    pub logprobs: bool,
    /// `reasoning_effort`, for reasoning models; not sent when absent.
    pub reasoning_effort: Option<String>,
    /// Longest time one message may spend on the LLM, all attempts together, at least `attempt_timeout_ms`. The caller's own deadline may be
    /// shorter.
    pub total_timeout_ms: u64,
    /// Longest time of one attempt, from connecting to the last byte; more than 0.
    pub attempt_timeout_ms: u64,
    /// Largest reply that is read, in bytes, at least 4,096. A verdict has about 1 KiB, with log-probabilities about 60 KiB.
    pub max_response_bytes: usize,
    /// Whether identical texts that are being classified at the same moment share one call.
    pub singleflight: bool,
    /// Points `[stated, true]` of the calibration curve, each 0 to 1, ascending, at least two; empty means none.
    pub calibration: Vec<[f32; 2]>,
    /// Retries.
    pub retry: RetryConfig,
    /// The circuit breaker.
    pub breaker: BreakerConfig,
    /// How many calls may be under way.
    pub bulkhead: BulkheadConfig,
    /// The second call for a slow first one.
    pub hedge: HedgeConfig,
    /// When a sure local model spares the call; used by `classifier.mode = "cascade"`.
    pub cascade: CascadeConfig,
    /// Connections.
    pub connection: ConnectionConfig,
    /// What tokens cost, in any one currency per million; absent means that costs are not counted.
    pub prices: Option<PriceConfig>,
    /// Which prompt is used.
    pub prompts: PromptConfig,
}

impl Default for LlmConfig {
    fn default() -> Self {
        Self {
            api_key: None,
            base_url: "https://api.openai.com/v1".to_owned(),
            api: Api::default(),
            model: None,
            auth: Auth::default(),
            organization: None,
            project: None,
            api_version: None,
            output_format: OutputFormat::default(),
            token_limit_field: TokenLimitField::default(),
            logprobs: true,
            reasoning_effort: None,
            total_timeout_ms: 5_000,
            attempt_timeout_ms: 2_500,
            max_response_bytes: 512 * 1024,
            singleflight: false,
            calibration: Vec::new(),
            retry: RetryConfig::default(),
            breaker: BreakerConfig::default(),
            bulkhead: BulkheadConfig::default(),
            hedge: HedgeConfig::default(),
            cascade: CascadeConfig::default(),
            connection: ConnectionConfig::default(),
            prices: None,
            prompts: PromptConfig::default(),
        }
    }
}

/// `[llm.retry]`
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct RetryConfig {
    /// Attempts in all, the first included, at least 1, which turns retries off.
    pub max_attempts: u32,
    /// Shortest wait before a retry, more than 0.
    pub base_ms: u64,
    /// Longest wait that we choose ourselves, at least `base_ms`; a wait that the server asks for may be longer.
    pub cap_ms: u64,
    /// Extra calls (retries and hedges) allowed per first call in the window, as a fraction, 0 to 1.
    pub budget_ratio: f64,
    /// Extra calls always allowed per window, so that a quiet service may retry at all.
    pub budget_min: u32,
    /// The window that extra calls are counted over, more than 0.
    pub budget_window_s: u64,
}

impl Default for RetryConfig {
    fn default() -> Self {
        Self {
            max_attempts: 3,
            base_ms: 50,
            cap_ms: 1_000,
            budget_ratio: 0.2,
            budget_min: 3,
            budget_window_s: 10,
        }
    }
}

/// What the breaker's rates are taken over.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Window {
    /// The calls of the last `window_s` seconds.
    #[default]
    Time,
    /// The last `window_calls` calls.
    Count,
}

/// A breaker that does not decide by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Forced {
    /// No call passes: the LLM is switched off.
    Open,
    /// Every call passes, whatever comes back.
    Closed,
}

/// `[llm.breaker]`
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct BreakerConfig {
    /// What the rates are taken over.
    #[serde(deserialize_with = "super::field::one_of")]
    pub window: Window,
    /// Length of a time window, more than 0.
    pub window_s: u64,
    /// Length of a count window, more than 0.
    pub window_calls: usize,
    /// Fewest calls in the window before a rate means anything, at least 1.
    pub min_calls: u32,
    /// Fraction of failed calls at which the breaker opens, above 0, at most 1.
    pub failure_rate: f64,
    /// Fraction of slow calls at which the breaker opens, above 0, at most 1.
    pub slow_rate: f64,
    /// From this duration on, a call is slow; more than 0.
    pub slow_call_ms: u64,
    /// Failures in a row at which the breaker opens, whatever the rates; 0 turns this off.
    pub consecutive_failures: u32,
    /// How long the breaker stays open before it lets probes through.
    pub open_s: u64,
    /// Probes that may be under way while half-open, at least 1.
    pub half_open_permits: u32,
    /// Good probes that close the breaker, at least 1.
    pub half_open_successes: u32,
    /// Longest time that a probe may leave the breaker half-open without an answer, more than 0; then it opens again.
    pub half_open_max_s: u64,
    /// Takes the decision away from the breaker.
    #[serde(deserialize_with = "super::field::one_of_or_none")]
    pub forced: Option<Forced>,
}

impl Default for BreakerConfig {
    fn default() -> Self {
        Self {
            window: Window::Time,
            window_s: 60,
            window_calls: 100,
            min_calls: 20,
            failure_rate: 0.5,
            slow_rate: 0.9,
            slow_call_ms: 2_500,
            consecutive_failures: 5,
            open_s: 30,
            half_open_permits: 3,
            half_open_successes: 2,
            half_open_max_s: 60,
            forced: None,
        }
    }
}

/// `[llm.bulkhead]`
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct BulkheadConfig {
    /// Calls under way at once, at least 1.
    pub max_concurrent: usize,
    /// Calls that may wait for a place; 0 lets none.
    pub max_waiting: usize,
    /// Longest time that a call waits for a place.
    pub max_wait_ms: u64,
}

impl Default for BulkheadConfig {
    fn default() -> Self {
        Self {
            max_concurrent: 256,
            max_waiting: 512,
            max_wait_ms: 1_000,
        }
    }
}

/// `[llm.hedge]`
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct HedgeConfig {
    /// Whether a second call is sent when the first one is slow.
    pub enabled: bool,
    /// How slow: this quantile of recent answers, above 0, at most 1.
    pub quantile: f64,
    /// Answers seen before the quantile means anything, at least 1.
    pub min_samples: usize,
    /// Never hedge earlier than this.
    pub min_delay_ms: u64,
}

impl Default for HedgeConfig {
    fn default() -> Self {
        Self {
            enabled: false,
            quantile: 0.95,
            min_samples: 30,
            min_delay_ms: 50,
        }
    }
}

/// `[llm.cascade]`
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct CascadeConfig {
    /// The local model's probability from which it may decide alone, 0 to 1.
    pub min_confidence: f32,
    /// The local model's safety probability up to which it may, 0 to 1.
    pub max_safety: f32,
}

impl Default for CascadeConfig {
    fn default() -> Self {
        Self {
            min_confidence: 0.98,
            max_safety: 0.01,
        }
    }
}

/// `[llm.connection]`
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ConnectionConfig {
    /// Longest time for name lookup, TCP and TLS together, more than 0.
    pub connect_timeout_ms: u64,
    /// Idle connections kept; fewer than `llm.bulkhead.max_concurrent` would close and open them under load.
    pub max_idle: usize,
    /// How long an idle connection is kept.
    pub idle_timeout_s: u64,
    /// How long a name's addresses are kept; an older answer still serves when the lookup fails or is slow.
    pub dns_cache_s: u64,
    /// A PEM file with further certificate authorities, for a private gateway.
    pub ca_file: Option<PathBuf>,
    /// An HTTP proxy, such as `http://proxy:3128`; it is asked for a tunnel (`CONNECT`), whatever the scheme of the base
    /// URL. A secret, since it may hold a password. The proxy variables of the environment are not read.
    #[serde(serialize_with = "super::field::hidden")]
    pub proxy: Option<SecretString>,
}

impl Default for ConnectionConfig {
    fn default() -> Self {
        Self {
            connect_timeout_ms: 1_000,
            max_idle: 256,
            idle_timeout_s: 90,
            dns_cache_s: 60,
            ca_file: None,
            proxy: None,
        }
    }
}

/// `[llm.prices]`: in any one currency, per million tokens.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PriceConfig {
    /// Price of input tokens, not negative.
    pub input_per_million: f64,
    /// Price of input tokens that the provider had cached, not negative; the input price when absent.
    pub cached_input_per_million: Option<f64>,
    /// Price of output tokens, not negative.
    pub output_per_million: f64,
}

/// `[llm.prompts]`
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct PromptConfig {
    /// A directory of prompt files that replaces the embedded ones.
    pub dir: Option<PathBuf>,
    /// The version in use; the newest when absent.
    pub active: Option<String>,
    /// An experiment: versions with weights. When there are none, every message gets the active version.
    pub variants: Vec<VariantConfig>,
}

/// `[[llm.prompts.variants]]`
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct VariantConfig {
    /// The name that answers and metrics carry.
    pub name: String,
    /// The prompt version.
    pub version: String,
    /// Its share of the messages, relative to the other weights; at least one is above 0.
    pub weight: u32,
}

impl LlmConfig {
    /// Longest time for one message.
    #[must_use]
    pub const fn total_timeout(&self) -> Duration {
        Duration::from_millis(self.total_timeout_ms)
    }

    /// Longest time of one attempt.
    #[must_use]
    pub const fn attempt_timeout(&self) -> Duration {
        Duration::from_millis(self.attempt_timeout_ms)
    }

    /// Checks what types cannot.
    ///
    /// # Errors
    /// [`InvalidSetting`] for the first setting that cannot work.
    pub fn validate(&self) -> Result<(), InvalidSetting> {
        let (retry, breaker) = (&self.retry, &self.breaker);
        check(
            !names_a_host(&self.base_url),
            "llm.base_url",
            "must start with http:// or https:// and name a host",
        )?;
        let blank_key = |key: &SecretString| key.expose_secret().trim().is_empty();
        check(
            self.api_key.as_ref().is_some_and(blank_key),
            "llm.api_key",
            "must not be blank; leave it out to do without an LLM",
        )?;
        check(
            self.api == Api::Responses && self.output_format == OutputFormat::JsonObjectSchema,
            "llm.output_format",
            "json_object_schema exists only with llm.api = \"chat_completions\"",
        )?;
        let blank = |text: &Option<String>| text.as_ref().is_some_and(|text| text.trim().is_empty());
        check(blank(&self.model), "llm.model", "must not be blank")?;
        check(self.attempt_timeout_ms == 0, "llm.attempt_timeout_ms", POSITIVE)?;
        check(
            self.total_timeout_ms < self.attempt_timeout_ms,
            "llm.total_timeout_ms",
            "must be at least llm.attempt_timeout_ms",
        )?;
        check(
            self.max_response_bytes < 4096,
            "llm.max_response_bytes",
            "must be at least 4096: a plain verdict has about 1 KiB",
        )?;
        self.validate_calibration()?;
        check(
            retry.max_attempts == 0,
            "llm.retry.max_attempts",
            "must be at least 1",
        )?;
        check(retry.base_ms == 0, "llm.retry.base_ms", POSITIVE)?;
        check(
            retry.cap_ms < retry.base_ms,
            "llm.retry.cap_ms",
            "must be at least llm.retry.base_ms",
        )?;
        check(!fraction(retry.budget_ratio), "llm.retry.budget_ratio", FRACTION)?;
        check(retry.budget_window_s == 0, "llm.retry.budget_window_s", POSITIVE)?;
        check(breaker.window_s == 0, "llm.breaker.window_s", POSITIVE)?;
        check(breaker.window_calls == 0, "llm.breaker.window_calls", POSITIVE)?;
        check(breaker.min_calls == 0, "llm.breaker.min_calls", POSITIVE)?;
        let share = |rate: f64| fraction(rate) && rate > 0.0;
        check(!share(breaker.failure_rate), "llm.breaker.failure_rate", SHARE)?;
        check(!share(breaker.slow_rate), "llm.breaker.slow_rate", SHARE)?;
        check(breaker.slow_call_ms == 0, "llm.breaker.slow_call_ms", POSITIVE)?;
        check(
            breaker.half_open_permits == 0,
            "llm.breaker.half_open_permits",
            POSITIVE,
        )?;
        check(
            breaker.half_open_successes == 0,
            "llm.breaker.half_open_successes",
            POSITIVE,
        )?;
        check(
            breaker.half_open_max_s == 0,
            "llm.breaker.half_open_max_s",
            POSITIVE,
        )?;
        check(
            self.bulkhead.max_concurrent == 0,
            "llm.bulkhead.max_concurrent",
            POSITIVE,
        )?;
        check(!share(self.hedge.quantile), "llm.hedge.quantile", SHARE)?;
        check(self.hedge.min_samples == 0, "llm.hedge.min_samples", POSITIVE)?;
        check(
            !fraction(self.cascade.min_confidence.into()),
            "llm.cascade.min_confidence",
            FRACTION,
        )?;
        check(
            !fraction(self.cascade.max_safety.into()),
            "llm.cascade.max_safety",
            FRACTION,
        )?;
        check(
            self.connection.connect_timeout_ms == 0,
            "llm.connection.connect_timeout_ms",
            POSITIVE,
        )?;
        // The client would take a bare word for a host's name.
        let no_proxy = |proxy: &SecretString| {
            let proxy = proxy.expose_secret();
            !proxy.starts_with("http://") || !names_a_host(proxy)
        };
        check(
            self.connection.proxy.as_ref().is_some_and(no_proxy),
            "llm.connection.proxy",
            "must start with http:// and name a host, such as http://proxy.example:3128",
        )?;
        let negative = self.prices.is_some_and(|prices| {
            let cached = prices.cached_input_per_million.unwrap_or(0.0);
            [prices.input_per_million, prices.output_per_million, cached]
                .iter()
                .any(|price| !price.is_finite() || *price < 0.0)
        });
        check(negative, "llm.prices", "must not be negative")?;
        let weights: u64 = self.prompts.variants.iter().map(|v| u64::from(v.weight)).sum();
        check(
            !self.prompts.variants.is_empty() && weights == 0,
            "llm.prompts.variants",
            "need at least one weight above 0",
        )
    }

    fn validate_calibration(&self) -> Result<(), InvalidSetting> {
        let points = &self.calibration;
        let setting = "llm.calibration";
        let outside = points.iter().flatten().any(|p| !fraction((*p).into()));
        check(outside, setting, "every number must be from 0 to 1")?;
        let falling = points
            .windows(2)
            .any(|pair| pair[1][0] <= pair[0][0] || pair[1][1] < pair[0][1]);
        check(falling, setting, "points must ascend")?;
        check(points.len() == 1, setting, "needs no point or at least two")
    }
}

fn names_a_host(url: &str) -> bool {
    let rest = url
        .strip_prefix("http://")
        .or_else(|| url.strip_prefix("https://"));
    rest.is_some_and(|rest| !rest.is_empty() && !rest.starts_with(['/', '?', '#', ':']))
}

const POSITIVE: &str = "must be more than 0";
const FRACTION: &str = "must be a fraction from 0 to 1";
const SHARE: &str = "must be a fraction above 0, at most 1";

fn fraction(value: f64) -> bool {
    (0.0..=1.0).contains(&value)
}

fn check(wrong: bool, setting: &'static str, problem: &str) -> Result<(), InvalidSetting> {
    if wrong {
        return Err(InvalidSetting::new(setting, problem));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_defaults_are_valid_and_hide_the_key() {
        let config = LlmConfig {
            api_key: Some("sk-very-secret".to_owned().into()),
            ..LlmConfig::default()
        };
        assert_eq!(config.validate(), Ok(()));
        assert!(!format!("{config:?}").contains("very-secret"));
        assert!(!serde_json::to_string(&config).unwrap().contains("very-secret"));
    }

    #[test]
    fn a_bad_setting_is_named() {
        let broken: [(&str, &str); 9] = [
            ("base_url = 'ftp://x'", "llm.base_url"),
            ("total_timeout_ms = 10", "llm.total_timeout_ms"),
            (
                "api = 'responses'\noutput_format = 'json_object_schema'",
                "llm.output_format",
            ),
            ("retry = { max_attempts = 0 }", "llm.retry.max_attempts"),
            ("retry = { budget_ratio = 1.5 }", "llm.retry.budget_ratio"),
            ("breaker = { failure_rate = 0.0 }", "llm.breaker.failure_rate"),
            ("bulkhead = { max_concurrent = 0 }", "llm.bulkhead.max_concurrent"),
            ("calibration = [[0.5, 0.4], [0.4, 0.5]]", "llm.calibration"),
            (
                "prompts = { variants = [{ name = 'a', version = '1', weight = 0 }] }",
                "llm.prompts.variants",
            ),
        ];
        for (text, setting) in broken {
            let config: LlmConfig = toml::from_str(text).unwrap();
            assert_eq!(config.validate().unwrap_err().setting, setting, "{text}");
        }
        let never: LlmConfig = toml::from_str("breaker = { slow_rate = 0.0 }").unwrap();
        let told = never.validate().unwrap_err().to_string();
        assert!(told.ends_with("must be a fraction above 0, at most 1"), "{told}");
    }

    #[test]
    fn an_unknown_key_is_an_error() {
        let error = toml::from_str::<LlmConfig>("retry = { max_tries = 2 }").unwrap_err();
        assert!(error.to_string().contains("max_tries"), "{error}");
    }
}
