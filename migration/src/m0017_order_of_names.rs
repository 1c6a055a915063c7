//! Lists by name in the order of the account's language (decision 0031), lists by status, and who has an invitation that ran out.
//!
//! The keys are made in Rust, of names and of a language, and so is the text that is searched. This step makes room for them and says of each account that they are
//! not there yet; they are written in the background by whoever starts next, and until they are there lists have the order of the names as they are spelt.

use sea_orm_migration::prelude::*;

use crate::dialect;

#[derive(Debug, DeriveMigrationName)]
pub struct Step;

#[async_trait::async_trait]
impl MigrationTrait for Step {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        dialect::run(manager, COLUMNS).await
    }
}

const COLUMNS: &str = "
ALTER TABLE accounts ADD COLUMN names_version integer NOT NULL DEFAULT 0
;;
ALTER TABLE users ADD COLUMN given_key {bytes} NOT NULL DEFAULT {no_bytes}
;;
ALTER TABLE users ADD COLUMN family_key {bytes} NOT NULL DEFAULT {no_bytes}
;;
DROP INDEX users_by_name
;;
ALTER TABLE users DROP COLUMN sort_name
;;
CREATE UNIQUE INDEX users_by_given_name ON users (account_id, given_key, id) WHERE status <> 'REMOVED'
;;
CREATE UNIQUE INDEX users_by_family_name ON users (account_id, family_key, id) WHERE status <> 'REMOVED'
;;
CREATE UNIQUE INDEX users_by_status ON users (account_id, status, id) WHERE status <> 'REMOVED'
;;
CREATE INDEX invitations_by_end ON invitations (account_id, expires_at) WHERE status = 'PENDING'
";
