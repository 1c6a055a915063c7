//! Seats given to and taken from all who match: a few at once, many by a job that is followed like an import.

use std::collections::BTreeMap;
use std::time::Duration;

use entity::account::Plan;
use entity::user::{Role, Status};
use entity::{bulk_job, job};
use muster::background::chores;
use rstest::rstest;
use sea_orm::{ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter};
use serde_json::{Value, json};
use uuid::Uuid;

use super::support::{people, product_of, send};
use crate::imports::support::alter;
use crate::support::seats::assert_seats_agree;
use crate::support::{Client, Database, House, Socket, Team, add_product, team};

const ASSIGN: &str = "mutation($input: AssignSeatsInput!) { assignSeats(input: $input) {
    summary { total applied } results { status } job { id status action onError createdBy { id } progress { total processed } } userErrors { code field } } }";
const UNASSIGN: &str = "mutation($input: UnassignSeatsInput!) { unassignSeats(input: $input) {
    summary { total applied } results { status userId } job { id action } userErrors { code field } } }";
const JOB: &str = "id status isCancellable startedAt finishedAt itemsKeptUntil failure { code message } outcomeCounts { outcome count }
    progress { sequence phase processed total succeeded failed skipped percent fileStoreAwaySince }";
const CANCEL: &str = "mutation($input: CancelBulkJobInput!) { cancelBulkJob(input: $input) { bulkJob { id status isCancellable } userErrors { code field } } }";

async fn look(client: &Client, id: &str) -> Value {
    let query = format!("query($id: ID!) {{ bulkJob(id: $id) {{ {JOB} }} }}");
    client.ask(&query, json!({"id": id})).await["bulkJob"].clone()
}

/// A job once it has come to its end.
async fn ended(client: &Client, id: &str) -> Value {
    for _ in 0..3_000 {
        let job = look(client, id).await;
        if !job["finishedAt"].is_null() {
            return job;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    panic!("the job never ends: {:#}", look(client, id).await);
}

fn outcomes(job: &Value) -> BTreeMap<String, i64> {
    let counts = job["outcomeCounts"].as_array().unwrap().iter();
    let count = |count: &Value| {
        let outcome = count["outcome"].as_str().unwrap().to_owned();
        (outcome, count["count"].as_i64().unwrap())
    };
    counts.map(count).collect()
}

fn came_to(expected: &[(&str, i64)]) -> BTreeMap<String, i64> {
    let owned = |(outcome, count): &(&str, i64)| ((*outcome).to_owned(), *count);
    expected.iter().map(owned).collect()
}

/// The people of a job who came to something, page after page.
async fn items(client: &Client, id: &str, outcome: Value) -> Vec<Value> {
    let query = "query($id: ID!, $outcome: [BulkJobOutcome!], $after: String) { bulkJob(id: $id) { items(first: 100, after: $after, filter: {outcome: $outcome}) {
        totalCount nodes { id outcome user { id } userErrors { code message field } } pageInfo { hasNextPage endCursor } } } }";
    let (mut items, mut after) = (Vec::new(), Value::Null);
    loop {
        let variables = json!({"id": id, "outcome": outcome, "after": after});
        let page = client.ask(query, variables).await["bulkJob"]["items"].clone();
        items.extend(page["nodes"].as_array().unwrap().iter().cloned());
        if page["pageInfo"]["hasNextPage"] == false {
            assert_eq!(page["totalCount"], items.len());
            return items;
        }
        after = page["pageInfo"]["endCursor"].clone();
    }
}

/// Has somebody else work for the account, so that its next job waits.
async fn hold_up(house: &House, team: &Team) -> Uuid {
    let (account, id) = (house.literal(team.account_id), Uuid::new_v4());
    let id_text = house.literal(id);
    let now = House::literal_time(house.app.clock().now());
    let until = House::literal_time(house.app.clock().now() + chrono::Duration::hours(1));
    let sql = format!(
        "INSERT INTO jobs (account_id, id, kind, subject_id, status, run_at, attempts, lease_token, lease_until, created_at) \
         VALUES ({account}, {id_text}, 'names', {id_text}, 'READY', {now}, 1, {id_text}, {until}, {now})"
    );
    house.force(&sql).await.unwrap();
    id
}

