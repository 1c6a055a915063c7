//! What real providers send beside the standard: what nobody uses is not judged, what is used is read for what it is, and each refusal is named for its cause.

use chrono::Duration;
use entity::sso_test::StepName;
use entity::user;
use http::StatusCode;
use rstest::rstest;
use serde_json::{Value, json};

use super::browser::Page;
use super::provider::CLIENT_SECRET;
use super::setting::{Setting, assert_last_refusal, own_domain};
use crate::support::{Database, PASSWORD};

const GRACE: &str = "grace@acme.example";
/// The provider's clock stands still where ours is moved.
const FAR_AWAY: i64 = 4_000_000_000;

fn assert_in(page: &Page, what: &impl std::fmt::Display) {
    assert_eq!(page.status, StatusCode::SEE_OTHER, "{what}: {page:?}");
}

impl Setting {
    async fn told(&self, kind: &str) -> i64 {
        let sql = format!("SELECT count(*) FROM mails WHERE kind = '{kind}'");
        self.house.number(&sql).await
    }

    async fn notices(&self) -> i64 {
        let sql = "SELECT count(*) FROM notifications WHERE kind = 'SSO_PROBLEM'";
        self.house.number(sql).await
    }

    /// The last row of the audit log about single sign-on: what it says of a field.
    async fn noted(&self, field: &str) -> Option<String> {
        let last = self.audited().await.pop().unwrap();
        let changes = last.changes.unwrap_or_default();
        let changes = changes.as_array().cloned().unwrap_or_default();
        let change = changes.into_iter().find(|change| change["field"] == field)?;
        change["after"].as_str().map(str::to_owned)
    }
}

#[rstest]
#[tokio::test]
async fn a_token_answer_and_an_id_token_are_judged_by_what_is_used_of_them(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let setting = Setting::open(database).await;
    setting.provider.seat("subject-1", GRACE);
    for odd in [
        json!({"expires_in": "3599"}),
        json!({"expires_in": 3599.0}),
        json!({"expires_in": null}),
        json!({"scope": ["openid", "email"]}),
        json!({"scope": 5, "refresh_token": {}, "token_type": "bearer"}),
    ] {
        setting.provider.desk().token_answer = odd.clone();
        assert_in(&setting.sign_in().await.1, &odd);
    }
    setting.provider.desk().token_answer = json!({});
    for odd in [
        json!({"amr": "pwd"}),
        json!({"address": "Main Street 1"}),
        json!({"updated_at": "1767225600"}),
        json!({"name": 5, "locale": ["de"], "acr": 0}),
        json!({"birthdate": 1, "phone_number_verified": "true", "zoneinfo": {}, "sid": 9}),
    ] {
        setting.provider.twist(odd.clone());
        assert_in(&setting.sign_in().await.1, &odd);
    }
    let grace = setting.user(GRACE).await;
    assert_eq!(grace.given_name.as_deref(), Some("Grace"));
    assert_eq!(setting.links().await.len(), 1, "nobody was made twice");
    setting.provider.twist(json!({}));
    for (odd, code, words) in [
        (
            json!({"access_token": 7}),
            "TOKEN_REQUEST_FAILED",
            "no access_token",
        ),
        (
            json!({"token_type": null}),
            "TOKEN_REQUEST_FAILED",
            "no token_type",
        ),
        (json!({"token_type": "mac"}), "TOKEN_TYPE_NOT_BEARER", "mac"),
        (json!({"id_token": null}), "ID_TOKEN_MALFORMED", "no id_token"),
    ] {
        setting.provider.desk().token_answer = odd.clone();
        setting.assert_refused(code).await;
        let detail = setting.noted("detail").await.unwrap();
        assert!(detail.contains(words), "{odd}: {detail}");
    }
    setting.close().await;
}

