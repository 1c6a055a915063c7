//! Contracts and days, for the tests of contracts.

use std::time::Duration;

use entity::job;
use muster::background::chores;
use muster::background::upkeep::Upkeep;
use sea_orm::{ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter};
use serde_json::{Value, json};

use crate::support::{Client, House, Team};

/// What is asked of a contract wherever one is answered.
pub const CONTRACT: &str = "contract { id version number status startsOn endsOn autoRenews renewalMonths nextTermOn terminatedAt purchaserName resellerName }";
/// The same of a subscription.
pub const SUBSCRIPTION: &str = "subscription { id version status isTrial startsOn endsOn graceEndsOn nextSeats nextTermOn seats { total used available } }";

/// A day so many from today.
pub fn day(house: &House, days: i64) -> String {
    let day = house.app.clock().now().date_naive() + chrono::Duration::days(days);
    day.to_string()
}

/// Calls a mutation for what is selected, and for its problems.
pub async fn call(client: &Client, mutation: &str, selected: &str, input: Value) -> Value {
    let kind = format!("{}{}Input", mutation[..1].to_uppercase(), &mutation[1..]);
    let errors = "userErrors { code field ... on SeatsHeldError { requested used subscription { id } } }";
    let query =
        format!("mutation($input: {kind}!) {{ {mutation}(input: $input) {{ {selected} {errors} }} }}");
    client.ask(&query, json!({"input": input})).await[mutation].clone()
}

/// As [`call`], of what nobody refuses: the one thing that is selected.
pub async fn done(client: &Client, mutation: &str, selected: &str, input: Value) -> Value {
    let answer = call(client, mutation, selected, input).await;
    assert_eq!(answer["userErrors"], json!([]), "{mutation}: {answer}");
    let name = selected.split(' ').next().unwrap();
    answer[name].clone()
}

/// A contract from so many days ago to so many from today; answers its id.
pub async fn contract(house: &House, team: &Team, number: &str, days: (i64, i64)) -> String {
    let input = json!({"number": number, "startsOn": day(house, days.0), "endsOn": day(house, days.1)});
    let made = done(&team.admin, "createContract", CONTRACT, input).await;
    made["id"].as_str().unwrap().to_owned()
}

/// The next day has come: what is due is looked for, and done.
pub async fn next_day(house: &House, team: &Team) {
    let account = house.literal(team.account_id);
    for sql in [
        "UPDATE chores SET run_at = '2026-01-01T00:00:00+00:00', lease_until = NULL".to_owned(),
        format!("UPDATE accounts SET contracts_looked_after_on = NULL WHERE id = {account}"),
    ] {
        house.force(&sql).await.unwrap();
    }
    chores::look_for(&house.app, Upkeep::Contracts).await.unwrap();
    looked_after(house, team).await;
}

/// Waits until the contracts of an account have been looked after.
pub async fn looked_after(house: &House, team: &Team) {
    for _ in 0..600 {
        let open = job::Entity::find()
            .filter(job::Column::AccountId.eq(team.account_id))
            .filter(job::Column::Kind.eq("contracts"))
            .filter(job::Column::Status.ne(job::Status::Done));
        if open.count(house.app.reader()).await.unwrap() == 0 {
            return;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    panic!("the contracts are not looked after");
}

/// How often something stands in the audit log.
pub async fn audited(house: &House, action: &str) -> i64 {
    let sql = format!("SELECT count(*) FROM audit_events WHERE action = '{action}'");
    house.number(&sql).await
}
