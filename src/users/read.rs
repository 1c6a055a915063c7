//! Reading users: always of the reader's account, never a removed one in a list.

use std::sync::Arc;

use chrono::DateTime;
use entity::rows::Row;
use entity::user::{self, Role, Status};
use sea_orm::sea_query::Expr;
use sea_orm::{ActiveEnum, ColumnTrait, DatabaseBackend, EntityTrait, QueryFilter, Select};
use uuid::Uuid;

use super::filter::{Filter, condition};
use super::search::{Index, Paged, Search};
use crate::accounts::Counts;
use crate::error::Result;
use crate::person::display_name;
use crate::platform::arrays::among;
use crate::platform::constants::Constants;
use crate::read::paging::{Direction, Page, PageRequest, Slice, time_key};
use crate::read::{ById, Scope, count};

/// A member of one account.
#[derive(Clone, Debug)]
pub struct User(pub Arc<user::Model>);

impl From<user::Model> for User {
    fn from(model: user::Model) -> Self {
        Self(Arc::new(model))
    }
}

impl User {
    pub fn display_name(&self) -> String {
        display_name(
            self.0.given_name.as_deref(),
            self.0.family_name.as_deref(),
            &self.0.email,
        )
    }

    /// Whether the user stands in lists: tombstones do not.
    pub fn is_listed(&self) -> bool {
        self.0.status != Status::Removed
    }

    /// Who holds the primary role in the reader's account.
    pub async fn primary_admin(scope: &Scope) -> Result<Option<Self>> {
        let found = user::Entity::find()
            .filter(user::Column::AccountId.eq(scope.account_id()?))
            .filter(user::Column::Role.eq_constant(Role::PrimaryAdmin))
            .filter(user::Column::Status.ne_constant(Status::Removed))
            .one(scope.db())
            .await?;
        Ok(found.map(Self::from))
    }
}

impl ById for User {
    fn id(&self) -> Uuid {
        self.0.id
    }

    /// Removed ones too: history leads to them.
    async fn by_ids(scope: &Scope, ids: &[Uuid]) -> Result<Vec<Self>> {
        if ids.is_empty() {
            return Ok(Vec::new());
        }
        let mut ids = ids.to_vec();
        ids.sort_unstable();
        ids.dedup();
        let query = user::Entity::find()
            .filter(user::Column::AccountId.eq(scope.account_id()?))
            .filter(among(scope.db().backend(), user::Column::Id, &ids));
        let found = query.into_model::<Row<user::Model>>().all(scope.db()).await?;
        Ok(found.into_iter().map(|Row(model)| Self::from(model)).collect())
    }
}

/// What a list is ordered by; the id is always the last key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OrderBy {
    CreatedAt,
    Email,
    DisplayName,
    /// Who never signed in comes before all others.
    LastSignedInAt,
    Role,
}

/// A page of users, and the total if it is wanted.
pub async fn page(
    scope: &Scope,
    request: &PageRequest,
    filter: &Filter,
    (order, direction): (OrderBy, Direction),
    is_counted: bool,
) -> Result<Slice<User>> {
    let account_id = scope.account_id()?;
    let mut matches = condition(account_id, filter)?;
    let search = filter.search.as_deref().map(Search::new).transpose()?;
    let page = Page::new(
        request,
        account_id,
        &format!("users {filter:?} {order:?} {direction:?}"),
    )?;
    let listed = user::Entity::find()
        .filter(user::Column::AccountId.eq(account_id))
        .filter(user::Column::Status.ne_constant(Status::Removed));
    let narrow = |query: Select<user::Entity>| {
        let by = |key| Ok(page.narrow(query.clone(), key, user::Column::Id, direction));
        match order {
            // Ids are time-ordered: by creation is by id.
            OrderBy::CreatedAt => by(None),
            OrderBy::Email => by(Some(user::Column::EmailKey)),
            OrderBy::DisplayName => by(Some(user::Column::SortName)),
            OrderBy::Role => by(Some(user::Column::Role)),
            OrderBy::LastSignedInAt => {
                let key = by_sign_in(scope.app().db().backend());
                page.narrow_by_time(query, key, user::Column::Id, direction)
            }
        }
    };
    let mut narrows = None;
    if let Some(search) = search.filter(|search| !search.is_empty()) {
        matches = matches.add(search.decides(scope.app().db().backend()));
        narrows = search.narrows(Index::of(scope.app()).await?, account_id);
    }
    let mut indexed = listed.clone().filter(matches.clone());
    if let Some(narrows) = &narrows {
        indexed = indexed.filter(narrows.clone());
    }
    let total = async {
        match is_counted {
            true => total(scope, filter, indexed.clone()).await.map(Some),
            false => Ok(None),
        }
    };
    let rows = async {
        match narrows {
            // No index has the order of roles: whoever would look at the first few would sort everybody.
            Some(narrows) if order != OrderBy::Role => {
                let paged = Paged {
                    everybody: listed,
                    matches,
                    narrows,
                    length: page.rows(),
                    narrow,
                };
                paged.rows(scope).await
            }
            _ => Ok(narrow(indexed.clone())?
                .into_model::<Row<user::Model>>()
                .all(scope.db())
                .await?),
        }
    };
    let (total, rows) = futures::try_join!(total, rows)?;
    let rows: Vec<User> = rows.into_iter().map(|Row(model)| User::from(model)).collect();
    Ok(page.close_keyed(rows, total, |user: &User| {
        let key = match order {
            OrderBy::CreatedAt => String::new(),
            OrderBy::Email => user.0.email_key.clone(),
            OrderBy::DisplayName => user.0.sort_name.clone(),
            OrderBy::Role => user.0.role.to_value(),
            OrderBy::LastSignedInAt => time_key(user.0.last_signed_in_at.unwrap_or(DateTime::UNIX_EPOCH)),
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
async fn total(scope: &Scope, filter: &Filter, listed: Select<user::Entity>) -> Result<i32> {
    let by_status_alone = Filter {
        status: filter.status.clone(),
        ..Filter::default()
    };
    if format!("{filter:?}") != format!("{by_status_alone:?}") {
        return count(scope, listed).await;
    }
    let Some(account) = Counts::own(scope).await? else {
        return Ok(0);
    };
    let counted = [
        (Status::Staged, account.users_staged),
        (Status::Pending, account.users_pending),
        (Status::Active, account.users_active),
        (Status::Disabled, account.users_disabled),
    ];
    let wanted = |status: Status| match &filter.status {
        Some(statuses) => statuses.contains(&status),
        None => true,
    };
    Ok(counted
        .into_iter()
        .filter(|(status, _)| wanted(*status))
        .map(|(_, count)| count)
        .sum())
}
