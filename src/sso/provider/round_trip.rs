//! From the answer a browser brings back to what the provider says of the person, step by step, each step checked before the next.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use entity::identity_provider;
use entity::sso_test::{Step, StepName};
use secrecy::ExposeSecret;

use super::discovery::{Directory, Metadata};
use super::exchange::{self, Bought};
use crate::app::App;
use crate::error::Error;
use crate::sso::Rejection;
use crate::sso::attempt::Secrets;
use crate::sso::tokens::claims::{Claims, Mapping, Profile};
use crate::sso::tokens::id_token::{self, Expected, Verified};
use crate::sso::tokens::key::Key;

/// Why a round trip came to nothing.
#[derive(Debug)]
pub enum Trouble {
    /// Something about the person, the provider or its answer.
    Rejected(Rejection),
    /// Something about us.
    Failed(Error),
}

impl From<Rejection> for Trouble {
    fn from(rejection: Rejection) -> Self {
        Self::Rejected(rejection)
    }
}

/// What a browser brings back from the provider.
#[derive(Clone, Debug, Default)]
pub struct Answer {
    pub code: Option<String>,
    pub issuer: Option<String>,
    pub is_error: bool,
}

/// What a provider says of a person, believed.
#[derive(Clone, Debug)]
pub struct Assertion {
    pub issuer: String,
    pub subject: String,
    pub provider_session: Option<String>,
    /// When the person proved who they are, if the provider says so.
    pub authenticated_at: Option<DateTime<Utc>>,
    pub profile: Profile,
    /// All that was said, of the ID token and of the userinfo endpoint.
    pub claims: Claims,
}

/// The steps of a round trip as they were taken, for whoever tries a configuration out.
#[derive(Clone, Debug, Default)]
pub struct Steps(pub Vec<Step>);

impl Steps {
    fn note<T>(&mut self, name: StepName, outcome: Result<T, Trouble>) -> Result<T, Trouble> {
        let message = match &outcome {
            Ok(_) => None,
            Err(Trouble::Rejected(rejection)) => {
                Some(format!("{}: {}", rejection.code(), rejection.advice()))
            }
            Err(Trouble::Failed(_)) => Some("Something went wrong on our side.".to_owned()),
        };
        self.0.push(Step {
            name,
            is_passed: outcome.is_ok(),
            message,
        });
        outcome
    }
}

/// One round trip with a provider.
pub struct RoundTrip<'a> {
    pub app: &'a App,
    pub provider: &'a identity_provider::Model,
    pub secrets: &'a Secrets,
    /// When the browser was sent off.
    pub started_at: DateTime<Utc>,
}

