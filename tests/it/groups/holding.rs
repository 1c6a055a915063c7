//! What holds a seat: groups, somebody's hand, or both.

use entity::account::Plan;
use rstest::rstest;
use serde_json::{Value, json};

use super::support::{activate, equip, figures, group, has, join, leave, people, product_of, send};
use crate::support::seats::assert_seats_agree;
use crate::support::{Database, House, Team, add_product, team};

const ASSIGN: &str = "mutation($input: AssignSeatsInput!) { assignSeats(input: $input) {
    results { status assignment { version source assignedBy { id } } waitlistEntry { id } userErrors { code } } userErrors { code } affectedSubscriptions { id } } }";
const UNASSIGN: &str = "mutation($input: UnassignSeatsInput!) { unassignSeats(input: $input) {
    results { status stays userErrors { code field message } } userErrors { code field } affectedSubscriptions { id } } }";
const LEAVE_LINE: &str = "mutation($input: LeaveWaitlistInput!) { leaveWaitlist(input: $input) { results { status userErrors { code message } } userErrors { code } } }";

async fn assign(team: &Team, subscription: &str, users: &[String]) -> Value {
    let input = json!({"sources": [{"subscriptionId": subscription}], "userIds": users, "onError": "SKIP_FAILED", "whenFull": "WAITLIST"});
    send(team, ASSIGN, input).await
}

