//! Exports through the public API: asked for, watched, fetched, and held against what the account has.

mod command_line;
mod files;
mod links;
mod memory;
mod refused;
mod round_trip;
mod seats;
mod snapshot;
mod stopping;
pub mod support;
mod waiting;
mod watching;
