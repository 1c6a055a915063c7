//! What a call under a key answered is kept with the key, so that the same call is answered the same and never done again.

use sea_orm_migration::prelude::*;

use crate::dialect;

#[derive(Debug, DeriveMigrationName)]
pub struct Step;

#[async_trait::async_trait]
impl MigrationTrait for Step {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        dialect::run(manager, ANSWERS).await
    }
}

/// Null: a call of before, or one whose key names what it made.
const ANSWERS: &str = "
ALTER TABLE idempotency_keys ADD COLUMN answer {json}
";
