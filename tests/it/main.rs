//! Behaviour, seen from outside: one file per subject, one binary.

#![expect(clippy::unwrap_used, reason = "a test whose preparations fail shall fail")]

mod mail;
mod storage;
//! All integration tests in one binary: one link, one harness.

mod wire;
//! What the system does, seen from outside; one file per behaviour.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test that cannot go on may panic, in its helpers too"
)]

mod client;
mod client_import;
