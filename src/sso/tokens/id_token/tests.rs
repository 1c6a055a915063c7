use aws_lc_rs::digest;
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::KeySize;
use aws_lc_rs::signature::{self, EcdsaKeyPair, EcdsaSigningAlgorithm, Ed25519KeyPair, KeyPair, RsaKeyPair};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::{DateTime, Duration, Utc};
use serde_json::{Value, json};

use super::{Expected, Fresh, Verified, verify};
use crate::sso::Rejection;
use crate::sso::tokens::key::{Key, parse_set};

const ISSUER: &str = "https://login.acme.example";
const CLIENT: &str = "muster";
const NONCE: &str = "nonce-1";
const ACCESS_TOKEN: &str = "access-1";

fn now() -> DateTime<Utc> {
    DateTime::UNIX_EPOCH + Duration::days(20_000)
}

fn encode(bytes: impl AsRef<[u8]>) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

type Sign = Box<dyn Fn(&[u8]) -> Vec<u8>>;

/// Somebody's key pair, and how to sign with it.
struct Signer {
    alg: &'static str,
    jwk: Value,
    sign: Sign,
}

impl Signer {
    fn ed25519() -> Self {
        let pair = Ed25519KeyPair::generate().unwrap();
        Self {
            alg: "EdDSA",
            jwk: json!({"kty": "OKP", "crv": "Ed25519", "kid": "1", "x": encode(pair.public_key())}),
            sign: Box::new(move |message| pair.sign(message).as_ref().to_vec()),
        }
    }

    fn curve(alg: &'static str, crv: &str, algorithm: &'static EcdsaSigningAlgorithm) -> Self {
        let pair = EcdsaKeyPair::generate(algorithm).unwrap();
        let point = pair.public_key().as_ref()[1..].to_vec();
        let (x, y) = point.split_at(point.len() / 2);
        Self {
            alg,
            jwk: json!({"kty": "EC", "crv": crv, "kid": "1", "x": encode(x), "y": encode(y)}),
            sign: Box::new(move |message| {
                pair.sign(&SystemRandom::new(), message)
                    .unwrap()
                    .as_ref()
                    .to_vec()
            }),
        }
    }

    fn rsa(alg: &'static str, padding: &'static dyn signature::RsaEncoding) -> Self {
        let pair = RsaKeyPair::generate(KeySize::Rsa2048).unwrap();
        let public = pair.public_key();
        let n = public.modulus().big_endian_without_leading_zero();
        let e = public.exponent().big_endian_without_leading_zero();
        // Some providers write a leading zero.
        let n = [&[0], n].concat();
        Self {
            alg,
            jwk: json!({"kty": "RSA", "kid": "1", "use": "sig", "alg": alg, "n": encode(n), "e": encode(e)}),
            sign: Box::new(move |message| {
                let mut signature = vec![0; pair.public_modulus_len()];
                pair.sign(padding, &SystemRandom::new(), message, &mut signature)
                    .unwrap();
                signature
            }),
        }
    }

    fn all() -> Vec<Self> {
        vec![
            Self::ed25519(),
            Self::curve("ES256", "P-256", &signature::ECDSA_P256_SHA256_FIXED_SIGNING),
            Self::curve("ES384", "P-384", &signature::ECDSA_P384_SHA384_FIXED_SIGNING),
            Self::curve("ES512", "P-521", &signature::ECDSA_P521_SHA512_FIXED_SIGNING),
            Self::rsa("RS256", &signature::RSA_PKCS1_SHA256),
            Self::rsa("RS384", &signature::RSA_PKCS1_SHA384),
            Self::rsa("RS512", &signature::RSA_PKCS1_SHA512),
            Self::rsa("PS256", &signature::RSA_PSS_SHA256),
            Self::rsa("PS384", &signature::RSA_PSS_SHA384),
            Self::rsa("PS512", &signature::RSA_PSS_SHA512),
        ]
    }

    fn keys(&self) -> Vec<Key> {
        parse_set(json!({"keys": [self.jwk]}).to_string().as_bytes()).unwrap()
    }

    fn header(&self) -> Value {
        json!({"alg": self.alg, "kid": "1", "typ": "JWT"})
    }

