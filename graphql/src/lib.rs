//! GraphQL as Muster speaks it, without a word of Muster: how operations travel ([`wire`]) and why they fail ([`Fault`]).

mod fault;
pub mod nul;
pub mod wire;

pub use fault::Fault;
