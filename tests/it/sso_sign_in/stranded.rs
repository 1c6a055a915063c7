//! People whom only a provider signs in, and how they come by a password when it is gone.

use entity::account::Plan;
use entity::identity;
use entity::ids::Kind;
use http::StatusCode;
use muster::platform::secrets::{Claim, Purpose};
use rstest::rstest;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
use serde_json::json;
use uuid::Uuid;

use super::browser::Page;
use super::setting::{Setting, own_domain};
use crate::support::{Database, PASSWORD, team};

const GRACE: &str = "grace@acme.example";
const FIRST: &str = "my very first passphrase";

impl Setting {
    /// Asks for a link to set a password, and waits until whatever comes of it has been written.
    pub async fn ask_for_password(&self, email: &str) {
        let asked = "SELECT count(*) FROM audit_events WHERE action = 'sessions.ask_password_reset'";
        let before = self.house.number(asked).await;
        let page = self
            .browser()
            .post("/auth/password/forgot", &json!({"email": email}))
            .await;
        assert_eq!(page.status, StatusCode::ACCEPTED);
        for _ in 0..100 {
            if self.house.number(asked).await > before {
                break;
            }
            tokio::time::sleep(std::time::Duration::from_millis(10)).await;
        }
        self.house.settle_mails().await;
    }

    async fn identity(&self, email: &str) -> Option<identity::Model> {
        let found = identity::Entity::find().filter(identity::Column::EmailKey.eq(email));
        found.one(self.house.app.reader()).await.unwrap()
    }

    /// Sets a password by the n-th link that was sent to somebody.
    async fn set_password(&self, identity_id: Uuid, generation: i32, password: &str) -> StatusCode {
        let claim = Claim {
            account_id: Uuid::nil(),
            id: identity_id,
            generation,
        };
        let token = self.house.app.secrets().token(Purpose::PasswordReset, claim);
        let body = json!({"token": token.unwrap(), "password": password});
        self.browser().post("/auth/password/reset", &body).await.status
    }

    async fn try_password(&self, email: &str, password: &str, account: &str) -> Page {
        let body = json!({"email": email, "password": password, "account": account});
        self.browser().post("/auth/sign-in", &body).await
    }

    async fn delete_provider(&self) {
        self.force("UPDATE identity_providers SET status = 'DISABLED' WHERE name = 'Acme Login'")
            .await;
        let delete = "mutation($id: ID!) { deleteIdentityProvider(input: {identityProviderId: $id}) { userErrors { code } } }";
        let answer = self.team.admin.ask(delete, json!({"id": self.idp_id()})).await;
        assert_eq!(answer["deleteIdentityProvider"]["userErrors"], json!([]));
    }
}

#[rstest]
#[tokio::test]
async fn who_came_by_a_provider_that_is_deleted_gets_a_first_password_by_mail(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let setting = Setting::open(database).await;
    setting.provider.seat("subject-1", GRACE);
    setting.sign_in().await;
    setting.delete_provider().await;
    setting.ask_for_password(GRACE).await;
    let mails = setting.house.mails();
    let link = mails
        .iter()
        .find(|mail| mail.contains("Set a new password: "))
        .unwrap();
    assert!(link.contains(GRACE), "{link}");
    let identity = setting.identity(GRACE).await.unwrap();
    assert_eq!(identity.password_hash, None);
    assert_eq!(setting.user(GRACE).await.identity_id, None, "asking ties nothing");

    let before = setting.user(GRACE).await;
    assert_eq!(
        setting.set_password(identity.id, 1, FIRST).await,
        StatusCode::NO_CONTENT
    );
    let after = setting.user(GRACE).await;
    assert_eq!(after.identity_id, Some(identity.id));
    assert_eq!((after.version, after.role), (before.version + 1, before.role));
    assert_eq!(
        setting.try_password(GRACE, FIRST, "acme").await.status,
        StatusCode::OK
    );
    assert_eq!(
        setting
            .set_password(identity.id, 1, "once more, with feeling")
            .await,
        StatusCode::BAD_REQUEST
    );
    let noted = "SELECT count(*) FROM audit_events WHERE action = 'sessions.reset_password'";
    assert_eq!(setting.house.number(noted).await, 1);
    setting.close().await;
}

