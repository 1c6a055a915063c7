//! Contracts that are renewed, seats that change with the next term, and how many seats were taken on which day (decision 0050).
//!
//! A row of `seat_days` is written on a day on which the numbers are others than in the row before; so a day without one is as the last day that has one.

use sea_orm_migration::prelude::*;

use crate::dialect;

#[derive(Debug, DeriveMigrationName)]
pub struct Step;

#[async_trait::async_trait]
impl MigrationTrait for Step {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        dialect::run(manager, CONTRACTS).await
    }
}

const CONTRACTS: &str = "
ALTER TABLE accounts ADD COLUMN grace_days integer NOT NULL DEFAULT 30 CHECK (grace_days BETWEEN 0 AND 90)
;;
ALTER TABLE accounts ADD COLUMN contracts_looked_after_on {date}
;;
ALTER TABLE contracts ADD COLUMN version integer NOT NULL DEFAULT 1
;;
ALTER TABLE contracts ADD COLUMN renewal_months integer NOT NULL DEFAULT 12 CHECK (renewal_months BETWEEN 1 AND 120)
;;
ALTER TABLE contracts ADD COLUMN next_term_on {date}
;;
ALTER TABLE contracts ADD COLUMN told_for {date}
;;
ALTER TABLE contracts ADD COLUMN told_days integer
;;
ALTER TABLE subscriptions ADD COLUMN next_seats integer CHECK (next_seats >= 1)
;;
ALTER TABLE subscriptions ADD COLUMN next_term_on {date}
;;
ALTER TABLE subscriptions ADD COLUMN told_for {date}
;;
ALTER TABLE subscriptions ADD COLUMN told_days integer
;;
CREATE INDEX subscriptions_by_contract ON subscriptions (account_id, contract_id)
;;
CREATE TABLE seat_days (
    account_id {uuid} NOT NULL,
    id {uuid} NOT NULL,
    subscription_id {uuid} NOT NULL,
    day {date} NOT NULL,
    seats integer NOT NULL CHECK (seats >= 0),
    used integer NOT NULL CHECK (used >= 0),
    PRIMARY KEY (account_id, id),
    UNIQUE (account_id, subscription_id, day),
    FOREIGN KEY (account_id, subscription_id) REFERENCES subscriptions (account_id, id)
)
;;
CREATE INDEX seat_days_by_day ON seat_days (account_id, day)
";
