//! Name lookups that are remembered, so that a slow or failing DNS server does not slow or fail new connections.
//!
//! An answer serves for the configured time; when a new lookup fails, the old answer goes on serving. The system's
//! resolver (`getaddrinfo`, on tokio's blocking threads) does the lookup.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll};
use std::time::Duration;

use hyper_util::client::legacy::connect::dns::Name;
use tower::Service;

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

impl Service<Name> for CachingResolver {
    type Response = std::vec::IntoIter<SocketAddr>;
    type Error = std::io::Error;
    type Future = Pin<Box<dyn Future<Output = std::io::Result<Self::Response>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<std::io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, name: Name) -> Self::Future {
        let shared = self.0.clone();
        Box::pin(async move {
            let addresses = shared.resolve(name.as_str()).await?;
            Ok(addresses.into_iter())
        })
    }
}

impl Shared {
    async fn resolve(&self, name: &str) -> std::io::Result<Vec<SocketAddr>> {
        let now = self.clock.elapsed();
        let known = self.known().get(name).cloned();
        let fresh = known
            .as_ref()
            .filter(|entry| now.saturating_sub(entry.found_at) < self.keep);
        if let Some(entry) = fresh {
            return Ok(entry.addresses.to_vec());
        }
        // Port 0: the connector puts in the real one.
        match tokio::net::lookup_host((name, 0)).await {
            Ok(found) => {
                let addresses: Vec<SocketAddr> = found.collect();
                let entry = Entry {
                    addresses: addresses.as_slice().into(),
                    found_at: now,
                };
                self.known().insert(name.to_owned(), entry);
                Ok(addresses)
            }
            Err(error) => known.map(|entry| entry.addresses.to_vec()).ok_or(error),
        }
    }

    fn known(&self) -> MutexGuard<'_, HashMap<String, Entry>> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::Timestamp;
    use tower::ServiceExt as _;

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
            .oneshot("llm.invalid".parse().unwrap())
            .await
            .unwrap()
            .collect();
        assert_eq!(found, [known]);
    }
}
