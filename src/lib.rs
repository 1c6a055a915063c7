//! Muster.

pub mod error;
pub mod graphql;
