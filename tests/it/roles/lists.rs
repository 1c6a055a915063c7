//! What is shown of roles: the list of them, what a reader may do with a user, and users in the order of roles and sign-ins.

use entity::account::Plan;
use rstest::rstest;
use serde_json::{Value, json};

use super::support::{call, change_role, code, id_of, premium, uuid};
use crate::support::{Client, Database, House, Team, team};

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn every_role_is_described_with_its_holders(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let (house, premium) = premium(database).await;
    premium
        .join(&house, "second@acme.example", "SECONDARY_ADMIN")
        .await;
    let user = premium.join(&house, "user@acme.example", "USER").await;
    let removed = premium.invite("removed@acme.example").await;
    call(&premium.admin, "removeUsers", &[&removed]).await;
    let query = "{ account { roles { role description permissions isAvailable maxHolders } } }";
    let seen = user.ask(query, json!({})).await["account"]["roles"].clone();
    let counting = "{ account { roles { holderCount } } }";
    let counted = premium.admin.ask(counting, json!({})).await["account"]["roles"].clone();
    let (_, withheld) = user.send(counting, json!({})).await;
    assert_eq!(
        withheld["data"]["account"]["roles"][0],
        json!({"holderCount": null})
    );
    assert_eq!(withheld["errors"][0]["extensions"]["code"], "FORBIDDEN");
    let roles = seen.as_array().unwrap();
    let column = |name: &str| -> Vec<Value> { roles.iter().map(|role| role[name].clone()).collect() };
    let names = json!([
        "PRIMARY_ADMIN",
        "SECONDARY_ADMIN",
        "SSO_ADMIN",
        "CONTRACT_MANAGER",
        "SOFTWARE_COORDINATOR",
        "USER"
    ]);
    assert_eq!(json!(column("role")), names);
    let holders: Vec<Value> = counted
        .as_array()
        .unwrap()
        .iter()
        .map(|role| role["holderCount"].clone())
        .collect();
    assert_eq!(json!(holders), json!([1, 1, 0, 0, 0, 1]));
    assert_eq!(
        json!(column("isAvailable")),
        json!([true, true, true, false, false, true])
    );
    assert_eq!(
        json!(column("maxHolders")),
        json!([1, null, null, null, null, null])
    );
    assert_eq!(roles[5]["permissions"], json!([]));
    assert!(
        roles[1]["permissions"]
            .to_string()
            .contains("PRIMARY_ADMIN_TRANSFER")
    );

    let standard = team(&house, "plain", Plan::Standard).await;
    let seen = standard.admin.ask(query, json!({})).await["account"]["roles"].clone();
    assert_eq!(seen[2]["isAvailable"], false);
    house.close().await;
}

