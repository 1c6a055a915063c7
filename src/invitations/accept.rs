//! Accepting an invitation: the user becomes active, the identity is made or found, the seats kept for him count as taken up.

use std::collections::BTreeMap;

use entity::ids::Kind;
use entity::invitation::{self, Status};
use entity::{account, assignment, identity, subscription, user};
use sea_orm::ActiveValue::Set;
use sea_orm::sea_query::{Expr, ExprTrait};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
use secrecy::{ExposeSecret, SecretString};
use uuid::Uuid;

use super::preview;
use crate::access::{Action, Actor, Member, Origin, role_not_assignable};
use crate::app::App;
use crate::command::{Command, Work};
use crate::error::{Code, Refusal, Result};
use crate::identity_providers::requires_sso;
use crate::platform::outbox::{self, Letter, Mail};
use crate::sessions::password;
use crate::sessions::rules::check_password;
use crate::users::counters::Delta;
use crate::users::rules::{EmailAddress, display_name, name};

/// Accepts an invitation with a password.
pub struct AcceptInvitation {
    pub token: String,
    pub given_name: Option<String>,
    pub family_name: Option<String>,
    pub password: SecretString,
    credential: Option<Credential>,
}

impl std::fmt::Debug for AcceptInvitation {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("AcceptInvitation(redacted)")
    }
}

/// What the password turned out to be.
enum Credential {
    /// The person is known by this e-mail and this is his password.
    Known(Uuid),
    /// The hash of a first password, for a new identity or one that had none.
    First(String),
}

impl AcceptInvitation {
    pub fn new(
        token: String,
        given_name: Option<String>,
        family_name: Option<String>,
        password: String,
    ) -> Self {
        let password = SecretString::from(password);
        Self {
            token,
            given_name,
            family_name,
            password,
            credential: None,
        }
    }
}

impl Command for AcceptInvitation {
    type Output = user::Model;
    const NAME: &'static str = "invitations.accept";

    fn action(&self) -> Action {
        Action::Enter
    }

    /// Hashing takes as long as it is meant to; the transaction does not wait for it.
    async fn prepare(&mut self, app: &App, _actor: &Actor) -> Result<()> {
        let opened = preview::open(app, &self.token).await?;
        if opened.required_provider.is_some() {
            return Err(sso_required().into());
        }
        let known = identity_by_key(app.reader(), &opened.user.email_key).await?;
        let credential = match known.and_then(|known| known.password_hash.map(|hash| (known.id, hash))) {
            Some((id, hash)) => {
                if !password::verify(self.password.clone(), Some(hash)).await? {
                    return Err(Refusal::new(
                        Code::InvitationEmailMismatch,
                        "There is an account for this e-mail already. Enter its password.",
                    )
                    .at("input.password")
                    .into());
                }
                Credential::Known(id)
            }
            None => {
                check_password(
                    self.password.expose_secret(),
                    &EmailAddress::parse(&opened.user.email)?,
                )
                .map_err(|refusal| refusal.at("input.password"))?;
                Credential::First(password::hash(self.password.clone()).await?)
            }
        };
        self.credential = Some(credential);
        Ok(())
    }

    async fn apply(self, work: &mut Work) -> Result<user::Model> {
        let claim = preview::claim(work.app(), &self.token)?;
        let account = work.lock(claim.account_id).await?.ok_or_else(preview::unknown)?;
        let invitation = invitation::Entity::find_by_id((claim.account_id, claim.id))
            .one(work.reader())
            .await?;
        let invitation = invitation.ok_or_else(preview::unknown)?;
        preview::check(&invitation, claim, &self.token, work.now())?;
        let user = user::Entity::find_by_id((claim.account_id, invitation.user_id))
            .one(work.reader())
            .await?;
        let user = user
            .filter(|user| user.status == user::Status::Pending)
            .ok_or_else(preview::unknown)?;
        if requires_sso(work.reader(), &user).await? {
            return Err(sso_required().into());
        }

        let identity_id = identity_for(work, &user, self.credential).await?;
        let role = role_now(work, &account, &invitation).await?;
        let given_name = chosen(self.given_name, user.given_name.clone(), "input.givenName")?;
        let family_name = chosen(self.family_name, user.family_name.clone(), "input.familyName")?;
        let shown = display_name(given_name.as_deref(), family_name.as_deref(), &user.email);
        let sort_name = crate::users::folded(&shown);
        let activated = user::Entity::update_many()
            .col_expr(user::Column::Status, Expr::value(user::Status::Active))
            .col_expr(user::Column::IdentityId, Expr::value(identity_id))
            .col_expr(user::Column::EmailVerified, Expr::value(true))
            .col_expr(user::Column::Role, Expr::value(role))
            .col_expr(user::Column::GivenName, Expr::value(given_name))
            .col_expr(user::Column::FamilyName, Expr::value(family_name))
            .col_expr(
                user::Column::SearchText,
                Expr::value(format!("{sort_name} {}", user.email_key)),
            )
            .col_expr(user::Column::SortName, Expr::value(sort_name))
            .col_expr(user::Column::Version, Expr::col(user::Column::Version).add(1))
            .filter(user::Column::AccountId.eq(user.account_id))
            .filter(user::Column::Id.eq(user.id));
        let activated = work
            .update_returning(activated)
            .await?
            .pop()
            .ok_or_else(preview::unknown)?;
        let mut delta = Delta::default();
        delta.loses(user.status, user.role);
        delta.gains(activated.status, activated.role);
        delta.write(work, user.account_id).await?;
        close(work, &invitation).await?;
        take_up_seats(work, &account, &activated).await?;
        work.touch(Kind::Account.text(user.account_id));
        work.touch(Kind::User.text(user.id));
        work.touch(Kind::Invitation.text(invitation.id));
        Ok(activated)
    }
}

