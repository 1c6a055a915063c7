//! What a provider publishes of itself: where its endpoints are and what it signs with (OpenID Connect Discovery 1.0).
//!
//! Documents are fetched through the guarded client, believed only if they name the very issuer they were fetched for, and remembered for a while.
//! A token signed with a key we do not know has the keys fetched again, at most once a minute a provider, whoever sends such tokens and however many
//! (security catalogue, A12). A provider that fails is left alone for some seconds: whoever comes meanwhile is told so at once.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use chrono::{DateTime, Duration, Utc};
use entity::identity_provider;
use http::header::{ACCEPT, CONTENT_TYPE};
use http::{HeaderMap, StatusCode};
use serde::Deserialize;
use url::Url;
use uuid::Uuid;

use crate::app::{App, Shared};
use crate::sso::Rejection;
use crate::sso::tokens::key::{self, Key};

/// Providers remembered at most.
const MOST: usize = 1_000;
const METADATA_AGE: Duration = Duration::hours(1);
const KEYS_AGE: Duration = Duration::minutes(15);
/// How soon keys may be fetched again because one was not among them.
const AGAIN_AFTER: Duration = Duration::minutes(1);
/// How long a provider that failed is not asked again. It may take as long until we give up on it, and everybody after the first would wait in line.
const SPARED_FOR: Duration = Duration::seconds(10);

/// Characters of an address in it: it stands in our log, and some go to browsers.
const LONGEST_ADDRESS: usize = crate::limits::PROVIDER_ADDRESS;

/// A provider's description of itself, as far as we use it.
#[derive(Clone, Debug, Deserialize)]
pub struct Metadata {
    pub issuer: String,
    pub authorization_endpoint: Url,
    pub token_endpoint: Url,
    pub jwks_uri: Url,
    pub userinfo_endpoint: Option<Url>,
    pub end_session_endpoint: Option<Url>,
    /// It names itself in every answer to the browser (RFC 9207).
    #[serde(default)]
    pub authorization_response_iss_parameter_supported: bool,
}

impl Metadata {
    /// Every address we or the browser would be sent to.
    fn addresses(&self) -> impl Iterator<Item = &Url> {
        let optional = [&self.userinfo_endpoint, &self.end_session_endpoint];
        [&self.authorization_endpoint, &self.token_endpoint, &self.jwks_uri]
            .into_iter()
            .chain(optional.into_iter().flatten())
    }
}

/// Looks at a provider before it is configured: whether it can be reached, describes itself properly and publishes keys we can use.
pub async fn probe(app: &App, issuer: &str) -> Result<Metadata, Rejection> {
    let metadata = fetch_metadata(app, issuer).await?;
    match fetch_keys(app, &metadata).await?.is_empty() {
        true => Err(Rejection::KeysUnavailable),
        false => Ok(metadata),
    }
}

async fn fetch_metadata(app: &App, issuer: &str) -> Result<Metadata, Rejection> {
    let failed = Rejection::DiscoveryFailed;
    // Section 4.1: the path is appended to the issuer, a slash at its end taken off.
    let address = format!(
        "{}/.well-known/openid-configuration",
        issuer.trim_end_matches('/')
    );
    let address: Url = address.parse().map_err(|_| failed)?;
    let document = fetch(app, &address).await.ok_or(failed)?;
    let metadata: Metadata = serde_json::from_slice(&document).map_err(|_| failed)?;
    let is_itself = metadata.issuer == issuer;
    let are_allowed = metadata
        .addresses()
        .all(|address| address.as_str().len() <= LONGEST_ADDRESS && app.outbound().check(address).is_ok());
    if is_itself && are_allowed {
        Ok(metadata)
    } else {
        Err(failed)
    }
}

async fn fetch_keys(app: &App, metadata: &Metadata) -> Result<Vec<Key>, Rejection> {
    let document = fetch(app, &metadata.jwks_uri).await;
    document
        .and_then(|document| key::parse_set(&document))
        .ok_or(Rejection::KeysUnavailable)
}

async fn fetch(app: &App, address: &Url) -> Option<Vec<u8>> {
    let request = http::Request::get(address.as_str())
        .header(ACCEPT, "application/json")
        .body(Vec::new())
        .ok()?;
    match app.outbound().send(request).await {
        Ok(answer) if answer.status() == StatusCode::OK && is_json(answer.headers()) => {
            Some(answer.into_body())
        }
        Ok(answer) => {
            tracing::info!(%address, status = %answer.status(), "an identity provider's document cannot be used");
            None
        }
        Err(error) => {
            tracing::info!(%address, ?error, "an identity provider's document cannot be fetched");
            None
        }
    }
}

/// Whether an answer says that it is JSON, of whatever kind.
pub fn is_json(headers: &HeaderMap) -> bool {
    let sent = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let essence = sent
        .and_then(|text| text.split(';').next())
        .unwrap_or_default()
        .trim();
    let essence = essence.to_ascii_lowercase();
    essence == "application/json" || essence.ends_with("+json")
}

