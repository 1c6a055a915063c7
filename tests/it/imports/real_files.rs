//! Files as spreadsheets, other programs and hands write them, through the public API.

use entity::account::Plan;
use rstest::rstest;
use serde_json::{Value, json};

use super::support::{assert_sums, outcomes, rows, run, standing};
use crate::support::{Client, Database, House, Team, add_product, sell, sha256, team};

/// Names and e-mails of the people whose e-mail begins so.
async fn people(team: &Team, prefix: &str) -> Vec<Value> {
    let query = "query($prefix: String!) { account { users(first: 50, filter: {email: {startsWith: $prefix}}) { nodes { givenName familyName email externalId } } } }";
    let found = team.admin.ask(query, json!({"prefix": prefix})).await;
    found["account"]["users"]["nodes"].as_array().unwrap().clone()
}

fn named(given: &str, family: &str, email: &str) -> Value {
    json!({"givenName": given, "familyName": family, "email": email, "externalId": null})
}

/// Line, code and column of every failed row.
async fn failures(client: &Client, import: &Value) -> Vec<(i64, String, String)> {
    let rows = rows(client, import["id"].as_str().unwrap(), json!(["FAILED"])).await;
    let failure = |row: &Value| {
        let error = &row["userErrors"][0];
        let message = error["message"].as_str().unwrap();
        let line = row["lineNumber"].as_i64().unwrap();
        assert!(message.contains(&format!("ine {line}")), "{message}");
        let column = error["field"][1].as_str().unwrap_or_default();
        (
            line,
            error["code"].as_str().unwrap().to_owned(),
            column.to_owned(),
        )
    };
    rows.iter().map(failure).collect()
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn people_come_in_from_files_of_every_make_with_their_right_names(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let house = House::open(database).await;
    let team = team(&house, "acme", Plan::Standard).await;
    for (number, file, given, family) in [
        (
            1,
            "sep=;\r\nFirst Name;Last Name;Email\r\nMina;Harker;EMAIL\r\n",
            "Mina",
            "Harker",
        ),
        (
            2,
            "\u{feff}SEP=\t\nFirst Name\tLast Name\tEmail\nMina\tHarker\tEMAIL",
            "Mina",
            "Harker",
        ),
        (
            3,
            "First Name,Last Name,Email,Role,Products\nJonas,Berg,EMAIL\n",
            "Jonas",
            "Berg",
        ),
        (
            4,
            "First Name,Last Name,Email\nJonas,Berg,EMAIL,,,\n",
            "Jonas",
            "Berg",
        ),
        (
            5,
            "\"First Name\", \"Last Name\", \"Email\"\n\"Rita\", \"Moreau\", \"EMAIL\"\n",
            "Rita",
            "Moreau",
        ),
        (
            6,
            "Vorname;Nachname;E-Mail-Adresse\r\nJürgen;Groß;EMAIL",
            "Jürgen",
            "Groß",
        ),
        (7, "Nom,Prénom,Courriel\nHelin,Ève,EMAIL", "Ève", "Helin"),
        (
            8,
            "=\"First Name\",Surname,Email\n\"=\"\"Kai\"\"\",Rot,=\"EMAIL\"\n",
            "Kai",
            "Rot",
        ),
        (
            9,
            "First Name,Last Name,Email\n\u{200f}Noa\u{200f},Le\u{ad}vi,\u{202a}EMAIL\u{202c}\n",
            "Noa",
            "Le\u{ad}vi",
        ),
        (
            10,
            "First Name [Required],Last Name [Required],Email Address [Required],Notes\nBob \"Bo\",Stone,EMAIL,27\"\n",
            "Bob \"Bo\"",
            "Stone",
        ),
    ] {
        let email = format!("f{number}-x@acme.example");
        let import = run(&team.admin, file.replace("EMAIL", &email).as_bytes(), json!({})).await;
        assert_eq!(import["status"], "SUCCEEDED", "{file:?}: {}", import["failure"]);
        assert_eq!(
            people(&team, &format!("f{number}-")).await,
            [named(given, family, &email)],
            "{file:?}"
        );
    }
    let search = "query($words: String!) { account { users(first: 5, filter: {search: $words}) { nodes { email } } } }";
    for words in ["levi", "le\u{ad}vi", "\u{200e}noa"] {
        let found = team.admin.ask(search, json!({"words": words})).await;
        assert_eq!(
            found["account"]["users"]["nodes"],
            json!([{"email": "f9-x@acme.example"}]),
            "{words:?}"
        );
    }
    assert_eq!(team.counts().await["userCounts"]["pending"], 10);
    house.close().await;
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn rows_that_cannot_be_cut_fail_by_themselves_and_the_others_come_in(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let house = House::open(database).await;
    let team = team(&house, "acme", Plan::Standard).await;
    let file = "First Name,Last Name,Email,External ID\n\
        \"Bob \\\"Bo\\\"\",Stone,q1@acme.example\n\
        Una,Stone,q2@acme.example,\"=\"\"00417\"\"\"\n\
        \"Screen 5\\\"\",Stone,q3@acme.example\n\
        \"Ann\" Lee,Stone,q4@acme.example\n\
        Be\"th,Stone,q5@acme.example\n\
        Tom,Berg\n\
        Tim,Berg,q6@acme.example,7,DRAW\n\
        Zoe,Stone,q7@acme.example,=\"007\"\n";
    let import = run(&team.admin, file.as_bytes(), json!({})).await;
    assert_sums(&team.admin, &import).await;
    let malformed = |line| (line, "MALFORMED_QUOTE".to_owned(), String::new());
    assert_eq!(
        failures(&team.admin, &import).await,
        [
            malformed(2),
            malformed(4),
            malformed(5),
            malformed(6),
            (7, "REQUIRED".to_owned(), "Email".to_owned()),
            (8, "COLUMN_COUNT".to_owned(), String::new()),
        ]
    );
    let found = people(&team, "q").await;
    let mut ids: Vec<_> = found
        .iter()
        .map(|user| {
            (
                user["givenName"].as_str().unwrap(),
                user["externalId"].as_str().unwrap(),
            )
        })
        .collect();
    ids.sort_unstable();
    assert_eq!(
        ids,
        [("Una", "00417"), ("Zoe", "007")],
        "nobody else came in, and nobody by a garbled name"
    );
    house.close().await;
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn a_file_without_its_header_fails_with_line_and_column_and_what_was_found(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let house = House::open(database).await;
    let team = team(&house, "acme", Plan::Standard).await;
    let before = standing(&house, &team).await;
    let look = "query($id: ID!) { import(id: $id) { failure { code field message } } }";
    for (file, field, says) in [
        (
            "Users of March,,\n,,\nFirst Name,Last Name,Email\nEva,Lind,e@acme.example\n",
            json!(["line 1", "First Name"]),
            "Line 3 looks like the header",
        ),
        (
            "sep=;\nReport\nVorname;Nachname;Mail\nEva;Lind;e@acme.example\n",
            json!(["line 2", "First Name"]),
            "Line 3 looks like the header",
        ),
        (
            "Login,Department\nx,y\n",
            json!(["line 1", "First Name"]),
            "Found there: \"Login\", \"Department\"",
        ),
        (
            "\nFirst Name,Email\nEva,e@acme.example\n",
            json!(["line 2", "Last Name"]),
            "\"First Name\", \"Email\"",
        ),
        (
            "Eva,Lind,e@acme.example\n",
            json!(["line 1", "First Name"]),
            "looks like a person",
        ),
    ] {
        let import = run(&team.admin, file.as_bytes(), json!({})).await;
        assert_eq!(import["status"], "FAILED");
        let failure = team.admin.ask(look, json!({"id": import["id"]})).await["import"]["failure"].clone();
        assert_eq!(
            (&failure["code"], &failure["field"]),
            (&json!("MISSING_COLUMN"), &field),
            "{file:?}"
        );
        let message = failure["message"].as_str().unwrap();
        assert!(message.contains(says), "{message}");
        assert_eq!(import["progress"]["processed"], 0);
    }
    let import = run(
        &team.admin,
        b"First Name,Last Name,Email\nA,\"B,x@acme.example\n",
        json!({}),
    )
    .await;
    let failure = team.admin.ask(look, json!({"id": import["id"]})).await["import"]["failure"].clone();
    assert_eq!(
        (&failure["code"], &failure["field"]),
        (&json!("UNTERMINATED_QUOTE"), &json!(["line 2"]))
    );
    assert_eq!(standing(&house, &team).await, before);
    house.close().await;
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn the_report_opens_like_the_file_and_comes_in_once_corrected(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let house = House::open(database).await;
    let team = team(&house, "acme", Plan::Standard).await;
    let report = async |file: &[u8], options: Value| {
        let import = run(&team.admin, file, options).await;
        assert_eq!(import["status"], "SUCCEEDED_WITH_ERRORS", "{}", import["failure"]);
        let (status, bytes) = team
            .admin
            .get(import["errorReport"]["url"].as_str().unwrap())
            .await;
        assert!(status.is_success());
        bytes
    };
    let latin = b"Vorname;Nachname;E-Mail;First Name;Last Name;Email\r\n;;;J\xFCrgen;Gro\xDF;juergen@acme.example\r\n;;;Zo\xEB;Gro\xDF;nobody\r\n";
    let windows = json!({"encoding": "WINDOWS_1252"});
    let bytes = report(latin, windows.clone()).await;
    let begin = b"\"Vorname\";\"Nachname\";\"E-Mail\";\"First Name\";\"Last Name\";\"Email\";\"Problem\"\r\n\"\";\"\";\"\";\"Zo\xEB\";\"Gro\xDF\";\"nobody\";\"EMAIL_INVALID";
    assert!(bytes.starts_with(begin), "{}", bytes.escape_ascii());
    let place = bytes.windows(6).position(|part| part == b"nobody").unwrap();
    let corrected = [&bytes[..place], b"zoe@acme.example", &bytes[place + 6..]].concat();
    let import = run(&team.admin, &corrected, windows).await;
    assert_eq!(
        outcomes(&import["outcomeCounts"]),
        [("INVITED".to_owned(), 1)].into()
    );
    assert_eq!(
        people(&team, "zoe@").await,
        [named("Zoë", "Groß", "zoe@acme.example")]
    );

    let unmarked = report(b"First Name,Last Name,Email\nA,B,x\n", json!({})).await;
    assert!(unmarked.starts_with(b"\"First Name\",\"Last Name\","));
    let hinted = report(
        "\u{feff}sep=;\nFirst Name;Last Name;Email\nA;B;x\n".as_bytes(),
        json!({}),
    )
    .await;
    assert!(hinted.starts_with(b"\xEF\xBB\xBFsep=;\r\n\"First Name\";"));
    let wide: Vec<u8> = "\u{feff}First Name\tLast Name\tEmail\nA\tB\tx\n"
        .encode_utf16()
        .flat_map(u16::to_be_bytes)
        .collect();
    assert!(report(&wide, json!({})).await.starts_with(b"\xFE\xFF\0\"\0F"));
    house.close().await;
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn products_are_read_however_they_are_separated_where_each_part_is_one(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let house = House::open(database).await;
    let team = team(&house, "acme", Plan::Standard).await;
    let draw = add_product(&house, "acme", "DRAW", 10).await;
    let render = add_product(&house, "acme", "RENDER", 10).await;
    let both = sell(&house.app, "acme", ("C+", "Cut, Copy & Paste"), 10).await;
    let file = "First Name,Last Name,Email,Products\n\
        A,X,a@acme.example,DRAW;RENDER\n\
        B,X,b@acme.example,\"Product DRAW, render\"\n\
        C,X,c@acme.example,\"DRAW\nRENDER\"\n\
        D,X,d@acme.example,DRAW / RENDER\n\
        E,X,e@acme.example,\"Cut, Copy & Paste\"\n\
        F,X,f@acme.example,\"C+; Cut, Copy & Paste; DRAW;\"\n\
        G,X,g@acme.example,DRAW;RENDR\n\
        H,X,h@acme.example,\"X, Y\"\n";
    let import = run(&team.admin, file.as_bytes(), json!({})).await;
    assert_sums(&team.admin, &import).await;
    let failed = rows(&team.admin, import["id"].as_str().unwrap(), json!(["FAILED"])).await;
    let messages: Vec<&str> = failed
        .iter()
        .map(|row| row["userErrors"][0]["message"].as_str().unwrap())
        .collect();
    assert_eq!(
        messages,
        [
            "Line 9, column \"Products\": There is no product \"RENDR\". Is \"RENDER\" meant? Put \"|\" between several products.",
            "Line 10, column \"Products\": There is no product \"X, Y\". Put \"|\" between several products.",
        ]
    );
    assert!(
        failed
            .iter()
            .all(|row| row["userErrors"][0]["code"] == "PRODUCT_UNKNOWN")
    );
    assert_eq!(team.seats(&draw).await, (10, 5, 5));
    assert_eq!(team.seats(&render).await, (10, 4, 4));
    assert_eq!(team.seats(&both).await, (10, 2, 2));
    house.close().await;
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn a_file_is_taken_by_whatever_name_browsers_have_for_its_kind(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let house = House::open(database).await;
    let team = team(&house, "acme", Plan::Standard).await;
    let csv = b"First Name,Last Name,Email\nA,X,label@acme.example\n";
    let query = "mutation($input: CreateUploadInput!) { createUpload(input: $input) { upload { id filename } target { url method headers { name value } } userErrors { code field message } } }";
    let announce = async |name: &str, label: &str| {
        let input = json!({"purpose": "USER_IMPORT", "filename": name, "byteSize": csv.len(), "contentType": label, "sha256": sha256(csv)});
        team.admin.ask(query, json!({"input": input})).await["createUpload"].clone()
    };
    for (name, label) in [
        ("people.csv", "text/csv; charset=utf-8"),
        ("people.csv", "application/vnd.ms-excel"),
        ("People.CSV", "application/octet-stream"),
        ("people.csv", ""),
        ("people", "TEXT/PLAIN"),
        ("people.txt", "text/plain;charset=windows-1252"),
        ("people.csv", "application/csv"),
        ("people.tsv", "text/tab-separated-values"),
    ] {
        let payload = announce(name, label).await;
        assert_eq!(payload["userErrors"], json!([]), "{name} {label}");
        assert!(team.admin.put(&payload["target"], csv).await.is_success());
        let started =
            super::support::start(&team.admin, payload["upload"]["id"].as_str().unwrap(), json!({})).await;
        let import = super::support::settled(&team.admin, started["import"]["id"].as_str().unwrap()).await;
        assert_eq!(import["status"], "SUCCEEDED", "{name} {label}");
    }
    assert_eq!(people(&team, "label@").await.len(), 1);
    for (name, label) in [
        ("people.xlsx", "application/octet-stream"),
        ("people.csv", "application/pdf"),
        ("people.csv", "image/png"),
        ("people", ""),
    ] {
        let payload = announce(name, label).await;
        assert_eq!(
            payload["userErrors"][0]["code"], "FILE_TYPE_NOT_ALLOWED",
            "{name} {label}"
        );
        assert_eq!(payload["upload"], Value::Null);
    }
    let payload = announce(&format!("C:\\lists\\{}.csv", "ü".repeat(196)), "text/csv").await;
    assert_eq!(
        payload["upload"]["filename"].as_str().unwrap().chars().count(),
        200
    );
    for long in ["x".repeat(300), format!("{}.csv", "ü".repeat(197))] {
        let payload = announce(&long, "text/csv").await;
        assert_eq!(payload["userErrors"][0]["code"], "TOO_LONG");
        assert_eq!(payload["userErrors"][0]["field"], json!(["input", "filename"]));
        assert_eq!(payload["upload"], Value::Null, "it is not cut in silence");
    }
    house.close().await;
}
