//! How many seats were taken on which day: a row on each day on which that is not as before, written once a day, and when a subscription is made.
//!
//! Who gave back a seat leaves no row behind, so what was taken three months ago cannot be counted afterwards: it has to be noted while it is so.

use std::collections::HashMap;

use chrono::NaiveDate;
use entity::{seat_day, subscription};
use sea_orm::ActiveValue::Set;
use sea_orm::sea_query::OnConflict;
use sea_orm::{FromQueryResult, Statement};
use uuid::Uuid;

use super::rules::is_in_term;
use crate::command::Work;
use crate::error::Result;

/// The last row of each subscription of an account.
const LAST: &str = "SELECT d.subscription_id, d.seats, d.used FROM seat_days d \
    JOIN (SELECT m.subscription_id, MAX(m.day) AS day FROM seat_days m WHERE m.account_id = $1 GROUP BY m.subscription_id) l \
        ON l.subscription_id = d.subscription_id AND l.day = d.day \
    WHERE d.account_id = $1";

#[derive(FromQueryResult)]
struct Last {
    subscription_id: Uuid,
    seats: i32,
    used: i32,
}

/// Notes those subscriptions in term whose numbers are others than when they were noted last. Two statements, however many there are.
pub async fn note(work: &Work, account_id: Uuid, subscriptions: &[subscription::Model]) -> Result<()> {
    let today = work.now().date_naive();
    let last = Statement::from_sql_and_values(work.backend(), LAST, [account_id.into()]);
    let last: Vec<Last> = work.fetch(last).await?;
    let last: HashMap<Uuid, (i32, i32)> = last
        .into_iter()
        .map(|row| (row.subscription_id, (row.seats, row.used)))
        .collect();
    let is_news = |one: &&subscription::Model| {
        is_in_term(one, today) && last.get(&one.id) != Some(&(one.seats, one.seats_used))
    };
    let rows = subscriptions.iter().filter(is_news);
    write(work, today, rows).await
}

/// Notes a subscription that was just made.
pub async fn begin(work: &Work, subscription: &subscription::Model) -> Result<()> {
    let today = work.now().date_naive();
    write(work, today, std::iter::once(subscription)).await
}

/// The first who notes a day is right: it is how it begins.
async fn write<'a>(
    work: &Work,
    day: NaiveDate,
    subscriptions: impl Iterator<Item = &'a subscription::Model>,
) -> Result<()> {
    let row = |one: &subscription::Model| seat_day::ActiveModel {
        account_id: Set(one.account_id),
        id: Set(work.new_id()),
        subscription_id: Set(one.id),
        day: Set(day),
        seats: Set(one.seats),
        used: Set(one.seats_used),
    };
    let rows: Vec<seat_day::ActiveModel> = subscriptions.map(row).collect();
    if rows.is_empty() {
        return Ok(());
    }
    let known = OnConflict::columns([
        seat_day::Column::AccountId,
        seat_day::Column::SubscriptionId,
        seat_day::Column::Day,
    ])
    .do_nothing()
    .to_owned();
    work.insert_or(rows, known).await
}
