//! Moving somebody within the line.

use entity::ids::Kind;
use entity::waitlist_entry::{Column, Entity};
use sea_orm::sea_query::{CaseStatement, Expr, ExprTrait};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use uuid::Uuid;

use super::read::WaitlistEntry;
use crate::access::Action;
use crate::command::{Command, Work};
use crate::error::{Code, Refusal, Result};

/// Has somebody stand at a place of their line, counted from 1; whoever stood there, and all behind, move back. A place behind the end is the end.
#[derive(Clone, Debug)]
pub struct MoveWaitlistEntry {
    pub entry_id: Uuid,
    pub position: i32,
}

impl Command for MoveWaitlistEntry {
    type Output = WaitlistEntry;
    const NAME: &'static str = "seats.move_waitlist_entry";

    fn action(&self) -> Action {
        Action::ManageAssignments
    }

    async fn apply(self, work: &mut Work) -> Result<WaitlistEntry> {
        let account_id = work.account_id()?;
        let wanted = usize::try_from(self.position)
            .ok()
            .and_then(|position| position.checked_sub(1));
        let wanted = wanted
            .ok_or_else(|| Refusal::new(Code::Invalid, "Places are counted from 1.").at("input.position"))?;
        let entry = Entity::find_by_id((account_id, self.entry_id))
            .one(work.reader())
            .await?;
        let mut entry = entry.ok_or_else(|| {
            let text = "There is no such entry: the person has a seat or does not wait any more.";
            Refusal::new(Code::NotFound, text).at("input.entryId")
        })?;
        let line = || {
            Entity::find()
                .filter(Column::AccountId.eq(account_id))
                .filter(Column::ProductId.eq(entry.product_id))
        };
        let ranks: Vec<i64> = line()
            .select_only()
            .column(Column::Rank)
            .order_by_asc(Column::Rank)
            .into_tuple()
            .all(work.reader())
            .await?;
        let to = ranks.get(wanted).or(ranks.last()).copied().unwrap_or(entry.rank);
        if to == entry.rank {
            return Ok(entry.into());
        }
        let (from, until, step) = match to < entry.rank {
            true => (to, entry.rank, 1),
            false => (entry.rank, to, -1),
        };
        // They take the place, and those in between make room.
        let rank = CaseStatement::new()
            .case(Column::Id.eq(entry.id), Expr::value(to))
            .finally(Expr::col(Column::Rank).add(step));
        let moved = Entity::update_many()
            .col_expr(Column::Rank, rank.into())
            .filter(Column::AccountId.eq(account_id))
            .filter(Column::ProductId.eq(entry.product_id))
            .filter(Column::Rank.between(from, until));
        work.update(moved).await?;
        work.touch(Kind::WaitlistEntry.text(entry.id));
        entry.rank = to;
        Ok(entry.into())
    }
}
