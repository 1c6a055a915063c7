//! The primary role changes hands: one transaction, one winner, always exactly one.

use std::time::Duration;

use rstest::rstest;
use sea_orm::{ConnectionTrait, TransactionTrait};
use serde_json::{Value, json};

use super::support::{HAND_OVER, code, hand_over, id_of, premium};
use crate::support::{Client, Database, House, PASSWORD, Team};

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn the_primary_hands_over_and_both_are_told(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let (house, team) = premium(database).await;
    let heir = team.join(&house, "heir@acme.example", "SECONDARY_ADMIN").await;
    let heir_id = id_of(&heir).await;
    let handed = hand_over(&team.admin, &heir_id).await;
    let expected = json!({
        "account": {"primaryAdmin": {"id": heir_id}},
        "newPrimaryAdmin": {"id": heir_id, "role": "PRIMARY_ADMIN"},
        "formerPrimaryAdmin": {"id": team.admin_id, "role": "SECONDARY_ADMIN"},
        "userErrors": [],
    });
    assert_eq!(handed, expected);
    assert_eq!(team.primaries(&house).await, 1);
    team.admin.until_shown_out().await;
    heir.until_shown_out().await;
    house.settle_mails().await;
    let told = |subject: &str| house.mails().iter().filter(|mail| mail.contains(subject)).count();
    assert_eq!(told("Subject: You are now the primary administrator of ACME"), 1);
    assert_eq!(told("Subject: ACME has a new primary administrator"), 1);
    let audited = team.audited(&house, "accounts.hand_over_primary").await;
    assert_eq!(audited.len(), 1);
    assert!(
        audited[0].contains(&heir_id) && audited[0].contains(&team.admin_id),
        "{audited:?}"
    );

    let admin = house.sign_in("admin@acme.example", PASSWORD).await;
    let counts = "{ account { version userCounts { admins } } viewer { user { role } } }";
    let seen = admin.ask(counts, json!({})).await;
    let expected = json!({"account": {"version": 2, "userCounts": {"admins": 2}}, "viewer": {"user": {"role": "SECONDARY_ADMIN"}}});
    assert_eq!(seen, expected);
    // And back, by the secondary, for themselves.
    assert_eq!(code(&hand_over(&admin, &team.admin_id).await), "none");
    assert_eq!(team.stored(&house, &team.admin_id).await.0, "PRIMARY_ADMIN");
    assert_eq!(team.stored(&house, &heir_id).await.0, "SECONDARY_ADMIN");
    house.settle_mails().await;
    house.close().await;
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn only_an_active_secondary_inherits_and_only_the_primary_steps_further_down(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let (house, team) = premium(database).await;
    let second = team.join(&house, "second@acme.example", "SECONDARY_ADMIN").await;
    let sso = team.join(&house, "sso@acme.example", "SSO_ADMIN").await;
    let second_id = id_of(&second).await;
    let user = id_of(&team.join(&house, "user@acme.example", "USER").await).await;
    let disabled = id_of(&team.join(&house, "gone@acme.example", "SECONDARY_ADMIN").await).await;
    super::support::call(&team.admin, "disableUsers", &[&disabled]).await;
    let pending = team.invite("pending@acme.example").await;
    let before = house.settled().await;
    for (target, expected) in [
        (&user, "ROLE_NOT_ASSIGNABLE"),
        (&pending, "ROLE_NOT_ASSIGNABLE"),
        (&team.admin_id, "ROLE_NOT_ASSIGNABLE"),
        (&id_of(&sso).await, "ROLE_NOT_ASSIGNABLE"),
        (&disabled, "USER_DISABLED"),
    ] {
        assert_eq!(code(&hand_over(&team.admin, target).await), expected);
    }
    let input = json!({"input": {"toUserId": second_id}});
    assert_eq!(sso.refused(HAND_OVER, input).await, "FORBIDDEN");
    let to = async |client: &Client, role: &str| {
        let input = json!({"input": {"toUserId": second_id, "demoteSelfTo": role}});
        client.ask(HAND_OVER, input).await["transferPrimaryAdmin"].clone()
    };
    for role in ["USER", "SSO_ADMIN", "PRIMARY_ADMIN"] {
        let refused = to(&second, role).await;
        assert_eq!(code(&refused), "ROLE_NOT_ASSIGNABLE", "{role}");
        assert_eq!(
            refused["userErrors"][0]["field"],
            json!(["input", "demoteSelfTo"])
        );
    }
    assert_eq!(
        code(&to(&team.admin, "PRIMARY_ADMIN").await),
        "ROLE_NOT_ASSIGNABLE"
    );
    assert_eq!(house.settled().await, before);

    let handed = to(&team.admin, "USER").await;
    assert_eq!(handed["formerPrimaryAdmin"]["role"], "USER");
    let second = house.sign_in("second@acme.example", PASSWORD).await;
    let seen = second
        .ask("{ account { userCounts { admins } } }", json!({}))
        .await;
    assert_eq!(seen["account"]["userCounts"]["admins"], 3);
    house.settle_mails().await;
    house.close().await;
}

/// Lets both calls reach the account's lock before either gets its turn.
#[expect(clippy::disallowed_methods, reason = "a test holds the account's turn")]
async fn both_at_once(house: &House, team: &Team, calls: [(&Client, &str); 2]) -> [Value; 2] {
    let connection = house.connection().await;
    let turn = connection.begin().await.unwrap();
    let account = house.literal(team.account_id);
    let sql = format!("UPDATE accounts SET name = name WHERE id = {account}");
    turn.execute_unprepared(&sql).await.unwrap();
    let release = async {
        tokio::time::sleep(Duration::from_millis(1_500)).await;
        turn.rollback().await.unwrap();
    };
    let [first, second] = calls;
    let (first, second, ()) = tokio::join!(
        hand_over(first.0, first.1),
        hand_over(second.0, second.1),
        release
    );
    connection.close().await.unwrap();
    [first, second]
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn of_two_hand_overs_at_once_one_wins_and_the_other_is_stale(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let (house, team) = premium(database).await;
    let one = team.join(&house, "one@acme.example", "SECONDARY_ADMIN").await;
    let two = team.join(&house, "two@acme.example", "SECONDARY_ADMIN").await;
    let (one_id, two_id) = (id_of(&one).await, id_of(&two).await);
    // The primary to one of them, the other one for themselves.
    let answers = both_at_once(&house, &team, [(&team.admin, &one_id), (&two, &two_id)]).await;
    let mut codes = answers.each_ref().map(code);
    codes.sort_unstable();
    assert_eq!(codes, ["STALE_VERSION", "none"]);
    assert_eq!(team.primaries(&house).await, 1);
    let winner = answers.iter().find(|answer| code(answer) == "none").unwrap();
    let primary = winner["newPrimaryAdmin"]["id"].as_str().unwrap();
    assert_eq!(team.stored(&house, primary).await.0, "PRIMARY_ADMIN");
    assert_eq!(team.stored(&house, &team.admin_id).await.0, "SECONDARY_ADMIN");
    assert_eq!(team.audited(&house, "accounts.hand_over_primary").await.len(), 1);
    house.settle_mails().await;
    house.close().await;
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn a_hundred_hand_overs_at_once_leave_exactly_one_primary(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let (house, team) = premium(database).await;
    let mut people = vec![(team.admin.clone(), team.admin_id.clone())];
    for number in 0..4 {
        let email = format!("second{number}@acme.example");
        let client = team.join(&house, &email, "SECONDARY_ADMIN").await;
        let id = id_of(&client).await;
        people.push((client, id));
    }
    let calls = (0..100).map(|number| {
        let (client, _) = &people[number % 5];
        let (_, heir) = &people[1 + number % 4];
        client.send(HAND_OVER, json!({"input": {"toUserId": heir}}))
    });
    let answers = futures::future::join_all(calls).await;
    let mut won = 0;
    for (_, answer) in &answers {
        let payload = &answer["data"]["transferPrimaryAdmin"];
        let ended = answer["errors"][0]["extensions"]["code"].as_str();
        match (code(payload), ended) {
            ("none", None) => won += 1,
            // Whose role changed has no session any more.
            ("none", Some("SESSION_EXPIRED")) | ("STALE_VERSION" | "ROLE_NOT_ASSIGNABLE", None) => {}
            other => panic!("{other:?}: {answer}"),
        }
    }
    assert!(won >= 1);
    assert_eq!(team.primaries(&house).await, 1);
    let audited = team.audited(&house, "accounts.hand_over_primary").await;
    assert_eq!(audited.len(), won, "what was told is what happened");
    let counted = house
        .number("SELECT CAST(users_admin AS bigint) FROM accounts")
        .await;
    assert_eq!(counted, 5);
    // The database itself knows of one only.
    let second = "UPDATE users SET role = 'PRIMARY_ADMIN' WHERE role = 'SECONDARY_ADMIN'";
    assert!(house.force(second).await.is_err());
    assert_eq!(team.primaries(&house).await, 1);
    house.settle_mails().await;
    house.close().await;
}
