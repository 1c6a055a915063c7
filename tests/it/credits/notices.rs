//! Who is told that credits are gone, when, and how often; and what an account may say about it.

use rstest::rstest;
use serde_json::{Value, json};

use super::support::{adjust, assert_books_agree, credits, grant, record, spend};
use crate::support::{Database, House, Team};
use crate::usage::support::{ago, opening, script};

const UPDATE: &str = "mutation($input: UpdateCreditSettingsInput!) { updateCreditSettings(input: $input) {
    cloudCredits { noticePercents balance } userErrors { code field } } }";

/// What the administrator was told, the first first.
async fn told(team: &Team) -> Vec<(String, String)> {
    let asked = "{ viewer { notifications(first: 50) { nodes { kind title subject { ... on CreditEntry { id } } } } } }";
    let seen = team.admin.ask(asked, json!({})).await;
    let nodes = seen["viewer"]["notifications"]["nodes"]
        .as_array()
        .unwrap()
        .clone();
    let of_credits = nodes
        .iter()
        .rev()
        .filter(|node| node["kind"].as_str().unwrap().starts_with("CREDITS"));
    let shown = |node: &Value| {
        assert!(node["subject"]["id"].as_str().unwrap().starts_with("cre_"));
        let text = |name: &str| node[name].as_str().unwrap().to_owned();
        (text("kind"), text("title"))
    };
    of_credits.map(shown).collect()
}

fn subjects(house: &House) -> Vec<String> {
    let subject = |mail: String| {
        let line = mail.lines().find(|line| line.starts_with("Subject: ")).unwrap();
        line.to_owned()
    };
    let mut found: Vec<String> = house.mails().into_iter().map(subject).collect();
    found.retain(|subject| subject.contains("credits"));
    found.sort();
    found
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn administrators_are_told_once_at_each_percentage_until_credits_are_added_again(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let (house, team, _) = opening(database, 1).await;
    let plain = team.join(&house, "plain@acme.example", "USER").await;
    let day = ago(&house, 0);
    let spent = async |credits: &str, key: &str| {
        let done = record(&team.admin, &[spend(0, "DRAW", &day, credits, key)]).await;
        assert_eq!(done["summary"]["applied"], 1, "{done}");
    };
    let running_out = |percent: i32| {
        (
            "CREDITS_RUNNING_OUT".to_owned(),
            format!("{percent} % of the cloud credits are used up"),
        )
    };
    let exhausted = || {
        let title = "All cloud credits are used up".to_owned();
        ("CREDITS_EXHAUSTED".to_owned(), title)
    };
    grant(&house, "100", None).await;
    spent("79.9999", "a").await;
    assert_eq!(told(&team).await, []);
    spent("0.0001", "b").await;
    spent("10", "c").await;
    assert_eq!(told(&team).await, [running_out(80)]);
    // What is taken back is gone as well.
    adjust(&house, "-10").await.unwrap();
    assert_eq!(told(&team).await, [running_out(80), exhausted()]);
    // All at once is told of once. A new grant is the measure from then on.
    grant(&house, "10", None).await;
    spent("10", "d").await;
    assert_eq!(told(&team).await, [running_out(80), exhausted(), exhausted()]);
    // The account's own percentages.
    let set = json!({"input": {"noticePercents": [90, 25, 90]}});
    let done = team.admin.ask(UPDATE, set.clone()).await["updateCreditSettings"].clone();
    assert_eq!(
        done,
        json!({"cloudCredits": {"noticePercents": [25, 90], "balance": "0"}, "userErrors": []})
    );
    let before = house.settled().await;
    team.admin.ask(UPDATE, set).await;
    assert_eq!(house.settled().await, before, "what is so already is not written");
    grant(&house, "10", None).await;
    spent("3", "e").await;
    spent("7", "f").await;
    assert_eq!(told(&team).await[3..], [running_out(25), exhausted()]);
    let none = json!({"input": {"noticePercents": []}});
    team.admin.ask(UPDATE, none).await;
    grant(&house, "1", None).await;
    spent("1", "g").await;
    assert_eq!(told(&team).await.len(), 5);
    house.settle_mails().await;
    let used_up = "Subject: The cloud credits of ACME are used up";
    assert_eq!(
        subjects(&house),
        [
            "Subject: 20 of 100 cloud credits of ACME are left",
            "Subject: 7 of 10 cloud credits of ACME are left",
            used_up,
            used_up,
            used_up
        ]
    );
    let theirs = plain
        .ask(
            "{ viewer { notifications(first: 5) { nodes { kind } } } }",
            json!({}),
        )
        .await;
    assert!(!theirs.to_string().contains("CREDITS"), "{theirs}");
    assert_books_agree(&house, &team).await;
    house.close().await;
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn who_may_say_when_and_within_which_bounds(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let (house, team, _) = opening(database, 0).await;
    let plain = team.join(&house, "plain@acme.example", "USER").await;
    let reader = script(&house, &team, &["USAGE_READ", "USAGE_WRITE"]).await;
    let set = |percents: Value| json!({"input": {"noticePercents": percents}});
    // Of nothing there is nothing to be told.
    let refused = team.admin.ask(UPDATE, set(json!([50]))).await["updateCreditSettings"].clone();
    assert_eq!(
        refused,
        json!({"cloudCredits": null, "userErrors": [{"code": "NOT_FOUND", "field": null}]})
    );
    grant(&house, "10", None).await;
    // The first call of a token is noted.
    assert_eq!(reader.refused(UPDATE, set(json!([50]))).await, "FORBIDDEN");
    let before = house.settled().await;
    for (given, code, field) in [
        (json!([0]), "INVALID", vec!["input", "noticePercents", "0"]),
        (json!([50, 101]), "INVALID", vec!["input", "noticePercents", "1"]),
        (json!([50, -3]), "INVALID", vec!["input", "noticePercents", "1"]),
        (
            json!([1, 2, 3, 4, 5, 6]),
            "TOO_MANY_ITEMS",
            vec!["input", "noticePercents"],
        ),
    ] {
        let refused = team.admin.ask(UPDATE, set(given.clone())).await;
        assert_eq!(
            refused["updateCreditSettings"]["userErrors"],
            json!([{"code": code, "field": field}]),
            "{given}"
        );
    }
    for given in [json!(["50"]), json!(1.5), json!([null]), Value::Null] {
        let code = team.admin.refused(UPDATE, set(given.clone())).await;
        assert_eq!(code, "BAD_USER_INPUT", "{given}");
    }
    for client in [&plain, &reader] {
        assert_eq!(client.refused(UPDATE, set(json!([50]))).await, "FORBIDDEN");
    }
    assert_eq!(house.settled().await, before);
    assert_eq!(credits(&team).await["noticePercents"], json!([80, 100]));
    house.close().await;
}
