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
use crate::assignments::release;
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
        let seats = Entity::find()
            .filter(Column::AccountId.eq(self.account.id))
            .filter(Column::ExpiresOn.lt(work.now().date_naive()))
            .order_by_asc(Column::ExpiresOn)
            .order_by_asc(Column::Id)
            .limit(AT_ONCE)
            .all(work.reader())
            .await?;
        if !seats.is_empty() {
            work.touch(Kind::Account.text(self.account.id));
        }
        release(work, self.account.id, &seats).await?;
        Ok(seats.len() as u64 >= AT_ONCE)
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
