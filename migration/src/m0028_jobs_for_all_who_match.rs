//! Jobs that do one thing for many people: what is done, for whom, what became of each, and the steps for whoever watches. Seats that end by themselves: on a day, or when
//! nobody needs them. Files whose people wait where no seat is left.

use sea_orm_migration::prelude::*;

use crate::dialect;

#[derive(Debug, DeriveMigrationName)]
pub struct Step;

#[async_trait::async_trait]
impl MigrationTrait for Step {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        dialect::run(manager, JOBS).await?;
        dialect::run(manager, SEATS).await
    }
}

const JOBS: &str = "
CREATE TABLE bulk_jobs (
    account_id {uuid} NOT NULL,
    id {uuid} NOT NULL,
    created_by {uuid} NOT NULL,
    token_id {uuid},
    task {json} NOT NULL,
    on_error {text} NOT NULL,
    status {text} NOT NULL CHECK (status IN ('QUEUED', 'RUNNING', 'CANCELLING', 'SUCCEEDED', 'SUCCEEDED_WITH_ERRORS', 'FAILED', 'CANCELLED')),
    phase {text} NOT NULL,
    sequence integer NOT NULL,
    processed integer NOT NULL,
    total integer NOT NULL,
    succeeded integer NOT NULL,
    failed integer NOT NULL,
    skipped integer NOT NULL,
    outcomes {json} NOT NULL,
    failure_code {text},
    failure_message {text},
    created_at {time} NOT NULL,
    started_at {time},
    updated_at {time} NOT NULL,
    finished_at {time},
    PRIMARY KEY (account_id, id),
    FOREIGN KEY (account_id, created_by) REFERENCES users (account_id, id),
    FOREIGN KEY (account_id, token_id) REFERENCES api_tokens (account_id, id),
    CHECK (processed = succeeded + failed + skipped),
    CHECK (processed <= total)
)
;;
CREATE INDEX bulk_jobs_by_end ON bulk_jobs (account_id, finished_at)
;;
CREATE TABLE bulk_job_items (
    account_id {uuid} NOT NULL,
    id {uuid} NOT NULL,
    bulk_job_id {uuid} NOT NULL,
    place integer NOT NULL,
    user_id {uuid} NOT NULL,
    outcome {text} CHECK (outcome IN ('APPLIED', 'UNCHANGED', 'WAITLISTED', 'FAILED', 'NOT_PROCESSED')),
    problems {json},
    PRIMARY KEY (account_id, id),
    FOREIGN KEY (account_id, bulk_job_id) REFERENCES bulk_jobs (account_id, id),
    FOREIGN KEY (account_id, user_id) REFERENCES users (account_id, id)
)
;;
CREATE TABLE bulk_job_events (
    account_id {uuid} NOT NULL,
    id {uuid} NOT NULL,
    bulk_job_id {uuid} NOT NULL,
    sequence integer NOT NULL,
    snapshot {json} NOT NULL,
    created_at {time} NOT NULL,
    PRIMARY KEY (account_id, id),
    FOREIGN KEY (account_id, bulk_job_id) REFERENCES bulk_jobs (account_id, id)
)
";

const SEATS: &str = "
ALTER TABLE assignments ADD COLUMN expires_on {date}
;;
ALTER TABLE assignments ADD COLUMN expiry_told_for {date}
;;
ALTER TABLE assignments ADD COLUMN reclaim_told_at {time}
;;
ALTER TABLE assignments ADD COLUMN waited_as {uuid}
;;
CREATE INDEX assignments_by_expiry ON assignments (account_id, expires_on, id) WHERE expires_on IS NOT NULL
;;
CREATE INDEX assignments_to_be_reclaimed ON assignments (account_id, reclaim_told_at, id) WHERE reclaim_told_at IS NOT NULL
;;
ALTER TABLE waitlist_entries ADD COLUMN expires_on {date}
;;
ALTER TABLE disabled_seats ADD COLUMN expires_on {date}
;;
ALTER TABLE accounts ADD COLUMN reclaim_idle_days integer CHECK (reclaim_idle_days BETWEEN 14 AND 3650)
;;
ALTER TABLE accounts ADD COLUMN seats_looked_after_on {date}
;;
ALTER TABLE imports ADD COLUMN waits {bool} NOT NULL DEFAULT false
;;
ALTER TABLE imports ADD COLUMN expires_on {date}
";
