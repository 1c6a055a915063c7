//! The way to the provider and back: what leads nowhere, what is good once, and what is believed on arrival.

use chrono::Duration;
use entity::account::Plan;
use entity::identity_provider::TokenAuthMethod;
use entity::ids::Kind;
use http::StatusCode;
use http::header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY};
use rstest::rstest;
use serde_json::{Value, json};

use super::provider::Provider;
use super::setting::{Setting, assert_last_refusal, connect};
use crate::support::Database;

const GRACE: &str = "grace@acme.example";

#[tokio::test]
async fn an_address_leads_to_its_domains_provider_and_every_other_to_the_same_page() {
    let setting = Setting::open(Database::Sqlite).await;
    let mut browser = setting.browser();
    let page = browser
        .open("/sso/start?email=Grace%40ACME.example&return_to=/users")
        .await;
    assert_eq!(page.status, StatusCode::SEE_OTHER);
    assert!(
        page.location()
            .starts_with(&format!("{}/authorize?", setting.provider.issuer))
    );
    assert_eq!(page.headers[CACHE_CONTROL], "no-store");
    browser.open(page.location()).await;
    let asked = setting.provider.desk().last_request.clone();
    assert_eq!(asked["login_hint"], "Grace@ACME.example");
    assert_eq!(
        asked["scope"].split(' ').collect::<Vec<_>>(),
        ["openid", "email", "profile"]
    );
    assert!(asked["state"].len() >= 43 && asked["nonce"].len() >= 43);
    assert_ne!(asked["state"], asked["nonce"]);
    assert!(!asked.contains_key("code_verifier") && !asked.contains_key("max_age"));

    let mut texts = Vec::new();
    for query in [
        "",
        "email=",
        "email=nonsense",
        "email=grace@elsewhere.example",
        "email=grace@evil.acme.example",
        "email=a%40b.c&email=d%40e.f",
        "provider=idp_00000000000000000000000000",
        "provider=usr_1",
        "test=nonsense",
    ] {
        let page = browser.open(&format!("/sso/start?{query}")).await;
        assert_eq!(page.status, StatusCode::NOT_FOUND, "{query}");
        assert!(
            page.headers[CONTENT_SECURITY_POLICY]
                .to_str()
                .unwrap()
                .contains("default-src 'none'")
        );
        texts.push(page.text);
    }
    texts.dedup();
    assert_eq!(texts.len(), 1, "{texts:#?}");
    setting
        .force("UPDATE domains SET status = 'LAPSED' WHERE status = 'VERIFIED'")
        .await;
    let page = browser.open("/sso/start?email=grace@acme.example").await;
    assert_eq!(page.text, texts[0]);
    setting.close().await;
}

#[tokio::test]
async fn after_signing_in_the_browser_goes_to_a_path_of_ours_and_nowhere_else() {
    let setting = Setting::open(Database::Sqlite).await;
    setting.provider.seat("subject-1", GRACE);
    for (asked, went) in [
        ("/users?tab=1", "/users?tab=1"),
        ("//evil.example", "/"),
        ("https://evil.example/", "/"),
        ("/\\evil.example", "/"),
        ("javascript:alert(1)", "/"),
    ] {
        let mut browser = setting.browser();
        let asked = url::form_urlencoded::byte_serialize(asked.as_bytes()).collect::<String>();
        let query = format!("provider={}&return_to={asked}", setting.idp_id());
        assert_eq!(browser.sign_in(&query).await.location(), went);
    }
    setting.close().await;
}

