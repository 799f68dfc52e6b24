//! What the LLM may use for one API key in a day, and what it has used.
//!
//! Each replica counts what it spends. Where there is a Redis, a task adds that to the key's sum of the day there, and every request reads
//! the sum in the round trip that it makes anyway; while Redis is away, a replica knows the last sum and what it spent since, and adds
//! the rest when Redis is back. A sum that was not confirmed is added again: a budget may end a few messages early, never late for
//! that reason. What is under way when a budget ends is still spent, so it may be passed by as many messages as run at once.
//!
//! Days are UTC. A key over its budget is no reason to refuse anything: the local model answers.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use jiff::civil::Date;
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;
use tracing::warn;

use super::ClientId;
use super::fleet::{Fleet, Saved};
use super::key::{Key, micros};
use super::spending::{Spent, day_of};
use crate::clock::Clock;
use crate::telemetry::metrics::AdmissionMetrics;

/// One key's day, as this replica knows it.
#[derive(Debug, Clone, Copy)]
struct Day {
    date: Date,
    /// All that is known to be spent, here and elsewhere.
    known: Spent,
    /// The part of it that Redis does not have yet.
    unsaved: Spent,
    /// Whether the log was told that the budget is used up.
    told: bool,
}

/// What every key with a budget spends. Bounded by the number of keys.
#[derive(Debug)]
pub(super) struct Ledger {
    days: Mutex<HashMap<Arc<str>, Day>>,
    unsaved: Notify,
    shared: bool,
    clock: Clock,
    metrics: AdmissionMetrics,
}

impl Ledger {
    /// `shared`: whether [`Ledger::save`] will run.
    pub(super) fn new(shared: bool, clock: Clock, metrics: AdmissionMetrics) -> Self {
        Self {
            days: Mutex::default(),
            unsaved: Notify::new(),
            shared,
            clock,
            metrics,
        }
    }

    /// The account of this key for one request. `sum` is what Redis knows to be spent today.
    pub(super) fn account(self: &Arc<Self>, key: &Arc<Key>, sum: Option<Spent>) -> Option<Account> {
        let budget = key.budget?;
        let exhausted = self.on(&key.id, |day| {
            if let Some(sum) = sum {
                // A Redis that was emptied knows less than we do.
                day.known = day.known.max(sum.plus(day.unsaved));
            }
            let exhausted = day.known.reaches(budget);
            let first = exhausted && !day.told;
            day.told |= exhausted;
            if first {
                warn!(
                    client_id = &*key.id,
                    "the daily LLM budget of an API key is used up"
                );
            }
            exhausted
        });
        Some(Account {
            ledger: self.clone(),
            key: key.id.clone(),
            exhausted,
        })
    }

    fn spend(&self, key: &Arc<str>, spent: Spent) {
        self.on(key, |day| {
            day.known = day.known.plus(spent);
            if self.shared {
                day.unsaved = day.unsaved.plus(spent);
            }
        });
        if self.shared {
            self.unsaved.notify_one();
        }
    }

    /// Adds what is spent here to the sums in Redis, until told to stop. Requests that are in flight then spend on; [`Unsaved`] has the rest.
    pub(super) async fn save(self: Arc<Self>, fleet: Fleet, stopping: CancellationToken) {
        loop {
            let saved = self.save_once(&fleet).await;
            let rest = async {
                match saved {
                    true => self.unsaved.notified().await,
                    false => self.clock.sleep(fleet.retry()).await,
                }
            };
            tokio::select! {
                () = rest => {}
                () = stopping.cancelled() => return,
            }
        }
    }

    /// True when nothing is left to save.
    async fn save_once(&self, fleet: &Fleet) -> bool {
        let waiting: Vec<(Arc<str>, Day)> = self
            .days()
            .iter()
            .filter(|(_, day)| day.unsaved != Spent::default())
            .map(|(key, day)| (key.clone(), *day))
            .collect();
        let mut all = true;
        for (key, day) in waiting {
            let id = ClientId::Key(key.clone());
            match fleet.spend(&id, day.date, day.unsaved).await {
                Saved::Yes => {}
                Saved::No => return false,
                Saved::Unusable => {
                    // Its sum is tried again; the others' do not wait for it.
                    all = false;
                    continue;
                }
            }
            self.on(&key, |now| {
                if now.date == day.date {
                    now.unsaved = now.unsaved.minus(day.unsaved);
                }
            });
        }
        all
    }

    fn days(&self) -> MutexGuard<'_, HashMap<Arc<str>, Day>> {
        self.days.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Works on the key's day, a new one at midnight. What yesterday still owed to Redis is forgotten: nobody asks for it any more.
    fn on<T>(&self, key: &Arc<str>, work: impl FnOnce(&mut Day) -> T) -> T {
        let date = day_of(self.clock.now());
        let new = Day {
            date,
            known: Spent::default(),
            unsaved: Spent::default(),
            told: false,
        };
        let mut days = self.days();
        let day = days.entry(key.clone()).or_insert(new);
        if day.date != date {
            *day = new;
        }
        work(day)
    }
}

/// What this replica spent and Redis may not have yet, for whoever ends the service.
#[derive(Debug, Clone)]
pub struct Unsaved {
    ledger: Arc<Ledger>,
    fleet: Fleet,
}

impl Unsaved {
    pub(super) fn new(ledger: &Arc<Ledger>, fleet: &Fleet) -> Self {
        Self {
            ledger: ledger.clone(),
            fleet: fleet.clone(),
        }
    }

    /// Adds it to the sums in Redis, once nothing spends any more. What Redis does not take is lost with the process.
    pub async fn save(&self) {
        self.ledger.save_once(&self.fleet).await;
    }
}

/// One request's view of its key's budget.
#[derive(Debug, Clone)]
pub struct Account {
    ledger: Arc<Ledger>,
    key: Arc<str>,
    exhausted: bool,
}

impl Account {
    /// Whether the LLM may no longer be asked for this key today.
    #[must_use]
    pub fn is_exhausted(&self) -> bool {
        self.exhausted
    }

    /// Counts a message that the local model answers because the budget is used up.
    pub fn refused(&self) {
        self.ledger.metrics.budget_exhausted();
    }

    /// The LLM used so many tokens, which cost this much where prices are configured.
    pub fn spend(&self, tokens: u64, cost: Option<f64>) {
        let micros = cost.map_or(0, micros);
        self.ledger.spend(&self.key, Spent { tokens, micros });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::KeyConfig;
    use crate::telemetry::metrics::Metrics;

    #[test]
    fn what_was_not_saved_yet_is_spent_besides_what_all_replicas_saved() {
        let (clock, _hand) = Clock::manual(jiff::Timestamp::UNIX_EPOCH);
        let ledger = Arc::new(Ledger::new(true, clock, Metrics::off().admission));
        let key = Arc::new(Key::new(&KeyConfig {
            llm_tokens_per_day: Some(1_000),
            ..KeyConfig::new("widget", "ab".repeat(32))
        }));
        let account = |saved| {
            let saved = Spent {
                tokens: saved,
                micros: 0,
            };
            ledger.account(&key, Some(saved)).unwrap()
        };
        account(0).spend(600, None);
        assert!(!account(399).is_exhausted());
        assert!(account(400).is_exhausted());
        assert!(account(0).is_exhausted(), "what was known is not forgotten");
    }
}
