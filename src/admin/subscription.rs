//! What an account bought, as the operator books it: by what things are called on paper.

use chrono::NaiveDate;
use entity::ids::Kind;
use entity::{account, product};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
use uuid::Uuid;

use super::account::lock_named;
use crate::access::Action;
use crate::command::{Command, Work};
use crate::contracts::{
    Booking, Change, CreateContract, SubscriptionRef, UpdateSubscription, book, numbered,
};
use crate::error::{Code, Refusal, Result};

/// Books a subscription under a contract, which is made when it is not there yet: in the classic view with the eldest contract manager as its manager.
#[derive(Clone, Debug)]
pub struct CreateSubscription {
    /// The account's slug.
    pub account: String,
    /// The product's code.
    pub product: String,
    pub contract_number: String,
    pub seats: i32,
    pub starts_on: NaiveDate,
    /// Last day of the term.
    pub ends_on: NaiveDate,
    pub is_trial: bool,
}

impl Command for CreateSubscription {
    type Output = Uuid;
    const NAME: &'static str = "subscriptions.create";

    fn action(&self) -> Action {
        Action::Operate
    }

    async fn apply(self, work: &mut Work) -> Result<Uuid> {
        if self.seats < 1 || self.starts_on > self.ends_on {
            let text = "A subscription needs at least one seat and a term that ends after it begins.";
            return Err(Refusal::new(Code::Invalid, text).into());
        }
        let account = lock_named(work, &self.account).await?;
        let product = product::Entity::find()
            .filter(product::Column::Code.eq(&self.product))
            .one(work.reader())
            .await?;
        let product = product.ok_or_else(|| {
            Refusal::new(
                Code::NotFound,
                format!("There is no product \"{}\".", self.product),
            )
        })?;
        let booking = Booking {
            product_id: product.id,
            contract_id: self.contract(work, &account).await?,
            seats: self.seats,
            starts_on: self.starts_on,
            ends_on: self.ends_on,
            is_trial: self.is_trial,
        };
        work.touch(Kind::Account.text(account.id));
        Ok(book(work, account.id, booking).await?.id)
    }
}

impl CreateSubscription {
    async fn contract(&self, work: &mut Work, account: &account::Model) -> Result<Uuid> {
        if let Some(known) = numbered(work, account.id, &self.contract_number).await? {
            return Ok(known.id);
        }
        let made = CreateContract::new(&self.contract_number, self.starts_on, self.ends_on);
        Ok(made.write_down(work, account).await?.id)
    }
}

/// Sells more seats of a subscription, or takes back those that nobody holds.
#[derive(Clone, Debug)]
pub struct SetSeats {
    /// The account's slug.
    pub account: String,
    /// The product's code.
    pub product: String,
    pub contract_number: String,
    pub seats: i32,
}

impl Command for SetSeats {
    type Output = ();
    const NAME: &'static str = "subscriptions.set_seats";

    fn action(&self) -> Action {
        Action::Operate
    }

    async fn apply(self, work: &mut Work) -> Result<()> {
        let account = lock_named(work, &self.account).await?;
        work.touch(Kind::Account.text(account.id));
        let sold = SubscriptionRef::Sold {
            product: self.product,
            contract: self.contract_number,
        };
        let mut update = UpdateSubscription::new(sold);
        update.seats = Some(self.seats);
        update.make(work, &account).await?;
        Ok(())
    }
}
