//! What the server itself does with objects.

use super::*;

#[tokio::test]
async fn reading_stops_at_the_limit_and_tells_absent_from_too_large() {
    let store = embedded_store().await;
    store
        .storage
        .put(&key("a/1"), Bytes::from(vec![b'x'; 100_000]), CSV)
        .await
        .unwrap();
    assert_eq!(
        store
            .storage
            .get_limited(&key("a/1"), 100_000)
            .await
            .unwrap()
            .len(),
        100_000
    );
    assert!(matches!(
        store.storage.get_limited(&key("a/1"), 99_999).await,
        Err(ReadError::TooLarge { limit: 99_999 })
    ));
    assert!(matches!(
        store.storage.get_limited(&key("a/2"), 10).await,
        Err(ReadError::Absent)
    ));
}

#[tokio::test]
async fn what_is_pinned_is_what_was_announced_and_stays_so() {
    let store = embedded_store().await;
    let (from, to, sum, size) = (
        key("uploads/a/1"),
        key("imports/a/1"),
        Sha256::of(FILE),
        FILE.len() as u64,
    );
    let storage = &store.storage;
    assert!(matches!(
        storage.pin(&from, &to, size, &sum, CSV).await,
        Err(ReadError::Absent)
    ));

    storage.put(&from, Bytes::from_static(FILE), CSV).await.unwrap();
    let longer = storage.pin(&from, &to, size + 1, &sum, CSV).await;
    assert!(matches!(longer, Err(ReadError::LengthMismatch { actual }) if actual == size));
    let shorter = storage.pin(&from, &to, size - 1, &sum, CSV).await;
    assert!(matches!(shorter, Err(ReadError::LengthMismatch { actual }) if actual == size));
    let other = storage.pin(&from, &to, size, &Sha256::of(b"other"), CSV).await;
    assert!(matches!(other, Err(ReadError::ChecksumMismatch)));
    assert_eq!(
        storage.head(&to).await.unwrap(),
        None,
        "what was refused is not kept"
    );

    assert_eq!(storage.pin(&from, &to, size, &sum, CSV).await.unwrap(), FILE);
    storage
        .put(&from, Bytes::from_static(b"swapped afterwards"), CSV)
        .await
        .unwrap();
    assert_eq!(storage.get_limited(&to, size).await.unwrap(), FILE);
}

#[tokio::test]
async fn a_deleted_object_is_gone_with_all_that_was_noted_of_it() {
    let store = embedded_store().await;
    store
        .storage
        .put(&key("a/1"), Bytes::from_static(FILE), CSV)
        .await
        .unwrap();
    store.storage.delete(&key("a/1")).await.unwrap();
    store.storage.delete(&key("a/1")).await.unwrap();
    assert_eq!(store.storage.head(&key("a/1")).await.unwrap(), None);
    let left: Vec<_> = std::fs::read_dir(store.folder.path().join("objects"))
        .unwrap()
        .map(|e| e.unwrap().file_name())
        .collect();
    assert_eq!(left, [BUCKET]);
}

#[tokio::test]
async fn wrong_keys_are_our_defect_and_a_silent_store_is_unavailable() {
    let store = embedded_store().await;
    store.storage.check().await.unwrap();
    let port = Url::parse(&store.origin).unwrap().port().unwrap();
    let stranger = Credentials {
        access_key: "stranger".into(),
        secret: "wrong".to_owned().into(),
    };
    let refused = Storage::connect(&config(port, &store.origin, stranger.clone())).await;
    assert!(matches!(refused.check().await, Err(Error::Internal(_))));
    assert!(matches!(refused.head(&key("a/1")).await, Err(Error::Internal(_))));

    let nobody = Storage::connect(&config(free_port(), &store.origin, stranger)).await;
    assert!(matches!(
        nobody.head(&key("a/1")).await,
        Err(Error::Unavailable(_))
    ));
    assert!(matches!(
        nobody.get_limited(&key("a/1"), 1).await,
        Err(ReadError::Failed(Error::Unavailable(_)))
    ));
    assert!(matches!(
        nobody.put(&key("a/1"), Bytes::new(), CSV).await,
        Err(Error::Unavailable(_))
    ));
}

#[tokio::test]
async fn a_store_that_hands_out_a_byte_a_second_is_left_after_ten_seconds() {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};

    let listener = tokio::net::TcpListener::bind((Ipv4Addr::LOCALHOST, 0))
        .await
        .unwrap();
    let port = listener.local_addr().unwrap().port();
    let dripping = tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        let mut request = vec![0; 16 * 1024];
        let _ = stream.read(&mut request).await.unwrap();
        let head = "HTTP/1.1 200 OK\r\ncontent-length: 1000\r\ncontent-type: text/csv\r\n\r\n";
        stream.write_all(head.as_bytes()).await.unwrap();
        let mut dripped = 0;
        while stream.write_all(b"x").await.is_ok() {
            dripped += 1;
            tokio::time::sleep(Duration::from_secs(1)).await;
        }
        dripped
    });
    let anybody = Credentials {
        access_key: "somebody".into(),
        secret: "something".to_owned().into(),
    };
    let storage = Storage::connect(&config(port, "http://localhost", anybody)).await;
    let begun = std::time::Instant::now();
    let read = storage.get_limited(&key("a/1"), 1000).await;
    let took = begun.elapsed();
    assert!(
        matches!(read, Err(ReadError::Failed(Error::Unavailable(_)))),
        "{read:?}"
    );
    assert!((9..13).contains(&took.as_secs()), "{took:?}");
    let dripped = dripping.await.unwrap();
    assert!(
        (8..15).contains(&dripped),
        "the connection is given up, too: {dripped}"
    );
}
