//! Writing an export's row: every change counts its sequence up and wakes whoever watches.

use entity::export::{self, Status};
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
use uuid::Uuid;

use crate::command::Work;
use crate::error::{Error, Refusal, Result};
use crate::platform::events::Wake;

/// Whether nothing changes any more.
pub fn is_final(status: Status) -> bool {
    matches!(status, Status::Succeeded | Status::Failed | Status::Cancelled)
}

/// Notes why there is no file.
pub fn fail(export: &mut export::Model, refusal: &Refusal) {
    export.status = Status::Failed;
    export.failure_code = Some(refusal.code.name());
    export.failure_message = Some(refusal.message.clone());
}

/// The export as it is now, read under the account's lock.
pub async fn load(work: &Work, account_id: Uuid, id: Uuid) -> Result<export::Model> {
    let found = export::Entity::find_by_id((account_id, id))
        .one(work.reader())
        .await?;
    found.ok_or_else(|| Error::internal("an export that is worked on is gone"))
}

/// Writes the export as it has become.
pub async fn store(work: &mut Work, export: &mut export::Model) -> Result<()> {
    export.sequence += 1;
    export.updated_at = work.now();
    if is_final(export.status) && export.finished_at.is_none() {
        export.finished_at = Some(work.now());
    }
    let now = export.clone();
    let update = export::Entity::update_many()
        .col_expr(export::Column::Status, Expr::value(now.status))
        .col_expr(export::Column::Sequence, Expr::value(now.sequence))
        .col_expr(export::Column::Processed, Expr::value(now.processed))
        .col_expr(export::Column::Total, Expr::value(now.total))
        .col_expr(export::Column::RowCount, Expr::value(now.row_count))
        .col_expr(export::Column::ByteSize, Expr::value(now.byte_size))
        .col_expr(export::Column::ObjectKey, Expr::value(now.object_key))
        .col_expr(export::Column::UploadId, Expr::value(now.upload_id))
        .col_expr(export::Column::FailureCode, Expr::value(now.failure_code))
        .col_expr(export::Column::FailureMessage, Expr::value(now.failure_message))
        .col_expr(export::Column::StartedAt, Expr::value(now.started_at))
        .col_expr(export::Column::UpdatedAt, Expr::value(now.updated_at))
        .col_expr(export::Column::FinishedAt, Expr::value(now.finished_at))
        .col_expr(export::Column::StoreAwaySince, Expr::value(now.store_away_since))
        .filter(export::Column::AccountId.eq(now.account_id))
        .filter(export::Column::Id.eq(now.id));
    work.update(update).await?;
    work.wake(Wake::Export {
        account_id: export.account_id,
        id: export.id,
    });
    Ok(())
}