async fn actions(client: &Client, user: &str) -> Value {
    let query = "query($id: ID!) { user(id: $id) { isManagedByIdp viewerActions { canEdit canDisable canRemove canResendInvitation assignableRoles } } }";
    client.ask(query, json!({"id": user})).await["user"].clone()
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn the_hints_say_what_the_mutations_do(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let (house, team) = premium(database).await;
    let second = team.join(&house, "second@acme.example", "SECONDARY_ADMIN").await;
    let sso = team.join(&house, "sso@acme.example", "SSO_ADMIN").await;
    let user = team.join(&house, "user@acme.example", "USER").await;
    let pending = team.invite("pending@acme.example").await;
    let people = [
        ("the primary", team.admin_id.clone()),
        ("a secondary", id_of(&second).await),
        ("an SSO administrator", id_of(&sso).await),
        ("a user", id_of(&user).await),
        ("somebody invited", pending),
    ];
    for (reader, client) in [
        ("the primary", &team.admin),
        ("a secondary", &second),
        ("an SSO administrator", &sso),
    ] {
        for (target, id) in &people {
            let hints = actions(client, id).await["viewerActions"].clone();
            let can = |name: &str| hints[name].as_bool().unwrap();
            let is_target = target == &reader || *target == "the primary";
            assert_eq!(can("canRemove"), !is_target, "{reader} and {target}");
            assert_eq!(can("canDisable"), !is_target && *target != "somebody invited");
            assert_eq!(can("canResendInvitation"), *target == "somebody invited");
            assert!(can("canEdit"));
            let grants = reader != "a secondary";
            let expected = match *target {
                _ if is_target => json!([]),
                "a secondary" => json!(["SSO_ADMIN", "USER"]),
                "an SSO administrator" if grants => json!(["SECONDARY_ADMIN", "USER"]),
                "an SSO administrator" => json!([]),
                _ if grants => json!(["SECONDARY_ADMIN", "SSO_ADMIN"]),
                _ => json!(["SECONDARY_ADMIN"]),
            };
            assert_eq!(hints["assignableRoles"], expected, "{reader} and {target}");
        }
    }
    let own = "{ viewer { user { viewerActions { canEdit canDisable canRemove canResendInvitation assignableRoles } } } }";
    let seen = user.ask(own, json!({})).await["viewer"]["user"]["viewerActions"].clone();
    let nothing = json!({"canEdit": false, "canDisable": false, "canRemove": false, "canResendInvitation": false, "assignableRoles": []});
    assert_eq!(seen, nothing);
    // A hint that is kept: what is offered is done.
    assert_eq!(
        code(&change_role(&second, &people[4].1, "SECONDARY_ADMIN").await),
        "none"
    );
    house.settle_mails().await;
    house.close().await;
}

/// As if single sign-on had brought the user in.
async fn provision(house: &House, team: &Team, user: &str) {
    let (account, user) = (house.literal(team.account_id), house.literal(uuid(user)));
    let id = house.literal(uuid::Uuid::from_u128(1));
    for sql in [
        format!("UPDATE users SET origin = 'SSO_JIT' WHERE id = {user}"),
        format!(
            "INSERT INTO identity_providers (account_id, id, version, name, status, issuer, client_id, token_auth_method, scopes, enforcement,
             is_authoritative, provisions, allows_without_seat, default_subscription_ids, email_claim, given_name_claim, family_name_claim, created_at)
             SELECT account_id, {id}, 1, 'Corporate', 'ENABLED', 'https://login.example', 'muster', 'CLIENT_SECRET_BASIC', '[]', 'OPTIONAL',
             FALSE, TRUE, TRUE, '[]', 'email', 'given_name', 'family_name', created_at FROM users WHERE account_id = {account} AND id = {user}"
        ),
        format!(
            "INSERT INTO external_identities (account_id, id, user_id, identity_provider_id, issuer, subject, linked_at)
             SELECT account_id, {id}, id, {id}, 'https://login.example', '4711', created_at FROM users WHERE account_id = {account} AND id = {user}"
        ),
    ] {
        house.force(&sql).await.unwrap();
    }
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn the_name_a_provider_keeps_is_not_edited_here(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let (house, team) = premium(database).await;
    let id = id_of(&team.join(&house, "anne@acme.example", "USER").await).await;
    let seen = actions(&team.admin, &id).await;
    assert_eq!(
        (&seen["isManagedByIdp"], &seen["viewerActions"]["canEdit"]),
        (&json!(false), &json!(true))
    );
    provision(&house, &team, &id).await;
    let seen = actions(&team.admin, &id).await;
    assert_eq!(
        (&seen["isManagedByIdp"], &seen["viewerActions"]["canEdit"]),
        (&json!(true), &json!(false))
    );
    let update = "mutation($input: UpdateUserInput!) { updateUser(input: $input) { user { locale } userErrors { code } } }";
    let before = house.settled().await;
    let input = json!({"input": {"userId": id, "givenName": "Anna"}});
    assert_eq!(
        code(&team.admin.ask(update, input).await["updateUser"]),
        "USER_MANAGED_BY_IDP"
    );
    assert_eq!(house.settled().await, before);
    let input = json!({"input": {"userId": id, "locale": "de"}});
    let changed = team.admin.ask(update, input).await;
    assert_eq!(
        changed["updateUser"]["user"]["locale"], "de",
        "the language is no matter of the provider"
    );
    house.close().await;
}

const PAGE: &str = "query($first: Int, $after: String, $last: Int, $before: String, $order: UserOrder) {
    account { users(first: $first, after: $after, last: $last, before: $before, orderBy: $order) {
        totalCount nodes { id email role lastSignedInAt isManagedByIdp viewerActions { canEdit assignableRoles } } pageInfo { hasNextPage hasPreviousPage startCursor endCursor } } } }";

