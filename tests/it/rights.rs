//! Rights that end while a command waits for its turn end before it.

use std::time::{Duration, Instant};

use entity::account::Plan;
use entity::ids::Kind;
use entity::user;
use muster::error::Error;
use muster::users::lifecycle::DisableUsers;
use rstest::rstest;
use sea_orm::{ColumnTrait, ConnectOptions, EntityTrait, QueryFilter};

use crate::support::rows::{force, query};
use crate::support::{Database, House, team};

/// What the one before took away.
#[derive(Clone, Copy, Debug)]
enum Lost {
    Access,
    Role,
}

/// Only PostgreSQL has two writers at once: the second waits for the account's lock, and must not act on what it saw before it waited. Whether the first wrote
/// before the second waited or after: nobody waits for the user's row who holds the account's not.
#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn whoever_loses_rights_while_waiting_for_the_account_does_nothing_by_them_any_more(
    #[values(Lost::Access, Lost::Role)] lost: Lost,
    #[values("UPDATE accounts SET users_staged = users_staged", "SELECT id FROM accounts")]
    first_of_all: &str,
    #[values(true, false)] was_written_before: bool,
) {
    let house = House::open(Database::Postgres).await;
    let team = team(&house, "acme", Plan::Standard).await;
    let anne = team.invite("anne@acme.example").await;
    team.join(&house, "second@acme.example", "SECONDARY_ADMIN").await;
    let second = user::Entity::find()
        .filter(user::Column::EmailKey.eq("second@acme.example"))
        .one(house.app.reader())
        .await
        .unwrap()
        .unwrap();
    let mut actor = team.actor(&house).await;
    if let muster::access::Actor::Member(member) = &mut actor {
        member.user_id = second.id;
        member.role = second.role;
    }

    // One connection, so that what is said on it is one transaction.
    let mut options = ConnectOptions::new(&house.database_url);
    options.max_connections(1);
    let first = sea_orm::Database::connect(options).await.unwrap();
    let account = house.literal(team.account_id);
    force(&first, "BEGIN").await.unwrap();
    let lock = if first_of_all.starts_with("SELECT") {
        " FOR NO KEY UPDATE"
    } else {
        ""
    };
    force(&first, &format!("{first_of_all} WHERE id = {account}{lock}"))
        .await
        .unwrap();
    let change = match lost {
        Lost::Access => "status = 'DISABLED'",
        Lost::Role => "role = 'USER'",
    };
    let change = format!(
        "UPDATE users SET {change} WHERE id = {}",
        house.literal(second.id)
    );
    if was_written_before {
        assert_eq!(force(&first, &change).await.unwrap(), 1);
    }
    let app = house.app.clone();
    let disable = DisableUsers {
        users: vec![Kind::User.parse(&anne).unwrap()],
        all_or_nothing: true,
    };
    let waiting = tokio::spawn(async move { app.run(&actor, disable).await });
    until_somebody_waits(&house).await;
    if !was_written_before {
        assert_eq!(force(&first, &change).await.unwrap(), 1);
    }
    force(&first, "COMMIT").await.unwrap();
    first.close().await.unwrap();
    let outcome = waiting.await.unwrap().map(|_| "it was done");
    let is_told = match lost {
        Lost::Access => matches!(outcome, Err(Error::SessionExpired)),
        Lost::Role => matches!(outcome, Err(Error::Forbidden)),
    };
    assert!(is_told, "{outcome:?}");
    let pending = "SELECT count(*) FROM users WHERE email_key = 'anne@acme.example' AND status = 'PENDING'";
    assert_eq!(house.number(pending).await, 1);
    // The counters are not what this is about.
    let moved = "UPDATE accounts SET users_active = users_active - 1, users_disabled = users_disabled + 1";
    let demoted = "UPDATE accounts SET users_admin = users_admin - 1";
    house
        .force(match lost {
            Lost::Access => moved,
            Lost::Role => demoted,
        })
        .await
        .unwrap();
    house.close().await;
}

async fn until_somebody_waits(house: &House) {
    let connection = house.connection().await;
    let begun = Instant::now();
    let sql =
        "SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'";
    while query(&connection, sql).await.is_empty() {
        assert!(begun.elapsed() < Duration::from_secs(10), "nobody waits");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    connection.close().await.unwrap();
}
