//! What the service counts about itself, served on the management listener.
//!
//! One file per subject: [`requests`], [`admission`], [`classification`], [`llm`], [`knowledge`], [`delivery`], [`store`], [`process`] and
//! [`logs`]; each registers its metrics and adds its methods to [`Metrics`]. Names and units follow the Prometheus
//! conventions (base units, `_total` for counters). Labels are closed sets (routes, statuses, categories), so the number of series is
//! bounded; ids and texts never become labels.
//!
//! Recording cannot fail. What every request records is resolved once ([`family::index`]), so that it costs a few comparisons and an
//! atomic add; what happens rarely is looked up by its labels. [`Metrics::off`] leaves that out. [`exposition`] writes what a
//! scraper reads.

mod admission;
mod classification;
mod delivery;
pub mod exposition;
mod family;
mod knowledge;
mod llm;
mod logs;
mod process;
mod requests;
mod store;

use prometheus_client::encoding::text;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::registry::Registry;

pub use admission::AdmissionMetrics;
pub use exposition::Exposition;
pub use requests::InFlight;
pub use store::StoreOperation;

/// Every metric of the service.
#[derive(Debug)]
pub struct Metrics {
    registry: Registry,
    enabled: bool,
    /// Who got in, and how.
    pub admission: AdmissionMetrics,
    classification: classification::Classification,
    delivery: delivery::Delivery,
    knowledge: knowledge::Knowledge,
    llm: llm::Llm,
    logs: logs::Logs,
    requests: requests::Requests,
    store: store::StoreMetrics,
}

impl Default for Metrics {
    fn default() -> Self {
        let mut registry = Registry::default();
        registry.register_collector(Box::new(process::Process));
        let ours = registry.sub_registry_with_prefix("switchboard");
        register_build(ours);
        Self {
            enabled: true,
            requests: requests::Requests::register(ours),
            admission: AdmissionMetrics::register(ours),
            classification: classification::Classification::register(ours),
            llm: llm::Llm::register(ours),
            knowledge: knowledge::Knowledge::register(ours),
            delivery: delivery::Delivery::register(ours),
            store: store::StoreMetrics::register(ours),
            logs: logs::Logs::register(ours),
            registry,
        }
    }
}

impl Metrics {
    /// For a process that nobody scrapes: what comes with requests and deliveries is neither counted nor timed. Gauges and what happens
    /// rarely (requests in flight, the LLM's breaker, the store, lines and spans that got lost) are kept all the same, and read by nobody.
    #[must_use]
    pub fn off() -> Self {
        let all = Self::default();
        Self {
            enabled: false,
            admission: all.admission.clone().off(),
            ..all
        }
    }

    /// Every metric, in the form that the scraper asked for.
    #[must_use]
    pub fn render(&self, form: Exposition) -> String {
        let mut out = String::with_capacity(64 * 1024);
        text::encode(&mut out, &self.registry).expect("writing to a string cannot fail");
        match form {
            Exposition::OpenMetrics => out,
            Exposition::Text => exposition::to_text(&out),
        }
    }
}

family::labels! {
    BuildLabels { version: &'static str }
}

fn register_build(registry: &mut Registry) {
    let build: Family<BuildLabels, Gauge> = Family::default();
    let version = env!("CARGO_PKG_VERSION");
    build.get_or_create(&BuildLabels { version }).set(1);
    registry.register("build_info", "1, with what is running as labels", build);
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    #[test]
    fn metrics_that_are_off_count_no_request() {
        let record = |metrics: &Metrics| {
            metrics.request("/api/v1/classify", "POST", 200, Duration::from_millis(5));
            metrics.classification("informational", "local", "chat", false, 0.9);
            metrics.llm_call("ok", Duration::from_millis(5));
            metrics.render(Exposition::Text)
        };
        let counted = r#"switchboard_classifications_total{category="informational",classifier="local",channel="chat",degraded="false"} 1"#;
        assert!(record(&Metrics::default()).contains(counted));
        let off = record(&Metrics::off());
        assert!(!off.contains(counted), "{off}");
        assert!(!off.contains("_count{outcome=\"ok\"} 1"), "{off}");
    }
}
