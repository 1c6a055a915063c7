//! An account goes over to the other view and back: who becomes what is shown beforehand, and that is what happens.

use entity::account::Plan;
use rstest::rstest;
use serde_json::{Value, json};

use super::support::{add, call, classic, codes, coordinator, managers, roles};
use crate::support::{Client, Database, House, PASSWORD, add_product, team};

const PREVIEW: &str = "{ account { viewSwitch { view remappedCount remapped { user { email } before after } obstacles { code } } } }";

async fn preview(client: &Client) -> Value {
    client.ask(PREVIEW, json!({})).await["account"]["viewSwitch"].clone()
}

async fn switch(client: &Client, view: &str) -> Value {
    call(
        client,
        "switchAccountView",
        "account { view version } remappedCount remapped { email role }",
        json!({"view": view}),
    )
    .await
}

async fn admin(house: &House) -> Client {
    house.sign_in("admin@acme.example", PASSWORD).await
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn a_classic_account_goes_over_to_the_current_view_as_it_was_shown(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let (house, team) = classic(database).await;
    add_product(&house, "acme", "DRAW", 5).await;
    let (cora, cora_id) = coordinator(&house, &team, "cora@acme.example").await;
    add(&team.admin, "user@acme.example").await;
    let before = house.settled().await;
    let shown = preview(&team.admin).await;
    let expected = json!({
        "view": "CURRENT",
        "remappedCount": 2,
        "remapped": [
            {"user": {"email": "admin@acme.example"}, "before": "CONTRACT_MANAGER", "after": "PRIMARY_ADMIN"},
            {"user": {"email": "cora@acme.example"}, "before": "SOFTWARE_COORDINATOR", "after": "SECONDARY_ADMIN"},
        ],
        "obstacles": [],
    });
    assert_eq!(shown, expected);
    assert_eq!(house.settled().await, before, "looking changes nothing");
    // A coordinator neither looks nor switches.
    assert_eq!(
        cora.refused(
            "mutation { switchAccountView(input: {view: CURRENT}) { remappedCount } }",
            json!({})
        )
        .await,
        "FORBIDDEN"
    );
    let (_, seen) = cora.send(PREVIEW, json!({})).await;
    assert_eq!(seen["errors"][0]["extensions"]["code"], "FORBIDDEN");

    let switched = switch(&team.admin, "CURRENT").await;
    assert_eq!(switched["account"]["view"], "CURRENT");
    let expected = json!([{"email": "admin@acme.example", "role": "PRIMARY_ADMIN"}, {"email": "cora@acme.example", "role": "SECONDARY_ADMIN"}]);
    assert_eq!(
        (&switched["remapped"], &switched["remappedCount"]),
        (&expected, &json!(2))
    );
    team.admin.until_shown_out().await;
    cora.until_shown_out().await;
    let admin = admin(&house).await;
    let seen = roles(&admin).await;
    assert_eq!(seen["primaryAdmin"]["email"], "admin@acme.example");
    assert_eq!(
        seen["users"]["nodes"][2],
        json!({"email": "user@acme.example", "role": "USER"}),
        "users are none of it"
    );
    assert_eq!(
        managers(&admin).await["nodes"][0]["manager"],
        Value::Null,
        "of the classic view only"
    );
    let invited = call(
        &admin,
        "inviteUser",
        "user { status }",
        json!({"email": "new@acme.example"}),
    )
    .await;
    assert_eq!(invited["user"]["status"], "PENDING");
    let audited = team.audited(&house, "accounts.switch_view").await;
    assert_eq!(audited.len(), 1);
    assert!(
        audited[0].contains(&cora_id) && audited[0].contains("CLASSIC"),
        "{audited:?}"
    );
    // Once more, nothing changes.
    let version = switched["account"]["version"].clone();
    let again = switch(&admin, "CURRENT").await;
    assert_eq!(
        (&again["account"]["version"], &again["remappedCount"]),
        (&version, &json!(0))
    );
    house.settle_mails().await;
    house.close().await;
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn who_comes_back_to_the_classic_view_finds_the_managers_of_before(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let (house, team) = classic(database).await;
    add_product(&house, "acme", "DRAW", 5).await;
    let (_, cora_id) = coordinator(&house, &team, "cora@acme.example").await;
    let contract = managers(&team.admin).await["nodes"][0]["id"].clone();
    let input = json!({"contractId": contract, "toUserId": cora_id});
    call(&team.admin, "transferContract", "contract { id }", input).await;
    let cora = house.sign_in("cora@acme.example", PASSWORD).await;
    // Cora is the only manager, so they lead the account in the current view.
    switch(&cora, "CURRENT").await;
    let cora = house.sign_in("cora@acme.example", PASSWORD).await;
    let handed = "mutation($input: TransferPrimaryAdminInput!) { transferPrimaryAdmin(input: $input) { userErrors { code } } }";
    let done = cora
        .ask(handed, json!({"input": {"toUserId": team.admin_id}}))
        .await;
    assert_eq!(done["transferPrimaryAdmin"]["userErrors"], json!([]));
    let admin = admin(&house).await;
    let shown = preview(&admin).await;
    let back = switch(&admin, "CLASSIC").await;
    assert_eq!(codes(&back), [""; 0]);
    assert_eq!(shown["remappedCount"], back["remappedCount"]);
    let cora = house.sign_in("cora@acme.example", PASSWORD).await;
    assert_eq!(
        managers(&cora).await["nodes"][0]["manager"]["email"],
        "cora@acme.example"
    );
    let seen = roles(&cora).await;
    let expected = json!([{"email": "admin@acme.example", "role": "CONTRACT_MANAGER"}, {"email": "cora@acme.example", "role": "CONTRACT_MANAGER"}]);
    assert_eq!(
        seen["users"]["nodes"], expected,
        "the primary leads on, and so does who managed before"
    );
    house.settle_mails().await;
    house.close().await;
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn a_current_account_goes_over_to_the_classic_view_but_not_while_people_sign_in_by_a_provider(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let house = House::open(database).await;
    let team = crate::tenancy::lived_in(&house, "acme", Plan::Premium).await;
    house
        .force("UPDATE identity_providers SET status = 'ENABLED'")
        .await
        .unwrap();
    let before = house.settled().await;
    let shown = preview(&team.admin).await;
    assert_eq!(
        (&shown["view"], &shown["obstacles"]),
        (&json!("CLASSIC"), &json!([{"code": "SSO_IN_USE"}]))
    );
    let refused = switch(&team.admin, "CLASSIC").await;
    assert_eq!(codes(&refused), ["SSO_IN_USE"]);
    assert_eq!(house.settled().await, before);
    house
        .force("UPDATE identity_providers SET status = 'DISABLED'")
        .await
        .unwrap();
    let admins = team.counts().await["userCounts"]["admins"].clone();
    let standing = "SELECT count(*) FROM api_tokens WHERE revoked_at IS NULL";
    assert!(house.number(standing).await > 0);
    let switched = switch(&team.admin, "CLASSIC").await;
    assert_eq!(codes(&switched), [""; 0], "{switched}");
    assert_eq!(
        house.number(standing).await,
        0,
        "nobody could see or end them there"
    );
    let admin = admin(&house).await;
    let seen = roles(&admin).await;
    let nodes = seen["users"]["nodes"].as_array().unwrap();
    let of = |role: &str| nodes.iter().filter(|node| node["role"] == role).count();
    assert_eq!(of("CONTRACT_MANAGER"), 1);
    assert_eq!(
        of("PRIMARY_ADMIN") + of("SECONDARY_ADMIN") + of("SSO_ADMIN"),
        0,
        "{seen}"
    );
    for contract in managers(&admin).await["nodes"].as_array().unwrap() {
        assert_eq!(contract["manager"]["email"], "admin@acme.example");
    }
    let counts = "{ account { userCounts { admins } } }";
    assert_eq!(
        admin.ask(counts, json!({})).await["account"]["userCounts"]["admins"],
        admins
    );
    house.settle_mails().await;
    house.close().await;
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn a_switch_needs_a_recent_sign_in(#[values(Database::Sqlite, Database::Postgres)] database: Database) {
    let house = House::open(database).await;
    let team = team(&house, "acme", Plan::Standard).await;
    let past = "UPDATE sessions SET authenticated_at = '2020-01-01T00:00:00+00:00'";
    house.force(past).await.unwrap();
    tokio::time::sleep(std::time::Duration::from_millis(2_500)).await;
    let before = house.settled().await;
    let refused = switch(&team.admin, "CLASSIC").await;
    assert_eq!(codes(&refused), ["RECENT_AUTH_REQUIRED"]);
    assert_eq!(house.settled().await, before);
    house.close().await;
}
