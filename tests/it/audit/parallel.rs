//! Many at once, in two processes: one chain, without a hole and without a fork.

use std::collections::BTreeSet;

use entity::account::Plan;
use entity::audit_event::{Column, Entity};
use muster::audit::verify::verify;
use rstest::rstest;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
use serde_json::json;

use super::{REMOVE, RENAME};
use crate::support::{Client, Database, House, PASSWORD, team};

/// Sends it again for as long as the account is busy.
async fn patiently(client: &Client, query: &str, variables: serde_json::Value) -> serde_json::Value {
    loop {
        let (_, answer) = client.send(query, variables.clone()).await;
        if answer["errors"][0]["extensions"]["code"] != "BUSY" {
            return answer;
        }
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
}

#[rstest]
#[case(Database::Postgres, 2)]
#[case(Database::Sqlite, 1)]
#[tokio::test(flavor = "multi_thread")]
async fn whatever_happens_at_once_in_several_processes_is_one_chain(
    #[case] database: Database,
    #[case] processes: usize,
) {
    let house = House::open(database).await;
    let team = team(&house, "acme", Plan::Standard).await;
    let ids = futures::future::join_all((0..6).map(|number| {
        let team = &team;
        async move { team.invite(&format!("p{number}@acme.example")).await }
    }))
    .await;
    let user = team.join(&house, "user@acme.example", "USER").await;
    let mut admins = vec![team.admin.clone()];
    let mut users = vec![user.clone()];
    for _ in 1..processes {
        let replica = house.replica().await;
        admins.push(replica.clone().sign_in("admin@acme.example", PASSWORD).await);
        users.push(replica.sign_in("user@acme.example", PASSWORD).await);
    }
    let before = Entity::find()
        .filter(Column::AccountId.eq(team.account_id))
        .all(house.app.reader())
        .await
        .unwrap()
        .len();
    // Changes by members, who hold the account; refusals, which do not; and sign-ins of somebody who is no member yet.
    let mut all = Vec::new();
    for round in 0..12 {
        for (admin, user) in admins.iter().zip(&users) {
            let (id, name) = (&ids[round % ids.len()], format!("Name{round}"));
            let rename = json!({"input": {"userId": id, "givenName": name, "familyName": admin.url}});
            let refused = json!({"input": {"userIds": [id]}});
            let house = &house;
            all.push(Box::pin(async move {
                futures::join!(
                    patiently(admin, RENAME, rename),
                    patiently(user, REMOVE, refused),
                    async { drop(house.anonymous().sign_in("user@acme.example", PASSWORD).await) },
                );
            }));
        }
    }
    futures::future::join_all(all).await;

    let rows = Entity::find()
        .filter(Column::AccountId.eq(team.account_id))
        .all(house.app.reader())
        .await
        .unwrap();
    let numbers: BTreeSet<i64> = rows.iter().filter_map(|row| row.seq).collect();
    assert_eq!(numbers.len(), rows.len());
    assert_eq!(
        numbers.last(),
        i64::try_from(rows.len()).ok().as_ref(),
        "without a hole"
    );
    let refusals = rows.iter().filter(|row| row.action == "removeUsers").count();
    assert_eq!(refusals, 12 * processes);
    let entered = rows.iter().filter(|row| row.action == "sessions.sign_in").count();
    assert!(rows.len() > before + 24 * processes && entered >= 12 * processes);
    let report = verify(&house.app, team.account_id, None).await.unwrap();
    assert_eq!(report.findings, []);
    assert_eq!(report.events, rows.len() as u64);
    house.settle_mails().await;
    house.close().await;
}