async fn let_go(house: &House, held: Uuid) {
    let id = house.literal(held);
    house
        .force(&format!("DELETE FROM jobs WHERE id = {id}"))
        .await
        .unwrap();
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn more_than_a_hundred_who_match_are_given_seats_in_the_background_each_once(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let house = House::open(database).await;
    let team = team(&house, "acme", Plan::Standard).await;
    let draw = add_product(&house, "acme", "DRAW", 600).await;
    let product = product_of(&team, &draw).await;
    let users = people(&team, "many", 620).await;
    people(&team, "other", 3).await;
    house.settle_mails().await;
    let mails = house.settled().await["mails"].len();
    let input = json!({"sources": [{"productId": product}], "userFilter": {"search": "many", "withoutProductId": product},
        "onError": "SKIP_FAILED", "idempotencyKey": "once"});
    let answer = send(&team, ASSIGN, input.clone()).await;
    assert_eq!(answer["userErrors"], json!([]));
    assert_eq!(
        (&answer["results"], &answer["summary"]["total"]),
        (&json!([]), &json!(0))
    );
    let job = &answer["job"];
    let id = job["id"].as_str().unwrap();
    assert_eq!(
        (&job["action"], &job["onError"], &job["progress"]["total"]),
        (&json!("ASSIGN_SEATS"), &json!("SKIP_FAILED"), &json!(620))
    );
    assert_eq!(job["createdBy"]["id"], team.admin_id);

    let job = ended(&team.admin, id).await;
    assert_eq!(job["status"], "SUCCEEDED_WITH_ERRORS");
    assert_eq!(outcomes(&job), came_to(&[("APPLIED", 600), ("FAILED", 20)]));
    let progress = &job["progress"];
    assert_eq!(
        (
            &progress["processed"],
            &progress["succeeded"],
            &progress["failed"],
            &progress["skipped"]
        ),
        (&json!(620), &json!(600), &json!(20), &json!(0))
    );
    assert_eq!(
        (&progress["percent"], &progress["phase"]),
        (&json!(100), &json!("DONE"))
    );
    assert!(job["itemsKeptUntil"].is_string() && job["startedAt"].is_string());
    let all = items(&team.admin, id, Value::Null).await;
    let seen: Vec<&str> = all
        .iter()
        .map(|item| item["user"]["id"].as_str().unwrap())
        .collect();
    assert_eq!(seen, users, "in the order in which they were added");
    let failed = items(&team.admin, id, json!(["FAILED"])).await;
    let last: Vec<&str> = failed
        .iter()
        .map(|item| item["user"]["id"].as_str().unwrap())
        .collect();
    assert_eq!(last, users[600..]);
    assert!(
        failed
            .iter()
            .all(|item| item["userErrors"][0]["code"] == "SEATS_EXHAUSTED")
    );
    assert_eq!(team.seats(&draw).await, (600, 600, 600));
    assert_seats_agree(&house).await;

    // The same call again is the same job, though nobody matches as they did.
    let again = send(&team, ASSIGN, input).await;
    assert_eq!(again["job"]["id"], id);
    let made = bulk_job::Entity::find().filter(bulk_job::Column::AccountId.eq(team.account_id));
    let made = made.count(house.app.reader()).await.unwrap();
    assert_eq!(made, 1);
    let told =
        "{ viewer { notifications(first: 10) { nodes { kind severity title body subject { id } } } } }";
    let told = team.admin.ask(told, json!({})).await;
    let told = told["viewer"]["notifications"]["nodes"]
        .as_array()
        .unwrap()
        .clone();
    let of_job: Vec<&Value> = told.iter().filter(|one| one["kind"] == "JOB_FINISHED").collect();
    assert_eq!(of_job.len(), 1, "{told:#?}");
    assert_eq!(of_job[0]["title"], "Giving seats is done, but for some people");
    assert_eq!(of_job[0]["body"], "620 people: 600 done, 20 failed.");
    assert_eq!(
        (&of_job[0]["severity"], &of_job[0]["subject"]["id"]),
        (&json!("WARNING"), &json!(id))
    );
    // Of those who have not accepted nobody is told; the administrator reads once that the seats are taken.
    assert_eq!(house.settled().await["mails"].len(), mails + 1);

    // After a month nobody needs to know for whom; that it was done stays.
    let old = House::literal_time(house.app.clock().now() - chrono::Duration::days(40));
    for sql in [
        format!("UPDATE bulk_jobs SET finished_at = {old}"),
        "UPDATE chores SET run_at = '2026-01-01T00:00:00+00:00', lease_until = NULL".to_owned(),
    ] {
        house.force(&sql).await.unwrap();
    }
    chores::once(&house.app).await.unwrap();
    assert_eq!(items(&team.admin, id, Value::Null).await, Vec::<Value>::new());
    assert_eq!(house.number("SELECT COUNT(*) FROM bulk_job_events").await, 0);
    assert_eq!(
        outcomes(&look(&team.admin, id).await),
        came_to(&[("APPLIED", 600), ("FAILED", 20)])
    );
    house.close().await;
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn a_job_is_followed_like_an_import_over_a_socket_and_by_asking(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let house = House::open(database).await;
    let team = team(&house, "acme", Plan::Standard).await;
    let draw = add_product(&house, "acme", "DRAW", 2_000).await;
    people(&team, "many", 1_100).await;
    let held = hold_up(&house, &team).await;
    let input = json!({"sources": [{"subscriptionId": draw}], "userFilter": {"search": "many"}, "onError": "SKIP_FAILED"});
    let id = send(&team, ASSIGN, input).await["job"]["id"]
        .as_str()
        .unwrap()
        .to_owned();
    assert_eq!(look(&team.admin, &id).await["status"], "QUEUED");
    let mut socket = Socket::admitted(&team.admin).await;
    let query = format!(
        "subscription($id: ID!) {{ bulkJobProgress(bulkJobId: $id) {{ sequence kind isFinal hasGap items {{ outcome }} job {{ {JOB} }} }} }}"
    );
    let payload = json!({"query": query, "variables": {"id": id}});
    socket
        .say(&json!({"id": "1", "type": "subscribe", "payload": payload}))
        .await;
    let mut heard = Vec::new();
    loop {
        let message = socket.hear().await.unwrap();
        if message["type"] == "complete" {
            break;
        }
        let event = message["payload"]["data"]["bulkJobProgress"].clone();
        if heard.is_empty() {
            let_go(&house, held).await;
        }
        heard.push(event);
    }
    assert_eq!(
        (
            &heard[0]["kind"],
            &heard[0]["sequence"],
            &heard[0]["job"]["status"]
        ),
        (&json!("SNAPSHOT"), &json!(1), &json!("QUEUED"))
    );
    let last = heard.last().unwrap();
    assert_eq!(
        (&last["isFinal"], &last["job"]["status"]),
        (&json!(true), &json!("SUCCEEDED"))
    );
    assert!(heard.iter().rev().skip(1).all(|event| event["isFinal"] == false));
    assert!(heard.iter().all(|event| event["hasGap"] == false));
    let processed: Vec<i64> = heard
        .iter()
        .map(|event| event["job"]["progress"]["processed"].as_i64().unwrap())
        .collect();
    assert!(processed.is_sorted(), "{processed:?}");
    assert!(
        heard
            .iter()
            .all(|event| event["items"].as_array().unwrap().len() <= 50)
    );

    // By asking: every step with how it was then, numbered without a gap.
    let events = format!(
        "query($id: ID!, $after: Int!) {{ bulkJobEvents(bulkJobId: $id, afterSequence: $after) {{ sequence kind isFinal hasGap items {{ id }} job {{ {JOB} }} }} }}"
    );
    let kept = team.admin.ask(&events, json!({"id": id, "after": 0})).await;
    let kept = kept["bulkJobEvents"].as_array().unwrap().clone();
    let steps: Vec<(i64, i64)> = kept
        .iter()
        .map(|event| {
            let processed = event["job"]["progress"]["processed"].as_i64().unwrap();
            (event["sequence"].as_i64().unwrap(), processed)
        })
        .collect();
    assert_eq!(steps, [(1, 0), (2, 500), (3, 1_000), (4, 1_100), (5, 1_100)]);
    assert_eq!(kept[1]["items"].as_array().unwrap().len(), 50);
    let rest = team.admin.ask(&events, json!({"id": id, "after": 4})).await;
    assert_eq!(rest["bulkJobEvents"].as_array().unwrap().len(), 1);
    assert_eq!(rest["bulkJobEvents"][0]["isFinal"], true);
    let unknown = team
        .admin
        .send(
            &events,
            json!({"id": "job_00000000000000000000000007", "after": 0}),
        )
        .await;
    assert!(unknown.1["errors"].is_array(), "{}", unknown.1);
    house.close().await;
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn all_or_nothing_is_one_transaction_and_who_finds_no_seat_may_wait(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let house = House::open(database).await;
    let team = team(&house, "acme", Plan::Standard).await;
    let draw = add_product(&house, "acme", "DRAW", 540).await;
    people(&team, "many", 550).await;
    let by = json!({"sources": [{"subscriptionId": draw}], "userFilter": {"search": "many"}});
    // Nothing, by default, unless everybody can have one.
    let id = send(&team, ASSIGN, by.clone()).await["job"]["id"]
        .as_str()
        .unwrap()
        .to_owned();
    let job = ended(&team.admin, &id).await;
    assert_eq!(
        (&job["status"], &job["failure"]["code"]),
        (&json!("FAILED"), &json!("INVALID"))
    );
    let text = job["failure"]["message"].as_str().unwrap();
    assert!(text.contains("10 of 550"), "{text}");
    assert_eq!(outcomes(&job), came_to(&[("FAILED", 10), ("NOT_PROCESSED", 540)]));
    assert_eq!(team.seats(&draw).await, (540, 0, 0));
    let waiting = json!({"sources": [{"subscriptionId": draw}], "userFilter": {"search": "many"}, "whenFull": "WAITLIST"});
    let id = send(&team, ASSIGN, waiting).await["job"]["id"]
        .as_str()
        .unwrap()
        .to_owned();
    let job = ended(&team.admin, &id).await;
    assert_eq!(job["status"], "SUCCEEDED");
    assert_eq!(outcomes(&job), came_to(&[("APPLIED", 540), ("WAITLISTED", 10)]));
    let line = "{ account { waitlist(first: 1) { totalCount } } }";
    let line = team.admin.ask(line, json!({})).await;
    assert_eq!(line["account"]["waitlist"]["totalCount"], 10);
    assert_seats_agree(&house).await;

    // Taken back from all who match and hold one, and from nobody else: those who waited have theirs then.
    let product = product_of(&team, &draw).await;
    let take = json!({"userFilter": {"search": "many"}, "productId": product});
    let answer = send(&team, UNASSIGN, take.clone()).await;
    assert_eq!(answer["job"]["action"], "UNASSIGN_SEATS", "{answer}");
    let job = ended(&team.admin, answer["job"]["id"].as_str().unwrap()).await;
    assert_eq!(outcomes(&job), came_to(&[("APPLIED", 540)]));
    assert_eq!(team.seats(&draw).await, (540, 10, 10), "those who waited");
    // Few enough are seen to within the call.
    let answer = send(&team, UNASSIGN, take).await;
    assert_eq!(
        (&answer["job"], &answer["summary"]),
        (&Value::Null, &json!({"total": 10, "applied": 10}))
    );
    assert!(
        answer["results"][0]["userId"]
            .as_str()
            .unwrap()
            .starts_with("usr_")
    );
    assert_eq!(team.seats(&draw).await, (540, 0, 0));
    assert_seats_agree(&house).await;
    house.close().await;
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn a_job_stops_when_it_is_cancelled_and_when_whoever_asked_may_not_any_more(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let house = House::open(database).await;
    let team = team(&house, "acme", Plan::Standard).await;
    let draw = add_product(&house, "acme", "DRAW", 500).await;
    people(&team, "many", 101).await;
    let second = team.join(&house, "second@acme.example", "SECONDARY_ADMIN").await;
    let by = json!({"sources": [{"subscriptionId": draw}], "userFilter": {"search": "many"}, "onError": "SKIP_FAILED"});
    let held = hold_up(&house, &team).await;
    let id = send(&team, ASSIGN, by.clone()).await["job"]["id"]
        .as_str()
        .unwrap()
        .to_owned();
    let theirs = second.ask(ASSIGN, json!({"input": by})).await["assignSeats"]["job"]["id"].clone();
    let cancelled = second.ask(CANCEL, json!({"input": {"bulkJobId": id}})).await["cancelBulkJob"].clone();
    assert_eq!(
        cancelled["bulkJob"],
        json!({"id": id, "status": "CANCELLING", "isCancellable": false})
    );
    let again = send(&team, CANCEL, json!({"bulkJobId": id})).await;
    assert_eq!(again["bulkJob"]["status"], "CANCELLING");
    alter(&house, &team, "second@acme.example", Role::User, Status::Active).await;
    let_go(&house, held).await;
    let job = ended(&team.admin, &id).await;
    assert_eq!(
        (&job["status"], &job["failure"]),
        (&json!("CANCELLED"), &Value::Null)
    );
    assert_eq!(outcomes(&job), came_to(&[("NOT_PROCESSED", 101)]));
    let job = ended(&team.admin, theirs.as_str().unwrap()).await;
    assert_eq!(
        (&job["status"], &job["failure"]["code"]),
        (&json!("FAILED"), &json!("JOB_FAILED"))
    );
    assert_eq!(outcomes(&job), came_to(&[("NOT_PROCESSED", 101)]));
    assert_eq!(team.seats(&draw).await, (500, 0, 0));
    for (id, code) in [
        (id.as_str(), None),
        (theirs.as_str().unwrap(), Some("JOB_NOT_CANCELLABLE")),
        ("job_00000000000000000000000007", Some("NOT_FOUND")),
        ("imp_1", Some("NOT_FOUND")),
    ] {
        let refused = send(&team, CANCEL, json!({"bulkJobId": id})).await;
        assert_eq!(refused["userErrors"][0]["code"].as_str(), code, "{id}");
    }
    let open = job::Entity::find().all(house.app.reader()).await.unwrap();
    assert!(open.iter().all(|job| job.status == job::Status::Done), "{open:?}");
    house.close().await;
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn what_is_wrong_for_everybody_is_refused_before_a_job_is_made(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let house = House::open(database).await;
    let team = team(&house, "acme", Plan::Standard).await;
    let draw = add_product(&house, "acme", "DRAW", 500).await;
    people(&team, "many", 101).await;
    let before = house.settled().await;
    let source = json!({"subscriptionId": draw});
    for (sources, components, code, field) in [
        (
            json!([{"subscriptionId": "sub_00000000000000000000000007"}]),
            Value::Null,
            "NOT_FOUND",
            json!(["input", "sources", "0"]),
        ),
        (
            json!([source, source]),
            Value::Null,
            "DUPLICATE_INPUT",
            json!(["input", "sources", "1"]),
        ),
        (
            json!([source]),
            json!([]),
            "EMPTY_CUSTOMISATION",
            json!(["input", "componentIds"]),
        ),
        (
            json!([source]),
            json!(["cmp_00000000000000000000000007"]),
            "COMPONENT_NOT_IN_PRODUCT",
            json!(["input", "componentIds"]),
        ),
    ] {
        let input = json!({"sources": sources, "componentIds": components, "userFilter": {"search": "many"}});
        let refused = send(&team, ASSIGN, input.clone()).await;
        assert_eq!(
            (
                &refused["userErrors"][0]["code"],
                &refused["userErrors"][0]["field"],
                &refused["job"]
            ),
            (&json!(code), &field, &Value::Null),
            "{input}"
        );
    }
    assert_eq!(house.settled().await, before);
    house.close().await;
}

/// Adds so many people who are not invited yet.
async fn crowd(team: &Team, from: usize, to: usize) {
    let invite = "mutation($input: InviteUsersInput!) { inviteUsers(input: $input) { summary { applied } } }";
    let emails: Vec<String> = (from..to)
        .map(|number| format!("c{number}@acme.example"))
        .collect();
    for chunk in emails.chunks(200) {
        let input = json!({"recipients": {"emails": chunk}, "sendNow": false});
        let added = send(team, invite, input).await;
        assert_eq!(added["summary"]["applied"], chunk.len());
    }
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn five_thousand_match_at_most_and_to_ask_for_all_takes_as_many_statements_as_for_few(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let house = House::open(database).await;
    let team = team(&house, "acme", Plan::Standard).await;
    let draw = add_product(&house, "acme", "DRAW", 6_000).await;
    let by = json!({"sources": [{"subscriptionId": draw}], "userFilter": {"status": ["STAGED"]}, "onError": "SKIP_FAILED"});
    let mut statements = Vec::new();
    let mut jobs = Vec::new();
    let mut there = 0;
    for count in [101, 1_000, 5_000] {
        crowd(&team, there, count).await;
        there = count;
        let held = hold_up(&house, &team).await;
        tokio::time::sleep(Duration::from_millis(200)).await;
        let before = house.app.statements();
        let answer = send(&team, ASSIGN, by.clone()).await;
        statements.push(house.app.statements() - before);
        assert_eq!(answer["job"]["progress"]["total"], count, "{answer}");
        jobs.push(answer["job"]["id"].as_str().unwrap().to_owned());
        let_go(&house, held).await;
        ended(&team.admin, jobs.last().unwrap()).await;
    }
    if database == Database::Postgres {
        assert!(
            statements[0] >= statements[2] && statements[0] >= statements[1],
            "{statements:?}"
        );
    }
    let job = look(&team.admin, &jobs[2]).await;
    assert_eq!(
        outcomes(&job),
        came_to(&[("APPLIED", 4_000), ("UNCHANGED", 1_000)])
    );
    assert_seats_agree(&house).await;
    crowd(&team, there, there + 1).await;
    let refused = send(&team, ASSIGN, by).await;
    assert_eq!(
        (&refused["userErrors"], &refused["job"]),
        (
            &json!([{"code": "TOO_MANY_ITEMS", "field": ["input", "userFilter"]}]),
            &Value::Null
        )
    );
    assert_eq!(team.seats(&draw).await.1, 5_000);
    let list = "{ account { bulkJobs(first: 2) { totalCount nodes { id } } } }";
    let list = team.admin.ask(list, json!({})).await;
    let ids: Vec<&Value> = list["account"]["bulkJobs"]["nodes"]
        .as_array()
        .unwrap()
        .iter()
        .map(|job| &job["id"])
        .collect();
    assert_eq!(
        (ids, &list["account"]["bulkJobs"]["totalCount"]),
        (vec![&json!(jobs[2]), &json!(jobs[1])], &json!(3))
    );
    house.close().await;
}
