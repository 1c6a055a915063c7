//! Who holds seats: of a product, of a subscription, of the account.

use entity::account::Plan;
use rstest::rstest;
use serde_json::{Value, json};

use super::support::{assign, people, product_of};
use crate::support::{Client, Database, House, Team, add_product, team};

const OF_PRODUCT: &str = "query($id: ID!, $first: Int = 100, $after: String, $filter: AssignmentFilter, $by: AssignmentOrder) {
    product(id: $id) { assignments(first: $first, after: $after, filter: $filter, orderBy: $by) {
        totalCount nodes { user { email } source assignedAt assignedBy { email } components { isEnabled component { code } } subscription { id } }
        pageInfo { hasNextPage endCursor } } } }";

/// Twelve people; two products that all but the last have, and one that the last has.
async fn staffed(house: &House) -> (Team, [String; 3], Vec<String>) {
    let team = team(house, "acme", Plan::Standard).await;
    let mut subscriptions = Vec::new();
    for code in ["DRAW", "INK", "CLAY"] {
        subscriptions.push(add_product(house, "acme", code, 20).await);
    }
    let users = people(&team, "p", 12).await;
    for subscription in &subscriptions[..2] {
        assign(&team, subscription, &users[..11]).await;
    }
    assign(&team, &subscriptions[2], &users[11..]).await;
    (team, subscriptions.try_into().unwrap(), users)
}

