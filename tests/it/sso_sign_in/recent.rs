//! Proving once more who one is: at the provider, or by a code that comes by mail where the provider cannot ask anew or say that it did.

use chrono::Duration;
use http::StatusCode;
use rstest::rstest;
use serde_json::{Value, json};

use super::browser::Browser;
use super::setting::Setting;
use crate::support::{Client, Database, PASSWORD};

const GRACE: &str = "grace@acme.example";

#[tokio::test]
async fn a_recent_sign_in_is_one_the_provider_says_was_recent() {
    let setting = Setting::open(Database::Sqlite).await;
    let query = format!("provider={}&recent=1", setting.idp_id());
    let now = setting.house.app.clock().now().timestamp();
    setting.provider.seat("subject-1", GRACE);
    let mut browser = setting.browser();
    for auth_time in [json!(null), json!(now - 3600)] {
        setting.provider.twist(json!({"auth_time": auth_time}));
        assert_eq!(browser.sign_in(&query).await.code(), "SIGN_IN_NOT_RECENT");
    }
    let asked = setting.provider.desk().last_request.clone();
    assert_eq!(
        (asked["max_age"].as_str(), asked["prompt"].as_str()),
        ("1", "login")
    );
    setting.provider.twist(json!({"auth_time": now}));
    assert_eq!(browser.sign_in(&query).await.status, StatusCode::SEE_OTHER);

    // Without a word about it, nobody was asked recently.
    setting.provider.twist(json!({}));
    setting.sign_in().await;
    let recent = setting
        .house
        .number("SELECT count(*) FROM sessions WHERE auth_method = 'SSO' AND authenticated_at < created_at")
        .await;
    assert_eq!(recent, 2, "both are earlier than their sessions");
    setting.close().await;
}

#[rstest]
#[tokio::test]
async fn a_provider_that_never_says_when_is_believed_that_it_asked_anew_where_the_account_wants_it_so(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let setting = Setting::open(database).await;
    setting.provider.seat("subject-1", GRACE);
    let recent = format!("provider={}&recent=1", setting.idp_id());
    let plain = format!("provider={}", setting.idp_id());
    let old = setting.house.app.clock().now().timestamp() - 3_600;
    let silent = [json!(null), json!(0), json!("yesterday"), json!({})];
    for auth_time in &silent {
        setting.provider.twist(json!({"auth_time": auth_time}));
        let page = setting.browser().sign_in(&recent).await;
        assert_eq!(page.code(), "SIGN_IN_NOT_RECENT", "{auth_time}");
        assert!(
            page.text.contains("have a code sent to you by mail"),
            "{}",
            page.text
        );
    }
    setting
        .force("UPDATE identity_providers SET trusts_prompt = TRUE WHERE name = 'Acme Login'")
        .await;
    let fresh = "SELECT count(*) FROM sessions WHERE auth_method = 'SSO' AND authenticated_at >= created_at - INTERVAL '1 minute'";
    let fresh = match database {
        Database::Postgres => fresh.to_owned(),
        Database::Sqlite => "SELECT count(*) FROM sessions WHERE auth_method = 'SSO' AND julianday(authenticated_at) >= julianday(created_at) - 1.0 / 1440".to_owned(),
    };
    for (number, auth_time) in silent.iter().enumerate() {
        setting.provider.twist(json!({"auth_time": auth_time}));
        let page = setting.browser().sign_in(&recent).await;
        assert_eq!(page.status, StatusCode::SEE_OTHER, "{auth_time}: {page:?}");
        // Nobody was asked anew who only signed in.
        setting.browser().sign_in(&plain).await;
        assert_eq!(
            setting.house.number(&fresh).await,
            i64::try_from(number).unwrap() + 1,
            "{auth_time}"
        );
    }
    // What the provider does say counts.
    setting.provider.twist(json!({"auth_time": old}));
    let page = setting.browser().sign_in(&recent).await;
    assert_eq!(page.code(), "SIGN_IN_NOT_RECENT");
    setting.close().await;
}