#[rstest]
#[case(Database::Sqlite)]
#[case(Database::Postgres)]
#[tokio::test]
async fn an_answer_is_good_once_in_one_browser_for_one_provider_and_ten_minutes(#[case] database: Database) {
    let setting = Setting::open(database).await;
    setting.provider.seat("subject-1", GRACE);
    let query = format!("provider={}", setting.idp_id());
    let second = Provider::start().await;
    let other = connect(&setting.house, &setting.team, &second, |_| {}).await;
    let mut browser = setting.browser();
    let back = browser.travel(&query).await;
    let before = setting.rows().await;

    // Another browser, with nothing or with an attempt of its own.
    let mut victim = setting.browser();
    let page = victim.open(&back).await;
    assert_eq!(page.code(), "BROWSER_MISMATCH");
    victim.travel(&query).await;
    assert_eq!(victim.open(&back).await.code(), "BROWSER_MISMATCH");
    assert_last_refusal(&setting.audited().await, "BROWSER_MISMATCH");
    // Another provider's address.
    let crossed = back.replace(&setting.idp_id(), &Kind::IdentityProvider.text(other));
    assert_eq!(browser.open(&crossed).await.code(), "PROVIDER_MISMATCH");
    // A state nobody made.
    let forged = back.replace("state=", "state=A");
    assert_eq!(browser.open(&forged).await.code(), "STATE_UNKNOWN");
    assert_last_refusal(&setting.audited().await, "STATE_UNKNOWN");
    assert_eq!(setting.rows().await, before);

    assert_eq!(browser.open(&back).await.status, StatusCode::SEE_OTHER);
    let after = (setting.rows().await, setting.sessions().await);
    assert_eq!(browser.open(&back).await.location(), "/", "who went back goes on");
    assert_eq!((setting.rows().await, setting.sessions().await), after);
    let mut keeper = setting.browser();
    let back = keeper.travel(&query).await;
    let mut twin = keeper.clone();
    let (one, two) = tokio::join!(keeper.open(&back), twin.open(&back));
    // The slower one is told so, or goes on if the other was signed in already.
    let mut statuses = [one.status, two.status];
    statuses.sort();
    assert_eq!(statuses[0], StatusCode::SEE_OTHER);
    for page in [&one, &two] {
        assert!(
            page.status == StatusCode::SEE_OTHER || page.code() == "STATE_USED",
            "{page:?}"
        );
    }
    assert_eq!(setting.sessions().await, after.1 + 1);

    let mut late = setting.browser();
    let back = late.travel(&query).await;
    setting.house.app.clock().advance(Duration::minutes(10));
    assert_eq!(late.open(&back).await.code(), "STATE_EXPIRED");
    setting.close().await;
}

#[rstest]
#[tokio::test]
async fn a_code_sent_twice_and_an_answer_after_signing_out_make_no_second_session(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let setting = Setting::open(database).await;
    setting.provider.seat("subject-1", GRACE);
    let query = format!("provider={}", setting.idp_id());
    let code = |address: &str| {
        let pairs: url::Url = address.parse().unwrap();
        let found = pairs.query_pairs().find(|(name, _)| name == "code");
        found.unwrap().1.into_owned()
    };
    let mut browser = setting.browser();
    let (first, second) = (browser.travel(&query).await, browser.travel(&query).await);
    assert_eq!(browser.open(&first).await.status, StatusCode::SEE_OTHER);
    let sessions = setting.sessions().await;
    // The code that was spent, under a state that was not.
    let replayed = second.replace(&code(&second), &code(&first));
    assert_eq!(browser.open(&replayed).await.code(), "TOKEN_REQUEST_FAILED");
    assert_eq!(setting.sessions().await, sessions);

    let third = browser.travel(&query).await;
    assert_eq!(browser.open(&third).await.status, StatusCode::SEE_OTHER);
    let page = browser.post("/auth/sign-out", &json!({})).await;
    assert_eq!(page.status, StatusCode::OK, "{page:?}");
    let sessions = setting.sessions().await;
    assert_eq!(browser.open(&third).await.code(), "STATE_USED");
    assert_eq!(setting.sessions().await, sessions);
    assert!(!browser.has_cookie("muster-refresh"));
    setting.close().await;
}

#[tokio::test]
async fn a_provider_that_says_no_is_taken_at_its_word_and_never_quoted() {
    let setting = Setting::open(Database::Sqlite).await;
    let query = format!("provider={}", setting.idp_id());
    let mut browser = setting.browser();
    let back = browser.travel(&query).await;
    let refused = back.replace(
        "code=",
        "error=access_denied&error_description=%3Cscript%3Ealert(1)%3C/script%3E&x=",
    );
    let page = browser.open(&refused).await;
    assert_eq!(page.code(), "PROVIDER_DENIED");
    assert!(!page.text.contains("script") && !page.text.contains("access_denied"));
    for (change, code) in [
        ("&iss=", "RESPONSE_ISSUER_WRONG"),
        ("&gone=", "RESPONSE_ISSUER_WRONG"),
    ] {
        let back = browser.travel(&query).await;
        let changed = match change {
            "&iss=" => back.replace("iss=http", "iss=https"),
            _ => back.replace("&iss=", change),
        };
        assert_eq!(browser.open(&changed).await.code(), code, "{changed}");
    }
    let back = browser.travel(&query).await;
    let without = back.replace("code=", "no_code=");
    assert_eq!(browser.open(&without).await.code(), "CODE_MISSING");
    setting.close().await;
}

