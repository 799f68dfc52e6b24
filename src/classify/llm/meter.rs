//! Counts what calls use, and what they cost where prices are configured.

use std::sync::{Arc, Mutex, PoisonError};

use crate::config::llm::PriceConfig;

use super::events::LlmEvents;
use super::usage::Usage;

/// Counts what every reply used, also one that is of no use; turns tokens into money, and remembers what a call costs on average.
pub(super) struct Meter {
    events: Arc<dyn LlmEvents>,
    prices: Option<PriceConfig>,
    /// Exponentially weighted mean cost of a call; `None` before the first.
    mean_cost: Mutex<Option<f64>>,
}

/// Weight of the newest call in the mean: about the last fifty calls matter.
const NEWEST: f64 = 0.02;

impl Meter {
    pub(super) fn new(prices: Option<PriceConfig>, events: Arc<dyn LlmEvents>) -> Self {
        Self {
            events,
            prices,
            mean_cost: Mutex::new(None),
        }
    }

    /// Counts a reply's tokens, where it names any, and fills in the cost.
    pub(super) fn count(&self, usage: Usage) -> Usage {
        if usage == Usage::default() {
            return usage;
        }
        let usage = self.price(usage);
        self.events.usage(&usage);
        usage
    }

    fn price(&self, mut usage: Usage) -> Usage {
        let Some(prices) = self.prices else { return usage };
        let cached = usage.cached_tokens.min(usage.input_tokens);
        let cached_price = prices
            .cached_input_per_million
            .unwrap_or(prices.input_per_million);
        let millionths = f64::from(usage.input_tokens - cached) * prices.input_per_million
            + f64::from(cached) * cached_price
            + f64::from(usage.output_tokens) * prices.output_per_million;
        let cost = millionths / 1e6;
        let mut mean = self.mean_cost.lock().unwrap_or_else(PoisonError::into_inner);
        *mean = Some(mean.map_or(cost, |mean| mean + NEWEST * (cost - mean)));
        usage.cost = Some(cost);
        usage
    }

    /// What a call costs on average; `None` before the first priced one.
    pub(super) fn mean_cost(&self) -> Option<f64> {
        *self.mean_cost.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::classify::llm::events::NoEvents;

    #[test]
    fn cached_tokens_are_cheaper_and_the_mean_follows() {
        let meter = |prices| Meter::new(prices, Arc::new(NoEvents));
        let unpriced = meter(None);
        let meter = meter(Some(PriceConfig {
            input_per_million: 0.40,
            cached_input_per_million: Some(0.10),
            output_per_million: 1.60,
        }));
        let usage = Usage {
            input_tokens: 1000,
            cached_tokens: 800,
            output_tokens: 50,
            cost: None,
        };
        let cost = meter.count(usage).cost.unwrap();
        assert!((cost - 0.000_24).abs() < 1e-12, "{cost}");
        assert_eq!(meter.mean_cost(), Some(cost));
        meter.count(Usage::default());
        assert_eq!(meter.mean_cost(), Some(cost), "no tokens named, nothing counted");
        assert_eq!(unpriced.count(usage).cost, None);
    }
}
