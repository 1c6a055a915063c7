//! Lists of seats with whoever holds them: of users, of products, of subscriptions, of the account.
//!
//! Lists of several products are read in one statement, a page of each ([`pages`]), so that what a page of products costs does not grow with the products.

use std::collections::HashMap;

use chrono::{DateTime, NaiveTime, Utc};
use entity::assignment::{self, Column, Source};
use entity::subscription;
use entity::user::{self, Status};
use sea_orm::sea_query::{Expr, ExprTrait, JoinType, Query, SelectStatement};
use sea_orm::{
    ColumnTrait, Condition, DatabaseBackend, EntityTrait, FromQueryResult, QueryFilter, QueryOrder,
    QuerySelect, QueryTrait, Select,
};
use uuid::Uuid;

use super::ordering::{Names, last_sign_in, name_key};
use super::search::Search;
use crate::accounts::Account;
use crate::assignments::Assignment;
use crate::assignments::holding::IS_GIVEN;
use crate::assignments::read::Listed;
use crate::error::{Error, Result};
use crate::invitations::read::in_states;
use crate::invitations::rules::State;
use crate::platform::arrays::among;
use crate::platform::constants::Constants;
use crate::read::paging::{Direction, Page, PageRequest, Slice, Sorted};
use crate::read::{Scope, in_one, terms};
use crate::usage::last::unused_since;
use crate::usage::{Period, unused_in};

/// Conditions; all given ones must hold. What names no object of the account is met by nothing.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    pub user_id: Option<Uuid>,
    pub subscription_id: Option<Uuid>,
    pub product_id: Option<Uuid>,
    pub source: Option<Vec<Source>>,
    /// Held by users of these statuses.
    pub user_status: Option<Vec<Status>>,
    /// Words that stand in the holder's e-mail address or name.
    pub search: Option<String>,
    /// Held by somebody who seems not to need it.
    pub idle: Option<Idle>,
    /// Held by somebody who did not use the product.
    pub unused: Option<Unused>,
}

/// For so many days at a moment.
#[derive(Clone)]
pub struct Idle {
    pub days: i32,
    pub since: DateTime<Utc>,
    pub now: DateTime<Utc>,
    /// The products whose use was recorded all the while: of these it decides, and that somebody signed in says nothing.
    pub metered: Vec<Uuid>,
}

/// In a period, of some products or of any, by active people who have had the seat since before.
#[derive(Clone, Debug)]
pub struct Unused {
    pub period: Period,
    pub products: Option<Vec<Uuid>>,
}

/// A list is that of so many days, from page to page: the moment moves on.
impl std::fmt::Debug for Idle {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "{} days", self.days)
    }
}

impl Filter {
    /// Whether it asks for more than seats tell: of the people who hold them.
    pub fn is_of_people(&self) -> bool {
        self.user_status.is_some() || self.search.is_some()
    }

    /// Whether it leaves nothing out.
    fn is_open(&self) -> bool {
        let seats = [self.user_id, self.subscription_id, self.product_id];
        let is_narrow = seats.iter().any(Option::is_some) || self.source.is_some() || self.is_of_people();
        !is_narrow && self.idle.is_none() && self.unused.is_none()
    }
}

/// What a list is ordered by; the id is always the last key.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum OrderBy {
    #[default]
    AssignedAt,
    /// The holder's name, as lists of users have it.
    UserName,
}

/// Whose seats: one list for each.
#[derive(Clone, Debug)]
pub enum Of {
    Account,
    Products(Vec<Uuid>),
    Subscriptions(Vec<Uuid>),
}

impl Of {
    fn column(&self) -> Option<(Column, &[Uuid])> {
        match self {
            Self::Account => None,
            Self::Products(ids) => Some((Column::ProductId, ids)),
            Self::Subscriptions(ids) => Some((Column::SubscriptionId, ids)),
        }
    }

    const fn name(&self) -> &'static str {
        match self {
            Self::Account => "account",
            Self::Products(_) => "product",
            Self::Subscriptions(_) => "subscription",
        }
    }
}

/// All seats of some users: each has one per product at most, so the list is as short as the catalogue.
pub async fn of_users(scope: &Scope, users: &[Uuid], filter: &Filter) -> Result<Vec<Assignment>> {
    if users.is_empty() {
        return Ok(Vec::new());
    }
    let Some(Account(account)) = Account::own(scope).await? else {
        return Err(Error::internal("the reader's account is not there"));
    };
    let names = Names::of(&account);
    let list = List::new(scope, filter, &names, OrderBy::AssignedAt)?;
    let found = list
        .all
        .filter(among(scope.db().backend(), Column::UserId, users))
        .order_by_asc(Column::Id);
    let rows = read(scope, &found.into_query()).await?;
    Ok(rows.into_iter().map(|row| Assignment(row.seat)).collect())
}