    fn token(&self, header: &Value, claims: &Value) -> String {
        let signed = format!("{}.{}", encode(header.to_string()), encode(claims.to_string()));
        let signature = (self.sign)(signed.as_bytes());
        format!("{signed}.{}", encode(signature))
    }
}

fn claims() -> Value {
    let seconds = now().timestamp();
    json!({"iss": ISSUER, "aud": CLIENT, "sub": "subject-1", "nonce": NONCE, "iat": seconds, "exp": seconds + 300})
}

fn check(token: &str, keys: &[Key], fresh_since: Option<DateTime<Utc>>) -> Result<Verified, Rejection> {
    let fresh = fresh_since.map(|since| Fresh {
        since,
        trusts_prompt: false,
    });
    judge(token, keys, fresh)
}

fn judge(token: &str, keys: &[Key], fresh: Option<Fresh>) -> Result<Verified, Rejection> {
    let expected = Expected {
        issuer: ISSUER,
        client_id: CLIENT,
        nonce: NONCE,
        access_token: ACCESS_TOKEN,
        now: now(),
        fresh,
    };
    verify(token, keys, &expected)
}

/// The outcome for claims laid over good ones; `null` takes one away.
#[expect(
    clippy::needless_pass_by_value,
    reason = "a literal reads better without a reference"
)]
fn with(signer: &Signer, changes: Value) -> Result<Verified, Rejection> {
    let mut claims = claims();
    for (name, value) in changes.as_object().unwrap() {
        claims[name] = value.clone();
        if value.is_null() {
            claims.as_object_mut().unwrap().remove(name);
        }
    }
    check(&signer.token(&signer.header(), &claims), &signer.keys(), None)
}

#[test]
fn every_allowed_algorithm_signs_in_and_only_with_its_own_key() {
    for signer in Signer::all() {
        let hash = match &signer.alg[signer.alg.len() - 3..] {
            "256" => &digest::SHA256,
            "384" => &digest::SHA384,
            _ => &digest::SHA512,
        };
        let hash = digest::digest(hash, ACCESS_TOKEN.as_bytes());
        let half = &hash.as_ref()[..hash.as_ref().len() / 2];
        let good = with(
            &signer,
            json!({"at_hash": encode(half), "unheard_of": {"x": [1]}}),
        );
        assert_eq!(
            good.map(|verified| verified.subject),
            Ok("subject-1".to_owned()),
            "{}",
            signer.alg
        );
        let wrong = with(&signer, json!({"at_hash": encode([0; 16])})).unwrap_err();
        assert_eq!(wrong, Rejection::IdTokenAccessTokenHashWrong, "{}", signer.alg);

        let token = signer.token(&signer.header(), &claims());
        let forged = token.replace(
            &encode(claims().to_string()),
            &encode(claims().to_string().replace("subject-1", "subject-2")),
        );
        let refused = check(&forged, &signer.keys(), None).unwrap_err();
        assert_eq!(refused, Rejection::IdTokenSignatureWrong, "{}", signer.alg);
    }
}

#[test]
fn tokens_without_a_providers_signature_are_refused() {
    let signer = Signer::ed25519();
    let refused = |header: Value| check(&signer.token(&header, &claims()), &signer.keys(), None).unwrap_err();
    for alg in ["none", "HS256", "HS384", "HS512"] {
        let refused = refused(json!({"alg": alg, "kid": "1"}));
        assert_eq!(refused, Rejection::IdTokenAlgorithmNotAllowed, "{alg}");
    }
    for header in [
        json!({"alg": "none"}),
        json!({"alg": "NONE"}),
        json!({"alg": "EdDSA", "kid": "1", "crit": ["exp"]}),
        json!({"alg": "EdDSA", "kid": "1", "typ": "at+jwt"}),
        json!({"alg": "EdDSA", "kid": "1", "cty": "JWT"}),
        json!({"alg": "RSA-OAEP", "enc": "A256GCM"}),
        json!({"kid": "1"}),
    ] {
        let refused = refused(header.clone());
        let expected = [Rejection::IdTokenAlgorithmNotAllowed, Rejection::IdTokenMalformed];
        assert!(expected.contains(&refused), "{header} {refused:?}");
    }
    // Confusion of algorithms: the public key as a shared secret, an elliptic curve's as an RSA key.
    let refused = refused(json!({"alg": "RS256", "kid": "1"}));
    assert_eq!(refused, Rejection::IdTokenKeyUnknown);
}

