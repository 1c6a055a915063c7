//! Signing out at one side ends the session at the other.
//!
//! A provider tells us over the back channel that a session of its own is over, and ours go with it. And whoever signs out here can be sent on to end the
//! provider's session too.

use entity::ids::Kind;
use entity::{external_identity, identity_provider, logout_token, session};
use sea_orm::ActiveValue::Set;
use sea_orm::sea_query::{OnConflict, Query};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QuerySelect};
use secrecy::{ExposeSecret, SecretString};
use url::Url;
use uuid::Uuid;

use super::Rejection;
use super::addresses::signed_out_url;
use super::lookup::acting;
use super::provider::discovery::Directory;
use super::provider::round_trip::Trouble;
use super::tokens::logout_token::{Expected, LONGEST, LONGEST_AGE, Verified, verify};
use crate::access::Action;
use crate::app::App;
use crate::command::{Command, Record, Work};
use crate::error::Result;
use crate::platform::seal::Content;
use crate::platform::secrets::{self, Purpose};
use crate::rate_limit;
use crate::sessions::attempts::telling;
use crate::sessions::{begun_by, end_sessions_where};

/// Old rows of the account that one logout clears away.
const SWEPT: u64 = 20;

/// Verifies a logout token; if the keys we remember do not fit, with those of now.
pub async fn believe(
    app: &App,
    provider: &identity_provider::Model,
    token: &str,
) -> Result<Verified, Trouble> {
    if token.len() > LONGEST {
        return Err(Rejection::LogoutTokenMalformed.into());
    }
    let directory = app.shared::<Directory>();
    let metadata = directory.metadata(app, provider).await?;
    let keys = directory.keys(app, provider, &metadata).await?;
    let expected = Expected {
        issuer: &provider.issuer,
        client_id: &provider.client_id,
        now: app.clock().now(),
    };
    match verify(token, &keys, &expected) {
        Err(Rejection::IdTokenKeyUnknown | Rejection::IdTokenSignatureWrong) => {}
        judged => return Ok(judged?),
    }
    match directory.newer_keys(app, provider, &metadata, &keys).await {
        Some(keys) => Ok(verify(token, &keys, &expected)?),
        None => Err(Rejection::IdTokenKeyUnknown.into()),
    }
}

/// Counts a logout token that was not to be believed, against the network it came from.
#[derive(Clone, Copy, Debug)]
pub struct CountDisbelieved {
    pub identity_provider_id: Uuid,
}

impl Command for CountDisbelieved {
    type Output = ();
    const NAME: &'static str = "sso.count_disbelieved";
    const RECORD: Record = Record::Nothing;

    fn action(&self) -> Action {
        Action::Enter
    }

    async fn apply(self, work: &mut Work) -> Result<()> {
        let disbelieved = telling(self.identity_provider_id, &work.actor().origin());
        rate_limit::take(work, &disbelieved).await
    }
}

/// Ends the sessions the acting provider began and has ended on its side.
#[derive(Debug)]
pub struct BackchannelLogout {
    pub verified: Verified,
}

impl Command for BackchannelLogout {
    /// Whether the token was good for it: a second time it is not.
    type Output = Result<(), Rejection>;
    const NAME: &'static str = "sso.backchannel_logout";

    fn action(&self) -> Action {
        Action::Enter
    }

    async fn apply(self, work: &mut Work) -> Result<Self::Output> {
        let (_, provider) = acting(work).await?;
        if !spend(work, &provider, &self.verified.token_id).await? {
            let rejection = Rejection::LogoutTokenReplayed;
            work.refuse();
            work.changed("reason", None, Some(rejection.code().to_owned()));
            return Ok(Err(rejection));
        }
        self.end_sessions(work, &provider).await?;
        Ok(Ok(()))
    }
}