/// A page of each of some lists, in the order they are named, and the totals if they are wanted.
pub async fn pages(
    scope: &Scope,
    of: &Of,
    request: &PageRequest,
    filter: &Filter,
    (by, direction): (OrderBy, Direction),
    is_counted: bool,
) -> Result<Vec<Slice<Assignment>>> {
    let Some(Account(account)) = Account::own(scope).await? else {
        return Err(Error::internal("the reader's account is not there"));
    };
    let (page, names) = Names::open(request, &account, |names| {
        let list = format!("assignments of {} {filter:?} {by:?} {direction:?}", of.name());
        match by {
            OrderBy::AssignedAt => list,
            OrderBy::UserName => format!("{list} {names:?}"),
        }
    })?;
    let list = List::new(scope, filter, &names, by)?;
    let narrowed = |query: Select<assignment::Entity>| match &list.key {
        None => Ok(page.narrow(query, Column::Id, direction)),
        Some(key) => page.narrow_sorted(query, Sorted::Bytes(key.clone()), Column::Id, direction),
    };
    let Some((column, ids)) = of.column() else {
        let found = narrowed(list.all.clone())?.into_query();
        let total = async {
            match is_counted {
                true => crate::read::count(scope, list.all.clone()).await.map(Some),
                false => Ok(None),
            }
        };
        let (rows, total) = futures::try_join!(read(scope, &found), total)?;
        return Ok(vec![slice(&page, rows, total)]);
    };
    let each = ids
        .iter()
        .map(|id| narrowed(list.all.clone().filter(column.eq(*id))));
    let found = together(each.collect::<Result<_>>()?);
    let rows = async {
        match &found {
            Some(found) => read(scope, found).await,
            None => Ok(Vec::new()),
        }
    };
    let totals = async {
        match is_counted {
            true if filter.is_open() => taken(scope, column, ids).await.map(Some),
            true => totals(scope, list.all.clone(), column, ids).await.map(Some),
            false => Ok(None),
        }
    };
    let (rows, totals) = futures::try_join!(rows, totals)?;
    let mut groups: HashMap<Uuid, Vec<Listed>> = HashMap::new();
    for row in rows {
        let id = match of {
            Of::Subscriptions(_) => row.seat.subscription_id,
            _ => row.seat.product_id,
        };
        groups.entry(id).or_default().push(row);
    }
    let of_one = |id: &Uuid| {
        let total = totals
            .as_ref()
            .map(|totals| totals.get(id).copied().unwrap_or_default());
        slice(&page, groups.get(id).cloned().unwrap_or_default(), total)
    };
    Ok(ids.iter().map(of_one).collect())
}

/// All seats that match, with the columns of [`Listed`].
struct List {
    all: Select<assignment::Entity>,
    /// What is sorted by before the id.
    key: Option<Expr>,
}

impl List {
    fn new(scope: &Scope, filter: &Filter, names: &Names, by: OrderBy) -> Result<Self> {
        let backend = scope.db().backend();
        let key = (by == OrderBy::UserName).then(|| name_key(names, backend));
        let mut all = assignment::Entity::find()
            .filter(Column::AccountId.eq(scope.account_id()?))
            .filter(condition(filter)?);
        if let Some(search) = filter.search.as_deref().map(Search::new).transpose()? {
            all = all.filter(search.decides_by(names, backend));
        }
        if let Some(idle) = &filter.idle {
            all = all.filter(is_reclaimable(scope.account_id()?, backend, idle));
        }
        if let Some(unused) = &filter.unused {
            all = all.filter(is_unused(scope.account_id()?, backend, unused));
        }
        let is_of_holders = filter.idle.is_some() || filter.unused.is_some();
        if filter.is_of_people() || is_of_holders || key.is_some() {
            all = with_holders(all);
        }
        Ok(Self {
            all: Listed::columns(all, key.clone()),
            key,
        })
    }
}

/// Seats together with the users who hold them.
pub fn with_holders(mut seats: Select<assignment::Entity>) -> Select<assignment::Entity> {
    let holder = Condition::all()
        .add(
            user::Column::AccountId
                .into_expr()
                .eq(Column::AccountId.into_expr()),
        )
        .add(user::Column::Id.into_expr().eq(Column::UserId.into_expr()));
    QuerySelect::query(&mut seats).join(JoinType::InnerJoin, user::Entity, holder);
    seats
}

/// Whether a seat, together with its holder, can be reclaimed: they have had it for as long and neither used the product nor signed in, or did not accept in time. Where use
/// was recorded all the while, signing in does not count.
pub fn is_reclaimable(account_id: Uuid, backend: DatabaseBackend, idle: &Idle) -> Condition {
    let mut is_away = Condition::any().add(last_sign_in(backend).lt(idle.since));
    if !idle.metered.is_empty() {
        is_away = is_away.add(among(backend, Column::ProductId, &idle.metered));
    }
    let is_idle = Condition::all()
        .add(user::Column::Status.eq_constant(Status::Active))
        .add(is_away)
        .add(unused_since(account_id, idle.since.date_naive()))
        .add(Column::AssignedAt.lt(idle.since));
    let is_late = Condition::all()
        .add(user::Column::Status.eq_constant(Status::Pending))
        .add(in_states(backend, account_id, &[State::Expired], idle.now));
    // What a group gives is not free when it is taken back from one person.
    let is_by_hand = Expr::cust(IS_GIVEN).not();
    let is_needless = Condition::any().add(is_idle).add(is_late);
    Condition::all().add(is_by_hand).add(is_needless)
}

