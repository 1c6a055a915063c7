//! Seats that end on a day.

use chrono::NaiveDate;
use entity::assignment::{Column, Entity};
use entity::ids::Kind;
use entity::{account, assignment, user};
use sea_orm::sea_query::{Expr, ExprTrait};
use sea_orm::{ColumnTrait, Condition, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use uuid::Uuid;

use super::AT_ONCE;
use super::told::{Told, Why};
use crate::access::Action;
use crate::assignments::end;
use crate::assignments::holding::IS_GIVEN;
use crate::background::upkeep::TOLD_BEFORE;
use crate::command::{Command, Work};
use crate::error::Result;
use crate::platform::arrays::among;
use crate::platform::constants::Constants;
use crate::users::seats::with_holders;

/// Takes back seats whose last day is over.
pub struct FreeEnded {
    pub account: account::Model,
}

impl Command for FreeEnded {
    /// Whether there may be more.
    type Output = bool;
    const NAME: &'static str = "seats.end";

    fn action(&self) -> Action {
        Action::Maintain
    }

    async fn apply(self, work: &mut Work) -> Result<bool> {
        let over = Entity::find()
            .filter(Column::AccountId.eq(self.account.id))
            .filter(Column::ExpiresOn.lt(work.now().date_naive()))
            .order_by_asc(Column::ExpiresOn)
            .order_by_asc(Column::Id)
            .limit(AT_ONCE);
        let ended = end(work, self.account.id, over).await?;
        if ended > 0 {
            work.touch(Kind::Account.text(self.account.id));
        }
        Ok(ended as u64 >= AT_ONCE)
    }
}

/// Tells active users of their seats that end within a week, of each last day once. Who has not joined reads nothing: they would not know what it is about.
pub async fn tell(work: &mut Work, account: &account::Model) -> Result<bool> {
    let today = work.now().date_naive();
    let told = Condition::any().add(Column::ExpiryToldFor.is_null()).add(
        Column::ExpiryToldFor
            .into_expr()
            .ne(Column::ExpiresOn.into_expr()),
    );
    let seats: Vec<assignment::Model> = with_holders(Entity::find())
        .filter(Column::AccountId.eq(account.id))
        .filter(Column::ExpiresOn.between(today, today + TOLD_BEFORE))
        .filter(told)
        // What a group gives stays, without an end.
        .filter(Expr::cust(IS_GIVEN).not())
        .filter(user::Column::Status.eq_constant(user::Status::Active))
        .order_by_asc(Column::UserId)
        .order_by_asc(Column::Id)
        .limit(AT_ONCE)
        .all(work.reader())
        .await?;
    let ids: Vec<Uuid> = seats.iter().map(|seat| seat.id).collect();
    if ids.is_empty() {
        return Ok(false);
    }
    let noted = Entity::update_many()
        .col_expr(Column::ExpiryToldFor, Expr::col(Column::ExpiresOn))
        .filter(Column::AccountId.eq(account.id))
        .filter(among(work.backend(), Column::Id, &ids));
    work.update(noted).await?;
    let day = |seat: &assignment::Model| seat.expires_on.unwrap_or(NaiveDate::MAX);
    let told = Told::of(work, account, &seats, |seat, _| (Why::LastDay, day(seat))).await?;
    told.write(work).await?;
    Ok(ids.len() as u64 >= AT_ONCE)
}
