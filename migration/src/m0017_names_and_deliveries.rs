//! Lists by name in the order of the account's language (decision 0031), lists by status; what became of the mails of invitations, and which invitations ran out.
//!
//! The keys are made in Rust, of names and of a language, and so is the text that is searched. This step makes room for them and says of each account that they are
//! not there yet; they are written in the background by whoever starts next, and until they are there lists have the order of the names as they are spelt.
//!
//! Until now an invitation counted a mail when it was written. From now on it counts what was sent, so those that still wait or were given up are taken off.

use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::DatabaseBackend;

use crate::dialect;

#[derive(Debug, DeriveMigrationName)]
pub struct Step;

#[async_trait::async_trait]
impl MigrationTrait for Step {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        dialect::run(manager, COLUMNS).await?;
        dialect::run(manager, DELIVERIES).await?;
        let id = match manager.get_database_backend() {
            DatabaseBackend::Postgres => "invitations.id",
            _ => ID_ON_SQLITE,
        };
        dialect::run(manager, &UNSENT.replace("{id}", id)).await
    }
}

const COLUMNS: &str = "
ALTER TABLE accounts ADD COLUMN names_version integer NOT NULL DEFAULT 0
;;
ALTER TABLE users ADD COLUMN given_key {bytes} NOT NULL DEFAULT {no_bytes}
;;
ALTER TABLE users ADD COLUMN family_key {bytes} NOT NULL DEFAULT {no_bytes}
;;
DROP INDEX users_by_name
;;
ALTER TABLE users DROP COLUMN sort_name
;;
CREATE UNIQUE INDEX users_by_given_name ON users (account_id, given_key, id) WHERE status <> 'REMOVED'
;;
CREATE UNIQUE INDEX users_by_family_name ON users (account_id, family_key, id) WHERE status <> 'REMOVED'
;;
CREATE UNIQUE INDEX users_by_status ON users (account_id, status, id) WHERE status <> 'REMOVED'
";

const DELIVERIES: &str = "
CREATE INDEX invitations_by_end ON invitations (account_id, expires_at) WHERE status = 'PENDING'
;;
ALTER TABLE invitations ADD COLUMN delivery_status {text} NOT NULL DEFAULT 'SENT'
    CHECK (delivery_status IN ('QUEUED', 'SENT', 'DELAYED', 'BOUNCED'))
;;
ALTER TABLE invitations ADD COLUMN delivery_at {time} NOT NULL DEFAULT '1970-01-01T00:00:00+00:00'
;;
ALTER TABLE invitations ADD COLUMN delivery_reason {text}
;;
UPDATE invitations SET delivery_at = COALESCE(last_sent_at, created_at)
;;
CREATE INDEX invitations_undelivered ON invitations (account_id, user_id) WHERE status = 'PENDING' AND delivery_status <> 'SENT'
";

/// Of such an invitation the mail is the last of its generations: the key names both.
const UNSENT: &str = "
UPDATE invitations SET
    delivery_status = (
        SELECT CASE WHEN m.status = 'DEAD' THEN 'BOUNCED' WHEN m.last_error IS NULL THEN 'QUEUED' ELSE 'DELAYED' END FROM mails m
        WHERE m.account_id = invitations.account_id AND m.key = 'invitation:' || {id} || ':' || invitations.generation
    ),
    send_count = send_count - 1,
    last_sent_at = CASE WHEN send_count > 1 THEN last_sent_at END
WHERE EXISTS (
    SELECT 1 FROM mails m
    WHERE m.account_id = invitations.account_id AND m.key = 'invitation:' || {id} || ':' || invitations.generation AND m.status <> 'SENT'
)
";

/// An id as text.
const ID_ON_SQLITE: &str = "lower(substr(hex(invitations.id), 1, 8) || '-' || substr(hex(invitations.id), 9, 4) || '-' || substr(hex(invitations.id), 13, 4) \
    || '-' || substr(hex(invitations.id), 17, 4) || '-' || substr(hex(invitations.id), 21))";
