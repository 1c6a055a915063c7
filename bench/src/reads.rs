//! Reading: the same pages asked of three servers, compared, then timed in turns.

use std::path::Path;
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use sqlx::Row;
use sqlx::postgres::PgConnection;
use uuid::Uuid;

use crate::cluster::{self, Cluster, Database};
use crate::load::{self, Answered, Load};
use crate::servers::{self, PASSWORD, Server};
use crate::{Result, RunArgs, cpu, page, report, usual};

/// How many mid-sized accounts are asked in turn.
const MID_SIZED: i64 = 16;
/// Pages are counted from one.
const DEEP: usize = 400;
/// The first twenty of the fifty or so with this name are found after reading some 20,000 users.
const SEARCHED: &str = "mona richter";

/// An account that is asked, and who asks.
pub struct Place {
    pub account: Uuid,
    pub token: String,
}

/// One scenario on one server.
struct Target {
    scenario: &'static str,
    server: &'static str,
    pid: u32,
    load: Load,
    seen: Vec<Seen>,
}

/// What one round saw.
struct Seen {
    answered: Answered,
    server: Duration,
    postgres: Duration,
}

struct Servers {
    muster: Server,
    limit: Server,
    usual: Server,
}

pub async fn measure(args: &RunArgs, cluster: &Cluster, muster: &Path) -> Result<()> {
    let begun = Instant::now();
    let database = cluster.create("reads", None).await?;
    servers::migrate(muster, &database)?;
    fill(&database).await?;
    report::say(&format!(
        "PostgreSQL: {}\nSeeded in {:.0} s: 1,000 accounts, 200,000 users, 60 products, 8,000 subscriptions, 600,000 assignments.\n\
         Load: {} connections, {} rounds of {} s in turns after a second of warm-up each; answers compared before timing.\n",
        cluster.description().await?,
        begun.elapsed().as_secs_f64(),
        args.connections,
        args.rounds,
        args.seconds,
    ))?;
    let servers = Servers {
        muster: Server::muster(muster, &database, &args.scratch, None).await?,
        limit: Server::own("limit", &database, &args.scratch).await?,
        usual: Server::own("usual", &database, &args.scratch).await?,
    };
    let mut targets = targets(&servers, &database, args.connections).await?;
    for _ in 0..args.rounds {
        for target in &mut targets {
            let seen = target.round(args.seconds, cluster.postmaster).await?;
            target.seen.push(seen);
        }
    }
    report::table(
        &[
            "scenario",
            "server",
            "requests/s",
            "of the limit",
            "p50 ms",
            "p99 ms",
            "CPU µs",
            "PostgreSQL µs",
        ],
        &rows(&targets),
    )?;
    drop(servers);
    cluster.drop(database).await
}

pub async fn fill(database: &Database) -> Result<()> {
    let mut connection = database.connection().await?;
    cluster::run_script(&mut connection, include_str!("sql/accounts.sql")).await?;
    cluster::set_password(&mut connection, PASSWORD).await?;
    sqlx::raw_sql("VACUUM ANALYZE").execute(&mut connection).await?;
    Ok(())
}

