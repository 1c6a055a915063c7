//! Asking for help over GraphQL.

use async_graphql::{ID, InputObject};
use entity::ids::Kind;
use graphql::{Envelope, Payload, Type};

use crate::api::Mutation;
use crate::api::errors::require_id;
use crate::api::guard::Guard;
use crate::error::Result;
use crate::read::Scope;
use crate::support::ContactSupport;

/// What the viewer needs help with.
#[derive(InputObject, Debug)]
struct ContactSupportInput {
    /// What it is about: one line of at most 150 characters.
    subject: String,
    /// What happened and what is needed, at most 5,000 characters.
    body: String,
    /// The product it is about; null: none in particular.
    product_id: Option<ID>,
}

/// The mutations of this word.
pub fn on_mutation(t: &mut Type<Mutation>) {
    t.mutation("contactSupport", contact)
        .doc("Writes a mail to the support address with the account, the plan, and the viewer's name, address and role; at most 5 in 24 hours for one person.")
        .guard(Guard::oneself())
        .weight(50);
}

#[derive(Clone)]
struct Contacted(Option<String>);

impl Payload for Contacted {
    fn fields(t: &mut Type<Self>, _: &Envelope) {
        t.text_opt("reference", |contacted| contacted.0.as_deref())
            .doc("What to quote when asking on; null if the call was refused.");
    }

    fn refused() -> Option<Self> {
        Some(Self(None))
    }
}

async fn contact(scope: Scope, input: ContactSupportInput) -> Result<Contacted> {
    let product_id = input.product_id.as_ref();
    let product_id = product_id.map(|id| require_id(Kind::Product, id, "input.productId"));
    let command = ContactSupport {
        subject: input.subject,
        body: input.body,
        product_id: product_id.transpose()?,
    };
    Ok(Contacted(Some(scope.run(command).await?)))
}
