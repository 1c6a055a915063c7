//! `muster import`: a file goes up, its progress comes down, and what became of every row is told.

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};
use std::time::Instant;

use secrecy::SecretString;
use serde::Deserialize;
use serde_json::{Value, json};
use tokio::io::AsyncWriteExt;

use super::api::{Api, link};
use super::bar::Bar;
use super::error::{ClientError, UserError, refuse};
use super::print;
use super::summary::Summary;
use super::upload::upload;
use super::watch::{Patience, watch};

/// Import a CSV file of people through a server's public API.
#[derive(Clone, Debug, clap::Args)]
pub struct ImportArgs {
    /// The CSV file: First Name, Last Name, Email; to import also, if wanted, Role, Products, External ID.
    pub file: PathBuf,
    /// Address of the server, for example <https://muster.example.com>.
    #[arg(long, env = "MUSTER_URL")]
    pub url: String,
    /// Access token; better given in the environment, where the list of processes does not show it.
    #[arg(long, env = "MUSTER_TOKEN", hide_env_values = true)]
    pub token: Option<SecretString>,
    /// Plan only: tell what would become of every row and change nothing.
    #[arg(long)]
    pub dry_run: bool,
    /// Write the failed rows over those of an earlier run.
    #[arg(long)]
    pub force: bool,
    /// Print one JSON object on one line and show no progress bar.
    #[arg(long)]
    pub json: bool,
}

const START_IMPORT: &str = "mutation StartImport($input: StartImportInput!) {
  startImport(input: $input) {
    import { id }
    userErrors { code message }
  }
}";

const RESULT: &str = "query ImportResult($id: ID!) {
  import(id: $id) {
    status
    progress { total }
    outcomeCounts { outcome count }
    preview { outcomeCounts { outcome count } }
    failure { code message }
    errorReport { url }
  }
}";

/// Does it all, prints the summary to standard output and gives it back; its [`Summary::exit_code`] is the process's.
pub async fn run(args: ImportArgs) -> Result<Summary, ClientError> {
    let summary = import(&args).await?;
    print::summary(&summary, args.json)?;
    Ok(summary)
}

impl ImportArgs {
    /// The server, spoken to with the token that was given.
    pub(super) fn api(&self) -> Result<Api, ClientError> {
        Api::new(&self.url, self.token.as_ref().ok_or(ClientError::NoToken)?)
    }
}

/// Does it all and tells how it went.
pub async fn import(args: &ImportArgs) -> Result<Summary, ClientError> {
    bring(&args.api()?, args, &json!({ "kind": "USERS" }), Instant::now()).await
}

/// Brings a file to the server and tells what became of it; `options` say what it is for.
///
/// The failed rows are saved beside the file as `<name>.errors.csv`, or with a number where a file of an earlier run has that name.
pub(super) async fn bring(
    api: &Api,
    args: &ImportArgs,
    options: &Value,
    began: Instant,
) -> Result<Summary, ClientError> {
    let bar = Bar::new(!args.json);
    let upload_id = upload(api, &args.file).await?;
    let import_id = start(api, &upload_id, args.dry_run, options).await?;

    let out_of_sight = |source: ClientError| ClientError::OutOfSight {
        what: "import",
        id: import_id.clone(),
        source: Box::new(source),
    };
    watch(api, &import_id, &Patience::default(), |progress| {
        bar.show(progress);
    })
    .await
    .map_err(out_of_sight)?;
    let took = began.elapsed();
    let result = result(api, &import_id).await?;
    drop(bar);

    let error_report = match &result.error_report {
        Some(report) => Some(save_error_report(api, report, args).await?),
        None => None,
    };
    // A dry run has done nothing yet; what it foresees stands in its preview.
    let counts = match result.preview {
        Some(preview) if result.outcome_counts.is_empty() => preview.outcome_counts,
        _ => result.outcome_counts,
    };
    let outcomes: BTreeMap<String, u32> = counts
        .into_iter()
        .map(|count| (count.outcome, count.count))
        .collect();
    Ok(Summary {
        rows: result.progress.total.unwrap_or_else(|| outcomes.values().sum()),
        import_id,
        status: result.status,
        outcomes,
        took,
        failure: result.failure,
        error_report,
        remarks: Vec::new(),
    })
}

