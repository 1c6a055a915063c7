//! Searching users by words without reading everybody: an index of trigrams (decision 0027).
//!
//! On PostgreSQL it is one index, which needs two extensions that every distribution brings along. Where the server does not allow them the step goes on
//! without it: searching works as before, and Muster says at each start what is missing. Whoever has made the index beforehand, without holding up writes, keeps it.
//!
//! On SQLite it is a full-text table, kept in step by triggers, so that no way to write a user can leave it out. A later step that builds `users` anew has to
//! make its triggers again.

use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::DatabaseBackend;

use crate::dialect;

#[derive(Debug, DeriveMigrationName)]
pub struct Step;

#[async_trait::async_trait]
impl MigrationTrait for Step {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        dialect::run_on(manager, DatabaseBackend::Postgres, ON_POSTGRES).await?;
        dialect::run_on(manager, DatabaseBackend::Sqlite, TABLES_ON_SQLITE).await?;
        dialect::run_on(manager, DatabaseBackend::Sqlite, TRIGGERS_ON_SQLITE).await
    }
}

/// The account is the first key of the index: what others have is not looked through. The list of what is not sorted in yet, which each search has to read, and
/// which the planner counts against the index, is kept to a sixteenth of its usual length.
///
/// A prepared statement is planned once, for an account of average size. Where most have a handful of people, the plan would be to read everybody, and the one large
/// account would pay for it; so the planner is told that accounts have a thousand people on average, whatever they have.
const ON_POSTGRES: &str = "
DO $$
BEGIN
    CREATE EXTENSION IF NOT EXISTS pg_trgm;
    CREATE EXTENSION IF NOT EXISTS btree_gin;
    CREATE INDEX IF NOT EXISTS users_search ON users USING gin (account_id, search_text gin_trgm_ops)
        WITH (gin_pending_list_limit = 256) WHERE status <> 'REMOVED';
EXCEPTION
    WHEN insufficient_privilege OR feature_not_supported OR undefined_file OR undefined_object THEN
        RAISE WARNING 'users are searched without an index: %', SQLERRM;
END
$$
;;
DO $$
BEGIN
    ALTER TABLE users ALTER COLUMN account_id SET (n_distinct = -0.001);
    ANALYZE users (account_id);
EXCEPTION
    WHEN feature_not_supported THEN
        RAISE NOTICE 'the planner goes by the average size of accounts: %', SQLERRM;
END
$$
";

/// Rows of one account have numbers of one range, its own number being the upper half: a search reads that range and no other's. Names and addresses stand in a
/// table of their own because the rows of `users` have no number that stays.
const TABLES_ON_SQLITE: &str = "
CREATE TABLE search_accounts (
    number integer NOT NULL PRIMARY KEY,
    account_id {uuid} NOT NULL UNIQUE
)
;;
CREATE TABLE search_rows (
    number integer NOT NULL PRIMARY KEY,
    account_id {uuid} NOT NULL,
    user_id {uuid} NOT NULL,
    search_text {text} NOT NULL,
    UNIQUE (account_id, user_id)
)
;;
CREATE VIRTUAL TABLE user_search USING fts5 (
    search_text, content = 'search_rows', content_rowid = 'number', tokenize = 'trigram case_sensitive 1', detail = none, columnsize = 0
)
;;
INSERT INTO search_accounts (account_id) SELECT DISTINCT account_id FROM users
;;
INSERT INTO search_rows (number, account_id, user_id, search_text)
SELECT (a.number << 32) + row_number() OVER (PARTITION BY u.account_id ORDER BY u.id), u.account_id, u.id, u.search_text
FROM users u JOIN search_accounts a ON a.account_id = u.account_id
;;
INSERT INTO user_search (user_search) VALUES ('rebuild')
";

const TRIGGERS_ON_SQLITE: &str = "
CREATE TRIGGER users_search_added AFTER INSERT ON users BEGIN
    INSERT INTO search_accounts (account_id)
    SELECT NEW.account_id WHERE NOT EXISTS (SELECT 1 FROM search_accounts WHERE account_id = NEW.account_id);
    INSERT INTO search_rows (number, account_id, user_id, search_text)
    SELECT 1 + COALESCE(
        (SELECT max(r.number) FROM search_rows r WHERE r.number > (a.number << 32) AND r.number < ((a.number + 1) << 32)),
        a.number << 32
    ), NEW.account_id, NEW.id, NEW.search_text
    FROM search_accounts a WHERE a.account_id = NEW.account_id;
END
;;
CREATE TRIGGER users_search_changed AFTER UPDATE OF search_text ON users WHEN NEW.search_text <> OLD.search_text BEGIN
    UPDATE search_rows SET search_text = NEW.search_text WHERE account_id = NEW.account_id AND user_id = NEW.id;
END
;;
CREATE TRIGGER users_search_deleted AFTER DELETE ON users BEGIN
    DELETE FROM search_rows WHERE account_id = OLD.account_id AND user_id = OLD.id;
END
;;
CREATE TRIGGER search_rows_added AFTER INSERT ON search_rows BEGIN
    INSERT INTO user_search (rowid, search_text) VALUES (NEW.number, NEW.search_text);
END
;;
CREATE TRIGGER search_rows_changed AFTER UPDATE ON search_rows BEGIN
    INSERT INTO user_search (user_search, rowid, search_text) VALUES ('delete', OLD.number, OLD.search_text);
    INSERT INTO user_search (rowid, search_text) VALUES (NEW.number, NEW.search_text);
END
;;
CREATE TRIGGER search_rows_deleted AFTER DELETE ON search_rows BEGIN
    INSERT INTO user_search (user_search, rowid, search_text) VALUES ('delete', OLD.number, OLD.search_text);
END
";