/// All users page by page, forwards and backwards; both ways must meet the same ones.
async fn walk(client: &Client, order: &Value) -> Vec<Value> {
    let (mut forwards, mut backwards) = (Vec::new(), Vec::new());
    let mut after = Value::Null;
    loop {
        let page = client
            .ask(PAGE, json!({"first": 3, "after": after, "order": order}))
            .await;
        let page = &page["account"]["users"];
        forwards.extend(page["nodes"].as_array().unwrap().iter().cloned());
        if page["pageInfo"]["hasNextPage"] == false {
            break;
        }
        after = page["pageInfo"]["endCursor"].clone();
    }
    let mut before = Value::Null;
    loop {
        let page = client
            .ask(PAGE, json!({"last": 3, "before": before, "order": order}))
            .await;
        let page = &page["account"]["users"];
        backwards.extend(page["nodes"].as_array().unwrap().iter().rev().cloned());
        if page["pageInfo"]["hasPreviousPage"] == false {
            break;
        }
        before = page["pageInfo"]["startCursor"].clone();
    }
    backwards.reverse();
    assert_eq!(forwards, backwards);
    forwards
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn users_are_listed_by_role_and_by_last_sign_in_page_by_page(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let (house, team) = premium(database).await;
    for (name, role) in [
        ("sso", "SSO_ADMIN"),
        ("user", "USER"),
        ("second", "SECONDARY_ADMIN"),
        ("other", "USER"),
    ] {
        team.join(&house, &format!("{name}@acme.example"), role).await;
    }
    for number in 0..4 {
        team.invite(&format!("pending{number}@acme.example")).await;
    }
    let order = |field: &str, direction: &str| json!({"field": field, "direction": direction});
    let texts = |nodes: &[Value], name: &str| -> Vec<String> {
        nodes
            .iter()
            .map(|node| node[name].as_str().unwrap_or_default().to_owned())
            .collect()
    };
    for (field, shown) in [("ROLE", "role"), ("LAST_SIGNED_IN_AT", "lastSignedInAt")] {
        let up = walk(&team.admin, &order(field, "ASC")).await;
        assert_eq!(up.len(), 9);
        let keys = texts(&up, shown);
        assert!(keys.is_sorted(), "{keys:?}");
        let mut down = walk(&team.admin, &order(field, "DESC")).await;
        down.reverse();
        assert_eq!(texts(&up, "id"), texts(&down, "id"));
    }
    let by_role = walk(&team.admin, &order("ROLE", "ASC")).await;
    assert_eq!(
        texts(&by_role, "role")[..3],
        ["PRIMARY_ADMIN", "SECONDARY_ADMIN", "SSO_ADMIN"]
    );
    let by_sign_in = walk(&team.admin, &order("LAST_SIGNED_IN_AT", "ASC")).await;
    assert_eq!(
        texts(&by_sign_in, "lastSignedInAt")[..4],
        ["", "", "", ""],
        "who never signed in comes first"
    );
    house.close().await;
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn a_page_takes_as_many_statements_for_nine_users_as_for_two(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let (house, team) = premium(database).await;
    for number in 0..8 {
        team.invite(&format!("pending{number}@acme.example")).await;
    }
    house.settle_mails().await;
    for field in ["ROLE", "LAST_SIGNED_IN_AT"] {
        let mut counts = Vec::new();
        for first in [2, 9] {
            let mut least = u64::MAX;
            // Others work in the background meanwhile: the least of several is the page's own.
            for _ in 0..7 {
                let before = house.app.statements();
                team.admin
                    .ask(PAGE, json!({"first": first, "order": {"field": field}}))
                    .await;
                least = least.min(house.app.statements() - before);
            }
            counts.push(least);
        }
        assert_eq!(counts[0], counts[1], "{field}");
        assert!(counts[0] <= 6, "{field}: {counts:?}");
    }
    house.close().await;
}
