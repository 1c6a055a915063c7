//! The same calls against an S3 server that nobody here wrote.

use std::process::{Child, Command, Stdio};

use super::*;

/// An S3 server that nobody here wrote; ends with the test.
struct Moto(Child);

impl Drop for Moto {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[tokio::test]
async fn the_same_calls_work_with_an_s3_of_another_make() {
    let program = std::env::var("MUSTER_TEST_MOTO")
        .expect("MUSTER_TEST_MOTO names a moto_server; `make test` installs one");
    let port = free_port();
    let moto = Command::new(program)
        .args(["-H", "127.0.0.1", "-p", &port.to_string()])
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let _moto = Moto(moto);
    let origin = format!("http://127.0.0.1:{port}");
    let bucket = format!("{origin}/{BUCKET}");
    let made = async || {
        Client::new()
            .put(&bucket)
            .send()
            .await
            .is_ok_and(|answer| answer.status().is_success())
    };
    for _ in 0..300 {
        if made().await {
            break;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }

    let credentials = Credentials {
        access_key: "testing".into(),
        secret: "testing".to_owned().into(),
    };
    let storage = Storage::connect(&config(port, &origin, credentials)).await;
    storage.check().await.unwrap();
    let permit = permission(&storage, MINUTES).await;
    assert_eq!(storage.head(&key("uploads/a/1")).await.unwrap(), None);
    assert_eq!(
        upload(&permit.url, &permit.headers, FILE).await.status(),
        StatusCode::OK
    );
    assert_eq!(
        storage.head(&key("uploads/a/1")).await.unwrap().unwrap().size,
        FILE.len() as u64
    );
    let (sum, size) = (Sha256::of(FILE), FILE.len() as u64);
    let kept = storage
        .pin(&key("uploads/a/1"), &key("imports/a/1"), size, &sum, CSV)
        .await
        .unwrap();
    assert_eq!(kept, FILE);
    assert!(matches!(
        storage.get_limited(&key("imports/a/1"), 10).await,
        Err(ReadError::TooLarge { limit: 10 })
    ));
    assert!(matches!(
        storage.get_limited(&key("imports/a/2"), 10).await,
        Err(ReadError::Absent)
    ));

    let (link, _) = storage
        .presign_get(&key("imports/a/1"), "Zürich.csv", CSV, MINUTES)
        .await
        .unwrap();
    let answer = reqwest::get(&link).await.unwrap();
    assert_eq!(
        answer.headers()["content-disposition"],
        "attachment; filename=\"Z_rich.csv\"; filename*=UTF-8''Z%C3%BCrich.csv"
    );
    assert_eq!(answer.bytes().await.unwrap(), FILE);
    super::pieces::assert_pieces(&storage).await;
    storage.delete(&key("imports/a/1")).await.unwrap();
    assert_eq!(storage.head(&key("imports/a/1")).await.unwrap(), None);
}
