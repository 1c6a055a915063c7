//! Setting a new password by the link in a mail.

use chrono::{DateTime, Utc};
use entity::{identity, password_reset};
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
use secrecy::{ExposeSecret, SecretString};

use super::hash::hash;
use super::names;
use super::rules::check_password;
use super::set::{set_password, tell_accounts};
use super::unclaimed;
use crate::access::{Action, Actor};
use crate::app::App;
use crate::command::{Command, Record, Work};
use crate::error::Result;
use crate::person::EmailAddress;
use crate::platform::secrets::{Claim, Purpose};
use crate::sessions::Entry;
use crate::sessions::device::Device;

/// Spends a link and sets the password; users of the address whom none opened so far are opened by it. Refused: the link was never ours, was used, superseded or is too old.
pub struct ResetPassword {
    token: SecretString,
    new: SecretString,
    good: Option<Good>,
}

/// A link that was good when it was looked at, and the new password's hash.
struct Good {
    identity: identity::Model,
    generation: i32,
    hash: String,
}

impl ResetPassword {
    pub fn new(token: SecretString, new: SecretString) -> Self {
        Self {
            token,
            new,
            good: None,
        }
    }
}

impl Command for ResetPassword {
    /// What marks the browser as the person's own.
    type Output = Entry<SecretString>;
    const NAME: &'static str = "sessions.spend_reset_link";
    // Each account the person is in gets a row of its own.
    const RECORD: Record = Record::Nothing;

    fn action(&self) -> Action {
        Action::Enter
    }

    /// Nothing is hashed for a link that opens nothing.
    async fn prepare(&mut self, app: &App, _actor: &Actor) -> Result<()> {
        let token = self.token.expose_secret().trim();
        let Some(claim) = app.secrets().open(Purpose::PasswordReset, token)? else {
            return Ok(());
        };
        let link = password_reset::Entity::find_by_id(claim.id)
            .one(app.reader())
            .await?;
        if !link.is_some_and(|link| is_good(&link, claim, app.clock().now())) {
            return Ok(());
        }
        let Some(identity) = identity::Entity::find_by_id(claim.id).one(app.reader()).await? else {
            return Ok(());
        };
        let names = names::of_identity(app, &identity).await?;
        let email = EmailAddress::parse(&identity.email)?;
        check_password(self.new.expose_secret(), &email, names.iter().map(String::as_str))?;
        self.good = Some(Good {
            identity,
            generation: claim.generation,
            hash: hash(self.new.clone()).await?,
        });
        Ok(())
    }

    async fn apply(self, work: &mut Work) -> Result<Entry<SecretString>> {
        let Some(good) = self.good else {
            return Ok(Entry::Refused);
        };
        // Accounts are locked before identities, everywhere.
        let unclaimed = unclaimed::hold(work, &good.identity.email_key).await?;
        let spent = password_reset::Entity::update_many()
            .col_expr(password_reset::Column::UsedAt, Expr::value(work.now()))
            .filter(password_reset::Column::IdentityId.eq(good.identity.id))
            .filter(password_reset::Column::Generation.eq(good.generation))
            .filter(password_reset::Column::UsedAt.is_null())
            .filter(password_reset::Column::ExpiresAt.gt(work.now()));
        if work.update(spent).await? == 0 {
            return Ok(Entry::Refused);
        }
        set_password(work, &good.identity, good.hash, None).await?;
        unclaimed::tie(work, &unclaimed, good.identity.id).await?;
        tell_accounts(work, good.identity.id).await?;
        let device = Device::known_at(good.identity.id, work.now())?;
        Ok(Entry::Granted(device.token(work.app().secrets())?))
    }
}

fn is_good(link: &password_reset::Model, claim: Claim, now: DateTime<Utc>) -> bool {
    link.generation == claim.generation && link.used_at.is_none() && link.expires_at > now
}

#[cfg(test)]
mod tests {
    use chrono::{DateTime, Duration};
    use entity::password_reset::Model;
    use uuid::Uuid;

    use super::is_good;
    use crate::platform::secrets::Claim;

    #[test]
    fn only_the_latest_link_is_good_for_its_hour_and_once() {
        let now = DateTime::UNIX_EPOCH + Duration::days(20_000);
        let link = Model {
            identity_id: Uuid::from_u128(1),
            generation: 2,
            asked_at: now,
            expires_at: now + Duration::hours(1),
            used_at: None,
        };
        let claim = |generation| Claim {
            account_id: Uuid::from_u128(9),
            id: Uuid::from_u128(1),
            generation,
        };
        assert!(is_good(&link, claim(2), now));
        assert!(!is_good(&link, claim(1), now), "superseded");
        assert!(!is_good(&link, claim(3), now), "never sent");
        assert!(!is_good(&link, claim(2), now + Duration::hours(1)), "too old");
        let used = Model {
            used_at: Some(now),
            ..link
        };
        assert!(!is_good(&used, claim(2), now));
    }
}
