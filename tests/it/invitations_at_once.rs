//! Invitations of a whole account: listed, sent later, sent again and withdrawn by what they have in common.

use chrono::Duration;
use entity::account::Plan;
use rstest::rstest;
use serde_json::{Value, json};

use crate::imports::assignments::giving;
use crate::imports::support::{mails_of, people, run, standing};
use crate::support::{Client, Database, House, PASSWORD, Team, add_product, team};

const SEND: &str = "mutation($input: SendInvitationsInput!) { sendInvitations(input: $input) { moreMatching
    results { status user { email status } invitation { status } userErrors { code } } summary { total applied unchanged failed } userErrors { code field } } }";
const LIST: &str = "query($first: Int, $after: String, $filter: InvitationFilter, $orderBy: InvitationOrder) { account {
    invitations(first: $first, after: $after, filter: $filter, orderBy: $orderBy) {
        totalCount nodes { id status expiresAt delivery { status } user { email } } pageInfo { hasNextPage endCursor } } } }";

async fn send(client: &Client, input: Value) -> Value {
    client.ask(SEND, json!({"input": input})).await["sendInvitations"].clone()
}

/// `resendInvitations` or `revokeInvitations`.
async fn again(client: &Client, mutation: &str, input: Value) -> Value {
    let query = format!(
        "mutation($input: InvitationIdsInput!) {{ {mutation}(input: $input) {{ moreMatching results {{ status invitation {{ id status }} userErrors {{ code }} }}
            summary {{ total applied failed }} userErrors {{ code field }} }} }}"
    );
    client.ask(&query, json!({"input": input})).await[mutation].clone()
}

/// The addresses of a list, page after page.
async fn listed(client: &Client, filter: Value, order: Value) -> Vec<String> {
    let (mut emails, mut after) = (Vec::new(), Value::Null);
    loop {
        let variables = json!({"first": 2, "after": after, "filter": filter, "orderBy": order});
        let page = client.ask(LIST, variables).await["account"]["invitations"].clone();
        let nodes = page["nodes"].as_array().unwrap().iter();
        emails.extend(nodes.map(|node| node["user"]["email"].as_str().unwrap().to_owned()));
        if page["pageInfo"]["hasNextPage"] == false {
            assert_eq!(page["totalCount"], emails.len());
            return emails;
        }
        after = page["pageInfo"]["endCursor"].clone();
    }
}

