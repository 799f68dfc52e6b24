//! Sets up the OpenTelemetry SDK from `[otel]`: sampler, resource, batches, and OTLP over HTTP with our own TLS roots.
//!
//! The SDK sends batches from a thread of its own, with a bounded queue in front: a collector that is slow or away costs spans, never
//! requests. Each change between "takes spans" and "does not" is one log line; what was sent and what was lost is counted.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use opentelemetry::trace::TracerProvider as _;
use opentelemetry::{InstrumentationScope, KeyValue};
use opentelemetry_otlp::{SpanExporter, WithExportConfig as _, WithHttpConfig as _};
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::error::OTelSdkResult;
use opentelemetry_sdk::trace::{
    BatchConfigBuilder, BatchSpanProcessor, Sampler, SdkTracer, SdkTracerProvider, SpanData,
    SpanExporter as Export,
};
use percent_encoding::percent_decode_str;
use secrecy::ExposeSecret;

use super::queue::{Bounded, Places};
use crate::config::InvalidSetting;
use crate::config::otel::{OtelConfig, TracesSampler};
use crate::telemetry::metrics::Metrics;
use crate::trust::tls_client;

/// `None` when traces are off.
pub(super) fn provider(
    config: &OtelConfig,
    metrics: &Arc<Metrics>,
) -> Result<Option<SdkTracerProvider>, InvalidSetting> {
    let Some((setting, url)) = config.traces_url() else {
        return Ok(None);
    };
    let wrong = |problem: String| InvalidSetting::new(setting, problem);
    reqwest::Url::parse(&url).map_err(|error| wrong(format!("is not a URL: {error}")))?;
    let headers = config.headers.as_ref().map(ExposeSecret::expose_secret);
    let exporter = SpanExporter::builder()
        .with_http()
        .with_http_client(client(config)?)
        .with_endpoint(url)
        .with_timeout(Duration::from_millis(config.timeout_ms))
        .with_headers(pairs(headers.unwrap_or_default()).collect::<HashMap<_, _>>())
        .build()
        .map_err(|error| wrong(error.to_string()))?;
    let places = Places::new(config.max_queue_size);
    let counted = Counted {
        inner: exporter,
        places: places.clone(),
        metrics: metrics.clone(),
        failing: AtomicBool::new(false),
    };
    // The other OTEL_BSP_* variables are read by the SDK.
    let batches = BatchConfigBuilder::default()
        .with_max_queue_size(config.max_queue_size)
        .build();
    let provider = SdkTracerProvider::builder()
        .with_sampler(sampler(config))
        .with_resource(resource(config))
        .with_span_processor(Bounded {
            inner: BatchSpanProcessor::builder(counted)
                .with_batch_config(batches)
                .build(),
            places,
            metrics: metrics.clone(),
        })
        .build();
    Ok(Some(provider))
}

pub(super) fn tracer(provider: &SdkTracerProvider) -> SdkTracer {
    let scope = InstrumentationScope::builder("switchboard")
        .with_version(env!("CARGO_PKG_VERSION"))
        .build();
    provider.tracer_with_scope(scope)
}

fn sampler(config: &OtelConfig) -> Sampler {
    let share = || Sampler::TraceIdRatioBased(config.sampler_arg);
    match config.sampler {
        TracesSampler::AlwaysOn => Sampler::AlwaysOn,
        TracesSampler::AlwaysOff => Sampler::AlwaysOff,
        TracesSampler::TraceIdRatio => share(),
        TracesSampler::ParentBasedAlwaysOn => Sampler::ParentBased(Box::new(Sampler::AlwaysOn)),
        TracesSampler::ParentBasedAlwaysOff => Sampler::ParentBased(Box::new(Sampler::AlwaysOff)),
        TracesSampler::ParentBasedTraceIdRatio => Sampler::ParentBased(Box::new(share())),
    }
}

/// What every span says about who sent it. The name wins over one among the attributes, as the specification has it.
fn resource(config: &OtelConfig) -> Resource {
    let given = pairs(&config.resource_attributes).map(|(key, value)| KeyValue::new(key, value));
    let given: Vec<KeyValue> = given.collect();
    let default_name = OtelConfig::default().service_name;
    let named = given.iter().any(|pair| pair.key.as_str() == "service.name");
    let resource = Resource::builder_empty()
        .with_attribute(KeyValue::new("service.version", env!("CARGO_PKG_VERSION")))
        .with_attributes(given);
    if named && config.service_name == default_name {
        resource.build()
    } else {
        resource.with_service_name(config.service_name.clone()).build()
    }
}

