//! Muster.

pub mod error;
