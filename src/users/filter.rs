//! Which users are meant: what a filter asks for, as conditions of a statement.

use chrono::{DateTime, Utc};
use entity::assignment;
use entity::user::{self, Origin, Role, Status};
use sea_orm::sea_query::{Expr, ExprTrait, LikeExpr, Query, SelectStatement};
use sea_orm::{ColumnTrait, Condition};
use uuid::Uuid;

use super::like::{containing, escaped};
use crate::error::Result;
use crate::limits;
use crate::person::findable::{email_key, folded};
use crate::platform::constants::Constants;
use crate::read::terms;

/// String comparison. All given operators must hold.
#[derive(Clone, Debug, Default)]
pub struct TextFilter {
    pub eq: Option<String>,
    pub one_of: Option<Vec<String>>,
    pub contains: Option<String>,
    pub starts_with: Option<String>,
}

/// Half-open time range: from <= value < to.
#[derive(Clone, Copy, Debug, Default)]
pub struct TimeRange {
    pub from: Option<DateTime<Utc>>,
    pub to: Option<DateTime<Utc>>,
}

/// Conditions; all given ones must hold.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// Words that stand in the e-mail address or the name.
    pub search: Option<String>,
    pub email: Option<TextFilter>,
    pub role: Option<Vec<Role>>,
    pub status: Option<Vec<Status>>,
    pub origin: Option<Vec<Origin>>,
    /// With a seat in this subscription; what is no subscription of the account has none.
    pub subscription_id: Option<Uuid>,
    /// Without one.
    pub not_in_subscription_id: Option<Uuid>,
    pub created_at: TimeRange,
    pub last_signed_in_at: TimeRange,
}

/// What a filter asks for, but for the words that are searched.
pub(super) fn condition(account_id: Uuid, filter: &Filter) -> Result<Condition> {
    let mut all = Condition::all();
    if let Some(email) = &filter.email {
        all = all.add(email_condition(email)?);
    }
    if let Some(roles) = &filter.role {
        all = all.add(user::Column::Role.in_constants(terms::alternatives(roles)?));
    }
    if let Some(statuses) = &filter.status {
        all = all.add(user::Column::Status.is_in(terms::alternatives(statuses)?.iter().copied()));
    }
    if let Some(origins) = &filter.origin {
        all = all.add(user::Column::Origin.is_in(terms::alternatives(origins)?.iter().copied()));
    }
    if let Some(id) = filter.subscription_id {
        all = all.add(Expr::col(user::Column::Id).in_subquery(holders(account_id, id)));
    }
    if let Some(id) = filter.not_in_subscription_id {
        all = all.add(Expr::col(user::Column::Id).not_in_subquery(holders(account_id, id)));
    }
    all = all.add(within(user::Column::CreatedAt, filter.created_at)?);
    Ok(all.add(within(user::Column::LastSignedInAt, filter.last_signed_in_at)?))
}

fn within(column: user::Column, range: TimeRange) -> Result<Condition> {
    let from = range.from.map(terms::time).transpose()?;
    let to = range.to.map(terms::time).transpose()?;
    Ok(Condition::all()
        .add_option(from.map(|from| column.gte(from)))
        .add_option(to.map(|to| column.lt(to))))
}

/// Users with a seat in a subscription. What is no subscription of the account has none.
fn holders(account_id: Uuid, subscription: Uuid) -> SelectStatement {
    Query::select()
        .column(assignment::Column::UserId)
        .from(assignment::Entity)
        .and_where(assignment::Column::AccountId.eq(account_id))
        .and_where(assignment::Column::SubscriptionId.eq(subscription))
        .take()
}

/// Whole addresses are compared as addresses are; what is a part of one, letter by letter with the address as it is compared.
fn email_condition(filter: &TextFilter) -> Result<Condition> {
    let column = user::Column::EmailKey;
    let like = |pattern: LikeExpr| Expr::col(column).like(pattern);
    let mut all = Condition::all();
    if let Some(text) = &filter.eq {
        all = all.add(column.eq(email_key(bounded(text)?)));
    }
    if let Some(texts) = &filter.one_of {
        let keys = terms::alternatives(texts)?
            .iter()
            .map(|text| bounded(text).map(email_key));
        all = all.add(column.is_in(keys.collect::<Result<Vec<_>>>()?));
    }
    if let Some(text) = &filter.contains {
        all = all.add(like(containing(&folded(bounded(text)?))));
    }
    if let Some(text) = &filter.starts_with {
        let pattern = format!("{}%", escaped(&folded(bounded(text)?)));
        all = all.add(like(LikeExpr::new(pattern).escape('\\')));
    }
    Ok(all)
}

fn bounded(text: &str) -> Result<&str> {
    terms::compared(text, limits::COMPARED)
}
