//! Importing: 5,000 people, 3,000 of them with a seat, and giving one product to everybody of a file, through a running server and its worker, beside `COPY` of the
//! very rows that came of it.

use std::path::Path;
use std::time::{Duration, Instant};

use aws_lc_rs::digest::{SHA256, digest};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use futures::TryStreamExt;
use serde_json::{Value, json};
use sqlx::Connection;
use sqlx::postgres::PgConnection;
use tokio::net::TcpListener;

use crate::cluster::{self, Cluster, Database};
use crate::servers::{self, PASSWORD, Server};
use crate::{Result, RunArgs, load, report};

const PEOPLE: usize = 5_000;
const SEATED: usize = 3_000;

/// What the file is for.
#[derive(Clone, Copy, Debug)]
enum Kind {
    Users,
    Assignments,
}
const ADMINISTRATOR: &str = "admin@company-1.example";

/// What the rows refer to; brought over before the clock starts.
const REFERRED_TO: [&str; 2] = ["uploads", "imports"];
/// What the import fills.
const FILLED: [(&str, &str); 5] = [
    ("users", "WHERE origin = 'CSV_IMPORT'"),
    ("invitations", ""),
    ("mails", "WHERE kind = 'invitation'"),
    ("import_rows", ""),
    ("assignments", ""),
];

pub async fn measure(args: &RunArgs, cluster: &Cluster, muster: &Path) -> Result<()> {
    report::say(&format!("PostgreSQL: {}", cluster.description().await?))?;
    let template = cluster.create("template", None).await?;
    servers::migrate(muster, &template)?;
    let mut connection = template.connection().await?;
    cluster::run_script(&mut connection, include_str!("sql/import.sql")).await?;
    cluster::set_password(&mut connection, PASSWORD).await?;
    connection.close().await?;

    // A relay that takes connections and never says a word: delivery waits, and the import has the machine to itself.
    let silent = TcpListener::bind("127.0.0.1:0").await?;
    let relays = [
        ("mails wait", Some(silent.local_addr()?)),
        ("mails into a folder meanwhile", None),
    ];
    let mut rows = Vec::new();
    let kinds = [(Kind::Users, SEATED), (Kind::Assignments, PEOPLE)];
    let runs = kinds.iter().flat_map(|kind| relays.map(|relay| (*kind, relay)));
    let runs: Vec<_> = runs.collect();
    for (round, ((kind, seats), (mails, relay))) in
        (1..=args.rounds).flat_map(|round| runs.iter().map(move |run| (round, *run)))
    {
        let imported = cluster
            .create(&format!("import_{round}"), Some(&template))
            .await?;
        let copied = cluster.create(&format!("copy_{round}"), Some(&template)).await?;
        let server = Server::muster(muster, &imported, &args.scratch, relay).await?;
        let importing = import(&server, &imported, kind).await?;
        drop(server);
        let (copying, count) = copy(&imported, &copied).await?;
        rows.push(vec![
            format!("{kind:?}: {PEOPLE} people, {seats} seats, {mails}, round {round}"),
            count.to_string(),
            format!("{:.0}", importing.as_secs_f64() * 1e3),
            format!("{:.0}", copying.as_secs_f64() * 1e3),
            format!("{:.2}", importing.as_secs_f64() / copying.as_secs_f64()),
        ]);
        cluster.drop(imported).await?;
        cluster.drop(copied).await?;
    }
    report::table(&["import", "rows", "Muster ms", "COPY ms", "ratio"], &rows)?;
    cluster.drop(template).await
}

fn file() -> String {
    let line = |number| {
        let product = if number < SEATED { "product-1" } else { "" };
        format!("Given{number},Family{number},person.{number}@company-1.example,{product}\n")
    };
    let lines = (0..PEOPLE).map(line);
    std::iter::once("First Name,Last Name,Email,Products\n".to_owned())
        .chain(lines)
        .collect()
}

