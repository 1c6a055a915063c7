//! The catalogue, and what accounts bought of it and gave to whom.

use sea_orm_migration::prelude::*;

use crate::dialect;

#[derive(Debug, DeriveMigrationName)]
pub struct Step;

#[async_trait::async_trait]
impl MigrationTrait for Step {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        dialect::run(manager, TABLES).await
    }
}

const TABLES: &str = "
CREATE TABLE products (
    id {uuid} NOT NULL PRIMARY KEY,
    code {text} NOT NULL UNIQUE,
    name {text} NOT NULL,
    kind {text} NOT NULL,
    description {text},
    created_at {time} NOT NULL
)
;;
CREATE TABLE components (
    id {uuid} NOT NULL PRIMARY KEY,
    product_id {uuid} NOT NULL REFERENCES products (id),
    code {text} NOT NULL,
    name {text} NOT NULL,
    description {text},
    is_required {bool} NOT NULL,
    is_enabled_by_default {bool} NOT NULL,
    position integer NOT NULL,
    UNIQUE (product_id, code)
)
;;
CREATE TABLE contracts (
    account_id {uuid} NOT NULL REFERENCES accounts (id),
    id {uuid} NOT NULL,
    number {text} NOT NULL,
    starts_on {date} NOT NULL,
    ends_on {date} NOT NULL,
    auto_renews {bool} NOT NULL,
    purchaser_name {text},
    reseller_name {text},
    terminated_at {time},
    created_at {time} NOT NULL,
    PRIMARY KEY (account_id, id),
    UNIQUE (account_id, number),
    CHECK (starts_on <= ends_on)
)
;;
CREATE TABLE subscriptions (
    account_id {uuid} NOT NULL,
    id {uuid} NOT NULL,
    version integer NOT NULL,
    product_id {uuid} NOT NULL REFERENCES products (id),
    contract_id {uuid} NOT NULL,
    state {text} NOT NULL CHECK (state IN ('ACTIVE', 'TRIAL', 'PAST_DUE', 'CANCELLED')),
    seats integer NOT NULL CHECK (seats >= 0),
    seats_used integer NOT NULL,
    seats_reserved integer NOT NULL,
    starts_on {date} NOT NULL,
    ends_on {date} NOT NULL,
    created_at {time} NOT NULL,
    PRIMARY KEY (account_id, id),
    FOREIGN KEY (account_id, contract_id) REFERENCES contracts (account_id, id),
    CHECK (seats_used >= 0 AND seats_used <= seats),
    CHECK (seats_reserved >= 0 AND seats_reserved <= seats_used),
    CHECK (starts_on <= ends_on)
)
;;
CREATE INDEX subscriptions_by_product ON subscriptions (account_id, product_id, ends_on)
;;
CREATE TABLE assignments (
    account_id {uuid} NOT NULL,
    id {uuid} NOT NULL,
    version integer NOT NULL,
    user_id {uuid} NOT NULL,
    subscription_id {uuid} NOT NULL,
    product_id {uuid} NOT NULL REFERENCES products (id),
    components {json} NOT NULL,
    source {text} NOT NULL,
    assigned_by {uuid},
    assigned_at {time} NOT NULL,
    PRIMARY KEY (account_id, id),
    UNIQUE (account_id, user_id, product_id),
    FOREIGN KEY (account_id, user_id) REFERENCES users (account_id, id),
    FOREIGN KEY (account_id, subscription_id) REFERENCES subscriptions (account_id, id),
    FOREIGN KEY (account_id, assigned_by) REFERENCES users (account_id, id)
)
;;
CREATE INDEX assignments_by_subscription ON assignments (account_id, subscription_id, id)
";
