//! Muster: people, seats and roles of a seat-licensed product's customers, over GraphQL.
//!
//! The map of the house. A folder is a word of the domain, a file in it a verb; every slice has the same rooms: `mod.rs` (what it is and its rules),
//! `rules.rs` (pure), `<verb>.rs` (one command each), `read.rs` (scoped selects), `graphql.rs` and `mutations.rs` (what clients see).
//!
//! - Writes pass one door: [`command`]. Who may do what is one table: [`access`]. What can go wrong is one enum: [`error`].
//! - Reads are answered in batches by the engine of the crate `graphql`, and travel over its transports.
//! - The domain: [`accounts`], [`users`], [`invitations`], [`products`], [`subscriptions`], [`assignments`], [`uploads`], [`imports`],
//!   [`notifications`], [`sessions`], [`api_tokens`], [`domains`], [`identity_providers`]. What is unique over all accounts: [`directory`].
//! - The real parts the house stands on: [`platform`], a crate of its own. What runs in the background: [`background`].
//! - Ways in beside GraphQL: [`admin`] (the operator), [`client`] (the command-line importer, which speaks only the public API), [`demo`].

pub mod access;
pub mod accounts;
pub mod admin;
pub mod api;
pub mod api_tokens;
pub mod app;
pub mod assignments;
pub mod background;
pub mod client;
pub mod command;
pub mod config;
pub mod demo;
pub mod directory;
pub mod domains;
pub mod enforcement;
pub mod error;
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
pub mod read;
pub mod server;
pub mod sessions;
pub mod sso;
pub mod subscriptions;
pub mod uploads;
pub mod users;

pub use platform;
