//! Exports whose server is killed in the middle, again and again: another starts over, and no file is ever offered that is not whole.

use entity::export::{self, Status};
use entity::ids::Kind;
use entity::{account, job};
use rstest::rstest;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
use serde_json::json;
use uuid::Uuid;

use super::pause;
use super::site::{LEASE, Site, eventually};
use crate::exports::support::{begin, fetched, link, rows};
use crate::support::Database;
use crate::support::rows::force;

const PEOPLE: usize = 30_000;
/// Of servers that were at work on an export when they died.
const KILLS: u64 = 8;

impl Site {
    async fn export(&self, id: Uuid) -> export::Model {
        let found = export::Entity::find().filter(export::Column::Id.eq(id));
        found.one(self.app.reader()).await.unwrap().unwrap()
    }

    /// Puts people into the account.
    async fn crowd(&self) {
        let account = account::Entity::find()
            .one(self.app.reader())
            .await
            .unwrap()
            .unwrap();
        let is_sqlite = self.database_url.starts_with("sqlite");
        let (account, id, bytes, numbers) = if is_sqlite {
            (
                format!("x'{}'", account.id.simple()),
                "unhex(printf('01900000000070008000%012x', i))",
                "x''",
                format!("WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {PEOPLE})"),
            )
        } else {
            (
                format!("'{}'::uuid", account.id),
                "('019000000000700080' || lpad(to_hex(i), 14, '0'))::uuid",
                "''::bytea",
                format!("WITH n(i) AS (SELECT generate_series(1, {PEOPLE}))"),
            )
        };
        let filler = "x".repeat(150);
        let sql = format!(
            "INSERT INTO users (account_id, id, version, email, email_key, email_verified, given_name, family_name, given_key, family_key, search_text, role, status, origin, created_at) \
             {numbers} SELECT {account}, {id}, 1, 'crowd' || i || '@acme.example', 'crowd' || i || '@acme.example', false, '{filler}', 'Number ' || i, {bytes}, {bytes}, \
             'number ' || i, 'USER', 'STAGED', 'API', '2026-01-01T00:00:00+00:00' FROM n"
        );
        let connection = sea_orm::Database::connect(&self.database_url).await.unwrap();
        force(&connection, &sql).await.unwrap();
        connection.close().await.unwrap();
    }
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn a_server_killed_in_the_middle_of_an_export_leaves_no_half_file_and_another_makes_it(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let site = Site::prepare(database, None).await;
    site.crowd().await;
    let mut server = site.serve(true);
    let (mut ids, mut kills) = (Vec::new(), 0);
    while kills < KILLS {
        let id = match ids.last() {
            Some(last) if site.export(*last).await.finished_at.is_none() => *last,
            _ => {
                let started = begin(&site.client().await, json!({"kind": "USERS"})).await;
                ids.push(Kind::Export.parse(&started).unwrap());
                *ids.last().unwrap()
            }
        };
        let before = site.export(id).await;
        // By turns as soon as somebody has it in hand anew, and a while later.
        eventually("the export is made", async || {
            let now = site.export(id).await;
            now.finished_at.is_some() || now.object_key != before.object_key || now.sequence > before.sequence
        })
        .await;
        tokio::time::sleep(pause(kills)).await;
        server.kill();
        let now = site.export(id).await;
        kills += u64::from(now.finished_at.is_none());
        assert!(
            now.processed >= before.processed,
            "what was shown is not taken back"
        );
        tokio::time::sleep(LEASE.mul_f32(0.8)).await;
        server = site.serve(true);
        if now.finished_at.is_none() {
            let offered = link(&site.client().await, &Kind::Export.text(id)).await;
            let is_done = site.export(id).await.finished_at.is_some();
            assert!(offered.is_null() || is_done, "no half file is offered");
        }
    }
    let client = site.client().await;
    for id in &ids {
        let text = fetched(&client, &Kind::Export.text(*id)).await;
        assert!(text.len() > 5 * 1024 * 1024, "{}", text.len());
        let found = rows(&text);
        assert_eq!(found.len(), PEOPLE + 1);
        for (place, row) in found.iter().take(PEOPLE).enumerate() {
            assert_eq!(row["last_name"], format!("Number {}", place + 1));
        }
        let export = site.export(*id).await;
        assert_eq!(
            (export.status, export.row_count),
            (Status::Succeeded, i32::try_from(PEOPLE + 1).ok())
        );
        assert_eq!(
            (export.upload_id, export.byte_size),
            (None, i64::try_from(text.len()).ok())
        );
    }
    let jobs = job::Entity::find().all(site.app.reader()).await.unwrap();
    assert!(jobs.iter().all(|job| job.status == job::Status::Done), "{jobs:?}");
    // One file for each, and nothing that a dead one had begun but for an upload it had no time to note, in which nothing lies.
    let objects = site.folder.path().join("storage/objects");
    let files = std::fs::read_dir(&objects)
        .unwrap()
        .map(|file| file.unwrap().file_name().into_string().unwrap());
    let pieces: Vec<String> = files.filter(|name| name.starts_with(".upload_id-")).collect();
    assert!(pieces.is_empty(), "{pieces:?}");
    let account = std::fs::read_dir(objects.join("muster/exports"))
        .unwrap()
        .next()
        .unwrap()
        .unwrap();
    assert_eq!(std::fs::read_dir(account.path()).unwrap().count(), ids.len());
    server.kill();
}