/// What needs a recent sign-in, as the person of a session is answered.
async fn dangerous(client: &Client) -> Option<String> {
    let create = "mutation($input: CreateApiTokenInput!) { createApiToken(input: $input) { secret userErrors { code } } }";
    let input = json!({"name": "Nightly", "scopes": ["USERS_READ"], "expiresAt": "2027-06-01T00:00:00Z"});
    let answer = client.ask(create, json!({"input": input})).await;
    let code = &answer["createApiToken"]["userErrors"][0]["code"];
    code.as_str().map(str::to_owned)
}

struct Caller<'a> {
    setting: &'a Setting,
    token: String,
}

impl Caller<'_> {
    async fn post(&self, path: &str, body: &Value) -> (StatusCode, Value) {
        let answer = reqwest::Client::new()
            .post(format!("{}{path}", self.setting.house.url))
            .bearer_auth(&self.token)
            .json(body)
            .send()
            .await
            .unwrap();
        let status = answer.status();
        (status, answer.json().await.unwrap_or_default())
    }

    async fn give(&self, code: &str) -> StatusCode {
        self.post("/auth/confirm", &json!({"code": code})).await.0
    }

    /// Asks for a code, and reads it in the mail.
    async fn ask(&self) -> String {
        let before = self.setting.house.mails().len();
        let (status, answer) = self.post("/auth/confirm/code", &json!({})).await;
        assert_eq!(status, StatusCode::ACCEPTED, "{answer}");
        self.setting.house.settle_mails().await;
        assert_eq!(self.setting.house.mails().len(), before + 1);
        let code = self.setting.known_codes().await.pop().unwrap();
        let words = format!("Your code to go on in ACME: {code}");
        let mails = self.setting.house.mails();
        let with_it = mails.iter().filter(|mail| mail.contains(&words));
        assert_eq!(with_it.count(), 1, "{mails:#?}");
        code
    }
}

impl Setting {
    /// The codes a session was sent, oldest first, computed as a worker does.
    async fn known_codes(&self) -> Vec<String> {
        use muster::platform::secrets::{Claim, Purpose};
        use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
        let found = entity::session::Entity::find()
            .filter(entity::session::Column::AccountId.eq(self.team.account_id))
            .filter(entity::session::Column::CodeGeneration.gt(0))
            .one(self.house.app.reader());
        let session = found.await.unwrap().unwrap();
        let code = |generation| {
            let claim = Claim {
                account_id: session.account_id,
                id: session.id,
                generation,
            };
            self.house
                .app
                .secrets()
                .digits(Purpose::SignInCode, claim)
                .unwrap()
        };
        (1..=session.code_generation).map(code).collect()
    }

    async fn administrator_by_the_provider(&self) -> (Browser, Client) {
        self.team
            .join(&self.house, "grace@acme.example", "SSO_ADMIN")
            .await;
        self.provider.seat("subject-1", GRACE);
        let (mut browser, page) = self.sign_in().await;
        assert_eq!(page.status, StatusCode::SEE_OTHER, "{page:?}");
        let client = browser.api().await;
        (browser, client)
    }
}

