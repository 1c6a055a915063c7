//! Waiting: thousands of sockets that follow one import, what each takes of the server's memory, and how long an event takes to all of them.

use std::path::Path;
use std::time::{Duration, Instant};

use futures::stream::{FuturesUnordered, StreamExt};
use futures::{SinkExt, TryStreamExt};
use serde_json::{Value, json};
use tokio::net::TcpStream;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;

use crate::cluster::Cluster;
use crate::imports::{ask, upload};
use crate::reads::{fill, places};
use crate::servers::{self, Server};
use crate::{Result, RunArgs, cpu, load, report};

const SOCKETS: u32 = 10_000;
/// Sockets that are opened at a time.
const AT_ONCE: usize = 100;
/// How long they wait, silent but for what keeps them alive.
const WAIT: Duration = Duration::from_secs(20);
const FOLLOW: &str =
    "subscription($id: ID!) { importProgress(importId: $id) { sequence isFinal import { status } } }";

type Socket = WebSocketStream<TcpStream>;

pub async fn measure(args: &RunArgs, cluster: &Cluster, muster: &Path) -> Result<()> {
    let database = cluster.create("sockets", None).await?;
    servers::migrate(muster, &database)?;
    fill(&database).await?;
    let server = Server::muster(muster, &database, &args.scratch, None).await?;
    let mut connection = database.connection().await?;
    let which = "ORDER BY users_active + users_pending DESC LIMIT $1";
    let token = &places(&mut connection, &server, which, 1).await?.remove(0).token;
    let import = planned(&server, token).await?;
    let at_work = || {
        (
            cpu::of_process(server.pid),
            cluster.postmaster.map_or(Duration::ZERO, cpu::of_family),
        )
    };

    let before = cpu::memory(server.pid);
    let begun = Instant::now();
    let opening = futures::stream::iter(0..SOCKETS)
        .map(|_| open(&server, token, &import))
        .buffer_unordered(AT_ONCE);
    let sockets: Vec<Socket> = opening.try_collect().await?;
    let opened = begun.elapsed();
    let mut followed: FuturesUnordered<_> = sockets.into_iter().map(to_the_end).collect();
    let began = at_work();
    if let Ok(Some(ended)) = tokio::time::timeout(WAIT, followed.next()).await {
        return Err(format!("a subscription ended too early: {ended:?}").into());
    }
    let ended = at_work();
    let each = f64::from(cpu::memory(server.pid).saturating_sub(before)) * 1024.0 / f64::from(SOCKETS);

    let cancel = "mutation($input: CancelImportInput!) { cancelImport(input: $input) { import { status } } }";
    let input = json!({ "importId": import });
    let begun = Instant::now();
    let all = async {
        while let Some(ended) = followed.next().await {
            ended?;
        }
        Ok(begun.elapsed())
    };
    let (_, last) = tokio::try_join!(ask(&server, token, cancel, &input), all)?;
    let share = |time: Duration| format!("{:.2}", time.as_secs_f64() / WAIT.as_secs_f64());
    let row = vec![
        format!("{SOCKETS} sockets with a subscription each"),
        format!("{:.1}", opened.as_secs_f64()),
        format!("{each:.1}"),
        share(ended.0.saturating_sub(began.0)),
        share(ended.1.saturating_sub(began.1)),
        format!("{:.2}", last.as_secs_f64()),
    ];
    report::table(
        &[
            "waiting",
            "opened in s",
            "KiB each",
            "cores of the server meanwhile",
            "of PostgreSQL",
            "an event at all of them after s",
        ],
        &[row],
    )?;
    drop((server, connection));
    cluster.drop(database).await
}

/// An import that waits to be confirmed.
async fn planned(server: &Server, token: &str) -> Result<Value> {
    let file = "First Name,Last Name,Email\nAda,Lovelace,ada@company-1.example\n".to_owned();
    let upload_id = upload(server, token, file).await?;
    let start = "mutation($input: StartImportInput!) { startImport(input: $input) { import { id } userErrors { message } } }";
    let input = json!({ "uploadId": upload_id, "mode": "DRY_RUN" });
    let id = ask(server, token, start, &input).await?["startImport"]["import"]["id"].take();
    let look =
        json!({ "query": "query($id: ID!) { import(id: $id) { status } }", "variables": { "id": id } });
    let authorization = format!("Authorization: Bearer {token}\r\n");
    let look = load::post("/graphql", &authorization, &look.to_string());
    while load::ask(&server.address, &look).await?["data"]["import"]["status"] != "AWAITING_CONFIRMATION" {
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    Ok(id)
}

/// A socket that has seen the first event.
async fn open(server: &Server, token: &str, import: &Value) -> Result<Socket> {
    let mut request = format!("ws://{}/graphql", server.address).into_client_request()?;
    let protocol = "graphql-transport-ws".parse()?;
    request.headers_mut().insert("sec-websocket-protocol", protocol);
    let stream = TcpStream::connect(&server.address).await?;
    let (mut socket, _) = tokio_tungstenite::client_async(request, stream).await?;
    let said = |value: Value| Message::text(value.to_string());
    let payload = json!({ "Authorization": format!("Bearer {token}") });
    socket
        .send(said(json!({ "type": "connection_init", "payload": payload })))
        .await?;
    let payload = json!({ "query": FOLLOW, "variables": { "id": import } });
    next(&mut socket).await?;
    socket
        .send(said(
            json!({ "id": "1", "type": "subscribe", "payload": payload }),
        ))
        .await?;
    let first = next(&mut socket).await?;
    if first["payload"]["data"]["importProgress"]["isFinal"] != false {
        return Err(format!("not the first event: {first}").into());
    }
    Ok(socket)
}

/// Waits for the last event.
async fn to_the_end(mut socket: Socket) -> Result<()> {
    while next(&mut socket).await?["payload"]["data"]["importProgress"]["isFinal"] != true {}
    Ok(())
}

/// The next message that says something; the library answers pings as it reads.
async fn next(socket: &mut Socket) -> Result<Value> {
    loop {
        match socket.next().await.ok_or("the server hung up")?? {
            Message::Text(text) => return Ok(serde_json::from_str(&text)?),
            Message::Close(frame) => return Err(format!("the server closed: {frame:?}").into()),
            _ => {}
        }
    }
}
