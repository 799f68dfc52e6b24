//! Delivers what the outbox holds: lease, run, acknowledge.
//!
//! Each target (`ticketing`, `compliance`) has a worker of its own with its own concurrency and breaker, so a dead system
//! holds nobody else back. Many replicas share one outbox. A try that fails for the time being comes back after an
//! exponential delay with jitter, or when the system asked for, within an hour; one that can never succeed, or that failed `max_tries` times, is
//! dead: visible, replayable, audited. At shutdown a worker finishes what it holds and leases nothing more; what a killed one held
//! comes back when its lease ends, under the same key; so does what one held whose round panicked, which goes on.
//!
//! [`Worker::round`] is all a worker does, once; [`Worker::run`] repeats it. Tests step rounds. [`sla_clock`] announces
//! due times, [`upkeep`] tidies the store up; [`Breaker`] decides whether a target is called at all.

mod observer;
pub mod sla_clock;
mod survive;
pub mod upkeep;

use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::sync::Arc;
use std::time::Duration;

use futures_util::StreamExt as _;
use futures_util::stream::FuturesUnordered;
use tokio_util::sync::CancellationToken;

use crate::breaker_state::BreakerState;
use crate::clock::Clock;
use crate::config::{Config, DeliveryConfig, InvalidSetting};
use crate::integrations::breaker::Breaker;
use crate::integrations::error::CallError;
use crate::integrations::event::{EVENT_VERSION, Event, EventRecord, EventType};
use crate::integrations::http_client::HttpClient;
use crate::integrations::outbound::OutsideSystem;
use crate::lifecycle::Tasks;
use crate::store::{
    BREACH_NOTICE, COMPLIANCE, CREATE, LeasedJob, RecordRow, Routes, Settlement, Store, StoreError, TICKETING,
};
use crate::telemetry::traces::{self, Root, Traces};
pub use observer::{DeliveryObserver, Unobserved};
use survive::survive;

/// Longest that a job waits because its system asked for it: a wrong header, or one of a system that is back meanwhile, must not keep a report
/// from it for a day.
const LONGEST_ASKED: Duration = Duration::from_secs(60 * 60);

/// The configured outside systems, checked before anything starts.
#[derive(Debug)]
pub struct Targets {
    ticketing: Option<OutsideSystem>,
    compliance: Option<OutsideSystem>,
    traces: Traces,
}

impl Targets {
    /// From a validated configuration.
    ///
    /// # Errors
    /// [`InvalidSetting`] when something a system needs is missing.
    pub fn new(config: &Config, clock: &Clock) -> Result<Self, InvalidSetting> {
        let ca_file = config.delivery.ca_file.as_deref();
        let http = HttpClient::trusting(clock.clone(), config.delivery.timeout(), ca_file)
            .map_err(|error| InvalidSetting::caused_by("delivery.ca_file", &error))?;
        Ok(Self {
            ticketing: OutsideSystem::ticketing(&config.ticketing, &http)?,
            compliance: OutsideSystem::compliance(&config.compliance, &http)?,
            traces: Traces::default(),
        })
    }

    /// With spans for what is delivered.
    #[must_use]
    pub fn with_traces(self, traces: Traces) -> Self {
        Self { traces, ..self }
    }

    /// Where records lead.
    #[must_use]
    pub fn routes(&self) -> Routes {
        Routes {
            ticketing: self.ticketing.is_some(),
            compliance: self.compliance.is_some(),
        }
    }

    /// Starts a worker for each system. They end when the tasks are told to stop.
    pub fn start(
        self,
        store: &Store,
        clock: &Clock,
        config: &DeliveryConfig,
        observer: &Arc<dyn DeliveryObserver>,
        tasks: &Tasks,
    ) {
        for (target, system) in [(TICKETING, self.ticketing), (COMPLIANCE, self.compliance)] {
            if let Some(system) = system {
                let (store, clock, observer) = (store.clone(), clock.clone(), observer.clone());
                let worker = Worker::new(target, system, store, clock, config, observer)
                    .with_traces(self.traces.clone());
                tasks.spawn(worker.run(tasks.stopping().clone()));
            }
        }
    }
}

