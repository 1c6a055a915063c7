//! The GraphQL side of the house.

pub mod wire;