/// What providers published, remembered. Clones share it.
#[derive(Clone, Default)]
pub struct Directory(Arc<Mutex<HashMap<Uuid, Shelf>>>);

impl Shared for Directory {
    fn start(_app: &App) -> Self {
        Self::default()
    }
}

/// One at a time fetches for a provider; the others wait for what it brings.
type Shelf = Arc<tokio::sync::Mutex<Entry>>;

#[derive(Default)]
struct Entry {
    metadata: Option<(Arc<Metadata>, DateTime<Utc>)>,
    keys: Option<(Arc<Vec<Key>>, DateTime<Utc>)>,
    keys_asked_at: Option<DateTime<Utc>>,
    /// What could not be fetched, and when that was seen.
    failure: Option<(Rejection, DateTime<Utc>)>,
}

impl Directory {
    pub async fn metadata(
        &self,
        app: &App,
        provider: &identity_provider::Model,
    ) -> Result<Arc<Metadata>, Rejection> {
        let shelf = self.shelf(provider.id);
        let mut entry = shelf.lock().await;
        let now = app.clock().now();
        if let Some((metadata, read_at)) = &entry.metadata
            && metadata.issuer == provider.issuer
            && now - *read_at < METADATA_AGE
        {
            return Ok(Arc::clone(metadata));
        }
        entry.spare(Rejection::DiscoveryFailed, now)?;
        let fetched = fetch_metadata(app, &provider.issuer).await;
        let metadata = Arc::new(entry.remember_failure(app, fetched)?);
        entry.metadata = Some((Arc::clone(&metadata), now));
        Ok(metadata)
    }

    pub async fn keys(
        &self,
        app: &App,
        provider: &identity_provider::Model,
        metadata: &Metadata,
    ) -> Result<Arc<Vec<Key>>, Rejection> {
        let shelf = self.shelf(provider.id);
        let mut entry = shelf.lock().await;
        let now = app.clock().now();
        if let Some((keys, read_at)) = &entry.keys
            && now - *read_at < KEYS_AGE
        {
            return Ok(Arc::clone(keys));
        }
        entry.spare(Rejection::KeysUnavailable, now)?;
        entry.fetch_keys(app, metadata, now).await
    }

    /// The keys as they are now, for a token that none of `tried` signed; `None` when there are no others and they were asked for a moment ago.
    pub async fn newer_keys(
        &self,
        app: &App,
        provider: &identity_provider::Model,
        metadata: &Metadata,
        tried: &Arc<Vec<Key>>,
    ) -> Result<Option<Arc<Vec<Key>>>, Rejection> {
        let shelf = self.shelf(provider.id);
        let mut entry = shelf.lock().await;
        let now = app.clock().now();
        // People who sign in together meet a new key together: what the first of them fetched is there for the others.
        if let Some((keys, _)) = &entry.keys
            && !Arc::ptr_eq(keys, tried)
        {
            return Ok(Some(Arc::clone(keys)));
        }
        if entry.keys_asked_at.is_some_and(|at| now - at < AGAIN_AFTER) {
            return Ok(None);
        }
        entry.fetch_keys(app, metadata, now).await.map(Some)
    }

    fn shelf(&self, provider_id: Uuid) -> Shelf {
        // A panic elsewhere cannot have left a half-made entry, so a poisoned lock is as good as any.
        let mut shelves = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if shelves.len() >= MOST && !shelves.contains_key(&provider_id) {
            shelves.clear();
        }
        Arc::clone(shelves.entry(provider_id).or_default())
    }
}

impl Entry {
    /// Refuses as the last fetch of the same kind did, if that was a moment ago.
    fn spare(&self, rejection: Rejection, now: DateTime<Utc>) -> Result<(), Rejection> {
        match self.failure {
            Some((failed, at)) if failed == rejection && now - at < SPARED_FOR => Err(rejection),
            _ => Ok(()),
        }
    }

    fn remember_failure<T>(&mut self, app: &App, fetched: Result<T, Rejection>) -> Result<T, Rejection> {
        // The clock is read anew: giving up may have taken as long as the failure is remembered.
        self.failure = fetched.as_ref().err().map(|failed| (*failed, app.clock().now()));
        fetched
    }

    async fn fetch_keys(
        &mut self,
        app: &App,
        metadata: &Metadata,
        now: DateTime<Utc>,
    ) -> Result<Arc<Vec<Key>>, Rejection> {
        // A fetch that fails counts, too.
        self.keys_asked_at = Some(now);
        let fetched = fetch_keys(app, metadata).await;
        let keys = Arc::new(self.remember_failure(app, fetched)?);
        self.keys = Some((Arc::clone(&keys), now));
        Ok(keys)
    }
}
