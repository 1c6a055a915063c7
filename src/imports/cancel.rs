//! Cancelling: at once where nothing has begun, between two batches where something has.

use entity::ids::Kind;
use entity::import::{Phase, Status};
use entity::import_row::{Problems, RowOutcome};
use entity::{import, import_row};
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
use uuid::Uuid;

use super::{confirm, step};
use crate::access::Action;
use crate::command::{Command, Work};
use crate::error::{Code, Refusal, Result};

#[derive(Clone, Debug)]
pub struct CancelImport {
    pub import_id: Uuid,
}

impl Command for CancelImport {
    type Output = import::Model;
    const NAME: &'static str = "imports.cancel";

    fn action(&self) -> Action {
        Action::ImportUsers
    }

    async fn apply(self, work: &mut Work) -> Result<import::Model> {
        let account_id = work.account_id()?;
        let found = import::Entity::find_by_id((account_id, self.import_id))
            .one(work.reader())
            .await?;
        let mut import = found.ok_or_else(confirm::missing)?;
        match import.status {
            Status::Queued | Status::Running => import.status = Status::Cancelling,
            Status::AwaitingConfirmation => discard(work, &mut import).await?,
            Status::Cancelling | Status::Cancelled => return Ok(import),
            Status::Succeeded | Status::SucceededWithErrors | Status::Failed => {
                let text = "This import has come to its end already.";
                return Err(Refusal::new(Code::JobNotCancellable, text)
                    .at("input.importId")
                    .into());
            }
        }
        step::store(work, &mut import, None).await?;
        work.touch(Kind::Import.text(import.id));
        Ok(import)
    }
}

/// A dry run nobody wants: its rows were planned and never done, and what was wrong with them is nobody's trouble any more.
async fn discard(work: &Work, import: &mut import::Model) -> Result<()> {
    let rows = import_row::Entity::update_many()
        .col_expr(import_row::Column::Outcome, Expr::value(RowOutcome::NotProcessed))
        .col_expr(import_row::Column::IsPlanned, Expr::value(false))
        .col_expr(import_row::Column::Problems, Expr::value(None::<Problems>))
        .filter(import_row::Column::AccountId.eq(import.account_id))
        .filter(import_row::Column::ImportId.eq(import.id));
    work.update(rows).await?;
    step::count(import, RowOutcome::NotProcessed, import.total.unwrap_or_default());
    import.status = Status::Cancelled;
    import.phase = Phase::Done;
    Ok(())
}