#[test]
fn keys_are_chosen_by_name_kind_and_use() {
    let signer = Signer::ed25519();
    let token = signer.token(&signer.header(), &claims());
    let outcome = |jwks: Value| {
        let keys = parse_set(json!({"keys": jwks}).to_string().as_bytes()).unwrap();
        check(&token, &keys, None).map(|_| ())
    };
    let mut renamed = signer.jwk.clone();
    renamed["kid"] = json!("2");
    let mut for_encryption = signer.jwk.clone();
    for_encryption["use"] = json!("enc");
    let mut of_another_algorithm = signer.jwk.clone();
    of_another_algorithm["alg"] = json!("ES256");
    for jwk in [renamed, for_encryption, of_another_algorithm] {
        assert_eq!(outcome(json!([jwk])), Err(Rejection::IdTokenKeyUnknown), "{jwk}");
    }
    let odd = json!({"kty": "quantum"});
    assert_eq!(outcome(json!([odd, signer.jwk])), Ok(()));
    assert_eq!(outcome(json!([])), Err(Rejection::IdTokenKeyUnknown));
    assert!(parse_set(b"[]").is_none() && parse_set(b"<html>").is_none());
}

#[test]
fn a_short_rsa_key_is_refused_before_its_signature_is_looked_at() {
    let jwk = json!({"kty": "RSA", "kid": "1", "n": encode([0xc5; 128]), "e": "AQAB"});
    let keys = parse_set(json!({"keys": [jwk]}).to_string().as_bytes()).unwrap();
    let signer = Signer::ed25519();
    let token = signer.token(&json!({"alg": "RS256", "kid": "1"}), &claims());
    assert_eq!(
        check(&token, &keys, None).unwrap_err(),
        Rejection::IdTokenKeyUnusable
    );
}

#[test]
fn every_claim_must_be_what_we_asked_for() {
    let signer = Signer::ed25519();
    let seconds = now().timestamp();
    for (changes, expected) in [
        (
            json!({"iss": "https://login.acme.example/"}),
            Rejection::IdTokenIssuerWrong,
        ),
        (json!({"iss": null}), Rejection::IdTokenMalformed),
        (json!({"aud": ["another"]}), Rejection::IdTokenAudienceWrong),
        (json!({"aud": null}), Rejection::IdTokenAudienceWrong),
        (json!({"azp": "another"}), Rejection::IdTokenAuthorizedPartyWrong),
        (json!({"azp": [CLIENT]}), Rejection::IdTokenAuthorizedPartyWrong),
        (json!({"exp": "later"}), Rejection::IdTokenMalformed),
        (json!({"at_hash": 7}), Rejection::IdTokenAccessTokenHashWrong),
        (json!({"nonce": "nonce-2"}), Rejection::IdTokenNonceWrong),
        (json!({"nonce": null}), Rejection::IdTokenNonceWrong),
        (json!({"exp": seconds - 60}), Rejection::IdTokenExpired),
        (json!({"exp": null}), Rejection::IdTokenMalformed),
        (json!({"iat": seconds + 61}), Rejection::IdTokenIssuedInFuture),
        (json!({"nbf": seconds + 61}), Rejection::IdTokenNotYetValid),
        (json!({"nbf": "later"}), Rejection::IdTokenMalformed),
        (
            json!({"auth_time": seconds + 61}),
            Rejection::IdTokenIssuedInFuture,
        ),
        (json!({"sub": ""}), Rejection::IdTokenSubjectUnusable),
        (json!({"sub": "a".repeat(256)}), Rejection::IdTokenSubjectUnusable),
        (json!({"sub": "a\nb"}), Rejection::IdTokenSubjectUnusable),
        (json!({"sub": 7}), Rejection::IdTokenSubjectUnusable),
    ] {
        assert_eq!(with(&signer, changes.clone()).unwrap_err(), expected, "{changes}");
    }
    for changes in [
        json!({"aud": ["another", CLIENT], "azp": CLIENT}),
        json!({"exp": seconds - 59, "iat": seconds + 60, "nbf": seconds + 60}),
        json!({"email_verified": "true", "updated_at": "2026-01-01T00:00:00Z"}),
    ] {
        assert!(with(&signer, changes.clone()).is_ok(), "{changes}");
    }
}

