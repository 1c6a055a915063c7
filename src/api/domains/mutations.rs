//! Domains over GraphQL: claiming, verifying, removing.

use crate::api::old::OldStyle as _;
use async_graphql::{ID, InputObject};
use entity::ids::Kind;
use futures::FutureExt;

use crate::api::Mutation;
use crate::api::errors::{Payload, UserError, require_id};
use crate::api::guard::{Guard, Permission};
use crate::api::ids::GivenId;
use crate::domains::{ClaimDomain, Domain, RemoveDomain, VerifyDomain};
use crate::error::Refusal;
use graphql::{Object, Type};

/// Which e-mail domain is claimed.
#[derive(InputObject, Debug)]
struct ClaimDomainInput {
    name: String,
}

/// Which domain to look up in the DNS.
#[derive(InputObject, Debug)]
struct VerifyDomainInput {
    domain_id: ID,
}

/// Which domain the account gives up.
#[derive(InputObject, Debug)]
struct RemoveDomainInput {
    domain_id: ID,
}

/// The mutations of this slice.
pub fn on_mutation(t: &mut Type<Mutation>) {
    t.old_mutation("claimDomain", |ask, input: ClaimDomainInput| {
        async move {
            let command = ClaimDomain { name: input.name };
            let domain = ask.scope.app().run(ask.scope.actor(), command).await?;
            Ok(ClaimDomainPayload::of(domain.into()))
        }
        .boxed()
    })
    .doc("Answers the DNS record to publish. A claim stands for 7 days; an account has at most 20.")
    .guard(Guard::from(Permission::SsoWrite).recent())
    .weight(10);
    t.old_mutation("verifyDomain", |ask, input: VerifyDomainInput| {
        async move {
            let command = VerifyDomain::new(require_id(Kind::Domain, &input.domain_id, "input.domainId")?);
            let domain = ask.scope.app().run(ask.scope.actor(), command).await?;
            Ok(VerifyDomainPayload::of(domain.into()))
        }
        .boxed()
    })
    .doc("Asks the DNS now. When the record is not there, the domain's status and lastCheckMessage say so.")
    .guard(Permission::SsoWrite)
    .weight(50);
    t.old_mutation("removeDomain", |ask, input: RemoveDomainInput| {
        async move {
            let domain_id = require_id(Kind::Domain, &input.domain_id, "input.domainId")?;
            let command = RemoveDomain { domain_id };
            ask.scope.app().run(ask.scope.actor(), command).await?;
            Ok(RemoveDomainPayload {
                removed: Some(input.domain_id.to_string()),
                refusals: Vec::new(),
            })
        }
        .boxed()
    })
    .doc("Refused with SSO_IN_USE while an enabled identity provider signs in the people of the domain.")
    .guard(Guard::from(Permission::SsoWrite).recent())
    .weight(10);
}

macro_rules! domain_payload {
    ($(#[doc = $doc:literal])+ $name:ident) => {
        $(#[doc = $doc])+
        #[derive(Clone, Debug, Default)]
        pub struct $name {
            domain: Option<Domain>,
            refusals: Vec<Refusal>,
        }

        impl $name {
            fn of(domain: Domain) -> Self {
                Self { domain: Some(domain), refusals: Vec::new() }
            }
        }

        impl Payload for $name {
            fn refused(refusals: Vec<Refusal>) -> Self {
                Self { domain: None, refusals }
            }
        }

        impl Object for $name {
            const NAME: &'static str = stringify!($name);
            const DOC: &'static str = concat!($($doc),+).trim_ascii();

            fn describe(t: &mut Type<Self>) {
                t.child_opt("domain", |payload| payload.domain.clone());
                t.any_children("userErrors", |payload| UserError::each(&payload.refusals));
            }
        }
    };
}

domain_payload! {
    /// Answer of claimDomain.
    ClaimDomainPayload
}

domain_payload! {
    /// Answer of verifyDomain.
    VerifyDomainPayload
}

/// Answer of removeDomain.
#[derive(Clone, Debug, Default)]
pub struct RemoveDomainPayload {
    removed: Option<String>,
    refusals: Vec<Refusal>,
}

impl Payload for RemoveDomainPayload {
    fn refused(refusals: Vec<Refusal>) -> Self {
        Self {
            removed: None,
            refusals,
        }
    }
}

impl Object for RemoveDomainPayload {
    const NAME: &'static str = "RemoveDomainPayload";
    const DOC: &'static str = "Answer of removeDomain.";

    fn describe(t: &mut Type<Self>) {
        t.value("removedDomainId", |payload| payload.removed.clone().map(GivenId));
        t.any_children("userErrors", |payload| UserError::each(&payload.refusals));
    }
}
