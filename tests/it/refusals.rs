//! What a refusal says, so that whoever reads it knows what to do.

use entity::account::Plan;
use muster::api::guard::{Guard, Permission};
use muster::read::Scope;
use serde_json::{Value, json};

use crate::support::{Client, Database, House, team};

async fn first_error(client: &Client, query: &str, variables: Value) -> (Value, Value) {
    let (_, answer) = client.send(query, variables).await;
    assert_eq!(answer["errors"].as_array().unwrap().len(), 1, "{answer}");
    (answer["errors"][0].clone(), answer["data"].clone())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refusal_names_the_permission_it_needs_and_leaves_its_neighbours() {
    let house = House::open(Database::Sqlite).await;
    let team = team(&house, "acme", Plan::Standard).await;
    let user = team.join(&house, "user@acme.example", "USER").await;
    let query = "{ viewer { user { email } } account { name userCounts { total } } }";
    let (error, data) = first_error(&user, query, json!({})).await;
    assert_eq!(
        error["message"],
        "You may not do this: it needs the permission USERS_READ."
    );
    assert_eq!(error["extensions"]["code"], "FORBIDDEN");
    assert_eq!(error["extensions"]["permission"], "USERS_READ");
    assert_eq!(error["path"], json!(["account", "userCounts"]));
    let neighbours = json!({"viewer": {"user": {"email": "user@acme.example"}}, "account": {"name": "ACME", "userCounts": null}});
    assert_eq!(data, neighbours);

    let mutation = "mutation($input: ChangeUserRoleInput!) { changeUserRole(input: $input) { user { id } } }";
    let input = json!({"input": {"userId": team.admin_id, "role": "USER"}});
    let (error, data) = first_error(&user, mutation, input).await;
    assert_eq!(
        error["message"],
        "You may not do this: it needs the permission ROLES_WRITE."
    );
    assert_eq!(error["extensions"]["permission"], "ROLES_WRITE");
    assert_eq!(data, json!({"changeUserRole": null}));
    house.settle_mails().await;
    house.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_gives_two_forms_or_none_is_told_in_a_whole_sentence_to_give_one() {
    let house = House::open(Database::Sqlite).await;
    let team = team(&house, "acme", Plan::Standard).await;
    let before = house.settled().await;
    let literal = |recipients: &str| {
        format!("mutation {{ inviteUsers(input: {{recipients: {recipients}}}) {{ userErrors {{ code }} }} }}")
    };
    let by_variable = "mutation($to: InviteRecipientsInput!) { inviteUsers(input: {recipients: $to}) { userErrors { code } } }";
    for (query, variables) in [
        (
            literal("{list: \"a@b.example\", emails: [\"a@b.example\"]}"),
            json!({}),
        ),
        (literal("{}"), json!({})),
        (
            by_variable.to_owned(),
            json!({"to": {"list": "a@b.example", "emails": ["a@b.example"]}}),
        ),
        (by_variable.to_owned(), json!({"to": {}})),
    ] {
        let (_, answer) = team.admin.send(&query, variables).await;
        let message = answer["errors"][0]["message"].as_str().unwrap();
        assert!(
            message.contains("exactly one of its fields must be given"),
            "{query}: {message}"
        );
        assert!(!message.contains("requires have"), "{message}");
    }
    assert_eq!(house.settled().await, before);
    house.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_field_of_a_root_that_needs_the_premium_plan_is_refused_without_it_whatever_else_it_lets_pass() {
    let house = House::open(Database::Sqlite).await;
    let plain = team(&house, "plain", Plan::Standard).await.actor(&house).await;
    let premium = team(&house, "premium", Plan::Premium).await.actor(&house).await;
    let admits = |guard: &Guard<()>, actor: &muster::access::Actor| {
        let scope = Scope::new(house.app.clone(), actor.clone());
        graphql::Guard::admits(guard, &graphql::Context::new(scope)).is_ok()
    };
    for guard in [
        Guard::from(Permission::SsoRead).premium(),
        Guard::signed_in().premium(),
        Guard::or_self(Permission::UsersWrite).premium(),
    ] {
        assert_eq!((admits(&guard, &plain), admits(&guard, &premium)), (false, true));
    }
    assert!(admits(&Guard::from(Permission::SsoRead), &plain));
    house.close().await;
}
