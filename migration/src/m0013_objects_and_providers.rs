//! What is kept in the object store goes with what it belongs to, an import says that it waits for that store, and a provider's address leads to its account.

use sea_orm_migration::prelude::*;

use crate::dialect;

#[derive(Debug, DeriveMigrationName)]
pub struct Step;

#[async_trait::async_trait]
impl MigrationTrait for Step {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        dialect::run(manager, COLUMNS_AND_DIRECTORY).await
    }
}

const COLUMNS_AND_DIRECTORY: &str = "
ALTER TABLE imports ADD COLUMN objects_deleted_at {time}
;;
ALTER TABLE imports ADD COLUMN store_away_since {time}
;;
CREATE INDEX imports_with_objects ON imports (account_id, finished_at) WHERE objects_deleted_at IS NULL
;;
CREATE TABLE provider_accounts (
    identity_provider_id {uuid} NOT NULL PRIMARY KEY,
    account_id {uuid} NOT NULL
)
;;
INSERT INTO provider_accounts (identity_provider_id, account_id) SELECT id, account_id FROM identity_providers
;;
DROP INDEX identity_providers_by_id
";
