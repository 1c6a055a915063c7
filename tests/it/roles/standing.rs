//! Disabling, enabling, removing.

use std::time::{Duration, Instant};

use entity::external_identity;
use rstest::rstest;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
use serde_json::{Value, json};

use super::support::{call, call_with, change_role, code, id_of, is_signed_in, premium, uuid};
use crate::support::{Client, Database, House, PASSWORD, Socket, Team, add_product};

async fn assign(team: &Team, subscription: &str, users: &[&str]) {
    let query = "mutation($input: AssignSeatsInput!) { assignSeats(input: $input) { summary { applied } userErrors { code } } }";
    let input = json!({"sources": [{"subscriptionId": subscription}], "userIds": users});
    let answer = team.admin.ask(query, json!({"input": input})).await;
    assert_eq!(answer["assignSeats"]["summary"]["applied"], users.len());
}

/// The codes of a user's products, with the components that are on.
async fn products(client: &Client, user: &str) -> Value {
    let query = "query($id: ID!) { user(id: $id) { assignments { nodes { product { code } components { isEnabled component { code } } } } } }";
    client.ask(query, json!({"id": user})).await["user"]["assignments"]["nodes"].clone()
}

fn statuses(answer: &Value) -> Vec<(String, String)> {
    let results = answer["results"].as_array().unwrap();
    let text = |value: &Value| value.as_str().unwrap_or("none").to_owned();
    let pair = |result: &Value| (text(&result["status"]), text(&result["userErrors"][0]["code"]));
    results.iter().map(pair).collect()
}

