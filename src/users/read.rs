//! Reading users: always of the reader's account, never a removed one in a list.

use std::sync::Arc;

use chrono::DateTime;
use entity::ids::Kind;
use entity::rows::Row;
use entity::user::{self, Status};
use entity::{account, assignment};
use sea_orm::sea_query::{Expr, ExprTrait, LikeExpr, Query, SelectStatement};
use sea_orm::{
    ActiveEnum, ColumnTrait, Condition, DatabaseBackend, EntityTrait, PaginatorTrait, QueryFilter, Select,
};
use uuid::Uuid;

use super::User;
use super::graphql::{DateTimeRange, StringFilter, UserFilter, UserOrder, UserOrderField};
use super::search::{email_key, folded};
use crate::error::Result;
use crate::graphql::Scope;
use crate::graphql::batch::Connection;
use crate::graphql::paging::{Given, Page, time_key};
use crate::platform::arrays::among;

/// Users of the reader's account, in any order. Removed ones too: history leads to them.
pub async fn by_ids(scope: &Scope, ids: impl Iterator<Item = Uuid>) -> Result<Vec<User>> {
    let mut ids: Vec<Uuid> = ids.collect();
    ids.sort_unstable();
    ids.dedup();
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let query = user::Entity::find()
        .filter(user::Column::AccountId.eq(scope.account_id()?))
        .filter(among(scope.db().get_database_backend(), user::Column::Id, &ids));
    let found = query.into_model::<Row<user::Model>>().all(scope.db()).await?;
    Ok(found
        .into_iter()
        .map(|Row(model)| User(Arc::new(model)))
        .collect())
}

/// A page of users, and the total if it is wanted: then the account is given, whose row has the counters.
pub async fn page(
    scope: &Scope,
    given: &Given,
    filter: &UserFilter,
    order: UserOrder,
    counted: Option<&account::Model>,
) -> Result<Connection<User>> {
    let account_id = scope.account_id()?;
    let page = Page::new(given, account_id, &format!("users {filter:?} {order:?}"))?;
    let listed = user::Entity::find()
        .filter(user::Column::AccountId.eq(account_id))
        .filter(user::Column::Status.ne(Status::Removed))
        .filter(condition(account_id, filter));
    let by = |key| Ok(page.narrow(listed.clone(), key, user::Column::Id, order.direction));
    let narrowed = match order.field {
        // Ids are time-ordered: by creation is by id.
        UserOrderField::CreatedAt => by(None),
        UserOrderField::Email => by(Some(user::Column::EmailKey)),
        UserOrderField::DisplayName => by(Some(user::Column::SortName)),
        UserOrderField::Role => by(Some(user::Column::Role)),
        UserOrderField::LastSignedInAt => {
            let key = by_sign_in(scope.app().db().backend());
            page.narrow_by_time(listed.clone(), key, user::Column::Id, order.direction)
        }
    }?;
    let total = async {
        match counted {
            Some(account) => total(scope, account, filter, listed.clone()).await.map(Some),
            None => Ok(None),
        }
    };
    let rows = async { Ok(narrowed.into_model::<Row<user::Model>>().all(scope.db()).await?) };
    let (total, rows) = futures::try_join!(total, rows)?;
    let rows: Vec<User> = rows.into_iter().map(|Row(model)| User::from(model)).collect();
    Ok(page.close_keyed(rows, total, |user: &User| {
        let key = match order.field {
            UserOrderField::CreatedAt => String::new(),
            UserOrderField::Email => user.0.email_key.clone(),
            UserOrderField::DisplayName => user.0.sort_name.clone(),
            UserOrderField::Role => user.0.role.to_value(),
            UserOrderField::LastSignedInAt => {
                time_key(user.0.last_signed_in_at.unwrap_or(DateTime::UNIX_EPOCH))
            }
        };
        (key, user.0.id)
    }))
}

/// The expression of the index `users_by_sign_in`, word for word: only so it is used.
fn by_sign_in(backend: DatabaseBackend) -> Expr {
    match backend {
        DatabaseBackend::Postgres => {
            Expr::cust("COALESCE(last_signed_in_at, TIMESTAMPTZ '1970-01-01 00:00:00+00')")
        }
        _ => Expr::cust("COALESCE(last_signed_in_at, '1970-01-01T00:00:00+00:00')"),
    }
}

