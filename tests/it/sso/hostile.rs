//! A provider that means harm, or is merely odd (security catalogue, A1 and A2): what is refused makes no session, no user and no link, leaves one row in
//! the audit log with a stable reason, and shows nothing of the provider's own text.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration as Patience;

use chrono::Duration;
use entity::identity_provider::TokenAuthMethod;
use http::StatusCode;
use rstest::rstest;
use serde_json::{Value, json};
use tokio::net::TcpListener;

use super::browser::{Browser, Page};
use super::stage::{Stage, Terms};
use crate::support::Database;
use crate::support::hostile::{Algorithm, CLIENT_ID, CLIENT_SECRET, Desk, Hostile, Instead, Key};

const EVE: &str = "eve@acme.example";

/// A stage whose provider is the hostile one. Somebody is known to it.
async fn set(database: Database) -> (Stage, Hostile) {
    let stage = Stage::open(database).await;
    let hostile = Hostile::start(stage.house.app.clock()).await;
    hostile.seat("subject-1", EVE);
    stage
        .connect(&Terms {
            issuer: &hostile.issuer,
            client_id: CLIENT_ID,
            client_secret: Some(CLIENT_SECRET),
            auth_method: TokenAuthMethod::ClientSecretBasic,
            is_authoritative: false,
        })
        .await;
    (stage, hostile)
}

async fn sign_in(stage: &Stage) -> (Browser, Page) {
    let mut browser = stage.browser();
    let page = browser.open(&stage.start()).await;
    (browser, page)
}

async fn assert_signed_in(stage: &Stage, what: &str) {
    let (browser, page) = sign_in(stage).await;
    assert_eq!(
        (page.url.path(), page.status),
        ("/livez", StatusCode::OK),
        "{what}: {page:#?}"
    );
    assert!(browser.is_signed_in(), "{what}");
}

/// Asserts that nothing came of a sign-in but a row in the audit log, and that the page is all ours.
async fn assert_refused(stage: &Stage, what: &str, code: &str) {
    let before = (
        stage.rows().await,
        stage.sessions().await,
        stage.refusals().await.len(),
    );
    let (browser, page) = sign_in(stage).await;
    assert!(!page.status.is_success(), "{what}: {page:#?}");
    assert_eq!(page.code(), code, "{what}");
    assert!(
        !["<script", "alert(1)", "xxxx"]
            .iter()
            .any(|theirs| page.text.contains(theirs)),
        "{what}: {page:#?}"
    );
    assert!(!browser.is_signed_in(), "{what}");
    assert_eq!(stage.rows().await, before.0, "{what} changed something");
    assert_eq!(stage.sessions().await, before.1, "{what}");
    let refusals = stage.refusals().await;
    assert_eq!(refusals.len(), before.2 + 1, "{what}: {refusals:?}");
    assert_eq!(refusals.last().unwrap(), code, "{what}");
}

/// Lets what is remembered of the provider grow old.
fn forget(stage: &Stage) {
    stage.house.app.clock().advance(Duration::hours(2));
}

