//! Token buckets in this process (GCRA, by `governor`), on the service's clock.
//!
//! [`Buckets`] keeps one per address and is bounded: when `max` are in use, full buckets are dropped, and those who come new share one
//! overflow bucket until there is room again, so a flood of invented addresses limits itself. [`KeyBuckets`] keeps one per API key at
//! the key's own rate; keys are configured, hence few. Nothing here fails.

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use governor::clock::Reference;
use governor::middleware::StateInformationMiddleware;
use governor::nanos::Nanos;
use governor::state::keyed::DashMapStateStore;
use governor::state::{InMemoryState, NotKeyed};
use governor::{Quota, RateLimiter};

use super::rate::{Allowance, Rate};
use crate::clock::Clock;

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

type Direct = RateLimiter<NotKeyed, InMemoryState, ElapsedClock, StateInformationMiddleware>;
type Keyed<K> = RateLimiter<K, DashMapStateStore<K>, ElapsedClock, StateInformationMiddleware>;
type Refusal = governor::NotUntil<Elapsed>;

fn quota(rate: Rate) -> Quota {
    Quota::with_period(rate.interval.max(Duration::from_nanos(1)))
        .expect("an interval of at least a nanosecond")
        .allow_burst(rate.burst)
}

/// One bucket.
#[derive(Debug)]
pub(super) struct Bucket {
    rate: Rate,
    state: Direct,
    clock: ElapsedClock,
}

impl Bucket {
    pub(super) fn new(rate: Rate, clock: Clock) -> Self {
        let clock = ElapsedClock(clock);
        Self {
            rate,
            state: Direct::new(quota(rate), InMemoryState::default(), clock.clone()),
            clock,
        }
    }

    /// Takes one token, where there is one.
    pub(super) fn take(&self) -> Allowance {
        match self.state.check() {
            Ok(left) => Allowance::admitted(self.rate, left.remaining_burst_capacity()),
            Err(refusal) => refused(self.rate, &refusal, &self.clock),
        }
    }
}

fn refused(rate: Rate, refusal: &Refusal, clock: &ElapsedClock) -> Allowance {
    Allowance::refused(rate, refusal.wait_time_from(governor::clock::Clock::now(clock)))
}

/// How many requests pass between two counts of the buckets: the map may exceed its cap by at most this many.
const COUNT_EVERY: u64 = 256;

/// A bucket for each of a bounded number of clients, all at one rate.
#[derive(Debug)]
pub(super) struct Buckets<K: Hash + Eq + Clone> {
    rate: Rate,
    own: Keyed<K>,
    overflow: Bucket,
    max: usize,
    /// Requests seen; `len()` of the map walks its shards, so it is asked only now and then.
    seen: AtomicU64,
    /// Number of buckets when last counted.
    counted: AtomicU64,
}

impl<K: Hash + Eq + Clone> Buckets<K> {
    pub(super) fn new(rate: Rate, max: usize, clock: Clock) -> Self {
        let elapsed = ElapsedClock(clock.clone());
        Self {
            rate,
            own: Keyed::new(quota(rate), DashMapStateStore::default(), elapsed),
            overflow: Bucket::new(rate, clock),
            max,
            seen: AtomicU64::new(0),
            counted: AtomicU64::new(0),
        }
    }

    /// Takes one token from this client's bucket, where there is one.
    pub(super) fn take(&self, client: &K) -> Allowance {
        if !self.has_room() {
            return self.overflow.take();
        }
        match self.own.check_key(client) {
            Ok(left) => Allowance::admitted(self.rate, left.remaining_burst_capacity()),
            Err(refusal) => refused(self.rate, &refusal, &self.overflow.clock),
        }
    }

    /// Number of buckets that are kept one by one.
    #[cfg(test)]
    pub(super) fn len(&self) -> usize {
        self.own.len()
    }

    /// Whether a bucket of its own may still be made. Counts, and drops full buckets, every [`COUNT_EVERY`] requests.
    /// While there is no room, clients that have a bucket share the overflow too: the alternative is a second look-up for
    /// every request of every day, for a state that lasts until the flood's buckets have filled up again.
    fn has_room(&self) -> bool {
        if self
            .seen
            .fetch_add(1, Ordering::Relaxed)
            .is_multiple_of(COUNT_EVERY)
        {
            if self.own.len() >= self.max {
                self.own.retain_recent();
                self.own.shrink_to_fit();
            }
            self.counted.store(self.own.len() as u64, Ordering::Relaxed);
        }
        (self.counted.load(Ordering::Relaxed) as usize) < self.max
    }
}

