//! What a command writes may wait until it is read, or until the commit: nobody notices, and nothing that speaks against it is lost.

use entity::account::Plan;
use entity::ids::Kind;
use entity::notification::{self, Severity};
use entity::{idempotency_key, subscription};
use muster::access::Action;
use muster::command::counters::Counters;
use muster::command::{Command, Work};
use muster::error::{Code, Error, Refusal, Result};
use muster::notifications::{Notice, notify};
use rstest::rstest;
use sea_orm::ActiveValue::Set;
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter};
use uuid::Uuid;

use crate::support::{Database, House, add_product, team};

const SEATS: Counters = Counters {
    table: "subscriptions",
    account: "account_id",
    columns: &["seats_used", "seats_reserved"],
    within: Some(("seats_used", "seats")),
};

async fn tell(work: &mut Work, title: &str) -> Result<()> {
    let notice = Notice {
        kind: notification::Kind::ImportFinished,
        severity: Severity::Info,
        title: title.to_owned(),
        body: String::new(),
        subject: None,
    };
    let member = work.member()?;
    let (account_id, user_id) = (member.account_id, member.user_id);
    notify(work, account_id, &[user_id], &notice).await?;
    Ok(())
}

async fn told(work: &Work) -> Result<u64> {
    let all = notification::Entity::find().filter(notification::Column::AccountId.eq(work.account_id()?));
    Ok(all.count(work.reader()).await?)
}

/// Writes and reads by turns, in every way there is.
struct ByTurns {
    subscription: Uuid,
}

impl Command for ByTurns {
    /// How many notifications were seen each time, and what the seats were.
    type Output = (Vec<u64>, Vec<i32>);
    const NAME: &'static str = "tests.by_turns";

    fn action(&self) -> Action {
        Action::Own
    }

    async fn apply(self, work: &mut Work) -> Result<Self::Output> {
        let account_id = work.account_id()?;
        let of = self.subscription;
        let count = async |work: &Work, by: i32| work.count(&SEATS, account_id, of, vec![by, by], None).await;
        let (mut seen, mut used) = (Vec::new(), Vec::new());
        tell(work, "one").await?;
        tell(work, "two").await?;
        seen.push(told(work).await?);
        // An update finds what was inserted a moment ago.
        tell(work, "three").await?;
        let read = notification::Entity::update_many()
            .col_expr(notification::Column::ReadAt, Expr::value(work.now()))
            .filter(notification::Column::AccountId.eq(account_id))
            .filter(notification::Column::Title.eq("three"));
        seen.push(work.update(read).await?);
        // Twice of one row is once by both.
        count(work, 2).await?;
        count(work, 3).await?;
        tell(work, "four").await?;
        let seats = async |work: &Work| -> Result<i32> {
            let found = subscription::Entity::find_by_id((account_id, of)).one(work.reader());
            Ok(found.await?.map_or(-1, |found| found.seats_used))
        };
        used.push(seats(work).await?);
        count(work, -1).await?;
        used.push(seats(work).await?);
        // A deletion, too.
        tell(work, "five").await?;
        let gone = notification::Entity::delete_many()
            .filter(notification::Column::AccountId.eq(account_id))
            .filter(notification::Column::Title.eq("five"));
        seen.push(work.delete(gone).await?);
        seen.push(told(work).await?);
        Ok((seen, used))
    }
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn a_command_reads_what_it_wrote_whatever_it_writes_and_reads_by_turns(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let house = House::open(database).await;
    let team = team(&house, "acme", Plan::Standard).await;
    let subscription = Kind::Subscription
        .parse(&add_product(&house, "acme", "DRAW", 9).await)
        .unwrap();
    let actor = team.actor(&house).await;
    let before = house.everything().await;
    let rehearsed = house
        .app
        .rehearse(&actor, ByTurns { subscription })
        .await
        .unwrap();
    assert_eq!(house.everything().await, before);
    let done = house.app.run(&actor, ByTurns { subscription }).await.unwrap();
    assert_eq!(done, (vec![2, 1, 1, 4], vec![5, 4]));
    assert_eq!(rehearsed, done);
    assert_eq!(house.number("SELECT count(*) FROM notifications").await, 4);
    assert_eq!(house.number("SELECT sum(seats_used) FROM subscriptions").await, 4);
    // No seat is held: the counter was this test's own.
    house
        .force("UPDATE subscriptions SET seats_used = 0, seats_reserved = 0")
        .await
        .unwrap();
    house.close().await;
}

/// Counts past the limit, and may look at something afterwards.
struct TooMany {
    subscription: Uuid,
    /// Whether the counter is read once more, so that it cannot wait until the commit.
    looks: bool,
}

impl Command for TooMany {
    type Output = ();
    const NAME: &'static str = "tests.too_many";

    fn action(&self) -> Action {
        Action::Own
    }

    async fn apply(self, work: &mut Work) -> Result<()> {
        let account_id = work.account_id()?;
        tell(work, "it was done").await?;
        for by in [6, 4] {
            let refusal = Refusal::new(Code::SeatsExhausted, "No seat is left.").at("input.seats");
            work.count(&SEATS, account_id, self.subscription, vec![by, 0], Some(refusal))
                .await?;
        }
        if self.looks {
            let found = subscription::Entity::find_by_id((account_id, self.subscription)).one(work.reader());
            found.await?;
        }
        Ok(())
    }
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn a_counter_that_would_pass_its_limit_refuses_the_whole_command_as_it_was_told_to(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
    #[values(true, false)] looks: bool,
) {
    let house = House::open(database).await;
    let team = team(&house, "acme", Plan::Standard).await;
    let subscription = Kind::Subscription
        .parse(&add_product(&house, "acme", "DRAW", 9).await)
        .unwrap();
    let actor = team.actor(&house).await;
    let before = house.everything().await;
    for rehearses in [true, false] {
        let command = TooMany { subscription, looks };
        let refused = match rehearses {
            true => house.app.rehearse(&actor, command).await,
            false => house.app.run(&actor, command).await,
        };
        let Err(Error::Refused(refusals)) = refused else {
            panic!("{refused:?}");
        };
        let expected = Refusal::new(Code::SeatsExhausted, "No seat is left.").at("input.seats");
        assert_eq!(refusals, [expected]);
    }
    assert_eq!(house.everything().await, before);
    house.close().await;
}

/// Remembers the same key twice.
struct Twice;

impl Command for Twice {
    type Output = ();
    const NAME: &'static str = "tests.twice";

    fn action(&self) -> Action {
        Action::Own
    }

    async fn apply(self, work: &mut Work) -> Result<()> {
        for _ in 0..2 {
            let row = idempotency_key::ActiveModel {
                account_id: Set(work.account_id()?),
                id: Set(work.new_id()),
                key: Set("a \"key\" {of}, \\ its own, NULL".into()),
                command: Set("tests.twice".into()),
                body_hash: Set(vec![0, 1, 255]),
                subject_id: Set(None),
                answer: Set(None),
                created_at: Set(work.now()),
            };
            work.insert(vec![row]).await?;
        }
        Ok(())
    }
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn a_key_that_is_taken_is_told_as_such_whenever_it_shows(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let house = House::open(database).await;
    let team = team(&house, "acme", Plan::Standard).await;
    let actor = team.actor(&house).await;
    let before = house.everything().await;
    for rehearses in [true, false] {
        let refused = match rehearses {
            true => house.app.rehearse(&actor, Twice).await,
            false => house.app.run(&actor, Twice).await,
        };
        assert!(refused.as_ref().is_err_and(Error::is_taken), "{refused:?}");
    }
    assert_eq!(house.everything().await, before);
    house.close().await;
}