/// `key=value,key=value` with percent-encoded values, as the specification writes headers and attributes.
fn pairs(text: &str) -> impl Iterator<Item = (String, String)> {
    text.split(',').filter_map(|pair| {
        let (key, value) = pair.split_once('=')?;
        let value = percent_decode_str(value.trim()).decode_utf8_lossy();
        Some((key.trim().to_owned(), value.into_owned()))
    })
}

/// The exporter's client: built in a thread of its own, because a blocking client refuses to be built in an asynchronous one.
fn client(config: &OtelConfig) -> Result<reqwest::blocking::Client, InvalidSetting> {
    let tls = tls_client(config.certificate.as_deref())
        .map_err(|error| InvalidSetting::caused_by("otel.certificate", &error))?;
    let builder = reqwest::blocking::Client::builder()
        .tls_backend_preconfigured(tls)
        .user_agent(concat!("switchboard/", env!("CARGO_PKG_VERSION")))
        .redirect(reqwest::redirect::Policy::none())
        .timeout(Duration::from_millis(config.timeout_ms))
        .no_proxy();
    let wrong = |problem: String| InvalidSetting::new("otel.endpoint", problem);
    let building = std::thread::Builder::new()
        .spawn(move || builder.build())
        .map_err(|error| wrong(format!("cannot be used: no thread for it ({error})")))?;
    match building.join() {
        Ok(built) => built.map_err(|error| wrong(format!("cannot be used: {error}"))),
        Err(_) => Err(wrong(
            "cannot be used: its HTTP client could not be built".to_owned(),
        )),
    }
}

/// Counts what the exporter sends and loses.
#[derive(Debug)]
struct Counted<E> {
    inner: E,
    places: Places,
    metrics: Arc<Metrics>,
    failing: AtomicBool,
}

impl<E: Export> Export for Counted<E> {
    async fn export(&self, batch: Vec<SpanData>) -> OTelSdkResult {
        let spans = batch.len();
        let result = self.inner.export(batch).await;
        self.places.give_back(spans);
        let outcome = if result.is_ok() { "exported" } else { "failed" };
        self.metrics.spans(outcome, spans as u64);
        let failed_before = self.failing.swap(result.is_err(), Ordering::Relaxed);
        match &result {
            Err(_) if !failed_before => tracing::warn!("the trace collector does not take spans"),
            Ok(()) if failed_before => tracing::info!("the trace collector takes spans again"),
            _ => {}
        }
        result
    }

    fn shutdown_with_timeout(&self, timeout: Duration) -> OTelSdkResult {
        self.inner.shutdown_with_timeout(timeout)
    }

    fn force_flush(&self) -> OTelSdkResult {
        self.inner.force_flush()
    }

    fn set_resource(&mut self, resource: &Resource) {
        self.inner.set_resource(resource);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_service_name_wins_unless_it_was_only_given_as_an_attribute() {
        let name = |service_name: &str, resource_attributes: &str| {
            let config = OtelConfig {
                service_name: service_name.to_owned(),
                resource_attributes: resource_attributes.to_owned(),
                ..OtelConfig::default()
            };
            let found = resource(&config).get(&"service.name".into());
            found.map(|name| name.to_string()).unwrap_or_default()
        };
        assert_eq!(name("switchboard", ""), "switchboard");
        assert_eq!(name("triage", "service.name=other,a=b"), "triage");
        assert_eq!(name("switchboard", "service.name=front%20desk"), "front desk");
    }

    #[test]
    fn headers_are_read_as_percent_encoded_pairs() {
        let read: Vec<_> = pairs("authorization=Bearer%20abc, x-tenant = shop ,odd").collect();
        let pair = |key: &str, value: &str| (key.to_owned(), value.to_owned());
        assert_eq!(
            read,
            [pair("authorization", "Bearer abc"), pair("x-tenant", "shop")]
        );
    }
}
