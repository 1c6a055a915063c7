//! From the answer a browser brings back to what the provider says of the person, step by step, each step checked before the next. What is not needed does not
//! fail: a userinfo endpoint that gives nothing leaves out what it would have said.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use entity::identity_provider;
use entity::sso_test::{Step, StepName};
use secrecy::ExposeSecret;

use super::discovery::{Directory, Metadata};
use super::exchange::{self, Bought, quoted};
use crate::app::App;
use crate::error::Error;
use crate::sso::attempt::Secrets;
use crate::sso::tokens::claims::{Claims, Mapping, Profile, text};
use crate::sso::tokens::id_token::{self, Expected, Fresh, Verified};
use crate::sso::tokens::key::Key;
use crate::sso::{Denial, Rejection};

/// Why a round trip came to nothing.
#[derive(Debug)]
pub enum Trouble {
    /// Something about the person, the provider or its answer.
    Rejected(Denial),
    /// Something about us.
    Failed(Error),
}

impl From<Rejection> for Trouble {
    fn from(rejection: Rejection) -> Self {
        Self::Rejected(rejection.into())
    }
}

impl From<Denial> for Trouble {
    fn from(denial: Denial) -> Self {
        Self::Rejected(denial)
    }
}

/// What a browser brings back from the provider.
#[derive(Clone, Debug, Default)]
pub struct Answer {
    pub code: Option<String>,
    pub issuer: Option<String>,
    /// The code of a refusal, and the text beside it.
    pub error: Option<String>,
    pub error_description: Option<String>,
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
    /// Why the userinfo endpoint said nothing, though the ID token lacks what it might have said.
    pub unsaid: Option<Denial>,
    /// The ID token as it came, to be given back when the person signs out there.
    pub id_token: String,
}

/// The steps of a round trip as they were taken, for whoever tries a configuration out.
#[derive(Clone, Debug, Default)]
pub struct Steps(pub Vec<Step>);

impl Steps {
    fn note<T>(&mut self, name: StepName, outcome: Result<T, Trouble>) -> Result<T, Trouble> {
        match &outcome {
            Ok(_) => self.add(name, true, None),
            Err(Trouble::Rejected(denial)) => self.add(name, false, Some(denial.explained())),
            Err(Trouble::Failed(_)) => {
                let text = "Something went wrong on our side.".to_owned();
                self.add(name, false, Some(text));
            }
        }
        outcome
    }

    pub fn add(&mut self, name: StepName, is_passed: bool, message: Option<String>) {
        self.0.push(Step {
            name,
            is_passed,
            message,
        });
    }
}

/// One round trip with a provider.
pub struct RoundTrip<'a> {
    pub app: &'a App,
    pub provider: &'a identity_provider::Model,
    pub secrets: &'a Secrets,
    /// When the browser was sent off.
    pub started_at: DateTime<Utc>,
    /// It is a trial: nothing remembered of the provider is gone by.
    pub is_trial: bool,
}

