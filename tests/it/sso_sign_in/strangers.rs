//! Whoever is nobody to an account: they write nothing into its audit log, and have so many attempts and no more.

use chrono::Duration;
use entity::account::Plan;
use entity::ids::Kind;
use http::StatusCode;
use http::header::RETRY_AFTER;
use rstest::rstest;
use serde_json::json;

use super::browser::{Browser, Page};
use super::provider::Provider;
use super::setting::{Setting, connect};
use crate::support::{Database, PASSWORD, team};

#[tokio::test]
async fn a_stray_request_from_nobody_leaves_no_trace() {
    let setting = Setting::open(Database::Sqlite).await;
    setting.house.settle_mails().await;
    let before = setting.house.everything().await;
    let mut browser = setting.browser();
    let path = format!("/sso/callback/{}?code=a&state=b&iss=c", setting.idp_id());
    assert_eq!(browser.open(&path).await.code(), "STATE_UNKNOWN");
    assert_eq!(setting.house.everything().await, before);
    setting.close().await;
}

#[rstest]
#[tokio::test]
async fn a_state_of_one_account_leaves_no_trace_in_another(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let setting = Setting::open(database).await;
    let other = team(&setting.house, "other", Plan::Premium).await;
    let theirs = Provider::start().await;
    let their_idp = connect(&setting.house, &other, &theirs, |_| {}).await;
    let their_idp = Kind::IdentityProvider.text(their_idp);
    let mut browser = setting.browser();
    let back = browser.travel(&format!("provider={their_idp}")).await;
    let crossed = back.replace(&their_idp, &setting.idp_id());
    setting.house.settle_mails().await;
    let before = setting.house.everything().await;
    // Without the cookie, with the one of the other account, and with a state nobody made.
    for (mut visitor, path) in [
        (setting.browser(), crossed.clone()),
        (browser.clone(), crossed.clone()),
        (browser.clone(), crossed.replace("state=", "state=A")),
    ] {
        let page = visitor.open(&path).await;
        assert_eq!(
            (page.status, page.code()),
            (StatusCode::BAD_REQUEST, "STATE_UNKNOWN")
        );
        assert_eq!(setting.house.everything().await, before);
    }
    // The attempt is still good where it belongs.
    theirs.seat("subject-1", "grace@other.example");
    assert_eq!(browser.open(&back).await.code(), "DOMAIN_NOT_VERIFIED");
    assert_eq!(setting.audited().await.len(), 0);
    setting.close().await;
}

#[tokio::test]
async fn setting_out_for_a_provider_that_is_switched_off_leaves_no_trace() {
    let setting = Setting::with(Database::Sqlite, Plan::Premium, |row| {
        row.status = entity::identity_provider::Status::Disabled;
    })
    .await;
    setting.house.settle_mails().await;
    let before = setting.house.everything().await;
    let start = format!("/sso/start?provider={}", setting.idp_id());
    assert_eq!(setting.browser().open(&start).await.code(), "SSO_NOT_ENABLED");
    assert_eq!(setting.house.everything().await, before);
    setting.close().await;
}

/// Has whatever was counted so far have been counted three hundred times.
async fn multiply(setting: &Setting) {
    let id = match setting.house.database {
        Database::Sqlite => "randomblob(16)",
        Database::Postgres => "gen_random_uuid()",
    };
    let many = format!(
        "INSERT INTO sign_in_attempts (id, key, attempted_at) \
         WITH RECURSIVE numbers(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < 299) \
         SELECT {id}, a.key, a.attempted_at FROM sign_in_attempts a CROSS JOIN numbers"
    );
    assert!(setting.house.force(&many).await.unwrap() >= 299);
}

fn assert_waits(page: &Page) {
    assert_eq!(page.status, StatusCode::TOO_MANY_REQUESTS, "{page:?}");
    let wait: i64 = page.headers[RETRY_AFTER].to_str().unwrap().parse().unwrap();
    assert!((1..=901).contains(&wait), "{wait}");
}

#[rstest]
#[tokio::test]
async fn a_network_sets_out_three_hundred_times_in_a_quarter_of_an_hour(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let setting = Setting::open(database).await;
    setting.provider.seat("subject-1", "grace@acme.example");
    let query = format!("provider={}", setting.idp_id());
    let start = format!("/sso/start?{query}");
    let mut early = setting.browser();
    let back = early.travel(&query).await;
    multiply(&setting).await;
    setting.house.settle_mails().await;
    let before = setting.house.everything().await;
    let mut browser = setting.browser();
    assert_waits(&browser.open(&start).await);
    assert_waits(&browser.open(&back).await);
    assert_eq!(
        setting.house.everything().await,
        before,
        "not even a refusal is written down"
    );
    // Who is rightly back is signed in.
    assert_eq!(early.open(&back).await.status, StatusCode::SEE_OTHER);
    setting.house.app.clock().advance(Duration::minutes(15));
    assert_eq!(browser.open(&start).await.status, StatusCode::SEE_OTHER);
    setting.close().await;
}

#[tokio::test]
async fn logout_tokens_that_are_not_believed_are_heard_three_hundred_times() {
    let setting = Setting::open(Database::Sqlite).await;
    setting.provider.seat("subject-1", "grace@acme.example");
    let (mut browser, _) = setting.sign_in().await;
    let api = browser.api().await;
    setting.house.force("DELETE FROM sign_in_attempts").await.unwrap();
    let path = format!("/sso/logout/{}", setting.idp_id());
    let mut caller = setting.browser();
    let mut told = async |token: &str| caller.post_form(&path, &[("logout_token", token)]).await;
    assert_eq!(told("nonsense").await.status, StatusCode::BAD_REQUEST);
    multiply(&setting).await;
    let now = setting.house.app.clock().now().timestamp();
    let good = setting.provider.logout_token(now, json!({"sub": "subject-1"}));
    assert_waits(&told(&good).await);
    api.ask("{ viewer { user { id } } }", json!({})).await;
    // Nobody else has to wait for it.
    assert_eq!(setting.sign_in().await.1.status, StatusCode::SEE_OTHER);
    setting.house.app.clock().advance(Duration::minutes(15));
    let now = setting.house.app.clock().now().timestamp();
    let good = setting.provider.logout_token(now, json!({"sub": "subject-1"}));
    assert_eq!(told(&good).await.status, StatusCode::OK);
    setting.close().await;
}

#[rstest]
#[tokio::test]
async fn a_session_is_renewed_three_hundred_times_and_does_not_end_by_more(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let setting = Setting::open(database).await;
    let mut browser = signed_in(&setting).await;
    let mut neighbour = signed_in(&setting).await;
    browser.api().await;
    multiply(&setting).await;
    let page = browser.post("/auth/refresh", &json!({})).await;
    assert_waits(&page);
    neighbour.api().await;
    setting.house.app.clock().advance(Duration::minutes(15));
    browser.api().await;
    setting.close().await;
}

async fn signed_in(setting: &Setting) -> Browser {
    let mut browser = setting.browser();
    let who = json!({"email": "admin@acme.example", "password": PASSWORD});
    let page = browser.post("/auth/sign-in", &who).await;
    assert_eq!(page.status, StatusCode::OK, "{page:?}");
    browser
}
