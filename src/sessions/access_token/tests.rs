//! What is believed, and every way of being nearly right that is not.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::{DateTime, Duration, Utc};
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use serde_json::{Value, json};
use uuid::Uuid;

use super::{AccessTokens, Bearer};
use crate::error::Error;
use crate::platform::secrets::{Claim, Purpose, Secrets};

const ISSUER: &str = "https://muster.example";

fn tokens() -> AccessTokens {
    AccessTokens::new(&Secrets::new([7; 32]), ISSUER).unwrap()
}

fn bearer() -> Bearer {
    Bearer {
        account_id: Uuid::from_u128(1),
        user_id: Uuid::from_u128(2),
        session_id: Uuid::from_u128(3),
    }
}

fn now() -> DateTime<Utc> {
    DateTime::UNIX_EPOCH + Duration::days(20_000)
}

fn header(tokens: &AccessTokens) -> Header {
    let mut header = Header::new(Algorithm::EdDSA);
    header.typ = Some("at+jwt".into());
    header.kid = Some(tokens.key_id.clone());
    header
}

fn claims() -> Value {
    let issued = tokens().issue(bearer(), now()).unwrap().text;
    let payload = issued.split('.').nth(1).unwrap().to_owned();
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(payload).unwrap()).unwrap()
}

fn part(value: &Value) -> String {
    URL_SAFE_NO_PAD.encode(value.to_string())
}

/// Signs whatever it is given with our own key.
fn signed(header: &Header, claims: &Value) -> String {
    jsonwebtoken::encode(header, claims, &tokens().signing).unwrap()
}

#[track_caller]
fn assert_refused(token: &str) {
    let answer = tokens().verify(token, now());
    assert!(
        matches!(answer, Err(Error::SessionExpired | Error::Unauthenticated)),
        "{answer:?}"
    );
}

#[test]
fn a_token_is_good_for_ten_minutes_on_every_replica() {
    let token = tokens().issue(bearer(), now()).unwrap();
    assert_eq!(token.expires_at, now() + Duration::minutes(10));
    let other_replica = tokens();
    for minutes in [0, 5, 10] {
        let then = now() + Duration::minutes(minutes);
        assert_eq!(other_replica.verify(&token.text, then).unwrap(), bearer());
    }
    let late = now() + Duration::minutes(10) + Duration::seconds(5);
    assert!(matches!(
        other_replica.verify(&token.text, late),
        Err(Error::SessionExpired)
    ));
    let before_it_was_issued = now() - Duration::seconds(6);
    assert!(matches!(
        other_replica.verify(&token.text, before_it_was_issued),
        Err(Error::SessionExpired)
    ));
}

#[test]
fn what_is_signed_with_our_key_and_whole_is_believed() {
    assert_eq!(
        tokens()
            .verify(&signed(&header(&tokens()), &claims()), now())
            .unwrap(),
        bearer()
    );
}

#[test]
fn each_claim_must_be_there_in_its_right_type() {
    for claim in ["iss", "aud", "sub", "acc", "sid", "iat", "exp"] {
        let mut lacking = claims();
        lacking.as_object_mut().unwrap().remove(claim);
        assert_refused(&signed(&header(&tokens()), &lacking));
        for wrong in [json!(null), json!(""), json!({}), json!(true), json!(1.5e300)] {
            let mut spoilt = claims();
            spoilt[claim] = wrong;
            assert_refused(&signed(&header(&tokens()), &spoilt));
        }
    }
    for time in ["exp", "iat"] {
        let mut as_text = claims();
        as_text[time] = json!(as_text[time].to_string());
        assert_refused(&signed(&header(&tokens()), &as_text));
    }
}

#[test]
fn a_token_for_others_or_by_others_is_refused() {
    for (claim, foreign) in [
        ("iss", "https://evil.example"),
        ("aud", "https://muster.example"),
        ("sub", "acc_00000000000000000000000002"),
        ("acc", "usr_00000000000000000000000001"),
        ("sid", "usr_00000000000000000000000003"),
    ] {
        let mut changed = claims();
        changed[claim] = json!(foreign);
        assert_refused(&signed(&header(&tokens()), &changed));
    }
    let others = AccessTokens::new(&Secrets::new([8; 32]), ISSUER).unwrap();
    assert_refused(&others.issue(bearer(), now()).unwrap().text);
}

