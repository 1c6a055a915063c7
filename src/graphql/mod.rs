//! What the engine knows of Muster: how queries are executed, and how errors are told.

pub mod batch;
pub mod fault;
