//! What a command costs in statements, whatever it is given: on PostgreSQL each is a round trip. `BEGIN`, which travels with the first of them, and `COMMIT`, which is
//! one more, are not counted here.

use entity::account::Plan;
use rstest::rstest;
use serde_json::{Value, json};

use crate::support::{Database, House, Team, add_product, team};

const ASSIGN: &str = "mutation($input: AssignSeatsInput!) { assignSeats(input: $input) {
    results { status assignment { id version assignedAt source } } userErrors { code }
} }";
const INVITE: &str = "mutation($input: InviteUserInput!) { inviteUser(input: $input) {
    user { id email status role version givenName familyName } invitation { id status expiresAt } userErrors { code }
} }";
const INVITE_ALL: &str = "mutation($input: InviteUsersInput!) { inviteUsers(input: $input) {
    results { email status user { id email status } invitation { id } } userErrors { code }
} }";

/// Sends several inputs, each of which must do the same: what each takes, the answer of the last.
async fn cost(house: &House, team: &Team, mutation: &str, inputs: Vec<Value>) -> (u64, Value) {
    // Who asks is looked at again every two seconds, and on SQLite the background counts too: the least is the command's own.
    let (mut least, mut last) = (u64::MAX, Value::Null);
    for input in inputs {
        house.settle_mails().await;
        let before = house.app.statements();
        last = team.admin.ask(mutation, json!({"input": input})).await;
        least = least.min(house.app.statements() - before);
    }
    (least, last)
}

/// How often each is tried.
const COUNT: usize = 4;

fn on(database: Database, sqlite: u64, postgres: u64) -> u64 {
    match database {
        Database::Sqlite => sqlite,
        Database::Postgres => postgres,
    }
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn seats_are_given_to_one_as_to_forty_in_four_statements_and_the_answer_takes_none(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let house = House::open(database).await;
    let team = team(&house, "acme", Plan::Standard).await;
    let subscription = add_product(&house, "acme", "DRAW", 500).await;
    let emails: Vec<String> = (0..COUNT * 42)
        .map(|number| format!("p{number}@acme.example"))
        .collect();
    let input = json!({"recipients": {"emails": emails}});
    let invited = team.admin.ask(INVITE_ALL, json!({"input": input})).await;
    let users: Vec<Value> = invited["inviteUsers"]["results"]
        .as_array()
        .unwrap()
        .iter()
        .map(|result| result["user"]["id"].clone())
        .collect();
    let assign = |users: &[Value]| json!({"sources": [{"subscriptionId": subscription}], "userIds": users});
    let (mut ones, mut lists) = (Vec::new(), Vec::new());
    for place in 0..COUNT {
        ones.push(assign(&users[place..=place]));
        lists.push(assign(&users[COUNT + 41 * place..COUNT + 41 * (place + 1)]));
    }

    // The lock with the rights; people with their seats; subscriptions; all that is written. On SQLite: the counter, the seats, the head of the audit log, its row.
    let expected = on(database, 7, 4);
    let (of_one, answer) = cost(&house, &team, ASSIGN, ones.clone()).await;
    assert_eq!(of_one, expected);
    let answer = &answer["assignSeats"];
    let seat = &answer["results"][0];
    assert_eq!(
        (&seat["status"], &answer["userErrors"]),
        (&json!("APPLIED"), &json!([]))
    );
    // What was answered from memory is what is read.
    let read = "query($id: ID!) { user(id: $id) { assignments { nodes { id version assignedAt source } } } }";
    let read = team.admin.ask(read, json!({"id": users[COUNT - 1]})).await;
    let read = &read["user"]["assignments"]["nodes"];
    assert_eq!(read, &json!([seat["assignment"]]));

    let (of_many, answer) = cost(&house, &team, ASSIGN, lists).await;
    assert_eq!(of_many, expected);
    let results = answer["assignSeats"]["results"].as_array().unwrap();
    assert_eq!(results.len(), 41);
    assert_eq!(team.seats(&subscription).await, (500, 168, 168));

    // Whoever has the seat already: nothing is written, counted or told.
    let (of_none, answer) = cost(&house, &team, ASSIGN, ones).await;
    assert_eq!(of_none, on(database, 3, 3));
    let seat = &answer["assignSeats"]["results"][0];
    assert_eq!(
        (&seat["status"], &seat["assignment"]),
        (&json!("UNCHANGED"), &read[0])
    );
    assert_eq!(team.seats(&subscription).await, (500, 168, 168));
    house.close().await;
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn one_is_invited_as_forty_are_in_four_statements_and_the_answer_takes_none(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let house = House::open(database).await;
    let team = team(&house, "acme", Plan::Standard).await;
    let subscription = add_product(&house, "acme", "DRAW", 500).await;
    let one = |name: &str, number: usize| json!({"email": format!("{name}{number}@acme.example"), "givenName": "Ada", "familyName": "Lovelace"});

    // The lock with the rights; who is known; whose the domains are; all that is written. On SQLite: user, counters, invitation, mail, the head of the audit log, its row.
    let ones = (0..COUNT).map(|number| one("one", number)).collect();
    let (of_one, answer) = cost(&house, &team, INVITE, ones).await;
    assert_eq!(of_one, on(database, 9, 4));
    let invited = &answer["inviteUser"];
    assert_eq!(invited["user"]["email"], "one3@acme.example");
    assert_eq!(invited["userErrors"], json!([]));
    // What was answered from memory is what is read.
    let read = "query($id: ID!) { user(id: $id) { id email status role version givenName familyName invitation { id status expiresAt } } }";
    let read = team.admin.ask(read, json!({"id": invited["user"]["id"]})).await;
    let mut told = invited["user"].clone();
    told["invitation"] = invited["invitation"].clone();
    assert_eq!(read["user"], told);

    let many = |name: &str| {
        let input = |number: usize| {
            let emails = (0..41).map(|place| format!("{name}{number}-{place}@acme.example"));
            json!({"recipients": {"emails": emails.collect::<Vec<_>>()}})
        };
        (0..COUNT).map(input).collect::<Vec<_>>()
    };
    let (of_many, _) = cost(&house, &team, INVITE_ALL, many("many")).await;
    assert_eq!(of_many, on(database, 9, 4));

    // With seats, subscriptions are looked at too. On SQLite: the counter and the seats; both audit rows are one statement.
    let mut seated = many("seated");
    for input in &mut seated {
        input["subscriptionIds"] = json!([subscription]);
    }
    let (of_seated, answer) = cost(&house, &team, INVITE_ALL, seated).await;
    assert_eq!(of_seated, on(database, 12, 5));
    let results = answer["inviteUsers"]["results"].as_array().unwrap();
    assert!(results.iter().all(|result| result["status"] == "APPLIED"));
    assert_eq!(team.seats(&subscription).await, (500, 164, 164));
    assert_eq!(team.counts().await["userCounts"]["pending"], COUNT * 83);
    house.settle_mails().await;
    assert_eq!(house.mails().len(), COUNT * 83);
    house.close().await;
}
