//! Waiting for a seat: who gets the next one, whatever freed it, and who is told.

use std::time::Duration;

use entity::account::Plan;
use muster::access::Actor;
use muster::admin::SetSeats;
use rstest::rstest;
use serde_json::{Value, json};

use super::support::{UNASSIGN, people, product_of, send};
use crate::support::seats::assert_seats_agree;
use crate::support::{Database, House, Socket, Team, add_product, team};

const ASSIGN: &str = "mutation($input: AssignSeatsInput!) { assignSeats(input: $input) {
    summary { applied unchanged failed } results { status assignment { id } waitlistEntry { id position } userErrors { code field } }
    userErrors { code field } } }";
const LEAVE: &str = "mutation($input: LeaveWaitlistInput!) { leaveWaitlist(input: $input) { summary { applied failed } results { entryId status userErrors { code field } } userErrors { code field } } }";
const MOVE: &str = "mutation($input: MoveWaitlistEntryInput!) { moveWaitlistEntry(input: $input) { waitlistEntry { position user { email } } userErrors { code field } } }";
const UPDATE: &str = "mutation($input: UpdateAccountInput!) { updateAccount(input: $input) { account { version settings { seatNoticePercent } } userErrors { code field } } }";

async fn wait_for(team: &Team, subscription: &str, users: &[String]) -> Value {
    let input =
        json!({"sources": [{"subscriptionId": subscription}], "userIds": users, "whenFull": "WAITLIST"});
    let answer = send(team, ASSIGN, input).await;
    assert_eq!(answer["userErrors"], json!([]), "{answer}");
    answer
}

fn name(node: &Value) -> String {
    let email = node["user"]["email"].as_str().unwrap();
    email.split('@').next().unwrap().to_owned()
}

/// Who holds a seat of the account, in the order they were given, and who waits, in theirs.
async fn state(team: &Team) -> (Vec<String>, Vec<String>) {
    let query = "{ account { assignments(first: 100) { nodes { user { email } } } waitlist(first: 100) { nodes { user { email } position } } } }";
    let answer = team.admin.ask(query, json!({})).await;
    let names = |list: &str| {
        answer["account"][list]["nodes"]
            .as_array()
            .unwrap()
            .iter()
            .map(name)
            .collect()
    };
    (names("assignments"), names("waitlist"))
}

/// Makes people active whom nobody has given anything yet.
async fn activate(house: &House) {
    for sql in [
        "UPDATE users SET status = 'ACTIVE' WHERE status = 'PENDING'",
        "UPDATE accounts SET users_active = users_active + users_pending, users_pending = 0",
    ] {
        house.force(sql).await.unwrap();
    }
}

