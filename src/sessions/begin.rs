//! Beginning a session, within whatever transaction earned it: a password that was right, an invitation that was accepted.

use chrono::{DateTime, Utc};
use entity::ids::Kind;
use entity::session::{self, AuthMethod};
use entity::user::{self, Status};
use sea_orm::ActiveValue::Set;
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
use secrecy::SecretString;

use super::access_token::Bearer;
use super::rules::SESSION_LIFETIME;
use crate::command::Work;
use crate::error::{Error, Result};
use crate::platform::secrets::{Claim, Purpose, Secrets};

/// A session with its refresh token, for the one who began or renewed it and nobody else.
#[derive(Clone, Debug)]
pub struct Begun {
    pub bearer: Bearer,
    pub refresh_token: SecretString,
    /// When the session is over and a person must sign in anew.
    pub expires_at: DateTime<Utc>,
}

impl Begun {
    pub(super) fn of(session: &session::Model, secrets: &Secrets) -> Result<Self> {
        let claim = Claim {
            account_id: session.account_id,
            id: session.id,
            generation: session.generation,
        };
        Ok(Self {
            bearer: Bearer {
                account_id: session.account_id,
                user_id: session.user_id,
                session_id: session.id,
            },
            refresh_token: secrets.token(Purpose::Refresh, claim)?.into(),
            expires_at: session.expires_at,
        })
    }
}

/// Begins a session for a user who is active and tied to an identity, and notes that he signed in. The caller has proven that it is
/// him, and has read the user under the account's lock.
pub async fn begin_session(work: &mut Work, user: &user::Model, method: AuthMethod) -> Result<Begun> {
    let identity_id = user
        .identity_id
        .filter(|_| user.status == Status::Active)
        .ok_or_else(|| Error::internal("a session was asked for a user who cannot sign in"))?;
    let now = work.now();
    let origin = work.actor().origin();
    let session = session::Model {
        account_id: user.account_id,
        id: work.new_id(),
        identity_id: Some(identity_id),
        identity_provider_id: None,
        provider_session: None,
        user_id: user.id,
        auth_method: method,
        generation: 0,
        rotated_at: now,
        authenticated_at: now,
        created_at: now,
        last_seen_at: now,
        expires_at: now + SESSION_LIFETIME,
        ended_at: None,
        ip_address: origin.ip_address,
        user_agent: origin.user_agent,
    };
    work.insert(vec![row(session.clone())]).await?;
    let signed_in = user::Entity::update_many()
        .col_expr(user::Column::LastSignedInAt, Expr::value(now))
        .filter(user::Column::AccountId.eq(user.account_id))
        .filter(user::Column::Id.eq(user.id));
    work.update(signed_in).await?;
    work.touch(Kind::Session.text(session.id));
    Begun::of(&session, work.app().secrets())
}

fn row(session: session::Model) -> session::ActiveModel {
    session::ActiveModel {
        account_id: Set(session.account_id),
        id: Set(session.id),
        identity_id: Set(session.identity_id),
        identity_provider_id: Set(session.identity_provider_id),
        provider_session: Set(session.provider_session),
        user_id: Set(session.user_id),
        auth_method: Set(session.auth_method),
        generation: Set(session.generation),
        rotated_at: Set(session.rotated_at),
        authenticated_at: Set(session.authenticated_at),
        created_at: Set(session.created_at),
        last_seen_at: Set(session.last_seen_at),
        expires_at: Set(session.expires_at),
        ended_at: Set(session.ended_at),
        ip_address: Set(session.ip_address),
        user_agent: Set(session.user_agent),
    }
}
