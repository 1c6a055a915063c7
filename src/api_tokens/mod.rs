//! API tokens: credentials with which scripts act for an administrator.
//!
//! - A token may do what its scopes name and what its creator may do *now*. A creator who is demoted shrinks it; one who is disabled or removed
//!   kills it.
//! - No scope makes tokens, gives roles, or touches single sign-on and sessions (the table is in [`access`](crate::access)); what asks for a recent
//!   sign-in refuses every token.
//! - The secret is 256 random bits, shown once. The row keeps its SHA-256, so a stolen database opens nothing.
//! - Every request asks the row: a token that is revoked is dead with the next one.

mod admit;
mod create;
pub mod read;
mod revoke;
pub mod rules;
mod secret;

pub use admit::{admit, by_id, stands};
pub use create::CreateApiToken;
pub use read::ApiToken;
pub use revoke::{RevokeApiToken, revoke_tokens_of};
pub use secret::is_secret;
