//! Reading what was used: always of the reader's account.

use std::collections::HashMap;

use chrono::{DateTime, NaiveDate, Utc};
use entity::usage_total::Span;
use entity::{usage_day, usage_total};
use sea_orm::sea_query::{Expr, ExprTrait, Query, SelectStatement};
use sea_orm::{ColumnTrait, EntityTrait, FromQueryResult, QueryFilter, QuerySelect};
use uuid::Uuid;

pub use super::sums::{Asked, by, used_in};
use super::sums::{SUMMED, sum};
use crate::error::{Error, Result};
use crate::limits;
use crate::platform::arrays::among;
use crate::platform::constants::Constants;
use crate::read::{Scope, in_one};
use crate::usage::{Granularity, Period};

/// What was used altogether, and by how many.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, FromQueryResult)]
pub struct Sums {
    pub active_users: i64,
    pub minutes: i64,
    pub launches: i64,
    /// In ten-thousandths.
    pub credits: i64,
}

/// What one person used of one product.
#[derive(Clone, Debug, PartialEq, Eq, FromQueryResult)]
pub struct Used {
    pub user_id: Uuid,
    pub product_id: Uuid,
    pub days: i64,
    pub minutes: i64,
    pub launches: i64,
    /// In ten-thousandths.
    pub credits: i64,
    pub last_day: NaiveDate,
}

/// What was used of one product in one interval.
#[derive(Clone, Debug, PartialEq, Eq, FromQueryResult)]
pub struct Point {
    pub starts_on: NaiveDate,
    pub product_id: Uuid,
    pub active_users: i64,
    pub minutes: i64,
    pub launches: i64,
    /// In ten-thousandths.
    pub credits: i64,
}

async fn all<R: FromQueryResult>(scope: &Scope, query: &SelectStatement) -> Result<Vec<R>> {
    let statement = scope.db().backend().build(query);
    Ok(R::find_by_statement(statement).all(scope.db()).await?)
}

/// All that was used. People are counted once, whatever they used.
pub async fn summary(scope: &Scope, period: Period, products: Option<&[Uuid]>) -> Result<Sums> {
    let asked = Asked {
        account_id: scope.account_id()?,
        period,
        products,
        users: None,
    };
    let people = by(&["user_id"], scope.db().backend(), asked);
    let mut query = Query::select();
    query.expr_as(Expr::cust("COUNT(*)"), "active_users");
    for column in &SUMMED[1..] {
        query.expr_as(Expr::expr(sum(column)).if_null(0), *column);
    }
    query.from_subquery(people, "people");
    Ok(all(scope, &query).await?.pop().unwrap_or_default())
}

/// The same of each of some products.
pub async fn of_products(scope: &Scope, period: Period, products: &[Uuid]) -> Result<HashMap<Uuid, Sums>> {
    #[derive(FromQueryResult)]
    struct Found {
        product_id: Uuid,
        #[sea_orm(nested)]
        sums: Sums,
    }
    let asked = Asked {
        account_id: scope.account_id()?,
        period,
        products: Some(products),
        users: None,
    };
    let people = by(&["product_id", "user_id"], scope.db().backend(), asked);
    let mut query = Query::select();
    query
        .column("product_id")
        .expr_as(Expr::cust("COUNT(*)"), "active_users");
    for column in &SUMMED[1..] {
        query.expr_as(sum(column), *column);
    }
    query.from_subquery(people, "people").group_by_col("product_id");
    let found: Vec<Found> = all(scope, &query).await?;
    Ok(found.into_iter().map(|row| (row.product_id, row.sums)).collect())
}

/// What each of some people used, product by product.
pub async fn of_users(
    scope: &Scope,
    period: Period,
    users: &[Uuid],
    products: Option<&[Uuid]>,
) -> Result<Vec<Used>> {
    if users.is_empty() {
        return Ok(Vec::new());
    }
    let asked = Asked {
        account_id: scope.account_id()?,
        period,
        products,
        users: Some(users),
    };
    all(
        scope,
        &by(&["user_id", "product_id"], scope.db().backend(), asked),
    )
    .await
}

