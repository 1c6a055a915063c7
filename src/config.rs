//! Configuration: flags, environment, and for secrets files. One struct a section; what is secret prints as redacted.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;

use secrecy::{ExposeSecret, SecretString};
use url::Url;

use crate::background::retention::Retention;
use crate::error::{Error, Result};
use crate::platform::db::DbSettings;
use crate::platform::secrets::{MASTER_KEY_LENGTH, Secrets};
use crate::platform::storage::{Credentials, StorageConfig};
use graphql::wire::Introspection;

/// Everything a server or worker goes by.
#[derive(clap::Args, Clone, Debug)]
pub struct Config {
    /// Where the embedded parts keep their data: database, objects, mails, key.
    #[arg(long, env = "MUSTER_DATA_DIR", default_value = "./data")]
    pub data_dir: PathBuf,
    /// `postgres://…` or `sqlite://path`. Without it: a SQLite file in the data directory.
    #[arg(long, env = "DATABASE_URL", hide_env_values = true)]
    pub database_url: Option<SecretString>,
    /// Connections to PostgreSQL at the most; two more listen and ask whether it answers. At least six are opened.
    #[arg(long, env = "MUSTER_DATABASE_CONNECTIONS", default_value_t = 20)]
    pub database_connections: u32,
    #[command(flatten)]
    pub database_limits: DatabaseLimits,
    /// The master key: 32 bytes in base64. Every replica needs the same. Without it: a file in the data directory, made when absent.
    #[arg(long, env = "MUSTER_SECRET_KEY", hide_env_values = true)]
    pub secret_key: Option<SecretString>,
    /// A file with the master key.
    #[arg(long, env = "MUSTER_SECRET_KEY_FILE")]
    pub secret_key_file: Option<PathBuf>,
    /// Master keys used before, separated by commas: they open what was sealed under them, and nothing else.
    #[arg(
        long,
        env = "MUSTER_FORMER_SECRET_KEYS",
        hide_env_values = true,
        value_delimiter = ','
    )]
    pub former_secret_keys: Vec<SecretString>,
    /// A file with master keys used before, one a line.
    #[arg(long, env = "MUSTER_FORMER_SECRET_KEYS_FILE")]
    pub former_secret_keys_file: Option<PathBuf>,
    /// Seconds a worker may be silent before its job goes to another.
    #[arg(long, env = "MUSTER_JOB_LEASE_SECONDS", default_value_t = 30)]
    pub job_lease_seconds: u32,
    #[command(flatten)]
    pub retention: Kept,
    #[command(flatten)]
    pub web: Web,
    #[command(flatten)]
    pub objects: Objects,
    #[command(flatten)]
    pub mail: Mail,
    #[command(flatten)]
    pub outside: Outside,
}

/// How long history is kept. A daily job clears away what is older.
#[derive(clap::Args, Clone, Copy, Debug)]
pub struct Kept {
    /// Days the rows of a finished import are kept.
    #[arg(long, env = "MUSTER_KEEP_IMPORT_ROWS_DAYS", default_value_t = 30, value_parser = clap::value_parser!(u32).range(1..=3_650))]
    pub keep_import_rows_days: u32,
    /// Days the text of a sent mail is kept.
    #[arg(long, env = "MUSTER_KEEP_MAIL_TEXTS_DAYS", default_value_t = 7, value_parser = clap::value_parser!(u32).range(1..=3_650))]
    pub keep_mail_texts_days: u32,
    /// Days sent mails, finished jobs, ended sessions and notifications are kept.
    #[arg(long, env = "MUSTER_KEEP_HISTORY_DAYS", default_value_t = 90, value_parser = clap::value_parser!(u32).range(1..=3_650))]
    pub keep_history_days: u32,
    /// Days it is kept what people used of products, day by day, and the sums of it.
    #[arg(long, env = "MUSTER_KEEP_USAGE_DAYS", default_value_t = 800, value_parser = clap::value_parser!(u32).range(1..=3_650))]
    pub keep_usage_days: u32,
}

