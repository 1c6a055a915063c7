//! GraphQL.

pub mod batch;
pub mod fault;
mod scope;

pub use scope::Scope;
