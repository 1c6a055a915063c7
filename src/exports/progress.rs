//! Watching an export ([`follow`](crate::read::follow)): as it is, then whenever it is further, then the end.
//!
//! It keeps no events: each tells the whole of what there is to know, so the export as it is stands for all of them, and none that was missed leaves a gap.

use uuid::Uuid;

use super::read::Export;
use super::step;
use crate::access::Action;
use crate::error::{Code, Refusal, Result};
use crate::platform::events::Wake;
use crate::read::follow::{EventKind, Followed, Step};
use crate::read::{ById, Scope};

/// An export at a moment.
#[derive(Clone, Debug)]
pub struct ExportEvent {
    pub kind: EventKind,
    pub export: Export,
}

impl Step for ExportEvent {
    fn is_final(&self) -> bool {
        step::is_final(self.export.0.status)
    }

    fn absorb(self, later: Self) -> Self {
        later
    }
}

impl Followed for Export {
    type Kept = Self;
    type Step = ExportEvent;

    const ACTION: Action = Action::ReadReports;

    fn missing() -> Refusal {
        Refusal::new(Code::NotFound, "There is no such export.")
    }

    fn sequence(&self) -> i32 {
        self.0.sequence
    }

    fn is_meant(id: Uuid, wake: Wake) -> bool {
        matches!(wake, Wake::Export { id: woken, .. } if woken == id)
    }

    async fn kept_after(scope: &Scope, id: Uuid, sequence: i32, _: u64) -> Result<Vec<Self>> {
        let mut found = Self::by_ids(scope, &[id]).await?;
        found.retain(|export| export.0.sequence > sequence);
        Ok(found)
    }

    fn number(kept: &Self) -> i32 {
        kept.0.sequence
    }

    fn step(&self, kept: &Self, _has_gap: bool) -> ExportEvent {
        ExportEvent {
            kind: match step::is_final(kept.0.status) {
                true => EventKind::Status,
                false => EventKind::Progress,
            },
            export: kept.clone(),
        }
    }

    fn snapshot(&self, _: i32, _: Option<&Self>) -> ExportEvent {
        ExportEvent {
            kind: EventKind::Snapshot,
            export: self.clone(),
        }
    }

    fn heartbeat(&self, _: i32) -> ExportEvent {
        ExportEvent {
            kind: EventKind::Heartbeat,
            export: self.clone(),
        }
    }
}