#[rstest]
#[case(Algorithm::Rs256)]
#[case(Algorithm::Rs384)]
#[case(Algorithm::Rs512)]
#[case(Algorithm::Ps256)]
#[case(Algorithm::Ps384)]
#[case(Algorithm::Ps512)]
#[case(Algorithm::Es256)]
#[case(Algorithm::Es384)]
#[case(Algorithm::Es512)]
#[case(Algorithm::EdDsa)]
#[tokio::test(flavor = "multi_thread")]
async fn every_allowed_algorithm_signs_in_and_its_broken_signature_does_not(#[case] algorithm: Algorithm) {
    let (stage, hostile) = set(Database::Sqlite).await;
    hostile.desk().key = Key::new(algorithm);
    assert_signed_in(&stage, "signed").await;
    // Another key under the name of the published one.
    let published = hostile.desk().key.jwk();
    let id = hostile.desk().key.id.clone();
    let mut other = Key::new(algorithm);
    other.id = id;
    hostile.desk().key = other;
    hostile.desk().published = Some(vec![published]);
    assert_refused(&stage, "signed by another key", "ID_TOKEN_SIGNATURE_WRONG").await;
    stage.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_signature_of_a_sound_key_is_refused() {
    let (stage, hostile) = set(Database::Sqlite).await;
    assert_signed_in(&stage, "well-behaved").await;
    for (what, algorithm, code) in [
        ("none at all", Algorithm::None, "ID_TOKEN_ALGORITHM_NOT_ALLOWED"),
        (
            "a shared secret",
            Algorithm::Hs256,
            "ID_TOKEN_ALGORITHM_NOT_ALLOWED",
        ),
        // It takes the place of no good one.
        ("RSA with 1024 bits", Algorithm::Weak, "ID_TOKEN_KEY_UNKNOWN"),
    ] {
        forget(&stage);
        hostile.behave();
        hostile.desk().key = Key::new(algorithm);
        assert_refused(&stage, what, code).await;
    }
    for (what, header, code) in [
        (
            "a key nobody published",
            json!({"kid": "unheard of"}),
            "ID_TOKEN_KEY_UNKNOWN",
        ),
        (
            "a path as key",
            json!({"kid": "../../etc/passwd"}),
            "ID_TOKEN_KEY_UNKNOWN",
        ),
        (
            "another algorithm's name",
            json!({"alg": "RS256"}),
            "ID_TOKEN_KEY_UNKNOWN",
        ),
        (
            "no algorithm we know",
            json!({"alg": "XS256"}),
            "ID_TOKEN_ALGORITHM_NOT_ALLOWED",
        ),
    ] {
        forget(&stage);
        hostile.behave();
        hostile.desk().header = header;
        assert_refused(&stage, what, code).await;
    }
    forget(&stage);
    hostile.behave();
    assert_signed_in(&stage, "well-behaved again").await;
    stage.close().await;

    let (stage, hostile) = set(Database::Sqlite).await;
    hostile.desk().key = Key::new(Algorithm::Weak);
    assert_refused(&stage, "no other key than a weak one", "ID_TOKEN_KEY_UNUSABLE").await;
    stage.close().await;
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn a_token_that_says_something_wrong_is_refused(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let (stage, hostile) = set(database).await;
    let now = stage.house.app.clock().now().timestamp();
    for (claims, code) in [
        (
            json!({"iss": "https://login.acme.example"}),
            "ID_TOKEN_ISSUER_WRONG",
        ),
        (json!({"aud": "somebody else"}), "ID_TOKEN_AUDIENCE_WRONG"),
        (json!({"aud": []}), "ID_TOKEN_AUDIENCE_WRONG"),
        (json!({"azp": "somebody else"}), "ID_TOKEN_AUTHORIZED_PARTY_WRONG"),
        (
            json!({"aud": [CLIENT_ID, "somebody else"], "azp": "somebody else"}),
            "ID_TOKEN_AUTHORIZED_PARTY_WRONG",
        ),
        (json!({"nonce": "another"}), "ID_TOKEN_NONCE_WRONG"),
        (json!({"nonce": null}), "ID_TOKEN_NONCE_WRONG"),
        (
            json!({"at_hash": "AAAAAAAAAAAAAAAAAAAAAA"}),
            "ID_TOKEN_ACCESS_TOKEN_HASH_WRONG",
        ),
        (json!({"exp": now - 120}), "ID_TOKEN_EXPIRED"),
        (json!({"iat": now + 3600}), "ID_TOKEN_ISSUED_IN_FUTURE"),
        (json!({"nbf": now + 3600}), "ID_TOKEN_NOT_YET_VALID"),
        (json!({"sub": "line\nbreak"}), "ID_TOKEN_SUBJECT_UNUSABLE"),
        (json!({"sub": "x".repeat(10_000)}), "ID_TOKEN_SUBJECT_UNUSABLE"),
    ] {
        hostile.desk().claims = claims.clone();
        assert_refused(&stage, &claims.to_string(), code).await;
    }
    hostile.desk().claims =
        json!({"aud": ["another", CLIENT_ID], "azp": CLIENT_ID, "odd": {"deep": [1, {"er": null}]}});
    assert_signed_in(&stage, "an audience of two, and claims nobody knows").await;
    stage.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_address_that_is_odd_unverified_or_elsewhere_is_nobodys() {
    let (stage, hostile) = set(Database::Sqlite).await;
    let verified = |email: Value| json!({"email": email, "email_verified": true});
    for (claims, code) in [
        (json!({"email_verified": false}), "EMAIL_NOT_VERIFIED"),
        (json!({"email_verified": "true"}), "EMAIL_NOT_VERIFIED"),
        (json!({"email_verified": 1}), "EMAIL_NOT_VERIFIED"),
        (json!({"email_verified": null}), "EMAIL_NOT_VERIFIED"),
        (json!({"email": null}), "EMAIL_NOT_VERIFIED"),
        (verified(json!("")), "EMAIL_NOT_VERIFIED"),
        (verified(json!(["eve@acme.example"])), "EMAIL_NOT_VERIFIED"),
        (
            verified(json!("eve@acme.example@evil.example")),
            "EMAIL_NOT_VERIFIED",
        ),
        (
            verified(json!("eve@evil.example,eve@acme.example")),
            "EMAIL_NOT_VERIFIED",
        ),
        (
            verified(json!("eve@acme.example\r\nBcc: all@evil.example")),
            "EMAIL_NOT_VERIFIED",
        ),
        (verified(json!("\u{435}ve@acme.example")), "EMAIL_NOT_VERIFIED"),
        (verified(json!("eve@\u{ff41}cme.example")), "EMAIL_NOT_VERIFIED"),
        (verified(json!("eve@evil.example")), "DOMAIN_NOT_VERIFIED"),
        (verified(json!("eve@sub.acme.example")), "DOMAIN_NOT_VERIFIED"),
        (verified(json!("eve@notacme.example")), "DOMAIN_NOT_VERIFIED"),
        (
            verified(json!("eve@acme.example.evil.example")),
            "DOMAIN_NOT_VERIFIED",
        ),
        (verified(json!("eve@аcme.example")), "DOMAIN_NOT_VERIFIED"),
    ] {
        hostile.desk().claims = claims.clone();
        assert_refused(&stage, &claims.to_string(), code).await;
    }
    hostile.desk().claims = json!({});
    assert_signed_in(&stage, "the address as it should be").await;
    // Another subject under the same address is another person until an administrator says otherwise.
    hostile.seat("subject-2", EVE);
    let links = stage.links().await;
    let (browser, _) = sign_in(&stage).await;
    assert!(!browser.is_signed_in());
    assert_eq!(stage.links().await, links);
    stage.close().await;
}

#[rstest]
#[case::discovery("discovery", "DISCOVERY_FAILED")]
#[case::keys("jwks", "KEYS_UNAVAILABLE")]
#[case::tokens("token", "TOKEN_REQUEST_FAILED")]
#[case::userinfo("userinfo", "USERINFO_FAILED")]
#[tokio::test(flavor = "multi_thread")]
async fn an_endpoint_that_answers_too_much_or_something_else_is_not_listened_to(
    #[case] path: &'static str,
    #[case] code: &str,
) {
    let (stage, hostile) = set(Database::Sqlite).await;
    let canary = Canary::listen().await;
    let with_userinfo = |desk: &mut Desk, issuer: &str| {
        desk.metadata = json!({"userinfo_endpoint": format!("{issuer}/userinfo")});
        // The ID token leaves the address out, so that it is asked for.
        desk.claims = json!({"email": null});
    };
    let inside = format!("http://{}/latest/meta-data", canary.address);
    for (what, instead) in [
        ("thirty megabytes", Instead::Huge(30 * 1024 * 1024)),
        ("a redirect inside", Instead::Redirect(inside)),
        ("a page", Instead::Page),
        ("a refusal", Instead::Status(400)),
        ("a failure", Instead::Status(503)),
        ("no JSON", Instead::Text("<script>alert(1)</script>")),
        ("a list", Instead::Text("[]")),
        ("nothing", Instead::Text("")),
    ] {
        forget(&stage);
        with_userinfo(&mut hostile.desk(), &hostile.issuer);
        hostile.desk().instead = HashMap::from([(path, instead)]);
        assert_refused(&stage, what, code).await;
    }
    assert_eq!(canary.hits().await, 0);
    forget(&stage);
    hostile.desk().instead.clear();
    assert_signed_in(&stage, "well-behaved again").await;
    stage.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn answers_that_are_not_what_was_asked_for_are_refused() {
    let (stage, hostile) = set(Database::Sqlite).await;
    for (what, answer, code) in [
        (
            "another kind of token",
            json!({"token_type": "mac"}),
            "TOKEN_TYPE_NOT_BEARER",
        ),
        ("no ID token", json!({"id_token": null}), "ID_TOKEN_MALFORMED"),
        (
            "no token at all",
            json!({"access_token": null}),
            "TOKEN_REQUEST_FAILED",
        ),
        (
            "half a token",
            json!({"id_token": "e30.e30"}),
            "ID_TOKEN_MALFORMED",
        ),
        (
            "a text",
            json!({"id_token": "<script>alert(1)</script>"}),
            "ID_TOKEN_MALFORMED",
        ),
    ] {
        hostile.desk().token_answer = answer;
        assert_refused(&stage, what, code).await;
    }
    hostile.desk().token_answer = json!({});
    for (what, issuer) in [
        ("another issuer", Some("https://login.acme.example".to_owned())),
        ("the issuer with a slash", Some(format!("{}/", hostile.issuer))),
        ("no issuer, though announced", None),
    ] {
        hostile.desk().response_issuer = issuer;
        assert_refused(&stage, what, "RESPONSE_ISSUER_WRONG").await;
    }
    hostile.behave();
    for (what, metadata) in [
        (
            "somebody else's description",
            json!({"issuer": "https://login.acme.example"}),
        ),
        (
            "an endpoint with a password",
            json!({"token_endpoint": "http://me:secret@127.0.0.1/token"}),
        ),
        (
            "an endpoint that is a file",
            json!({"jwks_uri": "file:///etc/passwd"}),
        ),
        ("no token endpoint", json!({"token_endpoint": null})),
        (
            "an endpoint without end",
            json!({"jwks_uri": format!("{}/{}", hostile.issuer, "x".repeat(2_000))}),
        ),
        (
            "a browser sent to a script",
            json!({"authorization_endpoint": "javascript:alert(1)"}),
        ),
        (
            "signing out by a script",
            json!({"end_session_endpoint": "javascript:alert(1)"}),
        ),
        (
            "a person who is a file",
            json!({"userinfo_endpoint": "file:///etc/passwd"}),
        ),
    ] {
        forget(&stage);
        hostile.desk().metadata = metadata;
        assert_refused(&stage, what, "DISCOVERY_FAILED").await;
    }
    forget(&stage);
    hostile.behave();
    assert_signed_in(&stage, "well-behaved again").await;
    stage.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_flood_of_unknown_keys_asks_for_the_keys_once_a_minute() {
    let (stage, hostile) = set(Database::Sqlite).await;
    assert_signed_in(&stage, "well-behaved").await;
    let before = hostile.asked("jwks");
    stage.house.app.clock().advance(Duration::seconds(61));
    for number in 0..30 {
        hostile.desk().header = json!({"kid": format!("unheard of {number}")});
        let (browser, page) = sign_in(&stage).await;
        assert_eq!(page.code(), "ID_TOKEN_KEY_UNKNOWN");
        assert!(!browser.is_signed_in());
    }
    assert_eq!(hostile.asked("jwks"), before + 1);
    stage.close().await;
}

#[rstest]
#[case::discovery("discovery", "DISCOVERY_FAILED")]
#[case::keys("jwks", "KEYS_UNAVAILABLE")]
#[tokio::test(flavor = "multi_thread")]
async fn a_provider_that_fails_is_asked_once_in_ten_seconds(#[case] path: &'static str, #[case] code: &str) {
    let (stage, hostile) = set(Database::Sqlite).await;
    hostile.desk().instead = HashMap::from([(path, Instead::Status(503))]);
    for _ in 0..5 {
        assert_refused(&stage, "it fails", code).await;
    }
    assert_eq!(hostile.asked(path), 1);
    hostile.behave();
    assert_refused(&stage, "left alone for now", code).await;
    stage.house.app.clock().advance(Duration::seconds(10));
    assert_signed_in(&stage, "asked again").await;
    assert_eq!(hostile.asked(path), 2);
    stage.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn in_production_a_provider_behind_us_is_never_reached() {
    for how in ["by its address", "by a name that leads there"] {
        let stage = Stage::open_to_the_public_only(Database::Sqlite).await;
        let canary = Canary::listen().await;
        stage
            .house
            .dns
            .point("login.acme.example", &["9.9.9.9", "127.0.0.1"]);
        let issuer = match how {
            "by its address" => format!("http://{}", canary.address),
            _ => format!("https://login.acme.example:{}", canary.address.port()),
        };
        stage
            .connect(&Terms {
                issuer: &issuer,
                client_id: CLIENT_ID,
                client_secret: Some(CLIENT_SECRET),
                auth_method: TokenAuthMethod::ClientSecretBasic,
                is_authoritative: false,
            })
            .await;
        assert_refused(&stage, how, "DISCOVERY_FAILED").await;
        assert_eq!(canary.hits().await, 0, "{how}");
        stage.close().await;
    }
}

/// Something in the network behind us that nobody may be made to reach.
struct Canary {
    address: std::net::SocketAddr,
    hits: Arc<AtomicUsize>,
}

impl Canary {
    async fn listen() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let hits = Arc::new(AtomicUsize::new(0));
        let counted = hits.clone();
        tokio::spawn(async move {
            while listener.accept().await.is_ok() {
                counted.fetch_add(1, Ordering::Relaxed);
            }
        });
        Self { address, hits }
    }

    async fn hits(&self) -> usize {
        tokio::time::sleep(Patience::from_millis(50)).await;
        self.hits.load(Ordering::Relaxed)
    }
}
