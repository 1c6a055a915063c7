//! A Muster with people in it, on a database of its own, and a browser to visit it with.

use std::net::SocketAddr;

use axum::Router;
use axum::body::Body;
use axum::extract::ConnectInfo;
use chrono::{DateTime, Utc};
use entity::account::{self, Plan, View};
use entity::lists::{Texts, Uuids};
use entity::user::{self, Role, Status};
use entity::{audit_event, identity, identity_provider, mail, session, sign_in_attempt};
use http::header::{AUTHORIZATION, CONTENT_TYPE, COOKIE, ORIGIN, SET_COOKIE};
use http::{HeaderMap, HeaderValue, Request, StatusCode};
use muster::access::{Action, Actor, Member};
use muster::app::{App, Parts};
use muster::command::{Command, Record, Work};
use muster::directory::{people, slugs};
use muster::error::{Error, Result};
use muster::platform::clock::Clock;
use muster::platform::db::{Db, Pulse};
use muster::platform::events::{Events, Wake};
use muster::platform::mail::Mailer;
use muster::platform::outbound::{Outbound, OutboundSettings};
use muster::platform::resolver::Resolver;
use muster::platform::secrets::Secrets;
use muster::platform::storage::{Credentials, Storage, StorageConfig};
use muster::sessions::{Begun, Ground, SessionSettings, Sessions, begin_session, end_sessions_of, password};
use sea_orm::ActiveValue::Set;
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, Database, EntityTrait, QueryFilter, QueryOrder, TryIntoModel};
use serde_json::{Value, json};
use tower::ServiceExt;
use uuid::Uuid;

use crate::support::directories::assert_directories_agree;
use crate::support::postgres_server;
use crate::support::statements::{assert_statements_keep_to_accounts, listen};

pub const PASSWORD: &str = "correct horse battery staple";
pub const HOME: &str = "http://127.0.0.1:8080";

/// Runs a test on SQLite and on PostgreSQL.
pub async fn on_each_database(test: impl AsyncFn(House)) {
    on_sqlite(&test).await;
    on_postgres(test).await;
}

/// Runs a test in which no wake of another process may come between.
pub async fn on_sqlite(test: impl AsyncFn(House)) {
    let folder = tempfile::tempdir().unwrap();
    let house = House::open(&format!("sqlite://{}/muster.db", folder.path().display())).await;
    test(house.clone()).await;
    assert_directories_agree(house.db.url()).await;
    assert_statements_keep_to_accounts(house.db.url()).await;
}

/// Runs a test of what only PostgreSQL's concurrency can bring about.
pub async fn on_postgres(test: impl AsyncFn(House)) {
    let house = House::open(&fresh_database(&postgres_server()).await).await;
    test(house.clone()).await;
    assert_directories_agree(house.db.url()).await;
    assert_statements_keep_to_accounts(house.db.url()).await;
}

#[expect(
    clippy::disallowed_methods,
    reason = "a database is made before there are commands on it"
)]
async fn fresh_database(server: &str) -> String {
    use sea_orm::ConnectionTrait;
    let name = format!("muster_test_{}", Uuid::new_v4().simple());
    let connection = Database::connect(server).await.unwrap();
    connection
        .execute_unprepared(&format!("CREATE DATABASE {name}"))
        .await
        .unwrap();
    connection.close().await.unwrap();
    let mut url: url::Url = server.parse().unwrap();
    url.set_path(&name);
    url.into()
}

/// Signing in stores no files.
async fn nowhere() -> Storage {
    let credentials = Credentials {
        access_key: "none".into(),
        secret: "none".to_owned().into(),
    };
    let config = StorageConfig {
        endpoint: Some("http://127.0.0.1:9".parse().unwrap()),
        public_url: None,
        region: "us-east-1".into(),
        bucket: "none".into(),
        credentials: Some(credentials),
        force_path_style: true,
    };
    Storage::connect(&config).await
}

/// One running Muster.
#[derive(Clone)]
pub struct House {
    pub db: Db,
    clock: Clock,
    pub app: App,
    pub sessions: Sessions,
}

impl House {
    async fn open(url: &str) -> Self {
        listen();
        let db = Db::connect(url, 16).await.unwrap();
        db.migrate().await.unwrap();
        Self::with(db, Clock::default(), HOME).await
    }

    /// Another process on the same database.
    pub async fn replica(&self) -> Self {
        self.served_at(HOME).await
    }