impl RoundTrip<'_> {
    /// Takes all steps up to the first that fails.
    pub async fn complete(&self, answer: Answer, steps: &mut Steps) -> Result<Assertion, Trouble> {
        let (app, provider) = (self.app, self.provider);
        let metadata = self.app.shared::<Directory>().metadata(app, provider).await;
        let metadata = steps.note(StepName::Discovery, metadata.map_err(Trouble::from))?;
        let keys = self
            .app
            .shared::<Directory>()
            .keys(app, provider, &metadata)
            .await;
        let keys = steps.note(StepName::Jwks, keys.map_err(Trouble::from))?;
        let code = self.code(answer, &metadata);
        let code = steps.note(StepName::Authorization, code.map_err(Trouble::from))?;
        let bought = exchange::buy(app, provider, &metadata, self.secrets, code).await;
        let bought = steps.note(StepName::Token, bought)?;
        let verified = self.verify(&bought, keys, &metadata).await;
        let verified = steps.note(StepName::IdToken, verified.map_err(Trouble::from))?;
        let claims = match &metadata.userinfo_endpoint {
            Some(endpoint) if self.lacks_claims(&verified.claims) => {
                let said = exchange::userinfo(app, endpoint, &bought.access_token, &verified.subject).await;
                merged(&verified.claims, steps.note(StepName::Userinfo, said)?)
            }
            _ => verified.claims,
        };
        Ok(Assertion {
            issuer: provider.issuer.clone(),
            subject: verified.subject,
            provider_session: verified.provider_session,
            authenticated_at: verified.authenticated_at,
            profile: Profile::read(&claims, &Mapping::of(provider)),
            claims,
        })
    }

    /// The code, from the very provider we asked (RFC 9207).
    fn code(&self, answer: Answer, metadata: &Metadata) -> Result<String, Rejection> {
        match answer.issuer {
            Some(issuer) if issuer != self.provider.issuer => return Err(Rejection::ResponseIssuerWrong),
            None if metadata.authorization_response_iss_parameter_supported => {
                return Err(Rejection::ResponseIssuerWrong);
            }
            _ => {}
        }
        if answer.is_error {
            return Err(Rejection::ProviderDenied);
        }
        answer
            .code
            .filter(|code| !code.is_empty())
            .ok_or(Rejection::CodeMissing)
    }

    /// Verifies the ID token; if the keys we remember do not fit, with those of now.
    async fn verify(
        &self,
        bought: &Bought,
        keys: Arc<Vec<Key>>,
        metadata: &Metadata,
    ) -> Result<Verified, Rejection> {
        let expected = Expected {
            issuer: &self.provider.issuer,
            client_id: &self.provider.client_id,
            nonce: &self.secrets.nonce,
            access_token: bought.access_token.expose_secret(),
            now: self.app.clock().now(),
            fresh_since: self.secrets.is_fresh_demanded.then_some(self.started_at),
        };
        let verified = id_token::verify(&bought.id_token, &keys, &expected);
        let may_be_rotated = matches!(
            verified,
            Err(Rejection::IdTokenKeyUnknown | Rejection::IdTokenSignatureWrong)
        );
        if !may_be_rotated {
            return verified;
        }
        match self
            .app
            .shared::<Directory>()
            .newer_keys(self.app, self.provider, metadata, &keys)
            .await?
        {
            Some(keys) => id_token::verify(&bought.id_token, &keys, &expected),
            None => verified,
        }
    }

    fn lacks_claims(&self, claims: &Claims) -> bool {
        let provider = self.provider;
        [
            &provider.email_claim,
            &provider.given_name_claim,
            &provider.family_name_claim,
        ]
        .into_iter()
        .any(|claim| !claims.contains_key(claim))
    }
}

/// What the ID token says is signed, so it counts where both say something. An address and the word that it is verified come from one source.
fn merged(signed: &Claims, said: Claims) -> Claims {
    let mut all = said;
    let is_of_token = signed.contains_key("email");
    if is_of_token && all.get("email") != signed.get("email") {
        all.remove("email_verified");
    }
    let counts = |name: &str| is_of_token || name != "email_verified" || !all.contains_key("email");
    let signed: Vec<_> = signed.iter().filter(|(name, _)| counts(name)).collect();
    for (name, value) in signed {
        all.insert(name.clone(), value.clone());
    }
    all
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::merged;
    use crate::sso::tokens::claims::Claims;

    fn claims(value: &Value) -> Claims {
        value.as_object().unwrap().clone()
    }

    #[test]
    fn the_word_that_an_address_is_verified_stays_with_its_address() {
        let cases = [
            // (ID token, userinfo, together)
            (
                json!({"email": "a@b.c", "email_verified": true}),
                json!({"given_name": "Ada"}),
                json!({"email": "a@b.c", "email_verified": true, "given_name": "Ada"}),
            ),
            (
                json!({}),
                json!({"email": "a@b.c", "email_verified": true}),
                json!({"email": "a@b.c", "email_verified": true}),
            ),
            (
                json!({"email": "a@b.c"}),
                json!({"email": "a@b.c", "email_verified": true}),
                json!({"email": "a@b.c", "email_verified": true}),
            ),
            (
                json!({"email": "a@b.c"}),
                json!({"email": "eve@b.c", "email_verified": true}),
                json!({"email": "a@b.c"}),
            ),
            (
                json!({"email_verified": true}),
                json!({"email": "eve@b.c", "email_verified": false}),
                json!({"email": "eve@b.c", "email_verified": false}),
            ),
            (
                json!({"email_verified": true}),
                json!({"email": "eve@b.c"}),
                json!({"email": "eve@b.c"}),
            ),
        ];
        for (signed, said, together) in cases {
            let merged = merged(&claims(&signed), claims(&said));
            assert_eq!(Value::Object(merged), together, "{signed} {said}");
        }
    }
}
