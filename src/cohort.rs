//! Cohort scheduling: messages that are in hand at the same time pass each stage of the work together.
//!
//! A message's way runs through more code and tables (recognizers, model, articles) than a processor's cache holds. One message after
//! the other reads all of them again each time; many messages a stage read them once for all (Larus and Parkes 2002, "Using
//! Cohort Scheduling to Enhance Server Performance"). [`Turn::gather`] stands between two stages and lets the others that are ready
//! come that far. Under load it saves about a tenth of the processor time of a request; a message alone passes at once. Each thread has a
//! cohort of its own: what another one has in its cache helps nobody. Nothing here fails.
//!
//! The dear part of the work is done for [`ABREAST`] messages of a thread at a time, and the others wait in the order in which they came
//! ([`Turn::wait`]). If all were at it together, whatever else the thread has to do (a load balancer's question whether we are alive, a
//! safety report) would stand behind a thousand of them each time.

use std::sync::atomic::{AtomicUsize, Ordering};

use thread_local::ThreadLocal;
use tokio::sync::{Semaphore, SemaphorePermit};

/// How many share the caches' contents: more gain nothing, and make everybody else on the thread wait longer.
const ABREAST: usize = 32;

/// The messages in hand, by the thread that took them.
#[derive(Debug, Default)]
pub struct Cohort(ThreadLocal<OfThread>);

#[derive(Debug)]
struct OfThread {
    in_hand: AtomicUsize,
    /// One for each that may do the dear part.
    abreast: Semaphore,
}

impl Default for OfThread {
    fn default() -> Self {
        Self {
            in_hand: AtomicUsize::new(0),
            abreast: Semaphore::new(ABREAST),
        }
    }
}

/// One message's place among those of its thread, until it is dropped.
#[derive(Debug)]
pub struct Turn<'a> {
    of_thread: &'a OfThread,
    /// Whether it waits for no crowd.
    hurries: bool,
}

/// Leave to do the dear part of the work, until it is dropped.
#[derive(Debug)]
pub struct Leave<'a>(#[expect(dead_code, reason = "held for its drop")] Option<SemaphorePermit<'a>>);

impl Cohort {
    /// Takes a message in hand.
    pub fn enter(&self) -> Turn<'_> {
        let of_thread = self.0.get_or_default();
        of_thread.in_hand.fetch_add(1, Ordering::Relaxed);
        Turn {
            of_thread,
            hurries: false,
        }
    }
}

impl<'a> Turn<'a> {
    /// From now on the message waits for no other where that would take long.
    pub fn hurry(&mut self) {
        self.hurries = true;
    }

    /// Waits until fewer than [`ABREAST`] messages of the thread are at the dear part of the work, first come, first served.
    pub async fn wait(&self) -> Leave<'a> {
        if self.hurries {
            return Leave(None);
        }
        // It is never closed; an error would be no reason to refuse anybody.
        Leave(self.of_thread.abreast.acquire().await.ok())
    }

    /// The end of a stage: messages that are ready come to theirs before this one goes on. One in a hurry goes on where they are so many that
    /// others wait for them.
    pub async fn gather(&self) {
        let in_hand = self.of_thread.in_hand.load(Ordering::Relaxed);
        if in_hand > 1 && !(self.hurries && in_hand > ABREAST) {
            tokio::task::yield_now().await;
        }
    }
}

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        self.of_thread.in_hand.fetch_sub(1, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use futures_util::FutureExt as _;

    use super::*;

    #[tokio::test]
    async fn messages_in_hand_pass_each_stage_together() {
        let (cohort, passed) = (Cohort::default(), Mutex::new(Vec::new()));
        let message = async || {
            let turn = cohort.enter();
            for stage in 1..=3 {
                turn.gather().await;
                passed.lock().unwrap().push(stage);
            }
        };
        let alone = cohort.enter();
        tokio::join!(message(), message());
        assert_eq!(*passed.lock().unwrap(), [1, 1, 2, 2, 3, 3]);
        assert!(
            alone.gather().now_or_never().is_some(),
            "alone again, nobody is waited for"
        );
    }

    #[tokio::test]
    async fn no_more_than_some_are_at_the_dear_part_together() {
        let cohort = Cohort::default();
        let turn = cohort.enter();
        let mut at_it: Vec<_> = (0..ABREAST)
            .map(|_| turn.wait().now_or_never().expect("there is room"))
            .collect();
        let mut next = std::pin::pin!(turn.wait());
        assert!(next.as_mut().now_or_never().is_none(), "it waits");
        at_it.pop();
        assert!(
            turn.wait().now_or_never().is_none(),
            "whoever comes later does not overtake"
        );
        assert!(next.now_or_never().is_some());
        let mut hurried = cohort.enter();
        hurried.hurry();
        assert!(hurried.wait().now_or_never().is_some());
        assert!(
            hurried.gather().now_or_never().is_none(),
            "with few it goes together"
        );
        let _crowd: Vec<_> = (0..ABREAST).map(|_| cohort.enter()).collect();
        assert!(hurried.gather().now_or_never().is_some(), "it waits for nobody");
    }
}
