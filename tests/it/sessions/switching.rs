//! Going over to another account of the same person.

use chrono::Duration;
use entity::ids::Kind;
use entity::user::Status;
use http::StatusCode;
use serde_json::json;

use super::support::{Answer, HOME, House, PASSWORD, on_each_database, on_postgres};

async fn switch(house: &House, cookie: &str, account: &str) -> Answer {
    house
        .call("/auth/switch")
        .origin(HOME)
        .cookie(cookie)
        .body(&json!({"account": account}))
        .send()
        .await
}

/// Ada, active in `acme` and `other`, signed in to `acme`.
async fn ada_in_two(house: &House) -> Answer {
    house.ada().await;
    let other = house.account("other").await;
    let ada = house.identity_of("ada@example.com").await;
    house.user(other, ada, "ada@example.com", Status::Active).await;
    house
        .call("/auth/sign-in")
        .body(&json!({"email": "ada@example.com", "password": PASSWORD, "account": "acme"}))
        .send()
        .await
}

#[tokio::test]
async fn a_session_by_password_goes_over_and_is_as_old_as_before() {
    on_each_database(async |house| {
        let here = ada_in_two(&house).await;
        let before = house.admitted(&here.access_token()).await;
        house.advance(Duration::minutes(5));
        let there = switch(&house, &here.cookie(), "other").await;
        assert_eq!(there.status, StatusCode::OK, "{there:?}");
        assert_eq!(there.body["account"]["slug"], "other");
        let member = house.admitted(&there.access_token()).await;
        assert_ne!(member.account_id, before.account_id);
        assert_ne!(member.session_id, before.session_id);
        assert_eq!(member.authenticated_at, before.authenticated_at);
        assert_eq!(house.refresh(&here.cookie()).await.code(), "SESSION_EXPIRED");
        assert_eq!(house.refresh(&there.cookie()).await.status, StatusCode::OK);
        let audited = house.audited().await;
        assert!(audited.contains(&"sessions.end".to_owned()), "{audited:?}");
        assert!(audited.contains(&"sessions.switch".to_owned()), "{audited:?}");
        let back = Kind::Account.text(before.account_id);
        assert_eq!(
            switch(&house, &there.cookie(), &back).await.body["account"]["slug"],
            "acme"
        );
    })
    .await;
}

#[tokio::test]
async fn accounts_that_are_closed_foreign_or_unknown_are_answered_alike_and_the_session_stays() {
    on_each_database(async |house| {
        let here = ada_in_two(&house).await;
        let closed = house.account("closed").await;
        let ada = house.identity_of("ada@example.com").await;
        house.user(closed, ada, "ada@example.com", Status::Disabled).await;
        let foreign = house.account("foreign").await;
        let mut answers = Vec::new();
        for account in ["closed", "foreign", "unknown", "", &Kind::Account.text(foreign)] {
            answers.push(switch(&house, &here.cookie(), account).await);
        }
        assert_eq!(answers[0].status, StatusCode::FORBIDDEN);
        assert!(answers.iter().all(|answer| answer == &answers[0]), "{answers:?}");
        assert_eq!(house.sessions_stored().await.len(), 1);
        assert_eq!(house.refresh(&here.cookie()).await.status, StatusCode::OK);
    })
    .await;
}

#[tokio::test]
async fn a_session_from_an_identity_provider_is_good_for_its_account_alone() {
    on_each_database(async |house| {
        ada_in_two(&house).await;
        let acme = house.sessions_stored().await[0].account_id;
        let user = house.sessions_stored().await[0].user_id;
        let (token, cookie) = house.sign_in_by_provider(acme, user).await;
        let refused = switch(&house, &cookie, "other").await;
        assert_eq!(
            (refused.status, refused.code()),
            (StatusCode::FORBIDDEN, "SESSION_NOT_BY_PASSWORD")
        );
        assert!(house.is_admitted(&token).await);
        assert_eq!(house.sessions_stored().await.len(), 2);
    })
    .await;
}

#[tokio::test]
async fn a_spent_token_goes_nowhere_and_ends_its_session() {
    on_each_database(async |house| {
        let here = ada_in_two(&house).await;
        let renewed = house.refresh(&here.cookie()).await;
        house.advance(Duration::seconds(11));
        let thief = switch(&house, &here.cookie(), "other").await;
        assert_eq!(thief.code(), "SESSION_EXPIRED");
        assert!(thief.set_cookie().contains("Max-Age=0"));
        assert_eq!(house.refresh(&renewed.cookie()).await.code(), "SESSION_EXPIRED");
        let foreign = house
            .call("/auth/switch")
            .origin("https://evil.example")
            .cookie(&renewed.cookie())
            .body(&json!({"account": "other"}));
        assert_eq!(foreign.send().await.code(), "FORBIDDEN");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn going_over_in_both_directions_at_once_blocks_nobody() {
    on_each_database(async |house| {
        ada_in_two(&house).await;
        let sign_in = async |account: &str| {
            let body = json!({"email": "ada@example.com", "password": PASSWORD, "account": account});
            house.call("/auth/sign-in").body(&body).send().await.cookie()
        };
        let mut going = Vec::new();
        for _ in 0..8 {
            for (from, to) in [("acme", "other"), ("other", "acme")] {
                let (house, cookie) = (house.clone(), sign_in(from).await);
                going.push(tokio::spawn(async move { switch(&house, &cookie, to).await }));
            }
        }
        for answer in futures::future::join_all(going).await {
            let answer = answer.unwrap();
            assert_eq!(answer.status, StatusCode::OK, "{answer:?}");
        }
    })
    .await;
}

#[tokio::test]
async fn naming_an_account_one_has_no_place_in_waits_for_nobody_there() {
    on_postgres(async |house| {
        let here = ada_in_two(&house).await;
        house.account("foreign").await;
        let gate = house
            .hold("SELECT id FROM accounts WHERE slug = 'foreign' FOR UPDATE")
            .await;
        let cookie = here.cookie();
        let refused = switch(&house, &cookie, "foreign");
        let refused = tokio::time::timeout(std::time::Duration::from_secs(3), refused).await;
        let refused = refused.expect("a stranger's account is not waited for");
        assert_eq!(refused.status, StatusCode::FORBIDDEN);
        drop(gate);
    })
    .await;
}

#[tokio::test]
async fn somebody_goes_to_and_fro_thirty_times_a_minute_and_stays_where_they_are() {
    on_each_database(async |house| {
        let mut at = ada_in_two(&house).await;
        // There and back count for either account.
        for number in 0..60 {
            let there = if number % 2 == 0 { "other" } else { "acme" };
            at = switch(&house, &at.cookie(), there).await;
            assert_eq!(at.status, StatusCode::OK, "{number}: {at:?}");
        }
        let sessions = house.sessions_stored().await.len();
        let limited = switch(&house, &at.cookie(), "other").await;
        assert_eq!(limited.status, StatusCode::TOO_MANY_REQUESTS);
        assert_eq!(limited.code(), "RATE_LIMITED");
        let wait: u64 = limited.headers["retry-after"].to_str().unwrap().parse().unwrap();
        assert!((1..=60).contains(&wait), "{wait}");
        assert_eq!(house.sessions_stored().await.len(), sessions);
        assert!(house.is_admitted(&at.access_token()).await);
        house.advance(Duration::minutes(1));
        assert_eq!(switch(&house, &at.cookie(), "other").await.status, StatusCode::OK);
    })
    .await;
}
