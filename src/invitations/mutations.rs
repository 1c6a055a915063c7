//! Invitations over GraphQL: sending again, withdrawing, opening a link, accepting.

use async_graphql::{ID, InputObject};
use entity::ids::Kind;
use futures::FutureExt;
use uuid::Uuid;

use super::accept::sso_required;
use super::preview::{self, Opened};
use super::rules::masked;
use super::{AcceptInvitation, Invitation, ResendInvitations, RevokeInvitations};
use crate::app::App;
use crate::error::{Code, Error, Refusal, Result};
use crate::graphql::Mutation;
use crate::graphql::batch::{GivenId, Guard, NoArgs, Object, Permission, Type};
use crate::graphql::bulk::{BulkItemStatus, BulkSummary, check_length, index};
use crate::graphql::user_error::{Payload, UserError};
use crate::identity_providers::start_path;

/// Invitations one call may name.
const MOST_NAMED: usize = 50;

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

#[derive(InputObject)]
struct PreviewInvitationInput {
    token: String,
}

#[derive(InputObject)]
struct AcceptInvitationInput {
    token: String,
    given_name: Option<String>,
    family_name: Option<String>,
    password: Option<String>,
}

/// The mutations of this slice.
pub fn on_mutation(t: &mut Type<Mutation>) {
    t.mutation("resendInvitations", |ask, input: InvitationIdsInput| {
        async move {
            let invitations = input.ids()?;
            let outcomes = ask
                .scope
                .app()
                .run(ask.scope.actor(), ResendInvitations { invitations })
                .await?;
            Ok(ResendInvitationsPayload(BulkPayload::of(
                &input,
                outcomes.into_iter().map(|done| done.map(|()| true)),
            )))
        }
        .boxed()
    })
    .doc("A new link, a fresh term; the old link is dead. At most three times an hour for one invitation.")
    .guard(Permission::UsersWrite)
    .weight(50);
    t.mutation("revokeInvitations", |ask, input: InvitationIdsInput| {
        async move {
            let invitations = input.ids()?;
            let outcomes = ask
                .scope
                .app()
                .run(ask.scope.actor(), RevokeInvitations { invitations })
                .await?;
            Ok(RevokeInvitationsPayload(BulkPayload::of(
                &input,
                outcomes.into_iter(),
            )))
        }
        .boxed()
    })
    .doc("The link is dead, seats kept for the person are free, the user is STAGED again.")
    .guard(Permission::UsersWrite)
    .weight(50);
    t.mutation("previewInvitation", |ask, input: PreviewInvitationInput| {
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
    t.mutation("acceptInvitation", |ask, input: AcceptInvitationInput| {
        async move {
            let (app, token) = (ask.scope.app(), input.token);
            let missing = || Refusal::new(Code::Required, "Choose a password.").at("input.password");
            let accepted = match input.password {
                Some(password) => {
                    let command =
                        AcceptInvitation::new(token.clone(), input.given_name, input.family_name, password);
                    app.run(ask.scope.actor(), command).await
                }
                None => Err(missing().into()),
            };
            let user = match accepted {
                Ok(user) => user,
                Err(error) => return turned_away(app, &token, error).await,
            };
            let next_path = Some("/".to_owned());
            Ok(AcceptInvitationPayload {
                email: Some(user.email),
                next_path,
                refusals: Vec::new(),
            })
        }
        .boxed()
    })
    .guard(Guard::anonymous())
    .weight(50);
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

/// What resending and withdrawing answer alike.
#[derive(Clone, Debug, Default)]
struct BulkPayload {
    results: Vec<InvitationBulkResult>,
    refusals: Vec<Refusal>,
}

/// Outcome for one invitation.
#[derive(Clone, Debug)]
pub struct InvitationBulkResult {
    index: i32,
    given: String,
    status: BulkItemStatus,
    refusals: Vec<Refusal>,
}

impl BulkPayload {
    fn of(input: &InvitationIdsInput, outcomes: impl Iterator<Item = Result<bool, Refusal>>) -> Self {
        let result = |(place, (given, outcome)): (usize, (&ID, Result<bool, Refusal>))| {
            let (status, refusals) = match outcome {
                Ok(true) => (BulkItemStatus::Applied, Vec::new()),
                Ok(false) => (BulkItemStatus::Unchanged, Vec::new()),
                Err(refusal) => (BulkItemStatus::Failed, vec![refusal]),
            };
            InvitationBulkResult {
                index: index(place),
                given: given.to_string(),
                status,
                refusals,
            }
        };
        let results = input
            .invitation_ids
            .iter()
            .zip(outcomes)
            .enumerate()
            .map(result)
            .collect();
        Self {
            results,
            refusals: Vec::new(),
        }
    }
}

impl Object for InvitationBulkResult {
    const NAME: &'static str = "InvitationBulkResult";
    const DOC: &'static str = "Outcome for one invitation.";

    fn describe(t: &mut Type<Self>) {
        t.value("index", |result| result.index);
        t.value("invitationId", |result| GivenId(result.given.clone()));
        t.value("status", |result| result.status);
        t.one_opt("invitation", |ask, results, _: NoArgs| {
            async move {
                let ids: Vec<_> = results
                    .iter()
                    .map(|result| Kind::Invitation.parse(&result.given))
                    .collect();
                Invitation::linked(ask.scope, &ids).await
            }
            .boxed()
        });
        t.any_children("userErrors", |result| {
            result.refusals.iter().cloned().map(UserError::from).collect()
        });
    }
}

macro_rules! bulk_payload {
    ($(#[doc = $doc:literal])+ $name:ident) => {
        $(#[doc = $doc])+
        #[derive(Clone, Debug, Default)]
        pub struct $name(BulkPayload);

        impl Payload for $name {
            fn refused(refusals: Vec<Refusal>) -> Self {
                Self(BulkPayload { results: Vec::new(), refusals })
            }
        }

        impl Object for $name {
            const NAME: &'static str = stringify!($name);
            const DOC: &'static str = concat!($($doc),+).trim_ascii();

            fn describe(t: &mut Type<Self>) {
                t.children("results", |payload| payload.0.results.clone());
                t.child("summary", |payload| BulkSummary::of(payload.0.results.iter().map(|result| result.status)));
                t.any_children("userErrors", |payload| payload.0.refusals.iter().cloned().map(UserError::from).collect());
            }
        }
    };
}

bulk_payload! {
    /// Answer of resendInvitations.
    ResendInvitationsPayload
}

bulk_payload! {
    /// Answer of revokeInvitations.
    RevokeInvitationsPayload
}

/// What the landing page of an invitation link may show to its bearer.
#[derive(Clone, Debug)]
pub struct InvitationPreview {
    account_name: String,
    inviter_name: Option<String>,
    email_hint: String,
    expires_at: chrono::DateTime<chrono::Utc>,
    required_provider: Option<Uuid>,
}

impl InvitationPreview {
    fn of(opened: &Opened) -> Self {
        Self {
            account_name: opened.account.name.clone(),
            inviter_name: opened.inviter_name(),
            email_hint: masked(&opened.user.email),
            expires_at: opened.invitation.expires_at,
            required_provider: opened.required_provider,
        }
    }
}

impl Object for InvitationPreview {
    const NAME: &'static str = "InvitationPreview";
    const DOC: &'static str = "What the landing page of an invitation link may show to its bearer.";

    fn describe(t: &mut Type<Self>) {
        t.text("accountName", |preview| &preview.account_name);
        t.text_opt("inviterName", |preview| preview.inviter_name.as_deref());
        t.text("emailHint", |preview| &preview.email_hint)
            .doc("Masked, for example a***e@acme.example.");
        t.value("expiresAt", |preview| preview.expires_at);
        t.value("ssoRequired", |preview| preview.required_provider.is_some())
            .doc("The account requires single sign-on for this address: go there instead of setting a password.");
        t.value("ssoPath", |preview| preview.required_provider.map(start_path))
            .doc("Where that is: a path of this site.");
    }
}

/// Answer of previewInvitation.
#[derive(Clone, Debug, Default)]
pub struct PreviewInvitationPayload {
    invitation: Option<InvitationPreview>,
    refusals: Vec<Refusal>,
}

impl Payload for PreviewInvitationPayload {
    fn refused(refusals: Vec<Refusal>) -> Self {
        Self {
            invitation: None,
            refusals,
        }
    }
}

impl Object for PreviewInvitationPayload {
    const NAME: &'static str = "PreviewInvitationPayload";
    const DOC: &'static str = "Answer of previewInvitation.";

    fn describe(t: &mut Type<Self>) {
        t.child_opt("invitation", |payload| payload.invitation.clone());
        t.any_children("userErrors", |payload| {
            payload.refusals.iter().cloned().map(UserError::from).collect()
        });
    }
}

/// Answer of acceptInvitation.
#[derive(Clone, Debug, Default)]
pub struct AcceptInvitationPayload {
    email: Option<String>,
    next_path: Option<String>,
    refusals: Vec<Refusal>,
}

impl Payload for AcceptInvitationPayload {
    fn refused(refusals: Vec<Refusal>) -> Self {
        Self {
            email: None,
            next_path: None,
            refusals,
        }
    }
}

impl Object for AcceptInvitationPayload {
    const NAME: &'static str = "AcceptInvitationPayload";
    const DOC: &'static str = "Answer of acceptInvitation. Accepting starts no session: the person signs in with the password just set.";

    fn describe(t: &mut Type<Self>) {
        t.text_opt("email", |payload| payload.email.as_deref())
            .doc("What to sign in with.");
        t.text_opt("nextPath", |payload| payload.next_path.as_deref())
            .doc("Where the app goes next: always a path of this site.");
        t.any_children("userErrors", |payload| {
            payload.refusals.iter().cloned().map(UserError::from).collect()
        });
    }
}
