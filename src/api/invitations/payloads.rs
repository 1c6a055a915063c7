//! What the mutations of invitations answer.

use crate::api::old::OldStyle as _;
use async_graphql::ID;
use entity::ids::Kind;
use futures::FutureExt;
use uuid::Uuid;

use crate::api::Linked;
use crate::api::bulk::{BulkItemStatus, BulkSummary, index};
use crate::api::errors::{Payload, UserError};
use crate::api::ids::GivenId;
use crate::api::old::NoArgs;
use crate::error::Refusal;
use crate::invitations::Invitation;
use crate::invitations::preview::Opened;
use crate::invitations::rules::masked;
use crate::sso::start_path;
use graphql::{Object, Type};

/// What resending and withdrawing answer alike.
#[derive(Clone, Debug, Default)]
pub struct BulkPayload {
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
    pub fn of(given: &[ID], outcomes: impl Iterator<Item = Result<bool, Refusal>>) -> Self {
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
        let results = given.iter().zip(outcomes).enumerate().map(result).collect();
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
        t.old_one_opt("invitation", |ask, results, _: NoArgs| {
            async move {
                let ids: Vec<_> = results
                    .iter()
                    .map(|result| Kind::Invitation.parse(&result.given))
                    .collect();
                Invitation::linked(ask.scope, &ids).await
            }
            .boxed()
        });
        t.any_children("userErrors", |result| UserError::each(&result.refusals));
    }
}

macro_rules! bulk_payload {
    ($(#[doc = $doc:literal])+ $name:ident) => {
        $(#[doc = $doc])+
        #[derive(Clone, Debug, Default)]
        pub struct $name(pub BulkPayload);

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
                t.any_children("userErrors", |payload| UserError::each(&payload.0.refusals));
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
    pub fn of(opened: &Opened) -> Self {
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
    pub invitation: Option<InvitationPreview>,
    pub refusals: Vec<Refusal>,
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
        t.any_children("userErrors", |payload| UserError::each(&payload.refusals));
    }
}

/// Answer of acceptInvitation.
#[derive(Clone, Debug, Default)]
pub struct AcceptInvitationPayload {
    pub email: Option<String>,
    pub next_path: Option<String>,
    pub refusals: Vec<Refusal>,
}

impl Payload for AcceptInvitationPayload {
    fn refusals(&self) -> Vec<Refusal> {
        self.refusals.clone()
    }

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
        t.any_children("userErrors", |payload| UserError::each(&payload.refusals));
    }
}
