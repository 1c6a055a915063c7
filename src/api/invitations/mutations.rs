//! Invitations over GraphQL: sending again, withdrawing, opening a link, accepting.

use async_graphql::{ID, InputObject};
use entity::ids::Kind;
use futures::future::Either;
use uuid::Uuid;

use super::listing::InvitationFilter;
use super::preview::InvitationPreview;
use crate::access::Actor;
use crate::api::Mutation;
use crate::api::bulk::{BulkItemStatus, item, named, one_of};
use crate::api::errors::UserError;
use crate::api::guard::{Guard, Permission};
use crate::api::ids::GivenId;
use crate::app::App;
use crate::command::Command;
use crate::error::{Code, Error, Refusal, Result};
use crate::invitations::accept::sso_required;
use crate::invitations::listing::{Matched, Matching};
use crate::invitations::preview;
use crate::invitations::{AcceptInvitation, Invitation, ResendInvitations, RevokeInvitations};
use crate::person::EmailAddress;
use crate::read::Scope;
use crate::sessions::Entry;
use crate::sso::start_path;
use graphql::{Bulk, Dyn, Envelope, Object, Payload, Type};

/// Invitations one call may name.
const MOST_NAMED: usize = crate::limits::INVITATIONS_AT_ONCE;

/// Invitations: by id, or those that match.
#[derive(InputObject, Debug)]
struct InvitationIdsInput {
    /// The invitations, 1 to 50; null: those that match the filter.
    invitation_ids: Option<Vec<ID>>,
    /// Instead of ids: 100 of the standing invitations for which this holds, those first whose mail has been as it is for longest; `moreMatching` says how many others match.
    filter: Option<InvitationFilter>,
}

impl InvitationIdsInput {
    /// Does something with the invitations that are meant.
    async fn run<C, T>(self, scope: &Scope, command: fn(Vec<Uuid>) -> C) -> Result<Meant<T>>
    where
        C: Command<Output = Vec<Result<T, Refusal>>>,
        T: Send,
    {
        let (ids, filter) = ((self.invitation_ids, "invitationIds"), (self.filter, "filter"));
        match one_of(ids, filter)? {
            Either::Left(given) => {
                let ids = named(Kind::Invitation, &given, MOST_NAMED, "input.invitationIds")?;
                let outcomes = scope.run(command(ids)).await?;
                let given = given.into_iter().map(|id| id.0).collect();
                Ok((given, outcomes, MoreMatching(0)))
            }
            Either::Right(filter) => {
                let filter = filter.read();
                let Matched { ids, output, more } = scope.run(Matching { filter, command }).await?;
                let given = ids.into_iter().map(|id| Kind::Invitation.text(id)).collect();
                Ok((given, output, MoreMatching(more)))
            }
        }
    }
}

/// The invitations that are meant, by their ids, and what came of each.
type Meant<T> = (Vec<String>, Vec<Result<T, Refusal>>, MoreMatching);

/// How many a call by filter did not come to.
#[derive(Clone)]
pub struct MoreMatching(pub i32);

impl Payload for MoreMatching {
    fn fields(t: &mut Type<Self>, _: &Envelope) {
        t.value("moreMatching", |more| more.0)
            .doc("How many more match the filter; 0 where none was given. Another call comes to those first whose mail has been as it is for longest; what was sent again may match still, so end by counting, or narrow `createdAt`. Null if the call was refused.");
    }
}

/// Whose invitation is shown.
#[derive(InputObject)]
struct PreviewInvitationInput {
    /// The token of the link in the mail, at most 4096 bytes.
    token: String,
}

/// Whose invitation, and what the person is called from then on.
#[derive(InputObject)]
struct AcceptInvitationInput {
    /// The token of the link in the mail, at most 4096 bytes.
    token: String,
    /// Given name, at most 60 characters; null: as the administrator wrote it.
    given_name: Option<String>,
    /// Family name, at most 60 characters; null: as the administrator wrote it.
    family_name: Option<String>,
    /// What they sign in with from then on, 12 to 128 characters; of somebody who has a password for this e-mail already, that one. Null is refused.
    password: Option<String>,
}

/// The mutations of this word.
pub fn on_mutation(t: &mut Type<Mutation>) {
    t.mutation("resendInvitations", resend)
        .doc(
            "A new link, a fresh term; the old link is dead. At most three times an hour for one invitation.",
        )
        .guard(Permission::UsersWrite)
        .weight(50);
    t.mutation("revokeInvitations", revoke)
        .doc("The link is dead, seats kept for the person are free, the user is STAGED again.")
        .guard(Permission::UsersWrite)
        .weight(50);
    t.mutation("previewInvitation", open)
        .doc("A mutation so that the token is never in a URL, a GET or a cache.")
        .answers("invitation")
        .guard(Guard::anonymous())
        .weight(50);
    t.mutation("acceptInvitation", accept)
        .doc("The person joins the account. Accepting starts no session: they sign in with the password just set.")
        .guard(Guard::anonymous())
        .weight(50);
}