#[test]
fn another_type_or_key_id_is_refused_though_the_signature_is_ours() {
    for typ in [
        None,
        Some("JWT"),
        Some("logout+jwt"),
        Some("application/at+jwt"),
        Some("AT+JWT"),
    ] {
        let mut other = header(&tokens());
        other.typ = typ.map(str::to_owned);
        assert_refused(&signed(&other, &claims()));
    }
    for kid in [None, Some(""), Some("../../etc/passwd"), Some("' OR 1=1 --")] {
        let mut other = header(&tokens());
        other.kid = kid.map(str::to_owned);
        assert_refused(&signed(&other, &claims()));
    }
}

#[test]
fn no_other_algorithm_is_accepted() {
    let tokens = tokens();
    for none in ["none", "None", "NONE", ""] {
        let header = json!({"alg": none, "typ": "at+jwt", "kid": tokens.key_id});
        assert_refused(&format!("{}.{}.", part(&header), part(&claims())));
        assert_refused(&format!("{}.{}.AAAA", part(&header), part(&claims())));
    }
    // The public key is public: used as a secret for HMAC it must open nothing.
    let raw = URL_SAFE_NO_PAD.decode(&tokens.x).unwrap();
    for algorithm in [Algorithm::HS256, Algorithm::HS384, Algorithm::HS512] {
        for secret in [raw.as_slice(), tokens.x.as_bytes()] {
            let mut confused = header(&tokens);
            confused.alg = algorithm;
            let key = EncodingKey::from_secret(secret);
            assert_refused(&jsonwebtoken::encode(&confused, &claims(), &key).unwrap());
        }
    }
    // A key that comes along in the header is not looked at.
    let carried = json!({"alg": "EdDSA", "typ": "at+jwt", "kid": tokens.key_id, "jku": "https://evil.example",
        "jwk": {"kty": "OKP", "crv": "Ed25519", "x": tokens.x}});
    assert_refused(&format!("{}.{}.AAAA", part(&carried), part(&claims())));
}

#[test]
fn a_changed_byte_anywhere_is_refused() {
    let token = tokens().issue(bearer(), now()).unwrap().text;
    for place in 0..token.len() {
        let mut changed = token.clone().into_bytes();
        changed[place] = if changed[place] == b'A' { b'B' } else { b'A' };
        assert_refused(&String::from_utf8(changed).unwrap());
    }
}

#[test]
fn what_is_no_token_is_unauthenticated() {
    let refresh_token = Secrets::new([7; 32]).token(
        Purpose::Refresh,
        Claim {
            account_id: Uuid::from_u128(1),
            id: Uuid::from_u128(3),
            generation: 0,
        },
    );
    for text in [
        "",
        ".",
        "..",
        "a.b.c",
        "\u{0}",
        refresh_token.unwrap().as_str(),
        &"x".repeat(100_000),
    ] {
        assert!(matches!(
            tokens().verify(text, now()),
            Err(Error::Unauthenticated)
        ));
    }
}

#[test]
fn the_published_key_is_the_public_one_and_nothing_more() {
    let jwks = tokens().jwks();
    let key = jwks["keys"][0].as_object().unwrap();
    assert_eq!(jwks["keys"].as_array().unwrap().len(), 1);
    assert_eq!(key["kid"], tokens().key_id.as_str());
    assert_eq!(key["alg"], "EdDSA");
    assert_eq!(
        URL_SAFE_NO_PAD.decode(key["x"].as_str().unwrap()).unwrap().len(),
        32
    );
    assert!(!key.contains_key("d"));
}

#[test]
fn the_key_id_is_the_rfc_8037_thumbprint() {
    // RFC 8037 appendix A.3.
    assert_eq!(
        super::thumbprint("11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"),
        "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k"
    );
}
