//! From a request to who acts: what every transport asks before anything else.

use std::future::Future;
use std::sync::{Arc, Weak};
use std::time::Duration;

use super::begin::Begun;
use super::settings::SessionSettings;
use super::tokens::access_token::{AccessToken, AccessTokens, Bearer};
use super::tokens::signing_keys;
use super::tokens::standing::{self, Standing, Standings};
use chrono::{DateTime, Utc};
use futures::FutureExt;
use futures::future::BoxFuture;
use uuid::Uuid;

use crate::access::rights::Holder;
use crate::access::{Actor, Member, Origin};
use crate::api_tokens;
use crate::app::App;
use crate::error::{Error, Result};
use crate::platform::events::{Listener, Wake};

/// How often a long connection looks whether its session still stands, should no wake tell it.
const LOOK_AGAIN_AFTER: Duration = Duration::from_secs(5);
/// How often to look for new signing keys, should no wake tell of them: on SQLite the operator's process cannot. They sign ten minutes later.
const LOOK_FOR_KEYS_AFTER: Duration = Duration::from_mins(1);
const LONGEST_TOKEN: usize = crate::limits::TOKEN;

/// The sessions of a running Muster. Clones share them.
#[derive(Clone)]
pub struct Sessions(Arc<Shared>);

struct Shared {
    app: App,
    settings: SessionSettings,
    tokens: AccessTokens,
    standings: Arc<Standings>,
}

impl Sessions {
    /// Reads the signing keys, and listens for users whose sessions end or whose rights change, and for new signing keys.
    pub async fn start(app: App, settings: SessionSettings) -> Result<Self> {
        // Listening begins before the first look, so nothing falls between the two.
        let listener = app.events().subscribe();
        let standings = Arc::new(Standings::default());
        standings.observe(app.events());
        let tokens = AccessTokens::new(signing_keys::read(&app).await?, settings.issuer());
        let shared = Arc::new(Shared {
            app,
            settings,
            tokens,
            standings,
        });
        tokio::spawn(follow_keys(Arc::downgrade(&shared), listener));
        Ok(Self(shared))
    }

    pub fn app(&self) -> &App {
        &self.0.app
    }

    pub fn settings(&self) -> &SessionSettings {
        &self.0.settings
    }

    pub fn tokens(&self) -> &AccessTokens {
        &self.0.tokens
    }

    /// Fails when no access token could be signed now. Asked before a session is begun: one whose token fails afterwards stands, and nobody has it.
    pub fn require_signing_key(&self) -> Result<()> {
        self.0.tokens.require_key(self.0.app.clock().now())
    }

    /// The access token of a session just begun or renewed.
    pub fn issue(&self, begun: &Begun) -> Result<AccessToken> {
        self.0.tokens.issue(begun.bearer, self.0.app.clock().now())
    }

    /// Who sends a request with this `Authorization`.
    pub async fn admit_bearer(&self, authorization: &str, origin: Origin) -> Result<Actor> {
        self.admit_token(token_of(authorization)?, origin).await
    }

    /// Who opens a websocket, by the payload of its first message: `{"Authorization": "Bearer …"}` in any letter case, or `{"accessToken": "…"}`.
    pub async fn admit_payload(&self, payload: &serde_json::Value, origin: Origin) -> Result<Actor> {
        match token_in(payload)? {
            None => Ok(Actor::Anonymous(origin)),
            Some(token) => self.admit_token(token, origin).await,
        }
    }

    /// When the token in such a payload lapses; `None` when there is no good one.
    pub fn lapses_at(&self, payload: &serde_json::Value) -> Option<DateTime<Utc>> {
        let token = token_in(payload).ok()??;
        self.0.tokens.expiry(token, self.0.app.clock().now())
    }

    async fn admit_token(&self, token: &str, origin: Origin) -> Result<Actor> {
        if token.len() > LONGEST_TOKEN {
            return Err(Error::Unauthenticated);
        }
        let shared = &self.0;
        if api_tokens::is_secret(token) {
            let script = api_tokens::admit(&shared.app, token, origin).await?;
            return script.ok_or(Error::Unauthenticated);
        }
        let bearer = shared.tokens.verify(token, shared.app.clock().now())?;
        let standing = shared.standings.of(&shared.app, bearer).await?;
        let standing = standing.ok_or(Error::SessionExpired)?;
        Ok(Actor::Member(member(bearer, standing, origin)))
    }

    /// Forgets what is remembered of a user here, where their very next request must find it changed.
    pub fn forget(&self, member: &Member) {
        self.0.standings.forget(member.account_id, member.user_id);
    }

