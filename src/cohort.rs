//! Cohort scheduling: messages that are in hand at the same time pass each stage of the work together.
//!
//! A message's way runs through more code and tables (recognizers, model, articles) than a processor's cache holds. One message after
//! the other reads all of them again each time; many messages a stage read them once for all (Larus and Parkes 2002, "Using
//! Cohort Scheduling to Enhance Server Performance"). [`Turn::gather`] stands between two stages and lets the others that are ready
//! come that far. Under load it saves about a tenth of the processor time of a request; a message alone passes at once. Each thread has a
//! cohort of its own: what another one has in its cache helps nobody. Nothing here fails.
//!
//! The dear parts of the work, reading and redaction, are each done for [`ABREAST`] messages of a thread at a time, and the others wait in
//! the order in which they came ([`Turn::to_read`], [`Turn::to_redact`]). If all were at it together, whatever else the thread has to do (a load
//! balancer's question whether we are alive, a safety report) would stand behind a thousand of them each time. What is long has a line of
//! its own, and is done for few or one at a time: whoever writes two lines that somebody does not breathe waits behind no long mails.

use std::sync::atomic::{AtomicUsize, Ordering};

use thread_local::ThreadLocal;
use tokio::sync::{Semaphore, SemaphorePermit};

/// How many share the caches' contents: more gain nothing, and make everybody else on the thread wait longer.
const ABREAST: u32 = 32;
/// What a person types into a chat is hardly ever longer, in bytes.
const SHORT: usize = 500;
/// A longer message takes a place abreast for each of so many bytes, at most all of them: the longest (5,000 characters) costs what 32 usual
/// ones do.
const BYTES_A_PLACE: usize = 160;

/// The messages in hand, by the thread that took them.
#[derive(Debug, Default)]
pub struct Cohort(ThreadLocal<OfThread>);

#[derive(Debug)]
struct OfThread {
    in_hand: AtomicUsize,
    reading: Line,
    redaction: Line,
}

/// The places at a dear part.
#[derive(Debug)]
struct Line {
    short: Semaphore,
    long: Semaphore,
}

impl Default for OfThread {
    fn default() -> Self {
        Self {
            in_hand: AtomicUsize::new(0),
            reading: Line::default(),
            redaction: Line::default(),
        }
    }
}

impl Default for Line {
    fn default() -> Self {
        let places = || Semaphore::new(ABREAST as usize);
        Self {
            short: places(),
            long: places(),
        }
    }
}

impl Line {
    async fn leave(&self, text: &str) -> Leave<'_> {
        let leave = if text.len() <= SHORT {
            self.short.acquire().await
        } else {
            let places = u32::try_from(text.len().div_ceil(BYTES_A_PLACE)).unwrap_or(ABREAST);
            self.long.acquire_many(places.min(ABREAST)).await
        };
        // It is never closed; an error would be no reason to refuse anybody.
        Leave(leave.ok())
    }
}

/// One message's place among those of its thread, until it is dropped.
#[derive(Debug)]
pub struct Turn<'a> {
    of_thread: &'a OfThread,
    /// Whether it waits for no crowd.
    hurries: bool,
}

/// Leave to do a dear part of the work, until it is dropped.
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

    /// Waits until there is a place among the messages of the thread that are read, first come, first served; then comes with them.
    pub async fn to_read(&self, text: &str) -> Leave<'a> {
        self.stand_in(&self.of_thread.reading, text).await
    }

    /// The same before redaction.
    pub async fn to_redact(&self, text: &str) -> Leave<'a> {
        self.stand_in(&self.of_thread.redaction, text).await
    }

    async fn stand_in(&self, line: &'a Line, text: &str) -> Leave<'a> {
        let leave = if self.hurries {
            Leave(None)
        } else {
            line.leave(text).await
        };
        // Yields while holding the permit: the thread serves others now, and only permits held across a yield make anybody wait.
        self.gather().await;
        leave
    }

    /// Marks the end of a stage: other ready messages catch up first. A hurried one skips this when so many are in hand that it would wait
    /// long.
    pub async fn gather(&self) {
        let in_hand = self.of_thread.in_hand.load(Ordering::Relaxed);
        if in_hand > 1 && !(self.hurries && in_hand > ABREAST as usize) {
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
    async fn no_more_than_some_are_at_a_dear_part_together() {
        let cohort = Cohort::default();
        let turn = cohort.enter();
        let mut reading: Vec<_> = (0..ABREAST)
            .map(|_| turn.to_read("Hello").now_or_never().expect("there is room"))
            .collect();
        let mut next = std::pin::pin!(turn.to_read("Hello"));
        assert!(next.as_mut().now_or_never().is_none(), "it waits");
        reading.pop();
        assert!(
            turn.to_read("Hello").now_or_never().is_none(),
            "whoever comes later does not overtake"
        );
        assert!(next.now_or_never().is_some());
        assert!(
            turn.to_redact("Hello").now_or_never().is_some(),
            "a line of its own"
        );
        let mut hurried = cohort.enter();
        hurried.hurry();
        assert!(
            hurried.gather().now_or_never().is_none(),
            "with few it goes together"
        );
        let _crowd: Vec<_> = (0..ABREAST).map(|_| cohort.enter()).collect();
        assert!(hurried.gather().now_or_never().is_some(), "it waits for nobody");
        assert!(hurried.to_read("Hello").now_or_never().is_some());
    }

    #[tokio::test]
    async fn a_long_message_takes_the_places_of_many_and_none_of_short_ones() {
        let cohort = Cohort::default();
        let turn = cohort.enter();
        let half = "a".repeat(BYTES_A_PLACE * ABREAST as usize / 2);
        let first = turn.to_redact(&half).now_or_never().expect("there is room");
        let second = turn.to_redact(&half).now_or_never().expect("for two of them");
        let long = "a".repeat(SHORT + 1);
        assert!(turn.to_redact(&long).now_or_never().is_none());
        assert!(turn.to_redact(&long[1..]).now_or_never().is_some());
        drop(first);
        // Longer than all places: it gets them all, one day.
        let longest = half.repeat(3);
        let mut leave = std::pin::pin!(turn.to_redact(&longest));
        assert!(leave.as_mut().now_or_never().is_none());
        drop(second);
        assert!(leave.now_or_never().is_some());
    }

    #[tokio::test]
    async fn whoever_is_at_a_dear_part_lets_the_thread_look_after_others_first() {
        let cohort = Cohort::default();
        let (_other, turn) = (cohort.enter(), cohort.enter());
        let mut leave = std::pin::pin!(turn.to_read("Hello"));
        assert!(leave.as_mut().now_or_never().is_none());
        let places = || turn.of_thread.reading.short.available_permits();
        assert_eq!(places(), ABREAST as usize - 1);
        drop(leave.now_or_never().expect("the others had their turn"));
        assert_eq!(places(), ABREAST as usize);
    }
}
