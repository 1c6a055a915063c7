//! Servers that die while seats are given to all who match and taken back from them, with a line of people who wait for what is freed.

use std::collections::{BTreeMap, HashSet};
use std::time::Duration;

use entity::bulk_job_item::Outcome;
use entity::{
    assignment, bulk_job, bulk_job_event, bulk_job_item, import, job, notification, subscription,
    waitlist_entry,
};
use muster::access::Actor;
use muster::admin::SetSeats;
use rstest::rstest;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder};
use serde_json::json;
use uuid::Uuid;

use super::site::{LEASE, PEOPLE, Site, eventually};
use super::{KILLS, pause};
use crate::support::Database;

/// Fewer than there are people.
const SEATS: usize = 4_000;

async fn look(site: &Site, id: Uuid) -> bulk_job::Model {
    let found = bulk_job::Entity::find().filter(bulk_job::Column::Id.eq(id));
    found.one(site.app.reader()).await.unwrap().unwrap()
}

async fn has_ended(site: &Site, id: Uuid) -> bool {
    look(site, id).await.finished_at.is_some()
}

async fn holders(site: &Site) -> Vec<Uuid> {
    let seats = assignment::Entity::find().all(site.app.reader()).await.unwrap();
    seats.into_iter().map(|seat| seat.user_id).collect()
}

async fn waiting(site: &Site) -> Vec<Uuid> {
    let entries = waitlist_entry::Entity::find()
        .all(site.app.reader())
        .await
        .unwrap();
    entries.into_iter().map(|entry| entry.user_id).collect()
}

/// Gives everybody a seat who has none, or takes back all there are.
async fn ask(site: &Site, product: Uuid, gives: bool) -> Uuid {
    let product = entity::ids::Kind::Product.text(product);
    let (query, input) = match gives {
        true => (
            "mutation($input: AssignSeatsInput!) { answer: assignSeats(input: $input) { job { id } userErrors { code } } }",
            json!({"sources": [{"productId": product}], "whenFull": "WAITLIST", "userFilter": {"status": ["PENDING"]}}),
        ),
        false => (
            "mutation($input: UnassignSeatsInput!) { answer: unassignSeats(input: $input) { job { id } userErrors { code } } }",
            json!({"productId": product, "userFilter": {"status": ["PENDING"]}}),
        ),
    };
    let mut input = input;
    input["onError"] = json!("SKIP_FAILED");
    let answer = site.client().await.ask(query, json!({"input": input})).await;
    let job = answer["answer"]["job"]["id"].as_str();
    entity::ids::Kind::BulkJob
        .parse(job.unwrap_or_else(|| panic!("{answer}")))
        .unwrap()
}

