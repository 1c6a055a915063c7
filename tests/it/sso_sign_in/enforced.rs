//! Where one provider is the way in: what another began or a password ends or is not renewed, and what a provider began ends with it.

use entity::account::Plan;
use entity::ids::Kind;
use http::StatusCode;
use rstest::rstest;
use serde_json::{Value, json};
use uuid::Uuid;

use super::browser::Browser;
use super::provider::Provider;
use super::setting::{Setting, assert_last_refusal, connect};
use crate::support::{Database, PASSWORD, team};

const GRACE: &str = "grace@acme.example";
const VIEWER: &str = "{ viewer { user { email } } }";

impl Setting {
    /// Has everybody of the domain come by the provider, the administrator excepted.
    async fn require(&self) {
        let require = "mutation($input: UpdateIdentityProviderInput!) { updateIdentityProvider(input: $input) { userErrors { code } } }";
        let input = json!({
            "identityProviderId": self.idp_id(), "enforcement": "REQUIRED", "breakGlassUserId": self.team.admin_id,
        });
        let answer = self.team.admin.ask(require, json!({"input": input})).await;
        assert_eq!(answer["updateIdentityProvider"]["userErrors"], json!([]));
    }

    /// As if it had been required all along, and came to hold only now.
    async fn require_silently(&self) {
        let admin = Kind::User.parse(&self.team.admin_id).unwrap();
        let required = format!(
            "UPDATE identity_providers SET enforcement = 'REQUIRED', break_glass_user_id = {} WHERE id = {}",
            self.house.literal(admin),
            self.house.literal(self.idp)
        );
        self.force(&required).await;
    }

    async fn second_provider(&self) -> (Provider, Uuid) {
        let second = Provider::start().await;
        let id = connect(&self.house, &self.team, &second, |row| row.name = "Second".into()).await;
        (second, id)
    }

    async fn by_password(&self, email: &str, account: &str) -> (Browser, StatusCode) {
        let mut browser = self.browser();
        let body = json!({"email": email, "password": PASSWORD, "account": account});
        let status = browser.post("/auth/sign-in", &body).await.status;
        (browser, status)
    }
}

fn by(provider: Uuid) -> String {
    format!("provider={}", Kind::IdentityProvider.text(provider))
}

#[rstest]
#[tokio::test]
async fn switching_a_provider_off_ends_the_sessions_it_began_and_no_others(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let setting = Setting::open(database).await;
    let (second, other) = setting.second_provider().await;
    let by_password = setting
        .team
        .join(&setting.house, "uma@acme.example", "USER")
        .await;
    setting.provider.seat("subject-1", GRACE);
    let (mut browser, _) = setting.sign_in().await;
    second.seat("subject-1", "ada@acme.example");
    let mut elsewhere = setting.browser();
    elsewhere.sign_in(&by(other)).await;
    let (ending, staying) = (browser.api().await, elsewhere.api().await);
    ending.ask(VIEWER, json!({})).await;

    let switch = "mutation($input: SetSsoEnabledInput!) { setSsoEnabled(input: $input) { identityProvider { status } userErrors { code } } }";
    let input = json!({"identityProviderId": setting.idp_id(), "isEnabled": false});
    let answer = setting.team.admin.ask(switch, json!({"input": input})).await;
    assert_eq!(answer["setSsoEnabled"]["identityProvider"]["status"], "DISABLED");
    ending.until_shown_out().await;
    let page = browser.post("/auth/refresh", &json!({})).await;
    assert_eq!(page.status, StatusCode::UNAUTHORIZED);
    for client in [&staying, &by_password, &setting.team.admin] {
        client.ask(VIEWER, json!({})).await;
    }
    elsewhere.api().await;
    assert_eq!(setting.links().await.len(), 2, "whoever is linked stays so");
    setting.close().await;
}

