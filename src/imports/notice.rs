//! What the uploader reads of how an import ended. Pure.

use entity::import::{Model, Status};
use entity::import_row::RowOutcome;
use entity::notification::Severity;
use sea_orm::ActiveEnum;

/// Title, text and severity of the notification.
pub struct Ending {
    pub title: String,
    pub body: String,
    pub severity: Severity,
}

impl Ending {
    pub fn of(import: &Model) -> Self {
        let file = &import.filename;
        let title = match import.status {
            Status::Succeeded => format!("{file} was imported"),
            Status::SucceededWithErrors => format!("{file} was imported, but for some rows"),
            Status::Failed => format!("The import of {file} failed"),
            Status::Cancelled => format!("The import of {file} was cancelled"),
            // An import that goes on has no end to be told of.
            _ => format!("The import of {file} goes on"),
        };
        let reason = import.failure_message.iter().map(String::as_str);
        let counts = counts(import);
        let body: Vec<&str> = reason.chain([counts.as_str()]).collect();
        let is_well = import.failed == 0 && import.status != Status::Failed;
        Self {
            title,
            body: body.join(" "),
            severity: if is_well {
                Severity::Info
            } else {
                Severity::Warning
            },
        }
    }
}

/// How many rows came to what; a file that could not be read has none.
fn counts(import: &Model) -> String {
    let Some(total) = import.total else {
        return "No row was done.".to_owned();
    };
    let noted = import.outcomes.0.get(&RowOutcome::NotProcessed.to_value());
    let passed_over = noted.copied().unwrap_or_default();
    let others = [
        (import.skipped - passed_over, "unchanged"),
        (import.failed, "failed"),
        (total - import.processed + passed_over, "not processed"),
    ];
    let rows = if total == 1 { "row" } else { "rows" };
    let done = format!("{total} {rows}: {} done", import.succeeded);
    let others = others.into_iter().filter(|(count, _)| *count > 0);
    let others = others.map(|(count, what)| format!("{count} {what}"));
    let parts: Vec<String> = std::iter::once(done).chain(others).collect();
    format!("{}.", parts.join(", "))
}
