//! Exporting: 50,000 people with their products, and with a line for each seat, through a running server with its worker and its store, beside `COPY … TO` of the same join; and
//! what the server takes of memory meanwhile.

use std::path::Path;
use std::time::{Duration, Instant};

use futures::TryStreamExt;
use serde_json::{Value, json};
use sqlx::Connection;
use sqlx::postgres::PgConnection;

use crate::cluster::{self, Cluster, Database};
use crate::imports::ask;
use crate::servers::{self, PASSWORD, Server};
use crate::{Result, RunArgs, report};

/// Has 50,000 users.
const ADMINISTRATOR: &str = "admin@company-1.example";

/// What is listed of everybody in either file.
const PERSON: &str = "u.id, u.given_name, u.family_name, u.email, u.role, u.status, \
    CASE WHEN i.status = 'PENDING' AND i.expires_at <= now() THEN 'EXPIRED' ELSE i.status END, i.expires_at, u.last_signed_in_at";
const PEOPLE: &str = "users u LEFT JOIN LATERAL (SELECT status, expires_at FROM invitations WHERE account_id = u.account_id AND user_id = u.id \
    ORDER BY id DESC LIMIT 1) i ON true";
const WHOSE: &str = "u.account_id = (SELECT account_id FROM account_slugs WHERE slug = 'company-1') AND u.status <> 'REMOVED'";

/// A file, and the question whose answer it is.
struct File {
    name: &'static str,
    columns: &'static str,
    join: String,
}

fn files() -> [File; 3] {
    [
        File {
            name: "people",
            columns: "",
            join: format!("SELECT {PERSON} FROM {PEOPLE} WHERE {WHOSE} ORDER BY u.id"),
        },
        File {
            name: "people with their products",
            columns: "PRODUCTS",
            join: format!(
                "SELECT {PERSON}, s.codes FROM {PEOPLE} LEFT JOIN (SELECT a.account_id, a.user_id, string_agg(p.code, '|' ORDER BY p.code) AS codes \
                 FROM assignments a JOIN products p ON p.id = a.product_id GROUP BY a.account_id, a.user_id) s \
                 ON s.account_id = u.account_id AND s.user_id = u.id WHERE {WHOSE} ORDER BY u.id"
            ),
        },
        File {
            name: "people, a line for each seat",
            columns: "SUBSCRIPTION_ROWS",
            join: format!(
                "SELECT {PERSON}, p.code, p.name, c.number, a.components, a.assigned_at FROM {PEOPLE} \
                 LEFT JOIN (assignments a JOIN products p ON p.id = a.product_id JOIN subscriptions b ON b.account_id = a.account_id AND b.id = a.subscription_id \
                 JOIN contracts c ON c.account_id = b.account_id AND c.id = b.contract_id) ON a.account_id = u.account_id AND a.user_id = u.id WHERE {WHOSE} ORDER BY u.id, p.code"
            ),
        },
    ]
}

pub async fn measure(args: &RunArgs, cluster: &Cluster, muster: &Path) -> Result<()> {
    let database = cluster.create("exports", None).await?;
    servers::migrate(muster, &database)?;
    let mut connection = database.connection().await?;
    cluster::run_script(&mut connection, include_str!("sql/accounts.sql")).await?;
    cluster::set_password(&mut connection, PASSWORD).await?;
    sqlx::raw_sql("VACUUM ANALYZE").execute(&mut connection).await?;
    let server = Server::muster(muster, &database, &args.scratch, None).await?;
    let token = server.sign_in(ADMINISTRATOR).await?;
    let mut rows = Vec::new();
    for round in 1..=args.rounds {
        for file in files() {
            let (took, count, grown) = export(&server, &database, &token, file.columns).await?;
            let (copying, bytes) = copy(&mut connection, &file.join).await?;
            rows.push(vec![
                format!("{}, round {round}", file.name),
                count.to_string(),
                format!("{:.0}", took.as_secs_f64() * 1e3),
                format!("{:.0}", copying.as_secs_f64() * 1e3),
                format!("{:.2}", took.as_secs_f64() / copying.as_secs_f64()),
                mebibytes(bytes / 1_024),
                mebibytes(grown),
            ]);
        }
    }
    let head = [
        "export",
        "rows",
        "Muster ms",
        "COPY ms",
        "ratio",
        "COPY MiB",
        "memory above rest MiB",
    ];
    report::table(&head, &rows)?;
    drop(server);
    connection.close().await?;
    cluster.drop(database).await
}

/// From asking for the file until it is there; with its rows, and by how many KiB the server grew.
async fn export(
    server: &Server,
    database: &Database,
    token: &str,
    columns: &str,
) -> Result<(Duration, i32, u64)> {
    let mut connection = database.connection().await?;
    std::fs::write(format!("/proc/{}/clear_refs", server.pid), "5")?;
    let rest = resident(server.pid, "VmRSS")?;
    let columns: Vec<&str> = Vec::from_iter((!columns.is_empty()).then_some(columns));
    let input = json!({ "kind": "USERS", "columnSets": columns });
    let begun = Instant::now();
    let start = "mutation($input: StartExportInput!) { startExport(input: $input) { export { id } userErrors { message } } }";
    let answer: Value = ask(server, token, start, &input).await?;
    if !answer["startExport"]["export"]["id"].is_string() {
        return Err(format!("the export did not start: {answer}").into());
    }
    loop {
        let latest = "SELECT status, row_count FROM exports ORDER BY id DESC LIMIT 1";
        let (status, count): (String, Option<i32>) =
            sqlx::query_as(latest).fetch_one(&mut connection).await?;
        match status.as_str() {
            "SUCCEEDED" => {
                let grown = resident(server.pid, "VmHWM")?.saturating_sub(rest);
                return Ok((begun.elapsed(), count.unwrap_or_default(), grown));
            }
            "QUEUED" | "RUNNING" => tokio::time::sleep(Duration::from_millis(5)).await,
            other => return Err(format!("the export ended as {other}").into()),
        }
    }
}

/// So many KiB as people read them.
fn mebibytes(kibibytes: u64) -> String {
    format!("{}.{}", kibibytes / 1_024, kibibytes % 1_024 * 10 / 1_024)
}

/// In KiB, as the kernel counts it.
fn resident(pid: u32, name: &str) -> Result<u64> {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status"))?;
    let line = status.lines().find(|line| line.starts_with(name));
    let number = line.and_then(|line| line.split_whitespace().nth(1));
    Ok(number
        .ok_or("the kernel does not say how much memory there is")?
        .parse()?)
}

/// The same join, taken off the server as CSV and thrown away.
async fn copy(connection: &mut PgConnection, join: &str) -> Result<(Duration, u64)> {
    let begun = Instant::now();
    let mut bytes = 0;
    let mut pieces = connection
        .copy_out_raw(&format!("COPY ({join}) TO STDOUT WITH (FORMAT csv, HEADER)"))
        .await?;
    while let Some(piece) = pieces.try_next().await? {
        bytes += piece.len() as u64;
    }
    Ok((begun.elapsed(), bytes))
}
