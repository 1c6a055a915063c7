//! Two providers nobody here wrote sign people in, end to end over HTTP: forms filled in, redirects followed, keys rotated.

use chrono::Duration;
use entity::identity_provider::TokenAuthMethod;
use entity::user::{Origin, Role, Status};
use http::StatusCode;
use rstest::rstest;
use serde_json::{Value, json};

use super::parties::{PASSWORD, Party, Registration, canaille, oidc_provider};
use super::stage::{Stage, Terms};
use crate::support::Database;

const CLIENT_ID: &str = "muster";
/// Plain, because Canaille does not undo the escapes the basic scheme asks for (RFC 6749, section 2.3.1).
const SECRET: &str = "a-secret-both-of-us-know";

/// How the provider expects us to prove ourselves.
#[derive(Clone, Copy, Debug)]
enum Proof {
    Basic,
    Post,
    /// A public client proves nothing but that it asked (PKCE).
    Public,
}

/// A stage on which a provider, started by `start`, signs in the people of the domain.
async fn set(
    database: Database,
    proof: Proof,
    algorithm: &'static str,
    is_authoritative: bool,
    start: fn(&Registration) -> Party,
) -> (Stage, Party) {
    let stage = Stage::open(database).await;
    let (auth_method, method, secret) = match proof {
        Proof::Basic => (
            "client_secret_basic",
            TokenAuthMethod::ClientSecretBasic,
            Some(SECRET),
        ),
        Proof::Post => (
            "client_secret_post",
            TokenAuthMethod::ClientSecretPost,
            Some(SECRET),
        ),
        Proof::Public => ("none", TokenAuthMethod::ClientSecretPost, None),
    };
    let party = start(&Registration {
        client_id: CLIENT_ID.into(),
        client_secret: secret.map(Into::into),
        auth_method,
        algorithm,
        redirect_uri: stage.redirect_uri(),
    });
    stage
        .connect(&Terms {
            issuer: &party.issuer,
            client_id: CLIENT_ID,
            client_secret: secret,
            auth_method: method,
            is_authoritative,
        })
        .await;
    (stage, party)
}

/// Signs somebody in with a browser of their own; answers the API as they see it.
async fn sign_in(stage: &Stage, login: &str) -> crate::support::Client {
    let mut browser = stage.browser();
    let answers = [("login", login), ("password", PASSWORD)];
    let page = browser.sign_in(&stage.start(), &answers).await;
    assert_eq!(
        (page.url.path(), page.status),
        ("/livez", StatusCode::OK),
        "{page:#?}"
    );
    assert!(browser.is_signed_in());
    browser.api().await
}

async fn viewer(client: &crate::support::Client) -> Value {
    let query = "{ viewer { user { email role givenName } } }";
    client.ask(query, json!({})).await["viewer"]["user"].clone()
}

/// What holds of every real provider.
async fn people_come_in_once_and_again_with_new_keys_too(stage: &Stage, party: &mut Party) {
    let ada = sign_in(stage, "ada").await;
    assert_eq!(
        viewer(&ada).await,
        json!({"email": "ada@acme.example", "role": "USER", "givenName": "Ada"})
    );
    let users = stage.users("ada@acme.example").await;
    assert_eq!(users.len(), 1);
    let user = &users[0];
    assert_eq!(
        (user.role, user.status, user.origin),
        (Role::User, Status::Active, Origin::SsoJit)
    );
    let links = stage.links().await;
    assert_eq!(links.len(), 1);
    assert_eq!(
        (links[0].subject.as_str(), &links[0].issuer),
        ("ada", &party.issuer)
    );

    sign_in(stage, "ada").await;
    assert_eq!(
        stage.users("ada@acme.example").await.len(),
        1,
        "nobody is made twice"
    );
    assert_eq!(stage.links().await.len(), 1);

    party.rotate_key();
    stage.house.app.clock().advance(Duration::seconds(61));
    let grace = sign_in(stage, "grace").await;
    assert_eq!(viewer(&grace).await["email"], "grace@acme.example");
    assert_eq!(stage.links().await.len(), 2);
    assert_eq!(stage.refusals().await, [""; 0]);
}

#[rstest]
#[case::confidential(Database::Sqlite, Proof::Basic, "RS256")]
#[case::confidential_by_form(Database::Postgres, Proof::Post, "PS256")]
#[case::public(Database::Sqlite, Proof::Public, "ES256")]
#[case::with_edwards_curves(Database::Sqlite, Proof::Basic, "EdDSA")]
#[tokio::test(flavor = "multi_thread")]
async fn the_certified_provider_signs_people_in(
    #[case] database: Database,
    #[case] proof: Proof,
    #[case] algorithm: &'static str,
) {
    let (stage, mut party) = set(database, proof, algorithm, false, oidc_provider).await;
    people_come_in_once_and_again_with_new_keys_too(&stage, &mut party).await;
    stage.close().await;
}

#[rstest]
#[case::confidential(Database::Sqlite, Proof::Basic, "RS512")]
#[case::confidential_by_form(Database::Postgres, Proof::Post, "PS384")]
#[case::public(Database::Sqlite, Proof::Public, "RS256")]
#[tokio::test(flavor = "multi_thread")]
async fn canaille_signs_people_in_where_it_is_authoritative(
    #[case] database: Database,
    #[case] proof: Proof,
    #[case] algorithm: &'static str,
) {
    let (stage, mut party) = set(database, proof, algorithm, true, canaille).await;
    people_come_in_once_and_again_with_new_keys_too(&stage, &mut party).await;
    stage.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_provider_that_never_verifies_addresses_lets_nobody_in_unless_it_is_authoritative() {
    let (stage, _party) = set(Database::Sqlite, Proof::Basic, "RS512", false, canaille).await;
    let before = stage.rows().await;
    let mut browser = stage.browser();
    let answers = [("login", "ada"), ("password", PASSWORD)];
    let page = browser.sign_in(&stage.start(), &answers).await;
    assert_eq!(page.code(), "EMAIL_NOT_VERIFIED");
    assert!(!browser.is_signed_in());
    assert_eq!(stage.rows().await, before);
    assert_eq!(stage.refusals().await, ["EMAIL_NOT_VERIFIED"]);
    stage.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_secret_the_provider_does_not_know_buys_nothing() {
    let (stage, _party) = set(Database::Sqlite, Proof::Basic, "RS256", false, |client| {
        oidc_provider(&Registration {
            client_secret: Some("another secret".into()),
            ..client.clone()
        })
    })
    .await;
    let before = stage.rows().await;
    let mut browser = stage.browser();
    let page = browser
        .sign_in(&stage.start(), &[("login", "ada"), ("password", PASSWORD)])
        .await;
    assert_eq!(page.code(), "CLIENT_NOT_ACCEPTED");
    assert!(!browser.is_signed_in());
    assert_eq!(stage.rows().await, before);
    stage.close().await;
}
