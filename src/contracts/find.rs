//! Contracts and subscriptions as a call names them: by their ids, or as the operator does, by what they are called on paper.

use entity::{contract, product, subscription};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
use uuid::Uuid;

use crate::command::Work;
use crate::error::{Code, Refusal, Result};

/// Which contract.
#[derive(Clone, Debug)]
pub enum ContractRef {
    Id(Uuid),
    Number(String),
}

/// Which subscription.
#[derive(Clone, Debug)]
pub enum SubscriptionRef {
    Id(Uuid),
    /// The only one of a product, by its code, under a contract, by its number.
    Sold {
        product: String,
        contract: String,
    },
}

impl ContractRef {
    /// It, in an account.
    pub async fn find(&self, work: &Work, account_id: Uuid) -> Result<contract::Model> {
        let found = match self {
            Self::Id(id) => {
                contract::Entity::find_by_id((account_id, *id))
                    .one(work.reader())
                    .await?
            }
            Self::Number(number) => numbered(work, account_id, number).await?,
        };
        let missing = || Refusal::new(Code::NotFound, "There is no such contract.").at("input.contractId");
        Ok(found.ok_or_else(missing)?)
    }
}

impl SubscriptionRef {
    /// It, in an account.
    pub async fn find(&self, work: &Work, account_id: Uuid) -> Result<subscription::Model> {
        match self {
            Self::Id(id) => {
                let found = subscription::Entity::find_by_id((account_id, *id));
                let missing = || {
                    Refusal::new(Code::NotFound, "There is no such subscription.").at("input.subscriptionId")
                };
                Ok(found.one(work.reader()).await?.ok_or_else(missing)?)
            }
            Self::Sold { product, contract } => sold(work, account_id, product, contract).await,
        }
    }
}

/// The contract of a number.
pub async fn numbered(work: &Work, account_id: Uuid, number: &str) -> Result<Option<contract::Model>> {
    let found = contract::Entity::find()
        .filter(contract::Column::AccountId.eq(account_id))
        .filter(contract::Column::Number.eq(number));
    Ok(found.one(work.reader()).await?)
}

async fn sold(work: &Work, account_id: Uuid, product: &str, contract: &str) -> Result<subscription::Model> {
    let missing = || {
        let text = "The account has not just one subscription of this product under this contract.";
        Refusal::new(Code::NotFound, text)
    };
    let product = product::Entity::find()
        .filter(product::Column::Code.eq(product))
        .one(work.reader())
        .await?
        .ok_or_else(missing)?;
    let contract = numbered(work, account_id, contract).await?.ok_or_else(missing)?;
    let mut found = subscription::Entity::find()
        .filter(subscription::Column::AccountId.eq(account_id))
        .filter(subscription::Column::ProductId.eq(product.id))
        .filter(subscription::Column::ContractId.eq(contract.id))
        .all(work.reader())
        .await?;
    let only = found.pop().filter(|_| found.is_empty());
    Ok(only.ok_or_else(missing)?)
}