async fn targets(servers: &Servers, database: &Database, connections: usize) -> Result<Vec<Target>> {
    let mut connection = database.connection().await?;
    let mid_sized = places(
        &mut connection,
        &servers.muster,
        "WHERE users_active + users_pending BETWEEN 500 AND 2000 ORDER BY id LIMIT $1",
        MID_SIZED,
    )
    .await?;
    let largest = places(
        &mut connection,
        &servers.muster,
        "ORDER BY users_active + users_pending DESC LIMIT $1",
        1,
    )
    .await?;
    let Some(large) = largest.first() else {
        return Err("no account".into());
    };
    let (before, cursor) = deep_page(&servers.muster, large).await?;

    let first = page::users(None);
    let mut wanted = Vec::new();
    for (scenario, places) in [
        ("page, accounts of 500–2,000", &mid_sized),
        ("page, account of 50,000", &largest),
    ] {
        wanted.push((scenario, "Muster", of_muster(places, &first)));
        wanted.push((scenario, "limit", of_limit("page", places, "")));
        wanted.push((scenario, "async-graphql as usual", of_usual(places, &first)));
    }
    let deep = "page 400, account of 50,000";
    wanted.push((deep, "Muster", of_muster(&largest, &page::users(Some(&cursor)))));
    wanted.push((
        deep,
        "limit",
        of_limit("page", &largest, &format!("&after={before}")),
    ));
    let search = "search, account of 50,000";
    wanted.push((search, "Muster", of_muster(&largest, &page::search(SEARCHED))));
    let words = format!("&search={}", SEARCHED.replace(' ', "+"));
    wanted.push((search, "limit", of_limit("search", &largest, &words)));
    let product = product(&servers.muster, large).await?;
    for (scenario, query) in [
        ("100 people, account of 50,000", page::people()),
        (
            "100 who have a product, account of 50,000",
            page::holders(&product),
        ),
    ] {
        wanted.push((scenario, "Muster", of_muster(&largest, &query)));
    }

    let mut targets: Vec<Target> = Vec::new();
    for (scenario, server, requests) in wanted {
        let process = match server {
            "Muster" => &servers.muster,
            "limit" => &servers.limit,
            _ => &servers.usual,
        };
        let load = Load {
            address: process.address.clone(),
            connections,
            seconds: 1,
            requests,
        };
        targets.push(Target {
            scenario,
            server,
            pid: process.pid,
            load,
            seen: Vec::new(),
        });
    }
    compare(&targets).await?;
    Ok(targets)
}

/// Accounts with their administrators signed in.
pub async fn places(
    connection: &mut PgConnection,
    muster: &Server,
    which: &'static str,
    most: i64,
) -> Result<Vec<Place>> {
    let sql = format!("SELECT id, 'admin@' || slug || '.example' AS email FROM accounts {which}");
    let rows = sqlx::query(sqlx::AssertSqlSafe(sql))
        .bind(most)
        .fetch_all(connection)
        .await?;
    let mut places = Vec::with_capacity(rows.len());
    for row in rows {
        places.push(Place {
            account: row.try_get("id")?,
            token: muster.sign_in(row.try_get("email")?).await?,
        });
    }
    Ok(places)
}

pub fn of_muster(places: &[Place], query: &str) -> Vec<String> {
    let body = json!({ "query": query }).to_string();
    let request = |place: &Place| {
        load::post(
            "/graphql",
            &format!("Authorization: Bearer {}\r\n", place.token),
            &body,
        )
    };
    places.iter().map(request).collect()
}

fn of_limit(path: &str, places: &[Place], parameters: &str) -> Vec<String> {
    let request =
        |place: &Place| load::post(&format!("/{path}?account={}{parameters}", place.account), "", "");
    places.iter().map(request).collect()
}

fn of_usual(places: &[Place], query: &str) -> Vec<String> {
    let body = json!({ "query": query }).to_string();
    let request = |place: &Place| {
        load::post(
            "/graphql",
            &format!("{}: {}\r\n", usual::ACCOUNT_HEADER, place.account),
            &body,
        )
    };
    places.iter().map(request).collect()
}

/// Walks to the deep page once: gives back the last user before it, for who asks by id, and the cursor behind them.
async fn deep_page(muster: &Server, place: &Place) -> Result<(Uuid, String)> {
    let (mut after, mut last) = (Value::Null, Value::Null);
    for _ in 1..DEEP {
        let query = "query($first: Int!, $after: String) { account { users(first: $first, after: $after) { nodes { id } pageInfo { endCursor } } } }";
        let body = json!({ "query": query, "variables": { "first": page::LENGTH, "after": after } });
        let headers = format!("Authorization: Bearer {}\r\n", place.token);
        let answer = load::ask(
            &muster.address,
            &load::post("/graphql", &headers, &body.to_string()),
        )
        .await?;
        let users = &answer["data"]["account"]["users"];
        after = users["pageInfo"]["endCursor"].clone();
        last = users["nodes"]
            .as_array()
            .and_then(|nodes| nodes.last())
            .map_or(Value::Null, |node| node["id"].clone());
    }
    let id = last.as_str().and_then(|text| entity::ids::Kind::User.parse(text));
    let cursor = after.as_str().ok_or("there is no page so deep")?;
    Ok((id.ok_or("there is no page so deep")?, cursor.to_owned()))
}

