//! Beginning a session, within whatever transaction earned it: a password that was right, a provider's word.

use chrono::{DateTime, Utc};
use entity::ids::Kind;
use entity::session::{self, AuthMethod};
use entity::user::{self, Status};
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter};
use secrecy::{ExposeSecret, SecretString};
use uuid::Uuid;

use super::rules::SESSION_LIFETIME;
use super::tokens::access_token::Bearer;
use crate::command::Work;
use crate::enforcement::required_provider;
use crate::error::{Code, Error, Refusal, Result};
use crate::platform::seal::Content;
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

/// Bytes of an ID token that is given back: it travels in an address.
const LONGEST_ID_TOKEN: usize = 4 * 1024;

/// What a session rests on, and since when.
#[derive(Clone, Debug)]
pub struct Ground {
    proof: Authenticated,
    authenticated_at: DateTime<Utc>,
    id_token: Option<SecretString>,
}

#[derive(Clone, Debug)]
enum Authenticated {
    Identity(AuthMethod),
    Provider { id: Uuid, session: Option<String> },
}

impl Ground {
    /// The person proved to be the identity behind the user: good for every account the identity has a user in.
    pub const fn identity(method: AuthMethod, authenticated_at: DateTime<Utc>) -> Self {
        Self {
            proof: Authenticated::Identity(method),
            authenticated_at,
            id_token: None,
        }
    }

    /// An identity provider of the account vouched for the user: good for this account alone. `session` is the provider's own name for
    /// its session (`sid`), and `authenticated_at` the time at which it says the person proved who they are.
    pub const fn provider(id: Uuid, session: Option<String>, authenticated_at: DateTime<Utc>) -> Self {
        Self {
            proof: Authenticated::Provider { id, session },
            authenticated_at,
            id_token: None,
        }
    }

    /// Keeps the ID token with the session, to be given back when the person signs out at the provider. One too long for an address is let go.
    pub fn with_id_token(self, id_token: SecretString) -> Self {
        let is_short = id_token.expose_secret().len() <= LONGEST_ID_TOKEN;
        Self {
            id_token: is_short.then_some(id_token),
            ..self
        }
    }

    const fn provider_id(&self) -> Option<Uuid> {
        match self.proof {
            Authenticated::Identity(_) => None,
            Authenticated::Provider { id, .. } => Some(id),
        }
    }
}

/// Begins a session for an active user, and notes that they signed in. The caller has proven that it is them, and has read the user under the
/// account's lock.
pub async fn begin_session(work: &mut Work, user: &user::Model, ground: Ground) -> Result<Begun> {
    let cannot = || Error::internal("a session was asked for a user who cannot sign in");
    if user.status != Status::Active {
        return Err(cannot());
    }
    // The last check of every sign-in that is not the required provider's own: a password here, another account's session that would go over, another provider.
    let required = required_provider(work.reader(), user).await?;
    if required.is_some() && required != ground.provider_id() {
        let text = "This account has you sign in by single sign-on.";
        return Err(Refusal::new(Code::SsoRequired, text).into());
    }
    let (auth_method, identity_id, identity_provider_id, provider_session) = match ground.proof {
        Authenticated::Identity(method) => (method, Some(user.identity_id.ok_or_else(cannot)?), None, None),
        Authenticated::Provider { id, session } => (AuthMethod::Sso, None, Some(id), session),
    };
    let now = work.now();
    let origin = work.actor().origin();
    let id = work.new_id();
    let seal = |token: &SecretString| {
        let secrets = work.app().secrets();
        secrets.seal(Content::IdToken, user.account_id, id, token)
    };
    let session = session::Model {
        account_id: user.account_id,
        id,
        identity_id,
        identity_provider_id,
        provider_session,
        user_id: user.id,
        auth_method,
        generation: 0,
        rotated_at: now,
        authenticated_at: ground.authenticated_at,
        created_at: now,
        last_seen_at: now,
        expires_at: now + SESSION_LIFETIME,
        ended_at: None,
        ip_address: origin.ip_address,
        user_agent: origin.user_agent,
        sealed_id_token: ground.id_token.as_ref().map(seal).transpose()?,
        code_generation: 0,
        code_sent_at: None,
    };
    work.insert(vec![session.clone().into_active_model()]).await?;
    let signed_in = user::Entity::update_many()
        .col_expr(user::Column::LastSignedInAt, Expr::value(now))
        .filter(user::Column::AccountId.eq(user.account_id))
        .filter(user::Column::Id.eq(user.id));
    work.update(signed_in).await?;
    work.touch(Kind::Session.text(session.id));
    Begun::of(&session, work.app().secrets())
}
