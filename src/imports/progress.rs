//! Watching an import ([`follow`](crate::read::follow)).

use entity::import_event;
use uuid::Uuid;

use super::event::ImportEvent;
use super::read::Import;
use crate::access::Action;
use crate::error::{Code, Refusal, Result};
use crate::platform::events::Wake;
use crate::read::Scope;
use crate::read::follow::{EventKind, Followed, Step};

/// Rows an event shows.
pub const MOST_ROWS: u16 = 50;

impl Followed for Import {
    type Kept = import_event::Model;
    type Step = ImportEvent;

    const ACTION: Action = Action::ImportUsers;

    fn missing() -> Refusal {
        Refusal::new(Code::NotFound, "There is no such import.")
    }

    fn sequence(&self) -> i32 {
        self.0.sequence
    }

    fn is_meant(id: Uuid, wake: Wake) -> bool {
        matches!(wake, Wake::Import { id: woken, .. } if woken == id)
    }

    async fn kept_after(
        scope: &Scope,
        id: Uuid,
        sequence: i32,
        most: u64,
    ) -> Result<Vec<import_event::Model>> {
        Self::events_after(scope, id, sequence, most).await
    }

    fn number(kept: &import_event::Model) -> i32 {
        kept.sequence
    }

    fn step(&self, kept: &import_event::Model, has_gap: bool) -> ImportEvent {
        ImportEvent::kept(self, kept, has_gap)
    }

    fn snapshot(&self, sequence: i32, then: Option<&import_event::Model>) -> ImportEvent {
        let import = then.map_or_else(
            || self.clone(),
            |event| ImportEvent::kept(self, event, false).import,
        );
        ImportEvent {
            import,
            ..ImportEvent::silent(self, sequence, EventKind::Snapshot)
        }
    }

    fn heartbeat(&self, sequence: i32) -> ImportEvent {
        ImportEvent::silent(self, sequence, EventKind::Heartbeat)
    }
}

impl Step for ImportEvent {
    fn is_final(&self) -> bool {
        Self::is_final(self)
    }

    fn absorb(self, later: Self) -> Self {
        Self::absorb(self, later)
    }
}
