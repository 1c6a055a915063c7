//! What is unique or asked for over all accounts moves into directories, so that the tables of accounts can be distributed by account.
//!
//! A unique index over all accounts cannot be kept once accounts lie on several servers, and a question that names no account would go to each of them.
//! The directories refer to nothing, because a reference could not be kept there either.

use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::DatabaseBackend;

use crate::dialect;

#[derive(Debug, DeriveMigrationName)]
pub struct Step;

#[async_trait::async_trait]
impl MigrationTrait for Step {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        dialect::run(manager, DIRECTORIES).await?;
        dialect::run(manager, INDEXES).await?;
        dialect::run_on(manager, DatabaseBackend::Postgres, CONSTRAINTS_ON_POSTGRES).await
    }
}

const DIRECTORIES: &str = "
CREATE TABLE account_slugs (
    slug {text} NOT NULL PRIMARY KEY,
    account_id {uuid} NOT NULL UNIQUE
)
;;
INSERT INTO account_slugs (slug, account_id) SELECT slug, id FROM accounts
;;
CREATE TABLE domain_owners (
    name {text} NOT NULL PRIMARY KEY,
    account_id {uuid} NOT NULL
)
;;
INSERT INTO domain_owners (name, account_id) SELECT name, account_id FROM domains WHERE status = 'VERIFIED'
;;
CREATE TABLE user_directory (
    account_id {uuid} NOT NULL,
    user_id {uuid} NOT NULL,
    identity_id {uuid},
    email_key {text} NOT NULL,
    PRIMARY KEY (account_id, user_id)
)
;;
INSERT INTO user_directory (account_id, user_id, identity_id, email_key)
SELECT account_id, id, identity_id, email_key FROM users
WHERE status <> 'REMOVED' AND (identity_id IS NOT NULL OR email_verified)
;;
CREATE INDEX user_directory_by_identity ON user_directory (identity_id) WHERE identity_id IS NOT NULL
;;
CREATE INDEX user_directory_without_identity ON user_directory (email_key) WHERE identity_id IS NULL
";

/// New secrets of API tokens name their account; those made before do not, and are looked for by their hash until they lapse, within a year.
const INDEXES: &str = "
DROP INDEX domains_one_owner
;;
DROP INDEX users_by_identity
;;
DROP INDEX users_unclaimed
;;
DROP INDEX sessions_by_identity
;;
DROP INDEX api_tokens_by_secret
;;
CREATE UNIQUE INDEX api_tokens_by_secret ON api_tokens (account_id, secret_hash)
;;
CREATE INDEX api_tokens_by_hash ON api_tokens (secret_hash)
";

/// SQLite cannot drop a constraint, and is never distributed: there the wider promises stay beside the directories.
const CONSTRAINTS_ON_POSTGRES: &str = "
ALTER TABLE accounts DROP CONSTRAINT accounts_slug_key
;;
ALTER TABLE uploads DROP CONSTRAINT uploads_object_key_key
;;
ALTER TABLE uploads ADD CONSTRAINT uploads_by_object_key UNIQUE (account_id, object_key)
";
