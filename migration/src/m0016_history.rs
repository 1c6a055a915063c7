//! History is cleared away by its age: what is due is found by an index, not by reading all that an account has kept.
//!
//! Rows of imports need none: they lie in the order of their imports.

use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::DatabaseBackend;

use crate::dialect;

#[derive(Debug, DeriveMigrationName)]
pub struct Step;

#[async_trait::async_trait]
impl MigrationTrait for Step {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        dialect::run(manager, INDEXES).await?;
        dialect::run_on(manager, DatabaseBackend::Postgres, LARGE_ACCOUNTS).await
    }
}

/// Those of single sign-on attempts had no account: each account looked through what all others left.
const INDEXES: &str = "
CREATE INDEX mails_sent ON mails (account_id, sent_at) WHERE status = 'SENT'
;;
CREATE INDEX mails_with_text ON mails (account_id, sent_at) WHERE status = 'SENT' AND CAST(payload AS text) <> '{}'
;;
CREATE INDEX jobs_finished ON jobs (account_id, finished_at) WHERE status <> 'READY'
;;
CREATE INDEX sessions_by_end ON sessions (account_id, COALESCE(ended_at, expires_at))
;;
CREATE INDEX idempotency_keys_by_time ON idempotency_keys (account_id, created_at)
;;
CREATE INDEX notifications_by_time ON notifications (account_id, created_at)
;;
DROP INDEX sso_attempts_by_end
;;
CREATE INDEX sso_attempts_by_end ON sso_attempts (account_id, expires_at)
;;
CREATE INDEX logout_tokens_by_end ON logout_tokens (account_id, expires_at)
;;
CREATE INDEX notifications_unread ON notifications (account_id, user_id) WHERE read_at IS NULL
;;
CREATE INDEX uploads_unused ON uploads (account_id, expires_at) WHERE status <> 'CONSUMED'
";

/// As for users (m0014): a statement is planned once, for an account of average size. Where most have a handful of imports, looking one up by its id would be to
/// read all that the account has by some shorter index, and the one account with thousands would pay for it. So the planner is told that accounts have a thousand
/// rows of what grows with people or time, whatever they have.
const LARGE_ACCOUNTS: &str = "
DO $$
DECLARE
    grows text;
BEGIN
    FOREACH grows IN ARRAY ARRAY['assignments', 'disabled_seats', 'external_identities', 'import_events', 'import_rows', 'imports', 'invitations',
        'notifications', 'sessions', 'uploads'] LOOP
        EXECUTE format('ALTER TABLE %I ALTER COLUMN account_id SET (n_distinct = -0.001)', grows);
        EXECUTE format('ANALYZE %I (account_id)', grows);
    END LOOP;
EXCEPTION
    WHEN feature_not_supported THEN
        RAISE NOTICE 'the planner goes by the average size of accounts: %', SQLERRM;
END
$$
";
