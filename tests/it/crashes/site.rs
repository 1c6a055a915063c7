//! Servers as processes of their own, and a look at their database from outside.

use std::net::{Ipv4Addr, TcpListener};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use entity::account::Plan;
use entity::import::Phase;
use entity::{import, job, product, subscription};
use muster::access::Actor;
use muster::admin::{ComponentSpec, CreateAccount, CreateSubscription, DefineProduct};
use muster::app::App;
use muster::person::EmailAddress;
use muster::platform::storage::Embedded;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
use secrecy::ExposeSecret;
use serde_json::{Value, json};
use tempfile::TempDir;
use uuid::Uuid;

use crate::imports::assignments::giving;
use crate::imports::support::begin;
use crate::support::{Client, Database, House, PASSWORD, fresh};

pub const PEOPLE: usize = 5_000;
const PRODUCTS: [&str; 2] = ["DRAW", "RENDER"];
const EMAIL: &str = "ada@acme.example";
/// As `MUSTER_JOB_LEASE_SECONDS` says.
pub const LEASE: Duration = Duration::from_secs(1);

/// Whoever looks on from outside: the database, and how to start servers on it.
pub struct Site {
    pub app: App,
    pub folder: TempDir,
    pub database_url: String,
    /// The embedded store of the servers lies in their own process; that of replicas beside them.
    store: Option<Store>,
    url: String,
}

pub struct Store {
    endpoint: String,
    credentials: muster::platform::storage::Credentials,
    _embedded: Embedded,
    _folder: TempDir,
}

impl Store {
    pub async fn open() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let embedded = Embedded::open(folder.path(), "replicas").unwrap();
        let listener = tokio::net::TcpListener::bind((Ipv4Addr::LOCALHOST, 0))
            .await
            .unwrap();
        let endpoint = format!("http://{}", listener.local_addr().unwrap());
        let router = embedded.router();
        tokio::spawn(async move { axum::serve(listener, router).await });
        Self {
            endpoint,
            credentials: embedded.credentials().clone(),
            _embedded: embedded,
            _folder: folder,
        }
    }
}

/// A server process; dies with the test.
pub struct Server(Child);

