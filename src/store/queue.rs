//! The queue in front of the writer: what somebody wants written, and who waits to hear how it went.
//!
//! It is bounded: a write that finds it full is refused at once with [`StoreError::Busy`], one that finds it closed with
//! [`StoreError::Closed`]. What nobody waits for is never refused for want of room: up to [`MAX_OWED`] such writes go past the queue into
//! its overflow, which the writer empties with each batch.

use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::{mpsc, oneshot};

use super::commit::SealedUnit;
use super::error::StoreError;
use super::record::Committed;
use super::transaction::{Operation, Transaction};

/// Most unattended operations that are kept for the next batch when the database fails, and as many for which the queue had no room: a key
/// beyond that lapses by itself.
pub(super) const MAX_OWED: usize = 4096;

pub(super) type Applied<'a> = Pin<Box<dyn Future<Output = Result<(), StoreError>> + Send + 'a>>;

/// An [`Operation`] of any type, with its waiting caller.
pub(super) trait Pending: Send {
    /// Whether its caller has gone.
    fn is_abandoned(&self) -> bool;
    /// Whether it never had one.
    fn is_unattended(&self) -> bool;
    fn takes_room(&self) -> bool;
    fn apply<'a>(&'a mut self, tx: &'a mut Transaction<'_>) -> Applied<'a>;
    fn finish(self: Box<Self>, committed: Result<(), StoreError>);
}

struct Waiting<O: Operation> {
    operation: O,
    reply: Option<O::Reply>,
    /// `None`: nobody wants to hear how it went.
    caller: Option<oneshot::Sender<Result<O::Reply, StoreError>>>,
}

impl<O: Operation> Pending for Waiting<O> {
    fn is_abandoned(&self) -> bool {
        self.caller.as_ref().is_some_and(oneshot::Sender::is_closed)
    }

    fn is_unattended(&self) -> bool {
        self.caller.is_none()
    }

    fn takes_room(&self) -> bool {
        self.operation.takes_room()
    }

    fn apply<'a>(&'a mut self, tx: &'a mut Transaction<'_>) -> Applied<'a> {
        Box::pin(async move {
            self.reply = Some(self.operation.apply(tx).await?);
            Ok(())
        })
    }

    fn finish(self: Box<Self>, committed: Result<(), StoreError>) {
        let answer = match (committed, self.reply) {
            (Ok(()), Some(reply)) => Ok(reply),
            (Ok(()), None) => Err(StoreError::Closed),
            (Err(error), _) => Err(error),
        };
        if let Some(caller) = self.caller {
            // A caller that went away meanwhile does not undo what is on disk.
            let _ = caller.send(answer);
        }
    }
}

/// A write that waits its turn.
pub(super) enum Command {
    Commit(Box<CommitCommand>),
    Other(Box<dyn Pending>),
    Close,
}

/// What is to be committed, and what has come of it so far.
pub(super) struct CommitCommand {
    pub(super) unit: SealedUnit,
    /// Refused by itself, without an effect: the hold on its idempotency key was lost.
    pub(super) refused: Option<StoreError>,
    pub(super) reply: Committed,
    caller: oneshot::Sender<Result<Committed, StoreError>>,
}

impl Command {
    /// Whether nobody waits for it any more.
    pub(super) fn is_abandoned(&self) -> bool {
        match self {
            Self::Commit(command) => command.caller.is_closed(),
            Self::Other(pending) => pending.is_abandoned(),
            Self::Close => false,
        }
    }

    /// Whether nobody ever did.
    pub(super) fn is_unattended(&self) -> bool {
        matches!(self, Self::Other(pending) if pending.is_unattended())
    }

    /// Whether it needs room on the disk.
    pub(super) fn takes_room(&self) -> bool {
        match self {
            Self::Commit(command) => command.unit.grows(),
            Self::Other(pending) => pending.takes_room(),
            Self::Close => false,
        }
    }

    /// Whether it brings records.
    pub(super) fn has_records(&self) -> bool {
        matches!(self, Self::Commit(command) if command.unit.has_records())
    }

    /// Tells its caller how it went.
    pub(super) fn finish(self, committed: Result<(), StoreError>) {
        match self {
            Self::Commit(command) => {
                let _ = command.caller.send(match (committed, command.refused) {
                    (Ok(()), None) => Ok(command.reply),
                    (Ok(()), Some(refused)) => Err(refused),
                    (Err(error), _) => Err(error),
                });
            }
            Self::Other(pending) => pending.finish(committed),
            Self::Close => {}
        }
    }
}

/// Unattended operations that found the queue full: what fills it wakes the writer, which takes these along.
#[derive(Clone, Default)]
pub(super) struct Overflow(Arc<Mutex<Vec<Command>>>);

impl Overflow {
    pub(super) fn lock(&self) -> MutexGuard<'_, Vec<Command>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Where callers put their writes. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Queue {
    commands: mpsc::Sender<Command>,
    overflow: Overflow,
}

impl Queue {
    /// A queue of at most `room` writes, with what the writer takes from it.
    pub(super) fn bounded(room: usize) -> (Self, mpsc::Receiver<Command>, Overflow) {
        let (commands, receiver) = mpsc::channel(room);
        let overflow = Overflow::default();
        let queue = Self {
            commands,
            overflow: overflow.clone(),
        };
        (queue, receiver, overflow)
    }

    /// Waits until `unit` is durable.
    pub(crate) async fn commit(&self, unit: SealedUnit) -> Result<Committed, StoreError> {
        let (caller, answer) = oneshot::channel();
        self.put(Command::Commit(Box::new(CommitCommand {
            unit,
            refused: None,
            reply: Committed::default(),
            caller,
        })))?;
        answer.await.unwrap_or(Err(StoreError::Closed))
    }

    /// Waits until `operation` is durable.
    pub(crate) async fn run<O: Operation>(&self, operation: O) -> Result<O::Reply, StoreError> {
        let (caller, answer) = oneshot::channel();
        self.put(Command::Other(Box::new(Waiting {
            operation,
            reply: None,
            caller: Some(caller),
        })))?;
        answer.await.unwrap_or(Err(StoreError::Closed))
    }

    /// Runs `operation` when its turn comes, also where the queue is full, and again where the database failed; nobody hears how it went. It
    /// may find itself done.
    pub(crate) fn run_unattended<O: Operation>(&self, operation: O) {
        let command = Command::Other(Box::new(Waiting {
            operation,
            reply: None,
            caller: None,
        }));
        // Locked before the queue is tried: the writer, which looks here each time after it has taken from the queue, cannot come between.
        let mut overflow = self.overflow.lock();
        // A closed queue drops it: for operations that only make something happen sooner.
        if let Err(mpsc::error::TrySendError::Full(command)) = self.commands.try_send(command)
            && overflow.len() < MAX_OWED
        {
            overflow.push(command);
        }
    }

    /// Lets the writer finish what waits, and refuses everything after.
    pub(crate) async fn close(&self) {
        // An error says that it is closed already.
        let _ = self.commands.send(Command::Close).await;
    }

    /// How many writes wait.
    pub(crate) fn waiting(&self) -> usize {
        self.commands.max_capacity() - self.commands.capacity()
    }

    fn put(&self, command: Command) -> Result<(), StoreError> {
        self.commands.try_send(command).map_err(|error| match error {
            mpsc::error::TrySendError::Full(_) => StoreError::Busy,
            mpsc::error::TrySendError::Closed(_) => StoreError::Closed,
        })
    }
}
