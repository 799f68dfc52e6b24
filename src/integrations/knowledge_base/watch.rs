//! Keeps the knowledge base as its folder is: looks for changes now and then, and reads it again when somebody asks.
//!
//! Reading and indexing happen on a blocking thread; searches run on meanwhile. A broken folder leaves the articles that were
//! there in place and is told in one log line, which names the article and the fault; while the same fault stays, later looks
//! say nothing more; a metric counts them all.

use std::error::Error;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;
use tracing::{info, warn};

use super::KnowledgeBase;
use crate::clock::Clock;
use crate::config::in_full;
use crate::telemetry::metrics::Metrics;

/// Runs until `stop`. `every`: how long between two looks; zero looks only when `asked`.
pub async fn keep_current(
    knowledge_base: Arc<KnowledgeBase>,
    clock: Clock,
    metrics: Arc<Metrics>,
    every: Duration,
    asked: Arc<Notify>,
    stop: CancellationToken,
) {
    let mut told = None;
    loop {
        let wait = async {
            match every.is_zero() {
                true => std::future::pending().await,
                false => clock.sleep(every).await,
            }
        };
        let forced = tokio::select! {
            () = stop.cancelled() => return,
            () = asked.notified() => true,
            () = wait => false,
        };
        let reading = knowledge_base.clone();
        let read = move || match forced {
            true => reading.reload().map(Some),
            false => reading.reload_if_changed(),
        };
        match tokio::task::spawn_blocking(read).await {
            Ok(Ok(Some(articles))) => {
                told = None;
                metrics.knowledge_base_reload("ok");
                info!(articles, "the knowledge base was read again");
            }
            Ok(Ok(None)) => told = None,
            Ok(Err(error)) => {
                metrics.knowledge_base_reload("failed");
                let causes =
                    std::iter::successors(Some(&error as &(dyn Error + 'static)), |&error| error.source());
                let fault = in_full(causes).replace(['\n', '\r'], " ");
                if forced || told.as_ref() != Some(&fault) {
                    warn!(
                        fault,
                        "the knowledge base was not read again: the articles read before stay"
                    );
                }
                told = Some(fault);
            }
            // The runtime is going down.
            Err(_) => return,
        }
    }
}
