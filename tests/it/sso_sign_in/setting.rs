//! An account with a verified domain and a provider for it, written straight into the database: how they come about is other tests' business.

use entity::account::Plan;
use entity::identity_provider::{self, Enforcement, Status, TokenAuthMethod};
use entity::ids::Kind;
use entity::lists::{Texts, Uuids};
use entity::{
    audit_event, domain, domain_owner, external_identity, identity_provider_domain, provider_account,
    session, user,
};
use muster::platform::seal::Content;

use sea_orm::{
    ActiveModelTrait, ColumnTrait, EntityTrait, IntoActiveModel, PaginatorTrait, QueryFilter, QueryOrder,
};
use uuid::Uuid;

use super::browser::{Browser, Page};
use super::provider::{CLIENT_ID, CLIENT_SECRET, Provider};
use crate::support::rows::Rows;
use crate::support::{Database, House, Team, team};

/// A house in which `acme` signs in through a provider of its own.
pub struct Setting {
    pub house: House,
    pub team: Team,
    pub provider: Provider,
    pub idp: Uuid,
}

pub const DOMAIN: &str = "acme.example";

impl Setting {
    /// Premium, everything on.
    pub async fn open(database: Database) -> Self {
        Self::with(database, Plan::Premium, |_| {}).await
    }

    pub async fn with(
        database: Database,
        plan: Plan,
        change: impl FnOnce(&mut identity_provider::Model),
    ) -> Self {
        let house = House::open(database).await;
        let team = team(&house, "acme", plan).await;
        let provider = Provider::start().await;
        let idp = connect(&house, &team, &provider, change).await;
        own_domain(&house, team.account_id, DOMAIN, Some(idp)).await;
        Self {
            house,
            team,
            provider,
            idp,
        }
    }

    pub fn browser(&self) -> Browser {
        Browser::new(&self.house.url)
    }

    pub fn idp_id(&self) -> String {
        Kind::IdentityProvider.text(self.idp)
    }

    /// Signs somebody in with a browser of their own.
    pub async fn sign_in(&self) -> (Browser, Page) {
        let mut browser = self.browser();
        let page = browser.sign_in(&format!("provider={}", self.idp_id())).await;
        (browser, page)
    }

    /// Tries to, and asserts that nothing came of it but one row in the audit log.
    pub async fn assert_refused(&self, code: &str) {
        let before = (
            self.rows().await,
            self.sessions().await,
            self.audited().await.len(),
        );
        let (browser, page) = self.sign_in().await;
        assert_eq!(page.code(), code, "{page:?}");
        assert!(!browser.has_cookie("muster-refresh"));
        assert_eq!(self.rows().await, before.0, "{code} changed something");
        assert_eq!(self.sessions().await, before.1);
        let audited = self.audited().await;
        assert_eq!(audited.len(), before.2 + 1, "{audited:#?}");
        assert_last_refusal(&audited, code);
    }

    /// Everything but attempts, which come and go.
    pub async fn rows(&self) -> Rows {
        let mut rows = self.house.settled().await;
        rows.remove("sso_attempts");
        rows
    }

    pub async fn sessions(&self) -> u64 {
        session::Entity::find()
            .count(self.house.app.reader())
            .await
            .unwrap()
    }

    pub async fn audited(&self) -> Vec<audit_event::Model> {
        audit_event::Entity::find()
            .filter(audit_event::Column::AccountId.eq(self.team.account_id))
            .filter(audit_event::Column::Action.starts_with("sso."))
            .order_by_asc(audit_event::Column::Id)
            .all(self.house.app.reader())
            .await
            .unwrap()
    }

    pub async fn users(&self, email: &str) -> Vec<user::Model> {
        user::Entity::find()
            .filter(user::Column::AccountId.eq(self.team.account_id))
            .filter(user::Column::EmailKey.eq(email))
            .order_by_asc(user::Column::Id)
            .all(self.house.app.reader())
            .await
            .unwrap()
    }

    pub async fn user(&self, email: &str) -> user::Model {
        let mut users = self.users(email).await;
        assert_eq!(users.len(), 1, "{users:?}");
        users.remove(0)
    }

    pub async fn links(&self) -> Vec<external_identity::Model> {
        external_identity::Entity::find()
            .order_by_asc(external_identity::Column::Id)
            .all(self.house.app.reader())
            .await
            .unwrap()
    }

    pub async fn identity_provider(&self) -> identity_provider::Model {
        let found = identity_provider::Entity::find_by_id((self.team.account_id, self.idp));
        found.one(self.house.app.reader()).await.unwrap().unwrap()
    }