/// From asking for the import until its last event is committed. The file is there already.
async fn import(server: &Server, database: &Database, kind: Kind) -> Result<Duration> {
    let token = server.sign_in(ADMINISTRATOR).await?;
    let upload_id = upload(server, &token, file()).await?;
    let mut connection = database.connection().await?;
    let mut input = json!({ "uploadId": upload_id, "mode": "APPLY" });
    if let Kind::Assignments = kind {
        // Products of the rows are not read then.
        let products = "{ account { products(first: 1) { nodes { id } } } }";
        let products = ask(server, &token, products, &Value::Null).await?;
        input["kind"] = "ASSIGNMENTS".into();
        input["sources"] = json!([{ "productId": products["account"]["products"]["nodes"][0]["id"] }]);
    }
    let begun = Instant::now();
    let started = "mutation($input: StartImportInput!) { startImport(input: $input) { import { id } userErrors { message } } }";
    let answer = ask(server, &token, started, &input).await?;
    if !answer["startImport"]["import"]["id"].is_string() {
        return Err(format!("the import did not start: {answer}").into());
    }
    loop {
        let status: String = sqlx::query_scalar("SELECT status FROM imports")
            .fetch_one(&mut connection)
            .await?;
        match status.as_str() {
            "SUCCEEDED" => return Ok(begun.elapsed()),
            "QUEUED" | "RUNNING" => tokio::time::sleep(Duration::from_millis(5)).await,
            other => return Err(format!("the import ended as {other}").into()),
        }
    }
}

pub async fn upload(server: &Server, token: &str, file: String) -> Result<String> {
    let input = json!({
        "purpose": "USER_IMPORT",
        "filename": "people.csv",
        "byteSize": file.len(),
        "contentType": "text/csv",
        "sha256": STANDARD.encode(digest(&SHA256, file.as_bytes())),
    });
    let create = "mutation($input: CreateUploadInput!) { createUpload(input: $input) { upload { id } target { url headers { name value } } userErrors { message } } }";
    let answer = ask(server, token, create, &input).await?;
    let (upload, target) = (
        &answer["createUpload"]["upload"],
        &answer["createUpload"]["target"],
    );
    let text = |value: &Value| {
        value
            .as_str()
            .map(str::to_owned)
            .ok_or_else(|| format!("no place for the file: {answer}"))
    };
    let mut request = reqwest::Client::new().put(text(&target["url"])?).body(file);
    for header in target["headers"].as_array().into_iter().flatten() {
        request = request.header(text(&header["name"])?, text(&header["value"])?);
    }
    request.send().await?.error_for_status()?;
    Ok(text(&upload["id"])?)
}

pub async fn ask(server: &Server, token: &str, query: &str, input: &Value) -> Result<Value> {
    let body = json!({ "query": query, "variables": { "input": input } }).to_string();
    let request = load::post("/graphql", &format!("Authorization: Bearer {token}\r\n"), &body);
    let mut answer = load::ask(&server.address, &request).await?;
    Ok(answer["data"].take())
}

/// Copies what the import wrote into a database like the one it started from. Only the writing is timed.
async fn copy(from: &Database, to: &Database) -> Result<(Duration, u64)> {
    let (mut from, mut to) = (from.connection().await?, to.connection().await?);
    for table in REFERRED_TO {
        let rows = read(&mut from, table, "").await?;
        write(&mut to, table, &rows).await?;
    }
    let mut tables = Vec::new();
    for (table, which) in FILLED {
        tables.push((table, read(&mut from, table, which).await?));
    }
    let begun = Instant::now();
    let mut transaction = to.begin().await?;
    let mut count = 0;
    for (table, rows) in &tables {
        count += write(&mut transaction, table, rows).await?;
    }
    transaction.commit().await?;
    Ok((begun.elapsed(), count))
}

async fn read(from: &mut PgConnection, table: &str, which: &str) -> Result<Vec<u8>> {
    let mut rows = Vec::new();
    let mut pieces = from
        .copy_out_raw(&format!("COPY (SELECT * FROM {table} {which}) TO STDOUT"))
        .await?;
    while let Some(piece) = pieces.try_next().await? {
        rows.extend_from_slice(&piece);
    }
    Ok(rows)
}

async fn write(to: &mut PgConnection, table: &str, rows: &[u8]) -> Result<u64> {
    let mut copy = to.copy_in_raw(&format!("COPY {table} FROM STDIN")).await?;
    copy.send(rows).await?;
    Ok(copy.finish().await?)
}
