//! Seats that end by themselves: on a day that was said, or because nobody needs them; who is told, and who gets them then.

use std::time::Duration;

use entity::account::Plan;
use entity::ids::Kind;
use entity::{job, mail};
use muster::background::chores;
use muster::background::upkeep::Upkeep;
use rstest::rstest;
use sea_orm::{ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter};
use serde_json::{Value, json};

use super::support::{people, product_of, send};
use crate::support::seats::assert_seats_agree;
use crate::support::{Database, House, Team, add_product, team};

const ASSIGN: &str = "mutation($input: AssignSeatsInput!) { assignSeats(input: $input) {
    summary { applied unchanged failed } results { status assignment { id version expiresOn } waitlistEntry { id expiresOn } userErrors { code field } }
    userErrors { code field } } }";
const CUSTOMISE: &str = "mutation($input: CustomizeAssignmentInput!) { customizeAssignment(input: $input) {
    assignment { version expiresOn components { isEnabled component { code } } } userErrors { code field } } }";
const UPDATE: &str = "mutation($input: UpdateAccountInput!) { updateAccount(input: $input) { account { version settings { reclaimIdleDays } } userErrors { code field } } }";

/// A day so many from today.
fn day(house: &House, days: i64) -> String {
    let day = house.app.clock().now().date_naive() + chrono::Duration::days(days);
    day.to_string()
}

