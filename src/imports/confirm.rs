//! Confirming a dry run: what it foresaw is now done, judged anew against the account as it has become.

use entity::ids::Kind;
use entity::import;
use entity::import::{Mode, Phase, Status};
use sea_orm::EntityTrait;
use uuid::Uuid;

use super::step;
use crate::access::Action;
use crate::assignments::check_last_day;
use crate::background::jobs;
use crate::command::{Command, Work};
use crate::error::{Code, Refusal, Result};

#[derive(Clone, Debug)]
pub struct ConfirmImport {
    pub import_id: Uuid,
}

impl Command for ConfirmImport {
    type Output = import::Model;
    const NAME: &'static str = "imports.confirm";

    fn action(&self) -> Action {
        Action::ImportUsers
    }

    async fn apply(self, work: &mut Work) -> Result<import::Model> {
        let account_id = work.account_id()?;
        let found = import::Entity::find_by_id((account_id, self.import_id))
            .one(work.reader())
            .await?;
        let mut import = found.ok_or_else(missing)?;
        match import.status {
            Status::AwaitingConfirmation => {}
            // Confirmed a moment ago, by another click.
            Status::Queued | Status::Running if import.preview.is_some() => return Ok(import),
            _ => {
                let text = "Only a finished dry run can be confirmed.";
                return Err(Refusal::new(Code::JobNotAwaitingConfirmation, text)
                    .at("input.importId")
                    .into());
            }
        }
        check_last_day(import.expires_on, work.now().date_naive())
            .map_err(|refusal| refusal.at("input.importId"))?;
        import.mode = Mode::Apply;
        import.status = Status::Queued;
        import.phase = Phase::Waiting;
        step::store(work, &mut import, None).await?;
        jobs::enqueue(work, jobs::Kind::Import, account_id, import.id).await?;
        work.touch(Kind::Import.text(import.id));
        Ok(import)
    }
}

pub fn missing() -> Refusal {
    Refusal::new(Code::NotFound, "There is no such import.").at("input.importId")
}
