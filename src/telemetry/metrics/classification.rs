//! What messages were taken for, how surely, and what a person has to look at.

use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::Registry;

use super::Metrics;
use super::family::{
    CONFIDENCE_BUCKETS, CategoryLabels, HistogramFamily, OutcomeLabels, children, histograms, index, labels,
};

labels!(ClassificationLabels {
    category: &'static str,
    classifier: &'static str,
    channel: &'static str,
    degraded: &'static str,
});
labels!(EscalationLabels { category: &'static str, priority: &'static str });

// The names as answers have them. One that is not here is counted too, only not as quickly.
const CATEGORIES: [&str; 3] = ["informational", "service_action", "safety_compliance"];
const CLASSIFIERS: [&str; 2] = ["llm", "local"];
const CHANNELS: [&str; 4] = ["chat", "voice", "mail", "api"];
const PRIORITIES: [&str; 4] = ["low", "medium", "high", "urgent"];
const DEGRADED: [&str; 2] = ["false", "true"];

#[derive(Debug)]
pub(super) struct Classification {
    family: Family<ClassificationLabels, Counter>,
    /// Every combination, the last label counting fastest.
    known: Vec<Counter>,
    confidence: HistogramFamily<CategoryLabels>,
    known_confidence: Vec<Histogram>,
    escalations: Family<EscalationLabels, Counter>,
    floor_raises: Family<OutcomeLabels, Counter>,
}

impl Classification {
    pub(super) fn register(registry: &mut Registry) -> Self {
        let family = Family::default();
        registry.register(
            "classifications",
            "Messages classified, by category, who decided, channel, and whether the local model stood in for the LLM",
            family.clone(),
        );
        let confidence = histograms(&CONFIDENCE_BUCKETS);
        registry.register(
            "classification_confidence",
            "Confidence of the category, 0 to 1",
            confidence.clone(),
        );
        let escalations = Family::default();
        registry.register(
            "escalations",
            "Messages that a person has to look at, by category and priority",
            escalations.clone(),
        );
        let every = CATEGORIES
            .into_iter()
            .flat_map(|category| PRIORITIES.map(|priority| EscalationLabels { category, priority }));
        children(&escalations, every);
        let floor_raises = Family::default();
        registry.register(
            "safety_floor_raises",
            "Messages that the safety floor raised to a safety report, by why",
            floor_raises.clone(),
        );
        children(
            &floor_raises,
            ["pattern", "probability"].map(|outcome| OutcomeLabels { outcome }),
        );
        Self {
            known: children(&family, combinations()),
            family,
            known_confidence: children(
                &confidence,
                CATEGORIES.map(|category| CategoryLabels { category }),
            ),
            confidence,
            escalations,
            floor_raises,
        }
    }
}

/// Every combination of the known labels, in the order of [`slot`].
fn combinations() -> impl Iterator<Item = ClassificationLabels> {
    let all = CATEGORIES.into_iter().flat_map(|category| {
        CLASSIFIERS.into_iter().flat_map(move |classifier| {
            CHANNELS
                .into_iter()
                .map(move |channel| (category, classifier, channel))
        })
    });
    all.flat_map(|(category, classifier, channel)| {
        DEGRADED.into_iter().map(move |degraded| ClassificationLabels {
            category,
            classifier,
            channel,
            degraded,
        })
    })
}

/// Where a combination stands.
fn slot(category: usize, labels: &ClassificationLabels) -> Option<usize> {
    let classifier = index(&CLASSIFIERS, labels.classifier)?;
    let channel = index(&CHANNELS, labels.channel)?;
    let degraded = index(&DEGRADED, labels.degraded)?;
    let at = category * CLASSIFIERS.len() + classifier;
    Some((at * CHANNELS.len() + channel) * DEGRADED.len() + degraded)
}

impl Metrics {
    /// A message was classified.
    pub fn classification(
        &self,
        category: &'static str,
        classifier: &'static str,
        channel: &'static str,
        degraded: bool,
        confidence: f32,
    ) {
        if !self.enabled {
            return;
        }
        let labels = ClassificationLabels {
            category,
            classifier,
            channel,
            degraded: DEGRADED[usize::from(degraded)],
        };
        let of = &self.classification;
        let at = index(&CATEGORIES, category);
        match at.and_then(|category| of.known.get(slot(category, &labels)?)) {
            Some(counter) => counter.inc(),
            None => of.family.get_or_create(&labels).inc(),
        };
        let confidence = f64::from(confidence);
        match at {
            Some(category) => of.known_confidence[category].observe(confidence),
            None => of
                .confidence
                .get_or_create(&CategoryLabels { category })
                .observe(confidence),
        }
    }

    /// The answer sends a person to look, with this priority.
    pub fn escalation(&self, category: &'static str, priority: &'static str) {
        if self.enabled {
            let labels = EscalationLabels { category, priority };
            self.classification.escalations.get_or_create(&labels).inc();
        }
    }

    /// The safety floor raised a message, because of a `pattern` or a `probability`.
    pub fn floor_raise(&self, outcome: &'static str) {
        if self.enabled {
            let labels = OutcomeLabels { outcome };
            self.classification.floor_raises.get_or_create(&labels).inc();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_combination_stands_where_it_is_looked_for() {
        let all: Vec<ClassificationLabels> = combinations().collect();
        for (at, labels) in all.iter().enumerate() {
            let category = index(&CATEGORIES, labels.category).unwrap();
            assert_eq!(slot(category, labels), Some(at), "{labels:?}");
        }
        assert_eq!(all.len(), 48);
    }
}
