//! Every mutation, called by somebody of each role with the least the schema lets pass; and what the plan and a fresh sign-in have to say in it.

use std::collections::BTreeSet;
use std::fmt::Write;
use std::time::Duration;

use rstest::rstest;

use super::contract::{Contract, Field};
use super::paths::Known;
use super::people::{gather, may, may_call};
use super::{code, send};
use crate::support::rows::Rows;
use crate::support::{Database, House};

/// Everything below a payload that no query leads to.
fn payload(contract: &Contract, below_query: &BTreeSet<String>, kind: &str, depth: usize) -> String {
    let mut selection = "__typename".to_owned();
    for member in contract.possible(kind) {
        let mut fields = Vec::new();
        for field in &contract.objects[&member] {
            let has_known = contract
                .possible(&field.kind)
                .iter()
                .any(|kind| below_query.contains(kind));
            let below = match (contract.is_leaf(&field.kind), has_known || depth == 0) {
                (true, _) => String::new(),
                (false, true) => " { __typename }".to_owned(),
                (false, false) => format!(
                    " {{ {} }}",
                    payload(contract, below_query, &field.kind, depth - 1)
                ),
            };
            fields.push(format!("{}{below}", contract.call(field, &Known::new())));
        }
        write!(selection, " ... on {member} {{ {} }}", fields.join(" ")).unwrap();
    }
    selection
}

fn mutation(contract: &Contract, field: &Field, selection: &str) -> String {
    format!(
        "mutation {{ {} {{ {selection} }} }}",
        contract.call(field, &Known::new())
    )
}

/// Without API tokens, whose rows note when they were used last.
fn but_for_use(mut rows: Rows) -> Rows {
    assert!(rows.remove("api_tokens").is_some());
    rows
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn every_mutation_is_for_whom_its_rule_names_and_a_refused_one_changes_nothing(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let (house, mut everybody) = gather(database).await;
    let contract = Contract::read();
    let before = but_for_use(house.settled().await);
    for field in &contract.objects["Mutation"] {
        let query = mutation(&contract, field, "__typename");
        // Nobody is refused so often in a minute; what is counted is not what is tried here.
        house.force("DELETE FROM sign_in_attempts").await.unwrap();
        for person in everybody
            .members
            .iter()
            .filter(|person| !may_call(person.role, &field.rule))
        {
            let answer = send(&person.client, &query).await;
            let has_own = field.rule.is_self_allowed && !person.is_script();
            let is_own = has_own && code(&answer) == "none";
            // Whoever manages people is told of the view first, in a payload; what it says is shown by `classic`.
            let is_elsewhere =
                field.rule.view.as_deref() == Some("CLASSIC") && !person.is_script() && person.role != "USER";
            let is_told = is_elsewhere && code(&answer) == "none";
            assert!(
                is_own || is_told || code(&answer) == "FORBIDDEN",
                "{}: {query}: {answer}",
                person.role
            );
        }
    }
    assert_eq!(but_for_use(house.settled().await), before);
    let below_query = contract.reachable("Query");
    for field in &contract.objects["Mutation"] {
        let query = mutation(
            &contract,
            field,
            &payload(&contract, &below_query, &field.kind, 3),
        );
        for person in everybody
            .members
            .iter_mut()
            .filter(|person| may_call(person.role, &field.rule))
        {
            let mut answer = send(&person.client, &query).await;
            if ["ACCESS_TOKEN_EXPIRED", "SESSION_EXPIRED"].contains(&code(&answer)) {
                person.return_to(&house).await;
                answer = send(&person.client, &query).await;
            }
            let is_let_in = ["none", "BAD_USER_INPUT"].contains(&code(&answer));
            assert!(is_let_in, "{}: {query}: {answer}", person.role);
        }
    }
    house.settle_jobs().await;
    house.settle_mails().await;
    house.close().await;
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn what_needs_the_premium_plan_or_a_fresh_sign_in_is_refused_without(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let (house, everybody) = gather(database).await;
    let contract = Contract::read();
    let primary = &everybody.members[0];
    let paths = contract.paths(&everybody.known, |field| may(primary.role, &field.rule));
    let refusal = async |field: &Field| {
        let answer = send(
            &primary.client,
            &mutation(&contract, field, "userErrors { code }"),
        )
        .await;
        let code = &answer["data"][&field.name]["userErrors"][0]["code"];
        code.as_str().unwrap_or("none").to_owned()
    };
    let before = house.settled().await;
    let long_ago = House::literal_time(house.app.clock().now() - chrono::Duration::minutes(11));
    force(
        &house,
        &format!("UPDATE sessions SET authenticated_at = {long_ago}"),
    )
    .await;
    for field in contract.objects["Mutation"]
        .iter()
        .filter(|field| field.rule.is_recent && field.rule.view.as_deref() != Some("CLASSIC"))
    {
        assert_eq!(refusal(field).await, "RECENT_AUTH_REQUIRED", "{}", field.name);
    }
    assert_eq!(house.settled().await, before);
    force(&house, "UPDATE accounts SET plan = 'STANDARD'").await;
    let before = house.settled().await;
    for (name, fields) in &contract.objects {
        for field in fields.iter().filter(|field| field.rule.is_premium) {
            let what = format!("{name}.{}", field.name);
            if name == "Mutation" {
                assert_eq!(refusal(field).await, "PLAN_REQUIRED", "{what}");
            } else if let Some(path) = paths.get(name) {
                let query = path.query(&contract.ask(field, &everybody.known));
                let answer = send(&primary.client, &query).await;
                // What only the premium plan has may stand behind another field that only it has.
                assert_eq!(code(&answer), "FORBIDDEN", "{what}: {answer}");
            }
        }
    }
    assert_eq!(house.settled().await, before);
    house.close().await;
}

/// Changes rows behind the system's back; what is remembered of sessions may be two seconds old.
async fn force(house: &House, sql: &str) {
    house.force(sql).await.unwrap();
    tokio::time::sleep(Duration::from_millis(2_100)).await;
}
