//! Families of metrics with labels from closed sets, and how the frequent ones are found without hashing.

use std::hash::Hash;

use prometheus_client::metrics::family::{Family, MetricConstructor};
use prometheus_client::metrics::histogram::Histogram;

/// Buckets for durations, in seconds: from the local path (sub-millisecond) to the request deadline.
pub(super) const DURATION_BUCKETS: [f64; 16] = [
    0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 7.5, 10.0, 30.0,
];

/// Buckets for what the service itself adds, in seconds: a healthy request is done in a fraction of a millisecond.
pub(super) const OVERHEAD_BUCKETS: [f64; 12] = [
    0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1.0,
];

/// Buckets for a confidence, 0 to 1; 0.5 is the default bound for automatic action.
pub(super) const CONFIDENCE_BUCKETS: [f64; 10] = [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0];

/// Makes a histogram with fixed buckets; a type of its own so that families can be named.
#[derive(Debug, Clone)]
pub(super) struct Buckets(&'static [f64]);

impl MetricConstructor<Histogram> for Buckets {
    fn new_metric(&self) -> Histogram {
        histogram(self.0)
    }
}

pub(super) type HistogramFamily<L> = Family<L, Histogram, Buckets>;

pub(super) fn histograms<L: Clone + Hash + Eq>(buckets: &'static [f64]) -> HistogramFamily<L> {
    Family::new_with_constructor(Buckets(buckets))
}

pub(super) fn histogram(buckets: &'static [f64]) -> Histogram {
    Histogram::new(buckets.iter().copied())
}

/// Declares a label set: all its fields are label values.
macro_rules! labels {
    ($name:ident { $($label:ident: $kind:ty),+ $(,)? }) => {
        #[derive(Debug, Clone, PartialEq, Eq, Hash, prometheus_client::encoding::EncodeLabelSet)]
        pub(super) struct $name {
            $(pub(super) $label: $kind,)+
        }
    };
}
pub(super) use labels;

labels!(CategoryLabels { category: &'static str });
labels!(OutcomeLabels { outcome: &'static str });
labels!(StateLabels { state: &'static str });

/// Where `name` stands in a closed set. The sets have a handful of names of different lengths, so this is quicker than a hash.
pub(super) fn index(names: &[&str], name: &str) -> Option<usize> {
    names.iter().position(|known| *known == name)
}

/// Existing children of a family, in the order of `names`: each exists from the start, at zero, so that a rate over it is right from the
/// first event on.
pub(super) fn children<L, M, C>(family: &Family<L, M, C>, labels: impl IntoIterator<Item = L>) -> Vec<M>
where
    L: Clone + Hash + Eq,
    M: Clone,
    C: MetricConstructor<M>,
{
    labels
        .into_iter()
        .map(|labels| family.get_or_create(&labels).clone())
        .collect()
}
