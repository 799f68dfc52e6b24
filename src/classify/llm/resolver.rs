//! Name lookups that are remembered, so that a slow or failing DNS server does not slow or fail new connections.
//!
//! An answer serves for the configured time. After that the name is looked up again, and while that takes longer than a part of what a connection
//! may take, or where it fails, the old answer goes on serving. A lookup that nobody waits for any more is not lost: there is one at a time for a
//! name, and its answer serves the first connection that finds it. The system's resolver (`getaddrinfo`, on tokio's blocking threads) does
//! the lookup, and gives up by itself.

use std::collections::HashMap;
use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll};
use std::time::Duration;

use futures_util::FutureExt as _;
use futures_util::future::{BoxFuture, Shared};
use hyper_util::client::legacy::connect::dns::Name;
use tower::Service;

use crate::clock::Clock;

/// The part of a connection's time that a lookup gets where there is an old answer: what is left must do for TCP and TLS.
const PART_FOR_LOOKUP: u32 = 4;

/// A resolver with a memory. Bounded by the hosts that are configured: the base URL's and the proxy's.
#[derive(Clone)]
pub(super) struct CachingResolver(Arc<Memory>);

struct Memory {
    keep: Duration,
    /// What a connection may take, lookup included.
    limit: Duration,
    clock: Clock,
    look_up: LookUp,
    known: Mutex<HashMap<String, Entry>>,
}

/// Asks the system for the addresses of a name.
type LookUp = Box<dyn Fn(String) -> BoxFuture<'static, io::Result<Addresses>> + Send + Sync>;
type Addresses = Arc<[SocketAddr]>;

/// What is known of a name.
#[derive(Default)]
struct Entry {
    /// The newest answer, and when it was asked for.
    answer: Option<(Addresses, Duration)>,
    /// The lookup that is under way, or whose answer nobody has seen yet.
    asked: Option<Lookup>,
}

#[derive(Clone)]
struct Lookup {
    since: Duration,
    // An error is shared by all who wait, which `io::Error` cannot be.
    answer: Shared<BoxFuture<'static, Result<Addresses, Arc<io::Error>>>>,
}

impl CachingResolver {
    /// `limit` is what a connection may take, lookup included.
    pub(super) fn new(keep: Duration, limit: Duration, clock: Clock) -> Self {
        Self::with(keep, limit, clock, Box::new(|name| ask_system(name).boxed()))
    }

    fn with(keep: Duration, limit: Duration, clock: Clock, look_up: LookUp) -> Self {
        Self(Arc::new(Memory {
            keep,
            limit,
            clock,
            look_up,
            known: Mutex::default(),
        }))
    }
}

impl Service<Name> for CachingResolver {
    type Response = std::vec::IntoIter<SocketAddr>;
    type Error = io::Error;
    type Future = Pin<Box<dyn Future<Output = io::Result<Self::Response>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, name: Name) -> Self::Future {
        let memory = self.0.clone();
        Box::pin(async move {
            let addresses = memory.resolve(name.as_str()).await?;
            Ok(Vec::from(&*addresses).into_iter())
        })
    }
}

async fn ask_system(name: String) -> io::Result<Addresses> {
    // Port 0: the connector puts in the real one.
    Ok(tokio::net::lookup_host((name, 0)).await?.collect())
}

impl Memory {
    async fn resolve(&self, name: &str) -> io::Result<Addresses> {
        let (old, lookup) = match self.recall(name) {
            Recalled::Fresh(addresses) => return Ok(addresses),
            Recalled::Asked { old, lookup } => (old, lookup),
        };
        let Some(old) = old else {
            let answer = lookup.answer.clone().await;
            return self.learn(name, &lookup, answer);
        };
        // From when it was begun: of the connections that a slow server meets, only the first wait for it.
        let waited = self.clock.elapsed().saturating_sub(lookup.since);
        let patience = (self.limit / PART_FOR_LOOKUP).saturating_sub(waited);
        match self.clock.timeout(patience, lookup.answer.clone()).await {
            Ok(answer) => Ok(self.learn(name, &lookup, answer).unwrap_or(old)),
            Err(_) => Ok(old),
        }
    }

