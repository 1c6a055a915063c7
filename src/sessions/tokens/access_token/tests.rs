//! What is believed, and every way of being nearly right that is not.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::{DateTime, Duration, Utc};
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use serde_json::{Value, json};
use uuid::Uuid;

use entity::signing_key::Model;

use super::{AccessTokens, Bearer};
use crate::error::Error;
use crate::platform::secrets::{Claim, Purpose, Secrets};
use crate::sessions::tokens::signing_keys::KeyRing;

const ISSUER: &str = "https://muster.example";

fn ring(master: u8, later: &[Model]) -> KeyRing {
    KeyRing::new(&Secrets::new([master; 32]), later, now()).unwrap()
}

fn tokens() -> AccessTokens {
    AccessTokens::new(ring(7, &[]), ISSUER)
}

fn key_id() -> String {
    ring(7, &[]).signing(now()).unwrap().id.clone()
}

/// The public key as it is published.
fn x() -> String {
    ring(7, &[]).signing(now()).unwrap().x.clone()
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

fn header() -> Header {
    let mut header = Header::new(Algorithm::EdDSA);
    header.typ = Some("at+jwt".into());
    header.kid = Some(key_id());
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
    jsonwebtoken::encode(header, claims, &ring(7, &[]).signing(now()).unwrap().signing).unwrap()
}

#[track_caller]
fn assert_refused(token: &str) {
    let answer = tokens().verify(token, now());
    assert!(
        matches!(answer, Err(Error::AccessTokenExpired | Error::Unauthenticated)),
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
        Err(Error::AccessTokenExpired)
    ));
    let before_it_was_issued = now() - Duration::seconds(6);
    assert!(matches!(
        other_replica.verify(&token.text, before_it_was_issued),
        Err(Error::AccessTokenExpired)
    ));
}

#[test]
fn what_is_signed_with_our_key_and_whole_is_believed() {
    assert_eq!(
        tokens().verify(&signed(&header(), &claims()), now()).unwrap(),
        bearer()
    );
}

#[test]
fn each_claim_must_be_there_in_its_right_type() {
    for claim in ["iss", "aud", "sub", "acc", "sid", "iat", "exp"] {
        let mut lacking = claims();
        lacking.as_object_mut().unwrap().remove(claim);
        assert_refused(&signed(&header(), &lacking));
        for wrong in [json!(null), json!(""), json!({}), json!(true), json!(1.5e300)] {
            let mut spoilt = claims();
            spoilt[claim] = wrong;
            assert_refused(&signed(&header(), &spoilt));
        }
    }
    for time in ["exp", "iat"] {
        let mut as_text = claims();
        as_text[time] = json!(as_text[time].to_string());
        assert_refused(&signed(&header(), &as_text));
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
        assert_refused(&signed(&header(), &changed));
    }
    let others = AccessTokens::new(ring(8, &[]), ISSUER);
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
        let mut other = header();
        other.typ = typ.map(str::to_owned);
        assert_refused(&signed(&other, &claims()));
    }
    for kid in [None, Some(""), Some("../../etc/passwd"), Some("' OR 1=1 --")] {
        let mut other = header();
        other.kid = kid.map(str::to_owned);
        assert_refused(&signed(&other, &claims()));
    }
}

#[test]
fn no_other_algorithm_is_accepted() {
    for none in ["none", "None", "NONE", ""] {
        let header = json!({"alg": none, "typ": "at+jwt", "kid": key_id()});
        assert_refused(&format!("{}.{}.", part(&header), part(&claims())));
        assert_refused(&format!("{}.{}.AAAA", part(&header), part(&claims())));
    }
    // The public key is public: used as a secret for HMAC it must open nothing.
    let raw = URL_SAFE_NO_PAD.decode(x()).unwrap();
    for algorithm in [Algorithm::HS256, Algorithm::HS384, Algorithm::HS512] {
        for secret in [raw.as_slice(), x().as_bytes()] {
            let mut confused = header();
            confused.alg = algorithm;
            let key = EncodingKey::from_secret(secret);
            assert_refused(&jsonwebtoken::encode(&confused, &claims(), &key).unwrap());
        }
    }
    // A key that comes along in the header is not looked at.
    let carried = json!({"alg": "EdDSA", "typ": "at+jwt", "kid": key_id(), "jku": "https://evil.example",
        "jwk": {"kty": "OKP", "crv": "Ed25519", "x": x()}});
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

/// The signature is ours, the algorithm named is another: whoever trusted the header would take the key for one of that kind.
#[test]
fn another_algorithm_in_the_header_is_refused_though_the_signature_is_ours() {
    let token = tokens().issue(bearer(), now()).unwrap().text;
    let (_, rest) = token.split_once('.').unwrap();
    for algorithm in [
        "RS256", "RS512", "PS256", "ES256", "ES384", "HS256", "EDDSA", "Ed25519",
    ] {
        let header = json!({"alg": algorithm, "typ": "at+jwt", "kid": key_id()});
        assert_refused(&format!("{}.{rest}", part(&header)));
    }
}

#[test]
fn a_token_of_the_former_key_is_good_until_it_lapses_and_a_new_one_names_the_new_key() {
    let tokens = tokens();
    let former = tokens.issue(bearer(), now()).unwrap().text;
    let rotated = Model {
        id: Uuid::from_u128(9),
        generation: 2,
        created_at: now(),
        signs_from: now() + Duration::minutes(1),
    };
    tokens.adopt(ring(7, &[rotated]));
    let then = now() + Duration::minutes(1);
    let latter = tokens.issue(bearer(), then).unwrap().text;
    let kid = |token: &str| jsonwebtoken::decode_header(token).unwrap().kid;
    assert_ne!(kid(&former), kid(&latter));
    for token in [&former, &latter] {
        assert_eq!(tokens.verify(token, then).unwrap(), bearer());
    }
    let later = now() + Duration::minutes(11) + Duration::seconds(5);
    assert!(matches!(
        tokens.verify(&former, later),
        Err(Error::AccessTokenExpired)
    ));
    assert!(matches!(
        AccessTokens::new(ring(7, &[]), ISSUER).verify(&latter, then),
        Err(Error::AccessTokenExpired)
    ));
}

#[test]
fn a_token_seen_before_lapses_like_any_other() {
    let tokens = tokens();
    let token = tokens.issue(bearer(), now()).unwrap().text;
    for _ in 0..2 {
        assert_eq!(tokens.verify(&token, now()).unwrap(), bearer());
    }
    let late = now() + Duration::minutes(10) + Duration::seconds(5);
    assert!(matches!(
        tokens.verify(&token, late),
        Err(Error::AccessTokenExpired)
    ));
    let early = now() - Duration::seconds(6);
    assert!(matches!(
        tokens.verify(&token, early),
        Err(Error::AccessTokenExpired)
    ));
}
