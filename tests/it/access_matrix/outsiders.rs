//! Who is signed out, disabled or of another account.

use chrono::Duration;
use rstest::rstest;
use serde_json::json;

use super::contract::Contract;
use super::paths::Known;
use super::people::{People, gather};
use super::{code, send};
use crate::support::Database;

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn who_is_signed_out_lapsed_disabled_or_of_another_account_gets_nothing(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let (house, everybody) = gather(database).await;
    let People {
        disabled,
        foreign,
        known,
        members,
    } = &everybody;
    let contract = Contract::read();
    let nobody = house.anonymous();
    let before = house.settled().await;
    for (root, operation) in [("Query", "query"), ("Mutation", "mutation")] {
        for field in &contract.objects[root] {
            let query = format!("{operation} {{ {} }}", contract.ask(field, known));
            let expected = if field.rule.is_anonymous {
                "none"
            } else {
                "UNAUTHENTICATED"
            };
            let answer = send(&nobody, &query).await;
            assert_eq!(code(&answer), expected, "signed out: {query}: {answer}");
            let answer = send(disabled, &query).await;
            assert_eq!(code(&answer), "SESSION_EXPIRED", "disabled: {query}: {answer}");
        }
    }
    for id in known.values() {
        let answer = send(
            &foreign.admin,
            &format!("{{ node(id: {id:?}) {{ __typename }} }}"),
        )
        .await;
        assert_eq!(
            answer,
            json!({"data": {"node": null}}),
            "another account's administrator: {id}"
        );
    }
    for field in contract.objects["Query"].iter().filter(|field| field.needs_args) {
        let random: Known = known
            .iter()
            .map(|(kind, id)| (kind.clone(), unknown(id)))
            .collect();
        let ask = async |known: &Known| {
            let query = format!("{{ {} }}", contract.ask(field, known));
            send(&foreign.admin, &query).await
        };
        assert_eq!(ask(known).await, ask(&random).await, "{}", field.name);
    }
    house.app.clock().advance(Duration::minutes(11));
    for (root, operation) in [("Query", "query"), ("Mutation", "mutation")] {
        for field in &contract.objects[root] {
            let query = format!("{operation} {{ {} }}", contract.ask(field, known));
            for person in members.iter().filter(|person| !person.is_script()) {
                let answer = send(&person.client, &query).await;
                assert_eq!(code(&answer), "ACCESS_TOKEN_EXPIRED", "lapsed: {query}: {answer}");
            }
        }
    }
    assert_eq!(house.settled().await, before);
    house.close().await;
}

/// An id of the same kind that nothing has.
fn unknown(id: &str) -> String {
    let (kind, _) = entity::ids::parse(id).unwrap();
    kind.text(uuid::Uuid::from_u128(1))
}
