//! Commands: a change happens as a whole or not at all, by whom it may, one after the other within an account, and is remembered.

use std::path::{Path, PathBuf};

use entity::account::Plan;
use entity::audit_event::AuditOutcome;
use entity::{account, audit_event, job};
use muster::access::{Action, Actor};
use muster::background::jobs;
use muster::background::outbox::{self, Letter, Mail};
use muster::command::{Command, Record, Work};
use muster::error::{Code, Error, Refusal, Result};
use muster::notifications::{Notice, notify};
use rstest::rstest;
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter};
use serde_json::json;
use uuid::Uuid;

use crate::support::{Database, House, team};

/// How a command under test ends.
#[derive(Clone, Copy, Debug)]
enum End {
    Well,
    Refused,
    Fails,
    Panics,
}

/// Writes into everything a command can write into, then ends as told. Answers how many jobs it saw.
struct Everything {
    end: End,
}

impl Command for Everything {
    type Output = u64;
    const NAME: &'static str = "tests.everything";

    fn action(&self) -> Action {
        Action::Own
    }

    async fn apply(self, work: &mut Work) -> Result<u64> {
        tell(work).await?;
        let account_id = work.account_id()?;
        let subject = work.new_id();
        jobs::enqueue(work, jobs::Kind::Import, account_id, subject).await?;
        let mail = Mail {
            key: format!("tests:{subject}"),
            to_address: "somebody@acme.example".into(),
            to_name: None,
            letter: Letter::ProductConfirmation {
                account_name: "Acme".into(),
                products: vec!["Draw".into()],
            },
        };
        outbox::write(work, account_id, vec![mail]).await?;
        match self.end {
            End::Well => Ok(job::Entity::find().count(work.reader()).await?),
            End::Refused => Err(Refusal::new(Code::Invalid, "No.").into()),
            End::Fails => Err(Error::internal("broken")),
            End::Panics => panic!("a command that panics, as this test wants it"),
        }
    }
}

/// Something small to write: a notification to the acting member.
async fn tell(work: &mut Work) -> Result<()> {
    let notice = Notice {
        kind: entity::notification::Kind::ImportFinished,
        severity: entity::notification::Severity::Info,
        title: "Told".into(),
        body: String::new(),
        subject: None,
    };
    let member = work.member()?;
    let (account_id, user_id) = (member.account_id, member.user_id);
    notify(work, account_id, &[user_id], &notice).await?;
    Ok(())
}

/// Tells, then runs another command within.
struct Outer {
    inner: Action,
}

impl Command for Outer {
    type Output = ();
    const NAME: &'static str = "tests.outer";

    fn action(&self) -> Action {
        Action::Own
    }

    async fn apply(self, work: &mut Work) -> Result<()> {
        work.touch("outer".into());
        tell(work).await?;
        work.run(Inner { action: self.inner }).await
    }
}

struct Inner {
    action: Action,
}

impl Command for Inner {
    type Output = ();
    const NAME: &'static str = "tests.inner";

    fn action(&self) -> Action {
        self.action
    }

    async fn apply(self, work: &mut Work) -> Result<()> {
        work.touch("inner".into());
        tell(work).await
    }
}

/// Reads a number, takes its time, and writes the next one: goes wrong as soon as two do it at once.
struct CountUp;

impl Command for CountUp {
    type Output = i32;
    const NAME: &'static str = "tests.count_up";
    const RECORD: Record = Record::Nothing;

    fn action(&self) -> Action {
        Action::Own
    }

    async fn apply(self, work: &mut Work) -> Result<i32> {
        let id = work.account_id()?;
        let found = account::Entity::find_by_id(id).one(work.reader()).await?;
        let next = found.map_or(0, |account| account.version) + 1;
        tokio::task::yield_now().await;
        let update = account::Entity::update_many()
            .col_expr(account::Column::Version, Expr::value(next))
            .filter(account::Column::Id.eq(id));
        work.update(update).await?;
        tell(work).await?;
        Ok(next)
    }
}