/// A product of which somebody in an account has a seat.
async fn product(muster: &Server, place: &Place) -> Result<String> {
    let body = json!({ "query": "{ account { assignments(first: 1) { nodes { product { id } } } } }" });
    let headers = format!("Authorization: Bearer {}\r\n", place.token);
    let request = load::post("/graphql", &headers, &body.to_string());
    let answer = load::ask(&muster.address, &request).await?;
    let id = answer["data"]["account"]["assignments"]["nodes"][0]["product"]["id"].as_str();
    Ok(id.ok_or("there is no product")?.to_owned())
}

/// Nothing is timed that does not answer the same: every request of a scenario, on every server.
async fn compare(targets: &[Target]) -> Result<()> {
    for target in targets {
        let model = targets
            .iter()
            .find(|other| other.scenario == target.scenario)
            .unwrap_or(target);
        for (request, other) in target.load.requests.iter().zip(&model.load.requests) {
            let answer = load::ask(&target.load.address, request).await?;
            let expected = load::ask(&model.load.address, other).await?;
            let lists = ["/data/account/users/nodes", "/data/product/assignments/nodes"];
            let nodes = lists.iter().find_map(|list| answer.pointer(list)?.as_array());
            if nodes.is_none_or(Vec::is_empty) || answer["data"] != expected["data"] {
                return Err(format!(
                    "{}: {} answers {answer}\ninstead of {expected}",
                    target.scenario, target.server
                )
                .into());
            }
        }
    }
    Ok(())
}

impl Target {
    async fn round(&self, seconds: u64, postmaster: Option<u32>) -> Result<Seen> {
        self.load.apart().await?;
        let times = || {
            (
                cpu::of_process(self.pid),
                postmaster.map_or(Duration::ZERO, cpu::of_family),
            )
        };
        let before = times();
        let load = Load {
            seconds,
            ..self.load.clone()
        };
        let answered = load.apart().await?;
        let after = times();
        Ok(Seen {
            answered,
            server: after.0.saturating_sub(before.0),
            postgres: after.1.saturating_sub(before.1),
        })
    }

    fn mean(&self, figure: impl Fn(&Seen) -> f64) -> f64 {
        let sum: f64 = self.seen.iter().map(figure).sum();
        sum / f64::from(u32::try_from(self.seen.len()).unwrap_or(1).max(1))
    }

    fn rate(&self) -> f64 {
        self.mean(|seen| f64::from(seen.answered.count) / seen.answered.seconds)
    }
}

fn rows(targets: &[Target]) -> Vec<Vec<String>> {
    let row = |target: &Target| {
        let limit = targets
            .iter()
            .find(|other| other.scenario == target.scenario && other.server == "limit");
        let each =
            |time: Duration, seen: &Seen| time.as_secs_f64() * 1e6 / f64::from(seen.answered.count.max(1));
        vec![
            target.scenario.to_owned(),
            target.server.to_owned(),
            format!("{:.0}", target.rate()),
            limit.map_or_else(String::new, |limit| {
                format!("{:.2}", target.rate() / limit.rate())
            }),
            format!("{:.1}", target.mean(|seen| f64::from(seen.answered.p50) / 1e3)),
            format!("{:.1}", target.mean(|seen| f64::from(seen.answered.p99) / 1e3)),
            format!("{:.0}", target.mean(|seen| each(seen.server, seen))),
            format!("{:.0}", target.mean(|seen| each(seen.postgres, seen))),
        ]
    };
    targets.iter().map(row).collect()
}
