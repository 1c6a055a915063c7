//! What was used in a period, as part of a statement: whole months by their sums, and the days beside them.

use entity::usage_total::Span;
use entity::{assignment, usage_day, usage_month};
use sea_orm::sea_query::{CaseStatement, Expr, ExprTrait, Query, SelectStatement};
use sea_orm::{ColumnTrait, Condition, DatabaseBackend};
use uuid::Uuid;

use super::Period;
use crate::platform::arrays::among;
use crate::read::in_one;

/// What is asked for.
#[derive(Clone, Copy, Debug)]
pub struct Asked<'a> {
    pub account_id: Uuid,
    pub period: Period,
    /// Of these products only.
    pub products: Option<&'a [Uuid]>,
    /// By these people only.
    pub users: Option<&'a [Uuid]>,
}

impl Asked<'_> {
    /// The condition of time. Of people who are named it is asked of what they did and not looked for: a server that plans before it sees the values takes any range for a short one,
    /// and would read the whole account's for it.
    fn within(&self, time: Expr) -> Expr {
        match self.users {
            Some(_) => Expr::Case(Box::new(CaseStatement::new().case(time, 1).finally(0))).eq(1),
            None => time,
        }
    }
}

/// The columns that are sums.
pub const SUMMED: [&str; 4] = ["days", "minutes", "launches", "credits"];

/// A row for each person, product and month, and for each of the days beside: `user_id`, `product_id`, the columns that are [`SUMMED`], and `last_day`.
fn parts(backend: DatabaseBackend, asked: Asked<'_>) -> SelectStatement {
    use usage_day::Column as D;
    use usage_month::Column as M;

    let (whole, beside) = asked.period.cut(Span::Month);
    let months = whole.map(|(first, last)| {
        Query::select()
            .columns([
                M::UserId,
                M::ProductId,
                M::Days,
                M::Minutes,
                M::Launches,
                M::Credits,
                M::LastDay,
            ])
            .from(usage_month::Entity)
            .and_where(M::AccountId.eq(asked.account_id))
            .and_where(asked.within(M::Month.between(first, last)))
            .and_where_option(asked.products.map(|ids| among(backend, M::ProductId, ids)))
            .and_where_option(asked.users.map(|ids| among(backend, M::UserId, ids)))
            .take()
    });
    let days = beside.into_iter().map(|(from, to)| {
        Query::select()
            .columns([D::UserId, D::ProductId])
            .expr_as(Expr::cust("1"), "days")
            .columns([D::Minutes, D::Launches, D::Credits])
            .expr_as(D::Day.into_expr(), "last_day")
            .from(usage_day::Entity)
            .and_where(D::AccountId.eq(asked.account_id))
            .and_where(asked.within(D::Day.between(from, to)))
            .and_where_option(asked.products.map(|ids| among(backend, D::ProductId, ids)))
            .and_where_option(asked.users.map(|ids| among(backend, D::UserId, ids)))
            .take()
    });
    in_one(months.into_iter().chain(days)).unwrap_or_default()
}

/// The sum of a column of a statement.
pub fn sum(column: &'static str) -> Expr {
    Expr::col(column).sum().cast_as("bigint")
}

/// A row for each of some columns: these, the columns that are [`SUMMED`], and `last_day`.
pub fn by(columns: &[&'static str], backend: DatabaseBackend, asked: Asked<'_>) -> SelectStatement {
    let mut query = Query::select();
    for column in columns {
        query.column(*column).group_by_col(*column);
    }
    for column in SUMMED {
        query.expr_as(sum(column), column);
    }
    query
        .expr_as(Expr::col("last_day").max(), "last_day")
        .from_subquery(parts(backend, asked), "parts")
        .take()
}

/// Whether the holder of a seat did not use its product in a period.
pub fn unused_in(account_id: Uuid, period: Period) -> Condition {
    use assignment::Column as A;
    use usage_day::Column as D;
    use usage_month::Column as M;

    let (whole, beside) = period.cut(Span::Month);
    let mut unused = Condition::all();
    if let Some((first, last)) = whole {
        let months = Query::select()
            .expr(Expr::cust("1"))
            .from(usage_month::Entity)
            .and_where(M::AccountId.eq(account_id))
            .and_where(M::UserId.into_expr().eq(A::UserId.into_expr()))
            .and_where(M::ProductId.into_expr().eq(A::ProductId.into_expr()))
            .and_where(M::Month.between(first, last))
            .take();
        unused = unused.add(Expr::exists(months).not());
    }
    for (from, to) in beside {
        let days = Query::select()
            .expr(Expr::cust("1"))
            .from(usage_day::Entity)
            .and_where(D::AccountId.eq(account_id))
            .and_where(D::UserId.into_expr().eq(A::UserId.into_expr()))
            .and_where(D::ProductId.into_expr().eq(A::ProductId.into_expr()))
            .and_where(D::Day.between(from, to))
            .take();
        unused = unused.add(Expr::exists(days).not());
    }
    unused
}

/// Whether somebody used any of some products in a period: looked up person by person, which the limit has the server do, since it is for pages of a few.
pub fn used_in(backend: DatabaseBackend, asked: Asked<'_>) -> Condition {
    use entity::user::Column as U;
    use usage_day::Column as D;
    use usage_month::Column as M;

    let (whole, beside) = asked.period.cut(Span::Month);
    let mut used = Condition::any();
    if let Some((first, last)) = whole {
        let months = Query::select()
            .expr(Expr::cust("1"))
            .from(usage_month::Entity)
            .and_where(M::AccountId.eq(asked.account_id))
            .and_where(M::UserId.into_expr().eq(U::Id.into_expr()))
            .and_where(M::Month.between(first, last))
            .and_where_option(asked.products.map(|ids| among(backend, M::ProductId, ids)))
            .limit(1)
            .take();
        used = used.add(Expr::exists(months));
    }
    for (from, to) in beside {
        let days = Query::select()
            .expr(Expr::cust("1"))
            .from(usage_day::Entity)
            .and_where(D::AccountId.eq(asked.account_id))
            .and_where(D::UserId.into_expr().eq(U::Id.into_expr()))
            .and_where(D::Day.between(from, to))
            .and_where_option(asked.products.map(|ids| among(backend, D::ProductId, ids)))
            .limit(1)
            .take();
        used = used.add(Expr::exists(days));
    }
    used
}
