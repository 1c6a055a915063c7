//! What a request carries to say whose session it is of: access tokens, the keys that sign them, and whether the session behind one still stands.

pub mod access_token;
pub mod signing_keys;
pub mod standing;
mod verified;
