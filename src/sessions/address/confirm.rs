//! Bringing the link that was sent to the new address.

use chrono::{DateTime, Utc};
use entity::ids::Kind;
use entity::user::{self, Status};
use entity::{account, email_change, identity, password_reset};
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
use secrecy::{ExposeSecret, SecretString};

use super::{move_address, rules};
use crate::access::Action;
use crate::background::outbox::{self, Letter, Mail};
use crate::command::{Command, Work};
use crate::error::{Code, Refusal, Result};
use crate::person::EmailAddress;
use crate::platform::events::Wake;
use crate::platform::secrets::{Claim, Purpose};
use crate::sessions::end::end_sessions_of_identity;

/// Spends a link: the address is the person's from now on. Every session that rests on their password ends, but for the one in which it was asked for.
#[derive(Debug)]
pub struct ConfirmAddress {
    pub token: SecretString,
}

impl Command for ConfirmAddress {
    /// The new address.
    type Output = String;
    const NAME: &'static str = "sessions.change_email";

    fn action(&self) -> Action {
        Action::Enter
    }

    async fn apply(self, work: &mut Work) -> Result<String> {
        let token = self.token.expose_secret().trim();
        let claim = work.app().secrets().open(Purpose::EmailChange, token)?;
        let claim = claim.ok_or_else(dead)?;
        let account = work.lock(claim.account_id).await?.ok_or_else(dead)?;
        let change = email_change::Entity::find_by_id((claim.account_id, claim.id));
        let change = change.one(work.reader()).await?;
        let change = change.filter(|change| is_good(change, claim, work.now()));
        let change = change.ok_or_else(dead)?;
        let user = user::Entity::find_by_id((claim.account_id, claim.id));
        let user = user.one(work.reader()).await?;
        let user = user
            .filter(|user| user.status == Status::Active)
            .ok_or_else(dead)?;
        let address = EmailAddress::parse(&change.email)?;
        rules::check(work, &account, &user, &address, "input.token").await?;
        if rules::is_taken(work, &user, &address).await? {
            let text = "Somebody else has this address already: in this account, or to sign in with. Nothing was changed.";
            return Err(Refusal::new(Code::EmailInUse, text).at("input.token").into());
        }
        work.touch(Kind::Account.text(account.id));
        work.touch(Kind::User.text(user.id));
        self.spend(work, &account, &change, &user, &address).await?;
        Ok(change.email)
    }
}

impl ConfirmAddress {
    async fn spend(
        self,
        work: &mut Work,
        account: &account::Model,
        change: &email_change::Model,
        user: &user::Model,
        address: &EmailAddress,
    ) -> Result<()> {
        let spent = email_change::Entity::update_many()
            .col_expr(email_change::Column::UsedAt, Expr::value(work.now()))
            .filter(email_change::Column::AccountId.eq(account.id))
            .filter(email_change::Column::Id.eq(user.id));
        work.update(spent).await?;
        move_address(work, account, user, address).await?;
        if let Some(identity_id) = user.identity_id {
            let moved = identity::Entity::update_many()
                .col_expr(identity::Column::Email, Expr::value(address.as_typed()))
                .col_expr(identity::Column::EmailKey, Expr::value(address.key()))
                .filter(identity::Column::Id.eq(identity_id));
            work.update(moved).await?;
            // A link to set a password went to the address of before.
            let dead = password_reset::Entity::update_many()
                .col_expr(password_reset::Column::UsedAt, Expr::value(work.now()))
                .filter(password_reset::Column::IdentityId.eq(identity_id))
                .filter(password_reset::Column::UsedAt.is_null());
            work.update(dead).await?;
            end_sessions_of_identity(work, identity_id, Some(change.session_id)).await?;
        }
        work.wake(Wake::User {
            account_id: account.id,
            id: user.id,
        });
        let mail = |to: &str, which: &str| Mail {
            key: format!("email-changed:{}:{}:{which}", user.id, change.generation),
            to_address: to.to_owned(),
            to_name: user.given_name.clone(),
            letter: Letter::EmailChanged {
                account_name: account.name.clone(),
                former: user.email.clone(),
                present: address.as_typed().to_owned(),
            },
        };
        let mails = vec![mail(&user.email, "former"), mail(address.as_typed(), "present")];
        outbox::write(work, account.id, mails).await
    }
}

fn dead() -> Refusal {
    let text = "The link was used, a newer one was sent, or it is too old. Ask for another in your profile.";
    Refusal::new(Code::LinkExpired, text).at("input.token")
}

fn is_good(change: &email_change::Model, claim: Claim, now: DateTime<Utc>) -> bool {
    change.generation == claim.generation && change.used_at.is_none() && change.expires_at > now
}
