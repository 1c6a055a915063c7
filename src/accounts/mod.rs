//! Accounts: the customer, its plan and view, and the person looking at it.

pub mod graphql;
pub mod roles;
mod viewer;

pub use graphql::Account;
pub use viewer::Viewer;
