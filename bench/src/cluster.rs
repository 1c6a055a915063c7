//! The PostgreSQL that is measured with: databases of our own in it, and what it was set to.

use sqlx::postgres::{PgConnectOptions, PgConnection, PgPool, PgPoolOptions};
use sqlx::{AssertSqlSafe, ConnectOptions, Connection};
use std::str::FromStr;

use crate::Result;

/// As many as Muster opens for reading, so that no target waits less for a connection than another.
const CONNECTIONS: u32 = 10;

pub struct Cluster {
    options: PgConnectOptions,
    /// Parent of every process that answers a connection; `None` when the server is on another machine.
    pub postmaster: Option<u32>,
}

/// A database that is there as long as this run.
pub struct Database {
    pub name: String,
    pub url: String,
}

impl Database {
    pub async fn connection(&self) -> Result<PgConnection> {
        Ok(PgConnection::connect(&self.url).await?)
    }
}

/// The connections of a target.
pub async fn pool(url: &str) -> Result<PgPool> {
    Ok(PgPoolOptions::new()
        .max_connections(CONNECTIONS)
        .connect(url)
        .await?)
}

impl Cluster {
    pub async fn connect(url: &str) -> Result<Self> {
        let options = PgConnectOptions::from_str(url)?;
        let mut connection = options.connect().await?;
        let backend: i32 = sqlx::query_scalar("SELECT pg_backend_pid()")
            .fetch_one(&mut connection)
            .await?;
        let postmaster = u32::try_from(backend).ok().and_then(crate::cpu::parent);
        Ok(Self { options, postmaster })
    }

    /// Makes a database: an empty one, or a copy of one that nobody is connected to.
    pub async fn create(&self, word: &str, copied: Option<&Database>) -> Result<Database> {
        let name = format!("muster_bench_{}_{word}", std::process::id());
        let template = copied.map_or("template0", |database| database.name.as_str());
        self.execute(format!("CREATE DATABASE {name} TEMPLATE {template}"))
            .await?;
        let url = self.options.clone().database(&name).to_url_lossy().to_string();
        Ok(Database { name, url })
    }

    pub async fn drop(&self, database: Database) -> Result<()> {
        self.execute(format!("DROP DATABASE {} WITH (FORCE)", database.name))
            .await
    }

    /// Commits as a production server does: on the disk before they are told.
    pub async fn make_durable(&self) -> Result<()> {
        for setting in ["fsync", "synchronous_commit", "full_page_writes"] {
            self.execute(format!("ALTER SYSTEM SET {setting} = on")).await?;
        }
        self.execute("SELECT pg_reload_conf()".to_owned()).await?;
        self.execute("CHECKPOINT".to_owned()).await
    }

    /// Version and settings, for the reader of the figures.
    pub async fn description(&self) -> Result<String> {
        let mut connection = self.options.connect().await?;
        let sql = "SELECT name || ' ' || current_setting(name) FROM pg_settings WHERE name IN \
                   ('server_version', 'shared_buffers', 'fsync', 'synchronous_commit', 'full_page_writes') ORDER BY name = 'server_version' DESC, name";
        let settings: Vec<String> = sqlx::query_scalar(sql).fetch_all(&mut connection).await?;
        Ok(settings.join(", "))
    }

    async fn execute(&self, sql: String) -> Result<()> {
        let mut connection = self.options.connect().await?;
        sqlx::raw_sql(AssertSqlSafe(sql)).execute(&mut connection).await?;
        Ok(())
    }
}

/// Runs a script as one transaction.
pub async fn run_script(connection: &mut PgConnection, script: &'static str) -> Result<()> {
    let mut transaction = connection.begin().await?;
    sqlx::raw_sql(script).execute(&mut *transaction).await?;
    transaction.commit().await?;
    Ok(())
}

/// Gives everybody who can sign in the same password.
pub async fn set_password(connection: &mut PgConnection, password: &str) -> Result<()> {
    let hash = muster::sessions::password::hash(password.into())
        .await
        .map_err(|error| format!("{error:?}"))?;
    sqlx::query("UPDATE identities SET password_hash = $1")
        .bind(hash)
        .execute(connection)
        .await?;
    Ok(())
}
