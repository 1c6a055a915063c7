//! Files as a whole: which are refused, and that a refused one changes nothing; which odd ones are read well.

use entity::account::Plan;
use rstest::rstest;
use serde_json::json;

use super::support::{HEADER, assert_sums, mails_of, outcomes, people, rows, run, standing};
use crate::support::{Database, House, sha256, team};

fn utf16(text: &str) -> Vec<u8> {
    let units = format!("\u{feff}{text}");
    units.encode_utf16().flat_map(u16::to_le_bytes).collect()
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_is_bad_as_a_whole_fails_with_its_code_and_changes_nothing(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let house = House::open(database).await;
    let team = team(&house, "acme", Plan::Standard).await;
    let before = standing(&house, &team).await;
    let good = "Ada,Lovelace,ada@acme.example,,,\n";
    let bad: [(&str, Vec<u8>); 10] = [
        ("FILE_EMPTY", HEADER.into()),
        ("FILE_EMPTY", b"\n \n".to_vec()),
        ("TOO_MANY_ROWS", people("acme", 5_001).into()),
        (
            "INVALID_ENCODING",
            [HEADER.as_bytes(), b"Ren\xE9e,X,r@acme.example,,,\n"].concat(),
        ),
        ("FILE_NOT_CSV", b"PK\x03\x04 a workbook".to_vec()),
        (
            "FILE_NOT_CSV",
            format!("{HEADER}A\0,B,a@acme.example,,,\n").into(),
        ),
        (
            "MISSING_COLUMN",
            b"First Name,Last Name,Emial\nA,B,a@acme.example\n".to_vec(),
        ),
        (
            "DUPLICATE_COLUMN",
            b"First Name,Surname,Last Name,Email\nA,B,C,a@acme.example\n".to_vec(),
        ),
        (
            "UNTERMINATED_QUOTE",
            format!("{HEADER}{good}A,\"B,b@acme.example,,,\n").into(),
        ),
        (
            "FILE_NOT_CSV",
            b"<html><body>sign in first</body></html>".to_vec(),
        ),
    ];
    for (number, (code, bytes)) in bad.iter().enumerate() {
        let import = run(&team.admin, bytes, json!({})).await;
        assert_eq!(
            (&import["status"], &import["failure"]["code"]),
            (&json!("FAILED"), &json!(code))
        );
        assert_eq!(import["progress"]["processed"], 0);
        assert_eq!(import["progress"]["percent"], 100);
        let id = import["id"].as_str().unwrap();
        assert_eq!(
            rows(&team.admin, id, json!(null)).await,
            Vec::<serde_json::Value>::new()
        );
        assert_eq!(import["errorReport"], json!(null));
        assert_eq!(standing(&house, &team).await, before, "{code}");
        let told = mails_of(&house, &team, "import_finished").await;
        assert_eq!(told.len(), number + 1, "one mail that it ended, and no other");
    }
    let missing = run(&team.admin, &bad[6].1, json!({"mode": "DRY_RUN"})).await;
    let message = missing["failure"]["message"].as_str().unwrap();
    assert!(
        message.contains("Email") && message.contains("Emial"),
        "{message}"
    );
    let quote = run(&team.admin, &bad[8].1, json!({})).await;
    let message = quote["failure"]["message"].as_str().unwrap();
    assert!(message.contains("line 3"), "{message}");
    house.close().await;
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn five_thousand_rows_pass(#[values(Database::Sqlite, Database::Postgres)] database: Database) {
    let house = House::open(database).await;
    let team = team(&house, "acme", Plan::Standard).await;
    let import = run(&team.admin, people("acme", 5_000).as_bytes(), json!({})).await;
    assert_eq!(import["status"], "SUCCEEDED");
    assert_eq!(import["progress"]["succeeded"], 5_000);
    assert_eq!(
        import["outcomeCounts"],
        json!([{"outcome": "INVITED", "count": 5_000}])
    );
    let counts = team.counts().await;
    assert_eq!(counts["userCounts"]["pending"], 5_000);
    assert_eq!(counts["users"]["totalCount"], 5_001);
    let invited = mails_of(&house, &team, "invitation").await;
    assert_eq!(invited.len(), 5_000);
    house.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_csv_by_its_own_word_gets_no_place_to_be_put() {
    let house = House::open(Database::Sqlite).await;
    let team = team(&house, "acme", Plan::Standard).await;
    let refused = async |size: usize, content_type: &str| {
        let input = json!({"purpose": "USER_IMPORT", "filename": "people.csv", "byteSize": size, "contentType": content_type, "sha256": sha256(b"x")});
        let query = "mutation($input: CreateUploadInput!) { createUpload(input: $input) { upload { id } target { url } userErrors { code field } } }";
        team.admin.ask(query, json!({"input": input})).await["createUpload"].clone()
    };
    let too_large = refused(5 * 1024 * 1024 + 1, "text/csv").await;
    assert_eq!(
        too_large,
        json!({"upload": null, "target": null, "userErrors": [{"code": "FILE_TOO_LARGE", "field": ["input", "byteSize"]}]})
    );
    assert_eq!(
        refused(5 * 1024 * 1024, "text/csv").await["userErrors"],
        json!([])
    );
    let sheet = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";
    assert_eq!(
        refused(9, sheet).await["userErrors"][0]["code"],
        "FILE_TYPE_NOT_ALLOWED"
    );
    assert_eq!(
        refused(0, "text/csv").await["userErrors"][0]["code"],
        "FILE_EMPTY"
    );
    house.close().await;
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn files_of_every_honest_kind_are_read(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let house = House::open(database).await;
    let team = team(&house, "acme", Plan::Standard).await;
    let files: [(&str, &str, Vec<u8>); 4] = [
        (
            "UTF-8",
            ",",
            "\u{feff}first_name,LAST-NAME,E-mail Address\r\nZoë,山田,one@acme.example\r\n".into(),
        ),
        (
            "UTF-16LE",
            "\t",
            utf16("Given Name\tFamily Name\tE-Mail\r\nZoë\t山田\ttwo@acme.example\r\n"),
        ),
        (
            "UTF-8",
            ";",
            "First Name;Last Name;Email;Notes\nZoë;山田;three@acme.example;a,b\n".into(),
        ),
        (
            "UTF-8",
            ",",
            "\n\nFirst Name,Last Name,Email,Notes\n\u{a0}Zoë ,\"山田\",four@acme.example,\"a\r\nb\nc\"\n\n"
                .into(),
        ),
    ];
    for (encoding, delimiter, bytes) in &files {
        let import = run(&team.admin, bytes, json!({"mode": "DRY_RUN"})).await;
        assert_eq!(import["preview"]["detectedEncoding"], *encoding);
        assert_eq!(import["preview"]["delimiter"], *delimiter);
        let import = run(&team.admin, bytes, json!({})).await;
        assert_eq!(import["status"], "SUCCEEDED");
        assert_eq!(outcomes(&import["outcomeCounts"])["INVITED"], 1);
        assert_sums(&team.admin, &import).await;
    }
    let quoted = run(
        &team.admin,
        "First Name,Last Name,Email,Notes\nA,B,five@acme.example,\"1\n2\n3\"\nC,D,six,\n".as_bytes(),
        json!({}),
    )
    .await;
    let failed = rows(&team.admin, quoted["id"].as_str().unwrap(), json!(["FAILED"])).await;
    assert_eq!(
        failed[0]["lineNumber"], 5,
        "lines are those of the file, not of the records"
    );
    let names =
        "{ account { users(first: 10, filter: {search: \"zoë\"}) { nodes { givenName familyName } } } }";
    let found = team.admin.ask(names, json!({})).await;
    let found = found["account"]["users"]["nodes"].as_array().unwrap().clone();
    assert_eq!(found.len(), 4);
    assert!(
        found
            .iter()
            .all(|user| *user == json!({"givenName": "Zoë", "familyName": "山田"}))
    );
    house.close().await;
}