/// What a round did.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Round {
    /// Delivered and acknowledged.
    pub done: u32,
    /// To be tried again.
    pub retried: u32,
    /// Given up.
    pub dead: u32,
    /// Ran, but the lease was lost meanwhile: somebody else settles it.
    pub lost: u32,
}

/// Delivers the jobs of one target.
pub struct Worker {
    target: &'static str,
    system: Arc<OutsideSystem>,
    store: Store,
    clock: Clock,
    config: DeliveryConfig,
    breaker: Breaker,
    observer: Arc<dyn DeliveryObserver>,
    traces: Traces,
}

impl std::fmt::Debug for Worker {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Worker({}, {:?})", self.target, self.breaker)
    }
}

impl Worker {
    /// A worker that hands the jobs of `target` to `system`.
    #[must_use]
    pub fn new(
        target: &'static str,
        system: OutsideSystem,
        store: Store,
        clock: Clock,
        config: &DeliveryConfig,
        observer: Arc<dyn DeliveryObserver>,
    ) -> Self {
        Self {
            target,
            system: Arc::new(system),
            store,
            clock,
            config: config.clone(),
            breaker: Breaker::new(config.breaker_failures, config.breaker_open()),
            observer,
            traces: Traces::default(),
        }
    }

    /// With a span for each try.
    #[must_use]
    pub fn with_traces(self, traces: Traces) -> Self {
        Self { traces, ..self }
    }

    /// The breaker's state.
    #[must_use]
    pub fn breaker(&self) -> BreakerState {
        self.breaker.state(self.clock.elapsed())
    }

    /// Works until `stopping`: rounds while there is work, then waits for a commit or the next poll.
    pub async fn run(mut self, stopping: CancellationToken) {
        while !stopping.is_cancelled() {
            // Asked for before the round, so that a job committed during its last lease is not waited for.
            let store = self.store.clone();
            let committed = store.jobs_committed();
            tokio::pin!(committed);
            if let Some(Err(error)) = survive(self.target, self.round(&stopping)).await {
                tracing::warn!(
                    target_system = self.target,
                    code = error.code(),
                    "the outbox could not be read or written; trying again"
                );
            }
            tokio::select! {
                () = committed => {}
                () = self.clock.sleep(self.config.poll()) => {}
                () = stopping.cancelled() => {}
            }
        }
    }

    /// Leases and runs jobs until none is due, the breaker refuses or `stopping`, and waits for those that run.
    ///
    /// # Errors
    /// [`StoreError`] when the outbox cannot be reached. What ran meanwhile comes back when its lease ends.
    pub async fn round(&mut self, stopping: &CancellationToken) -> Result<Round, StoreError> {
        let mut round = Round::default();
        let (system, store, clock) = (self.system.clone(), self.store.clone(), self.clock.clone());
        let (limit, traces) = (self.config.timeout(), self.traces.clone());
        let (watched, poll) = (self.store.clone(), self.config.poll());
        // Asked for before the first lease, so that a job committed during it is not waited for.
        let mut committed = std::pin::pin!(watched.jobs_committed());
        let mut running = FuturesUnordered::new();
        // False once a lease came back empty; true again when a job ended, because its record's next one may be due, or came.
        let mut more = true;
        let mut failed = None;
        loop {
            let permits = self
                .breaker
                .permits(self.clock.elapsed(), self.config.concurrency);
            let free = permits.saturating_sub(u32::try_from(running.len()).unwrap_or(u32::MAX));
            if more && free > 0 && failed.is_none() && !stopping.is_cancelled() {
                match self
                    .store
                    .lease_jobs(self.target, free, self.config.lease())
                    .await
                {
                    Ok(jobs) => {
                        more = jobs.len() == free as usize;
                        for job in jobs {
                            if job.tries > self.config.max_tries {
                                // Its last try ended with its worker, or with the lease: one more could do the same.
                                let error = CallError::NothingToSend {
                                    code: "tries_exhausted",
                                };
                                let settled = self.settle(&mut round, job, Err(error), None).await;
                                failed = settled.err().or(failed);
                                continue;
                            }
                            let root = traces.delivery();
                            running.push(try_job(&system, &store, &clock, limit, job, root));
                        }
                    }
                    Err(error) => failed = Some(error),
                }
            }
            if running.is_empty() {
                break;
            }
            // One that takes long must not hold up those that come meanwhile.
            let takes_more = failed.is_none() && !stopping.is_cancelled();
            let (job, tried, took) = tokio::select! {
                biased;
                Some(tried) = running.next() => tried,
                () = committed.as_mut(), if takes_more => {
                    committed.set(watched.jobs_committed());
                    more = true;
                    continue;
                }
                () = clock.sleep(poll), if takes_more => {
                    more = true;
                    continue;
                }
            };
            match tried {
                Ok(result) => {
                    let before = self.breaker.state(self.clock.elapsed());
                    self.note(&job, &result);
                    let after = self.breaker.state(self.clock.elapsed());
                    if before != after {
                        self.observer.breaker(self.target, after);
                    }
                    more |= result.is_ok();
                    if let Err(error) = self.settle(&mut round, job, result, Some(took)).await {
                        failed = Some(error);
                    }
                }
                Err(error) => failed = Some(error),
            }
        }
        failed.map_or(Ok(round), Err)
    }

