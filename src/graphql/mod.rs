//! The GraphQL side of the house: how queries are executed (`batch`), and what every slice needs to show itself.

pub mod batch;
pub mod bulk;
mod door;
pub mod fault;
pub mod node;
pub mod paging;
mod schema;
mod scope;
pub mod user_error;

pub use door::Doorkeeper;
pub use schema::{Mutation, Query, Schema, schema, sdl};
pub use scope::Scope;
