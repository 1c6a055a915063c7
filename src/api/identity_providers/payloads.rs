//! What the mutations of this slice answer.

use entity::ids::Kind;
use uuid::Uuid;

use crate::api::errors::{Payload, UserError};
use crate::api::ids::Gid;
use crate::error::Refusal;
use crate::identity_providers::{IdentityProvider, SsoTest};
use crate::users::User;
use graphql::{Object, Type};

/// Three mutations answer the provider as it is afterwards.
macro_rules! provider_payload {
    ($(#[doc = $doc:literal])+ $name:ident) => {
        $(#[doc = $doc])+
        #[derive(Clone, Debug, Default)]
        pub struct $name {
            provider: Option<IdentityProvider>,
            refusals: Vec<Refusal>,
        }

        impl From<entity::identity_provider::Model> for $name {
            fn from(provider: entity::identity_provider::Model) -> Self {
                Self { provider: Some(provider.into()), refusals: Vec::new() }
            }
        }

        impl Payload for $name {
            fn refused(refusals: Vec<Refusal>) -> Self {
                Self { provider: None, refusals }
            }
        }

        impl Object for $name {
            const NAME: &'static str = stringify!($name);
            const DOC: &'static str = concat!($($doc),+).trim_ascii();

            fn describe(t: &mut Type<Self>) {
                t.child_opt("identityProvider", |payload| payload.provider.clone());
                t.any_children("userErrors", |payload| UserError::each(&payload.refusals));
            }
        }
    };
}

provider_payload! {
    /// Answer of createIdentityProvider.
    CreateIdentityProviderPayload
}

provider_payload! {
    /// Answer of updateIdentityProvider.
    UpdateIdentityProviderPayload
}

provider_payload! {
    /// Answer of setSsoEnabled.
    SetSsoEnabledPayload
}

/// Answer of deleteIdentityProvider.
#[derive(Clone, Debug, Default)]
pub struct DeleteIdentityProviderPayload {
    pub deleted: Option<Uuid>,
    pub refusals: Vec<Refusal>,
}

impl Payload for DeleteIdentityProviderPayload {
    fn refused(refusals: Vec<Refusal>) -> Self {
        Self {
            deleted: None,
            refusals,
        }
    }
}

impl Object for DeleteIdentityProviderPayload {
    const NAME: &'static str = "DeleteIdentityProviderPayload";
    const DOC: &'static str = "Answer of deleteIdentityProvider.";

    fn describe(t: &mut Type<Self>) {
        t.value("deletedIdentityProviderId", |payload| {
            payload.deleted.map(|id| Gid(Kind::IdentityProvider, id))
        });
        t.any_children("userErrors", |payload| UserError::each(&payload.refusals));
    }
}

/// Answer of startSsoTest.
#[derive(Clone, Debug, Default)]
pub struct StartSsoTestPayload {
    pub test: Option<SsoTest>,
    pub url: Option<String>,
    pub refusals: Vec<Refusal>,
}

impl Payload for StartSsoTestPayload {
    fn refused(refusals: Vec<Refusal>) -> Self {
        Self {
            refusals,
            ..Self::default()
        }
    }
}

impl Object for StartSsoTestPayload {
    const NAME: &'static str = "StartSsoTestPayload";
    const DOC: &'static str = "Answer of startSsoTest.";

    fn describe(t: &mut Type<Self>) {
        t.child_opt("test", |payload| payload.test.clone());
        t.text_opt("testUrl", |payload| payload.url.as_deref())
            .doc("Open in a new window: a full sign-in that ends in a result page and makes no session. Good for ten minutes.");
        t.any_children("userErrors", |payload| UserError::each(&payload.refusals));
    }
}

/// Answer of unlinkIdentity.
#[derive(Clone, Debug, Default)]
pub struct UnlinkIdentityPayload {
    pub user: Option<User>,
    pub refusals: Vec<Refusal>,
}

impl Payload for UnlinkIdentityPayload {
    fn refused(refusals: Vec<Refusal>) -> Self {
        Self { user: None, refusals }
    }
}

impl Object for UnlinkIdentityPayload {
    const NAME: &'static str = "UnlinkIdentityPayload";
    const DOC: &'static str = "Answer of unlinkIdentity.";

    fn describe(t: &mut Type<Self>) {
        t.child_opt("user", |payload| payload.user.clone());
        t.any_children("userErrors", |payload| UserError::each(&payload.refusals));
    }
}