    /// Tells the breaker how a try ended. A system that refuses an event is well. One that asks for time gets it from all
    /// its jobs.
    fn note(&mut self, job: &LeasedJob, result: &Result<String, CallError>) {
        let now = self.clock.elapsed();
        match result {
            Ok(_) | Err(CallError::GiveUp { .. }) => self.breaker.succeeded(),
            Err(CallError::NothingToSend { .. }) => {}
            Err(CallError::Retry { retry_after, .. }) => self.breaker.failed(now, *retry_after),
            Err(error @ CallError::Reconfigure { .. }) => {
                if self.breaker.state(now) == BreakerState::Closed {
                    tracing::error!(
                        target_system = self.target,
                        code = error.code(),
                        job = job.key,
                        "the outside system refuses the address or the credentials: check its settings"
                    );
                }
                self.breaker.trip(now);
            }
        }
    }

    /// Writes down how a job went. `took`: its try, where there was one.
    async fn settle(
        &self,
        round: &mut Round,
        job: LeasedJob,
        result: Result<String, CallError>,
        took: Option<Duration>,
    ) -> Result<(), StoreError> {
        let (settlement, outcome) = match result {
            Ok(outcome) => (Settlement::Done { outcome }, "done"),
            Err(error) => {
                let code = error.code().to_owned();
                let hopeless = matches!(error, CallError::GiveUp { .. } | CallError::NothingToSend { .. })
                    || job.tries >= self.config.max_tries;
                let wanted = error.retry_after();
                match hopeless {
                    true => (Settlement::Dead { error: code }, "dead"),
                    false => {
                        let wanted = wanted.unwrap_or_default().min(LONGEST_ASKED);
                        let after = backoff(&self.config, &job).max(wanted);
                        (Settlement::Retry { after, error: code }, "retry")
                    }
                }
            }
        };
        let tell = || {
            if let Some(took) = took {
                self.observer.tried(self.target, outcome, took);
            }
        };
        let gives_up = outcome == "dead";
        // What was sent was sent, whatever becomes of the note. Given up is only what is so on disk, by whoever holds it.
        if !gives_up {
            tell();
        }
        let held = self.store.settle(&job, settlement).await?;
        if gives_up && held {
            tell();
            tracing::error!(
                target_system = self.target,
                job = job.key,
                tries = job.tries,
                "a delivery was given up"
            );
        }
        match (held, outcome) {
            (false, _) => round.lost += 1,
            (true, "done") => round.done += 1,
            (true, "dead") => round.dead += 1,
            (true, _) => round.retried += 1,
        }
        Ok(())
    }
}

type Tried = (LeasedJob, Result<Result<String, CallError>, StoreError>, Duration);

