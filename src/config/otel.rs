//! `[otel]`: where traces go. Each setting is the `OTEL_*` variable of the OpenTelemetry specification that it is named after.
//!
//! Without an endpoint there are no traces, and nothing is spent on them.

use std::path::PathBuf;

use secrecy::{ExposeSecret as _, SecretString};
use serde::{Deserialize, Serialize};

use super::field::hidden;
use super::{InvalidSetting, in_range};

/// Traces, sent over OTLP/HTTP.
#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct OtelConfig {
    /// `OTEL_EXPORTER_OTLP_ENDPOINT`: the collector, such as `http://collector:4318`; `/v1/traces` is added.
    #[serde(serialize_with = "super::field::address_or_none")]
    pub endpoint: Option<String>,
    /// `OTEL_EXPORTER_OTLP_TRACES_ENDPOINT`: the whole URL for traces; wins over `endpoint`.
    #[serde(serialize_with = "super::field::address_or_none")]
    pub traces_endpoint: Option<String>,
    /// `OTEL_EXPORTER_OTLP_HEADERS`: sent along, as `name=value,name=value` with percent-encoded values.
    #[serde(serialize_with = "hidden")]
    pub headers: Option<SecretString>,
    /// `OTEL_EXPORTER_OTLP_PROTOCOL`: how spans are sent.
    #[serde(deserialize_with = "super::field::one_of")]
    pub protocol: OtelProtocol,
    /// `OTEL_EXPORTER_OTLP_TIMEOUT`: longest time of one export, in milliseconds, 100 to 60,000.
    pub timeout_ms: u64,
    /// `OTEL_EXPORTER_OTLP_CERTIFICATE`: a PEM file with certificates to trust besides Mozilla's.
    pub certificate: Option<PathBuf>,
    /// `OTEL_TRACES_EXPORTER`: `none` switches traces off whatever the endpoint.
    #[serde(deserialize_with = "super::field::one_of")]
    pub traces_exporter: TracesExporter,
    /// `OTEL_SERVICE_NAME`: the service's name in its spans.
    pub service_name: String,
    /// `OTEL_RESOURCE_ATTRIBUTES`: what else its spans say of it, as `key=value,key=value` with percent-encoded values.
    pub resource_attributes: String,
    /// `OTEL_TRACES_SAMPLER`: which requests are traced.
    #[serde(deserialize_with = "super::field::one_of")]
    pub sampler: TracesSampler,
    /// `OTEL_TRACES_SAMPLER_ARG`: the share that the `traceidratio` samplers take, 0 to 1.
    pub sampler_arg: f64,
    /// `OTEL_BSP_MAX_QUEUE_SIZE`: spans that may wait for the collector, 1 to 1,000,000; more are dropped.
    pub max_queue_size: usize,
    /// `OTEL_SDK_DISABLED`: switches all of it off.
    pub disabled: bool,
}

/// How spans are sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Serialize)]
pub enum OtelProtocol {
    /// Protobuf over HTTP: the only one that is built in.
    #[serde(rename = "http/protobuf")]
    HttpProtobuf,
}

/// Where spans go.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum TracesExporter {
    /// To the endpoint, where there is one.
    Otlp,
    /// Nowhere.
    None,
}

/// Which requests are traced, by the specification's names.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Serialize)]
pub enum TracesSampler {
    /// All.
    #[serde(rename = "always_on")]
    AlwaysOn,
    /// None.
    #[serde(rename = "always_off")]
    AlwaysOff,
    /// A share, whatever the caller decided.
    #[serde(rename = "traceidratio")]
    TraceIdRatio,
    /// What the caller decided; all that come without a decision.
    #[serde(rename = "parentbased_always_on")]
    ParentBasedAlwaysOn,
    /// What the caller decided; none that come without a decision.
    #[serde(rename = "parentbased_always_off")]
    ParentBasedAlwaysOff,
    /// What the caller decided; a share of those that come without a decision.
    #[serde(rename = "parentbased_traceidratio")]
    ParentBasedTraceIdRatio,
}

impl Default for OtelConfig {
    fn default() -> Self {
        Self {
            endpoint: None,
            traces_endpoint: None,
            headers: None,
            protocol: OtelProtocol::HttpProtobuf,
            timeout_ms: 10_000,
            certificate: None,
            traces_exporter: TracesExporter::Otlp,
            service_name: "switchboard".to_owned(),
            resource_attributes: String::new(),
            sampler: TracesSampler::ParentBasedAlwaysOn,
            sampler_arg: 1.0,
            max_queue_size: 2_048,
            disabled: false,
        }
    }
}

