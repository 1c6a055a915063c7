//! What a provider publishes of itself: where its endpoints are and what it signs with (OpenID Connect Discovery 1.0).
//!
//! Documents are fetched through the guarded client, believed only if they name the very issuer they were fetched for, and remembered for a while.
//! A token signed with a key we do not know has the keys fetched again, at most once a minute a provider, whoever sends such tokens and however many
//! (security catalogue, A12). A provider that fails is left alone for some seconds: whoever comes meanwhile is told so at once. Keys that are good are kept until they
//! are replaced by good ones: what a provider publishes by mistake for a moment locks nobody out. A trial goes by none of this: it fetches everything anew.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use chrono::{DateTime, Duration, Utc};
use entity::identity_provider;
use http::header::{ACCEPT, CONTENT_TYPE};
use http::{HeaderMap, StatusCode};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Deserializer};
use url::Url;
use uuid::Uuid;

use crate::app::{App, Shared};
use crate::platform::outbound::OutboundError;
use crate::sso::tokens::key::{self, Key};
use crate::sso::{Denial, Rejection};

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
    #[serde(default, deserialize_with = "if_any")]
    pub userinfo_endpoint: Option<Url>,
    #[serde(default, deserialize_with = "if_any")]
    pub end_session_endpoint: Option<Url>,
    /// It names itself in every answer to the browser (RFC 9207), if this is true.
    #[serde(default, deserialize_with = "if_any")]
    pub authorization_response_iss_parameter_supported: Option<bool>,
}

