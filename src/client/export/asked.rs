//! What the command line of an export says, and what the API is asked by it.

use std::path::PathBuf;

use clap::ValueEnum;
use secrecy::SecretString;
use serde_json::{Value, json};

/// Make a file of an account's people, seats or audit log through a server's public API.
#[derive(Clone, Debug, clap::Args)]
pub struct ExportArgs {
    /// What to list.
    #[arg(value_enum)]
    pub kind: Kind,
    /// Where to write it; by default in this folder, under the name that the server gives it.
    #[arg(long, short)]
    pub output: Option<PathBuf>,
    /// More columns of a list of users; several are given one after the other.
    #[arg(long = "columns", value_enum)]
    pub columns: Vec<Columns>,
    /// How the file is written.
    #[arg(long, value_enum, default_value = "csv")]
    pub format: Format,
    /// What stands between the cells of a CSV file; a semicolon is what spreadsheets want where numbers have a decimal comma.
    #[arg(long, value_enum)]
    pub delimiter: Option<Delimiter>,
    /// Leave out the byte order mark of a CSV file.
    #[arg(long)]
    pub no_mark: bool,
    /// Of the audit log, only what happened from this moment on, for example 2026-01-01T00:00:00Z.
    #[arg(long)]
    pub from: Option<String>,
    /// Of the audit log, only what happened before this moment.
    #[arg(long)]
    pub to: Option<String>,
    /// Address of the server, for example <https://muster.example.com>.
    #[arg(long, env = "MUSTER_URL")]
    pub url: String,
    /// Access token; better given in the environment, where the list of processes does not show it.
    #[arg(long, env = "MUSTER_TOKEN", hide_env_values = true)]
    pub token: Option<SecretString>,
    /// Write over a file that is there.
    #[arg(long)]
    pub force: bool,
    /// Print one JSON object on one line and show no progress bar.
    #[arg(long)]
    pub json: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Kind {
    Users,
    Assignments,
    AuditEvents,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Columns {
    /// One column with the products' codes.
    Products,
    /// One column for each product.
    Subscriptions,
    /// A row for each seat.
    SubscriptionRows,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Format {
    Csv,
    Ndjson,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Delimiter {
    Comma,
    Semicolon,
    Tab,
}

/// As the API spells it.
fn name(value: &impl ValueEnum) -> String {
    let value = value.to_possible_value();
    value.map_or_else(String::new, |value| {
        value.get_name().to_uppercase().replace('-', "_")
    })
}

/// The input of `startExport`, under a key of its own: asked twice, the server starts once.
pub fn input(args: &ExportArgs) -> Value {
    let mut input = json!({
        "kind": name(&args.kind),
        "columnSets": args.columns.iter().map(name).collect::<Vec<_>>(),
        "format": name(&args.format),
        "idempotencyKey": uuid::Uuid::new_v4().to_string(),
    });
    if let Some(delimiter) = &args.delimiter {
        input["delimiter"] = name(delimiter).into();
    }
    if args.no_mark {
        input["hasByteOrderMark"] = false.into();
    }
    if args.from.is_some() || args.to.is_some() {
        input["period"] = json!({ "from": args.from, "to": args.to });
    }
    input
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;

    #[derive(Parser)]
    struct CommandLine {
        #[command(flatten)]
        export: ExportArgs,
    }

    fn read(args: &[&str]) -> Value {
        let args = ["export", "--url", "http://127.0.0.1:1"].iter().chain(args);
        let mut input = input(&CommandLine::parse_from(args).export);
        assert!(input["idempotencyKey"].as_str().unwrap().len() > 30);
        input["idempotencyKey"] = Value::Null;
        input
    }

    #[test]
    fn the_command_line_says_what_the_api_is_asked() {
        assert_eq!(
            read(&["users"]),
            json!({"kind": "USERS", "columnSets": [], "format": "CSV", "idempotencyKey": null})
        );
        let given = [
            "users",
            "--columns",
            "products",
            "--columns",
            "subscription-rows",
            "--delimiter",
            "semicolon",
            "--no-mark",
        ];
        assert_eq!(
            read(&given),
            json!({
                "kind": "USERS", "columnSets": ["PRODUCTS", "SUBSCRIPTION_ROWS"], "format": "CSV", "delimiter": "SEMICOLON",
                "hasByteOrderMark": false, "idempotencyKey": null,
            })
        );
        let given = [
            "audit-events",
            "--format",
            "ndjson",
            "--from",
            "2026-01-01T00:00:00Z",
        ];
        assert_eq!(
            read(&given),
            json!({
                "kind": "AUDIT_EVENTS", "columnSets": [], "format": "NDJSON", "period": {"from": "2026-01-01T00:00:00Z", "to": null},
                "idempotencyKey": null,
            })
        );
        let wrong = CommandLine::try_parse_from(["export", "seats", "--url", "http://127.0.0.1:1"]);
        assert!(wrong.is_err());
    }
}
