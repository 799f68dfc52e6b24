//! Lanes: threads of which each serves its share of the connections alone, from the first byte to the last.
//!
//! A runtime whose threads take over each other's tasks wakes a second thread for much of what a request does, which costs more than it
//! brings where requests are short: here a task stays where it began, with its data in that processor's cache ("How we built Pingora",
//! Cloudflare 2022, tells of the same). Connections are dealt out in turn. What lives as long as the process (delivery, clocks, the
//! store's writer) is no lane's business. A lane ends when nothing more can come and what it began has ended.
//!
//! A request's own clock begins when its lane gets to it. What it waited before that, behind others, nobody sees from within; so each lane
//! says once a second how much later than asked it got to something that was due and stood in line as a request does.

use std::io;
use std::sync::Arc;
use std::thread::{self, JoinHandle};
use std::time::Duration;

use tokio::runtime::{Builder, Runtime};
use tokio::sync::{mpsc, oneshot};
use tokio_util::task::TaskTracker;

use crate::clock::Clock;
use crate::lifecycle::Tasks;

/// Told by each lane, every [`BEAT`], how late it is.
pub type Late = Arc<dyn Fn(Duration) + Send + Sync>;

/// Shorter than the time limits of requests, and long enough to cost nothing.
const BEAT: Duration = Duration::from_secs(1);

/// Begins a task; called in the lane.
type Beginning = Box<dyn FnOnce(&TaskTracker) + Send>;

/// Where connections are dealt out. When it is dropped the lanes end, each after its last task.
#[derive(Debug)]
pub struct Lanes {
    lanes: Vec<mpsc::UnboundedSender<Beginning>>,
    next: usize,
    tasks: Tasks,
}

impl Lanes {
    /// Starts `count` lanes, of which [`Tasks::finish`] waits for each. `late` hears how late they are, by `clock`.
    ///
    /// # Errors
    /// When the system refuses a thread.
    pub fn start(count: usize, tasks: &Tasks, clock: &Clock, late: &Late) -> io::Result<Self> {
        let lanes = (1..=count).map(|number| lane(number, tasks, beat(clock.clone(), late.clone())));
        Ok(Self {
            lanes: lanes.collect::<io::Result<_>>()?,
            ..Self::none(tasks)
        })
    }

    /// No lanes: everything runs where it is brought.
    #[must_use]
    pub fn none(tasks: &Tasks) -> Self {
        Self {
            lanes: Vec::new(),
            next: 0,
            tasks: tasks.clone(),
        }
    }

    /// Runs the future that `begin` makes in the next lane.
    pub fn spawn<F>(&mut self, begin: impl FnOnce() -> F + Send + 'static)
    where
        F: Future<Output = ()> + Send + 'static,
    {
        if self.lanes.is_empty() {
            return self.tasks.spawn(begin());
        }
        #[expect(clippy::disallowed_methods, reason = "the lane waits for what it began")]
        let beginning: Beginning = Box::new(move |begun| drop(tokio::spawn(begun.track_future(begin()))));
        // A lane is there as long as its sender is.
        let _ = self.lanes[self.next].send(beginning);
        self.next = (self.next + 1) % self.lanes.len();
    }
}

fn lane(
    number: usize,
    tasks: &Tasks,
    beat: impl Future<Output = ()> + Send + 'static,
) -> io::Result<mpsc::UnboundedSender<Beginning>> {
    let runtime = Builder::new_current_thread().enable_all().build()?;
    let (sender, receiver) = mpsc::unbounded_channel();
    let (ending, ended) = oneshot::channel();
    let thread: JoinHandle<()> = thread::Builder::new()
        .name(format!("lane-{number}"))
        .spawn(move || {
            run(runtime, receiver, beat);
            // Nobody listens where the wait was cut short.
            let _ = ending.send(());
        })?;
    tasks.spawn(async move {
        // An error says that it ended without a word, which joining tells as well.
        let _ = ended.await;
        if thread.join().is_err() {
            tracing::error!("a lane panicked");
        }
    });
    Ok(sender)
}

#[expect(clippy::disallowed_methods, reason = "the beat ends with the lane's runtime")]
fn run(
    runtime: Runtime,
    mut beginnings: mpsc::UnboundedReceiver<Beginning>,
    beat: impl Future<Output = ()> + Send + 'static,
) {
    let begun = TaskTracker::new();
    runtime.block_on(async {
        // A task like those of requests: what the runtime is blocked on comes before them all, and would not see the line.
        drop(tokio::spawn(beat));
        while let Some(beginning) = beginnings.recv().await {
            beginning(&begun);
        }
        begun.close();
        begun.wait().await;
    });
    // Nothing but look-ups of names can be under way there, for connections that nobody wants any more.
    runtime.shutdown_background();
}

/// Never ends. Setting a timer that is due before all others makes the runtime wake itself by a write, even when it is awake: two writes a
/// request. With a beat before them the timers of requests, which are seconds, come after another.
#[expect(clippy::disallowed_methods, reason = "moves no time that anybody reads")]
async fn beat(clock: Clock, late: Late) {
    loop {
        let due = clock.elapsed() + BEAT;
        tokio::time::sleep(BEAT).await;
        late(clock.elapsed().saturating_sub(due));
    }
}

#[cfg(test)]
mod tests {
    use std::pin::Pin;
    use std::sync::Mutex;
    use std::sync::atomic::{AtomicUsize, Ordering};

