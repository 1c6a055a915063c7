//! Imports that are taken back: all of it where nothing has changed since, and what has stays with its reason.

use std::fmt::Write;

use std::collections::BTreeMap;

use chrono::Duration;
use entity::account::Plan;
use entity::user::{Role, Status};
use rstest::rstest;
use serde_json::{Value, json};
use tokio::net::TcpListener;

use super::assignments::{HEADER, giving, product};
use super::support::{alter, decide, people, run, start, wait_for};
use crate::support::{Client, Database, House, PASSWORD, Team, add_product, team};

const UNDO: &str = "mutation($id: ID!) { undoImport(input: {importId: $id}) {
    import { id status isCancellable progress { phase } undo { requestedBy { id } processed } } userErrors { code field } } }";
const UNDONE: &str = "query($id: ID!) { import(id: $id) { id status isCancellable progress { phase processed total percent } outcomeCounts { outcome count }
    undo { requestedBy { id } finishedAt processed undoneCount leftCount failure } } }";

async fn ask_back(client: &Client, id: &str) -> Value {
    client.ask(UNDO, json!({"id": id})).await["undoImport"].clone()
}

async fn look(client: &Client, id: &str) -> Value {
    client.ask(UNDONE, json!({"id": id})).await["import"].clone()
}

/// Has an import taken back and waits for that.
async fn undo(client: &Client, id: &str) -> Value {
    let payload = ask_back(client, id).await;
    assert_eq!(payload["userErrors"], json!([]));
    wait_for(client, id, |import| import["status"] == "UNDONE").await;
    look(client, id).await
}

/// Of every row what became of it and why, by line.
async fn rows(client: &Client, id: &str, which: Value) -> Vec<(i64, Value, Vec<String>)> {
    let query = "query($id: ID!, $undo: [ImportRowUndo!]) { import(id: $id) { rows(first: 100, filter: {undo: $undo}) { nodes { lineNumber undo undoErrors { code message } } } } }";
    let shown = client.ask(query, json!({"id": id, "undo": which})).await;
    let rows = shown["import"]["rows"]["nodes"].as_array().unwrap().iter();
    let codes = |row: &Value| {
        let errors = row["undoErrors"].as_array().unwrap().iter();
        errors
            .map(|error| error["code"].as_str().unwrap().to_owned())
            .collect()
    };
    rows.map(|row| {
        (
            row["lineNumber"].as_i64().unwrap(),
            row["undo"].clone(),
            codes(row),
        )
    })
    .collect()
}

