//! A change that was answered survives the database's server; one that is not known to have done so is not answered.

use std::path::PathBuf;
use std::process::Command as Process;
use std::time::{Duration, Instant};

use entity::account::Plan;
use entity::mail::Status;
use entity::{account, mail};
use muster::access::{Action, Actor};
use muster::admin::CreateAccount;
use muster::app::App;
use muster::background::worker;
use muster::command::{Command, Record, Work};
use muster::error::{Error, Result};
use muster::jobs::carry_out;
use muster::person::EmailAddress;
use muster::platform::db::Db;
use muster::platform::events::Wake;
use muster::server;
use rstest::rstest;
use sea_orm::sea_query::Expr;
use sea_orm::{
    ColumnTrait, ConnectionTrait, DatabaseConnection, EntityTrait, PaginatorTrait, QueryFilter, UpdateMany,
};
use tempfile::TempDir;
use tokio::sync::watch;

use super::support::{Quiet, within};
use crate::support::{Database, House, PASSWORD};

/// A PostgreSQL of the test's own, whose disk gets nothing before somebody waits for it.
struct Cluster {
    folder: TempDir,
    url: String,
}

impl Cluster {
    async fn start() -> Self {
        let folder = tempfile::tempdir().unwrap();
        // The server's own user must be able to get into it.
        Process::new("chmod")
            .arg("755")
            .arg(folder.path())
            .status()
            .unwrap();
        let script = Process::new(script())
            .arg("start")
            .arg(folder.path().join("cluster"))
            .output()
            .unwrap();
        assert!(script.status.success(), "{script:?}");
        let url = String::from_utf8(script.stdout).unwrap().trim().to_owned();
        let cluster = Self { folder, url };
        let connection = cluster.connect().await;
        for setting in ["synchronous_commit = on", "wal_writer_delay = '10s'"] {
            run(&connection, &format!("ALTER SYSTEM SET {setting}")).await;
        }
        run(&connection, "SELECT pg_reload_conf()").await;
        cluster
    }

    async fn connect(&self) -> DatabaseConnection {
        sea_orm::Database::connect(&self.url).await.unwrap()
    }

    /// Has one of the server's processes die of a signal: the server ends all others, and begins anew with what is on the disk.
    async fn crash(&self) {
        let connection = self.connect().await;
        let asked =
            sea_orm::Statement::from_string(connection.get_database_backend(), "SELECT pg_backend_pid()");
        let row = connection.query_one_raw(asked).await.unwrap().unwrap();
        let pid: i32 = row.try_get_by_index(0).unwrap();
        let killed = Process::new("kill")
            .args(["-9", &pid.to_string()])
            .status()
            .unwrap();
        assert!(killed.success());
        // Until it has noticed, it lets others in.
        tokio::time::sleep(Duration::from_secs(1)).await;
        within(Duration::from_secs(20), "the server is there again", async || {
            sea_orm::Database::connect(&self.url).await.is_ok()
        })
        .await;
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        let _ = Process::new(script())
            .arg("stop")
            .arg(self.folder.path().join("cluster"))
            .output();
    }
}

fn script() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("scripts/postgres.sh")
}

#[expect(clippy::disallowed_methods, reason = "the server's settings are no rows")]
async fn run(connection: &DatabaseConnection, sql: &str) {
    connection.execute_unprepared(sql).await.unwrap();
}

async fn add_account(app: &App, slug: &str) {
    let email = EmailAddress::parse(&format!("admin@{slug}.example")).unwrap();
    let command = CreateAccount::new(slug, slug, Plan::Standard, email, PASSWORD.to_owned().into());
    app.run(&Actor::Operator, command).await.unwrap();
}

