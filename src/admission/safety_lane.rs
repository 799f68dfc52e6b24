//! The safety lane: the bounded door for messages over the limit, and for safety reports that find the service full.
//!
//! A message over the limit that gets through is read by the local model, and accepted if it is a safety report. The lane is bounded three
//! ways: per minute for the whole replica, per minute for one client, and by how many are worked on at once. A report that is known to be
//! one, of a client within its limit, needs the last only. The lane is the replica's own, with or without Redis: it must stay open when
//! everything else fails.

use std::sync::Arc;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::ClientId;
use super::buckets::{Bucket, Buckets};
use super::rate::Rate;
use crate::clock::Clock;
use crate::config::SafetyLaneConfig;

/// Clients whose use of the lane is counted one by one; a flood of more shares one bucket (some 100 bytes each).
const MAX_CLIENTS: usize = 10_000;

/// See the module.
#[derive(Debug)]
pub struct SafetyLane {
    all: Bucket,
    clients: Buckets<ClientId>,
    places: Arc<Semaphore>,
}

/// A place in the lane; dropping it makes room.
#[derive(Debug)]
pub struct LanePlace(#[expect(dead_code, reason = "held for its drop")] OwnedSemaphorePermit);

/// Why a message did not get into the lane.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LaneFull {
    /// The lane's rate is used up.
    Lane,
    /// The client's share of it is used up.
    Client,
    /// As many as allowed are worked on.
    Busy,
}

impl LaneFull {
    /// Stable name, for metrics.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Lane => "full",
            Self::Client => "client_full",
            Self::Busy => "busy",
        }
    }
}

impl SafetyLane {
    /// From a validated section.
    #[must_use]
    pub fn new(config: &SafetyLaneConfig, clock: Clock) -> Self {
        let client = Rate::per_minute(config.client_per_minute, config.client_burst);
        Self {
            all: Bucket::new(Rate::per_minute(config.per_minute, config.burst), clock.clone()),
            clients: Buckets::new(client, MAX_CLIENTS, clock),
            places: Arc::new(Semaphore::new(config.max_concurrent)),
        }
    }

    /// Lets one more message over the limit in, or says why not. Whoever is refused for one bound takes nothing from the next.
    ///
    /// # Errors
    /// [`LaneFull`].
    pub fn enter(&self, client: &ClientId) -> Result<LanePlace, LaneFull> {
        let place = self.enter_within_limit()?;
        if !self.clients.take(client).admitted {
            return Err(LaneFull::Client);
        }
        if !self.all.take().admitted {
            return Err(LaneFull::Lane);
        }
        Ok(place)
    }

    /// Lets a safety report in whose client is within its limit, or says that there is no room.
    ///
    /// # Errors
    /// [`LaneFull::Busy`].
    pub fn enter_within_limit(&self) -> Result<LanePlace, LaneFull> {
        let place = Arc::clone(&self.places).try_acquire_owned();
        place.map(LanePlace).map_err(|_| LaneFull::Busy)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::net::{IpAddr, Ipv4Addr};

    fn client(n: u32) -> ClientId {
        ClientId::Address(IpAddr::V4(Ipv4Addr::from_bits(n)))
    }

    #[test]
    fn the_lane_is_bounded_for_all_for_one_and_at_once() {
        let (clock, hand) = Clock::manual(jiff::Timestamp::UNIX_EPOCH);
        let lane = SafetyLane::new(
            &SafetyLaneConfig {
                per_minute: 60,
                burst: 4,
                client_per_minute: 60,
                client_burst: 2,
                max_concurrent: 3,
            },
            clock,
        );
        let mut held = vec![lane.enter(&client(1)).unwrap(), lane.enter(&client(1)).unwrap()];
        assert_eq!(lane.enter(&client(1)).unwrap_err(), LaneFull::Client);
        held.push(lane.enter(&client(2)).unwrap());
        assert_eq!(lane.enter(&client(2)).unwrap_err(), LaneFull::Busy);
        held.clear();
        held.push(lane.enter(&client(3)).unwrap());
        assert_eq!(lane.enter(&client(4)).unwrap_err(), LaneFull::Lane);
        hand.advance(std::time::Duration::from_secs(1));
        assert!(lane.enter(&client(5)).is_ok());
    }
}
