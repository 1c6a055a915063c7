//! When somebody last used a product, and since when that is known.

use std::collections::HashMap;

use chrono::{DateTime, Days, NaiveDate, Utc};
use entity::usage_total::Span;
use entity::{assignment, usage_month, usage_total};
use sea_orm::sea_query::{Expr, ExprTrait, Query};
use sea_orm::{ColumnTrait, Condition, ConnectionTrait, EntityTrait, QueryFilter, QuerySelect};
use uuid::Uuid;

use super::period::first_of;
use crate::error::Result;
use crate::platform::arrays::among;
use crate::platform::constants::Constants;
use crate::read::Scope;

/// Whether the holder of a seat did not use its product on a day or later.
pub fn unused_since(account_id: Uuid, since: NaiveDate) -> Condition {
    use assignment::Column as A;
    use usage_month::Column as M;

    let later = Query::select()
        .expr(Expr::cust("1"))
        .from(usage_month::Entity)
        .and_where(M::AccountId.eq(account_id))
        .and_where(M::UserId.into_expr().eq(A::UserId.into_expr()))
        .and_where(M::ProductId.into_expr().eq(A::ProductId.into_expr()))
        .and_where(M::LastDay.gte(since))
        .take();
    Condition::all().add(Expr::exists(later).not())
}

/// The products whose use had been recorded for a while by then, and is recorded still, this month or in the last one: of these it is known who did not use them
/// since. That of one begun in the same month is not; and where a meter has fallen silent, nothing is known.
pub async fn metered_since<C: ConnectionTrait>(
    db: &C,
    account_id: Uuid,
    since: DateTime<Utc>,
    now: DateTime<Utc>,
) -> Result<Vec<Uuid>> {
    use usage_total::Column as T;

    let before = first_of(Span::Month, since.date_naive());
    let this_month = first_of(Span::Month, now.date_naive());
    let last_month = first_of(Span::Month, this_month - Days::new(1));
    let found = usage_total::Entity::find()
        .select_only()
        .column(T::ProductId)
        .filter(T::AccountId.eq(account_id))
        .filter(T::Span.eq_constant(Span::Month))
        .group_by(T::ProductId)
        .having(T::StartsOn.min().lt(before))
        .having(T::StartsOn.max().gte(last_month));
    Ok(found.into_tuple().all(db).await?)
}

/// User and product → the last day it was used, of those of some users.
pub async fn of_users(scope: &Scope, users: &[Uuid]) -> Result<HashMap<(Uuid, Uuid), NaiveDate>> {
    use usage_month::Column as M;

    let found = usage_month::Entity::find()
        .select_only()
        .columns([M::UserId, M::ProductId])
        .column_as(M::LastDay.max(), "last_day")
        .filter(M::AccountId.eq(scope.account_id()?))
        .filter(among(scope.db().backend(), M::UserId, users))
        .group_by(M::UserId)
        .group_by(M::ProductId)
        .into_tuple::<(Uuid, Uuid, NaiveDate)>()
        .all(scope.db())
        .await?;
    Ok(found
        .into_iter()
        .map(|(user_id, product_id, day)| ((user_id, product_id), day))
        .collect())
}