/// Whom the account has come by single sign-on accepts by signing in there: a password would be a second way in (security catalogue, B10, F2).
pub fn sso_required() -> Refusal {
    let text = "Your organisation has you sign in by single sign-on. Do so, and the invitation is accepted.";
    Refusal::new(Code::SsoRequired, text)
}

/// A name given on accepting replaces the one the administrator wrote.
fn chosen(given: Option<String>, known: Option<String>, field: &str) -> Result<Option<String>> {
    match given {
        Some(given) => Ok(name(&given, field)?.or(known)),
        None => Ok(known),
    }
}

async fn identity_by_key<C: sea_orm::ConnectionTrait>(
    db: &C,
    email_key: &str,
) -> Result<Option<identity::Model>> {
    Ok(identity::Entity::find()
        .filter(identity::Column::EmailKey.eq(email_key))
        .one(db)
        .await?)
}

async fn identity_for(work: &Work, user: &user::Model, credential: Option<Credential>) -> Result<Uuid> {
    let hash = match credential {
        Some(Credential::Known(id)) => return Ok(id),
        Some(Credential::First(hash)) => hash,
        None => {
            return Err(crate::error::Error::internal(
                "an invitation accepted without preparation",
            ));
        }
    };
    if let Some(known) = identity_by_key(work.reader(), &user.email_key).await? {
        if known.password_hash.is_some() {
            // Another account's invitation was accepted a moment ago; the next try compares with that password.
            return Err(Refusal::new(Code::StaleVersion, "Please try again.").into());
        }
        let update = identity::Entity::update_many()
            .col_expr(identity::Column::PasswordHash, Expr::value(hash))
            .col_expr(identity::Column::PasswordChangedAt, Expr::value(work.now()))
            .filter(identity::Column::Id.eq(known.id));
        work.update(update).await?;
        return Ok(known.id);
    }
    let id = work.new_id();
    let row = identity::ActiveModel {
        id: Set(id),
        email: Set(user.email.clone()),
        email_key: Set(user.email_key.clone()),
        password_hash: Set(Some(hash)),
        created_at: Set(work.now()),
        password_changed_at: Set(Some(work.now())),
    };
    work.insert(vec![row]).await?;
    Ok(id)
}

/// Nobody gets by invitation more than his inviter could give him today (security catalogue, F2).
async fn role_now(
    work: &Work,
    account: &account::Model,
    invitation: &invitation::Model,
) -> Result<user::Role> {
    let role = invitation.role;
    let Some(inviter) = invitation.invited_by else {
        return Ok(role);
    };
    let inviter = user::Entity::find_by_id((account.id, inviter))
        .one(work.reader())
        .await?;
    let may = inviter
        .filter(|inviter| inviter.status == user::Status::Active)
        .is_some_and(|inviter| {
            let giver = Member {
                account_id: account.id,
                user_id: inviter.id,
                session_id: Uuid::nil(),
                role: inviter.role,
                plan: account.plan,
                view: account.view,
                authenticated_at: chrono::DateTime::UNIX_EPOCH,
                label: inviter.email,
                origin: Origin::default(),
            };
            role_not_assignable(&giver, role).is_none()
        });
    Ok(if may { role } else { user::Role::User })
}

async fn close(work: &Work, invitation: &invitation::Model) -> Result<()> {
    let accepted = invitation::Entity::update_many()
        .col_expr(invitation::Column::Status, Expr::value(Status::Accepted))
        .col_expr(invitation::Column::AcceptedAt, Expr::value(work.now()))
        .filter(invitation::Column::AccountId.eq(invitation.account_id))
        .filter(invitation::Column::Id.eq(invitation.id));
    work.update(accepted).await?;
    Ok(())
}

/// Reserved seats are reserved no more, and one mail confirms the products.
async fn take_up_seats(work: &mut Work, account: &account::Model, user: &user::Model) -> Result<()> {
    let seats = assignment::Entity::find()
        .filter(assignment::Column::AccountId.eq(account.id))
        .filter(assignment::Column::UserId.eq(user.id))
        .all(work.reader())
        .await?;
    if seats.is_empty() {
        return Ok(());
    }
    let mut reserved: BTreeMap<Uuid, i32> = BTreeMap::new();
    for seat in &seats {
        *reserved.entry(seat.subscription_id).or_default() += 1;
    }
    for (id, count) in reserved {
        let less = Expr::col(subscription::Column::SeatsReserved).sub(count);
        let update = subscription::Entity::update_many()
            .col_expr(subscription::Column::SeatsReserved, less)
            .filter(subscription::Column::AccountId.eq(account.id))
            .filter(subscription::Column::Id.eq(id));
        work.update(update).await?;
    }
    let catalogue = work.app().catalogue().await?;
    let names = seats.iter().filter_map(|seat| catalogue.by_id(seat.product_id));
    let products = names.map(|product| product.0.model.name.clone()).collect();
    let mail = Mail {
        key: format!("products:accepted:{}", user.id),
        to_address: user.email.clone(),
        to_name: user.given_name.clone(),
        letter: Letter::ProductConfirmation {
            account_name: account.name.clone(),
            products,
        },
    };
    outbox::write(work, account.id, vec![mail]).await
}
