//! Deciding about requests: approving gives a seat by the rules of any other, declining gives none, and whoever asked is told.

use entity::account::Plan;
use entity::ids::Kind;
use rstest::rstest;
use serde_json::{Value, json};

use super::support::{APPROVE, ASK, DECLINE, ask, product_of, send, told};
use crate::support::seats::assert_seats_agree;
use crate::support::{Client, Database, House, Team, add_product, team};

async fn join(house: &House, team: &Team, names: &[&str]) -> Vec<Client> {
    let mut clients = Vec::new();
    for name in names {
        clients.push(team.join(house, &format!("{name}@acme.example"), "USER").await);
    }
    clients
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn approving_gives_seats_in_order_while_there_are_some_and_the_rest_stay_open_or_wait(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let house = House::open(database).await;
    let team = team(&house, "acme", Plan::Standard).await;
    let subscription = add_product(&house, "acme", "DRAW", 2).await;
    let draw = product_of(&team, &subscription).await;
    let people = join(&house, &team, &["a", "b", "c"]).await;
    let mut ids = Vec::new();
    for person in &people {
        ids.push(ask(person, &draw).await);
    }
    let input = json!({"requestIds": [ids[0], "req_none", ids[1], ids[2], ids[0]], "answer": "Welcome!"});
    let answer = send(&team.admin, APPROVE, input).await;
    assert_eq!(
        answer["summary"],
        json!({"applied": 2, "unchanged": 1, "failed": 2}),
        "{answer:#}"
    );
    let status: Vec<&Value> = answer["results"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| &one["status"])
        .collect();
    assert_eq!(status, ["APPLIED", "FAILED", "APPLIED", "FAILED", "UNCHANGED"]);
    let result = |place: usize| &answer["results"][place];
    assert_eq!(
        result(0)["assignment"],
        json!({"user": {"email": "a@acme.example"}, "product": {"code": "DRAW"}})
    );
    assert_eq!(
        result(0)["request"],
        json!({"status": "APPROVED", "answer": "Welcome!", "decidedBy": {"email": "admin@acme.example"}})
    );
    assert_eq!(
        result(1)["userErrors"],
        json!([{"code": "NOT_FOUND", "field": ["input", "requestIds", "1"]}])
    );
    let short = &result(3)["userErrors"][0];
    assert_eq!(
        (&short["code"], &short["requested"], &short["available"]),
        (&json!("SEATS_EXHAUSTED"), &json!(1), &json!(0))
    );
    assert_eq!(result(3)["request"]["status"], "OPEN");
    assert_eq!(team.seats(&subscription).await, (2, 2, 0));
    assert_eq!(
        told(&people[0], "ACCESS_DECIDED").await,
        ["You have Product DRAW now"]
    );
    assert!(told(&people[2], "ACCESS_DECIDED").await.is_empty());

    // Whoever waits has the next seat that is free.
    let waits = send(
        &team.admin,
        APPROVE,
        json!({"requestIds": [ids[2]], "whenFull": "WAITLIST"}),
    )
    .await;
    assert_eq!(
        (
            &waits["results"][0]["status"],
            &waits["results"][0]["waitlistEntry"]["position"]
        ),
        (&json!("APPLIED"), &json!(1))
    );
    assert_eq!(
        told(&people[2], "ACCESS_DECIDED").await,
        ["Your request for Product DRAW was approved"]
    );
    let again = send(&team.admin, APPROVE, json!({"requestIds": [ids[2]]})).await;
    assert_eq!(
        again["summary"],
        json!({"applied": 0, "unchanged": 1, "failed": 0})
    );
    let late = send(&team.admin, DECLINE, json!({"requestIds": [ids[2]]})).await;
    assert_eq!(late["results"][0]["userErrors"][0]["code"], "ALREADY_DECIDED");
    let own = people[0].ask("{ viewer { user { id } } }", json!({})).await["viewer"]["user"]["id"].clone();
    let take =
        "mutation($input: UnassignSeatsInput!) { unassignSeats(input: $input) { summary { applied } } }";
    team.admin
        .ask(take, json!({"input": {"userIds": [own], "productId": draw}}))
        .await;
    let held = "{ viewer { user { assignments { nodes { product { code } components { isEnabled component { code } } } } } } }";
    let seen = people[2].ask(held, json!({})).await;
    assert_eq!(
        seen["viewer"]["user"]["assignments"]["nodes"][0]["product"]["code"],
        "DRAW"
    );
    // Without a seat again, it can be asked for again.
    let anew = send(&people[0], ASK, json!({"productId": draw})).await;
    assert_eq!(anew["accessRequest"]["status"], "OPEN");
    assert_seats_agree(&house).await;
    house.settle_mails().await;
    house.close().await;
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn declining_gives_nothing_and_bad_input_or_another_account_changes_nothing(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let house = House::open(database).await;
    let team = team(&house, "acme", Plan::Standard).await;
    let other = crate::support::team(&house, "other", Plan::Standard).await;
    let draw = product_of(&team, &add_product(&house, "acme", "DRAW", 2).await).await;
    let people = join(&house, &team, &["a", "b"]).await;
    let (first, second) = (ask(&people[0], &draw).await, ask(&people[1], &draw).await);
    house.settle_mails().await;
    let before = house.settled().await;
    let unknown = Kind::AccessRequest.text(uuid::Uuid::new_v4());
    for mutation in [APPROVE, DECLINE] {
        let foreign = send(&other.admin, mutation, json!({"requestIds": [first]})).await;
        let absent = send(&other.admin, mutation, json!({"requestIds": [unknown]})).await;
        assert_eq!(
            foreign.to_string().replace(&first, "ID"),
            absent.to_string().replace(&unknown, "ID")
        );
        let many = vec![first.clone(); 101];
        for (input, code) in [
            (json!({"requestIds": []}), "REQUIRED"),
            (json!({"requestIds": many}), "TOO_MANY_ITEMS"),
            (
                json!({"requestIds": [first], "answer": "x".repeat(501)}),
                "TOO_LONG",
            ),
        ] {
            let refused = send(&team.admin, mutation, input).await;
            assert_eq!(refused["userErrors"][0]["code"], code);
        }
        assert_eq!(
            people[0]
                .refused(mutation, json!({"input": {"requestIds": [first]}}))
                .await,
            "FORBIDDEN"
        );
    }
    let attempts = |rows: crate::support::rows::Rows| {
        let mut rows = rows;
        for table in [
            "audit_events",
            "audit_chains",
            "audit_targets",
            "sign_in_attempts",
        ] {
            rows.remove(table);
        }
        rows
    };
    assert_eq!(attempts(house.settled().await), attempts(before));
    let filter =
        "query($filter: AccessRequestFilter) { account { accessRequests(filter: $filter) { totalCount } } }";
    let count = async |filter_given: Value| {
        let seen = team.admin.ask(filter, json!({"filter": filter_given})).await;
        seen["account"]["accessRequests"]["totalCount"].as_i64().unwrap()
    };
    assert_eq!(count(json!({"productId": draw, "status": ["OPEN"]})).await, 2);
    for bad in [
        json!({"productId": "x"}),
        json!({"status": ["GONE"]}),
        json!({"status": vec!["OPEN"; 201]}),
    ] {
        assert_eq!(
            team.admin.refused(filter, json!({"filter": bad})).await,
            "BAD_USER_INPUT"
        );
    }
    let declined = send(
        &team.admin,
        DECLINE,
        json!({"requestIds": [first, second, first], "answer": "Not this year."}),
    )
    .await;
    assert_eq!(
        declined["summary"],
        json!({"applied": 2, "unchanged": 1, "failed": 0})
    );
    assert_eq!(
        declined["results"][0]["request"],
        json!({"status": "DECLINED", "answer": "Not this year."})
    );
    assert_eq!(
        told(&people[0], "ACCESS_DECIDED").await,
        ["Your request for Product DRAW was declined"]
    );
    assert_eq!(house.number("SELECT count(*) FROM assignments").await, 0);
    assert_eq!(
        (
            count(json!({"status": ["OPEN"]})).await,
            count(json!({"status": ["DECLINED"]})).await
        ),
        (0, 2)
    );
    house.settle_mails().await;
    house.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn deciding_takes_as_many_statements_for_one_as_for_a_hundred() {
    let house = House::open(Database::Postgres).await;
    let team = team(&house, "acme", Plan::Standard).await;
    let subscription = add_product(&house, "acme", "DRAW", 500).await;
    let draw = Kind::Product
        .parse(&product_of(&team, &subscription).await)
        .unwrap();
    crate::exports::support::crowd(&house, &team, 240, &[]).await;
    house
        .force("UPDATE users SET status = 'ACTIVE' WHERE status = 'STAGED'")
        .await
        .unwrap();
    let account = house.literal(team.account_id);
    let asked = format!(
        "INSERT INTO access_requests (account_id, id, user_id, product_id, status, created_at) \
         SELECT {account}, u.id, u.id, {}, 'OPEN', now() FROM users u WHERE u.email LIKE 'crowd%'",
        house.literal(draw)
    );
    house.force(&asked).await.unwrap();
    let id = |number: u32| Kind::AccessRequest.text(crate::exports::support::one_of_the_crowd(number));
    let (mut from, mut costs) = (1, Vec::new());
    for count in [1, 1, 10, 100] {
        let ids: Vec<String> = (from..from + count).map(id).collect();
        from += count;
        let before = house.app.statements();
        let answer = send(&team.admin, APPROVE, json!({"requestIds": ids})).await;
        assert_eq!(answer["summary"]["applied"], count, "{answer:#}");
        costs.push(house.app.statements() - before);
    }
    // Who asks is looked at again every two seconds.
    assert!(
        costs[1].abs_diff(costs[3]) <= 6 && costs[2].abs_diff(costs[1]) <= 6,
        "{costs:?}"
    );
    house.settle_mails().await;
    house
        .force("UPDATE users SET status = 'STAGED' WHERE email LIKE 'crowd%'")
        .await
        .unwrap();
    house.close().await;
}
