//! Following something long: a snapshot first, then what was missed, then what happens, then the end.
//!
//! The events are rows; a wake only says that there are new ones. So it does not matter which process does the work, whether a wake was lost, or how
//! often the client's connection broke: it names the last sequence it saw and gets everything after it.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use entity::user::Role;
use futures::stream::{self, Stream};
use tokio::time::Instant;
use uuid::Uuid;

use super::together::{Question, Together};
use super::{ById, Scope};
use crate::access::{Action, permit, role_may};
use crate::app::{App, Shared};
use crate::error::{Error, Refusal, Result};
use crate::platform::events::{Listener, Wake};

/// At most four events a second.
const BREATH: Duration = Duration::from_millis(250);
/// Silence is broken this often.
const HEARTBEAT: Duration = Duration::from_secs(15);
/// Wakes are hints: look this often in any case.
const LOOK: Duration = Duration::from_secs(5);
/// Events fetched at once, also the most that asking for them answers.
pub const MOST_EVENTS: u16 = 25;

/// Why an event was sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EventKind {
    Snapshot,
    Progress,
    Status,
    Heartbeat,
}

/// Something that leaves an event in each transaction that changes it, numbered from 1.
pub trait Followed: ById + Clone + Sync + 'static {
    /// An event's row.
    type Kept: Clone + Send + Sync + 'static;
    /// One step, as whoever watches is told of it.
    type Step: Step;

    /// What whoever watches must be allowed to do.
    const ACTION: Action;

    /// Of another account's it is as absent as one that never was.
    fn missing() -> Refusal;

    /// The number of the last event.
    fn sequence(&self) -> i32;

    /// Whether a wake tells of this one.
    fn is_meant(id: Uuid, wake: Wake) -> bool;

    /// The events kept after a sequence, in order, so many at the most.
    fn kept_after(
        scope: &Scope,
        id: Uuid,
        sequence: i32,
        most: u64,
    ) -> impl Future<Output = Result<Vec<Self::Kept>>> + Send;

    /// The number of an event.
    fn number(kept: &Self::Kept) -> i32;

    /// What a kept event tells; `has_gap`: others before it are no longer kept.
    fn step(&self, kept: &Self::Kept, has_gap: bool) -> Self::Step;

    /// How it was when the event of that number was written; `None`: as it is now.
    fn snapshot(&self, sequence: i32, then: Option<&Self::Kept>) -> Self::Step;

    /// It is as it was.
    fn heartbeat(&self, sequence: i32) -> Self::Step;
}

/// One step of something that is followed.
pub trait Step: Sized + Send + Sync + 'static {
    /// Whether nothing comes after it.
    fn is_final(&self) -> bool;

    /// The two as one: what the earlier one told is in the later one.
    fn absorb(self, later: Self) -> Self;
}

/// The polling twin: the kept events after a sequence.
pub async fn events<F: Followed>(scope: &Scope, id: Uuid, after: i32) -> Result<Vec<F::Step>> {
    let followed = visible::<F>(scope, id).await?;
    let kept = F::kept_after(scope, followed.id(), after.max(0), MOST_EVENTS.into()).await?;
    let has_gap = |event: &F::Kept| F::number(event) > after.max(0) + 1;
    let first = kept.first().is_some_and(has_gap);
    let step = |(place, event)| followed.step(event, first && place == 0);
    Ok(kept.iter().enumerate().map(step).collect())
}

/// What is followed, if the reader may watch it.
async fn visible<F: Followed>(scope: &Scope, id: Uuid) -> Result<F> {
    permit(scope.actor(), F::ACTION)?;
    let found = F::by_ids(scope, &[id]).await?.pop();
    found.ok_or_else(|| F::missing().into())
}

/// How it was at a sequence: what follows from there never falls behind what was shown. Where that is no longer kept: as it is now.
async fn snapshot<F: Followed>(scope: &Scope, now: &F, sequence: i32) -> Result<F::Step> {
    let mut kept = Vec::new();
    if sequence < now.sequence() {
        kept = F::kept_after(scope, now.id(), sequence.max(1) - 1, 1).await?;
    }
    let then = kept.iter().find(|event| F::number(event) == sequence.max(1));
    Ok(now.snapshot(sequence, then))
}

