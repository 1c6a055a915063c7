//! What an account bought.

use chrono::NaiveDate;
use entity::account::{self, View};
use entity::ids::Kind;
use entity::{contract, product, subscription};
use sea_orm::ActiveValue::Set;
use sea_orm::sea_query::{Expr, ExprTrait};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
use uuid::Uuid;

use super::account::lock_named;
use crate::access::Action;
use crate::assignments::waitlist;
use crate::command::{Command, Work};
use crate::contracts::managers;
use crate::error::{Code, Error, Refusal, Result};
use crate::platform::events::Wake;

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
        let contract_id = self.contract(work, &account).await?;
        let id = work.new_id();
        let row = subscription::ActiveModel {
            account_id: Set(account.id),
            id: Set(id),
            version: Set(1),
            product_id: Set(product.id),
            contract_id: Set(contract_id),
            state: Set(subscription::State::Active),
            seats: Set(self.seats),
            seats_used: Set(0),
            seats_reserved: Set(0),
            starts_on: Set(self.starts_on),
            ends_on: Set(self.ends_on),
            created_at: Set(work.now()),
        };
        work.insert(vec![row]).await?;
        work.touch(Kind::Account.text(account.id));
        work.touch(Kind::Subscription.text(id));
        sold(work, account.id, product.id);
        Ok(id)
    }
}

impl CreateSubscription {
    async fn contract(&self, work: &Work, account: &account::Model) -> Result<Uuid> {
        let account_id = account.id;
        let known = contract::Entity::find()
            .filter(contract::Column::AccountId.eq(account_id))
            .filter(contract::Column::Number.eq(&self.contract_number))
            .one(work.reader())
            .await?;
        if let Some(known) = known {
            return Ok(known.id);
        }
        let id = work.new_id();
        let row = contract::ActiveModel {
            account_id: Set(account_id),
            id: Set(id),
            number: Set(self.contract_number.clone()),
            starts_on: Set(self.starts_on),
            ends_on: Set(self.ends_on),
            auto_renews: Set(false),
            purchaser_name: Set(None),
            reseller_name: Set(None),
            terminated_at: Set(None),
            created_at: Set(work.now()),
        };
        work.insert(vec![row]).await?;
        if account.view == View::Classic {
            // Every contract has a manager there; who else it should be is theirs to say.
            let manager = managers::eldest(work.reader(), account_id).await?;
            let missing = || Error::internal("a classic account without a contract manager");
            managers::appoint(work, account_id, manager.ok_or_else(missing)?, &[id]).await?;
        }
        Ok(id)
    }
}

/// There are other seats than before: whoever waits for one may have it.
fn sold(work: &mut Work, account_id: Uuid, product_id: Uuid) {
    work.wake(Wake::Seats {
        account_id,
        id: product_id,
    });
    work.follow_with(&waitlist::GIVE, account_id);
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
        let Some(before) = self.named(work, account.id).await? else {
            let text = "The account has not just one subscription of this product under this contract.";
            return Err(Refusal::new(Code::NotFound, text).into());
        };
        if self.seats < Ord::max(before.seats_used, 1) {
            let text = format!(
                "{} seats are held. Take some back before there are fewer.",
                before.seats_used
            );
            return Err(Refusal::new(Code::Invalid, text).into());
        }
        work.touch(Kind::Account.text(account.id));
        if self.seats == before.seats {
            return Ok(());
        }
        let update = subscription::Entity::update_many()
            .col_expr(subscription::Column::Seats, Expr::value(self.seats))
            .col_expr(
                subscription::Column::Version,
                Expr::col(subscription::Column::Version).add(1),
            )
            .filter(subscription::Column::AccountId.eq(account.id))
            .filter(subscription::Column::Id.eq(before.id));
        work.update(update).await?;
        work.touch(Kind::Subscription.text(before.id));
        work.changed(
            "seats",
            Some(before.seats.to_string()),
            Some(self.seats.to_string()),
        );
        sold(work, account.id, before.product_id);
        Ok(())
    }
}

impl SetSeats {
    async fn named(&self, work: &Work, account_id: Uuid) -> Result<Option<subscription::Model>> {
        let product = product::Entity::find()
            .filter(product::Column::Code.eq(&self.product))
            .one(work.reader())
            .await?;
        let contract = contract::Entity::find()
            .filter(contract::Column::AccountId.eq(account_id))
            .filter(contract::Column::Number.eq(&self.contract_number))
            .one(work.reader())
            .await?;
        let (Some(product), Some(contract)) = (product, contract) else {
            return Ok(None);
        };
        let mut found = subscription::Entity::find()
            .filter(subscription::Column::AccountId.eq(account_id))
            .filter(subscription::Column::ProductId.eq(product.id))
            .filter(subscription::Column::ContractId.eq(contract.id))
            .all(work.reader())
            .await?;
        Ok(found.pop().filter(|_| found.is_empty()))
    }
}
