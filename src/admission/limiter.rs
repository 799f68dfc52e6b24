//! How often: one token bucket per client (GCRA, by `governor`), and one for the safety lane.
//!
//! Memory is bounded: at most `max_clients` buckets are kept. When that many are in use, full buckets are dropped, and
//! addresses share one overflow bucket until there is room again: a flood of invented addresses limits itself. Clients
//! with a key always keep their own bucket. Time comes from the service's clock.

use std::num::NonZeroU32;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use governor::clock::Reference;
use governor::middleware::StateInformationMiddleware;
use governor::nanos::Nanos;
use governor::state::keyed::DashMapStateStore;
use governor::state::{InMemoryState, NotKeyed};
use governor::{Quota, RateLimiter};

use super::ClientId;
use crate::clock::Clock;
use crate::config::{RateLimitConfig, SafetyLaneConfig};

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

/// `governor`'s view of the service's clock.
#[derive(Debug, Clone)]
struct ElapsedClock(Clock);

/// Elapsed time of the service's clock, as `governor` wants it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Elapsed(Duration);

impl Reference for Elapsed {
    fn duration_since(&self, earlier: Self) -> Nanos {
        self.0.saturating_sub(earlier.0).into()
    }

    fn saturating_sub(&self, duration: Nanos) -> Self {
        Self(self.0.saturating_sub(duration.into()))
    }
}

impl std::ops::Add<Nanos> for Elapsed {
    type Output = Self;

    fn add(self, other: Nanos) -> Self {
        Self(self.0.saturating_add(other.into()))
    }
}

impl governor::clock::Clock for ElapsedClock {
    type Instant = Elapsed;

    fn now(&self) -> Elapsed {
        Elapsed(self.0.elapsed())
    }
}

type Buckets = RateLimiter<ClientId, DashMapStateStore<ClientId>, ElapsedClock, StateInformationMiddleware>;
type Bucket = RateLimiter<NotKeyed, InMemoryState, ElapsedClock, StateInformationMiddleware>;

/// A token bucket per client.
#[derive(Debug)]
pub struct Limiter {
    buckets: Buckets,
    overflow: Bucket,
    clock: ElapsedClock,
    quota: Quota,
    max_clients: usize,
    /// Requests seen; `len()` of the map walks its shards, so it is asked only now and then.
    seen: AtomicU64,
    /// Number of buckets when last counted.
    counted: AtomicU64,
}

/// How many requests pass between two counts of the buckets: the map may exceed its cap by at most this many.
const COUNT_EVERY: u64 = 256;

impl Limiter {
    /// `None` when the limit is switched off.
    #[must_use]
    pub fn new(config: &RateLimitConfig, clock: Clock) -> Option<Self> {
        if !config.enabled {
            return None;
        }
        let clock = ElapsedClock(clock);
        let quota = quota(config.per_minute, config.burst);
        Some(Self {
            buckets: Buckets::new(quota, DashMapStateStore::default(), clock.clone()),
            overflow: Bucket::new(quota, InMemoryState::default(), clock.clone()),
            clock,
            quota,
            max_clients: config.max_clients,
            seen: AtomicU64::new(0),
            counted: AtomicU64::new(0),
        })
    }

    /// Takes one token from the client's bucket, where there is one.
    pub fn check(&self, client: &ClientId) -> Allowance {
        // The keys are few and configured: they always have a bucket of their own.
        let outcome = if matches!(client, ClientId::Key(_)) || self.has_room() {
            self.buckets.check_key(client)
        } else {
            self.overflow.check()
        };
        let burst = self.quota.burst_size().get();
        let interval = self.quota.replenish_interval();
        let window = interval * burst;
        match outcome {
            Ok(snapshot) => {
                let remaining = snapshot.remaining_burst_capacity();
                Allowance {
                    admitted: true,
                    remaining,
                    reset: interval * (burst - remaining.min(burst)),
                    burst,
                    window,
                }
            }
            Err(refusal) => {
                let reset = refusal.wait_time_from(governor::clock::Clock::now(&self.clock));
                Allowance {
                    admitted: false,
                    remaining: 0,
                    reset,
                    burst,
                    window,
                }
            }
        }
    }

