//! That the log is whole can be proven, and that it is not shows with the place: whatever is done to it by somebody whom the database lets do anything.

use std::path::Path;
use std::process::{Command, Output};

use chrono::Duration;
use entity::account::Plan;
use entity::audit_event;
use entity::ids::Kind;
use muster::access::Actor;
use muster::audit::finding::{Finding, Head, Report};
use muster::audit::verify::verify;
use rstest::rstest;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder};

use super::{literal_bytes, renamed, tamper};
use crate::support::{Database, House, Team, team};

async fn look(house: &House, team: &Team) -> Report {
    verify(&house.app, team.account_id, None).await.unwrap()
}

async fn rows(house: &House, team: &Team) -> Vec<audit_event::Model> {
    audit_event::Entity::find()
        .filter(audit_event::Column::AccountId.eq(team.account_id))
        .order_by_asc(audit_event::Column::Seq)
        .all(house.app.reader())
        .await
        .unwrap()
}

/// An account in which a dozen things happened.
async fn busy(house: &House, slug: &str) -> Team {
    let team = team(house, slug, Plan::Standard).await;
    for number in 0..5 {
        renamed(&team, &format!("p{number}@{slug}.example")).await;
    }
    team
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn what_nobody_touched_is_whole_and_every_event_has_its_number(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let house = House::open(database).await;
    let team = busy(&house, "acme").await;
    let rows = rows(&house, &team).await;
    let numbers: Vec<Option<i64>> = rows.iter().map(|row| row.seq).collect();
    let expected: Vec<Option<i64>> = (1..=12).map(Some).collect();
    assert_eq!(numbers, expected, "the account, the sign-in, five times two");
    assert!(rows.iter().all(|row| row.code.is_some() && row.hash.is_some()));
    // Whoever is a member says up to where they had seen it: up to the row before, where nobody else was at work.
    assert_eq!(
        (rows[11].seen_seq, &rows[11].seen_hash),
        (Some(11), &rows[10].hash)
    );
    let report = look(&house, &team).await;
    assert_eq!((report.events, report.unchained, report.base), (12, 0, 0));
    assert_eq!(report.findings, []);
    let head = report.head.unwrap();
    assert_eq!((head.seq, Some(&head.hash)), (12, rows[11].hash.as_ref()));

    // Noted elsewhere, a head is found again, however much came behind it.
    renamed(&team, "later@acme.example").await;
    let later = verify(&house.app, team.account_id, Some(&head)).await.unwrap();
    assert_eq!((later.events, &later.findings[..]), (14, &[][..]));
    house.close().await;
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn a_row_that_is_taken_out_changed_or_put_in_shows_with_its_place(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let house = House::open(database).await;
    let (team, other) = (busy(&house, "acme").await, busy(&house, "other").await);
    let rows = rows(&house, &team).await;
    let account = house.literal(team.account_id);
    let of = |seq: usize| {
        format!(
            "account_id = {account} AND id = {}",
            house.literal(rows[seq - 1].id)
        )
    };

    assert_eq!(
        tamper(&house, &format!("DELETE FROM audit_events WHERE {}", of(5))).await,
        1
    );
    assert_eq!(look(&house, &team).await.findings, [Finding::Missing(5, 5)]);
    for seq in [6, 7] {
        tamper(&house, &format!("DELETE FROM audit_events WHERE {}", of(seq))).await;
    }
    assert_eq!(look(&house, &team).await.findings, [Finding::Missing(5, 7)]);

    for (column, value) in [
        ("action", "'users.view'"),
        ("outcome", "'DENIED'"),
        ("actor_label", "'somebody@else.example'"),
        ("changes", "NULL"),
        ("targets", "'[]'"),
        ("ip_address", "'192.0.2.1'"),
    ] {
        tamper(
            &house,
            &format!("UPDATE audit_events SET {column} = {value} WHERE {}", of(9)),
        )
        .await;
        let expected = [Finding::Missing(5, 7), Finding::Changed(9, rows[8].id)];
        assert_eq!(look(&house, &team).await.findings, expected, "{column}");
    }

    // A row of somebody who knows how rows look, but not the master key: as an application would insert it, and as one that stands outside.
    let columns = "account_id, occurred_at, action, actor_kind, actor_label, request_id, outcome, targets";
    let copied = |id: uuid::Uuid, of: &str| {
        format!(
            "INSERT INTO audit_events (id, {columns}) SELECT {}, {columns} FROM audit_events WHERE {of}",
            house.literal(id)
        )
    };
    let forged = entity::ids::new(house.app.clock().now());
    tamper(&house, &copied(forged, &of(10))).await;
    let found = look(&house, &team).await.findings;
    assert_eq!(found[2..], [Finding::OutsideTheChain(forged)]);
    tamper(
        &house,
        &format!(
            "UPDATE audit_events SET seq = 6, hash = code WHERE id = {}",
            house.literal(forged)
        ),
    )
    .await;
    let found = look(&house, &team).await.findings;
    let expected = [
        Finding::Missing(5, 5),
        Finding::Changed(6, forged),
        Finding::Missing(7, 7),
        Finding::Changed(9, rows[8].id),
    ];
    assert_eq!(found, expected);
    assert_eq!(
        look(&house, &other).await.findings,
        [],
        "another account's is as it was"
    );
    house.close().await;
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn numbers_and_hashes_made_anew_hide_no_row_that_later_ones_have_seen(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let house = House::open(database).await;
    let team = busy(&house, "acme").await;
    let before = rows(&house, &team).await;
    let account = house.literal(team.account_id);
    // Takes the fifth out, moves all others up, and computes every hash anew: the chain itself is in order again.
    tamper(
        &house,
        &format!("DELETE FROM audit_events WHERE account_id = {account} AND seq = 5"),
    )
    .await;
    let mut hash = before[3].hash.clone();
    for row in &before[5..] {
        hash = Some(muster::command::chain::link(hash.as_deref(), row.code.as_deref()));
        let literal = literal_bytes(&house, hash.as_deref().unwrap());
        let seq = row.seq.unwrap() - 1;
        let id = house.literal(row.id);
        let sql = format!(
            "UPDATE audit_events SET seq = {seq}, hash = {literal} WHERE account_id = {account} AND id = {id}"
        );
        assert_eq!(tamper(&house, &sql).await, 1);
        let head =
            format!("UPDATE audit_chains SET seq = {seq}, hash = {literal} WHERE account_id = {account}");
        assert_eq!(house.force(&head).await.unwrap(), 1);
    }
    let found = look(&house, &team).await.findings;
    let told: Vec<String> = found.iter().map(ToString::to_string).collect();
    assert!(
        found.contains(&Finding::HasSeenAnother(5, before[5].id)),
        "the row behind the hole had seen the one that is gone: {told:?}"
    );
    assert!(
        !found
            .iter()
            .any(|finding| matches!(finding, Finding::DoesNotFollow(..) | Finding::Missing(..))),
        "by the chain alone it would not show: {told:?}"
    );
    house.close().await;
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn the_newest_rows_taken_away_show_by_the_head_and_with_the_head_by_one_that_was_noted(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let house = House::open(database).await;
    let team = busy(&house, "acme").await;
    let noted = look(&house, &team).await.head.unwrap();
    let rows = rows(&house, &team).await;
    let account = house.literal(team.account_id);
    tamper(
        &house,
        &format!("DELETE FROM audit_events WHERE account_id = {account} AND seq > 10"),
    )
    .await;
    assert_eq!(
        look(&house, &team).await.findings,
        [Finding::MissingAtTheEnd(11, 12)]
    );
    // Whoever puts the head back as well leaves nothing to be seen: what decision 48 says of it.
    let head = format!(
        "UPDATE audit_chains SET seq = 10, hash = (SELECT hash FROM audit_events WHERE account_id = {account} AND seq = 10) WHERE account_id = {account}"
    );
    house.force(&head).await.unwrap();
    assert_eq!(look(&house, &team).await.findings, []);
    let expected = verify(&house.app, team.account_id, Some(&noted)).await.unwrap();
    assert_eq!(expected.findings, [Finding::Expected(12)]);
    // Nor does it come to be true by itself: other rows get these numbers.
    renamed(&team, "later@acme.example").await;
    let expected = verify(&house.app, team.account_id, Some(&noted)).await.unwrap();
    assert_eq!(expected.findings, [Finding::Expected(12)]);
    let still = Head {
        seq: 10,
        hash: rows[9].hash.clone().unwrap(),
    };
    let expected = verify(&house.app, team.account_id, Some(&still)).await.unwrap();
    assert_eq!(expected.findings, []);
    // A head that is not that of the last row.
    let other = format!(
        "UPDATE audit_chains SET hash = (SELECT hash FROM audit_events WHERE account_id = {account} AND seq = 1)"
    );
    house.force(&other).await.unwrap();
    assert_eq!(look(&house, &team).await.findings, [Finding::Head]);
    tamper(
        &house,
        &format!("DELETE FROM audit_events WHERE account_id = {account}"),
    )
    .await;
    let found = look(&house, &team).await.findings;
    assert_eq!(found, [Finding::MissingAtTheEnd(1, 12)]);
    house.close().await;
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn a_rehearsal_a_refusal_and_a_command_that_fails_leave_the_chain_whole(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    use muster::users::lifecycle::RemoveUsers;
    let house = House::open(database).await;
    let team = busy(&house, "acme").await;
    let id = Kind::User.parse(&team.invite("gone@acme.example").await).unwrap();
    house.settle_mails().await;
    let before = house.everything().await;
    let actor = team.actor(&house).await;
    let remove = || RemoveUsers {
        users: vec![id],
        all_or_nothing: false,
    };
    house.app.rehearse(&actor, remove()).await.unwrap();
    for table in ["audit_events", "audit_chains"] {
        assert_eq!(house.everything().await[table], before[table], "{table}");
    }
    let user = team.join(&house, "user@acme.example", "USER").await;
    user.refused(
        super::REMOVE,
        serde_json::json!({"input": {"userIds": [team.admin_id]}}),
    )
    .await;
    house.app.run(&actor, remove()).await.unwrap();
    let report = look(&house, &team).await;
    assert_eq!(report.findings, []);
    assert_eq!(report.events, rows(&house, &team).await.len() as u64);
    // What the operator does, who is no member and has seen nothing.
    let plan = muster::admin::SetPlan {
        account: "acme".into(),
        plan: Plan::Premium,
    };
    house.app.run(&Actor::Operator, plan).await.unwrap();
    assert_eq!(rows(&house, &team).await.last().unwrap().seen_seq, None);
    assert_eq!(look(&house, &team).await.findings, []);
    house.settle_mails().await;
    house.close().await;
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn rows_from_before_there_was_a_chain_are_told_of_and_not_covered(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let house = House::open(database).await;
    let team = busy(&house, "acme").await;
    let account = house.literal(team.account_id);
    let before = House::literal_time(house.app.clock().now() - Duration::days(30));
    let old = format!(
        "INSERT INTO audit_events (account_id, id, occurred_at, action, actor_kind, actor_label, request_id, outcome, targets) \
         VALUES ({account}, {}, {before}, 'users.invite', 'USER', 'x', 'x', 'SUCCESS', '[]')",
        house.literal(entity::ids::new(house.app.clock().now() - Duration::days(30)))
    );
    tamper(&house, &old).await;
    let report = look(&house, &team).await;
    assert_eq!((report.events, report.unchained), (12, 1));
    assert_eq!(report.findings, []);
    let shown = super::actions(&team.admin, serde_json::json!({})).await;
    assert_eq!(shown.len(), 13, "they are shown as all others are");
    house.close().await;
}

fn admin(house: &House, args: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_muster"))
        .args(["admin", "--data-dir"])
        .arg::<&Path>(house.folder.path())
        .args(["--database-url", &house.database_url, "verify-audit"])
        .args(args)
        .output()
        .unwrap()
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn the_operator_is_told_in_a_line_each_and_by_the_exit_code(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let house = House::open(database).await;
    let team = busy(&house, "acme").await;
    let said = |output: &Output| String::from_utf8(output.stdout.clone()).unwrap();
    let whole = admin(&house, &["acme"]);
    let text = said(&whole);
    assert_eq!(whole.status.code(), Some(0), "{text}");
    assert!(
        text.starts_with("acme: 12 events in the chain, head 12:"),
        "{text}"
    );
    assert!(text.ends_with("The log is whole.\n"), "{text}");
    let head = text.lines().next().unwrap().rsplit(' ').next().unwrap();
    assert_eq!(admin(&house, &["acme", "--expect", head]).status.code(), Some(0));
    let other = head.replace("12:", "11:");
    let expected = admin(&house, &["acme", "--expect", &other]);
    assert_eq!(expected.status.code(), Some(2));
    assert!(
        said(&expected).contains("FOUND: the head that was noted at event 11"),
        "{}",
        said(&expected)
    );

    let account = house.literal(team.account_id);
    tamper(
        &house,
        &format!("DELETE FROM audit_events WHERE account_id = {account} AND seq BETWEEN 3 AND 4"),
    )
    .await;
    let holed = admin(&house, &["acme"]);
    assert_eq!(holed.status.code(), Some(2));
    assert!(
        said(&holed).contains("FOUND: events 3 to 4 are missing\n"),
        "{}",
        said(&holed)
    );
    assert!(!said(&holed).contains("whole"));

    for wrong in [&["nobody"][..], &["acme", "--expect", "12"]] {
        let refused = admin(&house, wrong);
        assert_eq!(refused.status.code(), Some(1), "{wrong:?}");
        assert!(!refused.stderr.is_empty() && refused.stdout.is_empty());
    }
    assert_eq!(admin(&house, &[]).status.code(), Some(64));
    // Under another master key nothing is known again; that is not said to be forgery.
    let key = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=";
    let elsewhere = Command::new(env!("CARGO_BIN_EXE_muster"))
        .args(["admin", "--data-dir"])
        .arg::<&Path>(house.folder.path())
        .args(["--database-url", &house.database_url, "verify-audit", "acme"])
        .env("MUSTER_SECRET_KEY", key)
        .output()
        .unwrap();
    assert_eq!(elsewhere.status.code(), Some(2));
    assert!(said(&elsewhere).contains("was written under a master key that is not configured"));
    house.close().await;
}
