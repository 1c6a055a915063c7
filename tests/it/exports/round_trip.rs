//! A file of people comes back in as it went out: nothing is changed by it, whoever stands in it.

use entity::account::Plan;
use rstest::rstest;
use serde_json::{Value, json};

use super::files::invite;
use super::support::file;
use crate::imports::support::{outcomes, rows, run, standing};
use crate::support::{Database, House, accept, add_product, team};

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn every_row_of_an_export_is_imported_unchanged(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let house = House::open(database).await;
    let team = team(&house, "acme", Plan::Premium).await;
    let draw = add_product(&house, "acme", "DRAW", 10).await;
    let ink = add_product(&house, "acme", "INK", 10).await;
    let person = async |email: &str, more: Value| {
        let mut input = json!({"email": email});
        for (name, value) in more.as_object().unwrap() {
            input[name] = value.clone();
        }
        invite(&team.admin, input).await
    };
    person("nameless@acme.example", json!({"subscriptionIds": [draw, ink]})).await;
    person(
        "+one@acme.example",
        json!({"givenName": "=cmd", "familyName": "'-x|y\"z"}),
    )
    .await;
    person(
        "sso@acme.example",
        json!({"role": "SSO_ADMIN", "givenName": "Sso"}),
    )
    .await;
    person(
        "second@acme.example",
        json!({"role": "SECONDARY_ADMIN", "familyName": "Only"}),
    )
    .await;
    let stage = "mutation($input: InviteUsersInput!) { inviteUsers(input: $input) { summary { applied } userErrors { code } } }";
    let staged =
        json!({"recipients": {"emails": "staged@acme.example"}, "sendNow": false, "subscriptionIds": [ink]});
    assert_eq!(
        team.admin.ask(stage, json!({"input": staged})).await["inviteUsers"]["summary"]["applied"],
        1
    );
    person(
        "late@acme.example",
        json!({"givenName": "Too", "familyName": "Late"}),
    )
    .await;
    person("joined@acme.example", json!({"subscriptionIds": [draw]})).await;
    accept(&house, "joined@acme.example").await;
    let disabled = person("disabled@acme.example", json!({"subscriptionIds": [draw]})).await;
    accept(&house, "disabled@acme.example").await;
    let disable = "mutation($input: UserIdsInput!) { disableUsers(input: $input) { summary { applied } } }";
    team.admin
        .ask(disable, json!({"input": {"userIds": [disabled]}}))
        .await;
    let removed = person("removed@acme.example", json!({})).await;
    let remove = "mutation($input: UserIdsInput!) { removeUsers(input: $input) { summary { applied } } }";
    team.admin
        .ask(remove, json!({"input": {"userIds": [removed]}}))
        .await;
    let ago = House::literal_time(house.app.clock().now() - chrono::Duration::days(1));
    house
        .force(&format!(
            "UPDATE invitations SET expires_at = {ago} WHERE user_id IN (SELECT id FROM users WHERE email_key = 'late@acme.example')"
        ))
        .await
        .unwrap();
    // No seat is left: what is held already takes none.
    house
        .force("UPDATE subscriptions SET seats = seats_used")
        .await
        .unwrap();
    house.settle_mails().await;
    let before = standing(&house, &team).await;

    for (input, count) in [
        (json!({"kind": "USERS"}), 9),
        (
            json!({"kind": "USERS", "columnSets": ["PRODUCTS", "SUBSCRIPTIONS"]}),
            9,
        ),
        (
            json!({"kind": "USERS", "columnSets": ["PRODUCTS"], "delimiter": "SEMICOLON", "hasByteOrderMark": false}),
            9,
        ),
        (
            json!({"kind": "USERS", "columnSets": ["SUBSCRIPTION_ROWS"], "delimiter": "TAB"}),
            10,
        ),
        (json!({"kind": "ASSIGNMENTS"}), 4),
    ] {
        let text = file(&team.admin, input.clone()).await;
        let import = run(&team.admin, text.as_bytes(), json!({})).await;
        assert_eq!(import["status"], "SUCCEEDED", "{input}: {import:#}");
        let kept = rows(&team.admin, import["id"].as_str().unwrap(), Value::Null).await;
        let others: Vec<&Value> = kept.iter().filter(|row| row["outcome"] != "UNCHANGED").collect();
        assert!(others.is_empty(), "{input}: {others:#?}");
        assert_eq!(
            outcomes(&import["outcomeCounts"]),
            [("UNCHANGED".to_owned(), count)].into(),
            "{input}"
        );
        house.settle_mails().await;
        assert_eq!(standing(&house, &team).await, before, "{input}");
    }

    // What is added to such a file is done, and only that.
    house.force("UPDATE subscriptions SET seats = 20").await.unwrap();
    let text = file(&team.admin, json!({"kind": "USERS", "columnSets": ["PRODUCTS"]})).await;
    let edited: Vec<String> = text
        .lines()
        .map(|line| match line.contains("\"joined@acme.example\"") {
            true => line.replace("\"DRAW\"", "\"DRAW|INK\""),
            false => line.to_owned(),
        })
        .collect();
    let edited = edited.join("\r\n");
    let import = run(&team.admin, edited.as_bytes(), json!({})).await;
    assert_eq!(
        outcomes(&import["outcomeCounts"]),
        [("UNCHANGED".to_owned(), 8), ("ASSIGNED".to_owned(), 1)].into()
    );
    house.settle_mails().await;
    house.close().await;
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn a_user_id_says_something_only_of_whom_the_account_has_under_that_address(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let house = House::open(database).await;
    let one = team(&house, "one", Plan::Standard).await;
    let other = team(&house, "other", Plan::Standard).await;
    let draw = add_product(&house, "one", "DRAW", 10).await;
    let known = invite(&one.admin, json!({"email": "ada@people.example", "subscriptionIds": [draw], "givenName": "Ada", "familyName": "L"})).await;
    accept(&house, "ada@people.example").await;
    invite(&one.admin, json!({"email": "nameless@people.example"})).await;
    let text = file(&one.admin, json!({"kind": "USERS"})).await;
    // Into another account they are people like any others: whoever is new there needs a name.
    let import = run(&other.admin, text.as_bytes(), json!({})).await;
    let counts = outcomes(&import["outcomeCounts"]);
    assert_eq!(
        counts,
        [("INVITED".to_owned(), 1), ("FAILED".to_owned(), 2)].into()
    );
    let kept = rows(&other.admin, import["id"].as_str().unwrap(), json!(["FAILED"])).await;
    let codes: Vec<&str> = kept
        .iter()
        .map(|row| row["userErrors"][0]["code"].as_str().unwrap())
        .collect();
    // The primary role is nobody's to give.
    assert_eq!(codes, ["ROLE_NOT_ASSIGNABLE", "REQUIRED"]);

    let disabled = format!(
        "user_id,First Name,Last Name,Email,Products\n{known},Ada,L,another@people.example,\nnonsense,Bo,B,bo@people.example,\n"
    );
    let import = run(&one.admin, disabled.as_bytes(), json!({})).await;
    assert_eq!(
        outcomes(&import["outcomeCounts"]),
        [("INVITED".to_owned(), 2)].into(),
        "the address says who is meant"
    );

    let disable = "mutation($input: UserIdsInput!) { disableUsers(input: $input) { summary { applied } } }";
    one.admin
        .ask(disable, json!({"input": {"userIds": [known]}}))
        .await;
    let seats = format!("user_id,First Name,Last Name,Email,Products\n{known},,,ada@people.example,DRAW\n");
    let import = run(&one.admin, seats.as_bytes(), json!({})).await;
    let kept = rows(&one.admin, import["id"].as_str().unwrap(), Value::Null).await;
    assert_eq!(
        kept[0]["userErrors"][0]["code"], "USER_DISABLED",
        "no seat for who is disabled"
    );
    house.settle_mails().await;
    house.close().await;
}