#[rstest]
#[tokio::test]
async fn the_address_of_who_is_linked_follows_the_providers_where_it_may(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let setting = Setting::open(database).await;
    own_domain(&setting.house, setting.team.account_id, "acme2.example", None).await;
    setting
        .team
        .join(&setting.house, "ada@acme.example", "USER")
        .await;
    setting.provider.seat("subject-1", GRACE);
    setting.sign_in().await;
    setting.house.settle_mails().await;
    let before = setting.user(GRACE).await;

    // Married, and renamed at the provider; then in another domain of the account.
    for (former, present) in [
        (GRACE, "Grace.Murray@acme.example"),
        ("grace.murray@acme.example", "grace@acme2.example"),
    ] {
        let told = setting.told("address_changed").await;
        setting.provider.seat("subject-1", present);
        let (mut browser, page) = setting.sign_in().await;
        assert_in(&page, &present);
        assert!(setting.users(former).await.is_empty(), "{present}");
        let moved = setting.user(&present.to_lowercase()).await;
        assert_eq!((moved.id, moved.email.as_str()), (before.id, present));
        assert!(moved.email_verified);
        assert!(moved.search_text.contains(&present.to_lowercase()), "{moved:?}");
        assert_eq!(setting.noted("email").await.as_deref(), Some(present));
        assert_eq!(
            setting.told("address_changed").await,
            told + 2,
            "the old and the new one"
        );
        let viewer = browser.api().await;
        let viewer = viewer.ask("{ viewer { user { email } } }", json!({})).await;
        assert_eq!(viewer["viewer"]["user"]["email"], present);
        // The next sign-in finds nothing to do.
        setting.sign_in().await;
        assert_eq!(setting.user(&present.to_lowercase()).await.version, moved.version);
    }
    setting.house.settle_mails().await;
    let mails = setting.house.mails();
    let of = |address: &str| {
        let to = format!("To: Grace <{address}>");
        let changed = mails
            .iter()
            .filter(|mail| mail.contains(&to) && mail.contains("Your address in ACME is now"));
        changed.count()
    };
    assert_eq!((of(GRACE), of("grace@acme2.example")), (1, 1), "{mails:#?}");
    assert_eq!(setting.notices().await, 0);

    // Somebody else has it; the domain is nobody's; nobody vouches for it. They come in all the same, and administrators hear of each once.
    let before = setting.user("grace@acme2.example").await;
    let told = setting.told("address_changed").await;
    let mut notices = 0;
    for (email, twist) in [
        ("ada@acme.example", json!({})),
        ("grace@elsewhere.example", json!({})),
        ("new@acme.example", json!({"email_verified": false})),
        ("other@acme.example", json!({"email_verified": null})),
    ] {
        setting.provider.seat("subject-1", email);
        setting.provider.twist(twist);
        notices += 1;
        for _ in 0..2 {
            assert_in(&setting.sign_in().await.1, &email);
            assert_eq!(setting.notices().await, notices, "{email}");
        }
        let after = setting.user("grace@acme2.example").await;
        let seen = user::Model {
            last_signed_in_at: after.last_signed_in_at,
            ..before.clone()
        };
        assert_eq!(after, seen, "{email}");
    }
    assert_eq!(setting.told("address_changed").await, told);
    setting.user("ada@acme.example").await;
    setting.close().await;
}

#[rstest]
#[tokio::test]
async fn the_primary_administrators_address_follows_by_their_own_word_alone(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let setting = Setting::open(database).await;
    let query = format!("provider={}", setting.idp_id());
    let by_password = async || {
        let mut browser = setting.browser();
        let who = json!({"email": "admin@acme.example", "password": PASSWORD});
        browser.post("/auth/sign-in", &who).await;
        browser
    };
    setting.provider.seat("subject-1", "admin@acme.example");
    assert_in(&by_password().await.sign_in(&query).await, &"linked");
    setting.provider.seat("subject-1", "boss@acme.example");
    assert_in(&setting.sign_in().await.1, &"by the provider");
    setting.user("admin@acme.example").await;
    assert_eq!(setting.notices().await, 1);
    assert_in(&by_password().await.sign_in(&query).await, &"with the password");
    let boss = setting.user("boss@acme.example").await;
    assert_eq!(boss.role, user::Role::PrimaryAdmin);
    // The password stays with the address it was set for.
    let page = setting
        .browser()
        .post(
            "/auth/sign-in",
            &json!({"email": "admin@acme.example", "password": PASSWORD}),
        )
        .await;
    assert_eq!(page.status, StatusCode::OK);
    setting.close().await;
}