/// Rows that match. Without a filter, or one by status alone, the account's counters know; anything else is counted.
async fn total(
    scope: &Scope,
    account: &account::Model,
    filter: &UserFilter,
    listed: Select<user::Entity>,
) -> Result<i32> {
    let by_status_alone = UserFilter {
        status: filter.status.clone(),
        ..UserFilter::default()
    };
    if format!("{filter:?}") != format!("{by_status_alone:?}") {
        return Ok(i32::try_from(listed.count(scope.db()).await?).unwrap_or(i32::MAX));
    }
    let counted = [
        (Status::Staged, account.users_staged),
        (Status::Pending, account.users_pending),
        (Status::Active, account.users_active),
        (Status::Disabled, account.users_disabled),
    ];
    let wanted = |status: Status| match &filter.status {
        Some(statuses) => statuses.iter().any(|wanted| Status::from(*wanted) == status),
        None => true,
    };
    Ok(counted
        .into_iter()
        .filter(|(status, _)| wanted(*status))
        .map(|(_, count)| count)
        .sum())
}

fn condition(account_id: Uuid, filter: &UserFilter) -> Condition {
    let mut all = Condition::all();
    if let Some(search) = &filter.search {
        for word in folded(search).split_whitespace() {
            all = all.add(Expr::col(user::Column::SearchText).like(containing(word)));
        }
    }
    if let Some(email) = &filter.email {
        all = all.add(email_condition(email));
    }
    if let Some(roles) = &filter.role {
        all = all.add(user::Column::Role.is_in(roles.iter().map(|role| user::Role::from(*role))));
    }
    if let Some(statuses) = &filter.status {
        all = all.add(user::Column::Status.is_in(statuses.iter().map(|status| Status::from(*status))));
    }
    if let Some(origins) = &filter.origin {
        all = all.add(user::Column::Origin.is_in(origins.iter().map(|origin| user::Origin::from(*origin))));
    }
    if let Some(id) = &filter.subscription_id {
        all = all.add(Expr::col(user::Column::Id).in_subquery(holders(account_id, id)));
    }
    if let Some(id) = &filter.not_in_subscription_id {
        all = all.add(Expr::col(user::Column::Id).not_in_subquery(holders(account_id, id)));
    }
    all.add(within(user::Column::CreatedAt, filter.created_at))
        .add(within(user::Column::LastSignedInAt, filter.last_signed_in_at))
}

fn within(column: user::Column, range: Option<DateTimeRange>) -> Condition {
    let range = range.unwrap_or_default();
    Condition::all()
        .add_option(range.from.map(|from| column.gte(from)))
        .add_option(range.to.map(|to| column.lt(to)))
}

/// Users with a seat in a subscription. What is no subscription of the account has none.
fn holders(account_id: Uuid, subscription: &str) -> SelectStatement {
    let subscription = Kind::Subscription.parse(subscription).unwrap_or(Uuid::nil());
    Query::select()
        .column(assignment::Column::UserId)
        .from(assignment::Entity)
        .and_where(assignment::Column::AccountId.eq(account_id))
        .and_where(assignment::Column::SubscriptionId.eq(subscription))
        .take()
}

/// Whole addresses are compared as addresses are; what is a part of one, letter by letter with the address as it is compared.
fn email_condition(filter: &StringFilter) -> Condition {
    let column = user::Column::EmailKey;
    let like = |pattern: LikeExpr| Expr::col(column).like(pattern);
    Condition::all()
        .add_option(filter.eq.as_ref().map(|text| column.eq(email_key(text))))
        .add_option(
            filter
                .one_of
                .as_ref()
                .map(|texts| column.is_in(texts.iter().map(|text| email_key(text)))),
        )
        .add_option(
            filter
                .contains
                .as_ref()
                .map(|text| like(containing(&folded(text)))),
        )
        .add_option(
            filter
                .starts_with
                .as_ref()
                .map(|text| like(LikeExpr::new(format!("{}%", escaped(&folded(text)))).escape('\\'))),
        )
}

fn containing(text: &str) -> LikeExpr {
    LikeExpr::new(format!("%{}%", escaped(text))).escape('\\')
}

fn escaped(text: &str) -> String {
    text.replace('\\', "\\\\").replace('%', "\\%").replace('_', "\\_")
}
