//! What the system does, seen from outside: one binary, one file per behaviour.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test that cannot go on may panic, in its helpers too"
)]

mod accepting;
mod access_matrix;
mod apart;
mod api_tokens;
mod audit;
mod background;
mod browser;
mod classic;
mod client;
mod client_assign;
mod client_import;
mod client_usage;
mod commands;
mod console;
mod crashes;
mod crawl;
mod cross_origin;
mod deliveries;
mod demo;
mod directories;
mod domains;
mod errors;
mod exports;
mod foreign_clients;
mod fuzz;
mod groups;
mod hostile_input;
mod hostile_requests;
mod idempotency;
mod identity_providers;
mod imports;
mod introspection;
mod invitations;
mod invitations_at_once;
mod layers;
mod ledger;
mod limits;
mod mail;
mod migrations;
mod names;
mod notifications;
mod nul;
mod operating;
mod outbound;
mod plans;
mod rate_limits;
mod reading;
mod readme;
mod recipients;
mod refusals;
mod request_ids;
mod resending;
mod rights;
mod roles;
mod round_trips;
mod schema;
mod search;
mod seats;
mod secrecy;
mod self_service;
mod sessions;
mod slow_peers;
mod sso;
mod sso_sign_in;
mod statements;
mod storage;
mod support;
mod tenancy;
mod usage;
mod users;
mod wire;
