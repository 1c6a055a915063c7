//! Signing keys that change while everybody stays signed in.

use std::time::{Duration, Instant};

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use http::Method;
use muster::access::Actor;
use muster::sessions::RotateSigningKey;
use serde_json::Value;

use super::support::{House, PASSWORD, on_each_database, on_postgres, on_sqlite};

/// The names of the published keys.
async fn published(house: &House) -> Vec<String> {
    let mut call = house.call("/.well-known/jwks.json");
    *call.request.method_mut() = Method::GET;
    let body = call.send().await.body;
    let keys = body["keys"].as_array().unwrap().iter();
    keys.map(|key| key["kid"].as_str().unwrap().to_owned()).collect()
}

async fn until_published(house: &House, count: usize) -> Vec<String> {
    let begun = Instant::now();
    loop {
        let keys = published(house).await;
        if keys.len() == count {
            return keys;
        }
        assert!(begun.elapsed() < Duration::from_secs(5), "{keys:?}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

/// The key a token names.
fn key_of(token: &str) -> String {
    let header = token.split('.').next().unwrap();
    let header: Value = serde_json::from_slice(&URL_SAFE_NO_PAD.decode(header).unwrap()).unwrap();
    header["kid"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn a_new_key_is_published_signs_after_ten_minutes_and_nobody_is_signed_out() {
    on_each_database(async |house| {
        house.ada().await;
        let first = house.sign_in("ada@example.com", PASSWORD).await;
        assert_eq!(published(&house).await, [key_of(&first.access_token())]);
        house.app.run(&Actor::Operator, RotateSigningKey).await.unwrap();
        let both = until_published(&house, 2).await;
        assert_eq!(both[0], key_of(&first.access_token()));

        let before = house.sign_in("ada@example.com", PASSWORD).await;
        assert_eq!(key_of(&before.access_token()), both[0]);
        house.advance(chrono::Duration::minutes(10));
        let after = house.refresh(&before.cookie()).await;
        assert_eq!(key_of(&after.access_token()), both[1]);
        for token in [before.access_token(), after.access_token()] {
            assert!(house.is_admitted(&token).await);
        }
        house.advance(chrono::Duration::minutes(11));
        assert_eq!(published(&house).await, [both[1].clone()]);
        assert!(!house.is_admitted(&before.access_token()).await);
        let renewed = house.refresh(&after.cookie()).await;
        assert!(house.is_admitted(&renewed.access_token()).await);
    })
    .await;
}

#[tokio::test]
async fn a_replica_hears_of_a_new_key_within_seconds() {
    on_postgres(async |house| {
        house.ada().await;
        let replica = house.replica().await;
        house.app.run(&Actor::Operator, RotateSigningKey).await.unwrap();
        let there = until_published(&replica, 2).await;
        assert_eq!(until_published(&house, 2).await, there);
        house.advance(chrono::Duration::minutes(10));
        let token = house.sign_in("ada@example.com", PASSWORD).await.access_token();
        assert_eq!(key_of(&token), there[1]);
        assert!(replica.is_admitted(&token).await);
    })
    .await;
}

#[tokio::test]
async fn nobody_is_signed_in_while_no_key_signs() {
    on_sqlite(async |house| {
        house.ada().await;
        let before = house.sign_in("ada@example.com", PASSWORD).await;
        house.app.run(&Actor::Operator, RotateSigningKey).await.unwrap();
        until_published(&house, 2).await;
        house.advance(chrono::Duration::minutes(21));
        // A process that starts now knows the later key alone; then its clock is put back.
        let later = house.replica().await;
        house.advance(chrono::Duration::minutes(-21));
        let refused = later.sign_in("ada@example.com", PASSWORD).await;
        assert_eq!(refused.code(), "INTERNAL");
        assert!(!refused.headers.contains_key("set-cookie"));
        let stored = later.sessions_stored().await;
        assert_eq!(stored.len(), 1, "no session that nobody has");
        assert_eq!(later.refresh(&before.cookie()).await.code(), "INTERNAL");
        assert_eq!(
            later.sessions_stored().await,
            stored,
            "and none whose token is spent for nothing"
        );
        assert_eq!(house.refresh(&before.cookie()).await.status, http::StatusCode::OK);
    })
    .await;
}