/// What may be left out is left out where it is of another type, or an address that is none: some providers write an empty text.
fn if_any<'de, D: Deserializer<'de>, T: DeserializeOwned>(deserializer: D) -> Result<Option<T>, D::Error> {
    let said = serde_json::Value::deserialize(deserializer)?;
    Ok(serde_json::from_value(said).ok())
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
pub async fn probe(app: &App, issuer: &str) -> Result<Metadata, Denial> {
    let metadata = fetch_metadata(app, issuer).await?;
    let keys = fetch_keys(app, &metadata).await?;
    match keys.iter().any(Key::is_usable) {
        true => Ok(metadata),
        false => Err(Denial::because(Rejection::KeysUnavailable, NO_USABLE_KEY)),
    }
}

const NO_USABLE_KEY: &str = "none of the keys published there is one we can use";

async fn fetch_metadata(app: &App, issuer: &str) -> Result<Metadata, Denial> {
    let failed = |detail: &str| Denial::because(Rejection::DiscoveryFailed, detail);
    // Section 4.1: the path is appended to the issuer, a slash at its end taken off.
    let address = format!(
        "{}/.well-known/openid-configuration",
        issuer.trim_end_matches('/')
    );
    let address: Url = address.parse().map_err(|_| failed("the issuer is no address"))?;
    let document = fetch(app, &address, Rejection::DiscoveryFailed).await?;
    let metadata: Metadata =
        serde_json::from_slice(&document).map_err(|error| failed(&format!("it cannot be used: {error}")))?;
    if metadata.issuer != issuer {
        let other = format!("it names the issuer “{}”, not “{issuer}”", metadata.issuer);
        return Err(failed(&other));
    }
    let is_allowed =
        |address: &&Url| address.as_str().len() <= LONGEST_ADDRESS && app.outbound().check(address).is_ok();
    if let Some(odd) = metadata.addresses().find(|address| !is_allowed(address)) {
        let odd = format!("it names an address that may not be used: “{odd}”");
        return Err(failed(&odd));
    }
    Ok(metadata)
}

async fn fetch_keys(app: &App, metadata: &Metadata) -> Result<Vec<Key>, Denial> {
    let document = fetch(app, &metadata.jwks_uri, Rejection::KeysUnavailable).await?;
    let no_set = || Denial::because(Rejection::KeysUnavailable, "what is there is no set of keys");
    key::parse_set(&document).ok_or_else(no_set)
}

/// Fetches a document; what keeps us from it is told under `rejection`.
async fn fetch(app: &App, address: &Url, rejection: Rejection) -> Result<Vec<u8>, Denial> {
    let request = http::Request::get(address.as_str())
        .header(ACCEPT, "application/json")
        .body(Vec::new())
        .map_err(|_| rejection)?;
    let answer = app.outbound().send(request).await;
    let answer = answer.map_err(|error| unsent(rejection, address, &error))?;
    let status = answer.status();
    if status == StatusCode::OK && is_json(answer.headers()) {
        return Ok(answer.into_body());
    }
    tracing::info!(%address, %status, "an identity provider's document cannot be used");
    let detail = match status {
        StatusCode::OK => format!("{address} does not answer with JSON"),
        _ => format!("{address} answers with status {}", status.as_u16()),
    };
    Err(Denial::because(rejection, &detail))
}

/// A request that got no answer, as a refusal. What went wrong in the network stands in our log: it may tell of a network that is not the provider's.
pub fn unsent(rejection: Rejection, address: &Url, error: &OutboundError) -> Denial {
    tracing::info!(%address, ?error, "an identity provider could not be asked");
    let what = match error {
        OutboundError::NotAllowed(_) => "may not be reached from here",
        OutboundError::Unreachable(_) => "could not be reached",
        OutboundError::TooLarge => "answers with more than 1 MiB",
        OutboundError::TimedOut => "did not answer within 10 seconds",
    };
    Denial::because(rejection, &format!("{address} {what}"))
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
    failure: Option<(Denial, DateTime<Utc>)>,
}

impl Directory {
    pub async fn metadata(
        &self,
        app: &App,
        provider: &identity_provider::Model,
    ) -> Result<Arc<Metadata>, Denial> {
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
        entry.fetch_metadata(app, &provider.issuer, now).await
    }

    pub async fn keys(
        &self,
        app: &App,
        provider: &identity_provider::Model,
        metadata: &Metadata,
    ) -> Result<Arc<Vec<Key>>, Denial> {
        let shelf = self.shelf(provider.id);
        let mut entry = shelf.lock().await;
        let now = app.clock().now();
        let Some((keys, read_at)) = entry.keys.clone() else {
            entry.spare(Rejection::KeysUnavailable, now)?;
            return entry.fetch_keys(app, metadata, now).await;
        };
        if now - read_at < KEYS_AGE || entry.spare(Rejection::KeysUnavailable, now).is_err() {
            return Ok(keys);
        }
        Ok(entry.fetch_keys(app, metadata, now).await.unwrap_or(keys))
    }

    /// The keys as they are now, for a token that none of `tried` signed; `None` when there are no others, or they were asked for a moment ago.
    pub async fn newer_keys(
        &self,
        app: &App,
        provider: &identity_provider::Model,
        metadata: &Metadata,
        tried: &Arc<Vec<Key>>,
    ) -> Option<Arc<Vec<Key>>> {
        let shelf = self.shelf(provider.id);
        let mut entry = shelf.lock().await;
        let now = app.clock().now();
        // People who sign in together meet a new key together: what the first of them fetched is there for the others.
        if let Some((keys, _)) = &entry.keys
            && !Arc::ptr_eq(keys, tried)
        {
            return Some(Arc::clone(keys));
        }
        if entry.keys_asked_at.is_some_and(|at| now - at < AGAIN_AFTER) {
            return None;
        }
        entry.fetch_keys(app, metadata, now).await.ok()
    }

    /// What the provider publishes at this moment, whatever is remembered of it. What is good of it is what sign-ins go by from now on.
    pub async fn anew(
        &self,
        app: &App,
        provider: &identity_provider::Model,
    ) -> Result<Arc<Metadata>, Denial> {
        let shelf = self.shelf(provider.id);
        let mut entry = shelf.lock().await;
        let now = app.clock().now();
        entry.fetch_metadata(app, &provider.issuer, now).await
    }

    /// As [`Self::anew`], for the keys.
    pub async fn keys_anew(
        &self,
        app: &App,
        provider: &identity_provider::Model,
        metadata: &Metadata,
    ) -> Result<Arc<Vec<Key>>, Denial> {
        let shelf = self.shelf(provider.id);
        let mut entry = shelf.lock().await;
        let now = app.clock().now();
        entry.fetch_keys(app, metadata, now).await
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
    fn spare(&self, rejection: Rejection, now: DateTime<Utc>) -> Result<(), Denial> {
        match &self.failure {
            Some((failed, at)) if failed.rejection == rejection && now - *at < SPARED_FOR => {
                Err(failed.clone())
            }
            _ => Ok(()),
        }
    }

    fn remember_failure<T>(&mut self, app: &App, fetched: Result<T, Denial>) -> Result<T, Denial> {
        // The clock is read anew: giving up may have taken as long as the failure is remembered.
        self.failure = fetched
            .as_ref()
            .err()
            .map(|failed| (failed.clone(), app.clock().now()));
        fetched
    }

    async fn fetch_metadata(
        &mut self,
        app: &App,
        issuer: &str,
        now: DateTime<Utc>,
    ) -> Result<Arc<Metadata>, Denial> {
        let fetched = fetch_metadata(app, issuer).await;
        let metadata = Arc::new(self.remember_failure(app, fetched)?);
        self.metadata = Some((Arc::clone(&metadata), now));
        Ok(metadata)
    }

    /// Keys take the place of others only when they are good for something.
    async fn fetch_keys(
        &mut self,
        app: &App,
        metadata: &Metadata,
        now: DateTime<Utc>,
    ) -> Result<Arc<Vec<Key>>, Denial> {
        // A fetch that fails counts, too.
        self.keys_asked_at = Some(now);
        let fetched = fetch_keys(app, metadata).await.and_then(|keys| {
            match keys.iter().any(Key::is_usable) || self.keys.is_none() && !keys.is_empty() {
                true => Ok(keys),
                false => Err(Denial::because(Rejection::KeysUnavailable, NO_USABLE_KEY)),
            }
        });
        let keys = Arc::new(self.remember_failure(app, fetched)?);
        self.keys = Some((Arc::clone(&keys), now));
        Ok(keys)
    }
}
