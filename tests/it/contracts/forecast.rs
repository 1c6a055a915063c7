//! When the seats of a product will be taken, and what that rests on.

use entity::account::Plan;
use entity::ids::Kind;
use rstest::rstest;
use serde_json::{Value, json};

use super::support::{day, next_day};
use crate::seats::support::{assign, people, product_of};
use crate::support::{Database, House, add_product, team};

const FORECAST: &str = "query($id: ID!) { seatForecast(productId: $id) { product { code } seats usedNow usedThen from to samples growthPerDay fullOn } }";

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn it_is_noted_once_a_day_what_is_held_and_the_forecast_says_what_it_rests_on(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let house = House::open(database).await;
    let team = team(&house, "acme", Plan::Standard).await;
    let draw = add_product(&house, "acme", "DRAW", 20).await;
    let product = product_of(&team, &draw).await;
    let forecast = async || team.admin.ask(FORECAST, json!({"id": product})).await["seatForecast"].clone();
    let users = people(&team, "p", 9).await;
    assign(&team, &draw, &users).await;
    // It was noted when it was made that nobody held any; so it is known what was held all the while.
    assert_eq!(
        forecast().await,
        json!({"product": {"code": "DRAW"}, "seats": 20, "usedNow": 9, "usedThen": 0, "from": day(&house, -90), "to": day(&house, 0), "samples": 1,
            "growthPerDay": "0.1", "fullOn": day(&house, 110)})
    );
    let row = house.literal(Kind::Subscription.parse(&draw).unwrap());
    let notes = async || {
        house
            .number(&format!(
                "SELECT count(*) FROM seat_days WHERE subscription_id = {row}"
            ))
            .await
    };
    next_day(&house, &team).await;
    assert_eq!(notes().await, 1, "the day has its note");
    // Of one that is older than what was noted, it is known from the first note on.
    let back = |days: i64| {
        format!(
            "UPDATE seat_days SET day = '{}', used = 3 WHERE subscription_id = {row}",
            day(&house, -days)
        )
    };
    house.force(&back(6)).await.unwrap();
    let longer = House::literal_time(house.app.clock().now() - chrono::Duration::days(300));
    house
        .force(&format!(
            "UPDATE subscriptions SET created_at = {longer}, starts_on = '{}'",
            day(&house, -300)
        ))
        .await
        .unwrap();
    let short = forecast().await;
    assert_eq!(
        (&short["from"], &short["growthPerDay"], &short["fullOn"]),
        (&json!(day(&house, -6)), &Value::Null, &Value::Null)
    );
    house.force(&back(30)).await.unwrap();
    let known = forecast().await;
    assert_eq!(
        (&known["usedThen"], &known["growthPerDay"], &known["fullOn"]),
        (&json!(3), &json!("0.2"), &json!(day(&house, 55)))
    );
    for _ in 0..2 {
        next_day(&house, &team).await;
        assert_eq!(notes().await, 2, "one more, because it is another number now");
    }
    assert_eq!(forecast().await["samples"], 2);
    // What is no product has none, and one that nobody bought has no seats.
    let nothing = team.admin.ask(FORECAST, json!({"id": draw})).await;
    assert_eq!(nothing["seatForecast"], Value::Null);
    house
        .force("UPDATE subscriptions SET state = 'CANCELLED'")
        .await
        .unwrap();
    let none = forecast().await;
    assert_eq!(
        (&none["seats"], &none["growthPerDay"], &none["from"]),
        (&json!(0), &Value::Null, &json!(day(&house, 0)))
    );
    house.settle_mails().await;
    house.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn notes_are_cleared_away_after_four_hundred_days_but_for_the_one_that_holds_since() {
    let house = House::open(Database::Sqlite).await;
    let team = team(&house, "acme", Plan::Standard).await;
    let draw = add_product(&house, "acme", "DRAW", 20).await;
    let row = house.literal(Kind::Subscription.parse(&draw).unwrap());
    let account = house.literal(team.account_id);
    for days in [900, 500, 410, 100] {
        let id = house.literal(uuid::Uuid::new_v4());
        let sql = format!(
            "INSERT INTO seat_days (account_id, id, subscription_id, day, seats, used) VALUES ({account}, {id}, {row}, '{}', 20, 1)",
            day(&house, -days)
        );
        house.force(&sql).await.unwrap();
    }
    muster::background::chores::once(&house.app).await.unwrap();
    let left = house.number("SELECT count(*) FROM seat_days").await;
    assert_eq!(left, 3, "of 410 and 100 days ago, and today's");
    let oldest = format!(
        "SELECT count(*) FROM seat_days WHERE day = '{}'",
        day(&house, -410)
    );
    assert_eq!(house.number(&oldest).await, 1);
    house.close().await;
}