/// Starts the import of an upload. The upload is its own idempotency key: asked twice, the server starts once.
async fn start(api: &Api, upload_id: &str, is_dry_run: bool, options: &Value) -> Result<String, ClientError> {
    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct Data {
        start_import: Payload,
    }
    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct Payload {
        import: Option<Started>,
        user_errors: Vec<UserError>,
    }
    #[derive(Deserialize)]
    struct Started {
        id: String,
    }
    let mut input = options.clone();
    input["uploadId"] = upload_id.into();
    input["mode"] = if is_dry_run { "DRY_RUN" } else { "APPLY" }.into();
    input["idempotencyKey"] = upload_id.into();
    let Data {
        start_import: started,
    } = api
        .query_patiently(START_IMPORT, json!({ "input": input }))
        .await?;
    refuse(started.user_errors)?;
    started
        .import
        .map(|import| import.id)
        .ok_or_else(|| ClientError::Answer("it names no import".into()))
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ImportResult {
    status: String,
    progress: Counted,
    outcome_counts: Vec<OutcomeCount>,
    #[serde(default)]
    preview: Option<Preview>,
    failure: Option<UserError>,
    error_report: Option<Link>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Preview {
    outcome_counts: Vec<OutcomeCount>,
}

#[derive(Deserialize)]
struct Counted {
    total: Option<u32>,
}

#[derive(Deserialize)]
struct OutcomeCount {
    outcome: String,
    count: u32,
}

#[derive(Deserialize)]
struct Link {
    url: String,
}

async fn result(api: &Api, import_id: &str) -> Result<ImportResult, ClientError> {
    #[derive(Deserialize)]
    struct Data {
        import: Option<ImportResult>,
    }
    let data: Data = api.query_patiently(RESULT, json!({ "id": import_id })).await?;
    data.import
        .ok_or_else(|| ClientError::Answer(format!("there is no import {import_id} any more")))
}

async fn save_error_report(api: &Api, report: &Link, args: &ImportArgs) -> Result<PathBuf, ClientError> {
    let url = link(&report.url)?;
    let unreachable = |error| ClientError::unreachable(&url, error);
    let response = api.http().get(url.clone()).send().await.map_err(unreachable)?;
    if !response.status().is_success() {
        let explanation = "The rows that failed could not be downloaded.";
        return Err(ClientError::status(&url, response.status(), explanation));
    }
    let report = response.bytes().await.map_err(unreachable)?;
    save_beside(&args.file, &report, args.force).await
}

/// Saves rows that failed beside the file they are of; `over` those of an earlier run, or under a new name.
pub(super) async fn save_beside(file: &Path, report: &[u8], over: bool) -> Result<PathBuf, ClientError> {
    let mut number = 1;
    loop {
        let path = error_report_path(file, number);
        match write(&path, report, over).await {
            Ok(()) => return Ok(path),
            // Somebody may have begun to correct the rows of an earlier run: theirs stay.
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists && number < MOST_REPORTS => {
                number += 1;
            }
            Err(source) => return Err(ClientError::File { path, source }),
        }
    }
}

/// A folder with more of them is no place to put another.
const MOST_REPORTS: u32 = 1_000;

async fn write(path: &Path, bytes: &[u8], over: bool) -> io::Result<()> {
    let mut options = tokio::fs::OpenOptions::new();
    options.write(true).truncate(over).create(over).create_new(!over);
    let mut file = options.open(path).await?;
    file.write_all(bytes).await?;
    file.flush().await
}

fn error_report_path(file: &Path, number: u32) -> PathBuf {
    match number {
        1 => file.with_extension("errors.csv"),
        number => file.with_extension(format!("errors-{number}.csv")),
    }
}

#[cfg(test)]
mod tests {
    use clap::Parser;
    use secrecy::ExposeSecret;

    use super::*;

    #[derive(Parser)]
    struct CommandLine {
        #[command(flatten)]
        import: ImportArgs,
    }

    #[test]
    fn the_failed_rows_are_saved_beside_the_file() {
        let path = |file: &str| error_report_path(Path::new(file), 1).display().to_string();
        assert_eq!(path("lists/people.csv"), "lists/people.errors.csv");
        assert_eq!(path("people.2026.csv"), "people.2026.errors.csv");
        assert_eq!(path("people"), "people.errors.csv");
        let second = error_report_path(Path::new("lists/people.csv"), 2);
        assert_eq!(second, Path::new("lists/people.errors-2.csv"));
    }

    #[test]
    fn the_command_line_is_read_and_hides_the_token() {
        let args = [
            "import",
            "people.csv",
            "--url",
            "http://127.0.0.1:1",
            "--token",
            "geheim",
            "--dry-run",
        ];
        let ImportArgs {
            file,
            token,
            dry_run,
            json,
            ..
        } = CommandLine::parse_from(args).import.clone();
        assert_eq!(file, Path::new("people.csv"));
        assert_eq!(token.unwrap().expose_secret(), "geheim");
        assert!(dry_run && !json);
        assert!(!format!("{:?}", CommandLine::parse_from(args).import).contains("geheim"));
    }
}