    /// Whoever is added by signing in gets a seat of these.
    pub async fn with_default_seats(&self, ids: Vec<Uuid>) {
        let ids = serde_json::to_value(Uuids(ids)).unwrap();
        let sql = format!(
            "UPDATE identity_providers SET default_subscription_ids = '{ids}' WHERE name = 'Acme Login'"
        );
        self.force(&sql).await;
        assert!(
            !self
                .identity_provider()
                .await
                .default_subscription_ids
                .0
                .is_empty()
        );
    }

    /// Changes something past all rules.
    pub async fn force(&self, sql: &str) {
        let account = self.house.literal(self.team.account_id);
        let sql = format!("{sql} AND account_id = {account}");
        assert!(self.house.force(&sql).await.unwrap() > 0, "{sql}");
    }

    pub async fn close(self) {
        self.house.close().await;
    }
}

pub fn assert_last_refusal(audited: &[audit_event::Model], code: &str) {
    let last = audited.last().unwrap();
    assert_eq!(last.outcome, audit_event::AuditOutcome::Denied, "{last:?}");
    assert_eq!(last.actor_kind, "IDENTITY_PROVIDER");
    let reason = &last.changes.as_ref().unwrap()[0];
    assert_eq!(reason["after"], code, "{last:?}");
}

/// An enabled provider, with whatever a test wants otherwise.
pub async fn connect(
    house: &House,
    team: &Team,
    provider: &Provider,
    change: impl FnOnce(&mut identity_provider::Model),
) -> Uuid {
    let now = house.app.clock().now();
    let id = entity::ids::new(now);
    let sealed = house
        .app
        .secrets()
        .seal(Content::ClientSecret, team.account_id, id, &CLIENT_SECRET.into())
        .unwrap();
    let mut row = identity_provider::Model {
        account_id: team.account_id,
        id,
        version: 1,
        name: "Acme Login".into(),
        status: Status::Enabled,
        issuer: provider.issuer.clone(),
        client_id: CLIENT_ID.into(),
        token_auth_method: TokenAuthMethod::ClientSecretBasic,
        scopes: Texts(vec!["openid".into(), "email".into(), "profile".into()]),
        sealed_secret: Some(sealed),
        secret_updated_at: Some(now),
        secret_expires_at: None,
        enforcement: Enforcement::Optional,
        break_glass_user_id: None,
        is_authoritative: false,
        verifies_as_text: false,
        trusts_prompt: false,
        provisions: true,
        allows_without_seat: true,
        default_subscription_ids: Uuids(Vec::new()),
        default_group_ids: Uuids(Vec::new()),
        email_claim: "email".into(),
        given_name_claim: "given_name".into(),
        family_name_claim: "family_name".into(),
        groups_claim: None,
        last_sign_in_at: None,
        created_at: now,
    };
    change(&mut row);
    store(house, row).await;
    let listed = provider_account::Model {
        identity_provider_id: id,
        account_id: team.account_id,
    };
    store(house, listed).await;
    id
}

/// A domain the account has proven to be its own, routed to a provider or to none.
pub async fn own_domain(house: &House, account_id: Uuid, name: &str, provider: Option<Uuid>) {
    let now = house.app.clock().now();
    let id = entity::ids::new(now);
    let row = domain::Model {
        account_id,
        id,
        name: name.into(),
        status: domain::Status::Verified,
        created_by: None,
        created_at: now,
        claim_ends_at: now,
        verified_at: Some(now),
        last_checked_at: None,
        last_check_message: None,
        next_check_at: None,
        misses: 0,
    };
    store(house, row).await;
    let owner = domain_owner::Model {
        name: name.into(),
        account_id,
    };
    store(house, owner).await;
    if let Some(identity_provider_id) = provider {
        let row = identity_provider_domain::Model {
            account_id,
            id,
            identity_provider_id,
            domain_id: id,
        };
        store(house, row).await;
    }
}

#[expect(clippy::disallowed_methods, reason = "the setting is made without commands")]
pub async fn store<M, A>(house: &House, row: M)
where
    M: IntoActiveModel<A> + sea_orm::ModelTrait,
    A: ActiveModelTrait<Entity = M::Entity> + sea_orm::ActiveModelBehavior + Send,
    <A::Entity as EntityTrait>::Model: IntoActiveModel<A>,
{
    let connection = house.connection().await;
    let row = row.into_active_model().reset_all();
    A::Entity::insert(row)
        .exec_without_returning(&connection)
        .await
        .unwrap();
    connection.close().await.unwrap();
}
