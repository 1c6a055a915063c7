//! The requests of a sign-in: the one the browser carries to the provider, the one by which we buy tokens for the code it brings back, and the one that asks for
//! more about the person.
//!
//! `openidconnect` makes the first two. PKCE (S256), state and nonce are always sent. A public client sends no secret; a confidential one proves itself as its provider was
//! registered to expect. The answers are read by us: of them what we use, whatever else is in them and of whatever type (decision 0036).

use std::sync::Mutex;
use std::time::Duration;

use entity::identity_provider::{self, TokenAuthMethod};
use futures::FutureExt;
use futures::future::BoxFuture;
use http::header::{ACCEPT, AUTHORIZATION};
use http::{HeaderValue, Request, Response, StatusCode};
use openidconnect::core::{CoreAuthPrompt, CoreAuthenticationFlow, CoreClient};
use openidconnect::{
    AsyncHttpClient, AuthType, AuthUrl, AuthorizationCode, ClientId, ClientSecret, CsrfToken, EndpointNotSet,
    EndpointSet, HttpRequest, HttpResponse, IssuerUrl, JsonWebKeySet, LoginHint, Nonce, PkceCodeChallenge,
    PkceCodeVerifier, RedirectUrl, Scope, TokenUrl,
};
use secrecy::{ExposeSecret, SecretString};
use serde_json::Value;
use url::Url;

use super::client_key::{ASSERTION_TYPE, ClientKey};
use super::discovery::{Metadata, is_json, unsent};
use super::round_trip::Trouble;
use crate::app::App;
use crate::error::Error;
use crate::platform::outbound::{Outbound, OutboundError};
use crate::platform::seal::Content;
use crate::sso::tokens::claims::{Claims, text};
use crate::sso::{Denial, Rejection, attempt, redirect_uri};

type RelyingParty =
    CoreClient<EndpointSet, EndpointNotSet, EndpointNotSet, EndpointNotSet, EndpointSet, EndpointNotSet>;

/// What a provider is asked for when somebody has to prove anew who they are. Zero would say the same, but is an error at some providers and a circle at others.
const MAX_AGE_OF_A_FRESH_PROOF: Duration = Duration::from_secs(1);

/// Tokens bought.
pub struct Bought {
    pub id_token: String,
    pub access_token: SecretString,
}

/// The guarded way out as the library calls one. It keeps the answer as it came, for us to read.
struct Kept {
    outbound: Outbound,
    answer: Mutex<Option<Result<Response<Vec<u8>>, OutboundError>>>,
}

/// What the library is told of every answer: it has none to read.
#[derive(Debug, thiserror::Error)]
#[error("the answer is read elsewhere")]
struct ReadElsewhere;

impl<'c> AsyncHttpClient<'c> for Kept {
    type Error = ReadElsewhere;
    type Future = BoxFuture<'c, Result<HttpResponse, ReadElsewhere>>;

    fn call(&'c self, request: HttpRequest) -> Self::Future {
        async move {
            let answer = self.outbound.send(request).await;
            if let Ok(mut kept) = self.answer.lock() {
                *kept = Some(answer);
            }
            Err(ReadElsewhere)
        }
        .boxed()
    }
}

/// Where the browser is sent (OpenID Connect Core, section 3.1.2.1).
pub fn authorization_url(
    app: &App,
    provider: &identity_provider::Model,
    metadata: &Metadata,
    secrets: &attempt::Secrets,
    login_hint: Option<String>,
) -> Result<Url, Trouble> {
    let client = relying_party(app, provider, metadata)?;
    let (challenge, _) = challenge(&secrets.verifier);
    let (state, nonce) = (secrets.state.clone(), secrets.nonce.clone());
    let mut request = client
        .authorize_url(
            CoreAuthenticationFlow::AuthorizationCode,
            || CsrfToken::new(state),
            || Nonce::new(nonce),
        )
        .set_pkce_challenge(challenge);
    // The library sends `openid` by itself.
    for scope in provider.scopes.0.iter().filter(|scope| *scope != "openid") {
        request = request.add_scope(Scope::new(scope.clone()));
    }
    if secrets.is_fresh_demanded {
        request = request
            .add_prompt(CoreAuthPrompt::Login)
            .set_max_age(MAX_AGE_OF_A_FRESH_PROOF);
    }
    if let Some(hint) = login_hint {
        request = request.set_login_hint(LoginHint::new(hint));
    }
    Ok(request.url().0)
}

