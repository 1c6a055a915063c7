//! A running server: the parts are put together, the listener opened, the worker started beside it.

mod cors;
mod listener;
mod pace;

use std::net::SocketAddr;

use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Json, Router};
use chrono::Duration;
use sea_orm::ConnectionTrait;
use serde_json::json;
use tokio::net::TcpListener;
use tokio::sync::watch;
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::compression::CompressionLayer;
use tower_http::set_header::SetResponseHeaderLayer;
use url::Url;

use crate::access::Actor;
use crate::api::schema;
use crate::app::{App, AppSettings, Parts};
use crate::background::worker;
use crate::config::Config;
use crate::error::{Error, Result};
use crate::http::{self, Gateway};
use crate::jobs;
use crate::platform::clock::Clock;
use crate::platform::db::{Db, Pulse};
use crate::platform::events::Events;
use crate::platform::mail::Mailer;
use crate::platform::outbound::{Outbound, OutboundSettings};
use crate::platform::panics;
use crate::platform::resolver::Resolver;
use crate::platform::storage::{Credentials, Embedded, Storage, StorageConfig};
use crate::sessions::{self, Sessions};
use crate::uploads::BelongToStore;
use crate::users::rewriting;
use crate::users::search::Index;

/// Bucket of the embedded store.
const EMBEDDED_BUCKET: &str = "muster";

/// What the worker has in hand has this long to come to its end, after the last connection has.
const WORKING_GRACE: std::time::Duration = std::time::Duration::from_secs(15);

/// A server that is listening.
pub struct Server {
    pub app: App,
    pub address: SocketAddr,
    pub public_url: Url,
    listener: TcpListener,
    router: Router,
}

impl Server {
    /// Puts everything together; nothing is answered before [`Server::run`].
    pub async fn start(config: &Config) -> Result<Self> {
        Self::start_with(config, Clock::default()).await
    }

    /// As [`start`](Self::start), on a machine with this clock.
    pub async fn start_with(config: &Config, clock: Clock) -> Result<Self> {
        config.check()?;
        let listener = TcpListener::bind(config.web.listen)
            .await
            .map_err(Error::internal)?;
        let address = listener.local_addr().map_err(Error::internal)?;
        let own = format!("http://{address}/");
        let public_url = match &config.web.public_url {
            Some(url) => url.clone(),
            None => own.parse().map_err(Error::internal)?,
        };
        let embedded = match config.storage() {
            Some(_) => None,
            None => Some(Embedded::open(&config.data_dir.join("storage"), EMBEDDED_BUCKET)?),
        };
        let storage = match (&embedded, config.storage()) {
            (Some(embedded), _) => embedded_storage(embedded, &own, &public_url)?,
            (None, Some(storage)) => storage,
            (None, None) => return Err(Error::internal("no object storage")),
        };
        let app = parts(config, storage.clone(), public_url.clone(), clock).await?;
        match &embedded {
            Some(embedded) => {
                let id = embedded.credentials().access_key.clone();
                app.run(&Actor::Platform, BelongToStore { id }).await?;
            }
            None => look_at_store(&app),
        }
        // What is missing is said at the start and not when somebody first searches.
        Index::of(&app).await?;
        rewriting::ask(&app).await?;
        let settings = sessions::SessionSettings {
            public_url: public_url.clone(),
            allowed_origins: config.web.allowed_origins.clone(),
            behind_proxy: config.web.behind_proxy,
        };
        let sessions = Sessions::start(app.clone(), settings).await?;
        let console = http::pages::console::routes(&storage);
        let mut router = routes(&app, &sessions, config.web.introspection, console);
        if let Some(embedded) = &embedded {
            router = router.merge(embedded.router());
        }
        let router = router.layer(cors::layer(&sessions.settings().origins())?);
        Ok(Self {
            app,
            address,
            public_url,
            listener,
            router,
        })
    }

    /// Answers until told to stop, with a worker beside. Requests in hand are answered first.
    pub async fn run(self, stop: watch::Receiver<bool>) -> Result<()> {
        let mut working = tokio::spawn(worker::work(self.app, jobs::carry_out, stop.clone()));
        listener::serve(self.listener, self.router, stop).await;
        match tokio::time::timeout(WORKING_GRACE, &mut working).await {
            Ok(worked) => worked.map_err(Error::internal),
            Err(_) => {
                // Another process goes on with it after its lease.
                tracing::warn!("background work was cut off");
                working.abort();
                Ok(())
            }
        }
    }
}

/// A worker without a listener.
pub async fn worker_app(config: &Config) -> Result<App> {
    config.check()?;
    let storage = config.storage().ok_or_else(|| {
        Error::BadInput(
            "A worker of its own needs S3_BUCKET: the embedded store lives in the server's process.".into(),
        )
    })?;
    let own = format!("http://{}/", config.web.listen);
    let public_url = match &config.web.public_url {
        Some(url) => url.clone(),
        None => own.parse().map_err(Error::internal)?,
    };
    let app = parts(config, storage, public_url, Clock::default()).await?;
    look_at_store(&app);
    rewriting::ask(&app).await?;
    Ok(app)
}

/// A bucket that does not know us is told of at once, and not at the first upload. It may yet come: all but files works without it.
fn look_at_store(app: &App) {
    let app = app.clone();
    tokio::spawn(async move {
        if let Err(error) = app.storage().check().await {
            tracing::error!(?error, "the bucket cannot be used");
        }
    });
}

/// What the operator's commands need: the database. The store is told of but never spoken to.
pub async fn operator_app(config: &Config) -> Result<App> {
    operator_app_with(config, Clock::default()).await
}

