//! What is used of products: by person, product and day, and the sums that reports are read from (decision 0045).
//!
//! Ids are made of what a row is about, so that the key is what is unique about it. The month's row says in 31 bits which days were used. What reports ask by is in an index
//! each: a period, and a person. Nothing else has one: a row is written with every record.

use sea_orm_migration::prelude::*;

use crate::dialect;

#[derive(Debug, DeriveMigrationName)]
pub struct Step;

#[async_trait::async_trait]
impl MigrationTrait for Step {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        dialect::run(manager, USAGE).await
    }
}

const USAGE: &str = "
CREATE TABLE usage_days (
    account_id {uuid} NOT NULL,
    id {uuid} NOT NULL,
    user_id {uuid} NOT NULL,
    product_id {uuid} NOT NULL REFERENCES products (id),
    day {date} NOT NULL,
    minutes integer NOT NULL CHECK (minutes >= 0),
    launches integer NOT NULL CHECK (launches >= 0),
    credits bigint NOT NULL CHECK (credits >= 0),
    records {bytes} NOT NULL,
    PRIMARY KEY (account_id, id),
    FOREIGN KEY (account_id, user_id) REFERENCES users (account_id, id)
)
;;
CREATE INDEX usage_days_by_day ON usage_days (account_id, day, product_id)
;;
CREATE INDEX usage_days_by_user ON usage_days (account_id, user_id, day)
;;
CREATE TABLE usage_months (
    account_id {uuid} NOT NULL,
    id {uuid} NOT NULL,
    user_id {uuid} NOT NULL,
    product_id {uuid} NOT NULL REFERENCES products (id),
    month {date} NOT NULL,
    days_used integer NOT NULL,
    days integer NOT NULL CHECK (days BETWEEN 1 AND 31),
    last_day {date} NOT NULL,
    minutes bigint NOT NULL CHECK (minutes >= 0),
    launches bigint NOT NULL CHECK (launches >= 0),
    credits bigint NOT NULL CHECK (credits >= 0),
    PRIMARY KEY (account_id, id),
    FOREIGN KEY (account_id, user_id) REFERENCES users (account_id, id)
)
;;
CREATE INDEX usage_months_by_month ON usage_months (account_id, month, product_id)
;;
CREATE INDEX usage_months_by_user ON usage_months (account_id, user_id, product_id, month)
;;
CREATE TABLE usage_totals (
    account_id {uuid} NOT NULL,
    id {uuid} NOT NULL,
    product_id {uuid} NOT NULL REFERENCES products (id),
    span {text} NOT NULL,
    starts_on {date} NOT NULL,
    active_users integer NOT NULL CHECK (active_users >= 0),
    minutes bigint NOT NULL CHECK (minutes >= 0),
    launches bigint NOT NULL CHECK (launches >= 0),
    credits bigint NOT NULL CHECK (credits >= 0),
    updated_at {time} NOT NULL,
    PRIMARY KEY (account_id, id)
)
;;
CREATE INDEX usage_totals_by_span ON usage_totals (account_id, span, starts_on)
";