#[rstest]
#[tokio::test]
async fn a_name_that_is_missing_is_found_in_the_whole_one(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let setting = Setting::open(database).await;
    for (number, claims, given, family) in [
        (
            1,
            json!({"name": "Ada Lovelace", "given_name": null, "family_name": null}),
            Some("Ada"),
            Some("Lovelace"),
        ),
        (
            2,
            json!({"given_name": "Ada Lovelace", "family_name": null}),
            Some("Ada"),
            Some("Lovelace"),
        ),
        (
            3,
            json!({"given_name": "Ada", "family_name": null}),
            Some("Ada"),
            None,
        ),
        (
            4,
            json!({"name": "van Rossum, Guido", "given_name": null, "family_name": null}),
            Some("Guido"),
            Some("van Rossum"),
        ),
        (
            5,
            json!({"name": 5, "given_name": null, "family_name": null}),
            None,
            None,
        ),
        (6, json!({"name": "Somebody Else"}), Some("Grace"), Some("Hopper")),
    ] {
        let email = format!("person{number}@acme.example");
        setting.provider.seat(&format!("subject-{number}"), &email);
        setting.provider.twist(claims.clone());
        assert_in(&setting.sign_in().await.1, &claims);
        let user = setting.user(&email).await;
        let names = (user.given_name.as_deref(), user.family_name.as_deref());
        assert_eq!(names, (given, family), "{claims}");
    }
    setting.provider.seat("subject-7", "seven@acme.example");
    setting
        .provider
        .twist(json!({"name": "Ada Lovelace", "given_name": null, "family_name": null}));
    let (id, _, _) = setting.run_trial().await;
    let steps = setting.trial(id).await.steps.0;
    let read = steps.iter().find(|step| step.name == StepName::Claims).unwrap();
    let message = read.message.as_deref().unwrap();
    assert!(message.contains("given name A***, family name L***"), "{message}");
    setting.close().await;
}

#[rstest]
#[tokio::test]
async fn a_userinfo_endpoint_that_gives_nothing_keeps_out_only_who_needs_it(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let setting = Setting::open(database).await;
    for (number, (what, instead)) in [
        ("it fails", (503, "application/json", "{}")),
        ("it is signed", (200, "application/jwt", "e30.e30.e30")),
        ("it is a page", (200, "text/html", "<html>")),
        (
            "it refuses",
            (401, "application/json", "{\"error\": \"invalid_token\"}"),
        ),
        ("it is a list", (200, "application/json", "[]")),
    ]
    .into_iter()
    .enumerate()
    {
        let email = format!("person{number}@acme.example");
        setting.provider.seat(&format!("subject-{number}"), &email);
        setting.provider.desk().userinfo_instead = Some(instead);
        setting.provider.twist(json!({"family_name": null}));
        assert_in(&setting.sign_in().await.1, &what);
        let user = setting.user(&email).await;
        assert_eq!(
            (user.given_name.as_deref(), user.family_name),
            (Some("Grace"), None),
            "{what}"
        );
        // Who is linked already needs no address; who is not does.
        setting.provider.twist(json!({"email": null}));
        assert_in(&setting.sign_in().await.1, &what);
        setting.provider.seat("stranger", "stranger@acme.example");
        setting.assert_refused("USERINFO_FAILED").await;
        assert!(
            setting.noted("detail").await.unwrap().contains("userinfo"),
            "{what}"
        );
    }
    setting.provider.seat("subject-9", "nine@acme.example");
    setting.provider.twist(json!({"family_name": null}));
    let (id, _, page) = setting.run_trial().await;
    assert!(page.text.contains("The test has passed"), "{}", page.text);
    let steps = setting.trial(id).await.steps.0;
    let asked = steps.iter().find(|step| step.name == StepName::Userinfo).unwrap();
    assert!(asked.message.as_deref().unwrap().starts_with("Gone on without"));
    // Somebody else's claims are not passed over.
    setting.provider.desk().userinfo_instead = None;
    setting.provider.desk().userinfo = json!({"sub": "another"});
    setting.assert_refused("USERINFO_SUBJECT_MISMATCH").await;
    setting.close().await;
}

#[rstest]
#[tokio::test]
async fn the_text_true_verifies_an_address_where_the_provider_is_marked_to_write_it_so(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let setting = Setting::open(database).await;
    setting.provider.seat("subject-1", GRACE);
    for word in ["true", "True", "TRUE"] {
        setting.provider.twist(json!({"email_verified": word}));
        setting.assert_refused("EMAIL_NOT_VERIFIED").await;
        let hint = setting.noted("detail").await.unwrap();
        assert!(hint.contains("verifiesAsText"), "{hint}");
    }
    setting
        .force("UPDATE identity_providers SET verifies_as_text = TRUE WHERE name = 'Acme Login'")
        .await;
    for other in [json!("false"), json!("yes"), json!("1"), json!(1), json!("")] {
        setting.provider.twist(json!({"email_verified": other}));
        setting.assert_refused("EMAIL_NOT_VERIFIED").await;
        let hint = setting.noted("detail").await.unwrap();
        assert!(!hint.contains("verifiesAsText"), "{other}: {hint}");
    }
    assert!(setting.users(GRACE).await.is_empty());
    setting.provider.twist(json!({"email_verified": "True"}));
    assert_in(&setting.sign_in().await.1, &"marked");
    assert!(setting.user(GRACE).await.email_verified);
    setting.close().await;
}

