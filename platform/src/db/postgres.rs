//! PostgreSQL: the pools of both lanes, the limits the server keeps, and replicas that migrate by turns.

use std::str::FromStr;
use std::sync::Arc;
use std::time::Duration;

use migration::MigratorTrait;
use sea_orm::SqlxPostgresConnector;
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};

use super::durable::Durability;
use super::kept::Kept;
use super::snapshot::{self, Snapshots};
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
pub const PLANNED: &str = "force_generic_plan";
/// How long a process that starts waits for the server.
const START_WITHIN: Duration = Duration::from_secs(10);

/// All connections to a server.
pub struct Opened {
    pub requests: Pools,
    pub background: Pools,
    pub snapshots: Snapshots,
    pub durability: Durability,
}

/// Connects nothing yet. Statements of requests are `counted`; others are `told` of and not counted: what a request costs is what is held to a number.
pub fn open(url: &str, settings: &DbSettings, counted: &Counted, told: &Counted) -> Result<Opened> {
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
    let background = pools(&options, &patient, background, background, told)?;
    // Whoever reads at one moment is as patient as the background, and has no share in what the settings count.
    let at_one_moment = limited(&options, &patient).options([
        ("default_transaction_read_only", "on"),
        ("default_transaction_isolation", "repeatable read"),
    ]);
    let snapshots = Kept::new(
        at_one_moment,
        snapshot::AT_ONCE,
        patient.acquire_within,
        told.clone(),
    );
    let snapshots = Snapshots::Kept(Arc::new(snapshots.map_err(Error::internal)?));
    let durability = Durability::start(options, settings.acquire_within);
    Ok(Opened {
        requests,
        background,
        snapshots,
        durability,
    })
}

/// The limits the server keeps, and how it plans.
fn limited(options: &PgConnectOptions, settings: &DbSettings) -> PgConnectOptions {
    let milliseconds = |limit: Duration| limit.as_millis().to_string();
    options.clone().options([
        ("statement_timeout", milliseconds(settings.statement_within)),
        ("lock_timeout", milliseconds(settings.lock_within)),
        (
            "idle_in_transaction_session_timeout",
            milliseconds(settings.idle_within),
        ),
        ("plan_cache_mode", PLANNED.to_owned()),
        // A plan that is kept was perhaps made while a table was empty, when reading all of it was cheapest.
        ("enable_seqscan", "off".to_owned()),
        // Where there is no other way than reading all of a small table, the setting above makes that look so dear that the server would compile it first: a tenth
        // of a second for two rows.
        ("jit", "off".to_owned()),
    ])
}

fn pools(
    options: &PgConnectOptions,
    settings: &DbSettings,
    writing: u32,
    reading: u32,
    counted: &Counted,
) -> Result<Pools> {
    let limited = limited(options, settings);
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
