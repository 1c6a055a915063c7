//! `muster usage record`: a file of a metering system goes to a server, a thousand rows at a time.
//!
//! Each row is a record with a key: that of its column, or one made of what it says. So whatever was sent before, in this run or in one that broke off, is not added again.

mod file;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use indicatif::HumanCount;
use secrecy::SecretString;
use serde::Deserialize;
use serde_json::json;
use uuid::Uuid;

use super::api::Api;
use super::bar::Bar;
use super::error::{ClientError, UserError, refuse};
use super::import::save_beside;
use super::print;
use crate::imports::parse::PROBLEM_HEADER;
use file::{Record, Row, UsageFile};

/// What people used of products.
#[derive(Clone, Debug, clap::Args)]
pub struct UsageArgs {
    #[command(subcommand)]
    pub command: UsageCommand,
}

#[derive(Clone, Debug, clap::Subcommand)]
pub enum UsageCommand {
    /// Record a CSV file of what people used; run again, it adds nothing twice.
    Record(RecordArgs),
}

#[derive(Clone, Debug, clap::Args)]
pub struct RecordArgs {
    /// The CSV file: Email, Product, Day; also, if wanted, Minutes, Launches, Credits, Key.
    pub file: PathBuf,
    /// Address of the server, for example <https://muster.example.com>.
    #[arg(long, env = "MUSTER_URL")]
    pub url: String,
    /// API token of the scope `USAGE_WRITE`, or access token; better given in the environment, where the list of processes does not show it.
    #[arg(long, env = "MUSTER_TOKEN", hide_env_values = true)]
    pub token: Option<SecretString>,
    /// Write the failed rows over those of an earlier run.
    #[arg(long)]
    pub force: bool,
    /// Print one JSON object on one line and show no progress bar.
    #[arg(long)]
    pub json: bool,
}

const RECORD: &str = "mutation RecordUsage($input: RecordUsageInput!) {
  recordUsage(input: $input) {
    results { index status userErrors { code message } }
    userErrors { code message }
  }
}";

/// Does what is asked, prints the summary to standard output and answers what the process ends with.
pub async fn usage(args: UsageArgs) -> Result<u8, ClientError> {
    let UsageCommand::Record(args) = args.command;
    let summary = record(&args).await?;
    print::line(&match args.json {
        true => summary.to_json(),
        false => summary.to_text(),
    })?;
    Ok(summary.exit_code())
}

/// How a file went.
#[derive(Clone, Debug, Default)]
pub struct RecordSummary {
    pub rows: usize,
    /// Rows by outcome: `ADDED`, `UNCHANGED`, `FAILED`.
    pub outcomes: BTreeMap<&'static str, usize>,
    pub took: Duration,
    /// Where the failed rows were saved.
    pub error_report: Option<PathBuf>,
}

impl RecordSummary {
    /// 0: all rows are recorded, 2: all but some that failed.
    pub fn exit_code(&self) -> u8 {
        match self.outcomes.get("FAILED") {
            Some(failed) if *failed > 0 => 2,
            _ => 0,
        }
    }

    /// One JSON object on one line.
    pub fn to_json(&self) -> String {
        json!({
            "rows": self.rows,
            "outcomes": self.outcomes,
            "seconds": (self.took.as_secs_f64() * 1_000.0).round() / 1_000.0,
            "error_report": self.error_report.as_ref().map(|path| path.display().to_string()),
        })
        .to_string()
    }

    /// Some lines for people.
    pub fn to_text(&self) -> String {
        let count = |number: usize| HumanCount(number.try_into().unwrap_or(u64::MAX)).to_string();
        let mut lines = vec![format!(
            "{} rows in {:.1} s",
            count(self.rows),
            self.took.as_secs_f64()
        )];
        let outcomes = self.outcomes.iter().filter(|(_, number)| **number > 0);
        lines.extend(
            outcomes.map(|(outcome, number)| format!("{:>9}  {}", count(*number), outcome.to_lowercase())),
        );
        if let Some(path) = &self.error_report {
            lines.push(format!(
                "The failed rows, with reasons, are in {}. Correct that file and send it by the same command.",
                path.display()
            ));
        }
        lines.join("\n")
    }
}

