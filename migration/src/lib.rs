//! The history of the schema, one file a step. Every step runs on PostgreSQL and on SQLite.
//!
//! Steps are written as SQL, because keys, checks and partial indexes are what the data's safety rests on and SQL says them best. The few
//! words in which the two databases differ stand in braces; [`dialect`] fills them in.

pub use sea_orm_migration::prelude::MigratorTrait;
use sea_orm_migration::prelude::{MigrationTrait, async_trait};

mod dialect;
mod m0001_accounts_and_people;
mod m0002_catalogue_and_seats;
mod m0003_jobs_mails_and_records;
mod m0004_imports;
mod m0005_sign_in_attempts;
mod m0006_single_sign_on;
mod m0007_disabled_seats;
mod m0008_sessions;
mod m0009_api_tokens;
mod m0010_unclaimed_users;
mod m0011_directories;
mod m0012_keys_of_background_work;
mod m0013_objects_and_providers;
mod m0014_search;
mod m0015_removed_by_email;
mod m0016_history;
mod m0017_names_and_deliveries;
mod m0018_answers_of_keys;
mod m0019_place_of_failure;
mod m0020_seats_by_product;
mod m0021_imports_of_assignments;
mod m0022_what_providers_send;
mod m0024_waitlist;
mod m0025_undoing_imports;
mod m0026_contract_managers;
mod m0027_groups;
mod m0028_jobs_for_all_who_match;
mod m0029_exports;
mod m0030_usage;
mod m0032_audit_chain;
mod m0033_credits;
mod m0034_contracts;
mod m0035_ways_of_notifications;
mod m0036_self_service;

#[derive(Debug)]
pub struct Migrator;

#[async_trait::async_trait]
impl MigratorTrait for Migrator {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        vec![
            Box::new(m0001_accounts_and_people::Step),
            Box::new(m0002_catalogue_and_seats::Step),
            Box::new(m0003_jobs_mails_and_records::Step),
            Box::new(m0004_imports::Step),
            Box::new(m0005_sign_in_attempts::Step),
            Box::new(m0006_single_sign_on::Step),
            Box::new(m0007_disabled_seats::Step),
            Box::new(m0008_sessions::Step),
            Box::new(m0009_api_tokens::Step),
            Box::new(m0010_unclaimed_users::Step),
            Box::new(m0011_directories::Step),
            Box::new(m0012_keys_of_background_work::Step),
            Box::new(m0013_objects_and_providers::Step),
            Box::new(m0014_search::Step),
            Box::new(m0015_removed_by_email::Step),
            Box::new(m0016_history::Step),
            Box::new(m0017_names_and_deliveries::Step),
            Box::new(m0018_answers_of_keys::Step),
            Box::new(m0019_place_of_failure::Step),
            Box::new(m0020_seats_by_product::Step),
            Box::new(m0021_imports_of_assignments::Step),
            Box::new(m0022_what_providers_send::Step),
            Box::new(m0024_waitlist::Step),
            Box::new(m0025_undoing_imports::Step),
            Box::new(m0026_contract_managers::Step),
            Box::new(m0027_groups::Step),
            Box::new(m0028_jobs_for_all_who_match::Step),
            Box::new(m0029_exports::Step),
            Box::new(m0030_usage::Step),
            Box::new(m0032_audit_chain::Step),
            Box::new(m0033_credits::Step),
            Box::new(m0034_contracts::Step),
            Box::new(m0035_ways_of_notifications::Step),
            Box::new(m0036_self_service::Step),
        ]
    }
}