fn address(name: &str) -> String {
    format!("{name}@acme.example")
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn people_who_were_added_to_be_invited_later_are_invited_a_hundred_at_a_time(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let house = House::open(database).await;
    let team = team(&house, "acme", Plan::Standard).await;
    let draw = add_product(&house, "acme", "DRAW", 500).await;
    let row = |number| format!("Person,Number {number},person{number}@acme.example\n");
    let file = "First Name,Last Name,Email\n".to_owned() + &(0..130).map(row).collect::<String>();
    let mut options = giving(&[&draw]);
    options["sendInvitations"] = json!(false);
    run(&team.admin, file.as_bytes(), options).await;
    assert_eq!(team.counts().await["userCounts"]["staged"], 130);
    assert_eq!(mails_of(&house, &team, "invitation").await.len(), 0);

    let filter = json!({"userFilter": {"search": "Number"}, "message": "Welcome"});
    let first = send(&team.admin, filter.clone()).await;
    assert_eq!(
        (&first["moreMatching"], &first["userErrors"]),
        (&json!(30), &json!([]))
    );
    assert_eq!(
        first["summary"],
        json!({"total": 100, "applied": 100, "unchanged": 0, "failed": 0})
    );
    assert_eq!(first["results"][0]["user"]["status"], "PENDING");
    assert_eq!(first["results"][99]["invitation"]["status"], "PENDING");
    let second = send(&team.admin, filter.clone()).await;
    assert_eq!(
        (&second["moreMatching"], &second["summary"]["applied"]),
        (&json!(0), &json!(30))
    );
    let third = send(&team.admin, filter).await;
    assert_eq!(third["summary"]["total"], 0, "nobody is invited twice");
    let mails = mails_of(&house, &team, "invitation").await;
    assert_eq!(mails.len(), 130);
    let tells = |mail: &(String, Value)| {
        mail.1["products"] == json!(["Product DRAW"]) && mail.1["message"] == "Welcome"
    };
    assert!(mails.iter().all(tells), "{:?}", mails[0]);
    assert_eq!(
        team.seats(&draw).await,
        (500, 130, 130),
        "the seats were theirs before"
    );
    house.settle_mails().await;
    house.close().await;
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn who_is_named_is_invited_unless_they_are_already_and_bad_calls_invite_nobody(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let house = House::open(database).await;
    let team = team(&house, "acme", Plan::Standard).await;
    let other = crate::support::team(&house, "other", Plan::Standard).await;
    let foreign = other.invite("else@other.example").await;
    let user = team.join(&house, "joined@acme.example", "USER").await;
    let mut ids = Vec::new();
    for name in ["staged", "pending"] {
        ids.push(team.invite(&address(name)).await);
    }
    let shown = "query($id: ID!) { user(id: $id) { invitation { id } } }";
    let shown = team.admin.ask(shown, json!({"id": ids[0]})).await;
    let withdrawn = json!({"invitationIds": [shown["user"]["invitation"]["id"]]});
    again(&team.admin, "revokeInvitations", withdrawn).await;
    team.join(&house, &address("gone"), "USER").await;
    let gone = "{ account { users(first: 1, filter: {search: \"gone\"}) { nodes { id } } } }";
    let gone = team.admin.ask(gone, json!({})).await["account"]["users"]["nodes"][0]["id"].clone();
    let disable = "mutation($input: UserIdsInput!) { disableUsers(input: $input) { summary { applied } } }";
    team.admin
        .ask(disable, json!({"input": {"userIds": [gone]}}))
        .await;
    ids.push(gone.as_str().unwrap().to_owned());
    let before = standing(&house, &team).await;
    let many = vec![ids[0].clone(); 101];
    for (input, code, field) in [
        (json!({}), "REQUIRED", "userIds"),
        (json!({"userIds": []}), "REQUIRED", "userIds"),
        (json!({"userIds": many}), "TOO_MANY_ITEMS", "userIds"),
        (json!({"userIds": ids, "userFilter": {}}), "INVALID", "userFilter"),
        (
            json!({"userIds": ids, "message": "x".repeat(501)}),
            "TOO_LONG",
            "message",
        ),
    ] {
        let refused = send(&team.admin, input).await;
        assert_eq!(refused["userErrors"][0]["code"], code);
        assert_eq!(refused["userErrors"][0]["field"], json!(["input", field]));
    }
    assert_eq!(
        user.refused(SEND, json!({"input": {"userIds": ids}})).await,
        "FORBIDDEN"
    );
    assert_eq!(standing(&house, &team).await, before);

    ids.push(foreign);
    ids.push("usr_nonsense".to_owned());
    let sent = send(&team.admin, json!({"userIds": ids})).await;
    let ended: Vec<(&str, &str)> = sent["results"]
        .as_array()
        .unwrap()
        .iter()
        .map(|result| {
            let code = result["userErrors"][0]["code"].as_str().unwrap_or_default();
            (result["status"].as_str().unwrap(), code)
        })
        .collect();
    assert_eq!(
        ended,
        [
            ("APPLIED", ""),
            ("UNCHANGED", ""),
            ("FAILED", "USER_DISABLED"),
            ("FAILED", "NOT_FOUND"),
            ("FAILED", "NOT_FOUND"),
        ]
    );
    assert_eq!(sent["moreMatching"], 0);
    assert_eq!(sent["results"][3]["user"], Value::Null);
    house.settle_mails().await;
    house.close().await;
}

/// Somebody whose invitation has expired, one who joined, one whose invitation was withdrawn, and two who are invited.
async fn mixed(house: &House) -> Team {
    let team = team(house, "acme", Plan::Standard).await;
    team.invite(&address("expired")).await;
    team.join(house, &address("joined"), "USER").await;
    house.settle_mails().await;
    house.app.clock().advance(Duration::days(91));
    let admin = house.sign_in(&address("admin"), PASSWORD).await;
    let team = Team { admin, ..team };
    for name in ["withdrawn", "first", "second"] {
        team.invite(&address(name)).await;
        house.app.clock().advance(Duration::seconds(1));
    }
    house.settle_mails().await;
    let filter = json!({"status": ["PENDING"]});
    let shown = team
        .admin
        .ask(
            LIST,
            json!({"first": 10, "filter": filter, "orderBy": {"field": "CREATED_AT"}}),
        )
        .await;
    let id = shown["account"]["invitations"]["nodes"][0]["id"].clone();
    let revoked = again(&team.admin, "revokeInvitations", json!({"invitationIds": [id]})).await;
    assert_eq!(
        (&revoked["summary"]["applied"], &revoked["moreMatching"]),
        (&json!(1), &json!(0))
    );
    team
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn invitations_are_listed_by_state_delivery_and_age_and_only_to_their_account(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let house = House::open(database).await;
    let team = mixed(&house).await;
    let by = |field: &str, direction: &str| json!({"field": field, "direction": direction});
    let all = ["expired", "joined", "withdrawn", "first", "second"].map(address);
    let made = |direction| listed(&team.admin, json!({}), by("CREATED_AT", direction));
    assert_eq!(made("ASC").await, all);
    let mut latest_first = all.to_vec();
    latest_first.reverse();
    assert_eq!(made("DESC").await, latest_first);
    assert_eq!(listed(&team.admin, json!({}), Value::Null).await, latest_first);
    assert_eq!(listed(&team.admin, json!({}), by("EXPIRES_AT", "ASC")).await, all);
    let since = (house.app.clock().now() - Duration::days(1)).to_rfc3339();
    for (filter, expected) in [
        (json!({"status": ["PENDING"]}), vec!["first", "second"]),
        (json!({"status": ["EXPIRED"]}), vec!["expired"]),
        (
            json!({"status": ["ACCEPTED", "REVOKED"]}),
            vec!["joined", "withdrawn"],
        ),
        (json!({"status": []}), vec![]),
        (json!({"delivery": ["BOUNCED"]}), vec![]),
        (
            json!({"delivery": ["SENT"], "createdAt": {"to": since}}),
            vec!["expired", "joined"],
        ),
        (
            json!({"expiresAt": {"from": since}}),
            vec!["withdrawn", "first", "second"],
        ),
    ] {
        let expected: Vec<String> = expected.into_iter().map(address).collect();
        assert_eq!(
            listed(&team.admin, filter.clone(), by("CREATED_AT", "ASC")).await,
            expected,
            "{filter}"
        );
    }
    let page = team.admin.ask(LIST, json!({"first": 1})).await["account"]["invitations"].clone();
    let cursor = &page["pageInfo"]["endCursor"];
    let elsewhere = json!({"first": 1, "after": cursor, "filter": {"status": ["PENDING"]}});
    assert_eq!(team.admin.refused(LIST, elsewhere).await, "INVALID_CURSOR");
    let long = json!({"filter": {"status": vec!["PENDING"; 201]}});
    assert_eq!(team.admin.refused(LIST, long).await, "BAD_USER_INPUT");
    let user = house.sign_in(&address("joined"), PASSWORD).await;
    assert_eq!(user.refused(LIST, json!({"first": 1})).await, "FORBIDDEN");
    let other = crate::support::team(&house, "other", Plan::Standard).await;
    assert_eq!(listed(&other.admin, json!({}), Value::Null).await, [""; 0]);
    house.close().await;
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn what_matches_is_sent_again_or_withdrawn_and_the_answer_says_how_many_are_left(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let house = House::open(database).await;
    let team = mixed(&house).await;
    let before = standing(&house, &team).await;
    for mutation in ["resendInvitations", "revokeInvitations"] {
        for (input, code, field) in [
            (json!({}), "REQUIRED", "invitationIds"),
            (json!({"invitationIds": []}), "REQUIRED", "invitationIds"),
            (
                json!({"invitationIds": vec!["inv_x"; 51]}),
                "TOO_MANY_ITEMS",
                "invitationIds",
            ),
            (
                json!({"invitationIds": ["inv_x"], "filter": {}}),
                "INVALID",
                "filter",
            ),
        ] {
            let refused = again(&team.admin, mutation, input).await;
            assert_eq!(refused["userErrors"][0]["code"], code);
            assert_eq!(refused["userErrors"][0]["field"], json!(["input", field]));
        }
    }
    assert_eq!(standing(&house, &team).await, before);

    let expired = json!({"filter": {"status": ["EXPIRED"]}});
    let sent = again(&team.admin, "resendInvitations", expired.clone()).await;
    assert_eq!(sent["summary"], json!({"total": 1, "applied": 1, "failed": 0}));
    assert_eq!(sent["results"][0]["invitation"]["status"], "PENDING");
    let sent = again(&team.admin, "resendInvitations", expired).await;
    assert_eq!(sent["summary"]["total"], 0, "it has not expired any more");

    run(&team.admin, people("acme", 120).as_bytes(), json!({})).await;
    // What was accepted or withdrawn matches and is not meant.
    let everything = json!({"filter": {}});
    let (mut sent, mut calls) = (std::collections::HashSet::new(), 0);
    while sent.len() < 123 {
        calls += 1;
        assert!(calls <= 2, "two calls come to everybody");
        let answer = again(&team.admin, "resendInvitations", everything.clone()).await;
        let results = answer["results"].as_array().unwrap().iter();
        sent.extend(results.map(|result| result["invitation"]["id"].to_string()));
    }
    let first = again(&team.admin, "revokeInvitations", everything.clone()).await;
    assert_eq!(
        (&first["summary"]["applied"], &first["moreMatching"]),
        (&json!(100), &json!(23))
    );
    let second = again(&team.admin, "revokeInvitations", everything.clone()).await;
    assert_eq!(
        (&second["summary"]["applied"], &second["moreMatching"]),
        (&json!(23), &json!(0))
    );
    let third = again(&team.admin, "revokeInvitations", everything).await;
    assert_eq!(third["summary"]["total"], 0);
    let counts = team.counts().await["userCounts"].clone();
    assert_eq!((&counts["pending"], &counts["staged"]), (&json!(0), &json!(124)));
    house.settle_mails().await;
    house.close().await;
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn sending_forty_again_takes_as_many_statements_as_one(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let house = House::open(database).await;
    let team = team(&house, "acme", Plan::Standard).await;
    run(&team.admin, people("acme", 160).as_bytes(), json!({})).await;
    house.settle_mails().await;
    let listed = "query($after: String) { account { invitations(first: 100, after: $after) { nodes { id } pageInfo { endCursor } } } }";
    let (mut ids, mut after) = (Vec::new(), Value::Null);
    for _ in 0..2 {
        let page = team.admin.ask(listed, json!({"after": after})).await["account"]["invitations"].clone();
        ids.extend(
            page["nodes"]
                .as_array()
                .unwrap()
                .iter()
                .map(|node| node["id"].clone()),
        );
        after = page["pageInfo"]["endCursor"].clone();
    }
    let (mut counted, mut from) = (Vec::new(), 0);
    for count in [1, 10, 40] {
        let mut least = u64::MAX;
        // Mails are sent in the background: the least of several tries.
        for _ in 0..3 {
            let those = &ids[from..from + count];
            from += count;
            let before = house.app.statements();
            let answer = again(&team.admin, "resendInvitations", json!({"invitationIds": those})).await;
            least = least.min(house.app.statements() - before);
            assert_eq!(answer["summary"]["applied"], count);
            house.settle_mails().await;
        }
        counted.push(least);
    }
    assert_eq!(counted[0], counted[1], "{counted:?}");
    assert_eq!(counted[0], counted[2], "{counted:?}");
    house.close().await;
}
