//! The two requests of a sign-in: the one the browser carries to the provider, and the one by which we buy tokens for the code it brings back.
//!
//! `openidconnect` builds both. PKCE (S256), state and nonce are always sent. A public client sends no secret; a confidential one proves itself as its
//! provider was registered to expect.

use entity::identity_provider::{self, TokenAuthMethod};
use futures::future::BoxFuture;
use futures::{FutureExt, TryFutureExt};
use http::header::{ACCEPT, AUTHORIZATION};
use http::{HeaderValue, StatusCode};
use openidconnect::core::{
    CoreAuthDisplay, CoreAuthPrompt, CoreAuthenticationFlow, CoreErrorResponseType, CoreGenderClaim,
    CoreJweContentEncryptionAlgorithm, CoreRevocableToken, CoreRevocationErrorResponse,
    CoreTokenIntrospectionResponse, CoreTokenResponse, CoreTokenType,
};
use openidconnect::{
    AsyncHttpClient, AuthType, AuthUrl, AuthorizationCode, Client, ClientId, ClientSecret, CsrfToken,
    EmptyAdditionalClaims, EndpointNotSet, EndpointSet, HttpRequest, HttpResponse, IssuerUrl, JsonWebKeySet,
    LoginHint, Nonce, OAuth2TokenResponse, PkceCodeChallenge, PkceCodeVerifier, RedirectUrl,
    RequestTokenError, Scope, StandardErrorResponse, TokenResponse, TokenUrl,
};
use secrecy::{ExposeSecret, SecretString};
use url::Url;

use super::client_key::{ASSERTION_TYPE, ClientKey};
use super::discovery::{Metadata, is_json};
use super::round_trip::Trouble;
use crate::app::App;
use crate::error::Error;
use crate::platform::outbound::{Outbound, OutboundError};
use crate::platform::seal::Content;
use crate::sso::redirect_uri;
use crate::sso::tokens::claims::Claims;
use crate::sso::tokens::id_token::IdToken;
use crate::sso::tokens::key::Key;
use crate::sso::{Rejection, attempt};

type RelyingParty = Client<
    EmptyAdditionalClaims,
    CoreAuthDisplay,
    CoreGenderClaim,
    CoreJweContentEncryptionAlgorithm,
    Key,
    CoreAuthPrompt,
    StandardErrorResponse<CoreErrorResponseType>,
    CoreTokenResponse,
    CoreTokenIntrospectionResponse,
    CoreRevocableToken,
    CoreRevocationErrorResponse,
    EndpointSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointSet,
    EndpointNotSet,
>;

/// Tokens bought.
pub struct Bought {
    pub id_token: IdToken,
    pub access_token: SecretString,
}

/// A request that could not be sent, as the library wants its errors; the cause is in the log.
#[derive(Debug, thiserror::Error)]
#[error("the request could not be sent")]
struct Unsent;

/// The guarded client as the library calls one.
struct Guarded(Outbound);

impl<'c> AsyncHttpClient<'c> for Guarded {
    type Error = Unsent;
    type Future = BoxFuture<'c, Result<HttpResponse, Unsent>>;

    fn call(&'c self, request: HttpRequest) -> Self::Future {
        let sent = self.0.send(request);
        sent.map_err(|error| {
            log(&error);
            Unsent
        })
        .boxed()
    }
}

/// Where the browser is sent.
pub fn authorization_url(
    app: &App,
    provider: &identity_provider::Model,
    metadata: &Metadata,
    secrets: &attempt::Secrets,
    login_hint: Option<String>,
) -> Result<Url, Trouble> {
    let client = relying_party(app, provider, metadata)?;
    let (challenge, _) = challenge(&secrets.verifier);
    let state = secrets.state.clone();
    let nonce = secrets.nonce.clone();
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
            .set_max_age(std::time::Duration::ZERO);
    }
    if let Some(hint) = login_hint {
        request = request.set_login_hint(LoginHint::new(hint));
    }
    Ok(request.url().0)
}

/// Buys tokens for a code.
pub async fn buy(
    app: &App,
    provider: &identity_provider::Model,
    metadata: &Metadata,
    secrets: &attempt::Secrets,
    code: String,
) -> Result<Bought, Trouble> {
    let client = authenticated(app, provider, relying_party(app, provider, metadata)?)?;
    let (_, verifier) = challenge(&secrets.verifier);
    let mut request = client
        .exchange_code(AuthorizationCode::new(code))
        .set_pkce_verifier(verifier);
    if provider.token_auth_method == TokenAuthMethod::PrivateKeyJwt {
        let key = ClientKey::of(app.secrets(), provider.id)?;
        let endpoint = metadata.token_endpoint.as_str();
        let assertion = key.assertion(provider, endpoint, app.clock().now())?;
        request = request
            .add_extra_param("client_assertion_type", ASSERTION_TYPE)
            .add_extra_param("client_assertion", assertion);
    }
    let guarded = Guarded(app.outbound().clone());
    let tokens = request
        .request_async(&guarded)
        .await
        .map_err(|error| rejection(&error))?;
    if *tokens.token_type() != CoreTokenType::Bearer {
        return Err(Rejection::TokenTypeNotBearer.into());
    }
    Ok(Bought {
        id_token: tokens.id_token().cloned().ok_or(Rejection::IdTokenMalformed)?,
        access_token: tokens.access_token().secret().clone().into(),
    })
}

