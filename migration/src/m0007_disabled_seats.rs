//! What disabled users held, so that enabling gives it back; and the indexes of the users' list by role and by last sign-in.

use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::DatabaseBackend;

use crate::dialect;

#[derive(Debug, DeriveMigrationName)]
pub struct Step;

#[async_trait::async_trait]
impl MigrationTrait for Step {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        dialect::run(manager, TABLES).await?;
        dialect::run_on(manager, DatabaseBackend::Postgres, BY_SIGN_IN_ON_POSTGRES).await?;
        dialect::run_on(manager, DatabaseBackend::Sqlite, BY_SIGN_IN_ON_SQLITE).await
    }
}

const TABLES: &str = "
CREATE TABLE disabled_seats (
    account_id {uuid} NOT NULL,
    id {uuid} NOT NULL,
    user_id {uuid} NOT NULL,
    product_id {uuid} NOT NULL REFERENCES products (id),
    components {json} NOT NULL,
    released_at {time} NOT NULL,
    PRIMARY KEY (account_id, id),
    UNIQUE (account_id, user_id, product_id),
    FOREIGN KEY (account_id, user_id) REFERENCES users (account_id, id)
)
;;
CREATE UNIQUE INDEX users_by_role ON users (account_id, role, id) WHERE status <> 'REMOVED'
";

/// Who never signed in stands before all others, on both databases: a keyset page cannot step over nulls.
const BY_SIGN_IN_ON_POSTGRES: &str = "
CREATE UNIQUE INDEX users_by_sign_in ON users (account_id, COALESCE(last_signed_in_at, TIMESTAMPTZ '1970-01-01 00:00:00+00'), id) WHERE status <> 'REMOVED'
";

const BY_SIGN_IN_ON_SQLITE: &str = "
CREATE UNIQUE INDEX users_by_sign_in ON users (account_id, COALESCE(last_signed_in_at, '1970-01-01T00:00:00+00:00'), id) WHERE status <> 'REMOVED'
";
