//! Accepting an invitation: the user becomes active, the identity is made or found, the seats kept for them count as taken up.

use entity::ids::Kind;
use entity::{identity, invitation, user};
use sea_orm::ActiveValue::Set;
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
use secrecy::{ExposeSecret, SecretString};
use uuid::Uuid;

use super::join::{Joining, activate, close, confirm, role_at_acceptance, take_up_seats};
use super::preview;
use crate::access::{Action, Actor};
use crate::app::App;
use crate::command::{Command, Work};
use crate::enforcement::requires_sso;
use crate::error::{Code, Error, Refusal, Result};
use crate::person::{EmailAddress, name};
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
                let user = &opened.user;
                let written = [
                    &user.given_name,
                    &user.family_name,
                    &self.given_name,
                    &self.family_name,
                ];
                let names = written.into_iter().filter_map(Option::as_deref);
                check_password(
                    self.password.expose_secret(),
                    &EmailAddress::parse(&user.email)?,
                    names.chain([&*opened.account.name]),
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
        let activated = activate(work, &account, &user, joining).await?;
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
            return Err(Error::internal("an invitation accepted without preparation"));
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