    /// Number of buckets that are kept one by one.
    #[must_use]
    pub fn clients(&self) -> usize {
        self.buckets.len()
    }

    /// Whether a bucket of its own may still be made. Counts, and drops full buckets, every [`COUNT_EVERY`] requests.
    /// While there is no room, addresses that have a bucket share the overflow too: the alternative is a second look-up for
    /// every request of every day, for a state that lasts until the flood's buckets have filled up again.
    fn has_room(&self) -> bool {
        if self
            .seen
            .fetch_add(1, Ordering::Relaxed)
            .is_multiple_of(COUNT_EVERY)
        {
            if self.buckets.len() >= self.max_clients {
                self.buckets.retain_recent();
                self.buckets.shrink_to_fit();
            }
            self.counted.store(self.buckets.len() as u64, Ordering::Relaxed);
        }
        (self.counted.load(Ordering::Relaxed) as usize) < self.max_clients
    }
}

/// The bounded door for messages over the limit.
#[derive(Debug)]
pub struct SafetyLane(Bucket);

impl SafetyLane {
    /// From a validated section.
    #[must_use]
    pub fn new(config: &SafetyLaneConfig, clock: Clock) -> Self {
        let quota = quota(config.per_minute, config.burst);
        Self(Bucket::new(quota, InMemoryState::default(), ElapsedClock(clock)))
    }

    /// Whether one more message over the limit may be read.
    pub fn enter(&self) -> bool {
        self.0.check().is_ok()
    }
}

fn quota(per_minute: u32, burst: u32) -> Quota {
    let at_least_one = |value| NonZeroU32::new(value).unwrap_or(NonZeroU32::MIN);
    Quota::per_minute(at_least_one(per_minute)).allow_burst(at_least_one(burst))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::net::{IpAddr, Ipv4Addr};

    fn client(n: u32) -> ClientId {
        ClientId::Address(IpAddr::V4(Ipv4Addr::from(n)))
    }

    fn limiter(config: RateLimitConfig) -> (Limiter, crate::clock::ManualClock) {
        let (clock, hand) = Clock::manual(jiff::Timestamp::UNIX_EPOCH);
        (Limiter::new(&config, clock).unwrap(), hand)
    }

    #[test]
    fn a_client_gets_its_burst_and_then_its_rate() {
        let (limiter, hand) = limiter(RateLimitConfig::default());
        let admitted = |n: u32| (0..n).filter(|_| limiter.check(&client(1)).admitted).count();
        assert_eq!(admitted(300), 120);
        let refusal = limiter.check(&client(1));
        assert_eq!(
            (refusal.admitted, refusal.remaining, refusal.reset),
            (false, 0, Duration::from_secs(1))
        );
        assert!(
            limiter.check(&client(2)).admitted,
            "another client has its own bucket"
        );
        hand.advance(Duration::from_secs(60));
        assert_eq!(admitted(300), 60);
    }

    #[test]
    fn the_allowance_tells_what_is_left() {
        let (limiter, _hand) = limiter(RateLimitConfig::default());
        let first = limiter.check(&client(1));
        assert_eq!(
            (first.remaining, first.burst, first.window),
            (119, 120, Duration::from_secs(120))
        );
        assert_eq!(first.reset, Duration::from_secs(1));
    }

    #[test]
    fn a_flood_of_addresses_is_bounded_in_memory_and_shares_one_bucket() {
        let (limiter, hand) = limiter(RateLimitConfig {
            max_clients: 1_000,
            ..RateLimitConfig::default()
        });
        let admitted = (0..100_000)
            .filter(|n| limiter.check(&client(*n)).admitted)
            .count();
        assert!(
            limiter.clients() <= 1_000 + COUNT_EVERY as usize,
            "{}",
            limiter.clients()
        );
        assert!(admitted < 2_000, "{admitted}");
        hand.advance(Duration::from_secs(300));
        let again = (0..1_000).filter(|_| limiter.check(&client(7)).admitted).count();
        assert!(
            again >= 120,
            "after the flood a client has its bucket again: {again}"
        );
    }
}
