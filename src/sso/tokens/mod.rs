//! What a provider signs, and how it is verified before a word of it is believed: ID tokens, logout tokens, their keys and their claims.

pub mod claims;
pub mod id_token;
mod jws;
pub mod key;
pub mod logout_token;
pub mod names;
