//! Reading groups: always of the reader's account.

use std::collections::HashMap;

use entity::group::{Column, Entity, Model, Source};
use entity::{group_member, group_subscription};
use sea_orm::sea_query::{Expr, ExprTrait, LikeExpr};
use sea_orm::{ColumnTrait, EntityTrait, FromQueryResult, QueryFilter, QueryOrder, Statement};
use uuid::Uuid;

use super::rules::key;
use crate::assignments::Assignment;
use crate::error::Result;
use crate::limits;
use crate::platform::arrays::{among, listed};
use crate::read::paging::{Direction, Page, PageRequest, Slice, Sorted};
use crate::read::{ById, Scope, account_row, count, terms};

account_row! {
    /// A named set of users.
    Group, group
}

/// Conditions; all given ones must hold.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// A part of the name.
    pub search: Option<String>,
    pub source: Option<Vec<Source>>,
}

/// A page of the account's groups, by name.
pub async fn page(
    scope: &Scope,
    request: &PageRequest,
    filter: &Filter,
    is_counted: bool,
) -> Result<Slice<Group>> {
    let account_id = scope.account_id()?;
    let page = Page::new(request, account_id, &format!("groups {filter:?}"))?;
    let mut listed = Entity::find().filter(Column::AccountId.eq(account_id));
    if let Some(search) = &filter.search {
        let wanted = key(terms::compared(search, limits::GROUP_NAME)?);
        let wanted = wanted
            .replace('\\', "\\\\")
            .replace('%', "\\%")
            .replace('_', "\\_");
        let pattern = LikeExpr::new(format!("%{wanted}%")).escape('\\');
        listed = listed.filter(Expr::col(Column::NameKey).like(pattern));
    }
    if let Some(sources) = &filter.source {
        listed = listed.filter(Column::Source.is_in(terms::alternatives(sources)?.iter().copied()));
    }
    let total = match is_counted {
        true => Some(count(scope, listed.clone()).await?),
        false => None,
    };
    let sorted = Sorted::Text(Column::NameKey.into_expr());
    let rows = page.narrow_sorted(listed, sorted, Column::Id, Direction::Asc)?;
    let rows: Vec<Model> = rows.all(scope.db()).await?;
    let slice = page.close_keyed(rows, total, |row| (row.name_key.clone().into_bytes(), row.id));
    Ok(slice.map(Group::from))
}

/// The groups of some users, by name: pairs of user and group.
pub async fn of_users(scope: &Scope, users: &[Uuid]) -> Result<Vec<(Uuid, Group)>> {
    let memberships = group_member::Entity::find()
        .filter(group_member::Column::AccountId.eq(scope.account_id()?))
        .filter(among(scope.db().backend(), group_member::Column::UserId, users))
        .all(scope.db())
        .await?;
    let ids: Vec<Uuid> = memberships.iter().map(|row| row.group_id).collect();
    let groups = Group::by_ids(scope, &ids).await?;
    let groups: HashMap<Uuid, Group> = groups.into_iter().map(|group| (group.0.id, group)).collect();
    let of = |row: &group_member::Model| Some((row.user_id, groups.get(&row.group_id)?.clone()));
    let mut found: Vec<(Uuid, Group)> = memberships.iter().filter_map(of).collect();
    found.sort_by(|(_, one), (_, other)| (&one.0.name_key, one.0.id).cmp(&(&other.0.name_key, other.0.id)));
    Ok(found)
}

/// What some groups give: pairs of group and subscription, in the order in which they were named.
pub async fn subscriptions_of(scope: &Scope, groups: &[Uuid]) -> Result<Vec<(Uuid, Uuid)>> {
    let found = group_subscription::Entity::find()
        .filter(group_subscription::Column::AccountId.eq(scope.account_id()?))
        .filter(among(
            scope.db().backend(),
            group_subscription::Column::GroupId,
            groups,
        ))
        .order_by_asc(group_subscription::Column::Id)
        .all(scope.db())
        .await?;
    Ok(found
        .into_iter()
        .map(|row| (row.group_id, row.subscription_id))
        .collect())
}

#[derive(FromQueryResult)]
struct Giving {
    seat_id: Uuid,
    group_id: Uuid,
}

/// The groups that give some seats: pairs of seat and group.
pub async fn giving(scope: &Scope, seats: &[Assignment]) -> Result<Vec<(Uuid, Uuid)>> {
    let mut values = vec![scope.account_id()?.into()];
    let ids = seats.iter().map(|seat| seat.0.id).collect();
    let among = listed(scope.db().backend(), ids, &mut values);
    let sql = format!(
        "SELECT DISTINCT a.id AS seat_id, m.group_id FROM assignments a \
         JOIN group_members m ON m.account_id = a.account_id AND m.user_id = a.user_id \
         JOIN group_subscriptions g ON g.account_id = a.account_id AND g.group_id = m.group_id AND g.product_id = a.product_id \
         WHERE a.account_id = $1 AND a.id {among}"
    );
    let statement = Statement::from_sql_and_values(scope.db().backend(), sql, values);
    let found = Giving::find_by_statement(statement).all(scope.db()).await?;
    Ok(found.into_iter().map(|row| (row.seat_id, row.group_id)).collect())
}