async fn audited(house: &House, account_id: Uuid) -> Vec<(String, AuditOutcome, Vec<String>)> {
    let rows = audit_event::Entity::find()
        .filter(audit_event::Column::AccountId.eq(account_id))
        .filter(audit_event::Column::Action.starts_with("tests."))
        .all(house.app.reader())
        .await
        .unwrap();
    let mut rows: Vec<_> = rows
        .into_iter()
        .map(|row| (row.action, row.outcome, row.targets.0))
        .collect();
    rows.sort_by(|one, other| one.0.cmp(&other.0));
    rows
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn a_command_that_does_not_end_well_leaves_nothing(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
    #[values(End::Refused, End::Fails, End::Panics)] end: End,
) {
    let house = House::open(database).await;
    let team = team(&house, "acme", Plan::Standard).await;
    let actor = team.actor(&house).await;
    let before = house.everything().await;

    let (app, acting) = (house.app.clone(), actor.clone());
    let ended = tokio::spawn(async move { app.run(&acting, Everything { end }).await }).await;
    match end {
        End::Refused => assert!(matches!(ended, Ok(Err(Error::Refused(_)))), "{ended:?}"),
        End::Fails => assert!(matches!(ended, Ok(Err(Error::Internal(_)))), "{ended:?}"),
        _ => assert!(ended.is_err_and(|error| error.is_panic())),
    }
    // The next command gets the connection, whatever became of the one before.
    assert_eq!(house.app.rehearse(&actor, CountUp).await.unwrap(), 2);
    assert_eq!(house.everything().await, before);
    assert!(house.mails().is_empty());
    house.close().await;
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn a_rehearsal_sees_what_it_would_do_and_leaves_nothing(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let house = House::open(database).await;
    let team = team(&house, "acme", Plan::Standard).await;
    let actor = team.actor(&house).await;
    let before = house.everything().await;
    let jobs_seen = house
        .app
        .rehearse(&actor, Everything { end: End::Well })
        .await
        .unwrap();
    assert_eq!(jobs_seen, 1);
    assert_eq!(house.everything().await, before);
    house.close().await;
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn a_nested_command_is_permitted_and_audited_like_any_other(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let house = House::open(database).await;
    let team = team(&house, "acme", Plan::Standard).await;
    let actor = team.actor(&house).await;
    let before = house.settled().await;

    let inner = Action::Operate;
    let refused = house.app.run(&actor, Outer { inner }).await;
    assert!(matches!(refused, Err(Error::Forbidden)), "{refused:?}");
    assert_eq!(house.settled().await, before);
    let denied = ("tests.outer".to_owned(), AuditOutcome::Denied, Vec::new());
    let rows = audited(&house, team.account_id).await;
    assert_eq!(rows, std::slice::from_ref(&denied));

    let inner = Action::ManageUsers;
    house.app.run(&actor, Outer { inner }).await.unwrap();
    let (own, nested) = (vec!["outer".to_owned()], vec!["inner".to_owned()]);
    let audited = audited(&house, team.account_id).await;
    assert_eq!(audited.len(), 3);
    assert!(audited.contains(&("tests.inner".to_owned(), AuditOutcome::Success, nested)));
    assert!(audited.contains(&("tests.outer".to_owned(), AuditOutcome::Success, own)));
    assert!(audited.contains(&denied));
    house.close().await;
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn a_forbidden_attempt_leaves_one_row_that_says_so_and_nothing_else(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let house = House::open(database).await;
    let team = team(&house, "acme", Plan::Standard).await;
    let actor = team.actor(&house).await;
    let before = house.settled().await;
    let action = Action::Operate;
    let refused = house.app.run(&actor, Inner { action }).await;
    assert!(matches!(refused, Err(Error::Forbidden)), "{refused:?}");
    let denied = ("tests.inner".to_owned(), AuditOutcome::Denied, Vec::new());
    assert_eq!(audited(&house, team.account_id).await, [denied]);

    let nobody = Actor::Anonymous(muster::access::Origin::default());
    let refused = house.app.run(&nobody, Inner { action }).await;
    assert!(matches!(refused, Err(Error::Unauthenticated)), "{refused:?}");
    assert_eq!(audited(&house, team.account_id).await.len(), 1);
    assert_eq!(house.settled().await, before);
    house.close().await;
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn a_lost_right_counts_at_once(#[values(Database::Sqlite, Database::Postgres)] database: Database) {
    let house = House::open(database).await;
    let team = team(&house, "acme", Plan::Standard).await;
    let admitted = team.actor(&house).await;
    let inner = Action::ManageUsers;
    house
        .force("UPDATE users SET role = 'USER', version = version + 1")
        .await
        .unwrap();
    let before = house.settled().await;
    let refused = house.app.run(&admitted, Outer { inner }).await;
    assert!(matches!(refused, Err(Error::Forbidden)), "{refused:?}");
    let denied = ("tests.outer".to_owned(), AuditOutcome::Denied, Vec::new());
    assert_eq!(audited(&house, team.account_id).await, [denied]);

    house.force("UPDATE users SET status = 'DISABLED'").await.unwrap();
    let refused = house.app.run(&admitted, CountUp).await;
    assert!(matches!(refused, Err(Error::SessionExpired)), "{refused:?}");
    house.force("UPDATE users SET status = 'ACTIVE'").await.unwrap();
    assert_eq!(house.settled().await, before);
    house.close().await;
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn the_database_itself_keeps_the_audit_log_as_it_is(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let house = House::open(database).await;
    let team = team(&house, "acme", Plan::Standard).await;
    let actor = team.actor(&house).await;
    let action = Action::ManageUsers;
    house.app.run(&actor, Inner { action }).await.unwrap();
    let before = house.everything().await["audit_events"].clone();
    assert!(!before.is_empty());
    for sql in [
        "UPDATE audit_events SET outcome = 'DENIED'",
        "UPDATE audit_events SET action = action",
        "DELETE FROM audit_events",
        match database {
            Database::Postgres => "TRUNCATE audit_events",
            Database::Sqlite => "DELETE FROM audit_events WHERE 1",
        },
    ] {
        let refused = house.force(sql).await.unwrap_err().to_string();
        assert!(refused.contains("append-only"), "{sql}: {refused}");
    }
    assert_eq!(house.everything().await["audit_events"], before);
    house.close().await;
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn commands_of_one_account_take_turns(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let house = House::open(database).await;
    let mut actors = Vec::new();
    for slug in ["acme", "other"] {
        actors.push(team(&house, slug, Plan::Standard).await.actor(&house).await);
    }
    let runs = (0..100).map(|number| {
        let (app, actor) = (house.app.clone(), actors[number % 2].clone());
        tokio::spawn(async move { app.run(&actor, CountUp).await.unwrap() })
    });
    let mut counted: Vec<i32> = futures::future::try_join_all(runs).await.unwrap();
    counted.sort_unstable();
    let expected: Vec<i32> = (2..52).flat_map(|number| [number, number]).collect();
    assert_eq!(counted, expected);
    house.close().await;
}

/// Where the methods that `clippy.toml` bans may be called, and why there.
const WRITERS: [(&str, &str); 7] = [
    ("src/command/ledger.rs", "the open transaction"),
    ("src/command/work.rs", "begins, for commands alone"),
    ("src/command/writes.rs", "what a command may write"),
    (
        "platform/src/db/writer.rs",
        "begins transactions, for commands alone",
    ),
    (
        "platform/src/db/snapshot.rs",
        "reads at one moment, which is a transaction",
    ),
    ("platform/src/db/sqlite.rs", "migrations, within one transaction"),
    ("platform/src/clock.rs", "the one clock"),
];

#[test]
fn no_other_code_opens_a_transaction_or_writes_an_entity() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut files = Vec::new();
    for folder in ["src", "entity/src", "platform/src"] {
        rust_files(&root.join(folder), &mut files);
    }
    assert!(files.len() > 100, "the sources were not found");
    for file in files {
        let name = file.strip_prefix(root).unwrap().to_str().unwrap();
        let lifts_the_ban = std::fs::read_to_string(&file)
            .unwrap()
            .contains("clippy::disallowed_methods");
        let may_write = WRITERS.iter().any(|(writer, _)| *writer == name);
        assert!(
            !lifts_the_ban || may_write,
            "{name} lifts the ban on writing without a command. Make it a command (src/command), or say in WRITERS why it may write."
        );
        assert!(
            lifts_the_ban || !may_write,
            "{name} needs no exception any more: take it out of WRITERS."
        );
    }
}

fn rust_files(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            rust_files(&path, found);
        } else if path.extension().is_some_and(|end| end == "rs") {
            found.push(path);
        }
    }
}

/// Every way by which sea-orm begins a transaction or writes.
const BANNED: [(&str, &[&str]); 19] = [
    ("platform::db::Db", &["begin", "alone"]),
    ("chrono::Utc", &["now"]),
    ("uuid::Uuid", &["now_v7"]),
    (
        "sea_orm::TransactionTrait",
        &[
            "begin",
            "begin_with_config",
            "begin_with_options",
            "transaction",
            "transaction_with_config",
        ],
    ),
    (
        "sea_orm::ConnectionTrait",
        &["execute", "execute_raw", "execute_unprepared"],
    ),
    (
        "sea_orm::ActiveModelTrait",
        &["insert", "update", "update_without_returning", "save", "delete"],
    ),
    ("sea_orm::ModelTrait", &["delete"]),
    ("sea_orm::Insert", INSERTING),
    ("sea_orm::InsertMany", INSERTING),
    ("sea_orm::TryInsert", INSERTING),
    (
        "sea_orm::Inserter",
        &["exec", "exec_without_returning", "exec_with_returning"],
    ),
    ("sea_orm::UpdateOne", &["exec", "exec_without_returning"]),
    ("sea_orm::ValidatedUpdateOne", &["exec", "exec_without_returning"]),
    ("sea_orm::UpdateMany", &["exec", "exec_with_returning"]),
    ("sea_orm::Updater", &["exec"]),
    ("sea_orm::DeleteOne", &["exec", "exec_with_returning"]),
    ("sea_orm::ValidatedDeleteOne", &["exec", "exec_with_returning"]),
    ("sea_orm::DeleteMany", &["exec", "exec_with_returning"]),
    ("sea_orm::Deleter", &["exec", "exec_with_returning"]),
];
const INSERTING: &[&str] = &[
    "exec",
    "exec_without_returning",
    "exec_with_returning",
    "exec_with_returning_keys",
    "exec_with_returning_many",
];

#[test]
fn every_way_to_write_is_banned_by_name() {
    let bans = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("clippy.toml")).unwrap();
    for (owner, methods) in BANNED {
        for method in methods {
            let path = format!("\"{owner}::{method}\"");
            assert!(bans.contains(&path), "clippy.toml does not ban {path}");
        }
    }
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn an_attempt_at_what_one_may_not_is_remembered_and_a_refused_query_is_not(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let house = House::open(database).await;
    let team = team(&house, "acme", Plan::Standard).await;
    let user = team.join(&house, "user@acme.example", "USER").await;
    let before = house.settled().await;
    let invite = "mutation { inviteUser(input: {email: \"new@acme.example\"}) { user { id } } }";
    assert_eq!(user.refused(invite, json!({})).await, "FORBIDDEN");
    let denied = "SELECT count(*) FROM audit_events WHERE outcome = 'DENIED'";
    let named = format!("{denied} AND action = 'inviteUser' AND actor_label = 'user@acme.example'");
    assert_eq!(house.number(&named).await, 1);
    let read = "{ account { userCounts { total } } }";
    assert_eq!(user.refused(read, json!({})).await, "FORBIDDEN");
    assert_eq!(house.number(denied).await, 1);
    // So is what the plan forbids, which the payload tells.
    let start = "mutation { startSsoTest(input: {identityProviderId: \"x\"}) { userErrors { code } } }";
    let answer = team.admin.ask(start, json!({})).await;
    assert_eq!(answer["startSsoTest"]["userErrors"][0]["code"], "PLAN_REQUIRED");
    assert_eq!(house.number(denied).await, 2);
    // A wrong address is no attempt at anything.
    let wrong = "mutation { inviteUser(input: {email: \"nobody\"}) { userErrors { code } } }";
    let answer = team.admin.ask(wrong, json!({})).await;
    assert_eq!(answer["inviteUser"]["userErrors"][0]["code"], "EMAIL_INVALID");
    assert_eq!(house.number(denied).await, 2);
    assert_eq!(house.settled().await, before);
    house.close().await;
}
