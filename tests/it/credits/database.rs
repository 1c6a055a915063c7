//! What the database holds by itself, whatever the code does.

use entity::ids::Kind;
use rstest::rstest;

use super::support::{assert_books_agree, grant, overdraft, record, spend};
use crate::support::{Database, House, Team};
use crate::usage::support::{ago, opening};

/// An entry as somebody might put it in by hand.
async fn put_in(
    house: &House,
    team: &Team,
    (number, kind, amount, after): (i64, &str, i64, i64),
) -> Result<u64, sea_orm::DbErr> {
    let account = house.literal(team.account_id);
    let id = house.literal(entity::ids::new(house.app.clock().now()));
    let user = house.literal(Kind::User.parse(&team.admin_id).unwrap());
    let now = House::literal_time(house.app.clock().now());
    let sql = format!(
        "INSERT INTO credit_entries (account_id, id, number, kind, amount, balance_after, occurred_at, user_id, product_id, used_on, note) \
         SELECT {account}, {id}, {number}, '{kind}', {amount}, {after}, {now}, {user}, p.id, '2026-11-01', 'x' FROM products p LIMIT 1"
    );
    house.force(&sql).await
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn no_entry_is_changed_and_no_balance_is_anything_but_what_the_entries_say(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let (house, team, _) = opening(database, 1).await;
    grant(&house, "10", None).await;
    record(&team.admin, &[spend(0, "DRAW", &ago(&house, 1), "4", "a")]).await;
    house.settle_mails().await;
    let before = house.settled().await;
    for (number, kind, amount, after) in [
        // A place that is taken, or leaves a gap.
        (2, "CONSUMPTION", -1, 59_999),
        (4, "CONSUMPTION", -1, 59_999),
        // A balance that does not follow.
        (3, "CONSUMPTION", -1, 60_000),
        (3, "ADJUSTMENT", 5, 60_006),
        // More than there is.
        (3, "CONSUMPTION", -60_001, -1),
        (3, "ADJUSTMENT", -60_001, -1),
        // A kind with the wrong sign, a grant of no lot, no kind.
        (3, "CONSUMPTION", 5, 60_005),
        (3, "GRANT", 5, 60_005),
        (3, "EXPIRY", -5, 59_995),
        (3, "ADJUSTMENT", 0, 60_000),
        (3, "GIFT", 5, 60_005),
    ] {
        let entry = (number, kind, amount, after);
        assert!(put_in(&house, &team, entry).await.is_err(), "{entry:?}");
    }
    for sql in [
        "UPDATE credit_entries SET amount = amount + 1",
        "UPDATE credit_entries SET note = 'x'",
        "DELETE FROM credit_entries",
        "UPDATE credit_books SET balance = balance + 1",
        "UPDATE credit_books SET balance = balance + 1, granted = granted + 1",
        "UPDATE credit_books SET consumed = consumed + 1",
        "UPDATE credit_books SET entries = 1, balance = 100000, consumed = 0",
        "UPDATE credit_lots SET rest = -1",
        "UPDATE credit_lots SET rest = amount + 1",
    ] {
        assert!(house.force(sql).await.is_err(), "{sql}");
    }
    if database == Database::Postgres {
        assert!(house.force("TRUNCATE credit_entries").await.is_err());
    }
    assert_eq!(house.settled().await, before);
    // What follows goes in, and moves the balance; where overdraft is allowed, below 0.
    put_in(&house, &team, (3, "CONSUMPTION", -1, 59_999))
        .await
        .unwrap();
    overdraft(&house, true).await;
    put_in(&house, &team, (4, "CONSUMPTION", -60_000, -1))
        .await
        .unwrap();
    let balance = "SELECT balance FROM credit_books";
    assert_eq!(house.number(balance).await, -1);
    let of_lots = "UPDATE credit_lots SET rest = 0";
    house.force(of_lots).await.unwrap();
    assert!(
        house
            .force("UPDATE credit_books SET allows_overdraft = false")
            .await
            .is_err(),
        "with a balance that may not be"
    );
    house.close().await;
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn what_fails_leaves_neither_use_nor_entries(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let (house, team, _) = opening(database, 1).await;
    grant(&house, "10", None).await;
    house.settle_mails().await;
    // The last that is written fails, as if the process had died there.
    let refuse = match database {
        Database::Sqlite => {
            "CREATE TRIGGER broken BEFORE INSERT ON credit_entries BEGIN SELECT RAISE(ABORT, 'broken'); END"
        }
        Database::Postgres => "ALTER TABLE credit_entries ADD CONSTRAINT broken CHECK (number < 2)",
    };
    house.force(refuse).await.unwrap();
    let before = house.settled().await;
    let records = [spend(0, "DRAW", &ago(&house, 1), "4", "a")];
    let input = serde_json::json!({"input": {"records": records}});
    assert_eq!(
        team.admin.refused(super::support::RECORD, input).await,
        "INTERNAL"
    );
    assert_eq!(house.settled().await, before);
    let mend = match database {
        Database::Sqlite => "DROP TRIGGER broken",
        Database::Postgres => "ALTER TABLE credit_entries DROP CONSTRAINT broken",
    };
    house.force(mend).await.unwrap();
    let done = record(&team.admin, &records).await;
    assert_eq!(done["summary"]["applied"], 1);
    assert_books_agree(&house, &team).await;
    house.close().await;
}
