//! Rows of a report: who used which product in a period, and how much. Whoever was removed has none.
//!
//! By name a page is read by the index of names, so that it costs what its people cost. By anything that is summed up all sums have to be made before they can be ordered.

use std::collections::HashMap;
use std::fmt::Debug;

use entity::user::{self, Column, Status};
use sea_orm::sea_query::{Expr, ExprTrait, JoinType, Query, SelectStatement};
use sea_orm::{
    ColumnTrait, Condition, EntityTrait, FromQueryResult, Order, QueryFilter, QueryOrder, QuerySelect,
};
use uuid::Uuid;

use super::ordering::{Names, name_key};
use super::search::Search;
use crate::accounts::{Account, Profile};
use crate::error::{Error, Result};
use crate::platform::constants::Constants;
use crate::read::Scope;
use crate::read::paging::{Direction, Page, PageRequest, Slice};
use crate::usage::Period;
use crate::usage::read::{self, Asked, Used, by, used_in};

/// What the report is of.
#[derive(Clone, Debug)]
pub struct Report {
    pub period: Period,
    /// Null: of all.
    pub products: Option<Vec<Uuid>>,
}

/// Which of its rows; all given conditions must hold.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    pub user_id: Option<Uuid>,
    pub product_id: Option<Uuid>,
    /// Words that stand in the person's e-mail address or name.
    pub search: Option<String>,
}

/// What rows are ordered by; person and product are the last keys.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum OrderBy {
    /// As lists of users have it.
    #[default]
    UserName,
    DaysUsed,
    Sessions,
    Minutes,
    CreditsConsumed,
    LastUsedOn,
}

impl OrderBy {
    const fn column(self) -> Option<&'static str> {
        match self {
            Self::UserName => None,
            Self::DaysUsed => Some("days"),
            Self::Sessions => Some("launches"),
            Self::Minutes => Some("minutes"),
            Self::CreditsConsumed => Some("credits"),
            Self::LastUsedOn => Some("last_day"),
        }
    }

    /// The sort key of a row, as it stands in a cursor.
    fn key(self, used: &Used) -> String {
        match self {
            Self::UserName => String::new(),
            Self::DaysUsed => used.days.to_string(),
            Self::Sessions => used.launches.to_string(),
            Self::Minutes => used.minutes.to_string(),
            Self::CreditsConsumed => used.credits.to_string(),
            Self::LastUsedOn => used.last_day.to_string(),
        }
    }

    /// The value behind the key of a cursor. Whoever makes cursors themselves may have put anything there.
    fn value(self, key: &[u8]) -> Result<Expr> {
        let text = std::str::from_utf8(key).map_err(|_| Error::InvalidCursor)?;
        Ok(match self {
            Self::LastUsedOn => Expr::value(
                text.parse::<chrono::NaiveDate>()
                    .map_err(|_| Error::InvalidCursor)?,
            ),
            _ => Expr::value(text.parse::<i64>().map_err(|_| Error::InvalidCursor)?),
        })
    }
}

/// A row with its sort key.
struct Row {
    key: Vec<u8>,
    used: Used,
}

impl Row {
    /// Where it stands: the sort key, with the product before it, and the person.
    fn place(&self) -> (Vec<u8>, Uuid) {
        let mut key = self.used.product_id.as_bytes().to_vec();
        key.extend_from_slice(&self.key);
        (key, self.used.user_id)
    }
}

/// The row a page starts behind.
struct Behind<'a> {
    key: &'a [u8],
    user_id: Uuid,
    product_id: Uuid,
}

fn behind(page: &Page) -> Result<Option<Behind<'_>>> {
    let Some((place, user_id)) = page.behind() else {
        return Ok(None);
    };
    let (product, key) = place.split_at_checked(16).ok_or(Error::InvalidCursor)?;
    Ok(Some(Behind {
        key,
        user_id,
        product_id: Uuid::from_slice(product).map_err(|_| Error::InvalidCursor)?,
    }))
}

/// A page of the rows, and how many there are if it is wanted.
pub async fn page(
    scope: &Scope,
    request: &PageRequest,
    report: &Report,
    filter: &Filter,
    (order_by, direction): (OrderBy, Direction),
    is_counted: bool,
) -> Result<Slice<Used>> {
    let Some(Account(account)) = Account::own(scope).await? else {
        return Err(Error::internal("the reader's account is not there"));
    };
    let (page, names) = open(request, &account, (report, filter, order_by, direction))?;
    let products = match (filter.product_id, &report.products) {
        (None, of_report) => of_report.clone(),
        (Some(id), Some(of_report)) if !of_report.contains(&id) => Some(Vec::new()),
        (Some(id), _) => Some(vec![id]),
    };
    let list = List {
        scope,
        asked: Asked {
            account_id: account.id,
            period: report.period,
            products: products.as_deref(),
            users: filter.user_id.as_ref().map(std::slice::from_ref),
        },
        people: people(scope, &account, &names, filter)?,
        names,
        ascending: page.is_ascending(direction),
    };
    let rows = async {
        match order_by.column() {
            None => list.by_name(&page).await,
            Some(column) => list.by_sum(&page, order_by, column).await,
        }
    };
    let total = async {
        match is_counted {
            true => list.total().await.map(Some),
            false => Ok(None),
        }
    };
    let (rows, total) = futures::try_join!(rows, total)?;
    Ok(page.close_keyed(rows, total, Row::place).map(|row| row.used))
}

