//! Domains over GraphQL: claiming, verifying, removing.

use async_graphql::{ID, InputObject};
use entity::ids::Kind;
use graphql::{Envelope, Type};

use crate::api::Mutation;
use crate::api::errors::require_id;
use crate::api::guard::{Guard, Permission};
use crate::api::ids::GivenId;
use crate::domains::{ClaimDomain, Domain, RemoveDomain, VerifyDomain};
use crate::error::Result;
use crate::read::Scope;

/// Which e-mail domain is claimed.
#[derive(InputObject, Debug)]
struct ClaimDomainInput {
    /// A name in the public DNS such as `example.com`, at most 235 bytes as punycode. No public suffix, and no domain of a provider of mailboxes.
    name: String,
}

/// Which domain to look up in the DNS.
#[derive(InputObject, Debug)]
struct VerifyDomainInput {
    /// One of the account's.
    domain_id: ID,
}

/// Which domain the account gives up.
#[derive(InputObject, Debug)]
struct RemoveDomainInput {
    /// One of the account's, proven or not.
    domain_id: ID,
}

/// The mutations of this word.
pub fn on_mutation(t: &mut Type<Mutation>) {
    t.mutation("claimDomain", claim)
        .doc("Answers the DNS record to publish. A claim stands for 7 days; an account has at most 20.")
        .guard(Guard::from(Permission::SsoWrite).recent())
        .weight(10);
    t.mutation("verifyDomain", verify)
        .doc("Asks the DNS now. When the record is not there, the domain's status and lastCheckMessage say so.")
        .guard(Permission::SsoWrite)
        .weight(50);
    t.mutation("removeDomain", remove)
        .doc("Refused with SSO_IN_USE while an enabled identity provider signs in the people of the domain.")
        .guard(Guard::from(Permission::SsoWrite).recent())
        .weight(10);
}

async fn claim(scope: Scope, input: ClaimDomainInput) -> Result<Domain> {
    Ok(scope.run(ClaimDomain { name: input.name }).await?.into())
}

async fn verify(scope: Scope, input: VerifyDomainInput) -> Result<Domain> {
    let domain_id = require_id(Kind::Domain, &input.domain_id, "input.domainId")?;
    Ok(scope.run(VerifyDomain::new(domain_id)).await?.into())
}

async fn remove(scope: Scope, input: RemoveDomainInput) -> Result<Removed> {
    let domain_id = require_id(Kind::Domain, &input.domain_id, "input.domainId")?;
    scope.run(RemoveDomain { domain_id }).await?;
    Ok(Removed(GivenId(input.domain_id.0)))
}

#[derive(Clone)]
struct Removed(GivenId);

impl graphql::Payload for Removed {
    fn fields(t: &mut Type<Self>, _: &Envelope) {
        t.value("removedDomainId", |removed| removed.0.clone())
            .doc("The id as it was given; null if the call was refused.");
    }
}
