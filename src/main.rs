//! The binary: serve · worker · migrate · schema · demo · import, assign, unassign, undo, export and usage (clients) · admin.

use std::io::Write;
use std::process::ExitCode;

use clap::{Parser, Subcommand};
use muster::admin::{self, AdminArgs};
use muster::background::worker;
use muster::client::{
    self, AssignArgs, ClientError, ExportArgs, ImportArgs, Summary, UnassignArgs, UndoArgs, UsageArgs,
};
use muster::config::Config;
use muster::demo::{self, DemoArgs};
use muster::error::{Error, Result};
use muster::platform::db::Db;
use muster::platform::logging;
use muster::server::{self, Server};
use muster::{api, jobs};
use tokio::sync::watch;

/// A request makes and drops some thousand small things, which the system's allocator is slow at (`docs/decisions/0002`).
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// People, seats and roles of a seat-licensed product's customers, over GraphQL.
#[derive(Parser)]
#[command(version, about)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Answer requests, and work in the background beside.
    Serve(Box<Config>),
    /// Work in the background only.
    Worker(Box<Config>),
    /// Bring the database's schema up to date.
    Migrate(Box<Config>),
    /// Print the GraphQL schema.
    Schema,
    /// Try everything out: embedded parts, a sample account, 5,000 people imported.
    Demo {
        #[command(flatten)]
        config: Box<Config>,
        #[command(flatten)]
        demo: DemoArgs,
    },
    /// Import a CSV file of people into any server.
    Import(ImportArgs),
    /// Give everybody in a CSV file the same products.
    Assign(AssignArgs),
    /// Take seats of the same products back from everybody in a CSV file.
    Unassign(UnassignArgs),
    /// Take back what an import did.
    Undo(UndoArgs),
    /// Make a file of an account's people, seats or audit log, on any server.
    Export(ExportArgs),
    /// What people used of products.
    Usage(UsageArgs),
    /// Accounts, catalogue and subscriptions.
    Admin {
        #[command(flatten)]
        config: Box<Config>,
        #[command(flatten)]
        admin: AdminArgs,
    },
}

/// What the process ends with when its arguments make no sense (`EX_USAGE`): 2 says of an import that some rows failed.
const WRONG_USAGE: u8 = 64;

#[tokio::main]
async fn main() -> ExitCode {
    // Both TLS users of the process, the database's and the web's, share this one.
    let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => {
            // Help and version are asked for; all else is not how the program is used.
            let _ = error.print();
            return if error.use_stderr() {
                ExitCode::from(WRONG_USAGE)
            } else {
                ExitCode::SUCCESS
            };
        }
    };
    let is_server = matches!(cli.command, Command::Serve(_) | Command::Worker(_));
    let asked = std::env::var("MUSTER_LOG");
    logging::start(
        asked
            .as_deref()
            .unwrap_or(if is_server { "info" } else { "warn" }),
    );
    match Box::pin(run(cli.command)).await {
        Ok(code) => code,
        Err(error) => {
            let _ = writeln!(std::io::stderr(), "muster: {}", told(&error));
            ExitCode::FAILURE
        }
    }
}

async fn run(command: Command) -> Result<ExitCode> {
    match command {
        Command::Serve(config) => {
            let server = Server::start(&config).await?;
            tracing::info!(address = %server.address, url = %server.public_url, "serving");
            server.run(stop_signal()).await?;
        }
        Command::Worker(config) => {
            worker::work(server::worker_app(&config).await?, jobs::carry_out, stop_signal()).await;
        }
        Command::Migrate(config) => {
            Db::open(&config.database_url(), &config.database())
                .await?
                .migrate()
                .await?;
        }
        Command::Schema => print(api::sdl().trim_end())?,
        Command::Demo { config, demo } => Box::pin(demo::run(*config, demo, stop_signal())).await?,
        Command::Import(args) => return Ok(brought(client::run(args).await)),
        Command::Assign(args) => return Ok(brought(client::assign(args).await)),
        Command::Unassign(args) => return Ok(brought(client::unassign(args).await)),
        Command::Undo(args) => return Ok(brought(client::undo(args).await)),
        Command::Export(args) => {
            let exported = Box::pin(client::export(args)).await;
            return Ok(ended(exported.map(|exported| exported.exit_code())));
        }
        Command::Usage(args) => return Ok(ended(client::usage(args).await)),
        Command::Admin { config, admin } => {
            return admin::run(&server::operator_app(&config).await?, admin).await;
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// What the process of a client ends with that brought a file.
fn brought(done: Result<Summary, ClientError>) -> ExitCode {
    ended(done.map(|summary| summary.exit_code()))
}

/// What the process of a client ends with.
fn ended(done: Result<u8, ClientError>) -> ExitCode {
    ExitCode::from(match done {
        Ok(code) => code,
        Err(error) => {
            let _ = writeln!(std::io::stderr(), "muster: {error}");
            error.exit_code()
        }
    })
}

/// Causes are shown to the operator, who can do something about them.
fn told(error: &Error) -> String {
    match error {
        Error::Internal(cause) | Error::Unavailable(cause) => cause.to_string(),
        other => other.public_message(),
    }
}

fn print(text: &str) -> Result<()> {
    writeln!(std::io::stdout(), "{text}").map_err(Error::internal)
}

/// Turns true on SIGTERM or Ctrl-C.
fn stop_signal() -> watch::Receiver<bool> {
    let (stop, stopped) = watch::channel(false);
    tokio::spawn(async move {
        let terminated = async {
            match tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate()) {
                Ok(mut signal) => {
                    signal.recv().await;
                }
                Err(_) => std::future::pending().await,
            }
        };
        tokio::select! {
            _ = tokio::signal::ctrl_c() => {}
            () = terminated => {}
        }
        stop.send_replace(true);
    });
    stopped
}
