//! Lists of people as they are pasted, and addresses with what texts leave on them, through the public API.

use entity::account::Plan;
use rstest::rstest;
use serde_json::{Value, json};

use crate::mail::Server;
use crate::support::{Client, Database, House, Team, add_product, team};

const INVITE: &str = "mutation($input: InviteUsersInput!) { inviteUsers(input: $input) {
    results { email status keptAsKnown user { email givenName familyName role status } userErrors { code message } }
    summary { total applied unchanged failed leftOut } userErrors { code field message }
} }";

async fn invite(client: &Client, input: Value) -> Value {
    client.ask(INVITE, json!({"input": input})).await["inviteUsers"].clone()
}

/// `email|given|family` of each that was added, `!email CODE` of the others.
fn read(answer: &Value) -> Vec<String> {
    let result = |result: &Value| {
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let user = &result["user"];
        match user.is_null() {
            true => format!(
                "!{} {}",
                text(&result["email"]),
                text(&result["userErrors"][0]["code"])
            ),
            false => format!(
                "{}|{}|{}",
                text(&user["email"]),
                text(&user["givenName"]),
                text(&user["familyName"])
            ),
        }
    };
    answer["results"].as_array().unwrap().iter().map(result).collect()
}

async fn pending(team: &Team) -> Value {
    team.counts().await["userCounts"]["pending"].clone()
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn a_pasted_list_is_read_as_whoever_pasted_it_meant_it(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let house = House::open(database).await;
    let team = team(&house, "acme", Plan::Standard).await;
    let list = "Ozon, Piet <piet@corp.example>; Alain Chat (IT) <alain@corp.example>;\n\
        \"Doe, Jon <jon@corp.example>\" <jon@corp.example>\n\
        Nia <nia@corp.example<mailto:nia@corp.example>>\n\
        • Tab Bern\ttab@corp.example\n\
        “Curl, Ada” <ada@corp.example>\n\n\
        2) Name Address name@corp.example\n\
        (3) bo@corp.example <mailto:bo@corp.example>;;\n\
        PIET@corp.example\n\
        Jane Nobody\n";
    let answer = invite(&team.admin, json!({"recipients": {"list": list}})).await;
    assert_eq!(
        read(&answer),
        [
            "piet@corp.example|Piet|Ozon",
            "alain@corp.example|Alain|Chat",
            "jon@corp.example|Jon|Doe",
            "nia@corp.example|Nia|",
            "tab@corp.example|Tab|Bern",
            "ada@corp.example|Ada|Curl",
            "name@corp.example|Name|Address",
            "bo@corp.example||",
            "!Jane Nobody EMAIL_INVALID",
        ]
    );
    assert_eq!(
        answer["summary"],
        json!({"total": 9, "applied": 8, "unchanged": 0, "failed": 1, "leftOut": 3}),
        "an empty line, an empty entry and a repeated address"
    );
    assert_eq!(pending(&team).await, 8);
    house.settle_mails().await;
    assert_eq!(house.mails().len(), 8);
    let answer = invite(
        &team.admin,
        json!({"recipients": {"emails": ["", " ", "x@corp.example", "X@CORP.example", "\u{200b}"]}}),
    )
    .await;
    assert_eq!(
        answer["summary"],
        json!({"total": 1, "applied": 1, "unchanged": 0, "failed": 0, "leftOut": 4})
    );
    house.close().await;
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn what_is_glued_to_an_address_is_taken_off_or_refused_and_never_invited(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let house = House::open(database).await;
    let team = team(&house, "acme", Plan::Standard).await;
    let glued = [
        "ann@corp.example”",
        "ben@corp.example。",
        "cid@corp.example)",
        "«dan@corp.example»,",
        "<eva@corp.example>.",
        "mailto:fay@corp.example",
        "gu\u{ad}s@corp.example\u{200f}",
    ];
    let answer = invite(&team.admin, json!({"recipients": {"emails": glued}})).await;
    let names = ["ann", "ben", "cid", "dan", "eva", "fay", "gus"];
    assert_eq!(read(&answer), names.map(|name| format!("{name}@corp.example||")));
    assert_eq!(pending(&team).await, 7);

    let bad = [
        "dee@☕.example",
        "eve@corp–dash.example",
        "a@corp™.example",
        "a@corp…",
        "a@corp.example!",
        "a@corp.example–",
        "a@co“rp.example",
        "a@corp.example*",
        "a@corp\u{20ac}.example",
        "a@corp.example→",
        "•a@corp.example",
        "☎a@corp.example",
        "a@corp.ex§ample",
        "a@i❤.example",
        "a@corp.example?",
        "a@corp;example.com",
    ];
    let answer = invite(&team.admin, json!({"recipients": {"emails": bad}})).await;
    assert_eq!(answer["summary"]["failed"], bad.len());
    assert!(
        answer["results"]
            .as_array()
            .unwrap()
            .iter()
            .all(|result| result["userErrors"][0]["code"] == "EMAIL_INVALID"),
        "{answer}"
    );
    assert_eq!(pending(&team).await, 7, "nobody of these came in");

    let decomposed = invite(
        &team.admin,
        json!({"recipients": {"emails": ["mu\u{308}ller@bu\u{308}cher.example", "müller@bücher.example"]}}),
    )
    .await;
    assert_eq!(read(&decomposed), ["müller@bücher.example||"]);
    let good = [
        "a@例え・テスト.example",
        "a@почта.example",
        "a@l·l.example",
        "a@faß.example",
        "a@δοκιμή.example",
        "a@परीक्षा.example",
    ];
    let answer = invite(&team.admin, json!({"recipients": {"emails": good}})).await;
    assert_eq!(answer["summary"]["applied"], good.len(), "{answer}");
    house.close().await;
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn whom_the_relay_cannot_write_to_is_not_invited(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let relay = Server::start();
    let house = House::open_with(database, |config| {
        config.mail.smtp_url = Some(relay.url("smtp", "").into());
    })
    .await;
    let acme = team(&house, "acme", Plan::Standard).await;
    let emails = ["jürgen@corp.example", "ada@bücher.example", "юля@почта.рф"];
    let answer = invite(&acme.admin, json!({"recipients": {"emails": emails}})).await;
    assert_eq!(
        read(&answer),
        [
            "!jürgen@corp.example EMAIL_INVALID",
            "ada@bücher.example||",
            "!юля@почта.рф EMAIL_INVALID"
        ]
    );
    let message = answer["results"][0]["userErrors"][0]["message"].as_str().unwrap();
    assert!(message.contains("SMTPUTF8"), "{message}");
    let one = "mutation($input: InviteUserInput!) { inviteUser(input: $input) { user { id } userErrors { code field } } }";
    let one = acme
        .admin
        .ask(one, json!({"input": {"email": "zoë@corp.example"}}))
        .await["inviteUser"]
        .clone();
    assert_eq!(
        one,
        json!({"user": null, "userErrors": [{"code": "EMAIL_INVALID", "field": ["input", "email"]}]})
    );
    let file = "First Name,Last Name,Email\nJ,X,jörg@corp.example\nK,X,k@bücher.example\n";
    let import = crate::imports::support::run(&acme.admin, file.as_bytes(), json!({})).await;
    let failed =
        crate::imports::support::rows(&acme.admin, import["id"].as_str().unwrap(), json!(["FAILED"])).await;
    assert_eq!(
        (
            failed.len(),
            &failed[0]["lineNumber"],
            &failed[0]["userErrors"][0]["code"]
        ),
        (1, &json!(2), &json!("EMAIL_INVALID"))
    );
    assert_eq!(pending(&acme).await, 2);
    let later = invite(
        &acme.admin,
        json!({"recipients": {"emails": ["jürgen@corp.example"]}, "sendNow": false}),
    )
    .await;
    assert_eq!(
        later["results"][0]["user"]["status"], "STAGED",
        "who is invited later may be added now"
    );
    house.settle_mails().await;
    house.close().await;
    let taken = relay.taken();
    let mut to: Vec<_> = taken
        .iter()
        .map(|mail| mail["to"][0].as_str().unwrap())
        .filter(|to| !to.starts_with("admin"))
        .collect();
    to.sort_unstable();
    assert_eq!(to, ["ada@xn--bcher-kva.example", "k@xn--bcher-kva.example"]);

    let relay = Server::start_with_utf8();
    let house = House::open_with(database, |config| {
        config.mail.smtp_url = Some(relay.url("smtp", "").into());
    })
    .await;
    let acme = team(&house, "acme", Plan::Standard).await;
    let answer = invite(&acme.admin, json!({"recipients": {"emails": emails}})).await;
    assert_eq!(answer["summary"]["applied"], 3);
    house.settle_mails().await;
    house.close().await;
    assert_eq!(relay.taken().len(), 3);
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn the_answer_says_who_was_added_with_what(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let house = House::open(database).await;
    let team = team(&house, "acme", Plan::Standard).await;
    let other = crate::support::team(&house, "other", Plan::Standard).await;
    let draw = add_product(&house, "acme", "DRAW", 1).await;
    let foreign = add_product(&house, "other", "FOREIGN", 5).await;
    let before = house.settled().await;
    for id in [foreign.as_str(), "sub_01J8Z6D5VQ0000000000000000"] {
        let input = json!({"recipients": {"emails": ["a@acme.example"]}, "subscriptionIds": [draw, id]});
        let answer = invite(&team.admin, input).await;
        assert_eq!(answer["results"], json!([]));
        let error = &answer["userErrors"][0];
        assert_eq!(
            (&error["code"], &error["field"]),
            (&json!("NOT_FOUND"), &json!(["input", "subscriptionIds"])),
            "{id}"
        );
    }
    assert_eq!(house.settled().await, before, "nobody is added by halves");
    drop(other);

    let input =
        json!({"recipients": {"emails": ["a@acme.example", "b@acme.example"]}, "subscriptionIds": [draw]});
    let answer = invite(&team.admin, input).await;
    let failed = &answer["results"][1];
    assert_eq!(
        (&failed["status"], &failed["user"]["status"]),
        (&json!("FAILED"), &json!("PENDING"))
    );
    let message = failed["userErrors"][0]["message"].as_str().unwrap();
    assert!(
        message.contains("No seat of Product DRAW is left")
            && message.ends_with("The person is invited all the same."),
        "{message}"
    );

    let staged = json!({"recipients": {"list": "Sam Stage <sam@acme.example>"}, "sendNow": false});
    assert_eq!(
        invite(&team.admin, staged).await["results"][0]["keptAsKnown"],
        json!([])
    );
    let again = json!({"recipients": {"list": "Tom STAGE <sam@acme.example>"}, "role": "SECONDARY_ADMIN"});
    let answer = invite(&team.admin, again).await;
    let result = &answer["results"][0];
    assert_eq!(result["status"], "APPLIED");
    assert_eq!(
        result["keptAsKnown"],
        json!(["GIVEN_NAME", "ROLE"]),
        "and is told so"
    );
    assert_eq!(
        result["user"],
        json!({"email": "sam@acme.example", "givenName": "Sam", "familyName": "Stage", "role": "USER", "status": "PENDING"})
    );
    house.settle_mails().await;
    house.close().await;
}
