//! The session a browser had when it left for the provider.
//!
//! The cookie with the refresh token is `Strict`: it does not come along when the provider sends the browser back. So what it named is written into a
//! cookie of its own at the start, as a code that names the session and opens nothing. It serves two ends: the old session is over when the new one
//! begins (security catalogue, A8), and somebody who has just proven themselves by their password confirms by it that the provider speaks of them.

use chrono::{DateTime, Utc};
use entity::{session, user};
use sea_orm::EntityTrait;
use secrecy::{ExposeSecret, SecretString};
use uuid::Uuid;

use crate::access::{Action, RECENT};
use crate::app::App;
use crate::command::{Command, Work};
use crate::error::Result;
use crate::platform::secrets::{Claim, Purpose};
use crate::sessions::end_session;

/// Names a session, whether it still stands or not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Before {
    account_id: Uuid,
    session_id: Uuid,
}

impl Before {
    /// The session a refresh token is of.
    pub fn of(app: &App, refresh_token: Option<&SecretString>) -> Result<Option<Self>> {
        let Some(token) = refresh_token else {
            return Ok(None);
        };
        let claim = app.secrets().open(Purpose::Refresh, token.expose_secret())?;
        Ok(claim.map(Self::from))
    }

    /// The session a browser left with, by the code in its cookie.
    pub fn open(app: &App, code: &str) -> Result<Option<Self>> {
        let claim = app.secrets().open(Purpose::SsoBefore, code)?;
        Ok(claim.map(Self::from))
    }

    /// The code for the cookie to leave with.
    pub fn code(self, app: &App) -> Result<String> {
        let claim = Claim {
            account_id: self.account_id,
            id: self.session_id,
            generation: 0,
        };
        Ok(app.secrets().token(Purpose::SsoBefore, claim)?)
    }

    /// Whether somebody is at the browser who proved by their password, a moment ago, that they are this user.
    pub async fn confirms(self, work: &Work, user: &user::Model) -> Result<bool> {
        if self.account_id != user.account_id {
            return Ok(false);
        }
        let session = session::Entity::find_by_id((self.account_id, self.session_id))
            .one(work.reader())
            .await?;
        Ok(session.is_some_and(|session| is_proof(&session, user, work.now())))
    }
}

impl From<Claim> for Before {
    fn from(claim: Claim) -> Self {
        Self {
            account_id: claim.account_id,
            session_id: claim.id,
        }
    }
}

fn is_proof(session: &session::Model, user: &user::Model, now: DateTime<Utc>) -> bool {
    session.user_id == user.id
        && session.identity_id.is_some()
        && session.identity_id == user.identity_id
        && session.ended_at.is_none()
        && session.expires_at > now
        && now - session.authenticated_at <= RECENT
}

/// Ends the session a browser had before it signed in anew.
#[derive(Debug)]
pub struct EndBefore {
    pub before: Before,
}

impl Command for EndBefore {
    type Output = ();
    const NAME: &'static str = "sessions.end";

    fn action(&self) -> Action {
        Action::Enter
    }

    async fn apply(self, work: &mut Work) -> Result<()> {
        end_session(work, self.before.account_id, self.before.session_id).await?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use chrono::{DateTime, Duration, Utc};
    use entity::session::AuthMethod;
    use entity::user::{Origin, Role, Status};
    use entity::{session, user};
    use uuid::Uuid;

    use super::is_proof;

    fn now() -> DateTime<Utc> {
        DateTime::UNIX_EPOCH + Duration::days(20_000)
    }

    fn user() -> user::Model {
        user::Model {
            account_id: Uuid::from_u128(1),
            id: Uuid::from_u128(2),
            identity_id: Some(Uuid::from_u128(3)),
            version: 1,
            email: "ada@acme.example".into(),
            email_key: "ada@acme.example".into(),
            email_verified: true,
            given_name: None,
            family_name: None,
            given_key: Vec::new(),
            family_key: Vec::new(),
            search_text: "ada@acme.example".into(),
            role: Role::User,
            status: Status::Active,
            origin: Origin::Invitation,
            locale: None,
            external_id: None,
            created_at: now(),
            last_signed_in_at: None,
            disabled_at: None,
            removed_at: None,
        }
    }

    fn session() -> session::Model {
        session::Model {
            account_id: Uuid::from_u128(1),
            id: Uuid::from_u128(4),
            identity_id: Some(Uuid::from_u128(3)),
            identity_provider_id: None,
            provider_session: None,
            user_id: Uuid::from_u128(2),
            auth_method: AuthMethod::Password,
            generation: 0,
            rotated_at: now(),
            authenticated_at: now() - Duration::minutes(10),
            created_at: now(),
            last_seen_at: now(),
            expires_at: now() + Duration::days(1),
            ended_at: None,
            ip_address: None,
            user_agent: None,
            sealed_id_token: None,
            code_generation: 0,
            code_sent_at: None,
        }
    }

    #[test]
    fn only_the_users_own_standing_session_of_a_moment_ago_begun_by_password_is_proof() {
        assert!(is_proof(&session(), &user(), now()));
        let others: [fn(&mut session::Model); 6] = [
            |session| session.user_id = Uuid::from_u128(9),
            |session| session.identity_id = None,
            |session| session.identity_id = Some(Uuid::from_u128(9)),
            |session| session.ended_at = Some(now()),
            |session| session.expires_at = now(),
            |session| session.authenticated_at -= Duration::seconds(1),
        ];
        for change in others {
            let mut session = session();
            change(&mut session);
            assert!(!is_proof(&session, &user(), now()), "{session:?}");
        }
    }
}