impl OtelConfig {
    /// The URL that spans are posted to, with the setting it comes from; `None` when traces are off.
    #[must_use]
    pub fn traces_url(&self) -> Option<(&'static str, String)> {
        if self.disabled || self.traces_exporter == TracesExporter::None {
            return None;
        }
        let whole = self
            .traces_endpoint
            .as_ref()
            .map(|url| ("otel.traces_endpoint", url.clone()));
        whole.or_else(|| {
            let base = self.endpoint.as_ref()?.trim_end_matches('/');
            Some(("otel.endpoint", format!("{base}/v1/traces")))
        })
    }

    /// Checks the ranges and forms.
    ///
    /// # Errors
    /// [`InvalidSetting`] for the first setting that cannot be right.
    pub fn validate(&self) -> Result<(), InvalidSetting> {
        in_range("otel.timeout_ms", self.timeout_ms, 100..=60_000)?;
        in_range("otel.max_queue_size", self.max_queue_size, 1..=1_000_000)?;
        in_range("otel.sampler_arg", self.sampler_arg, 0.0..=1.0)?;
        for (setting, url) in [
            ("otel.endpoint", &self.endpoint),
            ("otel.traces_endpoint", &self.traces_endpoint),
        ] {
            let http = |url: &String| url.starts_with("http://") || url.starts_with("https://");
            if url.as_ref().is_some_and(|url| !http(url)) {
                return Err(InvalidSetting::new(
                    setting,
                    "must be a URL that begins with http:// or https://",
                ));
            }
        }
        if let Some(headers) = &self.headers {
            let mut pairs = headers.expose_secret().split(',').map(str::trim);
            // What is no pair would be left out, and the collector would refuse every span. Not shown: it is a secret.
            if pairs.any(|pair| !pair.is_empty() && !pair.contains('=')) {
                return Err(InvalidSetting::new(
                    "otel.headers",
                    "must be name=value pairs with commas between, values percent-encoded",
                ));
            }
        }
        let pairs = self.resource_attributes.split(',').map(str::trim);
        if let Some(odd) = pairs
            .filter(|pair| !pair.is_empty())
            .find(|pair| !pair.contains('='))
        {
            return Err(InvalidSetting::new(
                "otel.resource_attributes",
                format!("must be key=value pairs with commas between, holds {odd:?}"),
            ));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn traces_are_off_without_an_endpoint_and_wherever_something_says_so() {
        let off = OtelConfig::default();
        assert_eq!(off.traces_url(), None);
        let on = OtelConfig {
            endpoint: Some("http://collector:4318/".to_owned()),
            ..off
        };
        let url = |config: &OtelConfig| config.traces_url().map(|(_, url)| url);
        assert_eq!(url(&on).as_deref(), Some("http://collector:4318/v1/traces"));
        let whole = OtelConfig {
            traces_endpoint: Some("https://traces.example/in".to_owned()),
            ..on.clone()
        };
        assert_eq!(url(&whole).as_deref(), Some("https://traces.example/in"));
        let disabled = OtelConfig {
            disabled: true,
            ..on.clone()
        };
        let elsewhere = OtelConfig {
            traces_exporter: TracesExporter::None,
            ..on
        };
        assert_eq!((url(&disabled), url(&elsewhere)), (None, None));
    }

    #[test]
    fn what_cannot_be_right_is_named() {
        let named = |change: &dyn Fn(&mut OtelConfig)| {
            let mut config = OtelConfig::default();
            change(&mut config);
            config.validate().unwrap_err().setting
        };
        assert_eq!(
            named(&|c| c.endpoint = Some("collector:4317".into())),
            "otel.endpoint"
        );
        assert_eq!(named(&|c| c.sampler_arg = 1.5), "otel.sampler_arg");
        assert_eq!(named(&|c| c.timeout_ms = 0), "otel.timeout_ms");
        assert_eq!(
            named(&|c| c.resource_attributes = "env".into()),
            "otel.resource_attributes"
        );
        for (headers, right) in [
            ("k", false),
            ("a=b,swb_secret", false),
            ("a=b, c=d,", true),
            ("authorization=Basic%20YQ==", true),
        ] {
            let config = OtelConfig {
                headers: Some(headers.into()),
                ..OtelConfig::default()
            };
            let told = config.validate().err().map(|error| error.to_string());
            assert_eq!(told.is_none(), right, "{headers}: {told:?}");
            assert!(!told.unwrap_or_default().contains("swb_secret"));
        }
    }
}
