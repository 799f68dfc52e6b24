//! How often: one token bucket per client, for all replicas together where there is a Redis, else per replica.
//!
//! Clients with a key have the key's rate, where it has one. While Redis is away or slow, this replica admits its share: the rate divided
//! by `redis.replicas`. In this process memory is bounded (`buckets.rs`), in Redis by expiry. Time is Redis's there, the service's
//! clock's here.

use std::net::IpAddr;
use std::sync::Arc;

use super::buckets::{Buckets, KeyBuckets};
use super::budget::{Account, Ledger, Unsaved};
use super::fleet::Fleet;
use super::link::{BackendState, BackendStatus};
use super::rate::{Allowance, Rate};
use super::{Client, ClientId};
use crate::clock::Clock;
use crate::config::{Config, InvalidSetting, RateLimitConfig};
use crate::lifecycle::Tasks;
use crate::telemetry::metrics::AdmissionMetrics;

/// Who counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Backend {
    /// Redis, for all replicas.
    Redis,
    /// This replica: no Redis is configured.
    Local,
    /// This replica, its share: Redis is away or slow, or holds something else under this client's name.
    Fallback,
}

impl Backend {
    /// Stable name, for metrics.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Redis => "redis",
            Self::Local => "local",
            Self::Fallback => "fallback",
        }
    }
}

/// What becomes of a request.
#[derive(Debug)]
pub struct Decision {
    /// What the client may still send; `None` when there is no limit.
    pub allowance: Option<Allowance>,
    /// Who said so.
    pub backend: Backend,
    /// The LLM budget of the client's key, where it has one.
    pub account: Option<Account>,
}

/// See the module.
#[derive(Debug)]
pub struct Limiter {
    config: RateLimitConfig,
    addresses: Buckets<IpAddr>,
    keys: KeyBuckets,
    replicas: u32,
    fleet: Option<Fleet>,
    ledger: Arc<Ledger>,
    started: jiff::Timestamp,
    clock: Clock,
}

impl Limiter {
    /// From a validated configuration; connects to nothing yet.
    ///
    /// # Errors
    /// [`InvalidSetting`] when `redis.url` cannot be used.
    pub fn new(config: &Config, clock: Clock, metrics: &AdmissionMetrics) -> Result<Self, InvalidSetting> {
        let fleet = Fleet::new(&config.redis, clock.clone(), metrics.clone())?;
        if fleet.is_none() {
            metrics.backend_up("local", true);
        }
        let replicas = if fleet.is_some() { config.redis.replicas } else { 1 };
        let limit = config.rate_limit.clone();
        let share = Rate::per_minute(limit.per_minute, limit.burst).share_of(replicas);
        Ok(Self {
            addresses: Buckets::new(share, limit.max_clients, clock.clone()),
            keys: KeyBuckets::new(clock.clone()),
            replicas,
            ledger: Arc::new(Ledger::new(fleet.is_some(), clock.clone(), metrics.clone())),
            fleet,
            config: limit,
            started: clock.now(),
            clock,
        })
    }

    /// Connects to Redis, where one is configured, and starts the tasks that keep in touch with it. Fails in no way: a Redis that is
    /// not there is retried.
    pub async fn start(&self, tasks: &Tasks) {
        let Some(fleet) = &self.fleet else { return };
        fleet.connect_first().await;
        tasks.spawn(fleet.clone().keep_connected(tasks.stopping().clone()));
        let ledger = self.ledger.clone();
        tasks.spawn(ledger.save(fleet.clone(), tasks.stopping().clone()));
    }

    /// What the last save of the budgets has to add, where they are shared.
    #[must_use]
    pub fn unsaved(&self) -> Option<Unsaved> {
        let fleet = self.fleet.as_ref()?;
        Some(Unsaved::new(&self.ledger, fleet))
    }

    /// Takes one token from the client's bucket, where there is one, and looks at the budget of its key.
    pub async fn check(&self, client: &Client) -> Decision {
        let rate = self.config.enabled.then(|| self.rate(client));
        let budgeted = client.key.as_ref().filter(|key| key.budget.is_some());
        if let Some(fleet) = &self.fleet
            && (rate.is_some() || budgeted.is_some())
            && let Some(taken) = fleet
                .take(&client.id, rate, super::spending::day_of(self.clock.now()))
                .await
        {
            return Decision {
                allowance: taken.allowance,
                backend: Backend::Redis,
                account: budgeted.and_then(|key| self.ledger.account(key, Some(taken.spent))),
            };
        }
        Decision {
            allowance: rate.map(|rate| self.take_here(client, rate)),
            backend: match self.fleet {
                Some(_) => Backend::Fallback,
                None => Backend::Local,
            },
            account: budgeted.and_then(|key| self.ledger.account(key, None)),
        }
    }

    /// How the shared limits are. Asks Redis, where there is one.
    pub async fn backend(&self) -> BackendStatus {
        match &self.fleet {
            Some(fleet) => fleet.status().await,
            None => BackendStatus {
                state: BackendState::Off,
                latency: None,
                since: self.started,
                cause: None,
            },
        }
    }

    fn rate(&self, client: &Client) -> Rate {
        match &client.key {
            Some(key) => key.rate(&self.config),
            None => Rate::per_minute(self.config.per_minute, self.config.burst),
        }
    }

    fn take_here(&self, client: &Client, rate: Rate) -> Allowance {
        match &client.id {
            ClientId::Key(id) => self.keys.take(id, rate.share_of(self.replicas)),
            ClientId::Address(address) => self.addresses.take(address),
        }
    }
}
