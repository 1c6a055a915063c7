//! Cloud credits (decision 0049): an append-only ledger, the lots that its grants are, and one row an account that its balance stands in.
//!
//! The database itself keeps the three together, whatever the code does. An entry is neither changed nor taken out; one that is put in has the number and the balance that follow
//! from the one before, and moves the account's sums by its amount; these say nothing but what the last entry says; and no balance is lower than may be.
//! On PostgreSQL all entries of a statement are looked at together, so that a thousand of them change the account's row once.

use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::DatabaseBackend;

use crate::dialect;

#[derive(Debug, DeriveMigrationName)]
pub struct Step;

#[async_trait::async_trait]
impl MigrationTrait for Step {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        dialect::run(manager, TABLES).await?;
        dialect::run_on(manager, DatabaseBackend::Postgres, TRIGGERS_ON_POSTGRES).await?;
        dialect::run_on(manager, DatabaseBackend::Sqlite, TRIGGERS_ON_SQLITE).await
    }
}

const TABLES: &str = "
CREATE TABLE credit_books (
    account_id {uuid} NOT NULL REFERENCES accounts (id),
    id {uuid} NOT NULL CHECK (id = account_id),
    entries bigint NOT NULL CHECK (entries >= 0),
    balance bigint NOT NULL,
    granted bigint NOT NULL CHECK (granted >= 0),
    consumed bigint NOT NULL CHECK (consumed >= 0),
    expired bigint NOT NULL CHECK (expired >= 0),
    adjusted bigint NOT NULL,
    allows_overdraft {bool} NOT NULL,
    least bigint NOT NULL CHECK (least <= 0),
    pot bigint NOT NULL CHECK (pot >= 0),
    told_percent integer NOT NULL CHECK (told_percent BETWEEN 0 AND 100),
    notice_percents {json} NOT NULL,
    created_at {time} NOT NULL,
    PRIMARY KEY (account_id, id),
    CHECK (balance = granted + adjusted - consumed - expired),
    CHECK (allows_overdraft OR balance >= least)
)
;;
CREATE TABLE credit_lots (
    account_id {uuid} NOT NULL,
    id {uuid} NOT NULL,
    amount bigint NOT NULL CHECK (amount > 0),
    rest bigint NOT NULL CHECK (rest BETWEEN 0 AND amount),
    expires_on {date},
    created_at {time} NOT NULL,
    PRIMARY KEY (account_id, id),
    FOREIGN KEY (account_id) REFERENCES accounts (id)
)
;;
CREATE INDEX credit_lots_open ON credit_lots (account_id, expires_on, id) WHERE rest > 0
;;
CREATE TABLE credit_entries (
    account_id {uuid} NOT NULL,
    id {uuid} NOT NULL,
    number bigint NOT NULL CHECK (number > 0),
    kind {text} NOT NULL,
    amount bigint NOT NULL,
    balance_after bigint NOT NULL,
    occurred_at {time} NOT NULL,
    user_id {uuid},
    product_id {uuid} REFERENCES products (id),
    used_on {date},
    lot_id {uuid},
    expires_on {date},
    reference {text},
    note {text},
    PRIMARY KEY (account_id, id),
    FOREIGN KEY (account_id, user_id) REFERENCES users (account_id, id),
    FOREIGN KEY (account_id, lot_id) REFERENCES credit_lots (account_id, id),
    CHECK (CASE kind WHEN 'GRANT' THEN amount > 0 AND lot_id IS NOT NULL
                     WHEN 'CONSUMPTION' THEN amount < 0 AND user_id IS NOT NULL AND product_id IS NOT NULL AND used_on IS NOT NULL
                     WHEN 'EXPIRY' THEN amount < 0 AND lot_id IS NOT NULL
                     WHEN 'ADJUSTMENT' THEN amount <> 0 AND note IS NOT NULL
                     ELSE false END)
)
;;
CREATE UNIQUE INDEX credit_entries_by_number ON credit_entries (account_id, number)
;;
CREATE UNIQUE INDEX credit_entries_by_reference ON credit_entries (account_id, reference) WHERE reference IS NOT NULL
;;
CREATE INDEX credit_entries_by_kind ON credit_entries (account_id, kind, id)
;;
CREATE INDEX credit_entries_by_user ON credit_entries (account_id, user_id, id)
;;
CREATE INDEX credit_entries_by_product ON credit_entries (account_id, product_id, id)
;;
CREATE INDEX credit_entries_by_time ON credit_entries (account_id, occurred_at)
";

/// What an entry's balance is less its amount and those of the entries of the statement before it is what the balance was before the statement: the same for all of them.
const TRIGGERS_ON_POSTGRES: &str = "
CREATE FUNCTION refuse_credit_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'entries of credits are append-only';
END
$$
;;
CREATE TRIGGER credit_entries_are_append_only BEFORE UPDATE OR DELETE ON credit_entries
FOR EACH ROW EXECUTE FUNCTION refuse_credit_change()
;;
CREATE TRIGGER credit_entries_are_not_truncated BEFORE TRUNCATE ON credit_entries
FOR EACH STATEMENT EXECUTE FUNCTION refuse_credit_change()
;;
CREATE FUNCTION book_credit_entries() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    accounts_written bigint;
    accounts_booked bigint;