/// Buys tokens for a code (RFC 6749, section 4.1.3).
pub async fn buy(
    app: &App,
    provider: &identity_provider::Model,
    metadata: &Metadata,
    secrets: &attempt::Secrets,
    code: &str,
) -> Result<Bought, Trouble> {
    let secret = client_secret(app, provider)?;
    let client = proving(relying_party(app, provider, metadata)?, provider, secret.as_ref());
    let (_, verifier) = challenge(&secrets.verifier);
    let mut request = client
        .exchange_code(AuthorizationCode::new(code.to_owned()))
        .set_pkce_verifier(verifier);
    if provider.token_auth_method == TokenAuthMethod::PrivateKeyJwt {
        let key = ClientKey::of(app.secrets(), provider.id)?;
        let endpoint = metadata.token_endpoint.as_str();
        let assertion = key.assertion(provider, endpoint, app.clock().now())?;
        request = request
            .add_extra_param("client_assertion_type", ASSERTION_TYPE)
            .add_extra_param("client_assertion", assertion);
    }
    let kept = Kept {
        outbound: app.outbound().clone(),
        answer: Mutex::new(None),
    };
    // What the library makes of it is nothing: the answer is read below.
    let _ = request.request_async(&kept).await;
    let failed = Rejection::TokenRequestFailed;
    let answer = kept.answer.into_inner().ok().flatten().ok_or(failed)?;
    let answer = answer.map_err(|error| unsent(failed, &metadata.token_endpoint, &error))?;
    let secret = secret.as_ref().map_or("", ExposeSecret::expose_secret);
    Ok(bought(&answer).map_err(|denial| denial.without(&[code, &secrets.verifier, secret]))?)
}

fn client_secret(app: &App, provider: &identity_provider::Model) -> Result<Option<SecretString>, Trouble> {
    let (account_id, id) = (provider.account_id, provider.id);
    let unseal = |sealed: &Vec<u8>| {
        app.secrets()
            .unseal(Content::ClientSecret, account_id, id, sealed)
    };
    Ok(provider.sealed_secret.as_ref().map(unseal).transpose()?)
}

fn relying_party(
    app: &App,
    provider: &identity_provider::Model,
    metadata: &Metadata,
) -> Result<RelyingParty, Trouble> {
    let issuer = IssuerUrl::new(provider.issuer.clone()).map_err(|_| Rejection::DiscoveryFailed)?;
    let client_id = ClientId::new(provider.client_id.clone());
    // Signatures are verified against the keys of the moment, not against those of the client.
    Ok(CoreClient::new(client_id, issuer, JsonWebKeySet::new(Vec::new()))
        .set_auth_uri(AuthUrl::from_url(metadata.authorization_endpoint.clone()))
        .set_token_uri(TokenUrl::from_url(metadata.token_endpoint.clone()))
        .set_redirect_uri(RedirectUrl::from_url(redirect_uri(app, provider.id))))
}

/// The client that says who it is as the provider expects it.
fn proving(
    client: RelyingParty,
    provider: &identity_provider::Model,
    secret: Option<&SecretString>,
) -> RelyingParty {
    let method = match provider.token_auth_method {
        TokenAuthMethod::ClientSecretBasic => AuthType::BasicAuth,
        TokenAuthMethod::ClientSecretPost => AuthType::RequestBody,
        TokenAuthMethod::PrivateKeyJwt => return client.set_auth_type(AuthType::RequestBody),
    };
    let client = client.set_auth_type(method);
    match secret {
        Some(secret) => client.set_client_secret(ClientSecret::new(secret.expose_secret().to_owned())),
        None => client,
    }
}

