//! Watching an import: a snapshot first, then what was missed, then what happens, then the end.
//!
//! The events are rows; a wake only says that there are new ones. So it does not matter which process does the work, whether a wake was lost, or how
//! often the client's connection broke: it names the last sequence it saw and gets everything after it.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use entity::import_event;
use entity::user::Role;
use futures::stream::{self, Stream};
use tokio::time::Instant;
use uuid::Uuid;

use super::event::{EventKind, ImportEvent};
use super::read::Import;
use crate::access::{Action, role_may};
use crate::app::{App, Shared};
use crate::error::{Error, Refusal, Result};
use crate::platform::events::{Listener, Wake};
use crate::read::together::{Question, Together};
use crate::read::{ById, Scope};

/// At most four events a second.
const BREATH: Duration = Duration::from_millis(250);
/// Silence is broken this often.
const HEARTBEAT: Duration = Duration::from_secs(15);
/// Wakes are hints: look this often in any case.
const LOOK: Duration = Duration::from_secs(5);
/// Events fetched at once, also the most `importEvents` answers.
pub const MOST_EVENTS: u16 = 25;
/// Rows an event shows.
pub const MOST_ROWS: u16 = 50;

/// The polling twin: the kept events after a sequence.
pub async fn events(scope: &Scope, id: Uuid, after: i32) -> Result<Vec<ImportEvent>> {
    let import = visible(scope, id).await?;
    let kept = Import::events_after(scope, import.0.id, after.max(0), MOST_EVENTS.into()).await?;
    let has_gap = |event: &import_event::Model| event.sequence > after.max(0) + 1;
    let first = kept.first().is_some_and(has_gap);
    let event = |(place, event)| ImportEvent::kept(&import, event, first && place == 0);
    Ok(kept.iter().enumerate().map(event).collect())
}

/// The import, if the reader may watch it. Another account's is as absent as one that never was.
async fn visible(scope: &Scope, id: Uuid) -> Result<Import> {
    crate::access::permit(scope.actor(), Action::ImportUsers)?;
    let missing = || {
        Error::from(Refusal::new(
            crate::error::Code::NotFound,
            "There is no such import.",
        ))
    };
    Import::by_ids(scope, &[id]).await?.pop().ok_or_else(missing)
}

/// Follows an import until it ends.
pub async fn follow(
    scope: Scope,
    id: Uuid,
    after: Option<i32>,
) -> Result<impl Stream<Item = Result<ImportEvent>> + Send> {
    // Listening begins before reading: what happens in between is heard.
    let listener = scope.app().events().subscribe();
    let import = visible(&scope, id).await?;
    let last = after.map_or(import.0.sequence, |after| after.clamp(0, import.0.sequence));
    let snapshot = ImportEvent::snapshot(&scope, &import, last).await?;
    let is_over = snapshot.is_final();
    let now = Instant::now();
    let asked = scope.app().shared::<Asked>();
    let (account_id, user_id) = (scope.account_id()?, scope.member()?.user_id);
    let follower = Follower {
        role: asked.roles.question((account_id, user_id)),
        import: asked.imports.question((account_id, id)),
        events: asked.events.question((account_id, id, last)),
        asked,
        scope,
        listener,
        id: import.0.id,
        last,
        // What was missed is replayed one by one; what happens from now on is joined when it comes too fast.
        replay_until: import.0.sequence,
        waiting: VecDeque::from([snapshot]),
        state: if is_over { State::LastOne } else { State::Following },
        spoke_at: now - BREATH,
    };
    Ok(stream::unfold(follower, Follower::step))
}

/// What everybody asks who follows the same import.
#[derive(Default)]
struct Asked {
    /// By account and user; of somebody who is not active any more there is none.
    roles: Together<(Uuid, Uuid), Option<Role>>,
    imports: Together<(Uuid, Uuid), Import>,
    /// By account, import, and the sequence after which.
    events: Together<(Uuid, Uuid, i32), Arc<[import_event::Model]>>,
}

impl Shared for Asked {
    fn start(_: &App) -> Self {
        Self::default()
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Following,
    /// What is waiting ends the stream.
    LastOne,
    Over,
}

struct Follower {
    asked: Arc<Asked>,
    role: Arc<Question<Option<Role>>>,
    import: Arc<Question<Import>>,
    events: Arc<Question<Arc<[import_event::Model]>>>,
    scope: Scope,
    listener: Listener,
    id: Uuid,
    last: i32,
    replay_until: i32,
    waiting: VecDeque<ImportEvent>,
    state: State,
    spoke_at: Instant,
}

impl Follower {
    async fn step(mut self) -> Option<(Result<ImportEvent>, Self)> {
        match self.next().await {
            Ok(Some(event)) => Some((Ok(event), self)),
            Ok(None) => None,
            Err(error) => {
                self.state = State::Over;
                self.waiting.clear();
                Some((Err(error), self))
            }
        }
    }

