//! One account that changes much at once, and the others beside it.

use std::time::{Duration, Instant};

use entity::account::Plan;
use muster::access::{Action, Actor};
use muster::command::{Command, Record, Work};
use muster::error::{Error, Result};
use sea_orm::{EntityTrait, PaginatorTrait};

use crate::support::rows::texts;
use crate::support::{Database, House, team};

/// Something small.
struct Look;

impl Command for Look {
    type Output = u64;
    const NAME: &'static str = "tests.look";
    const RECORD: Record = Record::Nothing;

    fn action(&self) -> Action {
        Action::Own
    }

    async fn apply(self, work: &mut Work) -> Result<u64> {
        Ok(entity::account::Entity::find().count(work.reader()).await?)
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn commands_of_one_account_hold_one_connection_and_are_told_in_time_that_it_is_busy() {
    let house = House::open(Database::Postgres).await;
    let (acme, beta) = (
        team(&house, "acme", Plan::Standard).await,
        team(&house, "beta", Plan::Standard).await,
    );
    let (of_acme, of_beta) = (acme.actor(&house).await, beta.actor(&house).await);
    // Somebody else has the account: another process, a long import.
    let pool = sqlx::PgPool::connect(&house.database_url).await.unwrap();
    let mut held = pool.begin().await.unwrap();
    sqlx::query("SELECT 1 FROM accounts WHERE id = $1 FOR UPDATE")
        .bind(acme.account_id)
        .execute(&mut *held)
        .await
        .unwrap();
    let clicks: Vec<_> = (0..50)
        .map(|_| {
            let (app, actor) = (house.app.clone(), of_acme.clone());
            tokio::spawn(async move {
                let begun = Instant::now();
                (app.run(&actor, Look).await, begun.elapsed())
            })
        })
        .collect();
    tokio::time::sleep(Duration::from_millis(500)).await;
    let connection = house.connection().await;
    let waiting = "SELECT pid::text FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'";
    assert_eq!(
        texts(&connection, waiting).await.len(),
        1,
        "one waits with a connection in hand"
    );
    for _ in 0..20 {
        let begun = Instant::now();
        house.app.run(&of_beta, Look).await.unwrap();
        assert!(
            begun.elapsed() < Duration::from_secs(1),
            "another account is held up"
        );
    }
    for click in clicks {
        let (answer, took) = click.await.unwrap();
        assert!(matches!(answer, Err(Error::Busy)), "{answer:?}");
        assert!(took < Duration::from_secs(7), "{took:?}");
    }
    held.rollback().await.unwrap();
    house.app.run(&of_acme, Look).await.unwrap();
    connection.close().await.unwrap();
    house.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_server_keeps_the_limits_on_statements_locks_and_idle_transactions() {
    let house = House::open(Database::Postgres).await;
    for (app, factor) in [(house.app.clone(), 1), (house.app.in_background(), 4)] {
        for (name, seconds) in [
            ("statement_timeout", 30 * factor),
            ("lock_timeout", 5 * factor),
            ("idle_in_transaction_session_timeout", 60),
        ] {
            let asked =
                format!("SELECT (setting::bigint / 1000)::text FROM pg_settings WHERE name = '{name}'");
            assert_eq!(texts(app.reader(), &asked).await, [seconds.to_string()], "{name}");
        }
    }
    let member: Actor = team(&house, "acme", Plan::Standard).await.actor(&house).await;
    assert!(house.app.run(&member, Look).await.is_ok());
    house.close().await;
}
