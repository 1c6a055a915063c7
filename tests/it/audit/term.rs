//! How long the log is kept: as long as the account says, which the database itself holds to, and what goes leaves a chain that is whole.

use chrono::Duration;
use entity::account::Plan;
use entity::ids;
use muster::access::Actor;
use muster::audit::finding::{Finding, Report};
use muster::audit::verify::verify;
use muster::background::retention::{ClearAway, Retention};
use rstest::rstest;
use serde_json::json;

use super::{SETTINGS, actions, done, literal_bytes, renamed, tamper};
use crate::support::{Database, House, PASSWORD, Team, team};

async fn look(house: &House, team: &Team) -> Report {
    verify(&house.app, team.account_id, None).await.unwrap()
}

/// Makes the first so many rows of the chain old, and writes their codes anew as Muster would have then.
async fn age(house: &House, team: &Team, up_to: i64, days: i64) {
    use entity::audit_event::{Column, Entity};
    use muster::command::chain::{LABEL, link, text_of};
    use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder};
    let rows = Entity::find()
        .filter(Column::AccountId.eq(team.account_id))
        .order_by_asc(Column::Seq)
        .all(house.app.reader())
        .await
        .unwrap();
    let stamp = house.app.secrets().stamp(LABEL).unwrap();
    let account = house.literal(team.account_id);
    let bytes = |bytes: &[u8]| literal_bytes(house, bytes);
    let (mut hash, mut hashes) = (None, Vec::new());
    for mut row in rows {
        let seq = row.seq.unwrap();
        if seq <= up_to {
            row.occurred_at -= Duration::days(days);
        }
        if let Some(seen) = row.seen_seq {
            row.seen_hash = Some(Vec::clone(&hashes[usize::try_from(seen - 1).unwrap()]));
        }
        let code = stamp.code(&text_of(&row));
        let behind = link(hash.as_deref(), Some(&code));
        let seen = row.seen_hash.as_deref().map_or("NULL".to_owned(), bytes);
        let sql = format!(
            "UPDATE audit_events SET occurred_at = {}, code = {}, hash = {}, seen_hash = {seen} WHERE account_id = {account} AND seq = {seq}",
            House::literal_time(row.occurred_at),
            bytes(&code),
            bytes(&behind),
        );
        assert_eq!(tamper(house, &sql).await, 1);
        hashes.push(behind.clone());
        hash = Some(behind);
    }
    let head = format!(
        "UPDATE audit_chains SET hash = {} WHERE account_id = {account}",
        bytes(hash.as_deref().unwrap())
    );
    house.force(&head).await.unwrap();
    assert_eq!(look(house, team).await.findings, [], "as if it had been so");
    restore_triggers(house).await;
}

/// On SQLite what was tampered with has lost its triggers; these are the ones of the schema.
async fn restore_triggers(house: &House) {
    if house.database != Database::Sqlite {
        return;
    }
    let source = include_str!("../../../migration/src/m0032_audit_chain.rs");
    let begin = source
        .rfind("CREATE TRIGGER audit_events_are_not_deleted")
        .unwrap();
    let not_deleted = source[begin..].split("\";").next().unwrap();
    let not_updated = "CREATE TRIGGER audit_events_are_not_updated BEFORE UPDATE ON audit_events \
        BEGIN SELECT RAISE(ABORT, 'audit events are append-only'); END";
    for text in [not_deleted, not_updated] {
        house.force(text).await.unwrap();
    }
}

