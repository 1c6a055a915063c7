//! An OpenID provider for trying single sign-on out: the real protocol, people who do not exist, on this machine and while the demo runs.
//!
//! It asks nobody for a password: its page lists three people, and a click is a sign-in. That is why it lives in the demo and answers on loopback alone.
//! Everything else is as a provider must be: a registered client and return address, codes good once and for a minute, PKCE, signed ID tokens.

mod grants;
mod http;
mod keys;
mod request;

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex, PoisonError};

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use secrecy::SecretString;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use url::Url;

use self::grants::Grants;
use self::keys::Keys;
use crate::error::{Error, Result};
use crate::platform::clock::Clock;

/// What the provider calls Muster.
pub const CLIENT_ID: &str = "muster-demo";

/// Somebody who can be signed in as.
#[derive(Clone, Copy, Debug)]
pub struct Login {
    pub given_name: &'static str,
    pub family_name: &'static str,
}

pub const PEOPLE: [Login; 3] = [
    Login {
        given_name: "Mira",
        family_name: "Okafor",
    },
    Login {
        given_name: "Jonas",
        family_name: "Lindqvist",
    },
    Login {
        given_name: "Priya",
        family_name: "Raman",
    },
];

impl Login {
    pub fn email(&self, domain: &str) -> String {
        format!("{}@{domain}", self.subject())
    }

    /// The provider's own, lasting name for the person.
    fn subject(&self) -> String {
        format!("{}.{}", self.given_name, self.family_name).to_lowercase()
    }
}

/// A provider that answers for as long as this is held.
pub struct DemoProvider {
    pub issuer: String,
    pub port: u16,
    shared: Arc<Shared>,
    serving: JoinHandle<()>,
}

/// What its addresses go by.
struct Shared {
    issuer: String,
    /// The people's addresses are in this domain.
    domain: String,
    client_secret: SecretString,
    /// Where the client may be sent back to: one address, to the letter.
    return_address: Mutex<Option<String>>,
    keys: Keys,
    grants: Grants,
    clock: Clock,
}

impl DemoProvider {
    /// Starts on the port of an earlier run where it is free, so that what was configured then still holds; else on any.
    pub async fn start(
        port: Option<u16>,
        domain: String,
        client_secret: SecretString,
        clock: Clock,
    ) -> Result<Self> {
        let listener = match TcpListener::bind(loopback(port.unwrap_or(0))).await {
            Ok(listener) => listener,
            Err(_) => TcpListener::bind(loopback(0)).await.map_err(Error::internal)?,
        };
        let port = listener.local_addr().map_err(Error::internal)?.port();
        let issuer = format!("http://127.0.0.1:{port}");
        let shared = Arc::new(Shared {
            issuer: issuer.clone(),
            domain,
            client_secret,
            return_address: Mutex::default(),
            keys: Keys::make()?,
            grants: Grants::default(),
            clock,
        });
        let router = http::routes(Arc::clone(&shared));
        let serving = tokio::spawn(async move {
            if let Err(error) = axum::serve(listener, router).await {
                tracing::error!(%error, "the demo's identity provider has stopped");
            }
        });
        Ok(Self {
            issuer,
            port,
            shared,
            serving,
        })
    }

    /// What the client proves itself with.
    pub fn client_secret(&self) -> &SecretString {
        &self.shared.client_secret
    }

    /// The link on the page behind `address` that stands for one of the [`PEOPLE`].
    pub fn choosing(address: &str, person: usize) -> Result<Url> {
        let mut url: Url = address.parse().map_err(Error::internal)?;
        url.set_path("/authorize/as");
        url.query_pairs_mut().append_pair("person", &person.to_string());
        Ok(url)
    }

    /// Registers where the client may be sent back to.
    pub fn register(&self, return_address: String) {
        *self.shared.return_address() = Some(return_address);
    }
}

impl Drop for DemoProvider {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

impl Shared {
    /// A panic elsewhere cannot have left half an address, so a poisoned lock is as good as any.
    fn return_address(&self) -> std::sync::MutexGuard<'_, Option<String>> {
        self.return_address.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// 256 random bits, for codes, tokens and the client's secret.
pub fn random_text() -> Result<String> {
    let mut bytes = [0; 32];
    aws_lc_rs::rand::fill(&mut bytes).map_err(|_| Error::internal("no randomness"))?;
    Ok(URL_SAFE_NO_PAD.encode(bytes))
}

fn loopback(port: u16) -> SocketAddr {
    SocketAddr::from((Ipv4Addr::LOCALHOST, port))
}