impl Kept {
    pub fn terms(self) -> Retention {
        Retention {
            import_rows: self.keep_import_rows_days,
            mail_bodies: self.keep_mail_texts_days,
            history: self.keep_history_days,
            usage: self.keep_usage_days,
        }
    }
}

/// How long anything may take in the database. PostgreSQL keeps these limits itself; SQLite has none of them but the file's own.
#[derive(clap::Args, Clone, Debug)]
pub struct DatabaseLimits {
    /// Milliseconds a request waits for a connection, or for PostgreSQL to say anything, before it is answered UNAVAILABLE.
    #[arg(long, env = "MUSTER_DATABASE_ACQUIRE_MILLISECONDS", default_value_t = 800, value_parser = clap::value_parser!(u64).range(1..))]
    pub database_acquire_milliseconds: u64,
    /// Seconds a statement of a request may take; those in the background may take four times as long.
    #[arg(long, env = "MUSTER_DATABASE_STATEMENT_SECONDS", default_value_t = 30, value_parser = clap::value_parser!(u64).range(1..))]
    pub database_statement_seconds: u64,
    /// Seconds a statement of a request may wait for a lock before it is answered BUSY; those in the background may wait four times as long.
    #[arg(long, env = "MUSTER_DATABASE_LOCK_SECONDS", default_value_t = 5, value_parser = clap::value_parser!(u64).range(1..))]
    pub database_lock_seconds: u64,
    /// Seconds a transaction may pause between two statements.
    #[arg(long, env = "MUSTER_DATABASE_IDLE_SECONDS", default_value_t = 60, value_parser = clap::value_parser!(u64).range(1..))]
    pub database_idle_seconds: u64,
}

/// Where we are served.
#[derive(clap::Args, Clone, Debug)]
pub struct Web {
    /// Address and port to listen on; port 0 takes a free one.
    #[arg(long, env = "MUSTER_LISTEN", default_value = "127.0.0.1:8080")]
    pub listen: SocketAddr,
    /// The address people type. Links in mails, tokens and cookies go by it. Without it: the listening address.
    #[arg(long, env = "MUSTER_PUBLIC_URL")]
    pub public_url: Option<Url>,
    /// Origins of other pages that may use the API from a browser, separated by commas.
    #[arg(long, env = "MUSTER_ALLOWED_ORIGINS", value_delimiter = ',')]
    pub allowed_origins: Vec<String>,
    /// One proxy of ours stands in front and appends to X-Forwarded-For.
    #[arg(long, env = "MUSTER_BEHIND_PROXY", value_parser = clap::builder::FalseyValueParser::new())]
    pub behind_proxy: bool,
    /// Who may read the schema over GraphQL, and gets GraphiQL: off (nobody), signed-in, or everybody.
    #[arg(long, env = "MUSTER_INTROSPECTION", default_value = "signed-in")]
    pub introspection: Introspection,
}

/// Where files are kept. Without a bucket: an S3 in this process, in the data directory.
#[derive(clap::Args, Clone, Debug)]
pub struct Objects {
    #[arg(long, env = "S3_BUCKET")]
    pub s3_bucket: Option<String>,
    /// Without it: AWS.
    #[arg(long, env = "S3_ENDPOINT")]
    pub s3_endpoint: Option<Url>,
    /// Where browsers reach the store, when that is another address.
    #[arg(long, env = "S3_PUBLIC_URL")]
    pub s3_public_url: Option<Url>,
    #[arg(long, env = "S3_REGION", default_value = "us-east-1")]
    pub s3_region: String,
    /// Without a key pair: the machine's own AWS identity.
    #[arg(long, env = "S3_ACCESS_KEY")]
    pub s3_access_key: Option<String>,
    #[arg(long, env = "S3_SECRET_KEY", hide_env_values = true)]
    pub s3_secret_key: Option<SecretString>,
    /// `https://store/bucket/key` instead of `https://bucket.store/key`.
    #[arg(long, env = "S3_PATH_STYLE", value_parser = clap::builder::FalseyValueParser::new())]
    pub s3_path_style: bool,
}

