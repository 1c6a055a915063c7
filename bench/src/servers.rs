//! Servers as processes of their own.

use std::fs::File;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use secrecy::{ExposeSecret, SecretString};

use crate::cluster::Database;
use crate::{Result, load};

/// Of every administrator of the databases made here.
pub const PASSWORD: &str = "correct horse battery staple";

/// A server that answers; it ends with this value.
pub struct Server {
    pub address: String,
    pub pid: u32,
    child: Child,
}

impl Server {
    /// Muster itself, with a data folder of its own. Nothing of this process' environment reaches it. Without a relay mails go to a folder.
    pub async fn muster(
        program: &Path,
        database: &Database,
        scratch: &Path,
        relay: Option<SocketAddr>,
    ) -> Result<Self> {
        let port = free_port()?;
        let mut command = Command::new(program);
        command
            .arg("serve")
            .arg("--listen")
            .arg(format!("127.0.0.1:{port}"))
            .arg("--data-dir")
            .arg(scratch.join(&database.name));
        if let Some(relay) = relay {
            command.arg("--smtp-url").arg(format!("smtp://{relay}"));
        }
        Self::start(
            command,
            port,
            database,
            scratch.join(format!("{}.log", database.name)),
        )
        .await
    }

    /// One of the two servers of this crate.
    pub async fn own(word: &str, database: &Database, scratch: &Path) -> Result<Self> {
        let port = free_port()?;
        let mut command = Command::new(std::env::current_exe()?);
        command.arg(word).arg("--port").arg(port.to_string());
        Self::start(command, port, database, scratch.join(format!("{word}.log"))).await
    }

    async fn start(mut command: Command, port: u16, database: &Database, log: PathBuf) -> Result<Self> {
        let child = command
            .env_clear()
            .env("DATABASE_URL", &database.url)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(File::create(&log)?)
            .spawn()?;
        let server = Self {
            address: format!("127.0.0.1:{port}"),
            pid: child.id(),
            child,
        };
        load::wait_for(&server.address, &log).await?;
        Ok(server)
    }

    /// An access token for Muster.
    pub async fn sign_in(&self, email: &str) -> Result<String> {
        let base = format!("http://{}/", self.address);
        let token = muster::client::sign_in(&base, email, &SecretString::from(PASSWORD)).await?;
        Ok(token.expose_secret().to_owned())
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // What has ended already need not be told.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Brings a database's schema up to date.
pub fn migrate(program: &Path, database: &Database) -> Result<()> {
    let status = Command::new(program)
        .arg("migrate")
        .env_clear()
        .env("DATABASE_URL", &database.url)
        .status()?;
    if status.success() {
        Ok(())
    } else {
        Err("the schema could not be made".into())
    }
}

fn free_port() -> Result<u16> {
    let listener = std::net::TcpListener::bind("127.0.0.1:0")?;
    Ok(listener.local_addr()?.port())
}
