//! Signing in through an account's identity provider, by OpenID Connect.
//!
//! A browser goes to `/sso/start`, is sent to its provider, and comes back to `/sso/callback/{provider}` with a code that buys an ID token. The rules
//! this module keeps:
//!
//! - Nothing a provider says is believed before it is checked, and what the protocol's library lets pass is checked on top ([`tokens`]). Providers are talked to through the guarded client alone.
//! - An answer is good once, for ten minutes, in the browser that asked and for the provider that was asked ([`attempt`]).
//! - Whether somebody is signed in is one pure table ([`decision`]), asked under the account's lock. The provider's word links to a user of its account,
//!   by issuer and subject; it reaches no global identity and no other account.
//! - A refusal changes nothing but the audit log, where it has a stable reason ([`Rejection`]), and shows a page in our own words.

mod addresses;
pub mod attempt;
mod denial;
pub mod logout;
pub mod lookup;
pub mod provider;
mod rejection;
pub mod sign_in;
mod tokens;
pub mod trial;

pub use addresses::{
    backchannel_logout_uri, initiate_login_uri, jwks_uri, redirect_uri, start_path, test_url,
};
pub use denial::Denial;
pub use provider::discovery::{Directory, Metadata, probe};
pub use provider::round_trip::Assertion;
pub use rejection::{Rejection, Remedy};
pub use sign_in::{RefuseSignIn, SsoSignIn};