/// Whether a seat, together with its holder, was not used in a period: by somebody active who has had it since before.
fn is_unused(account_id: Uuid, backend: DatabaseBackend, unused: &Unused) -> Condition {
    let began = unused.period.from.and_time(NaiveTime::MIN).and_utc();
    let products = unused.products.as_deref();
    Condition::all()
        .add(user::Column::Status.eq_constant(Status::Active))
        .add(Column::AssignedAt.lt(began))
        .add_option(products.map(|ids| among(backend, Column::ProductId, ids)))
        .add(unused_in(account_id, unused.period))
}

/// How many people hold seats that were not used; `by_product`: of each product, otherwise of all together, where nobody is counted twice.
pub async fn count_unused(
    scope: &Scope,
    unused: &Unused,
    by_product: bool,
) -> Result<HashMap<Option<Uuid>, i64>> {
    let account_id = scope.account_id()?;
    let seats = assignment::Entity::find()
        .filter(Column::AccountId.eq(account_id))
        .filter(is_unused(account_id, scope.db().backend(), unused));
    let counted = with_holders(seats)
        .select_only()
        .column_as(Expr::cust("COUNT(DISTINCT assignments.user_id)"), "holders");
    let found = match by_product {
        false => {
            let all = counted.into_tuple::<i64>().one(scope.db()).await?;
            all.into_iter().map(|holders| (None, holders)).collect()
        }
        true => {
            let each = counted.column(Column::ProductId).group_by(Column::ProductId);
            let each = each.into_tuple::<(i64, Uuid)>().all(scope.db()).await?;
            each.into_iter()
                .map(|(holders, id)| (Some(id), holders))
                .collect()
        }
    };
    Ok(found)
}

fn condition(filter: &Filter) -> Result<Condition> {
    let mut all = Condition::all()
        .add_option(filter.user_id.map(|id| Column::UserId.eq(id)))
        .add_option(filter.subscription_id.map(|id| Column::SubscriptionId.eq(id)))
        .add_option(filter.product_id.map(|id| Column::ProductId.eq(id)));
    if let Some(sources) = &filter.source {
        all = all.add(Column::Source.is_in(terms::alternatives(sources)?.iter().copied()));
    }
    if let Some(statuses) = &filter.user_status {
        let statuses = terms::alternatives(statuses)?.iter().copied();
        all = all.add(user::Column::Status.is_in(statuses));
    }
    Ok(all)
}

/// Pages of several lists as one statement.
fn together(pages: Vec<Select<assignment::Entity>>) -> Option<SelectStatement> {
    // Within parentheses of its own each keeps its order and its end, on both databases.
    let page = |query: Select<assignment::Entity>| {
        Query::select()
            .expr(Expr::cust("*"))
            .from_subquery(query.into_query(), "listed")
            .take()
    };
    in_one(pages.into_iter().map(page))
}

async fn read(scope: &Scope, query: &SelectStatement) -> Result<Vec<Listed>> {
    let statement = scope.db().backend().build(query);
    Ok(Listed::find_by_statement(statement).all(scope.db()).await?)
}

async fn totals(
    scope: &Scope,
    all: Select<assignment::Entity>,
    column: Column,
    ids: &[Uuid],
) -> Result<HashMap<Uuid, i32>> {
    let counted = all
        .filter(among(scope.db().backend(), column, ids))
        .select_only()
        .column(column)
        .column_as(Column::Id.count(), "total")
        .group_by(column)
        .into_tuple::<(Uuid, i64)>()
        .all(scope.db())
        .await?;
    let total = |(id, count)| (id, i32::try_from(count).unwrap_or(i32::MAX));
    Ok(counted.into_iter().map(total).collect())
}

/// How many seats are taken of each, as the subscriptions count them: a product may have tens of thousands.
async fn taken(scope: &Scope, column: Column, ids: &[Uuid]) -> Result<HashMap<Uuid, i32>> {
    use subscription::Column as S;

    let by = match column {
        Column::SubscriptionId => S::Id,
        _ => S::ProductId,
    };
    let taken = subscription::Entity::find()
        .select_only()
        .column(by)
        .column_as(S::SeatsUsed.sum(), "taken")
        .filter(S::AccountId.eq(scope.account_id()?))
        .filter(among(scope.db().backend(), by, ids))
        .group_by(by)
        .into_tuple::<(Uuid, i64)>()
        .all(scope.db())
        .await?;
    let total = |(id, count)| (id, i32::try_from(count).unwrap_or(i32::MAX));
    Ok(taken.into_iter().map(total).collect())
}

fn slice(page: &Page, rows: Vec<Listed>, total: Option<i32>) -> Slice<Assignment> {
    page.close_keyed(rows, total, |row| (row.key.clone(), row.seat.id))
        .map(|row| Assignment(row.seat))
}