impl RoundTrip<'_> {
    /// Takes all steps up to the first that fails.
    pub async fn complete(&self, answer: Answer, steps: &mut Steps) -> Result<Assertion, Trouble> {
        let (app, provider) = (self.app, self.provider);
        let directory = app.shared::<Directory>();
        let metadata = match self.is_trial {
            true => directory.anew(app, provider).await,
            false => directory.metadata(app, provider).await,
        };
        let metadata = steps.note(StepName::Discovery, metadata.map_err(Trouble::from))?;
        let keys = match self.is_trial {
            true => directory.keys_anew(app, provider, &metadata).await,
            false => directory.keys(app, provider, &metadata).await,
        };
        let keys = steps.note(StepName::Jwks, keys.map_err(Trouble::from))?;
        let code = self.code(answer, &metadata);
        let code = steps.note(StepName::Authorization, code.map_err(Trouble::from))?;
        let bought = exchange::buy(app, provider, &metadata, self.secrets, &code).await;
        let bought = steps.note(StepName::Token, bought)?;
        let verified = self.verify(&bought, keys, &metadata).await;
        let verified = verified.map_err(|rejection| self.seen(rejection, &bought.id_token));
        let verified = steps.note(StepName::IdToken, verified.map_err(Trouble::from))?;
        let (claims, unsaid) = self.ask_for_more(&metadata, &bought, &verified, steps).await?;
        let mapping = Mapping::of(provider);
        Ok(Assertion {
            issuer: provider.issuer.clone(),
            subject: verified.subject,
            provider_session: verified.provider_session,
            authenticated_at: verified.authenticated_at,
            profile: Profile::read(&claims, &mapping),
            claims,
            unsaid,
            id_token: bought.id_token,
        })
    }

    /// What the ID token says, with what the userinfo endpoint says beyond it. That it gives nothing is kept for whoever needs what it would have said; that it
    /// speaks of somebody else is not passed over.
    async fn ask_for_more(
        &self,
        metadata: &Metadata,
        bought: &Bought,
        verified: &Verified,
        steps: &mut Steps,
    ) -> Result<(Claims, Option<Denial>), Trouble> {
        let signed = &verified.claims;
        let Some(endpoint) = metadata
            .userinfo_endpoint
            .as_ref()
            .filter(|_| self.lacks_claims(signed))
        else {
            return Ok((signed.clone(), None));
        };
        match exchange::userinfo(self.app, endpoint, &bought.access_token, &verified.subject).await {
            Err(denial) if denial.rejection == Rejection::UserinfoFailed => {
                steps.add(
                    StepName::Userinfo,
                    true,
                    Some(format!("Gone on without: {}", denial.explained())),
                );
                Ok((signed.clone(), Some(denial)))
            }
            said => {
                let said = steps.note(StepName::Userinfo, said.map_err(Trouble::from))?;
                Ok((merged(signed, said), None))
            }
        }
    }

    /// The code, from the very provider we asked (RFC 9207).
    fn code(&self, answer: Answer, metadata: &Metadata) -> Result<String, Denial> {
        let names_itself = metadata.authorization_response_iss_parameter_supported == Some(true);
        match answer.issuer {
            Some(issuer) if issuer != self.provider.issuer => {
                let other = format!("it names “{issuer}”");
                return Err(Denial::because(Rejection::ResponseIssuerWrong, &other));
            }
            None if names_itself => return Err(Rejection::ResponseIssuerWrong.into()),
            _ => {}
        }
        if let Some(error) = answer.error {
            let said = quoted(&error, answer.error_description.as_deref());
            return Err(Denial::because(Rejection::ProviderDenied, &said));
        }
        let code = answer.code.filter(|code| !code.is_empty());
        Ok(code.ok_or(Rejection::CodeMissing)?)
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
            fresh: self.secrets.is_fresh_demanded.then_some(Fresh {
                since: self.started_at,
                trusts_prompt: self.provider.trusts_prompt,
            }),
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
            .await
        {
            Some(keys) => id_token::verify(&bought.id_token, &keys, &expected),
            None => verified,
        }
    }

    /// What was seen of the time at which the person proved who they are, where that is the trouble.
    fn seen(&self, rejection: Rejection, id_token: &str) -> Denial {
        if rejection != Rejection::SignInNotRecent {
            return rejection.into();
        }
        let asked = self.started_at.timestamp();
        let detail = match id_token::said_of(id_token, "auth_time") {
            Some(said) => format!("its auth_time is {said}, and it was asked at {asked}"),
            None => format!("it sends no auth_time, and it was asked at {asked}"),
        };
        Denial::because(rejection, &detail)
    }

    fn lacks_claims(&self, claims: &Claims) -> bool {
        let provider = self.provider;
        let read = [
            &provider.email_claim,
            &provider.given_name_claim,
            &provider.family_name_claim,
        ];
        read.into_iter().any(|claim| text(claims, claim).is_none())
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
