//! What the landing page of an invitation link may show to its bearer.

use chrono::{DateTime, Utc};
use uuid::Uuid;

use crate::invitations::preview::Opened;
use crate::invitations::rules::masked;
use crate::sso::start_path;
use graphql::{Object, Type};

/// What a genuine link shows of the account and of its bearer.
#[derive(Clone)]
pub struct InvitationPreview {
    account_name: String,
    inviter_name: Option<String>,
    email_hint: String,
    expires_at: DateTime<Utc>,
    required_provider: Option<Uuid>,
}

impl From<Opened> for InvitationPreview {
    fn from(opened: Opened) -> Self {
        Self {
            inviter_name: opened.inviter_name(),
            email_hint: masked(&opened.user.email),
            expires_at: opened.invitation.expires_at,
            required_provider: opened.required_provider,
            account_name: opened.account.name,
        }
    }
}

impl Object for InvitationPreview {
    const NAME: &'static str = "InvitationPreview";
    const DOC: &'static str = "What the landing page of an invitation link may show to its bearer.";

    fn describe(t: &mut Type<Self>) {
        t.text("accountName", |preview| &preview.account_name)
            .doc("What the account is called that they are invited to.");
        t.text_opt("inviterName", |preview| preview.inviter_name.as_deref())
            .doc("Name of who invited them; null if no person did.");
        t.text("emailHint", |preview| &preview.email_hint)
            .doc("Masked, for example a***e@acme.example.");
        t.value("expiresAt", |preview| preview.expires_at)
            .doc("Until when the link is good.");
        t.value("ssoRequired", |preview| preview.required_provider.is_some())
            .doc("The account requires single sign-on for this address: go there instead of setting a password.");
        t.value("ssoPath", |preview| preview.required_provider.map(start_path))
            .doc("Where that is: a path of this site; null if single sign-on is not required.");
    }
}