    use tokio::sync::Semaphore;

    use super::*;

    fn nobody() -> Late {
        Arc::new(|_| {})
    }

    #[tokio::test]
    async fn tasks_are_dealt_out_in_turn_and_waited_for() {
        let tasks = Tasks::default();
        let mut lanes = Lanes::start(2, &tasks, &Clock::system(), &nobody()).unwrap();
        let (threads, may_end) = (Arc::new(Mutex::new(Vec::new())), Arc::new(Semaphore::new(0)));
        for number in 0..4 {
            let (threads, may_end) = (threads.clone(), may_end.clone());
            lanes.spawn(move || async move {
                let lane = thread::current().name().unwrap().to_owned();
                threads.lock().unwrap().push((number, lane));
                drop(may_end.acquire().await.unwrap());
            });
        }
        drop(lanes);
        let (clock, hand) = Clock::manual(jiff::Timestamp::UNIX_EPOCH);
        let grace = Duration::from_secs(1);
        let (ended, ()) = tokio::join!(tasks.finish(&clock, grace), hand.advance_once_awaited(grace));
        assert!(!ended, "all four wait");
        may_end.add_permits(1);
        assert!(tasks.finish(&clock, grace).await);
        let mut threads = threads.lock().unwrap().clone();
        threads.sort();
        let lanes: Vec<&str> = threads.iter().map(|(_, lane)| lane.as_str()).collect();
        assert_eq!(lanes, ["lane-1", "lane-2", "lane-1", "lane-2"]);
    }

    #[tokio::test]
    async fn a_lane_says_how_late_it_is() {
        let (clock, hand) = Clock::manual(jiff::Timestamp::UNIX_EPOCH);
        let (telling, mut told) = mpsc::unbounded_channel();
        let late: Late = Arc::new(move |delay| telling.send(delay).unwrap_or_default());
        let tasks = Tasks::default();
        let mut lanes = Lanes::start(1, &tasks, &clock, &late).unwrap();
        let (sender, receiver) = oneshot::channel();
        lanes.spawn(|| async { sender.send(()).unwrap() });
        receiver.await.unwrap();
        // The lane runs, so its beat is asked for; by this clock it comes late.
        hand.advance(BEAT + Duration::from_millis(300));
        assert_eq!(told.recv().await, Some(Duration::from_millis(300)));
        drop(lanes);
        assert!(tasks.finish(&Clock::system(), Duration::from_secs(10)).await);
    }

    #[test]
    fn the_beat_stands_in_line_behind_what_came_before_it() {
        let runtime = Builder::new_current_thread().build().unwrap();
        let (sender, receiver) = mpsc::unbounded_channel();
        let begin = |task: Pin<Box<dyn Future<Output = ()> + Send>>| {
            #[expect(clippy::disallowed_methods, reason = "as a lane's own")]
            let beginning: Beginning = Box::new(|begun| drop(tokio::spawn(begun.track_future(task))));
            sender
                .send(beginning)
                .unwrap_or_else(|_| panic!("somebody receives"));
        };
        let (due, is_due) = oneshot::channel();
        let (telling, told) = oneshot::channel();
        let passed = Arc::new(AtomicUsize::new(0));
        let (mut due, before) = (Some(due), passed.clone());
        // More than a runtime lets pass before it looks at what it is blocked on.
        for _ in 0..100 {
            let (due, passed) = (due.take(), passed.clone());
            begin(Box::pin(async move {
                passed.fetch_add(1, Ordering::Relaxed);
                due.map(|due| due.send(()));
            }));
        }
        let counted = Arc::new(AtomicUsize::new(0));
        let count = counted.clone();
        begin(Box::pin(async move {
            count.store(told.await.unwrap(), Ordering::Relaxed);
        }));
        drop(sender);
        run(runtime, receiver, async move {
            is_due.await.unwrap();
            telling.send(before.load(Ordering::Relaxed)).unwrap();
            std::future::pending().await
        });
        assert_eq!(counted.load(Ordering::Relaxed), 100);
    }

    #[tokio::test]
    async fn a_task_that_panics_ends_alone() {
        let tasks = Tasks::default();
        let mut lanes = Lanes::start(1, &tasks, &Clock::system(), &nobody()).unwrap();
        let (sender, receiver) = oneshot::channel();
        lanes.spawn(|| async { panic!("as expected") });
        lanes.spawn(|| async { sender.send(()).unwrap() });
        receiver.await.unwrap();
        drop(lanes);
        let clock = Clock::system();
        assert!(tasks.finish(&clock, Duration::from_secs(10)).await);
    }
}
