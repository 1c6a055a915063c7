//! Trying a configuration out: a whole round trip that is shown and signs nobody in.

use entity::account::Plan;
use entity::identity_provider::Status;
use entity::ids::Kind;
use entity::sso_test::{self, StepName};
use http::StatusCode;
use muster::platform::secrets::{Claim, Purpose};
use rstest::rstest;
use sea_orm::EntityTrait;
use serde_json::json;
use uuid::Uuid;

use super::browser::{Browser, Page};
use super::setting::{Setting, store};
use crate::support::Database;

impl Setting {
    /// Starts a trial; answers its id and the query of its link.
    pub async fn start_trial(&self) -> (Uuid, String) {
        let now = self.house.app.clock().now();
        let id = entity::ids::new(now);
        let provider = self.identity_provider().await;
        let row = sso_test::Model {
            account_id: self.team.account_id,
            id,
            identity_provider_id: self.idp,
            identity_provider_version: provider.version,
            started_by: Kind::User.parse(&self.team.admin_id).unwrap(),
            status: sso_test::Status::Started,
            started_at: now,
            expires_at: now + chrono::Duration::minutes(10),
            finished_at: None,
            steps: sso_test::Steps::default(),
            claims: sso_test::Claims::default(),
        };
        store(&self.house, row).await;
        let claim = Claim {
            account_id: self.team.account_id,
            id,
            generation: 0,
        };
        let token = self.house.app.secrets().token(Purpose::SsoTest, claim).unwrap();
        (id, format!("test={token}"))
    }

    pub async fn trial(&self, id: Uuid) -> sso_test::Model {
        let found = sso_test::Entity::find_by_id((self.team.account_id, id));
        found.one(self.house.app.reader()).await.unwrap().unwrap()
    }

    pub async fn run_trial(&self) -> (Uuid, Browser, Page) {
        let (id, query) = self.start_trial().await;
        let mut browser = self.browser();
        let page = browser.sign_in(&query).await;
        (id, browser, page)
    }
}

async fn draft(database: Database) -> Setting {
    Setting::with(database, Plan::Premium, |row| row.status = Status::Draft).await
}

#[rstest]
#[case(Database::Sqlite)]
#[case(Database::Postgres)]
#[tokio::test]
async fn a_trial_that_passes_makes_the_provider_tested_and_nobody_signed_in(#[case] database: Database) {
    let setting = draft(database).await;
    setting.provider.seat("subject-1", "grace@acme.example");
    setting
        .provider
        .twist(json!({"<b>odd</b>": "<script>alert(1)</script>"}));
    let sessions = setting.sessions().await;
    let (id, browser, page) = setting.run_trial().await;
    assert_eq!(page.status, StatusCode::OK);
    assert!(page.text.contains("The test has passed"), "{}", page.text);
    assert!(!page.text.contains("<script") && !page.text.contains("<b>") && !page.text.contains("grace@"));
    let trial = setting.trial(id).await;
    assert_eq!(trial.status, sso_test::Status::Passed);
    let steps: Vec<StepName> = trial.steps.0.iter().map(|step| step.name).collect();
    assert_eq!(
        steps,
        [
            StepName::Discovery,
            StepName::Jwks,
            StepName::Authorization,
            StepName::Token,
            StepName::IdToken,
            StepName::Claims,
            StepName::Decision
        ]
    );
    let email = trial.claims.0.iter().find(|claim| claim.name == "email").unwrap();
    assert_eq!(
        (email.masked_value.as_str(), email.is_used),
        ("g***e@acme.example", true)
    );
    assert_eq!(setting.identity_provider().await.status, Status::Tested);
    assert!(!browser.has_cookie("muster-refresh"));
    assert_eq!(setting.sessions().await, sessions);
    assert!(setting.users("grace@acme.example").await.is_empty() && setting.links().await.is_empty());
    setting.close().await;
}

#[tokio::test]
async fn a_trial_that_fails_says_at_which_step_and_leaves_the_provider_a_draft() {
    let setting = draft(Database::Sqlite).await;
    setting.provider.seat("subject-1", "grace@acme.example");
    setting.provider.twist(json!({"nonce": "another"}));
    let (id, _, page) = setting.run_trial().await;
    assert!(page.text.contains("ID_TOKEN_NONCE_WRONG"), "{}", page.text);
    let trial = setting.trial(id).await;
    assert_eq!(trial.status, sso_test::Status::Failed);
    let last = trial.steps.0.last().unwrap();
    assert_eq!((last.name, last.is_passed), (StepName::IdToken, false));
    setting.provider.twist(json!({"email_verified": null}));
    let (id, _, _) = setting.run_trial().await;
    let last = setting.trial(id).await.steps.0.pop().unwrap();
    assert_eq!((last.name, last.is_passed), (StepName::Decision, false));
    let message = last.message.unwrap();
    assert!(message.contains("isAuthoritative"), "{message}");
    assert_eq!(setting.identity_provider().await.status, Status::Draft);
    setting.close().await;
}

#[tokio::test]
async fn a_trial_of_an_older_configuration_proves_nothing_of_the_present_one() {
    let setting = draft(Database::Sqlite).await;
    setting.provider.seat("subject-1", "grace@acme.example");
    let (id, query) = setting.start_trial().await;
    let mut browser = setting.browser();
    let back = browser.travel(&query).await;
    setting
        .force("UPDATE identity_providers SET version = 2 WHERE version = 1")
        .await;
    browser.open(&back).await;
    assert_eq!(setting.trial(id).await.status, sso_test::Status::Passed);
    assert_eq!(setting.identity_provider().await.status, Status::Draft);
    // The link has done its work.
    let page = browser.open(&format!("/sso/start?{query}")).await;
    assert_eq!(page.status, StatusCode::NOT_FOUND);
    setting.close().await;
}
