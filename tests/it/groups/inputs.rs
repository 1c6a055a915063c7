//! Making and naming groups, and everything that is refused about them.

use entity::account::{Plan, View};
use rstest::rstest;
use serde_json::{Value, json};

use super::support::{CREATE, DELETE, SET, UPDATE, add, group, join, people, remove, send};
use crate::support::seats::assert_seats_agree;
use crate::support::{Database, House, add_product, team, team_in};

fn refusal(code: &str, field: &str) -> Value {
    json!([{"code": code, "field": field.split('.').collect::<Vec<_>>()}])
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn a_group_is_made_once_under_a_key_named_otherwise_and_deleted(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let house = House::open(database).await;
    let team = team(&house, "acme", Plan::Standard).await;
    let users = people(&team, "p", 2).await;
    let input =
        json!({"name": " Design ", "description": "Who draws", "memberIds": users, "idempotencyKey": "one"});
    let made = send(&team, CREATE, input.clone()).await;
    assert_eq!(made["userErrors"], json!([]));
    let made = &made["group"];
    assert_eq!(
        (
            &made["name"],
            &made["description"],
            &made["version"],
            &made["memberCount"],
            &made["source"]
        ),
        (
            &json!("Design"),
            &json!("Who draws"),
            &json!(1),
            &json!(2),
            &json!("MANUAL")
        )
    );
    assert_eq!(made["members"]["totalCount"], 2);
    let again = send(&team, CREATE, input).await;
    assert_eq!(
        again["group"]["id"], made["id"],
        "the same call is the same group"
    );
    let id = &made["id"];

    let update = send(
        &team,
        UPDATE,
        json!({"groupId": id, "expectedVersion": 1, "name": "Design team", "description": ""}),
    )
    .await;
    assert_eq!(
        update["group"],
        json!({"version": 2, "name": "Design team", "description": null})
    );
    let stale = send(
        &team,
        UPDATE,
        json!({"groupId": id, "expectedVersion": 1, "name": "Late"}),
    )
    .await;
    assert_eq!(
        stale["userErrors"],
        refusal("STALE_VERSION", "input.expectedVersion")
    );
    let same = send(&team, UPDATE, json!({"groupId": id, "name": "Design team"})).await;
    assert_eq!(same["group"]["version"], 2, "nothing was changed");
    let case = send(&team, UPDATE, json!({"groupId": id, "name": "DESIGN TEAM"})).await;
    assert_eq!(
        case["group"]["name"], "DESIGN TEAM",
        "its own name in other letters is its own"
    );
    let node = team
        .admin
        .ask(
            "query($id: ID!) { node(id: $id) { ... on Group { name } ... on Versioned { version } } }",
            json!({"id": id}),
        )
        .await;
    assert_eq!(node["node"], json!({"name": "DESIGN TEAM", "version": 3}));

    let dry = send(&team, DELETE, json!({"groupId": id, "dryRun": true})).await;
    assert_eq!(dry["deletedGroupId"], *id);
    let gone = send(&team, DELETE, json!({"groupId": id})).await;
    assert_eq!((&gone["deletedGroupId"], &gone["userErrors"]), (id, &json!([])));
    let gone = send(&team, DELETE, json!({"groupId": id})).await;
    assert_eq!(gone["userErrors"], refusal("NOT_FOUND", "input.groupId"));
    let seen = team
        .admin
        .ask("{ account { groups { totalCount } } }", json!({}))
        .await;
    assert_eq!(seen["account"]["groups"]["totalCount"], 0);
    assert_seats_agree(&house).await;
    house.close().await;
}

#[tokio::test(flavor = "multi_thread")]
#[expect(clippy::too_many_lines, reason = "a table is read row by row")]
async fn whatever_is_wrong_with_an_argument_is_told_with_its_place_and_changes_nothing() {
    let house = House::open(Database::Sqlite).await;
    let team = team(&house, "acme", Plan::Standard).await;
    let draw = add_product(&house, "acme", "DRAW", 5).await;
    let users = people(&team, "p", 3).await;
    let id = group(&team, "Design", &users[..1], &[&draw]).await;
    let other = crate::support::team(&house, "other", Plan::Standard).await;
    let foreign = group(&other, "Design", &[], &[]).await;
    let sold = add_product(&house, "other", "INK", 5).await;
    let long = "x".repeat(101);
    let many = |id: &str, count: usize| vec![id.to_owned(); count];
    let cases: Vec<(&str, Value, &str, &str)> = vec![
        (CREATE, json!({"name": " "}), "REQUIRED", "input.name"),
        (CREATE, json!({"name": long}), "TOO_LONG", "input.name"),
        (
            CREATE,
            json!({"name": "a|b"}),
            "NAME_INVALID_CHARACTER",
            "input.name",
        ),
        (
            CREATE,
            json!({"name": "\u{fdfa}".repeat(90)}),
            "TOO_LONG",
            "input.name",
        ),
        (CREATE, json!({"name": "DESIGN"}), "ALREADY_EXISTS", "input.name"),
        (
            CREATE,
            json!({"name": "New", "description": "x".repeat(501)}),
            "TOO_LONG",
            "input.description",
        ),
        (
            CREATE,
            json!({"name": "New", "memberIds": [users[0], other.admin_id]}),
            "NOT_FOUND",
            "input.memberIds.1",
        ),
        (
            CREATE,
            json!({"name": "New", "memberIds": [users[0], users[0]]}),
            "DUPLICATE_INPUT",
            "input.memberIds.1",
        ),
        (
            CREATE,
            json!({"name": "New", "memberIds": many(&users[0], 101)}),
            "TOO_MANY_ITEMS",
            "input.memberIds",
        ),
        (
            CREATE,
            json!({"name": "New", "idempotencyKey": ""}),
            "INVALID",
            "input.idempotencyKey",
        ),
        (
            UPDATE,
            json!({"groupId": foreign, "name": "New"}),
            "NOT_FOUND",
            "input.groupId",
        ),
        (
            UPDATE,
            json!({"groupId": id, "name": ""}),
            "REQUIRED",
            "input.name",
        ),
        (DELETE, json!({"groupId": foreign}), "NOT_FOUND", "input.groupId"),
        (
            SET,
            json!({"groupId": foreign, "subscriptionIds": []}),
            "NOT_FOUND",
            "input.groupId",
        ),
        (
            SET,
            json!({"groupId": id, "subscriptionIds": [draw, sold]}),
            "NOT_FOUND",
            "input.subscriptionIds.1",
        ),
        (
            SET,
            json!({"groupId": id, "subscriptionIds": many(&draw, 21)}),
            "TOO_MANY_ITEMS",
            "input.subscriptionIds",
        ),
        (
            SET,
            json!({"groupId": id, "subscriptionIds": [], "expectedVersion": 9}),
            "STALE_VERSION",
            "input.expectedVersion",
        ),
    ];
    for (mutation, input, code, field) in cases {
        let answer = send(&team, mutation, input.clone()).await;
        let error = &answer["userErrors"][0];
        assert_eq!(
            (&error["code"], &error["field"]),
            (&json!(code), &refusal(code, field)[0]["field"]),
            "{input}"
        );
    }
    for mutation in [add(), remove()] {
        for (input, code, field) in [
            (
                json!({"groupId": foreign, "userIds": users}),
                "NOT_FOUND",
                "input.groupId",
            ),
            (json!({"groupId": id, "userIds": []}), "REQUIRED", "input.userIds"),
            (
                json!({"groupId": id, "userIds": many(&users[0], 101)}),
                "TOO_MANY_ITEMS",
                "input.userIds",
            ),
            (json!({"groupId": id}), "REQUIRED", "input.userIds"),
            (
                json!({"groupId": id, "userIds": users, "userFilter": {}}),
                "INVALID",
                "input.userFilter",
            ),
            (
                json!({"groupId": id, "userIds": [users[1], "usr_x"], "onError": "REJECT_ALL"}),
                "NOT_FOUND",
                "input.userIds.1",
            ),
        ] {
            let answer = send(&team, &mutation, input.clone()).await;
            assert_eq!(answer["userErrors"], refusal(code, field), "{input}");
        }
        let each = send(
            &team,
            &mutation,
            json!({"groupId": id, "userIds": [users[0], other.admin_id, users[0]], "dryRun": true}),
        )
        .await;
        let told: Vec<&Value> = each["results"]
            .as_array()
            .unwrap()
            .iter()
            .map(|result| &result["userErrors"])
            .collect();
        assert_eq!(told[1], &refusal("NOT_FOUND", "input.userIds.1"));
        assert_eq!(told[2], &refusal("DUPLICATE_INPUT", "input.userIds.2"));
    }
    let wrong = "query { account { groups(filter: {search: \"x\"}, first: 101) { totalCount } } }";
    assert_eq!(team.admin.refused(wrong, json!({})).await, "BAD_USER_INPUT");
    let wrong = json!({"search": long});
    let query = "query($filter: GroupFilter) { account { groups(filter: $filter) { totalCount } } }";
    assert_eq!(
        team.admin.refused(query, json!({"filter": wrong})).await,
        "BAD_USER_INPUT"
    );
    let seen = team
        .admin
        .ask("{ account { groups { nodes { name memberCount } } } }", json!({}))
        .await;
    assert_eq!(
        seen["account"]["groups"]["nodes"],
        json!([{"name": "Design", "memberCount": 1}])
    );
    assert_seats_agree(&house).await;
    house.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_group_an_account_and_one_call_hold_so_many_and_no_more() {
    let house = House::open(Database::Sqlite).await;
    let team = team(&house, "acme", Plan::Standard).await;
    let draw = add_product(&house, "acme", "DRAW", 5).await;
    let users = people(&team, "p", 2).await;
    let id = group(&team, "Design", &[], &[]).await;
    house
        .force("UPDATE user_groups SET member_count = 4999")
        .await
        .unwrap();
    let came = send(&team, &add(), json!({"groupId": id, "userIds": users})).await;
    assert_eq!(
        came["summary"],
        json!({"applied": 1, "unchanged": 0, "failed": 1})
    );
    assert_eq!(
        came["results"][1]["userErrors"],
        refusal("TOO_MANY_ITEMS", "input.userIds.1")
    );
    house
        .force("UPDATE user_groups SET member_count = 10001")
        .await
        .unwrap();
    let many = send(&team, SET, json!({"groupId": id, "subscriptionIds": [draw]})).await;
    assert_eq!(
        many["userErrors"],
        refusal("TOO_MANY_ITEMS", "input.subscriptionIds")
    );
    let account = house.literal(team.account_id);
    for number in 0..499_u128 {
        let (new, name) = (
            house.literal(uuid::Uuid::from_u128(number + 1)),
            format!("g{number}"),
        );
        let sql = format!(
            "INSERT INTO user_groups (account_id, id, version, name, name_key, source, member_count, created_at)
             VALUES ({account}, {new}, 1, '{name}', '{name}', 'MANUAL', 0, '2026-01-01T00:00:00+00:00')"
        );
        house.force(&sql).await.unwrap();
    }
    let one_more = send(&team, CREATE, json!({"name": "One more"})).await;
    assert_eq!(one_more["userErrors"][0]["code"], "TOO_MANY_ITEMS");
    house.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn groups_are_managed_in_the_classic_view_too_and_users_see_their_own() {
    let house = House::open(Database::Sqlite).await;
    let team = team_in(&house, "acme", Plan::Standard, View::Classic).await;
    let draw = add_product(&house, "acme", "DRAW", 5).await;
    let design = group(&team, "Design", &[], &[&draw]).await;
    let add_one = "mutation($input: ClassicAddUserInput!) { classicAddUser(input: $input) { user { id } userErrors { code } } }";
    let person = json!({"email": "user@acme.example", "givenName": "U", "familyName": "Ser"});
    let added = send(&team, add_one, person).await;
    let user = added["user"]["id"].as_str().unwrap().to_owned();
    join(&team, &design, std::slice::from_ref(&user)).await;
    let client = crate::support::accept(&house, "user@acme.example").await;
    let own = "{ viewer { user { groups { nodes { name memberCount } } assignments { nodes { source groups { name } } } } } }";
    let seen = client.ask(own, json!({})).await;
    assert_eq!(
        seen["viewer"]["user"]["groups"]["nodes"],
        json!([{"name": "Design", "memberCount": 1}])
    );
    assert_eq!(
        seen["viewer"]["user"]["assignments"]["nodes"],
        json!([{"source": "GROUP", "groups": [{"name": "Design"}]}])
    );
    let refused = client
        .refused(
            "query($id: ID!) { group(id: $id) { name } }",
            json!({"id": design}),
        )
        .await;
    assert_eq!(refused, "FORBIDDEN");
    house.close().await;
}
