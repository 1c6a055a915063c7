//! One step of a job, as whoever watches is told of it.

use std::sync::Arc;

use entity::import::{Phase, Status};
use entity::{bulk_job, bulk_job_event};
use sea_orm::ActiveEnum;

use super::read::{BulkJob, Stretch};
use super::step;
use crate::read::follow::{EventKind, Step};

/// One step of a job.
#[derive(Clone, Debug)]
pub struct BulkJobEvent {
    pub sequence: i32,
    pub kind: EventKind,
    /// The job as it was then.
    pub job: BulkJob,
    /// First and last place of the people who were seen to since the event before.
    pub(super) places: Option<(i32, i32)>,
    /// Events between the asked-for sequence and this one are no longer kept.
    pub has_gap: bool,
}

impl BulkJobEvent {
    /// An event as it was kept, with the job as it was then.
    pub fn kept(job: &BulkJob, event: &bulk_job_event::Model, has_gap: bool) -> Self {
        let snapshot = &event.snapshot;
        let mut then = bulk_job::Model::clone(&job.0);
        then.sequence = event.sequence;
        then.status = Status::try_from_value(&snapshot.status).unwrap_or(then.status);
        then.phase = Phase::try_from_value(&snapshot.phase).unwrap_or(then.phase);
        then.processed = snapshot.processed;
        (then.succeeded, then.failed, then.skipped) = (snapshot.succeeded, snapshot.failed, snapshot.skipped);
        then.outcomes = snapshot.outcomes.clone();
        then.updated_at = event.created_at;
        // What came later was not so yet.
        then.started_at = then.started_at.filter(|_| snapshot.has_started);
        if !step::is_final(then.status) {
            (then.failure_code, then.failure_message, then.finished_at) = (None, None, None);
        }
        Self {
            sequence: event.sequence,
            kind: match snapshot.places {
                Some(_) => EventKind::Progress,
                None => EventKind::Status,
            },
            job: BulkJob(Arc::new(then)),
            places: snapshot.places,
            has_gap,
        }
    }

    /// One that tells of nobody.
    pub(super) fn silent(job: BulkJob, sequence: i32, kind: EventKind) -> Self {
        Self {
            sequence,
            kind,
            job,
            places: None,
            has_gap: false,
        }
    }

    /// Whether nothing comes after it.
    pub fn is_final(&self) -> bool {
        step::is_final(self.job.0.status) && self.sequence == self.job.0.sequence
    }

    /// The places of those who were seen to since the event before.
    pub fn stretch(&self) -> Stretch {
        let (first, last) = self.places.unwrap_or((1, 0));
        (self.job.0.id, first, last)
    }
}

impl Step for BulkJobEvent {
    fn is_final(&self) -> bool {
        Self::is_final(self)
    }

    fn absorb(self, later: Self) -> Self {
        let places = match (self.places, later.places) {
            (Some(one), Some(other)) => Some((one.0, other.1)),
            (places, None) | (None, places) => places,
        };
        Self {
            places,
            kind: match places {
                Some(_) => EventKind::Progress,
                None => later.kind,
            },
            has_gap: self.has_gap || later.has_gap,
            ..later
        }
    }
}