#[tokio::test]
async fn an_id_token_that_does_not_add_up_is_refused() {
    let setting = Setting::open(Database::Sqlite).await;
    let now = setting.house.app.clock().now().timestamp();
    for (twist, code) in [
        (json!({"iss": "https://evil.example"}), "ID_TOKEN_ISSUER_WRONG"),
        (json!({"aud": "somebody else"}), "ID_TOKEN_AUDIENCE_WRONG"),
        (json!({"azp": "somebody else"}), "ID_TOKEN_AUTHORIZED_PARTY_WRONG"),
        (json!({"nonce": "another"}), "ID_TOKEN_NONCE_WRONG"),
        (json!({"nonce": null}), "ID_TOKEN_NONCE_WRONG"),
        (
            json!({"at_hash": "AAAAAAAAAAAAAAAAAAAAAA"}),
            "ID_TOKEN_ACCESS_TOKEN_HASH_WRONG",
        ),
        (json!({"exp": now - 61}), "ID_TOKEN_EXPIRED"),
        (json!({"iat": now + 3600}), "ID_TOKEN_ISSUED_IN_FUTURE"),
        (json!({"nbf": now + 3600}), "ID_TOKEN_NOT_YET_VALID"),
        (json!({"sub": ""}), "ID_TOKEN_SUBJECT_UNUSABLE"),
        (json!({"sub": null}), "ID_TOKEN_SUBJECT_UNUSABLE"),
        (json!({"sub": 7}), "ID_TOKEN_SUBJECT_UNUSABLE"),
        (json!({"exp": "tomorrow"}), "ID_TOKEN_MALFORMED"),
    ] {
        setting.provider.seat("subject-1", GRACE);
        setting.provider.twist(twist);
        setting.assert_refused(code).await;
    }
    setting.provider.twist(json!({
        "aud": ["another", super::provider::CLIENT_ID], "azp": super::provider::CLIENT_ID,
        "exp": now - 30, "iat": now + 30, "nbf": now + 30, "updated_at": "2026-01-01T00:00:00Z",
    }));
    let (_, page) = setting.sign_in().await;
    assert_eq!(page.status, StatusCode::SEE_OTHER, "{page:?}");
    setting.close().await;
}

#[tokio::test]
async fn a_rotated_key_signs_in_and_keys_are_asked_for_once_a_minute_at_most() {
    let setting = Setting::open(Database::Sqlite).await;
    setting.provider.seat("subject-1", GRACE);
    setting.sign_in().await;
    setting.sign_in().await;
    assert_eq!(setting.provider.desk().jwks_fetched, 1);
    setting.house.app.clock().advance(Duration::seconds(61));
    setting.provider.rotate_key();
    let (_, page) = setting.sign_in().await;
    assert_eq!(page.status, StatusCode::SEE_OTHER, "{page:?}");
    assert_eq!(setting.provider.desk().jwks_fetched, 2);
    setting.provider.rotate_key();
    for _ in 0..3 {
        setting.assert_refused("ID_TOKEN_KEY_UNKNOWN").await;
    }
    let mut browser = setting.browser();
    let path = format!("/sso/logout/{}", setting.idp_id());
    for _ in 0..20 {
        let token = setting.provider.logout_token(0, json!({"sub": "subject-1"}));
        let page = browser.post_form(&path, &[("logout_token", &token)]).await;
        assert_eq!(page.status, StatusCode::BAD_REQUEST);
    }
    assert_eq!(setting.provider.desk().jwks_fetched, 2);
    setting.house.app.clock().advance(Duration::seconds(61));
    let (_, page) = setting.sign_in().await;
    assert_eq!(page.status, StatusCode::SEE_OTHER, "{page:?}");
    setting.close().await;
}

