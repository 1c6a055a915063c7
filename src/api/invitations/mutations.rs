//! Invitations over GraphQL: sending again, withdrawing, opening a link, accepting.

use crate::api::old::OldStyle as _;
use async_graphql::{ID, InputObject};
use entity::ids::Kind;
use futures::FutureExt;
use uuid::Uuid;

use super::payloads::{
    AcceptInvitationPayload, BulkPayload, InvitationPreview, PreviewInvitationPayload,
    ResendInvitationsPayload, RevokeInvitationsPayload,
};
use crate::access::Actor;
use crate::api::bulk::check_length;
use crate::api::guard::{Guard, Permission};
use crate::app::App;
use crate::error::{Code, Error, Refusal, Result};
use crate::invitations::accept::sso_required;
use crate::invitations::preview;
use crate::invitations::{AcceptInvitation, ResendInvitations, RevokeInvitations};
use crate::person::EmailAddress;
use crate::sessions::Entry;
use crate::sso::start_path;
use crate::{api::Mutation, read::Scope};
use graphql::Type;

/// Invitations one call may name.
const MOST_NAMED: usize = crate::limits::INVITATIONS_AT_ONCE;

/// Invitations, by id.
#[derive(InputObject, Debug)]
struct InvitationIdsInput {
    /// At most 50.
    invitation_ids: Vec<ID>,
}

impl InvitationIdsInput {
    /// What is no id of an invitation names none: it is answered as not found, like one of another account.
    fn ids(&self) -> Result<Vec<Uuid>> {
        check_length(self.invitation_ids.len(), MOST_NAMED, "input.invitationIds")?;
        Ok(self
            .invitation_ids
            .iter()
            .map(|id| Kind::Invitation.parse(id).unwrap_or(Uuid::nil()))
            .collect())
    }
}

/// Whose invitation is shown.
#[derive(InputObject)]
struct PreviewInvitationInput {
    token: String,
}

/// Whose invitation, and what the person is called from then on.
#[derive(InputObject)]
struct AcceptInvitationInput {
    token: String,
    given_name: Option<String>,
    family_name: Option<String>,
    password: Option<String>,
}

/// The mutations of this slice.
pub fn on_mutation(t: &mut Type<Mutation>) {
    t.old_mutation("resendInvitations", |ask, input: InvitationIdsInput| {
        async move {
            let invitations = input.ids()?;
            let outcomes = ask
                .scope
                .app()
                .run(ask.scope.actor(), ResendInvitations { invitations })
                .await?;
            Ok(ResendInvitationsPayload(BulkPayload::of(
                &input.invitation_ids,
                outcomes.into_iter().map(|done| done.map(|()| true)),
            )))
        }
        .boxed()
    })
    .doc("A new link, a fresh term; the old link is dead. At most three times an hour for one invitation.")
    .guard(Permission::UsersWrite)
    .weight(50);
    t.old_mutation("revokeInvitations", |ask, input: InvitationIdsInput| {
        async move {
            let invitations = input.ids()?;
            let outcomes = ask
                .scope
                .app()
                .run(ask.scope.actor(), RevokeInvitations { invitations })
                .await?;
            Ok(RevokeInvitationsPayload(BulkPayload::of(
                &input.invitation_ids,
                outcomes.into_iter(),
            )))
        }
        .boxed()
    })
    .doc("The link is dead, seats kept for the person are free, the user is STAGED again.")
    .guard(Permission::UsersWrite)
    .weight(50);
    t.old_mutation("previewInvitation", |ask, input: PreviewInvitationInput| {
        async move {
            let opened = preview::open(ask.scope.app(), &input.token).await?;
            Ok(PreviewInvitationPayload {
                invitation: Some(InvitationPreview::of(&opened)),
                refusals: Vec::new(),
            })
        }
        .boxed()
    })
    .doc("A mutation so that the token is never in a URL, a GET or a cache.")
    .guard(Guard::anonymous())
    .weight(50);
    t.old_mutation("acceptInvitation", |ask, input: AcceptInvitationInput| {
        accept(ask.scope, input).boxed()
    })
    .guard(Guard::anonymous())
    .weight(50);
}

async fn accept(scope: &Scope, input: AcceptInvitationInput) -> Result<AcceptInvitationPayload> {
    let (app, token) = (scope.app(), input.token);
    let bearer = bearer(scope, &token).await?;
    let accepted = match input.password {
        Some(password) => {
            let command = AcceptInvitation::new(token.clone(), input.given_name, input.family_name, password);
            app.run(&bearer, command).await
        }
        None => Err(Refusal::new(Code::Required, "Choose a password.")
            .at("input.password")
            .into()),
    };
    let accepted = accepted.and_then(|entry| match entry {
        Entry::Granted(user) => Ok(user),
        Entry::Refused => Err(wrong_password().into()),
    });
    let user = match accepted {
        Ok(user) => user,
        Err(error) => return turned_away(app, &token, error).await,
    };
    Ok(AcceptInvitationPayload {
        email: Some(user.email),
        next_path: Some("/".to_owned()),
        refusals: Vec::new(),
    })
}

/// Who accepts: the bearer of the link, whoever else he is signed in as, so that locks and audit are those of the invitation's account. Somebody signed in
/// under another address holds a mail that was not for him (security catalogue, F2).
async fn bearer(scope: &Scope, token: &str) -> Result<Actor> {
    let Some(person) = scope.actor().person() else {
        return Ok(scope.actor().clone());
    };
    let opened = preview::open(scope.app(), token).await?;
    if EmailAddress::parse(&person.label)?.key() != opened.user.email_key {
        let text =
            "This invitation is for another e-mail than the one you are signed in with. Sign out first.";
        return Err(Refusal::new(Code::InvitationEmailMismatch, text)
            .at("input.token")
            .into());
    }
    Ok(Actor::Anonymous(person.origin.clone()))
}

fn wrong_password() -> Refusal {
    let text = "There is an account for this e-mail already. Enter its password.";
    Refusal::new(Code::InvitationEmailMismatch, text).at("input.password")
}

/// Whoever must come by single sign-on is sent there, whatever he tried.
async fn turned_away(app: &App, token: &str, error: Error) -> Result<AcceptInvitationPayload> {
    let required = match (&error, preview::open(app, token).await) {
        (Error::Refused(_), Ok(opened)) => opened.required_provider,
        _ => None,
    };
    match required {
        Some(provider) => Ok(AcceptInvitationPayload {
            next_path: Some(start_path(provider)),
            refusals: vec![sso_required()],
            ..AcceptInvitationPayload::default()
        }),
        None => Err(error),
    }
}