    /// A fresh answer, or the lookup that will bring one: the one that is under way, or a new one.
    fn recall(&self, name: &str) -> Recalled {
        let now = self.clock.elapsed();
        let within = |limit: Duration, since: Duration| now.saturating_sub(since) < limit;
        let mut known = self.known();
        let entry = known.entry(name.to_owned()).or_default();
        let fresh = entry
            .answer
            .as_ref()
            .filter(|(_, since)| within(self.keep, *since));
        if let Some((addresses, _)) = fresh {
            return Recalled::Fresh(addresses.clone());
        }
        // One that was begun longer ago than an answer serves says what was true then.
        let useful = self.keep.max(self.limit);
        let lookup = entry.asked.take().filter(|lookup| within(useful, lookup.since));
        let lookup = lookup.unwrap_or_else(|| Lookup {
            since: now,
            answer: (self.look_up)(name.to_owned())
                .map(|found| found.map_err(Arc::new))
                .boxed()
                .shared(),
        });
        entry.asked = Some(lookup.clone());
        Recalled::Asked {
            old: entry.answer.as_ref().map(|(addresses, _)| addresses.clone()),
            lookup,
        }
    }

    /// Keeps what a lookup brought, and makes room for the next.
    fn learn(
        &self,
        name: &str,
        lookup: &Lookup,
        answer: Result<Addresses, Arc<io::Error>>,
    ) -> io::Result<Addresses> {
        let mut known = self.known();
        let entry = known.entry(name.to_owned()).or_default();
        // Several may have waited for it, and meanwhile another be under way, or have brought its answer.
        entry.asked.take_if(|asked| asked.answer.ptr_eq(&lookup.answer));
        match answer {
            Ok(addresses) => {
                if entry
                    .answer
                    .as_ref()
                    .is_none_or(|(_, since)| *since <= lookup.since)
                {
                    entry.answer = Some((addresses.clone(), lookup.since));
                }
                Ok(addresses)
            }
            Err(error) => Err(io::Error::new(error.kind(), error)),
        }
    }

    fn known(&self) -> MutexGuard<'_, HashMap<String, Entry>> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

enum Recalled {
    Fresh(Addresses),
    Asked { old: Option<Addresses>, lookup: Lookup },
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::ManualClock;
    use jiff::Timestamp;
    use tokio::sync::{mpsc, oneshot};

    const KEEP: Duration = Duration::from_secs(60);
    const LIMIT: Duration = Duration::from_secs(1);

    type Answer = oneshot::Sender<io::Result<Addresses>>;

    /// A resolver whose lookups wait until they are answered.
    fn scripted() -> (CachingResolver, ManualClock, mpsc::UnboundedReceiver<Answer>) {
        let (clock, hand) = Clock::manual(Timestamp::UNIX_EPOCH);
        let (asking, asked) = mpsc::unbounded_channel();
        let look_up = move |_: String| {
            let (answer, answered) = oneshot::channel();
            asking.send(answer).unwrap();
            async move {
                answered
                    .await
                    .unwrap_or_else(|_| Err(io::ErrorKind::NotFound.into()))
            }
            .boxed()
        };
        (
            CachingResolver::with(KEEP, LIMIT, clock, Box::new(look_up)),
            hand,
            asked,
        )
    }

    fn address(last: u8) -> Addresses {
        Arc::new([SocketAddr::from(([192, 0, 2, last], 0))])
    }

    async fn resolve(resolver: &CachingResolver) -> io::Result<Addresses> {
        resolver.0.resolve("llm.example").await
    }

