//! Other seats, another last day, a trial that is paid for.

use chrono::NaiveDate;
use entity::account;
use entity::ids::Kind;
use entity::subscription::{Column, Entity, Model, State};
use sea_orm::sea_query::{Expr, ExprTrait};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};

use super::find::{ContractRef, SubscriptionRef};
use super::rules;
use super::sale::Change;
use super::subscribe::check_within;
use super::terms::sold;
use crate::command::Work;
use crate::error::{Code, Detail, Refusal, Result};

/// Changes a subscription; what is `None` stays.
#[derive(Clone, Debug)]
pub struct UpdateSubscription {
    pub subscription: SubscriptionRef,
    /// The version that was read; another one means that somebody was faster.
    pub expected_version: Option<i32>,
    pub seats: Option<i32>,
    /// The number of seats holds from the next term on, and not from now.
    pub at_next_term: bool,
    pub ends_on: Option<NaiveDate>,
    /// False: a trial is paid for from now on.
    pub is_trial: Option<bool>,
}

impl UpdateSubscription {
    /// One that changes nothing yet.
    pub fn new(subscription: SubscriptionRef) -> Self {
        Self {
            subscription,
            expected_version: None,
            seats: None,
            at_next_term: false,
            ends_on: None,
            is_trial: None,
        }
    }
}

impl Change for UpdateSubscription {
    type Output = Model;
    const NAME: &'static str = "subscriptions.update";

    async fn make(self, work: &mut Work, account: &account::Model) -> Result<Model> {
        let before = self.subscription.find(work, account.id).await?;
        if self
            .expected_version
            .is_some_and(|expected| expected != before.version)
        {
            return Err(rules::stale().into());
        }
        if before.state == State::Cancelled {
            let text = "The subscription was cancelled.";
            let refusal = Refusal::new(Code::SubscriptionInactive, text);
            return Err(refusal.at("input.subscriptionId").into());
        }
        let contract = ContractRef::Id(before.contract_id).find(work, account.id).await?;
        let today = work.now().date_naive();
        let mut after = before.clone();
        if let Some(day) = self.ends_on.filter(|day| *day != before.ends_on) {
            (_, after.ends_on) = rules::term(before.starts_on, day)?;
            if day < today {
                return Err(rules::invalid("A last day is today or later.", "input.endsOn").into());
            }
            // One that the operator sold from before its contract on may stay so.
            check_within(&contract, contract.starts_on, day)?;
        }
        match (self.is_trial, before.state) {
            (Some(true), State::Trial) | (None, _) => {}
            (Some(true), _) => {
                return Err(rules::invalid("What is paid for is no trial again.", "input.isTrial").into());
            }
            (Some(false), State::Trial) => after.state = State::Active,
            (Some(false), _) => {}
        }
        self.count_seats(&mut after, contract.next_term_on.filter(|begins| *begins > today))?;
        if after == before {
            return Ok(before);
        }
        after.version += 1;
        write(work, &before, &after).await?;
        Ok(after)
    }
}

impl UpdateSubscription {
    /// `next_term_on` is when the next term begins, if the contract was renewed for it already.
    fn count_seats(&self, after: &mut Model, next_term_on: Option<NaiveDate>) -> Result<(), Refusal> {
        match (self.seats, self.at_next_term) {
            (None, true) => {
                let text = "Say how many seats there are to be.";
                return Err(Refusal::new(Code::Required, text).at("input.seats"));
            }
            (None, false) => {}
            (Some(seats), true) => {
                let seats = rules::seats(seats)?;
                after.next_seats = Some(seats).filter(|seats| *seats != after.seats);
                after.next_term_on = next_term_on.filter(|_| after.next_seats.is_some());
            }
            (Some(seats), false) => {
                after.seats = rules::seats(seats)?;
                if seats < after.seats_used {
                    return Err(held(after, seats));
                }
            }
        }
        Ok(())
    }
}

/// There are not to be fewer seats than are held.
fn held(subscription: &Model, requested: i32) -> Refusal {
    let text = format!(
        "{} seats are held. Take some back before there are {requested}, or have that hold from the next term on.",
        subscription.seats_used
    );
    Refusal::new(Code::SeatsHeld, text)
        .at("input.seats")
        .with(Detail::Held {
            subscription: subscription.id,
            requested,
            held: subscription.seats_used,
        })
}

/// Guarded by what is held at this moment, as giving seats is by what there is; the account's lock keeps the guard from failing.
async fn write(work: &mut Work, before: &Model, after: &Model) -> Result<()> {
    let update = Entity::update_many()
        .col_expr(Column::Seats, Expr::value(after.seats))
        .col_expr(Column::NextSeats, Expr::value(after.next_seats))
        .col_expr(Column::NextTermOn, Expr::value(after.next_term_on))
        .col_expr(Column::EndsOn, Expr::value(after.ends_on))
        .col_expr(Column::State, Expr::value(after.state))
        .col_expr(Column::Version, Expr::col(Column::Version).add(1))
        .filter(Column::AccountId.eq(after.account_id))
        .filter(Column::Id.eq(after.id))
        .filter(Column::SeatsUsed.lte(after.seats));
    if work.update(update).await? == 0 {
        return Err(held(before, after.seats).into());
    }
    work.touch(Kind::Subscription.text(after.id));
    for ((field, was), (_, is)) in told(before).into_iter().zip(told(after)) {
        if was != is {
            work.changed(field, was, is);
        }
    }
    sold(work, after.account_id, after.product_id);
    Ok(())
}

fn told(subscription: &Model) -> [(&'static str, Option<String>); 4] {
    [
        ("seats", Some(subscription.seats.to_string())),
        (
            "nextSeats",
            subscription.next_seats.map(|seats| seats.to_string()),
        ),
        ("endsOn", Some(subscription.ends_on.to_string())),
        ("isTrial", Some((subscription.state == State::Trial).to_string())),
    ]
}