/// As [`operator_app`], on a machine with this clock.
pub async fn operator_app_with(config: &Config, clock: Clock) -> Result<App> {
    let own: Url = format!("http://{}/", config.web.listen)
        .parse()
        .map_err(Error::internal)?;
    let storage = config.storage().unwrap_or(StorageConfig {
        endpoint: Some(own.clone()),
        public_url: None,
        region: "us-east-1".to_owned(),
        bucket: EMBEDDED_BUCKET.to_owned(),
        credentials: Some(Credentials {
            access_key: String::new(),
            secret: String::new().into(),
        }),
        force_path_style: true,
    });
    parts(config, storage, own, clock).await
}

async fn parts(config: &Config, storage: StorageConfig, public_url: Url, clock: Clock) -> Result<App> {
    panics::watch();
    let db = Db::open(&config.database_url(), &config.database()).await?;
    db.migrate().await?;
    clock.follow(&db).await?;
    let mailer = match &config.mail.smtp_url {
        Some(url) => Mailer::smtp(url, &config.mail.mail_from)?,
        None => Mailer::folder(&config.data_dir.join("mail"), &config.mail.mail_from)?,
    };
    // What it takes is known, mostly, before anybody is invited.
    let relay = mailer.clone();
    tokio::spawn(async move { relay.learn().await });
    let resolver = Resolver::new(config.outside.dns_server)?;
    let outbound = Outbound::new(OutboundSettings {
        resolver: resolver.clone(),
        allows_private: config.outside.allow_private_identity_providers,
    })?;
    Ok(App::new(Parts {
        events: Events::start(&db),
        pulse: Pulse::start(&db),
        db,
        clock,
        secrets: config.secrets()?,
        storage: Storage::connect(&storage).await,
        mailer,
        resolver,
        outbound,
        settings: AppSettings {
            public_url,
            job_lease: Duration::seconds(config.job_lease_seconds.into()),
            mail_within: Duration::seconds(config.mail.mail_seconds.into()),
            retention: config.retention.terms(),
            support_address: config.mail.support_address()?,
        },
    }))
}

fn embedded_storage(embedded: &Embedded, own: &str, public_url: &Url) -> Result<StorageConfig> {
    Ok(StorageConfig {
        endpoint: Some(own.parse().map_err(Error::internal)?),
        public_url: Some(public_url.clone()),
        region: "us-east-1".to_owned(),
        bucket: EMBEDDED_BUCKET.to_owned(),
        credentials: Some(embedded.credentials().clone()),
        force_path_style: true,
    })
}

fn routes(
    app: &App,
    gate: &Sessions,
    introspection: graphql::wire::Introspection,
    console: Router,
) -> Router {
    let health = {
        let app = app.clone();
        move || async move {
            match ready(&app).await {
                Ok(()) => (StatusCode::OK, String::new()),
                Err(why) => (StatusCode::SERVICE_UNAVAILABLE, why),
            }
        }
    };
    let nosniff = (
        axum::http::header::X_CONTENT_TYPE_OPTIONS,
        axum::http::HeaderValue::from_static("nosniff"),
    );
    let referrer = (
        axum::http::header::REFERRER_POLICY,
        axum::http::HeaderValue::from_static("no-referrer"),
    );
    graphql::wire::routes(Gateway::new(gate.clone(), schema(), introspection))
        .merge(gate.router())
        .merge(http::sso::routes(gate))
        .merge(http::pages::invitation::routes())
        .merge(http::pages::password::routes())
        .merge(http::pages::address::routes())
        .merge(console)
        .route("/livez", get(|| async { StatusCode::OK }))
        .route("/readyz", get(health))
        .layer(from_fn_with_state(app.clone(), while_it_answers))
        .layer(SetResponseHeaderLayer::if_not_present(nosniff.0, nosniff.1))
        .layer(SetResponseHeaderLayer::if_not_present(referrer.0, referrer.1))
        .layer(CompressionLayer::new())
        .layer(CatchPanicLayer::custom(panicked))
}

/// Answers what waits for a database that has fallen silent.
async fn while_it_answers(State(app): State<App>, request: Request, next: Next) -> Response {
    tokio::select! {
        // Whoever knows more of the request may have the word.
        biased;
        response = next.run(request) => response,
        () = app.away() => {
            tracing::warn!("the database fell silent over a request");
            let silent = Error::Unavailable("the database fell silent".into());
            let error = json!({"message": silent.public_message(), "extensions": {"code": silent.code()}});
            (StatusCode::SERVICE_UNAVAILABLE, Json(json!({"errors": [error]}))).into_response()
        }
    }
}

/// The answer of a handler that panicked; where is in the log.
fn panicked(_: Box<dyn std::any::Any + Send>) -> Response {
    let error = json!({"message": "Internal error", "extensions": {"code": "INTERNAL"}});
    let body = Json(json!({"errors": [error]}));
    (StatusCode::INTERNAL_SERVER_ERROR, body).into_response()
}

/// How long the database may take to answer a look.
const ANSWER_WITHIN: std::time::Duration = std::time::Duration::from_millis(900);

/// Whether the database answers and the loops in the background live; otherwise what is the matter.
async fn ready(app: &App) -> Result<(), String> {
    let dead = app.loops().dead();
    if !dead.is_empty() {
        return Err(format!("not running in the background: {}", dead.join(", ")));
    }
    let backend = app.reader().backend();
    let asked = app
        .reader()
        .query_one_raw(sea_orm::Statement::from_string(backend, "SELECT 1"));
    match tokio::time::timeout(ANSWER_WITHIN, asked).await {
        Ok(Ok(_)) => Ok(()),
        _ => Err("the database does not answer".to_owned()),
    }
}
