//! What the landing page of an invitation link may show to its bearer. Reads only: opening a link changes nothing, because mail scanners do it too.

use entity::{account, invitation, user};
use sea_orm::EntityTrait;
use uuid::Uuid;

use super::rules;
use crate::app::App;
use crate::enforcement::required_provider;
use crate::error::{Code, Refusal, Result};
use crate::person::display_name;
use crate::platform::secrets::{Claim, Purpose, hash};

/// What a genuine token leads to.
#[derive(Clone, Debug)]
pub struct Opened {
    pub invitation: invitation::Model,
    pub user: user::Model,
    pub account: account::Model,
    pub inviter: Option<user::Model>,
    /// The identity provider the person must come by.
    pub required_provider: Option<Uuid>,
}

impl Opened {
    pub fn inviter_name(&self) -> Option<String> {
        let inviter = self.inviter.as_ref()?;
        Some(display_name(
            inviter.given_name.as_deref(),
            inviter.family_name.as_deref(),
            &inviter.email,
        ))
    }
}

/// The claim of a token we made, whatever became of its invitation since.
pub fn claim(app: &App, token: &str) -> Result<Claim> {
    app.secrets()
        .open(Purpose::Invitation, token.trim())?
        .ok_or_else(|| unknown().into())
}

/// Whether this very token opens the invitation now.
pub fn check(
    invitation: &invitation::Model,
    claim: Claim,
    token: &str,
    now: chrono::DateTime<chrono::Utc>,
) -> Result<()> {
    rules::check(invitation, claim.generation, now)?;
    // The code says that we made the token; the row has the last word.
    if invitation.token_hash != hash(token.trim()) {
        return Err(unknown().into());
    }
    Ok(())
}

pub fn unknown() -> Refusal {
    Refusal::new(
        Code::NotFound,
        "This is no invitation of ours. Use the link in the mail as it is.",
    )
    .at("input.token")
}

/// Opens a link.
pub async fn open(app: &App, token: &str) -> Result<Opened> {
    let claim = claim(app, token)?;
    let db = app.reader();
    let invitation = invitation::Entity::find_by_id((claim.account_id, claim.id))
        .one(db)
        .await?;
    let invitation = invitation.ok_or_else(unknown)?;
    check(&invitation, claim, token, app.clock().now())?;
    let user = user::Entity::find_by_id((claim.account_id, invitation.user_id))
        .one(db)
        .await?;
    let account = account::Entity::find_by_id(claim.account_id).one(db).await?;
    let inviter = match invitation.invited_by {
        Some(inviter) => {
            user::Entity::find_by_id((claim.account_id, inviter))
                .one(db)
                .await?
        }
        None => None,
    };
    let user = user.ok_or_else(unknown)?;
    Ok(Opened {
        required_provider: required_provider(db, &user).await?,
        user,
        account: account.ok_or_else(unknown)?,
        invitation,
        inviter,
    })
}
