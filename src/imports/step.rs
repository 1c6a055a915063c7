//! Writing an import's row: every change counts its sequence up and leaves an event, in the same transaction.

use entity::ids::numbered;
use entity::import::{self, Phase, Status};
use entity::import_event::{self, Snapshot};
use entity::import_row::RowOutcome;
use entity::lists::Texts;
use sea_orm::ActiveValue::Set;
use sea_orm::sea_query::Expr;
use sea_orm::{ActiveEnum, ColumnTrait, EntityTrait, QueryFilter};
use uuid::Uuid;

use crate::command::Work;
use crate::error::{Error, Refusal, Result};
use crate::platform::events::Wake;

/// Whether nothing changes any more.
pub fn is_final(status: Status) -> bool {
    matches!(
        status,
        Status::Succeeded | Status::SucceededWithErrors | Status::Failed | Status::Cancelled
    )
}

/// Whether it was taken back.
pub fn is_undone(import: &import::Model) -> bool {
    let finished_at = import.undo.as_ref().and_then(|undo| undo.finished_at);
    finished_at.is_some()
}

/// How the counters see an outcome.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tally {
    Succeeded,
    Failed,
    Skipped,
}

pub fn tally(outcome: RowOutcome) -> Tally {
    match outcome {
        RowOutcome::Invited
        | RowOutcome::Assigned
        | RowOutcome::InvitedAndAssigned
        | RowOutcome::Reinvited
        | RowOutcome::Unassigned
        | RowOutcome::Waitlisted => Tally::Succeeded,
        RowOutcome::Failed => Tally::Failed,
        RowOutcome::Unchanged | RowOutcome::Duplicate | RowOutcome::NotProcessed => Tally::Skipped,
    }
}

/// Adds rows to the counters.
pub fn count(import: &mut import::Model, outcome: RowOutcome, rows: i32) {
    if rows == 0 {
        return;
    }
    import.processed += rows;
    match tally(outcome) {
        Tally::Succeeded => import.succeeded += rows,
        Tally::Failed => import.failed += rows,
        Tally::Skipped => import.skipped += rows,
    }
    *import.outcomes.0.entry(outcome.to_value()).or_default() += rows;
}

/// Notes why the whole import failed.
pub fn fail(import: &mut import::Model, refusal: &Refusal) {
    import.status = Status::Failed;
    import.phase = Phase::Done;
    import.failure_code = Some(refusal.code.name());
    import.failure_message = Some(refusal.message.clone());
    import.failure_field = refusal.field.clone().map(Texts);
}

/// The import as it is now, read under the account's lock.
pub async fn load(work: &Work, account_id: Uuid, id: Uuid) -> Result<import::Model> {
    let found = import::Entity::find_by_id((account_id, id))
        .one(work.reader())
        .await?;
    found.ok_or_else(|| Error::internal("an import that is worked on is gone"))
}

/// Writes the import as it has become, and the event that says so.
pub async fn store(work: &mut Work, import: &mut import::Model, lines: Option<(i32, i32)>) -> Result<()> {
    import.sequence += 1;
    import.updated_at = work.now();
    if is_final(import.status) && import.finished_at.is_none() {
        import.finished_at = Some(work.now());
    }
    let now = import.clone();
    let update = import::Entity::update_many()
        .col_expr(import::Column::Mode, Expr::value(now.mode))
        .col_expr(import::Column::Status, Expr::value(now.status))
        .col_expr(import::Column::Phase, Expr::value(now.phase))
        .col_expr(import::Column::Sequence, Expr::value(now.sequence))
        .col_expr(import::Column::Processed, Expr::value(now.processed))
        .col_expr(import::Column::Total, Expr::value(now.total))
        .col_expr(import::Column::Succeeded, Expr::value(now.succeeded))
        .col_expr(import::Column::Failed, Expr::value(now.failed))
        .col_expr(import::Column::Skipped, Expr::value(now.skipped))
        .col_expr(import::Column::Outcomes, Expr::value(now.outcomes))
        .col_expr(import::Column::Preview, Expr::value(now.preview))
        .col_expr(import::Column::FailureCode, Expr::value(now.failure_code))
        .col_expr(import::Column::FailureMessage, Expr::value(now.failure_message))
        .col_expr(import::Column::FailureField, Expr::value(now.failure_field))
        .col_expr(import::Column::StartedAt, Expr::value(now.started_at))
        .col_expr(import::Column::UpdatedAt, Expr::value(now.updated_at))
        .col_expr(import::Column::FinishedAt, Expr::value(now.finished_at))
        .col_expr(import::Column::StoreAwaySince, Expr::value(now.store_away_since))
        .col_expr(import::Column::Undo, Expr::value(now.undo))
        .col_expr(import::Column::Mapping, Expr::value(now.mapping))
        .col_expr(import::Column::HeaderKey, Expr::value(now.header_key))
        .filter(import::Column::AccountId.eq(now.account_id))
        .filter(import::Column::Id.eq(now.id));
    work.update(update).await?;
    tell(work, import, lines).await
}

/// Writes the event of the import's present sequence.
pub async fn tell(work: &mut Work, import: &import::Model, lines: Option<(i32, i32)>) -> Result<()> {
    let event = import_event::ActiveModel {
        account_id: Set(import.account_id),
        id: Set(numbered(import.id, import.sequence)),
        import_id: Set(import.id),
        sequence: Set(import.sequence),
        snapshot: Set(Snapshot {
            mode: Some(import.mode.to_value()),
            status: import.status.to_value(),
            phase: import.phase.to_value(),
            processed: import.processed,
            total: import.total,
            succeeded: import.succeeded,
            failed: import.failed,
            skipped: import.skipped,
            outcomes: import.outcomes.clone(),
            has_preview: import.preview.is_some(),
            store_away_since: import.store_away_since,
            undo: import.undo.clone(),
            lines,
        }),
        created_at: Set(work.now()),
    };
    work.insert(vec![event]).await?;
    work.wake(Wake::Import {
        account_id: import.account_id,
        id: import.id,
    });
    Ok(())
}
