//! Rights that end while a command waits for its turn end before it.

use std::time::{Duration, Instant};

use entity::account::Plan;
use entity::ids::Kind;
use entity::user;
use muster::error::Error;
use muster::users::lifecycle::DisableUsers;
use sea_orm::{ColumnTrait, ConnectOptions, EntityTrait, QueryFilter};

use crate::support::rows::{force, query};
use crate::support::{Database, House, team};

/// Only PostgreSQL has two writers at once: the second waits for the account's lock, and must not act on what it saw before it waited.
#[tokio::test(flavor = "multi_thread")]
async fn whoever_is_disabled_while_waiting_for_the_account_does_nothing_any_more() {
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
    let counted = format!(
        "UPDATE accounts SET users_active = users_active - 1, users_disabled = users_disabled + 1 WHERE id = {account}"
    );
    force(&first, &counted).await.unwrap();
    let disabled = format!(
        "UPDATE users SET status = 'DISABLED' WHERE id = {}",
        house.literal(second.id)
    );
    assert_eq!(force(&first, &disabled).await.unwrap(), 1);

    let app = house.app.clone();
    let anne_id = Kind::User.parse(&anne).unwrap();
    let disable = DisableUsers {
        users: vec![anne_id],
        all_or_nothing: true,
    };
    let waiting = tokio::spawn(async move { app.run(&actor, disable).await });
    until_somebody_waits(&house).await;
    force(&first, "COMMIT").await.unwrap();
    first.close().await.unwrap();
    let outcome = waiting.await.unwrap();
    assert!(
        matches!(outcome, Err(Error::SessionExpired)),
        "{:?}",
        outcome.map(|_| "it was done")
    );
    let pending = "SELECT count(*) FROM users WHERE email_key = 'anne@acme.example' AND status = 'PENDING'";
    assert_eq!(house.number(pending).await, 1);
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
