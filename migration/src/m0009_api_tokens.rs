//! Credentials for scripts. Only a hash of the secret is kept; uses are noted, at most once a minute.

use sea_orm_migration::prelude::*;

use crate::dialect;

#[derive(Debug, DeriveMigrationName)]
pub struct Step;

#[async_trait::async_trait]
impl MigrationTrait for Step {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        dialect::run(manager, TABLES).await
    }
}

const TABLES: &str = "
CREATE TABLE api_tokens (
    account_id {uuid} NOT NULL REFERENCES accounts (id),
    id {uuid} NOT NULL,
    name {text} NOT NULL,
    hint {text} NOT NULL,
    secret_hash {bytes} NOT NULL,
    scopes {json} NOT NULL,
    created_by {uuid} NOT NULL,
    created_at {time} NOT NULL,
    expires_at {time} NOT NULL,
    last_used_at {time},
    revoked_at {time},
    PRIMARY KEY (account_id, id),
    FOREIGN KEY (account_id, created_by) REFERENCES users (account_id, id)
)
;;
CREATE UNIQUE INDEX api_tokens_by_secret ON api_tokens (secret_hash)
;;
CREATE INDEX api_tokens_by_creator ON api_tokens (account_id, created_by) WHERE revoked_at IS NULL
";
