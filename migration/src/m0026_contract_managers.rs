//! Who manages a contract in the classic view (decision 0041): one person each, which the key says: it is the contract's.
//!
//! A row outlives the classic view, so that an account that comes back to it finds its managers.

use sea_orm_migration::prelude::*;

use crate::dialect;

#[derive(Debug, DeriveMigrationName)]
pub struct Step;

#[async_trait::async_trait]
impl MigrationTrait for Step {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        dialect::run(manager, TABLE).await
    }
}

const TABLE: &str = "
CREATE TABLE contract_managers (
    account_id {uuid} NOT NULL,
    id {uuid} NOT NULL,
    user_id {uuid} NOT NULL,
    since {time} NOT NULL,
    PRIMARY KEY (account_id, id),
    FOREIGN KEY (account_id, id) REFERENCES contracts (account_id, id),
    FOREIGN KEY (account_id, user_id) REFERENCES users (account_id, id)
)
;;
CREATE INDEX contract_managers_by_user ON contract_managers (account_id, user_id)
";
