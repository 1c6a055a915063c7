//! How much may be answered at once. The values of an answer lie in memory until it is written, and its text until it has been taken; a hundred of the
//! largest operations at a time would need more than a machine has. So an operation waits until there is room for what it costs.
//!
//! Small operations and large ones have a room each, so that nobody who asks for little waits behind those who ask for much. Within a room the parties
//! (accounts) take turns, the operations of one party in the order in which they came, and no party has more than half of it: one that asks without an end
//! leaves the others theirs. Whoever finds no room within [`PATIENCE`] is told to try again, before anything was done.

mod line;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::oneshot;

use crate::Fault;
use line::Line;

/// What all small operations of a process may cost that are answered at a time.
pub const SMALL_ROOM: u64 = 40_000;
/// The same for large ones: ten at the limit of an operation, each of which takes some megabytes (decision 0032).
pub const LARGE_ROOM: u64 = 100_000;
/// An operation that costs more is a large one.
pub const LARGEST_SMALL: u64 = 1_000;
/// Operations of one party that may wait for room, small and large ones each.
pub const MOST_WAITING: usize = 500;
/// How long an operation waits for room. Less than it may take altogether, so that who waits in vain is told that nothing was done.
pub const PATIENCE: Duration = Duration::from_secs(5);
/// Bytes of an answer's text that take as much memory as what costs 1.
const BYTES_PER_COST: usize = 1024;

/// Who shares what one party may have in flight; an account, say. All strangers are one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Party(pub u128);

/// The room there is in a process.
#[derive(Clone, Debug)]
pub struct Admission {
    small: Arc<Room>,
    large: Arc<Room>,
    patience: Duration,
}

impl Default for Admission {
    fn default() -> Self {
        Self {
            small: Room::new(SMALL_ROOM),
            large: Room::new(LARGE_ROOM),
            patience: PATIENCE,
        }
    }
}

impl Admission {
    /// What an operation of this party is admitted by.
    pub fn ticket(&self, party: Party) -> Ticket {
        Ticket(Arc::new(Holding {
            admission: self.clone(),
            party,
            place: Mutex::default(),
        }))
    }

    /// Waits for room, however long that takes.
    async fn enter(&self, party: Party, cost: u64) -> Option<Place> {
        let room = match cost <= LARGEST_SMALL {
            true => &self.small,
            false => &self.large,
        };
        room.clone().enter(party, cost).await
    }
}

/// What one operation is admitted by. A transport puts it into the request, and lets go of what is held when the answer has been taken.
#[derive(Clone, Debug)]
pub struct Ticket(Arc<Holding>);

#[derive(Debug)]
struct Holding {
    admission: Admission,
    party: Party,
    place: Mutex<Option<Place>>,
}

impl Ticket {
    /// Waits for room for an operation, for [`PATIENCE`] at most. Room that was held before is given back first.
    pub(crate) async fn admit(&self, cost: u64) -> Result<(), Fault> {
        self.release();
        let entered = self.0.admission.enter(self.0.party, cost);
        match tokio::time::timeout(self.0.admission.patience, entered).await {
            Ok(Some(place)) => {
                self.hold(Some(place));
                Ok(())
            }
            _ => Err(busy()),
        }
    }

    /// The same for an event of a subscription, which is not to be lost: it waits as long as it takes.
    pub(crate) async fn admit_event(&self, cost: u64) {
        self.release();
        let place = self.0.admission.enter(self.0.party, cost).await;
        self.hold(place);
    }

    /// The values are written: what is held from now on is a text of so many bytes.
    pub(crate) fn written(&self, bytes: usize) {
        if let Some(place) = self.place().as_mut() {
            place.shrink(u64::try_from(bytes / BYTES_PER_COST).unwrap_or(u64::MAX));
        }
    }

    /// Nothing is held any more.
    pub(crate) fn release(&self) {
        self.hold(None);
    }

    fn hold(&self, place: Option<Place>) {
        // What was held is given back when nothing is locked.
        let former = std::mem::replace(&mut *self.place(), place);
        drop(former);
    }

    fn place(&self) -> MutexGuard<'_, Option<Place>> {
        self.0.place.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn busy() -> Fault {
    let text = "Too much is being asked at once. Nothing was done; try again in a moment.";
    Fault::new("BUSY", text).with("retryAfterSeconds", 1)
}

/// Room for operations of one size.
#[derive(Debug)]
struct Room {
    line: Mutex<Line<oneshot::Sender<Place>>>,
}

impl Room {
    fn new(room: u64) -> Arc<Self> {
        Arc::new(Self {
            line: Mutex::new(Line::new(room)),
        })
    }

    /// `None`: too many of the party wait already.
    async fn enter(self: Arc<Self>, party: Party, cost: u64) -> Option<Place> {
        let waiting = {
            let mut line = self.line();
            let cost = line.fitting(cost);
            if line.try_enter(party, cost) {
                drop(line);
                return Some(self.place(party, cost));
            }
            let (sender, waiting) = oneshot::channel();
            if !line.wait(party, cost, sender, MOST_WAITING, oneshot::Sender::is_closed) {
                return None;
            }
            waiting
        };
        // Who was ahead may have gone meanwhile.
        self.call_in();
        waiting.await.ok()
    }

    /// Lets in who is next as long as there is room.
    fn call_in(self: &Arc<Self>) {
        loop {
            let next = self.line().next(oneshot::Sender::is_closed);
            let Some((party, cost, sender)) = next else { return };
            // Who has left meanwhile drops the place, and with it the room is given back.
            let _ = sender.send(self.place(party, cost));
        }
    }

    fn place(self: &Arc<Self>, party: Party, cost: u64) -> Place {
        Place {
            room: self.clone(),
            party,
            cost,
        }
    }

    fn line(&self) -> MutexGuard<'_, Line<oneshot::Sender<Place>>> {
        // The line is in order at every step, so a panic elsewhere does not spoil it.
        self.line.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Room that is taken, until it is dropped.
#[derive(Debug)]
struct Place {
    room: Arc<Room>,
    party: Party,
    cost: u64,
}

impl Place {
    fn shrink(&mut self, cost: u64) {
        let freed = self.cost.saturating_sub(cost);
        if freed > 0 {
            self.cost -= freed;
            self.give_back(freed);
        }
    }

    fn give_back(&self, cost: u64) {
        let others_wait = {
            let mut line = self.room.line();
            line.leave(self.party, cost);
            line.is_waited_for()
        };
        if others_wait {
            self.room.call_in();
        }
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.give_back(self.cost);
    }
}

#[cfg(test)]
mod tests;