    /// With an answer that has just become too old.
    async fn with_old_answer() -> (CachingResolver, ManualClock, mpsc::UnboundedReceiver<Answer>) {
        let (resolver, hand, mut asked) = scripted();
        let answer = async { asked.recv().await.unwrap().send(Ok(address(1))).unwrap() };
        assert_eq!(tokio::join!(resolve(&resolver), answer).0.unwrap(), address(1));
        hand.advance(KEEP);
        (resolver, hand, asked)
    }

    #[tokio::test]
    async fn a_name_that_is_known_is_not_looked_up() {
        let (resolver, hand, mut asked) = with_old_answer().await;
        let mut again = Box::pin(resolve(&resolver));
        assert!(futures_util::poll!(&mut again).is_pending());
        asked.recv().await.unwrap().send(Ok(address(2))).unwrap();
        assert_eq!(again.await.unwrap(), address(2));
        hand.advance(KEEP - Duration::from_millis(1));
        assert_eq!(resolve(&resolver).await.unwrap(), address(2));
        assert!(asked.is_empty());
    }

    #[tokio::test]
    async fn a_slow_lookup_leaves_a_connection_its_time_and_is_not_lost() {
        let (resolver, hand, mut asked) = with_old_answer().await;
        let (found, ()) = tokio::join!(resolve(&resolver), hand.advance_once_awaited(LIMIT / 4));
        assert_eq!(
            found.unwrap(),
            address(1),
            "the old one, with most of the time left"
        );
        let next = resolve(&resolver).now_or_never().expect("nobody waits again");
        assert_eq!(next.unwrap(), address(1));
        asked.recv().await.unwrap().send(Ok(address(2))).unwrap();
        assert_eq!(
            resolve(&resolver).await.unwrap(),
            address(2),
            "late, and still of use"
        );
        assert!(asked.is_empty(), "one lookup for all of them");
    }

    #[tokio::test]
    async fn a_failed_lookup_leaves_the_old_answer_and_is_made_again() {
        let (resolver, _hand, mut asked) = with_old_answer().await;
        for _ in 0..2 {
            let mut found = Box::pin(resolve(&resolver));
            assert!(futures_util::poll!(&mut found).is_pending());
            drop(asked.recv().await.unwrap());
            assert_eq!(found.await.unwrap(), address(1));
        }
    }

    #[tokio::test]
    async fn a_first_lookup_that_was_given_up_serves_the_next_connection() {
        let (resolver, _hand, mut asked) = scripted();
        assert!(resolve(&resolver).now_or_never().is_none());
        asked.recv().await.unwrap().send(Ok(address(1))).unwrap();
        assert_eq!(resolve(&resolver).await.unwrap(), address(1));
        assert!(asked.is_empty());
        let (resolver, _hand, mut asked) = scripted();
        let mut found = Box::pin(resolve(&resolver));
        assert!(futures_util::poll!(&mut found).is_pending());
        drop(asked.recv().await.unwrap());
        assert_eq!(found.await.unwrap_err().kind(), io::ErrorKind::NotFound);
    }

    #[tokio::test]
    async fn an_answer_that_nobody_saw_in_its_time_is_not_believed() {
        let (resolver, hand, mut asked) = with_old_answer().await;
        assert!(resolve(&resolver).now_or_never().is_none());
        asked.recv().await.unwrap().send(Ok(address(2))).unwrap();
        hand.advance(KEEP);
        let mut found = Box::pin(resolve(&resolver));
        assert!(futures_util::poll!(&mut found).is_pending());
        asked.recv().await.unwrap().send(Ok(address(3))).unwrap();
        assert_eq!(found.await.unwrap(), address(3));
    }

    #[tokio::test]
    async fn the_system_is_asked() {
        let (clock, _hand) = Clock::manual(Timestamp::UNIX_EPOCH);
        let mut resolver = CachingResolver::new(KEEP, LIMIT, clock);
        let found: Vec<_> = resolver
            .call("127.0.0.1".parse().unwrap())
            .await
            .unwrap()
            .collect();
        assert_eq!(found, ["127.0.0.1:0".parse().unwrap()]);
    }
}
