//! `muster demo`: everything in one process, a seeded account, 5,000 people through the public API, and a server to look around in.

use std::io::Write;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use chrono::Duration;
use entity::account::Plan;
use entity::{mail, product};
use sea_orm::{ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter};
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};
use tokio::sync::watch;

use super::connect::{connect, domain_of};
use super::provider::{DemoProvider, random_text};
use super::sample_csv;
use super::shown::Shown;
use super::{bystanders, classic, life};
use crate::access::Actor;
use crate::admin::{ComponentSpec, CreateAccount, CreateSubscription, DefineProduct, make_password};
use crate::app::App;
use crate::client::{Api, ImportArgs, import, sign_in};
use crate::config::Config;
use crate::directory::slugs;
use crate::error::{Error, Result};
use crate::person::EmailAddress;
use crate::server::Server;

/// People in the sample file.
const PEOPLE: usize = 5_000;
const SLUG: &str = "demo";
const EMAIL: &str = "ada.admin@demo.example";

/// Code, name, seats. One of them is small, so that a newcomer sees seats run out.
pub(super) const PRODUCTS: [(&str, &str, i32); 5] = [
    ("DRAW", "Muster Draw", 2_500),
    ("RENDER", "Muster Render", 2_500),
    ("SKETCH", "Muster Sketch", 2_500),
    ("SIMULATE", "Muster Simulate", 600),
    ("SUITE", "Muster Design Suite", 2_500),
];

#[derive(clap::Args, Clone, Debug)]
pub struct DemoArgs {
    /// Stop after the summary instead of serving on.
    #[arg(long)]
    once: bool,
    /// Print the summary as one JSON object on one line.
    #[arg(long)]
    json: bool,
}

/// What a later run needs to sign in again.
#[derive(Serialize, Deserialize)]
pub(super) struct Credentials {
    database: String,
    pub(super) slug: String,
    pub(super) email: String,
    pub(super) password: String,
    /// Where the demo's identity provider was last; it comes back there, so that what was configured then still holds.
    #[serde(default)]
    provider_port: Option<u16>,
    /// What Muster proves itself to it with.
    #[serde(default)]
    provider_secret: Option<String>,
}

/// Runs the demo.
pub async fn run(mut config: Config, args: DemoArgs, stop: watch::Receiver<bool>) -> Result<()> {
    // Where everybody listens already, any other port will do for trying things out.
    if tokio::net::TcpListener::bind(config.web.listen).await.is_err() {
        config.web.listen = SocketAddr::new(config.web.listen.ip(), 0);
    }
    // The demo's identity provider answers on loopback. A server that says it is in production gets none, and keeps its guard up.
    let has_provider = config
        .web
        .public_url
        .as_ref()
        .is_none_or(|url| url.scheme() == "http");
    config.outside.allow_private_identity_providers |= has_provider;
    let server = Server::start(&config).await?;
    let app = server.app.clone();
    let (url, address) = (server.public_url.clone(), server.address);
    let own = format!("http://{address}");
    let (stop_server, stopped) = watch::channel(false);
    let serving = tokio::spawn(server.run(stopped));

    let mut credentials = seed(&app, &config).await?;
    let password = SecretString::from(credentials.password.clone());
    let token = sign_in(&own, &credentials.email, &password)
        .await
        .map_err(Error::internal)?;
    let api = Api::new(&own, &token).map_err(Error::internal)?;
    if let Some(account) = slugs::find(app.reader(), &credentials.slug).await? {
        bystanders::settle(&app, &api, &account).await?;
    }
    classic::settle(&app, &credentials).await?;
    life::settle(&app, &own, &credentials).await?;
    let mails_before = mails(&app, &credentials.slug).await?;
    let file = write_sample(&app, &config.data_dir, &credentials.slug).await?;
    let summary = import(&ImportArgs {
        file: file.clone(),
        url: own.clone(),
        token: Some(token.clone()),
        dry_run: false,
        force: false,
        json: args.json,
    })
    .await
    .map_err(Error::internal)?;
    let mails = mails(&app, &credentials.slug).await? - mails_before;
    let provider = match has_provider {
        true => Some(start_provider(&app, &config, &mut credentials).await?),
        false => None,
    };
    let sso_path = match &provider {
        Some(provider) => Some(connect(&app, &api, &own, &credentials.slug, provider).await?),
        None => None,
    };
    let shown = Shown {
        summary,
        mails,
        url: url.to_string(),
        credentials,
        token,
        sso_path,
    };
    print(&if args.json {
        shown.to_json()
    } else {
        shown.to_text(&config.data_dir)
    })?;

    if !args.once {
        let mut stop = stop;
        // Whoever could say so is gone: that is a stop, too.
        let _ = stop.wait_for(|stop| *stop).await;
    }
    stop_server.send_replace(true);
    serving.await.map_err(Error::internal)?
}