impl Server {
    pub fn kill(&mut self) {
        self.0.kill().unwrap();
        self.0.wait().unwrap();
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn free_port() -> u16 {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    listener.local_addr().unwrap().port()
}

impl Site {
    pub async fn prepare(database: Database, store: Option<Store>) -> Self {
        let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
        let folder = tempfile::tempdir().unwrap();
        let database_url = fresh(database, folder.path()).await;
        let config = House::config(&folder, &database_url);
        let app = muster::server::operator_app(&config).await.unwrap();
        seed(&app).await;
        Self {
            app,
            folder,
            database_url,
            store,
            url: format!("http://127.0.0.1:{}", free_port()),
        }
    }

    /// Starts a server; the first one has the port that people know.
    pub fn serve(&self, is_first: bool) -> Server {
        let listen = match is_first {
            true => self.url.trim_start_matches("http://").to_owned(),
            false => "127.0.0.1:0".to_owned(),
        };
        let mut command = Command::new(env!("CARGO_BIN_EXE_muster"));
        command
            .env_clear()
            .arg("serve")
            .arg("--data-dir")
            .arg(self.folder.path())
            .args(["--database-url", &self.database_url, "--listen", &listen])
            .args(["--public-url", &self.url, "--database-connections", "6"])
            .env("MUSTER_JOB_LEASE_SECONDS", LEASE.as_secs().to_string())
            .env("MUSTER_LOG", "error")
            .stdout(Stdio::null());
        if let Some(store) = &self.store {
            command
                .env("S3_BUCKET", "replicas")
                .env("S3_ENDPOINT", &store.endpoint)
                .env("S3_ACCESS_KEY", &store.credentials.access_key)
                .env("S3_SECRET_KEY", store.credentials.secret.expose_secret())
                .env("S3_PATH_STYLE", "true");
        }
        Server(command.spawn().unwrap())
    }

    /// Uploads a file of people nobody has seen before and starts its import.
    pub async fn import(&self, seed: u64) -> Uuid {
        let csv = muster::demo::sample_csv(seed, &PRODUCTS, PEOPLE);
        self.start(&csv, json!({})).await
    }

    /// The same with a file whose people all get both products.
    pub async fn assign(&self, seed: usize) -> Uuid {
        let row = |number| format!("Person,Number {number},person{number}@file{seed}.example\n");
        let csv = "First Name,Last Name,Email\n".to_owned() + &(0..PEOPLE).map(row).collect::<String>();
        let bought = subscription::Entity::find().all(self.app.reader()).await.unwrap();
        let bought: Vec<String> = bought
            .iter()
            .map(|subscription| entity::ids::Kind::Subscription.text(subscription.id))
            .collect();
        let bought: Vec<&str> = bought.iter().map(String::as_str).collect();
        self.start(csv.as_bytes(), giving(&bought)).await
    }

    /// Asks for an import to be taken back.
    pub async fn undo(&self, id: Uuid) {
        let undo = "mutation($id: ID!) { undoImport(input: {importId: $id}) { userErrors { code } } }";
        let id = entity::ids::Kind::Import.text(id);
        let answer = self.client().await.ask(undo, json!({"id": id})).await;
        assert_eq!(answer["undoImport"]["userErrors"], json!([]));
    }

    pub async fn start(&self, csv: &[u8], options: Value) -> Uuid {
        let id = begin(&self.client().await, csv, options).await;
        entity::ids::Kind::Import.parse(&id).unwrap()
    }

    /// Somebody who is signed in, once the server answers.
    pub async fn client(&self) -> Client {
        let ready = format!("{}/readyz", self.url);
        eventually("the server answers", async || {
            reqwest::get(&ready)
                .await
                .is_ok_and(|answer| answer.status().is_success())
        })
        .await;
        Client::of(&self.url).sign_in(EMAIL, PASSWORD).await
    }

    pub async fn look(&self, id: Uuid) -> import::Model {
        let found = import::Entity::find().filter(import::Column::Id.eq(id));
        found.one(self.app.reader()).await.unwrap().unwrap()
    }

    /// Whether nobody has anything to do about it.
    pub async fn has_ended(&self, id: Uuid) -> bool {
        let import = self.look(id).await;
        import.finished_at.is_some() && import.phase != Phase::Undoing
    }

    pub async fn is_undone(&self, id: Uuid) -> bool {
        self.look(id)
            .await
            .undo
            .is_some_and(|undo| undo.finished_at.is_some())
    }

    /// Who holds the job of an import, or of something done for many.
    pub async fn holder(&self, id: Uuid) -> Option<Uuid> {
        let found = job::Entity::find()
            .filter(job::Column::SubjectId.eq(id))
            .filter(job::Column::Status.eq(job::Status::Ready));
        found
            .one(self.app.reader())
            .await
            .unwrap()
            .and_then(|job| job.lease_token)
    }

    /// Waits until the import is further than it was, or has been taken in hand by somebody new.
    pub async fn moved(&self, id: Uuid, is_taken_enough: bool, before: (i32, Option<Uuid>)) {
        eventually("the import goes on", async || {
            self.look(id).await.sequence > before.0
                || self.has_ended(id).await
                || (is_taken_enough && self.holder(id).await != before.1)
        })
        .await;
    }

    pub async fn state(&self, id: Uuid) -> (i32, Option<Uuid>) {
        (self.look(id).await.sequence, self.holder(id).await)
    }
}

pub async fn eventually(what: &str, is_so: impl AsyncFn() -> bool) {
    let begun = Instant::now();
    while !is_so().await {
        assert!(begun.elapsed() < Duration::from_mins(1), "in vain: {what}");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

async fn seed(app: &App) {
    let email = EmailAddress::parse(EMAIL).unwrap();
    let account = CreateAccount::new("ACME", "acme", Plan::Standard, email, PASSWORD.to_owned().into());
    app.run(&Actor::Operator, account).await.unwrap();
    let today = app.clock().now().date_naive();
    for code in PRODUCTS {
        let define = DefineProduct {
            code: code.into(),
            name: format!("Product {code}"),
            kind: product::Kind::Application,
            components: Vec::<ComponentSpec>::new(),
        };
        app.run(&Actor::Operator, define).await.unwrap();
        let subscribe = CreateSubscription {
            account: "acme".into(),
            product: code.into(),
            contract_number: format!("C-{code}"),
            seats: 50_000,
            starts_on: today - chrono::Duration::days(1),
            ends_on: today + chrono::Duration::days(400),
            is_trial: false,
        };
        app.run(&Actor::Operator, subscribe).await.unwrap();
    }
}
