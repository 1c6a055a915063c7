//! Subscriptions that are made, and changed.

use chrono::NaiveDate;
use entity::ids::Kind;
use entity::subscription::{Column, Entity, Model, State};
use entity::{account, contract};
use sea_orm::{ColumnTrait, EntityTrait, IntoActiveModel, PaginatorTrait, QueryFilter};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::find::ContractRef;
use super::rules;
use super::sale::Change;
use super::terms::sold;
use crate::command::Work;
use crate::error::{Code, Refusal, Result};
use crate::idempotency::Repeat;
use crate::limits;
use crate::products::{Catalogue, catalogue_holding};
use crate::subscriptions::days;

/// Books seats of a product under a contract, within its term.
#[derive(Clone, Debug)]
pub struct CreateSubscription {
    pub contract: ContractRef,
    pub product_id: Uuid,
    pub seats: i32,
    /// `None`: today, or the contract's first day if that is later.
    pub starts_on: Option<NaiveDate>,
    /// `None`: the contract's last day.
    pub ends_on: Option<NaiveDate>,
    pub is_trial: bool,
}

/// The id of the subscription that was made.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub struct Made(pub Uuid);

impl Repeat for Made {
    type Kept = Self;

    fn keep(&self) -> Self {
        *self
    }

    async fn again(kept: Self, _: &Work) -> Result<Self> {
        Ok(kept)
    }
}

impl Change for CreateSubscription {
    type Output = Made;
    const NAME: &'static str = "subscriptions.create";

    async fn make(self, work: &mut Work, account: &account::Model) -> Result<Made> {
        let contract = self.contract.find(work, account.id).await?;
        let today = work.now().date_naive();
        if contract.ends_on < today {
            let text = "The contract is over. Renew it first.";
            return Err(rules::invalid(text, "input.contractId").into());
        }
        let (starts_on, ends_on) = rules::term(
            self.starts_on.unwrap_or(today.max(contract.starts_on)),
            self.ends_on.unwrap_or(contract.ends_on),
        )?;
        check_within(&contract, starts_on, ends_on)?;
        let id = self.product_id;
        let catalogue = catalogue_holding(work.app(), |known: &Catalogue| known.has([id])).await?;
        if catalogue.by_id(id).is_none() {
            let text = "There is no such product.";
            return Err(Refusal::new(Code::NotFound, text).at("input.productId").into());
        }
        let booking = Booking {
            product_id: id,
            contract_id: contract.id,
            seats: self.seats,
            starts_on,
            ends_on,
            is_trial: self.is_trial,
        };
        let made = book(work, account.id, booking).await?;
        work.touch(Kind::Contract.text(contract.id));
        work.changed("seats", None, Some(made.seats.to_string()));
        work.changed("endsOn", None, Some(made.ends_on.to_string()));
        Ok(Made(made.id))
    }
}

/// A subscription lasts as long as its contract at the most.
pub fn check_within(
    contract: &contract::Model,
    starts_on: NaiveDate,
    ends_on: NaiveDate,
) -> Result<(), Refusal> {
    let text = format!(
        "A subscription is within the term of its contract: {} to {}.",
        contract.starts_on, contract.ends_on
    );
    match (starts_on < contract.starts_on, ends_on > contract.ends_on) {
        (true, _) => Err(rules::invalid(&text, "input.startsOn")),
        (_, true) => Err(rules::invalid(&text, "input.endsOn")),
        _ => Ok(()),
    }
}

/// Seats to be booked, of a product and under a contract that are there.
#[derive(Clone, Copy, Debug)]
pub struct Booking {
    pub product_id: Uuid,
    pub contract_id: Uuid,
    pub seats: i32,
    pub starts_on: NaiveDate,
    /// Last day of the term.
    pub ends_on: NaiveDate,
    pub is_trial: bool,
}

/// Books seats for an account. Whoever waits for the product is served.
pub async fn book(work: &mut Work, account_id: Uuid, booking: Booking) -> Result<Model> {
    let made = Model {
        account_id,
        id: work.new_id(),
        version: 1,
        product_id: booking.product_id,
        contract_id: booking.contract_id,
        state: match booking.is_trial {
            true => State::Trial,
            false => State::Active,
        },
        seats: rules::seats(booking.seats)?,
        seats_used: 0,
        seats_reserved: 0,
        starts_on: booking.starts_on,
        ends_on: booking.ends_on,
        created_at: work.now(),
        next_seats: None,
        next_term_on: None,
        told_for: None,
        told_days: None,
    };
    let count = Entity::find().filter(Column::AccountId.eq(account_id));
    let count = count.count(work.reader()).await?;
    if usize::try_from(count).is_ok_and(|count| count >= limits::SUBSCRIPTIONS) {
        let text = format!("An account has at most {} subscriptions.", limits::SUBSCRIPTIONS);
        return Err(Refusal::new(Code::TooManyItems, text).into());
    }
    work.insert(vec![made.clone().into_active_model()]).await?;
    days::begin(work, &made).await?;
    work.touch(Kind::Subscription.text(made.id));
    sold(work, account_id, made.product_id);
    Ok(made)
}
