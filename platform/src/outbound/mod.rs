//! Talking to servers an administrator named: identity providers.
//!
//! Whoever may name a server may try to have us talk to one only we can reach. So there is one client for all of it, and it guards these rules (security, C):
//! https to a name in the public DNS; every address of the name must be public, and the connection goes to one of those very addresses, because they are
//! looked up once, by the guard, as part of connecting; no redirect is followed, no proxy asked, nothing unpacked; an answer has a megabyte and ten seconds.

mod address;
mod rules;

use std::error::Error as StdError;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use reqwest::redirect;
use url::Url;

use crate::error::{Error, Result};
use crate::resolver::Resolver;

pub use address::is_public;
pub use rules::Forbidden;

/// Bytes of the largest answer that is read.
pub const LARGEST_BODY: usize = 1024 * 1024;
const CONNECT_WITHIN: Duration = Duration::from_secs(5);
const ANSWER_WITHIN: Duration = Duration::from_secs(10);
/// A sign-in asks a provider two or three times in a row.
const KEEP_IDLE: Duration = Duration::from_secs(15);

/// What the client goes by.
#[derive(Clone)]
pub struct OutboundSettings {
    pub resolver: Resolver,
    /// For development: plain http, and addresses of one's own machine and network.
    pub allows_private: bool,
}

/// The client. Clones share its connections.
#[derive(Clone)]
pub struct Outbound {
    client: reqwest::Client,
    allows_private: bool,
}

/// Why there is no answer.
#[derive(Debug)]
pub enum OutboundError {
    /// Nothing was sent.
    NotAllowed(Forbidden),
    /// No connection, no TLS, or the connection broke; the text is for the log.
    Unreachable(String),
    /// The answer is larger than [`LARGEST_BODY`].
    TooLarge,
    TimedOut,
}

impl Outbound {
    pub fn new(settings: OutboundSettings) -> Result<Self> {
        let allows_private = settings.allows_private;
        let client = reqwest::Client::builder()
            .dns_resolver(Arc::new(Guard(settings)))
            .redirect(redirect::Policy::none())
            .referer(false)
            .no_proxy()
            .no_gzip()
            .no_brotli()
            .no_deflate()
            .no_zstd()
            .connect_timeout(CONNECT_WITHIN)
            .timeout(ANSWER_WITHIN)
            .pool_idle_timeout(KEEP_IDLE)
            .user_agent(concat!("muster/", env!("CARGO_PKG_VERSION")))
            .build()
            .map_err(Error::internal)?;
        Ok(Self {
            client,
            allows_private,
        })
    }

    /// Whether an address is one we would talk to, as far as its text can tell. No packet is sent.
    pub fn check(&self, url: &Url) -> Result<(), OutboundError> {
        let judged = match self.allows_private {
            true => rules::judge_in_development(url),
            false => rules::judge(url),
        };
        judged.map_err(OutboundError::NotAllowed)
    }

    /// Sends a request and reads the whole answer. A redirect is an answer like any other.
    pub async fn send(
        &self,
        request: axum::http::Request<Vec<u8>>,
    ) -> Result<axum::http::Response<Vec<u8>>, OutboundError> {
        let request = reqwest::Request::try_from(request).map_err(|error| explained(&error))?;
        self.check(request.url())?;
        let mut response = self
            .client
            .execute(request)
            .await
            .map_err(|error| explained(&error))?;
        let body = read(&mut response).await?;
        let mut answer = axum::http::Response::new(body);
        *answer.status_mut() = response.status();
        *answer.headers_mut() = std::mem::take(response.headers_mut());
        Ok(answer)
    }
}

/// Reads up to the limit, whatever length was announced.
async fn read(response: &mut reqwest::Response) -> Result<Vec<u8>, OutboundError> {
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(|error| explained(&error))? {
        if body.len() + chunk.len() > LARGEST_BODY {
            return Err(OutboundError::TooLarge);
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body)
}

/// The refusal of our own guard comes back wrapped in the client's errors.
fn explained(error: &reqwest::Error) -> OutboundError {
    let causes = || std::iter::successors(Some(error as &(dyn StdError + 'static)), |&cause| cause.source());
    if causes().any(<dyn StdError>::is::<LeadsInside>) {
        return OutboundError::NotAllowed(Forbidden::Address);
    }
    if error.is_timeout() {
        return OutboundError::TimedOut;
    }
    OutboundError::Unreachable(causes().last().map(ToString::to_string).unwrap_or_default())
}

/// Looks names up for the connection, and gives out addresses only when all of them may be used.
struct Guard(OutboundSettings);

impl Resolve for Guard {
    fn resolve(&self, name: Name) -> Resolving {
        let OutboundSettings {
            resolver,
            allows_private,
        } = self.0.clone();
        Box::pin(async move {
            let found = resolver.addresses(name.as_str()).await;
            let found = found.map_err(|unanswered| unanswered.0)?;
            if found.is_empty() {
                return Err("there is no such name".into());
            }
            if !allows_private && !found.iter().copied().all(is_public) {
                return Err(LeadsInside.into());
            }
            let addresses: Addrs = Box::new(found.into_iter().map(|address| SocketAddr::new(address, 0)));
            Ok(addresses)
        })
    }
}

/// A name has an address outside the public internet.
#[derive(Debug, thiserror::Error)]
#[error("the name leads outside the public internet")]
struct LeadsInside;