fn figures(import: &Value) -> (i64, i64, i64) {
    let number = |name: &str| import["undo"][name].as_i64().unwrap();
    (number("processed"), number("undoneCount"), number("leftCount"))
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn an_import_is_taken_back_as_if_it_had_not_been_and_its_links_say_so(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let house = House::open(database).await;
    let team = team(&house, "acme", Plan::Standard).await;
    let draw = add_product(&house, "acme", "DRAW", 1_000).await;
    team.join(&house, "known@acme.example", "USER").await;
    let before = team.counts().await;
    // More than a batch, and somebody told of in two of them.
    let mut file = "First Name,Last Name,Email,Products\n".to_owned();
    for number in 0..700 {
        let products = ["DRAW", ""][number % 2];
        writeln!(
            file,
            "Person,Number {number},person{number}@acme.example,{products}"
        )
        .unwrap();
    }
    file += "Person,Number 1,person1@acme.example,DRAW\n,,nonsense,\nK,N,known@acme.example,DRAW\n";
    let import = run(&team.admin, file.as_bytes(), json!({})).await;
    let id = import["id"].as_str().unwrap();
    assert_eq!(import["status"], "SUCCEEDED_WITH_ERRORS");
    assert_eq!(team.seats(&draw).await, (1_000, 352, 351));
    let token = house.invitation_token("person7@acme.example").await;

    let undone = undo(&team.admin, id).await;
    assert_eq!(figures(&undone), (703, 702, 0));
    assert_eq!(
        undone["progress"],
        json!({"phase": "DONE", "processed": 703, "total": 703, "percent": 100})
    );
    assert_eq!(undone["undo"]["requestedBy"]["id"], team.admin_id.as_str());
    assert_eq!(
        (&undone["undo"]["failure"], &undone["isCancellable"]),
        (&Value::Null, &json!(false))
    );
    assert_eq!(
        undone["outcomeCounts"], import["outcomeCounts"],
        "what it came to stays known"
    );
    assert_eq!(team.counts().await, before);
    assert_eq!(team.seats(&draw).await, (1_000, 0, 0));
    assert!(rows(&team.admin, id, json!(["LEFT"])).await.is_empty());

    let open =
        "mutation($token: String!) { previewInvitation(input: {token: $token}) { userErrors { code } } }";
    let answer = house.anonymous().ask(open, json!({"token": token})).await;
    assert_eq!(
        answer["previewInvitation"]["userErrors"][0]["code"],
        "INVITATION_REVOKED"
    );
    let told = "{ viewer { notifications(first: 1) { nodes { title body } } } }";
    let told = team.admin.ask(told, json!({})).await["viewer"]["notifications"]["nodes"][0].clone();
    assert_eq!(told["title"], "The import of people.csv was taken back");
    assert_eq!(told["body"], "703 rows: 702 taken back.");

    // Nothing stands in the way of the same file once more.
    let again = run(&team.admin, file.as_bytes(), json!({})).await;
    assert_eq!(again["outcomeCounts"], import["outcomeCounts"]);
    assert_eq!(team.seats(&draw).await, (1_000, 352, 351));
    house.settle_mails().await;
    house.close().await;
}

async fn user_id(team: &Team, email: &str) -> String {
    let query = "query($email: String!) { account { users(first: 1, filter: {email: {eq: $email}}) { nodes { id } } } }";
    let shown = team.admin.ask(query, json!({"email": email})).await;
    shown["account"]["users"]["nodes"][0]["id"]
        .as_str()
        .unwrap()
        .to_owned()
}

async fn accept(house: &House, email: &str) {
    let token = house.invitation_token(email).await;
    let accept = "mutation($input: AcceptInvitationInput!) { acceptInvitation(input: $input) { userErrors { code } } }";
    let input = json!({"token": token, "password": PASSWORD});
    let answer = house.anonymous().ask(accept, json!({"input": input})).await;
    assert_eq!(answer["acceptInvitation"]["userErrors"], json!([]));
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn what_was_changed_since_is_left_and_each_row_says_why(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let house = House::open(database).await;
    let team = team(&house, "acme", Plan::Standard).await;
    let draw = add_product(&house, "acme", "DRAW", 20).await;
    let render = add_product(&house, "acme", "RENDER", 20).await;
    let (_, parts) = product(&team.admin, &draw).await;
    team.join(&house, "active@acme.example", "USER").await;
    run(
        &team.admin,
        format!("{HEADER}H,X,held@acme.example\n").as_bytes(),
        giving(&[&draw]),
    )
    .await;
    let file = format!(
        "{HEADER}A,X,plain@acme.example\nB,X,joined@acme.example\nC,X,edited@acme.example\nD,X,resent@acme.example\nE,X,other@acme.example\n\
         F,X,custom@acme.example\nG,X,gone@acme.example\n,,active@acme.example\n,,held@acme.example\nZ,,new@acme.example\n"
    );
    let mut options = giving(&[&draw]);
    options["componentIds"] = json!([parts["CORE"]]);
    let import = run(&team.admin, file.as_bytes(), options).await;
    let id = import["id"].as_str().unwrap();
    assert_eq!(team.seats(&draw).await, (20, 9, 8));

    accept(&house, "joined@acme.example").await;
    let edit = "mutation($input: UpdateUserInput!) { updateUser(input: $input) { userErrors { code } } }";
    let input = json!({"userId": user_id(&team, "edited@acme.example").await, "expectedVersion": 1, "givenName": "Other"});
    team.admin.ask(edit, json!({"input": input})).await;
    let resend =
        "mutation($input: InvitationIdsInput!) { resendInvitations(input: $input) { results { status } } }";
    let shown = "query($id: ID!) { user(id: $id) { invitation { id } } }";
    let shown = team
        .admin
        .ask(shown, json!({"id": user_id(&team, "resent@acme.example").await}))
        .await;
    let input = json!({"invitationIds": [shown["user"]["invitation"]["id"]]});
    team.admin.ask(resend, json!({"input": input})).await;
    let assign = "mutation($input: AssignSeatsInput!) { assignSeats(input: $input) { summary { applied } } }";
    let input = json!({"sources": [{"subscriptionId": render}], "userIds": [user_id(&team, "other@acme.example").await]});
    team.admin.ask(assign, json!({"input": input})).await;
    let input = json!({"sources": [{"subscriptionId": draw}], "componentIds": [parts["CORE"], parts["CLOUD"]],
        "userIds": [user_id(&team, "custom@acme.example").await]});
    team.admin.ask(assign, json!({"input": input})).await;
    let remove = "mutation($input: UserIdsInput!) { removeUsers(input: $input) { summary { applied } } }";
    let input = json!({"userIds": [user_id(&team, "gone@acme.example").await]});
    team.admin.ask(remove, json!({"input": input})).await;

    let undone = undo(&team.admin, id).await;
    assert_eq!(figures(&undone), (10, 3, 6));
    let left = json!("LEFT");
    let stale = || vec!["STALE_VERSION".to_owned()];
    let expected = vec![
        (3, left.clone(), vec!["INVITATION_ALREADY_ACCEPTED".to_owned()]),
        (4, left.clone(), stale()),
        (5, left.clone(), stale()),
        (6, left.clone(), stale()),
        (7, left.clone(), [stale(), stale()].concat()),
        (10, left, vec!["ALREADY_EXISTS".to_owned()]),
    ];
    assert_eq!(rows(&team.admin, id, json!(["LEFT"])).await, expected);
    let undone_lines: Vec<i64> = rows(&team.admin, id, json!(["UNDONE"]))
        .await
        .iter()
        .map(|row| row.0)
        .collect();
    assert_eq!(undone_lines, [2, 8, 9]);
    assert_eq!(rows(&team.admin, id, Value::Null).await.len(), 10);
    // The seat that was customised since, and the one that was there before.
    assert_eq!(team.seats(&draw).await, (20, 2, 2));
    assert_eq!(team.seats(&render).await, (20, 1, 1));
    let everybody = "{ account { users(first: 100) { nodes { email } } } }";
    let everybody = team.admin.ask(everybody, json!({})).await["account"]["users"]["nodes"].clone();
    let mut emails: Vec<&str> = everybody
        .as_array()
        .unwrap()
        .iter()
        .map(|user| user["email"].as_str().unwrap())
        .collect();
    emails.sort_unstable();
    let local = |email: &&str| email.split('@').next().unwrap().to_owned();
    let locals: Vec<String> = emails.iter().map(local).collect();
    assert_eq!(
        locals,
        [
            "active", "admin", "custom", "edited", "held", "joined", "other", "resent"
        ]
    );
    house.settle_mails().await;
    house.close().await;
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn who_waits_for_a_seat_since_is_left_in_their_place(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let house = House::open(database).await;
    let team = team(&house, "acme", Plan::Standard).await;
    let draw = add_product(&house, "acme", "DRAW", 1).await;
    let import = run(&team.admin, people("acme", 2).as_bytes(), json!({})).await;
    let users = "{ account { users(first: 2, filter: {status: [PENDING]}) { nodes { id } } } }";
    let users = team.admin.ask(users, json!({})).await["account"]["users"]["nodes"].clone();
    let holder = team.invite("holder@acme.example").await;
    let assign =
        "mutation($input: AssignSeatsInput!) { assignSeats(input: $input) { summary { applied failed } } }";
    for id in [json!(holder), users[0]["id"].clone()] {
        let input = json!({"sources": [{"subscriptionId": draw}], "userIds": [id], "whenFull": "WAITLIST"});
        team.admin.ask(assign, json!({"input": input})).await;
    }
    let undone = undo(&team.admin, import["id"].as_str().unwrap()).await;
    assert_eq!(figures(&undone), (2, 1, 1));
    let waiting = "{ account { waitlist(first: 5) { nodes { user { id } } } } }";
    let waiting = team.admin.ask(waiting, json!({})).await["account"]["waitlist"]["nodes"].clone();
    assert_eq!(waiting, json!([{"user": {"id": users[0]["id"]}}]));
    house.settle_mails().await;
    house.close().await;
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn only_what_has_ended_is_taken_back_once_and_not_too_late(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let house = House::open(database).await;
    let team = team(&house, "acme", Plan::Standard).await;
    let other = crate::support::team(&house, "other", Plan::Standard).await;
    let file = people("acme", 3);
    let waiting = run(&team.admin, file.as_bytes(), json!({"mode": "DRY_RUN"})).await;
    let waiting = waiting["id"].as_str().unwrap();
    let refused = |payload: &Value| {
        assert_eq!(payload["import"], Value::Null);
        assert_eq!(payload["userErrors"][0]["field"], json!(["input", "importId"]));
        payload["userErrors"][0]["code"].as_str().unwrap().to_owned()
    };
    assert_eq!(refused(&ask_back(&team.admin, waiting).await), "JOB_NOT_UNDOABLE");
    assert_eq!(refused(&ask_back(&other.admin, waiting).await), "NOT_FOUND");
    assert_eq!(refused(&ask_back(&team.admin, "imp_nonsense").await), "NOT_FOUND");
    decide(&team.admin, "cancelImport", waiting).await;
    assert_eq!(
        refused(&ask_back(&team.admin, waiting).await),
        "JOB_NOT_UNDOABLE",
        "it did nothing"
    );
    assert_eq!(look(&team.admin, waiting).await["status"], "CANCELLED");

    let import = run(&team.admin, file.as_bytes(), json!({})).await;
    let id = import["id"].as_str().unwrap();
    let second = team.join(&house, "second@acme.example", "USER").await;
    assert_eq!(second.refused(UNDO, json!({"id": id})).await, "FORBIDDEN");
    assert_eq!(team.counts().await["userCounts"]["pending"], 3);
    undo(&team.admin, id).await;
    let before = house.settled().await;
    let again = ask_back(&team.admin, id).await;
    assert_eq!(
        (&again["import"]["status"], &again["userErrors"]),
        (&json!("UNDONE"), &json!([]))
    );
    let cancelled = decide(&team.admin, "cancelImport", id).await;
    assert_eq!(cancelled["userErrors"][0]["code"], "JOB_NOT_CANCELLABLE");
    assert_eq!(house.settled().await, before);

    let late = run(&team.admin, file.as_bytes(), json!({})).await;
    let late = late["id"].as_str().unwrap();
    house.app.clock().advance(Duration::days(31));
    let admin = house.sign_in("admin@acme.example", PASSWORD).await;
    assert_eq!(refused(&ask_back(&admin, late).await), "UNDO_EXPIRED");
    assert_eq!(look(&admin, late).await["status"], "SUCCEEDED");
    house.settle_mails().await;
    house.close().await;
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn whoever_watches_sees_it_go_back_and_ends_when_it_has(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let house = House::open(database).await;
    let team = team(&house, "acme", Plan::Standard).await;
    let import = run(&team.admin, people("acme", 1_200).as_bytes(), json!({})).await;
    let id = import["id"].as_str().unwrap();
    let ended = import["progress"]["sequence"].as_i64().unwrap();
    undo(&team.admin, id).await;
    let query = "query($id: ID!, $after: Int!) { importEvents(importId: $id, afterSequence: $after) {
        sequence isFinal import { status progress { phase percent } undo { processed undoneCount finishedAt } } rows { undo } } }";
    let events = team.admin.ask(query, json!({"id": id, "after": ended})).await["importEvents"].clone();
    let events = events.as_array().unwrap();
    let seen: Vec<(&str, &str, i64, bool)> = events
        .iter()
        .map(|event| {
            let import = &event["import"];
            (
                import["status"].as_str().unwrap(),
                import["progress"]["phase"].as_str().unwrap(),
                import["undo"]["processed"].as_i64().unwrap(),
                event["isFinal"].as_bool().unwrap(),
            )
        })
        .collect();
    assert_eq!(
        seen,
        [
            ("RUNNING", "UNDOING", 0, false),
            ("RUNNING", "UNDOING", 500, false),
            ("RUNNING", "UNDOING", 1_000, false),
            ("UNDONE", "DONE", 1_200, true),
        ]
    );
    assert!(
        events
            .iter()
            .all(|event| event["import"]["progress"]["percent"] == 100)
    );
    assert_eq!(events[1]["rows"].as_array().unwrap().len(), 50);
    let kept = team.admin.ask(query, json!({"id": id, "after": ended - 1})).await["importEvents"][0].clone();
    assert_eq!(
        (&kept["import"]["status"], &kept["isFinal"]),
        (&json!("SUCCEEDED"), &json!(false))
    );
    assert_eq!(
        kept["import"]["undo"],
        Value::Null,
        "nobody had asked for it then"
    );
    house.settle_mails().await;
    house.close().await;
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn who_may_not_import_any_more_takes_nothing_back_and_another_goes_on(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let house = House::open(database).await;
    let team = team(&house, "acme", Plan::Standard).await;
    let second = team.join(&house, "second@acme.example", "SECONDARY_ADMIN").await;
    let import = run(&team.admin, people("acme", 4_000).as_bytes(), json!({})).await;
    let id = import["id"].as_str().unwrap();
    ask_back(&second, id).await;
    alter(&house, &team, "second@acme.example", Role::User, Status::Active).await;
    wait_for(&team.admin, id, |import| import["status"] != "RUNNING").await;
    let halted = look(&team.admin, id).await;
    assert_eq!(halted["status"], "SUCCEEDED");
    assert!(halted["undo"]["failure"].is_string(), "{halted}");
    let (processed, undone, _) = figures(&halted);
    assert!(processed < 4_000 && processed == undone, "{halted}");
    assert_eq!(team.counts().await["userCounts"]["pending"], 4_000 - undone);

    let done = undo(&team.admin, id).await;
    assert_eq!(figures(&done), (4_000, 4_000, 0));
    assert_eq!(done["undo"]["failure"], Value::Null);
    assert_eq!(team.counts().await["userCounts"]["pending"], 0);
    house.close().await;
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn what_was_not_sent_yet_is_not_sent_any_more(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    // A relay that takes connections and never says a word.
    let silent = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("smtp://{}", silent.local_addr().unwrap());
    let house = House::open_with(database, |config| config.mail.smtp_url = Some(url.into())).await;
    let team = team(&house, "acme", Plan::Standard).await;
    let draw = add_product(&house, "acme", "DRAW", 100).await;
    let row = |number| format!("Person,Number {number},person{number}@acme.example\n");
    let file = HEADER.to_owned() + &(0..100).map(row).collect::<String>();
    let upload = team.admin.upload("people.csv", file.as_bytes()).await;
    let started = start(&team.admin, &upload, giving(&[&draw])).await;
    let id = started["import"]["id"].as_str().unwrap().to_owned();
    wait_for(&team.admin, &id, |import| import["status"] == "SUCCEEDED").await;
    let waiting = "SELECT COUNT(*) FROM mails WHERE kind = 'invitation' AND lease_token IS NULL";
    assert!(house.number(waiting).await > 50);
    undo(&team.admin, &id).await;
    assert_eq!(house.number(waiting).await, 0, "only what is on its way is sent");
    assert!(
        house
            .number("SELECT COUNT(*) FROM mails WHERE kind = 'import_finished'")
            .await
            == 1
    );
    let counts: BTreeMap<&str, i64> = [("pending", 0), ("total", 1)].into();
    for (name, count) in counts {
        assert_eq!(team.counts().await["userCounts"][name], count);
    }
    house.close().await;
}