fn challenge(verifier: &str) -> (PkceCodeChallenge, PkceCodeVerifier) {
    let verifier = PkceCodeVerifier::new(verifier.to_owned());
    (PkceCodeChallenge::from_code_verifier_sha256(&verifier), verifier)
}

/// The tokens in an answer, or what is wrong with it.
fn bought(answer: &Response<Vec<u8>>) -> Result<Bought, Denial> {
    let said: Option<Claims> = serde_json::from_slice(answer.body()).ok();
    let status = answer.status();
    if !status.is_success() {
        return Err(refused(status, said.as_ref()));
    }
    let failed = |detail: &str| Denial::because(Rejection::TokenRequestFailed, detail);
    if !is_json(answer.headers()) {
        return Err(failed("the token endpoint's answer does not say that it is JSON"));
    }
    let said = said.ok_or_else(|| failed("the token endpoint's answer is no JSON object"))?;
    if said.contains_key("error") {
        return Err(refused(status, Some(&said)));
    }
    let access_token = text(&said, "access_token").ok_or_else(|| failed("the answer has no access_token"))?;
    match text(&said, "token_type") {
        Some(kind) if kind.eq_ignore_ascii_case("bearer") => {}
        Some(kind) => {
            let kind = format!("its token_type is “{kind}”");
            return Err(Denial::because(Rejection::TokenTypeNotBearer, &kind));
        }
        None => return Err(failed("the answer has no token_type")),
    }
    let missing = || Denial::because(Rejection::IdTokenMalformed, "the answer has no id_token");
    Ok(Bought {
        id_token: text(&said, "id_token").ok_or_else(missing)?.to_owned(),
        access_token: access_token.to_owned().into(),
    })
}

/// What a refusal of the token endpoint says (RFC 6749, section 5.2).
fn refused(status: StatusCode, said: Option<&Claims>) -> Denial {
    let word = |name| said.and_then(|said| said.get(name)).and_then(Value::as_str);
    let code = word("error");
    let is_client = matches!(code, Some("invalid_client" | "unauthorized_client"));
    let rejection = match is_client || code.is_none() && status == StatusCode::UNAUTHORIZED {
        true => Rejection::ClientNotAccepted,
        false => Rejection::TokenRequestFailed,
    };
    match code {
        Some(code) => Denial::because(rejection, &quoted(code, word("error_description"))),
        None => Denial::because(
            rejection,
            &format!("the token endpoint answers with status {}", status.as_u16()),
        ),
    }
}

/// A provider's error code with the text beside it, as a quotation.
pub fn quoted(code: &str, text: Option<&str>) -> String {
    match text.filter(|text| !text.trim().is_empty()) {
        Some(text) => format!("the provider says “{code}: {text}”"),
        None => format!("the provider says “{code}”"),
    }
}

/// What the provider says of the person beyond the ID token; it must be the same person.
pub async fn userinfo(
    app: &App,
    endpoint: &Url,
    access_token: &SecretString,
    subject: &str,
) -> Result<Claims, Denial> {
    let failed = |detail: &str| Denial::because(Rejection::UserinfoFailed, detail);
    let bearer = format!("Bearer {}", access_token.expose_secret());
    let mut bearer =
        HeaderValue::try_from(bearer).map_err(|_| failed("the access token cannot be sent back"))?;
    bearer.set_sensitive(true);
    let request = Request::get(endpoint.as_str())
        .header(AUTHORIZATION, bearer)
        .header(ACCEPT, "application/json")
        .body(Vec::new())
        .map_err(|_| Rejection::UserinfoFailed)?;
    let answer = app.outbound().send(request).await;
    let answer = answer.map_err(|error| unsent(Rejection::UserinfoFailed, endpoint, &error))?;
    if answer.status() != StatusCode::OK {
        let status = answer.status().as_u16();
        return Err(failed(&format!(
            "the userinfo endpoint answers with status {status}"
        )));
    }
    if !is_json(answer.headers()) {
        return Err(failed(
            "the userinfo endpoint's answer is signed or encrypted, or no JSON",
        ));
    }
    let claims: Claims = serde_json::from_slice(answer.body())
        .map_err(|_| failed("the userinfo endpoint's answer is no JSON object"))?;
    // OpenID Connect Core section 5.3.2: otherwise another person's claims could be substituted.
    match claims.get("sub").and_then(Value::as_str) {
        Some(same) if same == subject => Ok(claims),
        _ => Err(Rejection::UserinfoSubjectMismatch.into()),
    }
}

