//! Files made of what an account has.

use sea_orm_migration::prelude::*;

use crate::dialect;

#[derive(Debug, DeriveMigrationName)]
pub struct Step;

#[async_trait::async_trait]
impl MigrationTrait for Step {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        dialect::run(manager, EXPORTS).await
    }
}

const EXPORTS: &str = "
CREATE TABLE exports (
    account_id {uuid} NOT NULL,
    id {uuid} NOT NULL,
    created_by {uuid} NOT NULL,
    kind {text} NOT NULL,
    format {text} NOT NULL CHECK (format IN ('CSV', 'NDJSON')),
    request {json} NOT NULL,
    status {text} NOT NULL CHECK (status IN ('QUEUED', 'RUNNING', 'CANCELLING', 'SUCCEEDED', 'FAILED', 'CANCELLED')),
    sequence integer NOT NULL,
    processed integer NOT NULL CHECK (processed >= 0),
    total integer CHECK (total >= 0),
    row_count integer,
    byte_size bigint,
    object_key {text},
    upload_id {text},
    failure_code {text},
    failure_message {text},
    created_at {time} NOT NULL,
    started_at {time},
    updated_at {time} NOT NULL,
    finished_at {time},
    objects_deleted_at {time},
    store_away_since {time},
    PRIMARY KEY (account_id, id),
    FOREIGN KEY (account_id, created_by) REFERENCES users (account_id, id)
)
;;
CREATE INDEX exports_by_end ON exports (account_id, finished_at)
;;
CREATE INDEX exports_with_files ON exports (account_id, finished_at) WHERE objects_deleted_at IS NULL
";
