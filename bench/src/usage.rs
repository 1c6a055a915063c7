//! Usage: reports over two million days of one account, and recording a thousand records that spend credits; beside what each may take.

use std::path::Path;
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use sqlx::postgres::PgConnection;
use sqlx::{Connection, Row};

use crate::cluster::{self, Cluster};
use crate::imports::ask;
use crate::servers::{self, PASSWORD, Server};
use crate::{Result, RunArgs, report};

/// Has the days.
const ADMINISTRATOR: &str = "admin@company-1.example";
/// How often each is asked in a round.
const TIMES: usize = 20;
/// Records of one call.
const RECORDS: usize = 1_000;

const PERIOD: &str = "query($input: UsagePeriodInput!) { account { usageReport(input: {period: $input";
const SUMMARY: &str = "summary { activeUsers inactiveAssignedUsers sessions hours creditsConsumed } series { startsOn activeUsers sessions hours creditsConsumed }";
const ROWS: &str = "nodes { user { id displayName } product { code } daysUsed sessions minutes creditsConsumed lastUsedOn } pageInfo { endCursor }";
const RECORD: &str = "mutation($input: RecordUsageInput!) { recordUsage(input: $input) { summary { applied failed } userErrors { code } } }";

pub async fn measure(args: &RunArgs, cluster: &Cluster, muster: &Path) -> Result<()> {
    let database = cluster.create("usage", None).await?;
    servers::migrate(muster, &database)?;
    let mut connection = database.connection().await?;
    cluster::run_script(&mut connection, include_str!("sql/accounts.sql")).await?;
    cluster::run_script(&mut connection, include_str!("sql/usage.sql")).await?;
    cluster::set_password(&mut connection, PASSWORD).await?;
    sqlx::raw_sql("VACUUM ANALYZE").execute(&mut connection).await?;
    grant(muster, &database.url, &args.scratch)?;
    let server = Server::muster(muster, &database, &args.scratch, None).await?;
    let token = server.sign_in(ADMINISTRATOR).await?;
    let period = period(&mut connection).await?;
    let questions = [
        (
            "a year by month, totals and series",
            format!("{PERIOD}}}) {{ {SUMMARY} }} }} }}"),
            "300",
        ),
        (
            "50 rows of it by name",
            format!("{PERIOD}}}) {{ rows(first: 50) {{ {ROWS} }} }} }} }}"),
            "20",
        ),
        (
            "50 rows of it by days used",
            format!("{PERIOD}}}) {{ rows(first: 50, orderBy: {{field: DAYS_USED}}) {{ {ROWS} }} }} }} }}"),
            "",
        ),
    ];
    let mut rows = Vec::new();
    for round in 1..=args.rounds {
        for (name, question, most) in &questions {
            let mut took = Vec::with_capacity(TIMES);
            for _ in 0..TIMES {
                let begun = Instant::now();
                let answer = ask(&server, &token, question, &period).await?;
                took.push(begun.elapsed());
                if answer["account"]["usageReport"].is_null() {
                    return Err(format!("there is no report: {answer}").into());
                }
            }
            rows.push(row(&format!("{name}, round {round}"), took, most));
        }
        let emails = emails(&mut connection).await?;
        for (name, credits) in [
            ("1,000 records", None),
            ("1,000 records that spend credits", Some("0.5")),
        ] {
            let mut took = Vec::with_capacity(TIMES);
            for time in 0..TIMES {
                let input = records(&emails, credits, &format!("{name} {round} {time}"), &period["to"]);
                let begun = Instant::now();
                let answer = ask(&server, &token, RECORD, &input).await?;
                took.push(begun.elapsed());
                if answer["recordUsage"]["summary"]["applied"] != RECORDS {
                    return Err(format!("not all was recorded: {answer}").into());
                }
            }
            rows.push(row(&format!("{name}, round {round}"), took, ""));
        }
    }
    let head = ["usage, 2,000,000 days", "p50 ms", "slowest ms", "at most ms"];
    report::table(&head, &rows)?;
    drop(server);
    connection.close().await?;
    cluster.drop(database).await
}

fn row(name: &str, mut took: Vec<Duration>, most: &str) -> Vec<String> {
    took.sort_unstable();
    let shown = |took: Option<&Duration>| {
        took.map_or(String::new(), |took| format!("{:.1}", took.as_secs_f64() * 1e3))
    };
    vec![
        name.to_owned(),
        shown(took.get(took.len() / 2)),
        shown(took.last()),
        most.to_owned(),
    ]
}

/// Credits that last for the whole of it.
fn grant(muster: &Path, database_url: &str, scratch: &Path) -> Result<()> {
    let done = std::process::Command::new(muster)
        .env_clear()
        .args(["admin", "--database-url", database_url, "--data-dir"])
        .arg(scratch.join("operator"))
        .args(["credits", "grant", "company-1", "1000000000"])
        .output()?;
    match done.status.success() {
        true => Ok(()),
        false => Err(String::from_utf8_lossy(&done.stderr).into_owned().into()),
    }
}

/// The last twelve months, up to today.
async fn period(connection: &mut PgConnection) -> Result<Value> {
    let sql = "SELECT (date_trunc('month', now() AT TIME ZONE 'UTC') - interval '11 months')::date::text AS first, (now() AT TIME ZONE 'UTC')::date::text AS last";
    let row = sqlx::query(sql).fetch_one(connection).await?;
    let (first, last): (String, String) = (row.try_get("first")?, row.try_get("last")?);
    Ok(json!({ "from": first, "to": last }))
}

async fn emails(connection: &mut PgConnection) -> Result<Vec<String>> {
    let sql = "SELECT u.email FROM users u JOIN account_slugs s ON s.account_id = u.account_id WHERE s.slug = 'company-1' ORDER BY u.id LIMIT 1000";
    Ok(sqlx::query_scalar(sql).fetch_all(connection).await?)
}

fn records(emails: &[String], credits: Option<&str>, key: &str, day: &Value) -> Value {
    let record = |email: &String| json!({ "email": email, "productCode": "product-0", "day": day, "minutes": 5, "launches": 1, "credits": credits, "key": key });
    json!({ "records": emails.iter().map(record).collect::<Vec<_>>() })
}
