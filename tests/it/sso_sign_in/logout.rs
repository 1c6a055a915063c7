//! Signing out at the provider signs out here.

use http::StatusCode;
use rstest::rstest;
use serde_json::{Value, json};

use super::setting::Setting;
use crate::support::Database;

const VIEWER: &str = "{ viewer { user { email } } }";

#[rstest]
#[case(Database::Sqlite)]
#[case(Database::Postgres)]
#[tokio::test]
async fn a_logout_token_ends_the_sessions_it_names_once(#[case] database: Database) {
    let setting = Setting::open(database).await;
    let path = format!("/sso/logout/{}", setting.idp_id());
    let now = setting.house.app.clock().now().timestamp();
    setting.provider.seat("subject-1", "grace@acme.example");
    setting.provider.twist(json!({"sid": "one"}));
    let (mut one, _) = setting.sign_in().await;
    setting.provider.twist(json!({"sid": "two"}));
    let (mut two, _) = setting.sign_in().await;
    setting.provider.seat("subject-2", "ada@acme.example");
    setting.provider.twist(json!({"sid": "three"}));
    let (mut three, _) = setting.sign_in().await;
    let (one, two, three) = (one.api().await, two.api().await, three.api().await);

    let mut caller = setting.browser();
    let token = setting
        .provider
        .logout_token(now, json!({"sub": "subject-1", "sid": "one"}));
    let page = caller.post_form(&path, &[("logout_token", &token)]).await;
    assert_eq!(page.status, StatusCode::OK, "{page:?}");
    one.until_shown_out().await;
    two.ask(VIEWER, json!({})).await;
    let again = caller.post_form(&path, &[("logout_token", &token)]).await;
    assert_eq!(again.status, StatusCode::BAD_REQUEST);

    let token = setting.provider.logout_token(now, json!({"sub": "subject-1"}));
    caller.post_form(&path, &[("logout_token", &token)]).await;
    two.until_shown_out().await;
    three.ask(VIEWER, json!({})).await;
    let token = setting.provider.logout_token(now, json!({"sid": "three"}));
    caller.post_form(&path, &[("logout_token", &token)]).await;
    three.until_shown_out().await;
    setting.close().await;
}

#[tokio::test]
async fn a_logout_token_with_a_flaw_ends_nothing() {
    let setting = Setting::open(Database::Sqlite).await;
    let path = format!("/sso/logout/{}", setting.idp_id());
    let now = setting.house.app.clock().now().timestamp();
    setting.provider.seat("subject-1", "grace@acme.example");
    let (mut browser, _) = setting.sign_in().await;
    let api = browser.api().await;
    let named = json!({"sub": "subject-1"});
    let mut tokens: Vec<String> = [
        json!({"iss": "https://evil.example"}),
        json!({"aud": "somebody else"}),
        json!({"aud": null}),
        json!({"iat": now - 121}),
        json!({"iat": now + 300}),
        json!({"iat": null}),
        json!({"exp": now - 61}),
        json!({"jti": null}),
        json!({"events": null}),
        json!({"events": {"http://schemas.openid.net/event/backchannel-logout": true}}),
        json!({"nonce": "n"}),
        json!({"sub": null}),
        json!({"sub": 7}),
    ]
    .into_iter()
    .map(|mut change| {
        if change.get("sub").is_none() {
            change["sub"] = named["sub"].clone();
        }
        setting.provider.logout_token(now, change)
    })
    .collect();
    let whole: Value = json!({
        "iss": setting.provider.issuer, "aud": super::provider::CLIENT_ID, "iat": now, "jti": "j", "sub": "subject-1",
        "events": {"http://schemas.openid.net/event/backchannel-logout": {}},
    });
    for header in [
        json!({}),
        json!({"typ": "JWT"}),
        json!({"typ": "logout+jwt", "kid": "unknown"}),
        json!({"typ": "logout+jwt", "alg": "none"}),
        json!({"typ": "logout+jwt", "alg": "HS256"}),
        json!({"typ": "logout+jwt", "crit": ["b64"]}),
    ] {
        tokens.push(setting.provider.sign(header, &whole));
    }
    let good = setting.provider.logout_token(now, named);
    tokens.push(format!("{}AAAA", &good[..good.len() - 4]));
    tokens.push(String::new());
    tokens.push("a".repeat(20_000));
    setting.house.settle_mails().await;
    let before = setting.house.everything().await;
    for token in &tokens {
        let page = browser.post_form(&path, &[("logout_token", token)]).await;
        assert_eq!(page.status, StatusCode::BAD_REQUEST, "{token}");
    }
    assert_eq!(setting.house.everything().await, before);
    api.ask(VIEWER, json!({})).await;
    setting.close().await;
}

#[tokio::test]
async fn whoever_signs_out_here_is_told_where_to_sign_out_there() {
    let setting = Setting::open(Database::Sqlite).await;
    setting.provider.seat("subject-1", "grace@acme.example");
    let (mut browser, _) = setting.sign_in().await;
    let page = browser.post("/auth/sign-out", &json!({})).await;
    assert_eq!(page.status, StatusCode::OK, "{page:?}");
    let answer: Value = serde_json::from_str(&page.text).unwrap();
    let url = answer["endSessionUrl"].as_str().unwrap();
    assert!(
        url.starts_with(&format!("{}/logout?client_id=", setting.provider.issuer)),
        "{url}"
    );
    assert!(!browser.has_cookie("muster-refresh"));
    setting.close().await;
}
