//! Who is in groups: a page of each of some, in one statement.

use std::collections::HashMap;

use entity::rows::Row;
use entity::{group_member, user};
use sea_orm::sea_query::{Expr, ExprTrait, JoinType, Query, SelectStatement};
use sea_orm::{
    ColumnTrait, Condition, DbErr, FromQueryResult, IdenStatic, Iterable, QueryFilter, QueryResult,
    QuerySelect, QueryTrait, Select,
};
use uuid::Uuid;

use super::User;
use super::filter::{Filter, members};
use super::ordering::{OrderBy, Ordering};
use super::read::Matching;
use crate::error::Result;
use crate::platform::arrays::among;
use crate::read::paging::{Direction, PageRequest, Slice};
use crate::read::{Scope, in_one};

/// A member, and the place of the group among those that were asked for.
struct Member {
    user: user::Model,
    place: i32,
}

impl FromQueryResult for Member {
    fn from_query_result(row: &QueryResult, prefix: &str) -> Result<Self, DbErr> {
        let Row(user) = Row::from_query_result(row, prefix)?;
        let place = row.try_get_by_index(user::Column::iter().count())?;
        Ok(Self { user, place })
    }
}

/// A page of the members of each group, in the order the groups are named, and the totals if they are wanted.
pub async fn pages(
    scope: &Scope,
    groups: &[Uuid],
    request: &PageRequest,
    filter: &Filter,
    order: (OrderBy, Direction),
    is_counted: bool,
) -> Result<Vec<Slice<User>>> {
    let (account_id, backend) = (scope.account_id()?, scope.app().db().backend());
    let matching = Matching::new(scope, filter).await?;
    let list = ("members", filter);
    let (page, ordering) = Ordering::open(request, &matching.account, &list, order)?;
    let each = groups.iter().enumerate().map(|(place, id)| {
        let of_group = Expr::col((user::Entity, user::Column::Id)).in_subquery(members(account_id, *id));
        let query = ordering.narrow(&page, matching.query().filter(of_group), backend)?;
        Ok(placed(query, place))
    });
    let found = in_one(each.collect::<Result<Vec<_>>>()?);
    let rows = async {
        match &found {
            Some(found) => {
                let statement = scope.db().backend().build(found);
                Ok(Member::find_by_statement(statement).all(scope.db()).await?)
            }
            None => Ok(Vec::new()),
        }
    };
    let totals = async {
        match is_counted {
            true => totals(scope, matching.query(), groups).await.map(Some),
            false => Ok(None),
        }
    };
    let (rows, totals) = futures::try_join!(rows, totals)?;
    let mut of_groups: Vec<Vec<User>> = groups.iter().map(|_| Vec::new()).collect();
    for row in rows {
        let place = usize::try_from(row.place).unwrap_or(usize::MAX);
        if let Some(users) = of_groups.get_mut(place) {
            users.push(row.user.into());
        }
    }
    let slice = |(users, id): (Vec<User>, &Uuid)| {
        let total = totals
            .as_ref()
            .map(|totals| totals.get(id).copied().unwrap_or_default());
        page.close_keyed(users, total, |user| ordering.place(user))
    };
    Ok(of_groups.into_iter().zip(groups).map(slice).collect())
}

/// A page within parentheses of its own, which keep its order and its end on both databases; with the place of its group behind the columns of a user.
fn placed(query: Select<user::Entity>, place: usize) -> SelectStatement {
    let mut all = Query::select();
    for column in user::Column::iter() {
        all.expr(Expr::cust(format!("\"listed\".\"{}\"", column.as_str())));
    }
    all.expr(Expr::cust(format!("{place} AS \"place\"")))
        .from_subquery(query.into_query(), "listed")
        .take()
}

async fn totals(
    scope: &Scope,
    matching: Select<user::Entity>,
    groups: &[Uuid],
) -> Result<HashMap<Uuid, i32>> {
    let membership = Condition::all()
        .add(
            group_member::Column::AccountId
                .into_expr()
                .eq(user::Column::AccountId.into_expr()),
        )
        .add(
            group_member::Column::UserId
                .into_expr()
                .eq(user::Column::Id.into_expr()),
        );
    let mut counted = matching;
    QuerySelect::query(&mut counted).join(JoinType::InnerJoin, group_member::Entity, membership);
    let counted = counted
        .filter(among(scope.db().backend(), group_member::Column::GroupId, groups))
        .select_only()
        .column(group_member::Column::GroupId)
        .column_as(Expr::cust("COUNT(*)"), "total")
        .group_by(group_member::Column::GroupId)
        .into_tuple::<(Uuid, i64)>()
        .all(scope.db())
        .await?;
    let total = |(id, count)| (id, i32::try_from(count).unwrap_or(i32::MAX));
    Ok(counted.into_iter().map(total).collect())
}
