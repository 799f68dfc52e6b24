//! A rate, and what is left of it.

use std::num::NonZeroU32;
use std::time::Duration;

/// How often a client may call: a token bucket of `burst` tokens, of which one comes back every `interval`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Rate {
    /// Time in which one token comes back.
    pub interval: Duration,
    /// Size of the bucket.
    pub burst: NonZeroU32,
}

impl Rate {
    /// So many tokens per minute, and so many at once; zero counts as one.
    #[must_use]
    pub fn per_minute(tokens: u32, burst: u32) -> Self {
        Self {
            interval: Duration::from_secs(60) / tokens.max(1),
            burst: NonZeroU32::new(burst).unwrap_or(NonZeroU32::MIN),
        }
    }

    /// What one of so many replicas may admit when each counts for itself; at least one token.
    #[must_use]
    pub fn share_of(self, replicas: u32) -> Self {
        let replicas = replicas.max(1);
        Self {
            interval: self.interval * replicas,
            burst: NonZeroU32::new(self.burst.get() / replicas).unwrap_or(NonZeroU32::MIN),
        }
    }

    /// Time in which an empty bucket fills.
    #[must_use]
    pub fn window(self) -> Duration {
        self.interval * self.burst.get()
    }
}

/// What a client may still send, as the RateLimit header fields tell it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Allowance {
    /// Whether this request is within the limit.
    pub admitted: bool,
    /// Requests that could follow at once.
    pub remaining: u32,
    /// Time until one more request (when refused) or a full bucket (when admitted).
    pub reset: Duration,
    /// Size of the bucket.
    pub burst: u32,
    /// Time in which an empty bucket fills.
    pub window: Duration,
}

impl Allowance {
    pub(super) fn admitted(rate: Rate, remaining: u32) -> Self {
        let burst = rate.burst.get();
        let remaining = remaining.min(burst);
        Self {
            admitted: true,
            remaining,
            reset: rate.interval * (burst - remaining),
            burst,
            window: rate.window(),
        }
    }

    pub(super) fn refused(rate: Rate, wait: Duration) -> Self {
        Self {
            admitted: false,
            remaining: 0,
            reset: wait,
            burst: rate.burst.get(),
            window: rate.window(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_shares_of_all_replicas_are_the_rate() {
        let rate = Rate::per_minute(60, 120);
        let share = rate.share_of(10);
        assert_eq!((share.interval, share.burst.get()), (Duration::from_secs(10), 12));
        assert_eq!(share.window(), rate.window());
        assert_eq!(rate.share_of(1), rate);
        assert_eq!(rate.share_of(1000).burst.get(), 1, "nobody is shut out");
    }
}
