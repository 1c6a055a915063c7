//! Lists of groups, of their members, and of the groups of people.

use entity::account::Plan;
use rstest::rstest;
use serde_json::{Value, json};

use super::support::{activate, add, group, people, remove, send};
use crate::imports::support::{begin, settled};
use crate::support::seats::assert_seats_agree;
use crate::support::{Client, Database, House, Team, add_product, team};

fn names(nodes: &Value, field: &str) -> Vec<String> {
    let nodes = nodes.as_array().unwrap().iter();
    nodes
        .map(|node| node[field].as_str().unwrap().to_owned())
        .collect()
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn groups_stand_by_name_are_found_by_a_part_of_it_and_paged(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let house = House::open(database).await;
    let team = team(&house, "acme", Plan::Standard).await;
    for name in ["Zebra", "école", "Alpha", "Echo 100%", "beta"] {
        group(&team, name, &[], &[]).await;
    }
    let query = "query($first: Int, $after: String, $last: Int, $filter: GroupFilter) { account { groups(first: $first, after: $after, last: $last, filter: $filter) {
        totalCount nodes { name } pageInfo { hasNextPage endCursor } } } }";
    let ask = async |variables: Value| team.admin.ask(query, variables).await["account"]["groups"].clone();
    let all = ask(json!({})).await;
    assert_eq!(
        names(&all["nodes"], "name"),
        ["Alpha", "beta", "Echo 100%", "école", "Zebra"]
    );
    let first = ask(json!({"first": 2})).await;
    assert_eq!(
        (&first["totalCount"], &first["pageInfo"]["hasNextPage"]),
        (&json!(5), &json!(true))
    );
    let next = ask(json!({"first": 9, "after": first["pageInfo"]["endCursor"]})).await;
    assert_eq!(names(&next["nodes"], "name"), ["Echo 100%", "école", "Zebra"]);
    assert_eq!(names(&ask(json!({"last": 1})).await["nodes"], "name"), ["Zebra"]);
    let found = async |search: &str| {
        names(
            &ask(json!({"filter": {"search": search, "source": ["MANUAL"]}})).await["nodes"],
            "name",
        )
    };
    assert_eq!(found("ECO").await, ["école"]);
    assert_eq!(found("0%").await, ["Echo 100%"]);
    assert_eq!(found("_").await, Vec::<String>::new());
    house.close().await;
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn members_of_several_groups_are_filtered_ordered_and_paged_each_by_itself(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let house = House::open(database).await;
    let team = team(&house, "acme", Plan::Standard).await;
    let users = people(&team, "p", 6).await;
    group(&team, "A", &users[..4], &[]).await;
    group(&team, "B", &users[2..], &[]).await;
    group(&team, "C", &[], &[]).await;
    let query = "query($first: Int, $after: String, $filter: UserFilter) { account { groups(first: 9) { nodes { name members(first: $first, after: $after, filter: $filter, orderBy: {field: EMAIL, direction: DESC}) {
        totalCount nodes { email } pageInfo { hasNextPage endCursor } } } } } }";
    let ask = async |variables: Value| {
        let answer = team.admin.ask(query, variables).await;
        answer["account"]["groups"]["nodes"].as_array().unwrap().clone()
    };
    let all = ask(json!({"first": 3})).await;
    let emails = |group: &Value| names(&group["members"]["nodes"], "email");
    let at = |numbers: &[u8]| {
        numbers
            .iter()
            .map(|number| format!("p{number}@acme.example"))
            .collect::<Vec<_>>()
    };
    assert_eq!(emails(&all[0]), at(&[3, 2, 1]));
    assert_eq!(emails(&all[1]), at(&[5, 4, 3]));
    assert_eq!(
        (&all[2]["members"]["totalCount"], &all[2]["members"]["nodes"]),
        (&json!(0), &json!([]))
    );
    assert_eq!(
        (
            &all[1]["members"]["totalCount"],
            &all[1]["members"]["pageInfo"]["hasNextPage"]
        ),
        (&json!(4), &json!(true))
    );
    let after = &all[0]["members"]["pageInfo"]["endCursor"];
    let rest = ask(json!({"first": 3, "after": after})).await;
    assert_eq!(emails(&rest[0]), at(&[0]));
    let found = ask(json!({"first": 9, "filter": {"search": "p3"}})).await;
    assert_eq!((emails(&found[0]), emails(&found[1])), (at(&[3]), at(&[3])));
    assert_eq!(found[0]["members"]["totalCount"], 1);

    let users_in = "query { account { users(first: 9) { nodes { email groups(first: 1) { totalCount nodes { name } } } } } }";
    let seen = team.admin.ask(users_in, json!({})).await["account"]["users"]["nodes"].clone();
    let of: Vec<(&Value, &Value)> = seen
        .as_array()
        .unwrap()
        .iter()
        .map(|user| (&user["groups"]["totalCount"], &user["groups"]["nodes"]))
        .collect();
    assert_eq!(of[0], (&json!(0), &json!([])), "the administrator");
    assert_eq!(of[3], (&json!(2), &json!([{"name": "A"}])));
    house.close().await;
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn members_come_and_go_by_what_they_have_in_common(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let house = House::open(database).await;
    let team = team(&house, "acme", Plan::Standard).await;
    let draw = add_product(&house, "acme", "DRAW", 200).await;
    people(&team, "p", 12).await;
    activate(&house).await;
    let id = group(&team, "Design", &[], &[&draw]).await;
    let dry = json!({"groupId": id, "userFilter": {"search": "p1"}, "dryRun": true});
    let dry = send(&team, &add(), dry).await;
    assert_eq!(
        (&dry["summary"]["applied"], &dry["group"]["memberCount"]),
        (&json!(3), &json!(3)),
        "p1, p10 and p11"
    );
    assert_eq!(team.seats(&draw).await.1, 0);
    let came = send(
        &team,
        &add(),
        json!({"groupId": id, "userFilter": {"search": "p1"}}),
    )
    .await;
    assert_eq!(came["summary"]["applied"], 3);
    assert_eq!(team.seats(&draw).await.1, 3);
    let left = json!({"groupId": id, "userFilter": {"groupId": id, "email": {"contains": "p1@"}}});
    let left = send(&team, &remove(), left).await;
    assert_eq!(
        (&left["summary"]["applied"], &left["results"][0]["releasedSeats"]),
        (&json!(1), &json!(1))
    );
    assert_eq!(team.seats(&draw).await.1, 2);
    people(&team, "q", 100).await;
    let none = json!({"groupId": id, "userFilter": {"search": "nobody"}});
    let none = send(&team, &add(), none).await;
    assert_eq!(
        (&none["summary"]["applied"], &none["userErrors"]),
        (&json!(0), &json!([]))
    );
    house.close().await;
}