/// One try. The outer error: the store could not be asked for the record.
async fn try_job(
    system: &OutsideSystem,
    store: &Store,
    clock: &Clock,
    limit: Duration,
    job: LeasedJob,
    root: Option<Root>,
) -> Tried {
    let began = clock.elapsed();
    let result = match store.record_to_deliver(&job.reference).await {
        Err(error) => Err(error),
        Ok(record) => Ok(match event(&job, record) {
            None => Err(CallError::NothingToSend {
                code: "no_such_event",
            }),
            Some(event) => traces::within(root.as_ref(), clock.timeout(limit, system.deliver(&event)))
                .await
                .unwrap_or_else(|_| Err(CallError::retry("timeout"))),
        }),
    };
    if let Some(root) = root {
        describe(&root, &job, &result);
    }
    (job, result, clock.elapsed().saturating_sub(began))
}

/// What the span of a try says.
fn describe(root: &Root, job: &LeasedJob, result: &Result<Result<String, CallError>, StoreError>) {
    if !root.is_recording() {
        return;
    }
    root.rename(format!("deliver {}", job.target));
    root.set("switchboard.target", job.target.clone());
    root.set("switchboard.record.reference", job.reference.clone());
    root.set("switchboard.job.key", job.key.clone());
    root.set("switchboard.job.try", i64::from(job.tries));
    match result {
        Ok(Ok(_)) => {}
        Ok(Err(error)) => root.fail(error.code().to_owned()),
        Err(error) => root.fail(error.code()),
    }
}

/// What the outside system is told; `None` for a job that this version does not know.
fn event(job: &LeasedJob, record: Option<RecordRow>) -> Option<Event> {
    let record = record?;
    let event_type = match job.kind.as_str() {
        CREATE => EventType::Created,
        BREACH_NOTICE => EventType::SlaBreached,
        _ => return None,
    };
    let mut details = record.details;
    if let (Some(details), false) = (details.as_object_mut(), record.linked_reports.is_empty()) {
        details.insert("linked_reports".to_owned(), record.linked_reports.into());
    }
    Some(Event {
        version: EVENT_VERSION,
        key: job.key.clone(),
        event_type,
        maybe_sent: job.maybe_sent,
        record: EventRecord {
            reference: record.reference,
            kind: record.kind.as_str(),
            queue: record.queue,
            category: record.category,
            severity: record.severity,
            intent: record.intent,
            channel: record.channel,
            received_at: record.received_at,
            due_at: record.due_at,
            summary: record.summary,
            text: record.redacted_text,
            details,
        },
    })
}

/// Exponential with "equal jitter": between half of base * 2^(tries - 1) and all of it, at most the maximum. The jitter is a hash of the job's
/// key and try: jobs that failed together come back spread out, and a test knows when.
fn backoff(config: &DeliveryConfig, job: &LeasedJob) -> Duration {
    let doubled = config
        .backoff_base_ms
        .saturating_mul(1 << (job.tries - 1).min(32));
    let whole = doubled.min(config.backoff_max_ms);
    let mut hasher = DefaultHasher::new();
    (&job.key, job.tries).hash(&mut hasher);
    let half = whole / 2;
    Duration::from_millis(half + hasher.finish() % (whole - half + 1))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn job(key: &str, tries: u32) -> LeasedJob {
        LeasedJob {
            id: 1,
            key: key.to_owned(),
            reference: "C-1".to_owned(),
            target: TICKETING.to_owned(),
            kind: CREATE.to_owned(),
            tries,
            maybe_sent: tries > 1,
            lease: String::new(),
        }
    }

    #[test]
    fn delays_double_up_to_the_maximum_and_spread_over_half_of_it() {
        let config = DeliveryConfig::default();
        for (tries, whole) in [
            (1, 1_000),
            (2, 2_000),
            (5, 16_000),
            (10, 512_000),
            (11, 600_000),
            (99, 600_000),
        ] {
            let delays: std::collections::BTreeSet<u128> = (0..50)
                .map(|n| backoff(&config, &job(&n.to_string(), tries)).as_millis())
                .collect();
            assert!(
                delays.iter().all(|delay| (whole / 2..=whole).contains(delay)),
                "{tries}: {delays:?}"
            );
            assert!(delays.len() > 40, "{tries}: {delays:?}");
        }
        // Those that met once do not meet at every try.
        let delay = |n: u32, tries| backoff(&config, &job(&n.to_string(), tries));
        assert!((0..50).filter(|n| delay(*n, 98) != delay(*n, 99)).count() > 40);
    }
}
