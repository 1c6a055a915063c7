//! Generations of signing keys, and links to set a new password. Neither table holds a secret: keys and tokens are computed.

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

/// The first generation of signing keys has no row: it signs until another does.
const TABLES: &str = "
CREATE TABLE signing_keys (
    id {uuid} NOT NULL PRIMARY KEY,
    generation integer NOT NULL UNIQUE CHECK (generation > 1),
    created_at {time} NOT NULL,
    signs_from {time} NOT NULL
)
;;
CREATE TABLE password_resets (
    identity_id {uuid} NOT NULL PRIMARY KEY REFERENCES identities (id),
    generation integer NOT NULL CHECK (generation > 0),
    asked_at {time} NOT NULL,
    expires_at {time} NOT NULL,
    used_at {time}
)
;;
CREATE INDEX sessions_by_identity ON sessions (identity_id) WHERE ended_at IS NULL
";
