//! Four providers nobody here wrote sign people in, end to end over HTTP: forms filled in, scripts followed, keys rotated, and signed out at either side.

use chrono::Duration;
use entity::identity_provider::TokenAuthMethod;
use entity::user::{Origin, Role, Status};
use http::StatusCode;
use rstest::rstest;
use serde_json::{Value, json};

use super::browser::{Browser, Page};
use super::by_hand;
use super::parties::{PASSWORD, Party, Registration, canaille, glewlwyd, lemonldap, oidc_provider};
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
        logout_uri: stage.logout_uri(),
        home: format!("{}/", stage.house.url),
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
    let page = by_hand::sign_in(&mut browser, &stage.start(), login).await;
    assert_arrived(&browser, &page);
    browser.api().await
}

fn assert_arrived(browser: &Browser, page: &Page) {
    assert_eq!(
        (page.url.path(), page.status),
        ("/livez", StatusCode::OK),
        "{page:#?}"
    );
    assert!(browser.is_signed_in());
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
    assert_eq!(links[0].issuer, party.issuer);
    let subject = links[0].subject.clone();

    sign_in(stage, "ada").await;
    assert_eq!(
        stage.users("ada@acme.example").await.len(),
        1,
        "nobody is made twice"
    );
    let links = stage.links().await;
    assert_eq!((links.len(), &links[0].subject), (1, &subject));

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

#[rstest]
#[case::glewlwyd(Database::Sqlite, Proof::Basic, "RS256", true, glewlwyd)]
#[case::glewlwyd_by_form(Database::Postgres, Proof::Post, "RS256", true, glewlwyd)]
#[case::lemonldap(Database::Sqlite, Proof::Basic, "RS256", false, lemonldap)]
#[case::lemonldap_by_form(Database::Postgres, Proof::Post, "RS512", false, lemonldap)]
#[case::lemonldap_public(Database::Sqlite, Proof::Public, "RS384", false, lemonldap)]
#[tokio::test(flavor = "multi_thread")]
async fn providers_of_debian_sign_people_in(
    #[case] database: Database,
    #[case] proof: Proof,
    #[case] algorithm: &'static str,
    #[case] is_authoritative: bool,
    #[case] start: fn(&Registration) -> Party,
) {
    let (stage, mut party) = set(database, proof, algorithm, is_authoritative, start).await;
    people_come_in_once_and_again_with_new_keys_too(&stage, &mut party).await;
    let ada = stage.users("ada@acme.example").await.remove(0);
    assert_eq!(ada.family_name.as_deref(), Some("Lovelace"));
    stage.close().await;
}

#[rstest]
#[case::glewlwyd(true, glewlwyd)]
#[case::lemonldap(false, lemonldap)]
#[tokio::test(flavor = "multi_thread")]
async fn a_trial_with_a_provider_of_debian_says_who_would_come_in_and_who_would_not(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
    #[case] is_authoritative: bool,
    #[case] start: fn(&Registration) -> Party,
) {
    let (stage, _party) = set(database, Proof::Basic, "RS256", is_authoritative, start).await;
    let idp = entity::ids::Kind::IdentityProvider.text(stage.provider_id);
    let begin = "mutation($id: ID!) { startSsoTest(input: {identityProviderId: $id}) { testUrl userErrors { code } } }";
    let before = (stage.links().await.len(), stage.sessions().await);
    for (login, words) in [
        ("ada", ["The test has passed", "would become a user"]),
        ("eve", ["The test has failed", "elsewhere.example"]),
    ] {
        let started = stage.team.admin.ask(begin, json!({"id": idp})).await;
        let url = started["startSsoTest"]["testUrl"].as_str().unwrap().to_owned();
        let mut browser = stage.browser();
        let page = by_hand::sign_in(&mut browser, &url, login).await;
        for word in words {
            assert!(page.text.contains(word), "{login}: {}", page.text);
        }
        assert!(!browser.is_signed_in());
    }
    assert_eq!((stage.links().await.len(), stage.sessions().await), before);
    // What the trial said of a stranger from elsewhere is so.
    let rows = stage.rows().await;
    let mut browser = stage.browser();
    let page = by_hand::sign_in(&mut browser, &stage.start(), "eve").await;
    let code = match is_authoritative {
        true => "EMAIL_NOT_VERIFIED",
        false => "DOMAIN_NOT_VERIFIED",
    };
    assert_eq!(page.code(), code);
    assert!(!browser.is_signed_in());
    assert_eq!(stage.rows().await, rows);
    stage.close().await;
}

#[rstest]
#[case::glewlwyd(true, glewlwyd, false)]
#[case::lemonldap(false, lemonldap, true)]
#[tokio::test(flavor = "multi_thread")]
async fn a_provider_of_debian_asks_anew_and_is_believed_if_it_says_when_or_is_trusted(
    #[case] is_authoritative: bool,
    #[case] start: fn(&Registration) -> Party,
    #[case] says_when: bool,
) {
    let (stage, _party) = set(Database::Sqlite, Proof::Basic, "RS256", is_authoritative, start).await;
    let mut browser = stage.browser();
    let page = by_hand::sign_in(&mut browser, &stage.start(), "ada").await;
    assert_arrived(&browser, &page);
    // It lets who is signed in there through without asking, but not where we want them asked.
    tokio::time::sleep(std::time::Duration::from_millis(2_100)).await;
    let recent = format!("{}&recent=1", stage.start());
    let page = browser.open(&recent).await;
    assert_ne!(page.url.path(), "/livez", "{page:#?}");
    if !says_when {
        // It writes 0 for the time.
        let page = by_hand::sign_in(&mut browser, &recent, "ada").await;
        assert_eq!(page.code(), "SIGN_IN_NOT_RECENT");
        let trusted = "UPDATE identity_providers SET trusts_prompt = TRUE";
        stage.house.force(trusted).await.unwrap();
    }
    let page = by_hand::sign_in(&mut browser, &recent, "ada").await;
    assert_arrived(&browser, &page);
    let create =
        "mutation($input: CreateApiTokenInput!) { createApiToken(input: $input) { userErrors { code } } }";
    let admins = "UPDATE users SET role = 'SSO_ADMIN' WHERE email_key = 'ada@acme.example'";
    stage.house.force(admins).await.unwrap();
    let input = json!({"name": "x", "scopes": ["USERS_READ"], "expiresAt": "2027-06-01T00:00:00Z"});
    let api = browser.api().await;
    let made = api.ask(create, json!({"input": input})).await;
    assert_eq!(
        made["createApiToken"]["userErrors"],
        json!([]),
        "it counts as recent"
    );
    assert_eq!(stage.refusals().await.len(), usize::from(!says_when));
    stage.close().await;
}

/// Signs out here, and goes on to where the provider's session is ended.
async fn sign_out(stage: &Stage, browser: &mut Browser) -> Page {
    let url: url::Url = format!("{}/auth/sign-out", stage.house.url).parse().unwrap();
    let (status, answer) = browser.call(http::Method::POST, &url, &json!({})).await;
    assert_eq!(status, StatusCode::OK, "{answer}");
    let answer: Value = serde_json::from_str(&answer).unwrap();
    let onward = answer["endSessionUrl"].as_str().unwrap().to_owned();
    assert!(onward.contains("id_token_hint="), "{onward}");
    by_hand::sign_out(browser, &onward).await
}

#[rstest]
#[case::glewlwyd(true, glewlwyd)]
#[case::lemonldap(false, lemonldap)]
#[tokio::test(flavor = "multi_thread")]
async fn who_signs_out_here_is_signed_out_at_a_provider_of_debian_too(
    #[case] is_authoritative: bool,
    #[case] start: fn(&Registration) -> Party,
) {
    let (stage, _party) = set(Database::Sqlite, Proof::Basic, "RS256", is_authoritative, start).await;
    let mut browser = stage.browser();
    let page = by_hand::sign_in(&mut browser, &stage.start(), "ada").await;
    assert_arrived(&browser, &page);
    sign_out(&stage, &mut browser).await;
    assert!(!browser.is_signed_in());
    // Its own session is over: it asks again, and somebody else may come.
    let page = browser.open(&stage.start()).await;
    assert_ne!(page.url.path(), "/livez", "{page:#?}");
    let page = by_hand::sign_in(&mut browser, &stage.start(), "grace").await;
    assert_arrived(&browser, &page);
    let api = browser.api().await;
    assert_eq!(viewer(&api).await["email"], "grace@acme.example");
    stage.close().await;
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn who_signs_out_at_glewlwyd_is_signed_out_here_by_its_token_of_type_jwt(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let (stage, _party) = set(database, Proof::Basic, "RS256", true, glewlwyd).await;
    let (mut ada, mut grace) = (stage.browser(), stage.browser());
    for (browser, login) in [(&mut ada, "ada"), (&mut grace, "grace")] {
        let page = by_hand::sign_in(browser, &stage.start(), login).await;
        assert_arrived(browser, &page);
    }
    let (of_ada, of_grace) = (ada.api().await, grace.api().await);
    viewer(&of_ada).await;
    // As a page of the provider's own would.
    let token = ada.cookie("muster-refresh").unwrap().clone();
    let onward = muster::sso::logout::end_session_url(&stage.house.app, &token.into()).await;
    let onward = onward.unwrap().unwrap().to_string();
    by_hand::sign_out(&mut ada, &onward).await;
    of_ada.until_shown_out().await;
    viewer(&of_grace).await;
    stage.close().await;
}
