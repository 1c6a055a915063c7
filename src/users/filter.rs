//! Which users a list is narrowed to.

use chrono::{DateTime, Utc};
use entity::assignment;
use entity::group_member;
use entity::invitation::Delivery;
use entity::user::{self, Origin, Role, Status};
use sea_orm::sea_query::{Expr, ExprTrait, LikeExpr, Query, SelectStatement};
use sea_orm::{ColumnTrait, Condition, DatabaseBackend};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::like::{containing, escaped};
use super::ordering::last_sign_in;
use crate::error::Result;
use crate::invitations::read::{delivered_as, in_states};
use crate::invitations::rules::State;
use crate::limits;
use crate::person::findable::{email_key, lowered};
use crate::platform::constants::Constants;
use crate::read::terms;

/// String comparison. All given operators must hold.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct TextFilter {
    pub eq: Option<String>,
    pub one_of: Option<Vec<String>>,
    pub contains: Option<String>,
    pub starts_with: Option<String>,
}

/// Half-open time range: from <= value < to.
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize)]
pub struct TimeRange {
    pub from: Option<DateTime<Utc>>,
    pub to: Option<DateTime<Utc>>,
}

/// Conditions; all given ones must hold. What was kept of an earlier version names fewer of them.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
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
    /// With a seat of this product.
    pub product_id: Option<Uuid>,
    /// Without one.
    pub without_product_id: Option<Uuid>,
    /// In this group; what is no group of the account has nobody in it.
    pub group_id: Option<Uuid>,
    /// With a seat of this product beside: from whom one is taken has one.
    pub holding: Option<Uuid>,
    /// Whose latest invitation is in one of these states.
    pub invitation: Option<Vec<State>>,
    /// Whose pending invitation's mail became one of these.
    pub delivery: Option<Vec<Delivery>>,
    pub created_at: TimeRange,
    pub last_signed_in_at: TimeRange,
    /// Who did not sign in since then, or never.
    pub not_signed_in_since: Option<DateTime<Utc>>,
}

impl Filter {
    /// Whether it tells who holds seats.
    pub fn asks_for_seats(&self) -> bool {
        let asked = [
            self.subscription_id,
            self.not_in_subscription_id,
            self.product_id,
            self.without_product_id,
        ];
        asked.iter().any(Option::is_some)
    }

    /// What it asks for at a moment, but for the words that are searched.
    pub fn condition(
        &self,
        account_id: Uuid,
        backend: DatabaseBackend,
        now: DateTime<Utc>,
    ) -> Result<Condition> {
        let mut all = Condition::all();
        if let Some(email) = &self.email {
            all = all.add(email_condition(email)?);
        }
        if let Some(roles) = &self.role {
            all = all.add(user::Column::Role.in_constants(terms::alternatives(roles)?));
        }
        if let Some(statuses) = &self.status {
            all = all.add(user::Column::Status.is_in(terms::alternatives(statuses)?.iter().copied()));
        }
        if let Some(origins) = &self.origin {
            all = all.add(user::Column::Origin.is_in(terms::alternatives(origins)?.iter().copied()));
        }
        if let Some(id) = self.subscription_id {
            let holders = holders(account_id, assignment::Column::SubscriptionId, id);
            all = all.add(Expr::col(user::Column::Id).in_subquery(holders));
        }
        if let Some(id) = self.not_in_subscription_id {
            let holders = holders(account_id, assignment::Column::SubscriptionId, id);
            all = all.add(Expr::col(user::Column::Id).not_in_subquery(holders));
        }
        for id in self.product_id.into_iter().chain(self.holding) {
            let holders = holders(account_id, assignment::Column::ProductId, id);
            all = all.add(Expr::col(user::Column::Id).in_subquery(holders));
        }
        if let Some(id) = self.without_product_id {
            let holders = holders(account_id, assignment::Column::ProductId, id);
            all = all.add(Expr::col(user::Column::Id).not_in_subquery(holders));
        }
        if let Some(id) = self.group_id {
            all = all.add(Expr::col(user::Column::Id).in_subquery(members(account_id, id)));
        }
        if let Some(states) = &self.invitation {
            all = all.add(in_states(backend, account_id, terms::alternatives(states)?, now));
        }
        if let Some(deliveries) = &self.delivery {
            all = all.add(delivered_as(
                backend,
                account_id,
                terms::alternatives(deliveries)?,
            ));
        }
        if let Some(since) = self.not_signed_in_since {
            all = all.add(last_sign_in(backend).lt(terms::time(since)?));
        }
        all = all.add(within(user::Column::CreatedAt, self.created_at)?);
        Ok(all.add(within(user::Column::LastSignedInAt, self.last_signed_in_at)?))
    }
}

fn within(column: user::Column, range: TimeRange) -> Result<Condition> {
    let from = range.from.map(terms::time).transpose()?;
    let to = range.to.map(terms::time).transpose()?;
    Ok(Condition::all()
        .add_option(from.map(|from| column.gte(from)))
        .add_option(to.map(|to| column.lt(to))))
}

/// Users with a seat of a subscription or a product. What is none of the account has none.
fn holders(account_id: Uuid, column: assignment::Column, id: Uuid) -> SelectStatement {
    Query::select()
        .column(assignment::Column::UserId)
        .from(assignment::Entity)
        .and_where(assignment::Column::AccountId.eq(account_id))
        .and_where(column.eq(id))
        .take()
}

/// Users in a group.
pub fn members(account_id: Uuid, group_id: Uuid) -> SelectStatement {
    Query::select()
        .column(group_member::Column::UserId)
        .from(group_member::Entity)
        .and_where(group_member::Column::AccountId.eq(account_id))
        .and_where(group_member::Column::GroupId.eq(group_id))
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
        all = all.add(like(containing(&lowered(bounded(text)?))));
    }
    if let Some(text) = &filter.starts_with {
        let pattern = format!("{}%", escaped(&lowered(bounded(text)?)));
        all = all.add(like(LikeExpr::new(pattern).escape('\\')));
    }
    Ok(all)
}

fn bounded(text: &str) -> Result<&str> {
    terms::compared(text, limits::COMPARED)
}
