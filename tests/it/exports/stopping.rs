//! Exports that are cancelled, and exports whose maker may not have them any more: nothing is left of either.

use entity::account::Plan;
use entity::user::{Role, Status};
use rstest::rstest;
use serde_json::{Value, json};

use super::support::{begin, crowd, link, look, settled, stored, wait_for};
use crate::imports::support::alter;
use crate::support::{Client, Database, House, add_product, team};

async fn cancel(client: &Client, id: &str) -> Value {
    let query = "mutation($id: ID!) { cancelExport(input: {exportId: $id}) { export { id status } userErrors { code field } } }";
    client.ask(query, json!({"id": id})).await["cancelExport"].clone()
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn a_running_export_stops_and_leaves_nothing_and_a_waiting_one_never_begins(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let house = House::open(database).await;
    let team = team(&house, "acme", Plan::Standard).await;
    let seats = [
        add_product(&house, "acme", "DRAW", 100_000).await,
        add_product(&house, "acme", "INK", 100_000).await,
    ];
    crowd(&house, &team, 60_000, &seats).await;
    let running = begin(
        &team.admin,
        json!({"kind": "USERS", "columnSets": ["SUBSCRIPTION_ROWS"], "format": "NDJSON"}),
    )
    .await;
    let waiting = begin(&team.admin, json!({"kind": "AUDIT_EVENTS"})).await;
    wait_for(&team.admin, &running, |export| {
        !export["progress"]["total"].is_null()
    })
    .await;
    let begun = std::time::Instant::now();
    for id in [&waiting, &running] {
        let payload = cancel(&team.admin, id).await;
        assert_eq!(
            (&payload["export"]["status"], &payload["userErrors"]),
            (&json!("CANCELLING"), &json!([]))
        );
        assert_eq!(
            cancel(&team.admin, id).await["userErrors"],
            json!([]),
            "cancelling twice does no harm"
        );
    }
    let export = settled(&team.admin, &running).await;
    assert!(begun.elapsed().as_secs() < 10, "{:?}", begun.elapsed());
    assert_eq!(
        (&export["status"], &export["isCancellable"], &export["rowCount"]),
        (&json!("CANCELLED"), &json!(false), &Value::Null)
    );
    assert_eq!(settled(&team.admin, &waiting).await["status"], "CANCELLED");
    for id in [&waiting, &running] {
        assert_eq!(link(&team.admin, id).await, Value::Null);
        assert_eq!(look(&team.admin, id).await["filesExpireAt"], Value::Null);
    }
    assert_eq!(stored(&house), (0, 0), "neither a file nor a piece of one");
    let told = "{ viewer { notifications(first: 20) { nodes { kind } } } }";
    assert_eq!(
        team.admin.ask(told, json!({})).await["viewer"]["notifications"]["nodes"],
        json!([])
    );

    let done = begin(&team.admin, json!({"kind": "AUDIT_EVENTS"})).await;
    assert_eq!(settled(&team.admin, &done).await["status"], "SUCCEEDED");
    let late = cancel(&team.admin, &done).await;
    assert_eq!(
        (&late["userErrors"][0]["code"], &late["userErrors"][0]["field"]),
        (&json!("JOB_NOT_CANCELLABLE"), &json!(["input", "exportId"]))
    );
    assert_eq!(stored(&house), (1, 0));
    house.close().await;
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn whoever_has_lost_the_right_before_the_file_is_made_gets_none(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
    #[values((Role::User, Status::Active), (Role::SecondaryAdmin, Status::Disabled))] becomes: (Role, Status),
) {
    let house = House::open(database).await;
    let team = team(&house, "acme", Plan::Standard).await;
    let second = team.join(&house, "second@acme.example", "SECONDARY_ADMIN").await;
    crowd(&house, &team, 20_000, &[]).await;
    // One before it, so that it waits for its turn.
    begin(&team.admin, json!({"kind": "USERS"})).await;
    let id = begin(&second, json!({"kind": "USERS"})).await;
    alter(&house, &team, "second@acme.example", becomes.0, becomes.1).await;
    let export = settled(&team.admin, &id).await;
    assert_eq!(
        (&export["status"], &export["failure"]["code"]),
        (&json!("FAILED"), &json!("EXPORT_FAILED"))
    );
    assert_eq!(stored(&house).1, 0);
    assert_eq!(stored(&house).0, 1, "the first one's alone");
    house.settle_mails().await;
    house.close().await;
}
