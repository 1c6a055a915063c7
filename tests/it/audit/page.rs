//! `docs/audit.md`: its operations are sent as they stand there, and its list of actions is that of the code.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use entity::account::Plan;
use serde_json::{Value, json};

use super::{REMOVE, done, renamed};
use crate::support::{Database, House, blocks, team};

const PAGE: &str = include_str!("../../../docs/audit.md");

#[tokio::test(flavor = "multi_thread")]
async fn every_operation_of_the_page_finds_what_it_is_for() {
    let house = House::open(Database::Sqlite).await;
    let team = team(&house, "acme", Plan::Standard).await;
    let grace = renamed(&team, "grace@acme.example").await;
    let user = team.join(&house, "user@acme.example", "USER").await;
    user.refused(REMOVE, json!({"input": {"userIds": [grace]}})).await;
    done(&team.admin, super::SETTINGS, json!({"seatNoticePercent": 50})).await;
    let operations = blocks(PAGE, "graphql");
    assert!(operations.len() >= 4, "{}", operations.len());
    for operation in operations {
        let variables = json!({"userId": grace, "after": Value::Null, "from": "2020-01-01T00:00:00Z"});
        let answer = team.admin.ask(operation, variables).await;
        match operation.starts_with("mutation") {
            true => assert_eq!(answer["updateAccount"]["userErrors"], json!([]), "{operation}"),
            false => {
                let found = answer["account"]["auditEvents"]["nodes"].as_array().unwrap();
                assert!(!found.is_empty(), "{operation}");
            }
        }
    }
    house.settle_mails().await;
    house.close().await;
}

fn sources(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        match path.is_dir() {
            true => sources(&path, found),
            false => found.push(path),
        }
    }
}

/// The text between the first two quotation marks behind a mark.
fn named(text: &str, mark: &str) -> Option<String> {
    let rest = text.split_once(mark)?.1;
    let line = rest.lines().next()?;
    line.split('"').nth(1).map(str::to_owned)
}

#[test]
fn the_page_lists_every_action_that_leaves_an_event_and_no_other() {
    // What belongs to no account stands in nobody's log.
    const OF_NO_ACCOUNT: [&str; 2] = ["products.define", "sessions.rotate_signing_key"];
    let mut files = Vec::new();
    sources(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"), &mut files);
    let mut actions = BTreeSet::new();
    for file in files {
        let text = std::fs::read_to_string(file).unwrap();
        // Each command is an implementation of its own; what is named elsewhere is named by a constant of the file.
        for part in text.split("\nimpl").skip(1) {
            // Changes of contracts are carried out by one command, under their own names.
            let is_carried_out = part.contains("fn action(") || part.contains("async fn make(");
            let is_command = part.contains("const NAME: &'static str") && is_carried_out;
            let body = part.split("fn action(").next().unwrap();
            if !is_command || body.contains("Record::Nothing") {
                continue;
            }
            let shared = named(&text, "\npub(super) const NAME: &str =")
                .or_else(|| named(&text, "\nconst NAME: &str ="));
            actions.extend(named(body, "const NAME: &'static str =").or(shared));
        }
        for part in text.split("Consequence = Consequence {").skip(1) {
            actions.extend(named(part, "name:"));
        }
    }
    for name in OF_NO_ACCOUNT {
        assert!(actions.remove(name), "{name} is no more");
    }
    assert!(actions.len() > 50, "the commands were not found: {actions:?}");
    let listed: BTreeSet<String> = PAGE
        .lines()
        .filter_map(|line| line.strip_prefix("| `")?.split_once("` |"))
        .map(|(name, _)| name.to_owned())
        .filter(|name| name.contains('.'))
        .collect();
    let missing: Vec<&String> = actions.difference(&listed).collect();
    let gone: Vec<&String> = listed.difference(&actions).collect();
    assert!(
        missing.is_empty() && gone.is_empty(),
        "missing in docs/audit.md: {missing:?}; not in the code: {gone:?}"
    );
}
