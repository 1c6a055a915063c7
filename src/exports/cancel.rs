//! Cancelling: whoever writes the file stops within a second or two, and takes away what was stored of it.

use entity::export::{self, Status};
use entity::ids::Kind;
use sea_orm::EntityTrait;
use uuid::Uuid;

use super::step;
use crate::access::Action;
use crate::command::{Command, Work};
use crate::error::{Code, Refusal, Result};

#[derive(Clone, Debug)]
pub struct CancelExport {
    pub export_id: Uuid,
}

impl Command for CancelExport {
    type Output = export::Model;
    const NAME: &'static str = "exports.cancel";

    fn action(&self) -> Action {
        Action::ReadReports
    }

    async fn apply(self, work: &mut Work) -> Result<export::Model> {
        let account_id = work.account_id()?;
        let found = export::Entity::find_by_id((account_id, self.export_id))
            .one(work.reader())
            .await?;
        let mut export = found.ok_or_else(missing)?;
        match export.status {
            Status::Queued | Status::Running => export.status = Status::Cancelling,
            Status::Cancelling | Status::Cancelled => return Ok(export),
            Status::Succeeded | Status::Failed => {
                let text = "This export has come to its end already.";
                return Err(Refusal::new(Code::JobNotCancellable, text)
                    .at("input.exportId")
                    .into());
            }
        }
        step::store(work, &mut export).await?;
        work.touch(Kind::Export.text(export.id));
        Ok(export)
    }
}

fn missing() -> Refusal {
    Refusal::new(Code::NotFound, "There is no such export.").at("input.exportId")
}
