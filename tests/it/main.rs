//! Behaviour, seen from outside: one file per subject, one binary.

#![expect(clippy::unwrap_used, reason = "a test whose preparations fail shall fail")]

mod sessions;