#[rstest]
#[tokio::test]
async fn another_provider_is_as_little_a_way_in_as_a_password(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let setting = Setting::open(database).await;
    let (second, other) = setting.second_provider().await;
    second.seat("subject-1", GRACE);
    let mut browser = setting.browser();
    browser.sign_in(&by(other)).await;
    let api = browser.api().await;
    setting.require().await;
    api.until_shown_out().await;

    let before = (setting.rows().await, setting.sessions().await);
    for (subject, email) in [("subject-1", GRACE), ("subject-2", "new@acme.example")] {
        second.seat(subject, email);
        let mut browser = setting.browser();
        let page = browser.sign_in(&by(other)).await;
        assert_eq!(
            (page.status, page.code()),
            (StatusCode::FORBIDDEN, "ANOTHER_PROVIDER_REQUIRED")
        );
        assert!(!browser.has_cookie("muster-refresh"));
        assert_last_refusal(&setting.audited().await, "ANOTHER_PROVIDER_REQUIRED");
    }
    assert_eq!((setting.rows().await, setting.sessions().await), before);
    setting.provider.seat("subject-1", GRACE);
    let (mut browser, page) = setting.sign_in().await;
    assert_eq!(page.status, StatusCode::SEE_OTHER, "{page:?}");
    browser.api().await.ask(VIEWER, json!({})).await;
    setting.close().await;
}

#[rstest]
#[tokio::test]
async fn a_requirement_that_comes_to_hold_by_itself_renews_nothing_begun_another_way(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let setting = Setting::open(database).await;
    let (second, other) = setting.second_provider().await;
    let domain = async |status: &str| {
        let sql = format!("UPDATE domains SET status = '{status}' WHERE name = 'acme.example'");
        setting.force(&sql).await;
    };
    setting
        .team
        .join(&setting.house, "uma@acme.example", "USER")
        .await;
    setting.provider.seat("subject-1", GRACE);
    let (mut rightly, _) = setting.sign_in().await;
    second.seat("subject-1", "ada@acme.example");
    let mut elsewhere = setting.browser();
    elsewhere.sign_in(&by(other)).await;
    domain("LAPSED").await;
    setting.require_silently().await;
    let (mut by_password, status) = setting.by_password("uma@acme.example", "acme").await;
    assert_eq!(status, StatusCode::OK);
    for browser in [&mut rightly, &mut elsewhere, &mut by_password] {
        browser.api().await;
    }
    // The domain is proven again.
    domain("VERIFIED").await;
    rightly.api().await;
    for browser in [&mut elsewhere, &mut by_password] {
        let mut copy = browser.clone();
        let page = copy.post("/auth/refresh", &json!({})).await;
        assert_eq!(page.status, StatusCode::UNAUTHORIZED);
    }
    domain("LAPSED").await;
    for browser in [&mut elsewhere, &mut by_password] {
        browser.api().await;
    }
    setting.close().await;
}

#[rstest]
#[tokio::test]
async fn whom_a_provider_that_is_off_would_spare_is_not_spared(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let setting = Setting::open(database).await;
    let uma = setting
        .team
        .join(&setting.house, "uma@acme.example", "SECONDARY_ADMIN")
        .await;
    let spared = setting.user("uma@acme.example").await.id;
    let off = Provider::start().await;
    connect(&setting.house, &setting.team, &off, |row| {
        row.status = entity::identity_provider::Status::Disabled;
        row.enforcement = entity::identity_provider::Enforcement::Required;
        row.break_glass_user_id = Some(spared);
    })
    .await;
    setting.require().await;
    uma.until_shown_out().await;
    setting.team.admin.ask(VIEWER, json!({})).await;
    setting.close().await;
}

#[rstest]
#[tokio::test]
async fn a_primary_administrator_the_provider_does_not_know_is_not_bound_by_it(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let setting = Setting::open(database).await;
    let other = setting
        .team
        .join(&setting.house, "uma@acme.example", "SECONDARY_ADMIN")
        .await;
    let (mut primary, _) = setting.by_password("admin@acme.example", "acme").await;
    let keeper = setting.user("uma@acme.example").await.id;
    let require = "mutation($input: UpdateIdentityProviderInput!) { updateIdentityProvider(input: $input) { userErrors { code } } }";
    let input = json!({
        "identityProviderId": setting.idp_id(), "enforcement": "REQUIRED", "breakGlassUserId": Kind::User.text(keeper),
    });
    setting.team.admin.ask(require, json!({"input": input})).await;
    other.ask(VIEWER, json!({})).await;
    primary.api().await.ask(VIEWER, json!({})).await;
    // By the provider's word alone nobody is them.
    setting.provider.seat("subject-1", "admin@acme.example");
    setting.assert_refused("LINK_CONFIRMATION_REQUIRED").await;
    let (mut confirmed, status) = setting.by_password("admin@acme.example", "acme").await;
    assert_eq!(status, StatusCode::OK);
    let page = confirmed.sign_in(&by(setting.idp)).await;
    assert_eq!(page.status, StatusCode::SEE_OTHER, "{page:?}");
    // Now it knows them, and they come by it.
    let (_, status) = setting.by_password("admin@acme.example", "acme").await;
    assert_eq!(status, StatusCode::UNAUTHORIZED);
    assert_eq!(setting.sign_in().await.1.status, StatusCode::SEE_OTHER);
    setting.close().await;
}

