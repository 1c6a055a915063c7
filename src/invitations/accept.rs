//! Accepting an invitation: the user becomes active, the identity is made or found, the seats kept for them count as taken up.

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
use crate::accounts::counters::Delta;
use crate::app::App;
use crate::background::outbox::{self, Letter, Mail};
use crate::command::{Command, Work};
use crate::directory::people;
use crate::enforcement::requires_sso;
use crate::error::{Code, Refusal, Result};
use crate::person::Findable;
use crate::person::{EmailAddress, name};
use crate::products::Catalogue;
use crate::products::catalogue_holding;
use crate::sessions::attempts::guess_invited;
use crate::sessions::password::check_password;
use crate::sessions::{Entry, Guess, password};

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

/// What the password is.
enum Credential {
    /// The person is known by this e-mail and has a password: this one, or it is a guess that counts.
    Known(Guess),
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
    /// Refused is whoever gave another password than the one they are known by.
    type Output = Entry<user::Model>;
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
        let credential = match known.filter(|known| known.password_hash.is_some()) {
            Some(known) => Credential::Known(
                Guess::look(
                    app,
                    known,
                    self.password.clone(),
                    guess_invited(opened.invitation.id),
                )
                .await?,
            ),
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

    async fn apply(mut self, work: &mut Work) -> Result<Entry<user::Model>> {
        let claim = preview::claim(work.app(), &self.token)?;
        let credential = self.credential.take();
        let account = work.lock(claim.account_id).await?.ok_or_else(preview::unknown)?;
        if let Some(Credential::Known(guess)) = &credential {
            guess.hold(work).await?;
        }
        work.touch(Kind::Account.text(account.id));
        if let Some(Credential::Known(guess)) = &credential
            && guess.judge(work).await?.is_none()
        {
            work.touch(Kind::Invitation.text(claim.id));
            return Ok(Entry::Refused);
        }
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

        let joining = Joining {
            identity_id: Some(identity_for(work, &user, credential).await?),
            role: role_at_acceptance(work, &account, &invitation).await?,
            given_name: chosen(self.given_name, user.given_name.clone(), "input.givenName")?,
            family_name: chosen(self.family_name, user.family_name.clone(), "input.familyName")?,
        };
        let activated = activate(work, &user, joining).await?;
        close(work, &invitation).await?;
        let products = take_up_seats(work, &activated).await?;
        confirm(work, &account, &activated, products).await?;
        work.touch(Kind::User.text(user.id));
        Ok(Entry::Granted(activated))
    }
}

/// Whom the account has come by single sign-on accepts by signing in there: a password would be a second way in (security catalogue, B10, F2).
pub fn sso_required() -> Refusal {
    let text = "Your organisation has you sign in by single sign-on. Do so, and the invitation is accepted.";
    Refusal::new(Code::SsoRequired, text)
}

/// What a user becomes when they join.
pub struct Joining {
    /// Absent for whoever comes by an identity provider: its word reaches no global identity.
    pub identity_id: Option<Uuid>,
    pub role: user::Role,
    pub given_name: Option<String>,
    pub family_name: Option<String>,
}

/// Makes a user active whose e-mail address is proven, and keeps the account's counters. Somebody else may have changed them meanwhile; then they are not
/// there to be activated.
pub async fn activate(work: &Work, user: &user::Model, joining: Joining) -> Result<user::Model> {
    let Joining {
        identity_id,
        role,
        given_name,
        family_name,
    } = joining;
    let Findable {
        sort_name,
        search_text,
    } = Findable::of(
        given_name.as_deref(),
        family_name.as_deref(),
        &user.email,
        &user.email_key,
    );
    let activated = user::Entity::update_many()
        .col_expr(user::Column::Status, Expr::value(user::Status::Active))
        .col_expr(user::Column::IdentityId, Expr::value(identity_id))
        .col_expr(user::Column::EmailVerified, Expr::value(true))
        .col_expr(user::Column::Role, Expr::value(role))
        .col_expr(user::Column::GivenName, Expr::value(given_name))
        .col_expr(user::Column::FamilyName, Expr::value(family_name))
        .col_expr(user::Column::SearchText, Expr::value(search_text))
        .col_expr(user::Column::SortName, Expr::value(sort_name))
        .col_expr(user::Column::Version, Expr::col(user::Column::Version).add(1))
        .filter(user::Column::AccountId.eq(user.account_id))
        .filter(user::Column::Id.eq(user.id));
    let activated = work
        .update_returning(activated)
        .await?
        .pop()
        .ok_or_else(preview::unknown)?;
    people::note(work, std::slice::from_ref(&activated)).await?;
    let mut delta = Delta::default();
    delta.loses(user.status, user.role);
    delta.gains(activated.status, activated.role);
    delta.write(work, user.account_id).await?;
    Ok(activated)
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
        Some(Credential::Known(guess)) => return Ok(guess.identity().id),
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

/// Nobody gets by invitation more than their inviter could give them today (security catalogue, F2).
pub async fn role_at_acceptance(
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

/// Closes an invitation that led its user in.
pub async fn close(work: &mut Work, invitation: &invitation::Model) -> Result<()> {
    let accepted = invitation::Entity::update_many()
        .col_expr(invitation::Column::Status, Expr::value(Status::Accepted))
        .col_expr(invitation::Column::AcceptedAt, Expr::value(work.now()))
        .filter(invitation::Column::AccountId.eq(invitation.account_id))
        .filter(invitation::Column::Id.eq(invitation.id));
    work.update(accepted).await?;
    work.touch(Kind::Invitation.text(invitation.id));
    Ok(())
}

/// Reserved seats are reserved no more. Answers the names of their products.
pub async fn take_up_seats(work: &Work, user: &user::Model) -> Result<Vec<String>> {
    let seats = assignment::Entity::find()
        .filter(assignment::Column::AccountId.eq(user.account_id))
        .filter(assignment::Column::UserId.eq(user.id))
        .all(work.reader())
        .await?;
    let mut reserved: BTreeMap<Uuid, i32> = BTreeMap::new();
    for seat in &seats {
        *reserved.entry(seat.subscription_id).or_default() += 1;
    }
    for (id, count) in reserved {
        let less = Expr::col(subscription::Column::SeatsReserved).sub(count);
        let update = subscription::Entity::update_many()
            .col_expr(subscription::Column::SeatsReserved, less)
            .filter(subscription::Column::AccountId.eq(user.account_id))
            .filter(subscription::Column::Id.eq(id));
        work.update(update).await?;
    }
    let is_there = |known: &Catalogue| known.has(seats.iter().map(|seat| seat.product_id));
    let catalogue = catalogue_holding(work.app(), is_there).await?;
    let products = seats.iter().filter_map(|seat| catalogue.by_id(seat.product_id));
    Ok(products.map(|product| product.0.model.name.clone()).collect())
}

/// One mail confirms the products somebody found on joining.
pub async fn confirm(
    work: &mut Work,
    account: &account::Model,
    user: &user::Model,
    products: Vec<String>,
) -> Result<()> {
    if products.is_empty() {
        return Ok(());
    }
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
