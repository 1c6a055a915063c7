//! Watching a job ([`follow`](crate::read::follow)).

use entity::bulk_job_event;
use uuid::Uuid;

use super::event::BulkJobEvent;
use super::read::{BulkJob, missing};
use crate::access::Action;
use crate::error::{Refusal, Result};
use crate::platform::events::Wake;
use crate::read::Scope;
use crate::read::follow::{EventKind, Followed};

/// People an event shows.
pub const MOST_ITEMS: u16 = 50;

impl Followed for BulkJob {
    type Kept = bulk_job_event::Model;
    type Step = BulkJobEvent;

    const ACTION: Action = Action::ReadUsers;

    fn missing() -> Refusal {
        missing()
    }

    fn sequence(&self) -> i32 {
        self.0.sequence
    }

    fn is_meant(id: Uuid, wake: Wake) -> bool {
        matches!(wake, Wake::BulkJob { id: woken, .. } if woken == id)
    }

    async fn kept_after(
        scope: &Scope,
        id: Uuid,
        sequence: i32,
        most: u64,
    ) -> Result<Vec<bulk_job_event::Model>> {
        Self::events_after(scope, id, sequence, most).await
    }

    fn number(kept: &bulk_job_event::Model) -> i32 {
        kept.sequence
    }

    fn step(&self, kept: &bulk_job_event::Model, has_gap: bool) -> BulkJobEvent {
        BulkJobEvent::kept(self, kept, has_gap)
    }

    fn snapshot(&self, sequence: i32, then: Option<&bulk_job_event::Model>) -> BulkJobEvent {
        let job = then.map_or_else(
            || self.clone(),
            |event| BulkJobEvent::kept(self, event, false).job,
        );
        BulkJobEvent::silent(job, sequence, EventKind::Snapshot)
    }

    fn heartbeat(&self, sequence: i32) -> BulkJobEvent {
        BulkJobEvent::silent(self.clone(), sequence, EventKind::Heartbeat)
    }
}
