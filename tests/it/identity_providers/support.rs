//! An account with a proven domain, a provider that describes itself, and the calls of an administrator.

use std::net::SocketAddr;

use axum::routing::get;
use axum::{Json, Router};
use chrono::Duration;
use entity::account::Plan;
use entity::domain::{self, Status};
use entity::domain_owner;
use entity::ids::{self, Kind};
use entity::lists::Texts;
use entity::sso_test::{Claims, Steps};
use entity::{external_identity, identity_provider, session, sso_attempt, sso_test};
use sea_orm::ActiveValue::Set;
use sea_orm::{ActiveModelTrait, EntityTrait};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::support::{Client, Database, House, Team, team};

pub const SECRET: &str = "shhh-this-is-the-client-secret";

const FIELDS: &str = "id version name status issuer clientId tokenAuthMethod scopes redirectUri initiateLoginUri backchannelLogoutUri
    enforcement breakGlassUser { id } isAuthoritative jit { isEnabled allowsWithoutSeat defaultSubscriptions { id } }
    claimMapping { email givenName familyName groups } secretUpdatedAt secretExpiresAt lastTest { id status } domains { name }";

/// A house with an account on the premium plan, `acme.example` proven to be its own.
pub struct Scene {
    pub house: House,
    pub team: Team,
    /// Global id of the proven domain.
    pub domain: String,
    /// A provider that publishes who it is.
    pub issuer: String,
}

impl Scene {
    pub async fn open(database: Database) -> Self {
        let house = House::open(database).await;
        let team = team(&house, "acme", Plan::Premium).await;
        let domain = own_domain(&house, team.account_id, "acme.example", Status::Verified).await;
        let issuer = describe_itself().await;
        Self {
            house,
            team,
            domain,
            issuer,
        }
    }

    /// What a good call to create says.
    pub fn wanted(&self) -> Value {
        json!({"name": "Acme Login", "issuer": self.issuer, "clientId": "muster", "clientSecret": SECRET, "domainIds": [self.domain]})
    }

    /// Makes a provider; answers it.
    pub async fn create(&self) -> Value {
        let payload = create(&self.team.admin, self.wanted()).await;
        assert_eq!(codes(&payload), Vec::<&str>::new(), "{payload:#}");
        payload["identityProvider"].clone()
    }

    /// Makes a provider that has passed a test and is switched on; answers its id.
    pub async fn enabled(&self) -> String {
        let id = text(&self.create().await["id"]);
        self.pass_test(&id).await;
        let payload = enable(&self.team.admin, &id, true).await;
        assert_eq!(payload["identityProvider"]["status"], "ENABLED", "{payload:#}");
        id
    }

    /// What a trial sign-in that passed leaves behind.
    pub async fn pass_test(&self, provider: &str) {
        let id = self
            .house
            .literal(Kind::IdentityProvider.parse(provider).unwrap());
        let sql = format!("UPDATE identity_providers SET status = 'TESTED' WHERE id = {id}");
        assert_eq!(self.house.force(&sql).await.unwrap(), 1);
    }

    pub async fn provider(&self, id: &str) -> identity_provider::Model {
        let id = Kind::IdentityProvider.parse(id).unwrap();
        let found = identity_provider::Entity::find_by_id((self.team.account_id, id));
        found.one(self.house.app.reader()).await.unwrap().unwrap()
    }

