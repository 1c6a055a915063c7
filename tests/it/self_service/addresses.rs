//! Changing one's own address: proven at the new one, told at the old one, and nothing before the link comes back.

use chrono::Duration;
use entity::account::Plan;
use rstest::rstest;
use serde_json::{Value, json};

use super::support::send;
use crate::support::{Client, Database, House, PASSWORD, team};

const ASK: &str = "mutation($input: RequestEmailChangeInput!) { requestEmailChange(input: $input) { emailChange { email expiresAt } userErrors { code field ... on QuotaError { limit } } } }";
const CONFIRM: &str = "mutation($input: ConfirmEmailChangeInput!) { confirmEmailChange(input: $input) { email userErrors { code field } } }";
const OWN: &str = "{ viewer { user { email emailVerified } emailChange { email } } }";

/// The token of the latest link that went to an address to prove it.
async fn link_to(house: &House, address: &str) -> String {
    use base64::Engine;
    house.settle_mails().await;
    let is_to =
        |mail: &&String| mail.contains(&format!("To: {address}")) || mail.contains(&format!("<{address}>"));
    let mails = house.mails();
    let links = mails
        .iter()
        .filter(is_to)
        .filter_map(|mail| mail.split("/email#token=").nth(1));
    let is_of_token = |c: &char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_');
    let mut tokens: Vec<String> = links
        .map(|rest| rest.chars().take_while(is_of_token).collect())
        .collect();
    // The number of the link stands in what it is made of.
    let text = base64::engine::general_purpose::URL_SAFE_NO_PAD;
    tokens.sort_by_cached_key(|token| text.decode(token).unwrap());
    tokens.pop().expect("no link went to this address")
}

async fn ask(client: &Client, email: &str) -> Value {
    send(client, ASK, json!({"email": email})).await
}

async fn confirm(house: &House, token: &str) -> Value {
    send(&house.anonymous(), CONFIRM, json!({"token": token})).await
}

async fn can_sign_in(house: &House, email: &str) -> bool {
    let password = secrecy::SecretString::from(PASSWORD.to_owned());
    muster::client::sign_in(&house.url, email, &password)
        .await
        .is_ok()
}

