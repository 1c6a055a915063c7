//! Leaving the premium plan.

use entity::account::Plan;
use muster::access::{Action, Actor};
use muster::admin::SetPlan;
use rstest::rstest;
use serde_json::json;

use super::support::{id_of, is_signed_in, premium};
use crate::support::{Database, PASSWORD};

fn to(plan: Plan) -> SetPlan {
    SetPlan {
        account: "acme".into(),
        plan,
    }
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn leaving_premium_makes_sso_administrators_secondary_ones_and_locks_nobody_out(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let (house, team) = premium(database).await;
    let sso = team.join(&house, "sso@acme.example", "SSO_ADMIN").await;
    let user = team.join(&house, "user@acme.example", "USER").await;
    let sso_id = id_of(&sso).await;
    let invite = "mutation($input: InviteUserInput!) { inviteUser(input: $input) { user { id } userErrors { code } } }";
    let invited = json!({"input": {"email": "late@acme.example", "role": "SSO_ADMIN"}});
    let late = team.admin.ask(invite, invited.clone()).await["inviteUser"]["user"]["id"].clone();
    let token = house.invitation_token("late@acme.example").await;

    let demoted = house.app.run(&Actor::Operator, to(Plan::Standard)).await.unwrap();
    assert_eq!(demoted.len(), 2);
    assert_eq!(
        team.stored(&house, &sso_id).await,
        ("SECONDARY_ADMIN".into(), "ACTIVE".into())
    );
    sso.until_shown_out().await;
    assert!(is_signed_in(&user).await && is_signed_in(&team.admin).await);
    let sso = house.sign_in("sso@acme.example", PASSWORD).await;
    let seen = sso
        .ask("{ account { plan version } viewer { user { role } } }", json!({}))
        .await;
    let expected = json!({"account": {"plan": "STANDARD", "version": 2}, "viewer": {"user": {"role": "SECONDARY_ADMIN"}}});
    assert_eq!(seen, expected);
    let audited = team.audited(&house, "accounts.set_plan").await;
    assert_eq!(audited.len(), 1);
    for part in [
        sso_id.as_str(),
        "\"plan\"",
        "\"after\":\"STANDARD\"",
        "\"before\":\"SSO_ADMIN\"",
    ] {
        assert!(audited[0].contains(part), "{part}: {audited:?}");
    }
    house.settle_mails().await;
    let told = house
        .mails()
        .iter()
        .filter(|mail| mail.contains("Subject: Your role in ACME is now"))
        .count();
    assert_eq!(
        told, 1,
        "who has not joined yet was told of no role that could have changed"
    );

    let refused = team
        .admin
        .ask(
            invite,
            json!({"input": {"email": "x@acme.example", "role": "SSO_ADMIN"}}),
        )
        .await;
    assert_eq!(
        refused["inviteUser"]["userErrors"][0]["code"],
        "ROLE_NOT_ASSIGNABLE"
    );
    let accept = "mutation($input: AcceptInvitationInput!) { acceptInvitation(input: $input) { userErrors { code } } }";
    let accepted = house
        .anonymous()
        .ask(accept, json!({"input": {"token": token, "password": PASSWORD}}))
        .await;
    assert_eq!(accepted["acceptInvitation"]["userErrors"], json!([]));
    assert_eq!(
        team.stored(&house, late.as_str().unwrap()).await.0,
        "SECONDARY_ADMIN"
    );

    let back = house.app.run(&Actor::Operator, to(Plan::Premium)).await.unwrap();
    assert!(back.is_empty());
    assert_eq!(
        team.stored(&house, &sso_id).await.0,
        "SECONDARY_ADMIN",
        "nobody is promoted by a payment"
    );
    house.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn only_the_operator_sets_plans_and_only_of_accounts_there_are() {
    let (house, team) = premium(Database::Sqlite).await;
    let before = house.settled().await;
    let by_admin = house.app.run(&team.actor(&house).await, to(Plan::Standard)).await;
    assert!(
        matches!(by_admin, Err(muster::error::Error::Forbidden)),
        "{:?}",
        Action::Operate
    );
    let unknown = SetPlan {
        account: "nobody".into(),
        plan: Plan::Standard,
    };
    let refused = house.app.run(&Actor::Operator, unknown).await;
    assert!(matches!(refused, Err(muster::error::Error::Refused(_))));
    assert_eq!(house.settled().await, before);
    house.close().await;
}
