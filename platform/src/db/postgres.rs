//! PostgreSQL: the pools of both lanes, the limits the server keeps, and replicas that migrate by turns.

use std::str::FromStr;
use std::sync::Arc;
use std::time::Duration;

use migration::MigratorTrait;
use sea_orm::SqlxPostgresConnector;
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};

use super::durable::Durability;
use super::kept::Kept;
use super::writer::Writer;
use super::{Counted, DbSettings, Pools, Reader};
use crate::error::{Error, Result};

/// Who migrates takes this advisory lock, so that replicas that start together take turns. The number is the project's own.
const MIGRATION_LOCK: i64 = 0x006d_7573_7465_7201;
/// Nobody waits for the background, so it may wait.
const BACKGROUND_ACQUIRE_WITHIN: Duration = Duration::from_secs(10);
/// How much longer than those of requests its statements and its waiting for locks may take.
const BACKGROUND_FACTOR: u32 = 4;
/// Statements a connection keeps prepared: more than there are shapes of questions in use at a time.
const STATEMENTS_KEPT: usize = 500;
/// Statements are few, and each has one way to go that is right for every account: it is planned once for each connection. Left to itself, the
/// server plans a list of ids anew each time, which costs two or three times what running it does.
const PLANNED: &str = "force_generic_plan";
/// How long a process that starts waits for the server.
const START_WITHIN: Duration = Duration::from_secs(10);

/// Connects nothing yet. Statements of requests are `counted`.
pub fn open(url: &str, settings: &DbSettings, counted: &Counted) -> Result<(Pools, Pools, Durability)> {
    let options = PgConnectOptions::from_str(url)
        .map_err(Error::internal)?
        .application_name("muster")
        .statement_cache_capacity(STATEMENTS_KEPT);
    // Of twenty: nine to read and seven to write for requests, two of each in the background.
    let background = (settings.connections / 10).max(1);
    let rest = settings.connections.saturating_sub(2 * background);
    let writing = (rest * 7 / 16).max(1);
    let reading = rest.saturating_sub(writing).max(1);
    let requests = pools(&options, settings, writing, reading, counted)?;
    let patient = DbSettings {
        statement_within: settings.statement_within * BACKGROUND_FACTOR,
        lock_within: settings.lock_within * BACKGROUND_FACTOR,
        acquire_within: BACKGROUND_ACQUIRE_WITHIN,
        ..settings.clone()
    };
    // Told of, and not counted: what a request costs is what is held to a number.
    let told: Counted = Arc::new(super::tell);
    let background = pools(&options, &patient, background, background, &told)?;
    let durability = Durability::start(options, settings.acquire_within);
    Ok((requests, background, durability))
}

fn pools(
    options: &PgConnectOptions,
    settings: &DbSettings,
    writing: u32,
    reading: u32,
    counted: &Counted,
) -> Result<Pools> {
    let milliseconds = |limit: Duration| limit.as_millis().to_string();
    let limited = options.clone().options([
        ("statement_timeout", milliseconds(settings.statement_within)),
        ("lock_timeout", milliseconds(settings.lock_within)),
        (
            "idle_in_transaction_session_timeout",
            milliseconds(settings.idle_within),
        ),
        ("plan_cache_mode", PLANNED.to_owned()),
        // A plan that is kept was perhaps made while a table was empty, when reading all of it was cheapest.
        ("enable_seqscan", "off".to_owned()),
    ]);
    let read_only = limited.clone().options([("default_transaction_read_only", "on")]);
    // Whoever commits waits for the disk afterwards, together with others (`durable`).
    let committing = limited.options([("synchronous_commit", "off")]);
    let kept = |options, most| Kept::new(options, most, settings.acquire_within, counted.clone());
    Ok(Pools {
        writer: Writer::Kept(Arc::new(kept(committing, writing).map_err(Error::internal)?)),
        reader: Reader::kept(kept(read_only, reading).map_err(Error::internal)?),
    })
}

/// On a connection of its own, which has no limits: a step may take long.
pub async fn migrate(url: &str) -> Result<()> {
    let single = PgPoolOptions::new()
        .max_connections(1)
        .acquire_timeout(START_WITHIN)
        .connect(url)
        .await
        .map_err(Error::unavailable)?;
    let connection = SqlxPostgresConnector::from_sqlx_postgres_pool(single.clone());
    sqlx::query("SELECT pg_advisory_lock($1)")
        .bind(MIGRATION_LOCK)
        .execute(&single)
        .await
        .map_err(Error::internal)?;
    // The lock goes with the connection, whatever the migration answers.
    let migrated = migration::Migrator::up(&connection, None).await;
    single.close().await;
    Ok(migrated?)
}
