//! The buckets that all replicas share, in Redis or Valkey.
//!
//! One script takes a token (GCRA) and reads what the key's LLM budget has spent: atomic, on Redis's own time, in one round trip on one
//! pipelined connection. Names hold a hash of the client, never its address or secret, and every name expires: a bucket when it would
//! be full again, a day's budget after two days.
//!
//! It never fails a request. When Redis does not answer within `redis.timeout_ms`, or answers with an error, [`Fleet::take`] says so by
//! `None` and the replica decides alone. After an error, or after [`LATE_IN_A_ROW`](super::link::LATE_IN_A_ROW) answers that were late,
//! Redis counts as down: the following requests do not ask, until the task in the background has got it back on a new connection (a
//! connection that hangs heals itself no other way). Each change is logged once.
//!
//! A name of ours that holds something else (a list, a word) is the trouble of the client it belongs to: this replica counts for that client
//! alone, and Redis stays up for all others.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};
use std::time::Duration;

use jiff::civil::Date;
use redis::aio::MultiplexedConnection;
use redis::{AsyncConnectionConfig, RedisError, Script, TlsCertificates};
use ring::digest;
use secrecy::ExposeSecret as _;
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;
use tracing::{info, warn};

use super::ClientId;
use super::link::{BackendStatus, Link};
use super::rate::{Allowance, Rate};
use super::spending::{Spent, day_of};
use crate::clock::Clock;
use crate::config::{InvalidSetting, RedisConfig};
use crate::telemetry::metrics::AdmissionMetrics;

/// Takes a token and reads the budget; says itself what goes in and what comes out.
const TAKE: &str = include_str!("take.lua");
/// How long a connection may take to be made, TLS and login included: a background matter, so longer than a request would wait.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(1);
/// Commands that may wait for the connection: as many as requests that are worked on by default.
const PIPELINE: usize = 1024;
/// How often a value that is not ours is told: its client meets it with every request.
const TELL_VALUE_EVERY: Duration = Duration::from_secs(60);
/// How long a day's budget is kept: until every replica's clock agrees that the day is over.
const KEEP_BUDGET_S: i64 = 48 * 60 * 60;

/// What Redis said about one request.
#[derive(Debug)]
pub(super) struct Taken {
    /// The limit's word; `None` where there is no limit.
    pub(super) allowance: Option<Allowance>,
    /// What the LLM used for this client today.
    pub(super) spent: Spent,
}

/// What became of an amount that was to be added to a budget.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Saved {
    /// Redis has it.
    Yes,
    /// Redis did not say that it does.
    No,
    /// This budget's name holds something else; others' are well.
    Unusable,
}

/// See the module. Clones share one connection.
#[derive(Debug, Clone)]
pub(super) struct Fleet(Arc<Shared>);

struct Shared {
    client: redis::Client,
    connecting: AsyncConnectionConfig,
    take: Script,
    prefix: String,
    timeout: Duration,
    retry: Duration,
    link: RwLock<Link<MultiplexedConnection>>,
    lost: Notify,
    /// Nanoseconds of the last answer; 0 before the first.
    latency: AtomicU64,
    /// When Redis answered last, in nanoseconds of the clock's elapsed time.
    answered: AtomicU64,
    /// When a value that is not ours was told last, in the clock's elapsed time.
    value_told: Mutex<Option<Duration>>,
    clock: Clock,
    metrics: AdmissionMetrics,
}

impl std::fmt::Debug for Shared {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Redis(..)")
    }
}

/// Why Redis could not be asked.
enum Trouble {
    Slow,
    /// What stands under one client's name is not what we put there.
    Value(RedisError),
    Error(RedisError),
}

impl From<RedisError> for Trouble {
    fn from(error: RedisError) -> Self {
        // The script says WRONGTYPE of what is no number, too; of a hash's field Redis has no code that says it.
        let about_value = error.clone().into_server_errors().is_some_and(|errors| {
            errors.iter().any(|(_, error)| {
                error.code() == "WRONGTYPE"
                    || error
                        .details()
                        .is_some_and(|detail| detail.contains("not an integer"))
            })
        });
        match about_value {
            true => Self::Value(error),
            false => Self::Error(error),
        }
    }
}

impl Trouble {
    fn cause(&self) -> &'static str {
        match self {
            Self::Slow => "slow",
            Self::Error(error) if error.is_io_error() || error.is_connection_dropped() => "unreachable",
            Self::Value(_) | Self::Error(_) => "refused",
        }
    }
}

