//! Reading users: always of the reader's account, never a removed one in a list.

use std::sync::Arc;

use entity::rows::Row;
use entity::user::{self, Role, Status};
use sea_orm::{ColumnTrait, Condition, EntityTrait, QueryFilter, QueryOrder, QuerySelect, Select};
use uuid::Uuid;

use super::filter::Filter;
use super::ordering::{Names, OrderBy, Ordering};
use super::search::{Index, Paged, Search};
use crate::accounts::{Account, Counts, Profile};
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

/// Whom a filter finds.
pub(super) struct Matching {
    pub account: Arc<Profile>,
    /// Who is listed at all.
    listed: Select<user::Entity>,
    matches: Condition,
    /// What the index of search is asked, where it helps.
    narrows: Option<Condition>,
}

impl Matching {
    pub async fn new(scope: &Scope, filter: &Filter) -> Result<Self> {
        let account_id = scope.account_id()?;
        let backend = scope.app().db().backend();
        let mut matches = filter.condition(account_id, backend, scope.app().clock().now())?;
        let search = filter.search.as_deref().map(Search::new).transpose()?;
        let Some(Account(account)) = Account::own(scope).await? else {
            return Err(Error::internal("the reader's account is not there"));
        };
        let mut narrows = None;
        if let Some(search) = search.filter(|search| !search.is_empty()) {
            let names = Names::of(&account);
            matches = matches.add(search.decides_by(&names, backend));
            if names != Names::Spelt {
                narrows = search.narrows(Index::of(scope.app()).await?, account_id);
            }
        }
        let listed = user::Entity::find()
            .filter(user::Column::AccountId.eq(account_id))
            .filter(user::Column::Status.ne_constant(Status::Removed));
        Ok(Self {
            account,
            listed,
            matches,
            narrows,
        })
    }

    pub fn query(&self) -> Select<user::Entity> {
        let all = self.listed.clone().filter(self.matches.clone());
        match &self.narrows {
            Some(narrows) => all.filter(narrows.clone()),
            None => all,
        }
    }
}

/// Whoever matches, to be read from wherever, in whatever order.
pub async fn matched(scope: &Scope, filter: &Filter) -> Result<Select<user::Entity>> {
    Ok(Matching::new(scope, filter).await?.query())
}

/// Those who match, in the order they were added, so many at the most.
pub async fn matching(scope: &Scope, filter: &Filter, most: usize) -> Result<Vec<Uuid>> {
    let matching = Matching::new(scope, filter).await?;
    Ok(matching
        .query()
        .select_only()
        .column(user::Column::Id)
        .order_by_asc(user::Column::Id)
        .limit(u64::try_from(most).unwrap_or(u64::MAX))
        .into_tuple()
        .all(scope.db())
        .await?)
}

/// A page of users, and the total if it is wanted.
pub async fn page(
    scope: &Scope,
    request: &PageRequest,
    filter: &Filter,
    order: (OrderBy, Direction),
    is_counted: bool,
) -> Result<Slice<User>> {
    let backend = scope.app().db().backend();
    let matching = Matching::new(scope, filter).await?;
    let indexed = matching.query();
    let Matching {
        account,
        listed,
        matches,
        narrows,
    } = matching;
    let (page, ordering) = Ordering::open(request, &account, filter, order)?;
    let narrow = |query: Select<user::Entity>| ordering.narrow(&page, query, backend);
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