#[test]
fn what_nobody_uses_may_be_of_any_type() {
    let signer = Signer::ed25519();
    for changes in [
        json!({"amr": "pwd"}),
        json!({"acr": 1}),
        json!({"address": "Main Street 1"}),
        json!({"updated_at": "1767225600"}),
        json!({"name": 5, "given_name": ["Ada"], "locale": {"a": 1}}),
        json!({"email": ["ada@acme.example"], "email_verified": 1}),
        json!({"birthdate": 0, "phone_number_verified": "yes", "zoneinfo": null}),
        json!({"auth_time": "1767225600", "sid": 7, "c_hash": false, "at_hash": null}),
    ] {
        let verified = with(&signer, changes.clone()).unwrap();
        assert_eq!(verified.subject, "subject-1", "{changes}");
        assert_eq!(
            (verified.authenticated_at, verified.provider_session),
            (None, None)
        );
    }
}

#[test]
fn a_token_that_names_no_key_may_be_of_any_that_is_published() {
    let (signer, other) = (Signer::ed25519(), Signer::ed25519());
    let keys = [other.keys(), signer.keys()].concat();
    let token = signer.token(&json!({"alg": "EdDSA"}), &claims());
    assert!(check(&token, &keys, None).is_ok());
    assert_eq!(
        check(&token, &other.keys(), None).unwrap_err(),
        Rejection::IdTokenSignatureWrong
    );
}

#[test]
fn that_a_provider_was_asked_anew_is_proof_where_that_is_trusted_and_nothing_else_is_said() {
    let signer = Signer::ed25519();
    let since = now() - Duration::minutes(5);
    let at = |trusts_prompt, changes: Value| {
        let mut claims = claims();
        for (name, value) in changes.as_object().unwrap() {
            claims[name] = value.clone();
        }
        let token = signer.token(&signer.header(), &claims);
        let fresh = Fresh { since, trusts_prompt };
        judge(&token, &signer.keys(), Some(fresh)).map(|verified| verified.authenticated_at)
    };
    for silent in [
        json!({}),
        json!({"auth_time": 0}),
        json!({"auth_time": null}),
        json!({"auth_time": "now"}),
    ] {
        assert_eq!(at(true, silent.clone()), Ok(Some(since)), "{silent}");
        assert_eq!(
            at(false, silent.clone()),
            Err(Rejection::SignInNotRecent),
            "{silent}"
        );
    }
    // What is said counts all the same, and so does a token that was made before anybody was asked.
    let before = (since - Duration::seconds(61)).timestamp();
    for old in [json!({"auth_time": before}), json!({"iat": before})] {
        assert_eq!(at(true, old.clone()), Err(Rejection::SignInNotRecent), "{old}");
    }
}

#[test]
fn a_fresh_proof_is_one_the_provider_dates_after_the_start() {
    let signer = Signer::ed25519();
    let started = now() - Duration::minutes(1);
    let at = |auth_time: Value| {
        let mut claims = claims();
        claims["auth_time"] = auth_time;
        let token = signer.token(&signer.header(), &claims);
        check(&token, &signer.keys(), Some(started)).map(|verified| verified.authenticated_at)
    };
    assert_eq!(at(json!(now().timestamp())), Ok(Some(now())));
    // A clock that is ahead of ours proves nothing about the future.
    assert_eq!(at(json!(now().timestamp() + 30)), Ok(Some(now())));
    let old = (started - Duration::seconds(61)).timestamp();
    assert_eq!(at(json!(old)).unwrap_err(), Rejection::SignInNotRecent);
    let silent = signer.token(&signer.header(), &claims());
    let refused = check(&silent, &signer.keys(), Some(started)).unwrap_err();
    assert_eq!(refused, Rejection::SignInNotRecent);
}