    /// As [`replica`](Self::replica), under another address.
    pub async fn served_at(&self, public_url: &str) -> Self {
        let db = Db::connect(self.db.url(), 16).await.unwrap();
        Self::with(db, self.clock.clone(), public_url).await
    }

    async fn with(db: Db, clock: Clock, public_url: &str) -> Self {
        let events = Events::start(&db);
        let resolver = Resolver::new(None).unwrap();
        let app = App::new(Parts {
            db: db.clone(),
            events,
            pulse: Pulse::start(&db),
            clock: clock.clone(),
            secrets: Secrets::new([1; 32]),
            storage: nowhere().await,
            mailer: Mailer::folder(&std::env::temp_dir(), "Muster <muster@example.com>").unwrap(),
            resolver: resolver.clone(),
            outbound: Outbound::new(OutboundSettings {
                resolver,
                allows_private: false,
            })
            .unwrap(),
            settings: muster::app::AppSettings {
                public_url: public_url.parse().unwrap(),
                job_lease: chrono::Duration::seconds(30),
                mail_within: chrono::Duration::seconds(60),
                retention: muster::background::retention::Retention::default(),
                support_address: "support@example.com".into(),
            },
        });
        let settings = SessionSettings {
            public_url: public_url.parse().unwrap(),
            allowed_origins: vec!["https://console.example".into()],
            behind_proxy: false,
        };
        Self {
            db,
            clock,
            sessions: Sessions::start(app.clone(), settings).await.unwrap(),
            app,
        }
    }

    pub fn advance(&self, by: chrono::Duration) {
        self.clock.advance(by);
    }

    async fn seed(&self, seed: Seed) {
        self.app.run(&Actor::Operator, seed).await.unwrap();
    }

    /// Has whatever was counted so far have been counted so many times.
    pub async fn multiply_attempts(&self, times: usize) {
        self.seed(Seed::Attempts { times }).await;
    }

    pub async fn account(&self, slug: &str) -> Uuid {
        let id = entity::ids::new(self.clock.now());
        self.seed(Seed::Account(account::ActiveModel {
            id: Set(id),
            version: Set(1),
            name: Set(slug.to_uppercase()),
            slug: Set(slug.to_owned()),
            plan: Set(Plan::Standard),
            view: Set(View::Current),
            invitation_lifetime_days: Set(90),
            allowed_invite_domains: Set(Texts::default()),
            default_locale: Set("en".to_owned()),
            names_version: Set(muster::person::VERSION),
            seat_notice_percent: Set(90),
            audit_kept_days: Set(400),
            reclaim_idle_days: Set(None),
            grace_days: Set(30),
            contracts_looked_after_on: Set(None),
            seats_looked_after_on: Set(None),
            users_staged: Set(0),
            users_pending: Set(0),
            users_active: Set(0),
            users_disabled: Set(0),
            users_admin: Set(0),
            created_at: Set(self.clock.now()),
        }))
        .await;
        id
    }

    /// A person who can sign in with [`PASSWORD`], or, without one, only in other ways.
    pub async fn identity(&self, email: &str, has_password: bool) -> Uuid {
        let id = entity::ids::new(self.clock.now());
        let hash = match has_password {
            true => Some(password::hash(PASSWORD.into()).await.unwrap()),
            false => None,
        };
        self.seed(Seed::Identity(identity::ActiveModel {
            id: Set(id),
            email: Set(email.to_owned()),
            email_key: Set(email.to_lowercase()),
            password_hash: Set(hash),
            created_at: Set(self.clock.now()),
            password_changed_at: Set(None),
        }))
        .await;
        id
    }

    pub async fn user(&self, account_id: Uuid, identity_id: Uuid, email: &str, status: Status) -> Uuid {
        let id = entity::ids::new(self.clock.now());
        self.seed(Seed::User(user::ActiveModel {
            account_id: Set(account_id),
            id: Set(id),
            identity_id: Set(Some(identity_id)),
            version: Set(1),
            email: Set(email.to_owned()),
            email_key: Set(email.to_lowercase()),
            email_verified: Set(true),
            given_name: Set(None),
            family_name: Set(None),
            given_key: Set(email.to_lowercase().into_bytes()),
            family_key: Set(email.to_lowercase().into_bytes()),
            search_text: Set(email.to_lowercase()),
            role: Set(Role::User),
            status: Set(status),
            origin: Set(user::Origin::Invitation),
            locale: Set(None),
            external_id: Set(None),
            created_at: Set(self.clock.now()),
            last_signed_in_at: Set(None),
            disabled_at: Set(None),
            removed_at: Set(None),
        }))
        .await;
        id
    }

