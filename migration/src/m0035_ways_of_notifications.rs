//! By which ways people hear of what happened, and what the mail of the day has still to tell.

use sea_orm_migration::prelude::*;

use crate::dialect;

#[derive(Debug, DeriveMigrationName)]
pub struct Step;

#[async_trait::async_trait]
impl MigrationTrait for Step {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        dialect::run(manager, WAYS).await
    }
}

const WAYS: &str = "
ALTER TABLE notifications ADD COLUMN is_shown {bool} NOT NULL DEFAULT true
;;
ALTER TABLE notifications ADD COLUMN in_digest {bool} NOT NULL DEFAULT false
;;
CREATE INDEX notifications_in_digest ON notifications (account_id, user_id) WHERE in_digest
;;
CREATE TABLE notification_preferences (
    account_id {uuid} NOT NULL,
    id {uuid} NOT NULL,
    user_id {uuid} NOT NULL,
    kind {text} NOT NULL,
    in_app {bool} NOT NULL,
    mail {bool} NOT NULL,
    digest {bool} NOT NULL,
    PRIMARY KEY (account_id, id),
    FOREIGN KEY (account_id, user_id) REFERENCES users (account_id, id)
)
;;
CREATE UNIQUE INDEX notification_preferences_by_user ON notification_preferences (account_id, user_id, kind)
";
