//! One manager a contract, always: who they are, how a contract is handed over, and what cannot be done to them.

use rstest::rstest;
use serde_json::{Value, json};

use super::support::{add, call, classic, codes, coordinator, managers, roles};
use crate::support::{Client, Database, PASSWORD, accept, add_product};

async fn hand_over(client: &Client, contract: &Value, to: &str) -> Value {
    let selected =
        "contract { number manager { email } } manager { email role } formerManager { email role }";
    call(
        client,
        "transferContract",
        selected,
        json!({"contractId": contract, "toUserId": to}),
    )
    .await
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn a_contract_goes_to_a_coordinator_and_its_former_manager_becomes_one(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let (house, team) = classic(database).await;
    add_product(&house, "acme", "DRAW", 5).await;
    let (cora, cora_id) = coordinator(&house, &team, "cora@acme.example").await;
    let listed = managers(&team.admin).await;
    assert_eq!(listed["totalCount"], 1);
    let contract = &listed["nodes"][0];
    assert_eq!(
        contract["manager"]["email"], "admin@acme.example",
        "the eldest, from the start"
    );

    let handed = hand_over(&team.admin, &contract["id"], &cora_id).await;
    let expected = json!({
        "contract": {"number": contract["number"], "manager": {"email": "cora@acme.example"}},
        "manager": {"email": "cora@acme.example", "role": "CONTRACT_MANAGER"},
        "formerManager": {"email": "admin@acme.example", "role": "SOFTWARE_COORDINATOR"},
        "userErrors": [],
    });
    assert_eq!(handed, expected);
    team.admin.until_shown_out().await;
    cora.until_shown_out().await;
    house.settle_mails().await;
    let told = house.mails();
    let told = told
        .iter()
        .filter(|mail| mail.contains("contract manager") || mail.contains("software coordinator"));
    assert!(told.count() >= 2, "both are told");
    let [cora, admin] = [
        house.sign_in("cora@acme.example", PASSWORD).await,
        house.sign_in("admin@acme.example", PASSWORD).await,
    ];
    // Who has no contract any more hands none over.
    let query =
        "mutation($input: TransferContractInput!) { transferContract(input: $input) { contract { id } } }";
    let input = json!({"input": {"contractId": contract["id"], "toUserId": team.admin_id}});
    assert_eq!(admin.refused(query, input).await, "FORBIDDEN");
    // To oneself nothing changes.
    let before = house.settled().await;
    let kept = hand_over(&cora, &contract["id"], &cora_id).await;
    assert_eq!((codes(&kept), &kept["formerManager"]), (vec![], &Value::Null));
    assert_eq!(house.settled().await, before);
    assert_eq!(house.number("SELECT count(*) FROM contract_managers").await, 1);
    house.close().await;
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn whoever_manages_another_contract_stays_a_manager(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let (house, team) = classic(database).await;
    add_product(&house, "acme", "DRAW", 5).await;
    // Another contract, of another number.
    let (account, id) = (
        house.literal(team.account_id),
        house.literal(entity::ids::new(house.app.clock().now())),
    );
    let manager = house.literal(entity::ids::Kind::User.parse(&team.admin_id).unwrap());
    house.force(&format!("INSERT INTO contracts (account_id, id, number, starts_on, ends_on, auto_renews, created_at) SELECT {account}, {id}, 'SECOND', starts_on, ends_on, auto_renews, created_at FROM contracts")).await.unwrap();
    house.force(&format!("INSERT INTO contract_managers (account_id, id, user_id, since) SELECT {account}, {id}, {manager}, since FROM contract_managers")).await.unwrap();
    let (_, cora_id) = coordinator(&house, &team, "cora@acme.example").await;
    let second = managers(&team.admin).await["nodes"][1]["id"].clone();
    let handed = hand_over(&team.admin, &second, &cora_id).await;
    assert_eq!(
        handed["formerManager"],
        json!({"email": "admin@acme.example", "role": "CONTRACT_MANAGER"})
    );
    // Their role is the same: they go on without signing in again.
    let listed = managers(&team.admin).await;
    let of_each: Vec<&str> = listed["nodes"]
        .as_array()
        .unwrap()
        .iter()
        .map(|node| node["manager"]["email"].as_str().unwrap())
        .collect();
    assert_eq!(of_each, ["admin@acme.example", "cora@acme.example"]);
    house.settle_mails().await;
    house.close().await;
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn a_contract_goes_to_nobody_who_could_not_manage_it(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let (house, team) = classic(database).await;
    add_product(&house, "acme", "DRAW", 5).await;
    let contract = managers(&team.admin).await["nodes"][0]["id"].clone();
    let pending = add(&team.admin, "pending@acme.example").await["user"]["id"].clone();
    let user = add(&team.admin, "user@acme.example").await["user"]["id"].clone();
    accept(&house, "user@acme.example").await;
    let (_, cora) = coordinator(&house, &team, "cora@acme.example").await;
    let disable = "mutation($ids: [ID!]!) { disableUsers(input: {userIds: $ids}) { summary { applied } } }";
    team.admin.ask(disable, json!({"ids": [cora]})).await;
    let before = house.settled().await;
    for (to, expected) in [
        (pending.as_str().unwrap(), "ROLE_NOT_ASSIGNABLE"),
        (user.as_str().unwrap(), "ROLE_NOT_ASSIGNABLE"),
        (&cora, "USER_DISABLED"),
        ("usr_00000000000000000000000000", "NOT_FOUND"),
        ("nobody", "NOT_FOUND"),
    ] {
        let refused = hand_over(&team.admin, &contract, to).await;
        assert_eq!(codes(&refused), [expected], "{to}");
        assert_eq!(refused["userErrors"][0]["field"], json!(["input", "toUserId"]));
    }
    for contract in ["con_00000000000000000000000000", "none"] {
        let refused = hand_over(&team.admin, &json!(contract), &cora).await;
        assert_eq!(codes(&refused), ["NOT_FOUND"]);
        assert_eq!(refused["userErrors"][0]["field"], json!(["input", "contractId"]));
    }
    assert_eq!(house.settled().await, before);
    house.close().await;
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn the_manager_of_a_contract_is_not_disabled_removed_or_made_anything_else(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let (house, team) = classic(database).await;
    let (cora, _) = coordinator(&house, &team, "cora@acme.example").await;
    let before = house.settled().await;
    for mutation in ["disableUsers", "removeUsers"] {
        let query = format!(
            "mutation($ids: [ID!]!) {{ {mutation}(input: {{userIds: $ids}}) {{ results {{ userErrors {{ code }} }} }} }}"
        );
        let refused = cora.ask(&query, json!({"ids": [team.admin_id]})).await;
        assert_eq!(
            refused[mutation]["results"][0]["userErrors"],
            json!([{"code": "CONTRACT_MANAGER_REQUIRED"}]),
            "{mutation}"
        );
    }
    // Coordinators give no roles; managers give coordinators', and no other.
    let query =
        "mutation($input: ChangeUserRoleInput!) { changeUserRole(input: $input) { userErrors { code } } }";
    let input = json!({"input": {"userId": team.admin_id, "role": "USER"}});
    assert_eq!(cora.refused(query, input).await, "FORBIDDEN");
    let user = add(&team.admin, "user@acme.example").await["user"]["id"].clone();
    for role in [
        "CONTRACT_MANAGER",
        "PRIMARY_ADMIN",
        "SECONDARY_ADMIN",
        "SSO_ADMIN",
    ] {
        let refused = call(
            &team.admin,
            "changeUserRole",
            "user { id }",
            json!({"userId": user, "role": role}),
        )
        .await;
        assert_eq!(codes(&refused), ["ROLE_NOT_ASSIGNABLE"], "{role}");
    }
    let after = house.settled().await;
    assert_eq!(
        after["users"].len(),
        before["users"].len() + 1,
        "but for the one who was added"
    );
    let seen = roles(&team.admin).await;
    let expected = json!([
        {"email": "admin@acme.example", "role": "CONTRACT_MANAGER"},
        {"email": "cora@acme.example", "role": "SOFTWARE_COORDINATOR"},
        {"email": "user@acme.example", "role": "USER"},
    ]);
    assert_eq!(
        (&seen["users"]["nodes"], &seen["primaryAdmin"]),
        (&expected, &Value::Null)
    );
    house.settle_mails().await;
    house.close().await;
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn of_two_hand_overs_at_once_one_wins(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let (house, team) = classic(database).await;
    add_product(&house, "acme", "DRAW", 5).await;
    let contract = managers(&team.admin).await["nodes"][0]["id"].clone();
    let (_, one) = coordinator(&house, &team, "one@acme.example").await;
    let (_, two) = coordinator(&house, &team, "two@acme.example").await;
    let query = "mutation($input: TransferContractInput!) { transferContract(input: $input) { userErrors { code } } }";
    let send = |to: String| {
        let variables = json!({"input": {"contractId": contract, "toUserId": to}});
        let admin = team.admin.clone();
        async move { admin.send(query, variables).await.1 }
    };
    let (first, second) = tokio::join!(send(one), send(two));
    let won = |answer: &Value| answer["data"]["transferContract"]["userErrors"] == json!([]);
    assert!(won(&first) != won(&second), "{first} {second}");
    assert_eq!(
        house
            .number("SELECT count(*) FROM users WHERE role = 'CONTRACT_MANAGER'")
            .await,
        1
    );
    assert_eq!(
        house
            .number("SELECT count(*) FROM users WHERE role = 'SOFTWARE_COORDINATOR'")
            .await,
        2
    );
    house.settle_mails().await;
    house.close().await;
}
