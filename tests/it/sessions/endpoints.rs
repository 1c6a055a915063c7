//! The endpoints' manners: origins, content types, sizes, cookies.

use axum::body::Body;
use http::header::CONTENT_TYPE;
use http::{Method, StatusCode};
use serde_json::json;

use super::support::{HOME, PASSWORD, on_each_database};

#[tokio::test]
async fn the_cookie_is_used_for_pages_of_allowed_origins_only() {
    on_each_database(async |house| {
        house.ada().await;
        let mut cookie = house.sign_in("ada@example.com", PASSWORD).await.cookie();
        for foreign in [
            None,
            Some("null"),
            Some("https://evil.example"),
            Some("http://127.0.0.1:8081"),
            Some("http://127.0.0.1:8080.evil.example"),
        ] {
            for path in ["/auth/refresh", "/auth/sign-out", "/auth/sign-in"] {
                let mut call = house.call(path).cookie(&cookie);
                call = call.body(&json!({"email": "ada@example.com", "password": PASSWORD}));
                if let Some(origin) = foreign {
                    call = call.origin(origin);
                }
                let answer = call.send().await;
                assert_eq!(
                    (answer.status, answer.code()),
                    (StatusCode::FORBIDDEN, "FORBIDDEN"),
                    "{path} {foreign:?}"
                );
            }
        }
        let stored = house.sessions_stored().await;
        assert_eq!(
            (stored.len(), stored[0].generation, stored[0].ended_at),
            (1, 0, None)
        );
        for allowed in [HOME, "https://console.example"] {
            let answer = house
                .call("/auth/refresh")
                .origin(allowed)
                .cookie(&cookie)
                .send()
                .await;
            assert_eq!(answer.status, StatusCode::OK, "{allowed}");
            cookie = answer.cookie();
        }
    })
    .await;
}

#[tokio::test]
async fn a_foreign_page_cannot_sign_in_even_without_a_cookie() {
    on_each_database(async |house| {
        house.ada().await;
        let body = json!({"email": "ada@example.com", "password": PASSWORD});
        let call = house
            .call("/auth/sign-in")
            .origin("https://evil.example")
            .body(&body);
        assert_eq!(call.send().await.code(), "FORBIDDEN");
        assert_eq!(house.sessions_stored().await, []);
    })
    .await;
}

#[tokio::test]
async fn only_json_posts_of_moderate_size_are_read() {
    on_each_database(async |house| {
        house.ada().await;
        let body = json!({"email": "ada@example.com", "password": PASSWORD});
        for odd in [
            "text/plain",
            "application/x-www-form-urlencoded",
            "",
            "application/jsonp",
        ] {
            for path in ["/auth/sign-in", "/auth/refresh", "/auth/sign-out"] {
                let call = house.call(path).header(CONTENT_TYPE, odd).body(&body);
                assert_eq!(
                    call.send().await.status,
                    StatusCode::UNSUPPORTED_MEDIA_TYPE,
                    "{odd}"
                );
            }
        }
        let mut large = body.clone();
        large["padding"] = json!("x".repeat(8 * 1024));
        let answer = house.call("/auth/sign-in").body(&large).send().await;
        assert_eq!(answer.status, StatusCode::PAYLOAD_TOO_LARGE);
        for broken in [json!({}), json!([]), json!({"email": 1, "password": PASSWORD})] {
            let answer = house.call("/auth/sign-in").body(&broken).send().await;
            assert_eq!(
                (answer.status, answer.code()),
                (StatusCode::BAD_REQUEST, "BAD_USER_INPUT")
            );
        }
        let mut not_json = house.call("/auth/sign-in");
        *not_json.request.body_mut() = Body::from("{");
        assert_eq!(not_json.send().await.status, StatusCode::BAD_REQUEST);
        for method in [Method::GET, Method::PUT, Method::DELETE] {
            let mut call = house.call("/auth/sign-in").body(&body);
            *call.request.method_mut() = method;
            assert_eq!(call.send().await.status, StatusCode::METHOD_NOT_ALLOWED);
        }
        assert_eq!(house.sessions_stored().await, []);
        let charset = house
            .call("/auth/sign-in")
            .header(CONTENT_TYPE, "Application/JSON; charset=utf-8")
            .body(&body);
        assert_eq!(charset.send().await.status, StatusCode::OK);
    })
    .await;
}

#[tokio::test]
async fn over_https_the_cookie_is_bound_to_the_host() {
    on_each_database(async |house| {
        house.ada().await;
        let plain = house.sign_in("ada@example.com", PASSWORD).await;
        assert!(plain.set_cookie().starts_with("muster-refresh="));
        assert!(!plain.set_cookie().contains("Secure"));

        let home = "https://muster.example";
        let secure = house.served_at(home).await;
        let answer = secure.sign_in("ada@example.com", PASSWORD).await;
        let cookie = answer.set_cookie();
        assert!(cookie.starts_with("__Host-muster-refresh="), "{cookie}");
        let rules = "; HttpOnly; SameSite=Strict; Secure; Path=/; Max-Age=";
        let (_, seconds) = cookie.split_once(rules).unwrap();
        let thirty_days = 30 * 24 * 60 * 60;
        assert!(
            (thirty_days - 10..=thirty_days).contains(&seconds.parse().unwrap()),
            "{seconds}"
        );
        let renew = |cookie: String| secure.call("/auth/refresh").origin(home).cookie(&cookie);
        assert_eq!(renew(answer.cookie()).send().await.status, StatusCode::OK);
        // A cookie under the other name is not looked at.
        let unbound = answer.cookie().replace("__Host-", "");
        assert_eq!(renew(unbound).send().await.code(), "UNAUTHENTICATED");
    })
    .await;
}

#[tokio::test]
async fn the_key_that_verifies_tokens_is_published_and_the_same_on_every_replica() {
    on_each_database(async |house| {
        let get = async |house: &super::support::House| {
            let mut call = house.call("/.well-known/jwks.json");
            *call.request.method_mut() = Method::GET;
            call.send().await.body
        };
        let keys = get(&house).await;
        assert_eq!(keys["keys"][0]["crv"], "Ed25519");
        assert_eq!(keys, get(&house.replica().await).await);
    })
    .await;
}
