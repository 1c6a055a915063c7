//! Whoever asks: what a request costs that asks for nothing, what sessions and API tokens add, how many connections are served, and how fast people come in.

use std::path::Path;
use std::time::{Duration, Instant};

use secrecy::SecretString;
use serde_json::json;
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;

use crate::cluster::Cluster;
use crate::imports::ask;
use crate::load::{Answered, Load};
use crate::reads::{Place, fill, of_muster, places};
use crate::servers::{self, PASSWORD, Server};
use crate::{Result, RunArgs, cpu, load, page, report};

/// Accounts that are asked, and whose administrators come in. A session may be renewed 300 times in a quarter of an hour.
const ACCOUNTS: i64 = 64;
const RENEWALS_OF_ONE: usize = 290;
/// Connections of more and more consoles.
const CONNECTIONS: [usize; 3] = [16, 64, 256];
/// People who sign in at the same time: more than there are cores.
const COMING_IN: usize = 4;

pub async fn measure(args: &RunArgs, cluster: &Cluster, muster: &Path) -> Result<()> {
    let database = cluster.create("callers", None).await?;
    servers::migrate(muster, &database)?;
    fill(&database).await?;
    let server = Server::muster(muster, &database, &args.scratch, None).await?;
    tokio::time::sleep(Duration::from_secs(2)).await;
    let at_rest = cpu::memory(server.pid);
    let mut connection = database.connection().await?;
    let which = "WHERE users_active + users_pending BETWEEN 100 AND 1000 ORDER BY id LIMIT $1";
    let sessions = places(&mut connection, &server, which, ACCOUNTS).await?;
    let mut scripts = Vec::with_capacity(sessions.len());
    for place in &sessions {
        scripts.push(place.with(api_token(&server, &place.token).await?));
    }

    let nothing = "{ __typename }";
    let users = page::users(None);
    let mut rows = Vec::new();
    for (what, places, query) in [
        ("nothing, with a session", &sessions, nothing),
        ("nothing, with an API token", &scripts, nothing),
        ("page of users, with a session", &sessions, &users),
        ("page of users, with an API token", &scripts, &users),
    ] {
        let requests = of_muster(places, query);
        rows.push(asked(what, args.connections, args.seconds, &server, cluster, requests).await?);
    }
    for connections in CONNECTIONS {
        let what = format!("page of users, {connections} connections");
        let requests = of_muster(&sessions, &users);
        rows.push(asked(&what, connections, args.seconds, &server, cluster, requests).await?);
    }
    report::table(
        &[
            "asked",
            "requests/s",
            "p50 ms",
            "p99 ms",
            "CPU µs",
            "PostgreSQL µs",
        ],
        &rows,
    )?;

    let for_so_long = Duration::from_secs(args.seconds);
    let hashes = hashes(&mut connection, for_so_long).await?;
    let entered = sign_ins(&server, &mut connection, for_so_long).await?;
    let renewed = renewals(&server, &mut connection, args.connections).await?;
    let share = format!("{:.2}", entered / hashes);
    let rows = [
        ("passwords compared, and nothing else", hashes, String::new()),
        ("sign-ins with a password", entered, share),
        ("renewals of sessions", renewed, String::new()),
    ];
    let rows = rows.map(|(what, rate, share)| vec![what.to_owned(), format!("{rate:.0}"), share]);
    report::table(&["coming in", "a second", "of the comparisons"], &rows)?;
    report::say(&format!(
        "Memory of the server: {at_rest} MiB at rest, {} MiB at the most.\n",
        cpu::most_memory(server.pid)
    ))?;
    drop((server, connection));
    cluster.drop(database).await
}

async fn asked(
    what: &str,
    connections: usize,
    seconds: u64,
    server: &Server,
    cluster: &Cluster,
    requests: Vec<String>,
) -> Result<Vec<String>> {
    let mut load = Load {
        address: server.address.clone(),
        connections,
        seconds: 1,
        requests,
    };
    load.apart().await?;
    load.seconds = seconds;
    let times = || {
        (
            cpu::of_process(server.pid),
            cluster.postmaster.map_or(Duration::ZERO, cpu::of_family),
        )
    };
    let before = times();
    let Answered {
        count,
        seconds,
        p50,
        p99,
    } = load.apart().await?;
    let after = times();
    let each = |time: Duration| format!("{:.0}", time.as_secs_f64() * 1e6 / f64::from(count.max(1)));
    let ms = |micros: u32| format!("{:.1}", f64::from(micros) / 1e3);
    Ok(vec![
        what.to_owned(),
        format!("{:.0}", f64::from(count) / seconds),
        ms(p50),
        ms(p99),
        each(after.0.saturating_sub(before.0)),
        each(after.1.saturating_sub(before.1)),
    ])
}

impl Place {
    /// The same account, asked with another token.
    fn with(&self, token: String) -> Self {
        Self {
            account: self.account,
            token,
        }
    }
}