#[rstest]
#[tokio::test]
async fn an_answer_opened_again_leads_on_whoever_it_signed_in_and_nobody_else(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let setting = Setting::open(database).await;
    setting.provider.seat("subject-1", GRACE);
    let query = format!("provider={}&return_to=/users", setting.idp_id());
    let mut browser = setting.browser();
    let back = browser.travel(&query).await;
    assert_in(&browser.open(&back).await, &"first");
    let before = (
        setting.rows().await,
        setting.sessions().await,
        setting.audited().await.len(),
    );
    // Reloaded, gone back to, and without the cookie that stays at home on the way from another site.
    for what in ["again", "and again", "without the session's cookie"] {
        let mut visitor = browser.clone();
        if what.starts_with("without") {
            visitor.lose("muster-refresh");
        }
        let page = visitor.open(&back).await;
        assert_in(&page, &what);
        assert_eq!(page.location(), "/users", "{what}");
        assert!(!page.headers.contains_key("set-cookie"), "{what}");
    }
    let after = (
        setting.rows().await,
        setting.sessions().await,
        setting.audited().await.len(),
    );
    assert_eq!(after, before, "nothing came of it");
    browser.api().await;
    assert_eq!(setting.browser().open(&back).await.code(), "BROWSER_MISMATCH");
    // Once they have signed out, or were refused, it leads nowhere; and it is not said that it was another browser.
    let mut left = browser.clone();
    left.post("/auth/sign-out", &json!({})).await;
    let page = left.open(&back).await;
    assert_eq!(page.code(), "STATE_USED");
    assert!(!page.text.contains("another browser"), "{}", page.text);
    setting.provider.seat("subject-2", "eve@elsewhere.example");
    let back = left.travel(&query).await;
    for code in ["DOMAIN_NOT_VERIFIED", "STATE_USED"] {
        assert_eq!(left.open(&back).await.code(), code);
    }
    assert!(!left.has_cookie("muster-refresh"));
    setting.close().await;
}

#[rstest]
#[tokio::test]
async fn whoever_asks_for_headers_alone_uses_nothing_up_and_ten_tabs_have_room(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let setting = Setting::open(database).await;
    setting.provider.seat("subject-1", GRACE);
    let query = format!("provider={}", setting.idp_id());
    let mut browser = setting.browser();
    let mut tabs = Vec::new();
    for _ in 0..10 {
        tabs.push(browser.travel(&query).await);
    }
    let count = "SELECT count(*) FROM sso_attempts";
    let attempts = setting.house.number(count).await;
    let start = format!("/sso/start?{query}");
    let initiate = format!(
        "/sso/initiate/{}?iss={}",
        setting.idp_id(),
        setting.provider.issuer
    );
    for address in [&tabs[0], &start, &initiate] {
        let page = browser.head(address).await;
        assert_eq!(page.status, StatusCode::METHOD_NOT_ALLOWED, "{address}");
        assert_eq!(page.headers["allow"], "GET");
    }
    assert_eq!(setting.house.number(count).await, attempts);
    assert_eq!(setting.sessions().await, 1, "the administrator's");
    for tab in &tabs {
        assert_in(&browser.open(tab).await, tab);
    }
    // The eleventh pushes out the first.
    let first = browser.travel(&query).await;
    for _ in 0..10 {
        browser.travel(&query).await;
    }
    assert_eq!(browser.open(&first).await.code(), "BROWSER_MISMATCH");
    setting.close().await;
}

#[rstest]
#[tokio::test]
async fn keys_that_are_good_stay_until_good_ones_take_their_place(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let setting = Setting::open(database).await;
    setting.provider.seat("subject-1", GRACE);
    setting.provider.twist(json!({"exp": FAR_AWAY}));
    assert_in(&setting.sign_in().await.1, &"at first");
    for bad in [
        "<html>",
        "{}",
        "{\"keys\": []}",
        "{\"keys\": [{\"kty\": \"quantum\"}]}",
        "{\"keys\": [{\"kty\": \"EC\", \"crv\": \"P-256\", \"use\": \"enc\", \"x\": \"AA\", \"y\": \"AA\"}]}",
        "{\"keys\": [{\"kty\": \"RSA\", \"n\": \"AQAB\", \"e\": \"AQAB\"}]}",
    ] {
        setting.provider.desk().jwks_instead = Some(bad);
        setting.house.app.clock().advance(Duration::minutes(16));
        let asked = setting.provider.desk().jwks_fetched;
        for _ in 0..2 {
            assert_in(&setting.sign_in().await.1, &bad);
        }
        assert_eq!(
            setting.provider.desk().jwks_fetched,
            asked + 1,
            "it was looked, once: {bad}"
        );
        // A key nobody knows brings the good ones into no danger either.
        let now = setting.house.app.clock().now().timestamp();
        let strange = setting
            .provider
            .sign(json!({"kid": "unknown"}), &json!({"iat": now}));
        let path = format!("/sso/logout/{}", setting.idp_id());
        setting.house.app.clock().advance(Duration::minutes(2));
        let page = setting
            .browser()
            .post_form(&path, &[("logout_token", &strange)])
            .await;
        assert_eq!(page.status, StatusCode::BAD_REQUEST);
        assert_in(&setting.sign_in().await.1, &bad);
    }
    // Mended, with another key.
    setting.provider.desk().jwks_instead = None;
    setting.provider.rotate_key();
    setting.house.app.clock().advance(Duration::minutes(2));
    assert_in(&setting.sign_in().await.1, &"rotated");
    setting.close().await;
}