fn pairs(expected: &[(&str, &str)]) -> Vec<(String, String)> {
    expected
        .iter()
        .map(|(status, code)| ((*status).to_owned(), (*code).to_owned()))
        .collect()
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn a_disabled_user_is_out_at_once_and_comes_back_with_their_seats(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let (house, team) = premium(database).await;
    let subscription = add_product(&house, "acme", "DRAW", 3).await;
    let anne = team.join(&house, "anne@acme.example", "USER").await;
    let id = id_of(&anne).await;
    assign(&team, &subscription, &[&id]).await;
    let held = products(&team.admin, &id).await;
    let mut socket = Socket::admitted(&anne).await;

    let begin = Instant::now();
    let disabled = call(&team.admin, "disableUsers", &[&id]).await;
    assert_eq!(
        disabled["summary"],
        json!({"applied": 1, "unchanged": 0, "failed": 0})
    );
    assert_eq!(disabled["results"][0]["releasedSeats"], 1);
    assert_eq!(
        disabled["results"][0]["user"],
        json!({"id": id, "status": "DISABLED", "role": "USER"})
    );
    assert_eq!(socket.hear().await, Err(4403));
    anne.until_shown_out().await;
    assert!(begin.elapsed() < Duration::from_secs(5));
    assert_eq!(team.seats(&subscription).await, (3, 0, 0));
    let password = PASSWORD.to_owned().into();
    assert!(
        muster::client::sign_in(&house.url, "anne@acme.example", &password)
            .await
            .is_err()
    );
    let counts = team.counts().await;
    assert_eq!(
        (&counts["userCounts"]["active"], &counts["userCounts"]["disabled"]),
        (&json!(1), &json!(1))
    );

    let again = call(&team.admin, "disableUsers", &[&id]).await;
    assert_eq!(statuses(&again), pairs(&[("UNCHANGED", "none")]));

    let enabled = call(&team.admin, "enableUsers", &[&id]).await;
    assert_eq!(statuses(&enabled), pairs(&[("APPLIED", "none")]));
    assert_eq!(products(&team.admin, &id).await, held);
    assert_eq!(team.seats(&subscription).await, (3, 1, 0));
    assert!(is_signed_in(&house.sign_in("anne@acme.example", PASSWORD).await).await);
    let counts = team.counts().await;
    assert_eq!(
        (&counts["userCounts"]["active"], &counts["userCounts"]["disabled"]),
        (&json!(2), &json!(0))
    );
    let again = call(&team.admin, "enableUsers", &[&id]).await;
    assert_eq!(statuses(&again), pairs(&[("UNCHANGED", "none")]));
    let told = team.audited(&house, "users.disable").await.len();
    assert_eq!(told, 1, "who changed nothing has nothing to answer for");
    house.settle_mails().await;
    house.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_is_disabled_or_changed_here_is_out_on_every_other_replica_too() {
    let (house, team) = premium(Database::Postgres).await;
    for (name, mutation) in [
        ("anne", "disableUsers"),
        ("bob", "removeUsers"),
        ("eve", "changeUserRole"),
    ] {
        let here = team.join(&house, &format!("{name}@acme.example"), "USER").await;
        let id = id_of(&here).await;
        let mut there = house.replica().await;
        there.token.clone_from(&here.token);
        let mut socket = Socket::admitted(&there).await;
        assert!(is_signed_in(&there).await);
        let begin = Instant::now();
        match mutation {
            "changeUserRole" => drop(change_role(&team.admin, &id, "SECONDARY_ADMIN").await),
            mutation => drop(call(&team.admin, mutation, &[&id]).await),
        }
        assert_eq!(socket.hear().await, Err(4403), "{mutation}");
        assert!(begin.elapsed() < Duration::from_secs(5), "{mutation}");
        while is_signed_in(&there).await {
            assert!(begin.elapsed() < Duration::from_secs(5), "{mutation}");
        }
    }
    house.settle_mails().await;
    house.close().await;
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn seats_that_are_gone_meanwhile_are_told_and_refuse_a_call_for_all_or_nothing(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let (house, team) = premium(database).await;
    let draw = add_product(&house, "acme", "DRAW", 2).await;
    let plan = add_product(&house, "acme", "PLAN", 9).await;
    let mut ids = Vec::new();
    for name in ["anne", "bob"] {
        ids.push(id_of(&team.join(&house, &format!("{name}@acme.example"), "USER").await).await);
    }
    let [anne, bob] = [&ids[0], &ids[1]];
    for subscription in [&draw, &plan] {
        assign(&team, subscription, &[anne, bob]).await;
    }
    let disabled = call(&team.admin, "disableUsers", &[anne, bob]).await;
    assert_eq!(disabled["results"][1]["releasedSeats"], 2);
    assign(&team, &draw, &[&team.admin_id]).await;

    let before = house.settled().await;
    let refused = call_with(
        &team.admin,
        "enableUsers",
        json!({"userIds": [anne, bob], "onError": "REJECT_ALL"}),
    )
    .await;
    assert_eq!(
        (code(&refused), &refused["results"]),
        ("SEATS_EXHAUSTED", &json!([]))
    );
    assert_eq!(house.settled().await, before);

    let enabled = call(&team.admin, "enableUsers", &[anne, bob]).await;
    let told = pairs(&[("APPLIED", "none"), ("APPLIED", "SEATS_EXHAUSTED")]);
    assert_eq!(statuses(&enabled), told);
    let shortfall = &enabled["results"][1]["userErrors"];
    assert_eq!(shortfall.as_array().unwrap().len(), 1);
    assert!(
        shortfall[0]["message"]
            .as_str()
            .unwrap()
            .starts_with("Product DRAW could not be given back")
    );
    assert_eq!(team.seats(&draw).await, (2, 2, 0));
    assert_eq!(team.seats(&plan).await, (9, 2, 0));
    assert_eq!(house.number("SELECT COUNT(*) FROM disabled_seats").await, 0);
    house.settle_mails().await;
    house.close().await;
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn a_removed_user_is_a_tombstone_and_their_address_can_be_added_again(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let (house, team) = premium(database).await;
    let subscription = add_product(&house, "acme", "DRAW", 3).await;
    let anne = team.join(&house, "anne@acme.example", "SECONDARY_ADMIN").await;
    let id = id_of(&anne).await;
    assign(&team, &subscription, &[&id]).await;
    link(&house, &team, &id).await;
    let pending = team.invite("bob@acme.example").await;
    assign(&team, &subscription, &[&pending]).await;
    assert_eq!(team.seats(&subscription).await, (3, 2, 1));
    let token = house.invitation_token("bob@acme.example").await;
    let mut socket = Socket::admitted(&anne).await;

    let removed = call(&team.admin, "removeUsers", &[&id, &pending]).await;
    assert_eq!(
        statuses(&removed),
        pairs(&[("APPLIED", "none"), ("APPLIED", "none")])
    );
    assert_eq!(removed["results"][0]["user"], Value::Null);
    assert_eq!(socket.hear().await, Err(4403));
    anne.until_shown_out().await;
    assert_eq!(team.seats(&subscription).await, (3, 0, 0));
    assert_eq!(
        team.stored(&house, &id).await,
        ("SECONDARY_ADMIN".into(), "REMOVED".into())
    );
    let counts = team.counts().await;
    let expected = json!({"total": 1, "active": 1, "pending": 0, "staged": 0, "disabled": 0, "admins": 1});
    assert_eq!(
        counts,
        json!({"userCounts": expected, "users": {"totalCount": 1}})
    );
    assert_eq!(accept(&house, &token).await, "INVITATION_REVOKED");
    let again = call(&team.admin, "removeUsers", &[&id]).await;
    assert_eq!(statuses(&again), pairs(&[("FAILED", "NOT_FOUND")]));
    assert_eq!(
        links(&house, &id).await,
        1,
        "a provider still knows that they were removed"
    );

    let anew = team.invite("Anne@acme.example").await;
    assert_ne!(anew, id);
    assert_eq!(links(&house, &id).await, 0, "the new user can be linked");
    let token = house.invitation_token("Anne@acme.example").await;
    assert_eq!(accept(&house, &token).await, "none");
    assert_eq!(team.stored(&house, &anew).await, ("USER".into(), "ACTIVE".into()));
    house.close().await;
}

async fn accept(house: &House, token: &str) -> String {
    let query = "mutation($input: AcceptInvitationInput!) { acceptInvitation(input: $input) { userErrors { code } } }";
    let input = json!({"token": token, "password": PASSWORD});
    let answer = house.anonymous().ask(query, json!({"input": input})).await;
    code(&answer["acceptInvitation"]).to_owned()
}

/// Links a user to a provider, without a command.
async fn link(house: &House, team: &Team, user: &str) {
    let (account, user) = (house.literal(team.account_id), house.literal(uuid(user)));
    let (provider, id) = (
        house.literal(uuid::Uuid::from_u128(1)),
        house.literal(uuid::Uuid::from_u128(2)),
    );
    let provider = format!(
        "INSERT INTO identity_providers (account_id, id, version, name, status, issuer, client_id, token_auth_method, scopes, enforcement, break_glass_user_id,
         is_authoritative, provisions, allows_without_seat, default_subscription_ids, email_claim, given_name_claim, family_name_claim, created_at)
         SELECT account_id, {provider}, 1, 'Corporate', 'ENABLED', 'https://login.example', 'muster', 'CLIENT_SECRET_BASIC', '[]', 'OPTIONAL', NULL,
         FALSE, FALSE, TRUE, '[]', 'email', 'given_name', 'family_name', created_at FROM users WHERE account_id = {account} AND id = {user}"
    );
    house.force(&provider).await.unwrap();
    let provider = house.literal(uuid::Uuid::from_u128(1));
    let link = format!(
        "INSERT INTO external_identities (account_id, id, user_id, identity_provider_id, issuer, subject, linked_at)
         SELECT account_id, {id}, id, {provider}, 'https://login.example', '4711', created_at FROM users WHERE account_id = {account} AND id = {user}"
    );
    house.force(&link).await.unwrap();
}

async fn links(house: &House, user: &str) -> usize {
    let links = external_identity::Entity::find().filter(external_identity::Column::UserId.eq(uuid(user)));
    links.all(house.app.reader()).await.unwrap().len()
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn nobody_takes_out_the_primary_themselves_or_whom_single_sign_on_relies_on(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let (house, team) = premium(database).await;
    let second = team.join(&house, "second@acme.example", "SECONDARY_ADMIN").await;
    let keeper = id_of(&team.join(&house, "keeper@acme.example", "SECONDARY_ADMIN").await).await;
    let own = id_of(&second).await;
    let pending = team.invite("pending@acme.example").await;
    link(&house, &team, &keeper).await;
    let required = format!(
        "UPDATE identity_providers SET enforcement = 'REQUIRED', break_glass_user_id = {}",
        house.literal(uuid(&keeper))
    );
    house.force(&required).await.unwrap();
    let unknown = entity::ids::Kind::User.text(uuid::Uuid::from_u128(7));
    let before = house.settled().await;
    for mutation in ["disableUsers", "removeUsers"] {
        let named = [team.admin_id.as_str(), &own, &keeper, &unknown, "usr_x"];
        let refused = call(&second, mutation, &named).await;
        let expected = [
            "PRIMARY_ADMIN_REQUIRED",
            "CANNOT_CHANGE_SELF",
            "SSO_IN_USE",
            "NOT_FOUND",
            "NOT_FOUND",
        ];
        let expected: Vec<_> = expected.iter().map(|code| ("FAILED", *code)).collect();
        assert_eq!(statuses(&refused), pairs(&expected), "{mutation}");
        let fields: Vec<&Value> = refused["results"]
            .as_array()
            .unwrap()
            .iter()
            .map(|result| &result["userErrors"][0]["field"])
            .collect();
        assert_eq!(fields[2], &json!(["input", "userIds", "2"]));

        let input = json!({"userIds": [pending, own], "onError": "REJECT_ALL"});
        let refused = call_with(&second, mutation, input).await;
        assert_eq!(refused["results"], json!([]), "{mutation}");
        let many: Vec<String> = (0..101).map(|_| pending.clone()).collect();
        let refused = call_with(&second, mutation, json!({"userIds": many})).await;
        assert_eq!(code(&refused), "TOO_MANY_ITEMS");
        let none: [&str; 0] = [];
        assert_eq!(code(&call(&second, mutation, &none).await), "REQUIRED");
    }
    let waiting = call(&second, "disableUsers", &[&pending]).await;
    assert_eq!(
        statuses(&waiting),
        pairs(&[("FAILED", "INVALID")]),
        "there is nobody to shut out yet"
    );
    assert_eq!(house.settled().await, before);

    let twice = call(&second, "removeUsers", &[&pending, &pending]).await;
    assert_eq!(
        statuses(&twice),
        pairs(&[("APPLIED", "none"), ("FAILED", "DUPLICATE_INPUT")])
    );
    house.close().await;
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn an_administrator_is_enabled_by_whoever_could_give_them_their_role(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let (house, team) = premium(database).await;
    let second = team.join(&house, "second@acme.example", "SECONDARY_ADMIN").await;
    let sso = id_of(&team.join(&house, "sso@acme.example", "SSO_ADMIN").await).await;
    call(&team.admin, "disableUsers", &[&sso]).await;
    let refused = call(&second, "enableUsers", &[&sso]).await;
    assert_eq!(
        refused["results"][0]["userErrors"][0]["code"],
        "ROLE_NOT_ASSIGNABLE"
    );
    assert_eq!(
        team.stored(&house, &sso).await,
        ("SSO_ADMIN".to_owned(), "DISABLED".to_owned())
    );
    let enabled = call(&team.admin, "enableUsers", &[&sso]).await;
    assert_eq!(enabled["summary"]["applied"], 1);
    assert_eq!(
        team.stored(&house, &sso).await,
        ("SSO_ADMIN".to_owned(), "ACTIVE".to_owned())
    );
    house.settle_mails().await;
    house.close().await;
}