/// An account on the premium plan with products, seats and an administrator; found again by a later run.
async fn seed(app: &App, config: &Config) -> Result<Credentials> {
    for (code, name, _) in PRODUCTS {
        let kind = if code == "SUITE" {
            product::Kind::Collection
        } else {
            product::Kind::Application
        };
        let command = DefineProduct {
            code: code.into(),
            name: name.into(),
            kind,
            components: components(code),
        };
        app.run(&Actor::Operator, command).await?;
    }
    let file = config.data_dir.join("demo.json");
    let database = config.database_url();
    let known = std::fs::read(&file)
        .ok()
        .and_then(|bytes| serde_json::from_slice::<Credentials>(&bytes).ok());
    let known = known.filter(|known| known.database == database);
    if let Some(known) = known
        && slugs::find(app.reader(), &known.slug).await?.is_some()
    {
        return Ok(known);
    }
    let credentials = create(app, database).await?;
    save(&file, &credentials)?;
    let today = app.clock().now().date_naive();
    for (code, _, seats) in PRODUCTS {
        let command = CreateSubscription {
            account: credentials.slug.clone(),
            product: code.to_owned(),
            contract_number: "D-1".to_owned(),
            seats,
            starts_on: today,
            ends_on: today + Duration::days(365),
            is_trial: false,
        };
        app.run(&Actor::Operator, command).await?;
    }
    Ok(credentials)
}

/// Starts the identity provider where it was in an earlier run, and remembers where it is.
async fn start_provider(app: &App, config: &Config, credentials: &mut Credentials) -> Result<DemoProvider> {
    let secret = match &credentials.provider_secret {
        Some(known) => known.clone(),
        None => random_text()?,
    };
    let domain = domain_of(&credentials.slug);
    let port = credentials.provider_port;
    let provider = DemoProvider::start(port, domain, secret.clone().into(), app.clock().clone()).await?;
    credentials.provider_port = Some(provider.port);
    credentials.provider_secret = Some(secret);
    save(&config.data_dir.join("demo.json"), credentials)?;
    Ok(provider)
}

fn components(code: &str) -> Vec<ComponentSpec> {
    let part = |code: &str, name: &str, is_required, is_enabled_by_default| ComponentSpec {
        code: code.to_owned(),
        name: name.to_owned(),
        is_required,
        is_enabled_by_default,
        needs: match code {
            "RENDER" => vec!["DRAW".to_owned()],
            _ => Vec::new(),
        },
    };
    match code {
        "SUITE" => vec![
            part("CORE", "Core", true, true),
            part("DRAW", "Drawing", false, true),
            part("RENDER", "Rendering", false, true),
            part("CLOUD", "Cloud storage", false, false),
        ],
        _ => vec![
            part("CORE", "Core", true, true),
            part("CLOUD", "Cloud storage", false, false),
        ],
    }
}

/// A database that has the demo's account but not its password (another data directory) gets a second one.
async fn create(app: &App, database: String) -> Result<Credentials> {
    let is_taken = slugs::find(app.reader(), SLUG).await?.is_some();
    let (slug, email) = if is_taken {
        let now = app.clock().now().timestamp();
        (format!("{SLUG}-{now}"), EMAIL.replace('@', &format!("+{now}@")))
    } else {
        (SLUG.to_owned(), EMAIL.to_owned())
    };
    let password = make_password()?;
    let address = EmailAddress::parse(&email)?;
    let mut command = CreateAccount::new(
        "Demo Design GmbH",
        &slug,
        Plan::Premium,
        address,
        password.clone(),
    );
    command.given_name = Some("Ada".into());
    command.family_name = Some("Admin".into());
    app.run(&Actor::Operator, command).await?;
    Ok(Credentials {
        database,
        slug,
        email,
        password: password.expose_secret().to_owned(),
        provider_port: None,
        provider_secret: None,
    })
}

fn save(file: &Path, credentials: &Credentials) -> Result<()> {
    use std::os::unix::fs::OpenOptionsExt;
    let text = serde_json::to_vec_pretty(credentials).map_err(Error::internal)?;
    let mut options = std::fs::OpenOptions::new();
    let opened = options
        .write(true)
        .create(true)
        .truncate(true)
        .mode(0o600)
        .open(file);
    opened
        .and_then(|mut file| file.write_all(&text))
        .map_err(Error::internal)
}

/// The same people on each run: running the demo again adds nobody.
async fn write_sample(app: &App, data_dir: &Path, slug: &str) -> Result<PathBuf> {
    let runs = entity::import::Entity::find().count(app.reader()).await?;
    let codes: Vec<&str> = PRODUCTS.iter().map(|(code, _, _)| *code).collect();
    let file = data_dir.join(format!("people-{}.csv", runs + 1));
    let mut csv = sample_csv(1, &codes, PEOPLE - bystanders::ROWS);
    for person in bystanders::rows(slug) {
        person.write(&mut csv);
    }
    std::fs::write(&file, csv).map_err(Error::internal)?;
    Ok(file)
}

async fn mails(app: &App, slug: &str) -> Result<u64> {
    let Some(account) = slugs::find(app.reader(), slug).await? else {
        return Ok(0);
    };
    Ok(mail::Entity::find()
        .filter(mail::Column::AccountId.eq(account.id))
        .count(app.reader())
        .await?)
}

fn print(text: &str) -> Result<()> {
    writeln!(std::io::stdout(), "{text}").map_err(Error::internal)
}
