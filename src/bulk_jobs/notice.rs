//! What whoever asked for a job reads of how it ended. Pure.

use entity::bulk_job::Model;
use entity::bulk_job_item::Outcome;
use entity::ids;
use entity::import::Status;
use entity::notification::{Kind, Severity};
use sea_orm::ActiveEnum;

use super::task;
use crate::notifications::Notice;

pub fn of(job: &Model) -> Notice {
    let what = task::title(&job.task);
    let how = match job.status {
        Status::Succeeded => "is done",
        Status::SucceededWithErrors => "is done, but for some people",
        Status::Cancelled => "was cancelled",
        _ => "failed",
    };
    let is_well = matches!(job.status, Status::Succeeded | Status::Cancelled) && job.failed == 0;
    let reason = job.failure_message.iter().cloned();
    let text: Vec<String> = reason.chain([counts(job)]).collect();
    Notice {
        kind: Kind::JobFinished,
        severity: if is_well {
            Severity::Info
        } else {
            Severity::Warning
        },
        title: format!("{what} {how}"),
        body: text.join(" "),
        subject: Some(ids::Kind::BulkJob.text(job.id)),
    }
}

/// How many people it came to what for.
fn counts(job: &Model) -> String {
    let number = |outcome: Outcome| {
        job.outcomes
            .0
            .get(&outcome.to_value())
            .copied()
            .unwrap_or_default()
    };
    let others = [
        (Outcome::Waitlisted, "waiting"),
        (Outcome::Unchanged, "unchanged"),
        (Outcome::Failed, "failed"),
        (Outcome::NotProcessed, "not processed"),
    ];
    let done = format!("{} people: {} done", job.total, number(Outcome::Applied));
    let others = others.into_iter().map(|(outcome, word)| (number(outcome), word));
    let others = others.filter(|(count, _)| *count > 0);
    let others = others.map(|(count, word)| format!("{count} {word}"));
    let parts: Vec<String> = std::iter::once(done).chain(others).collect();
    format!("{}.", parts.join(", "))
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;
    use entity::bulk_job::{Model, Task};
    use entity::bulk_job_item::Outcome;
    use entity::import::{Counts, OnError, Phase, Status};
    use entity::notification::Severity;
    use uuid::Uuid;

    use super::of;
    use crate::bulk_jobs::step;

    #[test]
    fn what_was_not_done_is_told_and_warns() {
        let mut job = Model {
            account_id: Uuid::nil(),
            id: Uuid::nil(),
            created_by: Uuid::nil(),
            token_id: None,
            task: Task::UnassignSeats {
                product_id: Uuid::nil(),
            },
            on_error: OnError::SkipFailed,
            status: Status::Succeeded,
            phase: Phase::Done,
            sequence: 1,
            processed: 0,
            total: 140,
            succeeded: 0,
            failed: 0,
            skipped: 0,
            outcomes: Counts::default(),
            failure_code: None,
            failure_message: None,
            created_at: DateTime::UNIX_EPOCH,
            started_at: None,
            updated_at: DateTime::UNIX_EPOCH,
            finished_at: None,
        };
        step::count(&mut job, Outcome::Applied, 120);
        step::count(&mut job, Outcome::Unchanged, 20);
        let notice = of(&job);
        assert_eq!(
            (notice.title.as_str(), notice.body.as_str(), notice.severity),
            (
                "Taking seats back is done",
                "140 people: 120 done, 20 unchanged.",
                Severity::Info
            )
        );
        step::count(&mut job, Outcome::Failed, 1);
        job.status = Status::SucceededWithErrors;
        assert_eq!(of(&job).severity, Severity::Warning);
    }
}
