//! GraphQL.

pub mod batch;
pub mod fault;
mod scope;

pub use scope::Scope;
//! The GraphQL side of the house.

pub mod wire;
