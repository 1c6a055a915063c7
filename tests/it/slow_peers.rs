//! Clients that do not go on: each is cut off after a stated time, and none keeps the server from stopping.

use std::fmt::Write;
use std::time::{Duration, Instant};

use entity::account::Plan;
use muster::access::Actor;
use muster::admin::CreateAccount;
use muster::person::EmailAddress;
use muster::server::Server;
use rstest::rstest;
use serde_json::json;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::sync::watch;

use crate::support::{Client, Database, House, PASSWORD, Socket, team};

/// Sends a beginning, then a byte every second if there is one to drip; answers what came back until the server closed, and after how long.
async fn talk(address: &str, beginning: &str, drip: Option<u8>) -> (String, Duration) {
    let began = Instant::now();
    let (mut read, mut write) = TcpStream::connect(address).await.unwrap().into_split();
    write.write_all(beginning.as_bytes()).await.unwrap();
    let dripping = tokio::spawn(async move {
        while let Some(byte) = drip {
            tokio::time::sleep(Duration::from_secs(1)).await;
            if write.write_all(&[byte]).await.is_err() {
                break;
            }
        }
        // Kept open: it is for the server to close.
        tokio::time::sleep(Duration::from_mins(2)).await;
        drop(write);
    });
    let mut answer = Vec::new();
    let read = tokio::time::timeout(Duration::from_mins(1), read.read_to_end(&mut answer)).await;
    dripping.abort();
    assert!(read.is_ok(), "still open: {beginning:?}");
    (String::from_utf8_lossy(&answer).into_owned(), began.elapsed())
}

const JSON: &str = "host: x\r\ncontent-type: application/json\r\ncontent-length: 1000\r\n\r\n";

#[rstest]
#[case::nothing_at_all("", None)]
#[case::a_line_that_stops("POST /gra", None)]
#[case::headers_that_drip("POST /graphql HTTP/1.1\r\nhost: ", Some(b'x'))]
#[tokio::test(flavor = "multi_thread")]
async fn a_head_that_does_not_end_is_cut_off_after_fifteen_seconds(
    #[case] beginning: &str,
    #[case] drip: Option<u8>,
) {
    let house = House::open(Database::Sqlite).await;
    let address = house.url.replace("http://", "");
    let (_, took) = talk(&address, beginning, drip).await;
    assert!((10..25).contains(&took.as_secs()), "{took:?}");
    house.close().await;
}

#[rstest]
#[case::graphql_that_stalls("/graphql", None)]
#[case::graphql_that_drips("/graphql", Some(b' '))]
#[case::a_sign_in_that_stalls("/auth/sign-in", None)]
#[case::a_sign_in_that_drips("/auth/sign-in", Some(b' '))]
#[tokio::test(flavor = "multi_thread")]
async fn a_body_that_does_not_arrive_is_refused_after_ten_seconds(
    #[case] path: &str,
    #[case] drip: Option<u8>,
) {
    let house = House::open(Database::Sqlite).await;
    let address = house.url.replace("http://", "");
    let (answer, took) = talk(&address, &format!("POST {path} HTTP/1.1\r\n{JSON}{{"), drip).await;
    assert!(answer.starts_with("HTTP/1.1 408"), "{answer}");
    assert!((8..15).contains(&took.as_secs()), "{took:?}");
    house.close().await;
}

/// What says that it is too long is refused by that alone: were it sent beside, the end of the connection could overtake the answer.
#[rstest]
#[case::cut_short("content-length: 1000", b"{\"email\"", "400")]
#[case::not_json("content-length: 9", b"{\"email\"", "400")]
#[case::too_long_as_it_says("content-length: 9000", b"", "413")]
#[case::too_long_in_pieces("transfer-encoding: chunked", PIECES, "413")]
#[tokio::test(flavor = "multi_thread")]
async fn only_what_is_too_long_is_said_to_be_too_long(
    #[case] head: &str,
    #[case] body: &[u8],
    #[case] status: &str,
) {
    let house = House::open(Database::Sqlite).await;
    let mut stream = TcpStream::connect(&house.url[7..]).await.unwrap();
    let head = format!(
        "POST /auth/sign-in HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\nconnection: close\r\n{head}\r\n\r\n"
    );
    stream.write_all(head.as_bytes()).await.unwrap();
    stream.write_all(body).await.unwrap();
    stream.shutdown().await.unwrap();
    let mut answer = String::new();
    let read = tokio::time::timeout(Duration::from_secs(5), stream.read_to_string(&mut answer));
    read.await.expect("at once").unwrap();
    assert!(answer.starts_with(&format!("HTTP/1.1 {status}")), "{answer}");
    house.close().await;
}

/// Ten kilobytes as one piece, and the end.
const PIECES: &[u8] = &{
    let mut pieces = [b' '; 6 + 10_000 + 7];
    let (begin, end) = (b"2710\r\n", b"\r\n0\r\n\r\n");
    let mut at = 0;
    while at < 6 {
        pieces[at] = begin[at];
        at += 1;
    }
    at = 0;
    while at < 7 {
        pieces[6 + 10_000 + at] = end[at];
        at += 1;
    }
    pieces
};

