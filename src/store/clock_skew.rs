//! How far this process's clock is from the database's, which all replicas share.
//!
//! Due times are compared with a process's own clock, so one that is ahead would mark reports as breached, for good, that are not. Only PostgreSQL
//! has a clock of its own: on SQLite there is nothing to compare with. A slow answer makes no skew: what the time on the way could explain
//! is not counted.

use std::sync::{MutexGuard, PoisonError};
use std::time::Duration;

use jiff::SignedDuration;

use super::Store;
use super::engine::{Connection, Engine, POSTGRES_TIME};
use super::error::StoreError;
use crate::clock::Clock;

/// How often the clocks are compared while nothing is due.
pub(super) const COMPARE_EVERY: Duration = Duration::from_secs(10);

/// Our clock against the database's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ClockSkew {
    /// Ours minus the database's, at least: positive where ours is ahead.
    pub ahead: SignedDuration,
    /// Whether it is so far ahead (`store.max_clock_skew_s`) that nothing is marked.
    pub holds_marks: bool,
}

impl Store {
    /// How far our clock was from the database's when [`Store::sla_tick`] last compared them; `None` before, and on SQLite.
    #[must_use]
    pub fn clock_skew(&self) -> Option<ClockSkew> {
        self.skew().map(|(_, skew)| skew)
    }

    pub(super) fn skew(&self) -> MutexGuard<'_, Option<(Duration, ClockSkew)>> {
        self.0.clock_skew.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Compares them over this connection; `None` on SQLite. `most` is the farthest that ours may be ahead.
pub(super) async fn compare(
    connection: &mut Connection,
    clock: &Clock,
    most: Option<Duration>,
) -> Result<Option<ClockSkew>, StoreError> {
    if connection.engine() == Engine::Sqlite {
        return Ok(None);
    }
    let asked = clock.now().as_microsecond();
    let rows = connection.fetch(POSTGRES_TIME, &[]).await?;
    let answered = clock.now().as_microsecond();
    let theirs: i64 = match rows.first() {
        Some(row) => row.get(0)?,
        None => return Ok(None),
    };
    // They read theirs at some time between.
    let ahead =
        SignedDuration::from_micros((theirs.clamp(asked.min(answered), answered.max(asked))) - theirs);
    let holds_marks =
        most.is_some_and(|most| ahead > SignedDuration::try_from(most).unwrap_or(SignedDuration::MAX));
    Ok(Some(ClockSkew { ahead, holds_marks }))
}
