//! Neighbours: what other accounts notice while one has a 5,000-row import rehearsed, again and again, and fifty clicks of it come in all the while.
//!
//! The machine is shared, and some of what they notice is only that somebody else computes. So the same is measured a third time while a stranger to Muster
//! takes as much processor time as the loud account did: what is left of the difference is Muster's to mend.

use std::path::Path;
use std::process::{Child, Command};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use serde_json::{Value, json};
use tokio::task::JoinSet;
use tokio::time::Instant;

use crate::cluster::Cluster;
use crate::imports::{ask, upload};
use crate::load::{Answered, Load};
use crate::reads::{Place, fill, of_muster, places};
use crate::servers::Server;
use crate::{BurnArgs, Result, RunArgs, cpu, load, page, report, servers};

const OTHERS: i64 = 16;
const ROWS: usize = 5_000;
const CLICKS: usize = 50;

/// What the loud account got done.
#[derive(Default)]
struct Noise {
    rehearsals: AtomicU64,
    clicks: AtomicU64,
}

pub async fn measure(args: &RunArgs, cluster: &Cluster, muster: &Path) -> Result<()> {
    let database = cluster.create("neighbours", None).await?;
    servers::migrate(muster, &database)?;
    fill(&database).await?;
    let server = Arc::new(Server::muster(muster, &database, &args.scratch, None).await?);
    let mut connection = database.connection().await?;
    let others = "WHERE users_active + users_pending BETWEEN 100 AND 1000 ORDER BY id LIMIT $1";
    let others = places(&mut connection, &server, others, OTHERS).await?;
    let loud = "ORDER BY users_active + users_pending DESC LIMIT $1";
    let loud = places(&mut connection, &server, loud, 1).await?;
    let loud = loud.first().ok_or("no account")?;

    let mut kinds = vec![("pages", of_muster(&others, &page::users(None)))];
    kinds.push(("changes", changes(&server, &others).await?));
    let mut rows = Vec::new();
    for round in 1..=args.rounds {
        for (kind, requests) in &kinds {
            let load = Load {
                address: server.address.clone(),
                // Few enough that the machine itself is not what they wait for.
                connections: 2,
                seconds: args.seconds,
                requests: requests.clone(),
            };
            let at_work =
                || cpu::of_process(server.pid) + cluster.postmaster.map_or(Duration::ZERO, cpu::of_family);
            let began = at_work();
            let quiet = load.apart().await?;
            let each = at_work().saturating_sub(began).as_secs_f64() / f64::from(quiet.count.max(1));
            let (loaded, noise, taken) = beside(&server, &loud.token, &load, at_work).await?;
            let share = (taken.as_secs_f64() - each * f64::from(loaded.count)) / loaded.seconds;
            let burning = Burning::start(share, args.seconds + 1)?;
            let burnt = load.apart().await?;
            drop(burning);
            rows.push(row(round, kind, [quiet, loaded, burnt], share, &noise));
        }
    }
    report::say(&format!(
        "Other accounts while one has {ROWS} rows rehearsed and {CLICKS} clicks under way all the time, and while a stranger takes as many cores."
    ))?;
    let head = [
        "others",
        "quiet p50 ms",
        "quiet p99 ms",
        "loaded p50 ms",
        "loaded p99 ms",
        "p99 ratio",
        "cores taken",
        "stranger p99 ms",
        "ratio",
        "rehearsals",
        "clicks",
    ];
    report::table(&head, &rows)?;
    drop((server, connection));
    cluster.drop(database).await
}

fn row(round: usize, kind: &str, seen: [Answered; 3], share: f64, noise: &Noise) -> Vec<String> {
    let [quiet, loaded, burnt] = seen;
    let ms = |micros: u32| format!("{:.1}", f64::from(micros) / 1e3);
    let ratio = |of: Answered| format!("{:.2}", f64::from(of.p99) / f64::from(quiet.p99.max(1)));
    vec![
        format!("{kind}, round {round}"),
        ms(quiet.p50),
        ms(quiet.p99),
        ms(loaded.p50),
        ms(loaded.p99),
        ratio(loaded),
        format!("{share:.2}"),
        ms(burnt.p99),
        ratio(burnt),
        noise.rehearsals.load(Ordering::Relaxed).to_string(),
        noise.clicks.load(Ordering::Relaxed).to_string(),
    ]
}

/// A process that does nothing but take processor time.
struct Burning(Child);

impl Burning {
    /// Takes so many cores' time, for so many seconds at the most.
    fn start(cores: f64, seconds: u64) -> Result<Self> {
        let mut command = Command::new(std::env::current_exe()?);
        command
            .arg("burn")
            .arg(format!("--cores={:.3}", cores.max(0.0)))
            .arg(format!("--seconds={seconds}"));
        Ok(Self(command.spawn()?))
    }
}

