//! The mail of the day: what was not read, once, whoever writes it.

use entity::account::Plan;
use entity::mail;
use entity::notification::Kind;
use muster::background::chores;
use muster::background::upkeep::Upkeep;
use rstest::rstest;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
use serde_json::{Value, json};

use super::support::{mark, prefer, shown, tell};
use crate::support::{Database, House, Team, team};

/// So many hours are over for all that was told, and it is looked whom to tell.
async fn another_day(house: &House, team: &Team, is_for_both: bool) {
    let account = house.literal(team.account_id);
    let yesterday = House::literal_time(house.app.clock().now() - chrono::Duration::hours(25));
    for sql in [
        format!(
            "UPDATE notifications SET created_at = {yesterday} WHERE account_id = {account} AND in_digest"
        ),
        "UPDATE chores SET run_at = '2026-01-01T00:00:00+00:00', lease_until = NULL".to_owned(),
    ] {
        house.force(&sql).await.unwrap();
    }
    match is_for_both {
        true => {
            let (one, other) = tokio::join!(
                chores::look_for(&house.app, Upkeep::Digests),
                chores::look_for(&house.app, Upkeep::Digests)
            );
            assert!(
                !(one.unwrap() && other.unwrap()),
                "one of the two, or the house's own"
            );
        }
        false => {
            chores::look_for(&house.app, Upkeep::Digests).await.unwrap();
        }
    }
    house.settle_jobs().await;
}

async fn digests(house: &House, team: &Team) -> Vec<(String, Value)> {
    let written = mail::Entity::find()
        .filter(mail::Column::AccountId.eq(team.account_id))
        .filter(mail::Column::Kind.eq("digest"));
    let mut mails: Vec<_> = written.all(house.app.reader()).await.unwrap();
    mails.sort_by_key(|mail| mail.id);
    mails
        .into_iter()
        .map(|mail| (mail.to_address, mail.payload))
        .collect()
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn whoever_wants_it_gets_one_mail_a_day_of_what_they_did_not_read(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let house = House::open(database).await;
    let team = team(&house, "acme", Plan::Standard).await;
    let email = "second@acme.example";
    let second = team.join(&house, email, "SECONDARY_ADMIN").await;
    let gone = team.join(&house, "gone@acme.example", "SECONDARY_ADMIN").await;
    prefer(&second, "JOB_FINISHED", &["IN_APP", "DIGEST"]).await;
    prefer(&second, "EXPORT_READY", &["DIGEST"]).await;
    prefer(&gone, "JOB_FINISHED", &["DIGEST"]).await;
    let told = [
        (Kind::JobFinished, "read"),
        (Kind::JobFinished, "unread"),
        (Kind::ExportReady, "hidden"),
        (Kind::DomainCheckFailed, "shown alone"),
    ];
    tell(&house, &team, email, &told).await;
    tell(
        &house,
        &team,
        "gone@acme.example",
        &[(Kind::JobFinished, "for nobody")],
    )
    .await;
    // The administrator wants none.
    tell(
        &house,
        &team,
        "admin@acme.example",
        &[(Kind::JobFinished, "theirs")],
    )
    .await;
    assert_eq!(
        shown(&second, json!(null)).await.0,
        ["shown alone", "unread", "read"]
    );
    let seen = second.ask(super::support::LIST, json!({"filter": null})).await;
    mark(
        &second,
        json!({"notificationIds": [seen["viewer"]["notifications"]["nodes"][2]["id"]]}),
    )
    .await;
    house
        .force("UPDATE users SET status = 'DISABLED' WHERE email_key = 'gone@acme.example'")
        .await
        .unwrap();

    another_day(&house, &team, true).await;
    let written = digests(&house, &team).await;
    assert_eq!(written.len(), 1, "{written:#?}");
    let (to, letter) = &written[0];
    assert_eq!((to.as_str(), &letter["more"]), (email, &json!(0)));
    let titles: Vec<_> = letter["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|item| item["title"].clone())
        .collect();
    assert_eq!(titles, ["hidden", "unread"]);
    assert_eq!(
        shown(&second, json!({"isUnread": true})).await.0,
        ["shown alone", "unread"],
        "told is not read"
    );
    // Nothing to say, no mail; and what came today is tomorrow's.
    another_day(&house, &team, false).await;
    tell(&house, &team, email, &[(Kind::JobFinished, "today")]).await;
    house
        .force("UPDATE chores SET run_at = '2026-01-01T00:00:00+00:00', lease_until = NULL")
        .await
        .unwrap();
    chores::look_for(&house.app, Upkeep::Digests).await.unwrap();
    house.settle_jobs().await;
    assert_eq!(digests(&house, &team).await.len(), 1);
    // A second one on the same day is not written, whatever would be in it.
    another_day(&house, &team, false).await;
    assert_eq!(digests(&house, &team).await.len(), 1);
    house.settle_mails().await;
    let mails = house.mails();
    let sent: Vec<_> = mails
        .iter()
        .filter(|mail| mail.contains("you have not read it yet"))
        .collect();
    assert!(
        sent.len() == 1 && sent[0].contains("hidden, and what to do about it"),
        "{sent:#?}"
    );
    house.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_mail_of_the_day_names_twenty_and_counts_the_rest_and_who_changes_their_mind_gets_none() {
    let house = House::open(Database::Sqlite).await;
    let team = team(&house, "acme", Plan::Standard).await;
    prefer(&team.admin, "JOB_FINISHED", &["DIGEST"]).await;
    prefer(&team.admin, "EXPORT_READY", &["DIGEST"]).await;
    let titles: Vec<String> = (0..23).map(|number| format!("n{number:02}")).collect();
    let told: Vec<(Kind, &str)> = titles
        .iter()
        .map(|title| (Kind::JobFinished, title.as_str()))
        .collect();
    tell(&house, &team, "admin@acme.example", &told).await;
    tell(
        &house,
        &team,
        "admin@acme.example",
        &[(Kind::ExportReady, "unwanted")],
    )
    .await;
    prefer(&team.admin, "EXPORT_READY", &["IN_APP"]).await;
    another_day(&house, &team, false).await;
    let written = digests(&house, &team).await;
    let items = written[0].1["items"].as_array().unwrap();
    assert_eq!(
        (written.len(), items.len(), &written[0].1["more"]),
        (1, 20, &json!(3))
    );
    assert_eq!(
        (&items[0]["title"], &items[19]["title"]),
        (&json!("n22"), &json!("n03"))
    );
    assert_eq!(shown(&team.admin, json!(null)).await, (vec![], 0));
    house.settle_mails().await;
    house.close().await;
}