/// What the provider says of the person beyond the ID token; it must be the same person.
pub async fn userinfo(
    app: &App,
    endpoint: &Url,
    access_token: &SecretString,
    subject: &str,
) -> Result<Claims, Trouble> {
    let failed = Rejection::UserinfoFailed;
    let bearer = format!("Bearer {}", access_token.expose_secret());
    let mut bearer = HeaderValue::from_str(&bearer).map_err(|_| failed)?;
    bearer.set_sensitive(true);
    let request = http::Request::get(endpoint.as_str())
        .header(AUTHORIZATION, bearer)
        .header(ACCEPT, "application/json")
        .body(Vec::new())
        .map_err(|_| failed)?;
    let answer = app.outbound().send(request).await.map_err(|error| {
        log(&error);
        failed
    })?;
    if answer.status() != StatusCode::OK || !is_json(answer.headers()) {
        return Err(failed.into());
    }
    let claims: Claims = serde_json::from_slice(answer.body()).map_err(|_| failed)?;
    // OpenID Connect Core section 5.3.2: otherwise another person's claims could be substituted.
    match claims.get("sub").and_then(serde_json::Value::as_str) {
        Some(same) if same == subject => Ok(claims),
        _ => Err(Rejection::UserinfoSubjectMismatch.into()),
    }
}

fn relying_party(
    app: &App,
    provider: &identity_provider::Model,
    metadata: &Metadata,
) -> Result<RelyingParty, Trouble> {
    let issuer = IssuerUrl::new(provider.issuer.clone()).map_err(|_| Rejection::DiscoveryFailed)?;
    let client_id = ClientId::new(provider.client_id.clone());
    // Signatures are verified against the keys of the moment, not against those of the client.
    Ok(Client::new(client_id, issuer, JsonWebKeySet::new(Vec::new()))
        .set_auth_uri(AuthUrl::from_url(metadata.authorization_endpoint.clone()))
        .set_token_uri(TokenUrl::from_url(metadata.token_endpoint.clone()))
        .set_redirect_uri(RedirectUrl::from_url(redirect_uri(app, provider.id))))
}

fn authenticated(
    app: &App,
    provider: &identity_provider::Model,
    client: RelyingParty,
) -> Result<RelyingParty, Trouble> {
    let method = match provider.token_auth_method {
        TokenAuthMethod::ClientSecretBasic => AuthType::BasicAuth,
        TokenAuthMethod::ClientSecretPost => AuthType::RequestBody,
        TokenAuthMethod::PrivateKeyJwt => return Ok(client.set_auth_type(AuthType::RequestBody)),
    };
    let client = client.set_auth_type(method);
    let Some(sealed) = &provider.sealed_secret else {
        return Ok(client);
    };
    let secret = app
        .secrets()
        .unseal(Content::ClientSecret, provider.account_id, provider.id, sealed)?;
    Ok(client.set_client_secret(ClientSecret::new(secret.expose_secret().to_owned())))
}

fn challenge(verifier: &str) -> (PkceCodeChallenge, PkceCodeVerifier) {
    let verifier = PkceCodeVerifier::new(verifier.to_owned());
    (PkceCodeChallenge::from_code_verifier_sha256(&verifier), verifier)
}

fn rejection(error: &RequestTokenError<Unsent, StandardErrorResponse<CoreErrorResponseType>>) -> Rejection {
    match error {
        RequestTokenError::ServerResponse(answer) => {
            tracing::info!(
                code = known(answer.error()),
                "an identity provider refused a code"
            );
            Rejection::TokenRequestFailed
        }
        // There are tokens, but the ID token is none.
        RequestTokenError::Parse(_, body) if has_id_token(body) => Rejection::IdTokenMalformed,
        _ => Rejection::TokenRequestFailed,
    }
}

/// The code of a refusal if it is one of RFC 6749, section 5.2. Whatever else a provider writes there may be long, and is nothing for our log.
const fn known(code: &CoreErrorResponseType) -> &'static str {
    match code {
        CoreErrorResponseType::InvalidClient => "invalid_client",
        CoreErrorResponseType::InvalidGrant => "invalid_grant",
        CoreErrorResponseType::InvalidRequest => "invalid_request",
        CoreErrorResponseType::InvalidScope => "invalid_scope",
        CoreErrorResponseType::UnauthorizedClient => "unauthorized_client",
        CoreErrorResponseType::UnsupportedGrantType => "unsupported_grant_type",
        CoreErrorResponseType::Extension(_) => "another",
    }
}

fn has_id_token(body: &[u8]) -> bool {
    let answer: Option<Claims> = serde_json::from_slice(body).ok();
    answer.is_some_and(|answer| answer.contains_key("id_token") && answer.contains_key("access_token"))
}

fn log(error: &OutboundError) {
    tracing::info!(?error, "an identity provider could not be asked");
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
    use openidconnect::core::CoreErrorResponseType;

    use super::known;

    #[test]
    fn a_refusal_is_logged_by_a_code_of_the_standard_or_as_another() {
        for (sent, logged) in [
            ("invalid_grant", "invalid_grant"),
            ("invalid_client", "invalid_client"),
            ("unsupported_grant_type", "unsupported_grant_type"),
            ("Invalid_Grant", "another"),
            ("server_error\u{1b}[31m\nlevel=ERROR", "another"),
            ("", "another"),
        ] {
            let code: CoreErrorResponseType = serde_json::from_value(sent.into()).unwrap();
            assert_eq!(known(&code), logged, "{sent}");
        }
    }
}
