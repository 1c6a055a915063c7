//! GraphQL as Muster speaks it, without a word of Muster: how operations are executed (`engine`), how many at once ([`admission`]), how they travel ([`wire`]), and why they fail ([`Fault`]).

pub mod admission;
mod engine;
mod fault;
pub mod nul;
pub mod wire;

pub use engine::*;
pub use fault::Fault;
