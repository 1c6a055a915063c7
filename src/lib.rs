//! Muster.

pub mod error;
pub mod platform;
