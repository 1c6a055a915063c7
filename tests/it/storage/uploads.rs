//! What a presigned upload permits, and everything it does not.

use super::*;

#[tokio::test]
async fn a_file_goes_up_by_a_presigned_address_and_comes_down_by_a_link() {
    let store = embedded_store().await;
    let permit = permission(&store.storage, MINUTES).await;
    assert!(
        permit
            .url
            .starts_with(&format!("{}/{BUCKET}/uploads/a/1?", store.origin)),
        "{}",
        permit.url
    );
    assert_eq!(permit.method, "PUT");
    for bound in ["content-length", "content-type", "x-amz-checksum-sha256", "host"] {
        let signed = Url::parse(&permit.url).unwrap();
        let signed = signed
            .query_pairs()
            .find(|(name, _)| name == "X-Amz-SignedHeaders")
            .unwrap()
            .1
            .into_owned();
        assert!(
            signed.split(';').any(|header| header == bound),
            "{bound} is not signed: {signed}"
        );
    }

    assert_eq!(store.storage.head(&key("uploads/a/1")).await.unwrap(), None);
    assert_eq!(
        upload(&permit.url, &permit.headers, FILE).await.status(),
        StatusCode::OK
    );

    let info = store.storage.head(&key("uploads/a/1")).await.unwrap().unwrap();
    assert_eq!(
        (info.size, info.content_type.as_deref()),
        (FILE.len() as u64, Some(CSV))
    );
    assert_eq!(
        store
            .storage
            .get_limited(&key("uploads/a/1"), 1_000)
            .await
            .unwrap(),
        FILE
    );

    let (link, _) = store
        .storage
        .presign_get(
            &key("uploads/a/1"),
            "Zürich.csv",
            "text/csv; charset=utf-8",
            MINUTES,
        )
        .await
        .unwrap();
    let answer = reqwest::get(&link).await.unwrap();
    assert_eq!(answer.status(), StatusCode::OK);
    let header = |name: &str| answer.headers()[name].to_str().unwrap().to_owned();
    assert_eq!(
        header("content-disposition"),
        "attachment; filename=\"Z_rich.csv\"; filename*=UTF-8''Z%C3%BCrich.csv"
    );
    assert_eq!(header("content-type"), "text/csv; charset=utf-8");
    assert_eq!(header("x-content-type-options"), "nosniff");
    assert_eq!(header("content-security-policy"), "sandbox; default-src 'none'");
    assert_eq!(header("cache-control"), "private, no-store");
    assert_eq!(answer.bytes().await.unwrap(), FILE);
}

#[tokio::test]
async fn an_upload_that_differs_in_length_type_checksum_or_body_is_refused_and_nothing_is_stored() {
    let store = embedded_store().await;
    let permit = permission(&store.storage, MINUTES).await;
    let longer = [FILE, b"Eve,Evil,eve@example.com\n"].concat();
    let swapped = FILE.to_ascii_uppercase();
    let other_type = with(&permit.headers, "content-type", "text/html");
    let other_sum = with(
        &permit.headers,
        "x-amz-checksum-sha256",
        &Sha256::of(&swapped).to_base64(),
    );
    let no_sum: Vec<_> = with(&permit.headers, "x-amz-checksum-sha256", "")
        .into_iter()
        .filter(|(_, v)| !v.is_empty())
        .collect();

    for (what, headers, body) in [
        ("longer", &permit.headers, &longer[..]),
        ("shorter", &permit.headers, &FILE[..FILE.len() - 1]),
        ("empty", &permit.headers, b""),
        ("other type", &other_type, FILE),
        ("other checksum and fitting body", &other_sum, &swapped),
        ("no checksum", &no_sum, FILE),
    ] {
        let answer = upload(&permit.url, headers, body.to_vec()).await;
        assert_eq!(answer.status(), StatusCode::FORBIDDEN, "{what}");
        assert_eq!(stored(&store), 0, "{what}");
    }
    let answer = upload(&permit.url, &permit.headers, swapped).await;
    assert_eq!(
        answer.status(),
        StatusCode::BAD_REQUEST,
        "other bytes of the same length"
    );
    assert_eq!(stored(&store), 0);
}

#[tokio::test]
async fn a_refused_second_upload_leaves_the_first_as_it_was() {
    let store = embedded_store().await;
    let permit = permission(&store.storage, MINUTES).await;
    assert_eq!(
        upload(&permit.url, &permit.headers, FILE).await.status(),
        StatusCode::OK
    );

    let answer = upload(&permit.url, &permit.headers, FILE.to_ascii_uppercase()).await;

    assert_eq!(answer.status(), StatusCode::BAD_REQUEST);
    assert_eq!(
        store
            .storage
            .get_limited(&key("uploads/a/1"), 1_000)
            .await
            .unwrap(),
        FILE
    );
}

#[tokio::test]
async fn a_body_sent_in_chunks_without_a_length_is_refused() {
    let store = embedded_store().await;
    let permit = permission(&store.storage, MINUTES).await;
    let chunked = with(&permit.headers, "transfer-encoding", "chunked");
    assert_eq!(
        upload(&permit.url, &chunked, FILE).await.status(),
        StatusCode::FORBIDDEN
    );
    assert_eq!(stored(&store), 0);
}

#[tokio::test]
async fn an_upload_cannot_be_turned_into_a_copy_of_somebody_elses_object() {
    let store = embedded_store().await;
    store
        .storage
        .put(&key("exports/b/2"), Bytes::from_static(b"secret"), CSV)
        .await
        .unwrap();
    let permit = permission(&store.storage, MINUTES).await;
    for (name, value) in [
        ("x-amz-copy-source", format!("{BUCKET}/exports/b/2")),
        ("x-amz-meta-note", "more than was granted".to_owned()),
        ("x-amz-trailer", "x-amz-checksum-crc32".to_owned()),
        (
            "x-amz-content-sha256",
            "STREAMING-UNSIGNED-PAYLOAD-TRAILER".to_owned(),
        ),
    ] {
        let answer = upload(&permit.url, &with(&permit.headers, name, &value), FILE).await;
        assert!(!answer.status().is_success(), "{name}: {}", answer.status());
        assert_eq!(
            store.storage.head(&key("uploads/a/1")).await.unwrap(),
            None,
            "{name}"
        );
    }
}

#[tokio::test]
async fn a_body_over_the_limit_is_refused_even_if_it_was_signed_for() {
    let store = embedded_store().await;
    let big = vec![b'x'; BODY_LIMIT + 1];
    let (sum, size) = (Sha256::of(&big), big.len() as u64);
    let permit = store
        .storage
        .presign_put(&key("uploads/a/1"), size, CSV, &sum, MINUTES)
        .await
        .unwrap();
    let mut request = Client::new().put(&permit.url).body(big);
    for (name, value) in permit.headers.iter().filter(|(name, _)| name != "content-length") {
        request = request.header(name, value);
    }
    // The server may close the connection while the body is still being sent.
    if let Ok(answer) = request.send().await {
        assert_eq!(answer.status(), StatusCode::PAYLOAD_TOO_LARGE);
    }
    assert_eq!(stored(&store), 0);
}
