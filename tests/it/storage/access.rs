//! Who gets at what: keys, methods, time, and nobody without a signature.

use super::*;

#[tokio::test]
async fn an_address_opens_only_its_own_key_method_and_bucket() {
    let store = embedded_store().await;
    store
        .storage
        .put(&key("exports/b/2"), Bytes::from_static(b"of somebody else"), CSV)
        .await
        .unwrap();
    let permit = permission(&store.storage, MINUTES).await;
    let (link, _) = store
        .storage
        .presign_get(&key("uploads/a/1"), "a.csv", CSV, MINUTES)
        .await
        .unwrap();

    for to in [
        "exports/b/2",
        "uploads/a/2",
        "uploads/a/1/x",
        "uploads/a/../../exports/b/2",
        "uploads/a/%2e%2e/1",
    ] {
        let other_put = permit.url.replace("uploads/a/1", to);
        assert_eq!(
            upload(&other_put, &permit.headers, FILE).await.status(),
            StatusCode::FORBIDDEN,
            "PUT {to}"
        );
        let other_get = reqwest::get(link.replace("uploads/a/1", to)).await.unwrap();
        assert_eq!(other_get.status(), StatusCode::FORBIDDEN, "GET {to}");
    }
    for method in [Method::GET, Method::DELETE, Method::POST, Method::HEAD] {
        let answer = Client::new()
            .request(method.clone(), &permit.url)
            .send()
            .await
            .unwrap();
        assert!(answer.status().is_client_error(), "{method}: {}", answer.status());
    }
    let elsewhere = upload(&permit.url.replace(BUCKET, "other-files"), &permit.headers, FILE).await;
    assert_eq!(elsewhere.status(), StatusCode::NOT_FOUND);
    assert_eq!(stored(&store), 1);
    assert_eq!(
        store.storage.get_limited(&key("exports/b/2"), 100).await.unwrap(),
        &b"of somebody else"[..]
    );
}

#[tokio::test]
async fn addresses_die_when_their_time_is_over() {
    let store = embedded_store().await;
    store
        .storage
        .put(&key("exports/a/1"), Bytes::from_static(FILE), CSV)
        .await
        .unwrap();
    let permit = permission(&store.storage, Duration::from_secs(1)).await;
    let (link, expires_at) = store
        .storage
        .presign_get(&key("exports/a/1"), "a.csv", CSV, Duration::from_secs(1))
        .await
        .unwrap();
    assert!((expires_at - permit.expires_at).num_seconds().abs() <= 1);
    tokio::time::sleep(Duration::from_millis(2_500)).await;

    assert_eq!(
        upload(&permit.url, &permit.headers, FILE).await.status(),
        StatusCode::FORBIDDEN
    );
    assert_eq!(reqwest::get(&link).await.unwrap().status(), StatusCode::FORBIDDEN);
    assert_eq!(stored(&store), 1);

    let stretched = link.replace("X-Amz-Expires=1&", "X-Amz-Expires=900&");
    assert_ne!(stretched, link);
    assert_eq!(
        reqwest::get(&stretched).await.unwrap().status(),
        StatusCode::FORBIDDEN
    );
}

#[tokio::test]
async fn without_a_signature_nothing_can_be_read_written_or_listed() {
    let store = embedded_store().await;
    store
        .storage
        .put(&key("exports/a/1"), Bytes::from_static(FILE), CSV)
        .await
        .unwrap();
    let client = Client::new();
    let object = format!("{}/{BUCKET}/exports/a/1", store.origin);
    let bucket = format!("{}/{BUCKET}", store.origin);
    for (method, url) in [
        (Method::GET, object.clone()),
        (Method::HEAD, object.clone()),
        (Method::DELETE, object.clone()),
        (Method::PUT, format!("{}/{BUCKET}/uploads/new", store.origin)),
        (Method::POST, format!("{object}?uploads")),
        (Method::GET, bucket.clone()),
        (Method::GET, format!("{bucket}?list-type=2")),
        (Method::PUT, bucket.clone()),
        (Method::DELETE, bucket),
        (Method::GET, format!("{object}?X-Amz-Signature=abc")),
        (
            Method::GET,
            format!("{object}?AWSAccessKeyId=a&Expires=9999999999&Signature=b"),
        ),
    ] {
        let answer = client
            .request(method.clone(), &url)
            .body("x")
            .send()
            .await
            .unwrap();
        assert!(
            answer.status().is_client_error(),
            "{method} {url}: {}",
            answer.status()
        );
    }
    let key_folder = client
        .get(format!("{}/{BUCKET}/%2e%2e/storage-keys.json", store.origin))
        .send()
        .await
        .unwrap();
    assert!(key_folder.status().is_client_error());
    assert_eq!(stored(&store), 1);

    let api = client
        .get(format!("{}/graphql", store.origin))
        .send()
        .await
        .unwrap();
    assert_eq!(
        api.text().await.unwrap(),
        "the API",
        "the store takes no other paths"
    );
}

#[tokio::test]
async fn a_strangers_mistake_is_no_error_of_ours_and_a_fault_is() {
    let log = crate::secrecy::Log::default();
    let lines = muster::platform::logging::json_lines("debug", log.clone());
    let _listening = tracing::subscriber::set_default(lines);
    let store = embedded_store().await;
    let permit = permission(&store.storage, MINUTES).await;
    let unsigned = permit.url.split('?').next().unwrap();
    for address in [
        unsigned.to_owned(),
        permit.url.replace("Signature=", "Signature=0"),
    ] {
        for method in [Method::GET, Method::PUT, Method::DELETE] {
            let answer = Client::new()
                .request(method, &address)
                .body("x")
                .send()
                .await
                .unwrap();
            assert!(answer.status().is_client_error(), "{}", answer.status());
        }
    }
    let text = log.text();
    assert!(text.contains("the embedded store refused a request"), "{text}");
    assert!(!text.contains("ERROR"), "{text}");
    assert!(!text.contains("Signature"), "{text}");

    std::fs::remove_dir_all(store.folder.path()).unwrap();
    std::fs::write(store.folder.path(), "no folder any more").unwrap();
    assert!(
        upload(&permit.url, &permit.headers, FILE)
            .await
            .status()
            .is_server_error()
    );
    assert!(log.text().contains(r#""level":"ERROR""#));
}
