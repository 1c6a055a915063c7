//! Reading the log: what stands in an event, what each condition finds, and what is answered to what makes no sense.

use entity::account::Plan;
use rstest::rstest;
use serde_json::{Value, json};

use super::{EVENTS, SETTINGS, actions, done, events, renamed};
use crate::support::{Database, House, PASSWORD, add_product, team};

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn an_event_says_who_did_what_to_whom_from_where_with_the_values_before_and_after(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let house = House::open(database).await;
    let team = team(&house, "acme", Plan::Standard).await;
    let id = renamed(&team, "grace@acme.example").await;
    let found = events(&team.admin, json!({"action": ["users.update"]})).await;
    assert_eq!(found["totalCount"], 1);
    let event = &found["nodes"][0];
    assert_eq!(event["action"], "users.update");
    assert_eq!(event["actorKind"], "USER");
    assert_eq!(
        event["actor"],
        json!({"id": team.admin_id, "email": "admin@acme.example"})
    );
    assert_eq!(event["actorLabel"], "admin@acme.example");
    assert_eq!(event["outcome"], "SUCCESS");
    assert_eq!(event["ipAddress"], "127.0.0.1");
    assert!(!event["requestId"].as_str().unwrap().is_empty());
    let person = json!({"id": id, "label": "Grace Hopper", "subject": {"id": id, "__typename": "User"}});
    assert_eq!(
        (&event["targetIds"], &event["targets"]),
        (&json!([id]), &json!([person]))
    );
    let changes = json!([
        {"field": "givenName", "before": null, "after": "Grace"},
        {"field": "familyName", "before": null, "after": "Hopper"},
    ]);
    assert_eq!(event["changes"], changes);

    // Found again by its id.
    let query = "query($id: ID!) { node(id: $id) { ... on AuditEvent { action occurredAt } } }";
    let node = team.admin.ask(query, json!({"id": event["id"]})).await;
    assert_eq!(node["node"]["action"], "users.update");
    assert_eq!(node["node"]["occurredAt"], event["occurredAt"]);
    // What changed nothing has left nothing.
    let rename = json!({"userId": id, "givenName": "Grace", "familyName": "Hopper"});
    done(&team.admin, super::RENAME, rename).await;
    assert_eq!(
        actions(&team.admin, json!({"action": ["users.update"]}))
            .await
            .len(),
        1
    );
    house.close().await;
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn each_condition_finds_what_it_says_and_nothing_else(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let house = House::open(database).await;
    let team = team(&house, "acme", Plan::Standard).await;
    let grace = renamed(&team, "grace@acme.example").await;
    let between = house.app.clock().now();
    let linus = team.join(&house, "linus@acme.example", "USER").await;
    let linus_id = linus.ask("{ viewer { user { id } } }", json!({})).await["viewer"]["user"]["id"].clone();
    let refused = linus
        .refused(super::REMOVE, json!({"input": {"userIds": [grace]}}))
        .await;
    assert_eq!(refused, "FORBIDDEN");
    done(&team.admin, SETTINGS, json!({"seatNoticePercent": 50})).await;
    let find = async |filter: Value| actions(&team.admin, filter).await;

    let everything = find(json!({})).await;
    assert_eq!(
        everything[0], "accounts.update",
        "the newest first: {everything:?}"
    );
    assert_eq!(everything.last().unwrap(), "accounts.create");
    let users = find(json!({"action": ["users"]})).await;
    assert_eq!(users, ["users.invite", "users.update", "users.invite"]);
    assert_eq!(find(json!({"action": ["users.invite"]})).await.len(), 2);
    assert_eq!(
        find(json!({"action": ["user"]})).await,
        [""; 0],
        "a word is a whole word"
    );
    let two = find(json!({"action": ["accounts.update", "removeUsers"]})).await;
    assert_eq!(two, ["accounts.update", "removeUsers"]);
    assert_eq!(find(json!({"action": []})).await, [""; 0]);

    let denied = find(json!({"outcome": ["DENIED"]})).await;
    assert_eq!(denied, ["removeUsers"]);
    assert_eq!(find(json!({"outcome": ["DENIED", "SUCCESS"]})).await, everything);
    let of_linus = find(json!({"actorId": linus_id})).await;
    assert!(of_linus.contains(&"removeUsers".to_owned()), "{of_linus:?}");
    assert!(!of_linus.contains(&"users.update".to_owned()), "{of_linus:?}");
    let to_grace = find(json!({"targetId": grace})).await;
    assert_eq!(to_grace, ["users.update", "users.invite"]);
    let lower = find(json!({"targetId": grace.to_lowercase()})).await;
    assert_eq!(lower, to_grace, "an id is the same in any case");
    let account = entity::ids::Kind::Account.text(team.account_id);
    let to_account = find(json!({"targetId": account})).await;
    assert!(
        to_account.starts_with(&["accounts.update".to_owned()]),
        "{to_account:?}"
    );
    assert_eq!(find(json!({"actorKind": ["SUPPORT"]})).await, ["accounts.create"]);
    let by_people = find(json!({"actorKind": ["USER"]})).await;
    assert_eq!(by_people.len() + 1, everything.len());

    let from = json!({"occurredAt": {"from": between.to_rfc3339()}});
    let (late, early) = (
        find(from).await,
        find(json!({"occurredAt": {"to": between.to_rfc3339()}})).await,
    );
    assert_eq!([late.clone(), early.clone()].concat(), everything);
    assert!(early.contains(&"users.update".to_owned()) && late.contains(&"removeUsers".to_owned()));
    let home = find(json!({"ipAddress": "::ffff:127.0.0.1"})).await;
    assert_eq!(home.len() + 1, everything.len(), "all but what the operator did");
    assert_eq!(find(json!({"ipAddress": "192.0.2.7"})).await, [""; 0]);
    let all = json!({"actorId": team.admin_id, "targetId": grace, "action": ["users.update"], "outcome": ["SUCCESS"],
        "occurredAt": {"to": between.to_rfc3339()}, "actorKind": ["USER"], "ipAddress": "127.0.0.1"});
    assert_eq!(find(all).await, ["users.update"], "all conditions hold");
    house.settle_mails().await;
    house.close().await;
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn what_makes_no_sense_is_refused_by_name(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let house = House::open(database).await;
    let team = team(&house, "acme", Plan::Standard).await;
    let subscription = add_product(&house, "acme", "DRAW", 5).await;
    let long = "x".repeat(101);
    let filters = [
        json!({"actorId": "nobody"}),
        json!({"actorId": subscription}),
        json!({"targetId": "nothing"}),
        json!({"targetId": "usr_1"}),
        json!({"ipAddress": "somewhere"}),
        json!({"ipAddress": "192.0.2.0/24"}),
        json!({"ipAddress": "1".repeat(46)}),
        json!({"action": [long]}),
        json!({"action": vec!["users"; 201]}),
        json!({"action": ["a\0"]}),
        json!({"actorKind": vec!["USER"; 201]}),
        json!({"outcome": vec!["DENIED"; 201]}),
        json!({"outcome": ["FAILED"]}),
        json!({"actorKind": ["NOBODY"]}),
        json!({"occurredAt": {"from": "yesterday"}}),
        json!({"occurredAt": {"to": "+12000-01-01T00:00:00Z"}}),
    ];
    for filter in filters {
        let code = team.admin.refused(EVENTS, json!({"filter": filter})).await;
        assert_eq!(code, "BAD_USER_INPUT", "{filter}");
    }
    let code = team
        .admin
        .refused(
            "{ account { auditEvents(first: 101) { nodes { id } } } }",
            json!({}),
        )
        .await;
    assert_eq!(code, "BAD_USER_INPUT");
    let code = team.admin.refused(EVENTS, json!({"after": "elsewhere"})).await;
    assert_eq!(code, "INVALID_CURSOR");
    house.close().await;
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn pages_follow_one_another_whatever_happens_meanwhile_and_a_cursor_is_good_for_its_filter_alone(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let house = House::open(database).await;
    let team = team(&house, "acme", Plan::Standard).await;
    for number in 0..7 {
        team.invite(&format!("p{number}@acme.example")).await;
    }
    let filter = json!({"action": ["users"]});
    let mut seen = Vec::new();
    let mut after = Value::Null;
    loop {
        let given = json!({"filter": filter, "first": 3, "after": after});
        let page = team.admin.ask(EVENTS, given).await["account"]["auditEvents"].clone();
        seen.extend(
            page["nodes"]
                .as_array()
                .unwrap()
                .iter()
                .map(|node| node["id"].clone()),
        );
        team.invite(&format!("late{}@acme.example", seen.len())).await;
        after = page["pageInfo"]["endCursor"].clone();
        if page["pageInfo"]["hasNextPage"] == false {
            break;
        }
    }
    assert_eq!(
        seen.len(),
        7,
        "those that were there when the first page was read"
    );
    seen.dedup();
    assert_eq!(seen.len(), 7);
    let elsewhere = json!({"filter": {"action": ["seats"]}, "after": after});
    assert_eq!(team.admin.refused(EVENTS, elsewhere).await, "INVALID_CURSOR");

    // Of many targets the first are looked up, and all are named.
    let emails: Vec<String> = (0..30)
        .map(|number| format!("many{number}@acme.example"))
        .collect();
    let invite = "mutation($input: InviteUsersInput!) { inviteUsers(input: $input) { userErrors { code } } }";
    done(&team.admin, invite, json!({"recipients": {"emails": emails}})).await;
    let event = events(&team.admin, json!({"action": ["users.invite"]})).await["nodes"][0].clone();
    let (ids, targets) = (
        event["targetIds"].as_array().unwrap(),
        event["targets"].as_array().unwrap(),
    );
    assert_eq!((ids.len(), targets.len()), (60, 20));
    for (id, target) in ids.iter().zip(targets) {
        assert_eq!((id, &target["subject"]["id"]), (&target["id"], id));
        // Each is a person with an address, or an invitation, which has no name.
        let is_person = id.as_str().unwrap().starts_with("usr_");
        assert_eq!(target["label"].is_string(), is_person, "{target}");
    }
    house.settle_mails().await;
    house.close().await;
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn a_page_takes_a_fixed_number_of_statements_however_much_stands_on_it(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let house = House::open(database).await;
    let team = team(&house, "acme", Plan::Premium).await;
    let subscription = add_product(&house, "acme", "DRAW", 50).await;
    for number in 0..20 {
        let user = team.invite(&format!("p{number}@acme.example")).await;
        let assign =
            "mutation($input: AssignSeatsInput!) { assignSeats(input: $input) { userErrors { code } } }";
        let input = json!({"sources": [{"subscriptionId": subscription}], "userIds": [user]});
        done(&team.admin, assign, input).await;
    }
    house.settle_mails().await;
    let mut counts = Vec::new();
    for first in [4, 12, 40] {
        let mut least = u64::MAX;
        for _ in 0..7 {
            let before = house.app.statements();
            team.admin.ask(EVENTS, json!({"first": first})).await;
            least = least.min(house.app.statements() - before);
        }
        counts.push(least);
    }
    // The page and its total; who acted, and who of them was removed, for labels and for changes; targets: one for each kind of thing on the page.
    assert!(counts[2] <= 14, "{counts:?}");
    assert_eq!(
        [counts[0]; 3],
        counts[..],
        "more rows of the same kinds cost no more"
    );
    house.close().await;
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn nobody_reads_anothers_log_and_only_those_who_may_read_reports_read_their_own(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let house = House::open(database).await;
    let one = team(&house, "one", Plan::Standard).await;
    let other = team(&house, "other", Plan::Standard).await;
    let grace = renamed(&one, "grace@one.example").await;
    let event = events(&one.admin, json!({"targetId": grace})).await["nodes"][0]["id"].clone();
    let found = events(&other.admin, json!({"targetId": grace})).await;
    assert_eq!((&found["totalCount"], &found["nodes"]), (&json!(0), &json!([])));
    assert_eq!(
        actions(&other.admin, json!({"actorId": one.admin_id})).await,
        [""; 0]
    );
    let node = "query($id: ID!) { node(id: $id) { id } }";
    assert_eq!(
        other.admin.ask(node, json!({"id": event})).await["node"],
        Value::Null
    );
    let theirs = events(&other.admin, json!({})).await.to_string();
    assert!(!theirs.contains("one.example") && !theirs.contains(&grace));

    let user = one.join(&house, "user@one.example", "USER").await;
    assert_eq!(user.refused(EVENTS, json!({})).await, "FORBIDDEN");
    assert_eq!(user.ask(node, json!({"id": event})).await["node"], Value::Null);
    one.join(&house, "second@one.example", "SECONDARY_ADMIN").await;
    let second = house.sign_in("second@one.example", PASSWORD).await;
    assert!(!actions(&second, json!({})).await.is_empty());
    assert_eq!(
        house.anonymous().refused(EVENTS, json!({})).await,
        "UNAUTHENTICATED"
    );
    house.settle_mails().await;
    house.close().await;
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn a_script_for_the_log_reads_it_and_nothing_else_and_its_own_work_is_told_of_as_a_scripts(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let house = House::open(database).await;
    let team = team(&house, "acme", Plan::Standard).await;
    let grace = renamed(&team, "grace@acme.example").await;
    let create = "mutation($input: CreateApiTokenInput!) { createApiToken(input: $input) { secret userErrors { code } } }";
    let until = (house.app.clock().now() + chrono::Duration::days(30)).to_rfc3339();
    let script = async |scope: &str| {
        let input = json!({"name": scope, "scopes": [scope], "expiresAt": until});
        let made = done(&team.admin, create, input).await;
        let mut client = team.admin.clone();
        client.token = Some(made["secret"].as_str().unwrap().to_owned());
        client
    };
    let (auditor, writer) = (script("AUDIT_READ").await, script("USERS_WRITE").await);
    let users = "{ account { users { nodes { id } } } }";
    assert_eq!(auditor.refused(users, json!({})).await, "FORBIDDEN");
    assert_eq!(writer.refused(EVENTS, json!({})).await, "FORBIDDEN");
    done(
        &writer,
        super::RENAME,
        json!({"userId": grace, "givenName": "Amazing"}),
    )
    .await;

    let found = events(&auditor, json!({"actorKind": ["API_TOKEN"]})).await;
    assert_eq!(found["totalCount"], 1);
    let event = &found["nodes"][0];
    let label = event["actorLabel"].as_str().unwrap();
    assert!(
        label.starts_with("USERS_WRITE (tok_") && label.ends_with("of admin@acme.example"),
        "{label}"
    );
    // Whoever may not read users is not led to any.
    assert_eq!(event["actor"], Value::Null);
    assert_eq!(
        event["targets"][0],
        json!({"id": grace, "label": null, "subject": null})
    );
    house.close().await;
}