impl Fleet {
    /// `None` when no Redis is configured.
    ///
    /// # Errors
    /// [`InvalidSetting`] when the URL cannot be used.
    pub(super) fn new(
        config: &RedisConfig,
        clock: Clock,
        metrics: AdmissionMetrics,
    ) -> Result<Option<Self>, InvalidSetting> {
        let Some(url) = &config.url else { return Ok(None) };
        // For rediss://: the redis crate takes the process's provider. Somebody may have installed it before.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let client = match &config.ca_file {
            None => redis::Client::open(url.expose_secret()),
            Some(path) => {
                let pem = std::fs::read(path).map_err(|error| {
                    let problem = format!("names a file that cannot be read: {}: {error}", path.display());
                    InvalidSetting::new("redis.ca_file", problem)
                })?;
                let certificates = TlsCertificates {
                    client_tls: None,
                    root_cert: Some(pem),
                };
                redis::Client::build_with_tls(url.expose_secret(), certificates)
            }
        };
        // Not the cause's own words: they may repeat the URL.
        let client = client.map_err(|_| match config.ca_file {
            None => InvalidSetting::new("redis.url", "cannot be used as a Redis URL (REDIS_URL)"),
            Some(_) => InvalidSetting::new(
                "redis.ca_file",
                "must hold PEM certificates, and redis.url must begin with rediss:// or valkeys://",
            ),
        })?;
        Ok(Some(Self(Arc::new(Shared {
            client,
            connecting: AsyncConnectionConfig::new()
                .set_connection_timeout(Some(CONNECT_TIMEOUT))
                // The limit that counts is ours, on the service's clock.
                .set_response_timeout(None)
                .set_pipeline_buffer_size(PIPELINE),
            take: Script::new(TAKE),
            prefix: config.prefix.clone(),
            timeout: config.timeout(),
            retry: config.retry(),
            link: RwLock::new(Link::new(clock.now())),
            lost: Notify::new(),
            latency: AtomicU64::new(0),
            answered: AtomicU64::new(0),
            value_told: Mutex::default(),
            clock,
            metrics,
        }))))
    }

    /// Connects, and says in the log how that went. A service whose Redis is away starts all the same.
    pub(super) async fn connect_first(&self) {
        if let Err(trouble) = self.connect().await {
            self.0.goes_down(0, &trouble);
        }
    }

    /// Gets Redis back whenever it is lost, until told to stop.
    pub(super) async fn keep_connected(self, stopping: CancellationToken) {
        let work = async {
            loop {
                while self.0.link().is_up() {
                    self.0.lost.notified().await;
                }
                self.0.clock.sleep(self.0.retry).await;
                // A failure was logged when the connection was lost; nothing has changed since.
                let _ = self.connect().await;
            }
        };
        tokio::select! {
            () = work => {}
            () = stopping.cancelled() => {}
        }
    }

    /// Takes a token for this client, and reads its budget of this day. `None` when Redis does not answer in time, or cannot for this client.
    pub(super) async fn take(&self, client: &ClientId, rate: Option<Rate>, day: Date) -> Option<Taken> {
        let shared = &*self.0;
        let (mut connection, generation) = shared.link().connection()?;
        let name = hash_of(client);
        let started = shared.clock.elapsed();
        match shared.ask(&mut connection, &name, rate, day).await {
            Ok(taken) => Some(taken),
            Err(trouble) => {
                shared.failed(generation, started, &trouble);
                None
            }
        }
    }

    /// Adds to what the LLM used for this client on this day.
    pub(super) async fn spend(&self, client: &ClientId, day: Date, spent: Spent) -> Saved {
        let shared = &*self.0;
        let Some((mut connection, generation)) = shared.link().connection() else {
            return Saved::No;
        };
        let name = shared.budget_name(&hash_of(client), day);
        let mut pipeline = redis::pipe();
        pipeline.atomic();
        for (field, amount) in [("tokens", spent.tokens), ("micros", spent.micros)] {
            pipeline.cmd("HINCRBY").arg(&name).arg(field).arg(amount).ignore();
        }
        pipeline.cmd("EXPIRE").arg(&name).arg(KEEP_BUDGET_S).ignore();
        let started = shared.clock.elapsed();
        let answer = pipeline.query_async::<()>(&mut connection);
        let trouble = match shared.clock.timeout(shared.timeout, answer).await {
            Ok(Ok(())) => return Saved::Yes,
            Ok(Err(error)) => Trouble::from(error),
            Err(_) => Trouble::Slow,
        };
        shared.failed(generation, started, &trouble);
        match trouble {
            Trouble::Value(_) => Saved::Unusable,
            Trouble::Slow | Trouble::Error(_) => Saved::No,
        }
    }

    /// Asks Redis, if it was there last, and says how it is.
    pub(super) async fn status(&self) -> BackendStatus {
        let shared = &*self.0;
        let connection = shared.link().connection();
        if let Some((mut connection, generation)) = connection {
            let started = shared.clock.elapsed();
            let answer = shared.ask(&mut connection, PROBE, None, shared.today()).await;
            if let Err(trouble) = answer {
                shared.failed(generation, started, &trouble);
            }
        }
        let latency = shared.latency.load(Ordering::Relaxed);
        let latency = (latency > 0).then(|| Duration::from_nanos(latency));
        shared.link().status(latency)
    }

    /// Time between two tries to get Redis back.
    pub(super) fn retry(&self) -> Duration {
        self.0.retry
    }

    /// Makes a connection and takes a token from a bucket of our own: what cannot do that is no use, whatever it says to PING.
    async fn connect(&self) -> Result<(), Trouble> {
        let shared = &*self.0;
        let connection = shared
            .client
            .get_multiplexed_async_connection_with_config(&shared.connecting)
            .await;
        let mut connection = connection.map_err(Trouble::Error)?;
        let rate = Some(Rate::per_minute(6_000, 6_000));
        match shared.ask(&mut connection, PROBE, rate, shared.today()).await {
            Ok(_) => {}
            // It ran the script: what stands under the probe's name is nobody else's trouble.
            Err(Trouble::Value(error)) => shared.tell_value(&error),
            Err(trouble) => return Err(trouble),
        }
        shared.came_up(connection);
        Ok(())
    }
}