async fn clear(house: &House, team: &Team) {
    let batch = ClearAway {
        account_id: team.account_id,
        retention: Retention::default(),
    };
    while house.app.run(&Actor::Platform, batch).await.unwrap() {}
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn what_is_older_than_the_accounts_term_goes_and_the_rest_is_whole(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let house = House::open(database).await;
    let team = team(&house, "acme", Plan::Standard).await;
    let old = renamed(&team, "old@acme.example").await;
    let young = renamed(&team, "young@acme.example").await;
    age(&house, &team, 4, 399).await;
    clear(&house, &team).await;
    assert_eq!(
        look(&house, &team).await.events,
        6,
        "nothing is older than 400 days"
    );

    // The account, the sign-in, and the two events of the first person.
    age(&house, &team, 4, 2).await;
    clear(&house, &team).await;
    let report = look(&house, &team).await;
    assert_eq!((report.events, report.base), (2, 4));
    assert_eq!(report.findings, []);
    assert_eq!(actions(&team.admin, json!({"targetId": old})).await, [""; 0]);
    let kept = ["users.update", "users.invite"];
    assert_eq!(actions(&team.admin, json!({"targetId": young})).await, kept);
    clear(&house, &team).await;
    assert_eq!(
        look(&house, &team).await.events,
        2,
        "once more takes nothing more"
    );
    // It goes on from there.
    renamed(&team, "later@acme.example").await;
    let report = look(&house, &team).await;
    assert_eq!((report.events, report.findings), (4, Vec::new()));
    let noted = format!("4:{}", "0".repeat(64)).parse().unwrap();
    let expected = verify(&house.app, team.account_id, Some(&noted)).await.unwrap();
    assert_eq!(
        expected.findings,
        [Finding::Expected(4)],
        "another hash than that of the base"
    );

    // A base that somebody else says.
    house
        .force("UPDATE audit_chains SET base_code = base_hash")
        .await
        .unwrap();
    assert_eq!(look(&house, &team).await.findings, [Finding::Base]);
    house.close().await;
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn the_database_deletes_nothing_that_is_younger_whoever_asks_and_nothing_of_another_term(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let house = House::open(database).await;
    let (one, other) = (
        team(&house, "one", Plan::Standard).await,
        team(&house, "other", Plan::Standard).await,
    );
    for team in [&one, &other] {
        renamed(
            team,
            &format!(
                "p@{}.example",
                if team.account_id == one.account_id {
                    "one"
                } else {
                    "other"
                }
            ),
        )
        .await;
        age(&house, team, 2, 100).await;
    }
    // The server's own role, on a connection of its own.
    for (sql, expected) in [
        ("DELETE FROM audit_events", "append-only"),
        ("UPDATE audit_events SET seq = seq + 1", "append-only"),
    ] {
        let refused = house.force(sql).await.unwrap_err().to_string();
        assert!(refused.contains(expected), "{sql}: {refused}");
    }
    let too_short = house
        .force("UPDATE accounts SET audit_kept_days = 89")
        .await
        .unwrap_err();
    assert!(
        too_short.to_string().to_lowercase().contains("check"),
        "{too_short}"
    );

    let answer = done(&one.admin, SETTINGS, json!({"auditKeptDays": 90})).await;
    assert_eq!(answer["account"]["settings"]["auditKeptDays"], 90);
    clear(&house, &one).await;
    clear(&house, &other).await;
    let report = look(&house, &one).await;
    assert_eq!((report.base, report.findings), (2, Vec::new()));
    assert_eq!(
        look(&house, &other).await.base,
        0,
        "the other account keeps its own for 400 days"
    );
    let told = actions(&one.admin, json!({"action": ["accounts.update"]})).await;
    assert_eq!(told, ["accounts.update"], "that less is kept is told of");
    house.close().await;
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn a_thousand_rows_go_at_a_time_and_those_from_before_there_was_a_chain_too(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let house = House::open(database).await;
    let team = team(&house, "acme", Plan::Standard).await;
    let account = house.literal(team.account_id);
    let (long_ago, lately) = (
        house.app.clock().now() - Duration::days(401),
        house.app.clock().now() - Duration::days(399),
    );
    let mut rows = Vec::new();
    for (at, count) in [(long_ago, 1_100), (lately, 3)] {
        let mut id = ids::new(at);
        for _ in 0..count {
            let at = House::literal_time(at);
            rows.push(format!(
                "({account}, {}, {at}, 'users.invite', 'USER', 'x', 'x', 'SUCCESS', '[]')",
                house.literal(id)
            ));
            id = ids::after(id);
        }
    }
    let columns =
        "account_id, id, occurred_at, action, actor_kind, actor_label, request_id, outcome, targets";
    tamper(
        &house,
        &format!("INSERT INTO audit_events ({columns}) VALUES {}", rows.join(", ")),
    )
    .await;
    restore_triggers(&house).await;
    let batch = ClearAway {
        account_id: team.account_id,
        retention: Retention::default(),
    };
    assert!(
        house.app.run(&Actor::Platform, batch).await.unwrap(),
        "there is more"
    );
    assert_eq!(look(&house, &team).await.unchained, 103);
    assert!(!house.app.run(&Actor::Platform, batch).await.unwrap());
    let report = look(&house, &team).await;
    assert_eq!((report.unchained, report.events, report.base), (3, 2, 0));
    assert_eq!(report.findings, []);
    house.close().await;
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn the_term_is_ninety_days_to_ten_years_and_for_administrators_to_say(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let house = House::open(database).await;
    let team = team(&house, "acme", Plan::Standard).await;
    let settings = "{ account { version settings { auditKeptDays } } }";
    let kept = async || team.admin.ask(settings, json!({})).await["account"].clone();
    let before = kept().await;
    assert_eq!(before["settings"]["auditKeptDays"], 400);
    for days in [89, 3_651, 0, -1] {
        let answer = team
            .admin
            .ask(
                SETTINGS,
                json!({"input": {"auditKeptDays": days, "seatNoticePercent": 50}}),
            )
            .await;
        let refused = json!([{"code": "INVALID", "field": ["input", "auditKeptDays"]}]);
        assert_eq!(answer["updateAccount"]["userErrors"], refused, "{days}");
    }
    assert_eq!(kept().await, before, "nor was anything else changed");
    for days in [90, 3_650] {
        let answer = done(&team.admin, SETTINGS, json!({"auditKeptDays": days})).await;
        assert_eq!(
            answer["account"]["settings"],
            json!({"auditKeptDays": days, "seatNoticePercent": 90})
        );
    }
    let version = kept().await["version"].clone();
    done(&team.admin, SETTINGS, json!({"auditKeptDays": 3_650})).await;
    assert_eq!(kept().await["version"], version, "the same again is no change");
    let changes = super::events(&team.admin, json!({"action": ["accounts.update"]})).await;
    let last = &changes["nodes"][0]["changes"];
    assert_eq!(
        last,
        &json!([{"field": "auditKeptDays", "before": "90", "after": "3650"}])
    );
    team.join(&house, "user@acme.example", "USER").await;
    let user = house.sign_in("user@acme.example", PASSWORD).await;
    assert_eq!(
        user.refused(SETTINGS, json!({"input": {"auditKeptDays": 90}}))
            .await,
        "FORBIDDEN"
    );
    house.settle_mails().await;
    house.close().await;
}
