//! What became of a file, for people, for programs (`--json`) and for scripts (exit code).

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

use indicatif::HumanCount;
use serde_json::json;

use super::error::UserError;

/// The outcome that makes an import end with exit code 2.
const FAILED: &str = "FAILED";
/// The one that makes taking it back end so.
const LEFT: &str = "LEFT";

/// How an import went.
#[derive(Clone, Debug)]
pub struct Summary {
    pub import_id: String,
    /// The import's status as the API names it.
    pub status: String,
    /// Data rows of the file.
    pub rows: u32,
    /// Rows by outcome, as the API names them.
    pub outcomes: BTreeMap<String, u32>,
    /// From the first byte sent to the last event.
    pub took: Duration,
    /// Why the file as a whole was not done.
    pub failure: Option<UserError>,
    /// Where the failed rows were saved.
    pub error_report: Option<PathBuf>,
    /// What else people should read, a line each.
    pub remarks: Vec<String>,
}

impl Summary {
    /// 0: all rows are done (or planned, or taken back), 2: all but some that failed (or were left), 1: the import as a whole was not done.
    pub fn exit_code(&self) -> u8 {
        match self.status.as_str() {
            "SUCCEEDED" | "SUCCEEDED_WITH_ERRORS" | "AWAITING_CONFIRMATION" if self.failed_rows() > 0 => 2,
            "SUCCEEDED_WITH_ERRORS" => 2,
            "UNDONE" if self.count(LEFT) > 0 => 2,
            "SUCCEEDED" | "AWAITING_CONFIRMATION" | "UNDONE" => 0,
            _ => 1,
        }
    }

    pub fn failed_rows(&self) -> u32 {
        self.count(FAILED)
    }

    fn count(&self, outcome: &str) -> u32 {
        self.outcomes.get(outcome).copied().unwrap_or(0)
    }

    /// One JSON object on one line.
    pub fn to_json(&self) -> String {
        json!({
            "rows": self.rows,
            "outcomes": self.outcomes,
            "seconds": (self.took.as_secs_f64() * 1_000.0).round() / 1_000.0,
            "import_status": self.status,
            "import_id": self.import_id,
            "failure": self.failure.as_ref().map(|failure| json!({"code": failure.code, "message": failure.message})),
            "error_report": self.error_report.as_ref().map(|path| path.display().to_string()),
            "remarks": self.remarks,
        })
        .to_string()
    }

    /// Some lines for people.
    pub fn to_text(&self) -> String {
        let seconds = self.took.as_secs_f64();
        let mut lines = vec![format!(
            "{} rows in {seconds:.1} s ({} rows/s): {}, import {}",
            HumanCount(self.rows.into()),
            rate(self.rows, seconds),
            words(&self.status),
            self.import_id
        )];
        let outcomes = self
            .outcomes
            .iter()
            .filter(|(_, count)| **count > 0)
            .map(|(outcome, count)| {
                format!(
                    "{:>9}  {}",
                    HumanCount((*count).into()).to_string(),
                    words(outcome)
                )
            });
        lines.extend(outcomes);
        if let Some(failure) = &self.failure {
            lines.push(format!("{} ({})", failure.message, failure.code));
        }
        if let Some(path) = &self.error_report {
            lines.push(format!(
                "The failed rows, with reasons, are in {}. Correct that file and send it by the same command.",
                path.display()
            ));
        }
        lines.extend(self.remarks.iter().cloned());
        if self.status == "AWAITING_CONFIRMATION" {
            lines.push("This was a dry run: nothing was changed. Confirm the import to apply it.".into());
        }
        lines.join("\n")
    }
}

/// Rows a second, rounded; an import too quick to be measured has none.
fn rate(rows: u32, seconds: f64) -> String {
    if seconds < 0.001 {
        return "–".into();
    }
    format!("{:.0}", f64::from(rows) / seconds)
}

/// `INVITED_AND_ASSIGNED` as words.
fn words(name: &str) -> String {
    name.to_lowercase().replace('_', " ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn summary(status: &str, outcomes: &[(&str, u32)]) -> Summary {
        Summary {
            import_id: "imp_1".into(),
            status: status.into(),
            rows: outcomes.iter().map(|(_, count)| count).sum(),
            outcomes: outcomes
                .iter()
                .map(|(outcome, count)| ((*outcome).to_owned(), *count))
                .collect(),
            took: Duration::from_millis(2_500),
            failure: None,
            error_report: None,
            remarks: Vec::new(),
        }
    }

    #[test]
    fn the_exit_code_tells_done_from_partly_done_from_not_done() {
        assert_eq!(
            summary("SUCCEEDED", &[("INVITED", 3), ("FAILED", 0)]).exit_code(),
            0
        );
        assert_eq!(summary("AWAITING_CONFIRMATION", &[("INVITED", 3)]).exit_code(), 0);
        assert_eq!(summary("AWAITING_CONFIRMATION", &[("FAILED", 1)]).exit_code(), 2);
        assert_eq!(summary("SUCCEEDED_WITH_ERRORS", &[("FAILED", 1)]).exit_code(), 2);
        for status in ["FAILED", "CANCELLED", "EXPIRED", "SOMETHING_NEW"] {
            assert_eq!(summary(status, &[("INVITED", 3)]).exit_code(), 1, "{status}");
        }
    }

    #[test]
    fn what_was_left_is_told_and_ends_like_rows_that_failed() {
        let mut summary = summary("UNDONE", &[("UNDONE", 2), ("LEFT", 1)]);
        summary.remarks = vec!["Line 3: The person has joined since, and stays.".into()];
        assert_eq!(summary.exit_code(), 2);
        let told = summary.to_text();
        assert!(
            told.contains("        2  undone\nLine 3: The person has joined since"),
            "{told}"
        );
        summary.outcomes.remove("LEFT");
        assert_eq!(summary.exit_code(), 0);
    }

    #[test]
    fn programs_read_one_line_of_json() {
        let json = summary("SUCCEEDED_WITH_ERRORS", &[("INVITED", 4_990), ("FAILED", 10)]).to_json();
        assert!(!json.contains('\n'));
        let read: serde_json::Value = serde_json::from_str(&json).unwrap();
        assert_eq!(
            read,
            json!({
                "rows": 5_000,
                "outcomes": { "INVITED": 4_990, "FAILED": 10 },
                "seconds": 2.5,
                "import_status": "SUCCEEDED_WITH_ERRORS",
                "import_id": "imp_1",
                "failure": null,
                "error_report": null,
                "remarks": [],
            })
        );
    }

    #[test]
    fn people_read_counts_speed_and_where_the_failed_rows_are() {
        let mut summary = summary(
            "SUCCEEDED_WITH_ERRORS",
            &[("INVITED_AND_ASSIGNED", 4_990), ("FAILED", 10), ("WAITLISTED", 0)],
        );
        summary.error_report = Some("people.errors.csv".into());
        assert_eq!(
            summary.to_text(),
            "5,000 rows in 2.5 s (2000 rows/s): succeeded with errors, import imp_1\n\
             \x20      10  failed\n\
             \x20   4,990  invited and assigned\n\
             The failed rows, with reasons, are in people.errors.csv. Correct that file and send it by the same command."
        );
    }

    #[test]
    fn a_file_refused_as_a_whole_says_why() {
        let mut summary = summary("FAILED", &[]);
        summary.failure = Some(UserError {
            message: "The file is empty.".into(),
            code: "FILE_EMPTY".into(),
        });
        assert!(summary.to_text().ends_with("The file is empty. (FILE_EMPTY)"));
    }
}
