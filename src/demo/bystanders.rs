//! Who is there before the file comes, so that two of its rows fail for what they find: somebody who was disabled, and another account with a domain of
//! its own.

use entity::account::Plan;
use entity::ids::Kind;
use entity::user::Status;
use entity::{account, invitation, user};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
use serde_json::json;

use super::connect::change;
use super::person::Person;
use crate::access::{Actor, Origin};
use crate::admin::{CreateAccount, VouchForDomain, make_password};
use crate::app::App;
use crate::client::Api;
use crate::directory::slugs;
use crate::error::{Error, Result};
use crate::invitations::AcceptInvitation;
use crate::person::EmailAddress;
use crate::platform::constants::Constants;
use crate::platform::secrets::{Claim, Purpose};
use crate::sessions::Entry;

/// The other account; one is enough for however many demos there are in a database.
const RIVAL: &str = "demo-rival";
const RIVAL_DOMAIN: &str = "rival-works.example";

/// So many rows are about them.
pub const ROWS: usize = 2;

/// Sees to it that they are there, in a database that may have seen the demo before.
pub async fn settle(app: &App, api: &Api, account: &account::Model) -> Result<()> {
    settle_rival(app).await?;
    let mut known = find(app, account).await?;
    if known.is_none() {
        let input = json!({"email": email(&account.slug), "givenName": "Dora", "familyName": "Disabled"});
        change(api, "inviteUser", "InviteUserInput", "user { id }", input).await?;
        known = find(app, account).await?;
    }
    let mut user = known.ok_or_else(|| Error::internal("somebody who was invited is not there"))?;
    if user.status == Status::Pending {
        user = accept(app, &user).await?;
    }
    if user.status == Status::Active {
        let input = json!({"userIds": [Kind::User.text(user.id)]});
        change(api, "disableUsers", "UserIdsInput", "summary { applied }", input).await?;
    }
    Ok(())
}

/// Their rows in the file: good in themselves.
pub fn rows(slug: &str) -> [Person; ROWS] {
    let person = |given_name: &str, family_name: &str, email: String| Person {
        given_name: given_name.to_owned(),
        family_name: family_name.to_owned(),
        email,
        ..Person::default()
    };
    [
        person("Dora", "Disabled", email(slug)),
        person("Rita", "Rival", format!("rita@{RIVAL_DOMAIN}")),
    ]
}

/// Nobody signs in to two demos by one address: each has its own.
fn email(slug: &str) -> String {
    format!("dora.disabled@{slug}-guests.example")
}

async fn settle_rival(app: &App) -> Result<()> {
    let known = slugs::find(app.reader(), RIVAL).await?;
    if known.is_none() {
        let address = EmailAddress::parse(&format!("admin@{RIVAL_DOMAIN}"))?;
        let command = CreateAccount::new("Rival Works", RIVAL, Plan::Premium, address, make_password()?);
        app.run(&Actor::Operator, command).await?;
    }
    let vouch = VouchForDomain {
        account: RIVAL.to_owned(),
        name: RIVAL_DOMAIN.to_owned(),
    };
    app.run(&Actor::Operator, vouch).await.map(drop)
}

async fn find(app: &App, account: &account::Model) -> Result<Option<user::Model>> {
    let address = EmailAddress::parse(&email(&account.slug))?;
    Ok(user::Entity::find()
        .filter(user::Column::AccountId.eq(account.id))
        .filter(user::Column::EmailKey.eq(address.key()))
        .filter(user::Column::Status.ne_constant(Status::Removed))
        .one(app.reader())
        .await?)
}

/// Only who has joined can be disabled. The link is in the mail; here it is made from the invitation as the mail's is.
pub async fn accept(app: &App, user: &user::Model) -> Result<user::Model> {
    let invitation = invitation::Entity::find()
        .filter(invitation::Column::AccountId.eq(user.account_id))
        .filter(invitation::Column::UserId.eq(user.id))
        .filter(invitation::Column::Status.eq_constant(invitation::Status::Pending))
        .one(app.reader())
        .await?;
    let invitation = invitation.ok_or_else(|| Error::internal("somebody pending has no invitation"))?;
    let claim = Claim {
        account_id: user.account_id,
        id: invitation.id,
        generation: invitation.generation,
    };
    let token = app.secrets().token(Purpose::Invitation, claim)?;
    let password = secrecy::ExposeSecret::expose_secret(&make_password()?).to_owned();
    let command = AcceptInvitation::new(token, None, None, password);
    match app.run(&Actor::Anonymous(Origin::default()), command).await? {
        Entry::Granted(user) => Ok(user),
        Entry::Refused => Err(Error::internal("a password just made was refused")),
    }
}