    /// Has a user known to a provider, with a session that began there and a trial under way. Answers the link's id and the session's.
    pub async fn link(&self, provider: &str, user: &str) -> (String, Uuid) {
        let connection = self.house.connection().await;
        let now = self.house.app.clock().now();
        let (account_id, provider) = (
            self.team.account_id,
            Kind::IdentityProvider.parse(provider).unwrap(),
        );
        let user_id = Kind::User.parse(user).unwrap();
        let link = external_identity::ActiveModel {
            account_id: Set(account_id),
            id: Set(ids::new(now)),
            user_id: Set(user_id),
            identity_provider_id: Set(provider),
            issuer: Set(self.issuer.clone()),
            subject: Set(format!("subject of {user}")),
            linked_at: Set(now),
            last_used_at: Set(None),
            told_email_key: Set(None),
        };
        let session = session::ActiveModel {
            account_id: Set(account_id),
            id: Set(ids::new(now)),
            identity_id: Set(None),
            identity_provider_id: Set(Some(provider)),
            provider_session: Set(None),
            user_id: Set(user_id),
            auth_method: Set(session::AuthMethod::Sso),
            generation: Set(0),
            rotated_at: Set(now),
            authenticated_at: Set(now),
            created_at: Set(now),
            last_seen_at: Set(now),
            expires_at: Set(now + Duration::days(30)),
            ended_at: Set(None),
            ip_address: Set(None),
            user_agent: Set(None),
            sealed_id_token: Set(None),
            code_generation: Set(0),
            code_sent_at: Set(None),
        };
        let test = sso_test::ActiveModel {
            account_id: Set(account_id),
            id: Set(ids::new(now)),
            identity_provider_id: Set(provider),
            identity_provider_version: Set(1),
            started_by: Set(user_id),
            status: Set(sso_test::Status::Started),
            started_at: Set(now),
            expires_at: Set(now),
            finished_at: Set(None),
            steps: Set(Steps::default()),
            claims: Set(Claims::default()),
        };
        let attempt = sso_attempt::ActiveModel {
            account_id: Set(account_id),
            id: Set(ids::new(now)),
            identity_provider_id: Set(provider),
            purpose: Set(sso_attempt::Purpose::Test),
            sso_test_id: Set(Some(*test.id.as_ref())),
            return_to: Set("/".into()),
            started_at: Set(now),
            expires_at: Set(now),
            used_at: Set(None),
            session_id: Set(None),
        };
        let found = (
            Kind::ExternalIdentity.text(*link.id.as_ref()),
            *session.id.as_ref(),
        );
        store(&connection, link).await;
        store(&connection, session).await;
        store(&connection, test).await;
        store(&connection, attempt).await;
        connection.close().await.unwrap();
        found
    }

    /// How many rows of a table there are.
    pub async fn count(&self, table: &str) -> i64 {
        self.house.number(&format!("SELECT count(*) FROM {table}")).await
    }
}

/// Gives an account a domain in some state, as if it had been claimed and looked at.
pub async fn own_domain(house: &House, account_id: Uuid, name: &str, status: Status) -> String {
    let now = house.app.clock().now();
    let id = ids::new(now);
    let connection = house.connection().await;
    let row = domain::ActiveModel {
        account_id: Set(account_id),
        id: Set(id),
        name: Set(name.to_owned()),
        status: Set(status),
        created_by: Set(None),
        created_at: Set(now),
        claim_ends_at: Set(now + Duration::days(7)),
        verified_at: Set((status == Status::Verified).then_some(now)),
        last_checked_at: Set(None),
        last_check_message: Set(None),
        next_check_at: Set(None),
        misses: Set(0),
    };
    store(&connection, row).await;
    if status == Status::Verified {
        let owner = domain_owner::ActiveModel {
            name: Set(name.to_owned()),
            account_id: Set(account_id),
        };
        store(&connection, owner).await;
    }
    connection.close().await.unwrap();
    Kind::Domain.text(id)
}

#[expect(clippy::disallowed_methods, reason = "what other modules would have written")]
async fn store<A>(connection: &sea_orm::DatabaseConnection, row: A)
where
    A: ActiveModelTrait + Send,
{
    A::Entity::insert(row)
        .exec_without_returning(connection)
        .await
        .unwrap();
}

