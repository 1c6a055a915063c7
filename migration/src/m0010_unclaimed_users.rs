//! People whom an identity provider let in, by address: who has forgotten a password, or never had one, is looked for among them in every account.

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
CREATE INDEX users_unclaimed ON users (email_key) WHERE identity_id IS NULL AND status = 'ACTIVE'
";
