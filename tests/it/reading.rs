//! What reads cost, in statements, and that nothing read from memory is stale for whoever changed it.

use std::time::{Duration, Instant};

use entity::account::Plan;
use muster::access::Actor;
use muster::admin::SetPlan;
use rstest::rstest;
use serde_json::{Value, json};

use crate::support::{Client, Database, House, PASSWORD, Team, add_product, team};

const PEOPLE: &str = "query($first: Int!) { account { users(first: $first, orderBy: {field: DISPLAY_NAME, direction: ASC}) {
    totalCount nodes { id givenName email status role
        assignments(first: 10) { nodes { id assignedAt subscription { __typename key: id } product { name } } } }
    pageInfo { hasNextPage endCursor } } } }";
const PRODUCTS: &str = "{ account { subscriptions(first: 100) { nodes { id status endsOn product { id name kind } seats { total used } } } } }";
const PERSON: &str = "query($id: ID!) { user(id: $id) { id email status role account { id name slug }
    assignments(first: 20) { nodes { id assignedAt subscription { id status endsOn } product { name } } }
    invitation { id status createdAt expiresAt acceptedAt } } }";
const SEARCH: &str =
    "{ account { users(first: 20, filter: {search: \"p1\"}) { nodes { id email status role } } } }";
const ACCOUNT: &str = "{ account { name plan userCounts { total } } }";

/// Statements that a question takes, others at work in the background aside: the least of several tries.
async fn statements(house: &House, reader: &Client, query: &str, variables: Value) -> u64 {
    let mut least = u64::MAX;
    for _ in 0..7 {
        let before = house.app.statements();
        reader.ask(query, variables.clone()).await;
        least = least.min(house.app.statements() - before);
    }
    least
}

async fn staffed(database: Database) -> (House, Team) {
    let house = House::open(database).await;
    let team = team(&house, "acme", Plan::Standard).await;
    let subscription = add_product(&house, "acme", "DRAW", 120).await;
    let emails: Vec<String> = (0..30).map(|number| format!("p{number}@acme.example")).collect();
    let input = json!({"recipients": {"emails": emails}, "subscriptionIds": [subscription]});
    let invite = "mutation($input: InviteUsersInput!) { inviteUsers(input: $input) { summary { applied } } }";
    let answer = team.admin.ask(invite, json!({"input": input})).await;
    assert_eq!(answer["inviteUsers"]["summary"]["applied"], 30);
    house.settle_mails().await;
    (house, team)
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn what_a_console_shows_takes_a_fixed_number_of_statements(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let (house, team) = staffed(database).await;
    let count = async |query, variables| statements(&house, &team.admin, query, variables).await;
    // The page, the counters and the seats; subscriptions are named and not read, products are in memory.
    for first in [1, 10, 100] {
        assert_eq!(count(PEOPLE, json!({"first": first})).await, 3, "{first} people");
    }
    assert_eq!(count(PRODUCTS, json!({})).await, 1);
    let people = team.admin.ask(PEOPLE, json!({"first": 10})).await;
    let person = &people["account"]["users"]["nodes"][3]["id"];
    // The user, their seats, what those were taken from, their invitation.
    assert_eq!(count(PERSON, json!({"id": person})).await, 4);
    assert_eq!(count(SEARCH, json!({})).await, 1);
    house.close().await;
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn what_is_named_by_its_id_alone_is_answered_as_if_it_had_been_read(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let (house, team) = staffed(database).await;
    let seats = async |selection: &str| {
        let query = format!(
            "{{ account {{ users(first: 5) {{ nodes {{ assignments {{ nodes {{ {selection} }} }} }} }} }} }}"
        );
        let answer = team.admin.ask(&query, json!({})).await;
        let users = answer["account"]["users"]["nodes"].as_array().unwrap().clone();
        let seats: Vec<Value> = users
            .iter()
            .flat_map(|user| user["assignments"]["nodes"].as_array().unwrap().clone())
            .collect();
        assert_eq!(seats.len(), 4, "the administrator has none");
        seats
    };
    let named =
        seats("subscription { which: id ... on Node { id } kind: __typename } assignedBy { id } user { id }")
            .await;
    let read = seats("subscription { which: id ... on Node { id } kind: __typename status } assignedBy { id email } user { id email }").await;
    for (named, read) in named.iter().zip(&read) {
        for (field, parts) in [
            ("subscription", &["which", "id", "kind"][..]),
            ("assignedBy", &["id"]),
            ("user", &["id"]),
        ] {
            for part in parts {
                assert!(named[field][part].is_string(), "{named}");
                assert_eq!(named[field][part], read[field][part]);
            }
        }
        assert!(named["subscription"]["status"].is_null());
    }
    house.close().await;
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn whoever_changes_an_account_reads_it_changed_and_others_soon_do(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let house = House::open(database).await;
    let team = team(&house, "acme", Plan::Standard).await;
    let elsewhere = house
        .replica()
        .await
        .sign_in("admin@acme.example", PASSWORD)
        .await;
    for (plan, name) in [(Plan::Premium, "PREMIUM"), (Plan::Standard, "STANDARD")] {
        // Both have it in memory.
        team.admin.ask(ACCOUNT, json!({})).await;
        elsewhere.ask(ACCOUNT, json!({})).await;
        let to = SetPlan {
            account: "acme".into(),
            plan,
        };
        house.app.run(&Actor::Operator, to).await.unwrap();
        assert_eq!(team.admin.ask(ACCOUNT, json!({})).await["account"]["plan"], name);
        // What the plan lets people do is known as soon.
        let (_, providers) = team
            .admin
            .send("{ account { identityProviders { id } } }", json!({}))
            .await;
        assert_eq!(
            providers["errors"].is_null(),
            plan == Plan::Premium,
            "{providers}"
        );
        let changed_at = Instant::now();
        while elsewhere.ask(ACCOUNT, json!({})).await["account"]["plan"] != name {
            assert!(
                changed_at.elapsed() < Duration::from_secs(4),
                "another replica still has the old plan"
            );
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }
    // A change that nobody tells of is seen when what is remembered is no longer believed.
    house.force("UPDATE accounts SET name = 'Renamed'").await.unwrap();
    let changed_at = Instant::now();
    while team.admin.ask(ACCOUNT, json!({})).await["account"]["name"] != "Renamed" {
        assert!(changed_at.elapsed() < Duration::from_secs(4));
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    house.close().await;
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn counters_are_never_from_memory(#[values(Database::Sqlite, Database::Postgres)] database: Database) {
    let (house, team) = staffed(database).await;
    let total = async || team.admin.ask(ACCOUNT, json!({})).await["account"]["userCounts"]["total"].clone();
    let invite = "mutation($email: String!) { inviteUser(input: {email: $email}) { user { id } userErrors { code } } }";
    for number in 0..5 {
        assert_eq!(total().await, 31 + number);
        let email = format!("late{number}@acme.example");
        let answer = team.admin.ask(invite, json!({"email": email})).await;
        assert_eq!(answer["inviteUser"]["userErrors"], json!([]));
        assert_eq!(total().await, 32 + number);
    }
    house.close().await;
}