impl BackchannelLogout {
    async fn end_sessions(&self, work: &mut Work, provider: &identity_provider::Model) -> Result<()> {
        let mut which = begun_by(provider.account_id, provider.id);
        if let Some(subject) = &self.verified.subject {
            let users = external_identity::Entity::find()
                .select_only()
                .column(external_identity::Column::UserId)
                .filter(external_identity::Column::AccountId.eq(provider.account_id))
                .filter(external_identity::Column::IdentityProviderId.eq(provider.id))
                .filter(external_identity::Column::Issuer.eq(&provider.issuer))
                .filter(external_identity::Column::Subject.eq(subject));
            let users = sea_orm::QueryTrait::into_query(users);
            which = which.add(session::Column::UserId.in_subquery(users));
        }
        if let Some(name) = &self.verified.provider_session {
            which = which.add(session::Column::ProviderSession.eq(name));
        }
        for ended in end_sessions_where(work, which).await? {
            work.touch(Kind::User.text(ended.user_id));
            work.touch(Kind::Session.text(ended.id));
        }
        Ok(())
    }
}

/// Notes that a token has done its work; false when it had before.
async fn spend(work: &Work, provider: &identity_provider::Model, token_id: &str) -> Result<bool> {
    sweep(work, provider.account_id).await?;
    let row = logout_token::ActiveModel {
        account_id: Set(provider.account_id),
        id: Set(work.new_id()),
        identity_provider_id: Set(provider.id),
        jti_hash: Set(secrets::hash(token_id)),
        // Older tokens are refused for their age.
        expires_at: Set(work.now() + LONGEST_AGE * 2),
    };
    let conflict = OnConflict::columns([
        logout_token::Column::AccountId,
        logout_token::Column::IdentityProviderId,
        logout_token::Column::JtiHash,
    ])
    .do_nothing()
    .to_owned();
    Ok(work.insert_new(vec![row], conflict).await? == 1)
}

async fn sweep(work: &Work, account_id: Uuid) -> Result<()> {
    use logout_token::{Column, Entity};
    let old = Query::select()
        .column(Column::Id)
        .from(Entity)
        .and_where(Column::AccountId.eq(account_id))
        .and_where(Column::ExpiresAt.lte(work.now()))
        .limit(SWEPT)
        .take();
    let gone = Entity::delete_many()
        .filter(Column::AccountId.eq(account_id))
        .filter(Column::Id.in_subquery(old));
    work.delete(gone).await?;
    Ok(())
}

/// Where whoever signs out of this session goes on; `None` when it did not begin at a provider. That is where the provider's own session is ended (OpenID
/// Connect RP-Initiated Logout 1.0), or else a page of ours that says that it goes on.
pub async fn end_session_url(app: &App, refresh_token: &SecretString) -> Result<Option<Url>> {
    let token = refresh_token.expose_secret();
    let Some(claim) = app.secrets().open(Purpose::Refresh, token)? else {
        return Ok(None);
    };
    let session = session::Entity::find_by_id((claim.account_id, claim.id))
        .one(app.reader())
        .await?;
    let Some((session, provider_id)) = session.and_then(|session| {
        let provider_id = session.identity_provider_id?;
        Some((session, provider_id))
    }) else {
        return Ok(None);
    };
    let provider = identity_provider::Entity::find_by_id((claim.account_id, provider_id))
        .one(app.reader())
        .await?;
    let Some(provider) = provider else {
        return Ok(None);
    };
    // Signing out here must not fail because a provider does not answer.
    let metadata = app.shared::<Directory>().metadata(app, &provider).await.ok();
    let endpoint = metadata.and_then(|metadata| metadata.end_session_endpoint.clone());
    let Some(mut url) = endpoint else {
        return Ok(Some(signed_out_url(app)));
    };
    url.query_pairs_mut()
        .append_pair("client_id", &provider.client_id)
        .append_pair("post_logout_redirect_uri", app.settings().public_url.as_str());
    // Under a master key that is forgotten it does not open any more, and is left out.
    let unsealed = session.sealed_id_token.and_then(|sealed| {
        let (account_id, id) = (session.account_id, session.id);
        app.secrets()
            .unseal(Content::IdToken, account_id, id, &sealed)
            .ok()
    });
    if let Some(id_token) = unsealed {
        url.query_pairs_mut()
            .append_pair("id_token_hint", id_token.expose_secret());
    }
    Ok(Some(url))
}
