//! Taking an import back: what it made goes, where nothing has changed since; what has stays, and the row says why.
//!
//! It is the import's own work once more, in the same job, by the same lease and with events of the same sequence. Rows are gone through from the last to the
//! first, a batch in a transaction, so that who was added by one line and given a seat by a later one is as the line had left them when it is its turn.

mod batch;
mod rules;

use chrono::Duration;
use entity::ids::Kind;
use entity::import::{self, Phase, Undo};
use entity::import_row;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
use uuid::Uuid;

pub use batch::{UndoBatch, Undoing};

use super::{confirm, step};
use crate::access::Action;
use crate::app::App;
use crate::background::jobs;
use crate::command::{Command, Work};
use crate::error::{Code, Refusal, Result};

/// An import can be taken back for so long, if what it did is kept as long.
const TERM: Duration = Duration::days(30);

/// Asks for an import to be taken back. Asked again, it is taken back once.
#[derive(Clone, Debug)]
pub struct UndoImport {
    pub import_id: Uuid,
}

impl Command for UndoImport {
    type Output = import::Model;
    const NAME: &'static str = "imports.undo";

    fn action(&self) -> Action {
        Action::ImportUsers
    }

    async fn apply(self, work: &mut Work) -> Result<import::Model> {
        let member = work.member()?.clone();
        let found = import::Entity::find_by_id((member.account_id, self.import_id))
            .one(work.reader())
            .await?;
        let mut import = found.ok_or_else(confirm::missing)?;
        if import.phase == Phase::Undoing || step::is_undone(&import) {
            return Ok(import);
        }
        check(work.app(), &import)?;
        if !has_done_anything(work, &import).await? {
            let text = "This import changed nothing: there is nothing to take back.";
            return Err(Refusal::new(Code::JobNotUndoable, text)
                .at("input.importId")
                .into());
        }
        let begun = import.undo.take();
        import.phase = Phase::Undoing;
        import.undo = Some(Undo {
            asked_by: member.user_id,
            asked_at: work.now(),
            failure: None,
            // One that came to a halt goes on from there.
            ..begun.unwrap_or_else(|| Undo::of(member.user_id, work.now()))
        });
        step::store(work, &mut import, None).await?;
        jobs::enqueue(work, jobs::Kind::Import, member.account_id, import.id).await?;
        work.touch(Kind::Import.text(import.id));
        Ok(import)
    }
}

/// Whether any row tells of something that was done.
async fn has_done_anything(work: &Work, import: &import::Model) -> Result<bool> {
    let done = import_row::Entity::find()
        .filter(import_row::Column::AccountId.eq(import.account_id))
        .filter(import_row::Column::ImportId.eq(import.id))
        .filter(import_row::Column::Effects.is_not_null());
    Ok(done.one(work.reader()).await?.is_some())
}

fn check(app: &App, import: &import::Model) -> Result<(), Refusal> {
    let at = |code, text: &str| Err(Refusal::new(code, text).at("input.importId"));
    let Some(finished_at) = import.finished_at.filter(|_| step::is_final(import.status)) else {
        let text = "Only an import that has come to its end can be taken back. Cancel it first.";
        return at(Code::JobNotUndoable, text);
    };
    let term = TERM.min(app.settings().retention.rows_of_imports());
    if finished_at + term <= app.clock().now() {
        let text = "This import ended too long ago: what it did is not known row by row any more.";
        return at(Code::UndoExpired, text);
    }
    Ok(())
}