/// The next day has come: what is due is looked for, and done.
async fn next_day(house: &House, team: &Team) {
    let account = house.literal(team.account_id);
    for sql in [
        "UPDATE chores SET run_at = '2026-01-01T00:00:00+00:00', lease_until = NULL".to_owned(),
        format!("UPDATE accounts SET seats_looked_after_on = NULL WHERE id = {account}"),
    ] {
        house.force(&sql).await.unwrap();
    }
    // Should the worker of the house have been quicker, it has done the same.
    chores::look_for(&house.app, Upkeep::Seats).await.unwrap();
    for _ in 0..600 {
        let open = job::Entity::find()
            .filter(job::Column::AccountId.eq(team.account_id))
            .filter(job::Column::Kind.eq("seats"))
            .filter(job::Column::Status.ne(job::Status::Done));
        if open.count(house.app.reader()).await.unwrap() == 0 {
            return;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    panic!("the seats are not looked after");
}

async fn activate(house: &House, users: &[String]) {
    let ids: Vec<String> = users
        .iter()
        .map(|id| house.literal(Kind::User.parse(id).unwrap()))
        .collect();
    let ids = ids.join(", ");
    let count = users.len();
    for sql in [
        format!("UPDATE users SET status = 'ACTIVE' WHERE id IN ({ids})"),
        format!(
            "UPDATE accounts SET users_active = users_active + {count}, users_pending = users_pending - {count}"
        ),
    ] {
        house.force(&sql).await.unwrap();
    }
}

async fn told(house: &House, team: &Team) -> Vec<(String, Value)> {
    let mails = mail::Entity::find()
        .filter(mail::Column::AccountId.eq(team.account_id))
        .filter(mail::Column::Kind.eq("seat_ending"));
    let mut told: Vec<(String, Value)> = mails
        .all(house.app.reader())
        .await
        .unwrap()
        .into_iter()
        .map(|mail| (mail.to_address, mail.payload))
        .collect();
    told.sort_by(|one, other| one.0.cmp(&other.0));
    told
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn a_seat_is_free_on_the_day_after_its_last_one_and_goes_to_whoever_waits(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let house = House::open(database).await;
    let team = team(&house, "acme", Plan::Standard).await;
    let draw = add_product(&house, "acme", "DRAW", 3).await;
    let users = people(&team, "p", 6).await;
    activate(&house, &users[..2]).await;
    let give = async |users: &[String], until: Value, when_full: &str| {
        let input = json!({"sources": [{"subscriptionId": draw}], "userIds": users, "expiresOn": until, "whenFull": when_full});
        send(&team, ASSIGN, input).await
    };
    let soon = give(&users[..2], json!(day(&house, 7)), "REFUSE").await;
    assert_eq!(soon["results"][0]["assignment"]["expiresOn"], day(&house, 7));
    let later = give(&users[2..3], Value::Null, "REFUSE").await;
    assert_eq!(later["results"][0]["assignment"]["expiresOn"], Value::Null);
    let waiting = give(&users[3..5], Value::Null, "WAITLIST").await;
    assert_eq!(waiting["summary"]["applied"], 2);
    // Who waits for a seat until a day that passes gets none.
    let briefly = give(&users[5..], json!(day(&house, 0)), "WAITLIST").await;
    assert_eq!(
        briefly["results"][0]["waitlistEntry"]["expiresOn"],
        day(&house, 0)
    );

    next_day(&house, &team).await;
    let mails = told(&house, &team).await;
    let addresses: Vec<&str> = mails.iter().map(|mail| mail.0.as_str()).collect();
    assert_eq!(addresses, ["p0@acme.example", "p1@acme.example"], "a week before");
    assert_eq!(mails[0].1["products"], json!(["Product DRAW"]));
    next_day(&house, &team).await;
    assert_eq!(told(&house, &team).await.len(), 2, "once");
    assert_eq!(team.seats(&draw).await, (3, 3, 1));

    // Given for longer they are told anew when that is near; the same day again changes nothing.
    let same = give(&users[..1], json!(day(&house, 7)), "REFUSE").await;
    assert_eq!(same["summary"]["unchanged"], 1);
    let longer = give(&users[..1], json!(day(&house, 6)), "REFUSE").await;
    assert_eq!(
        (
            &longer["results"][0]["status"],
            &longer["results"][0]["assignment"]["version"]
        ),
        (&json!("APPLIED"), &json!(2))
    );
    next_day(&house, &team).await;
    assert_eq!(told(&house, &team).await.len(), 3);

    // The last day of one is today, of the other yesterday.
    let ends = |user: usize, on: i64| {
        let id = house.literal(Kind::User.parse(&users[user]).unwrap());
        format!(
            "UPDATE assignments SET expires_on = '{}' WHERE user_id = {id}",
            day(&house, on)
        )
    };
    house.force(&ends(0, -1)).await.unwrap();
    house.force(&ends(1, 0)).await.unwrap();
    let entry = house.literal(Kind::User.parse(&users[5]).unwrap());
    house
        .force(&format!(
            "UPDATE waitlist_entries SET expires_on = '{}', rank = 0 WHERE user_id = {entry}",
            day(&house, -1)
        ))
        .await
        .unwrap();
    next_day(&house, &team).await;
    let holders = "{ account { assignments(first: 10) { nodes { user { id } expiresOn } } waitlist(first: 10) { nodes { user { id } } } } }";
    let state = team.admin.ask(holders, json!({})).await;
    let ids = |list: &str| -> Vec<String> {
        let nodes = state["account"][list]["nodes"].as_array().unwrap().iter();
        nodes
            .map(|node| node["user"]["id"].as_str().unwrap().to_owned())
            .collect()
    };
    let mut held = ids("assignments");
    held.sort();
    let mut expected = vec![users[1].clone(), users[2].clone(), users[3].clone()];
    expected.sort();
    assert_eq!(held, expected, "the first who waits has it");
    assert_eq!(ids("waitlist"), [users[4].clone()]);
    assert_seats_agree(&house).await;
    let audit = house.everything().await["audit_events"].join("\n");
    assert!(
        audit.contains("seats.end") && audit.contains("seats.give_to_waiting"),
        "{audit}"
    );
    house.settle_mails().await;
    house.close().await;
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn a_last_day_is_changed_and_taken_away_and_stays_with_whoever_is_disabled(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let house = House::open(database).await;
    let team = team(&house, "acme", Plan::Standard).await;
    let draw = add_product(&house, "acme", "DRAW", 3).await;
    let users = people(&team, "p", 2).await;
    activate(&house, &users).await;
    let given = send(
        &team,
        ASSIGN,
        json!({"sources": [{"subscriptionId": draw}], "userIds": users, "expiresOn": day(&house, 30)}),
    )
    .await;
    let seat = &given["results"][0]["assignment"]["id"];
    let longer = send(
        &team,
        CUSTOMISE,
        json!({"assignmentId": seat, "expiresOn": day(&house, 60)}),
    )
    .await;
    assert_eq!(
        (
            &longer["assignment"]["expiresOn"],
            &longer["assignment"]["version"]
        ),
        (&json!(day(&house, 60)), &json!(2))
    );
    assert_eq!(longer["assignment"]["components"].as_array().unwrap().len(), 3);
    let same = send(&team, CUSTOMISE, json!({"assignmentId": seat})).await;
    assert_eq!(same["assignment"]["version"], 2);
    let never = send(
        &team,
        CUSTOMISE,
        json!({"assignmentId": seat, "neverExpires": true}),
    )
    .await;
    assert_eq!(never["assignment"]["expiresOn"], Value::Null);
    let before = house.settled().await;
    for (mutation, input, field) in [
        (
            CUSTOMISE,
            json!({"assignmentId": seat, "expiresOn": day(&house, -1)}),
            "expiresOn",
        ),
        (
            CUSTOMISE,
            json!({"assignmentId": seat, "expiresOn": day(&house, 1), "neverExpires": true}),
            "neverExpires",
        ),
        (
            ASSIGN,
            json!({"sources": [{"subscriptionId": draw}], "userIds": users, "expiresOn": day(&house, -1)}),
            "expiresOn",
        ),
    ] {
        let refused = send(&team, mutation, input.clone()).await;
        assert_eq!(
            refused["userErrors"],
            json!([{"code": "INVALID", "field": ["input", field]}]),
            "{input}"
        );
    }
    assert_eq!(house.settled().await, before);
    for mutation in ["disableUsers", "enableUsers"] {
        let query = format!(
            "mutation($input: UserIdsInput!) {{ {mutation}(input: $input) {{ summary {{ applied }} userErrors {{ code }} }} }}"
        );
        let done = send(&team, &query, json!({"userIds": [users[1]]})).await;
        assert_eq!(done["summary"]["applied"], 1, "{done}");
    }
    let seats = "query($id: ID!) { user(id: $id) { assignments { nodes { expiresOn } } } }";
    let seats = team.admin.ask(seats, json!({"id": users[1]})).await;
    assert_eq!(
        seats["user"]["assignments"]["nodes"],
        json!([{"expiresOn": day(&house, 30)}])
    );
    assert_seats_agree(&house).await;
    house.settle_mails().await;
    house.close().await;
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn who_stays_away_is_told_and_loses_the_seat_a_week_later_unless_they_come(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let house = House::open(database).await;
    let team = team(&house, "acme", Plan::Standard).await;
    let draw = add_product(&house, "acme", "DRAW", 10).await;
    let users = people(&team, "p", 5).await;
    activate(&house, &users[..4]).await;
    let input = json!({"sources": [{"subscriptionId": draw}], "userIds": users});
    send(&team, ASSIGN, input).await;
    let id = |place: usize| house.literal(Kind::User.parse(&users[place]).unwrap());
    let ago = |days: i64| House::literal_time(house.app.clock().now() - chrono::Duration::days(days));
    let force = async |sql: String| assert!(house.force(&sql).await.unwrap() > 0, "{sql}");
    force(format!("UPDATE assignments SET assigned_at = {}", ago(100))).await;
    // Two were here long ago, one lately, one nearly long enough ago; and one did not accept in time.
    for (user, days) in [(0, 60), (1, 60), (2, 5), (3, 25)] {
        force(format!(
            "UPDATE users SET last_signed_in_at = {} WHERE id = {}",
            ago(days),
            id(user)
        ))
        .await;
    }
    force(format!(
        "UPDATE invitations SET expires_at = {} WHERE user_id = {}",
        ago(1),
        id(4)
    ))
    .await;

    // By itself nothing is taken back.
    next_day(&house, &team).await;
    assert_eq!(told(&house, &team).await.len(), 0);
    for (days, field) in [
        (13, "reclaimIdleDays"),
        (3_651, "reclaimIdleDays"),
        (-1, "reclaimIdleDays"),
    ] {
        let refused = send(&team, UPDATE, json!({"reclaimIdleDays": days})).await;
        assert_eq!(
            refused["userErrors"],
            json!([{"code": "INVALID", "field": ["input", field]}]),
            "{days}"
        );
    }
    let set = send(&team, UPDATE, json!({"reclaimIdleDays": 30})).await;
    assert_eq!(set["account"]["settings"]["reclaimIdleDays"], 30);
    let as_it_is = send(&team, UPDATE, json!({"seatNoticePercent": 90})).await;
    assert_eq!(as_it_is["account"], set["account"], "what is not said stays");

    next_day(&house, &team).await;
    let addresses = |mails: &[(String, Value)]| -> Vec<String> {
        mails
            .iter()
            .map(|mail| format!("{} {}", &mail.0[..2], mail.1["why"].as_str().unwrap()))
            .collect()
    };
    let mails = told(&house, &team).await;
    assert_eq!(
        addresses(&mails),
        ["p0 idle", "p1 idle", "p3 idle", "p4 not_accepted"]
    );
    assert_eq!(team.seats(&draw).await.1, 5, "nobody has lost anything");
    next_day(&house, &team).await;
    assert_eq!(told(&house, &team).await.len(), 4, "once");

    // A week later: one has come since, and one has not been away for long enough yet.
    force(format!(
        "UPDATE assignments SET reclaim_told_at = {} WHERE reclaim_told_at IS NOT NULL",
        ago(8)
    ))
    .await;
    force(format!(
        "UPDATE users SET last_signed_in_at = {} WHERE id = {}",
        ago(1),
        id(1)
    ))
    .await;
    next_day(&house, &team).await;
    let holders = "{ account { assignments(first: 10) { nodes { user { email } } } } }";
    let state = team.admin.ask(holders, json!({})).await;
    let mut held: Vec<&str> = state["account"]["assignments"]["nodes"]
        .as_array()
        .unwrap()
        .iter()
        .map(|node| &node["user"]["email"].as_str().unwrap()[..2])
        .collect();
    held.sort_unstable();
    assert_eq!(held, ["p1", "p2", "p3"]);
    assert_seats_agree(&house).await;
    let audit = house.everything().await["audit_events"].join("\n");
    assert!(audit.contains("seats.reclaim_by_policy"), "{audit}");
    assert_eq!(
        house
            .number("SELECT COUNT(*) FROM assignments WHERE reclaim_told_at IS NOT NULL")
            .await,
        1,
        "whoever came is as if they had not been told"
    );

    let off = send(&team, UPDATE, json!({"reclaimIdleDays": 0})).await;
    assert_eq!(off["account"]["settings"]["reclaimIdleDays"], Value::Null);
    force(format!(
        "UPDATE users SET last_signed_in_at = {} WHERE id = {}",
        ago(90),
        id(3)
    ))
    .await;
    next_day(&house, &team).await;
    assert_eq!(team.seats(&draw).await.1, 3, "switched off");
    house.settle_mails().await;
    house.close().await;
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn a_term_that_begins_serves_who_waits_and_of_two_processes_one_asks_for_it(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let house = House::open(database).await;
    let team = team(&house, "acme", Plan::Standard).await;
    let draw = add_product(&house, "acme", "DRAW", 1).await;
    let product = product_of(&team, &draw).await;
    let users = people(&team, "p", 3).await;
    let input = json!({"sources": [{"productId": product}], "userIds": users, "whenFull": "WAITLIST"});
    send(&team, ASSIGN, input).await;
    assert_eq!(team.seats(&draw).await.1, 1);
    // More seats, whose term has begun since without anybody doing anything.
    house.force("UPDATE subscriptions SET seats = 2").await.unwrap();
    let (first, second) = tokio::join!(
        chores::look_for(&house.app, Upkeep::Seats),
        chores::look_for(&house.app, Upkeep::Seats)
    );
    let done = [first.unwrap(), second.unwrap()];
    assert_eq!(done.iter().filter(|done| **done).count(), 1, "{done:?}");
    for _ in 0..600 {
        if team.seats(&draw).await.1 == 2 {
            break;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    assert_eq!(team.seats(&draw).await.1, 2);
    assert_seats_agree(&house).await;
    house.settle_mails().await;
    house.close().await;
}
