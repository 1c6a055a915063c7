//! What contracts cost in statements: as many for a hundred subscriptions as for one.

use entity::account::Plan;
use entity::ids::Kind;
use rstest::rstest;
use serde_json::{Value, json};

use super::support::{contract, day, next_day};
use crate::seats::support::product_of;
use crate::support::{Client, Database, House, Team, add_product, team};

/// Contracts with so many subscriptions each, written past all rules; answers their ids.
async fn filled(house: &House, team: &Team, product: &str) -> Vec<(String, usize)> {
    let mut made = Vec::new();
    let account = house.literal(team.account_id);
    let product = house.literal(Kind::Product.parse(product).unwrap());
    for (place, count) in [1, 10, 100, 1, 10, 100].into_iter().enumerate() {
        let id = contract(house, team, &format!("A-{place}"), (-30, 20)).await;
        let row = house.literal(Kind::Contract.parse(&id).unwrap());
        let end = day(house, 20);
        let values = (0..count).map(|_| {
            let id = house.literal(uuid::Uuid::new_v4());
            format!("({account}, {id}, 1, {product}, {row}, 'ACTIVE', 5, 0, 0, '2026-01-01', '{end}', '2026-01-01T00:00:00+00:00', 4)")
        });
        let values = values.collect::<Vec<_>>().join(", ");
        let sql = format!(
            "INSERT INTO subscriptions (account_id, id, version, product_id, contract_id, state, seats, seats_used, seats_reserved, starts_on, ends_on, created_at, next_seats) VALUES {values}"
        );
        house.force(&sql).await.unwrap();
        made.push((id, count));
    }
    made
}

async fn cost(house: &House, client: &Client, query: &str, variables: Value) -> u64 {
    // The background counts too: the least is the query's own.
    let mut least = u64::MAX;
    for _ in 0..3 {
        house.settle_mails().await;
        let before = house.app.statements();
        client.ask(query, variables.clone()).await;
        least = least.min(house.app.statements() - before);
    }
    least
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn a_hundred_subscriptions_take_as_many_statements_as_one(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let house = House::open(database).await;
    let team = team(&house, "acme", Plan::Standard).await;
    let draw = add_product(&house, "acme", "DRAW", 20).await;
    let product = product_of(&team, &draw).await;
    let contracts = filled(&house, &team, &product).await;
    let renew = "mutation($id: ID!) { renewContract(input: {contractId: $id}) { contract { endsOn } userErrors { code } } }";
    let mut renewals = std::collections::BTreeMap::new();
    for (id, count) in &contracts {
        house.settle_mails().await;
        let before = house.app.statements();
        let answer = team.admin.ask(renew, json!({"id": id})).await;
        assert_eq!(answer["renewContract"]["userErrors"], json!([]));
        let took = house.app.statements() - before;
        let least = renewals.entry(*count).or_insert(u64::MAX);
        *least = took.min(*least);
    }
    assert!(
        renewals[&10] <= renewals[&1] + 1 && renewals[&100] <= renewals[&1] + 1,
        "{renewals:?}"
    );
    let planned = house
        .number("SELECT count(*) FROM subscriptions WHERE next_term_on IS NOT NULL")
        .await;
    assert_eq!(planned, 222);

    let listed = "query($first: Int) { account { contracts(first: $first) { nodes { status subscriptions(first: 10) { nodes { isTrial graceEndsOn contract { number } } } } } } }";
    let one = cost(&house, &team.admin, listed, json!({"first": 1})).await;
    let all = cost(&house, &team.admin, listed, json!({"first": 7})).await;
    assert!(all <= one + 1, "{one}, {all}");
    let forecast = "query($id: ID!) { seatForecast(productId: $id) { seats usedNow growthPerDay } }";
    let many = cost(&house, &team.admin, forecast, json!({"id": product})).await;
    assert!(many <= 3, "{many}");

    // All terms begin on one day, and all is noted.
    house
        .force(&format!(
            "UPDATE subscriptions SET next_term_on = '{}' WHERE next_term_on IS NOT NULL",
            day(&house, 0)
        ))
        .await
        .unwrap();
    let before = house.app.statements();
    next_day(&house, &team).await;
    let took = house.app.statements() - before;
    assert!(took < 120, "{took} for 222 terms");
    assert_eq!(
        house
            .number("SELECT count(*) FROM subscriptions WHERE seats = 4")
            .await,
        222
    );
    assert_eq!(house.number("SELECT count(*) FROM seat_days").await, 223);
    house.settle_mails().await;
    house.close().await;
}