/// A provider that says who it is and what it signs with (the key is the example of RFC 7517), and nothing else. Answers its issuer.
pub async fn describe_itself() -> String {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address: SocketAddr = listener.local_addr().unwrap();
    let issuer = format!("http://{address}");
    let metadata = json!({
        "issuer": issuer,
        "authorization_endpoint": format!("{issuer}/authorize"),
        "token_endpoint": format!("{issuer}/token"),
        "jwks_uri": format!("{issuer}/jwks"),
        "response_types_supported": ["code"],
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": ["ES256"],
    });
    let keys = json!({"keys": [{
        "kty": "EC", "crv": "P-256", "use": "sig", "kid": "1", "alg": "ES256",
        "x": "MKBCTNIcKUSDii11ySs3526iDZ8AiTo7Tu6KPAqv7D4", "y": "4Etl6SRW2YiLUrN5vfvVHuhp7x8PxltmWWlbbM4IFyM",
    }]});
    let router = Router::new()
        .route(
            "/.well-known/openid-configuration",
            get(|| async { Json(metadata) }),
        )
        .route("/jwks", get(|| async { Json(keys) }));
    tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
    issuer
}

pub async fn create(client: &Client, input: Value) -> Value {
    let query = format!(
        "mutation($input: CreateIdentityProviderInput!) {{ createIdentityProvider(input: $input) {{ identityProvider {{ {FIELDS} }} userErrors {{ code field message }} }} }}"
    );
    client.ask(&query, json!({"input": input})).await["createIdentityProvider"].clone()
}

/// Changes a provider: `input` without its id.
pub async fn update(client: &Client, provider: &str, mut input: Value) -> Value {
    input["identityProviderId"] = json!(provider);
    let query = format!(
        "mutation($input: UpdateIdentityProviderInput!) {{ updateIdentityProvider(input: $input) {{ identityProvider {{ {FIELDS} }} userErrors {{ code field message }} }} }}"
    );
    client.ask(&query, json!({"input": input})).await["updateIdentityProvider"].clone()
}

pub async fn enable(client: &Client, provider: &str, is_enabled: bool) -> Value {
    let query = "mutation($input: SetSsoEnabledInput!) { setSsoEnabled(input: $input) { identityProvider { id status version } userErrors { code field } } }";
    let input = json!({"identityProviderId": provider, "isEnabled": is_enabled});
    client.ask(query, json!({"input": input})).await["setSsoEnabled"].clone()
}

pub async fn delete(client: &Client, provider: &str) -> Value {
    let query = "mutation($id: ID!) { deleteIdentityProvider(input: {identityProviderId: $id}) { deletedIdentityProviderId userErrors { code field } } }";
    client.ask(query, json!({"id": provider})).await["deleteIdentityProvider"].clone()
}

pub async fn start_test(client: &Client, provider: &str) -> Value {
    let query = "mutation($id: ID!) { startSsoTest(input: {identityProviderId: $id}) { test { id status startedAt finishedAt steps { name } claims { name } } testUrl userErrors { code field } } }";
    client.ask(query, json!({"id": provider})).await["startSsoTest"].clone()
}

pub async fn unlink(client: &Client, identity: &str) -> Value {
    let query = "mutation($id: ID!) { unlinkIdentity(input: {identityId: $id}) { user { id identities { id } } userErrors { code field } } }";
    client.ask(query, json!({"id": identity})).await["unlinkIdentity"].clone()
}

/// The account's providers as an administrator lists them.
pub async fn listed(client: &Client) -> Value {
    let query = format!("{{ account {{ identityProviders {{ {FIELDS} }} }} }}");
    client.ask(&query, json!({})).await["account"]["identityProviders"].clone()
}

/// The codes of a payload's errors.
pub fn codes(payload: &Value) -> Vec<&str> {
    let errors = payload["userErrors"].as_array().unwrap();
    errors
        .iter()
        .map(|error| error["code"].as_str().unwrap())
        .collect()
}

pub fn text(value: &Value) -> String {
    value
        .as_str()
        .unwrap_or_else(|| panic!("no text: {value}"))
        .to_owned()
}

/// Scopes as the table has them.
pub fn scopes(names: &[&str]) -> Texts {
    Texts(names.iter().map(|name| (*name).to_owned()).collect())
}
