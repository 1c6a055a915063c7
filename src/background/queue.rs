//! A queue worked through: some things side by side, the accounts by turns, each thing by itself.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::Instant;
use uuid::Uuid;

use super::turns::Turns;
use crate::app::App;
use crate::error::{Error, Result};
use crate::platform::events::Wake;
use crate::platform::panics::caught;

/// Wakes are hints: look this often in any case.
const LOOK: Duration = Duration::from_secs(2);
/// However many wakes there are, looking is not done more often.
const BETWEEN_LOOKS: Duration = Duration::from_millis(50);
/// What is in hand when the process is told to stop may go on for so long. Then it is left to its lease, and another takes it up.
pub const GRACE: Duration = Duration::from_secs(20);

/// Rows of many accounts that are to be handled once each.
pub trait Queue: Send + Sync + 'static {
    type Item: Send + 'static;

    /// For the log.
    const NAME: &'static str;
    /// Says that there may be something new.
    const WAKE: Wake;
    /// Items in hand at the same time.
    const SIDE_BY_SIDE: usize;

    /// Accounts that have something due.
    fn due_accounts(&self, app: &App) -> impl Future<Output = Result<Vec<Uuid>>> + Send;

    /// Leases something of one account, `most` items at the most; none when there is nothing any more.
    fn claim(
        &self,
        app: &App,
        account_id: Uuid,
        most: usize,
    ) -> impl Future<Output = Result<Vec<Self::Item>>> + Send;

    /// The next item that this process leased itself in another way. Whoever stops waiting loses none.
    fn handed(&self, app: &App) -> impl Future<Output = Self::Item> + Send {
        let _ = app;
        std::future::pending()
    }

    /// The same, if it is there.
    fn handed_now(&self, app: &App) -> Option<Self::Item> {
        let _ = app;
        None
    }

    /// Nothing more is taken in hand by this process.
    fn stop(&self, app: &App) -> impl Future<Output = ()> + Send {
        let _ = app;
        std::future::ready(())
    }

    /// Handles one item to its end, and notes how it ended.
    fn handle(self: Arc<Self>, app: App, item: Self::Item) -> impl Future<Output = ()> + Send + 'static;
}

/// Works through a queue until told to stop. What is in hand is finished first.
pub async fn work_through<Q: Queue>(app: App, queue: Arc<Q>, mut stop: watch::Receiver<bool>) {
    let mut listener = app.events().subscribe();
    let mut turns = Turns::default();
    let mut in_hand = JoinSet::new();
    let mut next_look = Instant::now();
    while !*stop.borrow() {
        if next_look <= Instant::now() {
            next_look = Instant::now() + LOOK;
            match guarded(&app, queue.due_accounts(&app)).await {
                Ok(due) => turns.look(due),
                Err(error) => {
                    tracing::warn!(?error, queue = Q::NAME, "background work could not be looked for");
                }
            }
        }
        take_up(&app, &queue, &mut turns, &mut in_hand).await;
        tokio::select! {
            Some(ended) = in_hand.join_next(), if !in_hand.is_empty() => {
                if let Err(error) = ended {
                    tracing::error!(%error, queue = Q::NAME, "background work ended without a note; its lease runs out");
                }
                if turns.is_empty() {
                    next_look = next_look.min(Instant::now() + BETWEEN_LOOKS);
                }
            }
            item = queue.handed(&app), if in_hand.len() < Q::SIDE_BY_SIDE => {
                in_hand.spawn(queue.clone().handle(app.clone(), item));
            }
            _ = listener.wait_for(|heard| heard == Q::WAKE) => {
                next_look = next_look.min(Instant::now() + BETWEEN_LOOKS);
            }
            () = tokio::time::sleep_until(next_look) => {}
            _ = stop.changed() => {}
        }
    }
    let finished = async {
        queue.stop(&app).await;
        while in_hand.join_next().await.is_some() {}
    };
    if tokio::time::timeout(GRACE, finished).await.is_err() {
        tracing::warn!(queue = Q::NAME, "what is still in hand is left to its lease");
    }
}

/// Takes as much as there is room for: what was handed over and what can be claimed by turns, and of that one account after the other.
async fn take_up<Q: Queue>(app: &App, queue: &Arc<Q>, turns: &mut Turns, in_hand: &mut JoinSet<()>) {
    while in_hand.len() < Q::SIDE_BY_SIDE {
        let handed = queue.handed_now(app);
        let is_handed = handed.is_some();
        if let Some(item) = handed {
            in_hand.spawn(queue.clone().handle(app.clone(), item));
        }
        if in_hand.len() == Q::SIDE_BY_SIDE {
            return;
        }
        let Some(account_id) = turns.next() else {
            if is_handed {
                continue;
            }
            return;
        };
        let room = Q::SIDE_BY_SIDE - in_hand.len();
        let most = if turns.is_empty() { room } else { 1 };
        match guarded(app, queue.claim(app, account_id, most)).await {
            Ok(items) => {
                if items.len() == most {
                    turns.again(account_id);
                }
                for item in items {
                    in_hand.spawn(queue.clone().handle(app.clone(), item));
                }
            }
            Err(error) => {
                tracing::warn!(?error, queue = Q::NAME, "background work could not be claimed");
                return;
            }
        }
    }
}

/// A panic is an error like any other, and so is a database that says nothing: the loop goes on.
async fn guarded<T>(app: &App, act: impl Future<Output = Result<T>>) -> Result<T> {
    caught(app.unless_away(act))
        .await
        .unwrap_or_else(|panicked| Err(Error::internal(panicked)))
}