#[rstest]
#[tokio::test]
async fn nobody_gets_a_password_for_an_unproven_address_a_user_who_is_not_active_or_where_single_sign_on_is_required(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let setting = Setting::open(database).await;
    setting.provider.seat("subject-1", GRACE);
    setting.sign_in().await;
    setting.house.settle_mails().await;
    let mails = setting.house.mails().len();
    for (change, back) in [
        ("email_verified = FALSE", "email_verified = TRUE"),
        ("status = 'DISABLED'", "status = 'ACTIVE'"),
    ] {
        let users = |change| format!("UPDATE users SET {change} WHERE email_key = '{GRACE}'");
        setting.force(&users(change)).await;
        setting.ask_for_password(GRACE).await;
        assert_eq!(setting.identity(GRACE).await, None, "{change}");
        setting.force(&users(back)).await;
    }
    let admin = Kind::User.parse(&setting.team.admin_id).unwrap();
    let required = format!(
        "UPDATE identity_providers SET enforcement = 'REQUIRED', break_glass_user_id = {} WHERE name = 'Acme Login'",
        setting.house.literal(admin)
    );
    setting.force(&required).await;
    setting.ask_for_password(GRACE).await;
    assert_eq!(setting.identity(GRACE).await, None);
    assert_eq!(setting.house.mails().len(), mails);

    // Required only after the link was sent: the password is set, and opens nothing here.
    setting
        .force("UPDATE identity_providers SET enforcement = 'OPTIONAL' WHERE name = 'Acme Login'")
        .await;
    setting.ask_for_password(GRACE).await;
    let identity = setting.identity(GRACE).await.unwrap();
    setting.force(&required).await;
    setting.set_password(identity.id, 1, FIRST).await;
    assert_eq!(setting.user(GRACE).await.identity_id, None);
    assert_eq!(
        setting.try_password(GRACE, FIRST, "acme").await.status,
        StatusCode::UNAUTHORIZED
    );
    setting.close().await;
}

#[rstest]
#[tokio::test]
async fn one_person_in_two_accounts_is_one_identity_once_the_link_comes_back(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let setting = Setting::open(database).await;
    let other = team(&setting.house, "other", Plan::Standard).await;
    other.join(&setting.house, "grace@other.example", "USER").await;
    for table in ["users", "identities"] {
        let moved = format!(
            "UPDATE {table} SET email = '{GRACE}', email_key = '{GRACE}' WHERE email_key = 'grace@other.example'"
        );
        assert_eq!(setting.house.force(&moved).await.unwrap(), 1, "{table}");
    }
    setting.provider.seat("subject-1", GRACE);
    setting.sign_in().await;
    setting.ask_for_password(GRACE).await;
    // Whoever knows the old password of the identity gains nothing by asking.
    assert_eq!(
        setting.try_password(GRACE, PASSWORD, "acme").await.status,
        StatusCode::UNAUTHORIZED
    );
    assert_eq!(
        setting.try_password(GRACE, PASSWORD, "other").await.status,
        StatusCode::OK
    );
    let identity = setting.identity(GRACE).await.unwrap();
    assert_eq!(
        setting.set_password(identity.id, 1, FIRST).await,
        StatusCode::NO_CONTENT
    );
    for account in ["acme", "other"] {
        assert_eq!(
            setting.try_password(GRACE, FIRST, account).await.status,
            StatusCode::OK
        );
    }
    let identities = format!("SELECT count(*) FROM identities WHERE email_key = '{GRACE}'");
    assert_eq!(setting.house.number(&identities).await, 1);
    // A neighbour of the same account is nobody's to tie.
    own_domain(&setting.house, setting.team.account_id, "second.example", None).await;
    setting.provider.seat("subject-2", "grace@second.example");
    setting.sign_in().await;
    assert_eq!(setting.user("grace@second.example").await.identity_id, None);
    setting.close().await;
}
