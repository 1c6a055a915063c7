//! One server's GraphQL API, spoken over HTTP as any other program would.

use std::time::Duration;

use reqwest::header::{AUTHORIZATION, HeaderValue};
use secrecy::{ExposeSecret, SecretString};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use url::Url;

use super::error::{ClientError, TopLevelError};

const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
/// Longer than the server lets any operation run.
const ANSWER_TIMEOUT: Duration = Duration::from_secs(30);
/// Pauses between attempts of a call that may be sent twice: a server that restarts is back within them.
const PAUSES: [Duration; 4] = [
    Duration::from_millis(200),
    Duration::from_secs(1),
    Duration::from_secs(3),
    Duration::from_secs(6),
];

/// A signed-in client of one server. Clones share the connections.
#[derive(Clone, Debug)]
pub struct Api {
    http: reqwest::Client,
    endpoint: Url,
    authorization: HeaderValue,
}

impl Api {
    /// `base_url` is the address of the server, without `/graphql`.
    pub fn new(base_url: &str, access_token: &SecretString) -> Result<Self, ClientError> {
        let mut authorization = HeaderValue::from_str(&format!("Bearer {}", access_token.expose_secret()))
            .map_err(|_| ClientError::Token)?;
        authorization.set_sensitive(true);
        Ok(Self {
            http: http_client()?,
            endpoint: address(base_url, "graphql")?,
            authorization,
        })
    }

    /// Executes a document and reads its `data`.
    pub async fn query<T: DeserializeOwned>(
        &self,
        document: &str,
        variables: impl Serialize + Send + Sync,
    ) -> Result<T, ClientError> {
        let request = self
            .http
            .post(self.endpoint.clone())
            .header(AUTHORIZATION, self.authorization.clone())
            .json(&Request {
                query: document,
                variables,
            });
        let (status, body) = answer(&self.endpoint, request).await?;
        match serde_json::from_slice::<Answer>(&body) {
            Ok(answer) => answer.into_data(),
            Err(_) if !status.is_success() => Err(ClientError::status(
                &self.endpoint,
                status,
                "Is this the address of a Muster server?",
            )),
            Err(error) => Err(ClientError::Answer(error.to_string())),
        }
    }

    /// As [`Api::query`], but waits for troubles that pass. Only for documents that do no harm when executed twice.
    pub async fn query_patiently<T: DeserializeOwned>(
        &self,
        document: &str,
        variables: impl Serialize + Send + Sync,
    ) -> Result<T, ClientError> {
        for pause in PAUSES {
            match self.query(document, &variables).await {
                Err(error) if error.is_passing() => tokio::time::sleep(pause).await,
                result => return result,
            }
        }
        self.query(document, &variables).await
    }

    /// The bare HTTP client, for links that the server hands out: they need no token and must not see ours.
    pub(super) fn http(&self) -> &reqwest::Client {
        &self.http
    }

    pub(super) fn endpoint(&self) -> &Url {
        &self.endpoint
    }

    /// The value of the `Authorization` header; a WebSocket carries it in its first message.
    pub(super) fn authorization(&self) -> &HeaderValue {
        &self.authorization
    }
}

/// Signs a person in with their password and gives back an access token.
pub async fn sign_in(
    base_url: &str,
    email: &str,
    password: &SecretString,
) -> Result<SecretString, ClientError> {
    #[derive(Serialize)]
    struct Credentials<'a> {
        email: &'a str,
        password: &'a str,
    }
    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct Session {
        access_token: String,
    }
    let url = address(base_url, "auth/sign-in")?;
    let request = http_client()?.post(url.clone()).json(&Credentials {
        email,
        password: password.expose_secret(),
    });
    let (status, body) = answer(&url, request).await?;
    if !status.is_success() {
        return Err(ClientError::status(&url, status, "Nobody was signed in."));
    }
    serde_json::from_slice::<Session>(&body)
        .map(|session| session.access_token.into())
        .map_err(|error| ClientError::Answer(error.to_string()))
}