async fn resend(scope: Scope, input: InvitationIdsInput) -> Result<Bulk<InvitationBulkResult, MoreMatching>> {
    let (given, outcomes, more) = input.run(&scope, ResendInvitations::at_once).await?;
    let outcomes = outcomes.into_iter().map(|done| done.map(|()| true));
    Ok(answer(given, outcomes).with(more))
}

async fn revoke(scope: Scope, input: InvitationIdsInput) -> Result<Bulk<InvitationBulkResult, MoreMatching>> {
    let revoke = |invitations| RevokeInvitations { invitations };
    let (given, outcomes, more) = input.run(&scope, revoke).await?;
    Ok(answer(given, outcomes.into_iter()).with(more))
}

/// How it ended for each invitation that was meant: whether it was changed, or why not.
fn answer(
    given: Vec<String>,
    outcomes: impl Iterator<Item = Result<bool, Refusal>>,
) -> Bulk<InvitationBulkResult> {
    let results = given.into_iter().zip(outcomes);
    Bulk::of(results.map(|(given, outcome)| {
        let ended = outcome.map(|is_changed| match is_changed {
            true => BulkItemStatus::Applied,
            false => BulkItemStatus::Unchanged,
        });
        item(ended, InvitationBulkResult(given))
    }))
}

/// What is particular to one invitation: its id as it was given.
#[derive(Clone)]
struct InvitationBulkResult(String);

impl Object for InvitationBulkResult {
    const NAME: &'static str = "InvitationBulkResult";
    const DOC: &'static str = "Outcome for one invitation.";

    fn describe(t: &mut Type<Self>) {
        t.value("invitationId", |result| GivenId(result.0.clone()))
            .doc("As it was given.");
        t.link::<Invitation, _>("invitation", |result| Kind::Invitation.parse(&result.0))
            .doc("As it is now; null for an id that names none.");
    }
}

async fn open(scope: Scope, input: PreviewInvitationInput) -> Result<InvitationPreview> {
    Ok(preview::open(scope.app(), &input.token).await?.into())
}

/// Where somebody goes who accepted, or who must come by single sign-on.
#[derive(Clone)]
struct Accepted {
    email: Option<String>,
    next_path: String,
    refusal: Option<Refusal>,
}

impl Payload for Accepted {
    fn fields(t: &mut Type<Self>, _: &Envelope) {
        t.text_opt("email", |accepted| accepted.email.as_deref())
            .doc("What to sign in with; null if the call was refused.");
        t.text("nextPath", |accepted| &accepted.next_path)
            .doc("Where the app goes next: always a path of this site. Of a refused call, where single sign-on begins if that is required.");
    }

    fn user_errors(&self) -> Vec<Dyn> {
        let refused = self.refusal.iter().cloned();
        refused.map(|refusal| UserError::from(refusal).into()).collect()
    }
}

async fn accept(scope: Scope, input: AcceptInvitationInput) -> Result<Accepted> {
    let token = input.token;
    let bearer = bearer(&scope, &token).await?;
    let accepted = match input.password {
        Some(password) => {
            let command = AcceptInvitation::new(token.clone(), input.given_name, input.family_name, password);
            scope.app().run(&bearer, command).await
        }
        None => Err(Refusal::new(Code::Required, "Choose a password.")
            .at("input.password")
            .into()),
    };
    let accepted = accepted.and_then(|entry| match entry {
        Entry::Granted(user) => Ok(user),
        Entry::Refused => Err(wrong_password().into()),
    });
    match accepted {
        Ok(user) => Ok(Accepted {
            email: Some(user.email),
            next_path: "/".to_owned(),
            refusal: None,
        }),
        Err(error) => turned_away(scope.app(), &token, error).await,
    }
}

/// Who accepts: the bearer of the link, whoever else they are signed in as, so that locks and audit are those of the invitation's account. Somebody signed in
/// under another address holds a mail that was not for them (security catalogue, F2).
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

/// Whoever must come by single sign-on is sent there, whatever they tried.
async fn turned_away(app: &App, token: &str, error: Error) -> Result<Accepted> {
    let required = match (&error, preview::open(app, token).await) {
        (Error::Refused(_), Ok(opened)) => opened.required_provider,
        _ => None,
    };
    match required {
        Some(provider) => Ok(Accepted {
            email: None,
            next_path: start_path(provider),
            refusal: Some(sso_required()),
        }),
        None => Err(error),
    }
}
