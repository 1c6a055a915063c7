//! One step of an import, as whoever watches is told of it.

use std::sync::Arc;

use entity::import::{self, Mode, Phase, Status};
use entity::import_event;
use sea_orm::ActiveEnum;

use super::read::{Import, Stretch};
use super::step;
use crate::read::follow::EventKind;

/// One step of an import.
#[derive(Clone, Debug)]
pub struct ImportEvent {
    pub sequence: i32,
    pub kind: EventKind,
    /// The import as it was then.
    pub import: Import,
    /// First and last line of the rows that changed since the event before.
    pub(super) lines: Option<(i32, i32)>,
    /// Events between the asked-for sequence and this one are no longer kept.
    pub has_gap: bool,
    /// The last event there was when this one was read: an import that was taken back since had an end before its end.
    pub(super) newest: i32,
}

impl ImportEvent {
    /// An event as it was kept, with the import as it was then.
    pub fn kept(import: &Import, event: &import_event::Model, has_gap: bool) -> Self {
        let snapshot = &event.snapshot;
        let mut then = import::Model::clone(&import.0);
        then.sequence = event.sequence;
        let mode = snapshot
            .mode
            .as_ref()
            .and_then(|mode| Mode::try_from_value(mode).ok());
        then.mode = mode.unwrap_or(then.mode);
        then.status = Status::try_from_value(&snapshot.status).unwrap_or(then.status);
        then.phase = Phase::try_from_value(&snapshot.phase).unwrap_or(then.phase);
        (then.processed, then.total) = (snapshot.processed, snapshot.total);
        (then.succeeded, then.failed, then.skipped) = (snapshot.succeeded, snapshot.failed, snapshot.skipped);
        then.outcomes = snapshot.outcomes.clone();
        then.store_away_since = snapshot.store_away_since;
        then.undo.clone_from(&snapshot.undo);
        then.updated_at = event.created_at;
        // What came later was not so yet.
        then.started_at = then.started_at.filter(|_| snapshot.total.is_some());
        then.preview = then.preview.filter(|_| snapshot.has_preview);
        if !step::is_final(then.status) {
            (then.failure_code, then.failure_message, then.finished_at) = (None, None, None);
            then.failure_field = None;
        }
        let kind = if snapshot.lines.is_some() {
            EventKind::Progress
        } else {
            EventKind::Status
        };
        Self {
            sequence: event.sequence,
            kind,
            import: Import(Arc::new(then)),
            lines: snapshot.lines,
            has_gap,
            newest: import.0.sequence,
        }
    }

    /// One that tells of no row.
    pub(super) fn silent(now: &Import, sequence: i32, kind: EventKind) -> Self {
        Self {
            sequence,
            kind,
            import: now.clone(),
            lines: None,
            has_gap: false,
            newest: now.0.sequence,
        }
    }

    /// Whether nothing comes after it.
    pub fn is_final(&self) -> bool {
        let import = &self.import.0;
        let has_ended = step::is_final(import.status) && import.phase != Phase::Undoing;
        has_ended && self.sequence == import.sequence && self.sequence == self.newest
    }

    /// The lines of the file whose rows changed since the event before.
    pub fn stretch(&self) -> Stretch {
        match self.lines {
            Some((first, last)) => Stretch {
                import_id: self.import.0.id,
                first,
                last,
            },
            None => Stretch::none(self.import.0.id),
        }
    }

    /// The two as one: what the earlier one told is in the later one.
    pub fn absorb(self, later: Self) -> Self {
        let lines = match (self.lines, later.lines) {
            // What is taken back goes from the last line to the first.
            (Some(one), Some(other)) => Some((one.0.min(other.0), one.1.max(other.1))),
            (lines, None) | (None, lines) => lines,
        };
        let kind = if lines.is_some() {
            EventKind::Progress
        } else {
            later.kind
        };
        Self {
            lines,
            kind,
            has_gap: self.has_gap || later.has_gap,
            ..later
        }
    }
}
