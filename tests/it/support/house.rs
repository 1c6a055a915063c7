//! A running Muster, and visitors.

use std::time::{Duration, Instant};

use base64::Engine;
use clap::Parser;
use entity::job;
use muster::app::App;
use muster::config::Config;
use muster::server::Server;
use reqwest::StatusCode;
use sea_orm::{ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter};
use secrecy::SecretString;
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::sync::watch;

use super::databases::{Database, discard, fresh};
use super::directories::assert_directories_agree;
use super::dns::Dns;
use super::search::assert_search_agrees;
use super::statements::{assert_statements_keep_to_accounts, listen};

/// A running Muster. Ends with [`House::close`], which fails the test when jobs are left over.
pub struct House {
    pub app: App,
    pub url: String,
    pub database: Database,
    pub database_url: String,
    pub folder: TempDir,
    /// What the house asks for names and records.
    pub dns: Dns,
    stop: watch::Sender<bool>,
    is_closed: bool,
}

#[derive(Parser)]
struct Flags {
    #[command(flatten)]
    config: Config,
}

impl House {
    /// Identity providers on this machine are reached: the development exception is on.
    pub async fn open(database: Database) -> Self {
        Self::open_with(database, |_| {}).await
    }

    /// As in production: identity providers are reached in the public internet only.
    pub async fn open_to_the_public_only(database: Database) -> Self {
        Self::open_with(database, |config| {
            config.outside.allow_private_identity_providers = false;
        })
        .await
    }

    /// With a configuration of its own.
    pub async fn open_with(database: Database, change: impl FnOnce(&mut Config)) -> Self {
        let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
        listen();
        let folder = tempfile::tempdir().unwrap();
        let database_url = fresh(database, folder.path()).await;
        let dns = Dns::start().await;
        let mut config = Self::config(&folder, &database_url);
        config.outside.dns_server = Some(dns.address);
        config.outside.allow_private_identity_providers = true;
        change(&mut config);
        let server = Server::start(&config).await.unwrap();
        let (app, url) = (server.app.clone(), format!("http://{}", server.address));
        let (stop, stopped) = watch::channel(false);
        tokio::spawn(async move { server.run(stopped).await.unwrap() });
        Self {
            app,
            url,
            database,
            database_url,
            folder,
            dns,
            stop,
            is_closed: false,
        }
    }

    /// What `serve` would be told on the command line.
    pub fn config(folder: &TempDir, database_url: &str) -> Config {
        let folder = folder.path().to_str().unwrap();
        let flags = [
            "muster",
            "--data-dir",
            folder,
            "--database-url",
            database_url,
            "--listen",
            "127.0.0.1:0",
            "--database-connections",
            "10",
            // A test machine stalls; what the default does is shown where the database is away.
            "--database-acquire-milliseconds",
            "10000",
        ];
        Flags::parse_from(flags).config
    }

    /// A visitor of another replica on the same database, which ends with this house.
    pub async fn replica(&self) -> Client {
        let mut config = Self::config(&self.folder, &self.database_url);
        config.web.public_url = Some(self.url.parse().unwrap());
        let server = Server::start(&config).await.unwrap();
        let url = format!("http://{}", server.address);
        let stopped = self.stop.subscribe();
        tokio::spawn(async move { server.run(stopped).await.unwrap() });
        Client::of(&url)
    }

    /// A visitor nobody knows.
    pub fn anonymous(&self) -> Client {
        Client::of(&self.url)
    }

    /// Somebody who signs in with a password.
    pub async fn sign_in(&self, email: &str, password: &str) -> Client {
        self.anonymous().sign_in(email, password).await
    }

    /// The texts of the mails that lie in the folder, decoded, in no order.
    pub fn mails(&self) -> Vec<String> {
        let folder = self.folder.path().join("mail");
        let Ok(files) = std::fs::read_dir(folder) else {
            return Vec::new();
        };
        let files = files.map(|file| file.unwrap().path());
        files
            .filter(|path| path.extension().is_some_and(|end| end == "eml"))
            .map(|path| decoded(&std::fs::read_to_string(path).unwrap()))
            .collect()
    }

    /// The token in the invitation mail that went to an address last.
    pub async fn invitation_token(&self, address: &str) -> String {
        self.settle_mails().await;
        let mails = self.mails();
        let tokens = mails.iter().filter(|mail| {
            mail.contains(&format!("To: {address}")) || mail.contains(&format!("<{address}>"))
        });
        let mut tokens: Vec<&str> = tokens
            .filter_map(|mail| mail.split("#token=").nth(1))
            .map(|rest| {
                rest.split(|c: char| !(c.is_ascii_alphanumeric() || c == '-' || c == '_'))
                    .next()
                    .unwrap()
            })
            .collect();
        // By what they name: ids and generations are in the order of time, their text is not.
        let text = base64::engine::general_purpose::URL_SAFE_NO_PAD;
        tokens.sort_by_cached_key(|token| text.decode(token).unwrap());
        (*tokens.last().expect("no invitation mail for this address")).to_owned()
    }

    /// Waits until every mail that is written has been sent.
    pub async fn settle_mails(&self) {
        use entity::mail;
        for _ in 0..400 {
            // What is not to be sent yet is not waited for.
            let soon = self.app.clock().now() + chrono::Duration::minutes(5);
            let ready = mail::Entity::find()
                .filter(mail::Column::Status.eq(mail::Status::Ready))
                .filter(mail::Column::RunAt.lt(soon));
            if ready.count(self.app.reader()).await.unwrap() == 0 {
                return;
            }
            tokio::time::sleep(Duration::from_millis(25)).await;
        }
        panic!("mails are not being sent");
    }