async fn unassign(team: &Team, subscription: &str, users: &[String]) -> Value {
    let product = product_of(team, subscription).await;
    send(team, UNASSIGN, json!({"userIds": users, "productId": product})).await
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn whoever_comes_in_gets_the_seats_and_one_mail_and_whoever_leaves_gives_them_back(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let house = House::open(database).await;
    let team = team(&house, "acme", Plan::Standard).await;
    let (draw, ink) = (
        add_product(&house, "acme", "DRAW", 5).await,
        add_product(&house, "acme", "INK", 5).await,
    );
    let users = people(&team, "p", 3).await;
    activate(&house).await;
    house.settle_mails().await;
    let before = house.mails().len();
    let design = group(&team, "Design", &[], &[&draw, &ink]).await;
    let came = join(&team, &design, &users[..2]).await;
    assert_eq!(
        came["summary"],
        json!({"applied": 2, "unchanged": 0, "failed": 0})
    );
    assert_eq!(came["group"]["memberCount"], 2);
    assert_eq!(figures(&came["seats"], "DRAW"), [2, 2, 0, 0]);
    assert_eq!(has(&team, &users[0]).await, ["DRAW GROUP", "INK GROUP"]);
    house.settle_mails().await;
    let mails = house.mails();
    assert_eq!(mails.len() - before, 2, "one mail each for both products");

    // Coming in again changes nothing and tells nobody.
    let again = join(&team, &design, &users[..2]).await;
    assert_eq!(again["summary"]["unchanged"], 2);
    assert_eq!(again["seats"], json!([]));

    let left = leave(&team, &design, &users[..1]).await;
    assert_eq!(left["results"][0]["releasedSeats"], 2);
    assert_eq!(figures(&left["seats"], "INK"), [0, 0, 0, 1]);
    assert_eq!(has(&team, &users[0]).await, Vec::<String>::new());
    assert_eq!(team.seats(&draw).await, (5, 1, 0));
    let again = leave(&team, &design, &users[..1]).await;
    assert_eq!(again["summary"]["unchanged"], 1);
    house.settle_mails().await;
    assert_eq!(
        house.mails().len(),
        mails.len(),
        "nobody is told of a seat that is gone"
    );
    assert_seats_agree(&house).await;
    house.close().await;
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn groups_that_overlap_give_a_seat_once_and_free_it_with_the_last_of_them(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let house = House::open(database).await;
    let team = team(&house, "acme", Plan::Standard).await;
    let draw = add_product(&house, "acme", "DRAW", 5).await;
    let users = people(&team, "p", 2).await;
    // Another subscription of the same product, under another contract.
    let other = sell_again(&house).await;
    let one = group(&team, "One", &users[..1], &[&draw]).await;
    let two = group(&team, "Two", &users[..1], &[&other]).await;
    let three = group(&team, "Three", &users, &[&draw, &other]).await;
    assert_eq!(has(&team, &users[0]).await, ["DRAW GROUP"]);
    assert_eq!(
        team.seats(&draw).await.1 + team.seats(&other).await.1,
        2,
        "one each"
    );
    leave(&team, &one, &users[..1]).await;
    assert_eq!(has(&team, &users[0]).await, ["DRAW GROUP"]);
    assert_eq!(
        equip(&team, &three, &[]).await.as_array().unwrap().len(),
        1,
        "of the other person"
    );
    assert_eq!(has(&team, &users[0]).await, ["DRAW GROUP"]);
    assert_eq!(has(&team, &users[1]).await, Vec::<String>::new());
    let gone = send(&team, super::support::DELETE, json!({"groupId": two})).await;
    assert_eq!(figures(&gone["seats"], "DRAW"), [0, 0, 0, 1]);
    assert_eq!(has(&team, &users[0]).await, Vec::<String>::new());
    assert_seats_agree(&house).await;
    house.close().await;
}

/// Five more seats of the product `DRAW`; answers the subscription.
async fn sell_again(house: &House) -> String {
    use muster::access::Actor;
    use muster::admin::CreateSubscription;
    let today = house.app.clock().now().date_naive();
    let sold = CreateSubscription {
        account: "acme".into(),
        product: "DRAW".into(),
        seats: 5,
        contract_number: "C-AGAIN".into(),
        starts_on: today,
        ends_on: today + chrono::Duration::days(30),
        is_trial: false,
    };
    let id = house.app.run(&Actor::Operator, sold).await.unwrap();
    entity::ids::Kind::Subscription.text(id)
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn a_seat_held_by_hand_too_stays_when_the_group_goes_and_goes_when_the_hand_lets_go_first(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let house = House::open(database).await;
    let team = team(&house, "acme", Plan::Standard).await;
    let draw = add_product(&house, "acme", "DRAW", 5).await;
    let users = people(&team, "p", 3).await;
    activate(&house).await;
    // The first has it by hand before, the second is given it by hand afterwards, the third never.
    assign(&team, &draw, &users[..1]).await;
    let design = group(&team, "Design", &users, &[&draw]).await;
    house.settle_mails().await;
    let mails = house.mails().len();
    let given = assign(&team, &draw, &users[1..2]).await;
    let result = &given["results"][0];
    assert_eq!(
        (&result["status"], &result["assignment"]["source"]),
        (&json!("UNCHANGED"), &json!("MANUAL"))
    );
    assert_eq!(result["assignment"]["assignedBy"]["id"], team.admin_id.as_str());
    assert_eq!(
        (&result["assignment"]["version"], &given["affectedSubscriptions"]),
        (&json!(2), &json!([]))
    );
    house.settle_mails().await;
    assert_eq!(house.mails().len(), mails, "it is their seat already");
    assert_eq!(team.seats(&draw).await, (5, 3, 0));

    // Taking it back by hand: there is nothing to take from the third; the second keeps it by the group.
    let taken = unassign(&team, &draw, &users[1..]).await;
    assert_eq!(
        (&taken["results"][0]["status"], &taken["results"][0]["stays"]),
        (&json!("APPLIED"), &json!(true))
    );
    let refused = &taken["results"][1];
    assert_eq!(
        (&refused["status"], &refused["stays"]),
        (&json!("FAILED"), &json!(false))
    );
    assert_eq!(refused["userErrors"][0]["code"], "HELD_BY_GROUP");
    assert_eq!(
        refused["userErrors"][0]["field"],
        json!(["input", "userIds", "1"])
    );
    let message = refused["userErrors"][0]["message"].as_str().unwrap();
    assert!(message.contains("\"Design\""), "{message}");
    assert_eq!(taken["affectedSubscriptions"], json!([]));
    assert_eq!(team.seats(&draw).await, (5, 3, 0));
    let product = product_of(&team, &draw).await;
    let all = json!({"userIds": users, "productId": product, "onError": "REJECT_ALL"});
    let all = send(&team, UNASSIGN, all).await;
    assert_eq!(all["userErrors"].as_array().unwrap().len(), 2, "{all}");
    assert_eq!(has(&team, &users[0]).await, ["DRAW MANUAL"]);

    leave(&team, &design, &users).await;
    assert_eq!(
        has(&team, &users[0]).await,
        ["DRAW MANUAL"],
        "the hand holds it still"
    );
    for user in &users[1..] {
        assert_eq!(has(&team, user).await, Vec::<String>::new());
    }
    assert_eq!(team.seats(&draw).await, (5, 1, 0));
    assert_seats_agree(&house).await;
    house.close().await;
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn a_group_says_before_how_many_seats_it_needs_and_the_rest_wait_in_order(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let house = House::open(database).await;
    let team = team(&house, "acme", Plan::Standard).await;
    let draw = add_product(&house, "acme", "DRAW", 2).await;
    let users = people(&team, "p", 5).await;
    activate(&house).await;
    assign(&team, &draw, &users[4..]).await;
    let design = group(&team, "Design", &users[..4], &[]).await;
    let wish = json!({"groupId": design, "subscriptionIds": [draw], "dryRun": true});
    let before = send(&team, super::support::SET, wish).await;
    assert_eq!(figures(&before["seats"], "DRAW"), [4, 1, 3, 0]);
    assert_eq!(before["seats"][0]["product"]["seats"]["available"], 1);
    assert_eq!(before["group"]["subscriptions"], json!([]), "nothing was changed");
    assert_eq!(team.seats(&draw).await, (2, 1, 0));

    assert_eq!(
        figures(&equip(&team, &design, &[&draw]).await, "DRAW"),
        [4, 1, 3, 0]
    );
    assert_eq!(has(&team, &users[0]).await, ["DRAW GROUP"]);
    for user in &users[1..4] {
        assert_eq!(has(&team, user).await, ["DRAW ..."]);
    }
    // Whoever waits by a group does not leave the line by hand; by hand and by group they stay by the group.
    let entry = assign(&team, &draw, &users[2..3]).await["results"][0]["waitlistEntry"]["id"].clone();
    let query = "{ account { waitlist(first: 3) { nodes { id user { id } } } } }";
    let line = team.admin.ask(query, json!({})).await["account"]["waitlist"]["nodes"].clone();
    let entries = json!([line[0]["id"], entry]);
    let left = send(&team, LEAVE_LINE, json!({"entryIds": entries})).await;
    assert_eq!(left["results"][0]["userErrors"][0]["code"], "HELD_BY_GROUP");
    assert_eq!(left["results"][1]["status"], "APPLIED");
    assert_eq!(has(&team, &users[2]).await, ["DRAW ..."]);

    // The seat that is freed by hand goes to the first of them, and whoever leaves the group waits no longer.
    unassign(&team, &draw, &users[4..]).await;
    assert_eq!(has(&team, &users[1]).await, ["DRAW GROUP"]);
    let left = leave(&team, &design, &users[..1]).await;
    assert_eq!(figures(&left["seats"], "DRAW"), [0, 0, 0, 1]);
    assert_eq!(
        has(&team, &users[2]).await,
        ["DRAW GROUP"],
        "given on in the same transaction"
    );
    leave(&team, &design, &users[3..4]).await;
    assert_eq!(has(&team, &users[3]).await, Vec::<String>::new());
    assert_seats_agree(&house).await;
    house.close().await;
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn whoever_asked_by_hand_waits_on_when_they_leave_the_group(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let house = House::open(database).await;
    let team = team(&house, "acme", Plan::Standard).await;
    let draw = add_product(&house, "acme", "DRAW", 1).await;
    let users = people(&team, "p", 3).await;
    assign(&team, &draw, &users[..1]).await;
    let design = group(&team, "Design", &users[1..], &[&draw]).await;
    let asked = assign(&team, &draw, &users[1..2]).await;
    assert_eq!(asked["results"][0]["status"], "UNCHANGED");
    leave(&team, &design, &users[1..]).await;
    assert_eq!(has(&team, &users[1]).await, ["DRAW ..."]);
    assert_eq!(has(&team, &users[2]).await, Vec::<String>::new());
    unassign(&team, &draw, &users[..1]).await;
    assert_eq!(has(&team, &users[1]).await, ["DRAW MANUAL"]);
    assert_seats_agree(&house).await;
    house.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_seat_that_a_group_gives_is_not_reclaimed_from_whoever_is_idle() {
    let house = House::open(Database::Sqlite).await;
    let team = team(&house, "acme", Plan::Standard).await;
    let draw = add_product(&house, "acme", "DRAW", 5).await;
    let users = people(&team, "p", 3).await;
    activate(&house).await;
    assign(&team, &draw, &users[..2]).await;
    let design = group(&team, "Design", &users[1..], &[&draw]).await;
    let long_ago = House::literal_time(house.app.clock().now() - chrono::Duration::days(200));
    house
        .force(&format!("UPDATE assignments SET assigned_at = {long_ago}"))
        .await
        .unwrap();
    let query = "{ account { reclaimableSeats(first: 10) { totalCount nodes { user { id } groups { name } } } assignments(first: 10) { nodes { id groups { id name } } } } }";
    let seen = team.admin.ask(query, json!({})).await["account"].clone();
    assert_eq!(seen["reclaimableSeats"]["totalCount"], 1);
    assert_eq!(
        seen["reclaimableSeats"]["nodes"][0]["user"]["id"],
        users[0].as_str()
    );
    let seats = seen["assignments"]["nodes"].as_array().unwrap();
    assert_eq!(seats[0]["groups"], json!([]));
    assert_eq!(seats[1]["groups"], json!([{"id": design, "name": "Design"}]));
    let all: Vec<&Value> = seats.iter().map(|seat| &seat["id"]).collect();
    let reclaim = "mutation($input: ReclaimSeatsInput!) { reclaimSeats(input: $input) { results { status userErrors { code } } } }";
    let answer = send(&team, reclaim, json!({"assignmentIds": all})).await;
    let statuses: Vec<&Value> = answer["results"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| &one["status"])
        .collect();
    assert_eq!(statuses, ["APPLIED", "FAILED", "FAILED"]);
    assert_seats_agree(&house).await;
    house.close().await;
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn members_wait_for_a_subscription_whose_term_has_not_begun_and_none_is_added_that_is_over(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let house = House::open(database).await;
    let team = team(&house, "acme", Plan::Standard).await;
    let draw = add_product(&house, "acme", "DRAW", 5).await;
    let users = people(&team, "p", 2).await;
    let today = house.app.clock().now().date_naive();
    let term = |from: i64, to: i64| {
        let day = |days| today + chrono::Duration::days(days);
        format!(
            "UPDATE subscriptions SET starts_on = '{}', ends_on = '{}'",
            day(from),
            day(to)
        )
    };
    house.force(&term(5, 9)).await.unwrap();
    let design = group(&team, "Design", &users[..1], &[]).await;
    assert_eq!(
        figures(&equip(&team, &design, &[&draw]).await, "DRAW"),
        [1, 0, 1, 0]
    );
    assert_eq!(has(&team, &users[0]).await, ["DRAW ..."]);
    // The term has begun: whoever waits comes before whoever comes in.
    house.force(&term(-5, 9)).await.unwrap();
    join(&team, &design, &users[1..]).await;
    for user in &users {
        assert_eq!(has(&team, user).await, ["DRAW GROUP"]);
    }
    // What is over stays with who has it, is not given to anybody new, and is not added to a group.
    house.force(&term(-9, -1)).await.unwrap();
    let other = group(&team, "Other", &[], &[]).await;
    let refused = send(
        &team,
        super::support::SET,
        json!({"groupId": other, "subscriptionIds": [draw]}),
    )
    .await;
    assert_eq!(
        refused["userErrors"],
        json!([{"code": "SUBSCRIPTION_INACTIVE", "field": ["input", "subscriptionIds", "0"]}])
    );
    assert_eq!(team.seats(&draw).await.1, 2);
    leave(&team, &design, &users[..1]).await;
    assert_eq!(team.seats(&draw).await.1, 1);
    house.close().await;
}
