//! Reading users: always of the reader's account, never a removed one in a list.

use std::sync::Arc;

use entity::rows::Row;
use entity::user::{self, Role, Status};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, Select};
use uuid::Uuid;

use super::filter::Filter;
use super::ordering::{Names, OrderBy, Ordering};
use super::search::{Index, Paged, Search};
use crate::accounts::{Account, Counts};
use crate::error::{Error, Result};
use crate::person::display_name;
use crate::platform::arrays::among;
use crate::platform::constants::Constants;
use crate::read::paging::{Direction, PageRequest, Slice};
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

/// A page of users, and the total if it is wanted.
pub async fn page(
    scope: &Scope,
    request: &PageRequest,
    filter: &Filter,
    order: (OrderBy, Direction),
    is_counted: bool,
) -> Result<Slice<User>> {
    let account_id = scope.account_id()?;
    let backend = scope.app().db().backend();
    let mut matches = filter.condition(account_id, backend, scope.app().clock().now())?;
    let search = filter.search.as_deref().map(Search::new).transpose()?;
    let Some(Account(account)) = Account::own(scope).await? else {
        return Err(Error::internal("the reader's account is not there"));
    };
    let (page, ordering) = Ordering::open(request, &account, filter, order)?;
    let listed = user::Entity::find()
        .filter(user::Column::AccountId.eq(account_id))
        .filter(user::Column::Status.ne_constant(Status::Removed));
    let narrow = |query: Select<user::Entity>| ordering.narrow(&page, query, backend);
    let mut narrows = None;
    if let Some(search) = search.filter(|search| !search.is_empty()) {
        if Names::of(&account) == Names::Spelt {
            // Some texts are folded already and some are not.
            matches = matches.add(search.decides_either_way(backend));
        } else {
            matches = matches.add(search.decides(backend));
            narrows = search.narrows(Index::of(scope.app()).await?, account_id);
        }
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
            // Without an index of the order, whoever would look at the first few would sort everybody.
            Some(narrows) if ordering.is_indexed() => {
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
    Ok(page.close_keyed(rows, total, |user| ordering.place(user)))
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
