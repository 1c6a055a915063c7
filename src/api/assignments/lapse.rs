//! Seats of what is over: kept, and shown as lapsed.

use std::collections::HashMap;

use chrono::NaiveDate;
use graphql::{Rows, Type};
use uuid::Uuid;

use crate::accounts::Account;
use crate::assignments::Assignment;
use crate::error::Result;
use crate::read::{ById, Scope};
use crate::subscriptions::{Subscription, rules};

pub fn on_assignment(t: &mut Type<Assignment>) {
    t.values("isLapsed", are_lapsed)
        .doc("Whether the time of its subscription is over today (UTC). The seat is kept, and is good again when that is renewed.");
    t.values("graceEndsOn", grace_ends)
        .doc("Of a lapsed seat: the last day on which access goes on (`AccountSettings.graceDays`). Null of any other.");
}

/// The subscriptions of seats, by one statement.
async fn sold(scope: &Scope, seats: &[Assignment]) -> Result<HashMap<Uuid, Subscription>> {
    let mut ids: Vec<Uuid> = seats.iter().map(|seat| seat.0.subscription_id).collect();
    ids.sort_unstable();
    ids.dedup();
    let found = Subscription::by_ids(scope, &ids).await?;
    Ok(found.into_iter().map(|one| (one.0.id, one)).collect())
}

async fn are_lapsed(scope: Scope, seats: Rows<Assignment>) -> Result<Vec<bool>> {
    let today = scope.app().clock().now().date_naive();
    let sold = sold(&scope, &seats).await?;
    let is_lapsed = |seat: &Assignment| {
        let sold = sold.get(&seat.0.subscription_id);
        sold.is_some_and(|sold| rules::is_over(&sold.0, today))
    };
    Ok(seats.iter().map(is_lapsed).collect())
}

async fn grace_ends(scope: Scope, seats: Rows<Assignment>) -> Result<Vec<Option<NaiveDate>>> {
    let today = scope.app().clock().now().date_naive();
    let days = Account::own(&scope)
        .await?
        .map_or(0, |account| account.0.grace_days);
    let sold = sold(&scope, &seats).await?;
    let ends = |seat: &Assignment| {
        let sold = sold.get(&seat.0.subscription_id)?;
        rules::grace_ends_on(&sold.0, days, today)
    };
    Ok(seats.iter().map(ends).collect())
}