/// A bucket for each API key, at a rate of its own. A key whose rate changes begins with a full bucket.
#[derive(Debug)]
pub(super) struct KeyBuckets {
    buckets: RwLock<HashMap<Arc<str>, Arc<Bucket>>>,
    clock: Clock,
}

impl KeyBuckets {
    pub(super) fn new(clock: Clock) -> Self {
        Self {
            buckets: RwLock::default(),
            clock,
        }
    }

    /// Takes one token from this key's bucket, where there is one.
    pub(super) fn take(&self, id: &Arc<str>, rate: Rate) -> Allowance {
        let known = {
            let buckets = self.buckets.read().unwrap_or_else(PoisonError::into_inner);
            buckets.get(id).filter(|bucket| bucket.rate == rate).cloned()
        };
        known.unwrap_or_else(|| self.make(id, rate)).take()
    }

    fn make(&self, id: &Arc<str>, rate: Rate) -> Arc<Bucket> {
        let mut buckets = self.buckets.write().unwrap_or_else(PoisonError::into_inner);
        // Somebody else may have been here between the two locks.
        match buckets.get(id) {
            Some(bucket) if bucket.rate == rate => bucket.clone(),
            _ => {
                let bucket = Arc::new(Bucket::new(rate, self.clock.clone()));
                buckets.insert(id.clone(), bucket.clone());
                bucket
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_client_gets_its_burst_and_then_its_rate() {
        let (clock, hand) = Clock::manual(jiff::Timestamp::UNIX_EPOCH);
        let buckets = Buckets::new(Rate::per_minute(60, 120), 100, clock);
        let admitted = |n: u32| (0..n).filter(|_| buckets.take(&1).admitted).count();
        assert_eq!(admitted(300), 120);
        let refusal = buckets.take(&1);
        assert_eq!(
            (refusal.admitted, refusal.remaining, refusal.reset),
            (false, 0, Duration::from_secs(1))
        );
        assert!(buckets.take(&2).admitted, "another client has its own bucket");
        hand.advance(Duration::from_secs(60));
        assert_eq!(admitted(300), 60);
    }

    #[test]
    fn the_allowance_tells_what_is_left() {
        let (clock, _hand) = Clock::manual(jiff::Timestamp::UNIX_EPOCH);
        let first = Bucket::new(Rate::per_minute(60, 120), clock).take();
        assert_eq!(
            (first.remaining, first.burst, first.window),
            (119, 120, Duration::from_secs(120))
        );
        assert_eq!(first.reset, Duration::from_secs(1));
    }

    #[test]
    fn a_flood_of_clients_is_bounded_in_memory_and_shares_one_bucket() {
        let (clock, hand) = Clock::manual(jiff::Timestamp::UNIX_EPOCH);
        let buckets = Buckets::new(Rate::per_minute(60, 120), 1_000, clock);
        let admitted = (0..100_000).filter(|n| buckets.take(n).admitted).count();
        assert!(buckets.len() <= 1_000 + COUNT_EVERY as usize, "{}", buckets.len());
        assert!(admitted < 2_000, "{admitted}");
        hand.advance(Duration::from_secs(300));
        let again = (0..1_000).filter(|_| buckets.take(&7).admitted).count();
        assert!(
            again >= 120,
            "after the flood a client has its bucket again: {again}"
        );
    }

    #[test]
    fn a_key_has_its_own_rate_and_a_new_rate_is_a_new_bucket() {
        let (clock, _hand) = Clock::manual(jiff::Timestamp::UNIX_EPOCH);
        let keys = KeyBuckets::new(clock);
        let id = Arc::from("shop");
        let admitted = |rate| (0..100).filter(|_| keys.take(&id, rate).admitted).count();
        assert_eq!(admitted(Rate::per_minute(60, 3)), 3);
        assert_eq!(admitted(Rate::per_minute(60, 3)), 0);
        assert_eq!(admitted(Rate::per_minute(60, 5)), 5);
    }
}