BEGIN
    SELECT count(DISTINCT account_id) INTO accounts_written FROM written;
    WITH placed AS (
        SELECT w.account_id, w.number, w.kind, w.amount,
               w.balance_after - sum(w.amount) OVER (PARTITION BY w.account_id ORDER BY w.number) AS before
        FROM written w
    ), summed AS (
        SELECT p.account_id, min(p.number) AS first, max(p.number) AS last, count(*) AS entries, min(p.before) AS before, max(p.before) AS after,
               sum(p.amount)::bigint AS amount,
               COALESCE(sum(p.amount) FILTER (WHERE p.kind = 'GRANT'), 0)::bigint AS granted,
               COALESCE(-sum(p.amount) FILTER (WHERE p.kind = 'CONSUMPTION'), 0)::bigint AS consumed,
               COALESCE(-sum(p.amount) FILTER (WHERE p.kind = 'EXPIRY'), 0)::bigint AS expired,
               COALESCE(sum(p.amount) FILTER (WHERE p.kind = 'ADJUSTMENT'), 0)::bigint AS adjusted
        FROM placed p GROUP BY p.account_id
    )
    UPDATE credit_books b
    SET entries = s.last, balance = b.balance + s.amount, granted = b.granted + s.granted, consumed = b.consumed + s.consumed,
        expired = b.expired + s.expired, adjusted = b.adjusted + s.adjusted
    FROM summed s
    WHERE b.account_id = s.account_id AND b.id = s.account_id
      AND s.first = b.entries + 1 AND s.last = b.entries + s.entries AND s.before = b.balance AND s.after = b.balance;
    GET DIAGNOSTICS accounts_booked = ROW_COUNT;
    IF accounts_booked <> accounts_written THEN
        RAISE EXCEPTION 'an entry of credits does not follow the one before';
    END IF;
    RETURN NULL;
END
$$
;;
CREATE TRIGGER credit_entries_are_booked AFTER INSERT ON credit_entries
REFERENCING NEW TABLE AS written FOR EACH STATEMENT EXECUTE FUNCTION book_credit_entries()
;;
CREATE FUNCTION hold_credit_book() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.entries < OLD.entries OR NEW.balance <> COALESCE(
        (SELECT e.balance_after FROM credit_entries e WHERE e.account_id = NEW.account_id AND e.number = NEW.entries), 0) THEN
        RAISE EXCEPTION 'the balance of credits is that of the last entry';
    END IF;
    RETURN NEW;
END
$$
;;
CREATE TRIGGER credit_books_are_held BEFORE UPDATE ON credit_books FOR EACH ROW EXECUTE FUNCTION hold_credit_book()
";

const TRIGGERS_ON_SQLITE: &str = "
CREATE TRIGGER credit_entries_are_not_updated BEFORE UPDATE ON credit_entries
BEGIN SELECT RAISE(ABORT, 'entries of credits are append-only'); END
;;
CREATE TRIGGER credit_entries_are_not_deleted BEFORE DELETE ON credit_entries
BEGIN SELECT RAISE(ABORT, 'entries of credits are append-only'); END
;;
CREATE TRIGGER credit_entries_are_booked AFTER INSERT ON credit_entries BEGIN
    SELECT RAISE(ABORT, 'an entry of credits does not follow the one before') WHERE NOT EXISTS (
        SELECT 1 FROM credit_books b WHERE b.account_id = NEW.account_id AND b.id = NEW.account_id
        AND b.entries + 1 = NEW.number AND b.balance + NEW.amount = NEW.balance_after);
    UPDATE credit_books
    SET entries = NEW.number, balance = NEW.balance_after,
        granted = granted + CASE NEW.kind WHEN 'GRANT' THEN NEW.amount ELSE 0 END,
        consumed = consumed - CASE NEW.kind WHEN 'CONSUMPTION' THEN NEW.amount ELSE 0 END,
        expired = expired - CASE NEW.kind WHEN 'EXPIRY' THEN NEW.amount ELSE 0 END,
        adjusted = adjusted + CASE NEW.kind WHEN 'ADJUSTMENT' THEN NEW.amount ELSE 0 END
    WHERE account_id = NEW.account_id AND id = NEW.account_id;
END
;;
CREATE TRIGGER credit_books_are_held BEFORE UPDATE ON credit_books
WHEN NEW.entries < OLD.entries OR NEW.balance <> COALESCE(
    (SELECT e.balance_after FROM credit_entries e WHERE e.account_id = NEW.account_id AND e.number = NEW.entries), 0)
BEGIN SELECT RAISE(ABORT, 'the balance of credits is that of the last entry'); END
";