    pub async fn identity_of(&self, email: &str) -> Uuid {
        let found = identity::Entity::find().filter(identity::Column::EmailKey.eq(email));
        found.one(self.app.reader()).await.unwrap().unwrap().id
    }

    /// Ada, active in the account `acme`. Answers the account and the user.
    pub async fn ada(&self) -> (Uuid, Uuid) {
        let account_id = self.account("acme").await;
        let identity_id = self.identity("ada@example.com", true).await;
        let user_id = self
            .user(account_id, identity_id, "ada@example.com", Status::Active)
            .await;
        (account_id, user_id)
    }

    /// Disables a user as the command that does so will.
    pub async fn disable(&self, account_id: Uuid, user_id: Uuid) {
        self.seed(Seed::Disable {
            account_id,
            user_id,
            says_so: true,
        })
        .await;
    }

    /// Disables a user without a word to anybody, as a replica sees it whose wakes are lost.
    pub async fn disable_silently(&self, account_id: Uuid, user_id: Uuid) {
        self.seed(Seed::Disable {
            account_id,
            user_id,
            says_so: false,
        })
        .await;
    }

    pub async fn make_secondary(&self, account_id: Uuid, user_id: Uuid) {
        self.seed(Seed::MakeSecondary { account_id, user_id }).await;
    }

    pub async fn sessions_stored(&self) -> Vec<session::Model> {
        let found = session::Entity::find().order_by_asc(session::Column::CreatedAt);
        found.all(self.app.reader()).await.unwrap()
    }

    /// Actions in the audit log that were refused.
    pub async fn denied(&self) -> Vec<String> {
        let found = audit_event::Entity::find().order_by_asc(audit_event::Column::OccurredAt);
        let rows = found.all(self.app.reader()).await.unwrap().into_iter();
        rows.filter(|row| row.outcome == audit_event::AuditOutcome::Denied)
            .map(|row| row.action)
            .collect()
    }

    /// Keys of the mails that were written.
    pub async fn mails(&self) -> Vec<String> {
        let found = mail::Entity::find().order_by_asc(mail::Column::CreatedAt);
        let rows = found.all(self.app.reader()).await.unwrap();
        rows.into_iter().map(|row| row.key).collect()
    }

    /// A user signed in by an identity provider of the account: their access token and cookie.
    pub async fn sign_in_by_provider(&self, account_id: Uuid, user_id: Uuid) -> (String, String) {
        let begun = self
            .app
            .run(&Actor::Operator, BeginByProvider { account_id, user_id })
            .await
            .unwrap();
        let token = self.sessions.issue(&begun).unwrap().text;
        let secret = secrecy::ExposeSecret::expose_secret(&begun.refresh_token).to_owned();
        (token, format!("muster-refresh={secret}"))
    }

    /// Holds rows in a transaction of its own, until told otherwise. PostgreSQL only.
    pub async fn hold(&self, sql: &'static str) -> Gate {
        let pool = sqlx::PgPool::connect(self.db.url()).await.unwrap();
        let mut held = pool.begin().await.unwrap();
        sqlx::query(sql).execute(&mut *held).await.unwrap();
        Gate { pool, held }
    }

    pub async fn audited(&self) -> Vec<String> {
        let found = audit_event::Entity::find().order_by_asc(audit_event::Column::OccurredAt);
        let rows = found.all(self.app.reader()).await.unwrap();
        rows.into_iter().map(|row| row.action).collect()
    }

    pub async fn last_signed_in_at(&self, account_id: Uuid, user_id: Uuid) -> Option<DateTime<Utc>> {
        let found = user::Entity::find_by_id((account_id, user_id));
        found
            .one(self.app.reader())
            .await
            .unwrap()
            .unwrap()
            .last_signed_in_at
    }

    pub async fn admit(&self, access_token: &str) -> Result<Actor> {
        let mut headers = HeaderMap::new();
        let bearer = HeaderValue::from_str(&format!("Bearer {access_token}")).unwrap();
        headers.insert(AUTHORIZATION, bearer);
        self.sessions.admit(&headers, None).await
    }