#[tokio::test(flavor = "multi_thread")]
async fn an_upload_that_stalls_is_cut_off_and_no_file_is_there() {
    let house = House::open(Database::Sqlite).await;
    let team = team(&house, "acme", Plan::Standard).await;
    let (_, target) = team.admin.announce("people.csv", &[b'x'; 1000]).await;
    let url = target["url"].as_str().unwrap();
    let path = url.strip_prefix(&house.url).unwrap();
    let mut head = format!("PUT {path} HTTP/1.1\r\nhost: {}\r\n", &house.url[7..]);
    for header in target["headers"].as_array().unwrap() {
        let name = header["name"].as_str().unwrap();
        if name != "host" && name != "content-length" {
            write!(head, "{name}: {}\r\n", header["value"].as_str().unwrap()).unwrap();
        }
    }
    head += "content-length: 1000\r\n\r\nxxxxxxxxxx";
    let (answer, took) = talk(&house.url[7..], &head, None).await;
    assert!(!answer.starts_with("HTTP/1.1 2"), "{answer}");
    assert!((8..15).contains(&took.as_secs()), "{took:?}");
    let (status, _) = team.admin.get(url).await;
    assert!(!status.is_success());
    house.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn heads_have_a_bound() {
    let house = House::open(Database::Sqlite).await;
    for head in [
        format!("x-long: {}\r\n", "x".repeat(100_000)),
        "x-many: x\r\n".repeat(70),
    ] {
        let request = format!("GET /livez HTTP/1.1\r\nhost: x\r\n{head}\r\n");
        let (answer, _) = talk(&house.url[7..], &request, None).await;
        // What was not read resets the connection, and the answer may be lost with it.
        assert!(
            answer.is_empty() || answer.starts_with("HTTP/1.1 431"),
            "{answer}"
        );
    }
    assert_eq!(
        reqwest::get(format!("{}/livez", house.url))
            .await
            .unwrap()
            .status(),
        200
    );
    house.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_that_takes_no_answer_is_cut_off() {
    let house = House::open(Database::Sqlite).await;
    let mut stream = TcpStream::connect(&house.url[7..]).await.unwrap();
    // More than the network keeps for somebody who does not read: many megabytes.
    let request = "GET /assets/graphiql/graphiql-3.9.0.min.js HTTP/1.1\r\nhost: x\r\n\r\n";
    stream.write_all(request.repeat(60).as_bytes()).await.unwrap();
    tokio::time::sleep(Duration::from_secs(23)).await;
    let mut taken = 0;
    let mut piece = vec![0; 1 << 20];
    let reading = async {
        while let Ok(length) = stream.read(&mut piece).await {
            taken += length;
            if length == 0 {
                break;
            }
        }
    };
    tokio::time::timeout(Duration::from_secs(10), reading)
        .await
        .expect("the server has closed");
    assert!(taken < 30 << 20, "{taken}");
    house.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn stopping_takes_its_grace_at_most_whatever_is_open() {
    let folder = tempfile::tempdir().unwrap();
    let database = format!("sqlite://{}/db.sqlite", folder.path().display());
    let server = Server::start(&House::config(&folder, &database)).await.unwrap();
    let url = format!("http://{}", server.address);
    let (stop, stopped) = watch::channel(false);
    let admin = EmailAddress::parse("admin@acme.example").unwrap();
    let account = CreateAccount::new("ACME", "acme", Plan::Standard, admin, PASSWORD.to_owned().into());
    server.app.run(&Actor::Operator, account).await.unwrap();
    let running = tokio::spawn(server.run(stopped));
    let admin = Client::of(&url).sign_in("admin@acme.example", PASSWORD).await;

    let mut open = Vec::new();
    for beginning in [
        String::new(),
        "POST /gra".into(),
        format!("POST /graphql HTTP/1.1\r\n{JSON}{{"),
        format!("PUT /muster/uploads/x HTTP/1.1\r\n{JSON}x"),
        "GET /livez HTTP/1.1\r\nhost: x\r\n\r\n".into(),
        "GET /assets/graphiql/graphiql-3.9.0.min.js HTTP/1.1\r\nhost: x\r\n\r\n".repeat(60),
    ] {
        let mut stream = TcpStream::connect(&url[7..]).await.unwrap();
        stream.write_all(beginning.as_bytes()).await.unwrap();
        open.push(stream);
    }
    let mut socket = Socket::admitted(&admin).await;
    socket.say(&json!({"type": "ping"})).await;
    // In hand when the server is told to stop, and answered all the same.
    let mut in_hand = TcpStream::connect(&url[7..]).await.unwrap();
    let body = r#"{"query":"{ __typename }"}"#;
    let head = format!(
        "POST /graphql HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n",
        body.len()
    );
    in_hand.write_all(head.as_bytes()).await.unwrap();
    tokio::time::sleep(Duration::from_millis(500)).await;
    let began = Instant::now();
    stop.send_replace(true);
    tokio::time::sleep(Duration::from_secs(1)).await;
    in_hand.write_all(body.as_bytes()).await.unwrap();
    let mut answer = vec![0; 4096];
    let length = in_hand.read(&mut answer).await.unwrap();
    let answer = String::from_utf8_lossy(&answer[..length]).into_owned();
    assert!(
        answer.starts_with("HTTP/1.1 200") && answer.contains("Query"),
        "{answer}"
    );
    assert!(
        TcpStream::connect(&url[7..]).await.is_err(),
        "nobody new is admitted"
    );

    let ran = tokio::time::timeout(Duration::from_secs(31), running).await;
    ran.expect("it stops in time").unwrap().unwrap();
    assert!(began.elapsed() < Duration::from_secs(31), "{:?}", began.elapsed());
}
