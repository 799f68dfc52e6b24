//! A round that panics ends like one that fails, and its worker goes on.
//!
//! Without the worker nothing would be delivered, and no due time announced, until somebody restarts the process; and a job that makes its worker
//! panic would end those of every replica, one after the other, as its lease ends. What the round held is dropped with it; what lasts
//! is in the store.

use std::panic::AssertUnwindSafe;

use futures_util::FutureExt as _;

/// What a round of `worker` came to; `None` where it panicked, which is told.
pub(super) async fn survive<T>(worker: &'static str, round: impl Future<Output = T>) -> Option<T> {
    let outcome = AssertUnwindSafe(round).catch_unwind().await;
    if outcome.is_err() {
        tracing::error!(worker, "a worker's round panicked; it goes on");
    }
    outcome.ok()
}
