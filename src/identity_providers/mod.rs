//! Identity providers as configuration: who signs in the people of an account's domains, and on what terms.
//!
//! What happens *when* somebody signs in is another module's business; this one keeps what that rests on. Rules it guards:
//!
//! - A provider is a `DRAFT` until a real round trip with it has passed, and becomes one again when its client, secret or scopes change.
//! - It signs in the addresses of verified domains of its own account, and a domain has one provider at most.
//! - The client secret is kept encrypted ([`seal`](crate::platform::seal)), and no field, log line or audit row ever shows it.
//! - Where single sign-on is required, one administrator keeps a password; nobody can take away their way in while it is.

mod create;
mod delete;
mod enable;
pub mod notice;
pub mod read;
mod references;
mod require;
mod routing;
mod rules;
mod settings;
mod trial;
mod unlink;
mod update;

pub use create::{AddIdentityProvider, CreateIdentityProvider, Created};
pub use delete::DeleteIdentityProvider;
pub use enable::SetSsoEnabled;
pub use read::{ExternalIdentity, IdentityProvider, SsoTest};
pub use settings::ProviderSettings;
pub use trial::{StartSsoTest, Started};
pub use unlink::UnlinkIdentity;
pub use update::UpdateIdentityProvider;
