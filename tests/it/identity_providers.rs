//! Identity providers as configuration: how one is made, changed, tried, switched on, required and taken away.

mod configuring;
mod enforcing;
mod living;
pub mod support;