/// The job at hand; where the last has come to its end, one that gives if nobody holds a seat, and one that takes otherwise.
async fn at_hand(site: &Site, product: Uuid, jobs: &mut Vec<Uuid>) -> Uuid {
    match jobs.last() {
        Some(last) if !has_ended(site, *last).await => *last,
        _ => {
            let gives = holders(site).await.is_empty();
            let job = ask(site, product, gives).await;
            jobs.push(job);
            job
        }
    }
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn a_server_killed_twenty_times_gives_to_all_who_match_and_to_all_who_wait_exactly_once(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let site = Site::prepare(database, None).await;
    let mut server = site.serve(true);
    let row = |number| format!("Person,Number {number},person{number}@crowd.example\n");
    let csv = "First Name,Last Name,Email\n".to_owned() + &(0..PEOPLE).map(row).collect::<String>();
    let people = site.start(csv.as_bytes(), json!({"sendInvitations": true})).await;
    eventually("the people are there", async || site.has_ended(people).await).await;
    let seats = SetSeats {
        account: "acme".into(),
        product: "DRAW".into(),
        contract_number: "C-DRAW".into(),
        seats: i32::try_from(SEATS).unwrap(),
    };
    site.app.run(&Actor::Operator, seats).await.unwrap();
    let product = entity::product::Entity::find().filter(entity::product::Column::Code.eq("DRAW"));
    let product = product.one(site.app.reader()).await.unwrap().unwrap().id;
    let (mut jobs, mut kills) = (Vec::new(), 0);
    while kills < KILLS {
        let job = at_hand(&site, product, &mut jobs).await;
        let (sequence, holder) = (look(&site, job).await.sequence, site.holder(job).await);
        eventually("the job goes on", async || {
            let is_taken_enough = kills % 2 == 0;
            look(&site, job).await.sequence > sequence
                || has_ended(&site, job).await
                || (is_taken_enough && site.holder(job).await != holder)
        })
        .await;
        tokio::time::sleep(pause(kills)).await;
        server.kill();
        kills += u64::from(!has_ended(&site, job).await);
        // The dead one's lease runs out while nobody is there.
        tokio::time::sleep(LEASE.mul_f32(0.8)).await;
        server = site.serve(true);
    }
    let last = *jobs.last().unwrap();
    eventually("the last one ends", async || has_ended(&site, last).await).await;
    // Told and done in the same moment; the worker is at rest.
    tokio::time::sleep(Duration::from_millis(100)).await;
    assert_the_books_agree(&site, &jobs, people).await;
    server.kill();
}

async fn assert_the_books_agree(site: &Site, jobs: &[Uuid], people: Uuid) {
    let db = site.app.reader();
    for id in jobs {
        let job = look(site, *id).await;
        assert_eq!(job.status, import::Status::Succeeded, "{job:?}");
        assert_eq!((job.processed, job.failed), (job.total, 0));
        let items = bulk_job_item::Entity::find().filter(bulk_job_item::Column::BulkJobId.eq(*id));
        let items = items
            .order_by_asc(bulk_job_item::Column::Id)
            .all(db)
            .await
            .unwrap();
        let places: Vec<i32> = items.iter().map(|item| item.place).collect();
        assert_eq!(places, (1..=job.total).collect::<Vec<_>>());
        let users: HashSet<Uuid> = items.iter().map(|item| item.user_id).collect();
        assert_eq!(users.len(), items.len(), "everybody stands there once");
        let mut counted: BTreeMap<Outcome, usize> = BTreeMap::new();
        for item in &items {
            *counted.entry(item.outcome.unwrap()).or_default() += 1;
        }
        let number = |outcome| counted.get(&outcome).copied().unwrap_or_default();
        let gives = matches!(job.task, bulk_job::Task::AssignSeats { .. });
        let expected = match gives {
            true => (SEATS, PEOPLE - SEATS),
            false => (items.len(), 0),
        };
        assert_eq!((number(Outcome::Applied), number(Outcome::Waitlisted)), expected);
        let events = bulk_job_event::Entity::find().filter(bulk_job_event::Column::BulkJobId.eq(*id));
        let events = events
            .order_by_asc(bulk_job_event::Column::Sequence)
            .all(db)
            .await
            .unwrap();
        let sequences: Vec<i32> = events.iter().map(|event| event.sequence).collect();
        assert_eq!(sequences, (1..=job.sequence).collect::<Vec<_>>());
    }
    let (held, waits) = (holders(site).await, waiting(site).await);
    let both: HashSet<Uuid> = held.iter().chain(&waits).copied().collect();
    assert_eq!(
        both.len(),
        held.len() + waits.len(),
        "nobody twice, and nobody waits for what they have"
    );
    assert!(
        waits.is_empty() || held.len() == SEATS,
        "while seats are free, nobody waits"
    );
    for found in subscription::Entity::find().all(db).await.unwrap() {
        let used = match usize::try_from(found.seats) {
            Ok(SEATS) => i32::try_from(held.len()).unwrap(),
            _ => 0,
        };
        assert_eq!((found.seats_used, found.seats_reserved), (used, used));
    }
    let told =
        notification::Entity::find().filter(notification::Column::Kind.eq(notification::Kind::JobFinished));
    assert_eq!(
        told.all(db).await.unwrap().len(),
        jobs.len(),
        "each end is told once"
    );
    let done = job::Entity::find().all(db).await.unwrap();
    assert_eq!(done.len(), jobs.len() + 1, "and the import {people}");
    assert!(done.iter().all(|job| job.status == job::Status::Done), "{done:?}");
}