    async fn next(&mut self) -> Result<Option<ImportEvent>> {
        if let Some(event) = self.waiting.pop_front() {
            return Ok(Some(self.speak(event)));
        }
        if self.state != State::Following {
            return Ok(None);
        }
        let silent_until = self.spoke_at + HEARTBEAT;
        let mut since = Instant::now();
        loop {
            if self.last >= self.replay_until {
                tokio::time::sleep_until(self.spoke_at + BREATH).await;
            }
            if self.look(since).await? {
                let event = self.waiting.pop_front();
                return Ok(event.map(|event| self.speak(event)));
            }
            if Instant::now() >= silent_until {
                return self.heartbeat().await.map(Some);
            }
            let (id, user_id) = (self.id, self.scope.member()?.user_id);
            // The watcher's own change wakes, too: rights that are lost end the watching at once.
            let concerns = |wake| match wake {
                Wake::Import { id: woken, .. } => woken == id,
                Wake::User { id: woken, .. } => woken == user_id,
                Wake::Resync => true,
                Wake::Jobs
                | Wake::Mails
                | Wake::Export { .. }
                | Wake::Seats { .. }
                | Wake::Account { .. }
                | Wake::Catalogue
                | Wake::SigningKeys => false,
            };
            let until = silent_until.min(Instant::now() + LOOK);
            // Whether woken or tired of waiting: look again. Whoever was not woken expects nothing new.
            let woken = tokio::time::timeout_at(until, self.listener.wait_for(concerns)).await;
            since = if woken.is_ok() { Instant::now() } else { lately() };
        }
    }

    fn speak(&mut self, event: ImportEvent) -> ImportEvent {
        self.spoke_at = Instant::now();
        if event.is_final() && self.waiting.is_empty() {
            self.state = State::Over;
        }
        event
    }

    /// Fetches what is new; true when there is something. Whoever watches must still be allowed to.
    async fn look(&mut self, since: Instant) -> Result<bool> {
        self.check_rights(since).await?;
        let (id, last) = (self.id, self.last);
        let read = async {
            Ok(Import::events_after(&self.scope, id, last, MOST_EVENTS.into())
                .await?
                .into())
        };
        let kept = self.events.answer(since, read).await?;
        let Some(newest) = kept.last().map(|event| event.sequence) else {
            return Ok(false);
        };
        // It may be ahead of the events, and never behind them.
        let import = self.import(Instant::now()).await?;
        let is_replay = self.last < self.replay_until;
        let mut events = Vec::with_capacity(kept.len());
        for event in &*kept {
            events.push(ImportEvent::kept(&import, event, event.sequence > self.last + 1));
            self.last = event.sequence;
        }
        self.last = newest;
        self.events = self
            .asked
            .events
            .question((self.scope.account_id()?, self.id, newest));
        if is_replay {
            self.waiting.extend(events);
        } else {
            self.waiting
                .extend(events.into_iter().reduce(ImportEvent::absorb));
        }
        Ok(true)
    }

    async fn heartbeat(&mut self) -> Result<ImportEvent> {
        self.check_rights(lately()).await?;
        let import = self.import(lately()).await?;
        let kind = EventKind::Heartbeat;
        let event = ImportEvent {
            sequence: self.last,
            kind,
            newest: import.0.sequence,
            import,
            lines: None,
            has_gap: false,
        };
        self.spoke_at = Instant::now();
        Ok(event)
    }

    async fn import(&self, since: Instant) -> Result<Import> {
        let read = async {
            let mut found = Import::by_ids(&self.scope, &[self.id]).await?;
            found.pop().ok_or(Error::Forbidden)
        };
        self.import.answer(since, read).await
    }

    async fn check_rights(&self, since: Instant) -> Result<()> {
        let role = self.role.answer(since, self.scope.role_now()).await?;
        match role_may(role.ok_or(Error::SessionExpired)?, Action::ImportUsers) {
            true => Ok(()),
            false => Err(Error::Forbidden),
        }
    }
}

/// Since when an answer is new enough for who was not woken.
fn lately() -> Instant {
    Instant::now() - LOOK / 2
}