#[rstest]
#[tokio::test]
async fn a_code_by_mail_proves_once_more_who_came_by_a_provider_that_cannot_ask(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let setting = Setting::open(database).await;
    let (mut browser, client) = setting.administrator_by_the_provider().await;
    assert_eq!(dangerous(&client).await.as_deref(), Some("RECENT_AUTH_REQUIRED"));
    let caller = Caller {
        setting: &setting,
        token: client.token.clone().unwrap(),
    };
    // No code was sent yet: none is right.
    for guess in ["", "00000000", "12345678"] {
        assert_eq!(caller.give(guess).await, StatusCode::FORBIDDEN, "{guess}");
    }
    let first = caller.ask().await;
    let second = caller.ask().await;
    assert_eq!(
        caller.give(&first).await,
        StatusCode::FORBIDDEN,
        "only the latest"
    );
    assert_eq!(dangerous(&client).await.as_deref(), Some("RECENT_AUTH_REQUIRED"));
    let (front, back) = second.split_at(4);
    assert_eq!(
        caller.give(&format!(" {front} {back} ")).await,
        StatusCode::NO_CONTENT
    );
    assert_eq!(dangerous(&client).await, None, "for the very next request");
    assert_eq!(
        caller.give(&second).await,
        StatusCode::FORBIDDEN,
        "it is good once"
    );
    let addressed = setting.house.mails();
    assert!(
        addressed
            .iter()
            .all(|mail| !mail.contains("Your code") || mail.contains(GRACE))
    );

    // Ten minutes later neither the proof nor a code of then is good.
    let (status, _) = caller.post("/auth/confirm/code", &json!({})).await;
    assert_eq!(status, StatusCode::ACCEPTED);
    setting.house.settle_mails().await;
    setting.house.app.clock().advance(Duration::minutes(10));
    let client = browser.api().await;
    let late = Caller {
        setting: &setting,
        token: client.token.clone().unwrap(),
    };
    for code in setting.known_codes().await {
        assert_eq!(late.give(&code).await, StatusCode::FORBIDDEN);
    }
    setting.house.app.clock().advance(Duration::seconds(1));
    assert_eq!(dangerous(&client).await.as_deref(), Some("RECENT_AUTH_REQUIRED"));
    setting.close().await;
}

#[rstest]
#[tokio::test]
async fn guesses_at_a_code_and_asking_for_codes_are_counted(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let setting = Setting::open(database).await;
    let (_browser, client) = setting.administrator_by_the_provider().await;
    let caller = Caller {
        setting: &setting,
        token: client.token.clone().unwrap(),
    };
    for _ in 0..5 {
        caller.post("/auth/confirm/code", &json!({})).await;
    }
    let (status, _) = caller.post("/auth/confirm/code", &json!({})).await;
    assert_eq!(status, StatusCode::TOO_MANY_REQUESTS);
    setting.house.settle_mails().await;
    let sent = "SELECT count(*) FROM mails WHERE kind = 'sign_in_code'";
    assert_eq!(setting.house.number(sent).await, 5);
    for _ in 0..10 {
        assert_eq!(caller.give("wrong").await, StatusCode::FORBIDDEN);
    }
    let right = setting.known_codes().await.pop().unwrap();
    assert_eq!(
        caller.give(&right).await,
        StatusCode::TOO_MANY_REQUESTS,
        "the right one included"
    );
    assert_eq!(dangerous(&client).await.as_deref(), Some("RECENT_AUTH_REQUIRED"));
    setting.close().await;
}

#[rstest]
#[tokio::test]
async fn who_signed_in_with_a_password_gives_that_and_is_sent_no_code(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let setting = Setting::open(database).await;
    let caller = Caller {
        setting: &setting,
        token: setting.team.admin.token.clone().unwrap(),
    };
    let before = setting.house.settled().await;
    let (status, answer) = caller.post("/auth/confirm/code", &json!({})).await;
    assert_eq!(status, StatusCode::FORBIDDEN);
    assert_eq!(answer["errors"][0]["extensions"]["code"], "SESSION_BY_PASSWORD");
    for body in [
        json!({}),
        json!({"code": 12_345_678}),
        json!({"code": "12345678", "password": PASSWORD}),
    ] {
        let (status, _) = caller.post("/auth/confirm", &body).await;
        assert_eq!(status, StatusCode::BAD_REQUEST, "{body}");
    }
    assert_eq!(setting.house.settled().await, before);
    let (status, _) = caller.post("/auth/confirm", &json!({"password": PASSWORD})).await;
    assert_eq!(status, StatusCode::NO_CONTENT);
    setting.close().await;
}
