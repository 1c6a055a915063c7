//! Groups (decision 0042): sets of people, and the subscriptions whose seats every member gets. Which seats those are is derived; what a seat is held by is its source.

use sea_orm_migration::prelude::*;

use crate::dialect;

#[derive(Debug, DeriveMigrationName)]
pub struct Step;

#[async_trait::async_trait]
impl MigrationTrait for Step {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        dialect::run(manager, GROUPS).await
    }
}

const GROUPS: &str = "
CREATE TABLE user_groups (
    account_id {uuid} NOT NULL REFERENCES accounts (id),
    id {uuid} NOT NULL,
    version integer NOT NULL,
    name {text} NOT NULL,
    name_key {text} NOT NULL,
    description {text},
    source {text} NOT NULL,
    member_count integer NOT NULL CHECK (member_count >= 0),
    created_at {time} NOT NULL,
    PRIMARY KEY (account_id, id),
    UNIQUE (account_id, name_key)
)
;;
CREATE TABLE group_members (
    account_id {uuid} NOT NULL,
    id {uuid} NOT NULL,
    group_id {uuid} NOT NULL,
    user_id {uuid} NOT NULL,
    added_by {uuid},
    added_at {time} NOT NULL,
    PRIMARY KEY (account_id, id),
    UNIQUE (account_id, group_id, user_id),
    FOREIGN KEY (account_id, group_id) REFERENCES user_groups (account_id, id),
    FOREIGN KEY (account_id, user_id) REFERENCES users (account_id, id),
    FOREIGN KEY (account_id, added_by) REFERENCES users (account_id, id)
)
;;
CREATE INDEX group_members_by_user ON group_members (account_id, user_id, group_id)
;;
CREATE TABLE group_subscriptions (
    account_id {uuid} NOT NULL,
    id {uuid} NOT NULL,
    group_id {uuid} NOT NULL,
    subscription_id {uuid} NOT NULL,
    product_id {uuid} NOT NULL REFERENCES products (id),
    PRIMARY KEY (account_id, id),
    UNIQUE (account_id, group_id, subscription_id),
    FOREIGN KEY (account_id, group_id) REFERENCES user_groups (account_id, id),
    FOREIGN KEY (account_id, subscription_id) REFERENCES subscriptions (account_id, id)
)
;;
ALTER TABLE identity_providers ADD COLUMN default_group_ids {json} NOT NULL DEFAULT '[]'
;;
ALTER TABLE disabled_seats ADD COLUMN source {text} NOT NULL DEFAULT 'MANUAL'
";
