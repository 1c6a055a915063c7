//! Who is let through with a token, and how soon no longer.

use std::time::{Duration, Instant};

use entity::user::Role;
use http::header::AUTHORIZATION;
use http::{HeaderMap, HeaderValue};
use muster::access::{Actor, Origin};
use muster::error::Error;
use serde_json::json;

use super::support::{House, PASSWORD, on_each_database};

const SOON: Duration = Duration::from_secs(5);

/// Waits until a token is not admitted any more, and says how long that took.
async fn time_until_refused(house: &House, access_token: &str) -> Duration {
    let begun = Instant::now();
    while house.is_admitted(access_token).await {
        assert!(begun.elapsed() < SOON, "still admitted");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    begun.elapsed()
}

#[tokio::test]
async fn disabling_ends_admission_on_every_replica_and_tells_open_connections() {
    on_each_database(async |house| {
        let (account_id, user_id) = house.ada().await;
        let replica = house.replica().await;
        let token = house.sign_in("ada@example.com", PASSWORD).await.access_token();
        let member = house.admitted(&token).await;
        assert!(replica.is_admitted(&token).await);
        let here = tokio::spawn(house.sessions.ended(&member));
        let there = tokio::spawn(replica.sessions.ended(&member));
        tokio::time::sleep(Duration::from_millis(100)).await;
        assert!(!here.is_finished() && !there.is_finished());

        house.disable(account_id, user_id).await;
        let took = time_until_refused(&house, &token).await;
        assert!(
            took < Duration::from_secs(1),
            "a wake is quicker than the cache: {took:?}"
        );
        time_until_refused(&replica, &token).await;
        for connection in [here, there] {
            tokio::time::timeout(SOON, connection).await.unwrap().unwrap();
        }
        assert!(matches!(
            house.sessions.present(&member).await,
            Err(Error::SessionExpired)
        ));
    })
    .await;
}

#[tokio::test]
async fn a_lost_wake_delays_the_end_by_seconds_at_most() {
    on_each_database(async |house| {
        let (account_id, user_id) = house.ada().await;
        let token = house.sign_in("ada@example.com", PASSWORD).await.access_token();
        assert!(house.is_admitted(&token).await);
        house.disable_silently(account_id, user_id).await;
        time_until_refused(&house, &token).await;
    })
    .await;
}

#[tokio::test]
async fn signing_out_ends_admission_and_leaves_other_sessions_alone() {
    on_each_database(async |house| {
        house.ada().await;
        let one = house.sign_in("ada@example.com", PASSWORD).await;
        let other = house.sign_in("ada@example.com", PASSWORD).await;
        assert!(house.is_admitted(&one.access_token()).await);
        assert!(house.is_admitted(&other.access_token()).await);
        for _ in 0..2 {
            let out = house
                .call("/auth/sign-out")
                .origin(super::support::HOME)
                .cookie(&one.cookie())
                .send()
                .await;
            assert_eq!(out.status, 204);
            assert!(out.set_cookie().contains("Max-Age=0"));
        }
        time_until_refused(&house, &one.access_token()).await;
        assert_eq!(house.refresh(&one.cookie()).await.code(), "SESSION_EXPIRED");
        assert!(house.is_admitted(&other.access_token()).await);
        assert_eq!(
            house.audited().await,
            ["sessions.sign_in", "sessions.sign_in", "sessions.end"]
        );
    })
    .await;
}

#[tokio::test]
async fn a_changed_role_counts_at_once() {
    on_each_database(async |house| {
        let (account_id, user_id) = house.ada().await;
        let token = house.sign_in("ada@example.com", PASSWORD).await.access_token();
        let member = house.admitted(&token).await;
        assert_eq!(member.role, Role::User);
        house.make_secondary(account_id, user_id).await;
        let begun = Instant::now();
        while house.admitted(&token).await.role != Role::SecondaryAdmin {
            assert!(begun.elapsed() < SOON);
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        let present = house.sessions.present(&member).await.unwrap();
        assert_eq!(present.role, Role::SecondaryAdmin);
    })
    .await;
}

#[tokio::test]
async fn requests_with_a_warm_cache_cost_no_query() {
    on_each_database(async |house| {
        house.ada().await;
        let token = house.sign_in("ada@example.com", PASSWORD).await.access_token();
        // Wakes of the sign-in may still be on their way.
        tokio::time::sleep(Duration::from_millis(200)).await;
        house.admitted(&token).await;
        let before = house.db.statements();
        for _ in 0..100 {
            house.admitted(&token).await;
        }
        assert_eq!(house.db.statements(), before);
    })
    .await;
}

#[tokio::test]
async fn an_expired_token_asks_for_a_new_one_and_a_damaged_one_for_a_sign_in() {
    on_each_database(async |house| {
        house.ada().await;
        let token = house.sign_in("ada@example.com", PASSWORD).await.access_token();
        let admit = async |authorization: &str| {
            let mut headers = HeaderMap::new();
            headers.insert(AUTHORIZATION, HeaderValue::from_str(authorization).unwrap());
            house.sessions.admit(&headers, None).await
        };
        for good in [format!("Bearer {token}"), format!("bearer  {token}")] {
            assert!(admit(&good).await.unwrap().member().is_some());
        }
        for damaged in [
            "",
            "Bearer",
            "Bearer ",
            "Basic YTpi",
            &token,
            "Bearer a.b.c",
            &"x".repeat(5_000),
        ] {
            assert!(
                matches!(admit(damaged).await, Err(Error::Unauthenticated)),
                "{damaged}"
            );
        }
        let mut twice = HeaderMap::new();
        for _ in 0..2 {
            let bearer = HeaderValue::from_str(&format!("Bearer {token}")).unwrap();
            twice.append(AUTHORIZATION, bearer);
        }
        assert!(matches!(
            house.sessions.admit(&twice, None).await,
            Err(Error::Unauthenticated)
        ));
        assert!(matches!(
            house.sessions.admit(&HeaderMap::new(), None).await,
            Ok(Actor::Anonymous(_))
        ));
        house.advance(chrono::Duration::minutes(11));
        assert!(matches!(
            admit(&format!("Bearer {token}")).await,
            Err(Error::AccessTokenExpired)
        ));
    })
    .await;
}

#[tokio::test]
async fn a_websocket_is_admitted_by_its_first_message() {
    on_each_database(async |house| {
        house.ada().await;
        let token = house.sign_in("ada@example.com", PASSWORD).await.access_token();
        let admit = async |payload: serde_json::Value| {
            house.sessions.admit_payload(&payload, Origin::default()).await
        };
        for good in [
            json!({"Authorization": format!("Bearer {token}")}),
            json!({"authorization": format!("Bearer {token}"), "other": 1}),
            json!({"accessToken": token}),
        ] {
            assert!(admit(good).await.unwrap().member().is_some());
        }
        for nothing in [json!(null), json!({}), json!({"other": 1})] {
            assert!(matches!(admit(nothing).await, Ok(Actor::Anonymous(_))));
        }
        for damaged in [
            json!([]),
            json!("token"),
            json!({"Authorization": token}),
            json!({"Authorization": 1}),
            json!({"accessToken": null}),
            json!({"accessToken": format!("Bearer {token}")}),
            json!({"accessToken": token, "Authorization": format!("Bearer {token}")}),
        ] {
            let answer = admit(damaged.clone()).await;
            assert!(
                matches!(answer, Err(Error::Unauthenticated)),
                "{damaged}: {answer:?}"
            );
        }
    })
    .await;
}

#[tokio::test]
async fn a_socket_lapses_with_its_token_however_the_token_is_written() {
    on_each_database(async |house| {
        house.ada().await;
        let token = house.sign_in("ada@example.com", PASSWORD).await.access_token();
        for payload in [
            json!({"Authorization": format!("Bearer {token}")}),
            json!({"Authorization": format!("Bearer {token} ")}),
            json!({"authorization": format!("bearer   {token}\t")}),
            json!({"accessToken": token}),
        ] {
            let admitted = house.sessions.admit_payload(&payload, Origin::default()).await;
            assert!(matches!(admitted, Ok(Actor::Member(_))), "{payload}");
            assert!(house.sessions.lapses_at(&payload).is_some(), "{payload}");
        }
        for refused in [
            json!({"Authorization": format!("Basic {token}")}),
            json!({"accessToken": format!("{token} ")}),
        ] {
            assert!(
                house
                    .sessions
                    .admit_payload(&refused, Origin::default())
                    .await
                    .is_err()
            );
        }
    })
    .await;
}
