//! Jobs are keyed by their account, as everything of an account is, so that a command's rows, jobs and mails lie on one shard and commit as one. What the
//! platform does for itself, whatever the accounts, gets a table of its own; so does which embedded store a database belongs to.

use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::DatabaseBackend;

use crate::dialect;

#[derive(Debug, DeriveMigrationName)]
pub struct Step;

#[async_trait::async_trait]
impl MigrationTrait for Step {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        dialect::run_on(manager, DatabaseBackend::Postgres, KEYS_ON_POSTGRES).await?;
        dialect::run_on(manager, DatabaseBackend::Sqlite, KEYS_ON_SQLITE).await?;
        dialect::run(manager, INDEXES_AND_TABLES).await
    }
}

const KEYS_ON_POSTGRES: &str = "
DELETE FROM jobs WHERE account_id IS NULL
;;
ALTER TABLE jobs ALTER COLUMN account_id SET NOT NULL, DROP CONSTRAINT jobs_pkey, ADD PRIMARY KEY (account_id, id)
;;
DROP INDEX jobs_due
;;
DROP INDEX jobs_one_ready
;;
DROP INDEX mails_due
";

/// SQLite cannot give a table another key.
const KEYS_ON_SQLITE: &str = "
CREATE TABLE jobs_by_account (
    account_id {uuid} NOT NULL REFERENCES accounts (id),
    id {uuid} NOT NULL,
    kind {text} NOT NULL,
    subject_id {uuid} NOT NULL,
    status {text} NOT NULL CHECK (status IN ('READY', 'DONE', 'DEAD')),
    run_at {time} NOT NULL,
    attempts integer NOT NULL,
    lease_token {uuid},
    lease_until {time},
    last_error {text},
    created_at {time} NOT NULL,
    finished_at {time},
    PRIMARY KEY (account_id, id)
)
;;
INSERT INTO jobs_by_account (account_id, id, kind, subject_id, status, run_at, attempts, lease_token, lease_until, last_error, created_at, finished_at)
SELECT account_id, id, kind, subject_id, status, run_at, attempts, lease_token, lease_until, last_error, created_at, finished_at
FROM jobs WHERE account_id IS NOT NULL
;;
DROP TABLE jobs
;;
ALTER TABLE jobs_by_account RENAME TO jobs
;;
DROP INDEX mails_due
";

const INDEXES_AND_TABLES: &str = "
CREATE INDEX jobs_due ON jobs (run_at, account_id) WHERE status = 'READY'
;;
CREATE INDEX jobs_of_account ON jobs (account_id, run_at) WHERE status = 'READY'
;;
CREATE UNIQUE INDEX jobs_one_ready ON jobs (account_id, kind, subject_id) WHERE status = 'READY'
;;
CREATE INDEX mails_due ON mails (run_at, account_id) WHERE status = 'READY'
;;
CREATE INDEX mails_of_account ON mails (account_id, run_at) WHERE status = 'READY'
;;
CREATE INDEX mails_given_up ON mails (account_id, id) WHERE status = 'DEAD'
;;
CREATE TABLE chores (
    name {text} NOT NULL PRIMARY KEY,
    run_at {time} NOT NULL,
    lease_token {uuid},
    lease_until {time},
    last_error {text},
    finished_at {time}
)
;;
CREATE TABLE embedded_stores (
    only_one integer NOT NULL PRIMARY KEY CHECK (only_one = 1),
    id {text} NOT NULL,
    created_at {time} NOT NULL
)
";