/// How mails leave. Without an SMTP address: files in the data directory.
#[derive(clap::Args, Clone, Debug)]
pub struct Mail {
    /// `smtps://user:password@host`, `smtp+starttls://…`, or `smtp://…` without TLS.
    #[arg(long, env = "SMTP_URL", hide_env_values = true)]
    pub smtp_url: Option<SecretString>,
    /// Seconds sending one mail may take altogether, from connecting to the relay's last answer.
    #[arg(long, env = "MUSTER_MAIL_SECONDS", default_value_t = 60, value_parser = clap::value_parser!(u32).range(1..=3600))]
    pub mail_seconds: u32,
    /// The sender.
    #[arg(
        long,
        env = "MUSTER_MAIL_FROM",
        default_value = "Muster <muster@localhost.localdomain>"
    )]
    pub mail_from: String,
    /// Where requests for support go. Without it: to the sender.
    #[arg(long, env = "MUSTER_SUPPORT_ADDRESS")]
    pub support_address: Option<String>,
}

impl Mail {
    /// Where requests for support go: an address and nothing around it.
    pub fn support_address(&self) -> Result<String> {
        let given = self.support_address.as_deref().unwrap_or(&self.mail_from);
        Ok(crate::platform::mail::bare_address(given)?)
    }
}

/// How we reach other people's servers.
#[derive(clap::Args, Clone, Debug)]
pub struct Outside {
    /// Address and port of the DNS server to ask. Without it: those of the machine.
    #[arg(long, env = "MUSTER_DNS_SERVER")]
    pub dns_server: Option<SocketAddr>,
    /// For development: identity providers may be reached over plain http, on this machine and in private networks. Refused in production.
    #[arg(long, env = "MUSTER_ALLOW_PRIVATE_IDENTITY_PROVIDERS", value_parser = clap::builder::FalseyValueParser::new())]
    pub allow_private_identity_providers: bool,
}

impl Config {
    pub fn database_url(&self) -> String {
        match &self.database_url {
            Some(url) => url.expose_secret().to_owned(),
            None => format!("sqlite://{}", self.data_dir.join("muster.sqlite").display()),
        }
    }

    pub fn database(&self) -> DbSettings {
        let limits = &self.database_limits;
        DbSettings {
            connections: self.database_connections,
            acquire_within: Duration::from_millis(limits.database_acquire_milliseconds),
            statement_within: Duration::from_secs(limits.database_statement_seconds),
            lock_within: Duration::from_secs(limits.database_lock_seconds),
            idle_within: Duration::from_secs(limits.database_idle_seconds),
        }
    }

    /// The master key, with those used before it.
    pub fn secrets(&self) -> Result<Secrets> {
        let mut former = Vec::new();
        for key in &self.former_secret_keys {
            former.push(Secrets::from_base64(key.expose_secret())?);
        }
        if let Some(file) = &self.former_secret_keys_file {
            let text = SecretString::from(std::fs::read_to_string(file).map_err(Error::internal)?);
            let lines = text.expose_secret().lines().map(str::trim);
            for line in lines.filter(|line| !line.is_empty()) {
                former.push(Secrets::from_base64(line)?);
            }
        }
        Ok(self.present_secrets()?.remembering(former))
    }

    /// The master key. One made here is written before it is used, so that tokens outlive a restart.
    fn present_secrets(&self) -> Result<Secrets> {
        if let Some(key) = &self.secret_key {
            return Ok(Secrets::from_base64(key.expose_secret())?);
        }
        let file = self
            .secret_key_file
            .clone()
            .unwrap_or_else(|| self.data_dir.join("secret.key"));
        if !file.exists() && self.secret_key_file.is_none() {
            make_key(&file)?;
        }
        let text = std::fs::read_to_string(&file).map_err(Error::internal)?;
        Ok(Secrets::from_base64(&text)?)
    }

