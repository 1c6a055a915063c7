//! An account with a proven domain and an enabled provider, written straight into the database: how they come about is other tests' business.

use entity::account::Plan;
use entity::domain::Status as DomainStatus;
use entity::identity_provider::{self, Enforcement, Status, TokenAuthMethod};
use entity::ids::{self, Kind};
use entity::lists::{Texts, Uuids};
use entity::{
    audit_event, domain, domain_owner, external_identity, identity_provider_domain, provider_account,
    session, user,
};
use muster::platform::seal::Content;
use muster::sso::{backchannel_logout_uri, redirect_uri};
use sea_orm::{
    ActiveModelTrait, ColumnTrait, EntityTrait, IntoActiveModel, ModelTrait, PaginatorTrait, QueryFilter,
    QueryOrder,
};
use uuid::Uuid;

use super::browser::Browser;
use crate::support::rows::Rows;
use crate::support::{Database, House, Team, team};

/// A house in which people of `acme.example` sign in through a provider.
pub struct Stage {
    pub house: House,
    pub team: Team,
    pub provider_id: Uuid,
}

/// How we are known to the provider.
pub struct Terms<'a> {
    pub issuer: &'a str,
    pub client_id: &'a str,
    pub client_secret: Option<&'a str>,
    pub auth_method: TokenAuthMethod,
    /// It sends no `email_verified`, and is believed for its domains.
    pub is_authoritative: bool,
}

impl Stage {
    /// The house, before anything is known of the provider.
    pub async fn open(database: Database) -> Self {
        Self::within(House::open(database).await).await
    }

    /// As in production: providers are reached in the public internet only.
    pub async fn open_to_the_public_only(database: Database) -> Self {
        Self::within(House::open_to_the_public_only(database).await).await
    }

    async fn within(house: House) -> Self {
        let team = team(&house, "acme", Plan::Premium).await;
        let provider_id = ids::new(house.app.clock().now());
        Self {
            house,
            team,
            provider_id,
        }
    }

    pub fn redirect_uri(&self) -> String {
        redirect_uri(&self.house.app, self.provider_id).to_string()
    }

    pub fn logout_uri(&self) -> String {
        backchannel_logout_uri(&self.house.app, self.provider_id).to_string()
    }

    /// Where a sign-in begins.
    pub fn start(&self) -> String {
        format!(
            "/sso/start?provider={}&return_to=/livez",
            Kind::IdentityProvider.text(self.provider_id)
        )
    }

    /// Enables the provider for the account's domain.
    pub async fn connect(&self, terms: &Terms<'_>) {
        let (account_id, now) = (self.team.account_id, self.house.app.clock().now());
        let secrets = self.house.app.secrets();
        let seal = |secret: &str| {
            let sealed = secrets.seal(
                Content::ClientSecret,
                account_id,
                self.provider_id,
                &secret.into(),
            );
            sealed.unwrap()
        };
        let provider = identity_provider::Model {
            account_id,
            id: self.provider_id,
            version: 1,
            name: "Acme Login".into(),
            status: Status::Enabled,
            issuer: terms.issuer.into(),
            client_id: terms.client_id.into(),
            token_auth_method: terms.auth_method,
            scopes: Texts(["openid", "email", "profile"].map(Into::into).into()),
            sealed_secret: terms.client_secret.map(seal),
            secret_updated_at: Some(now),
            secret_expires_at: None,
            enforcement: Enforcement::Optional,
            break_glass_user_id: None,
            is_authoritative: terms.is_authoritative,
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
        let proven = domain::Model {
            account_id,
            id: ids::new(now),
            name: "acme.example".into(),
            status: DomainStatus::Verified,
            created_by: None,
            created_at: now,
            claim_ends_at: now,
            verified_at: Some(now),
            last_checked_at: None,
            last_check_message: None,
            next_check_at: None,
            misses: 0,
        };
        let owner = domain_owner::Model {
            name: proven.name.clone(),
            account_id,
        };
        let route = identity_provider_domain::Model {
            account_id,
            id: ids::new(now),
            identity_provider_id: provider.id,
            domain_id: proven.id,
        };
        let listed = provider_account::Model {
            identity_provider_id: provider.id,
            account_id,
        };
        self.store(provider).await;
        self.store(listed).await;
        self.store(proven).await;
        self.store(owner).await;
        self.store(route).await;
    }

    pub fn browser(&self) -> Browser {
        Browser::new(&self.house.url)
    }

    pub async fn users(&self, email: &str) -> Vec<user::Model> {
        user::Entity::find()
            .filter(user::Column::AccountId.eq(self.team.account_id))
            .filter(user::Column::EmailKey.eq(email))
            .all(self.house.app.reader())
            .await
            .unwrap()
    }

    pub async fn links(&self) -> Vec<external_identity::Model> {
        external_identity::Entity::find()
            .order_by_asc(external_identity::Column::Id)
            .all(self.house.app.reader())
            .await
            .unwrap()
    }

    pub async fn sessions(&self) -> u64 {
        let sessions = session::Entity::find();
        sessions.count(self.house.app.reader()).await.unwrap()
    }

    /// Everything but attempts, which come and go, and the audit log.
    pub async fn rows(&self) -> Rows {
        let mut rows = self.house.settled().await;
        rows.remove("sso_attempts");
        rows
    }

    /// The refusals in the audit log, oldest first.
    pub async fn refusals(&self) -> Vec<String> {
        let denied = audit_event::Entity::find()
            .filter(audit_event::Column::AccountId.eq(self.team.account_id))
            .filter(audit_event::Column::Outcome.eq(audit_event::AuditOutcome::Denied))
            .order_by_asc(audit_event::Column::Id)
            .all(self.house.app.reader())
            .await
            .unwrap();
        let reason =
            |event: audit_event::Model| event.changes.unwrap()[0]["after"].as_str().unwrap().to_owned();
        denied.into_iter().map(reason).collect()
    }

    pub async fn close(self) {
        self.house.close().await;
    }

    #[expect(clippy::disallowed_methods, reason = "the stage is set without commands")]
    async fn store<M, A>(&self, row: M)
    where
        M: IntoActiveModel<A> + ModelTrait,
        A: ActiveModelTrait<Entity = M::Entity> + sea_orm::ActiveModelBehavior + Send,
        <A::Entity as EntityTrait>::Model: IntoActiveModel<A>,
    {
        let connection = self.house.connection().await;
        let row = row.into_active_model().reset_all();
        A::Entity::insert(row)
            .exec_without_returning(&connection)
            .await
            .unwrap();
        connection.close().await.unwrap();
    }
}
