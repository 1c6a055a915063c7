//! Muster.

pub mod error;
pub mod users;
