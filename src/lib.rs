//! Muster.

pub mod error;
pub mod imports;
pub mod users;