/// What GraphQL answers alike over HTTP and over a WebSocket.
#[derive(Debug, Deserialize)]
pub(super) struct Answer {
    /// Read late: beside errors it may be null or have holes.
    data: Option<serde_json::Value>,
    #[serde(default)]
    errors: Vec<TopLevelError>,
}

impl Answer {
    pub(super) fn into_data<T: DeserializeOwned>(self) -> Result<T, ClientError> {
        if !self.errors.is_empty() {
            return Err(ClientError::Failed(self.errors));
        }
        let data = self
            .data
            .ok_or_else(|| ClientError::Answer("it holds neither data nor errors".into()))?;
        serde_json::from_value(data).map_err(|error| ClientError::Answer(error.to_string()))
    }
}

#[derive(Serialize)]
struct Request<'a, V> {
    query: &'a str,
    variables: V,
}

async fn answer(
    url: &Url,
    request: reqwest::RequestBuilder,
) -> Result<(reqwest::StatusCode, Vec<u8>), ClientError> {
    let unreachable = |error| ClientError::unreachable(url, error);
    let response = request.send().await.map_err(unreachable)?;
    let status = response.status();
    let body = response.bytes().await.map_err(unreachable)?;
    Ok((status, body.into()))
}

/// HTTP/1 only, because a WebSocket begins as an HTTP/1 request. No redirects: one would turn a POST into a GET.
fn http_client() -> Result<reqwest::Client, ClientError> {
    reqwest::Client::builder()
        .http1_only()
        .redirect(reqwest::redirect::Policy::none())
        .connect_timeout(CONNECT_TIMEOUT)
        .timeout(ANSWER_TIMEOUT)
        .build()
        .map_err(|source| ClientError::Unreachable {
            server: "Any server".into(),
            source,
        })
}

/// Reads a link that the server handed out.
pub(super) fn link(text: &str) -> Result<Url, ClientError> {
    Url::parse(text).map_err(|error| ClientError::Answer(format!("a link cannot be read ({error})")))
}

fn address(base_url: &str, path: &str) -> Result<Url, ClientError> {
    Url::parse(&format!("{}/{path}", base_url.trim_end_matches('/')))
        .ok()
        .filter(|url| matches!(url.scheme(), "http" | "https") && url.has_host())
        .ok_or_else(|| ClientError::Address(base_url.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_address_of_a_server_may_end_in_a_slash_or_a_path() {
        let of = |base| address(base, "graphql").unwrap().to_string();
        assert_eq!(of("http://127.0.0.1:8080"), "http://127.0.0.1:8080/graphql");
        assert_eq!(
            of("https://a.example/muster/"),
            "https://a.example/muster/graphql"
        );
        for wrong in ["", "a.example", "ftp://a.example", "localhost:8080"] {
            assert!(
                matches!(address(wrong, "graphql"), Err(ClientError::Address(_))),
                "{wrong}"
            );
        }
    }

    #[test]
    fn the_token_does_not_show_in_debug_output() {
        let api = Api::new("http://127.0.0.1:1", &SecretString::from("geheim")).unwrap();
        assert!(!format!("{api:?}").contains("geheim"));
        assert!(matches!(
            Api::new("http://127.0.0.1:1", &SecretString::from("a\nb")),
            Err(ClientError::Token)
        ));
    }

    #[test]
    fn errors_of_an_answer_win_over_its_data() {
        let read = |text: &str| serde_json::from_str::<Answer>(text).unwrap().into_data::<bool>();
        assert!(read(r#"{"data":true}"#).unwrap());
        let refused = read(r#"{"data":true,"errors":[{"message":"No.","extensions":{"code":"FORBIDDEN"}}]}"#);
        assert_eq!(refused.unwrap_err().to_string(), "No. (FORBIDDEN)");
        assert!(matches!(read(r#"{"data":null}"#), Err(ClientError::Answer(_))));
    }
}