/// Waits for the end of a job; answers how many people it came to what for.
async fn ended(team: &Team, job: &Value) -> Value {
    let query = "query($id: ID!) { bulkJob(id: $id) { action status outcomeCounts { outcome count } } }";
    for _ in 0..1_000 {
        let seen = team.admin.ask(query, json!({"id": job})).await["bulkJob"].clone();
        if seen["status"] != "QUEUED" && seen["status"] != "RUNNING" {
            return seen;
        }
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    panic!("the job does not end");
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn more_than_a_hundred_who_match_come_and_go_by_a_job(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let house = House::open(database).await;
    let team = team(&house, "acme", Plan::Standard).await;
    let draw = add_product(&house, "acme", "DRAW", 140).await;
    let users = people(&team, "p", 150).await;
    let id = group(&team, "Design", &users[..10], &[&draw]).await;
    let with_job = |mutation: String| {
        mutation.replacen("summary {", "job { id total: progress { total } } summary {", 1)
    };
    let everybody = json!({"groupId": id, "userFilter": {"status": ["PENDING"]}, "dryRun": true});
    let dry = send(&team, &with_job(add()), everybody.clone()).await;
    assert_eq!((&dry["job"], &dry["results"]), (&Value::Null, &json!([])));
    let seats = &dry["seats"][0];
    assert_eq!(
        (&seats["required"], &seats["given"], &seats["waiting"]),
        (&json!(140), &json!(130), &json!(10))
    );
    let mut everybody = everybody;
    everybody["dryRun"] = json!(false);
    let begun = send(&team, &with_job(add()), everybody.clone()).await;
    assert_eq!(
        (&begun["results"], &begun["job"]["total"]["total"]),
        (&json!([]), &json!(150))
    );
    let job = ended(&team, &begun["job"]["id"]).await;
    assert_eq!(
        (&job["action"], &job["status"]),
        (&json!("ADD_GROUP_MEMBERS"), &json!("SUCCEEDED"))
    );
    let count = |outcome: &str, count: i64| json!({"outcome": outcome, "count": count});
    let mut counts = job["outcomeCounts"].as_array().unwrap().clone();
    counts.sort_by_key(|one| one["outcome"].as_str().unwrap().to_owned());
    assert_eq!(
        counts,
        [
            count("APPLIED", 130),
            count("UNCHANGED", 10),
            count("WAITLISTED", 10)
        ]
    );
    assert_seats_agree(&house).await;
    assert_eq!(team.seats(&draw).await.1, 140);
    let gone = send(&team, &with_job(remove()), everybody).await;
    let job = ended(&team, &gone["job"]["id"]).await;
    assert_eq!(
        (&job["action"], &job["outcomeCounts"]),
        (&json!("REMOVE_GROUP_MEMBERS"), &json!([count("APPLIED", 150)]))
    );
    assert_eq!(team.seats(&draw).await.1, 0);
    assert_seats_agree(&house).await;
    house.close().await;
}

/// A script of the primary administrator.
async fn script(house: &House, team: &Team, scopes: &[&str]) -> (Client, Value) {
    let create =
        "mutation($input: CreateApiTokenInput!) { createApiToken(input: $input) { secret apiToken { id } } }";
    let until = house.app.clock().now() + chrono::Duration::days(1);
    let input = json!({"name": "sync", "scopes": scopes, "expiresAt": until.to_rfc3339()});
    let made = team.admin.ask(create, json!({"input": input})).await["createApiToken"].clone();
    let script = Client {
        token: made["secret"].as_str().map(str::to_owned),
        ..team.admin.clone()
    };
    (script, made["apiToken"]["id"].clone())
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn a_script_gives_no_seats_by_a_job_that_it_may_not_give_in_a_call(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let house = House::open(database).await;
    let team = team(&house, "acme", Plan::Standard).await;
    let draw = add_product(&house, "acme", "DRAW", 200).await;
    people(&team, "p", 101).await;
    let id = group(&team, "Design", &[], &[&draw]).await;
    let (script, _) = script(&house, &team, &["USERS_WRITE"]).await;
    for search in ["p1", "p"] {
        let input = json!({"groupId": id, "userFilter": {"search": search}});
        assert_eq!(script.refused(&add(), json!({"input": input})).await, "FORBIDDEN");
    }
    assert_eq!(team.seats(&draw).await.1, 0);
    assert_eq!(house.number("SELECT count(*) FROM group_members").await, 0);
    assert_eq!(house.number("SELECT count(*) FROM bulk_jobs").await, 0);
    house.settle_mails().await;
    house.close().await;
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn a_job_ends_with_the_token_that_asked_for_it(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let house = House::open(database).await;
    let team = team(&house, "acme", Plan::Standard).await;
    let draw = add_product(&house, "acme", "DRAW", 200).await;
    people(&team, "p", 101).await;
    let id = group(&team, "Design", &[], &[&draw]).await;
    let (script, token) = script(&house, &team, &["USERS_WRITE", "ASSIGNMENTS_WRITE"]).await;
    // Work of one account is done one after the other: the job waits for this file.
    let file = crate::imports::support::people("acme", 800);
    let import = begin(&team.admin, file.as_bytes(), json!({})).await;
    let with_job = add().replacen("summary {", "job { id } summary {", 1);
    let input = json!({"groupId": id, "userFilter": {"search": "p"}});
    let begun = script.ask(&with_job, json!({"input": input})).await;
    let revoke = "mutation($id: ID!) { revokeApiToken(input: {apiTokenId: $id}) { userErrors { code } } }";
    let revoked = team.admin.ask(revoke, json!({"id": token})).await;
    assert_eq!(revoked["revokeApiToken"]["userErrors"], json!([]));
    let job = ended(&team, &begun["addGroupMembers"]["job"]["id"]).await;
    assert_eq!(job["status"], "FAILED", "{job}");
    assert_eq!(house.number("SELECT count(*) FROM group_members").await, 0);
    assert_eq!(team.seats(&draw).await.1, 0);
    assert_eq!(settled(&team.admin, &import).await["status"], "SUCCEEDED");
    house.settle_mails().await;
    house.close().await;
}
