//! The tables, one file each. No rules and no GraphQL live here.
//!
//! Every table of a tenant has the primary key `(account_id, id)`, and what refers to it carries `account_id`: a reference across accounts
//! cannot be stored, whatever the code above does. What is unique or asked for over all accounts lies in four directories: `account_slug`, `domain_owner`,
//! `provider_account` and `user_directory`.

pub mod access_request;
pub mod account;
pub mod account_slug;
pub mod api_token;
pub mod assignment;
pub mod audit_chain;
pub mod audit_event;
pub mod bulk_job;
pub mod bulk_job_event;
pub mod bulk_job_item;
pub mod chore;
pub mod component;
pub mod contract;
pub mod contract_manager;
pub mod credit_book;
pub mod credit_entry;
pub mod credit_lot;
pub mod disabled_seat;
pub mod domain;
pub mod domain_owner;
pub mod email_change;
pub mod embedded_store;
pub mod export;
pub mod external_identity;
pub mod group;
pub mod group_member;
pub mod group_subscription;
pub mod idempotency_key;
pub mod identity;
pub mod identity_provider;
pub mod identity_provider_domain;
pub mod ids;
pub mod import;
pub mod import_event;
pub mod import_row;
pub mod invitation;
pub mod job;
pub mod lists;
pub mod logout_token;
pub mod mail;
pub mod notification;
pub mod notification_preference;
pub mod password_reset;
pub mod product;
pub mod provider_account;
pub mod rows;
pub mod seat_day;
pub mod session;
pub mod sign_in_attempt;
pub mod signing_key;
pub mod sso_attempt;
pub mod sso_test;
pub mod subscription;
pub mod upload;
pub mod usage_day;
pub mod usage_month;
pub mod usage_total;
pub mod user;
pub mod user_directory;
pub mod waitlist_entry;
