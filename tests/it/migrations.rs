//! What steps of the schema's history must not do, held of their sources.

mod old_rows;

use std::path::Path;

use crate::support::rows::{columns, tables};
use crate::support::{Database, House};

/// Steps up to this one were released when the rule was made.
const RELEASED: u32 = 10;

/// The steps after those released: number, name and source.
fn new_steps() -> Vec<(u32, String, String)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("migration/src");
    let mut steps = Vec::new();
    for file in std::fs::read_dir(folder).unwrap() {
        let path = file.unwrap().path();
        let name = path.file_stem().unwrap().to_str().unwrap().to_owned();
        let number = name.strip_prefix('m').and_then(|rest| rest.get(..4));
        if let Some(number) = number.and_then(|digits| digits.parse().ok())
            && number > RELEASED
        {
            steps.push((number, name, std::fs::read_to_string(&path).unwrap()));
        }
    }
    steps.sort();
    steps
}

/// The constants of a source in which a table is renamed, unless their name says that they are for SQLite alone.
fn renaming(source: &str) -> Vec<String> {
    let mut found = Vec::new();
    for part in source.split("const ").skip(1) {
        let name: String = part
            .chars()
            .take_while(|c| c.is_ascii_uppercase() || *c == '_' || c.is_ascii_digit())
            .collect();
        if part.to_uppercase().contains("RENAME TO") && !name.ends_with("_ON_SQLITE") {
            found.push(name);
        }
    }
    found
}

#[test]
fn no_step_builds_a_table_of_postgres_anew_and_renames_it() {
    let steps = new_steps();
    assert!(
        steps.iter().any(|(number, ..)| *number == 11),
        "the steps were not found"
    );
    for (_, name, source) in steps {
        assert_eq!(
            renaming(&source),
            Vec::<String>::new(),
            "{name}: see CONTRIBUTING.md"
        );
    }
}

#[test]
fn a_rename_is_seen_where_it_is_not_for_sqlite_alone() {
    let anew =
        "const TABLES: &str = \"\nCREATE TABLE new_users ()\n;;\nALTER TABLE new_users RENAME TO users\n\";";
    assert_eq!(renaming(anew), ["TABLES"]);
    let lower = anew
        .to_lowercase()
        .replace("tables", "TABLES")
        .replace("const tables", "const TABLES");
    assert_eq!(renaming(&lower), ["TABLES"]);
    let sqlite = anew.replace("TABLES", "TABLES_ON_SQLITE");
    assert_eq!(renaming(&sqlite), Vec::<String>::new());
    let column = anew.replace("RENAME TO users", "RENAME COLUMN a TO b");
    assert_eq!(renaming(&column), Vec::<String>::new());
}

#[tokio::test]
async fn every_table_has_its_place_in_the_page_on_scaling() {
    let house = House::open(Database::Postgres).await;
    let connection = house.connection().await;
    let schema = tables(&connection).await;
    let mut distributed = Vec::new();
    for table in &schema {
        let has_account = columns(&connection, table)
            .await
            .contains(&"account_id".to_owned());
        let is_directory = [
            "account_slugs",
            "domain_owners",
            "provider_accounts",
            "user_directory",
        ]
        .contains(&table.as_str());
        if table == "accounts" || (has_account && !is_directory) {
            distributed.push(table.clone());
        }
    }
    connection.close().await.unwrap();
    let page =
        std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/scaling.md")).unwrap();
    let listed = |kind: &str| -> Vec<String> {
        let row = page
            .lines()
            .find(|line| line.starts_with(&format!("| {kind}")))
            .unwrap();
        let cell = row.split('|').nth(2).unwrap();
        let mut names: Vec<String> = cell.split('`').skip(1).step_by(2).map(str::to_owned).collect();
        names.sort();
        names
    };
    assert_eq!(listed("distributed"), distributed);
    let mut all = [
        listed("distributed"),
        listed("reference"),
        listed("managed local"),
    ]
    .concat();
    all.sort();
    assert_eq!(all, schema);
    house.close().await;
}