#[rstest]
#[tokio::test]
async fn what_the_provider_says_is_wrong_stands_in_the_audit_log_and_on_no_page_for_people(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let setting = Setting::open(database).await;
    setting.provider.seat("subject-1", GRACE);
    for (error, text) in [
        ("invalid_scope", "Unknown scope: profile"),
        ("access_denied", ""),
        ("server_error", "line\nbreak \u{1b}[31m"),
        ("odd", "<script>alert(1)</script>"),
    ] {
        setting.provider.desk().refusal = Some((error, text));
        let (browser, page) = setting.sign_in().await;
        assert_eq!(page.code(), "PROVIDER_DENIED");
        assert!(
            !page.text.contains(error) && !page.text.contains("script"),
            "{}",
            page.text
        );
        assert!(!browser.has_cookie("muster-refresh"));
        assert_last_refusal(&setting.audited().await, "PROVIDER_DENIED");
        let detail = setting.noted("detail").await.unwrap();
        assert!(detail.contains(error) && !detail.contains('\n') && !detail.contains('\u{1b}'));
        assert!(
            detail.contains(text.split(['\n', '<']).next().unwrap()),
            "{detail}"
        );
    }
    setting.provider.desk().refusal = None;
    // One that quotes what only the two of us know is not quoted in turn.
    let quoting = format!("{CLIENT_SECRET} is not the secret");
    let body = json!({"error": "invalid_client", "error_description": quoting});
    setting.provider.desk().token_refusal = Some((401, body));
    setting.assert_refused("CLIENT_NOT_ACCEPTED").await;
    let detail = setting.noted("detail").await.unwrap();
    assert!(detail.contains("invalid_client: … is not the secret"), "{detail}");
    for (status, body, code, words) in [
        (
            401,
            json!({"error": "invalid_client", "error_description": "Wrong secret"}),
            "CLIENT_NOT_ACCEPTED",
            "invalid_client: Wrong secret",
        ),
        (
            400,
            json!({"error": "unauthorized_client"}),
            "CLIENT_NOT_ACCEPTED",
            "unauthorized_client",
        ),
        (401, json!({}), "CLIENT_NOT_ACCEPTED", "status 401"),
        (
            400,
            json!({"error": "invalid_grant"}),
            "TOKEN_REQUEST_FAILED",
            "invalid_grant",
        ),
        (502, json!("<html>"), "TOKEN_REQUEST_FAILED", "status 502"),
    ] {
        setting.provider.desk().token_refusal = Some((status, body.clone()));
        setting.assert_refused(code).await;
        let detail = setting.noted("detail").await.unwrap();
        assert!(detail.contains(words), "{detail}");
        let (_, page) = setting.sign_in().await;
        let is_said = page.text.contains("could not be reached");
        assert_eq!(is_said, code == "TOKEN_REQUEST_FAILED", "{}", page.text);
    }
    setting.close().await;
}

#[rstest]
#[tokio::test]
async fn what_is_optional_in_a_description_may_be_odd(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let setting = Setting::open(database).await;
    setting.provider.seat("subject-1", GRACE);
    setting.provider.twist(json!({"exp": FAR_AWAY}));
    for (name, odd) in [
        ("userinfo_endpoint", json!("")),
        ("end_session_endpoint", json!("/logout")),
        ("authorization_response_iss_parameter_supported", json!("true")),
        ("scopes_supported", json!("openid email")),
        ("claims_supported", Value::Null),
    ] {
        setting.provider.desk().metadata[name] = odd.clone();
        setting.house.app.clock().advance(Duration::hours(2));
        assert_in(&setting.sign_in().await.1, &name);
    }
    assert_eq!(
        setting.user(GRACE).await.id,
        setting.links().await[0].user_id,
        "one person throughout"
    );
    setting.close().await;
}
