//! Accepting an invitation: whose password opens it, how often it may be guessed, and whose books it stands in.

use entity::account::Plan;
use rstest::rstest;
use serde_json::json;

use crate::support::{Client, Database, House, PASSWORD, Team, team};

const ACCEPT: &str = "mutation($input: AcceptInvitationInput!) { acceptInvitation(input: $input) { email userErrors { code field } } }";
const WRONG: &str = "incorrect horse battery staple";

/// Anne, who has joined ACME and is invited by OTHER too. Answers the two and the token of the second invitation.
async fn anne_invited_twice(house: &House) -> (Team, Team, Client, String) {
    let (acme, other) = (
        team(house, "acme", Plan::Standard).await,
        team(house, "other", Plan::Standard).await,
    );
    let anne = acme.join(house, "anne@person.example", "USER").await;
    other.invite("anne@person.example").await;
    let token = house.invitation_token("anne@person.example").await;
    (acme, other, anne, token)
}

/// One document that accepts the same invitation with several passwords, one after the other: `a0`, `a1` and so on.
fn many(token: &str, passwords: &[&str]) -> String {
    let field = |(place, password): (usize, &&str)| {
        format!(
            "a{place}: acceptInvitation(input: {{token: {token:?}, password: {password:?}}}) {{ email userErrors {{ code field }} }}"
        )
    };
    let fields: Vec<String> = passwords.iter().enumerate().map(field).collect();
    format!("mutation {{ {} }}", fields.join(" "))
}

async fn accepted_in(house: &House, team: &Team, outcome: &str) -> i64 {
    let account = house.literal(team.account_id);
    let sql = format!(
        "SELECT count(*) FROM audit_events WHERE action = 'invitations.accept' AND account_id = {account} AND outcome = '{outcome}'"
    );
    house.number(&sql).await
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn whoever_holds_a_link_guesses_the_persons_password_ten_times_and_then_not_even_rightly(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let house = House::open(database).await;
    let (_acme, other, _anne, token) = anne_invited_twice(&house).await;
    let before = house.settled().await;
    let visitor = house.anonymous();

    let guessed = visitor.ask(&many(&token, &[WRONG; 9]), json!({})).await;
    let refused = json!({"email": null, "userErrors": [{"code": "INVITATION_EMAIL_MISMATCH", "field": ["input", "password"]}]});
    for place in 0..9 {
        assert_eq!(guessed[format!("a{place}")], refused, "{place}");
    }
    let (_, answer) = visitor
        .send(&many(&token, &[WRONG, PASSWORD, PASSWORD]), json!({}))
        .await;
    let told = json!({"a0": refused, "a1": null, "a2": null});
    assert_eq!(answer["data"], told, "what was answered before stays");
    let errors = answer["errors"].as_array().unwrap();
    assert_eq!(errors[0]["extensions"]["code"], "RATE_LIMITED");
    assert_eq!(
        errors[0]["path"],
        json!(["a1"]),
        "the tenth was answered, the eleventh not"
    );
    let wait = errors[0]["extensions"]["retryAfterSeconds"].as_i64().unwrap();
    assert!((800..=900).contains(&wait), "{wait}");
    let input = json!({"input": {"token": token, "password": PASSWORD}});
    assert_eq!(visitor.refused(ACCEPT, input.clone()).await, "RATE_LIMITED");

    assert_eq!(house.settled().await, before, "nobody joined");
    assert_eq!(
        house.number("SELECT count(*) FROM sign_in_attempts").await,
        10,
        "counted for the invitation, not for the address"
    );
    // Signing in is another matter.
    house.sign_in("anne@person.example", PASSWORD).await;
    assert_eq!(accepted_in(&house, &other, "DENIED").await, 10);
    assert_eq!(accepted_in(&house, &other, "SUCCESS").await, 0);

    house.app.clock().advance(chrono::Duration::minutes(16));
    let accepted = visitor.ask(ACCEPT, input).await;
    let expected = json!({"email": "anne@person.example", "userErrors": []});
    assert_eq!(accepted["acceptInvitation"], expected);
    assert_eq!(accepted_in(&house, &other, "SUCCESS").await, 1);
    house.close().await;
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn guesses_made_at_once_are_answered_ten_times_together(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let house = House::open(database).await;
    let (_acme, other, _anne, token) = anne_invited_twice(&house).await;
    let input = json!({"input": {"token": token, "password": WRONG}});
    let guess = async || {
        let (_, answer) = house.anonymous().send(ACCEPT, input.clone()).await;
        let refused = &answer["data"]["acceptInvitation"]["userErrors"][0]["code"];
        let limited = &answer["errors"][0]["extensions"]["code"];
        (refused == "INVITATION_EMAIL_MISMATCH", limited == "RATE_LIMITED")
    };
    let answers = futures::future::join_all((0..14).map(|_| guess())).await;
    let told = answers.iter().filter(|answer| **answer == (true, false)).count();
    let stopped = answers.iter().filter(|answer| **answer == (false, true)).count();
    assert_eq!((told, stopped), (10, 4));
    assert_eq!(accepted_in(&house, &other, "DENIED").await, 10);
    house.close().await;
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn who_is_signed_in_as_somebody_else_accepts_nothing(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let house = House::open(database).await;
    let (acme, other) = (
        team(&house, "acme", Plan::Standard).await,
        team(&house, "other", Plan::Standard).await,
    );
    other.invite("bert@other.example").await;
    let token = house.invitation_token("bert@other.example").await;
    let before = (
        house.settled().await,
        house.everything().await["audit_events"].clone(),
    );
    let input = json!({"input": {"token": token, "password": PASSWORD}});
    for somebody_else in [&acme.admin, &other.admin] {
        let refused = somebody_else.ask(ACCEPT, input.clone()).await;
        let expected = json!({"email": null, "userErrors": [{"code": "INVITATION_EMAIL_MISMATCH", "field": ["input", "token"]}]});
        assert_eq!(refused["acceptInvitation"], expected);
    }
    let after = (
        house.settled().await,
        house.everything().await["audit_events"].clone(),
    );
    assert_eq!(after, before);
    let accepted = house.anonymous().ask(ACCEPT, input).await;
    assert_eq!(accepted["acceptInvitation"]["userErrors"], json!([]));
    house.close().await;
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn who_is_signed_in_elsewhere_under_the_same_address_joins_and_only_the_inviting_account_notes_it(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let house = House::open(database).await;
    let (acme, other, anne, token) = anne_invited_twice(&house).await;
    assert_eq!(accepted_in(&house, &acme, "SUCCESS").await, 1, "her own");
    let input = json!({"input": {"token": token, "password": PASSWORD}});
    let accepted = anne.ask(ACCEPT, input).await;
    let expected = json!({"email": "anne@person.example", "userErrors": []});
    assert_eq!(accepted["acceptInvitation"], expected);
    assert_eq!(accepted_in(&house, &acme, "SUCCESS").await, 1);
    assert_eq!(accepted_in(&house, &other, "SUCCESS").await, 1);
    assert_eq!(other.counts().await["userCounts"]["active"], 2);
    assert_eq!(house.number("SELECT count(*) FROM identities").await, 3);
    house.close().await;
}
