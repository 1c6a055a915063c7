//! Signing out at the provider signs out here.

use std::collections::HashMap;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
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
        json!({"typ": "at+jwt"}),
        json!({"typ": "id_token+jwt"}),
        json!({"typ": ""}),
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

#[rstest]
#[tokio::test]
async fn a_logout_token_may_say_that_it_is_a_token_or_nothing_of_its_type(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let setting = Setting::open(database).await;
    let path = format!("/sso/logout/{}", setting.idp_id());
    let now = setting.house.app.clock().now().timestamp();
    let mut caller = setting.browser();
    setting.provider.seat("subject-2", "ada@acme.example");
    let (mut other, _) = setting.sign_in().await;
    let other = other.api().await;
    setting.provider.seat("subject-1", "grace@acme.example");
    for kind in [
        json!("JWT"),
        json!("jwt"),
        json!("logout+jwt"),
        json!("Logout+JWT"),
        json!("application/logout+jwt"),
        Value::Null,
    ] {
        let (mut browser, _) = setting.sign_in().await;
        let api = browser.api().await;
        let token = setting.provider.logout_token_of_type(now, &kind, "subject-1");
        let page = caller.post_form(&path, &[("logout_token", &token)]).await;
        assert_eq!(page.status, StatusCode::OK, "{kind}: {page:?}");
        api.until_shown_out().await;
        let again = caller.post_form(&path, &[("logout_token", &token)]).await;
        assert_eq!(again.status, StatusCode::BAD_REQUEST, "{kind}");
    }
    other.ask(VIEWER, json!({})).await;
    // An ID token is none, whatever its type.
    let id_token = json!({
        "iss": setting.provider.issuer, "aud": super::provider::CLIENT_ID, "iat": now, "exp": now + 120, "sub": "subject-2", "nonce": "n",
    });
    let token = setting.provider.sign(json!({"typ": "JWT"}), &id_token);
    let page = caller.post_form(&path, &[("logout_token", &token)]).await;
    assert_eq!(page.status, StatusCode::BAD_REQUEST);
    other.ask(VIEWER, json!({})).await;
    setting.close().await;
}

fn pairs(url: &str) -> HashMap<String, String> {
    let url: url::Url = url.parse().unwrap();
    url.query_pairs().into_owned().collect()
}

#[rstest]
#[tokio::test]
async fn the_id_token_is_given_back_to_the_provider_and_lies_sealed_until_then(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let setting = Setting::open(database).await;
    setting.provider.seat("subject-1", "grace@acme.example");
    let onward = async |browser: &mut super::browser::Browser| -> String {
        let page = browser.post("/auth/sign-out", &json!({})).await;
        assert_eq!(page.status, StatusCode::OK, "{page:?}");
        let answer: Value = serde_json::from_str(&page.text).unwrap();
        answer["endSessionUrl"].as_str().unwrap().to_owned()
    };
    let (mut browser, _) = setting.sign_in().await;
    // Renewing the session keeps it.
    browser.api().await;
    let asked = pairs(&onward(&mut browser).await);
    assert_eq!(
        asked["post_logout_redirect_uri"],
        format!("{}/", setting.house.url)
    );
    let hint = &asked["id_token_hint"];
    let payload = URL_SAFE_NO_PAD.decode(hint.split('.').nth(1).unwrap()).unwrap();
    let claims: Value = serde_json::from_slice(&payload).unwrap();
    assert_eq!(
        (&claims["sub"], &claims["iss"]),
        (&json!("subject-1"), &json!(setting.provider.issuer))
    );
    for (table, rows) in setting.house.everything().await {
        assert!(
            rows.iter().all(|row| !row.contains(hint.as_str())),
            "{table} has the token in the clear"
        );
    }

    let kept = "SELECT count(*) FROM sessions WHERE sealed_id_token IS NOT NULL";
    assert_eq!(setting.house.number(kept).await, 0, "it goes with the session");
    // One too long for an address is let go; so is one that opens no more.
    setting.provider.twist(json!({"padding": "x".repeat(5_000)}));
    let (mut browser, _) = setting.sign_in().await;
    assert!(!pairs(&onward(&mut browser).await).contains_key("id_token_hint"));
    setting.provider.twist(json!({}));
    let (mut browser, _) = setting.sign_in().await;
    let damaged = match database {
        Database::Sqlite => "x'00'",
        Database::Postgres => "'\\x00'",
    };
    setting
        .force(&format!(
            "UPDATE sessions SET sealed_id_token = {damaged} WHERE ended_at IS NULL"
        ))
        .await;
    assert!(!pairs(&onward(&mut browser).await).contains_key("id_token_hint"));

    // Nowhere to end the provider's session: a page says that it goes on.
    setting.provider.twist(json!({"exp": 4_000_000_000_i64}));
    for odd in [Value::Null, json!(""), json!(false)] {
        setting.provider.desk().metadata["end_session_endpoint"] = odd.clone();
        setting.house.app.clock().advance(chrono::Duration::hours(2));
        let (mut browser, page) = setting.sign_in().await;
        assert_eq!(page.status, StatusCode::SEE_OTHER, "{odd}: {page:?}");
        let url = onward(&mut browser).await;
        assert_eq!(url, format!("{}/sso/signed-out", setting.house.url), "{odd}");
        let page = browser.open(&url).await;
        assert_eq!(page.status, StatusCode::OK);
        assert!(
            page.text
                .contains("Your session at your identity provider goes on"),
            "{}",
            page.text
        );
    }
    setting.close().await;
}
