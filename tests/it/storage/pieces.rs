//! Objects that are written piece by piece: there when they are whole, and not before.

use muster::platform::storage::PIECE;

use super::*;

fn piece(filler: u8) -> Bytes {
    Bytes::from(vec![filler; PIECE])
}

/// The same on the project's own store and on one that nobody here wrote.
pub async fn assert_pieces(storage: &Storage) {
    let whole = key("exports/a/whole.csv");
    let mut pieces = storage
        .begin_pieces(&whole, "text/csv; charset=utf-8")
        .await
        .unwrap();
    for filler in *b"ab" {
        pieces.put(piece(filler)).await.unwrap();
    }
    pieces.put(Bytes::from_static(b"the end")).await.unwrap();
    assert_eq!(
        storage.head(&whole).await.unwrap(),
        None,
        "nothing is there before it is whole"
    );
    let upload_id = pieces.upload_id().to_owned();
    pieces.finish().await.unwrap();
    let length = (2 * PIECE + 7) as u64;
    let found = storage.head(&whole).await.unwrap().unwrap();
    assert_eq!(
        (found.size, found.content_type.as_deref()),
        (length, Some("text/csv; charset=utf-8"))
    );
    let bytes = storage.get_limited(&whole, length).await.unwrap();
    assert!(
        bytes[..PIECE].iter().all(|byte| *byte == b'a')
            && bytes[PIECE..2 * PIECE].iter().all(|byte| *byte == b'b')
    );
    assert_eq!(&bytes[2 * PIECE..], b"the end");
    // What is whole is not taken away with its pieces.
    storage.drop_pieces(&whole, &upload_id).await.unwrap();
    assert!(storage.head(&whole).await.unwrap().is_some());
    let (link, _) = storage
        .presign_get(&whole, "Zürich.csv", "text/csv; charset=utf-8", MINUTES)
        .await
        .unwrap();
    let answer = reqwest::get(&link).await.unwrap();
    assert_eq!(answer.headers()["content-type"], "text/csv; charset=utf-8");
    assert_eq!(answer.bytes().await.unwrap().len() as u64, length);

    let dropped = key("exports/a/dropped.csv");
    let mut pieces = storage.begin_pieces(&dropped, CSV).await.unwrap();
    pieces.put(piece(b'c')).await.unwrap();
    let upload_id = pieces.upload_id().to_owned();
    for _ in 0..2 {
        storage.drop_pieces(&dropped, &upload_id).await.unwrap();
    }
    assert!(
        pieces.put(piece(b'd')).await.is_err(),
        "nothing is added to what was dropped"
    );
    assert!(pieces.finish().await.is_err());
    assert_eq!(storage.head(&dropped).await.unwrap(), None);
    storage
        .drop_pieces(&dropped, "an upload that never was")
        .await
        .unwrap();
    storage.delete(&whole).await.unwrap();
}

#[tokio::test]
async fn an_object_is_there_when_its_last_piece_is_and_dropped_pieces_leave_nothing() {
    let store = embedded_store().await;
    assert_pieces(&store.storage).await;
    let left: Vec<_> = std::fs::read_dir(store.folder.path().join("objects"))
        .unwrap()
        .map(|entry| entry.unwrap().file_name())
        .collect();
    assert_eq!(left, [BUCKET]);
    assert_eq!(stored(&store), 0);
}

#[tokio::test]
async fn pieces_go_to_the_object_they_were_begun_for_and_are_what_was_said_of_them() {
    let store = embedded_store().await;
    let pieces = store
        .storage
        .begin_pieces(&key("exports/a/1"), CSV)
        .await
        .unwrap();
    let id = pieces.upload_id();
    // By whoever may write another object, or nothing.
    let permit = permission(&store.storage, MINUTES).await;
    let client = Client::new();
    let object = format!("{}/{BUCKET}/exports/a/1", store.origin);
    for (method, url) in [
        (Method::POST, format!("{object}?uploads")),
        (Method::PUT, format!("{object}?partNumber=1&uploadId={id}")),
        (Method::POST, format!("{object}?uploadId={id}")),
        (Method::DELETE, format!("{object}?uploadId={id}")),
        (Method::PUT, format!("{}&partNumber=1&uploadId={id}", permit.url)),
        (Method::DELETE, format!("{}&uploadId={id}", permit.url)),
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
    for other in [
        "..",
        "../../x",
        "nonsense",
        "00000000-0000-0000-0000-000000000000",
    ] {
        store
            .storage
            .drop_pieces(&key("exports/a/1"), other)
            .await
            .unwrap();
    }
    store.storage.drop_pieces(&key("exports/a/2"), id).await.unwrap();
    let mut pieces = pieces;
    pieces.put(Bytes::from_static(b"still there")).await.unwrap();
    pieces.finish().await.unwrap();
    assert_eq!(
        store.storage.get_limited(&key("exports/a/1"), 100).await.unwrap(),
        &b"still there"[..]
    );
}
