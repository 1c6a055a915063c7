//! The page on which to try the API, as a browser without a network would load it.

use reqwest::{
    Client, StatusCode,
    header::{
        ACCEPT, ACCEPT_ENCODING, CACHE_CONTROL, CONTENT_ENCODING, CONTENT_SECURITY_POLICY, CONTENT_TYPE,
    },
};

use super::server::Server;

#[tokio::test]
async fn the_page_loads_nothing_from_elsewhere_and_all_it_loads_is_there() {
    let server = Server::start().await;
    for path in ["/graphql", "/graphiql"] {
        let response = Client::new()
            .get(server.url(path))
            .header(ACCEPT, "text/html")
            .send()
            .await
            .unwrap();
        assert_eq!(response.status(), StatusCode::OK);
        let policy = response.headers()[CONTENT_SECURITY_POLICY]
            .to_str()
            .unwrap()
            .to_owned();
        assert!(
            policy.contains("default-src 'none'; script-src 'self';") && !policy.contains("http"),
            "{policy}"
        );

        let page = response.text().await.unwrap();
        let loaded: Vec<&str> = page
            .split('"')
            .filter(|part| part.starts_with('/') || part.starts_with("http"))
            .collect();
        assert_eq!(loaded.len(), 7, "{loaded:?}");
        for file in loaded {
            assert!(file.starts_with("/assets/graphiql/"), "{file}");
            let response = Client::new().get(server.url(file)).send().await.unwrap();
            assert_eq!(response.status(), StatusCode::OK, "{file}");
            let versioned = file.bytes().any(|byte| byte.is_ascii_digit());
            let caching = response.headers()[CACHE_CONTROL].to_str().unwrap();
            assert_eq!(caching.contains("immutable"), versioned, "{file}");
        }
    }
}

#[tokio::test]
async fn assets_travel_compressed() {
    let server = Server::start().await;
    let url = server.url("/assets/graphiql/graphiql-3.9.0.min.js");
    let response = Client::new()
        .get(url)
        .header(ACCEPT_ENCODING, "gzip")
        .send()
        .await
        .unwrap();
    assert_eq!(response.headers()[CONTENT_ENCODING], "gzip");
    assert_eq!(response.headers()[CONTENT_TYPE], "text/javascript; charset=utf-8");
    assert!(response.bytes().await.unwrap().len() < 400_000);
}

#[tokio::test]
async fn there_is_nothing_else_under_assets() {
    let server = Server::start().await;
    for file in ["README.md", "..%2f..%2f..%2fCargo.toml", "x"] {
        let url = server.url(&format!("/assets/graphiql/{file}"));
        assert_eq!(
            Client::new().get(url).send().await.unwrap().status(),
            StatusCode::NOT_FOUND
        );
    }
}
