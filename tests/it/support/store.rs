//! An object store outside the server's process, and a way to it that can be cut.

use std::any::Any;
use std::net::{Ipv4Addr, SocketAddr};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use muster::config::Config;
use muster::platform::storage::{Credentials, Embedded};

use super::wire::Wire;

const BUCKET: &str = "muster-files";

pub struct Store {
    pub wire: Wire,
    credentials: Credentials,
    /// What the store lives by.
    _kept: Box<dyn Any + Send + Sync>,
}

/// Ends with the test.
struct Moto(Child);

impl Drop for Moto {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

impl Store {
    /// The project's own, behind a listener of its own.
    pub async fn own() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let listener = tokio::net::TcpListener::bind((Ipv4Addr::LOCALHOST, 0))
            .await
            .unwrap();
        let address = listener.local_addr().unwrap();
        let embedded = Embedded::open(folder.path(), BUCKET).unwrap();
        let router = embedded.router();
        tokio::spawn(async move { axum::serve(listener, router).await });
        Self {
            wire: Wire::to(address).await,
            credentials: embedded.credentials().clone(),
            _kept: Box::new((folder, embedded)),
        }
    }

    /// One that nobody here wrote.
    pub async fn moto() -> Self {
        let program = std::env::var("MUSTER_TEST_MOTO")
            .expect("MUSTER_TEST_MOTO names a moto_server; `make test` installs one");
        let free = std::net::TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let address: SocketAddr = free.local_addr().unwrap();
        drop(free);
        let child = Command::new(program)
            .args(["-H", "127.0.0.1", "-p", &address.port().to_string()])
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let moto = Moto(child);
        let bucket = format!("http://{address}/{BUCKET}");
        for _ in 0..300 {
            let made = reqwest::Client::new().put(&bucket).send().await;
            if made.is_ok_and(|answer| answer.status().is_success()) {
                break;
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        Self {
            wire: Wire::to(address).await,
            credentials: Credentials {
                access_key: "testing".into(),
                secret: "testing".to_owned().into(),
            },
            _kept: Box::new(moto),
        }
    }

    /// Has a server keep its files here.
    pub fn configure(&self, config: &mut Config) {
        let objects = &mut config.objects;
        objects.s3_bucket = Some(BUCKET.into());
        objects.s3_endpoint = Some(format!("http://{}", self.wire.address).parse().unwrap());
        objects.s3_access_key = Some(self.credentials.access_key.clone());
        objects.s3_secret_key = Some(self.credentials.secret.clone());
        objects.s3_path_style = true;
    }
}
