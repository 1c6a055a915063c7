//! Uploaded files, the imports made of them, and their rows and events.

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
CREATE TABLE uploads (
    account_id {uuid} NOT NULL,
    id {uuid} NOT NULL,
    created_by {uuid} NOT NULL,
    purpose {text} NOT NULL,
    status {text} NOT NULL CHECK (status IN ('AWAITING_FILE', 'CONSUMED', 'REJECTED')),
    filename {text} NOT NULL,
    content_type {text} NOT NULL,
    byte_size integer NOT NULL,
    sha256 {text} NOT NULL,
    object_key {text} NOT NULL UNIQUE,
    created_at {time} NOT NULL,
    expires_at {time} NOT NULL,
    PRIMARY KEY (account_id, id),
    FOREIGN KEY (account_id, created_by) REFERENCES users (account_id, id)
)
;;
CREATE TABLE imports (
    account_id {uuid} NOT NULL,
    id {uuid} NOT NULL,
    upload_id {uuid} NOT NULL,
    created_by {uuid} NOT NULL,
    kind {text} NOT NULL,
    mode {text} NOT NULL,
    on_error {text} NOT NULL,
    send_invitations {bool} NOT NULL,
    status {text} NOT NULL CHECK (status IN ('QUEUED', 'RUNNING', 'AWAITING_CONFIRMATION', 'CANCELLING', 'SUCCEEDED', 'SUCCEEDED_WITH_ERRORS', 'FAILED', 'CANCELLED')),
    phase {text} NOT NULL,
    filename {text} NOT NULL,
    object_key {text} NOT NULL,
    encoding {text},
    sequence integer NOT NULL,
    processed integer NOT NULL,
    total integer,
    succeeded integer NOT NULL,
    failed integer NOT NULL,
    skipped integer NOT NULL,
    outcomes {json} NOT NULL,
    preview {json},
    failure_code {text},
    failure_message {text},
    created_at {time} NOT NULL,
    started_at {time},
    updated_at {time} NOT NULL,
    finished_at {time},
    PRIMARY KEY (account_id, id),
    UNIQUE (account_id, upload_id),
    FOREIGN KEY (account_id, upload_id) REFERENCES uploads (account_id, id),
    FOREIGN KEY (account_id, created_by) REFERENCES users (account_id, id),
    CHECK (processed = succeeded + failed + skipped),
    CHECK (total IS NULL OR processed <= total)
)
;;
CREATE TABLE import_rows (
    account_id {uuid} NOT NULL,
    id {uuid} NOT NULL,
    import_id {uuid} NOT NULL,
    line integer NOT NULL,
    outcome {text} NOT NULL,
    is_planned {bool} NOT NULL,
    cells {json} NOT NULL,
    user_id {uuid},
    problems {json},
    PRIMARY KEY (account_id, id),
    FOREIGN KEY (account_id, import_id) REFERENCES imports (account_id, id),
    FOREIGN KEY (account_id, user_id) REFERENCES users (account_id, id)
)
;;
CREATE TABLE import_events (
    account_id {uuid} NOT NULL,
    id {uuid} NOT NULL,
    import_id {uuid} NOT NULL,
    sequence integer NOT NULL,
    snapshot {json} NOT NULL,
    created_at {time} NOT NULL,
    PRIMARY KEY (account_id, id),
    FOREIGN KEY (account_id, import_id) REFERENCES imports (account_id, id)
)
";
