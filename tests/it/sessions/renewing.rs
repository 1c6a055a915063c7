//! Refresh tokens: one use each, two tabs, thieves.

use std::collections::BTreeSet;

use chrono::Duration;
use http::StatusCode;

use super::support::{Answer, House, PASSWORD, on_each_database, on_postgres};

async fn signed_in(house: &House) -> Answer {
    house.ada().await;
    house.sign_in("ada@example.com", PASSWORD).await
}

#[tokio::test]
async fn each_renewal_gives_another_cookie_and_a_token_that_is_admitted() {
    on_each_database(async |house| {
        let mut cookie = signed_in(&house).await.cookie();
        let mut seen = BTreeSet::from([cookie.clone()]);
        for _ in 0..3 {
            house.advance(Duration::minutes(11));
            let answer = house.refresh(&cookie).await;
            assert_eq!(answer.status, StatusCode::OK, "{answer:?}");
            assert!(house.is_admitted(&answer.access_token()).await);
            cookie = answer.cookie();
            assert!(seen.insert(cookie.clone()));
        }
        let stored = house.sessions_stored().await;
        assert_eq!((stored.len(), stored[0].generation), (1, 3));
    })
    .await;
}

#[tokio::test]
async fn two_tabs_with_one_token_get_the_same_successor_within_ten_seconds() {
    on_each_database(async |house| {
        let shared = signed_in(&house).await.cookie();
        let first = house.refresh(&shared).await;
        house.advance(Duration::seconds(9));
        let second = house.refresh(&shared).await;
        assert_eq!(second.status, StatusCode::OK, "{second:?}");
        assert_eq!(first.cookie(), second.cookie());
        assert_eq!(house.sessions_stored().await[0].generation, 1);
        assert_eq!(house.refresh(&second.cookie()).await.status, StatusCode::OK);
    })
    .await;
}

#[tokio::test]
async fn a_spent_token_that_comes_later_ends_the_session_at_once() {
    on_each_database(async |house| {
        let stolen = signed_in(&house).await.cookie();
        let renewed = house.refresh(&stolen).await;
        assert!(house.is_admitted(&renewed.access_token()).await);
        house.advance(Duration::seconds(11));

        let thief = house.refresh(&stolen).await;
        assert_eq!(
            (thief.status, thief.code()),
            (StatusCode::UNAUTHORIZED, "SESSION_EXPIRED")
        );
        assert!(thief.set_cookie().contains("Max-Age=0"));
        assert!(house.sessions_stored().await[0].ended_at.is_some());
        assert_eq!(house.refresh(&renewed.cookie()).await.code(), "SESSION_EXPIRED");
        // Another replica knows nothing of the session and reads its row.
        assert!(!house.replica().await.is_admitted(&renewed.access_token()).await);
        assert_eq!(house.audited().await, ["sessions.sign_in", "sessions.end_reused"]);
    })
    .await;
}

#[tokio::test]
async fn the_grace_covers_the_token_just_spent_and_none_before_it() {
    on_each_database(async |house| {
        let oldest = signed_in(&house).await.cookie();
        let older = house.refresh(&oldest).await.cookie();
        house.refresh(&older).await;
        assert_eq!(house.refresh(&oldest).await.code(), "SESSION_EXPIRED");
        assert!(house.sessions_stored().await[0].ended_at.is_some());
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_hundred_renewals_at_once_on_two_replicas_stay_one_family() {
    on_each_database(async |house| {
        let shared = signed_in(&house).await.cookie();
        let replica = house.replica().await;
        let renewals = (0..100).map(|number| {
            let at = if number % 2 == 0 {
                house.clone()
            } else {
                replica.clone()
            };
            let shared = shared.clone();
            tokio::spawn(async move { at.refresh(&shared).await })
        });
        let mut successors = BTreeSet::new();
        for answer in futures::future::join_all(renewals).await {
            let answer = answer.unwrap();
            assert_eq!(answer.status, StatusCode::OK, "{answer:?}");
            successors.insert(answer.cookie());
        }
        assert_eq!(successors.len(), 1);
        let stored = house.sessions_stored().await;
        assert_eq!((stored.len(), stored[0].generation), (1, 1));
        assert_eq!(stored[0].ended_at, None);
    })
    .await;
}

#[tokio::test]
async fn a_session_lasts_thirty_days_however_often_it_is_renewed() {
    on_each_database(async |house| {
        let mut answer = signed_in(&house).await;
        for _ in 0..5 {
            house.advance(Duration::days(5));
            answer = house.refresh(&answer.cookie()).await;
            assert_eq!(answer.status, StatusCode::OK);
        }
        house.advance(Duration::days(5) - Duration::minutes(5));
        answer = house.refresh(&answer.cookie()).await;
        assert!(house.is_admitted(&answer.access_token()).await);
        house.advance(Duration::minutes(6));
        assert!(!house.is_admitted(&answer.access_token()).await);
        assert_eq!(house.refresh(&answer.cookie()).await.code(), "SESSION_EXPIRED");
    })
    .await;
}

#[tokio::test]
async fn a_disabled_user_renews_nothing_even_if_nobody_ended_the_session() {
    on_each_database(async |house| {
        let (account_id, user_id) = house.ada().await;
        let signed_in = house.sign_in("ada@example.com", PASSWORD).await;
        house.disable_silently(account_id, user_id).await;
        assert_eq!(house.refresh(&signed_in.cookie()).await.code(), "SESSION_EXPIRED");
        assert_eq!(house.sessions_stored().await[0].generation, 0);
    })
    .await;
}

#[tokio::test]
async fn what_is_no_refresh_token_of_ours_renews_nothing() {
    on_each_database(async |house| {
        let signed_in = signed_in(&house).await;
        let access_token = signed_in.access_token();
        for value in ["", "x", access_token.as_str(), &"A".repeat(91)] {
            let answer = house.refresh(&format!("muster-refresh={value}")).await;
            assert_eq!(answer.code(), "SESSION_EXPIRED", "{value}");
        }
        assert_eq!(house.refresh("other=1").await.code(), "UNAUTHENTICATED");
        assert_eq!(house.refresh(&signed_in.cookie()).await.status, StatusCode::OK);
    })
    .await;
}

#[tokio::test]
async fn a_renewal_waits_for_the_account_and_finds_the_session_ended_meanwhile() {
    on_postgres(async |house| {
        let signed_in = signed_in(&house).await;
        let gate = house.hold("SELECT id FROM accounts FOR UPDATE").await;
        let renewing = tokio::spawn({
            let (house, cookie) = (house.clone(), signed_in.cookie());
            async move { house.refresh(&cookie).await }
        });
        gate.wait_for_somebody().await;
        assert!(!renewing.is_finished());
        gate.release_after("UPDATE sessions SET ended_at = now()").await;
        assert_eq!(renewing.await.unwrap().code(), "SESSION_EXPIRED");
        assert_eq!(house.sessions_stored().await[0].generation, 0);
    })
    .await;
}
