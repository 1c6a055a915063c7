//! Talking to an identity provider: what it says of itself, and what a code buys at its token endpoint.

pub mod client_key;
pub mod discovery;
pub mod exchange;
pub mod round_trip;
