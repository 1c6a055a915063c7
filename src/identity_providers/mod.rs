//! Identity providers as configuration: who signs in the people of an account's domains, and on what terms.
//!
//! What happens *when* somebody signs in is another room's business; this one keeps what that rests on. Rules it guards:
//!
//! - A provider is a `DRAFT` until a real round trip with it has passed, and becomes one again when its client, secret or scopes change.
//! - It signs in the addresses of verified domains of its own account, and a domain has one provider at most.
//! - The client secret is kept encrypted ([`seal`](crate::platform::seal)), and no field, log line or audit row ever shows it.
//! - Where single sign-on is required, one administrator keeps a password; nobody can take away his way in while it is.

mod addresses;
mod read;

pub use addresses::{backchannel_logout_uri, initiate_login_uri, redirect_uri, test_url};
pub use read::{by_id, routed};