#[tokio::test]
async fn people_who_sign_in_together_just_after_a_rotation_all_come_in() {
    let setting = Setting::open(Database::Sqlite).await;
    setting.provider.seat("subject-1", GRACE);
    setting.sign_in().await;
    let query = format!("provider={}", setting.idp_id());
    let mut waiting = Vec::new();
    for _ in 0..10 {
        let mut browser = setting.browser();
        let back = browser.travel(&query).await;
        waiting.push((browser, back));
    }
    setting.house.app.clock().advance(Duration::seconds(61));
    setting.provider.rotate_key();
    let pages = waiting
        .into_iter()
        .map(|(mut browser, back)| async move { browser.open(&back).await });
    for page in futures::future::join_all(pages).await {
        assert_eq!(page.status, StatusCode::SEE_OTHER, "{page:?}");
    }
    assert_eq!(setting.provider.desk().jwks_fetched, 2, "once before, once after");
    setting.close().await;
}

#[rstest]
#[case("post", TokenAuthMethod::ClientSecretPost, true)]
#[case("none", TokenAuthMethod::ClientSecretBasic, false)]
#[case("none", TokenAuthMethod::ClientSecretPost, false)]
#[case("private_key_jwt", TokenAuthMethod::PrivateKeyJwt, false)]
#[tokio::test]
async fn we_prove_ourselves_as_the_provider_expects(
    #[case] expected: &'static str,
    #[case] method: TokenAuthMethod,
    #[case] has_secret: bool,
) {
    let setting = Setting::with(Database::Sqlite, Plan::Premium, |row| {
        row.token_auth_method = method;
        row.sealed_secret = row.sealed_secret.take().filter(|_| has_secret);
    })
    .await;
    setting.provider.seat("subject-1", GRACE);
    setting.assert_refused("CLIENT_NOT_ACCEPTED").await;
    let jwks = setting
        .browser()
        .open(&format!("/sso/jwks/{}", setting.idp_id()))
        .await;
    setting.provider.desk().client_jwks = serde_json::from_str::<Value>(&jwks.text).unwrap();
    setting.provider.desk().client_auth = expected;
    let (_, page) = setting.sign_in().await;
    assert_eq!(page.status, StatusCode::SEE_OTHER, "{page:?}");
    setting.close().await;
}

#[tokio::test]
async fn what_the_id_token_leaves_out_is_asked_for_of_the_same_person() {
    let setting = Setting::open(Database::Sqlite).await;
    setting.provider.desk().person = json!({"sub": "subject-1"});
    setting.provider.desk().userinfo =
        json!({"sub": "subject-2", "email": GRACE, "email_verified": true, "family_name": "Hopper"});
    setting.assert_refused("USERINFO_SUBJECT_MISMATCH").await;
    setting.provider.desk().userinfo["sub"] = json!("subject-1");
    let (_, page) = setting.sign_in().await;
    assert_eq!(page.status, StatusCode::SEE_OTHER, "{page:?}");
    assert_eq!(setting.user(GRACE).await.family_name.as_deref(), Some("Hopper"));
    setting.close().await;
}

#[tokio::test]
async fn a_provider_that_describes_somebody_else_is_not_asked_further() {
    let setting = Setting::open(Database::Sqlite).await;
    setting.provider.desk().metadata["issuer"] = json!("https://evil.example");
    let before = setting.rows().await;
    let mut browser = setting.browser();
    let page = browser.open("/sso/start?email=grace@acme.example").await;
    assert_eq!(
        (page.status, page.code()),
        (StatusCode::BAD_GATEWAY, "DISCOVERY_FAILED")
    );
    assert_last_refusal(&setting.audited().await, "DISCOVERY_FAILED");
    assert_eq!(setting.rows().await, before);
    setting.close().await;
}

