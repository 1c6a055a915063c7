//! Seats that nobody seems to need, taken back by themselves where the account wants that: after so many days, and seven days after their user was told.
//!
//! The judgement is that of `reclaimableSeats`. Whoever comes after the mail is not found idle any more, and it is forgotten that they were told.

use chrono::{DateTime, Duration, Utc};
use entity::assignment::{Column, Entity};
use entity::ids::Kind;
use entity::user::Status;
use entity::{account, assignment};
use sea_orm::sea_query::Expr;
use sea_orm::{
    ColumnTrait, Condition, EntityTrait, QueryFilter, QueryOrder, QuerySelect, QueryTrait, Select,
};
use uuid::Uuid;

use super::AT_ONCE;
use super::told::{Told, Why};
use crate::access::Action;
use crate::assignments::release;
use crate::background::upkeep::TOLD_BEFORE;
use crate::command::{Command, Work};
use crate::error::Result;
use crate::platform::arrays::among;
use crate::users::reclaim;
use crate::users::seats::{is_reclaimable, with_holders};

/// The account's seats whose users have been idle for so many days, or did not accept in time.
async fn idle_for(work: &Work, account: &account::Model, days: Duration) -> Result<Select<Entity>> {
    let days = i32::try_from(days.num_days()).unwrap_or(i32::MAX);
    let idle = reclaim::idle_for(work.reader(), account.id, days, work.now()).await?;
    Ok(with_holders(Entity::find())
        .filter(Column::AccountId.eq(account.id))
        .filter(is_reclaimable(account.id, work.backend(), &idle)))
}

/// After how many days; `None`: nothing is taken back.
fn term(account: &account::Model) -> Option<Duration> {
    account.reclaim_idle_days.map(|days| Duration::days(days.into()))
}

/// Whoever was told and has come since is as if they had not been told; so is everybody once the account wants nothing taken back any more.
pub async fn forget_who_came(work: &Work, account: &account::Model) -> Result<bool> {
    let mut came = Entity::update_many()
        .col_expr(Column::ReclaimToldAt, Expr::value(None::<DateTime<Utc>>))
        .filter(Column::AccountId.eq(account.id))
        .filter(Column::ReclaimToldAt.is_not_null());
    if let Some(term) = term(account) {
        let idle = idle_for(work, account, term - TOLD_BEFORE)
            .await?
            .filter(Column::ReclaimToldAt.is_not_null())
            .select_only()
            .column(Column::Id);
        came = came.filter(Column::Id.not_in_subquery(idle.into_query()));
    }
    work.update(came).await?;
    Ok(false)
}

/// Tells whoever will lose a seat in seven days unless they come.
pub async fn tell(work: &mut Work, account: &account::Model) -> Result<bool> {
    let Some(term) = term(account) else {
        return Ok(false);
    };
    let seats = idle_for(work, account, term - TOLD_BEFORE)
        .await?
        .filter(Column::ReclaimToldAt.is_null())
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
        .col_expr(Column::ReclaimToldAt, Expr::value(work.now()))
        .filter(Column::AccountId.eq(account.id))
        .filter(among(work.backend(), Column::Id, &ids));
    work.update(noted).await?;
    let day = (work.now() + TOLD_BEFORE).date_naive();
    let why = |_: &assignment::Model, status| match status {
        Status::Active => (Why::Idle, day),
        _ => (Why::NotAccepted, day),
    };
    let told = Told::of(work, account, &seats, why).await?;
    told.write(work).await?;
    Ok(ids.len() as u64 >= AT_ONCE)
}

/// Takes back what nobody needs, from those who were told in time and did not come.
pub struct Reclaim {
    pub account: account::Model,
}

impl Command for Reclaim {
    /// Whether there may be more.
    type Output = bool;
    const NAME: &'static str = "seats.reclaim_by_policy";

    fn action(&self) -> Action {
        Action::Maintain
    }

    async fn apply(self, work: &mut Work) -> Result<bool> {
        let Some(term) = term(&self.account) else {
            return Ok(false);
        };
        let told = Condition::all().add(Column::ReclaimToldAt.lte(work.now() - TOLD_BEFORE));
        let seats = idle_for(work, &self.account, term)
            .await?
            .filter(told)
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
