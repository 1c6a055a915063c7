//! Watching an export: as it is, then whenever it is further, then the end.
//!
//! Each event is the whole of what there is to know, so none that was missed leaves a gap. A wake only says that there may be something new; a lost one costs seconds.

use std::time::Duration;

use futures::stream::{self, Stream};
use tokio::time::Instant;
use uuid::Uuid;

use super::read::Export;
use super::step;
use crate::access::{Action, permit};
use crate::error::{Code, Error, Refusal, Result};
use crate::imports::event::EventKind;
use crate::platform::events::{Listener, Wake};
use crate::read::{ById, Scope};

/// At most four events a second.
const BREATH: Duration = Duration::from_millis(250);
/// Silence is broken this often.
const HEARTBEAT: Duration = Duration::from_secs(15);
/// Wakes are hints: look this often in any case.
const LOOK: Duration = Duration::from_secs(5);

/// An export at a moment.
#[derive(Clone, Debug)]
pub struct ExportEvent {
    pub kind: EventKind,
    pub export: Export,
}

impl ExportEvent {
    /// Whether nothing comes after it.
    pub fn is_final(&self) -> bool {
        step::is_final(self.export.0.status)
    }
}

/// Follows an export until it ends, for as long as whoever watches may see it. Another account's is as absent as one that never was.
pub async fn follow(scope: Scope, id: Uuid) -> Result<impl Stream<Item = Result<ExportEvent>> + Send> {
    // Listening begins before reading: what happens in between is heard.
    let listener = scope.app().events().subscribe();
    permit(scope.actor(), Action::ReadReports)?;
    if Export::by_ids(&scope, &[id]).await?.is_empty() {
        return Err(Refusal::new(Code::NotFound, "There is no such export.").into());
    }
    let watcher = Watcher {
        scope,
        listener,
        id,
        told: None,
        spoke_at: Instant::now(),
    };
    Ok(stream::unfold(Some(watcher), |watcher| async {
        let mut watcher = watcher?;
        match watcher.next().await {
            Ok(event) if event.is_final() => Some((Ok(event), None)),
            Ok(event) => Some((Ok(event), Some(watcher))),
            Err(error) => Some((Err(error), None)),
        }
    }))
}

struct Watcher {
    scope: Scope,
    listener: Listener,
    id: Uuid,
    told: Option<Export>,
    spoke_at: Instant,
}

impl Watcher {
    async fn next(&mut self) -> Result<ExportEvent> {
        loop {
            if self.told.is_some() {
                self.wait().await?;
            }
            self.scope.may_still(Action::ReadReports).await?;
            let export = Export::by_ids(&self.scope, &[self.id]).await?.pop();
            let export = export.ok_or(Error::Forbidden)?;
            let kind = match &self.told {
                None => EventKind::Snapshot,
                Some(told) if told.0.sequence == export.0.sequence => {
                    if self.spoke_at.elapsed() < HEARTBEAT {
                        continue;
                    }
                    EventKind::Heartbeat
                }
                Some(told) if told.0.processed == export.0.processed => EventKind::Status,
                Some(_) => EventKind::Progress,
            };
            self.told = Some(export.clone());
            self.spoke_at = Instant::now();
            return Ok(ExportEvent { kind, export });
        }
    }

    /// Until there may be something new.
    async fn wait(&mut self) -> Result<()> {
        let user = self.scope.member()?.user_id;
        let export = self.id;
        let concerns = |wake| match wake {
            Wake::Export { id, .. } => id == export,
            // The watcher's own change: rights that are lost end the watching at once.
            Wake::User { id, .. } => id == user,
            _ => false,
        };
        // Whether woken or tired of waiting: look again, when there has been a breath.
        let _ = tokio::time::timeout(LOOK, self.listener.wait_for(concerns)).await;
        tokio::time::sleep_until(self.spoke_at + BREATH).await;
        Ok(())
    }
}
