//! `muster demo`: everything in one process, with nothing set up before.

use std::collections::BTreeSet;
use std::process::Command;

use serde_json::Value;

/// Every error a row can have (domain, section 6): a newcomer sees each.
const ROW_ERRORS: [&str; 13] = [
    "COLUMN_COUNT",
    "REQUIRED",
    "EMAIL_INVALID",
    "TOO_LONG",
    "NAME_INVALID_CHARACTER",
    "NAME_DOUBLE_BYTE_DIGIT",
    "ROLE_UNKNOWN",
    "ROLE_NOT_ASSIGNABLE",
    "PRODUCT_UNKNOWN",
    "SEATS_EXHAUSTED",
    "USER_DISABLED",
    "EXTERNAL_ID_TAKEN",
    "DOMAIN_CLAIMED_ELSEWHERE",
];

#[test]
fn the_demo_runs_again_and_again_in_the_same_folder() {
    let folder = tempfile::tempdir().unwrap();
    let mut people = BTreeSet::new();
    for run in 1..=2 {
        let mut demo = Command::new(env!("CARGO_BIN_EXE_muster"));
        // Nothing but what the command line says: the settings of whoever runs the tests are their own.
        let done = demo
            .env_clear()
            .envs(std::env::var("PATH").map(|path| ("PATH", path)))
            .args(["demo", "--once", "--json", "--listen", "127.0.0.1:0"])
            .current_dir(folder.path())
            .output()
            .unwrap();
        let said = String::from_utf8_lossy(&done.stderr);
        assert_eq!(done.status.code(), Some(0), "run {run}: {said}");
        let printed = String::from_utf8(done.stdout).unwrap();
        let summary: Value = serde_json::from_str(printed.trim()).unwrap();
        for key in [
            "url",
            "graphql_url",
            "websocket_url",
            "email",
            "password",
            "classic_email",
            "works_email",
            "access_token",
            "sso_url",
        ] {
            assert!(
                summary[key].as_str().is_some_and(|text| !text.is_empty()),
                "{key}: {summary}"
            );
        }
        assert!(summary["seconds"].as_f64().is_some_and(|seconds| seconds > 0.0));
        assert_eq!(summary["rows"], 5_000);
        assert_eq!(summary["import_status"], "SUCCEEDED_WITH_ERRORS");
        let outcomes = summary["outcomes"].as_object().unwrap();
        let sum: u64 = outcomes.values().map(|count| count.as_u64().unwrap()).sum();
        assert_eq!(sum, 5_000, "{summary}");
        let mails = summary["mails"].as_u64().unwrap();
        // A second run finds everybody there, and adds nobody.
        let came = |outcome: &str| outcomes.get(outcome).and_then(Value::as_u64).unwrap_or(0);
        let newcomers = came("INVITED") + came("INVITED_AND_ASSIGNED");
        match run {
            1 => assert!(mails > 4_000 && newcomers > 4_000, "{summary}"),
            // The one mail says that the import has ended.
            _ => assert_eq!((mails, newcomers), (1, 0), "{summary}"),
        }
        let report = folder.path().join(format!("data/people-{run}.errors.csv"));
        let report = std::fs::read_to_string(report).unwrap();
        for code in ROW_ERRORS {
            assert!(
                report.contains(&format!("\"{code}: ")),
                "run {run}: no row fails with {code}"
            );
        }
        for address in ["dora.disabled@demo-guests.example", "rita@rival-works.example"] {
            assert_eq!(report.matches(address).count(), 1, "run {run}: {address}");
        }
        people.insert((summary["email"].to_string(), summary["password"].to_string()));
    }
    assert_eq!(people.len(), 1, "the same administrator with the same password");
    assert!(folder.path().join("data").is_dir());
}