fn emails(list: &Value) -> Vec<String> {
    let nodes = list["nodes"].as_array().unwrap().iter();
    nodes
        .map(|node| node["user"]["email"].as_str().unwrap().to_owned())
        .collect()
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn a_product_lists_who_holds_its_seats_page_by_page_and_nobody_else(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let house = House::open(database).await;
    let (team, [draw, _, clay], users) = staffed(&house).await;
    let product = product_of(&team, &draw).await;
    let ask = async |variables: Value| {
        let mut given = json!({"id": product});
        given
            .as_object_mut()
            .unwrap()
            .extend(variables.as_object().unwrap().clone());
        team.admin.ask(OF_PRODUCT, given).await["product"]["assignments"].clone()
    };
    let all = ask(json!({})).await;
    assert_eq!(all["totalCount"], 11);
    let first = &all["nodes"][0];
    assert_eq!(first["source"], "MANUAL");
    assert_eq!(first["assignedBy"]["email"], "admin@acme.example");
    assert_eq!(first["subscription"]["id"], draw);
    assert_eq!(
        first["components"][0],
        json!({"isEnabled": true, "component": {"code": "CORE"}})
    );
    let named: Vec<String> = (0..11).map(|number| format!("p{number}@acme.example")).collect();
    let mut listed = emails(&all);
    listed.sort();
    let mut sorted = named.clone();
    sorted.sort();
    assert_eq!(listed, sorted, "the twelfth has none");

    // Page by page, in either order of either key, everybody is met once.
    for (field, direction) in [
        ("ASSIGNED_AT", "ASC"),
        ("ASSIGNED_AT", "DESC"),
        ("USER_NAME", "ASC"),
        ("USER_NAME", "DESC"),
    ] {
        let by = json!({"field": field, "direction": direction});
        let whole = emails(&ask(json!({"by": by})).await);
        let (mut met, mut after) = (Vec::new(), Value::Null);
        loop {
            let page = ask(json!({"by": by, "first": 4, "after": after})).await;
            assert_eq!(page["totalCount"], 11);
            met.extend(emails(&page));
            after = page["pageInfo"]["endCursor"].clone();
            if page["pageInfo"]["hasNextPage"] == false {
                break;
            }
        }
        assert_eq!(met, whole, "{field} {direction}");
        if field == "USER_NAME" {
            // They have no names yet: they stand by their addresses.
            let mut by_name = named.clone();
            by_name.sort();
            if direction == "DESC" {
                by_name.reverse();
            }
            let numbers_apart = |emails: &[String]| {
                emails
                    .iter()
                    .filter(|email| email.len() == 15)
                    .cloned()
                    .collect::<Vec<_>>()
            };
            assert_eq!(numbers_apart(&whole), numbers_apart(&by_name));
        }
    }

    let of = async |filter: Value| ask(json!({"filter": filter})).await["totalCount"].clone();
    assert_eq!(of(json!({"search": "P10"})).await, 1);
    assert_eq!(of(json!({"search": "nobody"})).await, 0);
    assert_eq!(of(json!({"userStatus": ["PENDING"]})).await, 11);
    assert_eq!(of(json!({"userStatus": ["ACTIVE"]})).await, 0);
    assert_eq!(of(json!({"userId": users[3]})).await, 1);
    assert_eq!(of(json!({"userId": users[11]})).await, 0);
    assert_eq!(of(json!({"source": ["CSV_IMPORT", "API"]})).await, 0);
    assert_eq!(of(json!({"source": ["MANUAL"]})).await, 11);
    assert_eq!(of(json!({"subscriptionId": clay})).await, 0);

    let rest = "query($with: ID, $without: ID) { account { users(filter: {productId: $with, withoutProductId: $without}) { totalCount nodes { email } } } }";
    let rest = async |variables: Value| team.admin.ask(rest, variables).await["account"]["users"].clone();
    let without = rest(json!({"without": product})).await;
    assert_eq!(
        without,
        json!({"totalCount": 2, "nodes": [{"email": "admin@acme.example"}, {"email": "p11@acme.example"}]})
    );
    assert_eq!(rest(json!({"with": product})).await["totalCount"], 11);
    house.settle_mails().await;
    house.close().await;
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn subscriptions_and_the_account_list_their_seats_and_users_theirs(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let house = House::open(database).await;
    let (team, [draw, _, clay], users) = staffed(&house).await;
    let query = "query($draw: ID!, $clay: ID!, $user: ID!, $filter: AssignmentFilter) {
        draw: subscription(id: $draw) { assignments(first: 3) { totalCount nodes { user { email } } } }
        clay: subscription(id: $clay) { assignments(first: 3) { totalCount nodes { user { email } } } }
        account { assignments(first: 5, filter: $filter) { totalCount nodes { user { email } } } }
        user(id: $user) { assignments(filter: {search: \"p3\", userStatus: [PENDING]}) { totalCount } } }";
    let variables = json!({"draw": draw, "clay": clay, "user": users[3], "filter": null});
    let answer = team.admin.ask(query, variables.clone()).await;
    assert_eq!(answer["draw"]["assignments"]["totalCount"], 11);
    assert_eq!(
        answer["draw"]["assignments"]["nodes"].as_array().unwrap().len(),
        3
    );
    assert_eq!(
        answer["clay"]["assignments"],
        json!({"totalCount": 1, "nodes": [{"user": {"email": "p11@acme.example"}}]})
    );
    assert_eq!(answer["account"]["assignments"]["totalCount"], 23);
    assert_eq!(
        answer["account"]["assignments"]["nodes"]
            .as_array()
            .unwrap()
            .len(),
        5
    );
    assert_eq!(answer["user"]["assignments"]["totalCount"], 2);
    let of_one = json!({"draw": draw, "clay": clay, "user": users[3], "filter": {"userId": users[0]}});
    let answer = team.admin.ask(query, of_one).await;
    assert_eq!(answer["account"]["assignments"]["totalCount"], 2);
    house.settle_mails().await;
    house.close().await;
}

/// Statements that a question takes: the least of several tries.
async fn statements(house: &House, reader: &Client, query: &str, first: usize) -> u64 {
    let mut least = u64::MAX;
    for _ in 0..7 {
        let before = house.app.statements();
        reader.ask(query, json!({"first": first})).await;
        least = least.min(house.app.statements() - before);
    }
    least
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn a_hundred_lists_take_as_many_statements_as_one(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let house = House::open(database).await;
    let team = team(&house, "acme", Plan::Standard).await;
    let users = people(&team, "p", 3).await;
    let mut given = Vec::new();
    for number in 0..100 {
        let subscription = add_product(&house, "acme", &format!("P{number:03}"), 5).await;
        if number % 10 < 2 {
            given.push(subscription);
        }
    }
    // The catalogue is read anew once a second at most where something is missed in it.
    tokio::time::sleep(std::time::Duration::from_millis(1_100)).await;
    for subscription in given {
        assign(&team, &subscription, &users).await;
    }
    let products = "query($first: Int!) { account { products(first: $first) { nodes { code assignments(first: 2, orderBy: {field: USER_NAME}) {
        totalCount nodes { id user { email } components { isEnabled } } pageInfo { hasNextPage } } } } } }";
    let subscriptions = "query($first: Int!) { account { subscriptions(first: $first) { nodes { id assignments(first: 2) { totalCount nodes { id user { email } } } } } } }";
    for first in [1, 10, 100] {
        // The pages, the totals, whose seats they are, which components are on.
        assert_eq!(
            statements(&house, &team.admin, products, first).await,
            4,
            "{first}"
        );
        assert_eq!(
            statements(&house, &team.admin, subscriptions, first).await,
            4,
            "{first}"
        );
    }
    let answer = team.admin.ask(products, json!({"first": 100})).await;
    for (number, product) in answer["account"]["products"]["nodes"]
        .as_array()
        .unwrap()
        .iter()
        .enumerate()
    {
        let (total, shown, has_next) = if number % 10 < 2 {
            (3, 2, true)
        } else {
            (0, 0, false)
        };
        let list = &product["assignments"];
        assert_eq!(list["totalCount"], total, "{product}");
        assert_eq!(list["nodes"].as_array().unwrap().len(), shown, "{product}");
        assert_eq!(list["pageInfo"]["hasNextPage"], has_next, "{product}");
    }
    house.settle_mails().await;
    house.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn people_are_neither_searched_nor_put_in_order_by_whoever_may_read_seats_alone() {
    let house = House::open(Database::Sqlite).await;
    let (team, [draw, ..], _) = staffed(&house).await;
    let create = "mutation($input: CreateApiTokenInput!) { createApiToken(input: $input) { secret } }";
    let until = house.app.clock().now() + chrono::Duration::days(1);
    let input = json!({"name": "seats", "scopes": ["ASSIGNMENTS_READ", "ASSIGNMENTS_WRITE"], "expiresAt": until.to_rfc3339()});
    let made = team.admin.ask(create, json!({"input": input})).await;
    let script = Client {
        token: made["createApiToken"]["secret"].as_str().map(str::to_owned),
        ..house.anonymous()
    };
    let list = |arguments: &str| format!("{{ account {{ assignments{arguments} {{ totalCount }} }} }}");
    let seen = script.ask(&list("(filter: {source: [MANUAL]})"), json!({})).await;
    assert_eq!(seen["account"]["assignments"]["totalCount"], 23);
    for of_people in [
        "(filter: {search: \"p3\"})",
        "(filter: {userStatus: [ACTIVE]})",
        "(orderBy: {field: USER_NAME})",
    ] {
        assert_eq!(
            script.refused(&list(of_people), json!({})).await,
            "FORBIDDEN",
            "{of_people}"
        );
    }
    let assign = "mutation($input: AssignSeatsInput!) { assignSeats(input: $input) { userErrors { code } } }";
    let input = json!({"sources": [{"subscriptionId": draw}], "userFilter": {"search": "p11"}});
    let before = house.settled().await;
    assert_eq!(script.refused(assign, json!({"input": input})).await, "FORBIDDEN");
    assert_eq!(house.settled().await["assignments"], before["assignments"]);
    house.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_no_client_would_ask_of_a_list_of_seats_is_refused() {
    let house = House::open(Database::Sqlite).await;
    let (team, [draw, ink, _], _) = staffed(&house).await;
    let (draw, ink) = (product_of(&team, &draw).await, product_of(&team, &ink).await);
    let page = team.admin.ask(OF_PRODUCT, json!({"id": draw, "first": 2})).await;
    let after = &page["product"]["assignments"]["pageInfo"]["endCursor"];
    // The same list of another product goes on behind the same place.
    let next = team
        .admin
        .ask(OF_PRODUCT, json!({"id": ink, "first": 2, "after": after}))
        .await;
    assert_eq!(
        next["product"]["assignments"]["nodes"].as_array().unwrap().len(),
        2
    );
    let many = json!(vec!["MANUAL"; 201]);
    for (variables, code) in [
        (
            json!({"after": after, "by": {"field": "USER_NAME"}}),
            "INVALID_CURSOR",
        ),
        (
            json!({"after": after, "filter": {"source": ["MANUAL"]}}),
            "INVALID_CURSOR",
        ),
        (json!({"after": "x"}), "INVALID_CURSOR"),
        (json!({"first": 101}), "BAD_USER_INPUT"),
        (json!({"filter": {"userId": draw}}), "BAD_USER_INPUT"),
        (json!({"filter": {"productId": "prd_1"}}), "BAD_USER_INPUT"),
        (json!({"filter": {"subscriptionId": ""}}), "BAD_USER_INPUT"),
        (json!({"filter": {"source": many}}), "BAD_USER_INPUT"),
        (
            json!({"filter": {"search": "a b c d e f g h i"}}),
            "BAD_USER_INPUT",
        ),
    ] {
        let mut given = variables.clone();
        given["id"] = json!(draw);
        assert_eq!(team.admin.refused(OF_PRODUCT, given).await, code, "{variables}");
    }
    house.settle_mails().await;
    house.close().await;
}