impl From<platform::Error> for Trouble {
    fn from(error: platform::Error) -> Self {
        Self::Failed(error.into())
    }
}

impl From<Error> for Trouble {
    fn from(error: Error) -> Self {
        Self::Failed(error)
    }
}

#[cfg(test)]
mod tests {
    use http::Response;
    use http::header::CONTENT_TYPE;
    use secrecy::ExposeSecret;
    use serde_json::{Value, json};

    use super::bought;
    use crate::sso::{Denial, Rejection};

    fn answered(status: u16, body: &Value) -> Result<(String, String), Denial> {
        let answer = Response::builder()
            .status(status)
            .header(CONTENT_TYPE, "application/json; charset=utf-8")
            .body(body.to_string().into_bytes())
            .unwrap();
        let bought = bought(&answer)?;
        Ok((bought.id_token, bought.access_token.expose_secret().to_owned()))
    }

    #[test]
    fn what_is_not_used_of_an_answer_is_not_judged() {
        for odd in [
            json!({"expires_in": "3599"}),
            json!({"expires_in": 3599.0}),
            json!({"expires_in": -1}),
            json!({"expires_in": null}),
            json!({"scope": ["openid", "email"]}),
            json!({"scope": {"openid": true}}),
            json!({"refresh_token": false, "not-before-policy": "0"}),
            json!({"token_type": "bearer"}),
            json!({"token_type": "BEARER"}),
        ] {
            let mut answer = json!({"access_token": "a", "token_type": "Bearer", "id_token": "i"});
            for (name, value) in odd.as_object().unwrap() {
                answer[name] = value.clone();
            }
            assert_eq!(answered(200, &answer), Ok(("i".into(), "a".into())), "{odd}");
        }
    }

    #[test]
    fn an_answer_that_is_refused_is_named_for_what_is_wrong_with_it() {
        let whole = json!({"access_token": "a", "token_type": "Bearer", "id_token": "i"});
        let with = |name: &str, value: Value| {
            let mut answer = whole.clone();
            answer[name] = value;
            answer
        };
        for (status, answer, rejection, words) in [
            (
                400,
                json!({"error": "invalid_grant", "error_description": "Code expired"}),
                Rejection::TokenRequestFailed,
                "invalid_grant: Code expired",
            ),
            (
                401,
                json!({"error": "invalid_client"}),
                Rejection::ClientNotAccepted,
                "invalid_client",
            ),
            (
                200,
                json!({"error": "unauthorized_client", "error_description": ["odd"]}),
                Rejection::ClientNotAccepted,
                "unauthorized_client",
            ),
            (401, json!("no"), Rejection::ClientNotAccepted, "status 401"),
            (503, json!({}), Rejection::TokenRequestFailed, "status 503"),
            (200, json!([]), Rejection::TokenRequestFailed, "no JSON object"),
            (
                200,
                with("access_token", json!(7)),
                Rejection::TokenRequestFailed,
                "no access_token",
            ),
            (
                200,
                with("token_type", json!("mac")),
                Rejection::TokenTypeNotBearer,
                "mac",
            ),
            (
                200,
                with("id_token", json!({})),
                Rejection::IdTokenMalformed,
                "no id_token",
            ),
        ] {
            let denial = answered(status, &answer).unwrap_err();
            assert_eq!(denial.rejection, rejection, "{answer}");
            assert!(denial.detail.clone().unwrap().contains(words), "{denial:?}");
        }
    }
}
