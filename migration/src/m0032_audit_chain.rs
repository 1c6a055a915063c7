//! The audit log as something to be read and relied on (decision 0048): numbered and chained by account, found by actor, action and target, and kept for as long as
//! the account says, which the database itself judges.
//!
//! On PostgreSQL a trigger numbers and chains whatever is inserted. SQLite has no SHA-256, and one writer at a time: there Muster says number and hash, and triggers keep
//! the head. Rows of before stay outside the chain, and go by their age as all others do.

use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::DatabaseBackend;

use crate::dialect;

#[derive(Debug, DeriveMigrationName)]
pub struct Step;

#[async_trait::async_trait]
impl MigrationTrait for Step {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        dialect::run(manager, COLUMNS).await?;
        dialect::run_on(manager, DatabaseBackend::Postgres, TRIGGERS_ON_POSTGRES).await?;
        dialect::run_on(manager, DatabaseBackend::Postgres, INDEXES_ON_POSTGRES).await?;
        dialect::run_on(manager, DatabaseBackend::Sqlite, TARGETS_ON_SQLITE).await?;
        dialect::run_on(manager, DatabaseBackend::Sqlite, TRIGGERS_ON_SQLITE).await
    }
}

/// A head may be written before its account, in one statement: so its key is looked at when all of the transaction is there.
const COLUMNS: &str = "
ALTER TABLE accounts ADD COLUMN audit_kept_days integer NOT NULL DEFAULT 400 CHECK (audit_kept_days BETWEEN 90 AND 3650)
;;
CREATE TABLE audit_chains (
    account_id {uuid} NOT NULL REFERENCES accounts (id) DEFERRABLE INITIALLY DEFERRED,
    id {uuid} NOT NULL,
    begun_at {time} NOT NULL,
    seq bigint NOT NULL,
    hash {bytes} NOT NULL,
    base_seq bigint NOT NULL DEFAULT 0,
    base_hash {bytes},
    base_code {bytes},
    PRIMARY KEY (account_id, id)
)
;;
ALTER TABLE audit_events ADD COLUMN seq bigint
;;
ALTER TABLE audit_events ADD COLUMN code {bytes}
;;
ALTER TABLE audit_events ADD COLUMN hash {bytes}
;;
ALTER TABLE audit_events ADD COLUMN seen_seq bigint
;;
ALTER TABLE audit_events ADD COLUMN seen_hash {bytes}
;;
CREATE UNIQUE INDEX audit_events_by_seq ON audit_events (account_id, seq)
;;
CREATE INDEX audit_events_by_actor ON audit_events (account_id, actor_id, id)
;;
CREATE INDEX audit_events_by_action ON audit_events (account_id, action, id)
;;
CREATE INDEX audit_events_refused ON audit_events (account_id, id) WHERE outcome <> 'SUCCESS'
;;
CREATE INDEX audit_events_unchained ON audit_events (account_id, occurred_at) WHERE seq IS NULL
";

/// `now()` is the beginning of the transaction, here as in the statement that looks for what is old.
const TRIGGERS_ON_POSTGRES: &str = "
CREATE FUNCTION chain_audit_event() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO audit_chains AS c (account_id, id, begun_at, seq, hash)
    VALUES (NEW.account_id, NEW.account_id, NEW.occurred_at, 1, sha256(COALESCE(NEW.code, '')))
    ON CONFLICT (account_id, id) DO UPDATE SET seq = c.seq + 1, hash = sha256(c.hash || COALESCE(NEW.code, ''))
    RETURNING c.seq, c.hash INTO NEW.seq, NEW.hash;
    RETURN NEW;
END
$$
;;
CREATE TRIGGER audit_events_are_chained BEFORE INSERT ON audit_events FOR EACH ROW EXECUTE FUNCTION chain_audit_event()
;;
CREATE OR REPLACE FUNCTION refuse_audit_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' THEN
        IF OLD.occurred_at < now() - make_interval(days => (SELECT a.audit_kept_days FROM accounts a WHERE a.id = OLD.account_id)) THEN
            RETURN OLD;
        END IF;
    END IF;
    RAISE EXCEPTION 'audit events are append-only';
END
$$
;;
CREATE TRIGGER audit_events_are_not_truncated BEFORE TRUNCATE ON audit_events
FOR EACH STATEMENT EXECUTE FUNCTION refuse_audit_change()
";

/// Ids are unique over all accounts, so that a target needs no account before it. As for users (m0014) and history (m0016) the planner is told that accounts have many
/// rows, whatever they have.
const INDEXES_ON_POSTGRES: &str = "
CREATE INDEX audit_events_by_target ON audit_events USING gin (targets jsonb_path_ops) WITH (gin_pending_list_limit = 256)
;;
DO $$
BEGIN
    ALTER TABLE audit_events ALTER COLUMN account_id SET (n_distinct = -0.001);
    ANALYZE audit_events (account_id);
EXCEPTION
    WHEN feature_not_supported THEN
        RAISE NOTICE 'the planner goes by the average size of accounts: %', SQLERRM;
END
$$
";

const TARGETS_ON_SQLITE: &str = "
CREATE TABLE audit_targets (
    account_id {uuid} NOT NULL,
    target {text} NOT NULL,
    event_id {uuid} NOT NULL,
    PRIMARY KEY (account_id, target, event_id)
) WITHOUT ROWID
;;
INSERT OR IGNORE INTO audit_targets (account_id, target, event_id)
SELECT e.account_id, t.value, e.id FROM audit_events e, json_each(e.targets) t
";

const TRIGGERS_ON_SQLITE: &str = "
CREATE TRIGGER audit_events_are_chained AFTER INSERT ON audit_events WHEN NEW.seq IS NOT NULL BEGIN
    INSERT INTO audit_chains (account_id, id, begun_at, seq, hash) VALUES (NEW.account_id, NEW.account_id, NEW.occurred_at, NEW.seq, NEW.hash)
    ON CONFLICT (account_id, id) DO UPDATE SET seq = excluded.seq, hash = excluded.hash;
END
;;
CREATE TRIGGER audit_events_have_targets AFTER INSERT ON audit_events BEGIN
    INSERT OR IGNORE INTO audit_targets (account_id, target, event_id)
    SELECT NEW.account_id, t.value, NEW.id FROM json_each(NEW.targets) t;
END
;;
CREATE TRIGGER audit_events_lose_targets AFTER DELETE ON audit_events BEGIN
    DELETE FROM audit_targets
    WHERE account_id = OLD.account_id AND event_id = OLD.id AND target IN (SELECT t.value FROM json_each(OLD.targets) t);
END
;;
DROP TRIGGER audit_events_are_not_deleted
;;
CREATE TRIGGER audit_events_are_not_deleted BEFORE DELETE ON audit_events
WHEN NOT COALESCE(julianday(OLD.occurred_at) < julianday('now') - (SELECT a.audit_kept_days FROM accounts a WHERE a.id = OLD.account_id), 0)
BEGIN SELECT RAISE(ABORT, 'audit events are append-only'); END
";