/// Follows something until it ends.
pub async fn follow<F: Followed>(
    scope: Scope,
    id: Uuid,
    after: Option<i32>,
) -> Result<impl Stream<Item = Result<F::Step>> + Send> {
    // Listening begins before reading: what happens in between is heard.
    let listener = scope.app().events().subscribe();
    let followed = visible::<F>(&scope, id).await?;
    let last = after.map_or(followed.sequence(), |after| after.clamp(0, followed.sequence()));
    let snapshot = snapshot(&scope, &followed, last).await?;
    let is_over = snapshot.is_final();
    let now = Instant::now();
    let asked = scope.app().shared::<Asked<F>>();
    let (account_id, user_id) = (scope.account_id()?, scope.member()?.user_id);
    let follower = Follower {
        role: asked.roles.question((account_id, user_id)),
        followed: asked.followed.question((account_id, id)),
        events: asked.events.question((account_id, id, last)),
        asked,
        scope,
        listener,
        id: followed.id(),
        last,
        // What was missed is replayed one by one; what happens from now on is joined when it comes too fast.
        replay_until: followed.sequence(),
        waiting: VecDeque::from([snapshot]),
        state: if is_over { State::LastOne } else { State::Following },
        spoke_at: now - BREATH,
    };
    Ok(stream::unfold(follower, Follower::step))
}

/// The account, what is followed, and the sequence after which events are asked for.
type After = (Uuid, Uuid, i32);

/// What everybody asks who follows the same thing.
struct Asked<F: Followed> {
    /// By account and user; of somebody who is not active any more there is none.
    roles: Together<(Uuid, Uuid), Option<Role>>,
    followed: Together<(Uuid, Uuid), F>,
    events: Together<After, Arc<[F::Kept]>>,
}

impl<F: Followed> Shared for Asked<F> {
    fn start(_: &App) -> Self {
        Self {
            roles: Together::default(),
            followed: Together::default(),
            events: Together::default(),
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Following,
    /// What is waiting ends the stream.
    LastOne,
    Over,
}

struct Follower<F: Followed> {
    asked: Arc<Asked<F>>,
    role: Arc<Question<Option<Role>>>,
    followed: Arc<Question<F>>,
    events: Arc<Question<Arc<[F::Kept]>>>,
    scope: Scope,
    listener: Listener,
    id: Uuid,
    last: i32,
    replay_until: i32,
    waiting: VecDeque<F::Step>,
    state: State,
    spoke_at: Instant,
}

impl<F: Followed> Follower<F> {
    async fn step(mut self) -> Option<(Result<F::Step>, Self)> {
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

    async fn next(&mut self) -> Result<Option<F::Step>> {
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
                Wake::User { id: woken, .. } => woken == user_id,
                Wake::Resync => true,
                wake => F::is_meant(id, wake),
            };
            let until = silent_until.min(Instant::now() + LOOK);
            // Whether woken or tired of waiting: look again. Whoever was not woken expects nothing new.
            let woken = tokio::time::timeout_at(until, self.listener.wait_for(concerns)).await;
            since = if woken.is_ok() { Instant::now() } else { lately() };
        }
    }

    fn speak(&mut self, event: F::Step) -> F::Step {
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
            Ok(F::kept_after(&self.scope, id, last, MOST_EVENTS.into())
                .await?
                .into())
        };
        let kept = self.events.answer(since, read).await?;
        let Some(newest) = kept.last().map(F::number) else {
            return Ok(false);
        };
        // It may be ahead of the events, and never behind them.
        let followed = self.followed(Instant::now()).await?;
        let is_replay = self.last < self.replay_until;
        let mut events = Vec::with_capacity(kept.len());
        for event in &*kept {
            events.push(followed.step(event, F::number(event) > self.last + 1));
            self.last = F::number(event);
        }
        self.last = newest;
        self.events = self
            .asked
            .events
            .question((self.scope.account_id()?, self.id, newest));
        if is_replay {
            self.waiting.extend(events);
        } else {
            self.waiting.extend(events.into_iter().reduce(Step::absorb));
        }
        Ok(true)
    }

    async fn heartbeat(&mut self) -> Result<F::Step> {
        self.check_rights(lately()).await?;
        let event = self.followed(lately()).await?.heartbeat(self.last);
        self.spoke_at = Instant::now();
        Ok(event)
    }

    async fn followed(&self, since: Instant) -> Result<F> {
        let read = async {
            let mut found = F::by_ids(&self.scope, &[self.id]).await?;
            found.pop().ok_or(Error::Forbidden)
        };
        self.followed.answer(since, read).await
    }

    async fn check_rights(&self, since: Instant) -> Result<()> {
        let role = self.role.answer(since, self.scope.role_now()).await?;
        match role_may(role.ok_or(Error::SessionExpired)?, F::ACTION) {
            true => Ok(()),
            false => Err(Error::Forbidden),
        }
    }
}

/// Since when an answer is new enough for who was not woken.
fn lately() -> Instant {
    Instant::now() - LOOK / 2
}
