//! Name lookups that are remembered, so that a slow or failing DNS server does not slow or fail new connections.
//!
//! An answer serves for the configured time; when a new lookup fails, the old answer goes on serving. The system's
//! resolver (`getaddrinfo`, on tokio's blocking threads) does the lookup.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use reqwest::dns::{Addrs, Name, Resolve, Resolving};

use crate::clock::Clock;

/// A resolver with a memory. Bounded by the hosts that are configured: the base URL's and the proxy's.
#[derive(Clone)]
pub(super) struct CachingResolver(Arc<Shared>);

struct Shared {
    keep: Duration,
    clock: Clock,
    known: Mutex<HashMap<String, Entry>>,
}

#[derive(Clone)]
struct Entry {
    addresses: Arc<[SocketAddr]>,
    found_at: Duration,
}

impl CachingResolver {
    pub(super) fn new(keep: Duration, clock: Clock) -> Self {
        Self(Arc::new(Shared {
            keep,
            clock,
            known: Mutex::default(),
        }))
    }
}

impl Resolve for CachingResolver {
    fn resolve(&self, name: Name) -> Resolving {
        let shared = self.0.clone();
        Box::pin(async move {
            let now = shared.clock.elapsed();
            let known = shared
                .known
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .get(name.as_str())
                .cloned();
            let fresh = known
                .as_ref()
                .filter(|entry| now.saturating_sub(entry.found_at) < shared.keep);
            if let Some(entry) = fresh {
                return Ok(addresses(&entry.addresses));
            }
            // Port 0: the connector puts in the real one.
            match tokio::net::lookup_host((name.as_str(), 0)).await {
                Ok(found) => {
                    let entry = Entry {
                        addresses: found.collect(),
                        found_at: now,
                    };
                    let answer = addresses(&entry.addresses);
                    let mut all = shared.known.lock().unwrap_or_else(PoisonError::into_inner);
                    all.insert(name.as_str().to_owned(), entry);
                    Ok(answer)
                }
                Err(error) => known
                    .map(|entry| addresses(&entry.addresses))
                    .ok_or_else(|| error.into()),
            }
        })
    }
}

fn addresses(known: &Arc<[SocketAddr]>) -> Addrs {
    let owned: Vec<_> = known.iter().copied().collect();
    Box::new(owned.into_iter())
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::Timestamp;

    #[tokio::test]
    async fn a_name_that_is_known_is_not_looked_up() {
        let (clock, hand) = Clock::manual(Timestamp::UNIX_EPOCH);
        let resolver = CachingResolver::new(Duration::from_secs(60), clock);
        let known: SocketAddr = "192.0.2.7:0".parse().unwrap();
        let entry = Entry {
            addresses: Arc::new([known]),
            found_at: Duration::ZERO,
        };
        // The top-level domain `invalid` exists nowhere (RFC 6761): a lookup could only fail.
        resolver
            .0
            .known
            .lock()
            .unwrap()
            .insert("llm.invalid".into(), entry);
        hand.advance(Duration::from_secs(59));
        let found: Vec<_> = resolver
            .resolve("llm.invalid".parse().unwrap())
            .await
            .unwrap()
            .collect();
        assert_eq!(found, [known]);
    }
}
