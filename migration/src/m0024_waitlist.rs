//! Who waits for a seat of a product, in which order; and from which share of taken seats on the administrators are told.

use sea_orm_migration::prelude::*;

use crate::dialect;

#[derive(Debug, DeriveMigrationName)]
pub struct Step;

#[async_trait::async_trait]
impl MigrationTrait for Step {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        dialect::run(manager, WAITLIST).await
    }
}

const WAITLIST: &str = "
CREATE TABLE waitlist_entries (
    account_id {uuid} NOT NULL,
    id {uuid} NOT NULL,
    user_id {uuid} NOT NULL,
    product_id {uuid} NOT NULL REFERENCES products (id),
    rank bigint NOT NULL,
    components {json},
    source {text} NOT NULL,
    requested_by {uuid},
    created_at {time} NOT NULL,
    PRIMARY KEY (account_id, id),
    UNIQUE (account_id, user_id, product_id),
    FOREIGN KEY (account_id, user_id) REFERENCES users (account_id, id),
    FOREIGN KEY (account_id, requested_by) REFERENCES users (account_id, id)
)
;;
CREATE INDEX waitlist_by_product ON waitlist_entries (account_id, product_id, rank, id)
;;
CREATE INDEX waitlist_by_rank ON waitlist_entries (account_id, rank, id)
;;
ALTER TABLE accounts ADD COLUMN seat_notice_percent integer NOT NULL DEFAULT 90 CHECK (seat_notice_percent BETWEEN 1 AND 100)
";