    pub async fn admitted(&self, access_token: &str) -> Member {
        self.admit(access_token).await.unwrap().member().unwrap().clone()
    }

    pub async fn is_admitted(&self, access_token: &str) -> bool {
        match self.admit(access_token).await {
            Ok(actor) => actor.member().is_some(),
            Err(Error::SessionExpired | Error::AccessTokenExpired) => false,
            Err(error) => panic!("{error:?}"),
        }
    }

    fn router(&self) -> Router {
        self.sessions.router()
    }

    pub async fn sign_in(&self, email: &str, password: &str) -> Answer {
        self.call("/auth/sign-in")
            .body(&json!({"email": email, "password": password}))
            .send()
            .await
    }

    /// Renews with a cookie, from a page of ours.
    pub async fn refresh(&self, cookie: &str) -> Answer {
        self.call("/auth/refresh")
            .origin(HOME)
            .cookie(cookie)
            .send()
            .await
    }

    pub fn call(&self, path: &str) -> Call {
        let mut request = Request::post(path).body(Body::empty()).unwrap();
        let json = HeaderValue::from_static("application/json");
        request.headers_mut().insert(CONTENT_TYPE, json);
        Call {
            router: self.router(),
            request,
        }
        .from("192.0.2.1:40000")
    }
}

/// A transaction in the way of others.
pub struct Gate {
    pool: sqlx::PgPool,
    held: sqlx::Transaction<'static, sqlx::Postgres>,
}

impl Gate {
    pub async fn wait_for_somebody(&self) {
        let waiting = "SELECT count(*) FROM pg_stat_activity \
                       WHERE datname = current_database() AND wait_event_type = 'Lock'";
        while sqlx::query_scalar::<_, i64>(waiting)
            .fetch_one(&self.pool)
            .await
            .unwrap()
            == 0
        {
            tokio::time::sleep(std::time::Duration::from_millis(10)).await;
        }
    }

    /// Does something more and gets out of the way.
    pub async fn release_after(mut self, sql: &'static str) {
        sqlx::query(sql).execute(&mut *self.held).await.unwrap();
        self.held.commit().await.unwrap();
    }
}

/// Begins a session as single sign-on does.
pub struct BeginByProvider {
    pub account_id: Uuid,
    pub user_id: Uuid,
}

impl Command for BeginByProvider {
    type Output = Begun;
    const NAME: &'static str = "test.begin_by_provider";
    const RECORD: Record = Record::Nothing;

    fn action(&self) -> Action {
        Action::Operate
    }

    async fn apply(self, work: &mut Work) -> Result<Begun> {
        let id = work.new_id();
        let provider = identity_provider::ActiveModel {
            account_id: Set(self.account_id),
            id: Set(id),
            version: Set(1),
            name: Set("Corporate".into()),
            status: Set(identity_provider::Status::Enabled),
            issuer: Set("https://login.example".into()),
            client_id: Set("muster".into()),
            token_auth_method: Set(identity_provider::TokenAuthMethod::ClientSecretBasic),
            scopes: Set(Texts::default()),
            sealed_secret: Set(None),
            secret_updated_at: Set(None),
            secret_expires_at: Set(None),
            enforcement: Set(identity_provider::Enforcement::Optional),
            break_glass_user_id: Set(None),
            is_authoritative: Set(false),
            verifies_as_text: Set(false),
            trusts_prompt: Set(false),
            provisions: Set(false),
            allows_without_seat: Set(true),
            default_subscription_ids: Set(Uuids::default()),
            default_group_ids: Set(Uuids::default()),
            email_claim: Set("email".into()),
            given_name_claim: Set("given_name".into()),
            family_name_claim: Set("family_name".into()),
            groups_claim: Set(None),
            last_sign_in_at: Set(None),
            created_at: Set(work.now()),
        };
        work.insert(vec![provider]).await?;
        muster::directory::providers::list(work, id, self.account_id).await?;
        let user = user::Entity::find_by_id((self.account_id, self.user_id));
        let user = user.one(work.reader()).await?.unwrap();
        let ground = Ground::provider(id, Some("sid-1".into()), work.now());
        begin_session(work, &user, ground).await
    }
}

/// A request about to be sent.
pub struct Call {
    router: Router,
    pub request: Request<Body>,
}