fn code(payload: &Value) -> &str {
    payload["userErrors"][0]["code"].as_str().unwrap_or("none")
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn an_address_changes_when_its_link_comes_back_and_other_browsers_are_signed_out(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let house = House::open(database).await;
    let team = team(&house, "acme", Plan::Standard).await;
    let user = team.join(&house, "old@acme.example", "USER").await;
    let elsewhere = house.sign_in("old@acme.example", PASSWORD).await;
    let asked = ask(&user, " first@acme.example ").await;
    assert_eq!(
        (&asked["userErrors"], &asked["emailChange"]["email"]),
        (&json!([]), &json!("first@acme.example")),
        "{asked}"
    );
    let first = link_to(&house, "first@acme.example").await;
    // Nothing has changed, and the page behind the link changes nothing either.
    assert_eq!(
        user.ask(OWN, json!({})).await["viewer"],
        json!({"user": {"email": "old@acme.example", "emailVerified": true}, "emailChange": {"email": "first@acme.example"}})
    );
    let (status, page) = user.get(&format!("{}/email", house.url)).await;
    assert!(status.is_success() && String::from_utf8(page).unwrap().contains("/assets/email/page.js"));
    assert!(
        user.get(&format!("{}/assets/email/page.js", house.url))
            .await
            .0
            .is_success()
    );
    assert!(can_sign_in(&house, "old@acme.example").await && !can_sign_in(&house, "new@acme.example").await);
    let told = |house: &House, address: &str, words: &str| {
        house
            .mails()
            .iter()
            .filter(|mail| mail.contains(&format!("<{address}>")) || mail.contains(&format!("To: {address}")))
            .filter(|mail| mail.contains(words))
            .count()
    };
    assert_eq!(
        told(
            &house,
            "old@acme.example",
            "somebody who is signed in as you asked"
        ),
        1
    );
    // A newer link is the only good one.
    assert_eq!(code(&ask(&user, "new@acme.example").await), "none");
    let second = link_to(&house, "new@acme.example").await;
    assert_ne!(first, second);
    let before = house.settled().await;
    for dead in [first.as_str(), "", "x", &"x".repeat(5_000)] {
        let refused = confirm(&house, dead).await;
        assert_eq!(
            refused["userErrors"],
            json!([{"code": "LINK_EXPIRED", "field": ["input", "token"]}]),
            "{dead}"
        );
    }
    assert_eq!(house.settled().await, before);

    let confirmed = confirm(&house, &second).await;
    assert_eq!(confirmed, json!({"email": "new@acme.example", "userErrors": []}));
    assert_eq!(code(&confirm(&house, &second).await), "LINK_EXPIRED", "once");
    assert_eq!(
        user.ask(OWN, json!({})).await["viewer"],
        json!({"user": {"email": "new@acme.example", "emailVerified": true}, "emailChange": null})
    );
    elsewhere.until_shown_out().await;
    assert!(can_sign_in(&house, "new@acme.example").await && !can_sign_in(&house, "old@acme.example").await);
    house.settle_mails().await;
    for address in ["old@acme.example", "new@acme.example"] {
        assert_eq!(
            told(&house, address, "You sign in by the new one"),
            1,
            "{address}"
        );
    }
    let found = team
        .admin
        .ask(
            "{ account { users(filter: {search: \"new@acme\"}) { totalCount } } }",
            json!({}),
        )
        .await;
    assert_eq!(found["account"]["users"]["totalCount"], 1);
    // The former address is free for somebody else.
    team.join(&house, "old@acme.example", "USER").await;
    house.settle_mails().await;
    house.close().await;
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn whoever_asks_learns_nothing_of_others_and_a_taken_address_is_told_to_who_brings_its_link(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let house = House::open(database).await;
    let team = team(&house, "acme", Plan::Standard).await;
    let other = crate::support::team(&house, "other", Plan::Standard).await;
    let user = team.join(&house, "user@acme.example", "USER").await;
    team.join(&house, "colleague@acme.example", "USER").await;
    other.join(&house, "elsewhere@other.example", "USER").await;
    let mut answers = Vec::new();
    for email in [
        "colleague@acme.example",
        "elsewhere@other.example",
        "nobody@acme.example",
    ] {
        let mut answer = ask(&user, email).await;
        answer["emailChange"]["expiresAt"].take();
        answers.push(answer.to_string().replace(email, "EMAIL"));
        if email != "nobody@acme.example" {
            let token = link_to(&house, email).await;
            let before = house.settled().await;
            assert_eq!(code(&confirm(&house, &token).await), "EMAIL_IN_USE", "{email}");
            assert_eq!(house.settled().await, before);
        }
    }
    assert!(answers.iter().all(|answer| *answer == answers[0]), "{answers:#?}");
    assert!(
        can_sign_in(&house, "user@acme.example").await && can_sign_in(&house, "colleague@acme.example").await
    );
    for (email, expected) in [
        ("user@acme.example", "ALREADY_EXISTS"),
        ("nonsense", "EMAIL_INVALID"),
        ("", "EMAIL_INVALID"),
    ] {
        let refused = ask(&user, email).await;
        assert_eq!(
            (code(&refused), &refused["userErrors"][0]["field"]),
            (expected, &json!(["input", "email"])),
            "{email}"
        );
    }
    // Two more links today, and no sixth.
    for number in 0..2 {
        assert_eq!(
            code(&ask(&user, &format!("n{number}@acme.example")).await),
            "none"
        );
    }
    let refused = ask(&user, "n3@acme.example").await;
    assert_eq!(
        (code(&refused), &refused["userErrors"][0]["limit"]),
        ("QUOTA_EXCEEDED", &json!(5))
    );
    // A link is good for a day.
    let token = link_to(&house, "n1@acme.example").await;
    let late = House::literal_time(house.app.clock().now() - Duration::minutes(1));
    house
        .force(&format!("UPDATE email_changes SET expires_at = {late}"))
        .await
        .unwrap();
    assert_eq!(code(&confirm(&house, &token).await), "LINK_EXPIRED");
    // Whose provider names their address has it changed there.
    let provided = "UPDATE sessions SET identity_provider_id = id, identity_id = NULL WHERE user_id IN (SELECT id FROM users WHERE email = 'user@acme.example')";
    if house.force(provided).await.is_ok() {
        assert_eq!(code(&ask(&user, "p@acme.example").await), "USER_MANAGED_BY_IDP");
    }
    house.settle_mails().await;
    house.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sign_in_of_long_ago_does_not_do_and_domains_keep_their_owners() {
    let house = House::open(Database::Sqlite).await;
    let team = team(&house, "acme", Plan::Standard).await;
    let other = crate::support::team(&house, "other", Plan::Standard).await;
    let owned = format!(
        "INSERT INTO domain_owners (name, account_id) VALUES ('owned.example', {})",
        house.literal(other.account_id)
    );
    house.force(&owned).await.unwrap();
    assert_eq!(
        code(&ask(&team.admin, "a@owned.example").await),
        "DOMAIN_CLAIMED_ELSEWHERE"
    );
    house.force("DELETE FROM domain_owners").await.unwrap();
    house
        .force("UPDATE accounts SET allowed_invite_domains = '[\"acme.example\"]'")
        .await
        .unwrap();
    assert_eq!(
        code(&ask(&team.admin, "a@b.example").await),
        "EMAIL_DOMAIN_NOT_ALLOWED"
    );
    house
        .force("UPDATE sessions SET authenticated_at = '2020-01-01T00:00:00+00:00'")
        .await
        .unwrap();
    tokio::time::sleep(std::time::Duration::from_millis(2_500)).await;
    assert_eq!(
        code(&ask(&team.admin, "b@acme.example").await),
        "RECENT_AUTH_REQUIRED"
    );
    assert_eq!(house.number("SELECT count(*) FROM email_changes").await, 0);
    house.close().await;
}