impl Drop for Burning {
    fn drop(&mut self) {
        // What has ended already need not be told.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// The process: spreads the time it takes evenly over as few threads as that needs.
pub fn burn(args: &BurnArgs) {
    let threads = (1..64_u32)
        .find(|count| f64::from(*count) >= args.cores)
        .unwrap_or(64);
    let work = args.cores / f64::from(threads);
    let turn = Duration::from_millis(20);
    let until = std::time::Instant::now() + Duration::from_secs(args.seconds);
    let burn = || {
        while std::time::Instant::now() < until {
            let begun = std::time::Instant::now();
            while begun.elapsed() < turn.mul_f64(work) {
                std::hint::spin_loop();
            }
            std::thread::sleep(turn.mul_f64((1.0 - work).max(0.0)));
        }
    };
    std::thread::scope(|scope| {
        for _ in 1..threads {
            scope.spawn(burn);
        }
        burn();
    });
}

/// Each administrator writes their own name anew.
async fn changes(server: &Server, places: &[Place]) -> Result<Vec<String>> {
    let mut requests = Vec::with_capacity(places.len());
    for place in places {
        let who = json!({ "query": "{ viewer { user { id } } }" }).to_string();
        let request = load::post("/graphql", &bearer(&place.token), &who);
        let answer = load::ask(&server.address, &request).await?;
        let id = answer["data"]["viewer"]["user"]["id"]
            .as_str()
            .ok_or("nobody is signed in")?;
        let query = "mutation($input: UpdateUserInput!) { updateUser(input: $input) { user { id } userErrors { code } } }";
        let input = json!({ "userId": id, "givenName": "Ada" });
        let body = json!({ "query": query, "variables": { "input": input } }).to_string();
        requests.push(load::post("/graphql", &bearer(&place.token), &body));
    }
    Ok(requests)
}

fn bearer(token: &str) -> String {
    format!("Authorization: Bearer {token}\r\n")
}

/// Measures a load while the loud account makes its noise, and what processor time that took together.
async fn beside(
    server: &Arc<Server>,
    token: &str,
    load: &Load,
    at_work: impl Fn() -> Duration,
) -> Result<(Answered, Arc<Noise>, Duration)> {
    let noise = Arc::new(Noise::default());
    let mut loud = JoinSet::new();
    loud.spawn(rehearse(server.clone(), token.to_owned(), noise.clone()));
    for number in 0..CLICKS {
        loud.spawn(click(server.clone(), token.to_owned(), number, noise.clone()));
    }
    // Until all of it is under way.
    tokio::time::sleep(Duration::from_secs(1)).await;
    let began = at_work();
    let measuring = load.apart();
    tokio::pin!(measuring);
    let answered = tokio::select! {
        answered = &mut measuring => answered?,
        Some(ended) = loud.join_next() => {
            return Err(format!("the loud account fell silent: {ended:?}").into());
        }
    };
    Ok((answered, noise, at_work().saturating_sub(began)))
}

/// One rehearsal after the other.
async fn rehearse(server: Arc<Server>, token: String, noise: Arc<Noise>) -> Result<()> {
    let lines = (0..ROWS)
        .map(|number| format!("Given{number},Family{number},rehearsed.{number}@company-1.example\n"));
    let file: String = std::iter::once("First Name,Last Name,Email\n".to_owned())
        .chain(lines)
        .collect();
    loop {
        let upload_id = upload(&server, &token, file.clone()).await?;
        let start = "mutation($input: StartImportInput!) { startImport(input: $input) { import { id } userErrors { message } } }";
        let input = json!({ "uploadId": upload_id, "mode": "DRY_RUN" });
        let answer = patiently(&server, &token, start, &input).await?;
        let id = answer["startImport"]["import"]["id"].clone();
        let look =
            json!({ "query": "query($id: ID!) { import(id: $id) { status } }", "variables": { "id": id } })
                .to_string();
        let look = load::post("/graphql", &bearer(&token), &look);
        let begun = Instant::now();
        while load::ask(&server.address, &look).await?["data"]["import"]["status"] != "AWAITING_CONFIRMATION"
        {
            if begun.elapsed() > Duration::from_mins(5) {
                return Err("a rehearsal did not end".into());
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        noise.rehearsals.fetch_add(1, Ordering::Relaxed);
        let cancel = "mutation($input: CancelImportInput!) { cancelImport(input: $input) { import { id } } }";
        patiently(&server, &token, cancel, &json!({ "importId": id })).await?;
    }
}

/// Asked until the account's line has room.
async fn patiently(server: &Server, token: &str, query: &str, input: &Value) -> Result<Value> {
    for _ in 0..600 {
        match ask(server, token, query, input).await {
            Ok(answer) if answer.is_object() => return Ok(answer),
            _ => tokio::time::sleep(Duration::from_millis(100)).await,
        }
    }
    Err("the loud account's line had no room for a minute".into())
}

/// One click after the other; those that are told to come later are clicks as well.
async fn click(server: Arc<Server>, token: String, number: usize, noise: Arc<Noise>) -> Result<()> {
    let query = "mutation($input: InviteUserInput!) { inviteUser(input: $input) { user { id } } }";
    let input = json!({ "email": format!("clicked.{number}@company-1.example") });
    loop {
        let _ = ask(&server, &token, query, &input).await;
        noise.clicks.fetch_add(1, Ordering::Relaxed);
    }
}