fn open(request: &PageRequest, account: &Profile, list: impl Debug) -> Result<(Page, Names)> {
    Names::open(request, account, |names| format!("usage {list:?} {names:?}"))
}

/// Who is listed at all.
fn people(scope: &Scope, account: &Profile, names: &Names, filter: &Filter) -> Result<Condition> {
    let backend = scope.db().backend();
    let search = filter.search.as_deref().map(Search::new).transpose()?;
    Ok(Condition::all()
        .add(Column::AccountId.eq(account.id))
        .add(Column::Status.ne_constant(Status::Removed))
        .add_option(filter.user_id.map(|id| Column::Id.eq(id)))
        .add_option(search.map(|search| search.decides_by(names, backend))))
}

struct List<'a> {
    scope: &'a Scope,
    asked: Asked<'a>,
    people: Condition,
    names: Names,
    ascending: bool,
}

impl List<'_> {
    fn order(&self) -> Order {
        match self.ascending {
            true => Order::Asc,
            false => Order::Desc,
        }
    }

    /// The people of the page first, as far as it can reach, then what they used. Whoever the page starts behind is among them: more of theirs may follow.
    async fn by_name(&self, page: &Page) -> Result<Vec<Row>> {
        let backend = self.scope.db().backend();
        let key = name_key(&self.names, backend);
        let behind = behind(page)?;
        let mut people = user::Entity::find()
            .select_only()
            .column(Column::Id)
            .column_as(key.clone(), "key")
            .filter(self.people.clone())
            .filter(used_in(backend, self.asked));
        if let Some(behind) = &behind {
            let row = Expr::tuple([key.clone(), Column::Id.into_expr()]);
            let place = Expr::tuple([Expr::value(behind.key.to_vec()), Expr::value(behind.user_id)]);
            people = people.filter(match self.ascending {
                true => row.gte(place),
                false => row.lte(place),
            });
        }
        let people: HashMap<Uuid, Vec<u8>> = people
            .order_by(key, self.order())
            .order_by(Column::Id, self.order())
            .limit(page.rows() + 1)
            .into_tuple::<(Uuid, Vec<u8>)>()
            .all(self.scope.db())
            .await?
            .into_iter()
            .collect();
        let ids: Vec<Uuid> = people.keys().copied().collect();
        let found = read::of_users(self.scope, self.asked.period, &ids, self.asked.products).await?;
        let mut rows: Vec<Row> = found
            .into_iter()
            .map(|used| Row {
                key: people.get(&used.user_id).cloned().unwrap_or_default(),
                used,
            })
            .collect();
        let place = |row: &Row| (row.key.clone(), row.used.user_id, row.used.product_id);
        rows.sort_by_cached_key(place);
        if !self.ascending {
            rows.reverse();
        }
        if let Some(Behind {
            key,
            user_id,
            product_id,
        }) = behind
        {
            let from = (key.to_vec(), user_id, product_id);
            rows.retain(|row| match self.ascending {
                true => place(row) > from,
                false => place(row) < from,
            });
        }
        rows.truncate(usize::try_from(page.rows()).unwrap_or(usize::MAX));
        Ok(rows)
    }

    async fn by_sum(&self, page: &Page, order_by: OrderBy, column: &'static str) -> Result<Vec<Row>> {
        let mut query = self.all();
        query.expr(Expr::cust("used.*"));
        if let Some(behind) = behind(page)? {
            let row = ["user_id", "product_id"].map(Expr::col);
            let row = Expr::tuple(std::iter::once(Expr::col(column)).chain(row));
            let place = Expr::tuple([
                order_by.value(behind.key)?,
                Expr::value(behind.user_id),
                Expr::value(behind.product_id),
            ]);
            query.and_where(match self.ascending {
                true => row.gt(place),
                false => row.lt(place),
            });
        }
        for key in [column, "user_id", "product_id"] {
            query.order_by(key, self.order());
        }
        query.limit(page.rows());
        let statement = self.scope.db().backend().build(&query);
        let found = Used::find_by_statement(statement).all(self.scope.db()).await?;
        let row = |used: Used| Row {
            key: order_by.key(&used).into_bytes(),
            used,
        };
        Ok(found.into_iter().map(row).collect())
    }

    async fn total(&self) -> Result<i32> {
        #[derive(FromQueryResult)]
        struct Counted {
            total: i64,
        }
        let mut query = self.all();
        query.expr_as(Expr::cust("COUNT(*)"), "total");
        let statement = self.scope.db().backend().build(&query);
        let counted = Counted::find_by_statement(statement).one(self.scope.db()).await?;
        let total = counted.map_or(0, |counted| counted.total);
        Ok(i32::try_from(total).unwrap_or(i32::MAX))
    }

    /// All rows, with nothing selected.
    fn all(&self) -> SelectStatement {
        let sums = by(&["user_id", "product_id"], self.scope.db().backend(), self.asked);
        let person = Condition::all().add(Column::Id.into_expr().eq(Expr::col(("used", "user_id"))));
        Query::select()
            .from_subquery(sums, "used")
            .join(JoinType::InnerJoin, user::Entity, person)
            .cond_where(self.people.clone())
            .take()
    }
}