    /// A member with the rights of this moment, read past the cache; `SessionExpired` when the session is over.
    pub async fn present(&self, member: &Member) -> Result<Member> {
        let bearer = bearer_of(member);
        let standing = standing::read(&self.0.app, bearer).await?;
        let standing = standing.ok_or(Error::SessionExpired)?;
        Ok(self::member(bearer, standing, member.origin.clone()))
    }

    /// Resolves when a member's session is over: ended, run out, or its user no longer active.
    pub fn ended(&self, member: &Member) -> impl Future<Output = ()> + Send + use<> {
        let bearer = bearer_of(member);
        let user = (bearer.account_id, bearer.user_id);
        watch(self.0.app.clone(), user, async move |app| {
            Ok(standing::read(app, bearer).await?.is_some())
        })
    }

    /// Resolves when whoever opened a connection may hold it no longer; `None` for nobody in particular.
    pub fn end_of(&self, actor: &Actor) -> Option<BoxFuture<'static, ()>> {
        match actor {
            Actor::ApiToken { token, on_behalf_of } => {
                let (id, user) = (token.id, (on_behalf_of.account_id, on_behalf_of.user_id));
                let stands = async move |app: &App| api_tokens::stands(app, user.0, id).await;
                Some(watch(self.0.app.clone(), user, stands).boxed())
            }
            other => other.member().map(|member| self.ended(member).boxed()),
        }
    }
}

/// The token in the payload of a websocket's first message. Whoever admits by it and whoever asks when it lapses must read it alike.
fn token_in(payload: &serde_json::Value) -> Result<Option<&str>> {
    let Some(members) = payload.as_object() else {
        return if payload.is_null() {
            Ok(None)
        } else {
            Err(Error::Unauthenticated)
        };
    };
    let mut credentials = members.iter().filter_map(|(key, value)| {
        let is_header = key.eq_ignore_ascii_case("authorization");
        (is_header || key == "accessToken").then_some((is_header, value))
    });
    match (credentials.next(), credentials.next()) {
        (None, _) => Ok(None),
        (Some((is_header, value)), None) => {
            let text = value.as_str().ok_or(Error::Unauthenticated)?;
            Ok(Some(if is_header { token_of(text)? } else { text }))
        }
        (Some(_), Some(_)) => Err(Error::Unauthenticated),
    }
}

/// The token of an `Authorization: Bearer …`.
fn token_of(authorization: &str) -> Result<&str> {
    let (scheme, token) = authorization.split_once(' ').ok_or(Error::Unauthenticated)?;
    if scheme.eq_ignore_ascii_case("bearer") {
        Ok(token.trim())
    } else {
        Err(Error::Unauthenticated)
    }
}

/// Resolves when something of a user stands no longer.
async fn watch<F>(app: App, (account_id, id): (Uuid, Uuid), stands: F)
where
    F: AsyncFn(&App) -> Result<bool>,
{
    // Listening begins before the first look, so nothing falls between the two.
    let mut listener = app.events().subscribe();
    loop {
        match stands(&app).await {
            Ok(false) => return,
            Ok(true) => {}
            Err(error) => tracing::warn!(?error, "cannot look whether a connection may still be held"),
        }
        let concerns = |wake| wake == Wake::User { account_id, id };
        // Whether woken or not, the row is what counts.
        let _ = tokio::time::timeout(LOOK_AGAIN_AFTER, listener.wait_for(concerns)).await;
    }
}

/// Goes on with the signing keys of the moment, for as long as somebody holds the sessions.
async fn follow_keys(shared: Weak<Shared>, mut listener: Listener) {
    loop {
        let woken = listener.wait_for(|wake| wake == Wake::SigningKeys);
        if let Ok(None) = tokio::time::timeout(LOOK_FOR_KEYS_AFTER, woken).await {
            return;
        }
        let Some(shared) = shared.upgrade() else {
            return;
        };
        match signing_keys::read(&shared.app).await {
            Ok(keys) => shared.tokens.adopt(keys),
            Err(error) => tracing::warn!(?error, "cannot look for new signing keys"),
        }
    }
}

fn bearer_of(member: &Member) -> Bearer {
    Bearer {
        account_id: member.account_id,
        user_id: member.user_id,
        session_id: member.session_id,
    }
}

fn member(bearer: Bearer, standing: Standing, origin: Origin) -> Member {
    let holder = Holder {
        account_id: bearer.account_id,
        user_id: bearer.user_id,
        session_id: bearer.session_id,
        authenticated_at: standing.authenticated_at,
    };
    standing.rights.member(holder, origin)
}