async fn api_token(server: &Server, session: &str) -> Result<String> {
    let create = "mutation($input: CreateApiTokenInput!) { createApiToken(input: $input) { secret userErrors { message } } }";
    #[expect(clippy::disallowed_methods, reason = "the server's clock is this machine's")]
    let until = sqlx::types::chrono::Utc::now() + Duration::from_hours(20);
    let input = json!({ "name": "bench", "scopes": ["USERS_READ", "ASSIGNMENTS_READ"], "expiresAt": until.to_rfc3339() });
    let answer = ask(server, session, create, &input).await?;
    let secret = answer["createApiToken"]["secret"].as_str();
    Ok(secret.ok_or_else(|| format!("no token: {answer}"))?.to_owned())
}

/// Comparisons of a password with its hash a second, by this process, as many at a time as people come in.
async fn hashes(connection: &mut sqlx::PgConnection, for_so_long: Duration) -> Result<f64> {
    let hash: String = sqlx::query_scalar("SELECT password_hash FROM identities LIMIT 1")
        .fetch_one(connection)
        .await?;
    let begun = Instant::now();
    let one = async || {
        let mut count = 0;
        while begun.elapsed() < for_so_long {
            let compared =
                muster::sessions::password::hash::verify(SecretString::from(PASSWORD), Some(hash.clone()));
            if !compared.await.map_err(|error| format!("{error:?}"))? {
                return Err("the password is another".into());
            }
            count += 1;
        }
        Result::Ok(count)
    };
    rate(begun, (0..COMING_IN).map(|_| one())).await
}

async fn sign_ins(
    server: &Server,
    connection: &mut sqlx::PgConnection,
    for_so_long: Duration,
) -> Result<f64> {
    let emails = emails(connection).await?;
    let begun = Instant::now();
    let one = async |number: usize| {
        let mut stream = TcpStream::connect(&server.address).await?;
        let mut count = 0;
        for email in emails.iter().cycle().skip(number) {
            if begun.elapsed() > for_so_long {
                break;
            }
            enter(&mut stream, email).await?;
            count += 1;
        }
        Result::Ok(count)
    };
    rate(begun, (0..COMING_IN).map(one)).await
}

/// Each connection renews sessions of its own, one after the other, as often as they may be.
async fn renewals(server: &Server, connection: &mut sqlx::PgConnection, connections: usize) -> Result<f64> {
    let emails = emails(connection).await?;
    let mut cookies = Vec::with_capacity(emails.len());
    let mut stream = TcpStream::connect(&server.address).await?;
    for email in &emails {
        cookies.push(enter(&mut stream, email).await?);
    }
    let begun = Instant::now();
    let one = async |cookies: Vec<String>| {
        let mut stream = TcpStream::connect(&server.address).await?;
        let mut count = 0;
        for mut cookie in cookies {
            for _ in 0..RENEWALS_OF_ONE {
                let headers = format!("Origin: http://{}\r\nCookie: {cookie}\r\n", server.address);
                cookie = cookie_of(&mut stream, &load::post("/auth/refresh", &headers, "")).await?;
                count += 1;
            }
        }
        Result::Ok(count)
    };
    let shares = cookies
        .chunks(cookies.len().div_ceil(connections))
        .map(<[String]>::to_vec);
    rate(begun, shares.map(one)).await
}

async fn emails(connection: &mut sqlx::PgConnection) -> Result<Vec<String>> {
    let sql = "SELECT email FROM identities ORDER BY id LIMIT $1";
    Ok(sqlx::query_scalar(sql)
        .bind(ACCOUNTS)
        .fetch_all(connection)
        .await?)
}

/// Signs in, and answers the cookie of the session.
async fn enter(stream: &mut TcpStream, email: &str) -> Result<String> {
    let body = json!({ "email": email, "password": PASSWORD }).to_string();
    cookie_of(stream, &load::post("/auth/sign-in", "", &body)).await
}

async fn cookie_of(stream: &mut TcpStream, request: &str) -> Result<String> {
    stream.write_all(request.as_bytes()).await?;
    let mut buffer = Vec::new();
    let head = load::answer(stream, &mut buffer).await?;
    let head = std::str::from_utf8(&buffer[..head])?;
    let set = head.lines().find_map(|line| {
        let (name, value) = line.split_once(':')?;
        name.eq_ignore_ascii_case("set-cookie").then_some(value)
    });
    let cookie = set.and_then(|set| set.split(';').next());
    Ok(cookie.ok_or("no cookie")?.trim().to_owned())
}

/// What several did together, a second.
async fn rate<F>(begun: Instant, all: impl Iterator<Item = F>) -> Result<f64>
where
    F: Future<Output = Result<u32>>,
{
    let counts = futures::future::try_join_all(all).await?;
    Ok(f64::from(counts.iter().sum::<u32>()) / begun.elapsed().as_secs_f64())
}
