//! Accounts: the customer, its plan and view, and which roles it has.

mod read;
pub mod roles;

pub use read::Account;
