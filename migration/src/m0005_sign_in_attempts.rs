//! Failed attempts to sign in, counted in the database so that all replicas count together.

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
CREATE TABLE sign_in_attempts (
    id {uuid} NOT NULL PRIMARY KEY,
    key {bytes} NOT NULL,
    attempted_at {time} NOT NULL
)
;;
CREATE INDEX sign_in_attempts_by_key ON sign_in_attempts (key, attempted_at)
;;
CREATE INDEX sign_in_attempts_by_time ON sign_in_attempts (attempted_at)
";
