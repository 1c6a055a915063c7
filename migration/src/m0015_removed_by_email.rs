//! Whoever is invited may be somebody who was removed before: that is looked up by the address, however many people the account has.

use sea_orm_migration::prelude::*;

use crate::dialect;

#[derive(Debug, DeriveMigrationName)]
pub struct Step;

#[async_trait::async_trait]
impl MigrationTrait for Step {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        dialect::run(manager, INDEX).await
    }
}

const INDEX: &str = "
CREATE INDEX users_removed_by_email ON users (account_id, email_key) WHERE status = 'REMOVED'
";
