//! What the system does, seen from outside: one binary, one file per behaviour.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test that cannot go on may panic, in its helpers too"
)]

mod access_matrix;
mod client;
mod client_import;
mod crashes;
mod demo;
mod door;
mod errors;
mod foreign_clients;
mod imports;
mod invitations;
mod mail;
mod readme;
mod roles;
mod schema;
mod seats;
mod sessions;
mod storage;
mod support;
mod tenancy;
mod users;
mod wire;
