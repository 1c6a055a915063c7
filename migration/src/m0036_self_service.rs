//! What people do for themselves: asking for a product, and changing their own address.

use sea_orm_migration::prelude::*;

use crate::dialect;

#[derive(Debug, DeriveMigrationName)]
pub struct Step;

#[async_trait::async_trait]
impl MigrationTrait for Step {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        dialect::run(manager, SELF_SERVICE).await
    }
}

// A change of address has the id of its user: the next one takes its place.
const SELF_SERVICE: &str = "
CREATE TABLE access_requests (
    account_id {uuid} NOT NULL,
    id {uuid} NOT NULL,
    user_id {uuid} NOT NULL,
    product_id {uuid} NOT NULL REFERENCES products (id),
    status {text} NOT NULL CHECK (status IN ('OPEN', 'APPROVED', 'DECLINED')),
    note {text},
    answer {text},
    created_at {time} NOT NULL,
    decided_at {time},
    decided_by {uuid},
    PRIMARY KEY (account_id, id),
    FOREIGN KEY (account_id, user_id) REFERENCES users (account_id, id),
    FOREIGN KEY (account_id, decided_by) REFERENCES users (account_id, id),
    CHECK ((status = 'OPEN') = (decided_at IS NULL))
)
;;
CREATE UNIQUE INDEX access_requests_open ON access_requests (account_id, user_id, product_id) WHERE status = 'OPEN'
;;
CREATE INDEX access_requests_by_user ON access_requests (account_id, user_id, id)
;;
CREATE INDEX access_requests_by_status ON access_requests (account_id, status, id)
;;
CREATE INDEX access_requests_by_end ON access_requests (account_id, decided_at)
;;
CREATE TABLE email_changes (
    account_id {uuid} NOT NULL,
    id {uuid} NOT NULL,
    session_id {uuid} NOT NULL,
    email {text} NOT NULL,
    email_key {text} NOT NULL,
    generation integer NOT NULL,
    asked_at {time} NOT NULL,
    expires_at {time} NOT NULL,
    used_at {time},
    PRIMARY KEY (account_id, id),
    FOREIGN KEY (account_id, id) REFERENCES users (account_id, id)
)
";
