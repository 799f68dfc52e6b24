//! Who hears what delivery does: the metrics, or nobody.

use std::time::Duration;

use crate::breaker_state::BreakerState;
use crate::store::SlaMark;

/// Who hears what delivery does, to count it. Every method is called from a worker and must not block.
pub trait DeliveryObserver: Send + Sync {
    /// A try ended as `done` or `retry` after `took`, or the outbox says that its job is `dead`.
    fn tried(&self, target: &'static str, outcome: &'static str, took: Duration);
    /// A target's breaker changed.
    fn breaker(&self, target: &'static str, state: BreakerState);
    /// The SLA clock marked a record.
    fn marked(&self, mark: &SlaMark);
}

/// An observer that does not listen.
#[derive(Debug, Clone, Copy, Default)]
pub struct Unobserved;

impl DeliveryObserver for Unobserved {
    fn tried(&self, _target: &'static str, _outcome: &'static str, _took: Duration) {}
    fn breaker(&self, _target: &'static str, _state: BreakerState) {}
    fn marked(&self, _mark: &SlaMark) {}
}