#[rstest]
#[tokio::test]
async fn nobody_goes_over_into_an_account_that_has_them_come_by_its_provider(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let setting = Setting::open(database).await;
    let house = &setting.house;
    let other = team(house, "other", Plan::Standard).await;
    setting.team.join(house, "uma@acme.example", "USER").await;
    other.join(house, "uma@other.example", "USER").await;
    let one_person = "UPDATE users SET identity_id = (SELECT id FROM identities WHERE email_key = 'uma@acme.example') \
                      WHERE email_key = 'uma@other.example'";
    assert_eq!(house.force(one_person).await.unwrap(), 1);
    let listed = "UPDATE user_directory SET identity_id = (SELECT id FROM identities WHERE email_key = 'uma@acme.example') \
                  WHERE email_key = 'uma@other.example'";
    assert_eq!(house.force(listed).await.unwrap(), 1);
    let (mut browser, status) = setting.by_password("uma@acme.example", "other").await;
    assert_eq!(status, StatusCode::OK);
    setting.require().await;
    let sessions = setting.sessions().await;
    let page = browser.post("/auth/switch", &json!({"account": "acme"})).await;
    assert_eq!(page.status, StatusCode::FORBIDDEN, "{page:?}");
    let answer: Value = serde_json::from_str(&page.text).unwrap();
    assert_eq!(answer["errors"][0]["extensions"]["code"], "FORBIDDEN");
    assert_eq!(setting.sessions().await, sessions);
    // She stays where she was.
    let viewer = browser.api().await.ask(VIEWER, json!({})).await;
    assert_eq!(viewer["viewer"]["user"]["email"], "uma@other.example");
    setting.close().await;
}

#[rstest]
#[tokio::test]
async fn no_password_is_mailed_to_somebody_whom_a_password_would_let_in_nowhere(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let setting = Setting::open(database).await;
    setting
        .team
        .join(&setting.house, "uma@acme.example", "USER")
        .await;
    setting.require().await;
    let before = setting.house.settled().await;
    setting.ask_for_password("uma@acme.example").await;
    assert_eq!(setting.house.settled().await, before);
    setting.close().await;
}

#[rstest]
#[tokio::test]
async fn an_api_token_goes_on_when_its_creator_has_to_come_by_the_provider(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let setting = Setting::open(database).await;
    let uma = setting
        .team
        .join(&setting.house, "uma@acme.example", "SSO_ADMIN")
        .await;
    let create = "mutation($input: CreateApiTokenInput!) { createApiToken(input: $input) { secret userErrors { code } } }";
    let until = setting.house.app.clock().now() + chrono::Duration::days(30);
    let input = json!({"name": "Nightly sync", "scopes": ["USERS_READ"], "expiresAt": until.to_rfc3339()});
    let made = uma.ask(create, json!({"input": input})).await;
    let mut script = uma.clone();
    script.token = made["createApiToken"]["secret"].as_str().map(str::to_owned);
    setting.require().await;
    uma.until_shown_out().await;
    let users = "{ account { users { totalCount } } }";
    let answer = script.ask(users, json!({})).await;
    assert_eq!(answer["account"]["users"]["totalCount"], 2);
    // Its creator's standing is what it hangs on.
    setting
        .force("UPDATE users SET status = 'DISABLED' WHERE email_key = 'uma@acme.example'")
        .await;
    let (status, _) = script.send(users, json!({})).await;
    assert_eq!(status, StatusCode::UNAUTHORIZED);
    setting.close().await;
}
