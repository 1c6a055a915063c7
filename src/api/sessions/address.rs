//! Changing one's own address over GraphQL.

use async_graphql::InputObject;
use graphql::{Envelope, Object, Payload, Type};

use crate::access::Actor;
use crate::api::Mutation;
use crate::api::accounts::Viewer;
use crate::api::guard::Guard;
use crate::error::{Code, Refusal, Result};
use crate::limits;
use crate::read::Scope;
use crate::sessions::address::{AskForAddress, Asked, ConfirmAddress, read};

impl Object for Asked {
    const NAME: &'static str = "EmailChange";
    const DOC: &'static str = "A new address of the viewer that waits for the link that was sent there.";

    fn describe(t: &mut Type<Self>) {
        t.text("email", |asked| &asked.email)
            .doc("The new address, as it was typed.");
        t.value("expiresAt", |asked| asked.expires_at)
            .doc("Until when the link is good: a day.");
    }
}

/// Which address the viewer wants to have.
#[derive(InputObject, Debug)]
struct RequestEmailChangeInput {
    /// The new address, at most 254 bytes.
    email: String,
}

/// The link that was sent to a new address.
#[derive(InputObject)]
struct ConfirmEmailChangeInput {
    /// The token of the link in the mail, at most 4096 bytes.
    token: String,
}

/// The mutations about the viewer's own address.
pub fn on_mutation(t: &mut Type<Mutation>) {
    t.mutation("requestEmailChange", ask)
        .doc("Sends a link to a new address of the viewer, and a word to the present one. Nothing changes before `confirmEmailChange` brings the link; at most 5 links are sent in 24 hours. Answered alike whoever has the address.")
        .guard(Guard::oneself().recent())
        .weight(50);
    t.mutation("confirmEmailChange", confirm)
        .doc("Brings the link that was sent to a new address: the person signs in by it from then on, and has it in the account. Sessions that rest on their password end, but for the one in which it was asked for.")
        .guard(Guard::anonymous())
        .weight(50);
}

/// `Viewer.emailChange`.
pub fn on_viewer(t: &mut Type<Viewer>) {
    t.one_opt("emailChange", pending).doc(
        "The new address the viewer asked for, while its link is good and was not used; null otherwise.",
    );
}

async fn pending(scope: Scope) -> Result<Option<Asked>> {
    read::pending(&scope).await
}

async fn ask(scope: Scope, input: RequestEmailChangeInput) -> Result<Asked> {
    scope.run(AskForAddress { email: input.email }).await
}

/// What to sign in with from now on.
#[derive(Clone)]
struct Confirmed(Option<String>);

impl Payload for Confirmed {
    fn fields(t: &mut Type<Self>, _: &Envelope) {
        t.text_opt("email", |confirmed| confirmed.0.as_deref())
            .doc("What to sign in with from now on; null if the call was refused.");
    }

    fn refused() -> Option<Self> {
        Some(Self(None))
    }
}

/// The bearer of the link, whoever else they are signed in as, so that locks and audit are those of the link's account.
async fn confirm(scope: Scope, input: ConfirmEmailChangeInput) -> Result<Confirmed> {
    if input.token.len() > limits::TOKEN {
        let refusal = Refusal::new(Code::LinkExpired, "This is no link of ours.");
        return Err(refusal.at("input.token").into());
    }
    let bearer = Actor::Anonymous(scope.actor().origin());
    let command = ConfirmAddress {
        token: input.token.into(),
    };
    Ok(Confirmed(Some(scope.app().run(&bearer, command).await?)))
}