    /// Waits until every job that is due has been done.
    pub async fn settle_jobs(&self) {
        for _ in 0..400 {
            if self.jobs_left().await.is_empty() {
                return;
            }
            tokio::time::sleep(Duration::from_millis(25)).await;
        }
        panic!("jobs are not being done");
    }

    async fn jobs_left(&self) -> Vec<job::Model> {
        // What is to be done tomorrow is not left over.
        let soon = self.app.clock().now() + chrono::Duration::minutes(30);
        let left = job::Entity::find()
            .filter(job::Column::Status.ne(job::Status::Done))
            .filter(job::Column::RunAt.lt(soon));
        left.all(self.app.reader()).await.unwrap()
    }

    /// Stops it. Jobs that nobody did are a defect.
    pub async fn close(mut self) {
        let left = self.jobs_left().await;
        self.is_closed = true;
        self.stop.send_replace(true);
        assert!(left.is_empty(), "jobs are left over: {left:?}");
        assert_directories_agree(&self.database_url).await;
        assert_search_agrees(&self.database_url).await;
        assert_statements_keep_to_accounts(&self.database_url).await;
        discard(self.database, &self.database_url).await;
    }
}

impl Drop for House {
    fn drop(&mut self) {
        self.stop.send_replace(true);
        assert!(
            self.is_closed || std::thread::panicking(),
            "a test has to close its house"
        );
    }
}

/// Quoted-printable soft breaks and escapes undone, so that a text can be looked for.
fn decoded(mail: &str) -> String {
    let joined = mail.replace("=\r\n", "").replace("=\n", "");
    joined.replace("=3D", "=").replace("=23", "#")
}

/// Somebody who talks to the API.
#[derive(Clone)]
pub struct Client {
    pub url: String,
    pub token: Option<String>,
    pub http: reqwest::Client,
}

impl Client {
    /// A visitor of whatever is served there.
    pub fn of(url: &str) -> Self {
        Self {
            url: url.to_owned(),
            token: None,
            http: reqwest::Client::new(),
        }
    }

    pub async fn sign_in(self, email: &str, password: &str) -> Self {
        let password = SecretString::from(password.to_owned());
        let token = muster::client::sign_in(&self.url, email, &password)
            .await
            .unwrap();
        let token = secrecy::ExposeSecret::expose_secret(&token).to_owned();
        Self {
            token: Some(token),
            ..self
        }
    }

    /// The whole answer, whatever it is.
    pub async fn send(&self, query: &str, variables: Value) -> (StatusCode, Value) {
        let mut request = self
            .http
            .post(format!("{}/graphql", self.url))
            .json(&json!({"query": query, "variables": variables}));
        if let Some(token) = &self.token {
            request = request.bearer_auth(token);
        }
        let response = request.send().await.unwrap();
        (response.status(), response.json().await.unwrap())
    }

    /// The data of an answer without errors.
    pub async fn ask(&self, query: &str, variables: Value) -> Value {
        let (_, answer) = self.send(query, variables).await;
        assert!(answer.get("errors").is_none(), "{query}\n{answer:#}");
        answer["data"].clone()
    }

    /// The code of the first top-level error.
    pub async fn refused(&self, query: &str, variables: Value) -> String {
        let (_, answer) = self.send(query, variables).await;
        let code = answer["errors"][0]["extensions"]["code"].as_str();
        code.unwrap_or_else(|| panic!("no error: {answer:#}")).to_owned()
    }

    /// Waits until it is told that its session is over, which is promised within five seconds.
    pub async fn until_shown_out(&self) {
        let begun = Instant::now();
        loop {
            let (_, answer) = self.send("{ viewer { user { id } } }", json!({})).await;
            if answer["errors"][0]["extensions"]["code"] == "SESSION_EXPIRED" {
                return;
            }
            assert!(begun.elapsed() < Duration::from_secs(5), "{answer}");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    /// Uploads a file as a browser does; answers the upload's id.
    pub async fn upload(&self, name: &str, bytes: &[u8]) -> String {
        let (id, target) = self.announce(name, bytes).await;
        assert!(self.put(&target, bytes).await.is_success());
        id
    }

    /// Announces a file; answers the upload's id and where to put it.
    pub async fn announce(&self, name: &str, bytes: &[u8]) -> (String, Value) {
        let input = json!({"purpose": "USER_IMPORT", "filename": name, "byteSize": bytes.len(), "contentType": "text/csv", "sha256": sha256(bytes)});
        let payload = self.ask("mutation($input: CreateUploadInput!) { createUpload(input: $input) { upload { id } target { url method headers { name value } } userErrors { code message } } }", json!({"input": input})).await;
        let payload = &payload["createUpload"];
        assert_eq!(payload["userErrors"], json!([]));
        (
            payload["upload"]["id"].as_str().unwrap().to_owned(),
            payload["target"].clone(),
        )
    }

    /// Puts bytes where a target says.
    pub async fn put(&self, target: &Value, bytes: &[u8]) -> StatusCode {
        let mut request = self
            .http
            .put(target["url"].as_str().unwrap())
            .body(bytes.to_vec());
        for header in target["headers"].as_array().unwrap() {
            request = request.header(
                header["name"].as_str().unwrap(),
                header["value"].as_str().unwrap(),
            );
        }
        request.send().await.unwrap().status()
    }

    /// Fetches a link.
    pub async fn get(&self, url: &str) -> (StatusCode, Vec<u8>) {
        let response = self.http.get(url).send().await.unwrap();
        (response.status(), response.bytes().await.unwrap().to_vec())
    }
}

/// Base64 of the SHA-256, as uploads are announced.
pub fn sha256(bytes: &[u8]) -> String {
    let digest = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, bytes);
    base64::engine::general_purpose::STANDARD.encode(digest.as_ref())
}
