//! What the background works through, and what is kept of what happened.

use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::DatabaseBackend;

use crate::dialect;

#[derive(Debug, DeriveMigrationName)]
pub struct Step;

#[async_trait::async_trait]
impl MigrationTrait for Step {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        dialect::run(manager, TABLES).await?;
        dialect::run_on(manager, DatabaseBackend::Postgres, APPEND_ONLY_ON_POSTGRES).await?;
        dialect::run_on(manager, DatabaseBackend::Sqlite, APPEND_ONLY_ON_SQLITE).await
    }
}

const TABLES: &str = "
CREATE TABLE jobs (
    id {uuid} NOT NULL PRIMARY KEY,
    account_id {uuid} REFERENCES accounts (id),
    kind {text} NOT NULL,
    subject_id {uuid} NOT NULL,
    status {text} NOT NULL CHECK (status IN ('READY', 'DONE', 'DEAD')),
    run_at {time} NOT NULL,
    attempts integer NOT NULL,
    lease_token {uuid},
    lease_until {time},
    last_error {text},
    created_at {time} NOT NULL,
    finished_at {time}
)
;;
CREATE INDEX jobs_due ON jobs (run_at) WHERE status = 'READY'
;;
CREATE UNIQUE INDEX jobs_one_ready ON jobs (kind, subject_id) WHERE status = 'READY'
;;
CREATE TABLE mails (
    account_id {uuid} NOT NULL REFERENCES accounts (id),
    id {uuid} NOT NULL,
    key {text} NOT NULL,
    kind {text} NOT NULL,
    to_address {text} NOT NULL,
    to_name {text},
    payload {json} NOT NULL,
    status {text} NOT NULL CHECK (status IN ('READY', 'SENT', 'DEAD')),
    run_at {time} NOT NULL,
    attempts integer NOT NULL,
    lease_token {uuid},
    lease_until {time},
    last_error {text},
    created_at {time} NOT NULL,
    sent_at {time},
    PRIMARY KEY (account_id, id),
    UNIQUE (account_id, key)
)
;;
CREATE INDEX mails_due ON mails (run_at) WHERE status = 'READY'
;;
CREATE TABLE notifications (
    account_id {uuid} NOT NULL,
    id {uuid} NOT NULL,
    user_id {uuid} NOT NULL,
    kind {text} NOT NULL,
    severity {text} NOT NULL,
    title {text} NOT NULL,
    body {text} NOT NULL,
    subject {text},
    created_at {time} NOT NULL,
    read_at {time},
    PRIMARY KEY (account_id, id),
    FOREIGN KEY (account_id, user_id) REFERENCES users (account_id, id)
)
;;
CREATE INDEX notifications_by_user ON notifications (account_id, user_id, id)
;;
CREATE TABLE idempotency_keys (
    account_id {uuid} NOT NULL REFERENCES accounts (id),
    id {uuid} NOT NULL,
    key {text} NOT NULL,
    command {text} NOT NULL,
    body_hash {bytes} NOT NULL,
    subject_id {uuid},
    created_at {time} NOT NULL,
    PRIMARY KEY (account_id, id),
    UNIQUE (account_id, command, key)
)
;;
CREATE TABLE audit_events (
    account_id {uuid} NOT NULL REFERENCES accounts (id),
    id {uuid} NOT NULL,
    occurred_at {time} NOT NULL,
    action {text} NOT NULL,
    actor_kind {text} NOT NULL,
    actor_id {uuid},
    actor_label {text} NOT NULL,
    ip_address {text},
    user_agent {text},
    request_id {text} NOT NULL,
    outcome {text} NOT NULL CHECK (outcome IN ('SUCCESS', 'DENIED')),
    targets {json} NOT NULL,
    changes {json},
    PRIMARY KEY (account_id, id),
    FOREIGN KEY (account_id, actor_id) REFERENCES users (account_id, id)
)
";

const APPEND_ONLY_ON_POSTGRES: &str = "
CREATE FUNCTION refuse_audit_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'audit events are append-only';
END
$$
;;
CREATE TRIGGER audit_events_are_append_only BEFORE UPDATE OR DELETE ON audit_events
FOR EACH ROW EXECUTE FUNCTION refuse_audit_change()
";

const APPEND_ONLY_ON_SQLITE: &str = "
CREATE TRIGGER audit_events_are_not_updated BEFORE UPDATE ON audit_events
BEGIN SELECT RAISE(ABORT, 'audit events are append-only'); END
;;
CREATE TRIGGER audit_events_are_not_deleted BEFORE DELETE ON audit_events
BEGIN SELECT RAISE(ABORT, 'audit events are append-only'); END
";
