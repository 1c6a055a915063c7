//! The project's own benchmark: Muster beside what bounds it, on the same rows in the same run.
//!
//! - [`reads`]: pages of users, answered by Muster, by a handler that writes the same JSON from plain rows ([`limit`]: what the machine can
//!   do at most), and by async-graphql written the usual way ([`usual`]). The answers are compared before anything is timed.
//! - [`imports`]: 5,000 people through a running server with its worker, beside `COPY` of the very same rows.
//! - [`exports`]: 50,000 people with their products as a file, beside `COPY … TO` of the same join.
//! - [`usage`]: reports over two million days of one account, and recording, beside what each may take.
//! - [`neighbours`]: what other accounts notice while one is as loud as it can be.
//! - [`callers`]: the floor of a request, sessions and API tokens, many connections, signing in.
//! - [`sockets`]: ten thousand subscriptions that wait.
//!
//! Every server and the load are processes of their own, all on loopback. Only ratios within one run mean anything: the machine, and what else
//! it is doing, is in every figure.

mod callers;
mod cluster;
mod cpu;
mod exports;
mod imports;
mod limit;
mod load;
mod neighbours;
mod page;
mod reads;
mod report;
mod servers;
mod sockets;
mod usage;
mod usual;

use std::io::Write;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, Parser, Subcommand};

/// The same as Muster's, so that the limit has no other.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

type Result<T> = std::result::Result<T, Box<dyn std::error::Error + Send + Sync>>;

/// Measures Muster on PostgreSQL.
#[derive(Parser)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Everything: databases, servers, load, table.
    Run(RunArgs),
    /// The handler that writes the page from plain rows.
    Limit(ServeArgs),
    /// The same page by async-graphql the usual way.
    Usual(ServeArgs),
    /// Loads one server with what standard input says, and answers what came of it.
    Load,
    /// Takes processor time, and does nothing with it.
    Burn(BurnArgs),
}

#[derive(Args)]
struct BurnArgs {
    #[arg(long)]
    cores: f64,
    #[arg(long)]
    seconds: u64,
}

#[derive(Args)]
struct RunArgs {
    /// A PostgreSQL where databases may be made. They are named `muster_bench_…` and dropped afterwards.
    #[arg(long, env = "DATABASE_URL", hide_env_values = true)]
    database_url: String,
    /// The cluster is there for this run alone: its durability may be set.
    #[arg(long)]
    private: bool,
    /// An empty folder for data, mails and logs of the servers.
    #[arg(long)]
    scratch: PathBuf,
    /// The program to measure. Without it: `muster` beside this one.
    #[arg(long)]
    muster: Option<PathBuf>,
    /// How long each target is loaded in a round.
    #[arg(long, default_value_t = 5)]
    seconds: u64,
    #[arg(long, default_value_t = 2)]
    rounds: usize,
    #[arg(long, default_value_t = 16)]
    connections: usize,
    /// Only one part.
    #[arg(long, value_enum)]
    only: Option<Part>,
}

#[derive(Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Part {
    Reads,
    Imports,
    Exports,
    Usage,
    Neighbours,
    Callers,
    Sockets,
}

#[derive(Args)]
struct ServeArgs {
    #[arg(long)]
    port: u16,
    #[arg(long, env = "DATABASE_URL", hide_env_values = true)]
    database_url: String,
}

fn main() -> ExitCode {
    let command = Cli::parse().command;
    // One thread makes all the load this machine can answer; more would take from those who answer.
    let mut runtime = match command {
        Command::Load => tokio::runtime::Builder::new_current_thread(),
        _ => tokio::runtime::Builder::new_multi_thread(),
    };
    let done = runtime
        .enable_all()
        .build()
        .map_err(Into::into)
        .and_then(|runtime| {
            runtime.block_on(async {
                match command {
                    Command::Run(args) => run(&args).await,
                    Command::Limit(args) => limit::serve(&args).await,
                    Command::Usual(args) => usual::serve(&args).await,
                    Command::Load => load::run().await,
                    Command::Burn(args) => {
                        neighbours::burn(&args);
                        Ok(())
                    }
                }
            })
        });
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            let _ = writeln!(std::io::stderr(), "bench: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn run(args: &RunArgs) -> Result<()> {
    let muster = match &args.muster {
        Some(path) => path.clone(),
        None => std::env::current_exe()?.with_file_name("muster"),
    };
    let cluster = cluster::Cluster::connect(&args.database_url).await?;
    let is_wanted = |part| args.only.is_none_or(|only| only == part);
    if is_wanted(Part::Reads) {
        reads::measure(args, &cluster, &muster).await?;
    }
    if is_wanted(Part::Callers) {
        callers::measure(args, &cluster, &muster).await?;
    }
    if is_wanted(Part::Sockets) {
        sockets::measure(args, &cluster, &muster).await?;
    }
    if is_wanted(Part::Neighbours) {
        neighbours::measure(args, &cluster, &muster).await?;
    }
    if is_wanted(Part::Exports) {
        exports::measure(args, &cluster, &muster).await?;
    }
    if is_wanted(Part::Usage) {
        usage::measure(args, &cluster, &muster).await?;
    }
    if args.private {
        cluster.make_durable().await?;
    }
    if is_wanted(Part::Imports) {
        imports::measure(args, &cluster, &muster).await?;
    }
    Ok(())
}