async fn has_account(app: &App, slug: &str) -> bool {
    let found = account::Entity::find().filter(account::Column::Slug.eq(slug));
    found.count(app.reader()).await.unwrap() == 1
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_answered_survives_a_crash_of_the_databases_server() {
    let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
    let cluster = Cluster::start().await;
    let folder = tempfile::tempdir().unwrap();
    let config = House::config(&folder, &cluster.url);
    let db = Db::connect(&cluster.url, 4).await.unwrap();
    db.migrate().await.unwrap();
    let seen_all = server::operator_app(&config).await.unwrap();
    add_account(&seen_all, "first").await;
    for round in 0..3 {
        let slug = format!("round-{round}");
        add_account(&server::operator_app(&config).await.unwrap(), &slug).await;
        // Seen by others, on no disk, and promised to nobody.
        let connection = cluster.connect().await;
        let nobody_waits =
            format!("BEGIN; SET LOCAL synchronous_commit = off; CREATE TABLE lost_{round} (id int); COMMIT");
        run(&connection, &nobody_waits).await;
        cluster.crash().await;

        let app = server::operator_app(&config).await.unwrap();
        assert!(has_account(&app, "first").await);
        assert!(has_account(&app, &slug).await, "round {round}");
        let lost = sea_orm::Statement::from_string(
            app.reader().backend(),
            format!("SELECT to_regclass('lost_{round}') IS NULL"),
        );
        let row = app.reader().query_one_raw(lost).await.unwrap().unwrap();
        assert!(
            row.try_get_by_index::<bool>(0).unwrap(),
            "the crash took away what nobody waited for, or this test shows nothing"
        );
    }
    // The process that saw the crashes goes on by itself.
    within(Duration::from_secs(5), "commands run again", async || {
        let email = EmailAddress::parse("admin@later.example").unwrap();
        let command = CreateAccount::new(
            "later",
            "later",
            Plan::Standard,
            email,
            PASSWORD.to_owned().into(),
        );
        seen_all.run(&Actor::Operator, command).await.is_ok()
    })
    .await;
    assert!(has_account(&seen_all, "later").await);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_promise_of_a_connection_that_broke_is_not_kept() {
    let quiet = Quiet::open(Database::Postgres, |_| {}).await;
    let db = Db::connect(&quiet.url, 4).await.unwrap();
    let kept = db.promise().await.unwrap();
    db.settle(kept, Vec::new()).await.unwrap();

    let broken = db.promise().await.unwrap();
    let ended = sea_orm::Statement::from_string(
        db.backend(),
        "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'muster durability'",
    );
    db.reader(muster::platform::db::Lane::Requests)
        .query_one_raw(ended)
        .await
        .unwrap();
    let settled = db.settle(broken, Vec::new()).await;
    assert!(
        matches!(settled.map_err(Error::from), Err(Error::Unavailable(_))),
        "it is not known"
    );

    // Nor does another connection keep it, which knows nothing of what was committed before.
    let anew = db.promise().await.unwrap();
    assert!(db.settle(broken, Vec::new()).await.is_err());
    db.settle(anew, Vec::new()).await.unwrap();
    quiet.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_mail_told_before_is_not_handed_over_again_and_many_take_their_turns() {
    let quiet = Quiet::open(Database::Postgres, |_| {}).await;
    let acme = quiet.account("acme").await;
    let (stop, stopped) = watch::channel(false);
    let working = tokio::spawn(worker::work(quiet.app.clone(), carry_out, stopped));
    // An attempt is counted when a mail is written for its holder's hands, or when it is found.
    let handed = async |address: &str| quiet.mail_to(address).await.attempts == 1;
    within(Duration::from_secs(5), "mails are handed over", async || {
        let address = format!("{}@acme.example", uuid::Uuid::new_v4());
        quiet.write(acme, std::slice::from_ref(&address)).await;
        handed(&address).await
    })
    .await;
    let twelve: Vec<String> = (0..12)
        .map(|number| format!("many{number}@acme.example"))
        .collect();
    quiet.write(acme, &twelve).await;
    within(Duration::from_secs(10), "all are sent", async || {
        let unsent = mail::Entity::find().filter(mail::Column::Status.ne(Status::Sent));
        unsent.count(quiet.app.reader()).await.unwrap() == 0
    })
    .await;
    for mail in quiet.mails().await {
        assert_eq!(mail.attempts, 1, "{mail:?}");
        assert_eq!(mail.lease_until, None, "{mail:?}");
    }

    // The same key once more: told already, whoever has it in hand.
    let before = quiet.mails().await.len();
    quiet.write_under("tests:told", acme, "told@acme.example").await;
    quiet.write_under("tests:told", acme, "again@acme.example").await;
    within(Duration::from_secs(10), "it is sent", async || {
        quiet.mail_to("told@acme.example").await.status == Status::Sent
    })
    .await;
    let after = quiet.mails().await;
    assert_eq!(after.len(), before + 1);
    assert!(after.iter().all(|mail| mail.to_address != "again@acme.example"));
    stop.send_replace(true);
    working.await.unwrap();
    assert_eq!(
        quiet.mail_files(),
        after.len(),
        "a file for each row and no other"
    );

    // Nobody takes mails in hand any more: they wait for whoever comes next.
    quiet.write(acme, &["late@acme.example".into()]).await;
    assert!(!handed("late@acme.example").await);
    quiet.close().await;
}

/// Holds the account and does not get on.
struct Dawdle;

impl Command for Dawdle {
    type Output = ();
    const NAME: &'static str = "tests.dawdle";
    const RECORD: Record = Record::Nothing;

    fn action(&self) -> Action {
        Action::Operate
    }

    async fn apply(self, work: &mut Work) -> Result<()> {
        let everybody =
            account::Entity::update_many().col_expr(account::Column::Name, Expr::value("Dawdled"));
        work.update(everybody).await?;
        std::future::pending().await
    }
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn what_nobody_waits_for_any_more_is_taken_back_at_once(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let quiet = Quiet::open(database, |_| {}).await;
    let acme = quiet.account("acme").await;
    for _ in 0..20 {
        let app = quiet.app.clone();
        let dawdling = tokio::spawn(async move { app.run(&Actor::Operator, Dawdle).await });
        tokio::time::sleep(Duration::from_millis(50)).await;
        dawdling.abort();
        let _ = dawdling.await;
    }
    let begun = Instant::now();
    let renamed = account::Entity::update_many().col_expr(account::Column::Name, Expr::value("Renamed"));
    quiet.app.run(&Actor::Operator, Rename(renamed)).await.unwrap();
    assert!(begun.elapsed() < Duration::from_secs(2), "{:?}", begun.elapsed());
    let found = account::Entity::find_by_id(acme)
        .one(quiet.app.reader())
        .await
        .unwrap()
        .unwrap();
    assert_eq!(found.name, "Renamed");
    quiet.close().await;
}

/// Is not waited for, and wakes somebody all the same.
struct Wakes;

impl Command for Wakes {
    type Output = ();
    const NAME: &'static str = "tests.wakes";
    const RECORD: Record = Record::Nothing;
    const IS_WAITED_FOR: bool = false;

    fn action(&self) -> Action {
        Action::Operate
    }

    async fn apply(self, work: &mut Work) -> Result<()> {
        work.wake(Wake::Jobs);
        Ok(())
    }
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_waited_for_wakes_others_all_the_same(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let quiet = Quiet::open(database, |_| {}).await;
    let mut listener = quiet.app.events().subscribe();
    let heard = async { while listener.next().await != Some(Wake::Jobs) {} };
    // The connection that listens may still be on its way: a wake is tried until one is heard, and none is heard that was not sent.
    let waking = async {
        loop {
            quiet.app.run(&Actor::Operator, Wakes).await.unwrap();
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    };
    let within = tokio::time::timeout(Duration::from_secs(5), async {
        tokio::select! {
            () = heard => {}
            () = waking => {}
        }
    });
    assert!(within.await.is_ok(), "nobody was woken");
    quiet.close().await;
}

struct Rename(UpdateMany<account::Entity>);

impl Command for Rename {
    type Output = ();
    const NAME: &'static str = "tests.rename";
    const RECORD: Record = Record::Nothing;

    fn action(&self) -> Action {
        Action::Operate
    }

    async fn apply(self, work: &mut Work) -> Result<()> {
        work.update(self.0).await?;
        Ok(())
    }
}