/// Does it all and tells how it went. The failed rows are saved beside the file as `<name>.errors.csv`, or with a number where a file of an earlier run has that name.
pub async fn record(args: &RecordArgs) -> Result<RecordSummary, ClientError> {
    let began = Instant::now();
    let api = Api::new(&args.url, args.token.as_ref().ok_or(ClientError::NoToken)?)?;
    let mut file = UsageFile::open(&args.file)?;
    let bar = Bar::new(!args.json);
    let run = Uuid::new_v4();
    let mut summary = RecordSummary::default();
    let mut failed = FailedRows::new(&file.header);
    loop {
        let rows = file.chunk()?;
        if rows.is_empty() {
            break;
        }
        // Within a run a call whose answer was lost is answered once more.
        let key = format!("muster-usage-{run}-{}", summary.rows);
        let outcomes = send(&api, &rows, key)
            .await
            .map_err(|source| match summary.rows {
                0 => source,
                done => ClientError::Halfway {
                    done,
                    source: Box::new(source),
                },
            })?;
        for (row, outcome) in rows.iter().zip(outcomes) {
            summary.rows += 1;
            let name = match outcome {
                Ok(name) => name,
                Err(problem) => {
                    failed.add(row, &problem)?;
                    "FAILED"
                }
            };
            *summary.outcomes.entry(name).or_default() += 1;
        }
        let done = HumanCount(summary.rows.try_into().unwrap_or(u64::MAX));
        bar.reach(file.percent(), format!("recording: {done} rows"));
    }
    drop(bar);
    summary.error_report = failed.save(&args.file, args.force).await?;
    summary.took = began.elapsed();
    Ok(summary)
}

/// What became of rows, in their order: the outcome, or the problem.
async fn send(
    api: &Api,
    rows: &[Row],
    idempotency_key: String,
) -> Result<Vec<Result<&'static str, String>>, ClientError> {
    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct Data {
        record_usage: Payload,
    }
    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct Payload {
        results: Vec<Outcome>,
        user_errors: Vec<UserError>,
    }
    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct Outcome {
        status: String,
        user_errors: Vec<UserError>,
    }
    let records: Vec<&Record> = rows.iter().filter_map(|row| row.read.as_ref().ok()).collect();
    let mut outcomes = Vec::new();
    if !records.is_empty() {
        let input = json!({ "input": { "records": records, "idempotencyKey": idempotency_key } });
        let data: Data = api.query_patiently(RECORD, input).await?;
        refuse(data.record_usage.user_errors)?;
        outcomes = data.record_usage.results;
    }
    if outcomes.len() != records.len() {
        return Err(ClientError::Answer(
            "it does not say of each row what became of it".into(),
        ));
    }
    let told = |outcome: Outcome| match outcome.status.as_str() {
        "APPLIED" => Ok("ADDED"),
        "UNCHANGED" => Ok("UNCHANGED"),
        _ => {
            let errors = outcome.user_errors.iter();
            let errors = errors.map(|error| format!("{} ({})", error.message, error.code));
            Err(errors.collect::<Vec<_>>().join(" "))
        }
    };
    let mut outcomes = outcomes.into_iter().map(told);
    let of_row = |row: &Row| match &row.read {
        Ok(_) => outcomes
            .next()
            .unwrap_or_else(|| Err("The server did not say what became of the row.".into())),
        Err(problem) => Err(problem.clone()),
    };
    Ok(rows.iter().map(of_row).collect())
}

/// The rows that failed, as a file to be corrected and sent again.
struct FailedRows {
    writer: csv::Writer<Vec<u8>>,
    header: csv::StringRecord,
    /// Where the problem stands: a report that is sent again has the column already.
    problem: usize,
    is_begun: bool,
}

impl FailedRows {
    fn new(header: &csv::StringRecord) -> Self {
        let known = header.iter().position(|cell| cell == PROBLEM_HEADER);
        Self {
            writer: csv::WriterBuilder::new().flexible(true).from_writer(Vec::new()),
            header: header.clone(),
            problem: known.unwrap_or(header.len()),
            is_begun: false,
        }
    }

    fn add(&mut self, row: &Row, problem: &str) -> Result<(), ClientError> {
        if !self.is_begun {
            self.is_begun = true;
            let header = self.header.clone();
            self.write(&header, PROBLEM_HEADER)?;
        }
        self.write(&row.cells, problem)
    }

    fn write(&mut self, cells: &csv::StringRecord, problem: &str) -> Result<(), ClientError> {
        let mut cells: Vec<&str> = cells.iter().collect();
        cells.resize(cells.len().max(self.problem + 1), "");
        cells[self.problem] = problem;
        let written = self.writer.write_record(cells);
        written.map_err(|error| ClientError::Output(std::io::Error::other(error)))
    }

    async fn save(self, file: &Path, over: bool) -> Result<Option<PathBuf>, ClientError> {
        if !self.is_begun {
            return Ok(None);
        }
        let bytes = self.writer.into_inner();
        let bytes = bytes.map_err(|error| ClientError::Output(error.into_error()))?;
        save_beside(file, &bytes, over).await.map(Some)
    }
}