impl Call {
    pub fn from(mut self, peer: &str) -> Self {
        let peer: SocketAddr = peer.parse().unwrap();
        self.request.extensions_mut().insert(ConnectInfo(peer));
        self
    }

    pub fn body(mut self, body: &Value) -> Self {
        *self.request.body_mut() = Body::from(body.to_string());
        self
    }

    pub fn header(mut self, name: http::HeaderName, value: &str) -> Self {
        let value = HeaderValue::from_str(value).unwrap();
        self.request.headers_mut().insert(name, value);
        self
    }

    pub fn bearer(self, access_token: &str) -> Self {
        self.header(AUTHORIZATION, &format!("Bearer {access_token}"))
    }

    pub fn origin(self, origin: &str) -> Self {
        self.header(ORIGIN, origin)
    }

    pub fn cookie(self, cookie: &str) -> Self {
        self.header(COOKIE, cookie)
    }

    pub async fn send(self) -> Answer {
        let response = self.router.oneshot(self.request).await.unwrap();
        let (parts, body) = response.into_parts();
        let bytes = axum::body::to_bytes(body, 1 << 20).await.unwrap();
        Answer {
            status: parts.status,
            headers: parts.headers,
            body: serde_json::from_slice(&bytes).unwrap_or(Value::Null),
        }
    }
}

#[derive(Debug, PartialEq)]
pub struct Answer {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub body: Value,
}

impl Answer {
    pub fn code(&self) -> &str {
        self.body["errors"][0]["extensions"]["code"]
            .as_str()
            .unwrap_or("-")
    }

    pub fn access_token(&self) -> String {
        self.body["accessToken"].as_str().unwrap().to_owned()
    }

    pub fn set_cookie(&self) -> &str {
        self.headers[SET_COOKIE].to_str().unwrap()
    }

    /// The cookie as a browser sends it back.
    pub fn cookie(&self) -> String {
        self.set_cookie().split(';').next().unwrap().to_owned()
    }
}

/// What the commands of other modules would write.
enum Seed {
    Account(account::ActiveModel),
    Identity(identity::ActiveModel),
    User(user::ActiveModel),
    Disable {
        account_id: Uuid,
        user_id: Uuid,
        says_so: bool,
    },
    MakeSecondary {
        account_id: Uuid,
        user_id: Uuid,
    },
    Attempts {
        times: usize,
    },
}

impl Command for Seed {
    type Output = ();
    const NAME: &'static str = "test.seed";
    const RECORD: Record = Record::Nothing;

    fn action(&self) -> Action {
        Action::Operate
    }

    async fn apply(self, work: &mut Work) -> Result<()> {
        let of = |account_id: Uuid, user_id: Uuid| {
            user::Entity::update_many()
                .filter(user::Column::AccountId.eq(account_id))
                .filter(user::Column::Id.eq(user_id))
        };
        match self {
            Self::Account(row) => {
                assert!(slugs::take(work, row.slug.as_ref(), *row.id.as_ref()).await?);
                work.insert(vec![row]).await
            }
            Self::Identity(row) => work.insert(vec![row]).await,
            Self::User(row) => {
                let user = row.clone().try_into_model().unwrap();
                work.insert(vec![row]).await?;
                people::note(work, &[user]).await
            }
            Self::Disable {
                account_id,
                user_id,
                says_so,
            } => {
                let disabled = Expr::value(Status::Disabled);
                work.update(of(account_id, user_id).col_expr(user::Column::Status, disabled))
                    .await?;
                if says_so {
                    end_sessions_of(work, account_id, &[user_id]).await?;
                }
                Ok(())
            }
            Self::Attempts { times } => {
                let counted = sign_in_attempt::Entity::find().all(work.reader()).await?;
                let again = counted.into_iter().flat_map(|row| vec![row; times - 1]);
                let again = again.map(|row| sign_in_attempt::ActiveModel {
                    id: Set(work.new_id()),
                    key: Set(row.key),
                    attempted_at: Set(row.attempted_at),
                });
                work.insert(again.collect()).await
            }
            Self::MakeSecondary { account_id, user_id } => {
                let role = Expr::value(Role::SecondaryAdmin);
                work.update(of(account_id, user_id).col_expr(user::Column::Role, role))
                    .await?;
                work.wake(Wake::User {
                    account_id,
                    id: user_id,
                });
                Ok(())
            }
        }
    }
}