/// Stands where the hash of a client stands: no hash has this length.
const PROBE: &str = "probe";

/// The first half of SHA-256: enough to tell clients apart, and nothing that can be read.
fn hash_of(client: &ClientId) -> String {
    let text = match client {
        ClientId::Key(id) => format!("key:{id}"),
        ClientId::Address(address) => format!("address:{address}"),
    };
    let hash = digest::digest(&digest::SHA256, text.as_bytes());
    hex::encode(&hash.as_ref()[..16])
}

impl Shared {
    fn link(&self) -> RwLockReadGuard<'_, Link<MultiplexedConnection>> {
        self.link.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn link_to_change(&self) -> RwLockWriteGuard<'_, Link<MultiplexedConnection>> {
        self.link.write().unwrap_or_else(PoisonError::into_inner)
    }

    fn today(&self) -> Date {
        day_of(self.clock.now())
    }

    /// The braces keep a client's names on one node of a cluster.
    fn budget_name(&self, hash: &str, day: Date) -> String {
        format!("{}:budget:{{{hash}}}:{day}", self.prefix)
    }

    async fn ask(
        &self,
        connection: &mut MultiplexedConnection,
        hash: &str,
        rate: Option<Rate>,
        day: Date,
    ) -> Result<Taken, Trouble> {
        let started = self.clock.elapsed();
        let (interval, burst) = rate.map_or((0.0, 0), |rate| {
            (rate.interval.as_secs_f64() * 1e6, rate.burst.get())
        });
        let mut call = self.take.key(format!("{}:limit:{{{hash}}}", self.prefix));
        call.key(self.budget_name(hash, day)).arg(interval).arg(burst);
        let answer = call.invoke_async::<(bool, u32, u64, u64, u64)>(connection);
        let (admitted, remaining, micros, tokens_spent, micros_spent) = self
            .clock
            .timeout(self.timeout, answer)
            .await
            .map_err(|_| Trouble::Slow)??;
        let now = self.clock.elapsed();
        let took = now.saturating_sub(started);
        self.latency
            .store((took.as_nanos() as u64).max(1), Ordering::Relaxed);
        self.answered.store(now.as_nanos() as u64, Ordering::Relaxed);
        let wait = Duration::from_micros(micros);
        Ok(Taken {
            allowance: rate.map(|rate| match admitted {
                true => Allowance::admitted(rate, remaining),
                false => Allowance::refused(rate, wait),
            }),
            spent: Spent {
                tokens: tokens_spent,
                micros: micros_spent,
            },
        })
    }

    fn came_up(&self, connection: MultiplexedConnection) {
        self.link_to_change().goes_up(connection, self.clock.now());
        self.metrics.backend_up("redis", true);
        info!("rate limits and budgets are counted in Redis, for all replicas together");
    }

    /// What was asked at `asked` on connection number `generation` had no good answer.
    fn failed(&self, generation: u64, asked: Duration, trouble: &Trouble) {
        if let Trouble::Value(error) = trouble {
            return self.tell_value(error);
        }
        if matches!(trouble, Trouble::Slow) {
            let answered = Duration::from_nanos(self.answered.load(Ordering::Relaxed));
            let now = self.clock.elapsed();
            if !self
                .link_to_change()
                .is_too_late(generation, asked, answered, now)
            {
                return;
            }
        }
        self.goes_down(generation, trouble);
    }

    /// Without the name, which tells two clients apart but is made of an address.
    fn tell_value(&self, error: &RedisError) {
        let now = self.clock.elapsed();
        let mut told = self.value_told.lock().unwrap_or_else(PoisonError::into_inner);
        if told.is_some_and(|told| now.saturating_sub(told) < TELL_VALUE_EVERY) {
            return;
        }
        *told = Some(now);
        warn!(
            %error,
            "a name of ours in Redis holds something else: its client's limit or budget is counted per replica"
        );
    }

    /// Connection number `generation` is no use (any more).
    fn goes_down(&self, generation: u64, trouble: &Trouble) {
        let cause = trouble.cause();
        if !self
            .link_to_change()
            .goes_down(generation, cause, self.clock.now())
        {
            return;
        }
        self.metrics.backend_up("redis", false);
        match trouble {
            Trouble::Slow => warn!(
                cause,
                timeout_ms = self.timeout.as_millis() as u64,
                "Redis is slow: every replica admits its share of the rate limits until it is back"
            ),
            Trouble::Value(error) | Trouble::Error(error) => warn!(
                cause,
                %error,
                "Redis is away: every replica admits its share of the rate limits until it is back"
            ),
        }
        self.lost.notify_one();
    }
}