async fn set_seats(house: &House, code: &str, seats: i32) -> Result<(), muster::error::Error> {
    let command = SetSeats {
        account: "acme".into(),
        product: code.into(),
        contract_number: format!("C-{code}"),
        seats,
    };
    house.app.run(&Actor::Operator, command).await
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn whatever_frees_a_seat_gives_it_to_whoever_is_next_at_once(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let house = House::open(database).await;
    let team = team(&house, "acme", Plan::Standard).await;
    let draw = add_product(&house, "acme", "DRAW", 2).await;
    let product = product_of(&team, &draw).await;
    let users = people(&team, "p", 8).await;
    let first = wait_for(&team, &draw, &users).await;
    assert_eq!(
        first["summary"],
        json!({"applied": 8, "unchanged": 0, "failed": 0})
    );
    for (place, result) in first["results"].as_array().unwrap().iter().enumerate() {
        assert_eq!(result["assignment"].is_null(), place >= 2, "{result}");
        assert_eq!(result["waitlistEntry"].is_null(), place < 2, "{result}");
    }
    assert_eq!(first["results"][4]["waitlistEntry"]["position"], 3);
    let again = wait_for(&team, &draw, &users).await;
    assert_eq!(
        again["summary"],
        json!({"applied": 0, "unchanged": 8, "failed": 0})
    );
    let expect = async |held: &[&str], waiting: &[&str], after: &str| {
        let (mut holders, line) = state(&team).await;
        holders.sort();
        assert_eq!(
            (holders, line),
            (
                held.iter().map(|one| (*one).to_owned()).collect(),
                waiting.iter().map(|one| (*one).to_owned()).collect()
            ),
            "{after}"
        );
        assert_seats_agree(&house).await;
    };
    expect(&["p0", "p1"], &["p2", "p3", "p4", "p5", "p6", "p7"], "assigning").await;

    send(
        &team,
        UNASSIGN,
        json!({"userIds": [users[0]], "productId": product}),
    )
    .await;
    expect(&["p1", "p2"], &["p3", "p4", "p5", "p6", "p7"], "taking one back").await;
    // One who holds a seat and one who would be next: the seat goes to whoever stays.
    let remove = "mutation($input: UserIdsInput!) { removeUsers(input: $input) { summary { applied } } }";
    send(&team, remove, json!({"userIds": [users[1], users[3]]})).await;
    expect(&["p2", "p4"], &["p5", "p6", "p7"], "removing").await;
    let invitation = "query($id: ID!) { user(id: $id) { invitation { id } } }";
    let invitation = team.admin.ask(invitation, json!({"id": users[2]})).await;
    let revoke =
        "mutation($input: InvitationIdsInput!) { revokeInvitations(input: $input) { summary { applied } } }";
    send(
        &team,
        revoke,
        json!({"invitationIds": [invitation["user"]["invitation"]["id"]]}),
    )
    .await;
    expect(&["p4", "p5"], &["p6", "p7"], "revoking").await;
    set_seats(&house, "DRAW", 3).await.unwrap();
    expect(&["p4", "p5", "p6"], &["p7"], "a subscription that grows").await;
    assert!(set_seats(&house, "DRAW", 2).await.is_err(), "fewer than are held");
    assert_eq!(team.seats(&draw).await, (3, 3, 3));
    // Another subscription of the product.
    let subscribe = muster::admin::CreateSubscription {
        account: "acme".into(),
        product: "DRAW".into(),
        contract_number: "C-DRAW-2".into(),
        seats: 1,
        starts_on: house.app.clock().now().date_naive(),
        ends_on: house.app.clock().now().date_naive(),
        is_trial: false,
    };
    house.app.run(&Actor::Operator, subscribe).await.unwrap();
    expect(&["p4", "p5", "p6", "p7"], &[], "another subscription").await;
    let audit = house.everything().await["audit_events"].join("\n");
    assert!(audit.matches("seats.give_to_waiting").count() >= 5, "{audit}");
    house.settle_mails().await;
    assert!(
        !house
            .mails()
            .iter()
            .any(|mail| mail.contains("You now have access")),
        "nobody has joined yet"
    );
    house.close().await;
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn disabling_gives_the_seat_on_and_enabling_does_not_take_it_back(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let house = House::open(database).await;
    let team = team(&house, "acme", Plan::Standard).await;
    let draw = add_product(&house, "acme", "DRAW", 1).await;
    let users = people(&team, "p", 3).await;
    activate(&house).await;
    wait_for(&team, &draw, &users).await;
    house.settle_mails().await;
    let told = || {
        house
            .mails()
            .into_iter()
            .filter(|mail| mail.contains("You now have access to Product DRAW"))
    };
    assert_eq!(told().count(), 1, "who waits reads nothing yet");
    let standing = "mutation($input: UserIdsInput!) { changed: disableUsers(input: $input) { results { status userErrors { code } } } }";
    send(&team, standing, json!({"userIds": [users[0], users[2]]})).await;
    assert_eq!(
        state(&team).await,
        (vec!["p1".to_owned()], vec![]),
        "who is disabled waits no more"
    );
    house.settle_mails().await;
    assert_eq!(told().filter(|mail| mail.contains("p1@acme.example")).count(), 1);
    let enabled = send(
        &team,
        &standing.replace("disableUsers", "enableUsers"),
        json!({"userIds": [users[0]]}),
    )
    .await;
    assert_eq!(enabled["results"][0]["userErrors"][0]["code"], "SEATS_EXHAUSTED");
    assert_eq!(state(&team).await, (vec!["p1".to_owned()], vec![]));
    assert_seats_agree(&house).await;
    house.settle_mails().await;
    house.close().await;
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn a_line_is_left_and_put_in_another_order(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let house = House::open(database).await;
    let team = team(&house, "acme", Plan::Standard).await;
    let draw = add_product(&house, "acme", "DRAW", 1).await;
    let ink = add_product(&house, "acme", "INK", 1).await;
    let product = product_of(&team, &draw).await;
    let users = people(&team, "p", 6).await;
    let waiting = wait_for(&team, &draw, &users).await;
    wait_for(&team, &ink, &users[..2]).await;
    let entry = |place: usize| waiting["results"][place]["waitlistEntry"]["id"].clone();
    let line = async || {
        let query = "query($filter: WaitlistFilter) { account { waitlist(filter: $filter) { totalCount nodes { user { email } position product { code } requestedBy { email } } } } }";
        let answer = team
            .admin
            .ask(query, json!({"filter": {"productId": product}}))
            .await;
        let list = &answer["account"]["waitlist"];
        let nodes = list["nodes"].as_array().unwrap().clone();
        for (place, node) in nodes.iter().enumerate() {
            assert_eq!(node["position"], place + 1);
            assert_eq!(node["product"]["code"], "DRAW");
            assert_eq!(node["requestedBy"]["email"], "admin@acme.example");
        }
        assert_eq!(list["totalCount"], nodes.len());
        nodes.iter().map(name).collect::<Vec<_>>()
    };
    let advance = async |place: usize, position: i32| {
        let input = json!({"entryId": entry(place), "position": position});
        let moved = send(&team, MOVE, input).await;
        assert_eq!(moved["userErrors"], json!([]));
        moved["waitlistEntry"]["position"].clone()
    };
    assert_eq!(line().await, ["p1", "p2", "p3", "p4", "p5"]);
    assert_eq!(advance(4, 2).await, 2);
    assert_eq!(line().await, ["p1", "p4", "p2", "p3", "p5"]);
    assert_eq!(advance(1, 4).await, 4);
    assert_eq!(line().await, ["p4", "p2", "p3", "p1", "p5"]);
    assert_eq!(advance(2, 2).await, 2, "where they are");
    assert_eq!(advance(4, 99).await, 5, "behind the end is the end");
    assert_eq!(line().await, ["p2", "p3", "p1", "p5", "p4"]);
    let rest = json!({"entryIds": [entry(2), entry(2), entry(5)]});
    let mut insist = rest.clone();
    insist["onError"] = json!("REJECT_ALL");
    let missing = json!([{"code": "NOT_FOUND", "field": ["input", "entryIds", "1"]}]);
    let before = house.settled().await;
    assert_eq!(send(&team, LEAVE, insist).await["userErrors"], missing);
    assert_eq!(house.settled().await, before);
    let left = send(&team, LEAVE, rest).await;
    assert_eq!(left["summary"], json!({"applied": 2, "failed": 1}));
    assert_eq!(left["results"][1]["userErrors"], missing);
    assert_eq!(line().await, ["p3", "p1", "p4"]);
    // Page by page, forwards and backwards.
    let page = "query($first: Int, $after: String, $last: Int, $before: String) { account { waitlist(first: $first, after: $after, last: $last, before: $before) { nodes { user { email } } pageInfo { startCursor endCursor hasNextPage } } } }";
    let ask = async |variables: Value| team.admin.ask(page, variables).await["account"]["waitlist"].clone();
    let first = ask(json!({"first": 2})).await;
    let second = ask(json!({"first": 2, "after": first["pageInfo"]["endCursor"]})).await;
    let back = ask(json!({"last": 2, "before": second["pageInfo"]["startCursor"]})).await;
    assert_eq!(first["nodes"], back["nodes"]);
    let met: Vec<String> = [&first, &second]
        .iter()
        .flat_map(|page| page["nodes"].as_array().unwrap())
        .map(name)
        .collect();
    assert_eq!(met.len(), 4, "the line for the other product, too: {met:?}");
    let before = house.settled().await;
    for (mutation, input, code, field) in [
        (
            MOVE,
            json!({"entryId": entry(1), "position": 0}),
            "INVALID",
            json!(["input", "position"]),
        ),
        (
            MOVE,
            json!({"entryId": entry(1), "position": -3}),
            "INVALID",
            json!(["input", "position"]),
        ),
        (
            MOVE,
            json!({"entryId": entry(2), "position": 1}),
            "NOT_FOUND",
            json!(["input", "entryId"]),
        ),
        (
            MOVE,
            json!({"entryId": users[0], "position": 1}),
            "NOT_FOUND",
            json!(["input", "entryId"]),
        ),
        (
            LEAVE,
            json!({"entryIds": []}),
            "REQUIRED",
            json!(["input", "entryIds"]),
        ),
        (
            LEAVE,
            json!({"entryIds": vec!["wai_1"; 101]}),
            "TOO_MANY_ITEMS",
            json!(["input", "entryIds"]),
        ),
    ] {
        let refused = send(&team, mutation, input.clone()).await;
        let error = &refused["userErrors"][0];
        assert_eq!(
            (&error["code"], &error["field"]),
            (&json!(code), &field),
            "{input}"
        );
    }
    let wrong = "{ account { waitlist(filter: {productId: \"usr_1\"}) { totalCount } } }";
    assert_eq!(team.admin.refused(wrong, json!({})).await, "BAD_USER_INPUT");
    let wrong = "{ account { waitlist(after: \"x\") { totalCount } } }";
    assert_eq!(team.admin.refused(wrong, json!({})).await, "INVALID_CURSOR");
    assert_eq!(house.settled().await, before);
    assert_seats_agree(&house).await;
    house.close().await;
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn nobody_waits_while_there_is_a_seat_and_nobody_comes_before_who_waited(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let house = House::open(database).await;
    let team = team(&house, "acme", Plan::Standard).await;
    let draw = add_product(&house, "acme", "DRAW", 1).await;
    let product = product_of(&team, &draw).await;
    let users = people(&team, "p", 4).await;
    wait_for(&team, &draw, &users[..2]).await;
    // Freed while the subscription is not in term, the seat goes to nobody.
    house
        .force("UPDATE subscriptions SET state = 'PAST_DUE'")
        .await
        .unwrap();
    send(
        &team,
        UNASSIGN,
        json!({"userIds": [users[0]], "productId": product}),
    )
    .await;
    assert_eq!(state(&team).await, (vec![], vec!["p1".to_owned()]));
    let input = json!({"sources": [{"subscriptionId": draw}], "userIds": [users[2]], "whenFull": "WAITLIST"});
    let refused = send(&team, ASSIGN, input).await;
    assert_eq!(
        refused["userErrors"][0]["code"], "SUBSCRIPTION_INACTIVE",
        "there is nothing to wait for"
    );
    house
        .force("UPDATE subscriptions SET state = 'ACTIVE'")
        .await
        .unwrap();
    let late = json!({"sources": [{"productId": product}], "userIds": [users[2]], "onError": "SKIP_FAILED"});
    let late = send(&team, ASSIGN, late).await;
    assert_eq!(late["results"][0]["userErrors"][0]["code"], "SEATS_EXHAUSTED");
    assert_eq!(
        state(&team).await,
        (vec!["p1".to_owned()], vec![]),
        "who waited has it"
    );

    // Of two subscriptions, the one that is named is full: its product has a seat all the same.
    let subscribe = muster::admin::CreateSubscription {
        account: "acme".into(),
        product: "DRAW".into(),
        contract_number: "C-2".into(),
        seats: 1,
        starts_on: house.app.clock().now().date_naive(),
        ends_on: house.app.clock().now().date_naive(),
        is_trial: false,
    };
    let second = house.app.run(&Actor::Operator, subscribe).await.unwrap();
    let second = entity::ids::Kind::Subscription.text(second);
    let given = wait_for(&team, &draw, &users[2..3]).await;
    assert!(given["results"][0]["assignment"].is_object(), "{given}");
    assert_eq!(team.seats(&second).await, (1, 1, 1));
    // Asked for as a whole, a list waits as far as it does not fit.
    let rest = wait_for(
        &team,
        &second,
        &[users[0].clone(), users[0].clone(), users[3].clone()],
    )
    .await;
    assert_eq!(
        rest["summary"],
        json!({"applied": 2, "unchanged": 1, "failed": 0})
    );
    assert_eq!(state(&team).await.1, ["p0", "p3"]);
    assert_seats_agree(&house).await;
    house.settle_mails().await;
    house.close().await;
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn the_administrators_hear_once_of_few_seats_and_once_of_none(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let house = House::open(database).await;
    let team = team(&house, "acme", Plan::Standard).await;
    let draw = add_product(&house, "acme", "DRAW", 4).await;
    let product = product_of(&team, &draw).await;
    let users = people(&team, "p", 6).await;
    let settings = "{ account { version settings { seatNoticePercent } } }";
    let before = team.admin.ask(settings, json!({})).await["account"].clone();
    assert_eq!(before["settings"]["seatNoticePercent"], 90);
    let half = json!({"expectedVersion": before["version"], "seatNoticePercent": 50});
    let changed = send(&team, UPDATE, half.clone()).await;
    assert_eq!(changed["account"]["settings"]["seatNoticePercent"], 50);
    for (input, code, field) in [
        (half, "STALE_VERSION", "expectedVersion"),
        (json!({"seatNoticePercent": 0}), "INVALID", "seatNoticePercent"),
        (json!({"seatNoticePercent": 101}), "INVALID", "seatNoticePercent"),
    ] {
        let refused = send(&team, UPDATE, input).await;
        assert_eq!(
            refused["userErrors"],
            json!([{"code": code, "field": ["input", field]}])
        );
    }
    let same = send(&team, UPDATE, json!({"seatNoticePercent": 50})).await;
    assert_eq!(same["account"]["version"], changed["account"]["version"]);

    let heard = async || {
        house.settle_mails().await;
        let query = "{ viewer { notifications(first: 50) { nodes { kind } } } }";
        let answer = team.admin.ask(query, json!({})).await;
        let nodes = answer["viewer"]["notifications"]["nodes"]
            .as_array()
            .unwrap()
            .clone();
        let of = |kind: &str| nodes.iter().filter(|node| node["kind"] == kind).count();
        let mails = house.mails();
        let of_mails = |text: &str| mails.iter().filter(|mail| mail.contains(text)).count();
        (
            (
                of("SEATS_RUNNING_OUT"),
                of_mails("seats of Product DRAW are left") + of_mails("seats of Product DRAW is left"),
            ),
            (of("SEATS_EXHAUSTED"), of_mails("seats of Product DRAW are taken")),
        )
    };
    let give = async |place: usize| wait_for(&team, &draw, &users[place..=place]).await;
    give(0).await;
    assert_eq!(heard().await, ((0, 0), (0, 0)));
    give(1).await;
    let (low, full) = heard().await;
    assert_eq!((low.0, full), (1, (0, 0)));
    assert!(low.1 >= 1);
    give(2).await;
    assert_eq!(heard().await, (low, full), "once");
    give(3).await;
    let (_, full) = heard().await;
    assert_eq!(full.0, 1);
    // Whoever waits takes what is freed: nobody saw it free.
    give(4).await;
    send(
        &team,
        UNASSIGN,
        json!({"userIds": [users[0]], "productId": product}),
    )
    .await;
    assert_eq!(heard().await, (low, full));
    send(
        &team,
        UNASSIGN,
        json!({"userIds": [users[1]], "productId": product}),
    )
    .await;
    give(5).await;
    assert_eq!(heard().await.1.0, 2, "another crossing");
    house.close().await;
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn whoever_watches_a_product_sees_its_seats_and_every_change(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let house = House::open(database).await;
    let team = team(&house, "acme", Plan::Standard).await;
    let draw = add_product(&house, "acme", "DRAW", 5).await;
    let ink = add_product(&house, "acme", "INK", 5).await;
    let product = product_of(&team, &draw).await;
    let users = people(&team, "p", 4).await;
    let query = "subscription($id: ID!) { seatsChanged(productId: $id) { product { code } seats { total used pending available } occurredAt } }";
    let mut socket = Socket::admitted(&team.admin).await;
    let subscribe = |id: &str, product: &str| json!({"id": id, "type": "subscribe", "payload": {"query": query, "variables": {"id": product}}});
    socket.say(&subscribe("1", &product)).await;
    let seats = |said: &Value| {
        let seats = &said["payload"]["data"]["seatsChanged"]["seats"];
        [&seats["total"], &seats["used"], &seats["pending"]].map(|number| number.as_i64().unwrap_or(-1))
    };
    assert_eq!(seats(&socket.hear().await.unwrap()), [5, 0, 0], "as they are");
    // Not of this one.
    wait_for(&team, &ink, &users).await;
    for user in &users {
        wait_for(&team, &draw, std::slice::from_ref(user)).await;
    }
    // They are told as they are after a breath, however many changes there were.
    let mut last = socket.hear().await.unwrap();
    let mut told = 1;
    while seats(&last) != [5, 4, 4] {
        last = socket.hear().await.unwrap();
        told += 1;
    }
    assert!(told <= 4, "{told}");
    set_seats(&house, "DRAW", 7).await.unwrap();
    assert_eq!(seats(&socket.hear().await.unwrap()), [7, 4, 4]);
    for unknown in ["prd_00000000000000000000000007", "x"] {
        socket.say(&subscribe("2", unknown)).await;
        let refused = socket.hear().await.unwrap();
        assert_eq!(refused["type"], "error", "{refused}");
        assert_eq!(refused["id"], "2");
    }
    house.settle_mails().await;
    house.close().await;
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn freeing_a_hundred_seats_for_a_hundred_who_wait_takes_as_many_statements_as_freeing_one(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let house = House::open(database).await;
    let team = team(&house, "acme", Plan::Standard).await;
    let draw = add_product(&house, "acme", "DRAW", 120).await;
    let product = product_of(&team, &draw).await;
    let users = people(&team, "p", 453).await;
    house.settle_mails().await;
    for chunk in users.chunks(85) {
        wait_for(&team, &draw, chunk).await;
    }
    house.settle_mails().await;
    let mut least: Vec<u64> = Vec::new();
    let mut from = 0;
    for count in [1, 10, 100] {
        let mut of_this = u64::MAX;
        // Others are at work in the background: the least of several tries.
        for _ in 0..3 {
            let those = &users[from..from + count];
            from += count;
            let before = house.app.statements();
            let input = json!({"userIds": those, "productId": product});
            let query = "mutation($input: UnassignSeatsInput!) { unassignSeats(input: $input) { summary { applied } } }";
            let done = send(&team, query, input).await;
            of_this = of_this.min(house.app.statements() - before);
            assert_eq!(done["summary"]["applied"], count);
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        least.push(of_this);
    }
    assert_eq!(least[0], least[1], "{least:?}");
    assert_eq!(least[0], least[2], "{least:?}");
    assert_eq!(
        team.seats(&draw).await,
        (120, 120, 120),
        "for each who went somebody waited"
    );
    assert_seats_agree(&house).await;
    house.close().await;
}