/// What was used in each interval, product by product: in the order of the intervals. Where one lies in the period with a part of its days, only these count.
pub async fn series(
    scope: &Scope,
    period: Period,
    granularity: Granularity,
    products: Option<&[Uuid]>,
) -> Result<Vec<Point>> {
    let account_id = scope.account_id()?;
    let backend = scope.db().backend();
    let (whole, beside) = period.cut(granularity);
    let mut parts = Vec::new();
    if let Some((first, last)) = whole {
        use usage_total::Column as T;
        let span = match granularity {
            Span::Day => T::Span.eq_constant(Span::Day),
            Span::Week => T::Span.eq_constant(Span::Week),
            Span::Month => T::Span.eq_constant(Span::Month),
        };
        let totals = Query::select()
            .columns([T::StartsOn, T::ProductId])
            .expr_as(T::ActiveUsers.into_expr().cast_as("bigint"), "active_users")
            .columns([T::Minutes, T::Launches, T::Credits])
            .from(usage_total::Entity)
            .and_where(T::AccountId.eq(account_id))
            .and_where(span)
            .and_where(T::StartsOn.between(first, last))
            .and_where_option(products.map(|ids| among(backend, T::ProductId, ids)))
            .limit(MOST_POINTS + 1)
            .take();
        // Within parentheses of its own the part keeps its end, on both databases.
        let totals = Query::select()
            .expr(Expr::cust("*"))
            .from_subquery(totals, "totals")
            .take();
        parts.push(totals);
    }
    for (from, to) in beside {
        parts.push(piece(
            account_id,
            (from, to),
            products.map(|ids| among(backend, usage_day::Column::ProductId, ids)),
        ));
    }
    let Some(query) = in_one(parts) else {
        return Ok(Vec::new());
    };
    let mut points: Vec<Point> = all(scope, &query).await?;
    if points.len() > limits::REPORT_POINTS {
        return Err(Error::BadInput(format!(
            "The series has more than {} points. Ask for less time, wider intervals or fewer products.",
            limits::REPORT_POINTS
        )));
    }
    for point in &mut points {
        point.starts_on = period.first_of(granularity, point.starts_on);
    }
    points.sort_by_key(|point| (point.starts_on, point.product_id));
    Ok(points)
}

const MOST_POINTS: u64 = limits::REPORT_POINTS as u64;

/// What was used on some days of one interval: people are counted once.
fn piece(account_id: Uuid, (from, to): super::period::Run, of: Option<Expr>) -> SelectStatement {
    use usage_day::Column as D;

    let mut people = Query::select();
    people.columns([D::UserId, D::ProductId]);
    for column in &SUMMED[1..] {
        people.expr_as(sum(column), *column);
    }
    people
        .expr_as(D::Day.into_expr().min(), "starts_on")
        .from(usage_day::Entity)
        .and_where(D::AccountId.eq(account_id))
        .and_where(D::Day.between(from, to))
        .and_where_option(of)
        .group_by_columns([D::UserId, D::ProductId]);
    let mut products = Query::select();
    products
        .expr_as(Expr::col("starts_on").min(), "starts_on")
        .column("product_id")
        .expr_as(Expr::cust("COUNT(*)"), "active_users");
    for column in &SUMMED[1..] {
        products.expr_as(sum(column), *column);
    }
    products
        .from_subquery(people.take(), "people")
        .group_by_col("product_id")
        .take()
}

/// When something was last recorded; `None` if nothing ever was, or none of it is kept.
pub async fn as_of(scope: &Scope) -> Result<Option<DateTime<Utc>>> {
    use usage_total::Column as T;

    // Each record is in a month, of which there are few.
    let last = usage_total::Entity::find()
        .select_only()
        .column_as(T::UpdatedAt.max(), "last")
        .filter(T::AccountId.eq(scope.account_id()?))
        .filter(T::Span.eq_constant(Span::Month));
    Ok(last
        .into_tuple::<Option<DateTime<Utc>>>()
        .one(scope.db())
        .await?
        .flatten())
}