#[tokio::test]
async fn a_provider_that_is_switched_off_lets_nobody_in_not_even_who_left_before() {
    let setting = Setting::open(Database::Sqlite).await;
    setting.provider.seat("subject-1", GRACE);
    let query = format!("provider={}", setting.idp_id());
    let mut browser = setting.browser();
    let back = browser.travel(&query).await;
    setting
        .force("UPDATE identity_providers SET status = 'DISABLED' WHERE status = 'ENABLED'")
        .await;
    assert_eq!(browser.open(&back).await.code(), "SSO_NOT_ENABLED");
    let page = browser.open(&format!("/sso/start?{query}")).await;
    assert_eq!(page.code(), "SSO_NOT_ENABLED");
    assert!(setting.users(GRACE).await.is_empty());
    setting.close().await;
}

#[tokio::test]
async fn a_provider_may_send_people_to_begin_here() {
    let setting = Setting::open(Database::Sqlite).await;
    setting.provider.seat("subject-1", GRACE);
    let issuer = setting.provider.issuer.clone();
    let path = format!("/sso/initiate/{}", setting.idp_id());
    let mut browser = setting.browser();
    let target = format!("{}/users", setting.house.url);
    let form = [
        ("iss", issuer.as_str()),
        ("target_link_uri", &target),
        ("login_hint", GRACE),
    ];
    let page = browser.post_form(&path, &form).await;
    let back = browser.open(page.location()).await.location().to_owned();
    assert_eq!(browser.open(&back).await.location(), "/users");
    let page = browser
        .open(&format!(
            "{path}?iss={issuer}&target_link_uri=https://evil.example/"
        ))
        .await;
    let back = browser.open(page.location()).await.location().to_owned();
    assert_eq!(browser.open(&back).await.location(), "/");
    for query in ["", "?iss=https://evil.example"] {
        let page = browser.open(&format!("{path}{query}")).await;
        assert_eq!(page.status, StatusCode::NOT_FOUND);
    }
    setting.close().await;
}

#[tokio::test]
async fn signing_in_again_makes_a_new_session_and_ends_the_browsers_old_one() {
    let setting = Setting::open(Database::Sqlite).await;
    setting.provider.seat("subject-1", GRACE);
    let (mut browser, _) = setting.sign_in().await;
    let old = browser.api().await;
    let page = browser.sign_in(&format!("provider={}", setting.idp_id())).await;
    assert_eq!(page.status, StatusCode::SEE_OTHER);
    let viewer = "{ viewer { user { email } } }";
    old.until_shown_out().await;
    browser.api().await.ask(viewer, json!({})).await;
    setting.close().await;
}

#[rstest]
#[case(Database::Sqlite)]
#[case(Database::Postgres)]
#[tokio::test]
async fn who_has_just_signed_in_with_their_password_may_link_an_address_of_no_verified_domain(
    #[case] database: Database,
) {
    let setting = Setting::open(database).await;
    let email = "ben@elsewhere.example";
    setting.team.join(&setting.house, email, "USER").await;
    setting
        .team
        .join(&setting.house, "eve@elsewhere.example", "USER")
        .await;
    setting.provider.seat("subject-1", email);
    setting.assert_refused("LINK_CONFIRMATION_REQUIRED").await;
    let query = format!("provider={}", setting.idp_id());
    let with_password = |email: &str| json!({"email": email, "password": crate::support::PASSWORD});
    // Somebody else's password confirms nothing.
    let mut browser = setting.browser();
    browser
        .post("/auth/sign-in", &with_password("eve@elsewhere.example"))
        .await;
    assert_eq!(browser.sign_in(&query).await.code(), "LINK_CONFIRMATION_REQUIRED");

    let mut browser = setting.browser();
    let page = browser.post("/auth/sign-in", &with_password(email)).await;
    assert_eq!(page.status, StatusCode::OK, "{page:?}");
    let old = browser.api().await;
    let back = browser.travel(&query).await;
    // Browsers keep the refresh token to themselves on the way back from another site.
    browser.lose("muster-refresh");
    assert_eq!(browser.open(&back).await.status, StatusCode::SEE_OTHER);
    let viewer = "{ viewer { user { email } } }";
    old.until_shown_out().await;
    browser.api().await.ask(viewer, json!({})).await;
    let (_, page) = setting.sign_in().await;
    assert_eq!(page.status, StatusCode::SEE_OTHER, "linked from now on");
    setting.close().await;
}
