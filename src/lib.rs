//! Muster: people, seats and roles of a seat-licensed product's customers, over GraphQL.
//!
//! The map, from the bottom. Imports go downwards only (`tests/it/layers.rs`); `docs/architecture.md` has the walks.
//!
//! - The real parts it stands on: [`platform`], a crate of its own, as is the GraphQL engine with its transports (`graphql`).
//! - Writes pass one way: [`command`]. Who may do what is one table: [`access`]. What can go wrong is one enum: [`error`]. Every bound: [`limits`], and how
//!   often something may happen: [`rate_limit`]. Reads start from a [`read::Scope`]. What runs in the background: [`background`]. What is unique over all accounts: [`directory`].
//! - The domain, a folder a word, a file a verb: `mod.rs` (what it is and its rules), `rules.rs` (pure), `<verb>.rs` (one command each), `read.rs` (scoped
//!   selects). No word knows GraphQL or HTTP, and none leads back to itself.
//! - What clients see: [`api`], a folder a word. What is spoken over HTTP beside it: [`http`].
//! - Ways in beside them: [`admin`] (the operator), [`client`] (the command-line importer and exporter, which speaks only the public API), [`demo`].

pub mod access;
pub mod access_requests;
pub mod accounts;
pub mod admin;
pub mod api;
pub mod api_tokens;
pub mod app;
pub mod assignments;
pub mod audit;
pub mod background;
pub mod bulk_jobs;
pub mod client;
pub mod command;
pub mod config;
pub mod contracts;
pub mod credits;
pub mod demo;
pub mod directory;
pub mod domains;
pub mod enforcement;
pub mod error;
pub mod exports;
pub mod groups;
pub mod http;
pub mod idempotency;
pub mod identity_providers;
pub mod imports;
pub mod invitations;
pub mod jobs;
pub mod limits;
pub mod notifications;
pub mod person;
pub mod products;
pub mod rate_limit;
pub mod read;
pub mod server;
pub mod sessions;
pub mod sso;
pub mod subscriptions;
pub mod support;
pub mod uploads;
pub mod usage;
pub mod users;
pub mod views;

pub use platform;
