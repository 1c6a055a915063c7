//! A Muster without a listener and without a worker, for tests that start one themselves.

use std::time::{Duration, Instant};

use entity::account::Plan;
use entity::{job, mail};
use muster::access::{Action, Actor};
use muster::admin::CreateAccount;
use muster::app::App;
use muster::background::jobs::{self, Kind};
use muster::background::outbox::{self, Letter, Mail};
use muster::command::{Command, Record, Work};
use muster::config::Config;
use muster::error::Result;
use muster::person::EmailAddress;
use muster::platform::clock::Clock;
use muster::server;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
use tempfile::TempDir;
use uuid::Uuid;

use crate::support::{Database, House, PASSWORD, discard, fresh};

pub struct Quiet {
    pub app: App,
    pub config: Config,
    pub database: Database,
    pub url: String,
    folder: TempDir,
}

impl Quiet {
    pub async fn open(database: Database, change: impl FnOnce(&mut Config)) -> Self {
        let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
        let folder = tempfile::tempdir().unwrap();
        let url = fresh(database, folder.path()).await;
        let mut config = House::config(&folder, &url);
        change(&mut config);
        Self {
            app: server::operator_app(&config).await.unwrap(),
            config,
            database,
            url,
            folder,
        }
    }

    /// Another process on the same database.
    pub async fn another(&self) -> App {
        server::operator_app(&self.config).await.unwrap()
    }

    /// The same, on a machine whose clock is wrong.
    pub async fn another_with(&self, clock: Clock) -> App {
        server::operator_app_with(&self.config, clock).await.unwrap()
    }

    pub async fn account(&self, slug: &str) -> Uuid {
        let email = EmailAddress::parse(&format!("admin@{slug}.example")).unwrap();
        let command = CreateAccount::new(slug, slug, Plan::Standard, email, PASSWORD.to_owned().into());
        self.app.run(&Actor::Operator, command).await.unwrap().0.id
    }

    pub async fn write(&self, account_id: Uuid, addresses: &[String]) {
        let mails = addresses.iter().map(|address| Mail {
            key: format!("tests:{}", Uuid::new_v4()),
            to_address: address.clone(),
            to_name: None,
            letter: Letter::ProductConfirmation {
                account_name: "Acme".into(),
                products: vec!["Draw".into()],
            },
        });
        let put = Put {
            account_id,
            mails: mails.collect(),
            jobs: Vec::new(),
        };
        self.app.run(&Actor::Operator, put).await.unwrap();
    }

    /// One mail that tells what `key` says.
    pub async fn write_under(&self, key: &str, account_id: Uuid, address: &str) {
        let mail = Mail {
            key: key.into(),
            to_address: address.into(),
            to_name: None,
            letter: Letter::ProductConfirmation {
                account_name: "Acme".into(),
                products: vec!["Draw".into()],
            },
        };
        let put = Put {
            account_id,
            mails: vec![mail],
            jobs: Vec::new(),
        };
        self.app.run(&Actor::Operator, put).await.unwrap();
    }

    /// Mails that went out, and what else lies in their folder.
    pub fn mail_files(&self) -> usize {
        std::fs::read_dir(self.folder.path().join("mail"))
            .unwrap()
            .count()
    }

    pub async fn enqueue(&self, account_id: Uuid, subjects: &[Uuid]) {
        let put = Put {
            account_id,
            mails: Vec::new(),
            jobs: subjects.to_vec(),
        };
        self.app.run(&Actor::Operator, put).await.unwrap();
    }

    pub async fn mails(&self) -> Vec<mail::Model> {
        mail::Entity::find().all(self.app.reader()).await.unwrap()
    }

    pub async fn mail_to(&self, address: &str) -> mail::Model {
        let found = mail::Entity::find().filter(mail::Column::ToAddress.eq(address));
        found.one(self.app.reader()).await.unwrap().unwrap()
    }

    pub async fn jobs(&self) -> Vec<job::Model> {
        job::Entity::find().all(self.app.reader()).await.unwrap()
    }

    pub async fn close(self) {
        drop(self.app);
        discard(self.database, &self.url).await;
    }
}

/// Mails and jobs of an account, as a command writes them.
struct Put {
    account_id: Uuid,
    mails: Vec<Mail>,
    jobs: Vec<Uuid>,
}

impl Command for Put {
    type Output = ();
    const NAME: &'static str = "tests.put";
    const RECORD: Record = Record::Nothing;

    fn action(&self) -> Action {
        Action::Operate
    }

    async fn apply(self, work: &mut Work) -> Result<()> {
        outbox::write(work, self.account_id, self.mails).await?;
        for subject in self.jobs {
            jobs::enqueue(work, Kind::Import, self.account_id, subject).await?;
        }
        Ok(())
    }
}

/// Waits until something holds, and fails when it does not within so long.
pub async fn within(limit: Duration, what: &str, holds: impl AsyncFn() -> bool) {
    let begun = Instant::now();
    while !holds().await {
        assert!(begun.elapsed() < limit, "{what}: not within {limit:?}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}