    /// The configured store; `None`: the embedded one.
    pub fn storage(&self) -> Option<StorageConfig> {
        let objects = &self.objects;
        let credentials = objects.s3_access_key.clone().zip(objects.s3_secret_key.clone());
        Some(StorageConfig {
            endpoint: objects.s3_endpoint.clone(),
            public_url: objects.s3_public_url.clone(),
            region: objects.s3_region.clone(),
            bucket: objects.s3_bucket.clone()?,
            credentials: credentials.map(|(access_key, secret)| Credentials { access_key, secret }),
            force_path_style: objects.s3_path_style,
        })
    }

    /// A server that others reach must not run on parts meant for trying things out.
    pub fn check(&self) -> Result<()> {
        for origin in &self.web.allowed_origins {
            let parsed = origin.parse::<Url>();
            let is_origin = parsed.is_ok_and(|url| url.origin().ascii_serialization() == *origin);
            // A host may have a star in it for the parser; browsers send none.
            if !is_origin || origin.contains('*') {
                return Err(Error::BadInput(format!(
                    "MUSTER_ALLOWED_ORIGINS: {origin:?} is no origin. Write scheme, host and port as a browser does: https://console.example.com"
                )));
            }
        }
        let is_public = self
            .web
            .public_url
            .as_ref()
            .is_some_and(|url| url.scheme() == "https");
        if !is_public {
            return Ok(());
        }
        let mut missing = Vec::new();
        if self
            .database_url
            .as_ref()
            .is_none_or(|url| url.expose_secret().starts_with("sqlite:"))
        {
            missing.push("DATABASE_URL (PostgreSQL)");
        }
        if self.secret_key.is_none() && self.secret_key_file.is_none() {
            missing.push("MUSTER_SECRET_KEY or MUSTER_SECRET_KEY_FILE");
        }
        if self.objects.s3_bucket.is_none() {
            missing.push("S3_BUCKET");
        }
        if self.mail.smtp_url.is_none() {
            missing.push("SMTP_URL");
        }
        if self.outside.allow_private_identity_providers {
            return Err(Error::BadInput(
                "MUSTER_PUBLIC_URL is an https address, so this is production; MUSTER_ALLOW_PRIVATE_IDENTITY_PROVIDERS would let administrators \
                 send requests into the network behind it, and is refused."
                    .into(),
            ));
        }
        if missing.is_empty() {
            return Ok(());
        }
        Err(Error::BadInput(format!(
            "MUSTER_PUBLIC_URL is an https address, so this is production; it needs {}.",
            missing.join(", ")
        )))
    }
}

/// Several processes may start on one directory at once: whoever links first has made the key.
fn make_key(file: &Path) -> Result<()> {
    use base64::Engine;
    use std::io::Write;
    use std::os::unix::fs::OpenOptionsExt;

    let mut key = [0; MASTER_KEY_LENGTH];
    aws_lc_rs::rand::fill(&mut key).map_err(|_| Error::internal("no randomness"))?;
    let text = base64::engine::general_purpose::STANDARD.encode(key);
    let folder = file.parent().unwrap_or(Path::new("."));
    std::fs::create_dir_all(folder).map_err(Error::internal)?;
    let draft = folder.join(format!("secret.key.{}", std::process::id()));
    let mut written = std::fs::OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(true)
        .mode(0o600)
        .open(&draft)
        .map_err(Error::internal)?;
    written
        .write_all(text.as_bytes())
        .and_then(|()| written.sync_all())
        .map_err(Error::internal)?;
    let linked = std::fs::hard_link(&draft, file);
    std::fs::remove_file(&draft).map_err(Error::internal)?;
    match linked {
        Err(error) if error.kind() != std::io::ErrorKind::AlreadyExists => Err(Error::internal(error)),
        _ => Ok(()),
    }
}
