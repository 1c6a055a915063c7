//! Muster.

pub mod access;
pub mod app;
pub mod command;
pub mod error;
pub mod graphql;
pub mod imports;
pub mod platform;
pub mod sessions;
pub mod users;
