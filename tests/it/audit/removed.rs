//! Of people who were removed the log shows what they did, and neither their names nor their addresses.

use entity::account::Plan;
use muster::audit::verify::verify;
use rstest::rstest;
use serde_json::{Value, json};

use super::{REMOVE, RENAME, done, events, renamed};
use crate::support::{Database, House, PASSWORD, team};

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn who_was_removed_is_not_named_any_more_wherever_they_stand_and_their_events_stay(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let house = House::open(database).await;
    let team = team(&house, "acme", Plan::Standard).await;
    // Grace acts as an administrator, by a token too, and is acted upon.
    team.join(&house, "grace@acme.example", "SECONDARY_ADMIN").await;
    let grace = house.sign_in("grace@acme.example", PASSWORD).await;
    let id = grace.ask("{ viewer { user { id } } }", json!({})).await["viewer"]["user"]["id"].clone();
    let id = id.as_str().unwrap();
    done(
        &team.admin,
        RENAME,
        json!({"userId": id, "givenName": "Grace", "familyName": "Hopper"}),
    )
    .await;
    let linus = renamed(&team, "linus@acme.example").await;
    done(
        &grace,
        RENAME,
        json!({"userId": linus, "givenName": "Linus", "familyName": "Torvalds"}),
    )
    .await;

    let before = events(&team.admin, json!({"actorId": id})).await;
    assert_eq!(before["nodes"][0]["actorLabel"], "grace@acme.example");
    let named = events(&team.admin, json!({})).await.to_string();
    assert!(named.contains("Hopper") && named.contains("grace@acme.example"));

    done(&team.admin, REMOVE, json!({"userIds": [id]})).await;

    let all = events(&team.admin, json!({})).await;
    let text = all.to_string();
    assert!(
        !text.contains("grace@acme.example") && !text.contains("Hopper Grace"),
        "{text}"
    );
    let of_grace = events(&team.admin, json!({"actorId": id})).await;
    assert_eq!(
        of_grace["totalCount"], before["totalCount"],
        "what they did stays"
    );
    for event in of_grace["nodes"].as_array().unwrap() {
        assert_eq!(
            (&event["actor"], &event["actorLabel"]),
            (&Value::Null, &json!("(removed user)"))
        );
    }
    // What was changed of somebody else is shown, unless whoever changed it is hidden along: it may be theirs.
    let of_linus = events(&team.admin, json!({"targetId": linus, "actorId": team.admin_id})).await;
    let rename = &of_linus["nodes"][0]["changes"];
    assert_eq!(
        rename[0],
        json!({"field": "givenName", "before": null, "after": "Grace"}),
        "Linus was called so first"
    );
    let to_grace = events(&team.admin, json!({"targetId": id, "action": ["users.update"]})).await;
    let event = &to_grace["nodes"][0];
    let hidden = json!({"id": id, "label": "(removed user)", "subject": null});
    assert_eq!(event["targets"][0], hidden);
    let changes = json!([
        {"field": "givenName", "before": null, "after": "(removed user)"},
        {"field": "familyName", "before": null, "after": "(removed user)"},
    ]);
    assert_eq!(
        event["changes"], changes,
        "that there was none before says nothing of them"
    );
    let removal = events(&team.admin, json!({"targetId": id, "action": ["users.remove"]})).await;
    assert_eq!(
        removal["nodes"][0]["actorLabel"], "admin@acme.example",
        "who removed them is named"
    );
    // It is hidden, not changed.
    let report = verify(&house.app, team.account_id, None).await.unwrap();
    assert_eq!(report.findings, []);
    house.settle_mails().await;
    house.close().await;
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn what_acted_on_behalf_of_who_was_removed_is_named_and_they_are_not(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let house = House::open(database).await;
    let team = team(&house, "acme", Plan::Premium).await;
    team.join(&house, "grace@acme.example", "SECONDARY_ADMIN").await;
    let grace = house.sign_in("grace@acme.example", PASSWORD).await;
    let upload = grace
        .upload(
            "people.csv",
            b"First Name,Last Name,Email\nIm,Ported,imported@acme.example\n",
        )
        .await;
    let start = "mutation($input: StartImportInput!) { startImport(input: $input) { import { id } userErrors { code } } }";
    let import =
        done(&grace, start, json!({"uploadId": upload, "mode": "APPLY"})).await["import"]["id"].clone();
    let status = "query($id: ID!) { import(id: $id) { status } }";
    for _ in 0..400 {
        let seen = grace.ask(status, json!({"id": import})).await;
        if seen["import"]["status"] == "SUCCEEDED" {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(25)).await;
    }
    let by_import = json!({"actorKind": ["SYSTEM"], "action": ["users.invite", "imports"]});
    let found = events(&team.admin, by_import.clone()).await;
    let label = format!("import {} for grace@acme.example", import.as_str().unwrap());
    assert_eq!(found["nodes"][0]["actorLabel"], label, "{found}");
    let id = grace.ask("{ viewer { user { id } } }", json!({})).await["viewer"]["user"]["id"].clone();
    done(&team.admin, REMOVE, json!({"userIds": [id]})).await;
    let found = events(&team.admin, by_import).await;
    let label = format!("import {} for (removed user)", import.as_str().unwrap());
    assert_eq!(found["nodes"][0]["actorLabel"], label);
    house.settle_mails().await;
    house.close().await;
}
