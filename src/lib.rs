//! Muster.

pub mod access;
pub mod app;
pub mod client;
pub mod command;
pub mod demo;
pub mod error;
pub mod graphql;
pub mod imports;
pub mod platform;
pub mod sessions;
pub mod users;
