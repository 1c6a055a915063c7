//! Columns that are named by hand, because nobody would guess from their headings what they hold; and remembered for files with the same headings.

use entity::account::Plan;
use rstest::rstest;
use serde_json::{Value, json};

use super::assignments::giving;
use super::support::{decide, look, outcomes, run, settled, standing, start};
use crate::support::{Client, Database, House, add_product, team};

const ROWS: &str = "Ada,Lovelace,ada@acme.example,x\nGrace,Hopper,grace@acme.example,y\n";

fn mapping(columns: &[(Value, &str)]) -> Value {
    let mapped = columns
        .iter()
        .map(|(column, field)| json!({"column": column, "field": field}));
    mapped.collect()
}

fn header(text: &str) -> Value {
    json!({"header": text})
}

fn number(number: i32) -> Value {
    json!({"number": number})
}

/// What the columns of an import are taken for.
async fn understood(client: &Client, import: &Value) -> (Value, Value) {
    let query = "query($id: ID!) { import(id: $id) { columnMapping { header number field } preview { columns { mappedTo } } } }";
    let shown = client.ask(query, json!({"id": import["id"]})).await["import"].clone();
    let columns = shown["preview"]["columns"].as_array().unwrap().iter();
    (
        shown["columnMapping"].clone(),
        columns.map(|column| column["mappedTo"].clone()).collect(),
    )
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn columns_are_read_as_somebody_says_and_so_are_those_of_the_next_file_with_the_same_headings(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let house = House::open(database).await;
    let team = team(&house, "acme", Plan::Standard).await;
    let other = crate::support::team(&house, "other", Plan::Standard).await;
    let file = format!("Rufname der Person,Sippe,Wohin,Email\n{ROWS}");
    let dry = json!({"mode": "DRY_RUN"});
    let refused = run(&team.admin, file.as_bytes(), dry.clone()).await;
    assert_eq!(refused["failure"]["code"], "MISSING_COLUMN");

    let mut named = dry.clone();
    named["columnMapping"] = mapping(&[
        (header("RUFNAME der Person "), "GIVEN_NAME"),
        (number(2), "FAMILY_NAME"),
        (header("wohin"), "EMAIL"),
    ]);
    let import = run(&team.admin, file.as_bytes(), named.clone()).await;
    assert_eq!(
        outcomes(&import["preview"]["outcomeCounts"]),
        [("INVITED".to_owned(), 2)].into()
    );
    let (said, taken_for) = understood(&team.admin, &import).await;
    assert_eq!(said.as_array().unwrap().len(), 3);
    assert_eq!(
        said[1],
        json!({"header": null, "number": 2, "field": "FAMILY_NAME"})
    );
    // What is headed "Email" is not the e-mail address any more.
    assert_eq!(taken_for, json!(["GIVEN_NAME", "FAMILY_NAME", "EMAIL", null]));

    let next = format!(
        "Rufname der Person,Sippe,Wohin,Email\n{}",
        ROWS.replace("acme", "next")
    );
    let tried = run(&team.admin, next.as_bytes(), json!({})).await;
    assert_eq!(
        tried["failure"]["code"], "MISSING_COLUMN",
        "what was only tried out says nothing of other files"
    );
    decide(&team.admin, "confirmImport", import["id"].as_str().unwrap()).await;
    settled(&team.admin, import["id"].as_str().unwrap()).await;
    let unnamed = run(&team.admin, next.as_bytes(), json!({"columnMapping": []})).await;
    assert_eq!(unnamed["failure"]["code"], "MISSING_COLUMN", "none is named");
    let again = run(&team.admin, next.as_bytes(), json!({})).await;
    assert_eq!(again["status"], "SUCCEEDED");
    assert_eq!(
        outcomes(&again["outcomeCounts"]),
        [("INVITED".to_owned(), 2)].into()
    );
    let theirs = run(&other.admin, next.as_bytes(), dry.clone()).await;
    assert_eq!(
        theirs["failure"]["code"], "MISSING_COLUMN",
        "another account has said nothing"
    );
    let others = format!("Rufname,Sippe,Wohin,Email\n{ROWS}");
    let otherwise = run(&team.admin, others.as_bytes(), dry).await;
    assert_eq!(
        otherwise["failure"]["code"], "MISSING_COLUMN",
        "these are other headings"
    );
    house.settle_mails().await;
    house.close().await;
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn a_column_that_is_not_there_or_there_twice_refuses_the_file_with_its_place_and_what_was_found(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let house = House::open(database).await;
    let team = team(&house, "acme", Plan::Standard).await;
    let before = standing(&house, &team).await;
    let file = format!("A,B,C,B\n{ROWS}");
    let by_number = [(number(1), "GIVEN_NAME"), (number(2), "FAMILY_NAME")];
    let with = |more: Value, field| [by_number.to_vec(), vec![(more, field)]].concat();
    for (columns, code, field, said) in [
        (
            with(header("Mail"), "EMAIL"),
            "MISSING_COLUMN",
            json!(["line 1"]),
            "Found there: \"A\", \"B\", \"C\", \"B\"",
        ),
        (
            with(number(5), "EMAIL"),
            "MISSING_COLUMN",
            json!(["line 1"]),
            "no column number 5",
        ),
        (
            with(header("b"), "EMAIL"),
            "DUPLICATE_COLUMN",
            json!(["line 1", "B"]),
            "by its number",
        ),
        (
            with(header("a"), "EMAIL"),
            "DUPLICATE_COLUMN",
            json!(["line 1", "A"]),
            "named twice",
        ),
        (
            by_number.to_vec(),
            "MISSING_COLUMN",
            json!(["line 1", "Email"]),
            "lacks the column \"Email\"",
        ),
    ] {
        let import = run(
            &team.admin,
            file.as_bytes(),
            json!({"columnMapping": mapping(&columns)}),
        )
        .await;
        assert_eq!(
            (&import["status"], &import["failure"]["code"]),
            (&json!("FAILED"), &json!(code))
        );
        let message = import["failure"]["message"].as_str().unwrap();
        assert!(message.contains(said), "{message}");
        let at = "query($id: ID!) { import(id: $id) { failure { field } } }";
        let at = team.admin.ask(at, json!({"id": import["id"]})).await;
        assert_eq!(at["import"]["failure"]["field"], field);
    }
    // None of these is remembered.
    let import = run(&team.admin, file.as_bytes(), json!({})).await;
    assert!(
        import["failure"]["message"]
            .as_str()
            .unwrap()
            .contains("\"First Name\"")
    );
    assert_eq!(standing(&house, &team).await, before);
    house.close().await;
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn what_no_file_could_be_read_by_is_refused_in_the_call(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let house = House::open(database).await;
    let team = team(&house, "acme", Plan::Standard).await;
    let draw = add_product(&house, "acme", "DRAW", 5).await;
    let upload = team.admin.upload("people.csv", ROWS.as_bytes()).await;
    let mut assignments = giving(&[&draw]);
    assignments["columnMapping"] = mapping(&[(number(1), "ROLE")]);
    let named = |columns: &[(Value, &str)]| json!({"columnMapping": mapping(columns)});
    for (options, code, place) in [
        (assignments, "INVALID", "0"),
        (named(&[(number(0), "EMAIL")]), "INVALID", "0"),
        (
            named(&[(number(1), "EMAIL"), (number(65), "ROLE")]),
            "INVALID",
            "1",
        ),
        (named(&[(header(" "), "EMAIL")]), "INVALID", "0"),
        (named(&[(header(&"x".repeat(4_097)), "EMAIL")]), "INVALID", "0"),
        (
            named(&[(number(1), "EMAIL"), (number(1), "ROLE")]),
            "DUPLICATE_INPUT",
            "1",
        ),
        (
            named(&[(number(1), "EMAIL"), (header("B"), "EMAIL")]),
            "DUPLICATE_INPUT",
            "1",
        ),
        (named(&vec![(number(1), "EMAIL"); 65]), "TOO_MANY_ITEMS", ""),
    ] {
        let payload = start(&team.admin, &upload, options.clone()).await;
        assert_eq!(payload["import"], Value::Null, "{options}");
        assert_eq!(payload["userErrors"][0]["code"], code, "{options}");
        let path: Vec<&str> = ["input", "columnMapping", place]
            .into_iter()
            .filter(|part| !part.is_empty())
            .collect();
        assert_eq!(payload["userErrors"][0]["field"], json!(path), "{options}");
    }
    let good = format!("First Name,Last Name,Email,X\n{ROWS}");
    let import = run(&team.admin, good.as_bytes(), json!({"columnMapping": []})).await;
    assert_eq!(
        look(&team.admin, import["id"].as_str().unwrap()).await["status"],
        "SUCCEEDED"
    );
    house.settle_mails().await;
    house.close().await;
}
