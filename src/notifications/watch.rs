//! Watching one's own notifications: how many are unread, then each that comes, and the count whenever it is another one.
//!
//! A wake only says that there may be something. What is behind the last one told is read, so a lost wake costs seconds; and since ids are in the order of
//! commits, whoever comes back with the last one they saw misses none.

use std::collections::VecDeque;
use std::time::Duration;

use chrono::{DateTime, Utc};
use futures::stream::{self, Stream};
use tokio::time::Instant;
use uuid::Uuid;

use super::read::{self, Notification};
use crate::access::{Action, permit};
use crate::error::Result;
use crate::platform::events::{Listener, Wake};
use crate::read::Scope;

/// However often something happens, it is looked no more often.
const BREATH: Duration = Duration::from_millis(250);
/// Wakes are hints: look this often in any case.
const LOOK: Duration = Duration::from_secs(5);
/// Read at once.
const AT_ONCE: u64 = 25;

/// What a watcher is told.
#[derive(Clone, Debug)]
pub struct NotificationAdded {
    /// What came; `None` where only the count is told.
    pub notification: Option<Notification>,
    pub unread: i32,
    /// Whoever comes back behind this misses nothing.
    pub last: Uuid,
    pub at: DateTime<Utc>,
}

/// Follows the reader's own: behind one they have seen, or from now on.
pub async fn follow(
    scope: Scope,
    after: Option<Uuid>,
) -> Result<impl Stream<Item = Result<NotificationAdded>> + Send> {
    permit(scope.actor(), Action::Own)?;
    // Listening begins before reading: what happens in between is heard.
    let listener = scope.app().events().subscribe();
    let last = match after {
        Some(after) => after,
        None => read::last(&scope).await?,
    };
    let watcher = Watcher {
        scope,
        listener,
        last,
        waiting: VecDeque::new(),
        told: None,
        looked_at: Instant::now(),
    };
    Ok(stream::unfold(Some(watcher), |watcher| async {
        let mut watcher = watcher?;
        match watcher.next().await {
            Ok(added) => Some((Ok(added), Some(watcher))),
            Err(error) => Some((Err(error), None)),
        }
    }))
}

struct Watcher {
    scope: Scope,
    listener: Listener,
    last: Uuid,
    /// Read, and still to be told.
    waiting: VecDeque<Notification>,
    /// The count that was told last.
    told: Option<i32>,
    looked_at: Instant,
}

impl Watcher {
    async fn next(&mut self) -> Result<NotificationAdded> {
        loop {
            if let (Some(notification), Some(unread)) = (self.waiting.pop_front(), self.told) {
                self.last = notification.0.id;
                return Ok(self.event(Some(notification), unread));
            }
            if self.told.is_some() {
                self.wait().await?;
            }
            self.scope.may_still(Action::Own).await?;
            self.looked_at = Instant::now();
            self.waiting = read::behind(&self.scope, self.last, AT_ONCE).await?.into();
            let unread = read::unread(&self.scope).await?;
            let is_another = self.told.replace(unread) != Some(unread);
            if is_another && self.waiting.is_empty() {
                return Ok(self.event(None, unread));
            }
        }
    }

    fn event(&self, notification: Option<Notification>, unread: i32) -> NotificationAdded {
        NotificationAdded {
            notification,
            unread,
            last: self.last,
            at: self.scope.app().clock().now(),
        }
    }

    /// Until there may be something.
    async fn wait(&mut self) -> Result<()> {
        let member = self.scope.member()?;
        let (account, user) = (member.account_id, member.user_id);
        let concerns = |wake| match wake {
            Wake::Notices { account_id, id } => (account_id, id) == (account, user),
            // The watcher's own change: rights that are lost end the watching at once.
            Wake::User { id, .. } => id == user,
            _ => false,
        };
        // Whether woken or tired of waiting: look again, when there has been a breath.
        let _ = tokio::time::timeout(LOOK, self.listener.wait_for(concerns)).await;
        tokio::time::sleep_until(self.looked_at + BREATH).await;
        Ok(())
    }
}
