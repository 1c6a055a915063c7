//! Accounts: the customer, its plan and view, and which roles it has.

pub mod counters;
mod memory;
pub mod read;
pub mod roles;

pub use read::{Account, Counts};
