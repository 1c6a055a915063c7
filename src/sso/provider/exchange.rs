//! The requests of a sign-in: the one the browser carries to the provider, the one by which we buy tokens for the code it brings back, and the one that asks for
//! more about the person.
//!
//! PKCE (S256), state and nonce are always sent. A public client sends no secret; a confidential one proves itself as its provider was registered to expect.
//! Of the answers we read what we use, whatever else is in them and of whatever type (decision 0036).

use aws_lc_rs::digest::{SHA256, digest};
use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use entity::identity_provider::{self, TokenAuthMethod};
use http::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE};
use http::{HeaderValue, Request, Response, StatusCode};
use secrecy::{ExposeSecret, SecretString};
use serde_json::Value;
use url::Url;
use url::form_urlencoded::{Serializer, byte_serialize};

use super::client_key::{ASSERTION_TYPE, ClientKey};
use super::discovery::{Metadata, is_json, unsent};
use super::round_trip::Trouble;
use crate::app::App;
use crate::error::Error;
use crate::platform::seal::Content;
use crate::sso::tokens::claims::{Claims, text};
use crate::sso::{Denial, Rejection, attempt, redirect_uri};

/// What a provider is asked for when somebody has to prove anew who they are. Zero would say the same, but is an error at some providers and a circle at others.
const MAX_AGE_OF_A_FRESH_PROOF: &str = "1";

/// Tokens bought.
pub struct Bought {
    pub id_token: String,
    pub access_token: SecretString,
}

/// Where the browser is sent (OpenID Connect Core, section 3.1.2.1).
pub fn authorization_url(
    app: &App,
    provider: &identity_provider::Model,
    metadata: &Metadata,
    secrets: &attempt::Secrets,
    login_hint: Option<String>,
) -> Url {
    let challenge = URL_SAFE_NO_PAD.encode(digest(&SHA256, secrets.verifier.as_bytes()));
    let mut url = metadata.authorization_endpoint.clone();
    let mut query = url.query_pairs_mut();
    query
        .append_pair("response_type", "code")
        .append_pair("client_id", &provider.client_id)
        .append_pair("redirect_uri", redirect_uri(app, provider.id).as_str())
        .append_pair("scope", &provider.scopes.0.join(" "))
        .append_pair("state", &secrets.state)
        .append_pair("nonce", &secrets.nonce)
        .append_pair("code_challenge", &challenge)
        .append_pair("code_challenge_method", "S256");
    if secrets.is_fresh_demanded {
        query
            .append_pair("prompt", "login")
            .append_pair("max_age", MAX_AGE_OF_A_FRESH_PROOF);
    }
    if let Some(hint) = login_hint {
        query.append_pair("login_hint", &hint);
    }
    drop(query);
    url
}

/// Buys tokens for a code (RFC 6749, section 4.1.3).
pub async fn buy(
    app: &App,
    provider: &identity_provider::Model,
    metadata: &Metadata,
    secrets: &attempt::Secrets,
    code: &str,
) -> Result<Bought, Trouble> {
    let request = token_request(app, provider, metadata, secrets, code)?;
    let answer = app.outbound().send(request).await;
    let failed = Rejection::TokenRequestFailed;
    let answer = answer.map_err(|error| unsent(failed, &metadata.token_endpoint, &error))?;
    let secret = client_secret(app, provider)?;
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

fn token_request(
    app: &App,
    provider: &identity_provider::Model,
    metadata: &Metadata,
    secrets: &attempt::Secrets,
    code: &str,
) -> Result<Request<Vec<u8>>, Trouble> {
    let mut form = Serializer::new(String::new());
    form.append_pair("grant_type", "authorization_code")
        .append_pair("code", code)
        .append_pair("redirect_uri", redirect_uri(app, provider.id).as_str())
        .append_pair("code_verifier", &secrets.verifier);
    let header = prove(app, provider, metadata, &mut form)?;
    let mut request = Request::post(metadata.token_endpoint.as_str())
        .header(ACCEPT, "application/json")
        .header(CONTENT_TYPE, "application/x-www-form-urlencoded");
    if let Some(header) = header {
        request = request.header(AUTHORIZATION, header);
    }
    let request = request.body(form.finish().into_bytes());
    Ok(request.map_err(|_| Rejection::TokenRequestFailed)?)
}

/// Adds to a token request who we are; answers the header that says it, where it is said so.
fn prove(
    app: &App,
    provider: &identity_provider::Model,
    metadata: &Metadata,
    form: &mut Serializer<'_, String>,
) -> Result<Option<HeaderValue>, Trouble> {
    let client_id = provider.client_id.as_str();
    if provider.token_auth_method == TokenAuthMethod::PrivateKeyJwt {
        let key = ClientKey::of(app.secrets(), provider.id)?;
        let endpoint = metadata.token_endpoint.as_str();
        let assertion = key.assertion(provider, endpoint, app.clock().now())?;
        form.append_pair("client_id", client_id)
            .append_pair("client_assertion_type", ASSERTION_TYPE)
            .append_pair("client_assertion", &assertion);
        return Ok(None);
    }
    let Some(secret) = client_secret(app, provider)? else {
        form.append_pair("client_id", client_id);
        return Ok(None);
    };
    let secret = secret.expose_secret();
    if provider.token_auth_method == TokenAuthMethod::ClientSecretPost {
        form.append_pair("client_id", client_id)
            .append_pair("client_secret", secret);
        return Ok(None);
    }
    // Both are escaped before they are joined (RFC 6749, section 2.3.1).
    let escaped = |text: &str| byte_serialize(text.as_bytes()).collect::<String>();
    let pair = STANDARD.encode(format!("{}:{}", escaped(client_id), escaped(secret)));
    let mut header = HeaderValue::try_from(format!("Basic {pair}")).map_err(Error::internal)?;
    header.set_sensitive(true);
    Ok(Some(header))
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
