//! By which ways people hear of what: in the app, by a mail that goes with it, and never less than security needs.

use entity::account::Plan;
use entity::notification::Kind;
use rstest::rstest;
use serde_json::{Value, json};

use super::support::{PREFER, prefer, shown, tell};
use crate::support::{Client, Database, House, add_product, team};

const SEEN: &str = "{ viewer { notificationPreferences { kind channels changeableChannels } } }";

fn of(preferences: &Value, kind: &str) -> Value {
    let list = preferences.as_array().unwrap();
    let found = list.iter().find(|preference| preference["kind"] == kind);
    found.unwrap_or_else(|| panic!("{kind} is missing"))["channels"].clone()
}

async fn mails_of(house: &House, kind: &str) -> i64 {
    let sql = format!("SELECT count(*) FROM mails WHERE kind = '{kind}'");
    house.number(&sql).await
}

async fn fill(team: &crate::support::Team, subscription: &str, email: &str) {
    let user = team.invite(email).await;
    let assign = "mutation($input: AssignSeatsInput!) { assignSeats(input: $input) { summary { applied } } }";
    let input = json!({"sources": [{"subscriptionId": subscription}], "userIds": [user]});
    let answer = team.admin.ask(assign, json!({"input": input})).await;
    assert_eq!(answer["assignSeats"]["summary"]["applied"], 1);
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn what_is_switched_off_is_neither_shown_nor_mailed_and_others_hear_it_all_the_same(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let house = House::open(database).await;
    let team = team(&house, "acme", Plan::Standard).await;
    let second = team.join(&house, "second@acme.example", "SECONDARY_ADMIN").await;
    let (one, two) = (
        add_product(&house, "acme", "ONE", 1).await,
        add_product(&house, "acme", "TWO", 1).await,
    );
    let usual = second.ask(SEEN, json!({})).await["viewer"]["notificationPreferences"].clone();
    assert_eq!(usual.as_array().unwrap().len(), 15);
    assert_eq!(of(&usual, "SEATS_EXHAUSTED"), json!(["IN_APP", "MAIL"]));
    assert_eq!(of(&usual, "JOB_FINISHED"), json!(["IN_APP"]));
    let role = usual
        .as_array()
        .unwrap()
        .iter()
        .find(|one| one["kind"] == "ROLE_CHANGED")
        .unwrap();
    assert_eq!(
        (&role["channels"], &role["changeableChannels"]),
        (&json!(["IN_APP", "MAIL"]), &json!(["IN_APP", "DIGEST"]))
    );

    let chosen = prefer(&second, "SEATS_EXHAUSTED", &["IN_APP"]).await;
    assert_eq!(chosen["userErrors"], json!([]));
    assert_eq!(
        of(&chosen["viewer"]["notificationPreferences"], "SEATS_EXHAUSTED"),
        json!(["IN_APP"])
    );
    fill(&team, &one, "a@acme.example").await;
    assert_eq!(
        shown(&second, json!(null)).await.0,
        ["All seats of Product ONE are taken"]
    );
    assert_eq!(
        mails_of(&house, "seats_full").await,
        1,
        "the administrator's alone"
    );
    prefer(&second, "SEATS_EXHAUSTED", &["MAIL"]).await;
    fill(&team, &two, "b@acme.example").await;
    assert_eq!(
        shown(&second, json!(null)).await.0.len(),
        1,
        "nothing is shown of the second"
    );
    assert_eq!(mails_of(&house, "seats_full").await, 3);
    assert_eq!(shown(&team.admin, json!(null)).await.0.len(), 2);
    // Chosen again is chosen anew, and of nobody but oneself.
    prefer(&second, "SEATS_EXHAUSTED", &["IN_APP", "MAIL", "MAIL"]).await;
    assert_eq!(
        second.ask(SEEN, json!({})).await["viewer"]["notificationPreferences"],
        usual
    );
    assert_eq!(
        house
            .number("SELECT count(*) FROM notification_preferences")
            .await,
        1
    );

    // A new role is told by mail whatever somebody chose.
    prefer(&second, "ROLE_CHANGED", &["MAIL"]).await;
    let change =
        "mutation($input: ChangeUserRoleInput!) { changeUserRole(input: $input) { userErrors { code } } }";
    let id = second.ask("{ viewer { user { id } } }", json!({})).await["viewer"]["user"]["id"].clone();
    let answer = team
        .admin
        .ask(change, json!({"input": {"userId": id, "role": "USER"}}))
        .await;
    assert_eq!(answer["changeUserRole"]["userErrors"], json!([]));
    assert_eq!(mails_of(&house, "role_changed").await, 1);
    let second = house
        .sign_in("second@acme.example", crate::support::PASSWORD)
        .await;
    assert_eq!(shown(&second, json!({"kind": ["ROLE_CHANGED"]})).await.0.len(), 0);
    house.settle_mails().await;
    house.close().await;
}

async fn refused(client: &Client, preferences: Value) -> Value {
    let input = json!({"input": {"preferences": preferences}});
    client.ask(PREFER, input).await["updateNotificationPreferences"]["userErrors"].clone()
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_chosen_is_refused_and_nothing_of_the_call_is_kept(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let house = House::open(database).await;
    let team = team(&house, "acme", Plan::Standard).await;
    tell(&house, &team, "admin@acme.example", &[(Kind::JobFinished, "one")]).await;
    let before = house.settled().await;
    let fine = json!({"kind": "EXPORT_READY", "channels": []});
    for (bad, code, member) in [
        (
            json!({"kind": "ROLE_CHANGED", "channels": ["IN_APP"]}),
            "INVALID",
            "channels",
        ),
        (
            json!({"kind": "JOB_FINISHED", "channels": ["MAIL"]}),
            "INVALID",
            "channels",
        ),
        (
            json!({"kind": "EXPORT_READY", "channels": ["IN_APP"]}),
            "DUPLICATE_INPUT",
            "kind",
        ),
    ] {
        let errors = refused(&team.admin, json!([fine, bad])).await;
        assert_eq!(
            errors,
            json!([{"code": code, "field": ["input", "preferences", "1", member]}])
        );
    }
    let many = vec![fine.clone(); 51];
    assert_eq!(
        refused(&team.admin, json!(many)).await[0]["code"],
        "TOO_MANY_ITEMS"
    );
    assert_eq!(refused(&team.admin, json!([])).await[0]["code"], "REQUIRED");
    for preferences in [
        json!([{"kind": "NONE", "channels": []}]),
        json!([{"kind": "EXPORT_READY", "channels": ["PIGEON"]}]),
        json!([{"kind": "EXPORT_READY", "channels": vec!["IN_APP"; 201]}]),
        json!([{"kind": "EXPORT_READY"}]),
    ] {
        let input = json!({"input": {"preferences": preferences}});
        assert_eq!(team.admin.refused(PREFER, input).await, "BAD_USER_INPUT");
    }
    assert_eq!(house.settled().await, before);
    house.close().await;
}
