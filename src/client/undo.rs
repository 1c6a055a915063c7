//! `muster undo`: an import is taken back, watched like one, and what was left is told with its reasons.

use std::time::Instant;

use secrecy::SecretString;
use serde::Deserialize;
use serde_json::json;

use super::api::Api;
use super::bar::Bar;
use super::error::{ClientError, UserError, refuse};
use super::print;
use super::summary::Summary;
use super::watch::{Patience, watch};

/// Take back what an import did, where nothing has changed since.
#[derive(Clone, Debug, clap::Args)]
pub struct UndoArgs {
    /// Id of the import, as `muster import` tells it.
    pub import: String,
    /// Address of the server, for example <https://muster.example.com>.
    #[arg(long, env = "MUSTER_URL")]
    pub url: String,
    /// Access token of a sign-in of the last ten minutes; better given in the environment, where the list of processes does not show it.
    #[arg(long, env = "MUSTER_TOKEN", hide_env_values = true)]
    pub token: Option<SecretString>,
    /// Print one JSON object on one line and show no progress bar.
    #[arg(long)]
    pub json: bool,
}

const UNDO_IMPORT: &str = "mutation UndoImport($input: UndoImportInput!) {
  undoImport(input: $input) {
    import { id }
    userErrors { code message }
  }
}";

const RESULT: &str = "query UndoResult($id: ID!) {
  import(id: $id) {
    status
    undo { processed undoneCount leftCount failure }
    rows(first: 20, filter: { undo: [LEFT] }) { nodes { lineNumber undoErrors { code message } } }
  }
}";

/// Does it all, prints the summary to standard output and gives it back.
pub async fn undo(args: UndoArgs) -> Result<Summary, ClientError> {
    let api = Api::new(&args.url, args.token.as_ref().ok_or(ClientError::NoToken)?)?;
    let bar = Bar::new(!args.json);
    let began = Instant::now();
    ask(&api, &args.import).await?;
    let out_of_sight = |source: ClientError| ClientError::OutOfSight {
        what: "import",
        id: args.import.clone(),
        source: Box::new(source),
    };
    watch(&api, &args.import, &Patience::default(), |progress| {
        bar.show(progress);
    })
    .await
    .map_err(out_of_sight)?;
    let took = began.elapsed();
    let summary = result(&api, &args.import).await?.summary(args.import, took);
    drop(bar);
    print::summary(&summary, args.json)?;
    Ok(summary)
}

async fn ask(api: &Api, import_id: &str) -> Result<(), ClientError> {
    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct Data {
        undo_import: Payload,
    }
    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct Payload {
        user_errors: Vec<UserError>,
    }
    // Asked twice, it is taken back once.
    let input = json!({ "input": { "importId": import_id } });
    let data: Data = api.query_patiently(UNDO_IMPORT, input).await?;
    refuse(data.undo_import.user_errors)
}

#[derive(Deserialize)]
struct Undone {
    status: String,
    undo: Figures,
    rows: Rows,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Figures {
    processed: u32,
    undone_count: u32,
    left_count: u32,
    failure: Option<String>,
}

#[derive(Deserialize)]
struct Rows {
    nodes: Vec<Row>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Row {
    line_number: u32,
    undo_errors: Vec<UserError>,
}

async fn result(api: &Api, import_id: &str) -> Result<Undone, ClientError> {
    #[derive(Deserialize)]
    struct Data {
        import: Option<Undone>,
    }
    let data: Data = api.query_patiently(RESULT, json!({ "id": import_id })).await?;
    data.import
        .ok_or_else(|| ClientError::Answer(format!("there is no import {import_id} any more")))
}

impl Undone {
    fn summary(self, import_id: String, took: std::time::Duration) -> Summary {
        let Figures {
            processed,
            undone_count,
            left_count,
            failure,
        } = self.undo;
        let reason = |row: &Row| {
            let reasons: Vec<&str> = row
                .undo_errors
                .iter()
                .map(|error| error.message.as_str())
                .collect();
            format!("Line {}: {}", row.line_number, reasons.join(" "))
        };
        Summary {
            import_id,
            // Where it came to a halt, the status is still the one of before.
            status: match failure {
                Some(_) => "FAILED".to_owned(),
                None => self.status,
            },
            rows: processed,
            outcomes: [
                ("LEFT".to_owned(), left_count),
                ("UNDONE".to_owned(), undone_count),
            ]
            .into(),
            took,
            failure: failure.map(|message| UserError {
                message,
                code: "IMPORT_FAILED".to_owned(),
            }),
            error_report: None,
            remarks: self.rows.nodes.iter().map(reason).collect(),
        }
    }
}
